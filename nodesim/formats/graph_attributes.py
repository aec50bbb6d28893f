"""Attributes of graphs, from whatever program: what they mean here, and which of them nothing here can do.

An attribute is known by its name without regard to case, underscores and hyphens. What would change the numbers is
either read or refused by name; all others (colour, position, layer) are left alone.
"""

from __future__ import annotations

import contextlib
import functools
import math
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from nodesim.errors import ArgumentError, StructureError
from nodesim.formats.names import from_files
from nodesim.validation import brief, finite, shortened, whole

Spellings = Mapping[str, str]

NODE: Spellings = MappingProxyType({
    "kind": "kind", "constant": "constant", "value": "value", "response": "response",
    "order": "order", "name": "name", "loss": "loss", "dtype": "dtype",
    **dict.fromkeys(("bias", "biases", "biasvalue", "biasweight", "biasterm"), "bias"),
    **dict.fromkeys(("aggregation", "aggregationfunction", "aggregator", "agg", "combination"), "aggregation"),
    **dict.fromkeys(("activation", "activationfunction", "activationfunc", "activationfn", "act"), "activation"),
    **dict.fromkeys(("function", "func", "transferfunction", "transfer", "nonlinearity", "squash"), "activation"),
})  # fmt: skip
EDGE: Spellings = MappingProxyType({
    **dict.fromkeys(("weight", "w", "strength"), "weight"), "order": "order", "name": "name", "label": "label",
    "tie": "tie",
    **dict.fromkeys(("enabled", "enable", "isenabled", "active", "expressed"), "enabled"),
    **dict.fromkeys(("disabled", "pruned", "off", "muted"), "not enabled"),
    **dict.fromkeys(("trainable", "learnable", "requiresgrad"), "trainable"),
    **dict.fromkeys(("frozen", "fixed", "freeze"), "not trainable"),
    **dict.fromkeys(("delay", "lag"), "delay"),
})  # fmt: skip

_TRUTHS = {
    **dict.fromkeys(("true", "yes", "on", "1", "1.0"), True),
    **dict.fromkeys(("false", "no", "off", "0", "0.0"), False),
}
# Of these the first that a node or edge says is taken: no number depends on them.
_HARMLESS = ("name", "label")


def number(value: Any, who: str) -> float:
    """Return a finite number, also from text, as some formats bring it."""
    if type(value) is float and math.isfinite(value):
        return value
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            value = float(value)
    return finite(value, who)


def truth(value: Any, who: str) -> bool:
    """Return a truth value, also from 0, 1 and text, as some formats bring it."""
    if value is True or value is False:
        return value
    found = _TRUTHS.get(str(value).strip().casefold())
    if found is None:
        raise ArgumentError(f"{who} must be true or false, got {shortened(value)}.")
    return found


def _is_one(value: Any) -> bool:
    return number(value, "it") == 1.0


def _is_zero(value: Any) -> bool:
    return number(value, "it") == 0.0


def _is_true(value: Any) -> bool:
    return truth(value, "it")


def _is_false(value: Any) -> bool:
    return not truth(value, "it")


def _is_linear(value: Any) -> bool:
    return str(value).casefold() in ("linear", "identity")


def _is_not_inhibitory(value: Any) -> bool:
    return str(value).casefold() != "inhibitory"


def _never(value: Any) -> bool:
    return False


Test = Callable[[Any], bool]

# What nothing here can do, with the test of the values that change nothing.
_FACTORS: Mapping[str, Test] = dict.fromkeys(("scale", "gain", "multiplier"), _is_one)
_POWERS: Mapping[str, Test] = dict.fromkeys(("exponent", "power", "sign"), _is_one)
_OTHER_TERMS: Mapping[str, Test] = dict.fromkeys(("offset", "noise", "dropout"), _is_zero)
_TERMS: Mapping[str, Test] = {**dict.fromkeys(("delay", "lag"), _is_zero), **_OTHER_TERMS}
_TURNS: Mapping[str, Test] = dict.fromkeys(("invert", "inverted", "negate", "negated", "inhibitory"), _is_false)
_GATES: Mapping[str, Test] = dict.fromkeys(("gate", "gater", "gatedby"), _never) | dict.fromkeys(
    ("gated", "recurrent"), _is_false
)
REFUSED_AT_NODES: Mapping[str, Test] = {
    **_FACTORS, **_POWERS, **_TERMS, **_TURNS, **_GATES,
    **dict.fromkeys(("slope", "steepness", "temperature"), _is_one),
    **dict.fromkeys(("threshold", "theta", "intercept", "b", "b0", "leak"), _is_zero),
    **dict.fromkeys(("tau", "timeconstant", "clip", "normalization"), _never), "batchnorm": _is_false,
    "enabled": _is_true, **dict.fromkeys(("disabled", "pruned", "off", "muted"), _is_false),
    "trainable": _is_true, **dict.fromkeys(("frozen", "fixed", "freeze"), _is_false),
}  # fmt: skip
REFUSED_AT_EDGES: Mapping[str, Test] = {
    **_FACTORS, **_POWERS, **_OTHER_TERMS, **_TURNS, **_GATES,
    "bias": _is_zero, "slope": _is_one, "mask": _is_true, "type": _is_not_inhibitory,
    **dict.fromkeys(("activation", "activationfunction", "function"), _is_linear),
}  # fmt: skip
# Nobody knows for which nodes a graph says it.
REFUSED_AT_GRAPHS: Mapping[str, Test] = {
    **_FACTORS,
    **{spelling: _is_zero for spelling, meaning in NODE.items() if meaning == "bias"},
    **{spelling: _never for spelling, meaning in NODE.items() if meaning in ("activation", "aggregation")},
    "response": _is_one,
}


@functools.lru_cache(4096)
def _folded(key: Any) -> str:
    return re.sub(r"[\W_]", "", str(key)).casefold()


def says(meaning: str, given: Mapping[Any, Any], spellings: Spellings) -> bool:
    """Tell whether an attribute has that meaning, whatever it says."""
    return any(spellings.get(_folded(key)) == meaning for key in given)


def is_missing(value: Any) -> bool:
    """Tell whether a value says nothing: None, empty text, or the NaN that tables have in empty cells."""
    return value is None or (isinstance(value, str) and not value) or (isinstance(value, float) and value != value)


class Attributes:
    """The attributes of one node or edge, by what they mean.

    Parameters
    ----------
    who : str
        Whose they are, for messages.
    given : mapping
        As the graph has them.
    spellings : mapping of str to str
        For each folded spelling what it means; "not x" is the contrary of x.

    Raises
    ------
    StructureError
        If two attributes mean the same and say different things.
    """

    __slots__ = ("_found", "given", "who")

    def __init__(self, who: str, given: Mapping[Any, Any], spellings: Spellings) -> None:
        self.who = who
        self.given = given
        self._found: dict[str, tuple[Any, Any]] = {}
        for key, value in given.items():
            meaning = spellings.get(_folded(key))
            if meaning is not None and value is not None and not (isinstance(value, str) and not value):
                self._take(meaning, key, value)

    def _take(self, meaning: str, key: Any, value: Any) -> None:
        if meaning.startswith("not "):
            meaning, value = meaning.removeprefix("not "), not truth(value, f"{key} of {self.who}")
        before = self._found.setdefault(meaning, (key, value))
        if before[0] != key and meaning not in _HARMLESS and not _same(before[1], value):
            raise StructureError(
                f"{self.who} says {before[0]}={shortened(before[1])} and {brief(key)}={shortened(value)}, which mean "
                "the same: leave one of them out."
            )

    def has(self, meaning: str) -> bool:
        """Tell whether there is such an attribute that says something."""
        return meaning in self._found and not is_missing(self._found[meaning][1])

    def raw(self, meaning: str) -> Any:
        """Return what an attribute says, None if nothing; of text what `nodesim.formats.names.for_files` wrote."""
        found = self._found[meaning][1] if self.has(meaning) else None
        return from_files(found) if isinstance(found, str) else found

    def label(self, meaning: str) -> str:
        """Name an attribute as the graph spells it, for messages."""
        return f"{brief(self._found[meaning][0])} of {self.who}"

    def number_or_none(self, meaning: str) -> float | None:
        """Return a number, None if nothing is said; NaN is refused, as it is no empty cell where a number is meant."""
        if meaning not in self._found:
            return None
        return number(self._found[meaning][1], self.label(meaning))

    def number(self, meaning: str, default: float) -> float:
        """Return a number as `number_or_none` does, and the default for None."""
        found = self.number_or_none(meaning)
        return default if found is None else found

    def whole(self, meaning: str) -> int:
        """Return a whole number of at least 0, which is what is meant if nothing is said."""
        found = self.number(meaning, 0.0)
        return whole(int(found) if found == int(found) else found, self.label(meaning), least=0) if found else 0

    def truth(self, meaning: str) -> bool:
        """Return a truth value, true if nothing is said."""
        return truth(self._found[meaning][1], self.label(meaning)) if meaning in self._found else True

    def text(self, meaning: str) -> str | None:
        """Return what is said as text, None if nothing."""
        return str(self.raw(meaning)) if self.has(meaning) else None

    def refuse(self, refused: Mapping[str, Test], allowed: frozenset[str] = frozenset()) -> None:
        """Refuse what would change the numbers and cannot be done here.

        Parameters
        ----------
        refused : mapping
            For each folded spelling the test of the values that change nothing.
        allowed : frozenset of str
            Attributes that are done after all.

        Raises
        ------
        StructureError
            Naming the attribute and its value.
        """
        for key, value in self.given.items():
            harmless = refused.get(_folded(key))
            if harmless is not None and key not in allowed and not is_missing(value) and not _passes(harmless, value):
                raise StructureError(
                    f"{self.who} says {brief(key)}={shortened(value)}, which would change the numbers and which nodes "
                    "and connections here cannot do. Rename or remove that attribute if it means something else."
                )


def _passes(harmless: Test, value: Any) -> bool:
    try:
        return harmless(value)
    except ArgumentError:
        return False


def _same(one: Any, other: Any) -> bool:
    return bool(one == other) or str(one) == str(other)

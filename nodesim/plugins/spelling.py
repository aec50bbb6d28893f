"""How functions are asked for: by a name in any case, with parameters behind it, or as files describe them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from nodesim.errors import ArgumentTypeError, UnknownNameError
from nodesim.functions.function import Formulated, Function
from nodesim.notation.symbols import with_article
from nodesim.validation import shortened

# What a mapping of a file may say of a function.
IN_FILES = {"name", "parameters", "from", "formula"}
F = TypeVar("F", bound=Function)
# What stands between names and parameters where they are asked for, and no name can hold.
_SEPARATORS = frozenset("()=,;'\"\\")
_WITH_PARAMETERS = re.compile(r"(?P<name>[^()]+)\((?P<parameters>[^()]*)\)\Z")


def is_of_file(wanted: Mapping[Any, Any]) -> bool:
    """Tell whether a mapping describes a function as files do."""
    try:
        keys = set(wanted)
    except Exception:
        # Whatever a mapping of users' own raises.
        return False
    return keys <= IN_FILES and "name" in keys


def named(table: Mapping[str, F], name: str) -> F | None:
    """Return the function of a name: as it is written, else an alias, else in any case, as ReLU or leaky-relu."""
    if name in table:
        return table[name]
    loose = loosely(name)
    ways: tuple[Callable[[F], bool], ...] = (
        lambda each: name in each.aliases,
        lambda each: loose == loosely(each.name),
        lambda each: loose in map(loosely, each.aliases),
    )
    return next((each for way in ways for each in table.values() if way(each)), None)


def with_parameters(wanted: str) -> tuple[str, dict[str, float]] | None:
    """Return the name and the parameters of a text like ``leaky_relu(slope=0.2)``, None if it is none.

    Raises
    ------
    UnknownNameError
        If what stands in the brackets is no list of parameters.
    """
    written = _WITH_PARAMETERS.match(wanted)
    if written is None:
        return None
    try:
        pairs = (pair.split("=") for pair in written["parameters"].split(",") if pair.strip())
        return written["name"], {key.strip(): float(value) for key, value in pairs}
    except ValueError as error:
        raise UnknownNameError(f"{shortened(wanted)}: parameters are written like leaky_relu(slope=0.2).") from error


def made_of_formula(kind: type[F], name: str, formula: str, parameters: Mapping[str, float]) -> F:
    """Return the function that is nothing but its formula.

    Raises
    ------
    ArgumentTypeError, FunctionError
        If functions of that kind have no formula, or it cannot be read.
    """
    if not issubclass(kind, Formulated):
        raise ArgumentTypeError(f"{with_article(kind.kind)} has no formula, got {shortened(formula)} for {name!r}.")
    return cast(F, kind(name, formula=formula, parameters=parameters))


def loosely(name: str) -> str:
    """Return what is left of a name where case, underscores, hyphens and spaces do not count."""
    return name.casefold().replace("_", "").replace("-", "").replace(" ", "")


def can_be_written(name: str) -> bool:
    """Tell whether a name can be asked for as it is, on the command line too, and with parameters behind it.

    Examples
    --------
    >>> [can_be_written(name) for name in ("leaky_log", "soft-2.5", "größe", "a b", "x(y=2)", "__")]
    [True, True, True, False, False, False]
    """
    whole = not any(sign.isspace() or sign in _SEPARATORS for sign in name)
    return whole and any(map(str.isalnum, name))

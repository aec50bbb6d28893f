"""The states of generators in files: every field is checked here, as NumPy's C code believes what it is given.

A position behind the end of its key reads foreign memory, and a generator whose numbers never change lets draws that
reject some of them run for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nodesim.errors import FileError
from nodesim.validation import shortened


@dataclass(frozen=True)
class _Whole:
    """A whole number below a bound; an odd one where generators never stand still otherwise."""

    below: int
    odd: bool = False

    def __str__(self) -> str:
        kind = "an odd number" if self.odd else "a whole number"
        return f"{kind} from 0 to {self.below - 1}"

    def read(self, value: Any) -> Any:
        """Return the number as NumPy takes it, or None if it is none of these."""
        fits = type(value) is int and 0 <= value < self.below and (value % 2 == 1 or not self.odd)
        return value if fits else None


@dataclass(frozen=True)
class _Words:
    """An array of so many unsigned numbers, as `plain` writes it."""

    bits: int
    length: int
    somewhere: bool = False

    def __str__(self) -> str:
        return f"{self.length} numbers of uint{self.bits}{', not all 0' if self.somewhere else ''}"

    def read(self, value: Any) -> Any:
        """Return the array, or None if it is none of these."""
        dtype = f"uint{self.bits}"
        if not isinstance(value, dict) or set(value) != {"dtype", "values"} or value["dtype"] != dtype:
            return None
        values, word = value["values"], _Whole(2**self.bits)
        if not isinstance(values, list) or len(values) != self.length or any(word.read(one) is None for one in values):
            return None
        return np.array(values, dtype=dtype) if any(values) or not self.somewhere else None


_Rules = Mapping[str, Any]
_WIDE = _Whole(2**128)
_HALF: _Rules = {"has_uint32": _Whole(2), "uinteger": _Whole(2**32)}
_PCG: _Rules = {"state": {"state": _WIDE, "inc": _Whole(2**128, odd=True)}, **_HALF}
_KINDS: Mapping[str, _Rules] = {
    "PCG64": _PCG,
    "PCG64DXSM": _PCG,
    "MT19937": {"state": {"key": _Words(32, 624, somewhere=True), "pos": _Whole(625)}},
    "Philox": {
        "state": {"counter": _Words(64, 4), "key": _Words(64, 2)},
        "buffer": _Words(64, 4),
        "buffer_pos": _Whole(5),
        **_HALF,
    },
    "SFC64": {"state": {"state": _Words(64, 4)}, **_HALF},
}


def plain(generator: np.random.Generator) -> dict[str, Any]:
    """Return the state of a generator as plain data."""
    return {key: _plain(value) for key, value in generator.bit_generator.state.items()}


def generator_of(state: Any) -> np.random.Generator:
    """Return a generator that goes on from a state that `plain` returned.

    Raises
    ------
    FileError
        Naming the field that no generator of that kind has.
    """
    kind = state.get("bit_generator") if isinstance(state, dict) else None
    if not isinstance(kind, str) or kind not in _KINDS:
        raise _damaged("generator", f"the state of one of {', '.join(_KINDS)}", kind)
    rest = {key: value for key, value in state.items() if key != "bit_generator"}
    read = _read(rest, _KINDS[kind], "generator")
    bits = getattr(np.random, kind)(0)
    bits.state = {"bit_generator": kind, **read}
    return np.random.Generator(bits)


def _read(given: Any, rules: _Rules, where: str) -> dict[str, Any]:
    if not isinstance(given, dict) or set(given) != set(rules):
        raise _damaged(where, f"the fields {', '.join(rules)}", given)
    found: dict[str, Any] = {}
    for key, rule in rules.items():
        place = f"{where}, {key}"
        found[key] = _read(given[key], rule, place) if isinstance(rule, Mapping) else rule.read(given[key])
        if found[key] is None:
            raise _damaged(place, str(rule), given[key])
    return found


def _damaged(where: str, rule: str, got: object) -> FileError:
    return FileError(f"the file is damaged; expected {where}: {rule}; got {shortened(got, 60)}.")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, np.ndarray):
        return {"dtype": str(value.dtype), "values": value.tolist()}
    return int(value) if isinstance(value, np.integer) else value

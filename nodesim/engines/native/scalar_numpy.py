"""NumPy as functions of single numbers see it: `where`, `clip` and others as plain choices, without arrays.

A user's function is written for arrays. numba compiles it for single numbers as well, but some of NumPy's functions
return arrays even then: one would be allocated for each number. Here they return numbers.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from nodesim.engines.native.vector_math import exponential_of_any, tanh


def _inlined(function: Callable[..., Any]) -> Any:
    return numba.njit(function, forceinline=True, error_model="numpy")


@_inlined
def _where(condition: Any, x: Any, y: Any) -> Any:
    return x if condition else y


# Of NaN comes NaN.
@_inlined
def _maximum(x: Any, y: Any) -> Any:
    return x if x >= y or x != x else y


@_inlined
def _minimum(x: Any, y: Any) -> Any:
    return x if x <= y or x != x else y


@_inlined
def _clip(a: Any, a_min: Any = None, a_max: Any = None) -> Any:
    # Two branches of which numba leaves out one: a bound that is None is no number.
    low = a
    if a_min is not None:
        low = _maximum(a, a_min)
    if a_max is not None:
        return _minimum(low, a_max)
    return low


@_inlined
def _heaviside(x: Any, at_zero: Any) -> Any:
    return float(at_zero) if x == 0.0 else (1.0 if x > 0.0 else (0.0 if x < 0.0 else x))


@_inlined
def _itself(a: Any) -> Any:
    return a


@_inlined
def _zeros_like(a: Any) -> Any:
    return 0.0


@_inlined
def _ones_like(a: Any) -> Any:
    return 1.0


@_inlined
def _full_like(a: Any, fill_value: Any) -> Any:
    return float(fill_value)


# Those of the mathematical library cannot be calculated for several numbers at once; these can.
@_inlined
def _exp(x: Any) -> Any:
    return exponential_of_any(float(x))


@_inlined
def _tanh(x: Any) -> Any:
    return tanh(float(x))


_FUNCTIONS: dict[str, Any] = {
    "exp": _exp,
    "tanh": _tanh,
    "where": _where,
    "maximum": _maximum,
    "minimum": _minimum,
    "clip": _clip,
    "heaviside": _heaviside,
    "asarray": _itself,
    "array": _itself,
    "copy": _itself,
    "zeros_like": _zeros_like,
    "ones_like": _ones_like,
    "full_like": _full_like,
}


class _Module(types.ModuleType):
    """NumPy with some functions of its own."""

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)


NUMPY = _Module("numpy")
NUMPY.__dict__.update(_FUNCTIONS)
_INSTEAD = {id(getattr(np, name)): function for name, function in _FUNCTIONS.items()}


def of_numbers(value: Any) -> Any:
    """Return what stands for NumPy, or for one of its functions, where single numbers are calculated; else the same."""
    return NUMPY if value is np else _INSTEAD.get(id(value), value)

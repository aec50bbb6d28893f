"""Aggregations as kernels call them: by address, on the contributions to one node, of one sample or of a block.

They are compiled from `nodesim.engines.native.aggregation_math` when one is first used.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

from nodesim.engines.native.aggregation_math import FORMULAS
from nodesim.engines.native.function_pointers import AGGREGATION, HANDING
from nodesim.engines.native.jit import addressable, chosen_by_name
from nodesim.engines.native.vectors import LANES, STRIP, load_strip, store_strip


class AggregationKernel(NamedTuple):
    """An aggregation as kernels call it.

    Attributes
    ----------
    name : str
        That of the native form; empty for a sum, which kernels calculate themselves.
    function, handing : int
        Addresses of function(row, c, h, count, lanes) and handing(row, c, h, d, out, count, lanes).
    """

    name: str
    function: int
    handing: int


SUM = AggregationKernel("", 0, 0)


def _value(name: Any, first: Any, c: Any, at: int, step: int, count: int) -> Any:
    """Stand for the formula of that name in compiled code."""


def _hand(name: Any, h: Any, d: Any, c: Any, out: Any, at: int, step: int, count: int) -> None:
    """Stand for what the formula of that name hands down in compiled code."""


@chosen_by_name(_value)
def _value_by_name(name: Any, first: Any, c: Any, at: Any, step: Any, count: Any) -> Any:
    formula, _ = FORMULAS[name.literal_value]
    return lambda name, first, c, at, step, count: formula(first, c, at, step, count)


@chosen_by_name(_hand)
def _hand_by_name(name: Any, h: Any, d: Any, c: Any, out: Any, at: Any, step: Any, count: Any) -> Any:
    _, formula = FORMULAS[name.literal_value]
    return lambda name, h, d, c, out, at, step, count: formula(h, d, c, out, at, step, count)


@functools.cache
def _form(name: str) -> tuple[Any, Any]:
    """Compile a formula, or find it on disk."""

    @addressable(AGGREGATION)
    def function(row: Any, c: Any, h: Any, count: int, lanes: int) -> None:
        if lanes == 1:
            h[0] = _value(name, c[0], c, 0, 1, count)
        else:
            for lane in range(0, LANES, STRIP):
                store_strip(h, lane, _value(name, load_strip(c, lane), c, lane, LANES, count))

    @addressable(HANDING)
    def handing(row: Any, c: Any, h: Any, d: Any, out: Any, count: int, lanes: int) -> None:
        if lanes == 1:
            _hand(name, h[0], d[0], c, out, 0, 1, count)
        else:
            for lane in range(0, LANES, STRIP):
                _hand(name, load_strip(h, lane), load_strip(d, lane), c, out, lane, LANES, count)

    return function, handing


@addressable(HANDING)
def _nothing(row: Any, c: Any, h: Any, d: Any, out: Any, count: int, lanes: int) -> None:
    for i in range(count * lanes):
        out[i] = 0.0


def native(name: str) -> AggregationKernel:
    """Return a built-in aggregation."""
    function, handing = _form(name)
    return AggregationKernel(name, function.address, handing.address)


def flattened(kernel: AggregationKernel) -> AggregationKernel:
    """Return the same that hands nothing down, for nodes behind which there is no output."""
    return kernel._replace(handing=_nothing.address) if kernel.function else kernel

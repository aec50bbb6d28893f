"""The built-in aggregations and what they hand down, of strips of samples and of single numbers.

The contributions to a node stand `step` numbers apart, from `at` on. Where several are the largest or the smallest, it
is the first of them, in connection order, to which all is handed down.
"""

from __future__ import annotations

from typing import Any

from nodesim.engines.native.jit import chosen_by_name, inlined
from nodesim.engines.native.vectors import (
    Vector,
    absolute,
    any_less,
    fma,
    load_strip,
    square_root,
    store_strip,
    where_less,
)

# Between these, squares and their sums are as right as their length; outside, they are scaled before.
_SMALL, _LARGE, _SHORT = 1e-270, 1e290, 1e-290
_SMALLEST, _FINITE = 5e-324, 1.7976931348623157e308


def _taken(like: Any, c: Any, i: int) -> Any:
    """Stand for c[i], or a strip from there on, in compiled code."""


@chosen_by_name(_taken)
def _taken_by_type(like: Any, c: Any, i: Any) -> Any:
    if isinstance(like, Vector):
        return lambda like, c, i: load_strip(c, i)
    return lambda like, c, i: c[i]


def _put(out: Any, i: int, number: Any) -> None:
    """Stand for out[i] = number, or a strip from there on, in compiled code."""


@chosen_by_name(_put)
def _put_by_type(out: Any, i: Any, number: Any) -> Any:
    if isinstance(number, Vector):
        return lambda out, i, number: store_strip(out, i, number)

    def put(out: Any, i: int, number: float) -> None:
        out[i] = number

    return put


@inlined
def _product(first: Any, c: Any, at: int, step: int, count: int) -> Any:
    total = first
    for i in range(1, count):
        total = total * _taken(total, c, at + i * step)
    return total


@inlined
def _to_factors(h: Any, d: Any, c: Any, out: Any, at: int, step: int, count: int) -> None:
    # H / c would be nothing where c is 0: the product of those before and of those behind.
    before = behind = where_less(d, 0.0, 1.0, 1.0)
    for i in range(count):
        _put(out, at + i * step, before)
        before = before * _taken(d, c, at + i * step)
    for i in range(count - 1, -1, -1):
        _put(out, at + i * step, _taken(d, out, at + i * step) * behind * d)
        behind = behind * _taken(d, c, at + i * step)


@inlined
def _max(first: Any, c: Any, at: int, step: int, count: int) -> Any:
    largest = first
    for i in range(1, count):
        other = _taken(largest, c, at + i * step)
        largest = where_less(largest, other, other, largest)
    return largest


@inlined
def _to_largest(h: Any, d: Any, c: Any, out: Any, at: int, step: int, count: int) -> None:
    left = d
    for i in range(count):
        own = _taken(d, c, at + i * step)
        _put(out, at + i * step, where_less(own, h, 0.0, left))
        left = where_less(own, h, left, 0.0)


@inlined
def _min(first: Any, c: Any, at: int, step: int, count: int) -> Any:
    smallest = first
    for i in range(1, count):
        other = _taken(smallest, c, at + i * step)
        smallest = where_less(other, smallest, other, smallest)
    return smallest


@inlined
def _to_smallest(h: Any, d: Any, c: Any, out: Any, at: int, step: int, count: int) -> None:
    left = d
    for i in range(count):
        own = _taken(d, c, at + i * step)
        _put(out, at + i * step, where_less(h, own, 0.0, left))
        left = where_less(h, own, left, 0.0)


@inlined
def _mean(first: Any, c: Any, at: int, step: int, count: int) -> Any:
    total = first
    for i in range(1, count):
        total = total + _taken(total, c, at + i * step)
    return total / float(count)


@inlined
def _to_all(h: Any, d: Any, c: Any, out: Any, at: int, step: int, count: int) -> None:
    share = d * (1.0 / count)
    for i in range(count):
        _put(out, at + i * step, share)


@inlined
def _norm(first: Any, c: Any, at: int, step: int, count: int) -> Any:
    squares = first * first
    for i in range(1, count):
        own = _taken(first, c, at + i * step)
        squares = fma(own, own, squares)
    if not (any_less(squares, _SMALL) or any_less(0.0 - squares, -_LARGE)):
        return square_root(squares)
    # Whatever stands beside a sample, its number is the same: only those that need it are taken from here.
    scaled = _scaled_norm(first, c, at, step, count)
    usual = where_less(squares, _LARGE, square_root(squares), scaled)
    return where_less(squares, _SMALL, scaled, usual)


@inlined
def _scaled_norm(first: Any, c: Any, at: int, step: int, count: int) -> Any:
    largest = absolute(first)
    for i in range(1, count):
        own = absolute(_taken(first, c, at + i * step))
        largest = where_less(largest, own, own, largest)
    scale = where_less(largest, _SMALLEST, 1.0, where_less(_FINITE, largest, 1.0, largest))
    squares = (first / scale) * (first / scale)
    for i in range(1, count):
        own = _taken(first, c, at + i * step) / scale
        squares = fma(own, own, squares)
    return scale * square_root(squares)


@inlined
def _to_directions(h: Any, d: Any, c: Any, out: Any, at: int, step: int, count: int) -> None:
    inverse = 1.0 / where_less(h, _SHORT, 1.0, h)
    for i in range(count):
        _put(out, at + i * step, _taken(d, c, at + i * step) * inverse * d)
    if any_less(h, _SHORT):
        length = where_less(h, _SMALLEST, 1.0, h)
        for i in range(count):
            direction = _taken(d, c, at + i * step) / length
            _put(out, at + i * step, where_less(h, _SHORT, direction * d, _taken(d, out, at + i * step)))


# By name: H of contributions of which the first is given, and what arrives at each of them.
FORMULAS: dict[str, tuple[Any, Any]] = {
    "product": (_product, _to_factors),
    "max": (_max, _to_largest),
    "min": (_min, _to_smallest),
    "mean": (_mean, _to_all),
    "norm": (_norm, _to_directions),
}

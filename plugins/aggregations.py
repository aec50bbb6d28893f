"""Built-in aggregations: what makes H of the contributions to a node, and ∂H/∂c of each of them.

At kinks partials are those of one side: where several contributions are the largest, max follows the first of them in
connection order; norm has the slope 0 where all of them are 0.
"""

from __future__ import annotations

import numpy as np

from nodesim import Aggregation, hookimpl
from nodesim._arrays import Array, Indices

_WIDE = 32

# Between these a sum of squares has lost nothing, in either type of floats.
_SMALL, _LARGE = 1e-30, 1e30


def _sum(c: Array) -> Array:
    total: Array = c.sum(axis=0)
    return total


def _ones(c: Array, h: Array) -> Array:
    return np.ones_like(c)


def _product(c: Array) -> Array:
    product: Array = np.multiply.reduce(c, axis=0)
    return product


def _others(c: Array, h: Array) -> Array:
    # H / c would be nothing where c is 0: the product of those before and of those behind.
    if _is_wide(c):
        others, behind = np.ones_like(c), np.ones_like(c[0])
        for place in range(1, len(c)):
            np.multiply(others[place - 1], c[place - 1], others[place])
        for place in range(len(c) - 1, -1, -1):
            others[place] *= behind
            behind *= c[place]
        return others
    before, behind = np.ones_like(c), np.ones_like(c)
    np.multiply.accumulate(c[:-1], axis=0, out=before[1:])
    np.multiply.accumulate(c[:0:-1], axis=0, out=behind[-2::-1])
    return before * behind


def _others_moved(c: Array, h: Array, moved: Array) -> Array:
    # The rule of products, along those before and those behind.
    (before, before_moved), (behind, behind_moved) = _rows_moved(c, moved), _rows_moved(c[::-1], moved[::-1])
    found: Array = before_moved * behind[::-1] + before * behind_moved[::-1]
    return found


def _rows_moved(c: Array, moved: Array) -> tuple[Array, Array]:
    """Return the product of all contributions before each one, and by how much it moves."""
    product, rate = np.ones_like(c), np.zeros_like(moved)
    for place in range(1, len(c)):
        product[place] = product[place - 1] * c[place - 1]
        rate[place] = rate[place - 1] * c[place - 1] + product[place - 1] * moved[place - 1]
    return product, rate


def _still(c: Array, h: Array, moved: Array) -> Array:
    return np.zeros_like(moved)


def _max(c: Array) -> Array:
    largest: Array = c.max(axis=0)
    return largest


def _at_max(c: Array, h: Array) -> Array:
    return _first(c, c.max(axis=0)) if _is_wide(c) else _chosen(c, np.asarray(c.argmax(axis=0)))


def _min(c: Array) -> Array:
    smallest: Array = c.min(axis=0)
    return smallest


def _at_min(c: Array, h: Array) -> Array:
    return _first(c, c.min(axis=0)) if _is_wide(c) else _chosen(c, np.asarray(c.argmin(axis=0)))


def _is_wide(c: Array) -> bool:
    """Tell whether it is quicker to go through contributions one by one: NumPy accumulates number by number."""
    wide: bool = c[0].size >= _WIDE
    return wide


def _first(c: Array, wanted: Array) -> Array:
    partials, left = np.empty_like(c), np.ones(wanted.shape, dtype=bool)
    for own, part in zip(c, partials):
        chosen = left & (own == wanted)
        part[...] = chosen
        left ^= chosen
    return partials


def _chosen(c: Array, which: Indices) -> Array:
    partials = np.zeros_like(c)
    np.put_along_axis(partials, which[None], 1.0, axis=0)
    return partials


def _mean(c: Array) -> Array:
    mean: Array = c.sum(axis=0) / len(c)
    return mean


def _shares(c: Array, h: Array) -> Array:
    return np.full_like(c, 1.0 / len(c))


def _norm(c: Array) -> Array:
    squares = np.square(c).sum(axis=0)
    # Squares of large numbers are too large, and those of small ones nothing: of numbers near 1 they are neither.
    near = (squares > _SMALL) & (squares < _LARGE)
    length: Array = np.sqrt(squares)
    if near.all():
        return length
    largest = np.abs(c).max(axis=0)
    scale = np.where((largest > 0.0) & np.isfinite(largest), largest, 1.0)
    return np.where(near, length, scale * np.sqrt(np.square(c / scale).sum(axis=0)))


def _directions(c: Array, h: Array) -> Array:
    return c / np.where(h == 0.0, 1.0, h)


def _directions_moved(c: Array, h: Array, moved: Array) -> Array:
    # Across the direction of c alone; where all contributions are 0 there is none, and the slope is 0 by choice.
    length = np.where(h == 0.0, 1.0, h)
    direction = c / length
    turned: Array = np.where(h == 0.0, 0.0, (moved - direction * (direction * moved).sum(axis=0)) / length)
    return turned


@hookimpl
def nodesim_aggregations() -> list[Aggregation]:
    """Return the built-in aggregations."""
    each = Aggregation
    return [
        each(
            "sum", _sum, _ones, curvature=_still, aliases=("add",), native="sum",
            description="H = Σ W·HA, as in the article",
        ),
        each(
            "product", _product, _others, curvature=_others_moved, aliases=("prod",), native="product",
            description="H = Π W·HA",
        ),
        each(
            "max", _max, _at_max, curvature=_still, aliases=("maximum",), native="max",
            description="H = the largest W·HA",
        ),
        each(
            "min", _min, _at_min, curvature=_still, aliases=("minimum",), native="min",
            description="H = the smallest W·HA",
        ),
        each("mean", _mean, _shares, curvature=_still, native="mean", description="H = the mean of all W·HA"),
        each(
            "norm", _norm, _directions, curvature=_directions_moved, aliases=("l2",), native="norm",
            description="H = √(Σ (W·HA)²)",
        ),
    ]  # fmt: skip

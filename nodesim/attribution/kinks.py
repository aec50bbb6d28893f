"""Where activations have kinks: found in their formulas, as zeros of what decides between two pieces.

Of max(z, 0) it is z - 0, of abs(z) it is z, of where(z > 1, ...) it is z - 1. Between two zeros of all of these a
function is smooth, and what is integrated along a line is smooth as long as no node passes one.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.functions.contracts import Activation
from nodesim.graph.schedule import Schedule, by_activation
from nodesim.notation import parsing
from nodesim.notation.expressions import (
    Call,
    Comparison,
    Expression,
    Negative,
    Sum,
    Symbol,
    bind,
    evaluate,
    parts,
)

_OF_ONE, _OF_TWO = ("abs", "sign"), ("max", "min")
_Z = "z"


@lru_cache(maxsize=1000)
def deciding(activation: Activation) -> tuple[Expression, ...]:
    """Return the expressions, in z, whose zeros are the kinks of an activation; none where no formula tells them.

    Examples
    --------
    >>> import nodesim as ns
    >>> [len(deciding(ns.activation(name))) for name in ("tanh", "relu", "hard_tanh")]
    [0, 1, 2]
    """
    read = parsing.of_node(activation.formula, activation.parameters, z=Symbol(_Z), a=Symbol("a"))
    return () if read is None else tuple(dict.fromkeys(_deciding(read)))


def _deciding(expression: Expression) -> Iterator[Expression]:
    match expression:
        case Call(function, (inner,)) if function in _OF_ONE:
            yield inner
        case Call(function, (left, right)) if function in _OF_TWO:
            yield Sum((left, Negative(right)))
        case Comparison(left, _, right):
            yield Sum((left, Negative(right)))
    for part in parts(expression):
        yield from _deciding(part)


class Kinks:
    """The kinks of some nodes.

    Parameters
    ----------
    schedule : Schedule
    rows : ndarray of int
        Of nodes, in order.
    """

    def __init__(self, schedule: Schedule, rows: Indices) -> None:
        self._parts: list[tuple[Expression, Indices]] = []
        for activation, members in by_activation(schedule, rows.tolist()).items():
            places = np.searchsorted(rows, members)
            self._parts += [(each, places) for each in deciding(activation)]

    def sides(self, sums: Array) -> Array:
        """Return on which side of each kink each sample is: −1, 0 or 1, shape (n_kinks, n_samples).

        Parameters
        ----------
        sums : ndarray of shape (n_nodes, n_samples)
            What enters the nodes.
        """
        found = [np.zeros((0, sums.shape[1]))]
        with np.errstate(all="ignore"):
            for expression, places in self._parts:
                z = sums[places]
                value = evaluate(bind(expression, {_Z: Symbol(_Z, z)}))
                found.append(np.sign(np.broadcast_to(value, z.shape)))
        return np.concatenate(found)

"""Where a path from each of two weights meets: the terms of one second derivative of e.

e is differentiated by one weight along its paths, and what stands on these changes with the other weight: the slope of
a node that the other one feeds, too; what the loss makes of two outputs; a weight on the way, whose derivative is the
HA of its source; of a node that is no sum, what it makes of two contributions. Each of these is a term, a product of
one second partial derivative and sums over paths:

    slope    ∂e/∂HA · ∂²HA/∂H² · ∂H/∂W1 · ∂H/∂W2
    loss     ∂²e/∂OA1∂OA2 · ∂OA1/∂W1 · ∂OA2/∂W2
    weight   ∂e/∂H · ∂²H/∂W2∂HA · ∂HA/∂W1
    join     ∂e/∂H · ∂²H/∂c1∂c2 · ∂c1/∂W1 · ∂c2/∂W2

References
----------
Bishop, C. M., "Exact Calculation of the Hessian Matrix for the Multilayer Perceptron" (Neural Computation 4, 1992).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.curvature.bends import Bends
from nodesim.curvature.curvature import Curvature
from nodesim.curvature.meeting_table import Meetings
from nodesim.curvature.sweeps import Tangents
from nodesim.gradients.quantities import Quantity
from nodesim.graph.elements import Node
from nodesim.notation.symbols import DOT, partial


@dataclass(frozen=True, slots=True)
class Direction:
    """A weight, or several that are one, as a direction.

    Attributes
    ----------
    name : str
    along : ndarray of shape (n_weights,)
        1 for its connections, and 0 for others.
    """

    name: str
    along: Array


# Name, kind and formula of a term.
_Key = tuple[str, str, str]


def meetings(curvature: Curvature, first: Direction, second: Direction) -> Meetings:
    """Return the terms of the second derivative of e by two weights.

    Parameters
    ----------
    curvature : Curvature
    first, second : Direction
    """
    terms: dict[_Key, Array] = {}
    begin, n_samples = 0, len(curvature.samples)
    for bends in curvature.bends():
        part = slice(begin, begin + bends.n_samples)
        for key, values in _Pair(bends, first, second).terms():
            # What two uses of one weight have alike, in either order, is one term.
            terms.setdefault(key, np.zeros(n_samples))[part] += values
        begin = part.stop
    for label, penalty in curvature.penalties:
        value = float((first.along * penalty) @ second.along)
        if value:
            formula = f"∂²{label}/{_twice(first.name, second.name)}"
            terms[label, "penalty", formula] = np.full(n_samples, value)
    return Meetings((first.name, second.name), terms)


class _Pair:
    """Two directions, and how the numbers of a run move along each."""

    def __init__(self, bends: Bends, first: Direction, second: Direction) -> None:
        self.bends, self._schedule = bends, bends.schedule
        self._directions = first, second
        self._tangents = Tangents(bends, first.along[None]), Tangents(bends, second.along[None])

    def terms(self) -> Iterator[tuple[_Key, Array]]:
        """Yield the terms that are not 0, in the order of a forward pass, e last."""
        with np.errstate(all="ignore"):
            for task in self._schedule.calculated:
                for find in (self._of_weights, self._of_join, self._of_slope):
                    yield from ((key, values) for key, values in find(task.row) if values.any())
            yield from ((key, values) for key, values in self._of_loss() if values.any())

    def _of_weights(self, row: int) -> Iterator[tuple[_Key, Array]]:
        bends, into = self.bends, self.bends.entering(row)
        node = self._schedule.nodes[row]
        orders = ((0, 1), (1, 0)) if (self._directions[0].along[into] + self._directions[1].along[into]).any() else ()
        for one, other in orders:
            own = self._directions[one].along
            for number in into[own[into] != 0.0].tolist():
                source = int(self._schedule.sources[number])
                passed = bends.deltas[row] if bends.partials is None else bends.deltas[row] * bends.partials[number]
                values = own[number] * passed * self._tangents[other].activated[source, 0]
                sent = Quantity("activated", self._schedule.nodes[source]).name
                name, met = self._directions[other].name, self._schedule.connections[number].name
                both = f"∂²{_sum(node)}/{_twice(met, sent)}"
                formula = f" {DOT} ".join((partial("e", _sum(node)), both, partial(sent, name)))
                yield (node.name, "weight", formula), values

    def _of_join(self, row: int) -> Iterator[tuple[_Key, Array]]:
        into = self.bends.entering(row)
        if not self.bends.graph.joins[row] or not len(into):
            return
        if not self._both_move(lambda tangents: tangents.contributions(row)):
            return
        node = self._schedule.nodes[row]
        one, other = (tangents.contributions(row) for tangents in self._tangents)
        turned = (one * self.bends.of_join(row, other)).sum(axis=0)[0]
        first, second = (each.name for each in self._directions)
        both = f"∂²{_sum(node)}/∂c∂c"
        formula = f" {DOT} ".join((partial("e", _sum(node)), both, partial("c", first), partial("c", second)))
        yield (node.name, self.bends.graph.aggregations[node].name, formula), self.bends.deltas[row] * turned

    def _both_move(self, find: Callable[[Tangents], Array]) -> bool:
        return all(find(tangents).any() for tangents in self._tangents)

    def _of_slope(self, row: int) -> Iterator[tuple[_Key, Array]]:
        if not self._both_move(lambda moved: moved.sums[row]):
            return
        node = self._schedule.nodes[row]
        sent, summed = Quantity("activated", node).name, _sum(node)
        first, second = self._directions
        parts = (
            partial("e", sent),
            f"∂²{sent}/∂{summed}²",
            _both(partial(summed, first.name), partial(summed, second.name)),
        )
        one, other = (tangents.sums[row, 0] for tangents in self._tangents)
        yield (node.name, "slope", f" {DOT} ".join(parts)), self.bends.of_nodes[row] * one * other

    def _of_loss(self) -> Iterator[tuple[_Key, Array]]:
        """Yield the terms of all pairs of outputs: by one of them paths of the first weight come, by one the others."""
        one, other = (tangents.outputs[:, 0] for tangents in self._tangents)
        kind: Any = "sum" if self.bends.graph.of_sums else "activated"
        outputs = [Quantity(kind, node).name for node in self._schedule.outputs]
        first, second = self._directions
        for place in np.flatnonzero(other.any(axis=1)).tolist():
            moved = np.zeros_like(other)
            moved[place] = other[place]
            entering = self.bends.of_loss(moved[:, None])[:, 0] * one
            for reached in range(len(outputs)):
                come, met = outputs[reached], outputs[place]
                both = f"∂²e/∂{come}²" if come == met else f"∂²e/{_twice(come, met)}"
                formula = f"{both} {DOT} {_both(partial(come, first.name), partial(met, second.name))}"
                names = dict.fromkeys(self._schedule.outputs[each].name for each in (reached, place))
                yield (", ".join(names), "loss", formula), entering[reached]


def _sum(node: Node) -> str:
    return Quantity("sum", node).name


def _twice(one: str, other: str) -> str:
    return f"∂{one}²" if one == other else f"∂{one}∂{other}"


def _both(one: str, other: str) -> str:
    return f"({one})²" if one == other else f"{one} {DOT} {other}"

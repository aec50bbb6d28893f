"""The path of a penalty, which leads from e to a weight through no node."""

from __future__ import annotations

from collections.abc import Iterator

from nodesim.gradients.quantities import PartialDerivative
from nodesim.graph.elements import Connection, Node
from nodesim.paths.cut import Cut
from nodesim.paths.path import GradientPath
from nodesim.paths.view import View


class PenaltyPath(GradientPath):
    """The path from e through a penalty, such as l2, to the weight: a `GradientPath` of no node and no connection.

    Parameters
    ----------
    view : View
        The set that it belongs to, and the samples that are looked at.
    number : int
        Which of the penalties.

    Attributes
    ----------
    product : float
        What the penalty adds to the gradient.

    See Also
    --------
    GradientPaths : All paths; those of penalties come last where they are listed.
    nodesim.Network.backward : Adds penalties to e.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 2], seed=0)
    >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99], l2=0.5)
    >>> *_, path = net.paths("W1")
    >>> path.formula, path.penalty, path.product == 0.5 * net["W1"].weight
    ('∂e/∂l2 · ∂l2/∂W1', 'l2', True)
    """

    __slots__ = ()

    def __init__(self, view: View, number: int) -> None:
        direct = view.sums.direct
        super().__init__(view, direct, number, direct.product(number, view.samples))

    @property
    def penalty(self) -> str:
        """What the penalty is called."""
        return self._view.sums.direct.names[self._index]

    @property
    def connections(self) -> tuple[Connection, ...]:
        """None: it does not lead through the network."""
        return ()

    @property
    def nodes(self) -> tuple[Node, ...]:
        """None."""
        return ()

    def cut(self) -> Cut:
        """Cut it: what e would be if this penalty were that of a weight of 0; see `GradientPath.cut`."""
        return self._view.cutter.penalty(self, self._index)

    def _edges(self) -> Iterator[PartialDerivative]:
        return iter(self._view.sums.direct.chains[self._index])

    @property
    def _mean(self) -> str:
        return "" if self._view.single else " (the same in each sample)"

    def _numbers(self) -> list[float]:
        return [float(edge.values[self._view.samples[0]]) for edge in self._edges()]

    def _names(self, most: int) -> list[str]:
        return [self._view.of.name, self.penalty]


def penalty_paths(view: View) -> Iterator[PenaltyPath]:
    """Yield the paths of penalties of a set."""
    return (PenaltyPath(view, number) for number in range(len(view.sums.direct)))

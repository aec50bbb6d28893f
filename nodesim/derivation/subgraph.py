"""The part of the derivative graph between e and what is asked for, in whole numbers: what costs are counted on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Indices, Mask, read_only, stable_order
from nodesim.errors import StructureError
from nodesim.gradients.derivative_graph import DerivativeGraph
from nodesim.gradients.directions import from_inputs
from nodesim.gradients.propagation import counted, reached
from nodesim.gradients.quantities import Quantity
from nodesim.gradients.starts import E
from nodesim.graph.elements import Connection, Node


class Subgraph:
    """The quantities on the paths from e to some quantities, numbered from e on; e is 0.

    Parameters
    ----------
    graph : DerivativeGraph
    of : iterable of Quantity
        What derivatives are asked for; one that no path leads to is left out.

    Attributes
    ----------
    quantities : list of Quantity
        Weights into the same node stand together, as the first of them: they share every edge but the last.
    into : list of list of int
        For each quantity the numbers of those from which edges lead into it, all smaller than its own. The edges
        are those of `DerivativeGraph.partials_into`; their values are not needed here.
    asked : list of int
        For each quantity how many derivatives are asked for there: for weights that stand together, how many.
    activated, sums : Part
        The quantities HA and H of it, by row.
    weights : ndarray of shape (n_rows,)
        For each row how many weights are asked for that enter its node, and that paths lead to.
    straight : ndarray of shape (n_rows,)
        How many of them lead straight into the target, where that is a sum.
    asked_weights : ndarray of shape (n_rows,)
        As `weights`, with those that penalties alone lead to.
    n_penalties : int
        How many edges of penalties lead into each weight.
    before : list of Quantity
        What stands between the target and the outputs: one after the other.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 1, 1], bias=False, seed=0)
    >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01])
    >>> graph = net.paths("W1").derivatives
    >>> cut = Subgraph(graph, [Quantity("weight", net[name]) for name in ("W1", "W2")])
    >>> [quantity.name for quantity in cut.quantities]
    ['e', 'OA1', 'O1', 'HA1', 'H1', 'W1']
    >>> cut.into, cut.asked
    ([[], [0], [1], [2], [3], [4]], [0, 0, 0, 0, 0, 2])
    """

    def __init__(self, graph: DerivativeGraph, of: Iterable[Quantity]) -> None:
        self.graph = graph
        self._wanted = wanted = _Wanted(graph, of)
        schedule, alive = graph.schedule, graph.counts != 0
        nothing = np.zeros(schedule.n_rows, bool)
        entered = nothing.copy()
        entered[graph.entered] = True
        below = reached(from_inputs(schedule), wanted.activated | wanted.sums | (wanted.weights > 0))
        used = below & alive
        # An edge ∂H/∂HA is a connection between two nodes, the one above not a dead end.
        arcs = np.flatnonzero(below[schedule.sources] & alive[schedule.targets])
        if graph.start.has_edges:
            enters = (nothing, entered) if graph.of_sums else (entered, nothing)
        else:
            # The target is a sum: from there these connections lead straight to HA, and it is not among the others.
            straight = entered[schedule.targets[arcs]]
            enters, used = (nothing.copy(), nothing), used & ~entered
            enters[0][schedule.sources[arcs[straight]]] = True
            arcs = arcs[~straight]
        self._arcs: Indices = arcs
        fed = np.bincount(schedule.sources[self._arcs], minlength=schedule.n_rows)
        self._fed: Mask = np.zeros(schedule.n_rows, bool)
        self._fed[schedule.targets[self._arcs]] = True
        self.weights: Indices = read_only(wanted.weights * alive)
        sending = below & ((fed > 0) | enters[0])
        self.activated = Part(sending, fed + enters[0], enters[0], wanted.activated & sending)
        self.straight: Indices = read_only(self.weights * entered * (not graph.start.has_edges))
        n_penalties = len(graph.start.penalties)
        if n_penalties and schedule.ties and wanted.weights.any():
            raise _no_tied_penalties()
        self.n_penalties = n_penalties if wanted.weights.any() else 0
        # Behind dead ends there are weights that nothing but penalties leads to.
        self.asked_weights: Indices = read_only(wanted.weights if n_penalties else self.weights)
        reaching = used & (wanted.sums | (wanted.weights > 0) | self._fed)
        self.sums = Part(reaching, sending.astype(np.intp) + enters[1], enters[1], wanted.sums & reaching)
        through = any(part.size for part in self.parts)
        self.before: list[Quantity] = [
            edge.denominator
            for edge in graph.start.before
            if through or (edge.denominator == E and self.asked_weights.any())
        ]

    # ---- what can be told without listing the edges ---------------------------------------------------------

    @property
    def parts(self) -> tuple[Part, Part]:
        """The quantities HA and H."""
        return self.activated, self.sums

    @cached_property
    def edges(self) -> int:
        """How many partial derivatives there are between e and what is asked for."""
        penalties = self.n_penalties * (1 + int(self.asked_weights.sum()))
        return sum(part.edges for part in self.parts) + int(self.weights.sum()) + len(self.before) + penalties

    @property
    def clipped(self) -> bool:
        """Whether it is no longer e itself that is derived: that is one of those before the outputs."""
        return E in self.before

    @cached_property
    def added(self) -> int:
        """How many quantities have a derivative of e that is made of others: not straight from e alone."""
        given = sum(int((part.enters & part.there & (part.into == 1)).sum()) for part in self.parts)
        beside = max(len(self.before) - 1, 0) + self.clipped * self.n_penalties
        own = sum(part.size for part in self.parts) - (0 if self.before else given)
        return own + beside + int((self.asked_weights > 0).sum() - (self.straight > 0).sum())

    @cached_property
    def n_asked(self) -> int:
        """How many derivatives are asked for."""
        return sum(int(part.asked.sum()) for part in self.parts) + int(self.asked_weights.sum())

    @cached_property
    def places(self) -> int:
        """Of how many quantities derivatives are asked for; weights that stand together are one."""
        return sum(int(part.asked.sum()) for part in self.parts) + int((self.asked_weights > 0).sum())

    @cached_property
    def inner(self) -> list[int]:
        """The numbers of what edges lead on from, e left out."""
        numbers = self._numbers
        sums = self.sums.there & (self._fed | (self.weights > 0))
        activated = self.activated.there & self.sums.there
        found: list[int] = np.sort(np.concatenate((numbers[0][activated], numbers[1][sums]))).tolist()
        return [*range(1, 1 + len(self._beside)), *found]

    @cached_property
    def childless(self) -> bool:
        """Whether an inner quantity that is not asked for has no child of its own; see `backpropagation_is_best`."""
        if self._beside:
            # It is not looked for there.
            return True
        # HA has H. H has the weights into its node, and each HA that leads to it alone.
        schedule, arcs = self.graph.schedule, self._arcs
        alone = (self.activated.into - self.activated.enters == 1)[schedule.sources[arcs]]
        own = (self.weights > 0) | self.sums.asked
        own[schedule.targets[arcs[alone]]] = True
        return bool((self.sums.there & self._fed & ~own).any())

    @cached_property
    def walks(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """By row, how many walks lead from what is asked for to HA, and to H: exact, as `counted` returns it."""
        start = np.add(self.weights + self.sums.asked, self.activated.asked, dtype=float)
        arrived = counted(from_inputs(self.graph.schedule), start, self.sums.there)
        below = (arrived - self.activated.asked) * self.sums.there
        return read_only(arrived * self.activated.there), read_only(below)

    # ---- edge by edge ---------------------------------------------------------------------------------------

    @cached_property
    def _order(self) -> Indices:
        """The rows of the nodes, from the outputs on."""
        return np.argsort(self.graph.schedule.depths, kind="stable")[::-1]

    @cached_property
    def _numbers(self) -> Indices:
        """For HA, H and the weights into each node their number, 0 where there is none; shape (3, n_rows)."""
        there = np.stack((self.activated.there, self.sums.there, self.asked_weights > 0), axis=1)[self._order]
        numbers = np.zeros((3, len(there)), dtype=np.intp)
        numbers[:, self._order] = ((np.cumsum(there).reshape(there.shape) + len(self._beside)) * there).T
        return numbers

    @property
    def _beside(self) -> list[Quantity]:
        """What has the numbers behind that of the target: it belongs to no node."""
        penalties = self.graph.start.penalties[: self.n_penalties]
        return [*self.before, *(Quantity("penalty", label=penalty.label) for penalty in penalties)]

    def _each(self) -> Iterator[tuple[int, int]]:
        """Yield for each quantity, from e on, the row of its node and what it is: HA, H or the weights."""
        rows, kinds = np.nonzero(self._numbers.T[self._order])
        yield from zip(self._order[rows].tolist(), kinds.tolist())

    @cached_property
    def quantities(self) -> list[Quantity]:
        """The quantities, from e on."""
        nodes, weights = self.graph.schedule.nodes, self._wanted.first
        kinds: Any = ("activated", "sum")
        return [
            self.graph.target,
            *self._beside,
            *(Quantity(kinds[kind], nodes[row]) if kind < 2 else weights[row] for row, kind in self._each()),
        ]

    @cached_property
    def asked(self) -> list[int]:
        """For each quantity how many derivatives are asked for there."""
        asked = self.activated.asked.tolist(), self.sums.asked.tolist(), self.asked_weights.tolist()
        return [0, *(0 for _ in self._beside), *(int(asked[kind][row]) for row, kind in self._each())]

    @cached_property
    def into(self) -> list[list[int]]:
        """For each quantity the numbers of those from which edges lead into it."""
        schedule, numbers = self.graph.schedule, self._numbers
        # The connections by their sources, in the order in which the quantities HA come.
        arcs = self._arcs[stable_order(numbers[0][schedule.sources[self._arcs]], int(numbers.max(initial=0)) + 1)]
        above = iter(numbers[1][schedule.targets[arcs]].tolist())
        fed, entered = (self.activated.into - self.activated.enters).tolist(), self.activated.enters.tolist()
        below, straight = numbers.tolist(), self.sums.enters.tolist()
        outermost, alive = len(self.before), self.weights.tolist()
        into: list[list[int]] = [[], *([number] for number in range(outermost))]
        into += [[1 if self.clipped else 0]] * self.n_penalties
        for row, kind in self._each():
            if kind == 0:
                into.append([*([outermost] if entered[row] else []), *islice(above, fed[row])])
            elif kind == 1:
                into.append([*([outermost] if straight[row] else []), *([below[0][row]] if below[0][row] else [])])
            else:
                penalties = range(outermost + 1, outermost + 1 + self.n_penalties)
                into.append([*([below[1][row]] if alive[row] else []), *penalties])
        return into

    def below(self) -> list[list[int]]:
        """Return for each quantity the numbers of those that edges lead to from it."""
        below: list[list[int]] = [[] for _ in self.into]
        for number, into in enumerate(self.into):
            for above in into:
                below[above].append(number)
        return below


class Part:
    """The quantities of one kind, HA or H, by the rows of their nodes.

    Parameters
    ----------
    there : ndarray of shape (n_rows,)
        Which nodes have one here.
    into : ndarray of shape (n_rows,)
        How many edges lead into it.
    enters : ndarray of shape (n_rows,)
        Whether one of them comes straight from e.
    asked : ndarray of shape (n_rows,)
        Whether its derivative is asked for.
    """

    def __init__(self, there: Mask, into: Indices, enters: Mask, asked: Mask) -> None:
        self.there: Mask = read_only(there)
        self.into: Indices = read_only(into * there)
        self.enters: Mask = read_only(enters & there)
        self.asked: Mask = read_only(asked)

    @cached_property
    def size(self) -> int:
        """How many there are."""
        return int(self.there.sum())

    @cached_property
    def edges(self) -> int:
        """How many edges lead into them."""
        return int(self.into.sum())


def _no_tied_penalties() -> StructureError:
    return StructureError(
        "a derivation cannot show penalties of tied weights, which count once for all uses: run "
        "network.backward(y) without l1, l2 and regularizer, or look at network.paths(tie)."
    )


class _Wanted:
    """What is asked for, by row; each once."""

    def __init__(self, graph: DerivativeGraph, of: Iterable[Quantity]) -> None:
        n_rows = graph.schedule.n_rows
        self.first: dict[int, Quantity] = {}
        self.weights: Indices = np.zeros(n_rows, dtype=np.intp)
        self.sums: Mask = np.zeros(n_rows, bool)
        self.activated: Mask = np.zeros(n_rows, bool)
        for quantity in dict.fromkeys(of):
            match quantity:
                case Quantity("weight", Connection() as connection):
                    row = graph.row[connection.target]
                    self.first.setdefault(row, quantity)
                    self.weights[row] += 1
                case Quantity("sum", Node() as node):
                    self.sums[graph.row[node]] = True
                case Quantity("activated", Node() as node):
                    self.activated[graph.row[node]] = True

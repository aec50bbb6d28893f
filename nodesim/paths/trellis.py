r"""A set of paths as a graph of states: every walk from where e enters to the goal is one of the paths.

A state is a node on the way, or, where the lengths of paths are told apart, a node at a distance from e. An arc is a
connection, gone from its target back to its source. The paths of W1 (I1 -> H1) in a 2-2-2-2 network are the walks of::

    level -3                level -2              level -1

    e --> 0: O1 ----W13----> 2: H3 ----W7----> 4: H1, the goal
                \      /                      /
                 W15  W14                    /
                   \  /                     /
                    \/                     /
                    /\                    /
                   /  \                  /
    e --> 1: O2 ----W16----> 3: H4 ----W8

and are kept as arrays of arcs, those of a state together and in connection order::

    above        0    0    1    1    2   3
    below        2    3    2    3    4   4
    connections  W13  W15  W14  W16  W7  W8

The weight itself is not in it: ∂H1/∂W1 multiplies every path alike, and all weights into H1 share one trellis.

A restriction leaves out arcs, or tells more states apart; what is left is a trellis again, so that they compose. All
questions about the paths (how many, their sum, the largest) are dynamic programmes over states and arcs, of which
there are no more than nodes and connections (where lengths are told apart, for each length), while there may be more
paths than anybody could list.

References
----------
Forney, G. D., "The Viterbi algorithm", Proceedings of the IEEE 61 (1973).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from nodesim._arrays import Indices, Mask
from nodesim.gradients.directions import fed_by
from nodesim.gradients.propagation import Propagation, reached
from nodesim.graph.index_arrays import ranges
from nodesim.graph.schedule import Schedule


@dataclass(frozen=True, eq=False)
class Trellis:
    """The states and arcs of a set of paths, all of them in use.

    Attributes
    ----------
    rows, levels : ndarray of shape (n_states,)
        The row of each state's node, and a number that grows along every arc.
    above, below, connections : ndarray of shape (n_arcs,)
        The states that an arc leads from and to, on the way from e back, and the index of its connection. In the
        order of listing: by the state above, then in connection order.
    entered : ndarray of shape (n_states,)
        Whether e enters here.
    goal : int
        The state where all paths end; -1 if there is no path.

    Notes
    -----
    Every state and arc is on some path: who walks from an entry along any arcs arrives at the goal. Listing and ranking
    rely on it and never turn back in vain.

    Examples
    --------
    >>> import nodesim as ns
    >>> from nodesim.paths.sums import PathSums
    >>> net = ns.Network.layered([2, 2, 2, 2], seed=0)
    >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
    >>> paths = net.paths("W1")
    >>> trellis = PathSums(paths.derivatives, paths.of).trellis
    >>> trellis.levels.tolist(), trellis.above.tolist(), trellis.below.tolist(), trellis.goal
    ([-3, -3, -2, -2, -1], [0, 0, 1, 1, 2, 3], [2, 3, 2, 3, 4, 4], 4)
    >>> [net.connections[number].name for number in trellis.connections]
    ['W13', 'W15', 'W14', 'W16', 'W7', 'W8']
    """

    rows: Indices
    levels: Indices
    above: Indices
    below: Indices
    connections: Indices
    entered: Mask
    goal: int

    @property
    def n_states(self) -> int:
        """How many states there are."""
        return len(self.rows)

    @cached_property
    def starts(self) -> Indices:
        """Where the arcs from each state start, and where the last one's end."""
        return np.searchsorted(self.above, np.arange(self.n_states + 1))

    @cached_property
    def entries(self) -> Indices:
        """The states where e enters, in the order of the output nodes."""
        states = np.flatnonzero(self.entered)
        return states[np.argsort(self.rows[states], kind="stable")]

    @cached_property
    def from_error(self) -> Propagation:
        """What hands numbers on from e to the goal."""
        return Propagation(self.above, self.below, self.levels)

    @cached_property
    def from_goal(self) -> Propagation:
        """What hands numbers on from the goal back to e."""
        return Propagation(self.below, self.above, -self.levels)

    @cached_property
    def distances(self) -> Indices | None:
        """For each state its distance from e in connections, where it has but one; None where ways differ in length."""
        # An entry that is also fed from above, an output that feeds others, has two distances at once.
        distance = [0 if entered else -1 for entered in self.entered.tolist()]
        for above, below in zip(self.above.tolist(), self.below.tolist()):
            if distance[below] not in (-1, distance[above] + 1):
                return None
            distance[below] = distance[above] + 1
        return np.array(distance, dtype=np.intp)

    @cached_property
    def longest(self) -> int:
        """How many connections the longest path has."""
        distance = [0] * self.n_states
        for above, below in zip(self.above.tolist(), self.below.tolist()):
            distance[below] = max(distance[below], distance[above] + 1)
        return distance[self.goal]

    def has(self, connections: Iterable[int]) -> bool:
        """Tell whether one of the paths goes over just these connections, given in their order from e on."""
        states = set(self.entries.tolist())
        for connection in connections:
            arcs = np.flatnonzero(self.connections == connection)
            # Where lengths are told apart, one connection has an arc for each distance.
            states = {below for above, below in zip(self.above[arcs], self.below[arcs]) if above in states}
        return self.goal in states

    def through(self, row: int) -> Trellis:
        """Return the paths that pass a node."""
        # No walk passes a node twice. What stands in front of it is before, what stands behind it after; an arc from
        # before to a state that is neither leads around the node.
        states = self.rows == row
        before = reached(self.from_goal, states) & ~states
        after = reached(self.from_error, states)
        entering = (before[self.above] & (before | states)[self.below]) | (after[self.above] & after[self.below])
        return self.kept(entering, self.entered & (before | states))

    def over(self, connection: int) -> Trellis:
        """Return the paths that pass a connection."""
        arcs = self.connections == connection
        before = reached(self.from_goal, self._marked(self.above[arcs]))
        after = reached(self.from_error, self._marked(self.below[arcs]))
        return self.kept(arcs | before[self.below] | after[self.above], self.entered & before)

    def from_output(self, row: int) -> Trellis:
        """Return the paths by which e enters at an output."""
        return self.kept(np.ones(len(self.above), bool), self.entered & (self.rows == row))

    def without(self, row: int) -> Trellis:
        """Return the paths that do not pass a node."""
        free = self.rows != row
        return self.kept(free[self.above] & free[self.below], self.entered & free)

    def without_connection(self, connection: int) -> Trellis:
        """Return the paths that do not pass a connection."""
        return self.kept(self.connections != connection, self.entered)

    def _marked(self, states: Indices) -> Mask:
        marked = np.zeros(self.n_states, bool)
        marked[states] = True
        return marked

    def kept(self, arcs: Mask, entered: Mask) -> Trellis:
        """Return the paths that use these arcs only, and enter here only; what no path uses any more is left out."""
        above, below, connections = self.above[arcs], self.below[arcs], self.connections[arcs]
        return replace(self, above=above, below=below, connections=connections, entered=entered)._pruned()

    def _pruned(self) -> Trellis:
        """Leave out what lies on no way from an entry to the goal, and number the states that are left anew."""
        if self.goal < 0:
            return self
        used = reached(self.from_error, self.entered) & reached(self.from_goal, self._marked(np.array([self.goal])))
        if not used[self.goal]:
            return EMPTY
        number = np.cumsum(used) - 1
        arcs = used[self.above] & used[self.below]
        return Trellis(
            self.rows[used], self.levels[used], number[self.above[arcs]], number[self.below[arcs]],
            self.connections[arcs], self.entered[used], int(number[self.goal]),
        )  # fmt: skip

    def of_length(self, length: int) -> Trellis:
        """Return the paths of so many connections."""
        if self.distances is not None:
            return self if self.goal >= 0 and self.distances[self.goal] == length else EMPTY
        unfolded, goals = self.unfolded
        # The levels there are distances, and the goals are in their order.
        at = np.searchsorted(unfolded.levels[goals], length)
        if at == len(goals) or unfolded.levels[goals[at]] != length:
            return EMPTY
        return replace(unfolded, goal=int(goals[at]))._pruned()

    @cached_property
    def unfolded(self) -> tuple[Trellis, Indices]:
        """The trellis in which a state is a state at a distance from e, its level, and where its paths end there."""
        # Breadth first from e: states[d] are those at distance d, and each distance has copies of its own of them.
        states, arcs = [np.flatnonzero(self.entered)], []
        while len(states[-1]):
            arcs.append(ranges(self.starts[states[-1]], self.starts[states[-1] + 1]))
            states.append(np.unique(self.below[arcs[-1]]))
        firsts = np.cumsum([0, *map(len, states)])
        numbered = list(enumerate(arcs))
        above = [firsts[d] + np.searchsorted(states[d], self.above[leaving]) for d, leaving in numbered]
        below = [firsts[d + 1] + np.searchsorted(states[d + 1], self.below[leaving]) for d, leaving in numbered]
        flat = np.concatenate(states)
        entered = np.arange(len(flat)) < firsts[1]
        levels = np.repeat(np.arange(len(states)), np.diff(firsts))
        connections = self.connections[np.concatenate(arcs)]
        whole = Trellis(
            self.rows[flat], levels, np.concatenate(above), np.concatenate(below), connections, entered, self.goal
        )
        return whole, np.flatnonzero(flat == self.goal)


_NONE = np.zeros(0, dtype=np.intp)
EMPTY = Trellis(_NONE, _NONE, _NONE, _NONE, _NONE, np.zeros(0, bool), -1)


def all_paths(schedule: Schedule, row: int, entered: Mask, alive: Mask) -> Trellis:
    """Return the trellis of all paths from e to a node.

    Parameters
    ----------
    schedule : Schedule
    row : int
        Of the goal.
    entered : ndarray of shape (n_rows,)
        The nodes where e enters.
    alive : ndarray of shape (n_rows,)
        The nodes that paths lead to.
    """
    used = fed_by(schedule, row) & alive
    used[row] = True
    order = np.argsort(-schedule.depths[used], kind="stable")
    rows = np.flatnonzero(used)[order]
    number = np.zeros(schedule.n_rows, dtype=np.intp)
    number[rows] = np.arange(len(rows))
    connections = np.flatnonzero(used[schedule.sources] & used[schedule.targets])
    above, below = number[schedule.targets[connections]], number[schedule.sources[connections]]
    listed = np.argsort(above, kind="stable")
    whole = Trellis(
        rows, -schedule.depths[rows], above[listed], below[listed], connections[listed], entered[rows], int(number[row])
    )
    return whole._pruned()

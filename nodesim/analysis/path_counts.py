"""How many paths feed the gradient of each weight of a network.

A weight has as many paths as the sum that it enters: one number for each node is all there is to know, and weights look
theirs up. It is a float as long as all are below 2^53, which floats hold exactly; in deep networks the counts have
hundreds of digits and more, and are Python's integers (see `nodesim.gradients.propagation.counted`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Indices
from nodesim.analysis.lookup import connection_number
from nodesim.errors import NodesimError
from nodesim.gradients.directions import path_counts
from nodesim.graph.elements import Connection
from nodesim.graph.schedule import Schedule
from nodesim.notation import frames, markup, tables
from nodesim.notation.symbols import Count, plural
from nodesim.validation import whole

_SHOWN = 5
_HEADS = ("weight", "from", "to", "paths")
_MOST_IN_64_BITS = 2**63 - 1


class PathCounts(Mapping[str, Count]):
    """For each weight, by its name or as the connection itself, the exact number of paths that feed its gradient.

    Parameters
    ----------
    schedule : Schedule
        The structure; the counts stay those of this moment, whatever becomes of the network.

    Attributes
    ----------
    schedule : Schedule
        The structure.

    See Also
    --------
    nodesim.Network.path_counts : Makes it.
    GradientPaths.count : The same number of one weight, or of some of its paths.

    Notes
    -----
    Calculated in O(nodes + connections), once for a structure. What is kept is one number for each node: names and
    `Count` objects are made when they are asked for.

    References
    ----------
    Article, sections 4 and 5.

    Examples
    --------
    >>> import nodesim as ns
    >>> counts = ns.Network.layered([2, 2, 2, 2], seed=0).path_counts()
    >>> counts["W1"], counts["W13"], counts.total
    (4, 1, 42)
    >>> counts.most(2)[0][0].name, counts.array[:8].tolist()
    ('W1', [4, 4, 4, 4, 4, 4, 2, 2])
    """

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule
        self._by_row = path_counts(schedule)

    @cached_property
    def array(self) -> NDArray[Any]:
        """The counts in connection order: of dtype int64 where all fit, else Python's integers (dtype object)."""
        counts = self._by_row[self.schedule.targets]
        # Inputs and bias nodes, of depth 0, are fed by more paths than any weight.
        if self._by_row[self.schedule.depths > 0].max(initial=0) <= _MOST_IN_64_BITS:
            counts = counts.astype(np.int64)
        counts.flags.writeable = False
        return counts

    @property
    def total(self) -> Count:
        """The sum of all counts."""
        fed = np.bincount(self.schedule.targets, minlength=self.schedule.n_rows).tolist()
        return Count(sum(int(count) * times for count, times in zip(self._by_row, fed)))

    def most(self, n: int = 10) -> list[tuple[Connection, Count]]:
        """Return the n weights that the most paths feed, the most first; equal ones in connection order.

        Parameters
        ----------
        n : int
            How many; at least 1.

        Returns
        -------
        list of (Connection, Count)
            Each weight's connection with its number of paths; all of them if there are fewer than n.

        Raises
        ------
        ArgumentError
            If n is no whole number of at least 1.

        See Also
        --------
        PathCounts.least : Those that the fewest paths feed.
        nodesim.Network.paths : The paths of one weight.

        Examples
        --------
        >>> import nodesim as ns
        >>> ns.Network.layered([2, 1, 2], seed=0).path_counts().most(2)
        [(<Connection W1: I1 -> H1 = 0.12573>, 2), (<Connection W2: I2 -> H1 = -0.132105>, 2)]
        """
        return self._chosen(-self._ranks, n)

    def least(self, n: int = 10) -> list[tuple[Connection, Count]]:
        """Return the n weights that the fewest paths feed, the fewest first; equal ones in connection order.

        Parameters
        ----------
        n : int
            How many; at least 1.

        Returns
        -------
        list of (Connection, Count)
            Each weight's connection with its number of paths; all of them if there are fewer than n.

        Raises
        ------
        ArgumentError
            If n is no whole number of at least 1.

        See Also
        --------
        PathCounts.most : Those that the most paths feed.
        nodesim.Network.dead_weights : Weights without a path are dead.

        Examples
        --------
        >>> import nodesim as ns
        >>> ns.Network.layered([2, 1, 2], seed=0).path_counts().least(2)
        [(<Connection W4: H1 -> O1 = 0.1049>, 1), (<Connection W5: H1 -> O2 = -0.535669>, 1)]
        """
        return self._chosen(self._ranks, n)

    def to_pandas(self) -> Any:
        """Return the counts as a data frame of pandas.

        Returns
        -------
        pandas.DataFrame
            A row for each weight in connection order: "name", "source", "target" and "count"; counts that no int64
            holds are Python's integers.

        Raises
        ------
        MissingExtraError
            If pandas is not installed.

        See Also
        --------
        PathCounts.array : The counts alone.

        Examples
        --------
        >>> import nodesim as ns
        >>> ns.Network.layered([2, 2, 2, 2], seed=0).path_counts().to_pandas()["count"].max()
        np.int64(4)
        """
        connections = self.schedule.connections.all()
        ends = ((each.name, each.source.name, each.target.name) for each in connections)
        names, sources, targets = zip(*ends) if connections else ((), (), ())
        return frames.frame({"name": names, "source": sources, "target": targets, "count": self.array})

    @cached_property
    def _ranks(self) -> Indices:
        """For each connection the place of its count among all different ones.

        Weights are sorted by these small numbers: a million counts that are integers of many digits would take long.
        """
        _, ranks = np.unique(self._by_row, return_inverse=True)
        found: Indices = ranks[self.schedule.targets]
        return found

    def _chosen(self, ranks: Indices, n: int) -> list[tuple[Connection, Count]]:
        return self._pairs(np.argsort(ranks, kind="stable")[: whole(n, "n")])

    def _pairs(self, numbers: Indices) -> list[tuple[Connection, Count]]:
        return [(self.schedule.connections[number], self._count(number)) for number in numbers]

    def _count(self, number: int) -> Count:
        return Count(self._by_row[self.schedule.targets[number]])

    def __getitem__(self, weight: str | Connection) -> Count:
        return self._count(connection_number(self.schedule, weight))

    def __contains__(self, weight: object) -> bool:
        """Tell whether something is the name of one of these weights, or the connection."""
        found: Any = weight
        try:
            return connection_number(self.schedule, found) >= 0
        except NodesimError:
            return False

    def __iter__(self) -> Iterator[str]:
        return (connection.name for connection in self.schedule.connections)

    def __len__(self) -> int:
        return len(self.schedule.connections)

    def _rows(self) -> list[tuple[str, ...]]:
        """Return what is printed, those that the most paths feed first; of many the two ends."""
        order = np.argsort(-self._ranks, kind="stable")
        cut = len(order) > 2 * _SHOWN
        chosen = self._pairs(np.concatenate((order[:_SHOWN], order[-_SHOWN:])) if cut else order)
        rows: list[tuple[str, ...]] = [(c.name, c.source.name, c.target.name, f"{count:,}") for c, count in chosen]
        return [*rows[:_SHOWN], ("...",) * len(_HEADS), *rows[_SHOWN:]] if cut else rows

    @property
    def _title(self) -> str:
        return f"{plural(len(self), 'weight')}, {plural(self.total, 'path')} to them in all"

    def __str__(self) -> str:
        return "\n".join([self._title, *(tables.lines(_HEADS, self._rows(), "<<<>") if len(self) else [])])

    def __repr__(self) -> str:
        return f"<PathCounts of {self._title}>"

    def _repr_html_(self) -> str:
        return markup.line(self._title) + (markup.table(_HEADS, self._rows(), "<<<>") if len(self) else "")

"""Paths one by one: in the article's order, by rank, and as arrays."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count as numbered
from itertools import islice, repeat
from typing import Literal

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import ArgumentError, NonFiniteError, TooManyPathsError
from nodesim.graph.elements import Connection
from nodesim.paths.arrays import PathArrays, arrays
from nodesim.paths.counted import CountedPaths
from nodesim.paths.listing import Listing
from nodesim.paths.path import GradientPath
from nodesim.paths.ranking import Ranking, signed, ways
from nodesim.paths.ranking_batch import MeanRanking
from nodesim.validation import flag, shortened, whole

_LISTABLE = 10_000_000
Sign = Literal["+", "-"]


class ListedPaths(CountedPaths):
    """Paths that can be taken one by one; see `GradientPaths`."""

    def __iter__(self) -> Iterator[GradientPath]:
        if self._sums.empty:
            return
        for found, products in Listing(self._sums, self._samples).blocks():
            yield from map(GradientPath, repeat(self), repeat(found), numbered(), products)

    def __contains__(self, path: object) -> bool:
        """Whether a path of this backward is one of these: known without listing them."""
        if not isinstance(path, GradientPath) or path._paths.of != self.of:
            return False
        if path._paths.derivatives is not self.derivatives or path._paths._samples != self._samples:
            return False
        trellis, states = self._trellis, set(self._trellis.entries.tolist())
        own = isinstance(self.of.element, Connection)
        for connection in reversed(path.connections[1:] if own else path.connections):
            arcs = np.flatnonzero(trellis.connections == self.derivatives.index(connection))
            states = {below for above, below in zip(trellis.above[arcs], trellis.below[arcs]) if above in states}
        return trellis.goal in states

    def ranked(self, sign: Sign | None = None) -> Iterator[GradientPath]:
        """Yield the paths by |product|, the largest first, lazily and without listing the others.

        Parameters
        ----------
        sign : {"+", "-"}, optional
            Only paths with a positive, or with a negative product.

        Raises
        ------
        ArgumentError
            If the sign is none of these.
        NonFiniteError
            If a partial derivative on the paths is not finite: then there is no order.

        Notes
        -----
        Exact. Equal products come in the order of their connections from the weight on; if it was rounding, or a
        factor 0, that made them equal, the one that was larger before comes first. In one sample, products that are
        too small or too large for a float are ranked rightly, too.

        A path costs O(length · log degree). For a batch of several samples, where the product is a mean, paths are
        bounded by the sum over samples of |what they begin with| times the best completion. Where the products of
        samples cancel one another that is far from the mean, and it takes long; look at single samples then
        (``sample=``). There, products that are equal up to rounding come as they are found if there are thousands.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2, 2], seed=0)
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> next(net.paths("W1").ranked())
        <path I1 -> H1 -> H3 -> O1: 0.0161485>
        """
        if sign not in (None, "+", "-"):
            raise ArgumentError(f"sign must be '+', '-' or None for both, got {shortened(sign)}.")
        if self._sums.empty:
            return iter(())
        self._check_finite()
        return self._ranked_means(sign) if len(self._samples) > 1 else self._ranked(sign)

    def _ranked(self, sign: Sign | None) -> Iterator[GradientPath]:
        every = ways(self._sums.column(self._samples[0]))
        chosen = every if sign is None else signed(every, sign)
        if chosen is not None:
            ranking = Ranking(chosen, self._sums.arithmetic)
            yield from map(GradientPath, repeat(self), repeat(ranking), numbered(), ranking)

    def _ranked_means(self, sign: Sign | None) -> Iterator[GradientPath]:
        for found, product in MeanRanking(self._sums):
            if sign is None or (product > 0 if sign == "+" else product < 0):
                yield GradientPath(self, found, 0, product)

    def _check_finite(self) -> None:
        sums, samples = self._sums, self._samples
        numbers = (sums.weights, sums.last[samples], sums.slopes[:, samples], sums.entries[:, samples])
        if all(np.isfinite(each).all() for each in numbers):
            return
        for path in self:
            for factor in path.factors:
                if not np.isfinite(factor.value).all():
                    raise NonFiniteError(f"paths cannot be ranked: {factor} is not finite, in {path.formula}.")

    def top(self, k: int, sign: Sign | None = None) -> list[GradientPath]:
        """Return the k paths of the largest |product|, the largest first; all of them if there are fewer.

        Parameters
        ----------
        k : int
            0 or more.
        sign : {"+", "-"}, optional
            Only paths with a positive, or with a negative product.

        Raises
        ------
        ArgumentError, NonFiniteError
            If k is negative or no whole number, or as for `ranked`, which see.
        TooManyPathsError
            If k is above ten million, and there are more paths than that.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2, 2], seed=0)
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> [f"{path.product:.2e}" for path in net.paths("W1").top(2)]
        ['1.61e-02', '6.56e-03']
        """
        wanted = whole(k, "k", 0)
        return list(islice(self.ranked(sign), wanted if wanted <= _LISTABLE else len(self._listable)))

    def coverage(self, k: int, *, absolute: bool = False) -> float:
        """Return which part of the gradient the top k paths make.

        Parameters
        ----------
        k : int
        absolute : bool
            Compare the sums of |product| instead: from 0 to 1. The part of the gradient itself may be above 1 or
            below 0, where other paths cancel these.

        Returns
        -------
        float
            NaN where the whole is 0.

        Raises
        ------
        ArgumentError, NonFiniteError, TooManyPathsError
            As for `top`.
        """
        flag(absolute, "absolute")
        products = [path.product for path in self.top(k)]
        part, everything = (sum(map(abs, products)), self.scale) if absolute else (sum(products), self.gradient)
        return part / everything if everything else float("nan")

    def as_arrays(self, limit: int | None = None) -> PathArrays:
        """Return the first paths, in the order of listing, as arrays.

        Parameters
        ----------
        limit : int, optional
            How many; by default all.

        Returns
        -------
        PathArrays
            ``connections`` of shape (n_paths, longest), int32: indices into `Network.connections`, from the weight to
            the output, -1 behind the end of shorter paths; ``products`` of shape (n_paths,).

        Raises
        ------
        ArgumentError
            If the limit is negative or no whole number.
        TooManyPathsError
            If all are asked for, and there are more than ten million; or if those asked for do not fit into memory.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2, 2], seed=0)
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> net.paths("W1").as_arrays(limit=2).connections
        array([[ 0,  6, 12],
               [ 0,  7, 14]], dtype=int32)
        """
        if limit is None:
            limit = len(self._listable)
        return arrays(self._sums, self._samples, min(whole(limit, "limit", 0), self.count))

    def _connections(self, arcs: list[int]) -> tuple[Connection, ...]:
        every, indices = self.derivatives.schedule.connections, self._trellis.connections
        found = (every[indices[arc]] for arc in arcs)
        return (self.of.element, *found) if isinstance(self.of.element, Connection) else tuple(found)

    def _numbers(self, arcs: list[int]) -> Array:
        """Return factors that make the product of a path in one sample, given its arcs from the goal on."""
        column = self._sums.column(self._samples[0])
        end = column.trellis.above[arcs[-1]] if arcs else column.trellis.goal
        slopes = column.slopes[column.trellis.below[arcs]]
        return np.concatenate(([column.last, column.entries[end]], column.weights[arcs], slopes))

    def __length_hint__(self) -> int:
        # list(paths) asks here first: better an answer than a full memory.
        return len(self._listable)

    @property
    def _listable(self) -> range:
        if self.count > _LISTABLE:
            raise TooManyPathsError(
                f"{self.of.name}{self._which} has {self.count:,} paths: too many for a list. Iterate over them and "
                "stop, take the strongest with .top(k), or use .count, .gradient and .flow(), which need none."
            )
        return range(self.count)

"""Paths by ``|product|``, the largest first, lazily: of one sample, or of the mean over a batch.

Two algorithms stand behind it, for two problems. In one sample the best way to go on does not depend on how one came:
the k best paths follow from the best of every state (`ranking_sample`). A mean over samples has no such thing, as the
samples rank the ways on differently: there, beginnings are followed as far as bounds tell to (`ranking_batch`).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from typing import Literal

import numpy as np

from nodesim.errors import NonFiniteError
from nodesim.paths.listing import Listing
from nodesim.paths.path import GradientPath, each
from nodesim.paths.penalty_path import penalty_paths
from nodesim.paths.ranking_batch import BatchRanking
from nodesim.paths.ranking_sample import SampleRanking, signed, ways
from nodesim.paths.view import View

Sign = Literal["+", "-"]


class Ranking:
    """Finds the paths that a view looks at by rank.

    Parameters
    ----------
    view : View
    """

    def __init__(self, view: View) -> None:
        self.view = view
        self.sums = view.sums

    def paths(self, sign: Sign | None = None) -> Iterator[GradientPath]:
        """Return the paths, or those of one sign, the largest ``|product|`` first; see `GradientPaths.ranked`.

        Raises
        ------
        NonFiniteError
            If a partial derivative on the paths is not finite.
        """
        direct = sorted(filter(_of_sign(sign), penalty_paths(self.view)), key=_size)
        if self.sums.empty:
            return iter(direct)
        self._check_finite()
        through = self._of_sample(sign) if self.view.single else self._of_batch(sign)
        # Equal ones come in the order of listing: those of penalties last.
        return heapq.merge(through, direct, key=_size) if direct else through

    def _of_sample(self, sign: Sign | None) -> Iterator[GradientPath]:
        every = ways(self.sums.partials(self.view.samples[0]))
        chosen = every if sign is None else signed(every, sign)
        if chosen is not None:
            ranking = SampleRanking(chosen, self.sums.arithmetic)
            yield from each(self.view, ranking, ranking)

    def _of_batch(self, sign: Sign | None) -> Iterator[GradientPath]:
        # The sign of a mean is not known before the path is complete: those of the other sign are found in vain.
        paths = (GradientPath(self.view, chain, 0, product) for chain, product in BatchRanking(self.sums))
        yield from filter(_of_sign(sign), paths)

    def _check_finite(self) -> None:
        """Raise if anything is not finite that paths are made of: first by arrays, then by paths, to name one."""
        sums, samples = self.sums, self.view.samples
        numbers = (sums.passed, sums.last[samples], sums.slopes[:, samples], sums.entries[:, samples])
        if all(np.isfinite(every).all() for every in numbers):
            return
        for finder, products in Listing(sums, samples).blocks():
            for path in each(self.view, finder, products):
                for factor in path.factors:
                    if not np.isfinite(factor.value).all():
                        raise NonFiniteError(f"paths cannot be ranked: {factor} is not finite, in {path.formula}.")


def _size(path: GradientPath) -> float:
    return -abs(path.product)


def _of_sign(sign: Sign | None) -> Callable[[GradientPath], bool]:
    return lambda path: sign is None or (path.product > 0 if sign == "+" else path.product < 0)

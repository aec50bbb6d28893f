"""What cuts the paths of a set: one of them, each of many, or all at once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.errors import ArgumentError, NonFiniteError
from nodesim.paths.cut import Cut, Cuttable
from nodesim.paths.cuts import Cuts, CuttablePath
from nodesim.paths.cutting.alone import Alone
from nodesim.paths.cutting.each import first_order, follow, one_by_one
from nodesim.paths.cutting.ground import Ground
from nodesim.paths.cutting.together import at_once
from nodesim.paths.sums import PathSums


class Cutter:
    """Cuts paths of a set; what it has looked up for one of them it keeps for the next.

    Parameters
    ----------
    sums : PathSums
    samples : sequence of int
        Those that are looked at: one, or all.
    """

    def __init__(self, sums: PathSums, samples: Sequence[int]) -> None:
        if sums.of.kind == "step":
            raise ArgumentError(
                f"paths of {sums.of.name} are means over inputs on the way from one to another, and cannot be cut. Cut "
                "those of one run: network.paths(...)."
            )
        self.ground = Ground(sums, samples)
        self._target = sums.graph.target.name

    @cached_property
    def _alone(self) -> Alone:
        return Alone(self.ground)

    def path(self, path: CuttablePath, arcs: list[int]) -> Cut:
        """Cut one path.

        Parameters
        ----------
        path : GradientPath
        arcs : list of int
            From the goal to e.
        """
        outputs = partial(self._outputs, arcs)
        if not self.ground.single:
            return self.paths([path], np.array([arcs], dtype=np.intp))[0]
        error, change = self._alone.cut(arcs)
        predicted = -self.ground.amount * path.product
        if predicted - predicted != 0.0:
            raise _unpredictable(predicted)
        return Cut(path, error, change, predicted, outputs, self._target)

    def paths(self, paths: Sequence[CuttablePath], arcs: Indices) -> Cuts:
        """Cut each of some paths by itself.

        Parameters
        ----------
        paths : sequence of GradientPath
        arcs : ndarray of shape (n_paths, longest)
            From the goal to e, -1 behind the ends.
        """
        products = np.array([path.product for path in paths], dtype=float)
        if not len(paths):
            return Cuts(paths, products, products, products, products, partial(self._outputs_of, arcs), self._target)
        errors, changes = one_by_one(self.ground, arcs)
        predicted = first_order(self.ground, arcs, products)
        bad = np.flatnonzero(~np.isfinite(predicted))
        if len(bad):
            raise _unpredictable(float(predicted[bad[0]]))
        return Cuts(paths, products, predicted, errors, changes, partial(self._outputs_of, arcs), self._target)

    def whole(self, what: Cuttable) -> Cut:
        """Cut all paths at once."""
        ground = self.ground
        error, change, outputs = at_once(ground)
        predicted = 0.0
        if not ground.sums.empty:
            with np.errstate(all="ignore"):
                predicted = float((-ground.amount * ground.sums.total[ground.samples]).mean())
        if not np.isfinite(predicted):
            raise _unpredictable(predicted)
        return Cut(what, error, change, predicted, outputs, self._target)

    def _outputs_of(self, arcs: Indices, place: int) -> Array:
        row = arcs[place]
        return self._outputs(row[row >= 0].tolist())

    def _outputs(self, arcs: list[int]) -> Array:
        ends = follow(self.ground, np.array([arcs], dtype=np.intp), self.ground.samples)
        return self.ground.outputs(ends.rows, ends.sent)


def _unpredictable(predicted: float) -> NonFiniteError:
    return NonFiniteError(
        f"what cutting changes to the first order is {predicted}: a derivative on the way, or their product, is not "
        "finite."
    )

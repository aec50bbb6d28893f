"""What cuts the paths of a set: one of them, each of many, or all at once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from typing import Any

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.errors import ArgumentError, NonFiniteError
from nodesim.notation.symbols import ERROR
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
        # Where its derivatives are clipped, e itself is looked at all the same.
        target = sums.graph.target
        self._target = target.name if target.element else ERROR
        self._beside, self._clip = self.ground.end.beside, self.ground.end.clip

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
        predicted = self._unclipped(-self.ground.amount * path.product)
        if predicted - predicted != 0.0:
            raise _unpredictable(predicted)
        return Cut(path, error + self._beside, change, predicted, outputs, self._target, self._before)

    def penalty(self, path: CuttablePath, number: int) -> Cut:
        """Cut the path of a penalty."""
        return self.paths([path], np.zeros((1, 0), dtype=np.intp))[0]

    def _unclipped(self, predicted: Any) -> Any:
        """Return what derivatives say of e, whatever they were clipped by."""
        return predicted / self._clip if self._clip else predicted

    def paths(self, paths: Sequence[CuttablePath], arcs: Indices) -> Cuts:
        """Cut each of some paths by itself.

        Parameters
        ----------
        paths : sequence of GradientPath
        arcs : ndarray of shape (n_paths, longest)
            From the goal to e, -1 behind the ends.
        """
        products = np.array([path.product for path in paths], dtype=float)
        outputs = partial(self._outputs_of, paths, arcs)
        if not len(paths):
            return Cuts(paths, products, products, products, products, outputs, self._target)
        through = np.array([path.penalty is None for path in paths])
        errors, changes, predicted = np.zeros((3, len(paths)))
        if through.any():
            errors[through], changes[through] = one_by_one(self.ground, arcs[through])
            predicted[through] = first_order(self.ground, arcs[through], products[through])
        if not through.all():
            direct, whole = self.ground.sums.direct, self._whole_error
            for place in np.flatnonzero(~through).tolist():
                changes[place] = direct.cut(direct.names.index(paths[place].penalty or ""))
                errors[place] = whole + changes[place]
            predicted[~through] = -self.ground.amount * products[~through]
        predicted = self._unclipped(predicted)
        bad = np.flatnonzero(~np.isfinite(predicted))
        if len(bad):
            raise _unpredictable(float(predicted[bad[0]]))
        values = errors + self._beside
        return Cuts(paths, products, predicted, values, changes, outputs, self._target, before=self._before)

    @cached_property
    def _whole_error(self) -> float:
        """What e is as long as nothing is cut, penalties left out."""
        end, ground = self.ground.end, self.ground
        found = (end.values(end.before(block)[:, None], block).sum() for block in ground.blocks(len(end.rows)))
        return float(sum(found) / ground.n_samples)

    @property
    def _before(self) -> float:
        return self._whole_error + self._beside

    def whole(self, what: Cuttable) -> Cut:
        """Cut all paths at once."""
        ground, sums = self.ground, self.ground.sums
        error, change, outputs = at_once(ground)
        added = sum(sums.direct.cut(number) for number in range(len(sums.direct)))
        predicted = 0.0
        if not sums.empty or len(sums.direct):
            with np.errstate(all="ignore"):
                predicted = self._unclipped(float((-ground.amount * sums.total[ground.samples]).mean()))
        if not np.isfinite(predicted):
            raise _unpredictable(predicted)
        value = error + added + self._beside
        return Cut(what, value, change + added, predicted, outputs, self._target, self._before)

    def _outputs_of(self, paths: Sequence[CuttablePath], arcs: Indices, place: int) -> Array:
        if paths[place].penalty is not None:
            nothing = np.zeros((0, self.ground.n_samples))
            return self.ground.outputs(np.zeros(0, dtype=np.intp), nothing)
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

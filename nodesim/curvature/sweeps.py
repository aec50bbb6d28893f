"""Second derivatives of e along directions: a sweep forward, and backpropagation along its line.

Where weights move along a line, W + t·d, so do all numbers of a run. Forward, with a dot for the derivative by t:

    ċ = W·HȦ + d·HA        Ḣ = Σ ∂H/∂c · ċ        HȦ = ∂HA/∂H · Ḣ

and backward, where δ is ∂e/∂H and q = ∂H/∂c · δ is ∂e/∂c:

    q̇ = (∂H/∂c)˙·δ + ∂H/∂c·δ̇        δ̇ = ∂²HA/∂H²·Ḣ·∂e/∂HA + ∂HA/∂H·Σ (W·q̇ + d·q)

The gradient of a weight is q·HA, so it moves by q̇·HA + q·HȦ: the product of the matrix of second derivatives and d.
For many directions all these are arrays, and what goes over connections is a product of matrices.

References
----------
Pearlmutter, B. A., "Fast Exact Multiplication by the Hessian" (Neural Computation 6, 1994).
"""

from __future__ import annotations

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.curvature.bends import Bends


class Tangents:
    """How the numbers of a forward run move along some directions.

    Parameters
    ----------
    bends : Bends
    directions : ndarray of shape (n_directions, n_connections)
        By how much every weight moves.

    Attributes
    ----------
    sums, activated : ndarray of shape (n_rows, n_directions, n_samples)
        Ḣ and HȦ of every node.
    """

    def __init__(self, bends: Bends, directions: Array) -> None:
        self.bends, self.directions = bends, directions
        schedule = bends.schedule
        self.sums: Array = np.zeros((schedule.n_rows, len(directions), bends.n_samples))
        self.activated: Array = np.zeros_like(self.sums)
        with np.errstate(all="ignore"):
            for task in schedule.calculated:
                row, into = task.row, bends.entering(task.row)
                if bends.graph.joins[row]:
                    assert bends.partials is not None
                    self.sums[row] = (bends.partials[into][:, None] * self.contributions(row)).sum(axis=0)
                else:
                    sources = schedule.sources[into]
                    fed = np.tensordot(bends.weights[into], self.activated[sources], 1)
                    self.sums[row] = fed + directions[:, into] @ bends.activated[sources]
                self.activated[row] = bends.slopes[row] * self.sums[row]

    def contributions(self, row: int) -> Array:
        """Return ċ of every connection into a node, of shape (n_contributions, n_directions, n_samples)."""
        into = self.bends.entering(row)
        sources = self.bends.schedule.sources[into]
        fed = self.bends.weights[into][:, None, None] * self.activated[sources]
        moved: Array = fed + self.directions.T[into][:, :, None] * self.bends.activated[sources][:, None]
        return moved

    @property
    def outputs(self) -> Array:
        """What moves of every output: O where the loss is differentiated by sums, else OA."""
        moved = self.sums if self.bends.graph.of_sums else self.activated
        outputs: Array = moved[self.bends.schedule.output_rows]
        return outputs


class Products:
    """How the gradients move along directions: the matrix of second derivatives times each of them.

    Parameters
    ----------
    tangents : Tangents
    """

    def __init__(self, tangents: Tangents) -> None:
        self._tangents, self._bends = tangents, tangents.bends
        self._deltas = np.zeros_like(tangents.sums)
        # What sums pass on is fetched by whom they are fed by; what joins pass on, which differs by sample, is brought.
        self._brought = np.zeros_like(tangents.sums) if self._bends.graph.joins.any() else None
        self._of_joins: dict[int, Array] = {}
        with np.errstate(all="ignore"):
            entering = self._bends.of_loss(tangents.outputs)
            self._sweep(dict(zip(self._bends.schedule.output_rows.tolist(), entering)))

    def _sweep(self, entering: dict[int, Array]) -> None:
        bends, moved = self._bends, self._tangents.sums
        of_sums = bends.graph.of_sums
        for task in reversed(bends.schedule.calculated):
            row = task.row
            if not bends.schedule.reaching[row]:
                continue
            arriving = self._arriving(row)
            if row in entering and not of_sums:
                arriving += entering[row]
            delta = bends.slopes[row] * arriving + bends.of_nodes[row] * moved[row]
            if row in entering and of_sums:
                delta += entering[row]
            self._deltas[row] = delta
            if bends.graph.joins[row]:
                self._bring(row)

    def _arriving(self, row: int) -> Array:
        """Return by how much ∂e/∂HA of a node moves, but for what enters there from e."""
        bends = self._bends
        leaving = bends.into_sums[row]
        targets = bends.schedule.targets[leaving]
        arriving = np.tensordot(bends.weights[leaving], self._deltas[targets], 1)
        arriving += self._tangents.directions[:, leaving] @ bends.deltas[targets]
        if self._brought is not None:
            arriving += self._brought[row]
        return np.asarray(arriving)

    def _bring(self, row: int) -> None:
        """Hand on what arrives at a join to what feeds it."""
        bends, into = self._bends, self._bends.entering(row)
        assert bends.partials is not None
        assert self._brought is not None
        if not len(into):
            return
        partials, delta = bends.partials[into], bends.deltas[row]
        turned = bends.of_join(row, self._tangents.contributions(row)) * delta
        self._of_joins[row] = moved = partials[:, None] * self._deltas[row] + turned
        along = self._tangents.directions.T[into][:, :, None] * (partials * delta)[:, None]
        self._brought[bends.schedule.sources[into]] += bends.weights[into][:, None, None] * moved + along

    def totals(self) -> Array:
        """Return the sums over the samples, of shape (n_directions, n_connections)."""
        bends = self._bends
        found = np.zeros((self._tangents.sums.shape[1], len(bends.weights)))
        with np.errstate(all="ignore"):
            for task in bends.schedule.calculated:
                row, into = task.row, bends.entering(task.row)
                sources = bends.schedule.sources[into]
                if row in self._of_joins or bends.graph.joins[row]:
                    found[:, into] = self.of(into).sum(axis=-1).T
                    continue
                fed = np.tensordot(self._tangents.activated[sources], bends.deltas[row], 1)
                found[:, into] = self._deltas[row] @ bends.activated[sources].T + fed.T
        return found

    def of(self, connections: Indices) -> Array:
        """Return those of some connections, each sample's: shape (n_of_these, n_directions, n_samples)."""
        bends, schedule = self._bends, self._bends.schedule
        sources, targets = schedule.sources[connections], schedule.targets[connections]
        moved, passed = self._deltas[targets], bends.deltas[targets]
        if bends.partials is not None:
            passed = passed * bends.partials[connections]
            for place, (number, row) in enumerate(zip(connections.tolist(), targets.tolist())):
                if row in self._of_joins:
                    moved[place] = self._of_joins[row][bends.entering(row) == number][0]
        found: Array = moved * bends.activated[sources][:, None] + passed[:, None] * self._tangents.activated[sources]
        return found

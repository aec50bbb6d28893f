"""Where paths come from: e, as a function of what the outputs give it."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.errors import NonFiniteError
from nodesim.functions.scalar_forms import OfOutputs, of_loss
from nodesim.gradients.derivative_graph import DerivativeGraph
from nodesim.paths.cutting.nodes import Nodes
from nodesim.simulation.objective import errors_of


class ErrorEnd:
    """The error e.

    Parameters
    ----------
    nodes : Nodes

    Attributes
    ----------
    rows : ndarray of shape (n_seen,)
        The nodes that it sees: the outputs.
    of_sums : bool
        Whether it sees O, and not OA.
    places : ndarray of shape (n_rows,)
        By row the place among those that it sees; -1 for all others.
    """

    def __init__(self, nodes: Nodes) -> None:
        graph: DerivativeGraph = nodes.graph
        self._nodes = nodes
        self._loss = graph.loss
        self.rows: Indices = graph.schedule.output_rows
        self.of_sums = graph.loss.sum_function is not None
        self.places: Indices = np.full(graph.schedule.n_rows, -1)
        self.places[self.rows] = np.arange(len(self.rows))

    @cached_property
    def targets(self) -> Array:
        """The desired outputs, shape (n_seen, n_samples)."""
        targets = self._nodes.graph.run.targets
        assert targets is not None
        return targets.astype(float, copy=False)

    @property
    def of_numbers(self) -> OfOutputs | None:
        """The same of the plain numbers of one sample, targets and what is seen; None where there is no such form."""
        return of_loss(self._loss)

    def before(self, block: slice) -> Array:
        """Return what it sees as long as nothing is cut, shape (n_seen, n_samples)."""
        sums: Array = self._nodes.sums[self.rows, block]
        return sums if self.of_sums else self._nodes.sent(self.rows, sums)

    def values(self, seen: Array, block: slice) -> Array:
        """Return e for what it sees.

        Parameters
        ----------
        seen : ndarray of shape (n_seen, n_paths, n_samples)
        block : slice
            The samples that these are.

        Returns
        -------
        ndarray of shape (n_paths, n_samples)

        Raises
        ------
        FunctionError, NonFiniteError
            If the loss fails, or returns no finite number.
        """
        n_seen, n_paths, n_samples = seen.shape
        # For a loss each is a sample, whatever path was cut in it.
        targets = np.broadcast_to(self.targets[:, None, block], seen.shape).reshape(n_seen, -1)
        with np.errstate(all="ignore"):
            found = errors_of(self._loss, targets, seen.reshape(n_seen, -1)).reshape(n_paths, n_samples)
        for path, sample in np.argwhere(~np.isfinite(found))[:1].tolist():
            raise self.not_finite(float(found[path, sample]), block.start + sample)
        return found.astype(float, copy=False)

    def not_finite(self, value: float, sample: int) -> NonFiniteError:
        """Return the error that says what e would be."""
        return NonFiniteError(
            f"a path cannot be cut: without what comes along it, the error e ({self._loss.label}) would be {value} "
            f"for sample {sample}."
        )

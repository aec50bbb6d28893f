"""What paths come from, as a function of what the nodes where they end give it: e, or another quantity."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from operator import itemgetter
from typing import cast

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.errors import NonFiniteError
from nodesim.functions.scalar_forms import of_loss
from nodesim.gradients.derivative_graph import DerivativeGraph
from nodesim.graph.elements import Node
from nodesim.paths.cutting.nodes import Nodes, not_finite
from nodesim.simulation.objective import errors_of

OfSeen = Callable[[Sequence[float]], float]
# Of more outputs than this, NumPy adds up their errors sooner than a loop.
_FEW = 32


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

    def of_sample(self, sample: int) -> OfSeen | None:
        """Return e of one sample as a function of the plain numbers that it sees; None where there is no such form."""
        form = of_loss(self._loss) if len(self.rows) <= _FEW else None
        if form is None:
            return None
        found, share = partial(form, self.targets[:, sample].tolist()), self._share(sample)
        return found if share is None else lambda seen: found(seen) * share

    def _share(self, sample: int) -> float | None:
        """Return by what the error of a sample counts; None where all count alike."""
        shares = self._nodes.graph.run.shares
        return None if shares is None else float(shares[sample])

    def before(self, block: slice) -> Array:
        """Return what it sees as long as nothing is cut, shape (n_seen, n_samples)."""
        sums: Array = self._nodes.sums[self.rows, block]
        return sums if self.of_sums else self._nodes.sent(self.rows, sums, block)

    @property
    def beside(self) -> float:
        """What e has beside the errors of its samples: the penalties."""
        return sum(penalty.total for penalty in self._nodes.graph.run.penalties)

    @property
    def clip(self) -> float:
        """By what the derivatives of e were multiplied."""
        clip = self._nodes.graph.run.clip
        return 1.0 if clip is None else clip

    def values(self, seen: Array, block: slice) -> Array:
        """Return e for what it sees, without penalties.

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
            if self._nodes.graph.run.shares is not None:
                found = found * self._nodes.graph.run.shares[block]
        for path, sample in np.argwhere(~np.isfinite(found))[:1].tolist():
            raise self.not_finite(float(found[path, sample]), block.start + sample)
        return found.astype(float, copy=False)

    def not_finite(self, value: float, sample: int) -> NonFiniteError:
        """Return the error that says what e would be."""
        return NonFiniteError(
            f"a path cannot be cut: without what comes along it, the error e ({self._loss.label}) would be {value} "
            f"for sample {sample}."
        )


class QuantityEnd:
    """A weighted sum or an activated value: it sees its own node alone. As for `ErrorEnd`."""

    beside, clip = 0.0, 1.0

    def __init__(self, nodes: Nodes) -> None:
        graph = nodes.graph
        self._nodes = nodes
        self._target = graph.target
        self.rows: Indices = np.array([graph.row[cast(Node, graph.target.element)]])
        self.of_sums = graph.target.kind == "sum"
        self.places: Indices = np.full(graph.schedule.n_rows, -1)
        self.places[self.rows] = 0

    def before(self, block: slice) -> Array:
        """Return what it is as long as nothing is cut, shape (1, n_samples)."""
        sums: Array = self._nodes.sums[self.rows, block]
        return sums if self.of_sums else self._nodes.sent(self.rows, sums, block)

    def values(self, seen: Array, block: slice) -> Array:
        """Return what it is, shape (n_paths, n_samples)."""
        values: Array = seen[0]
        return values

    def of_sample(self, sample: int) -> OfSeen:
        """Return the same of a plain number."""
        return itemgetter(0)

    def not_finite(self, value: float, sample: int) -> NonFiniteError:
        """Return the error that says what it would be."""
        return not_finite(self._nodes.graph, int(self.rows[0]), self._target.kind, value, sample)


def end_of(nodes: Nodes) -> ErrorEnd | QuantityEnd:
    """Return what the paths of a backward come from."""
    return ErrorEnd(nodes) if nodes.graph.target.element is None else QuantityEnd(nodes)

"""The nodes of a backward, asked again: what they would send for other sums."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.errors import FunctionError, NonFiniteError
from nodesim.functions.contracts import Activation
from nodesim.functions.guard import called
from nodesim.gradients.derivative_graph import DerivativeGraph
from nodesim.gradients.quantities import Quantity
from nodesim.graph.elements import Node


class Nodes:
    """The nodes by their rows, with the sums and the activations that they had at the backward.

    Parameters
    ----------
    graph : DerivativeGraph
    """

    def __init__(self, graph: DerivativeGraph) -> None:
        self.graph = graph
        self._activations: list[Activation | None] = [None]
        # By row, the place of its activation in the list; -1 for rows that nobody has asked for yet.
        self._places: Indices = np.full(graph.schedule.n_rows, -1)

    @cached_property
    def sums(self) -> Array:
        """By row and sample: H; of inputs and bias nodes what they send."""
        return self.graph.run.value.astype(float, copy=False)

    def sent(self, rows: Indices, sums: Array, block: slice) -> Array:
        """Return what nodes send for these sums, dropped as they were in the run.

        Parameters
        ----------
        rows : ndarray of shape (n,)
            May name a node several times.
        sums : ndarray of shape (n, n_samples)
        block : slice
            The samples that these are.

        Raises
        ------
        FunctionError
            If an activation fails; the message names the node.
        """
        found, mask = self._activated(rows, sums), self.graph.run.mask
        return found if mask is None else found * mask[rows, block]

    def _activated(self, rows: Indices, sums: Array) -> Array:
        places = self._looked_up(rows)
        if len(rows) and (places == places[0]).all():
            return self._alike(self._activations[places[0]], rows, sums)
        found = np.empty_like(sums)
        for place in np.unique(places).tolist():
            members = np.flatnonzero(places == place)
            found[members] = self._alike(self._activations[place], rows[members], sums[members])
        return found

    def checked(self, rows: Indices, sums: Array, block: slice) -> Array:
        """Return what nodes send for these sums where all of it is finite; parameters as for `sent`.

        Raises
        ------
        FunctionError, NonFiniteError
            If an activation fails, or a number is not finite; the message names the node.
        """
        found = self.sent(rows, sums, block)
        if not (np.isfinite(sums).all() and np.isfinite(found).all()):
            for kind, numbers in (("sum", sums), ("activated", found)):
                for place, sample in np.argwhere(~np.isfinite(numbers))[:1].tolist():
                    value, which = float(numbers[place, sample]), block.start + sample
                    raise not_finite(self.graph, int(rows[place]), kind, value, which)
        return found

    def activation(self, row: int) -> Activation | None:
        """Return the activation that a node had; None for inputs and bias nodes."""
        return self.graph.activations.get(self.graph.schedule.nodes[row])

    def _looked_up(self, rows: Indices) -> Indices:
        places = self._places[rows]
        if len(places) and places.min() < 0:
            for row in np.unique(rows[places < 0]).tolist():
                activation = self.activation(row)
                if activation not in self._activations:
                    self._activations.append(activation)
                self._places[row] = self._activations.index(activation)
            places = self._places[rows]
        return places

    def _alike(self, activation: Activation | None, rows: Indices, sums: Array) -> Array:
        """Return what nodes of one activation send."""
        if activation is None:
            return sums
        with np.errstate(all="ignore"):
            try:
                found = called(activation.function, (sums,), sums.shape, lambda: activation.label)
            except FunctionError:
                # One by one, the error says where.
                found = np.concatenate([self._of_one(row, activation, z) for row, z in zip(rows.tolist(), sums)])
        return found.astype(float, copy=False)

    def _of_one(self, row: int, activation: Activation, z: Array) -> Array:
        node: Node = self.graph.schedule.nodes[row]
        return called(activation.function, (z,), z.shape, lambda: f"{node} ({activation.label})")[None]


def not_finite(graph: DerivativeGraph, row: int, kind: str, value: float, sample: int) -> NonFiniteError:
    """Return the error that says which quantity of a node would leave the finite numbers."""
    quantity = Quantity("sum" if kind == "sum" else "activated", graph.schedule.nodes[row])
    return NonFiniteError(
        f"a path cannot be cut: without what comes along it, {quantity.name} would be {value} for sample {sample}."
    )

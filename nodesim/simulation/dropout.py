"""DROPOUT: hidden nodes that send nothing in a run, others more for it, so that the mean is what it was.

References
----------
Srivastava, N., G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov, "Dropout: A Simple Way to Prevent Neural
Networks from Overfitting" (Journal of Machine Learning Research 15, 2014); scaled while training, as PyTorch does it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.errors import ArgumentError
from nodesim.graph.structure import Structure
from nodesim.validation import finite, shortened


class Dropout:
    """With which probability each hidden node is dropped.

    Parameters
    ----------
    structure : Structure
        Its generator draws.
    dropout : float, or mapping from hidden node to float
        For all hidden nodes, or for some.

    Raises
    ------
    ArgumentError, UnknownNameError
        If a probability is not at least 0 and below 1, or a node is not a hidden one.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 1], seed=0)
    >>> mask = Dropout(net.structure, {"H1": 0.5}).mask(4)
    >>> mask[net.schedule.row_of[net["H1"]]].tolist(), mask[net.schedule.row_of[net["H2"]]].tolist()
    ([2.0, 2.0, 0.0, 2.0], [1.0, 1.0, 1.0, 1.0])
    """

    def __init__(self, structure: Structure, dropout: Any) -> None:
        self._structure = structure
        self._probability = _probabilities(structure, dropout)

    @contextmanager
    def drawn_back(self) -> Iterator[None]:
        """Let the generator be as if nothing had been drawn, where what was drawn for fails."""
        generator = self._structure.generator
        before = generator.bit_generator.state
        try:
            yield
        except BaseException:
            generator.bit_generator.state = before
            raise

    def mask(self, n_samples: int) -> Array:
        """Draw for each sample which nodes are dropped.

        Parameters
        ----------
        n_samples : int

        Returns
        -------
        ndarray of shape (n_rows, n_samples)
            By what HA is multiplied: 0 where it is dropped, 1 / (1 - p) where it might have been, else 1.
        """
        rows, dropped = self.rows, self.probabilities[:, None]
        mask = np.ones((self._structure.schedule.n_rows, n_samples))
        drawn = self._structure.generator.random((len(rows), n_samples))
        mask[rows] = np.where(drawn < dropped, 0.0, 1.0 / (1.0 - dropped))
        return mask

    @property
    def rows(self) -> Indices:
        """The rows of the nodes that may be dropped, as the schedule has them now."""
        row_of = self._structure.schedule.row_of
        return np.array([row_of[node] for node in self._probability], dtype=np.intp)

    @property
    def probabilities(self) -> Array:
        """With which each of them is, shape (n_rows,)."""
        return np.array(list(self._probability.values()))


def _probabilities(structure: Structure, dropout: Any) -> dict[Any, float]:
    if not isinstance(dropout, Mapping):
        probability = _checked(dropout, "dropout")
        return {node: probability for node in structure.schedule.nodes if node.kind == "hidden"}
    found = {}
    for key, value in dropout.items():
        node = structure.node(key)
        if node.kind != "hidden":
            raise ArgumentError(f"dropout drops hidden nodes; {node.name} is of the kind {node.kind}.")
        if node in found:
            raise ArgumentError(f"dropout has two probabilities for {node.name}; give one.")
        found[node] = _checked(value, f"dropout of {node.name}")
    return found


def _checked(value: Any, who: str) -> float:
    probability = finite(value, who)
    if not 0.0 <= probability < 1.0:
        raise ArgumentError(f"{who} must be at least 0 and below 1, got {shortened(value)}.")
    return probability

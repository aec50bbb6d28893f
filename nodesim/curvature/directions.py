"""Weights by name, as directions in the space of all weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.curvature.meetings import Direction
from nodesim.errors import ArgumentTypeError, DataError
from nodesim.gradients.derivative_graph import DerivativeGraph
from nodesim.graph.structure import Structure
from nodesim.graph.ties import Tie
from nodesim.validation import finite, numbers, shortened


class Directions:
    """Finds weights of a run.

    Parameters
    ----------
    structure : Structure
        Where names are looked up.
    graph : DerivativeGraph
        Of the run.
    """

    def __init__(self, structure: Structure, graph: DerivativeGraph) -> None:
        self._structure, self._graph = structure, graph

    @property
    def n_weights(self) -> int:
        """How many weights there are."""
        return len(self._graph.schedule.slots)

    def of(self, weight: Any) -> Direction:
        """Return the direction of a weight: of a tie all its uses move.

        Parameters
        ----------
        weight : str, Connection or Tie

        Raises
        ------
        UnknownNameError, StaleElementError, ArgumentTypeError
            If it is none of this run.
        """
        along, tie = np.zeros(self.n_weights), self._tie(weight)
        if tie is None:
            uses, name = [self._structure.connection(weight)], ""
        else:
            uses, name = list(tie.uses), tie.name
        along[[self._graph.index(use) for use in uses]] = 1.0
        return Direction(name or uses[0].name, along)

    def _tie(self, weight: Any) -> Tie | None:
        name = weight.name if isinstance(weight, Tie) else weight
        found: Any = self._structure[name] if isinstance(name, str) and name in self._structure else None
        return found if isinstance(found, Tie) else None

    def vector(self, v: Any) -> Array:
        """Return a vector of all weights.

        Parameters
        ----------
        v : array_like of shape (n_weights,), or mapping
            In connection order; or numbers by weights, those of all others being 0.

        Raises
        ------
        DataError
            If it has another shape, or numbers that are not finite.
        UnknownNameError, StaleElementError, ArgumentTypeError, ArgumentError
            If there is no such weight, or what stands for it is no number.
        """
        if isinstance(v, Mapping):
            found = np.zeros(self.n_weights)
            for weight, part in v.items():
                found += finite(part, f"v[{shortened(str(weight))}]") * self.of(weight).along
            return found
        if isinstance(v, str | bytes):
            raise ArgumentTypeError(f"v must be numbers in connection order, or a dict of them, got {shortened(v)}.")
        found = numbers(v, "v")
        if found.shape != (self.n_weights,):
            raise DataError(
                f"v has the shape {found.shape}; it needs one number for each of the {self.n_weights:,} connections, "
                "in connection order, or names and numbers as in {'W1': 1.0}."
            )
        if not np.isfinite(found).all():
            raise DataError("v has numbers that are not finite.")
        return found

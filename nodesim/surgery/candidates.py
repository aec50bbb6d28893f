"""Which weights of a network may be pruned, and which stay out of it."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Array, Indices, Mask
from nodesim.graph.schedule import Schedule
from nodesim.graph.structure import Structure
from nodesim.notation.symbols import plural


class Candidates:
    """The trainable weights of a structure, and which of them may go.

    A tied weight is one weight, with all its uses. Frozen connections stay. Those of bias nodes stay out of it unless
    they are asked for. So do connections into nodes that are no sums: what is no part of a sum is not missed like a 0.

    Parameters
    ----------
    structure : Structure
    biases : bool
        Whether connections of bias nodes may go as well.

    Attributes
    ----------
    schedule : Schedule
    weights : ndarray of shape (n_connections,)
        In connection order.
    uses : list of ndarray of int
        For each weight that is trained the connections that it has, by their numbers in connection order.
    may_go : ndarray of bool, shape (n_uses,)
        For each of these, whether it may go.
    """

    def __init__(self, structure: Structure, biases: bool) -> None:
        schedule = structure.schedule
        self.schedule: Schedule = schedule
        self.weights: Array = structure.store.weights[schedule.slots].astype(float)
        trainable: Mask = structure.store.trainable[schedule.slots].astype(bool)
        # A tied weight is one weight, and goes with all its uses or stays with all of them.
        tied = [schedule.indices[list(numbers)] for numbers in schedule.ties]
        further = np.zeros(len(trainable), bool)
        further[[place for own in tied for place in own[1:].tolist()]] = True
        of_first = {int(own[0]): own for own in tied}
        firsts = np.flatnonzero(trainable & ~further).tolist()
        self.uses: list[Indices] = [of_first.get(place, np.array([place])) for place in firsts]
        is_bias = np.zeros(schedule.n_rows, bool)
        is_bias[schedule.bias_rows] = not biases
        self._out, self._joins = is_bias[schedule.sources], schedule.joins[schedule.targets]
        out = self._out | self._joins
        self.may_go: NDArray[np.bool_] = np.array([not out[own].any() for own in self.uses], dtype=bool)

    @cached_property
    def places(self) -> Indices:
        """The places of those that may go, among `uses`."""
        return np.flatnonzero(self.may_go)

    def summed(self, by_connection: Array) -> Array:
        """Return for each weight the sum over its connections."""
        return np.array([by_connection[own].sum() for own in self.uses], dtype=float)

    def going(self, keep: float) -> int:
        """Return how many of those that may go will go, so that the given part of them stays."""
        return len(self.places) - round(keep * len(self.places))

    @property
    def notes(self) -> list[str]:
        """What stays out of it, in sentences."""
        trained = np.zeros(len(self._out), bool)
        for own in self.uses:
            trained[own] = True
        told = (
            (self._out & trained, "of bias nodes stay out of it (biases=True lets them go as well)"),
            (
                self._joins & trained & ~self._out,
                "into nodes that are no sums stay: nothing there is missed like a 0",
            ),
            (~trained, "frozen stay"),
        )
        counts = ((int(mask.sum()), words) for mask, words in told)
        return [f"{plural(count, 'connection')} {words}." for count, words in counts if count]

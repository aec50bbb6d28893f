"""Where a training stopped, so that another one can go on there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from nodesim._arrays import Array, read_only
from nodesim.errors import StateError
from nodesim.functions.contracts import Optimizer, State
from nodesim.graph.schedule import Schedule
from nodesim.graph.structure import Structure
from nodesim.simulation.optimizer_state import OptimizerState


@dataclass(frozen=True, eq=False)
class KeptTraining:
    """What a training has to know of the one before it, besides the weights and the generator.

    Attributes
    ----------
    version : int
        That of the structure.
    optimizer : Optimizer or None
        None if it could not be saved, or read.
    state : mapping
        What it remembers; arrays have a number for each connection, in connection order.
    rate : float
        The learning rate of the next epoch.
    epochs : int
        How many were done.
    search : mapping of str to float
        What a search for the learning rate has found out.
    replaced : str or None
        The learning rate or schedule that was asked for, where a callback has set another rate in its place.
    """

    version: int
    optimizer: Optimizer | None
    state: State
    rate: float
    epochs: int
    search: Mapping[str, float]
    replaced: str | None = None

    @classmethod
    def of(
        cls, structure: Structure, schedule: Schedule, state: OptimizerState, rate: float, **more: Any
    ) -> KeptTraining:
        """Return where a training stands whose weights are in the order of a schedule."""
        kept = state.moved(lambda numbers: read_only(numbers[schedule.slots])).state
        return cls(structure.store.structure_version, state.optimizer, MappingProxyType(kept), rate, **more)

    def optimizer_state(self, structure: Structure, optimizer: Optimizer, weights: Array) -> OptimizerState:
        """Return the state with which an optimizer goes on.

        Raises
        ------
        StateError
            If it is that of another optimizer, or of another structure, or was lost.
        """
        if self.optimizer is None:
            raise StateError(
                "resume: the optimizer's state could not be saved or read with the network: the network was edited "
                "since it was trained, what the optimizer remembers is no plain data, or it is not registered. Leave "
                "resume out to begin afresh."
            )
        if self.optimizer != optimizer:
            raise StateError(
                f"resume: the training before was by {self.optimizer.label}, which remembers other things than "
                f"{optimizer.label}. Give the same optimizer, or leave resume out to begin afresh."
            )
        if self.version != structure.store.structure_version:
            raise StateError(
                "resume: the network was edited since it was trained, and what the optimizer remembers is of "
                "other connections. Leave resume out to begin afresh."
            )
        found = OptimizerState(optimizer, weights, self.rate, structure.describe_slot)
        found.state = self.state

        def by_slot(numbers: Array) -> Array:
            moved = np.zeros(len(weights), numbers.dtype)
            moved[structure.schedule.slots] = numbers
            return moved

        return found.moved(by_slot)

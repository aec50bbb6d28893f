"""The networks of nodesim's own estimators."""

from __future__ import annotations

from typing import Any

import numpy as np

from nodesim.errors import ExchangeError
from nodesim.exchange.blueprint import Blueprint, Origins
from nodesim.graph.elements import Bias
from nodesim.simulation.simulator import Simulator

_HOME = "nodesim.sklearn"
_WEIGHTS = "network_.weights"


def is_own(estimator: Any) -> bool:
    """Tell whether an estimator is one of `nodesim.sklearn`, or made of one, without importing these."""
    return any(f"{kind.__module__}.".startswith(f"{_HOME}.") for kind in type(estimator).__mro__)


def blueprint_of(estimator: Any) -> Blueprint:
    """Return what the network of a fitted estimator of nodesim is made of.

    Raises
    ------
    ExchangeError
        If it is not fitted.
    """
    if not hasattr(estimator, "network_"):
        raise ExchangeError(f"{type(estimator).__name__} is not fitted: it has no network_ yet. Call its fit first.")
    return _copied(estimator.network_.simulator)


def _copied(simulator: Simulator) -> Blueprint:
    structure = simulator.structure
    schedule, store = structure.schedule, structure.store
    count = len(schedule.numbers)
    named = structure.links.named.items()
    return Blueprint(
        names=tuple(node.name for node in structure.nodes),
        kinds=tuple(node.kind for node in structure.nodes),
        given=tuple(node.value if isinstance(node, Bias) else node.activation for node in structure.nodes),
        positions=tuple(structure.order[node] for node in structure.nodes),
        sources=schedule.sources.copy(),
        targets=schedule.targets.copy(),
        weights=store.weights[schedule.slots].astype(np.float64),
        frozen=~store.trainable[schedule.slots],
        loss=simulator.loss,
        origins=Origins((_WEIGHTS,), np.zeros(count, dtype=np.intp), np.arange(count), np.ones(count)),
        labels={schedule.index_of_number(number): name for name, number in named},
        classes=simulator.classes,
        dtype=structure.dtype,
    )

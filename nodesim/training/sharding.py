"""Whether a training calculates its batches in shards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodesim.simulation.simulator import Simulator
from nodesim.training.plan import Plan
from nodesim.training.training_data import TrainingData

if TYPE_CHECKING:
    from nodesim.parallel import ShardedGradients


def sharded(simulator: Simulator, data: TrainingData, plan: Plan) -> ShardedGradients | None:
    """Return what calculates batches in shards, or None where nobody asked for that."""
    if plan.n_jobs is None and plan.client is None:
        return None
    # Loaded when somebody asks for it.
    from nodesim.parallel import ShardedGradients

    return ShardedGradients(simulator, data.inputs, data.targets, n_jobs=plan.n_jobs, client=plan.client)

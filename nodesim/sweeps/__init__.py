"""Many trainings in one call: a grid of networks, seeds and parameters, side by side where that is possible."""

from nodesim.sweeps.running import sweep
from nodesim.sweeps.table import Sweep
from nodesim.sweeps.trial import Trial

__all__ = ["Sweep", "Trial", "sweep"]

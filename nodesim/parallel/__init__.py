"""One step of a training in several processes, on this machine or on many: the same bits, however many there are."""

from nodesim.parallel.gradients import Mean, ShardedGradients

__all__ = ["Mean", "ShardedGradients"]

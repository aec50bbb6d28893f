"""The native form of the compiled engine, as one module: runs, forward, backward and training."""

from nodesim.engines.native.engine import Run, backward, forward
from nodesim.engines.native.trainer import trainer

__all__ = ["Run", "backward", "forward", "trainer"]

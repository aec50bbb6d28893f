"""The native form of the compiled engine, as one module: runs, forward, backward and training.

Its words, and which file does what, are in the README beside this file.
"""

from nodesim.engines.native.engine import backward, forward
from nodesim.engines.native.lane_training import lanes
from nodesim.engines.native.one_sample import one_sample
from nodesim.engines.native.runs import NativeRun
from nodesim.engines.native.trainer import trainer

# Engines are modules; each has its kind of run under this name.
Run = NativeRun

__all__ = ["NativeRun", "Run", "backward", "forward", "lanes", "one_sample", "trainer"]

"""Early stopping inside a kernel: the rule of `nodesim.engines.early_stopping`, compiled as it stands there."""

from nodesim.engines import early_stopping
from nodesim.engines.native.jit import inlined

stops = inlined(early_stopping.stops)

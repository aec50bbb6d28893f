"""Functions that plug in: activations, losses and all the others, and how they are called and checked."""

from nodesim._arrays import Array
from nodesim.functions.aggregation import Aggregation
from nodesim.functions.contracts import Activation, Initializer, Loss, Optimizer, State
from nodesim.functions.function import Function
from nodesim.functions.guard import quiet
from nodesim.functions.regularizer import Regularizer
from nodesim.functions.schedule import LearningRateSchedule

__all__ = [
    "Activation",
    "Aggregation",
    "Array",
    "Function",
    "Initializer",
    "LearningRateSchedule",
    "Loss",
    "Optimizer",
    "Regularizer",
    "State",
    "quiet",
]

"""Functions that plug in: activations, losses, optimizers and initializers, and how they are called and checked."""

from nodesim._arrays import Array
from nodesim.functions.contracts import Activation, Function, Initializer, Loss, Optimizer, State
from nodesim.functions.guard import quiet

__all__ = ["Activation", "Array", "Function", "Initializer", "Loss", "Optimizer", "State", "quiet"]

"""What a proof of exchange asks of another program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from nodesim._arrays import Array
from nodesim.exchange.blueprint import Blueprint
from nodesim.functions.contracts import Loss

# What rounding explains, in parts of a scale.
DOUBLE, SINGLE = 1e-12, 1e-4


@dataclass(frozen=True)
class Allowed:
    """How far a program may be away from a network.

    Attributes
    ----------
    outputs, gradients : float
        In parts of their scale: 1e-12 for doubles, 1e-4 in single precision.
    remarks : tuple of str
        What it does otherwise than nodesim, by its own rounding or at its limits, and how it runs as it was given.
    """

    outputs: float = DOUBLE
    gradients: float = DOUBLE
    remarks: tuple[str, ...] = ()


class Program(Protocol):
    """Another program with a network of its own, that can be run with other weights.

    Attributes
    ----------
    name : str
        With its version: "onnxruntime 1.32.0".
    blueprint : Blueprint
        What its network reads as.
    softmax : bool
        Whether it ends with a softmax that the network leaves to its loss: then outputs are compared with
        `nodesim.Network.predict_proba`.
    """

    name: str
    blueprint: Blueprint
    softmax: bool

    def allowed(self, inputs: Array) -> Allowed:
        """Say how far it may be away for these inputs, of shape (n_samples, n_inputs), and why."""

    def outputs(self, inputs: Array, weights: Array) -> Array:
        """Run it.

        Parameters
        ----------
        inputs : ndarray of shape (n_samples, n_inputs)
        weights : ndarray of shape (n_connections,)
            Those of the blueprint, or changed ones; it takes them by the blueprint's origins.

        Returns
        -------
        ndarray of shape (n_samples, n_outputs)
        """

    def judged(self, inputs: Array, targets: Array, loss: Loss) -> tuple[float, Array] | None:
        """Return e and its gradient by each of the blueprint's weights, as the program itself calculates them.

        None where it cannot: then e is made of its outputs, and the gradients are differences of that.
        """

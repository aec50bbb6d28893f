"""Another program's numbers: its outputs, e, and gradients, by its own backpropagation or by differences."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.checks.programs.program import Allowed, Program
from nodesim.checks.shared_weights import uses_by_index
from nodesim.errors import ExchangeError, NodesimError
from nodesim.functions import stencils
from nodesim.functions.contracts import Loss
from nodesim.functions.guard import called
from nodesim.functions.interruptions import is_interruption
from nodesim.plugins import lookup
from nodesim.validation import brief

T = TypeVar("T")

# Differences take dozens of runs a weight: of networks with more weights, some are chosen.
MOST_DIFFERENCED, CHOSEN = 200, 50
SOFTMAX = "softmax_cross_entropy"


@dataclass(frozen=True)
class Gradients:
    """Gradients of the other program.

    Attributes
    ----------
    error : float
        Its e.
    places : ndarray of int
        Which of the blueprint's connections were looked at.
    values, unsure : ndarray
        Their gradients, and how far these may be away from what the program calculates.
    way : str
    differenced : bool
    """

    error: float
    places: Indices
    values: Array
    unsure: Array
    way: str
    differenced: bool


class OtherProgram:
    """A program with some samples, and what it says of them.

    Parameters
    ----------
    program : Program
    loss : Loss
        That of the network.
    inputs : ndarray of shape (n_samples, n_inputs)
    ulp : float
        How large one rounding of its numbers is, in parts of them.
    """

    def __init__(self, program: Program, loss: Loss, inputs: Array, ulp: float = 2.0**-52) -> None:
        self.ulp = ulp
        self.program = program
        self.loss = loss
        self.inputs = inputs
        self._uses = uses_by_index(program.blueprint.ties)

    def allowed(self) -> Allowed:
        """Ask how far it may be away."""
        return self._asked(self.program.allowed, self.inputs.copy())

    def outputs(self, weights: Array | None = None) -> Array:
        """Run it, by default with its own weights; of shape (n_samples, n_outputs)."""
        program = self.program
        weights = np.array(program.blueprint.weights if weights is None else weights, dtype=float)
        found = np.asarray(self._asked(program.outputs, self.inputs.copy(), weights), dtype=float)
        shape = len(self.inputs), program.blueprint.kinds.count("output")
        if found.shape != shape:
            raise ExchangeError(f"{program.name} returned outputs of shape {found.shape}, where {shape} is expected.")
        return found

    def gradients(self, targets: Array, outputs: Array, places: Indices, scale: Array) -> Gradients:
        """Return e and gradients of some connections.

        Parameters
        ----------
        targets, outputs : ndarray of shape (n_samples, n_outputs)
            Outputs are those for these inputs.
        places : ndarray of int
            Which connections of the blueprint.
        scale : ndarray of shape (n_samples, n_outputs)
            By how many times 1e-16 rounding within the network may move what the loss gets.
        """
        given = self.inputs.copy(), targets.copy(), self.loss
        found = self._asked(self.program.judged, *given) if _is_registered(self.loss) else None
        if found is not None:
            error, every = found
            values = np.asarray(every, dtype=float)[places]
            return Gradients(float(error), places, values, np.zeros(len(places)), "its own backpropagation", False)
        chosen = _chosen(places)
        noise = self._rounding(targets, outputs, scale)
        both = [self._differenced(targets, index, noise) for index in chosen.tolist()]
        values, unsure = np.array(both, dtype=float).reshape(-1, 2).T
        error = float(self._errors(targets, outputs).mean())
        return Gradients(error, chosen, values, unsure, "differences of its outputs", True)

    def _differenced(self, targets: Array, index: int, noise: Array) -> tuple[float, float]:
        weights = np.array(self.program.blueprint.weights, dtype=float)
        # The number of a tied weight is the same one in all its uses.
        uses, at = self._uses.get(index, [index]), float(weights[index])

        def errors(weight: float) -> Array:
            weights[uses] = weight
            return self._errors(targets, self.outputs(weights))

        # Powers of 2, so that what is added to a weight is what was meant to be.
        slope, unsure = stencils.slopes(errors, at, 2.0 ** math.ceil(math.log2(max(1.0, abs(at)))), noise)
        return float(slope.mean()), float(unsure.mean())

    def _rounding(self, targets: Array, outputs: Array, scale: Array) -> Array:
        """Return how large one rounding is, of its outputs and of all that they are made of, in each sample's error."""
        with np.errstate(all="ignore"):
            found = np.log(outputs.T) if self.program.softmax else outputs.T
            steep = np.abs(self.loss.derivative(targets.T, found))
            moved = np.nan_to_num((steep * scale.T).sum(axis=0))
            noise: Array = self.ulp * (moved + np.abs(self._errors(targets, outputs)))
        return noise

    def _errors(self, targets: Array, outputs: Array) -> Array:
        """Return the error of each sample by the network's loss."""
        with np.errstate(all="ignore"):
            # Up to a constant, which this loss does not see, logarithms of probabilities are the sums of a softmax.
            found = np.log(outputs.T) if self.program.softmax else outputs.T
            return called(self.loss.function, (targets.T, found), (len(outputs),), lambda: self.loss.label)

    def _asked(self, call: Callable[..., T], *arguments: Any) -> T:
        try:
            with np.errstate(all="ignore"):
                return call(*arguments)
        except NodesimError:
            raise
        except Exception as error:
            if is_interruption(error):
                raise
            raise ExchangeError(
                f"{self.program.name} failed: {brief(f'{type(error).__name__}: {error}', 300)}"
            ) from error


def _is_registered(loss: Loss) -> bool:
    """Tell whether a loss is what it is called: one of a user's own may have the name of one that programs know."""
    try:
        return loss == lookup.loss({"name": loss.name, "parameters": dict(loss.parameters)})
    except NodesimError:
        return False


def _chosen(places: Indices) -> Indices:
    if len(places) <= MOST_DIFFERENCED:
        return places
    return np.sort(np.random.default_rng(0).choice(places, CHOSEN, replace=False))

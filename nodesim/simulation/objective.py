"""The error e of a run, and its derivative where it enters the network.

References
----------
Article, section 3, step 2 (the error) and section 4 (∂e/∂OA).
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import ArgumentError, FunctionError, NonFiniteError
from nodesim.functions.contracts import Loss
from nodesim.functions.guard import called
from nodesim.functions.interruptions import is_interruption
from nodesim.functions.shapes import wrong_shape
from nodesim.graph.elements import Node
from nodesim.graph.run import OutputGradient, Run
from nodesim.graph.schedule import Schedule


def check_outputs(loss: Loss, outputs: Sequence[Node]) -> None:
    """Raise a `FunctionError` if the loss needs more or other outputs, or sums over the samples instead of them."""
    if len(outputs) < loss.least_outputs:
        raise FunctionError(
            f"loss {loss.name!r} needs at least {loss.least_outputs} outputs, one for each class; the network has "
            f"{len(outputs)}. For two classes and one output use 'binary_cross_entropy' with a sigmoid output."
        )
    if len(outputs) > 1:
        _check_axis(loss, len(outputs))
    for node in outputs if loss.outputs is not None else ():
        assert node.activation is not None
        if node.activation.name != loss.outputs:
            raise FunctionError(
                f"loss {loss.name!r} needs {loss.outputs} outputs, but {node.name} is {node.activation}. "
                f"Set {node.name}.activation = {loss.outputs!r}, or choose another loss."
            )


@functools.lru_cache(maxsize=1000)
def _check_axis(loss: Loss, n_outputs: int) -> None:
    """Try a loss with more samples than outputs: where there are as many, no shape tells which of them it summed."""
    halves = np.full((n_outputs, n_outputs + 1), 0.5)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            found = np.shape((loss.function if loss.sum_function is None else loss.sum_function)(halves, halves.copy()))
    except Exception as error:
        if is_interruption(error):
            raise
        # Whatever else it raises for numbers that nobody has given it may be right; with those of a run it is heard.
        return
    if found == (n_outputs,):
        raise FunctionError(f"{loss.label} returns {wrong_shape(found, halves.shape, halves.shape[1:])}.")


def classes(outputs: Array) -> Any:
    """Return class numbers: the largest of several outputs, or 1 where a single one is above one half.

    Parameters
    ----------
    outputs : ndarray of shape (n_outputs, ...)

    Examples
    --------
    >>> import numpy as np
    >>> classes(np.array([[0.2, 0.9]])).tolist(), classes(np.array([[1.0], [3.0]])).tolist()
    ([0, 1], [1])
    """
    return outputs.argmax(axis=0) if len(outputs) > 1 else (outputs[0] > 0.5).astype(int)


def softmax(outputs: Array) -> Array:
    """Return the exponentials of outputs as parts of their sum over the last axis."""
    # The largest is taken away first, so that no exponential overflows; the parts are the same.
    exponentials: Array = np.exp(outputs - outputs.max(axis=-1, keepdims=True))
    shares: Array = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return shares


def score(targets: Array, outputs: Array, weights: Array | None = None, *, classifies: bool) -> float:
    """Return the accuracy where a network classifies, else R²; both of shape (n_outputs, n_samples), by their weights.

    Raises
    ------
    ArgumentError, NonFiniteError
        If R² is not defined, or not finite.
    """
    if weights is not None:
        # Only how they compare counts; sums and products of huge or tiny ones leave the numbers that there are.
        weights = weights / weights.max()
    if classifies:
        return float(np.average(classes(outputs) == classes(targets), weights=weights))
    return _determination(targets, outputs, np.ones(targets.shape[1]) if weights is None else weights)


def errors(loss: Loss, schedule: Schedule, target: Array, run: Run) -> Array:
    """Return the error of each sample, shape (n_samples,); reads value and activated of the outputs."""
    return errors_of(loss, target, _outputs(schedule, run, loss.sum_function is not None))


def errors_of(loss: Loss, target: Array, outputs: Array) -> Array:
    """Return the error of each sample, shape (n_samples,), of OA, or of O where the loss has a `sum_function`."""
    call = loss.function if loss.sum_function is None else loss.sum_function
    return called(call, (target, outputs), outputs.shape[1:], lambda: loss.label)


def output_gradient(loss: Loss, schedule: Schedule, target: Array, run: Run) -> OutputGradient:
    """Return ∂e/∂OA (or ∂e/∂O) of each output and sample; reads value and activated of the outputs."""
    of_sums = loss.sum_derivative is not None
    return OutputGradient(gradients_of(loss, target, _outputs(schedule, run, of_sums)), of_sums=of_sums)


def gradients_of(loss: Loss, target: Array, outputs: Array) -> Array:
    """Return ∂e/∂OA, shape (n_outputs, n_samples), or ∂e/∂O, and by O, where the loss has a `sum_derivative`."""
    call = loss.derivative if loss.sum_derivative is None else loss.sum_derivative
    return called(call, (target, outputs), outputs.shape, lambda: f"the derivative of {loss.label}")


def _outputs(schedule: Schedule, run: Run, of_sums: bool) -> Array:
    return run.rows("value" if of_sums else "activated", schedule.output_rows)


def _determination(targets: Array, outputs: Array, weights: Array) -> float:
    with np.errstate(all="ignore"):
        middle = np.average(targets, axis=1, weights=weights)[:, None]
        spread = (weights * (targets - middle) ** 2).sum(axis=1)
        missed = (weights * (targets - outputs) ** 2).sum(axis=1)
        score = float((1.0 - missed / spread).mean())
    if not spread.all():
        raise ArgumentError("score needs targets that vary: R² is not defined for a constant output.")
    if not np.isfinite(score):
        raise NonFiniteError("score: the squares of these targets or outputs leave the finite numbers.")
    return score

"""What genomes are judged by: samples, as arrays with one column for each, and what they say of inputs and outputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import DataError
from nodesim.functions.contracts import Loss
from nodesim.network import Network
from nodesim.simulation.data_set import NamedSamples
from nodesim.simulation.named_columns import named
from nodesim.validation import shortened


@dataclass(frozen=True)
class Samples:
    """Inputs and targets.

    Attributes
    ----------
    inputs, targets : ndarray of shape (n, n_samples)
    classes : tuple, optional
        What the outputs stand for.
    """

    inputs: Array
    targets: Array
    classes: tuple[str | int | bool, ...] | None


def samples(x: Any, y: Any, loss: Loss, counts: tuple[int | None, int | None]) -> Samples:
    """Check samples; `counts` says of how many inputs and outputs, where that is given.

    Raises
    ------
    DataError, ArgumentError
        As `Network.fit` does.
    """
    columns = _columns(x)
    n_inputs, n_outputs = counts
    stand_in = Network(loss=loss)
    taken = columns if columns is not None and n_inputs in (None, len(columns)) else [None] * (n_inputs or 0)
    for index in range(len(taken) or _width(x)):
        stand_in.add_input(taken[index] if taken else None)
    for _ in range(n_outputs or _outputs(x, y, loss)):
        stand_in.add_output(activation=loss.outputs or "linear")
        stand_in.connect(stand_in.inputs[0], stand_in.outputs[-1])
    simulator = stand_in.simulator
    simulator.learn_classes(x, y)
    inputs, targets, _ = simulator.pairs(x, y)
    return Samples(np.array(inputs), np.array(targets), stand_in.classes)


def _columns(x: Any) -> list[Any] | None:
    """Return what the columns of inputs are called, where they have names."""
    if isinstance(x, NamedSamples):
        return list(x.features)
    given = named(x, "X")
    names = None if given is None else list(given)
    if names is not None and not all(isinstance(name, str) for name in names):
        raise DataError(f"the columns of X have names that are texts, got {shortened(names)}.")
    return names


def _width(x: Any) -> int:
    shape = np.shape(x)
    if len(shape) != 2 or not shape[1]:
        raise DataError(f"X must have shape (n_samples, n_inputs), with one input at least; got shape {shape}.")
    return int(shape[1])


def _outputs(x: Any, y: Any, loss: Loss) -> int:
    """Return how many outputs targets are for; of classes, one for each, or one for two where the loss has it so."""
    if isinstance(x, NamedSamples):
        return _of_classes(len(x.classes), loss) if x.classes else len(x.targets)
    columns = None if y is None else named(y, "y")
    if columns is not None:
        return len(columns)
    array = np.asarray(y)
    if array.ndim == 2:
        return int(array.shape[1])
    labels = array.dtype.kind not in "fiu"
    if array.ndim == 1 and (loss.least_outputs > 1 or (labels and array.dtype.kind != "b")):
        return _of_classes(len(set(array.tolist())), loss)
    return 1


def _of_classes(count: int, loss: Loss) -> int:
    return 1 if count == 2 and loss.least_outputs == 1 else max(count, 1)

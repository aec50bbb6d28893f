"""Feeding forward with several variants of weights at once: as they are, without biases, transposed, updated."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nodesim._arrays import Array, Indices, Mask
from nodesim.errors import NodesimError
from nodesim.functions.contracts import Loss
from nodesim.functions.guard import called
from nodesim.graph.schedule import Schedule
from nodesim.mistakes.levels import Level, levels_of, summed

# ∂HA/∂H as it is; left out, which is 1; at HA instead of H; from H where a formula of HA, as 1 − HA², has HA.
RIGHT, LEFT_OUT, AT_HA, FROM_H = range(4)

# Slopes in terms of HA, calculated in the very terms: what an activation calculates besides guards against rounding.
_OF_ACTIVATED: dict[str | None, Callable[[Array], Array]] = {
    "a * (1 - a)": lambda a: a * (1.0 - a),
    "1 - a ** 2": lambda a: 1.0 - a * a,
}


@dataclass(frozen=True, slots=True)
class Passes:
    """What some variants make of the same samples, feeding forward.

    Attributes
    ----------
    value, activated : ndarray of shape (n_variants, n_rows, n_samples)
    slopes : ndarray of shape (4, n_variants, n_rows, n_samples)
        By `RIGHT`, `LEFT_OUT`, `AT_HA` and `FROM_H`.
    """

    value: Array
    activated: Array
    slopes: Array


class Sheet:
    """What all variants of one calculation share: a network, samples, desired outputs.

    Parameters
    ----------
    schedule : Schedule
    loss : Loss
    weights : ndarray of shape (n_connections,)
        In connection order.
    trainable : ndarray of bool, shape (n_connections,)
    inputs : ndarray of shape (n_inputs, n_samples)
    targets : ndarray of shape (n_outputs, n_samples)
    rate : float
        The learning rate.

    Attributes
    ----------
    levels : list of Level
    sources, targets_of : ndarray of shape (n_connections,)
        The rows of the two ends of each connection.
    """

    def __init__(
        self, schedule: Schedule, loss: Loss, weights: Array, trainable: Array, inputs: Array, targets: Array,
        rate: float,
    ) -> None:  # fmt: skip
        self.schedule = schedule
        self.loss = loss
        self.weights, self.trainable = weights, trainable
        self.inputs, self.targets = inputs, targets
        self.rate = rate
        self.levels: list[Level] = levels_of(schedule)
        self.sources, self.targets_of = schedule.sources, schedule.targets

    @property
    def n_rows(self) -> int:
        """How many nodes there are."""
        return self.schedule.n_rows

    @property
    def n_samples(self) -> int:
        """How many samples there are."""
        return int(self.inputs.shape[1])

    def with_weights(self, weights: Array) -> Sheet:
        """Return the same with other weights."""
        twin = copy.copy(self)
        twin.weights = weights
        return twin

    def of_sample(self, sample: int) -> Sheet:
        """Return the same for one of the samples."""
        twin = copy.copy(self)
        twin.inputs, twin.targets = self.inputs[:, [sample]], self.targets[:, [sample]]
        return twin

    def forward(self, weights: Array, *, slopes: bool = True) -> Passes:
        """Feed forward with some sets of weights, shape (n_variants, n_connections)."""
        shape = (len(weights), self.n_rows, self.n_samples)
        value, activated = np.zeros(shape), np.zeros(shape)
        found = np.ones((4, *shape)) if slopes else np.ones((4, 0, 0, 0))
        activated[:, self.schedule.input_rows] = self.inputs
        activated[:, self.schedule.bias_rows] = self.schedule.constants[:, None]
        for level in self.levels:
            terms = weights[:, level.incoming, None] * activated[:, self.sources[level.incoming]]
            sums = summed(terms, level.fed, level.fed_starts, len(level.rows))
            value[:, level.rows] = sums
            for activation, places in level.groups:
                z = sums[:, places]
                rows, who = level.rows[places], activation.label
                a = _called(activation.function, (z,), z.shape, who)
                activated[:, rows] = a
                if slopes:
                    found[RIGHT, :, rows] = _called(activation.derivative, (z, a), z.shape, who).swapaxes(0, 1)
                    again = _called(activation.function, (a,), z.shape, who)
                    at_ha = _called(activation.derivative, (a, again), z.shape, who)
                    found[AT_HA, :, rows] = at_ha.swapaxes(0, 1)
                    from_h = _OF_ACTIVATED.get(activation.derivative_formula)
                    slope = found[RIGHT, :, rows] if from_h is None else from_h(z).swapaxes(0, 1)
                    found[FROM_H, :, rows] = slope
        return Passes(value, activated, found)

    @cached_property
    def by_activated(self) -> Mask:
        """Of which nodes the slope is a formula of HA that people write: there H can stand in its place."""
        found = np.zeros(self.n_rows, dtype=bool)
        for level in self.levels:
            for activation, places in level.groups:
                found[level.rows[places]] = activation.derivative_formula in _OF_ACTIVATED
        return found

    def of_outputs(self, numbers: Array) -> Array:
        """Return numbers by row as a loss takes them, shape (n_outputs, n_variants · n_samples)."""
        return numbers[:, self.schedule.output_rows].swapaxes(0, 1).reshape(len(self.targets), -1)

    def errors(self, loss: Loss, passes: Passes) -> Array:
        """Return e by a loss, the mean over the samples, shape (n_variants,)."""
        exact = loss.sum_function
        outputs = self.of_outputs(passes.activated if exact is None else passes.value)
        count = len(passes.value)
        call = loss.function if exact is None else exact
        each = _called(call, (np.tile(self.targets, count), outputs), (count * self.n_samples,), loss.label)
        means: Array = each.reshape(count, self.n_samples).mean(axis=1)
        return means

    def entering(self, loss: Loss, passes: Passes, *, by_activated: bool = False) -> tuple[Array, bool]:
        """Return what enters from e, shape (n_variants, n_outputs, n_samples), and whether it is ∂e/∂O, not ∂e/∂OA."""
        of_sums = loss.sum_derivative is not None and not by_activated
        call = loss.sum_derivative if of_sums else loss.derivative
        assert call is not None
        outputs = self.of_outputs(passes.value if of_sums else passes.activated)
        given = (np.tile(self.targets, len(passes.value)), outputs)
        found = _called(call, given, outputs.shape, loss.label)
        return found.reshape(len(self.targets), len(passes.value), -1).swapaxes(0, 1), of_sums


def _called(call: object, given: tuple[Array, ...], shape: tuple[int, ...], who: str) -> Array:
    """Call a function of a node or a loss; what fails on numbers that only a mistake leads to, is no number."""
    assert callable(call)
    try:
        return called(call, given, shape, lambda: who).astype(float, copy=False)
    except NodesimError:
        return np.full(shape, np.nan)


def updated(sheet: Sheet, gradients: Array, steps: Array, chosen: Indices | slice = slice(None)) -> Array:
    """Return weights after an update, shape (k, n_chosen), by gradients and multiples of the learning rate."""
    before = sheet.weights[chosen]
    moved: Array = np.where(sheet.trainable[chosen], before - sheet.rate * steps * gradients, before)
    return moved

"""Native forms called with arrays from Python, one by one: to hold them against the functions that they stand for."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.engines.native.aggregations import AggregationKernel
from nodesim.engines.native.builtin import activation_kernel, aggregation_kernel, loss_kernel, step_form
from nodesim.engines.native.function_pointers import call_derivative
from nodesim.engines.native.interpreter import Calls
from nodesim.engines.native.jit import kernel
from nodesim.engines.native.optimizers import rule, step
from nodesim.engines.native.scalar_math import LAST_CODE, OTHER, activated
from nodesim.engines.native.vectors import LANES
from nodesim.functions.aggregation import Aggregation
from nodesim.functions.contracts import Activation, Loss, Optimizer, State

_DOUBLES = ctypes.POINTER(ctypes.c_double)
# As `nodesim.engines.native.function_pointers` has them.
_ROW, _SIZE = ctypes.c_void_p, ctypes.c_ssize_t
_FUNCTION = ctypes.CFUNCTYPE(None, _ROW, *[_DOUBLES] * 2, _SIZE)
_DERIVATIVE = ctypes.CFUNCTYPE(None, _ROW, *[_DOUBLES] * 3, _SIZE)
_AGGREGATION = ctypes.CFUNCTYPE(None, _ROW, *[_DOUBLES] * 2, _SIZE, _SIZE)
_HANDING = ctypes.CFUNCTYPE(None, _ROW, *[_DOUBLES] * 4, _SIZE, _SIZE)
_LOSS = ctypes.CFUNCTYPE(None, _ROW, *[_DOUBLES] * 4, _SIZE, _SIZE)


def activation_forms(activation: Activation, z: Array) -> dict[str, tuple[Array, Array]]:
    """Return activated values and derivatives at z by each native form: of batches, and of online training.

    Parameters
    ----------
    activation : Activation
    z : ndarray of shape (n,)

    Returns
    -------
    dict of str to (ndarray, ndarray)
        "batch", and "online" if there is one.
    """
    form = activation_kernel(activation)
    z = np.ascontiguousarray(z, dtype=float)
    a, slope = np.empty_like(z), np.empty_like(z)
    calls = Calls([form.called])
    row = form.row or calls.row(0)
    _FUNCTION(form.function)(row, _pointer(z), _pointer(a), len(z))
    _DERIVATIVE(form.derivative)(row, _pointer(z), _pointer(a), _pointer(slope), len(z))
    forms = {"batch": (a, slope)}
    if form.online != OTHER:
        forms["online"] = np.empty_like(z), np.empty_like(z)
        _one_by_one(form.online, row, z, *forms["online"])
    calls.raise_failure()
    return forms


@kernel
def _one_by_one(code: int, row: int, z: Any, a: Any, slope: Any) -> None:
    for i in range(len(z)):
        if code <= LAST_CODE:
            a[i], slope[i] = activated(code, z[i])
        else:
            call_derivative(code, row, z, i, a, i, slope, i, 1)


def aggregation_forms(aggregation: Aggregation, c: Array) -> list[tuple[Array, Array]]:
    """Return H and ∂H/∂c by the native form: sample by sample, and side by side.

    Parameters
    ----------
    aggregation : Aggregation
        One that has a native form, and is not the sum.
    c : ndarray of shape (n_contributions, n_samples)
        Of at most `LANES` samples.
    """
    form = aggregation_kernel(aggregation)
    assert form is not None
    n_samples = c.shape[1]
    side_by_side = np.zeros((len(c), LANES))
    side_by_side[:, :n_samples] = c
    h, partials = _aggregated(form, side_by_side)
    each = [_aggregated(form, own) for own in np.ascontiguousarray(c.T)[:, :, None]]
    one_by_one = (np.concatenate(parts, axis=-1) for parts in zip(*each))
    return [(next(one_by_one), next(one_by_one)), (h[:n_samples], partials[:, :n_samples])]


def _aggregated(form: AggregationKernel, c: Array) -> tuple[Array, Array]:
    h, ones, partials = np.empty(c.shape[1]), np.ones(c.shape[1]), np.empty_like(c)
    _AGGREGATION(form.function)(None, _pointer(c), _pointer(h), *c.shape)
    _HANDING(form.handing)(None, *map(_pointer, (c, h, ones, partials)), *c.shape)
    return h, partials


def loss_form(loss: Loss, target: Array, output: Array) -> tuple[Array, Array]:
    """Return the errors of the samples and their derivatives, by the native form.

    Parameters
    ----------
    loss : Loss
    target, output : ndarray of shape (n_outputs, n_samples)
        The outputs are OA, or O for a loss with a `sum_function`.
    """
    y, outputs = (np.ascontiguousarray(numbers, dtype=float) for numbers in (target, output))
    errors, seeds = np.empty(y.shape[1]), np.empty_like(y)
    form = loss_kernel(loss)
    calls = Calls([form.called])
    _LOSS(form.function)(form.row or calls.row(0), *map(_pointer, (y, outputs, seeds, errors)), *y.shape)
    calls.raise_failure()
    return errors, seeds


def step_by_form(
    optimizer: Optimizer, weights: Array, gradients: Array, state: State, learning_rate: float
) -> tuple[Array, State]:
    """Return what `Optimizer.step` returns, by the native form.

    Raises
    ------
    ValueError
        If the optimizer names no native form.
    """
    form = step_form(optimizer)
    if form is None:
        raise ValueError(f"{optimizer.label} names no native form.")
    new, following = np.array(weights, dtype=float), dict(state)
    arrays = [np.array(state[name], dtype=float) for name in form.states]
    first, second, *_ = [*arrays, np.zeros(0), np.zeros(0)]
    steps = int(state["steps"]) + 1 if form.counts else 1
    everywhere = np.ones(len(new), dtype=bool)
    code, *numbers = rule(form, optimizer.parameters, learning_rate)
    step(code, new, np.array(gradients, dtype=float), 1.0, everywhere, first, second, steps, *numbers)
    following.update(zip(form.states, arrays))
    if form.counts:
        following["steps"] = steps
    return new, following


def _pointer(array: Array) -> Any:
    return array.ctypes.data_as(_DOUBLES)

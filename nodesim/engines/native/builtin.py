"""The native forms by name: what an author's ``native=...`` stands for, and what kernels use for any function.

This is the one table. A name alone is not enough: a form is used only with the parameters of the very object that
names it, and of a loss or an optimizer only if it reads and remembers the same things.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import TypeVar
from weakref import WeakKeyDictionary

import numpy as np

from nodesim.engines.native import (
    activation_math,
    activations,
    aggregation_math,
    aggregations,
    loss_math,
    losses,
    optimizers,
    user_functions,
)
from nodesim.engines.native.activations import ActivationKernel
from nodesim.engines.native.aggregations import AggregationKernel
from nodesim.engines.native.losses import LossKernel
from nodesim.engines.native.optimizers import StepForm
from nodesim.errors import FunctionError, suggestion
from nodesim.functions.aggregation import Aggregation
from nodesim.functions.contracts import Activation, Function, Loss, Optimizer
from nodesim.functions.formulas import Formula

# The names of their parameters, in the order in which forms take them.
ACTIVATIONS: Mapping[str, tuple[str, ...]] = {name: names for name, (_, _, names) in activation_math.FORMULAS.items()}
LOSSES: Mapping[str, tuple[str, ...]] = {name: form.parameters for name, form in loss_math.FORMULAS.items()}
OPTIMIZERS: Mapping[str, StepForm] = {
    "sgd": optimizers.sgd,
    "momentum": optimizers.momentum,
    "nesterov": optimizers.nesterov,
    "adam": optimizers.adam,
    "rmsprop": optimizers.rmsprop,
    "rprop": optimizers.rprop,
}
# None for the sum, which kernels calculate themselves.
AGGREGATIONS: Mapping[str, str] = {"sum": "", **{name: name for name in aggregation_math.FORMULAS}}
Form = TypeVar("Form")
F = TypeVar("F", bound=Function)
# As many functions as anyone uses in a session; each keeps a little code alive.
_KEPT = 1000


def _once_for_each(make: Callable[[F], Form]) -> Callable[[F], Form]:
    """Remember what is made of a function: as long as it is used, or longer if that keeps nothing else alive."""
    while_used: WeakKeyDictionary[F, Form] = WeakKeyDictionary()
    longer = functools.lru_cache(maxsize=_KEPT)(make)

    @functools.wraps(make)
    def made(function: F) -> Form:
        try:
            return while_used[function]
        except KeyError:
            found = while_used[function] = (make if _holds_more(function) else longer)(function)
            return found

    return made


def _holds_more(function: Function) -> bool:
    """Tell whether a function may hold anything that its author could want to be rid of, as a closure may."""
    calls = [function.unbound(attribute) for attribute in function.bound]
    plain = (np.ufunc, Formula, type(None))
    return not all(
        isinstance(call, plain) or (isinstance(call, FunctionType) and not call.__closure__) for call in calls
    )


@_once_for_each
def activation_kernel(activation: Activation) -> ActivationKernel:
    """Return an activation as kernels call it: its native form, or its functions, compiled or called.

    Raises
    ------
    FunctionError
        If it names a native form that there is not, or that does not take its parameters.
    """
    names = _named(activation, ACTIVATIONS)
    if activation.native is None or names is None:
        return user_functions.kernel_of(activation)
    _check_parameters(activation, names)
    return activations.native(activation.native, tuple(activation.parameters[name] for name in names))


def aggregation_kernel(aggregation: Aggregation) -> AggregationKernel | None:
    """Return an aggregation as kernels call it, or None if it has no native form.

    Raises
    ------
    FunctionError
        If it names a native form that there is not, or that does not take its parameters.
    """
    name = _named(aggregation, AGGREGATIONS)
    if name is None:
        return None
    _check_parameters(aggregation, ())
    return aggregations.native(name) if name else aggregations.SUM


@_once_for_each
def loss_kernel(loss: Loss) -> LossKernel:
    """Return a loss as kernels call it: its native form, or its functions, called in the interpreter.

    Raises
    ------
    FunctionError
        If it names a native form that there is not, that does not take its parameters, or that is not written in
        what this loss is written in, the outputs or their weighted sums.
    """
    names = _named(loss, LOSSES)
    if loss.native is None or names is None:
        return losses.interpreted(loss)
    _check_parameters(loss, names)
    form = losses.native(loss.native, tuple(loss.parameters[name] for name in names))
    if form.of_sums != (loss.sum_function is not None):
        needs, has = ("a loss with", "none") if form.of_sums else ("a loss without", "one")
        raise FunctionError(f"{_who(loss)} is for {needs} sum_function and sum_derivative; this one has {has}.")
    return form


@_once_for_each
def step_form(optimizer: Optimizer) -> StepForm | None:
    """Return the native form of an optimizer, or None if its steps are made in Python.

    Raises
    ------
    FunctionError
        If it names a native form that there is not, that does not take its parameters, or that remembers other
        things than its `start` begins with.
    """
    form = _named(optimizer, OPTIMIZERS)
    if form is None:
        return None
    _check_parameters(optimizer, form.parameters)
    needed = {*form.states, *(["steps"] if form.counts else [])}
    given = set() if optimizer.start is None else set(optimizer.start(np.zeros(1), optimizer.learning_rate))
    if given != needed:
        raise FunctionError(f"{_who(optimizer)} remembers {_listed(needed)}; its start gives {_listed(given)}.")
    return form


def _named(function: Activation | Aggregation | Loss | Optimizer, forms: Mapping[str, Form]) -> Form | None:
    name = function.native
    if name is None:
        return None
    if name not in forms:
        raise FunctionError(
            f"{function.label}: no native form of {_plural(function)} is named {name!r}. {suggestion(name, forms)}"
        )
    return forms[name]


def _check_parameters(function: Activation | Aggregation | Loss | Optimizer, names: tuple[str, ...]) -> None:
    # A form that left a parameter out would calculate with another number than the function says.
    if set(function.parameters) != set(names):
        raise FunctionError(
            f"{_who(function)} takes {_listed(names)} as parameters; this one has {_listed(function.parameters)}."
        )


def _who(function: Activation | Aggregation | Loss | Optimizer) -> str:
    return f"{function.label}: the native form {function.native!r}"


def _listed(names: object) -> str:
    return ", ".join(sorted(names)) or "nothing"  # type: ignore[call-overload]


def _plural(function: Activation | Aggregation | Loss | Optimizer) -> str:
    return {"loss": "losses"}.get(function.kind, f"{function.kind}s")

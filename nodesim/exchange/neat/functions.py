"""neat-python's activations and aggregations by their names, and those of its users."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nodesim.errors import ExchangeError, NodesimError
from nodesim.exchange.neat.genes import Called
from nodesim.functions.aggregation import Aggregation
from nodesim.functions.contracts import Activation
from nodesim.functions.interruptions import of_signal
from nodesim.plugins import lookup
from nodesim.validation import shortened

# What nodesim has by another name; all others are registered as neat_....
_BUILT_IN = {
    "identity": "linear", "relu": "relu", "elu": "elu", "selu": "selu", "lelu": "leaky_relu(slope=0.005)",
    "clamped": "hard_tanh",
}  # fmt: skip
_REGISTERED = {
    "sigmoid", "tanh", "sin", "gauss", "softplus", "inv", "log", "exp", "abs", "hat", "square", "cube",
}  # fmt: skip
_OWN_NAMES = {name: own for own, name in _BUILT_IN.items()} | {f"neat_{name}": name for name in _REGISTERED}
# The same functions in both.
_AGGREGATIONS = {
    "sum": "sum", "product": "product", "max": "max", "min": "min", "mean": "mean", "maxabs": "neat_maxabs",
    "median": "neat_median",
}  # fmt: skip
# Where a user's function is compared with the registered activation of its name.
_SIZES = np.geomspace(1e-9, 300.0, 60)
_POINTS = np.concatenate([np.linspace(-6.0, 6.0, 97), _SIZES, -_SIZES])


def activation_of(called: Called, who: str) -> Activation:
    """Return the activation that a function of neat-python is.

    Parameters
    ----------
    called : Called
        One of a user's may be registered under its name; where the function itself is at hand, both are compared.
    who : str
        For messages.

    Raises
    ------
    ExchangeError
        For a user's function that is not registered.
    """
    if not called.own and called.name in _BUILT_IN:
        return lookup.activation(_BUILT_IN[called.name])
    if not called.own and called.name in _REGISTERED:
        return lookup.activation(f"neat_{called.name}")
    found = [*filter(None, map(_registered, (called.name, f"neat_{called.name}")))]
    for function in found:
        if called.call is None or _agree(called.call, function):
            return function
    gives = " gives other values" if found else " is not there"
    raise ExchangeError(
        f"{who} has the function {shortened(called.name)}, which is none of neat-python's own, and an activation of "
        f"that name{gives}. Register one that is the same function."
    )


def name_of_activation(function: Activation) -> str | None:
    """Return what neat-python calls an activation; None where it has none that is the same.

    Examples
    --------
    >>> from nodesim.plugins import lookup
    >>> [name_of_activation(lookup.activation(name)) for name in ("neat_sigmoid", "linear", "sigmoid")]
    ['sigmoid', 'identity', None]
    """
    return _OWN_NAMES.get(str(function))


def aggregation_of(called: Called, who: str) -> Aggregation:
    """Return the aggregation that a function of neat-python is; one of a user's as `activation_of` does.

    Raises
    ------
    ExchangeError
        For a user's function that is not registered.
    """
    if not called.own and called.name in _AGGREGATIONS:
        return lookup.aggregation(_AGGREGATIONS[called.name])
    try:
        found = lookup.aggregation(called.name)
    except NodesimError:
        found = None
    if found is not None and (called.call is None or _join_alike(called.call, found)):
        return found
    gives = " is not there" if found is None else " gives other values"
    raise ExchangeError(
        f"{who} has the aggregation {shortened(called.name)}, which is none of neat-python's own, and an aggregation "
        f"of that name{gives}. Register one that is the same function."
    )


def name_of_aggregation(function: Aggregation) -> str | None:
    """Return what neat-python calls an aggregation; None where it has none that is the same.

    Examples
    --------
    >>> from nodesim.plugins import lookup
    >>> name_of_aggregation(lookup.aggregation("product")), name_of_aggregation(lookup.aggregation("norm"))
    ('product', None)
    """
    return next((own for own, name in _AGGREGATIONS.items() if name == str(function)), None)


def _registered(name: str) -> Activation | None:
    try:
        return lookup.activation(name)
    except NodesimError:
        return None


def _join_alike(call: Callable[[Any], Any], function: Aggregation) -> bool:
    """Tell whether a user's function is that aggregation, as far as some contributions tell."""
    rows = np.random.default_rng(0).normal(0.0, 3.0, (60, 5))
    given = [row[: 1 + index % 5] for index, row in enumerate(rows)]
    try:
        values = np.array([float(call(row.tolist())) for row in given])
        ours = np.array([float(function(row)) for row in given])
        return bool((np.abs(values - ours) <= 1e-9 * np.maximum(1.0, np.abs(ours))).all())
    except Exception as error:
        if of_signal(error):
            raise
        # It may raise anything.
        return False


def _agree(call: Callable[[Any], Any], function: Activation) -> bool:
    """Tell whether a user's function is that activation, as far as some points tell."""
    try:
        values = np.array([float(call(z)) for z in _POINTS.tolist()])
        ours = function(_POINTS)
        return bool((np.abs(values - ours) <= 1e-9 * np.maximum(1.0, np.abs(ours))).all())
    except Exception as error:
        if of_signal(error):
            raise
        # It may raise anything.
        return False

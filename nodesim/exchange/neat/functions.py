"""neat-python's activations by their names, and those of its users."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nodesim.errors import ExchangeError, NodesimError
from nodesim.exchange.neat.genes import Called
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


def _registered(name: str) -> Activation | None:
    try:
        return lookup.activation(name)
    except NodesimError:
        return None


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

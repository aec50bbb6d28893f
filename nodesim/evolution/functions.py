"""Functions of nodesim as neat-python calls them: by its own names where it has them, else as functions of its user."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nodesim.errors import ArgumentError, NodesimError
from nodesim.exchange.neat.functions import name_of_activation, name_of_aggregation
from nodesim.functions.aggregation import Aggregation
from nodesim.functions.contracts import Activation
from nodesim.plugins import lookup
from nodesim.validation import items


def known_activations(given: object, config: Any) -> list[str]:
    """Make activations known to a config of a genome, and return what it calls them.

    Raises
    ------
    ArgumentError, UnknownNameError
        If there is none, or one is not registered.
    """
    found = [_registered(each, lookup.activation) for each in _several(given, "activations")]
    own = {str(each) for each in found if name_of_activation(each) is None}
    return [_activation(each, own, config) for each in found]


def known_aggregations(given: object, config: Any) -> list[str]:
    """Make aggregations known to a config of a genome, and return what it calls them.

    Raises
    ------
    ArgumentError, UnknownNameError
        If there is none, or one is not registered.
    """
    found = [_registered(each, lookup.aggregation) for each in _several(given, "aggregations")]
    for each in found:
        if name_of_aggregation(each) is None:
            config.add_aggregation(str(each), _of_numbers(each))
    return [name_of_aggregation(each) or str(each) for each in found]


def _several(given: object, who: str) -> list[Any]:
    """Return one name, or several, as a list."""
    if isinstance(given, str | Activation | Aggregation):
        return [given]
    found = items(given, who, "names of functions")
    if not found:
        raise ArgumentError(f"{who} is empty; give one at least.")
    return found


def _registered(given: Any, look_up: Callable[[object], Any]) -> Any:
    function = look_up(given)
    try:
        # What evolves is found again by its name.
        known = look_up(str(function)) == function
    except NodesimError:
        known = False
    if not known:
        raise ArgumentError(f"evolution finds functions by name, and {function} is not registered: nodesim.register.")
    return function


def _activation(function: Activation, own: set[str], config: Any) -> str:
    name = name_of_activation(function)
    if name is None:
        config.add_activation(str(function), _of_number(function))
        return str(function)
    if name in own:
        # Both are asked for: the textbook's sigmoid, and neat-python's.
        config.add_activation(function.name, config.activation_defs.get(name))
        return function.name
    return name


def _of_number(function: Activation) -> Callable[[float], float]:
    def call(z: float) -> float:
        with np.errstate(all="ignore"):
            return float(function.function(np.asarray(z, dtype=float)))

    return call


def _of_numbers(function: Aggregation) -> Callable[[Sequence[float]], float]:
    def call(x: Sequence[float]) -> float:
        return float(function(np.array(x, dtype=float))) if x else 0.0

    return call

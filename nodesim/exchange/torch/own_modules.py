"""What `nodesim.Network.to_torch` made, read again: the same network, with the weights that it has by now."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch

from nodesim._arrays import Array
from nodesim.errors import ExchangeError
from nodesim.exchange.blueprint import Blueprint
from nodesim.exchange.torch.network_module import NetworkModule
from nodesim.exchange.torch.tensors import check_plain, numbers_of
from nodesim.plugins import lookup


def read(module: NetworkModule, loss: object) -> Blueprint:
    """Return its blueprint.

    Raises
    ------
    ExchangeError
        If weights were taken away, shared, or are no finite numbers.
    """
    check_plain(module)
    if type(module).forward is not NetworkModule.forward:
        raise ExchangeError(f"{type(module).__name__} has a forward of its own, which is not that of its network.")
    blueprint, parameters = module.blueprint, dict(module.named_parameters(remove_duplicate=False))
    names = blueprint.origins.parameters
    if missing := [name for name in names if name not in parameters]:
        raise ExchangeError(f"the module has no parameter {missing[0]!r} any more.")
    places = {number.data_ptr() or id(number) for number in map(parameters.__getitem__, names)}
    if len(places) < len(names):
        raise ExchangeError("the module has one tensor for several weights; here each weight stands for itself.")
    return replace(
        blueprint,
        weights=_weights([parameters[name] for name in names], names),
        frozen=np.array([not parameters[name].requires_grad for name in names], dtype=bool),
        # Where the module was given more digits than the network has, they are kept.
        dtype="float64" if any(parameters[name].dtype == torch.float64 for name in names) else blueprint.dtype,
        loss=blueprint.loss if loss is None else lookup.loss(loss),
    )


def _weights(parameters: list[Any], names: tuple[str, ...]) -> Array:
    """Return the numbers of all weights, at once where there is nothing to be said of one of them."""
    try:
        numbers = torch.stack([each.detach() for each in parameters])
        weights: Array = numbers_of(numbers, "weights")
    except (ExchangeError, RuntimeError):
        weights = np.array([numbers_of(each, name).reshape(()) for name, each in zip(names, parameters)], dtype=float)
    return weights

"""What `nodesim.Network.to_torch` made, read again: the same network, with the weights that it has by now."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch

from nodesim._arrays import Array
from nodesim.errors import ExchangeError
from nodesim.exchange.blueprint import Blueprint, Origins
from nodesim.exchange.shared_numbers import Ties, free_names
from nodesim.exchange.torch.network_module import NetworkModule
from nodesim.exchange.torch.tensors import check_plain, numbers_of
from nodesim.plugins import lookup


def read(module: NetworkModule, loss: object) -> Blueprint:
    """Return its blueprint.

    Raises
    ------
    ExchangeError
        If weights were taken away, are views of the same numbers, or no finite numbers.
    """
    check_plain(module)
    if type(module).forward is not NetworkModule.forward:
        raise ExchangeError(f"{type(module).__name__} has a forward of its own, which is not that of its network.")
    blueprint, parameters = module.blueprint, dict(module.named_parameters(remove_duplicate=False))
    names = blueprint.origins.parameters
    if missing := [name for name in names if name not in parameters]:
        raise ExchangeError(f"the module has no parameter {missing[0]!r} any more.")
    held = [parameters[name] for name in names]
    weights, frozen = _weights(held, names), np.array([not each.requires_grad for each in held], dtype=bool)
    firsts = _first_entries(held)
    origins, ties = blueprint.origins, blueprint.ties
    if len(set(firsts)) < len(held):
        origins, ties = _shared(blueprint, firsts)
    return replace(
        blueprint,
        weights=weights[blueprint.origins.parameter],
        frozen=frozen[blueprint.origins.parameter],
        # Where the module was given more digits than the network has, they are kept.
        dtype="float64" if any(each.dtype == torch.float64 for each in held) else blueprint.dtype,
        loss=blueprint.loss if loss is None else lookup.loss(loss),
        origins=origins,
        ties=ties,
    )


def _first_entries(held: list[Any]) -> list[int]:
    """Return for each entry the first one that is the same parameter."""
    entries: dict[int, int] = {}
    firsts = [entries.setdefault(id(each), number) for number, each in enumerate(held)]
    if len({each.data_ptr() or id(each) for each in held}) < len(entries):
        raise ExchangeError(
            "the module has several parameters that are views of the same number: let it have one, in several places."
        )
    return firsts


def _shared(blueprint: Blueprint, firsts: list[int]) -> tuple[Origins, Ties]:
    """Return origins and ties of a module whose entries are partly the same parameter: its weights are tied."""
    origins = blueprint.origins
    owner = np.array(firsts, dtype=np.intp)[origins.parameter]
    groups = [np.flatnonzero(owner == each) for each in np.unique(owner) if (owner == each).sum() > 1]
    # A tie that has further uses now keeps its name.
    known = {use: name for name, uses in reversed(blueprint.ties) for use in uses}
    new = free_names({*blueprint.names, *blueprint.labels.values(), *origins.parameters})
    ties = [(next((known[use] for use in group.tolist() if use in known), None), group) for group in groups]
    kept, number = np.unique(owner, return_inverse=True)
    names = tuple(origins.parameters[each] for each in kept.tolist())
    found = tuple((name or next(new), tuple(group.tolist())) for name, group in ties)
    return replace(origins, parameters=names, parameter=number), found


def _weights(parameters: list[Any], names: tuple[str, ...]) -> Array:
    """Return the numbers of all weights, at once where there is nothing to be said of one of them."""
    try:
        numbers = torch.stack([each.detach() for each in parameters])
        weights: Array = numbers_of(numbers, "weights")
    except (ExchangeError, RuntimeError):
        weights = np.array([numbers_of(each, name).reshape(()) for name, each in zip(names, parameters)], dtype=float)
    return weights

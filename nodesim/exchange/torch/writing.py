"""Networks as modules of torch, and as files of these."""

from __future__ import annotations

import io
from typing import Any

import torch

from nodesim.errors import ExchangeError
from nodesim.exchange.own_networks import blueprint_of
from nodesim.exchange.torch.elementwise import pair_of
from nodesim.exchange.torch.joins import join_of
from nodesim.exchange.torch.network_module import NetworkModule
from nodesim.formats import json_files
from nodesim.formats.atomic import write_atomically
from nodesim.functions.contracts import Activation
from nodesim.simulation.simulator import Simulator


def written(simulator: Simulator) -> NetworkModule:
    """Return a network as a module; see `nodesim.Network.to_torch`."""
    simulator.structure.schedule.check_runnable()
    blueprint = blueprint_of(simulator)
    for activation in dict.fromkeys(blueprint.given):
        if isinstance(activation, Activation):
            # Refused now, and not when the module runs.
            pair_of(activation)
    for row, aggregation in blueprint.joins.items():
        try:
            join_of(aggregation)
        except ExchangeError as error:
            raise ExchangeError(f"{blueprint.names[row]}: {error}") from error
    return NetworkModule(blueprint)


def save(simulator: Simulator, file: Any) -> None:
    """Write a network into a file of torch.

    Parameters
    ----------
    simulator : Simulator
    file : path
        torch.load(file, weights_only=True) makes a dict of it: "nodesim" is the text of nodesim's own file,
        "state_dict" the weights by name, as `load_state_dict` of the module takes them.

    Raises
    ------
    ExchangeError, FunctionError
        For an activation without a formula, or that a file cannot name.
    FileError
        If it cannot be written; the old file is as it was.
    """
    module, text = written(simulator), json_files.dumps(simulator)
    content: Any = io.BytesIO()
    torch.save({"nodesim": text, "state_dict": dict(module.state_dict())}, content)
    write_atomically(file, content.getvalue())

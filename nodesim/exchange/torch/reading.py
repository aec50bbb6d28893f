"""Modules of torch as blueprints of networks."""

from __future__ import annotations

import os
from typing import Any

import torch

from nodesim.errors import ExchangeError, NodesimError
from nodesim.exchange.blueprint import Blueprint
from nodesim.exchange.torch import files, own_modules, tracing
from nodesim.exchange.torch.network_module import NetworkModule
from nodesim.functions.interruptions import of_signal
from nodesim.validation import shortened


def uncompiled(module: Any) -> Any:
    """Return the module that torch.compile was given; any other one as it is."""
    kind = type(module)
    if kind.__name__ == "OptimizedModule" and kind.__module__.startswith("torch._dynamo."):
        return vars(module)["_modules"]["_orig_mod"]
    return module


def read(module: Any, loss: object) -> Blueprint:
    """Return a module, or a file that nodesim wrote of one, as a blueprint; see `nodesim.from_torch`.

    Raises
    ------
    ExchangeError
        Naming what a network cannot be made of.
    FileError
        For a file that is damaged, or of another kind.
    """
    if isinstance(module, str | bytes | os.PathLike):
        return files.read(module, loss)
    if isinstance(module, type) or not isinstance(module, torch.nn.Module):
        raise ExchangeError(
            f"a network is made of a torch.nn.Module, or of the path of a file; got {shortened(module)}."
        )
    module = uncompiled(module)
    try:
        if isinstance(module, NetworkModule):
            return own_modules.read(module, loss)
        return tracing.read(module, loss)
    except NodesimError:
        raise
    except Exception as error:
        if of_signal(error):
            raise
        # A module of somebody's own may hold, and raise, whatever there is.
        raise ExchangeError(f"{type(module).__name__} cannot be read: {shortened(error)}") from error

"""Modules of torch as steps of an assembly."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from nodesim._arrays import Array
from nodesim.errors import ExchangeError
from nodesim.exchange.assembly import Assembly, Columns, Parameter
from nodesim.exchange.torch import activations
from nodesim.exchange.torch.operations import Ended, as_columns, curved, ended
from nodesim.exchange.torch.tensors import Names, called

DROPOUTS = (torch.nn.Dropout, torch.nn.AlphaDropout, torch.nn.FeatureAlphaDropout)
# What passes its input on, of a sample that is a row of numbers.
PASSING = (torch.nn.Identity, torch.nn.Flatten, *DROPOUTS)
_OTHERS = (torch.nn.Linear, torch.nn.BatchNorm1d, torch.nn.PReLU, torch.nn.Softmax, torch.nn.LogSoftmax)
_ALLOWED = "Linear, activations, BatchNorm1d in evaluation, Dropout, Flatten, Identity and a final Softmax"


class Layers:
    """What modules do to columns.

    Parameters
    ----------
    assembly : Assembly
    names : Names
    """

    def __init__(self, assembly: Assembly, names: Names) -> None:
        self._assembly = assembly
        self._names = names

    def check(self, module: Any) -> None:
        """Refuse a module that nothing is known of."""
        if type(module) not in (*PASSING, *_OTHERS) and activations.function_of_module(module) is None:
            raise ExchangeError(f"a network cannot be made of {type(module).__name__}, but of {_ALLOWED}.")

    def passed(self, module: Any, path: str, x: Any) -> Columns | Ended:
        """Return what comes out of a module."""
        columns = as_columns(x)
        if type(module) in PASSING:
            return self._passed_on(module, path, columns)
        curve = activations.of_module(module)
        if curve is not None:
            return curved(self._assembly, columns, curve)
        match type(module):
            case torch.nn.Linear:
                return self._linear(module, columns)
            case torch.nn.BatchNorm1d:
                return self._batch_norm(module, path, columns)
            case torch.nn.PReLU:
                return self._prelu(module, path, columns)
        return ended(columns, "softmax" if type(module) is torch.nn.Softmax else "log_softmax", module.dim)

    def _passed_on(self, module: Any, path: str, x: Columns) -> Columns:
        if isinstance(module, torch.nn.Flatten) and (module.start_dim not in (1, -1) or module.end_dim not in (1, -1)):
            raise ExchangeError(f"it flattens the axes {module.start_dim} to {module.end_dim}; a sample is one row.")
        if isinstance(module, DROPOUTS) and module.training:
            self._assembly.notes.append(f"{called(path, module)} is left out: a network has its dropout in fit().")
        return x

    def _linear(self, module: Any, x: Columns) -> Columns:
        sums = self._assembly.weighted(x, self._names.parameter(module.weight).transposed)
        return sums if module.bias is None else self._assembly.shifted(sums, self._names.parameter(module.bias))

    def _constant(self, tensor: Any, path: str) -> Array:
        self._assembly.fix(self._names.name(tensor))
        return self._names.constant(tensor, path)

    def _batch_norm(self, module: Any, path: str, x: Columns) -> Columns:
        if module.training:
            raise ExchangeError("in training it depends on the other samples: call module.eval() first.")
        if module.running_mean is None or module.running_var is None:
            raise ExchangeError("without running statistics it depends on the other samples.")
        mean, variance = (self._constant(part, path) for part in (module.running_mean, module.running_var))
        ones = torch.ones(module.num_features) if module.weight is None else module.weight
        shift = torch.zeros(module.num_features) if module.bias is None else module.bias
        if (variance + module.eps <= 0).any():
            raise ExchangeError("its running variance is below 0.")
        factors = self._constant(ones, path) / np.sqrt(variance + module.eps)
        self._assembly.notes.append(f"{called(path, module)} is folded into weights, and no longer trained by itself.")
        constants = self._constant(shift, path) - mean * factors
        return self._assembly.shifted(self._assembly.scaled(x, factors), Parameter("", constants))

    def _prelu(self, module: Any, path: str, x: Columns) -> Columns:
        slopes = self._constant(module.weight, path).ravel()
        if len(slopes) not in (1, len(x)):
            raise ExchangeError(f"it has {len(slopes)} slopes for {len(x)} values.")
        self._assembly.notes.append(f"The slope of {called(path, module)} is a number here, and no longer trained.")
        named = [{"name": "leaky_relu", "parameters": {"slope": slope}} for slope in slopes.tolist()]
        return self._assembly.activated(x, named if len(named) > 1 else named[0])

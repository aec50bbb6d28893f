"""Tensors of modules as numbers of nodesim, each with one name."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch.nn.utils.parametrize import is_parametrized

from nodesim._arrays import Array
from nodesim.errors import ExchangeError
from nodesim.exchange.assembly import Parameter
from nodesim.showing import shown

_FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


def numbers_of(tensor: Any, name: str) -> Array:
    """Return a tensor's numbers in double precision, which holds those of every shorter one.

    Raises
    ------
    ExchangeError
        For a tensor without numbers, or with others than finite real ones.
    """
    who = f"{shown(name)!r}"
    if isinstance(tensor, torch.nn.parameter.UninitializedTensorMixin):
        raise ExchangeError(f"{who} is not initialised yet: call the module once with a sample.")
    if tensor.is_meta:
        raise ExchangeError(f"{who} is on the device 'meta', and has no numbers.")
    if tensor.layout != torch.strided or tensor.is_quantized or tensor.dtype not in _FLOATS:
        kind = tensor.dtype if tensor.layout == torch.strided else tensor.layout
        raise ExchangeError(f"{who} holds {kind}; a network has real numbers in floating point, of float16 to float64.")
    numbers: Array = tensor.detach().to("cpu", torch.float64).numpy().copy()
    if not np.isfinite(numbers).all():
        raise ExchangeError(f"{who} holds a number that is not finite.")
    return numbers


def check_plain(module: Any) -> None:
    """Refuse a module whose parts do more than their classes say: by hooks, parametrizations, other forwards."""
    if isinstance(module, torch.jit.ScriptModule):
        raise ExchangeError("TorchScript cannot be read: give the module that it was made of.")
    for path, part in module.named_modules():
        who = called(path, part)
        if is_parametrized(part):
            raise ExchangeError(
                f"{who} has parametrizations: remove them first, by torch.nn.utils.parametrize.remove_parametrizations."
            )
        if any(vars(part)[hooks] for hooks in ("_forward_hooks", "_forward_pre_hooks")):
            raise ExchangeError(
                f"{who} has forward hooks, which may change what it says: remove them first (those of pruning by "
                "torch.nn.utils.prune.remove, those of weight_norm by remove_weight_norm)."
            )
        if "forward" in vars(part):
            raise ExchangeError(f"{who} has a forward of its own, put in the place of its class's.")


def called(path: str, module: Any) -> str:
    """Return how messages call a part of a module."""
    kind = type(module).__name__
    return f"{shown(path)!r} ({kind})" if path else kind


class Names:
    """The parameters and buffers of a module, each by one name.

    Parameters
    ----------
    module : torch.nn.Module
    """

    def __init__(self, module: Any) -> None:
        self._first: dict[Any, str] = {}
        self._tensors: dict[str, Any] = {}
        self._trained: set[str] = set()
        for name, tensor in [*module.named_parameters(), *module.named_buffers()]:
            self._first.setdefault(_place(tensor), name)
            self._tensors[name] = tensor
            if isinstance(tensor, torch.nn.Parameter):
                self._trained.add(name)

    def parameter(self, tensor: Any) -> Parameter:
        """Return a tensor with its name: that of the first one with the very same numbers, if it is shared."""
        name = self._first.get(_place(tensor))
        if name is None:
            raise ExchangeError("a tensor that is no parameter or buffer of the module takes part in it.")
        return Parameter(name, numbers_of(tensor, name), frozen=not tensor.requires_grad)

    def constant(self, tensor: Any, what: str) -> Array:
        """Return the numbers of a tensor that a network cannot train."""
        return numbers_of(tensor, self._first.get(_place(tensor), what))


def _place(tensor: Any) -> Any:
    if isinstance(tensor, torch.nn.parameter.UninitializedTensorMixin):
        return id(tensor)
    if tensor.is_meta or tensor.layout != torch.strided or not tensor.numel():
        return id(tensor)
    return tensor.data_ptr(), tensor.dtype

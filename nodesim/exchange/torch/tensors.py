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

# What torch asks when it calls a module; what it asks tensors of classes of their own.
_CALLS = ("__call__", "_wrapped_call_impl", "_call_impl")
_DISPATCHES = ("__torch_function__", "__torch_dispatch__")
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
    if _overridden(tensor):
        raise ExchangeError(f"{who} is a {type(tensor).__name__}, whose class changes what functions do with it.")
    if tensor.is_meta:
        raise ExchangeError(f"{who} is on the device 'meta', and has no numbers.")
    if tensor.layout != torch.strided or tensor.is_quantized or tensor.dtype not in _FLOATS:
        kind = tensor.dtype if tensor.layout == torch.strided else tensor.layout
        raise ExchangeError(f"{who} holds {kind}; a network has real numbers in floating point, of float16 to float64.")
    numbers: Array = tensor.detach().to("cpu", torch.float64).numpy().copy()
    if not np.isfinite(numbers).all():
        raise ExchangeError(f"{who} holds a number that is not finite.")
    return numbers


def _overridden(tensor: Any) -> bool:
    for name in _DISPATCHES:
        owner = next((kind for kind in type(tensor).__mro__ if name in vars(kind)), torch.Tensor)
        if owner not in (torch.Tensor, *torch.Tensor.__bases__, torch.nn.Parameter):
            return True
    return False


def check_plain(module: Any) -> None:
    """Refuse a module whose parts do more than their classes say: by hooks, parametrizations, other forwards."""
    if isinstance(module, torch.jit.ScriptModule):
        raise ExchangeError("TorchScript cannot be read: give the module that it was made of.")
    everywhere = vars(torch.nn.modules.module)
    if any(everywhere[hooks] for hooks in ("_global_forward_hooks", "_global_forward_pre_hooks")):
        raise ExchangeError(
            "torch has forward hooks for all modules, which may change what they say: remove them first."
        )
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
        if any(getattr(type(part), name) is not getattr(torch.nn.Module, name) for name in _CALLS):
            raise ExchangeError(f"{who} has a __call__ of its own: write forward instead.")
        if "forward" in vars(part):
            raise ExchangeError(f"{who} has a forward of its own, put in the place of its class's.")


def results_in(module: Any) -> dict[int, Any]:
    """Return tensors that a module has noted of a run, by their ids: torch makes no deep copies of them."""
    held = [value for part in module.modules() for value in vars(part).values()]
    inner = [each for value in held if isinstance(value, list | tuple) for each in value]
    inner += [each for value in held if type(value) is dict for each in value.values()]
    return {id(each): each for each in (*held, *inner) if isinstance(each, torch.Tensor) and not each.is_leaf}


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
        # By where their numbers stand.
        self._used: dict[int, list[tuple[str, Any]]] = {}
        self._all = [*module.named_parameters(), *module.named_buffers()]
        for name, tensor in self._all:
            self._first.setdefault(_place(tensor), name)

    def parameter(self, tensor: Any) -> Parameter:
        """Return a tensor with its name: that of the first one with the very same numbers, if it is shared."""
        name = self.name(tensor)
        if not name:
            raise ExchangeError("a tensor that is no parameter or buffer of the module takes part in it.")
        self._check_alone(name, tensor)
        return Parameter(name, numbers_of(tensor, name), frozen=not tensor.requires_grad)

    def name(self, tensor: Any) -> str:
        """Return the name of a tensor, "" if it has none."""
        return self._first.get(_place(tensor), "")

    def _check_alone(self, name: str, tensor: Any) -> None:
        """Refuse tensors that are views of the same numbers: they change with each other."""
        if tensor.is_meta or tensor.layout != torch.strided or tensor.is_quantized or not tensor.numel():
            return
        if tensor.requires_grad and any(size > 1 and not step for size, step in zip(tensor.shape, tensor.stride())):
            raise ExchangeError(
                f"{shown(name)!r} has one number in several places, each of which would have its own gradient here."
            )
        beside = self._used.setdefault(tensor.untyped_storage().data_ptr(), [])
        for other, used in beside:
            if used is not tensor and (other == name or _overlap(tensor, used)):
                raise ExchangeError(
                    f"{shown(other)!r} and {shown(self._own_name(tensor))!r} are views of the same numbers, each with "
                    "a gradient of its own. Let both be one parameter, or give each of them numbers of its own."
                )
        beside.append((name, tensor))

    def _own_name(self, tensor: Any) -> str:
        return next((name for name, each in self._all if each is tensor), self.name(tensor))

    def constant(self, tensor: Any, what: str) -> Array:
        """Return the numbers of a tensor that a network cannot train."""
        return numbers_of(tensor, self._first.get(_place(tensor), what))


def _place(tensor: Any) -> Any:
    if isinstance(tensor, torch.nn.parameter.UninitializedTensorMixin):
        return id(tensor)
    if tensor.is_meta or tensor.layout != torch.strided or not tensor.numel():
        return id(tensor)
    return tensor.data_ptr(), tensor.dtype, tuple(tensor.shape), tensor.stride()


def _overlap(first: Any, second: Any) -> bool:
    """Tell whether two tensors have bytes in common; of what cannot be told soon, that they have."""
    if not (first.requires_grad or second.requires_grad):
        return False
    # NumPy's stubs know of no other bounds than 0 and -1.
    soon: Any = 10_000
    try:
        return np.shares_memory(_in_place(first), _in_place(second), max_work=soon)
    except (np.exceptions.TooHardError, TypeError):
        return True


def _in_place(tensor: Any) -> Any:
    """Return a tensor as an array where it stands."""
    bare = tensor.detach()
    return (bare.view(torch.int16) if bare.dtype == torch.bfloat16 else bare).numpy()

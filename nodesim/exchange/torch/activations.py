"""Which of nodesim's activations a function of torch is, or why none is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812

from nodesim.errors import ExchangeError


@dataclass(frozen=True)
class Curve:
    """An activation between two factors: outer · activation(inner · x).

    Attributes
    ----------
    activation : str, dict, or list of dict
        As `nodesim.activation` takes it, or one for each column.
    inner, outer : float
    note : str
        What a user should know.
    """

    activation: Any
    inner: float = 1.0
    outer: float = 1.0
    note: str = ""


def _plain(name: str) -> Callable[..., Curve]:
    def curve(inplace: bool = False) -> Curve:
        return Curve(name)

    return curve


def _leaky_relu(negative_slope: float = 0.01, inplace: bool = False) -> Curve:
    return Curve({"name": "leaky_relu", "parameters": {"slope": float(negative_slope)}})


def _elu(alpha: float = 1.0, inplace: bool = False) -> Curve:
    return Curve({"name": "elu", "parameters": {"alpha": float(alpha)}})


def _celu(alpha: float = 1.0, inplace: bool = False) -> Curve:
    if alpha != 1.0:
        raise ExchangeError(f"CELU with alpha = {alpha} has no counterpart; with 1 it is ELU.")
    return _elu()


def _gelu(approximate: str = "none") -> Curve:
    if approximate != "none":
        raise ExchangeError(f"GELU with approximate = {approximate!r} has no counterpart; the exact one has ('none').")
    return Curve("gelu")


def _softplus(beta: float = 1.0, threshold: float = 20.0) -> Curve:
    if not beta > 0 or threshold < 20:
        raise ExchangeError(
            f"Softplus with beta = {beta}, threshold = {threshold} has no counterpart; one with a beta above 0 and a "
            "threshold of 20 has."
        )
    return Curve("softplus", float(beta), 1.0 / float(beta), "torch's softplus is linear above 20, by 2e-9 off.")


def _hardtanh(min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Curve:
    if (min_val, max_val) != (-1.0, 1.0):
        raise ExchangeError(f"Hardtanh from {min_val} to {max_val} has no counterpart; that from -1 to 1 has.")
    return Curve("hard_tanh")


def _log_sigmoid() -> Curve:
    return Curve("softplus", -1.0, -1.0)


_CURVES: dict[str, Callable[..., Curve]] = {
    **{name: _plain(name) for name in ("relu", "tanh", "sigmoid", "selu", "softsign", "silu", "mish")},
    "relu_": _plain("relu"), "tanh_": _plain("tanh"), "sigmoid_": _plain("sigmoid"), "sin": _plain("sine"),
    "leaky_relu": _leaky_relu, "elu": _elu, "celu": _celu, "gelu": _gelu, "softplus": _softplus,
    "hardsigmoid": _plain("hard_sigmoid"), "hardtanh": _hardtanh, "logsigmoid": _log_sigmoid,
}  # fmt: skip
# The attributes of each module that are the options of its function.
_MODULES: dict[type, tuple[str, tuple[str, ...]]] = {
    torch.nn.ReLU: ("relu", ()), torch.nn.Tanh: ("tanh", ()), torch.nn.Sigmoid: ("sigmoid", ()),
    torch.nn.SELU: ("selu", ()), torch.nn.Softsign: ("softsign", ()), torch.nn.SiLU: ("silu", ()),
    torch.nn.Mish: ("mish", ()), torch.nn.LeakyReLU: ("leaky_relu", ("negative_slope",)),
    torch.nn.ELU: ("elu", ("alpha",)), torch.nn.CELU: ("celu", ("alpha",)), torch.nn.GELU: ("gelu", ("approximate",)),
    torch.nn.Softplus: ("softplus", ("beta", "threshold")), torch.nn.Hardsigmoid: ("hardsigmoid", ()),
    torch.nn.Hardtanh: ("hardtanh", ("min_val", "max_val")), torch.nn.LogSigmoid: ("logsigmoid", ()),
}  # fmt: skip
_FUNCTIONS: dict[Any, str] = {
    torch.relu: "relu", F.relu: "relu", torch.relu_: "relu_", F.relu_: "relu_", torch.tanh: "tanh", F.tanh: "tanh",
    torch.sigmoid: "sigmoid", F.sigmoid: "sigmoid", torch.special.expit: "sigmoid", F.leaky_relu: "leaky_relu",
    F.elu: "elu", F.celu: "celu", torch.celu: "celu", F.selu: "selu", torch.selu: "selu", F.gelu: "gelu",
    F.softplus: "softplus", F.softsign: "softsign", F.silu: "silu", F.mish: "mish", F.hardsigmoid: "hardsigmoid",
    F.hardtanh: "hardtanh", F.logsigmoid: "logsigmoid", torch.sin: "sin", torch.tanh_: "tanh_",
    torch.sigmoid_: "sigmoid_",
}  # fmt: skip
_METHODS = ("relu", "tanh", "sigmoid", "relu_", "tanh_", "sigmoid_", "sin")


def is_curve(target: Any) -> bool:
    """Tell whether a function, or a method by its name, is one of them."""
    return target in _METHODS if isinstance(target, str) else target in _FUNCTIONS


def name_of(target: Any) -> str:
    """Return the plain name of a function, or of a method."""
    return target if isinstance(target, str) else _FUNCTIONS[target]


def of_function(target: Any, *arguments: Any, **options: Any) -> Curve:
    """Return what a function is; the tensor itself is left out of the arguments."""
    return _CURVES[name_of(target)](*arguments, **options)


def of_module(module: Any) -> Curve | None:
    """Return what a module is; None if it is no activation."""
    if type(module) not in _MODULES:
        return None
    name, options = _MODULES[type(module)]
    return _CURVES[name](**{option: getattr(module, option) for option in options})


def function_of_module(module: Any) -> str | None:
    """Return the plain name of the function that a module is."""
    return _MODULES[type(module)][0] if type(module) in _MODULES else None

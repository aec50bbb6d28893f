"""Activations as torch calculates them: with the very slopes that nodesim has, at kinks and far out, too.

By torch's own rules a softplus is linear above 20, a slope a (1 - a) is 0 as soon as a rounds to 1, and the slope of a
hard sigmoid is 1/6 in single precision. So each function brings its slope, which torch differentiates on if asked to.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from nodesim.errors import ExchangeError
from nodesim.exchange.torch.formulas import check_same, formula_pair
from nodesim.functions.constants import SELU_ALPHA, SELU_SCALE
from nodesim.functions.contracts import Activation

# Below, 1 - |a| has lost digits and is taken from z, as nodesim's own slopes are.
_CANCELS = 2.0**-9


@dataclass(frozen=True)
class Pair:
    """A function and its slope, the one of z, the other of z and of a.

    Attributes
    ----------
    value : callable
    slope : callable
    """

    value: Callable[[Any], Any]
    slope: Callable[[Any, Any], Any]


class _Applied(torch.autograd.Function):  # type: ignore[misc]
    """A function of each element, with the slope that comes with it."""

    generate_vmap_rule = True

    @staticmethod
    def forward(z: Any, pair: Pair) -> Any:
        return pair.value(z)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, Pair], output: Any) -> None:
        ctx.pair = inputs[1]
        ctx.save_for_backward(inputs[0], output)
        ctx.save_for_forward(inputs[0], output)

    @staticmethod
    def backward(ctx: Any, arriving: Any) -> tuple[Any, None]:
        z, a = ctx.saved_tensors
        return arriving * ctx.pair.slope(z, a), None

    @staticmethod
    def jvp(ctx: Any, moved: Any, _: None) -> Any:
        z, a = ctx.saved_tensors
        return moved * ctx.pair.slope(z, a)


def applied(activation: Activation, z: Any, judged: bool = False) -> Any:
    """Return the activated values of a tensor of weighted sums.

    Parameters
    ----------
    activation : Activation
    z : Tensor
    judged : bool
        Whether a cross entropy follows, which divides by a (1 - a) as it is rounded.
    """
    if judged and activation.native == "sigmoid":
        # torch's own slope is just that: both together leave a - y.
        return torch.sigmoid(z)
    return z if activation.native == "linear" else _Applied.apply(z, pair_of(activation))


@functools.lru_cache(maxsize=256)
def pair_of(activation: Activation) -> Pair:
    """Return what torch calculates for an activation.

    Raises
    ------
    ExchangeError
        If there is nothing that torch could calculate, or it would be something else.
    """
    if activation.native in _NATIVE:
        try:
            pair = _NATIVE[activation.native](**activation.parameters)
        except TypeError as error:
            raise ExchangeError(
                f"{activation.label} has other parameters than its native form, {activation.native}: {error}"
            ) from error
        check_same(activation, pair.value, pair.slope, "native form")
        return pair
    if not activation.formula:
        raise ExchangeError(
            f"{activation.label} cannot be calculated by torch: it has no formula. "
            "Give it one: ns.Activation(..., formula='z / (1 + exp(-z))')."
        )
    return Pair(*formula_pair(activation))


# ---- the built-in ones -------------------------------------------------------------------------------------


def _upper(z: Any) -> Any:
    return torch.exp(-torch.abs(z))


def _sigmoid_slope(z: Any, a: Any) -> Any:
    rest = 1.0 - a
    return a * torch.where(rest < _CANCELS, _upper(z) * a, rest)


def _tanh_slope(z: Any, a: Any) -> Any:
    size = torch.abs(a)
    rest = 1.0 - size
    return (1.0 + size) * torch.where(rest < _CANCELS, _upper(z) ** 2 * (1.0 + size), rest)


def _stepwise(condition: Any, z: Any, then: float, otherwise: float) -> Any:
    return torch.where(condition, torch.full_like(z, then), torch.full_like(z, otherwise))


def _leaky_relu(slope: float) -> Pair:
    return Pair(lambda z: torch.where(z > 0, z, slope * z), lambda z, a: _stepwise(z > 0, z, 1.0, slope))


def _elu(alpha: float, scale: float = 1.0) -> Pair:
    return Pair(
        lambda z: scale * torch.where(z > 0, z, alpha * torch.expm1(torch.clamp(z, max=0.0))),
        lambda z, a: torch.where(z > 0, torch.full_like(z, scale), scale * alpha * torch.exp(torch.clamp(z, max=0.0))),
    )


def _softplus(z: Any) -> Any:
    return torch.clamp(z, min=0.0) + torch.log1p(_upper(z))


def _silu_slope(z: Any, a: Any) -> Any:
    return torch.sigmoid(z) * (1.0 + z * torch.sigmoid(-z))


def _normal_below(z: Any) -> Any:
    return 0.5 * torch.special.erfc(z * -math.sqrt(0.5))


def _gelu_slope(z: Any, a: Any) -> Any:
    near = torch.clamp(z, -40.0, 40.0)
    return _normal_below(z) + near * torch.exp(-0.5 * near * near) / math.sqrt(2.0 * math.pi)


def _tanh_softplus(z: Any) -> tuple[Any, Any]:
    """Return tanh(softplus(z)) and 1 - tanh(softplus(z))², from ``exp(-|z|)`` alone."""
    small, above = _upper(z), z >= 0
    whole = torch.where(above, 1.0 + 2.0 * small, small * (small + 2.0))
    rest = torch.where(above, 2.0 * small * small, torch.full_like(z, 2.0))
    return whole / (whole + rest), rest * (2.0 * whole + rest) / (whole + rest) ** 2


def _mish_slope(z: Any, a: Any) -> Any:
    gate, slope = _tanh_softplus(z)
    return gate + z * (slope * torch.sigmoid(z))


def _gaussian(z: Any) -> Any:
    near = torch.clamp(z, -40.0, 40.0)
    return torch.exp(-near * near)


_NATIVE: dict[str | None, Callable[..., Pair]] = {
    "linear": lambda: Pair(lambda z: z + 0.0, lambda z, a: torch.ones_like(z)),
    "sigmoid": lambda: Pair(torch.sigmoid, _sigmoid_slope),
    "tanh": lambda: Pair(torch.tanh, _tanh_slope),
    "relu": lambda: Pair(torch.relu, lambda z, a: _stepwise(z > 0, z, 1.0, 0.0)),
    "leaky_relu": _leaky_relu,
    "elu": _elu,
    "selu": lambda: _elu(SELU_ALPHA, SELU_SCALE),
    "softplus": lambda: Pair(_softplus, lambda z, a: torch.sigmoid(z)),
    "softsign": lambda: Pair(lambda z: z / (1.0 + torch.abs(z)), lambda z, a: (1.0 / (1.0 + torch.abs(z))) ** 2),
    "silu": lambda: Pair(lambda z: z * torch.sigmoid(z), _silu_slope),
    "gelu": lambda: Pair(lambda z: z * _normal_below(z), _gelu_slope),
    "mish": lambda: Pair(lambda z: z * _tanh_softplus(z)[0], _mish_slope),
    "hard_sigmoid": lambda: Pair(
        lambda z: torch.clamp(z, -3.0, 3.0) / 6.0 + 0.5, lambda z, a: _stepwise(torch.abs(z) < 3.0, z, 1.0 / 6.0, 0.0)
    ),
    "hard_tanh": lambda: Pair(
        lambda z: torch.clamp(z, -1.0, 1.0), lambda z, a: _stepwise(torch.abs(z) < 1.0, z, 1.0, 0.0)
    ),
    "gaussian": lambda: Pair(_gaussian, lambda z, a: -2.0 * (z * a)),
    "sine": lambda: Pair(torch.sin, lambda z, a: torch.cos(z)),
}

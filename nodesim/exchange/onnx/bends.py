"""Operators that bend values: the activations that ONNX has, and patterns of several operators that stand for one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nodesim.exchange.onnx.flow import Data, Flow, Operator
from nodesim.exchange.onnx.graphs import Step
from nodesim.functions.constants import SELU_ALPHA, SELU_SCALE
from nodesim.functions.contracts import Activation
from nodesim.plugins import lookup

# Their constants are single precision in any file; nodesim's selu and hard_sigmoid have the exact ones.
_SELU = {"alpha": SELU_ALPHA, "gamma": SELU_SCALE}
_NEAR = 1e-6
_SINGLE = "the file has its constants in single precision; {} has the exact ones, which is {} away."


@dataclass(frozen=True, eq=False)
class Bend:
    """An activation of the values `base`: after · activation(before · base)."""

    activation: object
    base: str
    before: float = 1.0
    after: float = 1.0
    note: str = ""


def bent(flow: Flow, data: Data, activation: object, before: float = 1.0, after: float = 1.0) -> Data:
    """Return after · activation(before · data)."""
    columns = data.columns
    if before != 1.0:
        columns = flow.assembly.scaled(columns, np.array(before))
    nodes = flow.assembly.activated(columns, activation)
    return Data(nodes if after == 1.0 else flow.assembly.scaled(nodes, np.array(after)), data.tail)


def _plain(name: str) -> Operator:
    def operator(flow: Flow, step: Step) -> list[Data]:
        flow.check(step, (1,))
        return [bent(flow, flow.data(step), name)]

    return operator


def with_slope(name: str, **parameters: float) -> Activation:
    """Return an activation with the parameters that a file gives it."""
    return lookup.activation(name, **parameters)


def _leaky_relu(flow: Flow, step: Step) -> list[Data]:
    flow.check(step, (1,), ("alpha",))
    slope = flow.attribute(step, "alpha", float(np.float32(0.01)), float)
    return [bent(flow, flow.data(step), with_slope("leaky_relu", slope=slope))]


def _elu(flow: Flow, step: Step) -> list[Data]:
    flow.check(step, (1,), ("alpha",))
    return [bent(flow, flow.data(step), with_slope("elu", alpha=flow.attribute(step, "alpha", 1.0, float)))]


def _celu(flow: Flow, step: Step) -> list[Data]:
    flow.check(step, (1,), ("alpha",))
    alpha = flow.attribute(step, "alpha", 1.0, float)
    if not alpha > 0:
        raise flow.graph.refusal(step, f"has the parameter {alpha}, which must be positive.")
    # It bends by z / alpha, and is alpha times the elu of that.
    return [bent(flow, flow.data(step), "elu", 1.0 / alpha, alpha)]


def _selu(flow: Flow, step: Step) -> list[Data]:
    flow.check(step, (1,), ("alpha", "gamma"))
    given = {name: flow.attribute(step, name, value, float) for name, value in _SELU.items()}
    if all(abs(given[name] - value) < _NEAR for name, value in _SELU.items()):
        flow.assembly.notes.append(f"{step.called}: {_SINGLE.format('selu', '1e-7')}")
        return [bent(flow, flow.data(step), "selu")]
    return [bent(flow, flow.data(step), with_slope("elu", alpha=given["alpha"]), after=given["gamma"])]


def _prelu(flow: Flow, step: Step) -> list[Data]:
    flow.check(step, (2,))
    data, slopes = flow.flat(step), flow.numbers(step, 1).values
    flow.assembly.fix(flow.numbers(step, 1).name)
    if slopes.size not in (1, len(data.columns)) or slopes.size != (slopes.shape or (1,))[-1]:
        raise flow.graph.refusal(step, f"has {slopes.size} slopes for {len(data.columns)} columns.")
    known: dict[Any, Activation] = {
        value: with_slope("leaky_relu", slope=value) for value in dict.fromkeys(slopes.reshape(-1).tolist())
    }
    flow.assembly.notes.append(f"{step.called}: its slopes stay as they are in training.")
    functions = [known[value] for value in np.broadcast_to(slopes.reshape(-1), len(data.columns)).tolist()]
    return [bent(flow, data, functions)]


def _gelu(flow: Flow, step: Step) -> list[Data]:
    flow.check(step, (1,), ("approximate",))
    if step.attributes.get("approximate", "none") != "none":
        raise flow.graph.refusal(step, "is gelu by tanh; a network has the exact one (approximate='none').")
    return [bent(flow, flow.data(step), "gelu")]


def _swish(flow: Flow, step: Step) -> list[Data]:
    flow.check(step, (1,), ("alpha",))
    alpha = flow.attribute(step, "alpha", 1.0, float)
    if alpha == 0.0:
        raise flow.graph.refusal(step, "has the parameter 0.")
    return [bent(flow, flow.data(step), "silu", alpha, 1.0 / alpha)]


def _hard_sigmoid(flow: Flow, step: Step) -> list[Data]:
    flow.check(step, (1,), ("alpha", "beta"))
    alpha, beta = flow.attribute(step, "alpha", float(np.float32(0.2)), float), flow.attribute(step, "beta", 0.5, float)
    if beta != 0.5:
        raise flow.graph.refusal(step, f"has beta={beta:g}; a network's hard_sigmoid is 0.5 at 0.")
    near = abs(6.0 * alpha - 1.0) < _NEAR
    if near:
        flow.assembly.notes.append(f"{step.called}: {_SINGLE.format('hard_sigmoid', '1e-8')}")
    return [bent(flow, flow.data(step), "hard_sigmoid", 1.0 if near else 6.0 * alpha)]


def _clip(flow: Flow, step: Step) -> list[Data]:
    flow.check(step, (1, 2, 3), ("min", "max"))
    low, high = (
        flow.numbers(step, index).values.reshape(-1).tolist()
        if step.input(index)
        else [flow.attribute(step, name, None, float)]
        for index, name in ((1, "min"), (2, "max"))
    )
    if low == [-1.0] and high == [1.0]:
        return [bent(flow, flow.data(step), "hard_tanh")]
    if low == [0.0] and (high == [None] or high[0] > 3.4e38):
        return [bent(flow, flow.data(step), "relu")]
    raise flow.graph.refusal(step, f"cuts off at {_first(low)} and {_first(high)}; a network has -1 and 1 (hard_tanh).")


def _first(numbers: list[Any]) -> str:
    return "no number" if not numbers or numbers[0] is None else f"{numbers[0]:g}"


OPERATORS: dict[str, Operator] = {
    "Relu": _plain("relu"),
    "Tanh": _plain("tanh"),
    "Sigmoid": _plain("sigmoid"),
    "Softplus": _plain("softplus"),
    "Softsign": _plain("softsign"),
    "Mish": _plain("mish"),
    "Sin": _plain("sine"),
    "LeakyRelu": _leaky_relu,
    "Elu": _elu,
    "Celu": _celu,
    "Selu": _selu,
    "PRelu": _prelu,
    "Gelu": _gelu,
    "Swish": _swish,
    "HardSigmoid": _hard_sigmoid,
    "Clip": _clip,
}

"""Constants that an ONNX file can only have rounded to single precision, and that a network has with all digits."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nodesim.exchange.blueprint import Blueprint
from nodesim.exchange.onnx.activations import DOMAIN
from nodesim.functions.constants import SELU_ALPHA, SELU_SCALE
from nodesim.functions.contracts import Activation

# Operators whose constants are attributes, which are single precision in any file.
_BY_ATTRIBUTES = ("HardSigmoid", "Selu", "Gelu")
_KNOWN = (
    SELU_ALPHA, SELU_SCALE, math.sqrt(2.0), math.sqrt(0.5), math.sqrt(2.0 / math.pi), 1.0 / 6.0,
    1.0 / 3.0,
)  # fmt: skip


def rounded(onnx: Any, model: Any, arrays: dict[str, Any], blueprint: Blueprint) -> tuple[str, ...]:
    """Return what the file has in single precision, and the network that it reads as in double.

    Parameters
    ----------
    onnx : module
    model : onnx.ModelProto
    arrays : dict
        Its initializers.
    blueprint : Blueprint
    """
    found = [node.op_type for node in model.graph.node if node.op_type in _BY_ATTRIBUTES and not node.domain]
    numbers = [float(values.item()) for values in arrays.values() if values.dtype.kind == "f" and values.size == 1]
    numbers += _constants(onnx, model.graph.node)
    found += [f"{value:.9g}" for value in numbers if _is_known(value)]
    for function in model.functions:
        if function.domain == DOMAIN:
            found += [f"{DOMAIN}.{function.name}"] * any(map(_has_all_bits, _constants(onnx, function.node)))
    for given in blueprint.given:
        exact = given.parameters.values() if isinstance(given, Activation) else () if given is None else (given,)
        # Of a network in single precision, written so.
        if blueprint.dtype == "float32" and any(float(np.float32(each)) != each for each in exact):
            found.append(str(given))
    return tuple(dict.fromkeys(found))


def passes_on(model: Any) -> bool:
    """Tell whether a model has the softplus of torch, which passes on what is large."""
    return {"Softplus", "Greater", "Where"} <= {node.op_type for node in model.graph.node}


def _constants(onnx: Any, nodes: Any) -> list[float]:
    """Return single numbers in single precision that stand in the graph itself."""
    found = []
    for attribute in (each for node in nodes if node.op_type == "Constant" for each in node.attribute):
        if attribute.type == onnx.AttributeProto.TENSOR and attribute.t.data_type == onnx.TensorProto.FLOAT:
            values = onnx.numpy_helper.to_array(attribute.t)
            found += [float(values.item())] if values.size == 1 else []
        elif attribute.name == "value_float":
            found.append(attribute.f)
    return found


def _is_known(value: float) -> bool:
    return any(0 < abs(value - known) < 1e-6 * known for known in _KNOWN)


def _has_all_bits(value: float) -> bool:
    """Tell whether a number in single precision looks like one that was rounded: 0.5, 6 and 40 do not."""
    return math.isfinite(value) and math.frexp(value)[0] * 2**16 % 1 != 0

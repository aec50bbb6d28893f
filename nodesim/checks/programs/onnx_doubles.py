"""ONNX models with all their numbers in double precision, or all in single: the exact oracle for both.

Only what leads to one value is kept: labels, and what else a classifier's file gives, are left out.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.exchange.onnx.folding import FLOATS
from nodesim.exchange.onnx.graphs import MACHINE_LEARNING

NUMBERS = {"float32": 1, "float64": 11}


def converted(
    onnx: Any, model: Any, arrays: dict[str, Array], wanted: str, dtype: str, changeable: Collection[str] = ()
) -> Any:
    """Return the part of a model that makes one value, in one precision.

    Parameters
    ----------
    onnx : module
    model : onnx.ModelProto
    arrays : dict
        Its initializers.
    wanted : str
        The value.
    dtype : {"float64", "float32"}
    changeable : collection of str
        The initializers that may be given anew at each run.
    """
    from onnx.inliner import inline_local_functions

    found = inline_local_functions(_reduced(onnx, model, wanted, arrays))
    nodes = [made for node in found.graph.node for made in _converted(onnx, node, dtype)]
    used = {wanted}.union(*(node.input for node in nodes))
    initializers = [
        onnx.numpy_helper.from_array(_rounded(values, dtype), name) for name, values in arrays.items() if name in used
    ]
    ends = {value.name: None for value in found.graph.input if value.name not in arrays}
    ends |= {tensor.name: list(tensor.dims) for tensor in initializers if tensor.name in changeable}
    given, (out,) = (
        [onnx.helper.make_tensor_value_info(name, NUMBERS[dtype], shape) for name, shape in shapes.items()]
        for shapes in (ends, {wanted: None})
    )
    graph = onnx.helper.make_graph(nodes, "network", given, [out], initializers)
    return onnx.helper.make_model(graph, opset_imports=list(found.opset_import), ir_version=max(model.ir_version, 8))


def _reduced(onnx: Any, model: Any, wanted: str, arrays: Collection[str]) -> Any:
    """Return what makes a value, without numbers: these may stand in other files, and types will be others."""
    # Weights that stand in nodes are arrays as any others.
    nodes = [node for node in needed(model.graph.node, wanted) if node.output[0] not in arrays]
    called = {(node.domain, node.op_type) for node in nodes}
    # What no node that was read calls may be anything, even a function that calls itself.
    functions = [function for function in model.functions if (function.domain, function.name) in called]
    graph = onnx.helper.make_graph(
        nodes, "network", model.graph.input, [onnx.helper.make_empty_tensor_value_info(wanted)]
    )
    return onnx.helper.make_model(
        graph, opset_imports=list(model.opset_import), functions=functions, ir_version=max(model.ir_version, 8)
    )


def _rounded(values: Array, dtype: str) -> Array:
    with np.errstate(over="ignore"):
        return values.astype(dtype) if values.dtype.kind == "f" else values


def _converted(onnx: Any, node: Any, dtype: str) -> list[Any]:
    if node.op_type == "Scaler" and node.domain == MACHINE_LEARNING:
        return _scaler(onnx, node, dtype)
    for attribute in node.attribute:
        if attribute.type == onnx.AttributeProto.TENSOR and attribute.t.data_type in FLOATS:
            values = onnx.numpy_helper.to_array(attribute.t).astype(float)
            attribute.t.CopyFrom(onnx.numpy_helper.from_array(_rounded(values, dtype)))
        elif attribute.name in ("to", "dtype") and attribute.i in FLOATS:
            attribute.i = NUMBERS[dtype]
        elif attribute.name in ("value_float", "value_floats"):
            _typed(onnx, attribute, dtype)
    return [node]


def _typed(onnx: Any, attribute: Any, dtype: str) -> None:
    """Give a constant that is written as an attribute its precision."""
    values = np.array(attribute.f if attribute.name == "value_float" else list(attribute.floats))
    tensor = onnx.numpy_helper.from_array(_rounded(values.astype(float), dtype))
    attribute.CopyFrom(onnx.helper.make_attribute("value", tensor))


def _scaler(onnx: Any, node: Any, dtype: str) -> list[Any]:
    """Return Scaler's steps: in onnxruntime it gives single precision, whatever comes in."""
    given = {attribute.name: list(attribute.floats) for attribute in node.attribute}
    made, before = [], node.input[0]
    for key, operator in (("offset", "Sub"), ("scale", "Mul")):
        name = f"{node.output[0]}_{key}"
        tensor = onnx.numpy_helper.from_array(np.array(given.get(key, [0.0 if key == "offset" else 1.0]), dtype=dtype))
        after = node.output[0] if key == "scale" else f"{name}_applied"
        made.append(onnx.helper.make_node("Constant", [], [name], value=tensor))
        made.append(onnx.helper.make_node(operator, [before, name], [after]))
        before = after
    return made


def needed(nodes: Any, wanted: str) -> list[Any]:
    """Return the nodes that lead to a value."""
    used, kept = {wanted}, []
    for node in reversed(nodes):
        if used & set(node.output):
            kept.append(node)
            used |= set(node.input)
    return kept[::-1]

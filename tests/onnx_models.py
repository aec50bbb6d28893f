"""Models of ONNX for tests: built by hand as exporters build them, turned into doubles, run by onnxruntime."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FLOATS = (TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE, TensorProto.BFLOAT16)


def model_of(nodes, arrays, *, inputs=3, opset=20, kind=TensorProto.FLOAT, outputs=("y",), domains=()):
    """Return a model of x, (samples, inputs), with these nodes and initializers."""
    dtype = helper.tensor_dtype_to_np_dtype(kind)
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("x", kind, ["N", inputs])],
        [helper.make_tensor_value_info(name, kind, None) for name in outputs],
        [
            numpy_helper.from_array(np.asarray(array, dtype=dtype if np.asarray(array).dtype.kind == "f" else None), name)
            for name, array in arrays.items()
        ],
    )  # fmt: skip
    opsets = [helper.make_opsetid(domain, version) for domain, version in (("", opset), *domains)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=10)


def doubled(model, wanted):
    """Return the part of a model that makes one value, every number of it in double precision."""
    twin = onnx.ModelProto.FromString(model.SerializeToString())
    nodes, needed = [], {wanted}
    for node in reversed(twin.graph.node):
        if needed & set(node.output):
            needed |= set(node.input)
            nodes += _doubled(node)[::-1]
    for index, tensor in enumerate(twin.graph.initializer):
        if tensor.data_type in FLOATS:
            twin.graph.initializer[index].CopyFrom(_double(tensor))
    for value in twin.graph.input:
        value.type.tensor_type.elem_type = TensorProto.DOUBLE
    del twin.graph.node[:], twin.graph.output[:], twin.graph.value_info[:]
    twin.graph.node.extend(nodes[::-1])
    twin.graph.output.append(helper.make_tensor_value_info(wanted, TensorProto.DOUBLE, None))
    return twin


def _double(tensor):
    return numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float64), tensor.name)


def _doubled(node):
    if node.op_type == "Scaler":
        # onnxruntime's own one gives single precision.
        given = {attribute.name: np.array(attribute.floats, dtype=float) for attribute in node.attribute}
        name = node.output[0]
        return [
            helper.make_node("Constant", [], [f"{name}_o"], value=numpy_helper.from_array(given["offset"])),
            helper.make_node("Sub", [node.input[0], f"{name}_o"], [f"{name}_d"]),
            helper.make_node("Constant", [], [f"{name}_s"], value=numpy_helper.from_array(given["scale"])),
            helper.make_node("Mul", [f"{name}_d", f"{name}_s"], [name]),
        ]
    for attribute in node.attribute:
        if attribute.type == onnx.AttributeProto.TENSOR and attribute.t.data_type in FLOATS:
            attribute.t.CopyFrom(_double(attribute.t))
        elif attribute.name == "to" and attribute.i in FLOATS:
            attribute.i = TensorProto.DOUBLE
    return [node]


def run(model, wanted, X, *, exact=True):
    """Return a value of a model: by onnxruntime, or by ONNX's own reference where that has no kernel for doubles."""
    import onnxruntime
    from onnx.reference import ReferenceEvaluator

    if exact:
        model = doubled(model, wanted)
    else:
        X = X.astype(helper.tensor_dtype_to_np_dtype(model.graph.input[0].type.tensor_type.elem_type))
    name = model.graph.input[0].name
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    except Exception:
        if not exact:
            raise
        return ReferenceEvaluator(model).run([wanted], {name: X})[0]
    return session.run([wanted], {name: X})[0]

"""The input of a graph: which shape its samples have."""

from __future__ import annotations

import math
from typing import Any

from nodesim.errors import ExchangeError, FileError
from nodesim.exchange.onnx.bends import Bend
from nodesim.exchange.onnx.flow import Data, Flow
from nodesim.exchange.onnx.folding import FLOATS
from nodesim.exchange.onnx.graphs import MACHINE_LEARNING, Graph, Step
from nodesim.showing import shown

# No file needs a number for each of so few columns.
_FEW = 1_000


def input_of(flow: Flow, plan: list[tuple[Step, Bend | None]]) -> str:
    """Add the input nodes, and return what the file calls them."""
    graph = flow.graph
    if len(graph.inputs) != 1:
        names = ", ".join(shown(value.name) for value in graph.inputs[:9])
        raise ExchangeError(
            f"{graph.program}: it has {len(graph.inputs)} inputs ({names}); what is read has one, of shape (samples, "
            "inputs)."
        )
    (value,) = graph.inputs
    tail = _tail(flow, value, plan)
    count = math.prod(tail)
    flow.widest = _widest(graph)
    if count > flow.widest:
        raise FileError(f"{graph.program}: its input declares {count:,} columns, more than it has numbers for.")
    flow.values[value.name] = Data(flow.assembly.inputs(count), tail)
    return str(value.name)


def _widest(graph: Graph) -> int:
    """Return how many columns numbers may stand for, those in files beside it included."""
    sizes = [max(tensor.dims, default=0) for tensor in graph.initializers.values()]
    return max(_FEW, graph.size, *sizes, 0)


def _tail(flow: Flow, value: Any, plan: list[tuple[Step, Bend | None]]) -> tuple[int, ...]:
    """Return the shape of a sample: of what a Flatten lays out, as of a picture, with several axes."""
    graph, called = flow.graph, f"{flow.graph.program}: the input {shown(value.name)!r}"
    if not value.type.HasField("tensor_type"):
        raise ExchangeError(f"{called} is no array.")
    kind = value.type.tensor_type
    if kind.elem_type not in FLOATS:
        raise ExchangeError(f"{called} has the type {kind.elem_type} of ONNX; floating numbers are read.")
    sizes = [size.dim_value if size.HasField("dim_value") else None for size in kind.shape.dim]
    if not kind.HasField("shape"):
        sizes = [None, None]
    if len(sizes) < 2:
        raise ExchangeError(f"{called} has {len(sizes)} axes; a network's has two: (samples, inputs).")
    if any(size is not None and size < 0 for size in sizes):
        raise FileError(f"{called} has a negative size.")
    flow.samples = sizes[0] or None
    tail = sizes[1:] if len(sizes) > 2 else [sizes[1] or _needed(graph, value.name, plan)]
    if not all(tail):
        raise ExchangeError(f"{called} does not say how many columns it has.")
    return tuple(int(size) for size in tail if size)


def _needed(graph: Graph, name: str, plan: list[tuple[Step, Bend | None]]) -> int:
    """Return how many columns the first operator with a matrix, or with a row of numbers, takes."""
    same = {name}
    for step, bend in plan:
        if bend is not None or step.input(0) not in same:
            continue
        if step.op in ("Cast", "Identity", "Dropout", "Flatten"):
            same.update(step.outputs)
        elif step.op in ("MatMul", "Gemm", "BatchNormalization"):
            constant = graph.constant(step.input(1))
            if constant is not None and constant.values.ndim:
                return int(constant.values.shape[1 if step.attributes.get("transB") else 0])
        elif step.op == f"{MACHINE_LEARNING}.Scaler":
            numbers = step.attributes.get("offset")
            return len(numbers) if isinstance(numbers, list) else 0
        elif step.op in ("Sub", "Add", "Mul", "Div"):
            constant = graph.constant(step.input(1))
            if constant is not None and constant.values.size > 1:
                return int(constant.values.shape[-1])
            same.update(step.outputs)
    return 0

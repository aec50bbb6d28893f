"""Operators that move columns and change none: Reshape, Flatten, Concat, Split, Slice, Gather and their kin."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nodesim._arrays import Indices
from nodesim.exchange.assembly import Parameter
from nodesim.exchange.onnx.flow import SAMPLES, Data, Flow, Operator
from nodesim.exchange.onnx.folding import FLOATS, HALVES, axes_of
from nodesim.exchange.onnx.graphs import Step


def _identity(flow: Flow, step: Step) -> list[Data]:
    flow.check(step, (1,))
    return [flow.data(step)]


def _cast(flow: Flow, step: Step) -> list[Data]:
    flow.check(step, (1,), ("to", "saturate"))
    if step.attributes.get("to") not in FLOATS:
        raise flow.graph.refusal(step, "casts data to numbers that are not floating, which cuts them off.")
    if step.attributes["to"] in HALVES:
        flow.assembly.notes.append(f"{step.called} rounds to half precision, which a network does not do.")
    return [flow.data(step)]


def _dropout(flow: Flow, step: Step) -> list[Data]:
    flow.check(step, (1, 2, 3), ("ratio", "seed", "is_test"))
    # Before version 7 that is what it does unless it is told otherwise.
    by_default = flow.graph.opset < 7 and not flow.attribute(step, "is_test", 0, int)
    if by_default or (step.input(2) and any(flow.constant(step, 2).values.reshape(-1))):
        raise flow.graph.refusal(step, "is in training mode; export the model for inference.")
    return [flow.data(step)]


def _axis(flow: Flow, step: Step, axis: int, rank: int) -> int:
    if not -rank <= axis < rank:
        raise flow.graph.refusal(step, f"has the axis {axis}; there are {rank}.")
    return axis % rank


def _last_axis(flow: Flow, step: Step, data: Data, default: int | None) -> None:
    """Refuse an axis other than that of the columns."""
    axis = flow.attribute(step, "axis", default, int)
    rank = len(data.tail) + 1
    if axis is None or _axis(flow, step, axis, rank) != rank - 1 or rank == 1:
        raise flow.graph.refusal(step, f"works along the axis {axis}, which is not that of the columns.")


def _flatten(flow: Flow, step: Step) -> list[Data]:
    flow.check(step, (1,), ("axis",))
    data = flow.data(step)
    axis, rank = flow.attribute(step, "axis", 1, int), len(data.tail) + 1
    # The axis behind the last one puts all numbers below each other.
    if rank == 1 or axis == rank or _axis(flow, step, axis, rank) != 1:
        raise flow.graph.refusal(step, f"with the axis {axis} would mix samples.")
    return [Data(data.columns, (len(data.columns),))]


def _reshape(flow: Flow, step: Step) -> list[Data]:
    flow.check(step, (1, 2), ("shape", "allowzero"))
    data = flow.data(step)
    target = flow.whole(step, 1, sizes=True) if len(step.inputs) > 1 else flow.attribute(step, "shape", [], list)
    count = len(data.columns)
    old = (SAMPLES, *data.tail)
    sizes = [old[index] if size == 0 and index < len(old) else size for index, size in enumerate(target)]
    refused = flow.graph.refusal(step, f"to the shape {str(target)[:60]} would mix samples or change their columns.")
    if not sizes or sizes[0] not in (SAMPLES, -1, flow.samples) or len(sizes) > 8:
        raise refused
    tail = sizes[1:]
    if tail.count(-1) == 1 and sizes[0] != -1:
        known = math.prod(size for size in tail if size != -1)
        tail[tail.index(-1)] = count // known if known else 0
    if any(size < 1 for size in tail) or math.prod(tail) != count:
        raise refused
    return [Data(data.columns, tuple(tail))]


def _squeeze(flow: Flow, step: Step) -> list[Data]:
    flow.check(step, (1, 2), ("axes",))
    data, axes = flow.data(step), axes_of(flow.graph, step)
    rank = len(data.tail) + 1
    gone = (
        {index for index in range(1, rank) if data.tail[index - 1] == 1}
        if axes is None
        else {_axis(flow, step, axis, rank) for axis in axes}
    )
    if 0 in gone or any(data.tail[index - 1] != 1 for index in gone):
        raise flow.graph.refusal(step, "would take an axis away that has more than one place.")
    return [Data(data.columns, tuple(size for index, size in enumerate(data.tail, 1) if index not in gone))]


def _unsqueeze(flow: Flow, step: Step) -> list[Data]:
    flow.check(step, (1, 2), ("axes",))
    data, axes = flow.data(step), axes_of(flow.graph, step) or []
    rank = len(data.tail) + 1 + len(axes)
    new = {_axis(flow, step, axis, rank) for axis in axes}
    if 0 in new or len(new) != len(axes) or rank > 9 or not axes:
        raise flow.graph.refusal(step, "must add axes of one place behind the samples.")
    old = iter(data.tail)
    return [Data(data.columns, tuple(1 if index in new else next(old) for index in range(1, rank)))]


def _concat(flow: Flow, step: Step) -> list[Data]:
    flow.check(step, range(1, len(step.inputs) + 1), ("axis",))
    parts = [flow.flat(step, index) for index in range(len(step.inputs))]
    for part in parts:
        _last_axis(flow, step, part, None)
    if any(part.tail[:-1] != parts[0].tail[:-1] for part in parts):
        raise flow.graph.refusal(step, "joins values of different shapes.")
    return [parts[0].with_columns(flow.assembly.joined([part.columns for part in parts]))]


def _split(flow: Flow, step: Step) -> list[Data]:
    count = len(step.outputs)
    flow.check(step, (1, 2), ("axis", "split", "num_outputs"), count)
    data = flow.flat(step)
    _last_axis(flow, step, data, 0)
    width = len(data.columns)
    sizes = flow.whole(step, 1) if step.input(1) else flow.attribute(step, "split", None, list)
    if sizes is None:
        most = -(-width // count)
        sizes = [max(0, min(most, width - start)) for start in range(0, most * count, most)]
    if len(sizes) != count or sum(sizes) != width or any(size < 1 for size in sizes):
        raise flow.graph.refusal(step, f"splits {width} columns into {str(sizes)[:60]}.")
    nodes = flow.assembly.finished(data.columns)
    ends = np.cumsum(sizes)
    return [data.with_columns(flow.assembly.taken(nodes, np.arange(end - size, end))) for size, end in zip(sizes, ends)]


def _slice(flow: Flow, step: Step) -> list[Data]:
    flow.check(step, (1, 3, 4, 5), ("starts", "ends", "axes"))
    data = flow.flat(step)
    rank = len(data.tail) + 1
    named = ("starts", "ends", "axes", "steps")
    starts, ends, axes, steps = (
        flow.whole(step, index)
        if step.input(index)
        else flow.attribute(step, name, None, list) if name != "steps" else None
        for index, name in enumerate(named, 1)
    )  # fmt: skip
    if starts is None or ends is None or len(starts) != 1 or len(ends) != 1:
        raise flow.graph.refusal(step, "must take its columns by one beginning and one end.")
    axis, stride = (axes or [0])[0], (steps or [1])[0]
    if _axis(flow, step, axis, rank) != rank - 1 or rank == 1 or not stride:
        raise flow.graph.refusal(step, "takes some of the samples, or no columns at all.")
    # An end before the first place is given as a number far below it.
    chosen = np.arange(len(data.columns))[starts[0] : ends[0] : stride]
    return [_taken(flow, step, data, chosen)]


def _gather(flow: Flow, step: Step) -> list[Data]:
    flow.check(step, (2,), ("axis",))
    data = flow.flat(step)
    _last_axis(flow, step, data, 0)
    constant, width = flow.constant(step, 1), len(data.columns)
    chosen = np.array(flow.whole(step, 1), dtype=np.int64)
    if constant.values.ndim > 1 or not ((chosen >= -width) & (chosen < width)).all():
        raise flow.graph.refusal(step, f"takes columns that are not among the {width}.")
    taken = _taken(flow, step, data, chosen % width)
    return [taken if constant.values.ndim else Data(taken.columns, taken.tail[:-1])]


def _taken(flow: Flow, step: Step, data: Data, chosen: Indices) -> Data:
    if not len(chosen):
        raise flow.graph.refusal(step, "takes no column at all.")
    return data.with_columns(flow.assembly.taken(data.columns, chosen))


def _shape(flow: Flow, step: Step) -> list[Data]:
    flow.check(step, (1,), ("start", "end"))
    sizes: Any = np.array([SAMPLES, *flow.data(step).tail], dtype=np.int64)
    start, end = (flow.attribute(step, name, default, int) for name, default in (("start", 0), ("end", 99)))
    flow.graph.hold(step.outputs[0], Parameter("", sizes[start:end]))
    return []


OPERATORS: dict[str, Operator] = {
    "Identity": _identity,
    "Cast": _cast,
    "Dropout": _dropout,
    "Flatten": _flatten,
    "Reshape": _reshape,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "Concat": _concat,
    "Split": _split,
    "Slice": _slice,
    "Gather": _gather,
    "Shape": _shape,
}

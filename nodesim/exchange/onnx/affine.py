"""Operators that multiply by constants and add: MatMul, Gemm, Add, BatchNormalization and their kin."""

from __future__ import annotations

import numpy as np

from nodesim._arrays import Array
from nodesim.exchange.assembly import Parameter
from nodesim.exchange.onnx.flow import Data, Flow, Operator
from nodesim.exchange.onnx.graphs import MACHINE_LEARNING, Step


def _matmul(flow: Flow, step: Step) -> list[Data]:
    flow.check(step, (2,))
    if not flow.has_data(step, 0) or flow.has_data(step, 1):
        raise flow.graph.refusal(step, "must multiply data by a constant matrix on its right.")
    return [_multiplied(flow, step, flow.numbers(step, 1))]


def _multiplied(flow: Flow, step: Step, matrix: Parameter) -> Data:
    data = flow.flat(step)
    if matrix.values.ndim not in (1, 2) or not data.tail:
        raise flow.graph.refusal(step, "must multiply data of shape (samples, n) by a matrix.")
    tail = (*data.tail[:-1], *matrix.values.shape[1:])
    if matrix.values.ndim == 1:
        matrix = matrix.reshaped(-1, 1)
    if not all(matrix.values.shape):
        raise flow.graph.refusal(step, "multiplies by an empty matrix.")
    return Data(flow.assembly.weighted(data.columns, matrix), tail)


def _gemm(flow: Flow, step: Step) -> list[Data]:
    flow.check(step, (2, 3), ("alpha", "beta", "transA", "transB", "broadcast"))
    alpha, beta = (flow.attribute(step, name, 1.0, float) for name in ("alpha", "beta"))
    if flow.attribute(step, "transA", 0, int):
        raise flow.graph.refusal(step, "transposes its data (transA=1), which mixes samples.")
    matrix = flow.numbers(step, 1)
    if flow.attribute(step, "transB", 0, int):
        matrix = matrix.transposed
    data = flow.data(step)
    if len(data.tail) != 1 or matrix.values.ndim != 2:
        raise flow.graph.refusal(step, "must multiply data of shape (samples, n) by a matrix.")
    data = _multiplied(flow, step, matrix)
    if alpha != 1.0:
        data = data.with_columns(flow.assembly.scaled(data.columns, np.array(alpha)))
    if not step.input(2):
        return [data]
    return [_shifted(flow, step, data, flow.numbers(step, 2), beta, spread=False)]


def _shifted(
    flow: Flow, step: Step, data: Data, constant: Parameter, factor: float = 1.0, *, spread: bool = True
) -> Data:
    data, row = _row(flow, step, data, constant)
    return data.with_columns(flow.assembly.shifted(data.columns, row, factor))


def _row(flow: Flow, step: Step, data: Data, constant: Parameter) -> tuple[Data, Parameter]:
    """Return the constant as a number for each column, and the data with as many columns as it has numbers."""
    shape = constant.values.shape
    count, size = len(data.columns), constant.values.size
    if any(length != 1 for length in shape[:-1]) or len(shape) > len(data.tail) + 1 or not size:
        raise flow.graph.refusal(step, f"has a constant of shape {shape}, where it must have a row of {count} numbers.")
    if not data.flat and size > 1:
        raise flow.graph.refusal(step, "takes values with more than one axis behind the samples.")
    if size == count:
        return data, constant.reshaped(-1)
    if size == 1:
        if constant.name:
            flow.assembly.fix(constant.name)
            flow.assembly.notes.append(
                f"{step.called} has one number for all {count} columns; it stays as it is in training."
            )
        return data, Parameter("", np.full(count, constant.values.reshape(-1)[0]))
    if count == 1 and data.tail:
        return data.with_columns(flow.assembly.taken(data.columns, np.zeros(size, dtype=np.intp))), constant.reshaped(
            -1
        )
    raise flow.graph.refusal(step, f"combines {size} numbers with {count} columns.")


def _pair(flow: Flow, step: Step) -> tuple[Data, Data]:
    """Return two inputs with as many columns each."""
    first, second = flow.data(step, 0), flow.data(step, 1)
    if first.tail == second.tail:
        return first, second
    if len(first.tail) == len(second.tail) == 1 and 1 in (len(first.columns), len(second.columns)):
        width = max(len(first.columns), len(second.columns))
        return _spread(flow, first, width), _spread(flow, second, width)
    raise flow.graph.refusal(step, f"combines {len(first.columns)} columns with {len(second.columns)}.")


def _spread(flow: Flow, data: Data, width: int) -> Data:
    if len(data.columns) == width:
        return data
    return data.with_columns(flow.assembly.taken(data.columns, np.zeros(width, dtype=np.intp)))


def _plus(flow: Flow, step: Step, first: Data, second: Data) -> Data:
    return first.with_columns(flow.assembly.added(first.columns, second.columns))


def _add(flow: Flow, step: Step) -> list[Data]:
    flow.check(step, (2,))
    if flow.has_data(step, 0) and flow.has_data(step, 1):
        return [_plus(flow, step, *_pair(flow, step))]
    index = 0 if flow.has_data(step, 0) else 1
    return [_shifted(flow, step, flow.data(step, index), flow.numbers(step, 1 - index))]


def _sub(flow: Flow, step: Step) -> list[Data]:
    flow.check(step, (2,))
    if flow.has_data(step, 0) and flow.has_data(step, 1):
        first, second = _pair(flow, step)
        return [_plus(flow, step, first, _times(flow, second, np.array(-1.0)))]
    if flow.has_data(step, 0):
        return [_shifted(flow, step, flow.data(step), _fixed(flow, step, flow.numbers(step, 1), "shifts"), -1.0)]
    row = _fixed(flow, step, flow.numbers(step, 0), "shifts")
    return [_shifted(flow, step, _times(flow, flow.data(step, 1), np.array(-1.0)), row)]


def _fixed(flow: Flow, step: Step, constant: Parameter, what: str) -> Parameter:
    """Return numbers as no weights that are trained: biases are added, scalers subtract and divide."""
    if constant.name:
        flow.assembly.fix(constant.name)
        flow.assembly.notes.append(f"{step.called}: its numbers are {what}, which stay as they are in training.")
    return Parameter("", constant.values)


def _times(flow: Flow, data: Data, factors: Array) -> Data:
    return data.with_columns(flow.assembly.scaled(data.columns, factors))


def _scaled(flow: Flow, step: Step, data: Data, constant: Parameter, *, divide: bool = False) -> Data:
    data, row = _row(flow, step, data, _fixed(flow, step, constant, "factors"))
    with np.errstate(divide="ignore", invalid="ignore"):
        factors = 1.0 / row.values if divide else row.values
    return _times(flow, data, factors)


def _mul(flow: Flow, step: Step) -> list[Data]:
    flow.check(step, (2,))
    if flow.has_data(step, 0) and flow.has_data(step, 1):
        raise flow.graph.refusal(step, "multiplies values by each other; a network only adds them.")
    index = 0 if flow.has_data(step, 0) else 1
    return [_scaled(flow, step, flow.data(step, index), flow.numbers(step, 1 - index))]


def _div(flow: Flow, step: Step) -> list[Data]:
    flow.check(step, (2,))
    if flow.has_data(step, 1):
        raise flow.graph.refusal(step, "divides by values that depend on the inputs; a network only adds them.")
    return [_scaled(flow, step, flow.data(step), flow.numbers(step, 1), divide=True)]


def _neg(flow: Flow, step: Step) -> list[Data]:
    flow.check(step, (1,))
    return [_times(flow, flow.data(step), np.array(-1.0))]


def _sum(flow: Flow, step: Step) -> list[Data]:
    flow.check(step, range(1, len(step.inputs) + 1))
    data = [flow.data(step, index) for index in range(len(step.inputs)) if flow.has_data(step, index)]
    if not data or any(other.tail != data[0].tail for other in data):
        raise flow.graph.refusal(step, "adds values of different shapes.")
    while len(data) > 1:
        # By pairs: each addition looks at all that was added before.
        pairs = zip(data[::2], data[1::2])
        data = [_plus(flow, step, first, second) for first, second in pairs] + data[len(data) & ~1 :]
    (total,) = data
    for index in range(len(step.inputs)):
        if not flow.has_data(step, index):
            total = _shifted(flow, step, total, flow.numbers(step, index))
    return [total]


def _batch_normalization(flow: Flow, step: Step) -> list[Data]:
    flow.check(step, (5,), ("epsilon", "momentum", "spatial", "training_mode", "is_test"))
    # Before version 14 its outputs tell, and before version 7 an attribute whose default it is.
    by_outputs = flow.graph.opset < 14 and any(step.outputs[1:])
    by_default = flow.graph.opset < 7 and not flow.attribute(step, "is_test", 0, int)
    if flow.attribute(step, "training_mode", 0, int) or by_outputs or by_default:
        raise flow.graph.refusal(step, "is in training mode; export the model for inference.")
    data = flow.flat(step)
    if len(data.tail) != 1:
        raise flow.graph.refusal(step, "must normalize data of shape (samples, n).")
    count = len(data.columns)
    for index in (1, 3, 4):
        flow.assembly.fix(flow.numbers(step, index).name)
    scale, shift, mean, variance = (flow.numbers(step, index) for index in range(1, 5))
    if any(each.values.shape != (count,) for each in (scale, shift, mean, variance)):
        raise flow.graph.refusal(step, f"must have {count} numbers of each kind.")
    epsilon = flow.attribute(step, "epsilon", float(np.float32(1e-5)), float)
    with np.errstate(divide="ignore", invalid="ignore"):
        factors = scale.values / np.sqrt(variance.values + epsilon)
        fixed = Parameter("", -mean.values * factors)
    flow.assembly.notes.append(
        f"{step.called} is folded into factors and shifts, with the statistics that it has now; its factors stay as "
        "they are in training."
    )
    columns = flow.assembly.scaled(data.columns, factors)
    # Exporters keep equal arrays once: then it is no weight of its own.
    if flow.shares[flow.graph.same(step.inputs[2])] > 1:
        flow.assembly.fix(shift.name)
        return [Data(flow.assembly.shifted(columns, Parameter("", fixed.values + shift.values)), data.tail)]
    if fixed.values.any():
        columns = flow.assembly.shifted(columns, fixed)
    return [Data(flow.assembly.shifted(columns, shift), data.tail)]


def _scaler(flow: Flow, step: Step) -> list[Data]:
    flow.check(step, (1,), ("offset", "scale"))
    data = flow.flat(step)
    for name, default in (("offset", [0.0]), ("scale", [1.0])):
        numbers = flow.attribute(step, name, default, list)
        if len(numbers) not in (1, len(data.columns)) or not all(isinstance(each, float) for each in numbers):
            raise flow.graph.refusal(step, f"must have a number for each column as {name}.")
        row = np.broadcast_to(np.array(numbers), len(data.columns))
        if name == "scale":
            return [_times(flow, data, row)]
        data = data.with_columns(flow.assembly.shifted(data.columns, Parameter("", -row)))
    return [data]


OPERATORS: dict[str, Operator] = {
    "MatMul": _matmul,
    "Gemm": _gemm,
    "Add": _add,
    "Sub": _sub,
    "Mul": _mul,
    "Div": _div,
    "Neg": _neg,
    "Sum": _sum,
    "BatchNormalization": _batch_normalization,
    f"{MACHINE_LEARNING}.Scaler": _scaler,
}

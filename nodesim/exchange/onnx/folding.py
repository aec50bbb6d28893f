"""What a graph makes of constants alone: turned, reshaped and joined arrays, that still know where they come from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from nodesim.errors import NodesimError
from nodesim.exchange.assembly import Parameter
from nodesim.exchange.onnx import tensors
from nodesim.exchange.onnx.flow import SAMPLES
from nodesim.exchange.onnx.graphs import Graph, Step, whole_numbers

FLOATS, HALVES = (1, 10, 11, 16), (10, 16)
# Sizes beyond are none, and their products would overflow.
_LARGEST = 2**31


def folded(graph: Graph, step: Step) -> Parameter | None:
    """Return the constant that a step makes, None if it makes none or is not known to."""
    fold = _FOLDS.get(step.op)
    if fold is None or len(step.outputs) != 1:
        return None
    constants = [graph.constant(name) if name else None for name in step.inputs]
    if any(constant is None and name for constant, name in zip(constants, step.inputs)):
        return None
    try:
        return fold(graph, step, constants)
    except NodesimError:
        raise
    except (ValueError, IndexError, TypeError, AttributeError, ArithmeticError) as error:
        raise graph.refusal(step, f"cannot be applied to its constants: {error}.") from error


def fold_all(graph: Graph) -> None:
    """Fold what can be folded."""
    for step in graph.steps:
        constant = folded(graph, step)
        if constant is not None:
            graph.hold(step.outputs[0], constant)


def moved(constant: Parameter, move: Callable[[Any], Any]) -> Parameter:
    """Return a constant whose numbers stand elsewhere; their places move with them."""
    return replace(constant, values=move(constant.values), places=move(constant.placed))


def _constant(graph: Graph, step: Step, _: Any) -> Parameter | None:
    given = step.attributes
    if len(given) != 1:
        return None
    ((key, value),) = given.items()
    if key == "value":
        return Parameter(step.outputs[0], tensors.array(value, graph.program, graph.folder))
    if key in ("value_float", "value_floats"):
        return Parameter("", np.array(value, dtype=float))
    if key in ("value_int", "value_ints"):
        return Parameter("", np.array(value, dtype=np.int64))
    return None


def _same(graph: Graph, step: Step, constants: list[Any]) -> Parameter | None:
    return constants[0]  # type: ignore[no-any-return]


def _cast(graph: Graph, step: Step, constants: list[Any]) -> Parameter | None:
    values, to = constants[0].values, step.attributes.get("to")
    if to in FLOATS and values.dtype == np.float64:
        return None if _is_rounded(values, to) else constants[0]
    if values.dtype != np.int64:
        return None
    counts = values == SAMPLES
    if to in FLOATS:
        # How many samples there are is no number.
        number = values.astype(float)
        return None if counts.any() or _is_rounded(number, to) else Parameter("", number)
    fits = to == 7 or (to == 6 and (counts | (np.abs(values) < _LARGEST)).all())
    return Parameter("", values) if fits else None


def _is_rounded(values: Any, to: int) -> bool:
    """Tell whether numbers are others in half precision."""
    if to not in HALVES:
        return False
    with np.errstate(over="ignore", invalid="ignore"):
        # BFLOAT16 has the first 8 bits of what FLOAT has as digits.
        single = values.astype("<f4")
        short = values.astype("<f2") if to == 10 else (single.view("<u4") & 0xFFFF0000).view("<f4")
        return not np.array_equal(short.astype(float), values)


def _transpose(graph: Graph, step: Step, constants: list[Any]) -> Parameter | None:
    order = step.attributes.get("perm")
    return moved(constants[0], lambda values: values.transpose(order))


def _reshape(graph: Graph, step: Step, constants: list[Any]) -> Parameter | None:
    target = whole_numbers(constants[1]) if len(constants) > 1 else step.attributes.get("shape")
    if target is None:
        return None
    shape = constants[0].values.shape
    whole = [shape[index] if size == 0 else size for index, size in enumerate(target)]
    if min(whole, default=0) < -1:
        # NumPy takes any negative size for -1.
        return None
    return moved(constants[0], lambda values: values.reshape(whole))


def axes_of(graph: Graph, step: Step, index: int = 1) -> list[int] | None:
    """Return the axes of a step: an input since version 13, an attribute before."""
    if step.input(index):
        constant = graph.constant(step.input(index))
        return None if constant is None else whole_numbers(constant)
    return step.attributes.get("axes")


def _squeeze(graph: Graph, step: Step, constants: list[Any]) -> Parameter | None:
    axes = axes_of(graph, step)
    return moved(constants[0], lambda values: values.squeeze(None if axes is None else tuple(axes)))


def _unsqueeze(graph: Graph, step: Step, constants: list[Any]) -> Parameter | None:
    axes = axes_of(graph, step)
    if axes is None or len(axes) > 8:
        return None
    return moved(constants[0], lambda values: np.expand_dims(values, tuple(axes)))


def _gather(graph: Graph, step: Step, constants: list[Any]) -> Parameter | None:
    values, indices = constants[0].values, constants[1].values
    if values.ndim != 1 or values.dtype != np.int64 or indices.dtype != np.int64:
        return None
    return Parameter("", values[indices])


def _concat(graph: Graph, step: Step, constants: list[Any]) -> Parameter | None:
    if any(constant.values.ndim != 1 or constant.values.dtype != np.int64 for constant in constants):
        return None
    return Parameter("", np.concatenate([constant.values for constant in constants]))


def _calculated(graph: Graph, step: Step, constants: list[Any]) -> Parameter | None:
    """Calculate with sizes, which exporters do where they split or reshape."""
    if len(constants) != 2 or not all(_are_sizes(constant) for constant in constants):
        return None
    first, second = (constant.values for constant in constants)
    if step.op == "Div":
        return Parameter("", first // second) if first.min() >= 0 and second.min() > 0 else None
    return Parameter("", {"Add": np.add, "Sub": np.subtract, "Mul": np.multiply}[step.op](first, second))


def _product(graph: Graph, step: Step, constants: list[Any]) -> Parameter | None:
    """Multiply by one number, as a bias node's constant is; of sizes, calculate with them."""
    if len(constants) != 2 or any(constant.values.dtype != np.float64 for constant in constants):
        return _calculated(graph, step, constants)
    if min(constant.values.size for constant in constants) != 1:
        return None
    return Parameter("", constants[0].values * constants[1].values)


def _are_sizes(constant: Any) -> bool:
    """Tell whether they are whole numbers as sizes are; nothing is calculated of the unknown count of samples."""
    values = constant.values
    return bool(values.dtype == np.int64 and values.size and (np.abs(values) < _LARGEST).all())


def _slice(graph: Graph, step: Step, constants: list[Any]) -> Parameter | None:
    if len(constants) not in (3, 4, 5) or any(constant is None for constant in constants):
        return None
    values, *places = (constant.values for constant in constants)
    if any((each == SAMPLES).any() for each in places):
        return None
    if values.ndim != 1 or values.dtype != np.int64 or any(each.size != 1 for each in places):
        return None
    start, end, axis, stride = [int(each.reshape(-1)[0]) for each in places] + [0, 1][len(places) - 2 :]
    return Parameter("", values[start:end:stride]) if axis in (0, -1) and stride else None


_FOLDS: dict[str, Callable[[Graph, Step, list[Any]], Parameter | None]] = {
    "Constant": _constant,
    "Identity": _same,
    "Cast": _cast,
    "Transpose": _transpose,
    "Reshape": _reshape,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "Gather": _gather,
    "Concat": _concat,
    "Slice": _slice,
    **dict.fromkeys(("Add", "Sub", "Div"), _calculated),
    "Mul": _product,
}

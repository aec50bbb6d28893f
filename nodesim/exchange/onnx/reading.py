"""Networks of ONNX files: as skl2onnx, torch.onnx and tf2onnx write them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nodesim.errors import ExchangeError, FileError, NodesimError
from nodesim.exchange.assembly import Assembly
from nodesim.exchange.blueprint import Blueprint, loss_of
from nodesim.exchange.onnx import affine, bends, level_graphs, metadata, own_functions, shaping
from nodesim.exchange.onnx.bends import Bend, bent
from nodesim.exchange.onnx.endings import Classes, Ending, ending_of
from nodesim.exchange.onnx.flow import Data, Flow, Operator
from nodesim.exchange.onnx.folding import fold_all, folded
from nodesim.exchange.onnx.graphs import Graph, Step, graph_of
from nodesim.exchange.onnx.inputs import input_of
from nodesim.exchange.onnx.opening import Opened, opened
from nodesim.exchange.onnx.patterns import pattern
from nodesim.showing import shown

_OPERATORS: dict[str, Operator] = {**affine.OPERATORS, **shaping.OPERATORS, **bends.OPERATORS}
_INNER = ("Softmax", "LogSoftmax")
_FLATTENED = (
    "the file writes the {} outputs of each sample below each other, in one column; they stand side by side here."
)


@dataclass(frozen=True, eq=False)
class Reading:
    """An ONNX file, read.

    Attributes
    ----------
    opened : Opened
        With the model itself.
    blueprint : Blueprint
    ending : Ending
        Which value of the graph the outputs are.
    input : str
        The value of the graph that the inputs are.
    """

    opened: Opened
    blueprint: Blueprint
    ending: Ending
    input: str


def read(file: Any, loss: object = None) -> Blueprint:
    """Return what a network is made of.

    Parameters
    ----------
    file : path, bytes or onnx.ModelProto
    loss : str or Loss, optional
        By default what the last operator suggests.

    Raises
    ------
    FileError
        For a file that is damaged.
    ExchangeError
        Naming the node and the operator that a network cannot have.
    """
    return reading(file, loss).blueprint


def reading(file: Any, loss: object = None) -> Reading:
    """Return what `read` does, and which values of the file are meant."""
    source = opened(file)
    try:
        return _reading(source, loss)
    except NodesimError:
        raise
    except (ValueError, TypeError, AttributeError, ArithmeticError, LookupError, RecursionError, MemoryError) as error:
        # Texts that are no UTF-8, numbers beyond any array, ...
        raise FileError(f"{source.program}: this file is damaged: {type(error).__name__}: {error}") from error


def _reading(source: Opened, loss: object) -> Reading:
    graph = graph_of(source)
    fold_all(graph)
    ending = ending_of(graph)
    described, note = metadata.described(source.model, lambda: _arrays(graph), loss)
    if described is not None:
        return Reading(source, described, ending, level_graphs.INPUT)
    plan = list(_plan(graph, ending.output))
    uses = Counter(name for step, bend in plan for name in (step.inputs if bend is None else (bend.base,)))
    uses[ending.output] += 1
    flow = Flow(graph, Assembly(source.program), uses)
    name = input_of(flow, plan)
    for step, bend in plan:
        _apply(flow, step, bend)
    outputs = _outputs(flow, ending.output, ending.softmax)
    if ending.flattened and len(outputs.columns) > 1:
        flow.assembly.notes.append(_FLATTENED.format(len(outputs.columns)))
    flow.assembly.notes += [*filter(None, [note]), *ending.notes, *_tied(flow.assembly), *_unused(graph, plan)]
    blueprint = flow.assembly.blueprint(
        outputs.columns, loss_of(loss, ending.kind), classes=_fitting(graph, ending.classes, len(outputs.columns))
    )
    return Reading(source, blueprint, ending, name)


def _arrays(graph: Graph) -> dict[str, Any]:
    constants = {name: graph.constant(name) for name in graph.initializers}
    return {name: constant.values for name, constant in constants.items() if constant is not None}


def _plan(graph: Graph, output: str) -> Iterator[tuple[Step, Bend | None]]:
    """Yield the steps that lead to the output, in order; one for all those of a pattern."""
    needed, plan = {output}, []
    for step in reversed(graph.steps):
        if not needed.intersection(step.outputs) or step.outputs[0] in graph.folded:
            continue
        bend = pattern(graph, step)
        needed.update(step.inputs if bend is None else (bend.base,))
        plan.append((step, bend))
    return reversed(plan)


def _apply(flow: Flow, step: Step, bend: Bend | None) -> None:
    if bend is not None and bend.base in flow.values:
        if bend.note:
            flow.assembly.notes.append(f"{step.called}: {bend.note}")
        flow.keep(step.outputs[0], bent(flow, flow.values[bend.base], bend.activation, bend.before, bend.after))
        return
    constant = folded(flow.graph, step)
    if constant is not None:
        flow.graph.hold(step.outputs[0], constant)
        return
    operator = own_functions.operator if step.op.startswith(own_functions.PREFIX) else _OPERATORS.get(step.op)
    if operator is None:
        raise flow.graph.refusal(step, _no_counterpart(step))
    for name, data in zip(step.outputs, operator(flow, step)):
        if name:
            flow.keep(name, data)


def _no_counterpart(step: Step) -> str:
    if step.op in _INNER:
        return "stands inside the network; a network has a softmax only at its end, where its loss does it."
    return "has no counterpart: a network is made of weighted sums and functions of one number."


def _outputs(flow: Flow, name: str, softmax: str) -> Data:
    if name not in flow.values:
        raise ExchangeError(f"{flow.graph.program}: the output {shown(name)!r} does not depend on the inputs.")
    data = flow.values[name]
    if not data.tail and softmax:
        raise ExchangeError(f"{flow.graph.program}: its softmax is over samples, and must be over outputs.")
    if len(data.tail) > 1:
        raise ExchangeError(
            f"{flow.graph.program}: the output {shown(name)!r} has {len(data.tail) + 1} axes; a network has (samples, "
            "outputs)."
        )
    return data


def _fitting(graph: Graph, classes: Classes | None, count: int) -> Classes | None:
    if classes is None or len(classes) == count or (count == 1 and len(classes) == 2):
        return classes
    raise FileError(f"{graph.program}: it names {len(classes)} classes, and has {count} outputs.")


def _tied(assembly: Assembly) -> list[str]:
    if not assembly.shared:
        return []
    return [
        f"the weights of {_named(assembly.shared)} are tied: the file has them once, for several uses. Exporters also "
        "keep arrays once that happen to be equal, as biases of 0; untie() gives each use a weight of its own again."
    ]


def _named(names: list[str]) -> str:
    return f"{', '.join(map(shown, names[:5]))}{' and others' if len(names) > 5 else ''}"


def _unused(graph: Graph, plan: list[tuple[Step, Bend | None]]) -> list[str]:
    taken = {name for step in graph.steps for name in step.inputs}
    unused = [name for name in graph.initializers if name not in taken]
    if not unused:
        return []
    return [f"no operator takes the arrays {_named(unused)}; they are left out."]

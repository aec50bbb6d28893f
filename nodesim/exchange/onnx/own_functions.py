"""Functions of the domain "nodesim", as models written by nodesim have them, recognised in a file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from nodesim.errors import ExchangeError, NodesimError
from nodesim.exchange.onnx import opening
from nodesim.exchange.onnx.activations import DOMAIN, function_of
from nodesim.exchange.onnx.bends import bent
from nodesim.exchange.onnx.flow import Data, Flow
from nodesim.exchange.onnx.graphs import Step
from nodesim.functions.contracts import Activation
from nodesim.graph.structure import DTYPES
from nodesim.plugins import lookup
from nodesim.plugins.spelling import made_of_formula
from nodesim.showing import shown

PREFIX = f"{DOMAIN}."


def operator(flow: Flow, step: Step) -> list[Data]:
    """Read a node whose operator is such a function."""
    if step.attributes or len(step.outputs) != 1:
        raise flow.graph.refusal(step, "has attributes, or several outputs, which no such function has.")
    numbers = [flow.numbers(step, index).values for index in range(1, len(step.inputs))]
    if any(values.size != 1 for values in numbers):
        raise flow.graph.refusal(step, "must have one number for each parameter.")
    who = f"{flow.graph.program}: {step.called}"
    name = step.op.removeprefix(PREFIX)
    activation = activation_of(flow.graph.functions, name, [float(values.item()) for values in numbers], who)
    return [bent(flow, flow.data(step), activation)]


def activation_of(functions: Sequence[Any], name: str, parameters: Sequence[float], who: str) -> Activation:
    """Return the activation that a function of a model calculates.

    A name proves nothing: what the function does must be what nodesim writes for that activation.

    Parameters
    ----------
    functions : sequence of onnx.FunctionProto
        Those of the model.
    name : str
        Of the function, without its domain.
    parameters : sequence of float
        What a node gives it besides z.
    who : str
        The node, for messages.

    Raises
    ------
    ExchangeError
        If the model has no such function, or it does something else.
    """
    found = [each for each in functions if each.domain == DOMAIN and each.name == name]
    if len(found) != 1:
        raise ExchangeError(f"{who}: the model has {len(found)} functions {DOMAIN}.{shown(name)}, and needs one.")
    names = list(found[0].input)[1:]
    if len(names) != len(parameters):
        raise ExchangeError(f"{who}: it gives {len(parameters)} parameters to a function of {len(names)}.")
    for activation in _candidates(found[0], dict(zip(names, parameters))):
        if _is_written_so(activation, found[0]):
            return activation
    raise ExchangeError(
        f"{who}: the function {DOMAIN}.{shown(name)} of the file is none that nodesim writes for an activation "
        "registered here. Register the activation, as in nodesim.register(nodesim.Activation(...)), or use operators "
        "of ONNX."
    )


def _candidates(function: Any, parameters: dict[str, float]) -> Iterator[Activation]:
    name, formula = _described(function)
    for wanted in dict.fromkeys((name, function.name)):
        try:
            yield lookup.default.find(Activation, wanted).with_parameters(**parameters)
        except NodesimError:
            continue
    try:
        yield made_of_formula(Activation, name, formula, parameters)
    except NodesimError:
        return


def _described(function: Any) -> tuple[str, str]:
    """Return the name and the formula that a function says it has: text of a file, which may be any."""
    try:
        said = json.loads(function.doc_string)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        return function.name, ""
    name, formula = said.get("activation"), said.get("formula")
    return name if isinstance(name, str) and name else function.name, formula if isinstance(formula, str) else ""


def _is_written_so(activation: Activation, function: Any) -> bool:
    onnx = opening.imported()
    for dtype in DTYPES:
        try:
            own = function_of(onnx, activation, function.name, dtype)
        except NodesimError:
            continue
        if all(_plain(getattr(own, part)) == _plain(getattr(function, part)) for part in ("node", "input", "output")):
            return True
    return False


def _plain(parts: Any) -> list[Any]:
    return [part if isinstance(part, str) else part.SerializeToString(deterministic=True) for part in parts]

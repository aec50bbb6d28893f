"""The graph of an ONNX file: its steps in order, its constants, what goes in and comes out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from nodesim.errors import ExchangeError, FileError
from nodesim.exchange.assembly import MOST, Parameter
from nodesim.exchange.onnx import tensors
from nodesim.exchange.onnx.opening import Opened, imported
from nodesim.showing import shown

_STANDARD = ("", "ai.onnx")
MACHINE_LEARNING = "ai.onnx.ml"
# What attributes hold, by the number of their type.
_HELD = {1: "f", 2: "i", 3: "s", 4: "t", 6: "floats", 7: "ints", 8: "strings"}
_LISTS = {6, 7, 8}


@dataclass(frozen=True, eq=False)
class Step:
    """A node of the graph.

    Attributes
    ----------
    op : str
        Its operator; with its domain before it where that is not the standard one.
    name : str
    inputs, outputs : tuple of str
        "" for what is left out.
    attributes : mapping
    """

    op: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Any]

    @property
    def called(self) -> str:
        """What messages call it."""
        own = self.name or next(filter(None, self.outputs), "")
        return f"the node {shown(own)!r} ({shown(self.op)})"

    def input(self, index: int) -> str:
        """Return the name of an input, "" where it is left out."""
        return self.inputs[index] if index < len(self.inputs) else ""


@dataclass(eq=False)
class Graph:
    """What a file holds, checked: each name is made once, and before it is used."""

    program: str
    folder: Path | None
    size: int
    opset: int
    steps: list[Step]
    initializers: dict[str, Any]
    inputs: list[Any]
    outputs: list[str]
    functions: tuple[Any, ...] = ()
    producers: dict[str, Step] = field(default_factory=dict)
    folded: dict[str, Parameter] = field(default_factory=dict)
    # What values are called that are passed on under another name.
    originals: dict[str, str] = field(default_factory=dict)
    held: int = 0

    def refusal(self, step: Step, why: str) -> ExchangeError:
        """Return the error that names a step."""
        return ExchangeError(f"{self.program}: {step.called} {why}")

    def producer(self, name: str, *ops: str) -> Step | None:
        """Return the step that makes a value, if it is one of these operators; steps that change nothing are passed."""
        step = self.producers.get(self.same(name))
        return step if step is not None and (not ops or step.op in ops) else None

    def same(self, name: str) -> str:
        """Return the name of the value that this one is, too."""
        return self.originals.get(name, name)

    def constant(self, name: str) -> Parameter | None:
        """Return a value that does not depend on inputs, and where its numbers come from."""
        if name not in self.folded and name in self.initializers:
            values = tensors.array(self.initializers[name], self.program, self.folder)
            self.hold(name, Parameter(name, values))
        return self.folded.get(name)

    def hold(self, name: str, constant: Parameter) -> None:
        """Keep a constant; a file may turn and reshape its arrays as often as it likes."""
        self.held += constant.values.size
        if self.held > 2 * MOST:
            raise ExchangeError(f"{self.program}: its arrays have more than {2 * MOST:,} numbers.")
        self.folded[name] = constant

    def number(self, name: str) -> float | None:
        """Return the value of a constant of one number."""
        constant = self.constant(name)
        if constant is None or constant.values.size != 1 or constant.values.dtype == object:
            return None
        return float(constant.values.reshape(-1)[0])


def graph_of(opened: Opened) -> Graph:
    """Return the graph of a model.

    Raises
    ------
    FileError
        Where values are made twice, or used before they are made.
    ExchangeError
        For an unknown version of the operators.
    """
    model, proto = opened.model, opened.model.graph
    for function in model.functions:
        if function.domain in (*_STANDARD, MACHINE_LEARNING):
            # Programs differ in whether they run it, or the operator of that name.
            what = shown(function.name)
            raise ExchangeError(f"{opened.program}: it has a function {what} of its own, in a domain of ONNX itself.")
    if len(proto.sparse_initializer):
        raise ExchangeError(f"{opened.program}: sparse initializers are not read; write them as whole arrays.")
    initializers: dict[str, Any] = {}
    for tensor in proto.initializer:
        _once(tensor.name, initializers, opened.program)
        initializers[tensor.name] = tensor
    inputs = [value for value in proto.input if value.name not in initializers]
    outputs = [value.name for value in proto.output]
    _check_text(outputs, opened.program)
    graph = Graph(
        opened.program, opened.folder, opened.size, _opset(model, opened.program), [], initializers, inputs, outputs,
        tuple(model.functions),
    )  # fmt: skip
    known = set(initializers)
    for value in inputs:
        _once(value.name, known, opened.program)
        known.add(value.name)
    for step in _steps(proto, opened.program):
        _link(graph, step, known)
    lost = [name for name in outputs if name not in known]
    if lost:
        raise FileError(f"{opened.program}: nothing makes the output {shown(lost[0])!r}.")
    return graph


def _link(graph: Graph, step: Step, known: set[str]) -> None:
    for name in step.inputs:
        if name and name not in known:
            raise FileError(f"{graph.program}: {step.called} takes {shown(name)!r}, which nothing before it makes.")
    for name in filter(None, step.outputs):
        _once(name, known, graph.program)
        known.add(name)
        graph.producers[name] = step
    if step.op == "Identity" and step.input(0) and step.outputs:
        graph.originals[step.outputs[0]] = graph.same(step.inputs[0])
    graph.steps.append(step)


def _once(name: str, known: Any, program: str) -> None:
    _check_text((name,), program)
    if not name:
        raise FileError(f"{program}: a value has no name.")
    if name in known:
        raise FileError(f"{program}: there are two values called {shown(name)!r}.")


def _check_text(names: Iterable[Any], program: str) -> None:
    """Protobuf gives bytes where a file has no text."""
    if not all(isinstance(name, str) for name in names):
        raise FileError(f"{program}: this file is damaged: a name in it is no text.")


def _opset(model: Any, program: str) -> int:
    newest = imported().defs.onnx_opset_version()
    versions = [entry.version for entry in model.opset_import if entry.domain in _STANDARD]
    if len(set(versions)) > 1 or any(not 1 <= version <= newest for version in versions):
        raise ExchangeError(f"{program}: the operators' versions are {versions[:9]}; known are 1 to {newest}.")
    if not versions:
        raise FileError(f"{program}: this file is damaged: it says no version of its operators.")
    return int(versions[0])


def _steps(proto: Any, program: str) -> Iterator[Step]:
    for node in proto.node:
        names = (attribute.name for attribute in node.attribute)
        _check_text((node.domain, node.op_type, node.name, *node.input, *node.output, *names), program)
        domain = "" if node.domain in _STANDARD else f"{node.domain}."
        attributes = {attribute.name: _held(attribute) for attribute in node.attribute}
        yield Step(domain + node.op_type, node.name, tuple(node.input), tuple(node.output), attributes)


def _held(attribute: Any) -> Any:
    """Return what an attribute holds; itself where that is no number, text or array."""
    name = _HELD.get(attribute.type)
    if name is None or attribute.ref_attr_name:
        return attribute
    value = getattr(attribute, name)
    if attribute.type == 3:
        return value.decode("utf-8")
    if attribute.type == 8:
        return [text.decode("utf-8") for text in value]
    return list(value) if attribute.type in _LISTS else value


def whole_numbers(constant: Parameter) -> list[int] | None:
    """Return a constant's values as a list, None if they are not whole numbers."""
    values: Any = constant.values
    return None if values.dtype != np.int64 else [int(value) for value in values.reshape(-1)]

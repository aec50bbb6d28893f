"""The ends of a graph: the numbers that it gives, what a final softmax leaves to the loss, and labels of classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nodesim.errors import ExchangeError, FileError
from nodesim.exchange.onnx.folding import FLOATS
from nodesim.exchange.onnx.graphs import MACHINE_LEARNING, Graph, Step
from nodesim.showing import shown

Classes = tuple[str | int | bool, ...]
_ZIP_MAP, _EXTRACTOR, _ENCODER, _BINARIZER = (
    f"{MACHINE_LEARNING}.{op}" for op in ("ZipMap", "ArrayFeatureExtractor", "LabelEncoder", "Binarizer")
)


@dataclass(frozen=True)
class Ending:
    """What a network is to give.

    Attributes
    ----------
    output : str
        The value of the graph that the network's outputs are.
    kind : {"softmax", "sigmoid", None}
        What follows behind, or what they end with: see `nodesim.exchange.blueprint.loss_of`.
    classes : tuple, optional
        What they stand for.
    softmax : str
        The value behind the softmax that is left to the loss, "" where there is none.
    notes : tuple of str
    """

    output: str
    kind: str | None
    classes: Classes | None
    softmax: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Label:
    """An output that names classes, and the value that it is taken of."""

    source: str
    classes: Classes | None
    many: bool = False


def ending_of(graph: Graph) -> Ending:
    """Find what a graph gives.

    Raises
    ------
    ExchangeError
        For several outputs of numbers, or none.
    """
    if not graph.outputs:
        raise ExchangeError(f"{graph.program}: it has no output.")
    labels = {name: _label(graph, name) for name in graph.outputs}
    found = [label for label in labels.values() if label is not None]
    numbers = [_unzipped(graph, name) for name in graph.outputs if labels[name] is None]
    if not numbers:
        numbers = [(label.source, None) for label in found[:1]]
    if len({graph.same(name) for name, _ in numbers}) > 1:
        names = ", ".join(shown(name) for name in graph.outputs)
        raise ExchangeError(f"{graph.program}: it has several outputs ({names}); a network has one row of them.")
    name, zipped = numbers[0]
    ending = _numbers(graph, graph.same(name))
    _check_labels(graph, found, name, ending.output)
    if any(label.many for label in found):
        return ending
    classes = next((label.classes for label in found if label.classes is not None), zipped)
    return Ending(ending.output, ending.kind, classes, ending.softmax, ending.notes)


def _check_labels(graph: Graph, labels: list[_Label], name: str, output: str) -> None:
    ends = {graph.same(name), graph.same(output)}
    for label in labels:
        if graph.same(label.source) not in ends:
            raise ExchangeError(
                f"{graph.program}: its labels are taken of {shown(label.source)!r}, not of its numbers."
            )


def _numbers(graph: Graph, name: str) -> Ending:
    step = _behind(graph, name, "Flatten")
    if step is None:
        return Ending(name, None, None)
    if step.op in ("Softmax", "LogSoftmax"):
        _check_softmax(graph, step)
        notes = (
            ("the file gives logarithms of probabilities; a network's outputs are what its softmax takes.",)
            if step.op == "LogSoftmax"
            else ()
        )
        return Ending(step.input(0), "softmax", None, name, notes)
    if step.op == "Concat" and (positive := _both_sides(graph, step)) is not None:
        return Ending(positive, "sigmoid", None)
    last = _behind(graph, name, "Flatten", "Reshape", "Squeeze")
    return Ending(name, "sigmoid" if last is not None and last.op == "Sigmoid" else None, None)


def _behind(graph: Graph, name: str, *ops: str) -> Step | None:
    """Return the step that makes a value, but for steps that only reshape it."""
    step = graph.producer(name)
    while step is not None and step.op in ops and step.attributes.get("axis", 1) == 1:
        step = graph.producer(step.input(0))
    return step


def _check_softmax(graph: Graph, step: Step) -> None:
    if step.attributes.get("axis", 1 if graph.opset < 13 else -1) not in (1, -1) or len(step.inputs) != 1:
        raise graph.refusal(step, "works along another axis than that of the outputs.")


def _both_sides(graph: Graph, step: Step) -> str | None:
    """Return p of (1 - p, p)."""
    if len(step.inputs) != 2 or step.attributes.get("axis") not in (1, -1):
        return None
    negative, positive = graph.producer(step.inputs[0], "Sub"), graph.same(step.inputs[1])
    if negative is None or len(negative.inputs) != 2 or graph.producer(positive, "Sigmoid") is None:
        return None
    same = graph.number(negative.inputs[0]) == 1.0 and graph.same(negative.inputs[1]) == positive
    return positive if same else None


def _label(graph: Graph, name: str) -> _Label | None:
    """Follow an output back to where a class is chosen, None if it is no label."""
    classes: Classes | None = None
    while (step := graph.producers.get(name)) is not None:
        if step.op == "ArgMax":
            return _Label(_probabilities(graph, step.input(0)), classes)
        if step.op == _BINARIZER:
            return _Label(_probabilities(graph, step.input(0)), None, many=True)
        if step.op in (_EXTRACTOR, "Gather"):
            classes = _classes_of(graph, step)
            if classes is None:
                return None
            name = step.input(1)
        elif step.op == _ENCODER:
            classes = _encoded(graph, step)
            name = step.input(0)
        elif step.op in ("Identity", "Cast", "Reshape", "Squeeze", "Flatten"):
            name = step.input(0)
        else:
            return None
    return None


def _probabilities(graph: Graph, name: str) -> str:
    return graph.same(name)


def _classes_of(graph: Graph, step: Step) -> Classes | None:
    constant = graph.constant(step.input(0))
    if constant is None or constant.values.dtype == float:
        return None
    return _distinct(graph, constant.values.reshape(-1).tolist())


def _encoded(graph: Graph, step: Step) -> Classes:
    keys = step.attributes.get("keys_int64s")
    values = step.attributes.get("values_strings") or step.attributes.get("values_int64s")
    if "classes_strings" in step.attributes:
        values = step.attributes["classes_strings"]
        keys = list(range(len(values))) if isinstance(values, list) else None
    if not isinstance(keys, list) or not isinstance(values, list) or sorted(keys) != list(range(len(values))):
        raise graph.refusal(step, "must give each class, counted from 0, its label.")
    return _distinct(graph, [value for _, value in sorted(zip(keys, values))])


def _distinct(graph: Graph, classes: list[Any]) -> Classes:
    if not classes or len(set(classes)) < len(classes):
        raise FileError(f"{graph.program}: its classes are none, or some of them are the same.")
    return tuple(classes)


def _unzipped(graph: Graph, name: str) -> tuple[str, Classes | None]:
    """Return the value that an output of numbers has, and the classes that it is labelled by."""
    classes: Classes | None = None
    while (step := graph.producers.get(name)) is not None:
        if step.op == _ZIP_MAP:
            labels = step.attributes.get("classlabels_strings") or step.attributes.get("classlabels_int64s")
            if not isinstance(labels, list):
                raise graph.refusal(step, "names no classes.")
            classes = _distinct(graph, labels)
        elif step.op != "Identity" and not (step.op == "Cast" and step.attributes.get("to") in FLOATS):
            break
        name = step.input(0)
    return name, classes

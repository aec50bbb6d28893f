"""What ONNX has no place for, in a model's metadata: names, which connections there are, frozen ones, loss, classes.

They stand there as in nodesim's own files, but for the weights: numbers are those of the model. A file's metadata may
say anything, and another program may have changed the model since. So they count only if the network that they
describe, written again with the model's numbers, is the model.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import ExchangeError, FunctionError, NodesimError, UnknownNameError
from nodesim.exchange.blueprint import Blueprint
from nodesim.exchange.onnx import level_graphs, opening
from nodesim.exchange.onnx.groups import Groups
from nodesim.exchange.onnx.packing import packed, unpacked
from nodesim.formats.json_schema import FORMAT, SUMS, VERSION, Document, document_of, parsed
from nodesim.functions.contracts import Activation, Loss
from nodesim.graph.structure import Structure
from nodesim.plugins import lookup
from nodesim.simulation import class_labels
from nodesim.validation import brief, shortened

KEY = "nodesim"
_SOFTMAX = "softmax_cross_entropy"
_NUMBERS = {1: "float32", 11: "float64"}
# By how much the numbers of a run rise.
_STEPS = {"source": 0, "target": 1, "frozen": 1}
# What a network has and a blueprint has not.
_REST = {"format": FORMAT, "version": VERSION, "initializer": "normal", "engine": "compiled"}


def written(blueprint: Blueprint) -> str:
    """Return the metadata of a network.

    Raises
    ------
    ExchangeError
        For a loss that no file can name.
    """
    places: dict[Activation, int] = {}
    used = [
        places.setdefault(given, len(places)) if isinstance(given, Activation) else None for given in blueprint.given
    ]
    constants = [given if kind == "bias" else None for kind, given in zip(blueprint.kinds, blueprint.given)]
    aggregations = list(dict.fromkeys(blueprint.joins.values()))
    joins = {row: aggregations.index(function) for row, function in blueprint.joins.items()}
    document = {
        "version": VERSION if joins or blueprint.ties else SUMS,
        "dtype": blueprint.dtype,
        "loss": _loss(blueprint),
        **({} if blueprint.classes is None else {"classes": list(blueprint.classes)}),
        "activations": [_specification(function) for function in places],
        **({"aggregations": [lookup.specification(function) for function in aggregations]} if joins else {}),
        "nodes": {
            "name": blueprint.names,
            "kind": blueprint.kinds,
            "activation": used,
            "value": constants,
            **({"aggregation": [joins.get(row) for row in range(len(blueprint.names))]} if joins else {}),
        },
        "connections": {
            "source": packed(blueprint.sources, _STEPS["source"]),
            "target": packed(blueprint.targets, _STEPS["target"]),
            "frozen": packed(np.flatnonzero(blueprint.frozen), _STEPS["frozen"]),
            "name": [list(pair) for pair in sorted(blueprint.labels.items())],
        },
        **({"ties": {name: list(uses) for name, uses in blueprint.ties}} if blueprint.ties else {}),
    }
    return json.dumps(document, allow_nan=False, separators=(",", ":"))


def _loss(blueprint: Blueprint) -> Any:
    try:
        return lookup.specification(lookup.loss(blueprint.loss))
    except FunctionError as error:
        raise ExchangeError(f"to_onnx(): {error}") from error


def _specification(function: Activation) -> Any:
    try:
        return lookup.specification(function)
    except FunctionError:
        # The model carries its formula, and so do they.
        return {"name": function.name, "parameters": dict(function.parameters), "formula": function.formula}


def described(model: Any, arrays: Callable[[], Mapping[str, Array]], loss: object) -> tuple[Blueprint | None, str]:
    """Return the network that a model's metadata describe, with the model's numbers; None if they do not fit.

    Parameters
    ----------
    model : onnx.ModelProto
    arrays : callable
        Returns its initializers by name.
    loss : str or Loss, optional
        What the user asks for, instead of the loss that they name.

    Returns
    -------
    blueprint : Blueprint or None
    note : str
        Why they do not fit.

    Raises
    ------
    ExchangeError
        If they name a loss that is not registered, and the user gives none.
    """
    given = [entry.value for entry in model.metadata_props if entry.key == KEY]
    if not given:
        return None, ""
    try:
        if len(given) != 1:
            raise ExchangeError(f"there are {len(given)} of them")
        content = _content(given[0])
        asked = _asked(content, loss)
        return replace(_found(content, model, arrays()), loss=asked), ""
    except _UnknownLossError:
        raise
    except (NodesimError, RecursionError, MemoryError, ValueError, OverflowError, TypeError) as error:
        why = brief(str(error), 200)
        return None, f"the names, ties, frozen weights and loss in its metadata do not fit, and are left out: {why}"


class _UnknownLossError(ExchangeError):
    """The loss cannot be found, and the user may give another."""


def _content(text: str) -> dict[str, Any]:
    content = parsed(text)
    if not isinstance(content, dict) or not isinstance(content.get("connections"), dict):
        raise ExchangeError("they are no description of a network")
    return content


def _asked(content: dict[str, Any], loss: object) -> Loss:
    """Return the loss that the network gets; what the file needs of its own one is whether it ends with a softmax."""
    own = content.get("loss")
    if loss is None:
        try:
            return lookup.default.find(Loss, own)
        except UnknownNameError as error:
            raise _UnknownLossError(
                f"the file's loss is not to be had: {error} Bring it, or give another one, as in "
                "from_onnx(file, loss='mse')."
            ) from error
    content["loss"] = _SOFTMAX if _SOFTMAX in (own, own.get("name") if isinstance(own, dict) else None) else "mse"
    return lookup.loss(loss)


def _found(content: dict[str, Any], model: Any, arrays: Mapping[str, Array]) -> Blueprint:
    onnx = opening.imported()
    # Each connection has a number in the model, and each row a name in the text.
    most = sum(values.size for values in arrays.values())
    found = _with_numbers(_described(content, most), arrays)
    _check_classes(found)
    dtype = _dtype(model)
    _compare(level_graphs.model(onnx, found, dtype), model, arrays, onnx)
    if found.dtype == "float32" and _is_single(found.weights):
        return found
    # The very numbers of the file, widened.
    given = found.given if dtype == "float64" else tuple(_rounded(each) for each in found.given)
    return replace(found, dtype="float64", given=given)


def _is_single(weights: Array) -> bool:
    with np.errstate(over="ignore"):
        return bool((weights == weights.astype(np.float32)).all())


def _rounded(given: Activation | float | None) -> Activation | float | None:
    """Return a node's activation, or constant, with the numbers that a file in single precision has for it."""
    if isinstance(given, Activation):
        return given.with_parameters(**{key: float(np.float32(value)) for key, value in given.parameters.items()})
    return given if given is None else float(np.float32(given))


def _dtype(model: Any) -> str:
    types = {_NUMBERS.get(entry.type.tensor_type.elem_type, "") for entry in model.graph.input}
    if len(types) != 1 or not any(types):
        raise ExchangeError("the model has no input of float32 or float64")
    return types.pop()


def _check_classes(blueprint: Blueprint) -> None:
    if blueprint.classes is None:
        return
    structure = Structure()
    for name, kind in zip(blueprint.names, blueprint.kinds):
        if kind == "output":
            structure.add("output", name, "linear")
    class_labels.checked(blueprint.classes, structure.schedule.outputs)


def _described(content: dict[str, Any], most: int) -> Blueprint:
    lists = {key: unpacked(content["connections"].get(key), step, most) for key, step in _STEPS.items()}
    if not isinstance(lists["target"], list):
        raise ExchangeError("they have no list of connections")
    connections = {**content["connections"], **lists, "weight": [0.0] * len(lists["target"]), "slot": None}
    document = document_of({**content, **_REST, "connections": connections, "training": None, "generator": None})
    return _blueprint(document)


def _blueprint(document: Document) -> Blueprint:
    count, biases = len(document.weights), [kind == "bias" for kind in document.kinds]
    frozen = np.zeros(count, dtype=bool)
    frozen[document.frozen] = True
    sources, targets = (np.array(rows, dtype=np.intp) for rows in (document.sources, document.targets))
    blueprint = Blueprint(
        names=tuple(document.names),
        kinds=tuple(document.kinds),
        given=tuple(document.constants[row] if bias else document.activations[row] for row, bias in enumerate(biases)),
        positions=tuple(document.positions),
        sources=sources,
        targets=targets,
        weights=np.zeros(count),
        frozen=frozen,
        loss=document.loss,
        origins=None,  # type: ignore[arg-type]
        labels=document.labels,
        joins={row: found for row, found in enumerate(document.aggregations) if found is not None and not found.is_sum},
        # Without numbers of their own, connections have their index.
        ties=tuple((name, tuple(uses)) for name, uses in document.ties),
        classes=None if document.classes is None else tuple(document.classes),
        dtype=document.dtype,
    )
    return replace(blueprint, origins=Groups(blueprint).origins())


def _with_numbers(blueprint: Blueprint, arrays: Mapping[str, Array]) -> Blueprint:
    """Return it with the weights of the model's matrices, which have the shapes that it says."""
    weights = np.zeros(len(blueprint.weights))
    for part in Groups(blueprint).parts:
        values = arrays.get(part.name)
        if values is None or values.shape != part.shape:
            raise ExchangeError(f"the model has no {part.name} of shape {part.shape}")
        weights[part.connections] = values.flat[part.places]
    ties, notes = [], []
    for name, uses in blueprint.ties:
        numbers = weights[list(uses)]
        if (numbers == numbers[0]).all():
            # 0 and -0 are the same number, and not bit by bit.
            weights[list(uses)] = numbers[0]
            ties.append((name, uses))
        else:
            notes.append(f"the weights that {shortened(name)} tied are different numbers now: they are tied no more.")
    return replace(blueprint, weights=weights, ties=tuple(ties), notes=tuple(notes))


def _compare(twin: Any, model: Any, arrays: Mapping[str, Array], onnx: Any) -> None:
    """Raise an ExchangeError unless both models are the same, but for what has no meaning."""
    same = (
        _plain(twin.graph.node) == _plain(model.graph.node)
        and _plain(twin.graph.input) == _plain(model.graph.input)
        and _plain(twin.graph.output) == _plain(model.graph.output)
        and _plain(twin.functions) == _plain(model.functions)
    )
    if not same:
        raise ExchangeError("the model is not that of the network that they describe")
    names = {tensor.name for tensor in twin.graph.initializer}
    if names != set(arrays):
        raise ExchangeError("the model has other initializers")
    for tensor in twin.graph.initializer:
        if not np.array_equal(onnx.numpy_helper.to_array(tensor), arrays[tensor.name]):
            raise ExchangeError(f"{tensor.name} has other numbers where they know of no connection")


def _plain(parts: Any) -> list[bytes]:
    return [part.SerializeToString(deterministic=True) for part in parts]

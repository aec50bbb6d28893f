"""nodesim's own files: versioned JSON, data only, every number exact.

One list for each property of nodes and of connections. Functions stand there by name and parameters, and are
looked up among the registered ones. See `nodesim.formats.json_schema` for what is allowed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np

from nodesim._version import version
from nodesim.errors import FileError, NodesimError
from nodesim.formats import generator_states, training_states
from nodesim.formats.atomic import path_of, read_text, write_atomically
from nodesim.formats.json_schema import FORMAT, GAPS, SUMS, VERSION, Document, checked
from nodesim.functions.contracts import Activation, Function
from nodesim.graph import builders
from nodesim.graph.elements import Bias
from nodesim.graph.structure import Structure
from nodesim.notation.symbols import LETTERS
from nodesim.plugins import lookup
from nodesim.simulation.simulator import Simulator
from nodesim.validation import brief


class Held(Protocol):
    """A network, as far as a file is concerned."""

    @property
    def structure(self) -> Structure:
        """What is filled from a file."""

    @property
    def simulator(self) -> Simulator:
        """What has the loss and the classes, and goes on with a training."""


N = TypeVar("N", bound=Held)


def save(simulator: Simulator, file: Any) -> None:
    """Write a network into a file; see `Network.save`."""
    write_atomically(file, dumps(simulator))


def load(file: Any, make: Callable[..., N]) -> N:
    """Read a network from a file; see `nodesim.load`. `make` is its class."""
    text = read_text(file)
    try:
        return loads(text, make)
    except NodesimError as error:
        # What plugins and formulas bring into a message may be of any length.
        raise FileError(f"{path_of(file)}: {brief(error, 400)}") from error


def dumps(simulator: Simulator) -> str:
    """Return a network as the text of a file.

    Raises
    ------
    FunctionError
        If it uses a function that is not registered, so that the text could not be read again.
    """
    structure, classes, kept = simulator.structure, simulator.classes, simulator.kept_training
    version_now = structure.store.structure_version
    document = {
        "format": FORMAT,
        "version": VERSION if _has_more_than_sums(structure) else SUMS,
        "written_by": f"nodesim {version}",
        "loss": lookup.specification(simulator.loss),
        "initializer": lookup.specification(structure.initializer),
        "engine": simulator.engine,
        "dtype": structure.dtype,
        "generator": generator_states.plain(structure.generator),
        # Left out where there are none: a file is as small as its network, and as it was before there were classes.
        **({} if classes is None else {"classes": classes}),
        **_nodes(structure),
        "connections": _connections(structure),
        **({"ties": _ties(structure)} if structure.ties else {}),
        **({} if kept is None else {"training": training_states.plain(kept, version_now)}),
    }
    lines = [f"  {json.dumps(key)}: {json.dumps(value, allow_nan=False)}" for key, value in document.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def loads(text: str, make: Callable[..., N]) -> N:
    """Return the network of a file's text.

    Raises
    ------
    FileError, UnknownNameError, FunctionError
        If it is not the text of a nodesim network, or needs a function that is not registered.
    """
    document = checked(text)
    network = make(document.loss, initializer=document.initializer, engine=document.engine, dtype=document.dtype)
    _fill(network.structure, document)
    network.simulator.classes = document.classes
    if document.training is not None:
        version = network.structure.store.structure_version
        network.simulator.kept_training = training_states.training_of(document.training, len(document.weights), version)
    return network


def _fill(structure: Structure, document: Document) -> None:
    if document.generator is not None:
        structure.generator = document.generator
    builders.fill(
        structure,
        [
            (kind, document.names[row], _given(document, row), document.aggregations[row])
            for row, kind in enumerate(document.kinds)
        ],
        document.positions,
        (document.sources, document.targets, document.numbers),
        {name: document.numbers[index] for index, name in document.labels.items()},
        document.weights,
        document.frozen,
        {document.numbers[index]: delay for index, delay in document.delays.items()},
    )
    if document.ties:
        structure.tie_all(document.ties)


def _given(document: Document, row: int) -> Activation | float | None:
    return document.constants[row] if document.kinds[row] == "bias" else document.activations[row]


def _has_more_than_sums(structure: Structure) -> bool:
    return bool(structure.ties or structure.links.delays) or any(
        node.aggregation is not None and not node.aggregation.is_sum for node in structure.nodes
    )


def _nodes(structure: Structure) -> dict[str, Any]:
    activations, used = _numbered([node.activation for node in structure.nodes])
    joins = [node.aggregation for node in structure.nodes]
    aggregations, joined = _numbered([None if each is None or each.is_sum else each for each in joins])
    return {
        "activations": activations,
        **({"aggregations": aggregations} if aggregations else {}),
        "nodes": {
            "name": [node.name for node in structure.nodes],
            "kind": [node.kind for node in structure.nodes],
            "activation": used,
            **({"aggregation": joined} if aggregations else {}),
            "value": [node.value if isinstance(node, Bias) else None for node in structure.nodes],
        },
    }


def _numbered(functions: Sequence[Function | None]) -> tuple[list[Any], list[int | None]]:
    """Return plain data of the different functions of nodes, and for each node the place of its own."""
    places: dict[Function, int] = {}
    used = [None if function is None else places.setdefault(function, len(places)) for function in functions]
    return [lookup.specification(function) for function in places], used


def _connections(structure: Structure) -> dict[str, Any]:
    # Rows and numbers, and not the objects one by one: there may be a million.
    schedule, store = structure.schedule, structure.store
    count = len(schedule.numbers)
    # Behind more gaps than a file may have, connections move down, and say the names that their numbers have said.
    numbers = np.minimum(schedule.numbers, np.arange(count) + GAPS)
    named = {schedule.index_of_number(number): name for name, number in structure.links.named.items()}
    for index in np.flatnonzero(numbers < schedule.numbers).tolist():
        named.setdefault(index, f"{LETTERS['connection']}{schedule.numbers[index] + 1}")
    delays = sorted((schedule.index_of_number(number), delay) for number, delay in schedule.delays.items())
    return {
        "source": schedule.sources.tolist(),
        "target": schedule.targets.tolist(),
        "weight": store.weights[schedule.slots].tolist(),
        "frozen": np.flatnonzero(~store.trainable[schedule.slots]).tolist(),
        # Gaps of removed connections, and names of their own, are the exception.
        "slot": None if (numbers == np.arange(count)).all() else numbers.tolist(),
        "name": [list(pair) for pair in sorted(named.items())],
        **({"delay": [list(pair) for pair in delays]} if delays else {}),
    }


def _ties(structure: Structure) -> dict[str, list[int]]:
    index = structure.schedule.index_of_number
    return {tie.name: [index(number) for number in tie.numbers] for tie in structure.ties}

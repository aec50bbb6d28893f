"""Networks written as ONNX files."""

from __future__ import annotations

from typing import Any

import numpy as np

from nodesim.errors import ExchangeError
from nodesim.exchange.blueprint import Blueprint, Origins
from nodesim.exchange.onnx import level_graphs, metadata, opening
from nodesim.formats.atomic import write_atomically
from nodesim.graph.elements import Bias
from nodesim.graph.structure import DTYPES
from nodesim.notation.symbols import LETTERS
from nodesim.simulation.simulator import Simulator
from nodesim.validation import one_of


def write(simulator: Simulator, file: Any, dtype: str | None = None) -> None:
    """Write a network into a file, as a whole or not at all; see `nodesim.Network.to_onnx`."""
    model = model_of(simulator, dtype)
    try:
        content = model.SerializeToString()
    except Exception as error:
        # Protobuf's implementations differ in what they raise of more than 2 GB.
        raise ExchangeError(f"it does not fit into an ONNX file, which has 2 GB at most: {error}") from error
    write_atomically(file, content)


def model_of(simulator: Simulator, dtype: str | None = None) -> Any:
    """Return a network as a model of ONNX, an `onnx.ModelProto`; see `nodesim.Network.to_onnx`."""
    onnx = opening.imported()
    structure = simulator.structure
    number = structure.dtype if dtype is None else one_of(dtype, DTYPES, "dtype")
    structure.schedule.check_runnable()
    blueprint = blueprint_of(simulator)
    text = metadata.written(blueprint)
    model = level_graphs.model(onnx, blueprint, number)
    model.metadata_props.add(key=metadata.KEY, value=text)
    return model


def blueprint_of(simulator: Simulator) -> Blueprint:
    """Return what a network is built from."""
    structure = simulator.structure
    # The schedule first: asking for it may put the store in another order.
    schedule, store = structure.schedule, structure.store
    count = len(schedule.numbers)
    named = {schedule.index_of_number(number): name for name, number in structure.links.named.items()}
    for index in np.flatnonzero(schedule.numbers != np.arange(count)).tolist():
        # Behind gaps that removed connections left, they move down, and say the names that their numbers have said.
        named.setdefault(index, f"{LETTERS['connection']}{schedule.numbers[index] + 1}")
    return Blueprint(
        names=tuple(node.name for node in schedule.nodes),
        kinds=tuple(node.kind for node in schedule.nodes),
        given=tuple(node.value if isinstance(node, Bias) else node.activation for node in schedule.nodes),
        positions=tuple(structure.order[node] for node in schedule.nodes),
        sources=schedule.sources,
        targets=schedule.targets,
        weights=store.weights[schedule.slots].astype(float),
        frozen=~store.trainable[schedule.slots],
        loss=simulator.loss,
        origins=Origins((), np.full(count, -1), np.zeros(count, dtype=np.intp), np.ones(count)),
        labels=named,
        classes=None if simulator.classes is None else tuple(simulator.classes),
        dtype=structure.dtype,
    )

"""Networks written as ONNX files."""

from __future__ import annotations

from typing import Any

from nodesim.errors import ExchangeError
from nodesim.exchange.onnx import level_graphs, metadata, opening
from nodesim.exchange.own_networks import blueprint_of
from nodesim.formats.atomic import write_atomically
from nodesim.functions.interruptions import of_signal
from nodesim.graph.structure import DTYPES
from nodesim.simulation.simulator import Simulator
from nodesim.validation import one_of


def write(simulator: Simulator, file: Any, dtype: str | None = None) -> None:
    """Write a network into a file, as a whole or not at all; see `nodesim.Network.to_onnx`."""
    model = model_of(simulator, dtype)
    try:
        content = model.SerializeToString()
    except Exception as error:
        if of_signal(error):
            raise
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
    model = level_graphs.model(onnx, blueprint, number)
    model.metadata_props.add(key=metadata.KEY, value=metadata.written(blueprint))
    return model

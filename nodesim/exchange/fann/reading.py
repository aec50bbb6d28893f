"""Networks of FANN: a .net file becomes a blueprint."""

from __future__ import annotations

from typing import Any

from nodesim.errors import ExchangeError, FileError
from nodesim.exchange.blueprint import Blueprint, loss_of
from nodesim.exchange.fann import soundness
from nodesim.exchange.fann.building import built
from nodesim.exchange.fann.text import Written, parsed
from nodesim.formats.atomic import path_of, read_text
from nodesim.validation import flag


def read(path: Any, loss: object, scale: bool | None) -> Blueprint:
    """Return what the network of a file is built from; see `nodesim.from_fann`."""
    return blueprint(str(path_of(path)), written(path), loss, scale)


def written(path: Any) -> Written:
    """Return what a file says, which FANN can load and run as it is.

    Raises
    ------
    FileError
        For a file that is damaged.
    ExchangeError
        For what no network of nodesim can have.
    """
    name = str(path_of(path))
    try:
        found = parsed(name, read_text(path))
        soundness.check(name, found)
    except (MemoryError, OverflowError) as error:
        raise FileError(f"{name}: it holds more than fits into memory.") from error
    return found


def blueprint(name: str, found: Written, loss: object, scale: bool | None) -> Blueprint:
    """Return what a network is built from, with or without the scaling of its inputs and outputs."""
    scaled = scale is not None and flag(scale, "scale")
    if found.scaling and scale is None:
        raise ExchangeError(
            f"{name}: it has parameters that scale inputs and outputs, which fann_run leaves to its callers. Say "
            "scale=True (nodesim convert: --scale) for a network that does it itself, or scale=False (--no-scale) for "
            "one that does as fann_run."
        )
    if scaled and not found.scaling:
        raise ExchangeError(f"{name}: scale=True, and the file has no parameters to scale by; leave scale out.")
    return built(name, found, loss_of(loss), scaled)

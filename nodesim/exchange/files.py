"""Networks read from files and written into files of each format."""

from __future__ import annotations

import importlib
from typing import Any, cast

from nodesim.exchange.blueprint import Blueprint
from nodesim.formats import json_files
from nodesim.simulation.simulator import Simulator


def read(name: str, file: Any, loss: object = None, scale: bool | None = None) -> Blueprint:
    """Return what is in a file.

    Parameters
    ----------
    name : str
        Of the format; see `nodesim.exchange.formats.FORMATS`. Files of nodesim itself are read by `nodesim.load`.
    file : path
    loss : str or Loss, optional
    scale : bool, optional
        See `nodesim.from_fann`.

    Raises
    ------
    FileError, ExchangeError, MissingExtraError
        As its reader does.
    """
    match name:
        case "onnx" | "torch":
            found = _module(f"{name}.reading").read(file, loss)
        case "fann":
            found = _module("fann.reading").read(file, loss, scale)
        case "neat":
            found = _module("neat.reading").read(file, None, loss)
        case "sklearn":
            found = _module("scikit_learn").read_file(file)
        case _:
            raise AssertionError(name)
    return cast(Blueprint, found)


def write(name: str, simulator: Simulator, file: Any) -> None:
    """Write a network into a file.

    Parameters
    ----------
    name : str
        Of the format.
    simulator : Simulator
        That of the network.
    file : path

    Raises
    ------
    FileError, ExchangeError, MissingExtraError
        As its writer does.
    """
    match name:
        case "nodesim":
            json_files.save(simulator, file)
        case "onnx":
            _module("onnx.writing").write(simulator, file, None)
        case "torch":
            _module("torch.writing").save(simulator, file)
        case "sklearn":
            _module("scikit_learn").save(simulator, file)
        case _:
            raise AssertionError(name)


def _module(name: str) -> Any:
    # A reader is imported when it is needed: each knows its own program, and most people have one of them.
    return importlib.import_module(f"nodesim.exchange.{name}")

"""Where a training stopped, as plain data: what `nodesim.Network.fit` goes on with when it shall resume."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from nodesim.errors import FileError, NodesimError, UnknownNameError
from nodesim.functions.contracts import Optimizer
from nodesim.plugins import lookup
from nodesim.simulation.kept_training import KeptTraining

_TYPES = ("float64", "float32")


def plain(kept: KeptTraining, version: int) -> dict[str, Any]:
    """Return a training's state as plain data, of a structure of this version.

    An optimizer that is not registered, or remembers something else than finite numbers, has none, nor has one that
    remembers other connections, as the network was edited since: then that is what stands there, and whoever wants to
    resume it is told.
    """
    try:
        if kept.version != version:
            raise TypeError
        optimizer = None if kept.optimizer is None else lookup.specification(kept.optimizer)
        state = {key: _plain(value) for key, value in kept.state.items()}
    except (NodesimError, TypeError):
        optimizer, state = None, {}
    return {
        "optimizer": optimizer, "state": state, "rate": kept.rate, "epochs": kept.epochs, "search": dict(kept.search),
        **({} if kept.replaced is None else {"replaced": kept.replaced}),
    }  # fmt: skip


def training_of(content: Any, n_connections: int, version: int) -> KeptTraining:
    """Return a training's state from what stands in a file.

    It is of no optimizer if there is none of that name here; whoever wants to resume it is told.

    Parameters
    ----------
    content : object
    n_connections : int
    version : int
        Of the structure that was made of the file.

    Raises
    ------
    FileError, FunctionError
        If it is damaged, or its optimizer has other parameters.
    """
    if not isinstance(content, dict) or not _fits(content, n_connections):
        raise FileError("the file is damaged; expected training: what a training goes on with, or nothing.")
    given = content["optimizer"]
    state = {key: _value(value) for key, value in content["state"].items()}
    try:
        optimizer = None if given is None else lookup.default.find(Optimizer, given)
    except UnknownNameError:
        # The network is of use without it.
        optimizer, state = None, {}
    return KeptTraining(
        version, optimizer, state, float(content["rate"]), content["epochs"],
        {key: float(value) for key, value in content["search"].items()}, content.get("replaced"),
    )  # fmt: skip


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.ndim:
        if value.dtype.name not in _TYPES or not np.isfinite(value).all():
            raise TypeError
        return {"dtype": value.dtype.name, "numbers": value.tolist()}
    number = value.item() if isinstance(value, np.ndarray | np.generic) else value
    if not _is_number(number):
        raise TypeError
    return number


def _value(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    array = np.array(value["numbers"], dtype=value["dtype"])
    array.flags.writeable = False
    return array


def _fits(content: dict[str, Any], n_connections: int) -> bool:
    state, search, epochs = content.get("state"), content.get("search"), content.get("epochs")
    if not isinstance(state, dict) or not isinstance(search, dict) or "optimizer" not in content:
        return False
    numbers = [
        content.get("rate"),
        *search.values(),
        *(value for value in state.values() if not isinstance(value, dict)),
    ]
    counted = type(epochs) is int and epochs >= 0 and not _is_negative(content.get("rate"))
    columns = [value for value in state.values() if isinstance(value, dict)]
    searched = search.keys() in (set(), {"first", "lowest", "error"})
    counted = counted and isinstance(content.get("replaced"), str | None)
    return counted and searched and all(map(_is_number, numbers)) and all(_is_column(c, n_connections) for c in columns)


def _is_column(column: Mapping[str, Any], count: int) -> bool:
    numbers, dtype = column.get("numbers"), column.get("dtype")
    if not isinstance(numbers, list) or len(numbers) != count or dtype not in _TYPES:
        return False
    most = float(np.finfo(dtype).max)
    return all(_is_number(number) and abs(number) <= most for number in numbers)


def _is_negative(value: Any) -> bool:
    return _is_number(value) and value < 0


def _is_number(value: Any) -> bool:
    if type(value) is int:
        return abs(value) < 1 << 63
    return type(value) is float and math.isfinite(value)

"""Files of torch that nodesim wrote, read without ever unpickling anything."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import FileError, NodesimError
from nodesim.exchange.blueprint import Blueprint
from nodesim.exchange.own_networks import blueprint_of
from nodesim.exchange.torch.archives import Archive, Stored
from nodesim.formats import json_files
from nodesim.formats.atomic import path_of, read_bytes
from nodesim.functions.interruptions import of_signal
from nodesim.graph.structure import Structure
from nodesim.plugins import lookup
from nodesim.showing import shown
from nodesim.simulation.simulator import Simulator
from nodesim.validation import brief

_OURS = "a network is read of the module itself, or of the file that nodesim wrote of one"


class _Held:
    """A structure with its simulator: what a file of nodesim is read into."""

    def __init__(self, loss: object, *, initializer: object, engine: str, dtype: str) -> None:
        self.structure = Structure(seed=None, initializer=initializer, dtype=dtype)
        self.simulator = Simulator(self.structure, loss, engine)


def read(file: Any, loss: object) -> Blueprint:
    """Return the network of a file as a blueprint.

    Raises
    ------
    FileError
        For a file that is damaged, or of another kind.
    """
    path, data = path_of(file), read_bytes(file)
    wanted = None if loss is None else lookup.loss(loss)
    try:
        blueprint = _blueprint(data)
    except NodesimError as error:
        raise FileError(f"{path}: {brief(str(error), 300)}") from error
    except Exception as error:
        if of_signal(error):
            raise
        # What is made of a damaged file may fail in any way.
        raise FileError(f"{path}: it is damaged: {brief(shown(str(error)), 200)}") from error
    return blueprint if wanted is None else replace(blueprint, loss=wanted)


def _blueprint(data: bytes) -> Blueprint:
    archive = Archive(data)
    content = archive.content()
    if not isinstance(content, dict):
        raise FileError(f"it holds no network; {_OURS}.")
    text, numbers = content.get("nodesim"), content.get("state_dict")
    if not isinstance(text, str) or not isinstance(numbers, dict):
        if content and all(isinstance(each, Stored) for each in content.values()):
            raise FileError(
                "it is a bare state_dict, which has no structure: load it into your module by load_state_dict, and "
                "give that to from_torch."
            )
        raise FileError(f"it holds no network; {_OURS}.")
    blueprint = blueprint_of(json_files.loads(text, _Held).simulator)
    weights = _weights(blueprint.origins.parameters, numbers, archive)
    return replace(blueprint, weights=weights[blueprint.origins.parameter])


def _weights(names: tuple[str, ...], numbers: dict[str, Any], archive: Archive) -> Array:
    """Return the weight of each name, which the numbers must name one by one."""
    known = set(names)
    for name in names:
        if name not in numbers:
            raise FileError(f"its state_dict has no {shown(name)!r}.")
    for name, number in numbers.items():
        if name not in known:
            raise FileError(f"its state_dict has {shown(name)!r}, which is no connection of its network, and no tie.")
        if not isinstance(number, Stored) or number.shape != ():
            raise FileError(f"{shown(name)!r} in its state_dict is something else than one number.")
    weights = np.array([archive.number(numbers[name]) for name in names], dtype=float)
    if not np.isfinite(weights).all():
        raise FileError(f"{shown(names[int(np.argmin(np.isfinite(weights)))])!r} is not finite.")
    return weights

"""What a sweep was asked for: every combination of networks, seeds and parameters, checked before any training."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from nodesim.errors import ArgumentError
from nodesim.graph.initialization import generator_of
from nodesim.network import Network
from nodesim.plugins import lookup
from nodesim.training.plan import Plan, plan
from nodesim.validation import items, shortened, whole

# Numbers of weights and errors, of all networks together, that a table can hold.
MOST = 500_000_000
_SEEDS = 10_000_000


@dataclass(frozen=True)
class Model:
    """What all networks of a structure and its functions are copies of, and what it is called in the table.

    Attributes
    ----------
    network : Network
    parameters : dict
    """

    network: Network
    parameters: dict[str, Any]


@dataclass(frozen=True)
class Choices:
    """The grid: every model with every plan, in each of these every learning rate with every seed.

    Attributes
    ----------
    models : list of Model
    plans : list of (dict, Plan)
        The parameters and the checked arguments of a training, learning rates left out.
    rates : list of float or None
    seeds : list of int or None
        None for the weights of the network itself.
    """

    models: list[Model]
    plans: list[tuple[dict[str, Any], Plan]]
    rates: list[float | None]
    seeds: list[int] | list[None]

    @property
    def inner(self) -> int:
        """How many trainings each model has with each plan."""
        return len(self.rates) * len(self.seeds)

    @property
    def count(self) -> int:
        """How many trainings there are."""
        return len(self.models) * len(self.plans) * self.inner

    @property
    def names(self) -> list[str]:
        """The names of all parameters."""
        return [*dict.fromkeys(name for model in self.models for name in model.parameters), *self.plans[0][0],
                "learning_rate", "seed"]  # fmt: skip

    @property
    def varying(self) -> list[str]:
        """The names of those of which there is more than one value, and of the seed."""
        found = {
            **{name: {model.parameters.get(name) for model in self.models} for name in self.names},
            **{name: {given[name] for given, _ in self.plans} for name in self.plans[0][0]},
            "learning_rate": set(self.rates), "seed": {*self.seeds, ""},
        }  # fmt: skip
        return [name for name in self.names if len(found[name]) > 1]

    def parameters(self, number: int) -> dict[str, Any]:
        """Return what a training was made with, by name."""
        place, inner = divmod(number, self.inner)
        model, chosen = divmod(place, len(self.plans))
        rate, seed = divmod(inner, len(self.seeds))
        missing = dict.fromkeys(self.names)
        return {
            **missing, **self.models[model].parameters, **self.plans[chosen][0], "learning_rate": self.rates[rate],
            "seed": self.seeds[seed],
        }  # fmt: skip


def listed(value: Any, who: str) -> list[Any]:
    """Return the choices of a parameter: what an iterable holds, or the one value.

    Raises
    ------
    ArgumentError
        If there is none.
    """
    if isinstance(value, str | bytes | Mapping | Network) or not isinstance(value, Iterable):
        return [value]
    found = items(value, who, "one value, or a list of choices")
    if not found:
        raise ArgumentError(f"{who} is an empty list; give one value, or at least one choice.")
    return found


def models(networks: Any, makers: Mapping[str, Any], loss: Any, initializer: Any) -> list[Model]:
    """Return every structure with every combination of functions.

    Parameters
    ----------
    networks : Network, sizes of layers, or a list of these
    makers : mapping
        "hidden", "output" and "bias" for `Network.layered`, each one value, a list of choices, or None for its default.
    loss, initializer
        Likewise; None for the network's own.
    """
    found: list[Model] = []
    for network in _structures(networks):
        given = {name: listed(value, name) for name, value in makers.items() if value is not None}
        if isinstance(network, Network) and given:
            raise ArgumentError(f"{', '.join(given)}: for sizes of layers only; a Network has its own.")
        more = {
            name: listed(value, name)
            for name, value in (("loss", loss), ("initializer", initializer))
            if value is not None
        }
        for combination in product(*given.values(), *more.values()):
            chosen = dict(zip([*given, *more], combination))
            found.append(_model(network, chosen))
    return found


def _structures(networks: Any) -> list[Any]:
    """Return networks and sizes, one after the other: whole numbers alone are the sizes of one network."""
    if isinstance(networks, Network):
        return [networks]
    several = items(networks, "networks", "a Network, sizes such as [2, 2, 2], or a list of these")
    if not several:
        raise ArgumentError("networks is an empty list; give a Network, or sizes such as [2, 2, 2].")
    return several if any(isinstance(each, Network | Iterable) for each in several) else [several]


def _model(network: Any, chosen: Mapping[str, Any]) -> Model:
    if isinstance(network, Network):
        made = network.copy()
        if "loss" in chosen:
            made.loss = chosen["loss"]
        if "initializer" in chosen:
            made.structure.initializer = lookup.initializer(chosen["initializer"])
    else:
        made = Network.layered(network, **chosen, seed=0)
    shown = {name: _shown(value) for name, value in chosen.items()}
    return Model(made, {"network": _sizes(made), **shown})


def _shown(value: Any) -> Any:
    """Return how a table shows a function: by its name, as one may look it up."""
    return value if isinstance(value, str | bool) else str(value)


def _sizes(network: Network) -> str:
    return "-".join(str(len(layer)) for layer in network.layers)


def plans(optimizer: Any, batch_size: Any, **more: Any) -> list[tuple[dict[str, Any], Plan]]:
    """Return every combination of optimizer and batch size; `more` are the other arguments of `Network.fit`."""
    found = []
    for each, size in product(listed(optimizer, "optimizer"), listed(batch_size, "batch_size")):
        checked = plan(
            optimizer=lookup.optimizer(each), batch_size=size, learning_rate=None, callbacks=(), **more
        )  # fmt: skip
        found.append(({"optimizer": _shown(each), "batch_size": checked.batch_size}, checked))
    return found


def seeds(given: Any) -> list[int] | list[None]:
    """Return the seeds that a number of them, or a list of them, stands for; None stands for no new weights.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If it is something else.
    """
    if given is None:
        return [None]
    if not isinstance(given, Iterable) or isinstance(given, str):
        return list(range(whole(given, "seeds", most=_SEEDS)))
    found = listed(given, "seeds")
    for seed in found:
        if seed is None or isinstance(seed, np.random.Generator):
            raise ArgumentError(f"seeds must be whole numbers of at least 0, got {shortened(seed)} among them.")
        generator_of(seed)
    return [int(seed) for seed in found]

"""A network as a module of torch: level by level, with each weight as a parameter of its name."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from nodesim.errors import DataError
from nodesim.exchange.blueprint import Blueprint
from nodesim.exchange.torch.elementwise import applied
from nodesim.functions.contracts import Activation
from nodesim.graph.depths import depths, reaching
from nodesim.notation.symbols import plural

# A level is a matrix as long as so many of its numbers are 0 for one that is a weight.
_SPARSE = 8


class Level(torch.nn.Module):  # type: ignore[misc]
    """The nodes of one depth: their weighted sums from earlier nodes' values, then their activations.

    Parameters
    ----------
    columns : list of int
        Where the values of the nodes that feed them stand among all values.
    ends : tuple of two lists of int
        For each connection the place of its source among these, and of its target among the level's nodes.
    weights : list of int
        For each connection the place of its weight.
    groups : list of (Activation, bool, int)
        Their activations, whether a cross entropy follows, and the number of nodes, in order.
    """

    def __init__(
        self, columns: list[int], ends: tuple[list[int], list[int]], weights: list[int],
        groups: list[tuple[Activation, bool, int]],
    ) -> None:  # fmt: skip
        super().__init__()
        self.groups = groups
        self.count = sum(count for *_, count in groups)
        self.dense = len(columns) * self.count <= _SPARSE * len(weights)
        for name, places in (("columns", columns), ("sources", ends[0]), ("targets", ends[1]), ("weights", weights)):
            self.register_buffer(name, torch.tensor(places, dtype=torch.long))

    def forward(self, values: Any, weights: Any) -> Any:
        """Return the activated values of the level's nodes."""
        if self.columns.device != values.device:
            self.to(values.device)
        sums = self._sums(values.index_select(1, self.columns), weights.index_select(0, self.weights))
        parts = sums.split([count for *_, count in self.groups], dim=1)
        activated = [applied(function, part, judged) for (function, judged, _), part in zip(self.groups, parts)]
        return torch.cat(activated, dim=1)

    def _sums(self, sent: Any, weights: Any) -> Any:
        if self.dense:
            matrix = sent.new_zeros(len(self.columns), self.count).index_put((self.sources, self.targets), weights)
            return sent @ matrix
        products = sent.index_select(1, self.sources) * weights
        return sent.new_zeros(sent.shape[0], self.count).index_add(1, self.targets, products)


class NetworkModule(torch.nn.Module):  # type: ignore[misc]
    """A network of nodesim, as `nodesim.Network.to_torch` makes it.

    It takes inputs of shape (samples, inputs), or (inputs,), and returns the activated values of the outputs. For a
    network that is trained by softmax_cross_entropy these are logits, as torch.nn.CrossEntropyLoss takes them.

    Parameters
    ----------
    blueprint : Blueprint
        The network.
    """

    def __init__(self, blueprint: Blueprint) -> None:
        super().__init__()
        self.blueprint = blueprint
        self.n_inputs = blueprint.kinds.count("input")
        constants = [given for given, kind in zip(blueprint.given, blueprint.kinds) if kind == "bias"]
        self.constants = np.array(constants, dtype=float).tolist()
        levels, self.ends = _levels(blueprint)
        # Not as submodules: they have no state, and a connection may have the name that one of them would have.
        self.levels = tuple(levels)
        # Into torch's own table: register_parameter takes no name with a dot, and none that an attribute has.
        for name, weight, frozen in zip(blueprint.origins.parameters, blueprint.weights, blueprint.frozen):
            number = torch.tensor(weight, dtype=getattr(torch, blueprint.dtype))
            self._parameters[name] = torch.nn.Parameter(number, requires_grad=not frozen)

    def forward(self, x: Any) -> Any:
        """Return the outputs' activated values."""
        # Not by attribute: a connection may be called as it likes.
        names = self.blueprint.origins.parameters
        weights = torch.stack([self._weight(name) for name in names])
        single = x.ndim == 1
        inputs = (x.unsqueeze(0) if single else x).to(weights.dtype)
        if inputs.ndim != 2 or inputs.shape[1] != self.n_inputs:
            raise DataError(f"the network takes (samples, {self.n_inputs}) inputs, got shape {tuple(x.shape)}.")
        constants = torch.tensor(self.constants, dtype=weights.dtype, device=weights.device)
        values = torch.cat([inputs, constants.expand(inputs.shape[0], -1)], dim=1)
        for level in self.levels:
            values = torch.cat([values, level(values, weights)], dim=1)
        outputs = values[:, self.ends]
        return outputs[0] if single else outputs

    def _weight(self, name: str) -> Any:
        found = self._parameters.get(name)
        # An attribute where torch has put something else in its place, as pruning does.
        return getattr(self, name) if found is None else found

    def train(self, mode: bool = True) -> Any:
        """Set what is the same to a network: whether it is trained."""
        # As torch sets an attribute, it would be in the way of a connection of that name.
        self.__dict__["training"] = mode
        return self

    def extra_repr(self) -> str:
        """Say how large it is."""
        counts = ((self.n_inputs, "input"), (len(self.ends), "output"), (len(self._parameters), "weight"))
        return ", ".join(plural(count, noun) for count, noun in counts)

    def _load_from_state_dict(self, state_dict: Any, prefix: str, *more: Any) -> None:
        super()._load_from_state_dict(state_dict, prefix, *more)
        # torch takes names with a dot for those of modules that it does not find.
        unexpected = more[3]
        unexpected[:] = [key for key in unexpected if key.removeprefix(prefix) not in self._parameters]


def _levels(blueprint: Blueprint) -> tuple[list[Level], list[int]]:
    """Return the levels that lead to an output, and where the outputs stand among all values."""
    kinds = np.array(blueprint.kinds)
    calculated = ~np.isin(kinds, ("input", "bias"))
    depth = depths(blueprint.sources, blueprint.targets, calculated.astype(np.intp), None)
    # What leads nowhere is left out: its slope, which an activation may refuse, is not asked for.
    alive = reaching(blueprint.sources, blueprint.targets, depth, np.flatnonzero(kinds == "output"))
    column = np.full(len(kinds), -1)
    first = [*np.flatnonzero(kinds == "input"), *np.flatnonzero(kinds == "bias")]
    column[first] = np.arange(len(first))
    count, levels = len(first), []
    into: list[list[int]] = [[] for _ in range(int(depth.max(initial=0)) + 1)]
    for link in np.flatnonzero(alive[blueprint.targets]).tolist():
        into[depth[blueprint.targets[link]]].append(link)
    for number in np.unique(depth[calculated & alive]).tolist():
        nodes, groups = _grouped(blueprint, np.flatnonzero(calculated & alive & (depth == number)).tolist())
        place = {row: index for index, row in enumerate(nodes)}
        sources, targets = blueprint.sources[into[number]], blueprint.targets[into[number]]
        columns, ends = np.unique(column[sources], return_inverse=True)
        below = [place[row] for row in targets.tolist()]
        levels.append(Level(columns.tolist(), (ends.tolist(), below), into[number], groups))
        column[nodes] = np.arange(count, count + len(nodes))
        count += len(nodes)
    return levels, column[kinds == "output"].tolist()


def _grouped(blueprint: Blueprint, rows: list[int]) -> tuple[list[int], list[tuple[Activation, bool, int]]]:
    judged = getattr(blueprint.loss, "sum_derivative", None) is not None
    groups: dict[Any, list[int]] = {}
    for row in rows:
        key = blueprint.given[row], judged and blueprint.kinds[row] == "output"
        groups.setdefault(key, []).append(row)
    return [row for group in groups.values() for row in group], [(*key, len(group)) for key, group in groups.items()]

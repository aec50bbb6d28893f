"""A network as a module of torch: level by level, with each weight as a parameter of its name, tied ones as one."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from nodesim._arrays import Indices
from nodesim.errors import DataError
from nodesim.exchange.blueprint import Blueprint
from nodesim.exchange.torch.elementwise import applied
from nodesim.exchange.torch.joins import join_of
from nodesim.functions.aggregation import Aggregation
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
        return _activated(self.groups, sums)

    def _sums(self, sent: Any, weights: Any) -> Any:
        if self.dense:
            matrix = sent.new_zeros(len(self.columns), self.count).index_put((self.sources, self.targets), weights)
            return sent @ matrix
        products = sent.index_select(1, self.sources) * weights
        return sent.new_zeros(sent.shape[0], self.count).index_add(1, self.targets, products)


class JoinLevel(torch.nn.Module):  # type: ignore[misc]
    """Nodes of one depth that are no sums, alike in their aggregation and in how many connections enter them.

    Parameters
    ----------
    aggregation : Aggregation
    columns, weights : lists of lists of int
        For each contribution of each node the place of its source among all values, and of its weight.
    groups : list of (Activation, bool, int)
        As for `Level`.
    """

    def __init__(
        self, aggregation: Aggregation, columns: list[list[int]], weights: list[list[int]],
        groups: list[tuple[Activation, bool, int]],
    ) -> None:  # fmt: skip
        super().__init__()
        self.join = join_of(aggregation)
        self.groups = groups
        for name, places in (("columns", columns), ("weights", weights)):
            self.register_buffer(name, torch.tensor(places, dtype=torch.long))

    def forward(self, values: Any, weights: Any) -> Any:
        """Return the activated values of the nodes."""
        if self.columns.device != values.device:
            self.to(values.device)
        return _activated(self.groups, self.join(values[:, self.columns] * weights[self.weights]))


def _activated(groups: list[tuple[Activation, bool, int]], sums: Any) -> Any:
    parts = sums.split([count for *_, count in groups], dim=1)
    return torch.cat([applied(function, part, judged) for (function, judged, _), part in zip(groups, parts)], dim=1)


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
        # The place of each connection's weight, where several have one.
        self.uses = torch.tensor(blueprint.origins.parameter.tolist()) if blueprint.ties else None
        firsts = blueprint.origins.firsts
        numbers = zip(blueprint.origins.parameters, blueprint.weights[firsts], blueprint.frozen[firsts])
        for name, weight, frozen in numbers:
            number = torch.tensor(weight, dtype=getattr(torch, blueprint.dtype))
            self._parameters[name] = torch.nn.Parameter(number, requires_grad=not frozen)

    def forward(self, x: Any) -> Any:
        """Return the outputs' activated values."""
        # Not by attribute: a connection may be called as it likes.
        names = self.blueprint.origins.parameters
        weights = torch.stack([self._weight(name) for name in names])
        if self.uses is not None:
            weights = weights[self.uses]
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


def _levels(blueprint: Blueprint) -> tuple[list[Level | JoinLevel], list[int]]:
    """Return the levels that lead to an output, and where the outputs stand among all values."""
    kinds = np.array(blueprint.kinds)
    calculated = ~np.isin(kinds, ("input", "bias"))
    depth = depths(blueprint.sources, blueprint.targets, calculated.astype(np.intp), None)
    # What leads nowhere is left out: its slope, which an activation may refuse, is not asked for.
    alive = reaching(blueprint.sources, blueprint.targets, depth, np.flatnonzero(kinds == "output"))
    column = np.full(len(kinds), -1)
    first = [*np.flatnonzero(kinds == "input"), *np.flatnonzero(kinds == "bias")]
    column[first] = np.arange(len(first))
    count, levels = len(first), list[Level | JoinLevel]()
    into: list[list[int]] = [[] for _ in range(int(depth.max(initial=0)) + 1)]
    for link in np.flatnonzero(alive[blueprint.targets]).tolist():
        into[depth[blueprint.targets[link]]].append(link)
    for number in np.unique(depth[calculated & alive]).tolist():
        rows = np.flatnonzero(calculated & alive & (depth == number)).tolist()
        for alike, links in _alike(blueprint, rows, into[number]):
            nodes, groups = _grouped(blueprint, alike)
            levels.append(_level(blueprint, nodes, links, column, groups))
            column[nodes] = np.arange(count, count + len(nodes))
            count += len(nodes)
    return levels, column[kinds == "output"].tolist()


def _alike(blueprint: Blueprint, rows: list[int], into: list[int]) -> list[tuple[list[int], list[int]]]:
    """Divide nodes of one depth into sums and each kind of joins; with the connections that enter them."""
    ends: dict[int, list[int]] = {row: [] for row in rows}
    for link in into:
        ends[int(blueprint.targets[link])].append(link)
    found: dict[Any, tuple[list[int], list[int]]] = {}
    for row in rows:
        # What nothing enters is 0, whatever would join it.
        key = (blueprint.joins[row], len(ends[row])) if row in blueprint.joins and ends[row] else None
        nodes, links = found.setdefault(key, ([], []))
        nodes.append(row)
        links += ends[row]
    return [(nodes, sorted(links) if key is None else links) for key, (nodes, links) in found.items()]


def _level(
    blueprint: Blueprint, nodes: list[int], links: list[int], column: Indices,
    groups: list[tuple[Activation, bool, int]],
) -> Level | JoinLevel:  # fmt: skip
    sources, targets = blueprint.sources[links], blueprint.targets[links]
    # A join that nothing enters stands among the sums.
    aggregation = blueprint.joins.get(int(targets[0])) if links else None
    if aggregation is not None:
        ends: dict[int, list[int]] = {row: [] for row in nodes}
        for link, target in zip(links, targets.tolist()):
            ends[target].append(link)
        each = np.array([ends[row] for row in nodes], dtype=np.intp).T
        return JoinLevel(aggregation, column[blueprint.sources[each]].tolist(), each.tolist(), groups)
    place = {row: index for index, row in enumerate(nodes)}
    columns, starts = np.unique(column[sources], return_inverse=True)
    below = [place[row] for row in targets.tolist()]
    return Level(columns.tolist(), (starts.tolist(), below), links, groups)


def _grouped(blueprint: Blueprint, rows: list[int]) -> tuple[list[int], list[tuple[Activation, bool, int]]]:
    judged = getattr(blueprint.loss, "sum_derivative", None) is not None
    groups: dict[Any, list[int]] = {}
    for row in rows:
        key = blueprint.given[row], judged and blueprint.kinds[row] == "output"
        groups.setdefault(key, []).append(row)
    return [row for group in groups.values() for row in group], [(*key, len(group)) for key, group in groups.items()]

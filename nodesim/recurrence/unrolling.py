"""A network with delayed connections, unrolled in time: a copy of it for each step, whose weights are tied.

References
----------
Werbos, P. J., "Backpropagation through time: what it does and how to do it" (Proceedings of the IEEE 78, 1990).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nodesim._arrays import Indices, Mask
from nodesim.errors import ArgumentError, ArgumentTypeError, StructureError
from nodesim.functions.contracts import Loss
from nodesim.graph import builders
from nodesim.graph.depths import depths, reaching
from nodesim.graph.elements import Bias, Node
from nodesim.graph.structure import Structure
from nodesim.notation.symbols import AT_STEP, at_step
from nodesim.simulation.simulator import Simulator
from nodesim.validation import finite, one_of, shortened, whole

OUTPUTS = ("all", "last")


def unrolled(simulator: Simulator, steps: int, initial: Any, outputs: str, face: Any) -> Simulator:
    """Return a simulator of a network unrolled in time; see `Network.unroll`."""
    structure = simulator.structure
    steps, outputs = whole(steps, "steps"), one_of(outputs, OUTPUTS, "outputs")
    _check_size(structure, steps)
    _check_loss(simulator.loss, steps if outputs == "all" else 1)
    plan = _Plan(structure, steps, _initial(structure, initial), only_last=outputs == "last")
    made = Structure(
        seed=copy.deepcopy(structure.generator), initializer=structure.initializer, dtype=structure.dtype, face=face
    )
    plan.fill(made)
    twin = Simulator(made, simulator.loss, simulator.engine, simulator.threads)
    if outputs == "last" or steps == 1:
        twin.classes = simulator.classes
    return twin


def _check_size(structure: Structure, steps: int) -> None:
    count = structure.n_connections * steps
    if count > builders.MOST:
        raise ArgumentError(
            f"{steps:,} steps of this network have {count:,} connections; more than {builders.MOST:,} fit no memory."
        )


def _check_loss(loss: Loss, steps: int) -> None:
    if loss.least_outputs > 1 and steps > 1:
        raise ArgumentError(
            f"loss {loss.name!r} takes all outputs for one choice among classes, and {steps:,} steps have as many "
            "choices. Unroll with outputs='last', or take a loss that judges every output by itself, such as "
            "'binary_cross_entropy' with sigmoid outputs."
        )


def _initial(structure: Structure, given: Any) -> dict[Node, float]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise ArgumentTypeError(
            f"initial must be a mapping of nodes to numbers, such as {{'H1': 0.5}}; got {shortened(given)}."
        )
    found = {structure.node(node): finite(value, f"initial of {shortened(node)}") for node, value in given.items()}
    for node in found:
        if not any(connection.delay for connection in node.outgoing):
            raise ArgumentError(f"{node.name} sends nothing with a delay, so that it has no initial value.")
    return found


@dataclass(frozen=True)
class _Links:
    """The connections of all steps, step by step, in connection order: their ends, the original of each, its step."""

    sources: Indices
    targets: Indices
    originals: Indices
    steps: Indices

    def chosen(self, mask: Mask) -> _Links:
        return _Links(self.sources[mask], self.targets[mask], self.originals[mask], self.steps[mask])


class _Plan:
    """What stands where in the unrolled network: bias nodes and initial values first, then one step after the other."""

    def __init__(self, structure: Structure, steps: int, initial: Mapping[Node, float], *, only_last: bool) -> None:
        self.structure, self.schedule, self.steps = structure, structure.schedule, steps
        self.initial, self.only_last = initial, only_last
        roll = self.schedule.nodes
        self.biases = [row for row, node in enumerate(roll) if isinstance(node, Bias)]
        self.moving = [row for row, node in enumerate(roll) if not isinstance(node, Bias)]
        self.delays = np.zeros(len(self.schedule.numbers), dtype=np.intp)
        for number, delay in self.schedule.delays.items():
            self.delays[self.schedule.index_of_number(number)] = delay
        # What is sent before the first step: (row, step below 0).
        self.before: dict[tuple[int, int], int] = {}
        links = self._links()
        self.first = len(self.biases) + len(self.before)
        self.size = self.first + steps * len(self.moving)
        self.links = self._placed(links)
        self.kept = self._kept() if only_last else np.ones(self.size, dtype=bool)

    # ---- connections --------------------------------------------------------------------------------------

    def _links(self) -> _Links:
        """Return all connections, with rows of the original for their ends; those of nothing are left out."""
        count = len(self.delays)
        originals, steps = np.tile(np.arange(count), self.steps), np.repeat(np.arange(self.steps), count)
        links = _Links(self.schedule.sources[originals], self.schedule.targets[originals], originals, steps)
        begun = np.isin(links.sources, self.biases) | (steps >= self.delays[originals])
        needed = begun.copy()
        fed = set(zip(links.targets[begun].tolist(), steps[begun].tolist()))
        for place in np.flatnonzero(~begun).tolist():
            row, target, step = int(links.sources[place]), int(links.targets[place]), int(steps[place])
            if self._counts(row, target, (target, step) in fed):
                self.before.setdefault((row, step - int(self.delays[originals[place]])), len(self.before))
                needed[place] = True
        return links.chosen(needed)

    def _counts(self, row: int, target: int, fed: bool) -> bool:
        """Tell whether what a node sends before the first step is to be a node: a sum does without zeros."""
        node = self.schedule.nodes[target]
        assert node.aggregation is not None
        return not fed or not node.aggregation.is_sum or self.schedule.nodes[row] in self.initial

    def _placed(self, links: _Links) -> _Links:
        """Return the connections with the places of their ends in the unrolled network."""
        place = np.full(self.schedule.n_rows, -1)
        place[self.moving] = np.arange(len(self.moving))
        fixed = np.full(self.schedule.n_rows, -1)
        fixed[self.biases] = np.arange(len(self.biases))
        sent = links.steps - self.delays[links.originals]
        sources = self.first + sent * len(self.moving) + place[links.sources]
        sources = np.where(fixed[links.sources] >= 0, fixed[links.sources], sources)
        for index in np.flatnonzero((sent < 0) & (fixed[links.sources] < 0)).tolist():
            sources[index] = len(self.biases) + self.before[int(links.sources[index]), int(sent[index])]
        targets = self.first + links.steps * len(self.moving) + place[links.targets]
        return _Links(sources, targets, links.originals, links.steps)

    # ---- nodes --------------------------------------------------------------------------------------------

    def _kept(self) -> Mask:
        """Return which nodes the outputs of the last step depend on; inputs are kept all the same."""
        rows = np.array(self.moving, dtype=np.intp)
        last = self.size - len(rows) + np.flatnonzero(np.isin(rows, self.schedule.output_rows))
        ends = self.links.sources, self.links.targets
        found = reaching(*ends, depths(*ends, np.zeros(self.size, dtype=np.intp)), last)
        entering = np.isin(rows, self.schedule.input_rows)
        found[self.first :] |= np.tile(entering, self.steps)
        return found

    def _positions(self) -> Indices:
        order = np.array([self.structure.order[self.schedule.nodes[row]] for row in self.moving], dtype=np.intp)
        rank = np.argsort(np.argsort(order, kind="stable"), kind="stable")
        within = np.arange(self.steps)[:, None] * len(rank) + rank
        return np.concatenate([np.arange(self.first), self.first + within.ravel()])

    def _nodes(self) -> Iterator[tuple[Any, ...]]:
        nodes, taken = self.schedule.nodes, set(self._copied_names())
        for row in self.biases:
            name = nodes[row].name
            while name in taken:
                name += "'"
            yield "bias", name, nodes[row].value
        for row, step in self.before:
            yield "bias", at_step(nodes[row].name, step), self.initial.get(nodes[row], 0.0)
        for step in range(self.steps):
            for node in (nodes[row] for row in self.moving):
                inner = node.kind == "output" and self.only_last and step < self.steps - 1
                kind = "hidden" if inner else node.kind
                yield kind, at_step(node.name, step), node.activation, node.aggregation

    def _copied_names(self) -> Iterator[str]:
        for name in (*(node.name for node in self.schedule.nodes), *(c.name for c in self.schedule.connections)):
            yield from (at_step(name, step) for step in range(-1, self.steps))

    # ---- the whole ----------------------------------------------------------------------------------------

    def fill(self, made: Structure) -> None:
        """Fill an empty structure with all that."""
        store, links = self.structure.store, self.links.chosen(self.kept[self.links.targets])
        row_of = np.cumsum(self.kept) - 1
        numbers, slots = np.arange(len(links.sources)), self.schedule.slots
        names = [c.name for c in self.schedule.connections]
        named = {
            at_step(names[original], step): number
            for number, (original, step) in enumerate(zip(links.originals.tolist(), links.steps.tolist()))
        }
        builders.fill(
            made,
            [node for node, kept in zip(self._nodes(), self.kept.tolist()) if kept],
            self._positions()[self.kept].tolist(),
            (row_of[links.sources], row_of[links.targets], numbers),
            named,
            store.weights[slots][links.originals],
            ~store.trainable[slots][links.originals],
        )
        self._tie(made, links)

    def _tie(self, made: Structure, links: _Links) -> None:
        """Tie the copies of each connection, and of those that are tied."""
        uses: dict[str, list[int]] = {}
        connections = self.schedule.connections
        tied = [connection.name if connection.tie is None else connection.tie.name for connection in connections]
        for number, original in enumerate(links.originals.tolist()):
            uses.setdefault(tied[original], []).append(number)
        several = {name: numbers for name, numbers in uses.items() if len(numbers) > 1}
        free = [name for name in several if name not in made.names]
        made.tie_all([(name, several.pop(name)) for name in free])
        for numbers in several.values():
            made.tie_all([(made.names.check(None, "tie"), numbers)])


def take_weights(structure: Structure, unrolled: Structure) -> None:
    """Take the weights of a network that was made by unrolling this one; see `Network.take_weights`."""
    found: dict[tuple[int, ...], set[float]] = {}
    weights, schedule = structure.weights.copy(), structure.schedule
    places = {connection.name: index for index, connection in enumerate(schedule.connections)}
    for use in unrolled.connections:
        index, step = _original(use.name, places)
        if step is not None and use.target.name == at_step(schedule.connections[index].target.name, step):
            # A tied weight is one weight, whichever of its uses were copied: not every one may be, within few steps.
            tie, number = schedule.connections[index].tie, int(schedule.numbers[index])
            found.setdefault((number,) if tie is None else tie.numbers, set()).add(use.weight)
    if not found:
        raise StructureError("that network was not unrolled from this one: no connection of it is a copy of one here.")
    for numbers, copies in found.items():
        uses = [schedule.index_of_number(number) for number in numbers]
        if len(copies) > 1:
            names = ", ".join(schedule.connections[use].name for use in uses)
            raise StructureError(
                f"the copies of {names} have different weights there, {shortened(sorted(copies))}: they are tied no "
                "more, and no one weight can be taken. Nothing was set."
            )
        weights[uses] = copies.pop()
    structure.weights = weights


def _original(name: str, places: Mapping[str, int]) -> tuple[int, int | None]:
    """Return of which connection one is a copy, and at which step; None for a step if it is none."""
    match = AT_STEP.match(name)
    index = -1 if match is None else places.get(match[1], -1)
    return index, int(match[2]) if match is not None and index >= 0 else None

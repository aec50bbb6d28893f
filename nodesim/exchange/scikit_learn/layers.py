"""A network as fully connected layers, for programs that know nothing else; whatever is otherwise is named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.errors import ExchangeError
from nodesim.exchange.scikit_learn.scaled_inputs import ScaledInputs, scaled_inputs
from nodesim.graph.elements import Bias, Node
from nodesim.graph.structure import Structure
from nodesim.validation import brief


@dataclass(frozen=True, eq=False)
class Layers:
    """The numbers of fully connected layers.

    Attributes
    ----------
    nodes : list of list of Node
        The inputs, or what they are scaled to; the hidden nodes of each layer; the outputs.
    coefs, intercepts : list of ndarray
        For each layer but the inputs, of shapes (n_sources, n_targets) and (n_targets,). Where a node has no bias, the
        intercept is 0; where its bias node is another constant than 1, it is weight times constant.
    inputs : list of Node
    scaled : ScaledInputs, optional
    """

    nodes: list[list[Node]]
    coefs: list[Array]
    intercepts: list[Array]
    inputs: list[Node]
    scaled: ScaledInputs | None


def layers_of(structure: Structure, program: str) -> Layers:
    """Return the layers of a structure.

    Raises
    ------
    ExchangeError
        Naming a connection that skips layers, is frozen, or is not there; `program` is what cannot have it.
    """
    schedule = structure.schedule
    depth = np.asarray(schedule.depths).copy()
    depth[schedule.bias_rows] = -1
    inputs = [structure.nodes[row] for row in np.flatnonzero(depth == 0)]
    scaled = scaled_inputs(structure, depth) if inputs else None
    if scaled is not None:
        # The layers begin behind the scaler, which no other connection passes by.
        depth = np.maximum(depth - 1, -1)
    last = int(depth.max(initial=0))
    nodes = [[structure.nodes[row] for row in np.flatnonzero(depth == each)] for each in range(last + 1)]
    _check_ends(nodes, program)
    _check_frozen(structure, scaled, program)
    _check_skips(structure, depth, depth[schedule.sources] >= 0, program)
    return Layers(nodes, *_numbers(structure, nodes, depth, program), inputs, scaled)


def _numbers(
    structure: Structure, nodes: list[list[Node]], depth: Indices, program: str
) -> tuple[list[Array], list[Array]]:
    schedule, numbers = structure.schedule, structure.store.weights[structure.schedule.slots]
    place = np.zeros(len(depth), dtype=np.intp)
    for layer in nodes:
        place[[node.row for node in layer]] = np.arange(len(layer))
    coefs, intercepts, biases = [], [], depth[schedule.sources] < 0
    for each in range(1, len(nodes)):
        into = depth[schedule.targets] == each
        chosen = np.flatnonzero(into & ~biases)
        ends = place[schedule.sources[chosen]], place[schedule.targets[chosen]]
        coefs.append(_matrix(nodes[each - 1], nodes[each], ends, numbers[chosen], program))
        chosen = np.flatnonzero(into & biases)
        sources = [structure.nodes[row] for row in schedule.sources[chosen]]
        intercepts.append(_shift(sources, nodes[each], place[schedule.targets[chosen]], numbers[chosen], program))
    return coefs, intercepts


def _check_ends(nodes: list[list[Node]], program: str) -> None:
    if len(nodes) < 2 or not nodes[0]:
        raise ExchangeError(f"the network has no {'outputs' if nodes[0] else 'inputs'} yet; {program} has some.")
    for kind, layers in (("output", nodes[1:-1]), ("hidden", nodes[-1:])):
        for layer in layers:
            for node in layer:
                if node.kind == kind:
                    what = "feeds other nodes, or stands before" if kind == "output" else "stands behind or beside"
                    raise ExchangeError(
                        f"{node.name} {what} the outputs of the last layer, which {program} cannot have."
                    )


def _check_frozen(structure: Structure, scaled: ScaledInputs | None, program: str) -> None:
    still = ~structure.store.trainable[structure.schedule.slots]
    frozen = np.flatnonzero(still if scaled is None else still & ~scaled.links)
    if len(frozen):
        raise ExchangeError(
            f"{_link(structure, frozen[0])} is frozen{_more(len(frozen))}, and {program} trains every weight; set its "
            "trainable to True first if it may."
        )


def _check_skips(structure: Structure, depth: Indices, among: Any, program: str) -> None:
    schedule = structure.schedule
    skips = np.flatnonzero(among & (depth[schedule.targets] != depth[schedule.sources] + 1))
    if len(skips):
        raise ExchangeError(
            f"{_link(structure, skips[0])} skips layers{_more(len(skips))}, which no connection of {program} does."
        )


def _matrix(
    before: list[Node], layer: list[Node], ends: tuple[Indices, Indices], numbers: Array, program: str
) -> Array:
    shape = len(before), len(layer)
    there = np.zeros(shape, dtype=bool)
    there[ends] = True
    if not there.all():
        source, target = np.argwhere(~there)[0]
        raise ExchangeError(
            f"{before[source].name} is not connected to {layer[target].name}"
            f"{_more(int((~there).sum()))}; {program} is fully connected, and would train a weight of 0 there."
        )
    found = np.zeros(shape, dtype=numbers.dtype)
    found[ends] = numbers
    return found


def _shift(sources: list[Node], layer: list[Node], places: Indices, numbers: Array, program: str) -> Array:
    count = np.bincount(places, minlength=len(layer))
    if (count > 1).any():
        raise ExchangeError(
            f"{layer[int(count.argmax())].name} is fed by {count.max()} biases, and a node of {program} by one."
        )
    constants = [node.value for node in sources if isinstance(node, Bias)]
    found = np.zeros(len(layer), dtype=numbers.dtype)
    with np.errstate(all="ignore"):
        found[places] = numbers * np.array(constants, dtype=numbers.dtype)
    if not np.isfinite(found).all():
        raise ExchangeError(
            f"the bias of {layer[int(np.isfinite(found).argmin())].name} times its weight is no finite number."
        )
    return found


def _link(structure: Structure, index: Any) -> str:
    connection = structure.schedule.connections[int(index)]
    return f"{connection.name} from {brief(connection.source.name, 40)} to {brief(connection.target.name, 40)}"


def _more(count: int) -> str:
    return f" ({count - 1} more like it)" if count > 1 else ""

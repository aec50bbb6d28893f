"""Networks that a sheet can be made of: layers by their sizes, or a small acyclic graph made by a seed."""

from __future__ import annotations

import json
import re
from typing import Any

from nodesim.errors import ArgumentError
from nodesim.exercises.numbers import Dice
from nodesim.formats import json_files
from nodesim.network import Network
from nodesim.notation.symbols import plural
from nodesim.validation import shortened, whole

DAG = "dag"
_LEAST, _MOST = 2, 8
_TRIES = 3000
_WHAT = "sizes such as [2, 2, 2] or '2-2-2', a Network, or 'dag'"


def network_of(given: Any, ask: Any, paths: Any, functions: tuple[object, object], seed: int) -> Network:
    """Return the network that is meant, a copy where it was given; its weights are none yet that a sheet could have.

    Parameters
    ----------
    given : list of int, str or Network
    ask : str
        The weight that is asked for, as a drawn graph must have it.
    paths : int or None
        How many paths it has.
    functions : tuple of two
        The activation of hidden nodes, and that of outputs, where the network is made here.
    seed : int
        Of a drawn graph.

    Raises
    ------
    NodesimError
        If there is no such network, or it has not so many paths.
    """
    wanted = None if paths is None else whole(paths, "paths", least=_LEAST, most=_MOST)
    if isinstance(given, str) and given == DAG:
        return _drawn(ask, wanted, functions, seed)
    network = _copy(given) if isinstance(given, Network) else Network.layered(sizes(given), *functions, seed=0)
    if wanted is not None and (count := network.path_counts()[network.connection(ask).name]) != wanted:
        raise ArgumentError(
            f"paths={wanted}, but {network.connection(ask).name} has {plural(count, 'path')} in this network; "
            "leave it away, ask for another weight, or let a network be drawn that has so many: 'dag'."
        )
    return network


def _copy(network: Network) -> Network:
    """Return a copy in double precision: a tenth in single precision is none by hand."""
    if network.dtype == "float64":
        return network.copy()
    document = json.loads(json_files.dumps(network.simulator))
    double = json_files.loads(json.dumps({**document, "dtype": "float64"}), Network)
    # The shortest decimals that are these numbers in single precision: what somebody wrote.
    double.weights = [float(str(weight)) for weight in network.weights]
    return double


def is_sizes(text: str) -> bool:
    """Tell whether a text gives the sizes of layers."""
    return re.fullmatch(r"[1-9]\d{0,3}(-[1-9]\d{0,3})+", text, re.ASCII) is not None


def sizes(given: Any) -> tuple[int, ...]:
    """Return the sizes of layers, from a list or from text."""
    if isinstance(given, str):
        if not is_sizes(given):
            raise ArgumentError(f"a sheet is made of {_WHAT}, got {shortened(given)}.")
        given = [int(size) for size in given.split("-")]
    try:
        found = tuple(given)
    except TypeError:
        raise ArgumentError(f"a sheet is made of {_WHAT}, got {shortened(given)}.") from None
    if len(found) < 2:
        raise ArgumentError(f"a network has two layers at least: sizes such as [2, 2, 2], got {shortened(given)}.")
    return tuple(whole(size, "a size", most=50) for size in found)


def _drawn(ask: Any, paths: int | None, functions: tuple[object, object], seed: int) -> Network:
    """Draw graphs until the weight that is asked for has so many paths."""
    if not isinstance(ask, str) or not re.fullmatch(r"W[1-9]\d?", ask, re.ASCII):
        raise ArgumentError(
            f"the weights of a drawn graph are W1, W2, ...; ask must be one of them, got {shortened(ask)}."
        )
    dice = Dice(f"nodesim graph {seed}")
    count = paths or 3 + dice.below(3)
    for _ in range(_TRIES):
        links, hidden, outputs = _links(dice, count)
        if _fits(links, hidden, int(ask[1:]) - 1, count):
            return _built(links, hidden, outputs, functions)
    raise ArgumentError(
        f"no graph was drawn in which {ask} has {count} paths; ask for W1, for fewer paths, or try another seed."
    )


Links = list[tuple[int, int]]


def _links(dice: Dice, count: int) -> tuple[Links, int, int]:
    """Draw connections between numbered nodes: inputs 0 and 1, hidden ones, outputs; each from a lower number."""
    hidden, outputs = 2 + (count > 2) + dice.below(2) + (count > 6), 1 + dice.below(2)
    last = 2 + hidden
    links = []
    for target in range(2, last + outputs):
        sources = dice.shuffled(range(min(target, last)))
        links += [(source, target) for source in sources[: 2 + dice.below(2)]]
    return sorted(links), hidden, outputs


def _fits(links: Links, hidden: int, ask: int, count: int) -> bool:
    """Tell whether all nodes are needed, a connection skips a layer, and the weight has so many paths."""
    if ask >= len(links) or {source for source, _ in links} != set(range(2 + hidden)):
        return False
    depth: dict[int, int] = {}
    paths: dict[int, int] = {}
    nodes = range(max(target for _, target in links) + 1)
    for node in nodes:
        depth[node] = max((depth[source] + 1 for source, target in links if target == node), default=0)
    for node in reversed(nodes):
        paths[node] = sum(paths[target] for source, target in links if source == node) or 1
    skips = any(depth[target] - depth[source] > 1 for source, target in links)
    return skips and paths[links[ask][1]] == count


def _built(links: Links, hidden: int, outputs: int, functions: tuple[object, object]) -> Network:
    network = Network(seed=0)
    nodes = [network.add_input() for _ in range(2)]
    nodes += [network.add_hidden(activation=functions[0]) for _ in range(hidden)]
    nodes += [network.add_output(activation=functions[1]) for _ in range(outputs)]
    for source, target in links:
        network.connect(nodes[source], nodes[target])
    return network

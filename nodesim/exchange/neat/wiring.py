"""Which nodes and connections of a genome count, and in what order they are calculated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nodesim.errors import ExchangeError
from nodesim.exchange.neat.genes import Genes
from nodesim.validation import brief


@dataclass(frozen=True)
class Wiring:
    """What leads to an output.

    Attributes
    ----------
    order : sequence of int
        The keys of all nodes but inputs, each behind those that it needs.
    links : sequence of (source, target)
        In the order of the genome.
    """

    order: Sequence[int]
    links: Sequence[tuple[int, int]]


def wiring_of(genes: Genes) -> Wiring:
    """Find what counts.

    Raises
    ------
    ExchangeError
        Naming a node without a gene, or a cycle.
    """
    _check_ends(genes)
    sources: dict[int, list[int]] = {}
    inputs = set(genes.inputs)
    for source, target in genes.links:
        if target in inputs:
            raise ExchangeError(f"{genes.program}: the connection {source, target} leads into an input.")
        sources.setdefault(target, []).append(source)
    needed = _needed(genes, sources)
    order = _order(genes, needed, sources)
    links = [ends for ends in genes.links if ends[1] in needed]
    return Wiring(order, links)


def _check_ends(genes: Genes) -> None:
    for what, keys in (("inputs", genes.inputs), ("outputs", genes.outputs)):
        if not keys:
            raise ExchangeError(f"{genes.program}: it has no {what}.")
        if len(set(keys)) < len(keys):
            raise ExchangeError(f"{genes.program}: one of its {what} is named twice: {brief(list(keys))}.")
    both = set(genes.inputs) & {*genes.outputs, *genes.nodes}
    if both:
        raise ExchangeError(f"{genes.program}: the input {min(both)} is a node that calculates, too.")


def _needed(genes: Genes, sources: Mapping[int, Sequence[int]]) -> dict[int, None]:
    """Return the nodes from which enabled connections lead to an output, inputs left out."""
    inputs, needed = set(genes.inputs), dict.fromkeys(genes.outputs)
    waiting = list(genes.outputs)
    while waiting:
        key = waiting.pop()
        if key not in genes.nodes:
            raise ExchangeError(
                f"{genes.program}: the node {key} is neither an input nor has it a gene; "
                "was the genome evolved with this config?"
            )
        new = dict.fromkeys(source for source in sources.get(key, ()) if source not in inputs and source not in needed)
        needed |= new
        waiting += new
    return needed


def _order(genes: Genes, needed: Mapping[int, Any], sources: Mapping[int, Sequence[int]]) -> list[int]:
    inputs, targets = set(genes.inputs), _targets(needed, sources)
    missing = {key: sum(source not in inputs for source in sources.get(key, ())) for key in needed}
    order: list[int] = []
    ready = sorted(key for key, count in missing.items() if not count)
    while ready:
        order += ready
        later = []
        for key in ready:
            for target in targets.get(key, ()):
                missing[target] -= 1
                if not missing[target]:
                    later.append(target)
        ready = sorted(later)
    if len(order) < len(needed):
        left = set(needed).difference(order)
        raise ExchangeError(
            f"{genes.program}: it is recurrent: {_cycle(left, sources)}; only feed-forward networks can be read."
        )
    return order


def _targets(needed: Mapping[int, Any], sources: Mapping[int, Sequence[int]]) -> dict[int, list[int]]:
    targets: dict[int, list[int]] = {}
    for key in needed:
        for source in sources.get(key, ()):
            targets.setdefault(source, []).append(key)
    return targets


def _cycle(left: set[int], sources: Mapping[int, Sequence[int]]) -> str:
    """Return a cycle among nodes each of which needs another of them."""
    path: dict[int, int] = {}
    key = min(left)
    while key not in path:
        path[key] = len(path)
        key = min(source for source in sources[key] if source in left)
    found = list(path)[path[key] :][::-1]
    first = found.index(min(found))
    return brief(" → ".join(map(str, [*found[first:], *found[: first + 1]])), 200)

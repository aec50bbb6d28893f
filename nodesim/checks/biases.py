"""Which biases of two networks are the same ones, where several of them enter a node."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from nodesim._arrays import Indices
from nodesim.checks.matching import Match
from nodesim.graph.structure import Structure

# A connection of ours, one of theirs, and what a gradient of theirs is multiplied with to be that of ours.
_Pair = tuple[int, int, float]


def with_all_biases(match: Match, own: Structure, theirs: Structure) -> Match:
    """Match what was left out beside another bias of the same node.

    In a sum, each bias has the gradient of any other one, times the constant of its node; what is asked for is the
    gradient of all uses, where one of them is tied. What a join makes of it is another matter for each: there those
    with the same contributions are the same ones.

    Parameters
    ----------
    match : Match
        It has one bias for each node.
    own, theirs : Structure
    """
    entering, entering_own, tied = _entering(theirs), _entering(own), _tied(theirs)
    several = {
        row
        for row, links in entering.items()
        if len(links) > 1 and (_is_join(theirs, row) or not tied.isdisjoint(links))
    }
    pairs, gone = list[_Pair](), set[int]()
    for ours, index, ratio in zip(match.own.tolist(), match.theirs.tolist(), match.ratio.tolist()):
        target = int(theirs.schedule.targets[index])
        if target not in several or index not in entering[target]:
            continue
        if _is_join(theirs, target):
            links = entering_own[int(own.schedule.targets[ours])]
            more = list(_by_contribution(own, links, theirs, entering[target]))
        else:
            constant = entering[target][index] * ratio
            more = [(ours, each, constant / factor) for each, factor in entering[target].items() if factor]
        if more:
            pairs += more
            gone.add(index)
    return _with(match, pairs, gone) if pairs else match


def _by_contribution(
    own: Structure, ours: dict[int, float], theirs: Structure, others: dict[int, float]
) -> Iterator[_Pair]:
    first, second = _sorted(own, ours), _sorted(theirs, others)
    if len(first) == len(second):
        for index, other in zip(first, second):
            if others[other]:
                yield index, other, ours[index] / others[other]


def _sorted(structure: Structure, links: dict[int, float]) -> list[int]:
    weights = structure.store.weights[structure.schedule.slots]
    return sorted(links, key=lambda index: float(weights[index]) * links[index])


def _entering(structure: Structure) -> dict[int, dict[int, float]]:
    """Return for each node the connections from bias nodes, with their constants."""
    schedule = structure.schedule
    constants = dict(zip(schedule.bias_rows.tolist(), schedule.constants.tolist()))
    found: dict[int, dict[int, float]] = {}
    for index in np.flatnonzero(np.isin(schedule.sources, schedule.bias_rows)).tolist():
        found.setdefault(int(schedule.targets[index]), {})[index] = constants[int(schedule.sources[index])]
    return found


def _tied(structure: Structure) -> set[int]:
    schedule = structure.schedule
    return (
        set(schedule.indices[[number for uses in schedule.ties for number in uses]].tolist())
        if schedule.ties
        else set()
    )


def _is_join(structure: Structure, row: int) -> bool:
    aggregation = structure.schedule.nodes[row].aggregation
    return aggregation is not None and not aggregation.is_sum


def _with(match: Match, pairs: list[_Pair], gone: set[int]) -> Match:
    kept: Indices = np.flatnonzero(~np.isin(match.theirs, list(gone)))
    own, theirs, ratio = (np.array([pair[part] for pair in pairs]) for part in range(3))
    return replace(
        match,
        own=np.concatenate([match.own[kept], own.astype(np.intp)]),
        theirs=np.concatenate([match.theirs[kept], theirs.astype(np.intp)]),
        ratio=np.concatenate([match.ratio[kept], ratio.astype(float)]),
    )

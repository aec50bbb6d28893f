"""Weights of another program with all their uses: tied ones are one number there, with one gradient."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from nodesim._arrays import Array, Indices, Mask
from nodesim.checks.matching import Match
from nodesim.graph.schedule import Schedule
from nodesim.graph.structure import Structure
from nodesim.notation.symbols import plural

_NAMED = 4


@dataclass(frozen=True)
class SharedWeights:
    """What of the matched connections of a program is one weight.

    Attributes
    ----------
    match : Match
    owners : ndarray of int, shape (n_matched,)
        For each matched connection the first use of its weight, among all connections of the program; -1 where it is
        not compared.
    lost : int
        How many weights are not compared, as uses of them have no counterpart.
    constants : int
        How many of the matched connections the program has no gradient of.
    """

    match: Match
    owners: Indices
    lost: int = 0
    constants: int = 0

    @cached_property
    def places(self) -> Indices:
        """The first use of each weight."""
        found: Indices = np.unique(self.owners[self.owners >= 0])
        return found

    def uses_of(self, places: Indices) -> tuple[Indices, Indices]:
        """Return the matched connections of some weights, and for each which of these weights it is a use of."""
        chosen = np.flatnonzero(np.isin(self.owners, places))
        return chosen, np.searchsorted(places, self.owners[chosen])

    def summed(self, places: Indices, numbers: Array) -> Array:
        """Return for each of some weights the sum of numbers that stand at the own connections, over its uses."""
        chosen, which = self.uses_of(places)
        found: Array = np.zeros(len(places))
        np.add.at(found, which, numbers[self.match.own[chosen]] / self.match.ratio[chosen])
        return found

    def scaled(self, places: Indices, scales: Array) -> Array:
        """Return what `summed` does of the sizes of numbers, which never cancel."""
        return replace(self, match=replace(self.match, ratio=np.abs(self.match.ratio))).summed(places, scales)

    def name(self, place: int, own: Structure) -> str:
        """Return how a weight is called in the own network."""
        chosen, _ = self.uses_of(np.array([place]))
        links = [own.schedule.connections[int(self.match.own[each])] for each in chosen]
        tie = links[0].tie
        return links[0].name if tie is None or len(links) == 1 else tie.name


def shared_weights(match: Match, theirs: Structure, trained: Mask) -> SharedWeights:
    """Return the weights that can be compared.

    Parameters
    ----------
    match : Match
    theirs : Structure
        The network that the program is read as.
    trained : ndarray of bool
        Which of its connections the program has a gradient of.
    """
    schedule, count = theirs.schedule, len(theirs.schedule.numbers)
    owners, known = _owners(schedule), np.zeros(count, dtype=bool)
    known[match.theirs] = True
    useful = np.asarray(schedule.reaching)[schedule.targets]
    # A gradient is that of all uses: it says nothing where one of them is not here.
    missing = np.unique(owners[useful & ~known & np.isin(owners, owners[match.theirs])])
    found = np.where(trained[match.theirs] & ~np.isin(owners[match.theirs], missing), owners[match.theirs], -1)
    return SharedWeights(match, found, len(missing), int((~trained[match.theirs]).sum()))


def tied_alone(match: Match, own: Structure, theirs: Structure) -> Iterator[str]:
    """Tell which weights are tied in one of both alone: their gradients are the same, and updates are not."""
    ours, others = _owners(own.schedule)[match.own], _owners(theirs.schedule)[match.theirs]
    for where, first, second in (("the network", ours, others), ("the other program", others, ours)):
        pairs = np.unique(np.stack([first, second]), axis=1)
        count = int((np.unique(pairs[0], return_counts=True)[1] > 1).sum()) if pairs.size else 0
        if count:
            yield f"{plural(count, 'weight')} tied in {where} alone, so that updates keep its uses equal only there"


def without_path(match: Match, schedule: Schedule) -> Iterator[str]:
    """Tell which weights no output needs, where the other program has none in their place."""
    alone = np.ones(len(schedule.numbers), dtype=bool)
    alone[match.own] = False
    idle = np.flatnonzero(alone & ~schedule.reaching[schedule.targets]).tolist()
    names = [schedule.connections[place].name for place in idle]
    if names:
        some = ", ".join(names[:_NAMED]) + (", ..." if len(names) > _NAMED else "")
        what = plural(len(names), "weight")
        yield f"not compared: {what} without a path to an output ({some}), which the other program does not have"


def weights_in(schedule: Schedule) -> int:
    """Return how many weights there are, tied ones once."""
    return len(schedule.numbers) - sum(len(uses) - 1 for uses in schedule.ties)


def uses_by_index(ties: Sequence[tuple[str, tuple[int, ...]]]) -> dict[int, list[int]]:
    """Return for each tied connection all uses of its weight."""
    return {use: list(uses) for _, uses in ties for use in uses}


def _owners(schedule: Schedule) -> Indices:
    owners = np.arange(len(schedule.numbers))
    for uses in schedule.ties:
        places = schedule.indices[list(uses)]
        owners[places] = places.min()
    return owners

"""Numbers of another program that several weights are made of: ties."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.errors import ExchangeError
from nodesim.exchange.blueprint import Origins
from nodesim.graph.index_arrays import sorted_by
from nodesim.notation.symbols import LETTERS
from nodesim.showing import shown

Ties: TypeAlias = "tuple[tuple[str, tuple[int, ...]], ...]"

# Factors that were multiplied in another order are the same ones.
_ROUNDED = 1e-14


def groups_of(origins: Origins, among: Iterable[int]) -> list[Indices]:
    """Return the connections of each number that several of them are made of, in connection order.

    Parameters
    ----------
    origins : Origins
    among : iterable of int
        The arrays in which such numbers may stand.
    """
    known = np.flatnonzero(np.isin(origins.parameter, list(among)))
    ordered = known[np.lexsort((origins.place[known], origins.parameter[known]))]
    owner, place = origins.parameter[ordered], origins.place[ordered]
    starts = np.flatnonzero(np.concatenate([[True], (owner[1:] != owner[:-1]) | (place[1:] != place[:-1])]))
    counts = np.diff(np.concatenate([starts, [len(ordered)]]))
    several = counts > 1
    found = [ordered[start : start + count] for start, count in zip(starts[several], counts[several])]
    firsts = np.array([group[0] for group in found], dtype=np.intp)
    return [found[index] for index in sorted_by(firsts).tolist()]


def levelled(origins: Origins, groups: Sequence[Indices], weights: Array, program: str) -> Array:
    """Return the weights, those of one number bit by bit equal.

    Raises
    ------
    ExchangeError
        Where one number is multiplied by different factors: weights that are tied are one number here.
    """
    weights = weights.copy()
    for group in groups:
        factors = origins.factor[group]
        other = np.abs(factors - factors[0]) > _ROUNDED * np.abs(factors[0])
        if other.any():
            name = origins.parameters[origins.parameter[group[0]]]
            raise ExchangeError(
                f"{program}: {shown(name)} is used in more than one place, by the factors {factors[0]:g} and "
                f"{factors[other][0]:g}. Tied weights are one number here: give each place numbers of its own."
            )
        weights[group] = weights[group[0]]
    return weights


def named(groups: Iterable[Indices], taken: Iterable[str]) -> Ties:
    """Give each group a name that is free, as networks name ties."""
    return tuple((name, tuple(group.tolist())) for group, name in zip(groups, free_names(taken)))


def free_names(taken: Iterable[str]) -> Iterator[str]:
    """Yield names of ties that are not taken: Wr1, Wr2, ..."""
    used = set(taken)
    numbered = (f"{LETTERS['connection']}r{number}" for number in itertools.count(1))
    return (name for name in numbered if name not in used)

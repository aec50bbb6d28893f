"""The networks of nodesim's own estimators."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import ExchangeError
from nodesim.exchange import own_networks
from nodesim.exchange.blueprint import Blueprint, Origins
from nodesim.notation.symbols import LETTERS
from nodesim.plugins import lookup

_HOME = "nodesim.sklearn"
_LETTER = LETTERS["connection"]


def is_own(estimator: Any) -> bool:
    """Tell whether an estimator is one of `nodesim.sklearn`, or made of one, without importing these."""
    return any(f"{kind.__module__}.".startswith(f"{_HOME}.") for kind in type(estimator).__mro__)


def blueprint_of(estimator: Any) -> Blueprint:
    """Return what the network of a fitted estimator of nodesim is made of.

    Raises
    ------
    ExchangeError
        If it is not fitted.
    """
    if not hasattr(estimator, "network_"):
        raise ExchangeError(f"{type(estimator).__name__} is not fitted: it has no network_ yet. Call its fit first.")
    return own_networks.blueprint_of(estimator.network_.simulator)


def behind(found: Blueprint, factors: Array, shifts: Array) -> Blueprint:
    """Return a network whose inputs are scaled before they come in: they become linear nodes, behind new inputs."""
    ends = np.flatnonzero([kind == "input" for kind in found.kinds])
    count, size, shifted = len(ends), len(found.weights), int(shifts.any())
    names, first = list(found.names), count + shifted
    free = _free({*names, *found.labels.values()}, LETTERS["hidden"])
    starts = [names[row] for row in ends]
    for row in ends:
        names[row] = next(free)
    bias = [next(_free({*found.names, *names, *found.labels.values()}, LETTERS["bias"]))] * shifted
    # As in layers that nodesim makes: all that scales the columns, then all that shifts them.
    scaling = np.arange(count), ends + first
    shifting = np.full(count * shifted, count), np.repeat(ends + first, shifted)
    sources, targets = (np.concatenate([old, *new]) for old, *new in zip(
        (found.sources + first, found.targets + first), scaling, shifting))  # fmt: skip
    more = count * (1 + shifted)
    taken = _free({*found.names, *names, *bias, *_called(found)}, _LETTER)
    added = zip(range(size, size + more), taken)
    kinds = ["hidden" if kind == "input" else kind for kind in found.kinds]
    lowest = min(found.positions)
    return replace(
        found,
        names=(*starts, *bias, *names),
        kinds=(*["input"] * count, *["bias"] * shifted, *kinds),
        given=(*[None] * count, *[1.0] * shifted, *_linear(found)),
        positions=(*range(first), *(position - lowest + first for position in found.positions)),
        sources=sources,
        targets=targets,
        weights=np.concatenate([found.weights, factors, shifts[: count * shifted]]),
        frozen=np.concatenate([found.frozen, np.ones(more, dtype=bool)]),
        origins=_constants(found.origins, more),
        labels={**found.labels, **{index: name for index, name in added if name != f"{_LETTER}{index + 1}"}},
    )


def _linear(found: Blueprint) -> list[Any]:
    linear = lookup.activation("linear")
    return [linear if kind == "input" else given for kind, given in zip(found.kinds, found.given)]


def _constants(origins: Origins, more: int) -> Origins:
    """Return the origins of more connections, whose weights come from nothing that is trained."""
    none = np.full(more, -1, dtype=np.intp)
    return Origins(
        origins.parameters,
        np.concatenate([origins.parameter, none]),
        np.concatenate([origins.place, np.zeros(more, dtype=np.intp)]),
        np.concatenate([origins.factor, np.ones(more)]),
    )


def _called(found: Blueprint) -> Iterable[str]:
    return (found.labels.get(index, f"{_LETTER}{index + 1}") for index in range(len(found.weights)))


def _free(taken: set[str], letter: str) -> Iterator[str]:
    return (name for number in itertools.count(1) if (name := f"{letter}{number}") not in taken)

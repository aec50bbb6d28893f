"""The networks of nodesim's own estimators."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.errors import ExchangeError
from nodesim.exchange import own_networks
from nodesim.exchange.blueprint import Blueprint, Origins
from nodesim.exchange.names import completed
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
    inputs = np.flatnonzero([kind == "input" for kind in found.kinds])
    count, shifted, lowest = len(inputs), int(shifts.any()), min(found.positions)
    first = count + shifted
    kinds = (*["input"] * count, *["bias"] * shifted, *(_inner(kind, "hidden", kind) for kind in found.kinds))
    # New inputs take the names of the old ones, which get those of the hidden nodes that they become.
    inner = (_inner(kind, None, name) for kind, name in zip(found.kinds, found.names))
    taken = {*found.labels.values(), *(name for name, _ in found.ties)}
    names = completed(kinds, [*(found.names[row] for row in inputs), *[None] * shifted, *inner], taken)
    sources, targets = _ends(found, inputs, shifted)
    more, linear = len(sources) - len(found.weights), lookup.activation("linear")
    given = (_inner(kind, linear, given) for kind, given in zip(found.kinds, found.given))
    return replace(
        found,
        names=tuple(names),
        kinds=kinds,
        given=(*[None] * count, *[1.0] * shifted, *given),
        positions=(*range(first), *(position - lowest + first for position in found.positions)),
        sources=sources,
        targets=targets,
        weights=np.concatenate([found.weights, factors, shifts[: count * shifted]]),
        frozen=np.concatenate([found.frozen, np.ones(more, dtype=bool)]),
        origins=_constants(found.origins, more),
        labels={**found.labels, **_labels(found, names, more)},
        joins={row + first: aggregation for row, aggregation in found.joins.items()},
    )


def _inner(kind: str, instead: Any, otherwise: Any) -> Any:
    """Return what a node becomes that was an input, or what any other node stays."""
    return instead if kind == "input" else otherwise


def _ends(found: Blueprint, inputs: Indices, shifted: int) -> tuple[Indices, Indices]:
    """Return both ends of all connections; as in layers that nodesim makes, all that scales, then all that shifts."""
    count, first = len(inputs), len(inputs) + shifted
    return (
        np.concatenate([found.sources + first, np.arange(count), np.full(count * shifted, count)]),
        np.concatenate([found.targets + first, inputs + first, np.repeat(inputs + first, shifted)]),
    )


def _labels(found: Blueprint, nodes: Sequence[str], more: int) -> dict[int, str]:
    """Return names for new connections whose first ones others have."""
    size = len(found.weights)
    own = (found.labels.get(index, f"{_LETTER}{index + 1}") for index in range(size))
    taken = {*nodes, *own, *(name for name, _ in found.ties)}
    free = (name for number in itertools.count(1) if (name := f"{_LETTER}{number}") not in taken)
    added = zip(range(size, size + more), free)
    return {index: name for index, name in added if name != f"{_LETTER}{index + 1}"}


def _constants(origins: Origins, more: int) -> Origins:
    """Return the origins of more connections, whose weights come from nothing that is trained."""
    none = np.full(more, -1, dtype=np.intp)
    return Origins(
        origins.parameters,
        np.concatenate([origins.parameter, none]),
        np.concatenate([origins.place, np.zeros(more, dtype=np.intp)]),
        np.concatenate([origins.factor, np.ones(more)]),
    )

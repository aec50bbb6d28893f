"""Aggregations as functions of torch, over the second axis: (samples, contributions, nodes) -> (samples, nodes)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from nodesim._version import version
from nodesim.errors import ExchangeError
from nodesim.functions.aggregation import Aggregation


def join_of(aggregation: Aggregation) -> Callable[[Any], Any]:
    """Return an aggregation as a function of torch.

    Raises
    ------
    ExchangeError
        If it is none of nodesim's own: there is no formula to make another function of.
    """
    found = _JOINS.get(aggregation.name)
    if found is None or aggregation.origin != f"nodesim {version}":
        raise ExchangeError(
            f"{aggregation.label} has no counterpart in torch; these have: {', '.join(_JOINS)}. Give the network nodes "
            "of these instead."
        )
    return found


def _middle(c: Any) -> Any:
    ordered = c.sort(dim=1, stable=True).values
    return (ordered[:, (c.shape[1] - 1) // 2] + ordered[:, c.shape[1] // 2]) / 2.0


# Of several largest ones the slope is that of the first, as in nodesim: amax would divide it among them.
_JOINS: dict[str, Callable[[Any], Any]] = {
    "product": lambda c: c.prod(dim=1),
    "max": lambda c: c.max(dim=1).values,
    "min": lambda c: c.min(dim=1).values,
    "mean": lambda c: c.mean(dim=1),
    "norm": lambda c: torch.linalg.vector_norm(c, dim=1),
    "neat_maxabs": lambda c: c.gather(1, c.abs().argmax(dim=1, keepdim=True)).squeeze(1),
    "neat_median": _middle,
}

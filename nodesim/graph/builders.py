"""Whole networks at once: layered, in the article's numbering.

References
----------
Article, section 2, "Weight numbering".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from nodesim.errors import ArgumentError
from nodesim.graph.elements import Node
from nodesim.graph.structure import Structure
from nodesim.validation import flag

# Each connection is an object of about 200 bytes.
_MOST = 500_000_000


def connect_layers(structure: Structure, sizes: Any, hidden: object, output: object, bias: bool) -> None:
    """Fill an empty structure with fully connected layers, and draw its weights; see `nodesim.Network.layered`."""
    counts = _sizes(sizes)
    bias = flag(bias, "bias")
    count = sum((a + bias) * b for a, b in pairwise(counts))
    if count > _MOST:
        raise ArgumentError(f"layers of {sizes} nodes have {count:,} connections; more than {_MOST:,} fit no memory.")
    activations = [*_activations(hidden, len(counts) - 2), output]
    before: Sequence[Node] = [structure.add("input", None) for _ in range(counts[0])]
    for depth, size in enumerate(counts[1:]):
        sources = [*before, structure.add_bias(None, 1.0)] if bias else before
        kind = "output" if depth == len(counts) - 2 else "hidden"
        before = [structure.add(kind, None, activations[depth]) for _ in range(size)]
        structure.link_all((source, target) for source in sources for target in before)
    structure.initialize()


def _activations(hidden: object, count: int) -> list[object]:
    if isinstance(hidden, Iterable) and not isinstance(hidden, str | dict):
        given = list(hidden)
        if len(given) != count:
            raise ArgumentError(f"hidden gives {len(given)} activations for {count} hidden layers.")
        return given
    return [hidden] * count


def _sizes(sizes: Any) -> list[int]:
    try:
        given = list(sizes)
    except TypeError:
        given = []
    whole = all(isinstance(n, int | np.integer) and not isinstance(n, bool) and n > 0 for n in given)
    if len(given) < 2 or not whole:
        raise ArgumentError(f"sizes must be two or more whole numbers of at least 1, such as [2, 2, 2]; got {sizes!r}.")
    return [int(n) for n in given]

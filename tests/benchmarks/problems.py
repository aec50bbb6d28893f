"""What is calculated: networks as plain arrays, the same for everybody."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]
Indices = np.ndarray[Any, np.dtype[np.int64]]


class UnavailableError(Exception):
    """What a contestant raises who cannot take part here; the message says why."""


@dataclass(frozen=True, eq=False)
class Layered:
    """Training of a fully connected network with biases: epochs of batch after batch, by plain SGD if nothing is said.

    Attributes
    ----------
    x, y : ndarray of shape (n_samples, n)
    weights : tuple of ndarray of shape (1 + n_in, n_out)
        For each layer; the last row is the bias's.
    batch : int
        Divides the number of samples.
    rate : float
        Learning rate.
    parts : float
        By how much the time of one epoch is divided for the table.
    checked : int
        After how many epochs weights are compared.
    hidden, output : str or Activation
    loss, optimizer : str
    shuffle : bool
    tied : int
        How many weights have two uses.
    """

    x: Array
    y: Array
    weights: tuple[Array, ...]
    batch: int
    rate: float
    parts: float = 1.0
    checked: int = 1
    hidden: Any = "sigmoid"
    output: Any = "sigmoid"
    loss: str = "mse"
    optimizer: str = "sgd"
    shuffle: bool = False
    tied: int = 0

    @property
    def sizes(self) -> list[int]:
        """Return the numbers of nodes, biases left out."""
        return [len(self.weights[0]) - 1, *(table.shape[1] for table in self.weights)]

    @property
    def batches(self) -> list[tuple[Array, Array]]:
        """Return the batches of an epoch, each in memory of its own."""
        starts = range(0, len(self.x), self.batch)
        return [(self.x[i : i + self.batch].copy(), self.y[i : i + self.batch].copy()) for i in starts]

    def first(self, batches: int) -> Layered:
        """Return the same with a few batches alone; times are extrapolated to the whole."""
        count = batches * self.batch
        return replace(self, x=self.x[:count], y=self.y[:count], parts=self.parts * count / len(self.x))


def layered(x: Array, y: Array, hidden: list[int], **more: Any) -> Layered:
    """Return a training with drawn weights, small enough to keep activations between 0.01 and 0.99."""
    rng = np.random.default_rng(0)
    sizes = [x.shape[1], *hidden, y.shape[1]]
    weights = tuple(rng.normal(0.0, n**-0.5, (n + 1, m)) for n, m in itertools.pairwise(sizes))
    return Layered(x, y, weights, **more)


def flat(tables: list[Array] | tuple[Array, ...]) -> Array:
    """Return the weights of all layers in the order of nodesim's connections."""
    return np.concatenate([np.asarray(table).ravel() for table in tables])


@dataclass(frozen=True, eq=False)
class Sweep:
    """Many networks 2-2-2 of sigmoid nodes, each trained online by itself: as many seeds, some epochs, no shuffling.

    Attributes
    ----------
    x, y : ndarray of shape (n_samples, 2)
    weights : ndarray of shape (n_networks, 12)
        In the order of nodesim's connections, as its seeds 0, 1, ... draw them.
    epochs : int
    rate : float
    compared : int
        Of how many networks the weights are compared.
    """

    x: Array
    y: Array
    weights: Array
    epochs: int
    rate: float
    compared: int = 5
    parts: float = 1.0
    checked: int = 1


@dataclass(frozen=True, eq=False)
class Graph:
    """Forward and backward through a directed acyclic graph of sigmoid nodes without biases.

    Attributes
    ----------
    starts : ndarray of shape (n_levels + 1,)
        Nodes are numbered level by level; level i is `starts[i]` up to `starts[i + 1]`. The first level are the
        inputs, the last the outputs.
    source, target : ndarray of shape (n_connections,)
        By target, then source.
    weight : ndarray of shape (n_connections,)
    x : ndarray of shape (n_samples, n_inputs)
    y : ndarray of shape (n_samples, n_outputs)
    """

    starts: Indices
    source: Indices
    target: Indices
    weight: Array
    x: Array
    y: Array
    parts: float = 1.0
    checked: int = 1

    @property
    def levels(self) -> list[tuple[int, int]]:
        """Return begin and end of the nodes of each level."""
        return [(int(a), int(b)) for a, b in itertools.pairwise(self.starts)]

    def incoming(self, begin: int, end: int) -> slice:
        """Return the connections into some nodes."""
        first, last = np.searchsorted(self.target, [begin, end])
        return slice(int(first), int(last))


def graph(widths: list[int], ends: tuple[Indices, Indices], samples: int) -> Graph:
    """Return a graph with drawn weights and data, small enough to keep activations between 0.01 and 0.99."""
    rng = np.random.default_rng(1)
    starts = np.concatenate([[0], np.cumsum(widths)])
    order = np.lexsort(ends)
    source, target = ends[0][order], ends[1][order]
    weight = rng.normal(0.0, 1.0, len(source)) / np.sqrt(np.bincount(target)[target])
    x, y = rng.uniform(0, 1, (samples, widths[0])), rng.uniform(0.2, 0.8, (samples, widths[-1]))
    return Graph(starts, source, target, weight, x, y)


def skipping(n_nodes: int, n_connections: int, n_levels: int) -> tuple[list[int], tuple[Indices, Indices]]:
    """Draw a graph of exactly so many levels in which a node is fed from anywhere before it; nothing is a dead end.

    Every node is fed by one of the level before and feeds one of the level behind; all other connections come from
    any earlier node with equal probability, about as many for each target.
    """
    rng = np.random.default_rng(2)
    widths = [n_nodes // n_levels + (level < n_nodes % n_levels) for level in range(n_levels)]
    starts = np.concatenate([[0], np.cumsum(widths)])
    level_of = np.repeat(np.arange(n_levels), widths)
    pairs: set[tuple[int, int]] = set()
    for level in range(1, n_levels):
        # As wide as the wider of the two levels, so that everybody has a partner.
        count = max(widths[level - 1], widths[level])
        before = starts[level - 1] + rng.permutation(count) % widths[level - 1]
        here = starts[level] + np.arange(count) % widths[level]
        pairs.update(zip(before.tolist(), here.tolist()))
    target = widths[0]
    while len(pairs) < n_connections:
        pairs.add((int(rng.integers(starts[level_of[target]])), target))
        target = target + 1 if target + 1 < n_nodes else widths[0]
    source, targets = np.array(sorted(pairs)).T
    return widths, (source, targets)


def successive(width: int, n_layers: int, n_connections: int) -> tuple[list[int], tuple[Indices, Indices]]:
    """Draw layers of which each is sparsely connected with the next."""
    rng = np.random.default_rng(3)
    gaps = n_layers - 1
    sources, targets = [], []
    for gap in range(gaps):
        count = n_connections // gaps + (gap < n_connections % gaps)
        chosen = rng.choice(width * width, count, replace=False, shuffle=False)
        sources.append(chosen % width + gap * width)
        targets.append(chosen // width + (gap + 1) * width)
    return [width] * n_layers, (np.concatenate(sources), np.concatenate(targets))

"""What flows between the steps of another network: values of nodes, and weighted sums that no node has yet."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from nodesim._arrays import Array, Indices


@dataclass(frozen=True, eq=False)
class Parameter:
    """An array of numbers that another program trains, or, without a name, one that it does not.

    Attributes
    ----------
    name : str
        What the other program calls it; "" for constants.
    values : ndarray of float
    places : ndarray of int, optional
        For each of the values its place in the other program's array, flattened; by default in order.
    frozen : bool
        Whether the other program has a name for it, and does not train it all the same.
    """

    name: str
    values: Array
    places: Indices | None = None
    frozen: bool = False

    @property
    def transposed(self) -> Parameter:
        """The transposed one, which remembers where its numbers come from."""
        return replace(self, values=self.values.T, places=self.placed.T)

    def reshaped(self, *shape: int) -> Parameter:
        """Return the same numbers in another shape."""
        return replace(self, values=self.values.reshape(shape), places=self.placed.reshape(shape))

    @property
    def placed(self) -> Indices:
        """The place of each number in the other program's array."""
        return np.arange(self.values.size).reshape(self.values.shape) if self.places is None else self.places


@dataclass(frozen=True, eq=False)
class Term:
    """What some nodes, or a constant, contribute to some weighted sums: connection by connection.

    Attributes
    ----------
    nodes : ndarray of int, or None
        Where each comes from; None for a constant, which becomes a bias node.
    columns : ndarray of int
        To which of the sums each leads.
    weights : ndarray of float
    parameter : str
        The array of the other program that they come from, or "": then updates must not change them.
    places : ndarray of int
    factors : ndarray of float
        weights = factors · the other program's numbers.
    frozen : bool
        Whether updates must not change them, though they come from an array of a name.
    """

    nodes: Indices | None
    columns: Indices
    weights: Array
    parameter: str
    places: Indices
    factors: Array
    frozen: bool = False


@dataclass(frozen=True, eq=False)
class Nodes:
    """Columns that are the (activated) values of nodes."""

    nodes: Indices

    def __len__(self) -> int:
        return len(self.nodes)


@dataclass(frozen=True, eq=False)
class Sums:
    """Columns that are weighted sums, and belong to no node yet. Each may be used once: see `Assembly.finished`."""

    terms: tuple[Term, ...]
    count: int

    def __len__(self) -> int:
        return self.count


Columns = Nodes | Sums


def links_of(sums: Sums) -> Indices:
    """Return a number for each connection from a node; constants get bias nodes of their own, and meet none."""
    links = [term.nodes * sums.count + term.columns for term in sums.terms if term.nodes is not None]
    return np.concatenate(links) if links else np.empty(0, dtype=np.intp)

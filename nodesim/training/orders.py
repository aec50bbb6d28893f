"""In which order each epoch of a training goes through its samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nodesim._arrays import Indices
from nodesim.graph.structure import Structure


@dataclass(frozen=True)
class Begun:
    """An epoch that was begun: its order, how many updates were made, and their share of its error."""

    order: Any
    updates: int
    error: float


class Orders:
    """The orders of the epochs to come, from the network's generator where samples are mixed.

    They are drawn before it is known how many epochs will be gone through. Those that were not begun are given back: so
    the generator goes on as if it had drawn epoch by epoch, and what comes next, a second training or a new weight,
    does not depend on how many epochs were fused.

    Parameters
    ----------
    structure : Structure
        The one with the generator.
    count : int
        How many samples there are.
    mixed : bool
        Whether they come in another order each epoch; else they come as they are, and nothing is drawn.

    Examples
    --------
    >>> import nodesim as ns
    >>> structure = ns.Network(seed=0).structure
    >>> orders = Orders(structure, 3, mixed=True)
    >>> first = orders.drawn(2)
    >>> orders.give_back(1)
    >>> (orders.drawn(1) == first[1:]).all()
    np.True_
    """

    def __init__(self, structure: Structure, count: int, *, mixed: bool) -> None:
        self._structure, self._count, self._mixed = structure, count, mixed
        self._before: Any = None

    def drawn(self, epochs: int) -> Indices:
        """Return the orders of so many epochs, shape (epochs, count)."""
        orders = np.arange(self._count)[None]
        if epochs > 1:
            orders = np.repeat(orders, epochs, axis=0)
        if self._mixed:
            generator = self._structure.generator
            self._before = generator.bit_generator.state
            generator.permuted(orders, axis=1, out=orders)
        return orders

    def give_back(self, used: int) -> None:
        """Let the generator be as if of the orders that were drawn last only so many had been."""
        if self._mixed:
            self._structure.generator.bit_generator.state = self._before
            if used:
                self.drawn(used)

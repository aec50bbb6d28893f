"""Mistakes as edits of the derivative graph: what each changes of a right calculation, and tables of many of them.

A right calculation is the edit that changes nothing. Whatever is a factor, of a node, an arc or a gradient, multiplies
where two mistakes meet; whatever is put in the place of another thing can be there only once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nodesim._arrays import Array, Indices, Mask
from nodesim.wording.message import Message, Words, marked

# In the order of preference among explanations of the same numbers.
NAMES = (
    marked("sign"), marked("factor"), marked("sum for mean"), marked("bias forgotten"), marked("path forgotten"),
    marked("output slope left out"), marked("hidden slope left out"), marked("slope at HA"), marked("updated before"),
    marked("sequential update"), marked("transposed weights"), marked("input left out"),
    marked("delta of another loss"), marked("slope from H"), marked("connection forgotten"), marked("one sample"),
    marked("other names"), marked("one weight"),
)  # fmt: skip
SLIP = "one weight"
ALL_WEIGHTS, ALL_OUTPUTS, ALL_HIDDEN = Message("all weights"), Message("all outputs"), Message("all hidden nodes")
ALL_BIASES, ALL_NODES, ALL_SKIPS = Message("all biases"), Message("all nodes"), Message("all skip connections")
# Back through weights that are all new, all new and kept so, or new as far as the walk has come.
OLD, NEW, NEW_KEPT, AS_IT_GOES = range(4)


@dataclass(frozen=True, eq=False)
class Edit:
    """One mistake at one place.

    Attributes
    ----------
    name : str
    where : str or Message
    text : callable
        Returns what was done and what is right, in a sentence.
    forward : int
        The number of the variant of feeding forward; 0 is the right one.
    entering, judged : int
        The numbers of the variants of what enters from e, and of e.
    walk : int
        `OLD`, `NEW`, `NEW_KEPT` or `AS_IT_GOES`.
    turned : int
        The number of the variant of the weights back through which it goes; 0 are the right ones.
    slopes : ndarray of shape (n_rows,), optional
        By node which slope was taken: see `nodesim.mistakes.forward`.
    nodes : float or ndarray of shape (n_rows,)
        Factors of the nodes' deltas.
    arcs, gradients, steps : float or ndarray of shape (n_connections,)
        Factors of what comes back over connections, of the gradients of their weights, and of their updates.
    outputs : float or ndarray of shape (n_outputs,)
        Factors of what enters from e.
    error : float
        A factor of e.
    bare : bool or ndarray of bool, shape (n_connections,)
        Where the gradient is the delta alone.
    only : int
        0, or the number, from 1 on, of the sample that gradients were calculated by where `alone` is true.
    alone : bool or ndarray of bool, shape (n_connections,)
    named : ndarray of shape (n_connections,), optional
        By connection the one whose gradient was handed over under its name.
    names : int
        1 if new weights were handed over so, too; else 0.
    several : bool
        Whether it is one only where several of the gradients that it changes were given: of one it says too much.
    """

    name: str
    where: Words
    text: Callable[[], Words]
    forward: int = 0
    entering: int = 0
    judged: int = 0
    walk: int = OLD
    turned: int = 0
    slopes: Indices | None = None
    nodes: float | Array = 1.0
    arcs: float | Array = 1.0
    gradients: float | Array = 1.0
    steps: float | Array = 1.0
    outputs: float | Array = 1.0
    error: float = 1.0
    bare: bool | Mask = False
    only: int = 0
    alone: bool | Mask = False
    named: Indices | None = None
    names: int = 0
    several: bool = False

    def touches(self, connections: Indices) -> bool:
        """Tell whether it changes as many of some connections' gradients as it must."""
        factors = self.gradients
        return not self.several or not isinstance(factors, np.ndarray) or int((factors[connections] != 1.0).sum()) > 1

    @property
    def rank(self) -> int:
        """The place of its name in the order of preference."""
        return NAMES.index(self.name)


def said(text: Words) -> Callable[[], Words]:
    """Return what returns a text."""
    return lambda: text


NOTHING = Edit("sign", "", said(""))


class Table:
    """Edits as arrays, an edit a row, that are combined by their numbers; row 0 changes nothing.

    Parameters
    ----------
    edits : sequence of Edit
    n_rows, n_connections, n_outputs : int
    """

    def __init__(self, edits: Sequence[Edit], n_rows: int, n_connections: int, n_outputs: int) -> None:
        self.edits = (NOTHING, *edits)
        self.forward, self.entering, self.judged, self.walk, self.turned, self.only, self.names = (
            np.array([getattr(edit, name) for edit in self.edits])
            for name in ("forward", "entering", "judged", "walk", "turned", "only", "names")
        )
        self.nodes = self._stacked("nodes", n_rows)
        self.arcs, self.gradients, self.steps = (
            self._stacked(name, n_connections) for name in ("arcs", "gradients", "steps")
        )
        self.outputs = self._stacked("outputs", n_outputs)
        self.error = np.array([edit.error for edit in self.edits])
        self.bare, self.alone = (self._stacked(name, n_connections, bool) for name in ("bare", "alone"))
        self.renamed = np.array([int(edit.named is not None) for edit in self.edits])
        self.named = np.tile(np.arange(n_connections), (len(self.edits), 1))
        for row, edit in enumerate(self.edits):
            if edit.named is not None:
                self.named[row] = edit.named
        self.slopes = np.zeros((len(self.edits), n_rows), dtype=np.int8)
        for row, edit in enumerate(self.edits):
            if edit.slopes is not None:
                self.slopes[row] = edit.slopes
        self._reach = (self.slopes > 0).sum(axis=1)

    def __len__(self) -> int:
        return len(self.edits)

    def _stacked(self, name: str, width: int, dtype: Any = float) -> Any:
        found = np.empty((len(self.edits), width), dtype=dtype)
        for row, edit in enumerate(self.edits):
            found[row] = getattr(edit, name)
        return found

    def slopes_at(self, first: Indices, second: Indices, rows: Indices) -> Indices:
        """Return which slopes pairs of edits take at some nodes; of two that say one, that said of fewer nodes."""
        one, other = self.slopes[first[:, None], rows], self.slopes[second[:, None], rows]
        narrower = (self._reach[first] < self._reach[second])[:, None]
        chosen: Indices = np.where((one > 0) & (other > 0), np.where(narrower, one, other), one + other)
        return chosen

    def possible(self) -> Mask:
        """Tell of all pairs of edits, the first before the second, whether both can have been made."""
        found = np.triu(np.ones((len(self.edits), len(self.edits)), dtype=bool), 1)
        found[0] = False
        for name in ("forward", "entering", "judged", "walk", "turned", "only", "renamed"):
            own = getattr(self, name) > 0
            found &= ~np.outer(own, own)
        ranks = np.array([edit.rank for edit in self.edits])
        nested = (ranks[:, None] != ranks) & (self._reach[:, None] != self._reach)
        touched = self.slopes > 0
        found &= ~meeting(touched, touched) | nested
        return found


def meeting(some: Mask, others: Mask) -> Mask:
    """Tell of each row of some and each of others, both of n truths, whether both are true anywhere.

    Examples
    --------
    >>> meeting(np.array([[True, False]]), np.array([[True, True], [False, True]])).tolist()
    [[True, False]]
    """
    # Sixty-four at a time: libraries for matrices would wake their threads for this.
    one, other = (_words(rows) for rows in (some, others))
    found = np.zeros((len(some), len(others)), dtype=bool)
    for word in range(one.shape[1]):
        found |= (one[:, word, None] & other[:, word]) != 0
    return found


def _words(rows: Mask) -> Any:
    packed = np.packbits(rows, axis=1)
    words = -(-packed.shape[1] // 8)
    padded = np.zeros((len(rows), 8 * words), dtype=np.uint8)
    padded[:, : packed.shape[1]] = packed
    return padded.view(np.uint64)

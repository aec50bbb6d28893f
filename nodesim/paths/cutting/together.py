"""All paths of a set, cut at once: what is taken off the sums is handed on over the trellis, level by level."""

from __future__ import annotations

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.paths.cutting.ground import Ground

# From so many samples on, one of so many possible arcs between two levels is enough for a product of matrices.
_SAMPLES, _DENSE = 8, 8


def at_once(ground: Ground) -> tuple[float, float, Array]:
    """Cut all paths of a set at once.

    Parameters
    ----------
    ground : Ground
        There may be no path.

    Returns
    -------
    error, change : float
        e' and e' - e, the means over the samples.
    outputs : ndarray of shape (n_outputs,) for one sample, else (n_samples, n_outputs)
    """
    sums = ground.sums
    levels = [] if sums.empty else _levels(ground)
    entries = np.zeros(0, dtype=np.intp) if sums.empty else sums.trellis.entries
    rows = sums.trellis.rows[entries]
    places = ground.end.places[rows]
    sent_after = np.zeros((len(rows), ground.n_samples))
    totals = np.zeros(2)
    numbers = [sums.trellis.n_states + len(ground.end.rows), *(level.numbers for level in levels)]
    for block in ground.blocks(max(numbers)):
        before = ground.end.before(block)
        after = before.copy()
        if len(entries):
            arrived, sent = _handed_on(ground, levels, block)
            after[places] = (arrived if ground.end.of_sums else sent)[entries]
            sent_after[:, block.start - ground.samples.start : block.stop - ground.samples.start] = sent[entries]
        new, old = (ground.end.values(seen[:, None], block) for seen in (after, before))
        totals += new.sum(), (new - old).sum()
    error, change = (totals / ground.n_samples).tolist()
    return error, change, ground.outputs(rows, sent_after)


def _handed_on(ground: Ground, levels: list[_Level], block: slice) -> tuple[Array, Array]:
    """Return H' and HA' by state, each of shape (n_states, n_samples)."""
    trellis, nodes = ground.sums.trellis, ground.nodes
    # The third is HA' - HA.
    after, sent, change = (np.zeros((trellis.n_states, block.stop - block.start)) for _ in range(3))
    for of_all, of_goal in zip((after, sent, change), ground.begin(block)):
        of_all[trellis.goal] = of_goal[0]
    for level in levels:
        heads = level.heads
        rows = trellis.rows[heads]
        old = nodes.sums[rows, block]
        with np.errstate(all="ignore"):
            after[heads] = old + level.sums(change)
        for place in ground.joins.among(rows).tolist():
            arcs = slice(*trellis.starts[heads[place] : heads[place] + 2])
            changes, through = change[trellis.below[arcs]], trellis.connections[arcs]
            after[heads[place]] = ground.joins.together(int(rows[place]), through, changes, block)
        sent[heads] = nodes.checked(rows, after[heads], block)
        change[heads] = sent[heads] - nodes.sent(rows, old, block)
    return after, sent


def _levels(ground: Ground) -> list[_Level]:
    """Return the arcs from the goal to e, level by level."""
    along = ground.sums.trellis.from_goal
    weights, dense = ground.sums.weights[along.arcs], ground.n_samples >= _SAMPLES
    return [_Level(along.tails[arcs], weights[arcs], starts, heads, dense) for arcs, starts, heads in along.steps]


class _Level:
    """Arcs into the states of a level, which add up what they hand on.

    Parameters
    ----------
    tails, weights : ndarray of shape (n_arcs,)
        The states that they come from.
    starts, heads : ndarray of shape (n_heads,)
        Where the arcs into each state start, and the states.
    dense : bool
        Whether it may be worth a matrix.
    """

    def __init__(self, tails: Indices, weights: Array, starts: Indices, heads: Indices, dense: bool) -> None:
        self.heads = heads
        self._tails, self._weights, self._starts = tails, weights, starts
        self._matrix: Array | None = None
        if dense:
            sources, place = np.unique(tails, return_inverse=True)
            if len(sources) * len(heads) <= _DENSE * len(tails):
                self._matrix, self._tails = np.zeros((len(heads), len(sources))), sources
                self._matrix[np.repeat(np.arange(len(heads)), np.diff([*starts, len(tails)])), place] = weights

    @property
    def numbers(self) -> int:
        """How many numbers are on the way at once, for each sample."""
        return len(self._tails)

    def sums(self, change: Array) -> Array:
        """Return for each state of the level the sum of weight · change, shape (n_heads, n_samples)."""
        if self._matrix is not None:
            return self._matrix @ change[self._tails]
        handed: Array = np.add.reduceat(self._weights[:, None] * change[self._tails], self._starts, axis=0)
        return handed

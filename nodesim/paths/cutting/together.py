"""All paths of a set, cut at once: what is taken off the sums is handed on over the trellis, level by level."""

from __future__ import annotations

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.paths.cutting.ground import Ground


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
    # An entry of a set that has no paths is none.
    entries = np.zeros(0, dtype=np.intp) if sums.empty else sums.trellis.entries
    rows = sums.trellis.rows[entries]
    places = ground.end.places[rows]
    sent_after = np.zeros((len(rows), ground.n_samples))
    totals = np.zeros(2)
    for block in ground.blocks(sums.trellis.n_states + len(ground.end.rows)):
        before = ground.end.before(block)
        after = before.copy()
        if len(entries):
            arrived, sent = _handed_on(ground, entries, block)
            after[places] = arrived if ground.end.of_sums else sent
            sent_after[:, block.start - ground.samples.start : block.stop - ground.samples.start] = sent
        totals += [each.sum() for each in ground.errors(after[:, None], before, block)]
    error, change = (totals / ground.n_samples).tolist()
    return error, change, ground.outputs(rows, sent_after)


def _handed_on(ground: Ground, entries: Indices, block: slice) -> tuple[Array, Array]:
    """Return H' and HA' of the states where e enters, each of shape (n_entries, n_samples)."""
    trellis, nodes, weights = ground.sums.trellis, ground.nodes, ground.sums.weights
    along = trellis.from_goal
    weights = weights[along.arcs, None]
    # By state: H', HA' and HA' - HA.
    shape = (trellis.n_states, block.stop - block.start)
    after, sent, change = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for of_all, of_goal in zip((after, sent, change), ground.begin(block)):
        of_all[trellis.goal] = of_goal[0]
    for arcs, starts, heads in along.steps:
        rows = trellis.rows[heads]
        old = nodes.sums[rows, block]
        with np.errstate(all="ignore"):
            handed = weights[arcs] * change[along.tails[arcs]]
            after[heads] = old + np.add.reduceat(handed, starts, axis=0)
        sent[heads] = nodes.checked(rows, after[heads], block.start)
        change[heads] = sent[heads] - nodes.sent(rows, old)
    return after[entries], sent[entries]

"""Many paths, each cut by itself: all are followed from the goal to e at once, one connection at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.graph.elements import Connection
from nodesim.paths.cutting.ground import TOGETHER, Ground


@dataclass(frozen=True, eq=False)
class Ends:
    """What comes out where paths enter e.

    Attributes
    ----------
    rows : ndarray of shape (n_paths,)
        The node, an output, where each path enters.
    sums, sent : ndarray of shape (n_paths, n_samples)
        Its H' and HA'.
    """

    rows: Indices
    sums: Array
    sent: Array


def one_by_one(ground: Ground, arcs: Indices) -> tuple[Array, Array]:
    """Cut each of some paths by itself.

    Parameters
    ----------
    ground : Ground
    arcs : ndarray of shape (n_paths, longest)
        Their arcs from the goal to e, -1 behind the ends.

    Returns
    -------
    errors, changes : ndarray of shape (n_paths,)
        e' and e' - e, the means over the samples.
    """
    count, seen_each = len(arcs), len(ground.end.rows)
    totals = np.zeros((2, count))
    for block in ground.blocks(_nodes(ground, arcs) + seen_each):
        many = max(1, TOGETHER // (seen_each * (block.stop - block.start)))
        before = ground.end.before(block)
        old = ground.end.values(before[:, None], block)
        for first in range(0, count, many):
            part = slice(first, first + many)
            new = ground.end.values(_seen(ground, before, follow(ground, arcs[part], block)), block)
            totals[:, part] += new.sum(axis=1), (new - old).sum(axis=1)
    errors, changes = totals / ground.n_samples
    return errors, changes


def _nodes(ground: Ground, arcs: Indices) -> int:
    """Return how many nodes there are at most that any of the paths passes."""
    return min(ground.sums.trellis.n_states, arcs.size)


def _seen(ground: Ground, before: Array, ends: Ends) -> Array:
    """Return what e sees of each path, shape (n_seen, n_paths, n_samples)."""
    count = len(ends.rows)
    seen = np.repeat(before[:, None], count, axis=1)
    seen[ground.end.places[ends.rows], np.arange(count)] = ends.sums if ground.end.of_sums else ends.sent
    return seen


def follow(ground: Ground, arcs: Indices, block: slice) -> Ends:
    """Follow paths from the goal to e.

    Parameters
    ----------
    ground : Ground
    arcs : ndarray of shape (n_paths, longest)
        From the goal to e, -1 behind the ends.
    block : slice
        The samples that are looked at.

    Raises
    ------
    FunctionError, NonFiniteError
        If an activation fails, or a number leaves the finite ones; the message names the node.
    """
    nodes, trellis, weights = ground.nodes, ground.sums.trellis, ground.sums.weights
    passed = np.unique(trellis.above[arcs[arcs >= 0]])
    # What the nodes on these paths have, and send, as it is.
    rows = trellis.rows[passed]
    old = nodes.sums[rows, block]
    sent_before = nodes.sent(rows, old, block)
    at = np.repeat(ground.goal, len(arcs))
    sums, sent, change = (np.repeat(each, len(arcs), axis=0) for each in ground.begin(block))
    for column in arcs.T:
        going = np.flatnonzero(column >= 0)
        if not len(going):
            break
        arc = column[going]
        above = np.searchsorted(passed, trellis.above[arc])
        with np.errstate(all="ignore"):
            arriving = old[above] + weights[arc, None] * change[going]
        joined = ground.joins.among(rows[above])
        if len(joined):
            through = trellis.connections[arc[joined]]
            arriving[joined] = ground.joins.each(rows[above[joined]], through, change[going[joined]], block)
        at[going], sums[going] = rows[above], arriving
        sent[going] = nodes.checked(rows[above], arriving, block)
        change[going] = sent[going] - sent_before[above]
    return Ends(at, sums, sent)


def first_order(ground: Ground, arcs: Indices, products: Array) -> Array:
    """Return what the products of paths predict: -(what is cut) · product, the mean over the samples.

    Parameters
    ----------
    ground : Ground
    arcs : ndarray of shape (n_paths, longest)
    products : ndarray of shape (n_paths,)
        The means over the samples.

    Returns
    -------
    ndarray of shape (n_paths,)
    """
    with np.errstate(all="ignore"):
        if ground.single or isinstance(ground.of.element, Connection):
            predicted: Array = -ground.amount * products
            return predicted
        # What a node sends, and the products, are others in each sample: a product of means would not do.
        totals = np.zeros(len(arcs))
        for block in ground.blocks(len(arcs)):
            amount = ground.amount[block.start - ground.samples.start : block.stop - ground.samples.start]
            totals -= (amount * _products(ground, arcs, block)).sum(axis=1)
        means: Array = totals / ground.n_samples
        return means


def _products(ground: Ground, arcs: Indices, block: slice) -> Array:
    """Return the product of each path in each sample, shape (n_paths, n_samples); of paths that end at a node."""
    sums, trellis = ground.sums, ground.sums.trellis
    products = np.ones((len(arcs), block.stop - block.start))
    entries = np.full(len(arcs), trellis.goal)
    for column in arcs.T:
        going = np.flatnonzero(column >= 0)
        arc = column[going]
        passed = sums.passed[arc, None] if sums.passed.ndim == 1 else sums.passed[arc, block]
        products[going] *= passed * sums.slopes[trellis.below[arc], block]
        entries[going] = trellis.above[arc]
    ended: Array = products * sums.entries[entries, block]
    return ended

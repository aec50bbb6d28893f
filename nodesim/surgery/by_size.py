"""What goes first: the smallest weights, or those through which the paths carry least of e."""

from __future__ import annotations

import numpy as np

from nodesim._arrays import Array
from nodesim.surgery.candidates import Candidates
from nodesim.surgery.plan import Plan, least
from nodesim.surgery.samples import Measured

FIRST_ORDER = "to first order: the sum of what flowed through what goes, −W·∂e/∂W"


def by_magnitude(candidates: Candidates, count: int) -> Plan:
    """Let the smallest ``|W|`` go.

    Parameters
    ----------
    candidates : Candidates
    count : int
        How many go.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([1, 2, 1], bias=False, seed=0)
    >>> plan = by_magnitude(Candidates(net.structure, biases=False), 1)
    >>> bool(plan.choices[0].score == abs(net.weights).min())
    True
    """
    sizes = np.abs(candidates.weights)
    largest = np.array([sizes[own].max() for own in candidates.uses], dtype=float)
    return Plan(least(candidates, largest, count, "|W| is {}"), sizes)


def by_paths(candidates: Candidates, count: int, measured: Measured) -> Plan:
    """Let those go whose paths carry least.

    Parameters
    ----------
    candidates : Candidates
    count : int
        How many go.
    measured : Measured

    Notes
    -----
    The score of W is the mean over the samples of ``|W|`` times the sum of ``|product|`` over all paths from e to W.
    Without the magnitudes that sum is W·∂e/∂W, by whose negative e changes to first order when W goes: the score is the
    most that this can be, whether or not paths, or samples, cancel each other now.
    """
    scores = path_scores(candidates, measured)
    plan = Plan(least(candidates, candidates.summed(scores), count, "its paths carry {} of e"), scores)
    return with_prediction(plan, candidates, measured)


def path_scores(candidates: Candidates, measured: Measured) -> Array:
    """Return ``|W|`` · Σ ``|product|`` over all paths from e to W, the mean over the samples, in connection order."""
    graph, schedule = measured.graph, candidates.schedule
    sent = np.abs(graph.all_sent())
    found: Array = np.abs(candidates.weights) * (sent * graph.absolutes[schedule.targets]).mean(axis=1)
    return found


def with_prediction(plan: Plan, candidates: Candidates, measured: Measured) -> Plan:
    """Say of a plan by how much e changes to first order."""
    flowed = candidates.weights * measured.gradients
    plan.predicted = -float(sum(flowed[candidates.uses[choice.place]].sum() for choice in plan.choices))
    plan.predicted_by = FIRST_ORDER
    return plan

"""Synaptic flow: what weights let through from the inputs to the outputs, whatever the samples are.

References
----------
Tanaka, H., D. Kunin, D. L. K. Yamins, S. Ganguli, "Pruning neural networks without any data by iteratively conserving
synaptic flow", NeurIPS 2020.
"""

from __future__ import annotations

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import NonFiniteError, StructureError
from nodesim.gradients.directions import from_error, from_inputs
from nodesim.graph.schedule import Schedule
from nodesim.notation.symbols import number
from nodesim.surgery.candidates import Candidates
from nodesim.surgery.plan import Choice, Plan

ROUNDS = 100


def flows(schedule: Schedule, weights: Array) -> Array:
    """Return ``∂R/∂|W|`` · ``|W|`` of every connection, in connection order.

    R is the sum over all paths, from an input or a bias node to an output, of Π ``|W|``: what the outputs add up to if
    all weights are ``|W|``, all activations linear, all inputs 1, and bias nodes send the magnitudes of their
    constants. What flows into a hidden node, from bias nodes too, flows out of it again, if every node leads to an
    output.

    Parameters
    ----------
    schedule : Schedule
    weights : ndarray of shape (n_connections,)
        In connection order.

    Raises
    ------
    NonFiniteError
        If the flow leaves the finite numbers.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([1, 1, 1], bias=False, seed=0)
    >>> net.weights = [-2.0, 3.0]
    >>> flows(net.schedule, net.weights).tolist()
    [6.0, 6.0]
    """
    sizes = np.abs(weights)
    begin, end = np.zeros((2, schedule.n_rows))
    begin[schedule.input_rows], end[schedule.output_rows] = 1.0, 1.0
    begin[schedule.bias_rows] = np.abs(schedule.constants)
    with np.errstate(all="ignore"):
        arriving = from_inputs(schedule).propagate(begin, sizes)
        leaving = from_error(schedule).propagate(end, sizes)
        found: Array = arriving[schedule.sources] * sizes * leaving[schedule.targets]
    if not np.isfinite(found).all():
        raise NonFiniteError("the flow through the network left the finite numbers: make its weights smaller first.")
    return found


def by_synflow(candidates: Candidates, count: int) -> Plan:
    """Let those go through which least flows, round after round, so that no layer is cut through before it must be.

    Parameters
    ----------
    candidates : Candidates
    count : int
        How many go, in up to 100 rounds: after round k, the share (stays / all) ** (k / 100) is left.

    Raises
    ------
    StructureError
        If the network has nodes that are no sums.
    """
    schedule = candidates.schedule
    if schedule.has_joins:
        name = next(node.name for node, join in zip(schedule.nodes, schedule.joins) if join)
        raise StructureError(
            f"synflow is of sums of weights, and {name} is made by another aggregation. Prune by 'paths' instead."
        )
    weights, places = candidates.weights.copy(), candidates.places
    first, choices, gone = flows(schedule, weights), [], np.zeros(len(candidates.uses), bool)
    total = len(places)
    for turn in range(1, ROUNDS + 1) if count else ():
        left = total * ((total - count) / total) ** (turn / ROUNDS)
        more = (count if turn == ROUNDS else min(count, total - round(left))) - int(gone.sum())
        if more <= 0:
            continue
        scores = candidates.summed(flows(schedule, weights))
        alive = places[~gone[places]]
        order = alive[np.argsort(scores[alive], kind="stable")]
        threshold = float(scores[order[more]]) if more < len(order) else None
        behind = "all go" if threshold is None else f"what stays has {number(threshold, 3)} or more"
        for place in order[:more].tolist():
            why = f"{number(float(scores[place]), 3)} flows through it in round {turn} of {ROUNDS}; {behind}"
            choices.append(Choice(place, float(scores[place]), threshold, why))
            weights[candidates.uses[place]], gone[place] = 0.0, True
    return Plan(choices, first)

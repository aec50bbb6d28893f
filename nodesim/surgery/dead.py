"""What has no gradient in any sample, and is not missed in any either.

A gradient of 0 alone does not make a weight superfluous: a saturated node still sends its number, and what feeds it
keeps it there. A connection is not missed if what it adds, W·HA, is 0 in every sample; or if nothing that its target
sends goes any further, as all that leaves the target is not missed either.
"""

from __future__ import annotations

import numpy as np

from nodesim._arrays import Array, Mask
from nodesim.analysis.zero_gradients import ZeroGradients
from nodesim.gradients.directions import from_error
from nodesim.notation.symbols import plural
from nodesim.surgery.candidates import Candidates
from nodesim.surgery.plan import Choice, Plan
from nodesim.surgery.samples import Measured


def by_death(candidates: Candidates, measured: Measured) -> Plan:
    """Let those go that have no gradient in any sample and are not missed.

    Parameters
    ----------
    candidates : Candidates
    measured : Measured
    """
    graph = measured.graph
    products = _products(measured)
    dead: Mask = (products == 0).all(axis=1)
    goes = _not_missed(candidates, measured, dead)
    zeros, count = ZeroGradients(graph), graph.n_samples
    numbers = np.flatnonzero(dead)
    words = dict(zip(numbers.tolist(), (" and ".join(zeros.reasons.words(b)) for b in zeros.bits(numbers).tolist())))
    scores: Array = np.abs(products).mean(axis=1)
    choices = [
        Choice(place, 0.0, None, f"{words[own[0]]}: its gradient is 0 in {_each(count)}, and nothing misses it")
        for place, own in ((place, candidates.uses[place]) for place in candidates.places.tolist())
        if goes[own].all()
    ]
    stays = sum(bool((dead[candidates.uses[p]] & ~goes[candidates.uses[p]]).any()) for p in candidates.places.tolist())
    note = (
        f"{plural(stays, 'weight')} without a gradient stay: what they add counts, or is all that comes into an output."
    )
    return Plan(choices, scores, None, 0.0, "nothing that counts goes", [note] if stays else [])


def _each(count: int) -> str:
    return "the sample" if count == 1 else f"all {count:,} samples"


def _products(measured: Measured) -> Array:
    """Return ∂H/∂W · ∂e/∂H of every connection and sample."""
    graph = measured.graph
    found: Array = graph.all_sent() * graph.totals[graph.schedule.targets]
    return found


def _not_missed(candidates: Candidates, measured: Measured, dead: Mask) -> Mask:
    """Tell which connections may go without any output changing on the samples."""
    schedule, graph = candidates.schedule, measured.graph
    trained = np.zeros(len(dead), bool)
    for place in candidates.places.tolist():
        # A tied weight goes with all its uses, or stays.
        own = candidates.uses[place]
        trained[own] = dead[own].all()
    adds_nothing = (candidates.weights == 0) | (graph.activated[schedule.sources] == 0).all(axis=1)
    # What a node sends goes nowhere if every connection that leaves it has no weight, or goes as it adds nothing, or
    # leads where it goes nowhere. Only in a sum a 0 adds nothing.
    nothing = adds_nothing & ~schedule.joins[schedule.targets]
    trained &= ~_last_ones(candidates, trained & nothing)
    carries = np.where(nothing & (trained | (candidates.weights == 0)), 0.0, 1.0)
    outputs = np.zeros(schedule.n_rows)
    outputs[schedule.output_rows] = 1.0
    heard = from_error(schedule).propagate(outputs, carries, join=np.maximum) > 0
    goes: Mask = trained & (nothing | ~heard[schedule.targets])
    return goes


def _last_ones(candidates: Candidates, going: Mask) -> Mask:
    """Tell which connections are spared, as nothing else would lead to an output; with all uses of their weights."""
    schedule, spared = candidates.schedule, np.zeros(len(going), bool)
    for row in schedule.output_rows.tolist():
        into = np.flatnonzero(schedule.targets == row)
        if len(into) and going[into].all():
            spared[next(own for own in candidates.uses if into[0] in own)] = True
    return spared

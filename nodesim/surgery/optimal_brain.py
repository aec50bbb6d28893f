"""The optimal brain surgeon: what goes is made up for by all weights that stay.

Near a minimum e changes by ½·δᵀHδ when the weights change by δ, H being the Hessian. That weight q goes is δ_q = −W_q;
of all such δ the one with the least change is δ = −W_q / [H⁻¹]_qq · H⁻¹ e_q, and e rises by W_q² / (2 [H⁻¹]_qq).

References
----------
Hassibi, B., D. G. Stork, "Second order derivatives for network pruning: Optimal Brain Surgeon", NeurIPS 1992.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.errors import ArgumentError, NonFiniteError
from nodesim.notation.symbols import number
from nodesim.simulation.simulator import Simulator
from nodesim.surgery.candidates import Candidates
from nodesim.surgery.hessian import derivatives
from nodesim.surgery.plan import Choice, Plan
from nodesim.surgery.samples import Samples

MOST = 400
# The least eigenvalue that is left to a Hessian, as a part of its largest.
_LEAST = 1e-8
# A Hessian is bent downwards, and not by rounding alone, below this part of its largest eigenvalue.
_DOWN = 1e-6
# How often a larger damping is tried, and what e may rise by, as a part of it, without that.
_TRIES, _TRUST = 8, 1e-3


class _Try(NamedTuple):
    """One weight gone and the others corrected, for one damping."""

    weights: Array
    place: int
    open: int
    score: float
    threshold: float | None
    predicted: float
    sloped: float
    error: float


class _Surgeon:
    """The weights on their way: which are left, and what e has changed by so far."""

    def __init__(self, simulator: Simulator, candidates: Candidates, samples: Samples) -> None:
        self._simulator, self._candidates, self._samples = simulator, candidates, samples
        self.weights = candidates.weights.copy()
        self.left = np.ones(len(candidates.uses), bool)
        self.predicted, self.damped = 0.0, 0.0
        # The least eigenvalue that was bent downwards, and what the slope of e made of all changes.
        self.lowest, self.sloped = 0.0, 0.0
        self.first: dict[int, float] = {}
        self.choices: list[Choice] = []

    def step(self) -> None:
        """Let the weight go whose loss costs least, and correct the others."""
        places = np.flatnonzero(self.left)
        uses = [self._candidates.uses[place] for place in places]
        error, gradient, matrix = derivatives(self._simulator, self._samples, self.weights, uses)
        if not (np.isfinite(matrix).all() and np.isfinite(gradient).all()):
            raise NonFiniteError("the second derivatives of e left the finite numbers.")
        curvatures, directions = np.linalg.eigh(matrix)
        largest = max(float(np.abs(curvatures).max()), np.finfo(float).tiny / _LEAST)
        down = float(curvatures[0]) if curvatures[0] < -_DOWN * largest else 0.0
        self.lowest = min(self.lowest, down)
        damping = max(0.0, _LEAST * largest - float(curvatures[0]))
        best: tuple[_Try, float] | None = None
        for _ in range(_TRIES):
            inverse = (directions / (curvatures + damping)) @ directions.T
            tried = self._tried(places, gradient, matrix, inverse)
            best = (tried, damping) if best is None or tried.error < best[0].error else best
            # Where e is no quadratic so far from here, a larger damping stays nearer.
            if tried.error - error <= max(2 * tried.predicted, _TRUST * abs(error)):
                break
            damping = max(10 * damping, 1e-7 * largest)
        assert best is not None
        self._take(*best, bent=bool(down))

    def _tried(self, places: Indices, gradient: Array, matrix: Array, inverse: Array) -> _Try:
        values = np.array([self.weights[self._candidates.uses[place][0]] for place in places])
        saliencies = values**2 / (2 * np.diag(inverse))
        if not self.first:
            self.first = dict(zip(places.tolist(), saliencies.tolist()))
        open_ = np.flatnonzero(self._candidates.may_go[places])
        order = open_[np.argsort(saliencies[open_], kind="stable")]
        q = int(order[0])
        change = -values[q] / inverse[q, q] * inverse[:, q]
        weights = self.weights.copy()
        for place, by in zip(places.tolist(), change.tolist()):
            weights[self._candidates.uses[place]] += by
        weights[self._candidates.uses[places[q]]] = 0.0
        threshold = float(saliencies[order[1]]) if len(order) > 1 else None
        # Of a quadratic e all of its change, away from the minimum as well.
        sloped = float(gradient @ change)
        predicted = sloped + float(change @ matrix @ change) / 2
        error = self._samples.error(self._simulator, weights)
        return _Try(weights, int(places[q]), len(order), float(saliencies[q]), threshold, predicted, sloped, error)

    def _take(self, tried: _Try, damping: float, *, bent: bool) -> None:
        self.weights, self.left[tried.place] = tried.weights, False
        self.predicted += tried.predicted
        self.sloped += abs(tried.sloped)
        self.damped = max(self.damped, damping)
        # The next one's cost is another as soon as this one is gone, and the others have changed.
        behind = (
            "it is the last"
            if tried.threshold is None
            else f"before it went, the next cost {number(tried.threshold, 3)}"
        )
        here = "; e bends downwards here: do not rely on it" if bent else ""
        cost = f"costs {number(tried.score, 3)} of e if the others make up for it, the least of {tried.open} then"
        why = f"{cost}; {behind}{here}"
        self.choices.append(Choice(tried.place, tried.score, tried.threshold, why))


def by_surgery(simulator: Simulator, candidates: Candidates, count: int, samples: Samples) -> Plan:
    """Let weights go one after the other, the Hessian calculated anew for each.

    Parameters
    ----------
    simulator : Simulator
        Of the network.
    candidates : Candidates
    count : int
        How many go.
    samples : Samples

    Raises
    ------
    ArgumentError
        If there are too many weights for a full Hessian, or they are float32.
    """
    if len(candidates.uses) > MOST:
        raise ArgumentError(
            f"'obs' inverts a Hessian of all {len(candidates.uses):,} trained weights once for each that goes; it "
            f"takes {MOST} at most. Prune by 'paths' or 'magnitude', or freeze some."
        )
    if simulator.structure.dtype != "float64":
        raise ArgumentError("'obs' needs second derivatives, which float32 has no digits for; prune by 'paths'.")
    surgeon, scores = _Surgeon(simulator, candidates, samples), np.full(len(candidates.weights), np.nan)
    for _ in range(count):
        surgeon.step()
    for place, saliency in surgeon.first.items():
        scores[candidates.uses[place]] = saliency
    plan = Plan(surgeon.choices, scores, surgeon.weights - candidates.weights, surgeon.predicted)
    plan.predicted_by = "to second order: gᵀδ + ½·δᵀHδ, at a minimum the sum of what each costs"
    plan.warnings += _warnings(surgeon)
    if surgeon.damped and not plan.warnings:
        most = number(surgeon.damped, 3)
        plan.notes.append(f"The Hessian was singular: up to {most} was added to its diagonal.")
    return plan


def _warnings(surgeon: _Surgeon) -> list[str]:
    """Say that e has no minimum near these weights, if it has none: the scores are of no use then."""
    holds = "Scores hold near a minimum only: train on before, or go by the measured change of e alone."
    if surgeon.lowest:
        return [
            f"e bends downwards here: the lowest eigenvalue of its Hessian is {number(surgeon.lowest, 3)}, and up to "
            f"{number(surgeon.damped, 3)} was added to its diagonal. {holds}"
        ]
    promised = sum(choice.score for choice in surgeon.choices)
    if surgeon.sloped > promised and surgeon.sloped > 0:
        return [
            f"e is not flat here: its slope alone makes {number(surgeon.sloped, 3)} of the change, where the scores "
            f"add up to {number(promised, 3)}. {holds}"
        ]
    return []

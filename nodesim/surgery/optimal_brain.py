"""The optimal brain surgeon: what goes is made up for by all weights that stay.

Near a minimum e changes by ½·δᵀHδ when the weights change by δ, H being the Hessian. That weight q goes is δ_q = −W_q;
of all such δ the one with the least change is δ = −W_q / [H⁻¹]_qq · H⁻¹ e_q, and e rises by W_q² / (2 [H⁻¹]_qq).

References
----------
B. Hassibi, D. G. Stork, "Second order derivatives for network pruning: Optimal Brain Surgeon", NeurIPS 1992.
"""

from __future__ import annotations

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.errors import ArgumentError, NonFiniteError
from nodesim.notation.symbols import number
from nodesim.simulation.simulator import Simulator
from nodesim.surgery.candidates import Candidates
from nodesim.surgery.hessian import hessian
from nodesim.surgery.plan import Choice, Plan
from nodesim.surgery.samples import Samples

MOST = 400
# The least eigenvalue that is left to a Hessian, as a part of its largest.
_LEAST = 1e-8


class _Surgeon:
    """The weights on their way: which are left, and what e has changed by so far."""

    def __init__(self, simulator: Simulator, candidates: Candidates, samples: Samples) -> None:
        self._simulator, self._candidates, self._samples = simulator, candidates, samples
        self.weights = candidates.weights.copy()
        self.left = np.ones(len(candidates.uses), bool)
        self.predicted, self.damped = 0.0, 0.0
        self.first: dict[int, float] = {}
        self.choices: list[Choice] = []

    def step(self) -> None:
        """Let the weight go whose loss costs least, and correct the others."""
        places = np.flatnonzero(self.left)
        gradient, matrix = self._derivatives(places)
        inverse = self._inverse(matrix)
        values = np.array([self.weights[self._candidates.uses[place][0]] for place in places])
        saliencies = values**2 / (2 * np.diag(inverse))
        if not self.first:
            self.first = dict(zip(places.tolist(), saliencies.tolist()))
        open_ = np.flatnonzero(self._candidates.may_go[places])
        order = open_[np.argsort(saliencies[open_], kind="stable")]
        q = int(order[0])
        change = -values[q] / inverse[q, q] * inverse[:, q]
        # Of a quadratic e all of its change, away from the minimum as well.
        self.predicted += float(gradient @ change + change @ matrix @ change / 2)
        self._choose(int(places[q]), saliencies, order)
        for place, by in zip(places.tolist(), change.tolist()):
            self.weights[self._candidates.uses[place]] += by
        self.weights[self._candidates.uses[places[q]]] = 0.0
        self.left[places[q]] = False

    def _choose(self, place: int, saliencies: Array, order: Indices) -> None:
        score = float(saliencies[order[0]])
        threshold = float(saliencies[order[1]]) if len(order) > 1 else None
        behind = "it is the last" if threshold is None else f"the next would cost {number(threshold, 3)}"
        why = f"costs {number(score, 3)} of e where the others make up for it, the least; {behind}"
        self.choices.append(Choice(place, score, threshold, why))

    def _derivatives(self, places: Indices) -> tuple[Array, Array]:
        uses = [self._candidates.uses[place] for place in places]
        gradient, matrix = hessian(self._simulator, self._samples, self.weights, uses)
        if not (np.isfinite(matrix).all() and np.isfinite(gradient).all()):
            raise NonFiniteError("the second derivatives of e left the finite numbers.")
        return gradient, matrix

    def _inverse(self, matrix: Array) -> Array:
        values, vectors = np.linalg.eigh(matrix)
        least = _LEAST * max(float(np.abs(values).max()), np.finfo(float).tiny / _LEAST)
        damping = max(0.0, least - float(values[0]))
        self.damped = max(self.damped, damping)
        found: Array = (vectors / (values + damping)) @ vectors.T
        return found


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
    if surgeon.damped:
        most = number(surgeon.damped, 3)
        plan.notes.append(f"The Hessian was singular or bent downwards: up to {most} was added to its diagonal.")
    return plan

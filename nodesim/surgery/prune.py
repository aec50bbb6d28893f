"""Weights go, for a reason: planned on the network, tried on a copy, and then made, whole or not at all."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import ArgumentError, StateError
from nodesim.simulation.simulator import Simulator
from nodesim.surgery.by_size import by_magnitude, by_paths, with_prediction
from nodesim.surgery.candidates import Candidates
from nodesim.surgery.dead import by_death
from nodesim.surgery.falling import FallenNode, Falling
from nodesim.surgery.optimal_brain import by_surgery
from nodesim.surgery.plan import Plan
from nodesim.surgery.pruning import Proof, Pruning, Removal
from nodesim.surgery.samples import Measured, Samples, largest_change
from nodesim.surgery.synflow import by_synflow
from nodesim.validation import finite, flag, one_of, shortened

WAYS = ("magnitude", "paths", "synflow", "obs", "dead")
# What needs no samples to choose.
BLIND = ("magnitude", "synflow")


class _Cut(NamedTuple):
    """What is done to a structure: to the network's own, once it was tried on a copy."""

    weights: Array | None
    connections: list[str]
    nodes: list[FallenNode]


def prune(
    simulator: Simulator, by: str, keep: float, samples: Samples | None, *, biases: bool = False, dry_run: bool = False
) -> Pruning:
    """Prune a network; see `nodesim.Network.prune`.

    Parameters
    ----------
    simulator : Simulator
    by : str
        One of `WAYS`.
    keep : float
        Which part of the candidates stays.
    samples : Samples or None
        On which it is judged; None without any, which only some ways can do.
    biases, dry_run : bool

    Returns
    -------
    Pruning
    """
    by, keep = one_of(by, WAYS, "by"), _part(keep)
    biases, dry_run = flag(biases, "biases"), flag(dry_run, "dry_run")
    structure = simulator.structure
    structure.lock.check_editable()
    structure.schedule.check_runnable()
    if samples is None and by not in BLIND:
        raise StateError(
            f"prune by {by!r} needs samples: run network.forward(x) and network.backward(y), or give x, y."
        )
    candidates = Candidates(structure, biases)
    measured = None if samples is None else samples.measured(simulator)
    plan = _planned(simulator, by, keep, candidates, samples, measured)
    trial = simulator.copy()
    cut, notes = _tried(trial, candidates, plan)
    proof = None if samples is None or measured is None else _proof(trial, samples, measured, plan)
    details = {
        "by": by, "keep": keep, "dry_run": dry_run, "candidates": len(candidates.places),
        "left": trial.structure.n_connections, "nodes": tuple(cut.nodes), "proof": proof,
        "corrections": _corrections(candidates, plan), "scores": _by_name(candidates, plan.scores),
        "notes": (*plan.notes, *notes, *candidates.notes), "warnings": tuple(plan.warnings),
    }  # fmt: skip
    pruning = Pruning(_removals(candidates, plan, cut.nodes), details)
    if not dry_run:
        _make(simulator, cut)
    return pruning


def _part(keep: object) -> float:
    part = finite(keep, "keep")
    if not 0 <= part <= 1:
        raise ArgumentError(f"keep is the part that stays, from 0 to 1, got {shortened(keep)}.")
    return part


def _planned(
    simulator: Simulator, by: str, keep: float, candidates: Candidates, samples: Samples | None,
    measured: Measured | None,
) -> Plan:  # fmt: skip
    count = candidates.going(keep)
    if measured is not None and samples is not None:
        if by == "paths":
            return by_paths(candidates, count, measured)
        if by == "dead":
            return by_death(candidates, measured)
        if by == "obs":
            return by_surgery(simulator, candidates, count, samples)
    plan = by_magnitude(candidates, count) if by == "magnitude" else by_synflow(candidates, count)
    return plan if measured is None else with_prediction(plan, candidates, measured)


def _tried(trial: Simulator, candidates: Candidates, plan: Plan) -> tuple[_Cut, list[str]]:
    """Prune a copy, and return what was done to it, and what is to be told of what stays."""
    weights = None if plan.corrections is None else candidates.weights + plan.corrections
    names = [candidates.schedule.connections[n].name for c in plan.choices for n in candidates.uses[c.place].tolist()]
    falling = Falling(trial)
    cut = _Cut(weights, names, falling.fallen)
    _make(trial, cut)
    falling.fall()
    return cut, falling.notes


def _make(simulator: Simulator, cut: _Cut) -> None:
    structure = simulator.structure
    if cut.weights is not None:
        structure.weights = cut.weights
    for name in cut.connections:
        structure.disconnect(name, None)
    for node in list(cut.nodes):
        structure.remove(node.name)


def _proof(trial: Simulator, samples: Samples, before: Measured, plan: Plan) -> Proof:
    after = samples.measured(trial)
    change = largest_change(before.outputs, after.outputs)
    return Proof(samples.count, before.error, after.error, plan.predicted, plan.predicted_by, change)


def _removals(candidates: Candidates, plan: Plan, nodes: list[FallenNode]) -> list[Removal]:
    schedule, found = candidates.schedule, []

    def add(place: int, score: float, rank: int | None, threshold: float | None, node: str | None, why: str) -> None:
        connection = schedule.connections[place]
        ends = connection.source.name, connection.target.name
        weight = float(candidates.weights[place])
        found.append(Removal(connection, *ends, weight, score, rank, threshold, node, why))

    for rank, choice in enumerate(plan.choices, 1):
        for place in candidates.uses[choice.place].tolist():
            add(place, choice.score, rank, choice.threshold, None, choice.why)
    by_name = {connection.name: place for place, connection in enumerate(schedule.connections)} if nodes else {}
    for node in nodes:
        for name in node.connections:
            place = by_name[name]
            why = f"falls away with {node.name}: {node.why}"
            add(place, float(plan.scores[place]), None, None, node.name, why)
    return found


def _corrections(candidates: Candidates, plan: Plan) -> dict[str, float]:
    if plan.corrections is None:
        return {}
    # Those that fell away afterwards are told as well: what their nodes sent may be of their making.
    chosen = {number for choice in plan.choices for number in candidates.uses[choice.place].tolist()}
    pairs = enumerate(zip(candidates.schedule.connections, plan.corrections.tolist()))
    return {connection.name: by for number, (connection, by) in pairs if by and number not in chosen}


def _by_name(candidates: Candidates, scores: Array) -> dict[str, float]:
    return {c.name: score for c, score in zip(candidates.schedule.connections, np.asarray(scores).tolist())}

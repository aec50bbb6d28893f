"""A part of a sweep: some trainings of one structure, side by side where the engine can, else one after the other.

What a training comes to depends on its own network, seed and parameters alone, not on those that are trained with it.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.engines.ctrl_c import CtrlC
from nodesim.engines.training_task import FAILED, LaneTrainer
from nodesim.errors import NodesimError
from nodesim.functions.contracts import State
from nodesim.network import Network
from nodesim.simulation.optimizer_state import OptimizerState
from nodesim.simulation.simulator import Simulator
from nodesim.sweeps.outcome import Alone, Outcome, of_alone
from nodesim.training.fit import kind_of
from nodesim.training.history import History
from nodesim.training.plan import Plan
from nodesim.training.stopping import Stopping
from nodesim.training.training_data import TrainingData

Report = Callable[[int], None]
Samples = tuple[Array, Array]


@dataclass(frozen=True)
class Chunk:
    """Some trainings of one structure.

    Attributes
    ----------
    network : Network
        What all of them are copies of; its engine knows how much work the whole sweep is.
    plan : Plan
        How they are trained, but for the learning rate.
    seeds, rates : list
        Of each; None for the weights of the network itself, and for a learning rate to be searched for.
    data : pair of ndarray
        Checked samples and targets, shape (n_samples, n).
    validation : pair of ndarray, or None
    """

    network: Network
    plan: Plan
    seeds: list[Any]
    rates: list[float | None]
    data: Samples
    validation: Samples | None


def trained(chunk: Chunk, report: Report = lambda epochs: None) -> Outcome:
    """Make the trainings of a chunk.

    Parameters
    ----------
    chunk : Chunk
    report : callable
        Is told after each part of the work how many epochs it was, those of all networks added up.

    Raises
    ------
    NodesimError
        If not one of them could be made.
    """
    simulator, plan = chunk.network.simulator, chunk.plan
    data = TrainingData(simulator, *chunk.data)
    batch = data.count if plan.batch_size is None else min(plan.batch_size, data.count)
    batches = -(-data.count // batch)
    lanes = None
    if chunk.validation is None and None not in chunk.rates:
        lanes = simulator.lanes(plan.optimizer, data.inputs, data.targets, batch)
    if lanes is None:
        return of_alone(_ByThemselves(chunk, data).all(report), batches)
    outcome = _side_by_side(chunk, simulator, lanes, data.count, batches, report)
    failed = np.flatnonzero(outcome.ended == FAILED).tolist()
    # What was not finite, a training by itself can say.
    by_themselves = _ByThemselves(chunk, data) if failed else None
    for row in failed:
        assert by_themselves is not None
        outcome.weights[row], outcome.alone[row] = by_themselves.one(row)
        outcome.epochs[row] = len(outcome.alone[row].history)
    return outcome


def _side_by_side(
    chunk: Chunk, simulator: Simulator, lanes: LaneTrainer, count: int, batches: int, report: Report
) -> Outcome:
    plan, rates = chunk.plan, np.array(chunk.rates, dtype=float)
    weights, generators = drawn(simulator, chunk.seeds)
    results = lanes.train(
        weights, _states(plan, weights, rates), rates, plan.epochs, Stopping(plan, validated=False).for_engine([]),
        _orders(generators, count) if plan.shuffle and batches > 1 else None, report,
    )  # fmt: skip
    kept, ended = in_connection_order(simulator, results.weights), results.ended.copy()
    ended[~np.isfinite(kept).all(axis=1)] = FAILED
    return Outcome(kept, ended, results.epochs.copy(), results.errors, {}, batches)


def drawn(simulator: Simulator, seeds: list[Any]) -> tuple[Array, list[np.random.Generator]]:
    """Return the weights of a network for each seed, by slot, and the generators that drew them."""
    structure, store = simulator.structure, simulator.structure.store
    slots, draws = structure.draws(structure.initializer)
    own = store.weights
    if None in seeds:
        return np.tile(own, (len(seeds), 1)), [copy.deepcopy(structure.generator) for _ in seeds]
    found, generators = draws.many(seeds)
    weights = np.zeros((len(seeds), len(own)), own.dtype)
    weights[:, slots] = found
    if (shared := structure.schedule.shared) is not None:
        shared.level(weights.T)
    return weights, generators


def in_connection_order(simulator: Simulator, weights: Array) -> Array:
    """Return weights by slot in connection order."""
    return weights[:, simulator.structure.schedule.slots]


def _states(plan: Plan, weights: Array, rates: Array) -> State:
    """Return what the optimizer remembers before the first step, of all networks in one table each."""
    if plan.optimizer.start is None:
        return {}
    states = [OptimizerState(plan.optimizer, own, rate).state for own, rate in zip(weights, rates.tolist())]
    return {name: _stacked([state[name] for state in states]) for name in states[0]}


def _stacked(values: list[Any]) -> Any:
    return np.array(values) if isinstance(values[0], np.ndarray) and values[0].ndim else values[0]


def _orders(generators: list[np.random.Generator], n_samples: int) -> Callable[[range, int], Indices]:
    def following(rows: range, count: int) -> Indices:
        plain = np.tile(np.arange(n_samples), (count, 1))
        return np.stack([generators[row].permuted(plain, axis=1) for row in rows], axis=2)

    return following


class _ByThemselves:
    """Trains one network after the other, as `Network.fit` does.

    Parameters
    ----------
    chunk : Chunk
    data : TrainingData
    """

    def __init__(self, chunk: Chunk, data: TrainingData) -> None:
        self.network = chunk.network.copy()
        simulator = self.network.simulator
        self.chunk, self.simulator, self.data = chunk, simulator, data
        self.validation = None if chunk.validation is None else TrainingData(simulator, *chunk.validation)
        store, structure = simulator.structure.store, simulator.structure
        # All networks are this one: what a training changes of it is put back before the next.
        self.before = store.weights.copy(), structure.generator.bit_generator.state, simulator.habits

    def all(self, report: Report) -> list[tuple[Array, Alone]]:
        """Train all; raise what went wrong if nothing went right."""
        found, failures = [], []
        for row in range(len(self.chunk.seeds)):
            try:
                found.append(self._fitted(row))
            except NodesimError as error:
                failures.append(error)
                found.append(self._failed(error))
            report(self.chunk.plan.epochs)
        if len(failures) == len(found):
            raise failures[0]
        return found

    def one(self, row: int) -> tuple[Array, Alone]:
        """Train one."""
        try:
            return self._fitted(row)
        except NodesimError as error:
            return self._failed(error)

    def _fitted(self, row: int) -> tuple[Array, Alone]:
        simulator, chunk = self.simulator, self.chunk
        structure, store = simulator.structure, simulator.structure.store
        store.weights[:], structure.generator.bit_generator.state, simulator.habits = self.before
        seed = chunk.seeds[row]
        if seed is not None:
            structure.generator = np.random.default_rng(seed)
            structure.initialize()
        plan, history = chunk.plan._replace(learning_rate=chunk.rates[row], progress=False), History()
        kind_of(self.data, plan)(simulator, self.data, self.validation, plan, history).run(CtrlC())
        store.changed()
        return structure.weights.copy(), Alone(history, structure.generator.bit_generator.state)

    def _failed(self, error: NodesimError) -> tuple[Array, Alone]:
        missing = np.full(len(self.simulator.structure.schedule.slots), np.nan)
        history = History(stop_reason=f"failed: {error}")
        return missing, Alone(history, self.simulator.structure.generator.bit_generator.state)

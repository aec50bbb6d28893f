"""The mean error of a batch and its gradient, from shards that any number of processes calculate.

References
----------
Article, section 3, step 3: the gradient of a batch is the mean of its samples' gradients, in whatever parts.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import weakref
from operator import is_
from typing import Any, NamedTuple, NoReturn

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.errors import ArgumentError, FunctionError, NodesimError, NonFiniteError
from nodesim.parallel import processes
from nodesim.parallel.calculation import Samples
from nodesim.parallel.cluster import Cluster
from nodesim.parallel.one_thread import one_thread
from nodesim.parallel.pool import Pool
from nodesim.parallel.shards import Shard, added, orders, shard_count
from nodesim.parallel.spread import Here, Spread
from nodesim.simulation.simulator import Simulator


class Mean(NamedTuple):
    """What a batch comes to.

    Attributes
    ----------
    error : float
        The mean of its samples' errors, by their shares.
    gradients : ndarray of shape (n_slots,)
        The derivatives of that by the weights, by slot: the loss's alone.
    """

    error: float
    gradients: Array


class ShardedGradients:
    """Calculates batches of some samples in shards, in this process and others: the same bits wherever that is.

    Parameters
    ----------
    simulator : Simulator
        What is trained. What is set of it meanwhile, as callbacks may, counts from the next batch on.
    inputs, targets : ndarray of shape (n, n_samples)
        As `Simulator.pairs` returns them.
    n_jobs : int, optional
        Processes of this machine, -1 for one on each core; 1, as None does, stands for this process alone.
    client : distributed.Client, optional
        Whose workers calculate.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If both are given, or one is none.
    MissingExtraError, FunctionError, FileError, WorkerError
        If joblib, threadpoolctl or distributed is not there, the network has functions that cannot be sent to other
        processes, or these cannot be reached.

    Notes
    -----
    A batch is cut into 2, 4, 8, 16 or 32 shards that follow each other: as many as have 64 samples and about two
    milliseconds of work each, and two at least; what they come to is added up as a balanced tree. Both depend on the
    network and the number of samples alone, and each process calculates by the form of the engine that the simulator
    uses when it begins, with BLAS in one thread. So all bits are the same on machines of one kind; another processor
    may round otherwise.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 3, 1], seed=0)
    >>> x, y, _ = net.simulator.pairs([[0.0, 1.0], [1.0, 0.0]] * 50, [1.0, 0.0] * 50)
    >>> with ShardedGradients(net.simulator, x, y, n_jobs=1) as sharded:
    ...     mean = sharded.calculate(net.simulator.structure.store.weights)
    >>> bool(abs(mean.error - net.error(x.T, y.T)) < 1e-15)
    True
    """

    def __init__(
        self, simulator: Simulator, inputs: Array, targets: Array, *, n_jobs: Any = None, client: Any = None
    ) -> None:
        if n_jobs is not None and client is not None:
            raise ArgumentError("give n_jobs, processes of this machine, or client, of a Dask cluster; not both.")
        self._simulator, self._inputs, self._targets = simulator, inputs, targets
        self._samples = Samples(inputs.T, targets.T)
        self._workers = _workers(n_jobs)
        # Also where nobody else is needed: without it the bits are others.
        one_thread()
        self._here = Here(self._samples)
        self._others: Spread | None = None if client is None else Cluster(self._samples, client)
        if client is None and self._workers > 1:
            self._others = Pool(self._samples)
        # What they were told of the network.
        self._told: dict[Spread, tuple[Any, ...]] = {}
        self._let_go = weakref.finalize(self, _end, self._here, self._others)

    def calculate(
        self, weights: Array, chosen: Indices | None = None, *, shares: Array | None = None, mask: Array | None = None
    ) -> Mean:
        """Return the mean error of a batch and its gradient, at weights by slot.

        Parameters
        ----------
        weights : ndarray of shape (n_slots,)
        chosen : ndarray of int, optional
            Which samples, in this order; by default all.
        shares : ndarray of shape (n_samples,), optional
            By what each of them counts in the mean, as for `Simulator.backward`.
        mask : ndarray of shape (n_rows, n_samples), optional
            Which nodes are dropped, as `nodesim.simulation.dropout.Dropout` draws it.

        Raises
        ------
        NonFiniteError, FunctionError
            As in one process: if a number is not finite, or a function fails.
        WorkerError
            If the processes that calculate it end, again and again.
        """
        schedule, batch = self._simulator.structure.schedule, Shard(chosen, shares, mask)
        slots, count = schedule.slots, self._inputs.shape[1] if chosen is None else len(chosen)
        n_shards = shard_count(schedule, count)
        spread = self._ready(n_shards)
        parts = []
        for part in spread.run(weights[slots], orders(n_shards, batch, count, spread.workers)):
            if isinstance(part, NodesimError):
                self._fail(part, weights, batch)
            parts.append(part)
        found, gradients = added(parts), np.zeros(len(weights), weights.dtype)
        gradients[slots] = found.gradients
        return Mean(found.error, gradients)

    def _ready(self, n_shards: int) -> Spread:
        """Return who calculates so many shards, with the network as it is now."""
        spread, simulator = self._others, self._simulator
        if spread is None or n_shards == 1:
            spread = self._here
        spread.expect(min(self._workers, n_shards))
        # A schedule has another cache once a function or a constant was exchanged.
        now = simulator.structure.schedule.cache, simulator.loss, simulator.engine
        told = self._told.get(spread)
        if told is None or not all(map(is_, now, told)):
            spread.take(simulator, simulator.form)
            self._told[spread] = now
        return spread

    def _fail(self, error: NodesimError, weights: Array, batch: Shard) -> NoReturn:
        """Raise what one process says, which numbers the samples of the whole batch."""
        if isinstance(error, NonFiniteError | FunctionError):
            rows: Any = slice(None) if batch.rows is None else batch.rows
            inputs, simulator, mask = self._inputs[:, rows], self._simulator, batch.mask
            with contextlib.suppress(MemoryError):
                room = simulator.empty_run(inputs.shape[1], masked=mask is not None)
                run = simulator.forward(inputs, weights=weights, into=room, mask=mask)
                simulator.backward(run, self._targets[:, rows], weights=weights, shares=batch.shares)
        raise error

    def end(self) -> None:
        """Let go of processes and memory."""
        self._let_go()

    def __enter__(self) -> ShardedGradients:
        return self

    def __exit__(self, *raised: object) -> None:
        self.end()


def _workers(n_jobs: Any) -> int:
    if n_jobs is None or processes.checked(n_jobs) == 1:
        return 1
    if multiprocessing.current_process().daemon:
        # Of a pool, whose processes may not start others.
        return 1
    found: int = processes.joblib().effective_n_jobs(int(n_jobs))
    return max(1, found)


def _end(*spreads: Spread | None) -> None:
    for spread in spreads:
        if spread is not None:
            spread.end()

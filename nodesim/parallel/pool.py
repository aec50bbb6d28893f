"""Processes of this machine, through joblib's loky: each maps the samples into its memory, and reads the network once.

A process that ends in the middle takes all with it that were waiting; the step is then calculated again by new ones.
"""

from __future__ import annotations

import functools
import os
import signal
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, wait
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import NodesimError, WorkerError
from nodesim.parallel.calculation import Model, Samples
from nodesim.parallel.files import Files, Places, opened, read
from nodesim.parallel.processes import joblib
from nodesim.parallel.shards import MOST, Order, Part, branch_count
from nodesim.simulation.simulator import Simulator

# How often a step is begun before it is given up. Whoever kills a process by chance does so less often.
_ATTEMPTS = 3
# So often it is looked at a signal, in seconds, on systems that do not wake whoever waits.
_LOOK = 1.0


class Pool:
    """Processes of this machine.

    Parameters
    ----------
    samples : Samples
    """

    def __init__(self, samples: Samples) -> None:
        self.workers = 1
        self._loky: Any = joblib().externals.loky
        self._executor: Any = None
        self._files = Files(samples)

    def expect(self, workers: int) -> None:
        """Start so many; it takes a second, and they stay."""
        if workers > self.workers:
            self._stop()
            self.workers = workers

    def take(self, simulator: Simulator, form: str) -> None:
        """Calculate with this network from now on."""
        self._files.take(Model.of(simulator, form))

    def run(self, weights: Array, orders: Sequence[Order]) -> list[Part | NodesimError]:
        """Return what orders come to, or what is wrong; in new processes where some ended."""
        files = self._files
        files.make_room(1 + branch_count(MOST, self.workers), weights)
        files.numbers[0] = weights
        found: dict[int, Part | NodesimError] = {}
        for _ in range(_ATTEMPTS):
            try:
                self._run_those_left(orders, found)
                return [found[row] for row in range(len(orders))]
            except self._loky.BrokenProcessPool as error:
                ended = error
                self._stop()
        raise WorkerError(
            f"the processes that calculate this step ended in the middle of it, {_ATTEMPTS} times over. Does a "
            "function of the network end the process, or is there too little memory for n_jobs of them?"
        ) from ended

    def _run_those_left(self, orders: Sequence[Order], found: dict[int, Part | NodesimError]) -> None:
        if self._executor is None:
            # Of its own: the one that joblib shares goes on when a training ends.
            self._executor = self._loky.ProcessPoolExecutor(self.workers, initializer=_begin, initargs=(os.getpid(),))
        left = {
            row: self._executor.submit(_calculated, self._files.places, row, order)
            for row, order in enumerate(orders)
            if row not in found
        }
        _await(left.values())
        for row, future in left.items():
            error = future.result()
            # What stands in the file is what the next step writes over.
            found[row] = error if isinstance(error, NodesimError) else Part(error, self._files.numbers[1 + row].copy())

    def _stop(self) -> None:
        executor, self._executor = self._executor, None
        if executor is not None:
            # Also whoever is in the middle of something: it would write into the next step's numbers.
            executor.shutdown(wait=True, kill_workers=True)

    def end(self) -> None:
        """Kill the processes, and remove the files."""
        try:
            self._stop()
        finally:
            self._files.end()


def _await(futures: Any) -> None:
    left: set[Future[Any]] = set(futures)
    while left:
        left = wait(left, timeout=_LOOK).not_done


def _begin(parent: int) -> None:
    # Ctrl-C goes to all processes of a terminal; the one that trains decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    """End this process when the one that trains was killed, and could not say so."""
    while os.getppid() == parent:
        time.sleep(_LOOK)
    os._exit(1)


def _calculated(places: Places, row: int, order: Order) -> float | NodesimError:
    """Write the gradients of an order into its row, and return its error, or what is wrong."""
    numbers = _numbers(places.numbers)
    model = places.model
    found = _samples(places.samples).attempt(model, lambda: read(model).simulator(), np.array(numbers[0]), order)
    if isinstance(found, NodesimError):
        return found
    numbers[1 + row] = found.gradients
    return found.error


@functools.lru_cache(1)
def _samples(paths: tuple[str, str]) -> Samples:
    return Samples(*map(opened, paths))


@functools.lru_cache(1)
def _numbers(path: str) -> Array:
    return opened(path, writable=True)

"""What a process calculates: the shards that it is told to, with a network and samples that were sent to it once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from nodesim._arrays import Array
from nodesim._version import version
from nodesim.errors import NodesimError, WorkerError
from nodesim.formats import json_files
from nodesim.graph.run import Run, error_of
from nodesim.graph.structure import Structure
from nodesim.parallel.one_thread import one_thread
from nodesim.parallel.shards import Order, Part, Shard, added
from nodesim.simulation.simulator import Simulator
from nodesim.validation import brief

# Other versions may calculate otherwise.
_VERSIONS = f"nodesim {version} with NumPy {np.__version__}"


class Model(NamedTuple):
    """A network as it is sent to other processes.

    Attributes
    ----------
    text : str
        That of its file.
    form : str
        The engine that all processes use.
    versions : str
        What it was sent by.
    """

    text: str
    form: str
    versions: str = _VERSIONS

    @classmethod
    def of(cls, simulator: Simulator, form: str) -> Model:
        """Return a network to be sent.

        Raises
        ------
        FunctionError
            If it uses a function that is not registered.
        """
        return cls(json_files.dumps(simulator), form)

    def simulator(self) -> Simulator:
        """Return what runs it.

        Raises
        ------
        WorkerError, UnknownNameError, FunctionError, MissingExtraError
            If another version sent it, or it needs a function or an engine that is not there.
        """
        if self.versions != _VERSIONS:
            raise WorkerError(
                f"the training is by {self.versions}, but a worker has {_VERSIONS}: their numbers may differ. Install "
                "the same versions everywhere."
            )
        found = json_files.loads(self.text, _Received).simulator
        found.engine = self.form
        return found


class _Received:
    """What a network is read into: a structure, and what runs it."""

    def __init__(self, loss: Any, *, initializer: Any, engine: str, dtype: str) -> None:
        self.structure = Structure(initializer=initializer, dtype=dtype)
        self.simulator = Simulator(self.structure, loss, engine)


class Samples:
    """The samples of a training, one row for each.

    Parameters
    ----------
    inputs, targets : ndarray of shape (n_samples, n)
    """

    def __init__(self, inputs: Array, targets: Array) -> None:
        self.inputs, self.targets = inputs, targets
        # A network that was read for these samples goes when they go, and is not sent on.
        self._kept = threading.local()

    def __reduce__(self) -> tuple[Any, ...]:
        return Samples, (self.inputs, self.targets)

    def __sizeof__(self) -> int:
        # Dask asks for it, where it weighs what to send against where to calculate.
        return self.inputs.nbytes + self.targets.nbytes

    def attempt(
        self, number: object, make: Callable[[], Simulator], weights: Array, order: Order
    ) -> Part | NodesimError:  # fmt: skip
        """Return what some shards come to, or what is wrong with them.

        Parameters
        ----------
        number : object
            Of the network.
        make : callable
            Returns what runs it; called once in each thread.
        weights, order
            See `Calculator.attempt`.
        """
        try:
            if getattr(self._kept, "number", None) != number:
                self._kept.calculator, self._kept.number = Calculator(make()), number
        except NodesimError as error:
            return WorkerError(
                f"a worker cannot make this network: {brief(error, 200)} Functions of one's own are sent by name: a "
                "plugin that is installed there, too, has to bring them."
            )
        found: Part | NodesimError = self._kept.calculator.attempt(self, weights, order)
        return found


class Calculator:
    """Calculates shards.

    Parameters
    ----------
    simulator : Simulator
        Nobody else uses it.
    """

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._rooms: dict[tuple[int, bool], Run] = {}

    def attempt(self, samples: Samples, weights: Array, order: Order) -> Part | NodesimError:
        """Return what some shards come to, or what is wrong with them.

        Parameters
        ----------
        samples : Samples
        weights : ndarray of shape (n_connections,)
            In connection order, as are the gradients: slots may be others in every process.
        order : Order
        """
        structure = self._simulator.structure
        slots, by_slot = structure.schedule.slots, np.zeros(len(structure.store.weights), weights.dtype)
        by_slot[slots] = weights
        try:
            with one_thread():
                found = added(self._shard(samples, by_slot, shard, order.whole) for shard in order.shards())
        except NodesimError as error:
            return error
        return Part(found.error, found.gradients[slots])

    def _shard(self, samples: Samples, weights: Array, shard: Shard, whole: int) -> Part:
        # In one arrangement, wherever they come from: functions may add up in the order in which numbers stand.
        inputs, targets = (np.ascontiguousarray(table[shard.rows]).T for table in (samples.inputs, samples.targets))
        simulator, shares = self._simulator, shard.shares
        run = simulator.forward(
            inputs, weights=weights, mask=shard.mask, into=self._room(inputs.shape[1], masked=shard.mask is not None)
        )
        gradients = simulator.backward(run, targets, weights=weights, shares=shares)
        assert run.errors is not None
        error, part = error_of(run.errors, shares), inputs.shape[1] / whole
        gradients *= part
        return Part(error * part, gradients)

    def _room(self, n_samples: int, *, masked: bool) -> Run:
        """Return room for a run; shards of as many samples take turns in it."""
        kind = n_samples, masked
        if kind not in self._rooms:
            self._rooms[kind] = self._simulator.empty_run(n_samples, masked=masked)
        return self._rooms[kind]

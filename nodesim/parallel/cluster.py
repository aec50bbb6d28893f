"""Processes of many machines, through Dask's Client: whatever is lost with one of them is calculated again by others.

Samples and network are results of tasks that carry them. So a worker gets them once, when it first needs them, from
whoever has them; and where all who had them died, the scheduler has them still. What was scattered would be lost.
"""

from __future__ import annotations

import contextlib
import time
import uuid
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from typing import Any

from nodesim._arrays import Array
from nodesim.errors import ArgumentError, ArgumentTypeError, MissingExtraError, NodesimError, WorkerError
from nodesim.parallel.calculation import Model, Samples
from nodesim.parallel.shards import Order, Part
from nodesim.simulation.simulator import Simulator
from nodesim.validation import shortened

# So often, in seconds, it is looked who is there; and so long a training waits where nobody is.
_LOOK, _PATIENCE = 2.0, 60.0
_CANNOT = "a worker cannot calculate: {}: {}"


class Cluster:
    """Processes of many machines.

    Parameters
    ----------
    samples : Samples
    client : distributed.Client

    Raises
    ------
    MissingExtraError, ArgumentTypeError, ArgumentError, WorkerError
        Without distributed, or if the client is none, is not connected, or there are no workers.
    """

    def __init__(self, samples: Samples, client: Any) -> None:
        self._distributed = _checked(client)
        self._client, self._name, self._count = client, f"nodesim-{uuid.uuid4().hex}", 0
        self._addresses: list[str] = []
        self._looked = -float("inf")
        with self._as_worker_errors():
            self._wait_for_workers()
            self._samples = self._submitted(_itself, samples)
        self._model: Any = None

    @property
    def workers(self) -> int:
        """How many threads of workers there are."""
        with self._as_worker_errors():
            self._look()
        return max(1, len(self._addresses))

    def expect(self, workers: int) -> None:
        """Who there is, somebody else decides."""

    def take(self, simulator: Simulator, form: str) -> None:
        """Calculate with this network from now on."""
        model = Model.of(simulator, form)
        with self._as_worker_errors():
            self._model = self._submitted(_itself, model), self._count

    def run(self, weights: Array, orders: Sequence[Order]) -> list[Part | NodesimError]:
        """Return what orders come to, or what is wrong."""
        model, number = self._model
        futures: list[Any] = []
        try:
            with self._as_worker_errors():
                for order, address in zip(orders, cycle(self._addresses or [None])):
                    # Left to itself the scheduler would have all calculate where the samples are.
                    where = {"workers": address, "allow_other_workers": address is not None}
                    futures.append(self._submitted(_calculated, self._samples, model, number, weights, order, **where))
                self._await(futures)
                found: list[Part | NodesimError] = self._client.gather(futures)
                return found
        except BaseException:
            self._give_up(futures)
            raise

    @contextmanager
    def _as_worker_errors(self) -> Iterator[None]:
        """Let what Dask raises be told as a WorkerError: of tasks, and of a client that was closed or restarted."""
        try:
            yield
        except NodesimError:
            raise
        except self._distributed.KilledWorker as error:
            raise WorkerError(
                "all workers that were given a part of this step ended in the middle of it. Does a function of the "
                "network end the process, or is there too little memory?"
            ) from error
        except Exception as error:
            if self._client.status != "running":
                raise WorkerError(f"the Dask client has lost its scheduler: it is {self._client.status}.") from error
            raise WorkerError(_CANNOT.format(type(error).__name__, shortened(str(error)))) from error

    def _await(self, futures: list[Any]) -> None:
        """Wait for the end of tasks, as long as there is anybody who calculates them.

        Raises
        ------
        WorkerError
            If there is nobody.
        """
        seen = time.monotonic()
        while True:
            try:
                self._distributed.wait(futures, timeout=_LOOK)
                return
            except TimeoutError:
                self._look()
                if self._addresses:
                    seen = time.monotonic()
                elif time.monotonic() - seen > _PATIENCE:
                    raise WorkerError(f"the Dask client has had no workers for {_PATIENCE:g} seconds.") from None

    def _wait_for_workers(self) -> None:
        try:
            self._client.wait_for_workers(1, timeout=_PATIENCE)
        except TimeoutError:
            raise WorkerError(f"the Dask client has had no workers for {_PATIENCE:g} seconds.") from None
        self._look()

    def _look(self) -> None:
        """See who is there, where that was not looked at a moment ago; it changes who calculates, and no bit."""
        if time.monotonic() - self._looked < _LOOK:
            return
        if self._client.status != "running":
            raise WorkerError(f"the Dask client has lost its scheduler: it is {self._client.status}.")
        found = self._client.nthreads()
        self._addresses = [address for address, threads in found.items() for _ in range(threads)]
        self._looked = time.monotonic()

    def _submitted(self, call: Callable[..., Any], *arguments: Any, **where: Any) -> Any:
        self._count += 1
        with warnings.catch_warnings():
            # It says so of all that is large, and here that is sent once.
            warnings.filterwarnings("ignore", "Sending large graph", UserWarning)
            return self._client.submit(call, *arguments, key=f"{self._name}-{self._count}", pure=False, **where)

    def _give_up(self, futures: list[Any]) -> None:
        if futures and self._client.status == "running":
            # Why it failed is told already; a scheduler that has just gone cannot be asked for more.
            with contextlib.suppress(Exception):
                self._client.cancel(futures, force=True)

    def end(self) -> None:
        """Let go of the samples and the network; the workers are somebody else's."""
        self._samples = self._model = None


def _checked(client: Any) -> Any:
    """Return the module distributed, if a client is one of its own, and can be asked."""
    try:
        import distributed
    except ImportError as error:
        raise MissingExtraError("client needs the extra 'dask': pip install 'nodesim[dask]'.") from error
    # Not isinstance: objects of other people may answer anything when they are asked for their class.
    if not issubclass(type(client), distributed.Client):
        raise ArgumentTypeError(
            f"client must be a distributed.Client, as Client(cluster) makes it; got {type(client).__name__}."
        )
    if client.asynchronous or client.status != "running":
        kind = "asynchronous" if client.asynchronous else client.status
        raise ArgumentError(f"client must be connected, and not asynchronous; it is {kind}.")
    return distributed


def _itself(thing: Any) -> Any:
    return thing


def _calculated(samples: Samples, model: Model, number: int, weights: Array, order: Order) -> Part | NodesimError:
    try:
        found = samples.attempt(number, model.simulator, weights, order)
    except Exception as error:
        # Raised, it takes its traceback along: of a recursion without end that never arrives, and all wait for ever.
        return WorkerError(_CANNOT.format(type(error).__name__, shortened(str(error))))
    if isinstance(found, NodesimError):
        # Dask would send what a function raised along with it, of which nobody knows whether it can be sent.
        found.__cause__ = found.__context__ = None
    return found

"""Where shards are calculated: what all places offer, and this process as the first of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from nodesim._arrays import Array
from nodesim.errors import NodesimError
from nodesim.parallel.calculation import Calculator, Samples
from nodesim.parallel.shards import Order, Part
from nodesim.simulation.simulator import Simulator


class Spread(Protocol):
    """Processes that calculate shards."""

    @property
    def workers(self) -> int:
        """How many can calculate at once."""

    def expect(self, workers: int) -> None:
        """Get ready to calculate so many shards at once."""

    def take(self, simulator: Simulator, form: str) -> None:
        """Calculate with this network from now on, by the engine of this name.

        Raises
        ------
        FunctionError
            If it cannot be sent to other processes.
        """

    def run(self, weights: Array, orders: Sequence[Order]) -> list[Part | NodesimError]:
        """Return what orders come to, with weights in connection order, or what is wrong.

        Raises
        ------
        WorkerError
            If processes that calculate one of them end, again and again.
        """

    def end(self) -> None:
        """Let go of processes and memory; may be called again."""


class Here:
    """The process of the caller alone.

    Parameters
    ----------
    samples : Samples
    """

    workers = 1

    def __init__(self, samples: Samples) -> None:
        self._samples = samples
        self._calculator: Calculator | None = None

    def expect(self, workers: int) -> None:
        """Calculate one after the other all the same."""

    def take(self, simulator: Simulator, form: str) -> None:
        """Calculate with a copy of this network, which needs no names for its functions."""
        twin = simulator.copy()
        twin.engine, twin.threads = form, 1
        self._calculator = Calculator(twin)

    def run(self, weights: Array, orders: Sequence[Order]) -> list[Part | NodesimError]:
        """Calculate one order after the other."""
        assert self._calculator is not None
        return [self._calculator.attempt(self._samples, weights, order) for order in orders]

    def end(self) -> None:
        """Let go of the network."""
        self._calculator = None

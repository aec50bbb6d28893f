"""One training of a sweep: a row of its table, and the network that it made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nodesim._arrays import Array, read_only
from nodesim.errors import StateError
from nodesim.network import Network
from nodesim.notation import tables
from nodesim.notation.symbols import number, plural
from nodesim.showing import shown
from nodesim.simulation.simulator import Simulator
from nodesim.training.history import History

if TYPE_CHECKING:
    from nodesim.sweeps.results import Results


class Trial:
    """One training of a sweep: its parameters, and what became of it.

    Parameters
    ----------
    results : Results
        Of the whole sweep.
    number : int
        Which of its trainings this is, from 0 on.

    See Also
    --------
    nodesim.sweep : Makes many of them.
    Sweep : The table.

    Examples
    --------
    >>> import nodesim as ns
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> trial = ns.sweep([2, 3, 1], X, y, seeds=3, learning_rate=0.5, epochs=20)[1]
    >>> trial.parameters["seed"], trial.history.epochs, trial.network()
    (1, 20, <Network 2-3-1: 8 nodes, 13 connections, loss mse>)
    """

    __slots__ = ("_results", "number")

    def __init__(self, results: Results, number: int) -> None:
        self._results, self.number = results, number

    @property
    def parameters(self) -> dict[str, Any]:
        """What it was made with, by name."""
        return self._results.choices.parameters(self.number)

    @property
    def weights(self) -> Array:
        """The weights with which it ended, in connection order; NaN where it failed."""
        outcome, row = self._results.place(self.number)
        weights: Array = read_only(outcome.weights[row])
        return weights

    @property
    def history(self) -> History:
        """What `Network.fit` would have returned."""
        return self._results.history(self.number)

    @property
    def error(self) -> float:
        """The error of its last epoch, on the validation data where there are any; NaN where it completed none."""
        return float(self._results.errors[self.number])

    @property
    def stopped(self) -> str:
        """Why it ended, in words."""
        return self.history.stop_reason

    def network(self) -> Network:
        """Make the network that was trained.

        Returns
        -------
        Network
            A new one each time, as it is after `Network.fit`: with these weights, and a generator that goes on as it
            would.

        Raises
        ------
        StateError
            If the training failed, and left no weights.

        See Also
        --------
        Network.layered : Makes the same network before its training, with the same seed.

        Examples
        --------
        >>> import nodesim as ns
        >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
        >>> trained = ns.sweep([2, 3, 1], X, y, seeds=3, learning_rate=0.5, epochs=20)[1].network()
        >>> by_hand = ns.Network.layered([2, 3, 1], seed=1)
        >>> history = by_hand.fit(X, y, learning_rate=0.5, epochs=20)
        >>> bool(abs(trained.weights - by_hand.weights).max() < 1e-12)
        True
        """
        if np.isnan(self.weights).any():
            raise StateError(f"training {self.number} left no network: {self.stopped}")
        network = self._results.model(self.number).copy()
        self._set_generator(network.simulator)
        network.weights = self.weights
        return network

    def _set_generator(self, simulator: Simulator) -> None:
        structure, seed = simulator.structure, self.parameters["seed"]
        if seed is not None:
            structure.generator = np.random.default_rng(seed)
        outcome, row = self._results.place(self.number)
        if row in outcome.alone:
            structure.generator.bit_generator.state = outcome.alone[row].generator
            return
        if seed is not None:
            structure.initialize()
        count = self._results.n_samples
        if outcome.batches > 1 and self._results.plan(self.number).shuffle:
            # The orders that the training went through are drawn again.
            structure.generator.permuted(np.tile(np.arange(count), (int(outcome.epochs[row]), 1)), axis=1)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Trial) and other._results is self._results and other.number == self.number

    def __hash__(self) -> int:
        return hash((id(self._results), self.number))

    def __str__(self) -> str:
        chosen = self._chosen
        lines = [f"training {self.number}{f': {chosen}' if chosen else ''}", *str(self.history).split("; ")]
        return tables.prose(lines[0]) + "\n" + "\n".join(f"  {line}" for line in lines[1:])

    def __repr__(self) -> str:
        chosen = f": {self._chosen}" if self._chosen else ""
        return f"<Trial {self.number}{chosen}: error {number(self.error)} after {plural(self.history.epochs, 'epoch')}>"

    @property
    def _chosen(self) -> str:
        """Say by what it differs from the others of its sweep."""
        parameters = self.parameters
        return shown(", ".join(f"{name} {parameters[name]}" for name in self._results.choices.varying))

"""The weights of a training at some of its epochs, so that one can go back to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.drawing.line import draw
from nodesim.errors import ArgumentError, ArgumentTypeError, StateError
from nodesim.graph.structure import Structure
from nodesim.notation import frames, markup
from nodesim.notation.symbols import plural
from nodesim.simulation.simulator import simulator_of
from nodesim.training.epoch import Epoch
from nodesim.training.history import History
from nodesim.training.thinning import Thinned
from nodesim.validation import position, shortened

# Of how many moments a notebook is told the epochs one by one.
_LISTED = 12


@dataclass(frozen=True, eq=False)
class Moment:
    """The weights at the end of an epoch.

    Parameters
    ----------
    epoch : int
        The number of the epoch; 0 before the training.
    error : float or None
        The error of that epoch as `History` has it; None before the training.
    weights : ndarray of shape (n_connections,)
        In connection order, read-only; `Network.weights` can be set to it.
    """

    epoch: int
    error: float | None
    weights: Array


class Recording:
    """Keeps the weights of some epochs: a callback for `Network.fit`, and a history for `Network.explore`.

    Parameters
    ----------
    network : Network
        Whose training is recorded; its weights of this moment are the first that are kept.
    every : int
        Keep every so many epochs, and the last.
    limit : int
        How many at most: when it is full, every other one is dropped, and `every` doubled.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If an argument is not usable. As a callback: if another network is trained.
    StateError
        As a callback: if the structure was edited since the recording began.

    See Also
    --------
    Network.fit : Takes it as a callback.
    Network.explore : Moves through the epochs that it kept.
    PathRecording : Keeps which paths fed the gradients.
    Network.weights : To be set to the weights of a moment that was kept.

    Notes
    -----
    Memory is limit x connections, however long the training. Several trainings are recorded as one, numbered on: those
    that resume, those with batches that are handed over one by one, and those that failed, too. What was begun of an
    epoch when a training ended is none of the moments.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 3, 1], seed=1)
    >>> recording = ns.Recording(net, every=100, limit=8)
    >>> _ = net.fit([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0], 1050, learning_rate=0.5, callbacks=recording)
    >>> [moment.epoch for moment in recording]
    [0, 200, 400, 600, 800, 1000, 1050]
    """

    def __init__(self, network: Any, every: int = 1, limit: int = 50) -> None:
        self.network = network
        self._version = simulator_of(network, "a recording is of a network").structure.store.structure_version
        self._moments: Thinned[Moment] = Thinned(limit, every)
        self._moments.append(Moment(0, None, self._structure.weights))
        self._histories: list[History] = []

    @property
    def _structure(self) -> Structure:
        # Asked for, not kept: recordings are copied and pickled with their network.
        structure: Structure = self.network.structure
        return structure

    def __call__(self, epoch: Epoch) -> None:
        """Take note of an epoch."""
        self._check(epoch)
        if not self._histories or self._histories[-1] is not epoch.history:
            self._histories.append(epoch.history)
        before = sum(map(len, self._histories[:-1]))
        self._moments.append(Moment(before + epoch.number, epoch.error, self._structure.weights))

    @property
    def current(self) -> bool:
        """Whether the network still has the structure that it had when the recording began."""
        return self._structure.store.structure_version == self._version

    def _check(self, epoch: Epoch) -> None:
        check_network(self.network, epoch)
        self._check_current()

    def _check_current(self) -> None:
        if not self.current:
            raise StateError("the structure was edited since this recording began; make a new one for this training.")

    @property
    def errors(self) -> list[float]:
        """The error of every epoch, also of those whose weights are not kept."""
        return [error for history in self._histories for error in history.errors]

    @property
    def validation_errors(self) -> list[float]:
        """The validation error of every epoch, NaN where there was none; empty if there never was."""
        if not any(history.validation_errors for history in self._histories):
            return []
        # One for each error: they are drawn over the same epochs.
        return [error for history in self._histories for error in history.validation_errors or [np.nan] * len(history)]

    def to_pandas(self) -> Any:
        """Return the weights that were kept as a data frame of pandas.

        Returns
        -------
        pandas.DataFrame
            A row for each weight at each moment: "epoch", "error" (NaN at the first), "name" of the connection, and
            "weight". ``.pivot(index="epoch", columns="name", values="weight")`` makes a column of each weight.

        Raises
        ------
        MissingExtraError
            If pandas is not installed.
        StateError
            If the structure was edited since the recording began.

        See Also
        --------
        PathRecording : Keeps what fed the gradients of some weights.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([1, 2, 1], seed=0)
        >>> recording = ns.Recording(net)
        >>> _ = net.fit([[0.0], [1.0]], [1.0, 0.0], epochs=3, callbacks=recording)
        >>> recording.to_pandas().shape
        (28, 4)
        """
        self._check_current()
        names, moments = [connection.name for connection in self._structure.connections], list(self)
        errors = [np.nan if moment.error is None else moment.error for moment in moments]
        return frames.frame(
            {
                "epoch": np.repeat([moment.epoch for moment in moments], len(names)),
                "error": np.repeat(np.array(errors, dtype=float), len(names)),
                "name": names * len(moments),
                "weight": np.concatenate([moment.weights for moment in moments]),
            }
        )

    def __len__(self) -> int:
        return len(self._moments)

    def __iter__(self) -> Iterator[Moment]:
        return iter(self._moments)

    def __getitem__(self, index: int) -> Moment:
        return self._moments[position(index, len(self), "moment")]

    def __repr__(self) -> str:
        last = self._moments[-1].epoch
        return f"<Recording of {self.network!r}: {plural(len(self), 'moment')}, epochs 0 to {last:,}>"

    def _repr_html_(self) -> str:
        title, errors = repr(self)[1:-1], self.errors
        drawing = draw(errors, self.validation_errors, title) if errors else None
        epochs = [f"{moment.epoch:,}" for moment in self._moments]
        # As many as show how far they are apart: a list of fifty says no more.
        kept = ", ".join(epochs if len(epochs) <= _LISTED else [*epochs[: _LISTED - 2], "…", epochs[-1]])
        curve = "" if drawing is None else drawing._repr_html_()
        return f"{curve}{markup.line(title)}{markup.line(f'weights kept of the epochs {kept}')}"


def check_network(network: object, epoch: Epoch, who: str = "recording") -> None:
    """Raise an `ArgumentError` if an epoch is of another network than the one that is followed, or none."""
    if not isinstance(epoch, Epoch):
        raise ArgumentTypeError(
            f"a {who} is a callback of network.fit, which gives it an epoch; got {shortened(epoch)}."
        )
    check_same(network, epoch.network, who)


def check_same(network: object, trained: object, who: str) -> None:
    """Raise an `ArgumentError` if another network is trained than the one that is followed."""
    if trained is not network:
        raise ArgumentError(
            f"this {who} is of {shortened(network)}, but another network is trained: {shortened(trained)}. "
            f"Make a {who} of that one."
        )

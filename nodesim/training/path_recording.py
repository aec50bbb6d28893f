"""A callback that follows a training, and keeps what fed the gradients of some weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import numpy as np

from nodesim._arrays import Array, read_only
from nodesim.errors import NodesimError, StateError, UnknownNameError, suggestion
from nodesim.graph.elements import Connection
from nodesim.notation import markup
from nodesim.notation.symbols import number, percent, plural
from nodesim.showing import shown
from nodesim.simulation.simulator import simulator_of
from nodesim.simulation.terms import NONE, Terms, terms
from nodesim.training.epoch import Epoch
from nodesim.training.history import History
from nodesim.training.named_weights import names_of
from nodesim.training.recording import check_network
from nodesim.training.shadow import Shadow, Trace
from nodesim.training.thinning import Thinned
from nodesim.training.weight_history import WeightHistory, history
from nodesim.validation import shortened, whole

# How many weights a notebook lists.
_SHOWN = 20


class PathRecording(Mapping[str, WeightHistory]):
    """Records which paths taught some weights: a callback for `Network.fit`, and a mapping from weights to histories.

    Parameters
    ----------
    network : Network
        Whose training is followed; how it is now is recorded first, as epoch 0.
    weights : str, Connection, or a list of them
        Whose gradients are looked at.
    x, y : array_like
        Samples to look at, as for `Network.forward` and `Network.backward`: one, or a batch, whose gradients are
        means. They need not be those that the network is trained with.
    every : int
        Record every so many epochs, and the last.
    top : int
        How many of the strongest paths; 0 for none.
    limit : int
        How many records are kept at most: when there are more, every other one is dropped, and `every` doubled.

    Raises
    ------
    NodesimError
        If an argument is not usable, or the network does not run on these samples. As a callback: if another network
        is trained, if the network was edited since the recording began, or if on these samples a number is not finite.
        The training has no effect then.

    See Also
    --------
    Network.fit : Takes it as a callback.
    WeightHistory : What it knows of one weight.
    Network.paths : The paths of the last backward, all of them.
    Recording : Keeps the weights, and no paths.

    Notes
    -----
    The samples run through a private copy of the network, with the weights of the moment: the training and what the
    network shows are left alone. A record costs a forward and a backward of the samples, and for each weight a flow and
    the search for its strongest paths (see `GradientPaths.ranked` for what can make that slow in a batch). Of an epoch
    that need not be recorded only the weights are kept, until the next one, in case it was the last.

    Penalties and a limit of the gradient are those of the training, also at epoch 0: what they add, and cut back, is
    shown as it was when the network was trained. Nodes that dropout dropped are not: it draws them anew for every batch
    of its own, and here the whole network is looked at. The samples all count alike.

    Memory is at most ``limit`` x weights x (nodes + ``top`` x length of a path), however long the training. Several
    trainings are recorded as one, numbered on, those that failed included.

    References
    ----------
    Article, section 4.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 3, 1], seed=1)
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> recording = ns.PathRecording(net, ["W1", "W4"], X, y, every=10, limit=8)
    >>> _ = net.fit(X, y, epochs=250, callbacks=recording)
    >>> recording
    <PathRecording of W1, W4: 8 records, epochs 0 to 250>
    >>> recording.epochs
    array([  0,  40,  80, 120, 160, 200, 240, 250])
    >>> w1 = recording["W1"]
    >>> bool((abs(w1.outputs.array.sum(axis=1) - w1.gradients) < 1e-12).all())
    True
    """

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __init__(
        self, network: Any, weights: Any, x: Any, y: Any, *, every: int = 1, top: int = 5, limit: int = 200
    ) -> None:
        simulator = simulator_of(network, "a recording is of a network")
        self.network = network
        self._simulator = simulator
        self._moments: Thinned[_Record] = Thinned(limit, every)
        names = names_of(simulator.structure, weights, "a recording")
        # The objects are known also when their network has them no more.
        self._names = {simulator.structure.connection(name): name for name in names}
        self._shadow = Shadow(simulator, names, x, y, whole(top, "top", 0))
        self._history: History | None = None
        self._before = 0
        self._first = _Record(0, simulator.structure.weights, NONE)
        self._note(self._first)
        # Kept until a training begins, which may add penalties to e.
        self._weights: Array | None = simulator.structure.weights

    # ---- as a callback ------------------------------------------------------------------------------------

    def __call__(self, epoch: Epoch) -> None:
        """Take note of an epoch."""
        check_network(self.network, epoch)
        if epoch.history is not self._history:
            self._begin(epoch)
        weights = self._simulator.structure.weights
        self._note(_Record(self._before + epoch.number, weights, terms(**epoch.options)))

    def _begin(self, epoch: Epoch) -> None:
        """Go on with another training, if it is one of the same network."""
        if not self._shadow.resembles(self._simulator):
            raise StateError(
                "the structure, a function or a constant was edited since this recording began; make a new one for "
                "this training."
            )
        if self._weights is not None and epoch.options:
            again = _Record(0, self._weights, terms(**epoch.options))
            self._first.take(again, self._shadow)
        self._weights = None
        self._before += 0 if self._history is None else len(self._history)
        self._history = epoch.history

    def _note(self, moment: _Record) -> None:
        if self._moments.due:
            moment.look(self._shadow)
        self._moments.append(moment)

    # ---- read back ----------------------------------------------------------------------------------------

    @property
    def epochs(self) -> Any:
        """At the ends of which epochs there are records, shape (n_records,); 0 is before the training."""
        return read_only(np.array([moment.epoch for moment in self._moments]))

    @property
    def errors(self) -> Array:
        """The error e of the samples looked at, with the penalties of the training, at the end of each of these epochs.

        Of shape (n_records,).
        """
        errors: Array = read_only(np.array([moment.look(self._shadow)[0] for moment in self._moments]))
        return errors

    def __getitem__(self, weight: str | Connection) -> WeightHistory:
        """Return what was recorded of a weight so far.

        Raises
        ------
        UnknownNameError
            If it is none of those that are recorded.
        """
        name = self._names.get(weight, weight) if isinstance(weight, Connection) else weight
        if not isinstance(name, str) or name not in self._shadow.weights:
            raise UnknownNameError(f"{shortened(name)} is not recorded. {suggestion(name, self._shadow.weights)}")
        index = self._shadow.weights.index(name)
        traces = [moment.look(self._shadow)[1][index] for moment in self._moments]
        return history(name, self._shadow.columns[index], [moment.epoch for moment in self._moments], traces)

    def __iter__(self) -> Iterator[str]:
        return iter(self._shadow.weights)

    def __len__(self) -> int:
        return len(self._shadow.weights)

    def __repr__(self) -> str:
        names, moments = ", ".join(self), self._moments
        return shown(f"<PathRecording of {names}: {plural(len(moments), 'record')}, epochs 0 to {moments[-1].epoch:,}>")

    def _repr_html_(self) -> str:
        recorded = [self[name] for name in islice(self, _SHOWN)]
        heads = ("weight", "at first", "at last", "∂e/∂W at first", "at last", "strongest path at last", "its share")
        table = markup.table(
            heads, map(_cells, recorded), "<>>>><>", markup.left_out(len(self), len(recorded), "weight")
        )
        return markup.line(repr(self)[1:-1]) + table


def _cells(history: WeightHistory) -> list[str]:
    ends = (history.weights[0], history.weights[-1], history.gradients[0], history.gradients[-1])
    path = history.top[-1][0] if history.top[-1] else None
    strongest = ["", ""] if path is None else [path.name, percent(path.share)]
    return [history.name, *(number(float(value)) for value in ends), *strongest]


class _Record:
    """The end of an epoch: its weights until somebody looks at them, then what fed the gradients."""

    __slots__ = ("_seen", "_terms", "_weights", "epoch")

    def __init__(self, epoch: int, weights: Array, terms: Terms) -> None:
        self.epoch = epoch
        self._weights: Array | None = weights
        self._terms = terms
        self._seen: tuple[float, tuple[Trace, ...]] | None = None

    def take(self, other: _Record, shadow: Shadow) -> None:
        """Show what another record of the same moment does."""
        self._seen = other.look(shadow)

    def look(self, shadow: Shadow) -> tuple[float, tuple[Trace, ...]]:
        """Return the error and the traces."""
        if self._seen is None:
            assert self._weights is not None
            try:
                self._seen = shadow.trace(self._weights, self._terms)
            except NodesimError as error:
                what = f"while recording paths at the end of epoch {self.epoch:,}"
                raise type(error)(f"{what}: {error}") from error
            self._weights = None
        return self._seen

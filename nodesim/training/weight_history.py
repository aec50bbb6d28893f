"""What fed the gradient of one weight, epoch by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Array, read_only
from nodesim.drawing import stacked
from nodesim.drawing.stacked import COLOURS, OTHERS, Band, Panel, Words
from nodesim.drawing.svg import Drawing
from nodesim.errors import ArgumentError
from nodesim.graph.elements import Connection
from nodesim.notation import frames, markup
from nodesim.notation.symbols import ERROR, partial, plural
from nodesim.showing import shown
from nodesim.training.contributions import Parts, TopPath
from nodesim.training.shadow import Columns, Trace, Way
from nodesim.validation import flag, shortened

By = Literal["output", "node", "path"]
BY = ("output", "node", "path")

_PANELS = 4
# What is left of a sum when all its parts are taken away is rounding.
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False, repr=False)
class WeightHistory:
    """What fed the gradient of one weight at the epochs that were recorded; all arrays are read-only.

    Parameters
    ----------
    name : str
        The weight's name.
    epochs : ndarray of int, shape (n_records,)
        At whose ends; 0 is before the training.
    weights : ndarray of shape (n_records,)
        The weight W.
    gradients : ndarray of shape (n_records,)
        The gradient ∂e/∂W; for a batch, the mean over samples. With the penalties of the training, and cut back as
        there; all samples count alike, and no node is dropped.
    scales : ndarray of shape (n_records,)
        The sum of ``|product|`` over all paths; for a batch, the mean over samples.
    outputs : Parts
        What entered from each output that the weight reaches, and what each penalty of the training added: adds up to
        the gradient.
    nodes : Parts
        What flowed through each node on the paths.
    paths : Parts
        The products of the strongest paths, a column for each that was among them at any epoch, named by its nodes;
        NaN where it was not.
    top : tuple of tuple of TopPath
        For each epoch the strongest paths, the strongest first.
    levels : tuple of (str, tuple of int)
        The columns of `nodes` behind the weight, by their distance from the inputs.

    See Also
    --------
    PathRecording : Records a training, and returns this for each weight.
    GradientPaths.flow : What enters and flows through at one moment, in full.
    History : The errors of the training.

    References
    ----------
    Article, section 4.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 2], seed=0)
    >>> recording = ns.PathRecording(net, "W1", [0.05, 0.1], [0.01, 0.99])
    >>> _ = net.fit([[0.05, 0.1]], [[0.01, 0.99]], epochs=3, learning_rate=0.5, callbacks=recording)
    >>> w1 = recording["W1"]
    >>> w1.epochs, w1.gradients.round(4)
    (array([0, 1, 2, 3]), array([-0.0234, -0.0035, -0.0004, -0.    ]))
    >>> w1.outputs.names, w1.outputs.shares[0].round(3)
    (('O1', 'O2'), array([0.361, 0.639]))
    >>> w1.top[0][0].name, w1.top[0][0].connections
    ('I1 → H1 → O2', ('W1', 'W8'))
    """

    name: str
    epochs: NDArray[np.int_]
    weights: Array
    gradients: Array
    scales: Array
    outputs: Parts
    nodes: Parts
    paths: Parts
    top: tuple[tuple[TopPath, ...], ...]
    levels: tuple[tuple[str, tuple[int, ...]], ...]

    @property
    def cancellations(self) -> Array:
        """``|gradient|`` / sum of ``|products|``, shape (n_records,): 1 where nothing cancels; NaN where all are 0."""
        scales = np.where(self.scales == 0, np.nan, self.scales)
        return cast(Array, read_only(np.minimum(np.abs(self.gradients) / scales, 1.0)))

    def to_dict(self) -> dict[str, list[Any]]:
        """Return everything as columns by name, as ``pandas.DataFrame`` takes them.

        Returns
        -------
        dict of str to list
            One entry for each record in every list.

        See Also
        --------
        WeightHistory.draw : The parts as a picture.
        Flow.to_dict : The same for one moment.

        Examples
        --------
        >>> import nodesim as ns
        >>> recording = ns.PathRecording(ns.Network.layered([1, 1, 1], seed=0), "W1", [0.5], [1.0])
        >>> list(recording["W1"].to_dict())
        ['epoch', 'weight', 'gradient', 'scale', 'cancellation', 'output O1', 'node I1', 'node H1', 'node O1',
         'path I1 → H1 → O1']
        """
        columns = {
            "epoch": self.epochs, "weight": self.weights, "gradient": self.gradients, "scale": self.scales,
            "cancellation": self.cancellations,
        }  # fmt: skip
        for kind, parts in (("output", self.outputs), ("node", self.nodes), ("path", self.paths)):
            columns |= {f"{kind} {name}": column for name, column in zip(parts.names, parts.array.T)}
        return {name: column.tolist() for name, column in columns.items()}

    def to_pandas(self) -> Any:
        """Return everything as a data frame of pandas.

        Returns
        -------
        pandas.DataFrame
            The columns of `WeightHistory.to_dict`, a row for each record.

        Raises
        ------
        MissingExtraError
            If pandas is not installed.

        See Also
        --------
        WeightHistory.to_dict : The same without pandas.

        Examples
        --------
        >>> import nodesim as ns
        >>> recording = ns.PathRecording(ns.Network.layered([1, 1, 1], seed=0), "W1", [0.5], [1.0])
        >>> recording["W1"].to_pandas().shape
        (1, 10)
        """
        return frames.frame(self.to_dict())

    def draw(self, by: By = "output", *, relative: bool = False) -> Drawing:
        """Draw what the gradient was made of, epoch by epoch: positive parts stacked above 0, negative ones below.

        Parameters
        ----------
        by : {"output", "node", "path"}
            What the parts are: those that entered from each output; those that flowed through each node, with a
            picture for each layer behind the weight; or the strongest paths. Of many parts the largest are named,
            the others are drawn as their sum.
        relative : bool
            Draw each epoch as large as any other: the parts divided by the sum of their magnitudes. So late epochs,
            whose gradients are small, can be seen.

        Returns
        -------
        Drawing
            The gradient itself is a line. Shown in notebooks; ``.save("W1.svg")`` keeps it.

        Raises
        ------
        ArgumentError
            If an argument is none of these.

        See Also
        --------
        WeightHistory.to_dict : The numbers behind the picture.
        History.draw : The errors over the same epochs.
        Network.draw : The paths in the network.

        Examples
        --------
        >>> import nodesim as ns
        >>> recording = ns.PathRecording(ns.Network.layered([2, 2, 2], seed=0), "W1", [0.05, 0.1], [0.01, 0.99])
        >>> recording["W1"].draw(by="path")
        <Drawing: what fed the gradient of W1, by path: epoch 0, 760 x 344>
        """
        if not (isinstance(by, str) and by in BY):
            raise ArgumentError(f"by must be 'output', 'node' or 'path', got {shortened(by)}.")
        return _drawing(self, by, relative=flag(relative, "relative"))

    def __repr__(self) -> str:
        first, last = self.epochs[0], self.epochs[-1]
        return f"<{partial(ERROR, self.name)} of {plural(len(self.epochs), 'record')}, epochs {first:,} to {last:,}>"

    def _repr_html_(self) -> str:
        drawing = self.draw()
        return drawing._repr_html_() + markup.line(repr(self)[1:-1])


def history(name: str, columns: Columns, epochs: Sequence[int], traces: Sequence[Trace]) -> WeightHistory:
    """Put the traces of a weight into arrays."""
    weights, gradients, scales = (
        read_only(np.array([getattr(trace, what) for trace in traces])) for what in ("weight", "gradient", "scale")
    )
    return WeightHistory(
        name, read_only(np.array(epochs)), weights, gradients, scales,
        _outputs(columns, traces, gradients),
        Parts(columns.nodes, np.stack([trace.nodes for trace in traces]), gradients),
        _paths(traces, gradients), tuple(map(_top, traces)), columns.levels,
    )  # fmt: skip


def _outputs(columns: Columns, traces: Sequence[Trace], gradients: Array) -> Parts:
    """Put what entered from outputs side by side, and what was added by penalties, which not every training has."""
    penalties = list(dict.fromkeys(name for trace in traces for name in trace.penalties))
    rows = [[*trace.outputs, *(trace.penalties.get(name, 0.0) for name in penalties)] for trace in traces]
    return Parts((*columns.outputs, *penalties), np.array(rows), gradients)


def _paths(traces: Sequence[Trace], gradients: Array) -> Parts:
    """Give each path that was among the strongest a column, in the order in which they came up."""
    column: dict[Way, int] = {}
    for trace in traces:
        for way, _ in trace.top:
            column.setdefault(way, len(column))
    products = np.full((len(traces), len(column)), np.nan)
    for row, trace in enumerate(traces):
        for way, product in trace.top:
            products[row, column[way]] = product
    return Parts([_top_path(way, 0.0, 0.0).name for way in column], products, gradients)


def _top(trace: Trace) -> tuple[TopPath, ...]:
    return tuple(_top_path(way, product, trace.gradient) for way, product in trace.top)


def _top_path(way: Way, product: float, gradient: float) -> TopPath:
    share = product / gradient if gradient else float("nan")
    passed = [each for each in way if isinstance(each, Connection)]
    if len(passed) < len(way):
        return TopPath((), (passed[0].name, str(way[-1])), product, share)
    nodes = (passed[0].source.name, *(connection.target.name for connection in passed))
    return TopPath(tuple(connection.name for connection in passed), nodes, product, share)


def _drawing(history: WeightHistory, by: By, *, relative: bool) -> Drawing:
    """Name the bands of the picture, and draw it."""
    name, first, last = shown(history.name), f"{history.epochs[0]:,}", f"{history.epochs[-1]:,}"
    over = f"epoch {first}" if first == last else f"epochs {first} to {last}"
    gradient = partial(ERROR, history.name)
    split = _split(history, by)
    panels = [_panel(title, parts, history, by, relative) for title, parts in split[:_PANELS]]
    left_out = f" Not drawn: {plural(len(split) - _PANELS, 'more layer')}." if len(split) > _PANELS else ""
    words = Words(
        description=f"what fed the gradient of {name}, by {by}: {over}",
        heading=f"What fed {gradient}, by {by}" + (" (each epoch scaled to 100 %)" if relative else ""),
        line=f"{gradient}, the sum",
        note=f"Where the sum {gradient} is above 0, gradient descent makes {name} smaller; below 0, larger.{left_out}",
        percent=relative,
    )
    return stacked.draw(panels, history.epochs.tolist(), words)


def _split(history: WeightHistory, by: By) -> list[tuple[str, Parts]]:
    """Return what is drawn under one another, with titles."""
    if by != "node":
        return [("", history.outputs if by == "output" else history.paths)]
    levels = [
        (title, Parts([history.nodes.names[i] for i in places], history.nodes.array[:, places], history.gradients))
        for title, places in history.levels
    ]
    # A node that everything passes tells nothing.
    telling = [(title, parts) for title, parts in levels if len(parts) > 1 or not _whole(parts, history)]
    return telling or levels[-1:] or [("", history.nodes)]


def _whole(parts: Parts, history: WeightHistory) -> bool:
    return not _counts(history.gradients - parts.array.sum(axis=1), history)


def _counts(rest: Array, history: WeightHistory) -> bool:
    """Tell whether what is left is more than rounding."""
    return bool((np.abs(rest) > _ROUNDING * history.scales).any())


def _panel(title: str, parts: Parts, history: WeightHistory, by: By, relative: bool) -> Panel:
    """Name the largest parts, and put the others together."""
    chosen = _largest(parts.array)
    values = [np.nan_to_num(parts.array[:, column]) for column in chosen]
    bands = [Band(parts.names[column], colour, each) for column, colour, each in zip(chosen, COLOURS, values)]
    rest = history.gradients - np.sum(values, axis=0)
    if _counts(rest, history):
        bands.append(Band("other paths" if by == "path" else "others", OTHERS, rest))
    if not relative:
        return Panel(title, bands, history.gradients)
    size = np.sum([np.abs(band.values) for band in bands], axis=0)
    size = np.where(size == 0, 1.0, size)
    return Panel(title, [replace(band, values=band.values / size) for band in bands], history.gradients / size)


def _largest(table: Array) -> list[int]:
    """Return the columns that are the largest parts of the rows, as many as there are colours, in their order."""
    parts = np.abs(np.nan_to_num(table))
    whole = parts.sum(axis=1, keepdims=True)
    means = (parts / np.where(whole == 0, 1.0, whole)).sum(axis=0)
    return sorted(np.argsort(-means, kind="stable")[: len(COLOURS)].tolist())

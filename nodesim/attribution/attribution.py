"""What of an output comes from which input: integrated gradients, down to single paths.

From a baseline to the sample, inputs move along a straight line: I = baseline + t · (sample − baseline). What the
target changes by is the integral of its derivative by t, and that is a sum over all paths from the target to t. So each
input, each node, each connection and each path has its share, and the shares add up.

References
----------
Sundararajan, M., A. Taly, Q. Yan, "Axiomatic Attribution for Deep Networks", ICML 2017.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np

from nodesim._arrays import Array, Indices, read_only
from nodesim.attribution.moving import Moving
from nodesim.attribution.shares import shares
from nodesim.errors import ArgumentError
from nodesim.gradients.derivative_graph import DerivativeGraph
from nodesim.gradients.quantities import Quantity
from nodesim.graph.elements import Node
from nodesim.graph.run import Run
from nodesim.notation import markup, tables
from nodesim.notation.frames import frame
from nodesim.notation.symbols import number, percent, plural
from nodesim.paths import Flow, GradientPaths
from nodesim.showing import shown
from nodesim.validation import position

_ROWS, _ROUNDING = 20, 1e-13
_HEADS, _SIDES = ("input", "baseline", "value", "adds", "share"), "<>>>>"


class Attribution:
    """What of a quantity comes from which input, compared with a baseline; made by `Network.attribute`.

    Parameters
    ----------
    moving : Moving
        The samples on their way from the baseline.
    run : Run
        Of all points that were looked at, those of a sample together.
    shares : ndarray of shape (n_points,)
        The weight of each point: those of a sample add up to 1.
    firsts : ndarray of shape (n_samples,)
        Where the points of each sample begin.
    ends : ndarray of shape (2, n_samples)
        The quantity at the baseline and at the sample.
    method : {"integrated", "gradient", "conductance"}
    single : bool
        Whether it is one sample, given as a vector.

    Attributes
    ----------
    method : str
        How it was done.
    to : str
        The name of the quantity.
    inputs : ndarray of shape (n_inputs,) or (n_samples, n_inputs)
        What each input adds; read-only.
    baseline : ndarray shaped like `inputs`
        What the inputs are compared with; read-only.
    difference : float, or ndarray of shape (n_samples,)
        What the quantity really differs by between the sample and the baseline.

    See Also
    --------
    nodesim.Network.attribute : Makes it.
    nodesim.Network.jacobian : The derivatives themselves.
    nodesim.Network.paths : ``paths("I1", to="OA1")`` are the paths at one point, the sample.

    References
    ----------
    Sundararajan, M., A. Taly, Q. Yan, "Axiomatic Attribution for Deep Networks", ICML 2017.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 1], hidden="tanh", seed=1)
    >>> attribution = net.attribute([1.0, -0.5], to="OA1")
    >>> attribution.inputs.round(6), round(attribution.difference, 6), abs(attribution.missed) < 1e-15
    (array([0.09606 , 0.176112]), 0.272172, True)
    """

    def __init__(
        self, moving: Moving, run: Run, shares: Array, firsts: Indices, ends: Array, method: str, single: bool
    ) -> None:
        self.method, self.to = method, moving.target.name
        self._moving, self._run, self._shares, self._single = moving, run, shares, single
        self._counts: Indices = np.diff([*firsts, len(shares)])
        self._nodes = moving.simulator.structure.schedule.inputs
        rows = moving.simulator.structure.schedule.input_rows
        self._graph = moving.graph(run, self._steps(moving.steps.shape[1]))
        by_point = self._of_points(moving.steps) * self._graph.totals[rows] * shares
        self.inputs: Array = self._by_sample(np.add.reduceat(by_point, firsts, axis=1).T)
        self.baseline: Array = self._by_sample(moving.baseline.T)
        self.difference: Any = self._number(ends[1] - ends[0])

    def _of_points(self, by_sample: Array) -> Array:
        """Repeat what there is of every sample for each of its points."""
        return np.repeat(by_sample, self._counts, axis=1)

    def _steps(self, n_samples: int) -> Array:
        # A mean over all points, which is what paths are looked at as, shall be the integral: each counts as its share.
        return self._of_points(self._moving.steps) * self._shares * (len(self._shares) / n_samples)

    def _by_sample(self, values: Array) -> Array:
        seen: Array = read_only((values[0] if self._single else values).copy())
        return seen

    def _number(self, values: Any) -> Any:
        return float(np.ravel(values)[0]) if self._single else read_only(np.asarray(values))

    # ---- what it adds up to -------------------------------------------------------------------------------

    @property
    def total(self) -> Any:
        """What all inputs add together: a float, or an array of shape (n_samples,)."""
        return self._number(self.inputs.sum(axis=-1))

    @property
    def missed(self) -> Any:
        """`difference` less `total`: rounding; with "gradient" all that is not linear; and what a step jumps by."""
        return self._number(self.difference - self.total)

    @property
    def points(self) -> int:
        """At how many points of the lines the network was run."""
        return len(self._shares)

    # ---- on the way ---------------------------------------------------------------------------------------

    def paths(self, of: str | Node, sample: int | None = None) -> GradientPaths:
        """Return the paths from the quantity to an input, each with its share of what that input adds.

        Parameters
        ----------
        of : str or Node
            An input.
        sample : int, optional
            Whose paths, out of a batch; by default the mean over all samples.

        Returns
        -------
        GradientPaths
            Of ∂/∂t, where t moves the input from the baseline, 0, to the sample, 1; a path's product is its integral.

        Raises
        ------
        UnknownNameError, StaleElementError, ArgumentTypeError, ArgumentError
            If it is no input of this network.
        PositionError
            If there is no such sample.

        See Also
        --------
        Attribution.flow : The sum over the paths of all inputs, by nodes and connections.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], hidden="tanh", seed=1)
        >>> attribution = net.attribute([1.0, -0.5], to="OA1")
        >>> paths = attribution.paths("I1")
        >>> paths.count, bool(abs(paths.gradient - attribution.inputs[0]) < 1e-15)
        (2, True)
        """
        node = self._moving.simulator.structure.node(of)
        if node not in self._nodes:
            new = node.kind == "input"
            why = "was added since" if new else f"is {node.kind}; what is attributed is attributed to inputs"
            raise ArgumentError(f"{shown(node.name)} {why}.")
        return GradientPaths(self._graph_of(sample), Quantity("step", node))

    def flow(self, sample: int | None = None) -> Flow:
        """Share the difference out over nodes and connections: what the paths of all inputs carry there.

        Parameters
        ----------
        sample : int, optional
            Out of a batch; by default the mean over all samples.

        Returns
        -------
        Flow
            For each node its conductance, in the column "gradient", and its share of the total; likewise for
            connections. ``net.draw(highlight=attribution.flow())`` draws it.

        Raises
        ------
        PositionError
            If there is no such sample.

        See Also
        --------
        Attribution.nodes : The rows of nodes.
        GradientPaths.flow : The same of a gradient.

        References
        ----------
        Dhamdhere, K., M. Sundararajan, Q. Yan, "How Important Is a Neuron?", ICLR 2019.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], hidden="tanh", seed=1)
        >>> flow = net.attribute([1.0, -0.5], to="OA1").flow()
        >>> round(flow["H1"].share + flow["H2"].share, 12)
        1.0
        """
        return shares(self._graph_of(sample))

    @cached_property
    def nodes(self) -> Flow:
        """The conductance of every node on the way: what flows through it; see `flow`."""
        return self.flow().nodes

    def _graph_of(self, sample: int | None) -> DerivativeGraph:
        if sample is None or self._single:
            if sample is not None:
                position(sample, 1, "sample")
            return self._graph
        place = position(sample, len(self._counts), "sample")
        first = int(self._counts[:place].sum())
        part = slice(first, first + int(self._counts[place]))
        run = Run(self._run.n_rows, part.stop - part.start)
        run.tables = {name: self._run.table(name)[:, part] for name in ("value", "activated")}
        steps = self._moving.steps[:, [place]] * self._shares[part] * run.n_samples
        return self._moving.graph(run, steps)

    # ---- shown --------------------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, list[Any]]:
        """Return a table of the inputs as lists by name: what they are compared with, what they are and what they add.

        Of a batch there is a row for each sample and input, with the number of the sample.

        Returns
        -------
        dict of str to list
            The columns "input", "baseline", "value", "added" and, of a batch, "sample".

        See Also
        --------
        Attribution.to_pandas : The same as a data frame.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], hidden="tanh", seed=1)
        >>> net.attribute([1.0, -0.5], to="OA1").to_dict()["input"]
        ['I1', 'I2']
        """
        n_samples, names = len(self._counts), [node.name for node in self._nodes]
        moving = self._moving
        columns: dict[str, list[Any]] = {
            "input": names * n_samples,
            "baseline": moving.baseline.T.ravel().tolist(),
            "value": (moving.baseline + moving.steps).T.ravel().tolist(),
            "added": self.inputs.ravel().tolist(),
        }
        return columns if self._single else {"sample": np.repeat(range(n_samples), len(names)).tolist(), **columns}

    def to_pandas(self) -> Any:
        """Return what `to_dict` returns as a `pandas.DataFrame`.

        Returns
        -------
        pandas.DataFrame
            A row for each input, of a batch for each sample and input.

        Raises
        ------
        MissingExtraError
            If pandas is not there.

        See Also
        --------
        Attribution.to_dict : The same as lists.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], hidden="tanh", seed=1)
        >>> net.attribute([1.0, -0.5], to="OA1").to_pandas().shape
        (2, 4)
        """
        return frame(self.to_dict())

    def __str__(self) -> str:
        lines = [self._title, *self._sums, ""]
        if self.method == "conductance":
            return "\n".join([*lines, str(self.nodes)])
        rows = list(self._rows())
        more = markup.left_out(len(self._nodes), len(rows), "input")
        return "\n".join([*lines, *tables.lines(_HEADS, rows, _SIDES), *([more] if more else [])])

    @property
    def _title(self) -> str:
        what = "the sample" if self._single else f"the mean of {plural(len(self._counts), 'sample')}"
        return f"What of {shown(self.to)} comes from where: {what}, compared with the baseline ({self.method})"

    @property
    def _sums(self) -> list[str]:
        sums = self.difference, self.total, self.missed
        difference, total, missed = (number(float(np.mean(each))) for each in sums)
        points = plural(self.points, "point")
        line = f"{shown(self.to)} differs by {difference}; the inputs add {total}; missed {missed} (at {points})"
        is_table = self.method == "conductance"
        return [line, *(["gradient: what all paths through a node add, its conductance"] if is_table else [])]

    def _rows(self) -> Iterator[list[str]]:
        moving = self._moving
        columns = [each.mean(axis=1).tolist() for each in (moving.baseline, moving.baseline + moving.steps)]
        added = np.atleast_2d(self.inputs).mean(axis=0)
        whole = float(added.sum())
        # Parts of what is rounding say nothing.
        parted = abs(whole) > _ROUNDING * float(np.abs(added).sum())
        for node, start, end, each in list(zip(self._nodes, *columns, added.tolist()))[:_ROWS]:
            share = percent(each / whole) if parted else ""
            yield [shown(node.name), number(start), number(end), number(each), share]

    def __repr__(self) -> str:
        batch = "" if self._single else f"{plural(len(self._counts), 'sample')}, "
        missed = number(float(np.abs(self.missed).max()), 2)
        return f"<Attribution of {shown(self.to)}: {batch}{plural(len(self._nodes), 'input')}, missed {missed}>"

    def _repr_html_(self) -> str:
        lines = markup.line(self._title) + "".join(map(markup.line, self._sums))
        if self.method == "conductance":
            return lines + self.nodes._repr_html_()
        rows = list(self._rows())
        return lines + markup.table(_HEADS, rows, _SIDES, markup.left_out(len(self._nodes), len(rows), "input"))

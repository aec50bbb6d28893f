"""An exact run, as users hold it: error, values, gradients and paths as fractions, or in letters.

References
----------
Article, sections 3 and 4.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from nodesim.errors import ArgumentError, ArgumentTypeError, StaleElementError, StateError
from nodesim.exact import table
from nodesim.exact.calculation import Calculation
from nodesim.exact.paths import ExactPaths, handed_out
from nodesim.exact.values import ONE, Value, mean, times
from nodesim.gradients import starts
from nodesim.gradients.derivative_graph import DerivativeGraph
from nodesim.gradients.quantities import Quantity, quantity
from nodesim.graph.elements import Connection, Node
from nodesim.graph.run import OutputGradient, Run
from nodesim.graph.schedule import Schedule
from nodesim.notation import markup
from nodesim.notation.expressions import Partial, Symbol
from nodesim.notation.symbols import ERROR, plural
from nodesim.validation import shortened


class ExactRun:
    """A run of a network in which nothing is rounded: forward, error, backward and paths.

    `Network.exact` makes it. Numbers are instances of `fractions.Fraction`; with ``symbols=True`` all of them are
    `ExactExpression`. It keeps the numbers of the moment when it was made, whatever the network does afterwards.

    Parameters
    ----------
    calculation : Calculation
        The numbers of the network, and how it is calculated with them.
    single : bool
        Whether the caller gave one sample as a vector: then there is one number where a batch has a tuple.

    See Also
    --------
    nodesim.Network.exact : Makes it.
    ExactPaths : The paths of one gradient.
    ExactExpression : What is had with ``symbols=True``.
    check_gradients : Compares an engine with path sums and finite differences, in floats.

    Notes
    -----
    Forward is calculated at once, backward when a gradient is asked for. Fractions grow: a layer of linear, relu or
    leaky_relu nodes adds the digits of its weights to those of its inputs. Where nodes divide, as softsign does,
    each node has a denominator of its own, and a sum of k of them has the digits of all: k times as many with every
    layer. With weights of 17 digits, all gradients of a 20-50-50-10 network of relu have less than a hundred digits and
    take a second; those of a 3-10-10-10-1 network of softsign have 59,000 digits, and take half a minute. A number of
    more than 4,000,000 bits is refused.

    References
    ----------
    Article, sections 3 and 4.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 1, 1], hidden="relu", bias=False, seed=0)
    >>> net["W1"].weight, net["W2"].weight, net["W3"].weight = 0.15, 0.2, 0.4
    >>> run = net.exact(["0.05", "0.1"], ["0.01"])
    >>> run.value("H1"), run.error, run.gradient("W1")
    (Fraction(11, 400), Fraction(1, 1000000), Fraction(1, 25000))
    >>> sum(path.product for path in run.paths("W1")) == run.gradient("W1")
    True
    >>> print(run)
    exact run of 1 sample
    quantity      exact  decimal
    I1             1/20     0.05
    I2             1/10      0.1
    H1           11/400   0.0275
    HA1          11/400   0.0275
    O1          11/1000    0.011
    OA1         11/1000    0.011
    e         1/1000000    1e-06
    ∂e/∂W1      1/25000    4e-05
    ∂e/∂W2      1/12500    8e-05
    ∂e/∂W3    11/200000  5.5e-05
    """

    def __init__(self, calculation: Calculation, *, single: bool) -> None:
        self._calculation = calculation
        self._single = single
        each = [calculation.forward(sample) for sample in range(calculation.n_samples)]
        self._values, self._activated = [value for value, _ in each], [activated for _, activated in each]
        self._errors: list[Value] = []
        if calculation.targets is not None:
            self._errors = [calculation.error(sample, *each[sample]) for sample in range(len(each))]

    # ---- forward ------------------------------------------------------------------------------------------

    @property
    def n_samples(self) -> int:
        """How many samples were run."""
        return self._calculation.n_samples

    @property
    def outputs(self) -> Any:
        """OA of the outputs, as a tuple; of a batch a tuple of such tuples, one for each sample."""
        rows = self._schedule.outputs
        columns = [self.activated(node) for node in rows]
        return tuple(columns) if self._single else tuple(zip(*columns))

    def value(self, node: str | Node) -> Any:
        """Return H or O of a node: its weighted sum, or another aggregation of what comes in.

        Parameters
        ----------
        node : str or Node
            A node of the network as it was at this run, or its name; an input or bias node has what it sends, and so
            has a node that is named as what it sends, "HA1".

        Returns
        -------
        Fraction or ExactExpression
            Of a batch a tuple, one for each sample.

        Raises
        ------
        UnknownNameError, StaleElementError, ArgumentTypeError
            If it was no node of that network.

        See Also
        --------
        ExactRun.activated : What the node sends.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([1, 1], bias=False, seed=0)
        >>> net["W1"].weight = 0.1
        >>> net.exact(["1/3"]).value("O1"), net.exact([["1/3"], [2]]).value("O1")
        (Fraction(1, 30), (Fraction(1, 30), Fraction(1, 5)))
        """
        return self._of_node(node, "value")

    def activated(self, node: str | Node) -> Any:
        """Return HA or OA of a node, what it sends.

        Parameters
        ----------
        node : str or Node
            As for `value`.

        Returns
        -------
        Fraction or ExactExpression
            Of a batch a tuple, one for each sample.

        Raises
        ------
        UnknownNameError, StaleElementError, ArgumentTypeError
            If it was no node of that network.

        See Also
        --------
        ExactRun.value : The weighted sum that it is made of.
        ExactRun.outputs : OA of all outputs.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([1, 1], output="softsign", bias=False, seed=0)
        >>> net["W1"].weight = 0.5
        >>> net.exact([1]).activated("O1")
        Fraction(1, 3)
        """
        return self._of_node(node, "activated")

    # ---- the error and what follows -----------------------------------------------------------------------

    @property
    def error(self) -> Any:
        """The error e; of a batch the mean of the samples' errors."""
        return self._handed_out(mean(self._judged("error", self._errors)), Symbol(ERROR))

    @property
    def errors(self) -> Any:
        """The error of each sample, as a tuple."""
        name = self._calculation.name
        each = enumerate(self._judged("errors", self._errors))
        return tuple(self._handed_out(error, Symbol(name(ERROR, sample))) for sample, error in each)

    def delta(self, node: str | Node) -> Any:
        """Return ∂e/∂H of a node, of each sample's own error.

        Parameters
        ----------
        node : str or Node
            As for `value`; of an input or bias node it is the derivative by what it sends.

        Returns
        -------
        Fraction or ExactExpression
            Of a batch a tuple, one for each sample.

        Raises
        ------
        StateError
            If no desired outputs were given.
        UnknownNameError, StaleElementError, ArgumentTypeError
            If it was no node of that network.
        FunctionError, NonFiniteError
            If an activation refuses a derivative, or one has no exact value.

        See Also
        --------
        ExactRun.gradient : The derivative by a weight, or of a batch's error by a node.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([1, 1], bias=False, seed=0)
        >>> net["W1"].weight = 0.5
        >>> net.exact([1], ["1/3"]).delta("O1")
        Fraction(1, 3)
        """
        found = self._node(node, "delta")
        row = self._schedule.row_of[found]
        self._judged("delta", self._errors)
        return self._each(self._backward[0], row, Quantity("sum" if found.activation else "activated", found), ERROR)

    def gradient(self, of: str | Connection | Node | Quantity) -> Any:
        """Return the derivative of e by a weight, or by a node: the mean over the samples.

        Parameters
        ----------
        of : str, Connection, Node or Quantity
            A weight; or a node, whose weighted sum it is then, an activated node by its name ("HA1"), or an input
            ("I1"): as for `Network.paths`.

        Returns
        -------
        Fraction or ExactExpression
            The sum over all paths, with ``==``.

        Raises
        ------
        StateError
            If no desired outputs were given.
        UnknownNameError, StaleElementError, ArgumentTypeError
            If there was no such quantity in the network.
        FunctionError, NonFiniteError
            If an activation refuses a derivative, or one has no exact value; the message names the node.

        See Also
        --------
        ExactRun.gradients : Those by all weights.
        ExactRun.paths : What it is the sum of.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([1, 1], bias=False, seed=0)
        >>> net["W1"].weight = 0.5
        >>> net.exact(["0.1"], ["1/3"]).gradient("W1")
        Fraction(-17, 300)
        """
        found = self._quantity(of)
        self._judged("gradient", self._errors)
        return self._handed_out(mean(self._totals(found)), Partial(ERROR, found.name))

    @property
    def gradients(self) -> Mapping[str, Any]:
        """The derivatives of e by all weights, by the names of the connections, in connection order."""
        self._judged("gradients", self._errors)
        return {connection.name: self.gradient(connection) for connection in self._schedule.connections}

    def paths(self, of: str | Connection | Node | Quantity, sample: int | None = None) -> ExactPaths:
        """List, count and sum the paths that feed an exact gradient.

        Parameters
        ----------
        of : str, Connection, Node or Quantity
            As for `gradient`.
        sample : int, optional
            Look at this sample of the batch alone; by default products are means over the samples.

        Returns
        -------
        ExactPaths
            Lazy.

        Raises
        ------
        StateError, UnknownNameError, StaleElementError, ArgumentTypeError, FunctionError, NonFiniteError
            As for `gradient`.
        ArgumentError
            If there is no such sample.

        See Also
        --------
        Network.paths : The same with floats; there they are ranked, restricted and shared out, too.

        References
        ----------
        Article, section 4.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], hidden="relu", seed=0)
        >>> run = net.exact(["0.05", "0.1"], ["0.01", "0.99"])
        >>> sum(path.product for path in run.paths("W1")) == run.gradient("W1")
        True
        """
        found = self._quantity(of)
        self._judged("paths", self._errors)
        if sample is not None:
            sample = self._sample(sample)
        legend = self._calculation.legend if self._calculation.symbolic else None
        return ExactPaths(self._graph, found, self._totals(found), sample, legend)

    # ---- how ----------------------------------------------------------------------------------------------

    @property
    def _schedule(self) -> Schedule:
        return self._calculation.schedule

    @cached_property
    def _slopes(self) -> list[list[Value]]:
        return [self._calculation.slopes(*each) for each in zip(self._values, self._activated)]

    @cached_property
    def _partials(self) -> list[list[Value] | None]:
        """∂H/∂(W·HA) of every connection, by sample; None where all nodes are sums."""
        return [self._calculation.partials(*each) for each in zip(self._values, self._activated)]

    @cached_property
    def _entering(self) -> list[list[Value]]:
        pairs = enumerate(zip(self._values, self._activated))
        return [self._calculation.entering(sample, *pair) for sample, pair in pairs]

    @cached_property
    def _backward(self) -> tuple[list[list[Value]], list[list[Value]]]:
        """∂e/∂H and ∂e/∂HA, by sample and row."""
        each = [
            self._calculation.backward(sample, *numbers)
            for sample, numbers in enumerate(zip(self._slopes, self._entering, self._partials))
        ]
        return [delta for delta, _ in each], [arrived for _, arrived in each]

    def _totals(self, of: Quantity) -> list[Value]:
        """Return ∂e/∂of of each sample's own error."""
        deltas, arrived = self._backward
        element: Any = of.element
        if isinstance(element, Connection):
            source, target = self._schedule.row_of[element.source], self._schedule.row_of[element.target]
            place = self._schedule.index(element)
            parts = [ONE if partials is None else partials[place] for partials in self._partials]
            return [
                times(delta[target], sent[source], part) for delta, sent, part in zip(deltas, self._activated, parts)
            ]
        row = self._schedule.row_of[element]
        return [each[row] for each in (deltas if of.kind == "sum" else arrived)]

    @cached_property
    def _graph(self) -> DerivativeGraph:
        """The partial derivatives, exact ones."""
        calculation, schedule = self._calculation, self._schedule
        run = Run(schedule.n_rows, self.n_samples, single=self._single, dtype=np.dtype(object))
        run.tables = {"value": _columns(self._values), "activated": _columns(self._activated)}
        run.loss = calculation.loss
        run.output_gradient = OutputGradient(_columns(self._entering), of_sums=calculation.of_sums)
        weights = np.empty(int(schedule.slots.max(initial=-1)) + 1, dtype=object)
        weights[schedule.slots] = _column(calculation.weights)
        slopes = _columns(self._slopes)
        partials = [each for each in self._partials if each is not None]
        return DerivativeGraph(
            schedule, weights, slopes, run, starts.start(schedule, starts.E, slopes, run),
            partials=_columns(partials) if partials else None,
        )  # fmt: skip

    def _judged(self, what: str, errors: list[Value]) -> list[Value]:
        if not errors:
            raise StateError(f"{what} needs desired outputs: give them, as in network.exact(x, y).")
        return errors

    def _handed_out(self, value: Value, what: Symbol | Partial) -> Any:
        return handed_out(value, what, self._calculation.legend if self._calculation.symbolic else None)

    def _of_node(self, of: object, what: str) -> Any:
        """Return what a node sums up or, where that is asked or its name is HA1, what it sends."""
        named = self._quantity(of)
        found = self._node(named.element, what)
        sent = what == "activated" or named.kind == "activated"
        by_sample = self._activated if sent else self._values
        return self._each(by_sample, self._schedule.row_of[found], Quantity("activated" if sent else "sum", found))

    def _each(self, by_sample: list[list[Value]], row: int, of: Quantity, above: str = "") -> Any:
        """Return the number of the one sample, or those of all; `above` is what is differentiated."""
        found = []
        for sample, values in enumerate(by_sample):
            name, error = (self._calculation.name(each, sample) for each in (of.name, above))
            found.append(self._handed_out(values[row], Partial(error, name) if above else Symbol(name)))
        return found[0] if self._single else tuple(found)

    def _sample(self, sample: Any) -> int:
        whole = isinstance(sample, int | np.integer) and not isinstance(sample, bool)
        if whole and -self.n_samples <= sample < self.n_samples:
            return range(self.n_samples)[int(sample)]
        raise ArgumentError(f"sample must be a whole number from 0 to {self.n_samples - 1}, got {shortened(sample)}.")

    def _node(self, node: object, what: str) -> Node:
        found = _Kept(self._schedule).element(node)
        if not isinstance(found, Node):
            raise ArgumentTypeError(f"{what} is that of a node, {found.name} is a connection.")
        return found

    def _quantity(self, of: object) -> Quantity:
        kept: Any = _Kept(self._schedule)
        return quantity(kept, of)

    # ---- shown --------------------------------------------------------------------------------------------

    def _rows(self) -> Iterator[tuple[str, Any]]:
        """Yield the quantities in the order of calculation, each with its exact value."""
        for node in self._schedule.order if self._single else ():
            yield Quantity("activated" if node.activation is None else "sum", node).name, self.value(node)
            if node.activation is not None:
                yield Quantity("activated", node).name, self.activated(node)
        if self._errors:
            yield ERROR, self.error
            if all(each is None or each.trains for each in self._calculation.activations):
                for connection in self._schedule.connections:
                    weight = Quantity("weight", connection)
                    yield Partial(ERROR, weight.name).name, self.gradient(weight)

    def _title(self) -> str:
        of = plural(self.n_samples, "sample")
        return f"exact run of {of}" + ("" if self._single or not self._errors else "; gradients and e are means")

    def __str__(self) -> str:
        return "\n".join([self._title(), *table.lines(self._rows())])

    def __repr__(self) -> str:
        return f"<exact run of {plural(self.n_samples, 'sample')}{table.near(self.error) if self._errors else ''}>"

    def _repr_html_(self) -> str:
        return markup.line(self._title()) + table.html(self._rows())


class _Kept:
    """The elements of a network as it was, found like those of one that still is."""

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None

    def get(self, name: str) -> Node | Connection | None:
        """Return the element of a name, or None."""
        return self.schedule.get(name)

    def element(self, element: object) -> Node | Connection:
        """Return an element from its name or itself."""
        if isinstance(element, str):
            return self.schedule.find(element, "was named", "in this network at that run")
        if isinstance(element, Connection):
            if self.schedule.index(element) < 0:
                raise StaleElementError(f"{element.name} is none of the connections of this run.")
            return element
        if isinstance(element, Node):
            if element not in self.schedule.row_of:
                raise StaleElementError(f"{element.name} is none of the nodes of this run.")
            return element
        raise ArgumentTypeError(f"a run is asked by nodes, connections or their names, got {shortened(element)}.")


def _column(values: Sequence[Value]) -> Any:
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found


def _columns(by_sample: Sequence[Sequence[Value]]) -> Any:
    """Return values by sample as an array with one column for each sample."""
    return np.stack([_column(values) for values in by_sample], axis=1)

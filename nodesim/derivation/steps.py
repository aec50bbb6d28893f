"""The whole calculation, one quantity at a time: forward, error, backward, update, with the numbers put in.

References
----------
Article, sections 3 and 4.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from nodesim._arrays import Array
from nodesim.derivation.definitions import Definitions
from nodesim.errors import DataError
from nodesim.gradients.derivative_graph import DerivativeGraph
from nodesim.gradients.quantities import Quantity
from nodesim.graph.elements import Connection, Node
from nodesim.graph.run import Run
from nodesim.graph.store import Store
from nodesim.notation import markup
from nodesim.notation.expressions import Expression, Partial, Symbol, leaves, product, total
from nodesim.notation.symbols import DOT, ERROR, MINUS, RATE, factor, is_whole, number, partial
from nodesim.notation.text import text
from nodesim.showing import shown
from nodesim.simulation.simulator import Simulator

_DIGITS = 6


@dataclass(frozen=True)
class Step:
    """One quantity: how it is calculated, with which numbers, and what it is.

    Parameters
    ----------
    phase : str
        "forward", "error", "backward" or "update".
    quantity : str
        Its name: H1, HA1, e, ∂e/∂H1; in an update W1(k+1).
    formula, numbers : str
        The right-hand side in symbols, and with the numbers put in; empty for what is given.
    value : float
        What comes out.
    exact : bool
        Whether the numbers that were put in are written with all their digits.

    See Also
    --------
    nodesim.Network.steps : Makes them.
    nodesim.Network.derivation : The derivative by one weight, written out.

    Notes
    -----
    Printed, = stands where a number is complete, ≈ where digits were left out. Numbers are written with 6 digits;
    ``value`` has all of them.

    References
    ----------
    Article, sections 3 and 4.

    Examples
    --------
    >>> print(Step("forward", "H1", "I1·W1", "2·0.5", 1.0))
    H1 = I1·W1 = 2·0.5 = 1
    >>> print(Step("forward", "H1", "I1·W1", "0.333333·0.5", 0.5 / 3, exact=False))
    H1 = I1·W1 ≈ 0.333333·0.5 ≈ 0.166667
    """

    phase: str
    quantity: str
    formula: str
    numbers: str
    value: float
    exact: bool = True

    def __str__(self) -> str:
        written, result = self.quantity, number(self.value)
        for part, exact in ((self.formula, True), (self.numbers, self.exact)):
            written += f" {'=' if exact else '≈'} {part}" if part else ""
        if result != (self.numbers or self.formula):
            # What comes out of numbers that are cut is not equal to them.
            written += f" {'=' if self.exact and is_whole(self.value) else '≈'} {result}"
        return shown(written)

    def _repr_html_(self) -> str:
        return markup.written(str(self))


def run_one(simulator: Simulator, x: Any, y: Any) -> tuple[Run, Array]:
    """Run one sample forward and backward; return the run and the gradients by slot.

    Raises
    ------
    DataError
        If it is not one sample.
    """
    inputs, single = simulator.inputs(x)
    if inputs.shape[1] != 1:
        raise DataError(
            f"steps shows one sample at a time, got {inputs.shape[1]}. Pass one row of x and of y: "
            "net.steps(x[0], y[0]) shows the first."
        )
    run = simulator.forward(inputs, single=single)
    return run, simulator.backward(run, simulator.targets(y, 1, single=single))


def steps(graph: DerivativeGraph, store: Store, learning_rate: float) -> Iterator[Step]:
    """Return the steps of the run that a store shows; see `Network.steps`."""
    return _Walk(graph, store, learning_rate).steps()


class _Walk:
    """The steps of one run, from the derivative graph of it."""

    def __init__(self, graph: DerivativeGraph, store: Store, eta: float) -> None:
        self.graph = graph
        self.definitions = Definitions(graph)
        self.schedule = graph.schedule
        self.connections = graph.schedule.connections
        self.eta = eta
        self.gradients = store.gradients.copy()
        self.trainable = store.trainable.copy()
        self.uses = {
            number: [self.connections[self.schedule.index_of_number(each)] for each in uses]
            for uses in self.schedule.ties
            for number in uses
        }

    def steps(self) -> Iterator[Step]:
        """Yield all steps."""
        for node in self.schedule.order:
            yield from self._forward(node)
        yield self._error()
        # Layer by layer from the output, each from its first node: the order of the article.
        for node in sorted(self.schedule.order, key=lambda node: (-self.schedule.depth[node], node.row)):
            if node in self.graph.activations:
                yield from self._backward(node)
        yield from (self._update(connection) for connection in self.connections)

    def _forward(self, node: Node) -> Iterator[Step]:
        define = self.definitions
        if node not in self.graph.activations:
            yield Step("forward", define.activated(node).name, "", "", define.activated(node).value)
            return
        if self.schedule.incoming[node]:
            yield _step("forward", define.sum(node), define.weighted_sum(node))
        else:
            yield Step("forward", define.sum(node).name, "0 (nothing feeds it)", "", define.sum(node).value)
        yield _step("forward", define.activated(node), define.activation(node), define.activation_formula(node))

    def _error(self) -> Step:
        define = self.definitions
        return _step("error", define.error(), define.loss_formula() or define.loss())

    def _backward(self, node: Node) -> Iterator[Step]:
        define = self.definitions
        activated, weighted = Quantity("activated", node), Quantity("sum", node)
        if self.graph.count(activated):
            yield self._derivative(activated)
            (slope,) = (edge for edge in self.graph.partials_into(weighted) if edge.numerator == activated)
            written = define.slope(node)
            yield _step("backward", define.partial(slope), written or define.partial(slope), written)
        if self.graph.count(weighted):
            yield self._derivative(weighted)
        else:
            yield Step("backward", partial(ERROR, weighted.name), "0", "", 0.0)
        # The gradients of weights with the numbers that the store shows, which the engine has calculated.
        delta = define.gradient(weighted)
        for c in self.schedule.incoming[node]:
            gradient = Partial(ERROR, Quantity("weight", c).name, float(self.gradients[self.schedule.slot(c)]))
            yield _step("backward", gradient, product(delta, define.sent(c)))

    def _derivative(self, of: Quantity) -> Step:
        terms = tuple(self.definitions.backward(edge) for edge in self.graph.partials_into(of))
        return _step("backward", self._gradient(of), total(terms))

    def _gradient(self, of: Quantity) -> Partial:
        gradient = self.definitions.gradient(of)
        if of.kind == "sum":
            # The engine's own number: the objects show it.
            assert isinstance(of.element, Node)
            return replace(gradient, value=float(self.graph.run.delta[of.element.row, 0]))
        return gradient

    def _update(self, c: Connection) -> Step:
        name = Quantity("weight", c).name
        uses = self.uses.get(c.number, (c,))
        weight = self.definitions.weight(c).value
        if not self.trainable[self.schedule.slot(c)]:
            return Step("update", f"{name}(k+1)", f"{name}(k), frozen", "", weight)
        gradients = [float(self.gradients[self.schedule.slot(use)]) for use in uses]
        partials = [partial(ERROR, Quantity("weight", use).name) for use in uses]
        formula = f"{name}(k) {MINUS} {RATE}{DOT}{_added(partials)}"
        numbers = f"{number(weight)} {MINUS} {number(self.eta)}{DOT}{_added(list(map(factor, gradients)))}"
        exact = all(map(is_whole, (weight, self.eta, *gradients)))
        return Step("update", f"{name}(k+1)", formula, numbers, weight - self.eta * sum(gradients), exact)


def _added(terms: list[str]) -> str:
    """Write a factor that is the sum of what the uses of a tied weight contribute."""
    return terms[0] if len(terms) == 1 else f"({' + '.join(terms)})"


def _step(phase: str, result: Symbol | Partial, formula: Expression, written_out: Expression | None = None) -> Step:
    """Make a step from its formula, whose numbers are put into the formula itself or into one written out."""
    full = formula if written_out is None else written_out
    put_in = text(full, _DIGITS, numbers=True)
    symbols = text(formula, _DIGITS) if formula is not result else ""
    exact = all(is_whole(value, _DIGITS) for leaf in leaves(full) if isinstance(value := leaf.value, float))
    return Step(phase, result.name, symbols, put_in if put_in != symbols else "", result.value, exact)

"""The whole calculation, one quantity at a time: forward, error, backward, update, with the numbers put in.

References
----------
Article, sections 3 and 4.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nodesim import data
from nodesim.elements import Connection, Node
from nodesim.errors import DataError
from nodesim.functions import Activation
from nodesim.notation import DOT, ERROR, MINUS, RATE, activated, factor, number, partial, target
from nodesim.optimization import rate
from nodesim.partials import DerivativeGraph
from nodesim.plugins import optimizer

if TYPE_CHECKING:
    from nodesim.network import Network
    from nodesim.store import Run


@dataclass(frozen=True)
class Step:
    """One quantity: how it is calculated, with which numbers, and what it is.

    Attributes
    ----------
    phase : str
        "forward", "error", "backward" or "update".
    quantity : str
        Its name: H1, HA1, e, ∂e/∂H1, W1.
    formula, numbers : str
        The right-hand side in symbols, and with the numbers put in; empty for what is given.
    value : float

    Examples
    --------
    >>> print(Step("forward", "H1", "I1·W1", "2·0.5", 1.0))
    H1 = I1·W1 = 2·0.5 = 1
    """

    phase: str
    quantity: str
    formula: str
    numbers: str
    value: float

    def __str__(self) -> str:
        parts = [part for part in (self.formula, self.numbers) if part]
        result = number(self.value)
        return " = ".join([self.quantity, *parts] + ([result] if parts[-1:] != [result] else []))


# Pairs of symbol and number, as they stand in a product or sum.
Term = list[tuple[str, float]]


def steps(network: Network, x: Any, y: Any, learning_rate: float) -> Iterator[Step]:
    """Run one sample forward and backward, and return its steps; see `Network.steps`."""
    eta = rate(learning_rate, optimizer("sgd"))
    network.forward(x)
    run = network.store.run
    assert run is not None
    if run.n_samples != 1:
        raise DataError(f"steps shows one sample at a time, got {run.n_samples}. Pass one row of x and of y.")
    error = network.backward(y)
    return _Walk(network, y, error, eta).steps()


class _Walk:
    """The steps of one run, from its photograph."""

    def __init__(self, network: Network, y: Any, error: float, eta: float) -> None:
        self.graph: DerivativeGraph = network._derivatives("steps")
        self.schedule = network.schedule
        self.network = network
        run = network.store.run
        assert run is not None
        self.run: Run = run
        self.loss = network.loss
        self.error = error
        self.eta = eta
        self.gradients = network.store.gradients.copy()
        self.trainable = network.store.trainable.copy()
        wanted = _targets(network, y)
        self.targets = dict(zip(self.schedule.outputs, wanted))

    def steps(self) -> Iterator[Step]:
        """Yield all steps."""
        for node in self.schedule.order:
            yield from self._forward(node)
        yield self._error()
        # Layer by layer from the output, each from its first node: the order of the article.
        for node in sorted(self.schedule.order, key=lambda node: (-self.schedule.depth[node], node._row)):
            if node.activation is not None:
                yield from self._backward(node)
        yield from (self._update(connection) for connection in self.network.connections)

    def _forward(self, node: Node) -> Iterator[Step]:
        value = self._number(self.run.value, node)
        if node.activation is None:
            yield Step("forward", node.name, "", "", value)
            return
        terms = [
            [(self.graph.name(c.source), self._sent(c)), (c.name, self._weight(c))]
            for c in self.schedule.incoming[node]
        ]
        yield _sum("forward", node.name, terms, value)
        result = self._number(self.run.activated, node)
        numbers = _put_in(node.activation.formula, _environment(node.activation, z=value))
        yield Step("forward", activated(node.name), f"{node.activation.name}({node.name})", numbers, result)

    def _error(self) -> Step:
        between = f" {MINUS} " if "y - a" in self.loss.formula else " to "
        symbols = [target(node.name) + between + activated(node.name) for node in self.targets]
        numbers = [
            number(y) + between + factor(self._number(self.run.activated, node)) for node, y in self.targets.items()
        ]
        written, put_in = (f"{self.loss.name}({', '.join(pairs)})" for pairs in (symbols, numbers))
        return Step("error", ERROR, written, put_in, self.error)

    def _backward(self, node: Node) -> Iterator[Step]:
        sums, sends = partial(ERROR, node.name), partial(ERROR, activated(node.name))
        delta = self._number(self.run.delta, node)
        if not self.graph.counts[node]:
            yield Step("backward", sums, "0", "", 0.0)
        else:
            yield from self._arriving(node, sums, sends, delta)
        for c in self.schedule.incoming[node]:
            term: Term = [(sums, delta), (self.graph.name(c.source), self._sent(c))]
            yield _sum("backward", partial(ERROR, c.name), [term], float(self.gradients[c._slot]))

    def _arriving(self, node: Node, sums: str, sends: str, delta: float) -> Iterator[Step]:
        terms: list[Term] = [
            [
                (partial(ERROR, c.target.name), self._number(self.run.delta, c.target)),
                (c.name, self._weight(c)),
            ]
            for c in self.schedule.outgoing[node]
            if self.graph.counts[c.target]
        ]
        entering = self.graph.seeds.get(node)
        own: Term = [] if entering is None else [(self._loss_partial(node), float(entering[0]))]
        if own and self.graph.of_sums and not terms:
            yield Step("backward", sums, own[0][0], self._loss_numbers(node), delta)
            return
        if own and not self.graph.of_sums:
            terms.insert(0, own)
        arriving = sum(_product(term) for term in terms)
        if terms == [own]:
            yield Step("backward", sends, own[0][0], self._loss_numbers(node), arriving)
        else:
            yield _sum("backward", sends, terms, arriving)
        yield from self._through(node, [(sends, arriving)], sums, delta, own if self.graph.of_sums else [])

    def _through(self, node: Node, arriving: Term, sums: str, delta: float, own: Term) -> Iterator[Step]:
        assert node.activation is not None
        over = partial(activated(node.name), node.name)
        slope = self._number(self.graph.slopes, node)
        value, result = self._number(self.run.value, node), self._number(self.run.activated, node)
        formula = node.activation.derivative_formula
        names = _environment(node.activation, z=node.name, a=activated(node.name))
        yield Step(
            "backward",
            over,
            _put_in(formula, names),
            _put_in(formula, _environment(node.activation, z=value, a=result)),
            slope,
        )
        yield _sum("backward", sums, [term for term in (own, [*arriving, (over, slope)]) if term], delta)

    def _loss_partial(self, node: Node) -> str:
        names = {
            "y": target(node.name),
            "a": activated(node.name),
            "n": float(len(self.targets)),
            **self.loss.parameters,
        }
        return _put_in(self._loss_formula(), names) or f"{self.loss.name}'({names['y']}, {names['a']})"

    def _loss_numbers(self, node: Node) -> str:
        a = self._number(self.run.activated, node)
        values = {"y": self.targets[node], "a": a, "n": float(len(self.targets)), **self.loss.parameters}
        return _put_in(self._loss_formula(), values)

    def _loss_formula(self) -> str:
        return "(a - y) / n" if self.graph.of_sums and self.loss.outputs == "sigmoid" else self.loss.derivative_formula

    def _update(self, c: Connection) -> Step:
        weight, gradient = self._weight(c), float(self.gradients[c._slot])
        if not self.trainable[c._slot]:
            return Step("update", f"{c.name}(k+1)", f"{c.name}(k), frozen", "", weight)
        formula = f"{c.name}(k) {MINUS} {RATE}{DOT}{partial(ERROR, c.name)}"
        numbers = f"{number(weight)} {MINUS} {number(self.eta)}{DOT}{factor(gradient)}"
        return Step("update", f"{c.name}(k+1)", formula, numbers, weight - self.eta * gradient)

    def _number(self, table: Any, node: Node) -> float:
        return float(table[node._row, 0])

    def _sent(self, connection: Connection) -> float:
        return self._number(self.run.activated, connection.source)

    def _weight(self, connection: Connection) -> float:
        return float(self.graph.weights[connection._slot])


def _targets(network: Network, y: Any) -> list[float]:
    outputs = network.schedule.outputs
    return [float(value) for value in data.targets(y, outputs, 1, single=True, loss=network.loss)[:, 0]]


def _sum(phase: str, quantity: str, terms: Iterable[Term], value: float) -> Step:
    listed = list(terms)
    if not listed:
        return Step(phase, quantity, "0 (nothing feeds it)", "", value)
    symbols = " + ".join(DOT.join(name for name, _ in term) for term in listed)
    numbers = " + ".join(DOT.join(factor(v) for _, v in term) for term in listed)
    return Step(phase, quantity, symbols, numbers, value)


def _product(term: Term) -> float:
    result = 1.0
    for _, value in term:
        result *= value
    return result


def _environment(activation: Activation, **values: object) -> Mapping[str, object]:
    return {**activation.parameters, **values}


def _put_in(formula: str, values: Mapping[str, object]) -> str:
    """Put names or numbers in the place of the letters of a formula."""

    def written(match: re.Match[str]) -> str:
        value = values.get(match[0], match[0])
        return factor(value) if isinstance(value, float) else str(value)

    alone = values.get(formula)
    if isinstance(alone, float):
        return number(alone)
    readable = formula.replace("**", "^").replace(" * ", DOT).replace("-", MINUS)
    return re.sub(r"[A-Za-z_]\w*", written, readable)

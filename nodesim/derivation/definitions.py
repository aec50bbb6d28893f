"""What every quantity is, and every partial derivative, as expressions with the numbers of one backward.

References
----------
Article, sections 3 and 4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, overload

import numpy as np

from nodesim._arrays import Array, read_only
from nodesim.derivation import beside, joins
from nodesim.derivation.beside import ELLIPSIS
from nodesim.functions.guard import called
from nodesim.gradients.derivative_graph import DerivativeGraph
from nodesim.gradients.quantities import PartialDerivative, Quantity, desired
from nodesim.gradients.starts import in_double
from nodesim.graph.elements import Connection, Node
from nodesim.notation import parsing
from nodesim.notation.expressions import Call, Expression, Partial, Product, Symbol, product
from nodesim.notation.parsing import WRITTEN_OUT
from nodesim.notation.symbols import ERROR, quantity_name

# Where a layer is named, what leads through no layer.
PENALTY = "Penalty"


class Definitions:
    """The formulas behind the numbers of a derivative graph.

    Parameters
    ----------
    graph : DerivativeGraph
    sample : int or None
        Whose numbers the symbols carry; None gives them those of all samples, or of the only one.

    Notes
    -----
    Every formula is an expression whose symbols know their values: one tree for the print and the number.
    """

    def __init__(self, graph: DerivativeGraph, sample: int | None = None) -> None:
        self.graph = graph
        self.sample = 0 if sample is None and graph.n_samples == 1 else sample

    def seen(self, values: Array) -> Any:
        """Return the value of the sample, or the values of all, read-only."""
        return read_only(values) if self.sample is None else float(values[self.sample])

    # ---- quantities as symbols --------------------------------------------------------------------------

    def activated(self, node: Node) -> Symbol:
        """Return HA (or I, or B)."""
        return Symbol(
            Quantity("activated", node).name, self.seen(self.graph.run.rows("activated", self.graph.row[node]))
        )

    def sum(self, node: Node) -> Symbol:
        """Return H."""
        return Symbol(Quantity("sum", node).name, self.seen(self.graph.run.rows("value", self.graph.row[node])))

    def weight(self, connection: Connection) -> Symbol:
        """Return W."""
        slot = self.graph.schedule.slot(connection)
        return Symbol(Quantity("weight", connection).name, float(self.graph.weights[slot]))

    def desired(self, output: Node) -> Symbol:
        """Return y of an output."""
        assert self.graph.run.targets is not None
        return Symbol(desired(output), self.seen(self.graph.run.targets[self._place(output)]))

    def error(self) -> Symbol:
        """Return the error e: of a sample what it counts in the mean, with the penalties."""
        run = self.graph.run
        assert run.errors is not None
        of_samples = run.errors if run.shares is None else run.errors * run.shares
        beside = sum(penalty.total for penalty in run.penalties)
        return Symbol(ERROR, self.seen(of_samples + beside if run.penalties else of_samples))

    def partial(self, partial: PartialDerivative) -> Partial:
        """Return ∂(one quantity)/∂(another), as a symbol that knows its value and the layer that it belongs to."""
        above, below = partial.numerator, partial.denominator
        return Partial(above.name, below.name, self.seen(partial.values), self._layer(above, below))

    def gradient(self, of: Quantity) -> Partial:
        """Return ∂e/∂(a quantity), or of another target, as a symbol that knows its value."""
        return Partial(self.graph.target.name, of.name, self.seen(self.graph.total(of)))

    def _layer(self, above: Quantity, below: Quantity) -> str:
        if "penalty" in (above.kind, below.kind):
            return PENALTY
        # What stands before all outputs belongs to them.
        node: Any = above.element or below.element or self.graph.schedule.outputs[0]
        return self.graph.schedule.layer_of[node].name

    def _place(self, output: Node) -> int:
        return int(np.searchsorted(self.graph.schedule.output_rows, self.graph.row[output]))

    # ---- what the quantities are ------------------------------------------------------------------------

    def weighted_sum(self, node: Node, around: Connection | None = None) -> Expression:
        """Return H = HA·W + HA·W + ..., or what another aggregation makes of these terms.

        Parameters
        ----------
        node : Node
        around : Connection, optional
            Leave out all but the first two terms, the last, and that of this connection.
        """
        connections, incoming = self.graph.schedule.connections, self.graph.entering(node)
        # As it was at the backward, which alone joins are noted of.
        aggregation = self.graph.aggregations.get(node)
        if around is None or len(incoming) <= WRITTEN_OUT + 1:
            whole = [self._term(connections[number]) for number in incoming.tolist()]
            return joins.aggregated(aggregation, whole, len(whole))
        own = int(np.searchsorted(incoming, self.graph.index(around)))
        kept = sorted({0, 1, own, len(incoming) - 1})
        terms: list[Expression] = []
        for before, index in zip([-1, *kept], kept):
            if index > before + 1:
                terms.append(ELLIPSIS)
            terms.append(self._term(connections[incoming[index]]))
        return joins.aggregated(aggregation, terms, len(incoming))

    def _term(self, connection: Connection) -> Expression:
        return Product((self.activated(connection.source), self.weight(connection)))

    def activation(self, node: Node) -> Expression:
        """Return HA = activation(H), by name; times what dropout multiplied it by."""
        return self._kept(node, Call(self.graph.activations[node].name, (self.sum(node),)))

    def activation_formula(self, node: Node) -> Expression | None:
        """Return HA in terms of H; None if its author gave no formula."""
        return self._of_node(self.graph.activations[node].formula, node)

    def slope(self, node: Node) -> Expression | None:
        """Return ∂HA/∂H in terms of H and HA; None if its author gave no formula."""
        return self._of_node(self.graph.activations[node].derivative_formula, node)

    def mask(self, node: Node) -> Symbol | None:
        """Return m, by which dropout multiplied what a node sends: HA1 = m1·f(H1); None where it drops nothing."""
        mask = self.graph.run.mask
        if mask is None or (row := mask[self.graph.row[node]].astype(float)).min() == row.max() == 1.0:
            return None
        return Symbol(quantity_name("m", node.kind, node.name), self.seen(row))

    def _kept(self, node: Node, sent: Expression) -> Expression:
        mask = self.mask(node)
        return sent if mask is None else product(mask, sent)

    def _of_node(self, formula: str, node: Node) -> Expression | None:
        activation = self.graph.activations[node]
        a = self.activated(node) if self.mask(node) is None else self._unmasked(node)
        found = parsing.of_node(formula, activation.parameters, z=self.sum(node), a=a)
        return None if found is None else self._kept(node, found)

    def _unmasked(self, node: Node) -> Symbol:
        """Return what an activation returned, which is not HA where that was dropped: sigmoid(H1)."""
        activation, row = self.graph.activations[node], self.graph.row[node]
        z = in_double(self.graph.run.rows("value", row))
        with np.errstate(all="ignore"):
            found = called(activation.function, (z,), z.shape, lambda: f"{node} ({activation.label})")
        return Symbol(f"{activation.name}({self.sum(node).name})", self.seen(found))

    def loss(self) -> Call:
        """Return the error in terms of targets and outputs, by the name of the loss."""
        outputs = self.graph.schedule.outputs
        shown = outputs if len(outputs) <= WRITTEN_OUT else [*outputs[:2], outputs[-1]]
        pairs: list[Expression] = [
            symbol for output in shown for symbol in (self.desired(output), self.activated(output))
        ]
        if len(shown) < len(outputs):
            pairs.insert(-2, ELLIPSIS)
        return Call(self.graph.loss.name, tuple(pairs))

    def loss_formula(self) -> Expression | None:
        """Return the error written out; None if its author gave no formula, or there are many outputs."""
        return self._of_outputs(self.graph.loss.formula, 0)

    def seed(self, output: Node) -> Expression | None:
        """Return ∂e/∂OA (∂e/∂O where the loss is differentiated by the sums) written out, or None as above."""
        loss = self.graph.loss
        return self._of_outputs(
            loss.sum_derivative_formula if self.graph.of_sums else loss.derivative_formula, self._place(output)
        )

    def _of_outputs(self, formula: str, which: int) -> Expression | None:
        return parsing.of_outputs(formula, self.graph.loss.parameters, _Letters(self), which)

    # ---- what the partial derivatives are -----------------------------------------------------------------

    def derived(self, partial: PartialDerivative) -> Expression:
        """Return the quantity that an edge differentiates, in terms of what it is differentiated by."""
        numerator, denominator = partial.numerator.element, partial.denominator.element
        if numerator is None:
            return beside.derived(self, partial)
        assert isinstance(numerator, Node)
        if partial.numerator.kind == "activated":
            return self.activation_formula(numerator) or self.activation(numerator)
        return self.weighted_sum(numerator, around=self._connection(numerator, denominator))

    def derivative(self, partial: PartialDerivative) -> Expression | None:
        """Return the partial derivative written out; None if its author gave no formula."""
        numerator, denominator = partial.numerator.element, partial.denominator.element
        if numerator is None:
            return self.seed(denominator) if isinstance(denominator, Node) else beside.derivative(self, partial)
        assert isinstance(numerator, Node)
        if partial.numerator.kind == "activated":
            return self.slope(numerator)
        connection = self._connection(numerator, denominator)
        own = self.activated(connection.source) if denominator is connection else self.weight(connection)
        return self._through(connection, own)

    def sent(self, connection: Connection) -> Expression:
        """Return ∂H/∂W of a connection: what its source sends, where H is a sum."""
        return self._through(connection, self.activated(connection.source))

    def _through(self, connection: Connection, own: Expression) -> Expression:
        """Return ∂H/∂HA, or ∂H/∂W, of a connection that has the other of both as its factor."""
        graph, node = self.graph, connection.target
        aggregation = graph.aggregations.get(node)
        if graph.partials is None or aggregation is None:
            return own
        connections = graph.schedule.connections
        others = [connections[number] for number in graph.entering(node).tolist()]
        terms = [self._term(each) for each in others if each is not connection]
        partials = self.seen(graph.partials[graph.index(connection)])
        return joins.derivative(aggregation, own, self._term(connection), terms, self.sum(node), partials)

    def _connection(self, numerator: Node, denominator: object) -> Connection:
        if isinstance(denominator, Connection):
            return denominator
        graph = self.graph
        incoming = graph.entering(numerator)
        (found,) = incoming[graph.schedule.sources[incoming] == graph.row[denominator]]  # type: ignore[index]
        connection: Connection = graph.schedule.connections[found]
        return connection

    def backward(self, partial: PartialDerivative) -> Expression:
        """Return what an edge adds to the derivative of e by its lower end, as backpropagation calculates it."""
        above = partial.numerator
        if above.element is None:
            named = f"{self.graph.loss.name}'({self._pair(partial.denominator.element)})"
            found = self.derivative(partial) or Symbol(named, self.seen(partial.values))
            return found if above == self.graph.target else product(self.gradient(above), found)
        if above.kind == "activated":
            # A slope keeps its symbol, as the article writes it; of a connection the weight, or what it sends, stands.
            return product(self.gradient(above), self.partial(partial))
        return product(self.gradient(above), self.derivative(partial))  # type: ignore[arg-type]

    def _pair(self, output: Any) -> str:
        return f"{self.desired(output).name}, {self.activated(output).name}"


class _Letters(Sequence[Mapping[str, Expression]]):
    """What y, a and z are for each output: made when one is asked for, as most formulas look at one of thousands."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions
        self._outputs = definitions.graph.schedule.outputs

    @overload
    def __getitem__(self, place: int) -> Mapping[str, Expression]: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Mapping[str, Expression]]: ...

    def __getitem__(self, place: int | slice) -> Any:
        if isinstance(place, slice):
            return [self[each] for each in range(len(self))[place]]
        define, node = self._definitions, self._outputs[place]
        return {"y": define.desired(node), "a": define.activated(node), "z": define.sum(node)}

    def __len__(self) -> int:
        return len(self._outputs)

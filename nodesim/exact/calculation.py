"""The article's steps 2 and 3 with exact numbers, node by node and sample by sample.

Nothing of it is a float: forward, error and backward are those of `nodesim.engines.reference`, in fractions, or in
letters where a function is not rational.

References
----------
Article, section 3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import NoReturn, TypeVar

from nodesim.errors import FunctionError, NonFiniteError
from nodesim.exact import functions
from nodesim.exact.aggregations import Aggregated
from nodesim.exact.formulas import FAULTS, Formulas, IrrationalError, UndefinedError
from nodesim.exact.legend import Legend
from nodesim.exact.reading import Table, fraction
from nodesim.exact.values import MOST_BITS, ONE, ZERO, TooLongError, Value, bits, plus, times
from nodesim.functions.contracts import Activation, Loss
from nodesim.gradients.quantities import Quantity
from nodesim.graph.elements import Bias, Node
from nodesim.graph.schedule import Schedule
from nodesim.notation.expressions import Partial, Symbol
from nodesim.notation.symbols import ERROR
from nodesim.simulation.simulator import Simulator

T = TypeVar("T")
_READABLE = 100
_HOW = "Ask for letters, by network.exact(x, y, symbols=True)"
_RATIONAL = {
    "activation": "'relu', 'leaky_relu', 'softsign', 'hard_sigmoid' or 'hard_tanh'",
    "aggregation": "'sum', 'product', 'max', 'min' or 'mean'",
    "loss": "'mse', 'mae', 'half_squared_error' or 'huber'",
}


class Calculation:
    """The numbers of a network of one moment, and how exact runs are calculated with them.

    Parameters
    ----------
    simulator : Simulator
        Of the network.
    inputs : ndarray of Fraction, shape (n_samples, n_inputs)
    targets : ndarray of Fraction, shape (n_samples, n_outputs), or None
    symbolic : bool
        Whether what is not rational gets a letter; else it is refused.
    kept : set of Quantity
        Weights, inputs and bias nodes that stay letters.

    Attributes
    ----------
    schedule : Schedule
    loss : Loss
    activations : list of Activation or None
        By row.
    weights : list of Value
        In connection order.
    legend : Legend
    n_samples : int
    """

    def __init__(
        self, simulator: Simulator, inputs: Table, targets: Table | None, *, symbolic: bool, kept: set[Quantity]
    ) -> None:
        structure = simulator.structure
        self.schedule: Schedule = structure.schedule
        self.loss: Loss = simulator.loss
        self.symbolic, self.legend = symbolic, Legend()
        self.targets, self.n_samples = targets, len(inputs)
        self._inputs, self._kept = inputs, kept
        schedule, nodes = self.schedule, self.schedule.nodes
        self.activations: list[Activation | None] = [node.activation for node in nodes]
        self._constants = {bias: fraction(bias.value, bias.name) for bias in schedule.biases}
        by_slot = structure.store.weights
        self.weights: list[Value] = [fraction(number, "a weight") for number in by_slot[schedule.slots]]
        for place, connection in enumerate(schedule.connections if kept else ()):
            self.weights[place] = self._letter(Quantity("weight", connection), self.weights[place])
        self._sources, self._targets = schedule.sources.tolist(), schedule.targets.tolist()
        self._into: list[list[int]] = [[] for _ in nodes]
        self._out_of: list[list[int]] = [[] for _ in nodes]
        alive = schedule.reaching.tolist()
        for place, (source, target) in enumerate(zip(self._sources, self._targets)):
            self._into[target].append(place)
            if alive[target]:
                self._out_of[source].append(place)
        self._alive = alive
        # Of what nothing comes into, H is 0.
        self._joins = {
            row: node.aggregation
            for row, node in enumerate(nodes)
            if node.aggregation is not None and not node.aggregation.is_sum and self._into[row]
        }
        self._order = [schedule.row_of[node] for node in schedule.order]
        self._input_places = {node: place for place, node in enumerate(schedule.inputs)}
        self._output_places = {node: place for place, node in enumerate(schedule.outputs)}

    def _letter(self, of: Quantity, value: Value, sample: int | None = None) -> Value:
        """Return the letter of a quantity that shall stay one, else its value."""
        if of not in self._kept or not isinstance(value, Fraction):
            return value
        return self.legend.give(of.name if sample is None else self.name(of.name, sample), value)

    def name(self, name: str, sample: int) -> str:
        """Return the name of a quantity; of one sample of several with its number behind it."""
        return name if self.n_samples == 1 else f"{name}({sample})"

    # ---- forward ------------------------------------------------------------------------------------------

    def forward(self, sample: int) -> tuple[list[Value], list[Value]]:
        """Return H and HA of every node, by row.

        Raises
        ------
        FunctionError, NonFiniteError
            If a function has no exact value; the message names the node.
        """
        value: list[Value] = [ZERO] * len(self._order)
        activated = list(value)
        for row in self._order:
            node, activation = self.schedule.nodes[row], self.activations[row]
            if activation is None:
                value[row] = activated[row] = self._sent(node, sample)
                continue
            value[row] = self._named(self._aggregated(row, activated), Quantity("sum", node), sample)
            activated[row] = self._named(self._activated(node, value[row]), Quantity("activated", node), sample)
        return value, activated

    def _aggregated(self, row: int, activated: list[Value]) -> Value:
        """Return H of a node."""
        if row not in self._joins:
            return plus(*self._coming(row, activated))
        return self._exactly(
            lambda: self._join(row, activated).value(), f"{self.schedule.nodes[row]}", None, "aggregation"
        )

    def _coming(self, row: int, activated: list[Value]) -> list[Value]:
        """Return what comes into a node over each connection."""
        return [times(self.weights[place], activated[self._sources[place]]) for place in self._into[row]]

    def _join(self, row: int, activated: list[Value]) -> Aggregated:
        who, coming = f"while evaluating {self.schedule.nodes[row]}", self._coming(row, activated)
        return self._guarded(lambda: Aggregated(self._joins[row], coming, symbolic=self.symbolic), who)

    def _sent(self, node: Node, sample: int) -> Value:
        of = Quantity("activated", node)
        if isinstance(node, Bias):
            return self._letter(of, self._constants[node])
        return self._letter(of, self._inputs[sample, self._input_places[node]], sample)

    def _named(self, value: Value, of: Quantity, sample: int) -> Value:
        if isinstance(value, Fraction):
            if bits(value) > MOST_BITS:
                self._refuse(TooLongError(), of.name, value)
            return value
        return self.legend.name(value, Symbol(self.name(of.name, sample)))

    def _activated(self, node: Node, z: Value) -> Value:
        activation = self._activation(node)
        forms = self._guarded(lambda: functions.of_activation(activation), f"while evaluating {node}")
        letters = {**forms.parameters, "z": z}
        formulas = Formulas([letters], symbolic=self.symbolic)
        return self._exactly(lambda: formulas.value(forms.function), f"{node} ({activation.label})", z)

    def _activation(self, node: Node) -> Activation:
        activation = self.activations[self.schedule.row_of[node]]
        assert activation is not None
        return activation

    # ---- the error ----------------------------------------------------------------------------------------

    def error(self, sample: int, value: list[Value], activated: list[Value]) -> Value:
        """Return the error e of a sample.

        Raises
        ------
        FunctionError, NonFiniteError
            If the loss has no exact value.
        """
        forms = functions.of_loss(self.loss)
        formulas = Formulas(self._of_outputs(sample, value, activated), symbolic=self.symbolic)
        return self._exactly(lambda: formulas.value(forms.function), f"the error e ({self.loss.label})", None)

    def _of_outputs(self, sample: int, value: list[Value], activated: list[Value]) -> list[Mapping[str, Value]]:
        """Return what y, a and z are for each output."""
        assert self.targets is not None
        common = {**functions.of_loss(self.loss).parameters, "n": Fraction(len(self._output_places))}
        rows = self.schedule.output_rows.tolist()
        return [{**common, "y": y, "a": activated[row], "z": value[row]} for y, row in zip(self.targets[sample], rows)]

    @property
    def of_sums(self) -> bool:
        """Whether the error enters at the weighted sums O."""
        return functions.of_loss(self.loss).of_sums

    def entering(self, sample: int, value: list[Value], activated: list[Value]) -> list[Value]:
        """Return ∂e/∂OA of each output, or ∂e/∂O where the error enters there.

        Raises
        ------
        FunctionError, NonFiniteError
            If a derivative of the loss has no exact value.
        """
        slope = functions.of_loss(self.loss).slope
        assert slope is not None
        formulas = Formulas(self._of_outputs(sample, value, activated), symbolic=self.symbolic)
        return [
            self._exactly(
                lambda which=which: formulas.value(slope, which),  # type: ignore[misc]
                f"the derivative of the error ({self.loss.label}) by {node.name}", None,
            )
            for node, which in self._output_places.items()
        ]  # fmt: skip

    # ---- backward -----------------------------------------------------------------------------------------

    def slopes(self, value: list[Value], activated: list[Value]) -> list[Value]:
        """Return ∂HA/∂H by row: 1 for inputs and bias nodes, 0 for nodes that reach no output.

        Raises
        ------
        FunctionError, NonFiniteError
            If an activation refuses a derivative, or it has no exact value; the message names the node.
        """
        return [
            (ONE if self.activations[row] is None else self._slope(node, value[row], activated[row]))
            if self._alive[row]
            else ZERO
            for row, node in enumerate(self.schedule.nodes)
        ]

    def _slope(self, node: Node, z: Value, a: Value) -> Value:
        activation = self._activation(node)
        forms = functions.of_activation(activation)
        what = f"the derivative of {node} ({activation.label})"
        slope = forms.slope
        if slope is None:
            raise FunctionError(
                f"while evaluating {what}: activation {activation.name!r} has no derivative that could train "
                "anything: use it to run forward, and another activation to learn."
            )
        formulas = Formulas([{**forms.parameters, "z": z, "a": a}], symbolic=self.symbolic)
        return self._exactly(lambda: formulas.value(slope), what, z)

    def partials(self, value: list[Value], activated: list[Value]) -> list[Value] | None:
        """Return ∂H/∂(W·HA) of every connection, in connection order; None where all nodes are sums.

        Raises
        ------
        FunctionError
            If one has no exact value; the message names the node.
        """
        if not self._joins:
            return None
        partials: list[Value] = [ONE] * len(self.weights)
        for row in self._joins:
            join, z = self._join(row, activated), value[row]
            who = f"the partial derivatives of {self.schedule.nodes[row]}"
            found = self._exactly(lambda join=join, z=z: join.partials(z), who, None, "aggregation")  # type: ignore[misc]
            for place, partial in zip(self._into[row], found):
                partials[place] = partial if self._alive[row] else ZERO
        return partials

    def backward(
        self, sample: int, slopes: list[Value], entering: list[Value], partials: list[Value] | None
    ) -> tuple[list[Value], list[Value]]:
        """Return ∂e/∂H and ∂e/∂HA by row, of a sample's own error."""
        passed = self.weights if partials is None else list(map(times, self.weights, partials))
        delta: list[Value] = [ZERO] * len(slopes)
        arrived, of_sums = list(delta), self.of_sums
        for row in reversed(self._order):
            if not self._alive[row]:
                continue
            node = self.schedule.nodes[row]
            terms = [times(delta[self._targets[place]], passed[place]) for place in self._out_of[row]]
            place = self._output_places.get(node)
            if place is not None and not of_sums:
                terms.append(entering[place])
            arrived[row] = self._short(plus(*terms), Quantity("activated", node), sample)
            found = times(arrived[row], slopes[row])
            if place is not None and of_sums:
                found = plus(found, entering[place])
            delta[row] = found if self.activations[row] is None else self._short(found, Quantity("sum", node), sample)
        return delta, arrived

    def _short(self, value: Value, of: Quantity, sample: int) -> Value:
        if isinstance(value, Fraction):
            if bits(value) > MOST_BITS:
                self._refuse(TooLongError(), f"∂e/∂{of.name}", value)
            return value
        return self.legend.name_if_long(value, Partial(self.name(ERROR, sample), self.name(of.name, sample)))

    # ---- faults -------------------------------------------------------------------------------------------

    def _exactly(self, calculate: Callable[[], T], who: str, z: Value | None, kind: str = "") -> T:
        try:
            return calculate()
        except FAULTS as error:
            self._refuse(error, who, z, kind)

    def _guarded(self, call: Callable[[], T], who: str) -> T:
        try:
            return call()
        except FunctionError as error:
            raise FunctionError(f"{who}: {error}") from error

    def _refuse(self, error: ArithmeticError, who: str, z: Value | None, kind: str = "") -> NoReturn:
        """Raise the error that says who has no exact value, and what to do."""
        where = ""
        if isinstance(z, Fraction):
            where = f" at z = {z}" if bits(z) < _READABLE else " at its z"
        if isinstance(error, IrrationalError):
            kind = kind or ("activation" if z is not None else "loss")
            other = _RATIONAL[kind]
            raise FunctionError(
                f"{who} is not rational{where}: {error} has no fraction there. {_HOW}, or use a rational {kind}, such "
                f"as {other}."
            ) from None
        if isinstance(error, TooLongError):
            raise NonFiniteError(
                f"{who}{where} has more than {MOST_BITS:,} bits: exact numbers grow with every layer. Use fewer layers "
                "or digits, or network.forward(x), which rounds."
            ) from None
        why = str(error) if isinstance(error, UndefinedError) else "a division by zero"
        raise FunctionError(f"{who} has no value{where}: {why}.") from None

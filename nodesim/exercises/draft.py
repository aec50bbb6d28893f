"""What a sheet is made for: a network, one of its weights, and the calculation with whatever numbers.

What nobody can do by hand with this calculation is refused here, before any number is drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from nodesim.errors import DataError, FunctionError, StructureError
from nodesim.exact.reading import fraction
from nodesim.exercises.units import is_usual
from nodesim.exercises.working import Working
from nodesim.gradients.quantities import Quantity, desired
from nodesim.graph.elements import Connection
from nodesim.network import Network
from nodesim.notation import parsing
from nodesim.notation.expressions import Symbol
from nodesim.notation.symbols import RATE, plural
from nodesim.simulation import objective
from nodesim.validation import shortened

# More than these nobody calculates by hand.
PATHS, CONNECTIONS = 64, 200
_Z = Symbol("z")


def worked(
    network: Network, ask: Connection[Any], x: Iterable[Fraction], y: Iterable[Fraction], rate: Fraction
) -> Working:
    """Run a sample, and return its calculation; the network shows these numbers then."""
    inputs, targets = list(x), list(y)
    given = _given(network, inputs, targets, rate)
    for name, value in given.items():
        if not is_usual(value):
            raise DataError(f"{name} is too large, or too near to 0, for pen and paper; give another number.")
    network.forward([float(number) for number in inputs])
    network.backward([float(number) for number in targets])
    return Working(network.paths(ask).derivatives, ask, given)


def _given(network: Network, x: list[Fraction], y: list[Fraction], rate: Fraction) -> Mapping[str, Fraction]:
    """Return what is given, by the names of the formulas."""
    return {
        **{Quantity("activated", node).name: number for node, number in zip(network.inputs, x)},
        **{Quantity("activated", bias).name: fraction(bias.value, bias.name) for bias in network.biases},
        **{Quantity("weight", each).name: fraction(each.weight, each.name) for each in network.connections},
        **{desired(node): number for node, number in zip(network.outputs, y)},
        RATE: rate,
    }


def drafted(network: Network, ask: Any) -> Working:
    """Return a calculation of a network's structure; it has whatever weights then.

    Raises
    ------
    NodesimError
        If it is none for pen and paper; the message says why.
    """
    connection = checked(network, ask)
    # Numbers that every function is defined at.
    network.weights = [0.5] * len(network.connections)
    ones = [Fraction(1)] * len(network.inputs)
    # One class, and not two: what every loss takes.
    first = [Fraction(not place) for place in range(len(network.outputs))]
    return worked(network, connection, ones, first, Fraction(1, 2))


def checked(network: Network, ask: Any) -> Connection[Any]:
    """Return the weight that is asked for, if it is one for pen and paper."""
    connection = network.connection(ask)
    _check_structure(network)
    _check_functions(network)
    if not connection.trainable:
        raise StructureError(f"{connection.name} is frozen: it has no new weight. Ask for another, or set trainable.")
    count = network.path_counts()[connection.name]
    if not count:
        raise StructureError(
            f"no path leads from e to {connection.name}: its gradient is 0, and nothing is to be done."
        )
    if count > PATHS:
        raise StructureError(
            f"{connection.name} has {plural(count, 'path')}; a sheet is for at most {PATHS}. Take a smaller network."
        )
    return connection


def _check_structure(network: Network) -> None:
    if network.ties:
        raise StructureError(
            "a sheet is of a network whose weights have one use each, and this one has tied weights: "
            f"{shortened([tie.name for tie in network.ties])}. Untie them: network.untie(name)."
        )
    if delayed := [each.name for each in network.connections if each.delay]:
        raise StructureError(
            f"a sheet is of one moment, and {shortened(delayed)} are delayed. Unroll it first: network.unroll(2)."
        )
    joins = [node for node in network.nodes if node.aggregation is not None and not node.aggregation.is_sum]
    if joins:
        raise StructureError(
            f"a sheet is of nodes that add up what comes in, and H of {joins[0].name} is a {joins[0].aggregation}."
        )
    if len(network.connections) > CONNECTIONS:
        raise StructureError(
            f"the network has {plural(len(network.connections), 'connection')}; a sheet is for at most {CONNECTIONS}."
        )


def _check_functions(network: Network) -> None:
    """Refuse functions without a formula or a derivative, and outputs that the loss does not take."""
    objective.check_outputs(network.loss, network.outputs)
    for activation, node in {node.activation: node for node in reversed(network.nodes)}.items():
        if activation is None:
            continue
        if not activation.trains:
            raise FunctionError(f"{node.name} is {activation}, which has no derivative: no gradient comes through it.")
        for formula in (activation.formula, activation.derivative_formula):
            if not formula or parsing.of_node(formula, activation.parameters, z=_Z, a=_Z) is None:
                raise FunctionError(f"{node.name} is {activation}, of which there is no formula to calculate by.")
    loss = network.loss
    if len(network.outputs) > parsing.WRITTEN_OUT:
        raise StructureError(
            f"the network has {len(network.outputs)} outputs; with more than {parsing.WRITTEN_OUT} the error is not "
            "written out, and nobody calculates it by hand."
        )
    if not loss.formula or not (loss.derivative_formula or loss.sum_derivative_formula):
        raise FunctionError(f"the loss {loss} has no formula to calculate by.")

"""What the explorer's document says of a network before any number: nodes, connections, places, path counts."""

from __future__ import annotations

import math
from typing import Any

from nodesim._version import version
from nodesim.drawing.layout import Layout, layout
from nodesim.errors import StructureError
from nodesim.explorer.numbers import digits
from nodesim.explorer.programs import Programs, is_formula
from nodesim.functions.contracts import Function
from nodesim.gradients.directions import path_counts
from nodesim.gradients.quantities import Quantity, desired, quantity
from nodesim.graph.elements import Node
from nodesim.graph.structure import Structure
from nodesim.notation import parsing
from nodesim.notation.expressions import Expression, Symbol
from nodesim.notation.text import text
from nodesim.simulation.simulator import Simulator

_LONGEST = 12
# What the page can make of what comes into a node, besides the sum.
JOINS = ("product", "max", "min", "mean", "norm")


def described(simulator: Simulator) -> dict[str, Any]:
    """Return title, loss, layers, nodes, connections, order, path counts, programs and size of a network.

    Raises
    ------
    StructureError
        If there are no nodes.
    """
    structure = simulator.structure
    if not len(structure):
        raise StructureError("there is nothing to explore: the network has no nodes. Add some with add_input() first.")
    schedule, plan = structure.schedule, layout(structure, whole=True)
    index = {node: place for place, node in enumerate(structure.nodes)}
    programs = Programs()
    return {
        "title": _title(structure),
        "loss": _loss(simulator, programs),
        "layers": [{"kind": layer.kind, "name": layer.name} for layer in structure.layers],
        "nodes": _nodes(simulator, plan, programs),
        "connections": [
            {
                "name": c.name,
                "quantity": Quantity("weight", c).name,
                "source": index[c.source],
                "target": index[c.target],
                "trainable": c.trainable,
                "tie": None if c.tie is None else c.tie.name,
            }
            for c in structure.connections
        ],
        "order": [index[node] for node in schedule.order],
        "counts": _counts(structure),
        "programs": programs.listed,
        "editable": _editable(simulator),
        "size": {"width": plan.width, "height": plan.height},
    }


def _title(structure: Structure) -> str:
    sizes = [str(len(layer)) for layer in structure.layers]
    return f"network {'-'.join(sizes if len(sizes) <= _LONGEST else [*sizes[:6], '…', *sizes[-5:]])}"


def _loss(simulator: Simulator, programs: Programs) -> dict[str, Any]:
    """Describe the loss, with e as a formula in which {y1} and {a1} stand for the first y and OA, and so on."""
    loss, letters = simulator.loss, _letters(simulator.structure)
    written = parsing.of_outputs(loss.formula, loss.parameters, letters) if letters else None
    return {
        "name": str(loss),
        "of_sums": loss.sum_derivative is not None,
        "formula": _text(written),
        "program": programs.of(loss),
    }


def _letters(structure: Structure) -> list[dict[str, Expression]]:
    return [
        {letter: Symbol(f"{{{letter}{place + 1}}}") for letter in "yaz"}
        for place in range(len(structure.schedule.outputs))
    ]


def _nodes(simulator: Simulator, plan: Layout, programs: Programs) -> list[dict[str, Any]]:
    structure = simulator.structure
    layer_of = {node: index for index, layer in enumerate(structure.layers) for node in (*layer.nodes, *layer.biases)}
    seeds = dict(zip(structure.schedule.outputs, _seeds(simulator)))
    return [
        {
            "name": node.name,
            "quantity": quantity(structure, node).name,
            "activated": Quantity("activated", node).name,
            "kind": node.kind,
            "layer": layer_of[node],
            "x": plan.places[node][0],
            "y": plan.places[node][1],
            "activation": None if node.activation is None else str(node.activation),
            "aggregation": _aggregation(node),
            "program": None if node.activation is None else programs.of(node.activation),
            "formula": _formula(node),
            "derivative": _derivative(node),
            "constant": node.value if node.kind == "bias" else None,
            "target": desired(node) if node.kind == "output" else None,
            "seed": seeds.get(node),
        }
        for node in structure.nodes
    ]


def _aggregation(node: Node) -> dict[str, Any] | None:
    """Describe what makes H where that is not the sum."""
    if node.aggregation is None or node.aggregation.is_sum:
        return None
    native = node.aggregation.native
    return {"name": str(node.aggregation), "form": native if native in JOINS else None}


def _seeds(simulator: Simulator) -> list[str | None]:
    """Return ∂e/∂OA of every output, or ∂e/∂O where the error enters there, as a formula like that of e."""
    loss, letters = simulator.loss, _letters(simulator.structure)
    formula = loss.derivative_formula if loss.sum_derivative is None else loss.sum_derivative_formula
    return [_text(parsing.of_outputs(formula, loss.parameters, letters, place)) for place in range(len(letters))]


def _formula(node: Node) -> str | None:
    """Return HA as a formula in which {z} stands for H, None where its author gave none."""
    if node.activation is None:
        return None
    activation = node.activation
    return _text(parsing.of_node(activation.formula, activation.parameters, Symbol("{z}"), Symbol("{a}")))


def _derivative(node: Node) -> str | None:
    """Return ∂HA/∂H as a formula in which {z} and {a} stand for H and HA, None where its author gave none."""
    if node.activation is None:
        return None
    activation = node.activation
    return _text(parsing.of_node(activation.derivative_formula, activation.parameters, Symbol("{z}"), Symbol("{a}")))


def _text(expression: Expression | None) -> str | None:
    return None if expression is None else text(expression)


def _counts(structure: Structure) -> dict[str, list[str]]:
    """Return how many paths feed the gradient of every weight, and of every node's sum."""
    schedule = structure.schedule
    counts = [int(count) for count in path_counts(schedule)]
    return {
        "connections": digits(counts[row] for row in schedule.targets.tolist()),
        "nodes": digits(counts[node.row] for node in structure.nodes),
    }


def _editable(simulator: Simulator) -> bool:
    """Tell whether the page can calculate this network itself: by the built-in functions, or those of a formula.

    It reads parameters from the functions' names, where infinities are no numbers.
    """
    joins = [found for node in simulator.structure.nodes if (found := _aggregation(node)) is not None]
    if not all(join["form"] for join in joins):
        return False
    functions: list[Function] = [
        simulator.loss,
        *(n.activation for n in simulator.structure.nodes if n.activation is not None),
    ]
    return simulator.structure.dtype == "float64" and all(
        is_formula(function) or (_is_built_in(function) and all(map(math.isfinite, function.parameters.values())))
        for function in functions
    )


def _is_built_in(function: Function) -> bool:
    return function.origin == f"nodesim {version}"

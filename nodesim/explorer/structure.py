"""What the explorer's document says of a network before any number: nodes, connections, places, path counts."""

from __future__ import annotations

from typing import Any

from nodesim.drawing.layout import Layout, layout
from nodesim.errors import StructureError
from nodesim.explorer.numbers import digits
from nodesim.explorer.offered import offered
from nodesim.explorer.programs import Programs, program
from nodesim.explorer.written import derivative_text, error_text, formula_text, seed_texts
from nodesim.functions.contracts import Activation, Loss
from nodesim.gradients.directions import path_counts
from nodesim.gradients.quantities import Quantity, desired, quantity
from nodesim.graph.elements import Node
from nodesim.graph.structure import Structure
from nodesim.simulation.simulator import Simulator
from nodesim.wording.language import Language
from nodesim.wording.message import marked

_LONGEST = 12
# What the page can make of what comes into a node, besides the sum.
JOINS = ("product", "max", "min", "mean", "norm")
_LAYERS = {"input": marked("Input layer"), "hidden": marked("Hidden layer {number}"), "output": marked("Output layer")}


def described(simulator: Simulator, language: Language) -> dict[str, Any]:
    """Return title, loss, layers, nodes, connections, order, path counts, programs, what is offered and size.

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
    programs, editable = Programs(), _editable(simulator)
    return {
        "title": _title(structure, language),
        "loss": _loss(simulator, programs),
        "layers": [
            {"kind": layer.kind, "name": language.say(_LAYERS[layer.kind], number=layer.index)}
            for layer in structure.layers
        ],
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
        "offered": offered(programs, language) if editable else None,
        "editable": editable,
        "size": {"width": plan.width, "height": plan.height},
    }


def _title(structure: Structure, language: Language) -> str:
    sizes = [str(len(layer)) for layer in structure.layers]
    short = sizes if len(sizes) <= _LONGEST else [*sizes[:6], "…", *sizes[-5:]]
    return language.say("network {sizes}", sizes="-".join(short))


def _loss(simulator: Simulator, programs: Programs) -> dict[str, Any]:
    """Describe the loss, with e as a formula in which {y1} and {a1} stand for the first y and OA, and so on."""
    loss, count = simulator.loss, len(simulator.structure.schedule.outputs)
    return {
        "name": str(loss),
        "of_sums": loss.sum_derivative is not None,
        "formula": error_text(loss, count) if count else None,
        "program": programs.of(loss),
    }


def _nodes(simulator: Simulator, plan: Layout, programs: Programs) -> list[dict[str, Any]]:
    structure = simulator.structure
    layer_of = {node: index for index, layer in enumerate(structure.layers) for node in (*layer.nodes, *layer.biases)}
    outputs = structure.schedule.outputs
    seeds = dict(zip(outputs, seed_texts(simulator.loss, len(outputs))))
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
            "formula": None if node.activation is None else formula_text(node.activation),
            "derivative": None if node.activation is None else derivative_text(node.activation),
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


def _counts(structure: Structure) -> dict[str, list[str]]:
    """Return how many paths feed the gradient of every weight, and of every node's sum."""
    schedule = structure.schedule
    counts = [int(count) for count in path_counts(schedule)]
    return {
        "connections": digits(counts[row] for row in schedule.targets.tolist()),
        "nodes": digits(counts[node.row] for node in structure.nodes),
    }


def _editable(simulator: Simulator) -> bool:
    """Tell whether the page can calculate this network itself: all that it calculates follows from formulas."""
    structure = simulator.structure
    joins = [found for node in structure.nodes if (found := _aggregation(node)) is not None]
    functions: list[Activation | Loss] = [simulator.loss]
    functions += dict.fromkeys(node.activation for node in structure.nodes if node.activation is not None)
    return (
        structure.dtype == "float64"
        and all(join["form"] for join in joins)
        and all(program(function) is not None for function in functions)
    )

"""What one node of a graph means: its kind, its activation, its constant, and what it says of its weighted sum."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from nodesim.errors import StructureError
from nodesim.formats.graph_attributes import NODE, REFUSED_AT_NODES, Attributes, is_missing, number
from nodesim.functions.aggregation import Aggregation
from nodesim.functions.contracts import Activation
from nodesim.notation.symbols import with_article
from nodesim.plugins import lookup
from nodesim.validation import brief, shortened

_KINDS = ("input", "hidden", "output", "bias")
# Where other programs say the kind; only what is one of ours is read there.
_OTHER_KINDS = ("type", "node_type", "nodeType", "role")


@dataclass(frozen=True, slots=True)
class NodeReading:
    """A node as the graph says it is.

    Attributes
    ----------
    key : hashable
        The node of the graph.
    name : str or None
        What it says as its name.
    order : float or None
    kind : str
    activation : Activation or None
        None for inputs and bias nodes.
    constant : float
        Of a bias node.
    bias : float or None
        What is added to its weighted sum.
    response : float
        What multiplies the rest of its weighted sum.
    aggregation : Aggregation
        What makes its H; the sum also for inputs and bias nodes.
    loss, dtype : object or None
        What it says of the whole network.
    """

    key: Hashable
    name: str | None
    order: float | None
    kind: str
    activation: Activation | None
    constant: float
    bias: float | None
    response: float
    aggregation: Aggregation
    loss: object
    dtype: object


def read_node(key: Hashable, given: Mapping[Any, Any], place: str, defaults: Mapping[str, object]) -> NodeReading:
    """Read one node.

    Parameters
    ----------
    key : hashable
        The node of the graph.
    given : mapping
        Its attributes.
    place : {"input", "hidden", "output"}
        What it is if it does not say so, from where it stands.
    defaults : mapping of str to str or Activation
        The activation of each kind that has one, if the node does not say it.
    """
    attributes = Attributes(f"node {brief(key)}", given, NODE)
    kind = _kind(attributes) or place
    calculated = kind in defaults
    activation, parameters = _activation(attributes, defaults[kind]) if calculated else (None, frozenset[str]())
    attributes.refuse(REFUSED_AT_NODES, parameters)
    aggregation = _aggregation(attributes, calculated)
    if not calculated:
        _check_without_sum(attributes, kind)
    if kind != "bias" and attributes.has("constant"):
        raise StructureError(
            f"{attributes.label('constant')} is that of a bias node, and this is {with_article(kind)} node: give it "
            'the kind "bias", or remove it.'
        )
    said = kind == attributes.text("kind")
    return NodeReading(
        key,
        attributes.text("name"),
        attributes.number_or_none("order"),
        kind,
        activation,
        _constant(attributes, key) if kind == "bias" else 1.0,
        attributes.number_or_none("bias") if calculated and aggregation.is_sum else None,
        attributes.number("response", 1.0),
        aggregation,
        attributes.raw("loss") if said and not isinstance(attributes.raw("loss"), float | int) else None,
        attributes.raw("dtype") if said else None,
    )


def _kind(attributes: Attributes) -> str | None:
    if attributes.has("kind"):
        kind = str(attributes.raw("kind"))
        if kind.casefold() not in _KINDS:
            raise StructureError(f"{attributes.who}: kind must be one of {', '.join(_KINDS)}, got {shortened(kind)}.")
        return kind.casefold()
    said = (str(attributes.given.get(key)).casefold() for key in _OTHER_KINDS)
    return next((kind for kind in said if kind in _KINDS), None)


def _activation(attributes: Attributes, default: object) -> tuple[Activation, frozenset[str]]:
    """Return the activation, and the attributes that gave it its parameters."""
    said = attributes.raw("activation") if attributes.has("activation") else default
    found = lookup.activation(said)
    given = {key: value for key, value in attributes.given.items() if key in found.parameters and not is_missing(value)}
    parameters = {key: number(value, f"{key} of {attributes.who}") for key, value in given.items()}
    for key, value in parameters.items():
        if f"{key}=" in str(said) and value != found.parameters[key]:
            raise StructureError(
                f"{attributes.who} says {key}={value!r} and the activation {brief(said)}: leave one out."
            )
    return found.with_parameters(**parameters), frozenset(parameters)


def _aggregation(attributes: Attributes, calculated: bool) -> Aggregation:
    """Return the aggregation; refuse what a node that is no sum would have to do beside it."""
    found = lookup.aggregation(attributes.raw("aggregation") if attributes.has("aggregation") else "sum")
    if found.is_sum:
        return found
    if not calculated:
        raise StructureError(
            f"{attributes.label('aggregation')} is {found}, and an input or bias node has nothing to aggregate: give "
            "it another kind, or remove that."
        )
    # In programs that have both, they stand outside of the aggregation; here all that comes in is inside.
    for meaning, neutral in (("bias", 0.0), ("response", 1.0)):
        if attributes.number(meaning, neutral) != neutral:
            raise StructureError(
                f"{attributes.label(meaning)} is {shortened(attributes.raw(meaning))}, and H of the node is the "
                f"{found} of what comes in: let it feed a node that is a sum, with that {meaning}."
            )
    return found


def _check_without_sum(attributes: Attributes, kind: str) -> None:
    """Refuse what inputs and bias nodes, which have no weighted sum, would have to do."""
    neutral = {"bias": attributes.number("bias", 0.0) == 0.0, "response": attributes.number("response", 1.0) == 1.0}
    neutral["activation"] = str(attributes.raw("activation")).casefold() in ("none", "linear", "identity")
    for meaning, harmless in neutral.items():
        if not harmless:
            raise StructureError(
                f"{attributes.label(meaning)} is {shortened(attributes.raw(meaning))}, and {with_article(kind)} node "
                "calculates nothing: give it another kind, or remove that."
            )


def _constant(attributes: Attributes, key: Hashable) -> float:
    if attributes.has("constant"):
        return attributes.number("constant", 1.0)
    given = attributes.given
    # Cytoscape JSON, as networkx writes it, has the node itself as its "value", and as text in "id" and "name".
    if "id" in given and str(key) == str(given.get("value")) == str(given["id"]):
        raise StructureError(
            f"the bias node {brief(key)} has lost its value: Cytoscape JSON keeps the node itself under that name. "
            'Give it the attribute "constant".'
        )
    return attributes.number("value", 1.0)

"""Gates: what goes over a connection, multiplied by what another node sends."""

from __future__ import annotations

from nodesim.errors import StructureError
from nodesim.graph.elements import Node
from nodesim.graph.structure import Structure

# What only makes way: no training changes it.
_ONE = 1.0


def gate(structure: Structure, connection: object, by: object, name: str | None) -> Node:
    """Put a product node into a connection, which another node feeds as well; see `nodesim.Network.gate`."""
    structure.lock.check_editable()
    old, gater = structure.connection(connection), structure.node(by)
    source, end, weight, trainable, label = old.source, old.target, old.weight, old.trainable, old.name
    delay = old.delay
    if gater is end:
        raise StructureError(f"{end.name} cannot gate {label}, which feeds it: HA would be needed to make H.")
    structure.names.check(name, "hidden")
    # Refused if the node that feeds the gate is fed by what the gate feeds; otherwise only the order of evaluation is
    # another one, and as good.
    structure.order.admit(gater, end)
    # The connection is the same use of a tied weight.
    tie = structure.ties.leave(old.number)
    structure.disconnect(old, None)
    middle = structure.add("hidden", name, "linear", "product")
    made = structure.connect(source, middle, weight, label, trainable, delay)
    if tie is not None:
        structure.ties.extend(tie, [made.number])
    structure.connect(_twin(structure, gater) if gater is source else gater, middle, _ONE, None, False)
    structure.connect(middle, end, _ONE, None, False)
    return middle


def _twin(structure: Structure, node: Node) -> Node:
    """Return a node that sends the same: no two connections lead from one node to another."""
    twin = structure.add("hidden", None, "linear")
    structure.connect(node, twin, _ONE, None, False)
    return twin

"""What a name stands for that is the name of a quantity, and not of a node or connection: HA1, y1, e, ∂e/∂W1.

Formulas show these names, so people ask for them; a message then says where the number stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nodesim.errors import StateError
from nodesim.graph.elements import Connection, Node
from nodesim.notation.symbols import BESIDE, ERROR, bracketed, equals
from nodesim.showing import shown

# HA1, HA1[3] and gateA; y1 and y(price). What stands in brackets, HA[gate], is read by `bracketed`.
_ACTIVATED = re.compile(r"(.*)A(\d*(?:\[\d+\])?)\Z", re.DOTALL)
_TARGET = re.compile(r"y(\d+(?:\[\d+\])?)\Z|y\((.*)\)\Z", re.DOTALL)
_PARTIAL = re.compile(r"[∂d](.+)/[∂d](.+)\Z", re.DOTALL)

Get = Callable[[str], "Node | Connection | None"]


def explanation(name: str, get: Get, outputs: Callable[[], Sequence[Node]]) -> str | None:
    """Say what a name stands for and where its number is; None if it is the name of no quantity.

    Parameters
    ----------
    name : str
        Of no node and no connection.
    get : callable
        Returns the element of a name, or None.
    outputs : callable
        Returns the output nodes.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 1], seed=0)
    >>> print(explanation("HA1", net.structure.get, lambda: net.outputs))
    it is what the activation function of H1 makes of its weighted sum: network['H1'].activated, known after \
network.forward(x).
    """
    if name == ERROR:
        known = _errors(outputs())
        return f"it is the error, which network.backward(y) returns and network.error(X, y) calculates{known}."
    derivative = _PARTIAL.match(name)
    if derivative:
        return _partial(derivative[1], derivative[2], get)
    if (penalty := _penalty(name, outputs)) is not None:
        added = f"the penalty of the weights, {shown(name)}, that network.backward(y) added to e"
        return f"it is {added}, now {_number(penalty.total)}."
    if (node := _activated(name, get)) is not None:
        return _of_activated(node)
    if (node := _sum(name, get)) is not None:
        return _of_sum(node)
    return _target(name, get, outputs)


def _of_activated(node: Node) -> str:
    what = f"what the activation function of {shown(node.name)} makes of its {_sum_word(node)}"
    if _mask(node) is not None:
        what += f", times its mask ({_at(node)}.mask)"
    return _said(what, f"{_at(node)}.activated", lambda: node.activated, "network.forward(x)")


def _of_sum(node: Node) -> str:
    what = f"the {_sum_word(node)} that reaches {shown(node.name)}"
    return _said(what, f"{_at(node)}.value", lambda: node.value, "network.forward(x)")


def _target(name: str, get: Get, outputs: Callable[[], Sequence[Node]]) -> str | None:
    found = _TARGET.match(name)
    node = _node(get(f"O{found[1]}" if found[1] else found[2])) if found else _in_brackets(name, ("y",), get)
    if node is None or node.kind != "output":
        return None
    place = list(outputs()).index(node)
    what = f"the value desired of the output {shown(node.name)}"
    given = f"number {place + 1} of the y that network.backward(y) gets"
    return _said(what, given, lambda: _desired(node, place), "that")


def _penalty(name: str, outputs: Callable[[], Sequence[Node]]) -> Any:
    nodes = outputs()
    run = nodes[0].owner.store.run if nodes else None
    return None if run is None else next((each for each in run.penalties if each.label == name), None)


def _partial(above: str, below: str, get: Get) -> str | None:
    by = _quantity(below, get)
    if by is None:
        return None
    if above in (ERROR, BESIDE["clipped"]):
        return _of_error(by, below)
    over = _quantity(above, get)
    if over is None or not isinstance(over[1], Node):
        return None
    match over, by:
        case ("sum", Node() as node), ("weight" | "activated", element) if _is_join(node):
            return _of_join(node, element, above, below)
        case ("sum", node), ("weight", Connection() as c) if c.target is node:
            what = f"the derivative of a weighted sum by a weight, which is what {shown(c.source.name)} sends"
            return _said(what, f"{_at(c.source)}.activated", lambda: c.source.activated, "network.forward(x)")
        case ("sum", Node() as node), ("activated", Node() as source):
            between = _between(source, node)
            what = "the derivative of a weighted sum by one of its nodes, which is the weight between them"
            return None if between is None else _said(what, f"{_at(between)}.weight", lambda: between.weight, "")
        case ("activated", Node() as node), ("sum", other) if other is node:
            what = f"the slope of the activation function of {shown(node.name)}"
            spelled = f"network.derivation({node.name!r}) spells it out"
            return _said(what, spelled, lambda: _slope(node), "network.forward(x)")
    return None


def _of_join(node: Node, by: Node | Connection, above: str, below: str) -> str | None:
    """Say what a derivative of H is where it is no sum: no number of the network, but one of its derivations."""
    if by not in node.incoming and (isinstance(by, Connection) or _between(by, node) is None):
        return None
    spelled = f"network.derivation({shown(below)!r}) spells it out, once network.backward(y) has run"
    return (
        f"it is the derivative of {shown(above)}, the {_sum_word(node)} of what comes in, by {shown(below)}: {spelled}."
    )


def _of_error(by: tuple[str, Node | Connection], below: str) -> str:
    kind, element = by
    what, after = f"the derivative of the error by {shown(below)}", "network.backward(y)"
    run = element.owner.store.run
    if run is not None and run.clip is not None:
        what += f", clipped: times c {equals(run.clip)}"
    if isinstance(element, Connection):
        return _said(what, f"{_at(element)}.gradient", lambda: element.gradient, after)
    if kind == "sum" or element.activation is None:
        return _said(what, f"{_at(element)}.delta", lambda: element.delta, after)
    return f"it is {what}: network.derivation({shown(below)!r}).gradient, once {after} has run."


def _quantity(name: str, get: Get) -> tuple[str, Node | Connection] | None:
    """Return what a name in a formula stands for: a weight, the weighted sum of a node, or what a node sends."""
    found = get(name)
    if isinstance(found, Connection):
        return "weight", found
    if found is not None:
        return "sum" if _node(found) else "activated", found
    node = _activated(name, get)
    if node is not None:
        return "activated", node
    node = _sum(name, get)
    return None if node is None else ("sum", node)


def _slope(node: Node) -> Any:
    assert node.activation is not None
    z, mask = np.atleast_1d(node.value), _mask(node)
    if mask is None:
        slope = node.activation.derivative(z, np.atleast_1d(node.activated))
    else:
        # Derivatives take what the activation returned, and not what is left of it.
        slope = node.activation.derivative(z, node.activation.function(z)) * np.atleast_1d(mask)
    return slope if np.ndim(node.value) else slope[0]


def _mask(node: Node) -> Any:
    """Return by what dropout multiplied what a node sends; None where it drops nothing."""
    run = node.owner.store.run
    return None if run is None or run.mask is None or (np.asarray(node.mask) == 1.0).all() else node.mask


def _is_join(node: Node) -> bool:
    return node.aggregation is not None and not node.aggregation.is_sum


def _sum_word(node: Node) -> str:
    """Return what H of a node is called."""
    return shown(node.aggregation.name) if node.aggregation is not None and _is_join(node) else "weighted sum"


def _between(source: Node, target: Node) -> Connection | None:
    return next((c for c in source.outgoing if c.target is target), None)


def _in_brackets(name: str, letters: tuple[str, ...], get: Get) -> Node | None:
    """Return the node whose name stands in brackets, behind some of the letters."""
    found = bracketed(name)
    return _node(get(found[1])) if found and found[0] in letters else None


def _sum(name: str, get: Get) -> Node | None:
    return _in_brackets(name, ("H", "O"), get)


def _activated(name: str, get: Get) -> Node | None:
    found = _ACTIVATED.match(name)
    node = _node(get(found[1] + found[2])) if found else None
    return node or _in_brackets(name, ("HA", "OA"), get)


def _node(found: Node | Connection | None) -> Node | None:
    """Return it if it is a node that is calculated: what inputs and bias nodes send has no name of its own."""
    return found if isinstance(found, Node) and found.kind in ("hidden", "output") else None


def _at(element: Node | Connection) -> str:
    return f"network[{element.name!r}]"


def _said(what: str, place: str, read: Callable[[], Any], after: str) -> str:
    try:
        value = read()
    except StateError:
        return f"it is {what}: {place}, known after {after}."
    return f"it is {what}: {place}, now {_number(value)}."


def _number(value: Any) -> str:
    if np.ndim(value):
        return f"an array of {len(value):,}"
    return equals(float(value)).lstrip("= ")


def _desired(output: Node, place: int) -> Any:
    run = output.owner.store.run
    if run is None or run.targets is None:
        raise StateError("no targets yet")
    return run.targets[place, 0] if run.single else run.targets[place]


def _errors(outputs: Sequence[Node]) -> str:
    run = outputs[0].owner.store.run if outputs else None
    return "" if run is None or run.errors is None else f", now {_number(run.error)}"

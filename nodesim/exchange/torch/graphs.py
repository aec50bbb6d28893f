"""What can be told of a traced graph before it is walked through: uses, patterns, sizes, changes in place."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable
from typing import Any

import torch
import torch.fx
import torch.nn.functional as F  # noqa: N812

from nodesim.errors import ExchangeError
from nodesim.exchange.torch import activations
from nodesim.exchange.torch.layers import DROPOUTS, PASSING
from nodesim.exchange.torch.operations import ALIASES, ELEMENTWISE, MULTIPLICATIONS, PRODUCTS, TRANSPOSES, VIEWS

_IN_PLACE = (operator.iadd, operator.isub, operator.imul, operator.itruediv)
_SOFTMAX = (torch.nn.Softmax, torch.nn.LogSoftmax)


def uses(graph: Any) -> Counter[Any]:
    """Count how often each node is an argument: x + x is twice."""
    counted: Counter[Any] = Counter()
    for node in graph.nodes:
        torch.fx.node.map_arg((node.args, node.kwargs), lambda each: counted.update([each]))
    return counted


def needed(graph: Any) -> set[Any]:
    """Return the nodes that the output comes from, and the inputs."""
    found = {node for node in graph.nodes if node.op in ("output", "placeholder")}
    for node in reversed(graph.nodes):
        if node in found:
            found.update(node.all_input_nodes)
    return found


def name_of(node: Any) -> str:
    """Return how a function is called, for messages."""
    return node.target if isinstance(node.target, str) else getattr(node.target, "__name__", str(node.target))


def curve_of(node: Any, parts: dict[str, Any]) -> str | None:
    """Return the plain name of the activation that a node is, or None."""
    if node.op == "call_module":
        return activations.function_of_module(parts[node.target])
    if node.op in ("call_function", "call_method") and activations.is_curve(node.target):
        return activations.name_of(node.target)
    return None


def behind_aliases(node: Any, parts: dict[str, Any]) -> Any:
    """Return the node whose values this one passes on unchanged."""
    while _is_alias(node, parts):
        node = node.args[0]
    return node


def _is_alias(node: Any, parts: dict[str, Any]) -> bool:
    if not node.args or not isinstance(node.args[0], torch.fx.Node):
        return False
    if node.op == "call_module":
        return type(parts[node.target]) in PASSING
    return node.op in ("call_function", "call_method") and node.target in ALIASES


def _is_view(node: Any) -> bool:
    return bool(node.args) and node.op in ("call_function", "call_method") and node.target in VIEWS


def merge_patterns(graph: Any, parts: dict[str, Any]) -> None:
    """Put x · sigmoid(x) and x · tanh(softplus(x)), which are activations by name, in one step."""
    counted = uses(graph)
    for node in list(graph.nodes):
        if node.target not in MULTIPLICATIONS or len(node.args) != 2:
            continue
        for x, gate in (node.args, node.args[::-1]):
            whole = _gated(x, gate, counted, parts)
            if whole is not None:
                with graph.inserting_before(node):
                    merged = graph.call_function(whole, (x,))
                node.replace_all_uses_with(merged)
                graph.erase_node(node)
                graph.erase_node(gate)
                break


def _gated(x: Any, gate: Any, counted: Counter[Any], parts: dict[str, Any]) -> Any:
    if not isinstance(gate, torch.fx.Node) or counted[gate] != 1 or not gate.args:
        return None
    if curve_of(gate, parts) == "sigmoid":
        return F.silu if gate.args[0] is x else None
    inner = gate.args[0]
    if curve_of(gate, parts) == "tanh" and isinstance(inner, torch.fx.Node) and curve_of(inner, parts) == "softplus":
        return F.mish if inner.args == (x,) and not inner.kwargs and inner.op == "call_function" else None
    return None


def check_in_place(graph: Any, parts: dict[str, Any], who: Callable[[Any], str]) -> None:
    """Refuse steps that change in place what another step takes, too."""
    counted, alive = uses(graph), needed(graph)
    for node in graph.nodes:
        if not _in_place(node, parts):
            continue
        source, alone = node.args[0] if node.args else None, node in alive
        while isinstance(source, torch.fx.Node) and alone:
            alone = counted[source] == 1
            source = source.args[0] if _is_alias(source, parts) or _is_view(source) else None
        if not alone:
            raise ExchangeError(
                f"{who(node)} changes in place what is used elsewhere, too: write it without inplace, or underscore."
            )


def _in_place(node: Any, parts: dict[str, Any]) -> bool:
    if node.op == "call_module":
        return bool(getattr(parts[node.target], "inplace", False))
    if node.op not in ("call_function", "call_method"):
        return False
    name = name_of(node)
    return bool(node.kwargs.get("inplace")) or node.target in _IN_PLACE or (name.endswith("_") and name[:1] != "_")


def width(graph: Any, parts: dict[str, Any], root: Any, program: str) -> int:
    """Return how many inputs a module takes: what the first step says that needs a certain number.

    Raises
    ------
    ExchangeError
        If no step does.
    """
    same = {next(node for node in graph.nodes if node.op == "placeholder")}
    for node in graph.nodes:
        if not node.args or node.args[0] not in same:
            continue
        found = _asked_for(node, parts, root)
        if found is not None:
            return found
        if _keeps_width(node, parts):
            same.add(node)
    raise ExchangeError(
        f"how many inputs {program} takes cannot be told: no Linear or BatchNorm1d takes them as they "
        "come. Put one first, such as torch.nn.Linear(n, n) with the identity matrix."
    )


def _asked_for(node: Any, parts: dict[str, Any], root: Any) -> int | None:
    if node.op == "call_module":
        part = parts[node.target]
        if isinstance(part, torch.nn.Linear):
            return int(part.in_features)
        if isinstance(part, torch.nn.BatchNorm1d):
            return int(part.num_features)
        if isinstance(part, torch.nn.PReLU) and part.num_parameters > 1:
            return int(part.num_parameters)
    second, turned = node.args[1] if len(node.args) > 1 else None, False
    while isinstance(second, torch.fx.Node) and _is_transposed(second):
        second, turned = second.args[0], not turned
    if not isinstance(second, torch.fx.Node) or second.op != "get_attr":
        return None
    shape = attribute(root, second.target).shape
    if node.target is F.linear:
        return int(shape[0 if turned else -1])
    if node.target in PRODUCTS:
        return int(shape[-1 if turned else 0])
    return int(shape[-1]) if node.target in ELEMENTWISE and shape.numel() > 1 else None


def _is_transposed(node: Any) -> bool:
    if node.op not in ("call_function", "call_method"):
        return False
    return node.target in TRANSPOSES or (node.target is getattr and node.args[1] == "T")


def attribute(root: Any, target: str) -> Any:
    """Return what stands at a path of attributes."""
    for part in target.split("."):
        root = getattr(root, part)
    return root


def _keeps_width(node: Any, parts: dict[str, Any]) -> bool:
    if curve_of(node, parts) is not None or _is_alias(node, parts):
        return True
    if node.op == "call_module":
        return isinstance(parts[node.target], (torch.nn.PReLU, *DROPOUTS))
    return node.op in ("call_function", "call_method") and node.target in ELEMENTWISE

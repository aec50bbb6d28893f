"""Activations that exporters spell out in several operators: silu, mish, gelu, softsign, softplus and others."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from nodesim.exchange.onnx.bends import Bend
from nodesim.exchange.onnx.graphs import Graph, Step

_NEAR = 1e-6
# Sums beyond are what torch's softplus passes on as they are; the difference is 2e-9.
_THRESHOLD = 20.0


def pattern(graph: Graph, step: Step) -> Bend | None:
    """Return what a step is the last one of, None if it stands for itself."""
    search = _PATTERNS.get(step.op)
    return None if search is None else search(graph, step)


def _is(graph: Graph, name: str, value: float) -> bool:
    number = graph.number(name)
    if number is None or float(np.float32(value)) == value:
        return number == value
    return abs(number - value) <= _NEAR * abs(value)


def _split_off(graph: Graph, step: Step, value: float) -> str | None:
    """Return the other input of a step of two, one of which is this number."""
    if len(step.inputs) != 2:
        return None
    for index in (0, 1):
        if _is(graph, step.inputs[index], value):
            return step.inputs[1 - index]
    return None


def _gated(graph: Graph, step: Step) -> Bend | None:
    """Find silu and mish, x · gate(x); or gelu."""
    if len(step.inputs) != 2:
        return None
    for base, gate in (step.inputs, step.inputs[::-1]):
        base = graph.same(base)
        found = graph.producer(gate, "Sigmoid", "Tanh")
        if found is None:
            continue
        if found.op == "Sigmoid" and graph.same(found.input(0)) == base:
            return Bend("silu", base)
        if found.op == "Tanh" and _is_softplus(graph, found.input(0), base):
            return Bend("mish", base)
    return _gelu(graph, step)


def _is_softplus(graph: Graph, name: str, base: str) -> bool:
    found = graph.producer(name, "Softplus", "Where")
    if found is None:
        return False
    if found.op == "Softplus":
        return graph.same(found.input(0)) == base
    bend = _where(graph, found)
    return bend is not None and bend.base == base and bend.before == bend.after == 1.0


def _gelu(graph: Graph, step: Step) -> Bend | None:
    """Find x · (1 + erf(x / √2)) / 2, its factors in any order."""
    for bell in _leaves(graph, step.outputs[0], ""):
        found = graph.producer(bell, "Add")
        inner = None if found is None else _split_off(graph, found, 1.0)
        erf = None if inner is None else graph.producer(inner, "Erf")
        base = None if erf is None else _divided(graph, erf.input(0))
        if base is None:
            continue
        rest = _leaves(graph, step.outputs[0], base)
        rest.remove(bell) if bell in rest else None
        numbers = [graph.number(name) for name in rest if name != base]
        factor = math.prod(number if number is not None else math.nan for number in numbers)
        if rest.count(base) == 1 and abs(factor - 0.5) <= _NEAR:
            return Bend("gelu", base)
    return None


def _divided(graph: Graph, name: str) -> str | None:
    """Return x of x / √2, which may be written as a product."""
    found = graph.producer(name, "Div", "Mul")
    if found is None or len(found.inputs) != 2:
        return None
    if found.op == "Div":
        return graph.same(found.inputs[0]) if _is(graph, found.inputs[1], math.sqrt(2.0)) else None
    other = _split_off(graph, found, math.sqrt(0.5))
    return None if other is None else graph.same(other)


def _leaves(graph: Graph, name: str, stop: str) -> list[str]:
    """Return the factors of a product of few, down to the value `stop`."""
    leaves: list[str] = []
    left = [name]
    while left and len(leaves) + len(left) < 8:
        name = graph.same(left.pop())
        found = None if name == stop else graph.producer(name, "Mul", "Div")
        if found is not None and found.op == "Mul" and len(found.inputs) == 2:
            left += found.inputs
        elif found is not None and len(found.inputs) == 2 and _is(graph, found.inputs[1], 2.0):
            # Halved by a division: the same name cannot stand for the factor, so only x is looked at.
            leaves.append(name)
        else:
            leaves.append(name)
    return leaves + left


def _quotient(graph: Graph, step: Step) -> Bend | None:
    """Find x / (1 + ``|x|``), x / (1 + exp(-x)) and 1 / (1 + exp(-x))."""
    if len(step.inputs) != 2:
        return None
    base = graph.same(step.inputs[0])
    bottom = graph.producer(step.inputs[1], "Add")
    inner = None if bottom is None else _split_off(graph, bottom, 1.0)
    found = None if inner is None else graph.producer(inner, "Abs", "Exp")
    if found is None:
        return None
    if found.op == "Abs":
        return Bend("softsign", base) if graph.same(found.input(0)) == base else None
    negated = _negated(graph, found.input(0))
    if negated is None:
        return None
    if negated == base:
        return Bend("silu", base)
    return Bend("sigmoid", negated) if _is(graph, step.inputs[0], 1.0) else None


def _negated(graph: Graph, name: str) -> str | None:
    found = graph.producer(name, "Neg", "Mul")
    if found is None:
        return None
    other = found.input(0) if found.op == "Neg" else _split_off(graph, found, -1.0)
    return None if other is None else graph.same(other)


def _reciprocal(graph: Graph, step: Step) -> Bend | None:
    bottom = graph.producer(step.input(0), "Add")
    inner = None if bottom is None else _split_off(graph, bottom, 1.0)
    found = None if inner is None else graph.producer(inner, "Exp")
    negated = None if found is None else _negated(graph, found.input(0))
    return None if negated is None else Bend("sigmoid", negated)


def _where(graph: Graph, step: Step) -> Bend | None:
    """Find Where(b·x > 20, x, softplus(b·x) / b): torch's softplus."""
    if len(step.inputs) != 3:
        return None
    greater, base = graph.producer(step.inputs[0], "Greater"), graph.same(step.inputs[1])
    factor, inner = 1.0, step.inputs[2]
    divided = graph.producer(inner, "Div")
    if divided is not None and len(divided.inputs) == 2:
        factor, inner = graph.number(divided.inputs[1]) or 0.0, divided.inputs[0]
    softplus = graph.producer(inner, "Softplus")
    if softplus is None or greater is None or len(greater.inputs) != 2 or factor == 0.0:
        return None
    if not _is(graph, greater.inputs[1], _THRESHOLD):
        return None
    for name in (softplus.input(0), greater.inputs[0]):
        if not _is_multiple(graph, name, base, factor):
            return None
    note = "it passes on what is above 20 as it is, where softplus is up to 2.1e-9 more."
    return Bend("softplus", base, factor, 1.0 / factor, note)


def _is_multiple(graph: Graph, name: str, base: str, factor: float) -> bool:
    if factor == 1.0 and graph.same(name) == base:
        return True
    found = graph.producer(name, "Mul")
    other = None if found is None else _split_off(graph, found, factor)
    return other is not None and graph.same(other) == base


def _logarithm(graph: Graph, step: Step) -> Bend | None:
    """log(sigmoid(x)) is -softplus(-x)."""
    found = graph.producer(step.input(0), "Sigmoid")
    return None if found is None else Bend("softplus", graph.same(found.input(0)), -1.0, -1.0)


_PATTERNS: dict[str, Callable[[Graph, Step], Bend | None]] = {
    "Mul": _gated,
    "Div": _quotient,
    "Reciprocal": _reciprocal,
    "Where": _where,
    "Log": _logarithm,
}

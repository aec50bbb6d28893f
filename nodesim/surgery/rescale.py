"""What comes into a node is made larger and what leaves it smaller, so that the network stays the same function.

That is so if the node's function is homogeneous: f(s·H) = s·f(H), as relu is for s > 0 and linear for every s. Whether
it is, is asked of the function itself, not of its name.
"""

from __future__ import annotations

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import ArgumentError, StructureError
from nodesim.functions.aggregation import aggregated
from nodesim.functions.contracts import Activation
from nodesim.functions.guard import called
from nodesim.graph.elements import Connection, Node
from nodesim.graph.structure import Structure
from nodesim.notation.symbols import number
from nodesim.showing import shown
from nodesim.validation import finite

# Where a function is tried: sizes of all kinds, for a bend may be anywhere.
_SIZES = np.concatenate([np.geomspace(1e-9, 1e12, 190), [0.5, 1.0, 2.0, 3.0, 6.0, 20.0]])
_TRIED = np.concatenate([-_SIZES, _SIZES])
_ROUNDING = 1e-12


def rescale(structure: Structure, node: str | Node, factor: float) -> tuple[Connection, ...]:
    """Multiply what comes into a node, and divide what leaves it; see `nodesim.Network.rescale`.

    Parameters
    ----------
    structure : Structure
    node : str or Node
    factor : float

    Returns
    -------
    tuple of Connection
        Those whose weights were changed, in connection order.
    """
    structure.lock.check_settable()
    found, scale = structure.node(node), finite(factor, "the factor")
    name = shown(found.name)
    if found.kind != "hidden":
        raise StructureError(f"{name} is no hidden node: rescaling it would change what the network calculates.")
    if scale == 0:
        raise ArgumentError(f"the factor must not be 0: {name} could not be scaled back.")
    _check_activation(found, scale)
    _check_aggregation(found, scale)
    _check_ties(structure, found)
    schedule, weights = structure.schedule, structure.weights.copy()
    into = [schedule.index(connection) for connection in found.incoming]
    out = [schedule.index(connection) for connection in found.outgoing]
    scaled = weights.copy()
    with np.errstate(all="ignore"):
        scaled[into] *= scale
        scaled[out] /= scale
    _check_numbers(name, scale, weights, scaled)
    structure.weights = scaled
    return tuple(schedule.connections[place] for place in sorted({*into, *out}))


def is_homogeneous(activation: Activation, scale: float) -> bool:
    """Tell whether f(s·H) = s·f(H), and by Euler's theorem f'(H)·H = f(H), wherever it is tried.

    Parameters
    ----------
    activation : Activation
    scale : float

    Examples
    --------
    >>> import nodesim as ns
    >>> [is_homogeneous(ns.activation(name), 3.0) for name in ("relu", "linear", "tanh", "softplus")]
    [True, True, False, False]
    >>> is_homogeneous(ns.activation("relu"), -1.0), is_homogeneous(ns.activation("linear"), -1.0)
    (False, True)
    """
    # In steps of moderate size: what is scaled must itself be a number that the function is used with.
    moderate = np.sign(scale) * np.array([0.5, 2.0, 3.0, min(max(abs(scale), 1e-6), 1e6)])
    with np.errstate(all="ignore"):
        plain = _of(activation, _TRIED)
        if not all(_alike(_of(activation, factor * _TRIED), factor * plain) for factor in moderate):
            return False
        slopes = called(activation.derivative, (_TRIED, plain), _TRIED.shape, lambda: activation.label)
        return _alike(slopes * _TRIED, plain)


def _of(activation: Activation, sums: Array) -> Array:
    return called(activation.function, (sums,), sums.shape, lambda: activation.label)


def _alike(some: Array, others: Array) -> bool:
    return bool((np.abs(some - others) <= _ROUNDING * np.abs(others)).all())


def _check_activation(node: Node, scale: float) -> None:
    assert node.activation is not None
    if is_homogeneous(node.activation, scale):
        return
    name, activation = shown(node.name), shown(str(node.activation))
    if scale < 0 and is_homogeneous(node.activation, -scale):
        raise ArgumentError(f"{name} is {activation}, homogeneous for factors above 0 only, got {number(scale)}.")
    raise StructureError(
        f"{name} is {activation}, and f(s·H) is not s·f(H) for that: rescaling would change what the network "
        "calculates. Homogeneous are relu, leaky_relu and linear, for example."
    )


def _check_aggregation(node: Node, scale: float) -> None:
    aggregation, count = node.aggregation, len(node.incoming)
    if aggregation is None or aggregation.is_sum or not count:
        return
    tried = np.random.default_rng(0).standard_normal((count, 64))
    moderate = np.sign(scale) * min(max(abs(scale), 0.5), 2.0)
    with np.errstate(all="ignore"):
        plain, scaled = (aggregated(aggregation, each, lambda: node.name) for each in (tried, moderate * tried))
    if not np.allclose(scaled, moderate * plain, rtol=1e-12, atol=1e-14):
        raise StructureError(
            f"{shown(node.name)} is made by {shown(aggregation.name)} of {count} contributions, which does not grow "
            "with them by the same factor: rescaling would change what the network calculates."
        )


def _check_ties(structure: Structure, node: Node) -> None:
    for connection in (*node.incoming, *node.outgoing):
        if (tie := structure.ties.of_number(connection.number)) is not None:
            raise StructureError(
                f"{connection.name} is a use of the tied weight {shown(tie.name)}, whose other uses would change with "
                "it: untie it first."
            )


def _check_numbers(name: str, scale: float, before: Array, after: Array) -> None:
    """Refuse what overflows, or gets so small that digits are lost."""
    lost = (before != 0) & (np.abs(after) < np.finfo(after.dtype).tiny)
    if lost.any() or not np.isfinite(after).all():
        raise ArgumentError(f"rescaling {name} by {number(scale)} leaves the range of {after.dtype} numbers.")

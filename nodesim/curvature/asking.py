"""What `Network.hessian` and `Network.hvp` are asked for."""

from __future__ import annotations

from typing import Any

from nodesim._arrays import Array
from nodesim.curvature.curvature import Curvature
from nodesim.curvature.directions import Directions
from nodesim.curvature.hessian import Hessian, SecondDerivative
from nodesim.errors import ArgumentError
from nodesim.gradients.derivative_graph import DerivativeGraph
from nodesim.graph.structure import Structure
from nodesim.validation import shortened


def hessian(
    structure: Structure, graph: DerivativeGraph, first: Any, second: Any, sample: int | None
) -> Hessian | SecondDerivative:
    """Return the second derivative of e by two weights, or the matrix of all; see `nodesim.Network.hessian`."""
    curvature, directions = Curvature(graph, sample), Directions(structure, graph)
    if first is None and second is None:
        return Hessian(curvature, directions.of)
    if first is None or second is None:
        given = shortened(str(second if first is None else first))
        raise ArgumentError(
            f"a second derivative is by two weights, which may be the same, got {given} alone. For all that go with "
            "one weight, network.hvp({'W1': 1.0}), or a row of network.hessian()."
        )
    one, other = directions.of(first), directions.of(second)
    # The same bits in either order.
    ordered = (one, other) if tuple(one.along) >= tuple(other.along) else (other, one)
    value = float(curvature.by_sample(*(each.along for each in ordered)).mean())
    return SecondDerivative(curvature, one, other, value)


def product(structure: Structure, graph: DerivativeGraph, v: Any, sample: int | None) -> Array:
    """Return the matrix of second derivatives times a vector; see `nodesim.Network.hvp`."""
    directions = Directions(structure, graph)
    found: Array = Curvature(graph, sample).products(directions.vector(v)[None])[0]
    return found

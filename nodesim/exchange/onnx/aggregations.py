"""Aggregations as operators of ONNX.

onnxruntime reduces products and norms in single precision only; so contributions stand side by side, and operators that
it has in doubles take two of them at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

from nodesim._version import version
from nodesim.errors import ExchangeError
from nodesim.functions.aggregation import Aggregation


class Joining:
    """Writes operators that join contributions.

    Parameters
    ----------
    do : callable
        Writes one: ``do(operator, inputs, name)`` returns the name of its output.
    number : callable
        Stores a number: ``number(name, value, whose)``.
    name : str
        What the names begin with.
    """

    def __init__(self, do: Callable[..., str], number: Callable[[str, float, str], str], name: str) -> None:
        self._do, self._number, self._name = do, number, name
        self._count = 0

    def do(self, operator: str, *inputs: str) -> str:
        """Write an operator."""
        self._count += 1
        return self._do(operator, list(inputs), f"{self._name}_{self._count}")

    def number(self, value: float) -> str:
        """Store a number."""
        self._count += 1
        return self._number(f"{self._name}_{self._count}", value, self._name)

    def chain(self, operator: str, each: Sequence[str]) -> str:
        """Write an operator of two inputs for as many as there are."""
        return reduce(lambda one, other: self.do(operator, one, other), each)


def joined(joining: Joining, aggregation: Aggregation, each: Sequence[str], who: str) -> str:
    """Write what joins contributions, and return its output.

    Raises
    ------
    ExchangeError
        If it is none of nodesim's own: there is no formula to make operators of.
    """
    write = _JOINS.get(aggregation.name)
    if write is None or aggregation.origin != f"nodesim {version}":
        raise ExchangeError(
            f"{who}: {aggregation.label} has no operators of ONNX; these have: {', '.join(_JOINS)}. Give the network "
            "nodes of these instead."
        )
    return write(joining, each)


def _mean(joining: Joining, each: Sequence[str]) -> str:
    return joining.do("Div", joining.chain("Add", each), joining.number(float(len(each))))


def _norm(joining: Joining, each: Sequence[str]) -> str:
    # Squares of large numbers are too large: of numbers near 1 they are not.
    largest = joining.chain("Max", [joining.do("Abs", one) for one in each])
    above = joining.do("Greater", largest, joining.number(0.0))
    scale = joining.do("Where", above, largest, joining.number(1.0))
    parts = [joining.do("Div", one, scale) for one in each]
    squares = joining.chain("Add", [joining.do("Mul", part, part) for part in parts])
    return joining.do("Mul", joining.do("Sqrt", squares), scale)


def _maxabs(joining: Joining, each: Sequence[str]) -> str:
    def farther(one: str, other: str) -> str:
        first = joining.do("GreaterOrEqual", joining.do("Abs", one), joining.do("Abs", other))
        return joining.do("Where", first, one, other)

    return reduce(farther, each)


_JOINS: dict[str, Callable[[Joining, Sequence[str]], str]] = {
    "product": lambda joining, each: joining.chain("Mul", each),
    "max": lambda joining, each: joining.chain("Max", each),
    "min": lambda joining, each: joining.chain("Min", each),
    "mean": _mean,
    "norm": _norm,
    "neat_maxabs": _maxabs,
}

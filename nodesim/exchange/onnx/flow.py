"""What flows through a graph while it is read: columns of nodes, with the shape that the file gives them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nodesim.errors import ExchangeError
from nodesim.exchange.assembly import Assembly, Columns, Parameter, Sums
from nodesim.exchange.onnx.graphs import Graph, Step
from nodesim.showing import shown

# Stands for the count of samples in shapes that the graph itself calculates.
SAMPLES = -(2**62)


@dataclass(frozen=True, eq=False)
class Data:
    """Values of each sample.

    Attributes
    ----------
    columns : Nodes or Sums
    tail : tuple of int
        Their shape behind the samples: (n,), mostly.
    """

    columns: Columns
    tail: tuple[int, ...]

    @property
    def flat(self) -> bool:
        """Whether only the last axis has more than one place."""
        return not self.tail or self.tail[-1] == len(self.columns)

    def with_columns(self, columns: Columns) -> Data:
        """Return other columns of this shape."""
        return Data(columns, (*self.tail[:-1], len(columns)) if self.tail else ())


@dataclass(eq=False)
class Flow:
    """A graph on its way into an assembly."""

    graph: Graph
    assembly: Assembly
    uses: Counter[str]
    values: dict[str, Data] = field(default_factory=dict)
    # The number of samples that the file fixes, if it does.
    samples: int | None = None
    # The number of columns that the file has numbers for.
    widest: int = 0
    # By the name of a value: the nodes of the assembly that have it.
    nodes: dict[str, Any] = field(default_factory=dict)

    # How often each value is used, whatever names it is passed on under.
    shares: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        for name, count in self.uses.items():
            self.shares[self.graph.same(name)] += count

    def data(self, step: Step, index: int = 0) -> Data:
        """Return the values that a step takes."""
        name = step.input(index)
        if name not in self.values:
            what = "no values" if not name else "a constant" if self.graph.constant(name) is not None else "no columns"
            raise self.graph.refusal(step, f"has {what} as input {index + 1}, where it must have columns of data.")
        return self.values[name]

    def has_data(self, step: Step, index: int) -> bool:
        """Tell whether an input depends on the samples."""
        return step.input(index) in self.values

    def constant(self, step: Step, index: int) -> Parameter:
        """Return the constant that a step takes."""
        constant = self.graph.constant(step.input(index))
        if constant is None:
            raise self.graph.refusal(step, f"needs a constant as input {index + 1}; it comes out of a calculation.")
        return constant

    def numbers(self, step: Step, index: int) -> Parameter:
        """Return a constant of floating numbers. A single one without a shape is no weight that is trained."""
        constant = self.constant(step, index)
        if constant.values.dtype != np.float64:
            raise self.graph.refusal(step, f"has no floating numbers as input {index + 1}.")
        return constant if constant.values.ndim else Parameter("", constant.values)

    def whole(self, step: Step, index: int, *, sizes: bool = False) -> list[int]:
        """Return a constant of whole numbers; only among sizes may the count of samples be, which no number is."""
        constant = self.constant(step, index)
        if constant.values.dtype != np.int64:
            raise self.graph.refusal(step, f"has no whole numbers as input {index + 1}.")
        if not sizes and (constant.values == SAMPLES).any():
            raise self.graph.refusal(step, "takes the number of samples for something else than a size.")
        return [int(value) for value in constant.values.reshape(-1)]

    def flat(self, step: Step, index: int = 0) -> Data:
        """Return values that stand along one axis."""
        data = self.data(step, index)
        if not data.flat:
            raise self.graph.refusal(step, f"takes values of shape (samples, {str(data.tail)[1:]}; one axis is read.")
        return data

    def attribute(self, step: Step, name: str, default: Any, kind: type | tuple[type, ...]) -> Any:
        """Return an attribute of this type."""
        value = step.attributes.get(name, default)
        if value is not None and not isinstance(value, kind):
            raise self.graph.refusal(step, f"has an attribute {name} of another type than it should have.")
        return value

    def check(self, step: Step, inputs: Collection[int], attributes: Collection[str] = (), outputs: int = 1) -> None:
        """Refuse what this operator does not have, rather than leave out what it may mean."""
        unknown = sorted(set(step.attributes) - set(attributes))
        if unknown:
            raise self.graph.refusal(step, f"has the attribute {unknown[0]!r}, which is not read.")
        if len(step.inputs) not in inputs:
            raise self.graph.refusal(step, f"has {len(step.inputs)} inputs; it takes {_listed(inputs)}.")
        used = [name for name in step.outputs[outputs:] if self.uses[name]]
        if used or not step.outputs or not step.outputs[0]:
            raise self.graph.refusal(step, "has outputs that are not read.")

    def keep(self, name: str, data: Data) -> None:
        """Remember a value; sums that several steps take get nodes first."""
        if len(data.columns) > self.widest:
            count = f"{len(data.columns):,} columns"
            raise ExchangeError(
                f"{self.graph.program}: {shown(name)!r} has {count}, more than the file has numbers for."
            )
        if isinstance(data.columns, Sums) and self.uses[name] > 1:
            data = Data(self.assembly.finished(data.columns), data.tail)
        self.values[name] = data
        if not isinstance(data.columns, Sums):
            self.nodes[name] = data.columns.nodes


Operator = Callable[[Flow, Step], list[Data]]


def _listed(inputs: Collection[int]) -> str:
    return " or ".join(map(str, inputs)) if len(inputs) < 4 else f"{min(inputs)} and more"

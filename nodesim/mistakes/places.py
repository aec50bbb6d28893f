"""Where in a network mistakes are made: its outputs, layers, nodes, arcs, biases and blocks of weights, with names."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from nodesim._arrays import Array, Indices, Mask
from nodesim.gradients.quantities import Quantity, desired
from nodesim.graph.elements import Connection, Layer, Node
from nodesim.graph.layer_names import layer_title
from nodesim.mistakes.edits import ALL_HIDDEN
from nodesim.mistakes.forward import Sheet
from nodesim.notation.symbols import ERROR, partial
from nodesim.showing import shown
from nodesim.wording.message import Joined, Message, Words

Block = tuple[Layer, Indices]


class Places:
    """The places of a network at which mistakes can be made.

    Parameters
    ----------
    sheet : Sheet
    """

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.schedule = schedule = sheet.schedule
        self.nodes, self.rows = schedule.nodes, np.arange(schedule.n_rows)
        calculated = np.array([node.activation is not None for node in self.nodes], dtype=bool)
        is_output = np.isin(self.rows, schedule.output_rows)
        self.alive: Mask = calculated & schedule.reaching
        self.hidden: Mask = self.alive & ~is_output
        self.is_output: Mask = is_output
        self.from_bias: Mask = np.isin(sheet.sources, schedule.bias_rows)
        self.useful: Mask = schedule.reaching[sheet.targets_of]
        # Over these something comes back: from a node that counts to one that is calculated.
        self.arcs: Mask = self.useful & calculated[sheet.sources]

    @property
    def n_outputs(self) -> int:
        """How many outputs there are."""
        return len(self.schedule.output_rows)

    def group(self, rows: Mask) -> Array:
        """Return 1 where a node is none of a group and 0 where it is: for factors."""
        return np.where(rows, 0.0, 1.0)

    def each(self, rows: Mask) -> Iterator[tuple[str, Mask]]:
        """Yield the nodes of a group one by one, each by its name."""
        for row in np.flatnonzero(rows).tolist():
            yield shown(self.nodes[row].name), self.rows == row

    @cached_property
    def hidden_groups(self) -> list[tuple[Words, Mask]]:
        """All hidden nodes together, and if there are several layers, each."""
        if not self.hidden.any():
            return []
        found: list[tuple[Words, Mask]] = [(ALL_HIDDEN, self.hidden)]
        layers = [layer for layer in self.schedule.layers if layer.kind == "hidden"]
        if len(layers) > 1:
            row_of = self.schedule.row_of
            for layer in layers:
                own = np.isin(self.rows, [row_of[node] for node in layer.nodes]) & self.hidden
                if own.any():
                    found.append((layer_title(layer), own))
        return found

    @cached_property
    def blocks(self) -> list[Block]:
        """Square blocks of weights between two layers, with the connection that stands where each stands, transposed.

        As numbers by connection: itself outside of the block, -1 where no connection stands there.
        """
        sheet, row_of = self.sheet, self.schedule.row_of
        number_of = {ends: number for number, ends in enumerate(zip(sheet.sources.tolist(), sheet.targets_of.tolist()))}
        layers = [[row_of[node] for node in layer.nodes] for layer in self.schedule.layers]
        found: list[Block] = []
        for upper, rows in enumerate(layers):
            for before in layers[:upper]:
                if len(before) != len(rows) or len(rows) < 2:
                    continue
                swapped = np.arange(len(sheet.weights))
                for i, source in enumerate(before):
                    for j, target in enumerate(rows):
                        number = number_of.get((source, target))
                        if number is not None:
                            swapped[number] = number_of.get((before[j], rows[i]), -1)
                if (swapped != np.arange(len(swapped))).any():
                    found.append((self.schedule.layers[upper], swapped))
        return found

    def layer_weights(self) -> Iterator[tuple[Words, Mask]]:
        """Yield the weights into each layer, those of biases left out."""
        for layer in self.schedule.layers[1:]:
            rows = [self.schedule.row_of[node] for node in layer.nodes]
            own = np.isin(self.sheet.targets_of, rows) & self.useful & ~self.from_bias
            if own.any():
                yield layer_title(layer), own

    # ---- names -------------------------------------------------------------------------------------------

    def arc(self, number: int) -> str:
        """Return the name of an arc: H1 -> O2."""
        connection = self.connection(number)
        return shown(f"{connection.source.name} -> {connection.target.name}")

    def connection(self, number: int) -> Connection:
        """Return a connection by its place in connection order."""
        return self.schedule.connections[number]

    def sum_of(self, row: int) -> str:
        """Return H1 or O1."""
        return shown(Quantity("sum", self.nodes[row]).name)

    def sent_by(self, row: int) -> str:
        """Return HA1, OA1, I1 or B1."""
        return shown(Quantity("activated", self.nodes[row]).name)

    def weight(self, number: int) -> str:
        """Return W1."""
        return shown(Quantity("weight", self.connection(number)).name)

    def first(self, rows: Mask) -> int:
        """Return the first row of a group, to be an example."""
        return int(np.flatnonzero(rows)[0])

    def by(self, name: str) -> str:
        """Return ∂e/∂ of a name."""
        return partial(ERROR, name)

    def slope(self, row: int) -> str:
        """Return ∂HA1/∂H1."""
        return partial(self.sent_by(row), self.sum_of(row))

    def wanted(self, row: int) -> str:
        """Return y1."""
        node: Node = self.nodes[row]
        return shown(desired(node))

    def product(self, number: int) -> str:
        """Write what the gradient of a weight is the product of: ∂e/∂O1·HA1."""
        source, target = int(self.sheet.sources[number]), int(self.sheet.targets_of[number])
        return f"{self.by(self.sum_of(target))}·{self.sent_by(source)}"

    def delta_sum(self, row: int) -> Words:
        """Write what the delta of a node is the sum of: ∂e/∂O1·W7 + ∂e/∂O2·W8."""
        sheet = self.sheet
        numbers = np.flatnonzero((sheet.sources == row) & self.useful)
        terms: list[Words] = [
            f"{self.by(self.sum_of(int(sheet.targets_of[n])))}·{self.weight(int(n))}" for n in numbers[:4].tolist()
        ]
        if self.is_output[row]:
            terms.insert(0, Message("{derivative} straight from e", derivative=self.by(self.sent_by(row))))
        return Joined(" + ", [*terms, *(["..."] if len(numbers) > 4 else [])])

"""Where in a network mistakes are made: its outputs, layers, nodes, arcs, biases and blocks of weights, with names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nodesim._arrays import Array, Indices, Mask
from nodesim.gradients.quantities import Factor, Quantity, desired
from nodesim.graph.elements import Connection, Layer, Node
from nodesim.graph.layer_names import layer_title
from nodesim.mistakes.edits import ALL_HIDDEN
from nodesim.mistakes.forward import Sheet
from nodesim.notation.symbols import ERROR, partial
from nodesim.showing import shown
from nodesim.wording.message import Joined, Message, Words


@dataclass(frozen=True)
class Block:
    """The weights between two layers, and which of them stand where when they are read in another order.

    Attributes
    ----------
    layer : Layer
        The upper one.
    there, back : ndarray of shape (n_connections,)
        By connection the one that stands in its place: itself outside of the block, -1 where none does. Of a square
        block both are its transpose; of any other, there is what stands at its place where the numbers of W are read
        with a row for each target, and back is the other way round.
    square : bool
    matrix : ndarray of shape (n_sources, n_targets)
        The numbers of the connections, -1 where there is none.
    """

    layer: Layer
    there: Indices
    back: Indices
    square: bool
    matrix: Indices

    @property
    def whole(self) -> bool:
        """Whether all are connected."""
        return bool((self.matrix >= 0).all())


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
        """The blocks of weights between two layers: those that are square, and those in which all are connected."""
        sheet, row_of = self.sheet, self.schedule.row_of
        number_of = {ends: number for number, ends in enumerate(zip(sheet.sources.tolist(), sheet.targets_of.tolist()))}
        layers = [[row_of[node] for node in layer.nodes] for layer in self.schedule.layers]
        found: list[Block] = []
        for upper, rows in enumerate(layers):
            for before in layers[:upper]:
                if min(len(before), len(rows)) < 2:
                    continue
                matrix = np.array([[number_of.get((source, target), -1) for target in rows] for source in before])
                square = len(before) == len(rows)
                if square or (matrix >= 0).all():
                    there, back = (self._read(*way) for way in ((matrix, matrix.T), (matrix.T, matrix)))
                    if (there != np.arange(len(there))).any():
                        found.append(Block(self.schedule.layers[upper], there, back, square, matrix))
        return found

    def together(self, readings: list[Indices]) -> Indices:
        """Return several ways to read blocks as one: which connection stands in the place of each."""
        whole = np.arange(len(self.sheet.weights))
        for reading in readings:
            whole = np.where(reading != np.arange(len(whole)), reading, whole)
        return whole

    def _read(self, at: Indices, stands: Indices) -> Indices:
        """Return by connection which one stands in its place, if those of some places are read one after the other."""
        read = np.arange(len(self.sheet.weights))
        places, others = at.ravel(), stands.ravel()
        read[places[places >= 0]] = others[places >= 0]
        return read

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

    def slopes_on(self, factors: Iterable[Factor]) -> list[tuple[str, str, float]]:
        """Return the slopes on a path of one sample: the mistake of leaving it out, name, number."""
        hidden, output = "hidden slope left out", "output slope left out"
        names = {
            self.slope(row): output if self.is_output[row] else hidden for row in np.flatnonzero(self.alive).tolist()
        }
        return [
            (names[factor.name], factor.name, float(factor.value))
            for factor in factors
            if factor.name in names and np.ndim(factor.value) == 0
        ]

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

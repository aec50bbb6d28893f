"""Recurrent networks by their kind: Elman and Jordan networks, and LSTM and GRU cells built of gates and products.

References
----------
Elman, J. L., "Finding structure in time" (Cognitive Science 14, 1990). M. I. Jordan, "Serial order: a parallel
distributed processing approach" (1986). S. Hochreiter, J. Schmidhuber, "Long short-term memory" (Neural Computation 9,
1997), with the forget gate of F. A. Gers et al., "Learning to forget" (2000). K. Cho et al., "Learning phrase
representations using RNN encoder-decoder" (2014).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from nodesim.errors import ArgumentError
from nodesim.graph import builders
from nodesim.graph.elements import Node
from nodesim.graph.structure import Structure
from nodesim.validation import flag, one_of, whole


def fill(
    structure: Structure,
    counts: tuple[object, object, object],
    kind: str,
    activation: object,
    output: object,
    bias: bool,
) -> None:
    """Fill an empty structure with a recurrent network, and draw its weights; see `Network.recurrent`."""
    n_inputs, n_hidden, n_outputs = (whole(count, what) for count, what in zip(counts, ("inputs", "hidden", "outputs")))
    # Four gates at most.
    most = (n_inputs + n_hidden + n_outputs + 1) * (4 * n_hidden + n_outputs)
    if most > builders.MOST:
        raise ArgumentError(
            f"a recurrent network of {n_inputs:,}, {n_hidden:,} and {n_outputs:,} nodes has up to {most:,} "
            f"connections; more than {builders.MOST:,} fit no memory."
        )
    make = KINDS[one_of(kind.casefold() if isinstance(kind, str) else kind, tuple(KINDS), "kind")]
    inputs = [structure.add("input", None) for _ in range(n_inputs)]
    cells = _Cells(structure, inputs, n_hidden, activation, flag(bias, "bias"))
    outputs = [structure.add("output", None, output) for _ in range(n_outputs)]
    hidden = make(cells, outputs)
    cells.join([*hidden, *cells.bias()], outputs)
    structure.initialize()


class _Cells:
    """What the cells of one network are made of."""

    def __init__(
        self, structure: Structure, inputs: list[Node], count: int, activation: object, has_bias: bool
    ) -> None:
        self.structure, self.inputs, self.count = structure, inputs, count
        self.activation, self.has_bias = activation, has_bias
        self.entering = [*inputs, *self.bias()]

    def bias(self) -> list[Node]:
        """Return a new bias node, if there are to be any."""
        return [self.structure.add_bias(None, 1.0)] if self.has_bias else []

    def nodes(self, name: str, activation: object = "linear", aggregation: str = "sum") -> list[Node]:
        """Return a node for each cell."""
        names = [f"{name}{number}" for number in range(1, self.count + 1)]
        return [self.structure.add("hidden", each, activation, aggregation) for each in names]

    def products(self, name: str, *factors: list[Node], delayed: list[Node] | None = None) -> list[Node]:
        """Return for each cell a node that multiplies what others send, and what one has sent the step before."""
        made = self.nodes(name, aggregation="product")
        for each in factors:
            self.hand_on(each, made)
        if delayed is not None:
            self.hand_on(delayed, made, delay=1)
        return made

    def hand_on(self, sources: list[Node], targets: list[Node], weight: float = 1.0, *, delay: int = 0) -> None:
        """Connect within each cell, by a weight that stays as it is."""
        for source, target in zip(sources, targets):
            self.structure.connect(source, target, weight, None, False, delay)

    def join(self, sources: Iterable[Node], targets: Iterable[Node], *, delay: int = 0) -> None:
        """Connect all with all, by weights that are drawn at the end."""
        targets = list(targets)
        for source in sources:
            for target in targets:
                self.structure.connect(source, target, 0.0, None, True, delay)


def _elman(cells: _Cells, outputs: list[Node]) -> list[Node]:
    hidden = cells.nodes("H", cells.activation)
    cells.join(cells.entering, hidden)
    cells.join(hidden, hidden, delay=1)
    return hidden


def _jordan(cells: _Cells, outputs: list[Node]) -> list[Node]:
    hidden = cells.nodes("H", cells.activation)
    cells.join(cells.entering, hidden)
    cells.join(outputs, hidden, delay=1)
    return hidden


def _lstm(cells: _Cells, outputs: list[Node]) -> list[Node]:
    gates = {name: cells.nodes(name, "sigmoid") for name in ("in", "forget", "out")}
    new = cells.nodes("new", cells.activation)
    cell = cells.nodes("cell")
    squashed = cells.nodes("squashed", cells.activation)
    kept = cells.products("kept", gates["forget"], delayed=cell)
    added = cells.products("added", gates["in"], new)
    for part in (kept, added):
        cells.hand_on(part, cell)
    cells.hand_on(cell, squashed)
    hidden = cells.products("H", gates["out"], squashed)
    for fed in (gates["in"], gates["forget"], new, gates["out"]):
        cells.join(cells.entering, fed)
        cells.join(hidden, fed, delay=1)
    return hidden


def _gru(cells: _Cells, outputs: list[Node]) -> list[Node]:
    reset, keep = cells.nodes("reset", "sigmoid"), cells.nodes("keep", "sigmoid")
    recalled, new = cells.nodes("recalled"), cells.nodes("new", cells.activation)
    renew, hidden = cells.nodes("renew"), cells.nodes("H")
    for fed in (reset, keep, new):
        cells.join(cells.entering, fed)
    for fed in (reset, keep, recalled):
        cells.join(hidden, fed, delay=1)
    cells.join(cells.entering[len(cells.inputs) :], recalled)
    cells.hand_on(cells.products("past", reset, recalled), new)
    # What is renewed is 1 - what is kept.
    one = cells.structure.add_bias("one", 1.0)
    cells.hand_on([one] * cells.count, renew)
    cells.hand_on(keep, renew, -1.0)
    for part in (cells.products("added", renew, new), cells.products("kept", keep, delayed=hidden)):
        cells.hand_on(part, hidden)
    return hidden


KINDS: dict[str, Callable[[_Cells, list[Node]], list[Node]]] = {
    "elman": _elman,
    "jordan": _jordan,
    "lstm": _lstm,
    "gru": _gru,
}

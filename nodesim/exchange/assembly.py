"""The steps of other programs' networks, put together as nodes and connections.

What flows between the steps are columns: values that nodes have (`Nodes`), or weighted sums that no node has yet
(`Sums`). A function makes nodes of sums; so does whatever needs the value of a sum in more than one place, or sums it
up again: these nodes are linear. What passes a value on unchanged, or multiplies it by a number that the other program
does not train, is a connection that updates must not change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nodesim._arrays import Array, Indices, Mask
from nodesim.errors import ExchangeError
from nodesim.exchange import shared_numbers
from nodesim.exchange.blueprint import Blueprint, Origins
from nodesim.exchange.columns import Columns, Nodes, Parameter, Sums, Term, links_of
from nodesim.exchange.names import completed
from nodesim.functions.contracts import Activation
from nodesim.graph.builders import own_names
from nodesim.plugins import lookup
from nodesim.showing import shown

__all__ = ["MOST", "MOST_NODES", "Assembly", "Columns", "Nodes", "Parameter", "Sums"]

# Each connection is an object of about 200 bytes, and a file may declare as many as it likes.
MOST = 50_000_000
MOST_NODES = 500_000
# Sums of more terms get nodes on the way.
_MANY_TERMS = 100


class Assembly:
    """Puts a network together, step by step.

    Parameters
    ----------
    program : str
        Where it comes from, for messages: the file, or the class.
    """

    def __init__(self, program: str) -> None:
        self.program = program
        self.notes: list[str] = []
        self._kinds: list[str] = []
        self._given: list[Activation | float | None] = []
        self._names: list[str | None] = []
        self._links: list[tuple[Indices, Indices, Term]] = []
        self._count = 0
        self._used: set[int] = set()
        self._kept: list[Sums] = []
        self._seen: set[str] = set()
        self._again: dict[str, None] = {}
        self._fixed: set[str] = set()

    # ---- steps ---------------------------------------------------------------------------------------------

    def inputs(self, count: int, names: Sequence[str] | None = None) -> Nodes:
        """Add input nodes."""
        self._check_nodes(count)
        return self._added("input", [None] * count, names)

    def weighted(self, x: Columns, matrix: Parameter) -> Sums:
        """Return x · matrix, which has a row for each column of x."""
        nodes = self._distinct(self.finished(x)).nodes
        rows, count = matrix.values.shape
        if rows != len(nodes):
            raise ExchangeError(
                f"{self.program}: {self._called(matrix)} has {rows} rows, and takes {len(nodes)} values."
            )
        self._check_size(rows * count)
        columns = np.tile(np.arange(count), rows)
        return Sums((self._term(np.repeat(nodes, count), columns, matrix),), count)

    def shifted(self, x: Columns, bias: Parameter, factor: float = 1.0) -> Sums:
        """Return x + factor · bias, of which there is one number for each column of x."""
        if bias.values.size != len(x):
            raise ExchangeError(
                f"{self.program}: {self._called(bias)}, {bias.values.size} numbers, is added to {len(x)} values."
            )
        sums = self._as_sums(x)
        shift = Sums((self._term(None, np.arange(len(x)), bias),), len(x))
        if factor != 1.0:
            shift = self.scaled(shift, np.array(factor))
        return Sums((*sums.terms, *shift.terms), len(x))

    def scaled(self, x: Columns, factors: Array) -> Sums:
        """Return x · factors, one a column: folded into the weights of sums, else by connections of their own."""
        sums, factors = self._as_sums(x), np.broadcast_to(np.asarray(factors, dtype=float), len(x))
        self._check_numbers(factors, "a factor")
        with np.errstate(over="ignore"):
            products = [
                (term.weights * factors[term.columns], term.factors * factors[term.columns]) for term in sums.terms
            ]
        for pair in products:
            for numbers in pair:
                self._check_numbers(numbers, "a weight, times a factor,")
        terms = (replace(term, weights=both[0], factors=both[1]) for term, both in zip(sums.terms, products))
        return Sums(tuple(terms), len(x))

    def added(self, x: Columns, y: Columns) -> Sums:
        """Return x + y. Where both come from the same node, one of them becomes linear nodes first."""
        if len(x) != len(y):
            raise ExchangeError(f"{self.program}: {len(x)} values are added to {len(y)}.")
        first, second = self._as_sums(x), self._as_sums(y)
        if len(first.terms) + len(second.terms) > _MANY_TERMS:
            first = self._passed_on(self.finished(first))
        if self._meet(first, second):
            second = self._passed_on(self.finished(second))
        return Sums(first.terms + second.terms, len(x))

    def activated(self, x: Columns, activation: object) -> Nodes:
        """Return new nodes with this activation, or, for a list, with one each."""
        functions = (
            [lookup.activation(each) for each in activation]
            if isinstance(activation, list)
            else [lookup.activation(activation)] * len(x)
        )
        if len(functions) != len(x):
            raise ExchangeError(f"{self.program}: {len(functions)} functions are given for {len(x)} values.")
        sums = self._as_sums(x)
        # As in layers that nodesim makes, a bias node comes before the nodes that it feeds.
        biases = [self._added("bias", [1.0]) if term.nodes is None else None for term in sums.terms]
        made = self._added("hidden", functions)
        for term, bias in zip(sums.terms, biases):
            nodes = term.nodes if bias is None else np.repeat(bias.nodes, len(term.columns))
            assert nodes is not None
            self._links.append((nodes, made.nodes[term.columns], term))
        return made

    def finished(self, x: Columns) -> Nodes:
        """Return the values of nodes: of x itself, or of linear nodes that are made for these sums.

        Whatever uses sums in more than one place must finish them first: a weight stands for one connection.
        """
        return x if isinstance(x, Nodes) else self.activated(x, "linear")

    def joined(self, parts: Sequence[Columns]) -> Columns:
        """Return columns side by side; sums stay sums where all of them are."""
        width = sum(map(len, parts))
        self._check_nodes(width)
        if all(isinstance(part, Sums) for part in parts):
            start, terms = 0, []
            for part in parts:
                assert isinstance(part, Sums)
                self._use(part)
                terms += [replace(term, columns=term.columns + start) for term in part.terms]
                start += len(part)
            return Sums(tuple(terms), width)
        return Nodes(np.concatenate([self.finished(part).nodes for part in parts]))

    def taken(self, x: Columns, columns: Indices) -> Nodes:
        """Return some of the columns."""
        return Nodes(self.finished(x).nodes[columns])

    @property
    def shared(self) -> list[str]:
        """The arrays that are used in more than one place, and not as constants."""
        return [name for name in self._again if name not in self._fixed]

    def fix(self, name: str) -> None:
        """Say that an array serves as constants, too: where it also makes weights, updates must not change these."""
        self._fixed.add(name)

    # ---- the whole -----------------------------------------------------------------------------------------

    def blueprint(
        self, outputs: Columns, loss: object, *, names: Sequence[str] | None = None,
        classes: Sequence[str | int | bool] | None = None,
    ) -> Blueprint:  # fmt: skip
        """Return what is built: the given columns are its outputs, called by these names."""
        ends = self._ends(outputs)
        called: Sequence[str | None] = names or [None] * len(ends)
        for node, name in zip(ends, called):
            self._kinds[node] = "output"
            self._names[node] = name
        # Outputs stand in the order of the other program's, which may not be that of their making.
        last = set(ends)
        order = [node for node in range(len(self._kinds)) if node not in last] + ends
        kinds = tuple(self._kinds[node] for node in order)
        rows = np.empty(len(order), dtype=np.intp)
        rows[order] = np.arange(len(order))
        sources, targets, weights, frozen, origins = self._connections()
        groups = self._tied(origins)
        names_given = tuple(completed(kinds, [self._names[node] for node in order]))
        labels = own_names(self._names, len(weights))
        return Blueprint(
            names=names_given,
            kinds=kinds,
            given=tuple(self._given[node] for node in order),
            positions=tuple(order),
            sources=rows[sources],
            targets=rows[targets],
            weights=shared_numbers.levelled(origins, groups, weights, self.program) if groups else weights,
            frozen=frozen,
            loss=loss,
            origins=origins,
            labels={number: name for name, number in labels.items()},
            ties=shared_numbers.named(groups, {*names_given, *labels}),
            classes=None if classes is None else tuple(classes),
            notes=tuple(dict.fromkeys(self.notes)),
        )

    def _tied(self, origins: Origins) -> list[Indices]:
        again = [number for number, name in enumerate(origins.parameters) if name in self._again]
        return shared_numbers.groups_of(origins, again) if again else []

    def _ends(self, outputs: Columns) -> list[int]:
        found = self.finished(outputs).nodes.tolist()
        ends: list[int] = []
        taken: set[int] = set()
        for node in found:
            if self._kinds[node] != "hidden" or node in taken:
                # An input that is an output, or one that is given twice.
                (node,) = self.activated(self._passed_on(Nodes(np.array([node]))), "linear").nodes.tolist()
            ends.append(node)
            taken.add(node)
        return ends

    def _connections(self) -> tuple[Indices, Indices, Array, Mask, Origins]:
        used = dict.fromkeys(term.parameter for *_, term in self._links if term.parameter)
        both = [name for name in used if name in self._fixed]
        parameters = tuple(name for name in used if name not in self._fixed)
        number = {name: index for index, name in enumerate(parameters)} | dict.fromkeys(["", *both], -1)
        self.notes += [
            f"{shown(name)} makes weights, and is used elsewhere as constants: it stays as it is in training."
            for name in both
        ]
        none: tuple[Indices, Indices, Array, Array, Indices, Indices, Mask] = (
            *(np.empty(0, dtype=np.intp),) * 2, *(np.empty(0),) * 2, *(np.empty(0, dtype=np.intp),) * 2,
            np.empty(0, dtype=bool),
        )  # fmt: skip
        columns = [
            (
                sources, targets, term.weights, term.factors, term.places,
                np.full(len(sources), number[term.parameter]), np.full(len(sources), term.frozen),
            )
            for sources, targets, term in self._links
        ]  # fmt: skip
        all_columns = (np.concatenate(column) for column in zip(none, *columns))
        sources, targets, weights, factors, places, owners, frozen = all_columns
        return sources, targets, weights, frozen | (owners < 0), Origins(parameters, owners, places, factors)

    # ---- pieces --------------------------------------------------------------------------------------------

    def _added(
        self, kind: str, given: Sequence[Activation | float | None], names: Sequence[str | None] | None = None
    ) -> Nodes:
        first = len(self._kinds)
        self._check_nodes(first + len(given))
        self._kinds += [kind] * len(given)
        self._given += given
        self._names += names if names is not None else [None] * len(given)
        return Nodes(np.arange(first, first + len(given)))

    def _as_sums(self, x: Columns) -> Sums:
        if isinstance(x, Nodes):
            return self._passed_on(x)
        self._use(x)
        return Sums(x.terms, len(x))

    def _passed_on(self, x: Nodes) -> Sums:
        ones = Parameter("", np.ones(len(x)))
        return Sums((self._term(x.nodes, np.arange(len(x)), ones),), len(x))

    def _distinct(self, x: Nodes) -> Nodes:
        """Return the same values, each of a node of its own: two nodes have one connection at most."""
        if len(np.unique(x.nodes)) == len(x):
            return x
        again = np.ones(len(x), dtype=bool)
        again[np.unique(x.nodes, return_index=True)[1]] = False
        nodes = x.nodes.copy()
        nodes[again] = self.activated(Nodes(x.nodes[again]), "linear").nodes
        return Nodes(nodes)

    def _use(self, sums: Sums) -> None:
        if id(sums) in self._used:
            raise ExchangeError(
                f"{self.program}: a weighted sum is used twice; it must be finished first, and have nodes."
            )
        self._used.add(id(sums))
        # Kept, so that no other object gets its id.
        self._kept.append(sums)

    def _term(self, nodes: Indices | None, columns: Indices, parameter: Parameter) -> Term:
        self._note_use(parameter)
        self._check_numbers(parameter.values, self._called(parameter))
        values = np.asarray(parameter.values, dtype=float).ravel()
        places, ones = parameter.placed.ravel(), np.ones(values.shape)
        return Term(nodes, columns, values, parameter.name, places, ones, parameter.frozen)

    def _note_use(self, parameter: Parameter) -> None:
        """Remember the arrays whose numbers make several weights, so that only these are looked through."""
        # One number for many columns: there are fewer places than weights.
        places = parameter.places
        spread = places is not None and places.max(initial=0) - places.min(initial=MOST) < places.size - 1
        if parameter.name and (spread or parameter.name in self._seen):
            self._again[parameter.name] = None
        self._seen.add(parameter.name)

    def _check_numbers(self, values: Array, what: str) -> None:
        if not np.isfinite(values).all():
            raise ExchangeError(f"{self.program}: {what} holds a number that is not finite.")

    def _check_size(self, count: int) -> None:
        self._count += count
        if self._count > MOST:
            raise ExchangeError(
                f"{self.program}: it has more than {MOST:,} connections; here each is an object to hold."
            )

    def _check_nodes(self, count: int) -> None:
        if count > MOST_NODES:
            raise ExchangeError(
                f"{self.program}: it has more than {MOST_NODES:,} nodes; here each is an object to hold."
            )

    def _called(self, parameter: Parameter) -> str:
        return shown(parameter.name) if parameter.name else "a constant"

    def _meet(self, x: Sums, y: Sums) -> bool:
        """Tell whether a node feeds the same sum by both."""
        return bool(np.isin(links_of(x), links_of(y)).any())

"""Genomes of neat-python, and files that it exports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from nodesim.errors import ArgumentError, ExchangeError
from nodesim.exchange.blueprint import Blueprint, Origins, loss_of
from nodesim.exchange.formats import is_path
from nodesim.exchange.names import completed
from nodesim.exchange.neat.files import genes_of_file
from nodesim.exchange.neat.functions import activation_of, aggregation_of
from nodesim.exchange.neat.genes import Called, Genes, genes_of
from nodesim.exchange.neat.wiring import Wiring, wiring_of
from nodesim.functions.aggregation import Aggregation
from nodesim.functions.contracts import Activation
from nodesim.functions.interruptions import of_signal
from nodesim.notation.symbols import LETTERS
from nodesim.plugins import lookup
from nodesim.validation import brief, finite, shortened

# A node of the genome by its key; or what else is there: what joins before a node, and the bias nodes.
_Node = int | tuple[str, int]
_JOIN = "join"
_BIAS, _ONE = ("bias", 0), ("bias", 1)
_PARAMETERS = ("connections", "biases")
# What a sum, and any of these, makes of a single number, or, but for the product, which is 1, of none.
_SAME_OF_ONE = {"product", "max", "min", "maxabs", "median", "mean"}


def read(genome: Any, config: Any, loss: object) -> Blueprint:
    """Read a genome with its config, or a file; see `nodesim.from_neat`."""
    genes = genes_named(genome, config)
    return blueprint(genes, wiring_of(genes), loss)


def genes_named(genome: Any, config: Any) -> Genes:
    """Read what a genome with its config, or a file, holds."""
    return genes_of_file(genome) if is_path(genome) else genes_of(genome, config)


def blueprint(genes: Genes, wiring: Wiring, loss: object) -> Blueprint:
    """Return what genes that are wired up read as."""
    reader = _Reader(genes, wiring)
    rows = _rows(genes, wiring, reader)
    row = {node: index for index, node in enumerate(rows.nodes)}
    links = reader.links()
    factors, parameter = (np.array([getattr(link, name) for link in links]) for name in ("factor", "parameter"))
    with np.errstate(all="ignore"):
        weights = np.array([link.number for link in links]) * factors
    if not np.isfinite(weights).all():
        raise ExchangeError(f"{genes.program}: a weight times the response behind it is not finite.")
    # Behind a response of 0 no number of the genome says a weight.
    parameter = np.where(factors == 0.0, -1, parameter)
    return Blueprint(
        names=tuple(rows.names),
        kinds=tuple(rows.kinds),
        given=tuple(map(reader.given, rows.kinds, rows.nodes)),
        positions=tuple(rows.positions),
        sources=np.array([row[link.source] for link in links], dtype=np.intp),
        targets=np.array([row[link.target] for link in links], dtype=np.intp),
        weights=weights,
        frozen=parameter < 0,
        loss=loss_of(loss),
        origins=Origins(_PARAMETERS, parameter, np.array([link.place for link in links]), factors + (factors == 0.0)),
        joins={row[node]: found for node, found in reader.joins.items()},
        notes=(*genes.notes, *reader.notes(lambda key: rows.names[row[key]])),
    )


class _Link(NamedTuple):
    """A connection, whose weight is factor · number; the number is that of a place of the genome's, if of any."""

    source: _Node
    target: _Node
    number: float
    factor: float = 1.0
    parameter: int = -1
    place: int = 0


class _Rows(NamedTuple):
    """All nodes, in the order of the network."""

    nodes: list[_Node]
    kinds: list[str]
    names: list[str]
    positions: list[int]


def _rows(genes: Genes, wiring: Wiring, reader: _Reader) -> _Rows:
    ends = set(genes.outputs)
    order = [*reader.constants, *(node for key in wiring.order for node in reader.made_of(key))]
    place: dict[_Node, int] = {node: len(genes.inputs) + index for index, node in enumerate(order)}
    hidden = [node for node in order if node not in ends and node not in reader.constants]
    nodes: list[_Node] = [*genes.inputs, *reader.constants, *hidden, *genes.outputs]
    counts = len(genes.inputs), len(reader.constants), len(hidden), len(genes.outputs)
    kinds = [kind for kind, count in zip(("input", "bias", "hidden", "output"), counts) for _ in range(count)]
    names = completed(kinds, map(_name, kinds, nodes))
    return _Rows(nodes, kinds, names, [place.get(node, index) for index, node in enumerate(nodes)])


class _Reader:
    """Makes functions and numbers of what genes say."""

    def __init__(self, genes: Genes, wiring: Wiring) -> None:
        self.genes, self.wiring = genes, wiring
        self.trusted: list[str] = []
        self.functions: dict[Called, Activation] = {}
        self.responses: dict[int, float] = {}
        self.fed = dict.fromkeys(wiring.order, 0)
        for _, target in wiring.links:
            self.fed[target] += 1
        self.joins: dict[_Node, Aggregation] = {}
        self.biases: dict[int, float] = {}
        for key in wiring.order:
            self.responses[key] = self._number(genes.nodes[key].response, f"the response of node {key}")
            self.biases[key] = self._number(genes.nodes[key].bias, f"the bias of node {key}")
            if self._joins(key):
                found = aggregation_of(genes.nodes[key].aggregation, f"{genes.program}: node {key}")
                # Where it is not changed afterwards, it is H of the node itself.
                plain = self.biases[key] == 0.0 and self.responses[key] == 1.0
                self.joins[key if plain else (_JOIN, key)] = found
        self.ones = [key for key in wiring.order if self._is_product_of_none(key)]
        self.constants: list[_Node] = [_BIAS, *([_ONE] if self.ones else [])]

    def made_of(self, key: int) -> list[_Node]:
        """Return the nodes that a node of the genome becomes: itself, and what joins before it."""
        return [*([(_JOIN, key)] if (_JOIN, key) in self.joins else []), key]

    def given(self, kind: str, node: _Node) -> Activation | float | None:
        """Return the activation of a node, or the constant of a bias node."""
        if kind in ("input", "bias"):
            return None if kind == "input" else 1.0
        return self.activation(node) if isinstance(node, int) else lookup.activation("linear")

    def links(self) -> list[_Link]:
        """Return all connections, in the order of the genome; then those of biases, and those behind joins."""
        genes, found = self.genes, list[_Link]()
        for place, (source, key) in enumerate(self.wiring.links):
            target, joined = self.made_of(key)[0], key in self.joins or (_JOIN, key) in self.joins
            number = self._number(genes.links[source, key], f"the weight of {(source, key)}")
            found.append(_Link(source, target, number, 1.0 if joined else self.responses[key], 0, place))
        for place, key in enumerate(self.wiring.order):
            if key not in self.joins:
                found.append(_Link(_BIAS, key, self.biases[key], 1.0, 1, place))
        split = [key for key in self.wiring.order if (_JOIN, key) in self.joins]
        return [
            *found,
            *(_Link((_JOIN, key), key, self.responses[key]) for key in split),
            *(_Link(_ONE, key, self.responses[key]) for key in self.ones),
        ]

    def activation(self, key: int) -> Activation:
        """Return the activation of a node."""
        called = self.genes.nodes[key].activation
        if called not in self.functions:
            self.functions[called] = found = activation_of(called, f"{self.genes.program}: node {key}")
            if called.own and called.call is None:
                self.trusted.append(f"its own function {shortened(called.name)} is taken to be {found.name}")
        return self.functions[called]

    def notes(self, name: Callable[[int], str]) -> list[str]:
        """Return what a user should know; `name` says how a node is called."""
        fed = {key: response for key, response in self.responses.items() if self.fed[key] and not self._joins(key)}
        scaled = [name(key) for key, response in fed.items() if response != 1.0]
        none = [name(key) for key, response in fed.items() if response == 0.0]
        split = [name(key) for key in self.responses if (_JOIN, key) in self.joins]
        unused = [key for key in self.genes.nodes if key not in self.responses]
        return [
            *([f"responses are multiplied into the weights before {brief(scaled)}"] if scaled else []),
            *([f"the response of {brief(none)} is 0: weights before it are 0 and stay 0"] if none else []),
            *(
                [f"what {brief(split)} joins is a node before it, as bias and response change it afterwards"]
                if split
                else []
            ),
            *([f"left out, as nothing leads from there to an output: {brief(unused)}"] if unused else []),
            *self.trusted,
        ]

    def _number(self, value: Any, what: str) -> float:
        try:
            return finite(value, what)
        except ArgumentError as error:
            raise ExchangeError(f"{self.genes.program}: {error}") from error
        except Exception as error:
            if of_signal(error):
                raise
            # Whatever numbers of users' own raise.
            raise ExchangeError(f"{self.genes.program}: {what} cannot be read: {shortened(error)}.") from error

    def _joins(self, key: int) -> bool:
        """Tell whether a node is another one than a sum: of a single value, and of none, most are the same."""
        called, count = self.genes.nodes[key].aggregation, self.fed[key]
        return count > 0 and (called.own or not (called.name == "sum" or (called.name in _SAME_OF_ONE and count == 1)))

    def _is_product_of_none(self, key: int) -> bool:
        called = self.genes.nodes[key].aggregation
        return not self.fed[key] and not called.own and called.name == "product"


def _name(kind: str, key: _Node) -> str | None:
    """Return the name that a key says: -1 is I1, 0 is O1, 5 is H5; None where there is no such number."""
    if not isinstance(key, int):
        return None
    number = {"input": -key, "output": key + 1}.get(kind, key)
    return f"{LETTERS[kind]}{number}" if number > 0 else None

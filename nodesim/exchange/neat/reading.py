"""Genomes of neat-python, and files that it exports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import ArgumentError, ExchangeError
from nodesim.exchange.blueprint import Blueprint, Origins, loss_of
from nodesim.exchange.formats import is_path
from nodesim.exchange.names import completed
from nodesim.exchange.neat.files import genes_of_file
from nodesim.exchange.neat.functions import activation_of
from nodesim.exchange.neat.genes import Called, Genes, genes_of
from nodesim.exchange.neat.wiring import Wiring, wiring_of
from nodesim.functions.contracts import Activation
from nodesim.functions.interruptions import of_signal
from nodesim.notation.symbols import LETTERS
from nodesim.validation import brief, finite, shortened

_PARAMETERS = ("connections", "biases")
# What a sum, and any of these, makes of a single number, or, but for the product, of none.
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
    ends = set(genes.outputs)
    hidden = [key for key in wiring.order if key not in ends]
    keys = [*genes.inputs, None, *hidden, *genes.outputs]
    kinds = ["input"] * len(genes.inputs) + ["bias"] + ["hidden"] * len(hidden) + ["output"] * len(genes.outputs)
    row = {key: index for index, key in enumerate(keys)}
    first = len(genes.inputs) + 1
    position: dict[int | None, int] = {key: first + index for index, key in enumerate(wiring.order)}
    names = completed(kinds, map(_name, kinds, keys))
    weights, factors = reader.weights()
    count = len(wiring.links), len(wiring.order)
    # Behind a response of 0 no number of the genome says a weight.
    parameter = np.where(factors == 0.0, -1, np.repeat([0, 1], count))
    return Blueprint(
        names=tuple(names),
        kinds=tuple(kinds),
        given=(*[None] * len(genes.inputs), 1.0, *map(reader.activation, [*hidden, *genes.outputs])),
        positions=tuple(position.get(key, index) for index, key in enumerate(keys)),
        sources=np.array([row[key] for key, _ in wiring.links] + [row[None]] * count[1], dtype=np.intp),
        targets=np.array([row[key] for key in (*(target for _, target in wiring.links), *wiring.order)], dtype=np.intp),
        weights=weights,
        frozen=parameter < 0,
        loss=loss_of(loss),
        origins=Origins(_PARAMETERS, parameter, np.concatenate([*map(np.arange, count)]), factors + (factors == 0.0)),
        notes=(*genes.notes, *reader.notes(lambda key: names[row[key]])),
    )  # fmt: skip


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
        for key in wiring.order:
            self._check_aggregation(key)
            self.responses[key] = self._number(genes.nodes[key].response, f"the response of node {key}")

    def weights(self) -> tuple[Array, Array]:
        """Return the weights of all connections, those of the bias node last, and the factors in them."""
        genes = self.genes
        numbers = [self._number(genes.links[ends], f"the weight of {ends}") for ends in self.wiring.links]
        numbers += [self._number(genes.nodes[key].bias, f"the bias of node {key}") for key in self.wiring.order]
        factors = np.array([self.responses[key] for _, key in self.wiring.links] + [1.0] * len(self.wiring.order))
        with np.errstate(all="ignore"):
            weights = np.array(numbers) * factors
        if not np.isfinite(weights).all():
            raise ExchangeError(f"{genes.program}: a weight times the response behind it is not finite.")
        return weights, factors

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
        scaled = [name(key) for key, response in self.responses.items() if response != 1.0 and self.fed[key]]
        none = [name(key) for key, response in self.responses.items() if response == 0.0 and self.fed[key]]
        unused = [key for key in self.genes.nodes if key not in self.responses]
        return [
            *([f"responses are multiplied into the weights before {brief(scaled)}"] if scaled else []),
            *([f"the response of {brief(none)} is 0: weights before it are 0 and stay 0"] if none else []),
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

    def _check_aggregation(self, key: int) -> None:
        called, count = self.genes.nodes[key].aggregation, self.fed[key]
        same = called.name in _SAME_OF_ONE and (count == 1 or (count == 0 and called.name != "product"))
        if called.own or not (called.name == "sum" or same):
            raise ExchangeError(
                f"{self.genes.program}: node {key} takes the {shortened(called.name)} of {count} values; "
                "a network adds them up (aggregation sum)."
            )


def _name(kind: str, key: int | None) -> str | None:
    """Return the name that a key says: -1 is I1, 0 is O1, 5 is H5; None where there is no such number."""
    number = 1 if key is None else {"input": -key, "output": key + 1}.get(kind, key)
    return f"{LETTERS[kind]}{number}" if number > 0 else None

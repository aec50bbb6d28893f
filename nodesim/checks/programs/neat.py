"""neat-python itself, run with other weights."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import metadata
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.checks.programs.program import Allowed
from nodesim.errors import ExchangeError, MissingExtraError
from nodesim.exchange.blueprint import Blueprint
from nodesim.exchange.formats import is_path
from nodesim.exchange.neat import reading
from nodesim.exchange.neat.genes import Called, Genes
from nodesim.exchange.neat.wiring import Wiring, wiring_of
from nodesim.functions.contracts import Loss

# A node as neat-python's FeedForwardNetwork has it: key, activation, aggregation, bias, response, [(source, weight)].
_Evaluation = tuple[int, Any, Any, float, float, list[tuple[int, float]]]


class NeatProgram:
    """A FeedForwardNetwork of neat-python; see `nodesim.checks.programs.program.Program`.

    Parameters
    ----------
    network : neat.nn.FeedForwardNetwork
    blueprint : Blueprint
    wiring : Wiring
        Of the same genome.
    """

    softmax = False

    def __init__(self, network: Any, blueprint: Blueprint, wiring: Wiring) -> None:
        self.name = f"neat-python {metadata.version('neat-python')}"
        self.blueprint = blueprint
        self._network = network
        self._given: list[_Evaluation] = list(network.node_evals)
        origins = blueprint.origins
        # Connections come first, in the order of the genome, and nodes that join have no bias.
        biases = np.flatnonzero(origins.parameter == 1)
        self._bias = {
            wiring.order[place]: index for place, index in zip(origins.place[biases].tolist(), biases.tolist())
        }
        self._link = {ends: index for index, ends in enumerate(wiring.links)}

    def allowed(self, inputs: Array) -> Allowed:
        """Allow it nothing: its numbers are doubles, and its functions are registered as they are."""
        return Allowed()

    def outputs(self, inputs: Array, weights: Array) -> Array:
        """Run it with these weights of the blueprint, which it takes by its origins."""
        network, origins = self._network, self.blueprint.origins
        own: list[float] = np.where(origins.parameter < 0, np.nan, weights / origins.factor).tolist()
        network.node_evals = [self._with(each, own) for each in self._given]
        activate = network.activate
        try:
            return np.array([activate(sample) for sample in inputs.tolist()], dtype=float)
        except OverflowError as error:
            raise ExchangeError(f"{self.name}: its numbers overflow: {error}.") from error
        finally:
            network.node_evals = self._given

    def judged(self, inputs: Array, targets: Array, loss: Loss) -> None:
        """Return None: it calculates no gradients."""

    def _with(self, given: _Evaluation, own: Sequence[float] | Array) -> _Evaluation:
        key, activation, aggregation, _, response, links = given
        # Behind a response of 0 weights stay what they are.
        changed = [(source, own[self._link[source, key]] if response else weight) for source, weight in links]
        bias = own[self._bias[key]] if key in self._bias else 0.0
        return key, activation, aggregation, bias, response, changed


def program_of(other: Any) -> NeatProgram:
    """Make neat-python run a genome, given as (genome, config), or a file that it exported.

    Raises
    ------
    MissingExtraError
        Without neat-python.
    ExchangeError
        For a file with functions that are none of neat-python's own, and for what `nodesim.from_neat` refuses.
    """
    genome, config = (other, None) if is_path(other) else other
    genes = reading.genes_named(genome, config)
    wiring = wiring_of(genes)
    blueprint = reading.blueprint(genes, wiring, None)
    try:
        from neat.nn import FeedForwardNetwork
    except ImportError as error:
        raise MissingExtraError(
            "neat-python, which runs the other network, needs the extra 'neat': pip install 'nodesim[neat]'."
        ) from error
    if config is None:
        evaluations = _evaluations(genes, wiring)
        return NeatProgram(FeedForwardNetwork(list(genes.inputs), list(genes.outputs), evaluations), blueprint, wiring)
    return NeatProgram(FeedForwardNetwork.create(genome, config), blueprint, wiring)


def _evaluations(genes: Genes, wiring: Wiring) -> list[_Evaluation]:
    from neat.activations import ActivationFunctionSet
    from neat.aggregations import AggregationFunctionSet

    activations, aggregations = ActivationFunctionSet(), AggregationFunctionSet()
    links: dict[int, list[tuple[int, float]]] = {key: [] for key in wiring.order}
    for source, target in wiring.links:
        links[target].append((source, genes.links[source, target]))
    return [
        (
            key, _function(activations, genes.nodes[key].activation, genes),
            _function(aggregations, genes.nodes[key].aggregation, genes),
            genes.nodes[key].bias, genes.nodes[key].response, links[key],
        )
        for key in wiring.order
    ]  # fmt: skip


def _function(known: Any, called: Called, genes: Genes) -> Any:
    if called.own:
        raise ExchangeError(f"{genes.program}: the file does not hold the function {called.name!r}; give the genome.")
    return known.get(called.name)

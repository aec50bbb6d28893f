"""What a genome makes of samples: all of them at once, where neat-python itself takes one after the other."""

from __future__ import annotations

from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.evolution.samples import Samples
from nodesim.exchange.neat.functions import activation_of, aggregation_of
from nodesim.exchange.neat.genes import Called, Gene, Genes, genes_of
from nodesim.exchange.neat.wiring import wiring_of
from nodesim.functions.contracts import Loss
from nodesim.simulation.objective import errors_of


class Judge:
    """Calculates the error of genomes, which their networks have to the last digits.

    Parameters
    ----------
    samples : Samples
    loss : Loss
    """

    def __init__(self, samples: Samples, loss: Loss) -> None:
        self._samples, self._loss = samples, loss
        self._functions: dict[tuple[str, Called], Any] = {}

    def error(self, genome: Any, config: Any) -> float:
        """Return e, the mean of the samples' errors, which may be no finite number.

        Raises
        ------
        ExchangeError, FunctionError
            If the genome is damaged, or the loss fails.
        """
        genes = genes_of(genome, config)
        with np.errstate(all="ignore"):
            sums, values = self._run(genes)
            found = sums if self._loss.sum_function is not None else values
            outputs = np.stack([found[key] for key in genes.outputs])
            return float(errors_of(self._loss, self._samples.targets, outputs).mean())

    def _run(self, genes: Genes) -> tuple[dict[int, Array], dict[int, Array]]:
        wiring = wiring_of(genes)
        values = dict(zip(genes.inputs, self._samples.inputs))
        links: dict[int, list[Array]] = {key: [] for key in wiring.order}
        ends: dict[int, list[tuple[int, float]]] = {key: [] for key in wiring.order}
        for source, target in wiring.links:
            ends[target].append((source, genes.links[source, target]))
        sums: dict[int, Array] = {}
        for key in wiring.order:
            gene = genes.nodes[key]
            links[key] = [values[source] * weight for source, weight in ends[key]]
            sums[key] = gene.bias + gene.response * self._joined(gene, links[key])
            values[key] = self._activation(gene.activation, genes).function(sums[key])
        return sums, values

    def _joined(self, gene: Gene, given: list[Array]) -> Array:
        called = gene.aggregation
        if called.name == "sum" and not called.own:
            return sum(given, np.zeros(self._samples.inputs.shape[1]))
        if not given:
            return np.full(self._samples.inputs.shape[1], 1.0 if called.name == "product" else 0.0)
        if ("aggregation", called) not in self._functions:
            self._functions["aggregation", called] = aggregation_of(called, "evolution")
        found: Array = self._functions["aggregation", called].function(np.stack(given))
        return found

    def _activation(self, called: Called, genes: Genes) -> Any:
        if ("activation", called) not in self._functions:
            self._functions["activation", called] = activation_of(called, genes.program)
        return self._functions["activation", called]

"""neat-python at work: it breeds generation after generation, and what is told and judged in between."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from typing import Any

from nodesim.errors import ArgumentError, FunctionError, NodesimError
from nodesim.evolution.evolution import Generation
from nodesim.evolution.judge import Judge
from nodesim.evolution.randomness import OwnRandom
from nodesim.evolution.samples import Samples
from nodesim.exchange.neat import reading
from nodesim.functions.contracts import Loss
from nodesim.functions.guard import complaint
from nodesim.functions.interruptions import is_interruption
from nodesim.network import Network
from nodesim.notation.symbols import number, plural
from nodesim.training.progress import ProgressLine
from nodesim.validation import brief, finite


class _EnoughError(Exception):
    """The error is as small as was asked for; no fault, and never seen outside."""


class Breeding:
    """One run of neat-python.

    Parameters
    ----------
    config : neat.Config
    loss : Loss
    judge : Judge, optional
        Without samples there is none.
    samples : Samples, optional
    fitness : callable, optional
        Of a network; by default -e.
    output : str, optional
        What the config calls the activation that all outputs have.
    limit : float, optional
        The error that is small enough.
    line : ProgressLine
    """

    def __init__(
        self, config: Any, loss: Loss, judge: Judge | None, samples: Samples | None,
        fitness: Callable[[Network], float] | None, output: str | None, limit: float | None, line: ProgressLine,
    ) -> None:  # fmt: skip
        self._config, self._loss, self._judge, self._samples = config, loss, judge, samples
        self._fitness, self._output, self._limit, self._line = fitness, output, limit, line
        self._random = OwnRandom()
        self._found: list[Generation] = []
        self._count = 0

    def run(self, generations: int, seed: int | None) -> tuple[list[Generation], str]:
        """Breed so many generations at most, and return them, and why they ended.

        Raises
        ------
        ArgumentError
            If neat-python does not come to an end with its config.
        FunctionError, ExchangeError
            See `nodesim.evolve`.
        """
        import neat

        self._count = generations
        try:
            with self._random.inside():
                population = neat.Population(self._config, seed=seed)
                population.add_reporter(_Reporter(self))
                population.run(self._judged, generations)
        except KeyboardInterrupt:
            return self._found, f"interrupted after {plural(len(self._found), 'whole generation')}"
        except _EnoughError:
            return self._found, f"the error is at most {self._limit:g}"
        except neat.CompleteExtinctionException:
            return self._found, f"no species was left after {plural(len(self._found), 'generation')}"
        except NodesimError:
            raise
        except Exception as error:
            if is_interruption(error):
                raise
            raise ArgumentError(
                f"neat-python fails in generation {len(self._found) + 1} with these settings: "
                f"{brief(f'{type(error).__name__}: {error}', 200)}"
            ) from error
        if len(self._found) < generations:
            return self._found, f"the fitness is at least {self._config.fitness_threshold:g}"
        return self._found, f"all {plural(generations, 'generation')} done"

    def network(self, genome: Any) -> Network:
        """Make a network of a genome."""
        network = reading.read(genome, self._config, self._loss).network(Network)
        if self._samples is not None and self._samples.classes is not None:
            network.classes = self._samples.classes
        return network

    def told(self, genomes: Sequence[Any], species: int, best: Any) -> None:
        """Take down a generation that is judged."""
        network, own = self.network(best), copy.deepcopy(best)
        e = self._error(network)
        mean = math.fsum(each.fitness for each in genomes) / len(genomes)
        size = len(network.nodes), len(network.connections)
        place = len(self._found) + 1
        self._found.append(Generation(place, network, own, e, best.fitness, mean, species, size))
        with self._random.outside():
            self._line.show(place, self._count, f"generation {place:,}/{self._count:,}  e {number(e)}")
        if self._limit is not None and e <= self._limit:
            raise _EnoughError

    def _error(self, network: Network) -> float:
        if self._samples is None:
            return math.nan
        try:
            return network.error(self._samples.inputs.T, self._samples.targets.T)
        except NodesimError:
            return math.nan

    def _judged(self, genomes: list[tuple[int, Any]], config: Any) -> None:
        """Give every genome its fitness; those that live on from the generation before have theirs."""
        for _, genome in genomes:
            if self._output is not None:
                for key in config.genome_config.output_keys:
                    genome.nodes[key].activation = self._output
            if self._fitness is not None:
                genome.fitness = self._of_user(genome)
            elif genome.fitness is None:
                assert self._judge is not None
                genome.fitness = -self._judge.error(genome, config)
        # neat-python takes means of all of them.
        known = [genome.fitness for _, genome in genomes if math.isfinite(genome.fitness)]
        for _, genome in genomes:
            if not math.isfinite(genome.fitness):
                genome.fitness = min(known, default=0.0)

    def _of_user(self, genome: Any) -> float:
        assert self._fitness is not None
        network = self.network(genome)
        try:
            with self._random.outside():
                return finite(self._fitness(network), "what fitness returns")
        except ArgumentError as error:
            raise FunctionError(f"the genome {genome.key}: {error}") from error
        except Exception as error:
            if is_interruption(error):
                raise
            raise FunctionError(f"the genome {genome.key}: fitness {complaint(error)}") from error


class _Reporter:
    """What neat-python tells of; nothing is printed."""

    def __init__(self, breeding: Breeding) -> None:
        self._breeding = breeding

    def post_evaluate(self, config: Any, population: Any, species: Any, best: Any) -> None:
        """Hear of a generation."""
        self._breeding.told(list(population.values()), len(species.species), best)

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *told: None

"""Evolution: populations of genomes that neat-python breeds, and the best of each generation as a network."""

from nodesim.evolution.evolution import Evolution, Generation
from nodesim.evolution.evolving import evolve

__all__ = ["Evolution", "Generation", "evolve"]

"""What a genome of neat-python says: its nodes and connections by their keys, before anything is built of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nodesim.errors import ExchangeError, NodesimError
from nodesim.functions.interruptions import of_signal
from nodesim.validation import brief, shortened

# Keys become parts of names.
_LARGEST = 10**18
_STEPS = (
    "its config says feed_forward = False; the network runs as neat-python's FeedForwardNetwork, not as its "
    "RecurrentNetwork, where values are one step old"
)


@dataclass(frozen=True)
class Called:
    """A function by its name.

    Attributes
    ----------
    name : str
    own : bool
        Whether it is none of neat-python's, but its user's.
    call : callable, optional
        The function itself, where it is at hand.
    """

    name: str
    own: bool = False
    call: Callable[[Any], Any] | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Gene:
    """A node: activation(bias + response · aggregation(weight · value, ...)); numbers are not checked yet."""

    bias: Any
    response: Any
    activation: Called
    aggregation: Called


@dataclass(frozen=True)
class Genes:
    """A whole genome.

    Attributes
    ----------
    program : str
        Where it comes from, for messages.
    inputs, outputs : sequence of int
        Their keys, in the order in which `activate` takes and gives values.
    nodes : mapping from key to Gene
    links : mapping from (source, target) to weight
        The enabled ones; weights are not checked yet.
    notes : tuple of str
    """

    program: str
    inputs: Sequence[int]
    outputs: Sequence[int]
    nodes: Mapping[int, Gene]
    links: Mapping[tuple[int, int], Any]
    notes: tuple[str, ...] = ()


def genes_of(genome: Any, config: Any) -> Genes:
    """Read a genome, and what its config says of it.

    Raises
    ------
    ExchangeError
        If they are something else, or damaged.
    """
    try:
        if config is None or getattr(config, "genome_config", None) is None:
            alone = "alone" if config is None else f"and {shortened(config)}"
            raise ExchangeError(
                "a genome is read with the neat.Config that it was evolved with: from_neat(genome, config); "
                f"got {shortened(genome)} {alone}."
            )
        return _genes(f"the genome {shortened(getattr(genome, 'key', None))}", genome, config)
    except NodesimError:
        raise
    except Exception as error:
        if of_signal(error):
            raise
        # Whatever attributes of damaged objects raise.
        raise ExchangeError(
            f"{shortened(genome)} with {shortened(config)} cannot be read as a genome of neat-python and its config: "
            f"{type(error).__name__}: {brief(str(error), 150)}"
        ) from error


def _genes(program: str, genome: Any, config: Any) -> Genes:
    given = config.genome_config
    links = {}
    for key, gene in genome.connections.items():
        if gene.enabled:
            source, target = key
            if tuple(gene.key) != key:
                raise ExchangeError(
                    f"{program}: the connection {shortened(key)} says that it is {shortened(gene.key)}."
                )
            links[key_of(source, program), key_of(target, program)] = gene.weight
    nodes = {key_of(key, program): _gene(gene, given, program) for key, gene in genome.nodes.items()}
    inputs, outputs = ([key_of(key, program) for key in keys] for keys in (given.input_keys, given.output_keys))
    notes = () if getattr(given, "feed_forward", True) else (_STEPS,)
    return Genes(program, inputs, outputs, nodes, links, notes)


def key_of(key: Any, program: str) -> int:
    """Return a node's key, or refuse what is none."""
    if type(key) is int and abs(key) < _LARGEST:
        return key
    raise ExchangeError(f"{program}: a node's key is a whole number of at most 18 digits, not {shortened(key)}.")


def _gene(gene: Any, given: Any, program: str) -> Gene:
    activation = _called(given.activation_defs, gene.activation, "activation", program)
    aggregation = _called(given.aggregation_function_defs, gene.aggregation, "aggregation", program)
    return Gene(gene.bias, gene.response, activation, aggregation)


def _called(known: Any, name: Any, kind: str, program: str) -> Called:
    try:
        call = known.get(name)
    except Exception as error:
        if of_signal(error):
            raise
        # Versions of neat-python raise, or return None.
        call = None
    if not isinstance(name, str) or not callable(call):
        raise ExchangeError(f"{program}: its config has no {kind} named {shortened(name)}.")
    if getattr(call, "__module__", None) != f"neat.{kind}s":
        return Called(name, True, call)
    # By its own name: a config may know it by another one.
    return Called(str(getattr(call, "__name__", name)).removesuffix(f"_{kind}"), False, call)

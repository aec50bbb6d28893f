"""EVOLVE: neat-python breeds genomes, nodesim judges them, and backpropagation goes on from the best.

References
----------
Stanley, K. O., and R. Miikkulainen, "Evolving Neural Networks through Augmenting Topologies", Evolutionary Computation
10 (2002).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nodesim.errors import ArgumentError, ArgumentTypeError, MissingExtraError
from nodesim.evolution import functions, settings
from nodesim.evolution.breeding import Breeding
from nodesim.evolution.evolution import Evolution
from nodesim.evolution.judge import Judge
from nodesim.evolution.randomness import seed_of
from nodesim.evolution.samples import Samples, samples
from nodesim.functions.contracts import Loss
from nodesim.network import Network
from nodesim.plugins import lookup
from nodesim.training.history import History
from nodesim.training.progress import ProgressLine
from nodesim.validation import at_least_zero, shortened, whole


def evolve(
    X: Any = None,
    y: Any = None,
    *,
    generations: int = 50,
    population: int | None = None,
    loss: Any = None,
    fitness: Callable[[Network], float] | None = None,
    activations: Any = None,
    aggregations: Any = None,
    output: Any = None,
    stop_at_error: float | None = None,
    epochs: int = 0,
    learning_rate: float | None = None,
    optimizer: Any = "sgd",
    config: Any = None,
    seed: Any = None,
    progress: bool | None = None,
) -> Evolution:
    """Evolve networks by NEAT, their structure and their weights, and train the best by backpropagation.

    Parameters
    ----------
    X : array_like of shape (n_samples, n_inputs), mapping, data frame, or Dataset
        The samples.
    y : array_like of shape (n_samples, n_outputs); left out with a Dataset
        What they should give; also class numbers or labels, as for `Network.fit`.
    generations : int
        How many there are at most.
    population : int, optional
        How many genomes each generation has; by default 150, or what the config says.
    loss : str or Loss, optional
        By default mse. The fitness of a genome is -e.
    fitness : callable, optional
        ``fitness(network)`` returns a number, the larger the better, instead of -e. X and y may then be left out;
        the config says how many inputs and outputs there are: ``config={"num_inputs": 4, "num_outputs": 1}``.
    activations, aggregations : str, or a list of names, optional
        What nodes may have; by default "neat_sigmoid", the steep sigmoid of NEAT, and "sum", or what the config says.
    output : str or Activation, optional
        The activation of all outputs; by default the one that the loss needs, else theirs evolve, too.
    stop_at_error : float, optional
        Stop when the error of the best is this small.
    epochs : int
        For how many epochs the best is trained at the end, by `Network.fit`.
    learning_rate, optimizer : optional
        For that training, as for `Network.fit`.
    config : mapping, path or neat.Config, optional
        Settings of neat-python by name, which are put in place of nodesim's own, as ``{"node_add_prob": 0.5}``; or a
        file of neat-python, or what it has read of one.
    seed : int, numpy.random.Generator or None
        The same seed gives the same generations. The numbers of Python's own `random`, which neat-python draws, go on
        afterwards as if nothing had been.
    progress : bool, optional
        Whether to show a progress line; by default in a notebook and on a terminal, after a second.

    Returns
    -------
    Evolution
        Its `best` is the network, and `generations` are all of them. Ctrl-C ends it: it has the generations that were
        completed.

    Raises
    ------
    MissingExtraError
        Without neat-python.
    DataError, ArgumentError, ArgumentTypeError, UnknownNameError, FileError
        If an argument, the data or the config are not usable.
    FunctionError
        If the fitness fails, or the loss.
    ExchangeError
        If the config lets nodes have functions that networks cannot have.

    See Also
    --------
    nodesim.from_neat : Read a genome that neat-python has evolved by itself.
    nodesim.sweep : Train many networks of one structure.
    Network.fit : Train a network.

    Notes
    -----
    neat-python does the breeding: mutation, crossover, species. Genomes are judged by nodesim with all samples at once,
    and every best is the network that `nodesim.from_neat` makes of its genome: nodes keep their keys, as H5. A genome
    whose error is no finite number counts as the worst of its generation. Where a config has a fitness_threshold, and
    `fitness` is given, it ends the evolution as in neat-python.

    References
    ----------
    Stanley, K. O., and R. Miikkulainen, "Evolving Neural Networks through Augmenting Topologies", Evolutionary
    Computation 10 (2002).

    Examples
    --------
    >>> import nodesim as ns
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> evolution = ns.evolve(X, y, generations=20, population=50, stop_at_error=0.01, seed=1, epochs=50)
    >>> evolution.best.error(X, y) < min(evolution.errors) < evolution.errors[0]
    True
    """
    _check_engine()
    generations, epochs = whole(generations, "generations"), whole(epochs, "epochs", 0)
    limit = None if stop_at_error is None else at_least_zero(stop_at_error, "stop_at_error")
    if fitness is not None and not callable(fitness):
        raise ArgumentTypeError(f"fitness must be a function of a network, got {shortened(fitness)}.")
    seed = seed_of(seed)
    known, data = _prepared(X, y, loss_of := lookup.loss("mse" if loss is None else loss), fitness, config)
    if data is None and (epochs or limit is not None):
        raise ArgumentError("epochs and stop_at_error need samples: give X and y.")
    if population is not None:
        known.pop_size = whole(population, "population", 2, 1_000_000)
    fixed = _functions(known.genome_config, activations, aggregations, loss_of.outputs if output is None else output)
    _end(known, limit, by_fitness=fitness is not None, given=config)
    judge = None if data is None else Judge(data, loss_of)
    line = ProgressLine(progress)
    breeding = Breeding(known, loss_of, judge, data, fitness, fixed, limit, line)
    try:
        found, reason = breeding.run(generations, seed)
    finally:
        line.close()
    best = max(found, key=lambda each: each.fitness, default=None)
    network = None if best is None else best.best
    history: History | None = None
    if network is not None and data is not None and epochs:
        network = network.copy()
        history = network.fit(
            data.inputs.T, data.targets.T, epochs=epochs, learning_rate=learning_rate, optimizer=optimizer,
            progress=progress,
        )  # fmt: skip
    return Evolution(tuple(found), reason, known, history, network)


def _check_engine() -> None:
    try:
        import neat  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(
            "evolution needs the extra 'neat' (neat-python): pip install 'nodesim[neat]'."
        ) from error


def _prepared(x: Any, y: Any, loss: Loss, fitness: Any, given: Any) -> tuple[Any, Samples | None]:
    """Return a config, and samples, which agree on how many inputs and outputs there are."""
    if x is None and fitness is None:
        raise ArgumentError("evolution needs samples, X and y, or a fitness of your own.")
    own = given is None or isinstance(given, Mapping)
    config = None if own else settings.config_of(given, None)
    counts: list[Any] = [None, None]
    for place, name in enumerate(("num_inputs", "num_outputs")):
        asked = getattr(config.genome_config, name) if config is not None else (given or {}).get(name)
        counts[place] = None if asked is None else whole(asked, name)
    if x is None:
        if None in counts:
            raise ArgumentError(
                "without samples the config says how many inputs and outputs there are: "
                "config={'num_inputs': ..., 'num_outputs': ...}."
            )
        return config if config is not None else settings.config_of(given, None), None
    data = samples(x, y, loss, (counts[0], counts[1]))
    if config is None:
        config = settings.config_of(given, (len(data.inputs), len(data.targets)))
    return config, data


def _functions(genome: Any, activations: Any, aggregations: Any, output: Any) -> str | None:
    """Say in a config which functions there are, and return what the outputs have, where that does not evolve."""
    if activations is not None:
        genome.activation_options = functions.known_activations(activations, genome)
        genome.activation_default = genome.activation_options[0]
    if aggregations is not None:
        genome.aggregation_options = functions.known_aggregations(aggregations, genome)
        genome.aggregation_default = genome.aggregation_options[0]
    return None if output is None else functions.known_activations([output], genome)[0]


def _end(config: Any, limit: float | None, *, by_fitness: bool, given: Any) -> None:
    """Say in a config when evolution ends; the error, where one is asked for, is looked at elsewhere."""
    says = not isinstance(given, Mapping | None) or "fitness_threshold" in (given or {})
    if isinstance(given, Mapping) and "fitness_threshold" in given:
        config.no_fitness_termination = False
    if not by_fitness or not says:
        config.no_fitness_termination = True

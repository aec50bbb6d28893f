"""SWEEP: many trainings in one call."""

from __future__ import annotations

from itertools import product
from typing import Any

from nodesim.errors import ArgumentError
from nodesim.simulation.optimizer_state import rate
from nodesim.sweeps import choices
from nodesim.sweeps.choices import Choices, Model
from nodesim.sweeps.chunk import Chunk, Samples
from nodesim.sweeps.outcome import Outcome, joined
from nodesim.sweeps.results import Results
from nodesim.sweeps.spreading import Spreader
from nodesim.sweeps.table import Sweep
from nodesim.training.fit import some_of
from nodesim.training.progress import ProgressLine

# Networks that an engine trains side by side: fewer in a chunk would leave room empty.
_SIDE_BY_SIDE = 64


def sweep(
    networks: Any,
    X: Any,
    y: Any = None,
    seeds: Any = 100,
    epochs: int = 1000,
    learning_rate: Any = None,
    batch_size: Any = None,
    optimizer: Any = "sgd",
    *,
    hidden: Any = None,
    output: Any = None,
    bias: Any = None,
    loss: Any = None,
    initializer: Any = None,
    shuffle: bool = True,
    validation_data: Any = None,
    stop_at_error: float | None = None,
    patience: int | None = None,
    tolerance: float | None = None,
    progress: bool | None = None,
    n_jobs: int | None = None,
) -> Sweep:
    """Train a network for every seed, and for every combination of parameters of which a list is given.

    Parameters
    ----------
    networks : sequence of int, Network, or a list of these
        Sizes of layers, as `Network.layered` takes them, or a network whose weights are drawn anew for each seed, as by
        `Network.initialize`; what it has frozen stays. It is copied, and not changed itself.
    X : array_like of shape (n_samples, n_inputs), mapping, data frame, or Dataset
        The samples.
    y : array_like of shape (n_samples, n_outputs); left out with a Dataset
        What they should give; also class numbers or labels, as for `Network.fit`.
    seeds : int, list of int, or None
        How many, from 0 on, or which. None trains networks from the weights that they have.
    epochs : int
        How many times the samples are gone through, at most.
    learning_rate : float or list of float, optional
        As for `Network.fit`. Without one each training searches for its own, one network after the other.
    batch_size : int, None, or a list of these
        Samples for each update: None takes them all, 1 is online learning.
    optimizer : str, Optimizer, or a list of these
        It starts afresh with each training.
    hidden, output, bias : optional
        As for `Network.layered`, or a list of choices each; for sizes of layers only. Activations that differ by
        layer are a list within the list.
    loss, initializer : optional
        Likewise; by default a network's own.
    shuffle : bool
        Whether the samples are put into another order each epoch, where there are several batches.
    validation_data : pair (X, y), optional
        As for `Network.fit`: watched instead of the training error, by which networks are then trained one by one.
    stop_at_error, patience, tolerance : optional
        When a training stops before its last epoch, as for `Network.fit`.
    progress : bool, optional
        Whether to show a progress line; by default in a notebook and on a terminal, after a second.
    n_jobs : int, optional
        In how many processes, -1 for one on each core, through joblib (the extra "sweep"); what
        ``joblib.parallel_config`` says counts, such as ``backend="dask"`` for many machines. By default in this one.

    Returns
    -------
    Sweep
        A table with a row for every training, in the order of networks, their functions, optimizers, batch sizes,
        learning rates and seeds; the last changes fastest. Ctrl-C ends the sweep, and there is no table.

    Raises
    ------
    ArgumentError, DataError, StructureError, FunctionError, MissingExtraError
        If an argument or the data are not usable, or not one training can be made. One that diverges or fails is a row
        like any other, and its `stopped` says what happened.

    See Also
    --------
    Network.fit : One training.
    Network.layered : The networks that sizes stand for.

    Notes
    -----
    Each row is what ``Network.layered(sizes, seed=seed)`` and `Network.fit` with the row's parameters come to: the same
    orders of samples, the same end, the same weights to 1e-12 as long as the training itself does not magnify what is
    rounded. The native form of the compiled engine (the extra "fast") trains small networks of one structure side by
    side, with compiled functions and losses and the built-in optimizers: of up to 8,000 connections online by "sgd",
    and of up to 500 else. All others are trained one after the other. What comes out does not depend on `n_jobs`, nor
    on the other rows, bit by bit. Functions of one's own go to other processes by name, as into a file.

    Examples
    --------
    >>> import nodesim as ns
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> table = ns.sweep([2, 3, 1], X, y, seeds=10, learning_rate=[0.1, 0.5], epochs=300)
    >>> len(table), table.best().parameters["learning_rate"]
    (20, 0.5)
    >>> table.best().network().predict(X).shape
    (4, 1)
    """
    spreader = Spreader(n_jobs)
    asked = Choices(
        choices.models(networks, {"hidden": hidden, "output": output, "bias": bias}, loss, initializer),
        choices.plans(
            optimizer, batch_size, epochs=epochs, shuffle=shuffle, stop_at_error=stop_at_error, patience=patience,
            tolerance=tolerance, progress=progress,
        ),
        choices.listed(learning_rate, "learning_rate"),
        choices.seeds(seeds),
    )  # fmt: skip
    _check(asked)
    data = [_checked(model, X, y) for model in asked.models]
    validation = [_validation(model, validation_data) for model in asked.models]
    n_samples = len(data[0][0])
    _tell_of_work(asked, n_samples)
    chunks = _chunks(asked, data, validation, spreader.parts)
    outcomes = _run(spreader, chunks, asked.count * asked.plans[0][1].epochs, progress)
    # Every model has as many chunks with every plan.
    each = len(chunks) // (len(asked.models) * len(asked.plans))
    found = [joined(outcomes[first : first + each]) for first in range(0, len(chunks), each)]
    return Sweep(Results(asked, found, n_samples, validated=validation_data is not None))


def _check(asked: Choices) -> None:
    """Check what depends on several arguments.

    Raises
    ------
    ArgumentError
        If a learning rate is none, or the table too large.
    """
    for (_, plan), learning_rate in product(asked.plans, asked.rates):
        if learning_rate is not None:
            rate(learning_rate, plan.optimizer)
    numbers = max(len(model.network.schedule.slots) for model in asked.models) + asked.plans[0][1].epochs
    if asked.count * numbers > choices.MOST:
        raise ArgumentError(
            f"{asked.count:,} trainings have more than {choices.MOST:,} weights and errors of epochs together; make "
            "several sweeps."
        )


def _checked(model: Model, x: Any, y: Any) -> Samples:
    model.network.simulator.learn_classes(x, y)
    inputs, targets, _ = model.network.simulator.pairs(x, y)
    return inputs.T, targets.T


def _validation(model: Model, validation_data: Any) -> Samples | None:
    return None if validation_data is None else _checked(model, *some_of(validation_data, weighted=False))


def _tell_of_work(asked: Choices, n_samples: int) -> None:
    """Let all engines know how much work the sweep is: what is not worth compiling for one training is for many."""
    simulators = [model.network.simulator for model in asked.models]
    for simulator, (_, plan) in product(simulators, asked.plans):
        batch = min(plan.batch_size or n_samples, n_samples)
        simulator.expect(batch, -(-n_samples // batch) * plan.epochs * asked.inner)
    work = sum(simulator.habits[1] for simulator in simulators)
    for simulator in simulators:
        simulator.habits = simulator.habits[0], work


def _chunks(asked: Choices, data: list[Samples], validation: list[Samples | None], parts: int) -> list[Chunk]:
    """Divide the work: every model with every plan into as many parts, in the order of the table."""
    size = -(-asked.inner // parts)
    # Where there are few, each process has one of its own; where there are many, no lane is left empty.
    size = size if size < _SIDE_BY_SIDE else -(-size // _SIDE_BY_SIDE) * _SIDE_BY_SIDE
    pairs = list(product(asked.rates, asked.seeds))
    return [
        Chunk(
            model.network, plan, [seed for _, seed in pairs[first : first + size]],
            [learning_rate for learning_rate, _ in pairs[first : first + size]], own, watched,
        )
        for model, own, watched in zip(asked.models, data, validation)
        for _, plan in asked.plans
        for first in range(0, asked.inner, size)
    ]  # fmt: skip


def _run(spreader: Spreader, chunks: list[Chunk], epochs: int, progress: bool | None) -> list[Outcome]:
    """Train all chunks, with a progress line about all of their epochs."""
    line, done = ProgressLine(progress), 0

    def report(more: int) -> None:
        nonlocal done
        done += more
        line.show(done, epochs, f"{done / epochs:.0%} of all epochs")

    try:
        return spreader.run(chunks, report)
    finally:
        line.close()

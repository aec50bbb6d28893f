"""TRAINING with batches that somebody hands over one by one: data that need not fit into memory.

Whatever goes wrong with them ends the training where it is, as Ctrl-C does: hours of it should not be lost. The weights
are those of the last whole update, and the record says why it ended.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from nodesim.engines.ctrl_c import CtrlC
from nodesim.errors import ArgumentError, DataError, NodesimError
from nodesim.functions.interruptions import is_interruption
from nodesim.simulation.data_set import NamedSamples
from nodesim.simulation.simulator import Simulator
from nodesim.training.following import Followers
from nodesim.training.history import History
from nodesim.training.loop import Training
from nodesim.training.plan import Plan
from nodesim.training.training_data import TrainingData, sum_of
from nodesim.validation import shortened

Epochs = Callable[[], Iterator[Any]]


def is_stream(x: Any, y: Any) -> bool:
    """Tell whether what stands for samples hands over batches: it can be iterated over or called, and has no targets.

    Examples
    --------
    >>> is_stream(iter([]), None), is_stream([[0.0]], None), is_stream([[0.0]], [1.0])
    (True, False, False)
    """
    if y is not None or hasattr(x, "__array__") or isinstance(x, Mapping | NamedSamples | str):
        return False
    # A list of lists is samples whose targets were forgotten.
    if isinstance(x, list | tuple):
        return bool(x) and all(isinstance(each, tuple) for each in x)
    return callable(x) or isinstance(x, Iterable)


class StreamTraining(Training):
    """A training of which each update takes the next batch.

    Parameters
    ----------
    simulator : Simulator
    batches : iterable, iterator or callable
        What hands over (X, y) or (X, y, sample_weight) for each update of an epoch; a callable returns it.
    class_weight : mapping or None
        As for `nodesim.Network.fit`.
    validation : TrainingData or None
    plan : Plan
    history : History
        Of no epoch; becomes the record.

    Raises
    ------
    ArgumentError
        If the plan asks for what needs all samples at hand.
    """

    def __init__(
        self, simulator: Simulator, batches: Any, class_weight: Any, validation: TrainingData | None, plan: Plan,
        history: History,
    ) -> None:  # fmt: skip
        _check(plan, class_weight)
        super().__init__(simulator, validation, plan, history, 1)
        self._epochs, self._class_weight = _epochs(batches), class_weight
        self.followers = Followers()
        self._ended = ""

    def run(self, ctrl_c: CtrlC) -> History:
        """Train; see `Training.run`."""
        self._ctrl_c = ctrl_c
        super().run(ctrl_c)
        if self._ended:
            self.history.stop_reason = self._ended
        return self.history

    def _advance(self) -> None:
        self.rate = self._next_rate()
        error, total = 0.0, 0.0
        for data, count in self._batches():
            # Where no sample counts there is no error, and nothing to learn.
            if count:
                self.simulator.expect(data.count, 1)
                error, total = error + self._step(data.whole, None, 0) * count, total + count
        if total and not self._ended:
            self._record([error / total])

    def _batches(self) -> Iterator[tuple[TrainingData, float]]:
        """Yield the batches of an epoch, and how much they count.

        It is noted why there are no more, if it is not that all are done.
        """
        number, epoch, total = 0, len(self.history) + 1, 0.0
        try:
            batches = self._epochs()
        except Exception as error:
            self._end(error, 0, epoch)
            return
        while True:
            self._ctrl_c.raise_lost()
            try:
                given = next(batches)
            except StopIteration:
                break
            except Exception as error:
                self._end(error, number, epoch)
                return
            number += 1
            try:
                x, y, sample_weight = _parts(given, number)
                data = TrainingData(self.simulator, x, y, sample_weight, self._class_weight, some_count=False)
                count = float(data.count) if data.weights is None else sum_of(data.weights)
                total = _counted(total + count)
            except NodesimError as error:
                self._end(error, number - 1, epoch)
                return
            yield data, count
        if not number:
            self._end(None, 0, epoch)
        elif not total:
            self._end(DataError("every sample has weight 0: no error e is left."), number, epoch)

    def _end(self, error: Exception | None, number: int, epoch: int) -> None:
        """Note why the training ends here; or raise what says so, where nothing was done that could be lost."""
        if error is not None and is_interruption(error):
            raise error
        kind = "" if isinstance(error, NodesimError) else f"{type(error).__name__}: "
        why = f"{kind}{error}" if error is not None else "there were no batches"
        if not self.history.updates:
            raise DataError(f"the batches: {why.rstrip('.')}.") from error
        if error is None:
            self._ended = (
                f"no batches for epoch {epoch:,}: what was given can be gone through once. Give a list, or a function "
                "that returns them anew for each epoch."
            )
            return
        self._ended = (
            f"the batches ended in epoch {epoch:,}, after {number:,} of them: {why.rstrip('.')}. The weights are those "
            f"of the last whole update, {self.history.updates:,} in all."
        )

    def _finite_epochs(self) -> bool:
        return super()._finite_epochs() and not self._ended


def _check(plan: Plan, class_weight: Any) -> None:
    if plan.batch_size is not None:
        raise ArgumentError("batches come as they are given; leave batch_size out.")
    if plan.validation_split is not None:
        raise ArgumentError("validation_split needs all samples at hand; give validation_data beside batches.")
    if isinstance(class_weight, str):
        raise ArgumentError("class_weight='balanced' needs all samples at hand; give a mapping beside batches.")
    if plan.is_sharded:
        raise ArgumentError("n_jobs and client need all samples at hand; leave them out beside batches.")
    if plan.followers:
        raise ArgumentError("a ledger needs all samples at hand: it cannot follow a training with batches.")


def _epochs(batches: Any) -> Epochs:
    """Return what begins an epoch."""
    if callable(batches):
        return lambda: iter(batches())
    return lambda: iter(batches)


def _counted(total: float) -> float:
    """Return what the samples of an epoch count together, or raise a `DataError` if that is no finite number."""
    if not math.isfinite(total):
        raise DataError("the weights of samples add up to no finite number; give smaller ones: only how they compare "
                        "counts.")  # fmt: skip
    return total


def _parts(given: Any, number: int) -> tuple[Any, ...]:
    if isinstance(given, tuple | list) and len(given) in (2, 3):
        return (*given, None)[:3]
    raise DataError(f"batch {number} must be a pair (X, y), or (X, y, sample_weight); got {shortened(given)}.")

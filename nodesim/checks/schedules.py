"""The check of a schedule of learning rates: what its author runs before shipping, and what the built-in ones pass."""

from __future__ import annotations

from collections.abc import Iterator

from nodesim.checks.subject import Fault, report
from nodesim.errors import FunctionError
from nodesim.functions.schedule import LearningRateSchedule
from nodesim.plugins import lookup

# Every one of the first, and then ever fewer: none is beyond what somebody trains.
_EPOCHS = (*range(1, 301), *(10**power + add for power in (3, 4, 5, 6) for add in (-1, 0, 1)))


def check_schedule(schedule: LearningRateSchedule | str) -> None:
    """Check a schedule of learning rates: finite numbers, 0 or more, and that the epoch decides alone.

    Parameters
    ----------
    schedule : LearningRateSchedule or str
        The schedule, or its name; with parameters as in "step(every=10)".

    Raises
    ------
    CheckError
        Saying what is wrong.
    UnknownNameError
        If no schedule has that name.

    See Also
    --------
    nodesim.LearningRateSchedule : What a schedule needs.
    nodesim.checks.check_optimizer : The same for an optimizer.

    Notes
    -----
    Asked for are the first 300 epochs and some up to the millionth, and then all of them once more, from the last to
    the first: a training that is gone on with begins anywhere.

    Examples
    --------
    >>> import nodesim as ns
    >>> ns.checks.check_schedule("cosine(rate=0.5, epochs=100)")
    >>> ns.checks.check_schedule(ns.LearningRateSchedule("falling", lambda epoch: 50 - epoch))
    Traceback (most recent call last):
    nodesim.errors.CheckError: schedule falling: the learning rate of epoch 51 must be 0 or more, got -1
    """
    schedule = lookup.schedule(schedule)
    report(schedule, lambda: _rates(schedule))


def _rates(schedule: LearningRateSchedule) -> Iterator[str]:
    first = {epoch: _rate(schedule, epoch) for epoch in _EPOCHS}
    for epoch in reversed(_EPOCHS):
        again = _rate(schedule, epoch)
        if again != first[epoch]:
            yield f"the learning rate of epoch {epoch} is {first[epoch]:g}, and {again:g} when it is asked for again"
            return


def _rate(schedule: LearningRateSchedule, epoch: int) -> float:
    try:
        return schedule.rate(epoch)
    except FunctionError as error:
        raise Fault(str(error).removeprefix(f"while evaluating {schedule.label} ")) from error

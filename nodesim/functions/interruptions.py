"""Exceptions that arise while a function is called, and are not what the function says: they pass all who catch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from nodesim.errors import FunctionError


def is_interruption(error: BaseException) -> bool:
    """Tell whether an exception is no fault of the function in which it arose.

    That is what is no `Exception`, as Ctrl-C; what comes of the machine, stack and memory; and whatever the handler of
    a signal raised, as those do that end a calculation which takes too long.

    Examples
    --------
    >>> is_interruption(KeyboardInterrupt()), is_interruption(RecursionError()), is_interruption(ValueError())
    (True, True, False)
    """
    return not isinstance(error, Exception) or isinstance(error, RecursionError | MemoryError) or of_signal(error)


def of_signal(error: BaseException) -> bool:
    """Tell whether the handler of a signal raised an exception: one of the frames that it left is a handler's.

    Examples
    --------
    >>> of_signal(ValueError())
    False
    """
    import signal

    # Not the first, whose function has caught it: to look at its variables would keep the error among them, and with
    # the error whatever is in reach of these frames.
    frames = list(_frames(error))[1:]
    handlers = {getattr(signal.getsignal(number), "__code__", None) for number in signal.valid_signals()}
    return any(frame.f_code in handlers or _got_its_caller(frame) for frame in frames)


def raise_interruption(failures: list[BaseException]) -> None:
    """Raise the first of what functions raised that is no `FunctionError`: what those say is found again."""
    failures.sort(key=lambda failure: isinstance(failure, FunctionError))
    if failures and not isinstance(failures[0], FunctionError):
        raise_first(failures)


def raise_first(failures: list[BaseException]) -> None:
    """Raise the first of what functions raised, if there is any, and forget all.

    An exception keeps the frames that it left, and all that is in reach of them: it must not be there itself.
    """
    del failures[1:]
    if failures:
        raise failures.pop()


@contextmanager
def found_again(failures: list[BaseException]) -> Iterator[None]:
    """Do what functions failed in where it is named who it was; raise the first failure if nobody finds it again."""
    try:
        yield
    except BaseException:
        failures.clear()
        raise
    raise_first(failures)


def _frames(error: BaseException) -> Iterator[FrameType]:
    trace = error.__traceback__
    while trace is not None:
        yield trace.tb_frame
        trace = trace.tb_next


def _got_its_caller(frame: FrameType) -> bool:
    """Tell whether a function was given the frame that it interrupted: only handlers are, whatever kind they are of.

    One that has given its signal back before it raised is no handler any more.
    """
    interrupted = frame.f_back
    if interrupted is None:
        return False
    for value in list(frame.f_locals.values()):
        if value is interrupted or (type(value) is tuple and any(each is interrupted for each in value)):
            return True
    return False

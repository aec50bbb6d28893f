"""Exceptions that arise while a function is called, and are not what the function says: they pass all who catch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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

    frames = list(_frames(error))
    handlers = {getattr(signal.getsignal(number), "__code__", None) for number in signal.valid_signals()}
    return any(frame.f_code in handlers or _got_its_caller(frame) for frame in frames)


def raise_interruption(failures: Iterable[BaseException]) -> None:
    """Raise the first of what functions raised that is no `FunctionError`: what those say is found again."""
    for failure in failures:
        if not isinstance(failure, FunctionError):
            raise failure


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

"""Exceptions that arise while a function is called, and are not what the function says: they pass all who catch."""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType
from typing import Any

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
    if not isinstance(error, Exception) or isinstance(error, RecursionError | MemoryError):
        return True
    import signal

    handlers = {_code(signal.getsignal(number)) for number in signal.valid_signals()} - {None}
    return bool(handlers) and any(code in handlers for code in _codes(error.__traceback__))


def raise_interruption(failures: Iterable[BaseException]) -> None:
    """Raise the first of what functions raised that is no `FunctionError`: what those say is found again."""
    for failure in failures:
        if not isinstance(failure, FunctionError):
            raise failure


def _code(handler: Any) -> Any:
    """Return the code of a function, a method, a partial one, or of an object that is called like one."""
    for candidate in (handler, getattr(handler, "func", None), vars(type(handler)).get("__call__")):
        code = getattr(candidate, "__code__", None)
        if code is not None:
            return code
    return None


def _codes(trace: TracebackType | None) -> Any:
    while trace is not None:
        yield trace.tb_frame.f_code
        trace = trace.tb_next

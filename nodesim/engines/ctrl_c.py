"""Ctrl-C, not lost where Python loses it."""

from __future__ import annotations

# What `signal` puts before its functions makes members of an enumeration of handlers, which takes as long as a training
# of a tiny network.
import _signal  # type: ignore[import-not-found]
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any


class CtrlC:
    """Notes what the handler of Ctrl-C raises: Python drops exceptions that arise in finalizers and weak references.

    Attributes
    ----------
    raised : BaseException or None

    Examples
    --------
    >>> import signal
    >>> ctrl_c = CtrlC()
    >>> ctrl_c.listen()
    >>> try:
    ...     signal.raise_signal(signal.SIGINT)
    ... except KeyboardInterrupt as error:
    ...     print(error is ctrl_c.raised)
    ... finally:
    ...     ctrl_c.leave()
    True
    """

    def __init__(self) -> None:
        self.raised: BaseException | None = None
        self._before: Callable[[int, FrameType | None], Any] | None = None

    def listen(self) -> None:
        """Begin; it goes without where it is not the main thread, which alone gets Ctrl-C."""
        self._before = _handler()
        if self._before is not None:
            _signal.signal(_signal.SIGINT, self._handle)

    def leave(self) -> None:
        """Give the handler back, unless somebody has set another one since; and let go of what it raised."""
        self.raised = None
        if self._before is not None and _signal.getsignal(_signal.SIGINT) == self._handle:
            _signal.signal(_signal.SIGINT, self._before)

    def raise_lost(self) -> None:
        """Raise again what was raised: whoever comes here has not seen it."""
        if self.raised is not None:
            raise self.raised

    def _handle(self, number: int, frame: FrameType | None) -> None:
        assert self._before is not None
        try:
            self._before(number, frame)
        except BaseException as error:
            self.raised = error
            raise


def _handler() -> Callable[[int, FrameType | None], Any] | None:
    """Return what handles Ctrl-C in Python, or None where this thread cannot set it."""
    handler = _signal.getsignal(_signal.SIGINT)
    return handler if callable(handler) and threading.current_thread() is threading.main_thread() else None

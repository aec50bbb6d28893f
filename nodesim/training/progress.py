"""A progress line on long work, where the output is a terminal."""

from __future__ import annotations

import sys
import time
from typing import TextIO

_FIRST_AFTER = 1.0
_EVERY = 0.1


class ProgressLine:
    """One line on standard error that is written again and again, and wiped at the end.

    Parameters
    ----------
    shown : bool or None
        None shows it on a terminal only.
    """

    def __init__(self, shown: bool | None) -> None:
        self._stream: TextIO = sys.stderr
        self._shown = self._stream.isatty() if shown is None else shown
        self._next = time.monotonic() + (_FIRST_AFTER if shown is None else 0.0)
        self._written = False

    def report(self, epoch: int, epochs: int, error: float) -> None:
        """Show how far the training has come, ten times a second at most."""
        if not self._shown or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _EVERY
        self._written = True
        self._stream.write(f"\r\x1b[Kepoch {epoch:,}/{epochs:,}  error {error:.6g}")
        self._stream.flush()

    def close(self) -> None:
        """Wipe the line."""
        if self._written:
            self._stream.write("\r\x1b[K")
            self._stream.flush()

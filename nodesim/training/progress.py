"""A progress line on long work: in a notebook below the cell, else where the output is a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any, TextIO

from nodesim.notation import markup

_FIRST_AFTER = 1.0
_EVERY = 0.1
# A notebook sends each line over a network, and stores the last: fewer do.
_EVERY_IN_NOTEBOOK = 0.25
_WIPED = "\r\x1b[K"


class ProgressLine:
    """One line that is written again and again, and wiped at the end.

    Parameters
    ----------
    shown : bool or None
        None shows it in a notebook or on a terminal, after a second; True at once, and on standard error whatever that
        is.

    Examples
    --------
    >>> line = ProgressLine(shown=False)
    >>> line.report(1, 10, 0.5)
    >>> line.close()
    """

    def __init__(self, shown: bool | None) -> None:
        self._shown = shown
        self._place: _Terminal | _Notebook | None = None
        self._begin = time.monotonic()
        self._next = self._begin + (_FIRST_AFTER if shown is None else 0.0)
        self._written = False

    def report(self, epoch: int, epochs: int, error: float) -> None:
        """Show how far the training has come, a few times a second at most.

        Parameters
        ----------
        epoch, epochs : int
            How many are done, and how many there are at most.
        error : float
            That of the last one.
        """
        if (now := self._due()) is not None:
            self._write(now, epoch, epochs, f"epoch {epoch:,}/{epochs:,}  error {error:.6g}")

    def show(self, done: float, total: float, words: str) -> None:
        """Show words, and how long what is left will take, a few times a second at most.

        Parameters
        ----------
        done, total : float
            How much is done, and how much there is at most.
        words : str
        """
        if (now := self._due()) is not None:
            self._write(now, done, total, words)

    def _due(self) -> float | None:
        """Return the time if it is one to write at, and there is a place for it."""
        if self._shown is False or (now := time.monotonic()) < self._next:
            return None
        if self._place is None:
            # Looked for now, when there is something to write: most of what is done is over before.
            self._place = _place(always=bool(self._shown))
            self._shown = self._place is not None
        return now if self._shown else None

    def _write(self, now: float, done: float, total: float, words: str) -> None:
        assert self._place is not None
        self._next = now + self._place.every
        self._written = True
        left = (now - self._begin) * (total - done) / done
        self._place.write(f"{words}  {_duration(left)} left")

    def close(self) -> None:
        """Wipe the line."""
        if self._written and self._place is not None:
            self._place.wipe()


class _Terminal:
    """Standard error, whose line is written over."""

    every = _EVERY

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, words: str) -> None:
        self._stream.write(f"{_WIPED}{words}")
        self._stream.flush()

    def wipe(self) -> None:
        self._stream.write(_WIPED)
        self._stream.flush()


class _Notebook:
    """An output of the cell that is shown once and updated from then on; nothing else in the cell is touched."""

    every = _EVERY_IN_NOTEBOOK

    def __init__(self, display: Callable[..., Any]) -> None:
        self._display = display
        self._shown: Any = None

    def write(self, words: str) -> None:
        # Both forms: which one is shown is up to the front end.
        self._put({"text/plain": words, "text/html": markup.written(words)})

    def wipe(self) -> None:
        self._put({"text/plain": "", "text/html": ""})

    def _put(self, forms: dict[str, str]) -> None:
        if self._shown is None:
            self._shown = self._display(forms, raw=True, display_id=True)
        else:
            self._shown.update(forms, raw=True)


def _place(*, always: bool) -> _Terminal | _Notebook | None:
    """Return where to write; nothing where the output is redirected, unless `always`."""
    # Looked up, not imported: where nobody has loaded IPython, this is no notebook.
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if getattr(shell, "kernel", None) is not None:
        display = sys.modules.get("IPython.display")
        # Without a display there is no telling which cell the output belongs to.
        return _Notebook(display.display) if display is not None else None
    stream = sys.stderr
    return _Terminal(stream) if always or (stream is not None and stream.isatty()) else None


def _duration(seconds: float) -> str:
    """Write how long something takes, as one would say it.

    Examples
    --------
    >>> _duration(3.2), _duration(185), _duration(8000)
    ('3 s', '3 min 5 s', '2 h 13 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"

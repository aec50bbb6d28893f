"""A note when something takes long because it is done for the first time: nothing that takes seconds is silent."""

from __future__ import annotations

import contextlib
import functools
import logging
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np

from nodesim.engines.apart import apart

_log = logging.getLogger("nodesim")
# Compiled code is found again on disk; what takes longer than this is being compiled, or the machine is busy.
_NOTICEABLE = 1.5
_known: set[Any] = set()
_NOTE = (
    "loading the native engine; where it is new to this machine it is compiled once, up to half a minute, and kept on "
    "disk. "
    "'nodesim warm' does it ahead; network.engine = 'numpy' does without."
)


@functools.cache
def _say_once() -> None:
    _log.warning(_NOTE)


@contextlib.contextmanager
def noted() -> Iterator[None]:
    """Say so if what is done inside takes seconds."""
    # A timer, not a look at the clock afterwards: who waits wants to know it while waiting.
    note = threading.Timer(_NOTICEABLE, _say_once)
    note.daemon = True
    note.start()
    try:
        yield
    finally:
        note.cancel()


@contextlib.contextmanager
def announced() -> Iterator[None]:
    """Say nothing inside: whoever asked for it knows that it is compiled."""
    level = _log.level
    _log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        _log.setLevel(level)


def prepare(kernel: Any, *arguments: Any, dtype: Any = np.float64) -> None:
    """Compile a kernel for such arguments, with a note in case that it takes long, unless that was done before.

    Parameters
    ----------
    kernel : numba's compiled function
    *arguments
    dtype : data-type
        Of the numbers in them; each is compiled for itself.
    """
    if (kernel, dtype) not in _known:
        with noted():
            apart(kernel.compile, tuple(map(kernel.typeof_pyval, arguments)))
        _known.add((kernel, dtype))


def call(kernel: Any, *arguments: Any, dtype: Any = np.float64) -> Any:
    """Call a kernel; if it was not called before in this process, with a note in case that it is compiled."""
    prepare(kernel, *arguments, dtype=dtype)
    return kernel(*arguments)

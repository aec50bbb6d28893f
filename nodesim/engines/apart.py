"""What must not be left halfway: done in a thread of its own, which neither Ctrl-C nor a signal's handler gets at."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


def apart(call: Callable[..., T], *arguments: Any) -> T:
    """Call something in a thread of its own, and return or raise what comes of it.

    Only the main thread is interrupted, and it only waits: what is called goes on to its end all the same. numba and
    the import of its modules need that; left in the middle, they fail for the rest of the session.

    Examples
    --------
    >>> apart(sum, [1, 2])
    3
    """
    if threading.current_thread() is not threading.main_thread():
        return call(*arguments)
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(1, "nodesim compiles")
    try:
        return pool.submit(contextvars.copy_context().run, call, *arguments).result()
    finally:
        # Whoever was interrupted does not wait for the end.
        pool.shutdown(wait=False)

"""Ctrl-C while the command line is loaded: one line, and no traceback out of the middle of an import.

As long as everything is imported nothing can catch it. So where Python runs nodesim as a program, Ctrl-C ends it at
once, until the command line takes over. Where nodesim is imported by another program, nothing is touched.
"""

from __future__ import annotations

import os
import sys
from typing import Any

INTERRUPTED = 130
"""The exit code of what was interrupted, as shells give it to others."""


def _end(*_: Any) -> None:
    os.write(2, b"nodesim: error: interrupted\n")
    os._exit(INTERRUPTED)


def _is_program() -> bool:
    if sys.argv and sys.argv[0].replace("\\", "/").rpartition("/")[2] in ("nodesim", "nodesim.exe"):
        return True
    # What Python says while it looks for the module that it is told to run.
    return sys.argv[:1] == ["-m"] and not {"nodesim", "-mnodesim"}.isdisjoint(sys.orig_argv)


def _handle(handler: Any, instead_of: Any) -> bool:
    # Not imported with nodesim: other programs may never need them.
    import signal
    import threading

    # A shell may have told a program of the background to ignore it, and other threads have no say in it.
    asked = signal.getsignal(signal.SIGINT) is instead_of and threading.current_thread() is threading.main_thread()
    if asked:
        signal.signal(signal.SIGINT, handler)
    return asked


def take_over() -> bool:
    """Let Ctrl-C raise `KeyboardInterrupt` from now on; tell whether this is a program of its own."""
    import signal

    return _handle(signal.default_int_handler, _end)


def finish() -> None:
    """Do without Ctrl-C from now on: all is done, and nothing could catch it while Python comes to its end."""
    import signal

    _handle(signal.SIG_IGN, signal.default_int_handler)


if _is_program():
    import signal

    _handle(_end, signal.default_int_handler)

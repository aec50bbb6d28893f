"""Temporary files beside the file that is written, and what became of those whose writer was killed.

A name tells who writes: this machine, and the process. What no living process of this machine writes is left over from
one that was killed, and is cleared by the next save of the same file.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import platform
import re
import secrets
import time
from pathlib import Path

_NAME = re.compile(r"\.(?P<place>[0-9a-f]{12})-(?P<process>\d+)-[0-9a-f]{12}\.tmp\Z")
# Where processes cannot be asked for, what nobody has touched for so long is left over.
_A_DAY = 86_400.0
_MOST_OF_A_NAME = 100


def beside(target: Path) -> Path:
    """Return a new name for the temporary file of a file."""
    return target.with_name(f"{_begin(target)}.{_place()}-{os.getpid()}-{secrets.token_hex(6)}.tmp")


def clear(target: Path) -> None:
    """Remove the temporary files of a file that nobody writes any more."""
    with contextlib.suppress(OSError):
        begin = _begin(target)
        for path in target.parent.iterdir():
            if path.name.startswith(begin) and _is_left_over(path, path.name[len(begin) :]):
                path.unlink(missing_ok=True)


def _begin(target: Path) -> str:
    # In bytes, of which a name may have 255.
    return f".{os.fsencode(target.name)[:_MOST_OF_A_NAME].decode(errors='ignore')}"


def _is_left_over(path: Path, rest: str) -> bool:
    told = _NAME.fullmatch(rest)
    if told is None or told["place"] != _place():
        return False
    if os.name != "posix":
        return time.time() - path.stat().st_mtime > _A_DAY
    try:
        os.kill(int(told["process"]), 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        # Of somebody else, and alive.
        return False
    return False


@functools.cache
def _place() -> str:
    """Return twelve digits for this machine and, in a container, for what counts its processes."""
    space = ""
    with contextlib.suppress(OSError):
        space = str(Path("/proc/self/ns/pid").readlink())
    return hashlib.sha256(f"{platform.node()} {space}".encode()).hexdigest()[:12]

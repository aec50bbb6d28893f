"""Where the native form of the compiled engine is: it needs numba, the extra ``fast``."""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import sys
from typing import Any

from nodesim.engines.apart import apart
from nodesim.engines.compile_notice import noted
from nodesim.errors import MissingExtraError

_OF = {"float64": "", "float32": ".float32"}


@functools.cache
def native(dtype: str = "float64") -> Any:
    """Return the native form for networks of numbers of this type.

    Raises
    ------
    MissingExtraError
        Without numba.
    """
    try:
        with noted():
            return apart(importlib.import_module, f"nodesim.engines.native{_OF[dtype]}")
    except ImportError as error:
        raise MissingExtraError(
            f"the native form of the compiled engine needs the extra 'fast': pip install 'nodesim[fast]' ({error})."
        ) from error


@functools.cache
def version() -> str | None:
    """Return the version of numba, or None without it; it is not imported for that.

    What is installed counts: a folder of that name, in which a program happens to run, is no numba.
    """
    try:
        return importlib.metadata.version("numba")
    except importlib.metadata.PackageNotFoundError:
        return None


def has_native() -> bool:
    """Tell whether numba, and so the native form, is there."""
    return version() is not None


def is_loaded() -> bool:
    """Tell whether this program has loaded the native form already, so that more of it costs little."""
    return "nodesim.engines.native" in sys.modules

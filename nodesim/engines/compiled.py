"""The compiled engine: its native form where numba is installed (extra ``fast``), else its form in NumPy."""

from __future__ import annotations

import functools
import importlib
import importlib.util
from typing import Any

from nodesim.engines import levels
from nodesim.errors import MissingExtraError


@functools.cache
def native() -> Any:
    """Return the native form.

    Raises
    ------
    MissingExtraError
        Without numba.
    """
    try:
        return importlib.import_module("nodesim.engines.native.form")
    except ImportError as error:
        raise MissingExtraError(
            f"the native form of the compiled engine needs the extra 'fast': pip install 'nodesim[fast]' ({error})."
        ) from error


@functools.cache
def best() -> Any:
    """Return the fastest form that there is."""
    return native() if importlib.util.find_spec("numba") is not None else levels

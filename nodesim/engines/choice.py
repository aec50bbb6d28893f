"""The compiled engine: its native form where numba is installed (extra ``fast``), else its form in NumPy."""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import importlib.util
from typing import Any

from nodesim.engines import vectorized
from nodesim.engines.compile_notice import noted
from nodesim.errors import MissingExtraError
from nodesim.functions.contracts import Function, Loss


@functools.cache
def native() -> Any:
    """Return the native form.

    Raises
    ------
    MissingExtraError
        Without numba.
    """
    try:
        with noted():
            return importlib.import_module("nodesim.engines.native")
    except ImportError as error:
        raise MissingExtraError(
            f"the native form of the compiled engine needs the extra 'fast': pip install 'nodesim[fast]' ({error})."
        ) from error


@functools.cache
def best() -> Any:
    """Return the fastest form that there is."""
    return native() if importlib.util.find_spec("numba") is not None else vectorized


def described() -> str:
    """Say which form runs, and how to get a faster one.

    Examples
    --------
    >>> described().split()[0] in ("native", "numpy")
    True
    """
    if importlib.util.find_spec("numba") is None:
        return "numpy (for the native form, many times faster: pip install 'nodesim[fast]')"
    return f"native (numba {importlib.metadata.version('numba')})"


def way_of(function: Function) -> str:
    """Say how the compiled engine calculates an activation or a loss: compiled, or called in the interpreter.

    Examples
    --------
    >>> import nodesim as ns
    >>> way_of(ns.activation("sigmoid")) in ("compiled", "NumPy")
    True
    """
    if importlib.util.find_spec("numba") is None:
        return "NumPy"
    native()
    losses = importlib.import_module("nodesim.engines.native.losses")
    functions = importlib.import_module("nodesim.engines.native.user_functions")
    slab = losses.loss_of(function) if isinstance(function, Loss) else functions.slab_of(function)
    return "compiled" if slab.native else "NumPy, called by the kernels"

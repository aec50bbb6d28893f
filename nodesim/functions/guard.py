"""Calls of pluggable functions, guarded: whoever raises or returns nonsense is named."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Container
from functools import lru_cache, partial
from typing import Any, TypeVar

import numpy as np

from nodesim._arrays import Array, read_only
from nodesim.errors import FunctionError
from nodesim.functions.interruptions import is_interruption

Describe = Callable[[], str]
Shape = tuple[int, ...] | None
Call = TypeVar("Call", bound=Callable[..., Any])
# What to say of a wrong shape: of an aggregation, of its partials, and of all others.
OVER_CONTRIBUTIONS = "Go over the first axis alone, as c.sum(axis=0) does."
FOR_EACH = "Return one number for each contribution, in an array of the shape of c."
_BY_ELEMENT = "Use NumPy ufuncs, which work element by element."


def complaint(error: Exception) -> str:
    """Say what a function did that raised an error."""
    if isinstance(error, ValueError) and "read-only" in str(error):
        return "writes into the arrays that it is given; it must leave them alone and return new ones"
    return f"raised {type(error).__name__}: {error}"


def called(
    call: Callable[..., Any], arguments: tuple[Any, ...], shape: Shape, describe: Describe, hint: str = _BY_ELEMENT
) -> Array:  # fmt: skip
    """Call a pluggable function, and name the culprit if it raises or returns something of a wrong shape.

    Parameters
    ----------
    call : callable
        The function.
    arguments : tuple
        What it is given; arrays as views that cannot be written to.
    shape : tuple of int or None
        The shape that it must return; None leaves that to the caller.
    describe : callable
        Says who is being evaluated; only called when something is wrong.
    hint : str
        How such a function returns the right shape.

    Raises
    ------
    FunctionError
        Naming the function and what it did. What is no fault of it, as Ctrl-C, comes out as it is; see
        `nodesim.functions.interruptions`.
    """
    try:
        result = np.asarray(call(*map(read_only, arguments)))
    except FunctionError as error:
        raise FunctionError(f"while evaluating {describe()}: {error}") from error
    except Exception as error:
        if is_interruption(error):
            raise
        raise FunctionError(f"while evaluating {describe()}: it {complaint(error)}") from error
    if shape is not None and result.shape != shape:
        raise FunctionError(
            f"while evaluating {describe()}: it returned shape {result.shape}, expected {shape}. {hint}"
        )
    if result.dtype.kind not in "fiub":
        raise FunctionError(f"while evaluating {describe()}: it returned {result.dtype}, expected real numbers.")
    return result


def quiet(call: Call) -> Call:
    """Let NumPy say nothing about numbers in a pluggable function that are too large, or none: a decorator.

    An engine is silent about all of them anyway, and calls what is decorated.

    Examples
    --------
    >>> quiet(lambda z: z * z)(np.array([1e200]))
    array([inf])
    """
    silent = np.errstate(over="ignore", invalid="ignore")(call)
    vars(silent)["undecorated"] = call
    return silent


def undecorated(call: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function without `quiet`, for somebody who lets NumPy say nothing himself.

    Examples
    --------
    >>> undecorated(quiet(np.exp)) is np.exp
    True
    """
    if isinstance(call, partial):
        return partial(undecorated(call.func), *call.args, **call.keywords)
    found: Callable[..., Any] = getattr(call, "undecorated", call)
    return found


def takes_out(call: Callable[..., Any], dtype: np.dtype[Any], parameters: Container[str] = ()) -> bool:
    """Tell whether a pluggable function takes `out`, the array of this number type that its result belongs into.

    NumPy's own functions do, and those of Python with ``out=None`` among their arguments; not as one of the parameters
    that are bound into them.

    Examples
    --------
    >>> takes_out(np.tanh, np.dtype(float)), takes_out(lambda z: z, np.dtype(float))
    (True, False)
    """
    if isinstance(call, np.ufunc):
        return call.nout == 1 and f"{dtype.char * call.nin}->{dtype.char}" in call.types
    # What has parameters bound is a new object each time it is looked up, and no object of before is like it.
    while isinstance(call, partial) and not call.args and "out" not in call.keywords:
        call = call.func
    try:
        return "out" not in parameters and _has_out(call)
    except (TypeError, ValueError):
        # It has no signature, or no hash.
        return False


@lru_cache(maxsize=1000)
def _has_out(call: Callable[..., Any]) -> bool:
    out = inspect.signature(call).parameters.get("out")
    return out is not None and out.default is None

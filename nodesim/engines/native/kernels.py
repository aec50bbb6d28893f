"""How kernels are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numba.extending

# No fastmath flag: sums keep their order, products are fused only where `fma` says so, and NaN and infinity
# stay what they are. error_model="numpy" leaves out the tests for division by zero.
_ARITHMETIC: dict[str, Any] = {"cache": True, "error_model": "numpy"}

# Nothing is allocated in kernels, so their arrays need no counting of references (numba's private option
# `_nrt`); where LLVM does not see that by itself, counting makes one sample's forward pass five times slower.
_OPTIONS = {**_ARITHMETIC, "nogil": True, "_nrt": False}


def kernel(function: Callable[..., Any]) -> Any:
    """Compile a function on its first call, without the interpreter's lock, and keep the code on disk."""
    # Said aloud, because what an inlined function calls would take it over.
    return numba.njit(forceinline=False, **_OPTIONS)(function)


def inlined(function: Callable[..., Any]) -> Any:
    """Compile a function into its callers: its vectors then stay in registers."""
    return numba.njit(forceinline=True, **_OPTIONS)(function)


def addressable(signature: Any, cache: bool = True) -> Callable[[Callable[..., Any]], Any]:
    """Return a decorator that compiles a function of C types now, for calls by its `address`."""
    compiler: Callable[[Callable[..., Any]], Any] = numba.cfunc(signature, **{**_ARITHMETIC, "cache": cache})
    return compiler


def intrinsic(function: Callable[..., Any]) -> Any:
    """Let kernels call a function that writes LLVM's instructions."""
    return numba.extending.intrinsic(function)

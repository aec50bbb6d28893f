"""How kernels are compiled."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numba
import numba.extending

# No fastmath flag: sums keep their order, products are fused only where `fma` says so, and NaN and infinity
# stay what they are. error_model="numpy" leaves out the tests for division by zero.
_ARITHMETIC: dict[str, Any] = {"cache": True, "error_model": "numpy"}

# Nothing is allocated in kernels, so their arrays need no counting of references (numba's private option
# `_nrt`); where LLVM does not see that by itself, counting makes one sample's forward pass five times slower.
_OPTIONS = {**_ARITHMETIC, "nogil": True, "_nrt": False}


@contextlib.contextmanager
def _own_cache() -> Iterator[None]:
    """Let numba keep the code of what is decorated inside in the user's cache, unless NUMBA_CACHE_DIR says where.

    Beside the modules, it would be left behind when the package is uninstalled, and hide what is installed next.
    """
    before: str = numba.config.CACHE_DIR
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    numba.config.CACHE_DIR = before or str(Path(home) / "nodesim")
    try:
        yield
    finally:
        numba.config.CACHE_DIR = before


def kernel(function: Callable[..., Any]) -> Any:
    """Compile a function on its first call, without the interpreter's lock, and keep the code on disk."""
    # Said aloud, because what an inlined function calls would take it over.
    with _own_cache():
        return numba.njit(forceinline=False, **_OPTIONS)(function)


def inlined(function: Callable[..., Any]) -> Any:
    """Compile a function into its callers: its vectors then stay in registers."""
    with _own_cache():
        return numba.njit(forceinline=True, **_OPTIONS)(function)


def addressable(signature: Any, cache: bool = True) -> Callable[[Callable[..., Any]], Any]:
    """Return a decorator that compiles a function of C types now, for calls by its `address`."""

    def compile_now(function: Callable[..., Any]) -> Any:
        with _own_cache():
            return numba.cfunc(signature, **{**_ARITHMETIC, "cache": cache})(function)

    return compile_now


def intrinsic(function: Callable[..., Any]) -> Any:
    """Let kernels call a function that writes LLVM's instructions."""
    return numba.extending.intrinsic(function)

"""How kernels are compiled."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numba
import numba.extending

from nodesim.engines import early_stopping

# No fastmath flag: sums keep their order, products are fused only where `fma` says so, and NaN and infinity
# stay what they are. error_model="numpy" leaves out the tests for division by zero.
_ARITHMETIC: dict[str, Any] = {"cache": True, "error_model": "numpy"}

# Nothing is allocated in kernels, so their arrays need no counting of references (numba's private option
# `_nrt`); where LLVM does not see that by itself, counting makes one sample's forward pass five times slower.
_OPTIONS = {**_ARITHMETIC, "nogil": True, "_nrt": False}


@functools.cache
def _edition() -> str:
    """Return a name for the state of all files from which kernels are compiled.

    numba looks for changes only in the file of the kernel itself, not in those that it calls into; and its index of
    what it has kept cannot be read once a class that it mentions has another home. So each state has its own folder.
    """
    digest = hashlib.sha256()
    for path in (*sorted(Path(__file__).parent.glob("*.py")), Path(early_stopping.__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@contextlib.contextmanager
def _own_cache() -> Iterator[None]:
    """Let numba keep the code of what is decorated inside in the user's cache, or where NUMBA_CACHE_DIR says.

    Beside the modules, it would be left behind when the package is uninstalled, and hide what is installed next.
    """
    before: str = numba.config.CACHE_DIR
    home = Path(before or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    numba.config.CACHE_DIR = str(home / "nodesim" / _edition())
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


def merged(function: Callable[..., Any]) -> Any:
    """Compile a function into its callers, too, but not by itself: as if its lines stood there.

    What is called in one place only is compiled sooner in this way; what is called in many, by `inlined`.
    """
    with _own_cache():
        return numba.njit(inline="always", **_OPTIONS)(function)


def addressable(signature: Any, cache: bool = True) -> Callable[[Callable[..., Any]], Any]:
    """Return a decorator that compiles a function of C types now, for calls by its `address`."""

    def compile_now(function: Callable[..., Any]) -> Any:
        with _own_cache():
            return numba.cfunc(signature, **{**_ARITHMETIC, "cache": cache})(function)

    return compile_now


def chosen_by_name(stub: Callable[..., Any]) -> Callable[[Callable[..., Any]], Any]:
    """Return a decorator: what kernels call instead of a stub is what the function returns for the arguments' types.

    A string that is known when a kernel is compiled comes as a literal. So one loop serves many formulas, and is kept
    on disk for each: numba tells closures apart by what they hold, and a compiled function is another thing in each
    process.
    """
    options = {"forceinline": True, "error_model": "numpy"}
    # Not strict, which would compare annotations as well.
    return numba.extending.overload(stub, prefer_literal=True, strict=False, jit_options=options)  # type: ignore[no-any-return]


def intrinsic(function: Callable[..., Any]) -> Any:
    """Let kernels call a function that writes LLVM's instructions."""
    return numba.extending.intrinsic(function)

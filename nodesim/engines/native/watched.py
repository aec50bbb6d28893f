"""Whether something that compiled code has taken as fixed is still the same: seen by compiled code, at each call.

numba freezes what a function refers to when it is compiled. The variables of the function around it, and the defaults
of its parameters, can be set to something else later; Python then puts the address of another object in one known word
of memory. That word is looked at, and never what it points to. What was there is kept, so that no other object gets its
address.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types

from nodesim.engines.native.jit import inlined, intrinsic

# An object, and what it refers to.
Reference = tuple[Any, Any]


def words(references: Sequence[Reference]) -> Any:
    """Return the words of memory in which objects refer to others, and what stands there, as an array of shape (n, 2).

    Raises
    ------
    ValueError
        If an object keeps the address elsewhere, as another implementation of Python might.
    """
    found = [(_word(owner, value), id(value)) for owner, value in references]
    return np.array(found, dtype=np.int64).reshape(-1, 2)


def _word(owner: Any, value: Any) -> int:
    width = ctypes.sizeof(ctypes.c_void_p)
    for address in range(id(owner), id(owner) + type(owner).__basicsize__, width):
        if ctypes.c_size_t.from_address(address).value == id(value):
            return address
    raise ValueError(f"it cannot be seen what a {type(owner).__name__} refers to")


@intrinsic
def _word_at(context: Any, address: Any) -> Any:
    def generate(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        word = ir.IntType(64)
        return builder.load(builder.inttoptr(values[0], word.as_pointer()), typ=word)

    return types.int64(types.int64), generate


@inlined
def intact(watched: Any) -> bool:
    """Tell whether the same stands in all these words as before."""
    same = True
    for i in range(len(watched)):
        same &= _word_at(watched[i, 0]) == watched[i, 1]
    return same

"""Arrays of several types in one piece of memory, for kernels.

At each call numba looks at every array that it is given: 4 microseconds for a program of twenty, which a tiny network's
whole run does not take. One array costs a tenth of one, and inside the kernel the others are views of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.np.arrayobj import make_array, populate_array
from numpy.typing import NDArray

from nodesim.engines.native.jit import intrinsic

_WORD = 8


def packed(arrays: Sequence[NDArray[Any]]) -> NDArray[np.int64]:
    """Return the memory: for each array where it begins, in words, and its length; then the arrays.

    Parameters
    ----------
    arrays : sequence of ndarray
        Flat.

    Examples
    --------
    >>> memory = packed([np.array([1.5]), np.array([True, False])])
    >>> memory[:4].tolist(), memory.view(float)[4]
    ([4, 1, 5, 2], np.float64(1.5))
    """
    sizes = [-(-array.nbytes // _WORD) for array in arrays]
    starts = 2 * len(arrays) + np.cumsum([0, *sizes])
    memory = np.zeros(starts[-1], dtype=np.int64)
    for place, (array, start) in enumerate(zip(arrays, starts.tolist())):
        memory[2 * place : 2 * place + 2] = start, len(array)
        memory[start:].view(array.dtype)[: len(array)] = array
    return memory


def _viewer(kind: types.Type) -> Any:
    whole = types.Array(kind, 1, "C")

    @intrinsic
    def view(context: Any, memory: types.Type, place: types.Type) -> Any:
        """Return the array at a place of packed memory."""

        def generate(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
            data = make_array(signature.args[0])(context, builder, values[0]).data
            first = builder.shl(context.cast(builder, values[1], signature.args[1], types.int64), _integer(1))
            start = builder.load(builder.gep(data, [first]))
            length = builder.load(builder.gep(data, [builder.add(first, _integer(1))]))
            own = make_array(whole)(context, builder)
            pointer = builder.bitcast(builder.gep(data, [start]), own.data.type)
            width = _integer(context.get_abi_sizeof(context.get_data_type(kind)))
            populate_array(own, data=pointer, shape=[length], strides=[width], itemsize=width, meminfo=None)
            return own._getvalue()

        return whole(memory, place), generate

    return view


def _integer(number: int) -> Any:
    return ir.Constant(ir.IntType(64), number)


# Views of whole numbers of 64, 32 and 8 bits, and of doubles.
whole_numbers, indices, flags, doubles = map(_viewer, (types.int64, types.uint32, types.uint8, types.float64))

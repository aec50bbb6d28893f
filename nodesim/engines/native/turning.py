"""Squares of numbers transposed in registers: rows of a table become lanes, and lanes rows."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.np.arrayobj import make_array

from nodesim.engines.native.jit import intrinsic
from nodesim.engines.native.llvm import INTEGER, element, loaded, shuffled, stored
from nodesim.engines.native.vectors import STRIP, Vector


@intrinsic
def at(context: Any, memory: types.Type, index: types.Type) -> Any:
    """Return the address of element `index` of a contiguous array, in memory order."""

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        data = make_array(signature.args[0])(context, builder, values[0]).data
        kind = context.get_data_type(signature.args[0].dtype)
        return builder.gep(data, [values[1]], inbounds=True, source_etype=kind)

    return types.CPointer(memory.dtype)(memory, types.int64), generate


@intrinsic
def transpose(context: Any, values: types.Type, offsets: types.Type, into: types.Type, step: types.Type) -> Any:
    """Write into[j · step + i] = values[offsets[i] + j] for i and j below 8, without leaving the registers."""

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        values, offsets, into, step = arguments
        kind, strips = Vector(STRIP, signature.args[0].dtype).llvm, []
        for i in range(STRIP):
            offset = builder.gep(offsets, [INTEGER(i)], inbounds=True, source_etype=INTEGER)
            here = element(builder, values, builder.load(offset, typ=INTEGER), kind.element)
            strips.append(loaded(builder, here, kind))
        for distance in (1, 2, 4):
            strips = _exchanged(builder, strips, distance)
        for j, strip in enumerate(strips):
            stored(builder, strip, element(builder, into, builder.mul(step, INTEGER(j)), kind.element))
        return context.get_dummy_value()

    return types.void(values, types.CPointer(types.int64), values, types.int64), generate


def _exchanged(builder: ir.IRBuilder, strips: list[Any], distance: int) -> list[Any]:
    """Swap the off-diagonal halves of all squares of 2 · distance strips: three such rounds transpose eight."""
    first = [j if not j & distance else STRIP + j - distance for j in range(STRIP)]
    second = [j + distance if not j & distance else STRIP + j for j in range(STRIP)]
    result = list(strips)
    for i in range(STRIP):
        if not i & distance:
            pair = strips[i], strips[i + distance]
            result[i] = shuffled(builder, *pair, first)
            result[i + distance] = shuffled(builder, *pair, second)
    return result

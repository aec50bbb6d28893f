"""LLVM's instructions on vectors of doubles: what the functions of `vectors` and the register tile are written with.

LLVM splits a vector into as many registers as the machine needs. Every operation rounds each lane by itself, and
`fused` is asked for by name, so results have the same bits whatever the registers' width.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils

DOUBLE = ir.DoubleType()
INTEGER = ir.IntType(64)
INDEX = ir.IntType(32)
# A vector may begin anywhere; an unaligned instruction at an aligned address costs nothing.
ALIGNMENT = 8


def doubles(count: int) -> ir.VectorType:
    """Return the type of `count` doubles side by side."""
    return ir.VectorType(DOUBLE, count)


def element(builder: ir.IRBuilder, pointer: Any, index: Any) -> Any:
    """Return the address of pointer[index], for doubles."""
    return builder.gep(pointer, [index], inbounds=True, source_etype=DOUBLE)


def loaded(builder: ir.IRBuilder, pointer: Any, count: int) -> Any:
    """Return the vector at an address."""
    kind = doubles(count)
    return builder.load(builder.bitcast(pointer, kind.as_pointer()), align=ALIGNMENT, typ=kind)


def stored(builder: ir.IRBuilder, vector: Any, pointer: Any) -> None:
    """Write a vector to an address."""
    builder.store(vector, builder.bitcast(pointer, vector.type.as_pointer()), align=ALIGNMENT)


def mask(builder: ir.IRBuilder, width: Any, first: int, count: int) -> Any:
    """Return which of the `count` columns from `first` on are within the width."""
    columns = ir.Constant(ir.VectorType(INTEGER, count), list(range(first, first + count)))
    return builder.icmp_signed("<", columns, splat(builder, width, count))


def masked_load(builder: ir.IRBuilder, pointer: Any, chosen: Any) -> Any:
    """Return the vector at an address, without touching memory where a lane is not chosen: it is 0 there."""
    kind = doubles(chosen.type.count)
    zero = ir.Constant(kind, [0.0] * kind.count)
    pointer = builder.bitcast(pointer, kind.as_pointer())
    return _masked(builder, "load", kind, kind.count, pointer, INDEX(ALIGNMENT), chosen, zero)


def masked_store(builder: ir.IRBuilder, vector: Any, pointer: Any, chosen: Any) -> None:
    """Write the chosen lanes of a vector to an address."""
    pointer = builder.bitcast(pointer, vector.type.as_pointer())
    _masked(builder, "store", ir.VoidType(), vector.type.count, vector, pointer, INDEX(ALIGNMENT), chosen)


def _masked(builder: ir.IRBuilder, name: str, returned: Any, count: int, *operands: Any) -> Any:
    kind = ir.FunctionType(returned, [operand.type for operand in operands])
    # A machine without masks gets a branch for each lane: right everywhere, fast where it matters.
    function = cgutils.get_or_insert_function(builder.module, kind, f"llvm.masked.{name}.v{count}f64.p0")
    return builder.call(function, operands)


def splat(builder: ir.IRBuilder, number: Any, count: int) -> Any:
    """Return `count` copies of a number."""
    # A constant is written as one, so that LLVM can fold it into instructions.
    if isinstance(number, float):
        return ir.Constant(doubles(count), [number] * count)
    empty = ir.Constant(ir.VectorType(number.type, count), ir.Undefined)
    first = builder.insert_element(empty, number, INDEX(0))
    return shuffled(builder, first, first, [0] * count)


def shuffled(builder: ir.IRBuilder, x: Any, y: Any, lanes: list[int]) -> Any:
    """Return some lanes of two vectors, those of the second counted on from the first's."""
    return builder.shuffle_vector(x, y, ir.Constant(ir.VectorType(INDEX, len(lanes)), lanes))


def called(builder: ir.IRBuilder, name: str, *operands: Any) -> Any:
    """Return what one of LLVM's functions makes of vectors, or of doubles."""
    kind = operands[0].type
    suffix = "f64" if kind == DOUBLE else f"v{kind.count}f64"
    function = cgutils.get_or_insert_function(
        builder.module, ir.FunctionType(kind, [kind] * len(operands)), f"llvm.{name}.{suffix}"
    )
    return builder.call(function, operands)


def fused(builder: ir.IRBuilder, x: Any, y: Any, z: Any) -> Any:
    """Return x · y + z of vectors, rounded once."""
    return called(builder, "fma", x, y, z)

"""LLVM's instructions on vectors of numbers: what the functions of `vectors` and the register tile are written with.

LLVM splits a vector into as many registers as the machine needs. Every operation rounds each lane by itself, and
`fused` is asked for by name, so results have the same bits whatever the registers' width.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils

DOUBLE, FLOAT = ir.DoubleType(), ir.FloatType()
INTEGER = ir.IntType(64)
INDEX = ir.IntType(32)
_SUFFIXES, _BYTES = {DOUBLE: "f64", FLOAT: "f32"}, {DOUBLE: 8, FLOAT: 4}


def element(builder: ir.IRBuilder, pointer: Any, index: Any, number: Any) -> Any:
    """Return the address of pointer[index], for numbers of a type."""
    return builder.gep(pointer, [index], inbounds=True, source_etype=number)


# A vector may begin anywhere; an unaligned instruction at an aligned address costs nothing.
def loaded(builder: ir.IRBuilder, pointer: Any, kind: ir.VectorType) -> Any:
    """Return the vector at an address."""
    return builder.load(builder.bitcast(pointer, kind.as_pointer()), align=_BYTES[kind.element], typ=kind)


def stored(builder: ir.IRBuilder, vector: Any, pointer: Any) -> None:
    """Write a vector to an address."""
    kind = vector.type
    builder.store(vector, builder.bitcast(pointer, kind.as_pointer()), align=_BYTES[kind.element])


def mask(builder: ir.IRBuilder, width: Any, first: int, count: int) -> Any:
    """Return which of the `count` columns from `first` on are within the width."""
    columns = ir.Constant(ir.VectorType(INTEGER, count), list(range(first, first + count)))
    return builder.icmp_signed("<", columns, splat(builder, width, count))


def masked_load(builder: ir.IRBuilder, pointer: Any, chosen: Any, number: Any) -> Any:
    """Return the numbers of a type at an address, without touching memory where a lane is not chosen: it is 0 there."""
    kind = ir.VectorType(number, chosen.type.count)
    zero = ir.Constant(kind, [0.0] * kind.count)
    pointer = builder.bitcast(pointer, kind.as_pointer())
    return _masked(builder, "load", kind, kind, pointer, INDEX(_BYTES[number]), chosen, zero)


def masked_store(builder: ir.IRBuilder, vector: Any, pointer: Any, chosen: Any) -> None:
    """Write the chosen lanes of a vector to an address."""
    vectors = vector.type
    pointer = builder.bitcast(pointer, vectors.as_pointer())
    _masked(builder, "store", ir.VoidType(), vectors, vector, pointer, INDEX(_BYTES[vectors.element]), chosen)


def _masked(builder: ir.IRBuilder, name: str, returned: Any, vectors: Any, *operands: Any) -> Any:
    kind = ir.FunctionType(returned, [operand.type for operand in operands])
    # A machine without masks gets a branch for each lane: right everywhere, fast where it matters.
    name = f"llvm.masked.{name}.{_suffix(vectors)}.p0"
    function = cgutils.get_or_insert_function(builder.module, kind, name)
    return builder.call(function, operands)


def constant(number: float, kind: ir.VectorType) -> Any:
    """Return a vector of equal numbers that LLVM can fold into instructions."""
    return ir.Constant(kind, [number] * kind.count)


def splat(builder: ir.IRBuilder, number: Any, count: int) -> Any:
    """Return `count` copies of a number."""
    empty = ir.Constant(ir.VectorType(number.type, count), ir.Undefined)
    first = builder.insert_element(empty, number, INDEX(0))
    return shuffled(builder, first, first, [0] * count)


def shuffled(builder: ir.IRBuilder, x: Any, y: Any, lanes: list[int]) -> Any:
    """Return some lanes of two vectors, those of the second counted on from the first's."""
    return builder.shuffle_vector(x, y, ir.Constant(ir.VectorType(INDEX, len(lanes)), lanes))


def called(builder: ir.IRBuilder, name: str, *operands: Any) -> Any:
    """Return what one of LLVM's functions makes of vectors, or of numbers."""
    kind = operands[0].type
    function = cgutils.get_or_insert_function(
        builder.module, ir.FunctionType(kind, [kind] * len(operands)), f"llvm.{name}.{_suffix(kind)}"
    )
    return builder.call(function, operands)


def _suffix(kind: Any) -> str:
    return f"v{kind.count}{_SUFFIXES[kind.element]}" if isinstance(kind, ir.VectorType) else _SUFFIXES[kind]


def fused(builder: ir.IRBuilder, x: Any, y: Any, z: Any) -> Any:
    """Return x · y + z of vectors, rounded once."""
    return called(builder, "fma", x, y, z)

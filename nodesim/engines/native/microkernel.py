"""The register tile: a few rows of weighted sums over a few strips, the inner loop of everything dense."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any

import llvmlite.binding as llvm
from llvmlite import ir
from numba import config, types
from numba.core import cgutils

from nodesim.engines.native.jit import chosen_by_name, intrinsic
from nodesim.engines.native.llvm import (
    DOUBLE,
    INTEGER,
    constant,
    element,
    fused,
    loaded,
    mask,
    masked_load,
    masked_store,
    splat,
)
from nodesim.engines.native.vectors import STRIP_OF, Vector


def _registers() -> dict[types.Type, tuple[int, int]]:
    """Return rows and strips of the largest tile whose sums stay in registers, with a few to spare for operands.

    AVX-512: 6 x 4 strips are 24 of 32 registers. AVX2, where a strip takes two: 3 x 2 strips are 12 of 16. The order of
    each sum is the same. Of floats a block has two strips: twice as many rows instead.
    """
    # R rows by S strips need R + S loads for R · S fused multiplications: the larger, the less it waits for memory.
    # Two units with a latency of four cycles want eight sums that do not wait for each other; both tiles have more.
    features = config.CPU_FEATURES or llvm.get_host_cpu_features().flatten()
    if "+avx512f" in features:
        return {types.float64: (6, 4), types.float32: (12, 2)}
    return {types.float64: (3, 2), types.float32: (3, 2)}


_REGISTERS = _registers()


def tile_of(memory: Any) -> tuple[int, int, int]:
    """Stand for rows, strips and columns of a tile of numbers as they are in an array, in compiled code."""
    raise NotImplementedError


@chosen_by_name(tile_of)
def _tile_by_type(memory: Any) -> Any:
    rows, strips = _REGISTERS[memory.dtype]
    columns = strips * STRIP_OF[memory.dtype]
    return lambda memory: (rows, strips, columns)


def _signature(number: types.Type) -> Any:
    pointer = types.CPointer(number)
    return types.void(
        types.int64,  # rows
        pointer, types.int64, types.int64,  # into, its step from row to row, its width in columns
        types.boolean, types.float64,  # keep, scale
        pointer, types.int64, types.int64, types.int64,  # weights: address, steps to the next term, row, block
        pointer, types.int64,  # values: address, step from term to term
        types.int64, types.int64,  # terms in a block, blocks
    )  # fmt: skip


def _tile(strips: int) -> Any:
    """Return the tile of the given width in strips."""

    @intrinsic
    def tile(
        context: Any, rows: Any, into: Any, into_row: Any, width: Any, keep: Any, scale: Any,
        weights: Any, weight_term: Any, weight_row: Any, weight_block: Any,
        values: Any, value_term: Any, terms: Any, blocks: Any,
    ) -> Any:  # fmt: skip
        """into[r, c] = keep*into[r, c] + scale * Σ_k weights[r, k]·values[k, c], for r < rows, c < width.

        k runs through `terms` terms in each of `blocks` blocks, one after the other in one accumulator per (r, c):
        the order is that of the samples or positions, whatever the tile's size. Values go on from block to block.
        """
        number = into.dtype
        most, widest = _REGISTERS[number]
        kind = Vector(STRIP_OF[number], number).llvm

        def code(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
            # One copy of the tile's code for all callers; else each would compile it again, for a second.
            builder.function.attributes.add("noinline")
            done = builder.append_basic_block("done")
            cases = [builder.append_basic_block(f"rows{r}") for r in range(1, most + 1)]
            choice = builder.switch(arguments[0], cases[-1])
            for r, case in enumerate(cases, start=1):
                choice.add_case(INTEGER(r), case)
                builder.position_at_end(case)
                _sums(builder, kind, r, min(strips, widest), *arguments[1:])
                builder.branch(done)
            builder.position_at_end(done)
            return context.get_dummy_value()

        return _signature(number), code

    return tile


def _sums(
    builder: ir.IRBuilder, kind: ir.VectorType, rows: int, strips: int, into: Any, into_row: Any, width: Any,
    keep: Any, scale: Any, weights: Any, weight_term: Any, weight_row: Any, weight_block: Any,
    values: Any, value_term: Any, terms: Any, blocks: Any,
) -> None:  # fmt: skip
    number, strip = kind.element, kind.count

    def place(address: Any, index: Any) -> Any:
        return element(builder, address, index, number)

    # Stack slots in name only: LLVM's mem2reg keeps each in a register, through all loops.
    zero = constant(0.0, kind)
    sums = {(r, v): cgutils.alloca_once_value(builder, zero) for r, v in product(range(rows), range(strips))}
    weight, value = cgutils.alloca_once_value(builder, weights), cgutils.alloca_once_value(builder, values)
    with _loop(builder, blocks) as block:
        builder.store(place(weights, builder.mul(block, weight_block)), weight)
        with _loop(builder, terms):
            here, there = builder.load(value), builder.load(weight)
            columns = [loaded(builder, place(here, INTEGER(v * strip)), kind) for v in range(strips)]
            for r in range(rows):
                address = place(there, builder.mul(weight_row, INTEGER(r)))
                factor = splat(builder, builder.load(address, typ=number), strip)
                for v, column in enumerate(columns):
                    builder.store(fused(builder, factor, column, builder.load(sums[r, v])), sums[r, v])
            builder.store(place(here, value_term), value)
            builder.store(place(there, weight_term), weight)
    scales = splat(builder, scale if number == DOUBLE else builder.fptrunc(scale, number), strip)
    for v in range(strips):
        within = mask(builder, width, v * strip, strip)
        # Without keep nothing is read: what stands there may be garbage.
        reading = builder.and_(within, splat(builder, keep, strip))
        for r in range(rows):
            address = place(place(into, builder.mul(into_row, INTEGER(r))), INTEGER(v * strip))
            before = masked_load(builder, address, reading, number)
            masked_store(builder, fused(builder, scales, builder.load(sums[r, v]), before), address, within)


@contextmanager
def _loop(builder: ir.IRBuilder, count: Any) -> Iterator[Any]:
    """Repeat `count` times, at least once, with the number of the round; not unrolled, the tile is wide enough."""
    before, body, after = builder.block, builder.append_basic_block("term"), builder.append_basic_block("summed")
    builder.branch(body)
    builder.position_at_end(body)
    number = builder.phi(INTEGER)
    number.add_incoming(INTEGER(0), before)
    yield number
    following = builder.add(number, INTEGER(1))
    number.add_incoming(following, builder.block)
    branch = builder.cbranch(builder.icmp_signed("<", following, count), body, after)
    branch.set_metadata("llvm.loop", _not_unrolled(builder.module))
    builder.position_at_end(after)


def _not_unrolled(module: Any) -> Any:
    """Return the mark of such a loop: a metadata node whose first operand is, by LLVM's rule, the node itself."""
    option = module.add_metadata([ir.MetaDataString(module, "llvm.loop.unroll.disable")])
    mark = module.add_metadata([option])
    mark.operands = (mark, option)
    return mark


one_strip, two_strips, four_strips = _tile(1), _tile(2), _tile(4)

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

from nodesim.engines.native.jit import intrinsic
from nodesim.engines.native.llvm import DOUBLE, INTEGER, element, fused, loaded, mask, masked_load, masked_store, splat
from nodesim.engines.native.vectors import STRIP

_Pointer = types.CPointer(types.float64)


def _registers() -> tuple[int, int]:
    """Return rows and strips of the largest tile whose sums stay in registers, with a few to spare for operands.

    AVX-512: 6 x 4 strips are 24 of 32 registers. AVX2, where a strip takes two: 3 x 2 strips are 12 of 16. The order of
    each sum is the same.
    """
    # R rows by S strips need R + S loads for R · S fused multiplications: the larger, the less it waits for memory.
    # Two units with a latency of four cycles want eight sums that do not wait for each other; both tiles have more.
    features = config.CPU_FEATURES or llvm.get_host_cpu_features().flatten()
    return (6, 4) if "+avx512f" in features else (3, 2)


ROWS, STRIPS = _registers()

_SIGNATURE = types.void(
    types.int64,  # rows
    _Pointer, types.int64, types.int64,  # into, its step from row to row, its width in columns
    types.boolean, types.float64,  # keep, scale
    _Pointer, types.int64, types.int64, types.int64,  # weights: address, steps to the next term, row, block
    _Pointer, types.int64,  # values: address, step from term to term
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

        def code(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
            # One copy of the tile's code for all callers; else each would compile it again, for a second.
            builder.function.attributes.add("noinline")
            done = builder.append_basic_block("done")
            cases = [builder.append_basic_block(f"rows{r}") for r in range(1, ROWS + 1)]
            choice = builder.switch(arguments[0], cases[-1])
            for r, case in enumerate(cases, start=1):
                choice.add_case(INTEGER(r), case)
                builder.position_at_end(case)
                _sums(builder, r, strips, *arguments[1:])
                builder.branch(done)
            builder.position_at_end(done)
            return context.get_dummy_value()

        return _SIGNATURE, code

    return tile


def _sums(
    builder: ir.IRBuilder, rows: int, strips: int, into: Any, into_row: Any, width: Any, keep: Any, scale: Any,
    weights: Any, weight_term: Any, weight_row: Any, weight_block: Any,
    values: Any, value_term: Any, terms: Any, blocks: Any,
) -> None:  # fmt: skip
    # Stack slots in name only: LLVM's mem2reg keeps each in a register, through all loops.
    zero = splat(builder, 0.0, STRIP)
    sums = {(r, v): cgutils.alloca_once_value(builder, zero) for r, v in product(range(rows), range(strips))}
    weight, value = cgutils.alloca_once_value(builder, weights), cgutils.alloca_once_value(builder, values)
    with _loop(builder, blocks) as block:
        builder.store(element(builder, weights, builder.mul(block, weight_block)), weight)
        with _loop(builder, terms):
            here, there = builder.load(value), builder.load(weight)
            columns = [loaded(builder, element(builder, here, INTEGER(v * STRIP)), STRIP) for v in range(strips)]
            for r in range(rows):
                address = element(builder, there, builder.mul(weight_row, INTEGER(r)))
                factor = splat(builder, builder.load(address, typ=DOUBLE), STRIP)
                for v, column in enumerate(columns):
                    builder.store(fused(builder, factor, column, builder.load(sums[r, v])), sums[r, v])
            builder.store(element(builder, here, value_term), value)
            builder.store(element(builder, there, weight_term), weight)
    scales = splat(builder, scale, STRIP)
    for v in range(strips):
        within = mask(builder, width, v * STRIP, STRIP)
        # Without keep nothing is read: what stands there may be garbage.
        reading = builder.and_(within, splat(builder, keep, STRIP))
        for r in range(rows):
            address = element(builder, into, builder.mul(into_row, INTEGER(r)))
            address = element(builder, address, INTEGER(v * STRIP))
            before = masked_load(builder, address, reading)
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

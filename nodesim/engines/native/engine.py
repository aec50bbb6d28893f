"""The compiled engine in native form: what `nodesim.engines.reference` does, by kernels over blocks of samples.

Where anything is not finite, or a function fails, the same is calculated again by `nodesim.engines.vectorized`, which
says whose fault it is.
"""

from __future__ import annotations

import numpy as np

from nodesim._arrays import Array
from nodesim.engines import vectorized
from nodesim.engines.compile_notice import call
from nodesim.engines.native import batch_kernels
from nodesim.engines.native.blocks import aligned, block_count, into_blocks
from nodesim.engines.native.interpreter import Calls
from nodesim.engines.native.joins import is_native
from nodesim.engines.native.memory_layout import MemoryLayout, layout_of
from nodesim.engines.native.one_sample import OneSample
from nodesim.engines.native.runs import NativeRun
from nodesim.engines.native.threads import in_rounds, in_threads, room_for_others
from nodesim.engines.native.vectors import LANES
from nodesim.functions.interruptions import found_again
from nodesim.graph.run import OutputGradient, Run
from nodesim.graph.schedule import Schedule


def forward(schedule: Schedule, weights: Array, inputs: Array, run: NativeRun) -> bool:
    """Article step 2; reads weights and inputs, sets value and activated, returns whether they are finite."""
    if not is_native(schedule):
        run.layout, run.numbers, run.tables = None, {}, {}
        return vectorized.forward(schedule, weights, inputs, run)
    layout = schedule.cached(layout_of)
    run.layout, run.tables = layout, {}
    # New memory for each run: numbers of earlier ones may still be looked at.
    calls = layout.calls()
    if inputs.shape[1] == 1:
        flat, _, flags = schedule.cached(OneSample).forward(weights, np.array(inputs[:, 0]), calls.address)
        numbers = dict(zip(("value", "activated"), flat.reshape(2, -1)))
    else:
        numbers, flags = _forward_blocks(layout, calls, weights, inputs, run)
    # Kernels only know that something is wrong, and go on with NaN. What they left is thrown away as a whole, and NumPy
    # calculates again: in its numbers the first bad node can be found and named, and its errors can be raised.
    if calls.failed() or flags:
        run.numbers = {}
        with found_again(calls.failures):
            return vectorized.forward(schedule, weights, inputs, run)
    run.numbers = numbers
    return True


def _forward_blocks(
    layout: MemoryLayout, calls: Calls, weights: Array, inputs: Array, run: NativeRun
) -> tuple[dict[str, Array], int]:
    n_blocks = block_count(run.n_samples)
    shapes, dtype = (len(layout.rows), len(layout.rows), len(inputs)), run.dtype
    z, a, x = (aligned(n_blocks, count, LANES, dtype=dtype) for count in shapes)
    with np.errstate(over="ignore"):  # what is too large for float32 becomes infinite, and is found
        into_blocks(inputs, x)
    scratches = [layout.scratch(1, dtype) for _ in range(min(run.threads, n_blocks))]

    def run_span(thread: int, begin: int, end: int) -> int:
        answer: int = call(
            batch_kernels.forward, layout.memory, calls.address, weights, x, begin, end, z, a, scratches[thread],
            dtype=dtype,
        )  # fmt: skip
        return answer

    return {"value": z, "activated": a}, in_threads(run_span, n_blocks, run.threads)


def backward(schedule: Schedule, weights: Array, output_gradient: OutputGradient, run: Run, gradients: Array) -> bool:
    """Article step 3; reads value, activated, weights, output gradient; sets delta, gradients; tells whether finite."""
    layout = schedule.cached(layout_of) if is_native(schedule) else None
    # Another engine ran forward, or something was not finite, or functions were others that stood in another order.
    if layout is None or not isinstance(run, NativeRun) or not _left(run, layout):
        return vectorized.backward(schedule, weights, output_gradient, run, gradients)
    run.tables.pop("delta", None)
    calls = layout.calls()
    if run.n_samples == 1:
        flat = np.concatenate([run.numbers["value"], run.numbers["activated"]])
        one = schedule.cached(OneSample)
        run.numbers["delta"], flags = one.backward(weights, flat, output_gradient, gradients, calls)
    else:
        flags = _backward_blocks(layout, calls, weights, output_gradient, run, gradients)
    if calls.failed() or flags:
        run.numbers.pop("delta", None)
        with found_again(calls.failures):
            return vectorized.backward(schedule, weights, output_gradient, run, gradients)
    return True


def _left(run: NativeRun, layout: MemoryLayout) -> bool:
    """Tell whether kernels have left the numbers of a run, at the positions of a layout."""
    return "activated" in run.numbers and layout.stands_as(run.layout)


def _backward_blocks(
    layout: MemoryLayout, calls: Calls, weights: Array, output_gradient: OutputGradient, run: NativeRun,
    gradients: Array,
) -> int:  # fmt: skip
    n_blocks = block_count(run.n_samples)
    z, a, dtype = run.numbers["value"], run.numbers["activated"], run.dtype
    d = aligned(n_blocks, len(layout.rows), LANES, dtype=dtype)
    run.numbers["delta"] = d
    seeds, by_source = _seeds(output_gradient.gradient, n_blocks), layout.in_order_by_source(weights)
    found = gradients[: layout.n_connections] if layout.by_source is None else np.empty(layout.n_connections, dtype)
    threads = min(run.threads, n_blocks)
    others = room_for_others(threads, n_blocks, len(layout.program.source), dtype)
    scratches = [layout.scratch(n_blocks, dtype) for _ in range(threads)]

    def sweep(thread: int, begin: int, end: int, place: int, into: Array, fresh: bool) -> int:
        answer: int = call(
            batch_kernels.backward, layout.memory, calls.address, by_source, z, a, d, begin, end, seeds,
            output_gradient.of_sums, into, fresh, scratches[thread], dtype=dtype,
        )  # fmt: skip
        return answer

    def add_up(thread: int, begin: int, end: int, parts: int, blocks: tuple[int, int], others: Array) -> None:
        first, last = blocks
        call(
            batch_kernels.add_up, layout.memory, a, d, first, last - first, found, others, first > 0, begin, end,
            parts, scratches[thread], dtype=dtype,
        )  # fmt: skip

    answer = in_rounds(sweep, add_up, found[None], others, n_blocks, threads)
    answer |= int(call(batch_kernels.to_means, found, run.n_samples, dtype=dtype))
    if layout.by_source is not None:
        gradients[layout.by_source] = found
    return answer


def _seeds(gradient: Array, n_blocks: int) -> Array:
    """Return where the error enters in blocks, 0 in the lanes behind the last sample."""
    seeds = aligned(n_blocks, len(gradient), LANES)
    into_blocks(gradient, seeds)
    seeds[-1, :, gradient.shape[1] - (n_blocks - 1) * LANES :] = 0.0
    return seeds

"""The compiled engine in native form: what `nodesim.engines.reference` does, by kernels over blocks of samples.

Where anything is not finite, or a function fails, the same is calculated again by `nodesim.engines.vectorized`, which
says whose fault it is.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from nodesim._arrays import Array
from nodesim.engines import vectorized
from nodesim.engines.compile_notice import call
from nodesim.engines.native import batch_kernels, sample_kernels
from nodesim.engines.native.blocks import aligned, block_count, chunks, for_each_chunk, from_blocks, into_blocks
from nodesim.engines.native.memory_layout import MemoryLayout, layout_of
from nodesim.engines.native.program import AT_SUM, AT_VALUE, Program
from nodesim.engines.native.vectors import LANES
from nodesim.graph.run import OutputGradient, Run
from nodesim.graph.schedule import Schedule


class NativeRun(Run):
    """A run whose numbers stand in blocks, as kernels left them; tables are made when they are asked for.

    Attributes
    ----------
    layout : MemoryLayout or None
    numbers : dict of str to ndarray
        "value", "activated" and "delta" of all positions, of shape (n_positions,) for one sample, else (n_blocks,
        n_positions, LANES).
    """

    __slots__ = ("layout", "numbers")

    def __init__(self, n_rows: int, n_samples: int, **more: Any) -> None:
        super().__init__(n_rows, n_samples, **more)
        self.layout: MemoryLayout | None = None
        self.numbers: dict[str, Array] = {}

    def table(self, what: str) -> Array:
        """Return "value", "activated" or "delta" as a table."""
        if what not in self.tables and what in self.numbers:
            self.tables[what] = self.rows(what, slice(None))
        return super().table(what)

    def rows(self, what: str, rows: Any) -> Array:
        """Return some rows, or one, without making the whole table."""
        if what in self.tables or what not in self.numbers:
            return super().rows(what, rows)
        assert self.layout is not None
        numbers, positions = self.numbers[what], self.layout.position_of[rows]
        if numbers.ndim == 1:
            return np.array(numbers[positions])[..., None]
        if positions.ndim == 0:
            return np.ascontiguousarray(numbers[:, positions, :].ravel()[: self.n_samples])
        return from_blocks(numbers, positions, self.n_samples)

    def for_backward(self) -> Self:
        """Return a run that shares value and activated."""
        twin = type(self)(
            self.n_rows, self.n_samples, single=self.single, version=self.version, threads=self.threads,
            dtype=self.dtype,
        )  # fmt: skip
        twin.layout = self.layout
        for kept, given in ((twin.tables, self.tables), (twin.numbers, self.numbers)):
            kept.update({what: given[what] for what in ("value", "activated") if what in given})
        return twin


def forward(schedule: Schedule, weights: Array, inputs: Array, run: NativeRun) -> bool:
    """Article step 2; reads weights and inputs, sets value and activated, returns whether they are finite."""
    layout = schedule.cached(layout_of)
    ordered = layout.ordered(weights, layout.slots, run.version)
    run.layout, run.tables = layout, {}
    # New memory for each run: numbers of earlier ones may still be looked at.
    calculate = _forward_single if inputs.shape[1] == 1 else _forward_blocks
    numbers = dict(zip(("value", "activated"), _memory(layout, inputs.shape[1], 2)))
    calls = layout.calls()
    flags = calculate(layout.program(AT_VALUE, calls), ordered, inputs, constants(schedule), numbers, run)
    # Kernels only know that something is wrong, and go on with NaN. What they left is thrown away as a whole, and NumPy
    # calculates again: in its numbers the first bad node can be found and named, and its errors can be raised.
    if calls.failed() or flags:
        run.numbers = {}
        finite = vectorized.forward(schedule, weights, inputs, run)
        calls.raise_failure()
        return finite
    run.numbers = numbers
    return True


def _forward_single(
    program: Program, weights: Array, inputs: Array, sent: Array, numbers: dict[str, Array], run: NativeRun
) -> int:
    z, a = numbers["value"], numbers["activated"]
    z[program.given] = a[program.given] = np.concatenate([inputs[:, 0], sent])
    answer: int = call(sample_kernels.forward, program, weights, z, a)
    return answer


def _forward_blocks(
    program: Program, weights: Array, inputs: Array, sent: Array, numbers: dict[str, Array], run: NativeRun
) -> int:
    n_blocks = block_count(run.n_samples)
    z, a, n_inputs = numbers["value"], numbers["activated"], len(inputs)
    x = aligned(n_blocks, len(program.given), LANES)
    into_blocks(inputs, x[:, :n_inputs])
    x[:, n_inputs:] = sent[:, None]

    def run_chunk(chunk: int, begin: int, end: int) -> int:
        answer: int = call(batch_kernels.forward, program, weights, x, begin, end, z, a)
        return answer

    return for_each_chunk(run_chunk, n_blocks, run.threads)


def backward(schedule: Schedule, weights: Array, output_gradient: OutputGradient, run: Run, gradients: Array) -> bool:
    """Article step 3; reads value, activated, weights, output gradient; sets delta, gradients; tells whether finite."""
    layout = run.layout if isinstance(run, NativeRun) else None
    # Another engine ran forward, or something was not finite.
    if layout is None or not isinstance(run, NativeRun) or "activated" not in run.numbers:
        return vectorized.backward(schedule, weights, output_gradient, run, gradients)
    calculate = _backward_single if run.n_samples == 1 else _backward_blocks
    run.tables.pop("delta", None)
    (run.numbers["delta"],) = _memory(layout, run.n_samples, 1)
    calls = layout.calls()
    program = layout.program(AT_SUM if output_gradient.of_sums else AT_VALUE, calls)
    flags = calculate(layout, program, weights, output_gradient, run, gradients)
    if calls.failed() or flags:
        del run.numbers["delta"]
        finite = vectorized.backward(schedule, weights, output_gradient, run, gradients)
        calls.raise_failure()
        return finite
    return True


def _backward_single(
    layout: MemoryLayout, program: Program, weights: Array, output_gradient: OutputGradient, run: NativeRun,
    gradients: Array,
) -> int:  # fmt: skip
    d, direct = run.numbers["delta"], np.zeros(len(layout.rows))
    d[:] = 0.0
    (direct if output_gradient.of_sums else d)[program.outputs] = output_gradient.gradient[:, 0]
    found, slope = _gradients(layout, gradients), np.empty(layout.largest)
    z, a = run.numbers["value"], run.numbers["activated"]
    ordered = layout.ordered(weights, layout.slots, run.version)
    answer: int = call(sample_kernels.backward, program, ordered, z, a, d, direct, found, slope)
    if not layout.in_order:
        gradients[layout.slots] = found
    return answer


def _backward_blocks(
    layout: MemoryLayout, program: Program, weights: Array, output_gradient: OutputGradient, run: NativeRun,
    gradients: Array,
) -> int:  # fmt: skip
    n_blocks = block_count(run.n_samples)
    z, a, d = (run.numbers[what] for what in ("value", "activated", "delta"))
    seeds, ordered = _seeds(output_gradient.gradient, n_blocks), layout.ordered(weights, layout.by_source, run.version)
    found, count = _gradients(layout, gradients), len(chunks(n_blocks))
    others = np.empty((count - 1, len(found)))
    scratches = [layout.scratch(n_blocks) for _ in range(count)]

    def run_chunk(chunk: int, begin: int, end: int) -> int:
        # The chunks add up apart, and are added in one order: so threads change no bit.
        own = others[chunk - 1] if chunk else found
        answer: int = call(batch_kernels.backward, program, ordered, z, a, d, begin, end, seeds, own, scratches[chunk])
        return answer

    answer: int = for_each_chunk(run_chunk, n_blocks, run.threads)
    answer |= call(batch_kernels.add_chunks, found, others, run.n_samples, 0, len(found))
    if not layout.in_order:
        gradients[layout.by_source] = found
    return answer


def _gradients(layout: MemoryLayout, gradients: Array) -> Array:
    """Return where kernels write gradients, in their order: where these belong, if that is the same."""
    count = len(layout.slots)
    return gradients[:count] if layout.in_order else np.empty(count)


def _seeds(gradient: Array, n_blocks: int) -> Array:
    """Return where the error enters in blocks, 0 in the lanes behind the last sample."""
    seeds = aligned(n_blocks, len(gradient), LANES)
    into_blocks(gradient, seeds)
    seeds[-1, :, gradient.shape[1] - (n_blocks - 1) * LANES :] = 0.0
    return seeds


def constants(schedule: Schedule) -> Array:
    """Return what bias nodes send."""
    return np.array([bias.value for bias in schedule.biases], dtype=float)


def _memory(layout: MemoryLayout, n_samples: int, count: int) -> Array:
    """Return memory for the numbers of all positions, `count` times."""
    n_positions = len(layout.rows)
    if n_samples == 1:
        return aligned(count, n_positions)
    return aligned(count, block_count(n_samples), n_positions, LANES)

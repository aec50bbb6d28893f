"""The compiled engine in native form: what `nodesim.engines.reference` does, by kernels over blocks of samples.

Where anything is not finite, or a function fails, the same is calculated again by `nodesim.engines.vectorized`, which
says whose fault it is.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from nodesim._arrays import Array
from nodesim.engines import vectorized
from nodesim.engines.compile_notice import run as call
from nodesim.engines.native import batch_kernels, sample_kernels
from nodesim.engines.native.buffers import aligned, block_count, from_blocks, into_blocks
from nodesim.engines.native.losses import LossKernel
from nodesim.engines.native.memory_layout import Arrangement, cut
from nodesim.engines.native.program import AT_SUM, AT_VALUE
from nodesim.engines.native.threads import chunks, for_each_chunk
from nodesim.engines.native.vectors import LANES
from nodesim.graph import run as graph_run
from nodesim.graph.run import Seed
from nodesim.graph.schedule import Schedule


class Run(graph_run.Run):
    """A run whose numbers stand in blocks, as kernels left them; tables are made when they are asked for.

    Attributes
    ----------
    arrangement : Arrangement or None
    numbers : dict of str to ndarray
        "value", "activated" and "delta" of all places: (n_places,) for one sample, else (n_blocks, n_places, LANES).
    """

    __slots__ = ("arrangement", "numbers")

    def __init__(self, n_rows: int, n_samples: int, **more: Any) -> None:
        super().__init__(n_rows, n_samples, **more)
        self.arrangement: Arrangement | None = None
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
        assert self.arrangement is not None
        numbers, places = self.numbers[what], self.arrangement.place_of[rows]
        if numbers.ndim == 1:
            return np.array(numbers[places])[..., None]
        if places.ndim == 0:
            return np.ascontiguousarray(numbers[:, places, :].ravel()[: self.n_samples])
        return from_blocks(numbers, places, self.n_samples)

    def for_backward(self) -> Self:
        """Return a run that shares value and activated."""
        twin = type(self)(
            self.n_rows, self.n_samples, single=self.single, edition=self.edition, threads=self.threads,
            dtype=self.dtype,
        )  # fmt: skip
        twin.arrangement = self.arrangement
        for kept, given in ((twin.tables, self.tables), (twin.numbers, self.numbers)):
            kept.update({what: given[what] for what in ("value", "activated") if what in given})
        return twin


def forward(schedule: Schedule, weights: Array, inputs: Array, run: Run) -> bool:
    """Article step 2; reads weights and inputs, sets value and activated, returns whether they are finite."""
    arrangement = schedule.cut(cut)
    ordered = arrangement.ordered(weights, arrangement.slots, run.edition)
    run.arrangement, run.tables = arrangement, {}
    calculate = _forward_single if inputs.shape[1] == 1 else _forward_blocks
    numbers = dict(zip(("value", "activated"), _memory(arrangement, inputs.shape[1], 2)))
    flags = calculate(arrangement, ordered, inputs, constants(schedule), numbers, run)
    if raise_interrupts(arrangement) or flags:
        run.numbers = {}
        return vectorized.forward(schedule, weights, inputs, run)
    run.numbers = numbers
    return True


def _forward_single(
    arrangement: Arrangement, weights: Array, inputs: Array, sent: Array, numbers: dict[str, Array], run: Run
) -> int:
    z, a, program = numbers["value"], numbers["activated"], arrangement.programs[AT_VALUE]
    z[program.given] = a[program.given] = np.concatenate([inputs[:, 0], sent])
    answer: int = call(sample_kernels.forward, program, weights, z, a)
    return answer


def _forward_blocks(
    arrangement: Arrangement, weights: Array, inputs: Array, sent: Array, numbers: dict[str, Array], run: Run
) -> int:
    program, n_blocks = arrangement.programs[AT_VALUE], block_count(run.n_samples)
    z, a, n_inputs = numbers["value"], numbers["activated"], len(inputs)
    x = aligned(n_blocks, len(program.given), LANES)
    into_blocks(inputs, x[:, :n_inputs])
    x[:, n_inputs:] = sent[:, None]

    def run_chunk(chunk: int, begin: int, end: int) -> int:
        answer: int = call(batch_kernels.forward, program, weights, x, begin, end, z, a)
        return answer

    return for_each_chunk(run_chunk, n_blocks, run.threads)


def backward(schedule: Schedule, weights: Array, seed: Seed, run: graph_run.Run, gradients: Array) -> bool:
    """Article step 3; reads value, activated, weights, seed, sets delta and gradients, returns whether finite."""
    arrangement = run.arrangement if isinstance(run, Run) else None
    # Another engine ran forward, or something was not finite.
    if arrangement is None or not isinstance(run, Run) or "activated" not in run.numbers:
        return vectorized.backward(schedule, weights, seed, run, gradients)
    calculate = _backward_single if run.n_samples == 1 else _backward_blocks
    run.tables.pop("delta", None)
    (run.numbers["delta"],) = _memory(arrangement, run.n_samples, 1)
    flags = calculate(arrangement, weights, seed, run, gradients)
    if raise_interrupts(arrangement) or flags:
        del run.numbers["delta"]
        return vectorized.backward(schedule, weights, seed, run, gradients)
    return True


def _backward_single(arrangement: Arrangement, weights: Array, seed: Seed, run: Run, gradients: Array) -> int:
    program = arrangement.programs[AT_SUM if seed.of_sums else AT_VALUE]
    d, direct = run.numbers["delta"], np.zeros(len(arrangement.rows))
    d[:] = 0.0
    (direct if seed.of_sums else d)[program.outputs] = seed.gradient[:, 0]
    found, slope = _gradients(arrangement, gradients), np.empty(arrangement.largest)
    z, a = run.numbers["value"], run.numbers["activated"]
    ordered = arrangement.ordered(weights, arrangement.slots, run.edition)
    answer: int = call(sample_kernels.backward, program, ordered, z, a, d, direct, found, slope)
    if not arrangement.in_order:
        gradients[arrangement.slots] = found
    return answer


def _backward_blocks(arrangement: Arrangement, weights: Array, seed: Seed, run: Run, gradients: Array) -> int:
    program, n_blocks = arrangement.programs[AT_SUM if seed.of_sums else AT_VALUE], block_count(run.n_samples)
    z, a, d = (run.numbers[what] for what in ("value", "activated", "delta"))
    seeds, ordered = _seeds(seed.gradient, n_blocks), arrangement.ordered(weights, arrangement.by_source, run.edition)
    found, count = _gradients(arrangement, gradients), len(chunks(n_blocks))
    parts = np.empty((count - 1, len(found)))
    scratches = [arrangement.scratch(n_blocks) for _ in range(count)]

    def run_chunk(chunk: int, begin: int, end: int) -> int:
        own = parts[chunk - 1] if chunk else found
        answer: int = call(batch_kernels.backward, program, ordered, z, a, d, begin, end, seeds, own, scratches[chunk])
        return answer

    answer: int = for_each_chunk(run_chunk, n_blocks, run.threads)
    answer |= call(batch_kernels.add_parts, found, parts, run.n_samples, 0, len(found))
    if not arrangement.in_order:
        gradients[arrangement.by_source] = found
    return answer


def _gradients(arrangement: Arrangement, gradients: Array) -> Array:
    """Return where kernels write gradients, in their order: where these belong, if that is the same."""
    count = len(arrangement.slots)
    return gradients[:count] if arrangement.in_order else np.empty(count)


def _seeds(gradient: Array, n_blocks: int) -> Array:
    """Return where the error enters in blocks, 0 in the lanes behind the last sample."""
    seeds = aligned(n_blocks, len(gradient), LANES)
    into_blocks(gradient, seeds)
    seeds[-1, :, gradient.shape[1] - (n_blocks - 1) * LANES :] = 0.0
    return seeds


def constants(schedule: Schedule) -> Array:
    """Return what bias nodes send."""
    return np.array([bias.value for bias in schedule.biases], dtype=float)


def _memory(arrangement: Arrangement, n_samples: int, count: int) -> Array:
    """Return memory for the numbers of all places, `count` times."""
    n_places = len(arrangement.rows)
    if n_samples == 1:
        return aligned(count, n_places)
    return aligned(count, block_count(n_samples), n_places, LANES)


def raise_interrupts(arrangement: Arrangement, *losses: LossKernel) -> bool:
    """Tell whether a function in the interpreter failed, and forget it; Ctrl-C is passed on."""
    lists = [kernel.failures for kernel in arrangement.kernels] + [loss.failures for loss in losses]
    failures = [failure for failed in lists for failure in failed]
    for failed in lists:
        failed.clear()
    for failure in failures:
        if not isinstance(failure, Exception):
            raise failure
    return bool(failures)

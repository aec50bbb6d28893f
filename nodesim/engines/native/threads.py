"""Threads that share the blocks of a batch; what they add up is added in the order of blocks, whoever has it."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache
from itertools import pairwise
from typing import Any, Protocol

import numpy as np

from nodesim._arrays import Array
from nodesim.engines.native.dense import PACKED_BLOCKS
from nodesim.engines.native.vectors import LANES
from nodesim.engines.training_task import MOST_THREADS

# As many spans for each thread: whoever is done sooner takes one more.
_SPANS = 2
# Multiplications below which waking a thread up takes longer.
_WORTH = 2_000_000


def worth(threads: int, multiplications: int) -> int:
    """Return how many threads a piece of work is worth: all or one."""
    return threads if multiplications > _WORTH else 1


def in_threads(call: Callable[[int, int, int], int], count: int, threads: int) -> int:
    """Call call(thread, begin, end) for spans that cover 0 ... count − 1, and return the bits of all answers.

    The calling thread is number 0: it takes the first span, and goes on with those behind it. The others come from the
    end.

    Parameters
    ----------
    call : callable
    count : int
    threads : int
        How many may share the spans.
    """
    number = max(1, min(count, threads * _SPANS if threads > 1 else 1))
    left = deque(pairwise(count * span // number for span in range(number + 1)))
    first = left.popleft()

    def work(thread: int, take: Callable[[], tuple[int, int]]) -> int:
        answer = 0
        while left:
            try:
                span = take()
            except IndexError:  # somebody else was quicker
                break
            answer |= call(thread, *span)
        return answer

    others = []
    try:
        for thread in range(1, min(threads, number)):
            others.append(_pool().submit(work, thread, left.pop))
        answer = call(0, *first) | work(0, left.popleft)
    finally:
        # Also after Ctrl-C, or where no thread is to be had: none is left that writes to memory of a run that is over.
        left.clear()
        begun = [other for other in others if not other.cancel()]
        wait(begun)
    for other in begun:
        answer |= other.result()
    return answer


# Made when threads are first asked for, and kept: starting a thread costs more than a small batch. It starts one only
# when none is idle.
@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(MOST_THREADS, "nodesim")


# A forked process has its parent's pool, but none of its threads: whoever waited for them would wait for ever.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.cache_clear)


class Sweep(Protocol):
    """What calculates some blocks."""

    def __call__(self, thread: int, begin: int, end: int, place: int, into: Array, fresh: bool) -> int:
        """Run blocks begin ... end − 1, and return what was not finite.

        Parameters
        ----------
        thread, begin, end : int
        place : int
            How many blocks the round has before them.
        into : ndarray of shape (n, n_connections)
            Where the gradients of sparse connections go: those of each block to a row, the rest all to the last.
        fresh : bool
            Whether the rows are to be cleared before.
        """


class AddUp(Protocol):
    """What ends a round."""

    def __call__(self, thread: int, begin: int, end: int, parts: int, blocks: tuple[int, int], others: Array) -> None:
        """Add sparse gradients of blocks, then those of dense groups, for parts begin ... end − 1 of all connections.

        Parameters
        ----------
        thread, begin, end, parts : int
        blocks : tuple of int
            The first block of the round, and the one behind its last.
        others : ndarray of shape (n, n_sparse)
            Gradients of blocks, in order.
        """


def round_size(threads: int, n_blocks: int) -> int:
    """Return how many blocks threads share before what they found is added up: enough for all, and whole packs."""
    return min(n_blocks, PACKED_BLOCKS * _SPANS * -(-threads // PACKED_BLOCKS))


def room_for_others(threads: int, n_blocks: int, n_sparse: int, dtype: Any) -> Array:
    """Return memory for the gradients of all blocks of a round but one."""
    return np.empty((round_size(threads, n_blocks) - 1 if threads > 1 else 0, n_sparse), dtype)


def in_rounds(sweep: Sweep, add_up: AddUp, gradients: Array, others: Array, n_blocks: int, threads: int) -> int:
    """Let threads calculate all blocks, and add up their gradients; return what was not finite.

    One thread adds to the gradients block by block. The first of several does the same, as far as it gets; what the
    others find is kept by block and then added in the same order. So every bit is that of one thread.

    Parameters
    ----------
    sweep : Sweep
    add_up : AddUp
    gradients : ndarray of shape (1, n_connections)
    others : ndarray
        Of `room_for_others`.
    n_blocks, threads : int
    """
    size = round_size(threads, n_blocks) if threads > 1 else n_blocks
    answer = 0
    for start in range(0, n_blocks, size):
        answer |= _round(sweep, add_up, gradients, others, start, min(start + size, n_blocks), threads)
    return answer


def _round(
    sweep: Sweep, add_up: AddUp, gradients: Array, others: Array, start: int, stop: int, threads: int
) -> int:  # fmt: skip
    in_order = 0  # how many of these blocks were added in order

    def swept(thread: int, begin: int, end: int) -> int:
        nonlocal in_order
        if thread:
            return sweep(thread, start + begin, start + end, begin, others[begin - 1 : end - 1], True)
        in_order = end
        return sweep(0, start + begin, start + end, begin, gradients, start + begin == 0)

    answer, count = in_threads(swept, stop - start, threads), stop - start
    helping = worth(threads, gradients.size * count * LANES)
    parts = helping * _SPANS

    def added(thread: int, begin: int, end: int) -> int:
        add_up(thread, begin, end, parts, (start, stop), others[in_order - 1 : count - 1])
        return 0

    return answer | in_threads(added, parts, helping)

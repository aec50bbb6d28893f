"""The blocks of a batch in at most two chunks, which two threads can sweep at the same time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise

MOST_CHUNKS = 2


def chunks(count: int) -> list[tuple[int, int]]:
    """Return (begin, end) of each chunk: they depend on the count only, so that results do not depend on threads."""
    parts = min(MOST_CHUNKS, count)
    cuts = [count * part // parts for part in range(parts + 1)]
    return list(pairwise(cuts))


def for_each_chunk(call: Callable[[int, int, int], int], count: int, threads: int) -> int:
    """Call call(chunk, begin, end) for each chunk, in as many threads at most, and return the bits of all answers."""
    spans = list(enumerate(chunks(count)))
    # The calling thread takes the first chunk itself: that saves waking up one more.
    others = [_pool().submit(call, chunk, *span) for chunk, span in spans[1:]] if threads > 1 else []
    answer = 0
    for chunk, span in spans[:1] if others else spans:
        answer |= call(chunk, *span)
    for other in others:
        answer |= other.result()
    return answer


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(MOST_CHUNKS - 1, "nodesim")

"""Calls that take turns, where what is timed is more than one function of a contestant."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping

from table import Row


def seconds(work: Callable[[], object]) -> float:
    """Return what a call takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def taken(works: Mapping[str, Callable[[], object]], rounds: int, times: int = 1) -> dict[str, list[float]]:
    """Let calls take turns, so many times in a row each; return the seconds of one."""
    turns: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            gc.collect()
            turns[name].append(seconds(lambda work=work: [work() for _ in range(times)]) / times)
    return turns


def compared(title: str, turns: Mapping[str, list[float]], goals: Mapping[str, tuple[str, float]]) -> list[Row]:
    """Return rows of medians, as multiples of the first; each goal is a text, and how many seconds it allows."""
    medians = {name: statistics.median(each) for name, each in turns.items()}
    first, *_ = medians
    rows = []
    for name, median in medians.items():
        text, most = goals.get(name, ("", 0.0))
        ratio = median / medians[first] if name != first else None
        rows.append(Row(title, name, median, ratio, text, median <= most if text else None, turns=turns[name]))
    return rows

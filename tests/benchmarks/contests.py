"""How contestants are checked, take turns and are timed."""

from __future__ import annotations

import gc
import importlib
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

import numpy as np
import ours
from problems import Array, Graph, Layered, Sweep, UnavailableError
from table import Row

Problem = Layered | Graph | Sweep

TURN = 0.2  # seconds, at least, for each contestant and round
TOLERANCE = 1e-9


class Contestant(Protocol):
    """Somebody at work on a problem, alone of it."""

    problem: Problem

    def run(self, times: int) -> None:
        """Do the work so many times."""

    def result(self) -> Array:
        """Return weights or gradients, in the order of nodesim's connections, after one `run(problem.checked)`."""


@dataclass
class Entry:
    """Who takes part.

    Attributes
    ----------
    name, note : str
    where : str
        "module:class", imported only when it is its turn; an ImportError means that the peer is absent.
    arguments : dict
        For the class, besides the problem.
    rounds : int or None
        Fewer rounds for those that are slow.
    tolerance : float
        How far its numbers may be from those of the engine "nodes".
    """

    name: str
    where: str
    arguments: dict[str, Any] = field(default_factory=dict)
    note: str = ""
    rounds: int | None = None
    tolerance: float = TOLERANCE

    @property
    def ours(self) -> bool:
        """Whether it is nodesim: then nothing that fails is forgiven."""
        return self.where.startswith("ours:")

    def enter(self, problem: Problem) -> Contestant:
        """Import and make the contestant."""
        module, name = self.where.split(":")
        contestant: Contestant = getattr(importlib.import_module(module), name)(problem, **self.arguments)
        return contestant


@dataclass
class Goal:
    """`slow` takes at least so many times as long as `fast`, or `fast` at most so many seconds."""

    fast: str
    slow: str = ""
    at_least: float = 0.0
    at_most: float = 0.0

    def judge(self, medians: dict[str, float]) -> tuple[str, str, bool] | None:
        """Return the row where it is shown, the text, and whether it is reached; None if somebody is missing."""
        if self.fast not in medians or (self.slow and self.slow not in medians):
            return None
        if not self.slow:
            return self.fast, f"at most {self.at_most * 1e6:g} µs", medians[self.fast] <= self.at_most
        ratio = medians[self.slow] / medians[self.fast]
        if self.fast == "nodesim":
            return self.slow, f"at least {self.at_least:g}", ratio >= self.at_least
        return self.fast, f"{self.slow} / this at least {self.at_least:g}, is {ratio:.3g}", ratio >= self.at_least


@dataclass
class Within:
    """A contestant takes at most so many times as long as another."""

    name: str
    other: str
    times: float

    def judge(self, medians: dict[str, float]) -> tuple[str, str, bool] | None:
        """Return the row where it is shown, the text, and whether it is reached; None if somebody is missing."""
        if self.name not in medians or self.other not in medians:
            return None
        reached = medians[self.name] <= self.times * medians[self.other]
        return self.name, f"at most {self.times:g}x {self.other}", reached


@dataclass
class Contest:
    """A work: a problem, those who take part, and the goals.

    Attributes
    ----------
    title : str
    problem : callable
        Makes the problem.
    entries : list of Entry
        The first is nodesim.
    goals : list of Goal or Within
        One for each row.
    """

    title: str
    problem: Callable[[], Problem]
    entries: list[Entry]
    goals: list[Goal | Within]

    def rows(self, rounds: int) -> list[Row]:
        """Enter, check and time everybody, and return the rows of the table."""
        problem = self.problem()
        present: dict[str, Contestant] = {}
        notes = {entry.name: [entry.note] if entry.note else [] for entry in self.entries}
        for entry in self.entries:
            try:
                contestant = entry.enter(problem)
                _check(entry, contestant)
            except ImportError as error:
                if entry.ours:
                    raise
                notes[entry.name] = [f"absent: {error}"]
            except UnavailableError as error:
                notes[entry.name] = [f"left out: {error}"]
            except Exception as error:
                if entry.ours:
                    raise
                notes[entry.name] = [f"left out: {type(error).__name__}: {shortened(error)}"]
            else:
                present[entry.name] = contestant
                notes[entry.name] += [contestant.note] if getattr(contestant, "note", "") else []
        turns, threads = self._turns(present, rounds)
        for name in present:
            if threads[name] > 1.3 and "threads" not in name and "cores" not in name:
                notes[name].append(f"used {threads[name]:.1f} cores")
            elif threads[name] < 0.95:
                notes[name].append(f"had its core for {threads[name]:.0%} of the time")
        ours.forget()
        _expected.cache_clear()
        return self._judged(turns, notes)

    def _turns(self, present: dict[str, Contestant], rounds: int) -> tuple[dict[str, list[float]], dict[str, float]]:
        """Let everybody take turns; return the seconds of each for one work, and how many cores were busy."""
        gc.collect()
        gc.freeze()  # one contestant's objects are not searched while another one works
        fewer = {entry.name: entry.rounds or rounds for entry in self.entries}
        times = {name: _calibrated(contestant) for name, contestant in present.items()}
        turns: dict[str, list[float]] = {name: [] for name in present}
        wall, busy = dict.fromkeys(present, 0.0), dict.fromkeys(present, 0.0)
        for number in range(rounds):
            for name, contestant in present.items():
                if number < fewer[name]:
                    gc.collect()
                    cpu, started = time.process_time(), time.perf_counter()
                    contestant.run(times[name])
                    seconds = time.perf_counter() - started
                    wall[name], busy[name] = wall[name] + seconds, busy[name] + time.process_time() - cpu
                    turns[name].append(seconds / times[name] / contestant.problem.parts)
        gc.unfreeze()
        return turns, {name: busy[name] / wall[name] for name in present}

    def _judged(self, turns: dict[str, list[float]], notes: dict[str, list[str]]) -> list[Row]:
        medians = {name: statistics.median(each) for name, each in turns.items()}
        first = medians.get(self.entries[0].name)
        rows = {}
        for entry in self.entries:
            name, note = entry.name, "; ".join(notes[entry.name])
            ratio = medians[name] / first if first and name in medians and name != self.entries[0].name else None
            rows[name] = Row(self.title, name, medians.get(name), ratio, note=note, turns=turns.get(name, []))
        for goal in self.goals:
            judged = goal.judge(medians)
            if judged:
                name, rows[name].goal, rows[name].reached = judged
        return list(rows.values())


@dataclass
class Contests:
    """Several, one after the other."""

    each: list[Contest]

    def rows(self, rounds: int) -> list[Row]:
        """Return the rows of all."""
        return [row for contest in self.each for row in contest.rows(rounds)]


def shortened(error: Exception) -> str:
    """Return the first line of a message, not longer than a line of the table bears."""
    line = (str(error).splitlines() or [""])[0]
    return line if len(line) <= 80 else f"{line[:77]}..."


def _check(entry: Entry, contestant: Contestant) -> None:
    """Compare the numbers with those of the engine "nodes" on the contestant's own problem."""
    expected, found = _expected(contestant.problem), contestant.result()
    # Relative for each number; in double precision, those a thousand millionth of the largest count as that large.
    scale = np.abs(expected) + entry.tolerance * np.abs(expected).max()
    worst = float((np.abs(found - expected) / scale).max()) if found.shape == expected.shape else np.inf
    if not worst <= entry.tolerance:
        raise ArithmeticError(f"the numbers of {entry.name} differ from those of the engine nodes by {worst:.1e}")


@cache
def _expected(problem: Problem) -> Array:
    makers = {Graph: ours.Gradient, Layered: ours.Training, Sweep: ours.Fits}
    return makers[type(problem)](problem, form="nodes").result()


def _calibrated(contestant: Contestant) -> int:
    """Return how many works make a turn; whatever is done at the first call is done here."""
    contestant.run(1)
    times = 1
    while True:
        started = time.perf_counter()
        contestant.run(times)
        seconds = time.perf_counter() - started
        if seconds >= TURN / 2:
            return max(1, round(times * TURN / seconds))
        times = max(times + 1, min(times * 100, int(times * TURN / max(seconds, 1e-7))))

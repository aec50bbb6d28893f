"""The works "cold" and "large": what can only be seen in a program that has just begun."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from table import Row
from turns import compared, seconds

SMALL = """
import nodesim as ns
net = ns.Network.layered([2, 3, 1], seed=0)
net.fit([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0], epochs=1000, learning_rate=0.1)
"""
BATCHES = """
import nodesim as ns
iris = ns.datasets.load("iris")
net = ns.Network.layered([4, 5, 3], seed=0)
net.engine = "native"
net.fit(iris.X, iris.y, epochs=1000, learning_rate=0.1, batch_size=32)
"""
PROGRAMS = {
    "import nodesim": ["-c", "import nodesim"],
    "first fit, XOR": ["-c", SMALL],
    "nodesim demo": ["-m", "nodesim", "demo"],
    'first fit, iris, engine "native"': ["-c", BATCHES],
}
SLOW = {'first fit, iris, engine "native"'}  # as long as kernels are compiled

SIZES = [2000, 2000, 2000, 1000]  # 10,000,000 connections
LARGE = """
import json, sys, time
import numpy as np
import nodesim as ns

def most():
    lines = open("/proc/self/status").read().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))

def measured(work):
    before, started = most(), time.perf_counter()
    made = work()
    return made, time.perf_counter() - started, most() - before

def run():
    net.forward(np.full(sizes[0], 0.01))
    net.backward(np.zeros(sizes[-1]))

sizes = json.loads(sys.argv[1])
ns.Network.layered([2, 2, 2], seed=0)
net, *layered = measured(lambda: ns.Network.layered(sizes, bias=False, seed=0))
net.engine = "native"
first, later = measured(run)[1:], measured(run)[1:]
looked = measured(lambda: net.connections)[1:]
print(json.dumps({"layered": layered, "first run": first, "later run": later, "first look at its connections": looked}))
"""


class Cold:
    """Programs in an empty home, where nothing that was compiled is kept, and once more in the same home."""

    def rows(self, rounds: int) -> list[Row]:
        """Measure in turns, and return the rows of the table."""
        _python(PROGRAMS["import nodesim"])  # files come from the disk once
        turns: dict[str, dict[str, list[float]]] = {name: {"cold": [], "warm": []} for name in PROGRAMS}
        for number in range(min(rounds, 3)):
            for name, program in PROGRAMS.items():
                if number == 0 or name not in SLOW:
                    with _empty_home() as home:
                        for state in ("cold", "warm"):
                            turns[name][state].append(seconds(lambda p=program, home=home: _python(p, home)))
        return [row for name, both in turns.items() for row in compared(f"cold  {name}: a whole program", both, {})]


class Large:
    """A network of 10,000,000 connections, in a program of its own: seconds, and memory at its peak."""

    def rows(self, rounds: int) -> list[Row]:
        """Measure a few times, and return the rows of the table."""
        count = sum(a * b for a, b in itertools.pairwise(SIZES))
        found = [json.loads(_python(["-c", LARGE, json.dumps(SIZES)])) for _ in range(min(rounds, 3))]
        times: dict[str, list[float]] = {name: [one[name][0] for one in found] for name in found[0]}
        memory: dict[str, list[float]] = {
            "layered": [one["layered"][1] / count for one in found],
            "after the first run": [(one["layered"][1] + one["first run"][1]) / count for one in found],
            "after all of it": [sum(each[1] for each in one.values()) / count for one in found],
        }
        rows = compared("large  10,000,000 connections", times, {"layered": ("at most 2 s", 2.0)})
        rows += compared("large  peak of memory, each", memory, {"layered": ("at most 60 bytes", 60.0)})
        for row in rows[-len(memory) :]:
            row.unit = "bytes"
        return rows


@contextmanager
def _empty_home() -> Iterator[dict[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        yield {name: value for name, value in os.environ.items() if name not in _CACHES} | {"HOME": folder}


_CACHES = {"NUMBA_CACHE_DIR", "XDG_CACHE_HOME"}


def _python(arguments: list[str], environment: Any = None) -> str:
    """Run Python in a new process, and return what it prints."""
    command = [sys.executable, *arguments]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout

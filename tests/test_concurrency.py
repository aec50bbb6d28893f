"""Threads, processes, event loops and signals: what the README says of them."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import nodesim as ns
from nodesim.engines import choice

XOR = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0.0, 1.0, 1.0, 0.0]
HERE = Path(__file__).parent
STARTED = [name for name in choice.ENGINES if name != "native" or choice.has_native()]
posix = pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks and signals of this kind")


@posix
@pytest.mark.skipif(not choice.has_native(), reason="numba is not installed")
def test_every_way_of_starting_a_process_trains_to_the_same_weights():
    done = subprocess.run(
        [sys.executable, str(HERE / "concurrent_trainings.py")],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) >= 15
    assert [line for line in lines if not line.endswith(" same")] == []


@pytest.mark.parametrize("engine", choice.ENGINES)
def test_threads_with_networks_of_their_own_do_not_meet(engine):
    """Also where they share one function that is called in the interpreter, and one of them fails in it."""
    one, broken = 1.0, [0]

    def function(z):
        if np.any(np.abs(z) > 50.0):
            broken[0] += 1
            raise ValueError("too steep")
        return np.tanh(one * z)

    shared = ns.Activation("shared", function, lambda z, a: one - a * a)

    def train(seed):
        net = ns.Network.layered([2, 3, 1], hidden=shared, seed=seed)
        net.engine = engine
        if seed % 5 == 4:
            net.weights = net.weights * 1e4
            with pytest.raises(ns.FunctionError, match="too steep"):
                net.fit(*XOR, epochs=60, learning_rate=0.1)
            return None
        net.fit(*XOR, epochs=60, batch_size=1 + seed % 4, learning_rate=0.1)
        return net.weights

    alone = [train(seed) for seed in range(10)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(train, range(10)))
    assert all(one is two is None or (one == two).all() for one, two in zip(alone, together))
    assert broken[0] >= 4


def test_threads_may_run_copies_of_one_network():
    net = ns.Network.layered([3, 20, 2], seed=0)
    x = np.random.default_rng(0).normal(size=(200, 50, 3))
    expected = [net.predict(samples) for samples in x]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda samples: net.copy().predict(samples), x))
    np.testing.assert_array_equal(found, expected)


def test_an_event_loop_goes_on_while_a_network_is_trained_in_a_thread():
    net = ns.Network.layered([2, 3, 1], seed=0)
    expected = net.copy()
    expected.fit(*XOR, epochs=3000, learning_rate=0.1, callbacks=lambda epoch: None)

    async def main():
        beats = 0
        training = asyncio.create_task(
            asyncio.to_thread(net.fit, *XOR, epochs=3000, learning_rate=0.1, callbacks=lambda epoch: None)
        )
        while not training.done():
            await asyncio.sleep(0.001)
            beats += 1
        return beats, await training

    # In a thread of its own: a browser that other tests keep open has a loop in this one.
    with ThreadPoolExecutor(1) as thread:
        beats, history = thread.submit(lambda: asyncio.run(main())).result()
    assert beats > 3
    assert history.epochs == 3000
    assert (net.weights == expected.weights).all()


TERMINATED = """
    import json, pathlib, signal, sys, nodesim as ns

    def end(number, frame):
        sys.exit(3)

    if {handled}:
        signal.signal(signal.SIGTERM, end)
    one = 1.0
    mine = ns.Activation("mine", lambda z: one * z, lambda z, a: one + 0.0 * z)
    net = ns.Network.layered([2, 3, 1], hidden=mine, seed=0)
    net.engine = "{engine}"
    net.fit([[0.0, 1.0]], [1.0], epochs=1, learning_rate=0.0)
    pathlib.Path("weights").write_text("never written")
    print("ready", flush=True)
    try:
        net.fit([[0.0, 1.0]], [1.0], epochs=10**8, learning_rate=1e-9)
    finally:
        pathlib.Path("weights").write_text(json.dumps(net.weights.tolist()))
"""


@posix
@pytest.mark.parametrize(
    ("engine", "handled"),
    # Python ends a process that does not handle it, whatever it runs but code that is compiled.
    [*((name, True) for name in STARTED), (STARTED[-1], False)],
)
def test_sigterm_ends_a_training_as_its_handler_says(tmp_path, engine, handled):
    """Without a handler it ends the process at once; a handler that exits leaves the network as it was before fit."""
    code = textwrap.dedent(TERMINATED.format(engine=engine, handled=handled))
    with subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        time.sleep(0.2)
        child.send_signal(signal.SIGTERM)
        assert child.wait(60) == (3 if handled else -signal.SIGTERM)
    written = (tmp_path / "weights").read_text()
    before = json.dumps(ns.Network.layered([2, 3, 1], seed=0).weights.tolist())
    assert written == (before if handled else "never written")

"""Trainings in shards whose processes die, by loky and by Dask: prints what became of each, and how long it took.

Run by tests/test_parallel.py with a folder on the path that brings the functions "mortal", which kills its process once,
and "deadly", which ends any process but this one, and "locked", which fails there. What is not the same bit by bit as in this process is told as such.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import dask
import numpy as np
import psutil
from distributed import Client, Future, LocalCluster

import nodesim as ns

X = np.random.default_rng(0).standard_normal((300, 6))
Y = np.sin(X[:, :2])
MARK = Path(os.environ["NODESIM_MARK"])


def network(hidden):
    net = ns.Network.layered([6, 40, 40, 2], hidden=hidden, seed=0)
    net.engine = "numpy"
    return net


def trained(hidden, callbacks=(), **others):
    net = network(hidden)
    history = net.fit(
        X, Y, epochs=6, batch_size=100, learning_rate=0.01, optimizer="adam", callbacks=callbacks, **others
    )
    return net.weights.tolist(), history


def workers():
    """Return the processes of this one that joblib made, which ends them again."""
    found = psutil.Process().children(recursive=True)
    return [child for child in found if "LokyProcess" in " ".join(child.cmdline())]


def report(what, begun, found):
    print(f"{what}: {found} {'in time' if time.monotonic() - begun < 60 else 'late'}", flush=True)


def lives(what, **others):
    """Train while processes die, now and then."""
    begun = time.monotonic()
    same = trained("mortal", **others) == IN_ONE["mortal"]
    report(f"{what}, one that dies", begun, "the same" if same and not MARK.exists() else "another")


def dies(what, hidden="deadly", **others):
    """Train where every process dies, or its function fails."""
    begun, net = time.monotonic(), network(hidden)
    before = net.weights.tolist(), str(net.structure.generator.bit_generator.state)
    try:
        net.fit(X, Y, epochs=6, batch_size=100, learning_rate=0.01, optimizer="adam", **others)
        found = "no error"
    except ns.NodesimError as error:
        found = type(error).__name__
    after = net.weights.tolist(), str(net.structure.generator.bit_generator.state)
    report(what, begun, f"{found}, {'as it was' if before == after else 'changed'}")


def ends(what, client, end):
    """Train while somebody else ends what Dask does for it."""
    begun, net = time.monotonic(), network("tanh")
    before = net.weights.tolist()
    try:
        net.fit(
            X,
            Y,
            epochs=6,
            learning_rate=0.01,
            callbacks=lambda epoch: epoch.number == 2 and end() and None,
            client=client,
        )
        found = "no error"
    except ns.NodesimError as error:
        found = type(error).__name__
    report(what, begun, f"{found}, {'as it was' if net.weights.tolist() == before else 'changed'}")


def interrupted():
    """Send Ctrl-C to all processes, as a terminal does, in the middle of a step."""
    begun, steps, net = time.monotonic(), [], network("sleepy")

    def note(epoch):
        steps.append(net.weights.tolist())
        if epoch.number == 3:
            for pid in [child.pid for child in workers()]:
                os.kill(pid, signal.SIGINT)
            signal.setitimer(signal.ITIMER_REAL, 0.05)

    signal.signal(signal.SIGALRM, lambda number, frame: signal.raise_signal(signal.SIGINT))
    history = net.fit(X, Y, epochs=60, learning_rate=0.01, callbacks=note, n_jobs=2)
    whole = "a whole step" if net.weights.tolist() == steps[-1] and len(steps) == history.updates else "half a step"
    report("loky, Ctrl-C", begun, f"{history.stop_reason}, {whole}, {len(workers())} workers left")


def by_dask():
    # A task is given up after two workers that died, and not after four: each takes a second to start.
    dask.config.set({"distributed.scheduler.allowed-failures": 1})
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        MARK.touch()
        lives("dask", client=client)
        killed = []

        def kill(epoch):
            if epoch.number == 2:
                killed.extend(client.run(os.getpid).values())
                os.kill(killed[0], signal.SIGKILL)

        begun = time.monotonic()
        same = trained("mortal", callbacks=kill, client=client) == IN_ONE["mortal"]
        gone = killed[0] not in client.run(os.getpid).values()
        report("dask, one killed", begun, "the same" if same and gone else "another")
        dies("dask, all die", client=client)
        dies("dask, an error that cannot be sent", "locked", client=client)
        dies("dask, a recursion without end", "endless", client=client)
        ends(
            "dask, tasks cancelled",
            client,
            lambda: client.cancel([Future(key) for key in list(client.futures)], force=True),
        )
        ends("dask, closed", client, client.close)


if __name__ == "__main__":
    IN_ONE = {"mortal": trained("mortal", n_jobs=1)}
    MARK.touch()
    lives("loky", n_jobs=2)
    dies("loky, all die", n_jobs=2)
    interrupted()
    by_dask()
    sys.stdout.flush()

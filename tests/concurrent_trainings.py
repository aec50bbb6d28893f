"""Networks in several processes, run by tests/test_concurrency.py in a process of its own: forking one copies all of it.

Each way of starting a process must train to the same weights, bit by bit, as this one does.
"""

from __future__ import annotations

import multiprocessing
import os
import sys

import joblib
import numpy as np

import nodesim as ns

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(96, 3)), RNG.normal(size=(96, 2))


def trained(net):
    """Train natively with two threads, and return the weights."""
    net.fit(X, Y, epochs=3, batch_size=64, learning_rate=0.01, optimizer="momentum")
    return net.weights.tobytes()


def made(threads=2):
    net = ns.Network.layered([3, 8, 2], seed=3)
    net.engine, net.threads = "native", threads
    return net


def forked(net):
    """Train in a bare fork of this process, whose second thread is not there any more."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.write(writing, trained(net))
        os._exit(0)
    os.waitpid(child, 0)
    return os.read(reading, 10_000)


def main():
    # The pool of threads is there before anything is forked.
    expected = trained(made())
    found = {"fork": forked(made())}
    for way in multiprocessing.get_all_start_methods():
        with multiprocessing.get_context(way).Pool(2) as pool:
            found[f"pool by {way}"], found[f"again by {way}"] = pool.map(trained, [made(), made()])
    for backend in ("loky", "threading", "multiprocessing"):
        jobs = joblib.Parallel(n_jobs=2, backend=backend)(joblib.delayed(trained)(made()) for _ in range(3))
        found |= {f"joblib by {backend}, job {number}": weights for number, weights in enumerate(jobs)}
    found["here again"] = trained(made(threads=1))
    for way, weights in found.items():
        print(way, "same" if weights == expected else "DIFFERS")


if __name__ == "__main__":
    sys.exit(main())

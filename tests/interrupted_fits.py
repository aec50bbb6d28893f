"""Trainings that are interrupted at random moments, on every engine and with every kind of function.

Run by tests/test_interrupts.py with a few for each, and by hand with many: ``python tests/interrupted_fits.py 200``. Each
must stop; after Ctrl-C its weights are bit by bit those of the undisturbed training after as many updates, after any
other exception, which comes out as the very object that was raised, those before.
"""

from __future__ import annotations

import collections
import itertools
import random
import signal
import sys

import numpy as np

import nodesim as ns

ENGINES, KINDS = ("nodes", "numpy", "native"), ("compiled", "interpreted", "loss", "optimizer")
X, Y = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0.0, 1.0, 1.0, 0.0])
# In seconds. Training alone takes much longer: what is not interrupted is not stopped by anything else.
LATEST, EPOCHS = 0.02, 10**6


class Late(Exception):
    """What the handler of a clock raises to end what takes too long."""


class Clock:
    """Raises an exception wherever the program is after some time."""

    def __init__(self):
        self.raised = Late()
        signal.signal(signal.SIGALRM, self.ring)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def ring(self, number, frame):
        if self.raised is None:
            signal.raise_signal(signal.SIGINT)
        else:
            raise self.raised


def network(engine, kind):
    """Return a network, one of whose functions is of that kind, and the optimizer to train it with."""
    one = 1.0  # a closure, which is not compiled
    hidden, loss, optimizer = "tanh", "mse", "momentum" if kind == "compiled" else "sgd"
    if kind == "interpreted":
        hidden = ns.Activation("mine", lambda z: np.tanh(one * z), lambda z, a: one * (1.0 - a * a))
    if kind == "loss":
        loss = ns.Loss(
            "mine", lambda y, a: one * ((a - y) ** 2).mean(axis=0), lambda y, a: 2.0 * one * (a - y) / len(y)
        )
    if kind == "optimizer":
        optimizer = ns.Optimizer("mine", lambda w, g, state, rate: (w - rate * g, state), learning_rate=0.1)
    net = ns.Network.layered([2, 3, 1], hidden=hidden, loss=loss, seed=0)
    net.engine = engine
    return net, optimizer


def interrupted(clock, engine, kind, batch_size, raised, after):
    """Return what is wrong with a training into which an exception comes, or "right"."""
    net, optimizer = network(engine, kind)
    data = (X[:1], Y[:1]) if batch_size == 1 else (X, Y)
    options = {"learning_rate": 0.01, "optimizer": optimizer, "batch_size": batch_size}
    twin, clock.raised = net.copy(), raised
    # What is loaded and compiled once is there when the clock begins to run.
    net.copy().fit(*data, epochs=1, **options)
    try:
        signal.setitimer(signal.ITIMER_REAL, after)
        history = net.fit(*data, epochs=EPOCHS, **options)
    except BaseException as error:
        # Before training has begun, Ctrl-C ends fit as it ends everything.
        if error is not raised and not (raised is None and isinstance(error, KeyboardInterrupt)):
            return f"came out as {type(error).__name__}: {error}"
        history = ns.History(stop_reason="interrupted after nothing")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
    if not history.stop_reason.startswith("interrupted after"):
        return f"did not stop: {history.stop_reason}"
    if history.updates - history.epochs not in (0, 1):
        return f"{history.updates} updates in {history.epochs} epochs of one"
    if history.updates:
        twin.fit(*data, epochs=history.updates, **options)
    if (net.weights != twin.weights).any():
        return f"has other weights after {history.updates} updates"
    net.add_hidden()
    return "right"


def main(count, seed):
    clock, rng, found = Clock(), random.Random(seed), collections.Counter()
    for engine, kind in itertools.product(ENGINES, KINDS):
        for number in range(count):
            raised = (None, Late("late"), None, SystemExit(3), None, MemoryError("full"), RecursionError("deep"))[
                number % 7
            ]
            what = interrupted(clock, engine, kind, (1, None)[number // 7 % 2], raised, rng.uniform(0.0, LATEST))
            found[engine, kind, what] += 1
    for (engine, kind, what), times in found.items():
        print(f"{engine:<7} {kind:<12} {times:>6,} {what}")
    return int(any(what != "right" for _, _, what in found))


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in [*sys.argv[1:], "14", "0"][:2])))

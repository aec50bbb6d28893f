"""Training in NumPy: operations that are cut once make, bit by bit, what update by update on the checked path does."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from helpers import ACTIVATIONS, random_network, random_samples

import nodesim as ns
from nodesim.engines import vectorized
from nodesim.training import loop

LOSSES = ["mse", "mae", "huber", "log_cosh", "half_squared_error", "binary_cross_entropy", "softmax_cross_entropy"]
RATE = 0.05


def heavy(weights, rate):
    return {"sum": np.zeros_like(weights), "before": weights.copy(), "count": 0}


def heavy_step(weights, gradients, state, rate):
    """Return what it was given, views of it, and numbers of another type."""
    total = (0.5 * state["sum"] + gradients).astype(np.float64)
    return weights - rate * total, {"sum": total, "before": weights, "count": state["count"] + 1}


class Lazy:
    """An optimizer that returns the same arrays every time, and writes into them the next time."""

    def __init__(self):
        self.new = self.sum = None

    def step(self, weights, gradients, state, rate):
        if self.new is None or len(self.new) != len(weights):
            self.new, self.sum = np.empty_like(weights), np.empty_like(weights)
        np.add(state["sum"], gradients, out=self.sum)
        np.subtract(weights, rate * self.sum, out=self.new)
        return self.new, {"sum": self.sum, "before": self.sum[::-1], "count": 0}


def clipping(weights, gradients, state, rate):
    """Hide what is not finite."""
    return np.clip(np.nan_to_num(weights - rate * gradients), -5.0, 5.0), state


def optimizers():
    return [
        "sgd", "momentum", "nesterov", "adam", "rmsprop", "rprop", ns.Optimizer("heavy", heavy_step, start=heavy),
        ns.Optimizer("lazy", Lazy().step, start=heavy), ns.Optimizer("clipping", clipping),
        ns.Optimizer("begins late", lambda w, g, s, rate: (w - rate * g, {"last": g, "n": s.get("n", 0) + 1})),
    ]  # fmt: skip


def cached():
    """Return an activation that keeps and returns one array for each shape, and a derivative that returns its argument."""
    kept = {}

    def function(z):
        return np.multiply(z, 0.5, out=kept.setdefault((z.shape, z.dtype), np.empty_like(z)))

    return ns.Activation("cached", function, lambda z, a: a, formula="z / 2", derivative_formula="a")


OWN = [
    ns.Activation("itself", lambda z: z, lambda z, a: np.ones(z.shape, dtype=bool)),
    ns.Activation("steps", lambda z: (z > 0).astype(np.int8), lambda z, a: a),
    ns.Activation("wide", lambda z: np.tanh(z, dtype=np.float64), lambda z, a: 1.0 - np.asarray(a, np.float64) ** 2),
    ns.Activation("reshapes", lambda z: reshaped(z), lambda z, a: reshaped(a)),
]


def reshaped(z):
    z.shape = (-1, *z.shape)
    return np.sin(z)[0]


def outcome(net, x, y, **options):
    """Return all that a training leaves, as bytes where numbers must be the same bit by bit."""
    try:
        history = net.fit(x, y, progress=False, **options)
    except ns.NodesimError as error:
        told = f"{type(error).__name__}: {error}"
    else:
        told = (history.stop_reason, history.updates, history.finite, history.diverged, history.errors)
    return told, net.weights.tobytes(), repr(net.simulator.structure.generator.bit_generator.state)


def of_both(monkeypatch, make, options):
    """Return the outcomes of the trainer and of the checked path, update by update."""
    found = []
    for by_hand in (False, True):
        net, x, y = make()
        net.engine = "numpy"
        with monkeypatch.context() as patch:
            if by_hand:
                patch.delattr(vectorized, "trainer")
            found.append(outcome(net, x, y, **options()))
    return found


def drawn(seed):
    """Return how to make a random network with samples, and how to train it."""
    rng = np.random.default_rng(seed)
    loss, n = LOSSES[seed % len(LOSSES)], int(rng.integers(1, 12))
    own = [*ACTIVATIONS, *OWN, cached()]
    chosen = [own[i] for i in rng.integers(0, len(own), 3)]
    dtype, layered = ("float64", "float32")[seed % 3 == 0], rng.random() < 0.3

    def make():
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ns, "Network", functools.partial(ns.Network, dtype=dtype))
            net, other = random_network(seed, loss=loss)
        if layered:
            kind = {"binary_cross_entropy": "sigmoid", "softmax_cross_entropy": "linear"}.get(loss, "tanh")
            net = ns.Network.layered([3, 4, 3, 2], hidden="tanh", output=kind, loss=loss, seed=seed, dtype=dtype)
        for hidden, activation in zip(net.hidden, chosen * 3):
            hidden.activation = activation
        x, y = random_samples(net, other, n)
        return net, x, y

    options = {"batch_size": [1, 2, 3, None][seed % 4], "epochs": 7, "shuffle": bool(seed % 5), "learning_rate": RATE}
    return make, options


@pytest.mark.parametrize("big", [False, True], ids=["mild", "at the edge of the numbers"])
def test_it_is_the_checked_path_bit_by_bit(monkeypatch, big):
    monkeypatch.setattr(loop, "_FIRST", 5)
    trained = failed = 0
    for seed in range(300 if not big else 100):
        make, options = drawn(seed)
        optimizer, rate = seed % len(optimizers()), (1e160 if seed % 2 else 1e30) if big else RATE
        options["learning_rate"] = rate
        mine, theirs = of_both(
            monkeypatch,
            make,
            lambda options=options, optimizer=optimizer: {**options, "optimizer": optimizers()[optimizer]},
        )
        assert mine == theirs, seed
        trained, failed = trained + (theirs[0][1] != 0), failed + (theirs[0][2] is False or isinstance(theirs[0], str))
    assert trained > 50
    assert failed > 30 or not big

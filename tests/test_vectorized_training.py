"""Training in NumPy: operations that are cut once make, bit by bit, what update by update on the checked path does."""

from __future__ import annotations

import functools
import itertools

import numpy as np
import pytest
from helpers import ACTIVATIONS, random_network, random_samples

import nodesim as ns
from nodesim.engines import vectorized, vectorized_training
from nodesim.engines.early_stopping import new_watch
from nodesim.engines.training_task import Progress
from nodesim.simulation.optimizer_state import OptimizerState
from nodesim.training import fused

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


def sinking(weights, gradients, state, rate, out=None):
    """Write into what it is given for that, and return a view of it."""
    moved = np.multiply(rate, gradients + state["last"], out)
    return np.subtract(weights, moved, out)[:], {"last": gradients}


def last(weights, rate):
    return {"last": np.zeros_like(weights)}


def optimizers():
    return [
        "sgd", "momentum", "nesterov", "adam", "rmsprop", "rprop", ns.Optimizer("heavy", heavy_step, start=heavy),
        ns.Optimizer("lazy", Lazy().step, start=heavy), ns.Optimizer("clipping", clipping),
        ns.Optimizer("sinking", sinking, start=last, elementwise=True),
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
    ns.Activation("into", lambda z, out=None: np.multiply(z, 0.5, out), lambda z, a, out=None: np.full_like(z, 0.5)),
    ns.Activation("beside", lambda z, out=None: z * 0.5, np.nextafter),
    ns.Activation("out", lambda z, out: z * out, lambda z, a, out: out + 0 * z, parameters={"out": 0.5}),
    ns.Activation("objects", np.frompyfunc(abs, 1, 1), lambda z, a: np.sign(z)),
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
    monkeypatch.setattr(fused, "_FIRST", 5)
    monkeypatch.setattr(vectorized_training, "_AT_A_TIME", 7)
    trained = failed = 0
    for seed in range(150 if not big else 60):
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
    assert trained > 50 or big
    assert failed > 20 or not big


def writing(*arguments):
    arguments[0][...] = 0.0


FAULTS = {
    "raises": lambda *a: ValueError("too much"), "shape": lambda *a: np.zeros(7), "complex": lambda *a: a[0] * 1j,
    "none": lambda *a: None, "nan": lambda *a: np.nan * a[0], "infinite": lambda *a: np.inf + a[0], "writes": writing,
    "library": lambda *a: ns.DataError("of its own"),
}  # fmt: skip
STEP_FAULTS = {
    "keys": lambda w, g, s, r: (w, {}), "one": lambda w, g, s, r: w, "list": lambda w, g, s, r: (w.tolist(), s),
    "whole": lambda w, g, s, r: (w.astype(int), s), "state": lambda w, g, s, r: (w, {"sum": g[1:]}),
    "number": lambda w, g, s, r: (w, {"sum": 0.0}), "nothing": lambda w, g, s, r: (w, None),
}  # fmt: skip


def faulty(which, otherwise):
    """Return a network and an optimizer, one of whose functions fails after the fifth step, and how many there were."""
    made = [0]

    def failing(name, call):
        def function(*arguments):
            if name != which or made[0] < 5:
                made[0] += name == "step"
                return call(*arguments)
            answer = otherwise(*arguments)
            if isinstance(answer, Exception):
                raise answer
            return answer

        return function

    net, square = ns.Network.layered([2, 3, 2], hidden="tanh", seed=3), ns.loss("half_squared_error")
    net["H2"].activation = ns.Activation(
        "mine", failing("function", lambda z: 1.0 * z), failing("derivative", lambda z, a: np.ones_like(z))
    )
    net.loss = ns.Loss("mine", failing("lfunction", square.function), failing("lderivative", square.derivative))
    step = failing("step", lambda w, g, state, rate: (w - rate * g, {"sum": state["sum"] + g}))
    return net, ns.Optimizer("mine", step, start=lambda w, rate: {"sum": 0.0 * w}), made


def test_functions_that_fail_in_the_midst_end_it_as_they_do_on_the_checked_path(monkeypatch):
    x, y = np.array([[0.1, 0.2], [0.3, -0.2], [-0.4, 0.5], [0.6, 0.1]]), np.full((4, 2), 0.9)
    told = set()
    for which in ("function", "derivative", "lfunction", "lderivative", "step"):
        for name, otherwise in {**FAULTS, **(STEP_FAULTS if which == "step" else {})}.items():
            found = []
            for by_hand in (False, True):
                net, optimizer, made = faulty(which, otherwise)
                net.engine = "numpy"
                with monkeypatch.context() as patch:
                    if by_hand:
                        patch.delattr(vectorized, "trainer")
                    options = {"optimizer": optimizer, "epochs": 8, "learning_rate": RATE, "batch_size": 2}
                    found.append(outcome(net, x, y, **options, shuffle=False))
                found[-1] += (made[0],)
            assert found[0] == found[1], (which, name)
            assert made == [5]
            # These are unusual, but no mistakes.
            if name not in ("keys", "list", "number"):
                assert isinstance(found[0][0], str) or not found[0][0][2]
                told.add(str(found[0][0]))
    assert len(told) > 25


def faulty_once(which, error):
    def once(*arguments):
        made[0] = -100
        return error

    net, optimizer, made = faulty(which, once)
    return net, optimizer


def test_what_is_raised_but_once_ends_it():
    """Nobody finds it again; the fit says it all the same, as with other engines, and nothing was trained."""
    x, y = np.array([[0.1, 0.2], [0.3, -0.2], [-0.4, 0.5], [0.6, 0.1]]), np.full((4, 2), 0.9)
    errors = ValueError("too much"), ns.FunctionError("too much")
    for which, error in itertools.product(("function", "derivative", "lfunction", "lderivative", "step"), errors):
        net, optimizer = faulty_once(which, error)
        net.engine, before = "numpy", net.weights
        with pytest.raises(ns.FunctionError, match=r"while evaluating (activation|loss|optimizer) mine: .*too much"):
            net.fit(x, y, 8, RATE, 2, optimizer)
        assert (net.weights == before).all()


def by_hand(net, x, y, optimizer, updates):
    """Return the optimizer's state and the weights after some updates on the checked path, one by one, as bytes."""
    size = net.structure.store.size
    weights, trainable = (table[:size] for table in (net.structure.store.weights, net.structure.store.trainable))
    inputs, targets, _ = net.simulator.pairs(x, y)
    state = OptimizerState(optimizer, weights, RATE)
    for update in range(updates):
        chosen = [(2 * update) % len(x), (2 * update + 1) % len(x)]
        run = net.simulator.forward(inputs[:, chosen], weights=weights)
        gradients = net.simulator.backward(run, targets[:, chosen], weights=weights)
        weights, state.state = state.step(weights, gradients, trainable, RATE)
    return {name: np.asarray(value).tobytes() for name, value in state.state.items()}, weights.tobytes()


class Stopping(dict):
    """A state that is interrupted when it is read."""

    def keys(self):
        raise KeyboardInterrupt


@pytest.mark.parametrize("where", ["function", "derivative", "lfunction", "lderivative", "step", "after the step"])
def test_what_an_interruption_leaves_is_of_whole_updates(monkeypatch, where):
    """Weights, the optimizer's state and the number of updates belong together, and from there it goes on."""
    monkeypatch.setattr(vectorized_training, "_AT_A_TIME", 5)
    adam, square, tanh, left = ns.optimizer("adam"), ns.loss("mse"), ns.activation("tanh"), [0]

    def counted(name, call):
        def function(*arguments):
            left[0] -= name == where
            if name == where and not left[0]:
                raise KeyboardInterrupt
            return call(*arguments)

        return function

    def step(*arguments):
        new, state = counted("step", adam.step)(*arguments)
        left[0] -= where == "after the step"
        return new, Stopping(state) if where == "after the step" and not left[0] else state

    def train(progress):
        net.simulator.calculate(trainer.train, weights, state, trainable, RATE, orders, np.array(new_watch()), progress)
        weights[:], left[0] = progress.weights, -1

    def bits(state):
        return {name: np.asarray(value).tobytes() for name, value in state.items()}

    net = ns.Network.layered([2, 3, 2], seed=1)
    net.engine = "numpy"
    mine = ns.Activation("mine", counted("function", tanh.function), counted("derivative", tanh.derivative))
    for node in net.hidden:
        node.activation = mine
    net.loss = ns.Loss("mine", counted("lfunction", square.function), counted("lderivative", square.derivative))
    optimizer = ns.Optimizer("mine", step, start=adam.start, elementwise=True)
    (x, y), orders = np.random.default_rng(0).random((2, 6, 2)), np.tile(np.arange(6), (4, 1))
    trainer = net.simulator.trainer(optimizer, *net.simulator.pairs(x, y)[:2], 2)
    for frozen, left[0] in itertools.product([False, True], [1, 8, 23]):
        net["W2"].trainable = not frozen
        trainable, weights = net.structure.store.trainable[:17], net.structure.store.weights[:17].copy()
        state = adam.start(weights, RATE)
        at, first = left[0], Progress(np.zeros(4), 0, 100)
        train(first)
        # The step is asked once for five of the seventeen weights, or for all that are trainable.
        assert first.updates == min(12, (at - 1) // (4 if "step" in where and not frozen else 1))
        assert [type(failure) for failure in first.failures] == [KeyboardInterrupt] * (first.updates < 12)
        assert (bits(state), weights.tobytes()) == by_hand(net, x, y, adam, first.updates)
        second = Progress(np.zeros(4), first.updates % 3, 5)
        train(second)
        assert second.updates == 5
        assert (bits(state), weights.tobytes()) == by_hand(net, x, y, adam, first.updates + 5)


def test_what_the_trainer_relies_on_is_checked():
    def limited(weights, gradients, state, rate, out=None):
        return np.multiply(1.0 - rate, weights, out) / (1.0 + rate * np.linalg.norm(gradients)), state

    def worse(*arguments, out=None):
        return np.add(limited(*arguments)[0], 0.0 if out is None else 1e-9, out), {}

    def shifted(z, out=None):
        return np.add(z, 0.0 if out is None else 1e-9, out)

    half, out = ns.loss("half_squared_error"), "where out is given"
    ns.checks.check_optimizer(ns.Optimizer("mine", limited))
    for check, function, match in (
        (ns.checks.check_optimizer, ns.Optimizer("mine", limited, elementwise=True), "elementwise is said of it"),
        (ns.checks.check_optimizer, ns.Optimizer("mine", worse), out),
        (ns.checks.check_activation, ns.Activation("mine", shifted, lambda z, a: np.ones_like(z)), out),
        (
            ns.checks.check_activation,
            ns.Activation("mine", lambda z: z + 0.0, lambda z, a, out=None: shifted(np.ones_like(z), out)),
            out,
        ),
        (ns.checks.check_loss, ns.Loss("mine", half.function, lambda y, a, out=None: shifted(a - y, out)), out),
    ):
        with pytest.raises(ns.CheckError, match=match):
            check(function)


def test_nodes_that_stand_apart_are_not_written_by_functions():
    """NumPy 2.4 negates wrongly from one array into another where both have 8 numbers from each to the next."""
    net = ns.Network(seed=0)
    net.add_input()
    for number in range(9):
        net.add_output(activation="linear" if number % 8 else "sigmoid")
    for output in net.outputs:
        net.connect("I1", output)
    x, y = np.random.default_rng(0).random((3, 1)), np.zeros((3, 9))
    trained = []
    for engine in ("nodes", "numpy"):
        twin = net.copy()
        twin.engine = engine
        twin.fit(x, y, epochs=2, batch_size=1, learning_rate=0.1, shuffle=False)
        trained.append(twin.weights)
    assert np.allclose(*trained, rtol=1e-12, atol=0)

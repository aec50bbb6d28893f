"""Arrays that users get: what shows a state is read-only, what was calculated for the caller is the caller's."""

from __future__ import annotations

import inspect
from collections import Counter

import numpy as np
import pytest
from helpers import digest, random_network, random_samples

import nodesim as ns

# Doors to the machine room, where the live arrays are, and to what belongs to somebody else.
NOT_ENTERED = {"network", "owner", "schedule", "simulator", "store", "structure", "run", "graph", "derivatives"}
# Methods without arguments that change something, or write a file; the others are called.
NOT_CALLED = {
    "initialize",
    "update",
    "open",
    "show",
    "clear",
    "pop",
    "popitem",
    "setdefault",
    "copy",
    "explore",
    "grow",
    "prune",
}
# What belongs to other programs.
NOT_CALLED |= {"to_sklearn", "to_torch"}
NOT_CALLED |= {f"add_{kind}" for kind in ("input", "hidden", "output", "bias")}
READ_ONLY = "(assignment destination|output array) is read-only"


def found_in(things):
    """Return (whether a call made it for its caller, array) for everything public that can be reached from things."""
    arrays, waiting, met = [], [(thing, False) for thing in things], Counter()
    while waiting:
        thing, theirs = waiting.pop(0)
        if isinstance(thing, np.ndarray):
            arrays.append((theirs, thing))
        elif isinstance(thing, dict):
            waiting += [(part, theirs) for part in thing.values()]
        elif isinstance(thing, tuple | list | set | frozenset):
            waiting += [(part, theirs) for part in list(thing)[:20]]
        elif type(thing).__module__.startswith("nodesim") and met[type(thing)] < 25:
            # Some of each kind: what they hand out leads to others without end.
            met[type(thing)] += 1
            waiting += found_inside(thing)
    return arrays


def found_inside(thing):
    """Yield the public attributes of a thing, and what its methods return that take no arguments."""
    for name, part in getattr(thing, "__dict__", {}).items():
        if not name.startswith("_") and name not in NOT_ENTERED:
            yield part, False
    for name in dir(type(thing)):
        kind = inspect.getattr_static(type(thing), name)
        if name.startswith("_") or name in NOT_ENTERED | NOT_CALLED or isinstance(kind, classmethod | staticmethod):
            continue
        try:
            part, called = getattr(thing, name), inspect.isfunction(kind)
            if called and any(p.default is p.empty for p in inspect.signature(part).parameters.values()):
                continue
            yield (part() if called else part), called
        except ns.NodesimError:
            continue


def explained(net, x, y):
    """Return everything that can be had of a network that has run these samples."""
    recording, paths = ns.Recording(net), ns.PathRecording(net, net.connections[0], x, y)
    epochs = []
    history = net.copy().fit(x, y, epochs=2, learning_rate=1e-9, callbacks=epochs.append)
    net.forward(x), net.backward(y)
    weight = net.paths(net.connections[0])
    some = [weight, next(iter(weight), None), net.paths(net.outputs[0]), net.derivation(net.connections[0])]
    some += list(weight.derivatives.quantities())[:5]
    graph = weight.derivatives
    inside = [graph.weights, graph.slopes, graph.activated, graph.entries, graph.totals, graph.absolutes, graph.counts]
    inside += [*graph.output_gradients.values(), *(f.value for path in list(weight)[:3] for f in path.factors)]
    return [
        net, net.nodes, net.connections, net.layers, some, inside, weight.flow(), net.dead_weights(), net.path_counts(),
        net.diagnose(x, y), net.operations(), list(net.steps(x[0], y[0])), history, epochs, recording, list(recording),
        paths, dict(paths), ns.check_gradients(net, x, y),
    ]  # fmt: skip


def networks(random):
    """Yield random networks, an odd one with mae, and one in single precision, each with its generator."""
    for seed in range(random):
        yield random_network(seed, loss="mae" if seed % 2 else "softmax_cross_entropy")
    yield ns.Network.layered([2, 3, 2], seed=0, dtype="float32"), np.random.default_rng(0)


def test_no_array_that_can_be_reached_lets_a_number_be_lost():
    attributes = calls = 0
    for net, rng in networks(5):
        x, y = random_samples(net, rng, 3)
        everything = explained(net, x, y)
        before = digest(net)
        for theirs, array in found_in(everything):
            if theirs:
                calls += 1
                if array.size and array.flags.writeable:
                    array[...] = 0
            else:
                attributes += 1
                assert not array.flags.writeable
                with pytest.raises(ValueError, match=READ_ONLY):
                    array[...] = 0
        assert digest(net) == before
        for answer in (net.predict(x), net.forward(x), net.predict(x[0]), net.forward(x[0])):
            shown = net.outputs[0].activated
            answer[...] = 7.0
            assert np.array_equal(net.outputs[0].activated, shown)
    assert attributes > 500
    assert calls > 10


@pytest.mark.usefixtures("every_engine")
def test_what_is_calculated_for_the_caller_is_the_callers():
    net = ns.Network.layered([2, 3, 3], loss="softmax_cross_entropy", seed=0)
    x, y = np.array([[0.5, 1.0], [2.0, 0.0]]), np.array([0, 2])
    net.forward(x), net.backward(y)
    before, arrays = digest(net), [net["H1"].value, net["O1"].activated, net["H2"].delta, net["I1"].value]
    kept = [array.copy() for array in arrays]
    # What went in stays the user's, too: nothing looks at it again.
    x[:], y[:] = 9.0, 1
    assert digest(net) == before
    for array, old in zip(arrays, kept):
        assert (array == old).all()
        with pytest.raises(ValueError, match=READ_ONLY):
            array[0] = 1.0
    twin = net.copy()
    for made in (twin.forward(x), twin.predict(x), twin.predict_proba(x), twin.classify(x), twin.forward(x[0])):
        made[...] = 0
    net.forward([[0.5, 1.0], [2.0, 0.0]]), net.backward([0, 2])
    connections, products = net.paths("W1").as_arrays()
    connections[...], products[...] = 0, 0.0
    assert net.paths("W1").as_arrays().products.any()
    column = net.paths("W1").flow().column("gradient")
    column[...] = 0.0
    iris = ns.datasets.load("iris")
    iris.X[...], iris.y[...] = 0.0, 0
    assert ns.datasets.load("iris").X.any()
    assert ns.datasets.load("iris").y.any()


def test_weights_and_gradients_are_set_whole_and_not_in_place():
    net = ns.Network.layered([2, 2, 1], seed=0)
    net.forward([0.3, 0.7]), net.backward([1.0])
    before = digest(net)
    with pytest.raises(ValueError, match=READ_ONLY):
        net.weights[:] = 0.5
    with pytest.raises(ValueError, match=READ_ONLY):
        net.weights *= 0.5
    with pytest.raises(ValueError, match=READ_ONLY):
        net.gradients[:] = np.clip(net.gradients, -1e-9, 1e-9)
    assert digest(net) == before
    net.gradients = np.clip(net.gradients, -1e-9, 1e-9)
    weights = net.weights
    net.update(0.1)
    assert np.abs(net.weights - weights).max() <= 1e-9
    net.weights = np.full(9, 0.5)
    assert net["W1"].weight == 0.5
    # An array that was taken is of its moment.
    assert not (weights == net.weights).any()


@pytest.mark.usefixtures("every_engine")
def test_gradients_that_are_set_are_those_of_the_next_update():
    for net, rng in networks(10):
        x, y = random_samples(net, rng, 3)
        net.forward(x), net.backward(y)
        own, first = net.gradients, net.connections[0]
        summed, delta, dead = net.paths(first).gradient, np.array(first.target.delta), str(net.dead_weights())
        clipped = rng.standard_normal(len(own)).astype(own.dtype)
        net.gradients = clipped
        assert net.gradients.tolist() == [c.gradient for c in net.connections] == clipped.tolist()
        # What explains the backward says what the backward found.
        assert net.paths(first).gradient == net.derivation(first).gradient == summed
        assert (first.target.delta == delta).all()
        assert str(net.dead_weights()) == dead
        net.gradients = 2.0 * net.gradients
        assert str(net.dead_weights()) == dead
        weights, trainable = net.weights, [c.trainable for c in net.connections]
        net.update(0.5)
        assert net.weights == pytest.approx(np.where(trainable, weights - 0.5 * (2 * clipped), weights), rel=1e-6)
        with pytest.raises(ns.StateError, match="setting gradients needs a forward run"):
            net.gradients = clipped
        net.weights = weights
        net.forward(x), net.backward(y)
        assert (net.gradients == own).all()
        assert str(net.dead_weights()) == dead


def test_gradients_that_cannot_be_set_leave_everything_as_it_was():
    net = ns.Network.layered([2, 2, 1], seed=0, dtype="float32")
    with pytest.raises(ns.StateError, match="nothing was run"):
        net.gradients = np.zeros(9)
    net.forward([0.3, 0.7])
    with pytest.raises(ns.StateError, match=r"run network.backward\(y\) first"):
        net.gradients = np.zeros(9)
    net.backward([1.0])
    net.gradients = np.ones(9)
    before = digest(net)
    for wrong in (np.zeros(8), 0.0, [[0.0] * 9], [np.nan] * 9, [*[0.0] * 8, np.inf], [1e300] * 9):
        with pytest.raises(ns.ArgumentError, match="gradients must be 9 finite numbers"):
            net.gradients = wrong
    for wrong in ("much", None, ["a"] * 9):
        with pytest.raises(ns.DataError):
            net.gradients = wrong
    assert digest(net) == before
    net.disconnect("W9")
    with pytest.raises(ns.StateError):
        net.gradients = np.zeros(8)

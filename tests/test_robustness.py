"""What a user who is careless, or writes faulty functions, must not be able to break."""

from __future__ import annotations

import copy
import io
import sys
import time

import networkx as nx
import numpy as np
import pytest
from helpers import article_network, digest

import nodesim as ns
from nodesim import cli

X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
pytestmark = pytest.mark.usefixtures("session")


@pytest.mark.usefixtures("every_engine")
def test_columns_keep_the_order_in_which_nodes_were_added():
    net = ns.Network(seed=0)
    net.add_hidden("tmp"), net.add_input("age"), net.remove("tmp"), net.add_input("income"), net.add_output()
    net.connect("age", "O1", weight=1), net.connect("income", "O1", weight=10)
    assert [node.name for node in net.inputs] == ["age", "income"]
    assert net.forward([1, 0]) == [1.0]
    net.remove("age"), net.add_input("first again"), net.connect("first again", "O1", weight=5.0)
    assert [node.name for node in net.nodes] == ["income", "O1", "first again"]
    assert net.forward([1, 2]) == [20.0]
    assert [node.name for node in net.copy().nodes] == ["income", "O1", "first again"]


def in_place_step(w, g, s, learning_rate):
    w -= learning_rate * g
    return w, s


def drops_gradients(w, g, s, learning_rate):
    g *= 0
    return w, s


def wrong_state(w, g, s, learning_rate):
    return w, {"v": np.zeros(3)}


def advances_state(w, g, s, learning_rate):
    s["v"] += 1
    return w, s


@pytest.mark.usefixtures("every_engine")
@pytest.mark.parametrize(
    ("optimizer", "message"),
    [
        (ns.Optimizer("o", in_place_step), "step writes into the arrays that it is given"),
        (ns.Optimizer("o", drops_gradients), "writes into the arrays"),
        (ns.Optimizer("o", advances_state, start=lambda w, rate: {"v": np.zeros_like(w)}), "writes into the arrays"),
        (ns.Optimizer("o", wrong_state), r"state 'v' of shape \(3,\), expected \(9,\)"),
        (ns.Optimizer("o", in_place_step, start=lambda w, rate: None), "the state of start must be a dict, got None"),
        (ns.Optimizer("o", in_place_step, start=lambda w, rate: {"v": np.zeros(4)}), "start returned the state 'v'"),
    ],
)
def test_a_faulty_optimizer_changes_nothing(optimizer, message):
    net = ns.Network.layered([2, 2, 1], seed=0)
    net.forward(X), net.backward(Y)
    before = digest(net)
    with pytest.raises(ns.FunctionError, match=message):
        net.update(optimizer=optimizer)
    with pytest.raises(ns.FunctionError, match=message):
        net.copy().fit(X, Y, optimizer=optimizer)
    assert digest(net) == before


@pytest.mark.usefixtures("every_engine")
def test_functions_cannot_write_into_the_network():
    def square(z):
        z *= z
        return z

    def drifting(target, output):
        target -= output
        return (target**2).mean(0)

    net = ns.Network.layered([2, 2, 1], hidden=ns.Activation("sq", square, lambda z, a: 2 * z), seed=0)
    with pytest.raises(ns.FunctionError, match="H1 .*writes into the arrays"):
        net.forward([1, 1])
    loss = ns.Loss("drifting", drifting, lambda t, o: 2 * (o - t) / len(t))
    with pytest.raises(ns.FunctionError, match="drifting: it writes into the arrays"):
        ns.Network.layered([2, 2, 1], loss=loss, seed=0).fit(X, Y)


def test_softmax_needs_two_outputs():
    net = ns.Network.layered([2, 2, 1], loss="cross_entropy", seed=0)
    with pytest.raises(ns.FunctionError, match="at least 2 outputs.*binary_cross_entropy"):
        net.fit(X, Y)


REFUSED = [
    lambda n: n.connect("I1", "O1", trainable=np.array([True, False])),
    lambda n: n.connect("I1", "O1", weight=10**400),
    lambda n: n.connect("I1", "O1", trainable="False"),
    lambda n: setattr(n["W1"], "trainable", "False"),
    lambda n: setattr(n["W1"], "weight", 10**5000),
    lambda n: n.add_bias(value=10**400),
    lambda n: setattr(n, "weights", [10**400] * 9),
    lambda n: setattr(n, "weights", ["1"] * 9),
    lambda n: setattr(n, "weights", np.ones(9) * (1 + 2j)),
    lambda n: setattr(n, "weights", np.ma.masked_array(np.ones(9), mask=[1] + [0] * 8)),
    lambda n: n.fit(X, Y, learning_rate=10**400),
    lambda n: n.fit(X, Y, stop_at_error=-1.0),
    lambda n: n.fit(X, Y, tolerance=-1.0),
    lambda n: n.fit(X, Y, shuffle="no"),
    lambda n: n.fit(X, Y, progress="a"),
    lambda n: n.forward(np.array([np.complex64(1 + 2j), 1], dtype=object)),
    lambda n: n.forward(np.array([b"1", 2], dtype=object)),
    lambda n: n.forward(np.array([np.longdouble("1e400"), 1])),
    lambda n: n.forward({n["I1"]: 1, "I1": 3, "I2": 2}),
    lambda n: n.score([[1, 2], [3, 4]], [1, 1]),
    lambda n: list(n.steps([1, 1], ["a"])),
    lambda n: list(n.steps([[1, 1], [1, 0]], [1, 0])),
    lambda n: ns.Network.layered([2, 1], bias=np.array([1, 0])),
    lambda n: ns.Initializer("x", lambda g, i, o: g.normal(size=i.shape), bias=float("nan")),
    lambda n: ns.Optimizer("o", in_place_step, learning_rate=float("nan")),
    lambda n: ns.Optimizer("o", in_place_step, learning_rate=-1.0),
    lambda n: ns.Optimizer("o", in_place_step, start=5),
    lambda n: ns.Loss("l", lambda t, o: o, lambda t, o: o, targets="ab"),
    lambda n: ns.Loss("l", lambda t, o: o, lambda t, o: o, targets=1),
    lambda n: ns.Activation("q", np.sin, lambda z, a: np.cos(z), parameters=5),
    lambda n: ns.Activation("q", np.sin, lambda z, a: np.cos(z), aliases="xyz"),
    lambda n: n.add_hidden(activation={"name": "elu", "parameters": None}),
    lambda n: ns.unregister(5),
    lambda n: ns.load_plugins(None),
    lambda n: ns.load_plugins(""),
    lambda n: ns.check_gradients(5, [1, 1], [1]),
    lambda n: ns.checks.check_activation(ns.loss("mse")),
    lambda n: ns.checks.check_initializer(None),
    lambda n: ns.checks.check_regularizer(ns.loss("mse")),
    lambda n: ns.checks.check_schedule(None),
    lambda n: ns.History([1.0]).chart("a"),
    lambda n: ns.History([1.0]).chart(0),
]


OVERFLOWING = [
    lambda n: n.score([[0, 0], [0, 1]], [1e154, -1e154]),
    lambda n: n.error([[1, 2]], [1e200]),
]


@pytest.mark.usefixtures("every_engine")
@pytest.mark.parametrize("call", OVERFLOWING)
def test_overflow_leaves_no_trace(call):
    test_refused_without_a_trace(call)


@pytest.mark.parametrize("call", REFUSED)
def test_refused_without_a_trace(call):
    net = ns.Network.layered([2, 2, 1], seed=0)
    net.forward(X), net.backward(Y)
    before = digest(net)
    with pytest.raises(ns.NodesimError) as caught:
        call(net)
    assert digest(net) == before
    assert len(str(caught.value)) < 400


@pytest.mark.usefixtures("every_engine")
def test_what_is_accepted():
    net = ns.Network.layered([2, 2, 1], seed=0)
    net.connect("I1", "O1", weight=np.array(0.5), trainable=np.True_)
    net.fit(X, Y, epochs=2, callbacks=None)
    assert len(net.fit(X, Y, epochs=20, callbacks=lambda epoch: np.abs(net.weights).max() > 0)) == 1
    for check, name in ((ns.checks.check_activation, "relu"), (ns.checks.check_loss, "mse"),
                        (ns.checks.check_optimizer, "adam"), (ns.checks.check_initializer, "normal"),
                        (ns.checks.check_regularizer, "l1"), (ns.checks.check_schedule, 0.1)):  # fmt: skip
        check(name)


@pytest.mark.usefixtures("every_engine")
def test_class_numbers_read_from_a_file_are_floats():
    net = ns.Network.layered([2, 2, 3], loss="cross_entropy", seed=0)
    assert net.error([[1, 2], [3, 4]], [0.0, 2.0]) == net.error([[1, 2], [3, 4]], [0, 2])
    with pytest.raises(ns.DataError, match=r"sample 1: 0.5 is no class number"):
        net.error([[1, 2], [3, 4]], [0.0, 0.5])


@pytest.mark.usefixtures("every_engine")
def test_the_mean_of_finite_errors_is_finite():
    net = ns.Network.layered([1, 1], seed=0, initializer="zeros")
    assert net.error([[0], [0]], [1.2e154, 1.2e154]) == pytest.approx(1.44e308)
    diverging = ns.Network.layered([2, 2, 1], hidden="relu", seed=0)
    history = diverging.fit(np.array(X) * 100.0, Y, epochs=500, learning_rate=10)
    assert np.isfinite(history.errors).all()
    assert history.diverged


@pytest.mark.usefixtures("every_engine")
def test_a_function_that_is_not_defined_is_an_error_of_fit():
    net = ns.Network.layered([2, 2, 1], hidden=ns.Activation("logg", np.log, lambda z, a: 1 / z), seed=0)
    before = digest(net)
    with pytest.raises(ns.FunctionError, match=r"H1 \(activation logg\): it returned nan"):
        net.fit(X, Y, epochs=5)
    assert digest(net) == before


@pytest.mark.usefixtures("every_engine")
def test_an_error_of_a_callback_is_its_own():
    net = ns.Network.layered([2, 2, 1], hidden="linear", seed=0, initializer="constant")
    net.weights = np.full(9, 10.0)
    before = digest(net)
    with pytest.raises(ns.NonFiniteError, match="weighted sum"):
        net.fit(X, Y, learning_rate=0.0, callbacks=lambda epoch: epoch.network.forward([1e308, 1e308]))
    assert digest(net) == before


@pytest.mark.usefixtures("every_engine")
def test_gradients_are_shown_with_the_run_they_belong_to():
    net = article_network(1)
    assert net["W1"].gradient
    net.forward([0.3, 0.4])
    with pytest.raises(ns.StateError, match="no gradient now"):
        net["W1"].gradient  # noqa: B018


def test_names_that_look_like_other_quantities():
    net = ns.Network(seed=0)
    net.add_input("e"), net.add_hidden("H1"), net.add_hidden("HA1"), net.add_output("O1")
    for pair in (("e", "H1"), ("H1", "HA1"), ("HA1", "O1"), ("H1", "O1")):
        net.connect(*pair)
    net.forward([0.5]), net.backward([1.0])
    graph = net.paths("W1").derivatives.to_networkx()
    assert nx.is_directed_acyclic_graph(graph)
    assert len(list(nx.all_simple_paths(graph, "e", "W1"))) == net.paths("W1").count == 2
    names = [step.quantity for step in net.steps([0.5], [1.0])]
    assert len(names) == len(set(names))


def test_plugins_that_bring_nothing():
    class Forgetful:
        @ns.hookimpl
        def nodesim_activations(self):
            [ns.Activation("n1", np.sin, lambda z, a: np.cos(z))]

    with pytest.raises(ns.PluginError, match=r"nodesim_activations\(\) returned nothing"):
        ns.register(Forgetful())
    with pytest.raises(
        ns.PluginError, match=r"is a class; register an object of it: nodesim.register\(Forgetful\(\)\)"
    ):
        ns.register(Forgetful)


def test_unregister_never_guesses():
    ns.register(ns.Activation("constant", lambda z: 0 * z + 1, lambda z, a: 0 * z))
    with pytest.raises(ns.ArgumentError, match="an activation and an initializer: say which"):
        ns.unregister("constant")
    ns.unregister("constant", kind="activation")
    assert ns.initializer("constant").name == "constant"
    with pytest.raises(ns.ArgumentError, match="kind must be one of"):
        ns.unregister("constant", kind="activations")
    with pytest.raises(ns.PluginError, match=r"unregister\('binary_cross_entropy', 'loss'\)"):
        ns.register(ns.Loss("mine", lambda t, o: o, lambda t, o: o, aliases=("log_loss",)))


def test_networkx_copies_the_graph():
    net = article_network(1)
    graph = copy.deepcopy(net.graph)
    assert graph.edges[net["I1"], net["H1"]]["weight"] == net["W1"].weight
    assert net.graph.reverse().has_edge(net["H1"], net["I1"])
    assert net.graph.to_undirected().number_of_edges() == 12


def test_copy_of_a_subclass_with_a_constructor_of_its_own():
    class Named(ns.Network):
        def __init__(self, title):
            super().__init__(seed=0)
            self.title = title

    net = Named("x")
    net.add_input()
    assert type(net.copy()) is Named
    assert [node.name for node in net.copy().nodes] == ["I1"]


def test_output_that_cannot_hold_every_letter(monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    monkeypatch.setattr(sys, "stdout", stream)
    assert cli.main(["demo"]) == 0
    assert "de/dW1" in stream.buffer.getvalue().decode("cp1252")


def test_deep_networks_built_from_either_end_are_quick():
    start = time.perf_counter()
    deep = ns.Network.layered([1] + [1] * 8000 + [1], seed=0, bias=False)
    assert repr(deep) == "<Network 1-1-1-1-1-1-...-1-1-1-1-1: 8,002 nodes, 8,001 connections, loss mse>"
    backwards = ns.Network(seed=0)
    after = backwards.add_output()
    for _ in range(8000):
        node = backwards.add_hidden()
        backwards.connect(node, after)
        after = node
    # Minutes where a step is quadratic; generous because it measures a machine.
    assert time.perf_counter() - start < 60
    with pytest.raises(ns.CycleError):
        backwards.connect("H1", "H8000")

"""Running: forward, backward, update; what engines read and set; data at the door; faults without a trace."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import LOSSES, article_network, digest, random_network, random_samples

import nodesim as ns
from nodesim.engines import choice
from nodesim.gradients.quantities import Quantity


@pytest.fixture
def net(engine):
    network = article_network(1)
    network.engine = engine
    return network


def test_shapes_of_one_sample_and_of_a_batch(net):
    assert net.forward([0.1, 0.2]).shape == (2,)
    assert isinstance(net["H1"].value, float)
    assert net.forward([[0.1, 0.2]]).shape == (1, 2)
    assert net["H1"].value.shape == (1,)
    assert net.forward([[0.1, 0.2]] * 3).shape == (3, 2)
    assert isinstance(net.backward(np.zeros((3, 2))), float)
    assert net["H1"].delta.shape == net["O1"].activated.shape == (3,)
    assert isinstance(net["W1"].gradient, float)
    assert net["I1"].value.tolist() == [0.1] * 3
    assert net["B1"].value == net["B1"].activated == 1.0


def test_inputs_by_name(net):
    expected = net.forward([[0.1, 0.2], [0.3, 0.4]])
    assert (net.forward({"I2": [0.2, 0.4], "I1": [0.1, 0.3]}) == expected).all()
    assert (net.forward({net["I1"]: 0.1, "I2": 0.2}) == net.forward([0.1, 0.2])).all()


def test_a_batch_is_the_mean_of_its_samples(engine):
    for seed in range(20):
        net, rng = random_network(seed)
        net.engine = engine
        x, y = random_samples(net, rng, 5)
        singles = []
        for row, wanted in zip(x, y):
            net.forward(row)
            error = net.backward(wanted)
            singles.append((error, net.gradients, [node.delta for node in net.hidden]))
        net.forward(x)
        assert net.backward(y) == pytest.approx(np.mean([s[0] for s in singles]), rel=1e-13)
        assert net.gradients == pytest.approx(np.mean([s[1] for s in singles], axis=0), rel=1e-11, abs=1e-13)
        for i, node in enumerate(net.hidden):
            assert node.delta == pytest.approx([s[2][i] for s in singles], rel=1e-11, abs=1e-14)


def test_targets_as_columns_labels_and_one_output(net):
    one = ns.Network.layered([2, 2, 1], seed=0)
    one.forward([[0, 1], [1, 0]])
    assert one.backward([1.0, 0.0]) == one.backward([[1.0], [0.0]])
    net.forward([[0, 1], [1, 0], [1, 1]])
    assert net.backward([0, 1, 1]) == net.backward([[1, 0], [0, 1], [0, 1]])
    net.forward([0, 1])
    assert net.backward(1) == net.backward([0, 1])


def test_update_is_simultaneous_and_spares_the_frozen(net):
    net["W7"].trainable = False
    before, gradients = net.weights, net.gradients
    net.forward([0.05, 0.1])
    net.backward([0.01, 0.99])
    net.update(0.5)
    expected = before - 0.5 * gradients
    expected[6] = before[6]
    assert (net.weights == expected).all()
    assert gradients[6] != 0.0


def test_momentum_state_is_kept_from_update_to_update():
    one, other = article_network(1), article_network(1)
    for _ in range(5):
        for each, optimizer in ((one, "momentum"), (other, "sgd")):
            each.forward([0.05, 0.1])
            each.backward([0.01, 0.99])
            each.update(0.1, optimizer=optimizer)
    assert not np.allclose(one.weights, other.weights)


def test_dead_ends_and_orphans(engine):
    net = ns.Network(seed=0)
    net.engine = engine
    (
        net.add_input(),
        net.add_hidden("dead", activation="step"),
        net.add_hidden("orphan"),
        net.add_output(),
        net.add_hidden("h"),
    )
    (
        net.connect("I1", "dead", name="to dead"),
        net.connect("orphan", "O1"),
        net.connect("I1", "h"),
        net.connect("h", "O1"),
    )
    net.connect("h", "dead", name="also")
    net.forward([2.0])
    # A step in a dead end has no derivative, and needs none.
    net.backward([1.0])
    assert net["orphan"].activated == 0.5
    assert net["dead"].delta == net["to dead"].gradient == net["also"].gradient == 0.0
    assert net.paths("to dead").count == 0
    assert net.paths("to dead").gradient == 0.0
    assert list(net.paths("to dead")) == []
    assert net["W1"].gradient != 0.0


def test_outputs_that_feed_nodes(engine):
    net = ns.Network("half_squared_error", seed=0)
    net.engine = engine
    net.add_input(), net.add_output(), net.add_hidden(activation="linear"), net.add_output()
    for ends in (("I1", "O1"), ("O1", "H1"), ("H1", "O2")):
        net.connect(*ends, weight=2.0)
    assert net.forward([1.0]).tolist() == [2.0, 8.0]
    net.backward([0.0, 0.0])
    # de/dO1 = OA1 + OA2 · 2 · 2
    assert net["O1"].delta == 2.0 + 8.0 * 4.0
    assert net["I1"].delta == 2.0 * net["O1"].delta
    assert [path.product for path in net.paths("W1")] == [2.0, 32.0]


def test_chain_of_5000_nodes(engine):
    net = ns.Network("half_squared_error", seed=0)
    net.engine = engine
    before = net.add_input()
    for _ in range(5000):
        node = net.add_hidden(activation="linear")
        net.connect(before, node, weight=1.0)
        before = node
    net.connect(before, net.add_output(), weight=0.5)
    assert net.forward([3.0])[0] == 1.5
    net.backward([1.0])
    assert net["W1"].gradient == net.paths("W1").gradient == 0.75
    (path,) = net.paths("W1")
    assert len(path.connections) == 5001
    assert len(path.factors) == 2 * 5001 + 1
    assert path.product == 0.75
    assert len(repr(net.paths("W1"))) < 100
    net.copy().fit([[3.0]], [[1.0]], epochs=2, learning_rate=1e-9)


def test_what_engines_read_and_set(engine):
    """Fill everything that an engine does not claim to read with NaN: nothing of it may be left, or get in."""
    for seed in range(30):
        net, rng = random_network(seed)
        x, y = random_samples(net, rng, 3)
        net.engine = "nodes"
        net.forward(x), net.backward(y)
        schedule, module = net.schedule, choice.engine(engine)
        run = module.Run(schedule.n_rows, 3)
        for table in (run.value, run.activated, run.delta):
            table.fill(np.nan)
        gradients = np.full(net.store.size, np.nan)
        assert module.forward(schedule, net.store.weights, x.T, run)
        assert module.backward(schedule, net.store.weights, net.store.run.output_gradient, run, gradients)
        expected = net.store.run
        for found, wanted in (
            (run.value, expected.value),
            (run.activated, expected.activated),
            (run.delta, expected.delta),
        ):
            assert np.allclose(found, wanted, rtol=1e-12, atol=1e-12, equal_nan=False)
        assert np.allclose(gradients, net.store.gradients[: net.store.size], rtol=1e-12, atol=1e-12)


def test_weights_keep_their_address(net):
    address = net.store.weights
    net.forward([0.05, 0.1]), net.backward([0.01, 0.99]), net.update(0.5)
    net.fit([[0.05, 0.1]], [[0.01, 0.99]], epochs=3)
    assert net.store.weights is address


def test_results_that_users_hold_do_not_change(net):
    out, value = net.forward([[0.1, 0.2], [0.3, 0.4]]), net["H1"].value
    kept = out.copy(), value.copy()
    net.forward([[9.0, 9.0], [9.0, 9.0]])
    assert (out == kept[0]).all()
    assert (value == kept[1]).all()
    out[:] = 0
    assert net["O1"].activated[0] != 0


def _built_without(*kinds):
    def fault(net):
        bare = ns.Network(seed=0)
        for kind in {"input", "output"} - set(kinds):
            getattr(bare, f"add_{kind}")()
        bare.forward([1.0])

    return fault


def _silent_output(net):
    net.add_output("idle")
    before = digest(net)
    with pytest.raises(ns.StructureError, match="nothing is connected to output idle"):
        net.forward([0.1, 0.2])
    assert digest(net) == before
    raise ns.StructureError("as it should")


NAN = float("nan")
FAULTS = [
    (lambda n: n.forward([0.1, NAN]), ns.DataError, "sample 0: input I2 is nan"),
    (lambda n: n.forward([[0.1, NAN], [NAN, NAN]]), ns.DataError, r"sample 0: input I2 is nan \(2 more like it\)\.$"),
    (lambda n: n.forward([[0.1, 0.2], [float("inf"), 0.0]]), ns.DataError, "sample 1: input I1 is inf"),
    (lambda n: n.forward([[0.1, 0.2], [0.1]]), ns.DataError, "x is no table of numbers: are its rows of different"),
    (lambda n: n.forward([0.1, 0.2j]), ns.DataError, "x must hold real numbers, got complex128"),
    (lambda n: n.forward(["a", "b"]), ns.DataError, "x must hold real numbers"),
    (lambda n: n.forward([None, 1.0]), ns.DataError, "x must hold real numbers only"),
    (lambda n: n.forward([10**400, 1.0]), ns.DataError, "x must hold real numbers only"),
    (lambda n: n.forward(np.ma.masked_equal([1.0, 2.0], 2.0)), ns.DataError, "masked"),
    (lambda n: n.forward([0.1]), ns.DataError, r"x must have shape \(2,\) or \(n_samples, 2\).* I1, I2; got shape \(1,\)"),
    (lambda n: n.forward([]), ns.DataError, "x must have shape"),
    (lambda n: n.forward(np.zeros((0, 2))), ns.DataError, "x holds no samples"),
    (lambda n: n.forward(np.zeros((2, 2, 2))), ns.DataError, r"got shape \(2, 2, 2\)"),
    (lambda n: n.forward(3.0), ns.DataError, r"got shape \(\)"),
    (lambda n: n.forward(None), ns.DataError, "x must hold real numbers only"),
    (lambda n: n.forward({"I1": 1.0, n["I1"]: 1.0, "I2": 2.0}), ns.DataError, "x gives an input twice, by its name and"),
    (lambda n: n.forward({"I1": 1.0}), ns.DataError, "x lacks I2; the inputs are I1, I2"),
    (lambda n: n.forward({"I1": 1.0, "I2": 1.0, "X": 3.0}), ns.DataError, "x has unknown X"),
    (lambda n: n.forward({"I1": [1.0, 2.0], "I2": [1.0]}), ns.DataError, "vectors of one length"),
    (lambda n: n.backward([0.1, NAN]), ns.DataError, "sample 0: target of output O2 is nan"),
    (lambda n: n.backward([0.1]), ns.DataError, r"y must have shape \(2,\)"),
    (lambda n: n.backward([[0.1, 0.2], [0.1, 0.2]]), ns.DataError, r"got shape \(2, 2\)"),
    (lambda n: n.backward(2), ns.DataError, "sample 0: class 2 is out of range; O1, O2 stand for the classes 0 to 1"),
    (lambda n: n.backward(-1), ns.DataError, "class -1 is out of range"),
    (lambda n: n.backward("ab"), ns.DataError, "the label .ab. is unknown: the network has no classes"),
    (lambda n: n.update(NAN), ns.ArgumentError, "the learning rate must be a finite real number, got nan"),
    (lambda n: n.update(-0.1), ns.ArgumentError, "the learning rate must be 0 or more"),
    (lambda n: n.update("fast"), ns.ArgumentError, "the learning rate must be"),
    (lambda n: n.update(0.1, optimizer="adm"), ns.UnknownNameError, "Did you mean 'adam'"),
    (lambda n: n.error([0.1, 0.2], [0.1]), ns.DataError, "y must have shape"),
    (lambda n: n.predict([NAN, 1.0]), ns.DataError, "I1 is nan"),
    (lambda n: n.predict_proba([1.0, 1.0]), ns.StateError, "gives no probabilities"),
    (lambda n: n.paths("W1", sample=1), ns.ArgumentError, "sample must be a whole number from 0 to 0, got 1"),
    (lambda n: n.paths("W99"), ns.UnknownNameError, "nothing is named 'W99'"),
    (lambda n: n.paths(Quantity("error")), ns.ArgumentTypeError, "what the others are derived of"),
    (_built_without("input"), ns.StructureError, "the network has no input node"),
    (_built_without("output"), ns.StructureError, "the network has no output node"),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "error", "message"), FAULTS)
def test_a_refused_run_leaves_no_trace(fault, error, message):
    net = article_network(1)
    net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
    before = digest(net)
    with pytest.raises(error, match=message) as caught:
        fault(net)
    assert isinstance(caught.value, ns.NodesimError)
    assert digest(net) == before


def test_output_that_nothing_feeds(net):
    with pytest.raises(ns.StructureError, match="as it should"):
        _silent_output(net)


def test_an_update_that_would_overflow(net):
    net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
    net.weights = np.full(12, 1.7e308) * np.sign(-net.gradients)
    net["H1"].activation = net["H2"].activation = "linear"
    net.store.run.version = net.store.version  # as if this had run
    before = digest(net)
    with pytest.raises(ns.NonFiniteError, match=r"optimizer sgd .* would make W\d+ \(.. -> ..\) -?inf"):
        net.update(1e308)
    assert digest(net) == before


CHANGES = {
    "a weight": lambda n: n["W1"].__setattr__("weight", 3.0),
    "an activation": lambda n: n["H1"].__setattr__("activation", "tanh"),
    "a constant": lambda n: n["B1"].__setattr__("value", 0.5),
    "the loss": lambda n: n.__setattr__("loss", "mae"),
    "all weights": lambda n: n.initialize(),
    "a node": lambda n: n.add_hidden(),
    "a connection": lambda n: n.connect("I1", "O1"),
    "one fewer": lambda n: n.disconnect("W1"),
    "an update": lambda n: n.update(0.1),
    "training": lambda n: n.fit([[0.0, 1.0]], [[0.0, 1.0]], epochs=1),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_makes_the_last_run_history(net, change):
    net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
    CHANGES[change](net)
    before = digest(net)
    for ask in (lambda: net.backward([0.0, 0.0]), lambda: net.paths("W3"), lambda: net.update(0.1)):
        with pytest.raises(ns.StateError, match=r"Run network.forward\(x\)"):
            ask()
    assert digest(net) == before
    net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
    assert ns.check_gradients(net, [0.05, 0.1], [0.01, 0.99])


def test_freezing_does_not_make_the_last_run_history(net):
    net["W1"].trainable = False
    net.backward([0.0, 0.0])
    net.update(0.1)


def test_nothing_can_be_read_before_it_is_there():
    net = ns.Network.layered([2, 2, 2], seed=0)
    for ask in (lambda: net["H1"].value, lambda: net["O1"].activated, lambda: net["H1"].delta, lambda: net["I1"].value):
        with pytest.raises(ns.StateError, match=r"Run network.forward\(x\) first"):
            ask()
    with pytest.raises(ns.StateError, match="W1 has no gradient now"):
        _ = net["W1"].gradient
    with pytest.raises(ns.StateError, match="nothing was run"):
        net.backward([0, 0])
    net.forward([0.1, 0.2])
    with pytest.raises(ns.StateError, match=r"run network.backward\(y\) first"):
        _ = net["H1"].delta
    with pytest.raises(ns.StateError, match=r"run network.backward\(y\) first"):
        net.paths("W1")
    with pytest.raises(ns.StateError, match=r"run network.backward\(y\) first"):
        net.update(0.1)


@pytest.mark.parametrize(
    ("function", "derivative", "message"),
    [
        (lambda z: 1 / 0, lambda z, a: z, r"while evaluating H1 \(activation broken\): it raised ZeroDivisionError"),
        (lambda z: z[:0], lambda z, a: z, r"while evaluating H1 .* returned shape \(0,\), expected \(1,\)"),
        (lambda z: z * np.nan, lambda z, a: z, r"while evaluating H1 .* returned nan for z = "),
        (lambda z: z + 1j, lambda z, a: z, "returned complex128, expected real numbers"),
        (lambda z: "a", lambda z, a: z, "returned shape"),
        (lambda z: z, lambda z, a: 1 / 0, r"the derivative of H1 \(activation broken\): it raised ZeroDivisionError"),
        (lambda z: z, lambda z, a: 1.0, r"the derivative of H1 .* returned shape \(\), expected \(1,\)"),
        (lambda z: z, lambda z, a: z * np.nan, r"the delta of H1 \(activation broken\) is nan"),
    ],
)
def test_a_misbehaving_activation_is_named(net, function, derivative, message):
    net["H1"].activation = ns.Activation("broken", function, derivative)
    before = digest(net)
    with pytest.raises((ns.FunctionError, ns.NonFiniteError), match=message):
        net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
    if "derivative" not in message and "delta" not in message:
        assert digest(net) == before
    else:
        kept = digest(net)
        with pytest.raises(ns.NodesimError):
            net.backward([0.01, 0.99])
        assert digest(net) == kept


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda t, o: 1 / 0, "while evaluating loss broken: it raised ZeroDivisionError"),
        (lambda t, o: t, r"loss broken: it returned shape \(2, 1\), expected \(1,\)"),
        (lambda t, o: (t * np.nan).sum(0), r"the error e \(loss broken\) of sample 0 is nan"),
    ],
)
def test_a_misbehaving_loss_is_named(net, function, message):
    net.loss = ns.Loss("broken", function, lambda t, o: o - t)
    net.forward([0.05, 0.1])
    before = digest(net)
    with pytest.raises((ns.FunctionError, ns.NonFiniteError), match=message):
        net.backward([0.01, 0.99])
    assert digest(net) == before


def test_a_loss_by_the_wrong_axis_is_named_where_no_shape_tells():
    """As many samples as outputs: the sums over either have one shape, and only one of them is the samples' errors."""
    wrong = ns.Loss("wrong", lambda t, o: ((t - o) ** 2).sum(1), lambda t, o: 2.0 * (o - t))
    net = ns.Network.layered([1, 2], loss=wrong, seed=0)
    net.forward([[1.0], [2.0]])
    with pytest.raises(ns.FunctionError, match="sum over axis 0, the outputs"):
        net.backward([[0.0, 1.0], [1.0, 0.0]])


def test_a_weight_that_is_thawed_goes_on_with_the_state_that_it_had():
    net = ns.Network.layered([1, 1], output="linear", loss="half_squared_error", seed=0)
    net.weights, velocity = [1.0, 1.0], 0.0
    for frozen in (False, False, True, False):
        net["W1"].trainable = not frozen
        before = net["W1"].weight
        net.forward([1.0]), net.backward([0.0])
        gradient = net["W1"].gradient
        net.update(0.1, optimizer="momentum")
        velocity = velocity if frozen else 0.9 * velocity + gradient
        assert net["W1"].weight == pytest.approx(before if frozen else before - 0.1 * velocity, rel=1e-14)


def test_at_the_edges_of_what_is_said_of_outputs():
    net = ns.Network.layered([1, 1], output="linear", bias=False, seed=0)
    net["W1"].weight = 1.0
    # A single output stands for class 1 above one half, and not at it.
    assert net.classify([[0.25], [0.5], [0.5000001]]).tolist() == [0, 0, 1]
    # R² takes the mean of each output by itself.
    two = ns.Network.layered([2, 2], output="linear", bias=False, seed=0)
    two.weights = [1.0, 0.0, 0.0, 1.0]
    wanted = np.array([[0.0, 100.0], [1.0, 101.0], [2.0, 103.0]])
    given = wanted + np.array([[0.5, 0.0], [0.0, 0.0], [0.0, 1.0]])
    spread = [2.0, 14.0 / 3.0]
    assert two.score(given, wanted) == pytest.approx(1.0 - (0.25 / spread[0] + 1.0 / spread[1]) / 2.0, rel=1e-12)
    # The output that is farthest away is the one that is named.
    with pytest.raises(ns.NonFiniteError, match="the output of O2 is 1e.200"):
        two.error([1.0, 1e200], [0.0, 0.0])
    two.forward([1.0, 2.0])
    with pytest.raises(ns.DataError, match="y must have shape"):
        two.backward(np.zeros((1, 1, 2)))


def test_overflow_names_the_first_bad_node(net):
    net["W1"].weight = 1e308
    net["W3"].weight = 1e308
    before = digest(net)
    with pytest.raises(ns.NonFiniteError, match="H1 is inf for sample 1: its weighted sum left the finite numbers"):
        net.forward([[0.0, 0.0], [10.0, 10.0]])
    assert digest(net) == before


def test_losses_that_need_certain_outputs():
    net = ns.Network.layered([2, 2, 2], loss="bce", seed=0)
    net.forward([0.1, 0.2])
    for ask in (lambda: net.backward([0, 1]), lambda: net.error([0, 1], [0, 1]), lambda: net.fit([[0, 1]], [[0, 1]])):
        with pytest.raises(ns.FunctionError, match=r"needs sigmoid outputs, but O1 is linear. Set O1.activation"):
            ask()
    for output in net.outputs:
        output.activation = "sigmoid"
    net.forward([0.1, 0.2])
    with pytest.raises(ns.DataError, match="sample 0: the target of output O2 is 2; .* takes targets from 0 to 1"):
        net.backward([0, 2.0])


def test_same_seed_same_bits(engine):
    runs = []
    for _ in range(2):
        net, rng = random_network(5)
        net.engine = engine
        x, y = random_samples(net, rng, 8)
        net.fit(x, y, epochs=30, batch_size=3, learning_rate=0.01)
        runs.append(digest(net))
    assert runs[0] == runs[1]


def test_score_and_classify():
    net = ns.Network.layered([2, 3, 1], seed=1)
    X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    net.fit(X, y, epochs=5000, stop_at_error=1e-6)
    assert net.score(X, y) > 0.9999
    assert net.classify(X).tolist() == y
    assert net.classify([0, 1]) == 1
    soft = ns.Network.layered([2, 4, 2], loss="softmax_cross_entropy", seed=1)
    soft.fit(X, y, epochs=2000, stop_at_error=0.01)
    assert soft.score(X, y) == 1.0
    assert soft.classify(X).tolist() == y
    assert soft.predict_proba(X).argmax(1).tolist() == y
    with pytest.raises(ns.ArgumentError, match="score needs targets that vary"):
        net.score(X, [1, 1, 1, 1])


def test_probabilities_of_large_outputs():
    net = ns.Network.layered([1, 3], bias=False, loss="softmax_cross_entropy", seed=0)
    net.weights = [1000.0, 999.0, -1000.0]
    shares = np.array([1.0, np.exp(-1.0), 0.0]) / (1.0 + np.exp(-1.0))
    assert net.predict_proba([1.0]) == pytest.approx(shares, rel=1e-15, abs=0.0)
    assert net.predict_proba([[-1.0], [0.0]]).tolist() == [[0.0, 0.0, 1.0], pytest.approx([1 / 3] * 3, rel=1e-15)]


def test_a_run_can_be_filled_again(engine):
    """Whatever was calculated in it before: engines keep nothing of weights that are not those of now."""
    net = ns.Network(seed=0)
    for add, count in ((net.add_input, 3), (net.add_hidden, 4), (net.add_output, 1)):
        for _ in range(count):
            add()
    # Against the order of evaluation, so that slots are in none that a kernel likes.
    for hidden in reversed(net.hidden):
        net.connect(hidden, "O1")
        for node in reversed(net.inputs):
            net.connect(node, hidden)
    net.engine, simulator = engine, net.simulator
    for count in (1, 40):
        x, y = np.random.default_rng(count).standard_normal((3, count)), np.ones((1, count))
        run = simulator.forward(x)
        simulator.backward(run, y)
        for weights in (None, net.store.weights + 1.0, None):
            net.weights = net.weights * 0.5
            again = simulator.forward(x, weights=weights, into=run)
            assert again is run
            assert run.errors is None
            fresh = simulator.forward(x, weights=weights)
            assert again.activated == pytest.approx(fresh.activated, rel=1e-14)
            found = (simulator.backward(each, y, weights=weights) for each in (again, fresh))
            assert next(found) == pytest.approx(next(found), rel=1e-13)
        with pytest.raises(ns.ArgumentError, match="the run to fill is of 8 nodes"):
            simulator.forward(np.ones((3, count + 1)), into=run)


def test_a_sample_comes_to_the_same_bits_however_it_is_given():
    """Quickly where it is an array or a list of numbers, through every check where it is not."""
    pytest.importorskip("numba")
    ways = (
        lambda n: n.astype(float), lambda n: n.tolist(), lambda n: tuple(n.astype(float)), lambda n: n,
        lambda n: n.astype(np.float32), lambda n: np.repeat(n.astype(float), 2)[::2], lambda n: n.astype(">f8"),
        lambda n: np.frombuffer(n.astype(float).tobytes()), lambda n: n.astype(object),
    )  # fmt: skip
    kinds = set()
    for seed in range(40):
        original, rng = random_network(seed, loss=list(LOSSES)[seed % len(LOSSES)])
        # Numbers that every type holds.
        x, y = rng.integers(-2, 3, size=len(original.inputs)), rng.integers(0, 2, size=len(original.outputs))
        found = set()
        for way in ways:
            net = original.copy()
            net.engine = "native"
            answer, error = net.forward(way(x)), net.backward(way(y))
            run = net.store.run
            numbers = (answer, error, run.value, run.activated, run.delta, run.errors, run.targets, net.gradients)
            kinds.add(type(run).__name__)
            net.update(0.25), net.forward(way(x)), net.backward(way(y)), net.update(0.25)
            found.add(b"".join(np.ascontiguousarray(part).tobytes() for part in (*numbers, net.weights)))
        assert len(found) == 1, seed
    assert kinds == {"NativeRun", "SampleRun"}

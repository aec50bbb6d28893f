"""Exact runs: fractions against brute force and exact differences, letters against SymPy, and how they are given."""

from __future__ import annotations

import json
import math
import sys
from decimal import Decimal
from fractions import Fraction

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import sympy
import torch
from helpers import SEEDS, article_network, digest, examples, random_network, random_samples, torch_error, torch_weights
from hypothesis import given
from hypothesis import strategies as st

import nodesim as ns
from nodesim import cli
from nodesim.exact import reading
from nodesim.exact.formulas import Formulas
from nodesim.exact.writing import decimal, readable, whole
from nodesim.notation.syntax import parse

pytestmark = pytest.mark.usefixtures("session")
F = Fraction
BENT = ns.Activation("bent", formula="max(abs(z) - 0.3, 0.1 * z) / 3 + min(z, 0.2)")
QUARTIC = ns.Loss("quartic", formula="mean((y - a) ** 4) + max(sum(y - a), 0.5) / 7")


def clipped(low, high):
    return lambda z: max(low, min(high, z))


# What is rational, written once more by hand.
BY_HAND = {
    "linear": lambda z: z, "relu": lambda z: max(z, F(0)), "leaky_relu": lambda z: z if z > 0 else z / 100,
    "hard_tanh": clipped(F(-1), F(1)), "hard_sigmoid": lambda z: clipped(F(0), F(1))(z / 6 + F(1, 2)),
    "softsign": lambda z: z / (1 + abs(z)), "bent": lambda z: max(abs(z) - F(3, 10), z / 10) / 3 + min(z, F(1, 5)),
}  # fmt: skip
LOSSES = {
    "mse": lambda y, a: sum((t - o) ** 2 for t, o in zip(y, a)) / len(y),
    "half_squared_error": lambda y, a: sum((t - o) ** 2 for t, o in zip(y, a)) / 2,
    "mae": lambda y, a: sum(abs(t - o) for t, o in zip(y, a)) / len(y),
    "huber": lambda y, a: sum(d * d / 2 if (d := abs(t - o)) <= 1 else d - F(1, 2) for t, o in zip(y, a)) / len(y),
}


def rational_network(seed, loss="mse", *without):
    """Build a random network of rational functions, some of them made from a formula alone."""
    names = [name for name in BY_HAND if name not in ("bent", *without)]
    net, rng = random_network(seed, activations=names, loss=loss, max_hidden=5, weight=short)
    for node in (*net.hidden, *net.outputs):
        if rng.random() < 0.2:
            node.activation = BENT
    return net, rng


def short(rng):
    return round(float(rng.normal()), 2)


def by_hand(net, x, y, weights):
    """Run one sample in fractions, walking the networkx graph."""
    sent = {}
    for node in nx.topological_sort(net.graph):
        if node.kind == "input":
            sent[node] = x[net.inputs.index(node)]
        elif node.kind == "bias":
            sent[node] = F(repr(node.value))
        else:
            total = sum((weights[c] * sent[c.source] for c in node.incoming), F(0))
            sent[node] = BY_HAND[node.activation.name](total)
    return LOSSES[net.loss.name](y, [sent[node] for node in net.outputs])


def fractions(table):
    return [[F(str(number)) for number in row] for row in np.round(table, 2)]


# ---- fractions ------------------------------------------------------------------------------------------------


@examples(200)
@given(seed=SEEDS, loss=st.sampled_from(list(LOSSES)), batch=st.sampled_from([1, 1, 2, 3]))
def test_all_paths_add_up_to_backpropagation_with_equality(seed, loss, batch):
    net, rng = rational_network(seed, loss)
    x, y = map(fractions, random_samples(net, rng, batch))
    before = digest(net)
    run = net.exact(x, y)
    nodes = [str(name) for name in rng.choice([node.name for node in net.nodes], 2)]
    for of in (*net.connections, *nodes, *(f"HA{name[1:]}" for name in nodes if name[0] == "H")):
        paths = run.paths(of)
        found = list(paths)
        assert len(found) == paths.count
        assert sum(path.product for path in found) == run.gradient(of) == paths.gradient
        assert paths.count == net.path_counts()[of.name] if isinstance(of, ns.Connection) else True
    weights = {c: F(repr(c.weight)) for c in net.connections}
    assert run.error == sum(by_hand(net, *pair, weights) for pair in zip(x, y)) / batch
    assert run.error == sum(run.errors) / batch
    assert digest(net) == before


@examples(60)
@given(seed=SEEDS, loss=st.sampled_from(["mse", "half_squared_error", "huber", "mae"]))
def test_gradients_are_exact_differences(seed, loss):
    """Between kinks e is at most quadratic in one weight: its central difference is its derivative, exactly."""
    net, rng = rational_network(seed, loss, "softsign")
    x, y = map(fractions, random_samples(net, rng, 1))
    # Nothing is drawn at a kink: there the two sides differ.
    x = [[number + F(1, 1009) for number in x[0]]]
    run, weights, h = net.exact(x[0], y[0]), {c: F(repr(c.weight)) for c in net.connections}, F(1, 10**60)
    for connection in net.connections:
        sides = [by_hand(net, x[0], y[0], {**weights, connection: weights[connection] + step}) for step in (h, -h)]
        own, kinked = (sides[0] - sides[1]) / (2 * h), sides[0] + sides[1] - 2 * run.error
        # A kink at the very point shows in the second difference, which is as small as h² everywhere else.
        assert own == run.gradient(connection) or abs(kinked) > h**2 * 10**12, connection


def of_one_node(activation, z, loss="mse", y=0):
    net = ns.Network(seed=0, loss=loss)
    net.connect(net.add_input(), net.add_output(activation=activation), weight=1.0)
    return net.exact([z], [y])


FORMULAS = [
    "abs(z)", "max(z, 0.5 * z)", "min(z, 0.5 * z)", "max(0.1 * z, -z)", "clip(z, -1, 1)", "where(z >= 1, z, 2 * z)", "sign(z) * z", "abs(z - 1) / (1 + z ** 2)",
    "max(min(z, 3), abs(z) / 3)", "z ** 3 / 7 - 2 * max(z, 0) ** 2", "(z > 0) * z + min(z, 0) / 3", "relu(z - 1) + relu(-z)",
]  # fmt: skip


@pytest.mark.parametrize("name", [*BY_HAND, *FORMULAS])
def test_at_kinks_the_derivative_is_that_of_the_engines(name):
    activation = (
        BENT if name == "bent" else ns.activation(name) if name in BY_HAND else ns.Activation("f", formula=name)
    )
    for z in (-3, -1, F(-3, 10), 0, F(1, 5), F(3, 11), F(1, 3), 1, 3, 7):
        point = np.array([float(z)])
        value = activation.function(point)
        run = of_one_node(activation, z)
        slope = next(iter(run.paths("W1"))).factors[1].value
        assert float(run.activated("O1")) == pytest.approx(float(value[0]), rel=1e-14, abs=1e-15), z
        assert float(slope) == pytest.approx(float(activation.derivative(point, value)[0]), rel=1e-14, abs=1e-15), z


@pytest.mark.parametrize(
    "loss", [*LOSSES, QUARTIC, ns.loss("huber", delta=0.3), ns.Loss("far", formula="max(sum(abs(y - a)), mean(y * a))")]
)
def test_losses_and_their_derivatives_are_those_of_the_engines_also_at_kinks(loss):
    loss = ns.loss(loss) if isinstance(loss, str) else loss
    for n, places in (
        (1, [[0], [1], [F(3, 10)], [F(-1, 2)]]),
        (3, [[0, 1, -1], [F(1, 10), F(-3, 10), 2]]),
        (7, [[F(k, 8) for k in range(7)]]),
    ):
        net = ns.Network.layered([n, n], bias=False, loss=loss, seed=0)
        net.weights = np.eye(n).ravel()
        for a in places:
            y = [F(0)] * (n - 1) + [F(1, 8)]
            run = net.exact(a, y)
            target, output = (np.array([float(number) for number in row])[:, None] for row in (y, a))
            assert float(run.error) == pytest.approx(loss.function(target, output)[0], rel=1e-14)
            entering = [float(run.gradient(f"OA{place + 1}")) for place in range(n)]
            assert entering == pytest.approx(loss.derivative(target, output)[:, 0].tolist(), rel=1e-14, abs=1e-16)


def test_numbers_are_read_as_they_are_written():
    tenths = [0.1, "0.1", "1/10", F(1, 10), Decimal("0.1"), np.float64(0.1), np.float32(0.1), "1e-1", " +.1 ", ".10e0"]
    assert {reading.fraction(number, "x") for number in tenths} == {F(1, 10)}
    assert reading.fraction("−2/6", "x") == F(-1, 3)
    assert reading.fraction("1" * 6000 + "/3", "x") == F((10**6000 - 1) // 9, 3)
    net = ns.Network(seed=0)
    net.connect(net.add_input(), net.add_output(activation=ns.activation("leaky_relu", slope=0.2)), weight=0.3)
    net.connect(net.add_bias(value=0.7), "O1", weight=-1.1)
    assert net.exact(["0.1"]).outputs == ((F(3, 100) - F(77, 100)) / 5,)
    half = ns.Network.layered([2, 1], bias=False, seed=0, dtype="float32")
    half.weights = [0.1, 0.7]
    assert half.exact([1, "1/3"]).value("O1") == F(1, 10) + F(7, 30)
    assert half.exact({"I1": ["1/3", 1], "I2": [0, Decimal(1)]}).value("O1") == (F(1, 30), F(8, 10))
    for table in (
        np.array([[0.1, 0.2]]),
        torch.tensor([[0.1, 0.2]], dtype=torch.float64),
        pd.DataFrame({"I2": [0.2], "I1": ["0.1"]}),
        [np.array([0.1, 0.2])],
    ):
        assert half.exact(table).value("O1") == (F(15, 100),)


def test_batches_are_means():
    net = ns.Network.layered([2, 3, 2], hidden="relu", seed=0)
    x, y = [["0.05", "1/3"], [1, 0.25], [-2, Decimal("1e-3")]], ["1", 0, 1]
    run = net.exact(x, y)
    each = [net.exact(row, [F(label == 0), F(label == 1)]) for row, label in zip(x, (1, 0, 1))]
    for of in ("value", "activated", "delta"):
        assert getattr(run, of)("H2") == tuple(getattr(one, of)("H2") for one in each)
    assert run.outputs == tuple(one.outputs for one in each)
    assert run.errors == tuple(one.error for one in each)
    assert run.error == sum(run.errors) / 3
    for name, gradient in run.gradients.items():
        assert gradient == sum(one.gradient(name) for one in each) / 3
        assert run.paths(name, sample=1).gradient == each[1].gradient(name)
        assert sum(path.product for path in run.paths(name, sample=-1)) == each[2].gradient(name)
    path = next(iter(run.paths("W1")))
    product = math.prod(path.factors)
    assert path.product == sum(product) / 3
    assert [type(number) for number in product] == [Fraction] * 3
    # Single targets, as backward takes them.
    single = ns.Network.layered([2, 1], seed=0)
    assert single.exact([[1, 2], [3, 4]], [1, "1/2"]).error == single.exact([[1, 2], [3, 4]], [[1], ["1/2"]]).error


def test_what_a_run_shows_stays():
    net = ns.Network.layered([2, 2, 2], hidden="relu", seed=0)
    run = net.exact([1, 2], [0, 1])
    shown = str(run), run.gradient("W1")
    net["W1"].weight = 3.0
    net["H1"].activation = "tanh"
    net.disconnect("W2")
    assert (str(run), run.gradient("W1")) == shown
    assert run.gradient("W2") == sum(path.product for path in run.paths("W2"))


def test_a_network_of_more_paths_than_a_list_holds():
    net = ns.Network.layered([2, *[10] * 11, 2], hidden="leaky_relu", seed=0)
    net.weights = np.round(net.weights, 1)
    paths = net.exact([1, "1/2"], [0, 1]).paths("W1")
    assert paths.count == 2 * 10**10
    assert paths.gradient.denominator > 1
    assert len([path for path, _ in zip(paths, range(3))]) == 3
    with pytest.raises(ns.TooManyPathsError, match="too many for a list"):
        list(paths)


# ---- what is not rational ---------------------------------------------------------------------------------------


def test_what_is_not_rational_is_named_once():
    net = ns.Network.layered([2, 2, 1], hidden="sigmoid", seed=0)
    with pytest.raises(
        ns.FunctionError, match=r"H1 \(activation sigmoid.*\) is not rational at its z: exp .*symbols=True.*'relu'"
    ):
        net.exact([0.05, 0.1], [1])
    net = ns.Network.layered([2, 2], loss="softmax_cross_entropy", seed=0)
    assert net.exact([1, 2]).outputs
    with pytest.raises(
        ns.FunctionError, match=r"e \(loss softmax_cross_entropy.*\) is not rational: .*symbols=True.*'mse'"
    ):
        net.exact([1, 2], [1, 0])
    called = ns.Activation("own", np.tanh, lambda z, a: 1 - a * a)
    with pytest.raises(ns.FunctionError, match=r"O1: .*own has no formula.*formula='\.\.\.'"):
        of_one_node(called, 1)
    # A branch that is rational is a fraction; where it is not, it is refused.
    assert of_one_node("elu", 2).activated("O1") == 2
    with pytest.raises(ns.FunctionError, match="O1 .*elu"):
        of_one_node("elu", -2)
    assert of_one_node("sigmoid", 0).activated("O1") == F(1, 2)
    assert of_one_node(ns.Activation("r", formula="sqrt(z)"), "4/9").activated("O1") == F(2, 3)


def test_what_has_no_value_is_one_clear_error():
    for formula, z, words in (
        ("1 / z", 0, "division by zero"), ("z ** -2", 0, "division by zero"), ("z ** 1e9", 3, "more than 4,000,000 bits"),
        ("log(z)", -1, "not above 0"), ("sqrt(z)", -1, "root of a number below 0"), ("z ** 0.5", -1, "no whole power"),
    ):  # fmt: skip
        with pytest.raises(ns.NodesimError, match=f"O1 .*{words}"):
            of_one_node(ns.Activation("f", formula=formula), z)
    assert of_one_node(ns.Activation("f", formula="where(z > 0, 1 / z, 0)"), 0).error == 0
    assert of_one_node(ns.Activation("f", formula="z ** 1e9"), -1).activated("O1") == 1


def test_a_step_runs_forward_and_has_no_gradient():
    net = ns.Network.layered([2, 2, 1], hidden="step", seed=0)
    run = net.exact([1, 1], [1])
    assert {run.activated("H1"), run.activated("H2")} <= {0, 1}
    assert isinstance(run.error, Fraction)
    for ask in (run.gradient, run.paths, lambda name: run.delta("H1"), lambda name: run.gradients):
        with pytest.raises(ns.FunctionError, match=r"derivative of H1 \(activation step"):
            ask("W1")
    assert "∂e" not in str(run)
    # Behind a dead end nobody asks.
    dead = ns.Network.layered([2, 1], seed=0)
    dead.connect("I1", dead.add_hidden(activation="step"))
    assert dead.exact([1, 1], [1]).gradient("W4") == 0


def test_without_targets_there_is_forward_only():
    run = ns.Network.layered([2, 2, 1], hidden="relu", seed=0).exact([1, 2])
    assert not hasattr(run, "error")
    for ask in (run.gradient, run.paths, run.delta):
        with pytest.raises(ns.StateError, match=r"exact\(x, y\)"):
            ask("H1")
    assert repr(run) == "<exact run of 1 sample>"


@pytest.mark.parametrize(
    "wrong",
    ["a", [1], [1, 2, 3], [[1, 2], [3]], [1, "x"], [1, math.inf], [1, "1/0"], [1, "1e999999999"], [1, Decimal("NaN")], [1, True], [1, None], [1, 1j], None,
     {"I1": 1}, {"I1": 1, "I2": 2, "I9": 3}, [], np.zeros((0, 2)), np.zeros((10**6, 10)), {1, 2}, object(), [1, "1_0"], np.ma.masked_array([1.0, 2.0], [True, False])],
)  # fmt: skip
def test_wrong_samples_are_refused(wrong):
    net = ns.Network.layered([2, 2], seed=0)
    before = digest(net)
    with pytest.raises(ns.DataError):
        net.exact(wrong, [1, 2])
    if not isinstance(wrong, dict) and wrong is not None:
        with pytest.raises(ns.DataError):
            net.exact([1, 2], wrong)
    assert digest(net) == before


def test_a_number_of_too_many_places_is_told_how_many_there_may_be():
    net = ns.Network.layered([2, 2], seed=0)
    for number in ("1e10001", Decimal("1E+1000000"), "9" * 10_001):
        with pytest.raises(ns.DataError, match="of at most 10,000 digits and a power of ten up to that"):
            net.exact([number, 1])
    assert net.exact(["1e10000", 1]).activated("I1") == 10**10_000


def test_wrong_questions_are_refused():
    net = ns.Network.layered([2, 2, 1], hidden="relu", seed=0)
    run = net.exact([1, 2], [1])
    for ask, error in (
        (lambda: run.value("H9"), ns.UnknownNameError), (lambda: run.value("W1"), ns.ArgumentTypeError), (lambda: run.value(None), ns.ArgumentTypeError),
        (lambda: run.gradient("e"), ns.UnknownNameError), (lambda: run.paths("W1", sample=1), ns.ArgumentError), (lambda: run.paths("W1", sample="0"), ns.ArgumentError),
        (lambda: run.gradient(net.copy()["W1"]), ns.StaleElementError), (lambda: run.delta(net.copy()["H1"]), ns.StaleElementError),
        (lambda: net.exact([1, 2], [1], symbols="H1"), ns.ArgumentError), (lambda: net.exact([1, 2], [1], symbols="Z"), ns.UnknownNameError),
        (lambda: net.exact([1, 2], [1], symbols=1), ns.ArgumentTypeError),
    ):  # fmt: skip
        with pytest.raises(error):
            ask()


# ---- letters ------------------------------------------------------------------------------------------------------

SMOOTH = ["tanh", "sigmoid", "gelu", "softplus", "silu", "gaussian", "sine", "mish", "elu", "selu", "relu", "softsign"]


def scale(net, connection):
    return net.paths(connection).scale + 1e-300


def executed(source, **given):
    """Run a program; what is given takes the place of what it sets first."""
    lines = [line for line in source.splitlines() if line.split(" = ")[0] not in given]
    space = dict(given)
    exec("\n".join(lines), space)
    return space["result"]


@examples(25)
@given(seed=SEEDS, loss=st.sampled_from(["mse", "binary_cross_entropy", "softmax_cross_entropy", "log_cosh", "mae"]))
def test_letters_are_what_torch_and_the_engines_find(seed, loss):
    net, rng = random_network(seed, activations=SMOOTH, loss=loss, max_hidden=5, weight=short)
    x, y = (np.round(table, 3) for table in random_samples(net, rng, 1))
    if loss == "softmax_cross_entropy":
        y = np.eye(len(net.outputs))[[0]]
    net.forward(x[0])
    error = net.backward(y[0])
    weights = torch_weights(net)
    torch_error(net, x, y, weights).backward()
    run = net.exact(x[0], y[0], symbols=True)
    assert float(run.error) == pytest.approx(error, rel=1e-12)
    for connection in net.connections[:4]:
        gradient = run.gradient(connection)
        allowed = 1e-12 * max(scale(net, connection), 1e-3)
        assert abs(float(gradient) - connection.gradient) <= allowed
        assert abs(executed(gradient.source()) - connection.gradient) <= allowed
        if connection.trainable:
            assert abs(float(gradient) - float(weights[connection].grad or 0.0)) <= allowed


def by_sympy(expression, digits=50):
    return sympy.N(expression, digits)


@pytest.mark.parametrize(
    "activation",
    ["tanh", "sigmoid", "gelu", "softplus", ns.Activation("own", formula="erf(0.7 * z) / (1 + exp(-0.1 * z)) + z / 3")],
)
def test_sympy_differentiates_the_error_and_finds_the_same_in_fifty_digits(activation):
    net = ns.Network.layered([2, 2, 2], hidden=activation, output="tanh", seed=3)
    net.weights = np.round(net.weights, 2)
    x, y = ["0.05", "1/3"], ["0.01", "0.99"]
    net.forward([0.05, 1 / 3]), net.backward([0.01, 0.99])
    for name in ("W1", "W5", "W7"):
        letters = net.exact(x, y, symbols=name)
        (letter,) = letters.error.sympy().free_symbols
        assert letter.name == name
        own = F(repr(net[name].weight))
        number = sympy.Rational(own.numerator, own.denominator)
        slope = by_sympy(sympy.diff(letters.error.sympy(), letter).subs(letter, number))
        found = by_sympy(net.exact(x, y, symbols=True).gradient(name).sympy())
        assert abs(slope - found) < sympy.Float("1e-45", 50)
        assert by_sympy(letters.gradient(name).sympy().subs(letter, number)) == pytest.approx(found, abs=1e-40)
        assert abs(float(found) - net[name].gradient) <= 1e-12 * scale(net, name)
        # The program of a letter calculates at other weights, too.
        moved = net.copy()
        moved[name].weight = 0.25
        moved.forward([0.05, 1 / 3]), moved.backward([0.01, 0.99])
        there = executed(letters.gradient(name).source(), **{name: 0.25})
        assert abs(there - moved[name].gradient) <= 1e-12 * scale(moved, name)


def test_linear_networks_in_letters_are_polynomials():
    net = ns.Network.layered([2, 2, 1], hidden="linear", seed=0)
    run = net.exact(["1/2", 3], [1], symbols=[*net.connections, "I1", "B1"])
    error = run.error.sympy()
    for connection in net.connections:
        letter = sympy.Symbol(connection.name, real=True)
        assert sympy.expand(sympy.diff(error, letter) - run.gradient(connection).sympy()) == 0
    values = {
        sympy.Symbol(name, real=True): sympy.Rational(*value.as_integer_ratio())
        for name, value in run.error.given.items()
    }
    assert set(run.error.given) == {*(c.name for c in net.connections), "I1", "B1"}
    plain = net.exact(["1/2", 3], [1]).error
    assert error.subs(values) == sympy.Rational(plain.numerator, plain.denominator)


def test_letters_are_short_and_say_what_they_are():
    net = ns.Network.layered([2, 1, 1], seed=0, bias=False)
    net.weights = [0.15, 0.2, 0.4]
    run = net.exact(["0.05", "0.1"], ["0.01"], symbols=True)
    gradient = run.gradient("W1")
    assert str(run.value("O1")).splitlines() == ["O1 = 2/5·HA1", "where", "  HA1 = 1/(1 + exp(−11/400))"]
    assert str(gradient).splitlines() == [
        "∂e/∂W1 = 1/25·(O1 − 1/100)·HA1·(1 − HA1)", "where", "  HA1 = 1/(1 + exp(−11/400))", "  O1 = 2/5·HA1",
    ]  # fmt: skip
    assert list(gradient.where) == ["HA1", "O1"]
    assert gradient.formula == "1/25·(O1 − 1/100)·HA1·(1 − HA1)"
    assert gradient.closed().where == {}
    assert gradient.closed().sympy() == gradient.sympy()
    assert {letter.name for letter in gradient.sympy(letters=True).free_symbols} == {"HA1", "O1"}
    assert r"\mathit{HA}_{1} &= \frac{1}{1 + \exp\left(-\frac{11}{400}\right)}" in gradient.latex()
    assert run.value("H1").fraction == F(11, 400)
    assert run.value("H1") == F(11, 400)
    assert (gradient.fraction, gradient == net.exact([0.05, 0.1], [0.01], symbols=True).gradient("W1")) == (None, True)
    assert len({gradient, net.exact([0.05, 0.1], [0.01], symbols=True).gradient("W1")}) == 1
    assert "H1 " in str(run)
    assert "11/400" in str(run)


def test_deep_letters_stay_short():
    net = ns.Network.layered([2, *[4] * 12, 2], hidden="tanh", seed=1)
    net.weights = np.round(net.weights, 2)
    net.forward([0.5, 0.25]), net.backward([0.0, 1.0])
    gradient = net.exact([0.5, 0.25], [0, 1], symbols=True).gradient("W1")
    assert max(len(each.formula) for each in gradient.where.values()) < 2000
    assert abs(executed(gradient.source()) - net["W1"].gradient) <= 1e-12 * scale(net, "W1")
    with pytest.raises(ns.ArgumentError, match="all letters put in"):
        gradient.closed()


def test_letters_may_be_nested_as_deep_as_a_network_is():
    net = ns.Network.layered([1, *[1] * 600, 1], hidden="tanh", bias=False, seed=0)
    net.weights = np.ones(601) / 2
    net["W601"].weight = 3.0
    run = net.exact([1], [0], symbols=True)
    assert executed(run.value("O1").source()) == pytest.approx(net.forward([1])[0], rel=1e-13)
    for close in (run.value("O1").closed, run.value("O1").sympy):
        with pytest.raises(ns.ArgumentError, match="nested"):
            close()
    assert run.value("O1").sympy(letters=True).free_symbols == {sympy.Symbol("HA600", real=True)}


def test_letters_are_never_taken_for_one_another():
    net = ns.Network(seed=0)
    net.connect(net.add_input(), net.add_output(), name="I1(0)")
    with pytest.raises(ns.ArgumentError, match=r"two quantities.*I1\(0\)"):
        net.exact([[1], [2]], symbols=["I1(0)", "I1"])


def test_batches_in_letters_number_their_samples():
    net = ns.Network.layered([1, 1, 1], seed=0)
    net.forward([[0.5], [1.0]]), net.backward([[0.0], [1.0]])
    run = net.exact([["0.5"], [1]], [[0], [1]], symbols=True)
    gradient = run.gradient("W1")
    assert {"HA1(0)", "HA1(1)"} <= set(gradient.where)
    assert r"\mathit{HA}_{1}^{(1)}" in gradient.latex()
    for found in (float(gradient), executed(gradient.source()), float(gradient.sympy())):
        assert abs(found - net["W1"].gradient) <= 1e-12 * scale(net, "W1")
    assert [float(value) for value in run.value("O1")] == pytest.approx(net["O1"].value.tolist(), rel=1e-14)


def test_any_names_are_letters():
    net = ns.Network(seed=0)
    net.add_input("exp"), net.add_hidden("1 gate"), net.add_hidden("1_gate"), net.add_output("∂π")
    for source, target, name in (
        ("exp", "1 gate", "result"),
        ("exp", "1_gate", "pi"),
        ("1 gate", "∂π", "lambda"),
        ("1_gate", "∂π", "e"),
    ):
        net.connect(source, target, name=name)
    net.forward([0.5]), net.backward([1.0])
    run = net.exact([0.5], [1], symbols=["result", "exp", "pi", "lambda", "e"])
    for connection in net.connections:
        gradient = run.gradient(connection)
        assert abs(executed(gradient.source()) - connection.gradient) <= 1e-12 * scale(net, connection)
        values = {
            sympy.Symbol(name, real=True): sympy.Rational(*value.as_integer_ratio())
            for name, value in gradient.given.items()
        }
        assert abs(float(gradient.sympy().subs(values)) - connection.gradient) <= 1e-12 * scale(net, connection)


def test_sympy_is_an_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "sympy", None)
    gradient = article_network(1).exact([0.05, 0.1], [0.01, 0.99], symbols=True).gradient("W1")
    with pytest.raises(ns.MissingExtraError, match=r"nodesim\[sympy\]"):
        gradient.sympy()


# ---- shown ----------------------------------------------------------------------------------------------------------


def test_long_fractions_are_shortened_where_they_are_shown():
    net = ns.Network.layered([3, 10, 10, 1], hidden="softsign", seed=0)
    run = net.exact(["0.1", "1/7", 2], ["1/3"])
    assert run.gradient("W1").denominator > 10**4400
    text = str(run)
    assert "digits)" in text
    assert max(map(len, text.splitlines())) < 130
    assert "digits)" in str(run.paths("W1"))
    assert len(repr(run)) < 60
    assert whole(run.gradient("W1").denominator) == format(Decimal(run.gradient("W1").denominator), "f")
    assert readable(F(10**50, 3)) == "10000000...00000000 (51 digits)/3"
    assert [decimal(F(10) ** power, 3) for power in (400, -400, 3)] == ["1e+400", "1e-400", "1e+03"]


def test_what_no_float_can_hold_is_shown_all_the_same():
    net = ns.Network(seed=0)
    net.connect(
        net.add_input(), net.add_output(activation=ns.Activation("f", formula="exp(z) ** 2 * z ** 99")), weight=1.0
    )
    run = net.exact(["1e9"], [1], symbols=True)
    assert "inf" in str(run)
    assert float(net.exact(["1e-9"], [1], symbols=True).value("O1")) == 1e-9
    assert "1e+4000" in str(of_one_node("relu", "1e4000"))
    assert [net.exact([1], 1, symbols=flag).error.fraction for flag in (True, np.True_)] == [None, None]
    three = ns.Network.layered([1, 3], bias=False, seed=0)
    assert three.exact([1], 2).error == three.exact([1], [0, 0, 1]).error == three.exact([["1"]], [2]).error


def test_formulas_of_all_outputs_are_read_once_each():
    letters = [{"y": F(k), "a": F(k * k)} for k in range(4)]
    formulas = Formulas(letters)
    assert formulas.value(parse("sum(a) - 4 * mean(y * a) + a"), 3) == 14 - 36 + 9
    assert formulas.value(parse("softmax(y - y) + 0 * exp(a)"), 2) == F(1, 4)


# ---- the command line ---------------------------------------------------------------------------------------------


@pytest.fixture
def output(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ns.Network.layered([2, 2, 2], hidden="relu", seed=0).save("net.json")
    ns.Network.layered([4, 3, 3], hidden="sigmoid", seed=0).save("iris.json")

    def run(line):
        try:
            code = cli.main(line.split())
        except SystemExit as wrong_usage:
            code = wrong_usage.code
        return code, *capsys.readouterr()

    return run


def test_command(output):
    net = ns.load("net.json")
    run = net.exact(["1/3", "0.05"], ["0.01", "0.99"])
    sample = "--input 1/3,0.05 --target 0.01,0.99"
    code, text, errors = output(f"exact net.json {sample}")
    assert (code, errors) == (0, "")
    assert str(run) in text
    code, text, _ = output(f"exact net.json W1 {sample}")
    assert readable(run.gradient("W1")) in text
    found = json.loads(output(f"exact net.json {sample} --json")[1])
    assert Fraction(found["error"]) == run.error
    assert {name: Fraction(value) for name, value in found["gradients"].items()} == dict(run.gradients)
    assert Fraction(found["values"]["H1"]) == run.value("H1")
    one = json.loads(output(f"exact net.json W1 {sample} --json")[1])
    assert Fraction(one["gradient"]) == run.gradient("W1")
    assert [Fraction(path["product"]) for path in one["paths"]] == [path.product for path in run.paths("W1")]
    assert all("/" in text for text in (found["error"], one["gradient"]))


def test_command_with_letters_and_data(output):
    code, _, errors = output("exact iris.json iris --sample 3")
    assert code == 1
    assert "--symbols" in errors
    code, text, errors = output("exact iris.json W1 iris --sample 3 --symbols")
    assert (code, errors) == (0, "")
    data = ns.datasets.load("iris")
    gradient = ns.load("iris.json").exact(data.X[2], [1, 0, 0], symbols=True).gradient("W1")
    assert [line for line in text.splitlines() if line != "sample 3 (setosa) of iris"] == str(gradient).splitlines()
    found = json.loads(output("exact iris.json W1 iris --sample 3 --symbols --json")[1])
    assert found["gradient"]["formula"] == gradient.formula
    assert found["gradient"]["where"] == {name: each.formula for name, each in gradient.where.items()}
    assert found["gradient"]["decimal"] == float(gradient)
    for line, expected in (
        ("exact net.json --input 1,x --target 1,0", 2), ("exact net.json --input 1,2", 2), ("exact net.json W99 --input 1,2 --target 1,0", 1),
        ("exact net.json --input 1,2,3 --target 1,0", 1), ("exact net.json W1", 2), ("exact net.json --input 1,1/0 --target 1,0", 2),
    ):  # fmt: skip
        code, text, errors = output(line)
        assert (code, text) == (expected, ""), line
        assert "Traceback" not in errors


def test_values_are_asked_by_the_names_that_the_table_has():
    net = ns.Network.layered([2, 2, 1], hidden="softsign", seed=0)
    run = net.exact(["0.05", "0.1"], ["0.01"])
    for name in ("H1", "H2", "O1"):
        letter, number = name
        assert run.value(f"{letter}A{number}") == run.activated(f"{letter}A{number}") == run.activated(name)
    assert run.value("HA1") != run.value("H1")
    assert run.value("I1") == run.activated("I1") == Fraction(1, 20)
    with pytest.raises(ns.ArgumentTypeError, match="W1 is a connection"):
        run.value("W1")

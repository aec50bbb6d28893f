"""Derivations and exact runs of networks whose nodes are no sums: products, largest, smallest, means and norms."""

from fractions import Fraction

import numpy as np
import pytest

import nodesim as ns

RATIONAL = ("sum", "product", "max", "min", "mean")


def network(seed, aggregations, activations):
    rng = np.random.default_rng(seed)
    net = ns.Network(seed=seed)
    nodes, bias = [net.add_input(), net.add_input()], net.add_bias()
    for _ in range(5):
        node = net.add_hidden(activation=str(rng.choice(activations)), aggregation=str(rng.choice(aggregations)))
        for source in rng.choice(nodes, min(len(nodes), int(rng.integers(1, 4))), replace=False):
            net.connect(source, node)
        if rng.random() < 0.5:
            net.connect(bias, node)
        nodes.append(node)
    output = net.add_output(aggregation=str(rng.choice(("sum", "product", "max"))))
    for source in rng.choice(nodes, 3, replace=False):
        net.connect(source, output)
    for connection in net.connections:
        # Of few different numbers: ties of the largest and factors 0 happen.
        connection.weight = float(rng.integers(-4, 5)) / 2
    return net


def dual(pairs, aggregation):
    """Return H and its derivative by one weight, from the contributions and theirs, in fractions."""
    if aggregation == "product":
        value, slope = Fraction(1), Fraction(0)
        for v, d in pairs:
            value, slope = value * v, value * d + slope * v
        return value, slope
    if aggregation in ("max", "min"):
        return {"max": max, "min": min}[aggregation](pairs, key=lambda pair: pair[0])
    count = len(pairs) if aggregation == "mean" else 1
    return tuple(sum(column, Fraction(0)) / count for column in zip(*pairs))


def error_and_slope(net, x, y, weight):
    """Return e and ∂e/∂W by dual numbers: forward only, an algorithm of its own."""
    known = {node: (value, Fraction(0)) for node, value in zip(net.inputs, x)}
    known |= {node: (Fraction(node.value), Fraction(0)) for node in net.biases}
    for node in sorted((n for n in net.nodes if n.activation is not None), key=lambda n: n.layer.index):
        pairs = []
        for c in node.incoming:
            w, (v, d) = Fraction(c.weight), known[c.source]
            pairs.append((w * v, w * d + (v if c is weight else 0)))
        value, slope = dual(pairs, str(node.aggregation))
        factor = Fraction(1)
        if value <= 0 and str(node.activation) != "linear":
            factor = Fraction(0) if str(node.activation) == "relu" else Fraction(1, 100)
        known[node] = value * factor, slope * factor
    value, slope = known[net.outputs[0]]
    return (value - y) ** 2, 2 * (value - y) * slope


def test_exact_runs_are_those_of_fractions():
    x, y = [Fraction(1, 2), Fraction(-3, 4)], Fraction(1, 3)
    for seed in range(60):
        net = network(seed, RATIONAL, ("relu", "leaky_relu", "linear"))
        exact = net.exact(["1/2", "-3/4"], ["1/3"])
        for weight in net.connections:
            wanted = error_and_slope(net, x, y, weight)
            assert (exact.error, exact.gradients[weight.name]) == wanted, (seed, weight)
            assert sum((path.product for path in exact.paths(weight)), Fraction(0)) == wanted[1]


def test_norms_are_exact_in_letters():
    net = ns.Network.layered([2, 2, 1], seed=0)
    net["H1"].aggregation = "norm"
    with pytest.raises(ns.FunctionError, match=r"H1 is not rational.* or use a rational aggregation"):
        net.exact([0.5, 0.25], [1.0])
    exact = net.exact([0.5, 0.25], [1.0], symbols=True)
    _, e = net.forward([0.5, 0.25]), net.backward([1.0])
    assert float(exact.error) == pytest.approx(e, rel=1e-14)
    assert [float(each) for each in exact.gradients.values()] == pytest.approx(net.gradients, rel=1e-12)


def test_aggregations_of_plugins_are_refused_exactly():
    squares = ns.Aggregation("squares", lambda c: (c * c).sum(axis=0), lambda c, h: 2.0 * c)
    net = ns.Network.layered([2, 2, 1], seed=0)
    net["H1"].aggregation = squares
    with pytest.raises(ns.FunctionError, match="while evaluating H1: aggregation squares cannot be calculated exactly"):
        net.exact([0.5, 0.25], [1.0])


@pytest.mark.parametrize("aggregation", [*RATIONAL, "norm"])
def test_derivations_have_the_numbers_of_the_gradients(aggregation):
    for seed in range(10):
        net = network(seed, (aggregation, "sum"), ("tanh", "sigmoid"))
        x, y = np.random.default_rng(seed).normal(size=(2, 2)), [[0.3], [-0.5]]
        _, _ = net.forward(x), net.backward(y)
        for weight in net.connections:
            derivation = net.derivation(weight)
            scale = float(np.mean(net.paths(weight).derivatives.scale(net.paths(weight).of)))
            assert derivation.gradient == pytest.approx(weight.gradient, abs=1e-13 * (1.0 + scale))
            assert derivation.latex()
            assert str(derivation)


WRITTEN = {
    "product": ("∂(I1·W1·I2·W3·B1·W5)/∂W1", "I1·I2·W3·B1·W5"),
    "max": ("∂max(I1·W1, I2·W3, B1·W5)/∂W1", "I1·∂H1/∂(I1·W1)"),
    "min": ("∂min(I1·W1, I2·W3, B1·W5)/∂W1", "I1·∂H1/∂(I1·W1)"),
    "mean": ("∂((I1·W1 + I2·W3 + B1·W5)/3)/∂W1", "I1/3"),
    "norm": ("∂sqrt((I1·W1)^2 + (I2·W3)^2 + (B1·W5)^2)/∂W1", "I1·I1·W1/H1"),
}


@pytest.mark.parametrize("aggregation", WRITTEN)
def test_what_h_is_stands_in_derivations_and_steps(aggregation):
    net = ns.Network.layered([2, 2, 1], seed=0)
    net["H1"].aggregation = aggregation
    _, _ = net.forward([0.5, -0.5]), net.backward([1.0])
    text = str(net.derivation("W1"))
    for part in WRITTEN[aggregation]:
        assert part in text
    steps = {step.quantity: step for step in net.steps([0.5, -0.5], [1.0]) if step.phase != "update"}
    assert "I1·W1" in steps["H1"].formula
    assert steps["H1"].formula in f"({WRITTEN[aggregation][0]})"
    assert steps["∂e/∂W1"].value == net["W1"].gradient


def test_a_gate_is_the_contribution_times_what_gates_it():
    net = ns.Network.layered([2, 2, 1], seed=0)
    gate = net.gate("W7", by="H2", name="G1")
    _, _ = net.forward([0.5, -0.5]), net.backward([1.0])
    assert gate.value == net["W7"].weight * net["H1"].activated * net["H2"].activated
    assert net["W7"].source is net["H1"]
    assert net["W7"].target is gate
    assert gate.name == "G1"
    assert [connection.trainable for connection in (*gate.incoming, *gate.outgoing)] == [True, False, False]
    # One way through the contribution, one through the gate, and the one that was there.
    assert [net.paths(name).count for name in ("W1", "W2")] == [1, 2]


def test_a_node_gates_its_own_connection():
    net = ns.Network.layered([2, 2, 1], seed=0)
    gate = net.gate("W7", by="H1")
    net.forward([0.5, -0.5])
    assert gate.value == pytest.approx(net["W7"].weight * net["H1"].activated ** 2, rel=1e-15)


def test_gates_that_cannot_be_leave_the_network_as_it_was():
    net = ns.Network.layered([2, 2, 1], seed=0)
    before = net.to_networkx()
    refused = [
        ("W1", "O1", None, "would close a cycle"), ("W1", "H1", None, "H1 cannot gate W1"), ("W1", "H2", "I1", "taken"),
        ("W99", "H2", None, "nothing"), ("W1", "W2", None, "is a connection"),
    ]  # fmt: skip
    for connection, by, name, message in refused:
        with pytest.raises(ns.NodesimError, match=message):
            net.gate(connection, by=by, name=name)
        after = net.to_networkx()
        assert dict(after.nodes(data=True)) == dict(before.nodes(data=True))
        assert [*after.edges(data=True)] == [*before.edges(data=True)]


@pytest.mark.parametrize("exchanged", [("aggregation", "max"), ("aggregation", "sum"), ("activation", "tanh")])
def test_what_was_derived_stays_what_it_was_when_a_function_is_exchanged(exchanged):
    net = ns.Network.layered([2, 2, 1], seed=0)
    net["H1"].aggregation = "product"
    _, _ = net.forward([0.5, -0.5]), net.backward([1.0])

    def explained(derivation, bend, paths):
        rows = [(row.kind, row.node, row.value, row.formula) for row in bend.by_node()]
        return str(derivation), rows, [path.cut().change for path in paths]

    things = net.derivation("W1"), net.hessian("W1", "W3"), net.paths("W3")
    wanted = explained(net.derivation("W1"), net.hessian("W1", "W3"), net.paths("W3"))
    setattr(net["H1"], *exchanged)
    assert explained(*things) == wanted

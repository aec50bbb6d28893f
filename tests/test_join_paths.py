"""Paths through joins, nodes whose H is no sum: against torch and networkx, which know no joins and no paths."""

from __future__ import annotations

from collections import Counter

import networkx as nx
import numpy as np
import pytest
import torch
from helpers import ACTIVATIONS, LOSSES, random_network, random_samples

import nodesim as ns
from nodesim.ledger import routes

AGGREGATIONS = {
    "sum": lambda c: c.sum(0),
    "product": lambda c: c.prod(0),
    "max": lambda c: c.amax(0),
    "min": lambda c: c.amin(0),
    "mean": lambda c: c.mean(0),
    "norm": lambda c: torch.linalg.vector_norm(c, dim=0),
    "squares_joined": lambda c: (c * c).sum(0),
}
SQUARES = ns.Aggregation("squares_joined", lambda c: (c * c).sum(axis=0), lambda c, h: 2.0 * c)
# Each kind of network stands for one of these; with the engines and sizes of batches, twenty seeds have every combination.
LOSS_NAMES = ("mse", "half_squared_error", "binary_cross_entropy", "softmax_cross_entropy", "huber")
SMOOTH = ("linear", "tanh", "softplus", "sine", "gaussian", "silu")


def joined_network(seed, *, batch=None, aggregations=tuple(AGGREGATIONS), engine=None, activations=SMOOTH, **kind):
    """Return a random network in which most nodes are joins, after a backward, and its samples."""
    kind = {"loss": LOSS_NAMES[seed % len(LOSS_NAMES)], **kind}
    net, rng = random_network(seed, activations=activations, **kind)
    net.engine = engine or ("nodes", "numpy")[seed % 2]
    for node in (*net.hidden, *net.outputs):
        name = str(rng.choice(aggregations))
        node.aggregation = SQUARES if name == SQUARES.name else name
    x, y = random_samples(net, rng, batch or (1, 4)[seed // 2 % 2])
    net.forward(x), net.backward(y)
    return net, x, y


class Joined:
    """A network in torch: what is sent, and every partial derivative of every node by what comes in."""

    def __init__(self, net, x, y):
        self.net, self.y = net, torch.tensor(np.atleast_2d(y))
        self.sums, self.sent, self.passed, self.of_weight, self.slopes = {}, {}, {}, {}, {}
        columns = torch.tensor(np.atleast_2d(x)).T
        for node in nx.topological_sort(net.graph):
            if node.kind in ("input", "bias"):
                constant = torch.full((len(self.y),), getattr(node, "value", 0.0) if node.kind == "bias" else 0.0)
                self.sent[node] = constant.double() if node.kind == "bias" else columns[net.inputs.index(node)]
                self.slopes[node] = torch.ones(len(self.y), dtype=torch.float64)
            else:
                self._calculate(node)

    def _calculate(self, node):
        coming = self.coming(node)
        coming = coming.requires_grad_() if len(coming) else coming
        z = self.h(node, coming)
        if len(coming):
            (partials,) = torch.autograd.grad(z.sum(), coming)
            for connection, partial in zip(node.incoming, partials):
                self.passed[connection] = partial * connection.weight
                self.of_weight[connection] = partial * self.sent[connection.source]
        z = z.detach().requires_grad_()
        a = ACTIVATIONS[node.activation.name](z)
        (self.slopes[node],) = torch.autograd.grad(a.sum(), z)
        self.sums[node], self.sent[node] = z.detach(), a.detach()

    def coming(self, node, sent=None, weights=None):
        """Return what comes into a node, W·HA of each connection."""
        sent = sent or self.sent
        each = [(weights or {}).get(c, c.weight) * sent[c.source] for c in node.incoming]
        return torch.stack(each) if each else torch.zeros((0, len(self.y)), dtype=torch.float64)

    @staticmethod
    def h(node, coming):
        return AGGREGATIONS[node.aggregation.name](coming) if len(coming) else coming.sum(0)

    @property
    def of_sums(self):
        return self.net.loss.name == "binary_cross_entropy"

    def errors(self, seen):
        """Return e of each sample for what it sees of the outputs, (n_samples, n_outputs)."""
        return LOSSES[self.net.loss.name](self.y, seen)

    def seen(self):
        kind = self.sums if self.of_sums else self.sent
        return torch.stack([kind[node] for node in self.net.outputs], dim=1)

    def entering(self):
        """Return for each output ∂e/∂O of each sample."""
        seen = self.seen().requires_grad_()
        (found,) = torch.autograd.grad(self.errors(seen).sum(), seen)
        slopes = torch.stack([self.slopes[node] for node in self.net.outputs], dim=1)
        return dict(zip(self.net.outputs, (found if self.of_sums else found * slopes).T))

    def paths(self, connection):
        """Return every path of a weight, found by networkx: its product in each sample, and its size by steady factors."""
        entering, found = self.entering(), {}
        for output in self.net.outputs:
            if output is connection.target:
                ways = [[]]
            else:
                ways = nx.all_simple_edge_paths(self.net.graph, connection.target, output)
            for way in ways:
                over = [self.net.graph.edges[edge]["connection"] for edge in way]
                factors = [entering[output], self.of_weight[connection]]
                factors += [each for c in over for each in (self.passed[c], self.slopes[c.source])]
                size = np.prod([steady(factor) for factor in factors], axis=0).mean()
                found[connection, *over] = np.prod(torch.stack(factors).numpy(), axis=0), size
        return found


def steady(factor):
    """Return how large a factor is; a small one, as the slope 1 − a² of a saturated node, has lost digits to rounding."""
    size = np.abs(factor.numpy())
    return np.where(size > 0, np.maximum(size, 1e-3), 0.0)


def close(found, expected, scale):
    return np.all(np.abs(np.asarray(found) - np.asarray(expected)) <= 1e-12 * np.asarray(scale) + 1e-300)


@pytest.mark.parametrize("seed", range(60))
def test_paths_are_those_of_networkx_with_the_partials_of_torch(seed):
    net, x, y = joined_network(seed)
    oracle, rng = Joined(net, x, y), np.random.default_rng(seed)
    chosen = rng.permutation(len(net.connections))[:6].tolist()
    for connection in (net.connections[number] for number in chosen):
        paths, expected = net.paths(connection), oracle.paths(connection)
        means = {way: float(product.mean()) for way, (product, _) in expected.items()}
        scale = sum(size for _, size in expected.values())
        assert paths.count == len(expected)
        listed = {path.connections: path.product for path in paths}
        assert listed.keys() == means.keys()
        assert all(close(listed[way], means[way], expected[way][1]) for way in means)
        assert close(sum(listed.values()), connection.gradient, scale)
        assert close([paths.gradient, connection.gradient], sum(means.values()), scale)
        assert close(paths.scale, sum(np.abs(product).mean() for product, _ in expected.values()), scale)
        top = paths.top(5)
        assert close([abs(path.product) for path in top], sorted(map(abs, means.values()), reverse=True)[:5], scale)
        assert all(listed[path.connections] == path.product for path in top)
        assert all(
            close(np.prod([factor.value for factor in path.factors], axis=0).mean(), path.product, scale)
            for path in top
        )


class Cut(Joined):
    """What is sent where paths are cut: H made anew of all that comes in, those on the way with what they send now."""

    def begin(self, of):
        """Return the node where paths end, H' and HA'."""
        element, nothing = of.element, torch.zeros(len(self.y), dtype=torch.float64)
        if of.kind == "activated":
            return element, self.sums.get(element), nothing
        if of.kind == "sum":
            return element, nothing, self.f(element, nothing)
        z = self.h(element.target, self.coming(element.target, weights={element: 0.0}))
        return element.target, z, self.f(element.target, z)

    @staticmethod
    def f(node, z):
        return ACTIVATIONS[node.activation.name](z)

    def error(self, of, paths):
        """Return e where these paths are cut at once, over the connections that any of them goes."""
        arcs = {c for path in paths for c in path.connections[of.kind == "weight" :]}
        start, *numbers = self.begin(of)
        new = {start: numbers}
        for node in nx.topological_sort(self.net.graph):
            over = [c for c in node.incoming if c in arcs]
            if over:
                coming = self.coming(node)
                for place, connection in enumerate(node.incoming):
                    if connection in over:
                        coming[place] = connection.weight * new[connection.source][1]
                z = self.h(node, coming)
                new[node] = z, self.f(node, z)
        kind = self.sums if self.of_sums else self.sent
        ends = {path.nodes[-1] for path in paths}
        seen = [new[node][not self.of_sums] if node in ends else kind[node] for node in self.net.outputs]
        return float(self.errors(torch.stack(seen, dim=1)).mean())


@pytest.mark.parametrize("seed", range(40))
def test_cut_paths_go_forward_through_joins(seed):
    net, x, y = joined_network(seed)
    oracle, rng = Cut(net, x, y), np.random.default_rng(seed)
    before = float(oracle.errors(oracle.seen()).mean())
    nodes = [*net.inputs, *net.hidden, *net.outputs]
    asked = [net.connections[number] for number in rng.permutation(len(net.connections))[:4].tolist()]
    asked += [nodes[number] for number in rng.permutation(len(nodes))[:2].tolist()]
    asked += [f"HA{node.name[1:]}" for node in net.hidden[:1]]
    for what in asked:
        paths = net.paths(what)
        every = list(paths)
        if not every:
            continue
        size = max(1.0, before)
        # All at once, and some of them one by one: by arrays, and by plain numbers.
        expected = oracle.error(paths.of, every)
        cut = paths.cut()
        assert abs(cut.value - expected) <= 1e-11 * max(size, expected)
        assert abs(cut.change - (expected - before)) <= 1e-11 * max(size, expected)
        each = paths.cuts(5)
        for place, one in enumerate(each):
            expected = oracle.error(paths.of, [one.of])
            assert abs(one.value - expected) <= 1e-11 * max(size, expected)
            assert abs(one.of.cut().value - expected) <= 1e-11 * max(size, expected)
            assert abs(each.change[place] - (expected - before)) <= 1e-11 * max(size, expected)
        # Over what a part of the paths goes.
        through = every[-1].nodes[-1]
        some = paths.through(through)
        expected = oracle.error(paths.of, list(some))
        assert abs(some.cut().value - expected) <= 1e-11 * max(size, expected)


def test_without_a_weight_is_the_network_where_it_is_0():
    for seed in range(20):
        net, x, y = joined_network(seed)
        every = [(connection, net.paths(connection).cut()) for connection in net.connections[:4]]
        for connection, cut in every:
            weight, connection.weight = connection.weight, 0.0
            without = net.error(x, y)
            connection.weight = weight
            assert abs(cut.value - without) <= 1e-12 * max(1.0, without)


def test_what_is_not_the_largest_may_be_cut_and_nothing_changes():
    net = ns.Network(loss="mse", seed=0)
    net.add_input("I1"), net.add_input("I2"), net.add_output("O1", aggregation="max")
    net.connect("I1", "O1", weight=0.1), net.connect("I2", "O1", weight=0.3)
    net.forward([1.0, 1.0]), net.backward([0.5])
    small, large = (net.paths(name) for name in ("W1", "W2"))
    assert small.cut().change == next(iter(small)).cut().change == small.cuts(1).change[0] == 0.0
    # Without what is the largest the other one is, which no derivative tells.
    assert abs(large.cut().outputs[0] - 0.1) < 1e-16
    assert abs(large.cut().predicted - 0.3 * 2 * 0.2) < 1e-15


def nearest_zeros(paths):
    """Return the partial derivatives that are 0, on each path the nearest to the weight."""
    return {next(f.name for f in reversed(path.factors) if np.all(f.value == 0)) for path in paths}


@pytest.mark.parametrize("seed", range(40))
def test_dead_weights_have_their_reasons_at_joins(seed):
    net, rng = random_network(
        seed, activations=("linear", "relu", "tanh"), weight=lambda rng: float(rng.choice([-1.0, 0.0, 0.5, 1.0]))
    )
    for node in (*net.hidden, *net.outputs):
        node.aggregation = str(rng.choice(["sum", "product", "max", "min", "norm"]))
    x, y = random_samples(net, rng, 1)
    x[rng.random(x.shape) < 0.3] = 0.0
    net.forward(x[0]), net.backward(y[0])
    dead = net.dead_weights()
    assert dead.names == [c.name for c in net.connections if c.gradient == 0]
    str(dead), list(dead.blame())
    for entry in dead:
        paths = list(net.paths(entry.connection))
        if not paths:
            assert entry.reasons == ("no path",)
            continue
        assert set(entry.reasons).isdisjoint({"no path", ""})
        if "cancelled" in entry.reasons or "underflow" in entry.reasons:
            continue
        assert set(entry.partials) == nearest_zeros(paths)


def test_an_inactive_input_and_a_zero_factor_are_named():
    net = ns.Network(loss="mse", seed=0)
    for name in ("I1", "I2", "I3"):
        net.add_input(name)
    net.add_hidden("H1", "linear", aggregation="max"), net.add_hidden("H2", "linear", aggregation="product")
    net.add_output("O1")
    for source, target in (("I1", "H1"), ("I2", "H1"), ("I2", "H2"), ("I3", "H2"), ("H1", "O1"), ("H2", "O1")):
        net.connect(source, target, weight=0.5)
    net.forward([1.0, 2.0, 0.0]), net.backward([1.0])
    dead = net.dead_weights()
    assert dead.reasons == {"zero input": 2, "inactive input of max": 1, "zero factor of product": 1}
    named = {entry.name: [(str(blame), blame.element.name) for blame in entry.blame] for entry in dead}
    assert named["W1"] == [("∂H1/∂W1 = 0", "W1")]
    assert named["W3"] == [("∂H2/∂W3 = 0", "W4")]


@pytest.mark.parametrize("seed", range(20))
def test_the_gradient_check_takes_joins(seed):
    net, x, y = joined_network(seed)
    report = ns.check_gradients(net, x, y)
    assert report.ok, report


TIED = {"max": (1.0, 0.0), "min": (1.0, 0.0), "norm": (0.0, 0.0)}


@pytest.mark.parametrize("name", TIED)
@pytest.mark.parametrize("engine", ["nodes", "numpy"])
def test_the_gradient_check_names_kinks_of_joins(name, engine):
    net = ns.Network(loss="mse", seed=0)
    net.engine = engine
    net.add_input("I1"), net.add_input("I2")
    net.add_hidden("H1", "tanh", aggregation=name), net.add_output("O1")
    net.connect("I1", "H1", weight=0.5), net.connect("I2", "H1", weight=0.25), net.connect("H1", "O1", weight=2.0)
    tied = [0.0, 0.0] if name == "norm" else [1.0, 2.0]
    # Where all that comes in is 0 the weights move nothing: an input in front of it does.
    net.add_hidden("H2", "linear"), net.connect("I1", "H2", weight=0.3), net.connect("H2", "H1", weight=1.0)
    if name != "norm":
        net["W5"].weight = 0.5 / 0.3
    else:
        net.add_bias("B1"), net.connect("B1", "H2", weight=0.0)
    report = ns.check_gradients(net, tied, [1.0])
    assert report.ok, report
    named = {row.name: row.kinks for row in report.rows}
    kink = (f"kink of {name} at H1",)
    assert named["W6" if name == "norm" else "W1"] == kink
    assert named["W3"] == ()
    row = next(row for row in report.rows if row.kinks)
    assert row.one_sided[0] != row.one_sided[1]


def test_wrong_partials_are_found():
    def two_at_once(c, h):
        return (c == h).astype(float)

    wrong = ns.Aggregation("largest_twice", lambda c: c.max(axis=0), two_at_once)
    half = ns.Aggregation("half_product", lambda c: c.prod(axis=0), lambda c, h: np.where(c == 0, 0.0, 0.5 * h / c))
    for aggregation, second, ok in ((wrong, 0.5, True), (wrong, 1.0, False), (half, 0.5, False)):
        net = ns.Network(loss="mse", seed=0)
        net.add_input("I1"), net.add_hidden("H1", "linear"), net.add_hidden("H2", "linear")
        net.add_output("O1", "tanh", aggregation=aggregation)
        # One weight moves both that come in.
        for source, target in (("I1", "H1"), ("H1", "H2"), ("H1", "O1"), ("H2", "O1")):
            net.connect(source, target, weight=1.0)
        net["W2"].weight = second
        assert ns.check_gradients(net, [1.0], [0.5]).ok is ok


@pytest.mark.parametrize("seed", range(20))
def test_attributions_are_complete(seed):
    net, x, _ = joined_network(seed, loss="mse", max_hidden=5, batch=2)
    for output in net.outputs:
        whole = net.attribute(x, to=f"OA{output.name[1:]}")
        difference = (
            net.predict(x)[:, net.outputs.index(output)] - net.predict(np.zeros_like(x))[0, net.outputs.index(output)]
        )
        assert np.all(np.abs(whole.inputs.sum(axis=1) - difference) <= 1e-11 * np.maximum(1.0, np.abs(difference)))


@pytest.mark.parametrize("seed", range(20))
def test_the_jacobian_is_that_of_torch(seed):
    net, x, y = joined_network(seed, loss="mse", batch=3)

    def outputs(columns):
        oracle = Joined.__new__(Joined)
        oracle.net, oracle.y, oracle.sent = net, torch.tensor(y), {}
        for node in nx.topological_sort(net.graph):
            if node.kind == "input":
                oracle.sent[node] = columns[:, net.inputs.index(node)]
            elif node.kind == "bias":
                oracle.sent[node] = torch.full((len(y),), node.value, dtype=torch.float64)
            else:
                oracle.sent[node] = ACTIVATIONS[node.activation.name](oracle.h(node, oracle.coming(node)))
        return torch.stack([oracle.sent[node] for node in net.outputs], dim=1)

    expected = torch.autograd.functional.jacobian(lambda columns: outputs(columns).sum(0), torch.tensor(x))
    expected = expected.movedim(1, 0).numpy()
    assert np.all(np.abs(net.jacobian(x) - expected) <= 1e-11 * np.maximum(1.0, np.abs(expected)))


def test_shares_of_inputs_know_where_the_largest_changes():
    # Along the line from 0 the largest is 2·I1 - 1 as soon as that is above I2: at t = 1/2; before, it is I2.
    net = ns.Network(loss="mse", seed=0)
    for name in ("I1", "I2"):
        net.add_input(name)
    net.add_bias("B1"), net.add_hidden("H1", "linear"), net.add_output("O1", "linear", aggregation="max")
    for source, target, weight in (("I1", "H1", 3.0), ("B1", "H1", -1.0), ("H1", "O1", 1.0), ("I2", "O1", 1.0)):
        net.connect(source, target, weight=weight)
    shares = net.attribute([1.0, 1.0])
    assert np.all(np.abs(shares.inputs - [1.5, 0.5]) < 1e-12)
    assert abs(shares.missed) < 1e-12
    # What passes the nodes adds up as well.
    flow = {row.name: row.gradient for row in shares.flow()}
    assert abs(flow["O1"] - 2.0) < 1e-12
    assert abs(flow["H1"] - 1.5) < 1e-12


@pytest.mark.parametrize("many", [1000, 1])
@pytest.mark.parametrize("seed", range(10))
def test_a_ledger_posts_what_paths_through_joins_bring(seed, many, monkeypatch):
    monkeypatch.setattr(routes, "ALL", many)
    net, x, y = joined_network(seed, batch=5, loss=("mse", "binary_cross_entropy")[seed % 2], max_hidden=5)
    twin, rate = net.copy(), 0.02
    chosen = [c.name for c in net.connections if c.trainable][:3]
    ledger = ns.Ledger(net, chosen)
    net.fit(x, y, epochs=3, learning_rate=rate, batch_size=None, callbacks=ledger)
    expected = {name: {kind: Counter() for kind in ("output", "node", "sample")} for name in chosen}
    size = Counter()
    for _ in range(3):
        twin.forward(x), twin.backward(y)
        oracle = Joined(twin, x, y)
        for name in chosen:
            for way, (product, scale) in oracle.paths(twin[name]).items():
                size[name] += rate * scale
                expected[name]["output"][way[-1].target.name] -= rate * product.mean()
                expected[name]["node"][way[:2][-1].target.name] -= rate * product.mean()
                expected[name]["sample"].update(dict(enumerate((-rate * product / 5).tolist())))
        twin.update(rate)
    for name in chosen:
        entry, allowed = ledger[name], size[name] + 3 * abs(net[name].weight)
        for kind, wanted in expected[name].items():
            found = {key: amount for key, amount in entry.view(kind).items() if key != "rounding"}
            assert all(close(found.get(key, 0.0), wanted[key], allowed) for key in {*found, *wanted})
        assert entry.exact
        assert close(entry.change, sum(expected[name]["output"].values()), allowed)


@pytest.mark.parametrize("seed", range(20))
def test_what_flows_where_is_the_sum_of_the_paths_there(seed):
    net, x, y = joined_network(seed)
    oracle = Joined(net, x, y)
    for connection in net.connections[:4]:
        expected, paths = oracle.paths(connection), net.paths(connection)
        if not expected:
            continue
        size, flow, by = sum(scale for _, scale in expected.values()), paths.flow(), Counter()
        lengths, n_paths, ended = Counter(), Counter(), Counter()
        for way, (product, _) in expected.items():
            passed = [way[0].source, *(c.target for c in way)]
            by.update({element.name: product.mean() for element in (*passed, *way)})
            n_paths.update({element.name: 1 for element in (*passed, *way)})
            lengths[len(way)] += product.mean()
            ended[way[-1].target.name] += product.mean()
        assert {row.name: row.count for row in flow} == n_paths
        assert all(close(row.gradient, by[row.name], size) for row in flow)
        assert all(close(row.gradient, ended[row.name], size) for row in flow.outputs)
        found = dict(zip(sorted(lengths), (row.gradient for row in paths.lengths())))
        assert all(close(found[length], lengths[length], size) for length in lengths)
        node = next(iter(expected))[-1].target
        through = sum(product.mean() for way, (product, _) in expected.items() if node in [c.target for c in way])
        assert close(paths.through(node).gradient, through, size)
        connections, products = paths.as_arrays()
        assert len(connections) == len(products) == len(expected)
        assert close(products.sum(), paths.gradient, size)
        # One sample of several, by itself.
        own = net.paths(connection, sample=0)
        assert close(own.gradient, sum(product[0] for product, _ in expected.values()), size * len(np.atleast_2d(x)))
        products = sorted((abs(product[0]) for product, _ in expected.values()), reverse=True)
        assert close([abs(path.product) for path in own.ranked()], products, size * len(np.atleast_2d(x)))


@pytest.mark.parametrize("seed", range(20))
def test_a_diagnosis_measures_what_passes_joins(seed):
    net, x, y = joined_network(seed, batch=4, loss="mse", max_hidden=5)
    oracle, arriving = Joined(net, x, y), {}
    entering = oracle.entering()
    arrived = {node: torch.zeros(4, dtype=torch.float64) for node in net.nodes}
    for node in reversed(list(nx.topological_sort(net.graph))):
        delta = arrived[node] * oracle.slopes[node] + entering.get(node, 0.0)
        for c in node.incoming:
            arrived[c.source] = arrived[c.source] + oracle.passed[c] * delta
        arriving[node] = arrived[node].numpy(), delta.numpy()
    for layer in net.diagnose(x, y)[1:]:
        nodes = [node for node in layer.layer if node.name not in layer.cut_off]
        if nodes and not any(node in net.outputs for node in nodes):
            for place, found in enumerate((layer.arriving, layer.delta)):
                expected = np.sqrt(np.mean([arriving[node][place] ** 2 for node in nodes]))
                assert abs(found - expected) <= 1e-9 * max(expected, 1e-9)


def test_path_norms_count_weights_and_parts_of_means():
    for seed in range(40):
        net, _, _ = joined_network(seed, aggregations=("sum", "max", "min", "mean", "norm"))
        weight = {
            c: abs(c.weight) / (len(c.target.incoming) if c.target.aggregation.name == "mean" else 1)
            for c in net.connections
        }
        whole = 0.0
        for source in net.inputs:
            for output in net.outputs:
                for way in nx.all_simple_edge_paths(net.graph, source, output):
                    whole += np.prod([weight[net.graph.edges[edge]["connection"]] for edge in way])
        assert abs(net.path_norm(1) - whole) <= 1e-12 * max(1.0, whole)


def test_what_knows_sums_only_says_so_by_name():
    net = ns.Network(loss="mse", seed=0)
    net.add_input("I1"), net.add_output("O1", aggregation="product"), net.connect("I1", "O1")
    for call in (net.path_norm, lambda: ns.doctor(net, [1.0], [0.5], gradients={"W1": 0.1})):
        with pytest.raises(ns.StructureError, match="H of O1 is .*product"):
            call()


WRONG = {
    "other nodes": (lambda c: c.sum(axis=0) + 0.0 * c.mean() + c.max(), lambda c, h: np.ones_like(c)),
    "shape": (lambda c: c.sum(), lambda c, h: np.ones_like(c)),
    "finite differences give": (lambda c: c.prod(axis=0), lambda c, h: np.ones_like(c)),
    "add up to 2": (lambda c: c.max(axis=0), lambda c, h: (c == h).astype(float)),
    "is nan": (
        lambda c: np.sqrt((c * c).sum(axis=0)),
        lambda c, h: np.where(h == 0.0, np.nan, c / np.where(h == 0, 1, h)),
    ),
}


@pytest.mark.parametrize("says", WRONG)
def test_wrong_aggregations_do_not(says):
    ns.checks.check_aggregation(SQUARES)
    with pytest.raises(ns.CheckError, match=says):
        ns.checks.check_aggregation(ns.Aggregation("wrong_one", *WRONG[says]))


@pytest.mark.parametrize("name", ["neat_median", "neat_maxabs"])
def test_what_moves_with_no_single_input_is_no_fault(name):
    # Of equal inputs the median moves with none by itself, and yet with all: any of them may be followed.
    net = ns.Network(loss="mse", seed=0)
    net.add_output("O1", "tanh", aggregation=name)
    for number in range(3):
        net.add_input(f"I{number + 1}"), net.connect(f"I{number + 1}", "O1", weight=0.25)
    assert ns.check_gradients(net, [2.0, 2.0, 2.0], [0.1])
    assert ns.check_gradients(net, [0.0, 0.0, 0.0], [0.1])


def test_what_is_asked_for_by_its_name_is_no_sum_at_a_join():
    net = ns.Network(loss="mse", seed=0)
    net.add_input("I1"), net.add_input("I2"), net.add_output("O1", aggregation="product")
    net.connect("I1", "O1", weight=2.0), net.connect("I2", "O1", weight=1e308)
    said = {"∂O1/∂W1": "derivation.'W1'", "∂O1/∂I2": "derivation.'I2'", "O[O1]": "the product that reaches O1"}
    for name, words in said.items():
        with pytest.raises(ns.UnknownNameError, match=words):
            net[name]
    with pytest.raises(ns.NonFiniteError, match="its product left the finite numbers"):
        net.forward([5.0, 7.0])

"""Paths cut in the forward pass: against the network without the weight, and against patching by hand in torch."""

from __future__ import annotations

import copy
import math
import pickle

import networkx as nx
import numpy as np
import pytest
import torch
from helpers import (
    ACTIVATIONS,
    LOSSES,
    SEEDS,
    article_network,
    digest,
    examples,
    random_network,
    random_samples,
    torch_error,
    torch_outputs,
    torch_weights,
)
from hypothesis import given

import nodesim as ns
from nodesim.functions import scalar_forms
from nodesim.paths.cutting import each, ground

LOSS_NAMES = ("mse", "mae", "softmax_cross_entropy", "binary_cross_entropy", "half_squared_error", "huber", "log_cosh")


def traced(seed, engine=None, batch=None, **kind):
    """Return a random network after a backward, by either engine, and its samples."""
    kind = {"loss": LOSS_NAMES[seed % len(LOSS_NAMES)], **kind}
    net, rng = random_network(seed, **kind)
    net.engine = engine or ("nodes", "compiled")[seed // 2 % 2]
    x, y = random_samples(net, rng, batch or (1, 4)[seed % 2])
    net.forward(x), net.backward(y)
    return net, x, y


class Patched:
    """A network in torch, of which single nodes see what they are told."""

    def __init__(self, net, x, y):
        self.net, self.y, self.sums, self.sent = net, torch.tensor(y), {}, {}
        columns = torch.tensor(x).T
        for node in nx.topological_sort(net.graph):
            if node.kind == "input":
                self.sent[node] = columns[net.inputs.index(node)]
            elif node.kind == "bias":
                self.sent[node] = torch.full((len(x),), node.value, dtype=torch.float64)
            else:
                arriving = [c.weight * self.sent[c.source] for c in node.incoming]
                self.sums[node] = sum(arriving, torch.zeros(len(x), dtype=torch.float64))
                self.sent[node] = self.f(node, self.sums[node])

    @staticmethod
    def f(node, z):
        return ACTIVATIONS[node.activation.name](z)

    def begin(self, of):
        """Return the node where paths end, with its sum and what it sends without what is cut."""
        element = of.element
        if of.kind == "activated":
            return element, self.sums.get(element), torch.zeros(len(self.y), dtype=torch.float64)
        node, z = (
            (element, torch.zeros(len(self.y), dtype=torch.float64))
            if of.kind == "sum"
            else (element.target, self.sums[element.target] - element.weight * self.sent[element.source])
        )
        return node, z, self.f(node, z)

    def single(self, of, path):
        """Follow one path from the weight on, and return e' of each sample and OA'."""
        node, z, a = self.begin(of)
        for connection in path.connections[of.kind == "weight" :]:
            target = connection.target
            z = self.sums[target] - connection.weight * (self.sent[node] - a)
            node, a = target, self.f(target, z)
        return self.ended({node: (z, a)})

    def whole(self, of, paths):
        """Cut all paths of a list at once, and return e' of each sample and OA'."""
        new = self.spread(of, paths)
        return self.ended({node: new[node] for node in {path.nodes[-1] for path in paths}})

    def spread(self, of, paths):
        """Return the sums and what is sent on all paths of a list, over whatever connections any of them goes."""
        ways = [path.connections[of.kind == "weight" :] for path in paths]
        arcs, start = {c for way in ways for c in way}, self.begin(of)
        new = {start[0]: start[1:]}
        for node in nx.topological_sort(self.net.graph):
            over = [c for c in node.incoming if c in arcs]
            if over:
                z = self.sums[node] - sum(c.weight * (self.sent[c.source] - new[c.source][1]) for c in over)
                new[node] = z, self.f(node, z)
        return new

    def ended(self, new):
        """Return e of each sample, and OA, where the error sees these outputs and all others as they were."""
        old = {node: (self.sums[node], self.sent[node]) for node in self.net.outputs}
        seen = list({**old, **new}.values())
        sums, sent = (torch.stack([each[k] for each in seen], dim=1) for k in (0, 1))
        return self.errors(sums, sent), sent

    def errors(self, sums, sent):
        name = self.net.loss.name
        return LOSSES[name](self.y, sums if name == "binary_cross_entropy" else sent)

    @property
    def before(self):
        return self.ended({})[0]


def amount(patched, of):
    """Return what is set to 0, for each sample."""
    if of.kind == "weight":
        return np.full(len(patched.y), of.element.weight)
    return (patched.sums if of.kind == "sum" else patched.sent)[of.element].numpy()


def agrees(cut, patched, found, sample, tolerance):
    errors, outputs = found
    chosen = slice(None) if sample is None else slice(sample, sample + 1)
    before, after = patched.before[chosen], errors[chosen]
    assert cut.error == cut.value == pytest.approx(float(after.mean()), abs=tolerance)
    assert cut.change == pytest.approx(float((after - before).mean()), abs=tolerance)
    assert cut.missed == cut.change - cut.predicted
    expected = outputs[chosen].numpy()
    expected = expected[0] if len(expected) == 1 else expected
    assert cut.outputs.shape == expected.shape
    assert cut.outputs == pytest.approx(expected, rel=1e-12, abs=tolerance)


def tolerance_of(patched, paths):
    """Return 1e-12 of the largest number that has to be added up for an error."""
    sizes = [float(each.abs().max()) for each in (*patched.sums.values(), *patched.sent.values())]
    return 1e-12 * (1 + max(sizes) ** 2 + paths.scale + float(patched.before.abs().max()))


def quantities_of(net, rng, count):
    every = [
        *net.connections,
        *net.nodes,
        *(f"HA{node.name[1:]}" for node in net.hidden),
        *(f"OA{n.name[1:]}" for n in net.outputs),
    ]
    return [every[index] for index in rng.permutation(len(every))[:count]]


@examples(30)
@given(seed=SEEDS)
def test_all_paths_of_a_weight_at_once_are_the_network_without_it(seed):
    net, x, y = traced(seed)
    sample = None if len(x) == 1 or seed % 3 else len(x) - 1
    chosen = slice(None) if sample is None else slice(sample, sample + 1)
    weights = [net.connections[index] for index in np.random.default_rng(seed).permutation(len(net.connections))[:2]]
    found = [(c, net.paths(c, sample=sample)) for c in weights]
    found = [(c, paths, paths.cut(), paths.gradient) for c, paths in found]
    patched = Patched(net, x, y)
    x, y = x[chosen], y[chosen]
    e = net.error(x, y)
    for connection, paths, cut, gradient in found:
        weight = connection.weight
        near = tolerance_of(patched, paths) * (1 + abs(weight))
        assert cut.predicted == pytest.approx(-weight * gradient, rel=1e-12, abs=1e-300)
        connection.weight = 0.0
        without = net.error(x, y)
        assert cut.error == pytest.approx(without, abs=near)
        assert cut.change == pytest.approx(without - e, abs=near)
        assert cut.outputs.reshape(len(x), -1) == pytest.approx(net.predict(x), rel=1e-12, abs=near)
        weights = torch_weights(net)
        assert cut.error == pytest.approx(torch_error(net, x, y, weights).item(), abs=near)
        outputs = torch_outputs(net, x, weights).detach().numpy()
        assert cut.outputs.reshape(len(x), -1) == pytest.approx(outputs, rel=1e-12, abs=near)
        connection.weight = weight


@examples(30)
@given(seed=SEEDS)
def test_a_single_path_is_patched_as_by_hand(seed):
    net, x, y = traced(seed)
    patched, rng = Patched(net, x, y), np.random.default_rng(seed)
    for name in quantities_of(net, rng, 2):
        sample = None if rng.random() < 0.5 else int(rng.integers(len(x)))
        paths = net.paths(name, sample=sample)
        cuts = paths.cuts(6)
        whole_batch = {path.connections: path for path in net.paths(name)}
        near = tolerance_of(patched, paths) * (1 + np.abs(amount(patched, paths.of)).max())
        assert [cut.of for cut in cuts] == list(cuts.paths) == paths.top(6)
        for rank, path in enumerate(cuts.paths):
            found = patched.single(paths.of, path)
            factors = (np.broadcast_to(f.value, len(x)) for f in whole_batch[path.connections].factors)
            predicted = -amount(patched, paths.of) * math.prod(factors)
            wanted = predicted.mean() if sample is None else predicted[sample]
            for cut in (path.cut(), cuts[rank]):
                agrees(cut, patched, found, sample, near)
                assert cut.predicted == pytest.approx(wanted, rel=1e-12, abs=1e-12 * np.abs(predicted).max() + 1e-300)
        columns = zip(cuts.products, cuts.predicted, cuts.change, cuts.missed, cuts.errors)
        for (product, predicted, change, missed, error), cut in zip(columns, cuts):
            assert (product, predicted, change) == (cut.of.product, cut.predicted, cut.change)
            assert (missed, error) == (cut.missed, cut.error)


@examples(30)
@given(seed=SEEDS)
def test_a_set_of_paths_is_cut_over_the_connections_that_they_go(seed):
    net, x, y = traced(seed)
    patched, rng = Patched(net, x, y), np.random.default_rng(seed)
    for name in quantities_of(net, rng, 1):
        every, sample = net.paths(name), None if rng.random() < 0.5 else int(rng.integers(len(x)))
        if every.count > 300:
            continue
        every = net.paths(name, sample=sample)
        one, two = (net.nodes[index] for index in rng.integers(len(net.nodes), size=2))
        over = net.connections[int(rng.integers(len(net.connections)))]
        output = net.outputs[int(rng.integers(len(net.outputs)))]
        near = tolerance_of(patched, every) * (1 + np.abs(amount(patched, every.of)).max())
        chosen = (
            every,
            every.through(one),
            every.through(over),
            every.avoiding(two).through(one),
            every.avoiding(over),
        )
        for paths in (*chosen, every.by_output()[output], every.through(one).by_output()[output]):
            listed, cut = list(paths), paths.cut()
            found = patched.whole(paths.of, listed) if listed else patched.ended({})
            agrees(cut, patched, found, sample, near)
            if paths is every:
                wanted = -amount(patched, paths.of) * [net.paths(name, sample=s).gradient for s in range(len(x))]
                mean = wanted.mean() if sample is None else wanted[sample]
                assert cut.predicted == pytest.approx(mean, rel=1e-9, abs=1e-12 * np.abs(wanted).max() + 1e-300)
            if not listed:
                assert (cut.change, cut.predicted) == (0.0, 0.0)


@examples(30)
@given(seed=SEEDS)
def test_in_a_linear_network_the_changes_of_single_paths_add_up(seed):
    net, _, _ = traced(seed, loss="mse", activations=["linear"])
    before = net.paths(net.connections[0]).through(net.connections[0]).avoiding(net.connections[0]).cut().outputs
    for connection in net.connections[:4]:
        paths = net.paths(connection)
        if paths.count < 40:
            parts = [path.cut().outputs - before for path in paths]
            whole = paths.cut().outputs - before
            scale = 1 + np.abs(before).max() + sum(np.abs(part).max() for part in parts)
            assert np.sum(parts, axis=0) + np.zeros_like(whole) == pytest.approx(whole, abs=1e-12 * scale)


@examples(30)
@given(seed=SEEDS)
def test_cut_paths_from_another_quantity_change_that_one(seed):
    net, x, y = traced(seed, loss="mse")
    patched, rng = Patched(net, x, y), np.random.default_rng(seed)
    node = [*net.hidden, *net.outputs][int(rng.integers(len(net.hidden) + len(net.outputs)))]
    kind = ("sum", "activated")[int(rng.integers(2))]
    to = node if kind == "sum" else f"{node.name[0]}A{node.name[1:]}"
    old = (patched.sums if kind == "sum" else patched.sent)[node]
    for name in quantities_of(net, rng, 3):
        try:
            paths = net.paths(name, to=to)
        except ns.ArgumentError:
            continue  # it is this very quantity
        near = tolerance_of(patched, paths) * (1 + np.abs(amount(patched, paths.of)).max())
        for chosen in (paths, paths.through(net.nodes[0])):
            listed, cut = list(chosen), chosen.cut()
            new = patched.spread(paths.of, listed)[node][kind == "activated"] if listed else old
            assert cut.value == pytest.approx(float(new.mean()), abs=near)
            assert cut.change == pytest.approx(float((new - old).mean()), abs=near)
            assert cut.target in str(cut)
            with pytest.raises(ns.StateError, match="say nothing of e"):
                _ = cut.error
        for path, cut in zip(paths.top(3), paths.cuts(3)):
            new = patched.spread(paths.of, [path])[node][kind == "activated"]
            for one in (path.cut(), cut):
                assert (one.value, one.change) == pytest.approx(
                    (float(new.mean()), float((new - old).mean())), abs=near
                )


def test_paths_of_an_attribution_are_not_cut():
    net = article_network(1)
    paths = net.attribute([0.05, 0.1], to="OA1").paths("I1")
    for call in (paths.cut, lambda: paths.cuts(2), next(iter(paths)).cut):
        with pytest.raises(ns.ArgumentError, match="cannot be cut"):
            call()


def test_an_output_that_feeds_others_is_seen_as_it_was_by_paths_that_only_pass_it(engine):
    net = ns.Network(loss="half_squared_error", engine=engine)
    I1, O1, O2 = net.add_input(), net.add_output("O1", activation="tanh"), net.add_output("O2", activation="tanh")
    net.connect(I1, O1, weight=0.5), net.connect(O1, O2, weight=-0.75)
    net.forward([0.8]), net.backward([1.0, 1.0])
    before, passing = math.tanh(0.4), math.tanh(0.0)
    by = net.paths("W1").by_output()
    first, second = by["O1"].cut(), by["O2"].cut()
    assert first.outputs == pytest.approx([passing, math.tanh(-0.75 * before)], abs=1e-15)
    assert second.outputs == pytest.approx([before, math.tanh(-0.75 * passing)], abs=1e-15)
    assert second.error == pytest.approx(0.5 * ((1 - before) ** 2 + 1), abs=1e-15)
    assert net.paths("W1").cut().outputs == pytest.approx([0, 0], abs=1e-15)
    for path, cut in ((next(iter(by["O1"])), first), (next(iter(by["O2"])), second)):
        assert path.cut().change == pytest.approx(cut.change, abs=1e-15)


def test_what_changes_nothing_changes_exactly_nothing(engine):
    for seed in range(14):
        net, x, y = traced(seed, engine)
        for connection in net.connections[:3]:
            connection.weight = 0.0
            net.forward(x), net.backward(y)
            paths = net.paths(connection)
            cuts = [paths.cut(), *paths.cuts(5), *(path.cut() for path in paths.top(5))]
            assert {(cut.change, cut.predicted) for cut in cuts} == {(0.0, 0.0)}
            outputs = net.predict(x)
            for cut in cuts:
                assert cut.outputs.tolist() == (outputs[0] if len(x) == 1 else outputs).tolist()


def test_cuts_keep_the_numbers_of_their_backward():
    net = ns.Network.layered([2, 3, 2, 2], hidden="tanh", seed=0)
    x, y = [[0.05, 0.1], [0.3, -0.2]], [[0.01, 0.99], [1.0, 0.0]]
    net.forward(x), net.backward(y)
    paths, path, cuts = net.paths("W1"), net.paths("W1").top(1)[0], net.paths("W1").cuts(4)
    seen = [paths.cut(), path.cut(), *net.paths("W1").cuts(4)]
    outputs = [cut.outputs.tolist() for cut in seen]
    net["H1"].activation, net.loss = "relu", "mae"
    net.weights = np.arange(len(net.connections)) / 10
    net.remove("H2")
    net.forward(x), net.backward(y)
    later = [paths.cut(), path.cut(), *cuts]
    assert [(c.error, c.change, c.predicted) for c in later] == [(c.error, c.change, c.predicted) for c in seen]
    assert [cut.outputs.tolist() for cut in later] == outputs


def test_a_user_s_functions_are_called_as_they_are(session):
    # It says that it is a sigmoid, but only to the readers of its formula.
    odd = ns.Activation("odd", lambda z: z * z * z, lambda z, a: 3 * z * z, formula="1 / (1 + exp(-z))")
    fourth = ns.Loss(
        "fourth", lambda y, a: ((y - a) ** 4).sum(axis=0), lambda y, a: -4 * (y - a) ** 3, formula="mean((y - a) ** 2)"
    )
    for batch in (1, 3):
        net = ns.Network.layered([2, 2, 1], hidden=odd, loss=fourth, seed=1, bias=False)
        x, y = np.linspace(-1, 1, 2 * batch).reshape(batch, 2), np.ones((batch, 1))
        net.forward(x), net.backward(y)
        w = {c.source.name + c.target.name: c.weight for c in net.connections}
        cut = net.paths("W1").top(1)[0].cut()
        h1, h2 = (w["I2H1"] * x[:, 1]) ** 3, (w["I1H2"] * x[:, 0] + w["I2H2"] * x[:, 1]) ** 3
        expected = ((1 - w["H1O1"] * h1 - w["H2O1"] * h2) ** 4).mean()
        assert cut.error == pytest.approx(expected, rel=1e-12)
        assert net.paths("W1").cut().error == pytest.approx(expected, rel=1e-12)


def test_scalar_forms_are_those_of_the_plugins():
    z = np.concatenate((np.linspace(-40, 40, 4001), [-1e308, -745.2, 0.0, 800.0, 1e308, np.inf, -np.inf, np.nan]))
    for name in ("linear", "sigmoid", "tanh", "relu"):
        activation = ns.activation(name)
        form = scalar_forms.of_activation(activation)
        with np.errstate(all="ignore"):
            expected = activation.function(z)
        found = [form(value) for value in z.tolist()]
        np.testing.assert_allclose(found, expected, rtol=4e-16, atol=0)
    rng = np.random.default_rng(0)
    for name in ("mse", "mae", "half_squared_error", "softmax_cross_entropy", "binary_cross_entropy"):
        loss = ns.loss(name)
        for n in (2, 7):
            y, a = np.round(rng.random((n, 60)), 1), rng.standard_normal((n, 60)) * np.logspace(-20, 3, 60)
            y[:, :20] = np.eye(n)[rng.integers(n, size=20)].T
            found = [scalar_forms.of_loss(loss)(*pair) for pair in zip(y.T.tolist(), a.T.tolist())]
            expected = (loss.sum_function or loss.function)(y, a)
            np.testing.assert_allclose(found, expected, rtol=2e-15)


def test_of_float32_networks_changes_are_as_fine_as_of_others():
    net = ns.Network.layered([3, 4, 4, 2], hidden="tanh", seed=2, dtype="float32")
    x, y = np.array([[0.5, -0.25, 0.125]]), np.array([[0.5, 0.25]])
    net.forward(x), net.backward(y)
    for path, cut in zip(net.paths("W1").top(16), net.paths("W1").cuts(16)):
        for each_cut in (path.cut(), cut):
            # To the second order in a product of some 1e-3: what rounds to 7 digits would leave 1e-8.
            assert abs(each_cut.missed) < 0.5 * abs(each_cut.predicted)


def test_many_samples_and_paths_are_cut_in_parts(monkeypatch):
    net = ns.Network.layered([3, 5, 4, 3], hidden="tanh", seed=3)
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((50, 3)), rng.standard_normal((50, 3))
    net.forward(x), net.backward(y)

    def results():
        for name in ("W1", "H2", "HA3", "I2"):
            cuts, whole = net.paths(name).cuts(60), net.paths(name).cut()
            yield from (cuts.change, cuts.errors, cuts.predicted, [whole.change, whole.error], whole.outputs)

    at_once = list(results())
    monkeypatch.setattr(ground, "TOGETHER", 64)
    monkeypatch.setattr(each, "TOGETHER", 64)
    for part, expected in zip(results(), at_once):
        np.testing.assert_allclose(part, expected, rtol=1e-12, atol=1e-15)


def test_paths_of_a_length_are_cut_one_by_one_only():
    net = article_network(2)
    paths = net.paths("W1").of_length(3)
    for chosen in (paths, paths.through("H3"), paths.by_output()["O1"]):
        with pytest.raises(ns.ArgumentError, match=r"of length 3.*\.cuts\(k\)"):
            chosen.cut()
    assert paths.cuts(9).change.tolist() == net.paths("W1").cuts(9).change.tolist()
    skip = ns.Network(seed=0)
    nodes = [skip.add_input(), skip.add_hidden(), skip.add_hidden(), skip.add_output()]
    for source, target in ((0, 1), (1, 2), (2, 3), (1, 3)):
        skip.connect(nodes[source], nodes[target])
    skip.forward([1.0]), skip.backward([0.0])
    by_length = {len(path.connections): path for path in skip.paths("W1")}
    for length, path in by_length.items():
        found = skip.paths("W1").of_length(length).cuts(5)
        assert [cut.change for cut in found] == [path.cut().change]


def test_ranks_signs_slices_and_tables():
    net = article_network(2)
    paths = net.paths("W1")
    cuts = paths.cuts(k=10)
    assert len(cuts) == 4
    assert paths.cuts(0).change.shape == (0,)
    assert str(paths.cuts(0)).split() == ["path", "product", "predicted", "change", "missed"]
    for sign in "+-":
        assert [cut.of for cut in paths.cuts(9, sign=sign)] == paths.top(9, sign)
    assert list(cuts[1:3]) == [cuts[1], cuts[2]]
    assert cuts[::-1][0].outputs.tolist() == cuts[3].outputs.tolist() == cuts.paths[3].cut().outputs.tolist()
    assert (np.diff(np.abs(cuts.sorted().change)) <= 0).all()
    assert sorted(cuts.sorted().change) == sorted(cuts.change)
    table = cuts.to_pandas()
    assert list(table) == ["path", "product", "predicted", "change", "missed", "value"]
    assert table["missed"].tolist() == (cuts.change - cuts.predicted).tolist()
    assert table["path"][0] == "I1 -> H1 -> H3 -> O1"
    for array in (cuts.change, cuts.predicted, cuts.products, cuts.errors, cuts.missed, cuts[0].outputs):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1.0
    for text in (str(cuts), cuts._repr_html_()):
        assert all(ns.__version__ and word in text for word in ("path", "predicted", "missed"))
    assert str(cuts[0]).splitlines()[1].startswith("I1 -> H1 -> H3 -> O1")
    assert repr(paths.through("H3").cut()).startswith("<cut of 2 paths of W1, through H3: change ")
    assert (
        "… 4 more paths" in article_network(4).paths("I1").cuts(24)._repr_html_()
        or len(article_network(4).paths("I1").cuts(24)) < 24
    )


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda paths: paths.cuts(-1), ns.ArgumentError, "k must be"),
        (lambda paths: paths.cuts("3"), ns.NodesimError, "k must be"),
        (lambda paths: paths.cuts(3, sign="x"), ns.ArgumentError, "sign must be"),
        (lambda paths: paths.cuts(3)[7], ns.PositionError, "no cut 7"),
    ],
)
def test_wrong_calls_say_what_is_allowed(call, kind, message):
    net = article_network(2)
    before = digest(net)
    with pytest.raises(kind, match=message):
        call(net.paths("W1"))
    assert digest(net) == before


def test_too_many_paths_are_refused():
    net = ns.Network.layered([10] * 12, seed=0)
    net.forward(np.ones(10)), net.backward(np.ones(10))
    with pytest.raises(ns.TooManyPathsError):
        net.paths("W1").cuts(10**8)


def exploding():
    """Return a network that is finite only because two large numbers cancel, and which a cut takes apart."""
    net = ns.Network(loss="half_squared_error")
    I1, I2, H1, O1 = net.add_input(), net.add_input(), net.add_hidden(activation="linear"), net.add_output()
    net.connect(I1, H1, weight=1e200), net.connect(I2, H1, weight=-1e200)
    net.connect(H1, O1, weight=1.0)
    return net


@pytest.mark.parametrize("batch", [1, 2])
def test_what_is_not_finite_is_named(batch):
    net = exploding()
    net.forward([[1.0, 1.0]] * batch), net.backward([[0.0]] * batch)
    for call in (net.paths("W1").cut, next(iter(net.paths("W1"))).cut, lambda: net.paths("W1").cuts(2)):
        with pytest.raises(
            ns.NonFiniteError, match=r"the error e \(loss half_squared_error.*\) would be inf for sample 0"
        ):
            call()
    net["W3"].weight = 1e150
    net.forward([[1.0, 1.0]] * batch), net.backward([[0.0]] * batch)
    for call in (net.paths("W1").cut, next(iter(net.paths("W1"))).cut, lambda: net.paths("W1").cuts(2)):
        with pytest.raises(ns.NonFiniteError, match="O1 would be -inf for sample 0"):
            call()


@pytest.mark.parametrize("batch", [1, 2])
def test_a_function_that_fails_is_named_with_its_node(batch):
    def picky(z):
        if np.any(z < 0.5):
            raise ValueError("too small")
        return np.asarray(z) + 0.0

    net = ns.Network()
    I1, H1 = net.add_input(), net.add_hidden(activation=ns.Activation("picky", picky, lambda z, a: np.ones_like(z)))
    H2, O1 = net.add_hidden(activation=H1.activation), net.add_output()
    net.connect(I1, H1, weight=1.0), net.connect(I1, H2, weight=1.0)
    net.connect(H1, O1), net.connect(H2, O1)
    net.forward([[1.0]] * batch), net.backward([[0.0]] * batch)
    for call in (net.paths("W2").cut, next(iter(net.paths("W2"))).cut, lambda: net.paths("W2").cuts(2)):
        with pytest.raises(ns.FunctionError, match="H2.*picky.*too small"):
            call()


def test_cuts_can_be_pickled_and_copied():
    net = article_network(2)
    cut, cuts, whole = net.paths("W1").top(1)[0].cut(), net.paths("W1").cuts(3), net.paths("W1").through("H3").cut()
    for twin in (pickle.loads(pickle.dumps((cut, cuts, whole))), copy.deepcopy((cut, cuts, whole))):
        assert str(twin[0]) == str(cut)
        assert twin[0].outputs.tolist() == cut.outputs.tolist()
        assert twin[1].change.tolist() == cuts.change.tolist()
        assert twin[1][2].outputs.tolist() == cuts[2].outputs.tolist()
        assert twin[2].change == whole.change
        assert twin[0].of.cut().change == cut.change
    assert cut == net.paths("W1").top(1)[0].cut()
    assert cut != cuts[1]
    assert cuts.index(cuts[1]) == 1


def test_a_thousand_of_ten_thousand_million_paths():
    net = ns.Network.layered([10] * 12, seed=0)
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((1, 10)), rng.standard_normal((1, 10))
    net.forward(x), net.backward(y)
    cuts, patched = net.paths("W1").cuts(1000), Patched(net, x, y)
    assert len(cuts) == 1000
    for rank in (0, 1, 500, 999):
        errors, _ = patched.single(net.paths("W1").of, cuts.paths[rank])
        assert cuts.errors[rank] == pytest.approx(float(errors[0]), rel=1e-13)


def test_what_was_before_is_told_however_small():
    net = ns.Network.layered([2, 2, 1], seed=0)
    wanted = net.forward([0.1, 0.2]) + 2e-16
    error = net.backward(wanted)
    assert 0 < error < 1e-30
    paths = net.paths("W1")
    for cut in (paths.cut(), paths.cuts()[0], paths.cuts(1)[:1][0], paths.top(1)[0].cut()):
        assert cut.before == error
        assert cut.value - cut.change == 0.0
        assert f"{error:.6g}" in str(cut)


def test_before_is_e_of_the_backward():
    net = ns.Network.layered([2, 2, 2], seed=0)
    _, error = (
        net.forward([[0.1, 0.2], [1.0, 2.0]]),
        net.backward([[1, 0], [0, 1]], l2=0.1, sample_weight=[1, 3], clip=0.1),
    )
    assert {round(cut.before - error, 14) for cut in (*net.paths("W1").cuts(), net.paths("W1").cut())} == {0.0}
    assert net.paths("I1", to="OA2", sample=1).cut().before == pytest.approx(net["O2"].activated[1])


def test_ten_paths_are_cut_unless_another_number_is_given():
    net = ns.Network.layered([2, 6, 3, 1], seed=0)
    _, _ = net.forward([0.1, 0.2]), net.backward([1.0])
    paths = net.paths("I1")
    assert len(paths.cuts()) == 10 < paths.count
    with pytest.raises(ns.ArgumentTypeError, match=r"\.top\(1\)\[0\]"):
        paths[0]

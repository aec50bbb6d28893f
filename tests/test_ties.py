"""Tied weights: one weight, several uses; held against torch, where the uses share one parameter."""

from __future__ import annotations

import copy
import itertools
import json
import pickle

import networkx as nx
import numpy as np
import pytest
import torch
from helpers import digest, random_network, random_samples, torch_error

import nodesim as ns

SMOOTH = ("linear", "sigmoid", "tanh", "softplus", "sine", "gaussian")
RULES = {"sgd": (0.1, torch.optim.SGD, {}), "momentum": (0.03, torch.optim.SGD, {"momentum": 0.9}), "adam": (0.01, torch.optim.Adam, {})}  # fmt: skip


def tied_network(seed, **options):
    """Return a random DAG in which some connections are tied, groups of two to four."""
    for again in itertools.count():
        net, rng = random_network(seed + 10_000 * again, activations=SMOOTH, **options)
        names = [c.name for c in net.connections]
        if len(names) >= 4:
            break
    rng.shuffle(names)
    while len(names) >= 4 and (rng.random() < 0.8 or not net.ties):
        size = int(rng.integers(2, 5))
        net.tie(*names[:size])
        names = names[size:]
    return net, rng


def shared_tensors(net):
    """Return one tensor for each weight, and by connection which of them it uses."""
    own = {c: c.tie.uses[0] if c.tie else c for c in net.connections}
    tensors = {c: torch.tensor(c.weight, dtype=torch.float64, requires_grad=c.trainable) for c in set(own.values())}
    return tensors, {c: tensors[first] for c, first in own.items()}


@pytest.mark.parametrize("engine", ["compiled", "numpy", "nodes"])
def test_gradients_are_those_of_a_shared_parameter(engine):
    for seed in range(40):
        net, rng = tied_network(seed)
        net.engine = engine
        for c in net.connections:
            c.trainable = True
        x, y = random_samples(net, rng, 3)
        net.forward(x), net.backward(y)
        tensors, used = shared_tensors(net)
        torch_error(net, x, y, used).backward()
        for tie in net.ties:
            paths = net.paths(tie.name)
            expected = tensors[tie.uses[0]].grad
            assert abs(tie.gradient - (0.0 if expected is None else expected.item())) <= 1e-12 * paths.scale + 1e-300
            assert abs(paths.gradient - tie.gradient) <= 1e-12 * paths.scale
            assert abs(sum(path.product for path in paths) - tie.gradient) <= 1e-12 * paths.scale
            assert paths.count == sum(each.count for each in paths.by_use().values()) == len(list(paths))
            for use, each in paths.by_use().items():
                assert abs(each.gradient - use.gradient) <= 1e-12 * each.scale
            sizes = [abs(path.product) for path in paths.top(5)]
            assert sizes == sorted((abs(path.product) for path in paths), reverse=True)[:5]


def torch_fit(net, x, y, *, rule, batch, epochs, l2=0.0, clip=None, sample_weight=None):
    """Train in torch what the network would be, and return its weights in connection order."""
    tensors, used = shared_tensors(net)
    learning = [tensor for tensor in tensors.values() if tensor.requires_grad]
    rate, kind, options = RULES[rule]
    optimizer = kind(learning, lr=rate, **options)
    for _, first in itertools.product(range(epochs), range(0, len(x), batch)):
        chosen = slice(first, first + batch)
        optimizer.zero_grad()
        if sample_weight is None:
            error = torch_error(net, x[chosen], y[chosen], used)
        else:
            parts = sample_weight[chosen] / sample_weight[chosen].sum()
            error = sum(part * torch_error(net, x[[k]], y[[k]], used) for part, k in zip(parts, range(len(x))[chosen]))
        (error + 0.5 * l2 * sum(tensor**2 for tensor in tensors.values())).backward()
        for tensor in learning:
            tensor.grad = torch.zeros_like(tensor) if tensor.grad is None else tensor.grad
        if clip is not None:
            torch.nn.utils.clip_grad_norm_(learning, clip)
        optimizer.step()
    return np.array([used[c].item() for c in net.connections])


CASES = [
    {}, {"l2": 0.05}, {"clip": 0.2}, {"l2": 0.05, "clip": 0.2}, {"sample_weight": np.array([1.0, 2.0, 0.5, 1.5, 1.0, 3.0])},
]  # fmt: skip


@pytest.mark.parametrize("engine", ["compiled", "numpy", "nodes"])
@pytest.mark.parametrize("rule", RULES)
def test_trainings_are_those_of_a_shared_parameter(engine, rule):
    for seed, batch, options in itertools.product(range(3), (1, 4, 6), CASES):
        net, rng = tied_network(100 + seed, weight=lambda rng: float(rng.normal() * 0.5))
        net.engine = engine
        x, y = random_samples(net, rng, 6)
        expected = torch_fit(net, x, y, rule=rule, batch=batch, epochs=3, **options)
        net.fit(
            x, y, epochs=3, batch_size=batch, shuffle=False, optimizer=rule, learning_rate=RULES[rule][0], **options
        )
        assert np.abs(net.weights - expected).max() <= 1e-11
        assert all(len({use.weight.hex() for use in tie.uses}) == 1 for tie in net.ties)


@pytest.mark.parametrize("options", [
    {}, {"learning_rate": 0.1, "dropout": {"H1": 0.5}}, {"learning_rate": 0.1, "n_jobs": 1}, {"batch_size": 20, "learning_rate": 0.1},
    {"optimizer": "rprop"}, {"learning_rate": 0.1, "patience": 2, "validation_data": True},
])  # fmt: skip
@pytest.mark.parametrize("threads", [1, 2])
def test_tied_weights_are_equal_bit_by_bit_whatever_trains(options, threads):
    net = ns.Network.layered([3, 5, 4, 2], seed=1)
    ties = net.tie("W1", "W7", "W30"), net.tie("W2", "W40")
    frozen = net.tie("W3", "W4")
    frozen.trainable = False
    before, net.threads = frozen.weight, threads
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(100, 3)), rng.normal(size=(100, 2))
    options = {**options, **({"validation_data": (x[:9], y[:9])} if "validation_data" in options else {})}
    start = [tie.weight for tie in ties]
    net.fit(x, y, epochs=4, **options)
    assert all(len({use.weight.hex() for use in tie.uses}) == 1 for tie in ties)
    assert [tie.weight for tie in ties] != start
    assert {use.weight for use in frozen.uses} == {before}


def test_updates_one_by_one_add_up_the_uses():
    for rule in RULES:
        net, rng = tied_network(7)
        x, y = random_samples(net, rng, 1)
        expected = torch_fit(net, x, y, rule=rule, batch=1, epochs=4)
        for _ in range(4):
            net.forward(x[0]), net.backward(y[0])
            net.update(RULES[rule][0], rule)
        assert np.abs(net.weights - expected).max() <= 1e-12
        assert bool(ns.check_gradients(net, x, y))
        moved = {step.quantity: step.value for step in net.steps(x[0], y[0], 0.1)}
        net.update(0.1)
        assert all(abs(moved[f"{c.name}(k+1)"] - c.weight) < 1e-14 for c in net.connections)


def test_what_a_tie_is():
    net = ns.Network.layered([2, 2, 1], seed=0)
    first = net["W4"].weight
    tie = net.tie("W4", net["W1"], name="Wr")
    assert net["Wr"] is tie is net["W1"].tie is net["W4"].tie
    assert net["W2"].tie is None
    assert tie.uses == (net["W1"], net["W4"])
    assert [u.weight for u in tie.uses] == [first, first] == [tie.weight] * 2
    assert net.ties == (tie,)
    assert tie in net
    assert "Wr" in net
    assert str(tie) == "Wr"
    assert repr(tie) == "<Tie Wr: W1 = W4 = 0.1049>"
    assert tie.network is net
    net["W4"].weight = 0.5
    assert net["W1"].weight == tie.weight == 0.5
    tie.weight = 0.25
    net["W1"].trainable = False
    assert net["W4"].weight == 0.25
    assert not net["W4"].trainable
    assert not tie.trainable
    assert net.tie("Wr", "W2") is tie
    assert net["W2"].weight == 0.25
    assert not net["W2"].trainable
    assert net.tie("W7", "W8").name == "Wr1"
    assert dict(net["W1"])["tie"] == net.graph.edges[net["I1"], net["H1"]]["tie"] == "Wr"
    assert copy.copy(tie) is tie
    assert pickle.loads(pickle.dumps(tie)).name == "Wr"
    net.initialize()
    assert net["W1"].weight == net["W2"].weight == net["W4"].weight
    assert net["W7"].weight == net["W8"].weight
    with pytest.raises(ns.StateError, match="Wr has no gradient now"):
        _ = tie.gradient
    with pytest.raises(ns.ArgumentTypeError, match="Wr is a tie, one weight with several uses"):
        net.derivation("Wr")


def test_a_tie_ends_with_its_last_but_one_use():
    net = ns.Network.layered([2, 2, 1], seed=0)
    tie = net.tie("W1", "W4", "W7")
    net.disconnect("W7")
    assert len(tie.uses) == 2
    net.remove("H2")
    assert net.ties == ()
    assert net["W1"].tie is None
    assert repr(tie) == "<Tie Wr1: removed>"
    with pytest.raises(ns.StaleElementError, match="ties nothing any more"):
        _ = tie.weight
    other = net.tie("W1", "W3")
    assert other.name == "Wr1"
    assert net.untie(other) is other
    assert net.ties == ()
    assert net["W1"].weight == net["W3"].weight
    gated = net.tie("W1", "W3")
    net.gate("W1", by="I2")
    assert net.ties == (gated,)
    assert gated.uses == (net["W1"], net["W3"])


@pytest.mark.parametrize(("call", "words"), [
    (lambda net: net.tie("W3"), "two connections; got 1"),
    (lambda net: net.tie(), "got 0"),
    (lambda net: net.tie("W3", "W3"), "W3 comes twice"),
    (lambda net: net.tie("W2", "W1"), "W1 is tied already, by <Tie Wr: W1 = W4 = 0.12573>"),
    (lambda net: net.tie("Wr", "W4"), "W4 comes twice"),
    (lambda net: net.tie("Wr"), "to extend it give further connections"),
    (lambda net: net.tie("W2", "H1"), "H1 is a hidden node"),
    (lambda net: net.tie("W2", "W99"), "nothing is named 'W99'"),
    (lambda net: net.tie("W2", "W3", name="H1"), "'H1' is taken by"),
    (lambda net: net.add_hidden("Wr"), "'Wr' is taken by <Tie Wr"),
    (lambda net: net.untie("W1"), "no tie is named 'W1'"),
    (lambda net: net.untie(3), "a tie, or its name, is needed"),
    (lambda net: setattr(net, "weights", np.arange(9.0)), "Wr ties W1 and W4, .* gives W1 0.0 and W4 3.0. Nothing was set"),
    (lambda net: net.paths("W2").through("Wr"), "Wr is a tie, one weight with several uses .W1, W4."),
    (lambda net: net.exact([0.5, 1.0], [1.0], symbols=True).gradient("Wr"), "Wr is a tie, one weight with several uses"),
    (lambda net: ns.Ledger(net, ["W4"]), "a use of the tied weight Wr"),
    (lambda net: ns.doctor(net, [0.5, 1.0], [1.0], error=1.0), "has tied weights: Wr"),
])  # fmt: skip
def test_what_is_refused_leaves_everything_as_it_was(call, words):
    net = ns.Network.layered([2, 2, 1], seed=0)
    net.tie("W1", "W4", name="Wr")
    net.forward([0.5, 1.0]), net.backward([1.0])
    before = digest(net)
    with pytest.raises(ns.NodesimError, match=words):
        call(net)
    assert digest(net) == before


@pytest.mark.parametrize("use", ["W1", "W4"])
def test_a_split_use_goes_on_as_a_use(use):
    net = ns.Network.layered([2, 2, 1], seed=0)
    net.tie("W1", "W4", name="Wr")
    before = net.forward([0.5, 1.0])
    middle = net.split(use)
    assert net.forward([0.5, 1.0]) == before
    assert [c.tie for c in (*middle.incoming, *middle.outgoing)] == [None, net["Wr"]]
    net["Wr"].weight = 0.25
    assert [c.weight for c in (*middle.incoming, *middle.outgoing)] == [1.0, 0.25]


def same(one, other):
    # Graphs do not keep in which order ties were made.
    ties = [sorted((tie.name, tie.numbers, tie.trainable) for tie in net.ties) for net in (one, other)]
    return (one.weights == other.weights).all() and ties[0] == ties[1]


def test_ties_are_kept(tmp_path):
    for seed in range(5):
        net, _ = tied_network(seed)
        graph = net.to_networkx()
        nx.write_graphml(graph, tmp_path / "net.graphml")
        net.save(tmp_path / "net.json")
        assert json.loads((tmp_path / "net.json").read_text())["version"] == 2
        for twin in (
            net.copy(), pickle.loads(pickle.dumps(net)), ns.load(tmp_path / "net.json"), ns.Network.from_networkx(graph),
            ns.Network.from_networkx(net.graph), ns.Network.from_networkx(nx.read_graphml(tmp_path / "net.graphml")),
        ):  # fmt: skip
            assert same(net, twin)
    for c in net.connections:
        if c.tie is not None:
            net.untie(c.tie)
    net.save(tmp_path / "net.json")
    assert json.loads((tmp_path / "net.json").read_text())["version"] == 1


@pytest.mark.parametrize("ties", [
    {"Wr": [0]}, {"Wr": [0, 0]}, {"W1": [0, 3]}, {"Wr": [0, 1]}, {"x": [0, 3], "y": [3, 0]}, {"x": [0, 99]}, [1], {"": [0, 3]}, {"x": 3},
])  # fmt: skip
def test_damaged_ties_are_refused(tmp_path, ties):
    net = ns.Network.layered([2, 2, 1], seed=0)
    net.tie("W1", "W4")
    net.save(tmp_path / "net.json")
    content = json.loads((tmp_path / "net.json").read_text())
    (tmp_path / "net.json").write_text(json.dumps({**content, "ties": ties}))
    with pytest.raises(ns.FileError, match="the file is damaged; expected"):
        ns.load(tmp_path / "net.json")


def test_a_graph_whose_tied_edges_differ_is_refused():
    net = ns.Network.layered([2, 2, 1], seed=0)
    net.tie("W1", "W4", name="Wr")
    graph = net.to_networkx()
    graph.edges["I1", "H1"]["weight"] = 9.0
    with pytest.raises(ns.StructureError, match="tie='Wr' stands at .* which are to have one weight"):
        ns.Network.from_networkx(graph)


def test_a_trial_gives_ties_back():
    net = ns.Network.layered([2, 2, 1], seed=0)
    tie = net.tie("W1", "W4", "W2", name="Wr")
    net.forward([0.5, 1.0]), net.backward([1.0])
    before = digest(net)
    for edit in (
        lambda: net.remove("H2"), lambda: net.untie("Wr"), lambda: net.tie("Wr", "W5"), lambda: net.tie("W7", "W8"),
        lambda: net.disconnect("W2"), lambda: net.gate("W1", by="I2"), lambda: net.split("W4"),
        lambda: net.fit([[0.5, 1.0]], [[1.0]], epochs=2),
    ):  # fmt: skip
        with net.trial():
            edit()
        assert digest(net) == before
        assert net.ties == (tie,)
        assert tie.uses == (net["W1"], net["W2"], net["W4"])


def test_many_networks_of_a_sweep_keep_their_ties():
    net = ns.Network.layered([2, 3, 1], seed=0)
    net.tie("W1", "W5")
    x, y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0.0, 1.0, 1.0, 0.0]
    sweep = ns.sweep(net, x, y, seeds=[3, 4], learning_rate=0.1, epochs=5, batch_size=2, shuffle=False)
    for seed, weights in zip((3, 4), sweep.weights):
        twin = net.copy()
        twin.structure.generator = np.random.default_rng(seed)
        twin.initialize()
        twin.fit(x, y, epochs=5, learning_rate=0.1, batch_size=2, shuffle=False)
        assert (weights == twin.weights).all()
        assert twin.weights[0] == twin.weights[4]

"""Delayed connections and networks unrolled in time, against plain loops over time in NumPy and torch's own networks."""

from __future__ import annotations

import copy
import pickle
import re

import networkx as nx
import numpy as np
import pytest
import torch
from helpers import ACTIVATIONS, LOSSES, steady_scales

import nodesim as ns

SMOOTH = [
    name for name in ACTIVATIONS if name not in ("relu", "leaky_relu", "hard_sigmoid", "hard_tanh", "elu", "selu")
]
JOINED = {
    "sum": lambda c: c.sum(0), "product": lambda c: c.prod(0), "max": lambda c: c.max(0).values,
    "min": lambda c: c.min(0).values, "mean": lambda c: c.mean(0),
}  # fmt: skip


def random_recurrent(seed):
    """Build a random network with delays: cycles, self-loops, tapped inputs, products and others, frozen weights."""
    rng = np.random.default_rng(seed)
    net = ns.Network(loss=str(rng.choice(["mse", "half_squared_error", "log_cosh"])), seed=seed)
    before = [net.add_input() for _ in range(rng.integers(1, 4))] + [net.add_bias() for _ in range(rng.integers(0, 3))]
    calculated = []
    for place in rng.permutation(rng.integers(1, 7)):
        kind = net.add_output if place == 0 else net.add_hidden
        join = str(rng.choice(list(JOINED))) if rng.random() < 0.3 else "sum"
        calculated.append(kind(activation=str(rng.choice(SMOOTH)), aggregation=join))
    for place, node in enumerate(calculated):
        sources = [*before, *calculated[:place]]
        for source in sources:
            if rng.random() < 0.5:
                net.connect(source, node, trainable=bool(rng.random() < 0.9))
        for source in before + calculated:
            if source.kind != "bias" and rng.random() < 0.3 and not net.graph.has_edge(source, node):
                net.connect(source, node, delay=int(rng.integers(1, 4)))
        if not node.incoming:
            net.connect(before[0], node)
    return net, rng


def over_time(net, x, steps, initial, weights):
    """Run a network with delays by a loop over time; return what each node sends at each step."""
    sent = []
    for step in range(steps):
        now = {node.name: x[:, step, place] for place, node in enumerate(net.inputs)}
        now |= {bias.name: torch.full((len(x),), bias.value) for bias in net.biases}
        sent.append(now)
        for node in sorted(set(net.hidden) | set(net.outputs), key=net.structure.order.__getitem__):
            coming = []
            for c in node.incoming:
                start = torch.full((len(x),), initial.get(c.source.name, 0.0))
                source = sent[step - c.delay][c.source.name] if step >= c.delay else start
                coming.append(weights[c.name] * source)
            now[node.name] = ACTIVATIONS[node.activation.name](JOINED[node.aggregation.name](torch.stack(coming)))
    return sent


@pytest.fixture(autouse=True)
def doubles():
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize("block", range(8))
def test_random_graphs_are_a_loop_over_time(block):
    for seed in range(25 * block, 25 * block + 25):
        net, rng = random_recurrent(seed)
        net.engine = ["nodes", "numpy", "compiled"][seed % 3]
        steps, n = int(rng.integers(1, 8)), int(rng.integers(1, 4))
        delayed = sorted({c.source.name for c in net.connections if c.delay})
        initial = {name: float(rng.normal()) for name in delayed if rng.random() < 0.4}
        only_last = seed % 2 == 1
        unrolled = net.unroll(steps, initial=initial, outputs="last" if only_last else "all")
        x, y = rng.standard_normal((n, steps, len(net.inputs))), rng.standard_normal((n, len(unrolled.outputs)))
        found = unrolled.forward(x.reshape(n, -1))
        weights = {c.name: torch.tensor(c.weight, requires_grad=True) for c in net.connections}
        sent = over_time(net, torch.tensor(x), steps, initial, weights)
        outputs = torch.stack([now[node.name] for now in sent[-1:] * only_last or sent for node in net.outputs], 1)
        assert np.allclose(found, outputs.detach().numpy(), rtol=1e-12, atol=1e-12), seed
        error = unrolled.backward(y)
        loss = LOSSES[net.loss.name](torch.tensor(y), outputs).mean()
        assert error == pytest.approx(loss.item(), rel=1e-12)
        gradients = torch.autograd.grad(loss, list(weights.values()), allow_unused=True)
        for (name, _), gradient in zip(weights.items(), gradients):
            uses = [c for c in unrolled.connections if c.name.rpartition("[")[0] == name]
            ours, right = sum(use.gradient for use in uses), 0.0 if gradient is None else gradient.item()
            scale = sum(abs(use.gradient) for use in uses) + 1.0
            assert ours == pytest.approx(right, abs=1e-12 * scale), (seed, name)
            if len(uses) > 1:
                assert unrolled[name].uses == tuple(uses)
                assert unrolled[name].gradient == pytest.approx(ours, abs=1e-13 * scale)


def mapped(net, prefix, names, module):
    """Give a network the weights of a layer of torch, gate by gate; return (connection, matrix, row, column)."""
    size, places = module.hidden_size, []
    for gate, name in enumerate(names):
        for row in range(size):
            target = net[f"{name}{row + 1}"]
            for c in target.incoming:
                if c.source.kind == "input":
                    places.append((c, "weight_ih_l0", gate * size + row, net.inputs.index(c.source)))
                elif c.source.kind == "bias":
                    places.append((c, "bias_ih_l0", gate * size + row, None))
                elif c.delay:
                    places.append((c, "weight_hh_l0", gate * size + row, int(c.source.name.removeprefix(prefix)) - 1))
    return places


GATES = {"elman": ["H"], "lstm": ["in", "forget", "new", "out"], "gru": ["reset", "keep", "new"]}
LAYERS = {"elman": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}


@pytest.mark.parametrize("kind", GATES)
def test_fifty_steps_are_those_of_torch(kind):
    torch.manual_seed(3)
    layer, last = LAYERS[kind](2, 4, batch_first=True), torch.nn.Linear(4, 2)
    net = ns.Network.recurrent(2, 4, 2, kind=kind)
    places = mapped(net, "H", GATES[kind], layer)
    if kind == "gru":
        for row in range(4):
            for c in net[f"recalled{row + 1}"].incoming:
                column = int(c.source.name[1:]) - 1 if c.delay else None
                places.append((c, "weight_hh_l0" if c.delay else "bias_hh_l0", 8 + row, column))
        with torch.no_grad():
            layer.bias_hh_l0[:8] = 0.0
    elif kind != "gru":
        with torch.no_grad():
            layer.bias_hh_l0[:] = 0.0
    for c, name, row, column in places:
        matrix = getattr(layer, name)
        c.weight = (matrix[row] if column is None else matrix[row, column]).item()
    for row, node in enumerate(net.outputs):
        for c in node.incoming:
            bias = c.source.kind == "bias"
            c.weight = (last.bias[row] if bias else last.weight[row, int(c.source.name[1:]) - 1]).item()
    assert {c for c, *_ in places} | {c for node in net.outputs for c in node.incoming} == {
        c for c in net.connections if c.trainable
    }
    rng = np.random.default_rng(4)
    x, y = rng.standard_normal((3, 50, 2)), rng.standard_normal((3, 50, 2))
    unrolled = net.unroll(50)
    outputs = last(layer(torch.tensor(x))[0])
    ((outputs - torch.tensor(y)) ** 2).mean().backward()
    found = unrolled.forward(x.reshape(3, -1))
    assert np.abs(found.reshape(3, 50, 2) - outputs.detach().numpy()).max() < 1e-13
    unrolled.backward(y.reshape(3, -1))
    scales = steady_scales(unrolled)
    for c, name, row, column in places:
        gradient = getattr(layer, name).grad
        right = (gradient[row] if column is None else gradient[row, column]).item()
        scale = sum(scales[use] for use in unrolled[c.name].uses)
        assert abs(unrolled[c.name].gradient - right) <= 1e-12 * scale
    assert unrolled["W1"].gradient == pytest.approx(sum(use.gradient for use in unrolled["W1"].uses), rel=1e-12)
    # Path sums are gradients, however far back in time.
    for use in (unrolled["W1"].uses[0], unrolled["W1"].uses[-1]):
        assert unrolled.paths(use).gradient == pytest.approx(use.gradient, abs=1e-12 * scales[use])


def test_a_jordan_network_is_a_loop():
    net, steps = ns.Network.recurrent(2, 3, 2, kind="jordan", seed=1), 50
    rng = np.random.default_rng(2)
    x, y = rng.standard_normal((3, steps, 2)), rng.standard_normal((3, steps, 2))
    weights = {c.name: torch.tensor(c.weight, requires_grad=True) for c in net.connections}
    sent = over_time(net, torch.tensor(x), steps, {}, weights)
    outputs = torch.stack([torch.stack([now["O1"], now["O2"]], 1) for now in sent], 1)
    ((outputs - torch.tensor(y)) ** 2).mean().backward()
    unrolled = net.unroll(steps)
    unrolled.forward(x.reshape(3, -1)), unrolled.backward(y.reshape(3, -1))
    scales = steady_scales(unrolled)
    for name, weight in weights.items():
        scale = sum(scales[use] for use in unrolled[name].uses)
        assert abs(unrolled[name].gradient - weight.grad.item()) <= 1e-12 * scale


def example():
    net = ns.Network(seed=0)
    net.add_input(), net.add_hidden(activation="tanh"), net.add_output(), net.add_bias()
    net.connect("I1", "H1"), net.connect("B1", "H1"), net.connect("H1", "H1", delay=1), net.connect("H1", "O1")
    net.connect("O1", "H1", delay=2, name="back", trainable=False)
    return net


RUNS = {
    "forward": lambda net: net.forward([1.0]), "backward": lambda net: net.backward([1.0]),
    "fit": lambda net: net.fit([[1.0]], [[1.0]], epochs=1), "update": lambda net: net.update(),
    "predict": lambda net: net.predict([1.0]), "error": lambda net: net.error([1.0], [1.0]),
    "score": lambda net: net.score([[1.0]], [[1.0]]), "paths": lambda net: net.paths("W1"),
    "exact": lambda net: net.exact([1.0]), "derivation": lambda net: net.derivation("W1"),
    "operations": lambda net: net.operations(), "jacobian": lambda net: net.jacobian([1.0]),
    "attribute": lambda net: net.attribute([1.0]), "steps": lambda net: list(net.steps([1.0], [1.0])),
    "path_counts": lambda net: net.path_counts(), "path_norm": lambda net: net.path_norm(),
    "dead_weights": lambda net: net.dead_weights(), "diagnose": lambda net: net.diagnose([1.0], [1.0]),
    "explore": lambda net: net.explore(), "explore samples": lambda net: net.explore([1.0], [1.0]),
    "check": lambda net: ns.check_gradients(net, [1.0], [1.0]), "torch": lambda net: net.to_torch(),
    "doctor": lambda net: ns.doctor(net, [1.0], [1.0], gradients={"W1": 1.0}), "sklearn": lambda net: net.to_sklearn(),
    "onnx": lambda net: net.to_onnx("never.onnx"), "gradients": lambda net: setattr(net, "gradients", net.weights),
    "proof": lambda net: ns.checks.check_exchange(net, torch.nn.Linear(1, 1)),
    "sweep": lambda net: ns.sweep(net, [[1.0]], [[1.0]], seeds=2, epochs=1),
    "prune": lambda net: net.prune(keep=0.5), "grow": lambda net: net.grow(),
    "recording": lambda net: net.fit([[1.0]], [[1.0]], callbacks=ns.PathRecording(net, ["W1"], [[1.0]], [[1.0]])),
}  # fmt: skip


@pytest.mark.parametrize("what", RUNS)
@pytest.mark.usefixtures("folder")
def test_what_runs_says_that_it_has_to_be_unrolled(what):
    net = example()
    with pytest.raises(ns.StateError, match=r"W3, back are delayed.*network\.unroll\(steps=8\)"):
        RUNS[what](net)


def described(net):
    return [(c.name, c.source.name, c.target.name, c.weight, c.trainable, c.delay) for c in net.connections]


def test_what_looks_and_keeps_works(tmp_path):
    net = example()
    assert repr(net["back"]) == f"<Connection back: O1 -> H1 = {net['back'].weight:.6g}, frozen, delay 2>"
    assert [layer.name for layer in net.layers] == ["Input layer", "Hidden layer 1", "Output layer"]
    net.weights = net.weights * 2
    assert net.graph.edges[net["O1"], net["H1"]]["delay"] == 2
    assert "delay" not in net.graph.edges[net["I1"], net["H1"]]
    net.save(tmp_path / "net.json")
    nx.write_graphml(net.to_networkx(), tmp_path / "net.graphml")
    nx.write_gml(net.to_networkx(), tmp_path / "net.gml")
    others = {
        "copy": net.copy(), "deepcopy": copy.deepcopy(net), "pickle": pickle.loads(pickle.dumps(net)),
        "structure": pickle.loads(pickle.dumps(net.simulator.copy().structure)), "file": ns.load(tmp_path / "net.json"),
        "graph": ns.Network.from_networkx(net.to_networkx()), "live": ns.Network.from_networkx(net.graph.copy()),
        "text": ns.Network.from_networkx(net.to_networkx(text=True)),
        "graphml": ns.Network.from_networkx(nx.read_graphml(tmp_path / "net.graphml")),
        "gml": ns.Network.from_networkx(nx.read_gml(tmp_path / "net.gml")),
    }  # fmt: skip
    assert [kind for kind, other in others.items() if described(other) != described(net)] == []
    before = described(net)
    with net.trial():
        net.disconnect("back"), net.connect("O1", "O1", delay=3), net.split("W3"), net.remove("I1")
        assert [c.delay for c in net.connections] != [c[-1] for c in before]
    assert described(net) == before


def test_files_say_the_version_that_knows_delays(tmp_path):
    net = example()
    net.save(tmp_path / "net.json")
    text = (tmp_path / "net.json").read_text()
    assert '"version": 2' in text
    for number in [c.name for c in net.connections if c.delay]:
        net.disconnect(number)
    net.save(tmp_path / "net.json")
    assert '"version": 1' in (tmp_path / "net.json").read_text()
    for damage in ("[[2, 0]", "[[2, 1.5]", "[[9, 1]", "[[1, 1]", "[[2, 1], [2, 1]", "[[2]", "[2", '[["2", 1]'):
        (tmp_path / "net.json").write_text(text.replace('"delay": [[2, 1]', f'"delay": {damage}'))
        with pytest.raises(ns.FileError):
            ns.load(tmp_path / "net.json")
    (tmp_path / "net.json").write_text(text.replace('"delay": [[2, 1], [4, 2]]', '"delay": [[2, 1]]'))
    with pytest.raises(ns.FileError, match="no cycle without a delay"):
        ns.load(tmp_path / "net.json")


def test_a_split_and_a_cut_delay_keep_the_function():
    net = example()
    x = np.random.default_rng(0).standard_normal((3, 6))
    before = net.unroll(6).forward(x)
    middle = net.split("W3")
    assert (middle.incoming[0].delay, middle.outgoing[0].delay) == (1, 0)
    assert np.allclose(net.unroll(6).forward(x), before, rtol=1e-14)


def test_a_delayed_connection_can_be_gated():
    net, x = example(), np.random.default_rng(0).standard_normal((2, 5))
    before = net.unroll(5).forward(x)
    net.add_bias("gate", value=0.5)
    middle = net.gate("W3", by="gate")
    assert (net["W3"].delay, net["W3"].target, middle.outgoing[0].delay) == (1, middle, 0)
    net["W3"].weight *= 2
    assert np.allclose(net.unroll(5).forward(x), before, rtol=1e-14)


def test_structures_that_are_refused():
    net = example()
    for source, target, delay, error, words in (
        ("O1", "O1", 0, ns.StructureError, "self-loop.*delay=1"), ("O1", "H1", 0, ns.StructureError, "connected already"),
        ("B1", "O1", 1, ns.StructureError, "sends the same at every step"), ("H1", "I1", 1, ns.StructureError, "input"),
        ("O1", "B1", 1, ns.StructureError, "bias"), ("I1", "O1", -1, ns.ArgumentError, "delay of I1 -> O1"),
        ("I1", "O1", 1.0, ns.ArgumentError, "whole number"), ("I1", "O1", True, ns.ArgumentError, "whole number"),
    ):  # fmt: skip
        with pytest.raises(error, match=words):
            net.connect(source, target, delay=delay)
    net.add_hidden(), net.connect("H2", "H1"), net.connect("H1", "H2", delay=1)
    with pytest.raises(ns.CycleError, match=r"O1 -> H2 -> H1 -> O1.*delay=1"):
        net.connect("O1", "H2")
    net.remove("H1"), net.connect("O1", "H2", weight=1.0)
    with pytest.raises(ns.CycleError):
        net.connect("H2", "O1")


def test_refusals_of_unrolling():
    net = example()
    for error, words, arguments in (
        (ns.ArgumentError, "steps", {"steps": 0}), (ns.ArgumentError, "steps", {"steps": 1.5}),
        (ns.ArgumentError, "outputs", {"steps": 2, "outputs": "first"}),
        (ns.ArgumentTypeError, "initial must be a mapping", {"steps": 2, "initial": 0.5}),
        (ns.ArgumentError, "I1 sends nothing with a delay", {"steps": 2, "initial": {"I1": 0.5}}),
        (ns.ArgumentError, "initial of 'H1'", {"steps": 2, "initial": {"H1": np.nan}}),
        (ns.UnknownNameError, "H7", {"steps": 2, "initial": {"H7": 0.5}}),
        (ns.ArgumentError, "fit no memory", {"steps": 10**12}),
    ):  # fmt: skip
        with pytest.raises(error, match=words):
            net.unroll(**arguments)
    with pytest.raises(ns.ArgumentError, match="fit no memory"):
        ns.Network.recurrent(1, 10**9, 1)
    with pytest.raises(ns.ArgumentError, match="delay of I1 -> O1"):
        net.connect("I1", "O1", delay=np.array([1, 2]))
    classes = ns.Network.recurrent(1, 2, 3, loss="softmax_cross_entropy")
    with pytest.raises(ns.ArgumentError, match="outputs='last'"):
        classes.unroll(3)
    assert len(classes.unroll(3, outputs="last").outputs) == 3


def test_names_read_well():
    net = example().unroll(4)
    assert [node.name for node in net.inputs] == ["I1[0]", "I1[1]", "I1[2]", "I1[3]"]
    assert [node.name for node in net.outputs] == ["O1[0]", "O1[1]", "O1[2]", "O1[3]"]
    assert [tie.name for tie in net.ties] == ["W1", "W2", "W4", "W3", "back"]
    assert [use.name for use in net["W3"].uses] == ["W3[1]", "W3[2]", "W3[3]"]
    assert not net["back"].trainable
    net.forward([1.0, 2.0, 3.0, 4.0]), net.backward(np.ones(4))
    assert "∂e/∂W3[3] = ∂e/∂OA1[3]·∂OA1[3]/∂O1[3]·∂O1[3]/∂HA1[3]" in net.derivation("W3[3]").text()
    assert r"\frac{\partial H_{1}[3]}{\partial W_{3}[3]}" in net.derivation("W3[3]").latex()
    assert net.paths("HA1[2]").count == 2
    with pytest.raises(ns.UnknownNameError, match=r"network\['H1\[2\]'\]\.activated, now"):
        net["HA1[2]"]
    # Names of a network that is itself unrolled, or of nodes that are called like copies.
    again = net.unroll(2)
    assert again.forward(np.ones(8)).tolist() == [*net.forward(np.ones(4))] * 2
    odd = ns.Network(seed=1)
    odd.add_input("A"), odd.add_input("A[0]"), odd.add_bias("A[1]"), odd.add_output("W1")
    odd.connect("A", "W1"), odd.connect("A[0]", "W1", delay=1, name="A[0][0]"), odd.connect("A[1]", "W1")
    twice = odd.unroll(3)
    assert len({element.name for element in (*twice.nodes, *twice.connections, *twice.ties)}) == 9 + 1 + 8 + 3
    assert twice.forward(np.ones(6)).shape == (3,)


def test_the_last_output_alone():
    net = ns.Network.recurrent(1, 2, 1, kind="jordan", seed=1)
    last = net.unroll(3, outputs="last")
    assert [node.name for node in last.outputs] == ["O1[2]"]
    assert last["O1[1]"].kind == "hidden"
    assert last.forward([1.0, 2.0, 3.0])[0] == net.unroll(3).forward([1.0, 2.0, 3.0])[2]
    assert [node.name for node in net.unroll(3, outputs="last").inputs] == ["I1[0]", "I1[1]", "I1[2]"]
    elman = ns.Network.recurrent(1, 2, 1, seed=1).unroll(3, outputs="last")
    assert "O1[0]" not in elman


def test_weights_are_brought_back():
    net = ns.Network.recurrent(1, 3, 1, seed=1)
    net.tie("W1", "W2", name="same")
    x = np.random.default_rng(1).integers(0, 2, (20, 5)).astype(float)
    y = np.cumsum(x, axis=1) % 2
    short = net.unroll(5)
    assert {use.name for use in short["same"].uses} == {f"W{k}[{t}]" for k in (1, 2) for t in range(5)}
    before = short.error(x, y)
    short.fit(x, y, epochs=30, optimizer="adam", learning_rate=0.05)
    assert short.error(x, y) < before
    net.take_weights(short)
    assert net.unroll(5).error(x, y) == short.error(x, y)
    assert net.unroll(9).forward(np.zeros(9))[:5].tolist() == short.forward(np.zeros(5)).tolist()
    with pytest.raises(ns.StructureError, match="not unrolled from this one"):
        net.take_weights(ns.Network.layered([2, 2, 1]))
    with pytest.raises(ns.ArgumentTypeError):
        net.take_weights("short")
    kept = net.weights
    short.untie("W10")
    short["W10[2]"].weight = 7.0
    with pytest.raises(ns.StructureError, match="W10 have different weights.*Nothing was set"):
        net.take_weights(short)
    assert (net.weights == kept).all()


def test_a_tied_weight_is_brought_back_also_if_not_all_its_uses_were_copied():
    net = ns.Network.recurrent(1, 1, 1, seed=1)
    back = next(c for c in net.connections if c.delay)
    tie = net.tie("W1", back)
    short = net.unroll(1, outputs="last")
    assert back.name + "[0]" not in short
    short["W1[0]"].weight = 0.25
    net.take_weights(short)
    assert tie.weight == net["W1"].weight == back.weight == 0.25
    long = net.unroll(3)
    long.untie(long.ties[0])
    long[f"{back.name}[2]"].weight = 7.0
    with pytest.raises(ns.StructureError, match=f"the copies of W1, {back.name} have different weights.*Nothing was"):
        net.take_weights(long)
    assert tie.weight == 0.25


def test_every_engine_trains_it_alike():
    x = np.random.default_rng(1).integers(0, 2, (8, 4)).astype(float)
    found = []
    for engine in ("nodes", "numpy", "compiled"):
        net = ns.Network.recurrent(1, 2, 1, kind="lstm", seed=3).unroll(4)
        net.engine = engine
        net.fit(x, np.cumsum(x, axis=1), epochs=5, learning_rate=0.1)
        found.append(net.weights)
        assert all(len({use.weight for use in tie.uses}) == 1 for tie in net.ties)
    assert np.allclose(found[0], found[1], rtol=1e-12)
    assert np.allclose(found[0], found[2], rtol=1e-12)


def test_delays_are_seen_in_the_picture():
    net = example()
    for labels in ("names", "weights", None):
        svg = net.draw(labels=labels).svg
        assert "arrives so many steps later" in svg
        assert svg.count('height="14" rx="2"') == 2
        assert "delay 2" in svg
    assert "steps later" not in net.unroll(3).draw().svg
    # Lines that lead both ways, and to a node itself, are lines of their own.
    for kind in ("elman", "jordan", "lstm", "gru"):
        net = ns.Network.recurrent(1, 2, 1, kind=kind, seed=0)
        lines = re.findall(r'<path d="([^"]+)"', net.draw(labels=None).svg)
        assert len(set(lines)) == len(lines) == len(net.connections)


def test_gradients_over_time(tmp_path):
    chain = ns.Network()
    chain.add_input(), chain.add_output(activation="linear"), chain.connect("I1", "O1", weight=1.0)
    chain.connect("O1", "O1", weight=0.5, delay=1)
    net = chain.unroll(30, outputs="last")
    with pytest.raises(ns.StateError):
        ns.gradients_over_time(net, "O1")
    net.forward(np.ones(30)), net.backward([0.0])
    found = ns.gradients_over_time({"chain": net}, "O1")
    assert np.allclose(found.sizes["chain"] / found.sizes["chain"][-1], 0.5 ** np.arange(29, -1, -1), rtol=1e-12)
    weights = ns.gradients_over_time({"chain": net}, {"chain": ["W2"]})
    assert np.isnan(weights.sizes["chain"][0])
    assert weights.sizes["chain"][7] == abs(net["W2[7]"].gradient)
    assert "∂e/∂W at" in weights.draw().svg
    picture = found.draw().svg
    heights = [float(pair.split(",")[1]) for pair in re.search(r'points="([^"]+)"', picture)[1].split()]
    assert len(heights) == 30
    steps = -np.diff(heights)
    assert steps.min() > 0
    assert steps.max() - steps.min() < 0.2
    assert str(found).splitlines()[0].split()[-1] == "29"
    for error, words, arguments in (
        (ns.UnknownNameError, "'H9' at any step", (net, "H9")), (ns.ArgumentError, "none", ({}, "O1")),
        (ns.ArgumentError, "says nothing of the network", ({"a": net}, {"b": "O1"})),
        (ns.ArgumentTypeError, "unrolled networks", ("net", "O1")), (ns.ArgumentError, "of must name", (net, [])),
        (ns.ArgumentTypeError, "called by strings", ({1: net}, "O1")),
        (ns.ArgumentError, "unroll", (ns.Network.layered([1, 1]), "O1")),
    ):  # fmt: skip
        with pytest.raises(error, match=words):
            ns.gradients_over_time(*arguments)


def test_sequences_with_an_axis_for_steps_are_refused_with_what_helps():
    net = ns.Network.recurrent(2, 1, 1, seed=0).unroll(3)
    x, y = np.zeros((4, 3, 2)), np.zeros((4, 3, 1))
    with pytest.raises(ns.DataError, match=r"x\.reshape\(len\(x\), -1\)"):
        net.fit(x, y, epochs=1)
    with pytest.raises(ns.DataError, match=r"y\.reshape\(len\(y\), -1\)"):
        net.fit(x.reshape(4, -1), y, epochs=1)
    with pytest.raises(ns.DataError) as caught:
        net.forward(x[:, :2])
    assert "reshape" not in str(caught.value)

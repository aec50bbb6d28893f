"""What is pruned goes for its reason, and e changes as was said: beside torch, least squares and brute force."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
import torch
from helpers import digest, iris, random_network, random_samples

import nodesim as ns
from nodesim.notation.symbols import number

WAYS = ("magnitude", "paths", "synflow", "obs", "dead")


def judged(seed, **options):
    net, rng = random_network(seed, **options)
    x, y = random_samples(net, rng, 5)
    net.forward(x)
    net.backward(y)
    return net, x, y


def by_hand(net, pruning, x):
    """Return the outputs with the weights that were chosen at 0, and the others corrected: nothing is taken out."""
    twin = net.copy()
    for name, by in pruning.corrections.items():
        twin[name].weight += by
    for removal in pruning:
        if removal.rank is not None:
            twin[removal.name].weight = 0.0
    return twin.forward(x), twin


def torch_flow(net):
    weights = {c: torch.tensor(abs(c.weight), dtype=torch.float64, requires_grad=True) for c in net.connections}
    sent = {}
    for node in nx.topological_sort(net.graph):
        begin = {"input": 1.0, "bias": abs(getattr(node, "_constant", 0.0))}.get(node.kind, 0.0)
        terms = [weights[c] * sent[c.source] for c in node.incoming]
        sent[node] = sum(terms, torch.tensor(begin, dtype=torch.float64))
    flow = sum(sent[node] for node in net.outputs)
    if flow.requires_grad:
        flow.backward()
    return {c: 0.0 if w.grad is None else float((w.grad * w).detach()) for c, w in weights.items()}


@pytest.mark.parametrize("seed", range(40))
def test_flow_is_that_of_torch_and_conserved(seed):
    net, _, _ = judged(seed)
    scores = net.prune("synflow", 1.0, dry_run=True).scores if net.connections else {}
    expected = torch_flow(net)
    for connection in net.connections:
        assert scores[connection.name] == pytest.approx(expected[connection], rel=1e-12, abs=0)
    for node in net.hidden:
        into, out = (sum(scores[c.name] for c in each) for each in (node.incoming, node.outgoing))
        if any(nx.has_path(net.graph, node, output) for output in net.outputs) and node.incoming:
            assert into == pytest.approx(out if out else 0.0, rel=1e-12, abs=0)


def test_flow_cuts_through_no_layer_before_it_must():
    net = ns.Network.layered([4, *[8] * 6, 2], hidden="relu", bias=False, seed=0)
    for connection in net.layers[1].nodes[0].incoming:
        connection.weight *= 1e-6
    for node in net.layers[4].nodes:
        for connection in node.incoming:
            connection.weight *= 1e-3
    keep = 20 / len(net.connections)
    before = digest(net)
    with pytest.raises(ns.StructureError, match="nothing would lead to output"):
        net.copy().prune("magnitude", keep)
    assert digest(net) == before
    net.prune("synflow", keep)
    assert any(nx.has_path(net.graph, i, o) for i in net.inputs for o in net.outputs)
    assert len(net.connections) <= 20


@pytest.mark.parametrize("by", WAYS)
def test_the_proof_is_what_happens(by):
    tried = 0
    for seed in range(40):
        net, x, y = judged(seed, max_hidden=5)
        before, error = digest(net), net.simulator.structure.store.run.error
        try:
            planned = net.prune(by, 0.6, dry_run=True)
        except ns.StructureError:
            assert digest(net) == before
            continue
        assert digest(net) == before
        outputs, twin = by_hand(net, planned, x)
        old, whole = net.forward(x), net.copy()
        net.backward(y)
        made = net.prune(by, 0.6)
        tried += bool(made.names)
        assert made.names == planned.names
        # What fell away with nodes is not missed: zeros alone do the same.
        scale = 1 + np.abs(outputs).max()
        np.testing.assert_allclose(net.forward(x), outputs, rtol=0, atol=1e-12 * scale)
        proof = made.proof
        assert proof.before == pytest.approx(error, rel=1e-12)
        assert proof.after == pytest.approx(twin.error(x, y), rel=1e-12, abs=1e-12)
        assert proof.outputs == pytest.approx(np.abs(outputs - old).max(), rel=1e-9, abs=1e-12)
        gone = {c.name for c in whole.connections} - {c.name for c in net.connections}
        assert gone == set(made.names)
        assert len(gone) == len(made.names)
        assert made.left == len(net.connections)
        assert {node.name for node in made.nodes} == {n.name for n in whole.nodes} - {n.name for n in net.nodes}
        for removal in made:
            assert removal.why
            assert (removal.rank is None) == (removal.with_node is not None)
            assert removal.with_node is None or removal.with_node in removal.why
            assert removal.weight == whole[removal.name].weight
            assert removal.threshold is None or removal.score <= removal.threshold
            assert whole[removal.name].trainable or removal.with_node
    assert tried > 15


def test_paths_are_listed_and_what_they_say_of_e_is_its_slope():
    for seed in range(12):
        net, x, y = judged(seed, max_hidden=4, activations=["tanh", "sigmoid", "linear"])
        pruning = net.prune("paths", 0.9, dry_run=True)
        expected = dict.fromkeys(pruning.scores, 0.0)
        twin = net.copy()
        for one, wanted in zip(x, y):
            twin.forward(one)
            twin.backward(wanted)
            for connection in twin.connections:
                products = sum(abs(path.product) for path in twin.paths(connection))
                expected[connection.name] += abs(connection.weight) * products / len(x)
        assert pruning.scores == pytest.approx(expected, rel=1e-12, abs=1e-300)
        # Shrunk by a small part, what goes changes e by that part of what was predicted.
        part, error = 1e-6, net.error(x, y)
        high, low = net.copy(), net.copy()
        for removal in pruning:
            if removal.rank is not None:
                high[removal.name].weight *= 1 + part
                low[removal.name].weight *= 1 - part
        slope = (low.error(x, y) - high.error(x, y)) / (2 * part)
        assert slope == pytest.approx(pruning.proof.predicted, rel=1e-6, abs=1e-8 * (1 + error))


@pytest.mark.parametrize("seed", range(5))
def test_surgery_on_a_quadratic_is_least_squares(seed):
    rng = np.random.default_rng(seed)
    x, y = rng.standard_normal((40, 6)), rng.standard_normal((40, 1))
    net = ns.Network.layered([6, 1], seed=0)
    design = np.column_stack([x, np.ones(len(x))])

    def refit(columns):
        found, *_ = np.linalg.lstsq(design[:, columns], y[:, 0], rcond=None)
        return found, float(((design[:, columns] @ found - y[:, 0]) ** 2).mean())

    net.weights, least = refit(range(7))
    pruning = net.prune("obs", 0.5, x=x, y=y)
    assert not any("diagonal" in note for note in pruning.notes)
    columns, names, error = list(range(7)), [], least
    for removal in pruning:
        cost = {c: refit([d for d in columns if d != c])[1] - error for c in columns if c != 6}
        if not names:
            for column, expected in cost.items():
                assert pruning.scores[f"W{column + 1}"] == pytest.approx(expected, rel=1e-10, abs=1e-12)
        best = min(cost, key=cost.get)
        assert removal.name == f"W{best + 1}"
        assert removal.score == pytest.approx(cost[best], rel=1e-10, abs=1e-12)
        columns.remove(best)
        names.append(removal.name)
        error += cost[best]
    assert len(names) == 3
    assert pruning.proof.predicted == pytest.approx(pruning.proof.change, rel=1e-11, abs=1e-13)
    np.testing.assert_allclose(net.weights, refit(columns)[0], atol=1e-11)


def test_surgery_makes_up_for_what_goes():
    x, y = iris()
    net = ns.Network.layered([4, 4, 3], hidden="tanh", loss="softmax_cross_entropy", seed=1)
    net.fit(x, y, epochs=100, learning_rate=0.02, optimizer="adam")
    rises = {by: net.prune(by, 0.6, dry_run=True, x=x, y=y).proof.change for by in ("obs", "magnitude", "synflow")}
    assert rises["obs"] < 0.5 * min(rises["magnitude"], rises["synflow"])


def gradients_by_sample(net, x, y):
    found = []
    for one, wanted in zip(x, y):
        net.forward(one)
        net.backward(wanted)
        found.append(net.gradients)
    return np.array(found)


def test_dead_is_dead_in_every_sample_and_not_missed():
    went = stayed = 0
    for seed in range(120):
        net, x, y = judged(seed, activations=["relu", "relu", "hard_sigmoid"])
        x[:, 0] = 0.0
        net.forward(x)
        net.backward(y)
        pruning = net.prune("dead", dry_run=True)
        zero = (gradients_by_sample(net.copy(), x, y) == 0).all(axis=0)
        before = net.forward(x)
        sends = {node: np.abs(np.atleast_1d(node.activated)).max() for node in net.nodes}
        nothing = {c.name for c in net.connections if c.weight == 0 or sends[c.source] == 0}
        names = {removal.name for removal in pruning if removal.rank is not None}
        for connection, dead in zip(net.connections, zero):
            free = connection.trainable and connection.source.kind != "bias"
            assert connection.name not in names or (dead and free)
            # Of those without a gradient, what adds nothing goes for certain, but for the last one into an output.
            others = {c.name for c in connection.target.incoming} - {connection.name}
            spared = connection.target.kind == "output" and others <= names
            if dead and free and connection.name in nothing and not spared:
                assert connection.name in names
            stayed += bool(dead and free and connection.name not in names)
        went += len(names)
        np.testing.assert_allclose(by_hand(net, pruning, x)[0], before, rtol=0, atol=1e-13)
        assert pruning.proof.predicted == 0
        assert pruning.proof.outputs < 1e-13
    assert went > 100
    assert stayed > 10


def test_a_constant_stays_and_is_told():
    net = ns.Network.layered([2, 2, 1], seed=0)
    net["W1"].weight = net["W3"].weight = 1e-3
    pruning = net.prune("magnitude", 4 / 6)
    assert pruning.names == ["W1", "W3"]
    assert "H1" in net
    assert any(note.startswith("H1 stays") and "constant" in note for note in pruning.notes)
    assert pruning.proof is None
    # Without its bias a relu sends 0, and nobody misses it.
    net = ns.Network.layered([2, 2, 1], hidden="relu", bias=False, seed=0)
    net["W1"].weight = net["W3"].weight = 1e-3
    pruning = net.prune("magnitude", 4 / 6)
    assert pruning.names == ["W1", "W3", "W5"]
    assert pruning["W5"].with_node == "H1"
    assert [node.name for node in pruning.nodes] == ["H1"]


def test_tied_weights_go_with_all_uses_and_joins_stay():
    net = ns.Network.layered([2, 3, 1], seed=0)
    net.tie("W1", "W5", name="Wr").weight = 1e-9
    net["W2"].trainable = False
    x, y = [[0.5, 1.0], [1.0, -1.0]], [1.0, 0.0]
    for by in ("magnitude", "paths", "synflow", "obs"):
        twin = net.copy()
        pruning = twin.prune(by, 0.9, x=x, y=y)
        assert pruning.names[:2] == ["W1", "W5"]
        assert pruning[0].rank == pruning[1].rank == 1
        assert pruning.candidates == 7
        assert f"{pruning[-1].rank} of 7 weights ({len(pruning)} connections) went" in repr(pruning)
        assert any("frozen" in note for note in pruning.notes)
    net = ns.Network.layered([2, 2, 1], seed=0)
    net["H1"].aggregation = "product"
    pruning = net.prune("paths", 0.0 + 0.3, x=x, y=y)
    assert not {"W1", "W3"} & set(pruning.names)
    assert any("no sums" in note for note in pruning.notes)
    with pytest.raises(ns.StructureError, match="H1"):
        net.prune("synflow", x=x, y=y)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"by": "size"}, ns.ArgumentError, "magnitude"),
        ({"keep": 1.5}, ns.ArgumentError, "from 0 to 1"),
        ({"keep": "x"}, ns.ArgumentError, "keep"),
        ({"keep": 0}, ns.StructureError, "nothing would lead to output"),
        ({"by": "paths"}, ns.StateError, "needs samples"),
        ({"y": [1.0]}, ns.ArgumentError, "without x"),
        ({"x": [1.0], "y": [1.0]}, ns.DataError, "must have shape"),
    ],
)
def test_what_is_refused_leaves_no_trace(arguments, error, words):
    net = ns.Network.layered([2, 2, 1], bias=False, seed=0)
    before = digest(net)
    with pytest.raises(error, match=words):
        net.prune(**arguments)
    assert digest(net) == before


def test_large_networks_are_refused_by_surgery_and_shown_in_part():
    net = ns.Network.layered([20, 30, 1], seed=0)
    x, y = np.ones((2, 20)), np.ones(2)
    with pytest.raises(ns.ArgumentError, match="400"):
        net.prune("obs", x=x, y=y)
    pruning = net.prune("paths", 0.5, x=x, y=y)
    assert "more weights" in str(pruning)
    assert str(pruning).startswith("315 of 630 weights went by paths")
    assert "315 of 630" in pruning._repr_html_()
    assert len(pruning.to_pandas()) == len(pruning)
    assert pruning[pruning[0].connection] is pruning[0] is pruning[pruning.names[0]]
    with pytest.raises(ns.UnknownNameError):
        pruning["W0"]


def test_surgery_says_where_its_scores_are_worthless():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(30, 2))
    y = (x[:, :1] * x[:, 1:] > 0) * 1.0
    net = ns.Network.layered([2, 4, 1], hidden="tanh", seed=3)
    net.forward(x), net.backward(y)
    lowest = np.linalg.eigvalsh(np.asarray(net.hessian()))[0]
    assert lowest < 0
    pruning = net.prune("obs", 0.9, dry_run=True, x=x, y=y)
    (warning,) = pruning.warnings
    assert f"the lowest eigenvalue of its Hessian is {number(lowest, 3)}" in warning
    assert "Scores hold near a minimum only" in warning
    assert warning in repr(pruning)
    assert warning in str(pruning).replace("\n  ", " ")
    assert "e bends downwards here" in pruning[0].why
    assert not any("diagonal" in note for note in pruning.notes)
    # A quadratic away from its minimum bends upwards, and slopes.
    net = ns.Network.layered([3, 1], seed=0)
    x = rng.normal(size=(20, 3))
    (warning,) = net.prune("obs", 0.5, dry_run=True, x=x, y=100 + x[:, :1]).warnings
    assert "its slope alone" in warning


def test_the_costs_of_surgery_do_not_contradict_one_another():
    x, y = iris()
    net = ns.Network.layered([4, 4, 3], hidden="tanh", loss="softmax_cross_entropy", seed=1)
    net.fit(x, y, epochs=30, learning_rate=0.02, optimizer="adam")
    pruning = net.prune("obs", 0.6, dry_run=True, x=x, y=y)
    for place, removal in enumerate(pruning[:8]):
        assert f"the least of {pruning.candidates - place} then; before it went, the next cost " in removal.why
        assert removal.score <= removal.threshold


def test_sentences_of_surgery_are_no_wider_than_one_reads():
    net = ns.Network.layered([2, 2, 1], seed=0)
    _, _ = net.forward([0.5, 1.0]), net.backward([1.0])
    pruning = net.prune("obs", 0.3, dry_run=True)
    said = [str(pruning).split("\n\n")[0], *map(str, pruning), str(net.grow("connect"))]
    assert max(len(line) for text in said for line in text.splitlines()) <= 110

"""`with net.trial():` whatever is done to a network in it, it is as if nothing had been done."""

from __future__ import annotations

import contextlib
import copy
import itertools
import pickle
import random

import networkx as nx
import numpy as np
import pytest
from helpers import SEEDS, article_network, digest, examples, random_network, random_samples
from hypothesis import given

import nodesim as ns
from nodesim.formats import json_files

XOR = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0.0, 1.0, 1.0, 0.0]
TRIED = ["linear", "tanh", "relu", "sigmoid", "softplus"]


def network(seed):
    """Return a network of one of several makes, perhaps with gaps, run, updated or neither, the same for each seed."""
    pick = random.Random(seed)
    make = pick.choice(["random", "layered", "graph"])
    if make == "random":
        net, _ = random_network(seed, activations=TRIED, loss=pick.choice(["mse", "softmax_cross_entropy"]))
    elif make == "layered":
        net = ns.Network.layered([2, *pick.choices(range(1, 5), k=2), 2], pick.choice(TRIED), seed=seed)
    else:
        graph = nx.gnp_random_graph(9, 0.5, seed=seed, directed=True)
        edges = [(f"N{a}", f"N{b}") for a, b in graph.edges if a < b] + [("N0", "N8")]
        net = ns.Network.from_networkx(nx.DiGraph(edges), hidden="tanh", seed=seed)
    if pick.random() < 0.4:
        do(net, pick, 4)
    run(net, seed, pick.choice(["nothing", "forward", "backward", "update", "old run"]))
    return net


def run(net, seed, what):
    """Run a network in some way, if it can be."""
    rng = np.random.default_rng(seed)
    with contextlib.suppress(ns.NodesimError):
        x, y = random_samples(net, rng, 1 + seed % 3)
        if what in ("forward", "backward", "update", "old run"):
            net.forward(x[0] if seed % 2 else x)
        if what in ("backward", "update", "old run"):
            net.backward(y[0] if seed % 2 else y)
        if what == "update":
            net.update(0.1, "adam")
        if what == "old run":
            net.connections[0].weight = 0.5


def _set(net, pick):
    node, connection = pick.choice(net.nodes), pick.choice(net.connections)
    if isinstance(node, ns.Bias):
        node.value = pick.choice([0.5, 1.0])
    else:
        node.activation = pick.choice(TRIED)
    connection.weight, connection.trainable = pick.random(), pick.random() < 0.5
    net.loss = pick.choice(["mse", "mae"])
    net.threads = pick.choice([1, 2])
    net.engine = pick.choice(["nodes", "numpy"])


def _connect(net, pick):
    net.connect(
        pick.choice(net.nodes),
        pick.choice(net.nodes),
        pick.choice([None, 0.5]),
        name=pick.choice([None, None, f"own{pick.random()}"]),
    )


def _add(net, pick):
    added = pick.choice([net.add_hidden, net.add_input, net.add_output, net.add_bias])
    node = added(pick.choice([None, None, f"W{pick.randrange(50)}", f"new{pick.random()}"]))
    if not isinstance(node, ns.Bias) and node.kind != "input":
        net.connect(pick.choice(net.nodes), node)
    if node.kind != "output":
        net.connect(node, pick.choice([*net.hidden, *net.outputs]))


def _set_arrays(net, pick):
    net.weights = net.weights * 0.5
    net.gradients = net.gradients * 2.0


def _fit(net, pick):
    x, y = random_samples(net, np.random.default_rng(pick.randrange(100)), 4)
    net.fit(x, y, epochs=2, batch_size=2, learning_rate=0.01, optimizer=pick.choice(["sgd", "adam"]))


def _look(net, pick):
    _ = net.layers, net.graph, net.path_counts() if net.outputs else None
    net.paths(pick.choice(net.connections)).top(2)


def _run(net, pick):
    run(net, pick.randrange(100), pick.choice(["forward", "backward", "update"]))


def _split_again(net, pick):
    net.disconnect(net.split(pick.choice(net.connections)).incoming[0])


def _renumber(net, pick):
    connection = pick.choice(net.connections)
    source, target = connection.source, connection.target
    net.disconnect(connection)
    net.connect(source, target)


DOINGS = [
    _set, _set, _connect, _connect, _connect, _add, _add, _set_arrays, _fit, _look, _run, _run, _split_again, _renumber,
    lambda net, pick: net.remove(pick.choice(net.nodes)),
    lambda net, pick: net.disconnect(pick.choice(net.connections)),
    lambda net, pick: net.split(pick.choice(net.connections)),
    lambda net, pick: net.initialize(pick.choice([None, "he_normal"])),
    lambda net, pick: net.structure.generator.random(3),
    lambda net, pick: net.forward(np.zeros(len(net.inputs))),
]  # fmt: skip


def do(net, pick, count):
    """Do so many things to a network, some of which are refused."""
    for _ in range(count):
        with contextlib.suppress(ns.NodesimError, IndexError):
            pick.choice(DOINGS)(net, pick)


def everything(net):
    """Return what can be told of a network from outside, names that come next and orders in networkx among it."""
    graph, run = net.graph, net.store.run
    return {
        "digest": digest(net),
        "file": json_files.dumps(net.simulator),
        "nodes": list(graph),
        "edges": [(u, v, data["connection"]) for u, v, data in graph.edges(data=True)],
        "entering": [(node, list(graph.pred[node])) for node in graph],
        "attributes": [dict(graph.nodes[node]) for node in graph],
        "names": [net.structure.names.check(None, kind) for kind in ("input", "hidden", "output", "bias", "connection")],
        "graph": str([(*edge, list(graph.pred[edge[1]]), dict(graph.nodes[edge[0]])) for edge in graph.edges]),
        "number": net.structure.links.free_number(),
        "current": run is not None and run.version == net.store.version,
        "elements": (net.nodes, net.connections, [node.incoming for node in net.nodes], [n.outgoing for n in net.nodes]),
        "layers": net.layers,
        "rows": [node.row for node in net.nodes],
        "version": net.store.structure_version,
        "habits": net.simulator.habits,
    }  # fmt: skip


def by_name(found):
    """Return what is comparable between two networks."""
    return {what: found[what] for what in ("digest", "file", "graph", "names", "number", "current", "rows", "habits")}


def assert_same(found, before):
    assert [what for what in before if found[what] != before[what]] == []


@given(SEEDS)
@examples(40)
def test_whatever_is_done_in_a_trial_is_undone(seed):
    pick, net, twin = random.Random(seed), network(seed), network(seed)
    before, graph, layers = everything(net), net.graph, net.layers
    live = list(graph.edges)
    made = []
    with net.trial() as given_network:
        assert given_network is net
        for _ in range(pick.randrange(1, 4)):
            do(net, pick, pick.choice([1, 3, 8]))
            made += [*net.nodes, *net.connections]
            if pick.random() < 0.3:
                between = everything(net)
                with contextlib.suppress(ZeroDivisionError), net.trial():
                    do(net, pick, 5)
                    made += [*net.nodes, *net.connections]
                    raise ZeroDivisionError
                assert_same(everything(net), between)
    assert_same(everything(net), before)
    assert list(graph.edges) == live
    assert all(a is b for a, b in zip(net.layers, layers, strict=True))
    old = set(net.nodes) | set(net.connections)
    for element in set(made) - old:
        with pytest.raises(ns.StaleElementError):
            _ = element.network
    assert all(element.network is net and net[element.name] is element for element in old)
    assert_same(by_name(everything(net)), by_name(everything(twin)))
    # And whatever is done from here on comes out as if there had been no trial.
    for each in (net, twin):
        do(each, random.Random(seed + 1), 6)
        run(each, seed, "update")
    assert_same(by_name(everything(net)), by_name(everything(twin)))


@given(SEEDS)
@examples(40)
def test_what_nobody_has_looked_at_is_not_lost_either(seed):
    """As above, where the objects of a network are made in the trial or later."""
    pick, net, twin = random.Random(seed), network(seed), network(seed)
    name = pick.choice(list(twin.connections)).name if twin.connections else "W1"
    held = net[name] if seed % 2 and name in net else None
    with net.trial():
        if seed % 3 and name in net:
            net.disconnect(name)
        do(net, pick, pick.choice([1, 4]))
    assert held is None or (net[name] is held and held.network is net)
    assert_same(by_name(everything(net)), by_name(everything(twin)))


@pytest.mark.parametrize("seed", range(6))
def test_runs_and_trainings_go_on_bit_by_bit(engine, seed):
    net, rng = random_network(seed, activations=TRIED)
    x, y = random_samples(net, rng, 5)
    net.engine = engine
    twin = net.copy()
    for each in (net, twin):
        each.fit(x, y, epochs=3, learning_rate=0.05)
        each.forward(x)
        each.backward(y)
        each.update(0.05, "adam")
        each.forward(x)
        each.backward(y)
    shown = digest(net)
    with net.trial():
        net.remove(net.inputs[0])
        net.split(net.connections[-1], activation="tanh")
        net.fit(x[:, 1:] if len(net.inputs) else x, y, epochs=3, learning_rate=0.05) if net.inputs else None
        for node in net.outputs:
            node.activation = "sine"
    assert digest(net) == shown == digest(twin)
    for each in (net, twin):
        # The run of before the trial is still to be built upon.
        each.update(0.05, "adam")
    assert (net.weights == twin.weights).all()
    assert (net.forward(x) == twin.forward(x)).all()
    assert net.backward(y) == twin.backward(y)
    assert (net.gradients == twin.gradients).all()
    assert net.fit(x, y, epochs=4, batch_size=2).errors == twin.fit(x, y, epochs=4, batch_size=2).errors
    assert digest(net) == digest(twin)


def test_what_was_held_before_is_valid_again_and_what_was_made_meanwhile_is_not():
    net = article_network(2)
    W1, H1, O1, paths = net["W1"], net["H1"], net["O1"], net.paths("W1")
    weight, gradient, value, product = W1.weight, W1.gradient, H1.value, paths.top(1)[0].product
    with net.trial():
        gone = net.remove("H1")
        assert W1 in gone
        with pytest.raises(ns.StaleElementError):
            _ = W1.weight
        with pytest.raises(ns.StaleElementError):
            _ = H1.value
        again = net.add_hidden("H1")
        taken = net.connect("I1", again, 9.0)
        assert taken.name == "W1"
        O1.activation = "tanh"
    assert net["W1"] is W1
    assert net["H1"] is H1
    assert (W1.weight, W1.gradient, H1.value) == (weight, gradient, value)
    assert net.graph.edges[net["I1"], H1]["connection"] is W1
    assert str(O1.activation) == "linear"
    assert net.paths("W1").top(1)[0].product == product == paths.top(1)[0].product
    for stale in (again, taken):
        assert "removed" in repr(stale)
        with pytest.raises(ns.StaleElementError, match="was removed"):
            _ = stale.network
        assert stale not in net


def test_a_function_that_was_exchanged_and_put_back_before_the_end_leaves_nothing():
    """What engines cut of the other function in the middle, before another edit, is not used again."""
    for name in ("nodes", "numpy", "compiled"):
        net = ns.Network.layered([2, 3, 1], seed=0)
        net.engine = name
        before = net.predict(XOR[0])
        with net.trial():
            net["H1"].activation = "linear"
            net["B1"].value = 3.0
            assert (net.predict(XOR[0]) != before).any()
            net.disconnect("W1")
            net["H1"].activation = "sigmoid"
            net["B1"].value = 1.0
        assert (net.predict(XOR[0]) == before).all()


def test_single_samples_go_on_where_they_were(engine):
    """By the quickest way that there is to run one; a run of before is built upon, one of meanwhile is not."""
    net = ns.Network.layered([2, 3, 1], seed=0)
    net.engine = engine
    twin = net.copy()
    for step in range(4):
        for each in (net, twin):
            each.forward(XOR[0][step])
            each.backward([XOR[1][step]])
        with net.trial():
            net.update(0.5)
            net.forward([3.0, 3.0])
            if step % 2:
                net.disconnect("W1")
                net.forward([3.0, 3.0])
                net.backward([0.0])
        for each in (net, twin):
            each.update(0.5)
        assert digest(net) == digest(twin)
    with net.trial():
        net.forward([1.0, 1.0])
        net.backward([0.0])
    with pytest.raises(ns.StateError):
        net.update(0.5)


@pytest.mark.parametrize("raised", [KeyboardInterrupt, SystemExit, ns.DataError, GeneratorExit])
def test_what_a_block_raises_comes_out_as_it_is(raised):
    net = article_network(1)
    before, error = digest(net), raised("mine")

    def fail():
        net.remove("H2")
        raise error

    with pytest.raises(raised) as caught, net.trial():
        fail()
    assert caught.value is error
    assert digest(net) == before


def test_trials_stand_in_one_another_and_the_inner_one_is_undone_first():
    net = article_network(1)
    before = digest(net)
    with net.trial():
        net.remove("H1")
        net["W9"].weight = 3.0
        outer = digest(net)
        with net.trial():
            net.add_hidden("H1")
            net.connect("I2", "H1", 1.5)
            net.connect("H1", "O1", 2.5)
            net["W9"].weight = 4.0
        assert digest(net) == outer
        with net.trial():
            pass
        assert digest(net) == outer
    assert digest(net) == before


def test_an_outer_trial_that_ends_first_ends_those_inside():
    net = article_network(1)
    before, outer, inner = digest(net), net.trial(), net.trial()
    outer.__enter__()
    net.disconnect("W1")
    inner.__enter__()
    net.disconnect("W2")
    W3 = net.disconnect("W3")
    outer.__exit__(None, None, None)
    assert digest(net) == before
    net["W1"].weight = 7.0
    after = digest(net)
    inner.__exit__(None, None, None)
    assert digest(net) == after
    assert net["W3"] is W3


def test_a_trial_has_one_block():
    net = article_network(1)
    trial = net.trial()
    assert repr(trial) == "<trial of <Network 2-2-2: 8 nodes, 12 connections, loss mse>: not begun>"
    with pytest.raises(ns.StateError, match="has not begun"):
        trial.__exit__(None, None, None)
    with trial:
        assert "under way" in repr(trial)
        with pytest.raises(ns.StateError, match="begun once, and this one is under way"):
            trial.__enter__()
        net.remove("H1")
    assert "over" in repr(trial)
    before = digest(net)
    with pytest.raises(ns.StateError, match="this one is over: call network.trial"), trial:
        pytest.fail("it has begun")
    assert digest(net) == before


def test_no_trial_begins_or_ends_while_the_network_is_trained():
    net = ns.Network.layered([2, 3, 1], seed=0)
    tried, before = [], digest(net)

    def attempt(epoch):
        with pytest.raises(ns.StructureError, match="while it is being trained"), net.trial():
            tried.append("begun")
        with pytest.raises(ns.StructureError, match="while it is being trained"):
            around.__exit__(None, None, None)

    around = net.trial()
    with around:
        net.fit(*XOR, epochs=3, learning_rate=0.1, callbacks=attempt)
        assert digest(net) != before
    assert not tried
    assert digest(net) == before


def test_recordings_know_their_structure_again_and_no_version_is_given_twice():
    net = ns.Network.layered([2, 3, 1], seed=0)
    recording, traced = ns.Recording(net), ns.PathRecording(net, "W1", *XOR)
    seen = {net.store.structure_version}
    with net.trial():
        net.disconnect("W1")
        inside = ns.Recording(net)
        assert not recording.current
        seen.add(net.store.structure_version)
    assert recording.current
    assert not inside.current
    net.fit(*XOR, epochs=2, learning_rate=0.1, callbacks=[recording, traced])
    assert [moment.epoch for moment in recording] == [0, 1, 2]
    for make in (copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))):
        twin, its, other = make((net, recording, inside))
        assert its.current
        for _ in range(4):
            twin.disconnect(twin.connections[-1])
            assert twin.store.structure_version not in seen
            assert not other.current
            assert not its.current
    net.disconnect("W2")
    assert net.store.structure_version not in seen
    assert not inside.current


def test_a_copy_made_in_a_trial_stays_what_it_is():
    net = ns.Network.layered([2, 3, 1], seed=0)
    with net.trial():
        net.remove("H2")
        copied, kept = net.copy(), digest(net)
    assert digest(copied) == kept
    copied.remove("H1")
    assert len(net.hidden) == 3


def test_objects_are_made_only_where_something_is_connected_or_removed():
    net = ns.Network.layered([30, 40, 30], seed=0)
    W5, links = net["W5"], net.structure.links
    with net.trial():
        net.fit(np.zeros((2, 30)), np.zeros((2, 30)), epochs=2)
        net.add_hidden()
        net["H1"].activation = "tanh"
    assert links._objects is None
    with net.trial():
        net.disconnect("W5")
    assert net["W5"] is W5
    assert [connection.name for connection in net.connections] == [f"W{i + 1}" for i in range(len(net.connections))]
    assert all(connection.network is net for connection in net.connections)


def test_a_trial_that_is_interrupted_where_it_is_undone_is_undone_all_the_same(monkeypatch):
    """Wherever Ctrl-C comes in, once, among the calls that put things back, or in the middle of an edit."""
    from nodesim.graph import kept_structure, links, namespace, store, structure, topological_order
    from nodesim.simulation import snapshot

    places = [
        (kept_structure, "_refill"), (kept_structure, "fasten"), (kept_structure, "release"), (kept_structure, "renumber"),
        (links.Links, "restore"), (namespace.Namespace, "restore"), (topological_order.TopologicalOrder, "restore"),
        (store.Store, "lay_out"), (kept_structure.KeptStructure, "_touch"), (snapshot.Snapshot, "restore"), (snapshot._Settings, "restore"),
        (store.Store, "occupy"), (links.Links, "add"), (links.Links, "discard"), (structure, "release"),
        (structure, "fasten"), (store.Store, "vacate"), (topological_order.TopologicalOrder, "append"),
    ]  # fmt: skip
    for (owner, name), after, when in itertools.product(places, (False, True), (1, 2)):
        net, whole, calls = article_network(2), getattr(owner, name), itertools.count(1)
        before, elements = digest(net), (net.nodes, net.connections, list(net.graph.edges))

        def interrupted(*arguments, whole=whole, calls=calls, when=when, after=after):
            number = next(calls)
            if number == when and not after:
                raise KeyboardInterrupt
            answer = whole(*arguments)
            if number == when and after:
                raise KeyboardInterrupt
            return answer

        monkeypatch.setattr(owner, name, interrupted)
        with contextlib.suppress(KeyboardInterrupt), net.trial():
            net.remove("H1")
            net.connect("I1", net.add_hidden("H1"), 1.0)
            net.split("W1", activation="tanh")
            net["O1"].activation = "sigmoid"
        monkeypatch.undo()
        # Some are called once only.
        assert next(calls) > when or when == 2
        assert digest(net) == before, (owner, name, after, when)
        assert (net.nodes, net.connections, list(net.graph.edges)) == elements
        assert all(
            net[element.name] is element and element.network is net for element in (*net.nodes, *net.connections)
        )

"""Assembly: what can be built, looked up, edited, copied; what is refused, and that refusal leaves no trace."""

from __future__ import annotations

import copy
import gc
import itertools

import networkx as nx
import numpy as np
import pytest
from helpers import article_network, digest, examples, random_network
from hypothesis import example, given
from hypothesis import strategies as st

import nodesim as ns

ARTICLE_WEIGHTS = {
    "W1": "I1 H1", "W2": "I1 H2", "W3": "I2 H1", "W4": "I2 H2", "W5": "B1 H1", "W6": "B1 H2",
    "W7": "H1 O1", "W8": "H1 O2", "W9": "H2 O1", "W10": "H2 O2", "W11": "B2 O1", "W12": "B2 O2",
}  # fmt: skip


def test_layered_numbers_as_the_article():
    net = ns.Network.layered([2, 2, 2], seed=0)
    assert {c.name: f"{c.source} {c.target}" for c in net.connections} == ARTICLE_WEIGHTS
    assert [node.name for node in net.nodes] == ["I1", "I2", "B1", "H1", "H2", "B2", "O1", "O2"]
    deep = ns.Network.layered([2, 2, 2, 2, 2], seed=0)
    firsts = {name: (deep[name].source.name, deep[name].target.name) for name in ("W1", "W7", "W13", "W19")}
    assert firsts == {"W1": ("I1", "H1"), "W7": ("H1", "H3"), "W13": ("H3", "H5"), "W19": ("H5", "O1")}


def test_node_by_node_equals_layered():
    net = ns.Network(loss="mse", seed=7)
    for name in ("I1", "I2"):
        net.add_input(name)
    B1 = net.add_bias("B1")
    for name in ("H1", "H2"):
        net.add_hidden(name, activation="sigmoid")
    net.add_bias("B2")
    for name in ("O1", "O2"):
        net.add_output(name)
    for source, target in (ends.split() for ends in ARTICLE_WEIGHTS.values()):
        net.connect(net[source] if source != "B1" else B1, target)
    assert (net.weights == ns.Network.layered([2, 2, 2], seed=7).weights).all()


def test_weights_are_drawn_in_connection_order_from_the_seed():
    expected = np.random.default_rng(5).standard_normal(12)
    assert (ns.Network.layered([2, 2, 2], seed=5).weights == expected).all()
    # A given weight draws nothing.
    net = ns.Network(seed=5)
    net.add_input(), net.add_hidden(), net.add_hidden(), net.add_output()
    net.connect("I1", "H1", weight=3.0), net.connect("I1", "H2")
    assert net["W2"].weight == expected[0]
    generator = np.random.default_rng(5)
    assert ns.Network.layered([1, 1, 1], seed=generator)["W1"].weight == expected[0]


@given(st.permutations(range(1, 9)), st.integers(1, 8))
def test_the_lowest_free_number_comes_next(order, count):
    """Whatever was removed, and in which order: names and numbers are given again from the lowest on."""
    net = ns.Network.layered([2, 4], bias=False, seed=0)
    removed = order[:count]
    gone = [net.remove(f"W{number}")[0] for number in removed]
    assert all(f"W{number}" not in net for number in removed)
    again = [net.connect(connection.source, connection.target) for connection in gone]
    assert [connection.name for connection in again] == [f"W{number}" for number in sorted(removed)]
    assert [connection.number for connection in again] == sorted(number - 1 for number in removed)
    hidden = [net.add_hidden() for _ in range(8)]
    for number in order[:count]:
        net.remove(hidden[number - 1])
    assert [net.add_hidden().name for _ in range(count)] == [f"H{number}" for number in sorted(order[:count])]


def test_names_and_numbers_are_the_lowest_in_copies_too():
    net = ns.Network.layered([2, 4], bias=False, seed=0)
    net.remove("W4")
    twin = net.copy()
    for each in (net, twin):
        each.remove("W6")
        assert each.connect("I1", "O4").name == "W4"
    named = ns.Network(seed=0)
    named.remove(named.add_hidden("H5"))
    assert named.add_hidden().name == "H1"


def test_objects_are_the_same_wherever_making_them_was_interrupted(monkeypatch):
    net = ns.Network.layered([2, 3, 2], seed=0)
    enter, entered = net.structure.links._enter, []

    def interrupted(connection):
        enter(connection)
        entered.append(connection)
        if len(entered) == 6:
            raise KeyboardInterrupt

    monkeypatch.setattr(net.structure.links, "_enter", interrupted)
    with pytest.raises(KeyboardInterrupt):
        net.graph  # noqa: B018
    third = net["W3"]
    assert third is net.connections[2] is net.graph.edges[third.source, third.target]["connection"]
    neighbours = ns.Network.layered([2, 3, 2], seed=0).graph
    for node, other in zip(net.graph, neighbours):
        assert [str(c) for c in net.graph.pred[node].values()] == [str(c) for c in neighbours.pred[other].values()]


def test_an_old_schedule_keeps_its_rows():
    net = ns.Network.layered([2, 1], bias=False, seed=0)
    schedule = net.schedule
    net.add_input()
    net.remove("I1")
    assert net.schedule.input_rows.tolist() == [0, 2]
    assert schedule.input_rows.tolist() == [0, 1]


def test_graph_is_live_read_only_networkx():
    net = ns.Network.layered([2, 2, 2], seed=0)
    graph, I1, H1 = net.graph, net["I1"], net["H1"]
    assert isinstance(graph, nx.DiGraph)
    assert graph.edges[I1, H1]["connection"] is net["W1"]
    assert set(graph) == set(net.nodes)
    with pytest.raises(nx.NetworkXError):
        graph.add_edge(I1, net["O1"])
    net.connect("I1", "O1", weight=9.0)
    assert graph.edges[I1, net["O1"]]["weight"] == 9.0
    net["W1"].weight = 100.0
    assert [node.name for node in nx.dag_longest_path(graph, weight="weight")][:2] == ["I1", "H1"]
    own = graph.copy()
    own.remove_node(H1)
    assert H1 in graph
    assert type(graph.copy().edges[I1, H1]) is dict
    assert nx.is_directed_acyclic_graph(nx.DiGraph(graph))


def test_names_and_look_up():
    net = ns.Network(seed=0)
    odd = ["x → y", "<b>&\"'", "with space", "W5", "line\nbreak", "∂", "I7"]
    for name in odd:
        assert net.add_input(name).name == name
        assert net[name].name == name
    H = net.add_hidden()
    net.connect("x → y", H, name="skip")
    assert net["skip"].source is net["x → y"]
    names = [net.connect(net[name], H).name for name in odd[1:]]
    assert names == ["W1", "W2", "W3", "W4", "W6", "W7"]
    assert [net[name].name for name in names] == names
    assert "W5" in net
    assert net["W5"].kind == "input"
    assert net["skip"] in net
    assert "W05" not in net
    with pytest.raises(ns.UnknownNameError, match="Did you mean 'skip'"):
        net["skp"]


def test_numbers_are_the_next_free_ones():
    net = ns.Network.layered([2, 2, 2], seed=0)
    gone = net.remove("H2")
    assert [c.name for c in gone] == ["W2", "W4", "W6", "W9", "W10"]
    assert net.add_hidden().name == "H2"
    again = [net.connect(source, "H2").name for source in ("I1", "I2", "B1")]
    again += [net.connect("H2", target).name for target in ("O1", "O2")]
    assert again == ["W2", "W4", "W6", "W9", "W10"]
    assert net.add_hidden().name == "H3"
    net.add_input("I9")
    assert net.add_input().name == "I3"
    assert [c.name for c in net.connections] == [f"W{i}" for i in range(1, 13)]


def test_layers():
    net = ns.Network.layered([2, 3, 2, 1], seed=0)
    assert [layer.name for layer in net.layers] == ["Input layer", "Hidden layer 1", "Hidden layer 2", "Output layer"]
    assert [len(layer) for layer in net.layers] == [2, 3, 2, 1]
    assert net["H4"].layer.index == 2
    assert net["B2"].layer is net.layers[1]
    assert net["B2"] in net.layers[1]
    # A bias node that feeds several layers stands before the first of them.
    both = ns.Network.layered([2, 3, 2, 1], seed=0)
    both.connect("B1", "O1")
    assert both["B1"].layer is both.layers[0]
    net.connect("H1", "H3")
    assert [layer.name for layer in net.layers][1:4] == ["Hidden layer 1", "Hidden layer 2", "Hidden layer 3"]
    assert repr(net) == "<Network 2-2-1-2-1: 11 nodes, 21 connections, loss mse>"


def test_objects_are_windows():
    net = article_network(1)
    net["W1"].weight = 0.25
    assert net.store.weights[0] == net.weights[0] == net["W1"].weight == 0.25
    net.weights = np.arange(12.0)
    assert net["W12"].weight == 11.0
    net["B1"].value = 2.0
    net["H1"].activation = "tanh"
    assert net.forward([0, 0])[0] == pytest.approx(np.tanh(2 * 4.0) * 6 + net["H2"].activated * 8 + 10)
    net["W1"].trainable = False
    assert repr(net["W1"]) == "<Connection W1: I1 -> H1 = 0, frozen>"
    # Two connections with equal numbers are two connections.
    assert net["W1"] != net["W2"]
    assert len({*net.connections}) == 12


def test_removed_objects_are_stale():
    net = article_network(1)
    H2, W2, W9 = net["H2"], net["W2"], net["W9"]
    net.remove(H2)
    for ask in (lambda: W2.weight, lambda: W9.gradient, lambda: H2.value, lambda: H2.incoming, lambda: net.paths(W2),
                lambda: net.connect("I1", H2), lambda: net.remove(H2), lambda: net.split(W9), lambda: W2.trainable):  # fmt: skip
        with pytest.raises(ns.StaleElementError, match=r"(H2|W2|W9) was removed"):
            ask()
    with pytest.raises(ns.StaleElementError):
        W2.weight = 1.0
    assert (W2.name, W9.name, repr(W2)) == ("W2", "W9", "<Connection W2: I1 -> H2, removed>")
    assert H2 not in net
    assert "H2" not in net


def test_split_keeps_what_is_calculated():
    net = article_network(1)
    before = net.forward([0.3, -0.2])
    weight = net["W7"].weight
    middle = net.split("W7")
    assert (middle.name, middle.kind) == ("H3", "hidden")
    assert [(c.source.name, c.weight) for c in middle.incoming] == [("H1", 1.0)]
    assert [(c.target.name, c.weight) for c in middle.outgoing] == [("O1", weight)]
    assert net.forward([0.3, -0.2]) == pytest.approx(before, rel=1e-15)


def test_disconnect():
    net = article_network(1)
    assert net.disconnect("I1", "H1").name == "W1"
    assert net.disconnect("W2").name == "W2"
    assert net.disconnect(net["W3"]).name == "W3"
    assert net.remove("W4")[0].name == "W4"
    assert len(net.connections) == 8
    with pytest.raises(ns.StructureError, match="I1 and H1 are not connected"):
        net.disconnect("I1", "H1")


def test_copy_goes_on_bit_by_bit_the_same():
    net = ns.Network.layered([2, 3, 2], seed=3)
    net.remove("H2"), net.disconnect("I1", "H1"), net.connect("I1", "O2", name="skip", trainable=False)
    for twin in (net.copy(), copy.copy(net), copy.deepcopy(net)):
        assert digest(twin) == digest(net.copy())
        assert [n.name for n in twin.nodes] == [n.name for n in net.nodes]
        before = digest(net)
        apart = twin.copy()
        apart.weights, apart["skip"].trainable = np.zeros(len(net.weights)), True
        assert digest(net) == before
        one, other = net.copy(), twin
        for each in (one, other):
            each.add_hidden(), each.connect("I2", "H2"), each.connect("H2", "O1"), each.connect("I1", "H1")
            each.fit([[0, 1], [1, 0], [1, 1]], [[0, 1], [1, 1], [0, 0]], epochs=20, batch_size=2)
        assert digest(one) == digest(other)
        assert digest(other) != digest(net)


FAULTS = [
    (lambda n: n.connect("H1", "H1"), ns.StructureError, "H1 -> H1 would be a self-loop"),
    (lambda n: n.connect("O1", "H1"), ns.CycleError, "O1 -> H1 would close a cycle: O1 -> H1 -> O1"),
    (lambda n: n.connect("I1", "H1"), ns.StructureError, "connected already, by <Connection W1"),
    (lambda n: n.connect("I1", "I2"), ns.StructureError, "nothing can be connected into an input node"),
    (lambda n: n.connect("I1", "B1"), ns.StructureError, "nothing can be connected into a bias node"),
    (lambda n: n.connect("I1", "O1", name="H1"), ns.StructureError, "the name 'H1' is taken by <Node H1"),
    (lambda n: n.connect("I1", "O1", name="W3"), ns.StructureError, "the name 'W3' is taken"),
    (lambda n: n.connect("I1", "O1", name=""), ns.ArgumentError, "must not be empty"),
    (lambda n: n.connect("I1", "O1", name=3), ns.ArgumentTypeError, "must be a string, got 3"),
    (lambda n: n.connect("I1", "O1", weight=float("nan")), ns.ArgumentError, "the weight of W13 must be a finite"),
    (lambda n: n.connect("I1", "O1", weight="1"), ns.ArgumentError, "got '1'"),
    (lambda n: n.connect("I1", "O1", weight=1j), ns.ArgumentError, "finite real number"),
    (lambda n: n.connect("W1", "O1"), ns.ArgumentTypeError, "W1 is a connection; a node is needed"),
    (lambda n: n.connect("I1", "H9"), ns.UnknownNameError, "nothing is named 'H9' .* Did you mean 'H"),
    (lambda n: n.connect(ns.Network.layered([1, 1, 1])["I1"], "H1"), ns.StaleElementError, "another network"),
    (lambda n: n.connect(3, "H1"), ns.ArgumentTypeError, "looked up by its name, a string; got 3"),
    (lambda n: n.add_hidden("I1"), ns.StructureError, "the name 'I1' is taken"),
    (lambda n: n.add_hidden(5), ns.ArgumentTypeError, "the name of a hidden node must be a string"),
    (lambda n: n.add_hidden(activation="tahn"), ns.UnknownNameError, "Did you mean 'tanh'"),
    (lambda n: n.add_hidden(activation=3), ns.ArgumentTypeError, "an activation is given by its name"),
    (lambda n: n.add_hidden(activation=None), ns.ArgumentTypeError, "an activation is given by its name"),
    (lambda n: n.add_bias(value=float("inf")), ns.ArgumentError, "bias node B3 must be a finite real"),
    (lambda n: n.remove("H7"), ns.UnknownNameError, "nothing is named 'H7'"),
    (lambda n: n.split("W1", name="O1"), ns.StructureError, "the name 'O1' is taken"),
    (lambda n: n.split("W1", activation="nope"), ns.UnknownNameError, "no activation named 'nope'"),
    (lambda n: n.split("H1"), ns.ArgumentTypeError, "H1 is a hidden node, not a connection"),
    (lambda n: n["W1"].__setattr__("weight", float("inf")), ns.ArgumentError, "the weight of W1"),
    (lambda n: n["I1"].__setattr__("activation", "tanh"), ns.StructureError, "I1 is an input node"),
    (lambda n: n.__setattr__("weights", [1.0]), ns.ArgumentError, "weights must be 12 finite numbers"),
    (lambda n: n.__setattr__("weights", [np.nan] * 12), ns.ArgumentError, "weights must be 12 finite numbers"),
    (lambda n: n.__setattr__("loss", "mes"), ns.UnknownNameError, "Did you mean 'mse'"),
    (lambda n: n.__setattr__("engine", "warp"), ns.UnknownNameError, "no engine named 'warp'"),
    (lambda n: n.initialize("he"), ns.UnknownNameError, "no initializer named 'he'"),
    (lambda n: n.initialize(ns.Initializer("bad", lambda g, i, o: i * g.random() * np.nan)), ns.ArgumentError, "not finite"),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "error", "message"), FAULTS)
def test_a_refused_edit_leaves_no_trace(fault, error, message):
    net = article_network(1)
    before = digest(net)
    with pytest.raises(error, match=message) as caught:
        fault(net)
    assert isinstance(caught.value, ns.NodesimError)
    assert digest(net) == before


@pytest.mark.parametrize("sizes", [[2], [], [2, 0, 1], [2, 1.5, 1], 3, None, [True, 2], ["2", 2]])
def test_impossible_sizes(sizes):
    with pytest.raises(ns.ArgumentError, match="sizes must be two or more whole numbers"):
        ns.Network.layered(sizes)


def test_one_activation_for_each_hidden_layer():
    net = ns.Network.layered([1, 1, 1, 1], hidden=["tanh", "relu"])
    assert [node.activation.name for node in net.hidden] == ["tanh", "relu"]
    with pytest.raises(ns.ArgumentError, match="1 activations for 2 hidden layers"):
        ns.Network.layered([1, 1, 1, 1], hidden=["tanh"])


@pytest.mark.parametrize("seed", ["1", -1, 1.5, True])
def test_impossible_seeds(seed):
    with pytest.raises(ns.ArgumentError, match="seed must be a whole number"):
        ns.Network(seed=seed)


def test_a_long_cycle_is_printed_short():
    net = ns.Network(seed=0)
    for _ in range(100):
        net.add_hidden()
    for i in range(1, 100):
        net.connect(f"H{i}", f"H{i + 1}")
    with pytest.raises(ns.CycleError, match=r"H100 -> H1 -> H2 .* -> \.\.\. \(\d+ more\) -> .* -> H100"):
        net.connect("H100", "H1")


@examples(150)
@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7), st.booleans()), max_size=40), st.integers(0, 60))
@example([(1, 0, False), (2, 1, False), (3, 2, False)], 2)
@example([(0, 2, False), (2, 1, False), (1, 3, False), (3, 4, False)], 3)
def test_online_order_agrees_with_networkx(edits, copied):
    net, plain = ns.Network(seed=0), nx.DiGraph()
    nodes = [net.add_hidden() for _ in range(8)]
    plain.add_nodes_from(range(8))
    for number, (a, b, remove) in enumerate(edits):
        if number == copied:
            # A copy goes on from where the order was.
            net = net.copy()
            nodes = [net[node.name] for node in nodes]
        if plain.has_edge(a, b):
            if remove:
                plain.remove_edge(a, b)
                net.disconnect(nodes[a], nodes[b])
            continue
        plain.add_edge(a, b)
        if nx.is_directed_acyclic_graph(plain):
            net.connect(nodes[a], nodes[b])
        else:
            plain.remove_edge(a, b)
            with pytest.raises(ns.StructureError):
                net.connect(nodes[a], nodes[b])
    # What would close a cycle is refused, whatever was connected and removed before.
    for a, b in itertools.permutations(range(8), 2):
        if nx.has_path(plain, b, a):
            with pytest.raises(ns.CycleError):
                net.connect(nodes[a], nodes[b])
    place = {node: i for i, node in enumerate(net.schedule.order)}
    assert all(place[c.source] < place[c.target] for c in net.connections)


def test_evaluation_order_does_not_depend_on_how_it_was_edited():
    net, _ = random_network(11)
    fresh = ns.Network(seed=0)
    for node in net.nodes:
        fresh.structure.add(node.kind, node.name, node.activation) if node.kind != "bias" else fresh.add_bias(node.name)
    for connection in net.connections:
        fresh.connect(connection.source.name, connection.target.name, weight=connection.weight)
    assert [node.name for node in fresh.schedule.order] == [node.name for node in net.schedule.order]


def test_a_network_is_freed():
    before = len(gc.get_objects())
    for _ in range(20):
        article_network(1)
    gc.collect()
    assert len(gc.get_objects()) - before < 2000


def test_a_copied_element_is_no_second_one():
    net = ns.Network.layered([2, 2, 1], seed=0)
    assert copy.copy(net["H1"]) is net["H1"]
    assert copy.copy(net["W1"]) is copy.deepcopy(net["W1"]) is net["W1"]

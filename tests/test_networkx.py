"""Through networkx and back: the same network bit by bit, or a refusal that names what is missing; never another network."""

from __future__ import annotations

import functools
import io
import json
import random
import re
import warnings

import networkx as nx
import numpy as np
import pytest
import torch
from helpers import ACTIVATIONS, REFERENCE, article_network, digest, random_network

import nodesim as ns

ODD = [
    "1.0", "true", "0", "-1", "007", "None", "NaN", "W1", "B1", "I 1", " padded ", "∂e/∂W", "名前", "#x", "*arcs", "()",
    "a:b", "id", "label", "<b>&amp;", "e\u0301", "x" * 300, "nœud", "1e5", "False", "key", "[1, 2]",
]  # fmt: skip
QUOTED = ["\u2028", " ", 'say "so"', "it's", "back\\slash", "\\", '"', "tab\there", "line\nbreak", "cr\rlf"]


def odd_network(seed, names):
    """Return a random network whose nodes, and some connections, have odd names; frozen weights, gaps, parameters."""
    plain, rng = random_network(seed, activations=[*ACTIVATIONS], max_hidden=5)
    loss = [ns.loss("huber", delta=float(rng.random()) + 0.1), "mae"][int(rng.integers(2))]
    net = ns.Network(loss, seed=seed, engine="nodes", dtype="float32" if rng.random() < 0.2 else "float64")
    pool = iter(rng.permutation(names).tolist())
    odd = {node.name: next(pool) if rng.random() < 0.6 else node.name for node in plain.nodes}
    for name, other in odd.items():
        if list(odd.values()).count(other) > 1:
            odd[name] = f"{other} of {name}"
    for node in plain.nodes:
        activation = node.activation
        if activation is not None and activation.parameters:
            activation = activation.with_parameters(**{key: float(rng.random()) for key in activation.parameters})
        if node.kind == "bias":
            net.add_bias(odd[node.name], float(rng.standard_normal()))
        elif node.kind == "input":
            net.add_input(odd[node.name])
        else:
            getattr(net, f"add_{node.kind}")(odd[node.name], activation)
    for c in plain.connections:
        name = next(pool, None) if rng.random() < 0.2 else None
        name = None if name in odd.values() or name == "W1" else name
        net.connect(odd[c.source.name], odd[c.target.name], name=name, trainable=c.trainable)
    spare = [c for c in net.connections[:-1] if len(c.target.incoming) > 1]
    if spare:
        net.remove(spare[0])
    return net, rng


def everything(net):
    """Return what must come back."""
    nodes = [(n.name, n.kind, n.activation, n.value if n.kind == "bias" else None) for n in net.nodes]
    ends = [(c.name, c.source.name, c.target.name, c.weight.hex(), c.trainable) for c in net.connections]
    return nodes, ends, net.loss, net.store.weights.dtype


def by_hand(graph, x):
    """Evaluate a graph that a reader of networkx returned, by its attributes alone; outputs in their order."""
    order = lambda node: int(graph.nodes[node]["order"])  # noqa: E731
    columns = dict(zip(sorted((n for n, d in graph.nodes(data=True) if d["kind"] == "input"), key=order), x.T))
    sent = {}
    for node in nx.topological_sort(graph):
        data = graph.nodes[node]
        if data["kind"] == "input":
            sent[node] = torch.tensor(columns[node])
        elif data["kind"] == "bias":
            sent[node] = torch.full((len(x),), float(data["constant"]), dtype=torch.float64)
        else:
            z = torch.zeros(len(x), dtype=torch.float64)
            for source, _, edge in graph.in_edges(node, data=True):
                z = z + float(edge["weight"]) * sent[source]
            name, _, parameters = data["activation"].partition("(")
            values = [float(number) for number in re.findall(r"=([^,)]+)", parameters)]
            sent[node] = ACTIVATIONS[name](z, *values) if values else ACTIVATIONS[name](z)
    return np.stack([sent[node] for node in sorted(sent, key=order) if graph.nodes[node]["kind"] == "output"], axis=1)


class Format:
    """A way of networkx to write graphs and to read them; `text` if it keeps nothing but text."""

    def __init__(self, write, read, *, text=False):
        self.write, self.read, self.text = write, read, text

    def change(self, graph):
        stream = io.BytesIO()
        with warnings.catch_warnings():
            # Pajek's writer warns of each attribute that is no text, and leaves it out.
            warnings.simplefilter("ignore")
            self.write(graph, stream)
        stream.seek(0)
        return self.read(stream)

    def __call__(self, net):
        return self.change(net.to_networkx(text=self.text))


# Until 3.3 networkx called them "links".
EDGES = "edges" if "edges" in nx.node_link_data(nx.DiGraph()) else "links"


def in_json(write, read):
    return Format(lambda graph, stream: stream.write(json.dumps(write(graph)).encode()), lambda s: read(json.load(s)))


FORMATS = {
    "graphml": Format(nx.write_graphml_xml, nx.read_graphml),
    "gexf": Format(nx.write_gexf, nx.read_gexf),
    "gml": Format(nx.write_gml, nx.read_gml),
    "node_link": in_json(nx.node_link_data, nx.node_link_graph),
    "adjacency": in_json(nx.adjacency_data, nx.adjacency_graph),
    "cytoscape": in_json(nx.cytoscape_data, nx.cytoscape_graph),
    "pajek": Format(nx.write_pajek, nx.read_pajek, text=True),
}


@pytest.mark.parametrize("form", FORMATS)
def test_sixty_networks_come_back_exactly(form):
    names = ODD + ([] if form == "pajek" else QUOTED)
    for seed in range(60):
        net, rng = odd_network(seed, names)
        graph = FORMATS[form](net)
        twin = ns.Network.from_networkx(graph)
        twin.engine = "nodes"
        assert everything(twin) == everything(net), seed
        x = rng.standard_normal((3, len(net.inputs)))
        assert twin.predict(x).tobytes() == net.predict(x).tobytes(), seed
        tolerance = 1e-12 if net.store.weights.dtype == np.float64 else 1e-4
        np.testing.assert_allclose(net.predict(x), by_hand(graph, x), rtol=tolerance, atol=tolerance, err_msg=str(seed))


def test_sixty_shuffles_and_cuts_are_the_same_network():
    for seed in range(60):
        net, rng = odd_network(seed, ODD + QUOTED)
        x, shuffle = rng.standard_normal((3, len(net.inputs))), random.Random(seed)
        for graph in (net.to_networkx(), nx.relabel_nodes(net.graph, str)):
            nodes, edges = list(graph.nodes(data=True)), list(graph.edges(data=True))
            shuffle.shuffle(nodes), shuffle.shuffle(edges)
            mixed = [nx.DiGraph, nx.MultiDiGraph][seed % 2](**graph.graph)
            mixed.add_nodes_from(nodes), mixed.add_edges_from(edges)
            # The view of a subgraph goes over a set: in another order in every process.
            for back in (mixed, mixed.subgraph(list(mixed))):
                twin = ns.Network.from_networkx(back)
                twin.engine = "nodes"
                assert everything(twin) == everything(net), seed
                assert twin.predict(x).tobytes() == net.predict(x).tobytes(), seed


def test_part_of_a_network_is_what_it_was_there():
    net, _ = odd_network(4, ODD)
    kept = [node for node in net.graph if node.kind != "input" or node is net.inputs[0]]
    part = ns.Network.from_networkx(net.graph.subgraph(kept))
    for node in kept:
        assert (part[node.name].kind, part[node.name].activation) == (node.kind, node.activation)
    left = [c for c in net.connections if c.source in kept and c.target in kept]
    assert [(c.name, c.weight, c.trainable) for c in part.connections] == [
        (c.name, c.weight, c.trainable) for c in left
    ]


def live_network():
    """Return a network with whatever the live graph must say of it, part of it not registered anywhere."""
    net = ns.Network(ns.Loss("own", lambda y, a: ((a - y) ** 4).sum(0), lambda y, a: 4 * (a - y) ** 3), seed=1)
    net.add_output("y", ns.activation("leaky_relu", slope=0.3)), net.add_input("b"), net.add_input("a")
    net.add_hidden("h", ns.Activation("mine", np.sin, lambda z, a: np.cos(z))), net.add_bias("one", 0.25)
    for number, pair in enumerate((("h", "y"), ("b", "h"), ("a", "h"), ("one", "h"), ("a", "y"))):
        net.connect(*pair, name=f"edge {number}" if number % 2 else None, trainable=number != 2)
    net["h"].activation = ns.Activation("mine", np.cos, lambda z, a: -np.sin(z))
    net["one"].value = -0.5
    net["edge 1"].weight = 0.125
    return net


SAME = {
    "itself": lambda graph: graph,
    "copy": lambda graph: graph.copy(),
    "DiGraph": nx.DiGraph,
    "MultiDiGraph": nx.MultiDiGraph,
    "relabelled": lambda graph: nx.relabel_nodes(graph, lambda node: node.name),
    "relabelled in place": lambda graph: nx.relabel_nodes(graph.copy(), str, copy=False),
    "subgraph": lambda graph: graph.subgraph(list(graph)),
    "edge_subgraph": lambda graph: graph.edge_subgraph(list(graph.edges)),
    "composed": lambda graph: nx.compose(graph, graph),
    "compose_all": lambda graph: nx.compose_all([graph.edge_subgraph(list(graph.edges)[:2]), graph]),
    "to_directed": lambda graph: graph.to_directed(),
    "frozen": lambda graph: nx.freeze(graph.copy()),
    "twice reversed": lambda graph: graph.reverse().reverse(),
    "edges alone": lambda graph: nx.DiGraph(list(graph.edges(data=True)), **graph.graph),
    "read-only view": lambda graph: nx.graphviews.generic_graph_view(graph),
}


def test_what_networkx_makes_of_the_live_graph():
    net = live_network()
    graph, before, x = net.graph, digest(net), np.random.default_rng(0).standard_normal((4, 2))
    wanted = net.copy().predict(x)
    for way, change in SAME.items():
        twin = ns.Network.from_networkx(change(graph))
        assert everything(twin) == everything(net), way
        assert twin.predict(x).tobytes() == wanted.tobytes(), way
        assert digest(net) == before, way


def test_the_live_graph_says_what_is_so_now():
    net = live_network()
    graph = net.graph
    assert [graph.nodes[node]["order"] for node in net.nodes] == [0, 1, 2, 3, 4]
    node, edge = graph.nodes[net["h"]], graph.edges[net["b"], net["h"]]
    net["h"].activation, net["one"].value, net["edge 1"].trainable, net.loss = "tanh", 7.0, False, "mae"
    assert (node["activation"], node["kind"], node["layer"]) == (ns.activation("tanh"), "hidden", 1)
    assert (graph.nodes[net["one"]]["constant"], edge["trainable"], edge["name"]) == (7.0, False, "edge 1")
    assert graph.graph["loss"] == ns.loss("mae")
    assert dict(node) == node.copy() == graph.copy().nodes[net["h"]] == graph.subgraph([net["h"]]).nodes[net["h"]]
    with pytest.raises(TypeError):
        graph.nodes[net["h"]]["kind"] = "input"
    for made in (graph.copy(), graph.reverse(), graph.subgraph(net.inputs), nx.compose(graph, graph)):
        assert type(made) is nx.DiGraph
    with pytest.raises(ns.StructureError, match="nothing can be connected into an input node"):
        ns.Network.from_networkx(graph.reverse())
    with pytest.raises(ns.ArgumentTypeError, match="got Graph"):
        ns.Network.from_networkx(graph.to_undirected())
    integers = nx.convert_node_labels_to_integers(graph)
    assert [node.name for node in ns.Network.from_networkx(integers).nodes] == ["0", "1", "2", "3", "4"]


# ---- what other programs write -----------------------------------------------------------------------------


def graph_of(node=None, edge=None, **about):
    """Return x -> h -> y with a bias node one -> h, and attributes of h and of x -> h."""
    graph = nx.DiGraph(**about)
    graph.add_node("one", kind="bias", constant=1.0)
    graph.add_node("h", **{"activation": "linear", "kind": "hidden"} | (node or {}))
    graph.add_node("y", activation="linear")
    graph.add_edge("x", "h", **{"weight": 3.0} | (edge or {}))
    graph.add_edge("one", "h", weight=5.0), graph.add_edge("h", "y", weight=1.0)
    return graph


# Attributes of h, of x -> h, and what comes out for x = 2: 2 * 3 + 5 otherwise. A text is part of what is said.
HONOURED = [
    ({}, {}, 11.0), ({"bias": 7}, {}, 18.0), ({"bias": "-0.5", "response": 2.0}, {}, 21.5),
    ({"response": "0.5"}, {}, 5.5), ({"aggregation": "sum", "colour": "red", "x": 1, "pos": (0, 1)}, {}, 11.0),
    ({"Activation": "relu", "activation": None}, {"weight": -3.0}, 0.0), ({"activation_function": "linear"}, {}, 11.0),
    ({"act": "relu", "activation": ""}, {"weight": -3}, 0.0), ({"squash": "tanh", "activation": None}, {}, np.tanh(11)),
    ({"activation": "leaky_relu", "slope": 0.5}, {"weight": -3.0}, -0.5),
    ({"activation": "leaky_relu(slope=0.5)"}, {"weight": -3.0}, -0.5),
    ({"kind": "Hidden"}, {}, 11.0), ({"kind": None, "type": "hidden"}, {}, 11.0), ({"type": "sensor"}, {}, 11.0),
    ({"name": "a", "Name": "b", "label": "c"}, {"label": "d", "Label": "e", "id": "7", "key": 1}, 11.0),
    ({}, {"weight": "4"}, 13.0), ({}, {"weight": None, "Weight": 4.0}, 13.0), ({}, {"w": 3.0}, 11.0),
    ({}, {"weight": np.float64(4.0)}, 13.0), ({}, {"weight": "1e1"}, 25.0),
    ({"bias_value": 7}, {}, 18.0), ({"biasWeight": "-1"}, {}, 10.0), ({"agg": "sum", "func": "linear"}, {}, 11.0),
    ({}, {"weight": None, "strength": 4}, 13.0), ({"b": 0, "dropout": 0.0, "theta": "0"}, {"sign": 1, "type": "directed"}, 11.0),
    ({"recurrent": False, "gate": None, "threshold": 0, "enabled": True}, {"delay": 0, "mask": 1, "scale": "1.0"}, 11.0),
] + [({}, {"enabled": no}, 5.0) for no in (False, 0, "0", "false", "False", "NO", np.False_, 0.0, " off ")] + [
    ({}, {"enabled": yes}, 11.0) for yes in (True, 1, "1", "true", "TRUE", "yes", np.True_, 1.0)
] + [({}, {"disabled": "true"}, 5.0), ({}, {"isEnabled": False}, 5.0), ({}, {"active": 0}, 5.0)] + [
    ({}, {spelling: True}, 5.0) for spelling in ("pruned", "off", "muted")
]  # fmt: skip

REFUSED = [
    ({"aggregation": "median"}, {}, "no aggregation named 'median'"),
    ({"aggregation": "max", "bias": 0.5}, {}, "bias of node h is 0.5"),
    ({"aggregation_function": "product", "response": 2.0}, {}, "response of node h is 2.0"),
    ({"activation": "tahn"}, {}, "Did you mean 'tanh'"), ({"bias": "warm"}, {}, "bias of node h must be a finite"),
    ({"bias": float("nan")}, {}, "bias of node h"), ({"response": "x"}, {}, "response of node h"),
    ({"response": 1e308, "bias": 1}, {"weight": 1e308}, "no finite number"), ({"kind": "neuron"}, {}, "got 'neuron'"),
    ({"constant": 2.0}, {}, "constant of node h"), ({"activation": "leaky_relu(slope=0.5)", "slope": 0.1}, {}, "slope=0.1"),
    ({"activation": "sigmoid", "slope": 2.0}, {}, "slope=2.0"), ({"steepness": 0.5}, {}, "steepness=0.5"),
    ({"threshold": 1}, {}, "threshold=1"), ({"gain": 2}, {}, "gain"), ({"tau": 1.0}, {}, "tau"),
    ({"time_constant": 1.0}, {}, "time_constant"), ({"recurrent": 1}, {}, "recurrent"), ({"gate": "z"}, {}, "gate='z'"),
    ({"enabled": False}, {}, "enabled=False"), ({"trainable": False}, {}, "trainable=False"), ({"frozen": 1}, {}, "frozen"),
    ({"order": "first"}, {}, "order of node h"), ({"act": "tanh"}, {}, "mean the same"),
    ({}, {"weight": "heavy"}, "weight of edge x -> h must be"), ({}, {"weight": float("nan")}, "weight of edge x -> h"),
    ({}, {"weight": "inf"}, "weight of edge x -> h"), ({}, {"weight": True}, "weight of edge x -> h"),
    ({}, {"Weight": 4.0}, "weight=3.0 and Weight=4.0"), ({}, {"weight": None}, "1 of 3 edges have no weight: x -> h"),
    ({"response": 2.0}, {"weight": None}, "no weight: x -> h"), ({}, {"enabled": "perhaps"}, "enabled of edge x -> h"),
    ({}, {"delay": 0.5}, "delay of edge x -> h"), ({}, {"lag": -1}, "lag of edge x -> h"), ({}, {"gater": "h"}, "gater"),
    ({}, {"gated": "true"}, "gated"), ({}, {"recurrent": True}, "recurrent"), ({}, {"scale": 0.5}, "scale=0.5"),
    ({}, {"multiplier": "2"}, "multiplier"), ({}, {"mask": 0}, "mask"), ({}, {"bias": 1.0}, "bias=1.0"),
    ({}, {"activation": "tanh"}, "activation='tanh'"), ({}, {"trainable": "some"}, "trainable of edge x -> h"),
    ({"b": 0.7}, {}, "b=0.7"), ({"theta": 1}, {}, "theta=1"), ({"agg": 3}, {}, "given by its name"),
    ({"func": "relu"}, {}, "mean the same"), ({"biases": [1, 2]}, {}, "biases of node h"), ({"freeze": True}, {}, "freeze"),
    ({"dropout": 0.5}, {}, "dropout"), ({"noise": 1}, {}, "noise"), ({"clip": 1}, {}, "clip"), ({"negate": 1}, {}, "negate"),
    ({"batchnorm": True}, {}, "batchnorm"), ({"leak": 0.1}, {}, "leak"), ({"pruned": True}, {}, "pruned"),
    ({}, {"sign": -1}, "sign=-1"), ({}, {"inhibitory": True}, "inhibitory"), ({}, {"type": "inhibitory"}, "type"),
    ({}, {"exponent": 2}, "exponent"), ({}, {"function": "square"}, "function"), ({}, {"strength": 2.0}, "mean the same"),
    ({}, {"dropout": 0.1}, "dropout"),
    ({}, {"frozen": True, "trainable": True}, "mean the same"), ({}, {"order": "last"}, "order of edge x -> h"),
]  # fmt: skip


def test_what_changes_the_numbers_is_honoured():
    for node, edge, wanted in HONOURED:
        assert ns.Network.from_networkx(graph_of(node, edge)).predict([2.0]) == pytest.approx(wanted), (node, edge)


def test_what_changes_the_numbers_is_never_dropped():
    for node, edge, part in REFUSED:
        with pytest.raises(ns.NodesimError) as caught:
            ns.Network.from_networkx(graph_of(node, edge))
        assert part in str(caught.value), (node, edge, str(caught.value))
    for kind, attributes in (("input", {"bias": 1.0}), ("bias", {"response": 2}), ("input", {"activation": "tanh"})):
        graph = nx.DiGraph([("x", "y")])
        graph.nodes["x"].update(kind=kind, **attributes)
        with pytest.raises(ns.StructureError, match="node calculates nothing"):
            ns.Network.from_networkx(graph)


def test_what_a_graph_says_for_all_nodes_is_not_dropped():
    for said in ({"activation": "tanh"}, {"bias": 1.0}, {"Response": 2.0}, {"aggregation": "max"}, {"scale": 0.5}):
        graph = graph_of()
        graph.graph.update(said)
        with pytest.raises(ns.StructureError, match=f"the graph says {next(iter(said))}="):
            ns.Network.from_networkx(graph)


def test_edges_that_are_switched_off_do_not_say_where_a_node_stands():
    graph = nx.DiGraph([("x", "h", {"weight": 3.0}), ("h", "y", {"weight": 2.0})])
    graph.add_edge("y", "h", weight=1.0, enabled=False)
    net = ns.Network.from_networkx(graph, hidden="linear")
    assert [node.kind for node in net.nodes] == ["input", "hidden", "output"]
    assert net.predict([1.0]) == pytest.approx([6.0])


def test_frozen_in_every_spelling():
    for spelling in [{"trainable": no} for no in (False, 0, "0", "false")] + [{"frozen": 1}, {"fixed": "true"}]:
        net = ns.Network.from_networkx(graph_of(edge=spelling))
        assert [c.trainable for c in net.connections] == [c.source.name != "x" for c in net.connections], spelling


def test_biases_of_nodes_become_connections():
    graph = nx.DiGraph()
    graph.add_node("y", bias=0.0), graph.add_node("h", bias=-1.5), graph.add_node("B1")
    graph.add_edge("B1", "h", weight=2.0, name="B2"), graph.add_edge("h", "y", weight=1.0, label="W3")
    net = ns.Network.from_networkx(graph, hidden="linear")
    made = [(c.name, str(c.source), str(c.target), c.weight, c.trainable) for c in net["B3"].outgoing]
    assert made == [("W1", "B3", "y", 0.0, True), ("W2", "B3", "h", -1.5, True)]
    assert (net["B3"].value, net["B2"].weight, net["W3"].weight, net["B1"].kind) == (1.0, 2.0, 1.0, "input")


def test_weights_that_are_missing():
    edges = [("a", "h"), ("b", "h"), ("h", "y")]
    drawn = ns.Network.from_networkx(nx.DiGraph(edges), seed=0)
    generator = np.random.default_rng(0)
    assert [c.weight for c in drawn.connections] == [generator.standard_normal() for _ in edges]
    some = nx.DiGraph(edges)
    some.edges["b", "h"]["weight"] = 5.0
    with pytest.raises(ns.StructureError, match="2 of 3 edges have no weight: a -> h, h -> y. .*default_weight=1.0"):
        ns.Network.from_networkx(some)
    assert ns.Network.from_networkx(some, default_weight=1.0).weights.tolist() == [1.0, 1.0, 5.0]
    assert ns.Network.from_networkx(nx.DiGraph(edges), default_weight=2).weights.tolist() == [2.0] * 3
    with pytest.raises(ns.ArgumentError, match="default_weight must be a finite"):
        ns.Network.from_networkx(some, default_weight="1")
    many = nx.DiGraph([("a", f"h{i}") for i in range(9)])
    many.edges["a", "h8"]["weight"] = 1.0
    with pytest.raises(ns.StructureError, match=r"a -> h4 and 3 more\."):
        ns.Network.from_networkx(many)


def test_default_values_of_a_file():
    # networkx leaves them beside the graph, and not at its nodes and edges.
    text = """<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
        <key id="w" for="edge" attr.name="weight" attr.type="double"><default>2.5</default></key>
        <key id="a" for="node" attr.name="activation" attr.type="string"><default>tanh</default></key>
        <graph edgedefault="directed"><node id="a"/><node id="h"/><node id="o"><data key="a">relu</data></node>
        <edge source="a" target="h"><data key="w">1.5</data></edge><edge source="h" target="o"/></graph></graphml>"""
    graph = nx.parse_graphml(text)
    graph.nodes["a"]["activation"] = "linear"
    net = ns.Network.from_networkx(graph)
    assert (net.weights.tolist(), str(net["h"].activation), str(net["o"].activation)) == ([1.5, 2.5], "tanh", "relu")


def test_names_that_are_equal():
    graph = nx.DiGraph()
    graph.add_node(1, name="x"), graph.add_node(2, name="x"), graph.add_node(3, name="out")
    graph.add_edge(1, 3, weight=1.0, name="link"), graph.add_edge(2, 3, weight=2.0, name="link")
    graph.add_node(4), graph.add_edge(4, 3, weight=3.0, name="out"), graph.add_edge(4, 5, weight=4.0, label="W2")
    net = ns.Network.from_networkx(graph)
    assert [node.name for node in net.nodes] == ["1", "2", "out", "4", "5"]
    assert {c.name: c.weight for c in net.connections} == {"W1": 1.0, "W3": 2.0, "W4": 3.0, "W2": 4.0}
    with pytest.raises(ns.StructureError, match="the nodes 1 and '1' would both be named '1'"):
        ns.Network.from_networkx(nx.DiGraph([(1, "1")]))


def test_parallel_edges():
    graph = nx.MultiDiGraph([("a", "b", {"weight": 1.0}), ("b", "c", {"weight": 1.0})])
    assert ns.Network.from_networkx(graph).weights.tolist() == [1.0, 1.0]
    graph.add_edge("a", "b", weight=2.0, enabled=False)
    assert ns.Network.from_networkx(graph).weights.tolist() == [1.0, 1.0]
    graph.add_edge("a", "b", weight=2.0)
    with pytest.raises(ns.StructureError, match="2 parallel edges lead from a to b"):
        ns.Network.from_networkx(graph)


def test_kinds_by_place_and_activations_by_kind():
    net = ns.Network.from_networkx(nx.DiGraph([(1, "h"), (2, "h"), ("h", "y"), (1, "y")]), hidden="tanh", seed=0)
    kinds = [("1", "input"), ("h", "hidden"), ("2", "input"), ("y", "output")]
    assert [(node.name, node.kind) for node in net.nodes] == kinds
    assert [str(net[name].activation) for name in "hy"] == ["tanh", "linear"]
    for graph in (nx.Graph([(1, 2)]), nx.MultiGraph([(1, 2)]), "graph"):
        with pytest.raises(ns.ArgumentTypeError, match=r"networkx\.DiGraph"):
            ns.Network.from_networkx(graph)
    with pytest.raises(ns.StructureError, match="cycle"):
        ns.Network.from_networkx(nx.DiGraph([("i", "a"), ("a", "b"), ("b", "a"), ("b", "o")]))


# ---- formats that keep less --------------------------------------------------------------------------------


LESS = {
    "pajek": (FORMATS["pajek"].change, r"came through a format .*text, such as Pajek.*text=True"),
    "edgelist": (
        Format(nx.write_edgelist, functools.partial(nx.read_edgelist, create_using=nx.DiGraph)).change,
        "no node says its kind",
    ),
    "edges alone": (lambda graph: nx.DiGraph(list(graph.edges(data=True))), "no node says its kind"),
    "dicts": (lambda graph: nx.DiGraph(nx.to_dict_of_dicts(graph)), "no node says its kind"),
    "nodes alone": (
        lambda graph: (lambda bare: (bare.add_nodes_from(graph.nodes(data=True)), bare)[1])(nx.DiGraph(graph.edges())),
        "no edge has a weight",
    ),
}


@pytest.mark.parametrize("form", LESS)
def test_formats_that_lose_something_are_refused(form):
    change, message = LESS[form]
    with pytest.raises(ns.StructureError, match=message):
        ns.Network.from_networkx(change(article_network(1).to_networkx()))


def exported_then(net):
    """Return what the first version exported: no order of nodes, "value" for the constant, no loss at outputs."""
    graph = net.to_networkx()
    for _, data in graph.nodes(data=True):
        for later in ("order", "loss", "dtype"):
            data.pop(later, None)
        if "constant" in data:
            data["value"] = data.pop("constant")
    return graph


def test_exports_of_the_first_version():
    for seed in range(30):
        net, _ = random_network(seed, loss="mae")
        for form, back in FORMATS.items():
            graph = back.change(exported_then(net))
            if form == "pajek" or (form == "cytoscape" and net.biases):
                with pytest.raises(ns.StructureError, match="text=True" if form == "pajek" else "has lost its value"):
                    ns.Network.from_networkx(graph)
                continue
            kept = net.copy()
            # GEXF kept no loss then.
            kept.loss = "mse" if form == "gexf" else "mae"
            assert everything(ns.Network.from_networkx(graph)) == everything(kept), (form, seed)


def test_text_alone():
    net = article_network(1)
    graph = net.to_networkx(text=True)
    said = [value for _, data in graph.nodes(data=True) for value in data.values()]
    said += [value for _, _, data in graph.edges(data=True) for key, value in data.items() if key != "weight"]
    assert {type(value) for value in said} == {str}
    for name in QUOTED:
        net.add_input(name)
        with pytest.raises(ns.ArgumentError, match="leave text=True out"):
            net.to_networkx(text=True)
        net.remove(name)
    with pytest.raises(ns.ArgumentError, match="text must be True or False"):
        net.to_networkx(text="yes")


@pytest.mark.usefixtures("session")
def test_functions_are_told_by_their_names():
    net = article_network(1)
    net["H1"].activation = ns.Activation("mine", np.sin, lambda z, a: np.cos(z))
    graph = net.to_networkx()
    with pytest.raises(ns.UnknownNameError, match="no activation named 'mine'"):
        ns.Network.from_networkx(graph)
    ns.register(net["H1"].activation)
    assert ns.Network.from_networkx(graph)["H1"].activation == net["H1"].activation
    net["H2"].activation = ns.Activation("mine", np.cos, lambda z, a: -np.sin(z))
    with pytest.raises(ns.FunctionError, match="mine cannot be told by its name"):
        net.to_networkx()


def test_loss_and_numbers_of_the_whole_network():
    net = ns.Network.layered([1, 2, 2], loss="mae", seed=0, dtype="float32")
    graph = net.to_networkx()
    assert graph.graph == {"loss": "mae", "dtype": "float32"}
    graph.graph.clear()
    twin = ns.Network.from_networkx(graph)
    assert (str(twin.loss), twin.store.weights.dtype) == ("mae", np.float32)
    assert str(ns.Network.from_networkx(graph, loss="mse").loss) == "mse"
    graph.nodes["O1"]["loss"] = "mse"
    with pytest.raises(ns.StructureError, match="different things of the loss: mae, mse"):
        ns.Network.from_networkx(graph)
    assert ns.Network.from_networkx(graph, loss="mse", dtype="float64").store.weights.dtype == np.float64


# ---- inputs that failed once -------------------------------------------------------------------------------


def test_an_export_of_the_first_version_in_gml():
    # Without an order of nodes, with the value of bias nodes under that name, truth values as 1.
    net = ns.Network.from_networkx(nx.read_gml(REFERENCE / "export_then.gml"))
    like = ns.Network.layered([2, 3, 1], hidden="tanh", seed=0)
    assert everything(net) == everything(like)
    x = [[0.5, -1.0], [2.0, 0.25]]
    assert net.predict(x).tobytes() == like.predict(x).tobytes()


def test_a_genome_in_node_link_json():
    inputs = [{"id": -1, "kind": "input"}, {"id": -2, "kind": "input"}]
    output = {"id": 0, "kind": "output", "activation": "sigmoid", "bias": -1.0, "response": 1.0, "aggregation": "sum"}
    edges = [{"source": -1, "target": 0, "weight": 2.0, "enabled": True},
             {"source": -2, "target": 0, "weight": -3.0, "enabled": False}]  # fmt: skip
    genome = {"directed": True, "multigraph": False, "graph": {}, "nodes": [*inputs, output], EDGES: edges}
    net = ns.Network.from_networkx(nx.node_link_graph(json.loads(json.dumps(genome))))
    assert net.predict([0.7, 9.0]) == pytest.approx(1 / (1 + np.exp(-(2.0 * 0.7 - 1.0))))
    output["response"] = 2.5
    net = ns.Network.from_networkx(nx.node_link_graph(json.loads(json.dumps(genome))))
    assert net.predict([0.7, 9.0]) == pytest.approx(1 / (1 + np.exp(-(2.5 * 2.0 * 0.7 - 1.0))))
    output["aggregation"] = "max"
    with pytest.raises(ns.StructureError, match="bias of node 0 is -1.0, and H of the node is the max"):
        ns.Network.from_networkx(nx.node_link_graph(genome))


def test_weights_in_graphml_under_a_capital_letter():
    text = """<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
        <key id="w" for="edge" attr.name="Weight" attr.type="double"/>
        <graph edgedefault="directed"><node id="a"/><node id="h"/><node id="o"/>
        <edge source="a" target="h"><data key="w">1.5</data></edge>
        <edge source="h" target="o"><data key="w">-2.0</data></edge></graph></graphml>"""
    assert ns.Network.from_networkx(nx.parse_graphml(text)).weights.tolist() == [1.5, -2.0]


def test_a_multigraph_in_node_link_json():
    data = {"directed": True, "multigraph": True, "graph": {}, "nodes": [{"id": 0}, {"id": 1}, {"id": 2}],
            EDGES: [{"source": 0, "target": 1, "key": 0, "weight": 1.0},
                    {"source": 1, "target": 2, "key": 0, "weight": 2.0}]}  # fmt: skip
    net = ns.Network.from_networkx(nx.node_link_graph(data))
    assert [(c.source.name, c.target.name, c.weight) for c in net.connections] == [("0", "1", 1.0), ("1", "2", 2.0)]


def test_the_live_graph_relabelled_with_names():
    net = ns.Network.layered([2, 3, 1], seed=0)
    twin = ns.Network.from_networkx(nx.relabel_nodes(net.graph, lambda node: node.name))
    assert everything(twin) == everything(net)

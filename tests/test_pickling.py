"""Whatever comes out of a network can be pickled and copied, and says the same afterwards."""

from __future__ import annotations

import copy
import io
import pickle
import subprocess
import sys

import networkx as nx
import numpy as np
import pytest
from helpers import digest

import nodesim as ns

X, Y = [[0.0, 0.1], [0.0, 1.0], [1.0, 0.0], [0.9, 1.0]], [[0.0], [1.0], [1.0], [0.0]]


def _trained():
    net = ns.Network.layered([2, 3, 2, 1], hidden=["tanh", "relu"], seed=3)
    net["H1"].activation = ns.activation("leaky_relu", slope=0.125)
    recording, taught, epochs = ns.Recording(net), ns.PathRecording(net, ["W1", "W2"], X, Y), []
    history = net.fit(X, Y, epochs=5, learning_rate=0.01, callbacks=[recording, taught, epochs.append])
    net.forward(X), net.backward(Y)
    return net, {"recording": recording, "taught": taught, "epoch": epochs[2], "history": history}


NET, LEFT = _trained()
PATHS = NET.paths("W1")
DERIVATION = NET.derivation("W3")


def names(elements):
    return [element.name for element in elements]


def of_path(path):
    return names(path.nodes), names(path.connections), [str(f) for f in path.factors], path.product


def of_paths(paths):
    listed = sorted((str(path), path.product) for path in paths)
    return paths.count, paths.gradient, paths.scale, listed, [of_path(path) for path in paths.top(3)], repr(paths)


def of_flow(flow):
    return flow.to_dict(), sorted(flow.to_networkx().edges)


def of_arrays(arrays):
    return [np.asarray(part).tolist() for part in arrays]


def of_network(net):
    connections = [(c.name, c.source.name, c.target.name, c.number, c.weight, c.trainable) for c in net.connections]
    return (
        connections,
        list(map(repr, net.nodes)),
        net.copy().predict(X).tolist(),
        str(net.structure.generator.bit_generator.state),
    )


def of_graph(graph):
    nodes = {node.name: dict(data) for node, data in graph.nodes(data=True)}
    edges = [
        (u.name, v.name, {key: str(value) for key, value in data.items()}) for u, v, data in graph.edges(data=True)
    ]
    return nodes, edges, dict(graph.graph)


def of_layer(layer):
    return (
        repr(layer),
        names(layer.nodes),
        names(layer.biases),
        {node.network for node in layer} == {layer.nodes[0].network},
    )


def of_taught(taught):
    return {name: taught[name].to_dict() for name in taught}, taught.errors.tolist(), repr(taught)


def of_simulator(simulator):
    inputs, _ = simulator.inputs(X)
    run = simulator.forward(inputs)
    gradients = simulator.backward(run, simulator.targets(Y, len(X), single=False))
    return run.value.tolist(), gradients.tolist(), str(simulator.loss)


def of_run(run):
    return (
        run.value.tolist(),
        run.activated.tolist(),
        run.delta.tolist(),
        run.errors.tolist(),
        str(run.loss),
        run.single,
    )


# What there is, and what it says: numbers and words that nobody shares with another object.
THINGS = {
    "network": (lambda: NET, of_network),
    "graph": (lambda: NET.graph, of_graph),
    "graph, copied": (lambda: NET.graph.copy(), of_graph),
    "graph, relabelled": (lambda: nx.relabel_nodes(NET.graph, str), lambda g: repr(list(g.nodes(data=True)))),
    "graph, plain": (lambda: NET.to_networkx(), lambda g: (list(g.nodes(data=True)), list(g.edges(data=True)))),
    "node": (lambda: NET["H1"], lambda node: (repr(node), node.activation, names(node.incoming), node.layer.name)),
    "bias": (lambda: NET["B1"], lambda bias: (repr(bias), bias.value, names(bias.outgoing))),
    "connection": (lambda: NET["W5"], lambda c: (repr(c), c.weight, c.source.name, c.target.name, c.trainable)),
    "layer": (lambda: NET.layers[1], of_layer),
    "layers": (lambda: NET.layers, lambda layers: [of_layer(layer) for layer in layers]),
    "nodes and connections": (lambda: (NET.nodes, NET.connections), lambda both: [repr(e) for e in (*both[0], *both[1])]),
    "paths": (lambda: PATHS, of_paths),
    "paths of a sample": (lambda: NET.paths("W1", sample=2), of_paths),
    "paths of a node": (lambda: NET.paths("H2"), of_paths),
    "restricted paths": (lambda: PATHS.through("H4").avoiding("H5"), of_paths),
    "paths by output": (lambda: PATHS.by_output(), lambda found: {node.name: of_paths(found[node]) for node in found}),
    "path": (lambda: next(iter(PATHS)), of_path),
    "paths listed": (lambda: (list(PATHS), PATHS.top(2)), lambda both: [of_path(path) for path in (*both[0], *both[1])]),
    "arrays of paths": (lambda: PATHS.as_arrays(), of_arrays),
    "factor": (lambda: next(iter(PATHS)).factors, lambda factors: [str(factor) for factor in factors]),
    "flow": (lambda: PATHS.flow(), of_flow),
    "lengths": (lambda: PATHS.lengths(), lambda flow: flow.to_dict()),
    "share": (lambda: PATHS.flow()[1], repr),
    "derivative graph": (lambda: PATHS.derivatives, lambda graph: sorted(graph.to_networkx().edges(data="factor"))),
    "path counts": (lambda: NET.path_counts(), lambda counts: (dict(counts), counts.total, names(dict(counts.most(3))))),
    "derivation": (lambda: DERIVATION, lambda d: (str(d), d.latex("factored"), d.tree(), repr(d), d.gradient)),
    "comparison": (lambda: DERIVATION.compare(NET.derivation("W4")), lambda found: (str(found), repr(found))),
    "operations": (lambda: NET.operations(), lambda found: (str(found), repr(found))),
    "steps": (lambda: list(NET.steps(X[0], Y[0])), lambda steps: [str(step) for step in steps]),
    "diagnosis": (lambda: NET.diagnose(X, Y), lambda found: (str(found), [repr(layer) for layer in found])),
    "dead weights": (lambda: NET.dead_weights(), lambda found: (str(found), [repr(dead) for dead in found], found.names)),
    "gradient check": (lambda: ns.check_gradients(NET, X, Y), str),
    "drawing": (lambda: NET.draw(highlight=PATHS), lambda drawing: drawing.svg),
    "explorer": (lambda: NET.explore(X, Y, history=LEFT["recording"]), lambda explorer: explorer.document),
    "history": (lambda: LEFT["history"], lambda history: (history.errors, repr(history))),
    "epoch": (lambda: LEFT["epoch"], lambda epoch: (epoch.number, epoch.error, epoch.history.errors)),
    "recording": (lambda: LEFT["recording"], lambda r: ([m.weights.tolist() for m in r], r.errors, r.current)),
    "recording of paths": (lambda: LEFT["taught"], of_taught),
    "history of a weight": (lambda: LEFT["taught"]["W1"], lambda found: (found.to_dict(), repr(found))),
    "dataset": (lambda: ns.datasets.load("iris"), lambda data: (data.X.tolist(), data.y.tolist(), repr(data))),
    "simulator": (lambda: NET.simulator, of_simulator),
    "simulator of its own": (lambda: NET.simulator.copy(), of_simulator),
    "structure": (lambda: NET.structure, lambda structure: (names(structure.nodes), structure.weights.tolist())),
    "schedule": (lambda: NET.schedule, lambda schedule: (names(schedule.order), schedule.slots.tolist())),
    "store": (lambda: NET.store, lambda store: (store.weights.tolist(), store.trainable.tolist(), of_run(store.run))),
    "run": (lambda: NET.store.run, of_run),
    "activation": (lambda: ns.activation("elu", alpha=0.1 + 0.2), lambda f: (f, repr(f), f(0.5))),
    "loss": (lambda: ns.loss("huber", delta=0.3), lambda f: (f, repr(f))),
    "optimizer": (lambda: ns.optimizer("adam", beta1=0.5), lambda f: (f, repr(f))),
    "initializer": (lambda: ns.initializer("normal", std=0.5), lambda f: (f, repr(f))),
    "regularizer": (lambda: ns.regularizer("l1", strength=0.1 + 0.2), lambda f: (f, repr(f), f(0.5))),
    "regularizer of a formula": (lambda: ns.Regularizer("q", formula="w ** 4"), lambda f: (f, repr(f), f(0.5))),
    "learning rates": (lambda: ns.schedule("cosine", rate=0.1 + 0.2), lambda f: (f, repr(f), f.rate(7))),
}  # fmt: skip


def test_everything_says_the_same_afterwards():
    for name, (make, tell) in THINGS.items():
        thing = make()
        before, state = tell(thing), digest(NET)
        pickled = [pickle.loads(pickle.dumps(thing, protocol)) for protocol in (2, pickle.HIGHEST_PROTOCOL)]
        for other in (*pickled, copy.copy(thing), copy.deepcopy(thing)):
            assert isinstance(thing, type(other)), name
            assert tell(other) == before, name
        assert digest(NET) == state, name


def test_in_another_process(tmp_path):
    # Names of functions, and no address, lead to what is there. Whatever ran NET before, its samples are these.
    NET.forward(X), NET.backward(Y)
    things = {name: make() for name, (make, _) in THINGS.items()}
    (tmp_path / "things").write_bytes(pickle.dumps(things))
    code = (
        "import pickle, sys; things = pickle.load(open(sys.argv[1], 'rb'));"
        "print(len(things), things['paths'].gradient, things['node'].network is things['network'],"
        "things['path'].connections[0] is things['network']['W1'], things['activation'])"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "things")]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said == f"{len(things)} {PATHS.gradient} True True {ns.activation('elu', alpha=0.1 + 0.2)}\n"


def test_what_comes_together_stays_together():
    net, left = _trained()
    paths, graph, recording = net.paths("W1"), net.graph, left["recording"]
    explorer = net.explore(X, Y)
    bundle = {"graph": graph, "paths": paths, "H1": net["H1"], "W1": net["W1"], "net": net, "layer": net.layers[1],
              "recording": recording, "counts": net.path_counts(), "explorer": explorer}  # fmt: skip
    back = pickle.loads(pickle.dumps(bundle))
    twin = back["net"]
    assert back["H1"] is twin["H1"]
    assert back["W1"] is twin["W1"]
    assert next(iter(back["paths"])).connections[0] is twin["W1"]
    assert back["layer"].nodes == twin.layers[1].nodes
    assert back["recording"].network is twin
    assert back["explorer"]._calculator.simulator is twin.simulator
    # The graph that comes back is live, and its network can be trained and recorded on.
    twin["W1"].weight = 123.0
    assert back["graph"].edges[twin["I1"], twin["H1"]]["weight"] == 123.0
    assert set(back["graph"]) == set(twin.nodes)
    twin.fit(X, Y, epochs=2, learning_rate=0.01, callbacks=back["recording"])
    assert (len(back["recording"].errors), len(recording.errors)) == (7, 5)
    assert net["W1"].weight != 123.0
    assert copy.deepcopy(recording).current
    twin.connect("I1", "O1")
    assert back["graph"].number_of_edges() == graph.number_of_edges() + 1
    assert not back["recording"].current


def test_copies_of_elements_are_themselves():
    for element in (*NET.nodes, *NET.connections, ns.activation("tanh")):
        assert copy.copy(element) is element
        assert copy.deepcopy(element) is element
    graph = NET.graph
    assert copy.copy(graph) is graph
    own = copy.deepcopy(graph)
    own.remove_node(NET["H1"])
    assert NET["H1"] in graph


def test_what_was_removed_is_refused_by_name():
    net, _ = _trained()
    paths = net.paths("W1")
    before = of_paths(paths)
    net.connect("I1", net.add_hidden())
    assert of_paths(pickle.loads(pickle.dumps(paths))) == before
    gone = net.remove("H2")[0]
    for thing in (gone, paths, next(iter(paths))):
        with pytest.raises(ns.StaleElementError, match="was removed from its network"):
            pickle.dumps(thing)
    assert of_paths(paths) == before


@pytest.mark.usefixtures("session")
def test_functions_that_nobody_finds_are_refused_by_name():
    mine = ns.Activation("mine", np.sin, lambda z, a: np.cos(z))
    net = ns.Network.layered([1, 1, 1], hidden=mine, seed=0)
    for thing in (mine, net, net.graph, net["H1"], net.simulator):
        with pytest.raises(ns.FunctionError, match="mine cannot be kept in a file: no activation named 'mine'"):
            pickle.dumps(thing)
    ns.register(mine)
    stream = io.BytesIO(pickle.dumps([mine, net]))
    assert pickle.load(stream)[1]["H1"].activation == mine
    ns.unregister("mine")
    stream.seek(0)
    with pytest.raises(ns.UnknownNameError, match="no activation named 'mine'"):
        pickle.load(stream)


def test_what_was_run_much_goes_on_the_same_bit_by_bit():
    """Also where as much was run that it is run natively by now: a twin that began in NumPy would round differently."""
    net = ns.Network.layered([2, 3, 1], seed=1)
    net.threads = 2
    net.fit(X, Y, epochs=60_000, learning_rate=0.01)
    for twin in (pickle.loads(pickle.dumps(net)), pickle.loads(pickle.dumps(net.simulator)), net.copy()):
        simulator = getattr(twin, "simulator", twin)
        assert simulator.habits == net.simulator.habits
        assert simulator.threads == 2

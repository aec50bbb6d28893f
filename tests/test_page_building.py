"""A network that the page has changed is described as Python describes the same network, changed likewise."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from helpers import random_network

import nodesim as ns
from nodesim.errors import NodesimError
from nodesim.explorer.numbers import unpacked

PAGE = Path(__file__).parents[1] / "nodesim" / "explorer" / "page" / "src"
NODE = shutil.which("node")
COUNT, EDITS = int(os.environ.get("NODESIM_NETWORKS", "20")), 8
COMPARED = (
    "loss",
    "layers",
    "nodes",
    "connections",
    "order",
    "counts",
    "size",
    "samples",
    "missing",
    "editable",
    "title",
)
HOSTILE = ["__proto__", "constructor", "<b>", "🐍", "HA1", "W2", "B1", "H[H1]", "two\nlines", "e", "W٣"]
ACTIVATIONS = ["sigmoid", "tanh", "relu", "leaky_relu", "linear", "step"]
LOSSES = ["mse", "mae", "huber", "binary_cross_entropy", "softmax_cross_entropy"]

pytestmark = pytest.mark.skipif(NODE is None, reason="Node.js runs what the page runs")

SCRIPT = """
const [building, { unpacked }] = await Promise.all(process.argv.slice(1).map((file) => import(file)));
let text = "";
for await (const part of process.stdin) text += part;
const made = JSON.parse(text).map(({ document, edits }) => {
  let now = { document, weights: unpacked(document.epochs.at(-1).weights) };
  return edits.map(([name, ...given]) => {
    const before = JSON.stringify(now.document);
    try {
      const next = name === "layered" ? building.layered(now.document, ...given) : building[name](now.document, now.weights, ...given);
      if (JSON.stringify(now.document) !== before) return { broken: name };
      now = next;
    } catch (error) {
      if (!(error instanceof building.EditError) || JSON.stringify(now.document) !== before) throw error;
      return { refused: error.message };
    }
    const { offered, ...rest } = now.document;
    return { document: rest, weights: [...now.weights] };
  });
});
process.stdout.write(JSON.stringify(made));
"""


def by_the_page(cases):
    """Return for each case, a document and edits, what the page makes of it after each of the edits."""
    given = json.dumps([{"document": document, "edits": edits} for document, edits in cases])
    files = [(PAGE / file).as_uri() for file in ("building/index.js", "moments.js")]
    command = [NODE, "--input-type=module", "-e", SCRIPT, *files]
    ran = subprocess.run(command, input=given.encode(), capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr.decode()
    return json.loads(ran.stdout)


class ByHand:
    """The edits of the page in Python."""

    def __init__(self, net, samples):
        self.net, self.samples = net, samples

    def described(self):
        return json.loads(json.dumps(self.net.explore(*self.samples).document))

    def connect(self, sources, targets):
        for source in sources:
            for target in targets:
                if not any(c.target is target for c in source.outgoing) and not leads(target, source):
                    self.net.connect(source, target)

    def fed(self, layer):
        return [bias for bias in self.net.biases if any(c.target in layer.nodes for c in bias.outgoing)]

    def with_node(self, number):
        net, layers = self.net, self.net.layers
        beside = layers[number].nodes
        above = [*layers[number - 1].nodes]
        above += [n for n in net.nodes if n.kind == "output" and any(c.target is beside[0] for c in n.outgoing)]
        biases = self.fed(layers[number])
        node = net.add_hidden(activation=beside[-1].activation)
        self.connect([*above, *biases], [node])
        self.connect([node], layers[number + 1].nodes)

    def without_node(self, name):
        self.net.remove(name)

    def with_connection(self, source, target):
        self.net.connect(source, target)

    def without_connection(self, name):
        self.net.remove(self.net[name])

    def with_activation(self, names, activation):
        for name in names:
            self.net[name].activation = activation

    def with_loss(self, loss):
        needed = ns.loss(loss).outputs
        for node in self.net.outputs:
            if needed and node.activation.name != needed:
                node.activation = needed
        self.net.loss = loss

    def with_hidden_layer(self, wanted):
        net, before = self.net, wanted["before"]
        left, right = net.layers[before - 1], net.layers[before]
        biases = [bias for bias in self.fed(right) if bias in left.biases]
        functions = net.layers[-2].nodes[0].activation if len(net.layers) > 2 else "sigmoid"
        for source in (*left.nodes, *biases):
            for c in source.outgoing:
                if c.target in right.nodes:
                    net.disconnect(c)
        made = [net.add_hidden(activation=functions) for _ in range(wanted["size"])]
        self.connect([*left.nodes, *biases], made)
        self.connect([*made, net.add_bias()] if biases else made, right.nodes)

    def without_hidden_layer(self, number):
        net, layers = self.net, self.net.layers
        idle = self.fed(layers[number])
        for node in layers[number].nodes:
            net.remove(node)
        for bias in idle:
            if not bias.outgoing:
                net.remove(bias)
        self.connect(layers[number - 1].nodes, layers[number + 1].nodes)


def leads(start, end):
    found, waiting = {start}, [start]
    while waiting:
        for c in waiting.pop().outgoing:
            if c.target not in found:
                found.add(c.target)
                waiting.append(c.target)
    return end in found


def networks():
    """Yield networks of all kinds with samples: random ones, layered ones, with ties, gaps and hostile names."""
    for seed in range(COUNT):
        net, rng = random_network(seed, activations=ACTIVATIONS[:5], loss=LOSSES[seed % 5] if seed % 2 else "mse")
        if seed % 3 == 0:
            sizes = rng.integers(1, 5, size=rng.integers(2, 6)).tolist()
            names = rng.permutation(HOSTILE)[: sizes[0]].tolist()
            net = ns.Network.layered(sizes, inputs=names, bias=bool(seed % 2), seed=seed, hidden="tanh")
        if seed % 4 == 1:
            damaged(net, rng)
        yield net, rng


def samples_of(net, rng):
    """Draw samples that suit every loss."""
    y = rng.random((2, len(net.outputs)))
    return rng.standard_normal((2, len(net.inputs))), y / y.sum(axis=1, keepdims=True)


def damaged(net, rng):
    """Leave gaps in the numbers, and let connections have names of their own, and share weights."""
    connections = net.connections
    for place in rng.permutation(len(connections))[::3]:
        c = connections[place]
        if len(c.target.incoming) > 1:
            net.disconnect(c)
    for place, node in enumerate(net.hidden[:2]):
        net.connect(net.add_input(), node, name=f"{HOSTILE[place]} too")
    if len(net.connections) > 3:
        net.tie(*net.connections[:2], name="shared"), net.tie(*net.connections[2:4])


def random_edit(net, rng):
    """Return an edit as the page is asked for it, and as Python is; it may be one that is refused."""
    hidden = [number for number, layer in enumerate(net.layers) if layer.kind == "hidden"]
    names, weights = [n.name for n in net.nodes], [c.name for c in net.connections]
    choices = ["withConnection"] * 3 + ["withHiddenLayer", "withLoss", "withoutConnection", "withoutNode"]
    choices += ["withNode", "withNode", "withoutHiddenLayer", "withActivation"] if hidden else []
    name = str(rng.choice(choices))
    if name in ("withNode", "withoutHiddenLayer"):
        return [name, int(rng.choice(hidden))]
    if name == "withHiddenLayer":
        return [name, {"before": int(rng.integers(1, len(net.layers))), "size": int(rng.integers(1, 4))}]
    if name == "withConnection":
        return [name, *map(str, rng.choice(names, 2))]
    if name == "withActivation":
        return [name, [n.name for n in net.hidden], str(ns.activation(str(rng.choice(ACTIVATIONS))))]
    if name == "withLoss":
        return [name, str(ns.loss(str(rng.choice(LOSSES))))]
    if name == "withoutConnection":
        return [name, str(rng.choice(weights))]
    return [name, str(rng.choice(names))]


def in_python(edit):
    name, *given = edit
    snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
    if name in ("withLoss", "withActivation"):
        # Without its parameters, which are the usual ones.
        given[-1] = given[-1].partition("(")[0]
    return snake, given


def edited(net, rng, samples):
    """Edit a network in Python at random; return the edits, and the documents, None where an edit is refused."""
    by_hand, edits, documents = ByHand(net, samples), [], []
    for _ in range(EDITS):
        edit = random_edit(net, rng)
        name, given = in_python(edit)
        kept = net.copy()
        try:
            if name == "without_node" and net[given[0]].kind in ("input", "output"):
                raise ns.StructureError("the page keeps inputs and outputs")
            getattr(by_hand, name)(*given)
            net.error(*samples)
        except NodesimError:
            net = by_hand.net = kept
            edits.append(edit), documents.append(None)
            continue
        edits.append(edit), documents.append(by_hand.described())
    return edits, documents


def comparable(document):
    """Return what must be equal, with the functions' programs in place of where they stand."""
    programs = document["programs"]
    found = {key: document[key] for key in COMPARED}
    for part in (found["loss"], *found["nodes"]):
        part["program"] = None if part["program"] is None else programs[part["program"]]
    return found


def test_random_edits_are_those_of_python():
    cases, wanted = [], []
    for net, rng in networks():
        samples = samples_of(net, rng)
        document = ByHand(net, samples).described()
        edits, documents = edited(net, rng, samples)
        cases.append((document, edits))
        wanted.append(documents)
    made = 0
    for (document, edits), found, documents in zip(cases, by_the_page(cases), wanted):
        weights = weights_of(document, unpacked(document["epochs"][-1]["weights"]))
        for edit, page, python in zip(edits, found, documents):
            assert ("refused" in page) == (python is None), (edit, page.get("refused"))
            if python is None:
                continue
            got, want = comparable(page["document"]), comparable(python)
            for key in COMPARED:
                assert got[key] == want[key], (edit, key)
            assert page["weights"] == unpacked(page["document"]["epochs"][0]["weights"]).tolist()
            before, weights = weights, weights_of(page["document"], page["weights"])
            assert all(weights[key] == before[key] for key in weights.keys() & before.keys())
            made += 1
    assert made > COUNT * EDITS / 2


def weights_of(document, weights):
    """Return weights by the name of their connection and those of its ends."""
    names = [node["name"] for node in document["nodes"]]
    keys = [(c["name"], names[c["source"]], names[c["target"]]) for c in document["connections"]]
    return dict(zip(keys, weights))


def test_layers_are_those_of_python():
    rng, cases, wanted = np.random.default_rng(3), [], []
    for case in range(COUNT):
        sizes = rng.integers(1, 7, size=rng.integers(2, 6)).tolist()
        names = rng.permutation([*HOSTILE, *"abcdf"]).tolist()
        hidden = rng.choice(ACTIVATIONS, len(sizes) - 2).tolist()
        loss = str(rng.choice(LOSSES if sizes[-1] > 1 else LOSSES[:-1]))
        output = ns.loss(loss).outputs or str(rng.choice(ACTIVATIONS))
        named = rng.random() < 0.7
        # The last weights make room for an output of their name.
        last = sum((a + 1) * b for a, b in pairwise(sizes))
        ends = [f"W{last}", *(f"{name}'" for name in names[1 : sizes[-1]])]
        inputs, outputs = (names[: sizes[0]], ends) if named else (None, None)
        net = ns.Network.layered(sizes, hidden=hidden, output=output, loss=loss, inputs=inputs, outputs=outputs)
        start = ns.Network.layered([1, 2, 1], seed=0).explore().document
        given = {"hidden": sizes[1:-1], "inputs": inputs or sizes[0], "outputs": outputs or sizes[-1]}
        given |= {"loss": str(net.loss), "activation": [str(ns.activation(each)) for each in hidden]}
        given |= {"outputActivation": str(ns.activation(output))}
        cases.append((start, [["layered", {**given, "seed": 2 * case}], ["layered", {**given, "seed": 2 * case + 1}]]))
        wanted.append(json.loads(json.dumps(net.explore().document)))
    drawn = []
    for found, document in zip(by_the_page(cases), wanted):
        want = comparable(document)
        for page in found:
            got = comparable(page["document"])
            for key in COMPARED:
                assert got[key] == want[key], key
            drawn += page["weights"]
        assert found[0]["weights"] != found[1]["weights"]
    # As nodesim draws them: normal, with mean 0 and deviation 1.
    assert abs(np.mean(drawn)) < 5 / len(drawn) ** 0.5
    assert abs(np.std(drawn) - 1) < 5 / len(drawn) ** 0.5
    assert 0.6 < np.mean(np.abs(drawn) < 1) < 0.76

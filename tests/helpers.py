"""Random networks, the same networks in torch, and a digest of everything a network remembers."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import networkx as nx
import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from hypothesis import settings
from hypothesis import strategies as st

import nodesim as ns
from nodesim.plugins import lookup

# Networks this small are not worth a second thread, and several processes with two each wait for one another.
torch.set_num_threads(1)

REFERENCE = Path(__file__).parent / "reference"
ROOT = Path(__file__).parent.parent

ACTIVATIONS = {
    "linear": lambda z: z,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky_relu": F.leaky_relu,
    "elu": F.elu,
    "selu": F.selu,
    # torch's own threshold of 20 cuts off 2e-9.
    "softplus": lambda z: F.softplus(z, threshold=1000),
    "softsign": F.softsign,
    "silu": F.silu,
    "gelu": F.gelu,
    "mish": F.mish,
    # F.hardsigmoid has 1/6 in single precision in its backward: off by 5e-9.
    "hard_sigmoid": lambda z: F.relu6(z + 3) / 6,
    "hard_tanh": F.hardtanh,
    "gaussian": lambda z: torch.exp(-z * z),
    "sine": torch.sin,
}
LOSSES = {
    "mse": lambda y, o: ((y - o) ** 2).mean(1),
    "mae": lambda y, o: (y - o).abs().mean(1),
    "half_squared_error": lambda y, o: 0.5 * ((y - o) ** 2).sum(1),
    "huber": lambda y, o: F.huber_loss(o, y, reduction="none").mean(1),
    "log_cosh": lambda y, o: ((o - y).abs() + F.softplus(-2 * (o - y).abs(), threshold=1000) - np.log(2)).mean(1),
    "binary_cross_entropy": lambda y, o: F.binary_cross_entropy_with_logits(o, y, reduction="none").mean(1),
    "softmax_cross_entropy": lambda y, o: F.cross_entropy(o, y, reduction="none"),
}


def built_in(kind):
    """Return nodesim's own functions; those of other programs' networks come by the same door, and bear their names."""
    own = [function for function in lookup.default.all(kind) if function.origin.startswith("nodesim ")]
    return [function for function in own if not function.name.startswith(("fann_", "neat_"))]


# A falsifying example is then told by its seed, and made again by it.
SEEDS = st.integers(0, 2**32 - 1)


def examples(count):
    """Ask hypothesis for so many examples, few of what is dear and many of what is cheap: a deeper profile makes more."""
    usual, most = settings.get_profile("quick").max_examples, settings.default.max_examples
    return settings(max_examples=count if most == usual else max(count, most))


def random_network(seed, *, activations=None, loss="mse", output=None, max_hidden=8, weight=None):
    """Build a random DAG: skip connections, some biases, mixed activations, dead ends, outputs that feed others."""
    rng = np.random.default_rng(seed)
    names = list(activations or ACTIVATIONS)
    net = ns.Network(loss=loss, seed=seed)
    output = {"binary_cross_entropy": "sigmoid", "softmax_cross_entropy": "linear"}.get(loss, output)
    inputs, biases = (
        [f"{letter}{i + 1}" for i in range(n)] for letter, n in (("I", rng.integers(1, 5)), ("B", rng.integers(0, 3)))
    )
    later = [f"H{i + 1}" for i in range(rng.integers(0, max_hidden + 1))] + [
        f"O{i + 1}" for i in range(rng.integers(2 if loss == "softmax_cross_entropy" else 1, 4))
    ]
    rng.shuffle(later)
    everything = inputs + biases + later
    for name in rng.permutation(everything):
        name = str(name)
        pick = str(rng.choice(names))
        if name[0] == "I":
            net.add_input(name)
        elif name[0] == "B":
            net.add_bias(name, value=float(rng.choice([1.0, 1.0, -0.5])))
        elif name[0] == "H":
            net.add_hidden(name, activation=pick)
        else:
            net.add_output(name, activation=output or pick)
    pairs = []
    for place, target in enumerate(later):
        before = inputs + biases + later[:place]
        chosen = [source for source in before if rng.random() < 0.5]
        if not chosen and target[0] == "O":
            chosen = [before[rng.integers(len(before))]]
        pairs += [(source, target) for source in chosen]
    for index in rng.permutation(len(pairs)):
        connection = net.connect(*pairs[index], weight=None if weight is None else weight(rng))
        connection.trainable = bool(rng.random() < 0.9)
    return net, rng


def random_samples(net, rng, batch):
    """Draw inputs and targets that suit the loss."""
    x = rng.standard_normal((batch, len(net.inputs)))
    y = rng.standard_normal((batch, len(net.outputs)))
    if net.loss.name == "binary_cross_entropy":
        y = rng.random(y.shape)
    if net.loss.name == "softmax_cross_entropy":
        y = rng.random(y.shape)
        y /= y.sum(axis=1, keepdims=True)
    return x, y


def torch_weights(net):
    """Return one float64 tensor for each connection."""
    return {c: torch.tensor(c.weight, dtype=torch.float64, requires_grad=c.trainable) for c in net.connections}


def torch_outputs(net, x, weights, *, sums=False, masks=None):
    """Run the network forward in torch, walking the networkx graph; return (n_samples, n_outputs).

    What nodes send is multiplied by their masks, where there are any.
    """
    x = torch.tensor(np.atleast_2d(x), dtype=torch.float64)
    value, sent = {}, {}
    for node in nx.topological_sort(net.graph):
        if node.kind == "input":
            sent[node] = x[:, net.inputs.index(node)]
        elif node.kind == "bias":
            sent[node] = torch.full((len(x),), node.value, dtype=torch.float64)
        else:
            value[node] = torch.zeros(len(x), dtype=torch.float64)
            for source, _, data in net.graph.in_edges(node, data=True):
                value[node] = value[node] + weights[data["connection"]] * sent[source]
            sent[node] = ACTIVATIONS[node.activation.name](value[node])
            if masks is not None:
                sent[node] = sent[node] * torch.tensor(masks[node])
    return torch.stack([(value if sums else sent)[node] for node in net.outputs], dim=1)


def torch_error(net, x, y, weights):
    """Return e in torch: the mean over samples."""
    sums = net.loss.name == "binary_cross_entropy"
    return LOSSES[net.loss.name](torch.tensor(y), torch_outputs(net, x, weights, sums=sums)).mean()


def steady_scales(net, least=1e-3):
    """Return for every node and connection the sum of |products| along its paths, with no factor between 0 and the least.

    Two ways to calculate a gradient agree to so many digits of that. A small factor, as the slope 1 − a² of a saturated
    node is, or an output close to its target, has lost digits to rounding that no way brings back: it counts as if it
    were larger.
    """

    def steady(factor):
        size = np.abs(np.atleast_1d(factor))
        return np.where(size > 0, np.maximum(size, least), 0.0)

    graph, scales = net.paths(net.connections[0]).derivatives, {}
    for node in reversed(list(nx.topological_sort(net.graph))):
        value, activated = np.atleast_1d(node.value), np.atleast_1d(node.activated)
        slope = 1.0 if node.activation is None else steady(node.activation.derivative(value, activated))
        own = steady(graph.output_gradients[node]) if node.kind == "output" else 0.0
        behind = sum(abs(c.weight) * scales[c.target] for c in node.outgoing)
        scales[node] = behind * slope + own if graph.of_sums else (behind + own) * slope
    scales |= {c: steady(c.source.activated) * scales[c.target] for c in net.connections}
    return {element: float(np.mean(scale)) for element, scale in scales.items()}


def digest(net):
    """Hash everything that a failing call must leave alone."""
    parts = [
        [(n.name, n.kind, str(n.activation), net.structure.order[n], getattr(n, "_constant", None)) for n in net.nodes],
        [(c.name, c.source.name, c.target.name, c.number, c.weight.hex(), c.trainable) for c in net.connections],
        [(tie.name, tie.numbers) for tie in net.ties],
        str(net.structure.generator.bit_generator.state), str(net.loss), net.engine, net.threads, net.structure.lock.reason, net.classes,
        net.gradients.tobytes().hex() if net.store.has_gradients else None,
    ]  # fmt: skip
    run = net.store.run
    if run is not None:
        parts += [getattr(run, name).tobytes().hex() for name in ("value", "activated", "delta")]
        parts.append(None if run.errors is None else run.errors.tobytes().hex())
    kept = net.simulator.kept_state
    if kept is not None:
        slots, state = kept[0].slots, kept[1].state
        parts.append({k: (v[slots] if np.ndim(v) else np.asarray(v)).tobytes().hex() for k, v in state.items()})
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()


def article_network(*hidden_layers, seed=0):
    """Return the 2-2-...-2 network of a figure of the article, run forward and backward."""
    net = ns.Network.layered([2, *[2] * hidden_layers[0], 2], seed=seed)
    net.forward([0.05, 0.1])
    net.backward([0.01, 0.99])
    return net


def iris():
    """Return the features and the classes of the 150 irises of Fisher (1936)."""
    data = ns.datasets.load("iris")
    return data.X, data.y


def reference(name):
    """Return a worked example."""
    return json.loads((REFERENCE / name).read_text())


def set_weights(net, weights):
    """Set weights given as "I1->H1"."""
    for ends, weight in weights.items():
        source, target = ends.split("->")
        net.graph.edges[net[source], net[target]]["connection"].weight = weight


def by_ends(net, what):
    """Return what is asked of every connection, by "I1->H1"."""
    return {f"{c.source.name}->{c.target.name}": getattr(c, what) for c in net.connections}

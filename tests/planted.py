"""Wrong gradients: a backpropagation by hand, node by node and sample by sample, in which mistakes can be made.

It knows nothing of the doctor: a mistake is a line of the calculation that is another one.
"""

from __future__ import annotations

import networkx as nx
import numpy as np
from helpers import random_network

import nodesim as ns

RATE = 0.5


class Hand:
    """Somebody who calculates by hand; `mistakes` maps names to where they are made."""

    def __init__(self, net, x, y, mistakes=()):
        self.net, self.y = net, np.atleast_2d(y)
        self.x = np.atleast_2d(x)
        self.mistakes = dict(mistakes)
        self.order = list(nx.topological_sort(net.graph))
        self.weight = {c: c.weight for c in net.connections}

    def makes(self, name, *places):
        return self.mistakes.get(name) in places if name in self.mistakes else False

    def forward(self, sample, weight):
        value, sent = {}, {}
        for node in self.order:
            if node.kind == "input":
                sent[node] = self.x[sample, self.net.inputs.index(node)]
            elif node.kind == "bias":
                sent[node] = node.value
            else:
                value[node] = 0.0
                for c in node.incoming:
                    if c.source.kind == "bias" and self.makes("bias forgotten", "all biases", c.source.name):
                        continue
                    if self.makes("connection forgotten", f"{c.source.name} -> {c.target.name}"):
                        continue
                    value[node] += weight[c] * sent[c.source]
                sent[node] = float(node.activation.function(np.array([value[node]]))[0])
        return value, sent

    def error(self, weight):
        total = 0.0
        for sample in range(len(self.x)):
            value, sent = self.forward(sample, weight)
            a = np.array([sent[o] for o in self.net.outputs])
            z = np.array([value[o] for o in self.net.outputs])
            total += self.loss(self.y[sample], a, z)
        return total / len(self.x)

    def loss(self, y, a, z):
        match self.net.loss.name:
            case "mse":
                return ((y - a) ** 2).mean()
            case "half_squared_error":
                return 0.5 * ((y - a) ** 2).sum()
            case "binary_cross_entropy":
                return -(y * np.log(a) + (1 - y) * np.log(1 - a)).mean()
            case "softmax_cross_entropy":
                p = np.exp(z - z.max())
                return -(y * np.log(p / p.sum())).sum()
        raise AssertionError

    def by_output(self, y, a, z):
        """Return ∂e/∂OA, or for an entropy ∂e/∂O, of a sample."""
        n = len(y)
        match self.net.loss.name:
            case "mse":
                found = 2 / n * (a - y)
            case "half_squared_error":
                found = a - y
            case "binary_cross_entropy":
                found = (a - y) / n
            case "softmax_cross_entropy":
                p = np.exp(z - z.max())
                found = p / p.sum() * y.sum() - y
        other = self.mistakes.get("delta of another loss")
        if other == "mse":
            found = 2 / n * (a - y)
        elif other == "half_squared_error":
            found = a - y
        elif other == "sum":
            found = 2 * (a - y)
        elif other == "entropy":
            found = a - y
        return found

    @property
    def at_sum(self):
        """Whether what enters is ∂e/∂O already."""
        other = self.mistakes.get("delta of another loss")
        if other is not None:
            return other == "entropy"
        return "entropy" in self.net.loss.name

    def slope(self, node, value, sent):
        z, a = np.array([value[node]]), np.array([sent[node]])
        kind = "output" if node.kind == "output" else "hidden"
        if self.makes(f"{kind} slope left out", f"all {kind}", node.name):
            return 1.0
        if self.makes("slope at HA", "all nodes", f"all {kind}", node.name):
            return float(node.activation.derivative(a, node.activation.function(a))[0])
        if self.makes("slope from H", "all nodes", f"all {kind}", node.name):
            return float({"sigmoid": z * (1 - z), "tanh": 1 - z**2}[node.activation.name][0])
        return float(node.activation.derivative(z, a)[0])

    def transposed(self, weight):
        """Return the weights with those between two layers transposed."""
        layer = self.mistakes.get("transposed weights")
        if layer is None:
            return weight
        layers = self.net.layers
        upper = next(place for place, each in enumerate(layers) if each.name == layer)
        before, rows = list(layers[upper - 1]), list(layers[upper])
        found = dict(weight)
        by_ends = {(c.source, c.target): c for c in self.net.connections}
        flat = [weight[by_ends[source, target]] for source in before for target in rows]
        # W.reshape for W.T: of a square matrix that is the same.
        read = np.reshape(flat, (len(rows), len(before))).T
        for i, source in enumerate(before):
            for j, target in enumerate(rows):
                found[by_ends[source, target]] = read[i, j]
        return found

    def backward(self, weight, back=None, goes=False):
        """Return deltas by node and sample, gradients, and the weights as they are when this is done."""
        n = len(self.x)
        back = dict(weight if back is None else back)
        runs = [self.forward(sample, weight) for sample in range(n)]
        delta = {node: np.zeros(n) for node in self.order if node.activation is not None}
        gradient = {}
        entering = [
            self.by_output(
                self.y[s], np.array([runs[s][1][o] for o in self.net.outputs]), np.array([runs[s][0][o] for o in self.net.outputs])
            )
            for s in range(n)
        ]  # fmt: skip
        reaching = {node for o in self.net.outputs for node in nx.ancestors(self.net.graph, o)} | set(self.net.outputs)
        for node in reversed(self.order):
            if node.activation is None or node not in reaching:
                continue
            for s, (value, sent) in enumerate(runs):
                arriving = straight = 0.0
                if node.kind == "output":
                    k = self.net.outputs.index(node)
                    enters = entering[s][k]
                    if self.makes("sign", "all weights", node.name):
                        enters = -enters
                    if "factor" in self.mistakes and self.mistakes["factor"][0] in ("all weights", node.name):
                        enters *= self.mistakes["factor"][1]
                    if self.at_sum:
                        straight = enters
                        if (
                            self.makes("output slope left out", "all output")
                            and "delta of another loss" not in self.mistakes
                        ):
                            a = sent[node]
                            straight = enters / (a * (1 - a))
                    else:
                        arriving += enters
                for c in node.outgoing:
                    if c.target in reaching:
                        if self.makes("path forgotten", f"{node.name} -> {c.target.name}"):
                            continue
                        arriving += self.transposed(back)[c] * delta[c.target][s]
                delta[node][s] = arriving * self.slope(node, value, sent) + straight
                if node.kind == "hidden":
                    if self.makes("sign", node.name):
                        delta[node][s] *= -1
                    if "factor" in self.mistakes and self.mistakes["factor"][0] == node.name:
                        delta[node][s] *= self.mistakes["factor"][1]
            for c in node.incoming:
                terms = [
                    delta[node][s] * (1.0 if self.makes("input left out", "all weights", c.name) else sent[c.source])
                    for s, (_, sent) in enumerate(runs)
                ]
                summed = self.makes("sum for mean", "all weights")
                summed |= c.source.kind == "bias" and self.makes("sum for mean", "all biases")
                gradient[c] = sum(terms) if summed else sum(terms) / n
                if "one sample" in self.mistakes:
                    who, which, part = self.mistakes["one sample"]
                    if who == "all weights" or c.source.kind == "bias":
                        gradient[c] = terms[which] * part
                if self.makes("sign", f"into {node.name}"):
                    gradient[c] = -gradient[c]
                if c.source.kind == "bias" and self.makes("bias forgotten", "gradient"):
                    gradient[c] = 0.0
                if self.makes("sign", c.name):
                    gradient[c] = -gradient[c]
                if "factor" in self.mistakes and self.mistakes["factor"][0] == c.name:
                    gradient[c] *= self.mistakes["factor"][1]
                if "one weight" in self.mistakes and self.mistakes["one weight"][0] == c.name:
                    gradient[c] *= self.mistakes["one weight"][1]
                if goes and c.trainable:
                    back[c] = self.updated(gradient, c)
        for c in self.net.connections:
            gradient.setdefault(c, 0.0)
        return delta, gradient

    def updated(self, gradient, c):
        """Return the new weight of a connection."""
        if not c.trainable or (c.source.kind == "bias" and self.makes("bias forgotten", "update")):
            return self.weight[c]
        return self.weight[c] + (RATE if self.makes("sign", "update") else -RATE) * gradient[c]

    def answers(self):
        """Return everything: e, gradients, deltas, new weights."""
        if "updated before" in self.mistakes:
            _, first = self.backward(self.weight)
            delta, gradient = self.backward(self.weight, back={c: self.updated(first, c) for c in self.weight})
        else:
            delta, gradient = self.backward(self.weight, goes="sequential update" in self.mistakes)
        weights = {c: self.updated(gradient, c) for c in self.weight}
        return {
            "error": self.error(self.weight),
            "gradients": self.named({c: float(g) for c, g in gradient.items()}),
            "deltas": {node.name: [float(d) for d in each] for node, each in delta.items()},
            "weights": self.named({c: float(w) for c, w in weights.items()}),
        }

    def named(self, numbers):
        """Return numbers by names: those of a layer perhaps as a program lists them that has a row for each target."""
        found, layer = {c.name: value for c, value in numbers.items()}, self.mistakes.get("other names")
        if layer is None:
            return found
        layers = self.net.layers
        upper = next(place for place, each in enumerate(layers) if each.name == layer)
        by_ends = {(c.source, c.target): c for c in self.net.connections}
        by_source = [by_ends[one, other].name for one in layers[upper - 1] for other in layers[upper]]
        by_target = [by_ends[one, other].name for other in layers[upper] for one in layers[upper - 1]]
        return found | {name: found[other] for name, other in zip(by_source, by_target)}


def rounded(answers, digits):
    """Return the same to so many significant digits."""

    def one(value):
        return float(f"{value:.{digits}g}")

    return {
        "error": one(answers["error"]),
        **{
            kind: {name: [one(v) for v in value] if isinstance(value, list) else one(value) for name, value in answers[kind].items()}
            for kind in ("gradients", "deltas", "weights")
        },
    }  # fmt: skip


def numbers(answers):
    """Return all numbers of answers."""
    found = [answers["error"]] if "error" in answers else []
    for kind in ("gradients", "deltas", "weights"):
        found += [v for value in answers.get(kind, {}).values() for v in np.atleast_1d(value)]
    return np.array(found)


KINDS = ("small", "deep", "skips", "batch", "entropy")


def case(kind, seed):
    """Return a network with samples."""
    rng = np.random.default_rng(seed)
    hidden = str(rng.choice(["sigmoid", "tanh"]))
    output, loss, sizes, batch = "linear", "mse", [2, 2, 2], 1
    if rng.random() < 0.5:
        output = "sigmoid"
    if kind == "deep":
        sizes = [int(n) for n in rng.integers(2, 5, size=rng.integers(4, 6))]
    if kind == "batch":
        sizes, batch = [3, 4, 2], int(rng.integers(2, 7))
    if kind == "entropy":
        sizes, batch = [3, 4, int(rng.integers(2, 4))], int(rng.choice([1, 3]))
        loss = str(rng.choice(["binary_cross_entropy", "softmax_cross_entropy"]))
        output = {"binary_cross_entropy": "sigmoid", "softmax_cross_entropy": "linear"}[loss]
    if kind == "skips":
        net, rng = random_network(seed, activations=["sigmoid", "tanh", "linear"], max_hidden=5)
    else:
        net = ns.Network.layered(sizes, hidden=hidden, output=output, loss=loss, seed=seed)
    x = rng.standard_normal((batch, len(net.inputs)))
    y = rng.random((batch, len(net.outputs)))
    if loss == "softmax_cross_entropy":
        y /= y.sum(axis=1, keepdims=True)
    return net, (x[0] if batch == 1 else x), (y[0] if batch == 1 else y), rng


def single(net, x, rng):
    """Draw a mistake that can be made on a network: its name, how `Hand` makes it, and where the doctor should see it."""
    n = len(net.outputs)
    hidden = [h.name for h in net.hidden]
    arcs = [f"{c.source.name} -> {c.target.name}" for c in net.connections if c.source.kind in ("hidden", "output")]
    names = [c.name for c in net.connections]
    biases = [b.name for b in net.biases if b.outgoing]
    squares = [
        layer.name for before, layer in zip(net.layers, net.layers[1:]) if len(before) == len(layer) > 1 and net.layers and layered(net)
    ]  # fmt: skip
    value = float(rng.choice([2.0, 0.5, n]))
    entropy = net.loss.of_entropy if hasattr(net.loss, "of_entropy") else "entropy" in net.loss.name
    choices = [
        ("sign", "all weights", "all weights"), ("sign", "update", "all weights"), ("sign", pick(rng, names), None),
        ("factor", ("all weights", value), "all weights"), ("factor", (pick(rng, names), value), None),
        ("delta of another loss", str(rng.choice(["half_squared_error", "sum", "entropy"])), "all outputs"),
        ("one weight", (pick(rng, names), float(rng.uniform(1.1, 3.0))), None),
        ("input left out", "all weights", "all weights"), ("input left out", pick(rng, names), None),
    ]  # fmt: skip
    if n > 1:
        choices += [("sign", pick(rng, [o.name for o in net.outputs]), None)]
    if np.ndim(x) == 2:
        choices += [("sum for mean", "all weights", "all weights")] * 2
    if biases:
        choices += [("bias forgotten", pick(rng, biases), None), ("bias forgotten", "update", None)]
    if arcs:
        choices += [("path forgotten", pick(rng, arcs), None)] * 2
        choices += [("updated before", "", "all weights"), ("sequential update", "", "all weights")]
    if hidden:
        choices += [
            ("hidden slope left out", "all hidden", "all hidden nodes"), ("hidden slope left out", pick(rng, hidden), None),
            ("slope at HA", "all hidden", "all hidden nodes"), ("slope at HA", pick(rng, hidden), None),
            ("sign", pick(rng, hidden), None), ("factor", (pick(rng, hidden), value), None),
        ]  # fmt: skip
    if not entropy or net.loss.name == "binary_cross_entropy":
        choices += [("output slope left out", "all output", "all outputs")]
    if squares:
        choices += [("transposed weights", pick(rng, squares), None)] * 2
    name, where, seen = choices[rng.integers(len(choices))]
    return name, where, seen or (where[0] if isinstance(where, tuple) else where)


def layered(net):
    return all(
        abs(c.source.layer.index - c.target.layer.index) == 1 for c in net.connections if c.source.kind != "bias"
    )


def pick(rng, names):
    return str(rng.choice(names))


def planted(seed, count, digits=4):
    """Return a network, samples, mistakes and the wrong answers, exact and rounded; None if nobody could see them.

    What is within a unit of the last digit of what is right, or with two mistakes of what one of them makes, is that.
    """
    net, x, y, rng = case(KINDS[seed % len(KINDS)], seed)
    if not net.connections:
        return None
    mistakes = [single(net, x, rng) for _ in range(count)]
    if len({name for name, *_ in mistakes}) < count:
        return None
    exact = Hand(net, x, y, {name: how for name, how, _ in mistakes}).answers()
    wrong = rounded(exact, digits)
    units = 10.0 ** (np.floor(np.log10(np.maximum(np.abs(numbers(wrong)), 1e-300))) - digits + 1)
    shorter = [{}] if count == 1 else [{name: how} for name, how, _ in mistakes] + [{}]
    for fewer in shorter:
        if (np.abs(numbers(Hand(net, x, y, fewer).answers()) - numbers(wrong)) <= units).all():
            return None
    return net, x, y, mistakes, exact, given(wrong)


def given(answers):
    """Return answers as the doctor takes them: one number for the delta of one sample."""
    deltas = {name: each[0] if len(each) == 1 else each for name, each in answers["deltas"].items()}
    return {**answers, "deltas": deltas}


def is_named(report, mistakes, exact):
    """Tell whether the mistakes are named: first, or behind an explanation that gives the very same numbers."""
    if not report.explanations:
        return False
    if _says(report.explanations[0], mistakes):
        return True
    explained = {each.quantity: each.explained for each in report.checked}
    # Of a slip nothing is known but what was given.
    slips = {mistake.where for mistake in report.mistakes if mistake.name == "one weight"}
    same = all(
        abs(explained[name] - value) <= (1e-3 if name.removeprefix("∂e/∂") in slips else 1e-9) * (1.0 + abs(value))
        for name, value in labelled(exact)
    )
    shorter = len(report.mistakes) < len(mistakes)
    return same and (shorter or len(mistakes) > 1 or any(_says(each, mistakes) for each in report.alternatives))


def _says(explanation, mistakes):
    if sorted(explanation.name.split(" + ")) != sorted(name for name, *_ in mistakes):
        return False
    if len(mistakes) > 1:
        return True
    ((_, how, where),) = mistakes
    # Who forgets to update biases forgets it of one or of all of them.
    return how in ("update", "gradient") or explanation.where == where or explanation.where.startswith(f"{where} ->")


def labelled(answers):
    """Yield gradients and new weights by what the doctor calls them."""
    yield "e", answers["error"]
    for name, value in answers["gradients"].items():
        yield f"∂e/∂{name}", value
    yield from answers["weights"].items()


def rate(networks, count, first=0):
    """Return how many of so many planted mistakes are named, and the seeds of the others."""
    seen, missed, seed = 0, [], first
    while seen < networks:
        seed += 1
        found = planted(seed, count)
        if found is not None:
            net, x, y, mistakes, exact, wrong = found
            seen += 1
            report = ns.doctor(net, x, y, learning_rate=RATE, **wrong)
            if not is_named(report, mistakes, exact):
                missed.append((seed, mistakes, repr(report), report.alternatives[:3]))
    return 1.0 - len(missed) / networks, missed


if __name__ == "__main__":
    import sys

    for mistakes_at_once in (1, 2):
        print(mistakes_at_once, "at once:", *rate(int(sys.argv[1]), mistakes_at_once))

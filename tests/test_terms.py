"""What fits into e beside the errors, and by what numbers are multiplied: paths, formulas, cuts and records show it.

Penalties, weights of samples, clipping and dropout, against torch with the same mask, paths found by hand, fractions.
"""

from __future__ import annotations

import copy
import itertools
import math
import pickle
import re
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
import torch
from helpers import ACTIVATIONS, LOSSES, random_network, random_samples
from test_cut import Patched, agrees, tolerance_of
from test_derivation import calculated
from test_operations import Calculator

import nodesim as ns
from nodesim.derivation.forms import folded
from nodesim.notation.expressions import evaluate
from nodesim.notation.latex import latex
from nodesim.paths import comparison

SMOOTH = ("linear", "sigmoid", "tanh", "softplus", "silu", "gelu", "sine", "gaussian")
SHIFTED = ns.Regularizer("shifted", formula="k / 2 * (w - 0.25) ** 2", parameters={"k": 0.05})
# One whose author gave no formula.
PLAIN = ns.Regularizer("plain", function=lambda w: 0.01 * w**4, derivative=lambda w: 0.04 * w**3)
IN_TORCH = {
    "l1": lambda w, k: k * w.abs(),
    "l2": lambda w, k: k / 2 * w**2,
    "shifted": lambda w, k: k / 2 * (w - 0.25) ** 2,
    "plain": lambda w, k: 0.01 * w**4,
}


class Case:
    """A random network after a forward and a backward with random options, and the same in torch."""

    def __init__(self, seed, max_hidden=5, batch=None):
        loss = ("mse", "binary_cross_entropy", "softmax_cross_entropy", "log_cosh")[seed % 4]
        self.net, rng = random_network(seed, activations=SMOOTH, loss=loss, max_hidden=max_hidden)
        self.net.engine = ("nodes", "compiled")[seed // 4 % 2]
        self.x, self.y = random_samples(self.net, rng, batch or (1, 3)[seed % 3 > 0])
        self.count = len(self.x)
        self.dropout = 0.4 if rng.random() < 0.7 else None
        if self.dropout is not None and self.net.hidden and rng.random() < 0.3:
            self.dropout = {self.net.hidden[0]: 0.5}
        some = {
            "sample_weight": rng.integers(1, 5, self.count).astype(float), "l1": 0.02, "l2": 0.1,
            "regularizer": [[SHIFTED], [SHIFTED, PLAIN], ["l2"]][rng.integers(3)],
            "clip": float(rng.choice([0.05, 100.0])),
        }  # fmt: skip
        self.options = {name: value for name, value in some.items() if rng.random() < 0.6}
        self.run()

    def run(self):
        self.net.forward(self.x, dropout=self.dropout)
        self.masks = {node: torch.tensor(np.atleast_1d(node.mask)) for node in self.net.nodes}
        self.error = self.net.backward(self.y, **self.options)
        self.weight = self.options.get("sample_weight", np.ones(self.count))
        self.shares = self.count * self.weight / self.weight.sum()

    @property
    def penalties(self):
        """Return (label, name, strength), as the paths list them."""
        given = self.options.get("regularizer", [])
        found = [(each, 0.01) if isinstance(each, str) else (each.name, 0.05) for each in given]
        found += [(name, self.options[name]) for name in ("l1", "l2") if name in self.options]
        names = [name for name, _ in found]
        return [
            (name if names.index(name) == place else f"{name} (2)", name, strength)
            for place, (name, strength) in enumerate(found)
        ]

    def torch(self):
        """Return e, its gradients by all weights, and c."""
        weights = {c: torch.tensor(c.weight, dtype=torch.float64, requires_grad=True) for c in self.net.connections}
        errors = self.errors(*forward(self.net, self.x, self.masks, weights))
        e = (errors * torch.tensor(self.shares)).mean()
        for _, name, strength in self.penalties:
            e = e + sum(IN_TORCH[name](w, strength) for w in weights.values())
        gradients = torch.autograd.grad(e, list(weights.values()), allow_unused=True)
        found = {c: 0.0 if g is None else float(g) for c, g in zip(weights, gradients)}
        length = math.sqrt(sum(g**2 for c, g in found.items() if c.trainable))
        c = min(1.0, self.options["clip"] / (length + 1e-6)) if "clip" in self.options else 1.0
        return float(e.detach()), {connection: c * g for connection, g in found.items()}, c

    def errors(self, sums, sent):
        seen = sums if self.net.loss.name == "binary_cross_entropy" else sent
        return LOSSES[self.net.loss.name](torch.tensor(self.y), torch.stack([seen[n] for n in self.net.outputs], dim=1))

    def paths(self, connection):
        """Return the product of every path in each sample, by its connections, or the name of a penalty."""
        _, _, c = self.torch()
        weights = {each: torch.tensor(each.weight, dtype=torch.float64) for each in self.net.connections}
        sums, sent = forward(self.net, self.x, self.masks, weights)
        of_sums = self.net.loss.name == "binary_cross_entropy"
        entering = {n: (sums if of_sums else sent)[n].clone().requires_grad_() for n in self.net.outputs}
        slopes = {}
        for node, z in sums.items():
            z = z.clone().requires_grad_()
            (slopes[node],) = torch.autograd.grad((ACTIVATIONS[node.activation.name](z) * self.masks[node]).sum(), z)
        e = self.errors(entering, entering).sum()
        seeds = dict(zip(entering, torch.autograd.grad(e, list(entering.values()))))
        found = {}

        def go(node, way, product):
            if node in seeds:
                found[way] = (product * seeds[node] * (1.0 if of_sums else slopes[node])).numpy() * self.shares * c
            for following in node.outgoing:
                go(following.target, (*way, following), product * slopes[node] * weights[following])

        go(connection.target, (connection,), sent[connection.source])
        for label, name, strength in self.penalties:
            w = torch.tensor(connection.weight, dtype=torch.float64, requires_grad=True)
            (slope,) = torch.autograd.grad(IN_TORCH[name](w, strength), w)
            found[label] = np.full(self.count, c * float(slope))
        return found


class Masked(Patched):
    """As `Patched`, of a run with dropout."""

    def __init__(self, case):
        self.masks = case.masks
        super().__init__(case.net, case.x, case.y)

    def f(self, node, z):
        return ACTIVATIONS[node.activation.name](z) * self.masks[node]


def forward(net, x, masks, weights):
    """Return sums and what is sent, in torch."""
    columns, sums, sent = torch.tensor(x).T, {}, {}
    for node in net.schedule.order:
        if node.kind == "input":
            sent[node] = columns[net.inputs.index(node)]
        elif node.kind == "bias":
            sent[node] = torch.full((len(x),), node.value, dtype=torch.float64)
        else:
            arriving = [weights[c] * sent[c.source] for c in node.incoming]
            sums[node] = sum(arriving, torch.zeros(len(x), dtype=torch.float64))
            sent[node] = ACTIVATIONS[node.activation.name](sums[node]) * masks[node]
    return sums, sent


def key(path):
    return path.connections if path.penalty is None else path.penalty


def close(found, wanted, scale):
    assert abs(found - wanted) <= 1e-12 * scale + 1e-15, (found, wanted, scale)


@pytest.mark.parametrize("seed", range(100))
def test_paths_are_those_found_by_hand_and_sum_to_the_gradient_of_torch(seed):
    case = Case(seed)
    e, gradients, _ = case.torch()
    assert case.error == pytest.approx(e, rel=1e-12)
    connections = case.net.connections
    for connection in connections if seed < 15 else connections[:: max(1, len(connections) // 2)]:
        paths, wanted = case.net.paths(connection), case.paths(connection)
        means = {way: float(product.mean()) for way, product in wanted.items()}
        size = float(sum(np.abs(product).mean() for product in wanted.values()))
        assert connection.gradient == pytest.approx(gradients[connection], rel=1e-9, abs=1e-11)
        listed = list(paths)
        assert [key(path) for path in listed if path.penalty] == [label for label, _, _ in case.penalties]
        assert {key(path) for path in listed} == set(means)
        assert len(listed) == paths.count == len(means)
        assert all(path.penalty is None for path in listed[: len(listed) - len(case.penalties)])
        for path in listed:
            assert path.product == pytest.approx(means[key(path)], rel=1e-9, abs=1e-12)
            assert math.prod(np.asarray(f.value) for f in path.factors).mean() == pytest.approx(path.product, abs=1e-15)
        for number in (sum(path.product for path in listed), paths.gradient, paths.as_arrays().products.sum()):
            close(number, connection.gradient, size)
        close(paths.scale, size, size * 1e3)


@pytest.mark.parametrize("seed", range(15))
def test_every_view_of_the_paths_shares_the_same_gradient_out(seed):
    case = Case(seed, max_hidden=4)
    for connection in case.net.connections[::4]:
        paths = case.net.paths(connection)
        listed, names, gradient, scale = (
            list(paths),
            [label for label, _, _ in case.penalties],
            paths.gradient,
            paths.scale,
        )
        ranked = list(paths.ranked())
        assert [abs(path.product) for path in ranked] == sorted((abs(path.product) for path in listed), reverse=True)
        assert set(ranked) == set(listed)
        for sign, least, part in (("+", 1, paths.positive), ("-", -1, paths.negative)):
            chosen = [path for path in ranked if path.product * least > 0]
            assert [key(path) for path in paths.ranked(sign)] == [key(path) for path in chosen]
            if case.count == 1:
                close(sum(path.product for path in chosen), part, scale)
        assert all(path in paths for path in listed) and copy.copy(listed[-1]) == listed[-1] if listed else True
        flow, lengths = paths.flow(), paths.lengths()
        for table in (flow.outputs, lengths):
            close(table.column("gradient").sum(), gradient, scale)
            assert sum(table.column("count")) == paths.count
        assert [row.name for row in flow if row.kind == "penalty"] == names
        assert (lengths["0"].count if names else 0) == len(names)
        assert paths.of_length(0).count == len(names)
        parts = paths.by_output()
        close(sum(part.gradient for part in parts.values()), gradient, scale)
        assert [part.name for part in parts][len(parts) - len(names) :] == names
        assert all(parts[name].count == 1 for name in names)
        for element in (connection, connection.target, case.net.outputs[0]):
            through, avoiding = paths.through(element), paths.avoiding(element)
            assert through.count + avoiding.count == paths.count
            close(through.gradient + avoiding.gradient, gradient, scale)
            assert {path.penalty for path in through} <= {None}
            assert {p.penalty for p in avoiding} >= set(names)
            close(sum(path.product for path in avoiding), avoiding.gradient, scale)
        frame, arrays = paths.to_pandas(), paths.as_arrays()
        assert frame["product"].tolist() == arrays.products.tolist() == paths.as_arrays(paths.count).products.tolist()
        assert len(paths.as_arrays(max(paths.count - 1, 0)).products) == max(paths.count - 1, 0)
        assert frame["path"].tolist()[len(listed) - len(names) :] == [f"{connection.name} -> {name}" for name in names]
        assert (arrays.connections[len(listed) - len(names) :] == -1).all()
        if listed:
            assert paths.coverage(paths.count, absolute=True) == pytest.approx(1.0) or not scale or case.count > 1
        for shown in (str(paths), repr(paths), paths._repr_html_(), str(flow), str(paths.by_output()._repr_html_())):
            assert shown


@pytest.mark.parametrize("seed", range(15))
def test_formulas_evaluate_to_the_gradient(seed):
    case = Case(seed, max_hidden=4)
    net = case.net
    for name in [c.name for c in net.connections[::2]] + [node.name for node in net.hidden]:
        sample = seed % case.count
        derivation, mean = net.derivation(name, sample=sample), net.derivation(name)
        scale = 1e-12 * derivation.paths.scale + 1e-15
        for form in ("paths", "factored"):
            for limit in (1, 50):
                written = derivation.expression(form, limit)
                assert abs(evaluate(written) - derivation.gradient) <= scale
                assert (
                    abs(np.mean(evaluate(mean.expression(form, limit))) - mean.gradient)
                    <= 1e-12 * mean.paths.scale + 1e-15
                )
                if derivation.count:
                    text = derivation.text(form, limit=limit)
                    target = re.escape(derivation.graph.target.name)
                    assert text.startswith(f"{derivation.name} = ")
                    assert re.match(rf"∂{target}/∂", text)
                    assert abs(calculated(text) - derivation.gradient) <= scale
                    assert derivation.latex(form, limit=limit)
            if derivation.count:
                assert not folded(derivation.expression("factored", derivation.count), derivation.graph.target.name)
        if derivation.count:
            assert "rest" not in derivation.text("paths", numbers=False, limit=derivation.count)
        for definition in derivation.partials:
            assert latex(definition.derived)
            if definition.derivative is not None:
                assert evaluate(definition.derivative) == pytest.approx(definition.partial.value, rel=1e-9, abs=1e-12)
        for line in derivation.text("shared").splitlines() if derivation.count else ():
            if line.startswith("∂") and line.count(" = ") > 2:
                *_, numbers, result = line.replace("−", "-").replace("·", "*").split(" = ")
                assert eval(numbers, {}) == pytest.approx(float(result), rel=1e-9, abs=1e-12)
        assert str(derivation)
        assert str(mean)
        assert derivation.tree()
        assert derivation.draw()
        assert derivation.latex("shared")


@pytest.mark.parametrize("seed", range(15))
def test_each_form_costs_what_it_takes(seed):
    case = Case(seed, max_hidden=4, batch=1)
    graph = case.net.paths(case.net.connections[0]).derivatives
    several = list(case.net.connections[:4])
    quantities = [case.net.paths(c).of for c in several]
    operations = case.net.operations(several)
    for form in ("expanded", "factored", "shared"):
        calculator, spent = Calculator(), {}
        for of, connection in zip(quantities, several):
            close(
                carried_out(form, graph, of, calculator, spent), connection.gradient, case.net.paths(connection).scale
            )
        assert tuple(operations[form]) == calculator.spent, form
    forward = Calculator()
    for of in quantities:
        swept(graph, of, forward)
    assert tuple(operations["forward"]) == forward.spent
    assert operations["elimination"] <= min(operations["shared"], operations["forward"])


def carried_out(form, graph, of, calculator, known):
    def walks(quantity):
        for arrow in graph.partials_into(quantity):
            own = float(arrow.values[0])
            given = arrow.numerator == graph.target
            yield from [[own]] if given else ([*walk, own] for walk in walks(arrow.numerator))

    def nested(quantity):
        if form == "shared" and quantity in known:
            return known[quantity]
        terms = []
        for arrow in graph.partials_into(quantity):
            own = float(arrow.values[0])
            given = arrow.numerator == graph.target
            terms.append(own if given else calculator.times(nested(arrow.numerator), own))
        known[quantity] = calculator.plus(terms) if terms else 0.0
        return known[quantity]

    if form == "expanded":
        products = [calculator.times(*walk) for walk in walks(of)]
        return calculator.plus(products) if products else 0.0
    return nested(of)


def swept(graph, of, calculator):
    """Carry what a quantity does up to what is derived."""
    upwards, arrows = [of], {}
    for quantity in [*reversed(list(graph.quantities())), graph.target]:
        if quantity not in upwards and any(
            quantity == arrow.numerator for q in upwards for arrow in graph.each_into(q)
        ):
            upwards.append(quantity)
    for below in upwards:
        for arrow in graph.each_into(below):
            arrows.setdefault(arrow.numerator, []).append((below, float(arrow.values[0])))
    carried = {}
    places = {quantity: place for place, quantity in enumerate(upwards)}
    # What stands beside e is calculated before e.
    for above in sorted(arrows, key=lambda q: (q.element is None, q == graph.target, q.kind == "error", places[q])):
        terms = [own if below == of else calculator.times(own, carried[below]) for below, own in arrows[above]]
        carried[above] = calculator.plus(terms)


@pytest.mark.parametrize("seed", range(15))
def test_what_is_cut_is_run_again_with_the_same_mask(seed):
    case = Case(seed)
    net = case.net
    patched = Masked(case)
    e, _, c = case.torch()
    beside = {label: (name, strength) for label, name, strength in case.penalties}
    added = sum(
        float(IN_TORCH[n](torch.tensor(w.weight, dtype=torch.float64), k))
        for n, k in beside.values()
        for w in net.connections
    )
    patched.errors = lambda sums, sent, plain=patched.errors: plain(sums, sent) * torch.tensor(case.shares) + added
    for connection in net.connections[::2]:
        sample = None if seed % 2 else case.count - 1
        paths, of_all = net.paths(connection, sample=sample), net.paths(connection)
        if not paths.count or paths.count > 200:
            continue
        near = tolerance_of(patched, paths) * (1 + abs(connection.weight)) + 1e-14
        for path, among in zip(paths.top(6), paths.cuts(6)):
            alone = path.cut()
            if path.penalty is None:
                for cut in (alone, among):
                    agrees(cut, patched, patched.single(paths.of, path), sample, near)
            else:
                name, strength = beside[path.penalty]
                w = torch.tensor(connection.weight, dtype=torch.float64)
                change = float(IN_TORCH[name](w * 0, strength) - IN_TORCH[name](w, strength))
                whole = e if sample is None else float(patched.before[sample])
                for cut in (alone, among):
                    assert cut.change == pytest.approx(change, rel=1e-12, abs=1e-16)
                    assert cut.error == pytest.approx(whole + change, abs=near)
                    assert cut.outputs.ravel() == pytest.approx(before(net, sample).ravel())
            for cut in (alone, among):
                assert cut.target == "e"
                assert cut.error - cut.change == pytest.approx(
                    e if sample is None else float(patched.before[sample]), abs=near
                )
                assert cut.predicted == pytest.approx(-connection.weight * path.product / c, rel=1e-9, abs=1e-15)
        # All at once: the network without the weight, with the same mask.
        whole, weight = of_all.cut(), connection.weight
        weights = {
            each: torch.tensor(each.weight * (each is not connection), dtype=torch.float64) for each in net.connections
        }
        errors = case.errors(*forward(net, case.x, case.masks, weights)) * torch.tensor(case.shares)
        wanted = float(errors.mean()) + sum(
            float(IN_TORCH[n](w, k)) for n, k in beside.values() for w in weights.values()
        )
        assert whole.error == pytest.approx(wanted, abs=near)
        assert whole.change == pytest.approx(wanted - e, abs=near)
        assert whole.predicted == pytest.approx(-weight * of_all.gradient / c, rel=1e-9, abs=1e-15)
        alone = of_all.avoiding(connection).cut()
        assert alone.change == pytest.approx(
            sum(
                float(
                    IN_TORCH[n](torch.zeros((), dtype=torch.float64), k)
                    - IN_TORCH[n](torch.tensor(weight, dtype=torch.float64), k)
                )
                for n, k in beside.values()
            ),
            abs=1e-14,
        )


def before(net, sample):
    outputs = np.array([node.activated for node in net.outputs]).T
    return outputs if sample is None else outputs[sample]


def test_numbers_that_are_fractions_are_exact():
    net = ns.Network.layered([2, 2, 1], hidden="relu", seed=0, loss="half_squared_error")
    net.weights = [Fraction(k, 8) for k in (3, -2, 5, 4, 1, 7, -6, 2, 3)]
    x, y, weights, strength = [[1.0, 0.5], [0.25, 2.0]], [[0.5], [-1.0]], [3.0, 1.0], 0.125
    net.forward(x, dropout=0.5)
    masks = {node: [Fraction(m) for m in node.mask] for node in net.hidden}
    net.backward(y, sample_weight=weights, l2=strength)
    ends = {(c.source.name, c.target.name): Fraction(c.weight) for c in net.connections}
    wanted = Fraction(0)
    for sample, share in enumerate((Fraction(3, 2), Fraction(1, 2))):
        sent, slope = {"B1": Fraction(1), "B2": Fraction(1)}, {}
        sent |= {node.name: Fraction(value) for node, value in zip(net.inputs, x[sample])}
        for node in net.hidden:
            z = sum(w * sent[source] for (source, target), w in ends.items() if target == node.name)
            slope[node.name] = masks[node][sample] * (z > 0)
            sent[node.name] = slope[node.name] * z
        out = sum(w * sent[source] for (source, target), w in ends.items() if target == "O1")
        wanted += share * (out - Fraction(y[sample][0])) * ends["H1", "O1"] * slope["H1"] * sent["I1"] / 2
    wanted += Fraction(strength) * ends["I1", "H1"]
    paths = net.paths("W1")
    assert Fraction(paths.gradient) == sum(Fraction(path.product) for path in paths) == wanted
    assert Fraction(net["W1"].gradient) == wanted


def test_a_weight_behind_a_dead_end_has_the_paths_of_penalties_alone():
    net = ns.Network.layered([2, 2, 1], seed=0)
    net.add_hidden("H9")
    dead = net.connect("I1", "H9", weight=0.5)
    dead.trainable = False
    net.forward([0.1, 0.2], dropout=0.5), net.backward([1.0], l2=0.1, l1=0.01, sample_weight=[2.0])
    paths, derivation = net.paths(dead), net.derivation(dead)
    assert paths.gradient == pytest.approx(0.06) == dead.gradient
    assert [path.title for path in paths.top(5)] == [f"{dead.name} -> l2", f"{dead.name} -> l1"]
    assert [row.name for row in paths.flow()] == [row.name for row in paths.flow().outputs] == ["l1", "l2"]
    assert paths.lengths()["0"].count == 2
    assert paths.as_arrays().connections.tolist() == [[-1], [-1]]
    assert derivation.text("factored", numbers=False, digits=3) == (
        f"∂e/∂{dead.name} = ∂e/∂l1·∂l1/∂{dead.name}   # Penalty\n       + ∂e/∂l2·∂l2/∂{dead.name}   # Penalty".replace(
            "       +", " " * len(f"∂e/∂{dead.name} ") + "+"
        )
    )
    assert paths.cut().change == pytest.approx(-0.0175)
    assert paths.cuts(1)[0].change == pytest.approx(-0.0125)
    assert paths.elements == (set(), set())
    assert "not through the network" in net.draw(highlight=paths.flow()).svg
    assert tuple(derivation.operations["shared"]) == (2, 1)
    for highlight in (paths, paths.flow(), list(paths), net.paths("W1"), net.paths("W1").flow(), derivation):
        assert net.draw(highlight=highlight).svg


def test_penalties_are_told_apart_from_everything_else_by_their_names():
    net = ns.Network(seed=0)
    net.add_input("l2"), net.add_hidden("H1"), net.add_output("O1")
    net.connect("l2", "H1", weight=0.5), net.connect("H1", "O1", weight=2.0)
    named = [ns.Regularizer(name, formula="w ** 2") for name in ("W1", "e", "HA1", "l2", "l2")]
    net.forward([0.5]), net.backward([1.0], regularizer=named, clip=0.01, sample_weight=[1.0])
    paths = net.paths("W1")
    graph, names = paths.derivatives.to_networkx(), [key.name for key in paths.by_output()][1:]
    assert names == ["penalty[W1]", "penalty[e]", "penalty[HA1]", "penalty[l2]", "penalty[l2] (2)"]
    found = 0.0
    for path in nx.all_simple_paths(graph, "(c·e)", "W1"):
        found += math.prod(graph.edges[edge]["partial"] for edge in itertools.pairwise(path))
    assert found == pytest.approx(net["W1"].gradient, rel=1e-12)
    derivation = net.derivation("W1")
    assert evaluate(derivation.expression("factored")) == pytest.approx(net["W1"].gradient, rel=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_two_moments_are_compared_by_the_names_of_penalties(seed, monkeypatch):
    first, second = Case(seed), Case(seed)
    second.options = {"l2": 0.3, "regularizer": [PLAIN]}
    second.run()
    for connection in first.net.connections[::4]:
        before, after = first.net.paths(connection), second.net.paths(connection.name)
        for listed in (100_000, 0):
            monkeypatch.setattr(comparison, "_LISTED", listed)
            compared = before.compare(after)
            rows = {row.name: row for row in compared.paths}
            assert compared.complete == (listed > 0)
            close(sum(row.change for row in rows.values()), compared.change, before.scale + after.scale)
            close(compared.outputs.column("change").sum(), compared.change, before.scale + after.scale)
            labels = [label for label, _, _ in first.penalties]
            wanted = {label: "both" if label in ("l2", "plain") else "before" for label in labels} | {
                label: "after" for label in ("plain", "l2") if label not in labels
            }
            assert {name: rows[f"{connection.name} -> {name}"].where for name in wanted} == wanted
            assert str(compared)
            assert compared._repr_html_()


def test_a_recording_shows_the_gradients_of_the_training():
    net = ns.Network.layered([2, 3, 1], seed=1)
    x, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    recording, looked = ns.PathRecording(net, ["W1", "W4"], x, y), []

    def look(epoch):
        twin = copy.deepcopy(net)
        twin.forward(x)
        looked.append(
            (twin.backward(y, **epoch.options), twin["W1"].gradient, [p.product for p in twin.paths("W1").top(5)])
        )

    plain = copy.deepcopy(net)
    plain.forward(x)
    start = plain.backward(y, l2=0.1, clip=0.05), plain["W1"].gradient
    net.fit(x, y, epochs=3, l2=0.1, clip=0.05, dropout=0.2, callbacks=[look, recording])
    net.fit(x, y, epochs=2, callbacks=[look, recording])
    w1 = recording["W1"]
    assert (recording.errors[0], w1.gradients[0]) == pytest.approx(start, rel=1e-12)
    for record, (error, gradient, top) in enumerate(looked, 1):
        assert recording.errors[record] == pytest.approx(error, rel=1e-12)
        assert w1.gradients[record] == pytest.approx(gradient, rel=1e-12)
        assert [path.product for path in w1.top[record]] == pytest.approx(top, rel=1e-9)
    assert w1.outputs.names == ("O1", "l2")
    assert "W1 → l2" in w1.paths.names
    assert np.abs(w1.outputs.array.sum(axis=1) - w1.gradients).max() < 1e-15
    assert (w1.outputs["l2"][:4] != 0).all()
    assert (w1.outputs["l2"][4:] == 0).all()
    assert w1.draw(by="path")
    assert recording._repr_html_()
    assert w1.to_dict()["path W1 → l2"]


def test_what_runs_for_itself_is_left_alone_and_other_quantities_see_the_mask():
    case = Case(8, batch=3)
    case.dropout = 0.5
    case.run()
    net, plain = case.net, copy.deepcopy(case.net)
    plain.forward(case.x), plain.backward(case.y)
    for name in (node.name for node in net.outputs):
        weights = {c: torch.tensor(c.weight, dtype=torch.float64, requires_grad=True) for c in net.connections}
        _, sent = forward(net, case.x, case.masks, weights)
        gradients = torch.autograd.grad(sent[net[name]].mean(), list(weights.values()), allow_unused=True)
        for connection, gradient in zip(weights, gradients):
            paths = net.paths(connection, to=f"OA{name[1:]}")
            wanted = 0.0 if gradient is None else float(gradient)
            assert paths.gradient == pytest.approx(wanted, rel=1e-9, abs=1e-13)
            assert sum(path.product for path in paths) == pytest.approx(wanted, rel=1e-9, abs=1e-13)
    found = [
        (str(n.attribute(case.x, to="OA1")), str(n.jacobian(case.x)), str(n.diagnose(case.x, case.y)))
        for n in (net, plain)
    ]
    assert found[0] == found[1]
    assert net.store.run.clip == pickle.loads(pickle.dumps(net.store.run)).clip
    assert [str(step) for step in net.steps(case.x[0], case.y[0])] == [
        str(s) for s in plain.steps(case.x[0], case.y[0])
    ]


def test_names_of_quantities_say_what_their_numbers_are():
    net = ns.Network.layered([1, 3, 1], seed=0)
    net.forward([0.7], dropout=0.5), net.backward([1.0], clip=0.01)
    for node in net.hidden:
        a = 1 / (1 + math.exp(-node.value))
        with pytest.raises(ns.NodesimError, match="slope") as said:
            net[f"∂HA{node.name[1:]}/∂{node.name}"]
        assert float(str(said.value).rstrip(".").split()[-1]) == pytest.approx(node.mask * a * (1 - a), rel=1e-5)
        with pytest.raises(ns.NodesimError, match=rf"times its mask \(network\['{node.name}'\].mask\)"):
            net[f"HA{node.name[1:]}"]
    with pytest.raises(ns.NodesimError, match="clipped: times c ≈"):
        net["∂(c·e)/∂W1"]
    net.backward([1.0], l2=0.5)
    with pytest.raises(
        ns.NodesimError, match=f"added to e, now ≈ {sum(0.25 * c.weight**2 for c in net.connections):.6g}"
    ):
        net["l2"]


def test_the_cut_rule_and_the_article_s_forms_with_a_penalty():
    net = ns.Network.layered([2, 2, 2], seed=0)
    net.forward([0.05, 0.1]), net.backward([0.01, 0.99], l2=0.01)
    derivation = net.derivation("W1")
    assert "∂l2/∂W1 = ∂(0.01/2·W1^2 + …)/∂W1 = 0.01·W1 = 0.01·" in derivation.text("partials")
    assert "= ∂(((y1 − OA1)^2 + (y2 − OA2)^2)/2 + l2)/∂OA1 =" in derivation.text("partials")
    assert derivation.text("factored", numbers=False).splitlines()[-1].split() == [
        "+",
        "∂e/∂l2·∂l2/∂W1",
        "#",
        "Penalty",
    ]
    assert "and added to it" in re.sub(r"<[^>]*>", " ", derivation.draw(cuts=["W7"]).svg)
    assert r"\frac{\partial l_{2}}{\partial W_{1}}" in derivation.latex()


def test_paths_of_a_penalty_are_found_by_its_name():
    net = ns.Network.layered([2, 2, 2], seed=0)
    _, _ = net.forward([0.1, 0.2]), net.backward([1.0, 0.0], l1=0.1, l2=0.2)
    paths = net.paths("W1")
    *_, l1, l2 = paths
    for key, path in (("l1", l1), ("l2", l2)):
        assert list(paths.through(key)) == list(paths.by_output()[key]) == [path]
        assert path not in paths.avoiding(key)
        assert paths.through(key).gradient + paths.avoiding(key).gradient == pytest.approx(paths.gradient)
    (key,) = [each for each in paths.by_output() if each.name == "l2"]
    assert list(paths.through(key)) == [l2]
    without = paths.avoiding("l1").avoiding("l2")
    assert without.count == 2
    assert paths.through("l2").avoiding("l1").count == 1
    none = without.through("l2"), paths.through("H1").through("l2"), paths.through("l2").avoiding("l2")
    assert [some.count for some in none] == [0, 0, 0]
    assert paths.through("l2").cut().change == l2.cut().change
    assert list(paths.of_length(0)) == [l1, l2]
    assert net.paths("H1").through("l2").count == 0
    with pytest.raises(ns.UnknownNameError):
        paths.through("l3")
    assert net.paths("W2").through("l2").gradient == pytest.approx(0.2 * net["W2"].weight)


def test_paths_by_output_are_printed_as_a_table():
    net = ns.Network.layered([2, 2, 2], seed=0)
    _, _ = net.forward([0.1, 0.2]), net.backward([1.0, 0.0], l2=0.2)
    outputs = net.paths("W1").by_output()
    assert str(outputs) == str(net.paths("W1").flow().outputs)
    assert [line.split()[0] for line in str(outputs).splitlines()] == ["name", "O1", "O2", "l2"]
    assert outputs._repr_html_() == net.paths("W1").flow().outputs._repr_html_()
    assert repr(outputs) == "<paths of 2 outputs and 1 penalty>"

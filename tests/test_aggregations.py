"""Nodes that are no sums of what comes in, on every engine, against torch."""

from __future__ import annotations

import functools

import numpy as np
import pytest
import torch
from helpers import ACTIVATIONS

import nodesim as ns
from nodesim.engines import choice

TOLERANCE = 1e-12
# Factors below this have lost digits: they count as if they were larger.
LEAST = 1e-3
AGGREGATIONS = {
    "sum": lambda c: c.sum(0), "product": lambda c: c.prod(0), "max": lambda c: c.max(0).values,
    "min": lambda c: c.min(0).values, "mean": lambda c: c.mean(0), "norm": lambda c: c.norm(dim=0),
}  # fmt: skip
needs_numba = pytest.mark.skipif(not choice.has_native(), reason="there is no native form without numba")


def joined(seed, engine="nodes", dtype="float64"):
    """Build a random DAG of all aggregations: biases, skip connections, dead ends, nodes that nothing feeds."""
    rng = np.random.default_rng(seed)
    net = ns.Network(seed=0, engine=engine, dtype=dtype)
    nodes = [net.add_input() for _ in range(rng.integers(1, 5))] + [net.add_bias(value=float(rng.choice([1.0, -0.5])))]
    pairs = []
    for place in range(rng.integers(3, 12)):
        add = net.add_hidden if place > 1 else net.add_output
        activation = str(rng.choice(["tanh", "sigmoid", "linear", "softplus", "sine"]))
        node = add(activation=activation, aggregation=str(rng.choice(list(AGGREGATIONS))))
        count = min(len(nodes), int(rng.integers(place <= 1, 6)))
        pairs += [(source, node) for source in rng.choice(np.array(nodes, dtype=object), count, replace=False)]
        nodes.append(node)
    for index in rng.permutation(len(pairs)):
        net.connect(*pairs[index], weight=float(rng.choice([-1, 1]) * rng.uniform(0.3, 1.3)))
    return net, rng


def samples(net, rng, count):
    return rng.normal(size=(count, len(net.inputs))), rng.normal(size=(count, len(net.outputs)))


def torch_outputs(net, x, weights):
    x = torch.tensor(x)
    sent = {node: x[:, k] for k, node in enumerate(net.inputs)}
    sent |= {node: torch.full((len(x),), node.value, dtype=torch.float64) for node in net.biases}
    for node in net.structure.schedule.order:
        if node.activation is not None:
            coming = [weights[c] * sent[c.source] for c in node.incoming]
            h = AGGREGATIONS[node.aggregation.name](torch.stack(coming)) if coming else torch.zeros_like(x[:, 0])
            sent[node] = ACTIVATIONS[node.activation.name](h)
    return torch.stack([sent[node] for node in net.outputs], dim=1)


def torch_weights(net):
    return {c: torch.tensor(c.weight, dtype=torch.float64, requires_grad=True) for c in net.connections}


def torch_gradients(net, x, y, weights):
    outputs = torch_outputs(net, x, weights)
    ((outputs - torch.tensor(y)) ** 2).mean().backward()
    found = [0.0 if w.grad is None else w.grad.item() for w in weights.values()]
    return outputs.detach().numpy(), np.array(found)


def scales(net):
    """Return the sum of |products| along the paths of every connection, after a run."""
    found, behind = {}, dict.fromkeys(net.nodes, 0.0)
    for node, seed in zip(net.outputs, np.atleast_2d(net.store.run.output_gradient.gradient)):
        behind[node] = behind[node] + np.maximum(np.abs(seed), LEAST)
    for node in reversed(net.structure.schedule.order):
        if node.activation is None or not node.incoming:
            continue
        h, a = np.atleast_1d(node.value), np.atleast_1d(node.activated)
        arriving = behind[node] * np.maximum(np.abs(node.activation.derivative(h, a)), LEAST)
        c = np.array([w.weight * np.atleast_1d(w.source.activated) * np.ones_like(h) for w in node.incoming])
        for w, part in zip(node.incoming, np.maximum(np.abs(node.aggregation.partials(c, h)), LEAST)):
            found[w] = np.mean(arriving * part * np.maximum(np.abs(w.source.activated), LEAST))
            behind[w.source] = behind[w.source] + arriving * part * abs(w.weight)
    return np.array([found[w] for w in net.connections])


@functools.cache
def expected(seed, count):
    """Return what torch makes of a network and samples, and how right that can be."""
    net, rng = joined(seed)
    x, y = samples(net, rng, count)
    net.forward(x), net.backward(y)
    return x, y, *torch_gradients(net, x, y, torch_weights(net)), scales(net)


@pytest.mark.parametrize("part", range(4))
def test_outputs_and_gradients_are_those_of_torch(engine, part):
    for seed in range(50 * part, 50 * part + 50):
        for count in (1, 3) if seed % 2 else (33, 70):
            net, _ = joined(seed, engine)
            x, y, outputs, gradients, scale = expected(seed, count)
            out = net.forward(x)
            net.backward(y)
            assert np.abs(out - outputs).max() <= TOLERANCE * (1.0 + np.abs(outputs).max()), seed
            assert (np.abs(net.gradients - gradients) <= TOLERANCE * scale).all(), seed


@pytest.mark.parametrize("batch", [1, 16, 40])
def test_training_is_that_of_torch(engine, batch):
    for seed in (3, 8, 21, 34):
        net, rng = joined(seed, engine)
        x, y = samples(net, rng, 40)
        weights = torch_weights(net)
        optimizer = torch.optim.SGD(weights.values(), lr=0.01)
        for _ in range(3):
            for first in range(0, 40, batch):
                optimizer.zero_grad()
                torch_gradients(net, x[first : first + batch], y[first : first + batch], weights)
                optimizer.step()
        net.fit(x, y, epochs=3, batch_size=batch, learning_rate=0.01, shuffle=False)
        wanted = np.array([w.item() for w in weights.values()])
        assert np.abs(net.weights - wanted).max() <= 1e-10 * (1.0 + np.abs(wanted).max())


@needs_numba
@pytest.mark.parametrize(
    "options", [{"optimizer": "adam"}, {"optimizer": "momentum"}, {"clip": 0.1}, {"dropout": {"H1": 0.3}}]
)
def test_training_with_anything_is_the_same_on_engines(options):
    trained = []
    for engine in ("native", "numpy"):
        net, rng = joined(12, engine)
        x, y = samples(net, rng, 50)
        net.fit(x, y, epochs=3, batch_size=20, learning_rate=0.01, **options)
        trained.append(net.weights)
    assert np.abs(trained[0] - trained[1]).max() <= 1e-10


@needs_numba
def test_results_do_not_depend_on_threads():
    found = []
    for threads in (1, 2):
        net, rng = joined(5, "native")
        net.threads = threads
        x, y = samples(net, rng, 200)
        net.forward(x), net.backward(y)
        gradients = net.gradients.tobytes()
        net.fit(x, y, epochs=2, batch_size=100, learning_rate=0.01)
        found.append((gradients, net.weights.tobytes()))
    assert found[0] == found[1]


@needs_numba
def test_float32():
    for seed in range(20):
        net, _ = joined(seed, "native", "float32")
        x, y, _, gradients, scale = expected(seed, 70)
        net.forward(x), net.backward(y)
        assert (np.abs(net.gradients - gradients) <= 1e-4 * scale).all()
        before = net.weights
        net.fit(x, y, epochs=1, batch_size=70, learning_rate=0.01)
        assert np.abs((before - net.weights) / 0.01 - gradients).max() <= 1e-3 * scale.max()


@pytest.mark.parametrize("aggregation", ["max", "min"])
def test_of_equal_ones_the_first_in_connection_order_is_followed(engine, aggregation):
    net = ns.Network(engine=engine)
    sources = [net.add_input() for _ in range(4)]
    output = net.add_output(aggregation=aggregation, activation="linear")
    first, *others = [net.connect(sources[k], output, weight=1.0) for k in (3, 1, 0, 2)]
    for count in (1, 33):
        net.forward(np.full((count, 4), 2.0)), net.backward(np.zeros((count, 1)))
        assert [c.gradient for c in (first, *others)] == [8.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize("zeros", range(4))
def test_factors_that_are_zero(engine, zeros):
    net = ns.Network(engine=engine)
    sources = [net.add_input() for _ in range(3)]
    output = net.add_output(aggregation="product", activation="linear")
    for source in sources:
        net.connect(source, output, weight=2.0)
    x = np.array([3.0, 5.0, 7.0])
    x[:zeros] = 0.0
    for count in (1, 33):
        net.forward(np.tile(x, (count, 1))), net.backward(np.ones((count, 1)))
        seed = 2.0 * (8.0 * x.prod() - 1.0)
        wanted = [seed * 4.0 * np.delete(x, k).prod() * x[k] for k in range(3)]
        assert net.gradients.tolist() == wanted
        assert sources[0].delta.tolist() == pytest.approx([seed * 8.0 * x[1] * x[2]] * count)


def test_a_norm_of_large_and_of_small_numbers(engine):
    net = ns.Network(engine=engine)
    output = net.add_output(aggregation="norm", activation="linear")
    for _ in range(2):
        net.connect(net.add_input(), output, weight=1.0)
    sizes = np.array([1e200, 1e-200, 1.0, 0.0, 5e-324, 1e308])
    x = np.outer(sizes, [0.6, 0.8])
    whole = net.forward(x)[:, 0]
    # Whatever stands beside a sample: each is calculated by itself.
    assert whole == pytest.approx(np.hypot(*x.T), rel=1e-14, abs=0)
    assert [net.forward(row[None])[0, 0] for row in x] == pytest.approx(whole.tolist(), rel=1e-15, abs=0)
    net.forward(x[1:4]), net.backward(np.ones((3, 1)))
    assert np.isfinite(net.gradients).all()


def test_a_product_that_is_too_large_is_named(engine):
    net = ns.Network(engine=engine)
    node, output = net.add_hidden(aggregation="product", activation="tanh"), net.add_output()
    for _ in range(2):
        net.connect(net.add_input(), node, weight=1e200)
    net.connect(node, output, weight=1.0)
    for x in ([1.0, 1.0], np.ones((40, 2))):
        with pytest.raises(ns.NodesimError, match="H1"):
            net.forward(x)


def test_another_aggregation_between_forward_and_backward(engine):
    found = []
    for name in (engine, "nodes"):
        net, rng = joined(17, name)
        x, y = samples(net, rng, 40)
        net.forward(x)
        for node in net.hidden:
            node.aggregation = "min" if node.aggregation.name == "max" else "max"
        try:
            net.backward(y)
        except ns.StateError as error:
            found.append(str(error))
        else:
            found.append(net.gradients)
    assert type(found[0]) is type(found[1])
    assert found[0] == found[1] if isinstance(found[0], str) else np.allclose(*found, rtol=1e-12, atol=1e-14)


def squares(native=None):
    return ns.Aggregation("squares", lambda c: (c * c).sum(axis=0), lambda c, h: 2.0 * c, native=native)


def test_an_aggregation_of_ones_own(engine):
    found = []
    for name in (engine, "nodes"):
        net, rng = joined(9, name)
        for node in net.hidden[::2]:
            node.aggregation = squares()
        x, y = samples(net, rng, 40)
        for part in (slice(0, 1), slice(None)):
            net.forward(x[part]), net.backward(y[part])
            found.append(net.gradients)
        for batch in (1, 20):
            net.fit(x, y, epochs=2, batch_size=batch, learning_rate=1e-3)
            found.append(net.weights)
    for own, wanted in zip(found[:4], found[4:]):
        assert np.abs(own - wanted).max() <= TOLERANCE * (1.0 + np.abs(wanted).max())


def test_one_without_a_name_that_is_known_is_refused_with_what_helps(tmp_path):
    net = ns.Network.layered([2, 2, 1], seed=0)
    with pytest.raises(ns.ArgumentTypeError, match=r"max.*nodesim\.Aggregation\("):
        net["H1"].aggregation = max
    net["H1"].aggregation = squares()
    with pytest.raises(ns.FunctionError, match="nodesim.register") as caught:
        net.save(tmp_path / "net.json")
    assert "formula" not in str(caught.value)


@needs_numba
def test_a_native_form_that_there_is_not():
    net, rng = joined(9, "native")
    net.hidden[0].aggregation = squares("squares")
    with pytest.raises(ns.FunctionError, match="no native form of aggregations is named 'squares'"):
        net.forward(samples(net, rng, 40)[0])


@pytest.mark.parametrize("name", AGGREGATIONS)
def test_the_built_in_ones_are_fused(name):
    """That they pass their check is in test_conformance."""
    assert choice.way_of(ns.aggregation(name)) == ("fused (about 1 ns a number)" if choice.has_native() else "NumPy")


def writing(c):
    c *= 2.0
    return c.sum(axis=0)


def last_largest(c, h):
    partials = np.zeros_like(c)
    np.put_along_axis(partials, len(c) - 1 - c[::-1].argmax(axis=0)[None], 1.0, axis=0)
    return partials


@pytest.mark.parametrize(
    ("function", "partials", "native", "said"),
    [
        (lambda c: (c * c).sum(0), lambda c, h: c, None, "at c = 0.82177 is 0.82177, finite differences give 1.64354"),
        (writing, lambda c, h: 2.0 + 0.0 * c, None, "the function writes into the arrays that it is given"),
        (lambda c: c.sum(), lambda c, h: np.ones_like(c), None, r"the function returns shape \(\) for shape \(60,\)"),
        (lambda c: c.sum(0), lambda c, h: np.ones_like(h), None, r"partials\(c, h\) returns shape \(60,\) for shape \(1, 60\)"),
        (lambda c: c.prod(0), lambda c, h: h / c, None, r"partials\(c, h\) warns: invalid value"),
        (lambda c: c.max(0), lambda c, h: 2.0 * (c == h), None, "is 2, finite differences give 1"),
        (lambda c: c.max(0), lambda c, h: -1.0 * (c == h), None, "is -1, finite differences give 1"),
        (lambda c: c.sum(0) / c.shape[-1], lambda c, h: np.ones_like(c) / c.shape[-1], None, "where it is asked for other nodes at once"),
        pytest.param(
            lambda c: c.sum(0), lambda c, h: np.ones_like(c), "mean", "the native form 'mean' gives", marks=needs_numba
        ),
        pytest.param(
            lambda c: c.max(0), last_largest, "max", "the native form 'max' gives .* for the partials",
            marks=needs_numba,
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_with_one_is_said(function, partials, native, said):
    wrong = ns.Aggregation("wrong", function, partials, native=native)
    with pytest.raises(ns.CheckError, match=f"^aggregation wrong: .*{said}"):
        ns.checks.check_aggregation(wrong)


def gated_and_tied(net, rng):
    """Gate some connections, by nodes that their targets do not feed, and tie some: in place."""
    names = [c.name for c in net.connections]
    for name in rng.permutation(names)[:2]:
        gaters = [node for node in net.nodes if node.kind in ("input", "hidden") and node is not net[name].target]
        try:
            net.gate(str(name), by=gaters[rng.integers(len(gaters))])
        except ns.StructureError as error:
            assert "cycle" in str(error)  # noqa: PT017 - gates are tried at random, and this is why one cannot be
    free = [c for c in net.connections if c.trainable]
    if len(free) > 3:
        one, other, third = rng.choice(len(free), 3, replace=False).tolist()
        net.tie(free[one], free[other], free[third], name="Wr")


@pytest.mark.parametrize("part", range(4))
def test_with_gates_and_ties_gradients_are_those_of_torch_and_of_the_paths(part):
    for seed in range(50 * part, 50 * part + 50):
        net, rng = joined(seed)
        gated_and_tied(net, rng)
        x, y = samples(net, rng, 3)
        own = {c: c.tie.uses[0] if c.tie else c for c in net.connections}
        tensors = {c: torch.tensor(c.weight, dtype=torch.float64, requires_grad=True) for c in set(own.values())}
        for engine in ("numpy", "compiled") if choice.has_native() else ("numpy",):
            net.engine = engine
            out = net.forward(x)
            net.backward(y)
            outputs, _ = torch_gradients(net, x, y, {c: tensors[own[c]] for c in net.connections})
            assert np.abs(out - outputs).max() <= TOLERANCE * (1.0 + np.abs(outputs).max()), seed
            scale, place = scales(net), {c: k for k, c in enumerate(net.connections)}
            for first, tensor in tensors.items():
                uses = first.tie.uses if first.tie else (first,)
                allowed = TOLERANCE * sum(scale[place[use]] for use in uses)
                found = first.tie.gradient if first.tie else first.gradient
                wanted = 0.0 if tensor.grad is None else tensor.grad.item()
                assert abs(found - wanted) <= allowed, (seed, engine, first)
                tensor.grad = None
        for connection in net.connections:
            paths = net.paths(connection)
            total = sum(float(np.mean(path.product)) for path in paths)
            assert abs(total - connection.gradient) <= TOLERANCE * max(paths.scale, scale[place[connection]])


def test_what_an_aggregation_makes_of_nothing_and_of_a_number():
    for name in AGGREGATIONS:
        aggregation = ns.aggregation(name)
        assert aggregation([]) == 0.0
        assert aggregation(np.zeros((0, 3))).tolist() == [0.0] * 3
        assert aggregation([2.0, 2.0]) == pytest.approx(AGGREGATIONS[name](torch.tensor([2.0, 2.0])).item())
        with pytest.raises(ns.DataError, match="an array whose first axis goes over them; got 3.0"):
            aggregation(3.0)


@pytest.mark.parametrize("engine", ["compiled", "numpy", "nodes"])
def test_how_a_wrong_shape_is_mended_is_said(engine):
    for function, partials, said in (
        (lambda c: c, lambda c, h: np.ones_like(c), r"expected \(1,\). Go over the first axis alone, as c.sum"),
        (lambda c: c.sum(axis=0), lambda c, h: h, r"expected \(2, 1\). Return one number for each contribution"),
    ):
        net = ns.Network(seed=0, engine=engine)
        sources = net.add_input(), net.add_input()
        output = net.add_output(aggregation=ns.Aggregation("wrong", function, partials))
        for source in sources:
            net.connect(source, output)
        with pytest.raises(ns.FunctionError, match=f"O1 .aggregation wrong.: it returned shape .*{said}"):
            net.forward([0.5, 1.0]), net.backward([1.0])


def test_a_wrong_curvature_is_found():
    right = ns.Aggregation("squares", lambda c: (c * c).sum(0), lambda c, h: 2.0 * c, curvature=lambda c, h, m: 2.0 * m)
    ns.checks.check_aggregation(right)
    wrong = ns.Aggregation("squares", lambda c: (c * c).sum(0), lambda c, h: 2.0 * c, curvature=lambda c, h, m: m)
    with pytest.raises(ns.CheckError, match="the curvature at c = .* finite differences give"):
        ns.checks.check_aggregation(wrong)

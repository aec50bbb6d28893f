"""Ties in exchange with torch and ONNX: against torch's shared parameters, and onnxruntime with one number changed."""

from __future__ import annotations

import io
import warnings

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from onnx import TensorProto, numpy_helper
from onnx.helper import make_graph, make_model, make_node, make_opsetid, make_tensor_value_info
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from test_ties import tied_network
from torch import nn

import nodesim as ns
from nodesim import cli
from nodesim.checks import check_exchange
from nodesim.checks.exchange import checked_with
from nodesim.checks.programs.torch import program_of
from nodesim.exchange.onnx import reading, writing
from nodesim.exchange.torch import writing as torch_writing
from nodesim.sklearn import NodesimRegressor

onnxruntime.set_default_logger_severity(4)


def described(net):
    """Return all that a network is, its numbers bit by bit, and its ties."""
    return (
        [(n.name, n.kind, n.activation, n.value if n.kind == "bias" else None) for n in net.nodes],
        [(c.name, c.source.name, c.target.name, c.weight.hex(), c.trainable) for c in net.connections],
        [(tie.name, [use.name for use in tie.uses]) for tie in net.ties], net.loss, net.dtype,
    )  # fmt: skip


def equal_bits(net):
    return all(len({use.weight.hex() for use in tie.uses}) == 1 for tie in net.ties)


def tied_with_gaps(seed):
    net, _ = tied_network(seed)
    spare = [each for each in net.connections if len(each.target.incoming) > 1]
    if seed % 3 == 0 and spare:
        net.remove(spare[0])
    if seed % 4 == 0 and net.ties:
        net.ties[0].trainable = False
    return net


@pytest.mark.parametrize("part", range(3))
def test_60_random_tied_graphs_out_proven_and_back(part, tmp_path):
    for seed in range(20 * part, 20 * part + 20):
        net = tied_with_gaps(seed)
        module = net.to_torch()
        assert len(list(module.parameters())) == len(net.connections) - sum(len(tie) - 1 for tie in net.ties)
        proof = check_exchange(net, module)
        assert proof.ok, str(proof)
        assert max(proof.outputs, proof.gradients) <= 1e-12
        torch_writing.save(net.simulator, tmp_path / "net.pt")
        model = writing.model_of(net.simulator)
        for twin in (ns.from_torch(module), ns.from_torch(tmp_path / "net.pt"), ns.from_onnx(model)):
            assert described(twin) == described(net)
        if seed % 5 == 0:
            proof = check_exchange(net, model)
            assert proof.ok, str(proof)


def test_tied_graphs_with_joins():
    for seed in range(30):
        net, rng = tied_network(seed)
        for node in (*net.hidden, *net.outputs):
            node.aggregation = str(rng.choice(["sum", "product", "max", "min", "mean"]))
        module, model = net.to_torch(), writing.model_of(net.simulator)
        assert described(ns.from_torch(module)) == described(ns.from_onnx(model)) == described(net)
        for other in (module, model) if seed % 6 == 0 else (module,):
            proof = check_exchange(net, other)
            assert proof.ok, str(proof)


def test_a_network_unrolled_in_time():
    net = ns.Network(seed=0)
    net.add_input("I1"), net.add_hidden("H1", activation="tanh"), net.add_output("O1", activation="linear")
    net.connect("I1", "H1"), net.connect("H1", "H1", delay=1), net.connect("H1", "O1")
    unrolled = net.unroll(steps=6)
    module = unrolled.to_torch()
    assert [name for name, _ in module.named_parameters()] == ["W1", "W3", "W2"]
    assert check_exchange(unrolled, module).ok
    assert described(ns.from_torch(module)) == described(unrolled)
    assert described(ns.from_onnx(writing.model_of(unrolled.simulator))) == described(unrolled)


class Autoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.W, self.b, self.c = (nn.Parameter(torch.randn(shape)) for shape in ((3, 5), (3,), (5,)))

    def forward(self, x):
        return torch.tanh(F.linear(x, self.W, self.b)) @ self.W + self.c


class Recurrent(nn.Module):
    """What nn.RNN does in five steps, of inputs that come side by side."""

    def __init__(self):
        super().__init__()
        self.first, self.rnn, self.last = nn.Linear(10, 10), nn.RNN(2, 4), nn.Linear(4, 3)

    def forward(self, x):
        x, rnn = self.first(x), self.rnn
        h = torch.tanh(F.linear(x[:, :2], rnn.weight_ih_l0, rnn.bias_ih_l0) + rnn.bias_hh_l0)
        for t in range(1, 5):
            sent = F.linear(x[:, 2 * t : 2 * t + 2], rnn.weight_ih_l0, rnn.bias_ih_l0)
            h = torch.tanh(sent + F.linear(h, rnn.weight_hh_l0, rnn.bias_hh_l0))
        return self.last(h)


class Scalar(nn.Module):
    """One number that is added to all values, and again."""

    def __init__(self):
        super().__init__()
        self.a, self.c = nn.Linear(2, 3), nn.Parameter(torch.tensor(0.3))

    def forward(self, x):
        return torch.tanh(self.a(x) + self.c) + self.c


def shared_entry():
    module = nn.Sequential(nn.Linear(3, 3), nn.Tanh(), nn.Linear(3, 3))
    module[2].weight = module[0].weight
    return module


def called_twice():
    layer = nn.Linear(3, 3)
    return nn.Sequential(layer, nn.Tanh(), layer)


# The number of ties, and of their uses.
TIED = {
    "autoencoder": (Autoencoder, 15, 30), "recurrent": (Recurrent, 8 + 4 + 4 + 16, 5 * 16 + 4 * 16),
    "scalar": (Scalar, 1, 6), "entry": (shared_entry, 9, 18), "twice": (called_twice, 12, 24),
}  # fmt: skip


@pytest.mark.parametrize("name", TIED)
def test_modules_with_shared_parameters(name):
    torch.manual_seed(1)
    make, ties, uses = TIED[name]
    module = make().double()
    net = ns.from_torch(module)
    assert (len(net.ties), sum(map(len, net.ties))) == (ties, uses)
    assert equal_bits(net)
    proof = check_exchange(net, module)
    assert proof.ok, str(proof)
    assert max(proof.outputs, proof.gradients) <= 1e-12
    assert described(ns.from_torch(net.to_torch())) == described(net)
    # As torch trains on, so do they: SGD adds what each use asks for.
    x = np.random.default_rng(0).normal(size=(9, len(net.inputs)))
    y = np.random.default_rng(1).normal(size=(9, len(net.outputs)))
    optimizer = torch.optim.SGD(module.parameters(), lr=0.01)
    for _ in range(5):
        optimizer.zero_grad()
        F.mse_loss(module(torch.tensor(x)), torch.tensor(y)).backward()
        optimizer.step()
    net.fit(x, y, epochs=5, learning_rate=0.01, optimizer="sgd")
    assert ns.from_torch(module).weights == pytest.approx(net.weights, rel=1e-12, abs=1e-12)


def test_what_is_tied_in_one_alone_is_told():
    module = Autoencoder().double()
    net = ns.from_torch(module)
    tie = net.ties[3]
    uses = tie.uses
    net.untie(tie)
    proof = check_exchange(net, module)
    assert proof.ok
    assert "1 weight tied in the other program alone" in str(proof)
    net.tie(*uses).weight += 1e-6
    assert not check_exchange(net, module).ok


def test_a_gradient_of_one_use_alone_is_found(monkeypatch):
    torch.manual_seed(0)
    module = Autoencoder().double()
    net, program = ns.from_torch(module), program_of(module)
    assert checked_with(net, program).ok
    judged, first = program.judged, net.ties[3].uses[0].number

    def of_one_use(*arguments):
        error, found = judged(*arguments)
        found[first] /= 2
        return error, found

    monkeypatch.setattr(program, "judged", of_one_use)
    proof = checked_with(net, program)
    assert not proof.ok
    assert proof.gradients_at == net.ties[3].name


def test_entries_that_were_shared_since_are_ties():
    net = ns.Network.layered([2, 2, 1], seed=0)
    tie = net.tie("W1", "W4", name="same")
    module = net.to_torch()
    assert {*module.state_dict()} == {"same", *(c.name for c in net.connections if c.tie is None)}
    module._parameters["W2"] = module._parameters["same"]
    module._parameters["W7"] = module._parameters["W8"]
    twin = ns.from_torch(module)
    assert [(each.name, [use.name for use in each.uses]) for each in twin.ties] == [
        ("same", ["W1", "W2", "W4"]), ("Wr1", ["W7", "W8"])
    ]  # fmt: skip
    assert twin["W2"].weight == tie.weight
    assert twin["W7"].weight == net["W8"].weight
    assert check_exchange(twin, module).ok
    module._parameters["W9"] = nn.Parameter(module._parameters["W8"].data)
    with pytest.raises(ns.ExchangeError, match="views of the same number"):
        ns.from_torch(module)


def by_storage():
    module = shared_entry()
    module[2].weight = nn.Parameter(module[0].weight.data)
    return module


def transposed_view():
    module = shared_entry()
    module[2].weight = nn.Parameter(module[0].weight.data.T)
    return module


class Factors(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(3, 3), nn.Linear(3, 1)

    def forward(self, x):
        return self.b(torch.tanh(self.a(x)) + torch.tanh(0.5 * self.a(x)))


REFUSED = {
    "storage": (by_storage, "'0.weight' and '2.weight' are views of the same numbers"),
    "transposed": (transposed_view, "'0.weight' and '2.weight' are views of the same numbers"),
    "factors": (Factors, "a.weight is used in more than one place, by the factors 1 and 0.5"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_are_no_ties_is_refused_by_name(name):
    make, message = REFUSED[name]
    with pytest.raises(ns.ExchangeError, match=message):
        ns.from_torch(make())


# ---- ONNX ----------------------------------------------------------------------------------------------------------


def exported(module, inputs):
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module.eval(), torch.zeros(5, inputs, dtype=next(module.parameters()).dtype), file, dynamo=False,
            input_names=["x"], dynamic_axes={"x": {0: "N"}},
        )  # fmt: skip
    return onnx.load_from_string(file.getvalue())


@pytest.mark.parametrize(("name", "inputs"), [("recurrent", 10), ("entry", 3), ("twice", 3)])
def test_exported_modules_with_shared_parameters(name, inputs):
    torch.manual_seed(2)
    make, ties, uses = TIED[name]
    module = make().double()
    model = exported(module, inputs)
    net = ns.from_onnx(model)
    assert (len(net.ties), sum(map(len, net.ties))) == (ties, uses)
    assert equal_bits(net)
    x = np.random.default_rng(0).normal(size=(9, inputs))
    expected = module(torch.tensor(x)).detach().numpy()
    assert np.abs(net.predict(x) - expected).max() <= 1e-12
    proof = check_exchange(net, model)
    assert proof.ok, str(proof)
    assert "the file has them once, for several uses" in str(proof)


def test_an_array_that_two_operators_take():
    rng = np.random.default_rng(0)
    W, b = rng.normal(size=(2, 2)), np.zeros(2)
    ends = [make_tensor_value_info(name, TensorProto.DOUBLE, ["N", 2]) for name in ("x", "y")]
    nodes = [
        make_node("Gemm", ["x", "W", "b"], ["h"]), make_node("Tanh", ["h"], ["t"]),
        make_node("Gemm", ["t", "W", "b"], ["y"], transB=1),
    ]  # fmt: skip
    arrays = [numpy_helper.from_array(values, name) for name, values in (("W", W), ("b", b))]
    model = make_model(make_graph(nodes, "g", ends[:1], ends[1:], arrays), opset_imports=[make_opsetid("", 17)])
    net = ns.from_onnx(model)
    assert [[use.weight for use in tie.uses] for tie in net.ties] == [[w, w] for w in (*W.ravel(), *b)]
    first, second = net.ties[1].uses
    assert (first.source.name, first.target.name) == ("I1", "H2")
    assert (second.source.name, second.target.name) == ("H2", "O1")
    assert "the weights of W, b are tied" in reading.read(model).notes[0]
    assert check_exchange(net, model).ok
    nodes[2] = make_node("Gemm", ["t", "W", "b"], ["y"], alpha=2.0)
    model = make_model(make_graph(nodes, "g", ends[:1], ends[1:], arrays), opset_imports=[make_opsetid("", 17)])
    with pytest.raises(ns.ExchangeError, match="W is used in more than one place, by the factors 1 and 2"):
        ns.from_onnx(model)


def test_uses_that_were_trained_apart_are_tied_no_more():
    net = ns.Network.layered([2, 2, 1], hidden="tanh", seed=0)
    net.tie("W1", "W4", name="same"), net.tie("W2", "W3", name="both")
    model = writing.model_of(net.simulator)
    assert described(ns.from_onnx(model)) == described(net)
    tensor = next(each for each in model.graph.initializer if each.name == "weights1")
    values = numpy_helper.to_array(tensor).copy()
    values[0, 0] += 0.5
    tensor.CopyFrom(numpy_helper.from_array(values, "weights1"))
    twin = ns.from_onnx(model)
    net.untie("same")
    net["W1"].weight += 0.5
    assert described(twin) == described(net)
    assert reading.read(model).notes == (
        "the weights that 'same' tied are different numbers now: they are tied no more.",
    )


def test_programs_without_ties_have_a_number_for_each_use():
    net = ns.Network.layered([2, 2, 1], hidden="tanh", seed=0)
    net.tie("W1", "W4")
    estimator = net.to_sklearn()
    proof = check_exchange(net, estimator)
    assert proof.ok
    assert "1 weight tied in the network alone" in str(proof)
    assert ns.from_sklearn(estimator).weights.tolist() == net.weights.tolist()


def test_what_a_conversion_loses_is_said(tmp_path, capsys):
    def run(*arguments):
        assert cli.main(["convert", *map(str, arguments)]) == 0
        return capsys.readouterr().out

    net = ns.Network.layered([2, 2, 1], hidden="tanh", seed=0)
    net.tie("W1", "W4")
    net.save(tmp_path / "net.json")
    for suffix, expected in (("skops", True), ("pt", False), ("onnx", False)):
        done = run(tmp_path / "net.json", tmp_path / f"net.{suffix}")
        assert ("each use of 1 tied weight is a weight of its own there" in done) == expected
    for suffix in ("pt", "onnx"):
        run(tmp_path / f"net.{suffix}", tmp_path / "again.json", "--proof")
        assert described(ns.load(tmp_path / "again.json")) == described(net)


def test_estimators_of_tied_networks_behind_scalers():
    net = ns.Network.layered([2, 2, 1], hidden="tanh", seed=0)
    # Names that the nodes and connections of the scalers would have.
    net.tie("W1", "W4", name="H3"), net.tie("W2", "W3", name="W10")
    net["O1"].aggregation = "mean"
    X = np.random.default_rng(0).normal(size=(30, 2))
    estimator = make_pipeline(StandardScaler(), NodesimRegressor(network=net, epochs=3)).fit(X, X[:, 0])
    twin = ns.from_sklearn(estimator)
    assert [(tie.name, [use.name for use in tie.uses]) for tie in twin.ties] == [
        ("H3", ["W1", "W4"]), ("W10", ["W2", "W3"])
    ]  # fmt: skip
    assert twin.predict(X).ravel() == pytest.approx(estimator.predict(X).ravel(), rel=1e-12)

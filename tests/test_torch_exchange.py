"""Networks to torch and back, and modules of torch as networks: against torch itself, outputs and gradients."""

from __future__ import annotations

import copy
import pickle
import re
import warnings
import zipfile

import numpy as np
import onnxruntime
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from helpers import ACTIVATIONS, LOSSES, digest, random_network, random_samples, steady_scales
from torch import nn
from torch.nn.utils import prune

import nodesim as ns
from nodesim.checks.programs.torch import program_of
from nodesim.exchange.torch import writing
from nodesim.functions.formulas import ActivationFormula

TOLERANCE = 1e-12


def described(net):
    """Return all that a network is, its numbers bit by bit."""
    return (
        [(n.name, n.kind, n.activation, n.value if n.kind == "bias" else None) for n in net.nodes],
        [(c.name, c.source.name, c.target.name, c.weight.hex(), c.trainable) for c in net.connections],
        net.loss, net.classes, net.structure.dtype,
    )  # fmt: skip


def agree(net, module, x, y):
    """Compare outputs and every gradient with autograd."""
    outputs = module(torch.tensor(x))
    expected = net.predict(x)
    assert np.abs(outputs.detach().numpy() - expected).max() <= TOLERANCE * max(1, np.abs(expected).max())
    # By nodesim's own slope of the loss: how torch calculates losses is tested elsewhere.
    slope = net.loss.derivative(y.T, expected.T).T / len(x)
    net.forward(x)
    net.backward(y)
    if not any(c.trainable for c in net.connections):
        return
    outputs.backward(torch.tensor(slope))
    scales = steady_scales(net)
    for connection, (name, number) in zip(net.connections, module.named_parameters()):
        assert (connection.name, connection.trainable) == (name, number.requires_grad)
        if connection.trainable:
            assert abs(number.grad.item() - connection.gradient) <= TOLERANCE * scales[connection], name


@pytest.mark.parametrize("part", range(4))
def test_200_random_graphs_out_and_back(part):
    # The last: a cross entropy of outputs that saturate.
    for seed in (*range(50 * part, 50 * part + 50), (1020, 1034, 27, 34)[part]):
        net, rng = random_network(seed, loss=list(LOSSES)[seed % len(LOSSES)])
        x, y = random_samples(net, rng, 4)
        if seed % 3 == 0 and len(net.connections) > 2:
            # Gaps in the numbers, and names of their own.
            gone = removable(net)
            ends = gone.source, gone.target
            net.disconnect(*ends)
            if seed % 2:
                net.connect(*ends, name="W.1")
        module = net.to_torch()
        assert described(ns.from_torch(module)) == described(net)
        agree(net, module, x, y)


def removable(net):
    return next(c for c in net.connections if c.target.kind == "hidden" or len(c.target.incoming) > 1)


def shaped(rng, activation, n):
    """Return a layered module: its functions have options of their own, and BatchNorm what it has seen."""
    n_in, hidden, n_out = rng.integers(1, 6), rng.integers(1, 6), rng.integers(2, 4)
    layers = [nn.Linear(n_in, hidden, bias=bool(rng.random() < 0.7))]
    if n % 2:
        layers.append(nn.BatchNorm1d(hidden, affine=bool(n % 4 == 1)))
    layers += [activation(hidden), nn.Dropout(0.3), nn.Sequential(nn.Linear(hidden, 4), nn.Identity(), activation(4))]
    if n % 3 == 0:
        layers += [nn.BatchNorm1d(4), nn.Flatten()]
    layers += [nn.Linear(4, n_out)]
    layers += [[], [nn.Softmax(1)], [nn.Sigmoid()], [nn.LogSoftmax(-1)], [nn.Tanh()]][n % 5]
    module = nn.Sequential(*layers)
    module.train()
    with torch.no_grad():
        for _ in range(3):
            module(torch.randn(50, n_in) * 2 + 1)
    return module.eval()


MADE = {
    "ReLU": lambda n: nn.ReLU(inplace=True), "Tanh": lambda n: nn.Tanh(), "Sigmoid": lambda n: nn.Sigmoid(),
    "ELU": lambda n: nn.ELU(0.7), "SELU": lambda n: nn.SELU(), "LeakyReLU": lambda n: nn.LeakyReLU(0.2),
    "PReLU": lambda n: nn.PReLU(n), "PReLU1": lambda n: nn.PReLU(), "GELU": lambda n: nn.GELU(),
    "Softplus": lambda n: nn.Softplus(), "Softplus2": lambda n: nn.Softplus(2.5), "Softsign": lambda n: nn.Softsign(),
    "SiLU": lambda n: nn.SiLU(), "Mish": lambda n: nn.Mish(), "Hardsigmoid": lambda n: nn.Hardsigmoid(),
    "Hardtanh": lambda n: nn.Hardtanh(), "LogSigmoid": lambda n: nn.LogSigmoid(), "CELU": lambda n: nn.CELU(),
}  # fmt: skip


def prove(module, X=None):
    """Return the proof that a module reads as what it is."""
    net = ns.from_torch(module)
    proof = ns.checks.check_exchange(net, module, X)
    assert proof.ok, str(proof)
    return net, proof


def test_50_layered_modules():
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    for n in range(54):
        name = list(MADE)[n % len(MADE)]
        module = shaped(rng, MADE[name], n)
        if n % 2:
            module.double()
        _, proof = prove(module)
        if name not in ("Hardsigmoid", "Softplus", "Softplus2"):
            assert max(proof.outputs, proof.gradients) <= TOLERANCE
        assert ("float32" in str(proof)) == (n % 2 == 0)


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second, self.last = nn.Linear(4, 6), nn.Linear(6, 6), nn.Linear(14, 3)
        self.norm, self.slopes = nn.BatchNorm1d(6), nn.PReLU(6)
        self.weight, self.shift = nn.Parameter(torch.randn(3, 3)), nn.Parameter(torch.randn(3))
        self.register_buffer("mean", torch.randn(4))
        self.blocks = nn.ModuleList([nn.Linear(6, 6) for _ in range(2)])

    def forward(self, x, scale=2.0):
        x = (x - self.mean) / 1.5
        h = torch.relu(self.norm(self.first(x)))
        for block in self.blocks:
            h = h + F.leaky_relu(block(h), 0.3)
        g = self.slopes(self.second(h)) * scale
        g = g * torch.sigmoid(g)
        m = 1 - g
        m = m * torch.tanh(F.softplus(m))
        both = torch.cat([x, F.dropout(h, 0.5, self.training)[:, 1:3], m, g.split([1, 2, 3], 1)[1]], dim=-1)
        out = self.last(both.view(x.size(0), -1))
        return F.log_softmax(F.linear(out, self.weight, self.shift), dim=1)


class Functional(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Parameter(torch.randn(3, 5)), nn.Parameter(torch.randn(5))
        self.c = nn.Linear(5, 1)

    def forward(self, x):
        h = torch.add(x @ self.a, self.b)
        h = -h.tanh() + h.sigmoid().mul(0.5)
        h += 2
        return self.c(h.flatten(1)).sigmoid().squeeze(-1)


class Twice(nn.Module):
    """Uses the same values twice in one step, and its input as an output."""

    def __init__(self):
        super().__init__()
        self.a = nn.Linear(3, 3)

    def forward(self, x):
        h = self.a(x)
        return torch.cat([h + h, x, h.reshape(h.shape[0], 3), x[:, [0, 2]] - h[:, :2]], 1)


@pytest.mark.parametrize("kind", [Twice, Residual, Functional])
def test_modules_with_a_forward_of_their_own(kind):
    torch.manual_seed(1)
    module = kind().double()
    for part in module.modules():
        if isinstance(part, nn.BatchNorm1d):
            part.running_mean.normal_(), part.running_var.uniform_(0.5, 2)
    before = copy.deepcopy(module.state_dict()), sorted(vars(module))
    net, proof = prove(module.eval())
    assert proof.outputs <= TOLERANCE
    assert proof.gradients <= TOLERANCE
    after = module.state_dict()
    assert all(torch.equal(after[name], tensor) for name, tensor in before[0].items())
    assert sorted(vars(module)) == before[1]
    assert net.loss.name == {Residual: "softmax_cross_entropy", Functional: "binary_cross_entropy"}.get(kind, "mse")


@pytest.mark.parametrize(
    ("layer", "large", "remark"),
    [
        (nn.Softplus(), True, "linear above 20"),
        (nn.Softplus(), False, ""),
        (nn.Hardsigmoid(), False, "single precision"),
    ],
)
def test_what_torch_itself_rounds_is_told_by_name(layer, large, remark):
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(2, 3), layer, nn.Linear(3, 1)).double()
    module[0].weight.data.fill_(1.0)
    allowed = program_of(module).allowed(np.full((5, 2), 11.0 if large else 0.5))
    assert [remark in said for said in allowed.remarks] == ([True] if remark else [])
    assert (allowed.outputs, allowed.gradients) == {
        "linear above 20": (1e-7, 1e-7), "single precision": (1e-12, 1e-7), "": (1e-12, 1e-12),
    }[remark]  # fmt: skip
    _, proof = prove(module, np.linspace(0.1, 11.0, 20).reshape(10, 2))
    if large:
        assert 1e-12 < proof.gradients < 1e-7


def test_a_cross_entropy_is_not_torchs_where_outputs_saturate():
    # There torch divides by 1e-12, and not by a (1 - a); so e is made of its outputs, and its gradients are those of that.
    for size in (1.0, 120.0):
        torch.manual_seed(0)
        module = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1), nn.Sigmoid()).double()
        module[2].weight.data.mul_(size)
        proof = prove(module)[1]
        assert proof.way == "its own backpropagation"
        assert ("is cut off" in str(proof)) == (size > 1.0)


def test_what_is_frozen_there_is_frozen_here():
    module = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    module[0].weight.requires_grad_(False)
    net, _ = prove(module)
    assert [c.trainable for c in net.connections] == [False] * 6 + [True] * 7
    assert [c.weight for c in net.connections][:6] == module[0].weight.T.reshape(-1).tolist()


def with_nan():
    module = nn.Linear(2, 2)
    module.bias.data[1] = float("nan")
    return module


def hooked():
    module = nn.Sequential(nn.Linear(2, 2))
    module[0].register_forward_hook(lambda *_: None)
    return module


def traced_away(forward):
    class Own(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b, self.norm = nn.Linear(3, 3), nn.Linear(3, 3), nn.Softmax(1)

    Own.forward = forward
    return Own()


def reads(*layers, train=False):
    return lambda: nn.Sequential(*layers).train(train)


REFUSED = {
    "inner softmax": (reads(nn.Linear(2, 3), nn.Softmax(1), nn.Linear(3, 1)), "'1' (Softmax) stands inside"),
    "lstm": (reads(nn.Linear(2, 3), nn.Sequential(nn.ReLU(), nn.LSTM(3, 3))), "'1.1' (LSTM)"),
    "relu6": (reads(nn.Linear(2, 3), nn.ReLU6()), "'1' (ReLU6)"),
    "gelu": (reads(nn.Linear(2, 3), nn.GELU("tanh")), "'1' (GELU): GELU with approximate = 'tanh'"),
    "hardtanh": (reads(nn.Linear(2, 3), nn.Hardtanh(0, 1)), "Hardtanh from 0 to 1"),
    "softplus": (reads(nn.Linear(2, 3), nn.Softplus(1, 5)), "threshold = 5"),
    "training": (reads(nn.Linear(2, 3), nn.BatchNorm1d(3), train=True), "'1' (BatchNorm1d): in training .*eval()"),
    "statistics": (reads(nn.Linear(2, 3), nn.BatchNorm1d(3, track_running_stats=False)), "without running statistics"),
    "no width": (reads(nn.ReLU()), "how many inputs Sequential takes cannot be told"),
    "sizes": (reads(nn.Linear(2, 3), nn.Linear(4, 1)), "1.weight has 4 rows, and takes 3"),
    "one softmax": (reads(nn.Linear(2, 1), nn.Softmax(1)), "a softmax of 1 outputs"),
    "samples": (reads(nn.Linear(2, 2), nn.Softmax(0)), "over axis 0 mixes samples"),
    "parametrized": (lambda: nn.utils.parametrizations.weight_norm(nn.Linear(2, 2)), "parametrizations"),
    "pruned": (lambda: nn.Sequential(prune.l1_unstructured(nn.Linear(3, 3), "weight", 0.5)), "'0' (Linear) has forward hooks"),
    "hook": (hooked, "'0' (Linear) has forward hooks"),
    "lazy": (lambda: nn.Sequential(nn.LazyLinear(3)), "LazyLinear|not initialised"),
    "meta": (lambda: nn.Linear(2, 2, device="meta"), "'weight' is on the device 'meta'"),
    "complex": (lambda: nn.Linear(2, 2, dtype=torch.complex64), "'weight' holds torch.complex64"),
    "nan": (with_nan, "'bias' holds a number that is not finite"),
    "quantised": (lambda: nn.Sequential(nn.Linear(2, 2, dtype=torch.float64)).to(torch.float8_e5m2), "float8"),
    "product": (lambda: traced_away(lambda self, x: self.a(x) * self.b(x)), "mul(): two values are multiplied"),
    "function": (lambda: traced_away(lambda self, x: torch.fft.fft(self.a(x))), "fft"),
    "in place": (lambda: traced_away(lambda self, x: (h := self.a(x)) + F.relu(h, inplace=True)), "relu(): changes in place|relu() changes in place"),
    "dead in place": (lambda: traced_away(lambda self, x: (h := self.a(x), h.clamp_(0), h)[2]), "clamp_() changes in place"),
    "flow": (lambda: traced_away(lambda self, x: self.a(x) if x.sum() > 0 else self.b(x)), "cannot be traced"),
    "several": (lambda: traced_away(lambda self, x, y: self.a(x) + y), "takes x, y; a network has one"),
    "tuple": (lambda: traced_away(lambda self, x: (self.a(x), self.b(x))), "something else than one tensor"),
    "functional softmax": (lambda: traced_away(lambda self, x: self.b(F.softmax(self.a(x), -1))), "softmax() stands inside"),
    "raises": (lambda: traced_away(lambda self, x: [][1]), "cannot be traced: list index"),
    "column": (lambda: traced_away(lambda self, x: self.a(x)[:, 0]), "only columns can be taken"),
    "mean": (lambda: traced_away(lambda self, x: self.a(x).mean(1)), "mean(): a network has nothing like it"),
    "drops out": (lambda: traced_away(lambda self, x: F.dropout(self.a(x))).eval(), "dropout(): it drops out in evaluation, too"),
    "first": (lambda: nn.Sequential(nn.Conv1d(2, 2, 1)), "'0' (Conv1d): a network cannot be made of Conv1d"),
    "alone": (lambda: nn.RNN(2, 2), "RNN: a network cannot be made of"),
    "too large": (lambda: traced_away(lambda self, x: self.a(x) * 1e308 * 1e308), "a weight, times a factor,"),
    "precision": (lambda: traced_away(lambda self, x: F.softmax(self.a(x), 1, dtype=torch.float32)), "precision"),
    "nothing": (lambda: nn.Linear(2, 0), "no outputs"),
    "constant": (lambda: traced_away(lambda self, x: self.a(x) + torch.ones(3)), "a tensor that is no parameter or buffer"),
    "detached": (lambda: traced_away(lambda self, x: self.b(self.a(x).detach())), "detach()"),
    "inside": (lambda: nn.Sequential(ns.Network.layered([2, 1], seed=0).to_torch(), nn.Tanh()), "NetworkModule|cannot be told"),
    "script": (lambda: torch.jit.trace(nn.Linear(2, 2), torch.zeros(1, 2)), "TorchScript"),
    "class": (lambda: nn.Linear, "torch.nn.Module"),
    "number": (lambda: 3, "torch.nn.Module"),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", REFUSED)
def test_what_no_network_can_be_is_refused_by_name(name):
    make, message = REFUSED[name]
    with pytest.raises(ns.ExchangeError) as caught:
        ns.from_torch(make())
    said = str(caught.value)
    assert any(all(part in said for part in each.split(" .*")) for each in message.split("|")), said


def test_losses_must_fit():
    softmax = nn.Sequential(nn.Linear(2, 3), nn.Softmax(1))
    with pytest.raises(ns.ExchangeError, match="belongs to the loss softmax_cross_entropy"):
        ns.from_torch(softmax, loss="mse")
    with pytest.raises(ns.ExchangeError, match="does not end as the loss binary_cross_entropy needs it"):
        ns.from_torch(nn.Linear(2, 3), loss="binary_cross_entropy")
    assert ns.from_torch(nn.Linear(2, 3), loss=ns.loss("huber", delta=0.5)).loss.parameters["delta"] == 0.5


# ---- to torch --------------------------------------------------------------------------------------------------


def wired(names, seed):
    net = ns.Network(seed=seed)
    for number in range(2):
        net.add_input(), net.add_output(f"O{number + 1}", activation="tanh")
    for number in range((len(names) - 1) // 3):
        net.add_hidden(f"H{number + 1}", activation="tanh")
    pairs = [("I1", "O2"), *((source, node.name) for node in net.hidden for source in ("I1", "I2"))]
    pairs += [(node.name, "O1") for node in net.hidden]
    for (source, target), name in zip(pairs, names, strict=True):
        net.connect(source, target, name=name)
    return net


def test_names_are_kept_whatever_they_are():
    names = [
        "W.1",
        "training",
        "forward",
        "levels",
        "_parameters",
        "levels.0.sources",
        "_extra_state",
        "a b",
        "ß\n",
        "to",
    ]
    net, other = (wired(names, seed) for seed in (0, 1))
    module = net.to_torch()
    assert not module.eval().training
    assert module.train().training
    assert [name for name, _ in module.named_parameters()] == [c.name for c in net.connections]
    assert list(module.state_dict()) == [c.name for c in net.connections]
    twin = other.to_torch()
    twin.load_state_dict(module.state_dict())
    assert described(ns.from_torch(twin)) == described(net)
    assert described(ns.from_torch(copy.deepcopy(module))) == described(net)
    with pytest.raises(RuntimeError, match="Unexpected key"):
        twin.load_state_dict({**module.state_dict(), "b.c": torch.zeros(())})
    x = torch.zeros(3, 2)
    assert nn.Sequential(module)(x).shape == (3, 2)
    assert module(x[0]).shape == (2,)
    with pytest.raises(ns.DataError, match="takes"):
        module(torch.zeros(3, 5))


def test_torch_trains_on_and_the_network_takes_it_back():
    net = ns.Network.layered([3, 5, 2], hidden="tanh", seed=0)
    net["W3"].trainable = False
    x, y = random_samples(net, np.random.default_rng(0), 20)
    module = net.to_torch()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    for _ in range(20):
        optimizer.zero_grad()
        F.mse_loss(module(torch.tensor(x)), torch.tensor(y)).backward()
        optimizer.step()
    net.fit(x, y, epochs=20, learning_rate=0.1, optimizer="sgd")
    trained = ns.from_torch(module)
    assert trained.weights == pytest.approx(net.weights, rel=1e-12)
    assert [c.weight for c in trained.connections] == [number.item() for number in module.parameters()]
    assert not trained["W3"].trainable
    prove(module)


def test_single_precision_stays_single():
    net = ns.Network(dtype="float32", seed=0)
    for name in ("I1", "I2"):
        net.add_input(name)
    net.add_output("O1", activation="sigmoid")
    net.connect("I1", "O1"), net.connect("I2", "O1")
    module = net.to_torch()
    assert {number.dtype for number in module.parameters()} == {torch.float32}
    assert described(ns.from_torch(module)) == described(net)
    assert ns.from_torch(module.double()).structure.dtype == "float64"


def one(activation):
    net = ns.Network(seed=3)
    net.add_input("I1"), net.add_hidden("H1", activation=activation), net.add_output("O1", activation="linear")
    net.connect("I1", "H1"), net.connect("H1", "O1")
    return net


KINKS = np.array([[-3.0], [-1.0], [0.0], [1.0], [3.0], [25.0], [-25.0], [60.0], [-60.0], [0.5]])


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_slopes_at_kinks_and_far_out(name):
    net = one(name)
    net["W1"].weight = 1.0
    module = net.to_torch()
    for x in KINKS:
        z = torch.tensor(x, requires_grad=True)
        module(z).sum().backward()
        net.forward(x), net.backward([0.0])
        expected = net["H1"].activation.derivative(x, net["H1"].activation.function(x)) * net["W2"].weight
        assert z.grad.numpy() == pytest.approx(expected, rel=1e-12, abs=0), x
    z = torch.linspace(-2.2, 2.3, 7, dtype=torch.float64).reshape(-1, 1).requires_grad_()
    assert torch.autograd.gradcheck(module, (z,))
    if name not in ("mish", "silu", "gelu", "softplus"):
        assert torch.autograd.gradgradcheck(module, (z,))


def test_activations_of_ones_own():
    by_formula = ns.Activation(
        "bump", formula="where(z > s, z / (1 + exp(-z)), max(z, -1) ** 2)", parameters={"s": 0.25}
    )
    straight = ns.Activation(
        "straight", lambda z: np.sign(z), lambda z, a: 1.0 - a * a + np.cos(z), formula="sign(z)",
        derivative_formula="1 - a ** 2 + cos(z)",
    )  # fmt: skip
    numerical = ns.Activation("cubic", lambda z: z**3, "numerical", formula="z ** 3")
    assert isinstance(by_formula.unbound("function"), ActivationFormula)
    x = np.random.default_rng(0).normal(size=(6, 1))
    for activation in (by_formula, straight):
        agree(one(activation), one(activation).to_torch(), x, np.zeros((6, 1)))
    net = one(numerical)
    assert net.to_torch()(torch.tensor(x)).detach().numpy() == pytest.approx(net.predict(x), rel=1e-13)
    step = one("step")
    outputs = step.to_torch()(torch.tensor(x))
    assert (outputs.detach().numpy() == step.predict(x)).all()
    with pytest.raises(ns.FunctionError, match="step"):
        outputs.sum().backward()


def test_activations_that_torch_cannot_calculate_are_refused():
    refused = {
        "no formula": ns.Activation("own", np.cbrt, lambda z, a: z),
        "at z = .* its formula gives": ns.Activation("own", lambda z: z * z, lambda z, a: 2 * z, formula="z ** 3"),
        "its derivative_formula gives": ns.Activation("own", lambda z: z * z, lambda z, a: 3 * z, formula="z ** 2"),
        "its native form gives": ns.Activation("own", lambda z: z * z, lambda z, a: 2 * z, native="relu"),
        "other parameters than its native form": ns.Activation(
            "own", lambda z, s: z, lambda z, a, s: z, parameters={"s": 1}, native="relu"
        ),
        "its formula": ns.Activation("own", lambda z: z * z, lambda z, a: 2 * z, formula="some words"),
    }
    for message, activation in refused.items():
        net = one(activation)
        before = digest(net)
        with pytest.raises(ns.ExchangeError, match=message):
            net.to_torch()
        assert digest(net) == before


@pytest.mark.filterwarnings("ignore")
def test_onnx_takes_it(tmp_path):
    net, rng = random_network(5, activations=["tanh", "relu", "sigmoid"])
    x, _ = random_samples(net, rng, 4)
    torch.onnx.export(net.to_torch(), (torch.tensor(x),), tmp_path / "net.onnx", dynamo=False)
    session = onnxruntime.InferenceSession(tmp_path / "net.onnx")
    found = session.run(None, {session.get_inputs()[0].name: x})[0]
    assert found == pytest.approx(net.predict(x), rel=1e-12, abs=1e-14)


# ---- files -----------------------------------------------------------------------------------------------------


def saved(path, net=None):
    net = ns.Network.layered([2, 3, 1], seed=0) if net is None else net
    writing.save(net.simulator, path)
    return net


def test_files_bring_the_same_network(tmp_path):
    for seed in range(5):
        net = saved(tmp_path / "net.pt", random_network(seed)[0])
        assert described(ns.from_torch(tmp_path / "net.pt")) == described(net)
        content = torch.load(tmp_path / "net.pt", weights_only=True)
        assert list(content["state_dict"]) == [c.name for c in net.connections]
        module = net.to_torch()
        module.load_state_dict(content["state_dict"])
        # As users write what they have trained.
        for number in module.parameters():
            number.data += 1
        torch.save({"nodesim": content["nodesim"], "state_dict": module.state_dict()}, tmp_path / "more.pt")
        assert described(ns.from_torch(tmp_path / "more.pt")) == described(ns.from_torch(module))
    assert ns.checks.check_exchange(net, tmp_path / "net.pt").ok
    assert program_of(tmp_path / "net.pt").name == f"torch {torch.__version__}"


class Bomb:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def rewritten(source, target, change):
    """Write an archive again, its parts changed."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            data = change(entry.filename, old.read(entry))
            if data is not None:
                new.writestr(entry.filename, data)


def hostile(folder, bomb):
    """Write files that must not be taken for networks; return what is said of each."""
    saved(folder / "good.pt")
    good = (folder / "good.pt").read_bytes()
    module = ns.Network.layered([2, 3, 1], seed=0).to_torch()
    content = torch.load(folder / "good.pt", weights_only=True)
    numbers = content["state_dict"]

    def keep(name, value, said):
        torch.save(value, folder / name)
        return name, said

    yield keep("bomb.pt", Bomb(bomb), "would have to be unpickled")
    yield keep("module.pt", nn.Linear(2, 2), "torch.nn.modules.linear.Linear, which would have to be unpickled")
    yield keep("own.pt", module, "would have to be unpickled")
    yield keep("bare.pt", module.state_dict(), "bare state_dict.*load_state_dict")
    yield keep("linear.pt", nn.Linear(2, 2).state_dict(), "bare state_dict")
    yield keep("list.pt", [1, 2], "something else than a network")
    yield keep("text.pt", {"nodesim": 3, "state_dict": {}}, "no network")
    yield keep("json.pt", {**content, "nodesim": "{"}, "JSON|text|json")
    yield keep("less.pt", {**content, "state_dict": {k: v for k, v in numbers.items() if k != "W2"}}, "no 'W2'")
    yield keep("more.pt", {**content, "state_dict": {**numbers, "W99": torch.zeros(())}}, "'W99', which is no conn")
    yield keep("shape.pt", {**content, "state_dict": {**numbers, "W2": torch.zeros(2)}}, "'W2' .*one number")
    yield keep("kind.pt", {**content, "state_dict": {**numbers, "W2": torch.tensor(1)}}, "LongStorage")
    yield keep("nan.pt", {**content, "state_dict": {**numbers, "W2": torch.tensor(torch.inf)}}, "'W2' is not finite")
    yield keep("odd.pt", {**content, "state_dict": {**numbers, "W2": "x"}}, "'W2' .*one number")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.script(nn.Linear(2, 2)).save(folder / "script.pt")
    yield "script.pt", "TorchScript"
    for name, data in (
        ("pickle.pt", pickle.dumps(Bomb(bomb))), ("empty.pt", b""), ("random.pt", np.random.default_rng(0).bytes(3000)),
        ("cut.pt", good[: len(good) // 2]), ("cut2.pt", good[:-30]),
    ):  # fmt: skip
        (folder / name).write_bytes(data)
        yield name, "no archive of torch"
    with zipfile.ZipFile(folder / "zip.pt", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x/data.pkl", b"0" * 10_000_000)
    yield "zip.pt", "do not add up"
    # A pickle may declare more numbers than there are, or a place beyond them.
    data = zipfile.ZipFile(folder / "good.pt").read("archive/data.pkl")
    many = re.sub(rb"(cpuq.)K\x01", lambda found: found[1] + b"J\xff\xff\xff\x7f", data, count=1, flags=re.DOTALL)
    assert many != data
    rewritten(folder / "good.pt", folder / "many.pt", lambda n, d: many if n.endswith("data.pkl") else d)
    yield "many.pt", "another size"
    rewritten(folder / "good.pt", folder / "short.pt", lambda n, d: d[:3] if n.endswith("data/0") else d)
    yield "short.pt", "another size"
    rewritten(folder / "good.pt", folder / "gone.pt", lambda n, d: None if n.endswith("data/0") else d)
    yield "gone.pt", "'data/0' is missing"
    deep = b"\x80\x02" + b")" + b"\x85" * 200_000 + b"."
    rewritten(folder / "good.pt", folder / "deep.pt", lambda n, d: deep if n.endswith("data.pkl") else d)
    yield "deep.pt", "no network"
    keyed = b"\x80\x02}" + b")" + b"\x85" * 200_000 + b"K\x01s."
    rewritten(folder / "good.pt", folder / "keyed.pt", lambda n, d: keyed if n.endswith("data.pkl") else d)
    yield "keyed.pt", "dicts with names"
    wide = b"\x80\x02}r\xff\xff\xff\x7f."
    rewritten(folder / "good.pt", folder / "wide.pt", lambda n, d: wide if n.endswith("data.pkl") else d)
    yield "wide.pt", "no network"
    rewritten(
        folder / "good.pt", folder / "odd_pickle.pt", lambda n, d: b"\x80\x02}(u0t\x81" if n.endswith("data.pkl") else d
    )
    yield "odd_pickle.pt", "."


def test_files_of_others_are_never_unpickled(tmp_path):
    bomb = tmp_path / "bomb"
    for name, said in hostile(tmp_path, bomb):
        with pytest.raises(ns.FileError, match=said) as caught:
            ns.from_torch(tmp_path / name)
        assert str(tmp_path / name)[:20] in str(caught.value), name
    assert not bomb.exists()
    with pytest.raises(ns.FileError, match="cannot be read"):
        ns.from_torch(tmp_path / "nowhere.pt")


def test_damaged_files_are_refused_or_the_same(tmp_path):
    net = saved(tmp_path / "net.pt")
    data, rng = (tmp_path / "net.pt").read_bytes(), np.random.default_rng(0)
    expected = described(net)
    for number in range(300):
        damaged = bytearray(data[: rng.integers(len(data))] if number % 3 == 0 else data)
        for _ in range(rng.integers(1, 4)):
            damaged[rng.integers(len(damaged))] = rng.integers(256)
        (tmp_path / "damaged.pt").write_bytes(damaged)
        try:
            found = ns.from_torch(tmp_path / "damaged.pt")
        except ns.FileError:
            continue
        assert described(found) == expected


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    saved(tmp_path / "net.pt")
    before = (tmp_path / "net.pt").read_bytes()
    with pytest.raises(ns.ExchangeError):
        saved(tmp_path / "net.pt", one(ns.Activation("own", np.cbrt, lambda z, a: z)))
    assert (tmp_path / "net.pt").read_bytes() == before


def test_a_proof_has_gradients_where_its_user_wants_none():
    module = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2))
    net = ns.from_torch(module)
    for switch in (torch.no_grad, torch.inference_mode):
        with switch():
            assert ns.checks.check_exchange(net, module)


@pytest.mark.parametrize("size", [1e3, -1e3, 1e5])
def test_numbers_that_vanish_are_no_difference(size):
    torch.manual_seed(0)
    for step in (torch.nn.SiLU(), torch.nn.GELU(), torch.nn.Sigmoid(), torch.nn.Mish(), torch.nn.ELU()):
        for _ in range(5):
            module = torch.nn.Sequential(torch.nn.Linear(3, 4), step, torch.nn.Linear(4, 2)).double()
            proof = ns.checks.check_exchange(ns.from_torch(module), module, np.full((4, 3), size))
            assert proof, str(proof)


@pytest.mark.parametrize(("ending", "size"), [(torch.nn.Sigmoid(), 40.0), (torch.nn.Softmax(1), 400.0)])
def test_of_classes_that_are_all_but_certain_a_proof_says_what_is_known(ending, size):
    X = np.random.default_rng(0).normal(size=(20, 3))
    for seed in range(10):
        torch.manual_seed(seed)
        module = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ELU(), torch.nn.Linear(4, 2), ending).double()
        net = ns.from_torch(module)
        proof = ns.checks.check_exchange(net, module, X * size)
        assert proof, str(proof)
        module[0].weight.data[0, 0] *= 1.0 + 1e-9
        assert not ns.checks.check_exchange(net, module, X * size)

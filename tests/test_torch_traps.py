"""Modules of torch that do something else than they seem to: refused by name, or read as what they are."""

from __future__ import annotations

import copy

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn
from torch.nn.utils import parametrize, prune

import nodesim as ns
from nodesim.exchange.torch import reading, writing
from nodesim.formats import json_files


def module_of(forward, **members):
    torch.manual_seed(0)
    module = type("Trap", (nn.Module,), {"forward": forward, **members})()
    module.a, module.b, module.c = nn.Linear(3, 4), nn.Linear(4, 2), nn.Linear(4, 2)
    return module.double()


def plain(self, x):
    return self.b(torch.tanh(self.a(x)))


def in_a_view(part):
    def forward(self, x):
        h = self.a(x)
        changed = part(h).mul_(2.0)
        return self.b(h) + changed

    return module_of(forward)


class Doubling(nn.Parameter):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        found = super().__torch_function__(function, types, args, kwargs or {})
        return found * 2 if function is F.linear else found


def with_weight(make):
    module = module_of(plain)
    module.b.weight = make(module)
    return module


def overlapping():
    whole = torch.randn(3, 4, dtype=torch.float64)
    module = module_of(lambda self, x: self.b(torch.tanh(self.a(x))) + self.c(torch.sin(self.a(x))))
    module.b.weight, module.c.weight = nn.Parameter(whole[:2]), nn.Parameter(whole[1:])
    module.__class__ = type(
        "Trap", (nn.Module,), {"forward": lambda self, x: (lambda h: self.b(h) + self.c(h))(self.a(x))}
    )
    return module


TRAPS = {
    "in place, of columns": (lambda: in_a_view(lambda h: h[:, :2]), "changes in place"),
    "in place, of a part": (lambda: in_a_view(lambda h: h.chunk(2, 1)[0]), "changes in place"),
    "in place, of a split": (lambda: in_a_view(lambda h: h.split(2, 1)[1]), "changes in place"),
    "in place, of a buffer": (lambda: counting(), "changes in place"),
    "own call": (lambda: module_of(plain, __call__=lambda self, x: nn.Module.__call__(self, x) * 2), "__call__"),
    "own call below": (lambda: module_of(plain, _call_impl=lambda self, x: nn.Module._call_impl(self, x) * 2), "__call__"),
    "tensor of a class": (lambda: with_weight(lambda m: Doubling(m.b.weight.data)), "is a Doubling"),
    "one number twice": (lambda: with_weight(lambda m: nn.Parameter(torch.ones(2, 1).double().expand(2, 4))), "several places"),
    "overlapping": (overlapping, "views of the same numbers"),
    "turned view": (lambda: turned_view(), "views of the same numbers"),
    "backwards": (lambda: module_of(lambda self, x: self.a(x)[:, ::-1]), "backwards"),
}  # fmt: skip


def counting():
    module = module_of(lambda self, x: (self.runs.add_(1), plain(self, x) * self.runs)[1])
    module.register_buffer("runs", torch.ones(2, dtype=torch.float64))
    return module


def turned_view():
    module = module_of(lambda self, x: self.d(torch.tanh(self.a(x))))
    module.d = nn.Linear(4, 3).double()
    module.d.weight = nn.Parameter(module.a.weight.data.t())
    return module


@pytest.mark.parametrize("name", TRAPS)
def test_traps_are_refused_and_left_alone(name):
    make, message = TRAPS[name]
    module = make()
    before = {key: number.clone() for key, number in module.state_dict().items()}
    with pytest.raises(ns.ExchangeError, match=message):
        ns.from_torch(module)
    assert all(torch.equal(before[key], number) for key, number in module.state_dict().items())


def test_hooks_for_all_modules_are_refused():
    hook = nn.modules.module.register_module_forward_hook(lambda module, given, found: found)
    try:
        with pytest.raises(ns.ExchangeError, match="hooks for all modules"):
            ns.from_torch(module_of(plain))
    finally:
        hook.remove()


def test_what_forward_notes_stays_out_of_the_module():
    def forward(self, x):
        h = self.a(x)
        self.seen.append(h)
        self.b.last = h
        return self.b(h)

    module = module_of(forward)
    module.seen = []
    ns.from_torch(module)
    assert module.seen == []
    assert "last" not in vars(module.b)
    module(torch.zeros(2, 3, dtype=torch.float64))
    last = module.b.last
    assert ns.checks.check_exchange(ns.from_torch(module), module)
    assert module.b.last is last
    assert len(module.seen) == 1


@pytest.mark.parametrize("forward", [
    lambda self, x: self.b(torch.tanh(self.a(x))) * self.b.bias,
    lambda self, x: self.b(torch.tanh(self.a(x))) + 3 * self.b.bias,
    lambda self, x: torch.hstack([torch.tanh(x) @ self.a.weight.T, x]) + 0.5,
    lambda self, x: torch.tanh(x @ self.a.weight.transpose(0, 1)) @ self.turned,
])  # fmt: skip
def test_weights_that_are_constants_elsewhere_and_turned_ones(forward):
    module = module_of(forward)
    module.register_buffer("turned", module.b.weight.data.t())
    net = ns.from_torch(module)
    proof = ns.checks.check_exchange(net, module)
    assert proof.ok, str(proof)


def own():
    net = ns.Network.layered([2, 3, 1], hidden="tanh", seed=0)
    return net, net.to_torch(), torch.tensor([[0.5, -1.0], [2.0, 0.25]], dtype=torch.float64)


def test_weights_go_by_their_names():
    net, module, x = own()
    expected = net.predict(x.numpy())
    compiled = torch.compile(module, backend="eager")
    assert ns.from_torch(compiled).weights.tolist() == net.weights.tolist()
    again = copy.deepcopy(module)
    again._parameters["W1"] = again._parameters.pop("W1")
    assert again(x).detach().numpy() == pytest.approx(expected, rel=1e-14)
    parametrize.register_parametrization(module, "W2", nn.Identity())
    prune.random_unstructured(module, "W1", 0)
    assert module(x).detach().numpy() == pytest.approx(expected, rel=1e-14)


def test_own_modules_with_another_forward_or_one_number_are_refused():
    _, module, _ = own()
    other = copy.deepcopy(module)
    other.__class__ = type("Other", (type(module),), {"forward": lambda self, x: 2 * x})
    with pytest.raises(ns.ExchangeError, match="forward of its own"):
        ns.from_torch(other)
    number = torch.zeros(2, dtype=torch.float64)
    module._parameters["W1"], module._parameters["W2"] = (nn.Parameter(number[0]) for _ in range(2))
    with pytest.raises(ns.ExchangeError, match="several parameters that are views of the same number"):
        ns.from_torch(module)


def test_a_file_whose_weights_stand_in_one_array_is_read_once(tmp_path):
    net = ns.Network.layered([40, 40, 1], hidden="tanh", seed=0)
    numbers, names = torch.zeros(4_000_000, dtype=torch.float64), list(net.to_torch().state_dict())
    numbers[: len(names)] = torch.tensor(net.weights)
    state = {name: numbers[index] for index, name in enumerate(names)}
    torch.save({"nodesim": json_files.dumps(net.simulator), "state_dict": state}, tmp_path / "net.pt")
    # 1,681 times 32 MB would take minutes.
    assert ns.from_torch(tmp_path / "net.pt").weights.tolist() == net.weights.tolist()
    writing.save(net.simulator, tmp_path / "own.pt")
    assert reading.read(tmp_path / "own.pt", None).weights.tolist() == list(net.weights)

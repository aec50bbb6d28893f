"""Plugins: every door by which they come in, every fault named, the others working."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import os
import subprocess
import sys
import types
from collections import namedtuple
from importlib import metadata

import numpy as np
import pytest
from helpers import ROOT

import nodesim as ns
from nodesim.functions import Activation, Aggregation, Initializer, LearningRateSchedule, Loss, Optimizer, Regularizer
from nodesim.plugins import hookspecs, lookup
from nodesim.plugins.brought import GROUP, HOOKS
from nodesim.plugins.registry import Registry

pytestmark = pytest.mark.usefixtures("session")


def make(name, kind=Activation):
    return {
        Activation: lambda: ns.Activation(name, lambda z: 2.0 * z, lambda z, a: 2.0 + 0 * z),
        Aggregation: lambda: ns.Aggregation(name, lambda c: 3.0 * c.sum(axis=0), lambda c, h: 3.0 + 0 * c),
        Loss: lambda: ns.Loss(name, lambda t, o: ((t - o) ** 4).sum(0), lambda t, o: 4 * (o - t) ** 3),
        Optimizer: lambda: ns.Optimizer(name, lambda w, g, s, r: (w - r * np.sign(g), s)),
        Initializer: lambda: ns.Initializer(name, lambda g, i, o: np.full(len(i), 0.25)),
        Regularizer: lambda: ns.Regularizer(name, lambda w: 0.5 * w**4, lambda w: 2.0 * w**3),
        LearningRateSchedule: lambda: ns.LearningRateSchedule(name, lambda epoch: 0.5 / epoch),
    }[kind]()


def plugin(**hooks):
    module = types.ModuleType("a_plugin")
    for name, implementation in hooks.items():
        setattr(module, name, implementation)
    return module


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_is_documented_and_used(hook):
    assert "Returns\n" in inspect.getdoc(getattr(hookspecs, hook))
    assert hook in (ROOT / "plugins" / "README.md").read_text(encoding="utf-8")
    kind = HOOKS[hook]
    assert f"`ns.{kind.__name__}(" in (ROOT / "plugins" / "README.md").read_text(encoding="utf-8")
    ns.register(plugin(**{hook: ns.hookimpl(lambda: [make("mine", kind)])}))
    net = ns.Network.layered(
        [1, 1, 1],
        hidden="mine" if kind is Activation else "tanh",
        loss="mine" if kind is Loss else "mse",
        initializer="mine" if kind is Initializer else "normal",
        seed=0,
    )
    if kind is Initializer:
        assert set(net.weights) == {0.25}
    net.fit([[1.0]], [0.5], epochs=2, learning_rate=0.1, optimizer="mine" if kind is Optimizer else "sgd")
    if kind is Activation:
        net.forward([1.0])
        assert net["H1"].activated == 2.0 * net["H1"].value
    if kind is Aggregation:
        net["H1"].aggregation = "mine"
        net.forward([1.0])
        coming = [c.weight * c.source.activated for c in net["H1"].incoming]
        assert net["H1"].value == pytest.approx(3.0 * sum(coming))
    if kind is Regularizer:
        assert ns.regularizer("mine").derivative(np.array([2.0])) == 16.0
    if kind is LearningRateSchedule:
        assert ns.schedule("mine").rate(4) == 0.125


def test_hooks_are_all_there():
    specified = {name for name in dir(hookspecs) if name.startswith("nodesim_")}
    assert specified == set(HOOKS)


def test_a_class_and_a_bare_function_register_too():
    class Mine:
        @ns.hookimpl
        def nodesim_activations(self):
            return [make("one"), make("two")]

    mine = Mine()
    ns.register(mine)
    ns.register(mine)
    for kind in HOOKS.values():
        ns.register(make("bare", kind))
    assert ns.activation("two").origin == "Mine"
    assert ns.activation("bare").origin == "this session"
    assert [str(getattr(ns, kind.kind)("bare")) for kind in HOOKS.values()] == ["bare"] * 7


def test_one_plugin_with_all_hooks():
    functions = {hook: make("mine", kind) for hook, kind in HOOKS.items()}
    one = plugin(**{hook: ns.hookimpl(lambda hook=hook: [functions[hook]]) for hook in HOOKS})
    ns.register(one)
    for hook, kind in HOOKS.items():
        found = getattr(ns, kind.kind)("mine")
        assert (found, found.origin, found.kind) == (functions[hook], "a_plugin", kind.kind)
        # The same name, and yet each of a kind of its own.
        assert [other for other in functions.values() if other == found] == [found]
    with pytest.raises(ns.ArgumentError, match="an activation and an aggregation and an initializer and an optimizer"):
        ns.unregister("mine")
    ns.unregister("mine", "schedule")
    with pytest.raises(ns.UnknownNameError, match="no schedule named 'mine'"):
        ns.schedule("mine")
    assert ns.regularizer("mine") == functions["nodesim_regularizers"]


@pytest.mark.parametrize("taken", HOOKS)
def test_a_name_that_is_taken_in_any_hook_refuses_the_whole_plugin(taken):
    built_in = lookup.default.all(HOOKS[taken])[0].name
    names = {hook: built_in if hook == taken else "mine" for hook in HOOKS}
    one = plugin(**{hook: ns.hookimpl(lambda hook=hook: [make(names[hook], HOOKS[hook])]) for hook in HOOKS})
    before = _registered()
    with pytest.raises(ns.PluginError, match=f"the {HOOKS[taken].kind} name '{built_in}' is taken by nodesim 0"):
        ns.register(one)
    assert _registered() == before


def test_unregister_makes_room():
    one = make("one")
    ns.register(one)
    net = ns.Network()
    H1 = net.add_hidden(activation="one")
    ns.unregister("one")
    with pytest.raises(ns.UnknownNameError):
        ns.activation("one")
    assert H1.activation == one
    ns.register(one)
    assert ns.activation("one") == one
    with pytest.raises(ns.UnknownNameError, match="no function named 'two' is registered"):
        ns.unregister("two")


def _raise():
    raise ZeroDivisionError("oops")


FAULTS = {
    "misspelt": (plugin(nodesim_activatons=ns.hookimpl(lambda: [])), "no hook 'nodesim_activatons'. Did you mean 'nodesim_activations'"),
    "unmarked": (plugin(nodesim_activations=lambda: []), "mark nodesim_activations with @nodesim.hookimpl"),
    "empty": (plugin(), "has no hooks. Give it one of nodesim_activations"),
    "raises": (plugin(nodesim_activations=ns.hookimpl(_raise)), r"nodesim_activations\(\) failed with ZeroDivisionError: oops"),
    "no list": (plugin(nodesim_activations=ns.hookimpl(lambda: make("x"))), r"nodesim_activations\(\) returned <activation x>; it must return a list: return \[x\]"),
    "no list at all": (plugin(nodesim_activations=ns.hookimpl(lambda: 3)), r"nodesim_activations\(\) failed with TypeError"),
    "wrong kind": (plugin(nodesim_losses=ns.hookimpl(lambda: [make("x")])), "must return a list of nodesim.Loss objects"),
    "wrong signature": (plugin(nodesim_losses=ns.hookimpl(lambda network: [])), "plugin a_plugin: "),
    "taken": (plugin(nodesim_activations=ns.hookimpl(lambda: [make("new"), make("relu")])), "name 'relu' is taken by nodesim 0"),
    "twice": (plugin(nodesim_activations=ns.hookimpl(lambda: [make("x"), make("x")])), "name 'x' is taken by a_plugin"),
    "alias": (plugin(nodesim_losses=ns.hookimpl(lambda: [dataclasses.replace(make("x", Loss), aliases=("mse",))])), "name 'mse' is taken by nodesim 0"),
}  # fmt: skip


def _registered():
    return {kind: [f.name for f in lookup.default.all(kind)] for kind in HOOKS.values()}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_plugin_is_named_and_leaves_no_trace(fault):
    faulty, message = FAULTS[fault]
    before = _registered()
    with pytest.raises(ns.PluginError, match=message) as caught:
        ns.register(faulty)
    assert "plugin a_plugin" in str(caught.value)
    assert _registered() == before


def test_directory(tmp_path):
    good = "import nodesim as ns\n@ns.hookimpl\ndef nodesim_activations():\n    return [ns.Activation({!r}, lambda z: z, lambda z, a: 1 + 0 * z)]\n"
    (tmp_path / "good.py").write_text(good.format("from_directory"))
    (tmp_path / "other.py").write_text(good.format("other_one"))
    (tmp_path / "_helper.py").write_text("raise RuntimeError('not to be loaded')")
    (tmp_path / "notes.txt").write_text("not Python")
    ns.load_plugins(tmp_path)
    assert ns.activation("from_directory").origin == "good.py"
    ns.unregister("from_directory"), ns.unregister("other_one")
    (tmp_path / "bad.py").write_text("import no_such_module")
    (tmp_path / "clash.py").write_text(good.format("tanh"))
    (tmp_path / "exit.py").write_text("raise SystemExit(3)")
    with pytest.raises(
        ns.PluginError, match=r"bad.py: importing it raised ModuleNotFoundError.*clash.py.*taken.*exit.py"
    ):
        ns.load_plugins(tmp_path)
    assert ns.activation("other_one").name == "other_one"
    assert [name for name in sys.modules if name == "nodesim_plugin_bad"] == []
    with pytest.raises(ns.UnknownNameError, match="Plugin bad.py could not be loaded"):
        ns.activation("from bad")


def test_a_file_that_is_loaded_again_replaces_what_it_was(tmp_path):
    code = "import nodesim as ns\n@ns.hookimpl\ndef nodesim_activations():\n    return [ns.Activation({!r}, lambda z: {}, 'numerical')]\n"
    file = tmp_path / "mine.py"
    for name, result in (("mine", "z"), ("mine", "2 * z"), ("mine", "1 /"), ("other", "3 * z")):
        file.write_text(code.format(name, result))
        if result == "1 /":
            with pytest.raises(ns.PluginError, match="mine.py: importing it raised SyntaxError"):
                ns.load_plugins(tmp_path)
            assert ns.activation("mine")(1.0) == 2.0
        else:
            ns.load_plugins(tmp_path)
            assert ns.activation(name)(1.0) == {"z": 1.0, "2 * z": 2.0, "3 * z": 3.0}[result]
    with pytest.raises(ns.UnknownNameError):
        ns.activation("mine")


def test_a_fresh_registry_has_the_built_in_functions_only_if_wanted():
    assert Registry(installed=False).all(Activation) == []
    assert {function.name for function in Registry().all(Activation)} >= {"linear", "neat_sigmoid", "step"}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Install the example distribution, and three broken ones, with pip into a directory of their own."""
    target = tmp_path_factory.mktemp("site")
    work = tmp_path_factory.mktemp("work")
    sources = [work / "bent"]
    sources[0].mkdir()
    for file in (ROOT / "examples" / "plugin_package").iterdir():
        if file.is_file():
            (sources[0] / file.name).write_text(file.read_text())
    project = (sources[0] / "pyproject.toml").read_text()
    broken = {
        "broken": "import no_such_module\n",
        "misspelt": "import nodesim as ns\n@ns.hookimpl\ndef nodesim_losss():\n    return []\n",
    }
    for name, code in broken.items():
        folder = work / name
        folder.mkdir()
        (folder / "pyproject.toml").write_text(
            project.replace("nodesim_bent", f"nodesim_{name}").replace("nodesim-bent", f"nodesim-{name}")
        )
        (folder / f"nodesim_{name}.py").write_text(code)
        sources.append(folder)
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--target", str(target)]
    subprocess.run([*pip, *map(str, sources)], check=True, capture_output=True)
    return target


def run(site, *arguments):
    environment = {**os.environ, "PYTHONPATH": str(site)}
    return subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, text=True, timeout=120)


def test_installed_plugin_is_found_by_name(site):
    code = """
import nodesim as ns
net = ns.Network.layered([1, 1, 1], hidden="bent", seed=0)
net.forward([1.0]); net.backward([0.0])
print(net["H1"].activation.origin, bool(ns.check_gradients(net, [1.0], [0.0])))
ns.checks.check_activation(net["H1"].activation)
"""
    result = run(site, "-c", code)
    assert result.returncode == 0, result.stderr
    assert result.stdout == "nodesim-bent 0.1 True\n"


def test_broken_installed_plugins_are_named_and_the_others_work(site):
    result = run(site, "-m", "nodesim", "plugins")
    assert result.returncode == 0
    assert "bent" in result.stdout
    assert "sigmoid" in result.stdout
    assert (
        "broken: nodesim-broken 0.1\n  plugin nodesim-broken 0.1: importing it raised ModuleNotFoundError"
        in result.stdout
    )
    assert "nodesim-misspelt 0.1: there is no hook 'nodesim_losss'. Did you mean 'nodesim_losses'" in result.stdout
    assert "Traceback" not in result.stderr
    assert "nodesim: warning: plugin nodesim-broken 0.1" in result.stderr
    result = run(site, "-c", "import nodesim as ns; ns.activation('bend')")
    assert "Did you mean 'bent'?" in result.stderr
    assert "Plugin nodesim-broken 0.1 could not be loaded" in result.stderr


def test_the_built_in_functions_are_entry_points_of_nodesim():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for module in (hook.removeprefix("nodesim_") for hook in HOOKS):
        assert f'{module} = "nodesim_plugins.{module}"' in text
    # nothing in the core names a built-in plugin module
    for file in (ROOT / "nodesim").rglob("*.py"):
        imported = [n for n in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(n, ast.ImportFrom)]
        assert not any((node.module or "").startswith("nodesim_plugins") for node in imported)


AgedEntryPoint = namedtuple("AgedEntryPoint", "name value load dist")
Distribution = namedtuple("Distribution", "name version")


def test_metadata_of_an_earlier_version_make_no_strangers_of_the_built_in_functions(monkeypatch):
    # An editable installation keeps the metadata of the day when it was made.
    points = metadata.entry_points(group=GROUP)
    old = Distribution("nodesim", "0.0.1")
    aged = [AgedEntryPoint(point.name, point.value, point.load, old) for point in points]
    stranger = AgedEntryPoint("mine", "mine", lambda: ns.Activation("mine", formula="z"), old)
    monkeypatch.setattr(metadata, "entry_points", lambda group: [*aged, stranger])
    registry = Registry()
    assert registry.find(Activation, "tanh").origin == f"nodesim {ns.__version__}"
    assert registry.find(Activation, "mine").origin == "nodesim 0.0.1"


def test_a_function_is_found_by_each_of_its_names():
    for kind in HOOKS.values():
        for function in lookup.default.all(kind):
            for name in (function.name, *function.aliases):
                assert getattr(lookup, kind.kind)(name) is function
    assert ns.loss("bce") is ns.loss("binary_cross_entropy")

"""A network, and everything of the public API that can be had from it: what the calls are made on."""

from __future__ import annotations

import hashlib
import inspect
import pathlib
import tempfile

import networkx as nx
from helpers import digest

import nodesim as ns

X, Y = [[0.0, 1.0], [1.0, 0.5], [0.5, 0.25]], [[0.5, 1.0], [0.25, 0.0], [1.0, 0.5]]
# Python's own operations that people use on what nodesim hands out.
OPERATIONS = [
    "__getitem__",
    "__contains__",
    "__call__",
    "__eq__",
    "__ne__",
    "__lt__",
    "__add__",
    "__mul__",
    "__rmul__",
    "__len__",
    "__iter__",
    "__bool__",
    "__float__",
    "__array__",
    "__copy__",
    "__deepcopy__",
    "__reversed__",
]
# Not called: what opens a browser, and what only networkx and the other rooms call.
LEFT_OUT = {"open", "widget", "says_the_same", "unbound", "mean", "layered", "from_networkx"}
MUTATORS = [
    "add_edge",
    "add_edges_from",
    "add_weighted_edges_from",
    "add_node",
    "add_nodes_from",
    "remove_edge",
    "remove_edges_from",
    "remove_node",
    "remove_nodes_from",
    "clear",
    "clear_edges",
    "update",
]


def square(z):
    return z * z


class World:
    """A network with a run and the state of an optimizer, a folder of files, and the objects that are attacked."""

    def __init__(self, folder):
        self.folder = folder
        self.net = net = ns.Network.layered([2, 2, 2], seed=0)
        self.other = ns.Network.layered([2, 2, 2], seed=1)
        recording, recorded = ns.Recording(net), ns.PathRecording(net, ["W1"], X, Y)
        ledger, epochs = ns.Ledger(net, ["W1"]), []
        history = net.fit(X, Y, epochs=3, learning_rate=0.1, callbacks=[recording, recorded, ledger, epochs.append])
        (
            net.forward(X),
            net.backward(Y),
            net.update(0.1, "momentum(momentum=0.5)"),
            net.forward(X[0]),
            net.backward(Y[0]),
        )
        self.removed = self.other.disconnect("W1")
        paths, derivation, dead = net.paths("W1"), net.derivation("W1"), net.dead_weights()
        pruning = net.prune("paths", 0.5, dry_run=True)
        with net.trial():
            growth = net.grow("split")
        self.objects = {
            "net": net, "node": net["H1"], "input": net["I1"], "bias": net["B1"], "connection": net["W1"],
            "removed": self.removed, "layer": net.layers[1], "paths": paths, "path": next(iter(paths)),
            "factor": next(iter(paths)).factors[0], "flow": paths.flow(), "lengths": paths.lengths(),
            "changes": (compared := paths.compare(net.paths("W1"))), "change_table": compared.nodes,
            "by_output": paths.by_output(), "cut": paths.cut(), "cuts": paths.cuts(2), "arrays": paths.as_arrays(), "derivation": derivation,
            "operations": derivation.operations, "comparison": derivation.compare("W2"),
            "cost": derivation.operations["factored"], "step": next(net.steps(X[0], Y[0])), "dead": dead,
            "pruning": pruning, "removal": pruning[0], "proof": pruning.proof, "growth": growth,
            "counts": net.path_counts(), "diagnosis": net.diagnose(X, Y), "layer_diagnosis": net.diagnose(X, Y)[0],
            "run": (exact := net.exact(X[0], Y[0], symbols=["W1", "I1"])), "letters": exact.gradient("W1"),
            "exact_paths": exact.paths("W1"), "exact_path": next(iter(exact.paths("W1"))),
            "report": ns.check_gradients(net.copy(), X, Y, limit=2), "history": history, "recording": recording,
            "moment": recording[0], "recorded": recorded, "weight_history": recorded["W1"],
            "ledger": ledger, "entry": ledger["W1"], "postings": ledger["W1"].by_output(),
            "parts": recorded["W1"].outputs, "drawing": net.draw(), "explorer": net.explore(X, Y), "epoch": epochs[0],
            "tie": (tie := _tied()), "tied_paths": tie.network.paths(tie), "by_use": tie.network.paths(tie).by_use(),
            "dataset": ns.datasets.load("xor"), "activation": ns.activation("leaky_relu"), "loss": ns.loss("huber"),
            "doctor": (doctor := ns.doctor(net, X[0], Y[0], error=-net.error(X[0], Y[0]))), "explanation": doctor.explanations[0],
            "mistake": doctor.mistakes[0], "optimizer": ns.optimizer("momentum"), "initializer": ns.initializer("normal"), "regularizer": ns.regularizer("l2"), "schedule": ns.schedule("step"), "graph": net.graph,
            "sweep": (sweep := ns.sweep([2, 2, 2], X, Y, seeds=3, learning_rate=0.1, epochs=3)), "trial": sweep[0],
        }  # fmt: skip

    def digest(self):
        """Tell apart whatever a failing call must leave alone."""
        files = {
            str(path.relative_to(self.folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file()
        }
        ledger = self.objects["ledger"]["W1"]
        records = len(self.objects["recording"]), self.objects["recorded"].epochs.tolist(), ledger.epochs, ledger.end
        return digest(self.net), digest(self.other), files, records, _registered()


def _tied():
    net = ns.Network.layered([2, 2, 2], seed=2)
    net.tie("W1", "W4", name="Wr")
    net.forward(X[0]), net.backward(Y[0])
    return net["Wr"]


def _registered():
    from nodesim.plugins.brought import HOOKS
    from nodesim.plugins.lookup import default

    return [[each.name for each in default.all(kind)] for kind in HOOKS.values()]


def made_folder():
    """Return a new folder with a network, a table, and a folder of plugins."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="nodesim-fuzz-"))
    ns.Network.layered([2, 2, 2], seed=0).save(folder / "net.json")
    (folder / "data.csv").write_text("width,height,sort\n1,2,a\n3,4,b\n")
    (folder / "plugins").mkdir()
    return folder


def valid(world, label, method, parameter):
    """Return a value that is right for a parameter."""
    folder = world.folder
    return {
        "nodesim.load.file": folder / "net.json", "datasets.read_csv.file": folder / "data.csv",
        "datasets.load.name": "moons", "nodesim.activation.name": "leaky_relu", "nodesim.loss.name": "huber",
        "nodesim.optimizer.name": "momentum", "nodesim.initializer.name": "normal", "nodesim.regularizer.name": "l2", "nodesim.schedule.name": "step", "schedule.rate.epoch": 3, "nodesim.unregister.name": "none",
        "nodesim.register.plugin": ns.Activation("fuzzed", square, square), "nodesim.load_plugins.directory": folder / "plugins",
        "net.disconnect.source": "I1", "net.disconnect.target": "H1", "net.connect.source": "I1", "net.connect.target": "O1",
        "Network.layered.sizes": [2, 2, 1], "Network.layered.inputs": ["a", "b"], "Network.layered.outputs": ["c"],
        "nodesim.doctor.network": world.net, "nodesim.doctor.x": X[0], "nodesim.doctor.y": Y[0], "nodesim.doctor.error": "0.25",
        "nodesim.sweep.networks": [2, 2, 2], "nodesim.sweep.seeds": 2, "nodesim.sweep.epochs": 2, "sweep.column.name": "error",
        "net.fit.epochs": 2, "net.fit.learning_rate": 0.1, "net.fit.patience": 3, "net.fit.tolerance": 0.0,
        "net.fit.validation_data": (X, Y), "net.fit.stop_at_error": 0.0, "net.fit.batch_size": 2,
        "net.forward.x": X, "net.predict.X": X, "net.steps.x": X[0], "net.steps.y": Y[0], "net.exact.x": X, "net.exact.y": Y, "net.exact.symbols": True,
        "run.paths.sample": 0, "letters.sympy.letters": True,
        "net.backward.y": Y[0],
        "net.remove.element": "H1", "paths.through.element": "H1", "paths.avoiding.element": "H2",
        "net.explore.names": ["one", "two", "three"], "net.explore.history": world.objects["recording"],
        "net.draw.highlight": world.objects["paths"], "net.save.file": folder / "saved.json",
        "drawing.save.file": folder / "saved.svg", "explorer.save.file": folder / "saved.html",
        "nodesim.figures.figure.number": 2, "figures.figure.number": 2, "dead.of.reason": "zero weight",
        "paths.of_length.length": 3, "flow.column.name": "share", "lengths.column.name": "share", "by_output.column.name": "share",
        "Dataset.name": "mine", "Dataset.X": X, "Dataset.y": Y, "Dataset.features": ("a", "b"), "Dataset.targets": ("c", "d"),
        "Recording.network": world.net, "Ledger.network": world.net, "Ledger.weights": ["W1"], "entry.view.by": "node", "PathRecording.network": world.net, "PathRecording.weights": ["W1"],
        "PathRecording.x": X, "PathRecording.y": Y, "operations.get.key": "factored", "connection.get.key": "weight",
        "Activation.name": "mine", "Activation.function": square, "Activation.derivative": lambda z, a: 2 * z,
        "Aggregation.name": "mine", "Aggregation.function": lambda c: c.sum(axis=0), "Aggregation.partials": lambda c, h: 1.0 + 0.0 * c,
        "Loss.name": "mine", "Loss.function": lambda y, o: ((y - o) ** 2).mean(0), "Loss.derivative": lambda y, o: 2 * (o - y),
        "Optimizer.name": "mine", "Optimizer.step": lambda w, g, s, r: (w - r * g, s),
        "Initializer.name": "mine", "Initializer.function": lambda rng, shape, fan_in, fan_out: rng.standard_normal(shape),
        "Regularizer.name": "mine", "Regularizer.function": square, "Regularizer.derivative": lambda w: 2 * w,
        "LearningRateSchedule.name": "mine", "LearningRateSchedule.function": lambda epoch: 1 / epoch,
        "checks.check_aggregation.aggregation": "max", "checks.check_regularizer.regularizer": "l2", "checks.check_schedule.schedule": "step",
        "checks.check_activation.activation": "tanh", "checks.check_loss.loss": "mse", "checks.check_optimizer.optimizer": "sgd",
        "checks.check_initializer.initializer": "normal", "checks.check_gradients.network": world.net,
        "checks.check_gradients.limit": 3, "Network.from_networkx.graph": nx.DiGraph([("a", "b")]), "comparison.compare.other": "W2", "derivation.compare.other": "W2",
        "paths.compare.other": world.objects["paths"], "change_table.column.name": "share",
        "net.explore.X": X, "net.explore.y": Y, "net.loss.value": "mae", "net.engine.value": "numpy", "net.threads.value": 1, "net.classes.value": ["a", "b"],
        "net.weights.value": world.net.weights, "net.gradients.value": world.net.weights, "bias.value.value": 0.5,
        "connection.weight.value": 0.5, "connection.trainable.value": False, "node.activation.value": "tanh",
    }.get(f"{label}.{method}.{parameter}" if method else f"{label}.{parameter}", _GENERAL.get(parameter, "H1"))  # fmt: skip


_GENERAL = {
    "X": X, "y": Y, "x": X, "k": 2, "n": 2, "by": "output", "of": "W1", "name": "Z", "element": "W1", "weight": "W1", "connection": "W1",
    "node": "H1", "key": "W1", "value": 1, "index": 0, "row": 0, "other": 1, "epoch": None, "memo": {}, "element_": "W1",
    "parameters": 0.25, "z": 0.5, "path": None, "attributes": {},
}  # fmt: skip


class Target:
    """One thing that can be called, with its parameters."""

    def __init__(self, label, method, signature, bound):
        self.label, self.method, self.bound = label, method, bound
        self.parameters = [
            each
            for each in signature.parameters.values()
            if each.kind is not each.VAR_POSITIONAL and (each.kind is not each.VAR_KEYWORD or label != "graph")
        ]

    @property
    def name(self):
        return f"{self.label}.{self.method}" if self.method else self.label

    def call(self, world, given):
        """Call it with some values given, and valid ones for all else that is needed."""
        positional, keywords = [], {}
        for each in self.parameters:
            if each.name in given:
                value = given[each.name]
            elif each.default is each.empty or (self.name, each.name) in _NEEDED:
                value = valid(world, self.label, self.method, each.name)
            else:
                continue
            if each.kind is each.VAR_KEYWORD:
                keywords[_KEYWORDS.get(self.name, "slope")] = value
            elif each.kind is each.POSITIONAL_ONLY or (not keywords and each.default is each.empty):
                positional.append(value)
            else:
                keywords[each.name] = value
        return self.bound(world)(*positional, **keywords)


_NEEDED = {
    ("nodesim.sweep", "seeds"),
    ("nodesim.sweep", "epochs"),
    ("nodesim.sweep", "y"),
    ("net.fit", "y"),
    ("net.error", "y"),
    ("net.score", "y"),
    ("net.fit", "epochs"),
    ("net.fit", "learning_rate"),
    ("checks.check_gradients", "limit"),
    ("nodesim.doctor", "error"),
}
_KEYWORDS = {
    "sweep.where": "seed", "nodesim.loss": "delta", "nodesim.optimizer": "momentum", "nodesim.initializer": "std", "nodesim.regularizer": "strength", "nodesim.schedule": "rate", "datasets.load": "noise",
    "loss.with_parameters": "delta", "optimizer.with_parameters": "momentum", "initializer.with_parameters": "std", "regularizer.with_parameters": "strength", "schedule.with_parameters": "rate",
}  # fmt: skip


def _signature(call):
    try:
        return inspect.signature(call)
    except (TypeError, ValueError):
        return None


def targets(world):
    """Return everything public that can be called, by its signature."""
    found = []
    for label, each in world.objects.items():
        found += _members(label, each)
    for name in (
        "activation",
        "doctor",
        "initializer",
        "load",
        "load_plugins",
        "loss",
        "optimizer",
        "register",
        "regularizer",
        "schedule",
        "unregister",
    ):
        call = getattr(ns, name)
        found.append(Target("nodesim", name, inspect.signature(call), lambda world, call=call: call))
    for label, module, names in (
        ("datasets", ns.datasets, ("load", "read_csv", "names")),
        ("figures", ns.figures, ("figure",)),
        ("checks", ns.checks, [name for name in ns.checks.__all__ if name.startswith("check_")]),
    ):
        for name in names:
            call = getattr(module, name)
            found.append(Target(label, name, inspect.signature(call), lambda world, call=call: call))
    for made in (
        ns.Network, ns.Recording, ns.PathRecording, ns.Ledger, ns.Dataset, ns.Activation, ns.Aggregation, ns.Loss, ns.Optimizer, ns.Initializer,
        ns.Regularizer, ns.LearningRateSchedule,
    ):  # fmt: skip
        found.append(Target(made.__name__, "", inspect.signature(made), lambda world, made=made: made))
    for name in ("layered", "from_networkx"):
        call = getattr(ns.Network, name)
        found.append(Target("Network", name, inspect.signature(call), lambda world, call=call: call))
    return found


def _members(label, each):
    kind, found = type(each), []
    names = [name for name in dir(kind) if not name.startswith("_") and name not in LEFT_OUT]
    if isinstance(each, nx.DiGraph):
        names = MUTATORS
    elif isinstance(each, tuple):
        # What Python's own tuples do is theirs.
        names = [name for name in names if name not in ("count", "index")]
    else:
        names += [name for name in OPERATIONS if any(vars(base).get(name) for base in kind.__mro__[:-1])]
    for name in names:
        static = inspect.getattr_static(kind, name)
        if isinstance(static, property):
            if static.fset is not None:
                found.append(Target(label, name, _SETTER, lambda world, name=name: _setter(world.objects[label], name)))
            continue
        signature = _signature(getattr(each, name)) if callable(static) or isinstance(static, classmethod) else None
        if signature is not None:
            found.append(Target(label, name, signature, lambda world, name=name: getattr(world.objects[label], name)))
    return found


def _setter(each, name):
    return lambda value: setattr(each, name, value)


_SETTER = inspect.signature(lambda value: None)

"""The JSON schema of network files: it takes all that is saved, and refuses what load refuses, as far as schemas can."""

from __future__ import annotations

import copy
import itertools
import json
import math
from importlib.resources import files

import jsonschema
import numpy as np
import pytest

import nodesim as ns

SCHEMA = json.loads((files("nodesim") / "formats" / "schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
NAMES = ["", "Ω", "a\nb", "“q”", "null", "1", "W 1", "😀", "x" * 300, "<b>", "\\", '"']
BITS = ["PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"]


def saved(net, folder):
    file = folder / "net.json"
    net.save(file)
    return json.loads(file.read_text(encoding="utf-8"))


def loads(document, folder):
    """Whether nodesim reads a document."""
    file = folder / "damaged.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    try:
        ns.load(file)
    except ns.FileError:
        return False
    return True


def random_net(seed):
    """Return a network with whatever a network may have, by chance."""
    rng = np.random.default_rng(seed)
    bits = getattr(np.random, BITS[seed % 5])(seed)
    loss = rng.choice(["mse", "huber(delta=2)", "mae", "log_cosh"])
    net = ns.Network(
        str(loss), np.random.Generator(bits), initializer=str(rng.choice(["normal(std=0.1)", "zeros", "xavier_uniform"])),
        engine=str(rng.choice(["nodes", "numpy", "compiled"])), dtype=str(rng.choice(["float64", "float32"])),
    )  # fmt: skip
    named = iter(rng.permutation([name for name in NAMES if name]))
    nodes = [net.add_input(str(next(named)) if rng.random() < 0.5 else None) for _ in range(2)]
    nodes.append(net.add_bias(value=float(rng.normal())))
    formula = ns.Activation("own", formula="tanh(k * z)", parameters={"k": float(rng.uniform(0.5, 2.0))})
    for index in range(int(rng.integers(1, 4))):
        activation = [formula, "leaky_relu(slope=0.2)", "sigmoid", "neat_tanh"][index]
        aggregation = str(rng.choice(["sum", "sum", "max", "mean", "norm"]))
        node = net.add_hidden(str(next(named)) if rng.random() < 0.5 else None, activation, aggregation)
        for source in nodes:
            net.connect(source, node, float(rng.normal()))
        nodes.append(node)
    output = net.add_output()
    for source in nodes:
        net.connect(source, output, name=str(next(named)) if rng.random() < 0.2 else None)
    connections = list(net.connections)
    if rng.random() < 0.4:
        net.disconnect(connections[0])
    if rng.random() < 0.4:
        net.tie(*net.connections[1:3], name=str(next(named)))
    for connection in net.connections[-2:]:
        connection.trainable = bool(rng.random() < 0.5)
    optimizer = [None, "sgd", "momentum", "adam", "rmsprop", "rprop"][seed % 6]
    if optimizer and str(loss) != "mae":
        net.fit(rng.normal(size=(4, 2)), rng.normal(size=(4, 1)), epochs=2, optimizer=optimizer, learning_rate=0.01)
    return net


def special_nets():
    """Yield networks that chance does not make."""
    yield ns.Network()
    yield ns.Network.recurrent(1, 2, 1, kind="lstm", seed=0)
    yield ns.Network.recurrent(1, 2, 1, kind="gru", seed=0).unroll(steps=3)
    yield ns.Network.layered([4, 3], loss="softmax_cross_entropy", seed=0)
    data = ns.datasets.load("iris")
    net = ns.Network.layered(
        [4, 3, 3], loss="softmax_cross_entropy", inputs=data.features, outputs=data.classes, seed=0
    )
    net.classes = data.classes
    net.fit(data.X, data.y, epochs=3)
    yield net
    net = ns.Network.layered([1, 1], bias=False, seed=0)
    net["W1"].weight = 1.7976931348623157e308
    yield net
    net = ns.Network.layered([1, 1], bias=False, seed=0, dtype="float32")
    net["W1"].weight = 3.4028234663852886e38
    yield net


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("start", range(0, 240, 40))
def test_whatever_is_saved_fits(start, tmp_path):
    for seed in range(start, start + 40):
        document = saved(random_net(seed), tmp_path)
        VALIDATOR.validate(document)
        assert loads(document, tmp_path)


def test_special_networks_fit(tmp_path):
    for net in special_nets():
        document = saved(net, tmp_path)
        VALIDATOR.validate(document)
        assert loads(document, tmp_path)


def test_every_field_of_the_schema_is_written_by_some_network(tmp_path):
    documents = [saved(net, tmp_path) for net in itertools.chain(map(random_net, range(30)), special_nets())]
    for part in ("", "nodes", "connections"):
        told = (SCHEMA["properties"][part] if part else SCHEMA)["properties"]
        written = {key for document in documents for key in (document[part] if part else document)}
        assert written == set(told)
    trainings = [document["training"] for document in documents if "training" in document]
    written = {key for training in trainings for key in training}
    assert written <= set(SCHEMA["$defs"]["training"]["properties"])
    assert written >= set(SCHEMA["$defs"]["training"]["required"])
    kinds = {document["generator"]["bit_generator"] for document in documents}
    assert kinds == set(BITS)


WRONG = (None, True, -1, 0.5, "", "text", [], {}, [None], {"name": 1}, [[0, 1, 2]], [[0, ""]], 1e400, ["a", "a"])
# What a schema cannot say: how long lists are, which places there are, what is registered, and how a number is written.
BEYOND = "what only load sees"


def places(document, path=()):
    """Yield the path of everything in a document; of long lists the first entry."""
    if path:
        yield path
    entries = (
        document.items()
        if isinstance(document, dict)
        else enumerate(document[:1])
        if isinstance(document, list)
        else ()
    )
    for key, value in entries:
        yield from places(value, (*path, key))


def damaged(document, path, value):
    twin = copy.deepcopy(document)
    place = twin
    for key in path[:-1]:
        place = place[key]
    if value is BEYOND:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return twin


@pytest.mark.parametrize("seed", [4, 5, 13])
def test_what_the_schema_refuses_load_refuses(seed, tmp_path):
    # One and the same word of both: whatever does not fit is not read.
    document = saved(random_net(seed), tmp_path)
    refused = 0
    for path in places(document):
        if path[0] in ("generator",) and seed != 13:
            continue
        for value in (*WRONG, BEYOND):
            case = damaged(document, path, value)
            if not VALIDATOR.is_valid(case):
                refused += 1
                assert not loads(case, tmp_path), (path, value)
    assert refused > 300


def change(path, value):
    return lambda document: damaged(document, path, value)


PLANTED = {
    "another format": change(("format",), "nodesim exercise"),
    "a newer version": change(("version",), 3),
    "no version": change(("version",), BEYOND),
    "a truth value as version": change(("version",), True),
    "no loss": change(("loss",), BEYOND),
    "a loss that is a number": change(("loss",), 3),
    "a function with another field": change(("loss",), {"name": "mse", "run": "x"}),
    "a parameter that is text": change(("loss",), {"name": "huber", "parameters": {"delta": "1"}}),
    "an unknown engine": change(("engine",), "warp"),
    "float16": change(("dtype",), "float16"),
    "one class": change(("classes",), ["a"]),
    "a class twice": change(("classes",), ["a", "a"]),
    "a fraction as class": change(("classes",), [0.5, 1.5]),
    "an empty name": change(("nodes", "name", 0), ""),
    "a kind of its own": change(("nodes", "kind", 0), "gate"),
    "no kinds": change(("nodes", "kind"), BEYOND),
    "a place below 0": change(("nodes", "activation", 3), -1),
    "a place that is text": change(("nodes", "activation", 3), "0"),
    "a constant that is true": change(("nodes", "value", 2), True),
    "a weight that is text": change(("connections", "weight", 0), "1"),
    "a weight that is true": change(("connections", "weight", 0), True),
    "a weight that is null": change(("connections", "weight", 0), None),
    "an endless weight": change(("connections", "weight", 0), math.inf),
    "a source below 0": change(("connections", "source", 0), -1),
    "a source between places": change(("connections", "source", 0), 0.5),
    "no frozen": change(("connections", "frozen"), BEYOND),
    "a name that is no pair": change(("connections", "name"), [[0]]),
    "a name that is empty": change(("connections", "name"), [[0, ""]]),
    "a delay of 0": change(("connections", "delay"), [[0, 0]]),
    "a tie of one": change(("ties",), {"T1": [0]}),
    "a tie of the same twice": change(("ties",), {"T1": [0, 0]}),
    "a tie without a name": change(("ties",), {"": [0, 1]}),
    "a generator of no kind": change(("generator", "bit_generator"), "Dice"),
    "a generator that stands still": change(("generator", "state"), {"state": 1}),
    "a training that is a list": change(("training",), []),
    "a training without its rate": change(("training",), {"optimizer": None, "state": {}, "epochs": 1, "search": {}}),
    "a rate below 0": change(
        ("training",), {"optimizer": None, "state": {}, "rate": -1, "epochs": 1, "search": {}}
    ),
    "half a search": change(
        ("training",), {"optimizer": None, "state": {}, "rate": 1, "epochs": 1, "search": {"first": 1}}
    ),
    "a column of halves": change(
        ("training",), {"optimizer": None, "state": {"v": {"dtype": "float16", "numbers": []}}, "rate": 1, "epochs": 1, "search": {}}
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", PLANTED)
def test_planted_damage_is_refused_by_both(what, tmp_path):
    document = saved(ns.Network.layered([2, 2, 1], seed=0), tmp_path)
    case = PLANTED[what](document)
    assert not VALIDATOR.is_valid(case)
    assert not loads(case, tmp_path)


def test_a_weight_beyond_float32_is_refused_by_both(tmp_path):
    document = saved(ns.Network.layered([1, 1], bias=False, seed=0, dtype="float32"), tmp_path)
    for weight, fits in ((3.4028235677973362e38, True), (3.40282356779733665e38, False), (-1e39, False), (1e38, True)):
        document["connections"]["weight"] = [weight]
        assert VALIDATOR.is_valid(document) == loads(document, tmp_path) == fits, weight


def test_fields_that_are_not_told_are_left_alone(tmp_path):
    document = saved(ns.Network.layered([2, 2, 1], seed=0), tmp_path)
    for case in (document, document["nodes"], document["connections"]):
        case["colour"] = "red"
    assert VALIDATOR.is_valid(document)
    assert loads(document, tmp_path)

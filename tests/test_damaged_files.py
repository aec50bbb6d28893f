"""Whatever stands in a file: it is read, or refused in one clear error, and nothing else happens."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys

import numpy as np
import pytest

import nodesim as ns
from nodesim.formats import json_files, json_schema

pytestmark = pytest.mark.usefixtures("session")


def test_damaged_files_of_every_format():
    # In a process of its own, which a fault may end; see tests/README.md for more of them.
    program = pathlib.Path(__file__).with_name("damage.py")
    found = subprocess.run([sys.executable, str(program), "500", "1"], capture_output=True, text=True, check=False)
    assert found.returncode == 0, f"{found.stdout}\n{found.stderr}"
    assert "500 damaged files" in found.stdout


def document(bits="PCG64", dtype="float64"):
    net = ns.Network.layered([2, 2, 1], seed=np.random.Generator(getattr(np.random, bits)(3)), dtype=dtype)
    net.structure.generator.integers(9, dtype=np.uint32)
    return json.loads(json_files.dumps(net.simulator))


def fields(state):
    for key, value in state.items():
        yield state, key
        if isinstance(value, dict) and "dtype" not in value:
            yield from fields(value)


HUGE = 2**200
WRONG = [-1, HUGE, 2**128, 10**400, 1.0, True, None, "0", [], [0] * 4, {}, {"dtype": "uint64", "values": [HUGE] * 4},
         {"dtype": "uint32", "values": [0] * 3}, {"dtype": "object", "values": [0] * 4}]  # fmt: skip


@pytest.mark.parametrize("bits", ["PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"])
def test_every_field_of_a_generator_is_checked(bits):
    whole = document(bits)
    kept = ns.Network._loads(json.dumps(whole))
    assert json.loads(json_files.dumps(kept.simulator)) == whole
    count = len(list(fields(whole["generator"])))
    for place in range(count):
        for wrong in (*WRONG, "missing"):
            content = json.loads(json.dumps(whole))
            holder, key = list(fields(content["generator"]))[place]
            holder[key] = wrong
            if wrong == "missing":
                del holder[key]
            with pytest.raises(ns.FileError, match="generator") as caught:
                ns.Network._loads(json.dumps(content))
            assert len(str(caught.value)) < 500
    content = json.loads(json.dumps(whole))
    content["generator"]["other"] = 1
    with pytest.raises(ns.FileError, match="the fields"):
        ns.Network._loads(json.dumps(content))


def words(last):
    return {"dtype": "uint32", "values": [0] * 623 + [last]}


@pytest.mark.parametrize(
    ("bits", "path", "wrong", "allowed"),
    [
        ("MT19937", ("state", "pos"), 625, 624),
        ("MT19937", ("state", "key"), words(0), words(1)),
        ("Philox", ("buffer_pos",), 5, 4),
        ("SFC64", ("has_uint32",), 2, 1),
        ("PCG64", ("uinteger",), 2**32, 2**32 - 1),
        ("PCG64DXSM", ("state", "inc"), 2, 3),
    ],
)
def test_the_ends_of_what_a_generator_may_hold(bits, path, wrong, allowed):
    for value in (allowed, wrong):
        content = document(bits)
        holder = content["generator"]
        for key in path[:-1]:
            holder = holder[key]
        holder[path[-1]] = value
        if value == allowed:
            net = ns.Network._loads(json.dumps(content))
            assert json.loads(json_files.dumps(net.simulator)) == content
            net.initialize()
        else:
            with pytest.raises(ns.FileError, match=path[-1]):
                ns.Network._loads(json.dumps(content))


def test_numbers_that_the_type_cannot_hold():
    largest = float(np.finfo(np.float32).max)
    for value, fits in ((largest, True), (1e39, False), (-1e300, False), (10**40, False), (1e-300, True)):
        content = document(dtype="float32")
        content["connections"]["weight"][0] = value
        if fits:
            json_files.dumps(ns.Network._loads(json.dumps(content)).simulator)
        else:
            with pytest.raises(ns.FileError, match="weight: finite numbers of float32"):
                ns.Network._loads(json.dumps(content))


def test_parameters_of_any_name_are_no_arguments_of_ours(tmp_path):
    for name in ("self", "z", "a", "y", "n", "target", "output", "name", "function", "class", "a b", "", "__class__"):
        for what, function in (("activations", "elu"), ("loss", "huber"), ("initializer", "normal")):
            content = document()
            wrong = {"name": function, "parameters": {name: 1}}
            content[what] = [wrong] if what == "activations" else wrong
            (tmp_path / "net.json").write_text(json.dumps(content))
            with pytest.raises(ns.FileError, match="has no parameter"):
                ns.load(tmp_path / "net.json")


def test_parameters_of_formulas_of_any_name(tmp_path):
    for name in ("self", "target", "output", "numbers", "values", "text", "z", "a b", "class", ""):
        content = document()
        content["loss"] = {"name": "own", "formula": "k * mean((y - a)**2)", "parameters": {"k": 1.0, name: 2.0}}
        (tmp_path / "net.json").write_text(json.dumps(content))
        if name.isidentifier() and name not in ("z", "class"):
            net = ns.load(tmp_path / "net.json")
            net.forward([0.5, 0.5])
            net.backward([0.0])
            json_files.dumps(net.simulator)
        else:
            with pytest.raises(ns.FileError, match="parameter"):
                ns.load(tmp_path / "net.json")


def test_digits_that_are_no_numbers_of_rows_or_columns(tmp_path):
    file = tmp_path / "data.csv"
    for text in ("²,³,4\n1,2,3\n4,5,6\n", f"{'9' * 5000} 2 1\n1 2\n1\n", "² 1 1\n1\n1\n", f"{'7' * 5000},8,9\n1,2,3\n"):
        file.write_text(text, encoding="utf-8")
        for target in ((), "²", "--1", "9" * 5000):
            with pytest.raises(ns.FileError) as caught:
                ns.datasets.read_csv(file, target)
            assert len(str(caught.value)) < 500


def test_what_is_saved_can_be_loaded_however_much_was_removed(monkeypatch, tmp_path):
    """With the same names and numbers, and the next connection under the same name, whatever gaps there are."""
    for module in (json_files, json_schema):
        monkeypatch.setattr(module, "GAPS", 3)
    for seed in range(20):
        net = ns.Network.layered([6, 5, 2], seed=seed)
        net.connect("I1", "O1", name="skip")
        for number in np.random.default_rng(seed).choice(len(net.connections), 40, replace=False):
            net.remove(f"W{number + 1}" if f"W{number + 1}" in net else "skip")
        net.save(tmp_path / "net.json")
        back = ns.load(tmp_path / "net.json")
        assert [each.name for each in back.connections] == [each.name for each in net.connections]
        assert (back.weights == net.weights).all()
        new = [each.connect(each.inputs[0], each.add_output("new")) for each in (net, back)]
        assert (new[0].name, new[0].weight) == (new[1].name, new[1].weight)
    small = ns.Network(dtype="float32")
    with pytest.raises(ns.ArgumentError, match="too large for float32"):
        small.add_bias(value=1e39)
    with pytest.raises(ns.ArgumentError, match="too large for float32"):
        small.add_bias().value = -1e300

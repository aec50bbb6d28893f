"""Every door to another program, in a Python without that program: one error, which says how to install it."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib

import pytest
from helpers import ROOT

import nodesim as ns
from nodesim import cli

# What is absent, and what is called then. Doors that need nothing are called, too: "reads".
CALLS = {
    "from_onnx": "ns.from_onnx('net.onnx')",
    "from_torch": "ns.from_torch('net.pt')",
    "from_torch object": "ns.from_torch(object())",
    "from_sklearn": "ns.from_sklearn('net.skops')",
    "from_sklearn object": "ns.from_sklearn(object())",
    "from_neat": "ns.from_neat('genome.json')",
    "from_fann": "ns.from_fann('xor.net')",
    "to_onnx": "net.to_onnx('new.onnx')",
    "to_torch": "net.to_torch()",
    "to_sklearn": "net.to_sklearn()",
    "check onnx": "ns.checks.check_exchange(net, 'net.onnx')",
    "check torch": "ns.checks.check_exchange(net, 'net.pt')",
    "check sklearn": "ns.checks.check_exchange(net, 'net.skops')",
    "check neat": "ns.checks.check_exchange(ns.from_neat('genome.json'), 'genome.json')",
    "check fann": "ns.checks.check_exchange(ns.from_fann('xor.net'), 'xor.net')",
    "convert from onnx": "convert('net.onnx', 'new.json')",
    "convert from torch": "convert('net.pt', 'new.json')",
    "convert from sklearn": "convert('net.skops', 'new.json')",
    "convert from neat": "convert('genome.json', 'new.json')",
    "convert from fann": "convert('xor.net', 'new.json')",
    "convert to onnx": "convert('net.json', 'new.onnx')",
    "convert to torch": "convert('net.json', 'new.pt')",
    "convert to sklearn": "convert('net.json', 'new.skops')",
    "prove onnx": "convert('net.json', 'new.onnx', '--proof')",
    "prove neat": "convert('genome.json', 'new.json', '--proof')",
    "prove fann": "convert('xor.net', 'new.json', '--proof')",
}  # fmt: skip
FREE = ["from_neat", "from_fann", "convert from neat", "convert from fann"]
# By what is absent: what an error says, and for which doors.
ABSENT = {
    "onnx onnxruntime": ("pip install 'nodesim[onnx]'", [name for name in CALLS if "onnx" in name]),
    "onnxruntime": ("pip install 'nodesim[onnx]'", ["check onnx", "prove onnx"]),
    "torch": ("pip install 'nodesim[torch]'", [name for name in CALLS if "torch" in name]),
    "sklearn skops": ("pip install 'nodesim[sklearn]'", [name for name in CALLS if "sklearn" in name]),
    "skops": (
        "pip install 'nodesim[sklearn]'",
        ["from_sklearn", "check sklearn", "convert from sklearn", "convert to sklearn"],
    ),
    "neat": ("pip install 'nodesim[neat]'", ["check neat", "prove neat"]),
    "fann": ("apt-get install libfann2", ["check fann", "prove fann"]),
}  # fmt: skip
SCRIPT = """
import contextlib, ctypes, io, json, os, sys
absent, calls = sys.argv[1].split(), json.loads(sys.argv[2])
real = ctypes.CDLL
def library(name, *more, **options):
    if "fann" in absent and "fann" in str(name):
        raise OSError(name)
    return real(name, *more, **options)
ctypes.CDLL = library
for name in absent:
    sys.modules[name] = None
import nodesim as ns
from nodesim import cli
def convert(*arguments):
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
        code = cli.main(["convert", *arguments])
    if code:
        raise ns.MissingExtraError(said.getvalue())
net = ns.load("net.json")
found = {}
for name, call in calls.items():
    # What failed once is not half there.
    for _ in range(2):
        try:
            eval(call)
            said = None
        except Exception as error:
            said = type(error).__name__, str(error)
        if name in found and found[name] != said:
            said = "DIFFERENT", f"{found[name]}, {said}"
        found[name] = said
    for file in set(os.listdir()) & {"new.onnx", "new.pt", "new.skops", "new.json"}:
        if said:
            found[name] = "FILE", file
        os.remove(file)
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a network in each format; no call comes so far as to read what it has no program for."""
    there = tmp_path_factory.mktemp("there")
    ns.Network.layered([2, 3, 1], "tanh", seed=0).save(there / "net.json")
    for name in ("net.onnx", "net.pt", "net.skops"):
        assert cli.main(["convert", str(there / "net.json"), str(there / name)]) == 0
    (there / "xor.net").write_bytes((ROOT / "examples" / "xor.net").read_bytes())
    (there / "genome.json").write_bytes((ROOT / "examples" / "xor_neat.json").read_bytes())
    return there


@pytest.mark.parametrize("absent", ABSENT)
def test_an_absent_program_is_named_with_what_installs_it(absent, folder):
    told, doors = ABSENT[absent]
    calls = {name: CALLS[name] for name in [*doors, *FREE]}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT, absent, json.dumps(calls)],
        cwd=folder, capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = json.loads(done.stdout)
    for name in doors:
        assert found[name] is not None, name
        kind, said = found[name]
        assert kind == "MissingExtraError", (name, kind, said)
        assert told in said, (name, said)
        assert said.strip().count("\n") == 0
    assert [found[name] for name in FREE] == [None] * len(FREE)


def test_what_is_asked_for_is_what_the_project_offers():
    offered = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    for told, _ in ABSENT.values():
        if "nodesim[" in told:
            assert told.partition("[")[2].partition("]")[0] in offered

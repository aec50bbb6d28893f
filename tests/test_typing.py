"""Type checkers understand what users annotate."""

from __future__ import annotations

import os
import subprocess
import sys

import typed_user
from helpers import ROOT

import nodesim as ns

# What a wrong program is told: elements know which network they came from.
WRONG = """
import nodesim as ns

net = ns.Network()
number: int = net.hidden[0].network
number = net.node("H1").network
number = net.connection("W1").source.network
number = net.connection("W1").weight
net.hidden[0].network.backwards([1.0])
"""


def mypy(*files):
    environment = os.environ | {"MYPYPATH": str(ROOT)}
    command = [sys.executable, "-m", "mypy", "--strict", *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment)


def test_a_typed_program_passes_strictly_and_runs(capsys):
    result = mypy(ROOT / "tests" / "typed_user.py")
    assert result.returncode == 0, result.stdout + result.stderr
    typed_user.main()
    assert "H1" in capsys.readouterr().out


def test_wrong_types_are_found(tmp_path):
    file = tmp_path / "wrong.py"
    file.write_text(WRONG)
    found = mypy(file).stdout
    assert [line.split(":")[1] for line in found.splitlines()[:-1]] == ["5", "6", "7", "8", "9"], found


def test_every_public_name_is_listed():
    assert dir(ns) == sorted(ns.__all__)
    assert {"datasets", "figures", "checks", "check_gradients", "PathRecording"} <= set(dir(ns))
    assert [name for name in dir(ns) if not hasattr(ns, name)] == []

"""Type checkers understand what users annotate."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

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


def test_a_typed_program_passes_strictly_and_wrong_types_are_found(tmp_path):
    """Both looked at in one run: what is found is in the wrong program, all of it, and nothing in the other."""
    wrong = tmp_path / "wrong.py"
    wrong.write_text(WRONG)
    command = [sys.executable, "-m", "mypy", "--strict", str(ROOT / "tests" / "typed_user.py"), str(wrong)]
    environment = os.environ | {"MYPYPATH": str(ROOT)}
    result = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment)
    found = [line.split(":")[:2] for line in result.stdout.splitlines()]
    assert [(Path(file).name, line) for file, line in found[:-1]] == [
        ("wrong.py", str(line)) for line in range(5, 10)
    ], result.stdout + result.stderr
    assert "checked 2 source files" in result.stdout


def test_a_typed_program_runs(capsys):
    typed_user.main()
    assert "H1" in capsys.readouterr().out


def test_every_public_name_is_listed():
    assert dir(ns) == sorted(ns.__all__)
    assert {"datasets", "figures", "checks", "check_gradients", "PathRecording"} <= set(dir(ns))
    assert [name for name in dir(ns) if not hasattr(ns, name)] == []

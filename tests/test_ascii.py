"""Outputs that cannot show every sign: each has one that stands for it, on every command."""

from __future__ import annotations

import ast
import contextlib
import io
import itertools
import json
import os
import subprocess
import sys

import pytest
from helpers import ROOT

import nodesim as ns
from nodesim import cli
from nodesim.notation.plain_signs import HANDLER, SIGNS

CODES = ("ascii", "latin-1", "cp1252", "cp437", "utf-8")


def literals(path):
    """Yield the strings of a file that are no docstrings, those within formatted strings included."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    bodies = (node.body for node in ast.walk(tree) if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef))
    docs = {id(body[0].value) for body in bodies if body and isinstance(body[0], ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


def test_every_sign_that_nodesim_writes_has_one_that_stands_for_it():
    files = [*(ROOT / "nodesim").rglob("*.py"), *(ROOT / "plugins").rglob("*.py")]
    used = {sign for file in files for text in literals(file) for sign in text if not sign.isascii()}
    assert len(used) > 25
    assert used <= set(SIGNS)
    for code, sign in itertools.product(CODES, SIGNS):
        written = sign.encode(code, errors=HANDLER).decode(code)
        assert written in (sign, SIGNS[sign])
    assert all(text.isascii() and "?" not in text for text in SIGNS.values())


def test_letters_of_names_are_written_out():
    assert "\u05d0ß".encode("ascii", errors=HANDLER) == rb"\u05d0\xdf"
    with pytest.raises(UnicodeDecodeError):
        b"\xff".decode("utf-8", errors=HANDLER)


# With everything that a command may print; {} is a network of iris.
LINES = [
    "", "--help", "demo", "plugins", "datasets", "info {}", "info {} --json", "info {} --engine", "draw {} --labels weights -o net.svg",
    "figure 3", "new 4-5-3 --data iris -o new.json", "train {} iris --epochs 3 -o out.json --record training.html",
    "train {} iris --epochs 3 --learning-rate 1e9 -o out.json", "train {} iris --epochs 3 --learning-rate x -o out.json",
    "predict {} iris", "predict {} iris --json", "check {} iris", "diagnose {} iris", "trace {} W1 iris --sample 60",
    "trace {} HA1 iris --sample 60 --form factored", "trace {} W1 iris --sample 60 --form tree", "trace {} W1 iris --sample 60 --form latex",
    "trace {} nobody iris --sample 60", "trace {} W1", "steps {} iris --sample 60", "steps {} iris --sample 600", "paths {} W1 iris --sample 60",
    "paths {} W1 iris --sample 60 --flow", "explore {} iris -o page.html", "trace {} --help", "train {} --help", "operations {}",
]  # fmt: skip


@pytest.fixture
def saved(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    net = ns.Network.layered(
        [4, 3, 3], inputs=ns.datasets.load("iris").features, outputs=["setosa", "versicolor", "ﬁn−é"], seed=0
    )
    net.save("net.json")


def written(line, code, monkeypatch, kind=io.TextIOWrapper):
    """Return what a command writes to streams of an encoding, on a narrow terminal."""
    streams = [kind(io.BytesIO(), encoding=code, newline="") for _ in range(2)]
    with monkeypatch.context() as patched:
        patched.setenv("COLUMNS", "40")
        patched.setattr(sys, "stdout", streams[0])
        patched.setattr(sys, "stderr", streams[1])
        with contextlib.suppress(SystemExit):
            cli.main(line.split())
        for stream in streams:
            stream.flush()
    return [stream.buffer.getvalue().decode(code) for stream in streams]


def test_no_command_writes_a_sign_that_is_none(saved, monkeypatch):
    names = {command.name for command in sys.modules["nodesim.cli.main"].COMMANDS}
    left = names - {line.split()[0] for line in LINES if line}
    seen = 0
    for number, line in enumerate([*LINES, *(f"{name} --help" for name in sorted(left))]):
        code = CODES[number % 4]
        whole, found = (written(line.format("net.json"), each, monkeypatch) for each in ("utf-8", code))
        for wanted, text in zip(whole, found):
            seen += len(wanted) - len(wanted.encode("ascii", "ignore"))
            # Nothing but signs differs, and no "?" is there that was none before.
            assert text.count("?") == wanted.count("?"), line
            if "--json" in line:
                # What programs read keeps every letter of a name.
                assert text == wanted == "" or json.loads(text) == json.loads(wanted)
            elif "latex" not in line:
                assert text == wanted.encode(code, HANDLER).decode(code), line
            assert "Traceback" not in text
    assert seen > 1500


class Terminal(io.TextIOWrapper):
    def isatty(self):
        return True


def test_lines_fit_a_narrow_terminal(saved, monkeypatch):
    for line in LINES:
        if any(option in line for option in ("--json", "figure", "latex", "--help")):
            continue
        whole = written(line.format("net.json"), "utf-8", monkeypatch)[0].replace("─", "").split()
        monkeypatch.setenv("NO_COLOR", "1")
        narrow = written(line.format("net.json"), "utf-8", monkeypatch, Terminal)[0]
        # The same words, on lines that fit unless a word alone is longer, or a number of a table in parts is named again.
        assert set(whole) <= set(narrow.split()) | set("".join(narrow.split())), line
        long = [each for each in narrow.splitlines() if len(each) > 40 and len(each.split()) > 3]
        assert not long, (line, long)


def test_the_program_itself(saved):
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "nodesim", "steps", "net.json", "iris", "--sample", "60"]
    result = subprocess.run(command, capture_output=True, check=True, env=environment)
    assert b"de/dW1 = de/dH1*sepal_length_cm" in result.stdout
    assert b"W1(k+1) = W1(k) - eta*de/dW1" in result.stdout
    assert rb"OA[\ufb01n-\xe9]" in result.stdout

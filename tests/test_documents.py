"""What is written runs: README, plugin tutorial, docstrings, examples; and the first run looks as it should."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
import runpy
import shutil

import pytest
from helpers import ROOT

import nodesim
from nodesim import cli

pytestmark = pytest.mark.usefixtures("session")


def blocks(path, language):
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / path).read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("code", blocks("README.md", "python"))
def test_readme(code):
    exec(compile(code, "README.md", "exec"), {})


def test_readme_shows_what_is_printed():
    """The printed derivation in the README is the real one."""
    (printed,) = blocks("README.md", "text")
    net = nodesim.Network.layered([2, 2, 2], seed=0)
    net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
    assert net.derivation("W1").text("factored", numbers=False) == printed.strip()


def test_plugin_tutorial(tmp_path, monkeypatch):
    plugin, *rest = blocks("plugins/README.md", "python")
    assert len([line for line in plugin.splitlines() if line.strip()]) <= 10
    (tmp_path / "my_plugins").mkdir()
    (tmp_path / "my_plugins" / "bell.py").write_text(plugin, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for code in rest:
        exec(compile(code, "plugins/README.md", "exec"), {})
    (command,) = blocks("plugins/README.md", "sh")
    assert cli.main(command.split()[1:]) == 0


def test_first_two_blocks_are_the_two_commands():
    first, second = re.findall(r"```\w*\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)[:2]
    assert first.strip().endswith("nodesim demo")
    assert second.strip().endswith("python -m pytest")
    assert len(first.strip().splitlines()) == len(second.strip().splitlines()) == 1


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.py")), ids=lambda path: path.name)
def test_example(path, capsys):
    runpy.run_path(str(path), run_name="__main__")
    assert capsys.readouterr().out


def test_examples_are_numbered():
    assert [path.name[:2] for path in sorted((ROOT / "examples").glob("*.py"))] == ["01", "02", "03"]


def modules(package):
    yield package
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


MODULES = [*modules(nodesim), *modules(importlib.import_module("nodesim_plugins"))]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_docstrings(module):
    result = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert not result.failed


def test_public_names_have_examples():
    for name in nodesim.__all__:
        thing = getattr(nodesim, name)
        if isinstance(thing, type) and issubclass(thing, Exception):
            assert thing.__doc__
        elif callable(thing) and name != "hookimpl":
            assert "Examples\n" in thing.__doc__, name


@pytest.fixture
def output(capsys):
    def run(*arguments):
        code = cli.main(arguments)
        return code, *capsys.readouterr()

    return run


def test_demo(output):
    code, text, errors = output("demo")
    assert (code, errors) == (0, "")
    for expected in (
        "H1 = I1·W1 + I2·W3 + B1·W5", "e = ((y1 − OA1)^2 + (y2 − OA2)^2)/2 = ((1 − ", "path 1: ∂e/∂OA1 · ∂OA1/∂O1 · ∂O1/∂HA1 · ∂HA1/∂H1 · ∂H1/∂W1",
        "path 2: ∂e/∂OA2", "∂OA2/∂O2 = 1", "stopped: the error is at most 0.0001", "epoch 1 to", "What to try next",
    ):  # fmt: skip
        assert expected in text
    total, backprop = re.findall(r"∂e/∂W1 = (\S+)$", text, re.MULTILINE)
    assert float(total) == pytest.approx(float(backprop), rel=1e-12)
    products = [float(p) for p in re.findall(r"product = (\S+)", text)]
    assert sum(products) == pytest.approx(float(total), rel=1e-12)
    assert max(map(len, text.splitlines())) <= 110


def test_plugins_command(output, tmp_path):
    code, text, _ = output("plugins")
    assert code == 0
    assert "activations (17)" in text
    assert re.search(r"^  leaky_relu\(slope=0.01\) +nodesim 0", text, re.MULTILINE)
    (tmp_path / "bad.py").write_text("1 / 0")
    shutil.copy(ROOT / "examples" / "plugin_package" / "nodesim_bent.py", tmp_path)
    code, text, errors = output("plugins", "--plugins-dir", str(tmp_path))
    assert code == 1
    assert re.search(r"^  bent +nodesim_bent.py", text, re.MULTILINE)
    assert "broken: bad.py" in text
    assert errors == "nodesim: error: plugin bad.py: importing it raised ZeroDivisionError: division by zero\n"


@pytest.mark.parametrize("arguments", [[], ["dmeo"], ["demo", "--fast"], ["plugins", "--plugins-dir"]])
def test_wrong_usage_is_2(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    assert caught.value.code == 2
    assert "usage: nodesim" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--help"], ["demo", "--help"], ["plugins", "--help"]])
def test_help_has_examples(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    assert caught.value.code == 0
    assert re.search(r"examples?:\n  nodesim", capsys.readouterr().out)


def test_interrupt_and_closed_output(monkeypatch, output):
    def interrupted():
        yield "first"
        raise KeyboardInterrupt

    monkeypatch.setattr(cli.demo, "lines", interrupted)
    code, text, errors = output("demo")
    assert (code, text, errors) == (1, "first\n", "nodesim: error: interrupted\n")

"""What is written runs: README, plugin tutorial, docstrings, examples; and the first run looks as it should."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
import runpy
import shlex

import pytest
from helpers import ROOT

import nodesim
from nodesim import cli

pytestmark = pytest.mark.usefixtures("session")


def blocks(path, language):
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / path).read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("code", blocks("README.md", "python"))
def test_readme(code, tmp_path, monkeypatch):
    """In a folder of its own, where what it reads lies as in the project's."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "README.md", "exec"), {})


def test_readme_shows_what_is_printed():
    """The printed derivation in the README is the real one."""
    (printed,) = blocks("README.md", "text")
    net = nodesim.Network.layered([2, 2, 2], seed=0)
    net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
    derivation = net.derivation("W1")
    assert "\n\n".join(derivation.text(form, digits=4) for form in ("factored", "partials")) == printed.strip()


def test_readme_shows_what_is_drawn():
    text = (ROOT / "examples" / "figure3.svg").read_text(encoding="utf-8")
    assert nodesim.figures.figure(3).svg in text
    assert "(examples/figure3.svg)" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_readme_shows_the_explorer():
    picture = (ROOT / "examples" / "explorer.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 300_000
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "(examples/explorer.png)" in text
    assert "nodesim explore trained.json iris -o page.html" in text


def test_readme_shows_what_taught_a_weight():
    """The picture is that of the example, up to what rounding does to 200 epochs."""
    drawn = runpy.run_path(str(ROOT / "examples" / "05_which_paths_taught_a_weight.py"))["picture"].svg
    kept = (ROOT / "examples" / "taught.svg").read_text(encoding="utf-8").partition("\n")[2].strip()
    places = re.compile(r"-?\d+\.\d+")
    assert places.sub("", drawn) == places.sub("", kept)
    assert [float(n) for n in places.findall(drawn)] == pytest.approx([float(n) for n in places.findall(kept)], abs=0.3)
    assert "(examples/taught.svg)" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_readme_commands(tmp_path, monkeypatch, capsys):
    """Every command of the README's tour runs; the first two blocks, which install, are what CI starts with."""
    monkeypatch.chdir(tmp_path)
    *_, tour = blocks("README.md", "sh")
    for line in tour.splitlines():
        assert cli.main(shlex.split(line)[1:]) == 0, line
        assert capsys.readouterr().err == ""
    made = {"W1.svg", "net.json", "page.html", "trained.json", "w1.html", "sheet.html", "sheet.json", "key.html"}
    assert {path.name for path in tmp_path.iterdir()} == made


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
    assert second.strip().endswith("python -m pytest -n 2")
    assert len(first.strip().splitlines()) == len(second.strip().splitlines()) == 1


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.py")), ids=lambda path: path.name)
def test_example(path, capsys):
    runpy.run_path(str(path), run_name="__main__")
    assert capsys.readouterr().out


def test_examples_are_numbered():
    assert [path.name[:2] for path in sorted((ROOT / "examples").glob("*.py"))] == [
        "01",
        "02",
        "03",
        "04",
        "05",
        "06",
        "07",
        "08",
        "09",
        "10",
    ]


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

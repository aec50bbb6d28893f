"""What is written runs: README, plugin tutorial, docstrings, examples; and the first run looks as it should."""

from __future__ import annotations

import contextlib
import doctest
import functools
import importlib
import io
import pkgutil
import re
import runpy

import pytest
import written_code
from helpers import ROOT

import nodesim

pytestmark = pytest.mark.usefixtures("session")

SITE = sorted((ROOT / "examples" / "site").rglob("*.md"))
FOLDERS = (".github", "examples", "nodesim", "plugins", "tests")
BELOW = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.md") if "node_modules" not in path.parts)
DOCUMENTS = [ROOT / "README.md", *(path for path in BELOW if path not in SITE)]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
README = (ROOT / "README.md").read_text(encoding="utf-8")


@functools.cache
def example(name):
    """Run an example; return its names, and what it prints."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        names = runpy.run_path(str(ROOT / "examples" / name), run_name="__main__")
    return names, printed.getvalue()


def named(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_written_code(document, folder):
    """What is written runs, and prints what stands below it. The site's pages run when it is built."""
    assert written_code.faults(document, folder) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_written_paths(document):
    """Files of the project that commands name are there."""
    blocks = written_code.blocks(document.read_text(encoding="utf-8"))
    commands = [block.code for block in blocks if block.language in {"sh", "console"}]
    paths = re.findall(r"(?<![\w/.-])((?:tests|examples|plugins|nodesim|\.ci)/[\w./-]*\w)", "\n".join(commands))
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS + SITE, ids=named)
def test_links(document):
    assert written_code.broken_links(document) == []


@pytest.mark.parametrize("page", SITE, ids=named)
def test_site_runs_its_code(page):
    """Code of the site stands in cells and {shell}, which run when it is built; what cannot run there is text or console."""
    languages = {block.language.partition(" ")[0] for block in written_code.blocks(page.read_text(encoding="utf-8"))}
    assert not languages & {"", "python", "py", "pycon", "ipython", "sh", "bash", "shell", "{code}", "{code-block}"}


def test_readme_is_read_in_three_minutes():
    assert len(written_code.prose(README)) <= 700


def test_readme_shows_what_is_drawn():
    text = (ROOT / "examples" / "figure3.svg").read_text(encoding="utf-8")
    assert nodesim.figures.figure(3).svg in text
    assert "(examples/figure3.svg)" in README


def test_readme_shows_the_explorer():
    picture = (ROOT / "examples" / "explorer.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 300_000
    assert "(examples/explorer.png)" in README


def test_readme_shows_what_taught_a_weight():
    """The picture is that of the example, up to what rounding does to 200 epochs."""
    drawn = example("05_which_paths_taught_a_weight.py")[0]["picture"].svg
    kept = (ROOT / "examples" / "taught.svg").read_text(encoding="utf-8").partition("\n")[2].strip()
    places = re.compile(r"-?\d+\.\d+")
    assert places.sub("", drawn) == places.sub("", kept)
    assert [float(n) for n in places.findall(drawn)] == pytest.approx([float(n) for n in places.findall(kept)], abs=0.3)
    assert "(examples/taught.svg)" in README


def test_plugin_tutorial_begins_with_ten_lines():
    plugin = written_code.blocks((ROOT / "plugins" / "README.md").read_text(encoding="utf-8"))[0]
    assert len([line for line in plugin.code.splitlines() if line.strip()]) <= 10


def test_first_two_blocks_are_the_two_commands():
    """They install, and CI starts with them."""
    first, second = (block.code for block in written_code.blocks(README)[:2])
    assert first.strip().endswith("nodesim demo")
    assert second.strip().endswith("python -m pytest -n 2")
    assert len(first.strip().splitlines()) == len(second.strip().splitlines()) == 1


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_example(path):
    assert example(path.name)[1]


def test_examples_are_numbered():
    assert [path.name[:2] for path in EXAMPLES] == [f"{number + 1:02d}" for number in range(len(EXAMPLES))]


def modules(package):
    yield package
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


MODULES = [*modules(nodesim), *modules(importlib.import_module("nodesim_plugins"))]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_docstrings(module):
    """As doctest.testmod, but that is slow where there is no example: before each text it looks for files that changed."""
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    tests = [test for test in doctest.DocTestFinder().find(module, module.__name__) if test.examples]
    assert [test.name for test in tests if runner.run(test).failed] == []


def test_public_names_have_examples():
    for name in nodesim.__all__:
        thing = getattr(nodesim, name)
        if isinstance(thing, type) and issubclass(thing, Exception):
            assert thing.__doc__
        elif callable(thing) and name != "hookimpl":
            assert "Examples\n" in thing.__doc__, name

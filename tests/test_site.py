"""The site's reference leaves nothing out: every name, member, command, hook, function and data set has its place."""

from __future__ import annotations

import argparse
import importlib.util
import inspect
import re
import sys
import tomllib
from pathlib import Path

import pytest

import nodesim
from nodesim import datasets
from nodesim.cli.main import COMMANDS
from nodesim.plugins import lookup
from nodesim.plugins.brought import HOOKS

SITE = Path(__file__).parents[1] / "examples" / "site"
REFERENCE = SITE / "reference"
PAGES = {page.stem: page.read_text(encoding="utf-8") for page in sorted(REFERENCE.glob("*.md"))}
EXPORTED = [name for name in nodesim.__all__ if name != "__version__"]


def extension(name):
    """Return one of the site's own extensions; they need Sphinx, which numpydoc brings."""
    spec = importlib.util.spec_from_file_location(f"site_{name}", SITE / "_extensions" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def reference():
    return extension("reference")


def listed():
    """Yield what the overview pages list, with the page."""
    for page, text in PAGES.items():
        for block in re.findall(r"\.\. autosummary::\n((?:   .*\n|\n)*)", text):
            for line in block.splitlines():
                if line.strip() and not line.strip().startswith(":"):
                    yield line.strip(), page


def test_every_extra_is_told_of():
    told = re.findall(r"^\| (`[^|]*) \|", (SITE / "install.md").read_text(encoding="utf-8"), re.MULTILINE)
    project = tomllib.loads((SITE.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert sorted(re.findall(r"`(\w+)`", " ".join(told))) == sorted(project["optional-dependencies"])


def test_every_exported_name_is_listed_once():
    names = [name for name, _ in listed()]
    assert set(EXPORTED) - set(names) == set()
    assert [name for name in names if names.count(name) > 1] == []


def test_what_is_listed_is_there_and_says_what_it_is(reference):
    for name, page in listed():
        thing = reference.found(f"nodesim.{name}")
        assert inspect.getdoc(thing), (page, name)


def test_index_leads_to_every_page():
    leads = re.search(r"```\{toctree\}\n:hidden:\n\n(.*?)```", PAGES["index"], re.DOTALL)[1].split()
    assert sorted(leads) == sorted(set(PAGES) - {"index"})
    linked = re.findall(r"^\| \[.*?\]\((.*?)\.md\)", PAGES["index"], re.MULTILINE)
    assert linked == leads


@pytest.mark.parametrize("name", [name for name in EXPORTED if inspect.isclass(getattr(nodesim, name))])
def test_pages_of_classes_have_all_members(reference, name):
    cls = getattr(nodesim, name)
    groups = reference.groups(f"nodesim.{name}")
    shown = [member for group in groups for member in group.names]
    assert len(set(shown)) == len(shown)
    own = [
        member
        for base in cls.__mro__
        if base.__module__.startswith("nodesim") and (base is cls or not issubclass(cls, BaseException))
        for member, value in vars(base).items()
        if not member.startswith("_") and getattr(value, "__doc__", None) and (inspect.isroutine(value) or isinstance(value, property))
    ]  # fmt: skip
    assert set(own) - set(shown) == set()


def test_the_network_is_told_in_the_parts_of_its_source(reference):
    source = Path(nodesim.network.__file__).read_text(encoding="utf-8")
    titles = [group.title.lower() for group in reference.groups("nodesim.Network")]
    assert titles[0] == "in general"
    assert titles[1:] == re.findall(r"# -{4} ([^-]+) -{4}", source)


@pytest.mark.parametrize("name", ["checks", "datasets", "exercises", "figures"])
def test_pages_of_modules_have_all_names(reference, name):
    module = getattr(nodesim, name)
    held = reference.held(f"nodesim.{name}")
    public = [each for each, value in vars(module).items()
              if not each.startswith("_") and inspect.isfunction(value) and value.__module__ == module.__name__]  # fmt: skip
    assert set(public) | set(getattr(module, "__all__", ())) == set(held) != set()
    paged = [reference.found(f"nodesim.{each}") for each, _ in listed()]
    for each in held:
        assert reference.is_function(f"nodesim.{name}", each) or getattr(module, each) in paged, each


def test_names_lead_to_where_they_are_told(reference):
    known = {"nodesim.Dataset": 1, "nodesim.Network": 1, "nodesim.Network.paths": 1, "nodesim.Step": 1}
    assert reference.place("nodesim.datasets.Dataset", known) == "nodesim.Dataset"
    assert reference.place("nodesim.network.Network.paths", known) == "nodesim.Network.paths"
    assert reference.place("nodesim.Step.formula", known) == "nodesim.Step"
    assert reference.place("nodesim.Step.nothing", known) is None
    assert reference.place("nodesim.nothing", known) is None
    assert set(reference.ROWS.values()) <= {f"nodesim.{name}" for name, _ in listed()}
    assert reference.place("numpy.ndarray", known) is None


def actions():
    for name, parser in extension("command_line").parsers().items():
        for action in parser._actions:
            if action.help != argparse.SUPPRESS:
                yield name, action


def test_every_command_and_option_is_told():
    page = extension("command_line")
    assert list(page.parsers()) == [command.name for command in COMMANDS]
    assert "```{command-line}" in PAGES["command-line"]
    assert "```{command-list}" in PAGES["command-line"]
    for name, action in actions():
        assert page.explained(action), (name, action.dest)
        assert "%(" not in page.explained(action)
        assert all(page.spelled(action)), (name, action.dest)
    for name, parser in page.parsers().items():
        examples = list(page.parser_examples(parser))
        assert examples, name
        assert any(example.startswith(f"nodesim {name}") for example in examples)


def test_every_hook_is_told():
    documented = re.search(r"automodule:: nodesim\.plugins\.hookspecs\n(?: .*\n)*?   :members: (.*)", PAGES["plugins"])
    assert sorted(documented[1].split(", ")) == sorted(HOOKS)
    for kind in HOOKS.values():
        assert f"| {{py:obj}}`nodesim.{kind.__name__}` |" in PAGES["plugins"]


def test_every_built_in_function_is_in_a_table():
    listings = extension("listings")
    tables = re.findall(r"```\{functions\} (\w+)\n(?::prefix: (\w+)\n)?```", PAGES["plugins"])
    assert len(set(tables)) == len(tables)
    kinds = {hook.removeprefix("nodesim_"): kind for hook, kind in HOOKS.items()}
    for hook, kind in kinds.items():
        built_in = [each for each in lookup.default.all(kind) if each.origin.startswith("nodesim ")]
        assert built_in
        for function in built_in:
            assert (hook, listings.prefix(function.name)) in tables, function
            assert listings.told(function), f"{function} has no formula and no description"


def test_every_data_set_is_in_the_table():
    listings = extension("listings")
    assert "```{datasets}" in PAGES["data"]
    for name in datasets.names():
        assert len(listings.row_of_data(name)) == 6


def test_schemas_that_pages_show_are_there():
    schemas = extension("schemas")
    for name in re.findall(r"```\{schema(?:-fields)?\} (\w+)", PAGES["file-format"]):
        assert schemas.schema(name)["$schema"].endswith("2020-12/schema")
    assert schemas.kind({"type": ["array", "null"], "items": {"type": "integer"}}) == "list of whole numbers, or null"

"""Docstrings are reST: docutils, the reader behind every page, finds nothing wrong with one, and names lead somewhere."""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import io
import re
from pathlib import Path

import pytest
from docutils import frontend, nodes, utils
from docutils.parsers.rst import Directive, Parser, directives, roles
from numpydoc.docscrape_sphinx import SphinxDocString

import nodesim

ROOT = Path(nodesim.__file__).parents[1]
FILES = sorted([*ROOT.glob("nodesim/**/*.py"), *ROOT.glob("plugins/**/*.py")])
# What can go wrong stands on signs: those that have none of them need no reader.
SIGNS = re.compile(r"\||\*|\w_\b|\\|::|\.\. |\n\n +\S|^\s*(?:[A-Za-z]\.|\d+\.|\(\w\)|\w\)|[-+•])(?: |$)", re.MULTILINE)


def suspicious(text):
    return SIGNS.search(text) or text.count("`") % 2 or text.count("``") % 2


# Of these a name alone says nothing: they may be parameters, or words of a formula.
OWN = {name for name in nodesim.__all__ if name[0].isupper()} | {"nodesim"}


class Anything(Directive):
    """Stands for Sphinx's own directives, and reads what is in them."""

    has_content, optional_arguments, final_argument_whitespace = True, 1, True

    def run(self):
        held = nodes.container()
        self.state.nested_parse(self.content, self.content_offset, held)
        return [held]


def name_role(role, rawtext, text, lineno, inliner, options=None, content=None):
    return [nodes.literal(rawtext, text, classes=["name"])], []


def document(text):
    """Return what docutils reads of a docstring, in the form that numpydoc gives it."""
    for each in ("seealso", "only", "index"):
        directives.register_directive(each, Anything)
    for role in ("obj", "py:obj", "ref"):
        roles.register_local_role(role, name_role)
    rest = str(SphinxDocString(inspect.cleandoc(text), config={"show_class_members": False}))
    settings = frontend.get_default_settings(Parser)
    settings.report_level, settings.halt_level, settings.warning_stream = 5, 6, io.StringIO()
    read = utils.new_document("docstring", settings)
    Parser().parse(f".. default-role:: obj\n\n{rest}", read)
    return read


def complaints(text):
    read = document(text)
    for message in read.findall(nodes.system_message):
        yield message.astext()
    for kind, why in (
        (nodes.substitution_reference, "bars are a substitution: write ``|x|``"),
        (nodes.enumerated_list, "an initial or a letter begins a list: put the surname first"),
        (nodes.problematic, "markup that does not end"),
    ):
        for node in read.findall(kind):
            yield f"{why}: {node.astext()[:60]!r}"
    for node in read.findall(nodes.reference):
        if "refname" in node:
            yield f"an underscore at the end of a word is a link: write ``{node['refname']}_``"


def docstrings(file):
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and (text := ast.get_docstring(node)):
            yield getattr(node, "name", "the module"), text


@pytest.mark.parametrize("part", sorted({file.relative_to(ROOT).parts[:2] for file in FILES}), ids="/".join)
def test_docstrings_are_rest(part):
    found = []
    for file in FILES:
        if file.relative_to(ROOT).parts[:2] == part:
            for name, text in docstrings(file):
                if suspicious(text):
                    found += [f"{file.relative_to(ROOT)}: {name}: {complaint}" for complaint in complaints(text)]
    assert "\n".join(found) == ""


@pytest.mark.parametrize(
    "text",
    [
        "Return |x| of x.",
        "Return a.\n\nReferences\n----------\nE. Beqari, a book.",
        "Return *all.",
        "Return ``all.",
        "Return coefs_ of it.",
        "Return it:\n\n    one\n  two\n",
        "Return it.\n\nParameters\n----------\nx : ndarray of shape (n_, 1)\n",
        "Return it.\n\nNotes\n-----\nA `name.\n",
    ],
)
def test_what_is_wrong_is_found(text):
    assert suspicious(text)
    assert list(complaints(text))


@pytest.mark.parametrize(
    "text", ["Return ``|x|``, `Network.paths` of it.", "Return a.\n\nReferences\n----------\nBeqari, E., a book."]
)
def test_what_is_right_is_let_pass(text):
    assert list(complaints(text)) == []


def told(thing, name):
    """Whether a class or a module has something of a name, an attribute that its docstring tells of too."""
    attributes = inspect.getdoc(thing) or ""
    return hasattr(thing, name) or bool(re.search(rf"^(\w+, )*{name}(, \w+)*( :|$)", attributes, re.MULTILINE))


def leads(path):
    """Whether a dotted path leads to something of nodesim."""
    place = nodesim
    for part in path.removeprefix("nodesim.").split("."):
        if not told(place, part):
            try:
                place = importlib.import_module(f"{place.__name__}.{part}")
                continue
            except (ImportError, AttributeError):
                return False
        place = getattr(place, part, None)
    return True


@functools.cache
def public():
    """Return the docstrings that pages show, by the names of what they are of."""
    things = {}
    for name in nodesim.__all__:
        thing = getattr(nodesim, name)
        things[name] = thing
        if inspect.ismodule(thing):
            things |= {f"{name}.{each}": getattr(thing, each) for each in getattr(thing, "__all__", ())}
    for name, thing in list(things.items()):
        if inspect.isclass(thing):
            things |= {f"{name}.{each}": getattr(thing, each) for each in dir(thing) if not each.startswith("_")}
    return {name: text for name, thing in things.items() if isinstance(text := thing.__doc__, str) and "`" in text}


def test_names_in_docstrings_lead_somewhere():
    lost = []
    for name, text in public().items():
        for written in re.findall(r"(?<!`)`([\w.]+)`(?!`)", text):
            first = written.split(".")[0]
            if ("." in written and first in OWN and not leads(written)) or (
                "." not in written and written in OWN | {"Network"} and not leads(written)
            ):
                lost.append(f"{name}: `{written}`")
    assert len(public()) > 200
    assert lost == []
    assert not leads("Network.no_such_method")
    assert leads("nodesim.exercises.Sheet.key")

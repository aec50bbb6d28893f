"""What the pages of the reference are made of: which members a class shows, and where a name in a docstring leads."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import inspect
import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Any

from docutils import nodes
from numpydoc.docscrape_sphinx import SphinxDocString
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.nodes import make_refnode
from sphinx.util.typing import ExtensionMetadata

# What brackets, calls and questions of truth say is told on the page, where its docstring tells it.
SPECIAL = ("__call__", "__getitem__", "__contains__", "__bool__")
ROWS = {
    "Change": "nodesim.paths.change_table.Change",
    "DeadWeight": "nodesim.analysis.dead_weights.DeadWeight",
    "LayerDiagnosis": "nodesim.analysis.layers.LayerDiagnosis",
    "Share": "nodesim.paths.flow_table.Share",
}
# A class is told in parts where its source is: "# ---- assemble ------".
_PART = re.compile(
    r"    # -{4} (?P<title>[^-]+) -{4,}|    (?:@property\n    )?(?:async )?def (?P<name>\w+)", re.MULTILINE
)


@dataclass
class Group:
    """Members that stand together."""

    title: str
    names: list[str]


@functools.cache
def found(path: str) -> Any:
    """Return the object of a dotted path, a property itself and not its value; AttributeError if there is none."""
    parts = path.split(".")
    place: Any = importlib.import_module(parts[0])
    for done, part in enumerate(parts[1:], 1):
        try:
            place = inspect.getattr_static(place, part) if inspect.isclass(place) else getattr(place, part)
        except AttributeError:
            name = ".".join(parts[: done + 1])
            if not inspect.ismodule(place) or importlib.util.find_spec(name) is None:
                raise
            place = importlib.import_module(name)
    return place


def shown(fullname: str) -> str:
    """Return a name as pages are called: its last part, as the signature says where it is from."""
    return fullname.rpartition(".")[2]


def _told(cls: type, name: str) -> bool:
    """Whether a member is one of nodesim that says what it is."""
    owner = next((base for base in cls.__mro__ if name in vars(base)), None)
    if owner is None or not owner.__module__.startswith("nodesim"):
        return False
    member = vars(owner)[name]
    called = inspect.isfunction(member) or isinstance(member, classmethod | staticmethod | property)
    called = called or isinstance(member, functools.cached_property)
    return called and bool(member.__doc__)


def members(cls: type) -> list[str]:
    """Return the members of a class that its page tells of: its own in the order of the source, then inherited ones."""
    names = list(dict.fromkeys(name for base in cls.__mro__ for name in vars(base)))
    if issubclass(cls, BaseException):
        names = [name for name in names if name in vars(cls)]
    return [name for name in names if (name in SPECIAL or not name.startswith("_")) and _told(cls, name)]


@functools.cache
def groups(fullname: str) -> list[Group]:
    """Return the members of a class, part by part where the source has parts, else what it has and what it does."""
    cls = found(fullname)
    listed = members(cls)
    parts: list[Group] = [Group("", [])]
    for match in _PART.finditer(inspect.getsource(cls)):
        if match["title"]:
            parts.append(Group(match["title"].strip().capitalize(), []))
        elif match["name"] in listed:
            parts[-1].names = list(dict.fromkeys([*parts[-1].names, match["name"]]))
    if len(parts) > 1:
        parts[0].title = "In general"
        # How one is made before what it stands on.
        parts[0].names.sort(key=lambda name: directive(fullname, name) == "autoproperty")
        here = {name for part in parts for name in part.names}
        parts.append(Group("Inherited", [name for name in listed if name not in here]))
        return [part for part in parts if part.names]
    has = [name for name in listed if directive(fullname, name) == "autoproperty"]
    does = [name for name in listed if name not in has]
    return [Group(title, names) for title, names in (("Properties", has), ("Methods", does)) if names]


def directive(fullname: str, name: str) -> str:
    """Return by what autodoc tells of a member."""
    member = inspect.getattr_static(found(fullname), name)
    return "autoproperty" if isinstance(member, property | functools.cached_property) else "automethod"


def held(fullname: str) -> list[str]:
    """Return the names of a module that are for its users."""
    module = found(fullname)
    own = [
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", "") == module.__name__
    ]
    return list(getattr(module, "__all__", own))


def is_function(fullname: str, name: str) -> bool:
    """Whether a name of a module is told on the module's page, and not on one of its own."""
    value = getattr(found(fullname), name)
    return inspect.isroutine(value) and getattr(found("nodesim"), name, None) is not value


def docstring(fullname: str) -> str:
    """Return what a module says of itself, as reST."""
    text = inspect.getdoc(found(fullname)) or ""
    # The rooms of the sources say their names in capitals.
    text = re.sub(r"^[A-Z]{2,}( [A-Z]{2,})*", lambda match: match[0].capitalize(), text)
    return str(SphinxDocString(text, config={"show_class_members": False}))


class Names:
    """What the templates ask; an object, as Sphinx keeps no functions in what it is configured with."""

    shown = staticmethod(shown)
    groups = staticmethod(groups)
    directive = staticmethod(directive)
    held = staticmethod(held)
    is_function = staticmethod(is_function)
    docstring = staticmethod(docstring)


def _parameters_are_no_links(app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Keep `loss`, a parameter, from leading to nodesim.loss."""
    try:
        names = inspect.signature(thing).parameters
    except (TypeError, ValueError):
        return
    for place, line in enumerate(lines):
        lines[place] = re.sub(
            r"(?<!`)`(\w+)`(?![`_])", lambda match: f"``{match[1]}``" if match[1] in names else match[0], line
        )


def _candidates(node: pending_xref) -> Iterator[str]:
    target, module, cls = node["reftarget"], node.get("py:module"), node.get("py:class")
    if module and cls:
        yield f"{module}.{cls}.{target}"
    if module:
        yield f"{module}.{target}"
    yield target
    yield f"nodesim.{target}"
    # The rows of tables have pages, too, and no place in nodesim itself.
    yield ROWS.get(target, target)


def _same_by_another_name(app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.Element) -> Any:
    """Lead from any name of a thing to its page: nodesim.datasets.Dataset is nodesim.Dataset.

    A field of a class has no place of its own: it is told on the page of the class.
    """
    if node.get("refdomain") != "py":
        return None
    known = env.get_domain("py").objects  # type: ignore[attr-defined]
    for name in _candidates(node):
        if where := place(name, known):
            docname, anchor = known[where].docname, known[where].node_id
            return make_refnode(app.builder, node["refdoc"], docname, anchor, content, where)
    return None


def place(name: str, known: Container[str]) -> str | None:
    """Return under which of the known names a thing is told, itself or the class that it is a field of."""
    for path in (name, name.rpartition(".")[0]):
        if not path.startswith("nodesim"):
            continue
        try:
            thing = found(path)
        except (AttributeError, ImportError):
            continue
        if path != name and not (inspect.isclass(thing) and _has(thing, name.rpartition(".")[2])):
            continue
        qualified = getattr(thing, "__qualname__", "")
        for each in (path, f"nodesim.{qualified}", f"{getattr(thing, '__module__', '')}.{qualified}"):
            if each in known:
                return each
    return None


def _has(cls: type, name: str) -> bool:
    """Whether a class has something of a name, an attribute that its docstring tells of too."""
    attributes = inspect.getdoc(cls) or ""
    return hasattr(cls, name) or bool(re.search(rf"^(\w+, )*{re.escape(name)}(, \w+)*( :|$)", attributes, re.MULTILINE))


def setup(app: Sphinx) -> ExtensionMetadata:
    """Give the templates what they ask for, and links the last word."""
    app.config.autosummary_context = {**app.config.autosummary_context, "names": Names()}
    app.connect("autodoc-process-docstring", _parameters_are_no_links, priority=400)
    app.connect("missing-reference", _same_by_another_name)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

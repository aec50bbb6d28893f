"""Directives that show a JSON schema, and one that tells it field by field: schema, schema-fields."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.osutil import relative_uri
from sphinx.util.typing import ExtensionMetadata

import nodesim

PACKAGE = Path(nodesim.__file__).parent
# Where each stands in the package, and under which name beside the site's pages.
SCHEMAS = {"network": "formats/schema.json", "explorer": "explorer/schema.json"}
FOLDER = "schemas"

Fields = dict[str, Any]


def schema(name: str) -> Fields:
    """Return a schema, by its name here."""
    read: Fields = json.loads((PACKAGE / SCHEMAS[name]).read_text(encoding="utf-8"))
    return read


def kind(field: Fields) -> str:
    """Say in words what may stand in a field.

    Examples
    --------
    >>> kind({"type": ["array", "null"], "items": {"type": "integer"}})
    'list of whole numbers, or null'
    """
    if "const" in field:
        return json.dumps(field["const"])
    if "enum" in field:
        return ", ".join(map(json.dumps, field["enum"]))
    if "$ref" in field:
        return str(field["$ref"]).rpartition("/")[2]
    if "anyOf" in field or "oneOf" in field:
        return ", or ".join(map(kind, field.get("anyOf") or field["oneOf"]))
    given = field.get("type", "anything")
    several = given if isinstance(given, list) else [given]
    return ", or ".join(_word(each, field) for each in several)


_WORDS = {"integer": "whole number", "string": "text", "boolean": "true or false", "array": "list"}


def _word(name: str, field: Fields) -> str:
    if name == "array" and "prefixItems" in field:
        return f"pair of {' and '.join(map(kind, field['prefixItems']))}"
    if name == "array" and field.get("items"):
        return f"list of {_many(kind(field['items']))}"
    if name == "object" and isinstance(field.get("additionalProperties"), dict):
        return f"object of {_many(kind(field['additionalProperties']))}"
    return _WORDS.get(name, name)


def _many(words: str) -> str:
    first, comma, rest = words.partition(",")
    head, of, tail = first.partition(" of ")
    plural = head if head.endswith(("s", "false", '"')) else f"{head}s"
    return f"{plural}{of}{tail}{comma}{rest}"


class FieldsDirective(SphinxDirective):
    """Tells the fields of a schema, one under another."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the lists."""
        whole = schema(self.arguments[0])
        parts: list[nodes.Node] = [self.listed(whole)]
        for name, part in whole.get("$defs", {}).items():
            parts += [nodes.paragraph("", "", nodes.literal("", name), nodes.Text(f": {kind(part)}. {_told(part)}"))]
            parts += [self.listed(each) for each in _objects(part)]
        return parts

    def listed(self, part: Fields) -> nodes.definition_list:
        """Return the fields of an object, and below each those that are in it."""
        several = nodes.definition_list(classes=["fields"])
        for name, field in part.get("properties", {}).items():
            needed = "" if name in part.get("required", ()) else ", may be missing"
            term = nodes.term("", "", nodes.literal("", name), nodes.Text(f"  {kind(field)}{needed}"))
            told = nodes.definition()
            if _told(field):
                told += nodes.paragraph("", _told(field))
            for each in _objects(field):
                told += self.listed(each)
            several += nodes.definition_list_item("", term, told)
        return several


def _told(field: Fields) -> str:
    return str(field.get("description", ""))


def _objects(field: Fields) -> Iterator[Fields]:
    """Yield what has fields of its own, in a field, its choices or its entries."""
    if "properties" in field:
        yield field
    for each in (*field.get("anyOf", ()), *field.get("oneOf", ())):
        yield from _objects(each)
    if isinstance(field.get("items"), dict):
        yield from _objects(field["items"])


class SchemaDirective(SphinxDirective):
    """Shows a schema as it is, folded up, with a link to the file."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the text."""
        (name,) = self.arguments
        text = (PACKAGE / SCHEMAS[name]).read_text(encoding="utf-8")
        address = relative_uri(self.env.docname, f"{FOLDER}/{name}.json")
        opened = nodes.raw("", f"<details><summary><code>nodesim/{SCHEMAS[name]}</code></summary>", format="html")
        link = nodes.raw("", f'<p><a href="{address}" download>Download it</a></p>', format="html")
        shown = nodes.literal_block(text, text, language="json")
        return [opened, link, shown, nodes.raw("", "</details>", format="html")]


def write(app: Sphinx) -> None:
    """Lay the schemas beside the pages, to be downloaded."""
    if app.builder.format == "html":
        folder = Path(app.outdir) / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        for name, path in SCHEMAS.items():
            shutil.copyfile(PACKAGE / path, folder / f"{name}.json")


def setup(app: Sphinx) -> ExtensionMetadata:
    """Add the directives, and the files that they show."""
    app.add_directive("schema-fields", FieldsDirective)
    app.add_directive("schema", SchemaDirective)
    app.connect("builder-inited", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

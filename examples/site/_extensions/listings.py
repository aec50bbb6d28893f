"""Directives that list what can be had by name, from where it is registered: functions, and data sets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

from nodesim import datasets
from nodesim.functions.contracts import Optimizer
from nodesim.functions.function import Function
from nodesim.plugins import lookup
from nodesim.plugins.brought import HOOKS

# A longer formula is a table of numbers, which nobody reads.
LONGEST = 120


def table(heads: Sequence[str], rows: Iterable[Sequence[Sequence[nodes.Node]]]) -> nodes.table:
    """Return a table of cells that are made of pieces."""
    group = nodes.tgroup("", cols=len(heads))
    group += [nodes.colspec(colwidth=1) for _ in heads]
    head = nodes.row("", *(nodes.entry("", nodes.paragraph("", each)) for each in heads))
    group += nodes.thead("", head)
    body = nodes.tbody()
    for row in rows:
        body += nodes.row("", *(nodes.entry("", nodes.paragraph("", "", *cell)) for cell in row))
    group += body
    return nodes.table("", group)


def codes(words: Iterable[str]) -> list[nodes.Node]:
    """Return words in the type of code, with commas between them."""
    pieces: list[nodes.Node] = []
    for word in words:
        pieces += [nodes.Text(", ")] * bool(pieces) + [nodes.literal("", word)]
    return pieces


class FunctionsDirective(SphinxDirective):
    """Lists the functions of a kind: activations, losses, ...; those of one origin alone by :prefix:."""

    required_arguments = 1
    option_spec = {"prefix": directives.unchanged}  # noqa: RUF012 (as docutils has it)

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        kind = HOOKS[f"nodesim_{self.arguments[0]}"]
        wanted = self.options.get("prefix", "")
        functions = [each for each in lookup.default.all(kind) if prefix(each.name) == wanted]
        if not functions:
            raise self.error(f"no {kind.kind} begins with {wanted!r}")
        heads = ["name", "parameters", *(["rate"] if kind is Optimizer else []), "what it is"]
        return [table(heads, map(self.row, functions))]

    def row(self, function: Function) -> list[list[nodes.Node]]:
        """Return the cells of one function."""
        aliases = codes(function.aliases)
        name = [nodes.literal("", function.name), *([nodes.Text(", or "), *aliases] if aliases else [])]
        parameters = codes(f"{key}={value:g}" for key, value in function.parameters.items())
        rate = [codes([f"{function.learning_rate:g}"])] if isinstance(function, Optimizer) else []
        return [name, parameters, *rate, told(function)]


def prefix(name: str) -> str:
    """Return which other program a function is of, by the start of its name; "" for none."""
    first = name.partition("_")[0]
    return first if first in ("fann", "neat") else ""


def told(function: Function) -> list[nodes.Node]:
    """Return the formula of a function, where one can read it, and what is said of it."""
    formula = getattr(function, "formula", "") or ""
    pieces = codes([formula]) if formula and len(formula) <= LONGEST else []
    if function.description:
        pieces += [nodes.Text("; ")] * bool(pieces) + [nodes.Text(function.description)]
    return pieces


class DatasetsDirective(SphinxDirective):
    """Lists the data sets that have a name."""

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        return [
            table(
                ["name", "what it is", "samples", "inputs", "to learn", "licence"], map(row_of_data, datasets.names())
            )
        ]


def row_of_data(name: str) -> list[list[nodes.Node]]:
    """Return the cells of one data set."""
    data = datasets.load(name)
    learned = f"{len(data.classes)} classes" if data.classes else f"{len(data.targets)} target"
    words = data.description, str(len(data)), str(len(data.features)), learned, data.licence or "calculated"
    return [codes([name]), *([nodes.Text(word)] for word in words)]


def setup(app: Sphinx) -> ExtensionMetadata:
    """Add the directives."""
    app.add_directive("functions", FunctionsDirective)
    app.add_directive("datasets", DatasetsDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

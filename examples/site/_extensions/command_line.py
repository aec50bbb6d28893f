"""A directive that tells of every command of nodesim, from the parser that reads them: command-line."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

from nodesim.cli.main import COMMANDS, parser_of_all


def parsers() -> dict[str, argparse.ArgumentParser]:
    """Return the parser of each command, by its name, in their order."""
    (commands,) = (action for action in parser_of_all()._actions if isinstance(action, argparse._SubParsersAction))
    return dict(commands.choices)


def spelled(action: argparse.Action) -> list[str]:
    """Return how an argument is typed, each way by itself."""
    value = argparse.HelpFormatter("nodesim")._format_args(action, _placeholder(action)) if action.nargs != 0 else ""
    ways = list(action.option_strings) or [value]
    return [f"{way} {value}" if action.option_strings and value else way for way in ways]


def _placeholder(action: argparse.Action) -> str:
    if action.choices is not None and action.metavar is None:
        given = list(action.choices)
        return f"{given[0]}-{given[-1]}" if isinstance(action.choices, range) else f"{{{','.join(map(str, given))}}}"
    return str(action.metavar or (action.dest.upper() if action.option_strings else action.dest))


def explained(action: argparse.Action) -> str:
    """Return what an argument is for."""
    return (action.help or "").replace("%%", "%") % {**vars(action), "prog": "nodesim"} if action.help else ""


class CommandLineDirective(SphinxDirective):
    """Shows all commands: a table, and a section for each with its arguments, options and examples."""

    def run(self) -> list[nodes.Node]:
        """Return the sections."""
        known = parsers()
        return [self.section(command.name, command.what, command.examples, known[command.name]) for command in COMMANDS]

    def section(self, name: str, what: str, examples: object, parser: argparse.ArgumentParser) -> nodes.section:
        """Return what is told of one command."""
        section = nodes.section(ids=[nodes.make_id(f"nodesim-{name}")], names=[f"nodesim {name}"])
        section += nodes.title("", "", nodes.literal("", f"nodesim {name}"))
        section += nodes.paragraph("", f"{what[0].upper()}{what[1:]}.")
        text = "\n".join(f"$ {example}" for example in parser_examples(parser))
        section += nodes.literal_block(text, text, language="console")
        for group in parser._action_groups:
            listed = [action for action in group._group_actions if action.help != argparse.SUPPRESS]
            if not listed:
                continue
            title = {"positional arguments": "Arguments", "options": "Options"}.get(str(group.title), str(group.title))
            section += nodes.paragraph("", "", nodes.strong("", f"{title[0].upper()}{title[1:]}"))
            section += self.listed(f"nodesim {name}", listed)
        return section

    def listed(self, program: str, actions: list[argparse.Action]) -> nodes.definition_list:
        """Return arguments and what they are for, each where a link can lead."""
        several = nodes.definition_list(classes=["arguments"])
        for action in actions:
            ways = spelled(action)
            place = nodes.make_id(f"{program}-{action.dest}")
            term = nodes.term(ids=[place])
            for index, way in enumerate(ways):
                term += [nodes.Text(", ")] * bool(index) + [nodes.literal("", way)]
            for way in action.option_strings:
                self.env.domains.standard_domain.add_program_option(program, way, self.env.docname, place)
            told = explained(action) + (" (needed)" if action.option_strings and action.required else "")
            several += nodes.definition_list_item("", term, nodes.definition("", nodes.paragraph("", told)))
        return several


def parser_examples(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Yield the examples of a command, as its --help shows them."""
    return (line.strip() for line in str(parser.epilog).splitlines()[1:])


class ListDirective(SphinxDirective):
    """Shows each command in a line, leading to its section."""

    def run(self) -> list[nodes.Node]:
        """Return the list."""
        several = nodes.bullet_list()
        for command in COMMANDS:
            link = nodes.reference(
                "", "", nodes.literal("", command.name), refid=nodes.make_id(f"nodesim-{command.name}")
            )
            several += nodes.list_item("", nodes.paragraph("", "", link, nodes.Text(f": {command.what}")))
        return [several]


def setup(app: Sphinx) -> ExtensionMetadata:
    """Add the directives."""
    app.add_directive("command-line", CommandLineDirective)
    app.add_directive("command-list", ListDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

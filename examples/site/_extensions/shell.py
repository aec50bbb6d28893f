"""A directive that runs commands when the site is built, and shows them with what they print: shell."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

SECONDS = 120


class ShellDirective(SphinxDirective):
    """Runs each line, all of a page in one folder; a command that fails ends the build, unless it is meant to.

    With :hide-output: what is printed is not shown, with :status: a command may end with another number than 0, and
    with :wrap: long lines are broken, where there is room for tables.
    """

    has_content = True
    option_spec = {  # noqa: RUF012 (as docutils has it)
        "hide-output": directives.flag,
        "status": directives.nonnegative_int,
        "wrap": directives.flag,
    }

    def run(self) -> list[nodes.Node]:
        """Return the commands and what they print, as on a screen."""
        lines: list[str] = []
        for command in self.content:
            printed = self.printed(command)
            lines.append(f"$ {command}")
            if "hide-output" not in self.options:
                lines += printed.rstrip().splitlines()
        text = "\n".join(lines)
        classes = ["wrap"] if "wrap" in self.options else []
        return [nodes.literal_block(text, text, language="console", classes=classes)]

    def printed(self, command: str) -> str:
        """Run a command and return what it prints."""
        folders = self.env.temp_data
        if "shell" not in folders:
            folders["shell"] = tempfile.TemporaryDirectory()
        done = subprocess.run(
            command, shell=True, cwd=Path(folders["shell"].name), text=True, encoding="utf-8", timeout=SECONDS,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
        if done.returncode != self.options.get("status", 0):
            raise self.error(f"{command!r} ended with {done.returncode}: {done.stdout}")
        return done.stdout


def setup(app: Sphinx) -> ExtensionMetadata:
    """Add the directive."""
    app.add_directive("shell", ShellDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

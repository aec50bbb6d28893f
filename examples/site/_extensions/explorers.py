"""The gallery's pages as a part of the site, and a directive that shows one: explorer."""

from __future__ import annotations

import html
import sys
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.osutil import relative_uri
from sphinx.util.typing import ExtensionMetadata

GALLERY = Path(__file__).parents[2] / "gallery"
sys.path.insert(0, str(GALLERY))

import make  # noqa: E402

# Beside the site's own pages.
FOLDER = "explorers"


class ExplorerDirective(SphinxDirective):
    """Shows a page of the gallery, by its name there: figure-3, xor, iris, ..."""

    required_arguments = 1
    option_spec = {"height": directives.positive_int, "title": directives.unchanged}  # noqa: RUF012 (as docutils has it)

    def run(self) -> list[nodes.Node]:
        """Return the frame, and a link to the page by itself."""
        (name,) = self.arguments
        if name not in make.PAGES:
            raise self.error(f"the gallery has no page {name!r}, but {', '.join(make.PAGES)}")
        address = relative_uri(self.env.docname, f"{FOLDER}/{name}.html")
        title = html.escape(self.options.get("title", f"nodesim explorer: {name}"))
        height = self.options.get("height", 720)
        text = (
            f'<div class="explorer"><iframe src="{address}" title="{title}" height="{height}" loading="lazy"></iframe>'
            f'<p><a href="{address}">Open it by itself</a></p></div>'
        )
        return [nodes.raw("", text, format="html")]


def write(app: Sphinx) -> None:
    """Write the gallery's pages beside those of the site."""
    if app.builder.format == "html":
        for _ in make.write(app.outdir / FOLDER):
            pass


def setup(app: Sphinx) -> ExtensionMetadata:
    """Add the directive, and the pages that it shows."""
    app.add_directive("explorer", ExplorerDirective)
    app.connect("builder-inited", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""What a cell prints stands on the page as it was printed.

A kernel sends printed text in pieces that end anywhere, as the machine has time. myst-nb puts a line break between the
pieces, so that on a busy machine lines are torn apart or have an empty one between them. Here they are joined first.
"""

from __future__ import annotations

from myst_nb.core import render
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

merged = render.coalesce_streams


def whole(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Return the outputs of a cell, all that went to one stream in one piece."""
    streams: dict[str, NotebookNode] = {}
    kept = []
    for output in outputs:
        if output["output_type"] != "stream" or streams.setdefault(output["name"], output) is output:
            kept.append(output)
        else:
            streams[output["name"]]["text"] += output["text"]
    return merged(kept)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Let myst-nb join pieces like this."""
    render.coalesce_streams = whole
    return {"parallel_read_safe": True, "parallel_write_safe": True}

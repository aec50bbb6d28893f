"""Handouts as files, by their endings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nodesim.errors import ArgumentError
from nodesim.formats.atomic import check_writable, path_of, write_atomically
from nodesim.papers import html, markdown, notebook, tex
from nodesim.papers.blocks import Paper
from nodesim.papers.files import write
from nodesim.papers.sheets import SIZES
from nodesim.validation import one_of, shortened

ENDINGS = (".html", ".htm", ".md", ".tex", ".ipynb")


def save(file: Any, paper: Callable[[], Paper], with_cells: Callable[[], Paper], size: str) -> None:
    """Write a handout in the form that a file's name asks for; see `Handout.save`."""
    path, size = path_of(file), one_of(size, SIZES, "paper")
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise ArgumentError(f"a handout is saved as .html, .md, .tex or .ipynb, got {shortened(str(path))}.")
    check_writable(path)
    if ending == ".md":
        _save_markdown(path, paper(), size)
    elif ending == ".ipynb":
        write_atomically(path, notebook.written(with_cells()))
    elif ending == ".tex":
        write_atomically(path, tex.written(paper(), size=size))
    else:
        write_atomically(path, html.written(paper(), size=size))


def _save_markdown(path: Any, paper: Paper, size: str) -> None:
    text, pictures = markdown.written(paper, size=size, name=path.stem)
    write({path: text, **{path.parent / place: data for place, data in pictures.items()}})


def in_notebook(paper: Paper) -> str:
    """Return a handout as a notebook shows it: a page of its own within the page."""
    return html.framed(paper)

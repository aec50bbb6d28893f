"""Papers as Jupyter notebooks: Markdown with formulas between dollars, pictures within, code in cells that run.

References
----------
nbformat 4.5: https://nbformat.readthedocs.io/en/latest/format_description.html
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from nodesim.papers import markdown
from nodesim.papers.blocks import Block, Code, Heading, Paper
from nodesim.papers.words import heading_of

_KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
# What `markdown` writes for a picture beside the text.
_BESIDE = re.compile(r"\(<picture_files/(\d+\.svg)>\)")
# Longer code is data: it is folded where a notebook can do that.
_LONG = 2_000


def written(papers: Paper | Sequence[Paper], *, filled: bool = False, size: str = "a4") -> str:
    """Write papers as one notebook.

    Parameters
    ----------
    papers : Paper or sequence of Paper
    filled : bool
        Whether the answers stand in the blanks: the key.
    size : {"a4", "letter"}
        Nothing that a notebook knows of; the same for all writers.

    Returns
    -------
    str
        JSON; the same papers give the same text.
    """
    several = [papers] if isinstance(papers, Paper) else list(papers)
    found = [cell for paper in several for cell in _cells(paper, filled)]
    # Cells are told apart by their places: names drawn at random would make another file each time.
    cells = [{"id": f"cell-{place}", **cell} for place, cell in enumerate(found, 1)]
    notebook = {"cells": cells, "metadata": _KERNEL, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def _cells(paper: Paper, filled: bool) -> Iterator[dict[str, Any]]:
    title = replace(paper, title=heading_of(paper, filled), blocks=(), note="")
    yield _text(markdown.written(title)[0], {})
    for _, group in groupby(paper.blocks, _counter()):
        blocks = list(group)
        if isinstance(blocks[0], Code):
            yield from (_code(each.text) for each in blocks if isinstance(each, Code))
        else:
            text, pictures = markdown.written(
                replace(paper, title="", blocks=blocks, note=""), filled=filled, name="picture"
            )
            yield _text(_untitled(text), pictures)
    if paper.note:
        yield _text(_untitled(markdown.written(replace(paper, title="", blocks=()))[0]), {})


def _counter() -> Any:
    """Return a key that changes where a cell begins: at each heading, and where code begins or ends."""
    state = {"number": 0, "code": False}

    def key(block: Block) -> int:
        code = isinstance(block, Code)
        if code != state["code"] or isinstance(block, Heading):
            state["number"] += 1
        state["code"] = code
        return int(state["number"])

    return key


def _untitled(text: str) -> str:
    """Return a paper without its title, which begins it."""
    return text.partition("\n\n")[2]


def _text(text: str, pictures: dict[str, bytes]) -> dict[str, Any]:
    cell: dict[str, Any] = {
        "cell_type": "markdown",
        "metadata": {},
        "source": _lines(_BESIDE.sub(r"(attachment:\1)", text.strip())),
    }
    if pictures:
        cell["attachments"] = {
            path.rpartition("/")[2]: {"image/svg+xml": b64encode(data).decode()} for path, data in pictures.items()
        }
    return cell


def _code(text: str) -> dict[str, Any]:
    folded = {"jupyter": {"source_hidden": True}} if len(text) > _LONG else {}
    return {"cell_type": "code", "execution_count": None, "metadata": folded, "outputs": [], "source": _lines(text)}


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)

"""What a platform is handed of a sheet: one or several, each with its paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from nodesim.drawing.svg import Drawing
from nodesim.errors import ArgumentError
from nodesim.papers.blocks import Paper
from nodesim.validation import shortened

PICTURES = ("svg", "png")


class Asked(Protocol):
    """What can become a question: a sheet."""

    def paper(self) -> Paper:
        """Return it as a paper with empty blanks."""


def papers_of(sheets: Asked | Sequence[Asked]) -> list[Paper]:
    """Return the papers of one or several sheets.

    Raises
    ------
    ArgumentError
        If there are none, or one asks for nothing: a platform takes no question without a field.
    """
    papers = [sheet.paper() for sheet in (sheets if isinstance(sheets, Sequence) else [sheets])]
    if not papers:
        raise ArgumentError("there is no sheet: hand over at least one, such as nodesim.exercises.make([2, 2, 2]).")
    for paper in papers:
        if not paper.blanks():
            raise ArgumentError(
                f"the sheet {shortened(paper.title)} has no blank, and a platform takes no question without one. "
                "Make it with a task."
            )
    return papers


def titles(papers: Sequence[Paper]) -> list[str]:
    """Return what each question is called: its title, and its note, by which lists of questions tell them apart.

    Examples
    --------
    >>> titles([Paper("By hand", (), note="seed 3"), Paper("By hand", ())])
    ['By hand (1/2, seed 3)', 'By hand (2/2)']
    """
    several = len(papers) > 1
    named = []
    for place, paper in enumerate(papers, 1):
        more = ([f"{place}/{len(papers)}"] if several else []) + ([paper.note] if paper.note else [])
        named.append(f"{paper.title} ({', '.join(more)})" if more else paper.title)
    return named


def picture(drawing: Drawing, kind: str) -> bytes:
    """Return what the file of a picture holds.

    Raises
    ------
    MissingExtraError
        For PNG without the extra ``png``.
    """
    if kind == "png":
        return drawing.png()
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{drawing.svg}\n'.encode()


def check_pictures(kind: str) -> str:
    """Return the kind of pictures, or raise an `ArgumentError`."""
    if kind not in PICTURES:
        raise ArgumentError(f'pictures must be "svg" or "png", got {shortened(kind)}.')
    return kind

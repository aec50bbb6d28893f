"""What a tree of boxes is made of, before it has a place: boxes, what stands in them, and regions around some."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Piece:
    """Some words of a line, which are not broken.

    Attributes
    ----------
    words : str
    ink : str
        A colour, in which they are bold, too; empty for the usual one.
    """

    words: str
    ink: str = ""


@dataclass(frozen=True)
class Region:
    """What is shaded: a box with all that leads to it, closed by a dashed line on the right.

    Attributes
    ----------
    heading : tuple of str
        Lines above the box.
    ink, shade : str
        Colours of the dashed line and the words, and of the ground.
    """

    heading: tuple[str, ...]
    ink: str
    shade: str


@dataclass(frozen=True)
class Box:
    """A box, and those on its left that lead to it.

    Attributes
    ----------
    lines : tuple of tuple of Piece
    column : float
        Where it stands: columns are drawn from the largest, on the left, to the smallest.
    before : tuple of Box
        All in larger columns.
    result : str
        What is written on the line that leads on to the right.
    dashed : bool
        Whether it stands for what is left out.
    region : Region or None
        What it is the last box of.
    """

    lines: tuple[tuple[Piece, ...], ...]
    column: float
    before: tuple[Box, ...] = ()
    result: str = ""
    dashed: bool = False
    region: Region | None = None


@dataclass(frozen=True)
class Tree:
    """Boxes that lead to one result, and words around them.

    Attributes
    ----------
    boxes : tuple of Box
        The last ones: what they lead to is added.
    titles : dict of float to str
        What is written above each column.
    result : str
        What stands at the right end.
    heading, explanation : str
        Above the picture, in large and in small type.
    notes : tuple of Piece
        Below it.
    """

    boxes: tuple[Box, ...]
    titles: dict[float, str]
    result: str
    heading: str
    explanation: str = ""
    notes: tuple[Piece, ...] = ()

"""What a platform accepts in a blank: a number within its tolerance, or one of the ways to write a path.

Platforms compare words sign by sign; every way to write a path that is accepted has to be named to them.
"""

from __future__ import annotations

from collections.abc import Iterable

from nodesim.notation.symbols import MINUS
from nodesim.papers.blocks import Blank
from nodesim.showing import shown
from nodesim.wording.language import Language

ARROW = "\N{RIGHTWARDS ARROW}"
# Between the nodes of a path: what people type for an arrow, with and without spaces.
_SEPARATORS = (f" {ARROW} ", ARROW, " -> ", "->", " - ", "-", ", ", ",", " ")


def decimal(written: str) -> str:
    """Return a number of the key as programs read it: with the minus sign of a keyboard.

    Examples
    --------
    >>> decimal("\N{MINUS SIGN}0.5")
    '-0.5'
    """
    return written.replace(MINUS, "-").strip()


def spellings(blank: Blank) -> list[str]:
    """Return all ways to write the answer of a blank for words, the usual one first, each once.

    Examples
    --------
    >>> spellings(Blank("path 1", "I1 \N{RIGHTWARDS ARROW} O1", "path"))[2:5]
    ['I1 -> O1', 'I1->O1', 'I1 - O1']
    """
    found: dict[str, None] = {}
    for answer in (blank.answer, *blank.accepted):
        # Of several spaces in a name a page shows one.
        for seen in (" ".join(shown(answer).split()), shown(answer).strip()):
            found.update(dict.fromkeys(_spelled(seen)))
    return [each for each in found if each]


def _spelled(answer: str) -> Iterable[str]:
    nodes = answer.split(f" {ARROW} ")
    return [answer] if len(nodes) == 1 else [answer, *(separator.join(nodes) for separator in _SEPARATORS)]


def matters_case(blanks: Iterable[Blank]) -> bool:
    """Tell whether two nodes on the paths differ in nothing but capitals: then these count in the answers.

    Examples
    --------
    >>> matters_case([Blank("path 1", "I1 \N{RIGHTWARDS ARROW} h1", "path")])
    False
    """
    nodes = {node for blank in blanks if blank.kind == "path" for node in blank.answer.split(f" {ARROW} ")}
    return len({node.casefold() for node in nodes}) < len(nodes)


def order_note(blanks: Iterable[Blank], language: Language) -> list[str]:
    """Say in which order paths are written where that counts: where several have a blank of their own.

    On paper any order is right. A platform knows of each blank by itself what is right there.
    """
    if len({blank.answer for blank in blanks if blank.kind == "path"}) < 2:
        return []
    return [
        language.say("Here the order of the paths counts: by their last nodes, then by those before these, and so on.")
    ]

"""Sheets as questions for Moodle: its XML, one question of the type cloze for each sheet, which Moodle marks."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence

from nodesim.drawing.svg import Drawing
from nodesim.exercises.platforms import cloze
from nodesim.exercises.platforms.answers import matters_case, order_note
from nodesim.exercises.platforms.asked import Asked, check_pictures, papers_of, picture, titles
from nodesim.exercises.platforms.content import Content
from nodesim.papers.blocks import Blank, Line, Paper
from nodesim.showing import in_markup
from nodesim.wording.language import Language

# Moodle keeps so many letters of a name.
_LONGEST = 255
TAGS = ("nodesim", "backpropagation")


def moodle(sheets: Asked | Sequence[Asked], *, category: str = "nodesim", pictures: str = "svg") -> str:
    """Return sheets as Moodle's XML: import it into the question bank, as "Moodle XML format".

    Numbers are written with a decimal point or with a comma by whoever answers: Moodle reads both. It marks every blank
    by itself, as right or wrong: what follows correctly from a wrong number is wrong there.

    Parameters
    ----------
    sheets : Sheet or sequence of Sheet
    category : str
        Of the question bank, where the questions come to; with slashes, one within another.
    pictures : {"svg", "png"}
        PNG needs the extra ``png``.

    Returns
    -------
    str
        What the file holds, in UTF-8.

    Raises
    ------
    ArgumentError
        If there is no sheet, or one without a blank.
    MissingExtraError
        For PNG without the extra ``png``.
    """
    kind = check_pictures(pictures)
    papers = papers_of(sheets)
    questions = (_question(paper, title, kind) for paper, title in zip(papers, titles(papers)))
    return "\n".join(
        ['<?xml version="1.0" encoding="UTF-8"?>', "<quiz>", _category(category), *questions, "</quiz>", ""]
    )


def _category(name: str) -> str:
    path = f"$course$/top/{in_markup(name)}" if name else "$course$/top"
    return f'<question type="category"><category><text>{path}</text></category></question>'


def _question(paper: Paper, title: str, kind: str) -> str:
    blanks, case = paper.blanks(), matters_case(paper.blanks())
    drawings: list[Drawing] = []

    def address(drawing: Drawing) -> str:
        drawings.append(drawing)
        return f"@@PLUGINFILE@@/{_file(len(drawings), kind)}"

    content = Content(paper.language, lambda blank: cloze.field(blank, case), address, cloze.guarded)
    text = content.written(paper, *order_note(blanks, paper.language))
    files = "".join(_embedded(_file(place, kind), picture(drawing, kind)) for place, drawing in enumerate(drawings, 1))
    key = _key(content, blanks, paper.language)
    tags = "".join(f"<tag><text>{tag}</text></tag>" for tag in (*TAGS, in_markup(paper.language.code)))
    return (
        '<question type="cloze">\n'
        f"<name><text>{in_markup(title[:_LONGEST])}</text></name>\n"
        f'<questiontext format="html"><text>{_in_text(text)}</text>{files}</questiontext>\n'
        f'<generalfeedback format="html"><text>{_in_text(key)}</text></generalfeedback>\n'
        f"<defaultgrade>{len(blanks)}</defaultgrade>\n<penalty>0.3333333</penalty>\n<hidden>0</hidden>\n"
        f"<tags>{tags}</tags>\n</question>"
    )


def _embedded(name: str, content: bytes) -> str:
    return f'<file name="{name}" path="/" encoding="base64">{b64encode(content).decode()}</file>'


def _file(place: int, kind: str) -> str:
    return f"network-{place}.{kind}"


def _in_text(markup: str) -> str:
    """Return HTML as the text of an element of XML."""
    return markup.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _key(content: Content, blanks: Sequence[Blank], language: Language) -> str:
    """Return the table of answers, which Moodle shows after the attempt."""
    rows: tuple[tuple[Line, ...], ...] = tuple(((blank.caption,), (_answer(blank, language),)) for blank in blanks)
    return content.table((language.say("Blank"), language.say("Answer")), rows)


def _answer(blank: Blank, language: Language) -> str:
    """Return what belongs into a blank as somebody types it: with the minus sign of a keyboard."""
    return language.number(blank.answer) if blank.kind == "number" else blank.answer

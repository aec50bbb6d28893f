"""Fields within the text of a Moodle question, and text that is none.

A field is written {weight:KIND:=answer~=another}. Moodle looks for fields in the whole text by patterns, and decodes
entities afterwards, only within answers: so whatever could be taken for a sign of a field is written as an entity.

References
----------
Moodle, question/type/multianswer/questiontype.php: the patterns; question/type/shortanswer/question.php: the wildcard;
question/type/numerical/questiontype.php: how numbers are read, with a decimal point as well as with a comma.
"""

from __future__ import annotations

from nodesim.exercises.platforms.answers import decimal, spellings
from nodesim.papers.blocks import Blank
from nodesim.showing import shown

# Besides those of fields: those by which filters find formulas, files and links.
_TEXT = str.maketrans({sign: f"&#{ord(sign)};" for sign in "{}\\$@[]~"})
_ANSWER = str.maketrans({sign: f"&#{ord(sign)};" for sign in "{}\\$@[]~#=%&<>\"'/:*"})


def guarded(markup: str) -> str:
    r"""Return text that is already fit for markup so that Moodle finds no field in it, nor its filters a formula.

    Examples
    --------
    >>> guarded("{1:NM:=2}")
    '&#123;1:NM:=2&#125;'
    """
    return markup.translate(_TEXT)


def field(blank: Blank, case: bool = False) -> str:
    r"""Return the field of a blank, worth one point.

    Parameters
    ----------
    blank : Blank
    case : bool
        Whether capitals count in words.

    Examples
    --------
    >>> field(Blank("H1", "-0.33", tolerance="0.005"))
    '{1:NUMERICAL:=-0.33:0.005}'
    >>> field(Blank("which", "a", "choice", choices=("a", "b}")))
    '{1:MULTICHOICE:=a~b&#92;&#125;}'
    """
    match blank.kind:
        case "number":
            return f"{{1:NUMERICAL:={decimal(blank.answer)}:{decimal(blank.tolerance)}}}"
        case "choice":
            choices = ("=" * (choice == blank.answer) + _answer(choice) for choice in blank.choices)
            return f"{{1:MULTICHOICE:{'~'.join(choices)}}}"
    kind = "SHORTANSWER_C" if case else "SHORTANSWER"
    accepted = (f"={_answer(each, wild=True)}" for each in spellings(blank))
    return f"{{1:{kind}:{'~'.join(accepted)}}}"


def _answer(text: str, *, wild: bool = False) -> str:
    """Return an answer so that what Moodle makes of it is the text.

    It takes a backslash before a brace or a hash away, once it has decoded the entities; in short answers a star stands
    for anything, and one behind a backslash for itself.
    """
    written = shown(text).replace("}", "\\}").replace("#", "\\#")
    return (written.replace("*", "\\*") if wild else written).translate(_ANSWER)

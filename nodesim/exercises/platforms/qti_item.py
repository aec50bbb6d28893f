"""A sheet as an item of QTI 2.1: its text with a field for each blank, what is right there, and how it is scored.

References
----------
IMS Question & Test Interoperability 2.1, Assessment Test, Section and Item Information Model: interactions, response
processing, the float of XML Schema, which has a decimal point in every language.
"""

from __future__ import annotations

from fractions import Fraction

from nodesim.drawing.svg import Drawing
from nodesim.exercises.platforms.answers import decimal, matters_case, order_note, spellings
from nodesim.exercises.platforms.content import Content, words
from nodesim.papers.blocks import Blank, Paper
from nodesim.showing import in_markup, shown

NAMESPACE = "http://www.imsglobal.org/xsd/imsqti_v2p1"
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
# Longer labels are not valid.
_LABEL = 256


def root(tag: str, content: str, **attributes: str) -> str:
    """Return a document of QTI: its declaration, and its root with the namespace and the schema."""
    written = "".join(f' {name}="{in_markup(value)}"' for name, value in attributes.items())
    spaces = f'xmlns="{NAMESPACE}" xmlns:xsi="{_INSTANCE}" xsi:schemaLocation="{NAMESPACE} {NAMESPACE}.xsd"'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{tag} {spaces}{written}>\n{content}\n</{tag}>\n'


class Item:
    """An item.

    Parameters
    ----------
    paper : Paper
    identifier, title : str
    pictures : str
        How the names of its pictures begin.
    kind : {"svg", "png"}
        How they end.

    Attributes
    ----------
    drawings : dict of str to Drawing
        By the names of their files; those that its text has.
    """

    def __init__(self, paper: Paper, identifier: str, title: str, pictures: str, kind: str) -> None:
        self._paper, self._blanks = paper, paper.blanks()
        self._pictures, self._kind = pictures, kind
        self._case = matters_case(self._blanks)
        self._fields = 0
        self.drawings: dict[str, Drawing] = {}
        self.identifier, self.title = identifier, title

    def written(self) -> str:
        """Return the document."""
        content = Content(self._paper.language, self._interaction, self._address)
        self._fields, self.drawings = 0, {}
        body = content.written(self._paper, *self._notes())
        count = len(self._blanks)
        parts = [
            *(self._declared(place, blank) for place, blank in enumerate(self._blanks, 1)),
            *(_outcome(name, value) for name, value in (("SCORE", 0), ("MAXSCORE", count))),
            f"<itemBody>\n{body}\n</itemBody>",
            "<responseProcessing>",
            *(_scored(place, blank) for place, blank in enumerate(self._blanks, 1)),
            "</responseProcessing>",
        ]
        return root(
            "assessmentItem", "\n".join(parts), identifier=self.identifier, title=self.title, adaptive="false",
            timeDependent="false", **{"xml:lang": self._paper.language.code},
        )  # fmt: skip

    def _notes(self) -> list[str]:
        language = self._paper.language
        notes = order_note(self._blanks, language)
        # A number of QTI has a point; not every platform takes a comma for one.
        return [*notes, language.say("Write numbers with a decimal point: 0.5")] if language.decimal != "." else notes

    def _address(self, drawing: Drawing) -> str:
        name = f"{self._pictures}-{len(self.drawings) + 1}.{self._kind}"
        self.drawings[name] = drawing
        return name

    # ---- a blank ---------------------------------------------------------------------------------------------

    def _interaction(self, blank: Blank) -> str:
        self._fields += 1
        names = f'responseIdentifier="RESPONSE_{self._fields}" label="{in_markup(shown(blank.name)[:_LABEL])}"'
        if blank.kind != "choice":
            length = 10 if blank.kind == "number" else max(map(len, spellings(blank)))
            return f'<textEntryInteraction {names} expectedLength="{length}"/>'
        choices = "".join(
            f'<inlineChoice identifier="CHOICE_{place}">{words(choice)}</inlineChoice>'
            for place, choice in enumerate(blank.choices, 1)
        )
        return f'<inlineChoiceInteraction {names} shuffle="false">{choices}</inlineChoiceInteraction>'

    def _declared(self, place: int, blank: Blank) -> str:
        base, right, more = "string", "", ""
        match blank.kind:
            case "number":
                base, right = "float", decimal(blank.answer)
            case "choice":
                base, right = "identifier", f"CHOICE_{blank.choices.index(blank.answer) + 1}"
            case _:
                right, *_ = accepted = spellings(blank)
                case = str(self._case).lower()
                entries = "".join(
                    f'<mapEntry mapKey="{in_markup(each)}" mappedValue="1" caseSensitive="{case}"/>'
                    for each in accepted
                )
                more = f'<mapping defaultValue="0">{entries}</mapping>'
        return (
            f'<responseDeclaration identifier="RESPONSE_{place}" cardinality="single" baseType="{base}">'
            f"<correctResponse><value>{in_markup(right)}</value></correctResponse>{more}</responseDeclaration>"
        )


def _outcome(name: str, value: int) -> str:
    return (
        f'<outcomeDeclaration identifier="{name}" cardinality="single" baseType="float">'
        f"<defaultValue><value>{value}</value></defaultValue></outcomeDeclaration>"
    )


def _scored(place: int, blank: Blank) -> str:
    """Return the rule that adds a point for a right answer."""
    own = f'identifier="RESPONSE_{place}"'
    match blank.kind:
        case "number":
            right = f"<equal {_tolerance(blank)}><variable {own}/><correct {own}/></equal>"
        case "choice":
            right = f"<match><variable {own}/><correct {own}/></match>"
        case _:
            right = f'<gt><mapResponse {own}/><baseValue baseType="float">0</baseValue></gt>'
    more = '<sum><variable identifier="SCORE"/><baseValue baseType="float">1</baseValue></sum>'
    then = f'<setOutcomeValue identifier="SCORE">{more}</setOutcomeValue>'
    return f"<responseCondition><responseIf>{right}{then}</responseIf></responseCondition>"


def _tolerance(blank: Blank) -> str:
    """Return how a number is compared: a little wider than its tolerance, which doubles would cut off at its end."""
    allowed = Fraction(decimal(blank.tolerance))
    if not allowed:
        return 'toleranceMode="exact"'
    number = float(allowed + max(allowed / 10**9, abs(Fraction(decimal(blank.answer))) / 10**14))
    return f'toleranceMode="absolute" tolerance="{number!r} {number!r}"'

"""Platforms as they read and mark a question: Moodle's fields, sign by sign, and QTI's response processing.

Written after Moodle's PHP (question/type/multianswer, numerical, shortanswer) and after the specification of QTI 2.1;
neither knows nodesim.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass

KINDS = {"NUMERICAL": "number", "NM": "number", "SHORTANSWER": "words", "SA": "words", "SHORTANSWER_C": "Words", "SAC": "Words",
         "MULTICHOICE": "choice", "MC": "choice"}  # fmt: skip
_START = re.compile(r"\{(\d*):([A-Z_]+):")
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"'}


@dataclass
class Field:
    """A field of a cloze question: answers with what share of the weight each is worth."""

    kind: str
    weight: str
    answers: list[tuple[float, str]]

    def tolerance(self):
        (_, answer), *others = self.answers
        assert self.kind == "number"
        assert not others
        number, _, tolerance = answer.partition(":")
        return number, tolerance or "0"

    def mark(self, response):
        """Return the share that Moodle gives to what somebody typed, or chose."""
        for share, answer in self.answers:
            if self._is(response, answer):
                return share
        return 0

    def _is(self, response, answer):
        if self.kind == "choice":
            return response == answer
        if self.kind == "number":
            return self._is_near(typed(response))
        return bool(re.fullmatch(_pattern(answer), response.strip(), re.IGNORECASE if self.kind == "words" else 0))

    def _is_near(self, number):
        # Moodle adds a bit of its own: 1e-14 of the answer.
        right, tolerance = map(float, self.tolerance())
        allowed = tolerance + 1e-14 * max(tolerance, abs(right), 1e-14)
        return number is not None and right - allowed <= number <= right + allowed


def typed(response):
    """Return the number that somebody typed: a point or a comma, spaces anywhere."""
    text = response.replace(" ", "")
    text = text.replace(",", "") if "." in text or text.count(",") > 1 else text.replace(",", ".")
    return (
        float(text) if re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?", text, re.IGNORECASE | re.ASCII) else None
    )


def _pattern(answer):
    """Return a short answer as a pattern: a star stands for anything, but behind a backslash."""
    bits = re.split(r"(?<!\\)\*+", answer)
    return ".*".join(re.escape(bit.replace("\\*", "*")) for bit in bits)


def cloze(text):
    """Split the text of a question into what stands between the fields, and the fields."""
    between, fields, place = [""], [], 0
    while place < len(text):
        brace = text.find("{", place)
        if brace < 0:
            brace = len(text)
        between[-1] += text[place:brace]
        start = _START.match(text, brace)
        found = _field(text, start) if start is not None and start[2] in KINDS else None
        if found is None:
            between[-1] += text[brace : brace + 1]
            place = brace + 1
        else:
            field, place = found
            fields.append(field)
            between.append("")
    return between, fields


def _field(text, start):
    field, place = Field(KINDS[start[2]], start[1], []), start.end()
    while True:
        share = 0.0
        if text[place : place + 1] == "=":
            share, place = 1.0, place + 1
        elif (percent := re.compile(r"%(-?\d+(?:[.,]\d*)?)%").match(text, place)) is not None:
            share, place = float(percent[1].replace(",", ".")) / 100, percent.end()
        end = place + 1
        while end < len(text) and not _ends(text, end):
            end += 1
        if end >= len(text):
            return None
        field.answers.append((share, _decoded(text[place:end])))
        assert text[end] != "#", "feedback within a field is not asked for"
        place = end + 1
        if text[end] == "}":
            return field, place


def _ends(text, place):
    return text[place] in "~#}" and text[place - 1] not in "\\&" and text[place - 5 : place] != "&amp;"


def _decoded(answer):
    def sign(found):
        body = found[1]
        return chr(int(body[1:])) if body.startswith("#") else _ENTITIES[body]

    assert "&" not in re.sub(r"&(#\d+|\w+);", "", answer)
    return re.sub(r"&(#\d+|\w+);", sign, answer).replace("\\}", "}").replace("\\#", "#")


# ---- QTI ---------------------------------------------------------------------------------------------------------

QTI = "{http://www.imsglobal.org/xsd/imsqti_v2p1}"


class Item:
    """An assessmentItem of QTI 2.1."""

    def __init__(self, document):
        self.root = ET.fromstring(document)
        self.declared = {each.get("identifier"): each for each in self.root.findall(f"{QTI}responseDeclaration")}
        self.outcomes = {
            each.get("identifier"): float(each.findtext(f"{QTI}defaultValue/{QTI}value"))
            for each in self.root.findall(f"{QTI}outcomeDeclaration")
        }
        self.interactions = [
            each
            for each in self.root.iter()
            if each.tag in (f"{QTI}textEntryInteraction", f"{QTI}inlineChoiceInteraction")
        ]

    def correct(self, identifier):
        return self._value(
            self.declared[identifier], self.declared[identifier].findtext(f"{QTI}correctResponse/{QTI}value")
        )

    def score(self, responses):
        """Return SCORE for texts by the identifiers of the responses."""
        bound = {name: self._value(each, responses.get(name)) for name, each in self.declared.items()}
        outcomes = dict(self.outcomes)
        (processing,) = self.root.findall(f"{QTI}responseProcessing")
        for condition in processing:
            assert condition.tag == f"{QTI}responseCondition"
            (branch,) = condition
            test, then = branch
            assert (branch.tag, then.tag) == (f"{QTI}responseIf", f"{QTI}setOutcomeValue")
            if self._evaluate(test, bound, outcomes) is True:
                outcomes[then.get("identifier")] = self._evaluate(then[0], bound, outcomes)
        return outcomes["SCORE"]

    @staticmethod
    def _value(declaration, text):
        if not text:
            return None
        if declaration.get("baseType") == "float":
            # What is no float of XML Schema is no response.
            return float(text) if re.fullmatch(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*", text, re.ASCII) else None
        return text

    def _evaluate(self, node, bound, outcomes):
        tag, name = node.tag.removeprefix(QTI), node.get("identifier")
        if tag == "variable":
            return bound[name] if name in bound else outcomes[name]
        if tag == "correct":
            return self.correct(name)
        if tag == "baseValue":
            return float(node.text)
        if tag == "mapResponse":
            return self._mapped(self.declared[name].find(f"{QTI}mapping"), bound[name])
        left, right = (self._evaluate(each, bound, outcomes) for each in node)
        if left is None or right is None:
            return None
        if tag == "equal":
            # The bounds count: includeLowerBound and includeUpperBound are true where nothing is said.
            below, above = map(float, (node.get("tolerance") or "0 0").split())
            assert node.get("toleranceMode") == ("absolute" if above else "exact")
            return right - below <= left <= right + above
        return {"match": lambda: left == right, "gt": lambda: left > right, "sum": lambda: left + right}[tag]()

    @staticmethod
    def _mapped(mapping, response):
        if response is None:
            return None
        for entry in mapping:
            key = entry.get("mapKey")
            same = key == response if entry.get("caseSensitive") == "true" else key.casefold() == response.casefold()
            if same:
                return float(entry.get("mappedValue"))
        return float(mapping.get("defaultValue"))

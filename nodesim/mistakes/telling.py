"""What is said of an explanation: each mistake in words, and what became of a number by it."""

from __future__ import annotations

from collections.abc import Sequence

from nodesim.mistakes.edits import SLIP, Edit
from nodesim.mistakes.report import CheckedNumber, Mistake
from nodesim.mistakes.search import Found
from nodesim.notation.symbols import number


def told(found: Found, checked: Sequence[CheckedNumber]) -> list[Mistake]:
    """Return the mistakes of an explanation, the first of them with a number as an example."""
    mistakes = []
    for place, edit in enumerate(found.edits):
        text = _of_slip(edit, len(found.edits) == 1, checked) if edit.name == SLIP else edit.text()
        if place == 0 and edit.name != SLIP:
            text = f"{text} {_example(found, checked)}"
        mistakes.append(Mistake(edit.name, edit.where, text))
    return mistakes


def _example(found: Found, checked: Sequence[CheckedNumber]) -> str:
    """Say what became of the first number that is wrong."""
    first = next(place for place, each in enumerate(checked) if not each.ok)
    each, becomes = checked[first], float(found.numbers[first])
    so = "With both mistakes" if len(found.edits) == 2 else "So"
    return f"{so} {each.quantity} becomes {number(becomes, each.digits)}; right is {number(each.right, each.digits)}."


def _of_slip(edit: Edit, alone: bool, checked: Sequence[CheckedNumber]) -> str:
    own = [each for each in checked if not each.ok and edit.where in _names(each.quantity)]
    rest = "all other numbers are right" if alone else "what else is wrong, the other mistake explains"
    parts = [f"{each.quantity} was given as {each.written}, right is {number(each.right, each.digits)}" for each in own]
    found = " and ".join(parts) or f"A number of {edit.where} is a slip"
    return f"{found}; {rest}." if len(checked) > len(own) else f"{found}."


def _names(label: str) -> tuple[str, ...]:
    """Return what a number may be called after: e, W1, H1."""
    element = label.rpartition("∂")[2]
    return label, element, element.partition(" of ")[0], element.partition(", ")[0]

"""What is said of an explanation: each mistake in words, and what became of a number by it."""

from __future__ import annotations

from collections.abc import Sequence

from nodesim.mistakes.edits import SLIP, Edit
from nodesim.mistakes.report import CheckedNumber, Mistake
from nodesim.mistakes.search import Found
from nodesim.notation.symbols import number
from nodesim.wording.message import Joined, Message, Numeral, Words


def told(found: Found, checked: Sequence[CheckedNumber]) -> list[Mistake]:
    """Return the mistakes of an explanation, the first of them with a number as an example."""
    mistakes = []
    for place, edit in enumerate(found.edits):
        said = _of_slip(edit, len(found.edits) == 1, checked) if edit.name == SLIP else edit.text()
        if place == 0 and edit.name != SLIP:
            said = Joined(" ", [said, _example(found, checked)])
        mistakes.append(Mistake(edit.name, edit.where, said))
    return mistakes


def _example(found: Found, checked: Sequence[CheckedNumber]) -> Message:
    """Say what became of the first number that is wrong."""
    first = next(place for place, each in enumerate(checked) if not each.ok)
    each, becomes = checked[first], float(found.numbers[first])
    values = {
        "quantity": each.label,
        "number": Numeral(number(becomes, each.digits)),
        "right": Numeral(number(each.right, each.digits)),
    }
    if len(found.edits) == 2:
        return Message("With both mistakes {quantity} becomes {number}; right is {right}.", **values)
    return Message("So {quantity} becomes {number}; right is {right}.", **values)


def _of_slip(edit: Edit, alone: bool, checked: Sequence[CheckedNumber]) -> Message:
    where = str(edit.where)
    own = [each for each in checked if not each.ok and where in _names(each.quantity)]
    found: Words = Joined(Message(" and "), map(_given, own))
    if not own:
        found = Message("A number of {element} is a slip", element=edit.where)
    if len(checked) == len(own):
        return Message("{found}.", found=found)
    if alone:
        return Message("{found}; all other numbers are right.", found=found)
    return Message("{found}; what else is wrong, the other mistake explains.", found=found)


def _given(each: CheckedNumber) -> Message:
    return Message(
        "{quantity} was given as {written}, right is {right}",
        quantity=each.label, written=Numeral(each.written), right=Numeral(number(each.right, each.digits)),
    )  # fmt: skip


def _names(label: str) -> tuple[str, ...]:
    """Return what a number may be called after: e, W1, H1."""
    element = label.rpartition("∂")[2]
    return label, element, element.partition(" of ")[0], element.partition(", ")[0]

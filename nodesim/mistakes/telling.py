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
    slips = [edit for edit in found.edits if edit.name == SLIP]
    # Of what two mistakes make together is told when both are.
    last = max((place for place, edit in enumerate(found.edits) if edit.name != SLIP), default=-1)
    for place, edit in enumerate(found.edits):
        said = _of_slip(edit, len(found.edits) == 1, checked) if edit.name == SLIP else edit.text()
        if place == last:
            example = _example(found, checked, slips)
            said = Joined(" ", [said, example]) if example else said
        mistakes.append(Mistake(edit.name, edit.where, said))
    return mistakes


def _example(found: Found, checked: Sequence[CheckedNumber], slips: Sequence[Edit]) -> Message | None:
    """Say what became of the first number that is wrong, and no slip."""
    slipped = {str(edit.where) for edit in slips}
    wrong = (n for n, each in enumerate(checked) if not each.ok and slipped.isdisjoint(_names(each.quantity)))
    first = next(wrong, None)
    if first is None:
        return None
    each, becomes = checked[first], float(found.numbers[first])
    values = {
        "quantity": each.label,
        "number": Numeral(number(becomes, each.digits)),
        "right": Numeral(number(each.right, each.digits)),
    }
    if len(found.edits) == 2 and not slips:
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
        return Message("{found}; no known mistake makes it, and all other numbers are right.", found=found)
    return Message("{found}; what else is wrong, the other mistake explains.", found=found)


def _given(each: CheckedNumber) -> Message:
    return Message(
        "{quantity} was given as {written}, right is {right}",
        quantity=each.label, written=Numeral(each.shown), right=Numeral(number(each.right, each.digits)),
    )  # fmt: skip


def _names(label: str) -> tuple[str, ...]:
    """Return what a number may be called after: e, W1, H1."""
    element = label.rpartition("∂")[2]
    return label, element, element.partition(" of ")[0], element.partition(", ")[0]

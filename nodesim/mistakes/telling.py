"""What is said of an explanation: each mistake in words, and what became of a number by it."""

from __future__ import annotations

import numpy as np

from nodesim._arrays import Array, Mask
from nodesim.mistakes.answers import Answers
from nodesim.mistakes.edits import SLIP, Edit
from nodesim.mistakes.report import Mistake
from nodesim.mistakes.search import Found
from nodesim.notation.symbols import number


def told(found: Found, given: Answers, right: Array, ok: Mask) -> list[Mistake]:
    """Return the mistakes of an explanation, the last of them with a number as an example."""
    mistakes = []
    example = _example(found, given, right, ok)
    for edit in found.edits:
        if edit.name == SLIP:
            text = _of_slip(edit, found, given, right, ok)
        else:
            text = edit.text() if edit is not found.edits[0] else f"{edit.text()} {example}"
        mistakes.append(Mistake(edit.name, edit.where, text))
    return mistakes


def _example(found: Found, given: Answers, right: Array, ok: Mask) -> str:
    wrong = np.flatnonzero(~ok)
    with np.errstate(all="ignore"):
        far = np.abs(found.numbers[wrong] - right[wrong]) / given.units[wrong]
    most = int(wrong[int(np.argmax(np.nan_to_num(far)))])
    which = given.labels[most]
    together = "With both mistakes" if len(found.edits) == 2 else "So"
    return f"{together} {which} becomes {number(float(found.numbers[most]))}; right is {number(float(right[most]))}."


def _of_slip(edit: Edit, found: Found, given: Answers, right: Array, ok: Mask) -> str:
    own = [n for n in range(len(given)) if not ok[n] and edit.where in _names(given.labels[n])]
    first = own[0] if own else int(np.flatnonzero(~ok)[0])
    alone = "all other numbers are right" if len(found.edits) == 1 else "what else is wrong, the other mistake explains"
    return f"{given.labels[first]} was given as {given.texts[first]}, right is {number(float(right[first]))}; {alone}."


def _names(label: str) -> tuple[str, ...]:
    """Return what a label may be the number of: e, W1, H1."""
    return label, label.rpartition("∂")[2], label.rpartition("∂")[2].partition(" of ")[0]

"""The task in which a mistake is to be found: a calculation with one, and all that follows from it."""

from __future__ import annotations

from collections.abc import Iterator

from nodesim.exercises.asked import MISTAKE, RIGHT, WRONG, Asked
from nodesim.exercises.given import formula, name_of
from nodesim.exercises.mistaken import NAMES
from nodesim.exercises.working import Step
from nodesim.mistakes.edits import SLIP
from nodesim.papers.blocks import Blank, Block, Line, Math, Paragraph, Table

# Programs make the first of these; the others take several samples or weights, or say nothing of what was done: no
# reader finds them in one calculation.
_PROGRAMS = ("slope from H", "connection forgotten", "one sample", "other names")
_OTHERS = ("sum for mean", "sequential update", *_PROGRAMS, SLIP)
_CHOICES = tuple(name for name in NAMES if name not in _OTHERS)


def mistake(asked: Asked) -> Iterator[Block]:
    """Yield a calculation in which the first wrong number is to be found."""
    say, planted = asked.language.say, asked.planted
    assert planted is not None
    yield Paragraph(
        (say("In this calculation one mistake was made; everything after it was calculated from the wrong number."),)
    )
    if asked.digits is not None:
        yield Paragraph((say("Numbers are rounded: a unit or two of the last digit is no mistake."),))
    shown = [step for step in asked.working.steps if step.kind != "branch"]
    numbers = asked.working.values({planted.step: planted.value})
    heads = (say("quantity"), say("formula"), say("number"))
    yield Table(heads, tuple(_row(asked, step, asked.shown(numbers[step.name])) for step in shown))
    names = {step.name: asked.called(step.name) for step in shown}
    wrong = _choice(asked, WRONG, planted.step, names)
    yield Paragraph((say("Which number is the first one that is wrong?"), " ", wrong))
    right = asked.working.right[planted.step]
    yield Paragraph((say("What is right there?"), " ", asked.number(RIGHT, right)))
    yield Paragraph((say("Which mistake was it?"), " ", _kinds(asked, planted.mistake.name)))


def _row(asked: Asked, step: Step, number: str) -> tuple[Line, ...]:
    return (Math(name_of(asked, step)),), formula(asked, step.formula), (number,)


def _choice(asked: Asked, name: str, answer: str, told: dict[str, str]) -> Blank:
    """Return a choice among names as they are told; the English name of what is right is as right."""
    choices = tuple(told.values())
    return Blank(name, told[answer], "choice", choices=choices, accepted=(answer,), label=asked.called(name))


def _kinds(asked: Asked, name: str) -> Blank:
    """Return the choice among the names of mistakes; the doctor's own name is as right as that of the language."""
    known = _CHOICES if name in _CHOICES else (*_CHOICES, name)
    return _choice(asked, MISTAKE, name, {each: asked.language.say(each) for each in known})

"""The task in which a mistake is to be found: a calculation with one, and all that follows from it."""

from __future__ import annotations

from collections.abc import Iterator

from nodesim.exercises.asked import MISTAKE, RIGHT, WRONG, Asked
from nodesim.exercises.given import formula, name_of
from nodesim.exercises.working import Step
from nodesim.papers.blocks import Blank, Block, Line, Math, Paragraph, Table
from nodesim.wording.message import marked

# What is printed, by the doctor's names: short as these are, a reader could take one for another. A path is a way from
# a weight to e here, and no term of a weighted sum. The slips that take several samples or weights, or say nothing of
# what was done, are not among them: no reader finds them in one calculation.
_PRINTED = {
    "sign": marked("wrong sign"),
    "bias forgotten": marked("bias left out"),
    "path forgotten": marked("any other summand left out"),
    "input left out": marked("a factor left out or replaced: the I or HA that a weight is multiplied by"),
    "output slope left out": marked("a factor left out: the slope at an output"),
    "hidden slope left out": marked("a factor left out: the slope at a hidden node"),
    "factor": marked("any other factor left out or replaced, or one too many"),
    "slope at HA": marked("slope taken at HA or OA, not at H or O"),
    "activation left out": marked("activation function left out"),
    "transposed weights": marked("weights of other connections taken"),
    "delta of another loss": marked("formula of another loss taken"),
}


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
    choices, own = tuple(told.values()), tuple(each for each in told if each != answer)
    caption = asked.called(name)
    return Blank(name, told[answer], "choice", choices=choices, accepted=(answer,), others=own, label=caption)


def _kinds(asked: Asked, name: str) -> Blank:
    """Return the choice among the kinds of mistakes; the doctor's own name is as right as what is printed."""
    known = _PRINTED if name in _PRINTED else {**_PRINTED, name: name}
    return _choice(asked, MISTAKE, name, {each: asked.language.say(words) for each, words in known.items()})

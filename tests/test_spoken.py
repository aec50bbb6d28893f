"""Sheets, what is said of answers, and handouts in a language in which every word is crossed out: nothing stays English."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass

import pytest
from collected_texts import ROOT, in_python

import nodesim as ns
from nodesim.notation.expressions import Expression, Symbol, leaves
from nodesim.papers.blocks import Blank, Code, Math
from nodesim.plugins import lookup
from nodesim.wording.language import Language

CROSSED = str.maketrans(dict.fromkeys("abcdefghijklmnopqrstuvwyz", "x"))
# What is no word of a language: a function by its name, e, the program's own name, n of 1/n.
KEPT = {"e", "k", "n", "nodesim", "dag"} | {
    each.name for kind in (ns.Loss, ns.Activation) for each in lookup.default.all(kind)
}
TASKS = ("forward", "paths", "gradient", "tree", "update", "missing path", "mistake")


def crossed_out(text):
    """Return a text whose small letters are all x, those in braces aside."""
    return "".join(part if part.startswith("{") else part.translate(CROSSED) for part in re.split(r"(\{\w+\})", text))


NOBODY = Language("x", "x", ",", {each.text: crossed_out(each.text) for each in in_python(ROOT)[0]}, {}, ".")


def words(part):
    """Yield all that is read of a part of a paper."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, Blank):
        yield from part.choices
    elif isinstance(part, Math):
        yield from words(part.expression)
    elif isinstance(part, Expression):
        yield from (leaf.name for leaf in leaves(part) if isinstance(leaf, Symbol))
    elif isinstance(part, tuple | list):
        for each in part:
            yield from words(each)
    elif is_dataclass(part) and not isinstance(part, Code | Language):
        for each in fields(part):
            yield from words(getattr(part, each.name))


def english(text):
    return {word for word in re.findall(r"\b[a-z]{2,}\b", text) if set(word) != {"x"}} - KEPT


@pytest.mark.parametrize(
    "options", [{}, {"hidden": "sigmoid", "digits": 4}, {"hidden": "tanh", "output": "sigmoid", "digits": 3}]
)
@pytest.mark.parametrize("seed", [1, 2])
def test_sheets_and_keys(options, seed):
    sheet = ns.exercises.make([2, 2, 2], seed=seed, tasks=TASKS, language=NOBODY, **options)
    said = list(words(sheet.paper()))
    assert sum(text.count("xx") for text in said) > 100
    assert {word for text in said for word in english(text)} == set()


@pytest.mark.parametrize("seed", range(1, 9))
def test_what_is_said_of_answers(seed):
    sheet = ns.exercises.make([2, 2, 2], seed=seed, tasks=TASKS, language=NOBODY)
    answers = dict(sheet.key)
    names = list(answers)
    for place, name in enumerate(names):
        if (place + seed) % 4 == 0 and name not in ("wrong number", "mistake"):
            answers[name] = "77" if re.fullmatch(r"-?[\d.]+", answers[name]) else "I2 → H2 → O1"
        if (place + seed) % 7 == 0:
            del answers[name]
    text = str(sheet.mark(answers))
    assert text.count("xx") > 20
    assert english(text) == set()


@pytest.mark.parametrize("sizes", [[2, 2, 2], [2, 3, 3, 2]])
def test_handouts(sizes):
    net = ns.Network.layered(sizes, hidden="relu", seed=1)
    for of in ("W1", net.connections[-1].name):
        said = list(words(ns.handout(net, of, [0.5] * sizes[0], [1.0] * sizes[-1], language=NOBODY).paper()))
        assert sum(text.count("xx") for text in said) > 500
        assert {word for text in said for word in english(text)} == set()


def test_a_marking_that_shows_some_of_its_blanks_only():
    """What is left out of its table is said in the sheet's language, too."""
    marking = ns.exercises.make([4, 6, 6, 3], language=NOBODY).mark({})
    assert marking.out_of > 100
    for text in (str(marking), marking._repr_html_()):
        assert f"… {marking.out_of - 100} xxxx" in text
    assert english(str(marking)) == set()

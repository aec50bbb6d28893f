"""Handouts: a reader with a pocket calculator gets the gradient from them, and notebooks calculate it again."""

from __future__ import annotations

import io
import json
import math
import re
from contextlib import redirect_stdout
from fractions import Fraction
from xml.etree import ElementTree

import numpy as np
import pytest
from helpers import digest, random_network, random_samples, torch_error, torch_weights

import nodesim as ns
from nodesim.cli.main import main
from nodesim.errors import (
    ArgumentError,
    ArgumentTypeError,
    DataError,
    FileError,
    UnknownNameError,
)
from nodesim.exercises.working import Working
from nodesim.gradients.quantities import Quantity
from nodesim.notation.symbols import MINUS
from nodesim.papers import markdown, notebook
from nodesim.papers.blocks import Code, Equation, Figure, Heading, Items, Paragraph, Strong, Table
from nodesim.wording.language import Language

X, Y = [0.05, 0.1], [0.01, 0.99]
DIGITS = 12


def two_layers():
    return ns.Network.layered([2, 2, 2, 2], seed=3), "W1", X, Y


def skipping():
    """Return a network with names, skip connections, two biases, and an output that feeds another."""
    net = ns.Network(seed=5)
    for name in ("width", "length"):
        net.add_input(name)
    net.add_bias("one"), net.add_bias("half", value=0.5)
    net.add_hidden("gate", activation="tanh"), net.add_hidden("H2", activation="sigmoid")
    net.add_output("yes", activation="sigmoid"), net.add_output("O2")
    for source, target in (
        ("width", "gate"), ("length", "gate"), ("one", "gate"), ("gate", "H2"), ("width", "H2"), ("half", "H2"),
        ("gate", "yes"), ("H2", "yes"), ("H2", "O2"), ("yes", "O2"), ("gate", "O2"),
    ):  # fmt: skip
        net.connect(source, target)
    return net, "W1", [0.5, -1.0], [1.0, 0.25]


def article():
    return ns.Network.layered([2, 2, 2], seed=0), "W1", X, Y


def with_kinks():
    return ns.Network.layered([2, 3, 2], "relu", "sigmoid", seed=8), "W2", [1.0, 2.0], [0.0, 1.0]


def random_one(seed):
    net, rng = random_network(seed, activations=["sigmoid", "tanh", "linear"], max_hidden=4)
    x, y = random_samples(net, rng, 1)
    net.forward(x), net.backward(y)
    counts = net.path_counts()
    trained = [each for each in net.connections if each.trainable]
    return net, max(trained, key=lambda each: counts[each.name]).name, x[0], y[0]


# ---- a reader with a pocket calculator ---------------------------------------------------------------------------

# An equation, a row of the table of partial derivatives, or a number that is given.
STATED = re.compile(
    r"\$\$\n\\begin\{aligned\}\n(?P<body>.*?)\n\\end\{aligned\}\n\$\$"
    r"|^\| (?P<row>\$\\frac\{\\partial[^\n]*) \|$"
    r"|\$(?P<name>[^$]+)\$ [=≈] \$(?P<number>-?[\d.]+)\$",
    re.DOTALL | re.MULTILINE,
)
FUNCTIONS = {name: getattr(math, name) for name in ("exp", "tanh", "log", "sqrt")}


def braced(text, start):
    """Return what stands in the braces that open at a place, and where they close."""
    depth = 0
    for place in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return text[start + 1 : place], place + 1
    raise AssertionError(text)


def calculate(formula, known):
    """Calculate a formula of LaTeX, with the numbers of the names that are known."""
    # What a weight is before the update is what it is.
    formula = formula.replace("(k)", "")
    names = "|".join(map(re.escape, sorted(known, key=len, reverse=True)))
    formula = re.sub(rf"(?<![A-Za-z\\])(?:{names or '$.'})(?![A-Za-z])", lambda match: f"({known[match[0]]!r})", formula)
    while (place := formula.find(r"\frac")) >= 0:
        over, middle = braced(formula, place + 5)
        under, end = braced(formula, middle)
        formula = f"{formula[:place]}(({over})/({under})){formula[end:]}"
    for sign, meaning in (
        (r"\cdot", "*"), (r"\times", "*"), (r"\left", ""), (r"\right", ""), (r"\Bigl", ""), (r"\Bigr", ""), ("{}", ""),
        ("^", "**"), ("{", "("), ("}", ")"), (r"\quad", ""), ("\\", " "),
    ):  # fmt: skip
        formula = formula.replace(sign, meaning)
    return float(eval(" ".join(formula.split()), {"__builtins__": {}}, FUNCTIONS))


def rights(body):
    """Return the left side of an equation, and its right sides, the lines of each joined."""
    left, found = "", []
    for line in body.split(" \\\\\n"):
        before, _, after = line.partition("&")
        left = left or before.strip()
        match = re.match(r"(=|\\approx) (.*)", after, re.DOTALL)
        if match:
            found.append(match[2])
        else:
            found[-1] += " " + after
    return left, found


def results(made):
    """Yield what a handout says, in order: a name, the formulas of it, and its number."""
    text, _ = markdown.written(made.paper())
    for match in STATED.finditer(text):
        if match["body"]:
            left, (*formulas, number) = rights(match["body"])
            yield left, formulas, number
        elif match["row"]:
            name, *formulas, number = (cell.strip() for cell in match["row"].split(" | "))
            yield name.strip("$"), [each.strip("$") for each in formulas if each], number.lstrip("=≈ ").strip("$")
        else:
            yield match["name"], [], match["number"]


def read(made):
    """Go through a handout with a pocket calculator, and return every number that comes out, by its name.

    What is given is read off; every formula is calculated from letters that were calculated before, and from the
    numbers that are put in; both must be what the handout says comes out.
    """
    known, calculations = {}, 0
    for name, formulas, number in results(made):
        value = calculate(number, {})
        for each in formulas:
            assert calculate(each, known) == pytest.approx(value, rel=1e-8, abs=1e-11), (name, each)
            calculations += 1
        known.setdefault(name, value)
    assert calculations > 8
    return known


@pytest.mark.parametrize("make", [article, two_layers, skipping, *(lambda s=s: random_one(s) for s in (1, 2, 4, 8))])
def test_who_calculates_along_gets_what_torch_gets(make):
    net, weight, x, y = make()
    known = read(ns.handout(net, weight, x, y, digits=DIGITS, learning_rate=0.25))
    weights = torch_weights(net)
    error = torch_error(net, np.atleast_2d(x), np.atleast_2d(y), weights)
    error.backward()
    gradient = float(weights[net.connection(weight)].grad)
    (place,) = re.findall(r"\d+", weight)
    assert known["e"] == pytest.approx(float(error.detach()), rel=1e-9)
    assert known[rf"\frac{{\partial e}}{{\partial W_{{{place}}}}}"] == pytest.approx(gradient, rel=1e-9, abs=1e-12)
    new = net.connection(weight).weight - 0.25 * gradient
    assert known[rf"W_{{{place}}}(k+1)"] == pytest.approx(new, rel=1e-9)

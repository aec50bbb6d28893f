"""Marking by somebody who calculates in plain loops, and of planted mistakes by the doctor, who sees results alone.

`Hand` goes through a calculation with numbers of somebody else in some places, and is told nothing of formulas; what it
finds behind them is what follows. Only the branches of the tree it reads from their printed text, by Python.
"""

from __future__ import annotations

import json
import random
from contextlib import suppress
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import pytest
from helpers import random_network

import nodesim as ns
from nodesim import exercises
from nodesim.cli.main import main
from nodesim.exercises.candidates import candidates
from nodesim.exercises.draft import worked
from nodesim.exercises.marking import mark
from nodesim.exercises.planting import plants
from nodesim.exercises.routes import Routes
from nodesim.mistakes.edits import NAMES
from nodesim.notation.text import text
from nodesim.papers.blocks import Blank
from nodesim.wording.language import ENGLISH, Language

SLOPES = {
    "linear": (lambda z: z, lambda z: Fraction(1)),
    "relu": (lambda z: max(z, Fraction(0)), lambda z: Fraction(z > 0)),
    "softsign": (lambda z: z / (1 + abs(z)), lambda z: 1 / (1 + abs(z)) ** 2),
}


# ---- calculations and sheets ------------------------------------------------------------------------------------


def layered(seed):
    rng = random.Random(seed)
    sizes = [rng.randint(1, 3) for _ in range(rng.randint(2, 4))]
    hidden, loss = rng.choice([*SLOPES]), rng.choice(["mse", "half_squared_error"])
    return ns.Network.layered(sizes, hidden=hidden, output=rng.choice(["linear", "softsign"]), loss=loss, seed=seed)


def working(net, seed, ask=None):
    """Give a network short numbers, none of them 0, and return the calculation of one of its gradients, if it has one."""
    rng = random.Random(seed)
    net.weights = [rng.choice([-1, 1]) * rng.randint(1, 11) / 4 for _ in net.connections]
    counts = net.path_counts()
    fed = [each.name for each in net.connections if each.trainable and 0 < counts[each.name] <= 12]
    if not fed:
        return None
    x, y = ([Fraction(rng.randint(1, 9), 4) for _ in nodes] for nodes in (net.inputs, net.outputs))
    made = worked(net, net[ask or rng.choice(fed)], x, y, Fraction(1, rng.choice([2, 5, 10])))
    made.net = net
    return made


def cases(count, first=0):
    """Return calculations of layers, and of graphs with arcs over layers, several biases, outputs that feed others."""
    found, seed = [], first
    while len(found) < count:
        seed += 1
        net = layered(seed) if seed % 2 else random_network(seed, activations=[*SLOPES], max_hidden=4)[0]
        made = working(net, seed)
        if made is not None and len(made.steps) < 60:
            found.append(made)
    return found


@dataclass
class Everything:
    """A sheet that asks for every number of a calculation; for paths, if they are not printed."""

    working: object
    digits: int | None = None
    language: Language = ENGLISH
    only: tuple = ()
    paths: bool = False

    @cached_property
    def key(self):
        numbers = {name: str(self.exact(name)) for name in self.working.right}
        ways = [" → ".join(node.name for node in path.nodes) for path in self.working.paths]
        return {**numbers, **{f"path {place}": way for place, way in enumerate(ways, 1)}}

    def exact(self, name):
        value = self.working.right[name]
        return value if isinstance(value, Fraction) else Fraction(value)

    @cached_property
    def blanks(self):
        ways = [f"path {place}" for place in range(1, len(self.working.paths) + 1)] if self.paths else []
        names = [name for name in [*ways, *self.working.right] if not self.only or name in self.only]
        return tuple(Blank(name, self.key[name], "path" if name in ways else "number") for name in names)


# ---- the oracle -------------------------------------------------------------------------------------------------


class Hand:
    """Calculates every step in plain loops over nodes and arcs, and takes somebody else's number where there is one."""

    def __init__(self, made, instead):
        self.made, self.instead, self.found = made, instead, {}
        self.given, self.asked = made.given, made.connection
        schedule, loss = made.graph.schedule, made.graph.loss.name
        outputs, order = schedule.outputs, schedule.order
        for node in order:
            if node.kind in ("hidden", "output"):
                self.node(node)
        n, half = len(outputs), loss == "half_squared_error"
        off = [self[sent(out)] - self.given[f"y{out.name[1:]}"] for out in outputs]
        self.put("e", sum(each**2 for each in off) / (2 if half else n))
        for place, out in enumerate(outputs):
            self.put(f"∂e/∂{sent(out)}", off[place] if half else 2 * off[place] / n)
        for node in order:
            if node.kind in ("hidden", "output"):
                self.put(f"∂{sent(node)}/∂{node.name}", SLOPES[node.activation.name][1](self[node.name]))
        for arc in schedule.connections:
            self.put(f"∂{arc.target.name}/∂{sent(arc.source)}", self.given[arc.name])
        self.put(f"∂{self.asked.target.name}/∂{self.asked.name}", self.value(self.asked.source))
        self.sums()

    def put(self, name, value):
        self.found[name] = self.instead.get(name, value)

    def __getitem__(self, name):
        return self.found[name] if name in self.found else self.given[name]

    def value(self, node):
        return self[sent(node)]

    def node(self, node):
        self.put(node.name, sum((self.value(arc.source) * self.given[arc.name] for arc in node.incoming), Fraction(0)))
        self.put(sent(node), SLOPES[node.activation.name][0](self[node.name]))

    def sums(self):
        total = Fraction(0)
        for place, path in enumerate(self.made.paths, 1):
            nodes = path.nodes
            number = self[f"∂{nodes[1].name}/∂{self.asked.name}"] * self[f"∂e/∂{sent(nodes[-1])}"]
            for node in nodes[1:]:
                number *= self[f"∂{sent(node)}/∂{node.name}"]
            for before, node in pairwise(nodes[1:]):
                number *= self[f"∂{node.name}/∂{sent(before)}"]
            self.put(f"product {place}", number)
            total += self[f"product {place}"]
        for step in self.made.steps:
            if step.kind == "branch":
                self.put(step.name, printed(step, self))
        gradient = f"∂e/∂{self.asked.name}"
        self.put(gradient, total)
        self.put(f"{self.asked.name}(k+1)", self.given[self.asked.name] - self.given["η"] * self[gradient])


def sent(node):
    return (
        {"hidden": "HA", "output": "OA"}[node.kind] + node.name[1:] if node.kind in ("hidden", "output") else node.name
    )


def printed(step, known):
    """Evaluate a formula as it is printed, by Python."""
    line, names = text(step.formula), {}
    for place, letter in enumerate(sorted(step.letters, key=len, reverse=True)):
        line = line.replace(letter, f"v{place}_")
        names[f"v{place}_"] = known[letter]
    return eval(line.replace("·", "*").replace("−", "-").replace("^", "**"), {}, names)


# ---- what is right, and what follows ------------------------------------------------------------------------------


def test_the_hand_agrees_with_the_calculation():
    for made in cases(60):
        found = Hand(made, {}).found
        assert {name: found[name] for name in made.right} == made.right


@pytest.mark.parametrize("as_written", [str, lambda value: value, lambda value: f" ={value}".replace("-", "−")])
def test_the_key_has_all_points(as_written):
    for made in cases(40):
        sheet = Everything(made)
        marking = mark(sheet, {name: as_written(value) for name, value in made.right.items()})
        assert marking.score == marking.out_of == len(made.right)
        assert marking.remarks == ()


def test_what_follows_from_wrong_numbers_has_its_points():
    """Some numbers are anything; all others are calculated from them: those some lose their points, and no other."""
    for seed, made in enumerate(cases(60)):
        rng = random.Random(seed)
        wrong = {
            name: made.right[name] + Fraction(rng.randint(1, 99), 7)
            for name in rng.sample([*made.right], rng.randint(1, 3))
        }
        found = Hand(made, wrong).found
        answers = {name: found[name] for name in made.right}
        # A number that happens to be what follows, or right, is none that is wrong.
        lost = {name for name in wrong if answers[name] not in (made.right[name], alone(made, wrong, name))}
        marking = mark(Everything(made), answers)
        verdicts = {each.blank: each.verdict for each in marking.verdicts}
        assert {name for name, verdict in verdicts.items() if verdict == "wrong"} == lost
        assert marking.score == marking.out_of - len(lost)
        for name, verdict in verdicts.items():
            assert verdict == "wrong" or (verdict == "right") == (answers[name] == made.right[name]), name
        told = [name for remark in marking.remarks for name in remark.follows]
        assert sorted(told) == sorted(name for name, verdict in verdicts.items() if verdict == "follows")


def alone(made, wrong, name):
    """Return what a number would be by those before it."""
    return Hand(made, {other: value for other, value in wrong.items() if other != name}).found[name]


def test_numbers_that_nobody_asks_for_are_calculated_on():
    """Of a wrong H1 that is asked for, what comes out at the end follows, whatever stands between them."""
    checked = 0
    for seed, made in enumerate(cases(60)):
        names = list(made.right)
        first, last = names[0], names[-1]
        wrong = made.right[first] + Fraction(random.Random(seed).randint(1, 9), 7)
        end = Hand(made, {first: wrong}).found[last]
        if end == made.right[last]:
            continue
        checked += 1
        for sheet, answers in (
            (Everything(made, only=(first, last)), {first: wrong, last: end}),
            (Everything(made), {first: wrong, last: end}),
        ):
            marking = mark(sheet, answers)
            verdicts = {each.blank: each.verdict for each in marking.verdicts}
            assert (verdicts[first], verdicts[last]) == ("wrong", "follows")
            assert marking.remarks[0].follows == (last,)
            assert {verdict for name, verdict in verdicts.items() if name not in answers} <= {"missing"}
    assert checked > 25


# ---- mistakes -----------------------------------------------------------------------------------------------------


def test_a_planted_mistake_is_one_remark():
    names = set()
    for made in cases(28, first=500):
        sheet, found = Everything(made), plants(made)
        for plant in random.Random(0).sample(found, min(len(found), 14)):
            assert plant.value != made.right[plant.step]
            marking = mark(sheet, plant.answers)
            (remark,) = marking.remarks
            assert (remark.blank, remark.verdict, remark.mistake, remark.alternatives) == (
                plant.step,
                "wrong",
                plant.mistake,
                (),
            )
            assert marking.score == marking.out_of - 1
            assert plant.mistake.text in remark.text
            followed = Hand(made, {plant.step: plant.value}).found
            assert {name: followed[name] for name in made.right} == plant.answers
            names.add(plant.mistake.name)
    assert names >= {
        "sign", "factor", "bias forgotten", "path forgotten", "output slope left out", "hidden slope left out",
        "slope at HA", "transposed weights", "input left out", "delta of another loss", "activation left out",
    }  # fmt: skip
    assert names <= {*NAMES, "activation left out"} - {"one weight"}


def test_the_doctor_calls_planted_mistakes_the_same():
    """The doctor sees e, the gradient and the new weight, and knows nothing of steps."""
    seen = {}
    for made in cases(24, first=900):
        net, of = made.net, made.connection.name
        if net.loss.name != "mse":
            continue
        for plant in plants(made):
            step, gradient = made.by_name[plant.step], plant.answers[f"∂e/∂{of}"]
            if (step.kind, plant.mistake.name) not in DOCTORS or not seen_behind(made, plant, gradient):
                continue
            x = [float(made.given[node.name]) for node in net.inputs]
            y = [float(made.given[f"y{out.name[1:]}"]) for out in net.outputs]
            report = ns.doctor(
                net, x, y, learning_rate=float(made.given["η"]), error=f"{float(plant.answers['e']):.9g}",
                gradients={of: f"{float(gradient):.9g}"}, weights={of: f"{float(plant.answers[f'{of}(k+1)']):.9g}"},
            )  # fmt: skip
            assert plant.mistake.name in {explanation.name for explanation in report.explanations}, (plant, report)
            seen[plant.mistake.name] = seen.get(plant.mistake.name, 0) + 1
    assert {name for name, count in seen.items() if count >= 3} >= {
        "sign", "factor", "bias forgotten", "path forgotten", "output slope left out", "hidden slope left out",
        "slope at HA", "input left out",
    }  # fmt: skip


# At these steps the doctor, who looks at results, knows the same mistakes.
DOCTORS = {
    ("sum", "bias forgotten"), ("partial", "output slope left out"), ("partial", "hidden slope left out"),
    ("partial", "slope at HA"), ("gradient", "sign"), ("gradient", "factor"), ("gradient", "path forgotten"),
    ("update", "sign"), ("gradient", "bias forgotten"), ("partial", "input left out"),
}  # fmt: skip


def seen_behind(made, plant, gradient):
    """Tell whether a mistake changes what the doctor looks at, and is one of those that he knows."""
    if plant.mistake.name == "input left out" and plant.value != 1:
        return False
    if "alone was taken" in plant.mistake.text:
        return False
    return plant.step.endswith("(k+1)") or gradient != made.right[f"∂e/∂{made.connection.name}"]


def test_two_mistakes_are_two_remarks():
    checked = 0
    for seed, made in enumerate(cases(36, first=1500)):
        rng = random.Random(seed)
        found = plants(made)
        if not found:
            continue
        first = rng.choice(found)
        # The second is made with the numbers that follow from the first.
        known = {**made.given, **first.answers}
        later = made.steps[[step.name for step in made.steps].index(first.step) + 1 :]
        if not later:
            continue
        step = rng.choice(later)
        possible = candidates(made, step)
        for candidate in possible:
            value = candidate.value(known)
            others = [other.value(known) for other in possible if other is not candidate]
            if candidate.name != "one weight" and value not in (None, known[step.name], made.right[step.name], *others):
                answers = made.values({first.step: first.value, step.name: value})
                marking = mark(Everything(made), answers)
                if answers[first.step] == first.value and {each.verdict for each in marking.remarks} == {"wrong"}:
                    named = {blank: remark.mistake.name for remark in marking.remarks for blank in remark.blanks}
                    assert named == {first.step: first.mistake.name, step.name: candidate.name}
                    assert marking.score == marking.out_of - 2
                    checked += 1
                break
    assert checked > 20


def test_the_same_mistake_at_several_blanks_is_one_remark():
    made = working(ns.Network.layered([2, 2, 3], hidden="softsign", output="softsign", seed=0), 4, "W1")
    wrong = {f"∂e/∂OA{place}": -made.right[f"∂e/∂OA{place}"] for place in (1, 2, 3)}
    marking = mark(Everything(made), made.values(wrong))
    (remark,) = marking.remarks
    assert (remark.mistake.name, remark.blanks) == ("sign", tuple(wrong))
    assert marking.score == marking.out_of - 3
    assert "∂e/∂W1" in remark.follows


def test_mistakes_that_no_blank_shows_are_found():
    """Only the last numbers are asked for: the mistake was made somewhere before them, once."""
    named = checked = 0
    for made in cases(20, first=2500):
        of = made.connection.name
        ends = ("e", f"∂e/∂{of}", f"{of}(k+1)")
        sheet = Everything(made, only=ends)
        for plant in random.Random(1).sample(plants(made), 4):
            wrong = [name for name in ends if plant.answers[name] != made.right[name]]
            if not wrong or made.by_name[plant.step].kind == "branch":
                continue
            marking = mark(sheet, {name: plant.answers[name] for name in ends})
            checked += 1
            found = [mistake for each in marking.remarks for mistake in (each.mistake, *each.alternatives)]
            named += plant.mistake in found
            assert marking.score >= len(ends) - len(wrong)
    assert checked > 40
    # Others give the same numbers at times, and come first.
    assert named / checked > 0.9


def test_a_number_in_another_place_is_told():
    made = working(ns.Network.layered([2, 2, 1], hidden="relu", seed=0), 3, "W1")
    numbers = [made.right[name] for name in ("H1", "H2", "O1")]
    assert len(set(numbers)) == 3
    sheet = Everything(made, only=("H1", "H2"))
    marking = mark(sheet, {"H1": made.right["H2"], "H2": made.right["H1"]})
    assert marking.score == 0
    told = {remark.blank: remark.text for remark in marking.remarks}
    assert "This is the number of H2." in told["H1"]
    assert "This is the number of H1." in told["H2"]


def test_a_slip_is_told_with_what_is_right_for_the_numbers_before_it():
    made = working(ns.Network.layered([1, 1, 1], hidden="linear", seed=0), 1, "W1")
    h, w = made.right["HA1"] + 1, made.given["W3"]
    bias = made.given["W4"] * made.given["B2"]
    slipped = made.values({"HA1": h, "O1": Fraction(7001, 7)})
    marking = mark(Everything(made), slipped)
    assert [remark.blank for remark in marking.remarks] == ["HA1", "O1"]
    assert marking.remarks[1].mistake is None
    follows = h * w + bias
    assert f"{float(follows):g}".replace("-", "−") in marking.remarks[1].text


# ---- digits -------------------------------------------------------------------------------------------------------


def rounded(value, digits, how, more=0):
    """Write a number with so many significant digits, by `decimal`; `more` units of the last digit larger."""
    exact = Decimal(Fraction(value).numerator) / Decimal(Fraction(value).denominator)
    short = Context(prec=digits, rounding=how).plus(exact)
    unit = Decimal(1).scaleb(exact.adjusted() - digits + 1)
    return f"{short + more * unit:f}"


def irrational(seed):
    net = ns.Network.layered([2, 2, 2], hidden="tanh", output="sigmoid", seed=seed)
    return working(net, seed)


@pytest.mark.parametrize("digits", [2, 3, 5])
def test_answers_are_right_to_the_digits_that_are_asked_for(digits):
    for seed in range(3):
        made = irrational(seed)
        for how in (ROUND_HALF_UP, ROUND_DOWN):
            answers = {name: rounded(value, digits, how) for name, value in made.right.items()}
            assert mark(Everything(made, digits), answers).score == len(made.right)
        exact = {name: repr(float(value)) for name, value in made.right.items()}
        for name, value in made.right.items():
            if not value or value == 1:
                continue
            for more in (2, -2):
                beside = {**exact, name: rounded(value, digits, ROUND_HALF_UP, more)}
                verdicts = {each.blank: each.verdict for each in mark(Everything(made, digits), beside).verdicts}
                assert verdicts.pop(name) == "wrong"
                assert set(verdicts.values()) <= {"right"}


def test_rounded_numbers_are_calculated_on():
    """Whoever goes on with what is written down, rounded to three digits, has made no mistake."""
    for seed in range(12):
        made = irrational(seed)
        known = {}
        for step in made.steps:
            known[step.name] = Fraction(rounded(made.values(known)[step.name], 3, ROUND_HALF_UP))
        marking = mark(Everything(made, 3), {name: f"{float(value):.10g}" for name, value in known.items()})
        assert marking.score == marking.out_of, marking


def student(sheet, digits, more, own=()):
    """Answer as somebody who keeps some more digits than are written down; some numbers are three times too large."""
    made, known, answers = sheet.working, {}, {}
    for step in made.steps:
        value = made.values(known)[step.name] * (3 if step.name in own else 1)
        known[step.name] = Fraction(rounded(value, digits + more, ROUND_HALF_UP))
        answers[step.name] = rounded(value, digits, ROUND_HALF_UP)
    return {**sheet.key, **{name: answers[name] for name in sheet.key if name in answers}}


def test_digits_that_are_kept_and_not_written_down_are_no_mistake():
    """One mistake costs one point, however somebody rounds on the way; at most one student of a hundred has bad luck."""
    scores = []
    for seed in range(24):
        rng = random.Random(seed)
        hidden, digits = rng.choice(["sigmoid", "tanh", "silu", "softplus"]), rng.choice([2, 3, 4])
        sheet = exercises.make(rng.choice(["2-2-2", "2-3-2", "2-2-1-2"]), hidden=hidden, seed=seed, digits=digits)
        asked = [name for name in sheet.key if name in sheet.working.by_name]
        for more in (0, 1, 2, 9):
            for own in ((), (rng.choice(asked),)):
                marking = sheet.mark(student(sheet, digits, more, own))
                assert not own or own[0] in marking.remarks[0].blanks
                scores.append(marking.out_of - len(own) - marking.score)
    assert sum(map(bool, scores)) <= len(scores) / 100


def test_what_follows_from_a_mistake_may_be_tiny():
    sheet = exercises.make([1, 1, 1], hidden="silu", ask="W1", seed=0, digits=3)
    answers = student(sheet, 3, 9)
    known = {"H1": Fraction(-130)}
    followed = {name: rounded(value, 3, ROUND_HALF_UP) for name, value in sheet.working.values(known).items()}
    assert abs(float(followed["HA1"])) < 1e-50
    marking = sheet.mark({**answers, **{name: followed[name] for name in answers if name in followed}})
    assert (marking.score, marking.remarks[0].blank) == (marking.out_of - 1, "H1")


def test_what_has_no_more_digits_than_are_asked_for_is_exact():
    net = ns.Network.layered([1, 1], "relu", "sigmoid", bias=False, seed=0)
    net.weights = [0.5]
    sheet = exercises.make(net, x=["2.5"], y=["0.5"], digits=3)
    assert sheet.key["O1"] == "1.25"
    verdicts = {
        written: sheet.mark({"O1": written}).verdicts[0].verdict for written in ("1.25", "1.250", "1.26", "1.24")
    }
    assert verdicts == {"1.25": "right", "1.250": "right", "1.26": "wrong", "1.24": "wrong"}
    # Of what is rounded, one unit more or less is right.
    assert (sheet.key["OA1"], sheet.mark({"OA1": "0.778"}).score, sheet.mark({"OA1": "0.779"}).score) == ("0.777", 1, 0)


def test_exact_numbers_are_exact():
    made = working(ns.Network.layered([2, 2, 1], hidden="relu", seed=0), 3, "W1")
    name = "H1"
    right = made.right[name]
    sheet = Everything(made, only=(name,))
    assert mark(sheet, {name: float(right)}).score == 1
    assert mark(sheet, {name: float(right) + 1e-15}).score == 1
    assert mark(sheet, {name: float(right) + 0.001}).score == 0
    third = working(ns.Network.layered([1, 1, 1], hidden="softsign", seed=0), 2, "W1")
    value = third.right["HA1"]
    assert value.denominator % 2 or value.denominator % 5
    sheet = Everything(third, only=("HA1",))
    for digits, score in ((3, 1), (6, 1), (1, 0)):
        assert mark(sheet, {"HA1": rounded(value, digits, ROUND_HALF_UP)}).score == score
    assert mark(sheet, {"HA1": value}).score == 1


# ---- paths --------------------------------------------------------------------------------------------------------


@pytest.fixture
def several():
    """Return a sheet with four paths, and its right answers."""
    made = working(ns.Network.layered([1, 2, 2, 2], hidden="softsign", seed=0), 8, "W1")
    assert len(made.paths) == 4
    sheet = Everything(made, paths=True)
    return sheet, {blank.name: sheet.key[blank.name] for blank in sheet.blanks}


def in_rows(answers, order):
    """Write the paths in another order, each with its product."""
    moved = {
        f"{kind} {row}": answers[f"{kind} {path}"] for row, path in enumerate(order, 1) for kind in ("path", "product")
    }
    return {**answers, **moved}


def test_paths_stand_in_any_order(several):
    sheet, answers = several
    for order in ([2, 1, 3, 4], [4, 3, 2, 1], [3, 1, 4, 2]):
        assert mark(sheet, in_rows(answers, order)).remarks == ()
        # Paths in another order than their products: what belongs together does not stand together.
        wrong = {**answers, **{name: text for name, text in in_rows(answers, order).items() if name.startswith("path")}}
        marking = mark(sheet, wrong)
        moved = sum(row != path for row, path in enumerate(order, 1))
        assert marking.score == marking.out_of - moved
        assert all("is that of the path" in remark.text for remark in marking.remarks)


def test_a_path_is_forgotten_in_the_right_row(several):
    sheet, answers = several
    made, order = sheet.working, [3, 1, 4, 2]
    gradient = f"∂e/∂{made.connection.name}"
    for left_out in range(1, 5):
        value = made.right[gradient] - made.right[f"product {left_out}"]
        rest = made.values({gradient: value})
        marking = mark(
            sheet, {**in_rows(answers, order), gradient: value, f"{made.connection.name}(k+1)": rest["W1(k+1)"]}
        )
        (remark,) = marking.remarks
        assert (remark.mistake.name, remark.mistake.where) == (
            "path forgotten",
            " -> ".join(Routes(made).right[left_out - 1]),
        )


def test_paths_are_named_twice_or_not_at_all(several):
    sheet, answers = several
    made = sheet.working
    twice = {**answers, "path 2": answers["path 1"], "product 2": answers["product 1"]}
    total = sum(Fraction(twice[f"product {place}"]) for place in range(1, 5))
    rest = made.values({"∂e/∂W1": total})
    marking = mark(sheet, {**twice, "∂e/∂W1": total, "W1(k+1)": rest["W1(k+1)"]})
    (remark,) = marking.remarks
    assert (remark.blank, remark.mistake.name, remark.mistake.where) == (
        "path 2",
        "path forgotten",
        "I1 -> H1 -> H3 -> O2",
    ) or (remark.blank == "path 2" and remark.mistake.where == " -> ".join(Routes(made).right[1]))
    assert marking.score == marking.out_of - 1
    assert set(remark.follows) == {"product 2", "∂e/∂W1", "W1(k+1)"}

    nowhere = mark(sheet, {**answers, "path 3": "I1 -> H2 -> O1"})
    assert [each.blank for each in nowhere.verdicts if each.verdict == "wrong"] == ["path 3"]

    left = {name: text for name, text in answers.items() if name not in ("path 4", "product 4")}
    total = sum(Fraction(left[f"product {place}"]) for place in range(1, 4))
    rest = made.values({"∂e/∂W1": total})
    marking = mark(sheet, {**left, "∂e/∂W1": total, "W1(k+1)": rest["W1(k+1)"]})
    assert marking.score == marking.out_of - 2
    forgotten = next(remark for remark in marking.remarks if remark.mistake)
    assert (forgotten.verdict, forgotten.mistake.name, forgotten.blanks) == ("missing", "path forgotten", ("path 4",))
    assert "∂e/∂W1" in forgotten.follows


@pytest.mark.parametrize(
    "written",
    ["I1 → H1 → H3 → O1", "i1->h1->h3->o1", "I1, H1, H3, O1", "I1 H1 H3 O1", "O1 - H3 - H1 - I1", "H1–H3–O1",
     "I1 · HA1 · HA3 · OA1", "e → O1 → H3 → H1 → I1", "I1 -W1-> H1 > H3 > O1", "(I1, H1, H3, O1)", "I1 → H1 → H3 → O1.",
     "e ← O1 ← H3 ← H1 ← I1", "I₁ → H₁ → H₃ → O₁", "I_1 => H_1 => H_3 => O_1", "I1 → H1 → H3 → O1 →"],
)  # fmt: skip
def test_paths_are_written_in_many_ways(several, written):
    routes = Routes(several[0].working)
    number = routes.number(written)
    assert number is not None
    assert routes.right[number] == ("I1", "H1", "H3", "O1")
    for wrong in ("", "I1", "I1 H1 H3 O3", "H3 O1", "I1 H1 H3", "I1 H1 H1 H3 O1", written + " O2", "nowhere"):
        assert routes.number(wrong) is None


@pytest.mark.parametrize(
    "names", [("<a>", "b>", "c"), ("a,b", "a b", "a->b"), ("e", "H1", "W1"), ("a", "A", "á"), ("x→y", "-", "y")]
)
def test_paths_of_odd_names_are_right_as_the_key_has_them(names):
    net = ns.Network(seed=0)
    source, between, end = (
        net.add_input(names[0]),
        net.add_hidden(names[1], activation="relu"),
        net.add_output(names[2]),
    )
    link = net.connect(source, between, name="first")
    net.connect(between, end, name="second")
    net.connect(net.add_hidden("aside", activation="relu"), end, name="third")
    net.connect(source, "aside", name="fourth")
    sheet = exercises.make(net, ask=link, tasks=["paths"])
    marking = sheet.mark(sheet.key)
    assert marking.score == marking.out_of
    assert sheet.mark({"path 1": f"{names[0]} → aside → {names[2]}"}).score == 0


# ---- sheets -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "de"])
def test_sheets_are_marked(language):
    sizes = ([1, 1], [2, 2, 2], [2, 1, 2], [3, 2, 2, 1], "dag")
    for seed, network in enumerate(sizes):
        for hidden in ("relu", "tanh"):
            sheet = exercises.make(
                network, seed=seed, hidden=hidden, language=language, digits=4 if hidden == "tanh" else None,
                tasks=["forward", "paths", "gradient", "update", "mistake"],
            )  # fmt: skip
            marking = sheet.mark(sheet.key)
            assert marking.remarks == ()
            assert marking.score == marking.out_of == len(sheet.blanks)
            in_words = {name: answer.replace(".", sheet.language.decimal) for name, answer in sheet.key.items()}
            assert sheet.mark(in_words).score == marking.score
            assert sheet.mark({}).score == 0
            for blank in sheet.blanks:
                if blank.kind == "choice":
                    other = next(each for each in blank.choices if each != blank.answer)
                    assert [each.blank for each in sheet.mark({**sheet.key, blank.name: other}).remarks] == [blank.name]


def test_a_tree_is_followed_from_its_branches():
    sheet = exercises.make([1, 2, 2], ask="W1", seed=2, tasks=["tree", "update"])
    answers = sheet.working.values()
    inner = next(step for step in sheet.working.steps if step.kind == "branch")
    wrong = {inner.name: answers[inner.name] + 1}
    branches = Hand(sheet.working, wrong).found
    values = sheet.working.values(wrong)
    roots = [step.name for step in sheet.working.steps if step.kind == "branch"][-1:]
    gradient = sum(values[name] for name in roots)
    update = sheet.working.given["W1"] - sheet.working.given["η"] * gradient
    given = {name: values[name] for name in sheet.key if name.startswith("branch")}
    marking = sheet.mark({**given, "W1(k+1)": update})
    assert {name: values[name] for name in given} == {name: branches[name] for name in given}
    assert marking.score == marking.out_of - 1
    assert [remark.blank for remark in marking.remarks] == [inner.name]


def test_the_gradient_follows_from_products_or_from_branches():
    made = working(ns.Network.layered([1, 2, 2], hidden="softsign", seed=0), 8, "W1")
    inner = next(step.name for step in made.steps if step.kind == "branch")
    values = made.values({inner: made.right[inner] + 1})
    answers = made.values({inner: values[inner], "∂e/∂W1": values["branch 1"]})
    assert answers["∂e/∂W1"] != made.right["∂e/∂W1"]
    marking = mark(Everything(made), answers)
    (remark,) = marking.remarks
    assert (remark.blank, {*remark.follows}) == (inner, {"branch 1", "∂e/∂W1", "W1(k+1)"})


def test_digits_that_were_carried_on_are_no_mistake():
    """A wrong number stands there with three digits, and was calculated on with all of its own."""
    for seed in range(8):
        made = irrational(seed)
        values = made.values({"H1": made.right["H1"] * Fraction(137, 100) + Fraction(1, 3)})
        marking = mark(Everything(made, 3), {name: rounded(value, 3, ROUND_HALF_UP) for name, value in values.items()})
        assert [remark.blank for remark in marking.remarks] == ["H1"], marking


def test_one_mistake_that_no_blank_shows_costs_one_point():
    checked = 0
    for seed in range(6):
        made = working(ns.Network.layered([2, 2, 3], hidden="softsign", seed=seed), seed, "W1")
        only = ("O1", "O2", "O3")
        for plant in plants(made):
            if plant.step in ("H1", "HA1", "H2"):
                marking = mark(Everything(made, only=only), {name: plant.answers[name] for name in only})
                checked += 1
                assert marking.score == 2
                assert plant.mistake in (marking.remarks[0].mistake, *marking.remarks[0].alternatives)
                assert marking.remarks[0].follows == only[1:]
    assert checked > 20


def test_an_empty_blank_may_have_been_calculated_right_or_on():
    """Nobody knows what stood in an empty blank: what follows from either is no other mistake."""
    made = working(ns.Network.layered([1, 1, 1], hidden="linear", output="linear", seed=0), 2, "W1")
    wrong = made.right["∂O1/∂HA1"] + 2
    answers = {"H1": made.right["H1"] + 1, "∂O1/∂HA1": wrong}
    onwards = made.values(answers)["product 1"]
    right = made.values({"∂O1/∂HA1": wrong})["product 1"]
    assert len({onwards, right, made.right["product 1"]}) == 3
    for product in (onwards, right):
        verdicts = {
            each.blank: each.verdict for each in mark(Everything(made), {**answers, "product 1": product}).verdicts
        }
        assert verdicts["product 1"] == "follows"


@pytest.mark.parametrize("digits", [2, 3])
def test_planted_numbers_are_not_taken_for_others(digits):
    for made in cases(12, first=3500):
        for plant in plants(made, digits=digits):
            told = rounded(plant.value, digits, ROUND_HALF_UP)
            assert told != rounded(made.right[plant.step], digits, ROUND_HALF_UP)
            known = {**made.given, **made.right}
            values = [each.value(known) for each in candidates(made, made.by_name[plant.step])]
            assert [rounded(value, digits, ROUND_HALF_UP) for value in values if value is not None].count(told) == 1


def test_everything_said_is_in_the_table():
    """In a language that puts signs around all its texts, nothing is said without them."""

    class Signed(dict):
        def get(self, key, default=None):
            return f"«{key}»"

    signed = Language("xx", "signed", ",", Signed())
    made = working(ns.Network.layered([2, 2, 2], hidden="softsign", seed=0), 5, "W1")
    for plant in plants(made)[::5]:
        marking = mark(Everything(made, language=signed), plant.answers)
        (remark,) = marking.remarks
        bare = remark.text
        while "«" in bare:
            before, _, rest = bare.rpartition("«")
            bare = before + rest.partition("»")[2]
        assert bare.strip() == ""
        assert "«sign»" not in marking.to_dict()["verdicts"]["verdict"]


def test_marking_is_told(several):
    sheet, answers = several
    marking = mark(sheet, {**answers, "HA1": "9", "H1": ""})
    told = str(marking)
    assert f"{marking.score} of {marking.out_of} points." in told
    for remark in marking.remarks:
        assert remark.text in told
        assert str(remark) == remark.text
    assert json.loads(json.dumps(marking.to_dict()))["score"] == marking.score
    page = marking._repr_html_()
    assert page.count("<tr>") == marking.out_of + 1
    assert repr(marking).startswith(f"<Marking: {marking.score} of {marking.out_of}: ")
    assert repr(mark(sheet, answers)) == f"<Marking: {marking.out_of} of {marking.out_of}: all right>"


# ---- what is refused ------------------------------------------------------------------------------------------------


def test_blanks_have_many_spellings():
    made = working(ns.Network.layered([1, 1, 1], hidden="linear", seed=0), 1, "W1")
    sheet = Everything(made)
    for name, others in {
        "∂e/∂W1": ("de/dW1", "dW1", "DE / DW1", "δW1", "gradient W1"), "W1(k+1)": ("W1", "W1 new", "w1 (k+1)"),
        "e": ("E", "error"), "∂HA1/∂H1": ("dHA1/dH1",), "product 1": ("Product 1", "product1"),
    }.items():  # fmt: skip
        for other in others:
            verdicts = {each.blank: each.verdict for each in mark(sheet, {other: made.right[name]}).verdicts}
            assert verdicts[name] == "right"


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"H7": 1}, ["H7", "H1"]), ({"h1": 1, "H1": 2}, ["H1", "twice"]), ({"H1": "a lot"}, ["H1", "a lot", "3/4"]),
        ({"H1": "1/0"}, ["H1", "1/0"]), ({"H1": True}, ["H1"]), ({"H1": "1,234"}, ["1.234", "1234"]),
        ({"H1": float("inf")}, ["H1"]), ({"H1": [1]}, ["H1"]), ([1, 2], ["dict"]), ({3: 1}, ["3"]), ({"H1": "1e9999"}, ["H1"]),
        ({"H1": 1j}, ["H1"]), ({"path 1": 3}, ["path 1", "I1"]), ({"H1": "9" * 1000}, ["H1"]), (None, ["dict"]),
        ({"H1": "9" * 150}, ["H1", "cannot be meant"]), ({"H1": "1e999"}, ["H1", "1e999"]), ({"H1": "1e-999"}, ["H1"]),
        ({"e": 10**5000}, ["e", "so many digits"]), ({"e": Fraction(10**5000, 3)}, ["e"]),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(several, answers, words):
    with pytest.raises(ns.NodesimError) as refused:
        mark(several[0], answers)
    for word in words:
        assert word in str(refused.value)


def test_numbers_are_read_as_they_are_written(several):
    sheet, _ = several
    made = sheet.working
    value = made.right["H1"]
    whole, part = divmod(value.numerator, value.denominator)
    decimal = f"{float(value)}"
    writings = [value, float(value), decimal, decimal.replace(".", ",") if len(decimal) != 5 else decimal, f"{value.numerator}/{value.denominator}",
                f"{value.numerator} / {value.denominator}", Decimal(decimal), f"  {decimal} ", f"≈ {decimal}", f"{float(value):e}"]  # fmt: skip
    if value > 0 and part:
        writings += [f"{whole} {part}/{value.denominator}", f"+{decimal}"]
    for written in writings:
        assert next(each for each in mark(sheet, {"H1": written}).verdicts if each.blank == "H1").verdict == "right", (
            written
        )
    for nothing in (None, "", "  ", float("nan")):
        assert mark(sheet, {"H1": nothing}).score == 0


def test_no_answers_make_anything_but_an_error_of_nodesim(several):
    sheet, answers = several
    rng = random.Random(3)
    pieces = [
        "I1",
        "→",
        "H1",
        "9",
        "/",
        ",",
        ".",
        "-",
        "−",
        "e",
        " ",
        "∂",
        "0",
        "½",
        "\0",
        "∞",
        "١",
        "²",
        "1e",
        "(",
        "=",
        "path",
    ]
    far = {name: rng.choice(["1e100", "-1e99", "1e-199", "1e30"]) for name in answers if not name.startswith("path")}
    assert mark(sheet, far).score < mark(sheet, far).out_of
    for _ in range(250):
        names = rng.sample([*answers], 3)
        wild = {name: "".join(rng.choices(pieces, k=rng.randint(0, 6))) for name in names}
        with suppress(ns.NodesimError):
            marking = mark(sheet, wild)
            assert 0 <= marking.score <= marking.out_of
            str(marking)


# ---- the command ----------------------------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sheets = [exercises.make([2, 2, 2], seed=seed) for seed in (5, 6, 7)]
    sheets[0].save("one.json")
    exercises.save(sheets, "three.json")
    return sheets


def run(capsys, *arguments):
    code = main(["mark", *arguments])
    output = capsys.readouterr()
    assert "Traceback" not in output.err
    return code, output.out, output.err


def write(name, rows, separator=";", head="", encoding="utf-8"):
    text = head + "".join(separator.join(row) + "\r\n" for row in rows)
    Path(name).write_bytes(text.encode(encoding))


def test_a_table_of_answers_is_marked(files, capsys):
    key = dict(files[0].key)
    wrong = {**key, "H1": "-" + key["H1"].removeprefix("-") if key["H1"][0] != "-" else key["H1"][1:]}
    for separator, encoding, head in (
        (";", "utf-8-sig", ""),
        (",", "utf-8", "blank,answer\n"),
        ("\t", "utf-16", "# by hand\n"),
    ):
        write("a.csv", wrong.items(), separator, head, encoding)
        code, out, _ = run(capsys, "one.json", "a.csv", "--json")
        found = json.loads(out)
        assert (code, found) == (0, mark(files[0], wrong).to_dict())
        assert [remark["blank"] for remark in found["remarks"]] == ["H1"]
    commas = {name: value if name.startswith("path") else value.replace(".", ",") for name, value in key.items()}
    write("a.csv", [*commas.items(), ("", "")])
    code, out, _ = run(capsys, "one.json", "a.csv", "--language", "de")
    assert code == 0
    assert out.strip().split("\n")[-1].count(str(len(key))) == 2


def test_tables_of_several_sheets(files, capsys):
    rows = [(str(sheet.seed), name, value) for sheet in files for name, value in sheet.key.items() if name != "e"]
    write("a.csv", [("sheet", "blank", "answer"), *rows])
    code, out, _ = run(capsys, "three.json", "a.csv", "--json")
    found = json.loads(out)
    assert code == 0
    assert [(each["sheet"], each["out_of"] - each["score"]) for each in found] == [(5, 1), (6, 1), (7, 1)]
    write("a.csv", files[1].key.items())
    code, out, _ = run(capsys, "three.json", "a.csv", "--sheet", "6", "--json")
    assert json.loads(out)["remarks"] == []
    code, _, err = run(capsys, "three.json", "a.csv")
    assert (code, "--sheet" in err, "5, 6, 7" in err) == (1, True, True)
    assert run(capsys, "three.json", "a.csv", "--sheet", "9")[0] == 2


def test_a_class_is_marked(files, capsys):
    names = list(files[0].key)
    ann, bob = dict(files[0].key), {**files[0].key, "e": ""}
    cyd = {**bob, "number of paths": "9"}
    write(
        "class.csv",
        [("name", *names), *((who, *given.values()) for who, given in (("Ann", ann), ("Bob", bob), ("Cyd", cyd)))],
    )
    code, out, _ = run(capsys, "one.json", "class.csv")
    assert code == 0
    # Sentences of different lengths begin one below the other, under what stands over them.
    heads, _, *remarks = out.split("\n")[:4]
    assert [line[heads.index("remarks") :][:9] for line in remarks] == ["1 missing", "number of"]
    total, told = len(names), [line.split() for line in out.split("\n")]
    assert ["Ann", *f"{total} of {total}".split()] in told
    assert ["Bob", *f"{total - 1} of {total} 1 missing".split()] in told
    everything = list(dict.fromkeys(name for sheet in files for name in sheet.key))
    rows = [(f"P{sheet.seed}", str(sheet.seed), *(sheet.key.get(name, "") for name in everything)) for sheet in files]
    write("class.csv", [("name", "sheet", *everything), *rows])
    code, out, _ = run(capsys, "three.json", "class.csv", "--json")
    assert [(each["name"], each["score"] == each["out_of"]) for each in json.loads(out)] == [
        ("P5", True),
        ("P6", True),
        ("P7", True),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["a.csv"]), ("H1;abc\n", ["H1", "abc"]), ("e;1\nHA9;1\n", ["row 2", "HA9"]), ("e;1\ne;2\n", ["row 2", "second"]),
        ("name;H1;e\n", ["nobody"]), ("name;H1\nAnn;x\n", ["row 2", "H1", "x"]), ("H1;1;2;3\n", ["row 1", "4 columns"]),
        ("name;H1\nAnn;1;2\n", ["row 2", "3 columns"]), ("blank;answer\n", ["no answers"]), ("5;H1;1\n9;H1;2\n", ["row 2", "9"]),
        ('"H1;1\n', ["a.csv"]), ("name;sheet;H1\nAnn;4;1\n", ["row 2", "4"]),
    ],
)  # fmt: skip
def test_tables_that_cannot_be_meant_are_refused(files, capsys, text, words):
    Path("a.csv").write_text(text, encoding="utf-8")
    code, out, err = run(capsys, "one.json", "a.csv")
    assert (code, out) == (1, "")
    for word in words:
        assert word in err


def test_what_cannot_be_read_is_told_with_its_row(files, capsys):
    sheet = exercises.make([2, 2, 2], seed=7)
    sheet.save("own.json")
    write("lines.csv", [["H1", sheet.key["H1"]], ["e", "five"]])
    code, _, error = run(capsys, "own.json", "lines.csv")
    assert (code, "lines.csv, row 2" in error, "'five'" in error) == (1, True, True)
    heads = ["name", *sheet.key]
    write("class.csv", [heads, ["Ann", *sheet.key.values()], ["Bob", "five"]])
    code, _, error = run(capsys, "own.json", "class.csv")
    assert (code, "class.csv, row 3" in error, "H1" in error) == (1, True, True)
    write("note.csv", [[*heads, "Note"], ["Ann", *sheet.key.values(), "A+"]])
    code, _, error = run(capsys, "own.json", "note.csv")
    assert (code, "row 1: no sheet has a blank 'Note'" in error) == (1, True)


def test_files_that_are_no_sheets_are_refused(files, capsys):
    write("a.csv", [("H1", "1")])
    assert run(capsys, "nothing.json", "a.csv")[0] == 1
    assert run(capsys, "a.csv", "a.csv")[0] == 1
    assert run(capsys, "one.json", "nothing.csv")[0] == 1
    assert run(capsys, "one.json", "a.csv", "--language", "tlh")[0] == 2

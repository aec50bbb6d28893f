"""Exercise sheets: their keys are right, their numbers short, and what is no exercise is refused."""

from __future__ import annotations

import contextlib
import json
import os
import random
import subprocess
import sys
import time
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from itertools import pairwise

import mpmath
import networkx as nx
import numpy as np
import pytest
from helpers import digest

import nodesim as ns
from nodesim import cli
from nodesim.exercises.tasks import TASKS
from nodesim.notation.expressions import leaves
from nodesim.papers import html
from nodesim.papers.blocks import Table

HALF = Fraction(1, 2)
SHEETS = int(os.environ.get("NODESIM_SHEETS", "250"))


def where(condition, then, otherwise):
    return then if condition else otherwise


# Each activation and its slope, each loss and its derivative by one output; in fractions, or in mpmath's numbers.
ACTIVATIONS = {
    "linear": (lambda z: z, lambda z: 1),
    "relu": (lambda z: max(z, 0), lambda z: where(z > 0, 1, 0)),
    "leaky_relu": (lambda z: where(z > 0, z, z / 100), lambda z: where(z > 0, 1, Fraction(1, 100))),
    "hard_tanh": (lambda z: min(max(z, -1), 1), lambda z: where(abs(z) < 1, 1, 0)),
    "hard_sigmoid": (lambda z: min(max(z / 6 + HALF, 0), 1), lambda z: where(abs(z) < 3, Fraction(1, 6), 0)),
    "softsign": (lambda z: z / (1 + abs(z)), lambda z: 1 / (1 + abs(z)) ** 2),
    "sigmoid": (lambda z: 1 / (1 + mpmath.exp(-z)), lambda z: 1 / (2 + mpmath.exp(z) + mpmath.exp(-z))),
    "tanh": (mpmath.tanh, lambda z: mpmath.sech(z) ** 2),
    "softplus": (lambda z: mpmath.log(1 + mpmath.exp(z)), lambda z: 1 / (1 + mpmath.exp(-z))),
}
LOSSES = {
    "mse": (lambda y, a: sum((p - q) ** 2 for p, q in zip(y, a)) / len(y), lambda p, q, n: 2 * (q - p) / n),
    "half_squared_error": (lambda y, a: sum((p - q) ** 2 for p, q in zip(y, a)) / 2, lambda p, q, n: q - p),
    "mae": (lambda y, a: sum(abs(p - q) for p, q in zip(y, a)) / len(y), lambda p, q, n: Fraction(where(q > p, 1, -1), n)),
}  # fmt: skip


def as_mpmath(value):
    return mpmath.mpf(value.numerator) / value.denominator if isinstance(value, Fraction) else mpmath.mpf(value)


def by_hand(sheet):
    """Calculate everything that a sheet can ask for, by the chain rule, and no line of nodesim's."""
    net, plain = sheet.network, numbers(sheet)
    exact = all(node.activation is None or node.activation.name in list(ACTIVATIONS)[:6] for node in net.nodes)
    number = Fraction if exact else as_mpmath
    weight = {c.name: number(Fraction(repr(float(c.weight)))) for c in net.connections}
    ends = {c.name: (c.source.name, c.target.name) for c in net.connections}
    graph = nx.DiGraph([(*pair, {"name": name}) for name, pair in ends.items()])
    found, sent = {}, {}
    given = dict(zip([n.name for n in net.inputs], plain["x"])) | {b.name: "1" for b in net.biases}
    y = dict(zip([n.name for n in net.outputs], [number(Fraction(each)) for each in plain["y"]]))
    slope = {}
    for node in nx.topological_sort(graph):
        if node in given:
            sent[node] = number(Fraction(given[node]))
            continue
        function, derivative = ACTIVATIONS[net[node].activation.name]
        total = sum(sent[source] * weight[graph[source][node]["name"]] for source in graph.predecessors(node))
        sent[node], slope[node] = number(function(total)), number(derivative(total))
        letters, rest = node[0], node[1:]
        found[f"{letters}{rest}"], found[f"{letters}A{rest}"] = total, sent[node]
        found[f"∂{letters}A{rest}/∂{letters}{rest}"] = slope[node]
    error, by_output = LOSSES[net.loss.name]
    found["e"] = error([*y.values()], [sent[name] for name in y])
    ask = plain["ask"]
    source, target = ends[ask]
    found[f"∂{target}/∂{ask}"] = sent[source]
    for name, (above, below) in ends.items():
        found[f"∂{below}/∂{above[0]}A{above[1:]}"] = weight[name]
    ways = [
        [source, *way]
        for output in y
        for way in ([[target]] if target == output else nx.all_simple_paths(graph, target, output))
    ]
    products = {}
    for way in ways:
        last = way[-1]
        found[f"∂e/∂OA{last[1:]}"] = product = number(by_output(y[last], sent[last], len(y)))
        product *= slope[last] * sent[source]
        for above, below in pairwise(way[1:]):
            product *= weight[graph[above][below]["name"]] * slope[above]
        products[" → ".join(way)] = product
    found[f"∂e/∂{ask}"] = sum(products.values())
    found[f"{ask}(k+1)"] = weight[ask] - number(Fraction(plain["learning_rate"])) * found[f"∂e/∂{ask}"]
    return found, products, graph


def numbers(sheet):
    """Return what is given on a sheet; `to_dict` has the same, which takes longer."""
    given = sheet.working.given
    x, y = [given[node.name] for node in sheet.network.inputs], [given[f"y{n.name[1:]}"] for n in sheet.network.outputs]
    return {"x": x, "y": y, "ask": sheet.working.connection.name, "learning_rate": given["η"]}


def rounded(value, digits):
    """Round to significant digits by `decimal`, half away from zero; a fraction with 60 digits."""
    with localcontext(prec=60):
        whole = isinstance(value, Fraction)
        exact = Decimal(value.numerator) / value.denominator if whole else Decimal(mpmath.nstr(value, 45))
        if not exact:
            return exact
        return exact.quantize(Decimal((0, (1,), exact.adjusted() - digits + 1)), ROUND_HALF_UP)


def same(text, value, digits):
    """Tell whether a text of the key is a number, exactly, or rounded to so many digits."""
    if digits is None:
        return Fraction(text) == value
    return Decimal(text) == rounded(value, digits)


def check(sheet):
    """Compare the whole key with what was calculated by hand, and with `Network.exact`."""
    found, products, _ = by_hand(sheet)
    key, digits = dict(sheet.key), sheet.digits
    plain = numbers(sheet)
    count = len(products)
    if "paths" in sheet.tasks:
        assert key.pop("number of paths") == str(count)
        named = [key.pop(f"path {place + 1}") for place in range(count)]
        assert sorted(named) == sorted(products)
    else:
        named = [" → ".join(node.name for node in path.nodes) for path in sheet.working.paths]
    if "gradient" in sheet.tasks:
        for place, way in enumerate(named):
            assert same(key.pop(f"product {place + 1}"), products[way], digits), way
    if "tree" in sheet.tasks:
        check_tree(sheet, key, found)
    for name, text in key.items():
        assert same(text, found[name], digits), (name, text, found[name])
    for name, value in sheet.exact.items():
        if name in found:
            assert value == found[name] or abs(as_mpmath(value) - found[name]) < 1e-40
    if all(isinstance(value, Fraction) for value in products.values()):
        run = sheet.network.exact(plain["x"], plain["y"])
        assert run.gradient(plain["ask"]) == found[f"∂e/∂{plain['ask']}"] == sum(products.values())
        assert run.error == found["e"]
    return found, products


def check_tree(sheet, key, found):
    """Multiply the factors that are printed at each branch with the sum of the branches within it."""
    steps = {id(step.element): step.name for step in sheet.working.steps if step.kind == "branch"}

    def value(branch):
        inner = sum(map(value, branch.branches)) if branch.branches else 1
        for leaf in leaves(branch.factors):
            inner *= found[leaf.name]
        name = steps[id(branch)]
        if name in key:
            assert same(key.pop(name), inner, sheet.digits), name
        return inner

    branches = [step.element for step in sheet.working.steps if step.kind == "branch"]
    inside = {id(each) for branch in branches for each in branch.branches}
    whole = sum(value(branch) for branch in branches if id(branch) not in inside)
    gradient = found[f"∂e/∂{sheet.working.connection.name}"]
    assert whole == gradient if isinstance(gradient, Fraction) else abs(whole - gradient) < 1e-30


def random_sheet(seed, hidden):
    """Make a sheet of a random topology, for a random weight, bias weights among them."""
    dice = random.Random(seed)
    topology = dice.choice(["2-2-2", "2-2-2", "1-1", "3-2", "1-2-1", "2-3-2", "2-2-3", "2-2-2-2", "dag", "dag", "net"])
    settings = {"seed": seed, "digits": dice.choice([None, None, 3, 5])}
    if topology == "dag":
        return ns.exercises.make("dag", paths=dice.randint(2, 6), hidden=dice.choice(hidden), **settings)
    if topology == "net":
        topology = ns.Network.layered(
            [2, 2, 2], dice.choice(hidden), loss=dice.choice(["mae", "half_squared_error"]), seed=0
        )
        count = 12
    else:
        sizes = [int(size) for size in topology.split("-")]
        settings["hidden"] = dice.choice(hidden)
        count = sum((a + 1) * b for a, b in pairwise(sizes))
    # The first weight, one in the middle, and the last, which is that of a bias node.
    return ns.exercises.make(topology, ask=f"W{dice.choice([1, count // 2 + 1, count])}", **settings)


# ---- the key --------------------------------------------------------------------------------------------------


def test_keys_are_right_and_short():
    decimals, long = [], []
    for seed in range(SHEETS):
        sheet = random_sheet(seed, ["relu", "relu", "leaky_relu", "linear", "hard_tanh"])
        found, products = check(sheet)
        values, longest = list(products.values()), 0
        assert len(set(map(abs, values))) == len(values), "two products are of one size: a mistake would not show"
        assert all(values)
        assert found[f"∂e/∂{sheet.working.connection.name}"]
        for value in (*found.values(), *products.values(), *sheet.working.given.values()):
            text = Decimal(value.numerator) / value.denominator
            assert Fraction(text) == value, "it has an end"
            decimals.append(-text.normalize().as_tuple().exponent)
            digits = len(text.normalize().as_tuple().digits)
            assert decimals[-1] <= 5
            assert digits <= 6
            longest = max(longest, digits)
        long.append(longest > 3)
    assert sum(each > 3 for each in decimals) < 0.01 * len(decimals)
    assert sum(long) < 0.2 * len(long)


def test_rounded_keys_are_right():
    with mpmath.workdps(50):
        for seed in range(50):
            sheet = random_sheet(seed, ["sigmoid", "tanh", "softplus"])
            irrational = any(node.activation.name not in ("linear",) for node in sheet.network.hidden)
            assert sheet.digits is not None or not irrational
            check(sheet)


def test_what_has_no_end_is_rounded():
    net = ns.Network.layered([2, 2, 3], "relu", loss="mae", seed=0)
    for sheet in (ns.exercises.make(net, seed=1), ns.exercises.make([2, 2, 2], hidden="hard_sigmoid", seed=1)):
        assert sheet.digits == 4
        found, _ = check(sheet)
        assert any(value.denominator % 3 == 0 for value in found.values())
        assert sum(blank.tolerance != "0" for blank in sheet.blanks) >= 3
    # A half of a unit of the fourth digit.
    blank = next(blank for blank in sheet.blanks if blank.name == "∂HA1/∂H1")
    assert (blank.answer, blank.tolerance) == ("0.1667", "0.00005")


def test_a_layered_sheet_has_three_decimals():
    for seed in range(40):
        sheet = ns.exercises.make([2, 2, 2], seed=seed)
        values = [*sheet.working.right.values(), *sheet.working.given.values()]
        assert all((value * 1000).denominator == 1 and abs(value) <= 30 for value in values)
        # Of a sheet on which everything is 1 nobody learns which number is which.
        weights = {name: value for name, value in sheet.working.given.items() if name.startswith("W")}
        assert sum(abs(value) == 1 for value in weights.values()) <= 6
        assert len(set(weights.values())) >= 5
        assert not {0, 1} & {sheet.working.given["I1"], sheet.working.given["I2"]}
        assert all(sheet.working.right[f"∂HA{n}/∂H{n}"] for n in (1,))


def test_graphs_are_drawn_with_so_many_paths():
    for count in range(2, 9):
        for seed in range(4):
            sheet = ns.exercises.make("dag", paths=count, seed=seed, tasks=["paths"])
            assert sheet.key["number of paths"] == str(count)
            layers = {node: place for place, layer in enumerate(sheet.network.layers) for node in layer}
            assert any(layers[c.target] - layers[c.source] > 1 for c in sheet.network.connections)
            assert all(node.outgoing for node in (*sheet.network.inputs, *sheet.network.hidden))


# ---- the tasks ------------------------------------------------------------------------------------------------


def test_the_missing_path_is_that_which_is_not_written():
    places = set()
    for seed in range(12):
        sheet = ns.exercises.make("2-3-3", seed=seed, tasks=["missing path"])
        _, products, _ = by_hand(sheet)
        assert Fraction(sheet.key["missing product"]) == products[sheet.key["missing path"]]
        page = html.written(sheet.paper())
        output = sheet.key["missing path"][-1]
        assert f"∂e/∂OA{output}" not in page
        places.add(output)
    assert len(places) == 3


def test_a_planted_mistake_is_followed_through():
    names = set()
    for seed in range(16):
        sheet = ns.exercises.make([2, 2, 2], seed=seed, tasks=["mistake"])
        planted, right = sheet.asked.planted, sheet.working.right
        shown = sheet.working.values({planted.step: planted.value})
        first = next(name for name, value in shown.items() if value != right[name])
        assert sheet.key["wrong number"] == first
        assert Fraction(sheet.key["right number"]) == by_hand_named(sheet, first)
        assert sheet.key["mistake"] in next(b for b in sheet.blanks if b.name == "mistake").choices
        names.add(sheet.key["mistake"])
        marking = sheet.mark(sheet.key)
        assert marking.score == marking.out_of == 3
    assert len(names) >= 5


def by_hand_named(sheet, name):
    found, products, _ = by_hand(sheet)
    if name.startswith("product "):
        path = sheet.working.paths[int(name.split()[1]) - 1]
        return products[" → ".join(node.name for node in path.nodes)]
    return found[name]


def test_every_task_alone_and_all_together():
    for tasks in (*([task] for task in TASKS), TASKS):
        for language in ("en", "de"):
            sheet = ns.exercises.make([2, 2, 2], seed=4, tasks=tasks, language=language)
            assert [blank.name for blank in sheet.paper().blanks()] == list(sheet.key)
            assert len(sheet.blanks) == len(sheet.key), "a blank has a name of its own"
            marking = sheet.mark(sheet.key)
            assert marking.score == marking.out_of == len(sheet.blanks)
            for blank in sheet.blanks:
                assert blank.kind != "choice" or blank.answer in blank.choices


def test_a_network_of_ones_own():
    net = ns.Network.layered([2, 2, 1], "relu", seed=0)
    net.weights = [0.15, -0.2, 0.25, 0.3, 0.35, 0.35, 0.4, 0.45, 0.6]
    before = digest(net)
    sheet = ns.exercises.make(net, ask="W1", x=["0.05", "0.1"], y=["0.01"], learning_rate="0.1")
    check(sheet)
    assert digest(net) == before
    assert (sheet.network.weights == net.weights).all()
    assert sheet.to_dict()["learning_rate"] == "1/10"
    drawn = ns.exercises.make(net, ask="W1", seed=1)
    assert digest(net) == before
    assert [c.name for c in drawn.network.connections] == [c.name for c in net.connections]
    assert (drawn.network.weights != net.weights).any()


def test_single_precision_is_no_obstacle():
    net = ns.Network.layered([2, 2, 1], "relu", seed=0, dtype="float32")
    net.weights = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
    before = digest(net)
    sheet = ns.exercises.make(net, ask=net["W2"], x=["0.5", "1"], y=["0.3"])
    assert sheet.working.given["W1"] == Fraction(1, 10)
    check(sheet)
    check(drawn := ns.exercises.make(net, seed=2))
    assert drawn.digits is None
    assert digest(net) == before


def test_names_and_constants_of_a_network_are_kept():
    net = ns.Network(loss="half_squared_error", seed=0)
    width, h, price = net.add_input("width"), net.add_hidden("gate", "leaky_relu"), net.add_output("price")
    bias = net.add_bias("two", 2.0)
    for ends in ((width, h), (h, price), (width, price), (bias, price)):
        net.connect(*ends)
    sheet = ns.exercises.make(net, ask="W1", seed=3)
    assert sheet.key["path 1"] == "width → gate → price"
    assert sheet.working.given["two"] == 2
    run = sheet.network.exact(sheet.to_dict()["x"], sheet.to_dict()["y"])
    assert Fraction(sheet.key["∂e/∂W1"]) == run.gradient("W1")
    assert Fraction(sheet.key["H[gate]"]) == run.value("gate")


# ---- the same everywhere, and quickly -------------------------------------------------------------------------

KEYS = """
import nodesim as ns
from nodesim.exercises.tasks import TASKS
cases = ("2-2-2", "relu", None), ("dag", "sigmoid", 4)
keys = [
    dict(ns.exercises.make(each, seed=seed, hidden=hidden, paths=paths, tasks=TASKS).key)
    for each, hidden, paths in cases for seed in range(3)
]
"""


def test_a_seed_makes_the_same_sheet_in_another_process():
    here = {}
    exec(KEYS, here)
    settings = {**os.environ, "PYTHONHASHSEED": "77"}
    there = subprocess.run(
        [sys.executable, "-c", f"{KEYS}print(keys)"], capture_output=True, text=True, check=True, env=settings
    )
    assert there.stdout.strip() == str(here["keys"])
    assert len({str(dict(ns.exercises.make([2, 2, 2], seed=seed).key)) for seed in range(30)}) == 30


def test_it_is_quick():
    for sizes, limit in (([2, 2, 2], 0.05), ([2, 2, 2, 2, 2], 0.5)):
        ns.exercises.make(sizes, seed=0)
        times = []
        for seed in range(7):
            start = time.process_time()
            ns.exercises.make(sizes, seed=seed)
            times.append(time.process_time() - start)
        assert sorted(times)[3] < limit


# ---- what is refused ------------------------------------------------------------------------------------------


def gated():
    net = ns.Network.layered([2, 2, 1], "relu", seed=0)
    net.add_hidden("P", "linear", "product")
    net.connect("I1", "P")
    net.connect("I2", "P")
    net.connect("P", "O1")
    return net


def tied():
    net = ns.Network.layered([2, 2, 1], "relu", seed=0)
    net.tie("W1", "W2")
    return net


def frozen():
    net = ns.Network.layered([2, 2, 1], "relu", seed=0)
    net["W1"].trainable = False
    return net


def dead_end():
    net = ns.Network.layered([2, 2, 1], "relu", seed=0)
    net.disconnect("H1", "O1")
    return net


def without_formula():
    return ns.Network.layered([1, 1], output=ns.Activation("mine", lambda z: z, lambda z, a: z * 0 + 1), seed=0)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (gated, "H of P is a product"),
        (tied, "tied weights"),
        (frozen, "W1 is frozen"),
        (dead_end, "no path leads from e to W1"),
        (without_formula, "no formula"),
        (lambda: ns.Network.recurrent(1, 2, 1, seed=0), "delayed"),
        (lambda: ns.Network.layered([1, 1, 1], hidden="step", seed=0), "no derivative"),
        (lambda: ns.Network.layered([2, 2, 2], output="relu", loss="binary_cross_entropy", seed=0), "sigmoid outputs"),
        (lambda: ns.Network.layered([2, 30, 30, 2], seed=0), "connections; a sheet is for at most"),
        (lambda: ns.Network.layered([1, 6, 6, 6, 1], "relu", bias=False, seed=0), None),
        (lambda: ns.Network.layered([2, 2, 9], seed=0), "outputs"),
        (lambda: ns.Network(seed=0), "W1"),
    ],
)
def test_no_exercise(make, message):
    net = make()
    before = digest(net)
    if message is None:
        assert ns.exercises.make(net, ask="W1", tasks=["paths"]).key["number of paths"] == "36"
    else:
        with pytest.raises(ns.NodesimError, match=message):
            ns.exercises.make(net, ask="W1")
    assert digest(net) == before


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"network": "2"}, "sizes such as"),
        ({"network": [2]}, "two layers at least"),
        ({"network": 7}, "sizes such as"),
        ({"network": [2, 0, 2]}, "whole number"),
        ({"ask": "W99"}, "W99"),
        ({"ask": "H1"}, "H1"),
        ({"seed": -1}, "seed"),
        ({"tasks": []}, "one task at least"),
        ({"tasks": ["forward", "forward"]}, "once"),
        ({"tasks": ["backward"]}, "a task must be one of"),
        ({"tasks": 3}, "tasks"),
        ({"digits": 0}, "digits"),
        ({"language": "xx"}, "no language"),
        ({"paths": 5}, "W1 has 2 paths"),
        ({"paths": 1}, "paths"),
        ({"network": "dag", "paths": 9}, "paths"),
        ({"network": "dag", "ask": "H1"}, "weights of a drawn graph"),
        ({"network": "dag", "ask": "W90"}, "no graph was drawn"),
        ({"x": [1, 2]}, "a Network"),
        ({"learning_rate": 0}, "larger than 0"),
        ({"learning_rate": "much"}, "learning_rate"),
        ({"hidden": "nope"}, "nope"),
        ({"network": [1, 1], "tasks": ["missing path"]}, "one path"),
        ({"hidden": "sigmoid", "digits": 12}, "digits must be at most 8"),
    ],
)
def test_refused(settings, message):
    with pytest.raises(ns.NodesimError, match=message):
        ns.exercises.make(settings.pop("network", [2, 2, 2]), **settings)


def test_sizes_may_be_an_array():
    made = ns.exercises.make(np.array([2, 2, 2]), seed=4)
    assert made.key == ns.exercises.make([2, 2, 2], seed=4).key


@pytest.mark.filterwarnings("error")
def test_numbers_that_become_too_large_are_no_warning():
    net = ns.Network.layered([1, 1, 1], "neat_exp", loss="log_cosh", seed=0)
    with contextlib.suppress(ns.NodesimError):
        ns.exercises.make(net, x=[60], y=[1])
    with contextlib.suppress(ns.NodesimError):
        ns.exercises.make(net, seed=0)


def test_samples_that_do_not_fit():
    net = ns.Network.layered([2, 2, 1], "relu", seed=0)
    for x, y, message in (
        ([1, 2], None, "together"),
        ([1], [1], "I2|inputs"),
        ([[1, 2], [3, 4]], [[1], [2]], "one sample"),
        (["a", 2], [1], "finite real number|is 'a'"),
        (["1e400", 2], [1], "IA1 is too large|I1 is too large"),
        ([1, 2], [1e200], "y1 is too large"),
        ([1e-200, 2], [1], "near to 0"),
        ([1e25, 2], [1], "e is too large"),
    ):
        before = digest(net)
        with pytest.raises(ns.NodesimError, match=message):
            ns.exercises.make(net, x=x, y=y)
        assert digest(net) == before


def test_numbers_between_two_roundings_are_refused():
    net = ns.Network.layered([1, 1], bias=False, seed=0)
    net.weights = [0.25]
    with pytest.raises(ns.ArgumentError, match="either way"):
        ns.exercises.make(net, x=["0.5"], y=["1"], digits=2)
    # A third is near no border, however many digits of it are written.
    thirds = ns.exercises.make(net, x=["4/3"], y=["1"], digits=12)
    assert thirds.key["O1"] == "0.333333333333"


# ---- files ----------------------------------------------------------------------------------------------------


def test_sheets_come_back_from_files(tmp_path):
    sheets = [random_sheet(seed, ["relu", "sigmoid"]) for seed in range(12)]
    sheets += [ns.exercises.make([2, 2, 2], seed=seed, tasks=TASKS, language="de") for seed in range(4)]
    ns.exercises.save(sheets, tmp_path / "all.json")
    for sheet, again in zip(sheets, ns.exercises.load(tmp_path / "all.json"), strict=True):
        assert again.to_dict() == sheet.to_dict()
        assert html.written(again.paper()) == html.written(sheet.paper())
        assert again.exact == sheet.exact
    sheets[0].save(tmp_path / "one.json")
    assert repr(ns.exercises.load(tmp_path / "one.json")) == repr(sheets[0])


def test_sheets_of_ones_own_language_come_back(tmp_path):
    """Only whoever has the file of texts can read them in it; for others they are English, with the same numbers."""
    texts = {
        "wrong sign": "signe",
        "bias left out": "biais",
        "any other summand left out": "chemin",
        "Given": "  ",
        "mistake": "faute",
    }
    texts["{first} where {condition}, else {second}"] = "{{{condition}}}: {first}; {second}"
    file = tmp_path / "fr.json"
    file.write_text(json.dumps({"code": "fr", "name": "français", "decimal": ",", "texts": texts}), encoding="utf-8")
    sheet = next(
        made
        for seed in range(40)
        if (made := ns.exercises.make([2, 2, 2], seed=seed, tasks=["mistake", "gradient"], language=file)).key[
            "mistake"
        ]
        in ("signe", "biais", "chemin")
    )
    assert "Given" in html.written(sheet.paper())
    sheet.save(tmp_path / "sheet.json")
    english, own = ns.exercises.load(tmp_path / "sheet.json"), ns.exercises.load(tmp_path / "sheet.json", file)
    assert (own.key, own.language.code, english.language.code) == (sheet.key, "fr", "en")
    assert own.mark(sheet.key).score == own.mark(sheet.key).out_of
    assert {name for name in sheet.key if english.key[name] != sheet.key[name]} == {"mistake"}
    assert english.mark(english.key).score == english.mark(english.key).out_of


def test_damaged_files_are_refused(tmp_path):
    sheet = ns.exercises.make([1, 2, 2], seed=5, tasks=TASKS)
    sheet.save(tmp_path / "sheet.json")
    text = (tmp_path / "sheet.json").read_text(encoding="utf-8")
    dice, refused, file = random.Random(0), 0, tmp_path / "damaged.json"
    for _ in range(250):
        place, size = dice.randrange(len(text)), dice.choice([1, 1, 2, 5, 40])
        file.write_text(text[:place] + dice.choice(["", "7", '"', "null", "-", "{}"]) + text[place + size :], "utf-8")
        with contextlib.suppress(ns.FileError):
            assert ns.exercises.load(file).key == sheet.key
            continue
        refused += 1
    assert refused > 120


@pytest.mark.parametrize("value", [None, True, -1, 10**30, "x", "1/0", {}, [None], ["forward"] * 2])
def test_each_part_of_a_file_is_checked(tmp_path, value):
    sheet = ns.exercises.make([1, 2, 2], seed=5, tasks=TASKS)
    sheet.save(tmp_path / "sheet.json")
    whole = json.loads((tmp_path / "sheet.json").read_text(encoding="utf-8"))
    refused = []
    places = [[], ["sheets", 0], ["sheets", 0, "planted"]]
    names = [(place, name) for place in places for name in part(whole, place)]
    names += [
        (["sheets"], 0),
        (["sheets", 0, "key"], "H1"),
        (["sheets", 0, "x"], 0),
        (["sheets", 0, "network"], "nodes"),
    ]
    for place, name in names:
        changed = json.loads(json.dumps(whole))
        part(changed, place)[name] = value
        (tmp_path / "changed.json").write_text(json.dumps(changed), "utf-8")
        with contextlib.suppress(ns.FileError):
            assert ns.exercises.load(tmp_path / "changed.json").key == sheet.key
            continue
        refused.append(name)
    assert {"format", "version", "sheets", 0, "network", "x", "y", "tasks", "step", "value", "H1"} <= set(refused)


def part(whole, place):
    """Return a part of a document."""
    for name in place:
        whole = whole[name]
    return whole


def test_files_are_whole_or_none(tmp_path):
    sheet = ns.exercises.make([2, 2, 2], seed=1)
    for save in (sheet.save, sheet.save_key):
        for name, message in (("sheet.doc", "by the file's ending"), ("none/sheet.html", "no folder")):
            with pytest.raises(ns.NodesimError, match=message):
                save(tmp_path / name)
        with pytest.raises(ns.ArgumentError, match="paper"):
            save(tmp_path / "sheet.html", paper="a3")
    with pytest.raises(ns.ArgumentError, match="no key of its own"):
        sheet.save_key(tmp_path / "key.xml")
    with pytest.raises(ns.ArgumentError, match="no sheet"):
        ns.exercises.save([], tmp_path / "sheets.html")
    with pytest.raises(ns.ArgumentError, match="sheets are"):
        ns.exercises.save([1], tmp_path / "sheets.html")
    (tmp_path / "sheet_files").write_text("in the way")
    with pytest.raises(ns.FileError, match="folder for the pictures"):
        sheet.save(tmp_path / "sheet.md")
    assert [file.name for file in tmp_path.iterdir()] == ["sheet_files"]


def test_a_key_holds_the_answers_and_a_sheet_does_not(tmp_path):
    sheet = ns.exercises.make([2, 2, 2], seed=1, digits=5, hidden="sigmoid")
    answers = [blank.answer for blank in sheet.blanks if len(blank.answer) > 5]
    assert len(answers) > 10
    for ending in ("html", "md", "tex"):
        sheet.save(tmp_path / f"sheet.{ending}")
        sheet.save_key(tmp_path / f"key.{ending}")
        empty, filled = ((tmp_path / f"{name}.{ending}").read_text("utf-8") for name in ("sheet", "key"))
        for answer in answers:
            number = answer.replace("-", "−")
            assert answer not in empty
            assert number not in empty
            # How a minus and an arrow are written is the page's.
            assert ("→" in answer) or answer.removeprefix("-") in filled
    sheet.save_key(tmp_path / "key.json")
    assert json.loads((tmp_path / "key.json").read_text("utf-8")) == sheet.key
    assert "srcdoc" in sheet._repr_html_()


# ---- the command ----------------------------------------------------------------------------------------------


def test_the_command_makes_what_python_makes(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    line = (
        "exercise 2-2-2 --ask W3 --seed 7 --count 3 --language de -o a.json -o a.html -o a.md -o a.tex --key key.html"
    )
    assert cli.main(line.split()) == 0
    told = capsys.readouterr().out.splitlines()
    assert told == [
        "3 sheets saved to a.json", "3 sheets saved to a.html", "3 sheets saved to a.md, with 3 pictures beside it",
        "3 sheets saved to a.tex", "key of 3 sheets saved to key.html",
    ]  # fmt: skip
    sheets = ns.exercises.load("a.json")
    assert [sheet.seed for sheet in sheets] == [7, 8, 9]
    for sheet in sheets:
        own = ns.exercises.make([2, 2, 2], ask="W3", seed=sheet.seed, language="de")
        assert (
            sheet.to_dict()["key"] == own.to_dict()["key"] == ns.exercises.make("2-2-2", ask="W3", seed=sheet.seed).key
        )


def test_the_command_takes_networks_and_graphs(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ns.Network.layered([2, 2, 2], "tanh", seed=0).save("net.json")
    assert cli.main(["exercise", "net.json", "--tasks", "paths, mistake", "--digits", "3", "-o", "a.json"]) == 0
    sheet = ns.exercises.load("a.json")
    assert (sheet.tasks, sheet.digits) == (("paths", "mistake"), 3)
    assert {node.activation.name for node in sheet.network.hidden} == {"tanh"}
    line = "exercise dag --paths 5 --hidden sigmoid --learning-rate 0.1 -o b.json"
    assert cli.main(line.split()) == 0
    assert ns.exercises.load("b.json").key["number of paths"] == "5"


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("2-2-2 -o a.html --key a.html", 2, "two of the files are the same"),
        ("net.json -o net.json", 2, "the network would be overwritten"),
        ("net.json --hidden relu -o a.html", 2, "has activations"),
        ("nothing -o a.html", 2, "sizes such as 2-2-2"),
        ("2-2-2 --hidden nope -o a.html", 2, "no activation"),
        ("2-2-2 --tasks forwards -o a.html", 2, "no task 'forwards'"),
        ("2-2-2 --language xx -o a.html", 2, "no language"),
        ("2-2-2 --paths 5 -o a.html", 1, "W1 has 2 paths"),
        ("2-2-2 -o a.html --key none/key.html", 1, "no folder"),
        ("2-2-2 -o a.html -o a.doc", 1, "by the file's ending"),
        ("2-2-2 -o a.html --key key.zip", 1, "no key of its own"),
        ("missing.json -o a.html", 1, "missing.json"),
        ("2-2-2 -o -", 2, "name of a file"),
        ("2-2-2 -o a\0.html", 2, "name of a file"),
        ("2-2-2 -o a.html -o net.json/a.md", 1, "net.json"),
    ],
)
def test_the_command_writes_all_or_nothing(tmp_path, capsys, monkeypatch, line, code, message):
    monkeypatch.chdir(tmp_path)
    ns.Network.layered([2, 2, 2], seed=0).save("net.json")
    before = (tmp_path / "net.json").read_bytes()
    assert cli.main(["exercise", *line.split()]) == code
    assert message in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == ["net.json"]
    assert (tmp_path / "net.json").read_bytes() == before


def test_pictures_need_their_folder_before_anything_is_written(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "b_files").write_text("kept")
    assert cli.main(["exercise", "2-2-2", "-o", "a.html", "-o", "b.md"]) == 1
    assert "a file has this name" in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == ["b_files"]
    assert (tmp_path / "b_files").read_text() == "kept"


def test_who_gives_answers_away_is_told(capsys, tmp_path):
    """Whatever task is named as showing answers really prints one; a sheet of its own says nothing."""
    beside = ns.exercises.make([2, 2, 2], seed=3, tasks=["forward", "mistake"])
    table = next(block for block in beside.paper().blocks if isinstance(block, Table) and len(block.heads) == 3)
    numbers = {cell[-1] for _, _, cell in table.rows}
    assert beside.asked.shown(beside.working.right["H1"]) in numbers
    for tasks, told in (
        ("forward,mistake", "note: mistake shows"), ("paths,missing-path", "note: missing-path shows"),
        ("paths,mistake,missing-path", "note: missing-path and mistake show"), ("forward,missing-path", ""),
        ("mistake", ""), ("forward,paths,gradient,tree,update", ""),
    ):  # fmt: skip
        assert cli.main(["exercise", "2-2-2", "--tasks", tasks, "-o", str(tmp_path / "sheet.html")]) == 0
        assert ("note: " in (out := capsys.readouterr().out)) == bool(told)
        assert told in out

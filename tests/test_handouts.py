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
from nodesim.exercises.tasks import TASKS
from nodesim.exercises.working import Working
from nodesim.gradients.quantities import Quantity
from nodesim.notation.symbols import MINUS
from nodesim.papers import html, markdown, notebook, tex
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
FUNCTIONS = {name: getattr(math, name) for name in ("exp", "tanh", "log", "sqrt")} | {
    "max": max,
    "min": min,
    "abs": abs,
}


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
    formula = re.sub(
        rf"(?<![A-Za-z\\])(?:{names or '$.'})(?![A-Za-z])", lambda match: f"({known[match[0]]!r})", formula
    )
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


def test_slopes_with_cases_are_told():
    net, weight, x, y = with_kinks()
    made = ns.handout(net, weight, x, y)
    text, _ = markdown.written(made.paper())
    (row,) = (line for line in text.splitlines() if line.startswith("| relu |"))
    assert r"\begin{cases}1 & z \gt 0\\ 0 & \text{otherwise}\end{cases}" in row
    assert "Where there are cases" in text
    known = {name: calculate(number, {}) for name, _, number in results(made)}
    H2, slope = (known[name] for name in ("H_{2}", r"\frac{\partial \mathit{HA}_{2}}{\partial H_{2}}"))
    assert slope == (H2 > 0)


def in_words(line):
    """Return a line as words: formulas as text."""
    return "".join(each if isinstance(each, str) else getattr(each, "words", "@") for each in line)


@pytest.mark.parametrize("make", [article, two_layers, skipping])
def test_branches_and_products_are_those_that_sheets_ask_for(make):
    net, weight, x, y = make()
    given = {Quantity("activated", node).name: Fraction(value) for node, value in zip(net.inputs, map(float, x))}
    given |= {bias.name: Fraction(bias.value) for bias in net.biases} | {"η": Fraction(1, 2)}
    given |= {each.name: Fraction(each.weight) for each in net.connections}
    given |= {name: Fraction(value) for name, value in zip(("y1", "y2") if make != skipping else ("y[yes]", "y2"), y)}
    net.forward(x), net.backward(y)
    working = Working(net.paths(weight).derivatives, net[weight], given)
    made = ns.handout(net, weight, x, y, digits=DIGITS)
    found = {}
    blocks = made.paper().blocks
    # The tree of another network follows.
    for block in blocks[: blocks.index(Heading("How to go on: other weights"))]:
        if isinstance(block, Equation) and getattr(block.left, "name", "").startswith("product"):
            found[block.left.name] = block.rights[-1][1].expression.value
        elif isinstance(block, Items):
            for _, line in block.items:
                if isinstance(line[0], Strong):
                    found[line[0].words] = line[-1].expression.value
    wanted = {name: float(value) for name, value in working.right.items() if re.match("product|branch", name)}
    assert len(wanted) > 2
    assert found == pytest.approx(wanted, rel=1e-12)
    paths = [" → ".join(node.name for node in path.nodes) for path in working.paths]
    told = [in_words(block.line) for block in made.paper().blocks if isinstance(block, Paragraph)]
    assert [line.partition(": ")[2] for line in told if re.match(r"Path \d+: ", line)] == paths


@pytest.mark.parametrize("digits", [2, 4])
@pytest.mark.parametrize(
    "make", [article, two_layers, skipping, with_kinks, *(lambda s=s: random_one(s) for s in range(1, 13))]
)
def test_each_line_gives_its_result_as_it_stands(make, digits):
    text, _ = markdown.written(ns.handout(*make(), digits=digits).paper())
    # Each formula without a letter, and what is printed behind it: of equations, of the table, and of the tree.
    lines = [rights(match["body"])[1][-2:] for match in STATED.finditer(text) if match["body"]]
    rows = [[cell.strip().lstrip("=≈ ").strip("$") for cell in match["row"].split(" | ")] for match in
            STATED.finditer(text) if match["row"]]  # fmt: skip
    tree = re.findall(r"[=≈] \$([^$]*)\$ [=≈] \$([^$]*)\$$", text, re.MULTILINE)
    lines += [row[-2:] for row in rows if row[-2]] + [list(each) for each in tree]
    checked = 0
    for formula, number in (line for line in lines if len(line) == 2 and "cases" not in line[0]):
        if re.search(r"_|text|partial", formula):
            continue
        # Negative numbers stand in brackets, also at the beginning.
        assert not re.search(r"(?<!\\left\()(?<!\^{)-\d", formula), formula
        value = calculate(formula, {})
        assert f"{value + 0.0:.{digits}g}" == f"{calculate(number, {}):.{digits}g}", (formula, number)
        # And it stays readable.
        assert all(len(each.lstrip("0.").replace(".", "")) <= digits + 5 for each in re.findall(r"[\d.]+", formula))
        checked += 1
    assert checked > 5


# ---- every network, every format ---------------------------------------------------------------------------------


def joined(aggregation):
    net = ns.Network(seed=0)
    net.add_input("I1"), net.add_input("I2"), net.add_hidden("H1", aggregation=aggregation), net.add_output("O1")
    net.connect("I1", "H1"), net.connect("I2", "H1"), net.connect("H1", "O1")
    return net, "W1", [1.5, 0.5], [0.0]


def nasty():
    names = "<script>$x_1$ \\ %", "a\nb {c} | `q`", "日本", "\u202eO'\"&"
    net = ns.Network(seed=0)
    net.add_input(names[0]), net.add_hidden(names[1]), net.add_hidden(names[2]), net.add_output(names[3])
    net.connect(names[0], names[1], name="w_{^~}#'''")
    for source, target in ((0, 2), (1, 2), (2, 3), (1, 3)):
        net.connect(names[source], names[target])
    return net, "w_{^~}#'''", [1.5], [0.0]


def without_path():
    net = ns.Network.layered([2, 2, 1], seed=0)
    net.add_hidden("dead"), net.connect("I1", "dead", name="lost")
    return net, "lost", [1.0, 2.0], [0.0]


def tied():
    net = ns.Network.layered([2, 2, 1], seed=0)
    net.tie("W1", "W4")
    return net, "W1", [1.0, 2.0], [0.0]


def frozen():
    net = ns.Network.layered([2, 2, 1], seed=0)
    net["W1"].trainable = False
    return net, "W1", [1.0, 2.0], [0.0]


def many_paths():
    return ns.Network.layered([2, 8, 8, 8, 8, 1], "relu", seed=0), "W1", [1.0, 2.0], [0.0]


def wide():
    return (
        ns.Network.layered([20, 30, 12], seed=0, loss="softmax_cross_entropy"),
        "W600",
        [0.1] * 20,
        [1.0] + [0.0] * 11,
    )


def unrolled():
    net = ns.Network.recurrent(1, 2, 1, seed=0).unroll(2)
    return net, net.connections[0].name, [0.5] * len(net.inputs), [0.0] * len(net.outputs)


def any_loss(seed, loss):
    net, rng = random_network(seed, loss=loss, max_hidden=3)
    x, y = random_samples(net, rng, 1)
    return net, net.connections[int(rng.integers(len(net.connections)))].name, x[0], y[0]


LOSSES = ("mse", "mae", "huber", "binary_cross_entropy", "softmax_cross_entropy")
MANY = [
    article, two_layers, skipping, with_kinks, nasty, without_path, tied, frozen, many_paths, wide, unrolled,
    *(lambda name=name: joined(name) for name in ("product", "mean", "max", "norm")),
    *(lambda place=place, loss=loss: any_loss(10 + place, loss) for place, loss in enumerate(LOSSES * 2)),
]  # fmt: skip


@pytest.mark.parametrize("make", MANY)
def test_every_network_is_written_in_every_format_and_stays_as_it_is(make, tmp_path):
    net, weight, x, y = make()
    net.forward(x), net.backward(y)
    before = digest(net)
    for made, name in ((ns.handout(net, weight, x, y), "numbers"), (ns.handout(net, weight), "letters")):
        for ending, paper in ((".html", "a4"), (".tex", "letter"), (".md", "a4"), (".ipynb", "letter")):
            made.save(tmp_path / f"{name}{ending}", paper)
        html = (tmp_path / f"{name}.html").read_text(encoding="utf-8")
        ElementTree.fromstring(html.removeprefix("<!DOCTYPE html>\n"))
        text = (tmp_path / f"{name}.md").read_text(encoding="utf-8")
        pictures = re.findall(r"\(<(.*?)>\)", text)
        assert pictures
        assert all((tmp_path / picture).is_file() for picture in pictures)
        assert ("≈" in text or r"\approx" in text) == (name == "numbers")
        cells = json.loads((tmp_path / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
        assert len({cell["id"] for cell in cells}) == len(cells) > 8
    assert digest(net) == before


def test_without_a_sample_no_number_is_shown():
    made = ns.handout(article()[0], "W1")
    shown = [block for block in made.paper().blocks if isinstance(block, Equation)]
    assert len(shown) > 8
    assert all(sign == "=" for block in shown for sign, _ in block.rights)
    assert all(len(block.rights) == 1 for block in shown)
    text, _ = markdown.written(made.paper())
    assert "nodesim handout net.json W1 --input X" in text


def test_what_is_left_out_is_counted():
    text, _ = markdown.written(ns.handout(*many_paths()).paper())
    net, weight, _x, _y = many_paths()
    assert "Further paths, found in the same way: 504." in text
    assert net.path_counts()[weight] == 8 + 504
    assert "Further nodes, calculated in the same way" in text
    assert "Further partial derivatives" in text


def test_nothing_is_less_than_nothing():
    net = ns.Network.layered([2, 2, 2, 2], "relu", "sigmoid", seed=3)
    net.forward([0.5, 1.0])
    net.backward([0.0, 1.0])
    assert any(math.copysign(1, path.product) < 0 and path.product == 0 for path in net.paths("W1"))
    text, _ = markdown.written(ns.handout(net, "W1", [0.5, 1.0], [0.0, 1.0]).paper())
    assert not re.search(r"-\s*0(?![.\d])", text)


def test_no_path_no_gradient():
    text, _ = markdown.written(ns.handout(*without_path()).paper())
    assert "No path leads from" in text
    assert "∂e/∂lost = 0" in text


def test_tied_weights_step_by_their_sum():
    net, weight, x, y = tied()
    made = ns.handout(net, weight, x, y, digits=DIGITS)
    (block,) = (each for each in made.paper().blocks if isinstance(each, Equation) and "k+1" in each.left.name)
    net.forward(x), net.backward(y)
    wanted = net["W1"].weight - 0.5 * (net["W1"].gradient + net["W4"].gradient)
    assert block.rights[-1][1].expression.value == pytest.approx(wanted, rel=1e-14)


# ---- notebooks ---------------------------------------------------------------------------------------------------


def numbers_of(text):
    return [float(each.replace(MINUS, "-")) for each in re.findall(rf"{MINUS}?\d+\.?\d*(?:e[+-]\d+)?", text)]


def outputs_of(codes):
    """Run cells of code as a notebook does, and return what they print."""
    space, printed = {}, io.StringIO()
    with redirect_stdout(printed):
        for code in codes:
            exec(compile(code, "cell", "exec"), space)
    return printed.getvalue(), space


@pytest.mark.parametrize("make", [article, two_layers, skipping, nasty, without_path, tied, unrolled])
def test_notebooks_calculate_what_the_handout_says(make):
    net, weight, x, y = make()
    made = ns.handout(net, weight, x, y, digits=6)
    printed, space = outputs_of([block.text for block in made.notebook().blocks if isinstance(block, Code)])
    assert space["network"].weights.tolist() == net.weights.tolist()
    assert space["network"] is not net
    said = [block for block in made.paper().blocks if isinstance(block, Equation) and "{" not in block.left.name]
    known = numbers_of(printed)
    # A minus may stand apart, in sums. The last number of each equation: H, HA, O, OA, e, the gradient, the new weight, the gradient of another weight.
    values = [block.rights[-1][1].expression.value for block in said]
    missing = [
        value
        for value in values
        if not any(math.isclose(abs(each), abs(value), rel_tol=1e-5, abs_tol=1e-12) for each in known)
    ]
    assert len(values) > 3
    assert not missing


def test_notebooks_run_in_jupyter(tmp_path):
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    papers = [ns.handout(*make()).notebook() for make in (article, two_layers, skipping)]
    text = notebook.written(papers)
    assert text == notebook.written([ns.handout(*make()).notebook() for make in (article, two_layers, skipping)])
    book = nbformat.reads(text, 4)
    nbformat.validate(book)
    nbclient.NotebookClient(book, timeout=60, kernel_name="python3").execute()
    outputs = [output for cell in book.cells if cell.cell_type == "code" for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    assert sum("image/svg+xml" in output.get("data", {}) for output in outputs) == 3
    printed = "".join(output.text for output in outputs if output.output_type == "stream")
    for make in (article, two_layers, skipping):
        net, weight, x, y = make()
        net.forward(x), net.backward(y)
        assert f"{net.derivation(weight).name} {MINUS * (net[weight].gradient < 0)}".split(" ")[0] in printed
        assert any(math.isclose(each, net[weight].gradient, rel_tol=1e-3) for each in numbers_of(printed))


def test_pictures_of_a_notebook_lie_within_it():
    book = json.loads(notebook.written(ns.handout(*article()).notebook()))
    pictures = [cell for cell in book["cells"] if "attachments" in cell]
    assert len(pictures) == sum(isinstance(block, Figure) for block in ns.handout(*article()).paper().blocks) == 2
    for cell in pictures:
        for name in re.findall(r"attachment:([^)]+)", "".join(cell["source"])):
            assert set(cell["attachments"][name]) == {"image/svg+xml"}


# ---- what is explained ------------------------------------------------------------------------------------------


def text_of(*made, **options):
    return markdown.written(ns.handout(*made, **options).paper())[0]


@pytest.mark.parametrize("loss", ["mse", "mae", "huber", "binary_cross_entropy"])
@pytest.mark.parametrize("outputs", [1, 2, 5])
def test_the_rule_for_the_first_derivative_holds_for_any_number_of_outputs(loss, outputs):
    net = ns.Network.layered([2, 2, outputs], "tanh", "sigmoid", seed=3, loss=loss)
    made = ns.handout(net, "W1", [0.5, -1.0], [1.0] + [0.25] * (outputs - 1), digits=DIGITS)
    text, _ = markdown.written(made.paper())
    rule, count = re.search(r"That is \$(.*?)\$, where \$n\$ is the number of outputs, here (\d)\.", text).groups()
    assert int(count) == outputs
    known = {name: calculate(number, {}) for name, _, number in results(made)} | {"n": outputs}
    known |= {"y_{1}": 1.0}
    output = "O_{1}" if loss == "binary_cross_entropy" else r"\mathit{OA}_{1}"
    first = known[rf"\frac{{\partial e}}{{\partial {output}}}"]
    if loss == "mae":
        assert rule == r"\frac{\operatorname{sign}\left(\mathit{OA}_{1} - y_{1}\right)}{n}"
        assert first == pytest.approx(-1 / outputs)
        assert "sign is 1 of positive numbers" in text
        return
    assert calculate(rule, known) == pytest.approx(first, rel=1e-9)
    assert ("with a single output that is" in text) == (loss == "mse")


def test_the_example_of_unequal_paths_stands_where_the_own_tree_has_none():
    assert "may leave out layers" in text_of(*two_layers())
    assert "may leave out layers" in text_of(*many_paths())
    assert "may leave out layers" not in text_of(*skipping())
    # Of its tree, calculated by hand: the leaves' layers differ.
    tree = text_of(*article()).partition("may leave out layers")[2].splitlines()
    layers = [re.search(r"\((.*?)\) =", line)[1] for line in tree if "**branch" in line]
    assert layers == ["Hidden layer 1", "Hidden layer 2", "Output layer", "Output layer"]


def test_what_sharing_saves_is_told_where_it_saves_nothing():
    # 2-2-2-2-2 has 2 * 2 * 2 paths of 9 partial derivatives.
    assert "path by path takes 64 multiplications, factored 30, and shared 18" in text_of(*article())
    assert "Here no bracket occurs twice" not in text_of(*two_layers())


def test_how_weights_are_numbered_is_told_only_where_it_is_so():
    net = ns.Network(seed=0)
    net.add_input("I1"), net.add_input("I2"), net.add_hidden("H1"), net.add_output("O1")
    net.connect("I2", "H1"), net.connect("I1", "H1"), net.connect("H1", "O1")
    for made, ordered in ((article(), True), (two_layers(), True), (skipping(), False), ((net, "W1"), False)):
        text = text_of(*made)
        assert ("Weights are numbered layer by layer" in text) == ordered
        assert ("Which connection a weight belongs to is seen in step 1" in text) != ordered


def test_students_read_no_shell_commands():
    text = text_of(*article())
    assert "nodesim exercise" not in text
    assert "--" not in re.sub(r"(?m)^\| --- .*$", "", text)


# ---- languages ---------------------------------------------------------------------------------------------------


class Everything(dict):
    """A table that has every text: the English one between marks."""

    def get(self, text, default=None):
        return f"«{text}»"


def test_every_sentence_is_said_in_the_language():
    marked = Language("xx", "Marked", ",", Everything())
    for make in (article, skipping, without_path, tied, frozen, many_paths, lambda: joined("max")):
        paper = ns.handout(*make(), language=marked).notebook()
        words = [paper.title, paper.note]
        for block in paper.blocks:
            match block:
                case Heading():
                    words.append(block.words)
                case Figure():
                    words.append(block.caption)
                case Paragraph():
                    words.append(in_words(block.line))
                case Items():
                    words += [in_words(line) for _, line in block.items]
                case Table():
                    words += [*block.heads, *(in_words(cell) for row in block.rows for cell in row)]
        functions = r"sigmoid|linear|tanh|relu|max|one|gate|yes|half|width|length|dead|lost"
        for each in words:
            outside = re.sub(rf"«[^«»]*»|\b(?:{functions})\b", "", each)
            assert not re.search(r"[a-z]{3}", outside), each


def test_decimals_are_those_of_the_language(tmp_path):
    ns.handout(*article(), language="de").save(tmp_path / "w1.md")
    text = (tmp_path / "w1.md").read_text(encoding="utf-8")
    assert "0{,}05" in text
    assert "$0.05$" not in text


# ---- refusals, and the command -----------------------------------------------------------------------------------


def test_what_cannot_be_explained_is_refused(tmp_path):
    net = article()[0]
    before = digest(net)
    for error, message, call in (
        (ArgumentTypeError, "a handout is of a network", lambda: ns.handout([2, 2], "W1")),
        (ArgumentError, "y, its desired outputs, must be given", lambda: ns.handout(net, "W1", X)),
        (ArgumentError, "x, its inputs, must be given", lambda: ns.handout(net, "W1", y=Y)),
        (UnknownNameError, "W99", lambda: ns.handout(net, "W99")),
        (DataError, "one sample, got 2", lambda: ns.handout(net, "W1", [X, X], [Y, Y])),
        (DataError, "shape (2,)", lambda: ns.handout(net, "W1", [1.0], Y)),
        (ArgumentError, "learning_rate", lambda: ns.handout(net, "W1", learning_rate=-1)),
        (ArgumentError, "digits", lambda: ns.handout(net, "W1", digits=0)),
        (ArgumentError, "there is no language", lambda: ns.handout(net, "W1", language="tlh")),
        (ArgumentError, ".ipynb, got", lambda: ns.handout(net, "W1").save(tmp_path / "w1.pdf")),
        (ArgumentError, "paper", lambda: ns.handout(net, "W1").save(tmp_path / "w1.html", "a5")),
        (FileError, "no folder", lambda: ns.handout(net, "W1").save(tmp_path / "no" / "w1.html")),
    ):
        with pytest.raises(error, match=re.escape(message)):
            call()
    with pytest.raises(ns.NodesimError):
        ns.handout(net, "H1")
    assert digest(net) == before
    assert not list(tmp_path.iterdir())


def test_notebooks_show_it():
    made = ns.handout(*article())
    assert repr(made) == "<Handout: ∂e/∂W1, 2 paths>"
    assert made._repr_html_().startswith("<iframe srcdoc=")
    assert "<!DOCTYPE" not in made._repr_html_()
    assert ' title="The gradient of W1, step by step" ' in made._repr_html_()


def test_the_command(tmp_path, capsys):
    net, file = ns.Network.layered([4, 3, 3], seed=1), tmp_path / "net.json"
    net.save(file)
    assert main(["handout", str(file), "W1", "iris", "--sample", "3", "-o", str(tmp_path / "a.html")]) == 0
    assert "∂e/∂W1, 3 paths; sample 3 (setosa) of iris; saved to" in capsys.readouterr().out
    given = ["--input", "-1,2,3,4", "--target", "1,0,0", "--learning-rate", "0.1", "--digits", "6"]
    assert main(["handout", str(file), "W1", *given, "--paper", "letter", "-o", str(tmp_path / "b.tex")]) == 0
    wanted = tmp_path / "c.tex"
    ns.handout(net, "W1", [-1, 2, 3, 4], [1, 0, 0], learning_rate=0.1, digits=6).save(wanted, "letter")
    assert (tmp_path / "b.tex").read_bytes() == wanted.read_bytes()
    capsys.readouterr()
    both = ["-o", str(tmp_path / "d.ipynb"), "-o", str(tmp_path / "d.tex")]
    assert main(["handout", str(file), "W1", "--language", "de", *both]) == 0
    assert capsys.readouterr().out.count("saved to") == 2
    ns.handout(net, "W1", language="de").save(wanted)
    assert (tmp_path / "d.tex").read_bytes() == wanted.read_bytes()
    # None is written where one of them cannot be.
    assert main(["handout", str(file), "W1", "-o", str(tmp_path / "e.html"), "-o", str(tmp_path / "e.pdf")]) == 2
    assert main(["handout", str(file), "W1", *["-o", str(tmp_path / "e.html")] * 2]) == 2
    assert main(["handout", str(file), "W1", "--input", "1,2,3,4", "-o", str(tmp_path / "e.html")]) == 2
    assert main(["handout", str(file), "W1", "-o", str(tmp_path / "e.pdf")]) == 2
    assert main(["handout", str(file), "W99", "-o", str(tmp_path / "e.html")]) == 1
    assert not (tmp_path / "e.html").exists()


def test_german_papers_have_no_decimal_points():
    network = ns.Network.layered([2, 2, 2, 2], "sigmoid", seed=0)
    papers = [ns.handout(network, "W1", [0.05, 0.1], [0.01, 0.99], language="de").paper()]
    tasks = tuple(TASKS)
    papers += [
        ns.exercises.make([2, 2, 2], ask="W1", seed=7, tasks=tasks, language="de", **more).paper()
        for more in ({}, {"hidden": "sigmoid", "digits": 4})
    ]
    for paper in papers:
        for filled in (False, True):
            texts = words_of(paper, filled)
            assert all(len(re.findall(r"\d(?:,|\{,\})\d", text)) > 2 for text in texts.values())
            for kind, text in texts.items():
                assert re.findall(r".{20}\d\.\d.{9}", text.replace(ns.__version__, "")) == [], kind


def words_of(paper, filled):
    """Return what is read in a paper, by who writes it; lengths of LaTeX and shapes of pictures left out."""
    page, pictures = markdown.written(paper, filled=filled)
    drawn = " ".join(" ".join(ElementTree.fromstring(each).itertext()) for each in pictures.values())
    set_by_tex = tex.written(paper, filled=filled).partition(r"\begin{document}")[2]
    set_by_tex = re.sub(r"(?s)\\begin\{tikzpicture\}.*?\\end\{tikzpicture\}", "", set_by_tex)
    return {
        "html": re.sub(r"(?s)<style>.*?</style>|<[^>]*>", " ", html.written(paper, filled=filled)),
        "markdown": page,
        "pictures": drawn,
        "tex": re.sub(r"[\d.]+(?:pt|ex|em|cm)|scalebox\{[\d.]+\}", "", set_by_tex),
    }


def test_sizes_are_those_of_its_own_network(tmp_path):
    for sizes in ([2, 3, 2], [1, 4], [2, 2, 2, 1]):
        net = ns.Network.layered(sizes, seed=0)
        for language, words in (("en", "is short for this network"), ("de", "steht kurz für dieses Netz")):
            ns.handout(net, "W1", language=language).save(tmp_path / "handout.html")
            assert f"{'-'.join(map(str, sizes))} {words}" in (tmp_path / "handout.html").read_text("utf-8")

"""The derivation prints what the article prints, and what it prints evaluates to the gradient."""

from __future__ import annotations

import re

import numpy as np
import pytest
import ziamath
from helpers import ACTIVATIONS, SEEDS, article_network, examples, random_network, random_samples
from hypothesis import given
from hypothesis import strategies as st

import nodesim as ns
from nodesim.derivation.forms import folded
from nodesim.notation import parsing
from nodesim.notation.expressions import Number, Partial, evaluate
from nodesim.notation.latex import latex
from nodesim.notation.text import text

E3, E4, E5, E6 = (f"∂e/∂OA1·∂OA1/∂O1·∂O1/∂HA{j}+∂e/∂OA2·∂OA2/∂O2·∂O2/∂HA{j}" for j in (3, 4, 5, 6))


def flat(written):
    """Return the right-hand side without labels and white space."""
    return re.sub(r"#.*|\s", "", written).split("=", 1)[1]


def calculated(written):
    """Evaluate the last line block but one of an equation: the numbers put in."""
    block = re.split(r"\n +[=≈] ", written)[-2 if "\n" in written else -1]
    python = re.sub(r"#.*", "", block.split("\nfor each")[0])
    for sign, meaning in (("·", "*"), ("−", "-"), ("^", "**"), ("[", "("), ("]", ")")):
        python = python.replace(sign, meaning)
    return float(eval(" ".join(python.split()), {"__builtins__": {}}, {}))


def test_figure_6_prints_the_factored_forms_of_the_article():
    net = article_network(3)
    form = {w: flat(net.derivation(w).text("factored", numbers=False)) for w in ("W1", "W7", "W13", "W19")}
    assert form["W1"] == (
        f"[(({E5})·∂HA5/∂H5·∂H5/∂HA3+({E6})·∂HA6/∂H6·∂H6/∂HA3)·∂HA3/∂H3·∂H3/∂HA1"
        f"+(({E5})·∂HA5/∂H5·∂H5/∂HA4+({E6})·∂HA6/∂H6·∂H6/∂HA4)·∂HA4/∂H4·∂H4/∂HA1]·∂HA1/∂H1·∂H1/∂W1"
    )
    assert form["W7"] == f"[({E5})·∂HA5/∂H5·∂H5/∂HA3+({E6})·∂HA6/∂H6·∂H6/∂HA3]·∂HA3/∂H3·∂H3/∂W7"
    assert form["W13"] == f"[{E5}]·∂HA5/∂H5·∂H5/∂W13"
    assert form["W19"] == "∂e/∂OA1·∂OA1/∂O1·∂O1/∂W19"


def test_figure_5_and_the_labels_of_its_brackets():
    written = article_network(2).derivation("W1").text("factored", numbers=False)
    assert flat(written) == f"[({E3})·∂HA3/∂H3·∂H3/∂HA1+({E4})·∂HA4/∂H4·∂H4/∂HA1]·∂HA1/∂H1·∂H1/∂W1"
    labels = re.findall(r"# (.*)", written)
    assert labels == [*["Output layer", "Output layer", "Hidden layer 2"] * 2, "Hidden layer 1"]


def test_figures_3_and_4_path_by_path():
    net = article_network(1)
    assert flat(net.derivation("W1").text(numbers=False)) == (
        "∂e/∂OA1·∂OA1/∂O1·∂O1/∂HA1·∂HA1/∂H1·∂H1/∂W1+∂e/∂OA2·∂OA2/∂O2·∂O2/∂HA1·∂HA1/∂H1·∂H1/∂W1"
    )
    assert flat(net.derivation("W7").text(numbers=False)) == "∂e/∂OA1·∂OA1/∂O1·∂O1/∂W7"


def test_every_partial_is_spelled_out():
    net = article_network(1)
    net["W7"].weight = 0.4
    net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
    lines = net.derivation("W1").text("partials").splitlines()
    assert "∂O1/∂HA1 = ∂(HA1·W7 + HA2·W9 + B2·W11)/∂HA1 = W7 = 0.4" in lines
    assert "∂H1/∂W1 = ∂(I1·W1 + I2·W3 + B1·W5)/∂W1 = I1 = 0.05" in lines
    assert "∂OA1/∂O1 = ∂O1/∂O1 = 1" in lines
    slope = next(line for line in lines if line.startswith("∂HA1/∂H1"))
    assert slope.startswith("∂HA1/∂H1 = ∂(1/(1 + exp(−H1)))/∂H1 = HA1·(1 − HA1) = 0.")
    assert lines[0].startswith("∂e/∂OA1 = ∂(((y1 − OA1)^2 + (y2 − OA2)^2)/2)/∂OA1 = −2/2·(y1 − OA1) = ")


@examples(60)
@given(SEEDS, st.sampled_from(["mse", "mae", "huber", "binary_cross_entropy", "softmax_cross_entropy"]))
def test_text_evaluates_to_the_gradient(seed, loss):
    net, rng = random_network(seed, loss=loss, max_hidden=5)
    x, y = random_samples(net, rng, 1)
    net.forward(x), net.backward(y)
    quantities = [c.name for c in net.connections] + [n.name for n in net.nodes if n.kind != "bias"]
    for name in quantities:
        derivation = net.derivation(name)
        scale = 1e-12 * derivation.paths.scale
        for limit in (3, 50):
            for form in ("paths", "factored"):
                assert abs(evaluate(derivation.expression(form, limit)) - derivation.gradient) <= scale
                if derivation.count:
                    assert abs(calculated(derivation.text(form, limit=limit)) - derivation.gradient) <= scale
        # What has room to the last term is written out.
        if derivation.count:
            assert "rest" not in derivation.text("paths", numbers=False, limit=derivation.count)
            assert not folded(derivation.expression("factored", derivation.count), "e")
        assert derivation.gradient == pytest.approx(sum(path.product for path in derivation.paths), abs=scale)
    for definition in net.derivation(net.connections[0]).partials if net.connections else ():
        if definition.derivative is not None:
            assert evaluate(definition.derivative) == pytest.approx(definition.partial.value, rel=1e-9, abs=1e-12)


def test_deltas_and_inputs():
    net = article_network(2)
    assert net.derivation("H1").gradient == net["H1"].delta
    assert net.derivation(net["I2"]).gradient == pytest.approx(net["I2"].delta, rel=1e-14)
    arriving = net["H3"].delta * net["W7"].weight + net["H4"].delta * net["W8"].weight
    assert net.derivation("HA1").gradient == pytest.approx(arriving, rel=1e-14)
    assert net.derivation("O1").text(numbers=False) == "∂e/∂O1 = ∂e/∂OA1·∂OA1/∂O1"
    assert net.derivation("OA1").text(numbers=False) == "∂e/∂OA1 = ∂e/∂OA1"
    assert [path.product for path in net.paths("OA1")] == [net.derivation("OA1").gradient]
    assert net.paths("HA1").count == 4


def test_operations_of_the_articles_networks():
    costs = {n: net.derivation("W1").operations for n in (1, 2, 3) for net in [article_network(n)]}
    assert [costs[n]["expanded"] for n in (1, 2, 3)] == [(8, 1), (24, 3), (64, 7)]
    assert [costs[n]["factored"] for n in (1, 2, 3)] == [(6, 1), (14, 3), (30, 7)]
    assert [costs[n]["shared"] for n in (1, 2, 3)] == [(6, 1), (12, 3), (18, 5)]
    assert "expanded" in str(costs[1])
    assert "<td>8</td>" in costs[1]._repr_html_()


def test_the_tree():
    lines = article_network(2).derivation("W1").tree().splitlines()
    assert lines[0].startswith("∂e/∂W1 ≈ ")
    assert lines[1].startswith("└─ ∂HA1/∂H1·∂H1/∂W1")
    assert [line.count("Output layer") for line in lines] == [0, 0, 0, 1, 1, 0, 1, 1, 0]
    assert lines[2].startswith("   ├─ ∂HA3/∂H3·∂H3/∂HA1")
    assert lines[-1] == "Add the leaves of the same layer, multiply up the branch."


def test_the_rule_below_the_tree_of_a_network_that_skips_layers():
    net = article_network(2)
    net.connect("H1", "O1", weight=0.5)
    net.forward([0.05, 0.1])
    net.backward([0.01, 0.99])
    lines = net.derivation("W1").tree().splitlines()
    # Three branches hang on that of H1, and the last one is a leaf: the leaves of the output layer are not added up.
    assert [line for line in lines if line.startswith("   └─")] == [next(line for line in lines if "∂O1/∂HA1" in line)]
    assert lines[-1] == "Add what hangs on the same branch, whatever its layer; multiply up the branch."
    # Behind H3 nothing is skipped: there the rule is the article's.
    assert net.derivation("W7").tree().splitlines()[-1] == "Add the leaves of the same layer, multiply up the branch."


def test_the_shared_form_is_backpropagation():
    net = article_network(2)
    values = {}
    for line in net.derivation("W1").text("shared", numbers=False).splitlines():
        name, right = line.split(" = ")
        total = 0.0
        for term in right.split(" + "):
            above, own = term.split("·")
            known = {p.partial.name: p.partial.value for p in net.derivation("W1").partials}
            total += values.get(above, known.get(above)) * known[own]
        values[name] = total
    assert values["∂e/∂W1"] == pytest.approx(net["W1"].gradient, rel=1e-13)
    assert values["∂e/∂H3"] == pytest.approx(net["H3"].delta, rel=1e-13)


def test_comparison():
    net = article_network(1)
    same_node = net.derivation("W1").compare("W3")
    assert same_node.meeting == ("∂e/∂H1",)
    other_node = net.derivation("W1").compare(net.derivation("W2"))
    assert other_node.meeting == ("∂e/∂O1", "∂e/∂O2")
    assert other_node.together.multiplications < other_node.separate.multiplications
    assert "they part at ∂e/∂O1, ∂e/∂O2" in str(other_node)
    assert "nothing in common" in str(net.derivation("W7").compare("W8"))


def test_large_networks_say_what_is_left_out():
    net = ns.Network.layered([10] * 22, seed=0)
    net.forward(np.full(10, 0.1)), net.backward(np.zeros(10))
    derivation = net.derivation("W1")
    assert derivation.count == 10**20
    written = str(derivation)
    assert re.search(r"rest: 99,999,999,999,999,999,950 more paths, which add .*%? of the gradient", written)
    assert "stays a symbol" in written
    assert len(written) < 100_000
    scale = 1e-12 * derivation.paths.scale
    assert abs(calculated(derivation.text("factored")) - derivation.gradient) <= scale
    assert abs(calculated(derivation.text("paths")) - derivation.gradient) <= scale
    assert derivation.operations["expanded"].multiplications == 10**20 * 42
    deep = ns.Network.layered([1] + [1] * 600 + [1], hidden="linear", bias=False, seed=0, initializer="constant")
    deep.weights = np.ones(601)
    deep.forward([1.0]), deep.backward([0.0])
    assert deep.derivation("W1").gradient == 2.0
    assert len(str(deep.derivation("W1"))) > 10_000
    assert deep.derivation("W1").tree().count("Hidden layer") == 600


def test_a_weight_without_a_path():
    net = ns.Network(seed=0)
    net.add_input(), net.add_hidden(), net.add_output()
    net.connect("I1", "H1"), net.connect("I1", "O1")
    net.forward([1.0]), net.backward([0.0])
    assert str(net.derivation("W1")) == "∂e/∂W1 = 0: no path leads from e to W1."
    assert net.derivation("W1").latex() == r"\frac{\partial e}{\partial W_{1}} = 0"
    assert net.derivation("W1").gradient == 0.0


def test_batches_show_symbols_or_one_sample():
    net = ns.Network.layered([2, 2, 1], seed=0)
    net.forward([[0.0, 1.0], [1.0, 0.5]]), net.backward([1.0, 0.0])
    whole = net.derivation("W1")
    assert "for each of 2 samples; the gradient is the mean" in str(whole)
    assert whole.gradient == pytest.approx(net["W1"].gradient)
    each = [net.derivation("W1", sample=i).gradient for i in (0, 1)]
    assert np.mean(each) == pytest.approx(net["W1"].gradient)
    assert "0.5" in net.derivation("W3", sample=1).text("partials")
    assert "mean" not in str(net.derivation("W1", sample=1))


def test_wrong_arguments():
    derivation = article_network(1).derivation("W1")
    for call in (lambda: derivation.text("path"), lambda: derivation.latex("tree"), lambda: derivation.expression("x"),
                 lambda: derivation.text(limit=0), lambda: derivation.compare("W99")):  # fmt: skip
        with pytest.raises(ns.NodesimError):
            call()
    with pytest.raises(ns.UnknownNameError, match="nothing is named 'HA9'"):
        article_network(1).derivation("HA9")
    with pytest.raises(ns.StateError, match="derivation needs"):
        ns.Network.layered([2, 2, 2]).derivation("W1")


def rendered(formula):
    """Draw LaTeX with a real renderer, and return how many glyphs came out."""
    return ziamath.Latex(formula).svg().count("<use")


# Every form, some of them with numbers, and the one that is nested from a deep network.
@pytest.mark.parametrize(
    ("form", "layers", "numbers"),
    [("paths", 1, True), ("factored", 1, True), ("shared", 1, False), ("partials", 1, False), ("factored", 3, False)],
)
def test_latex_is_rendered(form, layers, numbers):
    derivation = article_network(layers).derivation("W1")
    assert rendered(derivation.latex(form, numbers=numbers)) > 50


@pytest.mark.parametrize("name", [*ACTIVATIONS, "step"])
def test_formulas_of_functions_are_rendered(name):
    activation = ns.activation(name)
    for formula in (activation.formula, activation.derivative_formula):
        if formula:
            expression = parsing.parse(formula)
            assert rendered(latex(expression))
            assert "\\" in latex(expression) or len(text(expression)) < 8


def test_labels_in_latex():
    written = article_network(2).derivation("W1").latex("factored", numbers=False)
    assert re.findall(r"\\text\{(.*?)\}", written).count("Output layer") == 2
    assert written.count(r"\underbrace") == 5
    assert article_network(1).derivation("W1")._repr_latex_().startswith(r"$\displaystyle \begin{aligned}")
    # A sign that begins a row has a term before it, if an empty one: TeX sets it close to what follows otherwise.
    assert "\\\\[0.4em]\n&\\quad {} + \\frac{\\partial e}" in article_network(1).derivation("W1").latex()


HOSTILE = ["<script>alert(1)</script>", 'a"b\'c', r"\textbf{x} $y$ 50% #1 a_b ^ ~ &", "two\nlines", "אבג", "\x1b[31mred", "a·b + c", "\u202ereversed"]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_odd_names_are_shown_literally(name):
    net = ns.Network(seed=0)
    net.add_input(name), net.add_hidden(f"{name} h"), net.add_output()
    net.connect(name, f"{name} h"), net.connect(f"{name} h", "O1")
    net.forward([0.5]), net.backward([1.0])
    derivation = net.derivation("W1")
    written = str(derivation) + derivation.tree() + str(net.paths("W1"))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u202e]", written)
    assert len(derivation.text(numbers=False, width=1000).splitlines()) == 1
    if name.isprintable():
        assert f"∂H[{name} h]" in written
    # The longer the slower: the other forms are written by the same printer.
    assert rendered(derivation.latex("factored", numbers=False)) > 20


def test_numbers_and_symbols_are_written_by_one_printer():
    expression = parsing.parse("-2 / n * (y - a)")
    assert text(expression) == "−2/n·(y − a)"
    assert text(Number(-0.1)) == "−0.1"
    assert text(Partial("O1", "HA1", 0.25), numbers=True) == "0.25"
    assert latex(Number(1e-7)) == r"1 \times 10^{-7}"


def test_a_definition_prints_as_its_line():
    net = article_network(1)
    net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
    derivation = net.derivation("W1")
    lines = derivation.text("partials", digits=6).splitlines()
    assert [str(each) for each in derivation.partials] == lines
    assert [repr(each) for each in derivation.partials] == [f"<{line}>" for line in lines]


@given(seed=SEEDS, width=st.sampled_from([20, 40, 65]))
def test_rows_of_latex_are_broken_and_lose_nothing(seed, width):
    """Rows of any width say the same, with their brackets paired; pdflatex looks at how wide they are set."""
    net, rng = random_network(seed, loss="mse")
    x, y = random_samples(net, rng, 1)
    net.forward(x), net.backward(y)
    derivation = net.derivation(net.connections[int(rng.integers(len(net.connections)))])
    for form in ("paths", "factored", "shared", "partials"):
        whole, broken = (derivation.latex(form, digits=4, width=wide) for wide in (10_000, width))
        assert broken.count(r"\left") == broken.count(r"\right")
        assert broken.count(r"\Bigl") == broken.count(r"\Bigr")
        for row in re.split(r"\\\\(?:\[0\.4em\])?\n", broken):
            plain_row = re.sub(r"\\[{}]", "", row).replace(r"\begin{aligned}", "").replace(r"\end{aligned}", "")
            assert plain_row.count("{") == plain_row.count("}")
        assert what_it_says(broken) == what_it_says(whole)
    assert derivation.latex(width=10_000) == derivation.latex(width=9_999)


def what_it_says(written):
    """Return the letters and signs of LaTeX, in order, without how they are laid out."""
    for gone in (r"\[0.4em]", r"\quad", r"\left", r"\right", r"\Bigl", r"\Bigr", r"\underbrace", r"\cdot"):
        written = written.replace(gone, " ")
    written = re.sub(r"_\{\\text\{(Output layer|Hidden layer \d+|Penalty)\}\}", "", written)
    # A fraction may stand as a part of what is above it: 1/2 · (a + b).
    letters = re.findall(r"[A-Za-z]+\}?_\{\d+\}|\d+\.\d+", written)
    return sorted(letters)


def test_a_long_product_is_broken_before_a_factor():
    net = ns.Network.layered([1] * 9, bias=False, seed=0)
    net.forward([1.0]), net.backward([0.0])
    rows = net.derivation("W1").latex(numbers=False, width=30).splitlines()[1:-1]
    assert len(rows) > 3
    assert all(row.startswith(r"&\quad {} \cdot \frac") for row in rows[1:])
    assert len(net.derivation("W1").latex(numbers=False, width=1000).splitlines()) == 3
    with pytest.raises(ns.ArgumentError, match="width"):
        net.derivation("W1").latex(width=0)

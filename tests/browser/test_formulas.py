"""The formulas are the article's, and their numbers add up."""

from __future__ import annotations

import math

import pytest
from helpers import SEEDS, article_network, examples, random_network, random_samples
from hypothesis import given
from hypothesis import strategies as st

from nodesim.notation.symbols import equals, factor

# The tree that is on the page, as plain data.
TREE = """() => {
    const plain = (list) => [...list.querySelectorAll(":scope > li")].map((item) => {
        const { symbols, value, leaf } = item.querySelector(":scope > .branch").dataset;
        const inner = item.querySelector(":scope > ul");
        return {
            factors: symbols.split("·"), value: Number(value), leaf: leaf !== undefined,
            layer: item.querySelector(":scope > .branch .layer").textContent, branches: inner ? plain(inner) : [],
        };
    });
    return plain(document.querySelector("ul.tree"));
}"""


# The same of many weights, one after the other; nothing where a weight has no tree.
TREES = f"""(weights) => weights.map((index) => {{
    nodesim.select("connection", index);
    const press = (which, name) =>
        [...document.querySelectorAll(which)].find((e) => e.textContent.trim() === name)?.click();
    press("[role=tab]", "Tree");
    press("button", "Open all");
    return document.querySelector("ul.tree") && ({TREE})();
}})"""


def tree(page):
    page.get_by_role("tab", name="Tree").click()
    page.get_by_role("button", name="Open all").click()
    return page.evaluate(TREE)


def written(locator):
    """Return the text of formulas without spaces, fractions as ∂a/∂b."""
    return locator.evaluate_all("""(elements) => elements.map((element) => {
        const text = (e) => e.localName === "mfrac" ? `${text(e.children[0])}/${text(e.children[1])}`
            : e.children.length ? [...e.children].map(text).join("") : e.textContent;
        return text(element).replace(/\\s/g, "");
    })""")


def test_figure_3s_w1_has_the_articles_two_products(show):
    net = article_network(1)
    page = show(net.explore()).page
    page.evaluate("nodesim.find('W1')")
    assert [path.formula.replace(" ", "") for path in net.paths("W1")] == [
        "∂e/∂OA1·∂OA1/∂O1·∂O1/∂HA1·∂HA1/∂H1·∂H1/∂W1", "∂e/∂OA2·∂OA2/∂O2·∂O2/∂HA1·∂HA1/∂H1·∂H1/∂W1",
    ]  # fmt: skip
    terms = page.locator(".term")
    assert terms.count() == 2
    for place, path in enumerate(net.paths("W1")):
        symbols, numbers = ("".join(written(terms.nth(place).locator(f"mtr:nth-child({row})"))) for row in (1, 2))
        assert symbols == path.formula.replace(" ", "")
        # Under each symbol its number, to the digits shown.
        assert numbers == "·".join(factor(float(each), 4) for each in path.factors)
        result = written(terms.nth(place).locator(".product math"))
        assert result == [equals(path.product).replace(" ", "")]


def partials(net):
    """Return every partial derivative of the last run, by how it is written."""
    graph = net.paths(net.connections[0]).derivatives
    return {
        f"∂{arrow.numerator.name}/∂{of.name}": float(arrow.values[0])
        for of in graph.quantities()
        for arrow in graph.partials_into(of)
    }


def whole(branch, values):
    """Check that a branch is the sum of its branches times its own factors, and so on inwards; return its leaves."""
    own = math.prod(values[factor] for factor in branch["factors"])
    if branch["leaf"]:
        assert not branch["branches"]
        assert branch["value"] == pytest.approx(own, rel=1e-12, abs=1e-300)
        return 1
    inner = sum(each["value"] for each in branch["branches"])
    size = sum(abs(each["value"]) for each in branch["branches"])
    assert branch["value"] == pytest.approx(inner * own, abs=1e-11 * abs(size * own) + 1e-300)
    return sum(whole(each, values) for each in branch["branches"])


def test_figure_6s_tree_has_the_articles_shape(show):
    net = article_network(3)
    page = show(net.explore()).page
    page.evaluate("nodesim.find('W1')")
    (root,) = tree(page)
    assert root["factors"] == ["∂HA1/∂H1", "∂H1/∂W1"]
    assert root["value"] == pytest.approx(net["W1"].gradient, rel=1e-12)
    second = root["branches"]
    assert [branch["factors"] for branch in second] == [["∂HA3/∂H3", "∂H3/∂HA1"], ["∂HA4/∂H4", "∂H4/∂HA1"]]
    for branch, node in zip(second, ("HA3", "HA4")):
        assert [b["factors"] for b in branch["branches"]] == [
            ["∂HA5/∂H5", f"∂H5/∂{node}"],
            ["∂HA6/∂H6", f"∂H6/∂{node}"],
        ]
        for inner, above in zip(branch["branches"], ("HA5", "HA6")):
            assert [leaf["factors"] for leaf in inner["branches"]] == [
                ["∂e/∂OA1", "∂OA1/∂O1", f"∂O1/∂{above}"], ["∂e/∂OA2", "∂OA2/∂O2", f"∂O2/∂{above}"],
            ]  # fmt: skip
            assert [leaf["branches"] for leaf in inner["branches"]] == [[], []]
    layers = [
        root["layer"],
        second[0]["layer"],
        second[0]["branches"][0]["layer"],
        second[0]["branches"][0]["branches"][0]["layer"],
    ]
    assert layers == ["Hidden layer 1", "Hidden layer 2", "Hidden layer 3", "Output layer"]
    assert whole(root, partials(net)) == 8
    # Under each factor its number, and each sum with what it adds: enough to check it by hand.
    values = partials(net)
    first = page.locator(".tree .branch").first
    total = sum(branch["value"] for branch in second)
    numbers = [total, *(values[factor] for factor in root["factors"])]
    assert written(first.locator("mtr:nth-child(2)")) == ["·".join(factor(each, 4) for each in numbers)]
    added = "+".join(f"{branch['value']:.4g}" for branch in second).replace("+-", "−").replace("-", "−")
    assert written(first.locator(".sum math")) == [f"Σ={added}≈{total:.4g}".replace("-", "−")]


@examples(5)
@given(seed=SEEDS, loss=st.sampled_from(["mse", "binary_cross_entropy"]))
def test_the_tree_of_any_weight_adds_up(show, seed, loss):
    net, rng = random_network(seed, loss=loss)
    x, y = random_samples(net, rng, 1)
    page = show(net.explore(x, y)).page
    net.forward(x[0]), net.backward(y[0])
    values = partials(net)
    chosen = [place for place, connection in enumerate(net.connections) if net.paths(connection).count <= 40]
    for place, roots in zip(chosen, page.evaluate(TREES, chosen)):
        connection = net.connections[place]
        paths = net.paths(connection)
        if not paths.count:
            assert roots is None
        else:
            assert sum(whole(root, values) for root in roots) == paths.count
            gradient = pytest.approx(connection.gradient, abs=1e-12 * max(paths.scale, 1e-300))
            assert sum(root["value"] for root in roots) == gradient


def test_the_tree_opens_and_closes(show):
    page = show(article_network(3).explore()).page
    page.evaluate("nodesim.find('W1')")
    page.get_by_role("tab", name="Tree").click()
    branches = page.locator("ul.tree .branch:visible")
    page.get_by_role("button", name="Close all").click()
    assert branches.count() == 1
    toggle = page.locator("ul.tree .toggle").first
    toggle.click()
    assert branches.count() == 3
    toggle.press("Enter")
    assert branches.count() == 1
    page.get_by_role("button", name="Open all").click()
    assert branches.count() == 1 + 2 + 4 + 8

"""What the page says of cutting a path, and of deriving an output in the place of e, is what Python says."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from helpers import ACTIVATIONS, LOSSES, SEEDS, article_network, examples, random_network, random_samples
from hypothesis import given
from hypothesis import strategies as st

import nodesim as ns

# Selects elements, derives e or an output by them, and returns what the page then says of each and of its paths.
LIST = """(asked) => asked.map(([kind, index, to]) => {
    nodesim.select(kind, index);
    nodesim.setState({ to, shown: 200, view: "paths" });
    const cut = (row) => Object.fromEntries(Object.entries(row.querySelector(".cut").dataset).map(([what, text]) => [what, Number(text)]));
    const rows = [...document.querySelectorAll(".ranking [data-path]")];
    const paths = rows.map((row) => [row.dataset.path, { product: Number(row.dataset.product), ...cut(row) }]);
    return { ...nodesim.selection(), paths: Object.fromEntries(paths) };
})"""


def patched(net, y, element, path, to):
    """Return what is derived, before and after one path is cut, by hand: each node by its own sum, in torch."""

    def f(node, z):
        return float(ACTIVATIONS[node.activation.name](torch.tensor(z, dtype=torch.float64)))

    if element in net.connections:
        node, onwards = element.target, path.connections[1:]
        z = node.value - element.weight * element.source.activated
    else:
        node, onwards, z = element, path.connections, 0.0
    for connection in onwards:
        # Of an input or a bias node what it sends is cut, of all others their sum.
        sent = z if node.activation is None else f(node, z)
        z = connection.target.value - connection.weight * (node.activated - sent)
        node = connection.target
    if to is not None:
        return node.activated, f(node, z)
    sums = {output: output.value for output in net.outputs}
    return error(net, y, sums, f), error(net, y, {**sums, node: z}, f)


def error(net, y, sums, f):
    seen = sums.values() if net.loss.name == "binary_cross_entropy" else [f(node, z) for node, z in sums.items()]
    return float(LOSSES[net.loss.name](torch.tensor(y)[None], torch.tensor([list(seen)], dtype=torch.float64)))


@examples(6)
@given(seed=SEEDS, loss=st.sampled_from(list(LOSSES)))
def test_derivatives_and_cuts_of_a_random_network(show, seed, loss):
    net, rng = random_network(seed, loss=loss)
    x, y = random_samples(net, rng, 1)
    explorer = net.explore(x, y)
    names = [node["activated"] for node in explorer.document["nodes"]]
    page = show(explorer).page
    net.forward(x[0]), net.backward(y[0])
    targets = [None, *(net.nodes.index(node) for node in net.outputs)]
    everything = [("connection", c) for c in range(len(net.connections))] + [("node", n) for n in range(len(net))]
    asked = [(*everything[rng.integers(len(everything))], targets[place % len(targets)]) for place in range(6)]
    for (kind, index, to), found in zip(asked, page.evaluate(LIST, asked)):
        element = (net.connections if kind == "connection" else net.nodes)[index]
        paths = net.paths(element, to=None if to is None else names[to])
        assert found["to"] == ("e" if to is None else names[to])
        assert found["count"] == str(paths.count)
        tolerance = 1e-12 * max(paths.scale, 1e-300)
        if paths.count:
            assert found["gradient"] == pytest.approx(paths.gradient, abs=tolerance)
            assert found["engine"] == pytest.approx(paths.gradient, abs=tolerance)
            assert set(found["connections"]) == {net.connections.index(c) for path in paths for c in path.connections}
        assert paths.count > 200 or len(found["paths"]) == paths.count
        for path in paths:
            key = " ".join(str(net.connections.index(connection)) for connection in path.connections)
            if key not in found["paths"]:
                continue
            shown, (before, after) = found["paths"][key], patched(net, y[0], element, path, to)
            weighted = element.weight if kind == "connection" else element.value
            assert shown["product"] == pytest.approx(path.product, abs=tolerance)
            assert shown["predicted"] == pytest.approx(-weighted * path.product, abs=abs(weighted) * tolerance + 1e-300)
            rounding = 1e-12 * max(1, abs(before), abs(after))
            assert shown["change"] == pytest.approx(after - before, abs=rounding)
            cut = path.cut()
            assert shown["change"] == pytest.approx(cut.change, abs=rounding)
            assert shown["predicted"] == pytest.approx(cut.predicted, abs=abs(weighted) * tolerance + 1e-300)


def test_an_output_is_derived_by_its_mark_and_e_again(show):
    net = article_network(2)
    page = show(net.explore()).page
    assert page.locator("[data-target]:visible").count() == 0
    page.evaluate("nodesim.find('W1')")
    mark = page.get_by_role("button", name="Derive OA2")
    mark.hover()
    assert page.locator(".tip").inner_text() == "Derive OA2 instead of e."
    mark.click()
    assert page.url.endswith("#select=W1&to=OA2")
    assert mark.get_attribute("aria-pressed") == "true"
    gradient = net.paths("W1", to="OA2").gradient
    assert page.evaluate("nodesim.selection().gradient") == pytest.approx(gradient, rel=1e-12)
    assert "2 paths to OA2, derivative" in page.locator(".live").inner_text()
    assert "2 paths lead from OA2" in page.locator(".paths").inner_text().replace("\n", "")
    # What else is clicked is selected, and derived alike; the output itself, too.
    page.locator("#node-3").click()
    assert page.evaluate("[nodesim.selection().name, nodesim.selection().to]") == ["H1", "OA2"]
    page.locator(f"#node-{net.nodes.index(net['O1'])}").click()
    assert page.evaluate("nodesim.selection().count") == "0"
    assert "No path leads from OA2 to O1" in page.locator(".headline").inner_text()
    mark.click()
    assert page.evaluate("[nodesim.selection().name, nodesim.selection().to]") == ["O1", "e"]


def test_an_output_is_derived_by_the_keyboard(show):
    page = show(article_network(2).explore(), "#select=W1").page
    choice = page.get_by_label("Derive", exact=True)
    assert choice.locator("option").all_inner_texts() == ["e, the error", "OA1", "OA2"]
    choice.focus()
    for name in ("OA1", "OA2"):
        page.keyboard.press("ArrowDown")
        assert page.evaluate("nodesim.selection().to") == name
        assert choice.evaluate("(choice) => choice === document.activeElement")


def test_a_mark_on_a_canvas_is_clicked(show):
    net = ns.Network.layered([34, 34, 34, 34, 2], seed=0)
    page = show(net.explore([0.1] * 34), "#select=W1", viewport={"width": 2000, "height": 1200}).page
    # To the right of the second output, a little lower.
    x, y = page.evaluate("""() => {
        const { scene, drawing: { picture: { at, element } }, network: { outputs } } = nodesim.app;
        const { left, top } = element.getBoundingClientRect();
        return [left + at.x + at.k * (scene.x[outputs[1]] + 44), top + at.y + at.k * (scene.y[outputs[1]] + 11)];
    }""")
    for name in ("OA2", "e"):
        page.mouse.click(x, y)
        assert page.evaluate("[nodesim.selection().name, nodesim.selection().to]") == ["W1", name]


def test_cuts_can_be_read_on_any_screen(show):
    for width in (1280, 390):
        page = show(article_network(3).explore(), "#select=W1&to=OA2", viewport={"width": width, "height": 800}).page
        for view in ("chain", "paths"):
            page.evaluate("(view) => nodesim.setState({ view })", view)
            lines = page.locator(".cut")
            assert lines.count() == 4
            assert all("Without this path OA2 would be" in words for words in lines.all_text_contents())
            assert all("predicts −W1 · the product" in line.get_attribute("title") for line in lines.all())
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_what_only_python_can_calculate_is_derived_but_not_cut(show):
    own = ns.Activation("softroot", lambda z: z / np.sqrt(1 + z * z), lambda z, a: (1 + z * z) ** -1.5)
    net = ns.Network.layered([2, 2, 2], hidden=own, seed=0)
    page = show(net.explore([1.0, 2.0], [1.0, 0.5]), "#select=W1").page
    net.forward([1.0, 2.0]), net.backward([1.0, 0.5])
    for to in (None, "OA2"):
        page.evaluate("(to) => nodesim.app.derive(to)", None if to is None else net.nodes.index(net["O2"]))
        gradient = net.paths("W1", to=to).gradient
        assert page.evaluate("nodesim.selection().gradient") == pytest.approx(gradient, rel=1e-12)
        assert page.locator(".term").count() == net.paths("W1", to=to).count
        assert page.locator(".cut").count() == 0
        assert page.get_by_text("uses a function that only Python knows. Its paths").count() == 1


def test_without_desired_outputs_an_output_is_derived(show):
    net = ns.Network.layered([2, 2, 2], seed=0)
    page = show(net.explore([1.0, 2.0]), "#select=W1").page
    assert "no targets" in page.locator(".panel .notice").first.inner_text()
    page.get_by_role("button", name="Derive OA1").click()
    net.forward([1.0, 2.0])
    assert page.evaluate("nodesim.selection().gradient") == pytest.approx(net.paths("W1", to="OA1").gradient, rel=1e-12)
    assert page.locator(".cut").count() == 1
    assert page.locator(".panel .notice:visible").count() == 0

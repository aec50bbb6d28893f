"""What a reader changes shows what it does: before and after, what the slope predicted, and the step of an update."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import LOSSES, SEEDS, article_network, examples, random_network, random_samples
from hypothesis import given
from hypothesis import strategies as st
from test_access import serious
from test_widget import Notebook
from twins import press

import nodesim as ns

X, Y = [0.05, 0.1], [0.01, 0.99]


@pytest.fixture
def notebook(watch):
    return lambda explorer: Notebook(watch().page, explorer)


def block(page):
    return page.get_by_role("region", name="What it changes")


def moves(page):
    """Return before and after of e and the outputs that the block shows."""
    rows = block(page).locator("[data-move]")
    data = rows.evaluate_all("(all) => all.map(({ dataset: d }) => [d.move, [Number(d.before), Number(d.after)]])")
    return dict(map(tuple, data))


def predicted(page):
    """Return what the slope predicted, and what e changed by."""
    line = block(page).locator(".predicted")
    return [float(line.get_attribute(f"data-{what}")) for what in ("predicted", "became")]


def run(net, x=X, y=Y):
    """Return e and the outputs of a network."""
    outputs = np.asarray(net.forward(x)).ravel().tolist()
    return {"e": net.backward(y), **{f"OA{place + 1}": value for place, value in enumerate(outputs)}}


def test_a_changed_weight_shows_what_it_does_whatever_is_selected(show):
    net = article_network(1)
    page = show(net.explore()).page
    assert block(page).count() == 0
    page.locator("[data-connection='0']").click(force=True)
    press(page, "W1 + 0.1")
    before, gradient, twin = run(net), net["W1"].gradient, net.copy()
    twin["W1"].weight += 0.1
    after = run(twin)
    for select in ("[data-node='4']", "[data-connection='11']", None):
        if select:
            page.locator(select).click(force=True)
        else:
            page.keyboard.press("Escape")
        found = moves(page)
        assert list(found) == ["e", "OA1", "OA2"]
        for name, pair in found.items():
            assert pair == pytest.approx([before[name], after[name]], rel=1e-12)
        assert predicted(page) == pytest.approx([gradient * 0.1, after["e"] - before["e"]], rel=1e-9)
        assert "∂e/∂W1·ΔW1" in block(page).inner_text()
        assert "close, since the step is small" in block(page).inner_text()
    press(page, "Undo W1")
    assert block(page).count() == 0
    assert page.evaluate("nodesim.run.error") == pytest.approx(before["e"], rel=1e-12)


def test_changes_of_weights_inputs_and_targets_add_up(show):
    net = article_network(1)
    page = show(net.explore()).page
    run(net)
    slopes = {"W8": net["W8"].gradient, "I2": net["I2"].delta, "y1": 2 / 2 * (0.01 - net["O1"].activated)}
    for name, button in (("W8", "W8 − 0.1"), ("I2", "I2 + 0.1"), ("O1", "y1 + 0.1")):
        page.evaluate("(name) => nodesim.find(name)", name)
        press(page, button)
    twin = net.copy()
    twin["W8"].weight -= 0.1
    before, after = run(net), run(twin, [0.05, 0.2], [0.11, 0.99])
    first_order = 0.1 * (-slopes["W8"] + slopes["I2"] + slopes["y1"])
    assert predicted(page) == pytest.approx([first_order, after["e"] - before["e"]], rel=1e-9)
    for name, pair in moves(page).items():
        assert pair == pytest.approx([before[name], after[name]], rel=1e-12)
    changes = block(page).locator("[data-change]").evaluate_all("(all) => all.map((e) => e.dataset.change)")
    assert changes == ["W8", "I2", "y1"]
    # One is taken back, and then the rest.
    press(page, "Undo I2")
    after = run(twin, X, [0.11, 0.99])
    assert moves(page)["e"] == pytest.approx([before["e"], after["e"]], rel=1e-12)
    press(page, "Rewind to the original")
    assert block(page).count() == 0


@examples(5)
@given(seed=SEEDS, loss=st.sampled_from(list(LOSSES)))
def test_the_prediction_is_the_engines_slope_in_any_network(show, seed, loss):
    net, rng = random_network(seed, loss=loss, max_hidden=8)
    x, y = random_samples(net, rng, 1)
    page = show(net.explore(x, y)).page
    before = run(net, x[0], y[0])
    slopes = {"weights": net.connections[-1].gradient, "inputs": net.inputs[0].delta}
    names = {"weights": net.connections[-1].name, "inputs": net.inputs[0].name}
    for part, slope in slopes.items():
        now = net.connections[-1].weight if part == "weights" else float(x[0][0])
        edits = {"weights": {}, "inputs": {}, "targets": {}, part: {names[part]: now + 0.01}}
        page.evaluate("(edits) => nodesim.setState({ edits })", edits)
        twin, moved = net.copy(), np.array(x[0], dtype=float)
        if part == "weights":
            twin.connections[-1].weight = now + 0.01
        else:
            moved[0] = now + 0.01
        after = run(twin, moved, y[0])
        scale = 1e-9 * max(1.0, abs(before["e"]), abs(after["e"]))
        assert predicted(page) == pytest.approx([slope * 0.01, after["e"] - before["e"]], abs=scale)


def test_a_kink_on_the_way_is_named(show):
    net = ns.Network.layered([1, 1, 1], hidden="relu", bias=False, seed=0)
    net.weights = [1.0, 1.0]
    page = show(net.explore([1.0], [0.0]), "#select=W1").page
    field = page.get_by_role("spinbutton", name="Weight W1")
    field.fill("-1")
    field.press("Enter")
    assert "H1 went over the kink of relu at 0" in block(page).inner_text()
    field.fill("2")
    field.press("Enter")
    words = block(page).inner_text()
    assert "e is a curve" in words
    assert "∂e/∂W1 is 2 at the start and 4 at the end" in words


def test_a_shared_weight_moves_by_the_sum_of_its_gradients(show):
    net = article_network(1)
    net.tie("W1", "W4", name="Wr")
    before = run(net)
    page = show(net.explore(), "#select=W4").page
    press(page, "W4 + 0.1")
    gradient, twin = net["W1"].gradient + net["W4"].gradient, net.copy()
    twin["W1"].weight += 0.1
    assert predicted(page) == pytest.approx([gradient * 0.1, run(twin)["e"] - before["e"]], rel=1e-9)
    # The same weight by another connection is the same change.
    page.evaluate("nodesim.find('W1')")
    press(page, "W1 + 0.1")
    assert block(page).locator("[data-change]").count() == 1
    assert predicted(page)[0] == pytest.approx(gradient * 0.2, rel=1e-9)


def test_the_update_is_stepped_through_and_a_step_that_is_too_long_says_so(show):
    net = article_network(1)
    page = show(net.explore()).page
    press(page, "Step through")
    slider = page.get_by_role("slider", name="Step")
    slider.press("End")
    before, twin = run(net), net.copy()
    twin.forward(X), twin.backward(Y), twin.update(learning_rate=0.5)
    assert page.evaluate("nodesim.step(nodesim.state.step).value") == pytest.approx(run(twin)["e"], rel=1e-12)
    page.get_by_role("button", name="Previous step").click()
    words = page.locator(".step").inner_text().replace("\n", "").replace("\u00a0", " ")
    assert "W12(k+1)" in words
    assert "W12 − η·∂e/∂W12" in words
    assert "brings e down" in words
    assert page.locator(".where").inner_text().startswith("Update")
    page.evaluate("nodesim.setState({ learningRate: 10 }); nodesim.app.stepbar.show()")
    twin.weights = net.weights
    twin.forward(X), twin.backward(Y), twin.update(learning_rate=10)
    words = page.locator(".step").inner_text()
    assert "This step is too long: with η = 10 e grows from" in words
    assert run(twin)["e"] > before["e"]


def test_the_overview_says_which_steps_are_too_long(show):
    net = article_network(1)
    page = show(net.explore([X, [1.0, -1.0]], [Y, [0.5, 0.5]])).page
    rows = page.locator("[data-rate]").evaluate_all(
        "(all) => all.map(({ dataset: d }) => [d.rate, d.error, d.all].map(Number))"
    )
    assert [rate for rate, *_ in rows] == [0.01, 0.1, 0.3, 0.5, 1, 3, 10]
    for rate, one, everyone in rows:
        twin = net.copy()
        twin.forward(X), twin.backward(Y), twin.update(learning_rate=rate)
        assert one == pytest.approx(run(twin)["e"], rel=1e-9)
        twin.weights = net.weights
        batch = [X, [1.0, -1.0]], [Y, [0.5, 0.5]]
        twin.forward(batch[0]), twin.backward(batch[1]), twin.update(learning_rate=rate)
        assert everyone == pytest.approx(twin.error(*batch), rel=1e-9)
    words = page.get_by_role("region", name="How long may a step be?").inner_text()
    assert "jumps over the valley" in words


def test_a_node_says_what_it_calculates(show):
    net = article_network(1)
    page = show(net.explore()).page
    page.locator("[data-node='3']").click()
    words = "".join(page.get_by_role("region", name="What it calculates").inner_text().split())
    for part in ("sigmoid", "1/(1+exp(−H1))", "HA1·(1−HA1)", "HA1feedsO1byW7,O2byW8"):
        assert part in words
    sums = page.get_by_role("group", name="H1", exact=True).inner_text().replace("\n", "")
    assert "0.05" in sums
    assert f"{net['H1'].value:.6g}".replace("-", "−") in sums
    page.locator(f"[data-node='{net.nodes.index(net['O1'])}']").click()
    assert "y1 = 0.01 is what OA1 should be" in page.get_by_role("region", name="What it calculates").inner_text()
    page.evaluate("nodesim.find('B1')")
    assert "a constant" in page.get_by_role("region", name="What it is").inner_text()
    page.evaluate("nodesim.find('W1')")
    grown = page.locator("[data-grown]")
    assert float(grown.get_attribute("data-grown")) == pytest.approx(net["W1"].gradient * 0.1, rel=1e-12)
    assert grown.inner_text().startswith("If W1 grew by 0.1, e would")


def test_y1_and_desired_are_one_word(show):
    page = show(article_network(1).explore()).page
    assert "Desired" not in page.inner_text("body")
    assert page.inner_text("body").count("desired") == 1
    page.evaluate("nodesim.find('O1')")
    field = page.get_by_role("spinbutton", name="y1")
    assert field.input_value() == "0.01"
    assert "desired output" in field.get_attribute("title")


def test_a_join_is_written_out(show):
    net = ns.Network.layered([2, 2, 1], seed=1)
    net["H1"].aggregation = "product"
    page = show(net.explore([1.0, 2.0], [0.5]), "#select=H1").page
    assert "I1·W1·I2·W3·B1·W5" in "".join(page.get_by_role("group", name="H1", exact=True).inner_text().split())


def test_the_error_after_a_cut_stands_beside_the_error_before(show):
    net = article_network(2)
    before = run(net)["e"]
    page = show(net.explore(), "#select=W1").page
    cuts = sorted(path.cut().change for path in net.paths("W1"))
    for view in ("Chain rule", "Strongest paths"):
        page.get_by_role("tab", name=view).click()
        lines = page.locator(".cut")
        assert all(f"instead of {before:.6g}" in words for words in lines.all_inner_texts())
        after = sorted(float(line.get_attribute("data-after")) for line in lines.all())
        assert after == pytest.approx([before + change for change in cuts], rel=1e-12)


def test_path_shares_are_those_of_the_products(show):
    net = article_network(2)
    page = show(net.explore(), "#select=W1").page
    shares = page.locator("[data-share]").evaluate_all("(all) => all.map((e) => Number(e.dataset.share))")
    sizes = [abs(path.product) for path in net.paths("W1")]
    assert sorted(shares) == pytest.approx(sorted(size / sum(sizes) for size in sizes), rel=1e-9)
    # The strongest paths have the same percentages, and bars of the same scale.
    page.get_by_role("tab", name="Strongest paths").click()
    words = page.locator(".ranking .share").all_inner_texts()
    assert words == [f"{100 * share:.3g}\u00a0%" for share in sorted(shares, reverse=True)]
    widths = page.locator(".ranking .bar").evaluate_all("(all) => all.map((e) => Number.parseFloat(e.style.width))")
    assert widths == pytest.approx([100 * share for share in sorted(shares, reverse=True)], rel=1e-3)


def test_a_path_that_changes_nothing_to_be_seen_has_no_line(show):
    net = ns.Network.layered([2, 2, 2], seed=0)
    net["W7"].weight = 1e-12
    run(net)
    page = show(net.explore(X, Y), "#select=W1").page
    lines = page.locator(".term .cut")
    assert [line.is_visible() for line in lines.all()] == [False, True]
    assert float(lines.first.get_attribute("data-change")) == pytest.approx(
        next(iter(net.paths("W1"))).cut().change, abs=1e-12
    )


def test_with_a_weight_selected_the_step_sizes_are_a_press_away(show):
    net = article_network(1)
    page = show(net.explore(), "#select=W1").page
    line = page.get_by_role("region", name="One update")
    twin = net.copy()
    twin.forward(X), twin.backward(Y), twin.update(learning_rate=0.5)
    assert f"brings e down from {run(net)['e']:.6g} to {run(twin)['e']:.6g}" in line.inner_text()
    press(page, "Try other learning rates")
    assert page.locator("[data-rate]").count() == 7
    assert page.evaluate("document.activeElement.textContent") == "Hide other learning rates"
    page.evaluate("nodesim.find('H1')")
    assert page.locator("[data-rate]").count() == 7
    press(page, "Hide other learning rates")
    assert page.locator("[data-rate]").count() == 0


def recorded():
    net = ns.Network.layered([2, 8, 8, 2], hidden="tanh", seed=0)
    x, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0, 1], [1, 0], [1, 0], [0, 1]]
    recording = ns.Recording(net, limit=12)
    net.fit(x, y, epochs=60, learning_rate=0.05, callbacks=recording)
    return net.explore(x, y, history=recording)


def test_while_it_learns_what_is_there_stays(show):
    """Focus, scrolling, the path that is pointed at, open branches: the numbers change under them."""
    page = show(recorded(), "#select=W1&epoch=0&sample=3").page
    # All paths, the strongest first: their order changes.
    page.evaluate("nodesim.setState({ shown: 25, sort: 'strongest' })")
    page.evaluate("window.was = document.querySelectorAll('.term')[6]; was.focus()")
    page.evaluate("document.querySelector('.panel').scrollTop = 300")
    page.locator(".shares [data-share]").first.hover()
    pointed = page.evaluate("nodesim.state.only.connections")
    seen, places = set(), set()
    for epoch in range(1, 8):
        page.evaluate("(epoch) => nodesim.setState({ epoch })", epoch)
        seen.add(page.locator(".gradient").inner_text())
        places.add(page.evaluate("[...was.parentNode.children].indexOf(was)"))
        sizes = page.locator(".term").evaluate_all("(all) => all.map((e) => Math.abs(e.dataset.product))")
        assert sizes == sorted(sizes, reverse=True)
        assert page.evaluate("[document.activeElement === was, was.isConnected]") == [True, True]
        assert page.evaluate("document.querySelector('.panel').scrollTop") == 300
        assert page.evaluate("nodesim.state.only !== null")
    assert len(seen) == 7
    assert len(places) > 1
    assert len(pointed) == 3
    # What the lines show is what they show when they are made anew.
    texts = "[...document.querySelectorAll('.explanation [data-path], .gradient, .sums, .compared')].map((e) => e.textContent + (e.getAttribute('aria-label') ?? '')).sort()"
    for view in ("chain", "paths", "factors"):
        page.evaluate("(view) => nodesim.setState({ view, epoch: 2 })", view)
        page.evaluate("nodesim.setState({ epoch: 7 })")
        kept = page.evaluate(texts)
        page.evaluate("(() => { nodesim.select(null); nodesim.find('W1'); nodesim.setState({ shown: 25 }); })()")
        assert page.evaluate(texts) == kept
    page.get_by_role("tab", name="Tree").click()
    toggle = page.locator("ul.tree .toggle").nth(2)
    open_before = toggle.get_attribute("aria-expanded")
    toggle.click()
    page.evaluate("nodesim.setState({ epoch: 4 })")
    assert toggle.get_attribute("aria-expanded") != open_before
    assert page.evaluate("document.activeElement.className") == "toggle"


def test_with_python_behind_it_the_same_is_said(notebook):
    net = article_network(1)
    cell = notebook(net.explore())
    cell.tell("selection", "W1")
    press(cell.page, "W1 + 0.1")
    cell.answer()
    before, gradient, twin = run(net), net["W1"].gradient, net.copy()
    twin["W1"].weight += 0.1
    change = run(twin)["e"] - before["e"]
    assert predicted(cell.page) == pytest.approx([gradient * 0.1, change], rel=1e-9)
    cell.tell("selection", "H2")
    assert predicted(cell.page) == pytest.approx([gradient * 0.1, change], rel=1e-9)
    press(cell.page, "Undo W1")
    assert cell.trait("edits") == {}


@pytest.mark.usefixtures("session")
def test_what_only_python_can_calculate_has_consequences_too(notebook):
    own = ns.Activation("softroot", lambda z: z / np.sqrt(1 + z * z), lambda z, a: (1 + z * z) ** -1.5)
    net = ns.Network.layered([2, 2, 1], hidden=own, seed=0)
    cell = notebook(net.explore([1.0, 2.0], [1.0]))
    cell.tell("selection", "W1")
    press(cell.page, "W1 + 0.1")
    cell.answer()
    before, gradient, twin = run(net, [1.0, 2.0], [1.0]), net["W1"].gradient, net.copy()
    twin["W1"].weight += 0.1
    assert predicted(cell.page) == pytest.approx(
        [gradient * 0.1, run(twin, [1.0, 2.0], [1.0])["e"] - before["e"]], rel=1e-9
    )
    assert cell.trait("edits")["weights"] == {"W1": pytest.approx(twin["W1"].weight, rel=1e-14)}


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_everyone_can_read_it(show, scheme, width):
    net = article_network(1)
    many = (
        "weights=0.25+W1&weights=1+W2&weights=2+W3&weights=3+W4&weights=-4+W5&weights=5+W6&inputs=1.5+I1&targets=0.5+O1"
    )
    settings = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}}
    for fragment in (f"#select=H1&{many}", f"#{many}&step=48", "#select=O1"):
        page = show(net.explore(), fragment, **settings).page
        assert serious(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        cut_off = page.evaluate("""() => [...document.querySelectorAll(
            ".consequences *, .quantities *, .worked, .shares *, .step-sizes *, .field *")].filter((e) =>
            e.scrollWidth > e.clientWidth + 1 && e.clientWidth && getComputedStyle(e).overflowX !== "visible"
            && e.localName !== "input").map((e) => e.outerHTML.slice(0, 90))""")
        assert cut_off == []
        assert (
            page.evaluate("""() => [...document.querySelectorAll(".panel *")].filter((e) =>
            e.childElementCount === 0 && e.textContent.trim() && e.namespaceURI.endsWith("xhtml")
            && Number.parseFloat(getComputedStyle(e).fontSize) < 11).length""")
            == 0
        )
    assert "and 3 more" in show(net.explore(), f"#{many}", **settings).page.inner_text("body")


def test_a_softmax_shows_probabilities_and_a_formula_that_can_be_read(show):
    net = ns.Network.layered([2, 3, 3], loss="softmax_cross_entropy", output="linear", seed=0)
    page = show(net.explore([0.5, -1.0], [0, 1, 0]), viewport={"width": 390, "height": 800}).page
    sums = np.ravel(net.forward([0.5, -1.0]))
    p = np.exp(sums) / np.exp(sums).sum()
    cells = page.locator(".outputs tbody td:nth-child(3)").all_inner_texts()
    assert [float(cell.strip()) for cell in cells] == pytest.approx(p, rel=1e-3)
    words = "".join(page.get_by_role("group", name="e", exact=True).inner_text().split())
    assert "=−(y1·log(p1)+y2·log(p2)+y3·log(p3))" in words
    assert f"{net.backward([0, 1, 0]):.6g}" in words
    # Only where the loss has one; a sigmoid's output is a probability already.
    net = ns.Network.layered([2, 3, 1], loss="binary_cross_entropy", output="sigmoid", seed=0)
    page = show(net.explore([0.5, -1.0], [1])).page
    assert page.locator(".outputs").count() == 1
    assert "softmax" not in page.locator(".sample").inner_text()

"""The map and the curve of a node show what the engine calculates; data sets are chosen, dropped and split."""

from __future__ import annotations

import numpy as np
import pytest
from sources import serve

import nodesim as ns
from nodesim.explorer.data_sets import offered_data

# As the page puts them together, without the drawing and all else.
START = """async (document) => {
    const load = (name) => import(`/src/${name}.js`);
    const [{ readNetwork }, { State }, { Runs }, { Plane }, { dataPicker }] =
        await Promise.all(["network", "state", "runs", "plane/plane", "data/picker"].map(load));
    const root = window.document.body;
    const network = readNetwork(document);
    const app = {
        root, document, network, runs: new Runs(network), state: new State({}), said: "", chosen: [],
        say(words) { this.said = words; },
        get weights() { return this.runs.weights(0, this.state.values.edits); },
    };
    window.app = app;
    app.plane = new Plane(app);
    root.replaceChildren(dataPicker(app, { choose: (data) => app.chosen.push(data) }).element, app.plane.element);
}"""
XOR = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]


@pytest.fixture
def started(watch):
    def start(explorer):
        page = serve(watch(viewport={"width": 480, "height": 900}).page)
        page.evaluate(START, explorer.document)
        page.wait_for_function("app.plane.frame !== undefined")
        return page

    return start


def test_values_are_read_by_hovering(started):
    net = ns.Network.layered([2, 3, 1], hidden="tanh", seed=2)
    page = started(net.explore(*XOR))
    canvas = page.locator(".plane canvas").first
    canvas.hover(position={"x": 180, "y": 120})
    page.wait_for_function("app.plane.readout.textContent.includes('OA1 =')")
    x, y = page.evaluate("app.plane.cross")
    net.forward([x, y])
    read = page.locator(".readout").inner_text().replace("\N{MINUS SIGN}", "-")
    assert float(read.rpartition("= ")[2]) == pytest.approx(net.outputs[0].activated, rel=1e-3)
    canvas.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"app.plane.cross[0] > {x}")
    page.get_by_label("Node", exact=True).select_option(label="H2")
    page.wait_for_function("app.plane.subject.node === app.network.byName.get('H2').index")


def test_the_map_is_the_network_over_the_plane(started):
    net = ns.Network.layered([3, 4, 2], hidden="relu", seed=3)
    x = np.random.default_rng(0).standard_normal((6, 3))
    page = started(net.explore(x, x[:, :2]))
    page.get_by_label("Up").select_option(label="I3")
    page.wait_for_function("app.plane.subject.axes[1] === 2")
    spans, side = page.evaluate("app.plane.subject.spans"), page.evaluate("app.plane.subject.side")
    values = np.reshape(page.evaluate("[...app.plane.subject.values()]"), (side, side))
    across, up = (np.linspace(*span, side) for span in spans)
    points = np.array([[one, x[0, 1], two] for two in up[::-1] for one in across])
    expected = net.predict(points)[:, 0].reshape(side, side)
    assert values == pytest.approx(expected, abs=1e-12)


def test_a_selected_node_and_a_clicked_sample_are_shown(started):
    page = started(ns.Network.layered([2, 3, 1], seed=2).explore(*XOR))
    page.evaluate("app.state.set({ selected: app.network.byName.get('H3') })")
    page.wait_for_function("app.plane.subject.node === app.network.byName.get('H3').index")
    x, y = page.evaluate("[app.plane.frame.x(1), app.plane.frame.y(1)]")
    page.locator(".plane canvas").first.click(position={"x": x, "y": y})
    assert page.evaluate("app.state.values.sample") == 3


def test_a_curve_goes_through_what_the_node_sends(started):
    data = next(each for each in offered_data() if each["name"] == "sine")
    net = ns.Network.layered([1, 4, 1], hidden="tanh", output="linear", seed=1)
    page = started(net.explore(data["x"], data["y"]))
    assert page.get_by_role("heading", name="Curve").count() == 1
    span, values = page.evaluate("[app.plane.subject.spans[0], [...app.plane.subject.values()]]")
    expected = net.predict(np.linspace(*span, len(values))[:, None])[:, 0]
    assert values == pytest.approx(expected, abs=1e-12)


def test_files_are_dropped_anywhere_and_split(started):
    page = started(ns.Network.layered([2, 3, 1], seed=2).explore(*XOR))
    drop = """([name, text]) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([text], name));
        for (const kind of ["dragover", "drop"]) {
            app.plane.element.dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
        }
    }"""
    rows = "".join(f"{row};{row % 7},5;{'ab'[row % 2]}\n" for row in range(40))
    page.evaluate(drop, ["<b>mine.csv", f"p;q;class\n{rows}"])
    page.wait_for_function("app.chosen.length === 1")
    assert page.get_by_label("Data set", exact=True).locator("option:checked").inner_text() == "<b>mine"
    assert "40 rows: 32 to train, 8 to test. 2 inputs, 1 output, 2 classes." in page.locator(".preview").inner_text()
    page.get_by_label("Test share").select_option(label="50 %")
    assert len(page.evaluate("app.chosen.at(-1).test")) == 20
    page.evaluate(drop, ["other.csv", "a,b,y\n1,2\n"])
    alert = page.get_by_role("alert")
    alert.wait_for()
    assert "other.csv: " in alert.inner_text()
    assert page.evaluate("app.chosen.length") == 2
    page.get_by_label("Data set", exact=True).select_option(label="Samples of this page")
    assert page.evaluate("app.chosen.at(-1)") is None
    assert not alert.is_visible()


def test_values_are_read_by_touch(show):
    """A tap and a finger that moves across read values, which stay when it is lifted; one that moves up scrolls."""
    net = ns.Network.layered([2, 3, 1], hidden="tanh", seed=2)
    page = show(net.explore(*XOR), has_touch=True, is_mobile=True, viewport={"width": 390, "height": 800}).page
    canvas = page.locator(".plane canvas").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    page.touchscreen.tap(box["x"] + 180, box["y"] + 120)
    page.locator(".plane .readout", has_text="OA1 =").wait_for()
    tapped, scrolled = page.evaluate("[nodesim.app.plane.cross[0], scrollY]")
    fingers = page.context.new_cdp_session(page)

    def drag(across, up):
        for step in range(12):
            at = {"x": box["x"] + 180 + step * across, "y": box["y"] + 120 - step * up}
            kind = "touchMove" if step else "touchStart"
            fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [at]})
        fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    drag(10, 1)
    assert page.evaluate("nodesim.app.plane.cross[0]") > tapped
    assert "OA1 =" in page.locator(".plane .readout").inner_text()
    assert page.evaluate("scrollY") == scrolled
    drag(1, 10)
    assert page.evaluate("scrollY") > scrolled + 50

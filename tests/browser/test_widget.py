"""The bundle as a notebook widget: selection travels both ways, and what is changed is calculated by Python."""

from __future__ import annotations

import json

import numpy as np
import pytest
from helpers import article_network

import nodesim as ns
from nodesim.explorer import page as assembly

# A notebook's side of a widget: traits that both sides set, and what listens to them.
MODEL = """async ({ bundle, document_ }) => {
    const heard = {};
    const values = { document: document_, selection: "", edits: {}, recalculated: {} };
    window.model = {
        values, saves: 0,
        get: (name) => values[name],
        set: (name, value) => { values[name] = value; (heard[`change:${name}`] ?? []).forEach((listener) => listener()); },
        save_changes() { this.saves += 1; },
        on: (event, listener) => (heard[event] ??= []).push(listener),
        off: (event, listener) => { heard[event] = (heard[event] ?? []).filter((other) => other !== listener); },
        listeners: () => Object.values(heard).flat().length,
    };
    const module = await import(URL.createObjectURL(new Blob([bundle], { type: "text/javascript" })));
    window.end = module.default.render({ model: window.model, el: document.getElementById("cell") });
}"""


class Notebook:
    """A cell with a widget in it, joined to the Python widget by hand."""

    def __init__(self, page, explorer):
        self.page, self.widget = page, explorer.widget()
        page.set_content('<!doctype html><body><div id="cell" style="height: 700px"></div></body>')
        page.add_style_tag(content=assembly.asset("style.css"))
        page.evaluate(
            MODEL, {"bundle": assembly.asset("bundle.js"), "document_": json.loads(json.dumps(explorer.document))}
        )

    def trait(self, name):
        return self.page.evaluate("(name) => model.get(name)", name)

    def tell(self, name, value):
        self.page.evaluate("([name, value]) => model.set(name, value)", [name, value])

    def answer(self):
        """Carry the page's edits to Python, and its answer back."""
        self.widget.edits = self.trait("edits")
        self.tell("recalculated", json.loads(json.dumps(self.widget.recalculated)))

    def edit(self, label, value):
        field = self.page.get_by_role("spinbutton", name=label)
        field.fill(value)
        field.press("Enter")


@pytest.fixture
def notebook(watch):
    return lambda explorer: Notebook(watch().page, explorer)


def test_the_selection_travels_both_ways(notebook):
    cell = notebook(article_network(1).explore())
    cell.page.locator("[data-node='3']").click()
    assert cell.trait("selection") == "H1"
    assert cell.page.evaluate("model.saves") == 1
    cell.tell("selection", "W12")
    red = cell.page.locator("[data-connection].on").evaluate_all(
        "(all) => all.map((e) => Number(e.dataset.connection))"
    )
    assert red == [11]
    cell.tell("selection", "nothing of this name")
    assert cell.page.locator("[data-connection].on").count() == 0


def test_a_weight_changed_in_the_page_is_calculated_by_python(notebook):
    net = article_network(1)
    cell = notebook(net.explore())
    cell.tell("selection", "W1")
    cell.edit("Weight W1", "-0.75")
    assert cell.trait("edits") == {"epoch": 0, "sample": 0, "weights": {"W1": -0.75}, "inputs": {}, "targets": {}}
    cell.answer()
    twin = net.copy()
    twin["W1"].weight = -0.75
    twin.forward([0.05, 0.1]), twin.backward([0.01, 0.99])
    assert float(cell.page.locator("[data-value=engine]").inner_text().replace("−", "-")) == pytest.approx(
        twin["W1"].gradient, rel=1e-12
    )
    # The page cuts in the run that Python has calculated.
    changes = cell.page.locator(".cut").evaluate_all("(all) => all.map((e) => Number(e.dataset.change))")
    assert changes == pytest.approx([path.cut().change for path in twin.paths("W1")], abs=1e-12)
    assert net["W1"].weight != -0.75
    cell.page.get_by_role("button", name="Rewind").click()
    assert cell.trait("edits") == {}


def test_enter_is_heard_where_the_notebook_takes_it(notebook):
    cell = notebook(article_network(1).explore())
    cell.page.evaluate("document.addEventListener('keypress', (e) => e.key === 'Enter' && e.preventDefault(), true)")
    cell.tell("selection", "W1")
    field = cell.page.get_by_role("spinbutton", name="Weight W1")
    field.focus()
    field.press("Control+a")
    cell.page.keyboard.type("0.5")
    field.press("Enter")
    assert cell.trait("edits")["weights"] == {"W1": 0.5}
    assert cell.page.locator("[data-lm-suppress-shortcuts] .nodesim").count() == 1


@pytest.mark.usefixtures("session")
def test_with_python_behind_it_any_function_can_be_edited(notebook):
    own = ns.Activation("softroot", lambda z: z / np.sqrt(1 + z * z), lambda z, a: (1 + z * z) ** -1.5)
    net = ns.Network.layered([2, 2, 1], hidden=own, seed=0)
    cell = notebook(net.explore([1.0, 2.0], [1.0]))
    cell.tell("selection", "W1")
    cell.edit("Weight W1", "0.125")
    cell.answer()
    twin = net.copy()
    twin["W1"].weight = 0.125
    twin.forward([1.0, 2.0]), twin.backward([1.0])
    assert float(cell.page.locator("[data-value=engine]").inner_text().replace("−", "-")) == pytest.approx(
        twin["W1"].gradient, rel=1e-12
    )


def test_what_python_refuses_is_said(notebook):
    net = article_network(1)
    cell = notebook(net.explore())
    cell.tell("selection", "W1")
    cell.edit("Weight W1", "0.5")
    net.remove("H2")
    cell.answer()
    assert "structure was edited" in cell.page.inner_text("body")


@pytest.mark.parametrize("width", [340, 700, 1200])
def test_a_narrow_cell_shows_one_below_the_other(notebook, width):
    cell = notebook(article_network(1).explore())
    cell.page.evaluate("(width) => (document.getElementById('cell').style.width = `${width}px`)", width)
    stage, panel = (cell.page.locator(part).bounding_box() for part in (".stage", ".panel"))
    assert (panel["y"] > stage["y"]) == (width <= 900)
    assert stage["width"] > min(width, 600) - 20


def test_two_widgets_of_a_notebook_do_not_meet(notebook):
    cell = notebook(article_network(1).explore())
    cell.page.evaluate(
        """async (bundle) => {
        const other = document.createElement("div");
        document.body.append(other);
        const module = await import(URL.createObjectURL(new Blob([bundle], { type: "text/javascript" })));
        const quiet = { get: (name) => (name === "document" ? model.get(name) : undefined), set() {}, save_changes() {}, on() {}, off() {} };
        module.default.render({ model: quiet, el: other });
    }""",
        assembly.asset("bundle.js"),
    )
    cell.page.locator("#cell [data-node='3']").click()
    assert cell.page.locator("#cell [data-node].on").count() > 0
    assert cell.page.locator("#cell ~ div [data-node].on").count() == 0


def test_a_cell_that_is_removed_listens_no_more(notebook):
    cell = notebook(article_network(1).explore())
    assert cell.page.evaluate("model.listeners()") > 0
    cell.page.evaluate("end()")
    assert cell.page.evaluate("model.listeners()") == 0


def until(cell, condition):
    cell.page.wait_for_function(condition)


def test_what_a_training_in_the_page_learns_comes_to_python(notebook):
    """One epoch in the page is one of `fit`; what Python sets instead is what the page goes on from."""
    net, x, y = ns.Network.layered([2, 3, 1], seed=0), [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    cell = notebook(net.explore(x, y))
    rate = float(cell.page.get_by_role("spinbutton", name="Learning rate").input_value())
    cell.page.get_by_role("button", name="One epoch").click()
    until(cell, "model.get('training')?.epoch === 1")
    twin = net.copy()
    twin.fit(x, y, epochs=1, learning_rate=rate, batch_size=4)
    cell.widget.weights = cell.trait("weights")
    assert cell.widget.weights == pytest.approx(twin.weights, rel=1e-9)
    # A weight that is changed now is changed in what was learned.
    cell.tell("selection", "W1")
    cell.edit("Weight W1", "0.25")
    cell.answer()
    twin["W1"].weight = 0.25
    twin.forward(x[0]), twin.backward([y[0]])
    assert cell.widget.recalculated["run"]["error"] == pytest.approx(float(twin.error([x[0]], [y[0]])), rel=1e-9)
    # Python's own.
    cell.widget.weights = np.linspace(-1, 1, len(net.connections))
    cell.tell("weights", cell.widget.weights)
    until(cell, "JSON.stringify(model.get('edits')) === '{}'")
    twin.weights = cell.widget.weights
    cell.page.get_by_role("button", name="One epoch").click()
    until(cell, f"model.get('weights')[0] !== {cell.widget.weights[0]}")
    twin.fit(x, y, epochs=1, learning_rate=rate, batch_size=4)
    assert cell.trait("weights") == pytest.approx(twin.weights, rel=1e-9)
    cell.page.get_by_role("button", name="Reset").click()
    until(cell, "model.get('weights').length === 0")
    assert cell.trait("training") == {}


@pytest.mark.parametrize("wrong", [[1.0], ["a"] * 13, [float("nan")] * 13, "text", 3])
def test_weights_that_cannot_be_are_refused(wrong):
    widget = ns.Network.layered([2, 3, 1], seed=0).explore().widget()
    with pytest.raises(ns.NodesimError):
        widget.weights = wrong
    assert widget.weights == []
    widget.edits = {"epoch": 7, "sample": 0, "learned": wrong}
    assert "error" in widget.recalculated


def test_it_has_the_theme_of_its_notebook(notebook):
    cell = notebook(article_network(1).explore())
    seen = "document.querySelector('.nodesim').dataset.theme === '%s'"
    until(cell, seen % "light")
    cell.page.evaluate("document.body.style.background = '#111'")
    until(cell, seen % "dark")
    cell.page.evaluate("document.body.style.background = 'oklch(0.97 0 0)'")
    until(cell, seen % "light")


def test_what_is_typed_stays_in_the_cell(notebook):
    """JupyterLab's own shortcuts fit whatever has the focus, unless that says no; others listen further up."""
    cell = notebook(article_network(1).explore())
    cell.page.evaluate("window.heard = []; document.addEventListener('keydown', (e) => heard.push(e.key))")
    cell.page.locator("[data-node='3']").click()
    for key in ("ArrowRight", "b", "d", "Escape", "Control+s"):
        cell.page.keyboard.press(key)
        assert cell.page.evaluate("document.activeElement.dataset.lmSuppressShortcuts") == "true" or key == "Escape"
    assert [key for key in cell.page.evaluate("heard") if key != "Control"] == ["s"]

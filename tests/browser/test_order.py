"""The reader does one thing after another, fast and in any order: the page stays whole, and what it shows is true."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from helpers import ROOT

import nodesim as ns
from nodesim.explorer.page import html

VALIDATOR = jsonschema.Draft202012Validator(
    json.loads((ROOT / "nodesim/explorer/schema.json").read_text(encoding="utf-8"))
)

XOR = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
# Before the page's own script: what fails unheard, and which workers live.
WATCH = """
window.faults = []; window.workers = new Set();
addEventListener("unhandledrejection", ({ reason }) => faults.push(String(reason?.stack ?? reason)));
const Own = Worker;
window.Worker = class extends Own {
    constructor(...given) { super(...given); workers.add(this); }
    terminate() { workers.delete(this); super.terminate(); }
};
"""
MIXED = """async (seed) => {
    let state = seed;
    const drawn = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
    const any = (list) => list[Math.floor(drawn() * list.length)];
    const button = (name) => [...document.querySelectorAll("button")].find((each) => [each.textContent, each.ariaLabel].includes(name));
    const press = (...names) => () => { const found = button(any(names)); if (found && !found.disabled) found.click(); };
    const pick = (...names) => () => {
        const found = document.querySelector(`select[aria-label="${any(names)}"]`);
        const [options, tell] = [[...(found?.options ?? [])].filter((each) => !each.disabled), new Event("change", { bubbles: true })];
        if (options.length) { found.value = any(options).value; found.dispatchEvent(tell); }
    };
    const settled = [];
    const ask = (promise) => settled.push(promise);
    const doings = [
        press("Play"), press("Play"), press("Pause"), press("One update"), press("One epoch"), press("Reset"),
        press("Undo", "Start over with new weights", "Add a node to Hidden layer 1", "Remove a node from Hidden layer 1"),
        pick("Data set", "Optimizer", "Batch", "Activation", "Loss", "Sample", "Test share"),
        () => { const slider = document.querySelector("[aria-label=Epoch]"); slider.value = any([0, 1, 9]); slider.dispatchEvent(new Event("input")); },
        () => nodesim.set(any(nodesim.document.connections).name, drawn()),
        () => nodesim.select("connection", 0),
        () => ask(nodesim.train({ epochs: any([1, 30, 300]), batch: any([1, "all"]), learningRate: 0.01 })),
        () => [4, 5].forEach((epochs) => ask(nodesim.train({ epochs }))),
        () => ask(nodesim.reset()),
        () => nodesim.train(any([{ epochs: 0 }, { batch: 0.5 }, { learningRate: NaN }, { colour: "red" }])).then(() => faults.push("wrong options were taken"), () => {}),
        () => {
            const dropped = new DataTransfer();
            dropped.items.add(new File(["a,b,c\\n1,2,x\\n2,3,y\\n3,1,z\\n0,0,x"], "own.csv"));
            nodesim.app.root.dispatchEvent(new DragEvent("drop", { dataTransfer: dropped, bubbles: true }));
        },
    ];
    for (let many = 0; many < 25; many++) {
        any(doings)();
        if (drawn() < 0.5) await new Promise((resolve) => setTimeout(resolve, drawn() * 20));
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    await nodesim.app.session.pause();
    await Promise.all(settled);
    const { app, document: made, state: { sample, edits } } = nodesim;
    const shown = {
        x: app.runs.sample(sample, edits).x, weights: nodesim.weights, outputs: nodesim.outputs, nodes: made.nodes, connections: made.connections,
        able: Object.fromEntries(["Play", "Pause", "Reset"].map((name) => [name, !button(name).disabled])),
        options: { ...app.session.options }, trouble: app.session.trouble,
    };
    await nodesim.reset();
    await nodesim.reset();
    const begun = [...app.runs.moments.of(0)];
    return { ...shown, begun, after: nodesim.weights };
}"""


@pytest.fixture
def page(watch, tmp_path):
    """A page that tells of promises that fail unheard, and of workers that live."""
    watched = watch(alone=True)
    watched.page.add_init_script(WATCH)
    net = ns.Network.layered([2, 3, 1], hidden="tanh", output="sigmoid", loss="binary_cross_entropy", seed=1)
    net.explore(*XOR).save(tmp_path / "page.html")
    watched.page.goto((tmp_path / "page.html").as_uri())
    return watched.ready().page


def by_python(shown):
    """Return what the network that is shown gives out, as Python calculates it."""
    net = ns.Network()
    for node in shown["nodes"]:
        options = {"activation": node["activation"]} if node["activation"] else {}
        getattr(net, f"add_{node['kind']}")(node["name"], **options)
    for each, weight in zip(shown["connections"], shown["weights"]):
        net.connect(*(shown["nodes"][each[end]]["name"] for end in ("source", "target")), weight=weight)
    return np.ravel(net.forward(shown["x"]))


def test_whatever_comes_after_what(page):
    compared = 0
    for seed in range(1, 10):
        shown = page.evaluate(MIXED, seed)
        assert page.evaluate("faults") == [], seed
        assert shown["able"] == {"Play": True, "Pause": False, "Reset": True}, seed
        assert "closed" not in shown["trouble"], seed
        assert shown["after"] == shown["begun"], seed
        if max(map(abs, shown["weights"])) < 100:
            np.testing.assert_allclose(shown["outputs"], by_python(shown), rtol=0, atol=1e-10, err_msg=str(seed))
            compared += 1
    assert compared >= 5
    page.wait_for_function("workers.size === 0")


def test_two_trainings_at_once_are_one_after_the_other(page):
    twice = "async () => (await Promise.all([40, 20].map((epochs) => nodesim.train({ epochs, optimizer: 'adam' })))).map(({ epoch }) => epoch)"
    assert page.evaluate(twice) == [40, 20]
    at_once = page.evaluate("nodesim.weights")
    page.evaluate("nodesim.reset()")
    page.evaluate("async () => { for (const epochs of [40, 20]) await nodesim.train({ epochs, optimizer: 'adam' }); }")
    assert page.evaluate("nodesim.weights") == at_once


@pytest.mark.parametrize("end", ["nodesim.reset()", "document.querySelector('.building .remove').click()"])
def test_a_training_that_is_ended_tells_how_far_it_came(page, end):
    start = page.evaluate("nodesim.weights")
    told = page.evaluate(f"""async () => {{
        const trained = nodesim.train({{ epochs: 1e9 }});
        const waiting = nodesim.train({{ epochs: 5 }});
        const known = () => nodesim.app.runs.moments.errors.items.length;
        while (known() < 3) await new Promise((resolve) => setTimeout(resolve, 10));
        await {end};
        return [(await trained).epoch, (await waiting).epoch];
    }}""")
    assert 0 < told[0] < 1e9
    assert told[1] == 0
    assert page.evaluate("nodesim.weights") == start if "reset" in end else page.evaluate("nodesim.weights.length") == 3
    assert page.evaluate("faults") == []
    page.wait_for_function("workers.size === 0")


def test_wrong_options_change_nothing(page):
    before = page.evaluate("[nodesim.app.session.options, nodesim.weights]")
    for wrong in (
        "{ epochs: 0 }",
        "{ batch: 0 }",
        "{ learningRate: NaN }",
        "{ l2: -1 }",
        "{ optimizer: 'x' }",
        "{ colour: 1 }",
    ):
        assert page.evaluate(f"nodesim.train({wrong}).then(() => '', (error) => error.message)")
    assert page.evaluate("[nodesim.app.session.options, nodesim.weights]") == before
    rate = page.get_by_label("Learning rate")
    for wrong in ("-1", "1e400", ""):
        rate.fill("")
        rate.type(wrong)
        rate.press("Tab")
        assert float(rate.input_value()) == before[0]["learningRate"]


def test_a_weight_that_is_changed_while_it_plays_counts(page):
    """The training would go on without it, while the page shows it: so it waits for the reader."""
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("() => nodesim.app.runs.moments.length > 3")
    page.evaluate("nodesim.set('W1', 3)")
    page.wait_for_function("() => !nodesim.app.session.playing")
    assert page.evaluate("nodesim.weights[0]") == 3
    page.evaluate("nodesim.train({ epochs: 1, learningRate: 1e-9, optimizer: 'sgd' })")
    assert page.evaluate("nodesim.weights[0]") == pytest.approx(3, abs=1e-6)


def test_explorers_that_are_shown_no_longer_are_let_go(page):
    """With each change of the network another one is shown: what the one before listened to ends with it."""
    page.evaluate("""async () => {
        window.explorers = [];
        for (let many = 0; many < 8; many++) {
            explorers.push(new WeakRef(nodesim.app));
            nodesim.select("W1");
            await nodesim.train({ epochs: 2 });
            await new Promise((resolve) => setTimeout(resolve, 50));
            [...document.querySelectorAll(".building button")].find((each) => each.textContent.startsWith("Start over")).click();
        }
    }""")  # fmt: skip
    browser = page.context.new_cdp_session(page)
    for _ in range(3):
        page.wait_for_timeout(50)
        browser.send("HeapProfiler.collectGarbage")
    # The first one is what the address is about.
    assert page.evaluate("explorers.filter((each) => each.deref()).length") <= 2


def test_desired_outputs_that_a_loss_does_not_take_are_refused(page):
    """As in Python: e of such a target would mean nothing."""
    words = page.evaluate("(() => { try { nodesim.set('y1', -0.5); } catch (error) { return error.message; } })()")
    assert "from 0 to 1" in words
    page.evaluate("nodesim.select('O1')")
    box = page.locator(".editing input[type=number]")
    box.fill("2")
    box.press("Enter")
    assert "from 0 to 1" in page.locator(".editing [role=alert]").inner_text()
    assert float(box.input_value()) in (0, 1)
    page.get_by_label("Data set", exact=True).select_option("sine")
    page.get_by_label("Loss", exact=True).select_option("binary_cross_entropy")
    assert "from 0 to 1" in page.locator(".building [role=alert]").inner_text()
    assert page.evaluate("nodesim.document.loss.name") == "mse"


def test_an_address_speaks_of_the_network_that_the_page_came_with(page):
    """Opened anew it has that one again: what is set in another one would be set in the wrong one."""
    page.evaluate("nodesim.set('W1', 0.25); nodesim.setState({ theme: 'dark' })")
    assert "W1" in page.url
    assert "theme=dark" in page.url
    page.get_by_role("button", name="Add a hidden layer").click()
    page.evaluate("nodesim.set('W2', 0.75); nodesim.select('H4')")
    page.reload()
    page.wait_for_function("document.querySelector('[data-ready]') !== null")
    assert page.evaluate("[nodesim.state.theme, nodesim.state.selected, nodesim.state.edits.weights]") == [
        "dark",
        None,
        {},
    ]
    page.get_by_role("button", name="Add a hidden layer").click()
    page.get_by_label("Data set", exact=True).select_option("own")
    page.evaluate("location.hash = 'select=W1&weights=0.5+W1'")
    page.wait_for_function("() => nodesim.weights[0] === 0.5 && nodesim.state.selected")


def test_what_was_learned_is_saved_and_opened_again(page, watch, tmp_path):
    page.evaluate("""async () => {
        const dropped = new DataTransfer();
        dropped.items.add(new File(["a,b,c\\n" + "1,2,x\\n2,3,y\\n3,1,z\\n".repeat(9)], "own.csv"));
        nodesim.app.root.dispatchEvent(new DragEvent("drop", { dataTransfer: dropped, bubbles: true }));
    }""")
    page.wait_for_function("() => nodesim.document.samples.length === 27")
    told = page.evaluate("nodesim.train({ epochs: 40, learningRate: 0.1 })")
    page.get_by_text("Save", exact=True).click()
    with page.expect_download() as download:
        page.get_by_text("Document as JSON").click()
    document = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    VALIDATOR.validate(document)
    assert document["history"]["errors"] == told["passed"]["means"]
    assert document["history"]["validation"] == told["passed"]["tests"]
    (tmp_path / "again.html").write_text(html(document), encoding="utf-8")
    again = watch()
    again.page.goto((tmp_path / "again.html").as_uri())
    assert again.ready().page.evaluate("nodesim.weights") == page.evaluate("nodesim.weights")
    assert "over 40 epochs" in again.page.locator(".charts .plot").first.get_attribute("aria-label")

"""Whatever is chosen by clicks, data, network or how it is trained: what the page then learns is what fit learns."""

from __future__ import annotations

import numpy as np
import pytest
from twins import choose, learned, press, twin

import nodesim as ns

XOR = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
DATA = {"iris": (4, 3), "penguins": (4, 3), "xor": (2, 1), "circles": (2, 1), "moons": (2, 1), "spiral": (2, 1), "sine": (1, 1)}  # fmt: skip
DROP = """([name, text]) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([text], name));
    for (const kind of ["dragover", "drop"]) {
        document.querySelector(".stage").dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
    }
}"""


def xor_page(show, **settings):
    net = ns.Network.layered([2, 3, 1], hidden="tanh", output="sigmoid", loss="binary_cross_entropy", seed=1)
    return show(net.explore(*XOR), **settings).page


def assert_learns(page, **options):
    """Press One epoch: the weights are those of fit, and so are the errors that are told."""
    net, train, test = twin(page)
    before = net.weights.tolist()
    held = test if len(test[0]) else None
    history = net.fit(*train, epochs=1, shuffle=False, validation_data=held, **{"batch_size": None, **options})
    press(page, "One epoch")
    np.testing.assert_allclose(learned(page, before), net.weights, rtol=0, atol=1e-9)
    moment = page.evaluate("nodesim.app.runs.moments.at(nodesim.state.epoch)")
    assert moment["error"] == pytest.approx(net.error(*train), rel=1e-9)
    assert moment["test"] == (pytest.approx(history.validation_errors[-1], rel=1e-9) if held else None)
    words = page.locator(".training .readout").inner_text()
    assert words.startswith("epoch 1 mean e ")
    assert ("test" in words) == bool(held)


def test_optimizer_batch_and_l2_are_chosen(show):
    page = xor_page(show)
    choose(page, "Data set", "iris")
    for place, optimizer in enumerate(("sgd", "momentum", "adam")):
        choose(page, "Optimizer", optimizer)
        # The rate that fits an optimizer comes with it.
        rate = float(page.get_by_label("Learning rate", exact=True).input_value())
        assert rate == page.evaluate("(i) => nodesim.document.offered.optimizers[i].learning_rate", place)
        for batch, l2 in ((("1", 0), ("8", 0.05)), (("16", 0), ("all", 0.01)), (("32", 0.02), ("all", 0)))[place]:
            choose(page, "Batch", batch)
            page.get_by_label("L2", exact=True).fill(str(l2))
            page.get_by_label("L2", exact=True).press("Enter")
            tick = page.get_by_label("Shuffle", exact=True)
            if batch == "all":
                assert not tick.is_visible()
            else:
                tick.uncheck()
            size = None if batch == "all" else int(batch)
            assert_learns(page, optimizer=optimizer, batch_size=size, learning_rate=rate, l2=l2 or None)
            press(page, "Reset")
            page.wait_for_function("() => nodesim.state.epoch === 0")
    # Shuffled, the same epoch leads elsewhere.
    choose(page, "Batch", "8")
    start, found = page.evaluate("nodesim.weights"), []
    for shuffled in (False, True):
        page.get_by_label("Shuffle", exact=True).set_checked(shuffled)
        press(page, "One epoch")
        found.append(learned(page, start))
        press(page, "Reset")
        page.wait_for_function("() => nodesim.state.epoch === 0")
    assert found[0] != found[1]


def test_every_data_set_is_chosen_and_learned(show):
    page = xor_page(show)
    choices = page.get_by_label("Data set", exact=True).locator("option")
    assert choices.all_inner_texts() == ["Samples of this page", *DATA]
    for name, (inputs, outputs) in DATA.items():
        choose(page, "Data set", name)
        net, train, test = twin(page)
        assert (len(net.inputs), len(net.outputs), train[0].shape[1]) == (inputs, outputs, inputs)
        assert (len(test[0]) > 0) == (name != "xor")
        rate = float(page.get_by_label("Learning rate", exact=True).input_value())
        assert_learns(page, learning_rate=rate)
        heading = page.get_by_role("heading", name="Curve" if inputs == 1 else "Map", exact=True)
        assert heading.count() == 1
    choose(page, "Data set", "Samples of this page")
    assert page.evaluate("nodesim.document.title") == "network 2-3-1"
    assert page.evaluate("nodesim.document.samples.length") == 4


def test_an_own_csv_is_dropped_and_learned(show):
    page = xor_page(show)
    rows = "".join(f"{(7 * row) % 40};{row % 7},5;{'ab'[row % 2]}\n" for row in range(40))
    page.evaluate(DROP, ["mine.csv", f"p;q;class\n{rows}"])
    page.wait_for_function("() => nodesim.document.samples.length === 40")
    assert_learns(page, learning_rate=0.5)
    assert len(twin(page)[2][0]) == 8
    choose(page, "Test share", "0 %")
    assert len(twin(page)[2][0]) == 0
    assert_learns(page, learning_rate=0.5)
    # What cannot be read is said, and changes nothing.
    before = page.evaluate("[nodesim.weights, nodesim.document.samples.length]")
    page.evaluate(DROP, ["other.csv", "a,b,y\n1,2\n"])
    alert = page.get_by_role("alert").filter(has_text="other.csv")
    alert.wait_for()
    assert page.evaluate("[nodesim.weights, nodesim.document.samples.length]") == before


def test_a_network_changed_by_hand_learns_as_in_python(show):
    page = xor_page(show)
    press(page, "Add a node to Hidden layer 1", "Add a hidden layer", "Add a node to Hidden layer 2")
    choose(page, "Activation", "relu")
    page.locator("[data-node='3']").click()
    choose(page, "Activation", "sigmoid")
    press(page, "Remove H1")
    page.locator("[data-node='0']").click()
    choose(page, "Connect from I1 to", "O1")
    press(page, "Connect")
    page.get_by_role("combobox", name="Find").fill("W3")
    page.get_by_role("combobox", name="Find").press("Enter")
    press(page, "Remove W3")
    choose(page, "Loss", "mse")
    net, *_ = twin(page)
    assert [net.loss.name, *(node.activation.name for node in net.hidden)] == ["mse", *["relu"] * len(net.hidden)]
    assert "H1" not in net
    assert "W3" not in net
    assert [c.target.name for c in net["I1"].outgoing].count("O1") == 1
    assert_learns(page, learning_rate=0.5)


@pytest.mark.parametrize(("label", "least"), [("Activation", 16), ("Loss", 6)])
def test_every_function_that_is_offered_learns(show, label, least):
    page = xor_page(show)
    choose(page, "Data set", "iris")
    offered = page.get_by_label(label, exact=True).locator("option").all_inner_texts()
    assert len(offered) >= least
    # Those of other programs' networks have names of their own, and come by the same door.
    for name in (each for each in offered if not each.startswith(("fann_", "neat_"))):
        choose(page, label, name)
        assert page.locator(".building [role=alert]").inner_text() == "", name
        net = twin(page)[0]
        assert name.split("(")[0] in (net.loss.name, net.hidden[0].activation.name)
        if name == "step":
            # It has no derivative: neither here nor there.
            assert page.get_by_role("button", name="One epoch", exact=True).is_disabled()
            assert "H1 is step, which has no derivative" in page.locator(".training .readout").inner_text()
        else:
            assert_learns(page, learning_rate=0.5)

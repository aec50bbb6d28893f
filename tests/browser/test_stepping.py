"""Stepping visits every quantity in an order in which each can be calculated, with the engine's numbers."""

from __future__ import annotations

import networkx as nx
import pytest
from helpers import article_network, random_network, random_samples

import nodesim as ns
from nodesim.gradients.quantities import Quantity
from nodesim.notation.symbols import number

STEP = """() => {
    const { phase, value, quantity } = nodesim.step(nodesim.state.step);
    return { phase, value, quantity: quantity.bottom === null ? quantity.top : `∂${quantity.top}/∂${quantity.bottom}` };
}"""


def engine_values(net, x, y):
    """Return the value of every quantity of a run of one sample, by its name; derivatives as ∂e/∂name."""
    graph = net.paths(net.connections[0]).derivatives
    found = {"e": float(graph.run.errors[0])}
    for node in net.nodes:
        activated = Quantity("activated", node)
        found[activated.name] = node.activated
        if node.activation is not None:
            found[node.name] = node.value
            found[f"∂e/∂{node.name}"] = node.delta
            found[f"∂{activated.name}/∂{node.name}"] = float(graph.slopes[node.row][0])
            if graph.count(activated):
                found[f"∂e/∂{activated.name}"] = float(graph.total(activated)[0])
    twin = net.copy()
    twin.forward(x), twin.backward(y)
    twin.update(learning_rate=0.5)
    found |= {f"{c.name}(k+1)": c.weight for c in twin.connections if c.trainable}
    twin.forward(x)
    found["e(k+1)"] = twin.backward(y)
    return found | {f"∂e/∂{c.name}": c.gradient for c in net.connections}


def feeds(net):
    """Return a graph of the quantities: what each is calculated from."""
    graph, tracing = nx.DiGraph(), net.paths(net.connections[0]).derivatives
    for node in net.nodes:
        if node.activation is not None:
            graph.add_edge(node.name, Quantity("activated", node).name)
        for c in node.incoming:
            graph.add_edge(Quantity("activated", c.source).name, node.name)
    for node in net.outputs:
        graph.add_edge(Quantity("activated", node).name, "e")
    for of in tracing.quantities():
        if of.kind == "activated" and of.element.activation is None:
            continue
        graph.add_edge("e", f"∂e/∂{of.name}")
        for arrow in tracing.partials_into(of):
            if arrow.numerator.element is not None:
                graph.add_edge(f"∂e/∂{arrow.numerator.name}", f"∂e/∂{of.name}")
    return graph


# Presses a button until it is not to be pressed any more.
ALL_STEPS = f"""async (following) => {{
    const steps = [];
    while (true) {{
        steps.push(({STEP})());
        if (following.disabled) return steps;
        following.click();
        await new Promise((done) => setTimeout(done));
    }}
}}"""


def visited(page):
    """Go through all steps with the page's own button, and return what each is of."""
    page.get_by_role("button", name="Step through").click()
    return page.get_by_role("button", name="Next step").evaluate(ALL_STEPS)


@pytest.mark.parametrize("seed", [*range(3), "article", "softmax"])
def test_steps_are_in_order_and_have_the_engines_values(show, seed):
    if seed == "article":
        net, x, y = article_network(1), [[0.05, 0.1]], [[0.01, 0.99]]
    else:
        net, rng = random_network(
            2 if seed == "softmax" else seed, loss="softmax_cross_entropy" if seed == "softmax" else "mse", max_hidden=5
        )
        x, y = random_samples(net, rng, 1)
        net.forward(x[0]), net.backward(y[0])
    page = show(net.explore()).page
    steps = visited(page)
    names = [step["quantity"] for step in steps]
    expected, order = engine_values(net, x[0], y[0]), feeds(net)
    scale = {name: 1e-12 * max(1.0, abs(value)) for name, value in expected.items()}
    for name, step in zip(names, steps):
        assert step["value"] == pytest.approx(expected[name], abs=10 * scale[name]), name
    assert len(set(names)) == len(names)
    place = {name: position for position, name in enumerate(names)}
    for before, after in order.edges:
        if before in place and after in place:
            assert place[before] < place[after], (before, after)
    # Every quantity is visited: all values, the error, and the derivative of e by each sum and weight.
    wanted = {name for name in expected if not name.startswith("∂")} | {f"∂e/∂{c.name}" for c in net.connections}
    wanted |= {f"∂e/∂{node.name}" for node in net.nodes if node.activation is not None}
    assert wanted <= set(names)
    assert [step["phase"] for step in steps] == sorted(
        (step["phase"] for step in steps), key=["forward", "error", "backward", "update"].index
    )


def test_previous_undoes(show):
    page = show(article_network(1).explore()).page
    page.get_by_role("button", name="Step through").click()
    # The drawing fits itself to the room that the step bar leaves it, as soon as the page is laid out anew.
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    looks = []
    following, previous = page.get_by_role("button", name="Next step"), page.get_by_role("button", name="Previous step")
    for _ in range(12):
        looks.append(page.locator("svg.drawing").inner_html())
        following.click()
    for look in reversed(looks):
        previous.click()
        assert page.locator("svg.drawing").inner_html() == look


def test_the_numbers_of_the_steps_are_those_of_net_steps(show):
    net = article_network(1)
    net["W3"].trainable = False
    net.tie("W1", "W4", name="Wr")
    page = show(net.explore([0.05, 0.1], [0.01, 0.99])).page
    pages = {step["quantity"]: step["value"] for step in visited(page)}
    for step in net.steps([0.05, 0.1], [0.01, 0.99]):
        if step.quantity != "W3(k+1)":
            assert pages[step.quantity] == pytest.approx(step.value, rel=1e-13)
    assert "W3(k+1)" not in pages


def test_without_a_target_only_forward_is_stepped_through(show):
    net = ns.Network.layered([2, 2, 1], seed=0)
    page = show(net.explore([1.0, 2.0])).page
    assert {step["phase"] for step in visited(page)} == {"forward"}


def test_the_loss_is_written_out(show):
    """Softmax cross-entropy is shown as its author wrote it, with the numbers of this sample put in."""
    net = ns.Network.layered([2, 2, 2], loss="softmax_cross_entropy", seed=1)
    page = show(net.explore([0.1, 0.2], [1.0, 0.0])).page
    steps = page.evaluate("nodesim.steps")
    error = next(step for step in range(steps) if page.evaluate(f"nodesim.step({step}).phase") == "error")
    net.forward([0.1, 0.2])
    put_in = f"exp({number(net['O1'].activated, 4)})"
    for step in (error, error + 1):
        page.evaluate(f"nodesim.step({step})")
        words = "".join(page.locator(".step").inner_text().split())
        assert "exp(OA1)/(exp(OA1)" in words
        assert f"{put_in}/({put_in}" in words

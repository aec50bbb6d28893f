"""What a page shows, built again in Python: the same network, weights and samples."""

from __future__ import annotations

import numpy as np

import nodesim as ns

_SHOWN = """() => {
    const { nodes, connections, loss, samples } = nodesim.document;
    return { nodes, connections, loss: loss.name, samples, weights: nodesim.weights };
}"""


def press(page, *names):
    """Press buttons by their names."""
    for name in names:
        page.get_by_role("button", name=name, exact=True).click()


def choose(page, label, value):
    """Choose in a list by its name."""
    page.get_by_label(label, exact=True).select_option(value)


def twin(page):
    """Return the network that a page shows, and its samples: those to train with, and those held out."""
    shown = page.evaluate(_SHOWN)
    net = ns.Network(loss=shown["loss"], engine="numpy")
    for node in shown["nodes"]:
        options = {"activation": node["activation"]} if node["activation"] else {}
        getattr(net, f"add_{node['kind']}")(node["name"], **options)
    names = [node["name"] for node in shown["nodes"]]
    for connection, weight in zip(shown["connections"], shown["weights"]):
        net.connect(*(names[connection[end]] for end in ("source", "target")), weight=weight, name=connection["name"])
    known = [sample for sample in shown["samples"] if sample["y"]]
    parts = [[sample for sample in known if bool(sample.get("test")) == held] for held in (False, True)]
    return net, *((_column(part, "x"), _column(part, "y")) for part in parts)


def _column(samples, name):
    return np.array([sample[name] for sample in samples], dtype=float)


def learned(page, before):
    """Wait until the page shows other weights, and return them."""
    page.wait_for_function("(before) => nodesim.weights.some((weight, c) => weight !== before[c])", arg=list(before))
    return page.evaluate("nodesim.weights")

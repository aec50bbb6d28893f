"""What is changed in the page by hand and then trained there ends where Python's `fit` of the same network ends."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import random_network, random_samples

import nodesim as ns

TOLERANCE = 1e-9
SMOOTH = ("tanh", "sigmoid", "softplus", "gelu", "sine", "linear")
CHANGE = """async ([seed, asked, smooth]) => {
    let state = seed;
    const drawn = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
    const any = (list) => list[Math.floor(drawn() * list.length)];
    const all = (selector) => [...document.querySelectorAll(selector)];
    const press = (found) => found && !found.disabled && found.click();
    const pick = (label, values) => {
        const choice = all(`select[aria-label="${label}"]`)[0];
        const options = [...(choice?.options ?? [])].filter(({ value, disabled }) => !disabled && (!values || values.includes(value)));
        if (options.length) { choice.value = any(options).value; choice.dispatchEvent(new Event("change")); }
    };
    const select = (kind, of) => nodesim.select(kind, Math.floor(drawn() * of.length));
    const changes = [
        () => press(any(all(".building [aria-label^='Add a node']"))),
        () => press(any(all(".building [aria-label^='Remove a node']"))),
        () => press(all(".building button").find((each) => each.textContent === "Add a hidden layer")),
        () => { select("node", nodesim.document.nodes); pick("Activation", smooth); },
        () => pick("Loss"),
        () => { select("connection", nodesim.document.connections); press(all(".building [data-keep=remove]")[0]); },
        () => {
            select("node", nodesim.document.nodes);
            const to = all(".building [data-keep=to]")[0];
            if (to) { to.value = any([...to.options]).value; press(all(".building [data-keep=Connect]")[0]); }
        },
        () => nodesim.set(any(nodesim.document.connections).name, drawn() - 0.5),
    ];
    if (asked.data) pick("Data set", [asked.data]);
    for (let many = 0; many < 6; many++) any(changes)();
    const { document: shown, weights } = nodesim;
    const { error } = await nodesim.train({ ...asked.options, shuffle: false });
    return { shown: { ...shown, offered: null }, weights, error, after: nodesim.weights };
}"""


def given(seed):
    """Return the explorer of a network with joins and ties, and how it is trained."""
    net, rng = random_network(seed, activations=SMOOTH, max_hidden=4)
    for node, join in zip(net.hidden, ("product", "mean")):
        node.aggregation = join
    net.tie(*[c.name for c in net.connections if c.trainable][:2])
    optimizer = ("sgd", "momentum", "adam")[seed % 3]
    options = {"epochs": 10, "optimizer": optimizer, "batch": (1, 3, "all")[seed // 3 % 3], "l2": 0.01 * (seed % 2)}
    asked = {"options": {**options, "learningRate": 0.01}, "data": "0" if seed % 4 == 0 else None}
    return net.explore(*random_samples(net, rng, 8)), asked


def from_document(document, weights):
    """Return the network that a page shows."""
    net = ns.Network(loss=document["loss"]["name"])
    names = [node["name"] for node in document["nodes"]]
    for name, node in zip(names, document["nodes"]):
        options = {"value": node["constant"]} if node["kind"] == "bias" else {}
        options |= {"activation": node["activation"]} if node["activation"] else {}
        made = getattr(net, f"add_{node['kind']}")(name, **options)
        if node["aggregation"]:
            made.aggregation = node["aggregation"]["name"]
    ties = {}
    for each, weight in zip(document["connections"], weights):
        made = net.connect(names[each["source"]], names[each["target"]], weight=weight)
        made.trainable = each["trainable"]
        ties.setdefault(each["tie"], []).append(made.name)
    for tie, uses in ties.items():
        if tie is not None and len(uses) > 1:
            net.tie(*uses)
    return net


def fit(document, weights, options):
    net = from_document(document, weights)
    x, y = (np.array([each[part] for each in document["samples"] if not each.get("test")], float) for part in "xy")
    batch = None if options["batch"] == "all" else options["batch"]
    history = net.fit(
        x, y, epochs=options["epochs"], optimizer=options["optimizer"], batch_size=batch, l2=options["l2"] or None,
        learning_rate=options["learningRate"], shuffle=False,
    )  # fmt: skip
    return net.weights, history.errors[-1]


def test_changed_by_hand_it_ends_as_by_fit(show):
    kinds, undecided = set(), []
    for seed in range(7):
        explorer, asked = given(seed)
        found = show(explorer).page.evaluate(CHANGE, [seed + 1, asked, SMOOTH])
        document = found["shown"]
        weights, error = fit(document, found["weights"], asked["options"])
        if not np.allclose(found["after"], weights, rtol=TOLERANCE, atol=TOLERANCE):
            shaken, _ = fit(document, np.multiply(found["weights"], 1 + 1e-14), asked["options"])
            assert not np.allclose(shaken, weights, rtol=TOLERANCE, atol=TOLERANCE), seed
            undecided.append(seed)
            continue
        assert found["error"] == pytest.approx(error, rel=TOLERANCE, abs=TOLERANCE), seed
        kinds |= {node["aggregation"]["name"] for node in document["nodes"] if node["aggregation"]}
        kinds |= {"tie" for each in document["connections"] if each["tie"] is not None}
        kinds |= {document["loss"]["name"]}
    assert len(undecided) <= 1
    assert {"product", "mean", "tie", "mse", "huber(delta=1)"} - kinds == set(), kinds

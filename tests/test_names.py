"""What quantities are called: the article's names where a node has one, else the node's own name in brackets."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
import ziamath

import nodesim as ns
from nodesim.gradients.quantities import Quantity, desired, quantity
from nodesim.notation.symbols import latex_name

HOSTILE = ["e", "y1", "I1", "H1", "HA1", "HA2", "O1", "OA1", "B1", "W1", "W9", "H[H1]", "HA[H1]", "H[gate]", "gate", "gateA", "O[O1]",
           "y[O1]", "y(O1)", "H01", "H", "A1", "HAA1", "∂e/∂W1", "H1′", "]", "[", "H[", "H]1", "W[W1]", "I[I1]", "versicolor", "versicolorA",
           "petal length (cm)", "50 %", "H1\n", "Ｈ1", "H١", "W1(k+1)"]  # fmt: skip


def all_quantities(net):
    yield Quantity("error")
    for node in net.nodes:
        yield quantity(net.structure, node)
        if node.kind in ("hidden", "output"):
            yield Quantity("activated", node)
    yield from (Quantity("weight", connection) for connection in net.connections)


def hostile_network(seed):
    rng = random.Random(seed)
    names = iter(rng.sample(HOSTILE, len(HOSTILE)))
    numbers = itertools.count(100)
    net = ns.Network(seed=0)
    layers = [
        [net.add_input(next(names)) for _ in range(2)],
        [net.add_hidden(next(names)) for _ in range(4)],
        [net.add_output(next(names)) for _ in range(2)],
    ]
    layers[0].append(net.add_bias(next(names)))
    for before, after in itertools.pairwise(layers):
        for source, target in itertools.product(before, after):
            net.connect(
                source, target, name=next(names, f"W{next(numbers)}") if rng.random() < 0.4 else f"W{next(numbers)}"
            )
    return net


def test_no_two_quantities_have_one_name():
    for seed in range(300):
        net = hostile_network(seed)
        names = [each.name for each in all_quantities(net)] + [desired(node) for node in net.outputs]
        assert len(set(names)) == len(names), (seed, sorted(names))
        for each in all_quantities(net):
            # A name that is printed is one that can be asked for; an element's own name comes first.
            if each.element is not None and each.name not in net:
                assert quantity(net.structure, each.name) == each


def test_the_articles_names_stay():
    net = ns.Network.layered([2, 2, 2], seed=0)
    names = [each.name for each in all_quantities(net)]
    assert names[:12] == ["e", "I1", "I2", "B1", "H1", "HA1", "H2", "HA2", "B2", "O1", "OA1", "O2"]
    assert [desired(node) for node in net.outputs] == ["y1", "y2"]


def test_names_of_a_data_set_reach_every_text():
    iris = ns.datasets.load("iris")
    net = ns.Network.layered(
        [4, 2, 3], inputs=iris.features, outputs=iris.classes, loss="softmax_cross_entropy", seed=0
    )
    assert [node.name for node in net.inputs] == list(iris.features)
    net.forward(iris.X[60]), net.backward([0, 1, 0])
    text = str(net.derivation("W1"))
    assert "O[versicolor]" in text
    assert "versicolorA" not in text
    assert r"O_{\text{versicolor}}" in net.derivation("W1").latex()
    steps = [str(step) for step in net.steps(iris.X[60], [0, 1, 0])]
    assert any(step.startswith("H1 = sepal_length_cm·W1") for step in steps)
    assert any("y[versicolor]" in step for step in steps)
    assert net.paths("OA[versicolor]").count == 1
    document = net.explore(iris.X[:2], iris.y[:2]).document
    assert [node["activated"] for node in document["nodes"][-3:]] == [f"OA[{name}]" for name in iris.classes]
    assert [node["quantity"] for node in document["nodes"][:4]] == list(iris.features)


def test_names_of_numpy_are_plain_texts():
    """As `np.unique` of labels gives them; of another type they would show it wherever names are listed."""
    net = ns.Network.layered([1, 1, 2], outputs=list(np.array(["no", "yes"])), seed=0)
    hidden = net.add_hidden(np.str_("gate"))
    edge = net.connect("I1", hidden, name=np.str_("skip"))
    assert {type(each.name) for each in (*net.nodes, edge)} == {str}


def test_names_must_fit_the_layers():
    for given, words in (
        ({"inputs": ["a"]}, "inputs must be 2 names, one for each node; got 1"),
        ({"outputs": "abc"}, "outputs must be a list of names"),
        ({"outputs": [1, 2, 3]}, "outputs must be a list of names"),
        ({"inputs": ["a", "a"]}, "'a'"),
        ({"inputs": ["a", "b"], "outputs": ["a", "c", "d"]}, "'a'"),
    ):
        with pytest.raises(ns.NodesimError, match=words):
            ns.Network.layered([2, 2, 3], **given)


@pytest.mark.parametrize("name", ["H1", "HA12", "H[gate]", "OA[50 % of {x} & $y$_#]", "y[petal length (cm)]"])
def test_quantities_are_typeset(name):
    assert ziamath.Latex(latex_name(name)).svg().count("<use") > 1

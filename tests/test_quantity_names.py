"""Who asks a network for a name that formulas show is told what it is, and where its number stands."""

from __future__ import annotations

import re

import pytest
from helpers import article_network

import nodesim as ns
from nodesim.notation.symbols import number

# What a message points to, or a place in the derivation that calculates the number another way.
PLACES = {
    "HA1": "network['H1'].activated",
    "OA2": "network['O2'].activated",
    "H[gate]": "network['gate'].value",
    "HA[gate]": "network['gate'].activated",
    "∂e/∂W1": "network['W1'].gradient",
    "de/dW1": "network['W1'].gradient",
    "∂e/∂H1": "network['H1'].delta",
    "∂e/∂I1": "network['I1'].delta",
    "∂O1/∂HA1": "network['W7'].weight",
    "∂H1/∂W1": "network['I1'].activated",
    "∂e/∂OA1": "network.derivation('OA1').gradient",
}


def asked(net, name):
    with pytest.raises(ns.UnknownNameError) as raised:
        net[name]
    return str(raised.value)


def with_gate(run=True):
    net = article_network(1)
    net.add_hidden("gate", activation="tanh")
    net.connect("I1", "gate", weight=0.5)
    net.connect("gate", "O2", weight=0.5)
    if run:
        net.forward([0.05, 0.1])
        net.backward([0.01, 0.99])
    return net


@pytest.mark.parametrize("name", PLACES)
def test_a_message_says_where_the_number_stands(name):
    net, place = with_gate(), PLACES[name]
    message = asked(net, name)
    assert place in message
    value = eval(place, {"network": net})
    if "derivation" not in place:
        assert message.endswith(f" {number(value)}.")
    before = asked(with_gate(run=False), name)
    assert place in before
    if "weight" not in place:
        assert re.search(r"known after network|once network", before)


def test_errors_targets_and_slopes():
    net = with_gate()
    run = net.store.run
    assert asked(net, "e").endswith(f" {number(float(run.errors[0]))}.")
    assert asked(net, "y2").endswith("number 2 of the y that network.backward(y) gets, now 0.99.")
    activated = net["H1"].activated
    assert asked(net, "∂HA1/∂H1").endswith(f"now ≈ {number(activated * (1 - activated))}.")
    for name in ("HA9", "y3", "∂O1/∂W1", "∂e/∂W99", "IA1", "A", "∂/∂", "y[", "H[]", "∂e/∂"):
        assert "it is" not in asked(net, name)
    assert "none yet" in asked(ns.Network(), "HA1")


def test_batches_have_arrays():
    net = article_network(1)
    net.forward([[0.05, 0.1]] * 3)
    net.backward([[0.01, 0.99]] * 3)
    for name in ("HA1", "∂e/∂H1", "y1", "∂HA1/∂H1"):
        assert asked(net, name).endswith("now an array of 3.")
    # A node that is named like a quantity is that node.
    net.add_hidden("HA1")
    assert net["HA1"].kind == "hidden"

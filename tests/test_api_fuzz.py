"""Whatever is called with whatever ends whole or not at all, in a process of its own: see `fuzz/api.py`."""

from __future__ import annotations

import contextlib
import copy
import itertools
import pickle
import subprocess
import sys

import networkx as nx
import numpy as np
import pytest
from helpers import ROOT, article_network, digest

import nodesim as ns


def test_thousands_of_calls_end_in_an_answer_or_one_clear_error():
    call = [sys.executable, str(ROOT / "tests" / "fuzz" / "api.py"), "--calls", "4000", "--seed", "0"]
    result = subprocess.run(call, capture_output=True, text=True, check=False)
    assert result.returncode == 0, f"{result.stdout[-3000:]}\n{result.stderr[-3000:]}"
    assert "4,000 calls" in result.stdout


def by_number(sequence):
    with contextlib.suppress(IndexError):
        for number in itertools.count():
            yield sequence[number]


def test_what_is_not_there_is_what_python_expects():
    net = ns.Network.layered([2, 2, 1], seed=0)
    assert not hasattr(net, "gradients")
    assert getattr(net["H1"], "value", None) is None
    removed = net.disconnect("W1")
    assert not hasattr(removed, "weight")
    net = article_network(1)
    flow, dead, diagnosis = net.paths("W1").flow(), net.dead_weights(), net.diagnose([0.05, 0.1], [0.01, 0.99])
    for sequence in (flow, diagnosis):
        # A loop by number ends, and what is of another kind is not among the members.
        assert list(by_number(sequence)) == list(sequence)
        for outside in (len(sequence), -len(sequence) - 1, 10**400):
            with pytest.raises(IndexError) as caught:
                sequence[outside]
            assert isinstance(caught.value, ns.PositionError)
        for foreign in (np.ones(3), None, object(), "x", [1]):
            assert foreign not in sequence
            assert sequence.count(foreign) == 0
        with pytest.raises(ValueError, match="is not among"):
            sequence.index(np.ones(3))
        assert sequence.index(sequence[1]) == 1
    for wrong in (None, 1.5, np.ones(2)):
        with pytest.raises(TypeError) as caught:
            dead[wrong]
        assert isinstance(caught.value, ns.NodesimError)
    for mapping in (net, net["W1"], net.path_counts(), net.derivation("W1").operations, net.paths("W1").by_output()):
        for foreign in (np.ones(3), None, [], 5):
            assert foreign not in mapping
            with pytest.raises(KeyError) as caught:
                mapping[foreign]
            assert isinstance(caught.value, ns.NodesimError)
    error = ns.StateError("nothing was run")
    assert str(pickle.loads(pickle.dumps(error))) == str(copy.copy(error)) == "nothing was run"


@pytest.mark.parametrize(
    ("edit", "advice"),
    [
        (lambda graph: graph.add_node("x"), "add_hidden"),
        (lambda graph: graph.add_nodes_from(["x"]), "add_hidden"),
        (lambda graph: graph.add_edge("x", "y"), "network.connect"),
        (lambda graph: graph.add_weighted_edges_from([("x", "y", 1)]), "network.connect"),
        (lambda graph: graph.remove_node("x"), "network.remove"),
        (lambda graph: graph.clear(), "network.remove"),
        (lambda graph: graph.update(edges=[("x", "y")]), "network.connect"),
        (lambda graph: nx.set_node_attributes(graph, 1, "layer"), "of the network"),
    ],
)
def test_edits_of_the_graph_name_what_edits_the_network(edit, advice):
    net = article_network(1)
    before = digest(net)
    with pytest.raises(nx.NetworkXError, match=advice) as caught:
        edit(net.graph)
    assert isinstance(caught.value, ns.FrozenGraphError)
    assert digest(net) == before
    edited = net.graph.copy()
    edited.add_edge("x", "y")
    assert len(edited) == len(net) + 2


def test_messages_are_short_whatever_is_named():
    net = ns.Network()
    net.add_output()
    for letter in "abcdefghijklmnop":
        net.connect(net.add_input(letter * 10_000), "O1")
    for wrong in ("a" * 9_999, "q", "x" * 100_000):
        with pytest.raises(ns.UnknownNameError) as caught:
            net.node(wrong)
        assert len(str(caught.value)) < 500
    with pytest.raises(ns.DataError) as caught:
        net.forward({"nobody" * 1000: 1})
    assert len(str(caught.value)) < 500

"""The bent identity is what it should be: run by pytest."""

import nodesim_bent
import pytest

import nodesim as ns


@pytest.mark.parametrize("activation", nodesim_bent.nodesim_activations(), ids=str)
def test_it_is_right(activation):
    """Its derivative and its formula belong to it, and it is finite wherever it should be."""
    ns.checks.check_activation(activation)


@pytest.mark.parametrize("activation", nodesim_bent.nodesim_activations(), ids=str)
def test_a_network_with_it_has_right_gradients(activation):
    """Backpropagation, the sum over paths and finite differences agree."""
    net = ns.Network.layered([2, 3, 1], hidden=activation, seed=0)
    assert ns.check_gradients(net, [0.5, -1.0], [1.0])

"""How the weights of a network are numbered."""

from __future__ import annotations

from nodesim.network import Network


def is_in_order(network: Network) -> bool:
    """Tell whether weights are numbered layer by layer, source by source with the bias last, target by target.

    Examples
    --------
    >>> import nodesim as ns
    >>> is_in_order(ns.Network.layered([2, 2, 2]))
    True
    """
    connections = network.connections
    if [each.name for each in connections] != [f"W{place}" for place in range(1, len(connections) + 1)]:
        return False
    biases = set(network.biases)
    layers = {node: place for place, layer in enumerate(network.layers) for node in layer.nodes}
    places = {node: place for place, node in enumerate(network.nodes)}
    # Weights that skip layers are told neither by the layer that they leave nor by the one that they lead into.
    if any(each.source not in biases and layers[each.target] != layers[each.source] + 1 for each in connections):
        return False
    order = [
        (layers[each.target], each.source in biases, places[each.source], places[each.target]) for each in connections
    ]
    return order == sorted(order)

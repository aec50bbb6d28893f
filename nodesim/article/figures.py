"""The figures of the article, made by nodesim.

References
----------
Article, section 2.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nodesim.drawing.svg import Drawing, grid
from nodesim.errors import ArgumentError
from nodesim.network import Network
from nodesim.validation import shortened


def figure(number: int) -> Drawing:
    """Draw a figure of the article.

    Parameters
    ----------
    number : int
        Which of the seven: 1 is the general architecture, 2 the network 2-2-2; 3 and 4 show in red what feeds the
        gradients of its W1 and W7; 5 and 6 show W1's four and eight paths through two and three hidden layers; 7 is the
        factored derivative of 6 as a tree, with the cuts that make those of W7, W13 and W19 of it.

    Returns
    -------
    Drawing
        Shown in notebooks; ``.save("figure.svg")`` keeps it.

    Raises
    ------
    ArgumentError
        For another number.

    See Also
    --------
    Network.draw : Draw a network of your own like this.
    Network.paths : What is drawn in red.
    Derivation.draw : Draw the tree of any derivative.

    References
    ----------
    Article, section 2, and section 5 for the tree.

    Examples
    --------
    >>> figure(3)
    <Drawing: Figure 3: what feeds the gradient of W1, 500 x 276>
    """
    if not isinstance(number, int | np.integer) or isinstance(number, bool) or number not in _FIGURES:
        raise ArgumentError(f"the article has figures 1 to 7, got {shortened(number)}.")
    drawing = _FIGURES[number]()
    drawing.description = f"Figure {number}: {drawing.description}"
    return drawing


def _traced(hidden_layers: int) -> Network:
    network = Network.layered([2, *[2] * hidden_layers, 2], seed=0)
    network.forward([0.05, 0.1])
    network.backward([0.01, 0.99])
    return network


def _described(drawing: Drawing, description: str) -> Drawing:
    drawing.description = description
    return drawing


def _architecture() -> Drawing:
    return _described(Network.layered([3, 4, 2], seed=0).draw(labels=None), "general architecture")


def _simple() -> Drawing:
    return _described(Network.layered([2, 2, 2], seed=0).draw(), "the simple network 2-2-2")


def _feeding(weight: str) -> Drawing:
    network = _traced(1)
    return _described(network.draw(highlight=network.paths(weight)), f"what feeds the gradient of {weight}")


def _each_path(hidden_layers: int) -> Drawing:
    network = _traced(hidden_layers)
    paths = network.paths("W1")
    pictures = [(f"W1: all {paths.count} paths", network.draw(highlight=paths))]
    for index, path in enumerate(paths, 1):
        way = " → ".join(node.name for node in path.nodes)
        pictures.append((f"path {index}: {way}", network.draw(highlight=path)))
    return grid(pictures, 2, f"the {paths.count} paths of W1, together and one by one")


def _tree() -> Drawing:
    return _traced(3).derivation("W1").draw(cuts=["W7", "W13", "W19"], numbers=False)


_FIGURES: dict[int, Callable[[], Drawing]] = {
    1: _architecture,
    2: _simple,
    3: lambda: _feeding("W1"),
    4: lambda: _feeding("W7"),
    5: lambda: _each_path(2),
    6: lambda: _each_path(3),
    7: _tree,
}

"""The first run: the article's network computed, traced and trained, as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from nodesim.gradients.quantities import Quantity, desired
from nodesim.network import Network
from nodesim.notation.symbols import number

SEED = 3
TABLE = ([0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0])
WANTED = ([0.0, 0.0], [1.0, 0.0], [1.0, 0.0], [0.0, 1.0])
LOW = 1e-4


def lines() -> Iterator[str]:
    """Yield the lines of the demonstration, as they are calculated.

    Examples
    --------
    >>> next(lines())
    'The 2-2-2 network of the article: two inputs, two sigmoid hidden nodes, two linear outputs.'
    """
    network = Network.layered([2, 2, 2], hidden="sigmoid", output="linear", loss="mse", seed=SEED)
    yield "The 2-2-2 network of the article: two inputs, two sigmoid hidden nodes, two linear outputs."
    yield f"Its {len(network.connections)} weights are drawn from N(0, 1). It shall learn that"
    yield "O1 is the exclusive or of I1 and I2, and O2 their and."
    yield from _forward(network)
    yield from _trace(network)
    yield from _train(network)
    yield from _predict(network)
    yield from _next()


def _heading(text: str) -> Iterator[str]:
    yield ""
    yield text
    yield "─" * len(text)


def _forward(network: Network) -> Iterator[str]:
    x, y = TABLE[2], WANTED[2]
    yield from _heading("1  Feed forward: I1 = 1, I2 = 0")
    for step in network.steps(x, y):
        if step.phase in ("forward", "error") and step.formula:
            yield f"  {step}"


def _trace(network: Network) -> Iterator[str]:
    paths = network.paths("W1")
    yield from _heading(f"2  What feeds the gradient of W1: {paths.count} paths from e back to W1")
    for index, path in enumerate(paths, 1):
        yield f"  path {index}: {path.formula}"
        yield from (f"    {factor}" for factor in path.factors)
        yield f"    product = {path.product:.17g}"
    yield f"  sum of the paths:  ∂e/∂W1 = {paths.gradient:.17g}"
    yield f"  backpropagation:   ∂e/∂W1 = {network['W1'].gradient:.17g}"


def _train(network: Network) -> Iterator[str]:
    yield from _heading(f"3  Train on all four rows of the table, until the error is at most {LOW:g}")
    history = network.fit(TABLE, WANTED, epochs=5_000, learning_rate=0.5, stop_at_error=LOW)
    yield from (f"  {line}" for line in history.chart().splitlines())
    yield f"  {history}"


def _predict(network: Network) -> Iterator[str]:
    yield from _heading("4  Predict")
    inputs, outputs = [node.name for node in network.inputs], network.outputs
    names = [*inputs, *(name for node in outputs for name in (desired(node), Quantity("activated", node).name))]
    yield "  " + "".join(f"{name:>9}" for name in names)
    for x, y, out in zip(TABLE, WANTED, network.predict(TABLE)):
        row = [*x, *(value for pair in zip(y, out) for value in pair)]
        yield "  " + "".join(f"{number(float(value), 4):>9}" for value in row)


def _next() -> Iterator[str]:
    yield from _heading("What to try next")
    yield "  nodesim plugins            the activations, losses, optimizers and initializers there are"
    yield "  python                     >>> import nodesim as ns"
    yield "                             >>> net = ns.Network.layered([2, 3, 1], seed=0)"
    yield "                             >>> net.forward([0.5, 1.0]); net.backward([1.0])"
    yield '                             >>> print(net.paths("W1"))'
    yield "  README.md, examples/       assemble node by node, add an activation, trace a gradient"

"""The first run: the article's network computed, traced, updated and trained, as text on one screen of a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nodesim.derivation.definitions import Definitions
from nodesim.derivation.derivation import Definition
from nodesim.network import Network
from nodesim.notation.expressions import Number
from nodesim.notation.symbols import ERROR, equals, factor, number, partial, percent
from nodesim.notation.text import text

SEED = 3
RATE = 0.5
TABLE = ([0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0])
WANTED = ([0.0, 0.0], [1.0, 0.0], [1.0, 0.0], [0.0, 1.0])
LOW = 1e-4
_WIDTH = 100


def lines() -> Iterator[str]:
    """Yield the lines of the demonstration, as they are calculated.

    Examples
    --------
    >>> next(lines())
    'The 2-2-2 network of the article: inputs I1 I2, hidden nodes H1 H2 (sigmoid), outputs O1 O2.'
    """
    network = Network.layered([2, 2, 2], hidden="sigmoid", output="linear", loss="mse", seed=SEED)
    yield "The 2-2-2 network of the article: inputs I1 I2, hidden nodes H1 H2 (sigmoid), outputs O1 O2."
    weights = f"Its {len(network.connections)} weights W are random, its bias nodes B are 1."
    yield f"{weights} It shall learn O1 = I1 xor I2, O2 = I1 and I2."
    yield from _forward(network)
    yield from _trace(network)
    yield from _update(network)
    yield from _train(network)
    yield from _next()


def _forward(network: Network) -> Iterator[str]:
    x, y = TABLE[2], WANTED[2]
    yield ""
    yield "1 Feed forward: I1 = 1, I2 = 0. Wanted: y1 = 1, y2 = 0."
    yield "  (H, O: weighted sums; HA: sigmoid of H; OA = O, as outputs are linear; e: the error to be lowered)"
    for step in network.steps(x, y, RATE):
        # What a linear activation makes of its sum is seen in the error.
        if step.phase == "error" or (step.phase == "forward" and step.formula and "linear(" not in step.formula):
            yield f"  {step}"


def _trace(network: Network) -> Iterator[str]:
    derivation = network.derivation("W1")
    paths, total = derivation.paths, number(derivation.gradient)
    yield ""
    way = f"By the chain rule, along the {paths.count} paths that lead from W1 to {ERROR}:"
    yield f"2 How does {ERROR} change with W1? {way}"
    for index, path in enumerate(paths, 1):
        values = " · ".join(factor(float(one)) for one in path.factors)
        yield f"  path {index}: {path.formula}"
        yield f"        ≈ {values} ≈ {number(path.product)}, {percent(path.product / paths.gradient)} of the whole"
    yield from _filled("  where ", [_reason(definition) for definition in derivation.partials])
    added = " + ".join(factor(path.product) for path in paths)
    yield f"  added: {derivation.name} ≈ {added} ≈ {total}; backpropagation finds {number(network['W1'].gradient)}"


def _reason(definition: Definition) -> str:
    """Write a partial derivative, where it comes from, and its number."""
    symbol = definition.partial
    assert definition.derivative is not None
    parts = [symbol.name, text(definition.derivative), text(definition.derivative, 6, numbers=True)]
    result = number(symbol.value)
    if isinstance(definition.derivative, Number):
        return f"{symbol.name} = {result}, as {symbol.numerator} = {text(definition.derived)}"
    written = " = ".join(dict.fromkeys(parts[:2]))
    if parts[2] not in (parts[1], result):
        # The numbers put in have six digits.
        return f"{written} ≈ {parts[2]} ≈ {result}"
    return f"{written} {equals(symbol.value)}"


def _filled(start: str, pieces: Iterable[str]) -> Iterator[str]:
    """Put pieces on lines, as many as there is room for."""
    line = start
    for piece in pieces:
        if len(line) > len(start) and len(line) + len(piece) + 3 > _WIDTH:
            yield line
            line = " " * len(start)
        line += piece if len(line) == len(start) else f" | {piece}"
    yield line


def _update(network: Network) -> Iterator[str]:
    x, y = TABLE[2], WANTED[2]
    before, gradient = network.backward(y), network["W1"].gradient
    step = next(step for step in network.steps(x, y, RATE) if step.phase == "update")
    sign, way, back = (">", "up", "down") if gradient > 0 else ("<", "down", "up")
    yield ""
    reason = f"{partial(ERROR, 'W1')} {sign} 0, so a larger W1 would bring {ERROR} {way}"
    yield f"3 Update: {reason}; W1 goes {back}. Learning rate η = {RATE:g}:"
    yield f"  {step}"
    changed = network.copy()
    changed.forward(x)
    changed.backward(y)
    changed.update(RATE)
    after = changed.error([x], [y])
    count = len(network.connections)
    change = f"{ERROR} was {number(before)}, then {number(after)}"
    yield f"  (k counts updates.) All {count} weights change like this, at once: {change}."


def _train(network: Network) -> Iterator[str]:
    yield ""
    yield f"4 Train on all four rows, again and again, until their mean error is at most {LOW:g}; then predict:"
    history = network.fit(TABLE, WANTED, epochs=5_000, learning_rate=RATE, stop_at_error=LOW)
    yield from (f"  {line}" for line in history.chart(height=3).splitlines())
    yield f"  {history}"
    yield from _predictions(network)


def _predictions(network: Network) -> Iterator[str]:
    network.forward(TABLE)
    network.backward(WANTED)
    define = Definitions(network.derivation("W1").graph)
    pairs = [(define.desired(node).name, define.activated(node).name) for node in network.outputs]
    names = [*(node.name for node in network.inputs), *(name for pair in pairs for name in pair)]
    yield "  " + "".join(f"{name:>9}" for name in names)
    for x, y, out in zip(TABLE, WANTED, network.predict(TABLE)):
        row = [*x, *(value for pair in zip(y, out) for value in pair)]
        yield "  " + "".join(f"{number(float(value), 4):>9}" for value in row)


def _next() -> Iterator[str]:
    yield ""
    yield "What to try next: nodesim figure 7 -o tree.svg | nodesim plugins | README.md, examples/ | in python:"
    yield ">>> import nodesim as ns; net = ns.Network.layered([2, 3, 1], seed=0)"
    yield '>>> net.forward([0.5, 1.0]); net.backward([1.0]); print(net.derivation("W1"))'

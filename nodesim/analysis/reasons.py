"""Why a derivative is exactly 0: the reasons, in words and as bits of one whole number.

A weight may be dead for several reasons, one on each path. As bits they are joined by one operation, so that the
dynamic programme that sums gradients over all paths collects reasons over all paths as well, with `or` for `+`.
"""

from __future__ import annotations

from collections.abc import Iterable

from nodesim.functions.aggregation import Aggregation
from nodesim.functions.contracts import Activation

NO_PATH, ZERO_INPUT, ZERO_WEIGHT, NO_ERROR, CANCELLED, UNDERFLOW = (1 << place for place in range(6))
_FIRST_ACTIVATION = 6
# NumPy's whole numbers have 64 bits, one of them the sign. The 57 that are left tell activations apart; in a network
# with more of them the last bit stands for all that find no other.
_MOST_ACTIVATIONS = 63 - _FIRST_ACTIVATION

WORDS = {
    NO_PATH: "no path",
    ZERO_INPUT: "zero input",
    ZERO_WEIGHT: "zero weight",
    NO_ERROR: "error is 0",
    CANCELLED: "cancelled",
    UNDERFLOW: "underflow",
}
# What one says of a node whose activation has a slope of exactly 0; "flat" of all others.
_SPOKEN = {"relu": "dead", **dict.fromkeys(("sigmoid", "tanh", "softsign", "hard_sigmoid", "hard_tanh"), "saturated")}

# And of what comes into a node, where H does not move with it.
_CLOSED = {
    "max": "inactive input of max", "min": "inactive input of min", "product": "zero factor of product",
}  # fmt: skip


def flat(activation: Activation) -> str:
    """Say of a node that its activation has a slope of exactly 0.

    Parameters
    ----------
    activation : Activation

    Returns
    -------
    str

    Examples
    --------
    >>> import nodesim as ns
    >>> [flat(ns.activation(name)) for name in ("relu", "tanh", "gaussian")]
    ['dead relu', 'saturated tanh', 'flat gaussian']
    """
    return f"{_SPOKEN.get(activation.name, 'flat')} {activation.name}"


def closed(aggregation: Aggregation) -> str:
    """Say of what comes into a node that its aggregation takes no part of it.

    Parameters
    ----------
    aggregation : Aggregation

    Returns
    -------
    str

    Examples
    --------
    >>> import nodesim as ns
    >>> [closed(ns.aggregation(name)) for name in ("max", "product", "norm")]
    ['inactive input of max', 'zero factor of product', 'flat norm']
    """
    return _CLOSED.get(aggregation.native or "", f"flat {aggregation.name}")


class Reasons:
    """The bits of all reasons that there can be in a network.

    Parameters
    ----------
    activations : iterable of Activation
        Those of its nodes.
    aggregations : iterable of Aggregation, optional
        Those that are no sums.

    Examples
    --------
    >>> import nodesim as ns
    >>> reasons = Reasons([ns.activation("relu")])
    >>> reasons.words(ZERO_WEIGHT | reasons.bit(ns.activation("relu")))
    ('dead relu', 'zero weight')
    """

    def __init__(self, activations: Iterable[Activation], aggregations: Iterable[Aggregation] = ()) -> None:
        flats = list(dict.fromkeys([*map(flat, activations), *map(closed, aggregations)]))
        if len(flats) > _MOST_ACTIVATIONS:
            flats = [*flats[: _MOST_ACTIVATIONS - 1], "flat activation"]
        self._bits = {word: 1 << (_FIRST_ACTIVATION + place) for place, word in enumerate(flats)}
        # Told from the weight on: what it is fed with, the slopes and weights behind it, e, and only then rounding.
        order = (NO_PATH, ZERO_INPUT, *self._bits.values(), ZERO_WEIGHT, NO_ERROR, CANCELLED, UNDERFLOW)
        self._words = dict.fromkeys(order, "") | {bit: word for word, bit in self._bits.items()} | WORDS

    def bit(self, activation: Activation) -> int:
        """Return the bit of a slope of exactly 0 of this activation."""
        return self._bits.get(flat(activation)) or self._bits["flat activation"]

    def closed_bit(self, aggregation: Aggregation) -> int:
        """Return the bit of what comes in, of which this aggregation takes no part."""
        return self._bits.get(closed(aggregation)) or self._bits["flat activation"]

    def word(self, bit: int) -> str:
        """Return the reason that a bit stands for."""
        return self._words[bit]

    def words(self, bits: int) -> tuple[str, ...]:
        """Return the reasons that bits stand for: what is nearest to a weight first, rounding last."""
        return tuple(word for bit, word in self._words.items() if bits & bit)

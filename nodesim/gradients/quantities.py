"""Quantities and the edges between them: e, OA, O, HA, H, W, joined by partial derivatives.

A node is one circle and two quantities, H and HA; an input or bias node is one, I or B.

References
----------
Article, sections 1 and 4.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import ArgumentError, ArgumentTypeError
from nodesim.graph.elements import Connection, Layer, Node, Owner, in_order
from nodesim.notation.symbols import BESIDE, LETTERS, STEP, bracketed, equals, partial, quantity_name
from nodesim.validation import items, shortened

# Of the numbers of a batch so many are written.
_SHOWN = 5
_ACTIVATED = re.compile(r"([HO])A(\d+(?:\[-?\d+\])?)\Z")


@dataclass(frozen=True, slots=True)
class Quantity:
    """One quantity of a network.

    Attributes
    ----------
    kind : str
        "error", "activated" (OA, HA, and I and B, which are what they send), "sum" (O, H), "weight", or "step": the t
        that moves an input along a line. Beside e there are "clipped", c·e, whose derivatives are no longer than was
        asked for; "sample", the error of one sample of several that have weights; and "penalty", what is added to e.
    element : Node, Connection or None
        The node or connection that it belongs to; None for e and what stands beside it.
    label : str
        What a penalty is called.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 1], seed=0)
    >>> Quantity("activated", net["H1"]).name
    'HA1'
    """

    kind: Literal["error", "clipped", "sample", "penalty", "activated", "sum", "weight", "step"]
    element: Node | Connection | None = None
    label: str = ""

    @property
    def name(self) -> str:
        """The name under which it is printed."""
        element = self.element
        if element is None:
            return self.label or BESIDE[self.kind]
        if self.kind == "step":
            return STEP
        kind = element.kind if isinstance(element, Node) else "connection"
        calculated = self.kind == "activated" and _is_calculated(element)
        return quantity_name(LETTERS[kind] + "A" * calculated, kind, element.name)


def desired(output: Node) -> str:
    """Return what the desired value of an output node is called: y1, or y[versicolor]."""
    return quantity_name("y", "output", output.name)


@dataclass(frozen=True, slots=True)
class PartialDerivative:
    """The partial derivative of one quantity by another that feeds it: an edge of the derivative graph.

    Attributes
    ----------
    numerator, denominator : Quantity
        ∂numerator/∂denominator; the edge leads from the one to the other.
    values : ndarray of shape (n_samples,)

    See Also
    --------
    Factor : The same with the names of the quantities, and the numbers that are looked at, for users.
    """

    numerator: Quantity
    denominator: Quantity
    values: Array


@dataclass(frozen=True, slots=True)
class Factor:
    """One partial derivative of a path; it multiplies like the number that it is.

    Parameters
    ----------
    numerator, denominator : str
        The names of the two quantities.
    value : float, or ndarray of shape (n_samples,)
        For one sample, or for all of the batch.

    See Also
    --------
    GradientPath.factors : The factors of a path.

    Examples
    --------
    >>> print(Factor("OA1", "O1", 1.0))
    ∂OA1/∂O1 = 1
    >>> Factor("O1", "HA1", np.array([0.25, -2.0]))
    <∂O1/∂HA1 of 2 samples: 0.25, −2>
    """

    numerator: str
    denominator: str
    value: float | Array

    @property
    def name(self) -> str:
        """The partial derivative as it is written."""
        return partial(self.numerator, self.denominator)

    def __float__(self) -> float:
        return float(self.value)

    def __mul__(self, other: object) -> object:
        return self.value * (other.value if isinstance(other, Factor) else other)  # type: ignore[operator]

    __rmul__ = __mul__

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.asarray(self.value, dtype=dtype)

    def __str__(self) -> str:
        if np.ndim(self.value) == 0:
            return f"{self.name} {_equal(self.value)}"
        values = np.asarray(self.value)
        if len(values) and (values == values[0]).all():
            return f"{self.name} {_equal(values[0])} in each of {len(values)} samples"
        written = [_equal(value).lstrip("=≈ ") for value in values[:_SHOWN]] + ["…"] * (len(values) > _SHOWN)
        return f"{self.name} of {len(values)} samples: {', '.join(written)}"

    def __repr__(self) -> str:
        return f"<{self}>"


def _equal(value: Any) -> str:
    # Fractions are exact, and written so.
    return equals(float(value)) if isinstance(value, float) else f"= {value}"


def quantity(network: Owner, of: object) -> Quantity:
    """Return the quantity that a name, node or connection stands for.

    Parameters
    ----------
    network : Structure
    of : str, Node, Connection or Quantity
        A connection stands for its weight, a node for its H or O (an input or bias node for what it
        sends); a name is that of one of these, or of a quantity, such as "HA1" or "HA[gate]".

    Raises
    ------
    UnknownNameError, StaleElementError, ArgumentTypeError
        If there is no such quantity in the network.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 1], seed=0)
    >>> [quantity(net.structure, name).kind for name in ("W1", "H1", "HA1", "I1")]
    ['weight', 'sum', 'activated', 'activated']
    """
    if isinstance(of, Quantity):
        if of.element is None:
            raise ArgumentTypeError(
                "e is what the others are derived of: ask for a weight, a node or an activated node."
            )
        network.element(of.element)
        return of
    if isinstance(of, str) and of not in network:
        named = _by_name(network, of)
        if named is not None:
            return named
    element = network.element(of)
    if isinstance(element, Connection):
        return Quantity("weight", element)
    return Quantity("sum" if _is_calculated(element) else "activated", element)


def quantities(network: Owner, of: object) -> list[Quantity]:
    """Return the quantities that are meant: one, those of a layer, or of several, each once.

    Parameters
    ----------
    network : Structure
    of : str, Node, Connection, Quantity, Layer, or iterable of these
        A layer stands for the weights of the connections into its nodes; otherwise as for `quantity`.

    Raises
    ------
    UnknownNameError, StaleElementError, ArgumentTypeError
        If one of them is not in the network.
    ArgumentError
        If none is left: no connection leads into an input layer.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 1], seed=0)
    >>> [quantity.name for quantity in quantities(net.structure, net.layers[2])]
    ['W7', 'W8', 'W9']
    >>> [quantity.name for quantity in quantities(net.structure, ["W1", "H1", "W1"])]
    ['W1', 'H1']
    """
    alone = isinstance(of, str | bytes | Node | Connection | Layer) or not isinstance(of, Iterable)
    several = [of] if alone else items(of, "of", "a weight, a node, a layer, or a list of them")
    found = dict.fromkeys(one for each in several for one in _those_of(network, each))
    if not found:
        raise ArgumentError(
            f"there is nothing to take the derivative by in {shortened(of)}: name weights, nodes, or a layer that "
            "connections lead into."
        )
    return list(found)


def _those_of(network: Owner, of: object) -> list[Quantity]:
    if not isinstance(of, Layer):
        return [quantity(network, of)]
    incoming = in_order(connection for node in of for connection in network.node(node).incoming)
    return [Quantity("weight", connection) for connection in incoming]


def _is_calculated(element: Node | Connection) -> bool:
    return isinstance(element, Node) and element.kind in ("hidden", "output")


def _by_name(network: Owner, name: str) -> Quantity | None:
    """Return the quantity of a name that is no element's own: HA1, or with an element's name in its brackets."""
    match = _ACTIVATED.match(name)
    inner = bracketed(name)
    own = inner[1] if inner else match[1] + match[2] if match else None
    element: Any = network.get(own) if own is not None else None
    if element is None:
        return None
    if isinstance(element, Connection):
        found = [Quantity("weight", element)]
    else:
        found = [Quantity("sum", element), Quantity("activated", element)][not _is_calculated(element) :]
    return next((each for each in found if each.name == name), None)

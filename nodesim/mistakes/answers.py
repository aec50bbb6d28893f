"""The numbers that somebody brings: which quantity each of them is, and how exactly it was written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nodesim._arrays import Array, Indices, Mask
from nodesim.errors import (
    ArgumentError,
    ArgumentTypeError,
    KeyTypeError,
    NodesimError,
    StaleElementError,
    UnknownNameError,
    suggestion,
)
from nodesim.gradients.quantities import Quantity
from nodesim.graph.elements import Connection, Node
from nodesim.graph.schedule import Schedule
from nodesim.mistakes.digits import Written, sequence, units, written
from nodesim.notation.symbols import ERROR, partial
from nodesim.validation import shortened
from nodesim.wording.message import Message, Words

ERROR_BEFORE, GRADIENT, DELTA, WEIGHT, ERROR_AFTER = range(5)
# Half a unit is rounding; a last digit that was cut off, or rounded twice, is off by one unit at most.
_HALF, _WHOLE = 0.5, 1.0
_MEAN = -1
# What e is called after the update.
AFTER = Message("{quantity} after", quantity=ERROR)
_MOST = 10_000_000
# ∂e/∂W1, de/dW1, dE/dW1, dW1, δH1, delta H1, gradient W1.
PARTIAL = re.compile(r"(?:[∂d][eE]/[∂d]|delta |gradient |[∂δ]|d(?!elta))\s*(\S.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Answers:
    """All numbers that were given, one after the other.

    Attributes
    ----------
    kinds : ndarray of shape (n,)
        `ERROR_BEFORE`, `GRADIENT`, `DELTA`, `WEIGHT` or `ERROR_AFTER`.
    places : ndarray of shape (n,)
        Of gradients and weights the connection's number in connection order, of deltas the node's row.
    samples : ndarray of shape (n,)
        Of deltas the sample; -1 for the mean over all of them.
    values : ndarray of shape (n,)
    units, fine : ndarray of shape (n,)
        See `nodesim.mistakes.digits.Units`.
    lost : ndarray of shape (n,)
        See `nodesim.mistakes.digits.Written`.
    short : ndarray of bool, shape (n,)
        Whether a number has one digit alone.
    labels : tuple of str or Message
        What each is called: "∂e/∂W1".
    texts : tuple of str
        How each was written.
    """

    kinds: Indices
    places: Indices
    samples: Indices
    values: Array
    units: Array
    fine: Array
    lost: Array
    short: Mask
    labels: tuple[Words, ...]
    texts: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.values)

    def of(self, kind: int) -> Indices:
        """Return the numbers of those of a kind."""
        return np.flatnonzero(self.kinds == kind)

    def rounded(self, noise: Array, *, fine: bool = False) -> Array:
        """Return how far each may be from what it was rounded from."""
        return _HALF * (self.fine if fine else self.units) * (1.0 + 1e-9) + noise

    def cut(self, numbers: Array, noise: Array) -> Mask:
        """Tell which may come of some numbers, rounded or with the last digit cut off.

        One digit alone says so little that it must be rounded or cut off itself: 1 is not 0.0004, nor 2 is 1.1.
        """
        off, towards = np.abs(numbers - self.values), np.abs(numbers) >= np.abs(self.values)
        within: Mask = off <= _WHOLE * self.units * (1.0 + 1e-9) + noise
        return np.asarray(within & (~self.short | towards | (off <= self.rounded(noise))))


def answers(
    schedule: Schedule, n_samples: int, error: Any, gradients: Any, deltas: Any, weights: Any, error_after: Any
) -> Answers:
    """Return what was given, checked.

    Raises
    ------
    UnknownNameError, StaleElementError, ArgumentError, ArgumentTypeError
        If something is named that is not there, or is no number; or if nothing was given.
    """
    found: list[_Given] = []
    for kind, value in ((ERROR_BEFORE, error), (ERROR_AFTER, error_after)):
        if value is not None:
            name = "error" if kind == ERROR_BEFORE else "error_after"
            label = ERROR if kind == ERROR_BEFORE else AFTER
            found.append(_Given(kind, 0, 0, written(value, name), label))
    for kind, given, who in ((GRADIENT, gradients, "gradients"), (WEIGHT, weights, "weights")):
        found += _of_connections(schedule, kind, given, who)
    found += _of_nodes(schedule, n_samples, deltas)
    if not found:
        raise ArgumentError("there is nothing to look at: give error, gradients, deltas or weights, or several.")
    return _gathered(found)


@dataclass(frozen=True, slots=True)
class _Given:
    kind: int
    place: int
    sample: int
    number: Written
    label: Words


def _of_connections(schedule: Schedule, kind: int, given: Any, who: str) -> Iterator[_Given]:
    for key, value in _pairs(given, who):
        element = _element(schedule, key, who)
        if not isinstance(element, Connection):
            raise UnknownNameError(f"{who} are of connections, such as W1; {shortened(element.name)} is a node.")
        name = Quantity("weight", element).name
        number = written(value, f"{who}[{element.name!r}]")
        yield _Given(kind, schedule.index(element), 0, number, partial(ERROR, name) if kind == GRADIENT else name)


def _of_nodes(schedule: Schedule, n_samples: int, given: Any) -> Iterator[_Given]:
    for key, value in _pairs(given, "deltas"):
        node = _element(schedule, key, "deltas")
        if not isinstance(node, Node) or node.kind not in ("hidden", "output"):
            raise UnknownNameError(
                f"deltas are ∂e/∂H of hidden nodes and ∂e/∂O of outputs; {shortened(node.name)} is neither."
            )
        who = f"deltas[{node.name!r}]"
        label, row = partial(ERROR, Quantity("sum", node).name), schedule.row_of[node]
        numbers = sequence(value, who, n_samples)
        for sample, each in enumerate(numbers):
            mean = len(numbers) < n_samples
            many: Words = label
            if len(numbers) > 1:
                many = Message("{quantity} of sample {sample}", quantity=label, sample=sample)
            elif mean:
                many = Message("{quantity}, mean", quantity=label)
            yield _Given(DELTA, row, _MEAN if mean else sample, written(each, who), many)


def _pairs(given: Any, who: str) -> list[tuple[Any, Any]]:
    if given is None:
        return []
    if not isinstance(given, Mapping):
        example = '{"H1": 0.0331}' if who == "deltas" else '{"W1": 0.0331}'
        raise ArgumentTypeError(f"{who} must be a dict from names to numbers, as {example}; got {shortened(given)}.")
    try:
        pairs = list(given.items())
        if len(pairs) > _MOST or any(len(pair) != 2 for pair in pairs):
            raise ArgumentError(f"{who} hold more than anybody calculates, or no pairs: {shortened(given)}.")
    except NodesimError:
        raise
    except Exception as error:
        # Whatever a mapping of users' own raises.
        raise ArgumentTypeError(f"{who} cannot be read: {type(error).__name__}: {shortened(str(error))}.") from error
    return pairs


def _element(schedule: Schedule, key: Any, who: str) -> Node | Connection:
    if isinstance(key, Connection):
        if schedule.index(key) < 0:
            raise StaleElementError(f"{who}: {key.name} is no connection of this network, or not any more.")
        return key
    if isinstance(key, Node):
        if key not in schedule.row_of:
            raise StaleElementError(f"{who}: {key.name} is no node of this network, or not any more.")
        return key
    if not isinstance(key, str):
        raise KeyTypeError(f"{who} are given by names, such as W1 or H1, got {shortened(key)}.")
    found = schedule.get(key)
    written_as = PARTIAL.fullmatch(key) if found is None and who in ("gradients", "deltas") else None
    if written_as is not None:
        # As tables print it, and as it is called in programs.
        found = schedule.get(written_as[1].strip())
    if found is None:
        names = [*(node.name for node in schedule.nodes), *(c.name for c in schedule.connections)]
        raise UnknownNameError(f"{who}: nothing is named {shortened(key)} here. {suggestion(key, names)}")
    return found


def _gathered(found: list[_Given]) -> Answers:
    kinds = np.array([each.kind for each in found])
    all_units, fine = np.empty(len(found)), np.empty(len(found))
    for kind in np.unique(kinds):
        chosen = np.flatnonzero(kinds == kind)
        own = units([found[place].number for place in chosen])
        all_units[chosen], fine[chosen] = own.units, own.fine
    seen: set[str] = set()
    for each in found:
        if str(each.label) in seen:
            raise ArgumentError(f"{each.label} is given twice, by its name and as the element itself.")
        seen.add(str(each.label))
    return Answers(
        kinds, np.array([each.place for each in found]), np.array([each.sample for each in found]),
        np.array([each.number.value for each in found]), all_units, fine,
        np.array([each.number.lost for each in found]), np.array([each.number.significant == 1 for each in found]),
        tuple(each.label for each in found),
        tuple(each.number.text for each in found),
    )  # fmt: skip

"""The weights whose gradient is exactly 0, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, overload

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.analysis.blocking import Blame
from nodesim.analysis.closed_joins import Bits
from nodesim.analysis.lookup import connection_number
from nodesim.analysis.reasons import NO_PATH, WORDS
from nodesim.analysis.zero_gradients import ZeroGradients
from nodesim.errors import NodesimError, UnknownNameError, suggestion
from nodesim.gradients.derivative_graph import DerivativeGraph
from nodesim.graph.elements import Connection
from nodesim.graph.run import Run
from nodesim.notation import frames, markup, tables
from nodesim.notation.symbols import plural
from nodesim.showing import shown
from nodesim.validation import Listing, position, positions, shortened

_SHOWN = 20
_NAMED = 4
# How many nodes the printed table looks through for what is to blame; an entry that is asked looks through all.
_FAR = 300
_HEADS = ("weight", "from", "to", "why", "to blame")


@dataclass(frozen=True)
class DeadWeight:
    """A weight whose gradient is exactly 0.

    Attributes
    ----------
    connection : Connection
    reasons : tuple of str
        "no path": its target leads to no output. "zero input": what its source sends is 0. "dead relu", "saturated
        sigmoid", "flat" and any other activation: ∂HA/∂H is 0. "zero weight": ∂H/∂HA is 0, as W is. "inactive input of
        max" (or min): ∂H/∂(W·HA) is 0, as something else is the largest. "zero factor of product": as another factor is
        0; "flat" and any other aggregation alike. "error is 0": ∂e/∂OA is 0. "cancelled": numbers other than 0 sum to
        exactly 0, over paths or over samples. "underflow": they are smaller than the smallest number. Several, if one
        does not explain all paths and samples.
    moved_by : tuple of str
        The penalties of e that move the weight all the same, such as "l2"; they alone do.

    See Also
    --------
    DeadWeights : All of them.
    Blame : What `blame` consists of.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([1, 1, 1], bias=False, seed=0)
    >>> net["W2"].weight = 0.0
    >>> _, _ = net.forward([1.0]), net.backward([1.0])
    >>> dead = net.dead_weights()["W1"]
    >>> dead.reasons, str(dead.blame[0]), dead.blame[0].element
    (('zero weight',), '∂O1/∂HA1 = 0', <Connection W2: H1 -> O1 = 0>)
    """

    connection: Connection
    reasons: tuple[str, ...]
    moved_by: tuple[str, ...]
    _zeros: ZeroGradients = field(repr=False, compare=False)

    @property
    def name(self) -> str:
        """The weight's name."""
        return self.connection.name

    @property
    def reason(self) -> str:
        """All reasons on one line."""
        return _joined(self.reasons)

    @cached_property
    def blame(self) -> tuple[Blame, ...]:
        """The derivatives that are 0 and block every path: on each, the nearest to the weight. Found when asked for."""
        return tuple(self._blame())

    @property
    def partials(self) -> tuple[str, ...]:
        """The names of the derivatives to blame."""
        return tuple(blame.partial for blame in self.blame)

    def _blame(self, limit: int | None = None) -> Iterator[Blame]:
        return self._zeros.blame(np.array([self._zeros.graph.index(self.connection)]), limit)

    def _cells(self) -> tuple[str, ...]:
        ends = self.connection.source.name, self.connection.target.name
        blame = _listed(blame.partial for blame in self._blame(_FAR))
        return self.name, *ends, self.reason, blame or ("" if self.reason == WORDS[NO_PATH] else "far from here")

    def __str__(self) -> str:
        name, source, target, reason, blame = self._cells()
        moved = f"; {_alone(self.moved_by)} it" if self.moved_by else ""
        return shown(f"{name} ({source} -> {target}): {reason}" + (f", {blame}" if blame else "") + moved)


class DeadWeights(Listing[DeadWeight]):
    """The weights of a network whose gradient is exactly 0, in connection order; see `Network.dead_weights`.

    Entries are made when they are asked for: by number, by the weight's name, or by its connection.

    Parameters
    ----------
    zeros : ZeroGradients
        What knows the reasons.
    numbers : ndarray of int
        Which weights, by their numbers in connection order.
    bits : ndarray of int
        Their reasons.

    See Also
    --------
    nodesim.Network.dead_weights : Makes it.
    nodesim.Network.diagnose : Where gradients are small, or large, without being 0.

    References
    ----------
    Article, section 4.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 1], hidden="relu", seed=0)
    >>> net["W1"].weight = net["W3"].weight = net["W5"].weight = -1.0
    >>> net["W2"].weight = 1.0
    >>> _, _ = net.forward([0.5, 1.0]), net.backward([1.0])
    >>> dead = net.dead_weights()
    >>> print(dead)
    4 of 9 weights have a gradient of exactly 0: 3 dead relu (H1), 1 zero input (H1)
    weight  from  to  why         to blame
    W1      I1    H1  dead relu   ∂HA1/∂H1
    W3      I2    H1  dead relu   ∂HA1/∂H1
    W5      B1    H1  dead relu   ∂HA1/∂H1
    W7      H1    O1  zero input  ∂O1/∂W7
    >>> dead.reasons, dead["W7"].partials
    ({'dead relu': 3, 'zero input': 1}, ('∂O1/∂W7',))
    """

    def __init__(self, zeros: ZeroGradients, numbers: Indices, bits: Bits) -> None:
        self._zeros = zeros
        self._numbers = numbers
        self._bits = bits

    @property
    def connections(self) -> tuple[Connection, ...]:
        """The connections."""
        connections = self._zeros.graph.schedule.connections
        return tuple(connections[number] for number in self._numbers)

    @property
    def names(self) -> list[str]:
        """Their names."""
        return [connection.name for connection in self.connections]

    @property
    def reasons(self) -> dict[str, int]:
        """For each reason, or several that come together, how many weights there are; the most first."""
        found = {reason: int((self._bits == bits).sum()) for bits, reason in self._kinds.items()}
        return dict(sorted(found.items(), key=lambda item: -item[1]))

    @cached_property
    def _kinds(self) -> dict[int, str]:
        return {bits: _joined(self._zeros.reasons.words(bits)) for bits in np.unique(self._bits).tolist()}

    def of(self, reason: str) -> DeadWeights:
        """Return those with a reason as `reasons` has it.

        Parameters
        ----------
        reason : str
            Such as "dead relu", or several that come together, joined by " and ".

        Returns
        -------
        DeadWeights
            In connection order.

        Raises
        ------
        UnknownNameError
            If there are none.

        See Also
        --------
        DeadWeights.reasons : The reasons that there are.
        DeadWeights.blame : Which derivatives are 0.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], seed=0)
        >>> net["W7"].weight = 0.0
        >>> _, _ = net.forward([0.5, 0.0]), net.backward([1.0])
        >>> net.dead_weights().of("zero input").names
        ['W3', 'W4']
        """
        for bits, known in self._kinds.items():
            if isinstance(reason, str) and known == reason:
                return self._where(self._bits == bits)
        raise UnknownNameError(f"no weight is dead because of {shortened(reason)}. {suggestion(reason, self.reasons)}")

    def blame(self) -> Iterator[Blame]:
        """Return the derivatives to blame for all of these weights, each once.

        Returns
        -------
        iterator of Blame
            Those that are 0 and block every path; on each path, the nearest to the weight.

        See Also
        --------
        DeadWeights.of : The weights of one reason.
        nodesim.Network.dead_weights : The weights, with what is to blame for each.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], seed=0)
        >>> net["W7"].weight = 0.0
        >>> _, _ = net.forward([0.5, 0.0]), net.backward([1.0])
        >>> [blame.partial for blame in net.dead_weights().blame()]
        ['∂H1/∂W3', '∂H2/∂W4', '∂O1/∂HA1']
        """
        return _once(self._zeros.blame(self._numbers))

    def to_pandas(self) -> Any:
        """Return the weights as a data frame of pandas.

        Returns
        -------
        pandas.DataFrame
            A row for each in connection order: "name", "source", "target" and "reason".

        Raises
        ------
        MissingExtraError
            If pandas is not installed.

        See Also
        --------
        DeadWeights.blame : Which derivatives are 0.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], seed=0)
        >>> _, _ = net.forward([0.5, 0.0]), net.backward([1.0])
        >>> net.dead_weights().to_pandas()["reason"].tolist()
        ['zero input', 'zero input']
        """
        found, reasons = self.connections, [self._kinds[bits] for bits in self._bits.tolist()]
        sources, targets = [each.source.name for each in found], [each.target.name for each in found]
        return frames.frame({"name": self.names, "source": sources, "target": targets, "reason": reasons})

    def _where(self, chosen: Any) -> DeadWeights:
        return DeadWeights(self._zeros, self._numbers[chosen], self._bits[chosen])

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, weight: int | str | Connection) -> DeadWeight: ...
    @overload
    def __getitem__(self, weight: slice) -> DeadWeights: ...
    def __getitem__(self, weight: Any) -> DeadWeight | DeadWeights:
        """Return an entry by number, name or connection; or several by a slice.

        Raises
        ------
        UnknownNameError, PositionError, ArgumentTypeError
            If it is none of these weights, or there is none of that number.
        """
        if isinstance(weight, slice):
            return self._where(list(positions(weight, len(self), "weight")))
        named = isinstance(weight, str | Connection)
        place = self._place(weight) if named else position(weight, len(self), "weight")
        graph, reasons = self._zeros.graph, self._zeros.reasons.words(int(self._bits[place]))
        connection = graph.schedule.connections[self._numbers[place]]
        slot = graph.schedule.slots[self._numbers[place]]
        moved = tuple(penalty.label for penalty in graph.run.penalties if penalty.gradients[slot])
        return DeadWeight(connection, reasons, moved, self._zeros)

    def _place(self, weight: str | Connection) -> int:
        number = connection_number(self._zeros.graph.schedule, weight)
        # Numbers are in order: no set of a million names, or of their numbers, is made for one question.
        place = int(np.searchsorted(self._numbers, number))
        if place == len(self) or self._numbers[place] != number:
            raise UnknownNameError(f"{shortened(str(weight))} is none of these weights.")
        return place

    def __contains__(self, weight: object) -> bool:
        """Tell whether a weight, by its name or connection, or an entry, is among these."""
        wanted: Any = weight.connection if isinstance(weight, DeadWeight) else weight
        try:
            return self._place(wanted) >= 0
        except NodesimError:
            return False

    def __iter__(self) -> Iterator[DeadWeight]:
        return (self[place] for place in range(len(self)))

    def _group(self, reason: str, count: int) -> str:
        """Say for how many weights this is the reason, and at whom it lies; of weights without a path, which."""
        some = self.of(reason)
        names = _listed(element.name for element in some._zeros.at_fault(some._numbers))
        return f"{count:,} {reason} ({names or _listed(weight.name for weight in some)})"

    @property
    def _title(self) -> str:
        count = len(self._zeros.graph.schedule.connections)
        verb = "has" if len(self) == 1 else "have"
        title = f"{len(self):,} of {plural(count, 'weight')} {verb} a gradient of exactly 0"
        title += ", penalties left out" if self._zeros.graph.run.penalties else ""
        groups = ", ".join(self._group(reason, count) for reason, count in self.reasons.items())
        return shown((f"{title}: {groups}" if groups else title) + self._moved)

    @property
    def _moved(self) -> str:
        """Say which penalties move some of these weights; nothing else does."""
        graph = self._zeros.graph
        slots = graph.schedule.slots[self._numbers]
        found = {each.label: each.gradients[slots] != 0 for each in graph.run.penalties}
        moving = [label for label, moved in found.items() if moved.any()]
        if not moving:
            return ""
        count = int(np.logical_or.reduce([found[label] for label in moving]).sum())
        whom = ("it" if count == 1 else "them") if count == len(self) else f"{count:,} of them"
        return f"; {_alone(moving)} {whom}"

    @property
    def _heads(self) -> tuple[str, ...]:
        return (*_HEADS, "moved by") if self._moved else _HEADS

    @property
    def _rows(self) -> list[tuple[str, ...]]:
        moved = bool(self._moved)
        return [(*each._cells(), ", ".join(each.moved_by)) if moved else each._cells() for each in self[:_SHOWN]]

    @property
    def _more(self) -> str:
        left = len(self) - _SHOWN
        return f"... {plural(left, 'more weight')}" if left > 0 else ""

    def __str__(self) -> str:
        table = tables.lines(self._heads, self._rows, "<<<<<<") if len(self) else []
        return "\n".join(filter(None, [tables.prose(self._title), *table, self._more]))

    def __repr__(self) -> str:
        return f"<DeadWeights: {self._title}>"

    def _repr_html_(self) -> str:
        more = markup.left_out(len(self), _SHOWN, "weight")
        return markup.line(self._title) + (markup.table(self._heads, self._rows, more=more) if len(self) else "")


def dead_weights(graph: DerivativeGraph, gradients: Array) -> DeadWeights:
    """Return the weights whose gradient is 0, what penalties add left out.

    Parameters
    ----------
    graph : DerivativeGraph
        Of the backward.
    gradients : ndarray of shape (n_connections,)
        In connection order.

    Returns
    -------
    DeadWeights
    """
    zeros = ZeroGradients(graph)
    numbers = np.flatnonzero(gradients == _of_penalties(graph.run, len(graph.weights), gradients)[graph.schedule.slots])
    if graph.run.penalties:
        # Next to a penalty's derivative a small one of the samples may have been lost to rounding.
        numbers = numbers[zeros.are_dead(numbers)]
    return DeadWeights(zeros, numbers, zeros.bits(numbers))


def _of_penalties(run: Run, size: int, gradients: Array) -> Array:
    """Return by slot what a gradient is, to the last digit, to which samples add nothing."""
    found: Array = np.zeros(size, gradients.dtype)
    for penalty in run.penalties:
        found += penalty.gradients.astype(found.dtype)
    return found if run.clip is None else found * found.dtype.type(run.clip)


def _alone(penalties: Sequence[str]) -> str:
    """Say that penalties move what is named behind it.

    Examples
    --------
    >>> _alone(["l2"]), _alone(["l1", "l2"])
    ('l2 alone moves', 'l1 and l2 alone move')
    """
    return f"{_joined(penalties)} alone {'moves' if len(penalties) == 1 else 'move'}"


def _joined(reasons: Iterable[str]) -> str:
    return " and ".join(reasons)


def _once(blames: Iterable[Blame]) -> Iterator[Blame]:
    seen = set()
    for blame in blames:
        if blame not in seen:
            seen.add(blame)
            yield blame


def _listed(names: Iterable[str]) -> str:
    """Name the first few, each once."""
    first: dict[str, None] = {}
    for name in names:
        if name not in first and len(first) == _NAMED:
            return f"{', '.join(first)}, ..."
        first[name] = None
    return ", ".join(first)

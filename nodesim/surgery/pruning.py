"""What a pruning took out of a network, and why, and what it did to e."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, overload

from nodesim.errors import UnknownNameError, suggestion
from nodesim.graph.elements import Connection
from nodesim.notation import frames, markup, tables
from nodesim.notation.symbols import equals, number, plural
from nodesim.showing import shown
from nodesim.surgery.falling import FallenNode
from nodesim.validation import Listing, position, positions, shortened

_SHOWN = 20
_HEADS, _SIDES = ("weight", "from", "to", "W", "score", "why"), "<<<>><"


@dataclass(frozen=True)
class Removal:
    """A connection that was pruned, or that fell away with a node.

    Parameters
    ----------
    connection : Connection
        It has a name and two ends, and no numbers any more if the pruning was made.
    source, target : str
        The names of its ends.
    weight : float
        What W was.
    score : float
        By what it was chosen; see `Network.prune`. NaN where none was calculated.
    rank : int or None
        As which it was chosen, from 1 on; None if it fell away with a node.
    threshold : float or None
        The least score of what stayed when it went; None if nothing stayed, or it was not chosen by its score.
    with_node : str or None
        The node that it fell away with.
    why : str
        The reason, in a sentence.

    See Also
    --------
    Pruning : All of them.

    Examples
    --------
    >>> import nodesim as ns
    >>> removal = ns.Network.layered([2, 2, 1], seed=0).prune(keep=0.5)[0]
    >>> removal.name, removal.rank, removal.why
    ('W4', 1, '|W| is 0.105, the least of 6; what stays has 0.64 or more')
    """

    connection: Connection
    source: str
    target: str
    weight: float
    score: float
    rank: int | None
    threshold: float | None
    with_node: str | None
    why: str

    @property
    def name(self) -> str:
        """The weight's name."""
        return self.connection.name

    def _cells(self) -> tuple[str, ...]:
        score = "" if self.score != self.score else number(self.score, 3)
        return self.name, self.source, self.target, number(self.weight, 4), score, self.why

    def __str__(self) -> str:
        line = f"{self.name} ({self.source} -> {self.target}, W {equals(self.weight, 4)}): {self.why}"
        return tables.prose(shown(line))


@dataclass(frozen=True)
class Proof:
    """What a change of a network did to e, measured before and after.

    Parameters
    ----------
    n_samples : int
        On how many samples.
    before, after : float
        The error e.
    predicted : float or None
        By how much e was said to change, before it was tried.
    predicted_by : str
        How that was known.
    outputs : float
        The largest change of any output on any of the samples.

    See Also
    --------
    Pruning : Has one.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 1], seed=0)
    >>> proof = net.prune("paths", 0.5, dry_run=True, x=[0.5, 1.0], y=[1.0]).proof
    >>> proof.change == proof.after - proof.before
    True
    """

    n_samples: int
    before: float
    after: float
    predicted: float | None
    predicted_by: str
    outputs: float

    @property
    def change(self) -> float:
        """By how much e has changed."""
        return self.after - self.before

    def __str__(self) -> str:
        where = plural(self.n_samples, "sample")
        line = f"e {number(self.before, 6)} -> {number(self.after, 6)} on {where}: changed by {number(self.change, 4)}"
        told = "" if self.predicted is None else f", predicted {number(self.predicted, 4)} ({self.predicted_by})"
        return f"{line}{told}; outputs change by {number(self.outputs, 4)} at most"


class Pruning(Listing[Removal]):
    """What was pruned, in the order in which it went, and then what fell away with nodes; made by `Network.prune`.

    Entries are found by number, by the weight's name, or by its connection.

    Parameters
    ----------
    removals : list of Removal
        In their order.
    details : mapping of str to object
        The attributes.

    Attributes
    ----------
    by : str
        How it was chosen.
    keep : float
        The part of the candidates that was to stay.
    dry_run : bool
        Whether the network was left as it was.
    candidates : int
        How many weights could have gone.
    left : int
        How many connections the network has afterwards.
    nodes : tuple of FallenNode
        The hidden nodes that fell away.
    proof : Proof or None
        What it did to e; None where there are no samples.
    corrections : dict of str to float
        What was added to weights that were not chosen, by name; with "obs" only.
    scores : dict of str to float
        By name, the score of every connection before anything went; NaN where none was calculated.
    notes : tuple of str
        What else is to be told: what stayed out of it, and what stayed although it might seem idle.
    warnings : tuple of str
        Why scores are not to be relied on: "obs" far from a minimum of e.

    See Also
    --------
    Network.prune : Makes it.
    Network.dead_weights : Which weights a run does not teach.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 1], seed=0)
    >>> pruning = net.prune(keep=0.5)
    >>> [removal.name for removal in pruning], pruning.left
    (['W4', 'W1', 'W2'], 6)
    """

    by: str
    keep: float
    dry_run: bool
    candidates: int
    left: int
    nodes: tuple[FallenNode, ...]
    proof: Proof | None
    corrections: dict[str, float]
    scores: dict[str, float]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]

    def __init__(self, removals: list[Removal], details: Mapping[str, Any]) -> None:
        self._removals = removals
        vars(self).update(details)

    @property
    def names(self) -> list[str]:
        """The names of the weights that went."""
        return [removal.name for removal in self]

    def to_pandas(self) -> Any:
        """Return the removals as a data frame of pandas.

        Returns
        -------
        pandas.DataFrame
            A row for each: "name", "source", "target", "weight", "score", "rank", "threshold", "with_node" and "why".

        Raises
        ------
        MissingExtraError
            If pandas is not installed.

        See Also
        --------
        Pruning.names : The names alone.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], seed=0)
        >>> net.prune(keep=0.5).to_pandas()["rank"].tolist()
        [1, 2, 3]
        """
        heads = ("name", "source", "target", "weight", "score", "rank", "threshold", "with_node", "why")
        return frames.frame({head: [getattr(removal, head) for removal in self] for head in heads})

    def __len__(self) -> int:
        return len(self._removals)

    @overload
    def __getitem__(self, weight: int | str | Connection) -> Removal: ...
    @overload
    def __getitem__(self, weight: slice) -> list[Removal]: ...
    def __getitem__(self, weight: Any) -> Removal | list[Removal]:
        """Return an entry by number, name or connection; or several by a slice.

        Raises
        ------
        UnknownNameError, PositionError, ArgumentTypeError
            If it is none of these weights, or there is none of that number.
        """
        if isinstance(weight, slice):
            return [self._removals[place] for place in positions(weight, len(self), "removal")]
        if isinstance(weight, str | Connection):
            return self._found(weight)
        return self._removals[position(weight, len(self), "removal")]

    def _found(self, weight: str | Connection) -> Removal:
        for removal in self._removals:
            if weight is removal.connection or (isinstance(weight, str) and weight == removal.name):
                return removal
        raise UnknownNameError(f"{shortened(str(weight))} did not go. {suggestion(str(weight), self.names)}")

    @property
    def _title(self) -> str:
        chosen = sum(removal.rank is not None for removal in self)
        # A tied weight is one weight, of one rank, and goes with several connections.
        weights = len({removal.rank for removal in self} - {None})
        uses = f" ({plural(chosen, 'connection')})" if weights != chosen else ""
        verb = "would go" if self.dry_run else "went"
        title = f"{weights:,} of {plural(self.candidates, 'weight')}{uses} {verb} by {self.by}"
        if fell := len(self) - chosen:
            names = ", ".join(node.name for node in self.nodes[:4]) + (", ..." if len(self.nodes) > 4 else "")
            title += f", and {fell:,} more with {plural(len(self.nodes), 'node')} ({names})"
        elif self.nodes:
            title += f", and {plural(len(self.nodes), 'node')} ({', '.join(node.name for node in self.nodes[:4])})"
        return shown(f"{title}; {plural(self.left, 'connection')} left")

    @property
    def _lines(self) -> list[str]:
        """What is said below the title: of e, of nodes, and what else is to be told."""
        proof = [str(self.proof)] if self.proof is not None else ["No samples: run a backward, or give x and y, for e."]
        made_up = [f"{plural(len(self.corrections), 'weight')} changed to make up for it."] if self.corrections else []
        return [*self.warnings, *proof, *made_up, *map(str, self.nodes), *self.notes]

    @property
    def _rows(self) -> list[tuple[str, ...]]:
        return [removal._cells() for removal in self[:_SHOWN]]

    def __str__(self) -> str:
        table = ["", *tables.lines(_HEADS, self._rows, _SIDES)] if len(self) else []
        more = markup.left_out(len(self), min(len(self), _SHOWN), "weight")
        said = map(tables.prose, [self._title, *self._lines])
        return "\n".join([*said, *table, *([more] if more else [])])

    def __repr__(self) -> str:
        return f"<Pruning: {'. '.join([self._title, *self.warnings])}>"

    def _repr_html_(self) -> str:
        more = markup.left_out(len(self), min(len(self), _SHOWN), "weight")
        table = markup.table(_HEADS, self._rows, _SIDES, more) if len(self) else ""
        return markup.line(self._title) + markup.points(self._lines) + table

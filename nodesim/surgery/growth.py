"""What was grown, and why there."""

from __future__ import annotations

from dataclasses import dataclass

from nodesim.graph.elements import Connection, Node
from nodesim.notation import markup, tables
from nodesim.notation.symbols import number, plural
from nodesim.showing import shown


@dataclass(frozen=True)
class Growth:
    """What a network has grown; made by `Network.grow`.

    Parameters
    ----------
    by : str
        "split" or "connect".
    added : Node or Connection
        The new node of a split, or the new connection.
    place : str
        Where: the name of the connection that was split, or the two ends of the new one.
    gradient : float
        ∂e/∂W there, from the last backward: of a new connection at W = 0.
    candidates : int
        How many places there were; 1 if it was named.
    outputs : float
        The largest change of any output on the samples of the last backward: 0, but for the order of sums.
    why : str
        The reason, in a sentence.

    See Also
    --------
    Network.grow : Makes it.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 1], seed=0)
    >>> _, _ = net.forward([0.5, 1.0]), net.backward([1.0])
    >>> growth = net.grow("connect")
    >>> growth.added, growth.outputs
    (<Connection W10: I2 -> O1 = 0>, 0.0)
    """

    by: str
    added: Node | Connection
    place: str
    gradient: float
    candidates: int
    outputs: float
    why: str

    def __str__(self) -> str:
        return tables.prose(self._line)

    @property
    def _line(self) -> str:
        return shown(f"{self.why}; outputs change by {number(self.outputs, 3)} at most")

    def __repr__(self) -> str:
        return shown(f"<Growth by {self.by} at {self.place}: {self.added!r}>")

    def _repr_html_(self) -> str:
        return markup.line(self._line)


def reason(what: str, gradient: float, candidates: int, kind: str, *, named: bool) -> str:
    """Say why something is grown at a place.

    Examples
    --------
    >>> reason("H3 splits W1", -0.25, 12, "connection", named=False)
    'H3 splits W1: |∂e/∂W| there is 0.25, the largest of 12 connections'
    """
    chosen = "as asked for" if named else f"the largest of {plural(candidates, kind)}"
    return f"{what}: |∂e/∂W| there is {number(abs(gradient), 4)}, {chosen}"

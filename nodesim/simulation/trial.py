"""TRIAL: edit a network, train it, cut it in pieces, and have it back as it was."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, TypeVar

from nodesim.errors import StateError
from nodesim.graph.kept_structure import KeptStructure
from nodesim.showing import shown
from nodesim.simulation.simulator import Simulator
from nodesim.simulation.snapshot import Snapshot

N = TypeVar("N")


class NetworkTrial(AbstractContextManager[N]):
    """What `nodesim.Network.trial` returns: undoes at its end whatever was done to a network since its begin.

    Parameters
    ----------
    network : Network
        What the block gets.
    simulator : Simulator
        Its own.

    Raises
    ------
    StructureError
        If it begins or ends while the network is being trained.
    StateError
        If it begins a second time.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 1], seed=0)
    >>> H1 = net["H1"]
    >>> with NetworkTrial(net, net.simulator):
    ...     _ = net.remove("H1")
    >>> net["H1"] is H1, H1.network is net
    (True, True)
    """

    def __init__(self, network: N, simulator: Simulator) -> None:
        self._network, self._simulator = network, simulator
        self._before: tuple[KeptStructure, Snapshot] | None = None
        self._state = "not begun"

    def __enter__(self) -> N:
        structure = self._simulator.structure
        if self._state != "not begun":
            raise StateError(f"a trial is begun once, and this one is {self._state}: call network.trial() again.")
        kept, snapshot = structure.keep(), Snapshot(self._simulator)
        # Plain assignments: where something is called Ctrl-C may come in, and leave a trial that nobody ends.
        self._before, self._state = (kept, snapshot), "under way"
        structure.kept = [*structure.kept, kept]
        return self._network

    def __exit__(self, *raised: Any) -> None:
        structure, before = self._simulator.structure, self._before
        if before is None:
            raise StateError("this trial has not begun: write `with network.trial():`.")
        structure.lock.check_editable()
        # It has ended already where one around it ended first.
        if before[0] in structure.kept:
            try:
                self._undo(*before)
            except BaseException:
                # Ctrl-C came in, and half may be undone; but all of it can be done again.
                self._undo(*before)
                raise
        self._before, self._state = None, "over"

    def _undo(self, kept: KeptStructure, snapshot: Snapshot) -> None:
        self._simulator.structure.put_back(kept)
        snapshot.restore()

    def __repr__(self) -> str:
        return shown(f"<trial of {self._network!r}: {self._state}>")

"""Nodes that fall away when connections go: those that lead to no output any more, or send nothing any more.

A hidden node that no input reaches any more sends one constant. If that is 0, it is not missed in a sum, and goes. If
it is another, the node stays: what it sends counts, and nothing that counts goes untold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nodesim._arrays import Mask
from nodesim.errors import StructureError
from nodesim.gradients.directions import fed_by
from nodesim.graph.elements import Connection, Node
from nodesim.graph.schedule import Schedule
from nodesim.notation.symbols import number
from nodesim.showing import shown
from nodesim.simulation.simulator import Simulator


@dataclass(frozen=True)
class FallenNode:
    """A hidden node that goes because of what was pruned.

    Attributes
    ----------
    name : str
    why : str
        In a sentence.
    connections : tuple of str
        The connections that it takes with it.
    """

    name: str
    why: str
    connections: tuple[str, ...]

    def __str__(self) -> str:
        return shown(f"{self.name}: {self.why}")


class Falling:
    """Takes nodes out of a structure that was pruned.

    Parameters
    ----------
    simulator : Simulator
        Its structure is edited.

    Attributes
    ----------
    fallen : list of FallenNode
        In the order in which they went.
    notes : list of str
        Which nodes stay as constants.
    """

    def __init__(self, simulator: Simulator) -> None:
        self._simulator, self._structure = simulator, simulator.structure
        schedule = self._structure.schedule
        # What was idle before the pruning is none of its business.
        self._idle = {schedule.nodes[row].name for row in np.flatnonzero(~schedule.reaching | ~_fed(schedule))}
        self.fallen: list[FallenNode] = []
        self.notes: list[str] = []

    def fall(self) -> None:
        """Take out node after node, until none is left that nothing misses.

        Raises
        ------
        StructureError
            If nothing leads to an output any more.
        """
        self._check_outputs()
        while self._out_of_reach() or self._silent():
            pass

    def _check_outputs(self) -> None:
        for node in self._structure.of_kind("output"):
            if not node.incoming:
                raise StructureError(f"nothing would lead to output {node.name} any more: keep more of the weights.")

    def _hidden(self, mask: Mask) -> list[Node]:
        schedule = self._structure.schedule
        nodes = [schedule.nodes[row] for row in np.flatnonzero(mask).tolist()]
        return [node for node in nodes if node.kind == "hidden" and node.name not in self._idle]

    def _out_of_reach(self) -> bool:
        found = self._hidden(~self._structure.schedule.reaching)
        for node in found:
            self._take_out(node, "it leads to no output any more")
        return bool(found)

    def _silent(self) -> bool:
        schedule = self._structure.schedule
        nodes = self._hidden(~_fed(schedule))
        if not nodes:
            return False
        sent = self._simulator.forward(np.zeros((len(schedule.inputs), 1))).activated
        constants = {node: float(sent[schedule.row_of[node], 0]) for node in nodes}
        silent = [node for node in nodes if constants[node] == 0 and all(map(_not_missed, node.outgoing))]
        if not silent:
            self.notes = [_staying(node, constants[node]) for node in nodes]
        # One by one: the last of several that lead to an output stays.
        for node in silent:
            if all(map(_not_missed, node.outgoing)):
                self._take_out(node, "no input reaches it any more, and it sends 0")
        return bool(silent)

    def _take_out(self, node: Node, why: str) -> None:
        gone = self._structure.remove(node)
        self.fallen.append(FallenNode(node.name, why, tuple(connection.name for connection in gone)))


def _fed(schedule: Schedule) -> Mask:
    return fed_by(schedule, schedule.input_rows)


def _not_missed(connection: Connection) -> bool:
    """Tell whether a contribution of 0 may go: it leads into a sum, and is not all that leads into an output."""
    target = connection.target
    is_sum = target.aggregation is None or target.aggregation.is_sum
    return is_sum and (target.kind != "output" or len(target.incoming) > 1)


def _staying(node: Node, constant: float) -> str:
    return f"{shown(node.name)} stays: no input reaches it any more, but it sends the constant {number(constant, 6)}."

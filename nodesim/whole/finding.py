"""Which connection of a schedule is meant: by name or by itself, without a list of a million names."""

from __future__ import annotations

import re

from nodesim.arguments import shortened
from nodesim.elements import Connection
from nodesim.errors import ArgumentTypeError, StaleElementError, UnknownNameError, suggestion
from nodesim.notation import LETTERS
from nodesim.schedule import Schedule

_NUMBERED = re.compile(LETTERS["connection"] + r"([1-9]\d{0,17})\Z")


def number_of(schedule: Schedule, wanted: object) -> int:
    """Return the number, in connection order, of a connection given by its name or as itself.

    The connections are those of the schedule, whatever became of the network afterwards.

    Raises
    ------
    UnknownNameError
        If there is none of that name.
    StaleElementError
        If the connection is none of the schedule's.
    ArgumentTypeError
        If it is neither a name nor a connection.
    """
    if isinstance(wanted, Connection):
        found = schedule.index(wanted)
        if found < 0:
            raise StaleElementError(f"{wanted.name} is none of these connections: it was made later, or elsewhere.")
        return found
    if not isinstance(wanted, str):
        raise ArgumentTypeError(f"a connection is looked up by its name or as itself, got {shortened(wanted)}.")
    found = _named(schedule, wanted)
    if found < 0:
        names = (connection.name for connection in schedule.connections)
        raise UnknownNameError(f"no connection here is named {shortened(wanted)}. {suggestion(wanted, names)}")
    return found


def _named(schedule: Schedule, name: str) -> int:
    own = schedule.cut(_own_names)
    match = _NUMBERED.match(name)
    if name in own or match is None:
        return own.get(name, -1)
    found = schedule.index_of_slot(int(match[1]) - 1)
    return found if found >= 0 and schedule.connections[found]._label is None else -1


def _own_names(schedule: Schedule) -> dict[str, int]:
    """Return the numbers of the connections whose names do not say in which slot they stand."""
    return {c._label: number for number, c in enumerate(schedule.connections) if c._label is not None}

"""Which connection of a schedule is meant: by name or by itself."""

from __future__ import annotations

from nodesim.errors import KeyTypeError, StaleElementError, UnknownNameError, suggestion
from nodesim.graph.elements import Connection
from nodesim.graph.schedule import Schedule
from nodesim.validation import shortened


def connection_number(schedule: Schedule, wanted: object) -> int:
    """Return the number, in connection order, of a connection given by its name or as itself.

    The connections are those of the schedule, whatever became of the network afterwards.

    Parameters
    ----------
    schedule : Schedule
    wanted : str or Connection

    Returns
    -------
    int

    Raises
    ------
    UnknownNameError
        If there is none of that name.
    StaleElementError
        If the connection is none of the schedule's.
    KeyTypeError
        If it is neither a name nor a connection.
    """
    if isinstance(wanted, Connection):
        found = schedule.index(wanted)
        if found < 0:
            raise StaleElementError(f"{wanted.name} is none of these connections: it was made later, or elsewhere.")
        return found
    if not isinstance(wanted, str):
        raise KeyTypeError(f"a connection is looked up by its name or as itself, got {shortened(wanted)}.")
    named = schedule.get(wanted)
    if not isinstance(named, Connection):
        names = (connection.name for connection in schedule.connections)
        raise UnknownNameError(f"no connection here is named {shortened(wanted)}. {suggestion(wanted, names)}")
    return schedule.index(named)

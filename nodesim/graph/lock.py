"""A network that is being trained: who may edit, run and set it meanwhile.

Everything here is an attribute that is read or set. Where something is called Ctrl-C may come in, and a lock that is
given back by a call might stay.
"""

from __future__ import annotations

import threading

from nodesim.errors import StateError, StructureError


class Lock:
    """Refuses edits of a structure for a while, and to all but callbacks to run it or to set its numbers.

    Attributes
    ----------
    reason : str
        Why, or nothing while it is free.
    open_to : int or None
        The thread that may run and set it all the same.

    Examples
    --------
    >>> lock = Lock()
    >>> lock.reason = "it is being trained"
    >>> lock.check_editable()
    Traceback (most recent call last):
        ...
    nodesim.errors.StructureError: the network cannot be edited while it is being trained; a network.copy() can.
    """

    __slots__ = ("open_to", "reason")

    def __init__(self) -> None:
        self.reason = ""
        self.open_to: int | None = None

    def check_editable(self) -> None:
        """Raise a `StructureError` while it is locked."""
        if self.reason:
            raise StructureError(f"the network cannot be edited while {self.reason}; a network.copy() can.")

    def check_settable(self) -> None:
        """Raise a `StateError` while it is locked, and not open to this thread."""
        if self.reason and self.open_to != threading.get_ident():
            raise StateError(
                f"the network cannot be run or changed while {self.reason}, but by the callbacks of that training. "
                "Elsewhere, run a copy: network.copy()."
            )

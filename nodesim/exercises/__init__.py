"""EXERCISES: sheets for pen and paper whose numbers come out short, their keys, marking that follows errors through."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nodesim.exercises.files import load as load
    from nodesim.exercises.files import save as save
    from nodesim.exercises.making import make as make
    from nodesim.exercises.remarks import Marking as Marking
    from nodesim.exercises.remarks import Remark as Remark
    from nodesim.exercises.sheet import Sheet as Sheet

__all__ = ["Marking", "Remark", "Sheet", "load", "make", "save"]

# Imported when they are asked for: a command line that does something else needs none of it.
_LATE = {
    "Marking": "remarks",
    "Remark": "remarks",
    "Sheet": "sheet",
    "load": "files",
    "make": "making",
    "save": "files",
}


def __getattr__(name: str) -> Any:
    if name in _LATE:
        return getattr(import_module(f"{__name__}.{_LATE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)

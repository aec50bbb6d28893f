"""Whether what a file names is what has that name here: both say where they come from.

Versions differ from one computer to the next, and do not count. A function that was registered by hand, or came from a
file of plugins, is there because somebody wants it to be: it is used, with a warning. What was merely installed, or is
built in, may have nothing but the name in common with what the file means, and is refused.
"""

from __future__ import annotations

import re
import warnings

from nodesim.errors import PluginWarning, UnknownNameError
from nodesim.functions.function import Function
from nodesim.showing import shown
from nodesim.validation import shortened

# The origin of what no plugin brought.
SESSION = "this session"
BUILT_IN = "nodesim"


def package(origin: str) -> str | None:
    """Return the name of the installed package that an origin stands for; None if it stands for something else.

    Examples
    --------
    >>> package("Nodesim_Bent 0.1"), package("mine.py"), package("this session")
    ('nodesim-bent', None, None)
    """
    name, space, _ = origin.partition(" ")
    if not space or origin == SESSION:
        return None
    return re.sub(r"[-_.]+", "-", name).casefold()


def compare(found: Function, origin: str) -> None:
    """Warn, or raise, where a file means a function of another origin than the one that has its name here.

    Raises
    ------
    UnknownNameError
        If that one is built in, or belongs to another installed package than the file says.
    """
    here, there = package(found.origin), package(origin)
    if found.origin == origin or (here is not None and here == there):
        return
    name, came = shortened(found.name), _came(origin)
    if here == BUILT_IN or (here is not None and there is not None):
        whose = "nodesim's own" if here == BUILT_IN else f"that of {shortened(found.origin)}"
        bring = "" if there is None or there == BUILT_IN else f"Bring {shortened(origin)}. "
        raise UnknownNameError(
            f"the {found.kind} {name} that is meant {came}; the one of that name here is {whose}, and may calculate "
            f'something else. {bring}If this one is meant, take "from" out of what names it.'
        )
    _warn(
        f"the {found.kind} {name} that is meant {came}; the one of that name here, which is used, is from "
        f"{found.origin}: it may calculate something else."
    )


def warn_of_formula(found: Function, formula: str) -> None:
    """Warn that a file's formula is used, and not the other function that was registered under its name."""
    _warn(
        f"the {found.kind} {shortened(found.name)} that is meant is {shortened(formula)}, which is used; the one "
        f"registered here under that name, from {found.origin}, is not the same."
    )


def where_from(origin: str) -> str:
    """Say what to do about a function that a file needs and nobody has brought."""
    if origin == SESSION:
        return "It was registered in the session that saved it: register it here, too, with nodesim.register(...)."
    return f"It came from the plugin {shortened(origin)}, which is not installed or loaded here: bring that first."


def _came(origin: str) -> str:
    return "was registered in the session that saved it" if origin == SESSION else f"came from {shortened(origin)}"


def _warn(text: str) -> None:
    warnings.warn(shown(text), PluginWarning, stacklevel=2)

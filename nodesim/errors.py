"""Every error that nodesim raises, in one tree.

Each class is a `NodesimError` and, where Python has a fitting built-in class, that one too, so that both
``except nodesim.NodesimError`` and ``except ValueError`` read naturally.
"""

from __future__ import annotations

from collections.abc import Iterable

import networkx as nx

from nodesim.showing import shown

_SEARCHED = 2000
# No message is longer, whatever names and values it shows.
_LONGEST = 499
_ENDING = 120
_WORD = 30


class NodesimError(Exception):
    """Anything that nodesim refuses to do; the network is as it was before the call."""

    def __str__(self) -> str:
        # KeyError would print the message in quotes; and messages hold names, which may hold anything.
        text = shown(Exception.__str__(self))
        if len(text) <= _LONGEST:
            return text
        # Cut between words, as far as there are any.
        first, ending = text[: _LONGEST - _ENDING - 5], text[-_ENDING:]
        first = first[: first.rfind(" ", len(first) - _WORD)] if " " in first[-_WORD:] else first
        ending = ending[ending.find(" ") + 1 :] if " " in ending[:_WORD] else ending
        return f"{first} ... {ending}"


class _OfAttributeError(AttributeError):
    """What reading an attribute may raise: `hasattr` and `getattr` with a default then do what Python promises."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)
        # Python would suggest another attribute: there is one of this name, it has no value now.
        self.obj = None


class StructureError(NodesimError, ValueError):
    """An edit that would make the network something other than a feed-forward network with unique names."""


class CycleError(StructureError):
    """A connection that would close a cycle; the message prints it."""


class UnknownNameError(NodesimError, KeyError):
    """A name under which nothing is found."""


class ArgumentTypeError(NodesimError, TypeError):
    """An argument of a wrong type."""


class KeyTypeError(UnknownNameError, ArgumentTypeError):
    """What is no name at all, where a name is looked up."""


class PositionError(NodesimError, IndexError):
    """A place beyond the ends of a sequence."""


class FrozenGraphError(StructureError, nx.NetworkXError, TypeError):
    """An edit of `Network.graph`, which is read-only: the network is edited by its own methods."""


class StaleElementError(NodesimError, ReferenceError, _OfAttributeError):
    """A node or connection that was removed, or belongs to another network."""


class ArgumentError(NodesimError, ValueError):
    """An argument whose value is not allowed."""


class DataError(NodesimError, ValueError):
    """Inputs or targets that do not fit the network, or are not finite real numbers."""


class StateError(NodesimError, RuntimeError, _OfAttributeError):
    """A call that needs another call before it, such as `backward` before `forward`."""


class NonFiniteError(NodesimError, ArithmeticError):
    """A calculation that left the finite numbers; the message names the first bad node."""


class FunctionError(NodesimError, ValueError):
    """An activation, a loss or another function that is not well defined, or not usable here."""


class PluginError(NodesimError, RuntimeError):
    """A plugin that cannot be loaded or that misbehaves; the message names it."""


class PluginWarning(UserWarning):
    """An installed plugin that could not be loaded, or another function under the name that a file means."""


class FileError(NodesimError, OSError):
    """A file that cannot be read or written, or does not hold what it should; the message names it."""


class MissingExtraError(NodesimError, ImportError):
    """Something that needs an optional extra which is not installed; the message names it."""


class ExchangeError(NodesimError, ValueError):
    """What another program's network has and none of nodesim's can have, or the other way round; it is named."""


class WorkerError(NodesimError, RuntimeError):
    """Other processes that were to calculate something, and end in the middle of it or cannot be reached."""


class TooManyPathsError(NodesimError, OverflowError):
    """A request to list more paths than a list can hold."""


class CheckError(NodesimError, AssertionError):
    """A check of `nodesim.checks` that found something wrong; the message lists all of it."""

    def __str__(self) -> str:
        return shown(Exception.__str__(self))


# Longer names are not searched for, nor shown whole.
_COMPARED, _NAME, _LIST = 200, 40, 200


def suggestion(name: object, known: Iterable[str], *, show: int = 12) -> str:
    """Say which known name was probably meant, and which names there are.

    Parameters
    ----------
    name : object
        What was asked for; what is no string is like none of the names.
    known : iterable of str
        What is there, in the order to be shown.
    show : int
        How many of the known names to list.

    Returns
    -------
    str
        Sentences to put behind an error message.

    Examples
    --------
    >>> suggestion("tahn", ["sigmoid", "tanh"])
    "Did you mean 'tanh'? There are: sigmoid, tanh."
    """
    import difflib

    names = list(known)
    if not isinstance(name, str):
        name = ""
    if len(name) > _COMPARED:
        return f"There are: {_listed(names, show)}."
    # Beyond some thousand names the search would be felt; upper and lower case are often what was confused.
    folded = {candidate.casefold(): candidate for candidate in reversed(names[:_SEARCHED])}
    close = difflib.get_close_matches(name.casefold(), folded, n=5, cutoff=0.5 if len(name) < 4 else 0.55)
    close.sort(key=lambda candidate: candidate[:1] != name[:1].casefold())
    guess = f"Did you mean {folded[close[0]]!r}? " if close else ""
    if not names:
        return guess + "There are none yet."
    return f"{guess}There are: {_listed(names, show)}."


def _listed(names: list[str], show: int) -> str:
    """Return the first names, as many as a message has room for, and how many more there are."""
    shown: list[str] = []
    room = _LIST
    for name in names[:show]:
        shown.append(name if len(name) <= _NAME else f"{name[:_NAME]}...")
        room -= len(shown[-1])
        if room < 0:
            break
    more = len(names) - len(shown)
    return ", ".join(shown) + (f", and {more} more" if more else "")

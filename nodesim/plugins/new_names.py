"""Names that come in: whether they can be asked for, and are nobody else's; and files of which none came in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from nodesim.errors import PluginError
from nodesim.functions.function import Function
from nodesim.plugins import origins, spelling
from nodesim.validation import brief, shortened

# So many letters of an error are shown.
_MESSAGE = 480


def check(functions: Iterable[Function], kept: Iterable[Function], origin: str) -> None:
    """Refuse names that cannot be asked for, or are taken by what is there or by each other.

    Raises
    ------
    PluginError
        Saying by whom.
    """
    # Found in any case, with or without underscores, two names of one spelling would be taken for each other.
    taken = {(type(each), spelling.loosely(name)): (each, name) for each in kept for name in _names(each)}
    for function in functions:
        for name in _names(function):
            if not spelling.can_be_written(name):
                raise PluginError(
                    f"plugin {origin}: the {function.kind} name {shortened(name)} could not be asked for: a name "
                    "has letters, digits, underscores, hyphens and dots, no spaces, brackets, commas or quotes."
                )
            holder, known = taken.setdefault((type(function), spelling.loosely(name)), (function, name))
            if holder is not function:
                raise PluginError(_is_taken(function, name, origin, holder, known))


def all_of(failures: Mapping[str, str]) -> str:
    """Say why files could not be loaded; of many which ones, and of each as much as there is room for."""
    whole = "; ".join(failures.values())
    if len(whole) <= _MESSAGE:
        return whole
    names = ", ".join(failures)
    reasons = [f"{name}: {why.removeprefix(f'plugin {name}: ')}" for name, why in failures.items()]
    text = f"{len(failures)} files could not be loaded: {names}."
    for reason in reasons:
        line = f" {brief(reason, 120)}"
        if len(text) + len(line) > _MESSAGE:
            break
        text += line if line.endswith(("...", ".")) else f"{line}."
    return text


def _names(function: Function) -> tuple[str, ...]:
    return (function.name, *function.aliases)


def _is_taken(function: Function, name: str, origin: str, holder: Function, known: str) -> str:
    whose = holder.origin or "itself"
    as_written = "" if known == name else f", as {shortened(known)}: case, underscores and hyphens do not count"
    own = origin == holder.origin
    # What is installed takes its name again at the next start, before anything can be unregistered.
    free = "" if own or origins.package(origin) else f", or {_make_room(holder)} first"
    return (
        f"plugin {origin}: the {function.kind} name {shortened(name)} is taken by {whose}{as_written}. "
        f"Choose another name{free}."
    )


def _make_room(holder: Function) -> str:
    return f"nodesim.unregister({shortened(holder.name)}, {holder.kind!r})"

"""Names for nodes that another program does not name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nodesim.notation.symbols import LETTERS


def completed(kinds: Sequence[str], names: Iterable[str | None], taken: Iterable[str] = ()) -> list[str]:
    """Return a name for each node: the one that it has, else the next free one of its kind, as networks give them.

    Parameters
    ----------
    kinds : sequence of str
    names : iterable of str or None
        In the same order.
    taken : iterable of str
        What no node may be called besides.

    Examples
    --------
    >>> completed(["input", "hidden", "hidden", "output"], [None, "H1", None, None], taken=["O1"])
    ['I1', 'H1', 'H2', 'O2']
    """
    given = list(names)
    used, last = {*taken, *given}, dict.fromkeys(kinds, 0)
    return [name if name is not None else _next(kind, used, last) for kind, name in zip(kinds, given)]


def _next(kind: str, used: set[str | None], last: dict[str, int]) -> str:
    while True:
        last[kind] += 1
        name = f"{LETTERS[kind]}{last[kind]}"
        if name not in used:
            return name

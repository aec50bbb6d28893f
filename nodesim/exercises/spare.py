"""Rows of a table of paths that stay empty: how many paths there are is asked, and not to be counted in the rows.

Nobody loses a point by the row in which a path stands: what stands in a spare one changes places with an empty row, or
with one that has no path. What is left in spare rows is named twice, or is no path; it has no point, and costs none but
that of the number of paths.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from nodesim.exercises.reading import Answer
from nodesim.exercises.routes import Routes
from nodesim.papers.blocks import Blank

PATH, PRODUCT = "path", "product"


def spare(kind: str, count: int) -> Iterator[str]:
    """Yield the names of spare rows behind so many: two or three, so that all of them are an even number.

    Examples
    --------
    >>> list(spare("path", 1)), list(spare("path", 2))
    (['path 2', 'path 3', 'path 4'], ['path 3', 'path 4'])
    """
    yield from (f"{kind} {number}" for number in range(count + 1, count + 3 + count % 2))


def spare_blanks(blanks: Sequence[Blank]) -> tuple[Blank, ...]:
    """Return what else can be written into, beside the blanks of a key."""
    named = {blank.name: blank for blank in blanks}
    count = rows(blanks)
    return tuple(
        replace(named[f"{kind} 1"], name=name)
        for kind in (PATH, PRODUCT)
        if count and f"{kind} 1" in named
        for name in spare(kind, count)
    )


def rows(blanks: Sequence[Blank]) -> int:
    """Return how many paths are to be written down."""
    return sum(blank.kind == "path" and blank.name.startswith(f"{PATH} ") for blank in blanks)


def exchanged(given: Mapping[str, Answer], count: int, routes: Routes) -> tuple[dict[str, Answer], dict[str, str]]:
    """Let paths of spare rows change places with rows that have none.

    Returns
    -------
    given : dict of str to Answer
        With the other names.
    written : dict of str to str
        Where that of a spare row was written.
    """
    fresh, late = _fresh(given, count, routes)
    # Empty rows first.
    free = sorted({*range(1, count + 1)} - fresh, key=lambda number: any(name in given for name in _names(number)))
    changed: dict[str, str] = {}
    for row, other in zip(late, free):
        for name, instead in zip(_names(row), _names(other)):
            changed |= {name: instead, instead: name}
    swapped = {changed.get(name, name): answer for name, answer in given.items()}
    return swapped, changed


def _fresh(given: Mapping[str, Answer], count: int, routes: Routes) -> tuple[set[int], list[int]]:
    """Return the rows whose path stands in none before, and which of them are spare."""
    seen: set[int] = set()
    found: set[int] = set()
    late = []
    for number in [*range(1, count + 1), *(int(name.removeprefix(PATH)) for name in spare(PATH, count))]:
        answer = given.get(f"{PATH} {number}")
        path = None if answer is None else routes.number(answer.text)
        if path is not None and path not in seen:
            seen.add(path)
            found.add(number)
            late += [number] * (number > count)
    return found, late


def _names(number: int) -> tuple[str, str]:
    return f"{PATH} {number}", f"{PRODUCT} {number}"

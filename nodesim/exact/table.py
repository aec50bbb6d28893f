"""Exact runs as tables: quantity, exact value, decimal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import islice
from typing import Any

from nodesim.exact.writing import decimal, readable
from nodesim.notation import markup, tables
from nodesim.notation.symbols import number
from nodesim.showing import shown
from nodesim.validation import brief

_HEADS, _SIDES = ("quantity", "exact", "decimal"), "<>>"
_MOST_ROWS, _IN_A_NOTEBOOK = 200, 20
# A formula that is longer is read by itself.
_FORMULA = 60
_MORE = "… and more, each by itself: run.value('H1'), run.gradient('W1')"
Rows = Iterable[tuple[str, Any]]


def lines(rows: Rows) -> list[str]:
    r"""Return the lines of a table.

    Examples
    --------
    >>> print("\n".join(lines([("H1", Fraction(1, 3))])))
    quantity  exact       decimal
    H1          1/3  0.3333333333
    """
    written, more = _written(rows, _MOST_ROWS)
    return [*tables.lines(_HEADS, written, _SIDES), *([more] if more else [])]


def html(rows: Rows) -> str:
    """Return the table in HTML; a long one its first rows."""
    written, more = _written(rows, _IN_A_NOTEBOOK)
    # What is long goes to the right, so that a narrow page shows where it begins.
    return markup.table(_HEADS, written, "<<>", more)


def _written(rows: Rows, most: int) -> tuple[list[tuple[str, str, str]], str]:
    each: Iterator[tuple[str, Any]] = iter(rows)
    found = [(name, *_cells(value)) for name, value in islice(each, most)]
    return found, _MORE if next(each, None) is not None else ""


def _cells(value: Any) -> tuple[str, str]:
    if isinstance(value, Fraction):
        return readable(value), decimal(value)
    if value.fraction is not None:
        return readable(value.fraction), decimal(value.fraction)
    return brief(value.formula, _FORMULA), number(float(value), 10)


def near(error: Any) -> str:
    """Say for a representation what the error is, in a few digits."""
    return shown(f": e ≈ {decimal(error, 6) if isinstance(error, Fraction) else number(float(error))}")

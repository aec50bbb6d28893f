"""Paths as a table, for notebooks."""

from __future__ import annotations

from collections.abc import Sequence

from nodesim.notation import markup
from nodesim.notation.symbols import percent
from nodesim.paths.path import GradientPath, cells

_SHOWN = 20


def path_table(paths: Sequence[GradientPath], gradient: float = 0.0, more: str = "") -> str:
    """Return the first paths in HTML.

    Parameters
    ----------
    paths : sequence of GradientPath
    gradient : float
        That of which each makes a share; 0 for no shares.
    more : str
        What is said below of those that are not among them.
    """
    shares = ["share"] if gradient else []
    # Formulas are long: what a narrow page shows without scrolling is the product.
    rows = []
    for path in paths[:_SHOWN]:
        way, formula, numbers, product = cells(path)
        rows.append([way, product, *(percent(path.product / gradient) for _ in shares), formula, numbers])
    more = more or markup.left_out(len(paths), len(rows), "path")
    heads = ["path", "product", *shares, "formula", "numbers"]
    if not any(row[-1] for row in rows):
        # Means have no numbers of one sample.
        heads, rows = heads[:-1], [row[:-1] for row in rows]
    return markup.table(heads, rows, "<>>"[: 2 + len(shares)] + "<", more)


class PathList(list[GradientPath]):
    """Paths in their order: a `list` in every way, that a notebook shows as a table."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return path_table(self) if self else "<p>no paths</p>"

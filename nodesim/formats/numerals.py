"""Numbers as people and programs write them: decimal commas and points, digits in groups, what is missing."""

from __future__ import annotations

import re
from collections.abc import Iterable

from nodesim.notation.symbols import MINUS

Row = tuple[int, tuple[str, ...]]

MISSING = frozenset(
    ["", "na", "n/a", "#n/a", "#n/a n/a", "#na", "<na>", "nan", "-nan", "null", "none", "nil", "missing", "?", ".", "-",
     "--", "\N{EN DASH}", "\N{EM DASH}", "1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan", "#value!", "#div/0!", "#ref!",
     "#name?", "#num!", "#null!"]
)  # fmt: skip
TRUTH = {"true": 1.0, "false": 0.0}

# Marks between groups of three digits that are never decimal signs.
_MARKS = re.compile("[\u00a0\u2009\u202f'\N{RIGHT SINGLE QUOTATION MARK}]")
_MARKED = re.compile(rf"[+-]?\d{{1,3}}(?:({_MARKS.pattern})\d{{3}})(?:\1\d{{3}})*(?:[.,]\d*)?")
_GROUPED = {
    ",": re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?"),
    ".": re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+(?:,\d*)?"),
}
# Written so, one sign is decimal beyond doubt: 1.234,5 and 1.234.567; or 1,5 and 0,125. What is left is like 1,234.
_GROUPS = {
    ",": re.compile(r"[+-]?\d{1,3}(?:(?:\.\d{3})+,\d*|(?:\.\d{3}){2,})"),
    ".": re.compile(r"[+-]?\d{1,3}(?:(?:,\d{3})+\.\d*|(?:,\d{3}){2,})"),
}
_FRACTION = {sign: re.compile(rf"[+-]?\d*[{sign}]\d+(?:[eE][+-]?\d+)?") for sign in ",."}
_DOUBTFUL = {sign: re.compile(rf"[+-]?[1-9]\d{{0,2}}[{sign}]\d{{3}}") for sign in ",."}

# What else looks like a number: how it looks, what it is, what to do.
_QUANTITIES = (
    (r"\d{4}-\d\d?-\d\d?([T ].*)?|\d\d?([./-])\d\d?\2(\d{4}|\d\d)( .*)?", "a date", "Turn it into a number of days"),
    (r"\d\d?:\d\d(:\d\d(\.\d*)?)?", "a time", "Turn it into a number of seconds"),
    (r"[+-]?[\d.,]+\s*%", "a percentage", "Take the % away"),
    (r"[+-]?[$€£¥]\s*[+-]?[\d.,]+|[+-]?[\d.,]+\s*[$€£¥]", "a price", "Take the currency away"),
    (r"\([\d.,]+\)", "a negative number of bookkeepers", "Write it with a minus"),
    (r"[+-]?0[xX][0-9a-fA-F]+", "a hexadecimal number", "Write it in decimals"),
    (r"[+-]?\d*\.?\d*[dD][+-]?\d+", "a number of Fortran", "Write e for d"),
    (r"[+-]?\d{1,3}( \d{3})+([.,]\d*)?", "a number with blanks in it", "Take them away"),
    (r"[+-]?[\d.,]*[.,]\d+([eE][+-]?\d+)?", "a number with another decimal sign", "Write all with the same"),
    (
        r"[+-]?\d[\d.,]*\s*([nµmck]?m|[mk]?g|[mµ]?s|min|h|[kMG]?Hz|[mk]?[VAW]|m?[lL]|°[CF]|EUR|USD|GBP|CHF)",
        "a number with a unit",
        "Take the unit away",
    ),
)


def parsed(cell: str, decimal: str) -> float | None:
    """Return the number that a cell holds, which may be infinite; None if it is none."""
    # Python would read 1_000 as a number; no other program writes that.
    if "_" in cell or cell.casefold() in MISSING:
        return None
    written = cell.replace(MINUS, "-")
    if _MARKED.fullmatch(written):
        written = _MARKS.sub("", written)
    between = "," if decimal == "." else "."
    if between in written:
        if not _GROUPED[between].fullmatch(written):
            return None
        written = written.replace(between, "")
    try:
        return float(written.replace(decimal, ".")) if written.count(decimal) <= 1 else None
    except ValueError:
        return None


def is_whole(cell: str) -> bool:
    """Tell whether a cell is a whole number in plain digits, of a size that numbers of rows and columns may have."""
    return len(cell) < 19 and cell.isascii() and cell.isdigit()


def is_missing(cell: str) -> bool:
    """Tell whether a cell stands for a value that is not there."""
    return cell.casefold() in MISSING


def quantity(cell: str) -> tuple[str, str] | None:
    """Return what a cell is, and what to do about it, if it means a quantity but is no plain number."""
    for pattern, what, advice in _QUANTITIES:
        if re.fullmatch(pattern, cell):
            return what, advice
    return None


def decimal_sign(rows: Iterable[Row], separator: str) -> tuple[str, str]:
    """Find out whether numbers have decimal points or decimal commas.

    Parameters
    ----------
    rows : iterable of (int, tuple of str)
    separator : str
        What stands between columns: beside decimal points nobody writes a decimal comma into a file that has commas
        there.

    Returns
    -------
    sign : str
        "." or ","; "" if that is not plain.
    doubt : str
        Why not.
    """
    if not any("," in cell or cell.count(".") > 1 for _, cells in rows for cell in cells):
        return ".", ""
    seen: dict[tuple[str, str], str] = {}
    for number, cells in rows:
        for column, cell in enumerate(cells, 1):
            if "," in cell or "." in cell:
                _note(seen, number, column, cell)
    proofs = {sign: seen.get(("groups", sign), seen.get(("fraction", sign), "")) for sign in ",."}
    if proofs[","] and proofs["."]:
        return "", f"{proofs[',']} has a decimal comma, {proofs['.']} a decimal point"
    sign = "," if proofs[","] else "."
    between = "." if sign == "," else ","
    plain = ("groups", sign) in seen or (proofs[sign] and sign == "." and separator == ",")
    doubtful = seen.get(("doubtful", between), "")
    if doubtful and not plain:
        return "", f"{doubtful} can mean thousands or a fraction"
    return sign, ""


def _note(seen: dict[tuple[str, str], str], row: int, column: int, cell: str) -> None:
    bare = _MARKS.sub("", cell.replace(MINUS, "-"))
    for sign in ",.":
        kind = ""
        if _GROUPS[sign].fullmatch(bare):
            kind = "groups"
        elif _FRACTION[sign].fullmatch(bare):
            kind = "doubtful" if _DOUBTFUL[sign].fullmatch(bare) else "fraction"
        if kind and (kind, sign) not in seen:
            seen[kind, sign] = f"row {row}, column {column}: {cell!r}"

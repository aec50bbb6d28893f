r"""Rows of LaTeX broken where a mathematician would break them, so that they fit a sheet.

Rows are broken before a relation, the sign of a term, or the dot of a factor. Brackets that grow with what they hold,
\left( and \right), cannot be broken; where they must, they become \Bigl( and \Bigr).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# Widths in digits of the type: what stands around a sign is counted with it.
_WIDTHS = {" ": 0.0, r"\cdot": 1.5, "+": 2.7, "-": 2.7, "=": 3.0, r"\approx": 3.0, ".": 0.6, ",": 0.9, "&": 0.0,
           r"\quad": 2.0, r"\partial": 1.2, r"\Bigl": 0.4, r"\Bigr": 0.4, r"\times": 3.0}  # fmt: skip
_LETTER, _DIGIT, _SMALL, _ROMAN = 1.35, 1.0, 0.75, 1.05
# Rows are broken before relations, then before terms, and only where these are too wide before factors.
_RELATIONS = ("=", r"\approx")
_PLACES = (_RELATIONS, ("+", "-"), (r"\cdot",))
_HOLDING = (r"\frac", r"\underbrace", r"\text", r"\operatorname", r"\mathit", r"\mathrm", r"\sqrt")
_BEGIN, _END, _FURTHER, _FURTHER_WIDE = "\\begin{aligned}\n", "\n\\end{aligned}", r"\quad {} ", 3.0
_ROW, _NEXT = re.compile(r"(\\\\(?:\[0\.4em\])?\n)"), "\\\\[0.4em]\n"
_LEFT, _RIGHT = r"\left(", r"\right)"
_COMMAND = re.compile(r"\\(?:[A-Za-z]+|.)")


def broken(tex: str, width: float) -> list[str]:
    r"""Break a row into rows that are no wider, where it has places to be broken at.

    Parameters
    ----------
    tex : str
    width : float
        In digits of the type.

    Examples
    --------
    >>> broken(r"a \cdot b + c", 5)
    ['a \\cdot b', '+ c']
    """
    rows: list[str] = []
    for piece in _fitting(tex, width):
        signed = piece.lstrip()
        if rows and measured(rows[-1]) + measured(piece) <= width and not signed.startswith(_RELATIONS):
            rows[-1] += piece
        else:
            rows.append(signed)
    return [row.rstrip() for row in rows]


def aligned(tex: str, width: float) -> str:
    r"""Break the rows of an ``aligned`` environment; what goes on stands behind the sign of its row.

    Examples
    --------
    >>> print(aligned("\\begin{aligned}\na &= b + c\n\\end{aligned}", 6))
    \begin{aligned}
    a &= b\\[0.4em]
    &\quad {} + c
    \end{aligned}
    """
    if not tex.startswith(_BEGIN):
        return tex
    body = tex[len(_BEGIN) : -len(_END)]
    found = [row.split("&", 1) for row in re.split(_ROW, body)[::2]]
    room = width - max(measured(left) for left, _ in found)
    rows = []
    for left, right in found:
        further = right.startswith(_FURTHER)
        first, *more = broken(right.removeprefix(_FURTHER), room - _FURTHER_WIDE * further)
        if more:
            first, *more = broken(right.removeprefix(_FURTHER), room - _FURTHER_WIDE)
        rows.append(f"{left}&{_FURTHER if further else ''}{first}")
        rows += [f"&{row}" if row.startswith(_RELATIONS) else f"&{_FURTHER}{row}" for row in more]
    separators = set(re.findall(_ROW, body)) or {_NEXT}
    return _BEGIN + (_NEXT if len(rows) > len(found) else separators.pop()).join(rows) + _END


def _fitting(tex: str, width: float) -> Iterator[str]:
    """Yield what is not broken any more, each with the sign before it."""
    if measured(tex) <= width:
        yield tex
        return
    signs = next((signs for signs in _PLACES if len(list(_pieces(tex, signs))) > 1), ())
    for piece in _pieces(tex, signs):
        if measured(piece) <= width:
            yield piece
            continue
        if signs:
            yield from _fitting(piece, width)
            continue
        atoms = list(_atoms(piece))
        widest = max(range(len(atoms)), key=lambda place: _width(atoms[place]))
        before, atom, after = "".join(atoms[:widest]), atoms[widest], "".join(atoms[widest + 1 :])
        if (opened := _opened(atom)) is not None:
            yield from _fitting(before + opened + after, width)
        elif atom.startswith(r"\underbrace{"):
            inside, below = _groups(atom)
            parts = [rf"\underbrace{{{part}}}_{{{below}}}" for part in broken(inside, width)]
            # The sign of what goes on stands above its brace.
            yield from (before * (not place) + part + " " for place, part in enumerate(parts))
            yield from [after] if after.strip() else []
        else:
            yield piece


def _opened(atom: str) -> str | None:
    """Return what grows with what it holds in a way that may be broken; None if there is none.

    Brackets become ones of a size, and a fraction one part of what stands above it.
    """
    if atom.startswith(_LEFT) and atom.endswith(_RIGHT):
        return rf"\Bigl({atom[len(_LEFT) : -len(_RIGHT)]}\Bigr)"
    if atom.startswith(r"\frac{"):
        above, below = _groups(atom[len(r"\frac") :])
        if measured(above) > measured(below):
            return rf"\frac{{1}}{{{below}}} \cdot \Bigl({above}\Bigr)"
    return None


def _pieces(tex: str, signs: tuple[str, ...]) -> Iterator[str]:
    """Yield a row in pieces, cut before signs that stand between two terms or factors."""
    piece, last = "", ""
    for atom in _atoms(tex):
        # A sign before the first term, also of brackets that were opened, stays with it.
        begun = piece.strip() not in ("", "{}") and not piece.rstrip().endswith((r"\Bigl[", r"\Bigl("))
        if atom in signs and begun and (last == " " or atom in _RELATIONS):
            yield piece
            piece = ""
        piece += atom
        last = atom
    yield piece


def measured(tex: str) -> float:
    r"""Estimate how wide a row of LaTeX is set, in digits.

    Examples
    --------
    >>> measured("0.25"), measured(r"\frac{12}{345}") == measured("345") + 0.5
    (3.6, True)
    """
    return sum(map(_width, _atoms(tex)))


def _width(atom: str) -> float:
    if atom in _WIDTHS:
        return _WIDTHS[atom]
    name = _COMMAND.match(atom)
    if name is None:
        if atom[0] in "_^":
            return _SMALL * measured(_inside(atom[1:]))
        if atom[0] == "{":
            return measured(_inside(atom))
        return _DIGIT if atom.isdigit() else _LETTER
    rest = atom[name.end() :]
    if name[0] == r"\left":
        return 2.0 + measured(rest[1 : -len(r"\right)")])
    if name[0] == r"\begin":
        return 4.0 + max(map(measured, rest[rest.index("}") + 1 : rest.rindex(r"\end")].split(r"\\")))
    groups = list(_groups(rest))
    if name[0] == r"\frac":
        return 0.5 + max(map(measured, groups))
    if name[0] == r"\underbrace":
        return max(measured(groups[0]), _SMALL * sum(map(measured, groups[1:])))
    if groups:
        return sum(_ROMAN * len(group) if name[0] != r"\sqrt" else 1.5 + measured(group) for group in groups)
    return _LETTER if len(name[0]) < 4 else _ROMAN * (len(name[0]) - 1)


def _atoms(tex: str) -> Iterator[str]:
    """Yield what a row is made of: letters, groups, and commands with all that belongs to them."""
    place = 0
    while place < len(tex):
        end = _end(tex, place)
        yield tex[place:end]
        place = end


def _end(tex: str, place: int) -> int:
    """Return where that ends which begins at a place."""
    if tex[place] in "_^" and place + 1 < len(tex):
        return _end(tex, place + 1)
    if tex[place] == "{":
        return _closing(tex, place)
    name = _COMMAND.match(tex, place)
    if name is None:
        return place + 1
    if name[0] in (r"\left", r"\begin"):
        return _paired(tex, place, name[0])
    end = name.end()
    while name[0] in _HOLDING and tex.startswith(("{", "_{"), end):
        end = _closing(tex, tex.index("{", end))
    return end


def _closing(tex: str, place: int) -> int:
    depth = 0
    while place < len(tex):
        if tex[place] == "\\":
            place += 1
        else:
            depth += (tex[place] == "{") - (tex[place] == "}")
        place += 1
        if not depth:
            break
    return place


def _paired(tex: str, place: int, opening: str) -> int:
    r"""Return where brackets end that begin at a place: behind the sign of \right, or the name of \end."""
    closing, depth = {r"\left": r"\right", r"\begin": r"\end"}[opening], 0
    for found in _COMMAND.finditer(tex, place):
        depth += (found[0] == opening) - (found[0] == closing)
        if not depth:
            return found.end() + 1 if opening == r"\left" else _closing(tex, found.end())
    return len(tex)


def _inside(tex: str) -> str:
    return tex[1:-1] if tex.startswith("{") else tex


def _groups(tex: str) -> Iterator[str]:
    place = tex.find("{")
    while place >= 0:
        end = _closing(tex, place)
        yield tex[place + 1 : end - 1]
        place = tex.find("{", end)

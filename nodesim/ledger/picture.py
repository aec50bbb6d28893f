"""An entry of a ledger as a picture: which way its weight went."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nodesim.drawing import waterfall
from nodesim.drawing.svg import Drawing
from nodesim.drawing.waterfall import Part, Words
from nodesim.ledger.postings import Postings
from nodesim.notation.symbols import number, plural
from nodesim.showing import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

# How many bars there are at most.
_MOST = 12


def draw(postings: Postings, start: float, end: float, over: str, remarks: Sequence[str]) -> Drawing:
    """Draw one view of an entry.

    Parameters
    ----------
    postings : Postings
    start, end : float
        The weight's.
    over : str
        In how many updates it moved.
    remarks : sequence of str
        What else has to be known.
    """
    name = shown(postings.of)
    way = f"{number(start)} to {number(end)}"
    words = Words(
        description=f"what moved {name}, by {postings.by}: {way}",
        heading=f"What moved {name} from {way}, by {postings.by}",
        remark="; ".join([f"moved by {number(postings.change)} {over}", *remarks]),
        axis=f"value of {name}",
        up=f"made {name} larger",
        down=f"made {name} smaller",
    )
    return waterfall.draw(_parts(postings), start, end, words)


def _parts(postings: Postings) -> list[Part]:
    names, amounts = postings.names, postings.array
    if postings.by == "epoch":
        return _epochs(postings)
    chosen = np.arange(len(names))
    if len(names) > _MOST:
        # The largest, in their order.
        chosen = np.sort(np.argsort(-np.abs(amounts), kind="stable")[: _MOST - 1])
    parts = [Part(_label(postings.by, names[place]), float(amounts[place])) for place in chosen.tolist()]
    if len(names) > _MOST:
        others = plural(len(names) - len(chosen), f"other {'row' if postings.by == 'path' else postings.by}")
        parts.append(Part(others, float(np.delete(amounts, chosen).sum())))
    return parts


def _epochs(postings: Postings) -> list[Part]:
    """Return epochs, as many as stand in a row as one part, and what else there is."""
    numbers = [name for name in postings.names if isinstance(name, int)]
    count = len(numbers)
    parts = []
    for some in np.array_split(np.arange(count), min(count, _MOST - 2)) if count else []:
        first, last = f"{some[0] + 1:,}", f"{some[-1] + 1:,}"
        label = f"epoch {first}" if first == last else f"epochs {first} to {last}"
        parts.append(Part(label, float(postings.array[some].sum())))
    return [*parts, *(Part(str(name), postings[name]) for name in postings.names[count:])]


def _label(by: str, name: str | int) -> str:
    return f"sample {name:,}" if by == "sample" and isinstance(name, int) else str(name)

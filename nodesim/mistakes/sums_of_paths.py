"""What a single gradient is if not all of its paths were added, or one of them with a mistake in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from nodesim._arrays import Array, Mask
from nodesim.mistakes.edits import Edit, said
from nodesim.wording.message import Joined, Message, Numeral, Words

# Its nodes, its product, and what returns the slopes on it: the mistake of leaving one out, its name, its number.
Path = tuple[str, float, Callable[[], Sequence[tuple[str, str, float]]]]
# Of so many paths all sums are tried. What so few digits say would be met by chance in more than this part of cases.
_MOST, _CHANCE = 10, 0.1
_NAMED = 3


def sums(gradient: str, own: float, paths: Sequence[Path], given: float, off: float) -> Iterator[tuple[Edit, float]]:
    """Yield what made a number of the paths of a gradient, if that can be told from chance.

    Parameters
    ----------
    gradient : str
        What it is called: "∂e/∂W1".
    own : float
        What is right.
    paths : sequence of Path
    given, off : float
        The number, and how far it may be from what was meant.
    """
    if not 1 < len(paths) <= _MOST:
        return
    of_subsets, of_one = _subsets(paths), list(_of_one(gradient, own, paths))
    for found in (of_one, of_subsets):
        numbers = np.array([number for _, number in found])
        hits = np.flatnonzero(np.abs(numbers - given) <= off)
        if len(hits) == 1 and not _by_chance(numbers, given, off):
            made, number = found[int(hits[0])]
            yield (made if isinstance(made, Edit) else _added(gradient, paths, made)), number
            return


def _by_chance(numbers: Array, given: float, off: float) -> bool:
    """Tell whether one of so many numbers would be as near to a number that has nothing to do with them."""
    spread = max(float(np.abs(numbers).max()), abs(given))
    return len(numbers) * 2.0 * off > _CHANCE * 2.0 * spread


def _subsets(paths: Sequence[Path]) -> list[tuple[Mask, float]]:
    """Return the sums of some of the paths, not of all, and not of none."""
    products, count = np.array([product for _, product, _ in paths]), len(paths)
    bits = (np.arange(1, 2**count - 1)[:, None] >> np.arange(count)) & 1 > 0
    return list(zip(bits, np.where(bits, products, 0.0).sum(axis=1).tolist()))


def _added(gradient: str, paths: Sequence[Path], chosen: Mask) -> Edit:
    names = [name for (name, *_), is_in in zip(paths, chosen.tolist()) if is_in]
    missing = [name for (name, *_), is_in in zip(paths, chosen.tolist()) if not is_in]
    values = {"gradient": gradient, "every": Numeral(len(paths)), "some": Numeral(len(names))}
    where: Words = Message("{some} of {every} paths", some=values["some"], every=values["every"])
    if len(missing) == 1:
        where = missing[0]
    if len(names) <= max(_NAMED, len(missing)):
        added = Message(
            "{gradient} is the sum over all {every} paths from e; only {paths} was added.", **values, paths=names[0]
        )
        if len(names) > 1:
            added = Message(
                "{gradient} is the sum over all {every} paths from e; only {some} of them were added: {paths}.",
                **values, paths=Joined(", ", names),
            )  # fmt: skip
        return Edit("path forgotten", where, said(added))
    left_out = Message(
        "{gradient} is the sum over all {every} paths from e; these were left out: {paths}.",
        **values, paths=Joined(", ", missing),
    )  # fmt: skip
    return Edit("path forgotten", where, said(left_out))


def _of_one(gradient: str, own: float, paths: Sequence[Path]) -> Iterator[tuple[Edit, float]]:
    """Yield what one path can have had that it should not have, or lacked."""
    for path, product, slopes in paths:
        text = Message("In {gradient} the path {path} has the wrong sign.", gradient=gradient, path=path)
        yield Edit("sign", path, said(text)), own - 2.0 * product
        for name, slope, value in slopes():
            if value not in (0.0, 1.0):
                left_out = Message(
                    "In {gradient} the slope {slope} of the path {path} was left out.",
                    gradient=gradient, slope=slope, path=path,
                )  # fmt: skip
                yield Edit(name, path, said(left_out)), own - product + product / value

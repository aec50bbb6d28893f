"""The data sets that the page offers to learn from: small, in short numbers, each with samples held out for a test."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.datasets import Dataset, load
from nodesim.wording.language import ENGLISH, Language
from nodesim.wording.message import Message, marked

# By the name in the page: the data set, what makes it, and how many of its samples are taken. So many are enough to
# learn from, and few enough that a page holds all of the sets.
_OFFERED: dict[str, tuple[str, dict[str, float], int]] = {
    "iris": ("iris", {}, 150),
    "penguins": ("penguins", {}, 120),
    "xor": ("xor", {}, 4),
    "circles": ("circles", {"samples": 100, "noise": 0.08}, 100),
    "moons": ("moons", {"samples": 100, "noise": 0.12}, 100),
    "spiral": ("spirals", {"samples": 120, "noise": 0.02}, 120),
    "sine": ("sine", {"samples": 100, "noise": 0.1}, 100),
}
# What they are.
_NOTES = {
    "iris": marked("Sepals and petals of 150 irises of three species."),
    "penguins": marked("Bills, flippers and mass of 342 penguins of three species."),
    "xor": marked("The exclusive or of two inputs."),
    "circles": marked("A circle inside another."),
    "moons": marked("Two half circles that reach into one another."),
    "spiral": marked("Two spirals wound into one another."),
    "sine": marked("One period of the sine."),
}
_TEST_SHARE = 0.25
# Fewer are all learned: none of the four of xor can be told from the others.
_LEAST_TO_SPLIT = 20
_SEED, _DIGITS = 0, 3
# The generators' own numbers are near 0 and 1 already, and mean something: a radius, an angle.
_STANDARDISED = ("iris", "penguins")


def offered_data(language: Language = ENGLISH) -> list[dict[str, Any]]:
    """Return the data sets that the page offers, as plain data that fit into JSON.

    Parameters
    ----------
    language : Language
        Of the notes; names are names.

    Returns
    -------
    list of dict
        Of each ``name``, ``inputs`` and ``outputs`` (names), ``kind`` ("classes" or "numbers"), ``note`` (what the
        numbers are), ``x`` and ``y`` (a row for each sample) and ``test``, the indices of the rows that are held out.
        Three classes have an output each, two share one. The same ones whenever it is called.

    See Also
    --------
    nodesim.datasets.load : Return a data set as it was published.

    Examples
    --------
    >>> [(each["name"], len(each["x"]), len(each["test"])) for each in offered_data()][:3]
    [('iris', 150, 36), ('penguins', 120, 30), ('xor', 4, 0)]
    """
    return [{**each, "note": " ".join(part.told(language) for part in each["note"])} for each in _made()]


@cache
def _made() -> tuple[dict[str, Any], ...]:
    return tuple(_described(name, load(source, **how), most) for name, (source, how, most) in _OFFERED.items())


def _described(name: str, data: Dataset, most: int) -> dict[str, Any]:
    taken = _spread(_groups(data), most)
    x, names = data.X[taken], [feature.replace("_", " ") for feature in data.features]
    note = [Message(_NOTES[name])]
    if len(taken) < len(data):
        note.append(Message("Here are {count} of them.", count=len(taken)))
    if name in _STANDARDISED:
        # What is measured in standard deviations is not in the centimetres that the name ends with.
        names = [feature.rpartition(" ")[0] for feature in names]
        x = (x - x.mean(axis=0)) / x.std(axis=0)
        note.append(Message("Inputs are standardised: 0 is the mean, 1 a standard deviation."))
    outputs, y = _targets(data)
    return {
        "name": name,
        "inputs": names,
        "outputs": outputs,
        "kind": "classes" if _is_of_classes(data) else "numbers",
        "note": note,
        "x": _short(x),
        "y": _short(y[taken]),
        "test": _held_out(_groups(data)[taken]),
    }


def _is_of_classes(data: Dataset) -> bool:
    return bool(data.classes) or bool(np.isin(data.y, (0, 1)).all())


def _groups(data: Dataset) -> Array:
    """Return what each sample is one of: its class; where the targets are numbers all are alike."""
    return np.ravel(data.y) if _is_of_classes(data) else np.zeros(len(data))


def _targets(data: Dataset) -> tuple[list[str], Array]:
    count = len(data.classes)
    if count > 2:
        return list(data.classes), np.eye(count)[data.y]
    return list(data.targets), np.reshape(data.y, (len(data), -1))


def _spread(groups: Array, most: int) -> list[int]:
    """Choose at most so many samples, as many of each group as is its share, in their order."""
    count = len(groups)
    if count <= most:
        return list(range(count))
    by_group = np.argsort(groups, kind="stable")
    chosen = by_group[np.linspace(0, count - 1, most).round().astype(int)]
    return sorted(chosen.tolist())


def _held_out(groups: Array) -> list[int]:
    """Draw the samples of the test, of each group its share."""
    if len(groups) < _LEAST_TO_SPLIT:
        return []
    generator = np.random.default_rng(_SEED)
    drawn: list[int] = []
    for group in np.unique(groups):
        members = np.flatnonzero(groups == group)
        drawn += generator.permutation(members)[: round(_TEST_SHARE * len(members))].tolist()
    return sorted(drawn)


def _short(rows: Array) -> list[list[float]]:
    """Return rows of numbers in few letters: 1 for 1.0, 0 for -0.0."""
    rounded = (np.round(rows, _DIGITS) + 0.0).tolist()
    return [[int(value) if value.is_integer() else value for value in row] for row in rounded]

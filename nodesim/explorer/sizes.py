"""What goes into a document of limited size: which samples, which epochs, and which runs of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# A number takes about twenty letters: these are some 60 MB.
MOST_NUMBERS = 3_000_000


@dataclass(frozen=True)
class Choice:
    """Places of what is shown among what there is.

    Attributes
    ----------
    samples, epochs : list of int
        Evenly spread; the first and the last epoch are among them, and the first and the last sample.
    complete : set of int
        The epochs whose runs are there; the last one is.
    """

    samples: list[int]
    epochs: list[int]
    complete: set[int]


def chosen(samples: int, epochs: int, per_run: int, per_epoch: int, most: int) -> Choice:
    """Choose so that the numbers of a document stay within a limit.

    Parameters
    ----------
    samples, epochs : int
        How many there are.
    per_run, per_epoch : int
        How many numbers a run has, and the weights of an epoch.
    most : int
        How many numbers there may be in all runs, and in the weights of all epochs.

    Examples
    --------
    >>> chosen(samples=2, epochs=5, per_run=10, per_epoch=10, most=60)
    Choice(samples=[0, 1], epochs=[0, 1, 2, 3, 4], complete={0, 2, 4})
    """
    kept = evenly(samples, most // per_run)
    shown = evenly(epochs, most // max(per_epoch, 1))
    with_runs = evenly(len(shown), most // max(per_run * len(kept), 1))
    return Choice(kept, shown, {shown[place] for place in with_runs})


def evenly(count: int, most: int) -> list[int]:
    """Return at most so many of the whole numbers below a count, evenly spread; the last is always among them.

    Examples
    --------
    >>> evenly(10, 4), evenly(3, 4), evenly(10, 0)
    ([0, 3, 6, 9], [0, 1, 2], [9])
    """
    if count <= most:
        return list(range(count))
    places = np.linspace(count - 1, 0, max(most, 1)).round().astype(int)
    return sorted(set(places.tolist()))

"""What goes into a document of limited size: which samples, which epochs, and which runs of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# A number takes about twenty letters, a weight eleven: these are some 60 MB of runs, or 32 MB of weights.
MOST_NUMBERS = 3_000_000
# The page lists the samples' names, and one is chosen among them.
MOST_SAMPLES = 30_000


@dataclass(frozen=True)
class Choice:
    """Places of what is shown among what there is, and of what Python runs among what is shown.

    Attributes
    ----------
    samples, epochs : list of int
        Evenly spread; the last ones are among them, and the first where there is room for two.
    run_samples, run_epochs : list of int
        Every one of these samples is run with the weights of every one of these epochs.
    """

    samples: list[int]
    epochs: list[int]
    run_samples: list[int]
    run_epochs: list[int]


def chosen(samples: int, epochs: int, per_sample: int, per_epoch: int, per_run: int, most: int) -> Choice:
    """Choose so that the numbers of a document, and those that are calculated for it, stay within a limit.

    Parameters
    ----------
    samples, epochs : int
        How many there are.
    per_sample, per_epoch, per_run : int
        How many numbers the document has of a sample and of an epoch, and how many a run of one sample makes.
    most : int
        How many numbers there may be of all samples, of all epochs, and in all runs.

    Examples
    --------
    >>> chosen(samples=2, epochs=5, per_sample=10, per_epoch=10, per_run=10, most=60)
    Choice(samples=[0, 1], epochs=[0, 1, 2, 3, 4], run_samples=[0, 1], run_epochs=[0, 2, 4])
    """
    shown = evenly(samples, min(most // max(per_sample, 1), MOST_SAMPLES))
    moments = evenly(epochs, most // max(per_epoch, 1))
    runs = most // per_run
    run_samples = evenly(len(shown), runs)
    return Choice(shown, moments, run_samples, evenly(len(moments), runs // max(len(run_samples), 1)))


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

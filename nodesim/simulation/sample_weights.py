"""How much each sample counts: weights that are given for samples, or for their classes.

With weights e is Σ w·e_s / Σ w over the batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.errors import ArgumentError, DataError
from nodesim.simulation import objective
from nodesim.validation import at_least_zero, numbers, shortened


def sample_weights(
    sample_weight: Any, class_weight: Any, targets: Array, classes: Sequence[Any] | None = None, *,
    some_count: bool = True,
) -> Array | None:  # fmt: skip
    """Return the weight of each sample, shape (n_samples,), or None where all count alike.

    Parameters
    ----------
    sample_weight : array_like of shape (n_samples,), or None
    class_weight : mapping from class to weight, "balanced", or None
        What the weights of the samples are multiplied by. "balanced" is n_samples / (n_classes · samples of the class),
        as in scikit-learn.
    targets : ndarray of shape (n_outputs, n_samples)
    classes : sequence, optional
        Labels under which classes may be given, besides their numbers.
    some_count : bool
        Whether one of them must be above 0.

    Raises
    ------
    DataError, ArgumentError
        If they are not one finite number of 0 or more for each sample, or all of them are 0 where some must count; or a
        class is none.
    """
    found = None if sample_weight is None else _given(sample_weight, targets.shape[1])
    if class_weight is not None:
        own = _of_classes(class_weight, targets, classes)
        found = own if found is None else _product(found, own)
    if some_count and found is not None and not found.any():
        raise DataError("every sample has weight 0: no error e is left; give one of them a weight above zero.")
    return found


def shares(weights: Array) -> Array:
    """Return by what the samples' errors are multiplied, so that their plain mean is the mean by weight.

    Examples
    --------
    >>> shares(np.array([1.0, 0.0, 3.0])).tolist()
    [0.75, 0.0, 2.25]
    """
    # Sums of large weights may leave the finite numbers; their parts of the largest do not.
    parts = weights / weights.max()
    found: Array = parts * (len(parts) / parts.sum())
    return found


def _given(sample_weight: Any, n_samples: int) -> Array:
    found = numbers(sample_weight, "sample_weight")
    if found.shape != (n_samples,):
        raise DataError(f"sample_weight must have shape ({n_samples},), one for each sample; got {found.shape}.")
    bad = np.flatnonzero(~(np.isfinite(found) & (found >= 0.0)))
    if len(bad):
        raise DataError(
            f"sample {bad[0]}: its weight is {found[bad[0]]}; weights of samples are finite, and 0 or more."
        )
    return found


def _product(own: Array, of_classes: Array) -> Array:
    with np.errstate(over="ignore", under="ignore"):
        found: Array = own * of_classes
    bad = np.flatnonzero(~np.isfinite(found))
    if len(bad):
        raise DataError(
            f"sample {bad[0]}: its weight {own[bad[0]]} times that of its class, {of_classes[bad[0]]}, leaves the "
            "finite numbers; give smaller weights: only how they compare counts."
        )
    return found


def _of_classes(class_weight: Any, targets: Array, classes: Sequence[Any] | None) -> Array:
    numbered = _class_numbers(targets)
    n_classes = max(len(targets), 2)
    if isinstance(class_weight, str) and class_weight == "balanced":
        counts = np.bincount(numbered, minlength=n_classes)
        present = np.count_nonzero(counts)
        found: Array = len(numbered) / (present * counts[numbered].astype(float))
        return found
    if not isinstance(class_weight, Mapping):
        raise ArgumentError(
            f"class_weight must be 'balanced', or a mapping from classes to weights; got {shortened(class_weight)}."
        )
    own = np.ones(n_classes)
    for label, weight in class_weight.items():
        own[_number_of(label, n_classes, classes)] = at_least_zero(weight, f"the weight of class {shortened(label)}")
    return own[numbered]


def _class_numbers(targets: Array) -> Indices:
    """Return the class of each sample, or raise a `DataError` if the targets are none."""
    plain = ((targets == 0.0) | (targets == 1.0)).all(axis=0)
    if len(targets) > 1:
        plain &= targets.sum(axis=0) == 1.0
    bad = np.flatnonzero(~plain)
    if len(bad):
        wanted = "0 or 1" if len(targets) == 1 else "1 for one output and 0 for the others"
        raise DataError(
            f"class_weight needs classes for targets, {wanted}; sample {bad[0]} has {targets[:, bad[0]].tolist()}. Use "
            "sample_weight for other targets."
        )
    found: Indices = objective.classes(targets)
    return found


def _number_of(label: Any, n_classes: int, classes: Sequence[Any] | None) -> int:
    known = list(range(n_classes)) if classes is None else list(classes)
    try:
        if classes is not None and label in known:
            return known.index(label)
        if not isinstance(label, str) and label in range(n_classes):
            return int(label)
    except (TypeError, ValueError):
        # Some objects cannot be compared, as the NA of pandas.
        pass
    raise ArgumentError(
        f"class_weight has a weight for the class {shortened(label)}; the classes are {', '.join(map(str, known))}."
    )

"""The weights of samples: those given with them, and those of their classes."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.validation import check_array, check_consistent_length

from nodesim._arrays import Array, Indices
from nodesim.errors import DataError


def weights_of(sample_weight: Any, X: Array) -> Array | None:
    """Return checked weights of shape (n_samples,), or None where none were given.

    Raises
    ------
    ValueError
        If they are of another shape, or one is negative or not finite.
    DataError
        If all of them are zero.

    Examples
    --------
    >>> weights_of([1, 0], np.ones((2, 3)))
    array([1., 0.])
    """
    if sample_weight is None:
        return None
    if isinstance(sample_weight, Real):
        sample_weight = np.full(len(X), sample_weight)
    weights: Array = check_array(
        sample_weight, dtype=np.float64, ensure_2d=False, input_name="sample_weight", ensure_non_negative=True
    )
    if weights.ndim != 1:
        raise DataError(f"sample_weight must be 1D, one weight for each sample; got shape {weights.shape}.")
    check_consistent_length(X, weights)
    if not weights.any():
        raise DataError("sample_weight: all weights are zero; at least one sample must count.")
    return weights


def with_classes(weights: Array | None, class_weight: Any, classes: Any, numbers: Indices) -> Array | None:
    """Return weights of samples times those of their classes, or None where all are alike.

    Parameters
    ----------
    weights : ndarray of shape (n_samples,) or None
    class_weight : dict, "balanced" or None
        By label; what is not there counts 1. "balanced" lets each class count as much as any other.
    classes : ndarray of shape (n_classes,)
    numbers : ndarray of int, shape (n_samples,)
        Which of the classes each sample is of.

    Raises
    ------
    ValueError
        If it is neither, or names a class that there is not.

    Examples
    --------
    >>> with_classes(None, "balanced", np.array(["a", "b"]), np.array([0, 0, 0, 1]))
    array([0.66666667, 0.66666667, 0.66666667, 2.        ])
    """
    if class_weight is None:
        return weights
    if isinstance(class_weight, str) and class_weight == "balanced":
        # scikit-learn counts samples here, before 1.7; they have their weights.
        sums = np.bincount(numbers, weights, minlength=len(classes))
        by_class = sums.sum() / (np.count_nonzero(sums) * np.where(sums > 0.0, sums, 1.0))
    else:
        by_class = compute_class_weight(class_weight, classes=classes, y=classes[numbers])
    found: Array = by_class[numbers] if weights is None else weights * by_class[numbers]
    return found

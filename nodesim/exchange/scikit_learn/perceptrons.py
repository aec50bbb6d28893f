"""What a fitted multilayer perceptron of scikit-learn holds: matrices, shifts, functions, labels; checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import ExchangeError
from nodesim.validation import shortened

# What scikit-learn calls the functions of hidden nodes, and what nodesim does.
ACTIVATIONS = {"identity": "linear", "logistic": "sigmoid", "tanh": "tanh", "relu": "relu"}
# What its outputs end with: the outputs of a network, and its loss.
ENDINGS = {
    "identity": ("linear", "half_squared_error"),
    "logistic": ("sigmoid", "binary_cross_entropy"),
    "softmax": ("linear", "softmax_cross_entropy"),
}
# Up to here every whole number is a double.
_EXACT = 2**53

Label = str | int | bool


@dataclass(frozen=True, eq=False)
class Perceptron:
    """A fitted multilayer perceptron.

    Attributes
    ----------
    activation : str
        Of its hidden nodes, as nodesim calls it.
    ending : {"identity", "logistic", "softmax"}
    coefs, intercepts : list of ndarray of float
        For each layer, of shapes (n_sources, n_targets) and (n_targets,).
    classes : tuple or None
        The labels of its outputs; None of a regressor, and where each output says yes or no by itself.
    """

    activation: str
    ending: str
    coefs: list[Array]
    intercepts: list[Array]
    classes: tuple[Label, ...] | None


def perceptron_of(estimator: Any, who: str) -> Perceptron:
    """Return what an MLPClassifier or MLPRegressor holds.

    Raises
    ------
    ExchangeError
        If it is not fitted, or its arrays do not fit each other.
    """
    if not hasattr(estimator, "coefs_") or not hasattr(estimator, "intercepts_"):
        raise ExchangeError(f"{who} is not fitted: it has no coefs_ yet. Call its fit first.")
    if getattr(estimator, "loss", None) == "poisson" or estimator.out_activation_ == "exp":
        raise ExchangeError(
            f"{who} has loss='poisson' and so outputs exp(O), of which nodesim has neither the function nor the loss; "
            "loss='squared_error' can be carried."
        )
    activation, ending = estimator.activation, estimator.out_activation_
    _check_word(activation, ACTIVATIONS, f"{who}: activation")
    _check_word(ending, ENDINGS, f"{who}: out_activation_")
    coefs = _arrays(estimator.coefs_, "coefs_", 2, who)
    intercepts = _arrays(estimator.intercepts_, "intercepts_", 1, who)
    _check_shapes(estimator, coefs, intercepts, who)
    classes = _classes(estimator, ending, coefs[-1].shape[1], who)
    return Perceptron(ACTIVATIONS[activation], ending, coefs, intercepts, classes)


def _check_word(word: Any, known: dict[str, Any], what: str) -> None:
    if not isinstance(word, str) or word not in known:
        raise ExchangeError(f"{what} is {shortened(word)}; nodesim knows {', '.join(known)}.")


def _arrays(given: Any, name: str, dimensions: int, who: str) -> list[Array]:
    if not isinstance(given, list | tuple) or not given:
        raise ExchangeError(f"{who}: {name} must be a list of arrays, one for each layer; got {shortened(given)}.")
    return [_numbers(array, f"{name}[{place}]", dimensions, who) for place, array in enumerate(given)]


def _numbers(given: Any, name: str, dimensions: int, who: str) -> Array:
    found = np.asarray(given)
    if found.ndim != dimensions or not found.size:
        raise ExchangeError(
            f"{who}: {name} must be an array of {dimensions} dimension{'s'[: dimensions - 1]}, not empty; its "
            f"shape is {found.shape}."
        )
    whole = found.dtype.kind in "iu" and found.min() >= -_EXACT and found.max() <= _EXACT
    if not whole and found.dtype not in (np.float16, np.float32, np.float64):
        raise ExchangeError(f"{who}: {name} must hold floats of at most 64 bits; it is of {found.dtype}.")
    return found.astype(np.float64)


def _check_shapes(estimator: Any, coefs: list[Array], intercepts: list[Array], who: str) -> None:
    if not len(coefs) == len(intercepts) == estimator.n_layers_ - 1:
        raise ExchangeError(
            f"{who}: it has {len(coefs)} coefs_ and {len(intercepts)} intercepts_; a network of "
            f"{shortened(estimator.n_layers_)} layers has one less."
        )
    width = estimator.n_features_in_
    for place, (coef, intercept) in enumerate(zip(coefs, intercepts)):
        if coef.shape[0] != width:
            raise ExchangeError(
                f"{who}: coefs_[{place}] has {coef.shape[0]} rows, and takes {shortened(width)} values."
            )
        width = coef.shape[1]
        if len(intercept) != width:
            raise ExchangeError(f"{who}: intercepts_[{place}] has {len(intercept)} numbers for {width} nodes.")
    if width != estimator.n_outputs_:
        raise ExchangeError(
            f"{who}: its last layer has {width} nodes, and n_outputs_ is {shortened(estimator.n_outputs_)}."
        )


def _classes(estimator: Any, ending: str, outputs: int, who: str) -> tuple[Label, ...] | None:
    classifies = hasattr(estimator, "classes_")
    if classifies != (ending != "identity"):
        raise ExchangeError(f"{who}: out_activation_ {ending!r} is not that of a {type(estimator).__name__}.")
    if not classifies or (ending == "logistic" and outputs > 1):
        # Each output of a multilabel classifier says yes or no; its classes_ are the numbers of its columns.
        return None
    labels = tuple(_label(label, who) for label in np.asarray(estimator.classes_).ravel().tolist())
    if len(labels) == 1:
        raise ExchangeError(
            f"{who} has seen no class but {shortened(labels[0])}, and has nothing to tell; fit it with samples of two."
        )
    if len(labels) != max(outputs, 2) or len(set(labels)) < len(labels):
        raise ExchangeError(f"{who}: classes_ {shortened(labels)} do not fit {outputs} outputs.")
    return labels


def _label(label: Any, who: str) -> Label:
    if isinstance(label, str | int):
        return label
    if isinstance(label, float) and label == label // 1:
        return int(label)
    raise ExchangeError(f"{who}: the label {shortened(label)} of classes_ is no text, whole number or truth value.")

"""Estimators of scikit-learn with given numbers, made through their own door: a step of training, whose traces go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nodesim._arrays import Array


@dataclass(frozen=True, eq=False)
class Plan:
    """A multilayer perceptron to be made.

    Attributes
    ----------
    activation : str
        Of its hidden nodes, as scikit-learn calls it.
    coefs, intercepts : sequence of ndarray
        For each layer; all of float64 or all of float32.
    ending : {"identity", "logistic", "softmax"}
    classes : ndarray, optional
        In the order of the outputs; None for a regressor, and where each output says yes or no by itself.
    """

    activation: str
    coefs: Sequence[Array]
    intercepts: Sequence[Array]
    ending: str
    classes: Any = None

    @property
    def outputs(self) -> int:
        """How many it has."""
        return len(self.intercepts[-1])


def made(plan: Plan) -> Any:
    """Return an estimator with these numbers that is as if fitted, and has seen no sample yet."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    kind = MLPRegressor if plan.ending == "identity" else MLPClassifier
    sizes = tuple(len(intercept) for intercept in plan.intercepts[:-1])
    # Without the penalty that scikit-learn adds by default; not drawn from the generator that everybody shares.
    estimator = kind(hidden_layer_sizes=sizes, activation=plan.activation, alpha=0.0, random_state=0)
    _begin(estimator, plan)
    estimator.set_params(random_state=None)
    _forget(estimator)
    fill(estimator, plan.coefs, plan.intercepts)
    if plan.classes is not None:
        # scikit-learn sorts them; outputs stand in the network's order.
        estimator.classes_ = vars(estimator)["_label_binarizer"].classes_ = plan.classes
    return estimator


def scaler(factors: Array, shifts: Array) -> Any:
    """Return a scaler that multiplies each column by a factor and adds a shift: of scikit-learn's, this one does."""
    from sklearn.preprocessing import MinMaxScaler

    made_of = MinMaxScaler().fit(np.zeros((1, len(factors)), dtype=factors.dtype))
    made_of.scale_, made_of.min_ = factors.copy(), shifts.copy()
    made_of.data_min_, made_of.data_max_ = -shifts / factors, (1.0 - shifts) / factors
    made_of.data_range_ = made_of.data_max_ - made_of.data_min_
    return made_of


def fill(estimator: Any, coefs: Sequence[Array], intercepts: Sequence[Array]) -> None:
    """Give an estimator other numbers."""
    estimator.coefs_ = [np.array(coef, order="C") for coef in coefs]
    estimator.intercepts_ = [np.array(intercept) for intercept in intercepts]
    # What an early stop would go back to.
    for name in ("coefs", "intercepts"):
        if f"_best_{name}" in vars(estimator):
            setattr(estimator, f"_best_{name}", [array.copy() for array in getattr(estimator, f"{name}_")])


def _begin(estimator: Any, plan: Plan) -> None:
    """Take one step of training with a single sample, after which everything is there that a fitted estimator has."""
    x = np.zeros((1, len(plan.coefs[0])), dtype=plan.coefs[0].dtype)
    if plan.ending == "identity":
        y = np.zeros((1, plan.outputs))
        estimator.partial_fit(x, y if plan.outputs > 1 else y[0])
    elif plan.classes is not None:
        estimator.partial_fit(x, plan.classes[:1], classes=np.sort(plan.classes))
    else:
        estimator.partial_fit(x, np.zeros((1, plan.outputs), dtype=int), classes=np.arange(plan.outputs))


def _forget(estimator: Any) -> None:
    """Forget that step: a training goes on as if it were the first."""
    state = vars(estimator)
    # The next step makes an optimizer that has no moments yet.
    del state["_optimizer"]
    state |= {"n_iter_": 0, "t_": 0, "loss_": np.nan, "loss_curve_": []}
    state |= {"best_loss_": np.inf, "_no_improvement_count": 0}

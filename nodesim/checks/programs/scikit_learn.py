"""scikit-learn's own perceptrons and pipelines, run with other weights and taught by their own backpropagation.

Its gradients come through `partial_fit`: one step of plain gradient descent over all samples moves each weight by
−rate · gradient, and at a rate as large as this the weight of before is all but lost in the difference.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.checks.programs.program import Allowed, Program
from nodesim.errors import ExchangeError
from nodesim.exchange.blueprint import Blueprint
from nodesim.exchange.formats import is_path
from nodesim.exchange.scikit_learn import files, making, own, reading
from nodesim.exchange.scikit_learn.making import Plan

# A power of two, so that nothing is rounded when it is divided out.
_RATE = 2.0**60
_WORDS = {"coefs_": 0, "intercepts_": 1}
# scikit-learn's e of a classifier has p between these, and takes 1 - p, which has few digits where p is nearly 1.
_CLIPPED, _BLUNT = 2.0**-52, 0.01
_BY_PROBABILITIES = (
    "its e clips probabilities at 2.2e-16, and rounds 1 - p; where that matters, e is made of its probabilities instead"
)


def program_of(estimator: Any) -> Program:
    """Return the program that a fitted perceptron, or a pipeline of scalers that ends with one, or a file of one, is.

    Raises
    ------
    ExchangeError, FileError, MissingExtraError
        As `nodesim.from_sklearn`, and for estimators of nodesim, which are no other program.
    """
    who = type(estimator).__name__
    if is_path(estimator):
        who, estimator = str(estimator), files.estimator_of(estimator)
    blueprint = reading.read(estimator, who)
    steps = reading.steps(estimator, who)
    if own.is_own(steps[-1]):
        raise ExchangeError(f"{who} is nodesim's own: there is no other program to compare with.")
    return _Estimator(blueprint, steps)


class _Estimator:
    def __init__(self, blueprint: Blueprint, steps: list[Any]) -> None:
        import sklearn

        self.blueprint = blueprint
        self.name = f"scikit-learn {sklearn.__version__}"
        self._steps = [_unnamed(step) for step in steps]
        self._ending = str(steps[-1].out_activation_)
        self.softmax = self._ending == "softmax"

    def allowed(self, inputs: Array) -> Allowed:
        remarks = []
        last = self._steps[-1]
        if any(coef.dtype != np.float64 for coef in last.coefs_):
            remarks.append("its weights are less precise than doubles; they are widened, and it runs in doubles")
        if self._ending == "identity" and last.n_outputs_ > 1:
            remarks.append(
                "its e is half the mean over the outputs, its gradients those of half the sum: e is multiplied"
            )
        elif self._ending == "logistic" and last.n_outputs_ > 1:
            remarks.append("its e and gradients are sums over the outputs, and are divided by their number")
        if self._ending != "identity":
            remarks.append(_BY_PROBABILITIES)
        return Allowed(remarks=tuple(remarks))

    def outputs(self, inputs: Array, weights: Array) -> Array:
        last = copy.copy(self._steps[-1])
        making.fill(last, *self._arrays(weights))
        x = self._scaled(inputs)
        if self._ending == "identity":
            return np.asarray(last.predict(x)).reshape(len(x), -1)
        found = np.asarray(last.predict_proba(x))
        return found[:, 1:] if last.n_outputs_ == 1 else found

    def judged(self, inputs: Array, targets: Array, loss: str) -> tuple[float, Array] | None:
        factors = self._factors(loss)
        y = self._targets(targets)
        if factors is None or y is None:
            return None
        coefs, intercepts = self._arrays(self.blueprint.weights)
        pupil = self._pupil(coefs, intercepts, len(inputs))
        with np.errstate(all="ignore"):
            pupil.partial_fit(self._scaled(inputs), y)
            error = None if self._ending == "identity" else self._error(inputs, targets)
        if error is None:
            error = factors[0] * float(pupil.loss_curve_[-1])
        if not np.isfinite(error):
            # A probability of 0, where nodesim goes by the sums.
            return None
        after = [*pupil.coefs_, *pupil.intercepts_]
        gradients = [factors[1] * (old - new) / _RATE for old, new in zip([*coefs, *intercepts], after)]
        return error, self._by_connection(gradients)

    # ---- pieces ------------------------------------------------------------------------------------------------

    def _arrays(self, weights: Array) -> tuple[list[Array], list[Array]]:
        """Return coefs_ and intercepts_ of some weights of the blueprint, in doubles."""
        origins, last = self.blueprint.origins, self._steps[-1]
        found: tuple[list[Array], list[Array]] = (
            [np.array(coef, dtype=np.float64) for coef in last.coefs_],
            [np.array(intercept, dtype=np.float64) for intercept in last.intercepts_],
        )
        for number, name in enumerate(origins.parameters):
            ours = np.flatnonzero(origins.parameter == number)
            word, place = _place(name)
            found[word][place].flat[origins.place[ours]] = weights[ours] / origins.factor[ours]
        return found

    def _by_connection(self, arrays: list[Array]) -> Array:
        """Return for each weight of the blueprint what belongs to its number; nan where it is no number of theirs."""
        origins, layers = self.blueprint.origins, len(arrays) // 2
        found = np.full(len(origins.parameter), np.nan)
        for number, name in enumerate(origins.parameters):
            ours = np.flatnonzero(origins.parameter == number)
            word, place = _place(name)
            found[ours] = arrays[word * layers + place].flat[origins.place[ours]] / origins.factor[ours]
        return found

    def _scaled(self, inputs: Array) -> Array:
        for step in self._steps[:-1]:
            inputs = np.asarray(step.transform(inputs))
        return inputs

    def _pupil(self, coefs: list[Array], intercepts: list[Array], samples: int) -> Any:
        last = self._steps[-1]
        several = self._ending == "softmax" or (self._ending == "logistic" and last.n_outputs_ == 1)
        classes = np.arange(max(last.n_outputs_, 2)) if several else None
        pupil = making.made(Plan(last.activation, coefs, intercepts, self._ending, classes))
        return pupil.set_params(
            solver="sgd", learning_rate="constant", learning_rate_init=_RATE, momentum=0.0, nesterovs_momentum=False,
            alpha=0.0, batch_size=samples, shuffle=False,
        )  # fmt: skip

    def _factors(self, loss: str) -> tuple[float, float] | None:
        """Return what scikit-learn's e, and its gradients, are multiplied by to be those of a loss; None for others."""
        count = len(self._steps[-1].intercepts_[-1])
        known = {
            "identity": {"half_squared_error": (float(count), 1.0), "mse": (2.0, 2.0 / count)},
            "logistic": {"binary_cross_entropy": (1.0 / count, 1.0 / count)},
            "softmax": {"softmax_cross_entropy": (1.0, 1.0)},
        }
        return known[self._ending].get(loss)

    def _targets(self, targets: Array) -> Any:
        """Return targets as scikit-learn takes them; None where they are probabilities, which it does not."""
        alone = targets.shape[1] == 1
        if self._ending == "identity":
            return targets[:, 0] if alone else targets
        if not np.isin(targets, (0.0, 1.0)).all():
            return None
        if self._ending == "softmax":
            return targets.argmax(axis=1) if (targets.sum(axis=1) == 1.0).all() else None
        return targets[:, 0].astype(int) if alone else targets.astype(int)

    def _error(self, inputs: Array, targets: Array) -> float | None:
        """Return e of a classifier by its probabilities where its own e has lost digits; else None."""
        weights, origins = self.blueprint.weights, self.blueprint.origins
        yes = self.outputs(inputs, weights)
        if self._ending == "softmax":
            hit = yes[targets == 1.0]
            return float(-np.log(hit).mean()) if hit.min() < _CLIPPED else None
        sharp = np.where(targets == 1.0, np.where(yes < _CLIPPED, 0.0, 1.0), 1.0 - yes)
        if sharp.min() > _BLUNT:
            return None
        # 1 - p to all its digits: the probability that the network with the last layer turned round gives.
        end = f"[{len(self._steps[-1].coefs_) - 1}]"
        turned = np.array([name.endswith(end) for name in origins.parameters])[origins.parameter] & (
            origins.parameter >= 0
        )
        no = self.outputs(inputs, np.where(turned, -weights, weights))
        return float(-np.log(np.where(targets == 1.0, yes, no)).mean())


def _place(name: str) -> tuple[int, int]:
    """Return whether a parameter is one of coefs_ (0) or intercepts_ (1), and of which layer."""
    word, _, place = name.partition("[")
    return _WORDS[word], int(place.removesuffix("]"))


def _unnamed(step: Any) -> Any:
    """Return a copy that does not ask for names of columns: a proof's samples have none."""
    twin = copy.copy(step)
    vars(twin).pop("feature_names_in_", None)
    return twin

"""scikit-learn's own perceptrons and pipelines, run with other weights and taught by their own backpropagation.

Its gradients come through `partial_fit`: one step of plain gradient descent over all samples moves each weight by
−rate · gradient, and at a rate that is large enough the weight of before is all but lost in the difference. How large
that is, a first step tells.
"""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.checks.programs.program import Allowed
from nodesim.errors import ExchangeError
from nodesim.exchange.blueprint import Blueprint
from nodesim.exchange.formats import is_path
from nodesim.exchange.scikit_learn import files, making, own, reading
from nodesim.exchange.scikit_learn.making import Plan
from nodesim.functions.contracts import Loss

# Rates are powers of two, so that nothing is rounded when they are divided out: the first one, the one after an
# overflow, and how far the largest gradient is to be moved.
_RATE, _LEAST, _FAR = 60, -200, 960
_WORDS = {"coefs_": 0, "intercepts_": 1}
# scikit-learn's e of a classifier has p between these, and takes 1 - p, which has few digits where p is nearly 1.
_CLIPPED, _BLUNT = 2.0**-52, 0.01
_EQUAL = 1e-9
_BY_SUMS = "its e clips probabilities at 2.2e-16, and rounds 1 - p; where that matters, e is made of its sums instead"


# Samples, targets, weights of samples.
_Lesson = tuple[Array, Any, Array | None]


def program_of(estimator: Any) -> ScikitLearnProgram:
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
    return ScikitLearnProgram(blueprint, steps)


class ScikitLearnProgram:
    """A perceptron, or a pipeline that ends with one; see `nodesim.checks.programs.program.Program`.

    Parameters
    ----------
    blueprint : Blueprint
        What it reads as.
    steps : list of estimator
        Those of the pipeline; they stay as they are.
    """

    def __init__(self, blueprint: Blueprint, steps: list[Any]) -> None:
        import sklearn

        self.blueprint = blueprint
        self.name = f"scikit-learn {sklearn.__version__}"
        self._steps = [_unnamed(step) for step in steps]
        self._ending = str(steps[-1].out_activation_)
        self.softmax = self._ending == "softmax"

    def allowed(self, inputs: Array) -> Allowed:
        """Allow it doubles, whatever its weights are, and say how its e is made."""
        self._check_labels(inputs)
        remarks = []
        last = self._steps[-1]
        if any(coef.dtype != np.float64 for coef in last.coefs_):
            remarks.append("its weights are less precise than doubles; they are widened, and it runs in doubles")
        if self._ending == "identity" and last.n_outputs_ > 1:
            remarks.append(
                "its e is half the mean over the outputs, and its gradients are those of half the sum: "
                "both are multiplied to be those of the network's loss"
            )
        elif self._ending == "logistic" and last.n_outputs_ > 1:
            remarks.append("its e and gradients are sums over the outputs, and are divided by their number")
        if self._ending != "identity":
            remarks.append(_BY_SUMS)
        return Allowed(remarks=tuple(remarks))

    def _check_labels(self, inputs: Array) -> None:
        """Refuse a class of somebody's own that predicts other labels than its probabilities say."""
        last, classes = self._steps[-1], self.blueprint.classes
        if self._ending == "identity" or classes is None:
            return
        found = self.outputs(inputs, self.blueprint.weights)
        both = np.hstack([1.0 - found, found]) if found.shape[1] == 1 else found
        ordered = np.sort(both, axis=1)
        # Where two are all but the same, rounding chooses.
        clear = ordered[:, -1] - ordered[:, -2] > _EQUAL
        expected = np.asarray(last.classes_)[both.argmax(axis=1)]
        predicted = np.asarray(last.predict(self._scaled(inputs)))
        if predicted.shape != expected.shape or bool((predicted != expected)[clear].any()):
            raise ExchangeError(
                f"{type(last).__name__} predicts other labels than its probabilities say, so that no network is the "
                "same."
            )

    def outputs(self, inputs: Array, weights: Array) -> Array:
        """Run a copy of it with the weights of the blueprint, or changed ones."""
        last = copy.copy(self._steps[-1])
        making.fill(last, *self._arrays(weights))
        x = self._scaled(inputs)
        if self._ending == "identity":
            return np.asarray(last.predict(x)).reshape(len(x), -1)
        found = np.asarray(last.predict_proba(x))
        return found[:, 1:] if last.n_outputs_ == 1 else found

    def judged(self, inputs: Array, targets: Array, loss: Loss) -> tuple[float, Array] | None:
        """Return e and its gradients by one step of training; None for a loss, or targets, that it has none for."""
        factors, lesson = self._factors(loss.name), self._lesson(self._scaled(inputs), targets)
        if factors is None or lesson is None:
            return None
        coefs, intercepts = self._arrays(self.blueprint.weights)
        share = 1.0 if lesson[2] is None else float(lesson[2].sum()) / len(inputs)
        with np.errstate(all="ignore"):
            try:
                first, _ = self._taught(coefs, intercepts, lesson, _RATE)
            except ValueError:
                # It refuses weights that are not finite.
                first, _ = self._taught(coefs, intercepts, lesson, _LEAST)
            largest = max(float(np.abs(each).max(initial=0.0)) for each in first)
            exponent = min(max(_FAR - math.frexp(largest)[1], -_FAR), _FAR) if largest else _FAR
            found, given = self._taught(coefs, intercepts, lesson, exponent)
            error = None if self._ending == "identity" else self._error(inputs, targets)
        if error is None:
            error = factors[0] * share * given
        return error, self._by_connection([factors[1] * share * each for each in found])

    # ---- pieces ------------------------------------------------------------------------------------------------

    def _arrays(self, weights: Array) -> tuple[list[Array], list[Array]]:
        """Return ``coefs_`` and ``intercepts_`` of some weights of the blueprint, in doubles."""
        origins, last = self.blueprint.origins, self._steps[-1]
        found: tuple[list[Array], list[Array]] = (
            [np.array(coef, dtype=np.float64) for coef in last.coefs_],
            [np.array(intercept, dtype=np.float64) for intercept in last.intercepts_],
        )
        for number, name in enumerate(origins.parameters):
            word, place = _place(name)
            origins.put(number, found[word][place], weights)
        return found

    def _by_connection(self, arrays: list[Array]) -> Array:
        """Return for each weight of the blueprint what belongs to its number; nan where it is no number of theirs."""
        origins, layers = self.blueprint.origins, len(arrays) // 2
        places = (_place(name) for name in origins.parameters)
        return origins.gradients([arrays[word * layers + place] for word, place in places])

    def _scaled(self, inputs: Array) -> Array:
        for step in self._steps[:-1]:
            inputs = np.asarray(step.transform(inputs))
        return inputs

    def _taught(
        self, coefs: list[Array], intercepts: list[Array], lesson: _Lesson, exponent: int
    ) -> tuple[list[Array], float]:
        """Return the gradients and e of a step at a rate of 2 to this power."""
        pupil = self._pupil(coefs, intercepts, len(lesson[0])).set_params(learning_rate_init=2.0**exponent)
        pupil.partial_fit(*lesson[:2], **({} if lesson[2] is None else {"sample_weight": lesson[2]}))
        after = [*pupil.coefs_, *pupil.intercepts_]
        found = [(old - new) / 2.0**exponent for old, new in zip([*coefs, *intercepts], after)]
        return found, float(pupil.loss_curve_[-1])

    def _pupil(self, coefs: list[Array], intercepts: list[Array], samples: int) -> Any:
        last = self._steps[-1]
        several = self._ending == "softmax" or (self._ending == "logistic" and last.n_outputs_ == 1)
        classes = np.arange(max(last.n_outputs_, 2)) if several else None
        pupil = making.made(Plan(last.activation, coefs, intercepts, self._ending, classes))
        return pupil.set_params(
            solver="sgd", learning_rate="constant", momentum=0.0, nesterovs_momentum=False, batch_size=samples,
            shuffle=False,
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

    def _lesson(self, x: Array, targets: Array) -> _Lesson | None:
        """Return samples, targets and weights of samples as scikit-learn takes them; None where it takes no such."""
        alone = targets.shape[1] == 1
        if self._ending == "identity":
            return x, targets[:, 0] if alone else targets, None
        if np.isin(targets, (0.0, 1.0)).all():
            if self._ending == "logistic":
                return x, targets[:, 0].astype(int) if alone else targets.astype(int), None
            if (targets.sum(axis=1) == 1.0).all():
                return x, targets.argmax(axis=1), None
        if self._ending == "logistic":
            targets = np.hstack([1.0 - targets, targets])
        if targets.min() < 0.0 or (self._ending == "logistic" and not alone) or not _takes_weights():
            return None
        # Targets that are no classes: each sample once for each class, so much of it as its target says.
        row, label = np.nonzero(targets)
        return x[row], label, targets[row, label]

    def _error(self, inputs: Array, targets: Array) -> float | None:
        """Return e of a classifier by its sums where its own e has lost digits; else None."""
        yes = self.outputs(inputs, self.blueprint.weights)
        sharp = bool((yes[targets > 0.0] >= _CLIPPED).all())
        if sharp and (self._ending == "softmax" or (1.0 - yes[targets < 1.0] > _BLUNT).all()):
            return None
        sums = self._sums(inputs)
        if self._ending == "softmax":
            highest = sums.max(axis=1, keepdims=True)
            missing = highest - sums + np.log(np.exp(sums - highest).sum(axis=1, keepdims=True))
            return float((targets * missing).sum(axis=1).mean())
        return float((targets * np.logaddexp(0.0, -sums) + (1.0 - targets) * np.logaddexp(0.0, sums)).mean())

    def _sums(self, inputs: Array) -> Array:
        """Return the sums of the outputs: what a regressor of the same weights predicts."""
        coefs, intercepts = self._arrays(self.blueprint.weights)
        twin = making.made(Plan(self._steps[-1].activation, coefs, intercepts, "identity"))
        return np.asarray(twin.predict(self._scaled(inputs))).reshape(len(inputs), -1)


def _takes_weights() -> bool:
    """Tell whether scikit-learn's perceptrons take weights of samples: from 1.7 on they do."""
    import inspect

    from sklearn.neural_network import MLPClassifier

    return "sample_weight" in inspect.signature(MLPClassifier.partial_fit).parameters


def _place(name: str) -> tuple[int, int]:
    """Return whether a parameter is one of ``coefs_`` (0) or ``intercepts_`` (1), and of which layer."""
    word, _, place = name.partition("[")
    return _WORDS[word], int(place.removesuffix("]"))


def _unnamed(step: Any) -> Any:
    """Return a copy that does not ask for names of columns: a proof's samples have none."""
    twin = copy.copy(step)
    vars(twin).pop("feature_names_in_", None)
    return twin

"""Networks of fitted multilayer perceptrons, alone or behind the scalers of a pipeline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from nodesim.errors import ExchangeError, MissingExtraError, NodesimError
from nodesim.exchange.assembly import Assembly, Columns, Parameter
from nodesim.exchange.blueprint import Blueprint
from nodesim.exchange.scikit_learn import own
from nodesim.exchange.scikit_learn.perceptrons import ENDINGS, Perceptron, perceptron_of
from nodesim.exchange.scikit_learn.scalers import scaled
from nodesim.functions.interruptions import of_signal
from nodesim.notation.symbols import LETTERS
from nodesim.validation import shortened

# Pipelines may stand in pipelines.
_DEEPEST = 20


def read(estimator: Any, who: str) -> Blueprint:
    """Return what a network is built from that says the same as an estimator, which messages call `who`.

    Raises
    ------
    ExchangeError
        Naming what cannot be read.
    MissingExtraError
        Without scikit-learn.
    """
    with refusing(who):
        *scalers, last = steps(estimator, who)
        if own.is_own(last):
            found = own.blueprint_of(last)
            factors, shifts = scaled(scalers, found.kinds.count("input"), who)
            return own.behind(found, factors, shifts) if scalers else found
        return _blueprint(scalers, last, perceptron_of(checked(last, who), who), who)


@contextmanager
def refusing(who: str) -> Iterator[None]:
    """Say whatever an object raises that is not what it seems to be."""
    try:
        yield
    except NodesimError:
        raise
    except Exception as error:
        if of_signal(error):
            raise
        # Whatever attributes of any type and size raise.
        raise ExchangeError(f"{who} cannot be read: {type(error).__name__}: {shortened(str(error))}.") from error


def steps(estimator: Any, who: str, depth: int = 0) -> list[Any]:
    """Return the steps of a pipeline that do something, the last one included; an estimator is its only one."""
    Pipeline = _sklearn("sklearn.pipeline").Pipeline
    if not isinstance(estimator, Pipeline):
        return [estimator]
    if depth > _DEEPEST:
        raise ExchangeError(f"{who}: pipelines stand in pipelines more than {_DEEPEST} deep.")
    given = [step for _, step in estimator.steps]
    active = [step for step in given if step is not None and not (isinstance(step, str) and step == "passthrough")]
    if not active or active[-1] is not given[-1]:
        raise ExchangeError(f"{who} does not end with an estimator.")
    return [inner for step in active for inner in steps(step, who, depth + 1)]


def checked(estimator: Any, who: str) -> Any:
    """Return an estimator that is a multilayer perceptron, or raise an `ExchangeError` that says what can be read."""
    module = _sklearn("sklearn.neural_network")
    if isinstance(estimator, type) or not isinstance(estimator, module.MLPClassifier | module.MLPRegressor):
        inside = "" if type(estimator).__name__ == who else f" holds {shortened(estimator, 60)} and"
        raise ExchangeError(
            f"{who}{inside} cannot be read; a fitted MLPClassifier or MLPRegressor can, a Pipeline of scalers that "
            "ends with one, and an estimator of nodesim.sklearn."
        )
    return estimator


def _sklearn(name: str) -> Any:
    try:
        import importlib

        return importlib.import_module(name)
    except ImportError as error:
        raise MissingExtraError("from_sklearn needs the extra 'sklearn': pip install 'nodesim[sklearn]'.") from error


def _blueprint(scalers: list[Any], last: Any, found: Perceptron, who: str) -> Blueprint:
    assembly, count = Assembly(who), found.coefs[0].shape[0]
    names = _names([*scalers, last], count)
    x = _scaled(assembly, assembly.inputs(count, names), scalers, count)
    end = len(found.coefs) - 1
    for place, (coef, intercept) in enumerate(zip(found.coefs, found.intercepts)):
        x = assembly.weighted(x, Parameter(f"coefs_[{place}]", coef))
        x = assembly.shifted(x, Parameter(f"intercepts_[{place}]", intercept))
        x = assembly.activated(x, ENDINGS[found.ending][0] if place == end else found.activation)
    if getattr(last, "alpha", 0):
        assembly.notes.append(
            f"alpha={shortened(last.alpha)} is no part of the network: scikit-learn adds alpha / 2 times the squares "
            "of coefs_, divided by the number of samples, to e."
        )
    if found.ending == "logistic" and len(x) > 1:
        assembly.notes.append(
            "It is a multilabel classifier: each output says yes above one half, whatever the others."
        )
    return assembly.blueprint(
        x, ENDINGS[found.ending][1], names=_output_names(found, len(x), names or ()), classes=found.classes
    )


def _scaled(assembly: Assembly, x: Columns, scalers: list[Any], count: int) -> Columns:
    if not scalers:
        return x
    factors, shifts = scaled(scalers, count, assembly.program)
    assembly.notes.append("Its scalers are linear nodes, whose connections updates do not change.")
    sums = assembly.scaled(x, factors)
    return assembly.finished(assembly.shifted(sums, Parameter("", shifts)) if shifts.any() else sums)


def _names(estimators: Sequence[Any], count: int) -> list[str] | None:
    """Return what the columns of the samples were called when the first step that knows it was fitted."""
    # Behind a scaler, columns may have been named by it.
    given = getattr(estimators[0], "feature_names_in_", None)
    if given is None:
        return None
    names = [str.__str__(name) if isinstance(name, str) else "" for name in np.asarray(given, dtype=object).tolist()]
    usable = len(names) == count == len(set(names)) and all(map(_is_name, names))
    return names if usable else None


def _is_name(name: str) -> bool:
    # No file keeps halves of surrogates apart.
    return bool(name) and not any(0xD800 <= ord(letter) <= 0xDFFF for letter in name)


def _output_names(found: Perceptron, count: int, taken: Sequence[str]) -> list[str] | None:
    """Return names for outputs where O1, O2, ... would be those of classes that other outputs stand for."""
    avoided = {*taken, *(label for label in found.classes or () if isinstance(label, str))}
    numbered = [f"{LETTERS['output']}{number + 1}" for number in range(count + len(avoided))]
    if not avoided.intersection(numbered[:count]) or count == 1:
        return None
    return [name for name in numbered if name not in avoided][:count]

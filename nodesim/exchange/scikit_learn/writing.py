"""Networks as fitted multilayer perceptrons of scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np

from nodesim.errors import ExchangeError, MissingExtraError
from nodesim.exchange.own_networks import joins_of
from nodesim.exchange.scikit_learn import making
from nodesim.exchange.scikit_learn.layers import Layers, layers_of
from nodesim.exchange.scikit_learn.making import Plan
from nodesim.exchange.scikit_learn.perceptrons import ACTIVATIONS
from nodesim.graph.elements import Node
from nodesim.notation.symbols import LETTERS
from nodesim.plugins import lookup
from nodesim.simulation.simulator import Simulator
from nodesim.validation import shortened

_PROGRAM = "a perceptron of scikit-learn"
# By loss: what the outputs must be, and what scikit-learn calls their end.
_ENDS = {
    "mse": ("linear", "identity"),
    "half_squared_error": ("linear", "identity"),
    "binary_cross_entropy": ("sigmoid", "logistic"),
    "softmax_cross_entropy": ("linear", "softmax"),
}


def written(simulator: Simulator) -> Any:
    """Return a network as an estimator; see `nodesim.Network.to_sklearn`."""
    try:
        import sklearn.neural_network
        import sklearn.pipeline
    except ImportError as error:
        raise MissingExtraError("to_sklearn needs the extra 'sklearn': pip install 'nodesim[sklearn]'.") from error
    simulator.structure.schedule.check_at_once()
    for row, aggregation in joins_of(simulator.structure).items():
        raise ExchangeError(
            f"{simulator.structure.schedule.nodes[row].name} has the aggregation {aggregation}; nodes of {_PROGRAM} "
            "are sums."
        )
    layers = layers_of(simulator.structure, _PROGRAM)
    ending = _ending(simulator, layers.nodes[-1])
    activation = _activation([node for layer in layers.nodes[1:-1] for node in layer])
    classes = _classes(simulator, ending, len(layers.nodes[-1]))
    estimator = making.made(Plan(activation, layers.coefs, layers.intercepts, ending, classes))
    if layers.scaled is None:
        return _named(estimator, layers)
    scaler = making.scaler(layers.scaled.factors, layers.scaled.shifts)
    return sklearn.pipeline.make_pipeline(_named(scaler, layers), estimator)


def _ending(simulator: Simulator, outputs: list[Node]) -> str:
    loss = simulator.loss
    if loss.name not in _ENDS or loss != lookup.loss(loss.name):
        raise ExchangeError(f"the loss {loss} is none that {_PROGRAM} has; these are: {', '.join(_ENDS)}.")
    wanted, ending = _ENDS[loss.name]
    for node in outputs:
        if node.activation != lookup.activation(wanted):
            raise ExchangeError(
                f"the output {node.name} has the activation {node.activation}; with the loss {loss.name}, outputs of "
                f"{_PROGRAM} are {wanted}."
            )
    if ending == "softmax" and len(outputs) == 2:
        raise ExchangeError(
            f"the loss {loss.name} tells two classes by two outputs, and {_PROGRAM} by one sigmoid: make a network "
            "with one output, of activation 'sigmoid' and loss 'binary_cross_entropy'."
        )
    return ending


def _activation(hidden: list[Node]) -> str:
    known = {name: lookup.activation(ours) for name, ours in ACTIVATIONS.items()}
    found: dict[str, str] = {}
    for node in hidden:
        name = next((name for name, function in known.items() if node.activation == function), None)
        if name is None:
            raise ExchangeError(
                f"{node.name} has the activation {node.activation}; hidden nodes of {_PROGRAM} are "
                f"{', '.join(ACTIVATIONS.values())}."
            )
        found.setdefault(name, node.name)
    if len(found) > 1:
        (one, first), (other, second) = list(found.items())[:2]
        raise ExchangeError(
            f"{first} has the activation {ACTIVATIONS[one]} and {second} {ACTIVATIONS[other]}; all hidden nodes of "
            f"{_PROGRAM} have the same."
        )
    return next(iter(found), "identity")


def _classes(simulator: Simulator, ending: str, outputs: int) -> Any:
    """Return the labels of a classifier that tells one class of several, in the order of outputs; else None."""
    labels = simulator.classes
    if ending == "identity" or (ending == "logistic" and outputs > 1):
        _check_none(labels, ending)
        return None
    return np.arange(max(outputs, 2)) if labels is None else _labels(labels)


def _check_none(labels: Any, ending: str) -> None:
    if labels is not None:
        what = (
            "a regressor has none" if ending == "identity" else "with several sigmoids each says yes or no of its own"
        )
        raise ExchangeError(
            f"the network has the classes {shortened(labels)}, and {what} in scikit-learn; set network.classes to "
            "None if they may be lost."
        )


def _labels(labels: Any) -> Any:
    found = np.array(labels)
    if len({type(label) for label in labels}) > 1 or found.dtype.kind not in "Uib" or found.tolist() != list(labels):
        raise ExchangeError(
            f"the classes {shortened(labels)} are no labels of scikit-learn, which are texts, or numbers of 64 bits, "
            "or truth values, and all of them alike."
        )
    return found


def _named(estimator: Any, layers: Layers) -> Any:
    """Let the columns of data frames be checked by name, where inputs have names that somebody gave them."""
    names = [node.name for node in layers.inputs]
    if names != [f"{LETTERS['input']}{number + 1}" for number in range(len(names))]:
        estimator.feature_names_in_ = np.array(names, dtype=object)
    return estimator

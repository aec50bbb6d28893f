"""The network that an estimator trains: made of its parameters, or a copy of one that it was given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from nodesim.errors import ArgumentError, DataError
from nodesim.functions.contracts import Loss
from nodesim.network import Network
from nodesim.notation.symbols import plural
from nodesim.plugins import lookup
from nodesim.validation import shortened

# Draws weights that suit any number of features; a network's own N(0, 1) saturates nodes that have many.
_INITIALIZER = "xavier_uniform"
_SEEDS = 2**31 - 1


def layered(
    sizes: Sequence[int], *, activation: Any, loss: Loss, initializer: Any, seed: Any, inputs: Iterable[str] | None
) -> Network:
    """Return a new fully connected network, its outputs of the activation that its loss needs."""
    return Network.layered(
        sizes, activation, loss.outputs or "linear", loss=loss, seed=seed, inputs=inputs,
        initializer=_INITIALIZER if initializer is None else initializer,
    )  # fmt: skip


def copied(network: Any, *, inputs: int, outputs: int, initializer: Any, seed: Any, names: Sequence[str]) -> Network:
    """Return a copy of a network, which stays as it is.

    Parameters
    ----------
    network : Network
    inputs, outputs : int
        How many of them are needed.
    initializer : str, Initializer or None
        What draws the weights anew; None keeps them.
    seed : int or None
        What draws and shuffles; None lets the network's own generator do it.
    names : sequence of str
        What the features are called, where they have names.

    Raises
    ------
    ArgumentError, DataError
        If it is no network, has other numbers of inputs or outputs, or has inputs of these names in another order.
    """
    if not isinstance(network, Network):
        raise ArgumentError(f"network must be a nodesim.Network or None, got {shortened(network)}.")
    found = len(network.inputs), len(network.outputs)
    if found != (inputs, outputs):
        raise ArgumentError(
            f"network has {plural(found[0], 'input')} and {plural(found[1], 'output')}; these data need {inputs} and "
            f"{outputs}."
        )
    called = [node.name for node in network.inputs]
    if called != list(names) and sorted(called) == sorted(names):
        raise DataError(f"X has the columns {shortened(list(names))}; give them in the order of the network's inputs, "
                        f"X[{shortened(called)}].")  # fmt: skip
    twin = network.copy()
    if seed is not None:
        twin.structure.generator = np.random.default_rng(seed)
    if initializer is not None:
        twin.initialize(initializer)
    return twin


def seed_of(random_state: Any) -> int | None:
    """Return the seed that a `random_state` of scikit-learn stands for; a whole number is itself.

    Raises
    ------
    ValueError
        If it is none.

    Examples
    --------
    >>> seed_of(7), seed_of(np.random.RandomState(0)) == seed_of(np.random.RandomState(0))
    (7, True)
    """
    if isinstance(random_state, int | np.integer) and not isinstance(random_state, bool) and random_state >= 0:
        return int(random_state)
    return int(check_random_state(random_state).randint(_SEEDS))


def loss_for_classes(loss: Any, network: Any, classes: int) -> Loss:
    """Return the loss of a classifier: the one asked for, or what suits the number of classes and the outputs.

    Raises
    ------
    ArgumentError, UnknownNameError
        If it does not classify.
    """
    if loss is not None:
        return _classifying(lookup.loss(loss))
    if not isinstance(network, Network):
        return lookup.loss("binary_cross_entropy" if classes == 2 else "softmax_cross_entropy")
    if network.loss.classifies:
        return _classifying(network.loss)
    kinds = {str(node.activation.name) for node in network.outputs if node.activation is not None}
    return lookup.loss("binary_cross_entropy" if kinds == {"sigmoid"} else "softmax_cross_entropy")


def _classifying(loss: Loss) -> Loss:
    if not loss.classifies or loss.outputs not in ("linear", "sigmoid"):
        raise ArgumentError(
            f"loss {loss.name!r} gives no probabilities of classes; a classifier takes 'softmax_cross_entropy' or "
            "'binary_cross_entropy'."
        )
    return loss


def outputs_for_classes(loss: Loss, network: Any, classes: int) -> int:
    """Return how many outputs tell so many classes: one for two of them, by a sigmoid, else one for each."""
    alone = classes == 2 and loss.outputs == "sigmoid"
    if alone and isinstance(network, Network):
        return 2 if len(network.outputs) == 2 else 1
    return 1 if alone else classes

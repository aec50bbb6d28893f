"""How an optimizer makes steps of gradients, as far as that is linear: then each part of a gradient has its own step.

With sgd a step is −η·G. Momentum and nesterov remember a velocity, V = μ·V + G, and go by −η·V or −η·(G + μ·V). That is
linear in all gradients so far, so each account has a velocity of its own, and the steps of all accounts add up to the
weight's. What a gradient does in the updates behind its own is a geometric sum.

Other optimizers divide by something that all gradients have made together, or go by a sign. Their step is shared out by
the parts of the gradient of that update.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from nodesim._arrays import Array
from nodesim.functions.contracts import Optimizer, State

_LINEAR = ("sgd", "momentum", "nesterov")


class Linear(NamedTuple):
    """What gradients do to a weight in some updates in a row.

    Attributes
    ----------
    steps : ndarray of shape (n_updates,)
        Times the gradient of each update: by how much that moves the weight, up to the last of them.
    kept : ndarray of shape (n_updates,)
        Times the gradient: what is left of it in the velocity then.
    from_velocity, left : float
        The same for the velocity that there was before.
    """

    steps: Array
    kept: Array
    from_velocity: float
    left: float


def velocity(optimizer: Optimizer, state: State) -> Array | None:
    """Return what an optimizer with linear steps remembers of gradients, by slot; None where there is no such thing."""
    found: Any = state["velocity"] if is_linear(optimizer) and optimizer.start is not None else None
    return None if found is None else found.astype(float)


def is_linear(optimizer: Optimizer) -> bool:
    """Tell whether the steps of an optimizer are linear in the gradients."""
    return optimizer.native in _LINEAR


def linear(optimizer: Optimizer, rates: Array) -> Linear:
    """Return what gradients do in updates at these rates; of an optimizer that remembers they are all the same.

    Examples
    --------
    >>> import nodesim as ns
    >>> linear(ns.optimizer("sgd"), np.array([0.5, 0.25])).steps
    array([-0.5 , -0.25])
    >>> linear(ns.optimizer("momentum"), np.array([0.5, 0.5])).steps.round(6)
    array([-0.95, -0.5 ])
    """
    if optimizer.native == "sgd":
        return Linear(-rates, np.zeros(len(rates)), 0.0, 0.0)
    mu, rate, n = optimizer.parameters["momentum"], rates[0], len(rates)
    powers: Array = np.power(mu, np.arange(n + 1.0))
    # Σ μ^j of as many updates as follow, its own included.
    sums = np.cumsum(powers[:n])[::-1]
    if optimizer.native == "momentum":
        return Linear(-rate * sums, powers[:n][::-1], float(-rate * mu * sums[0]), float(powers[n]))
    steps = -rate * (1.0 + mu * sums)
    return Linear(steps, powers[:n][::-1], float(-rate * mu * mu * sums[0]), float(powers[n]))

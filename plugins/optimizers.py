"""Built-in optimizers, with the formulas and defaults of torch.

References
----------
Article, section 3, step 3 (sgd). Sutskever et al. 2013 (momentum, nesterov); Kingma and Ba 2015 (adam);
Hinton 2012, lecture 6 (rmsprop); Riedmiller and Braun 1993 (rprop).
"""

from __future__ import annotations

from functools import partial

import numpy as np

from nodesim import Optimizer, hookimpl
from nodesim.functions import Array, State

_SMALLEST_STEP, _LARGEST_STEP = 1e-6, 50.0

Step = tuple[Array, State]


def _sgd(weights: Array, gradients: Array, state: State, learning_rate: float, out: Array | None = None) -> Step:
    return np.subtract(weights, np.multiply(learning_rate, gradients, out), out), state


def _velocity(weights: Array, learning_rate: float) -> State:
    return {"velocity": np.zeros_like(weights)}


def _momentum(weights: Array, gradients: Array, state: State, learning_rate: float, momentum: float) -> Step:
    velocity = momentum * state["velocity"] + gradients
    return weights - learning_rate * velocity, {"velocity": velocity}


def _nesterov(weights: Array, gradients: Array, state: State, learning_rate: float, momentum: float) -> Step:
    velocity = momentum * state["velocity"] + gradients
    return weights - learning_rate * (gradients + momentum * velocity), {"velocity": velocity}


def _moments(weights: Array, learning_rate: float) -> State:
    return {"mean": np.zeros_like(weights), "square": np.zeros_like(weights), "steps": 0}


def _adam(
    weights: Array,
    gradients: Array,
    state: State,
    learning_rate: float,
    beta1: float,
    beta2: float,
    epsilon: float,
) -> Step:
    steps = state["steps"] + 1
    mean = beta1 * state["mean"] + (1.0 - beta1) * gradients
    square = beta2 * state["square"] + (1.0 - beta2) * gradients**2
    scale = np.sqrt(square) / (1.0 - beta2**steps) ** 0.5 + epsilon
    change = learning_rate / (1.0 - beta1**steps) * (mean / scale)
    return weights - change, {"mean": mean, "square": square, "steps": steps}


def _square(weights: Array, learning_rate: float) -> State:
    return {"square": np.zeros_like(weights)}


def _rmsprop(
    weights: Array, gradients: Array, state: State, learning_rate: float, alpha: float, epsilon: float
) -> Step:
    square = alpha * state["square"] + (1.0 - alpha) * gradients**2
    return weights - learning_rate * gradients / (np.sqrt(square) + epsilon), {"square": square}


def _first_steps(weights: Array, learning_rate: float) -> State:
    return {"previous": np.zeros_like(weights), "size": np.full_like(weights, learning_rate)}


def _rprop(weights: Array, gradients: Array, state: State, learning_rate: float, shrink: float, grow: float) -> Step:
    agreement = np.sign(gradients) * np.sign(state["previous"])
    size = state["size"] * np.where(agreement > 0, grow, np.where(agreement < 0, shrink, 1.0))
    size = np.clip(size, _SMALLEST_STEP, _LARGEST_STEP)
    used = np.where(agreement < 0, 0.0, gradients)
    return weights - np.sign(used) * size, {"previous": used, "size": size}


@hookimpl
def nodesim_optimizers() -> list[Optimizer]:
    """Return the built-in optimizers."""
    each = partial(Optimizer, elementwise=True)
    return [
        each("sgd", _sgd, learning_rate=0.5, native="sgd", description="the article's gradient descent"),
        each(
            "momentum", _momentum, start=_velocity, learning_rate=0.05, parameters={"momentum": 0.9}, native="momentum",
            description="velocity = momentum · velocity + ∂e/∂W; W falls by rate · velocity",
        ),
        each(
            "nesterov", _nesterov, start=_velocity, learning_rate=0.05, parameters={"momentum": 0.9}, native="nesterov",
            description="momentum that looks ahead: W falls by rate · (∂e/∂W + momentum · velocity)",
        ),
        each(
            "adam", _adam, start=_moments, learning_rate=0.001,
            parameters={"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}, native="adam",
            description="the mean of ∂e/∂W over the root of that of its square, both corrected for their start at 0",
        ),
        each(
            "rmsprop", _rmsprop, start=_square, learning_rate=0.01,
            parameters={"alpha": 0.99, "epsilon": 1e-8}, native="rmsprop",
            description="∂e/∂W over the root of the mean of its square",
        ),
        each(
            "rprop", _rprop, start=_first_steps, learning_rate=0.01,
            parameters={"shrink": 0.5, "grow": 1.2}, native="rprop",
            description="each weight has a step of its own, and of ∂e/∂W only the sign counts",
        ),
    ]  # fmt: skip

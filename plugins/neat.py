"""The functions of neat-python: steeper than those of the textbooks, and cut off where exp would overflow.

Its aggregations are the built-in ones, and two more.

Where neat-python cuts a sum off, nothing changes any more, and the slope is 0. Its relu, elu, selu and identity are the
built-in ones; its lelu is leaky_relu(slope=0.005), its clamped is hard_tanh.
"""

from __future__ import annotations

import numpy as np

from nodesim import Activation, Aggregation, hookimpl
from nodesim._arrays import Array

_ACTIVATIONS = [
    Activation(
        "neat_sigmoid", formula="1 / (1 + exp(-clip(5 * z, -60, 60)))",
        description="neat-python's sigmoid: five times as steep, flat beyond 12",
    ),
    Activation(
        "neat_tanh", formula="tanh(clip(2.5 * z, -60, 60))",
        description="neat-python's tanh: two and a half times as steep, flat beyond 24",
    ),
    Activation(
        "neat_sin", formula="sin(clip(5 * z, -60, 60))",
        description="neat-python's sin: five times as fast, flat beyond 12",
    ),
    Activation(
        "neat_gauss", formula="exp(-5 * clip(z, -3.4, 3.4) ** 2)",
        description="neat-python's gauss: narrower, flat beyond 3.4",
    ),
    Activation(
        "neat_softplus", formula="0.2 * log(1 + exp(clip(5 * z, -60, 60)))",
        description="neat-python's softplus: five times as sharp, flat beyond 12",
    ),
    Activation(
        "neat_inv", formula="where(abs(z) > 0, 1 / z, 0)",
        description="neat-python's inv: the reciprocal, and 0 of 0",
    ),
    Activation(
        "neat_log", formula="log(max(z, 1e-7))",
        description="neat-python's log: of 1e-7 for all that is less",
    ),
    Activation(
        "neat_exp", formula="exp(clip(z, -60, 60))",
        description="neat-python's exp: flat beyond 60",
    ),
    Activation("neat_abs", formula="abs(z)", description="neat-python's abs: the absolute value"),
    Activation("neat_hat", formula="max(1 - abs(z), 0)", description="neat-python's hat: a triangle from -1 to 1"),
    Activation("neat_square", formula="z ** 2", description="neat-python's square"),
    Activation("neat_cube", formula="z ** 3", description="neat-python's cube"),
]  # fmt: skip


@hookimpl
def nodesim_activations() -> list[Activation]:
    """Return neat-python's activations that are not among the built-in ones."""
    return list(_ACTIVATIONS)


def _maxabs(c: Array) -> Array:
    largest: Array = np.take_along_axis(c, np.abs(c).argmax(axis=0)[None], axis=0)[0]
    return largest


def _at_maxabs(c: Array, h: Array) -> Array:
    partials = np.zeros_like(c)
    np.put_along_axis(partials, np.abs(c).argmax(axis=0)[None], 1.0, axis=0)
    return partials


def _median(c: Array) -> Array:
    ordered = np.sort(c, axis=0)
    middle: Array = (ordered[(len(c) - 1) // 2] + ordered[len(c) // 2]) / 2.0
    return middle


def _at_median(c: Array, h: Array) -> Array:
    order, partials = np.argsort(c, axis=0, kind="stable"), np.zeros_like(c)
    middle = order[[(len(c) - 1) // 2, len(c) // 2]]
    # Of an odd number both are the same one.
    np.put_along_axis(partials, middle, 1.0 if len(c) % 2 else 0.5, axis=0)
    return partials


@hookimpl
def nodesim_aggregations() -> list[Aggregation]:
    """Return neat-python's aggregations that are not among the built-in ones."""
    return [
        Aggregation(
            "neat_maxabs", _maxabs, _at_maxabs,
            description="neat-python's maxabs: the W·HA that is farthest from 0; of several the first",
        ),
        Aggregation(
            "neat_median", _median, _at_median,
            description="neat-python's median: the W·HA in the middle, or the mean of both",
        ),
    ]  # fmt: skip

"""The works "activations" and "functions": A and B with all that is built in, and with what users write.

All nodes have the activation, those of the output, too; sigmoid is the first of each contest. The learning rate is so
small that no training diverges.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from contests import Contest, Contests, Entry, Goal, Within
from nodesim_plugins.activations import nodesim_activations
from problems import Array, Layered

import nodesim as ns
from works.training import exclusive_or, handwritten


def builtin() -> Contests:
    """Everything built in that can be trained."""
    found = [activation for activation in nodesim_activations() if activation.trains and activation.name != "sigmoid"]
    return _beside_sigmoid("activations", found, 150e-9, 1.5)


def users() -> Contests:
    """What a user writes, with nothing but functions of NumPy."""
    return _beside_sigmoid("functions", [make() for make in (_where, _clip, _maximum, _closure, _default)], 1e-6, 3.0)


def _beside_sigmoid(work: str, activations: list[ns.Activation], most: float, times: float) -> Contests:
    names = [activation.name for activation in activations]
    entries = [Entry("sigmoid", "ours:Training")]
    entries += [Entry(one.name, "ours:Training", {"hidden": one, "output": one}) for one in activations]
    online = Contest(
        f"{work}  A with them, one update",
        _slow(exclusive_or, 0.05),
        entries,
        [Goal(name, at_most=most) for name in names],
    )
    batches = Contest(
        f"{work}  B with them, one epoch",
        _slow(handwritten, 0.01),
        entries,
        [Within(name, "sigmoid", times) for name in names],
    )
    return Contests([online, batches])


def _slow(problem: Callable[[], Layered], rate: float) -> Callable[[], Layered]:
    return lambda: replace(problem(), rate=rate)


def _where() -> ns.Activation:
    def function(z: Array) -> Any:
        return np.where(z > 0, z, 0.1 * z)

    def derivative(z: Array, a: Array) -> Any:
        return np.where(z > 0, 1.0, 0.1)

    return ns.Activation("np.where", function, derivative)


def _clip() -> ns.Activation:
    def function(z: Array) -> Any:
        return np.clip(0.5 + 0.2 * z, 0.0, 1.0)

    def derivative(z: Array, a: Array) -> Any:
        return np.where(np.abs(z) < 2.5, 0.2, 0.0)

    return ns.Activation("np.clip", function, derivative)


def _maximum() -> ns.Activation:
    def function(z: Array) -> Any:
        return np.maximum(z, np.exp(np.minimum(z, 0.0)) - 1.0)

    def derivative(z: Array, a: Array) -> Any:
        return np.exp(np.minimum(z, 0.0))

    return ns.Activation("np.maximum", function, derivative)


def _closure(share: float = 0.7) -> ns.Activation:
    def function(z: Array) -> Any:
        return share * np.tanh(z) + (1.0 - share) * z

    def derivative(z: Array, a: Array) -> Any:
        return share * (1.0 - np.tanh(z) ** 2) + (1.0 - share)

    return ns.Activation("a closure", function, derivative)


def _default() -> ns.Activation:
    def function(z: Array, slope: float = 0.5) -> Any:
        return z / (1.0 + np.abs(slope * z))

    def derivative(z: Array, a: Array, slope: float = 0.5) -> Any:
        return 1.0 / (1.0 + np.abs(slope * z)) ** 2

    return ns.Activation("a default", function, derivative)

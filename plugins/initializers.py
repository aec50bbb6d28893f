"""Built-in initializers.

References
----------
Article, section 3, step 1 (normal). Glorot and Bengio 2010 (xavier); He et al. 2015 (he). Those two leave the
connections of bias nodes at 0.
"""

from __future__ import annotations

import numpy as np

from nodesim import Initializer, hookimpl
from nodesim.functions import Array

Generator = np.random.Generator


def _normal(generator: Generator, fan_in: Array, fan_out: Array, mean: float, std: float) -> Array:
    return mean + std * generator.standard_normal(len(fan_in))


def _uniform(generator: Generator, fan_in: Array, fan_out: Array, low: float, high: float) -> Array:
    return low + (high - low) * generator.random(len(fan_in))


def _xavier_normal(generator: Generator, fan_in: Array, fan_out: Array) -> Array:
    return np.sqrt(2.0 / _positive(fan_in + fan_out)) * generator.standard_normal(len(fan_in))


def _xavier_uniform(generator: Generator, fan_in: Array, fan_out: Array) -> Array:
    return np.sqrt(6.0 / _positive(fan_in + fan_out)) * (2.0 * generator.random(len(fan_in)) - 1.0)


def _he_normal(generator: Generator, fan_in: Array, fan_out: Array) -> Array:
    return np.sqrt(2.0 / _positive(fan_in)) * generator.standard_normal(len(fan_in))


def _he_uniform(generator: Generator, fan_in: Array, fan_out: Array) -> Array:
    return np.sqrt(6.0 / _positive(fan_in)) * (2.0 * generator.random(len(fan_in)) - 1.0)


def _positive(fan: Array) -> Array:
    return np.maximum(fan, 1.0)


def _zeros(generator: Generator, fan_in: Array, fan_out: Array) -> Array:
    return np.zeros(len(fan_in))


def _constant(generator: Generator, fan_in: Array, fan_out: Array, value: float) -> Array:
    return np.full(len(fan_in), value)


@hookimpl
def nodesim_initializers() -> list[Initializer]:
    """Return the built-in initializers."""
    return [
        Initializer("normal", _normal, parameters={"mean": 0.0, "std": 1.0}, fans=False, description="N(mean, std²)"),
        Initializer(
            "uniform", _uniform, parameters={"low": -1.0, "high": 1.0}, fans=False,
            description="evenly between low and high",
        ),
        Initializer(
            "xavier_normal", _xavier_normal, bias=0.0, description="N(0, 2 / (fan_in + fan_out)); 0 from bias nodes"
        ),
        Initializer(
            "xavier_uniform", _xavier_uniform, bias=0.0,
            description="evenly within ±√(6 / (fan_in + fan_out)); 0 from bias nodes",
        ),
        Initializer("he_normal", _he_normal, bias=0.0, description="N(0, 2 / fan_in); 0 from bias nodes"),
        Initializer(
            "he_uniform", _he_uniform, bias=0.0, description="evenly within ±√(6 / fan_in); 0 from bias nodes"
        ),
        Initializer("zeros", _zeros, fans=False, description="0, everywhere"),
        Initializer("constant", _constant, parameters={"value": 0.0}, fans=False, description="value, everywhere"),
    ]  # fmt: skip

"""Data sets that are calculated: small problems with two inputs, or one, for networks to be tried on."""

from __future__ import annotations

import math

import numpy as np

from nodesim._arrays import Array
from nodesim.datasets.dataset import Dataset

_PLANE = ("x1", "x2")


def xor() -> Dataset:
    """Return the exclusive or: four samples that no network without a hidden layer can learn."""
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    y = np.array([[0.0], [1.0], [1.0], [0.0]])
    return Dataset("xor", X, y, _PLANE, ("xor",), description="the exclusive or of two inputs")


def moons(samples: int, noise: float, generator: np.random.Generator) -> Dataset:
    """Return two half circles that reach into one another."""
    first = np.linspace(0.0, math.pi, samples - samples // 2)
    second = np.linspace(0.0, math.pi, samples // 2)
    upper = np.column_stack([np.cos(first), np.sin(first)])
    lower = np.column_stack([1.0 - np.cos(second), 0.5 - np.sin(second)])
    return _plane("moons", [upper, lower], noise, generator, "two half circles that reach into one another")


def circles(samples: int, noise: float, generator: np.random.Generator) -> Dataset:
    """Return a circle of radius 1 and one of radius one half around the same point."""
    rings = []
    for radius, count in ((1.0, samples - samples // 2), (0.5, samples // 2)):
        angle = np.linspace(0.0, 2.0 * math.pi, count, endpoint=False)
        rings.append(radius * np.column_stack([np.cos(angle), np.sin(angle)]))
    return _plane("circles", rings, noise, generator, "a circle inside another")


def spirals(samples: int, noise: float, generator: np.random.Generator) -> Dataset:
    """Return two spirals of one and three quarter turns, wound into one another."""
    arms = []
    for start, count in ((0.0, samples - samples // 2), (math.pi, samples // 2)):
        turn = np.linspace(0.25, 2.0, count)
        angle = start + 2.0 * math.pi * turn
        arms.append(0.5 * turn[:, None] * np.column_stack([np.cos(angle), np.sin(angle)]))
    return _plane("spirals", arms, noise, generator, "two spirals wound into one another")


def sine(samples: int, noise: float, generator: np.random.Generator) -> Dataset:
    """Return one period of the sine: a function with one input and one output."""
    x = np.linspace(-math.pi, math.pi, samples)[:, None]
    y = np.sin(x) + noise * generator.standard_normal((samples, 1))
    return Dataset("sine", x, y, ("x",), ("sin(x)",), description="one period of the sine")


def _plane(name: str, groups: list[Array], noise: float, generator: np.random.Generator, description: str) -> Dataset:
    X = np.concatenate(groups)
    y = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    X = X + noise * generator.standard_normal(X.shape)
    return Dataset(name, X, y, _PLANE, ("group",), ("0", "1"), description=description)

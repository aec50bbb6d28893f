"""Inputs that a network only multiplies and shifts, one by one and for good: what a scaler of a pipeline does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nodesim._arrays import Array, Indices, Mask
from nodesim.graph.elements import Bias, Node
from nodesim.graph.structure import Structure
from nodesim.plugins import lookup


@dataclass(frozen=True, eq=False)
class ScaledInputs:
    """What happens to each input before anything else.

    Attributes
    ----------
    factors, shifts : ndarray of shape (n_inputs,)
    links : ndarray of bool
        The connections that do it.
    """

    factors: Array
    shifts: Array
    links: Mask


def scaled_inputs(structure: Structure, depth: Indices) -> ScaledInputs | None:
    """Return how the inputs are scaled, or None where the first layer does anything else.

    Parameters
    ----------
    structure : Structure
    depth : ndarray of int
        Of each node; bias nodes have -1.
    """
    schedule, numbers = structure.schedule, structure.store.weights[structure.schedule.slots]
    inputs, first = np.flatnonzero(depth == 0), np.flatnonzero(depth == 1)
    links = depth[schedule.targets] == 1
    biases = links & (depth[schedule.sources] < 0)
    plain = np.flatnonzero(links & ~biases)
    places, biased = np.searchsorted(first, schedule.targets[plain]), schedule.targets[biases]
    # Each input leads to the node in its place, and nowhere else.
    alone = len(inputs) == len(first) == len(plain) and (inputs[places] == schedule.sources[plain]).all()
    leaving = np.isin(schedule.sources, inputs) & ~links
    if not alone or leaving.any() or len(np.unique(biased)) < len(biased) or depth.max() < 2:
        return None
    if not all(node.kind == "input" for node in _nodes(structure, inputs)):
        return None
    linear = lookup.activation("linear")
    if not all(node.kind == "hidden" and node.activation == linear for node in _nodes(structure, first)):
        return None
    # A factor of 0 has no inverse, which scalers have.
    if structure.store.trainable[schedule.slots[links]].any() or not numbers[plain].all():
        return None
    factors, shifts = np.empty_like(numbers[plain]), np.zeros_like(numbers[plain])
    factors[places] = numbers[plain]
    constants = [node.value for node in _nodes(structure, schedule.sources[biases]) if isinstance(node, Bias)]
    with np.errstate(all="ignore"):
        shifts[np.searchsorted(first, biased)] = numbers[biases] * np.array(constants, dtype=numbers.dtype)
    return ScaledInputs(factors, shifts, links) if np.isfinite(shifts).all() else None


def _nodes(structure: Structure, rows: Indices) -> list[Node]:
    return [structure.nodes[row] for row in rows]

"""Whether what a file of FANN says is a network that FANN runs as it is written, and that nodesim can have."""

from __future__ import annotations

from itertools import accumulate

import numpy as np

from nodesim._arrays import Indices, Mask
from nodesim.errors import ExchangeError, FileError
from nodesim.exchange.fann.activations import FUNCTIONS
from nodesim.exchange.fann.text import Written


def check(name: str, written: Written) -> None:
    """Check where connections come from and lead to, and which functions there are.

    Raises
    ------
    FileError
        For connections that FANN would run otherwise than they are written, or read beyond its memory.
    ExchangeError
        For what nodesim has no counterpart of.
    """
    _check_connections(name, written)
    _check_functions(name, written)


def targets(written: Written) -> Indices:
    """Return where each connection leads to."""
    return np.repeat(np.arange(len(written.counts)), written.counts)


def _check_connections(name: str, written: Written) -> None:
    if written.counts[: written.layers[0]].any():
        raise FileError(f"{name}: a connection leads to an input, or to their bias neuron.")
    ends, sources = targets(written), written.sources
    for place in np.flatnonzero(sources >= ends)[:1]:
        raise FileError(
            f"{name}: {_link(written, place)} does not come from an earlier neuron, so that FANN would take what is "
            "left of another run."
        )
    if written.rate >= 1.0:
        _check_places(name, written)
    links = ends * len(written.counts) + sources
    _, first = np.unique(links, return_index=True)
    for place in np.flatnonzero(~np.isin(np.arange(len(links)), first))[:1]:
        raise ExchangeError(
            f"{name}: {_link(written, place)} is there twice, and two nodes have one connection. Replace both by one "
            "with the sum of their weights."
        )


def _check_places(name: str, written: Written) -> None:
    by_place = _by_place(written)
    for place in np.flatnonzero(written.sources != by_place)[:1]:
        raise FileError(
            f"{name}: {_link(written, place)} stands where a full connection from {by_place[place]} belongs, and "
            "with connection_rate=1 FANN goes by places. Load it with a lower rate, such as 0.999, if it is meant."
        )


def _by_place(written: Written) -> Indices:
    """Return where connections come from if each neuron has all of the layer before, or of all layers before it."""
    starts = [0, *accumulate(written.layers)]
    before = [0, *([0] * len(written.layers) if written.shortcut else starts)]
    first = np.repeat(before[: len(written.layers)], written.layers)
    ends = np.cumsum(written.counts)
    within = np.arange(len(written.sources)) - np.repeat(ends - written.counts, written.counts)
    return np.repeat(first, written.counts) + within


def _check_functions(name: str, written: Written) -> None:
    active: Mask = written.counts > 0
    for neuron in np.flatnonzero(active & (written.functions >= len(FUNCTIONS)))[:1]:
        raise ExchangeError(
            f"{name}: neuron {neuron} has the activation function {written.functions[neuron]}; those of FANN 2.2, 0 to "
            f"{len(FUNCTIONS) - 1}, are known."
        )
    unnamed = [index for index, (_, known, _) in enumerate(FUNCTIONS) if not known]
    for neuron in np.flatnonzero(active & np.isin(written.functions, unnamed))[:1]:
        index = written.functions[neuron]
        raise ExchangeError(
            f"{name}: neuron {neuron} has the activation function {index}, {FUNCTIONS[index][0]}, which FANN itself "
            "does not calculate: it is always 0. Give it another, such as FANN_GAUSSIAN."
        )
    for neuron in np.flatnonzero(active & ~(written.steepness > 0.0))[:1]:
        raise ExchangeError(
            f"{name}: neuron {neuron} has the steepness {written.steepness[neuron]:g}, with which it is the same "
            "whatever comes in; one above 0 can be multiplied into weights."
        )


def _link(written: Written, place: int) -> str:
    """Name a connection."""
    return f"the connection from neuron {written.sources[place]} to neuron {targets(written)[place]}"

"""What layers are called, in any language: in titles, and behind "into the"."""

from __future__ import annotations

from typing import Any

from nodesim.graph.elements import Layer
from nodesim.wording.message import Message


def layer_title(layer: Layer[Any]) -> Message:
    """Return the name of a layer as it stands by itself; in English that is `Layer.name`."""
    if layer.kind == "hidden":
        return Message("Hidden layer {number}", number=layer.index)
    return Message("Input layer") if layer.kind == "input" else Message("Output layer")


def layer_in_sentence(layer: Layer[Any]) -> Message:
    """Return the name of a layer with a definite article before it: never the input layer, into which nothing leads."""
    if layer.kind == "hidden":
        return Message("hidden layer {number}", number=layer.index)
    return Message("output layer")

"""FOLLOWING: which paths taught a weight, epoch by epoch of a training."""

from nodesim.following.parts import Parts, TopPath
from nodesim.following.recording import PathRecording
from nodesim.following.weight import WeightHistory

__all__ = ["Parts", "PathRecording", "TopPath", "WeightHistory"]

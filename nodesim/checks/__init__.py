"""Checks that anyone can run: gradients of a network, and conformance of a function written for a plugin."""

from nodesim.checks.conformance import check_activation, check_initializer, check_loss, check_optimizer
from nodesim.checks.gradients import GradientReport, GradientRow, check_gradients

__all__ = [
    "GradientReport",
    "GradientRow",
    "check_activation",
    "check_gradients",
    "check_initializer",
    "check_loss",
    "check_optimizer",
]

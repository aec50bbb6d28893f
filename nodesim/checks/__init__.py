"""Checks that anyone can run: of a network's gradients, of its twin in another program, of functions for plugins."""

from nodesim.checks.activations import check_activation
from nodesim.checks.aggregations import check_aggregation
from nodesim.checks.exchange import check_exchange
from nodesim.checks.exchange_proof import ExchangeProof
from nodesim.checks.gradients import GradientReport, GradientRow, check_gradients
from nodesim.checks.initializers import check_initializer
from nodesim.checks.losses import check_loss
from nodesim.checks.optimizers import check_optimizer
from nodesim.checks.regularizers import check_regularizer
from nodesim.checks.schedules import check_schedule

__all__ = [
    "ExchangeProof",
    "GradientReport",
    "GradientRow",
    "check_activation",
    "check_aggregation",
    "check_exchange",
    "check_gradients",
    "check_initializer",
    "check_loss",
    "check_optimizer",
    "check_regularizer",
    "check_schedule",
]

"""FANN's activation functions by their index, and what nodesim calls them."""

from __future__ import annotations

# The name in FANN, that in nodesim, and what the sum is multiplied by besides its steepness; the ones without a name
# are refused.
FUNCTIONS: tuple[tuple[str, str, float], ...] = (
    ("FANN_LINEAR", "linear", 1.0),
    ("FANN_THRESHOLD", "step", 1.0),
    ("FANN_THRESHOLD_SYMMETRIC", "fann_threshold_symmetric", 1.0),
    ("FANN_SIGMOID", "sigmoid", 2.0),
    ("FANN_SIGMOID_STEPWISE", "fann_sigmoid_stepwise", 1.0),
    ("FANN_SIGMOID_SYMMETRIC", "tanh", 1.0),
    ("FANN_SIGMOID_SYMMETRIC_STEPWISE", "fann_sigmoid_symmetric_stepwise", 1.0),
    ("FANN_GAUSSIAN", "gaussian", 1.0),
    ("FANN_GAUSSIAN_SYMMETRIC", "fann_gaussian_symmetric", 1.0),
    ("FANN_GAUSSIAN_STEPWISE", "", 1.0),
    ("FANN_ELLIOT", "fann_elliot", 1.0),
    ("FANN_ELLIOT_SYMMETRIC", "softsign", 1.0),
    ("FANN_LINEAR_PIECE", "fann_linear_piece", 1.0),
    ("FANN_LINEAR_PIECE_SYMMETRIC", "hard_tanh", 1.0),
    ("FANN_SIN_SYMMETRIC", "sine", 1.0),
    ("FANN_COS_SYMMETRIC", "fann_cos_symmetric", 1.0),
    ("FANN_SIN", "fann_sin", 1.0),
    ("FANN_COS", "fann_cos", 1.0),
)

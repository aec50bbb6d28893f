"""Activations of FANN, the Fast Artificial Neural Network library, that nodesim has no other name for.

They are called as FANN calls them and take what it calls the sum times the steepness. Its other functions are
linear, step (FANN_THRESHOLD), sigmoid (of twice the sum), tanh, gaussian, softsign (FANN_ELLIOT_SYMMETRIC), hard_tanh
(FANN_LINEAR_PIECE_SYMMETRIC) and sine (FANN_SIN_SYMMETRIC).

References
----------
Nissen, S., "Implementation of a Fast Artificial Neural Network Library (fann)", University of Copenhagen (2003).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from nodesim import Activation, hookimpl

# The corners of the stepwise functions. FANN has them in single precision, and those of the two differ there.
_SUMS = (-2.64665246009826660156, -1.47221946716308593750, -0.549306154251098632812)
_SYMMETRIC_SUMS = (-2.64665293693542480469, -1.47221934795379638672, -0.549306154251098632812)
_UPPER_SUMS = (0.549306154251098632812, 1.47221934795379638672, 2.64665293693542480469)
_VALUES = (
    0.00499999988824129104614, 0.0500000007450580596924, 0.25, 0.75, 0.949999988079071044922, 0.995000004768371582031,
)  # fmt: skip
_SYMMETRIC_VALUES = (
    -0.990000009536743164062, -0.899999976158142089844, -0.5, 0.5, 0.899999976158142089844, 0.990000009536743164062,
)  # fmt: skip


def _stepwise(sums: Sequence[float], values: Sequence[float], lowest: int) -> str:
    """Return the formula of straight lines between corners; beyond the last ones it jumps to the ends of its range."""
    formula = "1"
    for (left, low), (right, high) in reversed(list(pairwise(zip(sums, values)))):
        # Rounded as FANN rounds it: product, quotient, sum.
        line = f"({high - low!r}) * (z - ({left!r})) / ({right - left!r}) + ({low!r})"
        formula = f"where(z < {right!r}, {line}, {formula})"
    return f"where(z < {sums[0]!r}, {lowest}, {formula})"


_ACTIVATIONS = [
    Activation(
        "fann_threshold_symmetric", formula="where(z < 0, -1, 1)", derivative="refuse",
        description="FANN_THRESHOLD_SYMMETRIC: -1 below 0, else 1",
    ),
    Activation(
        "fann_gaussian_symmetric", formula="2 * exp(-z ** 2) - 1",
        description="FANN_GAUSSIAN_SYMMETRIC: a bell from -1 to 1",
    ),
    Activation(
        "fann_elliot", formula="z / 2 / (1 + abs(z)) + 1 / 2", derivative_formula="1 / (2 * (1 + abs(z)) ** 2)",
        description="FANN_ELLIOT: half of softsign, from 0 to 1",
    ),
    Activation(
        "fann_linear_piece", formula="clip(z, 0, 1)", description="FANN_LINEAR_PIECE: z, kept between 0 and 1",
    ),
    Activation("fann_cos_symmetric", formula="cos(z)", description="FANN_COS_SYMMETRIC: the cosine"),
    Activation("fann_sin", formula="sin(z) / 2 + 1 / 2", description="FANN_SIN: the sine, moved to between 0 and 1"),
    Activation("fann_cos", formula="cos(z) / 2 + 1 / 2", description="FANN_COS: the cosine, moved to between 0 and 1"),
    Activation(
        "fann_sigmoid_stepwise", formula=_stepwise((*_SUMS, *_UPPER_SUMS), _VALUES, 0),
        description="FANN_SIGMOID_STEPWISE: sigmoid(2z) by straight lines",
    ),
    Activation(
        "fann_sigmoid_symmetric_stepwise",
        formula=_stepwise((*_SYMMETRIC_SUMS, *_UPPER_SUMS), _SYMMETRIC_VALUES, -1),
        description="FANN_SIGMOID_SYMMETRIC_STEPWISE: tanh by straight lines",
    ),
]  # fmt: skip


@hookimpl
def nodesim_activations() -> list[Activation]:
    """Return the activations of FANN."""
    return list(_ACTIVATIONS)

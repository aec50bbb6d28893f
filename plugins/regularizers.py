"""Built-in regularizers: penalties of weights, whose sum is added to e.

References
----------
Hoerl and Kennard 1970 (l2); Tibshirani 1996 (l1); Zou and Hastie 2005 (elastic_net). The factors are those of torch's
``weight_decay`` and of scikit-learn's ``alpha`` for linear models: l2 is half of strength times the square, so that
the gradient is strength times the weight. Keras leaves that half out: its l2 of 0.01 is a strength of 0.02.
"""

from __future__ import annotations

import numpy as np

from nodesim import Regularizer, hookimpl
from nodesim.functions import Array, quiet


def _l1(w: Array, strength: float) -> Array:
    return strength * np.abs(w)


def _l1_derivative(w: Array, strength: float) -> Array:
    # 0 at 0, between the two sides, as torch has it.
    return strength * np.sign(w)


def _l2(w: Array, strength: float) -> Array:
    # Not w * w first, which may leave the range of a double.
    return 0.5 * strength * w * w


def _l2_derivative(w: Array, strength: float) -> Array:
    return strength * w


def _elastic_net(w: Array, l1: float, l2: float) -> Array:
    return _l1(w, l1) + _l2(w, l2)


def _elastic_net_derivative(w: Array, l1: float, l2: float) -> Array:
    return _l1_derivative(w, l1) + _l2_derivative(w, l2)


@hookimpl
def nodesim_regularizers() -> list[Regularizer]:
    """Return the built-in regularizers."""
    return [
        Regularizer(
            "l1", quiet(_l1), quiet(_l1_derivative), parameters={"strength": 0.01},
            formula="strength * abs(w)", derivative_formula="strength * sign(w)",
            aliases=("lasso",), description="draws weights to 0, and many onto it",
        ),
        Regularizer(
            "l2", quiet(_l2), quiet(_l2_derivative), parameters={"strength": 0.01},
            formula="strength / 2 * w ** 2", derivative_formula="strength * w",
            aliases=("ridge", "weight_decay"), description="keeps weights small",
        ),
        Regularizer(
            "elastic_net", quiet(_elastic_net), quiet(_elastic_net_derivative), parameters={"l1": 0.01, "l2": 0.01},
            formula="l1 * abs(w) + l2 / 2 * w ** 2", derivative_formula="l1 * sign(w) + l2 * w",
            aliases=("l1_l2",), description="both",
        ),
    ]  # fmt: skip

"""The check of a regularizer: what its author runs before shipping, and what the built-in ones pass."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nodesim.checks import formulas, varied
from nodesim.checks.elementwise import Elementwise, points, steps
from nodesim.checks.subject import report
from nodesim.functions.regularizer import Regularizer
from nodesim.plugins import lookup


def check_regularizer(regularizer: Regularizer | str) -> None:
    """Check a regularizer: shapes, every weight by itself, no NaN, no warning, the derivative, the formulas.

    Parameters
    ----------
    regularizer : Regularizer or str
        The regularizer, or its name; with parameters as in "l2(strength=0.1)".

    Raises
    ------
    CheckError
        Saying what is wrong.
    UnknownNameError
        If no regularizer has that name.

    See Also
    --------
    nodesim.Regularizer : What a regularizer needs.
    nodesim.checks.check_activation : The same for an activation, in the same manner.

    Examples
    --------
    >>> import nodesim as ns
    >>> ns.checks.check_regularizer("elastic_net(l1=0.1)")
    >>> ns.checks.check_regularizer(ns.Regularizer("b", lambda w: w**2, lambda w: w))
    Traceback (most recent call last):
    nodesim.errors.CheckError: regularizer b: the derivative at w = 0.82177 is 0.82177, finite differences give 1.64354
    """
    regularizer = lookup.regularizer(regularizer)
    of_one = Elementwise(regularizer)
    report(
        regularizer, *of_one.of_function(), *of_one.of_derivative(), of_one.of_out,
        lambda: _formulas(regularizer, of_one), of_one.function.dismissed, of_one.derivative.dismissed,
        lambda: varied.parameters(regularizer),
    )  # fmt: skip


def _formulas(regularizer: Regularizer, of_one: Elementwise) -> Iterator[str]:
    w = np.concatenate([points(), steps()[60:85]])
    with np.errstate(all="ignore"):
        yield from formulas.regularizer(regularizer, w, of_one.function(w), of_one.slopes(w))

"""The check of an activation: what its author runs before shipping, and what the built-in ones pass."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nodesim._arrays import Array
from nodesim.checks import formulas, native_forms, remarks, varied
from nodesim.checks.elementwise import Elementwise, extremes, points, steps
from nodesim.checks.subject import report
from nodesim.functions.contracts import Activation
from nodesim.plugins import lookup


def check_activation(activation: Activation | str) -> str:
    """Check an activation: shapes, scalar = vector, no NaN, no overflow, derivative, formula, parameters, native form.

    Parameters
    ----------
    activation : Activation or str
        The activation, or its name; with parameters as in "leaky_relu(slope=0.2)".

    Returns
    -------
    str
        How the compiled engine calculates it where it runs natively, about what that costs, and why it is not faster.
        Behind that, whether it jumps somewhere, or cannot be trained.

    Raises
    ------
    CheckError
        Saying what is wrong.
    UnknownNameError
        If no activation has that name.

    See Also
    --------
    nodesim.Activation : What an activation needs.
    nodesim.checks.check_loss : The same for a loss.
    nodesim.check_gradients : Compare the gradients of a network that uses it.

    Notes
    -----
    The functions are called as engines call them, with read-only arrays, and refused where engines refuse them. Beyond
    that they must return arrays, of no fewer digits than a double has, and the same numbers for the same ones, whatever
    stands beside them and however often they are called. The derivative may be off by 1e-7 of itself, and by what
    rounding makes of it; it is compared with finite differences from -10⁶ to 10⁶, also for other values of each
    parameter near its own, where the function is finite for them. An infinite value is right where the numbers next to
    it are as huge, as those of exp(z), and wrong where they are not, as those of log(1 + exp(z)) at z = 710.

    Examples
    --------
    >>> import nodesim as ns
    >>> ns.checks.check_activation(ns.activation("tanh")).startswith(("fused (about 1 ns a number)", "called as it is"))
    True
    >>> ns.checks.check_activation(ns.Activation("bad", lambda z: z**2, lambda z, a: z, formula="z ** 2"))
    Traceback (most recent call last):
    nodesim.errors.CheckError: activation bad: the derivative at z = 0.82177 is 0.82177, finite differences give 1.64354
    """
    activation = lookup.activation(activation)
    _Examination(activation).report()
    return remarks.remarked(activation)


class _Examination:
    def __init__(self, activation: Activation) -> None:
        self.activation = activation
        self.of_one = Elementwise(activation)

    def report(self) -> None:
        of_one, trains = self.of_one, self.activation.trains
        checks = of_one.of_function()
        if trains:
            checks += of_one.of_derivative()
        checks.append(lambda: of_one.of_out(derivative=trains))
        dismissed = of_one.function.dismissed, of_one.derivative.dismissed
        report(self.activation, *checks, self._formulas, self._native, *dismissed, self._varied)

    def _formulas(self) -> Iterator[str]:
        z = np.concatenate([points(), steps()[60:85]])
        with np.errstate(all="ignore"):
            values, slopes = self._at(z)
            yield from formulas.activation(self.activation, z, values, slopes)

    def _native(self) -> Iterator[str]:
        z = extremes()
        with np.errstate(all="ignore"):
            values, slopes = self._at(z)
        yield from native_forms.activation(self.activation, z, values, values if slopes is None else slopes)

    def _varied(self) -> Iterator[str]:
        yield from varied.parameters(self.activation)

    def _at(self, z: Array) -> tuple[Array, Array | None]:
        return self.of_one.function(z), self.of_one.slopes(z) if self.activation.trains else None

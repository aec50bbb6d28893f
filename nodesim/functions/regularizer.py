"""The contract of a penalty of weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import FunctionError
from nodesim.functions import formulas
from nodesim.functions.finite_differences import NumericalDerivative
from nodesim.functions.formulas import RegularizerFormula
from nodesim.functions.function import Formulated
from nodesim.validation import numbers, shortened


@dataclass(frozen=True, eq=False, repr=False)
class Regularizer(Formulated):
    """A penalty of weights that is added to e, as that of ridge regression; each weight has one of its own.

    Parameters
    ----------
    name : str
        The name under which it is used.
    function : callable, optional
        ``function(w)`` takes weights, an array of any shape, and returns the penalty of each, an array of that shape.
        The sum over all of them is added to e. It must not write into the array that it is given. By default what
        `formula` says.
    derivative : callable or "numerical", optional
        ``derivative(w)`` takes the same and returns the derivative of each penalty by its weight, of the same shape. By
        default the derivative of `formula`.
        "numerical" asks for finite differences, good to about ten digits; at a kink the slope of its left side counts.
    parameters : mapping of str to float
        Passed to both functions as keyword arguments; `with_parameters` sets other values.
    aliases : tuple of str
        Other names under which it is found.
    description : str
        One line for `nodesim plugins`.
    origin : str
        The plugin that it comes from; filled in when a plugin is registered.
    formula, derivative_formula : str
        What is printed for the penalty of a weight and for its derivative, in terms of w and the parameters:
        ``strength * abs(w)``. A `formula` alone is enough.

    Raises
    ------
    FunctionError
        For a missing name or function, a derivative that is none, a formula that cannot be read where they should
        follow from it, aliases that are no tuple of names, or a parameter that is not a finite number.

    See Also
    --------
    nodesim.regularizer : Look one up by name.
    nodesim.register : Make it known by name.
    nodesim.checks.check_regularizer : Look for mistakes in it.
    Loss : The error that it is added to.

    Examples
    --------
    >>> import nodesim as ns, numpy as np
    >>> ns.regularizer("l2", strength=0.1).derivative(np.array([3.0, -1.0]))
    array([ 0.3, -0.1])

    A formula alone is enough; the derivative follows from it:

    >>> quartic = ns.Regularizer("quartic", formula="k * w ** 4", parameters={"k": 0.25})
    >>> quartic.derivative_formula, quartic([1.0, 2.0])
    ('4*k*w**3', array([0.25, 4.  ]))
    """

    kind: ClassVar[str] = "regularizer"
    bound: ClassVar[tuple[str, ...]] = ("function", "derivative")

    function: Callable[..., Array] = field(default=None)  # type: ignore[assignment]
    derivative: Any = field(default=None)

    def __post_init__(self) -> None:
        self._follow(RegularizerFormula, formulas.regularizer_expression)
        if not callable(self.function):
            raise FunctionError(
                f"{self._who} needs a function of w, or its formula as in formula='strength * abs(w)'; "
                f"got {shortened(self.function)}."
            )
        self._differentiate(formulas.regularizer_slope)
        if isinstance(self.derivative, str) and self.derivative == "numerical":
            object.__setattr__(self, "derivative", NumericalDerivative(self.function))
        if not callable(self.derivative):
            raise FunctionError(
                f"{self._who} has no derivative (got {shortened(self.derivative)}), so it would change no gradient. "
                "Give derivative=lambda w: ..., the formula of the function with formula='...', or ask for finite "
                "differences with derivative='numerical'."
            )
        super().__post_init__()

    def __call__(self, w: object) -> Array:
        """Return the penalty of a weight, or of each weight of an array.

        Parameters
        ----------
        w : array_like
            Weights.

        Returns
        -------
        ndarray
            The penalties, of the same shape; their sum is what is added to e.

        Raises
        ------
        DataError
            If w is something else than real numbers.
        """
        with np.errstate(all="ignore"):
            return self.function(numbers(w, "w"))

"""Contracts of what networks are made of: `Activation`, `Loss`, `Optimizer`, `Initializer`.

All four are frozen descriptions: a name, NumPy functions, and the parameters that are bound into them.
They hold no state and know no network. What is added to a training has files of its own: `Regularizer` and
`LearningRateSchedule`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import FunctionError
from nodesim.functions import formulas
from nodesim.functions.finite_differences import NumericalDerivative, refusal
from nodesim.functions.formulas import ActivationFormula, LossFormula
from nodesim.functions.function import Formulated, Function, NativelyNamed
from nodesim.validation import numbers, shortened

__all__ = ["Activation", "Array", "Function", "Initializer", "Loss", "Optimizer", "State"]

State = Mapping[str, Any]
# What an author may give; the frozen object always holds a callable.
Derivative = Any

_HOW_TO_DERIVE = (
    "Give derivative=lambda z, a: ... (z is the weighted sum, a the activated value), "
    "the formula of the function with formula='...', or ask for finite differences with derivative='numerical'."
)


@dataclass(frozen=True, eq=False, repr=False)
class Activation(Formulated, NativelyNamed):
    """An activation function: HA = function(H), applied element by element.

    Parameters
    ----------
    name : str
        The name under which it is used.
    function : callable, optional
        ``function(z)`` takes the weighted sums, an array of any shape, and returns an array of that shape. It must not
        write into the array that it is given. By default what `formula` says.
    derivative : callable or {"numerical", "refuse"}, optional
        ``derivative(z, a)`` takes weighted sums and activated values and returns ∂a/∂z, of the same shape. By default
        the derivative of `formula`; where that is 0 everywhere, "refuse".
        "numerical" asks for finite differences, good to about ten digits; at a kink the slope of its left side counts.
        "refuse" is for functions without a useful derivative: the network runs forward, and `Network.backward` raises
        a FunctionError.
    parameters : mapping of str to float
        Passed to both functions as keyword arguments; `with_parameters` sets other values.
    aliases : tuple of str
        Other names under which it is found.
    description : str
        One line for `nodesim plugins`.
    origin : str
        The plugin that it comes from; filled in when a plugin is registered.
    native : str, optional
        The native form that calculates exactly what `function` and `derivative` do: the name of one of nodesim's own
        activations, which all have one but "step". The compiled engine then uses it where numba is installed and
        numbers are float64, with the parameters of this very object; `nodesim.checks.check_activation` compares the
        two. None lets the engine compile the functions themselves, or call them. A network that calculates natively
        refuses an unknown name, and parameters of other names than the form's: "leaky_relu" takes slope, "elu" alpha.
    formula : str
        What is printed for a, and calculated where no `function` is given, in terms of z and of the parameters:
        arithmetic, comparisons and ``abs asinh atan cos cosh erf exp expm1 log log1p max min sign sin sinh sqrt tan
        tanh where`` in Python's syntax, and ``clip relu sigmoid softplus``, which are short for formulas of these. For
        a text that cannot be read the activation's name is printed, if a `function` and a `derivative` are given.
        Where it gives the same numbers as these, the explorer's page calculates by it, and its reader can change them.
    derivative_formula : str
        What is printed for ∂a/∂z, in terms of z, a and the parameters; filled in where no `derivative` is
        given and it follows from `formula`.

    Raises
    ------
    FunctionError
        For a missing name, function or derivative, a formula that cannot be read where they should follow from it,
        aliases that are no tuple of names, a parameter that is not a finite number, or a native form of a function
        that refuses a derivative.

    See Also
    --------
    nodesim.register : Make it known by name.
    nodesim.checks.check_activation : Look for mistakes in it.
    Loss, Optimizer, Initializer : What else can be swapped.

    References
    ----------
    Article, section 3, step 2.

    Examples
    --------
    >>> import numpy as np
    >>> from nodesim import Activation
    >>> Activation("square", lambda z: z * z, lambda z, a: 2 * z, formula="z ** 2").function(np.array([3.0]))
    array([9.])

    A formula alone is enough; the derivative follows from it:

    >>> Activation("q", formula="z / (1 + exp(-z))").derivative_formula
    '(1 + a*exp(-z))/(1 + exp(-z))'
    """

    kind: ClassVar[str] = "activation"
    bound: ClassVar[tuple[str, ...]] = ("function", "derivative")

    function: Callable[..., Array] = field(default=None)  # type: ignore[assignment]
    derivative: Derivative = field(default=None)

    def __post_init__(self) -> None:
        self._follow(ActivationFormula, formulas.activation_expression)
        if not callable(self.function):
            raise FunctionError(
                f"{self._who} needs a function of z, or its formula as in formula='z / (1 + exp(-z))'; "
                f"got {shortened(self.function)}."
            )
        self._differentiate(formulas.activation_slope)
        object.__setattr__(self, "derivative", self._derivative())
        super().__post_init__()
        if self.native is not None and not self.trains:
            raise FunctionError(
                f"{self._who} refuses a derivative; a native form, here {shortened(self.native)}, has one."
            )

    def _derivative(self) -> Callable[..., Array]:
        given: Any = self.derivative
        if callable(given):
            return given  # type: ignore[no-any-return]
        if isinstance(given, str) and given == "numerical":
            return NumericalDerivative(self.function)
        if isinstance(given, str) and given == "refuse":
            return refusal(self.name)
        raise FunctionError(
            f"{self._who} has no derivative (got {shortened(given)}), so it could not be trained. {_HOW_TO_DERIVE}"
        )

    @property
    def trains(self) -> bool:
        """Whether it has a derivative, and does not refuse one."""
        return self.unbound("derivative") is not refusal(self.name)

    def __call__(self, z: object) -> Array:
        """Apply the function to a number or an array.

        Parameters
        ----------
        z : array_like
            Weighted sums.

        Returns
        -------
        ndarray
            The activated values, of the same shape.

        Raises
        ------
        DataError
            If z is something else than real numbers.
        """
        with np.errstate(all="ignore"):
            return self.function(numbers(z, "z"))


@dataclass(frozen=True, eq=False, repr=False)
class Loss(Formulated, NativelyNamed):
    """A loss: the error e of each sample, from the targets y and the outputs OA.

    Parameters
    ----------
    name : str
        The name under which it is used.
    function : callable, optional
        ``function(target, output)`` takes two arrays of shape (n_outputs, n_samples) and returns the errors,
        of shape (n_samples,): each of its own sample alone, as the engine hands over a batch in parts, and may fill
        them up with a sample that it repeats. No function may write into the arrays that it is given. By default what
        `formula` says.
    derivative : callable, optional
        ``derivative(target, output)`` returns ∂e/∂OA of each sample, of shape (n_outputs, n_samples). By default the
        derivative of `formula`.
    parameters : mapping of str to float
        Passed to all functions as keyword arguments; `with_parameters` sets other values.
    aliases : tuple of str
        Other names under which it is found.
    description : str
        One line for `nodesim plugins`.
    origin : str
        The plugin that it comes from; filled in when a plugin is registered.
    native : str, optional
        The native form that calculates exactly what the functions do, `sum_function` and `sum_derivative` where they
        are given: "mse", "mae", "half_squared_error", "huber" (with the parameter delta), "log_cosh",
        "binary_cross_entropy" (which needs these two) or "softmax_cross_entropy". `Network.fit` then uses it where it
        trains natively: by the compiled engine, with numba, in float64. There an unknown name is refused, and
        parameters of other names. `nodesim.checks.check_loss` compares the two. With None, the functions are called.
    formula, derivative_formula, sum_derivative_formula : str
        What is printed for e, for ∂e/∂OA, and for ∂e/∂O where `sum_derivative` is used: in terms of y, a (OA) and
        z (O), of n, the number of outputs, of the parameters, and of ``mean(...)``, ``sum(...)`` and ``softmax(a)``
        over the outputs, which are written out for four outputs at most. A `formula` of y, a, n and the parameters
        alone is enough: ``mean((y - a) ** 2)``. The explorer's page calculates by them where they give the same numbers
        as the functions.
    outputs : str, optional
        The name of the activation that every output node must have; None allows any.
    targets : tuple of float, optional
        The smallest and the largest target allowed.
    sum_function, sum_derivative : callable, optional
        The same error and its derivative written in the weighted sums O instead of OA, for a loss with
        `outputs` that would lose all digits where OA is saturated. They are then used in place of `function` and
        `derivative`, which must be there all the same.
    classifies : bool
        Whether the outputs stand for classes, so that `Network.score` is the accuracy and not R².
    least_outputs : int
        How many outputs the network must have.

    Raises
    ------
    FunctionError
        For a missing name or function, a formula that cannot be read where they should follow from it, parts that do
        not belong together, aliases that are no tuple of names, a parameter that is not a finite number, or a range of
        targets that is none.

    See Also
    --------
    nodesim.register : Make it known by name.
    nodesim.checks.check_loss : Look for mistakes in it.
    Activation, Optimizer, Initializer : What else can be swapped.

    References
    ----------
    Article, section 3, step 2.

    Examples
    --------
    >>> import nodesim as ns, numpy as np
    >>> ns.loss("mse").function(np.array([[1.0], [0.0]]), np.array([[0.5], [0.5]]))
    array([0.25])

    A formula alone is enough; the derivative follows from it:

    >>> ns.Loss("quartic", formula="mean((y - a) ** 4)").derivative_formula
    '-4*(y - a)**3/n'
    """

    kind: ClassVar[str] = "loss"
    bound: ClassVar[tuple[str, ...]] = ("function", "derivative", "sum_function", "sum_derivative")

    function: Callable[..., Array] = field(default=None)  # type: ignore[assignment]
    derivative: Callable[..., Array] = field(default=None)  # type: ignore[assignment]
    sum_derivative_formula: str = field(default="", kw_only=True)
    outputs: str | None = field(default=None, kw_only=True)
    targets: tuple[float, float] | None = field(default=None, kw_only=True)
    sum_function: Callable[..., Array] | None = field(default=None, kw_only=True)
    sum_derivative: Callable[..., Array] | None = field(default=None, kw_only=True)
    classifies: bool = field(default=False, kw_only=True)
    least_outputs: int = field(default=1, kw_only=True)

    def __post_init__(self) -> None:
        self._follow(LossFormula, formulas.loss_expression)
        self._differentiate(formulas.loss_slope)
        if not callable(self.function) or not callable(self.derivative):
            raise FunctionError(
                f"{self._who} needs function(target, output) and derivative(target, output), "
                f"got {shortened(self.function)} and {shortened(self.derivative)}; or a formula, as in "
                "formula='mean((y - a) ** 2)'."
            )
        if (self.sum_function is None) != (self.sum_derivative is None) or (
            self.sum_function is not None and self.outputs is None
        ):
            raise FunctionError(
                f"{self._who}: sum_function, sum_derivative and outputs are given together or not at all."
            )
        if self.targets is not None and not _is_range(self.targets):
            raise FunctionError(
                f"{self._who}: targets must be the smallest and the largest target, got {shortened(self.targets)}."
            )
        super().__post_init__()


@dataclass(frozen=True, eq=False, repr=False)
class Optimizer(NativelyNamed):
    """A rule that turns gradients into the next weights. Pure: it returns what it changes.

    Parameters
    ----------
    name : str
        The name under which it is used.
    step : callable
        ``step(weights, gradients, state, learning_rate)`` takes two arrays of shape (n,) and the state, and
        returns the new weights, of shape (n,), and the new state, a dict with the same keys. It must not
        write into the arrays that it is given. Frozen weights are not shown to it: n is the number of the others.
    parameters : mapping of str to float
        Passed to `step`, and not to `start`, as keyword arguments; `with_parameters` sets other values.
    aliases : tuple of str
        Other names under which it is found.
    description : str
        One line for `nodesim plugins`.
    origin : str
        The plugin that it comes from; filled in when a plugin is registered.
    native : str, optional
        The native form that calculates exactly what `step` does, with a state of the same keys and parameters of the
        same names: "sgd", "momentum", "nesterov", "adam", "rmsprop" or "rprop". `Network.fit` then uses it, with the
        parameters of this very object, where it trains natively: by the compiled engine, with numba, in float64.
        There an unknown name is refused, and so are other keys and other parameters; `nodesim.checks.check_optimizer`
        compares the two. With None, steps are made in Python, between native forward and backward passes.
    start : callable, optional
        ``start(weights, learning_rate)`` returns the first state: a dict of numbers and of arrays with one entry for
        each weight, the frozen ones included; `step` sees the entries of its n weights. None starts with an empty dict.
    learning_rate : float
        The learning rate when the user gives none; 0 or more.
    elementwise : bool
        Whether `step` treats every weight by itself, so that it may be called with some of them after the others, each
        time with their part of the state, its numbers as they were before. Faster where there are many.

    Raises
    ------
    FunctionError
        For a missing name or step, a start that cannot be called, aliases that are no tuple of names, a parameter that
        is not a finite number, or a learning rate that is negative or not finite.

    See Also
    --------
    nodesim.register : Make it known by name.
    nodesim.checks.check_optimizer : Look for mistakes in it.
    Activation, Loss, Initializer : What else can be swapped.

    References
    ----------
    Article, section 3, step 3.

    Examples
    --------
    >>> from nodesim import Optimizer
    >>> def step(weights, gradients, state, learning_rate):
    ...     return weights - learning_rate * gradients, state
    >>> Optimizer("plain", step)
    <optimizer plain>

    What it remembers is its state, which `start` makes and every step returns anew:

    >>> import nodesim as ns, numpy as np
    >>> def start(weights, learning_rate):
    ...     return {"v": np.zeros_like(weights)}
    >>> def heavy(weights, gradients, state, learning_rate, keep):
    ...     v = keep * state["v"] + gradients
    ...     return weights - learning_rate * v, {"v": v}
    >>> heavy_ball = Optimizer("heavy_ball", heavy, start=start, parameters={"keep": 0.9})
    >>> ns.checks.check_optimizer(heavy_ball).startswith(("NumPy, between", "called as it is"))
    True
    """

    kind: ClassVar[str] = "optimizer"
    _advice: ClassVar[str] = " The learning rate is an argument of fit and update."
    bound: ClassVar[tuple[str, ...]] = ("step",)

    step: Callable[..., tuple[Array, State]] = field(default=None)  # type: ignore[assignment]
    start: Callable[[Array, float], State] | None = field(default=None, kw_only=True)
    learning_rate: float = field(default=0.01, kw_only=True)
    elementwise: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        if not callable(self.step):
            raise FunctionError(
                f"{self._who} needs step(weights, gradients, state, learning_rate), got {shortened(self.step)}."
            )
        if self.start is not None and not callable(self.start):
            raise FunctionError(f"{self._who}: start must be callable, got {shortened(self.start)}.")
        if self._number("learning_rate", self.learning_rate) < 0:
            raise FunctionError(f"{self._who}: the learning rate must be 0 or more.")
        super().__post_init__()


@dataclass(frozen=True, eq=False, repr=False)
class Initializer(Function):
    """A rule that draws the first weights.

    Parameters
    ----------
    name : str
        The name under which it is used.
    function : callable
        ``function(generator, fan_in, fan_out)`` takes a `numpy.random.Generator` and two integer arrays of
        shape (n,): how many connections enter the target, those of bias nodes not counted (0 where there are no
        others), and how many leave the source. It returns n weights, of shape (n,). When `Network.connect` draws the
        weight of a new connection, n is 1, and that connection is counted in both.
    parameters : mapping of str to float
        Passed to `function` as keyword arguments; `with_parameters` sets other values.
    aliases : tuple of str
        Other names under which it is found.
    description : str
        One line for `nodesim plugins`.
    origin : str
        The plugin that it comes from; filled in when a plugin is registered.
    bias : float, optional
        The weight that connections of bias nodes get; None draws them like the others.
    fans : bool
        Whether `function` looks at the fans. If not, `Network.connect` does not count them and gives 1 for both.

    Raises
    ------
    FunctionError
        For a missing name or function, aliases that are no tuple of names, or a parameter or a bias that is not a
        finite number.

    See Also
    --------
    nodesim.register : Make it known by name.
    nodesim.checks.check_initializer : Look for mistakes in it.
    nodesim.Network.initialize : Draw all weights of a network anew.
    Activation, Loss, Optimizer : What else can be swapped.

    References
    ----------
    Article, section 3, step 1.

    Examples
    --------
    >>> import nodesim as ns
    >>> ns.Network.layered([2, 2, 1], initializer=ns.initializer("constant", value=0.5))["W1"].weight
    0.5
    """

    kind: ClassVar[str] = "initializer"

    function: Callable[..., Array] = field(default=None)  # type: ignore[assignment]
    bias: float | None = field(default=None, kw_only=True)
    fans: bool = field(default=True, kw_only=True)

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise FunctionError(
                f"{self._who} needs function(generator, fan_in, fan_out), got {shortened(self.function)}."
            )
        if self.bias is not None:
            object.__setattr__(self, "bias", self._number("bias", self.bias))
        super().__post_init__()


def _is_range(targets: object) -> bool:
    if not (isinstance(targets, tuple) and len(targets) == 2):
        return False
    return all(isinstance(bound, int | float) for bound in targets) and targets[0] <= targets[1]

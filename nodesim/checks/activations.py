"""The check of an activation: what its author runs before shipping, and what the built-in ones pass."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nodesim._arrays import Array, Mask
from nodesim.checks import formulas, native_forms
from nodesim.checks.differences import outside
from nodesim.checks.subject import Fault, Subject, near, report, with_out
from nodesim.engines.choice import way_of
from nodesim.functions import finite_differences
from nodesim.functions.contracts import Activation
from nodesim.plugins import lookup


def check_activation(activation: Activation | str) -> str:
    """Check an activation: shapes, scalar = vector, no NaN, no warning, derivative, formula, native form.

    Parameters
    ----------
    activation : Activation or str
        The activation, or its name; with parameters as in "leaky_relu(slope=0.2)".

    Returns
    -------
    str
        How the compiled engine calculates it where it runs natively, about what that costs, and why it is not faster.

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
    rounding makes of it; it is compared with finite differences from -10⁶ to 10⁶.

    Examples
    --------
    >>> import nodesim as ns
    >>> ns.checks.check_activation(ns.activation("tanh")) in ("fused (about 1 ns a number)", "NumPy")
    True
    >>> ns.checks.check_activation(ns.Activation("bad", lambda z: z**2, lambda z, a: z, formula="z ** 2"))
    Traceback (most recent call last):
    nodesim.errors.CheckError: activation bad: the derivative at z = 0.82177 is 0.82177, finite differences give 1.64354
    """
    activation = lookup.activation(activation)
    _Examination(activation).report()
    return way_of(activation)


def _points() -> Array:
    return np.random.default_rng(0).uniform(-3.0, 3.0, 60)


def _sides(*numbers: float) -> Array:
    return np.array([*numbers, *(-number for number in numbers)])


def _steps() -> Array:
    # Kinks are often at round numbers, and what an author chose there must lie between the two sides, too.
    far = _sides(1e-3, 8.0, 12.0, 20.0, 35.0, 60.0, 100.0, 300.0, 1e3, 1e4, 1e6)
    return np.concatenate([_points(), np.arange(-6.0, 6.5, 0.5), far])


def _extremes() -> Array:
    return np.concatenate([_steps(), _sides(0.0, 5e-324, 1e-6, 40.0, 1e300)])


class _Examination:
    def __init__(self, activation: Activation) -> None:
        self.activation = activation
        self.function = Subject(activation.function, "the function")
        self.derivative = Subject(activation.derivative, "the derivative")

    def report(self) -> None:
        checks = [lambda: _elementwise(self.function, _points()), self._undefined]
        if self.activation.trains:
            checks.append(lambda: _elementwise(self.derivative, _points(), self.function(_points())))
            checks += [self._undefined_slopes, self._slopes]
        checks.append(self._out)
        report(
            self.activation, *checks, self._formulas, self._native, self.function.dismissed, self.derivative.dismissed
        )  # fmt: skip

    def _out(self) -> Iterator[str]:
        z, activation = _points(), self.activation
        yield from with_out(activation.function, "the function", activation, z)
        if activation.trains:
            yield from with_out(activation.derivative, "the derivative", activation, z, self.function(z))

    def _undefined(self) -> Iterator[str]:
        # Overflow to infinity is right for a polynomial; what must not come out is nan.
        z = _extremes()
        with np.errstate(all="ignore"):
            values = self.function(z, shape=z.shape)
        yield from _first("the function", z, values, np.isnan(values))

    def _undefined_slopes(self) -> Iterator[str]:
        z = _extremes()
        with np.errstate(all="ignore"):
            values = self.function(z)
            slopes = self.derivative(z, values, shape=z.shape)
        # Far out a slope may overflow like its function; near 0 an infinite one cannot train.
        wrong = np.isnan(slopes) | (np.isinf(slopes) & (np.abs(z) < 10.0))
        yield from _first("the derivative", z, slopes, wrong & np.isfinite(values))

    def _slopes(self) -> Iterator[str]:
        z = _steps()
        with np.errstate(all="ignore"):
            found = self.derivative(z, self.function(z))
        wrong = outside(found, finite_differences.slopes(self.function, z), z)
        if wrong is not None:
            place, expected = wrong
            yield f"the derivative at z = {z[place]:g} is {found[place]:g}, finite differences give {expected}"

    def _formulas(self) -> Iterator[str]:
        z = np.concatenate([_points(), _steps()[60:85]])
        with np.errstate(all="ignore"):
            values = self.function(z)
            slopes = self.derivative(z, values) if self.activation.trains else None
            yield from formulas.activation(self.activation, z, values, slopes)

    def _native(self) -> Iterator[str]:
        z = _extremes()
        with np.errstate(all="ignore"):
            values = self.function(z)
            slopes = self.derivative(z, values) if self.activation.trains else values
        yield from native_forms.activation(self.activation, z, values, slopes)


def _first(who: str, z: Array, found: Array, wrong: Mask) -> Iterator[str]:
    if wrong.any():
        place = np.flatnonzero(wrong)[0]
        yield f"{who} at z = {z[place]:g} is {found[place]}"


def _elementwise(call: Subject, *arguments: Array) -> Iterator[str]:
    who, count = call.who, arguments[0].size
    whole = call(*arguments, shape=(count,))
    yield from _first(who, arguments[0], whole, ~np.isfinite(whole))
    if not near(call(*arguments), whole).all():
        raise Fault(f"{who} gives other numbers when it is called again with the same ones")
    backwards = call(*(argument[::-1] for argument in arguments))[::-1]
    parts = [(backwards, whole, "the other way round")]
    for shape in ((), (6, 10), (0, 3), (7,)):
        # From the middle: what looks at the first of the numbers looks at another one.
        part = slice(count - int(np.prod(shape)), None)
        found = call(*(argument[part].reshape(shape) for argument in arguments), shape=shape)
        parts.append((found.ravel(), whole[part], f"for shape {shape}"))
    for found, expected, where in parts:
        if not near(found, expected).all():
            raise Fault(f"{who} is not elementwise: other values {where} than for a vector")

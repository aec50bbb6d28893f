"""What activations and regularizers must be: functions of one number that work element by element."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from nodesim._arrays import Array, Mask
from nodesim.checks.differences import outside
from nodesim.checks.subject import Fault, Subject, near, with_out
from nodesim.functions import finite_differences
from nodesim.functions.contracts import Activation
from nodesim.functions.regularizer import Regularizer

_HUGE = 1e100


def points() -> Array:
    """Return ordinary numbers."""
    return np.random.default_rng(0).uniform(-3.0, 3.0, 60)


def steps() -> Array:
    """Return numbers at which slopes are compared: ordinary, round, and far out."""
    # Kinks are often at round numbers, and what an author chose there must lie between the two sides, too.
    far = _sides(1e-3, 8.0, 12.0, 20.0, 35.0, 60.0, 100.0, 300.0, 1e3, 1e4, 1e6)
    return np.concatenate([points(), np.arange(-6.0, 6.5, 0.5), far])


def extremes() -> Array:
    """Return numbers at which there must be a value: those of `steps`, the smallest and the largest."""
    return np.concatenate([steps(), _sides(0.0, 5e-324, 1e-6, 40.0, 88.0, 89.0, 700.0, 711.0, 750.0, 1e300)])


def _sides(*numbers: float) -> Array:
    return np.array([*numbers, *(-number for number in numbers)])


class Elementwise:
    """A function of one number and its derivative, under examination.

    Parameters
    ----------
    described : Activation or Regularizer
        The derivative of an activation takes the values of the function, too.
    """

    def __init__(self, described: Activation | Regularizer) -> None:
        self._described = described
        self._sees_values = isinstance(described, Activation)
        self._letter = "z" if self._sees_values else "w"
        self.function = Subject(described.function, "the function")
        self.derivative = Subject(described.derivative, "the derivative")

    def slopes(self, numbers: Array) -> Array:
        """Return what the derivative returns, called as engines call it."""
        return self.derivative(*self._given(numbers), shape=numbers.shape)

    def _given(self, numbers: Array) -> tuple[Array, ...]:
        return (numbers, self.function(numbers)) if self._sees_values else (numbers,)

    def of_function(self) -> list[Callable[[], Iterator[str]]]:
        """Return the checks of the function."""
        return [lambda: self._alone(self.function, points()), self._undefined]

    def of_derivative(self) -> list[Callable[[], Iterator[str]]]:
        """Return the checks of the derivative."""
        return [
            lambda: self._alone(self.derivative, *self._given(points())),
            self._undefined_slopes,
            self.differences,
        ]

    def of_out(self, *, derivative: bool = True) -> Iterator[str]:
        """Say whether something else comes out where `out` is given."""
        yield from with_out(self._described.function, "the function", self._described, points())
        if derivative:
            given = self._given(points())
            yield from with_out(self._described.derivative, "the derivative", self._described, *given)

    def _undefined(self) -> Iterator[str]:
        at = extremes()
        with np.errstate(all="ignore"):
            values = self.function(at, shape=at.shape)
            yield from self._first("the function", at, values, np.isnan(values))
            yield from self._overflows("the function", self.function, at, values)

    def _undefined_slopes(self) -> Iterator[str]:
        at = extremes()
        with np.errstate(all="ignore"):
            values, slopes = self.function(at), self.slopes(at)
            # Far out a slope may overflow like its function; near 0 an infinite one cannot train.
            seen = np.isfinite(values)
            wrong = np.isnan(slopes) & (seen | (np.abs(at) < _HUGE)) | (np.isinf(slopes) & (np.abs(at) < 10.0) & seen)
            yield from (
                f"{problem}{self._steepness(at[wrong][0])}"
                for problem in self._first("the derivative", at, slopes, wrong)
            )
            yield from self._overflows("the derivative", self.slopes, at, slopes)

    def _steepness(self, number: float) -> str:
        moved = number + np.array([-1e-14, 0.0, 1e-14])
        steps = np.abs(np.diff(self.function(moved)))
        return ", where the function is infinitely steep" if (steps > 1e-9).any() else ""

    def _overflows(self, who: str, call: Callable[[Array], Array], at: Array, found: Array) -> Iterator[str]:
        """Say where a value is infinite though it is no large number next to there, as log(1 + exp(z)) is at 710."""
        for far in at[np.isinf(found) & (np.abs(at) >= 10.0)]:
            near_by, wide = np.sign(far), far
            for _ in range(100):
                middle = np.sign(far) * np.sqrt(abs(near_by)) * np.sqrt(abs(wide))
                near_by, wide = (middle, wide) if np.isfinite(call(np.array([middle]))[0]) else (near_by, middle)
            value = call(np.array([near_by]))[0]
            # A square on the way overflows as far out as no number gets; whatever grows like exp is huge before.
            if abs(near_by) < _HUGE and abs(value) < _HUGE:
                yield (
                    f"{who} at {self._letter} = {far:g} is {call(np.array([far]))[0]}, though at {self._letter} = "
                    f"{near_by:g} it is only {value:g}: something on the way overflows"
                )
                return

    def differences(self) -> Iterator[str]:
        """Say where the derivative is none that finite differences allow."""
        at = steps()
        with np.errstate(all="ignore"):
            found = self.slopes(at)
        wrong = outside(found, finite_differences.slopes(self.function, at), at)
        if wrong is not None:
            place, expected = wrong
            where = f"{self._letter} = {at[place]:g}"
            yield f"the derivative at {where} is {found[place]:g}, finite differences give {expected}"

    def _first(self, who: str, at: Array, found: Array, wrong: Mask) -> Iterator[str]:
        if wrong.any():
            place = np.flatnonzero(wrong)[0]
            yield f"{who} at {self._letter} = {at[place]:g} is {found[place]}"

    def _alone(self, call: Subject, *arguments: Array) -> Iterator[str]:
        who, count = call.who, arguments[0].size
        whole = call(*arguments, shape=(count,))
        yield from self._first(who, arguments[0], whole, ~np.isfinite(whole))
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

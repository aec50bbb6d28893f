"""Formulas as programs: a list of steps, each of earlier ones, in which nothing is calculated twice.

One form serves whoever calculates: NumPy here, numba in the compiled engine, JavaScript in the explorer's page.

A formula may leave the range of a double on its way to a number that is well within it: exp(z) / (1 + exp(z)) is 1 at
z = 1000, and calculated as it is written it is inf / inf. Where something on the way is not finite, it is therefore
calculated again with numbers of a wider range; see `nodesim.notation.wide_numbers`.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nodesim._arrays import Array, Mask
from nodesim.notation import wide_numbers
from nodesim.notation.expressions import (
    COMPARISONS,
    FUNCTIONS,
    Call,
    Comparison,
    Expression,
    Negative,
    Number,
    Partial,
    Power,
    Product,
    Quotient,
    Sum,
    Symbol,
)

_CALLS: dict[str, Callable[..., Any]] = {
    "+": operator.add, "*": operator.mul, "/": np.divide, "**": np.power, "negative": operator.neg,
    "erfc": np.vectorize(math.erfc, otypes=[float]), **COMPARISONS, **FUNCTIONS,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """What is done in one step.

    Attributes
    ----------
    operation : str
        "number", "name", one of ``+ * / ** < <= > >=``, "negative", or the name of a function.
    operands : tuple of int
        The steps whose results it takes.
    number : float
        Of a step "number".
    name : str
        Of a step "name": what is put in there.
    """

    operation: str
    operands: tuple[int, ...] = ()
    number: float = 0.0
    name: str = ""

    def as_data(self) -> list[Any]:
        """Return the step as JSON can hold it: operation, then operands, number or name."""
        given: dict[str, list[Any]] = {"number": [self.number], "name": [self.name]}
        return [self.operation, *given.get(self.operation, self.operands)]


@dataclass(frozen=True)
class Program:
    """The steps of a formula; what comes out of the last is its value.

    Examples
    --------
    >>> from nodesim.notation.syntax import parse
    >>> [step.as_data() for step in program_of(parse("2 * z + 2")).steps]
    [['number', 2.0], ['name', 'z'], ['*', 0, 1], ['+', 2, 0]]
    """

    steps: tuple[Step, ...]

    def __call__(self, values: Mapping[str, Any]) -> Array:
        """Calculate with the numbers of many samples.

        Parameters
        ----------
        values : mapping
            For each name a number, or an array of shape (n_outputs, n_samples). Means, sums and softmaxes go over the
            first axis, and keep it.

        Returns
        -------
        ndarray
            Of the shape of the arrays, or with a first axis of 1.
        """
        with np.errstate(all="ignore"):
            results = self._plainly(values)
            wrong = self._spoilt(results)
        found = np.asarray(results[-1])
        return found if wrong is None else self._again(found, np.broadcast_to(wrong, found.shape), values)

    def _plainly(self, values: Mapping[str, Any]) -> list[Any]:
        shape = np.broadcast_shapes(*(np.shape(value) for value in values.values()))
        results: list[Any] = []
        for step in self.steps:
            operands = [results[place] for place in step.operands]
            results.append(_result(step, operands, values, shape))
        return results

    def _spoilt(self, results: list[Any]) -> Mask | None:
        """Return which results come from a number that is not finite, None if there is no such number.

        Also a finite one may be wrong: 1.1e308 over what has just become infinite is 0. What a where leaves out counts
        for nothing.
        """
        finite = [np.isfinite(result) for result in results]
        if all(map(np.all, finite)):
            return None
        sound: list[Any] = []
        for step, own in zip(self.steps, finite):
            whole = [sound[place] for place in step.operands]
            if step.operation == "where":
                sound.append(whole[0] & np.where(results[step.operands[0]], whole[1], whole[2]))
            elif step.operation in wide_numbers.OVER_OUTPUTS:
                sound.append(np.all(whole[0], axis=0, keepdims=True) & own)
            else:
                sound.append(functools.reduce(operator.and_, whole, own))
        wrong: Mask = ~sound[-1]
        return wrong if np.any(wrong) else None

    def _again(self, found: Array, wrong: Array, values: Mapping[str, Any]) -> Array:
        """Calculate the samples again in which something was not finite, with a wider range."""
        if found.ndim < 2:
            return found
        mended = found.astype(float)
        for sample in np.flatnonzero(wrong.any(axis=0)).tolist():
            column = {name: _of_sample(value, sample) for name, value in values.items()}
            mended[:, sample] = wide_numbers.calculate(self.steps, column)
        return mended.astype(found.dtype)


def _of_sample(value: Any, sample: int) -> list[float]:
    return [float(value)] if np.ndim(value) == 0 else np.asarray(value, dtype=float)[:, sample].tolist()


def _result(step: Step, operands: list[Any], values: Mapping[str, Any], shape: tuple[int, ...]) -> Any:
    match step.operation:
        case "number":
            return step.number
        case "name":
            return values[step.name]
        case "sum":
            return _sum(operands[0], shape[0])
        case "mean":
            # Divided first: the mean of numbers that a double can hold is one, too.
            return _sum(operands[0] / shape[0], shape[0])
        case "softmax":
            powers = np.exp(operands[0] - np.max(operands[0], axis=0, keepdims=True))
            return powers / _sum(powers, shape[0])
        case "log_softmax":
            return _log_softmax(np.broadcast_to(operands[0], (shape[0], *np.shape(operands[0])[1:])))
        case "others":
            return _others(np.broadcast_to(operands[0], (shape[0], *np.shape(operands[0])[1:])))
    return _CALLS[step.operation](*operands)


def _sum(numbers: Any, n_outputs: int) -> Any:
    """Return the sum over the outputs; what is the same for all of them counts once for each."""
    return np.broadcast_to(numbers, (n_outputs, *np.shape(numbers)[1:])).sum(axis=0, keepdims=True)


def _log_softmax(numbers: Array) -> Array:
    # log(1 + the others) for the logarithm of the sum, in which others below 1e-16 would be lost.
    below = numbers - np.max(numbers, axis=0, keepdims=True)
    logarithms: Array = below - np.log1p(np.sort(np.exp(below), axis=0)[:-1].sum(axis=0, keepdims=True))
    return logarithms


def _others(numbers: Array) -> Array:
    """Return for each output the sum of the others, added up from both ends: a difference could leave nothing."""
    before, after = np.zeros(numbers.shape), np.zeros(numbers.shape)
    np.cumsum(numbers[:-1], axis=0, out=before[1:])
    np.cumsum(numbers[:0:-1], axis=0, out=after[-2::-1])
    return before + after


def program_of(expression: Expression) -> Program:
    """Return the steps of an expression, equal parts of it once."""
    steps: dict[Step, int] = {}
    _add(expression, steps)
    return Program(tuple(steps))


def _add(expression: Expression, steps: dict[Step, int]) -> int:
    def place(step: Step) -> int:
        return steps.setdefault(step, len(steps))

    def of(operation: str, *operands: Expression) -> int:
        return place(Step(operation, tuple(_add(each, steps) for each in operands)))

    def one_by_one(operation: str, operands: tuple[Expression, ...]) -> int:
        places = [_add(each, steps) for each in operands]
        return functools.reduce(lambda left, right: place(Step(operation, (left, right))), places)

    match expression:
        case Number(value):
            return place(Step("number", number=value))
        case Symbol("π", value):
            return place(Step("number", number=value))
        case Symbol(name) | Partial(name):
            return place(Step("name", name=name))
        case Sum(terms):
            return one_by_one("+", terms)
        case Product(factors):
            return one_by_one("*", factors)
        case Quotient(over, under):
            return of("/", over, under)
        case Power(base, Number(2.0)):
            return of("*", base, base)
        case Power(base, exponent):
            return of("**", base, exponent)
        case Negative(term):
            return of("negative", term)
        case Comparison(left, sign, right):
            return of(sign, left, right)
        case Call(function, arguments):
            return of(function, *arguments)

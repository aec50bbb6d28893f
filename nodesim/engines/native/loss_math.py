"""The built-in losses, of vectors of samples and of single ones.

All but softmax cross-entropy are sums over the outputs: each of their formulas takes a target, an output (or its
weighted sum), the number of outputs, and the parameter of a loss that has one; it returns what the output adds to the
error, and where the error enters it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from nodesim.engines.native.jit import chosen_by_name, inlined
from nodesim.engines.native.vector_math import exponential, log_one_plus, tanh
from nodesim.engines.native.vectors import absolute, load_strip, store_strip, where_less

_SMALLEST = 5e-324
_LOG_2 = 0.6931471805599453


@inlined
def _mse(y: Any, a: Any, n: float) -> Any:
    """Mean of (y − a)²."""
    # distance · (distance · share), not distance² · share: what a double can hold is then found without overflow.
    distance = y - a
    return distance * (distance * (1.0 / n)), distance * (-2.0 / n)


@inlined
def _half_squared_error(y: Any, a: Any, n: float) -> Any:
    """Half of the sum of (y − a)²."""
    distance = a - y
    return distance * (distance * 0.5), distance


@inlined
def _mae(y: Any, a: Any, n: float) -> Any:
    """Mean of ``|y − a|``."""
    distance = a - y
    # Of NaN and 0 the sign is itself, as np.sign has it.
    sign = where_less(0.0, distance, 1.0, where_less(distance, 0.0, -1.0, distance))
    return absolute(distance) / n, sign / n


@inlined
def _huber(y: Any, a: Any, n: float, delta: float) -> Any:
    """Mean of (y − a)² / 2 up to a distance of delta, and of a straight line beyond."""
    distance = a - y
    size = absolute(distance)
    near = where_less(delta, size, delta, size)
    slope = where_less(delta, distance, delta, where_less(distance, 0.0 - delta, 0.0 - delta, distance))
    return near * (size - near * 0.5) / n, slope / n


@inlined
def _log_cosh(y: Any, a: Any, n: float) -> Any:
    """Mean of log(cosh(y − a)) = ``|y − a|`` + log(1 + exp(−2 ``|y − a|``)) − log 2."""
    distance = a - y
    size = absolute(distance)
    return (size + log_one_plus(exponential(size * -2.0)) - _LOG_2) / n, tanh(distance) / n


@inlined
def _binary_cross_entropy(y: Any, z: Any, n: float) -> Any:
    """Mean of −y·log a − (1 − y)·log(1 − a), written in the sums so that nothing overflows or cancels."""
    small = exponential(0.0 - absolute(z))
    # a − y as (1 − y)·a − y·(1 − a), with 1 − a from z: nothing is left of it once a is rounded to 1.
    a, rest = where_less(z, 0.0, small, 1.0), where_less(z, 0.0, 1.0, small)
    seed = ((1.0 - y) * a - y * rest) / (small + 1.0)
    far = where_less(0.0, z, 1.0 - y, 0.0 - y) * z
    return (far + log_one_plus(small)) / n, seed / n


class LossFormula(NamedTuple):
    """A native form: what its parameter is called, and whether it is written in the outputs' weighted sums."""

    formula: Any
    parameters: tuple[str, ...] = ()
    of_sums: bool = False


FORMULAS = {
    "mse": LossFormula(_mse),
    "mae": LossFormula(_mae),
    "half_squared_error": LossFormula(_half_squared_error),
    "huber": LossFormula(_huber, ("delta",)),
    "log_cosh": LossFormula(_log_cosh),
    "binary_cross_entropy": LossFormula(_binary_cross_entropy, of_sums=True),
    "softmax_cross_entropy": LossFormula(None),
}


def term(name: Any, y: Any, a: Any, n: Any, parameter: Any) -> Any:
    """Stand for the formula of that name in compiled code."""


@chosen_by_name(term)
def _term_by_name(name: Any, y: Any, a: Any, n: Any, parameter: Any) -> Any:
    formula, parameters, _ = FORMULAS[name.literal_value]
    if parameters:
        return lambda name, y, a, n, parameter: formula(y, a, n, parameter)
    return lambda name, y, a, n, parameter: formula(y, a, n)


# ---- softmax ---------------------------------------------------------------------------------------------------
# −Σ y·log softmax(a), by log-sum-exp. With s = softmax(a), the derivative s·Σy − y is s·(the other targets) − y·(the
# others' s). The others of the largest are added up by themselves: in the sum of all, and in s once it is rounded to 1,
# what they are is lost. The numbers of a sample stand `step` apart, and are loaded and stored for several at once.


@inlined
def load_one(numbers: Any, i: int) -> float:
    """Load the number of one sample."""
    return numbers[i]  # type: ignore[no-any-return]


@inlined
def store_one(numbers: Any, i: int, number: float) -> None:
    """Store the number of one sample."""
    numbers[i] = number


@inlined
def load_several(numbers: Any, i: int) -> Any:
    """Load the numbers of a strip of samples."""
    return load_strip(numbers, i)


@inlined
def store_several(numbers: Any, i: int, strip: Any) -> None:
    """Store the numbers of a strip of samples."""
    store_strip(numbers, i, strip)


@inlined
def _largest(numbers: Any, first: int, last: int, step: int, load: Any) -> Any:
    """Return the largest of some numbers, and where it stands."""
    most = load(numbers, first)
    place = most * 0.0
    for i in range(first + step, last, step):
        number = load(numbers, i)
        place = where_less(most, number, float(i - first), place)
        most = where_less(most, number, number, most)
    return most, place


@inlined
def _at(place: Any, i: int, then: Any, otherwise: Any) -> Any:
    return where_less(absolute(place - float(i)), 0.5, then, otherwise)


@inlined
def softmax_sums(y: Any, a: Any, seeds: Any, first: int, last: int, step: int, load: Any, store: Any) -> Any:
    """Write exp(a − the highest); return the largest target and output, their places, and the sums of the others."""
    # The highest output is taken off first: every exponential is then at most 1, and their sum at least 1.
    top, highest = _largest(a, first, last, step, load)
    most, wanted = _largest(y, first, last, step, load)
    others, unwanted = top * 0.0, top * 0.0
    for i in range(first, last, step):
        share = exponential(load(a, i) - top)
        store(seeds, i, share)
        others = others + _at(highest, i - first, 0.0, share)
        unwanted = unwanted + _at(wanted, i - first, 0.0, load(y, i))
    return top, highest, most, wanted, unwanted, others


@inlined
def softmax_seeds(
    y: Any, a: Any, seeds: Any, first: int, last: int, step: int, load: Any, store: Any, sums: Any, logarithm: Any
) -> Any:
    """Write where the error enters the outputs, and return it; the logarithm is log(1 + the others)."""
    top, highest, most, wanted, unwanted, others = sums
    total, error = others + 1.0, top * 0.0
    for i in range(first, last, step):
        target, share = load(y, i), load(seeds, i)
        # What is not wanted has no part in it, though its logarithm may be −∞.
        error = error - where_less(absolute(target), _SMALLEST, 0.0, target * (load(a, i) - top - logarithm))
        other_targets = _at(wanted, i - first, unwanted, unwanted + most - target)
        other_shares = _at(highest, i - first, others, total - share)
        store(seeds, i, (share * other_targets - target * other_shares) / total)
    return error

"""Numbers with the digits of a double and a range without end, for formulas that leave a double's range on their way.

A number is a pair (m, e) that stands for m · 2^e, with 1/2 <= ``|m|`` < 1, or (m, 0) for 0, the infinities and NaN. One
number at a time and slow: only what came out infinite, or as no number, is calculated again with them.

The explorer's page has the same in `wide.js`.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nodesim.notation.expressions import COMPARISONS

Wide = tuple[float, int]
ZERO, ONE = (0.0, 0), (0.5, 1)
# What is calculated of all outputs of a sample at once.
OVER_OUTPUTS = ("mean", "sum", "softmax", "log_softmax", "others")
# exp and log of what a double holds are doubles; beyond, exponents count.
_FARTHEST_EXP = 700.0
_LN2, _LN2_REST = 0.693147180369123816490, 1.90821492927058770002e-10
# From here on no digit of exp(x) is known, only its exponent.
_DIGITLESS = 1e15
_WHOLE_POWERS = 1024
# Below, a function that is 0 at 0 is its slope there times the number, which may be smaller than any double.
_TINY = -500


def wide(value: float) -> Wide:
    """Return a double as a wide number.

    Examples
    --------
    >>> wide(3.0)
    (0.75, 2)
    """
    return math.frexp(value) if math.isfinite(value) else (value, 0)


def double(number: Wide) -> float:
    """Return the nearest double: an infinity where the number is too large, 0 where it is too small.

    Examples
    --------
    >>> double(divided(exponential((0.5, 12)), exponential((0.5, 12))))
    1.0
    """
    m, e = number
    try:
        return math.ldexp(m, e)
    except OverflowError:
        return math.copysign(math.inf, m)


def added(left: Wide, right: Wide) -> Wide:
    """Return the sum."""
    (m, e), (n, f) = left, right
    if not (math.isfinite(m) and math.isfinite(n)):
        return m + n, 0
    if m == 0.0 or n == 0.0:
        return right if m == 0.0 else left
    return _shifted(m + math.ldexp(n, f - e), e) if e >= f else added(right, left)


def multiplied(left: Wide, right: Wide) -> Wide:
    """Return the product."""
    return _shifted(left[0] * right[0], left[1] + right[1])


def divided(left: Wide, right: Wide) -> Wide:
    """Return the quotient; by 0 an infinity, or NaN."""
    (m, e), (n, f) = left, right
    if n == 0.0:
        return (math.nan if m == 0.0 or math.isnan(m) else math.copysign(math.inf, m) * math.copysign(1.0, n)), 0
    return _shifted(m / n, e - f)


def negative(number: Wide) -> Wide:
    """Return the number with the other sign."""
    return -number[0], number[1]


def exponential(number: Wide) -> Wide:
    """Return exp."""
    x = double(number)
    if math.isnan(x) or abs(x) <= _FARTHEST_EXP:
        return wide(math.exp(x))
    bits = x / math.log(2.0)
    if math.isinf(bits):
        return (math.inf, 0) if bits > 0 else ZERO
    if abs(x) > _DIGITLESS:
        return 0.5, int(bits)
    whole = round(bits)
    # In two parts, as what is left of x has to be right to its last digits.
    m, e = math.frexp(math.exp((x - whole * _LN2) - whole * _LN2_REST))
    return m, e + whole


def logarithm(number: Wide) -> Wide:
    """Return the natural logarithm; of 0 minus infinity, below NaN."""
    m, e = number
    if m <= 0.0 or not math.isfinite(m):
        return (m if m > 0.0 or math.isnan(m) else -math.inf if m == 0.0 else math.nan), 0
    # Near 1 the exponent's share would cancel.
    return wide(math.log(math.ldexp(m, e)) if abs(e) < 1000 else math.log(m) + e * math.log(2.0))


def raised(base: Wide, exponent: Wide) -> Wide:
    """Return the power; of a negative base only whole ones."""
    (m, _), x = base, double(exponent)
    if x == 0.0:
        return ONE
    if x.is_integer() and abs(x) <= _WHOLE_POWERS:
        whole = functools.reduce(multiplied, _squares(base, int(abs(x))), ONE)
        return whole if x > 0 else divided(ONE, whole)
    if m == 0.0:
        return ZERO if x > 0 else (math.inf if x < 0 else x, 0)
    size = exponential(multiplied(exponent, logarithm((abs(m), base[1]))))
    if m > 0.0 or math.isnan(m):
        return size
    if not x.is_integer():
        return math.nan, 0
    return negative(size) if x % 2.0 else size


def root(number: Wide) -> Wide:
    """Return the square root; below 0 NaN."""
    m, e = number
    if not (0.0 < m < math.inf):
        return (m if m >= 0.0 else math.nan), 0
    return _shifted(math.sqrt(math.ldexp(m, e % 2)), e // 2)


def logarithm_of_one_more(number: Wide) -> Wide:
    """Return log(1 + number)."""
    x = double(number)
    if number[1] < _TINY:
        return number
    return wide(math.log1p(x)) if -1.0 < x < math.inf else logarithm(added(ONE, number))


def hyperbolic_cosine(number: Wide) -> Wide:
    """Return cosh."""
    up, down = exponential(number), exponential(negative(number))
    m, e = added(up, down)
    return m, e - 1


def hyperbolic_sine(number: Wide) -> Wide:
    """Return sinh."""
    x = double(number)
    if number[1] < _TINY:
        return number
    if abs(x) <= _FARTHEST_EXP:
        return wide(math.sinh(x))
    m, e = added(exponential(number), negative(exponential(negative(number))))
    return m, e - 1 if math.isfinite(m) else 0


def exponential_less_one(number: Wide) -> Wide:
    """Return exp(number) - 1."""
    x = double(number)
    if number[1] < _TINY:
        return number
    return exponential(number) if x > _FARTHEST_EXP else wide(math.expm1(x))


def inverse_hyperbolic_sine(number: Wide) -> Wide:
    """Return asinh."""
    m, e = number
    if e < _TINY:
        return number
    if e < 1000:
        return wide(math.asinh(double(number)))
    return multiplied(wide(math.copysign(1.0, m)), logarithm((abs(m), e + 1)))


def sign(number: Wide) -> Wide:
    """Return -1, 0 or 1, of NaN NaN."""
    m = number[0]
    return wide(m if m == 0.0 or math.isnan(m) else math.copysign(1.0, m))


def _shifted(value: float, exponent: int) -> Wide:
    """Return value · 2^exponent."""
    if value == 0.0 or not math.isfinite(value):
        return value, 0
    m, e = math.frexp(value)
    return m, e + exponent


def _squares(base: Wide, exponent: int) -> list[Wide]:
    """Return those of base, base², base⁴, ... whose product is the power."""
    found = []
    while exponent:
        if exponent % 2:
            found.append(base)
        base, exponent = multiplied(base, base), exponent // 2
    return found


def _bounded(function: Callable[[float], float], slope: float = 0.0) -> Callable[[Wide], Wide]:
    """Make a function that stays within a double's range wide; `slope` is that at 0, of one that is 0 there."""

    def call(number: Wide) -> Wide:
        if slope and number[1] < _TINY:
            return multiplied(wide(slope), number)
        try:
            return wide(function(double(number)))
        except ValueError:
            # Outside of its domain.
            return math.nan, 0

    return call


def _compared(name: str) -> Callable[[Wide, Wide], Wide]:
    def call(left: Wide, right: Wide) -> Wide:
        # Equal infinities are compared as they are: their difference is no number.
        if not (math.isfinite(left[0]) and math.isfinite(right[0])):
            return wide(COMPARISONS[name](double(left), double(right)))
        return wide(COMPARISONS[name](added(left, negative(right))[0], 0.0))

    return call


def _extreme(name: str) -> Callable[[Wide, Wide], Wide]:
    first_is = _compared(">" if name == "max" else "<")

    def call(left: Wide, right: Wide) -> Wide:
        if math.isnan(left[0]) or math.isnan(right[0]):
            return math.nan, 0
        return left if first_is(left, right) == ONE else right

    return call


OPERATIONS: dict[str, Callable[..., Wide]] = {
    "+": added, "*": multiplied, "/": divided, "**": raised, "negative": negative,
    **{name: _compared(name) for name in COMPARISONS},
    "abs": lambda number: (abs(number[0]), number[1]),
    "asinh": inverse_hyperbolic_sine,
    "atan": _bounded(math.atan, 1.0),
    "cos": _bounded(math.cos),
    "cosh": hyperbolic_cosine,
    "erf": _bounded(math.erf, 2.0 / math.sqrt(math.pi)),
    "erfc": _bounded(math.erfc),
    "exp": exponential,
    "expm1": exponential_less_one,
    "log": logarithm,
    "log1p": logarithm_of_one_more,
    "max": _extreme("max"),
    "min": _extreme("min"),
    "sign": sign,
    "sin": _bounded(math.sin, 1.0),
    "sinh": hyperbolic_sine,
    "sqrt": root,
    "tan": _bounded(math.tan, 1.0),
    "tanh": _bounded(math.tanh, 1.0),
    "where": lambda condition, then, otherwise: then if condition[0] != 0.0 else otherwise,
}  # fmt: skip


def over_outputs(name: str, numbers: Sequence[Wide]) -> list[Wide]:
    """Return what one of `OVER_OUTPUTS` makes of the numbers of a sample's outputs."""
    if name == "others":
        return _others(numbers)
    total = functools.reduce(added, numbers)
    if name == "sum":
        return [total]
    if name == "mean":
        return [divided(total, wide(float(len(numbers))))]
    highest = functools.reduce(OPERATIONS["max"], numbers)
    below = [added(number, negative(highest)) for number in numbers]
    powers = [exponential(each) for each in below]
    if name == "log_softmax":
        rest = _others(powers)[numbers.index(highest)] if highest in numbers else highest
        return [added(each, negative(logarithm_of_one_more(rest))) for each in below]
    total = functools.reduce(added, powers)
    return [divided(each, total) for each in powers]


def _others(numbers: Sequence[Wide]) -> list[Wide]:
    return [functools.reduce(added, [*numbers[:place], *numbers[place + 1 :]], ZERO) for place in range(len(numbers))]


def calculate(steps: Sequence[Any], values: Mapping[str, Sequence[float]]) -> list[float]:
    """Run a program of `nodesim.notation.programs` for one sample.

    Parameters
    ----------
    steps : sequence of Step
    values : mapping of str to sequence of float
        For each name one number, or one for each output.

    Returns
    -------
    list of float
    """
    results: list[list[Wide]] = []
    for step in steps:
        operands = [results[place] for place in step.operands]
        results.append(_of_step(step, operands, values))
    return list(map(double, results[-1]))


def _of_step(step: Any, operands: list[list[Wide]], values: Mapping[str, Sequence[float]]) -> list[Wide]:
    match step.operation:
        case "number":
            return [wide(step.number)]
        case "name":
            return list(map(wide, values[step.name]))
        case name if name in OVER_OUTPUTS:
            # What is the same for all outputs counts once for each.
            numbers = operands[0] * (len(values["y"]) if len(operands[0]) == 1 else 1)
            return over_outputs(name, numbers)
    count = max(map(len, operands))
    call = OPERATIONS[step.operation]
    return [call(*(each[place % len(each)] for each in operands)) for place in range(count)]

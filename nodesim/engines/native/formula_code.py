"""Formulas as functions of single numbers that numba compiles: one line of source for each step of their program."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numba

from nodesim.notation.programs import Program, Step

_INFIX = {"+", "*", "/", "**"}
_COMPARISONS = {"<", "<=", ">", ">="}
# Written so that of NaN comes NaN, as with NumPy.
_SPELLED = {
    "negative": "-{0}",
    "abs": "abs({0})",
    "max": "{0} if {0} > {1} or {0} != {0} else {1}",
    "min": "{0} if {0} < {1} or {0} != {0} else {1}",
    "sign": "math.copysign(1.0, {0}) if {0} < 0.0 or {0} > 0.0 else {0}",
    "where": "{1} if {0} != 0.0 else {2}",
}


def scalar_function(program: Program, arguments: Sequence[str], parameters: Mapping[str, float]) -> Callable[..., Any]:
    """Compile a program without means, sums and softmaxes.

    Parameters
    ----------
    program : Program
    arguments : sequence of str
        The names of the function's arguments, in their order.
    parameters : mapping of str to float
        What the other names stand for.

    Returns
    -------
    callable
        Of as many floats as there are arguments. NaN where a number on the way is not finite.
    """
    lines = []
    for place, step in enumerate(program.steps):
        lines += [f"t{place} = {_line(step, arguments, parameters)}", f"k{place} = {_sound(place, step)}"]
    last = len(program.steps) - 1
    body = "\n    ".join([*lines, f"return float(t{last}) if k{last} else math.nan"])
    names = ", ".join(f"v{place}" for place in range(len(arguments)))
    scope: dict[str, Any] = {"math": math}
    # Of the steps alone, whose operations are those of a table: nothing of the author's text is executed.
    exec(f"def function({names}):\n    {body}\n", scope)
    return numba.njit(scope["function"], error_model="numpy")  # type: ignore[no-any-return]


def _sound(place: int, step: Step) -> str:
    """Return when the result of a step comes from finite numbers; what a where leaves out counts for nothing."""
    whole = [f"k{operand}" for operand in step.operands]
    if step.operation == "where":
        return f"{whole[0]} and ({whole[1]} if t{step.operands[0]} != 0.0 else {whole[2]})"
    return " and ".join([*whole, f"math.isfinite(t{place})"])


def _line(step: Step, arguments: Sequence[str], parameters: Mapping[str, float]) -> str:
    operands = [f"t{place}" for place in step.operands]
    match step.operation:
        case "number":
            return repr(float(step.number))
        case "name" if step.name in arguments:
            return f"v{arguments.index(step.name)}"
        case "name":
            return repr(float(parameters[step.name]))
        case operation if operation in _INFIX:
            return f"{operands[0]} {operation} {operands[1]}"
        case operation if operation in _COMPARISONS:
            return f"1.0 if {operands[0]} {operation} {operands[1]} else 0.0"
        case operation if operation in _SPELLED:
            return _SPELLED[operation].format(*operands)
    return f"math.{step.operation}({', '.join(operands)})"

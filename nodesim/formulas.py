"""Formulas as they are printed, read back as mathematics: an expression in a few letters and functions.

Only arithmetic, comparisons and the functions of `FUNCTIONS` are understood; nothing else is evaluated.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from nodesim.calls import Array
from nodesim.errors import FunctionError

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": np.abs, "cos": np.cos, "cosh": np.cosh, "erf": np.vectorize(math.erf, otypes=[float]), "exp": np.exp,
    "log": np.log, "max": np.maximum, "min": np.minimum, "sign": np.sign, "sin": np.sin, "sqrt": np.sqrt,
    "tanh": np.tanh, "where": np.where,
}  # fmt: skip
CONSTANTS = {"pi": math.pi}
_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Pow: operator.pow, ast.USub: operator.neg, ast.UAdd: operator.pos, ast.Lt: operator.lt, ast.LtE: operator.le,
    ast.Gt: operator.gt, ast.GtE: operator.ge,
}  # fmt: skip


def evaluate(formula: str, values: Mapping[str, Any]) -> Array:
    """Evaluate a formula.

    Parameters
    ----------
    formula : str
        Python syntax: names, numbers, ``+ - * / **``, comparisons, and the functions of `FUNCTIONS`.
    values : mapping of str to float or ndarray
        What the names stand for.

    Raises
    ------
    FunctionError
        If the text is something else than such a formula.

    Examples
    --------
    >>> float(evaluate("1 / (1 + exp(-z))", {"z": 0.0}))
    0.5
    """
    try:
        tree = ast.parse(formula, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise FunctionError(f"{formula!r} is no formula: {error}") from error
    return np.asarray(_value(tree, {**CONSTANTS, **values}), dtype=float)


def _value(node: ast.AST, values: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant(value=int() | float() as constant):
            return constant
        case ast.Name(id=name) if name in values:
            return values[name]
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_value(operand, values))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_value(left, values), _value(right, values))
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_value(left, values), _value(right, values))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in FUNCTIONS:
            return FUNCTIONS[name](*(_value(arg, values) for arg in args))
    raise FunctionError(f"{ast.unparse(node)!r} is not understood in a formula.")

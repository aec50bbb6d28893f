"""The text of formulas: Python's syntax, read as expressions, and expressions written in it again.

Only arithmetic, comparisons and function calls are understood; nothing is executed. What cannot be read is said with
its place in the text, and what to write instead.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Collection
from typing import NoReturn

from nodesim.errors import FunctionError, suggestion
from nodesim.notation.expressions import (
    ARGUMENTS,
    FUNCTIONS,
    Call,
    Comparison,
    Expression,
    Negative,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    Symbol,
    bind,
)
from nodesim.notation.symbols import DOT, MINUS
from nodesim.notation.text import text
from nodesim.validation import brief, shortened

# Functions of all outputs at once, in the formulas of losses.
OVER_OUTPUTS = ("mean", "sum", "softmax")
_CONSTANTS = {"pi": Symbol("π", math.pi), "π": Symbol("π", math.pi)}
_SIGNS: dict[type[ast.AST], str] = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
# Functions that are short for a formula of u, v and w.
_SHORT = {
    "clip": (3, "min(max(u, v), w)"),
    "relu": (1, "max(u, 0)"),
    "sigmoid": (1, "1 / (1 + exp(-u))"),
    "softplus": (1, "log1p(exp(u))"),
}
_OTHER_NAMES = {"arctan": "atan", "arcsinh": "asinh", "maximum": "max", "minimum": "min"}
_KNOWN = (*FUNCTIONS, *_SHORT, *_OTHER_NAMES, *OVER_OUTPUTS)
_LETTERS = "uvw"
# Deeper ones would leave the interpreter's own limits to speak.
_DEEPEST = 150
_TOO_DEEP = "it is nested too deeply"
_PYTHON = str.maketrans({DOT: "*", MINUS: "-", "^": "**", "π": "pi"})
_SIGNS_TO_WRITE = {DOT: "*", "×": "*", "∗": "*", MINUS: "-", "–": "-", "÷": "/", "²": "** 2", "³": "** 3",
                   "≤": "<=", "≥": ">=", "√": "sqrt(...)", "|": "abs(...)"}  # fmt: skip
_OPERATORS: dict[type[ast.AST], str] = {
    ast.BitXor: "a power is written with **, as in z ** 2",
    ast.FloorDiv: "a quotient is written with /",
    ast.Mod: "there is no remainder of a division",
    ast.MatMult: "a product is written with *",
    ast.BitOr: "an absolute value is written abs(z)",
}
_NODES: dict[type[ast.AST], str] = {
    ast.IfExp: "a choice is written where(condition, then, otherwise)",
    ast.BoolOp: "conditions are put one into another: where(0 < z, where(z < 1, ..., ...), ...)",
    ast.Lambda: "only what comes out is written, without lambda",
    ast.Not: "swap the second and the third argument of where instead",
    ast.Tuple: "a decimal point is a point, and a formula one expression",
    ast.Attribute: "functions are written without a module before them, as in exp(z)",
}


def parse(formula: str, names: Collection[str] | None = None, more: Collection[str] = ()) -> Expression:
    """Read a formula.

    Parameters
    ----------
    formula : str
        Python syntax: names, numbers, ``+ - * / **``, comparisons, and calls of the functions
        ``abs asinh atan cos cosh erf exp expm1 log log1p max min sign sin sinh sqrt tan tanh where``, or of those that
        are short for a formula of these, ``clip relu sigmoid softplus``; in losses also ``mean sum softmax``.
    names : collection of str, optional
        The names that may stand in it; by default any.
    more : collection of str
        Further functions of one argument that may be called.

    Raises
    ------
    FunctionError
        If the text is something else than such a formula; the message names the place.

    Examples
    --------
    >>> parse("1 + z")
    Sum(terms=(Number(value=1.0), Symbol(name='z', value=None)))
    >>> parse("z^2")
    Traceback (most recent call last):
    nodesim.errors.FunctionError: 'z^2' cannot be read at column 2, '^2': a power is written with **, as in z ** 2.
    """
    if not isinstance(formula, str):
        raise FunctionError(f"a formula is a string, got {shortened(formula)}.")
    # One line, so that columns are those of the text.
    line = " ".join(formula.expandtabs(1).splitlines())
    if not line.strip():
        raise FunctionError(f"{formula!r} is no formula: it is empty.")
    reader = _Reader(line, names, more)
    tree = reader.tree()
    try:
        return reader.read(tree)
    except RecursionError:
        reader.fail(1, _TOO_DEEP)


def source(expression: Expression) -> str:
    """Write an expression in the syntax that `parse` reads.

    Examples
    --------
    >>> source(parse("-2 / n * (y - a) ** 2"))
    '-2/n*(y - a)**2'
    """
    return text(expression).translate(_PYTHON)


class _Reader:
    """Reads the tree of a text, and says where in it something is not understood."""

    def __init__(self, line: str, names: Collection[str] | None, more: Collection[str]) -> None:
        self.line = line
        self.names = names
        self.more = more
        self.depth = 0

    def tree(self) -> ast.AST:
        """Return what Python's parser makes of the text."""
        strange = next((i for i, sign in enumerate(self.line) if sign in _SIGNS_TO_WRITE), None)
        if strange is not None:
            self.fail(strange + 1, f"write {_SIGNS_TO_WRITE[self.line[strange]]}", strange + 1)
        try:
            return ast.parse(f"({self.line}\n)", mode="eval").body
        except SyntaxError as error:
            self._refuse_syntax(error)
        except (RecursionError, MemoryError):
            self.fail(1, _TOO_DEEP)
        except ValueError:
            # Of the parser itself: null characters, and whole numbers of thousands of digits.
            self.fail(1, "there is a sign or a number in it that no formula has")

    def read(self, node: ast.AST) -> Expression:
        """Read a part of the tree."""
        self.depth += 1
        if self.depth > _DEEPEST:
            self.refuse(node, _TOO_DEEP)
        found = self._form(node)
        self.depth -= 1
        return found

    def _form(self, node: ast.AST) -> Expression:  # noqa: RET503 - refuse never returns
        match node:
            case ast.Constant():
                return self._number(node)
            case ast.Name():
                return self._name(node)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return Negative(self.read(operand))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.read(operand)
            case ast.BinOp():
                return self._chain(node)
            case ast.Compare():
                return self._comparison(node)
            case ast.Call():
                return self._call(node)
        key = type(node.op) if isinstance(node, ast.UnaryOp) else type(node)
        self.refuse(node, _NODES.get(key, "only numbers, names, + - * / **, comparisons and functions are understood"))

    def _number(self, node: ast.Constant) -> Expression:
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.refuse(node, "a number is written like 2, 0.5 or 1e-3")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            self.refuse(node, "the number is out of the range of a double")
        return Number(number)

    def _name(self, node: ast.Name) -> Expression:
        name = node.id
        if self.names is not None and name in self.names:
            return Symbol(name)
        if name in _CONSTANTS:
            return _CONSTANTS[name]
        if name in _KNOWN:
            self.refuse(node, f"{name} is a function, and is written {name}(...)")
        if self.names is not None:
            hint = "; exponentials are written exp(z)" if name == "e" else ""
            self.refuse(node, f"there is no {brief(name)} here, only {brief([*self.names, 'pi'])}{hint}")
        return Symbol(name)

    def _chain(self, node: ast.BinOp) -> Expression:
        # A sum of hundreds of terms is a tree as deep, of which the left side is walked down in a loop.
        pending = [node]
        while isinstance(pending[-1].left, ast.BinOp):
            pending.append(pending[-1].left)
        found = self.read(pending[-1].left)
        for each in reversed(pending):
            found = self._operation(each, found)
        return found

    def _operation(self, node: ast.BinOp, left: Expression) -> Expression:
        if type(node.op) not in (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow):
            hint = _OPERATORS.get(type(node.op), "this sign is not understood")
            self.fail(self._between(node.left, node.right), hint, len(self.line))
        right = self.read(node.right)
        match node.op:
            case ast.Add():
                return Sum((*_terms(left), right))
            case ast.Sub():
                return Sum((*_terms(left), Negative(right)))
            case ast.Mult():
                return Product((*(left.factors if isinstance(left, Product) else (left,)), right))
            case ast.Div():
                return Quotient(left, right)
        return Power(left, right)

    def _comparison(self, node: ast.Compare) -> Expression:
        if len(node.ops) > 1:
            self.refuse(node, "one comparison at a time: where(0 < z, where(z < 1, ..., ...), ...)")
        if type(node.ops[0]) not in _SIGNS:
            self.refuse(node, "numbers are compared by <, <=, > or >=")
        return Comparison(self.read(node.left), _SIGNS[type(node.ops[0])], self.read(node.comparators[0]))

    def _call(self, node: ast.Call) -> Expression:
        if isinstance(node.func, ast.Attribute):
            self.refuse(node, f"functions are written without a module before them, as in {node.func.attr}(...)")
        if not isinstance(node.func, ast.Name):
            self.refuse(node, "a product is written with *")
        name = _OTHER_NAMES.get(node.func.id, node.func.id)
        if name not in _KNOWN and name not in self.more:
            product = self.names is not None and name in self.names
            missing = f"there is no function {name}. {suggestion(name, _KNOWN, show=40)}"
            self.refuse(node, "a product is written with *" if product else missing)
        wanted = _SHORT[name][0] if name in _SHORT else ARGUMENTS.get(name, 1)
        if node.keywords or any(isinstance(each, ast.Starred) for each in node.args) or len(node.args) != wanted:
            plain = ", ".join(["...", "...", "..."][:wanted])
            self.refuse(node, f"{name} takes {wanted} argument{'s' * (wanted > 1)}, {name}({plain})")
        arguments = tuple(map(self.read, node.args))
        if name in _SHORT:
            return bind(parse(_SHORT[name][1]), dict(zip(_LETTERS, arguments)))
        return Call(name, arguments)

    def refuse(self, node: ast.AST, why: str) -> NoReturn:
        """Raise a FunctionError about a part of the text."""
        assert isinstance(node, ast.expr)
        self.fail(self._column(node.col_offset), why, self._column(node.end_col_offset) - 1)

    def _refuse_syntax(self, error: SyntaxError) -> NoReturn:
        opened, closed = self.line.count("("), self.line.count(")")
        # Python's column counts the bracket that was put before the text.
        place, last = max(1, (error.offset or 2) - 1), len(self.line.rstrip())
        if "nested" in error.msg:
            self.fail(1, _TOO_DEEP)
        if opened != closed:
            self.fail(min(place, last), f"{opened} brackets are opened and {closed} closed")
        if place > last or (error.lineno or 1) > 1:
            self.fail(last, "the text ends, and something must follow", last)
        message = error.msg.split(". ")[0]
        together = message in ("invalid decimal literal", "invalid syntax")
        self.fail(place, "something is missing here; a product is written with *" if together else message)

    def fail(self, column: int, why: str, end: int | None = None) -> NoReturn:
        """Raise a FunctionError that names the place, a column counted from 1, and what stands there."""
        snippet = self.line[column - 1 : end].strip()
        where = f"at column {column}, {shortened(snippet, 30)}" if snippet else f"at column {column}"
        raise FunctionError(f"{shortened(self.line)} cannot be read {where}: {why.rstrip('.')}.")

    def _column(self, offset: int | None) -> int:
        # The parser counts bytes, and the bracket before the text.
        return max(1, len(f"({self.line}".encode()[:offset].decode(errors="ignore")))

    def _between(self, left: ast.expr, right: ast.expr) -> int:
        """Return the column of the sign between two operands."""
        start = self._column(left.end_col_offset) - 1
        between = self.line[start : self._column(right.col_offset) - 1]
        found = next((i for i, sign in enumerate(between) if sign not in " )("), 0)
        return start + found + 1


def _terms(expression: Expression) -> tuple[Expression, ...]:
    return expression.terms if isinstance(expression, Sum) else (expression,)

"""The steps of an activation in ONNX's operators, of which only those are taken that onnxruntime has in float64.

There is none for expm1, log1p, sinh, cosh, tan, asinh and atan in double precision: they are composed of the others so
that nothing cancels and nothing overflows on the way.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nodesim.errors import ExchangeError

# Beyond, the last digit of a double no longer sees the 1 of 1 + z².
_WIDE = 1e8


class Body:
    """Collects the nodes of a function; values are called by the names of their tensors.

    Parameters
    ----------
    onnx : module
    dtype : str
        What numbers are.
    who : str
        The activation, for messages.
    """

    def __init__(self, onnx: Any, dtype: str, who: str) -> None:
        self.onnx = onnx
        self.dtype = np.dtype(dtype)
        self.who = who
        self.nodes: list[Any] = []
        self._numbers: dict[float, str] = {}

    def do(self, operator: str, *operands: str | float) -> str:
        """Add a node, and return the name of what comes out."""
        inputs = [each if isinstance(each, str) else self.number(each) for each in operands]
        return self._added(operator, inputs)

    def number(self, value: float) -> str:
        """Return the name of a constant."""
        if value not in self._numbers:
            with np.errstate(over="ignore"):
                array = np.array(value, dtype=self.dtype)
            if not np.isfinite(array):
                raise ExchangeError(f"{self.who}: its number {value!r} is out of the range of {self.dtype}.")
            self._numbers[value] = self._added("Constant", [], value=self.onnx.numpy_helper.from_array(array))
        return self._numbers[value]

    def end(self, value: str) -> None:
        """Say what the function returns."""
        self.nodes.append(self.onnx.helper.make_node("Identity", [value], ["a"]))

    def _added(self, operator: str, inputs: list[str], **attributes: Any) -> str:
        name = f"v{len(self.nodes)}"
        self.nodes.append(self.onnx.helper.make_node(operator, inputs, [name], **attributes))
        return name

    # ---- functions that are composed -----------------------------------------------------------------------

    def expm1(self, u: str) -> str:
        """exp(u) - 1 = tanh(u / 2) (exp(u) + 1), where nothing cancels."""
        return self.do("Mul", self.do("Tanh", self.do("Mul", u, 0.5)), self.do("Add", self.do("Exp", u), 1.0))

    def log1p(self, u: str) -> str:
        """log(1 + u); for small u times u / ((1 + u) - 1), which takes back what 1 + u has lost."""
        whole = self.do("Add", u, 1.0)
        rest = self.do("Sub", whole, 1.0)
        lost = self.do("Equal", rest, 0.0)
        logarithm = self.do("Log", whole)
        near = self.do("Mul", logarithm, self.do("Div", u, self.do("Where", lost, 1.0, rest)))
        near = self.do("Where", lost, u, near)
        return self.do("Where", self.do("Less", self.do("Abs", u), 1.0), near, logarithm)

    def softplus(self, u: str) -> str:
        """log(1 + exp(u)), without overflow."""
        upper = self.do("Exp", self.do("Neg", self.do("Abs", u)))
        return self.do("Add", self.do("Max", u, 0.0), self.log1p(upper))

    def sinh(self, u: str) -> str:
        """By expm1, and where exp would overflow before its half does, by the square of a root."""
        size = self.do("Abs", u)
        small = self.expm1(self.do("Min", size, 20.0))
        near = self.do("Mul", self.do("Add", small, self.do("Div", small, self.do("Add", small, 1.0))), 0.5)
        above = self.do("Where", self.do("Less", size, 20.0), near, self._half_exp(size))
        return self.do("Mul", self.do("Sign", u), above)

    def cosh(self, u: str) -> str:
        """Half of exp(u) and of exp(-u)."""
        size = self.do("Abs", u)
        return self.do("Add", self._half_exp(size), self.do("Mul", self.do("Exp", self.do("Neg", size)), 0.5))

    def _half_exp(self, size: str) -> str:
        root = self.do("Exp", self.do("Mul", size, 0.5))
        return self.do("Mul", self.do("Mul", root, 0.5), root)

    def tan(self, u: str) -> str:
        """sin(u) / cos(u)."""
        return self.do("Div", self.do("Sin", u), self.do("Cos", u))

    def asinh(self, u: str) -> str:
        """log(u + sqrt(1 + u²)), as log1p of what is small for small u."""
        size = self.do("Abs", u)
        low = self.do("Min", size, _WIDE)
        square = self.do("Mul", low, low)
        root = self.do("Sqrt", self.do("Add", square, 1.0))
        near = self.log1p(self.do("Add", low, self.do("Div", square, self.do("Add", root, 1.0))))
        far = self.do("Add", self.do("Log", self.do("Max", size, 1.0)), math.log(2.0))
        return self.do("Mul", self.do("Sign", u), self.do("Where", self.do("Less", size, _WIDE), near, far))

    def atan(self, u: str) -> str:
        """From a guess that is right to 0.004: its error e becomes tan(e) - e, twice."""
        size = self.do("Abs", u)
        turned = self.do("Greater", size, 1.0)
        t = self.do("Where", turned, self.do("Div", 1.0, self.do("Max", size, 1.0)), size)
        bend = self.do("Mul", self.do("Sub", 1.0, t), 0.273)
        y = self.do("Mul", t, self.do("Add", bend, math.pi / 4))
        for _ in range(2):
            sine, cosine = self.do("Sin", y), self.do("Cos", y)
            above = self.do("Sub", self.do("Mul", t, cosine), sine)
            y = self.do("Add", y, self.do("Div", above, self.do("Add", self.do("Mul", t, sine), cosine)))
        return self.do("Mul", self.do("Sign", u), self.do("Where", turned, self.do("Sub", math.pi / 2, y), y))

"""A function under examination: called as engines call it, and unable to spoil what it is examined by.

Every call gets copies of its own, made for it and for nothing else. So whatever a function writes, by ``.base`` and
``setflags`` too, and however long it keeps an array, the next call sees what was meant for it; that it wrote is seen.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from nodesim._arrays import Array, Mask, agree
from nodesim.errors import CheckError, FunctionError, NodesimError
from nodesim.functions.contracts import Function
from nodesim.functions.guard import called, takes_out
from nodesim.functions.interruptions import is_interruption

_GIVEN, _RETURNED = "changes the array that it is given", "changes an array that it has returned"
# Of one number, or of 1: how differently a processor may round it by itself and among others.
_ROUNDED = 1e-13


class Fault(CheckError):
    """What is wrong with a function, in words that follow its name."""


class Witness:
    """What arrays held that an author's function was given or has returned.

    Parameters
    ----------
    who : str
        How messages name the function: "the derivative".
    """

    def __init__(self, who: str) -> None:
        self.who = who
        self._seen: list[tuple[Array, bytes, str]] = []

    def copies(self, values: Iterable[Any]) -> list[Any]:
        """Return copies of arrays, and other things as they are, to be given away."""
        own = [np.array(value) if isinstance(value, np.ndarray) else value for value in values]
        self._remember(own, _GIVEN)
        return own

    def returned(self, result: Any, numbers: Array) -> Array:
        """Return a copy, as float64, of what an author's function returned, in `numbers` as an array.

        Raises
        ------
        Fault
            If it is a list, or has fewer digits than a double.
        """
        if isinstance(result, list | tuple):
            raise Fault(f"{self.who} returns a {type(result).__name__}, expected an array")
        if numbers.dtype.kind == "f" and numbers.dtype.itemsize < np.dtype(float).itemsize:
            raise Fault(f"{self.who} returns {numbers.dtype} for float64 and loses half of the digits")
        self._remember([numbers], _RETURNED)
        return np.array(numbers, dtype=float)

    def _remember(self, values: Iterable[Any], fault: str) -> None:
        self._seen += [(value, value.tobytes(), fault) for value in values if isinstance(value, np.ndarray)]

    def look(self, last: int = 0) -> None:
        """Raise a `Fault` if one of the arrays, or of the last so many, is not as it was: functions may keep them."""
        for array, before, fault in self._seen[-last:]:
            if array.tobytes() != before:
                raise Fault(f"{self.who} {fault}")


class Subject(Witness):
    """One function of an author, of arrays and for an array.

    Parameters
    ----------
    call : callable
    who : str
        How messages name it.
    """

    def __init__(self, call: Callable[..., Any], who: str) -> None:
        super().__init__(who)
        self._call = call

    def __call__(self, *arguments: Any, shape: tuple[int, ...] | None = None) -> Array:
        """Return a copy of the result, as float64; called and refused as by engines.

        Raises
        ------
        Fault
            If engines would refuse the result, if it has fewer digits than a double, or if the call changed an array.
        """
        raw: list[Any] = []

        def call(*given: Any) -> Any:
            raw.append(self._call(*given))
            return raw[0]

        given = tuple(self.copies(arguments))
        try:
            result = called(call, given, None, str)
        except FunctionError as error:
            raise Fault(f"{self.who} {_said(error)}") from error
        self.look(last=len(given))
        if shape is not None and result.shape != shape:
            raise Fault(f"{self.who} returns shape {result.shape} for shape {shape}")
        return self.returned(raw[0], result)

    def dismissed(self) -> Iterator[str]:
        """Say nothing more, unless an array is not as it was."""
        self.look()
        yield from ()


def _said(error: FunctionError) -> str:
    if isinstance(error.__cause__, Warning):
        return f"warns: {error.__cause__}"
    # Whose function it is follows "while evaluating" in the words of the engines' guard.
    return str(error).removeprefix("while evaluating : ").removeprefix("it ").rstrip(".")


def near(found: Array, expected: Array) -> Mask:
    """Tell which numbers are equal, but for how a processor rounds one number and several at once."""
    return agree(found, expected, _ROUNDED * np.maximum(1.0, np.abs(expected)))


def with_out(call: Callable[..., Any], who: str, function: Function, *arguments: Array) -> Iterator[str]:
    """Say whether a call of a function that takes `out` gives other numbers where it is given."""
    out = np.empty_like(arguments[-1])
    if takes_out(call, out.dtype, function.parameters):
        alone = np.array(call(*arguments))
        if not np.array_equal(call(*arguments, out=out), alone):
            yield f"{who} gives other numbers where out is given"


def report(function: Function, *checks: Callable[[], Iterator[str]]) -> None:
    """Raise a `CheckError` with all that the first check says that says anything: each builds on those before it."""
    for check in checks:
        problems = _examined(check, function.label)
        if problems:
            raise CheckError(f"{function.label}: {'; '.join(problems)}")


def _examined(check: Callable[[], Iterator[str]], label: str) -> list[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return list(check())
    except Exception as error:
        if is_interruption(error):
            raise
        if isinstance(error, Warning):
            return [f"it warns: {error}"]
        if isinstance(error, NodesimError):
            return [str(error).removeprefix(label).removeprefix(":").strip().rstrip(".")]
        return [f"it raises {type(error).__name__}: {error}"]

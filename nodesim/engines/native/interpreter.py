"""Calls of the interpreter from kernels: what is raised there is kept, and whatever failed is NaN from there on.

Kernels cannot raise. An exception may also arise before the first line of what is called, when Ctrl-C is noticed, a
signal's handler raises, or the stack is too deep. So it is not the called function that catches: the compiled code
around it asks whether the call succeeded, takes the exception over if not, and marks the record of the run. Behind such
a mark nothing is called any more.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils

from nodesim._arrays import Array
from nodesim.engines.native.function_pointers import DERIVATIVE, FUNCTION, LOSS
from nodesim.engines.native.jit import addressable, inlined, intrinsic
from nodesim.functions.interruptions import raise_first, raise_interruption

# What stands in a record's row: two objects to call, the list of what they raised, and how far off the run's mark is.
_FIRST, _SECOND, _RAISED, _MARK, _WIDTH = range(5)
# What is called gets the addresses of four arrays, or of fewer and some twice, and two sizes.
Called = Callable[[int, int, int, int, int, int], None]
_INTEGER, _POINTER, _STATE = ir.IntType(64), ir.IntType(8).as_pointer(), ir.IntType(32)


class Calls:
    """What a run calls in the interpreter, and what was raised there: a record of its own for each run.

    Parameters
    ----------
    pairs : sequence of tuple of callable
        For each row, what is called for the function and for the derivative of an activation, or once for a loss.

    Attributes
    ----------
    failures : list of BaseException
    address : int
        Where it stands, for kernels.
    """

    def __init__(self, pairs: Sequence[tuple[Called, ...]]) -> None:
        self.failures: list[BaseException] = []
        self._pairs = pairs
        self._rows = np.zeros((1 + len(pairs), _WIDTH), dtype=np.int64)
        for number, pair in enumerate(pairs, 1):
            self._rows[number, : len(pair)] = [id(each) for each in pair]
            self._rows[number, _RAISED], self._rows[number, _MARK] = id(self.failures), -number * _WIDTH
        self.address = int(self._rows.ctypes.data)

    def __bool__(self) -> bool:
        return len(self._rows) > 1

    def row(self, number: int) -> int:
        """Return the address of a row, for kernels."""
        return self.address + row_offset(number)

    def failed(self) -> bool:
        """Tell whether anything was raised. What is no fault of a function, such as Ctrl-C, is raised here.

        A function's own fault is found again, and its node named, by whoever calculates the same in NumPy.
        """
        raise_interruption(self.failures)
        return bool(self.failures)

    def raise_failure(self) -> None:
        """Raise what a function raised but once, so that nobody found it again."""
        raise_first(self.failures)


NO_CALLS = Calls(())


def row_offset(number: int) -> int:
    """Return how many bytes into a record one of its rows stands."""
    return (1 + number) * _WIDTH * 8


def array_at(address: int, *shape: int) -> Array:
    """Return a copy of doubles: what a function keeps may outlive the memory of a kernel."""
    return np.array(_memory(address, shape))


def write_to(address: int, numbers: Array) -> None:
    """Write an array of doubles to an address."""
    _memory(address, numbers.shape)[...] = numbers


def _memory(address: int, shape: tuple[int, ...]) -> Array:
    count = int(np.prod(shape))
    memory: Any = (ctypes.c_double * count).from_address(address)
    return np.ndarray(shape, dtype=float, buffer=memory)


# ---- compiled --------------------------------------------------------------------------------------------


def _c(builder: ir.IRBuilder, name: str, returned: Any, *operands: Any, more: bool = False) -> Any:
    """Call a function of Python's C interface."""
    kinds = [operand.type for operand in (operands[:2] if more else operands)]
    kind = ir.FunctionType(returned, kinds, var_arg=more)
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), operands)


def _take_over(builder: ir.IRBuilder, raised: Any) -> None:
    """Append the exception that is being raised to a list."""
    slots = [cgutils.alloca_once_value(builder, ir.Constant(_POINTER, None)) for _ in range(3)]
    void = ir.VoidType()
    _c(builder, "PyErr_Fetch", void, *slots)
    _c(builder, "PyErr_NormalizeException", void, *slots)
    kind, value, trace = (builder.load(slot) for slot in slots)
    with builder.if_then(cgutils.is_not_null(builder, trace)):
        _c(builder, "PyException_SetTraceback", _STATE, value, trace)
    _c(builder, "PyList_Append", _STATE, raised, value)
    _c(builder, "PyErr_Clear", void)
    for each in (kind, value, trace):
        _c(builder, "Py_DecRef", void, each)


@intrinsic
def _succeeds(
    context: Any, called: Any, raised: Any, first: Any, second: Any, third: Any, fourth: Any, n: Any, m: Any
) -> Any:
    """Call an object with four addresses and two sizes, and return whether it raised nothing."""

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        # The interpreter's lock is asked for: kernels run without it, some in threads of their own.
        state = _c(builder, "PyGILState_Ensure", _STATE)
        called, raised = (builder.inttoptr(value, _POINTER) for value in values[:2])
        given = [builder.ptrtoint(value, _INTEGER) for value in values[2:6]] + list(values[6:])
        form = builder.bitcast(context.insert_const_string(builder.module, "LLLLLL"), _POINTER)
        answer = _c(builder, "PyObject_CallFunction", _POINTER, called, form, *given, more=True)
        succeeded = cgutils.is_not_null(builder, answer)
        with builder.if_else(succeeded) as (then, otherwise):
            with then:
                _c(builder, "Py_DecRef", ir.VoidType(), answer)
            with otherwise:
                _take_over(builder, raised)
        _c(builder, "PyGILState_Release", ir.VoidType(), state)
        return succeeded

    return types.boolean(called, raised, first, second, third, fourth, n, m), generate


@inlined
def _asked(row: Any, which: int, first: Any, second: Any, third: Any, fourth: Any, n: int, m: int) -> bool:
    """Call one of a row's objects, unless something failed before; return whether it succeeded."""
    mark = row[_MARK]
    if row[mark] == 0 and _succeeds(row[which], row[_RAISED], first, second, third, fourth, n, m):
        return True
    row[mark] = 1
    return False


@inlined
def _spoil(numbers: Any, n: int) -> None:
    for i in range(n):
        numbers[i] = np.nan


@addressable(FUNCTION)
def function(row: Any, z: Any, a: Any, n: int) -> None:
    """Let the interpreter write a[i] = f(z[i])."""
    if not _asked(row, _FIRST, z, a, a, a, n, 1):
        _spoil(a, n)


@addressable(DERIVATIVE)
def derivative(row: Any, z: Any, a: Any, out: Any, n: int) -> None:
    """Let the interpreter write out[i] = f'(z[i])."""
    if not _asked(row, _SECOND, z, a, out, out, n, 1):
        _spoil(out, n)


@addressable(LOSS)
def loss(row: Any, y: Any, outputs: Any, seeds: Any, errors: Any, n: int, lanes: int) -> None:
    """Let the interpreter write the errors of some samples, and where they enter the outputs."""
    if not _asked(row, _FIRST, y, outputs, seeds, errors, n, lanes):
        _spoil(seeds, n * lanes)
        _spoil(errors, lanes)

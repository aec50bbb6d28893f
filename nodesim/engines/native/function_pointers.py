"""Calls of compiled functions by address: a kernel compiled once serves every activation and loss."""

from __future__ import annotations

from typing import Any, NamedTuple

from llvmlite import ir
from numba import types
from numba.np.arrayobj import make_array

from nodesim.engines.native.jit import intrinsic
from nodesim.engines.native.llvm import DOUBLE

# What comes first is the address of a function's parameters, or, where the interpreter is called, of a row of
# `nodesim.engines.native.interpreter.Calls`; most functions do not read it.
_ROW, _DOUBLES = types.CPointer(types.int64), types.CPointer(types.float64)
# function(row, z, a, n), derivative(row, z, a, out, n): arrays of n doubles, of which the last is written.
FUNCTION = types.void(_ROW, *[_DOUBLES] * 2, types.intp)
DERIVATIVE = types.void(_ROW, *[_DOUBLES] * 3, types.intp)
# loss(row, y, outputs, seeds, errors, n_outputs, lanes): seeds and errors are written.
LOSS = types.void(_ROW, *[_DOUBLES] * 4, types.intp, types.intp)
# aggregation(row, c, h, count, lanes), handing(row, c, h, d, out, count, lanes): so many contributions to one node,
# each of one number or of a lane vector; h is written, and ∂e/∂c to out. No row is read.
AGGREGATION = types.void(_ROW, *[_DOUBLES] * 2, types.intp, types.intp)
HANDING = types.void(_ROW, *[_DOUBLES] * 4, types.intp, types.intp)


class LossCall(NamedTuple):
    """A loss as kernels call it: its address, that of a row of the run's `Calls`, and if it is one of sums."""

    address: int
    row: int
    by_sums: bool


_POINTER = ir.IntType(64).as_pointer()


@intrinsic
def first_parameter(context: Any, row: Any) -> Any:
    """Return the double at the address that comes first."""

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        return builder.load(builder.bitcast(values[0], DOUBLE.as_pointer()), typ=DOUBLE)

    return types.float64(row), generate


def _generate(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
    """Generate the call of values[0] with a row's address, pointers for (array, index) pairs, and numbers."""
    # From an array of addresses it comes as a number, within a function that was called with it as a pointer.
    row = values[1] if isinstance(signature.args[1], types.CPointer) else builder.inttoptr(values[1], _POINTER)
    return _call(context, builder, values[0], row, list(zip(signature.args, values))[2:])


def _generate_without_row(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
    """Generate the same call for a function that reads no row."""
    return _call(context, builder, values[0], ir.Constant(_POINTER, None), list(zip(signature.args, values))[1:])


def _call(context: Any, builder: ir.IRBuilder, address: Any, row: Any, kinds: list[tuple[Any, Any]]) -> Any:
    operands = [row]
    while kinds:
        kind, value = kinds.pop(0)
        if isinstance(kind, types.Array):
            index_kind, index = kinds.pop(0)
            data = make_array(kind)(context, builder, value).data
            operands.append(builder.gep(data, [context.cast(builder, index, index_kind, types.uint64)]))
        else:
            operands.append(context.cast(builder, value, kind, types.intp))
    # By address, so that one compiled kernel serves all functions: compiled into it, each would cost seconds.
    callee = ir.FunctionType(ir.VoidType(), [operand.type for operand in operands])
    builder.call(builder.inttoptr(address, callee.as_pointer()), operands)
    return context.get_dummy_value()


@intrinsic
def call_function(context: Any, address: Any, row: Any, z: Any, i: Any, a: Any, j: Any, n: Any) -> Any:
    """Write n numbers to a[j:] from z[i:]."""
    return types.void(address, row, z, i, a, j, n), _generate


@intrinsic
def call_derivative(
    context: Any, address: Any, row: Any, z: Any, i: Any, a: Any, j: Any, out: Any, k: Any, n: Any
) -> Any:
    """Write n numbers to out[k:] from z[i:] and a[j:]."""
    return types.void(address, row, z, i, a, j, out, k, n), _generate


@intrinsic
def call_loss(
    context: Any, address: Any, row: Any, y: Any, i: Any, a: Any, j: Any, seeds: Any, k: Any, errors: Any, m: Any,
    n_outputs: Any, lanes: Any,
) -> Any:  # fmt: skip
    """Write to seeds[k:] where each sample's error enters the outputs, and to errors[m:] the errors."""
    return types.void(address, row, y, i, a, j, seeds, k, errors, m, n_outputs, lanes), _generate


@intrinsic
def call_aggregation(context: Any, address: Any, c: Any, i: Any, h: Any, j: Any, count: Any, lanes: Any) -> Any:
    """Write to h[j:] what an aggregation makes of the contributions c[i:]."""
    return types.void(address, c, i, h, j, count, lanes), _generate_without_row


@intrinsic
def call_handing(
    context: Any, address: Any, c: Any, i: Any, h: Any, j: Any, d: Any, k: Any, out: Any, m: Any, count: Any,
    lanes: Any,
) -> Any:  # fmt: skip
    """Write to out[m:] what arrives at the contributions c[i:] to h[j:] of the error d[k:] there."""
    return types.void(address, c, i, h, j, d, k, out, m, count, lanes), _generate_without_row

"""Vectors of doubles or floats for numba: what LLVM keeps in registers while a kernel walks over connections.

A lane vector is the values of one position for `LANES` samples; LLVM splits it into as many registers as the machine
needs (four of AVX-512, eight of AVX2). A strip is a shorter vector for elementwise functions, whose many
temporaries would not fit into registers a lane vector at a time. Sums of lanes are taken in one fixed order, so
results do not depend on the width of the machine's registers. A strip of floats is as wide in bits, and so of twice
as many.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core.extending import lower_builtin, models, register_model, type_callable
from numba.np.arrayobj import make_array

from nodesim.engines.native.jit import intrinsic
from nodesim.engines.native.llvm import (
    DOUBLE,
    FLOAT,
    INDEX,
    INTEGER,
    called,
    constant,
    element,
    loaded,
    mask,
    masked_load,
    masked_store,
    shuffled,
    splat,
    stored,
)

LANES = 32  # samples that lie side by side
WIDE = 64  # networks that do
STRIP = 8  # doubles that elementwise functions work on at a time
UNROLLED = 4  # connections whose lanes are summed together


# The types of numbers, as LLVM knows them; and how many of them a strip has.
NUMBERS = {types.float64: DOUBLE, types.float32: FLOAT}
STRIP_OF = {types.float64: STRIP, types.float32: 2 * STRIP}


class Vector(types.Type):  # type: ignore[misc]
    """The numba type of a vector of `count` doubles or floats."""

    def __init__(self, count: int, number: types.Type = types.float64) -> None:
        self.count, self.number = count, number
        super().__init__(name=f"vector({count} x {number})")

    @property
    def llvm(self) -> ir.VectorType:
        """The same for LLVM."""
        return ir.VectorType(NUMBERS[self.number], self.count)


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, vector: Vector) -> None:
        super().__init__(manager, vector, vector.llvm)


# ---- operands ------------------------------------------------------------------------------------------


def _as_vector(context: Any, builder: ir.IRBuilder, kind: types.Type, value: Any, vector: Vector) -> Any:
    if isinstance(kind, Vector):
        return value
    return splat(builder, context.cast(builder, value, kind, vector.number), vector.count)


def _alike(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> list[Any]:
    """Return the operands as vectors, or as doubles where none is one."""
    vector = signature.return_type
    if vector == types.float64:
        return [context.cast(builder, value, kind, vector) for kind, value in zip(signature.args, values)]
    return [_as_vector(context, builder, kind, value, vector) for kind, value in zip(signature.args, values)]


def _common(*kinds: types.Type) -> Vector | None:
    """Return the one vector type among the operands; the others must be numbers."""
    vectors = {kind for kind in kinds if isinstance(kind, Vector)}
    rest = {kind for kind in kinds if not isinstance(kind, Vector)}
    return vectors.pop() if len(vectors) == 1 and rest <= set(NUMBERS) else None


def _shared(*kinds: types.Type) -> types.Type | None:
    """Return the type of what comes of operands: a double where all are numbers, else their vector's."""
    return types.float64 if set(kinds) <= set(NUMBERS) else _common(*kinds)


def _element(context: Any, builder: ir.IRBuilder, kinds: Any, values: Any) -> Any:
    """Return the address of element `values[1]` of an array or pointer, counted without wrapping around."""
    memory, index = values[:2]
    if isinstance(kinds[0], types.Array):
        memory = make_array(kinds[0])(context, builder, memory).data
    # numba lets negative numbers count from the end, at the price of a test for each; kernels have none.
    index = context.cast(builder, index, kinds[1], types.uint64)
    return element(builder, memory, index, NUMBERS[kinds[0].dtype])


def _memory(kind: types.Type) -> bool:
    contiguous = isinstance(kind, types.Array) and kind.layout == "C"
    return (contiguous or isinstance(kind, types.CPointer)) and kind.dtype in NUMBERS


# ---- memory ----------------------------------------------------------------------------------------------


def _loader(count: int) -> Any:
    @intrinsic
    def load(context: Any, memory: types.Type, index: types.Type) -> Any:
        if not _memory(memory):
            return None
        vector = Vector(count, memory.dtype)

        def generate(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
            return loaded(builder, _element(context, builder, signature.args, values), vector.llvm)

        return vector(memory, index), generate

    return load


def _storer(count: int) -> Any:
    @intrinsic
    def store(context: Any, memory: types.Type, index: types.Type, vector: types.Type) -> Any:
        if not _memory(memory) or vector != Vector(count, memory.dtype):
            return None

        def generate(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
            stored(builder, values[2], _element(context, builder, signature.args, values))
            return context.get_dummy_value()

        return types.void(memory, index, vector), generate

    return store


load_vector, store_vector = _loader(LANES), _storer(LANES)
load_wide, store_wide = _loader(WIDE), _storer(WIDE)
load_strip, store_strip = _loader(STRIP), _storer(STRIP)
load_four, store_four = _loader(UNROLLED), _storer(UNROLLED)


@intrinsic
def load_partial(context: Any, memory: types.Type, index: types.Type, count: types.Type) -> Any:
    """Load `count` numbers, fewer than a strip, without touching what lies behind; the other lanes are 0."""
    if not _memory(memory) or memory.dtype != types.float64:
        return None

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        chosen = mask(builder, context.cast(builder, values[2], signature.args[2], types.int64), 0, STRIP)
        return masked_load(builder, _element(context, builder, signature.args, values), chosen, DOUBLE)

    return Vector(STRIP)(memory, index, count), generate


@intrinsic
def store_partial(context: Any, memory: types.Type, index: types.Type, vector: types.Type, count: types.Type) -> Any:
    """Store the first `count` numbers of a strip."""
    if not _memory(memory) or vector != Vector(STRIP):
        return None

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        chosen = mask(builder, context.cast(builder, values[3], signature.args[3], types.int64), 0, STRIP)
        masked_store(builder, values[2], _element(context, builder, signature.args, values), chosen)
        return context.get_dummy_value()

    return types.void(memory, index, vector, count), generate


# ---- arithmetic ------------------------------------------------------------------------------------------


@intrinsic
def zero_vector(context: Any, memory: types.Type) -> Any:
    """Return a lane vector of zeros, of numbers as they are in an array."""
    vector = Vector(LANES, memory.dtype)

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        return constant(0.0, vector.llvm)

    return vector(memory), generate


@intrinsic
def zero_wide(context: Any) -> Any:
    """Return a vector of zeros, one for each of many networks."""

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        return constant(0.0, signature.return_type.llvm)

    return Vector(WIDE)(), generate


@intrinsic
def as_in(context: Any, vector: types.Type, memory: types.Type) -> Any:
    """Return a vector of numbers as they are in an array: doubles, or floats."""
    kind = Vector(vector.count, memory.dtype)

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        if vector == kind:
            return values[0]
        convert = builder.fptrunc if vector.number == types.float64 else builder.fpext
        return convert(values[0], kind.llvm)

    return kind(vector, memory), generate


def _register_operator(operation: Callable[..., Any], instruction: str) -> None:
    """Let numba compile +, −, · or / between vectors, and between a vector and a double."""
    type_callable(operation)(lambda context: _common)

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        x, y = _alike(context, builder, signature, values)
        return getattr(builder, instruction)(x, y)

    for pair in ((Vector, Vector), (Vector, types.Float), (types.Float, Vector)):
        lower_builtin(operation, *pair)(generate)


for _operation, _instruction in (
    (operator.add, "fadd"),
    (operator.sub, "fsub"),
    (operator.mul, "fmul"),
    (operator.truediv, "fdiv"),
):
    _register_operator(_operation, _instruction)


@intrinsic
def fma(context: Any, x: types.Type, y: types.Type, z: types.Type) -> Any:
    """Return x · y + z, rounded once; among vectors, doubles stand for vectors of equal numbers."""
    shared = _shared(x, y, z)
    if shared is None:
        return None

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        return called(builder, "fma", *_alike(context, builder, signature, values))

    return shared(x, y, z), generate


@intrinsic
def absolute(context: Any, x: types.Type) -> Any:
    """Return ``|x|``."""

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        return called(builder, "fabs", values[0])

    return x(x), generate


@intrinsic
def square_root(context: Any, x: types.Type) -> Any:
    """Return √x; NaN below 0."""

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        return called(builder, "sqrt", values[0])

    return x(x), generate


@intrinsic
def with_sign(context: Any, x: types.Type, sign: types.Type) -> Any:
    """Return ``|x|`` with the signs of another vector."""

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        return called(builder, "copysign", *values)

    return x(x, sign), generate


@intrinsic
def where_less(context: Any, x: types.Type, y: types.Type, then: types.Type, otherwise: types.Type) -> Any:
    """Return `then` where x < y, and `otherwise` where not, so also where one of the two is NaN."""
    shared = _shared(x, y, then, otherwise)
    if shared is None:
        return None

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        x, y, then, otherwise = _alike(context, builder, signature, values)
        return builder.select(builder.fcmp_ordered("<", x, y), then, otherwise)

    return shared(x, y, then, otherwise), generate


@intrinsic
def any_less(context: Any, x: types.Type, limit: types.Type) -> Any:
    """Whether x < limit in any lane of a strip, or of a double; NaN is not."""
    if x not in (Vector(STRIP), types.float64) or limit != types.float64:
        return None

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        if x == types.float64:
            return builder.fcmp_ordered("<", *values)
        less = builder.fcmp_ordered("<", values[0], splat(builder, values[1], STRIP))
        bits = builder.bitcast(less, ir.IntType(STRIP))
        return builder.icmp_unsigned("!=", bits, ir.Constant(bits.type, 0))

    return types.boolean(x, limit), generate


@intrinsic
def power_of_two(context: Any, shifted: types.Type) -> Any:
    """Return 2^k for `shifted` = k + 1.5 · 2^52: k stands in the lowest bits, and belongs into the exponent's."""

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        count = getattr(shifted, "count", 0)
        integers = ir.VectorType(INTEGER, count) if count else INTEGER
        places, one = (ir.Constant(integers, [bits] * count if count else bits) for bits in (52, 1023 << 52))
        exponent = builder.shl(builder.bitcast(values[0], integers), places)
        return builder.bitcast(builder.add(exponent, one), values[0].type)

    return shifted(shifted), generate


# ---- sums over lanes -------------------------------------------------------------------------------------


@intrinsic
def folded_product(context: Any, x: types.Type, y: types.Type) -> Any:
    """Return a strip whose sum is that of x · y: lanes so far apart are added, the lowest first."""
    strip = Vector(STRIP_OF[x.number], x.number)

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        x, y = values
        total = None
        # Four strips are added before their lanes are: one sum across lanes instead of four.
        for first in range(0, LANES, strip.count):
            lanes = list(range(first, first + strip.count))
            xs, ys = shuffled(builder, x, x, lanes), shuffled(builder, y, y, lanes)
            total = builder.fmul(xs, ys) if total is None else called(builder, "fma", xs, ys, total)
        return total

    return strip(x, y), generate


def _halves_added(builder: ir.IRBuilder, strip: Any) -> Any:
    """Return four sums: the halves of a strip are added, and those of floats once more."""
    while strip.type.count > UNROLLED:
        half = strip.type.count // 2
        low, high = (shuffled(builder, strip, strip, list(range(first, first + half))) for first in (0, half))
        strip = builder.fadd(low, high)
    return strip


@intrinsic
def sum_of(context: Any, strip: types.Type) -> Any:
    """Return the sum of a strip's lanes x: with h = x[:4] + x[4:], it is (h0 + h1) + (h2 + h3)."""

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        half = _halves_added(builder, values[0])
        h = [builder.extract_element(half, INDEX(lane)) for lane in range(4)]
        return builder.fadd(builder.fadd(h[0], h[1]), builder.fadd(h[2], h[3]))

    return strip.number(strip), generate


@intrinsic
def sums_of_four(context: Any, a: types.Type, b: types.Type, c: types.Type, d: types.Type) -> Any:
    """Return the sums of four strips side by side, each the same to the last bit as by `sum_of`."""

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        a, b, c, d = (_halves_added(builder, strip) for strip in values)
        # First neighbours: a0+a1, b0+b1, a2+a3, b2+b3; then the two halves of each.
        ab = builder.fadd(shuffled(builder, a, b, [0, 4, 2, 6]), shuffled(builder, a, b, [1, 5, 3, 7]))
        cd = builder.fadd(shuffled(builder, c, d, [0, 4, 2, 6]), shuffled(builder, c, d, [1, 5, 3, 7]))
        return builder.fadd(shuffled(builder, ab, cd, [0, 1, 4, 5]), shuffled(builder, ab, cd, [2, 3, 6, 7]))

    return Vector(UNROLLED, a.number)(a, b, c, d), generate


@intrinsic
def four(context: Any, a: types.Type, b: types.Type, c: types.Type, d: types.Type) -> Any:
    """Return four doubles side by side."""

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        vector = ir.Constant(ir.VectorType(DOUBLE, UNROLLED), ir.Undefined)
        for lane, value in enumerate(values):
            vector = builder.insert_element(vector, value, INDEX(lane))
        return vector

    return Vector(UNROLLED)(a, b, c, d), generate


@intrinsic
def all_zero(context: Any, vector: types.Type) -> Any:
    """Whether no lane is NaN, of a lane vector that sums up numbers times 0."""

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        ordered = builder.fcmp_ordered("==", values[0], constant(0.0, vector.llvm))
        bits = builder.bitcast(ordered, ir.IntType(LANES))
        return builder.icmp_unsigned("==", bits, ir.Constant(bits.type, 2**LANES - 1))

    return types.boolean(vector), generate

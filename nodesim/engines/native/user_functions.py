"""Activations without a native form: compiled when they can be, else called as they are.

A function is compiled if numba can, if nothing that it refers to can change unseen, and if the compiled one gives the
same numbers. Whatever is not compiled is called in the interpreter with whole groups of nodes: nothing is left out.
"""

from __future__ import annotations

import dis
import re
import types
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numba
import numpy as np

from nodesim._arrays import agree
from nodesim.engines.apart import apart
from nodesim.engines.native import scipy_functions
from nodesim.engines.native.activations import ActivationKernel, Scalar, compiled, interpreted
from nodesim.engines.native.formula_code import scalar_function
from nodesim.engines.native.scalar_numpy import of_numbers
from nodesim.engines.native.watched import Reference
from nodesim.functions.contracts import Activation
from nodesim.functions.formulas import Formula
from nodesim.functions.interruptions import is_interruption
from nodesim.validation import shortened

# Where a compiled function is compared with its original.
_PROBES = np.concatenate([np.linspace(-8.0, 8.0, 81), [-800.0, -40.0, -1e-9, 1e-9, 40.0, 800.0]])
_ARGUMENTS = (("z",), ("z", "a"))
_OPTIONS: dict[str, Any] = {"forceinline": True, "error_model": "numpy"}
# Numbers that never change, unlike arrays.
_NUMBERS = (bool, int, float, np.float64)


class _RefusedError(Exception):
    """Why a function is not compiled, in words that follow what it is."""


def kernel_of(activation: Activation) -> ActivationKernel:
    """Return the functions of an activation as kernels call them."""
    return apart(_kernel_of, activation)


def _kernel_of(activation: Activation) -> ActivationKernel:
    called = interpreted(activation.function, activation.derivative, activation.label)
    if not activation.trains:
        return replace(called, why="it refuses a derivative, so it only runs forward")
    by_formula = all(isinstance(activation.unbound(attribute), Formula) for attribute in activation.bound)
    scalars: list[Scalar] = []
    why = ""
    for attribute, names in zip(activation.bound, _ARGUMENTS):
        try:
            scalars.append(_proven(activation, attribute, names, finite_only=by_formula))
        except Exception as error:
            # numba has more ways to say that it cannot than anyone could name.
            if is_interruption(error) and not isinstance(error, RecursionError):
                raise
            why = f"the {attribute} {_said(error)}"
            break
    if not scalars:
        return replace(called, why=why)
    # A formula's function has a way of its own where numbers leave the range of a double.
    kernel = compiled(scalars[0], scalars[1] if scalars[1:] else None, called, finite_only=by_formula)
    if by_formula or why or any(scalar.references for scalar in scalars):
        return replace(kernel, why=why)
    return replace(kernel, called=())


def _proven(activation: Activation, attribute: str, names: tuple[str, ...], *, finite_only: bool) -> Scalar:
    """Return one of the functions for single numbers, if it gives the same ones as the original."""
    scalar = _scalar(activation, attribute, names)
    # numba may calculate other numbers than Python, where integers overflow or something is divided by 0 for instance:
    # what is compiled must prove itself.
    try:
        with np.errstate(all="ignore"):
            arguments = [_PROBES, np.asarray(activation.function(_PROBES), dtype=float)][: len(names)]
            wanted = np.asarray(getattr(activation, attribute)(*arguments), dtype=float)
    except Exception as error:
        if is_interruption(error):
            raise
        raise _RefusedError(f"raises {type(error).__name__} for an array: {shortened(str(error))}") from error
    if wanted.shape != _PROBES.shape:
        raise _RefusedError("does not work element by element")
    found = np.array([scalar.function(*numbers) for numbers in zip(*arguments)])
    near = agree(found, wanted, 1e-14 * np.maximum(1.0, np.abs(wanted))) | (finite_only & ~np.isfinite(found))
    if not near.all():
        place = int(np.flatnonzero(~near)[0])
        raise _RefusedError(
            f"gives {found[place]:g} for single numbers at z = {_PROBES[place]:g}, and {wanted[place]:g} in an array"
        )
    return scalar


def _scalar(activation: Activation, attribute: str, names: tuple[str, ...]) -> Scalar:
    """Let numba compile a function for single numbers, its parameters bound."""
    call, parameters = activation.unbound(attribute), activation.parameters
    if isinstance(call, Formula):
        return Scalar(scalar_function(call.program, names, parameters))
    if not parameters:
        call = getattr(activation, attribute)
    references: list[Reference] = []
    one = _compiled(call, {}, references)
    values = _values(call, len(names), parameters)
    if not values:
        return Scalar(numba.njit(lambda *numbers: float(one(*numbers)), **_OPTIONS), tuple(references))
    return Scalar(numba.njit(lambda *numbers: float(one(*numbers, *values)), **_OPTIONS), tuple(references))


def _values(call: Any, count: int, parameters: Mapping[str, float]) -> tuple[float, ...]:
    """Return what a function takes behind its first arguments: parameters by name, else its defaults."""
    if not parameters:
        return ()
    code = call.__code__
    names = code.co_varnames[: code.co_argcount]
    defaults = dict(zip(names[::-1], (call.__defaults__ or ())[::-1]))
    given = {**defaults, **parameters}
    if not set(parameters) <= set(names[count:]) <= set(given):
        raise _RefusedError("takes its parameters in another way than by their names")
    return tuple(given[name] for name in names[count:])


def _compiled(call: Any, done: dict[Any, Any], references: list[Reference]) -> Any:
    """Let numba compile a Python function and those that it calls.

    Raises
    ------
    _RefusedError
        If anything that it refers to might change unseen.
    """
    if isinstance(call, np.ufunc):
        function = _fixed(call, call.__name__, done, references)
        return numba.njit(lambda *numbers: function(*numbers), **_OPTIONS)
    if call in done:
        if done[call] is None:
            raise _RefusedError("calls itself")
        return done[call]
    if not isinstance(call, types.FunctionType):
        raise _RefusedError(f"is no plain function, but a {type(call).__name__}")
    # numba freezes what a function refers to when it is compiled; what could change later must be seen, or is refused.
    done[call], cells = None, call.__closure__ or ()
    used = {name: _constant(call.__globals__[name], name, done, references) for name in _names(call)}
    held = [
        types.CellType(_enclosed(cell, name, done, references))
        for name, cell in zip(call.__code__.co_freevars, cells, strict=True)
    ]
    scope = {**used, "__builtins__": call.__globals__["__builtins__"]}
    copy = types.FunctionType(
        call.__code__, scope, call.__name__, _defaults(call, references), tuple(held) if held else None
    )
    done[call] = numba.njit(copy, **_OPTIONS)
    return done[call]


def _names(call: Any) -> Iterator[str]:
    """Yield what a function and those within it refer to in its module."""
    codes = [call.__code__]
    while codes:
        code = codes.pop()
        codes += [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
        loaded = {each.argval for each in dis.get_instructions(code) if each.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
        yield from (name for name in loaded if name in call.__globals__)


def _constant(value: Any, name: str, done: dict[Any, Any], references: list[Reference]) -> Any:
    """Return something of a module as compiled code has it: a number only if its name says that it is a constant."""
    if isinstance(value, _NUMBERS) and not name.isupper():
        raise _RefusedError(
            f"refers to the number {name} of its module, which can change; CAPITALS say that it will not"
        )
    return _fixed(value, name, done, references)


def _enclosed(cell: Any, name: str, done: dict[Any, Any], references: list[Reference]) -> Any:
    """Return a variable of the function around as compiled code has it, and note that it may be set again."""
    try:
        value = cell.cell_contents
    except ValueError:
        raise _RefusedError(f"refers to {name}, which has no value yet") from None
    references.append((cell, value))
    return _fixed(value, name, done, references)


def _defaults(call: Any, references: list[Reference]) -> Any:
    """Return the defaults of a function, and note that they may be set again."""
    if call.__kwdefaults__:
        raise _RefusedError("takes arguments by keyword only")
    if not call.__defaults__:
        return None
    for value in call.__defaults__:
        if not isinstance(value, _NUMBERS):
            raise _RefusedError(f"has a {type(value).__name__} as a default")
    references.append((call, call.__defaults__))
    return call.__defaults__


def _fixed(value: Any, name: str, done: dict[Any, Any], references: list[Reference]) -> Any:
    if isinstance(value, types.FunctionType):
        return _compiled(value, done, references)
    if isinstance(value, np.ufunc) and getattr(np, value.__name__, None) is not value:
        function = scipy_functions.of_doubles(value)
        if function is None:
            raise _RefusedError(f"calls {name}, a ufunc that is neither NumPy's nor SciPy's of doubles")
        return function
    if isinstance(value, types.ModuleType) and value.__name__ in scipy_functions.MODULES:
        return scipy_functions.MODULES[value.__name__]
    # What stands in other modules might be changed there.
    library = isinstance(value, types.ModuleType) and value.__name__ in ("numpy", "math")
    of_numpy = callable(value) and getattr(np, getattr(value, "__name__", ""), None) is value
    if library or of_numpy or isinstance(value, (*_NUMBERS, types.BuiltinFunctionType)):
        return of_numbers(value)
    raise _RefusedError(f"refers to {name}, a {type(value).__name__}, which can change")


# What numba says before and behind what is wrong.
_FRAME = re.compile(
    r"\x1b\[[0-9;]*m|^(Failed in|During|File|There are|Rejected|Overload|With argument|- Of which).*", re.MULTILINE
)


def _said(error: Exception) -> str:
    """Return why a function is not compiled, in one line."""
    if isinstance(error, _RefusedError):
        return str(error)
    lines = [line.strip() for line in _FRAME.sub("", str(error)).splitlines()]
    first = next((line for line in lines if line), type(error).__name__)
    first = re.sub(r"Function\(<(?:built-in )?\w+ '?(\w+).*?>\)", r"\1", first).removesuffix(" found for signature:")
    return f"cannot be compiled by numba: {first[:120]}"

"""Activations without a native form: compiled when they can be, else called as they are.

A function is compiled if numba can, if nothing that it refers to can change later, and if the compiled one gives the
same numbers. Whatever is not compiled is called in the interpreter with whole groups of nodes: nothing is left out.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from typing import Any

import numba
import numpy as np

from nodesim._arrays import agree
from nodesim.engines.apart import apart
from nodesim.engines.native.activations import ActivationKernel, compiled, compiled_with, interpreted
from nodesim.engines.native.formula_code import scalar_function
from nodesim.functions.contracts import Activation
from nodesim.functions.formulas import Formula
from nodesim.functions.interruptions import is_interruption

# Where a compiled function is compared with its original.
_PROBES = np.concatenate([np.linspace(-8.0, 8.0, 81), [-800.0, -40.0, -1e-9, 1e-9, 40.0, 800.0]])


def kernel_of(activation: Activation) -> ActivationKernel:
    """Return the functions of an activation as kernels call them."""
    return apart(_kernel_of, activation)


def _kernel_of(activation: Activation) -> ActivationKernel:
    called = interpreted(activation.function, activation.derivative, activation.label)
    raw = [activation.unbound(attribute) for attribute in activation.bound]
    by_formula = any(isinstance(call, Formula) for call in raw)
    try:
        pair = [_scalar(call, names, activation.parameters) for call, names in zip(raw, (("z",), ("z", "a")))]
        if _agree(pair, activation, finite_only=by_formula):
            # A formula's function has a way of its own where numbers leave the range of a double.
            return compiled_with(called, *pair) if by_formula else compiled(*pair)
    except Exception as error:
        # numba has more ways to say that it cannot than anyone could name.
        if is_interruption(error) and not isinstance(error, RecursionError):
            raise
    return called


def _scalar(call: Any, names: tuple[str, ...], parameters: Mapping[str, float]) -> Callable[..., Any]:
    """Compile a function for single numbers, its parameters bound."""
    if isinstance(call, Formula):
        return scalar_function(call.program, names, parameters)
    one = _compiled(call, {})
    values = tuple(parameters.values())
    if not values:
        return numba.njit(lambda *numbers: float(one(*numbers)), error_model="numpy")  # type: ignore[no-any-return]
    return numba.njit(lambda *numbers: float(one(*numbers, *values)), error_model="numpy")  # type: ignore[no-any-return]


def _compiled(call: Any, done: dict[Any, Any]) -> Any:
    """Compile a Python function and those that it calls; raise if anything that it refers to might change."""
    if isinstance(call, np.ufunc):
        return numba.njit(lambda *numbers: call(*numbers))
    if call in done:
        return done[call]
    code = call.__code__
    # numba freezes what a function refers to when it is compiled; what could change later would go unnoticed.
    if call.__closure__ or call.__defaults__ or call.__kwdefaults__:
        raise TypeError("closures and defaults can change")
    used = {name: _fixed(call.__globals__[name], name, done) for name in code.co_names if name in call.__globals__}
    copy = types.FunctionType(code, {**used, "__builtins__": call.__globals__["__builtins__"]}, call.__name__)
    done[call] = numba.njit(copy, error_model="numpy")
    return done[call]


def _fixed(value: Any, name: str, done: dict[Any, Any]) -> Any:
    if isinstance(value, types.FunctionType):
        return _compiled(value, done)
    constant = isinstance(value, int | float) and name.isupper()
    # What stands in other modules might be changed there.
    library = isinstance(value, types.ModuleType) and value.__name__ in ("numpy", "math")
    if library or constant or isinstance(value, np.ufunc | types.BuiltinFunctionType):
        return value
    raise TypeError(f"{name} can change")


def _agree(pair: list[Callable[..., Any]], activation: Activation, *, finite_only: bool) -> bool:
    # numba may calculate other numbers than Python, where integers overflow or something is divided by 0 for instance:
    # what is compiled must prove itself.
    with np.errstate(all="ignore"):
        a = np.asarray(activation.function(_PROBES), dtype=float)
        slopes = np.asarray(activation.derivative(_PROBES, a), dtype=float)
    if not a.shape == slopes.shape == _PROBES.shape:
        return False
    found = np.array([pair[0](z) for z in _PROBES])
    steep = np.array([pair[1](z, value) for z, value in zip(_PROBES, a)])
    return _same(found, a, finite_only) and _same(steep, slopes, finite_only)


def _same(found: Any, wanted: Any, finite_only: bool) -> bool:
    if finite_only:
        found, wanted = found[np.isfinite(found)], wanted[np.isfinite(found)]
    return bool(agree(found, wanted, 1e-14 * np.maximum(1.0, np.abs(wanted))).all())

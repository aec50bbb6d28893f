"""Which engine calculates, by name."""

from __future__ import annotations

import importlib
from collections.abc import Callable

from nodesim.engines import reference, vectorized
from nodesim.engines.compiled import CompiledEngine
from nodesim.engines.engine import Engine
from nodesim.engines.native_form import has_native, native, version
from nodesim.errors import MissingExtraError, UnknownNameError, suggestion
from nodesim.functions.aggregation import Aggregation
from nodesim.functions.contracts import Activation, Loss, Optimizer
from nodesim.functions.formulas import Formula
from nodesim.validation import shortened

ENGINES: dict[str, Callable[[str], Engine]] = {
    "nodes": lambda dtype: Engine(reference),
    "compiled": lambda dtype: CompiledEngine(dtype=dtype),
    "numpy": lambda dtype: Engine(vectorized),
    "native": lambda dtype: Engine(native(dtype)),
}


def engine(name: str, dtype: str = "float64") -> Engine:
    """Return an engine by name, for networks of numbers of this type.

    Raises
    ------
    UnknownNameError, MissingExtraError
        If there is none of that name, or it is not installed.
    """
    if not isinstance(name, str) or name not in ENGINES:
        raise UnknownNameError(f"no engine named {shortened(name)}. {suggestion(name, ENGINES)}")
    return ENGINES[name](dtype)


def form_name(name: str, engine: Engine) -> str:
    """Return the name of the engine that always calculates as this one, of that name, does now.

    Examples
    --------
    >>> form_name("compiled", engine("compiled")), form_name("nodes", engine("nodes"))
    ('numpy', 'nodes')
    """
    if name != "compiled":
        return name
    return "numpy" if engine.form() is vectorized else "native"


def described() -> str:
    """Say which form runs, and how to get a faster one.

    Examples
    --------
    >>> described().split()[0] in ("native", "numpy")
    True
    """
    if not has_native():
        return "numpy (for the native form, many times faster: pip install 'nodesim[fast]')"
    return f"native (numba {version()}) where the work is worth it, numpy for the first second of it"


# What each way costs, roughly.
_FUSED = "fused (about 1 ns a number)"
_COMPILED = "compiled (about 5 ns a number)"
_CALLED = "NumPy, called by the kernels (about 20 microseconds a call)"
_WHOLE = "NumPy, and with it the whole network"
_STEPS = "NumPy, between native passes (about 50 microseconds an update)"


def way_of(function: Activation | Aggregation | Loss | Optimizer) -> str:
    """Say how the compiled engine calculates a function where it runs natively, about what that costs, and why.

    An activation without a native form is compiled for that, if it can be.

    Examples
    --------
    >>> import nodesim as ns
    >>> way_of(ns.activation("sigmoid")) in ("fused (about 1 ns a number)", "NumPy")
    True
    """
    if not has_native():
        return "NumPy"
    if function.native is not None:
        return _FUSED
    if isinstance(function, Aggregation):
        return _WHOLE
    if isinstance(function, Optimizer):
        return _STEPS
    if isinstance(function, Loss):
        return _CALLED
    if not function.trains:
        return f"{_CALLED}: it refuses a derivative"
    if all(isinstance(function.unbound(attribute), Formula) for attribute in function.bound):
        # Every formula can be compiled: nobody need wait to know it.
        return _COMPILED
    try:
        native()
    except MissingExtraError:
        # It is installed and broken.
        return "NumPy"
    kernel = importlib.import_module("nodesim.engines.native.builtin").activation_kernel(function)
    return _COMPILED if kernel.native else f"{_CALLED}: {kernel.why}"

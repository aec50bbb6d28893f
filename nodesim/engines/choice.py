"""Which engine calculates, by name."""

from __future__ import annotations

from collections.abc import Callable

from nodesim.engines import reference, vectorized
from nodesim.engines.compiled import CompiledEngine
from nodesim.engines.engine import Engine
from nodesim.engines.native_form import has_native, native, version
from nodesim.errors import ArgumentError, UnknownNameError, suggestion
from nodesim.functions.contracts import Activation, Loss
from nodesim.validation import shortened

ENGINES: dict[str, Callable[[], Engine]] = {
    "nodes": lambda: Engine(reference),
    "compiled": CompiledEngine,
    "numpy": lambda: Engine(vectorized),
    "native": lambda: Engine(native()),
}


def engine(name: str, dtype: str = "float64") -> Engine:
    """Return an engine by name. Kernels are of double precision: other numbers are calculated in NumPy.

    Raises
    ------
    UnknownNameError, MissingExtraError, ArgumentError
        If there is none of that name, it is not installed, or it does not calculate with numbers of this type.
    """
    if not isinstance(name, str) or name not in ENGINES:
        raise UnknownNameError(f"no engine named {shortened(name)}. {suggestion(name, ENGINES)}")
    found = ENGINES["numpy" if name == "compiled" and dtype != "float64" else name]()
    if name == "native" and dtype != "float64":
        raise ArgumentError(f"engine 'native' calculates in float64, the network is {dtype}; use 'compiled'.")
    return found


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


def way_of(function: Activation | Loss) -> str:
    """Say how the compiled engine calculates an activation or a loss where it runs natively.

    Examples
    --------
    >>> import nodesim as ns
    >>> way_of(ns.activation("sigmoid")) in ("compiled", "NumPy")
    True
    """
    if not has_native():
        return "NumPy"
    if function.native is not None:
        return "compiled"
    return "NumPy, called by the kernels" if isinstance(function, Loss) else "compiled where numba can, else NumPy"

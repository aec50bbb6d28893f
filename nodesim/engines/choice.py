"""Which engine calculates: by name, and the compiled one in native form where numba is installed (extra ``fast``)."""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import importlib.util
from collections.abc import Callable
from typing import Any, Protocol

from nodesim._arrays import Array
from nodesim.engines import reference, vectorized
from nodesim.engines.compile_notice import noted
from nodesim.engines.training_task import Trainer, TrainingTask
from nodesim.errors import ArgumentError, MissingExtraError, UnknownNameError, suggestion
from nodesim.functions.contracts import Function, Loss
from nodesim.graph.run import OutputGradient
from nodesim.graph.schedule import Schedule
from nodesim.validation import shortened


class Engine(Protocol):
    """What an engine offers; see `nodesim.engines.reference` for the meaning.

    It may also have ``trainer(task)``, see `trainer`.
    """

    Run: Any  # the kind of run that it fills

    def forward(self, schedule: Schedule, weights: Array, inputs: Array, run: Any) -> bool:
        """Set value and activated of every node, and tell whether all of them are finite."""

    def backward(
        self, schedule: Schedule, weights: Array, output_gradient: OutputGradient, run: Any, gradients: Array
    ) -> bool:
        """Set delta of every node and the gradient of every connection, and tell whether all are finite."""


@functools.cache
def native() -> Any:
    """Return the native form.

    Raises
    ------
    MissingExtraError
        Without numba.
    """
    try:
        with noted():
            return importlib.import_module("nodesim.engines.native")
    except ImportError as error:
        raise MissingExtraError(
            f"the native form of the compiled engine needs the extra 'fast': pip install 'nodesim[fast]' ({error})."
        ) from error


def has_native() -> bool:
    """Tell whether numba, and so the native form, is there; it is not imported for that."""
    return importlib.util.find_spec("numba") is not None


@functools.cache
def best() -> Any:
    """Return the fastest form that there is."""
    return native() if has_native() else vectorized


ENGINES: dict[str, Callable[[], Any]] = {
    "nodes": lambda: reference,
    "compiled": best,
    "numpy": lambda: vectorized,
    "native": native,
}


def engine(name: str, dtype: str = "float64") -> Engine:
    """Return an engine by name. Kernels are of double precision: other numbers are calculated in NumPy.

    Raises
    ------
    UnknownNameError, MissingExtraError, ArgumentError
        If there is none of that name, it is not installed, or it does not calculate with numbers of this type.
    """
    if not isinstance(name, str) or name not in ENGINES:
        raise UnknownNameError(f"no engine named {shortened(name)}. {suggestion(str(name), ENGINES)}")
    found: Engine = ENGINES["numpy" if name == "compiled" and dtype != "float64" else name]()
    if name == "native" and dtype != "float64":
        raise ArgumentError(f"engine 'native' calculates in float64, the network is {dtype}; use 'compiled'.")
    return found


def trainer(engine: Engine, task: TrainingTask) -> Trainer | None:
    """Return what trains whole epochs of a task, or None where an engine leaves every update to its caller."""
    make: Callable[[TrainingTask], Trainer | None] | None = getattr(engine, "trainer", None)
    return None if make is None else make(task)


def described() -> str:
    """Say which form runs, and how to get a faster one.

    Examples
    --------
    >>> described().split()[0] in ("native", "numpy")
    True
    """
    if not has_native():
        return "numpy (for the native form, many times faster: pip install 'nodesim[fast]')"
    return f"native (numba {importlib.metadata.version('numba')})"


def way_of(function: Function) -> str:
    """Say how the compiled engine calculates an activation or a loss: compiled, or called in the interpreter.

    Examples
    --------
    >>> import nodesim as ns
    >>> way_of(ns.activation("sigmoid")) in ("compiled", "NumPy")
    True
    """
    if not has_native():
        return "NumPy"
    native()
    builtin = importlib.import_module("nodesim.engines.native.builtin")
    kernel = builtin.loss_kernel(function) if isinstance(function, Loss) else builtin.activation_kernel(function)
    return "compiled" if kernel.native else "NumPy, called by the kernels"

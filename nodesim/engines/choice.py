"""Which engine calculates, by name; what an engine is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from nodesim._arrays import Array
from nodesim.engines import reference, vectorized
from nodesim.engines.compiled import CompiledEngine
from nodesim.engines.native_form import has_native, native, version
from nodesim.engines.training_task import Trainer, TrainingTask
from nodesim.errors import ArgumentError, UnknownNameError, suggestion
from nodesim.functions.contracts import Activation, Loss
from nodesim.graph.run import OutputGradient, Run
from nodesim.graph.schedule import Schedule
from nodesim.validation import shortened


class Engine(Protocol):
    """What an engine offers; see `nodesim.engines.reference` for the meaning.

    It may also have ``trainer(task)``, see `trainer`.
    """

    @property
    def Run(self) -> Any:  # noqa: N802
        """The kind of run that it fills."""

    def forward(self, schedule: Schedule, weights: Array, inputs: Array, run: Any) -> bool:
        """Set value and activated of every node, and tell whether all of them are finite."""

    def backward(
        self, schedule: Schedule, weights: Array, output_gradient: OutputGradient, run: Any, gradients: Array
    ) -> bool:
        """Set delta of every node and the gradient of every connection, and tell whether all are finite."""


ENGINES: dict[str, Callable[[], Any]] = {
    "nodes": lambda: reference,
    "compiled": CompiledEngine,
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


def expect(engine: Engine, schedule: Schedule, n_samples: int, times: int = 1) -> None:
    """Tell an engine for how much work it is asked: so many times forward, backward and update."""
    if isinstance(engine, CompiledEngine):
        engine.expect(schedule, n_samples, times)


def copied(engine: Engine) -> Engine:
    """Return the engine of a copied simulator, which goes on as the first would."""
    return CompiledEngine(engine.work) if isinstance(engine, CompiledEngine) else engine


def takes(engine: Engine, run: Run) -> bool:
    """Tell whether an engine can fill a run."""
    return engine.takes(run) if isinstance(engine, CompiledEngine) else type(run) is engine.Run


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

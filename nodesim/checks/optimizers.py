"""The check of an optimizer: what its author runs before shipping, and what the built-in ones pass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from nodesim._arrays import Array, read_only
from nodesim.checks import native_forms
from nodesim.checks.remarks import runs
from nodesim.checks.subject import Fault, Witness, near, report, with_out
from nodesim.errors import NodesimError
from nodesim.functions.contracts import Optimizer, State
from nodesim.functions.guard import takes_out
from nodesim.plugins import lookup
from nodesim.simulation.optimizer_state import OptimizerState

_RATE, _OTHER_RATE = 0.01, 0.001
_STEPS, _FEW = 50, 5


def check_optimizer(optimizer: Optimizer | str) -> str:
    """Check an optimizer: shapes, finite numbers, purity, that it lowers a simple error, and the native form.

    Parameters
    ----------
    optimizer : Optimizer or str
        The optimizer, or its name; with parameters as in "momentum(momentum=0.5)".

    Returns
    -------
    str
        How the compiled engine calculates it where it runs natively, about what that costs, and why it is not faster.

    Raises
    ------
    CheckError
        Saying what is wrong.
    UnknownNameError
        If no optimizer has that name.

    See Also
    --------
    nodesim.Optimizer : What an optimizer needs.
    nodesim.checks.check_initializer : The same for an initializer.

    Notes
    -----
    Steps are made as `Network.update` makes them, and refused where it refuses them. Beyond that a step must be the
    same for the same numbers, finite where a gradient is 0, of no fewer digits than a double has, no matter where among
    the others a weight stands, and another one for another learning rate. Weights may act on each other, as where the
    length of the whole gradient is limited.

    Examples
    --------
    >>> import nodesim as ns
    >>> ns.checks.check_optimizer(ns.optimizer("adam")).startswith(("fused (about 1 ns a number)", "called as it is"))
    True
    """
    watched = _Watched(lookup.optimizer(optimizer))
    report(
        watched.optimizer,
        watched.purity,
        watched.descent,
        watched.standstill,
        watched.order,
        watched.parts,
        watched.out,
        watched.rates,
        lambda: native_forms.optimizer(watched.optimizer, watched.begun(_start(), _RATE), _start(), _RATE),
        watched.dismissed,
    )
    return runs(watched.optimizer)


def _start() -> Array:
    return np.array([1.0, -2.0, 3.0, -4.0])


class _Watched:
    """An optimizer whose functions are given copies, with a witness."""

    def __init__(self, given: Optimizer) -> None:
        self._given, self._of_step, self._of_start = given, Witness("step"), Witness("start")
        start = None if given.start is None else self._begin
        self.optimizer = replace(given, step=self._step, start=start)

    def _step(self, weights: Array, gradients: Array, state: State, learning_rate: float, **parameters: float) -> Any:
        own, slopes = map(read_only, self._of_step.copies((weights, gradients)))
        remembered = dict(zip(state, map(read_only, self._of_step.copies(state.values()))))
        before = dict(remembered)
        result = self._given.unbound("step")(own, slopes, remembered, learning_rate, **parameters)
        self._of_step.look(last=2 + len(before))
        if remembered.keys() != before.keys() or any(remembered[key] is not before[key] for key in before):
            raise Fault("step changes the state that it is given; it must leave it alone and return a new one")
        if isinstance(result, tuple) and len(result) == 2 and np.asarray(result[0]).dtype.kind == "f":
            self._of_step.returned(result[0], np.asarray(result[0]))
        return result

    def _begin(self, weights: Array, learning_rate: float) -> Any:
        assert self._given.start is not None
        (own,) = map(read_only, self._of_start.copies((weights,)))
        return self._given.start(own, learning_rate)

    def begun(self, weights: Array, learning_rate: float) -> OptimizerState:
        return OptimizerState(self.optimizer, weights, learning_rate)

    def _taken(self, weights: Array, rate: float, steps: int = _FEW, trainable: Any = True) -> Array:
        """Return the weights after some steps on the sum of their squares."""
        kept, chosen = self.begun(weights, rate), np.full(len(weights), trainable)
        for _ in range(steps):
            weights, kept.state = kept.step(weights, 2.0 * weights, chosen, rate)
        return weights

    def purity(self) -> Iterator[str]:
        kept, weights, everywhere = self.begun(_start(), _RATE), _start(), np.ones(len(_start()), dtype=bool)
        for _ in range(_FEW):
            following = kept.step(weights, 2.0 * weights, everywhere, _RATE)
            again = kept.step(weights, 2.0 * weights, everywhere, _RATE)
            if not (_same({"": following[0]}, {"": again[0]}) and _same(following[1], again[1])):
                raise Fault("step gives other numbers when it is called again with the same ones")
            if self.optimizer.start is not None and following[1].keys() != kept.state.keys():
                raise Fault(f"step returns the state {sorted(following[1])}, start began {sorted(kept.state)}")
            weights, kept.state = following
        yield from ()

    def descent(self) -> Iterator[str]:
        start = _start()
        end = self._taken(start, _RATE, _STEPS)
        if not (end**2).sum() < (start**2).sum():
            yield f"{_STEPS} steps on the sum of squares did not lower it"
        elif (np.abs(end) > np.abs(start)).any():
            yield f"{_STEPS} steps on the sum of squares took a weight away from its minimum"
        # Frozen weights are not shown to it: it gets fewer.
        self._taken(start, _RATE, trainable=np.array([True, False, True, True]))

    def standstill(self) -> Iterator[str]:
        weights, everywhere = _start(), np.ones(len(_start()), dtype=bool)
        try:
            self.begun(weights, _RATE).step(weights, np.zeros_like(weights), everywhere, _RATE)
        except NodesimError as error:
            raise Fault(f"with gradients of 0 {error}") from error
        yield from ()

    def order(self) -> Iterator[str]:
        others = [2, 0, 3, 1]
        if not near(self._taken(_start()[others], _RATE), self._taken(_start(), _RATE)[others]).all():
            yield "step is another one for a weight that stands at another place"

    def parts(self) -> Iterator[str]:
        half = np.array([True, False, True, False])
        alone = (self._taken(_start(), _RATE, trainable=chosen) for chosen in (half, ~half))
        if self.optimizer.elementwise and not near(np.where(half, *alone), self._taken(_start(), _RATE)).all():
            yield "elementwise is said of it, but what becomes of a weight depends on others"

    def out(self) -> Iterator[str]:
        given, state = self._given, self.begun(_start(), _RATE).state

        def step(weights: Array, gradients: Array, out: Array | None = None) -> Any:
            return given.step(weights, gradients, state, _RATE, **({} if out is None else {"out": out}))[0]

        if takes_out(given.step, np.dtype(float), given.parameters):
            yield from with_out(step, "step", given, _start(), 2.0 * _start())

    def rates(self) -> Iterator[str]:
        if np.array_equal(self._taken(_start(), _RATE), self._taken(_start(), _OTHER_RATE)):
            yield f"it goes the same way with the learning rates {_RATE:g} and {_OTHER_RATE:g}"

    def dismissed(self) -> Iterator[str]:
        self._of_step.look()
        self._of_start.look()
        yield from ()


def _same(one: State, other: State) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[key], other[key]) for key in one)

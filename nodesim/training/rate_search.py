"""TRAINING without a learning rate: it is searched for, so that no training ends with a larger error than it began.

An epoch that fails is undone and made again with half the rate. What fails is the one difference between the two kinds:

- Descent takes all samples at once, by an optimizer without a memory. The gradient says by how much a step lowers the
  error; an epoch that keeps less than a third of this promise fails. So the error never rises, and no step is so long
  that it lowers the error by luck, far from where the gradient was taken: such steps kill relu units. The last two
  gradients tell how the error bends, and so which rate the next step begins with.
- Elsewhere an epoch may end a little higher and training still be sound. With mini-batches the error may be a tenth
  above the lowest so far; an optimizer with a memory may climb as high as where the training began.

References
----------
Armijo, L., "Minimization of functions having Lipschitz continuous first partial derivatives" (Pacific Journal of
Mathematics 16, 1966). J. Barzilai, J. M. Borwein, "Two-point step size gradient methods" (IMA Journal of Numerical
Analysis 8, 1988).
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import NonFiniteError
from nodesim.graph.schedule import Schedule
from nodesim.training.dead_end import FlatNodes, flat_nodes
from nodesim.training.following import Forgotten
from nodesim.training.fused import SampleTraining
from nodesim.training.judge import Look

# The part of what the gradient promises that a step must keep.
_KEPT = 1.0 / 3.0
# How far an epoch of mini-batches may end above the lowest error so far, and how fast the rate recovers.
_SLACK = 0.1
_GROWTH = 1.05
# The power of a rounding that, as a part of the first error, is all but none, whatever nodes are left flat. The first
# error may be huge: of inputs in the ten thousands, it is a billion times what a dead network ends with.
_GONE = 1.5
# For so many epochs the error is the same to the last digit, and no step promises to lower it by one: it rests.
_STILL = 20


class _NoRateError(Exception):
    """However small the rate is, the error does not go down: an optimizer that does not follow its rate."""


class RateSearch(SampleTraining, ABC):
    """What both kinds of search have in common: the error of all samples at any weights, and steps on trial."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._error_here = math.nan
        self._clip: float | None = None
        self._begun = self._gave_up = False

    def _advance(self) -> None:
        if not self._begun or self._was_moved():
            self._begin()
            self._begun = True
        try:
            while not self._epoch_holds():
                self._halve()
                self.history.undone += 1
        except _NoRateError:
            self._gave_up = True

    def _follow(self, schedule: Schedule) -> None:
        super()._follow(schedule)
        # What is known of gradients is in the order of before.
        self._begun = False

    @abstractmethod
    def _begin(self) -> None:
        """Look at the error where training begins, or begins again."""

    @abstractmethod
    def _epoch_holds(self) -> bool:
        """Train an epoch, and tell whether its end may stand; if not, all is as it was before."""

    def _was_moved(self) -> bool:
        """Tell whether a callback moved the weights, or exchanged what the error depends on."""
        if not self.callbacks.have_changed_a_number:
            return False
        # Another engine only adds up in another order.
        return not math.isclose(self._look_at(self.weights)[0], self._error_here, rel_tol=1e-6)

    def _stops(self, numbers: Iterable[int]) -> bool:
        if super()._stops(numbers):
            return True
        if self._gave_up:
            self.history.stop_reason = (
                f"{self.plan.optimizer.label} does not lower the error, however small its learning rate is. To train "
                "with it all the same, give a learning_rate."
            )
        return self._gave_up

    def _verdict(self) -> str:
        flat = self._flat_nodes()
        return super()._verdict() + (_also(flat) if flat.are_a_dead_end else "")

    def _flat_nodes(self) -> FlatNodes:
        """Return which nodes stand in the way; none where the error is all but gone."""
        none = FlatNodes((), 0)
        gone = float(np.finfo(self.weights.dtype).eps) ** _GONE
        if any(abs(self._error_here) <= gone * abs(error) for error in self.stopping.compared(self.history.errors)[:1]):
            return none
        try:
            look = self.judge.run(self.data.whole, self.weights)
            self._gradients_of(look)
        except NonFiniteError:
            return none
        return flat_nodes(self.structure.schedule, self.weights, look.run)

    def _look_at(self, weights: Array) -> tuple[float, Look | None]:
        """Return the error of all samples and where it is from; infinity and none where a number is not finite."""
        try:
            look = self.look(weights)
            return look.error, look
        except NonFiniteError:
            return math.inf, None

    def _gradients_at_start(self) -> tuple[float, Array]:
        """Return the error and its gradient at the weights of now.

        Raises
        ------
        NonFiniteError
            If a number is not finite.
        """
        look = self.look()
        gradients = self._gradients_of(look)
        return look.error, gradients

    def _gradients_of(self, look: Look) -> Array:
        gradients = look.gradients(self.gradients).copy()
        # By what these were cut back.
        self._clip = look.clip
        return gradients

    def _step_on_trial(self, gradients: Array) -> tuple[Array, float]:
        """Return where a step leads, and by how much the gradient promises that it lowers the error."""
        try:
            there, _ = self.optimizer_state.step(self.weights, gradients, self.trainable, self.rate, self._order.shared)
        except NonFiniteError:
            return np.full_like(self.weights, np.inf), 0.0
        with np.errstate(all="ignore"):
            return there, float(gradients @ (self.weights - there))

    def _halve(self) -> None:
        if not self.rate:
            raise _NoRateError
        self.rate /= 2.0
        self.optimizer_state = self._fresh_state()
        if self.followers:
            self.followers.notes.append(Forgotten())


def _also(flat: FlatNodes) -> str:
    return f"; {flat}" if flat.names else ""


class DescentTraining(RateSearch):
    """All samples for each update, by an optimizer without a memory: no epoch ends with a larger error."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._slopes_here = self.gradients
        self._rests, self._still = False, 0
        self._all = np.arange(self.data.count)[None]

    def _begin(self) -> None:
        self._error_here, self._slopes_here = self._gradients_at_start()

    def _epoch_holds(self) -> bool:
        before, error, slopes = self.weights.copy(), self._error_here, self._slopes_here
        promise = self._descend()
        if promise is None:
            return False
        self._record([error])
        self.followers.settle(full=True)
        below_a_digit = promise <= np.finfo(float).eps * abs(error)
        self._still = self._still + 1 if self._error_here == error and below_a_digit else 0
        self._rests = self._still == _STILL or np.array_equal(self.weights, before)
        with np.errstate(all="ignore"):
            self._choose_rate(promise, float((self.weights - before) @ (self._slopes_here - slopes)))
        return True

    def _stops(self, numbers: Iterable[int]) -> bool:
        if super()._stops(numbers):
            return True
        if self._rests:
            flat = self._flat_nodes()
            self.history.converged = not flat.are_a_dead_end
            self.history.stop_reason = f"no step lowers the error any more, to the last digit{_also(flat)}"
        return self._rests

    def _descend(self) -> float | None:
        """Make a step that lowers the error as it promises, and return the promise; None if it does not."""
        there, promise = self._step_on_trial(self._slopes_here)
        clip = self._clip
        error, look = self._look_at(there)
        # A promise that overflowed to no number counts as 0: the error must not rise all the same.
        if look is None or not error <= self._error_here - _KEPT * max(0.0, promise):
            return None
        try:
            self._slopes_here = self._gradients_of(look)
        except NonFiniteError:
            return None
        self._error_here = error
        followers, history = self.followers, self.history
        notes = self._noted(np.array([self.weights, there]) if followers else None, self._all, 0, clip)
        # One call that cannot be interrupted halfway, and plain assignments.
        self.weights[:] = there
        followers.notes += notes
        history.updates += 1
        return promise

    def _choose_rate(self, promise: float, bend: float) -> None:
        """Choose the rate that would have led to the lowest point, if the error bent everywhere as on this step."""
        rate = self.rate * (promise / bend if bend > 0.0 else 2.0)
        if 0.0 < rate < math.inf:
            self.rate = rate


class EpochTraining(RateSearch):
    """Mini-batches, or an optimizer with a memory: an epoch that ends too high is undone."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._first = self._lowest = math.inf
        self._take_up(self._kept.search if self._kept is not None else {})
        self._remembers = self.plan.optimizer.start is not None

    def _take_up(self, search: Mapping[str, float]) -> None:
        """Go on with what a search before found out, if it ended with these weights and samples."""
        if search and math.isclose(self._look_at(self.weights)[0], search["error"], rel_tol=1e-6):
            self._first, self._lowest, self._error_here = search["first"], search["lowest"], search["error"]
            self._begun = True

    def _found_out(self) -> dict[str, float]:
        found = {"first": self._first, "lowest": self._lowest, "error": self._error_here}
        return found if all(map(math.isfinite, found.values())) else {}

    def _begin(self) -> None:
        """Look at the error, and find a rate at which a first step keeps its promise."""
        error, gradients = self._gradients_at_start()
        there, promise = self._step_on_trial(gradients)
        while self.rate and not self._look_at(there)[0] <= error - _KEPT * max(0.0, promise):
            self._halve()
            there, promise = self._step_on_trial(gradients)
        self._first = self._lowest = self._error_here = error

    def _epoch_holds(self) -> bool:
        history, weights = self.history, self.weights.copy()
        done, updates, mark = len(history), history.updates, self.followers.mark()
        state = self.optimizer_state.state
        try:
            while len(history) == done:
                SampleTraining._advance(self)
            error, _ = self._look_at(self.weights)
        except NonFiniteError:
            error = math.inf
        if error <= self._highest():
            self._lowest, self._error_here = min(self._lowest, error), error
            if not self._remembers:
                self.rate *= _GROWTH
            return True
        followers = self.followers
        # Plain assignments, and no loop: wherever Ctrl-C comes in, all of it is undone or nothing.
        self.weights[:] = weights
        self.optimizer_state.state = state
        followers.undone = mark
        history.updates = updates
        del history.errors[done:], history.validation_errors[done:], history.learning_rates[done:]
        followers.take_back()
        return False

    def _highest(self) -> float:
        """Return the largest error that an epoch may end with."""
        if self._remembers:
            return self._first
        # Where nothing is left of the error but rounding, it goes up and down by more than a tenth.
        lowest = max(self._lowest, abs(self._first) * np.finfo(float).eps)
        return min(self._first, lowest + _SLACK * abs(lowest))

    def _count(self, fitting: int) -> int:
        return 1

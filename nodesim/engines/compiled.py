"""The compiled engine: in NumPy until the work is worth compiling for, natively from then on.

Numba takes a third of a second to load, and many seconds to compile what it never compiled before. So a network is run
in NumPy until about a second of work, as NumPy does it, was asked for. What was asked for is counted by the arguments
of the calls and never measured: whatever a network calculates depends on its own calls alone, and comes out the same
bit by bit in every run of a program, on a cold machine or a warm one.
"""

from __future__ import annotations

import logging
from typing import Self

from nodesim.engines import vectorized
from nodesim.engines.engine import Engine, Form
from nodesim.engines.native_form import has_native, native
from nodesim.errors import MissingExtraError
from nodesim.graph.run import Run
from nodesim.graph.schedule import Schedule

_log = logging.getLogger("nodesim")

# Seconds of work in NumPy that are worth compiling for.
_WORTH = 1.0
# What forward, backward and update take in NumPy, in seconds: for each call, each depth, each connection and each node
# of each sample. Measured on networks from 2-2-2 to 784-128-10 and sparse ones of 500 depths; right to a factor of 2.
_CALL, _DEPTH, _CONNECTION, _NODE = 80e-6, 25e-6, 1.2e-9, 15e-9


class CompiledEngine(Engine):
    """The compiled engine: of two forms.

    Parameters
    ----------
    work : float
        Seconds of work, as NumPy does it, that were asked for before.
    dtype : str
        Of the networks that it runs.
    """

    def __init__(self, work: float = 0.0, dtype: str = "float64") -> None:
        super().__init__(vectorized)
        self.work, self._dtype = work, dtype

    def form(self) -> Form:
        """Return the native form once the work is worth it."""
        if self.work < _WORTH or not has_native():
            return self._only
        try:
            form: Form = native(self._dtype)
        except MissingExtraError as error:
            # It is installed and broken. Nobody asked for it by name.
            _log.warning("the compiled engine stays in NumPy: %s", error)
            self.work = -float("inf")
            return self._only
        return form

    def form_of(self, run: Run) -> Form:
        """Return the form that a run was made for: what was asked for since changes none."""
        form: Form = self._only if type(run) is self._only.Run else native(self._dtype)
        return form

    def takes(self, run: Run) -> bool:
        """Tell whether it can fill a run: one of either form."""
        return type(run) is self._only.Run or super().takes(run)

    def expect(self, schedule: Schedule, n_samples: int, times: int = 1) -> None:
        """Count work that is asked for."""
        self.work += times * seconds(schedule, n_samples)

    def copy(self) -> Self:
        """Return an engine of its own, of which as much was asked."""
        return type(self)(self.work, self._dtype)


def seconds(schedule: Schedule, n_samples: int) -> float:
    """Return what forward, backward and update of some samples take in NumPy, to a factor of 2."""
    call, sample = schedule.cached(_costs)
    return call + sample * n_samples


def _costs(schedule: Schedule) -> tuple[float, float]:
    """Return what a schedule takes for each call, and for each sample."""
    depth = int(schedule.depths.max(initial=0))
    return _CALL + _DEPTH * depth, _CONNECTION * len(schedule.slots) + _NODE * schedule.n_rows

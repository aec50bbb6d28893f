"""The chunks of a sweep, one after the other in this process, or spread over others through joblib."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from typing import Any

from nodesim.parallel import processes
from nodesim.sweeps.chunk import Chunk, trained
from nodesim.sweeps.outcome import Outcome

# Chunks for each process, so that none waits long for the last one.
_CHUNKS = 4


class Spreader:
    """Says how many processes there are, and lets them train.

    Parameters
    ----------
    n_jobs : int or None
        As for `nodesim.sweep`.

    Attributes
    ----------
    parts : int
        Into how many chunks to divide the work.

    Raises
    ------
    ArgumentError, MissingExtraError
        If it is no number of processes, or joblib is not there.
    """

    def __init__(self, n_jobs: Any) -> None:
        self.parts, self._n_jobs = 1, 1
        self._joblib: Any = None
        if n_jobs is None:
            return
        self._n_jobs, self._joblib = processes.checked(n_jobs), processes.joblib()
        self.parts = _CHUNKS * max(1, self._joblib.effective_n_jobs(self._n_jobs))

    def run(self, chunks: Sequence[Chunk], report: Callable[[int], None]) -> list[Outcome]:
        """Train all chunks, and return their outcomes in order."""
        if self._joblib is None:
            return [trained(chunk, report) for chunk in chunks]
        backend, _ = self._joblib.parallel.get_active_backend()
        if not getattr(backend, "supports_sharedmem", False):
            # What cannot go to another process is said here, and not in the middle of it.
            pickle.dumps(chunks[0])
        found = []
        together = self._joblib.Parallel(n_jobs=min(self._n_jobs, len(chunks)), return_as="generator")
        for chunk, outcome in zip(chunks, together(self._joblib.delayed(trained)(chunk) for chunk in chunks)):
            found.append(outcome)
            report(chunk.plan.epochs * len(chunk.seeds))
        return found

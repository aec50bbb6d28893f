"""The mistakes that are commonly made at each step of a calculation by hand, in the order of preference."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from nodesim.exercises import mistaken_backward, mistaken_forward
from nodesim.exercises.mistaken import Candidate
from nodesim.exercises.working import Step, Working

_MAKERS: dict[str, Callable[[Working, Step], Iterator[Candidate]]] = {
    "sum": mistaken_forward.of_sum,
    "activated": mistaken_forward.of_activated,
    "error": mistaken_forward.of_error,
    "partial": mistaken_backward.of_partial,
    "product": mistaken_backward.of_product,
    "branch": mistaken_backward.of_branch,
    "gradient": mistaken_backward.of_gradient,
    "update": mistaken_backward.of_update,
}


def candidates(working: Working, step: Step) -> tuple[Candidate, ...]:
    """Return the mistakes that can have been made at a step, best explanation first."""
    return tuple(sorted(_MAKERS[step.kind](working, step), key=lambda candidate: candidate.rank))

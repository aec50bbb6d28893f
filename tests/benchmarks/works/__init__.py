"""The works by letter; each is made when it is done, and gives rows of the table."""

from __future__ import annotations

from works import building, gradients, tracing, training

WORKS = {
    "A": training.online,
    "B": training.digits,
    "C": training.large_step,
    "D": gradients.skipping_batch,
    "E": gradients.skipping_sample,
    "F": gradients.successive_batch,
    "G": building.Building,
    "H": training.digits_by_nodes,
    "I": training.one_call,
    "J": tracing.Counting,
    "K": tracing.Listing,
    "M": tracing.Ranking,
    "S": training.sweep,
}

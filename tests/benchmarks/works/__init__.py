"""The works by name; each is made when it is done, and gives rows of the table."""

from __future__ import annotations

from works import (
    activations,
    aggregations,
    building,
    editing,
    fresh,
    gradients,
    growth,
    habits,
    optimizers,
    texts,
    tracing,
    training,
)

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
    "L": tracing.Writing,
    "M": tracing.Ranking,
    "S": training.sweep,
    "optimizers": optimizers.online,
    "activations": activations.builtin,
    "functions": activations.users,
    "aggregations": aggregations.Aggregations,
    "habits": habits.habits,
    "ties": habits.ties,
    "fit": habits.Fits,
    "edit": editing.Editing,
    "texts": texts.Texts,
    "large": fresh.Large,
    "cold": fresh.Cold,
    "growth": growth.Growth,
}

# Done only where they are asked for.
LONG = {"large", "cold", "growth"}

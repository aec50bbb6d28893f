"""Nodes that are no sums, as kernels calculate them."""

from __future__ import annotations

from nodesim.graph.schedule import Schedule


def is_native(schedule: Schedule) -> bool:
    """Tell whether kernels can calculate all nodes of a schedule; otherwise NumPy does."""
    return not schedule.has_joins

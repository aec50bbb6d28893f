"""What can be asked on a sheet."""

from __future__ import annotations

from collections.abc import Collection

TASKS = ("forward", "paths", "gradient", "tree", "update", "missing path", "mistake")
USUAL = ("forward", "paths", "gradient", "tree", "update")
# They show what others ask for: a calculation with all its numbers, or most of the paths.
_SHOWING = ("missing path", "mistake")


def showing(tasks: Collection[str]) -> tuple[str, ...]:
    """Return which tasks show answers to others on the same sheet: its numbers, or its paths.

    Examples
    --------
    >>> showing(["forward", "mistake"]), showing(["forward", "missing path"]), showing(["mistake"])
    (('mistake',), (), ())
    """
    asked = {
        # It shows no number, and all paths but one.
        "missing path": {"paths", "gradient", "tree"},
        "mistake": {*TASKS} - {"mistake"},
    }
    return tuple(task for task in _SHOWING if task in tasks and asked[task] & {*tasks})

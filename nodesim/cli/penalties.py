"""What is added to the error, or done to its gradient, by the options of every command that runs a backward."""

from __future__ import annotations

import argparse
from typing import Any

from nodesim.cli.command import UsageError, at_least_zero, named
from nodesim.plugins import lookup


def add_penalties(parser: Any) -> None:
    """Add the options that `Network.backward` has as well, penalties and clipping, to a parser or a group of one."""
    parser.add_argument("--l1", type=at_least_zero, metavar="L", help="add L·Σ|W| to the error")
    parser.add_argument("--l2", type=at_least_zero, metavar="L", help="add L/2·ΣW² to the error")
    parser.add_argument(
        "--regularizer", nargs="+", action="extend", default=[], metavar="NAME",
        help='other penalties, such as "elastic_net(l1=0.1)"',
    )  # fmt: skip
    parser.add_argument("--clip", type=at_least_zero, metavar="LENGTH", help="how long a gradient may be")


def penalties(options: argparse.Namespace) -> dict[str, Any]:
    """Return what these options say, as `Network.backward` and `Network.fit` take it.

    Raises
    ------
    UsageError
        If there is no such regularizer, or nothing of e is asked for that they could change.
    """
    found: dict[str, Any] = {name: getattr(options, name, None) for name in ("l1", "l2", "clip")}
    found["regularizer"] = [named(lookup.regularizer, name) for name in getattr(options, "regularizer", [])] or None
    given = [name for name, value in found.items() if value is not None]
    if given and getattr(options, "to", None) is not None:
        raise UsageError(f"--{given[0]} changes e, or its gradient; --to {options.to} looks at something else.")
    return found

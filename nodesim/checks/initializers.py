"""The check of an initializer: what its author runs before shipping, and what the built-in ones pass."""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.checks.subject import Fault, Subject, report
from nodesim.functions.contracts import Initializer
from nodesim.plugins import lookup


def check_initializer(initializer: Initializer | str) -> None:
    """Check an initializer: shape, finite numbers, and that the generator decides alone.

    Parameters
    ----------
    initializer : Initializer or str
        The initializer, or its name; with parameters as in "normal(std=0.1)".

    Raises
    ------
    CheckError
        Saying what is wrong.
    UnknownNameError
        If no initializer has that name.

    See Also
    --------
    nodesim.Initializer : What an initializer needs.
    nodesim.checks.check_optimizer : The same for an optimizer.

    Examples
    --------
    >>> import nodesim as ns
    >>> ns.checks.check_initializer(ns.initializer("he_normal"))
    """
    initializer = lookup.initializer(initializer)
    function = Subject(initializer.function, "it")
    report(initializer, lambda: _draws(initializer, function), function.dismissed)


def _draws(initializer: Initializer, function: Subject) -> Iterator[str]:
    # Nodes that only bias nodes feed have no fan: their weights are drawn, too, unless they are constant.
    least = 0 if initializer.bias is None else 1
    fans = np.arange(least, least + 7), np.arange(7, 0, -1)
    shared = _shared()
    first = _drawn(function, *fans)
    if _shared() != shared:
        raise Fault("it draws from a generator that all programs share: use the one that it is given, and no other")
    if not np.array_equal(first, _drawn(function, *fans)):
        raise Fault("it draws other weights from the same generator: use the one that it is given, and no other")
    _drawn(function, fans[0][3:4], fans[1][3:4])
    ones = np.ones(7, dtype=np.intp)
    if not initializer.fans and not np.array_equal(first, _drawn(function, ones, ones)):
        raise Fault("it looks at the fans, but says fans=False")
    yield from ()


def _drawn(function: Subject, fan_in: Indices, fan_out: Indices) -> Array:
    found = function(np.random.default_rng(1), fan_in, fan_out)
    if found.shape != fan_in.shape:
        raise Fault(f"it returns shape {found.shape} for {len(fan_in)} connection{'s' if len(fan_in) > 1 else ''}")
    if not np.isfinite(found).all():
        place = np.flatnonzero(~np.isfinite(found))[0]
        raise Fault(f"it draws {found[place]} for fan_in {fan_in[place]} and fan_out {fan_out[place]}")
    return found


def _shared() -> tuple[object, ...]:
    name, key, *rest = np.random.get_state()  # noqa: NPY002
    return random.getstate(), name, np.asarray(key).tobytes(), *rest

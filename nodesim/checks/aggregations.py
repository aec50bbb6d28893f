"""The check of an aggregation: what its author runs before shipping, and what the built-in ones pass."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product

import numpy as np

from nodesim._arrays import Array
from nodesim.checks import native_forms
from nodesim.checks.differences import outside
from nodesim.checks.joint_slopes import joint_slopes
from nodesim.checks.remarks import runs
from nodesim.checks.subject import Fault, Subject, near, report
from nodesim.curvature import differenced
from nodesim.errors import FunctionError
from nodesim.functions import finite_differences
from nodesim.functions.aggregation import Aggregation
from nodesim.plugins import lookup

_COUNTS = (1, 2, 3, 5)
_LARGE = (100.0, 1000.0)
# So far the sum of partials may be outside what moving all that comes in together allows.
_LEAST = 1e-7
# So far second derivatives may be from finite differences of the partials.
_BENT = 1e-8


def check_aggregation(aggregation: Aggregation | str) -> str:
    """Check an aggregation: shapes, every node by itself, no NaN, partials, also at ties and zeros, the native form.

    Parameters
    ----------
    aggregation : Aggregation or str
        The aggregation, or its name.

    Returns
    -------
    str
        How the compiled engine calculates it where it runs natively.

    Raises
    ------
    CheckError
        Saying what is wrong.
    UnknownNameError
        If no aggregation has that name.

    See Also
    --------
    nodesim.Aggregation : What an aggregation needs.
    nodesim.checks.check_activation : The same for an activation, in the same manner.
    nodesim.check_gradients : Compare the gradients of a network that uses it.

    Examples
    --------
    >>> import nodesim as ns
    >>> ns.checks.check_aggregation("max").startswith(("fused (about 1 ns a number)", "called as it is"))
    True
    >>> ns.checks.check_aggregation(ns.Aggregation("bad", lambda c: (c * c).sum(axis=0), lambda c, h: c))
    Traceback (most recent call last):
    nodesim.errors.CheckError: aggregation bad: ∂H/∂c at c = 0.82177 is 0.82177, finite differences give 1.64354
    """
    aggregation = lookup.aggregation(aggregation)
    joined = _Joined(aggregation)
    report(
        aggregation, joined.of_function, joined.of_partials, joined.differences, joined.together, joined.bends,
        joined.native, joined.overflows, joined.function.dismissed, joined.partials.dismissed,
    )  # fmt: skip
    return runs(aggregation)


def _contributions() -> Iterator[Array]:
    """Yield what may come into some nodes: ordinary numbers, and round ones, among which there are ties and zeros."""
    rng = np.random.default_rng(0)
    ordinary = rng.uniform(-3.0, 3.0, (max(_COUNTS), 60))
    ordinary[0] = np.random.default_rng(0).uniform(-3.0, 3.0, 60)
    for count in _COUNTS:
        yield ordinary[:count]
        yield rng.integers(-1, 3, (count, 60)).astype(float)


class _Joined:
    """An aggregation under examination."""

    def __init__(self, aggregation: Aggregation) -> None:
        self.aggregation = aggregation
        self.function = Subject(aggregation.function, "the function")
        self.partials = Subject(aggregation.partials, "partials(c, h)")

    def _h(self, c: Array) -> Array:
        return self.function(c, shape=c.shape[1:])

    def _slopes(self, c: Array) -> Array:
        return self.partials(c, self._h(c), shape=c.shape)

    def of_function(self) -> Iterator[str]:
        """Say what is wrong with the function."""
        for c in _contributions():
            yield from self._finite("the function", c, self._h(c)[None])
            self._alone(self.function.who, c, self._h(c)[None], [self._h(part)[None] for part in _parts(c)])

    def of_partials(self) -> Iterator[str]:
        """Say what is wrong with the shapes of the partials, and whether they are of each node by itself."""
        for c in _contributions():
            yield from self._finite(self.partials.who, c, self._slopes(c))
            self._alone(self.partials.who, c, self._slopes(c), [self._slopes(part) for part in _parts(c)])

    def _finite(self, who: str, c: Array, found: Array) -> Iterator[str]:
        bad = np.argwhere(~np.isfinite(found))
        if len(bad):
            yield f"{who} at c = {_listed(c[:, bad[0, -1]])} is {found[tuple(bad[0])]}"

    def _alone(self, who: str, c: Array, whole: Array, parts: list[Array]) -> None:
        for part in parts:
            if not near(part.reshape(len(part), -1), whole[:, : part[0].size]).all():
                raise Fault(f"{who} gives other numbers where it is asked for other nodes at once")

    def differences(self) -> Iterator[str]:
        """Say where a partial is none that finite differences allow."""
        for c in _contributions():
            found = self._slopes(c)
            for place, expected in enumerate(joint_slopes(self._h, c).each):
                wrong = outside(found[place], expected, c[place])
                if wrong is not None:
                    at, allowed = wrong
                    where = _listed(np.roll(c[:, at], -place))
                    yield f"∂H/∂c at c = {where} is {found[place, at]:g}, finite differences give {allowed}"
                    return

    def together(self) -> Iterator[str]:
        """Say where partials, each allowed by itself, add up to more than H moves by with all that comes in."""
        for c in _contributions():
            total, zeros = self._slopes(c).sum(axis=0), np.zeros(c.shape[1])
            expected = finite_differences.slopes(lambda t, c=c: self._h(c + t), zeros, np.abs(c).max(axis=0))  # type: ignore[misc]
            allowed, low, high = _LEAST * np.maximum(1.0, np.abs(total)), expected.low.copy(), expected.high.copy()
            joint = joint_slopes(self._h, c)
            if len(joint.at):
                sums = joint.nearby.sum(axis=1)
                low[joint.at] = np.minimum(low[joint.at], sums.min(axis=0))
                high[joint.at] = np.maximum(high[joint.at], sums.max(axis=0))
            bad = np.flatnonzero((total < low - allowed) | (total > high + allowed))
            if len(bad):
                yield (
                    f"∂H/∂c at c = {_listed(c[:, bad[0]])} add up to {total[bad[0]]:g}, where H moves by "
                    f"{expected.left[bad[0]]:g} to {expected.right[bad[0]]:g} with all of them"
                )
                return

    def overflows(self) -> Iterator[str]:
        """Say where H is nan or infinite, or a partial is, though what comes in is no more than a thousand."""
        rng = np.random.default_rng(2)
        for count, size in product(_COUNTS, _LARGE):
            c = size * np.sign(rng.uniform(-1.0, 1.0, (count, 8))) + rng.uniform(-1.0, 1.0, (count, 8))
            with np.errstate(all="ignore"):
                h = self._h(c)
                # The product of five such numbers is large, and no double is left by it.
                for who, found in (("the function", h[None]), (self.partials.who, self._slopes(c))):
                    for problem in self._finite(who, c, found):
                        yield f"{problem}: something on the way overflows"
                        return

    def bends(self) -> Iterator[str]:
        """Say where the curvature is none that finite differences of the partials allow; at kinks they tell nothing."""
        curvature, rng = self.aggregation.curvature, np.random.default_rng(1)
        for c in islice(_contributions(), 0, None, 2) if curvature is not None else ():
            moved = rng.uniform(-1.0, 1.0, c.shape)
            found = np.asarray(curvature(c, self._h(c), moved))  # type: ignore[misc]
            if found.shape != c.shape:
                yield f"curvature(c, h, moved) returns shape {found.shape} for shape {c.shape}"
                return
            for place in range(c.shape[1]):
                own = slice(place, place + 1)
                try:
                    expected = differenced.along(self._slopes, c[:, own], moved[:, own], self.aggregation.label)
                except FunctionError:
                    continue
                if (np.abs(found[:, own] - expected) > _BENT * np.maximum(1.0, np.abs(expected))).any():
                    yield (
                        f"the curvature at c = {_listed(c[:, place])} along {_listed(moved[:, place])} is "
                        f"{_listed(found[:, place])}, finite differences give {_listed(expected[:, 0])}"
                    )
                    return

    def native(self) -> Iterator[str]:
        """Say where the native form gives other numbers."""
        for c in _contributions():
            for coming in np.split(c, 2, axis=1):
                yield from native_forms.aggregation(self.aggregation, coming, self._h(coming), self._slopes(coming))


def _parts(c: Array) -> Iterator[Array]:
    """Yield the first of the nodes in other shapes: one, none but its contributions, and in rows."""
    yield c[:, :1]
    yield c[:, 0]
    yield c.reshape(len(c), 6, 10)


def _listed(numbers: Array) -> str:
    return ", ".join(f"{number:g}" for number in numbers.tolist())

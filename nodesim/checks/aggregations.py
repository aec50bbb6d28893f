"""The check of an aggregation: what its author runs before shipping, and what the built-in ones pass."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nodesim._arrays import Array
from nodesim.checks import native_forms
from nodesim.checks.differences import outside
from nodesim.checks.subject import Fault, Subject, near, report
from nodesim.engines.choice import way_of
from nodesim.functions import finite_differences
from nodesim.functions.aggregation import Aggregation
from nodesim.functions.shapes import wrong_shape
from nodesim.plugins import lookup

_COUNTS, _NODES, _SAMPLES = (1, 2, 3, 6), 4, 9


def check_aggregation(aggregation: Aggregation | str) -> str:
    """Check an aggregation: shapes, nodes and samples by themselves, finite numbers, the partials, the native form.

    Parameters
    ----------
    aggregation : Aggregation or str
        The aggregation, or its name; with parameters as in "power(p=3)".

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

    Notes
    -----
    The functions are called as engines call them, with read-only arrays, and refused where engines refuse them. The
    partials are compared with finite differences: of contributions drawn at random, of equal ones, and of zeros. At a
    kink, as where several are the largest, they may be anything between its two sides.

    Examples
    --------
    >>> import nodesim as ns
    >>> ns.checks.check_aggregation("product") in ("fused (about 1 ns a number)", "NumPy")
    True
    >>> bad = ns.Aggregation("bad", lambda c: c.sum(axis=0), lambda c, h: c)
    >>> ns.checks.check_aggregation(bad)
    Traceback (most recent call last):
    nodesim.errors.CheckError: aggregation bad: the partial by contribution 0 is 0.0472865, finite differences give 1
    """
    aggregation = lookup.aggregation(aggregation)
    function, partials = Subject(aggregation.function, "the function"), Subject(aggregation.partials, "partials")
    examined = _Examination(aggregation, function, partials)
    report(aggregation, examined.parts, examined.slopes, examined.native, function.dismissed, partials.dismissed)
    return way_of(aggregation)


class _Examination:
    def __init__(self, aggregation: Aggregation, function: Subject, partials: Subject) -> None:
        self.aggregation, self.function, self.partials = aggregation, function, partials

    def parts(self) -> Iterator[str]:
        """Raise where shapes are others, or where nodes or samples are not by themselves."""
        for count in _COUNTS:
            c = _drawn(count, _NODES)
            h, slopes = self._at(c)
            for call, found, shape in ((self.function, h, c.shape[1:]), (self.partials, slopes, c.shape)):
                if found.shape != shape:
                    raise Fault(f"{call.who} returns {wrong_shape(found.shape, c.shape, shape)}")
                if not np.isfinite(found).all():
                    raise Fault(f"{call.who} returns {found[~np.isfinite(found)][0]}")
            self._by_themselves(c, h, slopes)
        yield from ()

    def _by_themselves(self, c: Array, h: Array, slopes: Array) -> None:
        again = self._at(c)
        if not (near(again[0], h).all() and near(again[1], slopes).all()):
            raise Fault("it gives other numbers when it is called again with the same ones")
        # Engines hand over nodes one by one or several at once, and a batch in parts.
        for own in ((1, slice(None)), (slice(None), [5, 2]), (2, slice(3, 4))):
            part, part_slopes = self._at(c[:, *own])
            same = part.shape == h[own].shape and part_slopes.shape == slopes[:, *own].shape
            if not (same and near(part, h[own]).all() and near(part_slopes, slopes[:, *own]).all()):
                raise Fault("it gives nodes or samples other numbers where others are beside them")

    def slopes(self) -> Iterator[str]:
        """Say where partials are others than finite differences."""
        for count in _COUNTS:
            for c in _places(count):
                _, slopes = self._at(c)
                for place in range(count):
                    yield from self._along(c, place, slopes[place])

    def _along(self, c: Array, place: int, found: Array) -> Iterator[str]:
        def along(numbers: Array) -> Array:
            moved = c.copy()
            moved[place] = numbers
            return self.function(moved)

        expected = finite_differences.slopes(along, c[place], np.abs(c).max(axis=0))
        wrong = outside(found, expected, c[place])
        if wrong is not None:
            sample, said = wrong
            raise Fault(f"the partial by contribution {place} is {found[sample]:g}, finite differences give {said}")
        if not np.isfinite(found).all():
            raise Fault(f"partials returns {found[~np.isfinite(found)][0]}")
        yield from ()

    def native(self) -> Iterator[str]:
        """Say where the native form gives other numbers."""
        for count in _COUNTS:
            for c in _places(count):
                problems = list(native_forms.aggregation(self.aggregation, c, *self._at(c)))
                if problems:
                    yield problems[0]
                    return

    def _at(self, c: Array) -> tuple[Array, Array]:
        h = self.function(c)
        return h, self.partials(c, h)


def _drawn(count: int, *nodes: int) -> Array:
    return np.random.default_rng(count).uniform(-2.0, 2.0, (count, *nodes, _SAMPLES))


def _places(count: int) -> list[Array]:
    """Return contributions of all sorts: any, equal ones, some that are 0, and nothing but 0."""
    any_ = _drawn(count)
    equal = np.broadcast_to(any_[0], any_.shape).copy()
    some = any_.copy()
    some[::2] = 0.0
    return [any_, equal, some, np.zeros_like(any_)]

"""The paths that feed the gradient of a tied weight: those of all its uses."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from itertools import islice
from typing import Any

from nodesim.errors import UnknownNameError, suggestion
from nodesim.graph.elements import Connection, Node
from nodesim.notation import markup
from nodesim.notation.symbols import Count, number, partial, percent, plural
from nodesim.paths.gradient_paths import GradientPaths
from nodesim.paths.path import GradientPath
from nodesim.paths.path_table import path_table
from nodesim.paths.ranking import Sign
from nodesim.showing import shown
from nodesim.validation import ENDLESS, shortened, whole

_SHOWN = 10
Element = str | Node | Connection


class ByUse(Mapping[Connection, GradientPaths]):
    """The paths of each use of a tied weight; a mapping from connections, or their names, to `GradientPaths`.

    Made by `TiedPaths.by_use`.

    Parameters
    ----------
    paths : dict of Connection to GradientPaths

    See Also
    --------
    TiedPaths.by_use : Makes it.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 1], seed=0)
    >>> _ = net.tie("W1", "W4", name="Wr")
    >>> _ = net.forward([0.5, 1.0]), net.backward([1.0])
    >>> net.paths("Wr").by_use()["W4"].count
    1
    """

    def __init__(self, paths: dict[Connection, GradientPaths]) -> None:
        self._paths = paths

    def __getitem__(self, use: Any) -> GradientPaths:
        """Return the paths of a use, a connection or its name.

        Raises
        ------
        UnknownNameError
            If it is no use of this weight.
        """
        for connection, paths in self._paths.items():
            if connection is use or (isinstance(use, str) and connection.name == use):
                return paths
        names = [connection.name for connection in self._paths]
        raise UnknownNameError(f"{shortened(use)} is no use of this weight. {suggestion(use, names)}")

    def __iter__(self) -> Iterator[Connection]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)

    def __str__(self) -> str:
        return "\n".join(
            f"{shown(use.name)}: {number(paths.gradient)}, {plural(paths.count, 'path')}" for use, paths in self.items()
        )

    def __repr__(self) -> str:
        return f"<paths of {plural(len(self), 'use')}>"


class TiedPaths:
    """All paths that feed the gradient of a tied weight, use by use, or some of them.

    Made by `nodesim.Network.paths`.

    Parameters
    ----------
    name : str
        What the weight is called.
    uses : dict of Connection to GradientPaths
        The paths of each use.

    See Also
    --------
    GradientPaths : Those of one use; they have tables, arrays, flows and cuts.
    nodesim.Network.tie : Ties weights.

    Notes
    -----
    A penalty of the weights counts a tied weight once: its path is one of the first use.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 1], seed=0)
    >>> Wr = net.tie("W1", "W4", name="Wr")
    >>> _ = net.forward([0.5, 1.0]), net.backward([1.0])
    >>> paths = net.paths("Wr")
    >>> paths
    <2 paths of Wr in 2 uses: gradient −0.330462>
    >>> abs(paths.gradient - Wr.gradient) < 1e-15
    True
    """

    def __init__(self, name: str, uses: dict[Connection, GradientPaths]) -> None:
        self._name, self._uses = name, uses

    @property
    def name(self) -> str:
        """What the weight is called."""
        return self._name

    @property
    def target(self) -> str:
        """What is derived by it: "e", or what was asked for."""
        return next(iter(self._uses.values())).derivatives.target.name

    @property
    def kept(self) -> str:
        """Which of the paths these are, in words; empty where they are all."""
        return next(iter(self._uses.values())).kept

    def by_use(self) -> ByUse:
        """Return the paths of each use.

        Returns
        -------
        ByUse
            A mapping from the connections to `GradientPaths`; it takes names, too. Their gradients add up.

        See Also
        --------
        GradientPaths.by_output : The paths of one use by where e enters.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], seed=0)
        >>> _ = net.tie("W1", "W4", name="Wr")
        >>> _ = net.forward([0.5, 1.0]), net.backward([1.0])
        >>> print(net.paths("Wr").by_use())
        W1: −0.137705, 1 path
        W4: −0.192757, 1 path
        """
        return ByUse(self._uses)

    @cached_property
    def count(self) -> Count:
        """How many paths there are in all uses: exact, and never by listing them."""
        return Count(sum(paths.count for paths in self._uses.values()))

    def __bool__(self) -> bool:
        """Whether there is any path."""
        return self.count > 0

    @cached_property
    def gradient(self) -> float:
        """The derivative of e by the weight: the sum over all paths of all uses, without listing them."""
        return sum(paths.gradient for paths in self._uses.values())

    @cached_property
    def scale(self) -> float:
        """The sum of ``|product|`` over all paths: the measure of rounding."""
        return sum(paths.scale for paths in self._uses.values())

    @property
    def positive(self) -> float:
        """The sum of the positive products."""
        return (self.scale + self.gradient) / 2

    @property
    def negative(self) -> float:
        """The sum of the negative products."""
        return (self.gradient - self.scale) / 2

    @property
    def cancellation(self) -> float:
        """``|gradient|`` / sum of ``|products|``: 1 where no paths cancel, 0 where all do; NaN where all are 0."""
        return min(abs(self.gradient) / self.scale, 1.0) if self.scale else float("nan")

    def __iter__(self) -> Iterator[GradientPath]:
        for paths in self._uses.values():
            yield from paths

    def __contains__(self, path: object) -> bool:
        return any(path in paths for paths in self._uses.values())

    def ranked(self, sign: Sign | None = None) -> Iterator[GradientPath]:
        """Yield the paths of all uses by ``|product|``, the largest first, lazily and without listing the others.

        Parameters
        ----------
        sign : {"+", "-"}, optional
            Only paths with a positive, or with a negative product.

        Returns
        -------
        iterator of GradientPath
            Each is found when it is asked for.

        Raises
        ------
        ArgumentError, NonFiniteError
            As for `GradientPaths.ranked`.

        See Also
        --------
        GradientPaths.ranked : Those of one use, and how it is done.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], seed=0)
        >>> _ = net.tie("W1", "W4", name="Wr")
        >>> _ = net.forward([0.5, 1.0]), net.backward([1.0])
        >>> next(net.paths("Wr").ranked())
        <path I2 -> H2 -> O1: −0.192757>
        """
        each = [paths.ranked(sign) for paths in self._uses.values()]
        return heapq.merge(*each, key=lambda path: -abs(path.product))

    def top(self, k: int, sign: Sign | None = None) -> list[GradientPath]:
        """Return the k paths of the largest ``|product|`` in all uses; all of them if there are fewer.

        Parameters
        ----------
        k : int
            0 or more.
        sign : {"+", "-"}, optional
            Only paths with a positive, or with a negative product.

        Returns
        -------
        list of GradientPath
            The largest first.

        Raises
        ------
        ArgumentError, NonFiniteError
            If k is negative or no whole number, or as for `ranked`.

        See Also
        --------
        TiedPaths.ranked : The same lazily.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], seed=0)
        >>> _ = net.tie("W1", "W4", name="Wr")
        >>> _ = net.forward([0.5, 1.0]), net.backward([1.0])
        >>> len(net.paths("Wr").top(1))
        1
        """
        return list(islice(self.ranked(sign), min(whole(k, "k", 0, ENDLESS), self.count)))

    def through(self, element: Element) -> TiedPaths:
        """Return those of the paths that pass a node, a connection, or a penalty of e.

        Parameters
        ----------
        element : str, Node, Connection or Quantity
            Of the network as it was at the backward.

        Returns
        -------
        TiedPaths
            As lazy as these.

        Raises
        ------
        UnknownNameError, StaleElementError, ArgumentTypeError, ArgumentError
            As for `GradientPaths.through`.

        See Also
        --------
        GradientPaths.through : The same of the paths of one use.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], seed=0)
        >>> _ = net.tie("W1", "W4", name="Wr")
        >>> _ = net.forward([0.5, 1.0]), net.backward([1.0])
        >>> net.paths("Wr").through("H1").count
        1
        """
        return self._each(lambda paths: paths.through(element))

    def avoiding(self, element: Element) -> TiedPaths:
        """Return those of the paths that do not pass a node, a connection, or a penalty of e.

        Parameters
        ----------
        element : str, Node, Connection or Quantity
            Of the network as it was at the backward.

        Returns
        -------
        TiedPaths
            As lazy as these.

        Raises
        ------
        UnknownNameError, StaleElementError, ArgumentTypeError, ArgumentError
            As for `GradientPaths.avoiding`.

        See Also
        --------
        GradientPaths.avoiding : The same of the paths of one use.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], seed=0)
        >>> _ = net.tie("W1", "W4", name="Wr")
        >>> _ = net.forward([0.5, 1.0]), net.backward([1.0])
        >>> net.paths("Wr").avoiding("W8").count
        1
        """
        return self._each(lambda paths: paths.avoiding(element))

    def of_length(self, length: int) -> TiedPaths:
        """Return those of the paths that have so many connections, the weight's own included.

        Parameters
        ----------
        length : int
            0 or more.

        Returns
        -------
        TiedPaths
            As lazy as these.

        Raises
        ------
        UnknownNameError, StaleElementError, ArgumentTypeError, ArgumentError
            As for `GradientPaths.of_length`.

        See Also
        --------
        GradientPaths.of_length : The same of the paths of one use.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], seed=0)
        >>> _ = net.tie("W1", "W4", name="Wr")
        >>> _ = net.forward([0.5, 1.0]), net.backward([1.0])
        >>> net.paths("Wr").of_length(2).count
        2
        """
        return self._each(lambda paths: paths.of_length(length))

    def _each(self, some: Callable[[GradientPaths], GradientPaths]) -> TiedPaths:
        return TiedPaths(self._name, {use: some(paths) for use, paths in self._uses.items()})

    @property
    def title(self) -> str:
        """Which paths these are, in a few words."""
        which = f", {shown(self.kept)}" if self.kept else ""
        return f"{plural(self.count, 'path')} of {shown(self._name)} in {plural(len(self._uses), 'use')}{which}"

    @property
    def _title(self) -> str:
        target = self.target
        uses = "\n".join(
            f"  {partial(target, use.name)} = {number(paths.gradient)}, {plural(paths.count, 'path')}"
            for use, paths in islice(self._uses.items(), _SHOWN)
        )
        more = f"\n  ... {len(self._uses) - _SHOWN} more uses" if len(self._uses) > _SHOWN else ""
        sums = f"{number(self.gradient)}, the sum over {plural(len(self._uses), 'use')}"
        return f"{partial(target, self._name)} = {sums}:\n{uses}{more}"

    def __str__(self) -> str:
        return self._title

    def __repr__(self) -> str:
        return shown(f"<{self.title}: gradient {number(self.gradient)}>")

    def _repr_html_(self) -> str:
        first = list(islice(self, _SHOWN))
        part = sum(path.product for path in first)
        share = f" ({percent(part / self.gradient)})" if self.gradient else ""
        more = f"{self.count - len(first)} more paths; those shown sum to {number(part)}{share}"
        table = path_table(first, self.gradient, f"… {more}" if self.count > len(first) else "") if first else ""
        return "".join(map(markup.line, self._title.splitlines())) + table

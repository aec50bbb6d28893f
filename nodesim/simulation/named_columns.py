"""What is given by name: mappings, data frames of any library, and rows of them; never by the place of a column.

Frames are known by what they can do, and no library of theirs is imported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from numbers import Real
from typing import Any, TypeVar

import numpy as np

from nodesim.errors import DataError, NodesimError
from nodesim.graph.elements import Node
from nodesim.validation import numbers, shortened

T = TypeVar("T")
Read = Callable[[Any, str], Any]
# What most samples come as, and is never looked at any closer.
_PLAIN = frozenset((np.ndarray, list, tuple, float, int, str))


class Columns(Mapping[Any, Any]):
    """The columns of a data frame by name, each taken out when it is asked for.

    Parameters
    ----------
    frame : data frame
    who : str
        Whose it is, for messages.

    Raises
    ------
    DataError
        If it cannot be read, or two columns have one name.
    """

    def __init__(self, frame: Any, who: str) -> None:
        if _has(type(frame), "collect") and not _has(type(frame), "__array__"):
            raise DataError(f"{who} is a {type(frame).__name__}, which holds no numbers yet: pass {who}.collect().")
        attribute = "column_names" if _has(type(frame), "column_names") else "columns"
        self._frame, self._who = frame, who
        self._names = _asked(lambda: list(getattr(frame, attribute)), who)
        check_each_once(self._names, who)

    def __getitem__(self, name: Any) -> Any:
        return _asked(lambda: self._frame[name], self._who)

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[Any]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def named(data: Any, who: str) -> Mapping[Any, Any] | None:
    """Return what is given by name; None where the data have no names.

    Parameters
    ----------
    data : mapping, data frame, or one row of such a frame as a series with their names
        Or anything else.
    who : str
        Whose it is, for messages.

    Raises
    ------
    DataError
        If it cannot be read, or gives something twice.

    Examples
    --------
    >>> named({"I1": 0.5}, "x"), named([0.5], "x")
    ({'I1': 0.5}, None)
    """
    if type(data) in _PLAIN:
        return None
    if isinstance(data, Mapping):
        pairs = _asked(lambda: [(key, value) for key, value in data.items()], who)
        given = {key.name if isinstance(key, Node) else key: value for key, value in pairs}
        if len(given) < len(pairs):
            raise DataError(f"{who} gives an input twice, by its name and as the node itself.")
        return given
    if is_frame(data):
        return Columns(data, who)
    if is_series(data) and _has(type(data), "index", "iloc"):
        labels = _asked(lambda: list(data.index), who)
        if labels and all(isinstance(label, str) for label in labels):
            check_each_once(labels, who)
            return dict(zip(labels, _asked(lambda: list(data.to_numpy()), who)))
    return None


def is_frame(data: Any) -> bool:
    """Tell whether something is a data frame: it has columns, and says of which types they are."""
    kind = type(data)
    return (_has(kind, "columns") or _has(kind, "column_names")) and (_has(kind, "dtypes") or _has(kind, "schema"))


def is_series(data: Any) -> bool:
    """Tell whether something is a column of a data frame, which knows where values are missing."""
    kind = type(data)
    return kind not in _PLAIN and (_has(kind, "isna") or _has(kind, "is_null"))


def by_name(given: Mapping[Any, Any], nodes: Sequence[Node], read: Read, who: str = "x", what: str = "input") -> Any:
    """Return what is given by name as one array, in the order of nodes.

    Parameters
    ----------
    given : mapping
        As `named` returns it.
    nodes : sequence of Node
    read : callable
        Makes an array of each, and is told whose it is.
    who, what : str
        Whose they are, and what the nodes are, for messages.

    Raises
    ------
    DataError
        If something is missing or unknown, or they are not of one length.
    """
    check_names(list(given), nodes, who, what, framed=isinstance(given, Columns))
    columns = [read(given[node.name], f"{what} {node.name}") for node in nodes]
    if len({column.shape for column in columns}) > 1 or columns[0].ndim > 1:
        shapes = ", ".join(f"{node.name} {column.shape}" for node, column in zip(nodes, columns))
        raise DataError(f"each {what} must be a number, or all of them vectors of one length; got {shapes}.")
    if len({column.dtype for column in columns}) > 1:
        # Who reads them otherwise than as floats gets each as it came: numbers beside texts would become texts.
        columns = [_boxed(column) for column in columns]
    return np.stack(columns, axis=-1)


def check_names(given: Sequence[Any], nodes: Sequence[Node], who: str, what: str, *, framed: bool) -> None:
    """Raise a `DataError` that names what is missing and what is unknown; `framed` columns have a place as well."""
    known, there = {node.name for node in nodes}, set(given)
    if known == there:
        return
    missing = [node.name for node in nodes if node.name not in there]
    unknown = [key if isinstance(key, str) else shortened(key) for key in given if key not in known]
    if framed and given and len(missing) == len(nodes):
        raise DataError(
            f"the columns of {who} are {listed(unknown)}, and the {what}s are {names(nodes)}: columns are taken by "
            f"name, not by place. Name the {what}s like them, as Network.layered(..., {what}s=list({who}.columns)) "
            f"does, or pass {who}.to_numpy() if they stand in the order of the {what}s."
        )
    parts = [f"{text} {listed(some)}" for text, some in (("lacks", missing), ("has unknown", unknown)) if some]
    advice = f" Take those columns alone: {who}[[node.name for node in network.{what}s]]." if not missing else ""
    raise DataError(f"{who} {' and '.join(parts)}; the {what}s are {names(nodes)}.{advice if framed else ''}")


def check_each_once(given: Sequence[Any], who: str) -> None:
    """Raise a `DataError` if a name stands there twice; it says which."""
    # The set first: nobody has so many columns of one name that counting them is slow.
    twice = _asked(lambda: [] if len(set(given)) == len(given) else [n for n in given if given.count(n) > 1], who)
    if twice:
        raise DataError(f"{who} has {shortened(twice[0])} more than once: each column has a name of its own.")


def column(data: Any, who: str, *, shared: bool = False) -> Any:
    """Return the numbers of a column, or a single one, as an array of floats.

    Raises
    ------
    DataError
        Naming the sample where one is missing or no number.
    """
    if not is_series(data):
        return numbers(data, who, shared=shared)
    found = values(data, who)
    if found.dtype.kind == "O":
        from decimal import Decimal

        for sample, value in enumerate(found.flat):
            if not isinstance(value, Real | Decimal):
                raise DataError(f"sample {sample}: {who} is {shortened(value)}; it must be a real number.")
        found = _asked(lambda: found.astype(float), who)
    return numbers(found, who, shared=shared)


def values(data: Any, who: str) -> Any:
    """Return what a series holds as an array of whatever type.

    Raises
    ------
    DataError
        If a value is missing; it names the sample.
    """
    mask = data.isna if _has(type(data), "isna") else data.is_null
    gaps = _asked(lambda: np.flatnonzero(np.asarray(mask(), dtype=bool)), who)
    if len(gaps):
        more = f" ({len(gaps) - 1} more like it)" if len(gaps) > 1 else ""
        raise DataError(f"sample {gaps[0]}: {who} is missing{more}. Fill or drop such samples first.")
    return _asked(lambda: np.asarray(data), who)


def names(nodes: Sequence[Node]) -> str:
    """Return the names of nodes as a message lists them."""
    return listed([node.name for node in nodes])


def listed(texts: Sequence[Any]) -> str:
    """Return texts one after the other, of many the first and the last."""
    if len(texts) <= 8:
        return ", ".join(map(str, texts))
    return f"{', '.join(map(str, texts[:4]))}, ..., {texts[-1]} ({len(texts)} in all)"


def _boxed(array: Any) -> Any:
    box = np.empty(array.shape, dtype=object)
    box[...] = list(array) if array.ndim else array[()]
    return box


def _has(kind: type, *attributes: str) -> bool:
    """Tell whether a class has attributes, without asking its objects: these may answer anything."""
    return all(any(attribute in vars(base) for base in kind.__mro__) for attribute in attributes)


def _asked(call: Callable[[], T], who: str) -> T:
    try:
        return call()
    except (NodesimError, MemoryError):
        raise
    except Exception as error:
        # Whatever a mapping or a frame of users' own raises.
        raise DataError(f"{who} cannot be read: {type(error).__name__}: {shortened(str(error))}.") from error

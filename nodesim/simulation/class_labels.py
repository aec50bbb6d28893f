"""CLASS LABELS: which texts, whole numbers or truth values the outputs of a network stand for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import ArgumentError, ArgumentTypeError, DataError
from nodesim.graph.elements import Node
from nodesim.notation.symbols import plural
from nodesim.simulation import named_columns
from nodesim.validation import brief, items, shortened

Label = str | int | bool
Labels = tuple[Label, ...]
_MOST = 1_000_000


def checked(classes: Any, outputs: Sequence[Node]) -> Labels:
    """Return labels for outputs, one for each, or two for a single one.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If they are too many, too few, equal, or no labels.
    """
    what = "the labels of the outputs, in their order, or None"
    if isinstance(classes, set | frozenset):
        raise ArgumentTypeError(f"classes must be {what}; a set has no order: {shortened(classes)}.")
    found = [_label(each) for each in items(classes, "classes", what, _MOST)]
    wrong = [each for each, label in zip(classes, found) if label is None]
    if wrong:
        raise ArgumentTypeError(
            f"a class label is a text, a whole number or a truth value; classes holds {shortened(wrong[0])}."
        )
    labels = cast(Labels, tuple(found))
    if len(set(labels)) < len(labels):
        raise ArgumentError(f"classes must be different labels, got {_brief(labels)}.")
    if not fits(labels, outputs):
        raise ArgumentError(f"classes must be {_wanted(outputs)}; got {len(labels)}: {_brief(labels)}.")
    for label, name in zip(labels, names := named_outputs(outputs)):
        if label != name and label in names:
            raise ArgumentError(
                f"classes would call the output {name} {shortened(label)}, which is the name of another output; "
                f"the outputs are {named_columns.listed(names)}."
            )
    return labels


def fits(labels: Sequence[Label], outputs: Sequence[Node]) -> bool:
    """Tell whether there is a label for each output, or two for a single one."""
    return len(labels) == max(len(outputs), 2) and len(outputs) > 0


def of(y: Any) -> Any:
    """Return the labels that targets are as an array of objects; None where they are numbers or anything else.

    Raises
    ------
    DataError
        If one is missing; it names the sample.

    Examples
    --------
    >>> of(["yes", "no"]).tolist(), of([1, 0])
    (['yes', 'no'], None)
    """
    found: Any
    if isinstance(y, np.ndarray):
        found = y
    elif isinstance(y, list | tuple):
        found = np.array(y, dtype=object) if _holds_text(y) else None
    elif isinstance(y, str):
        found = np.array(y, dtype=object)
    else:
        # Other things have their own ways to become an array, and `numbers` says what is wrong with them.
        found = named_columns.values(y, "y") if named_columns.is_series(y) else None
    if found is None or found.dtype.kind not in "UTO":
        return None
    found = found.astype(object)
    return found if any(isinstance(each, str) for each in found.flat) else None


def _holds_text(rows: Sequence[Any]) -> bool:
    # One level down, too, as where a column was taken out of a table, and no deeper: lists may contain themselves.
    first = rows[0] if rows and isinstance(rows[0], list | tuple) else ()
    return any(isinstance(each, str) for each in rows) or any(isinstance(each, str) for each in first)


def numbered(labels: Any, outputs: Sequence[Node], classes: Labels | None) -> Array:
    """Return the class numbers of labels, by the classes or by the names of the outputs.

    Parameters
    ----------
    labels : ndarray
    outputs : sequence of Node
    classes : tuple or None
        Those of the network.

    Raises
    ------
    DataError
        If one is unknown or missing; it names the sample and what is known.
    """
    every = [_label(each) for each in labels.flat]
    tables = _tables(outputs, classes)
    for places in tables:
        if all(each in places for each in every):
            return np.array([places[each] for each in every], dtype=float).reshape(labels.shape)
    sample = next(number for number, each in enumerate(every) if each not in tables[0]) if tables else 0
    raise _unknown(sample, labels.flat[sample], outputs, classes)


def written(numbers: Any, classes: Labels | None) -> Any:
    """Return the labels of class numbers, or the numbers where there are no classes; of a single one itself.

    Examples
    --------
    >>> written(np.array([1, 0]), ("no", "yes")).tolist(), written(np.array(1), None)
    (['yes', 'no'], 1)
    """
    if numbers.ndim == 0:
        return int(numbers) if classes is None else classes[numbers]
    if classes is None:
        return numbers
    # Labels of several kinds stay what they are: NumPy would make texts of all.
    alike = len({type(label) for label in classes}) == 1
    try:
        return np.array(classes, dtype=None if alike else object)[numbers]
    except OverflowError:
        return np.array(classes, dtype=object)[numbers]


def known(labels: Any, outputs: Sequence[Node], classes: Labels | None) -> bool:
    """Tell whether all labels are those of the classes, or all of them names of outputs."""
    every = {_label(each) for each in labels.flat}
    return any(all(each in places for each in every) for places in _tables(outputs, classes))


def learned(labels: Sequence[Label], outputs: Sequence[Node], what: str) -> Labels:
    """Return the classes of a network that learns so many labels, each of which occurs once.

    Parameters
    ----------
    labels : sequence
        In the order of their numbers.
    outputs : sequence of Node
    what : str
        What holds them, for messages.

    Raises
    ------
    DataError
        If they are not as many as the outputs stand for; it names both counts.
    """
    every = named_outputs(outputs)
    strange = [label for label in labels if label not in every]
    if every and not strange:
        return tuple(every)
    if len(strange) < len(labels):
        raise DataError(
            f"{what} holds the label {shortened(strange[0])}, which is none of the outputs {_brief(every)}."
        )
    if not fits(labels, outputs):
        raise DataError(
            f"{what} holds {plural(len(labels), 'label')} ({_brief(labels)}), and the network has "
            f"{plural(len(outputs), 'output')}: there must be {_wanted(outputs)}. If some do not occur there, set "
            "network.classes to all of them first."
        )
    return tuple(labels)


def occurring(labels: Any) -> list[Label]:
    """Return which labels there are, sorted.

    Raises
    ------
    DataError
        If one is missing, or they are of several kinds.
    """
    every = [_label(each) for each in labels.flat]
    if None in every:
        sample = every.index(None)
        raise _missing(sample) if _is_gap(labels.flat[sample]) else _odd(sample, labels.flat[sample])
    found = cast("set[Label]", set(every))
    try:
        return sorted(found)
    except TypeError as error:
        raise DataError(
            f"the labels are of several kinds: {', '.join(shortened(each, 20) for each in list(found)[:4])}. Make all "
            "of them text, or set network.classes first."
        ) from error


def named_outputs(outputs: Sequence[Node]) -> list[str]:
    """Return the names that stand for classes: those of several outputs."""
    return [node.name for node in outputs] if len(outputs) > 1 else []


def numeric(classes: Labels | None) -> bool:
    """Tell whether labels are numbers, so that a number among targets is a label and no class number."""
    return classes is not None and any(not isinstance(label, str) for label in classes)


def _tables(outputs: Sequence[Node], classes: Labels | None) -> list[dict[Any, int]]:
    # Classes that were set go before names: what `classify` returns is what they say.
    each = [classes or (), named_outputs(outputs)]
    return [{label: place for place, label in enumerate(labels)} for labels in each if labels]


def _label(value: Any) -> Label | None:
    """Return a label as Python's own type; None for what can be none."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    # Whole numbers become floats once a value was missing.
    if isinstance(value, float | np.floating) and np.isfinite(value) and value == int(value):
        return int(value)
    return None


def _unknown(sample: int, label: Any, outputs: Sequence[Node], classes: Labels | None) -> DataError:
    if _is_gap(label):
        return _missing(sample)
    plain = _label(label)
    shown = shortened(label if plain is None else plain)
    if classes is not None:
        return DataError(f"sample {sample}: the label {shown} is none of the classes {_brief(classes)}.")
    return DataError(
        f"sample {sample}: the label {shown} is unknown: the network has no classes, and its outputs are "
        f"{named_columns.names(outputs)}. Set network.classes to {_wanted(outputs)}, or fit "
        "with all samples and their labels, which does it."
    )


def _missing(sample: int) -> DataError:
    return DataError(f"sample {sample}: y is missing. Fill or drop such samples first.")


def _odd(sample: int, label: Any) -> DataError:
    return DataError(f"sample {sample}: {shortened(label)} is no class label: a text, a whole number or a truth value.")


def _is_gap(value: Any) -> bool:
    # pandas' own NA and NaT are known by the names of their types: no library of frames is imported.
    kind = type(value).__name__
    return value is None or kind in ("NAType", "NaTType") or (isinstance(value, float) and value != value)


def _brief(labels: Sequence[Label]) -> str:
    return brief(named_columns.listed(labels), 200)


def _wanted(outputs: Sequence[Node]) -> str:
    if not outputs:
        return "one label for each output, and the network has none yet"
    if len(outputs) == 1:
        return f"two labels, those of 0 and 1 of {outputs[0].name}"
    return f"{len(outputs)} labels, one for each of {named_columns.names(outputs)}"

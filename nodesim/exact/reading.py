"""Numbers as they are written, and tables of them: 0.1, "0.1", "1/10" and Decimal("0.1") are one tenth."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from numbers import Rational, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodesim.errors import DataError, NodesimError
from nodesim.functions.contracts import Loss
from nodesim.graph.elements import Node
from nodesim.notation.symbols import MINUS
from nodesim.simulation import samples
from nodesim.simulation.class_labels import Labels
from nodesim.validation import shortened

# Of what is longer, or has a longer exponent, nobody can have written every digit.
_LONGEST, _MOST_PLACES = 10_000, 10_000
_WRITTEN = re.compile(r"[+-]?(?:\d+/\d+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,9})?)", re.ASCII)
_LARGE = Fraction(10**300)
Table = NDArray[np.object_]


def fraction(number: Any, who: str) -> Fraction:
    """Return a number as it is written: a float as the shortest decimal that is that float.

    Raises
    ------
    DataError
        If it is no finite real number, or one of more digits than are written out.

    Examples
    --------
    >>> fraction(0.1, "I1"), fraction("1/3", "I1"), fraction(np.float32(0.1), "I1"), fraction("-2.5e-1", "I1")
    (Fraction(1, 10), Fraction(1, 3), Fraction(1, 10), Fraction(-1, 4))
    """
    try:
        found = _fraction(number)
    except Exception:
        # Whatever a class of numbers of users' own raises.
        found = None
    if found is None:
        raise DataError(
            f"{who} is {shortened(number)}; what is calculated exactly is a finite number or its text, as 0.1, '0.1', "
            f"'1/3', a Fraction or a Decimal, of at most {_MOST_PLACES:,} digits and a power of ten up to that."
        )
    return found


def _fraction(number: Any) -> Fraction | None:
    if isinstance(number, bool | np.bool_):
        return None
    if isinstance(number, Rational):
        return Fraction(int(number.numerator), int(number.denominator))
    if isinstance(number, str):
        return _of_text(number.strip().replace(MINUS, "-"))
    if isinstance(number, Decimal):
        return _of_text(str(number)) if number.is_finite() else None
    if isinstance(number, np.floating):
        return _of_text(str(number))
    if isinstance(number, Real):
        return _of_text(repr(float(number)))
    return None


def _of_text(text: str) -> Fraction | None:
    if len(text) > _LONGEST or not _WRITTEN.fullmatch(text):
        return None
    mantissa, _, exponent = text.lower().partition("e")
    if abs(int(exponent or 0)) > _MOST_PLACES or re.search(r"/0+\Z", text):
        return None
    above, _, below = mantissa.partition("/")
    if below:
        return Fraction(_whole(above), _whole(below))
    before, _, after = mantissa.partition(".")
    places = int(exponent or 0) - len(after)
    digits = _whole(before + after)
    return Fraction(digits * 10**places) if places >= 0 else Fraction(digits, 10**-places)


def _whole(digits: str) -> int:
    # Python reads no whole numbers of more than 4,300 digits; a Decimal it reads.
    return int(Decimal(digits))


def inputs(x: Any, nodes: Sequence[Node]) -> tuple[Table, bool]:
    """Read inputs.

    Parameters
    ----------
    x : array_like of shape (n_inputs,) or (n_samples, n_inputs), or mapping or data frame
    nodes : sequence of Node
        The input nodes.

    Returns
    -------
    ndarray of Fraction, shape (n_samples, n_inputs)
    bool
        Whether it was one sample.

    Raises
    ------
    DataError
        Saying which sample and input is wrong.
    """
    array = samples.arranged_inputs(x, nodes, _boxed)
    table, single = samples.input_table(_boxed(array, "x"), nodes)
    return _read(table, "input", nodes), single


def targets(
    y: Any, nodes: Sequence[Node], n_samples: int, *, single: bool, loss: Loss, classes: Labels | None = None
) -> Table:
    """Read desired outputs; as `nodesim.simulation.samples.targets` does.

    Returns
    -------
    ndarray of Fraction, shape (n_samples, n_outputs)

    Raises
    ------
    DataError
        Saying which sample and output is wrong.
    """
    array = samples.plain_targets(y, nodes, n_samples, classes, single=single, read=_boxed, texts_are_numbers=True)
    if len(nodes) > 1 and array.shape == (() if single else (n_samples,)):
        labels = [_float(fraction(label, f"the class of sample {n}")) for n, label in enumerate(array.reshape(-1))]
        return _read(samples.one_hot(np.array(labels), nodes), "target of output", nodes)
    table = _read(samples.target_table(array, nodes, n_samples, single=single), "target of output", nodes)
    if loss.targets is not None:
        samples.check_range(np.array([[_float(number) for number in row] for row in table]), nodes, loss)
    return table


def _float(number: Fraction) -> float:
    """Return the nearest float, of what is beyond all of them a large one."""
    return float(min(max(number, -_LARGE), _LARGE))


def _boxed(data: Any, who: str) -> Table:
    """Return data as an array of objects, so that a text stays a text."""
    if isinstance(data, np.ndarray):
        if np.ma.is_masked(data):
            raise DataError(f"{who} holds masked values; fill or drop them first.")
        return data
    try:
        # Frames and tensors have their own way to become an array, of their own type.
        found = np.asarray(data) if hasattr(data, "__array__") else np.array(data, dtype=object)
    except NodesimError:
        raise
    except MemoryError as error:
        raise DataError(f"{who} does not fit in memory: a {type(data).__name__}.") from error
    except Exception as error:
        # Data bring their own ways to become an array, which may fail in any way.
        why = shortened(str(error))
        raise DataError(f"{who} is no table of numbers: are its rows of different lengths? ({why})") from error
    return found


def _read(table: Any, what: str, nodes: Sequence[Node]) -> Table:
    found = np.empty(table.shape, dtype=object)
    for sample, row in enumerate(table):
        for column, number in enumerate(row):
            found[sample, column] = fraction(number, f"sample {sample}: {what} {nodes[column].name}")
    return found

"""Tables as data frames of pandas, where pandas is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nodesim.errors import MissingExtraError


def frame(columns: Mapping[str, Any]) -> Any:
    """Return columns as a `pandas.DataFrame`.

    Parameters
    ----------
    columns : mapping of str to sequence
        All of one length. Whole numbers are int64; where one of a column does not fit, all of it are Python's own.

    Raises
    ------
    MissingExtraError
        If pandas is not there.
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise MissingExtraError("to_pandas needs the extra 'pandas': pip install 'nodesim[pandas]'.") from error
    found = {name: _values(column) for name, column in columns.items()}
    return pd.DataFrame({name: pd.Series(values, dtype=dtype) for name, (values, dtype) in found.items()})


def _values(column: Any) -> tuple[Any, Any]:
    """Return the values of a column, and their dtype if pandas shall not find it out."""
    if isinstance(column, np.ndarray) and column.dtype != object:
        return column, None
    values = list(column)
    kinds = {type(value) for value in values}
    if values and all(issubclass(kind, int) and kind is not bool for kind in kinds):
        # Counts are integers that print themselves short.
        whole = [int(value) for value in values]
        return whole, np.int64 if all(-(2**63) <= value < 2**63 for value in whole) else object
    # Half a character, as names may have, is no text to Arrow.
    broken = kinds == {str} and _is_broken("".join(values))
    return values, object if broken or not values else None


def _is_broken(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False

"""Tables as data frames of pandas, where pandas is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nodesim.errors import MissingExtraError


def frame(columns: Mapping[str, Any]) -> Any:
    """Return columns as a `pandas.DataFrame`.

    Parameters
    ----------
    columns : mapping of str to sequence
        All of one length.

    Raises
    ------
    MissingExtraError
        If pandas is not there.
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise MissingExtraError("to_pandas needs the extra 'pandas': pip install 'nodesim[pandas]'.") from error
    return pd.DataFrame({name: list(column) for name, column in columns.items()})

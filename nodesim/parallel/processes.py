"""How many processes somebody asks for, and what makes them."""

from __future__ import annotations

from typing import Any

import numpy as np

from nodesim.errors import ArgumentError, MissingExtraError
from nodesim.validation import shortened

_MOST = 10_000


def checked(n_jobs: Any) -> int:
    """Return a number of processes as it was given, also a negative one.

    Raises
    ------
    ArgumentError
        If it is none.

    Examples
    --------
    >>> checked(-1)
    -1
    """
    if isinstance(n_jobs, bool) or not isinstance(n_jobs, int | np.integer) or n_jobs == 0 or n_jobs > _MOST:
        raise ArgumentError(
            f"n_jobs must be a number of processes, {_MOST:,} at most, -1 for one on each core, or None for this "
            f"one alone; got {shortened(n_jobs)}."
        )
    return int(n_jobs)


def joblib() -> Any:
    """Return the module joblib.

    Raises
    ------
    MissingExtraError
        Without it.
    """
    try:
        import joblib as found
    except ImportError as error:
        raise MissingExtraError("n_jobs needs the extra 'sweep': pip install 'nodesim[sweep]'.") from error
    return found

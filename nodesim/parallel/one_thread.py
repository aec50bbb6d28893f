"""Products of matrices in one thread: divided among several, BLAS adds up in another order, and other bits come out."""

from __future__ import annotations

import functools
import threading
from typing import Any

from nodesim.errors import MissingExtraError


class OneThread:
    """Lets BLAS calculate in one thread, as long as anybody is in it: a context, for any number of threads at once.

    Raises
    ------
    MissingExtraError
        Without threadpoolctl.
    """

    def __init__(self) -> None:
        try:
            from threadpoolctl import ThreadpoolController
        except ImportError as error:
            raise MissingExtraError(
                "training in shards needs threadpoolctl, of the extras: pip install 'nodesim[sweep]' for n_jobs, "
                "'nodesim[dask]' for client."
            ) from error
        self._controller: Any = ThreadpoolController()
        self._lock, self._inside, self._limiter = threading.Lock(), 0, None

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                self._limiter = self._controller.limit(limits=1, user_api="blas")
            self._inside += 1

    def __exit__(self, *raised: object) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside and self._limiter is not None:
                self._limiter.restore_original_limits()
                self._limiter = None


@functools.cache
def one_thread() -> OneThread:
    """Return the one of this process; its libraries are looked for once."""
    return OneThread()

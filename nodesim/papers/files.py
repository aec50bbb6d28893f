"""Papers as files: what stands in each, and all of them written, the page last."""

from __future__ import annotations

from pathlib import Path

from nodesim.errors import FileError
from nodesim.formats.atomic import write_atomically

# The page first, then the pictures beside it.
Contents = dict[Path, str | bytes]


def write(made: Contents) -> None:
    """Write files, each as a whole; pictures stand before the page that shows them."""
    for path, content in reversed(made.items()):
        try:
            path.parent.mkdir(exist_ok=True)
        except OSError as error:
            raise FileError(f"{path.parent}: there is no folder for the pictures: {error.strerror}.") from error
        write_atomically(path, content)

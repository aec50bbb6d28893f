"""Files written whole or not at all, and read with errors that name them."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nodesim.errors import ArgumentTypeError, FileError
from nodesim.formats import temporary as temporary_files
from nodesim.validation import shortened


def write_atomically(file: Any, content: str | bytes) -> None:
    """Write a file so that at every moment either the old or the new content is there.

    The content goes into a temporary file beside it, is forced to disk, and takes the place of the old one. Temporary
    files of processes that were killed while they wrote the same file are removed.

    Parameters
    ----------
    file : str or path-like
    content : str or bytes
        Text is encoded as UTF-8.

    Raises
    ------
    FileError
        If it cannot be written; the old file is as it was.
    """
    path = path_of(file)
    data = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
    with _named(file, "written"):
        # A link stays a link: what it points to is replaced.
        target = Path(os.path.realpath(path))
        if target.exists() and not target.is_file():
            # Devices and pipes are written to; a folder refuses.
            target.write_bytes(data)
            return
        temporary_files.clear(target)
        temporary = temporary_files.beside(target)
        try:
            _write(temporary, data, _mode(target))
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync(target.parent)


def check_writable(file: Any) -> None:
    """Raise a `FileError` if a file can plainly not be written: before long work, not after it."""
    target = Path(os.path.realpath(path_of(file)))
    with _named(file, "written"):
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, "it is a folder")
        if not target.parent.is_dir():
            raise FileNotFoundError(errno.ENOENT, f"there is no folder {target.parent}")
        if not os.access(target if target.exists() else target.parent, os.W_OK):
            raise PermissionError(errno.EACCES, "permission denied")


def read_text(file: Any) -> str:
    """Read a file as text in UTF-8, with or without a byte order mark.

    Raises
    ------
    FileError
        If it cannot be read, or is no text.
    """
    try:
        return read_bytes(file).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileError(f"{path_of(file)}: this is no text in UTF-8 ({error}).") from error


def read_bytes(file: Any) -> bytes:
    """Read a file as it is.

    Raises
    ------
    FileError
        If it cannot be read.
    """
    path = path_of(file)
    with _named(file, "read"):
        if path.is_char_device() or path.is_block_device():
            raise OSError(errno.EINVAL, "it is a device, which may have no end")
        return path.read_bytes()


def path_of(file: Any) -> Path:
    """Return the path that an argument names, or raise an `ArgumentTypeError`."""
    try:
        path = Path(os.fsdecode(file)) if isinstance(file, str | bytes | os.PathLike) else None
    except Exception:
        # Whatever a path of users' own raises.
        path = None
    # An empty path is a forgotten one, not the current directory.
    if path is None or (isinstance(file, str | bytes) and not file):
        raise ArgumentTypeError(f"a file is given by its path, got {shortened(file)}.")
    return path


@contextlib.contextmanager
def _named(file: Any, what: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise FileError(f"{file}: it cannot be {what}: {reason}.") from error


def _mode(target: Path) -> int:
    return target.stat().st_mode & 0o777 if target.exists() else 0o666


def _write(path: Path, data: bytes, mode: int) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _sync(folder: Path) -> None:
    """Force the new name to disk, where the system can do that for a folder."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

"""The text of a CSV file: in UTF-8, or in UTF-16 and UTF-32 as spreadsheets write it, with a mark or without."""

from __future__ import annotations

import codecs
from typing import Any

from nodesim.errors import FileError
from nodesim.formats.atomic import path_of, read_bytes
from nodesim.formats.foreign import foreign_bytes, foreign_text

# The mark of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_table_text(file: Any) -> str:
    """Return the text of a table.

    Raises
    ------
    FileError
        If it cannot be read, or is something else; the message says what, and what to do.
    """
    name, data = str(path_of(file)), read_bytes(file)
    if what := foreign_bytes(data):
        raise FileError(f"{name}: this is no text but {what}")
    encoding = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), _unmarked(data))
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FileError(
            f"{name}: this is no text in {encoding.removesuffix('-sig').upper()} (byte 0x{data[error.start]:02x} in "
            f'line {line}). Save it in UTF-8; in Excel this is "CSV UTF-8".'
        ) from error
    if "\0" in text:
        raise FileError(f"{name}: this is no text but binary data.")
    if what := foreign_text(text):
        raise FileError(f"{name}: this is no table but {what}")
    # DOS ended texts so.
    return text.rstrip("\x1a")


def _unmarked(data: bytes) -> str:
    """Tell UTF-16 without a mark by its zeros: every other byte of most characters of a table is one."""
    halves = data[:4096:2], data[1:4096:2]
    zeros = [half.count(0) for half in halves]
    if not zeros[0] and 2 * zeros[1] > len(halves[1]):
        return "utf-16-le"
    if not zeros[1] and 2 * zeros[0] > len(halves[0]):
        return "utf-16-be"
    return "utf-8-sig"

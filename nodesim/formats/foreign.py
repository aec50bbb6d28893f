"""Files that are no table of text: what they are, and what to do with them."""

from __future__ import annotations

import re

_UNPACK = "Unpack it first"
_TO_CSV = "Read it with pandas, and write it by to_csv(..., index=False)"
_SPREADSHEET = "Save the sheet as CSV UTF-8"

# First bytes; what they stand for; what to do.
_SIGNATURES = (
    (b"\x1f\x8b", "a file packed by gzip", _UNPACK),
    (b"BZh", "a file packed by bzip2", _UNPACK),
    (b"\xfd7zXZ\0", "a file packed by xz", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "a file packed by zstd", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel workbook (xls)", _SPREADSHEET),
    (b"PAR1", "a Parquet file", _TO_CSV),
    (b"ARROW1", "an Arrow (Feather) file", _TO_CSV),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file", _TO_CSV),
    (b"SQLite format 3\0", "an SQLite database", "Export the table as CSV"),
    (b"\x93NUMPY", "an array of NumPy", "Read it by numpy.load; fit takes arrays as they are"),
    (b"\x89PNG", "a picture (PNG)", ""),
    (b"\xff\xd8\xff", "a picture (JPEG)", ""),
    (b"GIF8", "a picture (GIF)", ""),
    (b"%PDF", "a PDF document", "Copy the table out of it, and save it as CSV"),
)
# Within an archive of zip: the name of a member, or what it holds uncompressed at its beginning.
_ARCHIVES = (
    (b"xl/", "an Excel workbook (xlsx)", _SPREADSHEET),
    (b"opendocument.spreadsheet", "a LibreOffice spreadsheet (ods)", _SPREADSHEET),
    (b"Index/", "a Numbers spreadsheet", _SPREADSHEET),
    (b".npy", "arrays of NumPy (npz)", "Read them by numpy.load; fit takes arrays as they are"),
    (b"", "a zip archive", _UNPACK),
)
# Beginnings of texts.
_TEXTS = (
    (r"<!doctype html|<html", "a web page (HTML)", "Download the file itself, not the page that shows it"),
    (r"<\?xml|<!--|<(svg|table|body|div|graphml|gexf)\b", "XML", "Write its table as CSV"),
    (r'\{\s*["}]|\[\s*[\[{"\d\]-]', "JSON", "Write its table as CSV"),
    (r"(%.*\n|\s)*@relation\b", "an ARFF file of Weka", "Keep what follows @data, with the attributes' names above it"),
    (r"version https://git-lfs", "a pointer of Git LFS", "Fetch the file it stands for: git lfs pull"),
    (
        r"[-+]?[\d.]+([ \t]+\d+:[-+.\deE]+)+[ \t]*(\r|\n|$)",
        "a file of LIBSVM",
        "Write a column for each of its numbers n in n:x",
    ),
    (r"%%MatrixMarket", "a Matrix Market file", "Write it as a table, row by row"),
)


def foreign_bytes(data: bytes) -> str:
    """Return what a file is that is no text, in words that say what to do; "" if it may be text."""
    for signature, what, advice in _SIGNATURES:
        if data.startswith(signature):
            return _said(what, advice)
    if data.startswith(b"PK\x03\x04"):
        what, advice = next((what, advice) for member, what, advice in _ARCHIVES if member in data)
        return _said(what, advice)
    if data[:1] == b"\x80" and data[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        return _said("a pickle of Python", _TO_CSV)
    return ""


def foreign_text(text: str) -> str:
    """Return what a text is that is no table, in words that say what to do; "" if it may be one."""
    for beginning, what, advice in _TEXTS:
        if re.match(beginning, text[:10_000].lstrip(), re.IGNORECASE):
            return _said(what, advice)
    return ""


def _said(what: str, advice: str) -> str:
    return f"{what}. {advice}." if advice else f"{what}."

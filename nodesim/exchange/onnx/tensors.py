"""The arrays of an ONNX file, in doubles: from typed fields, from bytes, or from a file beside it."""

from __future__ import annotations

import math
import os
import stat
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

import numpy as np

from nodesim.errors import ExchangeError, FileError
from nodesim.exchange.assembly import MOST
from nodesim.showing import shown


@dataclass(frozen=True)
class _Kind:
    """How numbers of one of ONNX's types are stored."""

    name: str
    stored: str
    field: str
    whole: bool = False


_KINDS = {
    1: _Kind("FLOAT", "<f4", "float_data"),
    10: _Kind("FLOAT16", "<f2", "int32_data"),
    11: _Kind("DOUBLE", "<f8", "double_data"),
    16: _Kind("BFLOAT16", "<u2", "int32_data"),
    2: _Kind("UINT8", "<u1", "int32_data", True),
    3: _Kind("INT8", "<i1", "int32_data", True),
    5: _Kind("INT16", "<i2", "int32_data", True),
    6: _Kind("INT32", "<i4", "int32_data", True),
    7: _Kind("INT64", "<i8", "int64_data", True),
    9: _Kind("BOOL", "<u1", "int32_data", True),
}
_STRING, _EXTERNAL = 8, 1


def array(tensor: Any, program: str, folder: Path | None) -> Any:
    """Return the numbers of a TensorProto: floating ones widened to float64, whole ones as int64, text as objects.

    Raises
    ------
    FileError
        Where it holds other numbers than it declares.
    ExchangeError
        For a type that weights cannot have.
    """
    what = f"{program}: the tensor {shown(tensor.name)!r}"
    shape = tuple(tensor.dims)
    if any(size < 0 for size in shape):
        raise FileError(f"{what} has a negative size.")
    count = math.prod(shape)
    if count > MOST:
        raise ExchangeError(f"{what} declares {count:,} numbers; a network has {MOST:,} connections at most.")
    if tensor.data_type == _STRING:
        return _texts(tensor, count, what).reshape(shape)
    kind = _KINDS.get(tensor.data_type)
    if kind is None:
        raise ExchangeError(f"{what} has the type {tensor.data_type} of ONNX, which no weight can have.")
    if tensor.HasField("segment"):
        raise ExchangeError(f"{what} is stored in segments, which are not read.")
    return _numbers(tensor, kind, count, what, folder).reshape(shape)


def _texts(tensor: Any, count: int, what: str) -> Any:
    if len(tensor.string_data) != count:
        raise FileError(f"{what} declares {count:,} texts, and holds {len(tensor.string_data):,}.")
    texts = np.empty(count, dtype=object)
    texts[:] = [text.decode("utf-8") for text in tensor.string_data]
    return texts


def _numbers(tensor: Any, kind: _Kind, count: int, what: str, folder: Path | None) -> Any:
    if tensor.data_location == _EXTERNAL:
        return _widened(_external(tensor, kind, count, what, folder), kind)
    given = getattr(tensor, kind.field)
    if tensor.HasField("raw_data"):
        size = np.dtype(kind.stored).itemsize
        if len(given) or len(tensor.raw_data) != count * size:
            raise FileError(
                f"{what} declares {count:,} numbers of {size} bytes, and holds {len(tensor.raw_data):,} bytes."
            )
        return _widened(np.frombuffer(tensor.raw_data, dtype=kind.stored), kind)
    if len(given) != count:
        raise FileError(f"{what} declares {count:,} numbers, and holds {len(given):,}.")
    if kind.field == "int32_data" and not kind.whole:
        # Halves are stored as the numbers that their bits spell.
        return _widened(np.array(given, dtype=np.int64).astype("<u2").view(kind.stored), kind)
    return _widened(np.array(given, dtype="i8" if kind.whole else kind.stored), kind)


def _widened(numbers: Any, kind: _Kind) -> Any:
    if kind.whole:
        return numbers.astype(np.int64)
    if kind.name == "BFLOAT16":
        numbers = (numbers.astype("<u4") << 16).view("<f4")
    with np.errstate(invalid="ignore"):
        return numbers.astype(np.float64)


def _external(tensor: Any, kind: _Kind, count: int, what: str, folder: Path | None) -> Any:
    entries = {entry.key: entry.value for entry in tensor.external_data}
    location = entries.get("location", "")
    if folder is None:
        raise FileError(f"{what} stands in another file, {shown(location)!r}: give the path of the ONNX file.")
    size = count * np.dtype(kind.stored).itemsize
    offset, length = (_counted(entries, key, default, what) for key, default in (("offset", 0), ("length", size)))
    if length != size:
        raise FileError(f"{what} needs {size:,} bytes, and declares {length:,} in {shown(location)!r}.")
    return np.frombuffer(_beside(folder, location, offset, size, what), dtype=kind.stored)


def _counted(entries: dict[str, str], key: str, default: int, what: str) -> int:
    text = entries.get(key, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise FileError(f"{what} has the {key} {shown(text)[:40]!r}, which is no count of bytes.")
    return int(text)


def _beside(folder: Path, location: str, offset: int, size: int, what: str) -> bytes:
    """Read bytes of a file that stands in this folder, or below it, and leads nowhere else."""
    path, windows = PurePosixPath(location), PureWindowsPath(location)
    named = f"{what} stands in {shown(location)[:80]!r}"
    outside = FileError(f"{named}, which is not in the ONNX file's own folder; no other files are read.")
    if not location or "\0" in location or path.is_absolute() or windows.drive or windows.root:
        raise outside
    if ".." in path.parts or ".." in windows.parts:
        raise outside
    try:
        home = Path(os.path.realpath(folder))
        file = Path(os.path.realpath(home / location))
        if home not in file.parents:
            raise outside
        state = file.stat()
        if not stat.S_ISREG(state.st_mode):
            raise FileError(f"{named}, which is no regular file.")
        if offset + size > state.st_size:
            raise FileError(f"{named}, which ends before: it has {state.st_size:,} bytes.")
        with file.open("rb") as stream:
            stream.seek(offset)
            data = stream.read(size)
    except FileError:
        raise
    except (OSError, ValueError) as error:
        raise FileError(f"{named}, which cannot be read: {error}") from error
    if len(data) != size:
        raise FileError(f"{named}, which ends before.")
    return data

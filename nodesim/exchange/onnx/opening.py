"""ONNX files, opened: from a path, from bytes, or as a model in memory. Nothing in them is run."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from nodesim.errors import ArgumentTypeError, FileError, MissingExtraError
from nodesim.showing import shown
from nodesim.validation import shortened

# Protobuf itself reads no more; and two bytes can declare an object of a hundred.
LARGEST = 2**31 - 1
MOST_FIELDS = 200_000
_GRAPH = 7


@dataclass(frozen=True, eq=False)
class Opened:
    """A model that can be read.

    Attributes
    ----------
    model : onnx.ModelProto
    program : str
        What messages call it.
    folder : Path, optional
        Where files beside it stand; None for what came from memory.
    size : int
        How many bytes it has.
    """

    model: Any
    program: str
    folder: Path | None
    size: int


def imported() -> Any:
    """Return the package onnx."""
    try:
        import onnx
    except ImportError as error:
        raise MissingExtraError(
            "reading and writing ONNX files needs the extra 'onnx': pip install 'nodesim[onnx]'."
        ) from error
    return onnx


def opened(file: Any) -> Opened:
    """Open a file, bytes or a model.

    Raises
    ------
    FileError
        For what is no ONNX file, or damaged.
    """
    onnx = imported()
    if isinstance(file, onnx.ModelProto):
        return Opened(file, "the ONNX model", None, file.ByteSize())
    if isinstance(file, bytes | bytearray | memoryview):
        data = bytes(file)
        return Opened(_parsed(onnx, data, "these bytes"), "the ONNX model", None, len(data))
    if not isinstance(file, str | os.PathLike):
        raise ArgumentTypeError(f"an ONNX file is a path, bytes or an onnx.ModelProto; got {shortened(file)}.")
    program = shown(os.fspath(file))
    data = _bytes_of(file, program)
    return Opened(_parsed(onnx, data, program), program, Path(file).absolute().parent, len(data))


def _bytes_of(file: Any, program: str) -> bytes:
    try:
        state = Path(file).stat()
        if not stat.S_ISREG(state.st_mode):
            raise FileError(f"{program} is no regular file.")
        if state.st_size > LARGEST:
            raise FileError(f"{program} has {state.st_size:,} bytes; an ONNX file has {LARGEST:,} at most.")
        return Path(file).read_bytes()
    except FileError:
        raise
    except (OSError, ValueError, TypeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise FileError(f"{program}: it cannot be read: {reason}.") from error


def _parsed(onnx: Any, data: bytes, program: str) -> Any:
    broken = import_module("google.protobuf.message").DecodeError
    damaged = f"{program}: this is no ONNX file, or it is damaged"
    if not data:
        raise FileError(f"{damaged}: it is empty.")
    _check_fields(data, damaged)
    model = onnx.ModelProto()
    try:
        model.ParseFromString(data)
    except (broken, RecursionError, MemoryError, ValueError, RuntimeError) as error:
        raise FileError(f"{damaged}.") from error
    if not model.HasField("graph"):
        raise FileError(f"{damaged}: it holds no graph.")
    return model


def _check_fields(data: bytes, damaged: str) -> None:
    """Count what the file declares before objects are made of it."""
    try:
        for number, start, end in _fields(data, 0, len(data), damaged):
            if number == _GRAPH:
                for _ in _fields(data, start, end, damaged):
                    pass
    except IndexError as error:
        raise FileError(f"{damaged}: it ends in the middle.") from error


def _fields(data: bytes, at: int, end: int, damaged: str) -> Any:
    """Yield number, beginning and end of each field of a message."""
    count = 0
    while at < end:
        key, at = _varint(data, at)
        start, kind = at, key & 7
        if kind == 0:
            _, at = _varint(data, at)
        elif kind == 2:
            length, start = _varint(data, at)
            at = start + length
        elif kind in (1, 5):
            at += 8 if kind == 1 else 4
        else:
            raise FileError(f"{damaged}.")
        if at > end:
            raise FileError(f"{damaged}: it ends in the middle.")
        count += 1
        if count > MOST_FIELDS:
            raise FileError(f"{damaged}: it declares more than {MOST_FIELDS:,} nodes and numbers.")
        yield key >> 3, start, at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while shift < 70:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            break
    return value, at

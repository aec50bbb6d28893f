"""What torch.save writes, as far as networks need it: an archive with a pickle that is looked at, and never run.

A pickle is a program that may call anything. Here only its few steps that put together dicts of texts and tensors are
followed, by hand; at any other step, and at any name of another function, reading ends. torch's own reader is not
asked: it takes the sizes that a file declares for granted.
"""

from __future__ import annotations

import io
import pickletools
import zipfile
from dataclasses import dataclass
from typing import Any

import numpy as np

from nodesim.errors import FileError
from nodesim.functions.interruptions import of_signal
from nodesim.showing import shown
from nodesim.validation import brief

_TYPES = {"FloatStorage": "f4", "DoubleStorage": "f8", "HalfStorage": "f2"}
_DICT, _TENSOR, _PARAMETER = (
    "collections OrderedDict",
    "torch._utils _rebuild_tensor_v2",
    "torch._utils _rebuild_parameter",
)
_MARK = object()
_STEPS_OF_NUMBERS = ("BININT", "BININT1", "BININT2", "LONG1")
_PAIRS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a function, or of a type of numbers, that a pickle asks for."""

    text: str


@dataclass(frozen=True, slots=True)
class Storage:
    """Where numbers stand in an archive."""

    kind: str
    key: str
    count: int


@dataclass(frozen=True, slots=True)
class Stored:
    """A tensor as it is described: none of its numbers is read yet."""

    storage: Storage
    offset: int
    shape: tuple[Any, ...]


class Archive:
    """A file of torch.

    Parameters
    ----------
    data : bytes

    Raises
    ------
    FileError
        If it is none.
    """

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except Exception as error:
            if of_signal(error):
                raise
            raise FileError("it is no archive of torch, or is cut off.") from error
        entries = self._zip.infolist()
        self._entries = {entry.filename: entry for entry in entries}
        tops = [name.removesuffix("/data.pkl") for name in self._entries if name.endswith("/data.pkl")]
        if len(tops) != 1:
            raise FileError("it is no archive of torch.save.")
        self._top = tops[0]
        if any(name.startswith((f"{self._top}/code/", f"{self._top}/constants.pkl")) for name in self._entries):
            raise FileError("it is TorchScript: give the module that it was made of.")
        # torch packs nothing: no part may be larger than the file, or several lie over each other.
        packed = any(entry.compress_type != zipfile.ZIP_STORED for entry in entries)
        if packed or sum(entry.file_size for entry in entries) > len(data) or len(self._entries) < len(entries):
            raise FileError("its parts do not add up to the file: torch writes no such archive.")
        order = self._part("byteorder") if f"{self._top}/byteorder" in self._entries else b"little"
        self._parts: dict[str, bytes] = {}
        self._order = ">" if order.strip() == b"big" else "<"

    def content(self) -> Any:
        """Return what was saved: dicts, texts, numbers, and tensors as they are described.

        Raises
        ------
        FileError
            If there is anything else.
        """
        return _followed(self._part("data.pkl"))

    def number(self, stored: Stored) -> float:
        """Return the one number of a tensor.

        Raises
        ------
        FileError
            If it has another type, or is not where it should be.
        """
        storage = stored.storage
        if storage.kind not in _TYPES:
            raise FileError(f"it has weights of {storage.kind}.")
        kind = np.dtype(self._order + _TYPES[storage.kind])
        # Once, however many tensors stand in it.
        data = self._parts.setdefault(storage.key, b"") or self._part(f"data/{storage.key}")
        self._parts[storage.key] = data
        if len(data) != storage.count * kind.itemsize or not 0 <= stored.offset < storage.count:
            raise FileError(f"its part {shown(storage.key)!r} has another size than is said of it.")
        return float(np.frombuffer(data, kind)[stored.offset])

    def _part(self, name: str) -> bytes:
        entry = self._entries.get(f"{self._top}/{name}")
        if entry is None:
            raise FileError(f"its part {shown(name)!r} is missing.")
        return self._zip.read(entry)


def _followed(data: bytes) -> Any:
    machine = _Machine()
    for code, argument, _ in pickletools.genops(data):
        if code.name == "STOP":
            return machine.stack.pop()
        machine.step(code.name, argument)
    raise FileError("its pickle has no end.")


class _Machine:
    """Follows the steps of a pickle that build data."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    def step(self, name: str, argument: Any) -> None:
        """Follow one step."""
        stack = self.stack
        if name in ("BINUNICODE", *_STEPS_OF_NUMBERS):
            stack.append(argument)
        elif name in ("BINPUT", "LONG_BINPUT"):
            self._memo[argument] = stack[-1]
        elif name in ("BINGET", "LONG_BINGET"):
            stack.append(self._memo[argument])
        elif name in _PAIRS:
            stack.append(_PAIRS[name])
        elif name in ("EMPTY_DICT", "EMPTY_TUPLE"):
            stack.append({} if name == "EMPTY_DICT" else ())
        elif name == "MARK":
            stack.append(_MARK)
        elif name == "GLOBAL":
            stack.append(_named(argument))
        else:
            self._put_together(name)

    def _put_together(self, name: str) -> None:
        stack = self.stack
        if name in ("TUPLE", "SETITEMS"):
            items = self._behind_mark()
            stack.append(tuple(items)) if name == "TUPLE" else _fill(stack[-1], items)
        elif name in ("TUPLE1", "TUPLE2", "TUPLE3"):
            count = int(name[-1])
            stack[-count:] = [tuple(stack[-count:])]
        elif name == "SETITEM":
            items = [stack.pop(-2), stack.pop()]
            _fill(stack[-1], items)
        elif name == "BINPERSID":
            stack.append(_storage(stack.pop()))
        elif name == "REDUCE":
            arguments = stack.pop()
            stack.append(_made(stack.pop(), arguments))
        elif name == "BUILD" and isinstance(stack[-2], dict):
            # torch notes versions beside a state_dict.
            stack.pop()
        elif name != "PROTO":
            raise FileError(f"it holds something else than a network: a pickle with the step {name}.")

    def _behind_mark(self) -> list[Any]:
        place = len(self.stack) - 1
        while self.stack[place] is not _MARK:
            place -= 1
            if place < 0:
                raise FileError("its pickle is damaged.")
        items = self.stack[place + 1 :]
        del self.stack[place:]
        return items


def _named(text: str) -> Name:
    module, _, name = text.partition(" ")
    if text not in (_DICT, _TENSOR, _PARAMETER) and not (module == "torch" and name.endswith("Storage")):
        what = brief(shown(text.replace(" ", ".")), 80)
        raise FileError(
            f"it holds {what}, which would have to be unpickled, and a pickle may do anything: load it yourself if you "
            "trust it, and give the module to from_torch."
        )
    return Name(text)


def _storage(given: Any) -> Storage:
    match given:
        case ("storage", Name(kind), str(key), str(), int(count)) if not isinstance(count, bool) and count >= 0:
            return Storage(kind.removeprefix("torch "), key, count)
    raise FileError("its pickle names numbers in another way than torch does.")


def _made(function: Any, arguments: Any) -> Any:
    match function, arguments:
        case Name("collections OrderedDict"), ():
            return {}
        case Name("torch._utils _rebuild_tensor_v2"), (Storage() as storage, int(offset), tuple(shape), *_):
            return Stored(storage, offset, shape)
        case Name("torch._utils _rebuild_parameter"), (Stored() as stored, *_):
            return stored
    raise FileError("its pickle is damaged.")


def _fill(target: Any, items: list[Any]) -> None:
    keys = items[::2]
    if not isinstance(target, dict) or len(items) % 2 or not all(isinstance(key, str) for key in keys):
        raise FileError("its pickle holds something else than dicts with names.")
    target.update(zip(keys, items[1::2]))

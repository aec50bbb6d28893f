"""FANN's own library, called by ctypes: found, loaded, silenced, and never given what it would crash on."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import weakref
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.errors import MissingExtraError, StateError

# In single precision only where there is no other.
_NAMES = {"doublefann": "float64", "fann": "float32", "floatfann": "float32"}
_HOW = (
    "checks of FANN's networks need its library, libdoublefann, which is not found here: install it (Debian, Ubuntu: "
    "apt-get install libfann2). It is no package of Python, and networks are read without it."
)


class Library:
    """The functions that are called.

    Attributes
    ----------
    name : str
        The file.
    dtype : str
        "float64", or "float32" where only that library is there.
    """

    def __init__(self, name: str, dtype: str) -> None:
        self.name, self.dtype = name, dtype
        library = ctypes.CDLL(name)
        for call, (result, *arguments) in _signatures(dtype).items():
            function = getattr(library, f"fann_{call}")
            function.restype, function.argtypes = result, arguments
            setattr(self, call, function)
        # It would write into the terminal.
        self.set_error_log(None, None)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


def _signatures(dtype: str) -> dict[str, tuple[Any, ...]]:
    """Return what each function returns, and takes."""
    number = ctypes.c_double if dtype == "float64" else ctypes.c_float
    # Addresses and not arrays: made anew for each sample, those would take longer than the run.
    address, whole = ctypes.c_void_p, ctypes.c_uint
    return {
        "create_from_file": (address, ctypes.c_char_p),
        "destroy": (None, address),
        "run": (address, address, address),
        "set_weight": (None, address, whole, whole, number),
        "scale_input": (None, address, address),
        "descale_output": (None, address, address),
        "get_num_input": (whole, address),
        "get_num_output": (whole, address),
        "set_error_log": (None, address, address),
    }


@cache
def library() -> Library:
    """Return the library that this machine has.

    Raises
    ------
    MissingExtraError
        Saying how to install it.
    """
    for name, dtype in _NAMES.items():
        for file in filter(None, (ctypes.util.find_library(name), f"lib{name}.so.2", f"lib{name}.so")):
            try:
                return Library(file, dtype)
            except (OSError, AttributeError):
                continue
    raise MissingExtraError(_HOW)


class Loaded:
    """A network in the library's memory, which is freed with it.

    Parameters
    ----------
    file : Path
        Sound: its parser reads beyond its memory where a file lies.
    """

    def __init__(self, file: Path) -> None:
        self._library = library()
        self._address = self._library.create_from_file(os.fsencode(file))
        if not self._address:
            raise StateError(f"{self._library.name} does not load a network that nodesim has read.")
        weakref.finalize(self, self._library.destroy, self._address)
        self.n_inputs = int(self._library.get_num_input(self._address))
        self.n_outputs = int(self._library.get_num_output(self._address))

    def set_weights(self, sources: Indices, targets: Indices, weights: Array) -> None:
        """Set some weights; FANN looks each of them up among all connections."""
        for source, target, weight in zip(sources.tolist(), targets.tolist(), weights.tolist()):
            self._library.set_weight(self._address, source, target, weight)

    def outputs(self, inputs: Array, *, scaled: bool) -> Array:
        """Run it sample by sample, between its own scaling of inputs and of outputs if that is asked for."""
        # A copy: FANN scales in place.
        given = np.array(inputs, dtype=self._library.dtype, order="C")
        if given.shape[1] != self.n_inputs:
            raise StateError(f"FANN's network takes {self.n_inputs} inputs, got {given.shape[1]}.")
        found = np.empty((len(given), self.n_outputs), dtype=given.dtype)
        ends = zip(_rows(given), _rows(found))
        for x, y in ends:
            self._one(x, y, found.itemsize * self.n_outputs, scaled)
        return found.astype(float)

    def _one(self, x: int, y: int, size: int, scaled: bool) -> None:
        """Run one sample, from one address to another."""
        if scaled:
            self._library.scale_input(self._address, x)
        ctypes.memmove(y, self._library.run(self._address, x), size)
        if scaled:
            self._library.descale_output(self._address, y)


def _rows(array: Array) -> range:
    """Return the addresses of the rows of an array."""
    first, step = array.ctypes.data, array.strides[0]
    return range(first, first + step * len(array), step)

"""Functions of `scipy.special` for compiled code: by the addresses that SciPy publishes for callers from C.

SciPy is looked at only where a user's function refers to it.
"""

from __future__ import annotations

import ctypes
import importlib
import re
import sys
import types
from typing import Any

import numba

_DOUBLES = re.compile(r"double \((double(?:, double)*)(?:, int __pyx_skip_dispatch)?\)")


def of_doubles(function: Any) -> Any:
    """Return a ufunc of `scipy.special` as a function of doubles for compiled code; None if it is none of these."""
    special: Any = sys.modules.get("scipy.special")
    name, count = function.__name__, function.nin
    if special is None or getattr(special, name, None) is not function:
        return None
    published = getattr(importlib.import_module("scipy.special.cython_special"), "__pyx_capi__", {})
    # One that is there for several types of numbers is published once for each.
    for prefix in ("", *(f"__pyx_fuse_{kind}" for kind in range(4))):
        capsule = published.get(prefix + name)
        signature = "" if capsule is None else _name(capsule).decode()
        match = _DOUBLES.fullmatch(signature)
        if match and match[1].count("double") == count:
            return _callable(_address(capsule, _name(capsule)), count, "skip_dispatch" in signature)
    return None


class _Module(types.ModuleType):
    """`scipy.special` with its functions as compiled code calls them."""

    def __getattr__(self, name: str) -> Any:
        function = of_doubles(getattr(sys.modules["scipy.special"], name))
        if function is None:
            raise AttributeError(name)
        setattr(self, name, function)
        return function


# By name, as a user's function may refer to them.
MODULES = {"scipy.special": _Module("scipy.special"), "scipy": types.ModuleType("scipy")}
MODULES["scipy"].__dict__["special"] = MODULES["scipy.special"]


def _callable(address: int, count: int, told: bool) -> Any:
    kinds = [ctypes.c_double] * count + [ctypes.c_int] * told
    call = ctypes.CFUNCTYPE(ctypes.c_double, *kinds)(address)
    if told:
        return numba.njit(lambda *numbers: call(*numbers, 0))
    return numba.njit(lambda *numbers: call(*numbers))


def _name(capsule: Any) -> bytes:
    found = ctypes.pythonapi.PyCapsule_GetName
    found.restype, found.argtypes = ctypes.c_char_p, [ctypes.py_object]
    return bytes(found(capsule))


def _address(capsule: Any, name: bytes) -> int:
    found = ctypes.pythonapi.PyCapsule_GetPointer
    found.restype, found.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    return int(found(capsule, name))

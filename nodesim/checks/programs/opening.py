"""Which other program something belongs to: told without importing any of them."""

from __future__ import annotations

import importlib
from typing import Any, cast

from nodesim.checks.programs.program import Program
from nodesim.errors import ArgumentError, ArgumentTypeError, ExchangeError, NodesimError
from nodesim.exchange import formats
from nodesim.exchange.blueprint import Blueprint
from nodesim.functions.interruptions import is_interruption
from nodesim.validation import brief, shortened

# Who defines a class, of which those that people have are kinds: the module it stands in begins with this.
_CLASSES = (
    ("torch.nn.modules.module", "Module", "torch"),
    ("sklearn.base", "BaseEstimator", "scikit_learn"),
    ("onnx", "ModelProto", "onnx_runtime"),
)
_MODULES = {"torch": "torch", "sklearn": "scikit_learn", "onnx": "onnx_runtime", "neat": "neat", "fann": "fann"}
_POSSIBLE = (
    "a fitted MLPClassifier or MLPRegressor or a pipeline that ends with one, a torch.nn.Module, an ONNX model, "
    "a pair (genome, config) of neat-python, or a file: .onnx, .pt, .pth, .skops, .json of neat-python, .net of FANN"
)


def opened(other: Any, nodes: int = 0) -> Program:
    """Return the program that something belongs to, ready to run.

    Parameters
    ----------
    other : object
        An estimator, a module, a model, a pair of genome and config, a path, or a program already.
    nodes : int
        How many the network has that it is to be compared with.

    Returns
    -------
    Program

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If it is none of these.
    MissingExtraError, ExchangeError, FileError
        As the reader of that format raises them.
    """
    if isinstance(_attribute(other, "blueprint"), Blueprint) and callable(_attribute(other, "outputs")):
        return cast(Program, other)
    name = _module_of(other)
    return _program(name, other, **({"nodes": nodes} if name == "fann" else {}))


def opened_as(name: str, file: Any, scale: bool | None = None) -> Program:
    """Return the program of a file whose format is known.

    Parameters
    ----------
    name : str
        Of the format; see `nodesim.exchange.formats.FORMATS`.
    file : path
    scale : bool, optional
        See `nodesim.from_fann`.
    """
    more = {"scale": scale} if name == "fann" and scale is not None else {}
    return _program(_MODULES[name], file, **more)


def _program(name: str, other: Any, **more: Any) -> Program:
    module = importlib.import_module(f"nodesim.checks.programs.{name}")
    try:
        return cast(Program, module.program_of(other, **more))
    except NodesimError:
        raise
    except Exception as error:
        if is_interruption(error):
            raise
        # Objects of other people's classes may raise anything where they are looked into.
        reason = brief(f"{type(error).__name__}: {error}", 300)
        raise ExchangeError(f"{shortened(other)} cannot be read: {reason}") from error


def _attribute(other: Any, name: str) -> Any:
    try:
        return getattr(other, name, None)
    except Exception:
        # Attributes of other people's objects may raise anything.
        return None


def _module_of(other: Any) -> str:
    if isinstance(other, tuple) and len(other) == 2:
        return "neat"
    if isinstance(other, bytes):
        return "onnx_runtime"
    if formats.is_path(other):
        return _of_file(other)
    for kind in type(other).__mro__:
        for module, name, found in _CLASSES:
            if kind.__name__ == name and f"{kind.__module__}.".startswith(f"{module}."):
                return found
    raise ArgumentTypeError(
        f"check_exchange compares a network with another program's: {_POSSIBLE}; got {shortened(other)}."
    )


def _of_file(file: Any) -> str:
    found = formats.format_of(file)
    if found is None:
        raise ArgumentError(f"check_exchange cannot tell what {shortened(file)} is; it takes {_POSSIBLE}.")
    if found.name == "nodesim":
        raise ArgumentError(
            f"{shortened(file)} is a file of nodesim itself; check_exchange compares a network with {_POSSIBLE}."
        )
    return _MODULES[found.name]

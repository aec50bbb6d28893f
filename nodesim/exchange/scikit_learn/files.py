"""Files of skops, which hold estimators as data: nothing in them is run."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from nodesim.errors import FileError, MissingExtraError, NodesimError
from nodesim.exchange.blueprint import Blueprint
from nodesim.exchange.formats import PICKLES
from nodesim.exchange.scikit_learn import reading
from nodesim.exchange.scikit_learn.writing import written
from nodesim.formats.atomic import path_of, read_bytes, write_atomically
from nodesim.functions.interruptions import of_signal
from nodesim.simulation.simulator import Simulator
from nodesim.validation import brief, shortened

_SCHEMA = "schema.json"
# What a fitted perceptron and scalers consist of. skops itself would make any of a thousand classes, and call some of
# the functions that a file names.
_PLAIN = {
    "CachedNode", "DictNode", "JsonNode", "ListNode", "NdArrayNode", "TupleNode", "DTypeNode", "RandomStateNode",
}  # fmt: skip
_OPTIMIZERS = "sklearn.neural_network._stochastic_optimizers"
_CLASSES = {
    ("sklearn.neural_network._multilayer_perceptron", "MLPClassifier"),
    ("sklearn.neural_network._multilayer_perceptron", "MLPRegressor"),
    ("sklearn.pipeline", "Pipeline"),
    ("sklearn.preprocessing._data", "StandardScaler"),
    ("sklearn.preprocessing._data", "MinMaxScaler"),
    ("sklearn.preprocessing._data", "MaxAbsScaler"),
    ("sklearn.preprocessing._data", "RobustScaler"),
    ("sklearn.preprocessing._label", "LabelBinarizer"),
    (_OPTIMIZERS, "AdamOptimizer"),
    (_OPTIMIZERS, "SGDOptimizer"),
}
_TYPES = {("builtins", name) for name in ("str", "int", "float", "bool", "NoneType")}
# A file may be packed, and unpack to so much, or to so many times its size.
_LARGE, _TIMES = 100_000_000, 30


def read_file(file: Any) -> Blueprint:
    """Return what a network is built from that says the same as the estimator in a file of skops.

    Raises
    ------
    ExchangeError
        If its estimator cannot be read.
    FileError, MissingExtraError
        As `estimator_of`.
    """
    estimator = estimator_of(file)
    return reading.read(estimator, str(path_of(file)))


def estimator_of(file: Any) -> Any:
    """Return the estimator in a file of skops.

    Raises
    ------
    FileError
        If it is damaged, no file of skops, or holds anything but perceptrons and scalers.
    MissingExtraError
        Without skops.
    """
    path = path_of(file)
    _check_suffix(
        path, "read", "load it yourself, if you trust where it comes from, and give the estimator to from_sklearn"
    )
    data = read_bytes(path)
    skops = _skops()
    try:
        _check(data)
        trusted = [f"{_OPTIMIZERS}.{name}" for home, name in sorted(_CLASSES) if home == _OPTIMIZERS]
        return skops.loads(data, trusted=trusted)
    except Exception as error:
        if of_signal(error):
            raise
        # Whatever a damaged archive, text or array raises.
        reason = (
            brief(error, 300) if isinstance(error, NodesimError) else f"{type(error).__name__}: {brief(error, 200)}"
        )
        raise FileError(f"{path}: this is no file of skops that can be read: {reason}") from error


def save(simulator: Simulator, file: Any) -> None:
    """Write a network as an estimator into a file of skops, whole or not at all.

    Raises
    ------
    ExchangeError
        As `nodesim.Network.to_sklearn`.
    FileError
        If it cannot be written.
    MissingExtraError
        Without scikit-learn or skops.
    """
    path = path_of(file)
    _check_suffix(path, "written", "name it .skops, or dump what to_sklearn returns yourself")
    estimator = written(simulator)
    write_atomically(path, _skops().dumps(estimator))


def _skops() -> Any:
    try:
        import skops.io
    except ImportError as error:
        raise MissingExtraError("files of skops need the extra 'sklearn': pip install 'nodesim[sklearn]'.") from error
    return skops.io


def _check_suffix(path: Any, done: str, advice: str) -> None:
    if path.suffix.lower() in PICKLES:
        raise FileError(f"{path}: a pickle may run anything, and is not {done} here; {advice}.")


def _check(data: bytes) -> None:
    """Look into a file before skops does: how large it is, and of what."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
        if size > max(_LARGE, _TIMES * len(data)):
            raise FileError(f"it unpacks from {len(data):,} to {size:,} bytes.")
        schema = json.loads(archive.read(_SCHEMA))
    if not isinstance(schema, dict) or "__loader__" not in schema:
        raise FileError(f"its {_SCHEMA} describes no object.")
    left: list[Any] = [schema]
    while left:
        each = left.pop()
        if isinstance(each, dict):
            _check_object(each)
            left += each.values()
        elif isinstance(each, list):
            left += each


def _check_object(described: dict[str, Any]) -> None:
    if "__loader__" not in described:
        return
    kind, home, name = (described.get(f"__{key}__") for key in ("loader", "module", "class"))
    if not all(isinstance(each, str) for each in (kind, home, name)):
        raise FileError("an object in it has no class.")
    known = {"ObjectNode": (home, name) in _CLASSES, "TypeNode": (home, name) in _TYPES}
    if not known.get(str(kind), kind in _PLAIN and str(home).partition(".")[0] in ("builtins", "numpy")):
        raise FileError(f"it holds {shortened(f'{home}.{name}')} ({shortened(kind)}), which is not read from files.")

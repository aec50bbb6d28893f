"""Networks of scikit-learn: fitted multilayer perceptrons and pipelines of scalers, read and written."""

from __future__ import annotations

from typing import Any

from nodesim.exchange.blueprint import Blueprint
from nodesim.exchange.formats import is_path
from nodesim.exchange.scikit_learn import files, reading
from nodesim.exchange.scikit_learn.files import read_file, save
from nodesim.exchange.scikit_learn.writing import written

__all__ = ["read", "read_file", "save", "written"]


def read(estimator: Any) -> Blueprint:
    """Return what a network is built from that says the same as an estimator, or a file of one.

    See `nodesim.from_sklearn`.
    """
    if is_path(estimator):
        return files.read_file(estimator)
    return reading.read(estimator, type(estimator).__name__)

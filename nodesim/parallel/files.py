"""What processes of one machine have in common: files that all of them map into memory."""

from __future__ import annotations

import contextlib
import os
import pickle
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import FileError
from nodesim.formats import temporary
from nodesim.parallel.calculation import Model, Samples


class Places(NamedTuple):
    """Where everything is.

    Attributes
    ----------
    samples : tuple of str
        Inputs and targets.
    numbers : str
        The weights of the network, and gradients: those of each order in a row of their own.
    model : str
        The network.
    """

    samples: tuple[str, str]
    numbers: str
    model: str


class Files:
    """Temporary files, which go when this is told so; those of a program that was killed go when the next one begins.

    Parameters
    ----------
    samples : Samples

    Raises
    ------
    FileError
        If they cannot be written.
    """

    def __init__(self, samples: Samples) -> None:
        self._all: list[Path] = []
        temporary.clear(_target())
        self._samples = self._kept(samples.inputs), self._kept(samples.targets)
        self._numbers, self.numbers = "", np.zeros((0, 0))
        self._model = ""

    def take(self, model: Model) -> None:
        """Keep a network."""
        self._model = self._written(lambda file: pickle.dump(model, file))

    def make_room(self, rows: int, like: Array) -> None:
        """Let `numbers` have so many rows like a vector."""
        wanted = (rows, len(like))
        if self.numbers.shape == wanted and self.numbers.dtype == like.dtype:
            return
        self._numbers = self._kept(np.zeros(wanted, like.dtype))
        self.numbers = opened(self._numbers, writable=True)

    @property
    def places(self) -> Places:
        """Where everything is now."""
        return Places(self._samples, self._numbers, self._model)

    def end(self) -> None:
        """Remove all."""
        self.numbers = np.zeros((0, 0))
        for path in self._all:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
        self._all.clear()

    def _kept(self, numbers: Array) -> str:
        # Written, and not only made so long: a disk that is full says so here, and not where a number is set.
        return self._written(lambda file: np.save(file, numbers, allow_pickle=False))

    def _written(self, write: Any) -> str:
        path = temporary.beside(_target())
        self._all.append(path)
        try:
            # Nobody else may read what somebody trains with.
            with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | _BINARY, 0o600), "wb") as file:
                write(file)
        except OSError as error:
            raise FileError(f"{path}: what processes have in common cannot be written there: {error}.") from error
        return str(path)


_BINARY = getattr(os, "O_BINARY", 0)


def _target() -> Path:
    return Path(tempfile.gettempdir()) / "nodesim-training"


def opened(path: str, *, writable: bool = False) -> Array:
    """Return the numbers of a file, mapped into memory."""
    # A plain array: what NumPy makes of a map's parts should be no maps.
    found: Array = np.asarray(np.load(path, mmap_mode="r+" if writable else "r"))
    return found


def read(path: str) -> Model:
    """Return the network that was kept."""
    with Path(path).open("rb") as file:
        model: Model = pickle.load(file)
    return model

"""The formats of files that networks come in and go out by: which there are, and which one a file is of."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nodesim.errors import NodesimError
from nodesim.formats.atomic import path_of, read_text
from nodesim.formats.json_schema import FORMAT


@dataclass(frozen=True)
class FileFormat:
    """A format of files.

    Attributes
    ----------
    name : str
        By which the command line knows it.
    title : str
    suffixes : tuple of str
        Of its files.
    written : bool
        Whether networks can be written in it; all can be read.
    instead : str
        What to do where they cannot.
    ties : bool
        Whether its files say which weights are tied.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    written: bool = True
    instead: str = ""
    ties: bool = True


FORMATS = (
    FileFormat("nodesim", "a network of nodesim", (".json",)),
    FileFormat("onnx", "ONNX", (".onnx",)),
    FileFormat("torch", "a module of torch", (".pt", ".pth")),
    FileFormat("sklearn", "a perceptron of scikit-learn", (".skops",), ties=False),
    FileFormat(
        "neat", "a genome of neat-python", (".json",), written=False,
        instead="genomes are evolved by neat-python, and have no place for all that a network may have",
    ),
    FileFormat(
        "fann", "a network of FANN", (".net",), written=False,
        instead="FANN keeps sums within limits and has activations of its own, which other networks do not have",
    ),
)  # fmt: skip
# Of two formats with the same suffix, only one is written.
BY_PREFERENCE = sorted(FORMATS, key=lambda each: not each.written)
PICKLES = (".pkl", ".pickle", ".joblib")


def format_of(file: Any) -> FileFormat | None:
    """Return the format of a file by its suffix, and of JSON by what is in it; None for an unknown suffix.

    Raises
    ------
    ArgumentTypeError
        For anything but a path.

    Examples
    --------
    >>> format_of("net.onnx").title, format_of("net.txt")
    ('ONNX', None)
    """
    suffix = path_of(file).suffix.lower()
    found = [each for each in FORMATS if suffix in each.suffixes]
    if len(found) > 1:
        return named("neat") if _is_genome(file) else found[0]
    return found[0] if found else None


def named(name: str) -> FileFormat:
    """Return the format of a name."""
    return next(each for each in FORMATS if each.name == name)


def possible(*, written: bool = False) -> str:
    """Name the suffixes and what they stand for, for messages.

    Examples
    --------
    >>> possible(written=True)
    '.json (a network of nodesim), .onnx (ONNX), .pt or .pth (a module of torch), .skops (a perceptron of scikit-learn)'
    """
    chosen = [each for each in FORMATS if each.written or not written]
    return ", ".join(f"{' or '.join(each.suffixes)} ({each.title})" for each in chosen)


def is_path(other: object) -> bool:
    """Tell whether something names a file. Bytes do not: they may be a file's content."""
    return isinstance(other, str | os.PathLike)


def _is_genome(file: Any) -> bool:
    """Tell neat-python's JSON from nodesim's; what cannot be read is left to nodesim's reader to complain of."""
    if not Path(path_of(file)).is_file():
        return False
    try:
        document = json.loads(read_text(file))
    except (NodesimError, ValueError, RecursionError):
        return False
    return isinstance(document, dict) and document.get("format") != FORMAT and "format_version" in document

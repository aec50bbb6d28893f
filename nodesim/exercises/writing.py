"""Sheets as files: pages to print, questions for learning platforms, and nodesim's own form, by the file's ending."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from nodesim._version import version
from nodesim.errors import ArgumentError, FileError
from nodesim.formats.atomic import check_writable, path_of
from nodesim.papers.blocks import Paper
from nodesim.papers.files import Contents
from nodesim.papers.sheets import SIZES
from nodesim.validation import one_of, shortened

FORMAT, VERSION = "nodesim exercise", 1
_WITHOUT_KEY = {".xml": "Moodle", ".zip": "QTI"}


class Written(Protocol):
    """A sheet, as far as files are concerned."""

    @property
    def key(self) -> Mapping[str, str]:
        """The answers by the names of the blanks."""

    def paper(self) -> Paper:
        """Return it as a paper with empty blanks."""

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""


def contents(sheets: Sequence[Written], file: Any, *, key: bool = False, paper: str = "a4") -> Contents:
    """Return what is to be written, by file; nothing is written yet.

    Raises
    ------
    NodesimError
        If the file has another ending, or cannot be written there.
    """
    path, size = path_of(file), one_of(paper, SIZES, "paper")
    suffix = ".html" if path.suffix.lower() == ".htm" else path.suffix.lower()
    if suffix not in _WRITERS:
        known = ", ".join(_WRITERS)
        raise ArgumentError(f"a sheet is saved as one of {known}, by the file's ending; got {shortened(str(path))}.")
    if key and suffix in _WITHOUT_KEY:
        raise ArgumentError(
            f"a file for {_WITHOUT_KEY[suffix]} has the answers in it, and no key of its own; got "
            f"{shortened(str(path))}. Save the key as .html, .md, .tex or .json."
        )
    if not sheets:
        raise ArgumentError("there is no sheet to save: make one, as by nodesim.exercises.make([2, 2, 2]).")
    check_writable(path)
    made = _WRITERS[suffix](sheets, path, key, size)
    for folder in {place.parent for place in made}:
        if folder.exists() and not folder.is_dir():
            raise FileError(f"{folder}: there is no folder for the pictures, as a file has this name; rename it.")
    return made


def document(sheets: Sequence[Written]) -> str:
    """Return the text of a file that holds all that is needed to mark answers."""
    head = {"format": FORMAT, "version": VERSION, "written_by": f"nodesim {version}"}
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    each = ",\n".join(f"    {json.dumps(sheet.to_dict(), allow_nan=False)}" for sheet in sheets)
    return "{\n" + ",\n".join([*lines, f'  "sheets": [\n{each}\n  ]']) + "\n}\n"


def _html(sheets: Sequence[Written], path: Path, key: bool, size: str) -> Contents:
    from nodesim.papers import html

    return {path: html.written([sheet.paper() for sheet in sheets], filled=key, size=size)}


def _tex(sheets: Sequence[Written], path: Path, key: bool, size: str) -> Contents:
    from nodesim.papers import tex

    return {path: tex.written([sheet.paper() for sheet in sheets], filled=key, size=size)}


def _markdown(sheets: Sequence[Written], path: Path, key: bool, size: str) -> Contents:
    from nodesim.papers import markdown

    papers = [sheet.paper() for sheet in sheets]
    text, pictures = markdown.written(papers, filled=key, size=size, name=path.stem)
    return {path: text, **{path.parent / name: picture for name, picture in pictures.items()}}


def _json(sheets: Sequence[Written], path: Path, key: bool, size: str) -> Contents:
    if not key:
        return {path: document(sheets)}
    keys = [sheet.to_dict()["key"] for sheet in sheets]
    return {path: json.dumps(keys if len(keys) > 1 else keys[0], ensure_ascii=False, indent=2) + "\n"}


def _moodle(sheets: Sequence[Written], path: Path, key: bool, size: str) -> Contents:
    from nodesim.exercises.platforms.moodle import moodle

    return {path: moodle(sheets)}


def _qti(sheets: Sequence[Written], path: Path, key: bool, size: str) -> Contents:
    from nodesim.exercises.platforms.qti import qti

    return {path: qti(sheets)}


_WRITERS: dict[str, Callable[[Sequence[Written], Path, bool, str], Contents]] = {
    ".html": _html, ".md": _markdown, ".tex": _tex, ".json": _json, ".xml": _moodle, ".zip": _qti,
}  # fmt: skip

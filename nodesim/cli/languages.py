"""The languages of sheets, explanations and the explorer's page: what there is, and files for more."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Sequence
from pathlib import Path

from nodesim.cli.command import Command, Lines, UsageError
from nodesim.cli.terminal import table
from nodesim.errors import FileError
from nodesim.formats.atomic import write_atomically
from nodesim.notation.symbols import plural
from nodesim.showing import shown
from nodesim.validation import shortened
from nodesim.wording import completeness
from nodesim.wording.completeness import Compared
from nodesim.wording.files import Texts, is_code, read, written
from nodesim.wording.language import ENGLISH, codes


def _add_languages(parser: argparse.ArgumentParser) -> None:
    one = parser.add_mutually_exclusive_group()
    one.add_argument(
        "--write", metavar="FILE.json",
        help="write all texts into a file named for the language's code, such as fr.json, to be translated; of a file "
        "that is there the translations stay, and what is new is added",
    )  # fmt: skip
    one.add_argument("--check", metavar="FILE.json", help="say what is missing in a file of texts, and what is wrong")


def _languages(options: argparse.Namespace) -> Lines:
    if options.write is not None:
        return _written(options.write)
    return _there_are() if options.check is None else _checked(options.check)


def _there_are() -> Lines:
    rows = [[ENGLISH.code, ENGLISH.name, "all", "all"]]
    for code in codes():
        if code != ENGLISH.code:
            found = completeness.of(code)
            rows.append([found.code, found.name, *(each.share for each in completeness.compared(found))])
    yield from table(["code", "language", "texts", "of the explorer's page"], rows, left=2)
    yield ""
    yield "More by a file: nodesim languages --write fr.json begins one; then --language fr.json"


def _written(file: str) -> Lines:
    path = Path(file)
    there = path.exists()
    if not there and not (path.suffix == ".json" and is_code(path.stem)):
        raise UsageError(f"--write takes a file named for the language's code, such as fr.json; got {shortened(file)}.")
    found = completeness.completed(read(path, file) if there else completeness.begun(path.stem))
    write_atomically(file, written(found))
    todo = sum(len(each.missing) for each in completeness.compared(found))
    yield f"{plural(todo, 'text')} to be translated in {shown(file)}; an empty one stays English"
    if not there:
        yield 'At its head stand "name", what its speakers call the language, and the decimal sign: put yours.'


def _checked(file: str) -> Lines:
    found = read(Path(file), file)
    parts = completeness.compared(found)
    yield shown(f"{found.code}, {found.name}, decimal sign {found.decimal}: {_shares(found, parts)}")
    for each in parts:
        for text in each.missing:
            yield shown(f"missing ({each.part}): {text}")
    unknown = [(each.part, text) for each in parts for text in each.unknown]
    everything = completeness.everything()
    for part, text in unknown:
        near = difflib.get_close_matches(text, everything[part], n=1, cutoff=0.8)
        meant = f" (meant: {near[0]})" if near else ""
        yield shown(f"not said by nodesim ({part}): {text}{meant}")
    if unknown:
        raise FileError(f"{file}: {plural(len(unknown), 'text')} in it nodesim does not say; see above.")


def _shares(found: Texts, parts: Sequence[Compared]) -> str:
    own, page = parts
    return f"{own.share} texts, and {page.share} of the explorer's page"


COMMANDS = (
    Command(
        "languages",
        "list the languages of explanations, exercises and the explorer's page, or begin a file for another one",
        [
            "nodesim languages",
            "nodesim languages --write fr.json",
            "nodesim languages --check fr.json",
        ],
        _languages,
        _add_languages,
    ),
)

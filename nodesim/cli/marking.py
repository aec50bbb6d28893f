"""Answers to exercise sheets, from a table, marked: one person's, or those of a class."""

from __future__ import annotations

import argparse

from nodesim.cli.command import Command, Lines, add_json, natural


def _add_mark(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sheet", metavar="SHEET.json", help="a sheet, or several, as nodesim exercise saves them")
    parser.add_argument(
        "answers", metavar="ANSWERS.csv",
        help="a blank and its answer a line, with the sheet's number before them if there are several sheets; or of a "
        "class a first line with the blanks, and below it a name and the answers a line",
    )  # fmt: skip
    parser.add_argument("--sheet", dest="number", type=natural, metavar="N", help="the number printed on the sheet")
    parser.add_argument(
        "--language", metavar="LANGUAGE",
        help="in which it is told what is wrong: en, de, or a file of texts such as fr.json (that of the sheet)",
    )  # fmt: skip
    add_json(parser)


def _mark(options: argparse.Namespace) -> Lines:
    # It needs the formulas, the doctor and the papers, which no other command does.
    from nodesim.cli import class_marking

    yield from class_marking.lines(options)


COMMANDS = (
    Command(
        "mark",
        "mark answers to exercise sheets: what is right, what follows from a mistake, and which mistake it was",
        [
            "nodesim mark sheet.json filled.csv",
            "nodesim mark sheet.json class.csv --language de",
        ],
        _mark,
        _add_mark,
    ),
)

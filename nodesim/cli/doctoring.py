"""Somebody's own numbers, from a file, examined: right, or which mistakes made them."""

from __future__ import annotations

import argparse
import math
import re
from typing import Any

from nodesim.cli.command import Command, Lines, add_json, add_language, add_network, at_least_zero, spoken
from nodesim.cli.one_sample import add_sample, load_with_sample
from nodesim.cli.terminal import as_json
from nodesim.errors import CheckError, FileError, NodesimError
from nodesim.formats.atomic import path_of
from nodesim.formats.dialect import cut
from nodesim.formats.numerals import Row, decimal_sign, parsed
from nodesim.formats.text_of_tables import read_table_text
from nodesim.gradients.quantities import quantity
from nodesim.mistakes import doctor
from nodesim.mistakes.answers import PARTIAL
from nodesim.network import Network
from nodesim.notation.symbols import ERROR, MINUS, plural
from nodesim.showing import shown
from nodesim.validation import shortened

_ERRORS = {ERROR: "error", "error": "error", f"{ERROR} after": "error_after", "error after": "error_after"}
_FORM = "a line is a quantity and its number, as in: e,0.2984 or ∂e/∂W1,0.0004386 or ∂e/∂H1,0.00877 or W1,0.1498"


def _add_doctor(parser: argparse.ArgumentParser) -> None:
    add_network(parser)
    parser.add_argument(
        "answers", metavar="ANSWERS.csv",
        help="a quantity and its number a line: e (the error), ∂e/∂W1 or dW1 (a gradient), ∂e/∂H1 or dH1 (a delta), W1 "
        "(the weight after the update), e after (the error after it)",
    )  # fmt: skip
    add_sample(parser)
    parser.add_argument("--learning-rate", type=at_least_zero, default=0.5, metavar="ETA", help="η of the update (0.5)")
    add_language(parser)
    add_json(parser)


def _doctor(options: argparse.Namespace) -> Lines:
    own = spoken(options)
    network, inputs, targets, sample = load_with_sample(options)
    given = read_answers(options.answers, network)
    report = doctor(network, inputs, targets, learning_rate=options.learning_rate, **given)
    if options.json:
        yield as_json(report.to_dict(own), 2)
    else:
        if sample:
            yield shown(sample)
            yield ""
        yield from report.told(own).split("\n")
    if not report.right:
        wrong = sum(not each.ok for each in report.checked)
        raise CheckError(f"{wrong} of {plural(len(report.checked), 'number')} {'is' if wrong == 1 else 'are'} wrong.")


def read_answers(file: str, network: Network) -> dict[str, Any]:
    """Return what a file of answers gives, as `nodesim.doctor` takes it: its digits count as they are written.

    Parameters
    ----------
    file : str
        Separated by commas, semicolons, tabs or bars, with or without a header; lines that begin with # are left out.
    network : Network

    Raises
    ------
    FileError
        If it cannot be read, or a line is none; the message names the row.
    """
    name, text = str(path_of(file)), read_table_text(file)
    rows, separator, _ = cut(name, text)
    sign, doubt = decimal_sign([(number, cells[1:]) for number, cells in rows], separator)
    if doubt:
        raise FileError(f"{name}: are decimals written with a point or a comma? {doubt[0].upper()}{doubt[1:]}.")
    found: dict[str, Any] = {}
    for place, row in enumerate(rows):
        value = _number(name, row, sign, separator)
        if value == "":
            # Nobody answered this one: the row is as it was handed out.
            continue
        if value is not None:
            _put(found, name, row, value, network)
        elif place or _is_quantity(row[1][0], network):
            raise FileError(f"{name}, row {row[0]}: {shortened(row[1][1])} is no number; {_FORM}.")
    if not found:
        raise FileError(f"{name}: there are no answers in it; {_FORM}.")
    return found


def _number(file: str, row: Row, sign: str, separator: str) -> str | None:
    """Return the number of a row with a decimal point and all of its digits, or None; of an empty cell nothing."""
    number, cells = row
    cells = cells[: max(2, max((place + 1 for place, cell in enumerate(cells) if cell), default=0))]
    if len(cells) != 2 or not cells[0]:
        is_comma = len(cells) > 2 and separator == ","
        advice = " Where decimals have a comma, a semicolon goes before the number." if is_comma else ""
        raise FileError(f"{file}, row {number}: it has {plural(len(cells), 'column')}; {_FORM}.{advice}")
    if not cells[1].strip():
        return ""
    value = parsed(cells[1], sign)
    if value is None or not math.isfinite(value):
        return None
    between = "," if sign == "." else "."
    bare = re.sub(r"[\s'\N{RIGHT SINGLE QUOTATION MARK}]", "", cells[1]).replace(between, "")
    return bare.replace(sign, ".").replace(MINUS, "-")


def _put(found: dict[str, Any], file: str, row: Row, value: str, network: Network) -> None:
    # Behind the number there may be separators with nothing behind them, as spreadsheets write them.
    number, (what, *_) = row
    where = f"{file}, row {number}"
    if what.casefold() in _ERRORS and what not in network:
        kind, key = _ERRORS[what.casefold()], ""
    else:
        kind, key = _meant(what, where, network)
    before = found.setdefault(kind, {}) if key else found
    if (key or kind) in before:
        raise FileError(f"{where}: {shortened(what)} stands here for the second time.")
    before[key or kind] = value


def _is_quantity(what: str, network: Network) -> bool:
    """Tell a first line whose number cannot be read from a header."""
    try:
        return what.casefold() in _ERRORS or bool(_meant(what, "", network))
    except FileError:
        return False


def _meant(what: str, where: str, network: Network) -> tuple[str, str]:
    """Return which argument of the doctor a quantity belongs to, and the name of its node or connection."""
    match = None if what in network else PARTIAL.fullmatch(what)
    try:
        of = quantity(network.structure, match[1].strip() if match else what)
    except NodesimError as error:
        raise FileError(f"{where}: {error} In this file {_FORM}.") from error
    assert of.element is not None
    if of.kind == "weight":
        return "gradients" if match else "weights", of.element.name
    if of.kind == "sum" and match:
        return "deltas", of.element.name
    advice = f"its delta is written ∂e/∂{of.name}" if of.kind == "sum" else "no number of it is looked at"
    raise FileError(f"{where}: {shortened(what)} is no gradient, delta or weight; {advice}. In this file {_FORM}.")


COMMANDS = (
    Command(
        "doctor",
        "say whether gradients are right, or which mistakes made them; ends with exit code 1 where any is wrong",
        [
            "nodesim doctor trained.json answers.csv --input 5.1,3.5,1.4,0.2 --target 1,0,0",
            "nodesim doctor trained.json answers.csv iris --sample 3 --learning-rate 0.1",
        ],
        _doctor,
        _add_doctor,
    ),
)

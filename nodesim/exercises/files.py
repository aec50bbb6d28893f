"""Sheets in files: several in one, and those of nodesim's own form read again, checked as a whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, TypeVar

from nodesim.errors import ArgumentError, FileError, NodesimError
from nodesim.exact.reading import fraction
from nodesim.exercises import writing
from nodesim.exercises.asked import Asked, Planted
from nodesim.exercises.draft import checked, worked
from nodesim.exercises.making import check_missing, to_digits
from nodesim.exercises.sheet import Sheet
from nodesim.exercises.tasks import TASKS
from nodesim.exercises.working import Value, Working
from nodesim.exercises.writing import FORMAT, VERSION
from nodesim.formats import json_files
from nodesim.formats.atomic import path_of, read_text
from nodesim.mistakes.report import Mistake
from nodesim.network import Network
from nodesim.papers.files import write
from nodesim.validation import DIGITS, brief, flag, items, shortened
from nodesim.wording.language import ENGLISH, Language, codes
from nodesim.wording.language import language as language_of

T = TypeVar("T")
_KINDS: dict[type, str] = {dict: "a table", str: "a text", list: "a list", int: "a whole number"}
_MOST_TEXT = 2_000


def save(sheets: Any, file: Any, *, key: bool = False, paper: str = "a4") -> None:
    """Write several sheets into one file, each on pages of its own.

    Parameters
    ----------
    sheets : Sheet, or iterable of Sheet
        What `nodesim.exercises.make` returns.
    file : str or path-like
        Its ending says as what, as for `Sheet.save`.
    key : bool
        Whether the answers stand in the blanks.
    paper : {"a4", "letter"}
        Which paper it is printed on.

    Raises
    ------
    ArgumentError
        If there is no sheet, or the ending or the paper is another.
    FileError
        If it cannot be written; what was there is as it was.

    See Also
    --------
    nodesim.exercises.load : Read them again, from .json.
    nodesim.exercises.Sheet.save : One sheet.

    Examples
    --------
    >>> import nodesim as ns, tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "sheets.json"
    >>> ns.exercises.save([ns.exercises.make([2, 2, 2], seed=seed) for seed in range(3)], file)
    >>> [sheet.seed for sheet in ns.exercises.load(file)]
    [0, 1, 2]
    """
    several = [sheets] if isinstance(sheets, Sheet) else items(sheets, "sheets", "what nodesim.exercises.make returns")
    if not all(isinstance(each, Sheet) for each in several):
        raise ArgumentError(f"sheets are what nodesim.exercises.make returns, got {shortened(several)}.")
    write(writing.contents(several, file, key=flag(key, "key"), paper=paper))


def load(file: Any, language: Any = None) -> Sheet | list[Sheet]:
    """Read a sheet, or several, from a .json file.

    Parameters
    ----------
    file : str or path-like
        Where sheets were saved, as .json.
    language : str, path or Language, optional
        The file of texts by which they were made, where it was none of nodesim's own languages; without it they come
        back in English. Sheets of other languages stay in theirs.

    Returns
    -------
    Sheet or list of Sheet
        The one that is in the file, or a list.

    Raises
    ------
    FileError
        If there is no such file, it is damaged, of a newer version, or its key does not belong to its numbers.

    See Also
    --------
    nodesim.exercises.Sheet.save : Writes it.

    Notes
    -----
    The file is data: nothing in it is executed. Everything is calculated anew, and must give the key that is in the
    file.

    Examples
    --------
    >>> import nodesim as ns, tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "sheet.json"
    >>> sheet = ns.exercises.make([2, 2, 2], seed=3)
    >>> sheet.save(file)
    >>> ns.exercises.load(file).key == sheet.key
    True
    """
    text = read_text(file)
    own = None if language is None else language_of(language)
    try:
        sheets = [_sheet(each, own) for each in _documents(text)]
    except (NodesimError, ArithmeticError) as error:
        raise FileError(f"{path_of(file)}: {brief(error, 400)}") from error
    return sheets[0] if len(sheets) == 1 else sheets


def _documents(text: str) -> list[Any]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FileError(f"this is no JSON: {error}.") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise FileError(f'this is no exercise sheet: "format" should be "{FORMAT}".')
    number = content.get("version")
    if type(number) is not int or number < 1:
        raise FileError(f"the version of the file is {shortened(number)}, expected a whole number.")
    if number > VERSION:
        raise FileError(f"the file is of version {number}, this nodesim reads up to {VERSION}: install a newer one.")
    sheets = content.get("sheets")
    if not isinstance(sheets, list) or not sheets:
        raise FileError('"sheets" must be a list with one sheet at least.')
    return sheets


def _sheet(content: Any, own: Language | None) -> Sheet:
    if not isinstance(content, dict):
        raise FileError(f"a sheet is a table of its parts, got {shortened(content)}.")
    network = _network(_part(content, "network", dict))
    connection = checked(network, _part(content, "ask", str))
    x, y = (_numbers(content, name, len(nodes)) for name, nodes in (("x", network.inputs), ("y", network.outputs)))
    rate = _number(_part(content, "learning_rate", str), "learning_rate")
    working = worked(network, connection, x, y, rate)
    digits = _digits(content.get("digits"))
    if to_digits(working, digits) != digits:
        raise FileError('"digits" is null, and there are numbers that have no end.')
    asked = Asked(
        working,
        _tasks(content),
        digits,
        _language(content, own),
        _missing(content, working),
        _planted(content, working),
    )
    return _with_key(Sheet(network, asked, _whole(content, "seed")), content)


def _with_key(sheet: Sheet, content: Mapping[str, Any]) -> Sheet:
    key: dict[str, Any] = _part(content, "key", dict)
    own = sheet.to_dict()["key"]
    for name in {**own, **key}:
        if own.get(name) != key.get(name):
            raise FileError(
                f"the key says {shortened(key.get(name))} of {shortened(name)}, and by the numbers of the sheet it is "
                f"{shortened(own.get(name))}: one of them was changed."
            )
    return sheet


def _network(content: dict[str, Any]) -> Network:
    # The text of a network's file is checked where such files are.
    return json_files.loads(json.dumps(content), Network)


def _part(content: Mapping[str, Any], name: str, kind: type[T]) -> T:
    found = content.get(name)
    # What is true or false is a whole number to Python.
    if not isinstance(found, kind) or isinstance(found, bool):
        raise FileError(f'"{name}" must be {_KINDS[kind]}, got {shortened(found)}.')
    return found


def _number(text: Any, name: str) -> Fraction:
    if not isinstance(text, str):
        raise FileError(f'"{name}" has numbers as text, such as "0.5", got {shortened(text)}.')
    return fraction(text, name)


def _numbers(content: Mapping[str, Any], name: str, count: int) -> list[Fraction]:
    found: list[Any] = _part(content, name, list)
    if len(found) != count:
        raise FileError(f'"{name}" has {len(found)} numbers, and the network needs {count}.')
    return [_number(each, name) for each in found]


def _whole(content: Mapping[str, Any], name: str) -> int:
    found = _part(content, name, int)
    if found < 0:
        raise FileError(f'"{name}" must be 0 or more, got {found}.')
    return found


def _digits(found: Any) -> int | None:
    if found is not None and (type(found) is not int or not 1 <= found <= DIGITS):
        raise FileError(f'"digits" must be null, or a whole number from 1 to {DIGITS}, got {shortened(found)}.')
    return found


def _tasks(content: Mapping[str, Any]) -> tuple[str, ...]:
    found: list[Any] = _part(content, "tasks", list)
    if not found or not all(isinstance(task, str) and task in TASKS for task in found) or len(set(found)) < len(found):
        raise FileError(f'"tasks" must be some of {", ".join(TASKS)}, each once, got {shortened(found)}.')
    return tuple(found)


def _language(content: Mapping[str, Any], own: Language | None) -> Language:
    code = _part(content, "language", str)
    if own is not None and own.code == code:
        return own
    try:
        # A code is looked up among nodesim's own, and never as a file.
        return language_of(code) if code in codes() else ENGLISH
    except NodesimError:
        return ENGLISH


def _missing(content: Mapping[str, Any], working: Working) -> int:
    found = _whole(content, "missing")
    if "missing path" in _tasks(content):
        check_missing(working)
    if found >= len(working.paths):
        raise FileError(f'"missing" is {found}, and there are {len(working.paths)} paths, the first by 0.')
    return found


def _planted(content: Mapping[str, Any], working: Working) -> Planted | None:
    wanted = "mistake" in _tasks(content)
    if content.get("planted") is None:
        if wanted:
            raise FileError('"planted" must be a table: there is a mistake to be found.')
        return None
    found: dict[str, Any] = _part(content, "planted", dict)
    step, name, where, text = (_part(found, each, str) for each in ("step", "mistake", "where", "text"))
    if step not in working.by_name or working.by_name[step].kind == "branch":
        raise FileError(f'"planted" names the step {shortened(step)}, and there is none that is shown.')
    if max(map(len, (name, where, text))) > _MOST_TEXT:
        raise FileError('"planted" tells more of the mistake than fits a sheet.')
    value = _value(found.get("value"))
    if value == working.right[step]:
        raise FileError(f'"planted" has the right number for {step}, and no mistake.')
    working.values({step: value})
    return Planted(step, value, Mistake(name, where, text))


def _value(found: Any) -> Value:
    if type(found) is float and abs(found) < float("inf"):
        return found
    return _number(found, "value")

"""What a command consists of, and the kinds of arguments that commands share."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from nodesim.errors import ArgumentError, NodesimError
from nodesim.formats.spelling import in_shell
from nodesim.notation.symbols import MINUS
from nodesim.showing import shown
from nodesim.wording.language import Language, language

Lines = Iterator[str]
# Where a parser notes which options were given, and with which values.
_GIVEN = "given"


@dataclass(frozen=True)
class Command:
    """One command of the command line.

    Attributes
    ----------
    name : str
    what : str
        What it does, on one line.
    examples : sequence of str
        Shown by its ``--help``.
    run : callable
        Takes the parsed arguments and yields the lines to print.
    arguments : callable, optional
        Adds its arguments to a parser.
    """

    name: str
    what: str
    examples: Sequence[str]
    run: Callable[[argparse.Namespace], Lines]
    arguments: Callable[[argparse.ArgumentParser], None] = lambda parser: None

    def add_to(self, commands: argparse._SubParsersAction[Any]) -> None:
        """Make it a sub-command."""
        parser = commands.add_parser(
            self.name, help=self.what, description=f"{self.what[0].upper()}{self.what[1:]}.",
            epilog=examples(self.examples), formatter_class=argparse.RawDescriptionHelpFormatter,
        )  # fmt: skip
        self.arguments(parser)
        parser.add_argument(
            "--plugins-dir", action="append", default=[], metavar="DIR", help="also load the plugins (*.py) of DIR"
        )
        parser.set_defaults(run=self.run)


class _Once(argparse.Action):
    """Keeps the one value of an option; of two, neither is dropped in silence."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: Any = None, /
    ) -> None:
        if option is not None:
            _note(self, namespace, values)
        setattr(namespace, self.dest, values)


class EitherWay(argparse.BooleanOptionalAction):
    """An option that has a ``--no-`` as well; who gives both is asked which."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: Any = None, /
    ) -> None:
        """Keep which of the two was given."""
        _note(self, namespace, str(option).startswith("--no-"))
        super().__call__(parser, namespace, values, option)


def _note(action: argparse.Action, namespace: argparse.Namespace, value: Any) -> None:
    """Keep in mind that an option was given this value, and refuse another one."""
    # Its default is no sign of that: a value may be given that is the default.
    given: dict[str, Any] = vars(namespace).setdefault(_GIVEN, {})
    if action.dest in given and given[action.dest] != value:
        if isinstance(action, EitherWay):
            raise argparse.ArgumentError(
                None, f"{' and '.join(action.option_strings)} are both given; give one of them"
            )
        first = given[action.dest]
        raise argparse.ArgumentError(
            action, f"one value is taken, and two are given: {_typed(first)} and {_typed(value)}"
        )
    given[action.dest] = value


def _typed(value: Any) -> str:
    """Return a value about as it was typed."""
    if isinstance(value, list):
        return ",".join(map(_typed, value))
    return repr(value) if isinstance(value, str) else str(value)


class Parser(argparse.ArgumentParser):
    """A parser that drops nothing in silence, and whose complaints show what was typed as every other message does."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        # argparse itself would keep the last of two values, and say nothing of the first.
        for name in (None, "store"):
            self.register("action", name, _Once)

    def error(self, message: str) -> NoReturn:
        """Complain of a wrong usage, and exit."""
        super().error(shown(message))


class UsageError(NodesimError):
    """An argument that cannot be meant: exit code 2."""


def examples(lines: Sequence[str]) -> str:
    """Return the part of a help text that shows how it is done."""
    return "\n  ".join([f"example{'s' if len(lines) > 1 else ''}:", *lines])


def add_network(parser: argparse.ArgumentParser) -> None:
    """Add the argument that names a network's file."""
    parser.add_argument("network", metavar="NET.json", help="a network's file")


def add_output(parser: argparse.ArgumentParser, what: str, *, required: bool = False) -> None:
    """Add the option that names the file to write."""
    default = "" if required else "; by default it is printed"
    parser.add_argument(
        "-o", "--output-file", metavar="FILE", type=_file, required=required,
        help=f"where {what} goes{default}",
    )  # fmt: skip


def add_outputs(parser: argparse.ArgumentParser, what: str) -> None:
    """Add the option that names one file to write, or several of different kinds."""
    parser.add_argument(
        "-o", "--output-file", metavar="FILE", type=_file, action="append", required=True,
        help=f"where {what} goes; may be given several times",
    )  # fmt: skip


def check_distinct(files: Iterable[str], each: str) -> None:
    """Refuse to write two things into one file.

    Raises
    ------
    UsageError
        If two names are of the same file.
    """
    places = [os.path.realpath(file) for file in files]
    if len(set(places)) < len(places):
        raise UsageError(f"two of the files are the same; each {each} needs one of its own.")


def _file(text: str) -> str:
    if text in ("", "-"):
        raise argparse.ArgumentTypeError("the name of a file is needed")
    return text


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add the option for programs that read the output."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def add_language(parser: argparse.ArgumentParser) -> None:
    """Add the option that says in which language texts are written; `spoken` returns it."""
    parser.add_argument(
        "--language", default="en", metavar="LANGUAGE",
        help="en, de, or a file of texts such as fr.json; see nodesim languages (en)",
    )  # fmt: skip


def spoken(options: argparse.Namespace) -> Language:
    """Return the language that was asked for; an unknown code is a wrong usage."""
    try:
        return language(options.language)
    except ArgumentError as error:
        raise UsageError(str(error)) from error


def numbers(text: str) -> list[float]:
    """Parse numbers separated by commas."""
    try:
        # What nodesim prints can be given back to it: with the minus sign of mathematics.
        return [float(part.replace(MINUS, "-")) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"numbers separated by commas are needed, got {text!r}") from None


def sizes(text: str) -> list[int]:
    """Parse the sizes of layers, such as 4-5-3."""
    if not re.fullmatch(r"[1-9]\d{0,6}(-[1-9]\d{0,6})+", text):
        raise argparse.ArgumentTypeError(f"sizes of two or more layers are needed, such as 4-5-3, got {text!r}")
    return [int(size) for size in text.split("-")]


def count(text: str) -> int:
    """Parse a whole number of at least 1."""
    if not re.fullmatch(r"0*[1-9]\d{0,17}", text):
        raise argparse.ArgumentTypeError(f"a whole number of at least 1 is needed, got {text!r}")
    return int(text)


def natural(text: str) -> int:
    """Parse a whole number of at least 0."""
    if not re.fullmatch(r"\d{1,18}", text):
        raise argparse.ArgumentTypeError(f"a whole number of at least 0 is needed, got {text!r}")
    return int(text)


def at_least_zero(text: str) -> float:
    """Parse a number of at least 0."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0.0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"a number of at least 0 is needed, got {text!r}")
    return value


def fraction(text: str) -> float:
    """Parse a number between 0 and 1."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.0 < value < 1.0:
        raise argparse.ArgumentTypeError(f"a number above 0 and below 1 is needed, got {text!r}")
    return value


def named(look_up: Callable[[object], Any], name: str) -> Any:
    """Look up a function that an option names; an unknown name is a wrong usage."""
    try:
        return look_up(name)
    except NodesimError as error:
        raise UsageError(str(error)) from error


_IN_PYTHON = re.compile(
    r"\b(learning_rate|batch_size|stop_at_error|epochs|patience|optimizer|validation_split)=([^\s,;)]+)"
)


def as_typed(text: str) -> str:
    """Write what a message says of options as one types them.

    Examples
    --------
    >>> as_typed("Try learning_rate=0.05 (it was 0.5)")
    'Try --learning-rate 0.05 (it was 0.5)'
    """
    return _IN_PYTHON.sub(lambda match: in_shell(match[1].replace("_", "-"), match[2]), text)


_SIGNED = re.compile(r"-[\d.]\S*")


def joined(arguments: Sequence[str]) -> list[str]:
    """Join options with values that start with a minus sign, which argparse would take for options.

    Examples
    --------
    >>> joined(["trace", "--input", "-1,2", "-o", "f"])
    ['trace', '--input=-1,2', '-o', 'f']
    """
    result: list[str] = []
    for argument in arguments:
        if result and result[-1] in ("--input", "--target", "--baseline") and _SIGNED.fullmatch(argument):
            result[-1] = f"{result[-1]}={argument}"
        else:
            result.append(argument)
    return result

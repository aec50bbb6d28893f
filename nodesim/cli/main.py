"""The entry point: 0 is success, 1 wrong data or a faulty plugin, 2 wrong usage, 130 Ctrl-C; never a traceback."""

from __future__ import annotations

import argparse
import io
import os
import sys
import warnings
from collections.abc import Iterable, Sequence

from nodesim import _loading
from nodesim._version import version
from nodesim.cli import (
    attributing,
    catalogue,
    converting,
    cutting,
    doctoring,
    exactly,
    exercising,
    exploring,
    handing_out,
    languages,
    learning,
    marking,
    networks,
    ranking,
    tracing,
    training,
    warming,
)
from nodesim.cli.command import Parser, UsageError, examples, joined
from nodesim.cli.terminal import fitted, styled, width
from nodesim.errors import NodesimError, PluginWarning
from nodesim.notation import tables
from nodesim.notation.plain_signs import HANDLER
from nodesim.plugins import lookup
from nodesim.showing import shown

COMMANDS = (
    *catalogue.COMMANDS[:1],
    *networks.COMMANDS,
    *converting.COMMANDS,
    *training.COMMANDS,
    *learning.COMMANDS,
    *tracing.COMMANDS,
    *ranking.COMMANDS,
    *cutting.COMMANDS,
    *attributing.COMMANDS,
    *exactly.COMMANDS,
    *doctoring.COMMANDS,
    *exercising.COMMANDS,
    *marking.COMMANDS,
    *exploring.COMMANDS,
    *handing_out.COMMANDS,
    *catalogue.COMMANDS[1:],
    *languages.COMMANDS,
    *warming.COMMANDS,
)
_TOUR = (
    "nodesim demo",
    "nodesim new 4-5-3 --seed 1 -o net.json",
    "nodesim train net.json iris --epochs 400 -o trained.json",
    "nodesim trace trained.json W1 --input 5.1,3.5,1.4,0.2 --target 1,0,0 --form factored",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        By default those of the process.

    Returns
    -------
    int
        The exit code.

    Examples
    --------
    >>> main(["plugins"])  # doctest: +ELLIPSIS
    activations (...)
    ...
    0
    """
    by_itself = False
    try:
        by_itself = _loading.take_over()
        return _outcome(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:
        code = _fail("interrupted", _loading.INTERRUPTED)
        if by_itself:
            # Python would wait for what is compiled in another thread just now.
            os._exit(code)
        return code
    finally:
        if by_itself:
            _loading.finish()


def _outcome(arguments: Sequence[str]) -> int:
    """Do what is asked for, and return the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that has no ∂ gets a d.
            stream.reconfigure(errors=HANDLER)
    options = parser_of_all().parse_args(joined(arguments))
    try:
        return _run(options)
    except UsageError as error:
        return _fail(f"{error}", 2)
    except NodesimError as error:
        return _fail(str(error))
    except MemoryError:
        return _fail("there is not enough memory for this")
    except RecursionError:
        return _fail("something is nested too deeply, or a function of a plugin calls itself without end")
    except OSError as error:
        _close_output()
        return _fail(f"the output cannot be written: {error.strerror or error}")


def _run(options: argparse.Namespace) -> int:
    with warnings.catch_warnings():
        # A broken installed plugin is one line on standard error, not a warning with a source line.
        warnings.simplefilter("always", PluginWarning)
        warnings.showwarning = _show_warning
        failure = _load(options.plugins_dir)
        if failure and options.run is not catalogue.plugins_command:
            return _fail(failure)
        with tables.within(width()):
            _print_all(options)
    return _fail(failure) if failure else 0


def _print_all(options: argparse.Namespace) -> None:
    listening, room = True, width()
    for line in options.run(options):
        listening = listening and _printed(fitted(line, room))
        if not listening and not getattr(options, "output_file", None):
            break


def _printed(line: str) -> bool:
    """Print a line, and return whether anybody still reads; files are written all the same."""
    try:
        print(line, flush=True)
    except BrokenPipeError:
        _close_output()
        return False
    return True


def _close_output() -> None:
    """Send what follows nowhere, so that Python does not complain when it flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _load(directories: Iterable[str]) -> str | None:
    """Load plugin directories, and return what is wrong with them."""
    failures = []
    for directory in directories:
        try:
            lookup.load_plugins(directory)
        except NodesimError as error:
            failures.append(str(error))
    return "; ".join(failures) or None


def _fail(message: str, code: int = 1) -> int:
    print(f"nodesim: {styled('error', 'red', sys.stderr)}: {shown(message)}", file=sys.stderr)
    return code


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    print(f"nodesim: warning: {shown(str(message))}", file=sys.stderr)


def parser_of_all() -> argparse.ArgumentParser:
    """Return what reads the command line; the site tells of it, too."""
    parser = Parser(
        prog="nodesim",
        description="The microscope for feed-forward networks.",
        epilog=examples(_TOUR),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"nodesim {version}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add_to(commands)
    return parser

"""The command line: parse, call, print. 0 is success, 1 wrong data or a faulty plugin, 2 wrong usage."""

from __future__ import annotations

import argparse
import io
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence

from nodesim import demo, plugins
from nodesim._version import version
from nodesim.errors import NodesimError, PluginWarning
from nodesim.registry import HOOKS

HEADINGS = {kind: hook.removeprefix("nodesim_") for hook, kind in HOOKS.items()}
Command = Callable[[argparse.Namespace], Iterable[str]]


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
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that has no ∂ still gets the rest.
            stream.reconfigure(errors="replace")
    options = _parser().parse_args(arguments)
    try:
        with warnings.catch_warnings():
            # A broken installed plugin is one line on standard error, not a warning with a source line.
            warnings.simplefilter("always", PluginWarning)
            warnings.showwarning = _show_warning
            failure = _load(options.plugins_dir)
            for line in options.run(options):
                print(line, flush=True)
    except NodesimError as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return _fail("interrupted")
    except BrokenPipeError:
        # Whoever read the output has had enough; keep Python from complaining when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return _fail(failure) if failure else 0


def _load(directories: Iterable[str]) -> str | None:
    """Load plugin directories; what is broken is reported at the end, and what works is used."""
    failures = []
    for directory in directories:
        try:
            plugins.load_plugins(directory)
        except NodesimError as error:
            failures.append(str(error))
    return "; ".join(failures) or None


def _fail(message: str) -> int:
    print(f"nodesim: error: {message}", file=sys.stderr)
    return 1


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    print(f"nodesim: warning: {message}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nodesim",
        description="The microscope for feed-forward networks.",
        epilog="examples:\n  nodesim demo\n  nodesim plugins --plugins-dir my_plugins",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"nodesim {version}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add(commands, "demo", "compute, trace and train the article's network", _demo, "nodesim demo")
    _add(
        commands,
        "plugins",
        "list what is registered, and from where",
        _plugins,
        "nodesim plugins --plugins-dir my_plugins",
    )
    return parser


def _add(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    what: str,
    run: Command,
    example: str,
) -> None:
    command = commands.add_parser(
        name,
        help=what,
        description=f"{what[0].upper()}{what[1:]}.",
        epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument(
        "--plugins-dir",
        action="append",
        default=[],
        metavar="DIR",
        help="also load the plugins (*.py) of this directory",
    )
    command.set_defaults(run=run)


def _demo(options: argparse.Namespace) -> Iterator[str]:
    return demo.lines()


def _plugins(options: argparse.Namespace) -> Iterator[str]:
    for kind in HOOKS.values():
        functions = plugins.default.all(kind)
        heading = f"{HEADINGS[kind]} ({len(functions)})"
        yield heading if kind is next(iter(HOOKS.values())) else f"\n{heading}"
        width = max((len(str(function)) for function in functions), default=0)
        for function in functions:
            also = f"  also {', '.join(function.aliases)}" if function.aliases else ""
            what = f"  {function.description}" if function.description else ""
            yield f"  {function!s:<{width}}  {function.origin}{what}{also}"
    for name, why in plugins.default.broken.items():
        yield f"\nbroken: {name}\n  {why}"

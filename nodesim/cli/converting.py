"""Networks from one program's file into another's."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nodesim.checks.exchange import checked_with
from nodesim.checks.exchange_proof import ExchangeProof
from nodesim.checks.programs.opening import opened_as
from nodesim.cli.command import Command, EitherWay, Lines, UsageError, named
from nodesim.errors import CheckError
from nodesim.exchange import files, formats
from nodesim.exchange.formats import FileFormat
from nodesim.formats.atomic import check_writable, read_bytes, write_atomically
from nodesim.network import Network, load
from nodesim.notation.symbols import plural
from nodesim.plugins import lookup
from nodesim.showing import shown

_NAMES = [each.name for each in formats.FORMATS]
_WRITTEN = [each.name for each in formats.FORMATS if each.written]


def _add_convert(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="IN", help=f"the file to read: {formats.possible()}")
    parser.add_argument("target", metavar="OUT", help=f"the file to write: {formats.possible(written=True)}")
    parser.add_argument(
        "--from", dest="source_format", choices=_NAMES, metavar="FORMAT",
        help=f"of IN, if its suffix does not tell: {', '.join(_NAMES)}",
    )  # fmt: skip
    parser.add_argument(
        "--to", dest="target_format", choices=_NAMES, metavar="FORMAT",
        help=f"of OUT, if its suffix does not tell: {', '.join(_WRITTEN)}",
    )  # fmt: skip
    parser.add_argument("--loss", metavar="NAME", help="how the error is calculated, which few files say")
    parser.add_argument(
        "--scale", action=EitherWay,
        help="of FANN: scale inputs and outputs by the parameters that stand in the file, or leave them out",
    )  # fmt: skip
    parser.add_argument(
        "--proof", action="store_true", help="compare with the other programs, and write only what agrees"
    )


def _convert(options: argparse.Namespace) -> Lines:
    source = _format(options.source, options.source_format, "IN")
    target = _format(options.target, options.target_format, "OUT", written=True)
    if options.scale is not None and source.name != "fann":
        raise UsageError(f"--scale and --no-scale are of FANN; {options.source} is {source.title}.")
    if options.proof and source.name == target.name == "nodesim":
        raise UsageError("--proof compares with another program, and both files are nodesim's own.")
    if options.proof and source.name != "nodesim" and _flows(options.source):
        raise UsageError(f"--proof reads IN twice, and {options.source} is no regular file; make one of it first.")
    loss = None if options.loss is None else named(lookup.loss, options.loss)
    network, notes = _read(options, source, loss)
    check_writable(options.target)
    content, proofs = _written(options, network, source, target)
    for proof in proofs:
        yield from str(proof).split("\n")
        if not proof:
            raise CheckError(f"{options.target} is not written, as the proof does not hold: {proof!r}")
    write_atomically(options.target, content)
    yield shown(f"{options.source} ({source.title}) read: {network!r}; written to {options.target} ({target.title})")
    if not proofs:
        # A proof has them, too.
        yield from (shown(f"- {note}") for note in (*notes, *_lost(network, target)))


def _lost(network: Network, target: FileFormat) -> Iterator[str]:
    if network.ties and not target.ties:
        count = plural(len(network.ties), "tied weight")
        yield f"{target.title} has no ties: each use of {count} is a weight of its own there"


def _format(file: str, name: str | None, place: str, *, written: bool = False) -> FileFormat:
    """Return the format of a file, by its name or as it was given; usage errors say what is possible."""
    suffix = Path(file).suffix.lower()
    if name is not None:
        found: FileFormat | None = formats.named(name)
    elif written:
        found = next((each for each in formats.BY_PREFERENCE if suffix in each.suffixes), None)
    else:
        found = formats.format_of(file)
    option, known = ("--to", _WRITTEN) if written else ("--from", _NAMES)
    if found is None and suffix in formats.PICKLES:
        raise UsageError(
            f"{place}: {file} is a pickle, which runs code when it is read. An estimator of scikit-learn is saved as "
            ".skops by skops.io.dump, and a module of torch as .onnx by torch.onnx.export."
        )
    if found is None:
        raise UsageError(
            f"{place}: the suffix of {file} does not tell its format: {formats.possible(written=written)}; or say it "
            f"by {option}: {', '.join(known)}."
        )
    if written and not found.written:
        raise UsageError(
            f"{place}: {file} would be {found.title}, which is only read: {found.instead}. "
            f"Possible are {formats.possible(written=True)}."
        )
    return found


def _flows(file: str) -> bool:
    """Tell whether a file is a pipe or a device, which is empty, or waits, when it is read once more."""
    try:
        return Path(file).exists() and not (Path(file).is_file() or Path(file).is_dir())
    except (OSError, ValueError):
        return False


def _read(options: argparse.Namespace, source: FileFormat, loss: Any) -> tuple[Network, tuple[str, ...]]:
    if source.name == "nodesim":
        network, notes = load(options.source), tuple[str, ...]()
    else:
        blueprint = files.read(source.name, options.source, loss, options.scale)
        network, notes = blueprint.network(Network), blueprint.notes
    if loss is not None:
        network.loss = loss
    return network, notes


def _written(
    options: argparse.Namespace, network: Network, source: FileFormat, target: FileFormat
) -> tuple[bytes, list[ExchangeProof]]:
    """Return the bytes of the new file, and what the programs of both files say of them."""
    with tempfile.TemporaryDirectory(prefix="nodesim-") as folder:
        # Written here first: where that fails, or a proof does not hold, there is no file, or the old one.
        file = Path(folder) / f"network{target.suffixes[0]}"
        files.write(target.name, network.simulator, file)
        sides = [(source, options.source), (target, str(file))] if options.proof else []
        return read_bytes(file), list(_proofs(options, network, sides))


def _proofs(
    options: argparse.Namespace, network: Network, sides: list[tuple[FileFormat, str]]
) -> Iterator[ExchangeProof]:
    for file_format, file in sides:
        if file_format.name != "nodesim":
            yield checked_with(network, opened_as(file_format.name, file, options.scale))


COMMANDS = (
    Command(
        "convert",
        "bring a network from another program's file, or into one",
        [
            "nodesim convert trained.json trained.onnx --proof",
            "nodesim convert trained.onnx again.json",
            "nodesim convert trained.json trained.model --to torch",
            "nodesim convert xor.net xor.json --loss half_squared_error",
        ],
        _convert,
        _add_convert,
    ),
)

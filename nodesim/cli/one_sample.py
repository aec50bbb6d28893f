"""The one sample that a command looks at: given in numbers, or one of a data set or a file by its number."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import numpy as np

from nodesim.cli.command import UsageError, count, numbers, spoken
from nodesim.cli.opening import load_for_one_run
from nodesim.cli.penalties import penalties
from nodesim.cli.samples import DATA, samples
from nodesim.datasets import Dataset
from nodesim.errors import DataError
from nodesim.network import Network
from nodesim.wording.language import ENGLISH, Language


def add_sample(parser: argparse.ArgumentParser, read: Callable[[str], list[Any]] = numbers) -> None:
    """Add the arguments that give one sample; `read` parses its numbers."""
    parser.add_argument("data", nargs="?", metavar="DATA", help=f"{DATA}, of which --sample is looked at")
    parser.add_argument("--sample", type=count, metavar="N", help="this sample of DATA, 1 for the first")
    for name, what, nodes in (("input", "the inputs", "inputs"), ("target", "the desired outputs", "outputs")):
        own = _reader(read, nodes)
        parser.add_argument(f"--{name}", type=own, metavar="X,..", help=f"or {what}, separated by commas")


def _reader(read: Callable[[str], list[Any]], what: str) -> Callable[[str], list[Any]]:
    """Return what reads numbers, and tells who gives the names of columns how a file is read here."""

    def own(text: str) -> list[Any]:
        try:
            return read(text)
        except argparse.ArgumentTypeError as error:
            if not any(letter.isalpha() for letter in text):
                raise
            raise argparse.ArgumentTypeError(
                f"{error}. Of a file, as in: data.csv --sample 3, the columns named like the {what} are taken by "
                "themselves"
            ) from None

    return own


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add the option that names what is derived in the place of e."""
    parser.add_argument("--to", metavar="NAME", help="derive this instead of e: OA1, O1, H3, HA3; needs no --target")


def run_with_sample(options: argparse.Namespace) -> tuple[Network, float | None, str]:
    """Run the sample forward and, unless `--to` names something else than e, backward.

    Returns
    -------
    Network
    float or None
        The error e; None where nothing was desired.
    str
        What the sample is called; "" where it was given in numbers.

    Raises
    ------
    UsageError, NodesimError
        As for `load_with_sample`, or if the network does not run.
    """
    network, inputs, targets, sample = load_with_sample(options, judged=options.to is None)
    terms = penalties(options)
    network.forward(inputs)
    return network, None if targets is None else network.backward(targets, **terms), sample


def load_with_sample(options: argparse.Namespace, *, judged: bool = True) -> tuple[Network, list[Any], Any, str]:
    """Return the network, the sample's inputs and targets, and what to call it; "" where it was given in numbers.

    It is called so in the language that the options name, where they do.

    Parameters
    ----------
    options : Namespace
    judged : bool
        Whether the desired outputs are needed; without, they are None where they were not given in numbers.

    Raises
    ------
    UsageError
        If both ways are mixed, or something is missing.
    NodesimError
        If there is no such network or sample, or they do not fit.
    """
    in_numbers = _in_numbers(options, judged)
    network = load_for_one_run(options.network)
    if in_numbers:
        return network, options.input, options.target, ""
    data = samples(network, argparse.Namespace(**vars(options) | _PLAIN))
    place = chosen(data, [options.sample])[0]
    targets = _targets(data, place, len(network.outputs)) if judged else None
    return network, data.X[place].tolist(), targets, _of_data(options, data, place)


def _in_numbers(options: argparse.Namespace, judged: bool) -> bool:
    numbers_given = [each is not None for each in (options.input, options.target)]
    place_given = [each is not None for each in (options.data, options.sample)]
    if any(numbers_given) and any(place_given):
        raise UsageError("a sample is given by --input and --target, or by DATA and --sample: not by both.")
    enough = all(numbers_given) if judged else options.input is not None
    if not any(place_given) and not enough:
        given = "--input X,.. and --target X,.." if judged else "--input X,.."
        raise UsageError(f"a sample is needed: {given}, or a data set and --sample N.")
    if any(place_given) and not all(place_given):
        missing = "--sample N" if options.sample is None else "a data set or CSV file, as in: iris --sample 3,"
        raise UsageError(f"which sample? {missing} is missing.")
    return any(numbers_given)


# Of files, the columns are told by the names of the nodes, or by their place.
_PLAIN: dict[str, Any] = {"target": [], "ignore": [], "classes": [], "decimal": "", "header": None}


def _targets(data: Dataset, place: int, outputs: int) -> list[float]:
    found = np.eye(outputs)[data.y[place]] if data.classes and outputs > 1 else np.atleast_1d(data.y[place])
    return [float(value) for value in found]


def chosen(data: Dataset, wanted: list[int]) -> list[int]:
    """Return the places of samples by their numbers, 1 for the first.

    Raises
    ------
    DataError
        If there are not so many.
    """
    if max(wanted) > len(data):
        raise DataError(f"{data.name} has {len(data)} samples; there is no sample {max(wanted)}.")
    return [number - 1 for number in wanted]


def name(data: Dataset, place: int, own: Language = ENGLISH) -> str:
    """Return what a sample is called: its number, and its class where it has one."""
    label = f" ({data.classes[data.y[place]]})" if data.classes and data.y is not None else ""
    return own.say("sample {number}", number=place + 1) + label


def _of_data(options: argparse.Namespace, data: Dataset, place: int) -> str:
    own = spoken(options) if "language" in options else ENGLISH
    return own.say("{sample} of {data}", sample=name(data, place, own), data=data.name)

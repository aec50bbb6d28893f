"""The explorer's document: a network, samples and a recorded training as plain data that fit into JSON.

It holds the weights of every epoch, and every sample once; the page calculates what it shows of them. A network that
the page cannot calculate, since it uses a function that only Python knows or another kind of float, comes with the runs
of the engine instead, which takes many times as much. `schema.json`, beside this module, describes the document.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nodesim._arrays import Array
from nodesim._version import version
from nodesim.errors import ArgumentError, ArgumentTypeError
from nodesim.explorer.numbers import one, packed
from nodesim.explorer.opening import Opening
from nodesim.explorer.runs import Calculator
from nodesim.explorer.samples import Samples
from nodesim.explorer.sizes import MOST_NUMBERS, Choice, chosen, evenly
from nodesim.explorer.structure import described
from nodesim.graph.structure import Structure
from nodesim.training.history import History
from nodesim.training.recording import Moment, Recording
from nodesim.validation import shortened
from nodesim.wording.language import ENGLISH, Language
from nodesim.wording.message import Message

FORMAT, VERSION = "nodesim explorer", 5
# Points of the error curve: more than a screen has columns.
_MOST_ERRORS = 4_000
_MOST_TROUBLES = 3


@dataclass(frozen=True, eq=False)
class RecordedTraining:
    """What is known of the epochs: errors of all of them, weights of some, the present ones last."""

    errors: Sequence[float]
    validation: Sequence[float]
    moments: list[Moment]
    missing: list[Message]


def document(calculator: Calculator, samples: Samples, history: Any, opening: Opening) -> dict[str, Any]:
    """Make the document.

    Parameters
    ----------
    calculator : Calculator
        Of the network that is shown.
    samples : Samples
    history : Recording, History or None
    opening : Opening

    Returns
    -------
    dict
        As `schema.json` describes it.

    Raises
    ------
    ArgumentTypeError, ArgumentError
        If the history is none, or of another network.
    StructureError
        If the network has no nodes.
    """
    structure = calculator.simulator.structure
    training, network = _training(structure, history), described(calculator.simulator, opening.language)
    # Runs that the document holds are what limits the samples, too.
    per_sample = samples.size if network["editable"] else calculator.size
    choice = chosen(
        len(samples.names), len(training.moments), per_sample, len(structure.connections), calculator.size, MOST_NUMBERS
    )  # fmt: skip
    shown, moments = samples.take(choice.samples), [training.moments[place] for place in choice.epochs]
    return {
        "format": FORMAT,
        "version": VERSION,
        "nodesim": version,
        **network,
        **opening.described(),
        "samples": shown.described(),
        "epochs": [_epoch(moment) for moment in moments],
        "runs": _runs(calculator, moments, shown, choice, keep=not network["editable"]),
        "history": _curve(training) if training.errors else None,
        "missing": [each.told(opening.language) for each in [
            *_without(samples), *training.missing, *_left_out(choice, samples, training, opening.language),
            *([] if network["editable"] else _without_values(choice, opening.language)),
            *_troubles(calculator, opening.language),
        ]],
    }  # fmt: skip


def _training(structure: Structure, history: Any) -> RecordedTraining:
    now = structure.weights
    if history is None:
        return RecordedTraining([], [], [Moment(0, None, now)], [])
    if isinstance(history, History):
        moments = [Moment(history.epochs, None, now)]
        missing = [
            Message("The history has errors only: there are no weights of earlier epochs. Use nodesim.Recording.")
        ]
        return RecordedTraining(history.errors, history.validation_errors, moments, missing)
    if not isinstance(history, Recording):
        raise ArgumentTypeError(
            f"history must be a nodesim.Recording or what fit returned, got {type(history).__name__}."
        )
    return _recorded(structure, history, now)


def _recorded(structure: Structure, recording: Recording, now: Array) -> RecordedTraining:
    if recording.network is not structure.face or not recording.current:
        raise ArgumentError(
            f"history is a recording of {shortened(recording.network)}, or of what it was before it was edited; this "
            f"is {shortened(structure.face)}. Explore the network that was recorded, or leave history out."
        )
    moments, missing = list(recording), list[Message]()
    if not (moments[-1].weights == now).all():
        moments.append(Moment(moments[-1].epoch, None, now))
        # Changed by hand, or restored from the best epoch.
        missing.append(
            Message("The weights now are not those that the recorded training ended with; they are shown last.")
        )
    return RecordedTraining(recording.errors, recording.validation_errors, moments, missing)


def _epoch(moment: Moment) -> dict[str, Any]:
    error = None if moment.error is None else one(moment.error)
    return {"epoch": moment.epoch, "error": error, "weights": packed(moment.weights)}


def _curve(training: RecordedTraining) -> dict[str, Any]:
    places = evenly(len(training.errors), _MOST_ERRORS)
    return {
        "epochs": [place + 1 for place in places],
        "errors": [one(training.errors[place]) for place in places],
        "validation": [one(training.validation[place]) for place in places if place < len(training.validation)],
    }


def _runs(
    calculator: Calculator, moments: Sequence[Moment], samples: Samples, choice: Choice, *, keep: bool
) -> list[dict[str, Any]]:
    """Run samples at epochs, so that what goes wrong is known; return what is kept of it."""
    runs: list[dict[str, Any]] = []
    asked = samples.take(choice.run_samples)
    for epoch in choice.run_epochs if asked.names else []:
        if keep:
            found = calculator.runs(moments[epoch].weights, asked)
            runs += ({"epoch": epoch, "sample": sample, **run} for sample, run in zip(choice.run_samples, found))
        else:
            calculator.check(moments[epoch].weights, asked)
    return runs


def _without(samples: Samples) -> list[Message]:
    if not samples.names:
        return [Message("There is no sample, so there are no values: run the network, or pass X and y to explore.")]
    if samples.targets is None:
        return [Message("There are no targets, so there is no error and no gradient: pass y to explore.")]
    return []


def _left_out(choice: Choice, samples: Samples, training: RecordedTraining, language: Language) -> list[Message]:
    sentences = []
    shown, all_ = len(choice.samples), len(samples.names)
    if shown < all_:
        many = {"count": _written(shown, language), "all": _written(all_, language)}
        sentences.append(Message("{count} of {all} samples are shown.", **many))
    shown, all_ = len(choice.epochs), len(training.moments)
    if shown < all_:
        many = {"count": _written(shown, language), "all": _written(all_, language)}
        sentences.append(Message("{count} of {all} recorded epochs are shown.", **many))
    return sentences


def _without_values(choice: Choice, language: Language) -> list[Message]:
    if len(choice.run_epochs) == len(choice.epochs):
        return []
    return [
        Message(
            "Values are there for {count} of {all} epochs; the others would have made the page too large, and show "
            "weights only.",
            count=_written(len(choice.run_epochs), language),
            all=_written(len(choice.epochs), language),
        )
    ]


def _troubles(calculator: Calculator, language: Language) -> list[Message]:
    troubles = list(dict.fromkeys(calculator.troubles))
    more = len(troubles) - _MOST_TROUBLES
    if more <= 0:
        return troubles
    return [
        *troubles[:_MOST_TROUBLES],
        Message("The same is true of {count} more.", count=_written(more, language)),
    ]


def _written(count: int, language: Language) -> str:
    """Write a count: the numbers of a page have a decimal point in every language, so none stands between thousands."""
    return f"{count:,}" if language is ENGLISH else f"{count:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")

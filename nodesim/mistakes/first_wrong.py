"""Where a calculation that nothing explains first goes wrong, in its order: e, deltas and gradients back, weights."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nodesim._arrays import Indices, Mask
from nodesim.graph.layer_names import layer_in_sentence
from nodesim.mistakes import answers as kinds
from nodesim.mistakes.answers import Answers
from nodesim.mistakes.places import Places
from nodesim.wording.message import Joined, Message, Numeral, Words

_LISTED = 4


def whereabouts(places: Places, given: Answers, ok: Mask) -> list[Words]:
    """Return sentences that tell what is right, and what is the first that is not.

    Parameters
    ----------
    places : Places
    given : Answers
    ok : ndarray of bool, shape (n_given,)
    """
    if ok.all() or len(given) < 2:
        return []
    return [*_in_order(places, given, ok), *_by_layers(places, given, ok)]


def _in_order(places: Places, given: Answers, ok: Mask) -> Iterator[Words]:
    stages = [stage for stage in _stages(places, given) if len(stage)]
    first = next(place for place, stage in enumerate(stages) if not ok[stage].all())
    wrong = stages[first][~ok[stages[first]]]
    if len(wrong) == len(given):
        return
    # What stands between it and the outputs: of all that is right the last.
    before = [n for stage in stages[:first] for n in stage.tolist()]
    if before:
        last = stages[first - 1]
        yield Message(
            "In the order of the calculation all is right up to {right}; the first that is wrong: {wrong}.",
            right=_listed(given, last), wrong=_listed(given, wrong),
        )  # fmt: skip
    elif len(stages) > 1:
        yield Message(
            "In the order of the calculation this is the first that is wrong: {wrong}.", wrong=_listed(given, wrong)
        )


def _stages(places: Places, given: Answers) -> Iterator[Indices]:
    """Yield the numbers that were given, as they are calculated."""
    sheet, depths = places.sheet, places.schedule.depths
    yield given.of(kinds.ERROR_BEFORE)
    deltas, gradients, weights = (given.of(kind) for kind in (kinds.DELTA, kinds.GRADIENT, kinds.WEIGHT))
    for depth in range(int(depths.max(initial=0)), -1, -1):
        yield deltas[depths[given.places[deltas]] == depth]
        yield gradients[depths[sheet.targets_of[given.places[gradients]]] == depth]
    yield weights
    yield given.of(kinds.ERROR_AFTER)


def _listed(given: Answers, which: Indices) -> Joined:
    labels: list[Words] = [given.labels[n] for n in which[:_LISTED].tolist()]
    more = len(which) - _LISTED
    return Joined(", ", [*labels, *([Message("and {count} more", count=Numeral(more))] if more > 0 else [])])


def _by_layers(places: Places, given: Answers, ok: Mask) -> Iterator[Words]:
    """Yield of each layer how many of the gradients into it are wrong, if there are several layers."""
    own, found = given.of(kinds.GRADIENT), []
    targets = places.sheet.targets_of[given.places[own]]
    for layer in reversed(places.schedule.layers):
        rows = [places.schedule.row_of[node] for node in layer.nodes]
        mine = own[np.isin(targets, rows)]
        if len(mine):
            found.append(_of_layer(layer_in_sentence(layer), int((~ok[mine]).sum()), len(mine)))
    if len(found) > 1:
        yield Message("Gradients of weights into layers: {layers}.", layers=Joined("; ", found))


def _of_layer(layer: Words, wrong: int, every: int) -> Message:
    if wrong in (0, every):
        return (
            Message("into the {layer} all are right", layer=layer) if not wrong
            else Message("into the {layer} all are wrong", layer=layer)
        )  # fmt: skip
    return Message(
        "into the {layer} {wrong} of {count} are wrong", layer=layer, wrong=Numeral(wrong), count=Numeral(every)
    )

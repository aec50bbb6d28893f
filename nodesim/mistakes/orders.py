"""Updates in another order: weight by weight, layer by layer, sample by sample, by the weights as they are then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.mistakes import answers as kinds
from nodesim.mistakes.answers import Answers
from nodesim.mistakes.backward import Variants, Walk
from nodesim.mistakes.edits import ALL_WEIGHTS, Edit, Table, said
from nodesim.mistakes.forward import Sheet
from nodesim.mistakes.sentences import ORDER
from nodesim.wording.message import Message

# Each step takes a run of the network.
_MOST_STEPS = 200
_NAME = "sequential update"


def orders(sheet: Sheet, given: Answers, right: Array, near: Array) -> Iterator[tuple[Edit, Array]]:
    """Yield what other orders of updating give for the numbers that were given; deltas and e are those before it."""
    if not np.isin(given.kinds, (kinds.GRADIENT, kinds.WEIGHT, kinds.ERROR_AFTER)).any():
        return
    for how, steps in _sequences(sheet):
        if len(steps) <= _MOST_STEPS:
            found = _gone_through(sheet, steps, given, near)
            if found is not None:
                yield Edit(_NAME, ALL_WEIGHTS, said(how)), _numbers(sheet, given, right, *found)
    if 1 < sheet.n_samples <= _MOST_STEPS:
        text = Message(
            "The weights were updated after every sample; the gradients of a batch are the mean over its samples."
        )
        yield Edit(_NAME, ALL_WEIGHTS, said(text)), _numbers(sheet, given, right, None, _by_samples(sheet))


def _sequences(sheet: Sheet) -> list[tuple[Message, Sequence[Indices]]]:
    layers = [level.incoming for level in sheet.levels]
    each = [np.array([number]) for number in np.sort(np.concatenate(layers)).tolist()] if layers else []
    return [
        (
            Message(
                "The weights were updated layer by layer from the outputs back, each time by a run with the weights of "
                "then; {rule}",
                rule=ORDER,
            ),
            layers[::-1],
        ),
        (
            Message(
                "The weights were updated layer by layer from the inputs on, each time by a run with the weights of "
                "then; {rule}",
                rule=ORDER,
            ),
            layers,
        ),
        (
            Message(
                "The weights were updated one after the other, from the first on, each time by a run with the weights "
                "of then; {rule}",
                rule=ORDER,
            ),
            each,
        ),
    ]


def _gradients(sheet: Sheet, weights: Array) -> Array:
    moved, same = sheet.with_weights(weights), np.arange(len(weights))[None]
    passes = moved.forward(weights[None])
    entering, nobody = [moved.entering(moved.loss, passes)], np.zeros(1, dtype=np.intp)
    variants = Variants(weights[None], same, passes, entering, np.zeros((1, 1)), [moved.loss], same)
    table = Table((), moved.n_rows, len(weights), len(moved.targets))
    walk = Walk(moved, variants, table, _NONE, np.empty(0))
    found: Array = walk.outcome(nobody, nobody).gradients[0]
    return found


_EMPTY = np.empty(0)
_NO_PLACES: Indices = np.empty(0, dtype=np.intp)
_NONE = Answers(_NO_PLACES, _NO_PLACES, _NO_PLACES, _EMPTY, _EMPTY, _EMPTY, _EMPTY, _EMPTY > 0, (), ())


def _gone_through(sheet: Sheet, steps: Sequence[Indices], given: Answers, near: Array) -> tuple[Array, Array] | None:
    """Return gradients and new weights; None as soon as one is not what was given."""
    weights, gradients = sheet.weights.copy(), np.zeros(len(sheet.weights))
    which = [given.of(kind) for kind in (kinds.GRADIENT, kinds.WEIGHT)]
    for places in steps:
        gradients[places] = _gradients(sheet, weights)[places]
        moving = places[sheet.trainable[places]]
        weights[moving] -= sheet.rate * gradients[moving]
        for own, found in zip(which, (gradients, weights)):
            now = own[np.isin(given.places[own], places)]
            if (np.abs(found[given.places[now]] - given.values[now]) > near[now]).any():
                # Most orders are ruled out by their first steps.
                return None
    return gradients, weights


def _by_samples(sheet: Sheet) -> Array:
    weights = sheet.weights.copy()
    for sample in range(sheet.n_samples):
        gradients = _gradients(sheet.of_sample(sample), weights)
        weights -= np.where(sheet.trainable, sheet.rate * gradients, 0.0)
    return weights


def _numbers(sheet: Sheet, given: Answers, right: Array, gradients: Array | None, after: Array) -> Array:
    numbers = right.copy()
    if gradients is not None:
        which = given.of(kinds.GRADIENT)
        numbers[which] = gradients[given.places[which]]
    which = given.of(kinds.WEIGHT)
    numbers[which] = after[given.places[which]]
    which = given.of(kinds.ERROR_AFTER)
    if len(which):
        numbers[which] = sheet.errors(sheet.loss, sheet.forward(after[None], slopes=False))[0]
    return numbers

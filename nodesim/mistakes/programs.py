"""Mistakes that programs make rather than people: another slope, a skip that is missing, one sample, another order."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nodesim._arrays import Indices, Mask
from nodesim.graph.elements import Layer
from nodesim.graph.layer_names import layer_title
from nodesim.mistakes import sentences
from nodesim.mistakes.edits import ALL_BIASES, ALL_NODES, ALL_OUTPUTS, ALL_SKIPS, ALL_WEIGHTS, Edit, said
from nodesim.mistakes.forward import FROM_H
from nodesim.mistakes.places import Block, Places
from nodesim.mistakes.sentences import WRONG_SIGN
from nodesim.mistakes.variants import Choices
from nodesim.wording.message import Message, Numeral, Words

Edits = Iterator[Edit]
# Of so many skip connections each is tried alone, and of so many samples each.
_MOST_SKIPS, _MOST_SAMPLES = 12, 8


def mistakes(places: Places, choices: Choices, *, closely: bool) -> list[Edit]:
    """Return the mistakes to be tried, as `nodesim.mistakes.catalogue.catalogue` does."""
    found = [*_of_columns(places, closely), *_of_biases(places), *_slopes(places, closely)]
    found += [
        *_reshaped(places, choices),
        *_skips(places, choices, closely),
        *_one_sample(places),
        *_other_names(places),
    ]
    return found


def _of_columns(places: Places, closely: bool) -> Edits:
    """Yield the wrong sign of all gradients into one node, of whose delta other gradients were calculated rightly."""
    sheet = places.sheet
    for row in np.flatnonzero(places.alive).tolist() if closely else ():
        into = places.useful & (sheet.targets_of == row)
        bare = into & ~places.from_bias
        name, delta = places.nodes[row].name, places.by(places.sum_of(row))
        for group in (into, bare):
            if group.sum() > 1 and (group is into or bare.sum() < into.sum()):
                text = Message(
                    "The gradients of weights into {node}, such as {gradient}, have the wrong sign; {delta} is right.",
                    node=name, gradient=places.by(places.weight(places.first(group))), delta=delta,
                )  # fmt: skip
                yield Edit("sign", name, said(text), gradients=np.where(group, -1.0, 1.0), several=True)
    for where, group in places.layer_weights():
        row = int(sheet.targets_of[places.first(group)])
        biases = places.from_bias & places.useful & np.isin(sheet.targets_of, sheet.targets_of[group])
        for chosen in (group | biases, group) if biases.any() else (group,):
            gradient, delta = places.by(places.weight(places.first(group))), places.by(places.sum_of(row))
            text = Message(
                "{gradient} and so on has {how}, where {delta} is right.",
                gradient=gradient,
                how=WRONG_SIGN,
                delta=delta,
            )
            yield Edit("sign", where, said(text), gradients=np.where(chosen, -1.0, 1.0), several=True)


def _of_biases(places: Places) -> Edits:
    n, own = float(places.sheet.n_samples), places.from_bias & places.useful
    if n > 1.0 and own.any():
        text = Message(
            "The gradients of the biases' weights are the sum of the {count} samples, where those of all other "
            "weights are the mean over them, as they should be.",
            count=Numeral(f"{n:g}"),
        )
        yield Edit("sum for mean", ALL_BIASES, said(text), gradients=np.where(own, n, 1.0))


def _slopes(places: Places, closely: bool) -> Edits:
    named = places.sheet.by_activated
    groups = [*places.hidden_groups, (ALL_NODES, places.alive), (ALL_OUTPUTS, places.is_output)]
    if closely:
        groups += [*places.each(places.hidden), *places.each(places.is_output)]
    for where, group in groups:
        if (group & named).any():
            taken = sentences.slope_of_sum(places, group & named)
            yield Edit("slope from H", where, taken, slopes=np.where(group, FROM_H, 0))


def _reshaped(places: Places, choices: Choices) -> Edits:
    for block in places.blocks:
        # Without a square, W.reshape of the shape of W.T is what nothing warns of.
        for swapped in () if block.square else (block.back, block.there):
            back, on = choices.turned(swapped), choices.forward(swapped)
            for text, turned, forward in zip(sentences.reshaped(block.layer), (back, 0, back), (0, on, on)):
                yield Edit("transposed weights", layer_title(block.layer), said(text), turned=turned, forward=forward)


def _skips(places: Places, choices: Choices, closely: bool) -> Edits:
    layer_of = np.array([-1 if node.layer is None else node.layer.index for node in places.nodes])
    sheet = places.sheet
    skips = places.useful & ~places.from_bias & (layer_of[sheet.targets_of] - layer_of[sheet.sources] > 1)
    each = np.flatnonzero(skips).tolist()
    groups: list[tuple[Words, Mask]] = [(ALL_SKIPS, skips)] if len(each) > 1 else []
    if closely and len(each) <= _MOST_SKIPS:
        groups += [(places.arc(arc), np.arange(len(skips)) == arc) for arc in each]
    for where, group in groups:
        kept, first = np.where(group, 0.0, 1.0), places.first(group)
        forward = choices.forward(np.where(group, -1, np.arange(len(group))))
        target, source = places.sum_of(int(sheet.targets_of[first])), places.sent_by(int(sheet.sources[first]))
        term = f"{source}·{places.weight(first)}"
        on = Message("{target} lacks its term {term} in the forward pass.", target=target, term=term)
        yield Edit("connection forgotten", where, said(on), forward=forward)
        both = Message(
            "{target} lacks its term {term} in the forward pass, and nothing goes back over it: its weight has no "
            "gradient.",
            target=target, term=term,
        )  # fmt: skip
        yield Edit("connection forgotten", where, said(both), forward=forward, arcs=kept, gradients=kept)


def _one_sample(places: Places) -> Edits:
    n = places.sheet.n_samples
    if n < 2:
        return
    biases = places.from_bias & places.useful
    chosen = range(n) if n <= _MOST_SAMPLES else (0, n - 1)
    for where, group in ((ALL_BIASES, biases), (ALL_WEIGHTS, places.useful)):
        for sample in chosen if group.any() else ():
            for part in (1.0, 1.0 / n):
                text = sentences.of_one_sample(where is ALL_BIASES, sample, n, part < 1.0)
                factors = np.where(group, part, 1.0)
                yield Edit("one sample", where, said(text), only=sample + 1, alone=group, gradients=factors)


# ---- numbers under other names ---------------------------------------------------------------------------------


def _other_names(places: Places) -> Edits:
    """Yield right numbers that were handed over in another order than that of the names."""
    depths = places.schedule.depths[places.sheet.targets_of]
    blocks = [b for b in places.blocks if b.whole and len(set(depths[b.matrix.ravel()].tolist())) == 1]
    for block in blocks:
        yield from _named(places, block.layer, sentences.handed_over_by_target(block.layer), block.there)
        if not block.square:
            yield from _named(places, block.layer, sentences.handed_over_reshaped(block.layer), block.back)
        with_bias = _with_bias(places, block)
        if with_bias is not None:
            yield from _named(places, block.layer, sentences.handed_over_with_bias(block.layer), with_bias)
    if len(blocks) > 1:
        whole = places.together([block.there for block in blocks])
        yield from _named(places, None, sentences.handed_over_by_target(None), whole)


def _named(places: Places, layer: Layer | None, text: Words, named: Indices) -> Edits:
    where = ALL_WEIGHTS if layer is None else layer_title(layer)
    for names in (1, 0):
        yield Edit("other names", where, said(text), named=named, names=names)


def _with_bias(places: Places, block: Block) -> Indices | None:
    """Return whose gradient stands where, if someone goes from node to node and takes the bias of each last."""
    sheet = places.sheet
    rows = sheet.targets_of[block.matrix[0]]
    bias = [np.flatnonzero(places.from_bias & (sheet.targets_of == row)) for row in rows.tolist()]
    if any(len(each) != 1 for each in bias):
        return None
    matrix = np.vstack([block.matrix, np.concatenate(bias)])
    named = np.arange(len(sheet.weights))
    named[np.sort(matrix.ravel())] = matrix.T.ravel()
    return named

"""All mistakes that can be made on a network, one place after the other, in the order of preference."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nodesim._arrays import Indices, Mask
from nodesim.graph.elements import Layer
from nodesim.graph.layer_names import layer_title
from nodesim.mistakes import programs, sentences
from nodesim.mistakes.edits import (
    ALL_BIASES,
    ALL_NODES,
    ALL_OUTPUTS,
    ALL_WEIGHTS,
    AS_IT_GOES,
    NEW,
    NEW_KEPT,
    Edit,
    said,
)
from nodesim.mistakes.forward import AT_HA, LEFT_OUT
from nodesim.mistakes.places import Places
from nodesim.mistakes.sentences import ORDER, STEP, WRONG_SIGN, too_much
from nodesim.mistakes.variants import Choices, other_losses
from nodesim.notation.symbols import ERROR, MINUS, number
from nodesim.wording.message import Joined, Message, Numeral, Words

Edits = Iterator[Edit]
_SCALED = "factor"


def catalogue(places: Places, choices: Choices, *, closely: bool) -> list[Edit]:
    """Return the mistakes to be tried.

    Parameters
    ----------
    places : Places
    choices : Choices
        Is told which variants they need.
    closely : bool
        Whether they are looked for at every node and arc, not only at layers and the whole.
    """
    makers = (
        _signs, _factors, _sums, _biases, _paths, _output_slopes, _hidden_slopes, _slopes_at_ha, _orders, _transposed,
        _inputs, _other_deltas,
    )  # fmt: skip
    edits = [edit for make in makers for edit in make(places, choices, closely)]
    return edits + programs.mistakes(places, choices, closely=closely)


def factors_of(places: Places) -> list[tuple[float, str]]:
    """Return the factors that are commonly forgotten, or one too many, and how they are written; n counts outputs."""
    n = places.n_outputs
    named = {2.0: "2", 0.5: "1/2", float(n): f"n = {n}", 1.0 / n: f"1/n = 1/{n}"}
    # With two outputs n is 2; what is written there is the plain number.
    named.update({2.0: "2", 0.5: "1/2"})
    return [(value, text) for value, text in named.items() if value != 1.0]


def _signs(places: Places, choices: Choices, closely: bool) -> Edits:
    yield from _scaled(places, "sign", -1.0, WRONG_SIGN, closely)


def _factors(places: Places, choices: Choices, closely: bool) -> Edits:
    for value, text in factors_of(places):
        yield from _scaled(places, _SCALED, value, too_much(text), closely)


def _scaled(places: Places, name: str, value: float, how: Message, closely: bool) -> Edits:
    """Yield the same factor at e's derivative, in gradients, in the update, in e, and at single nodes."""
    row = places.schedule.output_rows[0]
    by_output, wanted, out = places.by(places.sent_by(row)), places.wanted(row), places.sent_by(row)
    rule: Words = Message(
        "The derivative of e with respect to every output, such as {derivative}, has {how}.",
        derivative=by_output, how=how,
    )  # fmt: skip
    if name == "sign":
        positive = Message(
            "It is positive where {output} is above {wanted}, as {difference} is.",
            output=out, wanted=wanted, difference=f"{out} {MINUS} {wanted}",
        )  # fmt: skip
        rule = Joined(" ", [rule, positive])
    meant = sentences.of_outputs(places, value)
    yield Edit(name, ALL_WEIGHTS, said(Joined(" ", [rule, *meant])), outputs=value)
    if name != "sign":
        e_too = Joined(" ", [Message("e and its derivatives have {how}.", how=how), *meant])
        yield Edit(name, ALL_WEIGHTS, said(e_too), outputs=value, error=value)
    step = Message("The update has {how}: the new weight is {step}.", how=how, step=STEP)
    yield Edit(name, ALL_WEIGHTS, said(step), steps=value)
    every = Message("Every gradient ∂e/∂W has {how}, though the deltas are right.", how=how)
    yield Edit(name, ALL_WEIGHTS, said(every), gradients=value)
    of_e = Joined(" ", [Message("The error e has {how}.", how=how), *meant])
    yield Edit(name, ERROR, said(of_e), error=value)
    if closely and places.n_outputs > 1:
        yield from _at_outputs(places, name, value, how)
    for where, group in (*places.hidden_groups, *(places.each(places.hidden) if closely else ())):
        yield Edit(name, where, sentences.at_node(places, group, how), nodes=np.where(group, value, 1.0))


def _at_outputs(places: Places, name: str, value: float, how: Message) -> Edits:
    for place, row in enumerate(places.schedule.output_rows.tolist()):
        where, group = places.nodes[row].name, places.rows == row
        by_output = places.by(places.sent_by(row))
        factors = np.where(np.arange(places.n_outputs) == place, value, 1.0)
        text = Message(
            "{derivative}, as it enters from e, has {how}, and with it all that is calculated from it.",
            derivative=by_output, how=how,
        )  # fmt: skip
        yield Edit(name, where, said(text), outputs=factors)
        if (places.useful & (places.sheet.sources == row)).any():
            yield Edit(name, where, sentences.at_node(places, group, how), nodes=np.where(group, value, 1.0))


def _sums(places: Places, choices: Choices, closely: bool) -> Edits:
    n = float(places.sheet.n_samples)
    if n == 1.0:
        return
    name, count = "sum for mean", Numeral(f"{n:g}")
    yield Edit(name, ALL_WEIGHTS, said(Message(
        "The gradients ∂e/∂W are the sum of the {count} samples, where e and its gradients are the mean over them.",
        count=count,
    )), gradients=n)  # fmt: skip
    yield Edit(name, ALL_WEIGHTS, said(Message(
        "e and the gradients ∂e/∂W are the sum of the {count} samples, where e and its gradients are the mean over "
        "them.",
        count=count,
    )), gradients=n, error=n)  # fmt: skip
    yield Edit(name, ALL_WEIGHTS, said(Message(
        "The weights were updated by the sum of the {count} samples, where e and its gradients are the mean over them.",
        count=count,
    )), steps=n)  # fmt: skip
    yield Edit(name, ERROR, said(Message(
        "The error e is the sum of the {count} samples, where e and its gradients are the mean over them.",
        count=count,
    )), error=n)  # fmt: skip


def _biases(places: Places, choices: Choices, closely: bool) -> Edits:
    name = "bias forgotten"
    for where, group in _bias_groups(places, closely):
        kept = np.where(group, 0.0, 1.0)
        forward = choices.forward(np.where(group, -1, np.arange(len(group))))
        left_out, none = (sentences.of_bias(places, where, group, gradients=gradients) for gradients in (True, False))
        yield Edit(name, where, said(left_out), forward=forward)
        yield Edit(name, where, said(none), forward=forward, gradients=kept)
        yield Edit(name, where, said(sentences.not_updated(where)), steps=kept)
        yield Edit(name, where, said(sentences.no_gradient(where)), gradients=kept)


def _bias_groups(places: Places, closely: bool) -> Iterator[tuple[Words, Mask]]:
    own = places.from_bias & places.useful
    biases = [
        bias for bias in places.schedule.biases if own[places.sheet.sources == places.schedule.row_of[bias]].any()
    ]
    if len(biases) > 1:
        yield ALL_BIASES, own
    for bias in biases:
        yield bias.name, own & (places.sheet.sources == places.schedule.row_of[bias])
    if closely:
        for arc in np.flatnonzero(own).tolist():
            yield places.arc(arc), np.arange(len(own)) == arc


def _paths(places: Places, choices: Choices, closely: bool) -> Edits:
    if not closely:
        return
    name, sheet = "path forgotten", places.sheet
    for arc in np.flatnonzero(places.arcs).tolist():
        factors = np.ones(len(sheet.weights))
        factors[arc] = 0.0
        yield Edit(name, places.arc(arc), sentences.forgotten(places, arc), arcs=factors)
    for where, group in places.each(places.alive):
        into = places.arcs & (sheet.targets_of == places.first(group))
        if into.sum() > 1:
            text = Message(
                "On the way back nothing was taken along from {node}: each node that feeds it lacks a term.", node=where
            )
            yield Edit(name, where, said(text), arcs=np.where(into, 0.0, 1.0))
    for place, row in enumerate(places.schedule.output_rows.tolist()):
        if places.n_outputs > 1 or (places.useful & (sheet.sources == row)).any():
            factors = np.ones(places.n_outputs)
            factors[place] = 0.0
            sent = places.sent_by(row)
            text = Message(
                "What comes straight from e to {output} was left out: {derivative}.",
                output=sent, derivative=places.by(sent),
            )  # fmt: skip
            yield Edit(name, f"e -> {places.nodes[row].name}", said(text), outputs=factors)


def _output_slopes(places: Places, choices: Choices, closely: bool) -> Edits:
    name = "output slope left out"
    groups: list[tuple[Words, Mask]] = [(ALL_OUTPUTS, places.is_output)]
    groups += [*(places.each(places.is_output) if places.n_outputs > 1 else ())]
    if places.sheet.loss.sum_derivative is not None:
        # The slope is within ∂e/∂O: left out, what is there is ∂e/∂OA.
        place = choices.entering(places.sheet.loss, as_sums=True, by_activated=True)
        yield Edit(name, ALL_OUTPUTS, sentences.slope_left_out(places, places.is_output), entering=place)
        groups = groups[:0]
    for where, group in groups if closely else groups[:1]:
        text = sentences.slope_left_out(places, group)
        yield Edit(name, where, text, slopes=np.where(group, LEFT_OUT, 0))


def _hidden_slopes(places: Places, choices: Choices, closely: bool) -> Edits:
    for where, group in (*places.hidden_groups, *(places.each(places.hidden) if closely else ())):
        text = sentences.slope_left_out(places, group)
        yield Edit("hidden slope left out", where, text, slopes=np.where(group, LEFT_OUT, 0))


def _slopes_at_ha(places: Places, choices: Choices, closely: bool) -> Edits:
    groups = [*places.hidden_groups[:1], (ALL_NODES, places.alive), (ALL_OUTPUTS, places.is_output)]
    groups += places.hidden_groups[1:]
    if closely:
        groups += [*places.each(places.hidden), *places.each(places.is_output)]
    for where, group in groups:
        yield Edit("slope at HA", where, sentences.slope_taken_at(places, group), slopes=np.where(group, AT_HA, 0))


def _orders(places: Places, choices: Choices, closely: bool) -> Edits:
    if not places.arcs.any():
        return
    new = Message("The hidden deltas were calculated through weights that were updated already; {rule}", rule=ORDER)
    yield Edit("updated before", ALL_WEIGHTS, said(new), walk=NEW)
    yield Edit("updated before", ALL_WEIGHTS, said(new), walk=NEW_KEPT)
    goes = Message(
        "Each node's weights were updated on the way back, and the new ones used at once; {rule}", rule=ORDER
    )
    yield Edit("sequential update", ALL_WEIGHTS, said(goes), walk=AS_IT_GOES)


def of_each_weight(places: Places) -> Edits:
    """Yield mistakes at the gradients of single weights: slips, where no other mistake builds on them."""
    for connection in np.flatnonzero(places.useful).tolist():
        name, gradient = places.connection(connection).name, places.by(places.weight(connection))
        alone = np.arange(len(places.useful)) == connection
        for how, value, written in (("sign", -1.0, WRONG_SIGN), *written_factors(places)):
            text = sentences.alone(gradient, places.product(connection), written)
            yield Edit(how, name, said(text), gradients=np.where(alone, value, 1.0))
        if not places.from_bias[connection]:
            yield Edit("input left out", name, sentences.bare(places, alone), bare=alone)


def written_factors(places: Places) -> Iterator[tuple[str, float, Message]]:
    """Yield factors that are one too many: the mistake's name, the factor, and how it is said."""
    for value, written in factors_of(places):
        yield _SCALED, value, too_much(written)


def _transposed(places: Places, choices: Choices, closely: bool) -> Edits:
    name = "transposed weights"
    blocks: list[tuple[Layer | None, Indices]] = [(block.layer, block.there) for block in places.blocks if block.square]
    if len(blocks) > 1:
        # Last: what one of them explains is not said of all.
        blocks.append((None, places.together([swapped for _, swapped in blocks])))
    for layer, swapped in blocks:
        back, on = choices.turned(swapped), choices.forward(swapped)
        where = ALL_WEIGHTS if layer is None else layer_title(layer)
        for text, turned, forward in zip(sentences.transposed(layer), (back, 0, back), (0, on, on)):
            yield Edit(name, where, said(text), turned=turned, forward=forward)


def _inputs(places: Places, choices: Choices, closely: bool) -> Edits:
    groups = list(places.layer_weights())
    whole = places.useful
    for where, group in [(ALL_WEIGHTS, whole), *(groups if len(groups) > 1 else ())]:
        yield Edit("input left out", where, sentences.bare(places, group), bare=group)


def _other_deltas(places: Places, choices: Choices, closely: bool) -> Edits:
    name, own = "delta of another loss", places.sheet.loss.name
    half = next(
        (loss for loss in (places.sheet.loss, *other_losses(places.sheet)) if loss.name == "half_squared_error"), None
    )
    for loss in other_losses(places.sheet):
        entering, judged = choices.entering(loss), choices.judged(loss)
        deltas = Message("The outputs' deltas are those of {other}; the loss is {loss}.", other=loss.name, loss=own)
        yield Edit(name, ALL_OUTPUTS, said(deltas), entering=entering)
        both = Message("e and the outputs' deltas are those of {other}; the loss is {loss}.", other=loss.name, loss=own)
        yield Edit(name, ALL_OUTPUTS, said(both), entering=entering, judged=judged)
        alone = Message("The error e is that of {other}; the loss is {loss}.", other=loss.name, loss=own)
        yield Edit(name, ERROR, said(alone), judged=judged)
    if half is None:
        return
    n, row = places.n_outputs, places.schedule.output_rows[0]
    difference = f"{places.sent_by(row)} {MINUS} {places.wanted(row)}"
    for factor, as_sums, what in _differences(n):
        text = Message(
            "The outputs' deltas were taken to be those of {what}, as {formula}; the loss is {loss}.",
            what=what, formula=Joined("·", [Numeral(number(factor, 4)), f"({difference})"]), loss=own,
        )  # fmt: skip
        entering = choices.entering(half, factor, as_sums=as_sums)
        yield Edit(name, ALL_OUTPUTS, said(text), entering=entering)


def _differences(n: int) -> Iterator[tuple[float, bool, Message]]:
    """Yield multiples of OA − y: the factor, whether that is ∂e/∂O without a slope, and whose delta it is."""
    yield 1.0, True, Message("cross entropy, which has no slope")
    if n > 1:
        yield 1.0 / n, True, Message("the mean cross entropy, which has no slope")
    yield 2.0, False, Message("the sum of squared errors")
    if n > 1:
        yield 1.0 / n, False, Message("half the mean squared error")

"""All mistakes that can be made on a network, one place after the other, in the order of preference."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nodesim._arrays import Mask
from nodesim.mistakes.edits import ALL_OUTPUTS, ALL_WEIGHTS, AS_IT_GOES, NEW, NEW_KEPT, Edit, said
from nodesim.mistakes.forward import AT_HA, LEFT_OUT
from nodesim.mistakes.places import Places
from nodesim.mistakes.variants import Choices, other_losses
from nodesim.notation.symbols import ERROR, MINUS, RATE, number

Edits = Iterator[Edit]
_SCALED = "factor"
_STEP = f"W {MINUS} {RATE}·∂e/∂W"


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
    return [edit for make in makers for edit in make(places, choices, closely)]


def too_much(written: str) -> str:
    """Say of what there is a factor that nobody asked for."""
    return f"a factor {written} that does not belong there"


def factors_of(places: Places) -> list[tuple[float, str]]:
    """Return the factors that are commonly forgotten, or one too many, and how they are written; n counts outputs."""
    n = places.n_outputs
    named = {2.0: "2", 0.5: "1/2", float(n): f"n = {n}", 1.0 / n: f"1/n = 1/{n}"}
    # With two outputs n is 2; what is written there is the plain number.
    named.update({2.0: "2", 0.5: "1/2"})
    return [(value, text) for value, text in named.items() if value != 1.0]


def _signs(places: Places, choices: Choices, closely: bool) -> Edits:
    yield from _scaled(places, "sign", -1.0, "the wrong sign", closely)


def _factors(places: Places, choices: Choices, closely: bool) -> Edits:
    for value, text in factors_of(places):
        yield from _scaled(places, _SCALED, value, too_much(text), closely)


def _scaled(places: Places, name: str, value: float, how: str, closely: bool) -> Edits:
    """Yield the same factor at e's derivative, in gradients, in the update, in e, and at single nodes."""
    row = places.schedule.output_rows[0]
    by_output, wanted, out = places.by(places.sent_by(row)), places.wanted(row), places.sent_by(row)
    rule = f"The derivative of e by every output, such as {by_output}, has {how}."
    if name == "sign":
        rule = f"{rule} It is positive where {out} is above {wanted}, as {out} {MINUS} {wanted} is."
    yield Edit(name, ALL_WEIGHTS, said(rule), outputs=value)
    if name != "sign":
        both = f"e and its derivatives have {how}."
        yield Edit(name, ALL_WEIGHTS, said(both), outputs=value, error=value)
    step = f"The update has {how}: the new weight is {_STEP}."
    yield Edit(name, ALL_WEIGHTS, said(step), steps=value)
    yield Edit(
        name, ALL_WEIGHTS, said(f"Every gradient ∂e/∂W has {how}, though the deltas are right."), gradients=value
    )
    yield Edit(name, ERROR, said(f"The error e has {how}."), error=value)
    if closely and places.n_outputs > 1:
        yield from _at_outputs(places, name, value, how)
    for where, group in (*places.hidden_groups, *(places.each(places.hidden) if closely else ())):
        yield Edit(name, where, _at_node(places, group, how), nodes=np.where(group, value, 1.0))


def _at_outputs(places: Places, name: str, value: float, how: str) -> Edits:
    for place, row in enumerate(places.schedule.output_rows.tolist()):
        where, group = places.nodes[row].name, places.rows == row
        by_output = places.by(places.sent_by(row))
        factors = np.where(np.arange(places.n_outputs) == place, value, 1.0)
        text = f"{by_output}, as it enters from e, has {how}, and with it all that is calculated from it."
        yield Edit(name, where, said(text), outputs=factors)
        if (places.useful & (places.sheet.sources == row)).any():
            yield Edit(name, where, _at_node(places, group, how), nodes=np.where(group, value, 1.0))


def _at_node(places: Places, group: Mask, how: str) -> Any:
    def text() -> str:
        row = places.first(group)
        each = " and so on" if group.sum() > 1 else ""
        return f"{places.by(places.sum_of(row))}{each} has {how}, and with it all that is calculated from it."

    return text


def _sums(places: Places, choices: Choices, closely: bool) -> Edits:
    n = float(places.sheet.n_samples)
    if n == 1.0:
        return
    name, rule = "sum for mean", f"of the {n:g} samples, where e and its gradients are the mean over them."
    yield Edit(name, ALL_WEIGHTS, said(f"The gradients ∂e/∂W are the sum {rule}"), gradients=n)
    yield Edit(name, ALL_WEIGHTS, said(f"e and the gradients ∂e/∂W are the sum {rule}"), gradients=n, error=n)
    yield Edit(name, ALL_WEIGHTS, said(f"The weights were updated by the sum {rule}"), steps=n)
    yield Edit(name, ERROR, said(f"The error e is the sum {rule}"), error=n)


def _biases(places: Places, choices: Choices, closely: bool) -> Edits:
    name = "bias forgotten"
    for where, group in _bias_groups(places, closely):
        kept = np.where(group, 0.0, 1.0)
        forward = choices.forward(np.where(group, -1, np.arange(len(group))))
        what = f"What comes from {where} was left out of the weighted sums, so that {_sum(places, group)}."
        yield Edit(name, where, said(what), forward=forward)
        none = f"{what[:-1]}, and its weights have no gradient."
        yield Edit(name, where, said(none), forward=forward, gradients=kept)
        still = f"The weights of {where} were not updated; they learn as all others do, by {_STEP}."
        yield Edit(name, where, said(still), steps=kept)
        zero = f"The weights of {where} were given no gradient; it is the target's ∂e/∂H times what the bias sends."
        yield Edit(name, where, said(zero), gradients=kept)


def _sum(places: Places, group: Mask) -> str:
    number_of = places.first(group)
    connection = places.connection(number_of)
    target = places.sum_of(int(places.sheet.targets_of[number_of]))
    return f"{target} lacks its term {places.sent_by(int(places.sheet.sources[number_of]))}·{connection.name}"


def _bias_groups(places: Places, closely: bool) -> Iterator[tuple[str, Mask]]:
    own = places.from_bias & places.useful
    biases = [
        bias for bias in places.schedule.biases if own[places.sheet.sources == places.schedule.row_of[bias]].any()
    ]
    if len(biases) > 1:
        yield "all biases", own
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
        yield Edit(name, places.arc(arc), _forgotten(places, arc), arcs=factors)
    for where, group in places.each(places.alive):
        into = places.arcs & (sheet.targets_of == places.first(group))
        if into.sum() > 1:
            text = f"On the way back nothing was taken along from {where}: each node that feeds it lacks a term."
            yield Edit(name, where, said(text), arcs=np.where(into, 0.0, 1.0))
    for place, row in enumerate(places.schedule.output_rows.tolist()):
        if places.n_outputs > 1 or (places.useful & (sheet.sources == row)).any():
            factors = np.ones(places.n_outputs)
            factors[place] = 0.0
            text = (
                f"What comes straight from e to {places.sent_by(row)} was left out: {places.by(places.sent_by(row))}."
            )
            yield Edit(name, f"e -> {places.nodes[row].name}", said(text), outputs=factors)


def _forgotten(places: Places, arc: int) -> Any:
    def text() -> str:
        source, target = int(places.sheet.sources[arc]), int(places.sheet.targets_of[arc])
        term = f"{places.by(places.sum_of(target))}·{places.weight(arc)}"
        what = f"{places.by(places.sent_by(source))} = {places.delta_sum(source)}"
        return f"In {what} the term {term} was left out: the paths over {places.arc(arc)} are missing."

    return text


def _output_slopes(places: Places, choices: Choices, closely: bool) -> Edits:
    name = "output slope left out"
    groups = [(ALL_OUTPUTS, places.is_output), *(places.each(places.is_output) if places.n_outputs > 1 else ())]
    if places.sheet.loss.sum_derivative is not None:
        # The slope is within ∂e/∂O: left out, what is there is ∂e/∂OA.
        place = choices.entering(places.sheet.loss, as_sums=True, by_activated=True)
        yield Edit(name, ALL_OUTPUTS, _slope_text(places, places.is_output, "left out"), entering=place)
        groups = groups[:0]
    for where, group in groups if closely else groups[:1]:
        text = _slope_text(places, group, "left out")
        yield Edit(name, where, text, slopes=np.where(group, LEFT_OUT, 0))


def _slope_text(places: Places, group: Mask, how: str) -> Any:
    def text() -> str:
        row = places.first(group)
        delta, arriving = places.by(places.sum_of(row)), places.by(places.sent_by(row))
        each = ", and so on" if group.sum() > 1 else ""
        return f"{delta} = {arriving}·{places.slope(row)}: the slope {places.slope(row)} was {how}{each}."

    return text


def _hidden_slopes(places: Places, choices: Choices, closely: bool) -> Edits:
    for where, group in (*places.hidden_groups, *(places.each(places.hidden) if closely else ())):
        text = _slope_text(places, group, "left out")
        yield Edit("hidden slope left out", where, text, slopes=np.where(group, LEFT_OUT, 0))


def _slopes_at_ha(places: Places, choices: Choices, closely: bool) -> Edits:
    groups = [*places.hidden_groups[:1], ("all nodes", places.alive), (ALL_OUTPUTS, places.is_output)]
    groups += places.hidden_groups[1:]
    if closely:
        groups += [*places.each(places.hidden), *places.each(places.is_output)]
    for where, group in groups:
        row = places.first(group)
        how = f"taken at {places.sent_by(row)} instead of {places.sum_of(row)}"
        yield Edit("slope at HA", where, _slope_text(places, group, how), slopes=np.where(group, AT_HA, 0))


def _orders(places: Places, choices: Choices, closely: bool) -> Edits:
    if not places.arcs.any():
        return
    rule = "e is derived of the weights that it was calculated with: first all gradients, then all updates."
    new = f"The hidden deltas were calculated through weights that were updated already; {rule}"
    yield Edit("updated before", ALL_WEIGHTS, said(new), walk=NEW)
    yield Edit("updated before", ALL_WEIGHTS, said(new), walk=NEW_KEPT)
    goes = f"Each node's weights were updated on the way back, and the new ones used at once; {rule}"
    yield Edit("sequential update", ALL_WEIGHTS, said(goes), walk=AS_IT_GOES)


def of_each_weight(places: Places) -> Edits:
    """Yield mistakes at the gradients of single weights: slips, where no other mistake builds on them."""
    for connection in np.flatnonzero(places.useful).tolist():
        name, gradient = places.connection(connection).name, places.by(places.weight(connection))
        alone = np.arange(len(places.useful)) == connection
        for how, value, written in (("sign", -1.0, "the wrong sign"), *_written_factors(places)):
            text = said(f"{gradient} = {places.product(connection)} alone has {written}.")
            yield Edit(how, name, text, gradients=np.where(alone, value, 1.0))
        if not places.from_bias[connection]:
            yield Edit("input left out", name, bare_text(places, alone), bare=alone)


def _written_factors(places: Places) -> Iterator[tuple[str, float, str]]:
    for value, written in factors_of(places):
        yield _SCALED, value, too_much(written)


def _transposed(places: Places, choices: Choices, closely: bool) -> Edits:
    name, blocks = "transposed weights", list(places.blocks)
    if len(blocks) > 1:
        whole = np.arange(len(places.sheet.weights))
        for _, swapped in blocks:
            whole = np.where(swapped != np.arange(len(whole)), swapped, whole)
        # Last: what one of them explains is not said of all.
        blocks.append((ALL_WEIGHTS, whole))
    for where, swapped in blocks:
        back, on = choices.turned(swapped), choices.forward(swapped)
        which = "of each layer" if where == ALL_WEIGHTS else f"into the {where[0].lower()}{where[1:]}"
        for text, turned, forward in (
            ("on the way back", back, 0), ("in the weighted sums", 0, on), ("in both directions", back, on),
        ):  # fmt: skip
            told = f"The weights {which} were used transposed {text}: rows for columns, source for target."
            yield Edit(name, where, said(told), turned=turned, forward=forward)


def _inputs(places: Places, choices: Choices, closely: bool) -> Edits:
    groups = list(places.layer_weights())
    whole = places.useful
    for where, group in [(ALL_WEIGHTS, whole), *(groups if len(groups) > 1 else ())]:
        yield Edit("input left out", where, bare_text(places, group), bare=group)


def bare_text(places: Places, group: Mask) -> Any:
    """Say what a gradient is without what its source sends."""

    def text() -> str:
        arc = places.first(group & ~places.from_bias if (group & ~places.from_bias).any() else group)
        source, target = int(places.sheet.sources[arc]), int(places.sheet.targets_of[arc])
        gradient, delta = places.by(places.weight(arc)), places.by(places.sum_of(target))
        each = ", and so on" if group.sum() > 1 else ""
        return f"{gradient} = {delta}·{places.sent_by(source)}: the factor {places.sent_by(source)} was left out{each}."

    return text


def _other_deltas(places: Places, choices: Choices, closely: bool) -> Edits:
    name, own = "delta of another loss", places.sheet.loss.name
    half = next(
        (loss for loss in (places.sheet.loss, *other_losses(places.sheet)) if loss.name == "half_squared_error"), None
    )
    for loss in other_losses(places.sheet):
        told = f"The outputs' deltas are those of {loss.name}; the loss is {own}."
        entering = choices.entering(loss)
        yield Edit(name, ALL_OUTPUTS, said(told), entering=entering)
        both = f"e and the outputs' deltas are those of {loss.name}; the loss is {own}."
        judged = choices.judged(loss)
        yield Edit(name, ALL_OUTPUTS, said(both), entering=entering, judged=judged)
        alone = f"The error e is that of {loss.name}; the loss is {own}."
        yield Edit(name, ERROR, said(alone), judged=judged)
    if half is None:
        return
    n, row = places.n_outputs, places.schedule.output_rows[0]
    difference = f"{places.sent_by(row)} {MINUS} {places.wanted(row)}"
    for factor, as_sums, what in _differences(n):
        deltas = f"{what}, as {number(factor, 4)}·({difference})"
        text = f"The outputs' deltas were taken to be those of {deltas}; the loss is {own}."
        entering = choices.entering(half, factor, as_sums=as_sums)
        yield Edit(name, ALL_OUTPUTS, said(text), entering=entering)


def _differences(n: int) -> Iterator[tuple[float, bool, str]]:
    """Yield multiples of OA − y: the factor, whether that is ∂e/∂O without a slope, and whose delta it is."""
    yield 1.0, True, "cross entropy, which has no slope"
    if n > 1:
        yield 1.0 / n, True, "the mean cross entropy, which has no slope"
    yield 2.0, False, "the sum of squared errors"
    if n > 1:
        yield 1.0 / n, False, "half the mean squared error"

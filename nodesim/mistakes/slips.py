"""What can have happened at one number alone: a gradient, its weight, a delta, or e."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np

from nodesim._arrays import Array, Mask
from nodesim.mistakes import answers as kinds
from nodesim.mistakes import sentences
from nodesim.mistakes.answers import Answers
from nodesim.mistakes.backward import Outcome, Variants
from nodesim.mistakes.catalogue import written_factors
from nodesim.mistakes.edits import NOTHING, SLIP, Edit, Table, said
from nodesim.mistakes.forward import AT_HA, RIGHT, updated
from nodesim.mistakes.places import Places
from nodesim.mistakes.sentences import WRONG_SIGN, Text
from nodesim.mistakes.sums_of_paths import Path, sums
from nodesim.notation.symbols import ERROR, MINUS, RATE
from nodesim.wording.message import Joined, Message, Words

_OF_E, _AFTER = ("e", 0), ("after", 0)
_FEW = 30


@dataclass(frozen=True)
class Slip:
    """A mistake at one number.

    Attributes
    ----------
    edit : Edit
    numbers : dict of int to float
        What it gives for some of the numbers that were given.
    weight : tuple of int and float, or None
        Which connection's new weight is another one, and what it is.
    """

    edit: Edit
    numbers: dict[int, float]
    weight: tuple[int, float] | None = None


@dataclass(frozen=True)
class _State:
    """One row of the single mistakes, 0 for none: what is looked at for slips besides."""

    outcome: Outcome
    row: int
    table: Table
    after: Array = field(repr=False)

    def gradient(self, connection: int) -> float:
        return float(self.outcome.gradients[self.row, connection])

    def step(self, connection: int) -> float:
        return float(self.table.steps[self.row, connection])


class Slips:
    """Looks for slips.

    Parameters
    ----------
    places : Places
    variants : Variants
    given : Answers
    paths : callable
        Returns the paths that feed the gradient of a connection, by its number, with names and products; none of
        too many.

    Attributes
    ----------
    places : Places
    """

    def __init__(
        self, places: Places, variants: Variants, given: Answers, paths: Callable[[int], Sequence[Path]]
    ) -> None:
        self.places, self._sheet, self._variants, self._given = places, places.sheet, variants, given
        self._paths = paths
        self._keys = [self._key(number) for number in range(len(given))]

    def _key(self, number: int) -> tuple[str, int]:
        kind, place = int(self._given.kinds[number]), int(self._given.places[number])
        if kind in (kinds.GRADIENT, kinds.WEIGHT):
            return "connection", place
        if kind == kinds.DELTA:
            return "node", place
        return _OF_E if kind == kinds.ERROR_BEFORE else _AFTER

    def one(self, outcome: Outcome, row: int, table: Table, allowed: Array) -> Iterator[tuple[Edit, Array]]:
        """Yield what explains all that a row of single mistakes leaves wrong, if that is at one place."""
        wrong = np.abs(outcome.numbers[row] - self._given.values) > allowed
        keys = self._wrong(wrong)
        if len(keys) == 1:
            state = self._state(outcome, row, table)
            for slip in self._at(keys[0], state, wrong, allowed):
                numbers = self._numbers(state, [slip])
                if (np.abs(numbers - self._given.values) <= allowed).all():
                    yield slip.edit, numbers

    def two(self, outcome: Outcome, row: int, table: Table, allowed: Array) -> Iterator[tuple[Edit, Edit, Array]]:
        """Yield the same where it is at two places."""
        wrong = np.abs(outcome.numbers[row] - self._given.values) > allowed
        keys = self._wrong(wrong)
        if len(keys) == 2:
            state = self._state(outcome, row, table)
            first, second = (list(self._at(key, state, wrong, allowed))[:_FEW] for key in keys)
            for pair in product(first, second):
                numbers = self._numbers(state, list(pair))
                if (np.abs(numbers - self._given.values) <= allowed).all():
                    yield pair[0].edit, pair[1].edit, numbers

    def exchanged(self, outcome: Outcome, row: int, allowed: Array) -> Iterator[tuple[Edit, Array]]:
        """Yield what explains all that is wrong, if it is two numbers under each other's names, or two weights'."""
        known, given = outcome.numbers[row], self._given
        wrong = np.abs(known - given.values) > allowed
        keys = self._wrong(wrong)
        if len(keys) != 2 or keys[0][0] != keys[1][0] or keys[0][0] not in ("connection", "node"):
            return
        numbers: Array = known.copy()
        first, second = ([n for n, key in enumerate(self._keys) if key == own and wrong[n]] for own in keys)
        for one in first:
            for other in second:
                if (given.kinds[one], given.samples[one]) == (given.kinds[other], given.samples[other]):
                    numbers[[one, other]] = known[[other, one]]
        if (np.abs(numbers - given.values) <= allowed).all():
            labels = given.labels[first[0]], given.labels[second[0]]
            text = Message(
                "{one} and {other} are right, and were handed over under each other's names.",
                one=labels[0], other=labels[1],
            )  # fmt: skip
            where = ", ".join(str(self._name(key)) for key in keys)
            yield Edit("other names", where, said(text)), numbers

    def of_sums(self, outcome: Outcome, table: Table, allowed: Array) -> Iterator[tuple[tuple[Edit, ...], Array]]:
        """Yield what made the gradient of the one weight that is wrong: some of its paths, or two factors."""
        known, given = outcome.numbers[0], self._given
        keys = self._wrong(np.abs(known - given.values) > allowed)
        if len(keys) != 1 or keys[0][0] != "connection":
            return
        connection, state = keys[0][1], self._state(outcome, 0, table)
        mine = [number for number, other in enumerate(self._keys) if other == keys[0]]
        gradients = [n for n in mine if given.kinds[n] == kinds.GRADIENT]
        if not gradients:
            return
        value, off = float(given.values[gradients[0]]), float(allowed[gradients[0]])
        gradient, own = self.places.by(self.places.weight(connection)), state.gradient(connection)
        name = self.places.connection(connection).name
        product, step = self.places.product(connection), state.step(connection)
        for how, factor, written in written_factors(self.places):
            slip = self._slip(NOTHING, connection, mine, -factor * own, step)
            texts = [said(sentences.alone(gradient, product, each)) for each in (WRONG_SIGN, written)]
            yield (Edit("sign", name, texts[0]), Edit(how, name, texts[1])), self._numbers(state, [slip])
        for edit, number in sums(gradient, own, self._paths(connection), value, off):
            yield (edit,), self._numbers(state, [self._slip(edit, connection, mine, number, step)])

    def _wrong(self, wrong: Mask) -> list[tuple[str, int]]:
        keys = list(dict.fromkeys(self._keys[number] for number in np.flatnonzero(wrong).tolist()))
        # What e is after an update follows from all others.
        return [key for key in keys if key != _AFTER] or keys

    def _state(self, outcome: Outcome, row: int, table: Table) -> _State:
        after = updated(self._sheet, outcome.gradients[row], table.steps[row])
        return _State(outcome, row, table, after)

    def _numbers(self, state: _State, slips: list[Slip]) -> Array:
        numbers: Array = state.outcome.numbers[state.row].copy()
        for slip in slips:
            for number, value in slip.numbers.items():
                numbers[number] = value
        which = self._given.of(kinds.ERROR_AFTER)
        moved = [slip.weight for slip in slips if slip.weight is not None]
        if len(which) and moved:
            numbers[which] = self._error_after(state, moved)
        return numbers

    def _error_after(self, state: _State, moved: list[tuple[int, float]]) -> float:
        after = np.append(state.after, 0.0)
        for connection, weight in moved:
            after[connection] = weight
        table, row, variants = state.table, state.row, self._variants
        passes = self._sheet.forward(after[variants.swapped[table.forward[row]]][None], slopes=False)
        return float(self._sheet.errors(variants.losses[table.judged[row]], passes)[0] * table.error[row])

    def _at(self, key: tuple[str, int], state: _State, wrong: Mask, allowed: Array) -> Iterator[Slip]:
        what, place = key
        mine = [number for number, other in enumerate(self._keys) if other == key]
        if key == _AFTER and state.row == 0:
            yield from self._of_another_round(mine[0], state.outcome, state.table)
        if what == "connection":
            yield from self._of_connection(place, mine, state, allowed)
        elif what == "node":
            yield from self._of_delta(place, mine, state)
        slipped = [number for number in mine if wrong[number]]
        if what != "connection" and len(slipped) == 1:
            yield Slip(Edit(SLIP, self._name(key), said("")), {slipped[0]: float(self._given.values[slipped[0]])})

    def _name(self, key: tuple[str, int]) -> Words:
        if key in (_OF_E, _AFTER):
            return ERROR if key == _OF_E else kinds.AFTER
        places = self.places
        return places.nodes[key[1]].name if key[0] == "node" else places.connection(key[1]).name

    def _of_another_round(self, number: int, outcome: Outcome, table: Table) -> Iterator[Slip]:
        """Yield what e after the update is by a mistake of which no other number knows: two rounds are mixed."""
        after = outcome.numbers[:, number]
        for row, edit in enumerate(table.edits[1:], 1):
            if abs(after[row] - self._given.values[number]) <= self._given.units[number]:
                text = Message(
                    "{error} after the update is that of another calculation than the other numbers, which are right.",
                    error=ERROR,
                )
                told = Joined(" ", [text, edit.text()])
                yield Slip(Edit(edit.name, edit.where, said(told)), {number: float(after[row])})

    # ---- deltas ------------------------------------------------------------------------------------------

    def _of_delta(self, row: int, mine: list[int], state: _State) -> Iterator[Slip]:
        name, delta = self.places.nodes[row].name, self.places.by(self.places.sum_of(row))
        known = state.outcome.numbers[state.row]
        for how, value, written in (("sign", -1.0, WRONG_SIGN), *written_factors(self.places)):
            text = said(
                Message("{delta} alone has {how}; what is calculated from it is right.", delta=delta, how=written)
            )
            yield Slip(Edit(how, name, text), {number: value * float(known[number]) for number in mine})

    # ---- weights -----------------------------------------------------------------------------------------

    def _of_connection(self, connection: int, mine: list[int], state: _State, allowed: Array) -> Iterator[Slip]:
        name, gradient = self.places.connection(connection).name, self.places.by(self.places.weight(connection))
        for how, where, text, value in self._gradients(connection, state):
            yield self._slip(Edit(how, where or name, text), connection, mine, value, state.step(connection))
        own = state.gradient(connection)
        for how, value, written in (("sign", -1.0, WRONG_SIGN), *written_factors(self.places)):
            step = f"W {MINUS} {RATE}·{gradient}"
            text = said(Message("The update of {weight} has {how}: it is {step}.", weight=name, how=written, step=step))
            yield self._slip(Edit(how, name, text), connection, mine, own, value * state.step(connection))
        if self.places.from_bias[connection]:
            text = said(Message("{weight}, the weight of a bias, was not updated.", weight=name))
            yield self._slip(Edit("bias forgotten", name, text), connection, mine, own, 0.0)
        yield from self._any(connection, mine, state, allowed)

    def _gradients(self, connection: int, state: _State) -> Iterator[tuple[str, str, Text, float]]:
        """Yield what the gradient of one weight becomes by a mistake there: name, place, text, number."""
        places, sheet, own = self.places, self._sheet, state.gradient(connection)
        gradient = places.by(places.weight(connection))
        for how, value, written in (("sign", -1.0, WRONG_SIGN), *written_factors(self.places)):
            yield how, "", said(sentences.alone(gradient, places.product(connection), written)), value * own
        if sheet.n_samples > 1:
            text = said(
                Message("{gradient} is the sum over the samples, where e is the mean over them.", gradient=gradient)
            )
            yield "sum for mean", "", text, sheet.n_samples * own
        if places.from_bias[connection]:
            taken = Message("{gradient}, of a bias, was taken to be 0.", gradient=gradient)
            yield "bias forgotten", "", said(taken), 0.0
        if state.row == 0:
            for path, value, _ in self._paths(connection):
                text = said(
                    Message(
                        "{gradient} is the sum over all paths from e; the path {path} was left out.",
                        gradient=gradient, path=path,
                    )
                )  # fmt: skip
                yield "path forgotten", path, text, own - value
        yield from self._slopes(connection, state)
        alone = np.arange(len(sheet.weights)) == connection
        delta = state.outcome.deltas[state.row, sheet.targets_of[connection]]
        factor = state.table.gradients[state.row, connection]
        yield "input left out", "", sentences.bare(places, alone), float(factor * delta.mean())

    def _slopes(self, connection: int, state: _State) -> Iterator[tuple[str, str, Text, float]]:
        places, sheet = self.places, self._sheet
        row, source = int(sheet.targets_of[connection]), int(sheet.sources[connection])
        forward = int(state.table.forward[state.row])
        slopes, sent = self._variants.passes.slopes, self._variants.passes.activated[forward, source]
        right = slopes[RIGHT, forward, row]
        if not places.alive[row] or not right.all() or state.table.slopes[state.row, row]:
            return
        arriving = state.outcome.deltas[state.row, row] / right
        arriving = arriving * state.table.gradients[state.row, connection]
        slope, gradient = places.slope(row), places.by(places.weight(connection))
        name = "output slope left out" if places.is_output[row] else "hidden slope left out"
        left_out = Message("In {gradient} alone the slope {slope} was left out.", gradient=gradient, slope=slope)
        yield name, "", said(left_out), float((arriving * sent).mean())
        at_ha = float((arriving * slopes[AT_HA, forward, row] * sent).mean())
        text = Message(
            "In {gradient} alone the slope {slope} was taken at {wrong}, not at {right}.",
            gradient=gradient, slope=slope, wrong=places.sent_by(row), right=places.sum_of(row),
        )  # fmt: skip
        yield "slope at HA", "", said(text), at_ha

    def _slip(self, edit: Edit, connection: int, mine: list[int], gradient: float, step: float) -> Slip:
        weight = self._after(connection, gradient, step)
        is_gradient = self._given.kinds == kinds.GRADIENT
        return Slip(edit, {n: gradient if is_gradient[n] else weight for n in mine}, (connection, weight))

    def _after(self, connection: int, gradient: float, step: float) -> float:
        return float(updated(self._sheet, np.array([gradient]), np.array([step]), np.array([connection]))[0])

    def _any(self, connection: int, mine: list[int], state: _State, allowed: Array) -> Iterator[Slip]:
        """Yield a slip that made another number of a gradient, with the new weight that follows, or of a weight."""
        given, known = self._given, state.outcome.numbers[state.row]
        off = [n for n in mine if abs(known[n] - given.values[n]) > allowed[n]]
        edit = Edit(SLIP, self.places.connection(connection).name, said(""))
        if len(off) == 2:
            gradient, weight = sorted(off, key=lambda n: given.kinds[n])
            step = state.step(connection)
            follows = self._after(connection, given.values[gradient], step)
            reach = allowed[weight] + abs(self._sheet.rate * step) * allowed[gradient]
            if abs(follows - given.values[weight]) > reach:
                return
        moved = [float(given.values[n]) for n in off if given.kinds[n] == kinds.WEIGHT]
        if not moved and all(given.kinds[n] == kinds.GRADIENT for n in mine):
            moved = [self._after(connection, float(given.values[off[0]]), state.step(connection))]
        yield Slip(edit, {n: float(given.values[n]) for n in off}, (connection, moved[0]) if moved else None)

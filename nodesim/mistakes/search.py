"""The search for the shortest explanation: nothing wrong, one mistake, two; of equal ones the first by preference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nodesim._arrays import Array, Indices, Mask
from nodesim.mistakes import answers as kinds
from nodesim.mistakes.answers import Answers
from nodesim.mistakes.backward import Outcome, Variants, Walk
from nodesim.mistakes.catalogue import of_each_weight
from nodesim.mistakes.edits import NEW, NEW_KEPT, OLD, SLIP, Edit, Table, meeting
from nodesim.mistakes.forward import Sheet, updated
from nodesim.mistakes.orders import orders
from nodesim.mistakes.slips import Slips
from nodesim.wording.message import Message

# How many pairs are tried, and for how many numbers in work; and of how many edits tables are made.
_MOST_PAIRS, _MOST_WORK, _MOST_CELLS = 150_000, 20_000_000, 2_000_000
_MOST_FOUND = 200
# Beside a slip a mistake must explain so many numbers.
_MUCH = 2
_ROUNDING = 1e-12
# Of a single number no pair is told if others come near it: within so many times its rounding, so often by chance.
_AROUND, _CHANCE, _MOST_WORK_OF_ONE = 20.0, 0.1, 300_000


@dataclass(frozen=True)
class Found:
    """An explanation.

    Attributes
    ----------
    edits : tuple of Edit
        One or two.
    numbers : ndarray of shape (n_given,)
        What it gives for every number that was given.
    """

    edits: tuple[Edit, ...]
    numbers: Array

    @property
    def is_slip(self) -> bool:
        """Whether it says no more than that a number is another one."""
        return all(edit.name == SLIP for edit in self.edits)


class Search:
    """Looks for what explains numbers.

    Parameters
    ----------
    sheet : Sheet
    variants : Variants
    edits : sequence of Edit
    given : Answers
    noise : ndarray of shape (n_given,)
        What rounding does to them on the way.
    slips : Slips
        What can have happened at one number alone.
    """

    def __init__(
        self, sheet: Sheet, variants: Variants, edits: Sequence[Edit], given: Answers, noise: Array, slips: Slips
    ) -> None:
        self._sheet, self._variants, self._given, self._slips = sheet, variants, given, slips
        self._noise = noise
        # A mistake can make numbers far larger than what is right, and rounding goes with them.
        larger = noise + _ROUNDING * np.abs(given.values)
        self._exact, self._near = given.rounded(larger, fine=True), given.rounded(larger)
        self.table = Table(edits, sheet.n_rows, len(sheet.weights), len(sheet.targets))
        self._new = self._new_weights(self.table)
        each = np.arange(len(self.table))
        self.singles: Outcome = self._walk(self._near, self._new, self.table).outcome(each, 0 * each)

    def _new_weights(self, table: Table) -> Array:
        """Return what each edit alone makes of the weights, those that need to know it aside."""
        each = np.arange(len(table))
        plain = np.where((table.walk == NEW) | (table.walk == NEW_KEPT), 0, each)
        found = self._walk(self._near, None, table).outcome(plain, 0 * each)
        return np.asarray(updated(self._sheet, found.gradients, table.steps[plain]))

    def _walk(self, allowed: Array, new_weights: Array | None, table: Table) -> Walk:
        return Walk(self._sheet, self._variants, table, self._given, allowed, new_weights)

    @property
    def right(self) -> Array:
        """What is right, for every number that was given."""
        right: Array = self.singles.numbers[0]
        return right

    def is_right(self) -> bool:
        """Tell whether everything is right, cut off or rounded."""
        return bool(self._given.cut(self.right, self._noise).all())

    def found(self) -> list[Found]:
        """Return all shortest explanations, best first."""
        one = self._one()
        if one and all(each.is_slip for each in one):
            # Something happened to a single number: to say so is a finding only beside numbers that are right.
            made = self._of_one_number()
            one = [*made, *one] if self._is_beside() else made
        elif not self._is_beside():
            one = [each for each in one if not each.is_slip]
        if one:
            return self._ranked(one)
        for steps in (self._other_orders, self._two, self._one_cut_off):
            found = steps()
            if found:
                return self._ranked(found)
        return []

    def _is_beside(self) -> bool:
        return bool((np.abs(self.right - self._given.values) <= self._near).any())

    def _of_one_number(self) -> list[Found]:
        """Look for what made the only number that is wrong: some of its paths, or a sign and a factor."""
        made = self._slips.of_sums(self.singles, self.table, self._near)
        return [Found(edits, numbers) for edits, numbers in made if self._fits(numbers[None], self._near)[0]]

    def _fits(self, numbers: Array, allowed: Array) -> Mask:
        return np.asarray((np.abs(numbers - self._given.values) <= allowed).all(axis=1))

    def _one(self) -> list[Found]:
        fitting = np.flatnonzero(self._fits(self.singles.numbers[1:], self._near)) + 1
        found = [Found((self.table.edits[row],), self.singles.numbers[row]) for row in fitting.tolist()]
        found += [Found((edit,), numbers) for edit, numbers in self._slips.exchanged(self.singles, 0, self._near)]
        return found + self._with_slip(np.array([0]))

    def _other_orders(self) -> list[Found]:
        """Look for other orders of updating, which take a run for each step of theirs."""
        others = [Found((edit,), numbers) for edit, numbers in orders(self._sheet, self._given, self.right, self._near)]
        return [each for each in others if self._fits(each.numbers[None], self._near)[0]]

    def _one_cut_off(self) -> list[Found]:
        """Look once more for single mistakes behind numbers whose last digits were cut off."""
        fitting = self._given.cut(self.singles.numbers[1:], self._noise).all(axis=1)
        rows = (np.flatnonzero(fitting) + 1).tolist()
        return [Found((self.table.edits[row],), self.singles.numbers[row]) for row in rows]

    def _two(self) -> list[Found]:
        wrong = np.abs(self.singles.numbers - self._given.values) > self._near
        # A mistake and a slip at one number: the mistake must have explained something already.
        better = np.flatnonzero(wrong.sum(axis=1) < wrong[0].sum())
        explained = (wrong[0] & ~wrong).sum(axis=1)
        found = self._pairs() if len(self._given) > 1 else self._pairs_of_one()
        for each in self._with_slip(better[better > 0], explained):
            found.append(each)
        if found:
            return found
        found = self._followed() if len(self._given) > 1 else []
        if found:
            return found
        if 2 * wrong[0].sum() >= len(self._given):
            # Where most numbers are wrong, to call each of them a slip explains nothing.
            return []
        return [Found((a, b), numbers) for a, b, numbers in self._slips.two(self.singles, 0, self.table, self._near)]

    def _pairs(self) -> list[Found]:
        return self._left(self.table, self._new, self._promising(self.table, self.singles.numbers))

    def _pairs_of_one(self) -> list[Found]:
        """Return the pairs that explain the only number there is, if others come so near too rarely for chance.

        Those of mistakes in all of the network, or of a layer: at single nodes there are so many that some always fit.
        """
        at_large = np.array([isinstance(edit.where, Message) for edit in self.table.edits])
        pairs = self._promising(self.table, self.singles.numbers) & np.logical_and.outer(at_large, at_large)
        near = self._left(self.table, self._new, pairs, _AROUND * self._near, _MOST_WORK_OF_ONE)
        inside = [each for each in near if self._fits(each.numbers[None], self._near)[0]]
        different = {_rounded(each.numbers) for each in near} - {_rounded(each.numbers) for each in inside}
        return inside if len(different) <= _CHANCE * _AROUND else []

    def _promising(self, table: Table, numbers: Array) -> Mask:
        """Tell which pairs are not ruled out by what each of the two makes of the numbers alone.

        What only one of them changes must be right by that, and what neither does by itself.
        """
        change = (np.abs(numbers - numbers[0]) > self._noise * 1e-3) | self._hidden_changes()
        right = np.abs(numbers - self._given.values) <= self._near
        spoils = meeting(change & ~right, ~change)
        found: Mask = ~(spoils | spoils.T | meeting(~change & ~right[0], ~change))
        # What a walk through new weights changes depends on all other mistakes.
        found |= np.logical_or.outer(table.walk > OLD, table.walk > OLD)
        return found & table.possible()

    def _hidden_changes(self) -> Mask:
        """Tell of which numbers one does not see what changes them: a gradient of 0 has no sign and no factor."""
        given, is_weight = self._given, self._given.kinds == kinds.WEIGHT
        gradients = self.singles.gradients[0, np.where(is_weight, given.places, 0)]
        shown: Mask = np.where(is_weight, gradients, self.right) == 0.0
        return shown

    def _followed(self) -> list[Found]:
        """Look for mistakes at single gradients on which an update in a wrong order builds."""
        ways = [edit for edit in self.table.edits[1:] if edit.walk > OLD]
        # A handful of edits for each weight, each of them as long as there are weights.
        if not ways or 6 * len(self._sheet.weights) ** 2 > _MOST_CELLS:
            return []
        some = list(of_each_weight(self._slips.places))
        table = Table([*ways, *some], self._sheet.n_rows, len(self._sheet.weights), len(self._sheet.targets))
        new = self._new_weights(table)
        each = np.arange(len(table))
        numbers = self._walk(self._near, new, table).outcome(each, 0 * each).numbers
        promising = self._promising(table, numbers)
        promising[len(ways) + 1 :] = False
        return self._left(table, new, promising)

    def _left(
        self, table: Table, new: Array, pairs: Mask, allowed: Array | None = None, work: int = _MOST_WORK
    ) -> list[Found]:
        """Return those of some pairs that explain all numbers."""
        width = self._sheet.n_samples * max(len(self._sheet.weights), 1)
        most = min(_MOST_PAIRS, work // width)
        first, second = (rows[:most] for rows in np.nonzero(pairs))
        allowed = self._near if allowed is None else allowed
        left = self._walk(allowed, new, table).outcome(first, second, dropping=True)
        fitting = np.flatnonzero(self._fits(left.numbers, allowed))[:_MOST_FOUND]
        edits = table.edits
        return [
            Found((edits[first[pair]], edits[second[pair]]), left.numbers[row])
            for row, pair in zip(fitting.tolist(), left.chosen[fitting].tolist())
        ]

    def _with_slip(self, rows: Indices, explained: Indices | None = None) -> list[Found]:
        """Look for what is left of some single mistakes, 0 for none: a slip at one number.

        A number that is just another one explains everything: the mistake beside it must have explained much itself.
        """
        found = []
        for row in rows.tolist():
            own = (self.table.edits[row],) if row else ()
            for edit, numbers in self._slips.one(self.singles, row, self.table, self._near):
                if edit.name == SLIP and explained is not None and explained[row] < _MUCH:
                    continue
                found.append(Found((*own, edit), numbers))
        return found

    def _ranked(self, found: list[Found]) -> list[Found]:
        """Sort explanations by preference, and leave out what says the same again."""
        exact = self._fits(np.array([each.numbers for each in found]), self._exact)
        order = sorted(range(len(found)), key=lambda place: (not exact[place], *self._rank(found[place])))
        kept: list[Found] = []
        seen: set[object] = set()
        for each in (found[place] for place in order):
            key = (frozenset((edit.name, str(edit.where)) for edit in each.edits), _rounded(each.numbers))
            if key not in seen:
                seen.add(key)
                kept.append(each)
        return kept

    def _rank(self, found: Found) -> tuple[object, ...]:
        ranks = sorted(edit.rank for edit in found.edits)
        # Who gives new weights alone has added where one subtracts, rather than derived the error wrongly.
        before = not np.isin(self._given.kinds, (kinds.GRADIENT, kinds.DELTA)).any()
        derived = sum(edit.name == "sign" and np.all(edit.steps == 1.0) for edit in found.edits) if before else 0
        return sum(edit.name == SLIP for edit in found.edits), ranks, derived


def _rounded(numbers: Array) -> bytes:
    """Return what tells numbers apart that differ by more than rounding."""
    return np.array([float(f"{number:.9g}") for number in numbers.tolist()]).tobytes()

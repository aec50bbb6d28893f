"""Walking back with many mistakes at once, from the outputs on, as long as what they lead to is what was given.

One level after the other: deltas, the gradients of the weights into these nodes, the weights after the update. What
contradicts a number that was given is dropped there, so that pairs of mistakes cost little more than single ones.

References
----------
Article, section 4; section 3, step 3.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from nodesim._arrays import Array, Indices, Mask
from nodesim.functions.contracts import Loss
from nodesim.mistakes import answers as kinds
from nodesim.mistakes.answers import Answers
from nodesim.mistakes.edits import AS_IT_GOES, NEW, NEW_KEPT, OLD, Table
from nodesim.mistakes.forward import Passes, Sheet, updated
from nodesim.mistakes.levels import Level, summed

# How many numbers are in work at once.
_ROOM = 1_000_000


@dataclass(frozen=True)
class Variants:
    """What edits choose from by numbers; the first of each is what is right.

    Attributes
    ----------
    forward : ndarray of shape (n_variants, n_connections)
        Weights to feed forward with.
    swapped : ndarray of shape (n_variants, n_connections)
        For each connection the one whose weight stands there; -1 where none does.
    passes : Passes
        What comes of them.
    entering : list of (ndarray of shape (n_forward, n_outputs, n_samples), bool)
        What enters from e, and whether at O and not at OA.
    judged : ndarray of shape (n_variants, n_forward)
        The error e.
    losses : list of Loss
        By what e is judged.
    turned : ndarray of shape (n_variants, n_connections)
        Weights to walk back through, by the connection whose weight stands there, as `swapped`.
    """

    forward: Array
    swapped: Indices
    passes: Passes
    entering: list[tuple[Array, bool]]
    judged: Array
    losses: list[Loss]
    turned: Indices


@dataclass(frozen=True)
class Outcome:
    """What is left of some edits, or pairs of them.

    Attributes
    ----------
    chosen : ndarray of shape (k,)
        Which of those that were asked for.
    numbers : ndarray of shape (k, n_given)
        What they give for every number that was given.
    gradients, deltas : ndarray
        Of shape (k, n_connections) and (k, n_rows, n_samples).
    """

    chosen: Indices
    numbers: Array
    gradients: Array = field(default_factory=lambda: np.empty((0, 0)))
    deltas: Array = field(default_factory=lambda: np.empty((0, 0, 0)))


class Walk:
    """Calculates what edits lead to.

    Parameters
    ----------
    sheet : Sheet
    variants : Variants
    table : Table
    given : Answers
    allowed : ndarray of shape (n_given,)
        How far a number may be from what was given.
    new_weights : ndarray of shape (n_edits, n_connections), optional
        What each edit alone makes of the weights: for walks through new weights.
    """

    def __init__(
        self, sheet: Sheet, variants: Variants, table: Table, given: Answers, allowed: Array,
        new_weights: Array | None = None,
    ) -> None:  # fmt: skip
        self.sheet, self.variants, self.table = sheet, variants, table
        self.given, self.allowed = given, allowed
        self.new_weights = new_weights
        self.checks = [_of_level(given, level, sheet) for level in sheet.levels]
        self.stacks = _stacked_entries(variants)

    def outcome(self, first: Indices, second: Indices, *, dropping: bool = False) -> Outcome:
        """Return what pairs of edits lead to; a single one is paired with 0.

        Parameters
        ----------
        first, second : ndarray of shape (k,)
        dropping : bool
            Whether those that contradict what was given are dropped.
        """
        width = max(self.sheet.n_rows * self.sheet.n_samples, len(self.sheet.weights) * self.sheet.n_samples, 1)
        at_once = max(1, _ROOM // width)
        parts = []
        for start in range(0, max(len(first), 1), at_once):
            chosen = slice(start, start + at_once)
            part = _Part(self, first[chosen], second[chosen], dropping)
            parts.append((part.numbers(), part.alive + start, part))
        whole = [np.concatenate([part[place] for part in parts]) for place in (0, 1)]
        if dropping:
            return Outcome(whole[1], whole[0])
        gradients, deltas = (
            np.concatenate([getattr(part, name) for *_, part in parts]) for name in ("grads", "deltas")
        )
        return Outcome(whole[1], whole[0], gradients, deltas)


def _of_level(given: Answers, level: Level, sheet: Sheet) -> tuple[Indices, Indices, Indices]:
    """Return which of the given numbers are gradients, deltas and weights of a level."""
    connections = np.zeros(len(sheet.weights), dtype=bool)
    connections[level.incoming] = True
    rows = np.zeros(sheet.n_rows, dtype=bool)
    rows[level.rows] = True
    of = {kind: given.of(kind) for kind in (kinds.GRADIENT, kinds.DELTA, kinds.WEIGHT)}
    masks = (connections, rows, connections)
    gradients, deltas, weights = (own[mask[given.places[own]]] for own, mask in zip(of.values(), masks))
    return gradients, deltas, weights


def _stacked_entries(variants: Variants) -> tuple[Array, Array]:
    """Return what enters at OA and at O, shape (n_entering, n_forward, n_outputs, n_samples)."""
    shape = (len(variants.entering), *variants.entering[0][0].shape)
    at_activated, at_sums = np.zeros(shape), np.zeros(shape)
    for place, (numbers, of_sums) in enumerate(variants.entering):
        (at_sums if of_sums else at_activated)[place] = numbers
    return at_activated, at_sums


class _Part:
    """Some pairs, walked back together."""

    def __init__(self, walk: Walk, first: Indices, second: Indices, dropping: bool) -> None:
        self.walk, self.dropping = walk, dropping
        self.first, self.second = first, second
        sheet, count = walk.sheet, len(first)
        self.alive = np.arange(count)
        self.deltas = np.zeros((count, sheet.n_rows, sheet.n_samples))
        self.grads = np.zeros((count, len(sheet.weights)))
        if dropping:
            self._keep(self._error_fits())
        for level, checks in zip(reversed(sheet.levels), reversed(walk.checks)):
            if len(self.alive):
                self._step(level)
                if dropping:
                    self._keep(self._fits(checks))

    def _number(self, name: str) -> Indices:
        own: Indices = getattr(self.walk.table, name)
        return own[self.first] + own[self.second]

    def _factors(self, name: str, places: Indices) -> Array:
        own: Array = getattr(self.walk.table, name)
        return own[self.first[:, None], places] * own[self.second[:, None], places]

    def _step(self, level: Level) -> None:
        """Calculate the deltas of a level and the gradients of the weights into it."""
        walk, sheet = self.walk, self.walk.sheet
        arriving = self._arriving(level)
        forward = self._number("forward")
        taken = walk.table.slopes_at(self.first, self.second, level.rows)
        slopes = walk.variants.passes.slopes[taken, forward[:, None], level.rows]
        at_activated, at_sums = walk.stacks
        if len(level.outputs):
            entering, outputs = self._number("entering"), level.output_places
            factors = self._factors("outputs", outputs)[:, :, None]
            arriving[:, level.outputs] += at_activated[entering[:, None], forward[:, None], outputs] * factors
            deltas = arriving * slopes
            deltas[:, level.outputs] += at_sums[entering[:, None], forward[:, None], outputs] * factors
        else:
            deltas = arriving * slopes
        deltas *= self._factors("nodes", level.rows)[:, :, None]
        self.deltas[:, level.rows] = deltas
        bare = (
            walk.table.bare[self.first[:, None], level.incoming] | walk.table.bare[self.second[:, None], level.incoming]
        )
        sent = walk.variants.passes.activated[forward[:, None], sheet.sources[level.incoming]]
        sent = np.where(bare[:, :, None], 1.0, sent)
        means = np.einsum("kan,kan->ka", deltas[:, level.into], sent) / sheet.n_samples
        only = self._number("only")
        if only.any():
            alone = (
                walk.table.alone[self.first[:, None], level.incoming]
                | walk.table.alone[self.second[:, None], level.incoming]
            )
            each = np.arange(len(only))
            one = deltas[:, level.into][each, :, only - 1] * sent[each, :, only - 1]
            means = np.where(alone, one, means)
        self.grads[:, level.incoming] = means * self._factors("gradients", level.incoming)

    def _arriving(self, level: Level) -> Array:
        """Return what comes back from the nodes that a level feeds: ∂e/∂HA, without what enters straight from e."""
        sheet = self.walk.sheet
        if not len(level.outgoing):
            return np.zeros((len(self.alive), len(level.rows), sheet.n_samples))
        places = self.walk.variants.turned[self._number("turned")[:, None], level.outgoing]
        weights = sheet.weights[places]
        ways = self._number("walk")
        going = ways == AS_IT_GOES
        if going.any():
            weights[going] = self._new_weights(places)[going]
        ahead = (ways == NEW) | (ways == NEW_KEPT)
        if ahead.any():
            weights[ahead] = np.take_along_axis(self._of_the_other(ahead), places[ahead], axis=1)
        weights[places < 0] = 0.0
        weights *= self._factors("arcs", level.outgoing)
        terms = weights[:, :, None] * self.deltas[:, sheet.targets_of[level.outgoing]]
        return summed(terms, level.feeding, level.feeding_starts, len(level.rows))

    def _of_the_other(self, chosen: Array) -> Array:
        """Return the new weights by the other edit of each pair, not that which walks through new weights."""
        table, new = self.walk.table, self.walk.new_weights
        assert new is not None
        first, second = self.first[chosen], self.second[chosen]
        others: Array = new[np.where(table.walk[first] > OLD, second, first)]
        return others

    def _new_weights(self, places: Indices) -> Array:
        """Return the new weights of some connections: the same for all pairs, or others for each, shape (k, n)."""
        own = np.broadcast_to(places, (len(self.alive), places.shape[-1]))
        gradients = np.take_along_axis(self.grads, own, axis=1)
        return updated(self.walk.sheet, gradients, self._factors("steps", own), own)

    def _weights_after(self, places: Indices) -> Array:
        after, kept = self._new_weights(places), self._number("walk") == NEW_KEPT
        if kept.any():
            own = np.broadcast_to(places, after.shape)
            after[kept] = np.take_along_axis(self._of_the_other(kept), own[kept], axis=1)
        return after

    def _keep(self, fitting: Mask) -> None:
        if not fitting.all():
            for name in ("alive", "first", "second", "deltas", "grads"):
                setattr(self, name, getattr(self, name)[fitting])

    def _near(self, found: Array, which: Indices) -> Mask:
        given = self.walk.given
        near = np.abs(found - given.values[which]) <= self.walk.allowed[which]
        return np.asarray(near.all(axis=1))

    def _fits(self, checks: tuple[Indices, Indices, Indices]) -> Mask:
        fitting: Mask = np.ones(len(self.alive), dtype=bool)
        for which, read in zip(checks, (self._gradients, self._deltas, self._weights)):
            if len(which):
                fitting &= self._near(read(which), which)
        return fitting

    def _error_fits(self) -> Mask:
        which = self.walk.given.of(kinds.ERROR_BEFORE)
        return self._near(self._errors()[:, None], which) if len(which) else np.ones(len(self.alive), dtype=bool)

    def _errors(self) -> Array:
        variants, table = self.walk.variants, self.walk.table
        errors = variants.judged[self._number("judged"), self._number("forward")]
        return np.asarray(errors * table.error[self.first] * table.error[self.second])

    def _handed_over(self, places: Indices, renamed: Indices) -> Indices:
        """Return whose numbers stand under the names of some connections: theirs, or others for each pair."""
        if not renamed.any():
            return places
        named = self.walk.table.named
        own = named[self.second[:, None], named[self.first[:, None], places]]
        found: Indices = np.where(renamed[:, None] > 0, own, places)
        return found

    def _gradients(self, which: Indices) -> Array:
        places = self._handed_over(self.walk.given.places[which], self._number("renamed"))
        return self.grads[:, places] if places.ndim == 1 else np.take_along_axis(self.grads, places, axis=1)

    def _weights(self, which: Indices) -> Array:
        return self._weights_after(self._handed_over(self.walk.given.places[which], self._number("names")))

    def _deltas(self, which: Indices) -> Array:
        given = self.walk.given
        rows, samples = given.places[which], given.samples[which]
        means = self.deltas[:, rows].mean(axis=2)
        return np.where(samples < 0, means, self.deltas[:, rows, samples])

    def _errors_after(self) -> Array:
        """Return e once more with the new weights: by the same variant of feeding forward and of e."""
        walk, count = self.walk, len(self.walk.sheet.weights)
        after = np.concatenate([self._weights_after(np.arange(count)), np.zeros((len(self.alive), 1))], axis=1)
        swapped = walk.variants.swapped[self._number("forward")]
        passes = walk.sheet.forward(np.take_along_axis(after, swapped, axis=1), slopes=False)
        each = np.array([walk.sheet.errors(loss, passes) for loss in walk.variants.losses])
        table = walk.table
        judged = each[self._number("judged"), np.arange(len(self.alive))]
        return np.asarray(judged * table.error[self.first] * table.error[self.second])

    def numbers(self) -> Array:
        """Return what they give for every number that was given; those that contradict e after it are dropped, too."""
        given = self.walk.given
        found = np.empty((len(self.alive), len(given)))
        which = given.of(kinds.ERROR_AFTER)
        if len(which) and len(self.alive):
            after = self._errors_after()
            found[:, which] = after[:, None]
            if self.dropping:
                fitting = self._near(found[:, which], which)
                found = found[fitting]
                self._keep(fitting)
        for kind, read in (
            (kinds.GRADIENT, self._gradients), (kinds.DELTA, self._deltas), (kinds.WEIGHT, self._weights),
        ):  # fmt: skip
            which = given.of(kind)
            if len(which):
                found[:, which] = read(which)
        which = given.of(kinds.ERROR_BEFORE)
        if len(which):
            found[:, which] = self._errors()[:, None]
        return found

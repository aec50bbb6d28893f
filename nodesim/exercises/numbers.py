"""Numbers for a sheet, drawn until everything that is calculated from them comes out short.

Forward node by node: the weights into a node are drawn until its sum is short and its slope alive. Then desired values,
and from there on step by step; what is too long, 0, or like its neighbour sends it back to the start. Where nothing is
found, longer numbers are allowed, at last any number: those are rounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any, TypeGuard

from nodesim.errors import NodesimError
from nodesim.exercises.decimals import at_border, decimals, significant
from nodesim.exercises.working import Step, Value, Working, calculated
from nodesim.gradients.quantities import Quantity, desired
from nodesim.graph.elements import Node
from nodesim.notation.expressions import Expression, Number
from nodesim.notation.symbols import RATE, partial


@dataclass(frozen=True)
class Limits:
    """How long numbers may become; no decimals at all stand for any number."""

    decimals: int | None
    significant: int
    largest: int


# The first are hoped for: somebody calculates with them by hand.
_SHORT = Limits(3, 3, 30)
_LEVELS = (Limits(3, 4, 30), Limits(4, 4, 100), Limits(4, 5, 300), Limits(5, 6, 1000), Limits(7, 8, 10_000))
_ROUNDED = Limits(None, 0, 1000)
_FEW, _ATTEMPTS, _TRIES, _MORE, _PATIENCE = 15, 40, 60, 400, 8
# Whole numbers first: they are drawn most, as they make nothing longer.
_SIZES = (("1", "2", "3"), ("0.5", "1.5", "2.5"), ("0.2", "0.4", "0.1", "0.3", "0.8"))
_INPUTS = ("2", "3", "4", "5", "0.5", "1.5", "2.5", "0.2", "0.4", "0.6")
_RATES = ("0.5", "0.1", "0.2", "0.05", "0.01")
_MISSES = ("0.5", "1", "1.5", "0.2", "0.4", "0.3", "0.6", "2")
# So many digits have numbers that have no end, or are longer than anybody writes.
DIGITS, LONGEST = 4, 12
# Slopes that are flatter, and gradients that nearly cancel, would be lost in rounding.
_FLAT, _CANCELLED = 0.02, 0.001
_MANY = 8


def rounding(values: Iterable[Value], digits: int | None) -> int | None:
    """Return to how many digits the numbers of a sheet are rounded: as asked for, else only where some have no end."""
    endless = digits is None and not all(map(_is_short, values))
    return DIGITS if endless else digits


def size(value: Value) -> float:
    """Return how large a number is, whatever its sign."""
    return abs(float(value))


def _is_short(value: Value) -> TypeGuard[Fraction]:
    return isinstance(value, Fraction) and (significant(value) or LONGEST + 1) <= LONGEST


class Dice:
    """Draws that are the same on every machine and by every Python: of those all that is promised is `random`."""

    def __init__(self, seed: str) -> None:
        self._random = Random(seed)

    def below(self, count: int) -> int:
        """Return a whole number from 0 on, below this one."""
        return int(self._random.random() * count)

    def one(self, of: Sequence[Any]) -> Any:
        """Return one of several."""
        return of[self.below(len(of))]

    def shuffled(self, those: Sequence[Any]) -> list[Any]:
        """Return all of them in some order."""
        left = list(those)
        return [left.pop(self.below(len(left))) for _ in those]

    def sign(self) -> int:
        """Return 1 or −1."""
        return 1 if self.below(2) else -1


class Numbers:
    """What is drawn for a calculation.

    Parameters
    ----------
    working : Working
        With whatever numbers; its steps say what is calculated.
    dice : Dice
    rate : Fraction or None
        η where it is given.
    digits : int or None
        To how many digits numbers are rounded where that was asked for.
    """

    def __init__(self, working: Working, dice: Dice, rate: Fraction | None, digits: int | None) -> None:
        self._working, self._dice, self._rate, self._digits = working, dice, rate, digits
        graph = working.graph
        self._nodes = [node for node in graph.schedule.order if node in graph.activations]
        self._slopes = {node: self._slope(node) for node in self._nodes}
        behind = [place for place, step in enumerate(working.steps) if step.kind == "error"]
        self._after = working.steps[behind[0] :]
        self._limits, self._known = _ROUNDED, dict[str, Value]()
        # How many numbers had no end, and how many were too long.
        self._endless, self._long = 0, 0

    def _slope(self, node: Node[Any]) -> Expression:
        """Return the slope of a node's activation, on a path or not."""
        name = partial(Quantity("activated", node).name, Quantity("sum", node).name)
        step = self._working.by_name.get(name)
        found = self._working.definitions.slope(node) if step is None else step.formula
        assert found is not None
        return found

    def drawn(self) -> dict[str, Fraction]:
        """Return the numbers by the names of the formulas, as they are given in a `Working`.

        Raises
        ------
        ArithmeticError
            If none were found.
        """
        for limits, attempts in [(_SHORT, _FEW), *((each, _ATTEMPTS) for each in _LEVELS), (_ROUNDED, _MORE)]:
            self._limits = limits
            for attempt in range(attempts):
                if limits is not _ROUNDED and attempt >= _PATIENCE and self._endless > self._long:
                    # What has no end is not found by allowing for longer numbers.
                    break
                self._known = {}
                if self._attempt():
                    return {name: self._known[name] for name in self._working.given}  # type: ignore[misc]
        raise ArithmeticError

    def _attempt(self) -> bool:
        self._start()
        found = all(map(self._node, self._nodes)) and self._aims() and self._backward() and self._update()
        return found and self._is_clear() and (self._limits is _ROUNDED or self._is_varied())

    def _is_clear(self) -> bool:
        """Tell whether every number can be rounded in one way only."""
        digits = rounding(self._known.values(), self._digits)
        return not any(at_border(value, digits) for value in self._known.values())

    def _is_varied(self) -> bool:
        """Tell whether numbers can be told from one another: few weights of 1, no two sums or products of one size."""
        known, steps = self._known, self._working.steps
        weights = [Quantity("weight", each).name for each in self._working.graph.schedule.connections]
        sums, products = (
            [size(known[step.name]) for step in steps if step.kind == kind] for kind in ("sum", "product")
        )
        ones = sum(size(known[name]) == 1 for name in weights)
        return ones <= max(1, len(weights) / 3) and all(
            len(set(sizes)) == len(sizes) or len(sizes) > _MANY for sizes in (sums, products)
        )

    # ---- one after the other --------------------------------------------------------------------------------

    def _start(self) -> None:
        schedule = self._working.graph.schedule
        kept = self._working.given
        for node, text in zip(schedule.inputs, self._several(_INPUTS, len(schedule.inputs))):
            self._known[Quantity("activated", node).name] = Fraction(text) * (
                self._dice.sign() if not self._dice.below(4) else 1
            )
        for bias in schedule.biases:
            self._known[Quantity("activated", bias).name] = kept[Quantity("activated", bias).name]

    def _several(self, of: Sequence[str], count: int) -> list[str]:
        """Draw some, different ones where there are so many."""
        found: list[str] = []
        while len(found) < count:
            found += self._dice.shuffled(of)
        return found[:count]

    def _node(self, node: Node[Any]) -> bool:
        """Draw the weights into a node, until what comes out is fit for a sheet."""
        working = self._working
        name, sent = Quantity("sum", node).name, Quantity("activated", node).name
        slope = self._slopes[node]
        into = [working.graph.schedule.connections[place] for place in working.graph.entering(node).tolist()]
        sources = [self._known[Quantity("activated", each.source).name] for each in into]
        for _ in range(_TRIES):
            weights = self._weights(sources)
            total: Value = sum((weight * source for weight, source in zip(weights, sources)), Fraction(0))
            if not self._fits(total) or (not total and into):
                continue
            self._known[name] = total
            found = self._value(working.by_name[sent].formula)
            if found is None or not self._fits(found):
                continue
            self._known[sent] = found
            flat = self._value(slope)
            if flat is None or size(flat) < _FLAT or not self._fits(flat) or self._at_kink(slope, name):
                continue
            self._known.update((Quantity("weight", each).name, weight) for each, weight in zip(into, weights))
            return True
        return False

    def _weights(self, sources: Sequence[Value]) -> list[Fraction]:
        """Draw as many weights, different ones, and none that could be taken for what it multiplies."""
        found: list[Fraction] = []
        for source in sources:
            for _ in range(10):
                weight = self._dice.sign() * Fraction(self._dice.one(self._dice.one((*_SIZES, *_SIZES[:2], _SIZES[0]))))
                if weight not in found and weight != source:
                    break
            found.append(weight)
        return found

    def _at_kink(self, slope: Expression, name: str) -> bool:
        """Tell whether a slope is another one beside the sum: nobody shall have to ask which of them counts."""
        if isinstance(slope, Number):
            return False
        total, bit = self._known[name], Fraction(1, 10**9)
        sides: list[Value | None] = []
        for beside in (total - bit, total + bit):
            self._known[name] = beside
            sides.append(self._value(slope))
        self._known[name] = total
        left, right = sides
        return left is None or right is None or size(left - right) > _FLAT / 10

    def _aims(self) -> bool:
        """Draw desired values until e and what comes from it are short."""
        outputs, loss = self._working.graph.schedule.outputs, self._working.graph.loss
        first = [step for step in self._after if step.kind == "error" or step.name.startswith("∂e/∂O")]
        for _ in range(_TRIES // 4):
            aims = list(self._classes(len(outputs))) if loss.targets else list(self._missed(outputs))
            self._known.update((desired(node), aim) for node, aim in zip(outputs, aims))
            if all(map(self._step, first)):
                return True
        return False

    def _classes(self, count: int) -> Iterator[Fraction]:
        one = self._dice.below(count)
        yield from (Fraction(place == one if count > 1 else self._dice.below(2)) for place in range(count))

    def _missed(self, outputs: Sequence[Node[Any]]) -> Iterator[Fraction]:
        """Yield y of each output, a short number away from OA: of n outputs one that can be divided by n."""
        odd = len(outputs)
        while odd % 2 == 0 or odd % 5 == 0:
            odd //= 2 if odd % 2 == 0 else 5
        for output, miss in zip(outputs, self._several(_MISSES, len(outputs))):
            sent = self._known[Quantity("activated", output).name]
            start = sent if _is_short(sent) else Fraction(round(sent * 10), 10)
            yield start - self._dice.sign() * odd * Fraction(miss)

    def _backward(self) -> bool:
        steps = [step for step in self._after if step.kind != "update"]
        if not all(map(self._step, steps)):
            return False
        values = [self._known[step.name] for step in steps if step.kind == "product"]
        products = list(map(size, values))
        gradient = next(step for step in steps if step.kind == "gradient")
        # Of very many products some are alike.
        distinct = len(products) > _MANY or len(set(values)) == len(values)
        return distinct and size(self._known[gradient.name]) > _CANCELLED * max(products)

    def _update(self) -> bool:
        own = self._working.by_name[f"{self._working.of.name}(k+1)"]
        for rate in [self._rate] if self._rate is not None else map(Fraction, self._dice.shuffled(_RATES)):
            self._known[RATE] = rate
            if self._step(own):
                return True
        return False

    # ---- what fits ------------------------------------------------------------------------------------------

    def _step(self, step: Step) -> bool:
        """Calculate a step, and tell whether its number is fit for a sheet."""
        found = self._value(step.formula)
        if found is None or not self._fits(found) or (not found and step.kind != "update"):
            return False
        self._known[step.name] = found
        return True

    def _value(self, formula: Expression) -> Value | None:
        try:
            return calculated(formula, self._known)
        except (NodesimError, ArithmeticError):
            return None

    def _fits(self, value: Value) -> bool:
        limits = self._limits
        if size(value) > limits.largest:
            return False
        if limits.decimals is None or not isinstance(value, Fraction):
            return value == 0 or size(value) > 1 / limits.largest
        places = decimals(value)
        if places is None:
            self._endless += 1
            return False
        short = places <= limits.decimals and (significant(value) or 0) <= limits.significant
        self._long += not short
        return short

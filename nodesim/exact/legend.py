"""The letters of a symbolic run, and what they stand for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from nodesim.errors import ArgumentError
from nodesim.exact.formulas import Formulas
from nodesim.exact.values import Value, expression_of
from nodesim.notation.expressions import Expression, Partial, Symbol, leaves, parts
from nodesim.showing import shown

# A formula that is longer is not put into others, but gets a letter.
_SHORT = 40


@dataclass
class Legend:
    """What letters stand for.

    Attributes
    ----------
    given : dict of str to Fraction
        Letters that somebody wanted to stay letters, and their values.
    defined : dict of str to Expression
        Letters of quantities that are not rational, each in terms of those before it.
    symbols : dict of str to Symbol or Partial
        The letters themselves.
    """

    given: dict[str, Fraction] = field(default_factory=dict)
    defined: dict[str, Expression] = field(default_factory=dict)
    symbols: dict[str, Symbol | Partial] = field(default_factory=dict)

    def give(self, name: str, value: Fraction) -> Symbol:
        """Keep a letter for a number."""
        letter = Symbol(name)
        self._enter(letter)
        self.given[name] = value
        return letter

    def _enter(self, letter: Symbol | Partial) -> None:
        if letter.name in self.symbols:
            raise ArgumentError(f"two quantities would have the letter {shown(letter.name)}; rename one of them.")
        self.symbols[letter.name] = letter

    def name(self, value: Value, letter: Symbol | Partial) -> Value:
        """Return a letter for what is no number and no letter already."""
        if isinstance(value, Fraction | Symbol | Partial):
            return value
        self._enter(letter)
        self.defined[letter.name] = value
        return letter

    def name_if_long(self, value: Value, letter: Symbol | Partial) -> Value:
        """Return a letter for an expression that is too long to be put into others."""
        return value if isinstance(value, Fraction) or size(value) <= _SHORT else self.name(value, letter)

    def needed(self, expression: Expression) -> list[str]:
        """Return the letters of an expression, and those of what they stand for, each after those it needs."""
        found: set[str] = set()
        waiting = [expression]
        while waiting:
            for name in letters(waiting.pop()):
                if name not in found and name in self.symbols:
                    found.add(name)
                    if name in self.defined:
                        waiting.append(self.defined[name])
        return [name for name in (*self.given, *self.defined) if name in found]

    def extent(self, expression: Expression) -> tuple[int, int]:
        """Return how many numbers and letters an expression has once all letters are put in, and how deep it is."""
        known: dict[str, tuple[int, int]] = {}
        for name in self.needed(expression):
            known[name] = _extent(self.defined[name], known) if name in self.defined else (1, 0)
        return _extent(expression, known)

    def closed(self, expression: Expression) -> Expression:
        """Put in what letters stand for, but for those that were given; numbers are calculated together again."""
        known: dict[str, Value] = {name: self.symbols[name] for name in self.given}
        for name in self.needed(expression):
            if name in self.defined:
                known[name] = Formulas([known], symbolic=True).value(self.defined[name])
        return expression_of(Formulas([known], symbolic=True).value(expression))


def letters(expression: Expression) -> Iterator[str]:
    """Yield the names of the letters of an expression."""
    return (leaf.name for leaf in leaves(expression) if isinstance(leaf, Symbol | Partial))


def size(expression: Expression) -> int:
    """Return how many numbers and letters an expression has."""
    return sum(1 for _ in leaves(expression))


def _extent(expression: Expression, known: Mapping[str, tuple[int, int]]) -> tuple[int, int]:
    if isinstance(expression, Symbol | Partial):
        return known.get(expression.name, (1, 0))
    each = [_extent(part, known) for part in parts(expression)]
    return max(sum(size for size, _ in each), 1), max((depth + 1 for _, depth in each), default=0)

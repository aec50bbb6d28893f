"""What a sheet asks for: the blanks with their answers, and the sentences around them in its language."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from nodesim.exercises.decimals import decimals, half_unit, written
from nodesim.exercises.labels import label
from nodesim.exercises.working import Value, Working
from nodesim.graph.elements import Node
from nodesim.mistakes.report import Mistake
from nodesim.papers.blocks import Blank
from nodesim.wording.language import Language

COUNT, MISSING, ADDS = "number of paths", "missing path", "missing product"
WRONG, RIGHT, MISTAKE = "wrong number", "right number", "mistake"


@dataclass(frozen=True)
class Planted:
    """A mistake in a calculation that is shown: the step at which it was made, the number there, and what it was."""

    step: str
    value: Value
    mistake: Mistake


@dataclass(frozen=True)
class Asked:
    """What is asked for.

    Parameters
    ----------
    working : Working
    tasks : tuple of str
    digits : int or None
        Numbers are rounded to so many significant digits; None if all are exact.
    language : Language
    missing : int
        The place of the path that the task "missing path" leaves out.
    planted : Planted or None
        The mistake of the task "mistake".
    """

    working: Working
    tasks: tuple[str, ...]
    digits: int | None
    language: Language
    missing: int = 0
    planted: Planted | None = None

    def text(self, value: Value) -> str:
        """Write a number with a decimal point, as it stands in the key."""
        return written(value, self.digits)

    def shown(self, value: Value) -> str:
        """Write a number as it is printed."""
        return self.language.number(self.text(value).replace("-", "\N{MINUS SIGN}"))

    def called(self, name: str) -> str:
        """Return what the blank of a name is called in the language."""
        words = label(name)
        return words if isinstance(words, str) else str(self.language.tell(words))

    def blank(self, name: str) -> Blank:
        """Return the blank of a step's number."""
        return self.number(name, self.working.right[name])

    def number(self, name: str, value: Value) -> Blank:
        """Return a blank for a number."""
        return Blank(name, self.text(value), tolerance=half_unit(value, self.digits), label=self.called(name))

    def path(self, name: str, place: int) -> Blank:
        """Return a blank for one of the paths."""
        nodes = [node.name for node in self.ways[place]]
        accepted = tuple(sign.join(nodes) for sign in (" -> ", "->", "\N{RIGHTWARDS ARROW}", " - ", "-", ", ", " "))
        return Blank(name, " \N{RIGHTWARDS ARROW} ".join(nodes), "path", accepted=accepted, label=self.called(name))

    @cached_property
    def ways(self) -> tuple[tuple[Node, ...], ...]:
        """The nodes of every path, from that before the weight to the output."""
        return tuple(tuple(path.nodes) for path in self.working.paths)

    @cached_property
    def decimals(self) -> int:
        """How many decimals the longest number has, where none is rounded."""
        return max(decimals(value) or 0 for value in self.working.right.values())

    def value(self, name: str) -> Value | None:
        """Return the number that belongs into a blank; None if it is none for a number."""
        if name == COUNT:
            return Fraction(len(self.ways))
        if name == ADDS:
            return self.working.right[f"product {self.missing + 1}"]
        return self.working.right.get(self.planted.step if name == RIGHT and self.planted else name)

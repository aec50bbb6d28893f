"""The programs of a document: what the page runs for activations and losses, all of which it knows by formulas.

A function that is made of its formula is that formula. One that has a native form is calculated by the stable formulas
of that form, any other by the formula that its author wrote beside it; both count only where they are proven to be what
the function calculates.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from nodesim._version import version
from nodesim.errors import FunctionError, NodesimError
from nodesim.explorer import stable_forms
from nodesim.explorer.proofs import Pair, proven
from nodesim.functions.contracts import Activation, Loss
from nodesim.functions.formulas import Formula, activation_slope, loss_slope
from nodesim.notation.expressions import Expression, Number, Symbol, bind, leaves
from nodesim.notation.parsing import read
from nodesim.notation.programs import program_of
from nodesim.notation.syntax import parse
from nodesim.plugins import lookup

_LETTERS = {"activation": ("z", "a"), "loss": ("y", "a", "n")}


class Programs:
    """The programs of a document, each once."""

    def __init__(self) -> None:
        self.listed: list[dict[str, Any]] = []
        self._places: dict[Activation | Loss, int] = {}

    def of(self, function: Activation | Loss) -> int | None:
        """Return the place of a function's program, None if it is more than formulas."""
        if function not in self._places:
            found = program(function)
            if found is None:
                return None
            # Functions of different names may calculate the same.
            if found not in self.listed:
                self.listed.append(found)
            self._places[function] = self.listed.index(found)
        return self._places[function]


def program(function: Activation | Loss) -> dict[str, Any] | None:
    """Return the steps of a function and of its derivative, None if no formula is proven to be what it calculates.

    Parameters
    ----------
    function : Activation or Loss
        A loss of the weighted sums has them in terms of these: a stands for O there.

    Returns
    -------
    dict or None
        "function" and "derivative", each a list of steps as `schema.json` describes them; no derivative is None.

    Examples
    --------
    >>> import nodesim as ns
    >>> program(ns.activation("relu"))["function"]
    [['name', 'z'], ['number', 0.0], ['max', 0, 1]]
    """
    pair = _proven(function)
    return None if pair is None else dict(zip(("function", "derivative"), map(_steps, pair)))


def _proven(function: Activation | Loss) -> Pair | None:
    # Functions are equal whatever is written beside them.
    of_sums = function.sum_derivative_formula if isinstance(function, Loss) else ""
    return _cached(function, function.formula, function.derivative_formula, of_sums)


@functools.lru_cache(maxsize=1024)
def _cached(function: Activation | Loss, *texts: str) -> Pair | None:
    known = {*_LETTERS[function.kind], "π"}
    for pair, needs_proof in _candidates(function):
        names = {leaf.name for part in pair if part is not None for leaf in leaves(part) if isinstance(leaf, Symbol)}
        if names <= known and not (needs_proof and not proven(function, pair)):
            return pair
    return None


def _candidates(function: Activation | Loss) -> Iterator[tuple[Pair, bool]]:
    """Yield what may be calculated in place of a function and of its derivative, and whether that is to be proven."""
    given = {name: Number(value) for name, value in function.parameters.items()}
    trains = not isinstance(function, Activation) or function.trains

    def pair(value: Expression, slope: Expression | None) -> Pair:
        return bind(value, given), bind(slope, given) if slope is not None and trains else None

    if (own := _made_of_formulas(function)) is not None:
        yield pair(*own), False
    if (form := _stable_form(function)) is not None:
        own_form = function.origin == f"nodesim {version}"
        yield pair(*(parse(text, more=stable_forms.MORE) for text in form)), not own_form
    if (value := read(function.formula)) is not None:
        for slope in _slopes(function) if trains else [None]:
            yield tuple(_of_sums(function, each) for each in pair(value, slope)), True  # type: ignore[misc]


def _made_of_formulas(function: Activation | Loss) -> tuple[Expression, Expression | None] | None:
    calls = [call for attribute in function.bound if (call := function.unbound(attribute)) is not None]
    if isinstance(function, Activation) and not function.trains:
        calls = calls[:1]
    if not all(isinstance(call, Formula) for call in calls):
        return None
    value, *slope = (parse(call.text) for call in calls)
    return value, slope[0] if slope else None


def _stable_form(function: Activation | Loss) -> tuple[str, str] | None:
    if isinstance(function, Activation):
        return stable_forms.ACTIVATIONS.get(function.native or "")
    forms = stable_forms.LOSSES if function.sum_derivative is None else stable_forms.LOSSES_OF_SUMS
    return forms.get(function.native or "")


def _slopes(function: Activation | Loss) -> Iterator[Expression]:
    """Yield the derivative that the author wrote down, and the one that follows from the formula."""
    of_sums = isinstance(function, Loss) and function.sum_derivative is not None
    written = function.sum_derivative_formula if isinstance(function, Loss) and of_sums else function.derivative_formula
    if (slope := read(written)) is not None:
        yield slope
    if not of_sums:
        find = activation_slope if isinstance(function, Activation) else loss_slope
        try:
            found = find(function.formula, function.parameters)
        except FunctionError:
            return
        if found is not None:
            yield parse(found.text)


def _of_sums(function: Activation | Loss, formula: Expression | None) -> Expression | None:
    """Put the outputs' activation in the place of OA, and O in that of a, where a loss takes the sums."""
    if formula is None or not isinstance(function, Loss) or function.sum_derivative is None:
        return formula
    try:
        activated = _proven(lookup.activation(function.outputs))
    except NodesimError:
        activated = None
    # Without it OA has no meaning here, and what has a letter without a meaning is no candidate.
    with_outputs = bind(formula, {"a": Symbol("OA") if activated is None else activated[0]})
    return bind(with_outputs, {"z": Symbol("a")})


def _steps(expression: Expression | None) -> list[Any] | None:
    return None if expression is None else [step.as_data() for step in _program_of(expression).steps]


# Every document has those of all functions.
_program_of = functools.lru_cache(maxsize=1024)(program_of)

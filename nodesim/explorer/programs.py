"""The programs of a document: what the page runs for functions that are nothing but their formula."""

from __future__ import annotations

from typing import Any

from nodesim.functions.contracts import Activation, Function, Loss
from nodesim.functions.formulas import Formula
from nodesim.notation.expressions import Number, bind
from nodesim.notation.programs import program_of
from nodesim.notation.syntax import parse


def is_formula(function: Function) -> bool:
    """Tell whether everything that a function calculates follows from formulas."""
    return isinstance(function, Activation | Loss) and all(
        call is None or isinstance(call, Formula) or _refuses(function, attribute)
        for attribute, call in ((each, function.unbound(each)) for each in function.bound)
    )


class Programs:
    """The programs of the functions of a network, each once."""

    def __init__(self) -> None:
        self.listed: list[dict[str, Any]] = []
        self._places: dict[Function, int] = {}

    def of(self, function: Function) -> int | None:
        """Return the place of a function's program, None if it is more than its formula."""
        if not is_formula(function):
            return None
        if function not in self._places:
            self._places[function] = len(self.listed)
            self.listed.append({name: _steps(function, name) for name in ("function", "derivative")})
        return self._places[function]


def _refuses(function: Activation | Loss, attribute: str) -> bool:
    return isinstance(function, Activation) and attribute == "derivative" and not function.trains


def _steps(function: Function, attribute: str) -> list[Any] | None:
    call = function.unbound(attribute)
    if not isinstance(call, Formula):
        return None
    given = {name: Number(value) for name, value in function.parameters.items()}
    return [step.as_data() for step in program_of(bind(parse(call.text), given)).steps]

"""Whether derivatives and formulas follow the parameters: what is right for the defaults may have them written in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nodesim.checks import formulas
from nodesim.checks.elementwise import Elementwise, points, steps
from nodesim.errors import NodesimError
from nodesim.functions.contracts import Activation
from nodesim.functions.regularizer import Regularizer

# Near the default, so that whatever must hold of a parameter still does; an exponent must stay a whole number.
_FACTORS, _STEPS = (1.25, 0.8), (1.0, 2.0)


def parameters(described: Activation | Regularizer) -> Iterator[str]:
    """Say which parameter changes nothing, and which one the derivative or a formula does not follow."""
    for key, default in described.parameters.items():
        others = [default * factor for factor in _FACTORS if default] + [default + step for step in _STEPS]
        yield from _of_one(described, key, others)


def _of_one(described: Activation | Regularizer, key: str, others: list[float]) -> Iterator[str]:
    same, at = True, points()
    with np.errstate(all="ignore"):
        for value in others:
            varied: Any = described.with_parameters(**{key: value})
            try:
                own, found = Elementwise(described).function(at), Elementwise(varied).function(at)
                if not np.isfinite(found).all():
                    # No value for this function: its author may say so in any way.
                    same = False
                    continue
                same = same and np.array_equal(own, found)
                problem = next(_wrong(varied), "")
            except NodesimError:
                same = False
                continue
            if problem:
                yield f"with {key} = {value:g} instead of {described.parameters[key]:g}, {problem}"
                return
    if same:
        yield f"the parameter {key!r} changes nothing"


def _wrong(varied: Any) -> Iterator[str]:
    of_one = Elementwise(varied)
    trains = not isinstance(varied, Activation) or varied.trains
    if trains:
        yield from of_one.differences()
    at = np.concatenate([points(), steps()[60:85]])
    values = of_one.function(at)
    if isinstance(varied, Activation):
        yield from formulas.activation(varied, at, values, of_one.slopes(at) if trains else None)
    else:
        yield from formulas.regularizer(varied, at, values, of_one.slopes(at))

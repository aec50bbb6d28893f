"""What a page that calculates can put into its network: the activations, losses and optimizers that it knows."""

from __future__ import annotations

import math
from typing import Any

from nodesim.explorer.data_sets import offered_data
from nodesim.explorer.programs import Programs
from nodesim.explorer.written import derivative_text, for_any_count, formula_text
from nodesim.functions.contracts import Activation, Loss, Optimizer
from nodesim.plugins import lookup
from nodesim.wording.language import ENGLISH, Language

# What the page can do natively, as the engine has it.
_OPTIMIZERS = ("sgd", "momentum", "adam")


def offered(programs: Programs, language: Language = ENGLISH) -> dict[str, Any]:
    """Return the registered functions that the page calculates, with their default parameters, and the data sets.

    Parameters
    ----------
    programs : Programs
        Takes those of the functions.
    language : Language
        Of what is said of the data sets.

    Returns
    -------
    dict
        "activations", "losses", "optimizers" and "data", as `schema.json` describes them.
    """
    return {
        "activations": [
            {
                "name": str(each),
                "program": place,
                "formula": formula_text(each),
                "derivative": derivative_text(each),
            }
            for each in lookup.default.all(Activation)
            if (place := programs.of(each)) is not None
        ],
        "losses": [
            {**_of_loss(each), "program": place}
            for each in lookup.default.all(Loss)
            if (place := programs.of(each)) is not None
        ],
        "optimizers": [
            {"name": each.name, "learning_rate": each.learning_rate, "parameters": dict(each.parameters)}
            for each in lookup.default.all(Optimizer)
            if each.native in _OPTIMIZERS and each.name == each.native
        ],
        "data": offered_data(language),
    }


def _of_loss(loss: Loss) -> dict[str, Any]:
    return {
        "name": str(loss),
        "of_sums": loss.sum_derivative is not None,
        "outputs": loss.outputs,
        "least_outputs": loss.least_outputs,
        "targets": None if loss.targets is None else [_bound(each) for each in loss.targets],
        "classifies": loss.classifies,
        "written": for_any_count(loss),
    }


def _bound(number: float) -> float | None:
    return float(number) if math.isfinite(number) else None

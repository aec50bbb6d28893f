"""What gradients are made of: one weight traced, one sample calculated step by step, all layers diagnosed."""

from __future__ import annotations

import argparse
import math
from itertools import islice
from typing import Any

from nodesim.cli.command import Command, Lines, add_json, add_network, at_least_zero, count, natural
from nodesim.cli.one_sample import add_sample, add_to, load_with_sample, run_with_sample
from nodesim.cli.opening import load_for_one_run
from nodesim.cli.penalties import add_penalties
from nodesim.cli.ranking import passed
from nodesim.cli.samples import add_samples, samples, wanted
from nodesim.cli.terminal import as_json, as_latex, styled
from nodesim.derivation import Derivation
from nodesim.notation.symbols import equals, plural
from nodesim.showing import shown

_FORMS = ("paths", "factored", "tree", "latex")
_DIGITS = 6
_LIMIT = 50
_PHASES = {
    "forward": "Feed forward", "error": "Error", "backward": "Backpropagate", "update": "Update, all simultaneously"
}  # fmt: skip


def _add_trace(parser: argparse.ArgumentParser) -> None:
    add_network(parser)
    parser.add_argument("of", metavar="NAME", help="a weight (W1), a node (H1, I1), or an activated node (HA1)")
    add_sample(parser)
    add_to(parser)
    add_penalties(parser)
    parser.add_argument("--form", choices=_FORMS, default="paths", help="how it is written (paths)")
    parser.add_argument(
        "--digits", type=natural, default=_DIGITS, metavar="N", help=f"significant digits ({_DIGITS}); 0 shows all"
    )
    parser.add_argument(
        "--limit", type=count, default=_LIMIT, metavar="N", help=f"how many paths to write out ({_LIMIT})"
    )
    add_json(parser)


def _trace(options: argparse.Namespace) -> Lines:
    network, error, sample = run_with_sample(options)
    derivation = network.derivation(options.of, to=options.to)
    if options.json:
        yield as_json(_described(derivation, error, options.limit), 2)
        return
    digits = options.digits or None
    if options.form == "latex":
        yield as_latex(derivation.latex("paths", digits=digits, limit=options.limit))
        return
    head = f"{derivation.name} {equals(derivation.gradient, digits)}, the sum of {plural(derivation.count, 'path')}"
    yield styled(head, "bold")
    if sample:
        yield shown(sample)
    yield ""
    if options.form == "tree":
        yield derivation.tree(digits=digits, limit=options.limit)
    else:
        yield derivation.text(options.form, digits=digits, limit=options.limit)


def _described(derivation: Derivation, error: float | None, limit: int) -> dict[str, Any]:
    paths = list(islice(derivation.paths, limit))
    return {
        "of": derivation.of.name,
        "to": derivation.graph.target.name,
        **({} if error is None else {"error": error}),
        "gradient": derivation.gradient,
        # As text: programs that read JSON lose digits of large whole numbers.
        "count": str(derivation.count),
        "listed": len(paths),
        "sum_of_listed": sum(path.product for path in paths),
        "paths": [
            {
                **passed(path),
                "factors": [{"name": factor.name, "value": float(factor)} for factor in path.factors],
                "product": path.product,
            }
            for path in paths
        ],
    }


def _add_steps(parser: argparse.ArgumentParser) -> None:
    add_network(parser)
    add_sample(parser)
    parser.add_argument("--learning-rate", type=at_least_zero, default=0.5, metavar="ETA", help="η of the update (0.5)")


def _steps(options: argparse.Namespace) -> Lines:
    network, inputs, targets, sample = load_with_sample(options)
    phase = ""
    if sample:
        yield shown(sample)
        yield ""
    for step in network.steps(inputs, targets, options.learning_rate):
        if step.phase != phase:
            if phase:
                yield ""
            phase = step.phase
            yield styled(_PHASES[phase], "bold")
        yield f"  {step}"


def _add_diagnose(parser: argparse.ArgumentParser) -> None:
    add_network(parser)
    add_samples(parser)
    add_json(parser)


def _diagnose(options: argparse.Namespace) -> Lines:
    network = load_for_one_run(options.network)
    data = samples(network, options)
    diagnosis = network.diagnose(data.X, wanted(network, data))
    if not options.json:
        yield from str(diagnosis).splitlines()
        return
    columns = diagnosis.to_dict()
    layers = [{key: _plain(value) for key, value in zip(columns, row)} for row in zip(*columns.values())]
    whole = {key: _plain(getattr(diagnosis, key)) for key in ("error", "factor", "verdict", "explanation")}
    yield as_json({**whole, "layers": layers}, 2)


def _plain(value: Any) -> Any:
    """Return what JSON has: no number that is not finite."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


COMMANDS = (
    Command(
        "trace",
        "write out which paths feed the gradient of a weight",
        [
            *(f"nodesim trace trained.json W1 --input 5.1,3.5,1.4,0.2 --target 1,0,0 --form {form}" for form in _FORMS),
            "nodesim trace trained.json W1 iris --sample 3",
            "nodesim trace trained.json I1 --to OA2 --input 5.1,3.5,1.4,0.2",
        ],
        _trace,
        _add_trace,
    ),
    Command(
        "steps",
        "show the calculation of one sample, one quantity at a time",
        [
            "nodesim steps trained.json --input 5.1,3.5,1.4,0.2 --target 1,0,0",
            "nodesim steps trained.json iris --sample 3",
        ],
        _steps,
        _add_steps,
    ),
    Command(
        "diagnose",
        "say where gradients vanish or explode, layer by layer, and what is to blame",
        ["nodesim diagnose trained.json iris", "nodesim diagnose deep.json data.csv --target price --json"],
        _diagnose,
        _add_diagnose,
    ),
)

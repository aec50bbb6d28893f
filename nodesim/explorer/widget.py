"""The explorer as a notebook widget: the same page, with Python behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import ArgumentError, MissingExtraError, NodesimError
from nodesim.explorer import page
from nodesim.explorer.numbers import unpacked
from nodesim.explorer.runs import Calculator
from nodesim.explorer.samples import Samples
from nodesim.showing import shown
from nodesim.validation import finite, items, shortened


def widget(document: dict[str, Any], calculator: Calculator) -> Any:
    """Make a widget of a document.

    Parameters
    ----------
    document : dict
    calculator : Calculator
        Recalculates what the reader changes.

    Returns
    -------
    anywidget.AnyWidget
        With the traits ``selection``, the name of the weight or node that is selected, "" for none, which both
        sides set; ``edits``, what the reader changed (epoch, sample, and new weights, inputs and targets by name);
        ``recalculated``, the run of the network with those edits; ``weights``, those that a training in the page came
        to, in connection order, which both sides set, and [] before it; and ``training``, where it is.

    Raises
    ------
    MissingExtraError
        Without the extra ``widget``.
    """
    made: Any = _kind()(document=document, selection=document["selected"] or "")
    made.observe(lambda change: setattr(made, "recalculated", answer(document, calculator, change.new)), "edits")
    return made


@cache
def _kind() -> Any:
    try:
        import anywidget
        import traitlets
    except ImportError as error:
        raise MissingExtraError(
            "the widget needs the extra 'widget': pip install 'nodesim[widget]'. Without it a notebook shows the "
            "explorer all the same, and explorer.save('page.html') keeps it."
        ) from error

    class ExplorerWidget(anywidget.AnyWidget):  # type: ignore[misc]
        """One explorer in a notebook."""

        _esm = page.asset("bundle.js")
        _css = page.asset("style.css")
        document = traitlets.Dict().tag(sync=True)
        selection = traitlets.Unicode("").tag(sync=True)
        edits = traitlets.Dict().tag(sync=True)
        recalculated = traitlets.Dict().tag(sync=True)
        # As plain numbers; an array will do.
        weights = traitlets.Any([]).tag(sync=True)
        training = traitlets.Dict().tag(sync=True)

        @traitlets.validate("weights")  # type: ignore[untyped-decorator]
        def _plain(self, proposal: Any) -> list[float]:
            return _weights(self.document, proposal["value"])

        def __repr__(self) -> str:
            selected = f", {shown(self.selection)} selected" if self.selection else ""
            return f"<Explorer widget: {shown(self.document['title'])}{selected}>"

    return ExplorerWidget


def answer(document: dict[str, Any], calculator: Calculator, edits: Mapping[str, Any]) -> dict[str, Any]:
    """Return the run that a reader's edits make, or an error in words; nothing for no edits.

    Parameters
    ----------
    document : dict
    calculator : Calculator
    edits : mapping
        "epoch" and "sample" are places in the document; "weights", "inputs" and "targets" are numbers by the
        names of connections, inputs and outputs; "learned", if there, are the weights of all connections that are
        changed instead of those of an epoch.

    Returns
    -------
    dict
        "edits" as they came, and "run", as the document has runs, or "error".
    """
    if not edits:
        return {}
    try:
        return {"edits": dict(edits), "run": _run(document, calculator, edits)}
    except NodesimError as error:
        return {"edits": dict(edits), "error": str(error)}


def _run(document: dict[str, Any], calculator: Calculator, edits: Mapping[str, Any]) -> Any:
    # What a training in the page has learned is of an epoch that the document has not.
    learned = {**edits, "epoch": 0} if edits.get("learned") else edits
    epoch, sample = _part(document, "epochs", learned), _part(document, "samples", edits)
    nodes = document["nodes"]
    inputs, outputs = ([node["name"] for node in nodes if node["kind"] == kind] for kind in ("input", "output"))
    weights = _changed(
        _weights(document, edits["learned"]) if edits.get("learned") else unpacked(epoch["weights"]),
        [c["name"] for c in document["connections"]],
        _of_all_uses(document, edits.get("weights", {})),
    )
    structure = calculator.simulator.structure
    structure.ties.check(structure.schedule.numbers, weights)
    x = _changed(sample["x"], inputs, edits.get("inputs", {}))
    y = None if sample["y"] is None else _changed(sample["y"], outputs, edits.get("targets", {}))[:, None]
    return calculator.runs(weights, Samples([sample["name"]], x[:, None], y))[0]


def _weights(document: dict[str, Any], given: Any) -> list[float]:
    """Check weights of all connections, and return them as plain numbers; none are []."""
    weights = [finite(value, "a weight") for value in items(given, "weights", "a list of numbers")]
    if weights and len(weights) != len(document["connections"]):
        raise ArgumentError(
            f"weights must be one for each of {len(document['connections'])} connections, got {len(weights)}."
        )
    return weights


def _of_all_uses(document: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return changes of weights with those of all connections that share one with what is changed."""
    ties = {c["name"]: c["tie"] for c in document["connections"] if c["tie"] is not None}
    shared = {ties[name]: value for name, value in changes.items() if name in ties}
    return {**{name: shared[tie] for name, tie in ties.items() if tie in shared}, **changes}


def _part(document: dict[str, Any], what: str, edits: Mapping[str, Any]) -> dict[str, Any]:
    parts, place = document[what], edits.get(what.removesuffix("s"))
    if not isinstance(place, int) or not 0 <= place < len(parts):
        raise ArgumentError(
            f"{what.removesuffix('s')} must be a whole number below {len(parts)}, got {shortened(place)}."
        )
    found: dict[str, Any] = parts[place]
    return found


def _changed(values: Sequence[float] | Array, names: Sequence[str], changes: Mapping[str, Any]) -> Array:
    """Return numbers with some of them replaced, by name."""
    changed = np.array(values, dtype=float)
    places = {name: place for place, name in enumerate(names)}
    for name, value in changes.items():
        if name not in places:
            raise ArgumentError(f"there is nothing named {shortened(name)} to be changed there.")
        changed[places[name]] = finite(value, name)
    return changed

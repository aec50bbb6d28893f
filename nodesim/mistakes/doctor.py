"""The doctor: looks at somebody's numbers, and says which mistakes made them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from nodesim._arrays import Array, read_only
from nodesim.errors import StructureError
from nodesim.gradients.derivative_graph import DerivativeGraph, snapshot
from nodesim.gradients.directions import from_error
from nodesim.gradients.quantities import Quantity
from nodesim.graph.run import Run
from nodesim.graph.schedule import Schedule
from nodesim.mistakes import answers as kinds
from nodesim.mistakes.answers import Answers, answers
from nodesim.mistakes.catalogue import catalogue
from nodesim.mistakes.digits import LOST
from nodesim.mistakes.edits import Edit
from nodesim.mistakes.first_wrong import whereabouts
from nodesim.mistakes.forward import RIGHT, Sheet, updated
from nodesim.mistakes.places import Places
from nodesim.mistakes.report import CheckedNumber, DoctorReport, Explanation
from nodesim.mistakes.search import Found, Search
from nodesim.mistakes.slips import Slips
from nodesim.mistakes.sums_of_paths import Path
from nodesim.mistakes.telling import told
from nodesim.mistakes.variants import Choices
from nodesim.paths import GradientPaths
from nodesim.simulation.simulator import Simulator, simulator_of
from nodesim.validation import at_least_zero

# Mistakes are looked for at every arc, or at all, where that makes so many numbers.
_CLOSELY, _WORK = 3_000_000, 20_000_000
_MOST_PATHS = 2_000
_ALTERNATIVES = 20
# Two ways to calculate the same agree to so many digits of its scale; of small factors less is left.
_ROUNDING, _LEAST = 1e-12, 1e-3


def doctor(
    network: object,
    x: Any,
    y: Any,
    *,
    error: Any = None,
    gradients: Any = None,
    deltas: Any = None,
    weights: Any = None,
    learning_rate: float = 0.5,
    error_after: Any = None,
) -> DoctorReport:
    """Say whether numbers that somebody calculated are right, and if not, which mistakes made them.

    Give whatever there is, by hand or from another program, rounded in any way.

    Parameters
    ----------
    network : Network
        With the weights before the update. It is not changed, and does not show what was calculated here.
    x, y : array_like
        One sample or a batch, as for `Network.forward` and `Network.backward`.
    error : number, optional
        The error e before the update, of a batch the mean. All numbers may be float, int, Decimal, NumPy's, or text
        such as "0.50": the digits that are written count.
    gradients : dict from name to number, optional
        ∂e/∂W by the connections' names.
    deltas : dict from name to number, optional
        ∂e/∂H of hidden nodes and ∂e/∂O of outputs by the nodes' names. Of a batch one number for each sample, of
        that sample's own error, or one number: their mean.
    weights : dict from name to number, optional
        The new weights, after one update by plain gradient descent.
    learning_rate : float
        The η of that update; by default 0.5, as for `Network.update`.
    error_after : number, optional
        The error e of the same samples, with the new weights.

    Returns
    -------
    DoctorReport
        ``report.right``, ``report.mistakes``, ``report.alternatives``; printing it shows a table and says what
        happened.

    Raises
    ------
    NodesimError
        If nothing is given, something has another name or is no number, the samples do not fit, or H of a node is no
        sum: its mistakes are not known here.

    See Also
    --------
    check_gradients : Compare nodesim's own gradients with path sums and finite differences.
    Network.derivation : Show how a gradient is calculated.
    Network.steps : Show the whole calculation, number by number.

    Notes
    -----
    A number is right if it lies within one unit of its last digit: rounded, or cut off; one digit alone must be just
    that, as 0.0005 is not for 0.00044. A mistake explains it if it lies within half a unit of what the mistake leads
    to, besides 1e-12 of the sum of ``|path products|``. The digits of a float are those of its repr; zeros at the end
    of a whole number, and a zero, count as those beside them; with none beside it, a zero is exactly that.

    Mistakes are edits of the derivative graph; they are tried one by one, then in pairs, and with a slip at a single
    number besides. Of explanations that give the same numbers the first of this order is preferred, the others are
    ``alternatives``: sign; factor (2, 1/2, n or 1/n, where n counts the outputs); sum for mean (over the samples); bias
    forgotten; path forgotten; output slope left out; hidden slope left out; slope at HA (f'(HA) for f'(H)); updated
    before (the hidden deltas come back through weights that are all new already); sequential update (each node's, or
    layer's, or connection's weights are updated in turn, and the new ones used at once; or after each sample of a
    batch); transposed weights (or read in another order, where no square is transposed); input left out (a gradient is
    the delta alone); delta of another loss; slope from H (H where HA belongs, as in 1 - HA²); connection forgotten (a
    skip connection in the forward pass); one sample (of a batch, alone); other names (right numbers in another order,
    such as row for column); one weight (a slip at a single number, which is told only beside numbers that are right).
    Of a single gradient sums of some of its paths are tried, too.

    Where nothing fits, `mistakes` is empty, `right` is False, ``unexplained`` lists what is wrong, and ``hints`` tell
    where in its own order the calculation first goes wrong.

    Pairs are calculated level by level from the outputs back, and dropped where they contradict a number that was
    given: O(mistakes² · connections · samples) at worst. In large networks mistakes are looked for at layers and in
    all of the network alone, from some 100,000 connections on at fewer of them, and not in pairs.

    References
    ----------
    Article, sections 3 and 4.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 2], seed=0)
    >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
    >>> ns.doctor(net, [0.05, 0.1], [0.01, 0.99], gradients={"W7": round(net["W7"].gradient, 4)})
    <DoctorReport: The number is right.>
    >>> ns.doctor(net, [0.05, 0.1], [0.01, 0.99], gradients={"W7": -net["W7"].gradient}).mistakes[0].name
    'sign'
    """
    simulator = simulator_of(network, "doctor looks at numbers of a network")
    rate = at_least_zero(learning_rate, "learning_rate")
    if simulator.structure.ties:
        raise StructureError(
            "doctor looks at networks whose weights have one use each, and this one has tied weights: "
            f"{', '.join(tie.name for tie in simulator.structure.ties)[:200]}. Untie them: network.untie(name)."
        )
    inputs, targets, single = simulator.pairs(x, y)
    schedule = simulator.structure.schedule
    _check_sums(schedule)
    given = answers(schedule, inputs.shape[1], error, gradients, deltas, weights, error_after)
    own = simulator.structure.store.weights.astype(float)
    run = simulator.forward(inputs, single=single, weights=own)
    by_slot = simulator.backward(run, targets, weights=own)
    case = _case(simulator, run, own, by_slot, inputs, targets, rate)
    return simulator.calculate(_examined, case, given)


def _check_sums(schedule: Schedule) -> None:
    for row in np.flatnonzero(schedule.joins).tolist() if schedule.has_joins else ():
        node = schedule.nodes[row]
        raise StructureError(
            f"doctor knows the mistakes of networks of weighted sums, and H of {node.name} is another aggregation: "
            f"{node.aggregation}. To check gradients through it, use nodesim.check_gradients."
        )


@dataclass(frozen=True)
class _Case:
    """A right calculation."""

    sheet: Sheet
    run: Run
    graph: DerivativeGraph
    gradients: Array
    itemsize: int

    @property
    def schedule(self) -> Schedule:
        return self.sheet.schedule


def _case(
    simulator: Simulator, run: Run, own: Array, by_slot: Array, inputs: Array, targets: Array, rate: float
) -> _Case:
    schedule, store = simulator.structure.schedule, simulator.structure.store
    slots = schedule.slots
    sheet = Sheet(
        schedule, simulator.loss, own[slots], store.trainable[slots].astype(bool), inputs, targets, rate
    )  # fmt: skip
    return _Case(sheet, run, snapshot(schedule, own, run), by_slot[slots], store.weights.dtype.itemsize)


def _examined(case: _Case, given: Answers) -> DoctorReport:
    noise = _noise(case, given)
    sheet, places, choices = case.sheet, Places(case.sheet), Choices(case.sheet)
    plain = _search(case, places, Choices(sheet), [], given, noise)
    if plain.is_right():
        return _report(case, given, plain.right, noise, [], 0)
    size = (sheet.n_rows + len(sheet.weights)) * max(sheet.n_samples, 1)
    count = 9 * sheet.n_rows + len(sheet.weights)
    looked_at = np.unique(given.places[np.isin(given.kinds, (kinds.GRADIENT, kinds.WEIGHT))])
    edits = [edit for edit in catalogue(places, choices, closely=count * size <= _CLOSELY) if edit.touches(looked_at)]
    search = _search(case, places, choices, edits[: max(8, _WORK // size)], given, noise)
    return _report(case, given, plain.right, noise, search.found(), len(search.table) - 1)


def _search(case: _Case, places: Places, choices: Choices, edits: list[Edit], given: Answers, noise: Array) -> Search:
    variants = choices.made()

    def paths(connection: int) -> list[Path]:
        found = GradientPaths(case.graph, Quantity("weight", places.connection(connection)))
        if found.count > _MOST_PATHS:
            return []
        return [
            (" -> ".join(node.name for node in path.nodes), path.product, partial(places.slopes_on, path.factors))
            for path in found
        ]

    return Search(case.sheet, variants, edits, given, noise, Slips(places, variants, given, paths))


def _noise(case: _Case, given: Answers) -> Array:
    """Return what rounding on the way does to each number: a part of the sum of ``|path products|``."""
    sheet, run, graph = case.sheet, case.run, case.graph
    schedule = case.schedule

    def steady(numbers: Array) -> Array:
        size = np.abs(numbers)
        return np.where(size > 0.0, np.maximum(size, _LEAST), 0.0)

    entries = steady(graph.entries)
    scales = from_error(schedule).propagate(entries, np.abs(sheet.weights), steady(graph.slopes))
    per_weight = (steady(graph.activated)[sheet.sources] * scales[sheet.targets_of]).mean(axis=1)
    sizes = (np.abs(graph.entries) * (1.0 + np.abs(run.value))).sum(axis=0).mean()
    found = np.full(len(given), float(sizes) + abs(run.error))
    which = given.of(kinds.GRADIENT)
    found[which] = per_weight[given.places[which]]
    which = given.of(kinds.WEIGHT)
    found[which] = np.abs(sheet.weights)[given.places[which]] + sheet.rate * per_weight[given.places[which]]
    which = given.of(kinds.ERROR_AFTER)
    if len(which):
        found[which] += _of_new_weights(case, per_weight)
    which = given.of(kinds.DELTA)
    rows, samples = given.places[which], given.samples[which]
    found[which] = np.where(samples < 0, scales[rows].mean(axis=1), scales[rows, samples])
    # Whoever asks a network of single precision for its numbers gets them so.
    own = LOST.get(case.itemsize, _ROUNDING)
    return np.asarray(found * np.maximum(given.lost, own))


def _of_new_weights(case: _Case, per_weight: Array) -> float:
    """Return by how much the error after the update follows what the new weights, and its sums, are rounded by."""
    sheet, schedule = case.sheet, case.schedule
    after = updated(sheet, case.gradients, np.ones(1))
    with np.errstate(all="ignore"):
        passes = sheet.forward(after[None])
        entering, of_sums = sheet.entering(sheet.loss, passes)
        slopes, rows = passes.slopes[RIGHT, 0], schedule.output_rows
        entries = np.zeros_like(slopes)
        entries[rows] = entering[0] if of_sums else entering[0] * slopes[rows]
        deltas = from_error(schedule).propagate(entries, after, slopes)
        own = np.abs(deltas[sheet.targets_of] * passes.activated[0, sheet.sources]).mean(axis=1)
        size = float(own @ (np.abs(after) + np.abs(sheet.weights) + sheet.rate * per_weight))
    return size if np.isfinite(size) else 0.0


def _report(case: _Case, given: Answers, right: Array, noise: Array, found: list[Found], tried: int) -> DoctorReport:
    ok = given.cut(right, noise)
    columns = given.labels, given.texts, given.values.tolist(), right.tolist()
    plain = tuple(map(CheckedNumber, *columns, [None] * len(given), ok.tolist()))
    explanations = tuple(Explanation(told(each, plain)) for each in found[: _ALTERNATIVES + 1])
    explained = found[0].numbers.tolist() if found else [None] * len(given)
    checked = tuple(map(CheckedNumber, *columns, explained, ok.tolist()))
    hints = () if found else tuple(whereabouts(Places(case.sheet), given, ok))
    return DoctorReport(bool(ok.all()), explanations, checked, tried, lambda: _expected(case), hints)


def _expected(case: _Case) -> Mapping[str, Any]:
    sheet, run, schedule = case.sheet, case.run, case.schedule
    names = [connection.name for connection in schedule.connections]
    after = updated(sheet, case.gradients, np.ones(1))
    with np.errstate(all="ignore"):
        error_after = sheet.errors(sheet.loss, sheet.forward(after[None], slopes=False))[0]
    deltas = {
        node.name: float(run.delta[row, 0]) if run.single else read_only(run.delta[row].copy())
        for row, node in enumerate(schedule.nodes)
        if node.activation is not None
    }
    return {
        "error": run.error,
        "gradients": dict(zip(names, case.gradients.tolist())),
        "deltas": deltas,
        "weights": dict(zip(names, after.tolist())),
        "error_after": float(error_after),
    }

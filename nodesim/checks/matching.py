"""Which nodes and connections of two networks are the same ones, and in what they differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.checks.signatures import signatures
from nodesim.errors import ArgumentError
from nodesim.functions.contracts import Activation
from nodesim.functions.interruptions import is_interruption
from nodesim.graph.structure import Structure
from nodesim.notation.symbols import plural

_NAMED = 3
# Where two activations are compared: values, not names, as each program calls them as it likes.
_DRAWN = np.random.default_rng(0).normal(size=100) * np.geomspace(1e-9, 300.0, 100)
_PLACES = np.concatenate([np.linspace(-6.0, 6.0, 97), _DRAWN, [-40.0, 40.0]])
_SAME = 1e-12


@dataclass(frozen=True)
class Match:
    """What of one network is what of the other.

    Attributes
    ----------
    own, theirs : ndarray of int, shape (n_matched,)
        Connections, in connection order.
    ratio : ndarray of shape (n_matched,)
        What a gradient of theirs is multiplied with to be that of ours: not 1 where bias nodes have other constants.
    findings : list of str
        In what the networks differ.
    remarks : list of str
    """

    own: Indices
    theirs: Indices
    ratio: Array
    findings: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Links:
    """Connections by a key of both their ends; those of bias nodes as the shift of each node, and how many they are."""

    keys: Indices
    indices: Indices
    shifts: Mapping[int, tuple[float, int, float]]
    biases: int


def match(own: Structure, theirs: Structure, tolerance: float) -> Match:
    """Match two networks: by names where these are the same, else by position in layers, else by weights.

    Parameters
    ----------
    own, theirs : Structure
    tolerance : float
        Up to this part of it a weight is the same.

    Raises
    ------
    ArgumentError
        If they have not the same numbers of inputs and outputs.
    """
    _check_ends(own, theirs)
    candidates = [rows for rows in (_by_name(own, theirs), _by_position(own, theirs)) if rows is not None]
    if not candidates:
        words = [_layers(structure) for structure in (own, theirs)]
        finding = f"its nodes are {words[1]}, the network's {words[0]}: gradients cannot be compared"
        none = np.empty(0, dtype=np.intp)
        return Match(none, none, np.empty(0), [finding])
    found = [_matched(own, theirs, rows, tolerance) for rows in candidates]
    best = min(found, key=lambda each: len(each.findings))
    if best.findings:
        # Hidden nodes in another order, with their weights, are the same network.
        rows = _by_position(own, theirs, signatures(own), signatures(theirs))
        other = best if rows is None else _matched(own, theirs, rows, tolerance)
        if len(other.findings) < len(best.findings):
            return replace(other, remarks=[*other.remarks, "hidden nodes have another order: matched by weights"])
    return best


def _check_ends(own: Structure, theirs: Structure) -> None:
    for what in ("inputs", "outputs"):
        ours, others = len(getattr(own.schedule, what)), len(getattr(theirs.schedule, what))
        if ours != others:
            raise ArgumentError(
                f"check_exchange compares two programs with the same network; this one has {ours} {what}, the "
                f"other {others}."
            )


def _layers(structure: Structure) -> str:
    return "-".join(str(len(layer.nodes)) for layer in structure.schedule.layers)


def _of_use(structure: Structure) -> list[int]:
    schedule = structure.schedule
    return [row for row, node in enumerate(schedule.nodes) if node.kind == "hidden" and schedule.reaching[row]]


def _ends(own: Structure, theirs: Structure) -> Indices:
    """Return for each row of theirs the own one, so far only of inputs and outputs: these are known by their place."""
    rows = np.full(theirs.schedule.n_rows, -1, dtype=np.intp)
    rows[theirs.schedule.input_rows] = own.schedule.input_rows
    rows[theirs.schedule.output_rows] = own.schedule.output_rows
    return rows


def _by_name(own: Structure, theirs: Structure) -> Indices | None:
    names = {own.schedule.nodes[row].name: row for row in _of_use(own)}
    others = {theirs.schedule.nodes[row].name: row for row in _of_use(theirs)}
    if names.keys() != others.keys():
        return None
    rows = _ends(own, theirs)
    for name, row in others.items():
        rows[row] = names[name]
    return rows


def _by_position(
    own: Structure, theirs: Structure, first: Indices | None = None, second: Indices | None = None
) -> Indices | None:
    """Match layer by layer, in the order of rows or of some numbers of these."""
    ours, others = _by_depth(own, first), _by_depth(theirs, second)
    if [len(group) for group in ours] != [len(group) for group in others]:
        return None
    rows = _ends(own, theirs)
    for group, other in zip(ours, others):
        rows[other] = group
    return rows


def _by_depth(structure: Structure, numbers: Indices | None) -> list[list[int]]:
    groups: dict[int, list[int]] = {}
    for row in _of_use(structure):
        groups.setdefault(int(structure.schedule.depths[row]), []).append(row)
    if numbers is not None:
        for group in groups.values():
            group.sort(key=lambda row: int(numbers[row]))
    return [groups[depth] for depth in sorted(groups)]


def _matched(own: Structure, theirs: Structure, rows: Indices, tolerance: float) -> Match:
    same = np.arange(own.schedule.n_rows)
    ours, others = _links(own, same, len(same)), _links(theirs, rows, len(same))
    _, left, right = np.intersect1d(ours.keys, others.keys, assume_unique=True, return_indices=True)
    first, second = ours.indices[left], others.indices[right]
    findings, remarks = _functions(own, theirs, rows), list[str]()
    differing = _differing(_weights(own)[first], _weights(theirs)[second], tolerance)
    remarks += _frozen_alone(own, first, theirs, second)
    weights = [(own, first[at], theirs, second[at]) for at in differing]
    findings += _named((_other_weight(*pair) for pair in weights), len(weights), "weight")
    for alone, structure, text in (
        (np.delete(ours.indices, left), own, "the other program has no connection {}, whose weight is {:.17g}"),
        (np.delete(others.indices, right), theirs, "it has a connection {} of weight {:.17g}, the network has none"),
    ):
        _report_alone(alone, structure, text, findings, remarks)
    shifts = _shifts(own, ours.shifts, others.shifts, tolerance, findings)
    if ours.biases > len(ours.shifts):
        count = plural(ours.biases - len(ours.shifts), "bias")
        remarks.append(f"{count} beside another one of the same node: their sum is compared")
    pairs = [np.concatenate([part, np.array(shift, dtype=np.intp)]) for part, shift in zip((first, second), shifts)]
    ratio = np.concatenate([np.ones(len(first)), np.array(shifts[2], dtype=float)])
    return Match(pairs[0], pairs[1], ratio, findings, remarks)


def _frozen_alone(own: Structure, first: Indices, theirs: Structure, second: Indices) -> Iterator[str]:
    """Tell which weights are trained in one of both alone: their gradients are the same, and updates are not."""
    ours, others = (
        structure.store.trainable[structure.schedule.slots][indices]
        for structure, indices in ((own, first), (theirs, second))
    )
    for where, count in (("the network", (~ours & others).sum()), ("the other program", (ours & ~others).sum())):
        if count:
            yield f"updates do not change {plural(int(count), 'weight')} in {where} alone"


def _weights(structure: Structure) -> Array:
    return structure.store.weights[structure.schedule.slots].astype(float)


def _links(structure: Structure, rows: Indices, count: int) -> _Links:
    schedule = structure.schedule
    sources, targets = schedule.sources, schedule.targets
    biased = np.isin(sources, schedule.bias_rows)
    useful = schedule.reaching[targets] & (rows[targets] >= 0)
    plain = np.flatnonzero(~biased & useful & (rows[sources] >= 0))
    constants = dict(zip(schedule.bias_rows.tolist(), schedule.constants.tolist()))
    weights, shifts = _weights(structure), dict[int, tuple[float, int, float]]()
    for index in np.flatnonzero(biased & useful).tolist():
        target, constant = int(rows[targets[index]]), constants[int(sources[index])]
        shift, chosen, factor = shifts.get(target, (0.0, index, 0.0))
        if abs(constant) > abs(factor):
            chosen, factor = index, constant
        shifts[target] = shift + constant * weights[index], chosen, factor
    return _Links(rows[sources[plain]] * count + rows[targets[plain]], plain, shifts, int((biased & useful).sum()))


def _differing(first: Array, second: Array, tolerance: float) -> list[int]:
    allowed = tolerance * np.maximum(np.abs(first), np.abs(second))
    return np.flatnonzero(~(np.abs(first - second) <= allowed)).tolist()


def _other_weight(own: Structure, first: int, theirs: Structure, second: int) -> str:
    weights = _weights_at(own, first), _weights_at(theirs, second)
    return f"{own.schedule.connections[first].name} is {weights[0]:.17g} in the network and {weights[1]:.17g} there"


def _weights_at(structure: Structure, index: int) -> float:
    return float(structure.store.weights[structure.schedule.slots[index]])


def _named(sentences: Iterable[str], count: int, noun: str) -> list[str]:
    """Return the first few of many sentences, and how many there are besides."""
    first = [sentence for sentence, _ in zip(sentences, range(_NAMED))]
    more = count - len(first)
    return [*first, f"and {plural(more, f'other {noun}')} of this sort"] if more else first


def _report_alone(alone: Indices, structure: Structure, text: str, findings: list[str], remarks: list[str]) -> None:
    """Say of connections that have no counterpart: one of weight 0 adds nothing, any other makes another network."""
    weights = _weights(structure)[alone]
    ends = [structure.schedule.connections[index] for index in alone[weights != 0.0].tolist()]
    sentences = (
        text.format(f"{link.source.name} → {link.target.name}", weight)
        for link, weight in zip(ends, weights[weights != 0.0].tolist())
    )
    findings += _named(sentences, len(ends), "connection")
    if len(alone) > len(ends):
        where = "the network" if "other program" not in text else "the other program"
        remarks.append(
            f"{plural(len(alone) - len(ends), 'connection')} of weight 0: not in {where}, which adds nothing"
        )


def _shifts(
    own: Structure, ours: Mapping[int, tuple[float, int, float]], others: Mapping[int, tuple[float, int, float]],
    tolerance: float, findings: list[str],
) -> tuple[list[int], list[int], list[float]]:  # fmt: skip
    """Compare what bias nodes add to each node: in one program it may be two of them, or one for all."""
    first, second, ratio, wrong = [], [], [], list[str]()
    none = (0.0, -1, 0.0)
    for target in sorted({*ours, *others}):
        (shift, index, constant), (other, there, factor) = ours.get(target, none), others.get(target, none)
        if _differing(np.array([shift]), np.array([other]), tolerance):
            name = own.schedule.connections[index].name if index >= 0 else f"bias of {own.schedule.nodes[target].name}"
            wrong.append(f"{name}, times its constant, is {shift:.17g} in the network and {other:.17g} there")
        if constant and factor:
            first.append(index)
            second.append(there)
            ratio.append(constant / factor)
    findings += _named(wrong, len(wrong), "bias")
    return first, second, ratio


def _functions(own: Structure, theirs: Structure, rows: Indices) -> list[str]:
    differing = list(_other_functions(own, theirs, rows))
    return _named(differing, len(differing), "activation")


def _other_functions(own: Structure, theirs: Structure, rows: Indices) -> Iterator[str]:
    seen: dict[tuple[Activation, Activation], bool] = {}
    for row, node in enumerate(theirs.schedule.nodes):
        if node.activation is None or rows[row] < 0:
            continue
        mine = own.schedule.nodes[int(rows[row])]
        assert mine.activation is not None
        if (own_join := mine.aggregation) != (their_join := node.aggregation):
            yield f"{mine.name} takes the {own_join} in the network and the {their_join} there"
        pair = mine.activation, node.activation
        if pair not in seen:
            seen[pair] = pair[0] == pair[1] or _alike(*pair)
        if not seen[pair]:
            yield f"{mine.name} is {mine.activation} in the network and {node.activation} there"


def _alike(one: Activation, other: Activation) -> bool:
    try:
        with np.errstate(all="ignore"):
            first, second = (np.asarray(each.function(_PLACES.copy()), dtype=float) for each in (one, other))
            return bool(np.allclose(first, second, rtol=_SAME, atol=_SAME, equal_nan=True))
    except Exception as error:
        if is_interruption(error):
            raise
        # What is not defined everywhere is known by its name alone.
        return False

"""Where gradients vanish or explode on their way from the outputs to the inputs, and what is to blame."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, overload

import numpy as np

from nodesim.analysis.layers import EXPLODES, NOTHING_ARRIVES, VANISHES, LayerDiagnosis, judged
from nodesim.analysis.rms import LayerRms
from nodesim.gradients.derivative_graph import snapshot
from nodesim.notation import frames, markup, tables
from nodesim.notation.symbols import number, plural
from nodesim.showing import shown
from nodesim.simulation.simulator import Simulator
from nodesim.validation import Listing, position, positions

# A step that suits a layer whose gradients are a thousand times larger all but leaves the others where they are.
WHOLE_LIMIT = 1000.0
_SHOWN = 20
_EXPLAINED = 5
_NAMED = 5
_HEADS = ("layer", "nodes", "∂e/∂HA", "∂e/∂H", "∂e/∂W", "slopes ×", "weights ×", "factor", "flat nodes", "verdict")
_SIDES = "<>>>>>>><<"


class Diagnosis(Listing[LayerDiagnosis]):
    """What becomes of the gradient, layer by layer from the outputs back; ``print`` shows a table.

    A sequence of `LayerDiagnosis`: 0 is the output layer, -1 the first hidden layer.

    Parameters
    ----------
    layers : sequence of LayerDiagnosis
        From the output layer back to the first hidden layer.
    error : float
        The error e: the mean over the samples.
    n_samples : int
        How many samples were run.

    Attributes
    ----------
    error : float
        The error e: the mean over the samples.
    n_samples : int
        How many samples were run.
    factor : float
        From the outputs (∂e/∂OA, or ∂e/∂O where the loss is differentiated by that) to ∂e/∂H of the first hidden layer.
    slopes, weights : float
        The products of all slopes' and all weights' parts, which make up `factor`.

    See Also
    --------
    nodesim.Network.diagnose : Makes it.
    nodesim.Network.dead_weights : Which gradients are exactly 0.

    References
    ----------
    Glorot, X., Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010.
    Pascanu, R., T. Mikolov, Y. Bengio, "On the difficulty of training recurrent neural networks", ICML 2013.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 3, 3, 1], seed=0)
    >>> diagnosis = net.diagnose([[0.5, 1.0], [1.0, 0.0]], [[1.0], [0.0]])
    >>> diagnosis.ok, [layer.name for layer in diagnosis]
    (True, ['Output layer', 'Hidden layer 2', 'Hidden layer 1'])
    >>> print(diagnosis.explanation)
    Gradients neither vanish nor explode as a whole: × 0.0325 from ∂e/∂OA to ∂e/∂H of hidden layer 1.
    """

    def __init__(self, layers: Sequence[LayerDiagnosis], error: float, n_samples: int) -> None:
        self._layers = tuple(layers)
        self.error = error
        self.n_samples = n_samples
        reached = [layer for layer in layers if not math.isnan(layer.delta)]
        start = reached[0].delta if math.isnan(reached[0].arriving) else reached[0].arriving
        self.factor = reached[-1].delta / start if start > 0 else math.nan
        self.slopes = _product(layer.slopes for layer in reached)
        self.weights = _product(layer.weights for layer in reached)
        self._first, self._steps = reached[-1], len(reached)

    @property
    def verdict(self) -> str:
        """It "vanishes" (`factor` below 1/1000), "explodes" (above 1000), "nothing arrives"; empty if all is well."""
        return NOTHING_ARRIVES if math.isnan(self.factor) else judged(self.factor, WHOLE_LIMIT)

    @property
    def ok(self) -> bool:
        """Whether nothing vanishes or explodes, as a whole and in every layer."""
        return not self.verdict and not any(layer.verdict for layer in self)

    @property
    def explanation(self) -> str:
        """The verdict in a sentence or two."""
        if self.verdict == NOTHING_ARRIVES:
            return "The derivative of e by every output is 0: these samples teach nothing."
        start = "∂e/∂O" if math.isnan(self[0].arriving) else "∂e/∂OA"
        change = f"× {number(self.factor, 3)} from {start} to ∂e/∂H of {self._first.name.lower()}"
        if not self.verdict:
            rest = "." if self.ok else ", but not so in every layer."
            return f"Gradients neither vanish nor explode as a whole: {change}{rest}"
        verb = "vanish" if self.verdict == VANISHES else "explode"
        # The geometric mean: factors multiply over the layers.
        each = number(self.factor ** (1 / self._steps), 3)
        slopes, weights = (number(part, 3) for part in (self.slopes, self.weights))
        worst = "slopes" if _worse(self.slopes, self.weights, self.verdict) else "weights"
        return (
            f"Gradients {verb}: {change}, × {each} for each layer. Of that the slopes make × {slopes}, "
            f"the weights × {weights}: it is the {worst}."
        )

    def to_dict(self) -> dict[str, list[Any]]:
        """Return the numbers of all layers as lists by name, as ``pandas.DataFrame`` takes them.

        Returns
        -------
        dict of str to list
            The attributes of `LayerDiagnosis`, such as "name", "factor" and "verdict"; in each list an entry for every
            layer, the output layer first.

        See Also
        --------
        nodesim.Network.diagnose : Make a diagnosis.
        Flow.to_dict : The same for what flows through a network.

        Examples
        --------
        >>> import nodesim as ns
        >>> columns = ns.Network.layered([2, 3, 1], seed=0).diagnose([0.5, 1.0], [1.0]).to_dict()
        >>> columns["name"], [round(factor, 3) for factor in columns["factor"]]
        (['Output layer', 'Hidden layer 1'], [1.0, 0.141])
        """
        names = ("name", "arriving", "delta", "gradient", "slopes", "weights", "factor", "dead", "saturated", "verdict")
        return {name: [getattr(layer, name) for layer in self] for name in names}

    def to_pandas(self) -> Any:
        """Return the numbers of all layers as a data frame of pandas.

        Returns
        -------
        pandas.DataFrame
            The columns of `Diagnosis.to_dict`, the output layer first.

        Raises
        ------
        MissingExtraError
            If pandas is not installed.

        See Also
        --------
        Diagnosis.to_dict : The same without pandas.

        Examples
        --------
        >>> import nodesim as ns
        >>> ns.Network.layered([2, 3, 1], seed=0).diagnose([0.5, 1.0], [1.0]).to_pandas()["name"].tolist()
        ['Output layer', 'Hidden layer 1']
        """
        return frames.frame(self.to_dict())

    def __len__(self) -> int:
        return len(self._layers)

    @overload
    def __getitem__(self, index: int) -> LayerDiagnosis: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[LayerDiagnosis, ...]: ...
    def __getitem__(self, index: Any) -> Any:
        """Return a layer: 0 is the output layer, -1 the first hidden layer."""
        if isinstance(index, slice):
            return tuple(self._layers[place] for place in positions(index, len(self), "layer"))
        return self._layers[position(index, len(self), "layer")]

    def __iter__(self) -> Iterator[LayerDiagnosis]:
        return iter(self._layers)

    @property
    def _title(self) -> str:
        return f"e = {number(self.error)}" + (f", the mean of {self.n_samples:,} samples" if self.n_samples > 1 else "")

    def _rows(self) -> list[tuple[str, ...]]:
        """Return what is printed; of many layers the two ends."""
        if len(self) <= _SHOWN:
            return [_cells(layer) for layer in self]
        ends = [_cells(layer) for layer in (*self[: _SHOWN // 2], *self[-_SHOWN // 2 :])]
        left = (f"... {len(self) - _SHOWN:,} more", *[""] * (len(_HEADS) - 1))
        return [*ends[: _SHOWN // 2], left, *ends[_SHOWN // 2 :]]

    def _sentences(self) -> list[str]:
        """Return the verdict and those of the layers in which most happens."""
        flagged = [layer for layer in self if layer.verdict in (VANISHES, EXPLODES)]
        worst = sorted(flagged, key=_change, reverse=True)[:_EXPLAINED]
        left = len(flagged) - len(worst)
        more = [f"... and {left:,} more like these."] if left else []
        past = [layer.explanation for layer in self if not layer.verdict and layer.explanation][:_EXPLAINED]
        return [self.explanation, *(layer.explanation for layer in worst), *more, *past]

    def __str__(self) -> str:
        return "\n".join([self._title, *tables.lines(_HEADS, self._rows(), _SIDES), *self._sentences()])

    def __repr__(self) -> str:
        return f"<Diagnosis of {plural(len(self), 'layer')}: {self.explanation}>"

    def _repr_html_(self) -> str:
        table = markup.table(_HEADS, self._rows(), _SIDES)
        return f"{markup.line(self._title)}{table}{markup.points(self._sentences())}"


def diagnose(simulator: Simulator, x: Any, y: Any) -> Diagnosis:
    """Run samples forward and backward, and say where gradients vanish or explode; see `Network.diagnose`."""
    inputs, single = simulator.inputs(x)
    run = simulator.forward(inputs, single=single)
    gradients = simulator.backward(run, simulator.targets(y, run.n_samples, single=single))
    schedule = simulator.structure.schedule
    graph = snapshot(schedule, simulator.structure.store.weights, run)
    rms = LayerRms(graph, gradients[schedule.slots])
    error = run.error
    layers: list[LayerDiagnosis] = []
    above: LayerDiagnosis | None = None
    for index in range(rms.n_layers - 1, 0, -1):
        layers.append(_layer(rms, index, above))
        above = above if math.isnan(layers[-1].delta) else layers[-1]
    return Diagnosis(layers, error, graph.n_samples)


def _layer(rms: LayerRms, index: int, above: LayerDiagnosis | None) -> LayerDiagnosis:
    reached = len(rms.rows_of(index)) > 0
    arriving, delta = (float(values[index]) if reached else math.nan for values in (rms.arriving_at, rms.deltas))
    if above is None and rms.graph.of_sums:
        arriving = math.nan
    before = math.nan if above is None else above.delta
    slopes = _ratio(delta, arriving)
    return LayerDiagnosis(
        rms.schedule.layers[index], arriving, delta, float(rms.gradients[index]) if reached else math.nan, slopes,
        _ratio(arriving, before), _ratio(float(rms.uncancelled[index]), before),
        above.layer if above else None, slopes if above is None else _ratio(delta, before), rms,
    )  # fmt: skip


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else math.nan


def _product(factors: Iterable[float]) -> float:
    """Return the product of factors that are defined.

    By logarithms, so that it only overflows, or underflows, where the result does, and not on the way.
    """
    known = np.array([factor for factor in factors if not math.isnan(factor)])
    with np.errstate(all="ignore"):
        return float(np.exp(np.log(known).sum()))


def _worse(slopes: float, weights: float, verdict: str) -> bool:
    return slopes <= weights if verdict == VANISHES else slopes >= weights


def _change(layer: LayerDiagnosis) -> float:
    return abs(math.log(layer.factor)) if layer.factor > 0 else math.inf


def _cells(layer: LayerDiagnosis) -> tuple[str, ...]:
    numbers = (layer.arriving, layer.delta, layer.gradient, layer.slopes, layer.weights, layer.factor)
    written = ("" if math.isnan(value) else number(value, 3) for value in numbers)
    kinds = (("dead", layer.dead), ("saturated", layer.saturated), ("cut off", layer.cut_off))
    flat = "; ".join(f"{len(names):,} {kind}: {_few(names)}" for kind, names in kinds if names)
    return layer.name, f"{len(layer.layer):,}", *written, shown(flat), layer.verdict


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED]) + (", ..." if len(names) > _NAMED else "")

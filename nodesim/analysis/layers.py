"""One layer of a diagnosis: what its slopes and its weights do to the gradient that comes from the outputs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Array
from nodesim.analysis.rms import LayerRms
from nodesim.gradients.quantities import Factor, Quantity
from nodesim.graph.elements import Layer, Node
from nodesim.notation.symbols import number
from nodesim.showing import shown

VANISHES, EXPLODES, NOTHING_ARRIVES = "vanishes", "explodes", "nothing arrives"
# From one layer to the next, gradients should keep their size. By a factor of ten, ten layers change them by 10^10.
LAYER_LIMIT = 10.0
# A node is saturated that hands on less than a hundredth of what arrives, in every sample.
SATURATED = 0.01
_NAMED = 3


@dataclass(frozen=True, eq=False)
class LayerDiagnosis:
    """What becomes of the gradient in one layer, on its way from e to the inputs.

    All sizes are root mean squares: over the layer's nodes (those from which an output is reached) and the samples, of
    weights over those that enter the layer. What is not defined is NaN.

    Attributes
    ----------
    layer : Layer
    arriving : float
        Size of ∂e/∂HA (at the outputs ∂e/∂OA; NaN there if the loss is differentiated by O directly).
    delta : float
        Size of ∂e/∂H (or ∂e/∂O).
    gradient : float
        Size of ∂e/∂W, each the mean over the samples.
    slopes : float
        delta / arriving: what ∂HA/∂H does.
    weights : float
        arriving / delta of the layer towards the outputs: what ∂H/∂HA does, connections that skip layers included;
        NaN for the output layer.
    uncancelled : float
        What `weights` would be if what arrives at a node over several connections were independent: much more than
        `weights` where it cancels.
    above : Layer or None
        That layer; None for the output layer.
    factor : float
        slopes · weights; at the outputs, slopes.

    See Also
    --------
    Diagnosis : All layers.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([1, 1, 1], bias=False, seed=0)
    >>> net.weights = [8.0, 0.5]
    >>> layer = net.diagnose([1.0], [1.0])[-1]
    >>> layer.verdict, layer.saturated, str(layer.blame[0])
    ('vanishes', ('H1',), '∂HA1/∂H1 ≈ 0.000335238')
    >>> print(layer.explanation)
    Hidden layer 1 vanishes: × 0.000168 of ∂e/∂H of output layer. The slopes, × 0.000335, are to blame:
    ∂HA1/∂H1 = 0.000335.
    """

    layer: Layer
    arriving: float
    delta: float
    gradient: float
    slopes: float
    weights: float
    uncancelled: float
    above: Layer | None
    factor: float
    _rms: LayerRms = field(repr=False)

    @property
    def name(self) -> str:
        """The layer's name."""
        return self.layer.name

    @property
    def verdict(self) -> str:
        """It "vanishes" (factor below 1/10), "explodes" (above 10), "nothing arrives", or empty if all is well.

        All is well, too, where only the layer above is odd, and connections skip it: what arrives past that one is the
        measure then.
        """
        if math.isnan(self.factor):
            return NOTHING_ARRIVES if self.delta == 0 else ""
        return "" if self._past is not None else judged(self.factor, LAYER_LIMIT)

    @cached_property
    def _past(self) -> tuple[str, float] | None:
        """The layer from which most comes past the one above, and the factor from there: where only that one is odd."""
        found = "" if self.above is None or math.isnan(self.factor) else judged(self.factor, LAYER_LIMIT)
        if not found or self.above is None:
            return None
        rms = self._rms
        arcs = rms.layer_of[rms.schedule.sources] == self.layer.index
        fed = set(rms.layer_of[rms.schedule.targets[arcs]].tolist()) - {0}
        if found == VANISHES and self.above.index in fed:
            return None
        # What explodes is larger than all that it comes from; and what vanishes is smaller than all of it.
        pick = max if found == EXPLODES else min
        sizes = {index: float(rms.deltas[index]) for index in fed if rms.deltas[index] > 0}
        other = pick(sizes, key=sizes.__getitem__, default=self.above.index)
        if other == self.above.index or judged(self.delta / sizes[other], LAYER_LIMIT) == found:
            return None
        return rms.schedule.layers[other].name, self.delta / sizes[other]

    @cached_property
    def dead(self) -> tuple[str, ...]:
        """The nodes whose slope ∂HA/∂H is exactly 0 in every sample: they hand on nothing."""
        return self._named(self._steepest == 0)

    @cached_property
    def saturated(self) -> tuple[str, ...]:
        """The nodes whose slope is below 1/100 in every sample, but not 0 in all."""
        return self._named((self._steepest > 0) & (self._steepest < SATURATED))

    @cached_property
    def cut_off(self) -> tuple[str, ...]:
        """The nodes from which no output is reached. They count for nothing else here."""
        reached = {self._rms.schedule.nodes[row] for row in self._rows}
        return tuple(node.name for node in self.layer if node not in reached)

    @property
    def share_flat(self) -> float:
        """The share of the nodes that are dead or saturated, from 0 to 1; those cut off are not counted."""
        return (len(self.dead) + len(self.saturated)) / max(1, len(self._rows))

    @property
    def _rows(self) -> NDArray[np.intp]:
        return self._rms.rows_of(self.layer.index)

    @property
    def _steepest(self) -> Array:
        steepest: Array = self._rms.steepest[self._rows]
        return steepest

    def _named(self, chosen: NDArray[np.bool_]) -> tuple[str, ...]:
        return tuple(self._rms.schedule.nodes[row].name for row in self._rows[chosen])

    @cached_property
    def blame(self) -> tuple[Factor, ...]:
        """The partial derivatives that do most of it, with their sizes; none where all is well.

        Slopes are blamed if their part alone is beyond the root of the limit (below 0.32 or above 3.2), and so are
        weights: one of the two always is.
        """
        parts = [(self._slopes_are, self._steep_or_flat), (self._weights_are, self._strong)]
        return tuple(factor for to_blame, factors in parts if to_blame for factor in islice(factors(), _NAMED))

    # A layer's factor is slopes · weights. If it is beyond the limit, one of the two is beyond the limit's root.
    @property
    def _slopes_are(self) -> bool:
        return self.verdict in (VANISHES, EXPLODES) and judged(self.slopes, math.sqrt(LAYER_LIMIT)) == self.verdict

    @property
    def _weights_are(self) -> bool:
        return self.verdict in (VANISHES, EXPLODES) and judged(self.weights, math.sqrt(LAYER_LIMIT)) == self.verdict

    def _steep_or_flat(self) -> Iterator[Factor]:
        """Yield the slopes at which most is lost, or gained: by how much they change the sum of squares."""
        rows = self._rows
        before, after = self._rms.arriving[rows], self._rms.delta[rows]
        largest = max(before.max(), after.max())
        # Divided by the largest, as the squares of gradients that vanish would all be 0.
        change = (before / largest) ** 2 - (after / largest) ** 2
        for place in np.argsort(-change if self.verdict == VANISHES else change, kind="stable"):
            node: Node = self._rms.schedule.nodes[rows[place]]
            names = Quantity("activated", node).name, Quantity("sum", node).name
            yield Factor(*names, float(self._rms.slopes[rows[place]]))

    def _strong(self) -> Iterator[Factor]:
        """Yield the weights that hand on most, which is too much, or too little even so."""
        rms = self._rms
        arcs = np.flatnonzero(rms.layer_of[rms.schedule.sources] == self.layer.index)
        for arc in arcs[np.argsort(-rms.handed_on[arcs], kind="stable")[: _NAMED + 1]]:
            connection = rms.schedule.connections[arc]
            names = Quantity("sum", connection.target).name, Quantity("activated", connection.source).name
            yield Factor(*names, rms.passed(int(arc)))

    @property
    def explanation(self) -> str:
        """The verdict in a sentence or two; empty where all is well, unless connections skip the layer above."""
        if self._past is not None and self.above is not None:
            other, factor = self._past
            return shown(
                f"{self.name} has × {number(self.factor, 3)} of ∂e/∂H of {self.above.name.lower()}, as most comes past "
                f"that one: it is × {number(factor, 3)} of that of {other.lower()}."
            )
        if not self.verdict:
            return ""
        behind = self.above.name.lower() if self.above else ""
        if self.verdict == NOTHING_ARRIVES:
            why = f"∂e/∂H of {behind} is 0" if behind else "the derivative of e by every output is 0"
            return f"{self.name}: nothing arrives, {why}."
        of = f"∂e/∂H of {behind}" if behind else "∂e/∂OA"
        sentences = [f"{self.name} {self.verdict}: × {number(self.factor, 3)} of {of}."]
        if self._slopes_are:
            sentences.append(f"The slopes, × {number(self.slopes, 3)}, are to blame: {_listed(self._steep_or_flat())}.")
        if self._weights_are:
            sentences.append(f"The weights, × {number(self.weights, 3)}, are to blame: {self._of_weights()}.")
        return shown(" ".join(sentences))

    def _of_weights(self) -> str:
        most = f"most comes over {_listed(self._strong())}"
        if self.verdict == VANISHES and judged(self.uncancelled, math.sqrt(LAYER_LIMIT)) != VANISHES:
            return f"what arrives over them cancels (else about × {number(self.uncancelled, 3)}); {most}"
        return f"they are {'small' if self.verdict == VANISHES else 'large'}; {most}"


def _listed(factors: Iterable[Factor]) -> str:
    first = list(islice(factors, _NAMED + 1))
    more = " and others" if len(first) > _NAMED else ""
    return ", ".join(f"{factor.name} = {number(float(factor), 3)}" for factor in first[:_NAMED]) + more


def judged(factor: float, limit: float) -> str:
    """Return "vanishes", "explodes" or nothing.

    Parameters
    ----------
    factor : float
    limit : float
        Above 1: all is well from 1 / limit to limit.

    Returns
    -------
    str

    Examples
    --------
    >>> judged(0.05, 10.0), judged(20.0, 10.0), judged(1.0, 10.0)
    ('vanishes', 'explodes', '')
    """
    return VANISHES if factor < 1 / limit else EXPLODES if factor > limit else ""

"""What a network of FANN is built from: its neurons as nodes, steepness in the weights, the scaling as linear nodes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.errors import ExchangeError
from nodesim.exchange.blueprint import Blueprint, Origins
from nodesim.exchange.fann.activations import FUNCTIONS
from nodesim.exchange.fann.soundness import targets
from nodesim.exchange.fann.text import Written
from nodesim.exchange.names import completed
from nodesim.functions.contracts import Activation
from nodesim.plugins import lookup

PARAMETER = "connections"
# By steepness: where FANN cuts off what it multiplies a sum to.
LIMIT = 150.0


def built(name: str, written: Written, loss: object, scaled: bool) -> Blueprint:
    """Return the blueprint of a network.

    Parameters
    ----------
    name : str
        The file's, for messages.
    written : Written
        Which is sound.
    loss : str or Loss
    scaled : bool
        Whether it scales inputs and outputs.
    """
    return _Building(name, written, scaled).blueprint(loss)


class _Building:
    """Nodes in the order of FANN's neurons, and connections that updates must not change behind those of the file."""

    def __init__(self, name: str, written: Written, scaled: bool) -> None:
        self.name, self.written, self.scaled = name, written, scaled
        self.kinds: list[str] = []
        self.given: list[Activation | float | None] = []
        self.fixed: list[tuple[int, int, float]] = []
        self.linear = lookup.activation("linear")
        # -1: a bias neuron that nothing takes.
        self.row = np.full(len(written.counts), -1, dtype=np.intp)

    def blueprint(self, loss: object) -> Blueprint:
        self._inputs()
        self._neurons()
        if self.scaled:
            self._scaled_outputs()
        written, ends = self.written, targets(self.written)
        weights, factors = self._folded(ends)
        extra = len(self.fixed)
        sources, into, values = (np.array(column) for column in zip(*self.fixed)) if extra else (np.empty(0),) * 3
        return Blueprint(
            names=tuple(completed(self.kinds, [None] * len(self.kinds))),
            kinds=tuple(self.kinds),
            given=tuple(self.given),
            positions=tuple(range(len(self.kinds))),
            sources=np.concatenate([self.row[written.sources], sources.astype(np.intp)]),
            targets=np.concatenate([self.row[ends], into.astype(np.intp)]),
            weights=np.concatenate([weights, values]),
            frozen=np.arange(len(weights) + extra) >= len(weights),
            loss=loss,
            origins=_origins(factors, extra),
            notes=tuple(self._notes()),
        )

    # ---- nodes -----------------------------------------------------------------------------------------------

    def _add(self, kind: str, given: Activation | float | None) -> int:
        self.kinds.append(kind)
        self.given.append(given)
        return len(self.kinds) - 1

    def _inputs(self) -> None:
        rows = [self._add("input", None) for _ in range(self.written.n_inputs)]
        if self.scaled:
            mean, deviation, least, factor = self._parameters("in")
            with np.errstate(all="ignore"):
                slopes, constants = factor / deviation, (1.0 - mean / deviation) * factor + least
            rows = self._moved(rows, slopes, constants, ["hidden"] * len(rows))
        self.row[: len(rows)] = rows

    def _neurons(self) -> None:
        written = self.written
        used = np.zeros(len(written.counts), dtype=bool)
        used[written.sources] = True
        outputs = range(written.first_output, written.first_output + written.n_outputs)
        functions = {index: lookup.activation(FUNCTIONS[index][1]) for index in set(self._functions().tolist())}
        kind_of_output = "hidden" if self.scaled else "output"
        for neuron in range(written.n_inputs, len(written.counts)):
            kind = kind_of_output if neuron in outputs else "hidden"
            if written.counts[neuron]:
                self.row[neuron] = self._add(kind, functions[int(written.functions[neuron])])
            elif neuron in outputs:
                # FANN takes whatever has no connections for a bias neuron.
                bias = self._add("bias", 1.0)
                self.row[neuron] = self._add(kind, self.linear)
                self.fixed.append((bias, int(self.row[neuron]), 1.0))
            elif used[neuron]:
                self.row[neuron] = self._add("bias", 1.0)

    def _functions(self) -> Indices:
        return self.written.functions[self.written.counts > 0]

    def _scaled_outputs(self) -> None:
        first = self.written.first_output
        rows = self.row[first : first + self.written.n_outputs].tolist()
        mean, deviation, least, factor = self._parameters("out")
        with np.errstate(all="ignore"):
            slopes = deviation / factor
            constants = mean - deviation - least * slopes
        self._moved(rows, slopes, constants, ["output"] * len(rows))

    def _parameters(self, side: str) -> list[Array]:
        return [self.written.scaling[f"scale_{what}_{side}"] for what in ("mean", "deviation", "new_min", "factor")]

    def _moved(self, rows: Sequence[int], slopes: Array, constants: Array, kinds: Iterable[str]) -> list[int]:
        """Return new linear nodes: slope · node + constant."""
        if not (np.isfinite(slopes).all() and np.isfinite(constants).all()):
            raise ExchangeError(
                f"{self.name}: a deviation or a factor that it scales by is 0 or all but 0, so that FANN divides by "
                "it. Say scale=False, and scale what goes in and comes out yourself."
            )
        bias = self._add("bias", 1.0)
        made = [self._add(kind, self.linear) for kind in kinds]
        for row, new, slope, constant in zip(rows, made, slopes.tolist(), constants.tolist()):
            self.fixed += [(row, new, slope), (bias, new, constant)]
        return made

    # ---- numbers ---------------------------------------------------------------------------------------------

    def _folded(self, ends: Indices) -> tuple[Array, Array]:
        """Return the weights, and by what FANN's numbers are multiplied for them."""
        twice = np.array([factor for *_, factor in FUNCTIONS])
        written = self.written
        factors = written.steepness[ends] * twice[written.functions[ends]]
        with np.errstate(all="ignore"):
            weights = factors * written.weights
        gone = ~np.isfinite(weights) | ((weights == 0.0) != (written.weights == 0.0))
        for place in np.flatnonzero(gone)[:1]:
            raise ExchangeError(
                f"{self.name}: connection {place + 1}, of weight {written.weights[place]:g}, times the steepness "
                f"{written.steepness[ends[place]]:g} of neuron {ends[place]} leaves the range of a double."
            )
        return weights, factors

    # ---- words -----------------------------------------------------------------------------------------------

    def _notes(self) -> Iterable[str]:
        steep = sorted(set(self.written.steepness[self.written.counts > 0].tolist()))
        shown = f"{steep[0]:g}" if len(steep) == 1 else f"{steep[0]:g} to {steep[-1]:g}" if steep else ""
        if steep:
            yield (
                f"Weights are FANN's times the steepness of the neuron that they lead to ({shown}), and twice that "
                "where it is a sigmoid."
            )
            yield (
                f"FANN keeps each sum, times the steepness, between ±150 / steepness (±{LIMIT / steep[-1]:g}"
                f"{'' if len(steep) == 1 else ' at the least'}); here sums have no limits."
            )
        if self.scaled:
            yield "Inputs and outputs are scaled as fann_scale_input and fann_descale_output do, by weights that stay."
        elif self.written.scaling:
            yield "The scaling of inputs and outputs is left out, as fann_run does."


def _origins(factors: Array, extra: int) -> Origins:
    count = len(factors)
    return Origins(
        (PARAMETER,),
        np.concatenate([np.zeros(count, dtype=np.intp), np.full(extra, -1, dtype=np.intp)]),
        np.concatenate([np.arange(count), np.zeros(extra, dtype=np.intp)]),
        np.concatenate([factors, np.ones(extra)]),
    )

"""The proof of exchange: a network and another program's, on the same samples, side by side."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nodesim._arrays import Array, Mask
from nodesim.checks.biases import with_all_biases
from nodesim.checks.exchange_proof import ExchangeProof
from nodesim.checks.matching import match
from nodesim.checks.other_program import SOFTMAX, Gradients, OtherProgram
from nodesim.checks.programs.opening import opened
from nodesim.checks.programs.program import SINGLE, Allowed, Program
from nodesim.checks.scales import TINY, Scales, forward_scales, scales
from nodesim.checks.shared_weights import SharedWeights, shared_weights, tied_alone, weights_in, without_path
from nodesim.errors import FunctionError
from nodesim.functions.contracts import Loss
from nodesim.graph.run import Run
from nodesim.network import Network
from nodesim.notation.symbols import Count, plural
from nodesim.simulation import objective
from nodesim.simulation.data_set import NamedSamples
from nodesim.simulation.simulator import Simulator, simulator_of
from nodesim.validation import brief

_SAMPLES = 100
# Rounded to single precision, a weight is no farther away than this part of it.
_ROUNDED = 1e-6
_SAME = 1e-12
_UNLIKELY = 1e-290
_FEW = 6
_REFUSAL = "check_exchange compares a network with another program's"
_NOWHERE = math.nan, ""
_SMALLEST = float(np.finfo(float).tiny)


def check_exchange(network: Network, other: Any, X: Any = None, y: Any = None) -> ExchangeProof:
    """Compare a network with the same network in another program: outputs, the error e, and every gradient.

    Parameters
    ----------
    network : Network
        It is left as it is, with its last run.
    other : object
        A fitted estimator or pipeline of scikit-learn, a torch.nn.Module, an ONNX model, a pair (genome, config) of
        neat-python; or the path of a file of one of these, or of FANN. Whether FANN's own scaling of inputs and outputs
        belongs to the network, its number of nodes tells.
    X, y : array_like, optional
        Samples, as for `Network.error`. By default 100 are drawn, the same each time: inputs from a normal
        distribution, and targets that suit the loss.

    Returns
    -------
    ExchangeProof
        True if both say the same; printing it shows the worst differences, and where they are.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If `other` is nothing that could be compared, or has other numbers of inputs or outputs.
    MissingExtraError
        If the other program is not installed.
    ExchangeError, FileError
        If it cannot be read, or fails.
    DataError
        If the samples do not fit.

    See Also
    --------
    nodesim.from_torch, nodesim.from_onnx, nodesim.from_sklearn, nodesim.from_neat, nodesim.from_fann : Make a network.
    check_gradients : Compare three ways to calculate gradients within nodesim.

    Notes
    -----
    Differences are told in parts of their scale, the sum of absolute path products: of all paths to an output, of the
    paths from e to a weight. That is what a rounding of every weight and value may make of a result, in whose terms
    digits may cancel. In double precision 1e-12 of it is allowed, in single precision 1e-4.

    Where the other program has a backpropagation, its own gradients are compared; else its outputs are differenced
    with changed weights, by central stencils of the eighth order. Each difference knows how many digits it has, and is
    compared to these; at a kink, as of relu at 0, any slope between those of both sides is right. Of more than 200
    weights, 50 are differenced.

    References
    ----------
    Fornberg, B., "Generation of Finite Difference Formulas on Arbitrarily Spaced Grids", Mathematics of Computation 51
    (1988).

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 3, 1], hidden="tanh", seed=0)
    >>> proof = ns.checks.check_exchange(net, net.to_sklearn())
    >>> proof.ok, proof.compared, proof.way
    (True, 13, 'its own backpropagation')
    """
    nodes = len(simulator_of(network, _REFUSAL).structure.schedule.nodes)
    return checked_with(network, opened(other, nodes), X, y)


def checked_with(network: Network, program: Program, X: Any = None, y: Any = None) -> ExchangeProof:
    """Do what `check_exchange` does, with a program that is opened already."""
    simulator = simulator_of(network, _REFUSAL).copy()
    # NumPy is done before native code is loaded, and says the same.
    simulator.engine = "numpy"
    simulator.structure.schedule.check_runnable()
    inputs, targets = _samples(simulator, X, y)
    allowed = _allowed(simulator, OtherProgram(program, simulator.loss, inputs.T.copy()).allowed())
    theirs = program.blueprint.network(Network).structure
    # Numbers of doubles are the same ones, however far a program's functions may be off.
    tolerance = _ROUNDED if allowed.outputs >= _ROUNDED else _SAME
    matched = match(simulator.structure, theirs, tolerance)
    remarks = list(tied_alone(matched, simulator.structure, theirs))
    matched = with_all_biases(matched, simulator.structure, theirs)
    origins = program.blueprint.origins
    shared = shared_weights(matched, theirs, (origins.parameter >= 0) & (origins.factor != 0.0))
    comparison = _Comparison(simulator, program, shared, allowed, remarks)
    comparison.findings += _other_labels(simulator.classes, program.blueprint.classes)
    return comparison.proof(inputs, targets)


def _other_labels(own: Sequence[object] | None, theirs: Sequence[object] | None) -> Iterable[str]:
    """Say it where both have labels of classes, and not the same ones: then they classify otherwise."""
    if own is not None and theirs is not None and tuple(own) != tuple(theirs):
        yield f"its classes are {brief(str(list(theirs)), 100)}, those of the network {brief(str(list(own)), 100)}"


def _samples(simulator: Simulator, X: Any, y: Any) -> tuple[Array, Array]:
    """Return inputs and targets, a column for each sample; drawn where they are not given."""
    generator = np.random.default_rng(19)
    if y is not None or isinstance(X, NamedSamples):
        inputs, targets, _ = simulator.pairs(X, y)
        return np.array(inputs, dtype=float), np.array(targets, dtype=float)
    schedule = simulator.structure.schedule
    objective.check_outputs(simulator.loss, schedule.outputs)
    if X is None:
        inputs = generator.standard_normal((_SAMPLES, len(schedule.inputs))).T
    else:
        inputs = np.array(simulator.inputs(X)[0], dtype=float)
    return inputs, _drawn(simulator.loss, len(schedule.outputs), inputs.shape[1], generator)


def _drawn(loss: Loss, count: int, n_samples: int, generator: np.random.Generator) -> Array:
    if loss.classifies:
        if count == 1 or loss.outputs == "sigmoid":
            return generator.integers(0, 2, (count, n_samples)).astype(float)
        return np.eye(count)[:, generator.integers(0, count, n_samples)]
    drawn = generator.standard_normal((count, n_samples))
    if loss.targets is None:
        return drawn
    least, most = loss.targets
    if math.isfinite(least) and math.isfinite(most):
        return least + (most - least) * generator.uniform(0.05, 0.95, (count, n_samples))
    return least + np.abs(drawn) if math.isfinite(least) else most - np.abs(drawn)


def _allowed(simulator: Simulator, given: Allowed) -> Allowed:
    if simulator.structure.dtype == "float64":
        return given
    remark = "the network itself calculates in single precision"
    return Allowed(max(given.outputs, SINGLE), max(given.gradients, SINGLE), (*given.remarks, remark))


@dataclass
class _Comparison:
    """A network and a program, whose elements are matched."""

    simulator: Simulator
    program: Program
    shared: SharedWeights
    allowed: Allowed
    remarks: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    _own_gradients: Array | None = None

    def proof(self, inputs: Array, targets: Array) -> ExchangeProof:
        """Compare them on samples."""
        self.findings += self.shared.match.findings
        run, _ = self.simulator.attempt(inputs)
        other = OtherProgram(self.program, self.simulator.loss, inputs.T.copy()).outputs()
        own = self._own_outputs(run)
        finite: Mask = np.asarray(np.isfinite(run.activated).all(axis=0) & np.isfinite(other).all(axis=1))
        outputs, error, gradients, digits, found = self._not_finite(own, other.T), math.nan, _NOWHERE, math.nan, None
        if finite.any():
            run, measure = self._judged(inputs[:, finite], targets[:, finite])
            part = self._outputs(own[:, finite], other.T[:, finite], measure, np.flatnonzero(finite))
            outputs = outputs if outputs[0] == math.inf else part
        said = finite & self._told_by(other.T, targets)
        if said.any():
            if not np.array_equal(said, finite):
                run, measure = self._judged(inputs[:, said], targets[:, said])
            found = self._others(inputs[:, said], targets[:, said], other[said], measure)
            assert run.errors is not None
            error = math.nan if found is None else _parts(abs(float(run.errors.mean()) - found.error), measure.error)
            gradients, digits = self._gradients(measure, found)
        self._say(finite, said, found)
        return self._told(inputs.shape[1], outputs, error, gradients, digits, found)

    @property
    def _weights(self) -> Array:
        return self.simulator.structure.store.weights.astype(float)

    def _judged(self, inputs: Array, targets: Array) -> tuple[Run, Scales]:
        simulator, schedule = self.simulator, self.simulator.structure.schedule
        run = simulator.forward(inputs)
        try:
            self._own_gradients = simulator.backward(run, targets)
            return run, scales(schedule, self._weights, run)
        except FunctionError as error:
            self.remarks.append(f"the network itself has no gradients: {error}")
            self._own_gradients = None
            run.errors = simulator.errors(run, targets)
            return run, forward_scales(schedule, self._weights, run, simulator.loss, targets)

    def _own_outputs(self, run: Run) -> Array:
        found = run.activated[self.simulator.structure.schedule.output_rows].astype(float)
        with np.errstate(all="ignore"):
            return objective.softmax(found.T).T if self.program.softmax else found

    def _told_by(self, outputs: Array, targets: Array) -> Mask:
        """Tell of which samples probabilities still say what e is: none of what is so unlikely that it is 0."""
        sure = np.ones(outputs.shape, dtype=bool)
        if self.program.softmax or (self.simulator.loss.classifies and self.simulator.loss.outputs == "sigmoid"):
            sure &= (targets <= 0.0) | (outputs > _UNLIKELY)
            if not self.program.softmax:
                sure &= (targets >= 1.0) | (outputs < 1.0)
        known: Mask = np.asarray(sure.all(axis=0))
        return known

    def _not_finite(self, own: Array, other: Array) -> tuple[float, str]:
        """Return where one is finite and the other is not, or both are other infinities."""
        same = (own == other) | (np.isnan(own) & np.isnan(other))
        wrong = np.argwhere(~same & ~(np.isfinite(own) & np.isfinite(other)))
        return (math.inf, self._place(*wrong[0].tolist())) if len(wrong) else _NOWHERE

    def _place(self, output: int, sample: int) -> str:
        return f"{self.simulator.structure.schedule.outputs[output].name}, sample {sample}"

    def _outputs(self, own: Array, other: Array, measure: Scales, numbers: Any) -> tuple[float, str]:
        scale = measure.outputs
        if self.program.softmax:
            # A share moves with its own sum, and with all of them.
            scale = own * (1.0 + scale + (own * scale).sum(axis=0)) + TINY
        parts = _parts(np.abs(own - other), scale)
        output, sample = np.unravel_index(int(np.argmax(parts)), parts.shape)
        return float(parts[output, sample]), self._place(int(output), int(numbers[sample]))

    def _others(self, inputs: Array, targets: Array, outputs: Array, measure: Scales) -> Gradients | None:
        if self.program.softmax and self.simulator.loss.name != SOFTMAX:
            self.findings.append(
                f"the other program ends with a softmax, which the network's loss, {self.simulator.loss}, does not do: "
                f"with {SOFTMAX} it would"
            )
            return None
        places = self.shared.places if self._own_gradients is not None else np.empty(0, dtype=np.intp)
        ulp = 2.0**-52 if self.allowed.outputs < _ROUNDED else 2.0**-23
        other = OtherProgram(self.program, self.simulator.loss, inputs.T.copy(), ulp)
        scale = 1.0 + measure.outputs if self.program.softmax else np.maximum(measure.outputs, np.abs(outputs.T))
        return other.gradients(targets.T.copy(), outputs, places, scale.T)

    def _gradients(self, measure: Scales, found: Gradients | None) -> tuple[tuple[float, str], float]:
        if found is None or self._own_gradients is None or not len(found.places):
            return _NOWHERE, math.nan
        structure, places = self.simulator.structure, found.places
        own = self.shared.summed(places, self._own_gradients[structure.schedule.slots])
        size, rounding = (self.shared.scaled(places, each) for each in (measure.gradients, measure.unsure))
        unsure = found.unsure
        known = np.isfinite(unsure)
        if not known.all():
            self.remarks.append(f"{plural(int((~known).sum()), 'gradient')} could not be differenced")
        scale = size + rounding + unsure / self.allowed.gradients
        apart = np.abs(own - found.values)
        parts = np.where(known, _parts(apart, np.where(known, scale, 1.0)), 0.0)
        worst = int(np.argmax(parts))
        digits = math.nan
        if found.differenced and known.any():
            each = _digits(unsure[known], size[known])
            digits = float(np.median(each)) if len(each) else math.nan
            few = int((each < _FEW).sum())
            if few:
                self.remarks.append(
                    f"at a kink or a sharp turn differences know little: fewer than {_FEW} digits of "
                    f"{plural(few, 'gradient')}"
                )
        return (float(parts[worst]), self.shared.name(int(places[worst]), structure)), digits

    def _say(self, finite: Mask, said: Mask, found: Gradients | None) -> None:
        """Note what was left out."""
        if not finite.all():
            count = int((~finite).sum())
            self.remarks.append(
                f"{plural(count, 'sample')} with numbers that are not finite: only outputs are compared"
            )
        if (finite & ~said).any():
            count = int((finite & ~said).sum())
            self.remarks.append(
                f"{plural(count, 'sample')} whose right class has a probability that is rounded to 0 there: its "
                "logarithm is lost, so only outputs are compared"
            )
        if found is None:
            return
        self.remarks += without_path(self.shared.match, self.simulator.structure.schedule)
        if self.shared.lost:
            lost = plural(self.shared.lost, "tied weight")
            self.remarks.append(f"{lost} with uses that have no counterpart: not compared")
        if constants := self.shared.constants:
            self.remarks.append(f"constants of the other program, without gradients: {plural(constants, 'weight')}")
        total = len(self.shared.places)
        if found.differenced and 0 < len(found.places) < total:
            self.remarks.append(f"{len(found.places)} of {total:,} weights differenced, chosen at random")

    def _told(
        self, samples: int, outputs: tuple[float, str], error: float, gradients: tuple[float, str], digits: float,
        found: Gradients | None,
    ) -> ExchangeProof:  # fmt: skip
        structure, loss = self.simulator.structure, self.simulator.loss
        layers = "-".join(str(len(layer.nodes)) for layer in structure.schedule.layers)
        count = weights_in(structure.schedule)
        notes = self.shared.match.remarks, self.remarks, self.allowed.remarks, self.program.blueprint.notes
        return ExchangeProof(
            network=f"a network {layers} of {plural(Count(count), 'weight')}, loss {loss}",
            program=self.program.name,
            samples=samples,
            outputs=outputs[0],
            outputs_at=outputs[1],
            error=error,
            gradients=gradients[0],
            gradients_at=gradients[1],
            outputs_allowed=self.allowed.outputs,
            gradients_allowed=self.allowed.gradients,
            compared=0 if found is None else len(found.places),
            weights=count,
            way="" if found is None else found.way,
            digits=digits,
            findings=tuple(self.findings),
            remarks=tuple(_different(note for each in notes for note in each)),
        )


def _different(notes: Iterable[str]) -> Iterable[str]:
    return dict.fromkeys(notes)


def _digits(unsure: Array, scale: Array) -> Array:
    """Return how many digits each difference has, by the scale of what is differenced."""
    moved = scale > 0.0
    share = np.maximum(unsure[moved] / scale[moved], 1e-16)
    return np.asarray(np.maximum(0.0, -np.log10(share)))


def _parts(apart: Any, scale: Any) -> Any:
    """Return differences in parts of a scale; 0 where there is none, and infinite where one is not a number."""
    with np.errstate(all="ignore"):
        # Below the smallest normal number digits are lost, whoever calculates.
        parts = np.asarray(apart) / np.maximum(np.asarray(scale), _SMALLEST)
        parts = np.where(np.asarray(apart) == 0.0, 0.0, parts)
        found = np.where(np.isnan(parts), np.inf, parts)
    return found if found.ndim else float(found)

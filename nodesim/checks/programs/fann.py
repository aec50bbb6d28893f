"""FANN as another program: its own library runs what a file says."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.checks.programs.fann_library import Loaded, library
from nodesim.checks.programs.fann_text import text_of
from nodesim.checks.programs.program import DOUBLE, SINGLE, Allowed
from nodesim.exchange.blueprint import Blueprint
from nodesim.exchange.fann import reading
from nodesim.exchange.fann.activations import FUNCTIONS
from nodesim.exchange.fann.building import LIMIT
from nodesim.exchange.fann.soundness import targets
from nodesim.exchange.fann.text import Written
from nodesim.formats.atomic import path_of
from nodesim.functions.contracts import Loss
from nodesim.network import Network
from nodesim.notation.symbols import plural

# FANN looks each weight up among all connections: beyond so many steps a file is written and read in less time.
_STEPS = 5_000_000
_BENT = {
    "FANN_THRESHOLD", "FANN_THRESHOLD_SYMMETRIC", "FANN_SIGMOID_STEPWISE", "FANN_SIGMOID_SYMMETRIC_STEPWISE",
    "FANN_LINEAR_PIECE", "FANN_LINEAR_PIECE_SYMMETRIC",
}  # fmt: skip


def program_of(file: Any, scale: bool | None = None, nodes: int | None = None) -> FannProgram:
    """Return FANN with the network of a file.

    Parameters
    ----------
    file : path
        What `nodesim.from_fann` reads.
    scale : bool, optional
        As there.
    nodes : int, optional
        Where `scale` is not said: how many nodes the network has, to which one for each input and output is added where
        that scales.

    Raises
    ------
    MissingExtraError
        Without FANN's library.
    FileError, ExchangeError
        As `nodesim.from_fann`; the library gets no other file.
    """
    library()
    written, name = reading.written(file), str(path_of(file))
    if written.scaling and scale is None and nodes is not None:
        plain = reading.blueprint(name, written, None, scale=False)
        scale = nodes > len(plain.names)
    return FannProgram(written, reading.blueprint(name, written, None, scale), scaled=bool(scale))


class FannProgram:
    """FANN, which runs one sample after the other; see `nodesim.checks.programs.program.Program`.

    Parameters
    ----------
    written : Written
        What its file says.
    blueprint : Blueprint
        What that reads as.
    scaled : bool
        Whether it scales inputs and outputs, by its own functions.
    """

    softmax = False

    def __init__(self, written: Written, blueprint: Blueprint, *, scaled: bool) -> None:
        self.name = f"FANN ({library().name})"
        self.blueprint = blueprint
        self._written, self._scaled = written, scaled
        self._targets = targets(written)
        self._numbers = written.weights
        self._loaded = self._load()

    def allowed(self, inputs: Array) -> Allowed:
        """Say how far it may be away: no farther where it cuts off sums, which is told."""
        single = library().dtype == "float32"
        limit = SINGLE if single else DOUBLE
        return Allowed(limit, limit, tuple(self._remarks(inputs, single)))

    def outputs(self, inputs: Array, weights: Array) -> Array:
        """Run it with the weights of the blueprint, or changed ones."""
        count = len(self._written.weights)
        self._set(weights[:count] / self.blueprint.origins.factor[:count])
        return self._loaded.outputs(inputs, scaled=self._scaled)

    def judged(self, inputs: Array, targets: Array, loss: Loss) -> tuple[float, Array] | None:
        """Return None: FANN's own gradients are those of none of its errors."""
        return None

    # ---- weights ---------------------------------------------------------------------------------------------

    def _set(self, numbers: Array) -> None:
        changed: Indices = np.flatnonzero(numbers != self._numbers)
        self._numbers = numbers
        if len(changed) * len(numbers) > _STEPS:
            self._loaded = self._load()
        elif len(changed):
            self._loaded.set_weights(self._written.sources[changed], self._targets[changed], numbers[changed])

    def _load(self) -> Loaded:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "network.net"
            file.write_text(text_of(self._written, self._numbers), encoding="utf-8")
            return Loaded(file)

    # ---- remarks ---------------------------------------------------------------------------------------------

    def _remarks(self, inputs: Array, single: bool) -> Iterator[str]:
        if single:
            yield f"It runs in single precision: {library().name} is here, and libdoublefann is not."
        yield (
            "Its own gradients are halved for symmetric outputs, and cut off where a function is flat, to train "
            "faster: those compared here are differences of its outputs."
        )
        yield from self._cut_off(inputs)
        active = self._written.functions[self._written.counts > 0]
        bent = [FUNCTIONS[index][0] for index in sorted(set(active.tolist())) if FUNCTIONS[index][0] in _BENT]
        if bent:
            yield f"{', '.join(bent)}: at a kink or a jump, differences of its outputs are no derivatives."

    def _cut_off(self, inputs: Array) -> Iterator[str]:
        """Tell which sums leave the limits that FANN keeps them in."""
        network = self.blueprint.network(Network)
        network.forward(inputs)
        beyond = {}
        for neuron, node in self._sums(network):
            steep = self._written.steepness[neuron]
            most = LIMIT / steep * FUNCTIONS[self._written.functions[neuron]][2]
            count = int((np.abs(np.atleast_1d(node.value)) > most).sum())
            if count:
                beyond[node.name] = count
        if beyond:
            name, count = next(iter(beyond.items()))
            more = f", and those of {plural(len(beyond) - 1, 'other node')}" if len(beyond) > 1 else ""
            yield (
                f"It cuts off sums at ±150 / steepness: that of {name} in {plural(count, 'sample')}{more}. Its outputs "
                "may be other ones there, and are not excused."
            )

    def _sums(self, network: Network) -> Iterator[tuple[int, Any]]:
        """Yield the neurons that sum up, and their nodes."""
        for place in np.flatnonzero(np.diff(self._targets, prepend=-1)):
            yield int(self._targets[place]), network[self.blueprint.names[self.blueprint.targets[place]]]

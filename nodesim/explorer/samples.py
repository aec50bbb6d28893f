"""The samples that an explorer shows: those given, or those of the network's last run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import ArgumentError
from nodesim.explorer.numbers import written
from nodesim.graph.structure import Structure
from nodesim.simulation.data_set import NamedSamples
from nodesim.simulation.simulator import Simulator
from nodesim.validation import items, shortened
from nodesim.wording.language import Language


@dataclass(frozen=True, eq=False)
class Samples:
    """Samples with their names.

    Attributes
    ----------
    names : list of str
    inputs : ndarray of shape (n_inputs, n_samples)
    targets : ndarray of shape (n_outputs, n_samples) or None
    """

    names: list[str]
    inputs: Array
    targets: Array | None

    @property
    def size(self) -> int:
        """How many numbers one sample has."""
        return len(self.inputs) + (0 if self.targets is None else len(self.targets))

    def take(self, places: Sequence[int]) -> Samples:
        """Return some of them."""
        targets = None if self.targets is None else self.targets[:, places]
        return Samples([self.names[place] for place in places], self.inputs[:, places], targets)

    def described(self) -> list[dict[str, Any]]:
        """Return what the document says of each."""
        targets = [None] * len(self.names) if self.targets is None else map(written, self.targets.T)
        return [{"name": name, "x": written(x), "y": y} for name, x, y in zip(self.names, self.inputs.T, targets)]


def samples(simulator: Simulator, x: Any, y: Any, names: Sequence[str] | None, language: Language) -> Samples:
    """Return the samples given, or without any those of the network's last run; there may be none.

    Raises
    ------
    DataError, ArgumentError, FunctionError, StructureError
        If samples, targets or names do not fit the network or one another.
    """
    if x is None and y is not None:
        raise ArgumentError("explore got targets y without samples X. Pass both, or neither for those of the last run.")
    found = _of_last_run(simulator.structure, language) if x is None else _given(simulator, x, y, language)
    if names is None:
        return found
    called = items(names, "names", "a list of names")
    if len(called) != len(found.names):
        raise ArgumentError(f"names must be one for each of {len(found.names)} samples, got {len(called)}.")
    written = [name if isinstance(name, str) else shortened(name) for name in called]
    return Samples(written, found.inputs, found.targets)


def _given(simulator: Simulator, x: Any, y: Any, language: Language) -> Samples:
    inputs, single = simulator.inputs(x)
    count = inputs.shape[1]
    # A data set brings its targets, where it has any.
    y = x if y is None and isinstance(x, NamedSamples) and x.y is not None else y
    targets = None if y is None else simulator.targets(y, count, single=single)
    return Samples(_numbered(count, language), inputs, targets)


def _of_last_run(structure: Structure, language: Language) -> Samples:
    run, schedule = structure.store.run, structure.schedule
    if run is None:
        return Samples([], np.zeros((len(schedule.inputs), 0)), None)
    targets = None if run.targets is None else run.targets.copy()
    return Samples(_numbered(run.n_samples, language), run.rows("activated", schedule.input_rows).copy(), targets)


def _numbered(count: int, language: Language) -> list[str]:
    return [language.say("sample {number}", number=number) for number in range(1, count + 1)]

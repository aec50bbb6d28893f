"""What comes in at the door of a simulator: samples, checked and in the order of its nodes, and labels of classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.errors import DataError
from nodesim.functions.contracts import Loss
from nodesim.graph.elements import Node
from nodesim.graph.schedule import Schedule
from nodesim.graph.structure import Structure
from nodesim.simulation import class_labels, data_set, objective, samples
from nodesim.simulation.at_once import AtOnce
from nodesim.simulation.class_labels import Labels
from nodesim.simulation.data_set import NamedSamples

# Labels, and the outputs that they were set for.
KeptClasses = tuple[Labels, tuple[Node, ...]]


class Door:
    """Reads samples for a structure and a loss.

    Parameters
    ----------
    structure : Structure
    loss : Loss
    """

    def __init__(self, structure: Structure, loss: Loss) -> None:
        self.structure = structure
        self._loss = loss
        self.at_once = AtOnce(structure)
        self._kept_classes: KeptClasses | None = None

    @property
    def classes(self) -> Labels | None:
        """The labels of the outputs, two of a single one; None without any, and once an output has come or gone."""
        kept = self._kept_classes
        return kept[0] if kept is not None and kept[1] == tuple(self.structure.schedule.outputs) else None

    @classes.setter
    def classes(self, classes: Any) -> None:
        self.structure.lock.check_settable()
        self._keep(None if classes is None else class_labels.checked(classes, self.structure.schedule.outputs))

    @property
    def labels(self) -> Sequence[Any] | None:
        """By what the classes are called: their labels, or the names of several outputs; None without any."""
        return self.classes or class_labels.named_outputs(self.structure.schedule.outputs) or None

    @property
    def kept_classes(self) -> KeptClasses | None:
        """The labels with the outputs that they were set for, to be set again later."""
        return self._kept_classes

    @kept_classes.setter
    def kept_classes(self, kept: KeptClasses | None) -> None:
        # Targets of a single output are numbers at a glance, unless its labels are.
        self.at_once.reads_labels = kept is not None and class_labels.numeric(kept[0])
        self._kept_classes = kept

    def _keep(self, classes: Labels | None) -> None:
        self.kept_classes = None if classes is None else (classes, tuple(self.structure.schedule.outputs))

    def learn_classes(self, x: Any, y: Any = None) -> None:
        """Take the labels among targets for the classes, where the network has none: as whoever trains it does.

        Parameters
        ----------
        x, y : array_like
            As for `pairs`. Targets without labels leave all as it is.

        Raises
        ------
        DataError
            If there are more or fewer labels than the outputs stand for.

        Examples
        --------
        >>> import nodesim as ns
        >>> simulator = ns.Network.layered([2, 2, 2], seed=0).simulator
        >>> simulator.learn_classes([[0.5, 1.0], [1.0, 0.5]], ["sun", "rain"])
        >>> simulator.classes
        ('rain', 'sun')
        """
        if self.classes is not None:
            return
        outputs, data = self.structure.schedule.outputs, x if y is None else y
        if isinstance(data, NamedSamples):
            if data.classes:
                self._keep(data_set.learned(data, outputs))
        elif (found := samples.labels_among(y, outputs)) is not None:
            self._keep(class_labels.learned(class_labels.occurring(found), outputs, "y"))

    def inputs(self, x: Any) -> tuple[Array, bool]:
        """Return checked inputs, shape (n_inputs, n_samples), and whether x was one sample.

        Raises
        ------
        StructureError, DataError
            If the structure cannot be run, or x does not fit.
        """
        schedule = self.structure.schedule
        schedule.check_runnable()
        return samples.inputs(x, schedule.inputs)

    def targets(self, y: Any, n_samples: int, *, single: bool) -> Array:
        """Return checked targets, shape (n_outputs, n_samples).

        Raises
        ------
        FunctionError, DataError
            If the loss does not fit the outputs, or y does not fit.
        """
        outputs = self.structure.schedule.outputs
        objective.check_outputs(self._loss, outputs)
        return samples.targets(y, outputs, n_samples, single=single, loss=self._loss, classes=self.classes)

    def pairs(self, x: Any, y: Any = None, *, looked_at: bool = True) -> tuple[Array, Array, bool]:
        """Return checked inputs and targets of the same samples, and whether x was one sample.

        They may be the caller's own arrays: to be read, and not kept.

        Parameters
        ----------
        x, y : array_like
            See `nodesim.simulation.samples`. Without y, x is what brings both: a `nodesim.Dataset`.
        looked_at : bool
            Whether it is looked at every input if it is finite. Whoever leaves that out has numbers that are not finite
            where an input is none, because every input that feeds something enters a sum; `check_inputs` tells then.

        Raises
        ------
        StructureError, FunctionError, DataError
            As for `inputs` and `targets`; and if y is missing.
        """
        if y is None:
            y = x
            if not isinstance(x, NamedSamples):
                raise DataError(
                    "y is missing: give what the samples should be, or a nodesim Dataset, which has both, in the "
                    f"place of X; got X of type {type(x).__name__} alone."
                )
        schedule = self.structure.schedule
        schedule.check_runnable()
        objective.check_outputs(self._loss, schedule.outputs)
        inputs, single = samples.inputs(x, schedule.inputs, shared=True, looked_at=looked_at)
        if not looked_at and len(idle := schedule.cached(_idle_inputs)) and not np.isfinite(inputs[idle]).all():
            self.check_inputs(inputs)
        targets = samples.targets(
            y, schedule.outputs, inputs.shape[1], single=single, loss=self._loss, shared=True, classes=self.classes
        )
        return inputs, targets, single

    def check_inputs(self, inputs: Array) -> None:
        """Check that inputs of shape (n_inputs, n_samples) are finite.

        Raises
        ------
        DataError
            Saying which sample and input is not.
        """
        samples.check_finite(inputs.T, "input", self.structure.schedule.inputs)

    def check_targets(self, targets: Array) -> None:
        """Check again targets that were right when they came: the loss may be another one since.

        Raises
        ------
        FunctionError, DataError
            If the loss does not fit the outputs, or they do not fit the loss.
        """
        outputs = self.structure.schedule.outputs
        objective.check_outputs(self._loss, outputs)
        samples.check_range(targets.T, outputs, self._loss)


def _idle_inputs(schedule: Schedule) -> Indices:
    """Return the numbers, among all inputs, of those that feed nothing."""
    return np.flatnonzero(np.isin(schedule.input_rows, schedule.sources, invert=True))

"""What runs a network: a structure, a loss and an engine. It calculates, and shows nothing.

References
----------
Article, section 3, steps 2 and 3.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from nodesim._arrays import Array
from nodesim.engines import choice
from nodesim.engines.training_task import MOST_THREADS, LaneTrainer, Trainer, TrainingTask
from nodesim.errors import ArgumentError, ArgumentTypeError, FunctionError
from nodesim.functions.contracts import Loss, Optimizer
from nodesim.graph import builders
from nodesim.graph.run import OutputGradient, Run
from nodesim.graph.schedule import Schedule
from nodesim.graph.structure import Structure
from nodesim.plugins import lookup
from nodesim.simulation import faults, objective
from nodesim.simulation.class_labels import Labels
from nodesim.simulation.door import Door
from nodesim.simulation.kept_trainer import KeptTrainer
from nodesim.simulation.kept_training import KeptTraining
from nodesim.simulation.optimizer_state import OptimizerState
from nodesim.simulation.terms import NONE, Terms
from nodesim.validation import whole

T = TypeVar("T")


class Simulator(Door):
    """Runs samples through a structure, forward and backward, and shows nothing of it on the objects.

    Whoever needs numbers of a network takes this: training, checks, the explorer, diagnosis, recordings.

    Parameters
    ----------
    structure : Structure
    loss : str or Loss
    engine : str
        See `engine`.
    threads : int
        See `threads`.

    Attributes
    ----------
    at_once : AtOnce
        What runs single samples in as few steps as there can be.
    kept_state : tuple of Schedule and OptimizerState, or None
        What `nodesim.Network.update` goes on with, and of which version of the structure.
    kept_training : KeptTraining or None
        Where the last training stopped, for `nodesim.Network.fit` to go on there.

    Raises
    ------
    UnknownNameError, MissingExtraError, ArgumentError
        If the loss or the engine is unknown, or not to be had.

    See Also
    --------
    nodesim.Network : shows what it calculates.

    Examples
    --------
    >>> import nodesim as ns
    >>> simulator = ns.Network.layered([2, 2, 1], seed=0).simulator
    >>> inputs, single = simulator.inputs([0.5, 1.0])
    >>> run = simulator.forward(inputs)
    >>> gradients = simulator.backward(run, simulator.targets([1.0], 1, single=single))
    >>> run.errors.shape, gradients.shape
    ((1,), (9,))
    """

    def __init__(self, structure: Structure, loss: object = "mse", engine: str = "compiled", threads: int = 1) -> None:
        super().__init__(structure, lookup.loss(loss))
        self._calculating: dict[int, bool] = {}
        self._kept_trainer = KeptTrainer()
        self.engine = engine
        self._threads = threads
        self.kept_state: tuple[Schedule, OptimizerState] | None = None
        self.kept_training: KeptTraining | None = None

    @property
    def loss(self) -> Loss:
        """How the error e is calculated; set it by name or object."""
        return self._loss

    @loss.setter
    def loss(self, loss: object) -> None:
        self.structure.lock.check_settable()
        self._loss = lookup.loss(loss)
        self.at_once.begin(self._engine, self._loss)
        self.structure.store.changed()

    @property
    def engine(self) -> str:
        """What calculates, by name; see `nodesim.Network.engine`."""
        return self._name

    @engine.setter
    def engine(self, name: str) -> None:
        self.structure.lock.check_settable()
        self._engine = choice.engine(name, self.structure.dtype)
        self._name = name
        self.at_once.begin(self._engine, self._loss)

    @property
    def form(self) -> str:
        """The engine, by name, that always calculates as this one does now; see `nodesim.engines.compiled`."""
        return choice.form_name(self._name, self._engine)

    @property
    def threads(self) -> int:
        """How many threads the compiled engine may use for a batch."""
        return self._threads

    @threads.setter
    def threads(self, threads: int) -> None:
        threads = whole(threads, "threads", most=MOST_THREADS)
        self.structure.lock.check_settable()
        self._threads = threads

    @property
    def habits(self) -> tuple[int, float]:
        """How many threads it uses, and how much work its engine was asked for: what copies keep, and files do not."""
        return self._threads, self._engine.work

    @habits.setter
    def habits(self, habits: tuple[int, float]) -> None:
        self._threads, self._engine.work = habits
        self.at_once.begin(self._engine, self._loss)

    # ---- runs ---------------------------------------------------------------------------------------------

    def empty_run(self, n_samples: int, *, masked: bool = False) -> Run:
        """Return room for the numbers of some samples, to be run forward with weights (and a mask) that are given."""
        structure = self.structure
        # Kernels know of no nodes that are dropped: NumPy fills a plain run.
        kind = Run if masked else self._engine.Run
        run: Run = kind(
            structure.schedule.n_rows, n_samples, threads=self._threads, dtype=structure.store.weights.dtype
        )
        return run

    def forward(
        self, inputs: Array, *, single: bool = False, weights: Array | None = None, into: Run | None = None,
        mask: Array | None = None,
    ) -> Run:  # fmt: skip
        """Run forward: value and activated of every node.

        Parameters
        ----------
        inputs : ndarray of shape (n_inputs, n_samples)
            As `inputs` returns them.
        single : bool
            Whether the caller gave one sample as a vector.
        weights : ndarray of shape (n_slots,), optional
            By slot; by default those of the store. The run is calculated in their number type.
        into : Run, optional
            A run of as many samples by the same engine, whose numbers are replaced.
        mask : ndarray of shape (n_rows, n_samples), optional
            By what each HA is multiplied; see `nodesim.simulation.dropout`. NumPy calculates then, unless the engine is
            "nodes".

        Raises
        ------
        NonFiniteError, FunctionError
            If a sum overflows, or an activation does not return finite numbers; the message names the node.
        ArgumentError
            If the run to fill has no room for these samples.
        """
        run, finite = self.attempt(inputs, single=single, weights=weights, into=into, mask=mask)
        if not finite:
            faults.check_forward(self.structure.schedule, run)
        return run

    def attempt(
        self, inputs: Array, *, single: bool = False, weights: Array | None = None, into: Run | None = None,
        mask: Array | None = None,
    ) -> tuple[Run, bool]:  # fmt: skip
        """Run forward as `forward` does, and return the run and whether all its numbers are finite."""
        schedule, store, version = self.structure.schedule, self.structure.store, -1
        if weights is None:
            self.structure.lock.check_settable()
            # Engines may keep what they make of the store's own weights, as long as its version is this.
            weights, version = store.weights, store.version
        if into is None:
            self._engine.expect(schedule, inputs.shape[1])
            kind = self._engine.Run if mask is None else Run
            into = kind(
                schedule.n_rows, inputs.shape[1], single=single, version=version, threads=self._threads,
                dtype=weights.dtype,
            )  # fmt: skip
        else:
            self._check_room(into, inputs, masked=mask is not None)
            into.begin(single=single, version=version)
        into.mask = mask if mask is None else mask.astype(weights.dtype, copy=False)
        return into, self.calculate(self._engine.forward, schedule, weights, inputs, into)

    def _check_room(self, run: Run, inputs: Array, *, masked: bool) -> None:
        shape = (self.structure.schedule.n_rows, inputs.shape[1])
        takes = type(run) is Run if masked else self._engine.takes(run)
        if (run.n_rows, run.n_samples) != shape or not takes:
            kind = (Run if masked else self._engine.Run).__name__
            raise ArgumentError(
                f"the run to fill is of {run.n_rows} nodes and {run.n_samples} samples ({type(run).__name__}); these "
                f"inputs need one of {shape[0]} and {shape[1]} ({kind}), as empty_run({shape[1]}) returns it."
            )

    def errors(self, run: Run, targets: Array) -> Array:
        """Return the error of each sample of a run, shape (n_samples,).

        Raises
        ------
        NonFiniteError, FunctionError
            If one is not finite, or the loss fails.
        """
        return self.calculate(self._errors, self.structure.schedule, run, targets)

    def _errors(self, schedule: Schedule, run: Run, targets: Array) -> Array:
        errors = objective.errors(self._loss, schedule, targets, run)
        faults.check_errors(self._loss, schedule, run, errors)
        return errors

    def backward(
        self, run: Run, targets: Array, *, weights: Array | None = None, into: Array | None = None,
        shares: Array | None = None, terms: Terms = NONE,
    ) -> Array:  # fmt: skip
        """Run backward: fill errors, targets, loss and delta of a run, and return the gradients by slot.

        Parameters
        ----------
        run : Run
            That went forward with these weights.
        targets : ndarray of shape (n_outputs, n_samples)
        weights : ndarray of shape (n_slots,), optional
            By default those of the store.
        into : ndarray of shape (n_slots,), optional
            Where the gradients are written.
        shares : ndarray of shape (n_samples,), optional
            By what each sample's error counts in the mean; see `nodesim.simulation.sample_weights`.
        terms : Terms
            What e has beside that mean, and how long its gradient may be.

        Raises
        ------
        NonFiniteError, FunctionError
            If a derivative is not finite; the message names the node or connection.
        """
        schedule, store = self.structure.schedule, self.structure.store
        if weights is None:
            self.structure.lock.check_settable()
            weights = store.weights
        gradients = np.zeros(store.size, weights.dtype) if into is None else into
        if not self.calculate(self._backward, schedule, weights, run, targets, gradients, shares):
            raise faults.backward_fault(schedule, run, gradients)
        if terms:
            self._add_terms(terms, run, weights, gradients)
        return gradients

    def _add_terms(self, terms: Terms, run: Run, weights: Array, gradients: Array) -> None:
        """Add the derivatives of penalties to gradients, and cut back what is too long."""
        structure = self.structure
        run.penalties, run.clip = terms.add_to(gradients, structure.schedule, weights, structure.store.trainable)
        if run.clip is not None:
            with np.errstate(all="ignore"):
                run.tables["delta"] = run.delta * run.clip

    def _backward(
        self, schedule: Schedule, weights: Array, run: Run, targets: Array, gradients: Array, shares: Array | None
    ) -> bool:
        if shares is None and self.at_once.judge(weights, run, targets, gradients):
            return True
        run.errors = self._errors(schedule, run, targets)
        run.loss, run.targets = self._loss, targets
        run.output_gradient = objective.output_gradient(self._loss, schedule, targets, run)
        faults.check_entering(self._loss, schedule, run.output_gradient)
        entering, run.shares = run.output_gradient, shares
        if shares is not None:
            entering = OutputGradient(entering.gradient * shares, of_sums=entering.of_sums)
        return self._engine.backward(schedule, weights, entering, run, gradients)

    def calculate(self, call: Callable[..., T], *arguments: Any) -> T:
        """Call what calls the functions of the nodes, or the loss, and let NumPy be silent about their numbers.

        Raises
        ------
        FunctionError
            If one of these functions calls this in turn: whoever runs the network that runs him has no end.
        """
        thread = threading.get_ident()
        if thread in self._calculating:
            raise FunctionError(
                "an activation or a loss runs the network that is calling it, which has no end; let it run a copy: "
                "network.copy()."
            )
        # Written so that nothing is called, which is where Ctrl-C comes in, between this, the try and the del.
        self._calculating[thread] = True
        try:
            with np.errstate(all="ignore"):
                return call(*arguments)
        finally:
            del self._calculating[thread]

    def expect(self, n_samples: int, times: int) -> None:
        """Tell the engine what it will be asked for: so many times forward, backward and update of so many samples.

        The runs of a training are made once and filled again and again, which is not counted.
        """
        self._engine.expect(self.structure.schedule, n_samples, times)

    def trainer(self, optimizer: Optimizer, inputs: Array, targets: Array, batch: int) -> Trainer | None:
        """Return what trains whole epochs on samples, or None where the engine leaves every update to its caller."""
        return self._kept_trainer.trainer(self._engine, self._task(optimizer, inputs, targets, batch))

    def lanes(self, optimizer: Optimizer, inputs: Array, targets: Array, batch: int) -> LaneTrainer | None:
        """Return what trains many networks of this structure side by side, or None where each trains by itself."""
        store = self.structure.store
        if self.structure.schedule.ties:
            # Lanes step each connection by itself.
            return None
        return self._engine.lanes(self._task(optimizer, inputs, targets, batch), store.trainable)

    def _task(self, optimizer: Optimizer, inputs: Array, targets: Array, batch: int) -> TrainingTask:
        return TrainingTask(self.structure.schedule, self._loss, optimizer, inputs, targets, batch, self._threads)

    def copy(self, face: Any = None) -> Simulator:
        """Return an independent simulator of an independent structure that is the same bit by bit, nothing run yet.

        Parameters
        ----------
        face : object, optional
            What the copied elements show as their network; by default their structure.
        """
        twin = Simulator(builders.copied(self.structure, face), self._loss, self._name, self._threads)
        twin._engine, twin.kept_training = self._engine.copy(), self.kept_training
        twin.at_once.begin(twin._engine, twin._loss)
        twin.classes = self.classes
        return twin

    def __deepcopy__(self, memo: object) -> Simulator:
        return self.copy()

    def __reduce__(self) -> tuple[Any, ...]:
        # Pickled, a simulator is that of its network, or if it has none, of its structure.
        if self.structure.face is self.structure:
            return _with_habits, (self.structure, self._loss, self._name, self.habits, self.classes)
        return _simulator_of, (self.structure.face,)


def _with_habits(
    structure: Structure, loss: Loss, engine: str, habits: tuple[int, float], classes: Labels | None = None
) -> Simulator:
    simulator = Simulator(structure, loss, engine)
    simulator.habits, simulator.classes = habits, classes
    return simulator


def _simulator_of(network: Any) -> Any:
    return network.simulator


def simulator_of(network: object, refusal: str) -> Simulator:
    """Return the simulator of a network.

    Raises
    ------
    ArgumentTypeError
        In the words of the refusal, and with what came instead.
    """
    try:
        found = getattr(network, "simulator", None)
    except Exception:
        # Attributes of other people's objects may raise anything.
        found = None
    if not isinstance(found, Simulator):
        raise ArgumentTypeError(f"{refusal}, got {type(network).__name__}.")
    return found

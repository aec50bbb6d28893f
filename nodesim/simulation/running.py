"""One run at a time: forward, backward, update, as the article's steps 2 and 3."""

from __future__ import annotations

from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import ArgumentError, StateError
from nodesim.functions.contracts import Loss
from nodesim.gradients.derivative_graph import DerivativeGraph, snapshot
from nodesim.graph.assembly import Assembly
from nodesim.graph.run import Run
from nodesim.graph.structure import Seed
from nodesim.plugins import lookup
from nodesim.simulation import calculation, objective, samples
from nodesim.simulation.optimizer_state import Optimization, rate
from nodesim.validation import whole

_MOST_THREADS = 2


class Running(Assembly):
    """A structure that runs forward, backward and updates its weights; see `Network`."""

    def __init__(
        self,
        loss: object = "mse",
        seed: Seed = None,
        *,
        initializer: object = "normal",
        engine: str = "compiled",
        dtype: str = "float64",
    ) -> None:
        super().__init__(seed=seed, initializer=initializer, dtype=dtype)
        self._loss = lookup.loss(loss)
        self._threads = 1
        self.engine = engine
        self._optimization: tuple[int, Optimization] | None = None
        self._photograph: tuple[Run, DerivativeGraph] | None = None

    @property
    def loss(self) -> Loss:
        """How the error e is calculated; set it by name or object."""
        return self._loss

    @loss.setter
    def loss(self, loss: object) -> None:
        self._loss = lookup.loss(loss)
        self.store.changed()

    @property
    def engine(self) -> str:
        """What calculates: "compiled" is fast and the default, "nodes" walks node by node, as the article does.

        All engines mean the same and agree to the last digits. "compiled" runs in native code where numba is
        installed (the extra ``fast``), else in NumPy; "native" and "numpy" ask for one of its two forms.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], seed=0)
        >>> net.engine, net.forward([0.5, 1.0]).shape
        ('compiled', (1,))
        >>> net.engine = "nodes"
        """
        return self._engine

    @engine.setter
    def engine(self, name: str) -> None:
        self._calculator = calculation.engine(name, self.dtype)
        self._engine = name

    @property
    def threads(self) -> int:
        """How many threads the compiled engine may use for a batch: 1 or 2. The results are the same, bit by bit."""
        return self._threads

    @threads.setter
    def threads(self, threads: int) -> None:
        if whole(threads, "threads") > _MOST_THREADS:
            raise ArgumentError(f"threads must be 1 or {_MOST_THREADS}, got {threads}.")
        self._threads = int(threads)

    def forward(self, x: Any) -> Array:
        """Feed forward: H, HA of every node, O and OA of the outputs (article, step 2).

        Parameters
        ----------
        x : array_like of shape (n_inputs,) or (n_samples, n_inputs), or mapping
            One sample or a batch, in the order of `inputs`; or a number or vector for each input's name.

        Returns
        -------
        ndarray of shape (n_outputs,) or (n_samples, n_outputs)
            OA of the outputs. Every node's `value` and `activated` show this run.

        Raises
        ------
        DataError
            If x does not fit or is not finite; the message says which sample and input.
        StructureError
            If there are no inputs or outputs, or nothing leads to an output.
        NonFiniteError, FunctionError
            If a sum overflows or an activation fails; the message names the node.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], seed=0)
        >>> bool(net.forward([0.5, 1.0])[0] == net["O1"].activated)
        True
        """
        schedule = self.schedule
        schedule.check_runnable()
        table, single = samples.inputs(x, schedule.inputs)
        run = self._forward(table, single)
        self.store.show(run)
        outputs = run.rows("activated", schedule.output_rows)
        return outputs[:, 0] if single else outputs.T.copy()

    def _forward(self, inputs: Array, single: bool) -> Run:
        engine, schedule = self._calculator, self.schedule
        run: Run = engine.Run(
            schedule.n_rows,
            inputs.shape[1],
            single=single,
            edition=self.store.edition,
            threads=self.threads,
            dtype=self.store.weights.dtype,
        )
        calculation.forward(engine, schedule, self.store.weights, inputs, run)
        return run

    def backward(self, y: Any) -> float:
        """Walk back from the error: delta of every node, gradient of every connection (article, step 3).

        Parameters
        ----------
        y : array_like of shape (n_outputs,) or (n_samples, n_outputs)
            The desired outputs of the samples of the last `forward`; (n_samples,) is accepted for one output,
            and whole class numbers of that shape for several.

        Returns
        -------
        float
            e, the mean of the samples' errors.

        Raises
        ------
        StateError
            If nothing was run forward, or the network was changed since.
        DataError
            If y does not fit or is not finite.
        NonFiniteError, FunctionError
            If a derivative is not finite or fails; the message names the node.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], seed=0)
        >>> _ = net.forward([0.5, 1.0])
        >>> e = net.backward([1.0])
        >>> bool(e == (1.0 - net["O1"].activated) ** 2)
        True
        """
        run, gradients = self._backward(self._current_run("backward"), y)
        self.store.show(run, gradients)
        assert run.errors is not None
        return calculation.mean(run.errors)

    def _backward(self, before: Run, y: Any) -> tuple[Run, Array]:
        schedule = self.schedule
        objective.check_outputs(self.loss, schedule)
        target = samples.targets(y, schedule.outputs, before.n_samples, single=before.single, loss=self.loss)
        run, gradients = before.for_backward(), np.zeros(self.store.size, self.store.weights.dtype)
        calculation.backward(self._calculator, self.loss, schedule, self.store.weights, target, run, gradients)
        return run, gradients

    def _current_run(self, what: str) -> Run:
        run = self.store.run
        if run is None:
            raise StateError(
                f"{what} needs a forward run of this network as it is; nothing was run since it was made, edited "
                "or trained. Run network.forward(x) first."
            )
        if run.edition != self.store.edition:
            raise StateError(
                f"{what} needs a forward run of this network as it is; a weight, function or constant was changed "
                "since the last one. Run network.forward(x) again."
            )
        return run

    def _traced_run(self, what: str) -> Run:
        run = self._current_run(what)
        if run.errors is None:
            raise StateError(f"{what} needs the gradients of this run: run network.backward(y) first.")
        return run

    def update(self, learning_rate: float | None = None, optimizer: object = "sgd") -> None:
        """Change all trainable weights simultaneously, by the gradients of the last backward (article, step 3).

        Parameters
        ----------
        learning_rate : float, optional
            η; by default the optimizer's own, 0.5 for "sgd".
        optimizer : str or Optimizer
            Its state (velocities, moments) is kept from update to update, until another optimizer is used or
            the structure is edited.

        Raises
        ------
        StateError
            Without a backward on the weights as they are.
        ArgumentError, NonFiniteError, FunctionError
            If the learning rate is not usable, or a weight would not be finite.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], seed=0)
        >>> _, _ = net.forward([0.5, 1.0]), net.backward([1.0])
        >>> expected = net["W1"].weight - 0.5 * net["W1"].gradient
        >>> net.update(learning_rate=0.5)
        >>> net["W1"].weight == expected
        True
        """
        self._traced_run("update")
        chosen = lookup.optimizer(optimizer)
        eta = rate(learning_rate, chosen)
        store, size = self.store, self.store.size
        optimization = self._optimization_of(chosen, eta)
        weights, state = optimization.step(store.weights[:size], store.gradients[:size], store.trainable[:size], eta)
        store.weights[:size] = weights
        optimization.state = state
        self._optimization = (store.structure, optimization)
        store.changed()

    def _optimization_of(self, optimizer: Any, eta: float) -> Optimization:
        structure, current = self._optimization or (-1, None)
        if current is not None and structure == self.store.structure and current.optimizer == optimizer:
            return current
        return Optimization(optimizer, self.store.weights[: self.store.size], eta, self._describe_slot)

    def _derivatives(self, what: str) -> DerivativeGraph:
        run = self._traced_run(what)
        taken, graph = self._photograph or (None, None)
        if graph is None or taken is not run:
            graph = snapshot(self.schedule, self.store.weights, run)
            self._photograph = (run, graph)
        return graph

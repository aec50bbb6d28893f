"""The network that people use: assembled, run, trained and traced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import ArgumentError, NonFiniteError, StateError
from nodesim.graph import builders
from nodesim.graph.structure import Seed
from nodesim.keeping import Keeping
from nodesim.notation.symbols import plural
from nodesim.plugins import lookup
from nodesim.simulation import calculation, objective, samples
from nodesim.simulation.optimizer_state import rate
from nodesim.training import loop
from nodesim.training.history import History

if TYPE_CHECKING:
    from nodesim.graph.run import Run


class Network(Keeping):
    """A feed-forward network: any directed acyclic graph of nodes, in the article's names.

    Parameters
    ----------
    loss : str or Loss
        How the error e is calculated, by name or as an object.
    seed : int, numpy.random.Generator or None
        Weights are drawn and samples shuffled by this generator alone: the same seed and the same calls give
        the same network, bit by bit.
    initializer : str or Initializer
        How `connect` draws a weight: "normal" is N(0, 1).
    engine : str
        What calculates; see `Network.engine`.
    dtype : {"float64", "float32"}
        What the numbers are. In float32 they take half the memory, and gradients agree with those in float64 to 1e-4
        of the sum of absolute path products.

    Raises
    ------
    UnknownNameError, ArgumentError
        If a name is unknown, or the seed is none.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 2], seed=0)
    >>> net
    <Network 2-2-2: 8 nodes, 12 connections, loss mse>
    >>> net.forward([0.05, 0.1]).shape
    (2,)

    References
    ----------
    E. Beqari, "A Very Basic Introduction to Feed-Forward Neural Networks" (DZone, 2018), sections 1 to 4.
    """

    @classmethod
    def layered(
        cls,
        sizes: Any,
        hidden: object = "sigmoid",
        output: object = "linear",
        *,
        bias: bool = True,
        loss: object = "mse",
        seed: Seed = None,
        initializer: object = "normal",
        dtype: str = "float64",
    ) -> Self:
        """Make a fully connected network, layer by layer, in the article's numbering.

        Parameters
        ----------
        sizes : sequence of int
            How many inputs, nodes of each hidden layer, and outputs.
        hidden : str, Activation, or a list of one for each hidden layer
        output : str or Activation
        bias : bool
            Whether each layer that feeds another has a bias node.
        loss, seed, initializer, dtype
            As for `Network`.

        Raises
        ------
        ArgumentError, UnknownNameError
            If a size or a name is not usable.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], hidden="sigmoid", output="linear", loss="mse", seed=0)
        >>> net["W12"].source.name, net["W12"].target.name
        ('B2', 'O2')

        References
        ----------
        Article, section 2, "Weight numbering".
        """
        network = cls(loss, seed, initializer=initializer, dtype=dtype)
        builders.connect_layers(network, sizes, hidden, output, bias)
        return network

    def copy(self) -> Self:
        """Return an independent network with the same structure, numbers and generator, and nothing run yet.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], seed=0)
        >>> (net.copy().weights == net.weights).all()
        np.True_
        """
        twin = type(self).__new__(type(self))
        # Subclasses may have a constructor of their own.
        Network.__init__(twin, self._loss, engine=self.engine, dtype=self.dtype)
        builders.copy_structure(self, twin)
        return twin

    __copy__ = copy

    def __deepcopy__(self, memo: object) -> Self:
        return self.copy()

    # ---- learn and use ------------------------------------------------------------------------------

    def fit(
        self,
        X: Any,
        y: Any,
        epochs: int = 1000,
        learning_rate: float | None = None,
        batch_size: int | None = None,
        optimizer: object = "sgd",
        *,
        shuffle: bool = True,
        validation_data: Any = None,
        stop_at_error: float | None = None,
        patience: int | None = None,
        tolerance: float | None = None,
        callbacks: Any = (),
        progress: bool | None = None,
    ) -> History:
        """Train: forward, backward and simultaneous update, over and over.

        Parameters
        ----------
        X : array_like of shape (n_samples, n_inputs)
        y : array_like of shape (n_samples, n_outputs)
            Also class numbers of shape (n_samples,), as for `backward`.
        epochs : int
            How many times the samples are gone through, at most.
        learning_rate : float, optional
            η; by default the optimizer's own.
        batch_size : int, optional
            Samples for each update: None takes them all, 1 is online learning.
        optimizer : str or Optimizer
            It starts afresh with each call.
        shuffle : bool
            Whether the samples are put into another order each epoch, where there are several batches.
        validation_data : pair (X, y), optional
            Its error is recorded, and watched instead of the training error.
        stop_at_error : float, optional
            Stop as soon as the error over all samples is this low.
        patience : int, optional
            Stop when the error watched has not become lower for so many epochs. With `validation_data` the
            weights of the best epoch are restored. Default 10 if a tolerance is given, else never.
        tolerance : float, optional
            What counts as lower: by more than this.
        callbacks : callable or list of callables
            Each is called with an `Epoch` at the end of every epoch; one that returns True stops the training.
        progress : bool, optional
            Whether to show a progress line; by default on a terminal, after a second.

        Returns
        -------
        History
            The errors and why it stopped. Ctrl-C and numbers that are not finite stop the training too: the
            weights are those of the last whole, finite step.

        Raises
        ------
        ArgumentError, DataError, StructureError, FunctionError
            If an argument, the data, the network or a function is not usable; nothing is changed then.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 3, 1], seed=1)
        >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
        >>> net.fit(X, y, epochs=5000, stop_at_error=0.001).converged
        True
        """
        chosen = lookup.optimizer(optimizer)
        plan = loop.plan(
            epochs=epochs, learning_rate=rate(learning_rate, chosen), optimizer=chosen, batch_size=batch_size,
            shuffle=shuffle, stop_at_error=stop_at_error, patience=patience, tolerance=tolerance,
            callbacks=callbacks, progress=progress,
        )  # fmt: skip
        self._editable()
        self.schedule.check_runnable()
        objective.check_outputs(self.loss, self.schedule)
        return loop.fit(self, X, y, validation_data, plan)

    def predict(self, X: Any) -> Array:
        """Return the outputs OA for inputs: `forward` by the name that scikit-learn gives it.

        Examples
        --------
        >>> import nodesim as ns
        >>> ns.Network.layered([2, 2, 1], seed=0).predict([[0, 1], [1, 0]]).shape
        (2, 1)
        """
        return self.forward(X)

    def predict_proba(self, X: Any) -> Array:
        """Return the probability of each class: softmax of the outputs, or the outputs where they are sigmoid.

        Raises
        ------
        StateError
            If the loss is not one that classifies.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 3], loss="softmax_cross_entropy", seed=0)
        >>> bool(abs(net.predict_proba([0.0, 1.0]).sum() - 1.0) < 1e-15)
        True
        """
        if not self.loss.classifies:
            raise StateError(f"loss {self.loss.name!r} gives no probabilities; use 'softmax_cross_entropy' or "
                             "'binary_cross_entropy', or network.predict(X) for the outputs.")  # fmt: skip
        outputs = self.predict(X)
        if self.loss.outputs != "linear":
            return outputs
        exponentials: Array = np.exp(outputs - outputs.max(axis=-1, keepdims=True))
        shares: Array = exponentials / exponentials.sum(axis=-1, keepdims=True)
        return shares

    def classify(self, X: Any) -> Any:
        """Return class numbers: the largest output of several, or 1 where a single one is above one half.

        Returns
        -------
        int, or ndarray of int of shape (n_samples,)

        Examples
        --------
        >>> import nodesim as ns
        >>> ns.Network.layered([2, 2, 3], seed=0).classify([[0, 1], [1, 0]]).shape
        (2,)
        """
        classes = objective.classes(self.predict(X).T)
        return int(classes) if classes.ndim == 0 else classes

    def error(self, X: Any, y: Any) -> float:
        """Return e, the mean of the samples' errors; the objects show the forward run.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], seed=0, initializer="zeros")
        >>> net.error([[0, 1], [1, 0]], [1, 2])
        2.5
        """
        run, target = self._judged(X, y)
        error = calculation.mean(calculation.error(self.loss, self.schedule, target, run))
        self.store.show(run)
        return error

    def _judged(self, X: Any, y: Any) -> tuple[Run, Array]:
        """Run forward without showing it, and return the run and its targets."""
        schedule = self.schedule
        schedule.check_runnable()
        objective.check_outputs(self.loss, schedule)
        table, single = samples.inputs(X, schedule.inputs)
        target = samples.targets(y, schedule.outputs, table.shape[1], single=single, loss=self.loss)
        return self._forward(table, single), target

    def score(self, X: Any, y: Any) -> float:
        """Return the accuracy where the loss classifies, else R², the coefficient of determination.

        As in scikit-learn: 1.0 is best, and R² is the mean over the outputs.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([1, 1, 1], seed=0, initializer="zeros")
        >>> net.score([[0.0], [1.0]], [-1.0, 1.0])
        0.0
        """
        run, target = self._judged(X, y)
        outputs = run.rows("activated", self.schedule.output_rows)
        if self.loss.classifies:
            score = float((objective.classes(outputs) == objective.classes(target)).mean())
        else:
            score = _determination(target, outputs)
        self.store.show(run)
        return score

    # ---- display ------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        counts = [str(len(layer)) for layer in self.layers]
        sizes = "-".join(counts if len(counts) <= 12 else [*counts[:6], "...", *counts[-5:]])
        parts = f"{plural(len(self), 'node')}, {plural(len(self._graph.edges), 'connection')}, loss {self.loss}"
        return f"<{type(self).__name__} {sizes}: {parts}>"


def _determination(target: Array, outputs: Array) -> float:
    with np.errstate(all="ignore"):
        spread = ((target - target.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
        missed = ((target - outputs) ** 2).sum(axis=1)
        score = float((1.0 - missed / spread).mean())
    if not spread.all():
        raise ArgumentError("score needs targets that vary: R² is not defined for a constant output.")
    if not np.isfinite(score):
        raise NonFiniteError("score: the squares of these targets or outputs leave the finite numbers.")
    return score


def load(file: Any) -> Network:
    """Read a network from a file that `Network.save` wrote.

    Parameters
    ----------
    file : str or path-like

    Returns
    -------
    Network
        With the same names, numbers, functions and random generator: it goes on as the saved one would.

    Raises
    ------
    FileError
        If there is no such file, or it is damaged, no nodesim network, of a newer version, or needs a function
        that is not registered.

    Notes
    -----
    The file is data: nothing in it is executed, and the whole of it is checked before anything is built.

    Examples
    --------
    >>> import nodesim as ns, tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "net.json"
    >>> ns.Network.layered([2, 2, 1], seed=0).save(file)
    >>> ns.load(file)
    <Network 2-2-1: 7 nodes, 9 connections, loss mse>
    """
    return Network._load(file)

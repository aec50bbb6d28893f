"""What classifier and regressor have in common: their parameters, and how their network is made and trained."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted, validate_data

from nodesim._arrays import Array
from nodesim.errors import NonFiniteError
from nodesim.functions.contracts import Loss
from nodesim.network import Network
from nodesim.sklearn import networks
from nodesim.sklearn.weights import weights_of
from nodesim.training.history import History
from nodesim.validation import flag, items


class NodesimEstimator(BaseEstimator):
    """A network behind the interface of scikit-learn; see `NodesimClassifier` and `NodesimRegressor`."""

    network_: Network
    history_: History
    n_iter_: int

    def __init__(
        self, hidden: Any = (5,), activation: Any = "tanh", *, network: Any = None, loss: Any = None,
        initializer: Any = None, optimizer: Any = "rprop", learning_rate: Any = 0.05, epochs: int = 200,
        batch_size: int | None = None, shuffle: bool = True, l1: float = 0.0, l2: float = 0.0,
        regularizer: Any = None, clip: float | None = None, dropout: Any = 0.0, validation_split: float | None = None,
        patience: int | None = None, tolerance: float | None = None, stop_at_error: float | None = None,
        warm_start: bool = False, random_state: Any = None, engine: str | None = None, n_jobs: int | None = None,
        callbacks: Any = (), progress: bool | None = False,
    ) -> None:  # fmt: skip
        self.hidden = hidden
        self.activation = activation
        self.network = network
        self.loss = loss
        self.initializer = initializer
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.epochs = epochs
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.l1 = l1
        self.l2 = l2
        self.regularizer = regularizer
        self.clip = clip
        self.dropout = dropout
        self.validation_split = validation_split
        self.patience = patience
        self.tolerance = tolerance
        self.stop_at_error = stop_at_error
        self.warm_start = warm_start
        self.random_state = random_state
        self.engine = engine
        self.n_jobs = n_jobs
        self.callbacks = callbacks
        self.progress = progress

    # ---- train ---------------------------------------------------------------------------------------------

    @contextmanager
    def _whole_or_not_at_all(self) -> Iterator[None]:
        """Let what was learned before be there still, if the block fails."""
        before = self.__dict__.copy()
        try:
            yield
        except BaseException:
            self.__dict__ = before
            raise

    @property
    def _is_trained(self) -> bool:
        return hasattr(self, "network_")

    @property
    def _continues(self) -> bool:
        """Whether `fit` goes on from where the last call ended."""
        return flag(self.warm_start, "warm_start") and self._is_trained

    def _samples(self, X: Any, y: Any, sample_weight: Any, **checks: Any) -> tuple[Array, Any, Array | None]:
        """Return checked samples, those of weight 0 left out: they are not there at all, whatever their class."""
        X, y = validate_data(self, X, y, dtype=np.float64, order="C", **checks)
        weights = weights_of(sample_weight, X)
        if weights is not None and not weights.all():
            there = weights > 0.0
            X, y, weights = X[there], y[there], weights[there]
        return X, y, weights

    def _new_network(self, loss: Loss, outputs: int) -> Network:
        names = list(getattr(self, "feature_names_in_", ()))
        seed = None if self.random_state is None and self.network is not None else networks.seed_of(self.random_state)
        if self.network is None:
            alone = isinstance(self.hidden, int | np.integer)
            hidden = [self.hidden] if alone else items(self.hidden, "hidden", "a number of nodes, or a list of them")
            network = networks.layered(
                [self.n_features_in_, *hidden, outputs], activation=self.activation, loss=loss, seed=seed,
                initializer=self.initializer, inputs=names or None,
            )  # fmt: skip
        else:
            network = networks.copied(
                self.network, inputs=self.n_features_in_, outputs=outputs, initializer=self.initializer, seed=seed,
                names=names,
            )  # fmt: skip
            network.loss = loss
        if self.engine is not None:
            network.engine = self.engine
        return network

    def _learn(self, X: Array, targets: Any, weights: Array | None, *, goes_on: bool, epochs: Any) -> None:
        """Train `network_`, a new one or that of before, and take down how it went."""
        history = self.network_.fit(X, targets, epochs=epochs, resume=goes_on, sample_weight=weights, **self._plan())
        self.history_ = history
        self.n_iter_ = history.epochs + (self.n_iter_ if goes_on else 0)
        self.n_outputs_ = len(self.network_.outputs)
        self.loss_ = self._shown_error(X, targets, weights)
        if history.diverged:
            warnings.warn(f"{type(self).__name__}: {history.stop_reason}.", ConvergenceWarning, stacklevel=4)

    def _plan(self) -> dict[str, Any]:
        """Return what `Network.fit` is told besides the samples and the number of epochs."""
        plan = {
            "learning_rate": self.learning_rate, "batch_size": self.batch_size, "optimizer": self.optimizer,
            "shuffle": self.shuffle, "dropout": self.dropout or None, "validation_split": self.validation_split,
            "stop_at_error": self.stop_at_error, "patience": self.patience, "tolerance": self.tolerance,
            "callbacks": self.callbacks, "progress": self.progress,
        }  # fmt: skip
        if self.n_jobs is not None:
            plan["n_jobs"] = self.n_jobs
        return plan | self._terms()

    def _terms(self) -> dict[str, Any]:
        """Return what else e consists of, and how long its gradient may be."""
        return {"l1": self.l1, "l2": self.l2, "regularizer": self.regularizer, "clip": self.clip}

    def _shown_error(self, X: Array, targets: Any, weights: Array | None) -> float:
        """Run the samples forward and backward, so that `network_` has paths to show, and return their e."""
        try:
            self.network_.forward(X)
            return self.network_.backward(targets, sample_weight=weights, **self._terms())
        except NonFiniteError:
            # A training that diverged may end where the numbers do.
            return math.inf

    # ---- use -----------------------------------------------------------------------------------------------

    def _outputs(self, X: Any, what: str) -> Array:
        """Return "value" or "activated" of the outputs, shape (n_samples, n_outputs); `network_` shows what it did."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=np.float64, order="C")
        simulator = self.network_.simulator
        inputs, _ = simulator.inputs(X)
        rows: Array = simulator.forward(inputs).rows(what, self.network_.schedule.output_rows)
        return np.array(rows.T, order="C")

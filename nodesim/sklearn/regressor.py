"""A network as a regressor of scikit-learn."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import RegressorMixin

from nodesim._arrays import Array
from nodesim.errors import ArgumentError, DataError
from nodesim.plugins import lookup
from nodesim.sklearn.estimator import NodesimEstimator


class NodesimRegressor(RegressorMixin, NodesimEstimator):
    """A regressor of scikit-learn whose network can be looked into.

    Parameters
    ----------
    hidden : int or sequence of int, default=(5,)
        How many nodes each hidden layer has; () is none, so that inputs feed the outputs directly.
    activation : str, Activation, or list of one for each hidden layer, default="tanh"
        The activation of the hidden nodes.
    network : Network, default=None
        A network of any structure to be trained instead of a layered one: it has an input for
        each feature, and an output for each column of the targets.
        Each fit trains a copy of it, in `network_`, which begins with its weights; it stays as it is itself. `hidden`
        and `activation` do not count then. Inputs are the features, in order.
    loss : str or Loss, default=None
        How the error e is calculated: by default "mse", and of a `network` as it says itself.
    initializer : str or Initializer, default=None
        What draws the weights: None is "xavier_uniform", and for a `network` the weights that it has.
    optimizer : str or Optimizer, default="rprop"
        What makes a step of a gradient, and remembers what that takes. "rprop" copes with targets of any size, and
        needs all samples for each update: with a `batch_size`, or parts of the data in `partial_fit`, take another one,
        such as "adam".
    learning_rate : float, callable, str or LearningRateSchedule, default=0.05
        The η of the article, or what gives one for each epoch; None searches for one, see `Network.fit`.
    epochs : int, default=200
        How many times the samples are gone through, at most.
    batch_size : int, default=None
        Samples for each update; None takes them all.
    shuffle : bool, default=True
        Whether samples come in another order each epoch, where there are several batches.
    l1, l2 : float, default=0.0
        Strengths λ of penalties of all weights, biases' included, that are added to e: ``λ·Σ|W|``, and λ/2·ΣW².
    regularizer : str, Regularizer, or list of these, default=None
        Other penalties.
    clip : float, default=None
        How long the gradient of an update may be; a longer one is shortened.
    dropout : float, or mapping from hidden node to float, default=0.0
        With which probability hidden nodes are dropped, for each update and sample anew.
    validation_split : float, default=None
        Which part of the samples is kept back, for its error to be watched.
    patience : int, default=None
        Early stopping: stop when the error watched has not become lower for so many epochs.
    tolerance : float, default=None
        What counts as lower: by more than this.
    stop_at_error : float, default=None
        Stop as soon as the error is this low.
    warm_start : bool, default=False
        Whether `fit` goes on with the network and the optimizer's state of the last one, instead of beginning anew.
    random_state : int, RandomState instance or None, default=None
        What draws weights and shuffles. A whole number is the `seed` of `Network`: the same calls give the same
        network, bit by bit. With a `network`, None leaves it to that network's own generator.
    engine : str, default=None
        What calculates, see `Network.engine`; None is "compiled", and for a `network` its own.
    n_jobs : int, default=None
        In how many processes each update is calculated; see `Network.fit`.
    callbacks : callable or list of callables, default=()
        Each is called with an `Epoch` at the end of every epoch, as by `Network.fit`.
    progress : bool, default=False
        Whether to show a progress line; None shows one in a notebook and on a terminal, after a second.

    Attributes
    ----------
    network_ : Network
        What was trained. It shows the training samples of the last call, so that ``network_.paths("W1")`` tells what
        fed their gradient; ``network_.forward(x)`` and ``network_.backward(y)`` show others.
    n_features_in_ : int
        How many features there are.
    feature_names_in_ : ndarray of str, shape ``(n_features_in_,)``
        The columns of the data frame, where all have a string for a name: `network_` calls its inputs by them.
    n_outputs_ : int
        How many outputs the network has.
    n_iter_ : int
        How many epochs it was trained for, those of earlier calls that it went on from included.
    loss_ : float
        The error e of the training samples at the end.
    history_ : History
        The record of the last training.

    See Also
    --------
    nodesim.sklearn.NodesimClassifier : The same for classes instead of numbers.
    nodesim.Network.fit : What trains.

    Notes
    -----
    Features and targets are taken as they are. Nodes learn best from numbers of about the size of 1: put a
    `StandardScaler` before it, and where targets are far from that, it into a `TransformedTargetRegressor`. With
    weights w, e is the sum of w·e_s over the sum of w.

    Of scikit-learn's `MLPRegressor`, `hidden_layer_sizes` is `hidden` here, `solver` `optimizer`, `learning_rate_init`
    `learning_rate`, `max_iter` `epochs`, `validation_fraction` `validation_split`, `n_iter_no_change` `patience`, `tol`
    `tolerance`, and `alpha` half of `l2` times the number of samples in a batch, biases left out. There is no
    `early_stopping`: a `patience` is.

    References
    ----------
    Riedmiller, M., H. Braun, "A direct adaptive method for faster backpropagation learning: the RPROP algorithm" (IEEE
    International Conference on Neural Networks, 1993).

    Examples
    --------
    >>> from nodesim.sklearn import NodesimRegressor
    >>> import numpy as np
    >>> X = np.linspace(-2, 2, 50).reshape(-1, 1)
    >>> est = NodesimRegressor(hidden=(5,), random_state=0).fit(X, np.sin(X[:, 0]))
    >>> est.score(X, np.sin(X[:, 0])) > 0.99
    True
    >>> est.network_.paths("W1").count
    1
    """

    # ---- train ---------------------------------------------------------------------------------------------

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train a network to give the targets.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The samples; also a data frame, whose columns name the inputs of `network_`.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            The targets: `predict` returns what is of the same shape.
        sample_weight : array-like of shape (n_samples,), default=None
            What each sample counts; those of weight 0 are left out altogether.

        Returns
        -------
        NodesimRegressor
            Itself.

        Raises
        ------
        ValueError
            If data or parameters are not usable; it is then what it was before. Where nodesim finds it, it is a
            `NodesimError`.

        See Also
        --------
        nodesim.sklearn.NodesimRegressor.partial_fit : Go on for one epoch.

        Examples
        --------
        >>> est = NodesimRegressor(hidden=(), random_state=0).fit([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0])
        >>> est.predict([[3.0]]).round(3)
        array([7.])
        """
        with self._whole_or_not_at_all():
            return self._learn_numbers(X, y, sample_weight, self._continues, self.epochs)

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train for one epoch of these samples, and go on from where the last call ended.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The samples; also a data frame, whose columns name the inputs of `network_`.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            The targets.
        sample_weight : array-like of shape (n_samples,), default=None
            What each sample counts, within this call.

        Returns
        -------
        NodesimRegressor
            Itself.

        Raises
        ------
        ValueError
            As `fit` does.

        See Also
        --------
        nodesim.sklearn.NodesimRegressor.fit : Begin anew, for many epochs.

        Examples
        --------
        >>> est = NodesimRegressor(hidden=(), random_state=0)
        >>> for _ in range(100):
        ...     _ = est.partial_fit([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0])
        >>> est.n_iter_
        100
        """
        with self._whole_or_not_at_all():
            return self._learn_numbers(X, y, sample_weight, self._is_trained, 1)

    def _learn_numbers(self, X: Any, y: Any, sample_weight: Any, goes_on: bool, epochs: Any) -> Self:
        X, y, weights = self._samples(X, y, sample_weight, reset=not goes_on, multi_output=True, y_numeric=True)
        if hasattr(y, "toarray"):
            raise DataError(f"y must be a dense array, got a sparse one of shape {y.shape}; y.toarray() is one.")
        if not goes_on:
            self._is_table = y.ndim == 2
            self.network_ = self._new_network(self._chosen_loss(), y.shape[1] if y.ndim == 2 else 1)
        elif (y.ndim == 2) != self._is_table:
            dimensions = 2 if self._is_table else 1
            raise DataError(f"y had {dimensions} dimensions when training began; got shape {y.shape}.")
        self._learn(X, np.asarray(y, dtype=np.float64), weights, goes_on=goes_on, epochs=epochs)
        return self

    def _chosen_loss(self) -> Any:
        given = self.loss if self.loss is not None or self.network is None else getattr(self.network, "loss", None)
        loss = lookup.loss("mse" if given is None else given)
        if loss.classifies:
            raise ArgumentError(
                f"loss {loss.name!r} is for classes; a regressor takes another one, such as 'mse', 'mae' or 'huber'."
            )
        return loss

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    # ---- use -----------------------------------------------------------------------------------------------

    def predict(self, X: Any) -> Array:
        """Return the outputs OA.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The samples.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs)
            As the targets were.

        See Also
        --------
        nodesim.sklearn.NodesimRegressor.fit : Train a network before.

        Examples
        --------
        >>> est = NodesimRegressor(hidden=3, random_state=0).fit([[0.0], [1.0]], [[1.0, 0.0], [3.0, 1.0]])
        >>> est.predict([[0.5]]).shape
        (1, 2)
        """
        outputs = self._outputs(X, "activated")
        return outputs if self._is_table else outputs[:, 0]

"""A network as a classifier of scikit-learn."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets

from nodesim._arrays import Array, Indices
from nodesim.errors import ArgumentError, DataError
from nodesim.sklearn import networks
from nodesim.sklearn.estimator import NodesimEstimator
from nodesim.sklearn.weights import with_classes
from nodesim.validation import shortened


class NodesimClassifier(ClassifierMixin, NodesimEstimator):
    """A classifier of scikit-learn whose network can be looked into.

    Parameters
    ----------
    hidden : int or sequence of int, default=(5,)
        How many nodes each hidden layer has; () is none, so that inputs feed the outputs directly.
    activation : str, Activation, or list of one for each hidden layer, default="tanh"
        The activation of the hidden nodes.
    network : Network, default=None
        A network of any structure to be trained instead of a layered one: it has an input for
        each feature, and an output for each class or, for two classes, one sigmoid output.
        Each fit trains a copy of it, in `network_`, which begins with its weights; it stays as it is itself. `hidden`
        and `activation` do not count then. Inputs are the features, in order.
    loss : str or Loss, default=None
        It has to classify. By default "softmax_cross_entropy" on linear outputs, and for two classes
        "binary_cross_entropy" on one sigmoid output; of a `network`, its own if that classifies, else what suits its
        outputs.
    initializer : str or Initializer, default=None
        What draws the weights: None is "xavier_uniform", and for a `network` the weights that it has.
    optimizer : str or Optimizer, default="adam"
        What makes a step of a gradient, and remembers what that takes.
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
    class_weight : dict, "balanced" or None, default=None
        What each sample of a class counts, by label. "balanced" lets every class count as much as any other.
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
        fed their gradient; ``network_.forward(x)`` and ``network_.backward(y)`` show others. Outputs stand in the order
        of `classes_`, and `Network.classes` has the labels.
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
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
    nodesim.sklearn.NodesimRegressor : The same for numbers instead of classes.
    nodesim.Network.fit : What trains.

    Notes
    -----
    Features are taken as they are: nodes learn best from inputs of about the size of 1, so put a `StandardScaler`
    before it. With weights w, e is the sum of w·e_s over the sum of w.

    Of scikit-learn's `MLPClassifier`, `hidden_layer_sizes` is `hidden` here, `solver` `optimizer`, `learning_rate_init`
    `learning_rate`, `max_iter` `epochs`, `validation_fraction` `validation_split`, `n_iter_no_change` `patience`, `tol`
    `tolerance`, and `alpha` `l2` times the number of samples in a batch, biases left out. There is no
    `early_stopping`: a `patience` is.

    References
    ----------
    Kingma, D. P., J. Ba, "Adam: a method for stochastic optimization" (ICLR, 2015). X. Glorot, Y. Bengio,
    "Understanding the difficulty of training deep feedforward neural networks" (AISTATS, 2010), for the weights drawn.

    Examples
    --------
    >>> from nodesim.sklearn import NodesimClassifier
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> est = NodesimClassifier(hidden=(5,), activation="tanh", epochs=100, random_state=0).fit(X, y)
    >>> est.score(X, y) > 0.95
    True
    >>> est.network_.paths("W1").count
    3
    >>> est.network_["W1"].source.name
    'sepal length (cm)'
    """

    classes_: Any

    def __init__(
        self, hidden: Any = (5,), activation: Any = "tanh", *, network: Any = None, loss: Any = None,
        initializer: Any = None, optimizer: Any = "adam", learning_rate: Any = 0.05, epochs: int = 200,
        batch_size: int | None = None, shuffle: bool = True, l1: float = 0.0, l2: float = 0.0,
        regularizer: Any = None, clip: float | None = None, dropout: Any = 0.0, validation_split: float | None = None,
        patience: int | None = None, tolerance: float | None = None, stop_at_error: float | None = None,
        class_weight: Any = None, warm_start: bool = False, random_state: Any = None, engine: str | None = None,
        n_jobs: int | None = None, callbacks: Any = (), progress: bool | None = False,
    ) -> None:  # fmt: skip
        super().__init__(
            hidden, activation, network=network, loss=loss, initializer=initializer, optimizer=optimizer,
            learning_rate=learning_rate, epochs=epochs, batch_size=batch_size, shuffle=shuffle, l1=l1, l2=l2,
            regularizer=regularizer, clip=clip, dropout=dropout, validation_split=validation_split, patience=patience,
            tolerance=tolerance, stop_at_error=stop_at_error, warm_start=warm_start, random_state=random_state,
            engine=engine, n_jobs=n_jobs, callbacks=callbacks, progress=progress,
        )  # fmt: skip
        self.class_weight = class_weight

    # ---- train ---------------------------------------------------------------------------------------------

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train a network to tell the classes apart.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The samples; also a data frame, whose columns name the inputs of `network_`.
        y : array-like of shape (n_samples,)
            The class of each: numbers, strings, whatever can be sorted.
        sample_weight : array-like of shape (n_samples,), default=None
            What each sample counts; those of weight 0 are left out altogether.

        Returns
        -------
        NodesimClassifier
            Itself.

        Raises
        ------
        ValueError
            If data or parameters are not usable; it is then what it was before. Where nodesim finds it, it is a
            `NodesimError`.

        See Also
        --------
        nodesim.sklearn.NodesimClassifier.partial_fit : Go on for one epoch.

        Examples
        --------
        >>> est = NodesimClassifier(hidden=3, random_state=0).fit([[0.0], [1.0], [2.0]], ["low", "low", "high"])
        >>> est.predict([[3.0]])
        array(['high'], dtype='<U4')
        """
        with self._whole_or_not_at_all():
            goes_on = self._continues
            X, y, weights = self._samples(X, y, sample_weight, reset=not goes_on)
            check_classification_targets(y)
            if not goes_on:
                self._take_classes(y)
            return self._learn_classes(X, y, weights, goes_on=goes_on, epochs=self.epochs)

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """Train for one epoch of these samples, and go on from where the last call ended.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The samples; also a data frame, whose columns name the inputs of `network_`.
        y : array-like of shape (n_samples,)
            The class of each.
        classes : array-like of shape (n_classes,), default=None
            All classes that any call will bring. The first call needs it.
        sample_weight : array-like of shape (n_samples,), default=None
            What each sample counts, within this call.

        Returns
        -------
        NodesimClassifier
            Itself.

        Raises
        ------
        ValueError
            As `fit` does, and for a class that is not one of `classes`.

        See Also
        --------
        nodesim.sklearn.NodesimClassifier.fit : Begin anew, for many epochs.

        Examples
        --------
        >>> est = NodesimClassifier(random_state=0)
        >>> for _ in range(50):
        ...     _ = est.partial_fit([[0.0], [1.0], [2.0]], ["low", "low", "high"], classes=["high", "low"])
        >>> est.n_iter_
        50
        """
        with self._whole_or_not_at_all():
            goes_on = self._is_trained
            X, y, weights = self._samples(X, y, sample_weight, reset=not goes_on)
            check_classification_targets(y)
            if classes is not None or not goes_on:
                self._take_all_classes(classes, goes_on)
            if isinstance(self.class_weight, str):
                raise ArgumentError(
                    f"partial_fit cannot take class_weight={shortened(self.class_weight)}: how often classes occur is "
                    "known of all samples only. Give it a dict, or weights as sample_weight."
                )
            return self._learn_classes(X, y, weights, goes_on=goes_on, epochs=1)

    def _take_classes(self, labels: Any) -> None:
        found = np.unique(labels)
        if len(found) < 2:
            raise DataError(
                f"{type(self).__name__} tells two classes or more apart; y has only one class: {shortened(found[0])}."
            )
        self.classes_ = found

    def _take_all_classes(self, classes: Any, known: bool) -> None:
        """Take the classes that `partial_fit` was told, or compare them with those of before."""
        if classes is None:
            raise ArgumentError("the first call of partial_fit needs classes: all labels that any call will bring.")
        if not known:
            self._take_classes(classes)
        elif not np.array_equal(np.unique(classes), self.classes_):
            raise ArgumentError(
                f"classes must be those of the first call, {shortened(self.classes_.tolist())}; got "
                f"{shortened(np.unique(classes).tolist())}."
            )

    def _numbers_of(self, y: Any) -> Indices:
        """Return the class of each sample as a number."""
        labels, positions = np.unique(y, return_inverse=True)
        strange = np.setdiff1d(labels, self.classes_)
        if len(strange):
            raise DataError(
                f"y has the class {shortened(strange[0])}, which was not there when training began; known are "
                f"{shortened(self.classes_.tolist())}."
            )
        numbers: Indices = np.searchsorted(self.classes_, labels)[positions]
        return numbers

    def _learn_classes(self, X: Array, y: Any, weights: Array | None, *, goes_on: bool, epochs: Any) -> Self:
        numbers = self._numbers_of(y)
        count = len(self.classes_)
        weights = with_classes(weights, self.class_weight, self.classes_, numbers)
        if not goes_on:
            loss = networks.loss_for_classes(self.loss, self.network, count)
            self.network_ = self._new_network(loss, networks.outputs_for_classes(loss, self.network, count))
            labels = self.classes_.tolist()
            # A network knows texts, whole numbers and truth values as labels; others it tells by their numbers.
            self.network_.classes = labels if all(isinstance(label, str | int) for label in labels) else None
        # A table says the same to every network, whatever that calls its classes.
        alone = len(self.network_.outputs) == 1
        targets = numbers[:, None].astype(np.float64) if alone else np.eye(count)[numbers]
        self._learn(X, targets, weights, goes_on=goes_on, epochs=epochs)
        return self

    # ---- use -----------------------------------------------------------------------------------------------

    def decision_function(self, X: Any) -> Array:
        """Return how much speaks for each class: the sums O of the outputs.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The samples.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_classes)
            For two classes one number, which is above 0 where the second is more probable.

        See Also
        --------
        nodesim.sklearn.NodesimClassifier.predict_proba : The same as probabilities.

        Examples
        --------
        >>> est = NodesimClassifier(random_state=0).fit([[0.0], [1.0], [2.0]], ["low", "low", "high"])
        >>> est.decision_function([[0.0], [3.0]]) > 0
        array([ True, False])
        """
        sums = self._outputs(X, "value")
        if len(self.classes_) > 2:
            return sums
        return sums[:, 0] if sums.shape[1] == 1 else sums[:, 1] - sums[:, 0]

    def predict(self, X: Any) -> Any:
        """Return the most probable class of each sample.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The samples.

        Returns
        -------
        ndarray of shape (n_samples,)
            Their labels.

        See Also
        --------
        nodesim.sklearn.NodesimClassifier.predict_proba : How probable each class is.

        Examples
        --------
        >>> NodesimClassifier(random_state=0).fit([[0.0], [1.0], [2.0]], [0, 0, 1]).predict([[0.0], [3.0]])
        array([0, 1])
        """
        scores = self.decision_function(X)
        return self.classes_[scores.argmax(axis=1) if scores.ndim == 2 else (scores > 0.0).astype(int)]

    def predict_proba(self, X: Any) -> Array:
        """Return the probability of each class.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The samples.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            In the order of `classes_`; each row adds up to 1. Where each class has a sigmoid output of its own, these
            are divided by their sum.

        See Also
        --------
        nodesim.sklearn.NodesimClassifier.predict_log_proba : The logarithms, also of next to nothing.

        Examples
        --------
        >>> est = NodesimClassifier(random_state=0).fit([[0.0], [1.0], [2.0]], ["low", "low", "high"])
        >>> est.predict_proba([[3.0]])[0, 0] > 0.9
        np.True_
        """
        probabilities: Array = np.exp(self.predict_log_proba(X))
        return probabilities

    def predict_log_proba(self, X: Any) -> Array:
        """Return the logarithm of the probability of each class.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The samples.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            In the order of `classes_`.

        See Also
        --------
        nodesim.sklearn.NodesimClassifier.predict_proba : The probabilities themselves.

        Examples
        --------
        >>> est = NodesimClassifier(random_state=0).fit([[0.0], [1.0], [2.0]], ["low", "low", "high"])
        >>> est.predict_log_proba([[3.0]])[0, 1] < -2
        np.True_
        """
        sums = self._outputs(X, "value")
        if self.network_.loss.outputs == "sigmoid":
            # The logarithm of a sigmoid, which would be 0 or -inf far from the middle.
            sums = -np.logaddexp(0.0, np.hstack([sums, -sums]) if sums.shape[1] == 1 else -sums)
        logarithms: Array = sums - np.logaddexp.reduce(sums, axis=1, keepdims=True)
        return logarithms

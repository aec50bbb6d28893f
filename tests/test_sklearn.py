"""Estimators of scikit-learn: its own checks, and the same numbers as nodesim, torch and scikit-learn's networks."""

from __future__ import annotations

import importlib
import pickle
import sys

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch
from helpers import random_network, torch_error, torch_weights
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator
from test_docstrings import members, problems

import nodesim as ns
from nodesim.sklearn import NodesimClassifier, NodesimRegressor

BOTH = [NodesimClassifier, NodesimRegressor]
# What scikit-learn skips by itself: arrays of other libraries need a setting from outside.
SKIPPED = {"check_array_api_input"}


def samples(kind, count=40, seed=0):
    """Return samples of three features; three classes, or a smooth function of them."""
    X = np.random.default_rng(seed).normal(size=(count, 3))
    return X, np.digitize(X[:, 0] + X[:, 1] ** 2, [0, 1]) if kind is NodesimClassifier else np.sin(X).sum(axis=1)


def weights(estimator):
    return estimator.network_.weights


@pytest.mark.parametrize("kind", BOTH)
def test_checks_of_scikit_learn(kind):
    results = check_estimator(kind(), on_skip=None)
    assert {each["check_name"] for each in results if each["status"] != "passed"} <= SKIPPED
    assert len(results) >= 60


@pytest.mark.parametrize("kind", BOTH)
def test_docstrings_are_complete(kind):
    path = f"nodesim.sklearn.{kind.__name__}"
    listed = [path, *(f"{path}.{member}" for member in members(kind) if not member.startswith("_"))]
    assert "\n".join(problem for each in listed for problem in problems(each)) == ""


# ---- the same numbers ------------------------------------------------------------------------------------------


def test_it_trains_what_network_fit_trains():
    X, y = samples(NodesimClassifier)
    est = NodesimClassifier((4, 3), "relu", optimizer="adam", epochs=7, batch_size=9, random_state=5).fit(X, y)
    net = ns.Network.layered([3, 4, 3, 3], "relu", loss="softmax_cross_entropy", initializer="xavier_uniform", seed=5)
    history = net.fit(X, y, epochs=7, optimizer="adam", learning_rate=0.05, batch_size=9)
    assert (weights(est) == net.weights).all()
    assert est.history_.errors == history.errors
    assert (est.n_iter_, est.n_features_in_, est.n_outputs_, est.loss_) == (7, 3, 3, pytest.approx(net.error(X, y)))
    assert est.predict_proba(X) == pytest.approx(net.predict_proba(X), rel=1e-13)
    assert (est.predict(X) == net.classify(X)).all()


def test_what_else_training_is_told():
    X, y = samples(NodesimRegressor)
    w = np.random.default_rng(1).random(len(y))
    # Shards are added in an order of their own, which shows in the last bits.
    terms = {"l1": 0.01, "l2": 0.1, "clip": 0.5, "regularizer": "l2(strength=0.05)"}
    told = {
        "epochs": 8,
        "learning_rate": 0.1,
        "dropout": 0.25,
        "validation_split": 0.2,
        "batch_size": 10,
        "n_jobs": 1,
    } | terms
    est = NodesimRegressor(optimizer="momentum", random_state=2, loss="huber", **told).fit(X, y, w)
    net = ns.Network.layered([3, 5, 1], "tanh", loss="huber", initializer="xavier_uniform", seed=2)
    history = net.fit(X, y, optimizer="momentum", sample_weight=w, **told)
    assert (weights(est) == net.weights).all()
    assert est.history_.validation_errors == history.validation_errors != []
    net.forward(X)
    assert est.loss_ == net.backward(y, sample_weight=w, **terms)
    assert (est.network_.gradients == net.gradients).all()


@pytest.mark.parametrize("seed", range(4))
def test_a_step_is_that_of_torch(seed):
    net, rng = random_network(seed, activations=["tanh", "sigmoid", "gelu"], output="linear")
    X = rng.normal(size=(6, len(net.inputs)))
    y = rng.normal(size=(6, len(net.outputs)))
    ours = NodesimRegressor(network=net, optimizer="sgd", learning_rate=0.1, epochs=1).fit(X, y)
    theirs = torch_weights(net)
    torch_error(net, X, y, theirs).backward()
    stepped = [w - 0.1 * w.grad if w.grad is not None else w for w in theirs.values()]
    assert weights(ours) == pytest.approx(torch.stack(stepped).detach().numpy(), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("kind", "classes"), [(NodesimClassifier, 2), (NodesimClassifier, 3), (NodesimRegressor, 0)])
def test_epochs_are_those_of_scikit_learns_networks(kind, classes, weighted):
    X, y = samples(kind)
    w = np.random.default_rng(1).integers(0, 4, size=len(y)) / 2 if weighted else None
    if classes:
        y = np.array(["a", "b", "c"])[np.minimum(y, classes - 1)]
    more = {"classes": np.unique(y)} if classes else {}
    loss = None if classes else "half_squared_error"
    ours = kind(4, loss=loss, optimizer="sgd", learning_rate=0.2, random_state=0).partial_fit(X, y, **more)
    theirs = (MLPClassifier if classes else MLPRegressor)(
        hidden_layer_sizes=(4,), activation="tanh", solver="sgd", alpha=0.0, batch_size=len(X),
        learning_rate_init=0.2, momentum=0.0,
    ).partial_fit(X, y, **more)  # fmt: skip
    first, last = (np.array([c.weight for c in layer]) for layer in layers_of(ours.network_))
    theirs.coefs_ = [first[:-4].reshape(3, 4).copy(), last[: -ours.n_outputs_].reshape(4, -1).copy()]
    theirs.intercepts_ = [first[-4:].copy(), last[-ours.n_outputs_ :].copy()]
    for _ in range(20):
        ours.partial_fit(X, y, sample_weight=w)
        theirs.partial_fit(X, y, sample_weight=w)
    what = "predict_proba" if classes else "predict"
    assert getattr(ours, what)(X) == pytest.approx(getattr(theirs, what)(X), rel=1e-9)
    assert ours.score(X, y) == pytest.approx(theirs.score(X, y))


def layers_of(net):
    """Return the connections into the hidden nodes, and into the outputs."""
    return [[c for c in net.connections if c.target.kind == kind] for kind in ("hidden", "output")]


# ---- classes ---------------------------------------------------------------------------------------------------


def test_two_classes_are_one_sigmoid_output():
    X, y = samples(NodesimClassifier)
    labels = np.where(y > 0, "yes", "no")
    est = NodesimClassifier(epochs=20, random_state=0).fit(X, labels)
    assert est.classes_.tolist() == ["no", "yes"]
    assert (est.network_.loss.name, len(est.network_.outputs)) == ("binary_cross_entropy", 1)
    one = est.network_.predict(X)[:, 0]
    assert est.predict_proba(X) == pytest.approx(np.column_stack([1 - one, one]), rel=1e-9)
    assert est.decision_function(X) == pytest.approx(np.log(one / (1 - one)), rel=1e-9)
    two = NodesimClassifier(epochs=20, loss="softmax_cross_entropy", random_state=0).fit(X, labels)
    assert two.decision_function(X) == pytest.approx(np.log(two.predict_proba(X) @ [-1, 1] / 2 + 0.5) - np.log(two.predict_proba(X)[:, 0]))  # fmt: skip
    assert two.score(X, labels) > 0.9


def test_a_sigmoid_for_each_class_is_divided_by_the_sum():
    X, y = samples(NodesimClassifier)
    est = NodesimClassifier(loss="binary_cross_entropy", epochs=20, random_state=0).fit(X, y)
    outputs = est.network_.predict(X)
    assert est.predict_proba(X) == pytest.approx(outputs / outputs.sum(axis=1, keepdims=True), rel=1e-12)
    assert (est.predict(X) == outputs.argmax(axis=1)).all()


@pytest.mark.parametrize("labels", [["b", "a"], ["z", "x", "y"], [7, 5], [2, 1], [1, 2, 0], [False, True], [1.0, 2.0]])
def test_the_network_knows_the_labels(labels):
    X, y = samples(NodesimClassifier)
    named = np.array(labels)[np.minimum(y, len(labels) - 1)]
    est = NodesimClassifier(epochs=30, random_state=0).fit(X, named)
    assert est.classes_.tolist() == sorted(labels)
    assert est.score(X, named) > 0.9
    if named.dtype.kind == "f":
        assert est.network_.classes is None
        return
    assert est.network_.classes == tuple(sorted(labels))
    assert (est.network_.classify(X) == est.predict(X)).all()
    assert est.network_.score(X, named) == est.score(X, named)
    numbers = NodesimClassifier(epochs=30, random_state=0).fit(X, np.searchsorted(est.classes_, named))
    assert (weights(est) == weights(numbers)).all()


def test_outputs_of_other_names_are_refused():
    X, y = samples(NodesimClassifier)
    named = np.array(["x", "y", "z"])[y]
    net = ns.Network.layered([3, 4, 3], outputs=["y", "x", "z"], seed=0)
    with pytest.raises(ns.ArgumentError, match="the name of another output"):
        NodesimClassifier(network=net).fit(X, named)
    other = net.copy()
    other.loss, other.classes = "softmax_cross_entropy", ["b", "a", "c"]
    given = {"epochs": 3, "random_state": 0}
    assert (weights(NodesimClassifier(network=other, **given).fit(X, y)) == weights(NodesimClassifier(network=net, **given).fit(X, y))).all()  # fmt: skip


def test_logarithms_of_what_is_next_to_nothing():
    est = NodesimClassifier(hidden=(), epochs=1, random_state=0).fit([[0.0], [1.0]], [0, 1])
    est.network_.weights = [2000.0, 0.0]
    assert est.predict_log_proba([[-1.0], [1.0]]).tolist() == [[0.0, -2000.0], [-2000.0, 0.0]]


@pytest.mark.parametrize("labels", [["x"] * 5, [3] * 5])
def test_one_class_is_refused(labels):
    with pytest.raises(ns.DataError, match="only one class"):
        NodesimClassifier().fit(np.eye(5), labels)


# ---- any network -----------------------------------------------------------------------------------------------


def skipping(outputs=3, activation="linear", **more):
    """Return a network with a connection past a hidden node, a frozen weight, and a hidden node that feeds another."""
    net = ns.Network(seed=3, **more)
    for name in ("a", "b", "c"):
        net.add_input(name)
    net.add_bias(), net.add_hidden(activation="tanh"), net.add_hidden(activation="sine")
    ends = [net.add_output(activation=activation).name for _ in range(outputs)]
    for source, target in [("a", "H1"), ("b", "H1"), ("H1", "H2"), ("c", "H2"), ("B1", "H2")]:
        net.connect(source, target)
    for end in ends:
        net.connect("a", end), net.connect("H2", end)
    net["W2"].trainable = False
    return net


@pytest.mark.parametrize("kind", BOTH)
def test_a_network_is_copied_and_stays_as_it_is(kind):
    X, y = samples(kind)
    net = skipping(3 if kind is NodesimClassifier else 1)
    before = pickle.dumps(net)
    est = clone(kind(network=net, optimizer="rprop", epochs=30)).fit(X, y)
    assert pickle.dumps(net) == before
    assert est.network_["W2"].weight == net["W2"].weight
    assert est.network_["W1"].weight != net["W1"].weight
    twin = net.copy()
    twin.loss = "softmax_cross_entropy" if kind is NodesimClassifier else "mse"
    twin.fit(X, y, epochs=30, optimizer="rprop", learning_rate=0.05)
    assert (weights(est) == twin.weights).all()
    assert (weights(clone(est).fit(X, y)) == weights(est)).all()
    other = clone(est).set_params(initializer="he_normal", random_state=1).fit(X, y)
    assert other.network_["W2"].weight == net["W2"].weight
    assert (weights(other) != weights(est)).sum() == len(weights(est)) - 1
    est.network_.forward(X[0]), est.network_.backward(y[0])
    paths = est.network_.paths("W1")
    assert paths.count == len(net.outputs)
    assert paths.gradient == pytest.approx(sum(path.product for path in paths))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"network": skipping(2)}, "network has 3 inputs and 2 outputs; these data need 2 and 3"),
        ({"network": "net.json"}, "network must be a nodesim.Network or None, got 'net.json'"),
        ({"loss": "mse"}, "gives no probabilities"),
        ({"hidden": (0,)}, "at least 1"),
        ({"activation": "tahn"}, "tanh"),
        ({"epochs": 0}, "epochs"),
        ({"random_state": "x"}, "cannot be used to seed"),
        ({"engine": "fast"}, "no engine named"),
        ({"warm_start": "x"}, "warm_start must be True or False"),
        ({"dropout": "x"}, "dropout must be"),
        ({"class_weight": "even"}, "class_weight"),
    ],
)
def test_wrong_parameters_are_said_in_fit_and_change_nothing(change, message):
    X, y = samples(NodesimClassifier)
    est = NodesimClassifier(epochs=3, random_state=0).fit(X, y)
    state = dict(vars(est))
    with pytest.raises((ValueError, ns.NodesimError), match=message):
        est.set_params(**change).fit(X[:, :2], y)
    assert {name: value for name, value in vars(est).items() if name.endswith("_")} == {
        name: value for name, value in state.items() if name.endswith("_")
    }


def test_a_failed_fit_leaves_what_was_learned():
    X, y = samples(NodesimRegressor)
    est = NodesimRegressor(epochs=3, random_state=0).fit(pd.DataFrame(X, columns=list("abc")), y)
    before = dict(vars(est))
    with pytest.raises(ValueError, match="NaN"):
        est.fit(X[:, :2], np.full(len(y), np.nan))
    with pytest.raises(ValueError, match="all weights are zero"):
        est.fit(X[:, :2], y, np.zeros(len(y)))
    assert vars(est) == before


def test_a_network_for_classes_keeps_its_loss_if_it_can():
    X, y = samples(NodesimClassifier)
    own = NodesimClassifier(network=skipping(3, "sigmoid", loss="binary_cross_entropy"), epochs=2).fit(X, y)
    fitting = NodesimClassifier(network=skipping(1, "sigmoid"), epochs=2).fit(X, y > 0)
    assert own.network_.loss.name == fitting.network_.loss.name == "binary_cross_entropy"
    with pytest.raises(ns.ArgumentError, match="is for classes"):
        NodesimRegressor(network=skipping(3, "sigmoid", loss="binary_cross_entropy")).fit(X, X)
    with pytest.raises(ns.FunctionError, match="needs linear outputs"):
        NodesimClassifier(network=skipping(3, "tanh")).fit(X, y)


# ---- going on --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("optimizer", ["rprop", "adam", "sgd", "momentum"])
def test_going_on_is_one_long_training(kind, optimizer):
    X, y = samples(kind)
    given = {"optimizer": optimizer, "learning_rate": 0.01, "random_state": 0, "engine": "numpy"}
    whole = kind(epochs=12, **given).fit(X, y)
    parts, warm = kind(**given), kind(epochs=4, warm_start=True, **given)
    for _ in range(12):
        parts.partial_fit(X, y, **({"classes": [0, 1, 2]} if kind is NodesimClassifier else {}))
    for _ in range(3):
        warm.fit(X, y)
    for each in (parts, warm):
        assert (weights(each) == weights(whole)).all()
        assert each.n_iter_ == whole.n_iter_ == 12
    assert whole.fit(X, y).n_iter_ == 12


@pytest.mark.parametrize("kind", BOTH)
def test_going_on_after_a_pickle(kind):
    X, y = samples(kind)
    est = kind(epochs=5, random_state=0, batch_size=7, engine="numpy").fit(X, y)
    twin = pickle.loads(pickle.dumps(est))
    assert (weights(twin.partial_fit(X, y)) == weights(est.partial_fit(X, y))).all()
    assert twin.n_iter_ == 6


def test_partial_fit_knows_its_classes():
    X, y = samples(NodesimClassifier)
    est = NodesimClassifier(random_state=0)
    with pytest.raises(ns.ArgumentError, match="needs classes"):
        est.partial_fit(X, y)
    est.partial_fit(X[y == 0], y[y == 0], classes=[2, 1, 0])
    est.partial_fit(X[y == 2], y[y == 2])
    with pytest.raises(ns.DataError, match="class 7, which was not there"):
        est.partial_fit(X, y + 7)
    with pytest.raises(ns.ArgumentError, match="those of the first call"):
        est.partial_fit(X, y, classes=[0, 1])
    with pytest.raises(ns.ArgumentError, match="balanced"):
        est.set_params(class_weight="balanced").partial_fit(X, y)
    assert est.n_iter_ == 2


def test_a_training_that_diverges_warns():
    X, y = samples(NodesimRegressor)
    with pytest.warns(ConvergenceWarning, match="rate"):
        est = NodesimRegressor(activation="relu", optimizer="sgd", learning_rate=1e3, random_state=0).fit(X, 1e3 * y)
    assert est.history_.diverged
    assert np.isfinite(weights(est)).all()


# ---- frames ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_columns_name_the_inputs(frame):
    iris = load_iris()
    names = iris.feature_names
    X = frame({name: iris.data[:, place] for place, name in enumerate(names)})
    labels = iris.target_names[iris.target]
    est = NodesimClassifier(epochs=50, random_state=0).fit(X, labels)
    assert est.feature_names_in_.tolist() == names == [node.name for node in est.network_.inputs]
    assert (weights(est) == weights(NodesimClassifier(epochs=50, random_state=0).fit(iris.data, labels))).all()
    assert est.score(X, labels) > 0.95
    assert "sepal length (cm)" in str(next(iter(est.network_.paths("sepal length (cm)"))))
    with pytest.raises(ValueError, match="feature names"):
        est.predict(X[names[::-1]])
    network = ns.Network.layered([4, 2, 3], inputs=names[::-1], seed=0)
    with pytest.raises(ns.DataError, match="in the order of the network's inputs"):
        NodesimClassifier(network=network).fit(X, labels)
    assert NodesimClassifier(network=network, epochs=1).fit(X[names[::-1]], labels).score(X[names[::-1]], labels) > 0


def test_names_that_networks_use_are_kept_apart():
    X, y = samples(NodesimRegressor)
    est = NodesimRegressor(2, epochs=2, random_state=0).fit(pd.DataFrame(X, columns=["H1", "O1", "W1"]), y)
    assert [node.name for node in est.network_.nodes] == ["H1", "O1", "W1", "B1", "H2", "H3", "B2", "O2"]
    assert (weights(est) == weights(NodesimRegressor(2, epochs=2, random_state=0).fit(X, y))).all()


def test_targets_of_several_columns():
    X, _ = samples(NodesimRegressor)
    y = pd.DataFrame({"sum": X.sum(axis=1), "first": X[:, 0]})
    est = NodesimRegressor((), epochs=300, random_state=0).fit(X, y)
    assert est.predict(X).shape == (40, 2)
    assert est.score(X, y) > 0.999
    assert NodesimRegressor((), epochs=1).fit(X, y[["sum"]]).predict(X).shape == (40, 1)
    with pytest.raises(ns.DataError, match="2 dimensions"):
        est.partial_fit(X, y["sum"])
    with pytest.raises(ns.DataError, match="toarray"):
        est.fit(X, csr_array(y))


# ---- weights ---------------------------------------------------------------------------------------------------


def test_balanced_classes_are_weights_by_hand():
    X, y = samples(NodesimClassifier)
    labels = np.array(["a", "b", "c"])[y]
    w = np.random.default_rng(1).integers(0, 4, size=len(y)).astype(float)
    given = {"epochs": 30, "optimizer": "adam", "learning_rate": 0.05, "random_state": 0}
    by_hand = np.array([len(y) / (3 * (labels == label).sum()) for label in labels])
    found = NodesimClassifier(class_weight="balanced", **given).fit(X, labels)
    assert (weights(found) == weights(NodesimClassifier(**given).fit(X, labels, by_hand))).all()
    both = np.array([w.sum() / (3 * w[labels == label].sum()) for label in labels]) * w
    found = NodesimClassifier(class_weight="balanced", **given).fit(X, labels, w)
    assert weights(found) == pytest.approx(weights(NodesimClassifier(**given).fit(X, labels, both)), rel=1e-9)
    told = NodesimClassifier(class_weight={"a": 2.0, "c": 0.5}, **given).fit(X, labels, w)
    told_by_hand = NodesimClassifier(**given).fit(X, labels, w * np.array([2.0, 1.0, 0.5])[y])
    assert (weights(told) == weights(told_by_hand)).all()


def test_samples_without_weight_bring_no_class():
    X, y = samples(NodesimClassifier)
    w = (y != 1).astype(float)
    est = NodesimClassifier(epochs=5, random_state=0).fit(X, y, w)
    assert est.classes_.tolist() == [0, 2]
    assert (weights(est) == weights(NodesimClassifier(epochs=5, random_state=0).fit(X[y != 1], y[y != 1]))).all()


# ---- among the others ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", BOTH)
def test_copies_predict_the_same(kind, tmp_path):
    X, y = samples(kind)
    est = kind(epochs=10, random_state=0).fit(X, y)
    joblib.dump(est, tmp_path / "est.joblib")
    for twin in (pickle.loads(pickle.dumps(est)), joblib.load(tmp_path / "est.joblib"), clone(est).fit(X, y)):
        assert (twin.predict(X) == est.predict(X)).all()
        assert (weights(twin) == weights(est)).all()


def test_searches_in_two_processes_find_the_same():
    X, y = load_iris(return_X_y=True)
    whole = make_pipeline(StandardScaler(), NodesimClassifier(epochs=40, random_state=0))
    grid = {"nodesimclassifier__hidden": [(), (3,)], "nodesimclassifier__activation": ["tanh", "relu"]}
    one, two = (GridSearchCV(whole, grid, cv=3, n_jobs=n_jobs).fit(X, y) for n_jobs in (1, 2))
    assert (one.cv_results_["mean_test_score"] == two.cv_results_["mean_test_score"]).all()
    assert one.best_score_ > 0.9
    assert (weights(one.best_estimator_[-1]) == weights(two.best_estimator_[-1])).all()
    assert cross_val_score(one.best_estimator_, X, y, cv=3).mean() == pytest.approx(one.best_score_)


def test_a_pipeline_of_frames_names_the_inputs():
    X, y = load_iris(return_X_y=True, as_frame=True)
    pipe = make_pipeline(StandardScaler(), NodesimRegressor(epochs=40, random_state=0)).set_output(transform="pandas")
    pipe.fit(X, y)
    assert [node.name for node in pipe[-1].network_.inputs] == list(X.columns)
    assert pipe.score(X, y) > 0.9
    assert pipe[-1].network_.paths("W1").gradient == pytest.approx(pipe[-1].network_["W1"].gradient)


def test_predicting_leaves_what_the_network_shows():
    X, y = samples(NodesimClassifier)
    est = NodesimClassifier(epochs=3, random_state=0).fit(X, y)
    before = est.network_.store.run
    est.predict(X[:2]), est.predict_proba(X[:3]), est.score(X, y)
    assert est.network_.store.run is before
    assert before.n_samples == len(X)


def test_without_scikit_learn_the_extra_is_named(monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[:2] == ["nodesim", "sklearn"]]:
        monkeypatch.delitem(sys.modules, name)
    for name in [name for name in sys.modules if name.split(".")[0] == "sklearn"]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ns.MissingExtraError, match=r"pip install 'nodesim\[sklearn\]'"):
        importlib.import_module("nodesim.sklearn")

"""Networks in from scikit-learn and out to it: scikit-learn itself says the same, e and gradients by its own hand."""

from __future__ import annotations

import json
import os
import pickle
import sys
import warnings
import zipfile
from functools import partial
from io import BytesIO

import joblib
import numpy as np
import onnxruntime
import pandas as pd
import pytest
import skops.io
from helpers import digest
from skl2onnx import to_onnx
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler

import nodesim as ns
from nodesim.checks.programs.scikit_learn import program_of
from nodesim.errors import ExchangeError, FileError, MissingExtraError
from nodesim.exchange import scikit_learn
from nodesim.sklearn import NodesimClassifier, NodesimRegressor

TOLERANCE = 1e-12
HIDDEN = {"identity": "linear", "logistic": "sigmoid", "tanh": "tanh", "relu": "relu"}
# What is learned, by the loss that a network has for it.
TASKS = {
    "number": "half_squared_error", "numbers": "half_squared_error", "two": "binary_cross_entropy",
    "labels": "softmax_cross_entropy", "several": "binary_cross_entropy",
}  # fmt: skip
ENDS = {
    "half_squared_error": "linear",
    "mse": "linear",
    "binary_cross_entropy": "sigmoid",
    "softmax_cross_entropy": "linear",
}


def few(estimator, X, y):
    """Fit an estimator that is given no time to converge."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return estimator.fit(X, y)


def samples(task, rng, features, count=12):
    """Return samples, what an estimator is fitted to, and the same as targets of a network."""
    X = rng.normal(size=(count, features))
    if task in ("number", "numbers"):
        y = rng.normal(size=count) if task == "number" else rng.normal(size=(count, 3))
        return X, y, y.reshape(count, -1)
    if task == "several":
        y = rng.integers(0, 2, (count, 3))
        return X, y, y.astype(float)
    kinds = [["no", "yes"], [3, 7], [False, True]] if task == "two" else [["b", "a", "O1"], [4, 0, 9, -2]]
    classes = np.sort(kinds[rng.integers(len(kinds))])
    numbers = np.resize(np.arange(len(classes)), count)
    return X, classes[numbers], np.eye(len(classes))[numbers] if task == "labels" else numbers[:, None].astype(float)


def random_perceptron(task, rng, **settings):
    kind = MLPRegressor if task in ("number", "numbers") else MLPClassifier
    sizes = [int(size) for size in rng.integers(1, 6, rng.integers(0, 4))]
    given = {
        "hidden_layer_sizes": sizes[0] if len(sizes) == 1 else sizes, "activation": str(rng.choice(list(HIDDEN))),
        "solver": str(rng.choice(["adam", "sgd", "lbfgs"])), "max_iter": 3, "random_state": 0,
    }  # fmt: skip
    return kind(**given | settings)


def random_layered(task, rng, **settings):
    sizes = [int(size) for size in rng.integers(1, 6, rng.integers(1, 5))]
    outputs = {"number": 1, "two": 1}.get(task, 3)
    loss = TASKS[task] if task not in ("number", "numbers") else str(rng.choice(["mse", "half_squared_error"]))
    hidden = str(rng.choice(list(HIDDEN.values())))
    return ns.Network.layered([*sizes, outputs], hidden, ENDS[loss], loss=loss, seed=rng, **settings)


def assert_same(net, estimator, X, targets):
    """Compare outputs, e and every gradient with those of scikit-learn itself."""
    program = program_of(estimator)
    assert program.blueprint.weights.tobytes() == np.asarray(net.weights).tobytes()
    for weights in (np.asarray(net.weights), np.asarray(net.weights) * 1.25):
        twin = net.copy()
        twin.weights = np.where(program.blueprint.frozen, net.weights, weights)
        outputs = twin.predict_proba(X) if program.softmax else twin.predict(X)
        assert np.abs(program.outputs(X, weights) - outputs).max() <= TOLERANCE * max(1.0, np.abs(outputs).max())
    net.forward(X)
    error = net.backward(targets)
    found, gradients = program.judged(X, targets, net.loss)
    assert found == pytest.approx(error, rel=TOLERANCE, abs=TOLERANCE)
    trained = np.array([connection.trainable for connection in net.connections])
    assert (np.isnan(gradients) == ~trained).all()
    for connection, gradient in zip(net.connections, gradients):
        scale = max(net.paths(connection).scale, 1e-300)
        assert not connection.trainable or abs(connection.gradient - gradient) <= TOLERANCE * scale


# ---- in ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("seed", range(10))
def test_a_perceptron_comes_in(task, seed):
    rng = np.random.default_rng([seed, list(TASKS).index(task)])
    X, y, targets = samples(task, rng, int(rng.integers(1, 5)))
    if single := seed % 4 == 3:
        X = X.astype(np.float32)
    estimator = few(random_perceptron(task, rng), X, y)
    net = ns.from_sklearn(estimator)
    X = X.astype(float)
    numbers = [each for coef, shift in zip(estimator.coefs_, estimator.intercepts_) for each in (*coef.flat, *shift)]
    assert np.asarray(net.weights).tolist() == [float(number) for number in numbers]
    assert (net.loss.name, net.dtype) == (TASKS[task], "float64")
    assert_same(net, estimator, X, targets)
    if single or task == "several":
        return
    assert net.score(X, y) == pytest.approx(estimator.score(X, y))
    if task in ("two", "labels"):
        assert list(net.classes) == estimator.classes_.tolist()
        assert net.classify(X).tolist() == estimator.predict(X).tolist()


SCALERS = {
    "standard": [StandardScaler()],
    "center": [StandardScaler(with_std=False)],
    "divide": [StandardScaler(with_mean=False)],
    "nothing": [StandardScaler(with_mean=False, with_std=False)],
    "range": [MinMaxScaler((-1, 3))],
    "largest": [MaxAbsScaler()],
    "robust": ["passthrough", RobustScaler()],
    "robust center": [RobustScaler(with_scaling=False)],
    "one after the other": [StandardScaler(), make_pipeline(RobustScaler(with_centering=False), MinMaxScaler())],
}


@pytest.mark.parametrize("scalers", SCALERS)
def test_a_pipeline_of_scalers_comes_in(scalers):
    rng = np.random.default_rng(list(SCALERS).index(scalers))
    X, y, targets = samples("labels", rng, 3)
    X = X * [1.0, 30.0, 0.1] + [-2.0, 50.0, 1.0]
    pipeline = few(
        make_pipeline(*map(clone_of, SCALERS[scalers]), MLPClassifier([4], max_iter=3, random_state=0)), X, y
    )
    net = ns.from_sklearn(pipeline)
    assert_same(net, pipeline, X, targets)
    # Trained on, the scalers stay as they are, and the rest moves as scikit-learn's would.
    frozen = [connection.weight for connection in net.connections if not connection.trainable]
    net.fit(X, y, epochs=3, learning_rate=0.1)
    assert frozen == [connection.weight for connection in net.connections if not connection.trainable]
    pupil = pipeline[-1].set_params(solver="sgd", learning_rate_init=0.1, momentum=0.0, alpha=0.0)
    del pupil._optimizer
    for _ in range(3):
        pupil.partial_fit(pipeline[:-1].transform(X) if pipeline[:-1] else X, y)
    assert np.abs(net.predict_proba(X) - pipeline.predict_proba(X)).max() < 1e-12


def clone_of(step):
    return step if isinstance(step, str) else clone(step)


def test_columns_of_data_frames_are_inputs():
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(20, 3)), columns=["width", "O1", "W1"])
    y = X["width"] + X["W1"]
    for estimator in (
        MLPRegressor(hidden_layer_sizes=2, max_iter=2),
        make_pipeline(StandardScaler(), MLPRegressor(max_iter=2)),
    ):
        net = ns.from_sklearn(few(estimator, X, y))
        assert [node.name for node in net.inputs] == ["width", "O1", "W1"]
        assert np.abs(net.predict(X[["W1", "width", "O1"]])[:, 0] - estimator.predict(X)).max() < 1e-12
    # A node has to be called something.
    X.columns = ["a", "", "b"]
    assert [node.name for node in ns.from_sklearn(few(MLPRegressor(max_iter=2), X, y)).inputs] == ["I1", "I2", "I3"]


def test_classes_that_are_called_like_outputs():
    X = np.random.default_rng(0).normal(size=(30, 2))
    y = np.resize(["O2", "O3", "O1"], 30)
    estimator = few(MLPClassifier(3, max_iter=3), X, y)
    net = ns.from_sklearn(estimator)
    assert net.classes == ("O1", "O2", "O3")
    assert net.classify(X).tolist() == estimator.predict(X).tolist()


@pytest.mark.parametrize("task", ["number", "two", "labels"])
@pytest.mark.parametrize("given", [False, True])
def test_estimators_of_nodesim_come_in(task, given):
    X, y, targets = samples(task, np.random.default_rng(0), 2)
    network = ns.Network.layered([2, 3, targets.shape[1]], inputs=["H1", "b"], seed=0) if given else None
    if given:
        # Not layered, and numbered with a gap.
        network.disconnect(network.inputs[0], network.hidden[1])
        network.connect(network.inputs[1], network.outputs[0])
    if given and task == "two":
        network.outputs[0].activation = "sigmoid"
    kind = NodesimRegressor if task == "number" else NodesimClassifier
    estimator = kind([3], network=network, epochs=2, random_state=0).fit(X, y)
    own, net = estimator.network_, ns.from_sklearn(estimator)
    assert net is not own
    assert (net.classes, net.loss) == (own.classes, own.loss)
    assert [(str(c), str(c.source), c.weight) for c in net.connections] == [
        (str(c), str(c.source), c.weight) for c in own.connections
    ]
    with pytest.raises(ExchangeError, match="nodesim's own"):
        program_of(estimator)
    for scaler in (StandardScaler(), MaxAbsScaler()):
        pipeline = make_pipeline(scaler, clone(estimator)).fit(X * 100 + 3, y)
        scaled = ns.from_sklearn(pipeline)
        assert [node.name for node in scaled.inputs] == [node.name for node in own.inputs]
        assert [str(c) for c in scaled.connections][: len(own.connections)] == [str(c) for c in own.connections]
        assert sum(not c.trainable for c in scaled.connections) == 2 * (2 if scaler.__class__ is StandardScaler else 1)
        outputs = pipeline[-1].network_.predict(pipeline[:-1].transform(X * 100 + 3))
        assert np.abs(scaled.predict(X * 100 + 3) - outputs).max() < 1e-13


# ---- out ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("seed", range(10))
def test_a_layered_network_goes_out_and_comes_back(task, seed):
    rng = np.random.default_rng([seed, list(TASKS).index(task)])
    net = random_layered(task, rng)
    X, y, targets = samples(task, rng, len(net.inputs))
    if task in ("two", "labels"):
        # Not sorted, as scikit-learn's own are.
        net.classes = [["pear", "fig", "plum"], [9, -2, 4]][seed % 2][: 2 if task == "two" else 3]
        numbers = np.resize(np.arange(len(net.classes)), len(X))
        y = np.array(net.classes)[numbers]
        targets = np.eye(3)[numbers] if task == "labels" else numbers[:, None].astype(float)
    before = digest(net)
    estimator = net.to_sklearn()
    assert digest(net) == before
    twin = ns.from_sklearn(estimator)
    assert np.asarray(twin.weights).tobytes() == np.asarray(net.weights).tobytes()
    assert [(str(c.source), str(c.target)) for c in twin.connections] == [
        (str(c.source), str(c.target)) for c in net.connections
    ]
    assert twin.classes == net.classes
    assert_same(net, estimator, X, targets)
    # Both go on: five steps of gradient descent over all samples.
    pupil = pickle.loads(pickle.dumps(estimator)).set_params(
        solver="sgd", learning_rate_init=0.005, momentum=0.0, batch_size=len(X), shuffle=False
    )
    for _ in range(5):
        pupil.partial_fit(X, y)
    rate = 0.005 * (len(net.outputs) if task == "several" else 1)
    twin.fit(X, targets, epochs=5, learning_rate=rate, optimizer="sgd", shuffle=False)
    assert np.abs(np.asarray(ns.from_sklearn(pupil).weights) - twin.weights).max() < 1e-11
    assert np.abs(np.asarray(twin.weights) - net.weights).max() > 1e-6
    assert len(pupil.loss_curve_) == 5


@pytest.mark.parametrize("task", TASKS)
def test_what_is_written_is_a_whole_estimator(task):
    rng = np.random.default_rng(0)
    net = random_layered(task, rng)
    X, y, _ = samples(task, rng, len(net.inputs))
    drawn = np.random.mtrand._rand.get_state()[1].copy()
    estimator = net.to_sklearn()
    assert (np.random.mtrand._rand.get_state()[1] == drawn).all(), "a generator that everybody shares was used"
    fitted = few(clone(estimator), X, y)
    assert set(vars(fitted)) - set(vars(estimator)) <= {"_optimizer"}
    if task in ("two", "labels"):
        y = np.resize(estimator.classes_, len(y))
    assert 0.0 <= estimator.score(X, estimator.predict(X)) <= 1.0
    for solver in ("adam", "sgd", "lbfgs"):
        pupil = pickle.loads(pickle.dumps(estimator)).set_params(warm_start=True, max_iter=2, solver=solver)
        few(pupil, X, y)
        # From the network's weights, and not anew; steps of L-BFGS are of any length.
        moved = [np.abs(coef - start).max() for coef, start in zip(pupil.coefs_, estimator.coefs_)]
        assert max(moved) > 0.0
        assert solver == "lbfgs" or max(moved) < 0.1
    if task != "several":
        # skl2onnx declares two columns for a multilabel classifier, and writes four.
        options = {"zipmap": False} if task in ("two", "labels") else None
        model = to_onnx(estimator, X[:1], options=options)
        found = onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"X": X})[-1]
        outputs = net.predict_proba(X) if task == "labels" else net.predict(X)
        # Of several numbers it makes a single column.
        found = found.reshape(outputs.shape) if task == "numbers" else found[:, -outputs.shape[1] :]
        assert np.abs(found - outputs).max() < 1e-12


def test_precision_names_and_biases_go_out():
    net = ns.Network.layered([2, 3, 1], dtype="float32", seed=0, inputs=["a", "b"])
    estimator = net.to_sklearn()
    assert {array.dtype for array in (*estimator.coefs_, *estimator.intercepts_)} == {np.dtype(np.float32)}
    assert estimator.feature_names_in_.tolist() == ["a", "b"]
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(5, 2)), columns=["a", "b"], dtype=np.float32)
    assert np.abs(estimator.predict(X) - net.predict(X)[:, 0]).max() < 1e-6
    with pytest.raises(ValueError, match="feature names"):
        estimator.predict(X.rename(columns={"a": "c"}))
    assert not hasattr(ns.Network.layered([2, 3, 1], seed=0).to_sklearn(), "feature_names_in_")

    bare = ns.Network.layered([2, 3, 2], bias=False, seed=0)
    assert all(not intercept.any() for intercept in bare.to_sklearn().intercepts_)
    bare.add_bias("B1", value=-2.5)
    bare.connect("B1", "H2", weight=0.5)
    assert bare.to_sklearn().intercepts_[0].tolist() == [0.0, -1.25, 0.0]
    assert np.abs(bare.to_sklearn().predict(np.eye(2)) - bare.predict(np.eye(2))).max() < 1e-15


@pytest.mark.parametrize("seed", range(8))
def test_the_proof_is_scikit_learns_own(seed):
    rng = np.random.default_rng(seed)
    task = list(TASKS)[seed % len(TASKS)]
    net = random_layered(task, rng)
    # Saturated nodes, and probabilities that scikit-learn clips.
    net.weights = np.asarray(net.weights) * (1.0, 30.0)[seed % 2]
    proof = ns.checks.check_exchange(net, net.to_sklearn())
    assert proof.ok, proof
    assert "its own backpropagation" in str(proof)
    estimator = net.to_sklearn()
    estimator.coefs_[0][0, 0] += 1e-6
    assert not ns.checks.check_exchange(net, estimator).ok


@pytest.mark.parametrize("task", ["two", "labels"])
def test_targets_between_classes_are_taught_to_scikit_learn(task):
    rng = np.random.default_rng(0)
    net = random_layered(task, rng)
    X, y = rng.normal(size=(15, len(net.inputs))), rng.random((15, len(net.outputs)))
    assert_same(net, net.to_sklearn(), X, y)


@pytest.mark.parametrize("scalers", SCALERS)
def test_a_network_with_a_scaler_goes_back_as_a_pipeline(scalers, tmp_path):
    rng = np.random.default_rng(list(SCALERS).index(scalers))
    X, y, targets = samples("labels", rng, 3)
    X = pd.DataFrame(X * [1.0, 30.0, 0.1] + [-2.0, 50.0, 1.0], columns=["a", "b", "c"])
    pipeline = make_pipeline(*map(clone_of, SCALERS[scalers]), MLPClassifier([4], max_iter=3, random_state=0))
    net = ns.from_sklearn(few(pipeline, X, y))
    net.fit(X, targets, epochs=2, learning_rate=1e-4)
    back = net.to_sklearn()
    assert isinstance(back, Pipeline)
    assert list(back.feature_names_in_) == ["a", "b", "c"]
    assert_same(net, back, X.to_numpy(), targets)
    assert (back.predict(X) == net.classify(X)).all()
    assert np.allclose(back[0].inverse_transform(back[0].transform(X)), X, rtol=1e-12)
    scikit_learn.save(net.simulator, tmp_path / "net.skops")
    for twin in (ns.from_sklearn(back), ns.from_sklearn(tmp_path / "net.skops")):
        assert twin.weights.tobytes() == net.weights.tobytes()
        assert [link.trainable for link in twin.connections] == [link.trainable for link in net.connections]


@pytest.mark.parametrize(("at", "tiny"), [(-800.0, ["W1", "W3", "W5", "W6"]), (800.0, ["W7", "W8"])])
def test_gradients_that_are_next_to_nothing_are_compared(at, tiny):
    """Columns that nobody scaled drive sigmoids to their ends."""
    net = ns.Network.layered([1, 2, 2, 1], "sigmoid", seed=0)
    net.forward([at])
    net.backward([1.0])
    found, gradients = program_of(net.to_sklearn()).judged(
        np.array([[at]]), np.array([[1.0]]), ns.loss("half_squared_error")
    )
    for link, gradient in zip(net.connections, gradients):
        if link.name in tiny:
            assert 1e-50 < abs(link.gradient) < 1e-40
            # Here e is halved, and it is mse's that the network has.
            assert 2.0 * gradient == pytest.approx(link.gradient, rel=TOLERANCE, abs=0.0)
    assert 2.0 * found == pytest.approx(net.error([[at]], [1.0]))
    assert ns.checks.check_exchange(net, net.to_sklearn(), [[at]], [1.0])


def scaling():
    pipeline = make_pipeline(StandardScaler(), MLPRegressor(hidden_layer_sizes=[4], max_iter=3, random_state=0))
    rng = np.random.default_rng(0)
    return ns.from_sklearn(few(pipeline, rng.normal(size=(9, 3)), rng.normal(size=9)))


def test_only_what_a_scaler_does_is_one():
    assert isinstance(scaling().to_sklearn(), Pipeline)
    first = scaling()["H1"]
    for edit in (
        lambda net: setattr(net["W1"], "trainable", True),
        lambda net: setattr(net[first.name], "activation", "tanh"),
        lambda net: net.connect("I1", "H4"),
        lambda net: net.connect("I1", net.outputs[0]),
        lambda net: net.connect(net.add_bias("B9"), "H1"),
        lambda net: setattr(net["W1"], "weight", 0.0),
        lambda net: net.add_input("I9"),
    ):
        net = scaling()
        edit(net)
        with pytest.raises(ExchangeError):
            net.to_sklearn()


@pytest.mark.parametrize("size", [1e-200, 1e-20, 1e150])
def test_gradients_of_any_size_are_taught_to_scikit_learn(size):
    net = ns.Network.layered([3, 4, 1], "tanh", loss="half_squared_error", seed=0)
    X = np.random.default_rng(0).normal(size=(20, 3))
    for inputs, targets in ((X * size, X[:, 0]), (X, X[:, 0] * size), (X * min(size, 1.0), X[:, 0] * min(size, 1.0))):
        proof = ns.checks.check_exchange(net, net.to_sklearn(), inputs, targets)
        assert proof, str(proof)


def test_an_estimator_with_other_labels_than_its_probabilities_say_is_refused():
    class Turned(MLPClassifier):
        def predict(self, X):
            return super().predict(X)[::-1]

    X, y = np.random.default_rng(0).normal(size=(30, 3)), np.arange(30) % 3
    estimator = few(Turned([4], max_iter=5, random_state=0), X, y)
    with pytest.raises(ExchangeError, match="Turned predicts other labels than its probabilities say"):
        ns.checks.check_exchange(ns.from_sklearn(estimator), estimator)


# ---- refused -----------------------------------------------------------------------------------------------------


def edited(edit, sizes=(2, 3, 1), **settings):
    net = ns.Network.layered(list(sizes), seed=0, **settings)
    edit(net)
    return net


UNWRITABLE = {
    "W14 from I1 to O1 skips layers": lambda: edited(lambda net: net.connect("I1", "O1")),
    "I2 is not connected to H1": lambda: edited(lambda net: net.disconnect("I2", "H1")),
    "I2 is not connected to H1 (2 more like it)": lambda: edited(
        lambda net: [net.disconnect("I2", node) for node in ("H1", "H2", "H3")]
    ),
    "W2 from I1 to H2 is frozen": lambda: edited(lambda net: setattr(net["W2"], "trainable", False)),
    "H1 has the activation gelu": lambda: edited(lambda net: None, hidden="gelu"),
    "H1 has the activation tanh and H4 relu": lambda: edited(lambda net: None, (2, 3, 3, 1), hidden=["tanh", "relu"]),
    "the output O1 has the activation tanh": lambda: edited(lambda net: None, output="tanh"),
    "the loss huber": lambda: edited(lambda net: None, loss="huber"),
    "O1 has the activation linear; with the loss binary_cross_entropy": lambda: edited(
        lambda net: None, loss="binary_cross_entropy"
    ),
    "tells two classes by two outputs": lambda: edited(lambda net: None, (2, 3, 2), loss="softmax_cross_entropy"),
    "H1 is fed by 2 biases": lambda: edited(lambda net: net.connect(net.add_bias("B9"), "H1")),
    "O2 feeds other nodes, or stands before": lambda: edited(lambda net: net.connect("I1", net.add_output("O2"))),
    "H4 stands behind or beside": lambda: edited(lambda net: net.connect("H1", net.add_hidden("H4"))),
    "has the classes ('a', 'b'), and a regressor has none": lambda: edited(
        lambda net: setattr(net, "classes", ["a", "b"])
    ),
    "with several sigmoids each says yes or no": lambda: edited(
        lambda net: setattr(net, "classes", ["a", "b"]), (2, 2), output="sigmoid", loss="binary_cross_entropy"
    ),
    "the classes ('a', 1) are no labels": lambda: edited(
        lambda net: setattr(net, "classes", ["a", 1]), (2, 1), output="sigmoid", loss="binary_cross_entropy"
    ),
    "has no inputs yet": lambda: ns.Network(),
    "has no outputs yet": lambda: edited(lambda net: net.remove("O1"), (2, 1), bias=False),
}


@pytest.mark.parametrize("message", UNWRITABLE)
def test_what_scikit_learn_cannot_have_is_refused_by_name(message):
    net = UNWRITABLE[message]()
    before = digest(net)
    with pytest.raises(ExchangeError) as caught:
        net.to_sklearn()
    assert message in str(caught.value)
    assert digest(net) == before


@pytest.fixture(scope="module")
def fitted():
    X, y, _ = samples("labels", np.random.default_rng(0), 3, 30)
    return {
        "X": X, "y": y, "classifier": few(MLPClassifier([4], max_iter=2, random_state=0), X, y),
        "pipeline": few(make_pipeline(StandardScaler(), MLPClassifier([4], max_iter=2, random_state=0)), X, y),
    }  # fmt: skip


UNREADABLE = {
    "MLPClassifier is not fitted": lambda X, y: MLPClassifier(),
    "loss='poisson'": lambda X, y: few(MLPRegressor(loss="poisson", max_iter=2), X, np.arange(30.0)),
    "no class but 'a'": lambda X, y: few(MLPClassifier(max_iter=2), X, ["a"] * 30),
    "LogisticRegression cannot be read": lambda X, y: LogisticRegression().fit(X, y),
    "TransformedTargetRegressor cannot": lambda X, y: few(
        TransformedTargetRegressor(MLPRegressor(max_iter=2), func=np.sinh, inverse_func=np.arcsinh), X, X[:, 0]
    ),
    "step PCA() cannot be carried": lambda X, y: few(make_pipeline(PCA(), MLPClassifier(max_iter=2)), X, y),
    "MinMaxScaler clips": lambda X, y: few(make_pipeline(MinMaxScaler(clip=True), MLPClassifier(max_iter=2)), X, y),
    "does not end with an estimator": lambda X, y: make_pipeline(StandardScaler(), "passthrough").fit(X),
    "StandardScaler is not fitted": lambda X, y: Pipeline(
        [("s", StandardScaler()), ("m", few(MLPClassifier(max_iter=2), X, y))]
    ),
    "has 2 columns, and the step behind it takes 3": lambda X, y: Pipeline(
        [("s", StandardScaler().fit(X[:, :2])), ("m", few(MLPClassifier(max_iter=2), X, y))]
    ),
    "NodesimClassifier is not fitted": lambda X, y: NodesimClassifier(),
    "ABCMeta cannot be read": lambda X, y: MLPClassifier,
    "list cannot be read": lambda X, y: [1.0],
}


@pytest.mark.parametrize("message", UNREADABLE)
def test_what_cannot_be_read_is_refused_by_name(message, fitted):
    estimator = UNREADABLE[message](fitted["X"], fitted["y"])
    with pytest.raises(ExchangeError) as caught:
        ns.from_sklearn(estimator)
    assert message in str(caught.value)


class Hostile:
    def __getattr__(self, name):
        raise RuntimeError("boom")


NONSENSE = [
    None, -1, np.nan, "x", "relu", [], Hostile(), np.zeros((3, 4)), [np.zeros((3, 4))], [np.full((3, 4), np.nan), np.ones((4, 3))],
    [np.array([[object()]])] * 2, [np.zeros((3, 4), complex)] * 2, np.array([1.5, 2, 3]), np.array(["a", "a", "b"]),
    np.array(["\ud800", "b", ""], dtype=object), 10**30, (1, 2, 3),
]  # fmt: skip


@pytest.mark.parametrize("step", [0, 1])
def test_damaged_estimators_are_refused(step, fitted):
    refused = 0
    for name in vars(fitted["pipeline"][step]):
        for value in NONSENSE:
            pipeline = pickle.loads(pickle.dumps(fitted["pipeline"]))
            setattr(pipeline[step], name, value)
            try:
                ns.from_sklearn(pipeline)
            except ExchangeError:
                refused += 1
    assert refused > 40


def test_without_scikit_learn(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "skops.io", None)
    for call in (
        partial(ns.from_sklearn, tmp_path / "a.skops"),
        partial(scikit_learn.save, ns.Network.layered([1, 1]).simulator, tmp_path / "a.skops"),
    ):
        (tmp_path / "a.skops").write_bytes(b"")
        with pytest.raises(MissingExtraError, match="extra 'sklearn'"):
            call()
    monkeypatch.setitem(sys.modules, "sklearn.neural_network", None)
    for call in (partial(ns.from_sklearn, 1), ns.Network.layered([1, 1]).to_sklearn):
        with pytest.raises(MissingExtraError, match="extra 'sklearn'"):
            call()


# ---- files -------------------------------------------------------------------------------------------------------


def test_files_of_skops(tmp_path, fitted):
    file = tmp_path / "net.skops"
    net = ns.Network.layered([2, 3, 1], seed=0)
    scikit_learn.save(net.simulator, file)
    assert skops.io.get_untrusted_types(file=file) == []
    assert (skops.io.load(file).predict(np.eye(2)) == net.to_sklearn().predict(np.eye(2))).all()
    assert np.asarray(ns.from_sklearn(file).weights).tobytes() == np.asarray(net.weights).tobytes()
    for estimator in (fitted["classifier"], fitted["pipeline"]):
        skops.io.dump(estimator, file)
        twin = ns.from_sklearn(str(file))
        assert twin.classes == ns.from_sklearn(estimator).classes
        assert (twin.weights == ns.from_sklearn(estimator).weights).all()
    # What cannot be written leaves the old file.
    before = file.read_bytes()
    with pytest.raises(ExchangeError):
        scikit_learn.save(ns.Network.layered([2, 3, 1], hidden="gelu").simulator, file)
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("name", ["net.pkl", "net.joblib", "net.skops"])
def test_pickles_are_never_unpickled(tmp_path, name):
    class Bomb:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "owned"),)

    joblib.dump(Bomb(), tmp_path / name)
    with pytest.raises(FileError, match="net"):
        ns.from_sklearn(tmp_path / name)
    assert not (tmp_path / "owned").exists()
    if name != "net.skops":
        with pytest.raises(FileError, match="pickle"):
            scikit_learn.save(ns.Network.layered([1, 1]).simulator, tmp_path / name)


def packed(schema, files=(), compression=zipfile.ZIP_STORED):
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        archive.writestr("schema.json", schema if isinstance(schema, str) else json.dumps(schema))
        for name, content in dict(files).items():
            archive.writestr(name, content)
    return stream.getvalue()


def test_hostile_files_run_nothing(tmp_path, fitted):
    owned, file = tmp_path / "owned", tmp_path / "net.skops"
    hostile = {
        "PartialNode": skops.io.dumps(partial(os.mkdir, str(owned))),
        "FunctionNode": skops.io.dumps({"a": np.sqrt}),
        "MethodNode": skops.io.dumps(fitted["classifier"].fit),
        "PCA": skops.io.dumps(few(make_pipeline(PCA(), MLPClassifier(max_iter=2)), fitted["X"], fitted["y"])),
        "RecursionError": packed("[" * 100_000),
        "unpacks": packed("{}", {"x": bytes(101_000_000)}, zipfile.ZIP_DEFLATED),
        "no class": packed({"__loader__": "ObjectNode"}),
        "describes no object": packed("{}"),
        "zip": b"",
    }
    for message, data in hostile.items():
        file.write_bytes(data)
        with pytest.raises(FileError, match=message):
            ns.from_sklearn(file)
    assert not owned.exists()


def test_damaged_files(tmp_path, fitted):
    rng, file, data = np.random.default_rng(0), tmp_path / "net.skops", skops.io.dumps(fitted["pipeline"])
    with zipfile.ZipFile(BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    schema = files.pop("schema.json").decode()
    damaged = [data[: int(rng.integers(len(data)))] for _ in range(20)]
    for _ in range(60):
        torn = bytearray(data)
        torn[int(rng.integers(len(data)))] ^= int(rng.integers(1, 256))
        damaged.append(bytes(torn))
    for _ in range(60):
        at = int(rng.integers(len(schema)))
        damaged.append(
            packed(schema[:at] + str(rng.choice(["", "1", '"', "}", "null", "os"])) + schema[at + 1 :], files)
        )
    refused = 0
    for content in damaged:
        file.write_bytes(content)
        try:
            ns.from_sklearn(file)
        except (FileError, ExchangeError) as error:
            refused += "net.skops" in str(error)
    assert refused > 60

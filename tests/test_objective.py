"""Weights of samples and classes, penalties, clipping, dropout: gradients and trainings, against torch and scikit-learn."""

import itertools

import numpy as np
import pandas as pd
import pytest
import torch
from helpers import LOSSES, SEEDS, examples, random_network, random_samples, torch_outputs, torch_weights
from hypothesis import given
from hypothesis import strategies as st
from sklearn.neural_network import MLPRegressor
from sklearn.utils.class_weight import compute_class_weight, compute_sample_weight

import nodesim as ns

TOLERANCE = 1e-12


def weights_of(rng, count):
    """Draw weights for samples: whole numbers, some of them 0, but not all."""
    weights = rng.integers(0, 4, count).astype(float)
    weights[rng.integers(count)] += 1.0
    return weights


def objective(net, x, y, weights, *, sample_weight=None, l1=0.0, l2=0.0, masks=None):
    """Return e in torch, with all that may be asked for."""
    sums = net.loss.name == "binary_cross_entropy"
    errors = LOSSES[net.loss.name](torch.tensor(y), torch_outputs(net, x, weights, sums=sums, masks=masks))
    if sample_weight is None:
        e = errors.mean()
    else:
        w = torch.tensor(sample_weight)
        e = (w * errors).sum() / w.sum()
    every = torch.stack(list(weights.values()))
    return e + l1 * every.abs().sum() + l2 / 2 * (every**2).sum()


@given(seed=SEEDS, loss=st.sampled_from(sorted(LOSSES)), batch=st.integers(1, 6))
@examples(25)
def test_gradients_are_those_of_torch(engine, seed, loss, batch):
    """On random graphs, with whatever options come; the sums over paths are the same, too."""
    net, rng = random_network(seed, loss=loss)
    net.engine = engine
    x, y = random_samples(net, rng, batch)
    some = rng.random(5) < 0.5
    sample_weight = weights_of(rng, batch) if some[0] else None
    l1, l2 = (0.1 if some[1] else None), (0.2 if some[2] else None)
    net.forward(x, dropout=0.5 if some[3] else None)
    masks = {node: np.atleast_1d(node.mask) for node in net.nodes} if some[3] else None
    own = torch_weights(net)
    for weight in own.values():
        weight.requires_grad_(True)
    expected = objective(net, x, y, own, sample_weight=sample_weight, l1=l1 or 0.0, l2=l2 or 0.0, masks=masks)
    expected.backward()
    slopes = {c: torch.zeros(()) if w.grad is None else w.grad for c, w in own.items()}
    trained = [slopes[c] for c in net.connections if c.trainable]
    length = float(torch.linalg.vector_norm(torch.stack(trained))) if trained else 0.0
    clip = length / 2 if some[4] and length else None
    factor = 1.0 if clip is None else clip / (length + 1e-6)

    e = net.backward(y, sample_weight=sample_weight, l1=l1, l2=l2, clip=clip)

    assert e == pytest.approx(expected.item(), rel=TOLERANCE, abs=TOLERANCE)
    for connection in net.connections:
        paths = net.paths(connection)
        # A slope like 1 - a² of a saturated node has lost digits that no way brings back.
        allowed = TOLERANCE * max(paths.scale, 1e3 * TOLERANCE, 1e-3 * length)
        assert abs(connection.gradient - factor * slopes[connection].item()) <= allowed
        assert abs(paths.gradient - connection.gradient) <= TOLERANCE * paths.scale


def batches(count, size):
    return [range(first, min(first + size, count)) for first in range(0, count, size)]


OPTIMIZERS = {
    "sgd": (lambda w: torch.optim.SGD(w, lr=0.05), 0.05),
    "momentum": (lambda w: torch.optim.SGD(w, lr=0.05, momentum=0.9), 0.05),
    "adam": (lambda w: torch.optim.Adam(w, lr=0.01), 0.01),
}


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@given(seed=SEEDS)
@examples(8)
def test_fits_follow_torch(optimizer, seed):
    """Epoch by epoch, with weights, penalties and clipping, in batches of which some may count nothing."""
    rng = np.random.default_rng(seed)
    net = ns.Network.layered([3, 4, 2], hidden="tanh", seed=seed)
    count, size = int(rng.integers(3, 15)), int(rng.integers(1, 16))
    x, y, weights = rng.normal(size=(count, 3)), rng.normal(size=(count, 2)), weights_of(rng, count)
    options = {"l1": 0.01, "l2": 0.05} if rng.random() < 0.5 else {}
    clip = 0.5 if rng.random() < 0.5 else None
    own = torch_weights(net)
    steps = OPTIMIZERS[optimizer][0](list(own.values()))
    expected = []
    for _ in range(4):
        total = 0.0
        for rows in batches(count, size):
            part = weights[rows]
            if not part.sum():
                continue
            steps.zero_grad()
            e = objective(net, x[rows], y[rows], own, sample_weight=part, **options)
            e.backward()
            if clip is not None:
                torch.nn.utils.clip_grad_norm_(own.values(), clip)
            steps.step()
            total += e.item() * part.sum() / weights.sum()
        expected.append(total)
    history = net.fit(
        x, y, epochs=4, learning_rate=OPTIMIZERS[optimizer][1], optimizer=optimizer, batch_size=size, shuffle=False,
        sample_weight=weights, clip=clip, **options,
    )  # fmt: skip
    assert history.errors == pytest.approx(expected, rel=1e-9)
    for connection, weight in own.items():
        assert connection.weight == pytest.approx(weight.item(), rel=1e-9, abs=1e-11)


def layer_weights(net):
    """Return the weights of a layered network as scikit-learn has them: matrices and intercepts."""
    layers = [[node for node in layer if node.kind != "bias"] for layer in net.layers]
    weight = {(c.source.name, c.target.name): c.weight for c in net.connections}
    bias = {c.target.name: c.weight for c in net.connections if c.source.kind == "bias"}
    pairs = list(itertools.pairwise(layers))
    return (
        [np.array([[weight[a.name, b.name] for b in after] for a in before]) for before, after in pairs],
        [np.array([bias[b.name] for b in after]) for _, after in pairs],
    )


@given(seed=SEEDS, activation=st.sampled_from(["tanh", "relu", "logistic"]))
@examples(8)
def test_weighted_fits_are_those_of_scikit_learn(seed, activation):
    """Gradient descent with weights of samples; the half squared error of one output is scikit-learn's."""
    rng = np.random.default_rng(seed)
    x, y, weights = rng.normal(size=(12, 3)), rng.normal(size=12), weights_of(rng, 12)
    net = ns.Network.layered(
        [3, 5, 1], hidden="sigmoid" if activation == "logistic" else activation, loss="half_squared_error", seed=seed
    )
    model = MLPRegressor(
        hidden_layer_sizes=(5,), activation=activation, solver="sgd", alpha=0.0, batch_size=12, learning_rate_init=0.02, momentum=0.0,
        nesterovs_momentum=False, shuffle=False, random_state=0,
    )  # fmt: skip
    model.partial_fit(x, y)
    matrices, intercepts = layer_weights(net)
    for own, given_ in zip([*model.coefs_, *model.intercepts_], [*matrices, *intercepts]):
        own[...] = given_
    for _ in range(5):
        model.partial_fit(x, y, sample_weight=weights)
    history = net.fit(x, y, epochs=5, learning_rate=0.02, sample_weight=weights)
    # scikit-learn goes on where the error explodes.
    assert not history.diverged
    matrices, intercepts = layer_weights(net)
    for own, found in zip([*model.coefs_, *model.intercepts_], [*matrices, *intercepts]):
        assert found == pytest.approx(own, rel=1e-9, abs=1e-12)


def test_a_batch_of_weight_0_is_no_update():
    """Nor does it count in the error of its epoch; whole numbers are repetitions."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(6, 2)), rng.normal(size=(6, 1))
    weights = np.array([1.0, 2.0, 0.0, 0.0, 3.0, 1.0])
    net = ns.Network.layered([2, 3, 1], seed=0)
    twin = net.copy()
    history = net.fit(x, y, epochs=3, batch_size=2, shuffle=False, learning_rate=0.1, sample_weight=weights)
    assert history.updates == 6
    repeated = [0, 1, 1], [4, 4, 4, 5]
    expected = []
    for _ in range(3):
        errors = [twin.fit(x[rows], y[rows], epochs=1, learning_rate=0.1).errors[0] for rows in repeated]
        expected.append((3 * errors[0] + 4 * errors[1]) / 7)
    assert net.weights == pytest.approx(twin.weights, rel=1e-12)
    assert history.errors == pytest.approx(expected, rel=1e-12)


def test_weights_may_be_of_any_size():
    """Only their proportions count, as far as doubles reach; parts in which nothing counts are told."""
    rng = np.random.default_rng(0)
    x, y, weights = rng.normal(size=(10, 2)), rng.normal(size=10), np.array([1.0, 2.0] * 5)
    expected = ns.Network.layered([2, 3, 1], seed=0)
    history = expected.fit(x, y, epochs=3, batch_size=4, learning_rate=0.1, sample_weight=weights)
    for factor in (1e307, 1e-300, 2.0**-1040):
        net = ns.Network.layered([2, 3, 1], seed=0)
        found = net.fit(x, y, epochs=3, batch_size=4, learning_rate=0.1, sample_weight=weights * factor)
        assert found.errors == pytest.approx(history.errors, rel=1e-12)
        assert net.weights == pytest.approx(expected.weights, rel=1e-12)
    for only in range(10):
        with pytest.raises(ns.DataError, match="weight 0"):
            net.fit(x, y, epochs=3, learning_rate=0.1, validation_split=0.5, sample_weight=np.eye(10)[only])


@pytest.mark.parametrize("size", [1e308, 1e-320])
def test_only_how_weights_of_samples_compare_counts(size):
    """Also where their sum is no finite number, or where their products leave the numbers that there are."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(6, 2)), rng.normal(size=(6, 1))
    net = ns.Network.layered([2, 3, 1], seed=0)
    twin, same = net.copy(), np.full(6, size)
    assert net.score(x, y, same) == pytest.approx(net.score(x, y), rel=1e-12)
    options = {"epochs": 3, "batch_size": 2, "shuffle": False, "learning_rate": 0.1}
    history = net.fit(x, y, sample_weight=same, **options)
    assert history.errors == pytest.approx(twin.fit(x, y, **options).errors, rel=1e-12)
    assert net.weights == pytest.approx(twin.weights, rel=1e-12)


def test_a_batch_counts_by_itself_however_little_of_the_whole_it_is():
    x, y = np.eye(4)[:, :2], np.ones(4)
    net = ns.Network.layered([2, 3, 1], seed=0)
    history = net.fit(
        x, y, epochs=2, batch_size=2, shuffle=False, learning_rate=0.1, sample_weight=[1e-300, 1e-300, 1e300, 1e300]
    )
    assert history.updates == 4


def test_gradients_with_penalties_are_finite_or_refused():
    net = ns.Network.layered([1, 1, 1], seed=0, dtype="float32")
    net.weights = np.full(len(net.weights), 1e18)
    net.forward([0.0])
    with pytest.raises(ns.NonFiniteError, match="W1 with its penalties is inf"):
        net.backward([0.0], l2=1e25)


def test_weights_of_classes_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    x, labels = rng.normal(size=(20, 2)), np.minimum(rng.integers(0, 5, 20), 2)
    net = ns.Network.layered([2, 3, 3], loss="softmax_cross_entropy", seed=0)
    for given_ in (
        "balanced",
        {0: 1.0, 2: 5.0},
        dict(enumerate(compute_class_weight("balanced", classes=np.arange(3), y=labels))),
    ):
        expected = net.error(x, labels, sample_weight=compute_sample_weight(given_, labels))
        assert net.error(x, labels, class_weight=given_) == pytest.approx(expected, rel=1e-14)
    both = net.error(x, labels, class_weight="balanced", sample_weight=np.arange(20.0))
    by_hand = compute_sample_weight("balanced", labels) * np.arange(20)
    assert both == pytest.approx(net.error(x, labels, sample_weight=by_hand), rel=1e-14)
    one = ns.Network.layered([2, 3, 1], output="sigmoid", loss="binary_cross_entropy", seed=0)
    expected = one.error(x, labels > 0, sample_weight=np.where(labels > 0, 3.0, 1.0))
    assert one.error(x, labels > 0, class_weight={1: 3.0}) == pytest.approx(expected, rel=1e-14)


def test_dropout_drops_as_often_as_it_should_and_predicts_with_all():
    net = ns.Network.layered([2, 50, 1], seed=0)
    net.forward(np.ones((400, 2)), dropout=0.2)
    masks = np.array([node.mask for node in net.hidden])
    assert set(np.unique(masks)) == {0.0, 1.25}
    assert abs((masks == 0).mean() - 0.2) < 0.01
    assert all(node.mask.tolist() == [1.0] * 400 for node in (*net.inputs, *net.outputs))
    net.forward(np.ones(2), dropout={"H1": 0.9, "H2": 0.0})
    assert net["H1"].mask in (0.0, pytest.approx(10.0))
    assert net["H2"].mask == net["H3"].mask == 1.0
    plain = net.predict(np.ones((1, 2)))
    net.fit(np.ones((4, 2)), np.ones(4), epochs=0 + 1, learning_rate=0.0, dropout=0.9)
    assert (net.predict(np.ones((1, 2))) == plain).all()
    assert net["H1"].mask.tolist() == [1.0]


def test_a_node_has_one_probability_to_be_dropped():
    net = ns.Network.layered([2, 3, 1], seed=0)
    with pytest.raises(ns.ArgumentError, match="two probabilities for H1"):
        net.forward([0.0, 0.0], dropout={"H1": 0.5, net["H1"]: 0.1})


def test_a_forward_that_fails_has_drawn_nothing():
    net = ns.Network.layered([2, 3, 1], seed=0)
    net.weights = np.full(len(net.weights), 1e300)
    twin = net.copy()
    with pytest.raises(ns.NonFiniteError):
        net.forward([1e10, 1e10], dropout=0.5)
    net.initialize(), twin.initialize()
    assert (net.weights == twin.weights).all()


@pytest.mark.parametrize("n_jobs", [None, 1])
def test_what_users_ask_of_numpy_is_no_matter(n_jobs):
    """A gradient may be cut to numbers so small that there are none."""
    net = ns.Network.layered([2, 3, 1], seed=0)
    with np.errstate(all="raise"):
        history = net.fit(np.eye(2), [0.0, 1.0], epochs=2, learning_rate=0.1, clip=1e-310, l2=1e-310, n_jobs=n_jobs)
    assert history.updates == 2


def test_held_out_samples_are_the_same_each_time():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(20, 2)), rng.normal(size=20)
    net = ns.Network.layered([2, 3, 1], seed=0)
    twin = net.copy()
    history = net.fit(x, y, epochs=5, learning_rate=0.1, validation_split=0.25)
    again = net.copy()
    chosen = np.random.default_rng(20).permutation(20)
    held_out, kept = np.sort(chosen[:5]), np.sort(chosen[5:])
    expected = twin.fit(x[kept], y[kept], epochs=5, learning_rate=0.1, validation_data=(x[held_out], y[held_out]))
    assert history.validation_errors == expected.validation_errors
    assert (net.weights == twin.weights).all()
    weighted = twin.fit(x, y, epochs=1, learning_rate=0.0, validation_data=(x, y, np.arange(20.0)))
    assert weighted.validation_errors == [pytest.approx(twin.error(x, y, sample_weight=np.arange(20.0)), rel=1e-14)]
    again.fit(x, y, epochs=1, learning_rate=0.1, validation_split=0.25, resume=True)


@pytest.mark.parametrize("bad", range(4))
def test_samples_that_are_held_out_are_looked_at_and_numbered_as_they_were_given(bad):
    x = np.zeros((4, 2))
    x[bad, 1] = np.inf
    net = ns.Network.layered([2, 3, 1], seed=0)
    weights = net.weights.copy()
    with pytest.raises(ns.DataError, match=f"sample {bad}: input I2 is inf"):
        net.fit(x, np.ones(4), epochs=2, learning_rate=0.1, validation_split=0.5)
    assert (net.weights == weights).all()


def test_score_counts_weights_as_scikit_learn_does():
    from sklearn.metrics import accuracy_score, r2_score

    rng = np.random.default_rng(0)
    x, y, weights = rng.normal(size=(20, 2)), rng.normal(size=(20, 2)), weights_of(rng, 20)
    net = ns.Network.layered([2, 3, 2], seed=0)
    assert net.score(x, y, weights) == pytest.approx(r2_score(y, net.predict(x), sample_weight=weights), rel=1e-12)
    classifier = ns.Network.layered([2, 3, 2], loss="softmax_cross_entropy", seed=0)
    labels = rng.integers(0, 2, 20)
    expected = accuracy_score(labels, classifier.classify(x), sample_weight=weights)
    assert classifier.score(x, labels, sample_weight=weights) == pytest.approx(expected, rel=1e-14)


REFUSED = {
    "sample_weight=[1.0]": ("shape", {"sample_weight": [1.0]}),
    "negative weight": ("sample 1: its weight is -1", {"sample_weight": [1.0, -1.0, 1.0]}),
    "no number": ("sample 2: its weight is nan", {"sample_weight": [1.0, 1.0, float("nan")]}),
    "all zero": ("weight 0", {"sample_weight": [0.0, 0.0, 0.0]}),
    "a product": ("leaves the finite", {"sample_weight": [1e300] * 3, "class_weight": {0: 1e300, 1: 1e300}}),
    "class_weight of numbers": ("needs classes", {"class_weight": "balanced"}),
    "l1": ("l1 must be 0 or more", {"l1": -0.1}),
    "l2": ("l2 must be a finite", {"l2": "much"}),
    "clip": ("larger than 0", {"clip": 0.0}),
    "a class that cannot be compared": ("for the class <NA>", {"class_weight": {pd.NA: 1.0}}),
    "strengths by name": ("by its name", {"regularizer": {"l2": 0.5}}),
    "regularizer": ("no regularizer named", {"regularizer": "l3"}),
}


OF_CLASSES = ("a product", "a class that cannot be compared")


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_refused_changes_nothing(what):
    message, options = REFUSED[what]
    net = ns.Network.layered([2, 3, 1], seed=0)
    x, y = np.zeros((3, 2)), [0.0, 1.0, 1.0] if what in OF_CLASSES else [0.1, 0.2, 0.3]
    net.forward(x), net.backward(y)
    gradients, weights = net.gradients.copy(), net.weights.copy()
    with pytest.raises(ns.NodesimError, match=message):
        net.backward(y, **options)
    assert (net.gradients == gradients).all()
    with pytest.raises(ns.NodesimError, match=message):
        net.fit(x, y, **options)
    assert (net.weights == weights).all()


@pytest.mark.parametrize(
    ("message", "options"),
    [
        ("dropout must be at least 0 and below 1", {"dropout": 1.0}),
        ("drops hidden nodes", {"dropout": {"O1": 0.5}}),
        ("nothing is named", {"dropout": {"H9": 0.5}}),
        ("above 0 and below 1", {"validation_split": 1.5}),
        ("leaves none", {"validation_split": 0.01}),
        ("sample to validate with has weight 0", {"validation_split": 0.5, "sample_weight": [1.0, 0.0, 0.0]}),
        ("sample to train with has weight 0", {"validation_split": 0.5, "sample_weight": [0.0, 1.0, 1.0]}),
        ("not both", {"validation_split": 0.5, "validation_data": ([[0.0, 0.0]], [0.0])}),
        ("validation_data must be a pair", {"validation_data": [1]}),
        ("resume must be True or False", {"resume": "yes"}),
        ("learning rate must be", {"learning_rate": -1.0}),
        ("no schedule named", {"learning_rate": "warm"}),
        ("schedule", {"learning_rate": lambda epoch: -0.1}),
    ],
)
def test_what_fit_refuses(message, options):
    net = ns.Network.layered([2, 3, 1], seed=0)
    weights = net.weights.copy()
    with pytest.raises(ns.NodesimError, match=message):
        net.fit(np.zeros((3, 2)), [0.1, 0.2, 0.3], **options)
    assert (net.weights == weights).all()

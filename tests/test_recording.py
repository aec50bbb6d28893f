"""A recording of paths has what retrained copies have, disturbs nothing, stays small, and can be seen."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pytest
from helpers import SEEDS, digest, iris, random_network, random_samples
from hypothesis import given
from hypothesis import strategies as st
from test_derivation import HOSTILE

import nodesim as ns
from nodesim.drawing.stacked import COLOURS
from nodesim.training import weight_history
from nodesim.training.shadow import Shadow

XOR = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
SMOOTH = ["tanh", "sigmoid", "sine", "softplus", "linear"]


@pytest.fixture
def net():
    return ns.Network.layered([2, 3, 1], hidden="tanh", seed=1)


def brute_force(net, name, x, y):
    """Return what a record should hold, from a list of all paths."""
    net.forward(x), net.backward(y)
    paths = list(net.paths(name))
    scale = net.paths(name).scale
    entering, passing = {}, {}
    for path in paths:
        output = path.nodes[-1].name
        entering[output] = entering.get(output, 0.0) + path.product
        for node in path.nodes:
            passing[node.name] = passing.get(node.name, 0.0) + path.product
    magnitudes = sorted((abs(path.product) for path in paths), reverse=True)
    products = {" → ".join(node.name for node in path.nodes): path for path in paths}
    return net[name].gradient, scale, entering, passing, magnitudes, products


def agrees(history, row, expected, top):
    gradient, scale, entering, passing, magnitudes, products = expected
    near = {"rel": 0, "abs": 1e-12 * scale}
    assert history.gradients[row] == pytest.approx(gradient, **near)
    assert history.scales[row] == pytest.approx(scale, rel=1e-12)
    assert {name: history.outputs[name][row] for name in history.outputs} == pytest.approx(entering, **near)
    assert {name: history.nodes[name][row] for name in history.nodes} == pytest.approx(passing, **near)
    strongest = history.top[row]
    assert [abs(path.product) for path in strongest] == pytest.approx(magnitudes[:top], **near)
    for path in strongest:
        assert path.product == pytest.approx(products[path.name].product, **near)
        assert path.connections == tuple(c.name for c in products[path.name].connections)
        assert path.product == history.paths[path.name][row]
        if gradient:
            assert path.share == pytest.approx(path.product / history.gradients[row])
    unseen = set(history.paths) - {path.name for path in strongest}
    assert all(np.isnan(history.paths[name][row]) for name in unseen)


@pytest.mark.usefixtures("every_engine")
@given(seed=SEEDS, batch=st.sampled_from([1, 5]))
def test_records_are_those_of_retrained_copies(seed, batch):
    net, rng = random_network(seed, activations=SMOOTH, max_hidden=5)
    start = net.copy()
    X, Y = random_samples(net, rng, 6)
    x, y = (X[0], Y[0]) if batch == 1 else (X[:batch], Y[:batch])
    names = [c.name for c in net.connections][:3]
    recording = ns.PathRecording(net, names, x, y, every=2, top=3)
    options = {"learning_rate": 0.01, "batch_size": 4, "optimizer": "momentum"}
    net.fit(X, Y, epochs=7, callbacks=recording, **options)
    assert recording.epochs.tolist() == [0, 2, 4, 6, 7]
    histories = {name: recording[name] for name in recording}
    for row, epoch in enumerate(recording.epochs.tolist()):
        twin = start.copy()
        if epoch:
            twin.fit(X, Y, epochs=epoch, **options)
        for name, history in histories.items():
            assert history.weights[row] == twin[name].weight
            agrees(history, row, brute_force(twin, name, x, y), 3)
        twin.forward(x)
        assert recording.errors[row] == pytest.approx(twin.backward(y), rel=1e-12)


def test_parts_add_up():
    X, y = iris()
    net = ns.Network.layered([4, 5, 4, 3], hidden="tanh", seed=1)
    recording = ns.PathRecording(net, net.connections[:2], X, y, every=5, top=99)
    net.fit(X, y, epochs=30, learning_rate=0.05, callbacks=recording)
    for history in recording.values():
        rounding = 1e-12 * history.scales
        for parts in (history.outputs.array, history.paths.array):
            assert (abs(parts.sum(axis=1) - history.gradients) <= rounding).all()
        for title, places in history.levels:
            passing = history.nodes.array[:, places].sum(axis=1)
            assert (abs(passing - history.gradients) <= rounding).all(), title
        assert [title for title, _ in history.levels] == ["Hidden layer 1", "Hidden layer 2", "Output layer"]
        assert np.nansum(history.outputs.shares, axis=1) == pytest.approx(np.ones(7))
        assert ((history.cancellations >= 0) & (history.cancellations <= 1)).all()


@pytest.mark.usefixtures("every_engine")
@pytest.mark.parametrize("batch_size", [None, 3])
def test_the_training_is_not_disturbed(net, batch_size):
    X, y = np.random.default_rng(0).normal(size=(10, 2)), np.arange(10.0) / 10
    twin = net.copy()
    recording = ns.PathRecording(net, ["W1", "W7"], X[:4], y[:4], every=3)
    seen = []
    options = {"epochs": 20, "batch_size": batch_size, "optimizer": "adam", "learning_rate": 0.01}
    watched = net.fit(X, y, callbacks=[recording, lambda epoch: seen.append(epoch.network.store.run)], **options)
    assert watched.errors == twin.fit(X, y, **options).errors
    assert digest(net) == digest(twin)
    assert seen == [None] * 20


def test_what_the_network_shows_is_left_alone(net):
    net.forward([0.5, 1.0]), net.backward([0.2])
    before = digest(net)
    recording = ns.PathRecording(net, "W1", *XOR)
    assert len(recording["W1"].epochs) == 1
    assert digest(net) == before
    assert net["W1"].gradient == net.paths("W1").gradient


def test_several_trainings_are_recorded_as_one(net):
    """Epochs count on, and every moment has the weights and the error of the epoch that it is said to be of."""
    whole, paths, twin = ns.Recording(net), ns.PathRecording(net, "W1", *XOR), net.copy()
    weights, errors, validation = [net.weights], [], []
    for number, epochs in enumerate((4, 1, 3)):
        more = {"validation_data": XOR} if number else {}
        net.fit(*XOR, epochs=epochs, learning_rate=0.3, callbacks=[whole, paths], **more)
        for _ in range(epochs):
            history = twin.fit(*XOR, epochs=1, learning_rate=0.3, **more)
            weights.append(twin.weights), errors.extend(history.errors)
            validation.extend(history.validation_errors or [np.nan])
    assert [moment.epoch for moment in whole] == paths.epochs.tolist() == list(range(9))
    assert whole.errors == errors
    assert str(whole.validation_errors) == str(validation)
    assert [moment.error for moment in whole] == [None, *errors]
    for moment, expected in zip(whole, weights):
        assert (moment.weights == expected).all()
    assert repr(whole).endswith("9 moments, epochs 0 to 8>")
    few = ns.Recording(net, every=3)
    for epochs in (4, 4):
        net.fit(*XOR, epochs=epochs, learning_rate=0.3, callbacks=few)
    assert [moment.epoch for moment in few] == [0, 3, 6, 8]


def test_trainings_with_all_options_are_numbered_on(net):
    """What is resumed, what has weights and penalties, and what is handed over batch by batch."""
    X, y = np.array(XOR[0], dtype=float), np.array(XOR[1], dtype=float)
    whole, paths, twin = ns.Recording(net), ns.PathRecording(net, "W1", X, y), net.copy()
    options = {
        "learning_rate": lambda epoch: 0.3 / epoch, "optimizer": "momentum", "resume": True, "l2": 0.01, "clip": 0.1,
        "dropout": 0.3, "sample_weight": [1.0, 2.0, 0.0, 1.0],
    }  # fmt: skip
    weights, errors, broken = [net.weights], [], 0

    def batches():
        nonlocal broken
        broken += 1
        yield X[:2], y[:2]
        if broken == 6:
            raise OSError("no more")
        yield X[2:], y[2:]

    for epochs in (2, 3):
        net.fit(X, y, epochs=epochs, callbacks=[whole, paths], **options)
        for _ in range(epochs):
            errors.extend(twin.fit(X, y, epochs=1, **options).errors)
            weights.append(twin.weights)
    net.fit(batches, epochs=3, learning_rate=0.1, callbacks=[whole, paths])
    for _ in range(3):
        errors.extend(twin.fit([(X[:2], y[:2]), (X[2:], y[2:])], epochs=1, learning_rate=0.1).errors)
        weights.append(twin.weights)
    assert [moment.epoch for moment in whole] == paths.epochs.tolist() == list(range(9))
    assert [moment.error for moment in whole] == [None, *errors]
    assert all((moment.weights == expected).all() for moment, expected in zip(whole, weights))
    assert paths["W1"].weights.tolist() == [each[0] for each in weights]
    # Of an epoch that ended halfway there is no moment.
    history = net.fit(batches, epochs=4, learning_rate=0.1, callbacks=[whole, paths])
    assert (len(history), history.updates) == (2, 5)
    assert [moment.epoch for moment in whole] == paths.epochs.tolist() == list(range(11))


@pytest.mark.parametrize(("every", "limit"), [(1, 2), (1, 7), (3, 7), (10, 200)])
def test_memory_is_bounded(net, every, limit):
    recording = ns.PathRecording(net, "W1", *XOR, every=every, limit=limit, top=1)
    start = net.copy()
    for epochs in (1, 40, 59):
        net.fit(*XOR, epochs=epochs, callbacks=recording)
        kept = list(recording._moments)
        assert len(kept) <= limit
        assert sum(moment._weights is not None for moment in kept) <= 1
    epochs = recording.epochs.tolist()
    assert (epochs[0], epochs[-1]) == (0, 100)
    # All but the last are evenly spread.
    assert len(set(np.diff(epochs[:-1]))) <= 1
    start.fit(*XOR, epochs=1), start.fit(*XOR, epochs=40), start.fit(*XOR, epochs=59)
    assert recording["W1"].weights[-1] == start["W1"].weight


def test_epochs_that_are_not_recorded_are_not_calculated(net, monkeypatch):
    traced = []
    trace = Shadow.trace
    monkeypatch.setattr(Shadow, "trace", lambda self, *given: traced.append(0) or trace(self, *given))
    recording = ns.PathRecording(net, "W1", *XOR, every=10)
    net.fit(*XOR, epochs=95, callbacks=recording)
    assert len(traced) == 10
    assert recording.epochs[-1] == 95
    assert recording["W1"].weights[-1] == net["W1"].weight
    assert (len(traced), recording["W1"].weights[-1], len(traced)) == (11, net["W1"].weight, 11)


@pytest.mark.usefixtures("every_engine")
@pytest.mark.parametrize("stop", [{"stop_at_error": 0.2}, {"patience": 2, "tolerance": 0.05}])
def test_stopping_early_records_the_last_epoch(net, stop):
    recording = ns.PathRecording(net, "W1", *XOR, every=1000)
    history = net.fit(*XOR, epochs=1000, callbacks=recording, **stop)
    assert history.converged
    assert recording.epochs.tolist() == [0, history.epochs]
    assert recording["W1"].weights[-1] == net["W1"].weight


def test_an_interrupted_training(net):
    def interrupt(epoch):
        if epoch.number == 7:
            raise KeyboardInterrupt

    recording = ns.PathRecording(net, "W1", *XOR, every=5)
    net.fit(*XOR, epochs=100, callbacks=[recording, interrupt])
    assert recording.epochs.tolist() == [0, 5, 7]
    assert recording["W1"].weights[-1] == net["W1"].weight


def test_it_can_be_read_while_it_is_trained_and_after_an_edit(net):
    lengths = []
    recording = ns.PathRecording(net, "W1", *XOR, every=4)
    net.fit(*XOR, epochs=9, callbacks=[recording, lambda epoch: lengths.append(len(recording["W1"].epochs))])
    assert lengths == [2, 2, 2, 2, 3, 3, 3, 3, 4]
    history = recording["W1"]
    net["H1"].activation = "relu"
    net.remove("H2")
    again = recording["W1"]
    assert (again.gradients == history.gradients).all()
    with pytest.raises(ns.StateError, match="edited since this recording began"):
        net.fit(*XOR, epochs=2, callbacks=recording)
    assert recording.epochs[-1] == 9


@pytest.mark.parametrize(
    "edit",
    [
        lambda net: setattr(net, "loss", "mae"),
        lambda net: setattr(net["H1"], "activation", "relu"),
        lambda net: setattr(net["B1"], "value", 2.0),
        lambda net: net.connect("I1", "O1"),
    ],
)
def test_a_recording_is_of_one_function(net, edit):
    recording = ns.PathRecording(net, "W1", *XOR)
    edit(net)
    before = digest(net)
    with pytest.raises(ns.StateError, match="make a new one"):
        net.fit(*XOR, epochs=2, callbacks=recording)
    assert digest(net) == before
    assert recording.epochs.tolist() == [0]


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"weights": "W99"}, ns.UnknownNameError, "nothing is named 'W99'"),
        ({"weights": "H1"}, ns.ArgumentTypeError, "H1 is a hidden node"),
        ({"weights": []}, ns.ArgumentError, "at least one weight"),
        ({"weights": 3}, ns.ArgumentTypeError, "looked up by its name"),
        ({"x": [[1.0, 2.0, 3.0]]}, ns.DataError, "x must have shape"),
        ({"x": [[np.nan, 2.0]] * 4}, ns.DataError, "input I1 is nan"),
        ({"y": [0.0]}, ns.DataError, "y must have shape"),
        ({"every": 0}, ns.ArgumentError, "every must be"),
        ({"limit": 1}, ns.ArgumentError, "limit must be"),
        ({"top": -1}, ns.ArgumentError, "top must be"),
        ({"network": 5}, ns.ArgumentTypeError, "of a network, got int"),
    ],
)
def test_arguments(net, arguments, error, words):
    before = digest(net)
    with pytest.raises(error, match=words):
        ns.PathRecording(**{"network": net, "weights": "W1", "x": XOR[0], "y": XOR[1], **arguments})
    assert digest(net) == before


def test_another_network(net):
    other = net.copy()
    recording, before = ns.PathRecording(net, "W1", *XOR), digest(other)
    with pytest.raises(ns.ArgumentError, match="another network is trained"):
        other.fit(*XOR, epochs=2, callbacks=recording)
    assert digest(other) == before
    with pytest.raises(ns.StaleElementError):
        ns.PathRecording(net, other["W1"], *XOR)
    for unknown in ("W2", other["W1"], 3):
        with pytest.raises(ns.UnknownNameError, match="not recorded"):
            recording[unknown]
    assert recording[net["W1"]].name == "W1"


def test_what_is_not_finite_on_the_samples_stops_the_training_without_effect():
    net = ns.Network.layered([1, 1, 1], hidden="linear", bias=False, seed=0)
    net.weights = [1.0, 1.0]
    recording = ns.PathRecording(net, "W1", [1e150], [0.0])
    before = digest(net)
    with pytest.raises(ns.NonFiniteError, match="while recording paths at the end of epoch 1: the error e"):
        net.fit([[1.0]], [[1e10]], epochs=5, learning_rate=0.1, callbacks=recording)
    assert digest(net) == before
    assert recording.epochs.tolist() == [0]
    net.fit([[1.0]], [[1.1]], epochs=2, learning_rate=0.1, callbacks=recording)
    # The epoch that failed counts.
    assert recording.epochs.tolist() == [0, 2, 3]


def test_weights_without_paths_and_gradients_of_0():
    net = ns.Network.layered([1, 1, 1], hidden="relu", seed=0)
    net.add_hidden("dead end")
    loose = net.connect("I1", "dead end")
    net.weights = [-1.0, -1.0, *net.weights[2:]]
    recording = ns.PathRecording(net, [loose, "W1"], [1.0], [0.0])
    net.fit([[1.0]], [[0.0]], epochs=3, callbacks=recording)
    for name in recording:
        history = recording[name]
        assert not history.gradients.any()
        assert np.isnan(history.cancellations).all()
        for by in weight_history.BY:
            for relative in (False, True):
                ET.fromstring(history.draw(by, relative=relative).svg)
    assert len(recording[loose].outputs) == len(recording[loose].top[0]) == 0
    assert np.isnan(recording["W1"].outputs.shares).all()


def test_columns(net):
    recording = ns.PathRecording(net, "W1", *XOR, top=2)
    net.fit(*XOR, epochs=5, callbacks=recording)
    history = recording["W1"]
    columns = history.to_dict()
    assert {len(column) for column in columns.values()} == {6}
    assert columns["gradient"] == history.gradients.tolist()
    assert columns["output O1"] == history.outputs["O1"].tolist() == pytest.approx(columns["gradient"], rel=1e-14)
    assert list(columns)[:5] == ["epoch", "weight", "gradient", "scale", "cancellation"]
    with pytest.raises(ns.UnknownNameError, match="no column 'O2'"):
        history.outputs["O2"]
    assert history.outputs != history.paths
    assert len({recording, history, history.outputs}) == 3
    assert repr(history) == "<∂e/∂W1 of 6 records, epochs 0 to 5>"


# ---- drawn ------------------------------------------------------------------------------------------------------


def trained(*sizes, epochs=20, top=5, **options):
    net = ns.Network.layered(sizes, hidden="tanh", seed=3)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(8, sizes[0])), rng.normal(size=(8, sizes[-1]))
    recording = ns.PathRecording(net, "W1", x[0], y[0], top=top, **options)
    net.fit(x, y, epochs=epochs, learning_rate=0.05, callbacks=recording)
    return recording["W1"]


def words(drawing):
    return [each.text for each in ET.fromstring(drawing.svg).iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("by", weight_history.BY)
def test_bands_add_up_to_the_line(by):
    for history in (trained(2, 2, 2), trained(3, 12, 11, 3, top=4)):
        for title, parts in weight_history._split(history, by):
            plain, relative = (weight_history._panel(title, parts, history, by, scaled) for scaled in (False, True))
            assert len(plain.bands) <= len(COLOURS) + 1
            assert len({band.colour for band in plain.bands}) == len(plain.bands)
            rounding = 1e-12 * history.scales
            assert (plain.line == history.gradients).all()
            assert (abs(sum(band.values for band in plain.bands) - plain.line) <= rounding).all()
            assert sum(abs(band.values) for band in relative.bands) == pytest.approx(np.ones(21))
            assert sum(band.values for band in relative.bands) == pytest.approx(relative.line)


def test_a_picture_names_what_is_large_and_puts_the_others_together():
    history = trained(3, 12, 11, 3, top=20)
    shown = words(history.draw("node"))
    assert {"Hidden layer 2", "Output layer", "∂e/∂W1, the sum", "others", "O1", "0", "20"} <= set(shown)
    assert "Hidden layer 1" not in shown
    assert sum(word in history.nodes.names for word in set(shown)) == len(COLOURS) + 3
    assert "other paths" in words(history.draw("path"))
    assert any(word.endswith(" %") for word in words(history.draw(relative=True)))
    assert "others" not in words(trained(2, 2, 2).draw())


def test_the_line_of_a_picture_is_the_gradient():
    history = trained(2, 2, 2)
    root = ET.fromstring(history.draw().svg)
    line = root.findall(".//{*}polyline")[-1].get("points").split()
    heights = np.array([float(point.split(",")[1]) for point in line])
    slope, offset = np.polyfit(history.gradients, heights, 1)
    assert slope < 0
    assert heights == pytest.approx(slope * history.gradients + offset, abs=0.1)


def test_pictures_of_much_and_of_little():
    long = trained(2, 2, 2, epochs=1500, limit=2000)
    assert len(long.epochs) == 1501
    assert len(long.draw().svg) < 40_000
    net = ns.Network.layered([2, *[3] * 8, 2], seed=0)
    deep = ns.PathRecording(net, "W1", [0.1, 0.2], [0.0, 1.0])["W1"]
    assert any("Not drawn: 4 more layers" in word for word in words(deep.draw("node")))
    chain = ns.Network.layered([1] * 40, hidden="linear", seed=0, initializer=ns.initializer("constant", value=1.0))
    alone = ns.PathRecording(chain, "W1", [0.5], [1.0])["W1"]
    for by in weight_history.BY:
        assert alone.draw(by).height < 400


def test_names_are_written_literally():
    net = ns.Network(seed=0)
    for name in HOSTILE[:2]:
        net.add_output(name)
    net.add_input("I1"), net.add_hidden("H1")
    net.connect("I1", "H1", name="<b>")
    for name in HOSTILE[:2]:
        net.connect("H1", name)
    history = ns.PathRecording(net, "<b>", [1.0], [0.5, -0.5])["<b>"]
    for by in weight_history.BY:
        assert "<b>" not in history.draw(by).svg
        ET.fromstring(history.draw(by).svg)


@pytest.mark.parametrize(
    ("arguments", "message"), [({"by": "layer"}, "by must be"), ({"relative": 1}, "relative must")]
)
def test_arguments_of_a_picture(net, arguments, message):
    with pytest.raises(ns.ArgumentError, match=message):
        ns.PathRecording(net, "W1", *XOR)["W1"].draw(**arguments)

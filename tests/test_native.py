"""The native form against the article's walk from node to node: dense groups, sparse ones, and both together."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import re
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from helpers import LOSSES, SEEDS, examples, random_network, random_samples, steady_scales
from hypothesis import given
from hypothesis import strategies as st

import nodesim as ns
from nodesim.engines import early_stopping
from nodesim.engines.native import batch_kernels, blocks, vectors
from nodesim.engines.native import engine as native
from nodesim.engines.native.builtin import activation_kernel, loss_kernel
from nodesim.engines.native.memory_layout import layout_of
from nodesim.engines.training_task import Progress
from nodesim.graph import arrangement

TOLERANCE = 1e-12


@pytest.fixture
def eager(monkeypatch):
    """Make every group dense that can be, however small."""
    monkeypatch.setattr(arrangement, "_FEWEST_POSITIONS", 1)
    monkeypatch.setattr(arrangement, "_FEWEST_CONNECTIONS", 1)


@pytest.fixture(params=["groups that pay", "every group"])
def dense(request):
    """Make dense what is by itself, and then every group that can be."""
    if request.param == "every group":
        request.getfixturevalue("eager")


def numbers(net):
    """Return what the last forward and backward left."""
    run = net.store.run
    return {
        "value": run.value, "activated": run.activated, "delta": run.delta, "errors": run.errors,
        "gradients": net.gradients,
    }  # fmt: skip


def digest(net):
    parts = numbers(net)
    return hashlib.sha256(b"".join(np.ascontiguousarray(parts[name]).tobytes() for name in sorted(parts))).hexdigest()


def run(net, x, y, engine):
    net.engine = engine
    net.forward(x)
    net.backward(y)
    return {name: np.array(part) for name, part in numbers(net).items()}


def assert_agreement(net, x, y):
    """Compare everything; rounding is measured by the sum of absolute products along paths."""
    found, wanted = run(net, x, y, "native"), run(net, x, y, "nodes")
    for name in ("value", "activated", "errors"):
        size = np.abs(wanted[name]).max() + 1.0
        assert np.abs(found[name] - wanted[name]).max() <= TOLERANCE * size, name
    steady = steady_scales(net)
    scales = np.array([steady[connection] for connection in net.connections])
    assert (np.abs(found["gradients"] - wanted["gradients"]) <= TOLERANCE * scales).all()
    for node in net.nodes:
        if node.kind != "bias":
            scale, row = steady[node], node.row
            # An output close to its target leaves of the two only their last bits.
            assert (np.abs(found["delta"][row] - wanted["delta"][row]) <= TOLERANCE * scale + 1e-14).all(), node.name


def calmed(net):
    """Make weighted sums of about 1: where activations saturate, the last bit of a is all of 1 − a."""
    fan_in = {}
    for connection in net.connections:
        fan_in[connection.target] = fan_in.get(connection.target, 0) + 1
    for connection in net.connections:
        connection.weight *= 0.7 / np.sqrt(fan_in[connection.target])
    return net


def dense_groups(net):
    program = net.schedule.cached(layout_of).program
    return int((program.feed_end > program.feed_begin).sum())


def layered(seed, most=70):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, most + 1, size=rng.integers(2, 5)).tolist()
    loss = list(LOSSES)[seed % len(LOSSES)] if sizes[-1] > 1 else "mse"
    output = {"binary_cross_entropy": "sigmoid", "softmax_cross_entropy": "linear"}.get(loss, "tanh")
    hidden = [str(rng.choice(["sigmoid", "tanh", "relu", "softplus"])) for _ in sizes[1:-1]]
    net = ns.Network.layered(sizes, hidden=hidden, output=output, bias=seed % 5 > 0, loss=loss, seed=seed)
    return calmed(net), rng


@given(seed=SEEDS)
def test_layers_of_any_size(dense, seed):
    net, rng = layered(seed)
    assert_agreement(net, *random_samples(net, rng, int(rng.integers(1, 71))))


@pytest.mark.parametrize("batch", [1, 2, 31, 32, 33, 64, 65, 70, 300])
def test_batches_of_any_size(batch, eager):
    net = calmed(ns.Network.layered([3, 7, 9, 5], seed=0))
    assert_agreement(net, *random_samples(net, np.random.default_rng(batch), batch))


def with_layers(seed):
    """Attach layers to a random network: fed by outputs, by inputs, by one another across, or only in part."""
    net, rng = random_network(seed, loss=list(LOSSES)[seed % len(LOSSES)], max_hidden=5)
    output = {"binary_cross_entropy": "sigmoid", "softmax_cross_entropy": "linear"}.get(net.loss.name, "tanh")
    feeds = [list(net.inputs), [*net.hidden, *net.outputs]]
    for depth in range(int(rng.integers(1, 4))):
        add = net.add_output if depth == 2 or rng.random() < 0.3 else net.add_hidden
        names = ["sigmoid", "tanh"] if rng.random() < 0.5 else ["relu"]
        size = int(rng.integers(4, 20))
        layer = [add(None, output if add == net.add_output else str(rng.choice(names))) for _ in range(size)]
        sources = [*feeds[int(rng.integers(len(feeds)))], *([net.add_bias()] if rng.random() < 0.7 else [])]
        for source in sources:
            for target in layer:
                if rng.random() < (1.0 if depth else 0.98):
                    net.connect(source, target)
        feeds += [layer, [*layer, *feeds[-1]]]
    end = net.add_output(None, output)
    for source in feeds[-2]:
        net.connect(source, end)
    for output_node in net.outputs:
        if not output_node.incoming:
            net.connect(net.inputs[0], output_node)
    for connection in net.connections:
        connection.trainable = bool(rng.random() < 0.9)
    return calmed(net), rng


@examples(40)
@given(seed=SEEDS)
def test_layers_within_random_graphs(dense, seed):
    net, rng = with_layers(seed)
    assert_agreement(net, *random_samples(net, rng, int(rng.choice([1, 3, 33, 70]))))


def test_random_graphs_have_dense_and_sparse_groups(eager):
    found = [dense_groups(with_layers(seed)[0]) for seed in range(60)]
    assert sum(count > 0 for count in found) > 30
    assert max(found) > 2


def feeds_of_groups_that_overlap(order):
    net = ns.Network(seed=0)
    nodes = [net.add_input() for _ in range(3)]
    for low, high in order:
        layer = [net.add_hidden(None, "tanh") for _ in range(8)]
        for source in nodes[low:high]:
            for target in layer:
                net.connect(source, target)
        nodes += layer
    out = [net.add_output() for _ in range(6)]
    for source in nodes[-8:]:
        for target in out:
            net.connect(source, target)
    return calmed(net)


@pytest.mark.parametrize(
    "order", [[(0, 3), (0, 11), (3, 19)], [(0, 3), (3, 11), (1, 19), (11, 27)], [(0, 3), (0, 3), (3, 19), (9, 27)]]
)
@pytest.mark.parametrize("batch", [1, 40])
def test_places_that_feed_several_dense_groups(order, batch, eager):
    net = feeds_of_groups_that_overlap(order)
    assert dense_groups(net) == len(set(order)) + 1
    assert_agreement(net, *random_samples(net, np.random.default_rng(batch), batch))


@pytest.mark.parametrize("sizes", [[64, 32, 10], [40, 30, 3], [30, 20, 20, 1]])
@pytest.mark.parametrize("bias", [True, False])
def test_layers_stand_in_the_order_of_their_numbers(sizes, bias):
    net = ns.Network.layered(sizes, bias=bias, seed=0)
    layout = net.schedule.cached(layout_of)
    assert dense_groups(net) == len(sizes) - 1
    assert layout.by_source is None
    assert (net.schedule.slots == np.arange(len(net.connections))).all()
    assert (layout.rows == np.arange(len(net.nodes))).all()


def built_by_hand(sizes, seed):
    """Build layers node by node, in any order, with one bias node for all of them and skip connections beside them."""
    net, rng = ns.Network(seed=seed), np.random.default_rng(seed)
    kinds = [(layer, size) for layer, size in enumerate(sizes) for _ in range(size)]
    layers = [[] for _ in sizes]
    for place in rng.permutation(len(kinds)):
        layer = kinds[place][0]
        add = net.add_hidden if 0 < layer < len(sizes) - 1 else net.add_output if layer else net.add_input
        layers[layer].append(add())
    bias = net.add_bias()
    pairs = [(s, t) for above, layer in pairwise(layers) for t in layer for s in (*above, bias)]
    for place in rng.permutation(len(pairs)):
        net.connect(*pairs[place])
    for _ in range(3):
        net.connect(layers[0][rng.integers(sizes[0])], layers[-1].pop())
    net.remove(net.connections[int(rng.integers(len(pairs)))])
    for place in rng.permutation(len(net.connections))[:5]:
        net.connections[place].trainable = False
    return calmed(net), rng


@pytest.mark.parametrize("sizes", [[20, 24, 24, 16], [64, 32, 10]])
def test_layers_are_dense_however_they_were_built(sizes):
    for seed in range(4):
        net, rng = built_by_hand(sizes, seed)
        assert dense_groups(net) == len(sizes) - 1
        sparse = len(net.schedule.cached(layout_of).program.source)
        # Those of the bias node, skip connections, and those into a node that lacks one connection.
        assert sparse <= sum(sizes) + 3 + max(sizes)
        assert_agreement(net, *random_samples(net, rng, int(rng.choice([1, 40]))))


def test_small_networks_stay_sparse():
    assert dense_groups(ns.Network.layered([2, 2, 2], seed=0)) == 0
    assert dense_groups(ns.Network.layered([4, 8, 3], seed=0)) == 0


@pytest.mark.parametrize("make", [layered, with_layers])
@given(seed=SEEDS)
def test_threads_do_not_change_a_bit(eager, make, seed):
    net, rng = make(seed)
    x, y = random_samples(net, rng, int(rng.choice([70, 600])))
    found = []
    for threads in (1, 2, 3, 8):
        net.engine, net.threads = "native", threads
        table = net.simulator.forward(x.T)
        gradients = net.simulator.backward(table, y.T, into=np.full(net.store.size, np.nan))
        found.append([table.value, table.activated, table.delta, gradients])
        assert np.isfinite(gradients[[connection.slot for connection in net.connections]]).all()
    for results in zip(*found):
        assert len({numbers.tobytes() for numbers in results}) == 1


@pytest.mark.parametrize("make", [layered, with_layers])
@given(seed=SEEDS, batch=st.sampled_from([1, 50]))
def test_the_same_call_gives_the_same_bits(eager, make, seed, batch):
    net, rng = make(seed)
    x, y = random_samples(net, rng, batch)
    run(net, x, y, "native")
    first = digest(net)
    run(net, x[::-1] * 7, y, "native")
    run(net, x, y, "native")
    assert digest(net) == first


def swept(net, x, y, n_caches):
    """Return the gradients of sweeps whose blocks take turns in so many caches."""
    layout, n_blocks = net.schedule.cached(layout_of), blocks.block_count(len(x))
    weights, loss = net.store.weights, loss_kernel(net.loss)
    calls = layout.calls(loss)
    z, a, d = (np.full((n_caches + 1, len(net.nodes), 32), np.nan) for _ in range(3))
    into, errors = np.full((1, layout.n_connections), np.nan), np.full(n_blocks, np.nan)
    for begin in range(0, n_blocks, n_caches):
        end = min(begin + n_caches, n_blocks)
        answer = batch_kernels.sweep(
            layout.memory, calls.address, weights, layout.in_order_by_source(weights),
            layout.loss_call(loss, calls), x.ravel(), y.ravel(), np.arange(len(x)), 0, len(x), begin, end, z, a, d, 1, n_caches,
            into, begin == 0, errors, layout.scratch(n_blocks),
        )  # fmt: skip
        assert answer == 0
        batch_kernels.add_up(
            layout.memory, a, d, 1, end - begin, into[0], into[:0], begin > 0, 0, 1, 1, layout.scratch(n_blocks)
        )
    found = into[0]
    assert errors.sum() / len(x) == pytest.approx(net.store.run.errors.mean(), rel=TOLERANCE)
    gradients = np.zeros(net.store.size)
    gradients[slice(None) if layout.by_source is None else layout.by_source] = found / len(x)
    return gradients


@pytest.mark.parametrize("make", [layered, with_layers])
@given(seed=SEEDS)
def test_forward_loss_and_backward_in_one_sweep(eager, make, seed):
    net, rng = make(seed)
    x, y = random_samples(net, rng, 150)
    run(net, x, y, "nodes")
    scales, steady = np.zeros(net.store.size), steady_scales(net)
    for connection in net.connections:
        scales[connection.slot] = steady[connection]
    for n_caches in (1, 2, 5):
        assert (np.abs(swept(net, x, y, n_caches) - net.store.gradients[: net.store.size]) <= TOLERANCE * scales).all()


def plain(z):
    return z / (1.0 + np.abs(z)) + 0.1 * z


def plain_derivative(z, a):
    return 1.0 / (1.0 + np.abs(z)) ** 2 + 0.1


def test_compiled_where_that_is_safe():
    assert activation_kernel(ns.Activation("plain", plain, plain_derivative)).native
    pretender = ns.Activation("sigmoid", lambda z: z, lambda z, a: 1.0 + 0 * z)
    net = ns.Network.layered([1, 1, 1], hidden=pretender, bias=False, seed=0)
    net.forward([0.25])
    assert net["H1"].activated == net["H1"].value


STEEPNESS = 0.5
steepness = 0.5


def by_constant(z):
    return STEEPNESS * z


def by_variable(z):
    return steepness * z


def test_constants_are_compiled_but_variables_are_not():
    for function, compiled in ((by_constant, True), (by_variable, False)):
        activation = ns.Activation(function.__name__, function, lambda z, a: 0.5 + 0 * z)
        assert activation_kernel(activation).native == compiled


def test_compiled_code_is_kept_outside_the_package(tmp_path):
    """Left in the package's folder, it would stay when that is uninstalled, and hide what is installed next."""
    # Where each of all kernels is kept is known before it is compiled, as some are by this.
    script = (
        "import gc, nodesim as ns\n"
        "from numba.core.registry import CPUDispatcher\n"
        "from nodesim.engines.native import engine, minibatch_training, online_training\n"
        "from nodesim.engines.native.builtin import activation_kernel\n"
        "activation_kernel(ns.activation('tanh'))\n"
        "for kernel in gc.get_objects():\n"
        "    if isinstance(kernel, CPUDispatcher) and kernel.__module__.startswith('nodesim'):\n"
        "        print(kernel._cache.cache_path)\n"
    )
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path), "NUMBA_CACHE_DIR": ""}
    done = subprocess.run([sys.executable, "-c", script], check=True, env=environment, capture_output=True, text=True)
    places = [path for path in done.stdout.splitlines() if path != "None"]
    assert len(places) > 100
    assert all(Path(path).is_relative_to(tmp_path / "nodesim") for path in places)
    assert list((tmp_path / "nodesim").rglob("*.nbi"))
    assert not list(Path(native.__file__).parent.rglob("*.nbi"))


def test_compiled_code_is_kept_for_one_state_of_all_files_that_it_comes_from(tmp_path):
    """numba looks only at the file of a kernel, not at those of the functions that are compiled into it."""
    package = tmp_path / "code" / "nodesim"
    shutil.copytree(Path(ns.__file__).parent, package, ignore=shutil.ignore_patterns("page", "data", "__pycache__"))
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path), "NUMBA_CACHE_DIR": ""}
    command = [sys.executable, "-c", "import nodesim.engines.native"]
    for count in (1, 2):
        subprocess.run(command, check=True, env=environment, cwd=package.parent)
        assert len(list((tmp_path / "nodesim").iterdir())) == count
        with (package / "engines" / "native" / "scalar_math.py").open("a") as file:
            file.write("# changed\n")


def renamed(function, **changes):
    return dataclasses.replace(function, name="mine", **changes)


def test_a_stranger_names_a_native_form():
    mine = renamed(ns.activation("relu"))
    assert activation_kernel(mine) is activation_kernel(ns.activation("relu"))
    assert loss_kernel(renamed(ns.loss("mse"))) is loss_kernel(ns.loss("mse"))
    found = []
    for hidden, loss, optimizer in (
        ("relu", "mse", ns.optimizer("adam", beta1=0.5)),
        (mine, renamed(ns.loss("mse")), renamed(ns.optimizer("adam", beta1=0.5))),
    ):
        net = ns.Network.layered([2, 3, 1], hidden=hidden, loss=loss, seed=0)
        net.engine = "native"
        net.fit([[0.5, -1.0], [1.0, 2.0]], [[1.0], [0.0]], epochs=5, optimizer=optimizer)
        found.append(net.store.weights.tobytes())
    assert found[0] == found[1]


def test_what_names_a_native_form_is_another_function():
    plain_relu = dataclasses.replace(ns.activation("relu"), native=None)
    assert plain_relu != ns.activation("relu")
    assert activation_kernel(plain_relu) is not activation_kernel(ns.activation("relu"))


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (ns.activation("softplus"), r"activation mine.*: no native form of activations is named 'rleu'. Did you mean 'relu'"),
        (ns.activation("leaky_relu"), "native form 'relu' takes nothing as parameters; this one has slope"),
        (ns.loss("mse"), "no native form of losses is named 'rleu'"),
        (ns.loss("huber"), "native form 'mse' takes nothing as parameters; this one has delta"),
        (ns.loss("mse"), "'binary_cross_entropy' is for a loss with sum_function and sum_derivative; this one has none"),
        (ns.optimizer("sgd"), "no native form of optimizers is named 'rleu'"),
        (ns.optimizer("sgd"), "'adam' takes beta1, beta2, epsilon as parameters; this one has nothing"),
        (dataclasses.replace(ns.optimizer("momentum"), start=None), "'nesterov' remembers velocity; its start gives nothing"),
    ],
)  # fmt: skip
def test_a_native_form_is_refused_where_it_calculates_something_else(function, message):
    parts = {"loss": "mse", "optimizer": "sgd", function.kind: renamed(function, native=message.split("'")[1])}
    net = ns.Network.layered([1, 2, 1], hidden=parts.get("activation", "tanh"), loss=parts["loss"], seed=0)
    net.engine = "native"
    with pytest.raises(ns.FunctionError, match=message):
        net.fit([[0.5]], [[1.0]], epochs=1, optimizer=parts["optimizer"])
    assert (net.weights == ns.Network.layered([1, 2, 1], seed=0).weights).all()


def test_the_name_of_a_native_form_is_a_string():
    for make in (ns.activation("relu"), ns.loss("mse"), ns.optimizer("sgd")):
        for wrong in (3, ""):
            with pytest.raises(ns.FunctionError, match="native must be the name of a native form, or None"):
                dataclasses.replace(make, native=wrong)
    with pytest.raises(ns.FunctionError, match="refuses a derivative; a native form, here 'relu', has one"):
        dataclasses.replace(ns.activation("step"), native="relu")


def bent(z):
    return np.where(z > 0, z, 0.5 * z)


def bent_derivative(z, a):
    return np.where(z > 0, 1.0, 0.5)


def test_check_activation_compares_with_the_native_form():
    ns.checks.check_activation(renamed(ns.activation("relu")))
    ns.checks.check_activation(ns.Activation("mine", bent, bent_derivative))
    with pytest.raises(ns.CheckError, match="'relu' gives .* for the function at z = .*, the function itself"):
        ns.checks.check_activation(ns.Activation("mine", bent, bent_derivative, native="relu"))
    with pytest.raises(ns.CheckError, match=r"'tanh' gives (\S+) for the derivative at z = -?\d+, .* itself (?!\1)"):
        ns.checks.check_activation(ns.Activation("mine", np.tanh, lambda z, a: 1 - a * a, native="tanh"))


def test_the_other_checks_compare_with_the_native_form():
    ns.checks.check_loss(renamed(ns.loss("mse")))
    with pytest.raises(ns.CheckError, match="the native form 'mae' gives .* for the function, the function itself"):
        ns.checks.check_loss(renamed(ns.loss("mse"), native="mae"))
    ns.checks.check_optimizer(renamed(ns.optimizer("nesterov")))
    with pytest.raises(ns.CheckError, match="the native form 'momentum' gives .* for the step, the step itself"):
        ns.checks.check_optimizer(renamed(ns.optimizer("nesterov"), native="momentum"))
    with pytest.raises(ns.CheckError, match="no native form of losses is named 'mes'"):
        ns.checks.check_loss(renamed(ns.loss("mse"), native="mes"))


def test_epochs_that_are_calculated_twice_are_counted_once():
    """Those before a step that is not finite are; counted twice by early stopping, some would be left out."""
    flat = ns.Loss("flat", lambda y, a: 0.0 * a.sum(axis=0) + 1.0, lambda y, a: 0.0 * a - 1.0)
    weights = []
    for engine in ("nodes", "native"):
        net = ns.Network.layered([1, 1], bias=False, output="linear", loss=flat, seed=0)
        net.engine = engine
        found = net.fit([[1], [1]], [[0], [0]], epochs=9, patience=7, optimizer="momentum", learning_rate=1.2e307)
        assert found.errors == [1.0] * 5
        assert "would make W1 (I1 -> O1) inf" in found.stop_reason
        weights.append(net["W1"].weight)
    assert weights[0] == pytest.approx(weights[1], rel=TOLERANCE)


def test_updates_that_are_made_on_trust_are_taken_back_one_by_one():
    """O = w2·w1·I with e = (y - O)²: the last of 256 updates is the first that is not finite, and only by its step."""
    net = ns.Network.layered([1, 1, 1], bias=False, hidden="linear", seed=0)
    net.engine = "native"
    net["W1"].weight, net["W2"].weight = 1e-10, 1.0
    # I = 0 changes nothing but the error; with I = 1e10, w1 becomes so large that H1 is infinite the next time.
    x, y = np.zeros((1, 128)), np.zeros((1, 128))
    x[0, 127], y[0, 5] = 1e10, 3.0
    trainer = net.simulator.trainer(ns.optimizer("sgd"), x, y, 1)
    for _ in range(2):
        progress = Progress(np.zeros(3), 0, 10**6)
        orders, watch = np.tile(np.arange(128), (3, 1)), np.array(early_stopping.new_watch())
        trainer.train(net.weights, {}, np.ones(2, dtype=bool), 1e289, orders, watch, progress)
        assert (progress.updates, progress.finite) == (255, False)
        assert progress.errors.tolist() == [10 / 128, 9 / 128, 0.0]
        assert progress.weights == pytest.approx([-2e299, -2e289], rel=TOLERANCE)


@pytest.mark.parametrize(("batch", "threads"), [(1, 1), (2, 1), (64, 2)])
def test_training_goes_on_within_an_epoch_up_to_a_step_that_is_not_finite(batch, threads):
    """The error is 1 and its gradient -1, whatever the weight; by momentum, the sixth step is the first beyond floats."""
    flat = ns.Loss("flat", lambda y, a: 0.0 * a.sum(axis=0) + 1.0, lambda y, a: 0.0 * a - 1.0)
    net = ns.Network.layered([1, 1], bias=False, output="linear", loss=flat, seed=0)
    net.engine, net.threads = "native", threads
    net["W1"].weight = 1.0
    # Online training, which always goes through whole epochs, is for networks whose nodes are all fed.
    net.add_hidden()
    samples = np.ones((1, 3 * batch))
    trainer = net.simulator.trainer(ns.optimizer("momentum"), samples, samples, batch)
    progress, orders = Progress(np.array([0.25, 0.0, 0.0]), 1, 10**6), np.tile(np.arange(3 * batch), (3, 1))
    state, watch = {"velocity": np.zeros(1)}, np.array(early_stopping.new_watch())
    trainer.train(net.weights, state, np.ones(1, dtype=bool), 1.2e307, orders, watch, progress)
    assert (progress.updates, progress.finite) == (5, False)
    assert progress.errors == pytest.approx([0.25 + 2 / 3, 1.0, 0.0])
    velocities = [sum(0.9**k for k in range(n)) for n in range(1, 6)]
    assert progress.weights == pytest.approx([1.2e307 * sum(velocities)], rel=TOLERANCE)
    assert state["velocity"] == pytest.approx([-velocities[-1]], rel=TOLERANCE)


@pytest.mark.parametrize("loss", ["mse", "mae"])
@pytest.mark.parametrize("fed", [True, False])
def test_what_no_error_shows_is_looked_at_in_training(engine, loss, fed):
    """H1 = w·I is infinite for the second sample, and feeds nothing; or it is fed by nothing, and its a' is infinite."""
    net = ns.Network(loss=loss)
    root = ns.Activation("root", lambda z: np.sqrt(z), lambda z, a: 0.5 / np.sqrt(z))
    source, hidden, target = net.add_input(), net.add_hidden(activation="linear" if fed else root), net.add_output()
    target.activation = "linear"
    net.connect(source, target, 1e-200)
    net.connect(*((source, hidden) if fed else (hidden, target)), 1e200)
    net.engine = engine
    history = net.fit([[1.0], [1e200]], [[3.0], [0.0]], epochs=3, batch_size=1, learning_rate=1e-300, shuffle=False)
    assert not history.finite
    assert history.updates == (1 if fed else 0)
    assert "H1" in history.stop_reason


@pytest.mark.parametrize("batch", [1, 8, 40])
def test_training_of_dense_and_sparse_groups_together(eager, batch):
    weights = []
    for engine in ("nodes", "native"):
        net, _ = with_layers(4)
        net.engine, net.loss = engine, "mse"
        layout = net.schedule.cached(layout_of)
        assert layout.by_source is not None
        assert 0 < len(layout.program.out_index) < layout.n_connections
        x, y = random_samples(net, np.random.default_rng(batch), 40)
        net.fit(x, y, epochs=4, batch_size=batch, learning_rate=0.01, optimizer="momentum", shuffle=False)
        weights.append(net.weights)
    assert np.abs(weights[0] - weights[1]).max() <= TOLERANCE * np.abs(weights[0]).max()


def test_what_the_interpreter_is_given_may_be_kept():
    """It outlives the memory of the run; and behind the first call that failed, nothing is called any more."""
    kept, stop = [], []

    def keep(z):
        kept.append(z)
        if stop:
            raise KeyboardInterrupt
        return z * 1.0

    net = ns.Network.layered([1, 1, 1, 1], bias=False, hidden=ns.Activation("keep", keep, lambda z, a: z * 0 + 1))
    net.engine = "native"
    net["W1"].weight, net["W2"].weight = 2.0, 3.0
    kept.clear()
    for x in (1.0, 10.0, 100.0):
        net.predict([[x]])
    assert [float(np.ravel(z)[0]) for z in kept] == [2.0, 6.0, 20.0, 60.0, 200.0, 600.0]
    kept.clear()
    stop.append(True)
    with pytest.raises(KeyboardInterrupt):
        net.predict([[1.0]])
    assert len(kept) == 1


def test_softmax_of_sums_as_far_apart_as_doubles_can_be(engine):
    """What is not wanted has no part in -Σ y·log softmax, though its logarithm is -∞."""
    net = ns.Network.layered([1, 2], bias=False, output="linear", loss="softmax_cross_entropy", seed=0)
    net.engine = engine
    net["W1"].weight, net["W2"].weight = 1.7e308, -1.7e308
    assert net.error([[1.0], [1.0]], [[1.0, 0.0], [1.0, 0.0]]) == 0.0


def test_the_page_of_words_is_true():
    folder = Path(native.__file__).parent
    page = (folder / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(\w+\.py)` \|", page, flags=re.MULTILINE)
    assert sorted(listed) == sorted(path.name for path in folder.glob("*.py") if path.name != "__init__.py")
    assert f"**block** | {vectors.LANES} samples" in page
    assert f"**strip** | {vectors.STRIP} numbers" in page
    names = {name for path in folder.glob("*.py") for name in re.findall(r"\w+", path.read_text(encoding="utf-8"))}
    assert set(re.findall(r"`(\w+)(?:\.\w+|\[\w\])?`", page)) <= names
    # The drawing's network stands in memory as it is drawn.
    net = ns.Network.layered([3, 4, 2], seed=0)
    layout = net.schedule.cached(layout_of)
    program = layout.program
    assert [net.nodes[row].name for row in layout.rows] == re.findall(r"^    \d+ +([IBHO]\d)", page, flags=re.MULTILINE)
    assert list(zip(program.group_begin, program.group_end)) == [(4, 8), (9, 11)]

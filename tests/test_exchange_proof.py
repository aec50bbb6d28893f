"""The proof of exchange finds what is not the same, and is content with what is: tried with a program written here."""

from __future__ import annotations

import dataclasses
import pickle
import subprocess
import sys

import numpy as np
import pytest

import nodesim as ns
from nodesim.checks import check_exchange
from nodesim.checks.programs.program import Allowed
from nodesim.exchange.blueprint import Blueprint, Origins
from nodesim.functions import stencils


class Other:
    """Another program with the same network: NumPy, node by node, in whatever precision."""

    name = "by hand"

    def __init__(self, net, dtype="float64", bound=1e-12, swapped=False, taught=None, constants=()):
        schedule, count = net.structure.schedule, len(net.connections)
        nodes = schedule.nodes
        self.dtype, self.bound, self.swapped, self.taught = np.dtype(dtype), bound, swapped, taught
        self.softmax = net.loss.name == "softmax_cross_entropy"
        owners = np.zeros(count, dtype=int)
        owners[list(constants)] = -1
        weights = net.weights.astype(dtype).astype(float)
        self.blueprint = Blueprint(
            tuple(node.name for node in nodes), tuple(node.kind for node in nodes),
            tuple(node.value if node.kind == "bias" else node.activation for node in nodes),
            tuple(int(depth) * len(nodes) + row for row, depth in enumerate(schedule.depths)),
            schedule.sources, schedule.targets, weights, owners < 0, net.loss,
            Origins(("numbers",), owners, np.arange(count), np.ones(count)), notes=("a note of the reader",),
        )  # fmt: skip

    def allowed(self, inputs):
        return Allowed(self.bound, self.bound, ("a remark of the program",))

    def outputs(self, inputs, weights):
        plan, sent = self.blueprint, {}
        columns = iter((inputs[:, ::-1] if self.swapped else inputs).T.astype(self.dtype))
        weights = np.where(plan.origins.parameter < 0, plan.weights, weights).astype(self.dtype)
        with np.errstate(all="ignore"):
            for row in np.argsort(plan.positions):
                given = plan.given[row]
                if plan.kinds[row] == "input":
                    sent[row] = next(columns)
                elif plan.kinds[row] == "bias":
                    sent[row] = np.full(len(inputs), given, self.dtype)
                else:
                    into = np.flatnonzero(plan.targets == row)
                    sent[row] = given.function(sum(weights[i] * sent[plan.sources[i]] for i in into))
            found = np.array([sent[row] for row, kind in enumerate(plan.kinds) if kind == "output"]).T
            if self.softmax:
                found = np.exp(found - found.max(axis=1, keepdims=True))
                found /= found.sum(axis=1, keepdims=True)
        return found.astype(float)

    def judged(self, inputs, targets, loss):
        if self.taught is None:
            return None
        twin = self.taught.copy()
        twin.forward(inputs)
        return twin.backward(targets), np.array(twin.gradients)

    def but(self, **changes):
        self.blueprint = dataclasses.replace(self.blueprint, **changes)
        return self


def network(hidden="tanh", output="linear", loss="mse", sizes=(3, 4, 2), seed=1, **more):
    return ns.Network.layered(list(sizes), hidden, output, loss=loss, seed=seed, **more)


def numbers_of(net):
    # All that a user sees, and what its file holds: weights, the last run, what it goes on with.
    return pickle.dumps(net), [(node.value, node.activated, node.delta) for node in net.nodes], net.gradients.tolist()


LOSSES = [
    ("mse", "linear"), ("mae", "linear"), ("huber", "tanh"), ("softmax_cross_entropy", "linear"),
    ("binary_cross_entropy", "sigmoid"), ("log_cosh", "softplus"), ("half_squared_error", "sigmoid"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "hidden"), [*enumerate(["tanh", "relu", "leaky_relu", "softplus", "gelu", "hard_tanh", "abs"])]
)
def test_the_same_network_agrees(first, hidden):
    if hidden == "abs":
        hidden = ns.Activation("absolute", np.abs, lambda z, a: np.sign(z))
    for seed, (loss, output) in enumerate(LOSSES[first % 3 :: 3]):
        net = network(hidden, output, loss, sizes=(3, 3, 2), seed=seed)
        proof = check_exchange(net, Other(net))
        assert proof, str(proof)
        assert proof.outputs < 1e-15
        assert proof.error < 1e-14
        assert proof.compared == proof.weights == len(net.connections)
        assert proof.way == "differences of its outputs"
        taught = check_exchange(net, Other(net, taught=net))
        assert taught, str(taught)
        assert taught.way == "its own backpropagation"
        assert taught.gradients < 1e-14


def test_differences_reach_all_but_two_digits():
    z = np.linspace(-2.0, 2.0, 100)
    kink = np.where(z > 0.3, 1.0, 0.0)
    slope, error = stencils.slopes(lambda w: np.tanh(w * z), 0.7, 1.0, np.full(100, 2e-16))
    off = np.sort(np.abs(slope - z / np.cosh(0.7 * z) ** 2))
    # How the last digit of tanh is rounded differs from processor to processor, and with it the step that is taken.
    assert off[94] < 1e-13
    assert off[99] < 1e-12
    assert error.max() < 1e-11
    # Kinks at 0.7 - 0.7 / z · 0.3 and so on, at all distances from the weight; none at it.
    slope, error = stencils.slopes(lambda w: np.maximum(w + z - 1.0, 0.0), 0.7, 1.0, np.full(100, 2e-16))
    assert np.abs(slope - kink).max() < 1e-12
    # At a kink it is said that nothing is known but the two sides.
    for height in (1.0, 1e-3, 1e3):
        slope, error = stencils.slopes(lambda w, h=height: h * np.abs(w - np.full(1, 0.7)), 0.7, 1.0, np.full(1, 2e-16))
        assert height * 0.99 <= abs(slope[0]) + error[0] <= 3.0 * height


def test_at_a_kink_between_curves_both_sides_are_within_what_is_told():
    generator = np.random.default_rng(0)
    for _ in range(300):
        at, (a, b, c, d) = generator.normal(), generator.normal(size=4) * 10.0 ** generator.uniform(-3.0, 3.0, 4)
        k = 3.0 * generator.normal()

        def function(w, at=at, a=a, b=b, c=c, d=d, k=k):
            u = w - at
            return np.array([a * u + b * u * u + d * np.sin(k * u) if u < 0.0 else c * u + b * np.expm1(k * u)])

        slope, error = stencils.slopes(function, at, 1.0, np.full(1, 1e-16 * np.abs([a, b, c, d]).sum()))
        for side in (a + k * d, c + b * k):
            assert abs(slope[0] - side) <= error[0] + 1e-12 * abs(side)


def test_differences_tell_how_far_they_are_away():
    generator = np.random.default_rng(0)
    for _ in range(60):
        # A turn of any width and height, near or far, beside something smooth.
        place, width = generator.normal(0.0, 0.3), 10.0 ** generator.uniform(-4.0, 0.0)
        z, height = generator.normal(size=50), 10.0 ** generator.uniform(-3.0, 3.0)

        def function(w, z=z, place=place, width=width, height=height):
            return np.sin(w * z) + height * np.logaddexp(0.0, (w * z - place) / width) * width

        noise = 4e-16 * (1.0 + np.abs(function(0.4)))
        slope, error = stencils.slopes(function, 0.4, 1.0, noise)
        exact = z * np.cos(0.4 * z) + height * z / (1.0 + np.exp(-np.clip((0.4 * z - place) / width, -700, 700)))
        assert (np.abs(slope - exact) <= error + 1e-14 * np.abs(exact)).mean() > 0.98
        assert np.abs(slope - exact).mean() <= error.mean()


def test_planted_faults_are_found_and_named():
    net = network(loss="mse")
    weights = net.weights.copy()
    weights[4] *= 1.0 + 1e-9
    proof = check_exchange(net, Other(net).but(weights=weights))
    assert not proof
    assert proof.findings[0].startswith("W5 is ")
    assert "NOT THE SAME: W5" in str(proof)

    given = list(Other(net).blueprint.given)
    row = net.nodes.index(net["H2"])
    given[row] = ns.activation("sigmoid")
    proof = check_exchange(net, Other(net).but(given=tuple(given)))
    assert proof.findings == ("H2 is tanh in the network and sigmoid there",)

    proof = check_exchange(net, Other(net, swapped=True))
    assert not proof
    assert not proof.findings
    assert proof.outputs > 1e-3

    wrong = net.copy()
    wrong["W7"].weight *= 1.0 + 1e-7
    proof = check_exchange(net, Other(net, taught=wrong))
    assert not proof
    assert proof.outputs < 1e-15
    assert 1e-9 < proof.gradients < 1e-5
    assert proof.error > 1e-12


def test_labels_in_another_order_are_another_network():
    net = network(loss="softmax_cross_entropy")
    net.classes = ["a", "b"]
    for labels, same in ((("a", "b"), True), (None, True), (("b", "a"), False)):
        proof = check_exchange(net, Other(net).but(classes=labels))
        assert bool(proof) == same
    assert proof.findings == ("its classes are ['b', 'a'], those of the network ['a', 'b']",)


def test_a_program_whose_functions_are_off_still_has_the_same_numbers():
    net = network()
    weights = net.weights.copy()
    weights[4] *= 1.0 + 1e-9
    proof = check_exchange(net, Other(net, bound=1e-7).but(weights=weights))
    assert proof.findings[0].startswith("W5 is ")


def test_functions_that_part_far_out_are_told():
    net = network("softplus")
    given = list(Other(net).blueprint.given)
    given[net.nodes.index(net["H2"])] = ns.Activation(
        "capped", lambda z: np.where(z > 20.0, z, np.logaddexp(0.0, z)), lambda z, a: 1.0 / (1.0 + np.exp(-z))
    )
    proof = check_exchange(net, Other(net).but(given=tuple(given)))
    assert proof.findings == ("H2 is softplus in the network and capped there",)


def test_hidden_nodes_may_stand_in_another_order():
    net = network(sizes=(3, 4, 5, 2))
    twin, order = net.copy(), {"H1": "H3", "H3": "H4", "H4": "H1", "H5": "H9", "H9": "H5"}
    for link in net.connections:
        source, target = (order.get(node.name, node.name) for node in (link.source, link.target))
        next(c for c in twin[source].outgoing if c.target.name == target).weight = link.weight
    proof = check_exchange(net, Other(twin))
    assert proof, str(proof)
    assert proof.compared == len(net.connections)
    assert "hidden nodes have another order: matched by weights" in proof.remarks
    twin["W7"].weight *= 1.0 + 1e-9
    proof = check_exchange(net, Other(twin))
    assert [finding.count(" is ") for finding in proof.findings] == [1]


def test_weights_that_updates_leave_alone_are_told():
    net = network()
    other = Other(net)
    net["W3"].trainable = net["W4"].trainable = False
    proof = check_exchange(net, other)
    assert proof
    assert "updates do not change 2 weights in the network alone" in proof.remarks


def test_a_single_wrong_gradient_is_named():
    net = network()

    class Wrong(Other):
        def judged(self, inputs, targets, loss):
            error, gradients = super().judged(inputs, targets, loss)
            gradients[12] *= 1.0 + 1e-10
            return error, gradients

    proof = check_exchange(net, Wrong(net, taught=net))
    assert not proof
    assert (proof.gradients_at, proof.where) == ("W13", "W13")
    assert repr(proof).startswith("<ExchangeProof: by hand DIFFERS: ")


def test_single_precision_is_not_double():
    for loss, output in LOSSES[::3]:
        net = network("tanh", output, loss, sizes=(2, 3, 2))
        single = check_exchange(net, Other(net, "float32", bound=1e-4))
        assert single, str(single)
        assert not single.findings
        proof = check_exchange(net, Other(net, "float32"))
        assert not proof
        assert 1e-9 < proof.outputs < 1e-6
        # A weight that only rounding moved is none that was changed; where rounding is not allowed, it is.
        assert len(proof.findings) > 0


def test_a_network_of_single_precision_is_allowed_its_own():
    net = network(dtype="float32")
    proof = check_exchange(net, Other(net))
    assert proof
    assert proof.outputs_allowed == 1e-4
    assert "the network itself calculates in single precision" in proof.remarks


def test_connections_that_are_in_one_alone_are_named():
    net = network()
    twin = net.copy()
    twin.disconnect("W6")
    proof = check_exchange(twin, Other(net))
    assert not proof
    assert "it has a connection" in proof.findings[0]
    proof = check_exchange(net, Other(twin))
    assert not proof
    assert "has no connection" in proof.findings[0]
    # One of weight 0 does nothing.
    net["W6"].weight = 0.0
    for first, second in ((net, twin), (twin, net)):
        proof = check_exchange(first, Other(second))
        assert proof, str(proof)
        assert any("weight 0" in remark for remark in proof.remarks)
        assert proof.compared == len(twin.connections)


def test_nodes_are_matched_by_position_where_names_are_others():
    net = network(sizes=(3, 4, 5, 2))
    names = tuple(f"n{row}" for row in range(len(net.nodes)))
    proof = check_exchange(net, Other(net).but(names=names))
    assert proof
    assert proof.compared == len(net.connections)


def test_bias_nodes_need_not_be_the_same_ones():
    one = ns.Network()
    other = ns.Network()
    for net, constants in ((one, [1.0]), (other, [2.0, -0.5])):
        net.add_input("I1")
        net.add_hidden("H1", "tanh")
        net.add_output("O1")
        net.connect("I1", "H1", 0.3)
        net.connect("H1", "O1", 0.7)
        for number, constant in enumerate(constants):
            net.add_bias(f"b{number}", constant)
            net.connect(f"b{number}", "H1", 0.5 / constant / len(constants))
    proof = check_exchange(one, Other(other))
    assert proof, str(proof)
    assert proof.compared == 3
    other["b0"].value = 2.5
    proof = check_exchange(one, Other(other))
    assert not proof
    assert "times its constant" in proof.findings[0]


def test_networks_that_are_no_twins_compare_outputs_or_nothing():
    net = network()
    proof = check_exchange(net, Other(network(sizes=(3, 5, 2))))
    assert not proof
    assert proof.compared == 0
    assert "3-5-2" in proof.findings[0]
    for sizes in ((2, 4, 2), (3, 4, 3), (3, 2)):
        if sizes == (3, 2):
            assert not check_exchange(net, Other(network(sizes=sizes)))
            continue
        with pytest.raises(ns.ArgumentError, match="inputs, the other|outputs, the other"):
            check_exchange(net, Other(network(sizes=sizes)))


def test_several_biases_of_a_node_are_compared_as_one():
    net = network()
    other = Other(net)
    for node in ("H1", "H2"):
        net.connect(net.add_bias(f"B of {node}"), node, weight=0.0)
    proof = check_exchange(net, other)
    assert proof
    assert proof.compared == proof.weights - 2
    assert any(remark.startswith("2 biases beside another one of the same node") for remark in proof.remarks)


def test_a_softmax_belongs_to_its_loss():
    net = network(loss="softmax_cross_entropy")
    other = Other(net)
    net.loss = "mse"
    proof = check_exchange(net, other)
    assert not proof
    assert "softmax" in proof.findings[0]


def test_constants_of_the_other_program_have_no_gradient():
    net = network()
    proof = check_exchange(net, Other(net, constants=(2, 3, 4)))
    assert proof
    assert proof.compared == len(net.connections) - 3
    assert "constants of the other program, without gradients: 3 weights" in proof.remarks


def test_of_large_networks_some_weights_are_differenced():
    net = network(sizes=(15, 10, 4))
    other = Other(net)
    proof = check_exchange(net, other)
    assert proof
    assert proof.compared == 50
    assert "50 of 204 weights differenced, chosen at random" in proof.remarks


def test_a_loss_of_ones_own_is_not_taken_for_that_of_its_name():
    triple = ns.Loss("mse", lambda y, o: 3 * ((y - o) ** 2).mean(axis=0), lambda y, o: 6 * (o - y) / len(y))
    for way in ("to_sklearn", "to_torch"):
        net = network(sizes=(2, 3, 1))
        other = getattr(net, way)()
        net.loss = triple
        proof = check_exchange(net, other)
        assert proof, str(proof)
        assert proof.way == "differences of its outputs"


def test_samples_may_be_given():
    iris = ns.datasets.load("iris")
    net = network(sizes=(4, 5, 3), loss="softmax_cross_entropy")
    other = Other(net, taught=net)
    assert check_exchange(net, other, iris).samples == 150
    assert check_exchange(net, other, iris.X[:9]).samples == 9
    assert check_exchange(net, other, iris.X[:5], iris.y[:5]).samples == 5
    assert check_exchange(net, other, iris.X[0], iris.y[0]).samples == 1
    # Near an exact fit the last digits of e are all that is left of it.
    net.fit(iris.X, iris.y, epochs=200, learning_rate=0.5)
    assert check_exchange(net, Other(net), iris)
    regression = network(sizes=(3, 4, 2))
    X = np.random.default_rng(0).normal(size=(20, 3))
    proof = check_exchange(regression, Other(regression), X, regression.predict(X) + 1e-9)
    assert proof, str(proof)
    # At an exact fit e has no slope, and is what rounding leaves: 1e-33.
    proof = check_exchange(regression, Other(regression), X, regression.predict(X))
    assert proof, str(proof)
    assert 0.0 < proof.error < 1e-12


def test_numbers_that_are_not_finite_agree_where_both_have_them():
    net = network(ns.Activation("exp", np.exp, lambda z, a: a), sizes=(2, 2, 1))
    net["W1"].weight = 1.0
    X = np.array([[1.0, 1.0], [2000.0, 0.0], [0.5, -1.0]])
    proof = check_exchange(net, Other(net), X, np.zeros((3, 1)))
    assert proof, str(proof)
    assert any("not finite" in remark for remark in proof.remarks)

    class Finite(Other):
        def outputs(self, inputs, weights):
            return np.nan_to_num(super().outputs(inputs, weights), posinf=1.0, neginf=1.0)

    proof = check_exchange(net, Finite(net), X, np.zeros((3, 1)))
    assert not proof
    assert (proof.outputs, proof.outputs_at) == (np.inf, "O1, sample 1")


def test_functions_without_a_derivative_compare_outputs():
    net = network("step")
    proof = check_exchange(net, Other(net))
    assert proof, str(proof)
    assert proof.compared == 0
    assert any("no gradients" in remark for remark in proof.remarks)
    assert "not compared" in str(proof)


def test_the_network_is_left_as_it_is():
    net = network("relu")
    net.forward([1.0, 2.0, 3.0])
    net.backward([0.0, 1.0])
    before = numbers_of(net)
    check_exchange(net, Other(net))
    assert numbers_of(net) == before
    with pytest.raises(ns.NodesimError):
        check_exchange(net, Other(net), [[1.0]])
    assert numbers_of(net) == before


def test_it_is_shown():
    net = network()
    proof = check_exchange(net, Other(net))
    lines = str(proof).split("\n")
    assert lines[0] == "a network 3-4-2 of 26 weights, loss mse, compared with by hand on 100 samples"
    assert [line.split()[0] for line in lines[2:5]] == ["outputs", "error", "26"]
    assert "- a remark of the program" in lines
    assert "- a note of the reader" in lines
    assert lines[-1].startswith("the same network: ")
    assert repr(proof).startswith("<ExchangeProof: by hand agrees to ")
    page = proof._repr_html_()
    assert "<table" in page
    assert "<li>a note of the reader</li>" in page
    assert proof.worst == max(proof.outputs, proof.error, proof.gradients)


class Failing(Other):
    def __init__(self, net, error):
        super().__init__(net)
        self.failure = error

    def outputs(self, inputs, weights=None):
        raise self.failure


@pytest.mark.parametrize("error", [ValueError("odd"), RuntimeError("\x1b[31m"), MemoryError(), RecursionError("deep")])
def test_a_program_that_fails_is_an_error_that_names_it(error):
    net = network()
    with pytest.raises((ns.NodesimError, MemoryError, RecursionError)) as caught:
        check_exchange(net, Failing(net, error))
    if isinstance(caught.value, ns.NodesimError):
        assert "by hand failed" in str(caught.value)
    other = Other(net)
    other.allowed = Failing(net, error).outputs
    with pytest.raises(type(caught.value)):
        check_exchange(net, other)


@pytest.mark.parametrize("shape", [(100, 3), (99, 2), (100,), ()])
def test_outputs_of_another_shape_are_refused(shape):
    net = network()
    other = Other(net)
    other.outputs = lambda inputs, weights: np.zeros(shape)
    with pytest.raises(ns.NodesimError, match="returned outputs of shape"):
        check_exchange(net, other)


class Odd:
    @staticmethod
    def made():
        return Odd()

    def __getattr__(self, name):
        raise RuntimeError(name)


@pytest.mark.parametrize(
    "other",
    [None, 1, 2.5, object(), [], {}, (), (1,), (1, 2, 3), "", "net", "net.txt", "net.pkl", "net.joblib", "net.zip",
     np.zeros(3), type, "net\0.onnx", Odd, Odd.made, lambda: 1],
)  # fmt: skip
def test_what_is_no_other_program_is_refused(other):
    net = network()
    with pytest.raises(ns.NodesimError):
        check_exchange(net, other() if other is Odd.made else other)


@pytest.mark.parametrize("file", ["net.onnx", "net.pt", "net.pth", "net.skops", "net.net", "net.json"])
def test_missing_and_damaged_files_give_one_error(tmp_path, file):
    net = network()
    path = tmp_path / file
    with pytest.raises(ns.NodesimError):
        check_exchange(net, path)
    for content in (b"", b"\0" * 100, b"{}", b"PK\x03\x04", b"\x80\x04K\x01."):
        path.write_bytes(content)
        with pytest.raises(ns.NodesimError):
            check_exchange(net, str(path))


def test_own_files_and_networks_are_no_other_program(tmp_path):
    net = network()
    net.save(tmp_path / "net.json")
    for other in (tmp_path / "net.json", net, net.structure):
        with pytest.raises(ns.NodesimError):
            check_exchange(net, other)
    with pytest.raises(ns.ArgumentTypeError, match="check_exchange compares a network"):
        check_exchange("net", Other(net))


def test_objects_are_known_without_importing_what_they_are_of():
    code = (
        "import sys, nodesim as ns\n"
        "net = ns.Network.layered([2, 2, 1], seed=0)\n"
        "for other in (object(), 'net.txt', 5):\n"
        "    try: ns.checks.check_exchange(net, other)\n"
        "    except ns.NodesimError: pass\n"
        "print(*(name for name in ('torch', 'sklearn', 'onnx', 'neat', 'onnxruntime', 'skops') if name in sys.modules))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == ""


def test_weights_without_a_path_are_named(tmp_path):
    net = ns.Network.layered([2, 3, 1], seed=0)
    net.connect("I1", net.add_hidden("X"))
    net.to_onnx(tmp_path / "net.onnx")
    proof = ns.checks.check_exchange(net, tmp_path / "net.onnx")
    assert proof.ok
    assert "13 of 14 gradients" in str(proof)
    assert "not compared: 1 weight without a path to an output (W14), which the other program does not have" in str(
        proof
    )
    net.remove("X")
    assert "without a path" not in str(ns.checks.check_exchange(net, tmp_path / "net.onnx"))

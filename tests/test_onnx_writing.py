"""Networks as ONNX files: what onnxruntime makes of them, and what comes back."""

from __future__ import annotations

import json

import numpy as np
import onnx
import onnxruntime
import pytest
from helpers import ACTIVATIONS, digest, random_network, random_samples
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator

import nodesim as ns
from nodesim.checks.programs.onnx_runtime import program_of
from nodesim.exchange.onnx import writing
from nodesim.exchange.onnx.metadata import KEY

onnxruntime.set_default_logger_severity(4)
# onnxruntime has no float64 kernel for Erf.
IN_DOUBLE = [*(name for name in ACTIVATIONS if name != "gelu"), "step"]
LOSSES = ["mse", "softmax_cross_entropy", "binary_cross_entropy", "huber"]
TIGHT = {"float64": 1e-12, "float32": 1e-4}
# Formulas with each function that one may hold, and with what ONNX has in float32 only.
FORMULAS = [
    "sinh(z / 10)", "cosh(z / 10)", "sin(z) + cos(z)", "tan(z / 1000)", "asinh(z)", "atan(z)", "expm1(min(z, 3))",
    "log1p(abs(z))", "log1p(exp(z))", "log(1 + exp(z))", "sqrt(abs(z))", "sign(z)", "where(z > 0, z, z / 2)",
    "(z > 1) * z", "(z <= 0.5) - (z < 1) + (z >= 2)", "z ** 2 / 1000", "abs(z) ** 0.5", "2 ** (z / 10)",
    "max(z, 0.5) - min(z, 2)", "clip(z, -1, 1)", "where(z, 2, 3)", "tanh(z) + pi", "1", "sigmoid(z)", "softplus(z)",
    "relu(z)", "-z + 2 - 3 * z / 4", "exp(-z ** 2) * z",
]  # fmt: skip


def run(model, x):
    """Run a model in onnxruntime, in the precision of its input."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    kind = {"tensor(double)": np.float64, "tensor(float)": np.float32}[session.get_inputs()[0].type]
    return session.run(None, {"x": x.astype(kind)})[0]


def said(net, x):
    """Return what the network says, as a file does."""
    return net.predict_proba(x) if net.loss.name == "softmax_cross_entropy" else net.predict(x)


def model_of(net, dtype=None):
    """Return the network as a model that ONNX itself finds right."""
    model = writing.model_of(net.simulator, dtype)
    onnx.checker.check_model(model, full_check=True)
    return model


def content(net, tmp_path):
    """Return everything that a file of nodesim's own holds, but for what draws the next weights, and gaps."""
    net.save(tmp_path / "net.json")
    found = json.loads((tmp_path / "net.json").read_text()) | {"generator": None, "initializer": None}
    return found | {"connections": found["connections"] | {"slot": None, "name": [c.name for c in net.connections]}}


def assert_same(net, twin, tmp_path):
    assert content(net, tmp_path) == content(twin, tmp_path)


def assert_agrees(net, x):
    expected = said(net, x)
    before = digest(net)
    for dtype, tolerance in TIGHT.items():
        found = run(model_of(net, dtype), x)
        assert found.dtype == dtype
        np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance * max(1.0, np.abs(expected).max()))
    assert digest(net) == before


# Every combination of what a seed stands for.
@pytest.mark.parametrize("seed", range(60))
def test_any_network_runs_in_onnxruntime_and_comes_back(seed, tmp_path):
    net, rng = random_network(seed, activations=IN_DOUBLE, loss=LOSSES[seed % 4])
    spare = [each for each in net.connections[:-1] if len(each.target.incoming) > 1]
    if seed % 3 == 0 and spare:
        # A gap in the numbers, and names that do not tell them.
        net.remove(spare[0])
    if seed % 4 == 3:
        net.loss = ns.loss("huber", delta=0.3)
    if seed % 5 == 0 and len(net.outputs) > 1:
        net.classes = [f"class {count}" for count in range(len(net.outputs))]
    x, _ = random_samples(net, rng, 5)
    assert_agrees(net, x)
    assert_same(net, ns.from_onnx(model_of(net)), tmp_path)


@pytest.mark.parametrize("seed", range(24))
def test_layered_networks(seed, tmp_path):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 7, rng.integers(2, 6)).tolist()
    hidden = [str(rng.choice(IN_DOUBLE)) for _ in sizes[2:]]
    net = ns.Network.layered(sizes, hidden=hidden, output="linear", bias=bool(seed % 4), seed=seed, dtype=list(TIGHT)[seed % 2])  # fmt: skip
    x = rng.standard_normal((7, sizes[0]))
    for dtype, tolerance in TIGHT.items():
        loose = 1e-4 if net.dtype == "float32" else tolerance
        np.testing.assert_allclose(run(model_of(net, dtype), x), net.predict(x), rtol=loose, atol=loose)
    net.to_onnx(tmp_path / "net.onnx")
    twin = ns.from_onnx(tmp_path / "net.onnx")
    assert_same(net, twin, tmp_path)
    assert (twin.predict(x) == net.predict(x)).all()


def single(activation, dtype="float64"):
    net = ns.Network(dtype=dtype)
    net.add_input("I1")
    net.add_output("O1", activation=activation)
    net.connect("I1", "O1", weight=1.0)
    return net


WIDE = np.concatenate([np.linspace(-700, 700, 1401), np.linspace(-6, 6, 1201), [-3, -1, 0, 1, 3], *([s * 10.0**-np.arange(1, 25)] for s in (1, -1))], axis=None)  # fmt: skip


@pytest.mark.parametrize("name", [*IN_DOUBLE, "leaky_relu(slope=0.3)", "elu(alpha=2.5)"])
def test_activations_keep_their_digits_however_large_or_small_z_is(name):
    found = run(model_of(single(name)), WIDE[:, None])[:, 0]
    expected = ns.activation(name)(WIDE)
    scale = np.maximum(np.abs(expected), np.minimum(np.abs(WIDE), 1.0))
    assert (np.abs(found - expected) <= 1e-12 * scale).all()


def test_gelu_goes_out_as_erf(tmp_path):
    net, rng = random_network(3, activations=["gelu"])
    x, _ = random_samples(net, rng, 5)
    program = program_of(model_of(net))
    assert "Erf" in str(program.allowed(x).remarks)
    np.testing.assert_allclose(program.outputs(x, net.weights), net.predict(x), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(run(model_of(net, "float32"), x), net.predict(x), rtol=1e-4, atol=1e-4)
    # The reference evaluator rounds Erf itself to single precision.
    own = ReferenceEvaluator(model_of(net)).run(None, {"x": x})[0]
    np.testing.assert_allclose(own, net.predict(x), rtol=1e-6, atol=1e-6)
    assert_same(net, ns.from_onnx(model_of(net)), tmp_path)


@pytest.mark.parametrize("formula", FORMULAS)
def test_formulas_go_out_as_functions_of_the_model(formula, tmp_path):
    activation = ns.Activation("any sign: Ω(1)", formula=formula)
    net, z = single(activation), WIDE[np.abs(WIDE) < 100]
    model = model_of(net)
    np.testing.assert_allclose(run(model, z[:, None])[:, 0], activation.function(z), rtol=1e-12, atol=1e-12)
    assert_same(net, ns.from_onnx(model), tmp_path)
    del model.metadata_props[:]
    # Without metadata the function still says what it is, and is read if it does that.
    assert ns.from_onnx(model).outputs[0].activation.formula == formula


def test_parameters_are_inputs_and_keep_all_digits():
    net, rng = random_network(5, activations=["leaky_relu(slope=0.1)", "elu(alpha=0.7)"])
    custom = ns.Activation("bent", formula="a1 * z + b1 * z ** 2", parameters={"a1": 0.1, "b1": 1e-3})
    net.outputs[0].activation = custom
    model = model_of(net)
    attributes = [each for node in model.graph.node for each in node.attribute]
    assert all(each.type not in (onnx.AttributeProto.FLOAT, onnx.AttributeProto.FLOATS) for each in attributes)
    slopes = {float(numpy_helper.to_array(each)) for each in model.graph.initializer if not each.dims}
    assert {0.1, 1e-3} < slopes
    assert_agrees(net, random_samples(net, rng, 5)[0])


def test_parameters_may_have_the_names_of_anything_else():
    given = {"weights": 2.0, "step": 3.0, "bias1_": 5.0, "α": 7.0, "x": 11.0, "v0": 13.0}
    net = single(ns.Activation("sum", formula=" + ".join(f"{key} * z" for key in given), parameters=given))
    hidden = [net.add_hidden(f"H{i}", activation=net["O1"].activation) for i in range(12)]
    for source, target in zip([net["I1"], *hidden], hidden):
        net.connect(source, target, weight=0.02)
    net.connect(hidden[-1], "O1", weight=1.0)
    assert_agrees(net, np.array([[1.0], [-2.0]]))


def test_two_functions_of_one_name():
    net = ns.Network()
    net.add_input("I1")
    for number, formula in enumerate(["z + 1", "z * 2", "z * s"]):
        given = {"s": 3.0} if "s" in formula else {}
        net.add_output(f"O{number}", activation=ns.Activation("same", formula=formula, parameters=given))
        net.connect("I1", f"O{number}", weight=1.0)
    np.testing.assert_array_equal(run(model_of(net), np.array([[1.0], [2.0]])), [[2, 2, 3], [3, 4, 6]])


def test_what_cannot_go_out_is_refused_by_name(tmp_path):
    file = tmp_path / "net.onnx"
    file.write_bytes(b"old")
    odd = ns.Activation("odd", lambda z: z, lambda z, a: 1 + 0 * z)
    with pytest.raises(ns.ExchangeError, match="odd has no formula"):
        single(odd).to_onnx(file)
    large = single("linear")
    large["W1"].weight = 1e300
    with pytest.raises(ns.ExchangeError, match=r"'I1' -> 'O1', 1e\+300, is out of the range of float32"):
        large.to_onnx(file, dtype="float32")
    with pytest.raises(ns.ExchangeError, match=r"1e\+200 is out of the range"):
        single(ns.Activation("steep", formula="tanh(z * 1e200)"), "float32").to_onnx(file)
    loss = ns.Loss("odd_loss", lambda y, a: ((y - a) ** 2).mean(0), lambda y, a: a - y)
    net = single("linear")
    net.loss = loss
    with pytest.raises(ns.ExchangeError, match="odd_loss"):
        net.to_onnx(file)
    with pytest.raises(ns.ArgumentError, match="dtype"):
        single("linear").to_onnx(file, dtype="float16")
    with pytest.raises(ns.StructureError):
        ns.Network().to_onnx(file)
    assert file.read_bytes() == b"old"


def test_more_than_a_file_holds_is_refused_before_it_is_made(tmp_path):
    # Two levels of nodes that few connections tie, and whose dense matrix no file would hold.
    count = 17_000
    net = ns.Network()
    net.add_input("I1")
    first = [net.add_hidden(f"H{i}") for i in range(count)]
    second = [net.add_output(f"O{i}") for i in range(count)]
    for a, b in zip(first, second):
        net.connect("I1", a, weight=1.0)
        net.connect(a, b, weight=1.0)
    with pytest.raises(ns.ExchangeError, match="dense matrices"):
        net.to_onnx(tmp_path / "net.onnx")


def test_a_float32_file_of_doubles_comes_back_widened(tmp_path):
    net, _ = random_network(8, activations=["tanh", "leaky_relu"])
    net.to_onnx(tmp_path / "net.onnx", dtype="float32")
    twin = ns.from_onnx(tmp_path / "net.onnx")
    assert twin.dtype == "float64"
    np.testing.assert_array_equal(twin.weights, net.weights.astype(np.float32).astype(float))
    assert [node.name for node in twin.nodes] == [node.name for node in net.nodes]


def test_a_large_network_has_small_metadata(tmp_path):
    net = ns.Network.layered([30, 200, 100, 5], hidden="relu", seed=0, dtype="float32")
    net.connections[7].trainable = False
    model = model_of(net)
    assert len(model.metadata_props[0].value) < len(net.weights) < model.ByteSize() < 4.6 * len(net.weights)
    assert_same(net, ns.from_onnx(model), tmp_path)


# ---- metadata that do not fit --------------------------------------------------------------------------


def changed(model, **entries):
    """Return a model whose metadata say something else."""
    twin = onnx.ModelProto()
    twin.CopyFrom(model)
    twin.metadata_props[0].value = json.dumps(json.loads(model.metadata_props[0].value) | entries)
    return twin


def test_numbers_that_were_trained_elsewhere_are_read(tmp_path):
    net, rng = random_network(11, activations=["tanh"])
    model = model_of(net)
    for tensor in model.graph.initializer:
        if tensor.name.startswith("weights"):
            values = numpy_helper.to_array(tensor) * 1.5
            tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
    twin = ns.from_onnx(model)
    assert [c.name for c in twin.connections] == [c.name for c in net.connections]
    x, _ = random_samples(net, rng, 5)
    np.testing.assert_allclose(twin.predict(x), run(model, x), rtol=1e-12, atol=1e-12)


def test_numbers_that_no_float32_holds_make_a_network_of_doubles():
    net = single("linear", "float32")
    assert ns.from_onnx(model_of(net, "float64")).dtype == "float32"
    for number in (0.1, 1e300):
        model = model_of(net, "float64")
        (tensor,) = model.graph.initializer
        tensor.CopyFrom(numpy_helper.from_array(np.array([[number]]), tensor.name))
        twin = ns.from_onnx(model)
        assert (twin.dtype, twin["W1"].weight) == ("float64", number)
    tensor.CopyFrom(numpy_helper.from_array(np.array([[np.nan]]), tensor.name))
    with pytest.raises(ns.ExchangeError, match="not finite"):
        ns.from_onnx(model)


def test_a_number_where_metadata_know_no_connection_drops_them():
    net = ns.Network()
    for name in ("I1", "I2"):
        net.add_input(name)
    for number, name in enumerate(("left", "right"), start=1):
        net.add_output(name, activation="tanh")
        net.connect(f"I{number}", name, weight=1.0)
    model = model_of(net)
    assert len(ns.from_onnx(model).connections) == 2
    (tensor,) = model.graph.initializer
    tensor.CopyFrom(numpy_helper.from_array(np.array([[1.0, 0.5], [0.0, 1.0]]), tensor.name))
    twin = ns.from_onnx(model)
    x = np.array([[0.3, -0.2]])
    np.testing.assert_allclose(twin.predict(x), run(model, x), rtol=1e-12)


def test_damaged_metadata_never_change_what_a_file_says():
    net, rng = random_network(21, activations=["tanh", "elu"], loss="huber")
    model = model_of(net)
    x, _ = random_samples(net, rng, 5)
    expected = run(model, x)
    text = model.metadata_props[0].value
    said_once = json.loads(text)
    damage = [
        {"nodes": {**said_once["nodes"], "kind": said_once["nodes"]["kind"][::-1]}},
        {"nodes": {**said_once["nodes"], "name": ["same"] * len(net.nodes)}},
        {"nodes": {**said_once["nodes"], "value": [1e308] * len(net.nodes)}},
        {"nodes": None}, {"connections": []}, {"connections": {"source": [0], "target": [10**12]}},
        {"connections": {**said_once["connections"], "source": said_once["connections"]["source"][:-1]}},
        {"connections": {**said_once["connections"], "frozen": [-1]}},
        {"connections": {**said_once["connections"], "target": said_once["connections"]["target"][::-1]}},
        {"activations": ["sigmoid"] * 9}, {"activations": [{"name": "x", "formula": "z("}]}, {"dtype": "int8"},
        *(
            {"connections": {**said_once["connections"], "target": runs, "source": runs}}
            for runs in ([[0, 10**12]], [[-1, 3]], [[0, 1.5]], [["a"]], [[0, 5], 7], [[10**30, 1]], [[0, 10**5]] * 10**5)
        ),
        {"classes": ["a", "a"]}, {"classes": [[]]}, {"version": 99}, {"loss": "softmax_cross_entropy"},
        {"weight": [1.0]}, {"engine": "none"}, {"generator": {}}, {"loss": None}, {"loss": [1]}, {"loss": {"name": "huber", "parameters": {"delta": "x"}}},
    ]  # fmt: skip
    texts = [text[: len(text) // 2], "", "null", "[" * 100_000, "NaN", '{"connections": {"target": 7}}', "\ud7ff"]
    for number, each in enumerate([*(changed(model, **entries) for entries in damage), *texts]):
        if isinstance(each, str):
            model.metadata_props[0].value, each = each, model
        twin = ns.from_onnx(each)
        np.testing.assert_allclose(said(twin, x), expected, rtol=1e-12, atol=1e-12, err_msg=str(number))


def test_a_loss_that_is_not_there_can_be_given():
    model = changed(model_of(single("linear")), loss="lost")
    with pytest.raises(ns.ExchangeError, match="lost"):
        ns.from_onnx(model)
    assert ns.from_onnx(model, loss="mae").loss.name == "mae"


def test_a_function_that_does_something_else_than_its_name_says_is_refused():
    model = model_of(single("elu"))
    del model.metadata_props[:]
    assert ns.from_onnx(model).outputs[0].activation == ns.activation("elu")
    node = next(node for node in model.functions[0].node if node.op_type == "Mul")
    node.op_type = "Sub"
    with pytest.raises(ns.ExchangeError, match=r"nodesim\.elu"):
        ns.from_onnx(model)


def test_metadata_are_text_that_others_can_read():
    net = ns.Network()
    net.add_input("I1")
    net.connect("I1", net.add_output("Ωutput \ud800"), weight=1.0)
    (entry,) = model_of(net).metadata_props
    assert entry.key == KEY
    assert json.loads(entry.value)["nodes"]["name"] == ["I1", "Ωutput \ud800"]


# ---- the program that a proof runs ---------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_the_program_takes_other_weights(seed):
    net, rng = random_network(seed, activations=IN_DOUBLE, loss=LOSSES[seed % 4])
    x, _ = random_samples(net, rng, 5)
    program = program_of(model_of(net))
    assert program.softmax == (net.loss.name == "softmax_cross_entropy")
    assert program.judged(x, x, net.loss) is None
    for changed in (net.weights, net.weights + rng.standard_normal(len(net.weights)) / 10, net.weights):
        net.weights = changed
        np.testing.assert_allclose(program.outputs(x, changed), said(net, x), rtol=1e-12, atol=1e-12)
    assert program.allowed(x).outputs == 1e-12
    assert program.allowed(x).remarks == ()


def labelled(classes, dtype):
    """Return what skl2onnx makes of a classifier, and the probabilities that scikit-learn's own gives."""
    from skl2onnx import to_onnx
    from sklearn.neural_network import MLPClassifier

    rng = np.random.default_rng(classes)
    x = rng.standard_normal((40, 3)).astype(dtype)
    estimator = MLPClassifier(
        hidden_layer_sizes=[4], activation="tanh", solver="lbfgs", max_iter=5, tol=10.0, random_state=0
    )
    estimator.fit(x, rng.integers(0, classes, 40))
    return to_onnx(estimator, x[:1]), x.astype(float), estimator.predict_proba(x.astype(float))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("classes", [2, 3])
def test_the_program_gives_what_the_network_gives_behind_labels_and_zip_maps(classes, dtype):
    model, x, expected = labelled(classes, dtype)
    program = program_of(model.SerializeToString())
    found = program.outputs(x, program.blueprint.weights)
    twin = program.blueprint.network(ns.Network)
    np.testing.assert_allclose(found, said(twin, x), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(found, expected[:, -1:] if classes == 2 else expected, rtol=1e-5, atol=1e-5)
    assert bool(program.allowed(x).remarks) == (dtype == "float32")


def test_logarithms_of_probabilities_are_probabilities_again():
    net = ns.Network.layered([3, 4, 2], output="linear", loss="softmax_cross_entropy", seed=0)
    model = model_of(net)
    del model.metadata_props[:]
    next(node for node in model.graph.node if node.op_type == "Softmax").op_type = "LogSoftmax"
    x = np.random.default_rng(0).standard_normal((5, 3))
    program = program_of(model)
    np.testing.assert_allclose(program.outputs(x, program.blueprint.weights), net.predict_proba(x), rtol=1e-12)


def test_rounded_constants_are_told():
    net = single("selu")
    x = np.linspace(-3, 3, 20)[:, None]
    program = program_of(model_of(net, "float32"))
    allowed = program.allowed(x)
    away = np.abs(program.outputs(x, net.weights) - net.predict(x)).max()
    assert 1e-9 < away < allowed.outputs == 1e-6
    assert "nodesim.selu" in str(allowed.remarks)


def test_functions_that_nothing_calls_are_not_run():
    model = model_of(single("elu"))
    del model.metadata_props[:]
    own = onnx.helper.make_function(
        "nodesim", "endless", ["z"], ["a"], [onnx.helper.make_node("endless", ["z"], ["a"], domain="nodesim")],
        [onnx.helper.make_opsetid("", 17), onnx.helper.make_opsetid("nodesim", 1)],
    )  # fmt: skip
    model.functions.append(own)
    program = program_of(model)
    np.testing.assert_allclose(program.outputs(np.array([[2.0]]), program.blueprint.weights), [[2.0]])
    model.graph.node[-2].op_type = "endless"
    del model.graph.node[-2].input[1:]
    with pytest.raises(ns.ExchangeError, match="endless"):
        program_of(model)

"""Networks read from ONNX files of skl2onnx and torch, and from graphs as other exporters write them.

The oracle is the same file with every number turned into doubles, run by onnxruntime.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import os
import sys
import warnings

import numpy as np
import onnx
import pytest
import skl2onnx
import torch
from helpers import ROOT
from onnx import TensorProto, helper, numpy_helper
from onnx_models import doubled, model_of, run
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import nodesim as ns
from nodesim.exchange.onnx.reading import reading

X = np.random.default_rng(0).normal(size=(30, 3)).astype(np.float32).astype(float) * 2
node = helper.make_node


def agree(model, X=X, tolerance=1e-12, given=1e-4):
    """Read a model, compare it with the one in doubles and with itself, and return the network."""
    found = reading(model)
    net = found.blueprint.network(ns.Network)
    wanted = found.ending.softmax or found.ending.output
    outputs = net.predict_proba(X) if found.ending.softmax else net.predict(X)
    exact = run(model, wanted, X).reshape(outputs.shape)
    scale = max(1.0, np.abs(exact).max())
    assert np.abs(outputs - exact).max() <= tolerance * scale
    if given:
        own = run(model, wanted, X, exact=False).reshape(outputs.shape)
        assert np.abs(outputs - own).max() <= given * scale
    return net


# ---- scikit-learn ------------------------------------------------------------------------------------------------


def labels_of(kind):
    points = np.random.default_rng(1).normal(size=(60, 3))
    two, three = points[:, 0] > 0, np.argmax(points, axis=1)
    targets = {
        "two": two.astype(int), "two texts": np.where(two, "yes", "no"), "three": three * 10,
        "three texts": np.array(["c", "a", "b"])[three], "several": (points[:, :2] > 0).astype(int),
    }  # fmt: skip
    return points, targets[kind]


def exported(estimator, dtype, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return skl2onnx.to_onnx(
            estimator, np.zeros((1, 3), dtype=dtype), options={"zipmap": False} if options else None
        )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", ["two", "two texts", "three", "three texts"])
def test_classifiers_of_scikit_learn(kind, dtype):
    points, labels = labels_of(kind)
    estimator = MLPClassifier([5, 4], activation="tanh", solver="lbfgs", max_iter=300, random_state=0).fit(
        points, labels
    )
    # onnxruntime itself refuses a ZipMap of doubles.
    model = exported(estimator, dtype, zipmap=False) if dtype is np.float64 else exported(estimator, dtype)
    net = agree(model, given=1e-4 if dtype is np.float32 else None)
    assert net.classes == tuple(estimator.classes_.tolist())
    rounded = points.astype(np.float32).astype(float)
    assert (net.classify(rounded) == estimator.predict(rounded)).all()
    assert net.loss.name == ("binary_cross_entropy" if kind.startswith("two") else "softmax_cross_entropy")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_classifier_of_several_labels(dtype):
    points, labels = labels_of("several")
    estimator = MLPClassifier([5], solver="lbfgs", max_iter=300, random_state=0).fit(points, labels)
    model = exported(estimator, dtype)
    net = agree(model, given=None)
    assert net.classes is None
    assert net.loss.name == "binary_cross_entropy"
    assert np.abs(net.predict(points) - estimator.predict_proba(points)).max() < (
        1e-5 if dtype is np.float32 else 1e-12
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("outputs", [1, 2])
def test_a_pipeline_of_scikit_learn(outputs, dtype):
    points = np.random.default_rng(2).normal(size=(60, 3)) * [1, 10, 0.1] + 5
    targets = np.tanh(points[:, :outputs]) @ np.ones((outputs, outputs))
    regressor = MLPRegressor(hidden_layer_sizes=[5], solver="lbfgs", max_iter=100, random_state=0)
    pipeline = make_pipeline(StandardScaler(), regressor).fit(points, targets[:, 0] if outputs == 1 else targets)
    model = exported(pipeline, dtype)
    net = agree(model, points.astype(np.float32).astype(float))
    assert net.loss.name == "mse"
    # What standardizes is not trained.
    frozen = sum(not connection.trainable for connection in net.connections)
    assert frozen == 6


# ---- torch -------------------------------------------------------------------------------------------------------


def modules():
    nn = torch.nn
    torch.manual_seed(0)

    class Residual(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b, self.c = nn.Linear(3, 3), nn.Linear(3, 3, bias=False), nn.Linear(6, 2)

        def forward(self, x):
            h = torch.tanh(self.a(x))
            h = h + torch.relu(self.b(h))
            return self.c(torch.cat([h, x], 1))

    class Columns(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.c = nn.Linear(3, 6), nn.Linear(3, 2)

        def forward(self, x):
            u, v = self.a(x).chunk(2, 1)
            mixed = u.tanh() - v.sigmoid() * 2 + x[:, [0, 2, 1]] / 3 + (1 - x)
            return self.c(mixed).view(x.size(0), -1)

    def around(activation):
        return nn.Sequential(nn.Linear(3, 4), activation, nn.Linear(4, 2))

    norm = nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 2))
    for module in norm:
        if isinstance(module, nn.BatchNorm1d):
            module.running_mean.normal_(), module.running_var.uniform_(0.5, 2)
            nn.init.normal_(module.weight), nn.init.normal_(module.bias)
    named = {
        name: around(getattr(nn, name)())
        for name in ("ReLU", "Tanh", "Sigmoid", "ELU", "LeakyReLU", "PReLU", "Softplus", "CELU", "Mish", "SiLU",
                     "Softsign", "Hardtanh", "Tanhshrink", "LogSigmoid", "Dropout", "Identity")
    }  # fmt: skip
    return named | {
        "slopes": around(nn.PReLU(4)), "softplus by 2": around(nn.Softplus(2.0)), "celu .3": around(nn.CELU(0.3)),
        "norm": norm, "residual": Residual(), "columns": Columns(),
        "softmax": nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 3), nn.Softmax(1)),
        "sigmoid": nn.Sequential(nn.Linear(3, 1), nn.Sigmoid()),
        "row": nn.Sequential(nn.Linear(3, 1), nn.Tanh(), nn.Flatten(0)),
    }  # fmt: skip


def torch_model(module, opset=20):
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module.eval(), torch.zeros(5, 3), file, dynamo=False, opset_version=opset, input_names=["x"],
            dynamic_axes={"x": {0: "N"}},
        )  # fmt: skip
    return onnx.load_from_string(file.getvalue())


def test_modules_of_torch():
    for name, module in modules().items():
        net = agree(torch_model(module))
        expected = {"softmax": "softmax_cross_entropy", "sigmoid": "binary_cross_entropy"}.get(name, "mse")
        assert net.loss.name == expected, name


@pytest.mark.parametrize(("name", "away"), [("GELU", 1e-6), ("SELU", 1e-6), ("Hardsigmoid", 1e-7)])
def test_constants_that_any_file_has_in_single_precision(name, away):
    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Linear(3, 4), getattr(torch.nn, name)(), torch.nn.Linear(4, 2))
    for opset in (17, 20):
        net = agree(torch_model(module, opset), tolerance=away)
        expected = module.double()(torch.tensor(X)).detach().numpy()
        module.float()
        assert np.abs(net.predict(X) - expected).max() < 1e-8
        assert net.nodes[5].activation.name == {"Hardsigmoid": "hard_sigmoid"}.get(name, name.lower())


@pytest.mark.parametrize(
    ("name", "operator"),
    [("Hardswish", "HardSwish"), ("ReLU6", "Clip"), ("Softmax", "Softmax"), ("Softshrink", "Greater")],
)
def test_modules_without_counterpart_are_refused_by_name(name, operator):
    activation = torch.nn.Softmax(1) if name == "Softmax" else getattr(torch.nn, name)()
    module = torch.nn.Sequential(torch.nn.Linear(3, 4), activation, torch.nn.Linear(4, 2))
    with pytest.raises(ns.ExchangeError, match=f"the node '/1/{operator}"):
        reading(torch_model(module))


# ---- graphs by hand ----------------------------------------------------------------------------------------------

_rng = np.random.default_rng(3)
W, V, b = _rng.normal(size=(3, 4)), _rng.normal(size=(4, 2)), _rng.normal(size=4)
ROW = np.array([0.5, -2.0, 3.0, 1.5])
ENDS = [node("MatMul", ["x", "W"], ["h"])], [node("MatMul", ["t", "V"], ["y"])]


def between(*middle, **arrays):
    """Return a model whose hidden layer goes through these nodes, from h to t."""
    return model_of([*ENDS[0], *middle, *ENDS[1]], {"W": W, "V": V, **arrays})


def scalar(name, value):
    return node("Constant", [], [name], value=numpy_helper.from_array(np.float32(value)))


PATTERNS = {
    # As torch's newer exporter writes softplus, by 1 and by 2.
    "softplus": [scalar("c", 20.0), node("Softplus", ["h"], ["s"]), node("Greater", ["h", "c"], ["g"]),
                 node("Where", ["g", "h", "s"], ["t"])],
    "softplus by 2": [scalar("c", 20.0), scalar("two", 2.0), node("Mul", ["h", "two"], ["m"]),
                      node("Softplus", ["m"], ["s"]), node("Div", ["s", "two"], ["d"]),
                      node("Greater", ["m", "c"], ["g"]), node("Where", ["g", "h", "d"], ["t"])],
    "mish": [node("Softplus", ["h"], ["s"]), node("Tanh", ["s"], ["u"]), node("Mul", ["u", "h"], ["t"])],
    "silu": [node("Sigmoid", ["h"], ["s"]), node("Mul", ["s", "h"], ["t"])],
    "silu, passed on": [node("Identity", ["h"], ["i"]), node("Sigmoid", ["i"], ["s"]), node("Mul", ["h", "s"], ["t"])],
    "softsign": [scalar("c", 1.0), node("Abs", ["h"], ["a"]), node("Add", ["c", "a"], ["s"]), node("Div", ["h", "s"], ["t"])],
    "sigmoid": [scalar("c", 1.0), node("Neg", ["h"], ["n"]), node("Exp", ["n"], ["e"]), node("Add", ["e", "c"], ["s"]),
                node("Reciprocal", ["s"], ["t"])],
    "log sigmoid": [node("Sigmoid", ["h"], ["s"]), node("Log", ["s"], ["t"])],
    "gate used again": [node("Sigmoid", ["h"], ["s"]), node("Mul", ["h", "s"], ["m"]), node("Add", ["m", "s"], ["t"])],
    "square": [node("Mul", ["h", "row"], ["m"]), node("Tanh", ["m"], ["t"])],
    "wide clip": [scalar("c", 0.0), node("Clip", ["h", "c"], ["t"])],
    "clip": [scalar("c", -1.0), scalar("d", 1.0), node("Clip", ["h", "c", "d"], ["t"])],
    "hard sigmoid": [node("HardSigmoid", ["h"], ["t"])],
    "elu": [node("Elu", ["h"], ["t"], alpha=0.1)],
    "leaky": [node("LeakyRelu", ["h"], ["t"], alpha=0.1)],
    "slopes": [node("PRelu", ["h", "row"], ["t"])],
    "sine": [node("Sin", ["h"], ["t"])],
    "differences": [node("Tanh", ["h"], ["u"]), node("Sub", ["h", "u"], ["d"]), node("Sub", ["row", "d"], ["e"]),
                    node("Div", ["e", "row"], ["f"]), node("Sum", ["f", "u", "row 2"], ["t"])],
    "one for all": [node("Slice", ["h", "i0", "i1", "i1"], ["o"]), node("Add", ["o", "row"], ["p"]), node("Add", ["h", "o"], ["q"]),
                    node("Sub", ["p", "q"], ["t"])],
    "the same twice": [node("Gather", ["h", "again"], ["g"], axis=1), node("Add", ["g", "h"], ["t"])],
    "axes": [node("Unsqueeze", ["h", "i1"], ["u"]), node("Relu", ["u"], ["v"]), node("Squeeze", ["v", "i1"], ["w"]),
             node("Reshape", ["w", "shape"], ["t"])],
    "parts": [node("Split", ["h"], ["u", "v"], axis=-1, num_outputs=2), node("Tanh", ["u"], ["w"]),
              node("Concat", ["v", "w"], ["t"], axis=-1)],
}  # fmt: skip


@pytest.mark.parametrize("name", PATTERNS)
def test_patterns_of_operators(name):
    more = {
        "row": ROW,
        "row 2": ROW[::-1].copy(),
        "i0": np.array([0]),
        "i1": np.array([1]),
        "again": np.array([0, 0, 3, 1]),
        "shape": np.array([-1, 4]),
    }
    used = {each for step in PATTERNS[name] for each in step.input}
    model = between(*PATTERNS[name], **{key: value for key, value in more.items() if key in used})
    # torch passes on what is above 20; and the logarithm of a small sigmoid is rough in single precision.
    net = agree(model, tolerance=1e-8 if "softplus" in name else 1e-12, given=None if name == "log sigmoid" else 1e-4)
    single = {"silu": "silu", "mish": "mish", "softsign": "softsign", "softplus": "softplus", "clip": "hard_tanh"}
    if name in single:
        assert {each.activation.name for each in net.nodes if each.kind == "hidden"} == {single[name]}


def test_gelu_by_its_error_function():
    steps = [scalar("r", 2**0.5), scalar("one", 1.0), scalar("half", 0.5), node("Div", ["h", "r"], ["d"]),
             node("Erf", ["d"], ["e"]), node("Add", ["e", "one"], ["a"])]  # fmt: skip
    for ends in (
        [node("Mul", ["h", "a"], ["m"]), node("Mul", ["m", "half"], ["t"])],
        [node("Mul", ["h", "half"], ["m"]), node("Mul", ["m", "a"], ["t"])],
    ):
        net = agree(between(*steps, *ends), tolerance=1e-6)
        assert {each.activation.name for each in net.nodes if each.kind == "hidden"} == {"gelu"}


def test_gemm_keeps_its_numbers():
    nodes = [
        node("Gemm", ["x", "W", "b"], ["h"], alpha=0.5, beta=-2.0, transB=1),
        node("Gemm", ["h", "V"], ["y"], alpha=3.0),
    ]
    model = model_of(nodes, {"W": W.T, "V": V, "b": b})
    net, blueprint = agree(model), reading(model).blueprint
    origins = blueprint.origins
    arrays = {tensor.name: numpy_helper.to_array(tensor).astype(float) for tensor in model.graph.initializer}
    for index, weight in enumerate(blueprint.weights):
        if origins.parameter[index] >= 0:
            number = arrays[origins.parameters[origins.parameter[index]]].flat[origins.place[index]]
            assert weight == origins.factor[index] * number
    assert set(origins.parameters) == {"W", "V", "b"}
    assert len(net.weights) == 12 + 4 + 8


@pytest.mark.parametrize("kind", ["FLOAT16", "BFLOAT16", "DOUBLE", "FLOAT"])
@pytest.mark.parametrize("raw", [False, True])
def test_numbers_of_every_precision_are_widened(kind, raw):
    number = getattr(TensorProto, kind)
    model = model_of([node("MatMul", ["x", "W"], ["y"])], {"W": W})
    tensor = helper.make_tensor("W", number, W.shape, W.astype(np.float32).ravel())
    if raw:
        tensor = numpy_helper.from_array(numpy_helper.to_array(tensor), "W")
    model.graph.initializer[0].CopyFrom(tensor)
    expected = numpy_helper.to_array(tensor).astype(float).ravel()
    assert (reading(model).blueprint.weights == expected).all()


def random_graph(rng):
    """Return layers with skips, sums, joined and cut columns, and the widths of what each makes."""
    values, nodes, arrays = {"x": 3}, [], {}
    for number in range(rng.integers(2, 9)):
        name = f"v{number}"
        names = list(values)
        first = names[rng.integers(max(0, len(names) - 3), len(names))]
        width = values[first]
        partners = [other for other in names if values[other] == width and other != first]
        kind = rng.choice(["layer", "add", "concat", "bend", "gather", "scale"], p=[0.4, 0.15, 0.15, 0.15, 0.05, 0.1])
        if kind == "add" and partners:
            nodes.append(node(str(rng.choice(["Add", "Sub"])), [first, str(rng.choice(partners))], [name]))
        elif kind == "concat":
            other = str(rng.choice(names))
            nodes.append(node("Concat", [first, other], [name], axis=1))
            width += values[other]
        elif kind == "gather":
            arrays[f"i{number}"] = rng.integers(-width, width, size=2)
            nodes.append(node("Gather", [first, f"i{number}"], [name], axis=1))
            width = 2
        elif kind == "scale":
            arrays[f"s{number}"] = rng.normal(size=(1, width))
            nodes.append(node(str(rng.choice(["Mul", "Div", "Sub", "Add"])), [first, f"s{number}"], [name]))
        elif kind == "bend":
            nodes.append(node(str(rng.choice(["Tanh", "Sigmoid", "Relu", "Sin", "Neg"])), [first], [name]))
        else:
            wide = int(rng.integers(1, 6))
            arrays[f"W{number}"], arrays[f"b{number}"] = rng.normal(size=(width, wide)) / 2, rng.normal(size=wide)
            nodes.append(node("Gemm", [first, f"W{number}", f"b{number}"], [name]))
            width = wide
        values[name] = width
    return model_of([*nodes, node("Identity", [name], ["y"])], arrays)


def test_random_graphs():
    rng = np.random.default_rng(5)
    for _ in range(60):
        agree(random_graph(rng), X / 2)


def layered_graph(rng):
    sizes = [3, *rng.integers(1, 7, size=rng.integers(1, 5))]
    nodes, arrays, at = [], {}, "x"
    for number, (rows, columns) in enumerate(itertools.pairwise(sizes)):
        arrays[f"W{number}"], arrays[f"b{number}"] = rng.normal(size=(rows, columns)), rng.normal(size=(1, columns))
        operator = str(rng.choice(["Tanh", "Sigmoid", "Relu", "Softplus", "Elu", "Softsign", "LeakyRelu", "Identity"]))
        nodes += [
            node("MatMul", [at, f"W{number}"], [f"m{number}"]),
            node(
                "Add",
                [f"m{number}", f"b{number}"] if rng.random() < 0.5 else [f"b{number}", f"m{number}"],
                [f"a{number}"],
            ),
            node(operator, [f"a{number}"], [f"h{number}"]),
        ]
        at = f"h{number}"
    return model_of([*nodes, node("Softmax", [at], ["y"])], arrays), sizes


def test_random_layered_networks():
    rng = np.random.default_rng(6)
    for _ in range(60):
        model, sizes = layered_graph(rng)
        net = agree(model)
        assert net.loss.name == "softmax_cross_entropy"
        assert len(net.weights) == sum((rows + 1) * columns for rows, columns in itertools.pairwise(sizes))


def test_a_graph_as_of_keras():
    """Names with slashes and colons, turned arrays, an inner shape that is not said, normalization by Sub and Div."""
    nodes = [
        node("Cast", ["x"], ["c"], to=TensorProto.FLOAT), node("Sub", ["c", "net/norm/mean:0"], ["s"]),
        node("Div", ["s", "net/norm/scale:0"], ["d"]), node("Transpose", ["net/dense/kernel:0"], ["turned"], perm=[1, 0]),
        node("MatMul", ["d", "turned"], ["m"]), node("Add", ["m", "net/dense/bias:0"], ["a"], name="net/dense/BiasAdd"),
        node("LeakyRelu", ["a"], ["l"], alpha=0.3), node("MatMul", ["l", "V"], ["z"]), node("Softmax", ["z"], ["y"], axis=-1),
    ]  # fmt: skip
    model = model_of(nodes, {
        "net/norm/mean:0": ROW[None, :3], "net/norm/scale:0": ROW[None, 1:], "net/dense/kernel:0": W.T,
        "net/dense/bias:0": b, "V": V,
    }, inputs=None, opset=15)  # fmt: skip
    net = agree(model)
    assert net.loss.name == "softmax_cross_entropy"
    assert sum(connection.trainable for connection in net.connections) == 12 + 4 + 8


@pytest.mark.parametrize("name", ["bn_drop", "flatten", "mish", "relu_softmax", "skip"])
def test_files_of_tf2onnx(name):
    """Models of Keras 3.15, with outputs of TensorFlow 2.21 in single precision, written by tf2onnx 1.17."""
    file = ROOT / "tests" / "reference" / f"keras_{name}.onnx"
    known = json.loads((ROOT / "tests" / "reference" / "keras_outputs.json").read_text(encoding="utf-8"))[name]
    net = ns.from_onnx(file)
    predict = net.predict_proba if net.loss == ns.loss("softmax_cross_entropy") else net.predict
    assert np.abs(predict(known["inputs"]) - known["outputs"]).max() < 1e-5
    assert ns.checks.check_exchange(net, file)


def test_pictures_that_the_file_lays_out_itself():
    """Samples of several axes are read row by row, and what depends on an axis is refused."""
    nodes = [helper.make_node("Relu", ["x"], ["r"]), helper.make_node("Flatten", ["r"], ["f"])]
    nodes += [helper.make_node("MatMul", ["f", "w"], ["y"])]
    weights = numpy_helper.from_array(np.arange(24.0).reshape(12, 2), "w")
    picture = helper.make_tensor_value_info("x", TensorProto.DOUBLE, ["N", 2, 2, 3])
    out = helper.make_tensor_value_info("y", TensorProto.DOUBLE, ["N", 2])
    for extra in (None, "Softmax", "MatMul"):
        steps = list(nodes)
        if extra is not None:
            steps[0] = helper.make_node(extra, ["x"] if extra == "Softmax" else ["x", "m"], ["r"])
        arrays = [weights, numpy_helper.from_array(np.eye(3), "m")]
        graph = helper.make_graph(steps, "g", [picture], [out], arrays[: 1 + (extra == "MatMul")])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        if extra is not None:
            with pytest.raises(ns.ExchangeError, match=extra):
                ns.from_onnx(model)
            continue
        net, pictures = ns.from_onnx(model), np.random.default_rng(0).normal(size=(5, 2, 2, 3))
        wanted = np.maximum(pictures.reshape(5, 12), 0.0) @ np.arange(24.0).reshape(12, 2)
        assert np.abs(net.predict(pictures.reshape(5, 12)) - wanted).max() < 1e-12
        assert ns.checks.check_exchange(net, model)


def test_labels_and_logits_beside_probabilities():
    nodes = [
        *ENDS[0], node("Tanh", ["h"], ["t"]), node("MatMul", ["t", "V"], ["z"]), node("Softmax", ["z"], ["y"], axis=1),
        node("ArgMax", ["y"], ["at"], axis=1, keepdims=0),
        node("LabelEncoder", ["at"], ["label"], domain="ai.onnx.ml", keys_int64s=[1, 0], values_strings=["yes", "no"]),
    ]  # fmt: skip
    for outputs in [("label", "y"), ("y", "z", "label"), ("label",)]:
        net = agree(model_of(nodes, {"W": W, "V": V}, outputs=outputs, domains=[("ai.onnx.ml", 2)]))
        assert net.classes == ("no", "yes")
        assert net.loss.name == "softmax_cross_entropy"
    assert ns.from_onnx(model_of(nodes[:-2], {"W": W, "V": V}), loss="mse").loss.name == "mse"


# ---- what is told, and what is refused ---------------------------------------------------------------------------


def test_arrays_that_nothing_takes_are_told():
    model = between(node("Tanh", ["h"], ["t"]), spare=ROW)
    (note,) = reading(model).blueprint.notes
    assert "spare" in note


def test_equal_arrays_of_a_normalization_are_no_shared_weights():
    names = ["scale", "shift", "mean", "scale"]
    model = between(
        node("BatchNormalization", ["h", *names], ["t"]), scale=np.full(4, 0.5), shift=ROW, mean=ROW[::-1].copy()
    )
    net = agree(model)
    assert sum(not each.trainable for each in net.connections) == 4
    fresh = [torch.nn.BatchNorm1d(3), torch.nn.Linear(3, 3), torch.nn.Tanh(), torch.nn.BatchNorm1d(3)]
    model = torch_model(torch.nn.Sequential(*fresh))
    assert any(each.op_type == "Identity" for each in model.graph.node)
    agree(model)


REFUSED = {
    "operator": ([node("Conv", ["h", "W"], ["t"])], "the node 't' (Conv) has no counterpart"),
    "inner softmax": ([node("Softmax", ["h"], ["t"])], "the node 't' (Softmax) stands inside"),
    "product": ([node("Mul", ["h", "h"], ["t"])], "the node 't' (Mul) multiplies values by each other"),
    "quotient": ([node("Div", ["h", "h"], ["t"])], "the node 't' (Div) divides by values"),
    "domain": ([node("Tanh", ["h"], ["t"], domain="other")], "the node 't' (other.Tanh) has no counterpart"),
    "attribute": ([node("Tanh", ["h"], ["t"], odd=1)], "has the attribute 'odd'"),
    "training": ([scalar("c", 0.5), node("Constant", [], ["on"], value=numpy_helper.from_array(np.array(True))),
                  node("Dropout", ["h", "c", "on"], ["t"])], "is in training mode"),
    "transposed data": ([node("Gemm", ["h", "W"], ["t"], transA=1)], "transA=1"),
    "samples": ([node("Flatten", ["h"], ["t"], axis=0)], "would mix samples"),
    "integers": ([node("Cast", ["h"], ["t"], to=TensorProto.INT64)], "cuts them off"),
    "gelu": ([node("Gelu", ["h"], ["t"], approximate="tanh")], "gelu by tanh"),
    "clip": ([scalar("c", 0.0), scalar("d", 6.0), node("Clip", ["h", "c", "d"], ["t"])], "cuts off at 0 and 6"),
    "nan": ([node("Elu", ["h"], ["t"], alpha=float("nan"))], "finite"),
    "by zero": ([scalar("c", 0.0), node("Div", ["h", "c"], ["t"])], "not finite"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_counterpart_is_refused_by_name(name):
    steps, message = REFUSED[name]
    with pytest.raises(ns.NodesimError) as error:
        reading(between(*steps))
    assert message in str(error.value)


def test_external_data_stand_in_the_files_own_folder(tmp_path):
    model = between(node("Tanh", ["h"], ["t"]))
    expected = reading(model).blueprint.weights
    (tmp_path / "in").mkdir()
    file, secret = tmp_path / "in" / "net.onnx", tmp_path / "secret.bin"
    numbers = b"".join(tensor.raw_data for tensor in model.graph.initializer)
    secret.write_bytes(numbers)
    (tmp_path / "in" / "net.data").write_bytes(numbers)
    (tmp_path / "in" / "link").symlink_to(secret)
    os.mkfifo(tmp_path / "in" / "pipe")

    def placed(location, **more):
        twin, offset = onnx.ModelProto.FromString(model.SerializeToString()), 0
        for tensor in twin.graph.initializer:
            size = len(tensor.raw_data)
            tensor.ClearField("raw_data")
            tensor.data_location = TensorProto.EXTERNAL
            entries = {"location": location, "offset": offset, "length": size, **more}
            for key, value in entries.items():
                if value is not None:
                    tensor.external_data.add(key=key, value=str(value))
            offset += size
        file.write_bytes(twin.SerializeToString())
        return twin

    placed("net.data")
    assert (reading(file).blueprint.weights == expected).all()
    outside = ["../secret.bin", str(secret), "link", "..\\secret.bin", "C:\\x", "a/../../secret.bin", "", "\0", "."]
    for location in outside:
        placed(location)
        with pytest.raises(ns.FileError, match="own folder|no regular file"):
            reading(file)
    for location, more in [
        ("gone", {}), ("pipe", {}), ("net.data", {"offset": 10**15}), ("net.data", {"offset": -4}),
        ("net.data", {"length": 7}), ("net.data", {"length": 10**30}), ("net.data", {"offset": "x"}),
        ("net.data", {"offset": 60}),
    ]:  # fmt: skip
        placed(location, **more)
        with pytest.raises(ns.FileError, match="net.onnx"):
            reading(file)
    with pytest.raises(ns.FileError, match="give the path"):
        reading(placed("net.data"))


def damages(model):
    """Yield what was changed, and the model."""

    def changed(change):
        twin = onnx.ModelProto.FromString(model.SerializeToString())
        change(twin.graph)
        return twin

    def sizes(*dims):
        return lambda graph: (graph.initializer[0].ClearField("dims"), graph.initializer[0].dims.extend(dims))

    def given(*dims, kind=TensorProto.FLOAT):
        return lambda graph: graph.input[0].CopyFrom(helper.make_tensor_value_info("x", kind, dims))

    for dims in [(10**9, 10**9), (3, 10**9), (10**7, 3), (-3, -4), (0, 4), (2, 2, 3), (12,), (4, 3)]:
        yield f"array {dims}", changed(sizes(*dims))
    for dims in [("N", 10**9), ("N", 10**5), ("N", -3), ("N", 4), (3,), (), ("N", 3, 1), ("N", 2**62)]:
        yield f"input {dims}", changed(given(*dims))
    yield "whole input", changed(given("N", 3, kind=TensorProto.INT64))
    yield "no input", changed(lambda graph: graph.ClearField("input"))
    yield (
        "two inputs",
        changed(lambda graph: graph.input.add().CopyFrom(helper.make_tensor_value_info("z", 1, ["N", 3]))),
    )
    yield "input twice", changed(lambda graph: graph.input.add().CopyFrom(graph.input[0]))
    yield "no output", changed(lambda graph: graph.ClearField("output"))
    yield "no nodes", changed(lambda graph: graph.ClearField("node"))
    yield "lost output", changed(lambda graph: setattr(graph.output[0], "name", "gone"))
    yield "two outputs", changed(lambda graph: graph.output.add().CopyFrom(helper.make_tensor_value_info("h", 1, None)))
    yield "array twice", changed(lambda graph: graph.initializer.add().CopyFrom(graph.initializer[0]))
    yield "wrong order", changed(lambda graph: graph.node.sort(key=lambda each: each.op_type, reverse=True))
    yield "circle", changed(lambda graph: graph.node[1].input.__setitem__(0, "t"))
    yield "missing", changed(lambda graph: graph.node[1].input.__setitem__(0, "gone"))
    yield "made twice", changed(lambda graph: graph.node[1].output.__setitem__(0, "h"))
    yield "no name", changed(lambda graph: graph.initializer[0].ClearField("name"))
    for number in (np.nan, np.inf):
        raw = np.full((3, 4), number, dtype=np.float32).tobytes()
        yield f"{number}", changed(lambda graph, raw=raw: setattr(graph.initializer[0], "raw_data", raw))
    for version in (0, -1, 999, 2**62):
        twin = onnx.ModelProto.FromString(model.SerializeToString())
        twin.opset_import[0].version = version
        yield f"operators {version}", twin


def test_hostile_models_are_one_error_each():
    for what, model in damages(between(node("Tanh", ["h"], ["t"]))):
        try:
            reading(model)
        except ns.NodesimError:
            continue
        pytest.fail(f"{what} is read")


def test_small_files_cannot_ask_for_much():
    doubling = [node("Concat", ["x", "x"], ["c0"], axis=1)]
    doubling += [node("Concat", [f"c{i}"] * 2, [f"c{i + 1}"], axis=1) for i in range(60)]
    with pytest.raises(ns.ExchangeError, match="more than"):
        reading(model_of(doubling, {}, outputs=("c60",)))
    many = b"\x0a\x00" * 10**6
    with pytest.raises(ns.FileError, match="declares more than 200,000"):
        reading(b"\x08\x08\x3a" + bytes([0x80 | len(many) & 127, 0x80 | len(many) >> 7 & 127, len(many) >> 14]) + many)
    nested = b""
    for _ in range(300):
        for key in (b"\x32", b"\x2a", b"\x0a"):
            size = len(nested)
            nested = key + bytes([0x80 | size & 127, 0x80 | size >> 7 & 127, size >> 14]) + nested
    with pytest.raises(ns.FileError):
        reading(nested)
    deep = [node("Identity", ["x" if i == 0 else f"d{i - 1}"], [f"d{i}"]) for i in range(20_000)]
    assert len(reading(model_of(deep, {}, outputs=("d19999",))).blueprint.names) == 6


def test_damaged_files_are_one_error(tmp_path):
    rng = np.random.default_rng(8)
    content = between(
        node("Tanh", ["h"], ["t"]), node("Constant", [], ["k"], value_floats=[1.0, 2.0])
    ).SerializeToString()
    for end in range(len(content)):
        with pytest.raises(ns.FileError):
            reading(content[:end])
    for _ in range(300):
        with pytest.raises(ns.NodesimError):
            reading(rng.bytes(rng.integers(0, 300)))
    for _ in range(700):
        data = bytearray(content)
        for _ in range(rng.integers(1, 5)):
            place = rng.integers(len(data))
            if rng.random() < 0.5:
                data[place] ^= 1 << rng.integers(8)
            else:
                data[place:place] = data[: rng.integers(1, 40)]
        with contextlib.suppress(ns.NodesimError):
            reading(bytes(data)).blueprint.network(ns.Network)
    for file in (tmp_path, tmp_path / "gone.onnx", "\0", ""):
        with pytest.raises(ns.FileError):
            ns.from_onnx(file)
    for other in (None, 3, [], object()):
        with pytest.raises(ns.ArgumentTypeError):
            ns.from_onnx(other)


def test_without_onnx_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ns.MissingExtraError, match=r"nodesim\[onnx\]"):
        ns.from_onnx("net.onnx")


def test_the_oracle_sees_a_changed_weight():
    model = between(node("Tanh", ["h"], ["t"]))
    weights = W.copy()
    weights[0, 0] += 1e-5
    other = between(node("Tanh", ["h"], ["t"]))
    other.graph.initializer[0].CopyFrom(numpy_helper.from_array(weights.astype(np.float32), "W"))
    net = reading(model).blueprint.network(ns.Network)
    assert np.abs(net.predict(X) - run(doubled(other, "y"), "y", X)).max() > 1e-7

"""ONNX files that say something else than they seem to: refused by name, or read as what they are."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import TensorProto, helper
from onnx_models import model_of

import nodesim as ns

node = helper.make_node
_rng = np.random.default_rng(3)
W, V, b, v = _rng.normal(size=(3, 4)), _rng.normal(size=(4, 2)), _rng.normal(size=4), _rng.normal(size=(3,))
FIRST = [node("MatMul", ["x", "W"], ["m"]), node("Add", ["m", "b"], ["h"])]
NORMAL = ["h", "b", "b", "b", "var"]


def between(*middle, opset=17, **arrays):
    nodes = [*FIRST, *middle, node("MatMul", ["t", "V"], ["y"])]
    return model_of(nodes, {"W": W, "V": V, "b": b, **arrays}, opset=opset)


def whole(*numbers):
    return np.array(numbers, dtype=np.int64)


def counted(step):
    """Return a model that takes the number of samples for one of its numbers."""
    return between(
        node("Shape", ["h"], ["s"]), node("Gather", ["s", "first"], ["n"]), node("Cast", ["n"], ["f"], to=1),
        node(step, ["h", "f"], ["t"]), first=np.array(0, dtype=np.int64),
    )  # fmt: skip


def cast(array, *steps):
    names = ["c0", *(f"c{place}" for place in range(1, len(steps))), "c"]
    casts = [node("Cast", [names[place]], [names[place + 1]], to=to) for place, to in enumerate(steps)]
    return between(*casts, node("Mul", ["h", "c"], ["t"]), c0=array)


def with_function(domain, name):
    model = between(node("Relu", ["h"], ["t"]))
    model.functions.append(
        helper.make_function(domain, name, ["a"], ["c"], [node("Neg", ["a"], ["c"])], [helper.make_opsetid("", 17)])
    )
    return model


def sliced():
    return between(
        node("Shape", ["h"], ["s"]), node("Slice", ["s", "zero", "one"], ["n"]),
        node("Slice", ["h", "n", "far", "one"], ["t"]), zero=whole(0), one=whole(1), far=whole(2**40),
    )  # fmt: skip


def silu(one):
    return between(
        node("Neg", ["h"], ["n"]), node("Exp", ["n"], ["e"]), node("Add", ["e", "one"], ["s"]),
        node("Div", ["h", "s"], ["t"]), one=np.array(one),
    )  # fmt: skip


TRAPS = {
    "samples as a divisor": (lambda: counted("Div"), "'f' \\(Cast\\)"),
    "samples as a summand": (lambda: counted("Add"), "'f' \\(Cast\\)"),
    "samples as a place": (sliced, "number of samples for something else"),
    "an INT32 that is none": (lambda: cast(whole(2**33 + 5), 6, 1), "\\(Cast\\)"),
    "numbers in half precision": (lambda: cast(np.array([1000.1]), 10, 1), "\\(Cast\\)"),
    "numbers in bfloat16": (lambda: cast(np.array([1000.1]), 16, 1), "\\(Cast\\)"),
    "training, by outputs": (
        lambda: between(node("BatchNormalization", NORMAL, ["t", "m1", "v1", "m2", "v2"]), var=b * b, opset=9), "training mode",
    ),
    "training, by default": (lambda: between(node("BatchNormalization", NORMAL, ["t"]), var=b * b, opset=6), "training mode"),
    "dropout, by default": (lambda: between(node("Dropout", ["h"], ["t"]), opset=6), "training mode"),
    "a function Relu": (lambda: with_function("", "Relu"), "a function 'Relu'|a function Relu"),
    "a function of ai.onnx": (lambda: with_function("ai.onnx", "Tanh"), "in a domain of ONNX itself"),
    "below each other": (lambda: between(node("Flatten", ["h"], ["t"], axis=2)), "mix samples"),
    "nearly 1": (lambda: silu(1.0000005), "\\(Exp\\)"),
    "softmax over samples": (
        lambda: model_of([node("MatMul", ["x", "v"], ["h"]), node("Softmax", ["h"], ["y"])], {"v": v}), "over samples",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TRAPS)
def test_traps_are_refused(name):
    make, message = TRAPS[name]
    with pytest.raises(ns.ExchangeError, match=message):
        ns.from_onnx(make().SerializeToString())


@pytest.mark.parametrize("middle", [
    node("Mul", ["h", "b"], ["t"]), node("Div", ["h", "b"], ["t"]), node("PRelu", ["h", "b"], ["t"]),
    node("BatchNormalization", NORMAL, ["t"]),
])  # fmt: skip
def test_weights_that_are_constants_elsewhere_stay_as_they_are(middle):
    model = between(middle, var=b * b)
    net = ns.from_onnx(model)
    proof = ns.checks.check_exchange(net, model)
    assert proof.ok, str(proof)
    assert not any(connection.trainable for connection in net.connections if connection.source.kind == "bias")


@pytest.mark.parametrize("last", [node("Flatten", ["l"], ["y"]), node("Identity", ["l"], ["y"])])
def test_logarithms_behind_which_something_follows(last):
    model = model_of([*FIRST, node("LogSoftmax", ["h"], ["l"], axis=-1), last], {"W": W, "b": b}, opset=17)
    proof = ns.checks.check_exchange(ns.from_onnx(model), model)
    assert proof.ok, str(proof)


def test_sizes_may_go_through_int32_and_exact_halves_through_casts():
    reshaped = between(
        node("Shape", ["h"], ["s"]), node("Cast", ["s"], ["i"], to=TensorProto.INT32), node("Cast", ["i"], ["l"], to=7),
        node("Reshape", ["h", "l"], ["t"]),
    )  # fmt: skip
    assert ns.from_onnx(reshaped).predict(np.zeros((1, 3))) == pytest.approx((b @ V)[None], rel=1e-6)
    assert ns.checks.check_exchange(ns.from_onnx(cast(np.array([0.5]), 10, 1)), cast(np.array([0.5]), 10, 1))


def test_a_program_that_fails_at_once_is_an_error_of_nodesim():
    model = between(node("Reshape", ["h", "size"], ["t"]), size=whole(1, -1))
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    with pytest.raises(ns.ExchangeError, match="failed"):
        ns.checks.check_exchange(ns.from_onnx(model), model)


def test_numbers_below_the_smallest_normal_one_and_lost_logarithms_are_no_difference(tmp_path):
    net = ns.Network("softmax_cross_entropy", seed=0)
    net.add_input("I1"), net.add_bias("small", 1e-320), net.add_bias("large", 1e6)
    for name in ("O1", "O2"):
        net.add_output(name)
        net.connect("I1", name), net.connect("small", name)
    file = tmp_path / "net.onnx"
    for large in (False, True):
        if large:
            net.connect("large", "O1", 1.0)
        net.to_onnx(file)
        for other in (file, net.to_torch()):
            proof = ns.checks.check_exchange(net, other)
            assert proof.ok, str(proof)
    assert any("its logarithm is lost" in remark for remark in ns.checks.check_exchange(net, file).remarks)

"""What the explorer's page calculates: by mpmath at extremes, by the engine in random networks, and of authors' functions."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import warnings

import mpmath
import numpy as np
import pytest
from helpers import ROOT, random_network, random_samples

import nodesim as ns
from nodesim.explorer.offered import offered
from nodesim.explorer.programs import Programs, program
from nodesim.explorer.written import for_any_count
from nodesim.functions import Activation, Loss
from nodesim.plugins import lookup

NODE = shutil.which("node")
PAGE = ROOT / "nodesim" / "explorer" / "page"
needs_node = pytest.mark.skipif(NODE is None, reason="the page's code is run by node")
ENDS = [0.0, 1e-300, 1e-9, 0.5, 1.0, 2.2, 3.0, 12.5, 26.0, 40.0, 700.0, 745.0, 1e4, 1e8]
POINTS = np.concatenate([ENDS, np.negative(ENDS), np.random.default_rng(0).normal(0.0, 4.0, 60)])
# Whatever a double can hold of what is left of 1 has fifty digits more than that.
DIGITS = 400
# The printer's signs, as Python writes them.
PYTHONS = str.maketrans({"−": "-", "·": "*", "^": "**"})
MEANINGS = {
    "abs": abs, "cos": mpmath.cos, "cosh": mpmath.cosh, "erf": mpmath.erf, "exp": mpmath.exp, "log": mpmath.log,
    "max": max, "min": min, "pi": mpmath.pi, "π": mpmath.pi, "sign": mpmath.sign, "sin": mpmath.sin,
    "sqrt": mpmath.sqrt, "tanh": mpmath.tanh, "clip": lambda u, least, most: min(max(u, least), most),
    "where": lambda condition, then, otherwise: then if condition else otherwise,
}  # fmt: skip


def calculated(formula, **letters):
    """Calculate a formula with many digits."""
    return mpmath.mpf(eval(formula, {**MEANINGS, **letters}))


def by_page(body, data):
    """Return what a piece of the page's own code writes about data: JSON in which numbers are text."""
    script = f"""
        import {{ activationOf, errorFor, lossOf, seedFor }} from "{(PAGE / "src" / "functions.js").as_uri()}";
        import {{ calculate }} from "{(PAGE / "src" / "engine.js").as_uri()}";
        import {{ readNetwork }} from "{(PAGE / "src" / "network.js").as_uri()}";
        import {{ readFileSync }} from "node:fs";
        const data = JSON.parse(readFileSync(0, "utf8"));
        const found = (() => {{ {body} }})();
        process.stdout.write(JSON.stringify(found, (_, value) => (typeof value === "number" ? String(value) : value)));
    """
    command, text = [NODE, "--input-type=module", "--eval", script], json.dumps(data)
    result = subprocess.run(command, input=text.encode(), capture_output=True, check=False)
    assert result.returncode == 0, result.stderr.decode()
    return json.loads(result.stdout)


def assert_close(found, wanted, who, least=0.0):
    # What is out of the range of a double is infinite.
    right = float(found) == float(wanted) or abs(float(found) - wanted) <= 1e-12 * max(abs(wanted), least) + 1e-300
    assert right, (who, found, float(wanted))


ACTIVATIONS, LOSSES = lookup.default.all(Activation), lookup.default.all(Loss)
OF_ACTIVATIONS = """
    return data.programs.map((_, program) => {
        const { call, derivative } = activationOf(data, { program });
        return data.z.map((z) => [call(z), derivative ? derivative(z, call(z)) : NaN]);
    });
"""


@needs_node
def test_activations_at_extremes():
    data = {"programs": list(map(program, ACTIVATIONS)), "z": POINTS.tolist()}
    for activation, rows in zip(ACTIVATIONS, by_page(OF_ACTIVATIONS, data), strict=True):
        found = np.array(rows, dtype=float)
        a = activation.function(POINTS)
        np.testing.assert_allclose(found[:, 0], a, rtol=1e-12, atol=1e-300, err_msg=str(activation))
        if activation.trains:
            slopes = activation.derivative(POINTS, a)
            np.testing.assert_allclose(found[:, 1], slopes, rtol=1e-12, atol=1e-300, err_msg=str(activation))
        # What is made of its formula loses the digits that this loses.
        least = 0.0 if activation.native else 1e-3
        for z, (a, slope) in zip(POINTS.tolist(), rows):
            if activation.name == "neat_inv" and z == 0.0:
                continue
            with mpmath.workdps(DIGITS):
                letters = {"z": mpmath.mpf(z), **activation.parameters}
                wanted = calculated(activation.formula, **letters)
                assert_close(a, wanted, (str(activation), z), least)
                if activation.trains:
                    wanted = calculated(activation.derivative_formula, **letters, a=wanted)
                    assert_close(slope, wanted, (f"derivative of {activation}", z), least)
    assert len(ACTIVATIONS) == 38


def loss_points(loss, count):
    """Return targets, and outputs or sums, of many samples."""
    rng = np.random.default_rng(count)
    given = np.array([rng.permutation(POINTS[np.abs(POINTS) < 1e5]) for _ in range(count)]).T
    choice = [0.0, 0.25, 1.0] if loss.targets else [0.0, 0.25, 1.0, -750.0, 20.0]
    return rng.choice(choice, given.shape), given


@needs_node
@pytest.mark.parametrize("loss", LOSSES, ids=str)
def test_losses_at_extremes(loss):
    body = """
        const { error, seed } = lossOf(data, { program: 0 });
        return data.y.map((y, sample) => [error(y, data.a[sample]), seed(y, data.a[sample])]);
    """
    for count in range(loss.least_outputs, 4):
        y, given = loss_points(loss, count)
        texts = for_any_count(loss)
        names = [f"{letter}{place + 1}" for letter in "ya" for place in range(count)]
        seeds = texts["seeds"][count - 1] if texts["seeds"] else [
            re.sub(r"\{([yaz])\}", rf"{{\g<1>{place + 1}}}", texts["seed"]).replace("{n}", str(count)) for place in range(count)
        ]  # fmt: skip
        error, *seeds = (re.sub("[{}]", "", text.translate(PYTHONS)) for text in (texts["errors"][count - 1], *seeds))
        found = by_page(body, {"programs": [program(loss)], "y": y.tolist(), "a": given.tolist()})
        for targets, sums, (e, slopes) in zip(y.tolist(), given.tolist(), found):
            with mpmath.workdps(DIGITS):
                a = [1 / (1 + mpmath.exp(-z)) if loss.sum_function else z for z in map(mpmath.mpf, sums)]
                letters = dict(zip(names, [*map(mpmath.mpf, targets), *a]))
                if not loss.sum_function or all(0 < each < 1 for each in a):
                    assert_close(e, calculated(error, **letters), (str(loss), targets, sums), least=1e-3)
                for slope, text in zip(slopes, seeds, strict=True):
                    assert_close(slope, calculated(text, **letters), (text, targets, sums))


RANDOM = 100
OF_NETWORKS = """
    return data.map(({ document, weights, x, y }) => {
        const run = calculate(readNetwork(document), Float64Array.from(weights), x, y);
        const lists = ["value", "activated", "slope", "seed", "delta", "gradient"].map((name) => [name, Array.from(run[name])]);
        return { error: run.error, ...Object.fromEntries(lists) };
    });
"""


@needs_node
def test_random_networks():
    """All activations and losses, joined in any way, with weights that saturate half of the nodes."""
    trained = [each.name for each in ACTIVATIONS if each.trains]
    nets, jobs = [], []
    for seed in range(RANDOM):
        loss = LOSSES[seed % len(LOSSES)].name
        far = 4.0 if seed % 2 else 1.0
        net, rng = random_network(seed, activations=trained, loss=loss, weight=lambda rng, far=far: far * rng.normal())
        if not net.connections:
            continue
        (x,), (y,) = random_samples(net, rng, 1)
        document = net.explore([x], [y]).document
        assert document["editable"]
        nets.append(net)
        jobs.append({"document": document, "weights": net.weights.tolist(), "x": x.tolist(), "y": y.tolist()})
    checked = 0
    for net, job, run in zip(nets, jobs, by_page(OF_NETWORKS, jobs), strict=True):
        net.forward(job["x"])
        e = net.backward(job["y"])
        assert float(run["error"]) == pytest.approx(e, rel=1e-11, abs=1e-13)
        for place, node in enumerate(net.nodes):
            assert float(run["value"][place]) == pytest.approx(node.value, rel=1e-11, abs=1e-12)
        for found, connection in zip(run["gradient"], net.connections):
            scale = max(net.paths(connection).scale, 1e-300)
            assert abs(float(found) - connection.gradient) <= 1e-12 * scale, (net, connection)
            checked += 1
    assert checked > 1000


@needs_node
def test_losses_are_written_for_any_number_of_outputs_as_python_writes_them():
    losses = offered(Programs())["losses"]
    body = """
        const counts = [1, 2, 3, 4, 5, 6, 12];
        return data.map((loss) => counts.map((count) => [errorFor(loss, count), Array.from({ length: count }, (_, place) => seedFor(loss, count, place))]));
    """
    for loss, found in zip(LOSSES, by_page(body, losses), strict=True):
        for count, (error, seeds) in zip((1, 2, 3, 4, 5, 6, 12), found, strict=True):
            if count < loss.least_outputs:
                continue
            net = ns.Network.layered([2, count], output=loss.outputs or "linear", loss=loss, seed=0)
            document = net.explore().document
            assert error == document["loss"]["formula"]
            assert seeds == [node["seed"] for node in document["nodes"] if node["kind"] == "output"]
            assert count > 1 or None not in (error, *seeds)


def test_the_functions_of_the_pages_own_tests_are_those_of_python():
    programs = Programs()
    made = {"offered": offered(programs), "programs": programs.listed}
    kept = (PAGE / "test" / "functions.json").read_text(encoding="utf-8")
    assert json.loads(kept) == made, "write page/test/functions.json again"


# ---- functions that are more than their formula -----------------------------------------------------------------

SWISH = {"function": lambda z: z / (1 + np.exp(-z)), "formula": "z / (1 + exp(-z))"}


def by_sigmoid(z, a):
    s = 1 / (1 + np.exp(-z))
    return s * (1 + z * (1 - s))


PROVEN = {
    "swish": {**SWISH, "derivative": lambda z, a: (1 + a * np.exp(-z)) / (1 + np.exp(-z))},
    "other steps": {**SWISH, "derivative": by_sigmoid, "derivative_formula": "1 / (1 + exp(-z)) * (1 + z * (1 - 1 / (1 + exp(-z))))"},
    "parameters": {"function": lambda z, b: np.tanh(b * z), "derivative": lambda z, a, b: b / np.cosh(b * z) ** 2, "formula": "tanh(b * z)", "parameters": {"b": 0.5}},
    "no slope": {"function": lambda z: np.where(z < 0, -1.0, 1.0), "derivative": "refuse", "formula": "where(z < 0, -1, 1)"},
    "native": {"function": ns.activation("tanh").function, "derivative": ns.activation("tanh").derivative, "native": "tanh"},
}  # fmt: skip
NOT_PROVEN = {
    "another formula": {**SWISH, "derivative": by_sigmoid, "formula": "z / (1 + exp(-1.0000001 * z))"},
    "another slope": {**SWISH, "derivative": lambda z, a: by_sigmoid(z, a) * (1 + 1e-9)},
    "another kink": {"function": lambda z: np.maximum(z, 0.0), "derivative": lambda z, a: (z >= 0) * 1.0, "formula": "max(z, 0)"},
    "a slope that cancels": {"function": np.tanh, "derivative": lambda z, a: 1 - a**2, "formula": "tanh(z)"},
    "no slope of it": {**SWISH, "derivative": "numerical"},
    "words": {**SWISH, "derivative": by_sigmoid, "formula": "the usual one"},
    "no formula": {**SWISH, "derivative": by_sigmoid, "formula": ""},
    "a formula of nobody": {**SWISH, "derivative": by_sigmoid, "formula": "z / (1 + exp(-x))"},
    "functions of all outputs": {**SWISH, "derivative": by_sigmoid, "formula": "others(z)"},
    "a wrong native form": {"function": lambda z: z * 1.5, "derivative": lambda z, a: 1.5 + 0 * z, "native": "linear"},
    "one that raises": {"function": lambda z: z if np.ndim(z) > 1 else 1 / 0, "derivative": by_sigmoid, "formula": "z"},
}  # fmt: skip


@pytest.mark.parametrize("name", [*PROVEN, *NOT_PROVEN])
def test_an_authors_function_is_taken_by_its_formula_where_that_is_proven(name):
    described = PROVEN.get(name) or NOT_PROVEN[name]
    with warnings.catch_warnings():
        # What an author's function overflows at is no business of the reader.
        warnings.simplefilter("error")
        assert (program(Activation("own", **described)) is not None) == (name in PROVEN)


def squares(y, a):
    return ((y - a) ** 2).mean(axis=0)


def from_sums(y, z):
    return np.mean(np.maximum(z, 0) - y * z + np.log1p(np.exp(-np.abs(z))), axis=0)


def test_an_authors_loss_is_taken_by_its_formula_where_that_is_proven():
    slope = lambda y, a: 2 * (a - y) / len(a)  # noqa: E731
    own = {"function": squares, "derivative": slope, "formula": "mean((y - a) ** 2)"}
    entropy = {
        "function": lambda y, a: -np.mean(y * np.log(a) + (1 - y) * np.log(1 - a), axis=0),
        "derivative": lambda y, a: (a - y) / (a * (1 - a)) / len(a),
        "outputs": "sigmoid", "targets": (0.0, 1.0), "sum_function": from_sums,
        "sum_derivative": lambda y, z: (1 / (1 + np.exp(-z)) - y) / len(z), "sum_derivative_formula": "(a - y) / n",
        "formula": "mean(max(z, 0) - y * z + log1p(exp(-abs(z))))",
    }  # fmt: skip
    assert program(Loss("own", **own))
    assert program(Loss("own", **entropy))
    for wrong in ({"formula": "sum((y - a) ** 2)"}, {"derivative": lambda y, a: 2 * (a - y)}, {"formula": ""}):
        assert program(Loss("own", **{**own, **wrong})) is None
    assert program(Loss("own", **{**entropy, "sum_derivative_formula": "(a - y) * 1.000001 / n"})) is None


@needs_node
@pytest.mark.usefixtures("session")
def test_what_a_plugin_registers_is_offered_and_calculated():
    own, cut = Activation("own-swish", **PROVEN["swish"]), Activation("own-cut", **NOT_PROVEN["no formula"])
    for function in (
        own,
        cut,
        Loss("own-squares", squares, lambda y, a: 2 * (a - y) / len(a), formula="mean((y - a) ** 2)"),
    ):
        ns.register(function)
    net = ns.Network.layered([2, 3, 2], hidden="own-swish", loss="own-squares", seed=0)
    document = net.explore([0.5, -1.0], [1.0, 0.0]).document
    assert document["editable"]
    assert {"own-swish", "own-cut"} & {each["name"] for each in document["offered"]["activations"]} == {"own-swish"}
    assert "own-squares" in {each["name"] for each in document["offered"]["losses"]}
    assert len({json.dumps(each) for each in document["programs"]}) >= 44
    places = [node["program"] for node in document["nodes"] if node["activation"] == "own-swish"]
    assert places == [next(e["program"] for e in document["offered"]["activations"] if e["name"] == "own-swish")] * 3
    (run,) = by_page(
        OF_NETWORKS, [{"document": document, "weights": net.weights.tolist(), "x": [0.5, -1.0], "y": [1.0, 0.0]}]
    )
    net.forward([0.5, -1.0]), net.backward([1.0, 0.0])
    np.testing.assert_allclose([float(each) for each in run["gradient"]], net.gradients, rtol=1e-12)
    document = ns.Network.layered([2, 3, 2], hidden="own-cut", seed=0).explore([0.5, -1.0]).document
    assert (document["editable"], document["offered"]) == (False, None)

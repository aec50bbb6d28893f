"""Networks of FANN say what FANN's own library says; files that it never wrote are refused in one sentence."""

from __future__ import annotations

import ctypes
import json
import random
import re
import sys
import time
import tracemalloc
import types

import fann_files
import numpy as np
import pytest
from fann_files import FUNCTIONS, KINDS, REFERENCE, SMOOTH, STEEPNESSES, Fann, brought
from filelock import FileLock

import nodesim as ns
from nodesim.checks.programs import fann as programs
from nodesim.checks.programs import fann_library
from nodesim.exchange.fann import reading
from nodesim.exchange.fann.activations import FUNCTIONS as NAMED

SHARED = "tests-of-fann.lock"


@pytest.fixture(scope="session")
def fann(request, tmp_path_factory):
    """FANN's own library; brought by one process, while others wait."""
    own = tmp_path_factory.getbasetemp()
    folder = own.parent if hasattr(request.config, "workerinput") else own
    capture = request.config.pluginmanager.getplugin("capturemanager")

    def say(words):
        with capture.global_and_fixture_disabled():
            print(f"\n{words}", file=sys.stderr, flush=True)

    with FileLock(folder / SHARED):
        fault = brought(say)
    if fault:
        pytest.fail(fault, pytrace=False)
    return Fann()


def samples(net, rng, count=100):
    return rng.normal(0.0, 2.0, (count, len(net.inputs)))


def far(found, wanted):
    """Return how far outputs are apart, in parts of what they are."""
    return (np.abs(found - wanted) / np.maximum(1.0, np.abs(wanted))).max()


# ---- what FANN says --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["fann_standard.net", "fann_shortcut.net", "fann_sparse.net", "fann_scaled.net"])
def test_kept_files_have_the_outputs_that_fann_gave(name):
    """Where there is no library, too."""
    kept = json.loads((REFERENCE / "fann_outputs.json").read_text(encoding="utf-8"))[name]
    net = ns.from_fann(REFERENCE / name, scale=kept["scale"])
    assert far(net.predict(kept["inputs"]), np.array(kept["outputs"])) < 1e-14


@pytest.mark.parametrize("kind", KINDS)
def test_outputs_are_those_of_fann(fann, kind, tmp_path):
    rng, worst = np.random.default_rng(7), 0.0
    for _ in range(40):
        file = fann.random(kind, rng, tmp_path / "random.net")
        net = ns.from_fann(file)
        x = samples(net, rng)
        worst = max(worst, far(net.predict(x), fann.outputs(file, x, len(net.outputs))))
        program = programs.program_of(file)
        np.testing.assert_array_equal(program.blueprint.weights, net.weights)
        for weights in (net.weights, rng.normal(0.0, 1.0, len(net.weights)), net.weights):
            net.weights = weights
            worst = max(worst, far(net.predict(x), program.outputs(x, weights)))
    assert worst < 1e-12


def test_every_function_at_every_steepness_and_at_its_corners(fann, tmp_path):
    rng = np.random.default_rng(3)
    corners = [2.64665246009826660156, 2.64665293693542480469, 1.47221946716308593750, 1.47221934795379638672]
    corners = np.array([0.0, 0.549306154251098632812, 1.0, *corners])
    for index in FUNCTIONS:
        for steep in STEEPNESSES:
            net = fann.made("standard", [1, 1], rng)
            fann.set_activation_function(net, index, 1, 0)
            fann.set_activation_steepness(net, steep, 1, 0)
            file = fann.saved(net, tmp_path / "one.net")
            text = re.sub(r"(weight\)=).*", r"\1(0, 1.0) (1, 0.0)", file.read_text())
            file.write_text(text)
            # By a steepness that is a power of two FANN and nodesim hit the same side of a corner.
            at = corners / steep if steep in (0.25, 0.5, 1.0, 2.0) else corners
            x = np.concatenate([at, -at, np.nextafter(at, 9e9), np.nextafter(-at, -9e9), rng.normal(0, 5, 60)])[:, None]
            assert np.abs(ns.from_fann(file).predict(x) - fann.outputs(file, x, 1)).max() < 1e-15, (index, steep)


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_are_differences_of_its_outputs(fann, kind, tmp_path):
    rng = np.random.default_rng(11)
    for _ in range(8):
        file = fann.random(kind, rng, tmp_path / "smooth.net", functions=SMOOTH)
        net, program = ns.from_fann(file, loss="half_squared_error"), programs.program_of(file)
        x = samples(net, rng, 5)
        y = rng.normal(0.0, 1.0, (5, len(net.outputs)))
        net.forward(x)
        net.backward(y)
        step = 1e-5
        for connection, index in zip(net.connections, range(len(net.weights))):
            errors = []
            for side in (step, -step):
                weights = program.blueprint.weights.copy()
                weights[index] += side
                errors.append(0.5 * ((program.outputs(x, weights) - y) ** 2).sum(1).mean())
            found = (errors[0] - errors[1]) / (2.0 * step)
            if connection.trainable:
                assert np.mean(connection.gradient) == pytest.approx(found, rel=1e-6, abs=1e-7)
    assert program.judged(x, y, net.loss) is None


def test_scaling_is_fanns_own_or_is_left_out(fann, tmp_path):
    rng = np.random.default_rng(5)
    for number in range(10):
        file = fann.scaled(rng, tmp_path / "scaled.net")
        with pytest.raises(ns.ExchangeError, match="scale=True .*scale=False"):
            ns.from_fann(file)
        for scale in (True, False):
            # Which of both a network is, a proof tells by its nodes.
            if number == 0:
                assert ns.checks.check_exchange(ns.from_fann(file, scale=scale), file)
            net, program = ns.from_fann(file, scale=scale), programs.program_of(file, scale)
            x = rng.normal(3.0, 2.0, (50, 3))
            assert far(net.predict(x), fann.outputs(file, x, 2, scaled=scale)) < 1e-13
            assert far(net.predict(x), program.outputs(x, net.weights)) < 1e-13
        assert any("left out" in note for note in program.blueprint.notes)
    text = re.sub("(scale_deviation_in)=[^ ]+", r"\1=0.000000", file.read_text())
    file.write_text(text)
    with pytest.raises(ns.ExchangeError, match="divides"):
        ns.from_fann(file, scale=True)
    assert len(ns.from_fann(file, scale=False).nodes) == 11
    plain = fann.random("shortcut", rng, tmp_path / "plain.net")
    with pytest.raises(ns.ExchangeError, match="no parameters"):
        ns.from_fann(plain, scale=True)


def test_scaled_networks_learn_and_the_scaling_stays(tmp_path):
    net = ns.from_fann(REFERENCE / "fann_scaled.net", scale=True)
    frozen = [c.weight for c in net.connections if not c.trainable]
    x = np.random.default_rng(0).normal(3.0, 2.0, (20, 3))
    before = net.error(x, np.full((20, 2), -45.0))
    net.fit(x, np.full((20, 2), -45.0), epochs=50, optimizer="adam")
    assert np.mean(net.error(x, np.full((20, 2), -45.0))) < np.mean(before)
    assert [c.weight for c in net.connections if not c.trainable] == frozen
    assert len(frozen) == 2 * 3 + 2 * 2


def test_origins_say_which_number_each_weight_was_made_of():
    file = REFERENCE / "fann_standard.net"
    written, blueprint = reading.written(file), reading.read(file, None, None)
    origins = blueprint.origins
    assert origins.parameters == ("connections",)
    np.testing.assert_array_equal(origins.factor * written.weights[origins.place], blueprint.weights)
    assert not blueprint.frozen.any()
    # A weight's number is its place in the file.
    assert [c.weight for c in ns.from_fann(file).connections] == blueprint.weights.tolist()


def test_the_limit_of_sums_is_told(fann, tmp_path):
    file = tmp_path / "steep.net"
    file.write_text(small(neuron="(3, 0, 2)", weights=(1.0, 0.0, 0.0)))
    net, program = ns.from_fann(file), programs.program_of(file)
    assert any("±75" in note for note in program.blueprint.notes)
    x = np.array([[1.0, 0.0], [37.0, 0.0], [38.0, 0.0], [-1e6, 0.0]])
    assert not any("cuts off" in remark for remark in program.allowed(x[:2]).remarks)
    (told,) = (remark for remark in program.allowed(x).remarks if "cuts off" in remark)
    assert "O1 in 2 samples" in told
    assert program.outputs(x, net.weights)[:, 0].tolist() == [2.0, 74.0, 75.0, -75.0]
    assert net.predict(x)[:, 0].tolist() == [2.0, 74.0, 76.0, -2e6]
    assert program.allowed(x).outputs == 1e-12
    # What a sigmoid takes is twice that: 2 · steepness · x, up to 150.
    file.write_text(small(neuron="(3, 3, 2)", weights=(1.0, 0.0, 0.0)))
    program = programs.program_of(file)
    assert not any("cuts off" in remark for remark in program.allowed(x[:2]).remarks)
    assert any("O1 in 2 samples" in remark for remark in program.allowed(x).remarks)


def test_many_weights_are_set_by_a_file(fann, monkeypatch, tmp_path):
    rng = np.random.default_rng(13)
    file = fann.scaled(rng, tmp_path / "set.net")
    one, other = programs.program_of(file, True), programs.program_of(file, True)
    x, weights = rng.normal(3.0, 2.0, (9, 3)), one.blueprint.weights * rng.normal(1.0, 0.3, one.blueprint.weights.size)
    found = one.outputs(x, weights)
    monkeypatch.setattr(programs, "_STEPS", 0)
    np.testing.assert_array_equal(other.outputs(x, weights), found)
    assert far(found, other.outputs(x, one.blueprint.weights)) > 1e-3


@pytest.mark.parametrize("root", [True, False])
def test_a_library_is_brought_where_there_is_none(monkeypatch, root):
    done, said, there = [], [], False

    def run(command, **more):
        nonlocal there
        there = not done.append(command[-1])
        return types.SimpleNamespace(stderr="")

    monkeypatch.setattr(fann_files, "_there", lambda: there)
    monkeypatch.setattr(fann_files.os, "geteuid", lambda: 0 if root else 1000, raising=False)
    monkeypatch.setattr(fann_files.shutil, "which", lambda name: name)
    monkeypatch.setattr(fann_files.subprocess, "run", run)
    fault = brought(said.append)
    assert [len(done), len(said), fault == ""] == ([1, 1, True] if root else [0, 0, False])
    assert "apt-get install" in (done[0] if root else fault)
    monkeypatch.setattr(fann_files, "_there", lambda: False)
    assert "apt-get install libfann2" in brought(said.append)


def test_single_precision_serves_where_there_is_no_other(fann, monkeypatch, tmp_path):
    single = fann_library.Library("libfloatfann.so.2", "float32")
    for module in (programs, fann_library):
        monkeypatch.setattr(module, "library", lambda: single)
    rng = np.random.default_rng(2)
    for kind in KINDS:
        file = fann.random(kind, rng, tmp_path / "single.net", functions=SMOOTH)
        net, program = ns.from_fann(file), programs.program_of(file)
        x = samples(net, rng)
        allowed = program.allowed(x)
        assert allowed.outputs == 1e-4
        assert "single precision" in allowed.remarks[0]
        assert 1e-12 < far(net.predict(x), program.outputs(x, net.weights)) < 1e-4


def test_without_the_library_networks_are_read_and_checks_say_what_to_install(monkeypatch):
    def none(name):
        raise OSError(name)

    monkeypatch.setattr(ctypes, "CDLL", none)
    fann_library.library.cache_clear()
    file = REFERENCE / "fann_sparse.net"
    with pytest.raises(ns.MissingExtraError, match="apt-get install libfann2"):
        programs.program_of(file)
    assert ns.from_fann(file).outputs


# ---- what FANN makes of odd files --------------------------------------------------------------------------------

ZERO = "(0, 0, 0)"


def text_of(*, kind=0, rate=1, sizes=(3, 2), neurons, links, version="FANN_FLO_2.1", more=""):
    """Return a file with the settings that a network consists of."""
    return (
        f"{version}\nnum_layers={len(sizes)}\nlearning_rate=0.7\nconnection_rate={rate}\nnetwork_type={kind}\n"
        f"layer_sizes={' '.join(map(str, sizes))} \n{more or 'scale_included=0'}\n"
        f"neurons (num_inputs, activation_function, activation_steepness)={' '.join(neurons)} \n"
        f"connections (connected_to_neuron, weight)={' '.join(f'({a}, {b})' for a, b in links)} \n"
    )


def small(neuron="(3, 5, 0.5)", weights=(1.5, -0.5, 0.25), **more):
    """Return two inputs and an output."""
    return text_of(neurons=[ZERO, ZERO, ZERO, neuron, ZERO], links=list(enumerate(weights)), **more)


ODD = {
    # A hidden neuron and an output without connections are bias neurons for FANN; the bias is unused.
    "no connections": (
        {"rate": 0.5, "sizes": (2, 3, 3), "links": [(0, 2.0), (2, 1.0), (3, 10.0)]},
        [ZERO, ZERO, "(1, 0, 1)", ZERO, ZERO, ZERO, "(2, 0, 1)", ZERO],
    ),
    "from the same layer": (
        {"rate": 0.5, "sizes": (2, 3, 2), "links": [(0, 2.0), (2, 3.0), (3, 1.0)]},
        [ZERO, ZERO, "(1, 0, 1)", "(1, 0, 1)", ZERO, "(1, 0, 1)", ZERO],
    ),
    "in the place of a bias": (
        {"rate": 0.5, "sizes": (2, 2, 2), "links": [(0, 2.0), (0, 3.0), (2, 1.0), (3, 1.0)]},
        [ZERO, ZERO, "(1, 0, 1)", "(1, 0, 1)", "(2, 0, 1)", ZERO],
    ),
    "which leads nowhere": (
        {"rate": 0.5, "sizes": (2, 3, 2), "links": [(0, 2.0), (1, 3.0), (2, 1.0)]},
        [ZERO, ZERO, "(1, 0, 1)", "(1, 0, 1)", ZERO, "(1, 0, 1)", ZERO],
    ),
    "all of a layer but one": (
        {"sizes": (3, 2), "links": [(0, 2.0), (1, 3.0)]},
        [ZERO, ZERO, ZERO, "(2, 0, 1)", ZERO],
    ),
    "nothing at all": ({"rate": 0.5, "sizes": (2, 2), "links": []}, [ZERO, ZERO, ZERO, ZERO]),
    "shortcuts, few": (
        {"rate": 0.5, "kind": 1, "sizes": (2, 1, 1), "links": [(0, 2.0), (2, 3.0), (1, 1.0)]},
        [ZERO, ZERO, "(1, 5, 1)", "(2, 0, 1)"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("odd", ODD)
def test_odd_networks_run_as_fann_runs_them(fann, odd, tmp_path):
    more, neurons = ODD[odd]
    file = tmp_path / "odd.net"
    file.write_text(text_of(neurons=neurons, **more))
    net, program = ns.from_fann(file), programs.program_of(file)
    x = samples(net, np.random.default_rng(1), 20)
    assert far(net.predict(x), program.outputs(x, program.blueprint.weights)) < 1e-15
    assert len(net.hidden) == sum(neuron != ZERO for neuron in neurons) - sum(
        neurons[place] != ZERO for place in range(len(neurons) - more["sizes"][-1], len(neurons))
    )


def test_older_files_have_no_scaling(tmp_path):
    file = tmp_path / "old.net"
    whole = small()
    file.write_text(whole.replace("FANN_FLO_2.1", "FANN_FLO_2.0").replace("scale_included=0\n", ""))
    assert ns.from_fann(file).weights.tolist() == [0.75, -0.25, 0.125]
    file.write_text(whole.replace("\n", "\r\n"))
    assert ns.from_fann(file).weights.tolist() == [0.75, -0.25, 0.125]


# ---- what is no network of FANN ----------------------------------------------------------------------------------

# What is replaced, by what, and what is said of it.
DAMAGE = [
    ("FANN_FLO_2.1", "FANN_FIX_2.0\ndecimal_point=5", ns.ExchangeError, "fixed point.*fann_save"),
    ("FANN_FLO_2.1", "FANN_FLO_1.1", ns.ExchangeError, "another layout.*save it again"),
    ("FANN_FLO_2.1", "FANN_FLO_2.2", ns.ExchangeError, "another layout"),
    ("FANN_FLO_2.1", "", ns.FileError, "begins with"),
    ("FANN_FLO_2.1", "{", ns.FileError, "begins with"),
    ("num_layers=2\n", "", ns.FileError, "has no num_layers"),
    ("num_layers=2", "num_layers=2\nnum_layers=2", ns.FileError, "line 3: num_layers .* second time"),
    ("num_layers=2", "num_layers=-2", ns.FileError, "whole number"),
    ("num_layers=2", "num_layers=1000000000", ns.FileError, "two layers or more"),
    ("num_layers=2", f"num_layers={'9' * 5000}", ns.FileError, "whole number"),
    ("num_layers=2", "num_layers=0x2", ns.FileError, "whole number"),
    ("num_layers=2", "num_layers=٢", ns.FileError, "whole number"),
    ("num_layers=2", "layers=2", ns.FileError, "line 2: no line of"),
    ("learning_rate=0.7\nconnection_rate=1", "connection_rate=1\nlearning_rate=0.7", ns.FileError, "learning_rate stands behind connection_rate"),
    ("connection_rate=1", "connection_rate=1,000000", ns.FileError, "decimal comma"),
    ("connection_rate=1", "connection_rate=nan", ns.FileError, "not finite"),
    ("network_type=0", "network_type=2", ns.FileError, "0 .layers. or 1"),
    ("layer_sizes=3 2", "layer_sizes=1000000000 2", ns.FileError, "1,000,000,002 neurons, and 5 are listed"),
    ("layer_sizes=3 2", "layer_sizes=5 0", ns.FileError, "no input, no output, or an empty layer"),
    ("layer_sizes=3 2", "layer_sizes=4 1", ns.FileError, "no input, no output, or an empty layer"),
    ("layer_sizes=3 2", "layer_sizes=1 4", ns.FileError, "no input, no output, or an empty layer"),
    ("layer_sizes=3 2", "layer_sizes=5", ns.FileError, "two layers or more"),
    ("scale_included=0\n", "", ns.FileError, "has no scale_included"),
    ("scale_included=0", "scale_included=1", ns.FileError, "has no scale_mean_in"),
    ("scale_included=0", "scale_included=2", ns.FileError, "scale_included=2"),
    ("scale_included=0", "scale_included=0\nscale_mean_in=1 2", ns.FileError, "1 lines of scale_"),
    ("(3, 5, 0.5)", "(3, 5, 0,5)", ns.FileError, "decimal comma"),
    ("(3, 5, 0.5)", "(3, 5, inf)", ns.FileError, "not finite"),
    ("(3, 5, 0.5)", "(3, 5, 1e999)", ns.FileError, "beyond all"),
    ("(3, 5, 0.5)", "(3, 5, 0)", ns.ExchangeError, "neuron 3 has the steepness 0"),
    ("(3, 5, 0.5)", "(3, 5, -1)", ns.ExchangeError, "neuron 3 has the steepness -1"),
    ("(3, 5, 0.5)", "(3, 9, 0.5)", ns.ExchangeError, "neuron 3 .*FANN_GAUSSIAN_STEPWISE.*always 0"),
    ("(3, 5, 0.5)", "(3, 18, 0.5)", ns.ExchangeError, "activation function 18"),
    ("(3, 5, 0.5)", "(3, -1, 0.5)", ns.FileError, "not to be read"),
    ("(3, 5, 0.5)", "(3, 9999999999, 0.5)", ns.ExchangeError, "activation function 9999999999"),
    ("(3, 5, 0.5)", "(9999999999, 5, 0.5)", ns.FileError, "9,999,999,999 connections, and 3"),
    ("(3, 5, 0.5)", "(2, 5, 0.5)", ns.FileError, "2 connections, and 3 are listed"),
    ("=(0, 0, 0) (0, 0, 0) (0, 0, 0) (3", "=(1, 0, 1) (0, 0, 0) (0, 0, 0) (2", ns.FileError, "leads to an input"),
    ("=(0, 0, 0) (0, 0, 0) (0, 0, 0) (3", "=(0, 0, 0) (0, 0, 0) (1, 0, 1) (2", ns.FileError, "leads to an input"),
    ("(1, -0.5)", "(7, -0.5)", ns.FileError, "from neuron 7 to neuron 3 does not come from an earlier"),
    ("(1, -0.5)", "(3, -0.5)", ns.FileError, "does not come from an earlier"),
    ("(1, -0.5)", "(9999999999, -0.5)", ns.FileError, "does not come from an earlier"),
    ("(1, -0.5)", "(0, -0.5)", ns.FileError, "FANN goes by places"),
    ("(1, -0.5)", "(1, -0x1p-1)", ns.FileError, "not to be read"),
    ("(1, -0.5)", "(1, -nan)", ns.FileError, "not finite"),
    ("(1, -0.5)", "(1, 1e309)", ns.FileError, "beyond all"),
    ("(1, -0.5)", "(1, 5e-324)", ns.ExchangeError, "connection 2.* leaves the range"),
    ("(1, -0.5)", "(1, 1_0)", ns.FileError, "not to be read"),
    ("(1, -0.5)", "(1, " + "1" * 100_000 + ")", ns.FileError, "not to be read"),
    ("(1, -0.5)", "(" * 100_000, ns.FileError, "not to be read"),
    ("(1, -0.5)", "\0", ns.FileError, "not to be read"),
    ("(1, -0.5)", "\n(1, -0.5)", ns.FileError, "no line of"),
]  # fmt: skip


def refused(file, scale=None):
    """Return the error of a file that is refused, after a look at how."""
    try:
        ns.from_fann(file, scale=scale)
    except (ns.FileError, ns.ExchangeError) as error:
        said = error
    else:
        return None
    assert len(str(said)) < 500
    return said


def test_each_damage_is_named(tmp_path):
    file = tmp_path / "damaged.net"
    file.write_text(small())
    assert refused(file) is None
    for old, new, kind, said in DAMAGE:
        file.write_text(small().replace(old, new, 1), encoding="utf-8")
        error = refused(file)
        assert type(error) is kind, (new[:50], error)
        assert re.search(said, str(error)), (new[:50], error)
        assert str(error).startswith(str(file))
    file.write_text(small(rate=0.5).replace("(1, -0.5)", "(0, -0.5)"))
    assert re.search("from neuron 0 to neuron 3 is there twice", str(refused(file)))


def test_a_file_that_ends_too_early_is_refused_wherever_it_ends(tmp_path):
    file = tmp_path / "short.net"
    for whole, step in ((small(), 1), ((REFERENCE / "fann_scaled.net").read_text(), 7)):
        whole = whole.rstrip()
        for end in range(len(whole) - 1, -1, -step):
            file.write_text(whole[:end])
            assert refused(file, False) is not None, whole[:end]
        file.write_text(whole)
        assert refused(file, False) is None


def test_what_is_declared_costs_nothing_until_it_is_there(tmp_path):
    file = tmp_path / "large.net"
    file.write_text(small(sizes=(1_000_000_000,) * 1000))
    start = time.process_time()
    tracemalloc.start()
    assert "neurons" in str(refused(file)) or "two layers" in str(refused(file))
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()
    assert time.process_time() - start < 2.0


def test_hundreds_of_damaged_files_are_refused_or_are_what_fann_makes_of_them(fann, tmp_path):
    rng, file, loaded = random.Random(4), tmp_path / "damaged.net", 0
    wholes = [(REFERENCE / f"fann_{kind}.net").read_text() for kind in KINDS] + [small()]
    words = ["-1", "0", "1", "3", "1e9", "nan", "1e400", "(", ")", ",", "=", "\n", " ", "(0, 1)", "x", "9" * 30]
    for number in range(400):
        text = wholes[number % len(wholes)]
        for _ in range(rng.choice([1, 1, 2])):
            start = rng.choice([0, text.find("layer_sizes"), text.find("neurons"), text.find("connections (")])
            numbers = list(re.finditer(r"[-\d.e+]+", text[max(start, 0) :]))
            if not numbers:
                continue
            found = rng.choice(numbers)
            at, end = max(start, 0) + found.start(), max(start, 0) + found.end()
            text = text[:at] + rng.choice([*words, text[at:end] * 2, str(rng.randrange(20))]) + text[end:]
        file.write_text(text)
        if refused(file) is None:
            loaded += 1
            net, program = ns.from_fann(file), programs.program_of(file)
            x = samples(net, np.random.default_rng(number), 3)
            assert "cuts off" in str(program.allowed(x)) or far(net.predict(x), program.outputs(x, net.weights)) < 1e-12
    assert 20 < loaded < 380


def test_each_function_has_a_name_that_is_registered():
    for _, name, _ in NAMED:
        if name:
            assert ns.activation(name).name == name

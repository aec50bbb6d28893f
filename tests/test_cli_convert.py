"""``nodesim convert``: every format into every other, proofs, and one line for whatever is wrong."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
from damage import damaged_bytes
from helpers import ROOT

import nodesim as ns
from nodesim import cli
from nodesim.exchange import formats

pytestmark = pytest.mark.usefixtures("session")
SUFFIXES = [".json", ".onnx", ".pt", ".skops"]


@pytest.fixture
def there(tmp_path, monkeypatch):
    """A folder with a network in each format that is written, and files of those that are only read."""
    monkeypatch.chdir(tmp_path)
    net().save("net.json")
    shutil.copy(ROOT / "examples" / "xor.net", "xor.net")
    shutil.copy(ROOT / "examples" / "xor_neat.json", "genome.json")
    return tmp_path


def net(**more):
    return ns.Network.layered([2, 3, 2], "tanh", loss="half_squared_error", seed=3, **more)


def run(capsys, *arguments):
    """Return the exit code, what was printed and what was said to be wrong."""
    try:
        code = cli.main(["convert", *map(str, arguments)])
    except SystemExit as error:
        code = error.code
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    return code, said.out, said.err


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_every_format_becomes_every_other_and_comes_back(there, capsys):
    X = np.random.default_rng(0).normal(size=(7, 2))
    expected = net()
    for suffix in SUFFIXES:
        assert run(capsys, "net.json", f"first{suffix}")[0] == 0
        before = contents(there)
        for other in SUFFIXES:
            code, out, err = run(capsys, f"first{suffix}", f"second{other}")
            assert (code, err) == (0, ""), (suffix, other)
            assert out.startswith(f"first{suffix} (")
            if other == suffix:
                # Archives of zip have the time in them.
                same = contents(there)[f"second{other}"] == before[f"first{suffix}"]
                assert same or suffix in (".pt", ".skops")
                (there / f"second{other}").unlink()
                continue
            assert run(capsys, f"second{other}", "back.json")[0] == 0
            back = ns.load("back.json")
            # Doubles stay what they are, whatever lies between.
            assert np.array_equal(back.weights, expected.weights), (suffix, other)
            assert np.array_equal(back.predict(X), expected.predict(X))
            (there / f"second{other}").unlink()
            (there / "back.json").unlink()
            assert contents(there) == before


def test_files_that_are_only_read_are_read(there, capsys):
    for file in ("xor.net", "genome.json"):
        code, _, err = run(capsys, file, "out.json", "--loss", "half_squared_error")
        assert (code, err) == (0, "")
        assert ns.load("out.json").loss.name == "half_squared_error"
    twin = ns.from_neat("genome.json")
    assert np.array_equal(ns.load("out.json").predict([[0.0, 1.0]]), twin.predict([[0.0, 1.0]]))


@pytest.mark.parametrize("target", SUFFIXES[1:])
def test_a_proof_is_printed(there, capsys, target):
    code, out, _ = run(capsys, "net.json", f"out{target}", "--proof")
    assert code == 0
    assert "17 gradients" in out
    assert "the same network: nowhere farther apart than" in out


def test_a_proof_is_of_both_programs(there, capsys):
    assert run(capsys, "net.json", "net.pt")[0] == 0
    code, out, _ = run(capsys, "net.pt", "net.onnx", "--proof")
    assert code == 0
    assert out.count("the same network") == 2
    assert "torch" in out
    assert "onnx" in out
    for file in ("xor.net", "genome.json"):
        code, out, _ = run(capsys, file, "out.json", "--proof")
        assert (code, out.count("the same network")) == (0, 1)
        assert out.count("times the steepness of the neuron") == (file == "xor.net")


def test_what_a_proof_does_not_hold_for_is_not_written(there, capsys, monkeypatch):
    from nodesim.exchange import files

    class Writer:
        @staticmethod
        def write(name, simulator, file):
            other = net()
            other["W5"].weight += 1e-3
            writing(name, other.simulator, file)

    writing = files.write
    monkeypatch.setattr(files, "write", Writer.write)
    (there / "out.onnx").write_bytes(b"old")
    before = contents(there)
    code, out, err = run(capsys, "net.json", "out.onnx", "--proof")
    assert code == 1
    assert "NOT THE SAME: W5 is" in out
    assert "out.onnx is not written" in err
    assert contents(there) == before


def test_in_and_out_may_be_the_same_file(there, capsys):
    for suffix in SUFFIXES:
        run(capsys, "net.json", f"same{suffix}")
        assert run(capsys, f"same{suffix}", f"same{suffix}")[0] == 0
        run(capsys, f"same{suffix}", "back.json")
        assert np.array_equal(ns.load("back.json").weights, net().weights)
    # Files of neat-python have nodesim's own suffix.
    assert run(capsys, "genome.json", "genome.json")[0] == 0
    assert json.loads((there / "genome.json").read_text())["format"]


def test_the_format_can_be_said(there, capsys):
    assert run(capsys, "net.json", "model.bin", "--to", "onnx")[0] == 0
    assert run(capsys, "model.bin", "back.txt", "--from", "onnx", "--to", "nodesim")[0] == 0
    assert np.array_equal(ns.load("back.txt").weights, net().weights)
    shutil.copy("genome.json", "genome.txt")
    assert run(capsys, "genome.txt", "out.json", "--from", "neat", "--proof")[0] == 0


def test_parameters_that_scale_are_asked_for(there, capsys):
    shutil.copy(ROOT / "tests" / "reference" / "fann_scaled.net", "scaled.net")
    code, _, err = run(capsys, "scaled.net", "out.json")
    assert (code, err.count("\n")) == (1, 1)
    assert not (there / "out.json").exists()
    sizes = []
    for option in ("--scale", "--no-scale"):
        code, out, _ = run(capsys, "scaled.net", "out.json", option, "--proof")
        assert (code, "the same network" in out) == (0, True), out
        sizes.append(len(ns.load("out.json").connections))
    assert sizes[0] > sizes[1]


WRONG = [
    (["net.json", "out.net"], "only read"),
    (["net.json", "out.json", "--to", "neat"], "only read"),
    (["net.json", "out.x", "--to", "fann"], "only read"),
    (["net.json", "out.pkl"], "pickle"),
    (["net.json", "out.joblib"], "pickle"),
    (["model.pkl", "out.json"], "pickle"),
    (["model.joblib", "out.json"], "pickle"),
    (["model.pickle", "out.json"], "pickle"),
    (["net.json", "out"], "does not tell its format"),
    (["net.json", "out.txt"], "does not tell its format"),
    (["net.txt", "out.json"], "does not tell its format"),
    (["net.h5", "out.json"], ".onnx"),
    (["net.json", "out.json", "--to", "keras"], "invalid choice"),
    (["net.json", "out.json", "--from", "keras"], "invalid choice"),
    (["net.json", "out.json", "--loss", "msee"], "mse"),
    (["net.json", "out.json", "--proof"], "both files are nodesim's own"),
    (["net.json", "out.onnx", "--no-scale"], "of FANN"),
    (["net.json"], "required"),
    ([], "required"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG)
def test_wrong_usage_says_what_is_possible(there, capsys, arguments, said):
    before = contents(there)
    code, _, err = run(capsys, *arguments)
    assert code == 2
    assert said in err
    assert contents(there) == before


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_a_proof_does_not_wait_for_a_pipe_to_be_filled_again(there, capsys):
    os.mkfifo("pipe.net")
    # Nobody writes into it: it must not even be opened.
    code, _, err = run(capsys, "pipe.net", "out.json", "--proof")
    assert code == 2
    assert "reads IN twice" in err
    assert not (there / "out.json").exists()


FAILING = [
    ["missing.json", "out.onnx"],
    ["missing.onnx", "out.json"],
    ["missing.net", "out.json"],
    ["missing.pt", "out.json"],
    ["missing.skops", "out.json"],
    ["net.json", "folder/that/is/not/there.json"],
    ["net.json", "."],
    ["net.json", "out.json", "--from", "neat"],
    ["genome.json", "out.json", "--from", "nodesim"],
    ["net.json", "out.json", "--from", "onnx"],
    ["net.json", "out.json", "--from", "torch"],
    ["net.json", "out.json", "--from", "sklearn"],
    ["net.json", "out.json", "--from", "fann"],
    ["net.json", "out.onnx", "--loss", "softmax_cross_entropy(k=1)"],
]


@pytest.mark.parametrize("arguments", FAILING)
def test_what_fails_fails_in_one_line(there, capsys, arguments):
    before = contents(there)
    code, _, err = run(capsys, *arguments)
    assert code in (1, 2)
    assert err.startswith("nodesim: error: ")
    assert err.count("\n") == 1
    assert contents(there) == before


def test_networks_that_the_other_program_does_not_know_are_refused(there, capsys):
    odd = ns.Network()
    odd.add_input("I1")
    odd.add_hidden("H1", "sine")
    odd.add_output("O1")
    for ends in (("I1", "H1"), ("H1", "O1"), ("I1", "O1")):
        odd.connect(*ends, weight=0.5)
    odd.save("odd.json")
    before = contents(there)
    code, _, err = run(capsys, "odd.json", "out.skops")
    assert (code, err.count("\n")) == (1, 1)
    assert contents(there) == before
    assert run(capsys, "odd.json", "out.onnx", "--proof")[0] == 0


def test_damaged_files_give_one_line(there, capsys):
    rng = __import__("random").Random(5)
    for suffix in SUFFIXES:
        run(capsys, "net.json", f"whole{suffix}")
    files = [f"whole{suffix}" for suffix in SUFFIXES] + ["xor.net", "genome.json"]
    whole = {file: (there / file).read_bytes() for file in files}
    before = None
    for file, data in whole.items():
        others = [each for name, each in whole.items() if name != file]
        for _ in range(12):
            (there / f"bad_{file}").write_bytes(damaged_bytes(data, rng, others))
            before = contents(there)
            code, _, err = run(capsys, f"bad_{file}", "out.json")
            if code == 0:
                # What is damaged may still be a network.
                ns.load("out.json")
                (there / "out.json").unlink()
                continue
            assert code == 1
            assert err.startswith("nodesim: error: ")
            assert err.count("\n") == 1
            assert contents(there) == before


def test_a_pickle_is_not_run(there, capsys):
    import pickle

    class Bad:
        def __reduce__(self):
            return exec, ("open('run', 'w').close()",)

    for name in ("bad.pt", "bad.pth", "bad.skops", "bad.onnx", "bad.json", "bad.net"):
        (there / name).write_bytes(pickle.dumps(Bad()))
        code, _, err = run(capsys, name, "out.json")
        assert (code, err.count("\n")) == (1, 1)
    assert not (there / "run").exists()


def test_links_and_permissions_stay(there, capsys):
    run(capsys, "net.json", "real.json")
    (there / "real.json").chmod(0o640)
    (there / "link.json").symlink_to("real.json")
    assert run(capsys, "xor.net", "link.json")[0] == 0
    assert (there / "link.json").is_symlink()
    assert (there / "real.json").stat().st_mode & 0o777 == 0o640
    assert ns.load("real.json").predict([[0.0, 1.0]]).shape == (1, 1)


def test_every_format_is_in_the_help():
    found = subprocess.run(
        [sys.executable, "-m", "nodesim", "convert", "--help"], capture_output=True, text=True, check=True
    )
    for each in formats.FORMATS:
        assert each.name in found.stdout
        assert all(suffix in found.stdout for suffix in each.suffixes)

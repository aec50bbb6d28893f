"""Numba is loaded when the work is worth it: by a rule over calls and arguments, the same in every run."""

from __future__ import annotations

import logging
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import nodesim as ns
from nodesim.cli import main
from nodesim.engines import native_form

XOR = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0.0, 1.0, 1.0, 0.0]
needs_numba = pytest.mark.skipif(not native_form.has_native(), reason="there is no native form without numba")

COMMANDS = """
new 4-30-30-3 --seed 1 -o net.json
new 2-2-2 --seed 1 -o small.json
info net.json
info net.json --engine
info net.json --json
draw net.json --highlight W1 -o net.svg
figure 3 -o figure.svg
trace net.json W1 --input 5.1,3.5,1.4,0.2 --target 1,0,0 --form factored
steps small.json --input 1,2 --target 1,0
paths net.json W1 --input 5.1,3.5,1.4,0.2 --target 1,0,0
diagnose net.json iris
explore net.json iris -o page.html
plugins
datasets
demo
"""


def in_a_process(code, folder, *options):
    """Run Python from the outside, as a user would, and return what it printed."""
    done = subprocess.run(
        [sys.executable, *options, "-c", code], cwd=folder, capture_output=True, text=True, check=False, timeout=100
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_commands_that_need_no_speed_do_not_load_numba(tmp_path):
    code = (
        "import sys\nfrom nodesim.cli import main\n"
        "for line in sys.stdin.read().strip().splitlines():\n"
        "    assert main(line.split()) == 0, line\n"
        "    assert 'numba' not in sys.modules, line\n"
        "print('all done')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=COMMANDS, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stdout.endswith("all done\n"), done.stderr


def test_small_work_does_not_load_numba(tmp_path):
    code = (
        "import sys, nodesim as ns\n"
        "net = ns.Network.layered([300, 300, 100], seed=0)\nnet.save('net.json')\nns.load('net.json').copy()\n"
        "net = ns.Network.layered([4, 5, 3], seed=0)\niris = ns.datasets.load('iris')\n"
        "net.fit(iris.X, iris.y)\nnet.predict(iris.X)\nnet.diagnose(iris.X, iris.y)\n"
        "net.forward(iris.X[0]); net.backward([1, 0, 0]); net.paths('W1').as_arrays()\n"
        "print('numba' in sys.modules)"
    )
    assert in_a_process(code, tmp_path) == "False\n"


@needs_numba
def test_a_loop_of_single_steps_turns_native_after_some_thousand():
    net = ns.Network.layered([2, 2, 2], seed=0)
    for step in range(20_000):  # noqa: B007
        net.forward([0.05, 0.1])
        if type(net.store.run).__name__ == "NativeRun":
            break
        net.backward([0.01, 0.99])
        net.update()
    assert 2_000 < step < 15_000
    # What it shows comes from the form that ran, and runs of both forms can be filled.
    net.backward([0.01, 0.99])
    assert abs(net["W1"].gradient - net.paths("W1").gradient) <= 1e-12 * net.paths("W1").scale


@needs_numba
def test_a_training_is_counted_with_all_its_epochs():
    def form(**options):
        net = ns.Network.layered([2, 3, 1], seed=0)
        net.fit(*XOR, learning_rate=0.1, **options)
        net.forward([0.0, 1.0])
        return [kind.__name__ for kind in type(net.store.run).__mro__]

    assert "NativeRun" not in form(epochs=100)
    assert "NativeRun" in form(epochs=200_000, stop_at_error=100.0)
    large = ns.Network.layered([400, 400, 10], seed=0)
    large.predict(np.zeros((10_000, 400)))
    assert type(large.store.run).__name__ == "NativeRun"


def test_two_runs_of_a_program_are_the_same_bit_by_bit(tmp_path):
    """Also where the rule changes the form on the way, and in threads, whoever comes first."""
    code = (
        "import nodesim as ns, numpy as np\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "X = np.random.default_rng(0).normal(size=(64, 4)); y = np.sin(X[:, :2])\n"
        "def work(seed):\n"
        "    net = ns.Network.layered([4, 8, 2], hidden='tanh', seed=seed)\n"
        "    for epochs in (10, 4000, 7):\n"
        "        net.fit(X, y, epochs=epochs, batch_size=16, learning_rate=0.05)\n"
        "    return net.weights.tobytes().hex()\n"
        "with ThreadPoolExecutor(4) as pool:\n"
        "    print(*pool.map(work, range(6)))"
    )
    first = in_a_process(code, tmp_path)
    scope = {}
    exec(code.split("with ")[0], scope)
    assert first.split() == [scope["work"](seed) for seed in range(6)]


def test_the_same_calls_give_the_same_network_whatever_others_did():
    def trained():
        net = ns.Network.layered([2, 3, 1], seed=0)
        net.fit(*XOR, epochs=50, learning_rate=0.3)
        return net.weights

    before = trained()
    ns.Network.layered([2, 3, 1], seed=5).fit(*XOR, epochs=100_000, learning_rate=0.1, stop_at_error=10.0)
    with ThreadPoolExecutor(2) as pool:
        assert all((weights == before).all() for weights in pool.map(lambda _: trained(), range(4)))


@needs_numba
def test_a_copy_goes_on_in_the_same_form():
    net = ns.Network.layered([2, 3, 1], seed=0)
    net.fit(*XOR, epochs=100_000, learning_rate=0.1, stop_at_error=0.2)
    twin = net.copy()
    for each in (net, twin):
        each.fit(*XOR, epochs=100, learning_rate=0.1)
    assert (net.weights == twin.weights).all()


@pytest.mark.parametrize("content", [None, "raise ImportError('broken')", "x = 1"], ids=["folder", "broken", "other"])
def test_a_folder_called_numba_breaks_nothing(tmp_path, content):
    """Where numba is not installed nobody looks for it; where it is hidden, the engine says so and stays in NumPy."""
    (tmp_path / "numba").mkdir()
    if content is not None:
        (tmp_path / "numba" / "__init__.py").write_text(content)
    absent = (
        "import importlib.metadata as m\nversion = m.version\n"
        "def absent(name):\n"
        "    if name == 'numba': raise m.PackageNotFoundError(name)\n"
        "    return version(name)\n"
        "m.version = absent\n"
    )
    work = (
        "import nodesim as ns\nnet = ns.Network.layered([2, 3, 1], seed=0)\n"
        f"print(net.fit(*{XOR}, epochs=40_000, learning_rate=0.1, stop_at_error=0.24).converged)"
    )
    if content == "raise ImportError('broken')":
        # Whoever looked for it would see the error.
        assert in_a_process(absent + work, tmp_path) == "True\n"
    assert in_a_process(work, tmp_path) == "True\n"


@needs_numba
def test_warm(capsys, caplog):
    level = logging.getLogger("nodesim").level
    assert main(["warm"]) == 0
    assert logging.getLogger("nodesim").level == level
    text = capsys.readouterr().out
    assert text.startswith("compiling the native engine with numba")
    assert "training: mini-batches, 2 threads" in text
    assert not caplog.records

"""What is kept comes back exactly, and a damaged or hostile file is one clear error."""

from __future__ import annotations

import itertools
import json
import os
import pickle
import random
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from helpers import REFERENCE, SEEDS, article_network, digest, random_network, random_samples, reference
from hypothesis import given

import nodesim as ns
from nodesim.formats import atomic, json_files

pytestmark = pytest.mark.usefixtures("session")


def rich(seed=0):
    """Return a network with everything that can be kept."""
    net, rng = random_network(seed, loss="huber")
    net.loss = ns.loss("huber", delta=0.1 + 0.2)
    hidden = net.add_hidden("gate \u202e<b>", activation=ns.activation("leaky_relu", slope=1 / 3))
    net.connect(net.inputs[0], hidden, weight=5e-324, name="my connection", trainable=False)
    net.connect(hidden, net.outputs[0], weight=-1.7976931348623157e308 / 1e300)
    net.remove(net.connections[len(net.connections) // 2])
    return net, rng


@given(seed=SEEDS)
def test_round_trip(tmp_path, seed):
    net, rng = rich(seed)
    net.save(tmp_path / "net.json")
    twin = ns.load(tmp_path / "net.json")
    assert digest(twin) == digest(net.copy()) or [c.name for c in twin.connections] == [c.name for c in net.connections]
    for a, b in ((net, twin), (net, pickle.loads(pickle.dumps(net)))):
        assert [(n.name, n.kind, n.activation) for n in a.nodes] == [(n.name, n.kind, n.activation) for n in b.nodes]
        ends = [[(c.name, c.source.name, c.target.name, c.trainable) for c in net.connections] for net in (a, b)]
        assert ends[0] == ends[1]
        assert a.weights.tobytes() == b.weights.tobytes()
        assert (a.loss, a.initializer, a.engine) == (b.loss, b.initializer, b.engine)
    x, y = random_samples(net, rng, 4)
    histories = [n.fit(x, y, epochs=5, batch_size=2, learning_rate=0.01) for n in (net, twin)]
    assert histories[0].errors == histories[1].errors
    assert net.weights.tobytes() == twin.weights.tobytes()
    first, second = (n.connect(n.add_input(), n.outputs[0]) for n in (net, twin))
    assert (first.name, first.weight) == (second.name, second.weight)


@pytest.mark.parametrize("bits", ["PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"])
def test_every_generator_goes_on(bits, tmp_path):
    net = ns.Network(seed=np.random.Generator(getattr(np.random, bits)(3)))
    net.add_input(), net.add_output()
    net.structure.generator.random(3)
    net.save(tmp_path / "net.json")
    assert ns.load(tmp_path / "net.json").connect("I1", "O1").weight == net.connect("I1", "O1").weight


def test_the_file_is_data_that_a_reader_understands(tmp_path):
    article_network(1).save(tmp_path / "net.json")
    content = json.loads((tmp_path / "net.json").read_text())
    assert (content["format"], content["version"], content["loss"]) == ("nodesim network", 1, "mse")
    assert content["nodes"]["name"][:2] == ["I1", "I2"]
    assert not any(name.endswith(".tmp") for name in [path.name for path in tmp_path.iterdir()])
    assert stat.S_IMODE((tmp_path / "net.json").stat().st_mode) == 0o666 & ~_umask()


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_unregistered_functions_are_refused_when_saving(tmp_path):
    net = ns.Network()
    net.add_hidden(activation=ns.Activation("mine", np.sin, lambda z, a: np.cos(z)))
    with pytest.raises(ns.FunctionError, match="mine cannot be kept in a file: no activation named 'mine'"):
        net.save(tmp_path / "net.json")
    ns.register(ns.Activation("mine", np.cos, lambda z, a: -np.sin(z)))
    with pytest.raises(ns.FunctionError, match="another activation is registered"):
        net.save(tmp_path / "net.json")
    assert not [path.name for path in tmp_path.iterdir()]


def test_size_and_time_of_a_large_network(tmp_path):
    net = ns.Network.layered([100, 500, 100], seed=0)
    assert len(net.connections) == 100_600
    start = time.perf_counter()
    net.save(tmp_path / "net.json")
    twin = ns.load(tmp_path / "net.json")
    assert time.perf_counter() - start < 30
    assert twin.weights.tobytes() == net.weights.tobytes()
    assert (tmp_path / "net.json").stat().st_size < 5e6


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("[" * 100_000, "nested too deeply|no whole JSON"),
        ('{"a": ' * 100_000, "nested too deeply|no whole JSON"),
        ("1" * 10_000, "no whole JSON"),
        ('{"format": "nodesim network", "format": "x"}', "a key appears twice"),
        ('{"format": "nodesim network", "version": NaN}', "NaN is no finite number"),
        ('{"format": "nodesim network", "version": 3}', "version 3, this nodesim reads up to 2: install a newer"),
        ('{"format": "other"}', 'this is no nodesim network: "format" should be'),
        ("[1, 2]", "no nodesim network"),
    ],
)
def test_what_is_no_file_of_ours(text, message, tmp_path):
    (tmp_path / "net.json").write_text(text)
    with pytest.raises(ns.FileError, match=message) as caught:
        ns.load(tmp_path / "net.json")
    assert "net.json" in str(caught.value)


def test_cycles_and_other_impossible_structures():
    content = json.loads(json_files.dumps(article_network(1).simulator))
    for change, message in (
        (
            lambda c: (c["connections"]["source"].__setitem__(0, 6), c["connections"]["source"].__setitem__(1, 7)),
            "no cycle",
        ),
        (lambda c: c["connections"]["target"].__setitem__(0, 0), "no connection into an input or bias"),
        (lambda c: c["nodes"]["name"].__setitem__(0, "I2"), "each once"),
        (lambda c: c["nodes"]["name"].__setitem__(0, "W3"), "each name once"),
        (lambda c: c["connections"].__setitem__("slot", [10**9] * 12), "whole numbers from 0"),
    ):
        variant = json.loads(json.dumps(content))
        change(variant)
        with pytest.raises(ns.FileError, match=message):
            ns.Network._loads(json.dumps(variant))


def test_unknown_functions_in_a_file(tmp_path):
    text = json_files.dumps(article_network(1).simulator).replace('"sigmoid"', '"sigmod"')
    (tmp_path / "net.json").write_text(text)
    with pytest.raises(ns.FileError, match=r"net.json: no activation named 'sigmod'. Did you mean 'sigmoid'\?"):
        ns.load(tmp_path / "net.json")


def test_files_that_cannot_be_read_or_written(tmp_path):
    net = article_network(1)
    for call, message in (
        (lambda: ns.load(tmp_path / "none.json"), "none.json: it cannot be read: No such file"),
        (lambda: ns.load(tmp_path), "cannot be read: Is a directory"),
        (lambda: net.save(tmp_path / "no" / "net.json"), "cannot be written: No such file"),
        (lambda: net.save(tmp_path), "cannot be written"),
        (lambda: net.save("a\0b"), "cannot be written"),
        (lambda: net.save(None), "given by its path"),
    ):
        with pytest.raises(ns.NodesimError, match=message):
            call()
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ns.FileError, match="no text in UTF-8"):
        ns.load(tmp_path / "bytes.json")
    (tmp_path / "marked.json").write_bytes(b"\xef\xbb\xbf" + json_files.dumps(net.simulator).encode())
    assert len(ns.load(tmp_path / "marked.json").connections) == 12


def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    file = tmp_path / "net.json"
    net = article_network(1)
    net.save(file)
    before = file.read_bytes()

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(ns.FileError, match="No space left"):
        net.save(file)
    assert (file.read_bytes(), [path.name for path in tmp_path.iterdir()]) == (before, ["net.json"])


def test_links_and_permissions_stay(tmp_path):
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    net = article_network(1)
    net.save(real)
    real.chmod(0o600)
    link.symlink_to(real)
    net.save(link)
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o600


# Forks a process for each line that it is told, which saves other weights and is killed: by itself before so many lines
# of a module, or by whoever reads its number, at any moment of saving again and again.
SAVING = """
import os, signal, sys, nodesim as ns

net = ns.Network.layered([6, 9, 6], seed=1)

def kill_at(module, left):
    def trace(frame, event, argument):
        nonlocal left
        if frame.f_code.co_filename == module:
            left -= event == "line"
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace
    return trace

for line in iter(sys.stdin.readline, ""):
    file, module, moment = line.split()
    child = os.fork()
    if child and module != "any":
        print(os.waitpid(child, 0)[1], flush=True)
    elif not child and module != "any":
        sys.settrace(kill_at(module, int(moment)))
        net.save(file)
        os._exit(0)
    elif not child:
        net.save(file)
        print(os.getpid(), flush=True)
        while True:
            net.save(file)
"""


@pytest.fixture
def savers():
    """Ask for a process that saves; it answers with what became of it, or with its number."""
    with subprocess.Popen(
        [sys.executable, "-c", SAVING], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as starter:

        def ask(*words):
            print(*words, file=starter.stdin, flush=True)
            return int(starter.stdout.readline())

        yield ask
        starter.stdin.close()


def saved_by(seed):
    return ns.Network.layered([6, 9, 6], seed=seed)


def test_killed_at_every_line_that_writes_a_file(tmp_path, savers):
    old, new, found = saved_by(0), saved_by(1), []
    for moment in itertools.count(1):
        file = tmp_path / f"{moment}.json"
        old.save(file)
        ended = savers(file, atomic.__file__, moment)
        weights = ns.load(file).weights.tobytes()
        assert weights in (old.weights.tobytes(), new.weights.tobytes())
        found.append(weights == new.weights.tobytes())
        if ended == 0:
            break
        assert ended == signal.SIGKILL
    # The old content up to some line, the new one from there on.
    assert found == sorted(found)
    assert 10 < found.index(True) < len(found) - 1


def test_killed_at_any_moment_while_saving(tmp_path, savers):
    file, new, rng = tmp_path / "net.json", saved_by(1), random.Random(1)
    for _ in range(50):
        process = savers(file, "any", 0)
        # One save takes some 2 ms.
        time.sleep(rng.random() * 0.005)
        os.kill(process, signal.SIGKILL)
        assert ns.load(file).weights.tobytes() == new.weights.tobytes()


def test_functions_with_parameters_written_as_text():
    assert ns.activation("leaky_relu(slope=0.2)") == ns.activation("leaky_relu", slope=0.2)
    assert str(ns.activation("leaky_relu", slope=1 / 3)) == f"leaky_relu(slope={1 / 3!r})"
    assert ns.activation(str(ns.activation("elu", alpha=0.1 + 0.2))).parameters["alpha"] == 0.1 + 0.2
    for wrong in ("leaky_relu(slope)", "leaky_relu(slope=x)", "leaky(slope=1)", "leaky_relu(slope=1"):
        with pytest.raises(ns.UnknownNameError):
            ns.activation(wrong)
    with pytest.raises(ns.FunctionError):
        ns.activation("leaky_relu(slope=nan)")


def test_a_file_of_an_earlier_version_goes_on_as_it_did_then():
    # Gaps, names of their own, a frozen weight, a split connection; the numbers beside it are what that version made.
    then = reference("saved_then.json")
    net = ns.load(REFERENCE / "saved.json")
    net.engine = "nodes"
    X, Y = [[0.1, 0.2], [0.3, -0.4], [0.5, 0.6]], [[1, 0], [0, 1], [0.5, 0.5]]
    now = {
        "outputs": np.ravel(net.forward(then["x"])).tolist(),
        "error": net.backward(then["y"]),
        "gradients": {c.name: c.gradient for c in net.connections},
        "errors": net.fit(X, Y, epochs=3, batch_size=1, learning_rate=0.05).errors,
    }
    new = net.add_hidden()
    connection = net.connect("x", new)
    assert (new.name, connection.name) == (then["next_node"], then["next_connection"])
    assert connection.weight == pytest.approx(then["next_weight"], rel=1e-12)
    then["outputs"] = np.ravel(then["outputs"]).tolist()
    for what, numbers in now.items():
        assert numbers == pytest.approx(then[what], rel=1e-12), what


def test_joins_ties_and_a_training_of_an_earlier_version_go_on_as_they_did_then():
    # Saved by 0.1.0 in the midst of a training by adam; the numbers beside it are what that version made of it.
    then = reference("saved_joins_then.json")
    net = ns.load(REFERENCE / "saved_joins.json")
    X, Y = [[0.1, 0.2], [0.3, -0.4], [0.5, 0.6]], [[1, 0], [0, 1], [0.5, 0.5]]
    options = {
        "epochs": 3,
        "batch_size": 1,
        "learning_rate": 0.05,
        "optimizer": "adam",
        "shuffle": False,
        "resume": True,
    }
    now = {
        "outputs": net.forward(X).ravel().tolist(),
        "error": net.backward(Y),
        "gradients": {c.name: c.gradient for c in net.connections},
        "errors": net.fit(X, Y, **options).errors,
    }
    for what, numbers in now.items():
        assert numbers == pytest.approx(then[what], rel=1e-12), what


def test_a_sheet_of_an_earlier_version_is_marked():
    sheet = ns.exercises.load(REFERENCE / "saved_sheet.json")
    marking = sheet.mark(sheet.key)
    assert marking.score == marking.out_of > 10
    assert sheet.mark({**sheet.key, "H1": "5.4"}).score < marking.out_of
    assert json.loads((REFERENCE / "saved_sheet.json").read_text())["written_by"] == "nodesim 0.1.0"


# One program that starts writers and kills them, as starting Python takes longer than all that they do.
KILLER = """
import os, signal, sys, time
from nodesim.formats.atomic import write_atomically
for attempt in range(60):
    writer = os.fork()
    if writer == 0:
        while True:
            write_atomically(sys.argv[1], b"x" * 1_000_000)
    time.sleep(0.0003 * attempt)
    os.kill(writer, signal.SIGKILL)
    os.waitpid(writer, 0)
    print(*(name for name in os.listdir(sys.argv[2]) if name.endswith(".tmp")), sep="\\n")
"""


def test_a_save_clears_what_killed_saves_left_behind(tmp_path):
    # As long as a name may be.
    file = tmp_path / ("花" * 84)
    command = [sys.executable, "-c", KILLER, str(file), str(tmp_path)]
    left = set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())
    others = {tmp_path / ".other.0123456789ab-1-0123456789ab.tmp", tmp_path / f".{'花' * 33}.tmp"}
    for path in others:
        path.touch()
    atomic.write_atomically(file, "whole")
    assert len(left) > 5, "hardly any writer was killed while it wrote"
    assert set(tmp_path.iterdir()) == {file, *others}
    assert file.read_text() == "whole"


def test_what_a_living_process_writes_is_left_alone(tmp_path):
    file = tmp_path / "net.json"
    code = "import sys; from pathlib import Path; from nodesim.formats import temporary; path = temporary.beside(Path(sys.argv[1])); path.touch(); print(path, flush=True); sys.stdin.read()"
    writer = subprocess.Popen(
        [sys.executable, "-c", code, str(file)], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    )
    path = writer.stdout.readline().strip()
    atomic.write_atomically(file, "one")
    assert {each.name for each in tmp_path.iterdir()} == {"net.json", Path(path).name}
    writer.kill()
    writer.communicate()
    atomic.write_atomically(file, "two")
    assert [each.name for each in tmp_path.iterdir()] == ["net.json"]

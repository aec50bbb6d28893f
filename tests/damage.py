"""Reads damaged files of every format, and says of each that was not one clear error what became of it.

``python tests/damage.py 20000 7`` reads 20,000, made from the seed 7, and ends with 1 if anything was wrong. It is a
program of its own, as a fault may end the interpreter; the last file that was read is then named in the folder.
"""

from __future__ import annotations

import collections
import contextlib
import copy
import faulthandler
import io
import json
import logging
import pathlib
import pickle
import random
import resource
import signal
import sys
import tempfile
import time
import tracemalloc
import warnings

import networkx as nx
import numpy as np

import nodesim as ns
from nodesim.formats import json_files

# What one file may cost: ten times its size, and what is needed for any. A gap between slots costs some 20 bytes, and
# files may have a million of them.
TIMES, ANY_FILE, ANY_NETWORK = 10, 2_000_000, 30_000_000
SECONDS, MESSAGE = 5, 500

NUMBERS = [
    0, -0.0, 1, -1, 0.5, 5e-324, 1e300, -1e308, 1e400, float("nan"), 2**31, 2**32, 2**63, 2**64, 2**127, 2**128,
    10**12, 10**400, 4300 * "9", "1e3", True, False, None,
]  # fmt: skip
NAMES = [
    "", " ", "\0", "\x1b[31m", "\u202e", "\ud800", "x" * 10_000, "self", "z", "a", "y", "n", "class", "name", "I1", "W1",
    "__class__", "sigmoid", "elu(alpha=1)", "elu(self=1)", "elu(z=1)", "elu(=)", "(" * 3000, "float32", "input", "bias",
    "z" + "+z" * 3000, "z**9**9**9", "exp(" * 200 + "z" + ")" * 200, "relu(z)*self", "mean((y-a)**2)", "PCG64", "nodes",
    "os.system('x')", "<b>&amp;", "1,5", "2020-01-01", '"', "\\", "uint64", "🙂" * 500,
]  # fmt: skip


def deep(depth):
    """Return a list in a list in a list."""
    found = []
    for _ in range(depth):
        found = [found]
    return found


def hostile(rng):
    """Return a value that no one expects."""
    word, number = rng.choice(NAMES), rng.choice(NUMBERS)
    return rng.choice([
        number, number, word, word, [], {}, [number], [word] * 3, {word: number}, [[number]], {"name": word},
        {"name": rng.choice(["elu", "huber", "normal"]), "parameters": {word: number}},
        {"name": "q", "formula": rng.choice(["z*k", "mean(k*(y-a)**2)", word]), "parameters": {"k": 1, word: number}},
        {"dtype": "uint64", "values": [number] * 4}, {"dtype": "object", "values": [word]}, [number] * 1000,
        deep(rng.choice([3, 300])), {"name": "sigmoid", "from": word},
    ])  # fmt: skip


# ---- seeds ------------------------------------------------------------------------------------------------


def network(dtype, bits):
    """Return a network with everything that a file can say."""
    net = ns.Network.layered(
        [2, 3, 2], loss="huber", seed=np.random.Generator(getattr(np.random, bits)(1)), dtype=dtype
    )
    gate = net.add_hidden("gate", activation=ns.Activation("q", formula="k * tanh(z)", parameters={"k": 0.5}))
    net.connect("I1", gate, name="mine", trainable=False, weight=0.25)
    net.connect(gate, "O1"), net.connect(net.add_bias("c", 2.5), gate)
    net.add_hidden(activation=ns.activation("elu", alpha=0.3))
    net.remove(net.connections[3])
    return net


TABLES = [
    b"width,height,sort\n1,2,a\n3.5,4,b\n5,6e3,a\n7,8,b\n",
    b"a;b;c\r\n1,5;2,25;3\r\n4,5;1.234,5;6\r\n",
    "x\ty\n1\t2\n3\t\u22124\n".encode("utf-16"),
    b"# x y z\n1 2 3\n4 5 6\n7 8 9.5\n",
    b'"name","is it",""\n"a ""b""",true,\n"c,d",false,\n',
    b"3 2 1\n0.5 1\n1\n0 1\n0\n1 1\n0.25\n",
    b"2 2 1\n0.5 1 1\n0 1 0\n",
    b"sep=|\n,x,y\n0,1,2\n1,3,4\n",
]
WRITERS = {
    "graphml": (nx.write_graphml, nx.read_graphml), "gexf": (nx.write_gexf, nx.read_gexf),
    "gml": (nx.write_gml, nx.read_gml),
}  # fmt: skip


def seeds():
    """Return what is damaged: (format, content) of small whole files."""
    found = []
    for place, bits in enumerate(("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")):
        net = network(("float64", "float32")[place % 2], bits)
        # With what a training goes on with.
        net.fit([[0.1, 0.2]], [[0.0, 1.0]], epochs=2, optimizer=("adam", "rprop", "sgd")[place % 3])
        text = json_files.dumps(net.simulator)
        found += [("network", text.encode()), ("pickle", text.encode())]
    found += [("table", table) for table in TABLES]
    graph = network("float64", "PCG64").to_networkx()
    for form, (write, _) in WRITERS.items():
        stream = io.BytesIO()
        write(graph, stream)
        found.append((form, stream.getvalue()))
    for form, data in (("node_link", nx.node_link_data(graph, edges="edges")), ("cytoscape", nx.cytoscape_data(graph))):
        found.append((form, json.dumps(data).encode()))
    return found


# ---- damage -----------------------------------------------------------------------------------------------


def damaged_bytes(data, rng, others):
    """Flip, cut, repeat, insert or splice."""
    data = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 5])):
        at, end = sorted(rng.randrange(len(data) + 1) for _ in range(2))
        match rng.randrange(8):
            case 0:
                data[at : at + 1] = bytes([rng.randrange(256)])
            case 1:
                del data[at:]
            case 2:
                del data[at:end]
            case 3:
                data[at:at] = data[at:end]
            case 4:
                data[at:at] = rng.choice(
                    [b"\0", b'"', b"\r", b"\n", b",", b";", b"\xff\xfe", b"1e999", b"[" * 500, b"9" * 50]
                )
            case 5:
                other = rng.choice(others)
                data[at:end] = other[rng.randrange(len(other)) :][: end - at]
            case 6:
                written = str(rng.choice(NUMBERS[:-1])) if rng.random() < 0.5 else rng.choice(NAMES)
                data[at:end] = written.encode("utf-8", "surrogatepass")
            case 7:
                data[at:end] = rng.randbytes(end - at)
    return bytes(data)


def places(value):
    """Yield every place of a JSON document: what holds it, and its key or index."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield value, key
        if isinstance(inner, dict | list):
            yield from places(inner)


def damaged_json(data, rng):
    """Replace, delete, repeat or exchange fields."""
    content = json.loads(data)
    for _ in range(rng.choice([1, 1, 1, 2, 4])):
        fields = list(places(content))
        # Fields of long lists are most of all places: half the time one of the others.
        short = [place for place in fields if not isinstance(place[0], list) or len(place[0]) < 9]
        holder, key = rng.choice(short if short and rng.random() < 0.5 else fields)
        match rng.randrange(6):
            case 0:
                del holder[key]
            case 1 if isinstance(holder, list):
                holder.insert(key, copy.deepcopy(holder[key]))
            case 2:
                other, its = rng.choice(fields)
                with contextlib.suppress(LookupError):
                    holder[key] = copy.deepcopy(other[its])
            case 3:
                holder[key] = hostile(rng)
            case _:
                # Of the kind that was there: most of these load.
                kind = type(holder[key])
                like = [value for value in NUMBERS + NAMES + [rng.random(), rng.randrange(9)] if type(value) is kind]
                holder[key] = rng.choice(like or [hostile(rng)])
        if not content:
            break
    text = json.dumps(content)
    if rng.random() < 0.05:
        at = text.find(",", rng.randrange(len(text)))
        text = text[:at] + ", " + text[1 : text.find(",")] + text[at:]
    return text.encode()


def damaged_xml(data, rng):
    """Bring in entities, deep elements and odd attributes."""
    text = data.decode()
    head, _, body = text.partition("?>\n")
    match rng.randrange(3):
        case 0:
            lines = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 9}">' for i in range(1, 6))
            return f'{head}?>\n<!DOCTYPE x [<!ENTITY e0 "ha">{lines}]>\n{body.replace("I1", "&e5;", 1)}'.encode()
        case 1:
            return f"{head}?>\n{body.replace('<node', '<x>' * 500 + '</x>' * 500 + '<node', 1)}".encode()
        case _:
            values = body.split('"')
            values[2 * rng.randrange(len(values) // 2) + 1] = str(rng.choice([rng.choice(NAMES), rng.choice(NUMBERS)]))
            return (f"{head}?>\n" + '"'.join(values)).encode("utf-8", "replace")


def damaged_table(data, rng):
    """Replace, repeat and lengthen cells."""
    try:
        lines = [line.split(",") for line in data.decode().splitlines()]
    except UnicodeDecodeError:
        return data[: rng.randrange(len(data))]
    for _ in range(rng.choice([1, 2, 5])):
        line = rng.choice(lines)
        line[rng.randrange(len(line))] = str(
            rng.choice([rng.choice(NAMES), rng.choice(NUMBERS[:17]), "", "NA", "x" * 200_000])
        )
    return "\n".join(map(",".join, lines)).encode("utf-8", "surrogatepass")


def damaged(form, data, rng, others):
    """Return a damaged file."""
    if rng.random() < 0.3:
        return damaged_bytes(data, rng, others)
    if form in ("graphml", "gexf"):
        return damaged_xml(data, rng)
    return {"table": damaged_table, "gml": lambda data, rng: damaged_bytes(data, rng, others)}.get(form, damaged_json)(
        data, rng
    )


# ---- reading ----------------------------------------------------------------------------------------------


def used(net):
    """Save a network again, read it, compare, and let both calculate."""
    text = json_files.dumps(net.simulator)
    twin = ns.Network._loads(text)
    assert json_files.dumps(twin.simulator) == text, "saved again it is another document"
    x = np.full((1, len(net.inputs)), 0.5)
    y = np.full((1, len(net.outputs)), 0.25)
    for each in (net, twin):
        with contextlib.suppress(ns.NodesimError):
            each.forward(x)
            each.backward(y)
            each.update(learning_rate=0.1)
        with contextlib.suppress(ns.NodesimError):
            kept = each.simulator.kept_training
            each.fit(x, y, epochs=1, optimizer="sgd" if kept is None else kept.optimizer or "sgd", resume=True)
        with contextlib.suppress(ns.NodesimError):
            each.initialize()
    assert json_files.dumps(net.simulator) == json_files.dumps(twin.simulator), (
        "it calculates something else than what was saved"
    )


def read(form, file, data):
    """Read a file in the way of its format."""
    match form:
        case "network":
            used(ns.load(file))
        case "pickle":
            used(ns.Network._unpickled(data.decode("utf-8", "surrogateescape"), (3, 3)))
        case "table":
            header = (None, True, False)[len(data) % 3]
            found = ns.datasets.read_csv(file, header=header)
            assert np.isfinite(found.X).all()
            assert np.isfinite(np.asarray(found.y, dtype=float)).all()
            repr(found), found._repr_html_()
            pickle.loads(pickle.dumps(found))
        case _:
            graph = _graph(form, file, data)
            if graph is not None:
                used(ns.Network.from_networkx(graph, seed=1))


def _graph(form, file, data):
    """Return what networkx makes of a file; None where it refuses, in whatever way: it is not ours."""
    with tempfile.TemporaryDirectory(), contextlib.suppress(Exception):
        if form == "node_link":
            return nx.node_link_graph(json.loads(data), edges="edges", directed=True, multigraph=False)
        return nx.cytoscape_graph(json.loads(data)) if form == "cytoscape" else WRITERS[form][1](file)
    return None


LOADED = collections.Counter()


def said(form, file, data):
    """Return what is wrong with how a file was read; "" if nothing is."""
    allowed = TIMES * len(data) + (ANY_NETWORK if b'"slot"' in data else ANY_FILE)
    tracemalloc.reset_peak()
    before, start = tracemalloc.get_traced_memory()[0], time.process_time()
    wrong = ""
    try:
        read(form, file, data)
        LOADED[form] += 1
    except ns.NodesimError as error:
        if len(str(error)) >= MESSAGE:
            wrong = f"a message of {len(str(error))} characters: {str(error)[:300]}"
    except Exception as error:
        at = error.__traceback__
        while at.tb_next:
            at = at.tb_next
        wrong = f"{type(error).__name__}: {str(error)[:200]} ({at.tb_frame.f_code.co_filename}:{at.tb_lineno})"
    peak = tracemalloc.get_traced_memory()[1] - before
    if peak > allowed and form in ("network", "pickle", "table"):
        wrong += f" {peak:,} bytes for a file of {len(data):,}"
    if time.process_time() - start > SECONDS:
        wrong += f" {time.process_time() - start:.1f} s"
    return wrong


def main(count, seed):
    """Read so many damaged files; return how many were read wrongly."""
    faulthandler.enable()
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    signal.alarm(60 + count)
    warnings.simplefilter("error")
    logging.disable()
    rng, whole = random.Random(seed), seeds()
    others = [data for _, data in whole]
    file = pathlib.Path(tempfile.mkdtemp(prefix="damaged-")) / "file"
    print(f"the file that is being read: {file}", flush=True)
    for form, data in whole:
        file.write_bytes(data)
        # What a first call imports and keeps is no file's cost.
        with contextlib.suppress(ns.NodesimError):
            read(form, file, data)
    tracemalloc.start()
    wrong = 0
    for number in range(count):
        form, data = whole[number % len(whole)]
        data = damaged(form, data, rng, others)
        file.write_bytes(data)
        found = said(form, file, data)
        if found:
            wrong += 1
            file.with_name(f"{number}.{form}").write_bytes(data)
            print(f"{number}.{form}: {found}", flush=True)
    print(f"{count} damaged files, {sum(LOADED.values())} loaded ({dict(LOADED)}), {wrong} read wrongly")
    return wrong


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])) > 0)

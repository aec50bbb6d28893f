"""Names may hold any character: what is shown of them acts on nothing, and what is written of them comes back."""

from __future__ import annotations

import base64
import contextlib
import csv
import io
import itertools
import json
import re
import sys
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
import ziamath
from helpers import digest

import nodesim as ns
from nodesim import cli
from nodesim.cli.main import _show_warning
from nodesim.cli.terminal import Styled, fitted
from nodesim.formats.names import for_files, from_files
from nodesim.notation.symbols import latex_name
from nodesim.notation.wrapping import columns
from nodesim.showing import in_html, in_markup, shown

# Escapes, marks of direction, ends of lines, halves of surrogates, what XML lacks, markup.
HOSTILE = [
    *(f"c{chr(code)}0" for code in range(32)), *(f"c{chr(code)}1" for code in (127, 128, 0x85, 0x90, 0x9B, 0x9D, 0x9F)),
    "\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "\x1b]8;;http://x.example\x07link", "\x9b2J", "\r\x1b[Kgone", "\0",
    *(f"b{mark}i" for mark in "\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\xad"),
    "l\u2028s", "p\u2029s", "\ud800", "high\udbff", "\udc80low", "\ufffe", "\uffff", "\ufdd0", "\U0001fffe", "\U000e0001tag",
    "]]>", "<script>alert(1)</script>", "&#27;", "&amp;", "--><!--", "'\"><b>", "\\", "\\x1b", "{brace}", "$x$", "%s{0}", "`", "|",
    '"bell\\u0007"', "\ttab", "new\nline", " ", "x" * 90,
]  # fmt: skip
# What is printed, and stays.
STAYS = ["é", "e\u0301", "重み", "שלום", "ⵣ", "😀", "ñandú", "क्षि", "a b", "<&>", "\\n", "∂e/∂W1"]
# What acts on a terminal, ends a line for some reader, or cannot be written at all.
RAW = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffe\uffff\ud800-\udfff\U000e0001]"
)
TAGS = {"div", "table", "thead", "tbody", "tr", "th", "td", "p", "ul", "li", "pre", "img", "bdi", "style"}


def clean(text):
    """Check text that was shown: no character of it acts."""
    found = RAW.search(text)
    assert not found, (ascii(found[0]), ascii(text[max(found.start() - 60, 0) : found.end() + 60]))
    text.encode()
    return text


class Markup(HTMLParser):
    """Reads HTML: no name became an element or an attribute; pictures in it are XML."""

    def handle_starttag(self, tag, attributes):
        assert tag in TAGS, tag
        for key, value in attributes:
            assert key in ("style", "alt", "src") or (key, value) == ("class", "nodesim-picture"), key
            if key == "src":
                ET.fromstring(base64.b64decode(value.partition(",")[2]))


def looked_at(value, depth=1):
    """Check all that a result shows: itself, its forms for notebooks, and what its public attributes show."""
    clean(repr(value))
    # Nodes, connections and functions are their names, as text: data, by which they are found again.
    if not isinstance(value, str | ns.Node | ns.Connection | ns.Activation | ns.Loss):
        clean(str(value))
    for form in ("html", "svg", "latex"):
        written = getattr(value, f"_repr_{form}_", lambda: None)()
        if written is not None and form == "html":
            Markup().feed(clean(written))
        elif written is not None:
            clean(written)
            assert form == "latex" or ET.fromstring(written) is not None
    if isinstance(value, list | tuple):
        for part in value[:20]:
            looked_at(part, depth)
    elif depth and type(value).__module__.startswith("nodesim"):
        for key in dir(value):
            if not key.startswith("_") and key not in ("network", "owner"):
                with contextlib.suppress(ns.NodesimError):
                    looked_at(getattr(value, key), depth - 1)


def groups():
    """Return all names, ten at a time."""
    names = [*HOSTILE, *STAYS, *(f"spare {k}" for k in range(9))]
    return [names[k : k + 10] for k in range(0, len(names) - 9, 10)]


def hostile_network(names, *, registered=False):
    """Return a network whose nodes, connections and functions have such names; or functions that files may name."""
    one, two, three, four, five, six, edge, other, bent, lost = names
    bent = "tanh" if registered else ns.Activation(bent, np.tanh, lambda z, a: 1 - a * a)
    loss = "mse" if registered else ns.Loss(lost, lambda y, a: ((a - y) ** 2).sum(0), lambda y, a: 2 * (a - y))
    net = ns.Network(loss, seed=1, engine="numpy")
    net.add_input(one), net.add_input(two), net.add_bias(three, 0.5)
    net.add_hidden(four, bent), net.add_output(five, bent), net.add_output(six, "linear")
    ends = ((one, four, edge), (two, four, None), (three, four, other), (four, five, None), (four, six, None))
    for source, target, name in ends:
        net.connect(source, target, name=name)
    net.connections[1].trainable = False
    return net


X, Y = np.random.default_rng(0).standard_normal((2, 6, 2))


def results(net):
    """Yield what every way of looking at a network returns."""
    yield from (net, *net.nodes, *net.connections, net.layers, net.loss, net[net.nodes[3].name].activation)
    recordings = [ns.Recording(net), ns.PathRecording(net, [net.connections[0], net.connections[3]], X, Y)]
    yield net.fit(X, Y, epochs=2, learning_rate=1e-3, callbacks=recordings)
    yield from recordings
    for history in recordings[1].values():
        yield from (history, history.draw("path"), history.draw("node"))
    for x, y in ((X[0], Y[0]), (0 * X[0], Y[0])):
        net.forward(x), net.backward(y)
        yield from (net.dead_weights(), net.diagnose(x, y))
        yield ns.doctor(net, x, y, error=7.0, gradients={c: -c.gradient for c in net.connections})
    yield from (net.operations(), net.path_counts(), net.path_norm(), ns.check_gradients(net, X, Y))
    for of in (net.connections[0], net.connections[2].name, f"HA[{net.nodes[3].name}]"):
        paths = net.paths(of)
        yield from (
            paths,
            paths.through(net.nodes[3]),
            paths.by_output(),
            paths.flow(),
            paths.lengths(),
            paths.top(2),
            paths.cut(),
            paths.cuts(2),
            net.draw(paths),
        )
        derivation = net.derivation(of)
        yield from (derivation, derivation.draw(), derivation.tree(), derivation.compare(net.connections[1]))
        for form in ("paths", "factored", "partials", "shared"):
            yield derivation.text(form)
            yield derivation.latex(form)
    yield list(net.steps(X[0], Y[0]))
    yield net.draw(labels="weights")
    yield net.explore(X, Y)


def test_nothing_that_is_shown_acts():
    seen = 0
    for names in groups():
        for result in results(hostile_network(names)):
            if isinstance(result, str):
                clean(result)
            elif type(result).__name__ == "Explorer":
                # The frame around it holds the page's own script.
                clean(repr(result)), clean(result.html.replace("\t", " "))
            else:
                looked_at(result)
            seen += 1
    assert seen > 700


def test_pictures_show_the_same_signs_as_tables():
    for name in HOSTILE[:-2]:
        net = ns.Network(seed=0)
        net.add_input(name), net.add_output("y"), net.connect(name, "y")
        titles = [each.text for each in ET.fromstring(net.draw().svg).iter("{http://www.w3.org/2000/svg}title")]
        assert f"{shown(name)} (input)" in titles
        assert shown(name) in repr(net[name])


def test_printable_names_stay_and_others_are_told_apart():
    assert all(shown(name) == name for name in STAYS)
    signs = [
        chr(code)
        for code in [*range(0x3000), *range(0xD800, 0xE000), *range(0xFE00, 0x10000), *range(0xE0000, 0xE0080)]
    ]
    written = [shown(sign) for sign in signs]
    assert len(set(written)) == len(signs)
    for sign, text in zip(signs, written):
        clean(text)
        # As Python writes it, and written once.
        assert text == (sign if sign.isprintable() else repr(sign)[1:-1]) == shown(text)
        assert ET.fromstring(f"<a b='{in_markup(sign)}'>{in_markup(sign)}</a>").text == text


def test_every_name_is_typeset():
    for name in [*HOSTILE, *STAYS]:
        assert ziamath.Latex(clean(latex_name(f"HA[{name}]"))).svg()


def test_tables_count_the_columns_of_what_is_shown():
    for names in groups():
        net = hostile_network(names)
        net.forward(X[0]), net.backward(Y[0])
        table = str(net.paths(net.connections[0]).flow()).splitlines()
        # Numbers stand to the right: all lines end in one column.
        assert {columns(line) for line in table} == {columns(table[0])}
        tree = net.derivation(net.connections[0]).tree().splitlines()
        ends = [re.search("(Output|Hidden) layer", line) for line in tree[1:-1]]
        assert len({columns(found.string[: found.start()]) for found in ends}) == 1


def test_words_from_right_to_left_are_kept_apart():
    assert in_html("∂e/∂שלום0 = 0.5") == "∂e/∂<bdi>שלום</bdi>0 = 0.5"
    assert in_html("W[אב גד] · W[ש] <") == "W[<bdi>אב גד</bdi>] · W[ש] &lt;"
    assert in_html("é重み < 1") == "é重み &lt; 1"


def test_histories_and_data_sets_show_no_more(tmp_path):
    for name in HOSTILE:
        looked_at(ns.History([1.0], stop_reason=name)), looked_at(ns.History(stop_reason=name))
        looked_at(ns.datasets.Dataset(name, X, Y, (name, "b"), (name, "d"), description=name))
        looked_at(ns.datasets.Dataset(name, X, np.array([0, 1] * 3), ("a", "b"), ("c",), (name, "d")))


def test_terminals_get_their_own_codes_alone():
    for room in (None, 30):
        assert fitted(Styled("\x1b[1mred\x1b]0;t\x07\x1b[0m"), room).count("\x1b") == (0 if room is None else 2)
        for name in HOSTILE:
            clean(fitted(f"{name} and\n{name}", room))
        assert fitted("a\nb", room) == "a\nb"
    # Marks stand on the letter before them.
    assert [columns(name) for name in ("e\u0301", "ก็", "❤\ufe0f", "重み")] == [1, 1, 1, 4]


def test_broken_plugins_are_named_safely(tmp_path, monkeypatch):
    (tmp_path / "\x1b]0;t\x07.py").write_text("raise ValueError('\\x1b[31m\\u202e')", encoding="utf-8")
    code, texts = printed(["plugins", "--plugins-dir", str(tmp_path)], io.TextIOWrapper, monkeypatch)
    assert code == 1
    assert all(map(clean, texts))
    streams = io.StringIO()
    monkeypatch.setattr(sys, "stderr", streams)
    _show_warning(ns.PluginWarning("\x1b[31m"))
    assert clean(streams.getvalue()) == "nodesim: warning: \\x1b[31m\n"


def refusals(net, name):
    """Yield calls that are refused, each with a name in its message."""
    known = net.nodes[0].name
    yield from (
        lambda: net[name + "?"],
        lambda: net.paths(name + "?"),
        lambda: net.derivation(name),
        lambda: net.add_input(known),
    )
    yield from (
        lambda: net.connect(known, name + "?"),
        lambda: net.connect(net.outputs[0], known),
        lambda: net.remove(name + "?"),
    )
    yield from (
        lambda: net.add_hidden(None, name),
        lambda: setattr(net, "loss", name),
        lambda: setattr(net, "engine", name),
    )
    yield from (
        lambda: ns.activation(name),
        lambda: ns.loss(name),
        lambda: ns.datasets.load(name),
        lambda: ns.load(name),
    )
    yield from (
        lambda: net.forward({known: 1.0, name + "?": 2.0}),
        lambda: net.forward({known: float("nan")}),
        lambda: net.forward({}),
    )
    yield from (
        lambda: ns.Network.layered([1, 1], inputs=[name, name]),
        lambda: setattr(net.connections[0], "weight", name),
    )
    yield from (
        lambda: net.fit(X, Y, optimizer=name),
        lambda: net.draw(labels=name),
        lambda: net.operations(name + "?"),
    )
    yield from (
        lambda: net.split(name + "?"),
        lambda: net.nodes[0].delta,
        lambda: setattr(net.nodes[0], "activation", "tanh"),
    )
    yield from (lambda: net.save(f"{name}/x"), lambda: ns.datasets.read_csv(name), lambda: net.draw().save(name))
    yield from (
        lambda: ns.Activation(name, 1, 2),
        lambda: ns.Loss(name, 1, 2),
        lambda: ns.Activation(name, formula=name),
    )
    yield from (lambda: net.explore(X, Y, names=[name]), lambda: ns.Network.from_networkx(nx.DiGraph([(name, name)])))


def test_no_message_acts(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = 0
    for names in groups():
        net = hostile_network(names)
        before = digest(net)
        for call in itertools.chain.from_iterable(refusals(net, name) for name in names[1:9:3]):
            with pytest.raises(ns.NodesimError) as caught:
                call()
            said = clean(str(caught.value))
            assert "\n" not in said
            clean(repr(caught.value))
            told += 1
        assert digest(net) == before
    assert told > 800


def test_names_come_back_from_files(tmp_path):
    # Every name stands at a node, and at a connection.
    for names in (name[k:] + name[:k] for name in groups() for k in (0, 5)):
        net = hostile_network(names, registered=True)
        net.save(tmp_path / "net.json")
        graph = net.to_networkx()
        nx.write_graphml_xml(graph, tmp_path / "net.graphml"), nx.write_gexf(graph, tmp_path / "net.gexf")
        ET.parse(tmp_path / "net.graphml"), ET.parse(tmp_path / "net.gexf")
        read = [nx.read_graphml(tmp_path / "net.graphml"), nx.read_gexf(tmp_path / "net.gexf")]
        alive = [graph, net.graph, nx.relabel_nodes(net.graph, str)]
        for twin in (ns.load(tmp_path / "net.json"), *map(ns.Network.from_networkx, [*read, *alive])):
            assert [node.name for node in twin.nodes] == [node.name for node in net.nodes]
            assert [c.name for c in twin.connections] == [c.name for c in net.connections]
            assert twin.weights.tolist() == net.weights.tolist()


def test_functions_come_back_from_graphs():
    name = "\x1bbent\ud800"
    ns.register(ns.Activation(name, np.tanh, lambda z, a: 1 - a * a))
    ns.register(ns.Loss(name, lambda y, a: ((a - y) ** 2).sum(0), lambda y, a: 2 * (a - y)))
    try:
        net = ns.Network.layered([1, 1, 1], name, loss=name, seed=0)
        stream = io.BytesIO()
        nx.write_graphml_xml(net.to_networkx(), stream), stream.seek(0)
        twin = ns.Network.from_networkx(nx.read_graphml(stream))
        assert (twin.loss, twin["H1"].activation) == (net.loss, net["H1"].activation)
    finally:
        ns.unregister(name, "activation"), ns.unregister(name, "loss")


def test_one_name_has_one_form_in_files():
    names = [
        *HOSTILE,
        *STAYS,
        '"',
        '""',
        '"x"',
        '"1"',
        "[1]",
        '"\\u0007',
        json.dumps("\x07"),
        json.dumps(json.dumps("\x07")),
    ]
    written = [for_files(name) for name in names]
    assert [from_files(text) for text in written] == names
    assert len(set(written)) == len(names)
    # As the first version wrote the name of a connection.
    assert from_files(json.dumps("tab\there")) == "tab\there"
    with pytest.raises(ns.ArgumentError, match="two halves"):
        ns.Network().add_input("\ud83d\ude00")


class Terminal(io.TextIOWrapper):
    def isatty(self):
        return True


def printed(arguments, kind, monkeypatch):
    """Return the exit code of a command, and what it writes; of a terminal without nodesim's own codes."""
    streams = [kind(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2)]
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", streams[0]), patched.setattr(sys, "stderr", streams[1])
        try:
            code = cli.main(arguments)
        except SystemExit as stopped:
            code = stopped.code
        for stream in streams:
            stream.flush()
    own = re.compile("\x1b\\[(?:0|1|2|31|32)m|\r\x1b\\[K" if kind is Terminal else "(?!)")
    return code, [own.sub("", stream.buffer.getvalue().decode()) for stream in streams]


def commands(net, names):
    """Yield commands on a network and a table with such names, and such as are refused."""
    sample = ["--input", "1,2", "--target", "0,1"]
    edge = net.connections[0].name
    for line in ("info", "info --json", "info --engine", "draw", "predict d.csv", "predict d.csv --json", "check d.csv",
                 "diagnose d.csv", "train d.csv --epochs 2 -o o.json --record r.html", "explore d.csv -o p.html"):  # fmt: skip
        command, *rest = line.split()
        yield [command, "net.json", *rest]
    yield from (["new", "2-2-2", "--data", "d.csv", "-o", "n.json"], ["steps", "net.json", *sample])
    for more in (
        ["paths"],
        ["paths", "--flow"],
        ["cut"],
        ["cut", "--top", "2"],
        ["trace"],
        ["trace", "--json"],
        *(["trace", "--form", form] for form in ("shared", "tree", "latex")),
    ):
        yield [more[0], "net.json", edge, *sample, *more[1:]]
    for name in names[:2]:
        yield from (
            [name],
            ["info", name],
            ["info", "net.json", name],
            ["train", "net.json", name],
            ["draw", "net.json", "-o", name + ".x"],
        )
        yield from (
            ["trace", "net.json", name + "?", *sample],
            ["predict", "net.json", "d.csv", "--target", name + "?"],
        )
        yield ["plugins", "--plugins-dir", name + "?"]


@pytest.mark.parametrize("kind", [io.TextIOWrapper, Terminal])
def test_no_command_prints_what_acts(kind, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "60")
    done = 0
    for names in groups()[:: 2 if kind is Terminal else 4]:
        net = hostile_network(names, registered=True)
        net.save("net.json")
        with Path("d.csv").open("w", newline="", encoding="utf-8", errors="surrogatepass") as stream:
            rows = csv.writer(stream)
            rows.writerow(node.name for node in [*net.inputs, *net.outputs]), rows.writerows(np.hstack([X, Y]).tolist())
        for arguments in commands(net, names):
            code, texts = printed(arguments, kind, monkeypatch)
            assert code in (0, 1, 2)
            for text in texts:
                assert "Traceback" not in clean(text)
            if "--json" in arguments and not code:
                json.loads(texts[0])
            done += not code
    assert done > (60 if kind is Terminal else 30)

"""Drawings show what the figures of the article show: every node and connection, and in red what feeds a gradient."""

from __future__ import annotations

import base64
import itertools
import re
import sys
import xml.etree.ElementTree as ET

import pytest
from helpers import ROOT, SEEDS, article_network, random_network
from hypothesis import given
from test_derivation import HOSTILE

import nodesim as ns
from nodesim.article.figures import figure
from nodesim.drawing import stacked, themes
from nodesim.drawing.layout import layout

SVG = "{http://www.w3.org/2000/svg}"
RED = "#c1121f"


def words(drawing, colour=None):
    """Return the words of a picture, or those of a colour."""
    texts = ET.fromstring(drawing.svg).iter(f"{SVG}text")
    return [text.text for text in texts if colour is None or text.get("fill") == colour]


def test_figure_1_is_the_general_architecture():
    shown = words(figure(1))
    assert {"Input layer", "Hidden layer 1", "Output layer", "I3", "H4", "HA4", "O2", "OA2", "B1", "B2"} <= set(shown)
    assert not any(re.fullmatch(r"W\d+", word) for word in shown)


def test_figure_2_has_everything_and_nothing_red():
    drawing = figure(2)
    expected = {
        "I1",
        "I2",
        "B1",
        "H1",
        "HA1",
        "H2",
        "HA2",
        "B2",
        "O1",
        "OA1",
        "O2",
        "OA2",
        *(f"W{i}" for i in range(1, 13)),
    }
    assert set(words(drawing)) - {"Input layer", "Hidden layer 1", "Output layer"} == expected
    assert RED not in drawing.svg
    root = ET.fromstring(drawing.svg)
    assert len(list(root.iter(f"{SVG}circle"))) == 8
    assert len(list(root.iter(f"{SVG}path"))) == len(list(root.iter(f"{SVG}polygon"))) == 12


def test_figures_3_and_4_show_in_red_what_feeds_the_gradient():
    assert set(words(figure(3), RED)) == {"I1", "W1", "H1", "HA1", "W7", "W8", "O1", "OA1", "O2", "OA2"}
    assert set(words(figure(4), RED)) == {"H1", "HA1", "W7", "O1", "OA1"}
    # Not by colour alone: what is red is thicker and bold, too.
    for circle in ET.fromstring(figure(3).svg).iter(f"{SVG}circle"):
        assert (circle.get("stroke") == RED) == (circle.get("stroke-width") == "3.5")


@pytest.mark.parametrize(("number", "paths", "layers"), [(5, 4, 2), (6, 8, 3)])
def test_figures_5_and_6_show_every_path(number, paths, layers):
    drawing = figure(number)
    captions = [word for word in words(drawing) if word.startswith("path ")]
    expected = [" → ".join(node.name for node in path.nodes) for path in article_network(layers).paths("W1")]
    assert captions == [f"path {i}: {way}" for i, way in enumerate(expected, 1)]
    assert len(captions) == paths
    red = words(drawing, RED)
    assert red.count("W1") == paths + 1
    assert red.count("W7") == paths // 2 + 1


@pytest.mark.parametrize("number", [0, 8, "3", None, True])
def test_there_are_seven_figures(number):
    with pytest.raises(ns.ArgumentError, match="figures 1 to 7"):
        figure(number)


def test_highlights():
    net = article_network(1)
    assert set(words(net.draw(highlight="W1"), RED)) == {"I1", "W1", "H1", "HA1"}
    assert set(words(net.draw(highlight=[net["H2"], "W12"]), RED)) == {"H2", "HA2", "B2", "W12", "O2", "OA2"}
    assert words(net.draw(highlight=net.derivation("W1")), RED) == words(net.draw(highlight=net.paths("W1")), RED)
    first = next(iter(net.paths("W1")))
    assert set(words(net.draw(highlight=first), RED)) == {"I1", "W1", "H1", "HA1", "W7", "O1", "OA1"}
    assert set(words(net.draw(highlight=net.paths("HA1")), RED)) == {"H1", "HA1", "W7", "W8", "O1", "OA1", "O2", "OA2"}
    for wrong in (5, "W99", [5]):
        with pytest.raises(ns.NodesimError):
            net.draw(highlight=wrong)
    tie = net.tie("W1", "W6", name="Wr")
    for uses in ("Wr", tie):
        assert net.draw(highlight=uses).svg == net.draw(highlight=["W1", "W6"]).svg
    net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
    assert net.draw(highlight=net.paths("Wr")).svg == net.draw(highlight=list(net.paths("Wr"))).svg
    with pytest.raises(ns.ArgumentError, match="labels must be"):
        net.draw(labels="name")


def test_weights_tell_their_sign_without_colour():
    net = article_network(1)
    net["W1"].weight, net["W2"].weight = -0.25, 0.5
    drawing = net.draw(labels="weights")
    assert {"−0.25", "0.5"} <= set(words(drawing))
    dashed = [path for path in ET.fromstring(drawing.svg).iter(f"{SVG}path") if path.get("stroke-dasharray")]
    assert len(dashed) == sum(weight < 0 for weight in net.weights)


@pytest.mark.parametrize("name", [*HOSTILE, "]]>", "&amp;", "a" * 500, "\ud800"])
def test_names_are_shown_literally_and_run_nothing(name):
    net = ns.Network(seed=0)
    net.add_input(name), net.add_output(f"{name}!")
    net.connect(name, f"{name}!", name=f"{name}?")
    root = ET.fromstring(net.draw().svg)
    assert {element.tag for element in root.iter()} <= {
        f"{SVG}{tag}" for tag in ("svg", "title", "g", "text", "circle", "line", "path", "polygon", "rect")
    }
    titles = [element.text for element in root.iter(f"{SVG}title")]
    if name.isprintable():
        assert f"{name} (input)" in titles


def test_crossings_are_reduced_where_they_can_be():
    net = ns.Network(seed=0)
    for index in range(6):
        net.add_input(f"I{index}"), net.add_hidden(f"H{index}"), net.add_output(f"O{index}")
    for index in range(6):
        net.connect(f"I{index}", f"H{5 - index}"), net.connect(f"H{index}", f"O{(index * 2) % 5 if index < 5 else 5}")
    plan = layout(net)
    ends = [(plan.places[c.source], plan.places[c.target]) for c in plan.connections]
    for (a, b), (c, d) in itertools.combinations(ends, 2):
        assert not (a[0] == c[0] and (a[1] - c[1]) * (b[1] - d[1]) < 0)
    # A network in the article's order stays in it.
    places = layout(article_network(1)).places
    assert sorted((x, y, node.name) for node, (x, y) in places.items())[:3] == [
        (60.0, 66.0, "I1"),
        (60.0, 150.0, "I2"),
        (60.0, 234.0, "B1"),
    ]


@given(seed=SEEDS)
def test_any_network_is_drawn(seed):
    net, _ = random_network(seed)
    root = ET.fromstring(net.draw().svg)
    assert len(list(root.iter(f"{SVG}circle"))) == len(net)
    assert len(list(root.iter(f"{SVG}polygon"))) == len(net.connections)
    places = list(layout(net).places.values())
    assert len(set(places)) == len(places)


def test_large_networks_show_what_is_asked_for():
    net = ns.Network.layered([100, 200, 50], seed=0)
    net.forward([0.1] * 100), net.backward([0.0] * 50)
    drawing = net.draw(highlight=net.paths("W30000"))
    source, target = net["W30000"].source.name, net["W30000"].target.name
    assert {source, target, "W30000"} <= set(words(drawing, RED))
    assert "⋮ 96 more" in words(drawing)
    assert "nodes not shown" in drawing.description
    assert len(drawing.svg) < 200_000


def test_saving(tmp_path, monkeypatch):
    drawing = figure(3)
    drawing.save(tmp_path / "figure.svg")
    assert ET.parse(tmp_path / "figure.svg").getroot().tag == f"{SVG}svg"
    drawing.save(tmp_path / "figure.png")
    data = (tmp_path / "figure.png").read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert (int.from_bytes(data[16:20]), int.from_bytes(data[20:24])) == (1000, 552)
    # Words are drawn, also where the machine has no fonts: without them the picture is smaller by far.
    plain = re.sub(r"<text.*?</text>", "", drawing.svg)
    assert len(data) > 1.2 * len(ns.figures.Drawing(plain, 500, 300, "").png())
    with pytest.raises(ns.ArgumentError, match=r"saved as \.svg, \.png or \.tex"):
        drawing.save(tmp_path / "figure.gif")
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(ns.MissingExtraError, match=r"pip install 'nodesim\[png\]'"):
        drawing.save(tmp_path / "other.png")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["figure.png", "figure.svg"]
    assert drawing._repr_svg_().startswith("<svg")


def test_training_curve():
    net = ns.Network.layered([2, 3, 1], seed=1)
    x, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    history = net.fit(x, y, epochs=2000, learning_rate=0.5, validation_data=(x, y))
    root = ET.fromstring(history.draw().svg)
    lines = list(root.iter(f"{SVG}polyline"))
    assert len(lines) == 2
    assert lines[1].get("stroke-dasharray")
    points = [tuple(map(float, pair.split(","))) for pair in lines[0].get("points").split()]
    assert len(points) <= 602
    assert points == sorted(points)
    assert points[0][1] < points[-1][1]
    assert {"error", "validation error", "epoch", "2,000"} <= set(words(history.draw()))
    assert "no epoch completed" in words(ns.History().draw())
    assert "the error is 0" in words(ns.History([0.0]).draw())
    # A line of one point cannot be seen: it is a dot.
    assert len(list(ET.fromstring(ns.History([0.5]).draw().svg).iter(f"{SVG}circle"))) == 1


def test_a_flow_is_as_thick_as_its_share():
    net = article_network(2)
    flow = net.paths("W1").flow()
    drawing = net.draw(highlight=flow)
    root = ET.fromstring(drawing.svg)
    widths = {}
    for group in root.iter(f"{SVG}g"):
        name = re.search(r"\w+", group.find(f"{SVG}title").text.removeprefix("Connection "))[0]
        line = group.find(f"{SVG}circle") if name[0] != "W" else group.find(f"{SVG}path")
        widths[name] = float(line.get("stroke-width"))
        assert (line.get("stroke") == RED) == (name in flow.names)
        if name in flow.names:
            assert f"; {flow[name].share:.1%} of the gradient" in group.find(f"{SVG}title").text
    plain = {"W": widths["W2"], "I": widths["I2"], "H": widths["H2"], "O": widths["H2"]}
    shares = [(widths[row.name] - plain[row.name[0]], abs(row.share)) for row in flow]
    unit = shares[0][0]
    assert unit > 4
    assert all(extra == pytest.approx(unit * share, abs=0.006) for extra, share in shares)
    assert "thickness: share of the gradient" in words(drawing)


def test_a_flow_with_parts_against_one_another():
    net = ns.Network.layered([1, 2, 1], hidden="linear", bias=False, seed=0)
    net.weights = [1.0, 1.0, 3.0, -2.0]
    net.forward([1.0]), net.backward([0.0])
    drawing = net.draw(highlight=net.paths("I1").flow())
    dotted = [each for each in ET.fromstring(drawing.svg).iter() if each.get("stroke-dasharray")]
    # The share of W3 is 300 %, that of W4 -200 %.
    assert {each.tag.removeprefix(SVG) for each in dotted} == {"circle", "path"}
    assert len(dotted) == 3
    assert max(float(each.get("stroke-width", 0)) for each in ET.fromstring(drawing.svg).iter()) < 9
    assert "thickness: share of the gradient; dotted: of the opposite sign" in words(drawing)
    mixed = net.draw(highlight=[net.paths("I1").flow().nodes, net["W4"]])
    assert set(words(mixed, RED)) == {"I1", "H1", "HA1", "H2", "HA2", "O1", "OA1", "W4"}


def test_flows_of_nothing_and_of_lengths():
    net = ns.Network.layered([1, 1, 1], hidden="relu", bias=False, seed=0)
    net.weights = [-1.0, 1.0]
    net.forward([1.0]), net.backward([0.0])
    flow = net.paths("W1").flow()
    assert flow["W1"].gradient == 0
    assert set(words(net.draw(highlight=flow), RED)) == {"I1", "W1", "H1", "HA1", "W2", "O1", "OA1"}
    with pytest.raises(ns.ArgumentTypeError, match="a flow over lengths"):
        net.draw(highlight=net.paths("W1").lengths())


def test_a_network_is_drawn_in_a_language():
    network = ns.Network.layered([2, 2, 2], seed=0)
    drawn = network.draw(labels="weights", language="de")
    for words in ("Eingabeschicht", "Verdeckte Schicht 1", "Ausgabeschicht", "Netz 2-2-2", "Verbindung W1: I1 → H1 = "):
        assert words in drawn.svg
    assert "layer" not in drawn.svg
    assert "Connection" not in drawn.svg
    # As many numbers, and none with a point: shapes have theirs in attributes.
    told = [re.findall(r"\d[.,]\d+", text) for text in re.findall(r">([^<]+)<", drawn.svg)]
    assert sum(map(len, told)) >= 24
    assert not [number for numbers in told for number in numbers if "." in number]
    with pytest.raises(ns.ArgumentError, match="no language"):
        network.draw(language="xx")


def pictures():
    """Return one picture of each kind."""
    net = article_network(2)
    recording = ns.PathRecording(net, "W1", [0.05, 0.1], [0.01, 0.99])
    ledger = ns.Ledger(net, "W1")
    history = net.fit([[0.05, 0.1]], [[0.01, 0.99]], epochs=5, learning_rate=0.1, callbacks=[recording, ledger])
    unrolled = ns.Network.recurrent(1, 2, 1, kind="elman", seed=0).unroll(steps=4)
    unrolled.forward([0.0, 1.0, 1.0, 0.0]), unrolled.backward([0.0, 1.0, 0.0, 0.0])
    net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
    before = net.paths("W1")
    net.update(0.5), net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
    return [
        net.draw(), net.draw(highlight="W1", labels="weights"), net.draw(highlight=before.flow()),
        net.draw(highlight=before.compare(net.paths("W1"))), *map(figure, range(1, 8)), history.draw(),
        *(recording["W1"].draw(by=by) for by in ("output", "node", "path")), net.derivation("W1").draw(cuts=["W7", "W13"]),
        *(ledger["W1"].draw(by) for by in ("sample", "path")),
        ns.gradients_over_time(unrolled, "H").draw(),
    ]  # fmt: skip


PICTURES = pictures()
HEX = re.compile(r"#[0-9a-f]{6}")


def luminance(colour):
    """Return the relative luminance of WCAG 2."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_every_colour_has_a_dark_one():
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "nodesim").rglob("*.py")]
    written = {
        colour
        for text in sources
        if "nodesim.drawing" in text
        for colour in re.findall(r'"(#[0-9a-f]{6})"', text.lower())
    }
    assert len(written) > 25
    # Black is what TikZ has without a colour.
    assert written - {"#000000"} - set(themes.DARK) - set(themes.DARK.values()) == set()


def test_dark_pictures_are_the_same_in_other_colours():
    for drawing in PICTURES:
        dark = drawing.themed("dark").svg
        colours = {colour for colour in HEX.findall(drawing.svg) if f'"{colour}"' in drawing.svg}
        assert [words.text for words in ET.fromstring(dark).iter(f"{SVG}text")] == words(drawing)
        assert not {colour for colour in colours if f'"{colour}"' in dark} - set(themes.DARK.values())
        assert HEX.sub("", dark).replace("background:;fill:", "background:") == HEX.sub("", drawing.svg)
        # Files, and what other programs are given, stay on white.
        assert drawing.themed("light").svg == drawing.svg
        assert "background:#ffffff" in drawing.svg
        assert drawing.themed("dark").tikz == drawing.tikz


def test_words_can_be_read_on_dark_ground():
    filled = set(stacked.COLOURS) | {stacked.OTHERS}
    dark = {themes.DARK[colour] for colour in filled}
    for drawing in PICTURES:
        for written in ET.fromstring(drawing.themed("dark").svg).iter(f"{SVG}text"):
            ink = written.get("fill")
            if ink is not None and ink != themes.DARK_PAPER:
                # Upon what is filled letters are in ink or in the paper's colour, see below.
                assert contrast(ink, themes.DARK_PAPER) > 4.5, (written.text, ink)
                assert ink not in dark
    for colour in filled:
        letters = themes.PAPER if colour in stacked._DARK else "#1d1d1f"
        assert contrast(themes.DARK[letters], themes.DARK[colour]) > 4.5, colour
    red, ink = themes.DARK[RED], themes.DARK["#1d1d1f"]
    assert luminance(red) < luminance(ink)
    assert int(red[1:3], 16) > 2 * int(red[3:5], 16)


def test_a_picture_follows_its_reader():
    drawing = figure(3)
    followed = drawing.themed("auto").svg
    root = ET.fromstring(followed)
    style = root.find(f"{SVG}style")
    assert "prefers-color-scheme:dark" in style.text
    rules = dict(re.findall(r'\[(?:fill|stroke)="(#\w+)"\]\{(?:fill|stroke):(#\w+)\}', style.text))
    assert rules == {colour: themes.DARK[colour] for colour in rules}
    assert set(rules) == set(HEX.findall(drawing.content))
    assert followed.endswith(f"{drawing.content}</svg>")
    shown = drawing._repr_html_()
    assert base64.b64encode(followed.encode()).decode() in shown
    assert base64.b64encode(drawing.themed("light").svg.encode()).decode() in drawing.themed("light")._repr_html_()
    assert drawing.themed("auto").png() == drawing.png()
    assert drawing.themed("dark").png() != drawing.png()
    with pytest.raises(ns.ArgumentError, match="theme must be one of 'light', 'dark', 'auto'"):
        drawing.themed("black")


def test_names_keep_their_colours():
    net = ns.Network(seed=0)
    net.add_input('a fill="#ffffff" b'), net.add_output("O1")
    net.connect('a fill="#ffffff" b', "O1")
    for theme in ("dark", "auto"):
        assert 'fill="#ffffff"' in words(net.draw().themed(theme))

"""Pictures of any network can be read: lines pass between nodes, labels stand free, and few connections cross."""

from __future__ import annotations

import base64
import itertools
import math
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from helpers import article_network, random_network

import nodesim as ns
from nodesim.drawing.labels import SIZE
from nodesim.drawing.layout import RADIUS, layout
from nodesim.drawing.measuring import width
from nodesim.drawing.ordering import crossings, ordered

SVG = "{http://www.w3.org/2000/svg}"
FLOWERS = ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"]
SORTS = ["setosa", "versicolor", "virginica"]


def skip_network(seed, nodes=None, connections=None):
    """Build a DAG of many layers, most of whose connections pass some of them."""
    rng = np.random.default_rng(seed)
    count = int(nodes or rng.integers(6, 19))
    inputs, outputs = int(rng.integers(1, 5)), int(rng.integers(1, 4))
    net = ns.Network(seed=seed)
    names = [f"I{i + 1}" for i in range(inputs)] + [f"H{i + 1}" for i in range(count - inputs - outputs)]
    names += [f"O{i + 1}" for i in range(outputs)]
    for name in names:
        {"I": net.add_input, "H": net.add_hidden, "O": net.add_output}[name[0]](name)
    pairs = {(int(rng.integers(min(place, count - outputs))), place) for place in range(inputs, count)}
    most = sum(min(place, count - outputs) for place in range(inputs, count))
    while len(pairs) < min(most, connections or int(count * rng.uniform(1.0, 3.5))):
        place = int(rng.integers(inputs, count))
        pairs.add((int(rng.integers(min(place, count - outputs))), place))
    for source, target in sorted(pairs):
        net.connect(names[source], names[target])
    return net


def flowers():
    net = ns.Network(seed=0)
    inputs, outputs = [net.add_input(name) for name in FLOWERS], [net.add_output(name) for name in SORTS]
    hidden = [net.add_hidden() for _ in range(5)]
    for source, target in [*itertools.product(inputs, hidden), *itertools.product(hidden, outputs)]:
        net.connect(source, target)
    return net


def walk(path, steps=20):
    """Return points along the d of a path of M, L and C."""
    points = []
    for letter, written in re.findall(r"([MLC])([^MLC]+)", path):
        numbers = list(map(float, written.split()))
        ends = list(zip(numbers[::2], numbers[1::2]))
        if letter == "M":
            points += ends
            continue
        curve = [points[-1], *ends]
        for step in range(1, steps + 1):
            t, level = step / steps, curve
            while len(level) > 1:
                level = [(a + t * (c - a), b + t * (d - b)) for (a, b), (c, d) in itertools.pairwise(level)]
            points += level
    return points


class Picture:
    """What an SVG says of nodes, lines and labels, read without the code that drew it."""

    def __init__(self, net, **options):
        self.drawing = net.draw(**options)
        root = ET.fromstring(self.drawing.svg)
        self.box = tuple(map(float, root.get("viewBox").split()))
        self.nodes, self.lines, self.tips = {}, {}, {}
        for group in root.iter(f"{SVG}g"):
            title, circle = group.find(f"{SVG}title").text, group.find(f"{SVG}circle")
            if circle is not None:
                self.nodes[title.rpartition(" (")[0]] = tuple(float(circle.get(key)) for key in ("cx", "cy", "r"))
            else:
                name = re.match(r"Connection (.+?): ", title)[1]
                self.lines[name] = walk(group.find(f"{SVG}path").get("d"))
                corners = group.find(f"{SVG}polygon").get("points").split()
                self.tips[name] = [tuple(map(float, corner.split(","))) for corner in corners]
        self.papers = [
            tuple(float(rect.get(k)) for k in ("x", "y", "width", "height")) for rect in root.iter(f"{SVG}rect")
        ]
        self.texts = [
            (text.text, float(text.get("x")), float(text.get("y")), float(text.get("font-size")))
            for text in root.iter(f"{SVG}text")
        ]

    def through_nodes(self, net):
        """Return the connections whose line or tip enters a node, and by how much, the two ends left out."""
        found = []
        for c in net.connections:
            points = np.array([*self.lines[c.name], *self.tips[c.name]]) if c.name in self.lines else np.empty((0, 2))
            for name, (x, y, r) in self.nodes.items():
                if len(points) and name not in (c.source.name, c.target.name):
                    nearest = np.hypot(*(points - (x, y)).T).min()
                    found += [(c.name, name, r - nearest)] if nearest < r + 2 else []
        return found

    def outside(self):
        _, _, wide, high = self.box
        points = [point for line in [*self.lines.values(), *self.tips.values()] for point in line]
        points += [(x + side * (r + 1), y + side * (r + 1)) for x, y, r in self.nodes.values() for side in (-1, 1)]
        points += [(x + side * width(word, size) / 2, y) for word, x, y, size in self.texts for side in (-1, 1)]
        return [(x, y) for x, y in points if not (0 <= x <= wide and 0 <= y <= high)]

    def covered(self):
        """Return the labels that cover another label or a node."""
        pairs = itertools.combinations(self.papers, 2)
        found = [
            (a, b)
            for a, b in pairs
            if a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]
        ]
        for x, y, w, h in self.papers:
            for cx, cy, r in self.nodes.values():
                if math.hypot(cx - min(max(cx, x), x + w), cy - min(max(cy, y), y + h)) < r:
                    found.append(((x, y, w, h), (cx, cy, r)))
        return found


def crossing(rows):
    """Count how many pairs of lines change sides between two columns; each line is told by its row in each column."""
    total = 0
    for i in range(max(map(max, rows), default=0)):
        left, right = np.array([(row[i], row[i + 1]) for row in rows if {i, i + 1} <= row.keys()]).reshape(-1, 2).T
        total += int(((left[:, None] - left) * (right[:, None] - right) < 0).sum()) // 2
    return total


def drawn_crossings(net):
    plan = layout(net)
    column = {x: index for index, x in enumerate(sorted({x for _, x, _ in plan.columns}))}
    ways = [(plan.places[c.source], *plan.lanes.get(c, ()), plan.places[c.target]) for c in plan.connections]
    return crossing([{column[x]: y for x, y in way} for way in ways])


def naive_crossings(net):
    """Count the same where nodes stand in the order in which they were added, and lines go straight between them."""
    members = [[*layer.nodes, *layer.biases] for layer in net.layers]
    column = {node: index for index, nodes in enumerate(members) for node in nodes}
    height = {node: (row + 0.5) / len(nodes) for nodes in members for row, node in enumerate(nodes)}
    standing = [[(height[node], 0, node) for node in nodes] for nodes in members]
    ways = []
    for number, c in enumerate(net.connections, 1):
        a, b = sorted((c.source, c.target), key=column.__getitem__)
        ways.append({column[a]: (height[a], 0, a), column[b]: (height[b], 0, b)})
        for index in range(column[a] + 1, column[b]):
            share = (index - column[a]) / (column[b] - column[a])
            ways[-1][index] = height[a] + share * (height[b] - height[a]), number, c
            standing[index].append(ways[-1][index])
    # Where two would stand at the same place, the first stands above the other.
    row = [{place: row for row, place in enumerate(sorted(places, key=lambda p: p[:2]))} for places in standing]
    return crossing([{index: row[index][place] for index, place in way.items()} for way in ways])


def test_dozens_of_random_networks_can_be_read():
    fewer = 0
    for seed in range(80):
        net = skip_network(seed) if seed % 2 or seed % 8 == 0 else random_network(seed)[0]
        options = {"labels": ("names", "weights", None, None)[seed % 4], "titles": seed % 5 > 0}
        if seed % 7 == 0:
            options["highlight"] = net.connections[:1]
        picture = Picture(net, **options)
        assert len(picture.lines) == len(net.connections), seed
        assert picture.through_nodes(net) == [], seed
        assert picture.outside() == [], seed
        assert picture.covered() == [], seed
        if seed % 8 == 0:
            assert picture.drawing.svg == net.draw(**options).svg, seed
        if seed % 2:
            drawn, naive = drawn_crossings(net), naive_crossings(net)
            assert drawn <= naive, seed
            fewer += drawn < naive
    assert fewer > 20


@pytest.mark.parametrize(("nodes", "connections"), [(40, 70), (60, 300)])
def test_large_skip_networks_are_drawn_whole(nodes, connections):
    net = skip_network(1, nodes, connections)
    picture = Picture(net)
    assert len(picture.nodes) == nodes
    assert len(picture.lines) == connections
    assert picture.through_nodes(net) == picture.outside() == picture.covered() == []
    assert drawn_crossings(net) < 0.8 * naive_crossings(net)


def best_order(columns, edges):
    every = itertools.product(*(itertools.permutations(column) for column in columns))
    return min(crossings(order, edges) for order in every)


def test_crossings_are_near_the_fewest_possible():
    rng = np.random.default_rng(0)
    found = least = equal = 0
    for _ in range(24):
        columns = [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10]]
        pairs = [*itertools.product(columns[0], columns[1]), *itertools.product(columns[1], columns[2])]
        edges = [pair for pair in pairs if rng.random() < 0.4]
        mine, best = crossings(ordered(columns, edges, ()), edges), best_order(columns, edges)
        # Counted as it is defined, over all pairs.
        row = {v: i for column in columns for i, v in enumerate(column)}
        layer = {v: i for i, column in enumerate(columns) for v in column}
        plain = sum(
            layer[a] == layer[c] and (row[a] - row[c]) * (row[b] - row[d]) < 0
            for (a, b), (c, d) in itertools.combinations(edges, 2)
        )
        assert crossings(columns, edges) == plain
        assert best <= mine <= plain
        found, least, equal = found + mine, least + best, equal + (mine == best)
    assert equal >= 22
    assert found <= 1.02 * least


def test_layers_stay_in_their_order_where_no_other_has_fewer_crossings():
    for net in (article_network(1), article_network(3), ns.Network.layered([4, 5, 3], seed=0), flowers()):
        places = layout(net).places
        for layer in net.layers:
            heights = [places[node][1] for node in (*layer.nodes, *layer.biases)]
            assert heights == sorted(heights)
    net = article_network(1)
    net.connect("I1", "O1")
    places = layout(net).places
    assert places[net["I1"]][1] < places[net["I2"]][1] < places[net["B1"]][1]


def test_outputs_that_feed_others_and_lines_that_lead_back():
    net = ns.Network(seed=0)
    for name in "abc":
        net.add_input(name)
    for name in ("u", "v", "w"):
        net.add_output(name)
    net.add_hidden("h")
    for pair in ("au", "bv", "cw", "uv", "uw", "vw", "uh", "hw"):
        net.connect(*pair)
    picture = Picture(net)
    assert picture.through_nodes(net) == picture.outside() == picture.covered() == []
    # An arrow's tip is at its target.
    for c in net.connections:
        x, y, r = picture.nodes[c.target.name]
        assert math.dist(picture.tips[c.name][0], (x, y)) == pytest.approx(r + 2, abs=0.2)
        assert math.dist(picture.lines[c.name][0], picture.nodes[c.source.name][:2]) == pytest.approx(r, abs=0.2)


@pytest.mark.parametrize("labels", ["names", "weights"])
def test_nothing_is_drawn_over_what_is_left_out(labels):
    net = ns.Network.layered([20, 20, 20], seed=0)
    net.forward([0.1] * 20), net.backward([0.0] * 20)
    for highlight in (None, net.paths("W210").flow()):
        picture = Picture(net, labels=labels, highlight=highlight)
        lowest = max(y for line in picture.lines.values() for _, y in line)
        notes = [(y, x, width(word, size)) for word, x, y, size in picture.texts if y > lowest + RADIUS]
        assert sum("more" in word for word, *_ in picture.texts) == 3
        assert all(y > lowest + RADIUS for word, _, y, _ in picture.texts if "more" in word)
        for (y1, x1, w1), (y2, x2, w2) in itertools.combinations(notes, 2):
            assert abs(y1 - y2) >= 14 or abs(x1 - x2) > (w1 + w2) / 2
        assert picture.outside() == picture.through_nodes(net) == []


def test_long_names_fit_or_are_cut_and_told_in_full():
    picture = Picture(flowers(), labels="weights")
    words = {word for word, *_ in picture.texts}
    assert {"petal", "length", "(cm)", "versicolor"} <= words
    assert len(picture.papers) == 35
    net = ns.Network(seed=0)
    names = ["an endless name of many words", "W" * 40, "測定された花弁の長さ", "tiny"]
    net.add_output("o" * 30)
    for name in names:
        net.connect(net.add_input(name), "o" * 30, name=name * 2)
    picture = Picture(net)
    assert set(names) <= set(picture.nodes)
    assert picture.covered() == picture.outside() == []
    assert "tiny" in {word for word, *_ in picture.texts}
    inside = 0
    for word, x, y, size in picture.texts:
        for cx, cy, r in picture.nodes.values():
            if math.dist((x, y), (cx, cy)) < r:
                inside += 1
                corner = math.hypot(abs(x - cx) + width(word, size) / 2, abs(y - cy) + 0.36 * size)
                assert corner < r, word
    assert inside == 5
    assert all(width(word, SIZE) < 120 for word, x, y, size in picture.texts if size == SIZE)


def embedded(html):
    """Return the style of an image in a page, and the picture that is in it: an untrusted notebook shows no other."""
    found = re.search(
        r'<img class="nodesim-picture" src="data:image/svg\+xml;base64,([^"]+)" alt="[^"]+" style="([^"]+)">', html
    )
    return dict(rule.split(":") for rule in found[2].split(";")), base64.b64decode(found[1]).decode()


def test_pictures_fit_the_page_of_a_notebook_and_are_readable_on_dark_ones():
    drawing = ns.figures.figure(6)
    style, image = embedded(drawing._repr_html_())
    # It has the light or dark of the page, which says so to it.
    assert image == drawing.themed("auto").svg
    assert style == {
        "width": "100%",
        "max-width": f"{drawing.width:g}px",
        "height": "auto",
    }
    # What would be too small on a page is scrolled.
    wide = skip_network(1, 60, 300).draw()
    page = wide._repr_html_()
    assert page.startswith('<div style="overflow-x:auto"><style>')
    assert embedded(page)[0]["min-width"] == f"{0.65 * wide.width:.0f}px"
    # A file keeps its size: what shows it as an image knows no page.
    saved = ET.fromstring(drawing.svg)
    assert saved.get("style") == "background:#ffffff"
    assert saved.get("width") == f"{drawing.width:g}"


@pytest.mark.parametrize(
    ("errors", "rules", "runs", "dots"),
    [
        ([10.0**-k for k in range(31)], {"1", "1e-30"}, 1, 0),
        ([1.0, 0.1, 0.0, 0.0], {"1", "0.1", "0"}, 1, 0),
        ([0.5, 0.4, math.nan, 0.3, 0.2, math.inf, 0.1], {"0.5", "0.1"}, 2, 1),
        ([0.5] * 9, {"1", "0.1"}, 1, 0),
        ([0.1] * 5, {"1", "0.1"}, 1, 0),
        ([0.37], {"0.2", "0.5"}, 0, 1),
        ([5e-324, 1e308], {"1e-324", "1e+312"}, 1, 0),
        ([-1.0, 2.0], {"≤ 0", "2"}, 1, 0),
        ([math.nan] * 3, {"no error is a number"}, 0, 0),
        ([0.0, 0.0], {"the error is 0"}, 0, 0),
    ],
)
def test_curves_of_any_errors(errors, rules, runs, dots):
    drawing = ns.History(errors).draw()
    root = ET.fromstring(drawing.svg)
    assert rules <= {text.text for text in root.iter(f"{SVG}text")}
    lines = [
        [tuple(map(float, pair.split(","))) for pair in line.get("points").split()]
        for line in root.iter(f"{SVG}polyline")
    ]
    circles = [(float(c.get("cx")), float(c.get("cy"))) for c in root.iter(f"{SVG}circle")]
    assert (len(lines), len(circles)) == (runs, dots)
    points = [point for line in [*lines, circles] for point in line]
    assert all(84 <= x <= 616 and 40 <= y <= 308 for x, y in points)
    # Larger errors stand higher, and what is missing is not drawn.
    finite = [error for error in errors if math.isfinite(error)]
    if points:
        assert len(points) == len(finite)
        heights = [y for _, y in sorted(points)]
        for (a, b), (y, z) in zip(itertools.pairwise(finite), itertools.pairwise(heights)):
            assert (a > b) == (y < z)

"""What results show in notebooks: whole HTML, names as names, capped tables; and the progress line of `fit`."""

from __future__ import annotations

import io
import sys
import types
from html.parser import HTMLParser

import numpy as np
import pytest

import nodesim as ns
from nodesim.notation import markup
from nodesim.training import progress

HOSTILE = "<script>x</script>&\"'"
VOID = {"img", "br"}


class Page(HTMLParser):
    """Follows the tags: each is closed in its order, and what stands between them is kept."""

    def __init__(self, html):
        super().__init__()
        self.open, self.tags, self.words = [], [], []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        assert not any(name.startswith("on") for name, _ in attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def trained():
    net = ns.Network(seed=0)
    net.add_input(HOSTILE), net.add_hidden("<b>"), net.add_output("<i>"), net.add_output("O2")
    net.connect(HOSTILE, "<b>", name="<u>"), net.connect("<b>", "<i>", name="W&"), net.connect("<b>", "O2")
    moments = ns.Recording(net)
    paths = ns.PathRecording(net, "<u>", [0.5], [1.0, 0.0])
    history = net.fit([[0.5]], [[1.0, 0.0]], epochs=20, learning_rate=0.1, callbacks=[moments, paths])
    net.forward([0.5]), net.backward([1.0, 0.0])
    return net, moments, paths, history


NET, MOMENTS, PATHS, HISTORY = trained()
LETTERS = NET.exact([0.5], [1, 0], symbols=True)
DATA = ns.datasets.Dataset(
    HOSTILE, np.arange(40.0).reshape(20, 2), np.arange(20) % 2, ("<a>", "b"), ("t",), ("<no>", "yes"), description="<p>"
)
SHOWN = {
    "network": lambda: NET,
    "empty network": ns.Network,
    "drawing": NET.draw,
    "paths": lambda: NET.paths("<u>"),
    "ranking": lambda: NET.paths("<u>").top(2),
    "no ranking": lambda: NET.paths("<u>").top(0),
    "path": lambda: NET.paths("<u>").top(1)[0],
    "cut": lambda: NET.paths("<u>").cut(),
    "cuts": lambda: NET.paths("<u>").cuts(2),
    "outputs": lambda: NET.paths("<u>").by_output(),
    "flow": lambda: NET.paths("<u>").flow(),
    "text": lambda: NET.derivation("<u>").text(),
    "tree": lambda: NET.derivation("<u>").tree(),
    "operations": lambda: NET.derivation("<u>").operations,
    "comparison": lambda: NET.derivation("<u>").compare("W&"),
    "exact run": lambda: LETTERS,
    "exact gradient": lambda: LETTERS.gradient("<u>"),
    "exact paths": lambda: LETTERS.paths("<u>"),
    "exact path": lambda: next(iter(LETTERS.paths("<u>"))),
    "step": lambda: list(NET.copy().steps([0.5], [1.0, 0.0]))[-1],
    "diagnosis": lambda: NET.diagnose([0.5], [1.0, 0.0]),
    "dead weights": NET.dead_weights,
    "path counts": NET.path_counts,
    "check": lambda: ns.check_gradients(NET.copy(), [0.5], [1.0, 0.0]),
    "doctor": lambda: ns.doctor(NET.copy(), [0.5], [1.0, 0.0], error=9.0, gradients={"W&": 0.25}),
    "data": lambda: DATA,
    "history": lambda: HISTORY,
    "no history": ns.History,
    "recording": lambda: MOMENTS,
    "path recording": lambda: PATHS,
    "weight": lambda: PATHS["<u>"],
    "parts": lambda: PATHS["<u>"].paths,
}


@pytest.mark.parametrize("what", SHOWN)
def test_every_result_shows_whole_html_and_names_as_names(what):
    page = Page(SHOWN[what]()._repr_html_())
    assert set(page.tags) <= {
        "div",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "p",
        "ul",
        "li",
        "pre",
        "img",
        "style",
    }
    assert page.tags


def test_many_rows_are_capped_and_counted():
    big = ns.Network.layered([40, 40, 10], seed=0)
    big.forward(np.ones(40)), big.backward(np.zeros(10))
    data = ns.datasets.Dataset("d", np.zeros((1000, 300)), np.zeros((1000, 2)), tuple(f"f{i}" for i in range(300)), ("a", "b"))  # fmt: skip
    for result, rows, words in (
        (data, 11, "… 990 more samples"), (big.paths("W1").flow(), 21, "… 3 more rows"), (big.paths(big.nodes[0].name), 11, "… 390 more paths"),
    ):  # fmt: skip
        html = result._repr_html_()
        assert html.count("<tr>") == rows
        assert words in html
    assert Page(data._repr_html_()).tags.count("th") == 1 + 13 + 2


def test_a_long_recording_says_how_far_its_moments_are_apart():
    assert "weights kept of the epochs 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, …, 20" in MOMENTS._repr_html_()
    net = ns.Network.layered([1, 1], seed=0)
    few = ns.Recording(net, every=5)
    net.fit([[0.5]], [[1.0]], epochs=20, learning_rate=0.1, callbacks=few)
    assert "weights kept of the epochs 0, 5, 10, 15, 20" in few._repr_html_()


def test_written_text_is_a_str_that_shows_lines():
    text = NET.derivation("<u>").text()
    assert isinstance(text, str)
    assert isinstance(text, markup.Lines)
    assert "".join(Page(text._repr_html_()).words) == text
    assert isinstance(NET.paths("<u>").top(2), list)
    assert NET.paths("<u>").top(2) == list(NET.paths("<u>").ranked())


class Handle:
    def __init__(self, written):
        self.written = written

    def update(self, forms, raw):
        self.written.append(forms)


def in_notebook(monkeypatch, kernel):
    """Put in an IPython that notes what is displayed."""
    written = []

    def display(forms, raw, display_id):
        written.append(forms)
        return Handle(written)

    ipython = types.ModuleType("IPython")
    ipython.get_ipython = lambda: types.SimpleNamespace(**({"kernel": object()} if kernel else {}))
    module = types.ModuleType("IPython.display")
    module.display = display
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", module)
    return written


def followed(monkeypatch, shown):
    clock = iter(np.arange(0.0, 1000.0, 0.6))
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(progress.sys, "stderr", io.StringIO())
    line = progress.ProgressLine(shown)
    for epoch in range(1, 6):
        line.report(epoch, 1000, 0.25)
    line.close()
    return progress.sys.stderr.getvalue()


def test_progress_in_a_notebook_is_one_output_that_is_emptied(monkeypatch):
    written = in_notebook(monkeypatch, kernel=True)
    assert followed(monkeypatch, None) == ""
    assert written[0]["text/plain"] == "epoch 2/1,000  error 0.25  9 min 59 s left"
    assert written[-1] == {"text/plain": "", "text/html": ""}
    assert [forms["text/plain"][:9] for forms in written[1:-1]] == ["epoch 3/1", "epoch 4/1", "epoch 5/1"]
    written.clear()
    followed(monkeypatch, False)
    assert written == []


def test_progress_is_silent_where_output_is_redirected(monkeypatch):
    written = in_notebook(monkeypatch, kernel=False)
    assert followed(monkeypatch, None) == ""
    assert followed(monkeypatch, True).endswith("s left\r\x1b[K")
    assert written == []

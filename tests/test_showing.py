"""Names may hold any character: what is shown of them, and what is written, steers no terminal and breaks no file."""

from __future__ import annotations

import base64
import contextlib
import re
import types
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import numpy as np
import pytest

import nodesim as ns

# Escapes, marks of direction, ends of lines, halves of surrogates, what XML lacks, markup, and what must stay as it is.
HOSTILE = [
    *(f"c{chr(code)}0" for code in range(32)), *(f"c{chr(code)}1" for code in (127, 128, 0x85, 0x90, 0x9B, 0x9D, 0x9F)),
    "\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "\x1b]8;;http://x.example\x07link", "\x9b2J", "\r\x1b[Kgone", "\0",
    *(f"b{mark}i" for mark in "\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\xad"),
    "l\u2028s", "p\u2029s", "\ud800", "high\udbff", "\udc80low", "\ufffe", "\uffff", "\ufdd0", "\U0001fffe", "\U000e0001tag",
    "]]>", "<script>alert(1)</script>", "&#27;", "&amp;", "--><!--", "'\"><b>", "\\", "\\x1b", "{brace}", "$x$", "%s{0}", "`", "|",
    '"bell\\u0007"', "\ttab", "new\nline", " ", "e\u0301", "重み", "ל", "שלום", "😀", "∂e/∂W1", "x" * 90,
]  # fmt: skip
STAYS = ["é", "e\u0301", "重み", "שלום", "ⵣ", "😀", "ñandú", "क्षि", "a b", "<&>", "\\n", "∂e/∂W1"]
# What a terminal or a reader acts upon, whatever nodesim itself makes of it.
_RAW = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffe\uffff\ud800-\udfff\U000e0001]"
)


def clean(text):
    """Check a text that was shown: whatever a name holds, it does not act."""
    assert isinstance(text, str)
    found = _RAW.search(text)
    assert not found, (ascii(found[0]), ascii(text[max(found.start() - 60, 0) : found.end() + 60]))
    text.encode()
    return text


def refused(call, *arguments, **keywords):
    """Call what is refused, and return what is said: on one line, as tracebacks print it as well."""
    with pytest.raises(ns.NodesimError) as caught:
        call(*arguments, **keywords)
    said = clean(str(caught.value))
    assert "\n" not in said
    clean(repr(caught.value))
    return said


class Markup(HTMLParser):
    """Reads HTML: nothing of a name becomes an element."""

    def handle_starttag(self, tag, attributes):
        assert tag in ["div", "table", "thead", "tbody", "tr", "th", "td", "p", "ul", "li", "pre", "img", "iframe"], tag
        for key, value in attributes:
            assert not key.startswith("on")
            if key == "src":
                ET.fromstring(base64.b64decode(value.partition(",")[2]))


def looked_at(value, depth=1, seen=None):
    """Check everything that a result shows: itself, its forms for notebooks, and what its public parts show."""
    seen = set() if seen is None else seen
    if id(value) in seen or isinstance(value, str | bytes | int | float | np.ndarray | ns.Network):
        return
    seen.add(id(value))
    clean(repr(value))
    # Nodes, connections and functions are their names, as text: data, from which they are found again.
    if not isinstance(value, ns.Node | ns.Connection | ns.Activation | ns.Loss):
        clean(str(value))
    for form in ("html", "svg", "latex"):
        show = getattr(value, f"_repr_{form}_", None)
        if show is not None:
            written = clean(show())
            if form == "html":
                Markup().feed(written)
            elif form == "svg":
                ET.fromstring(written)
    if isinstance(value, list | tuple) or (depth and isinstance(value, types.GeneratorType)):
        for part in list(value)[:20]:
            looked_at(part, depth, seen)
    if depth and type(value).__module__.startswith("nodesim"):
        for key in dir(value):
            if not key.startswith("_") and key not in ("network", "owner", "plt"):
                with contextlib.suppress(ns.NodesimError, AttributeError):
                    looked_at(getattr(value, key), depth - 1, seen)


def hostile_network(names):
    """Return a network of seven nodes, whose nodes, connections and functions all have such names."""
    one, two, three, four, five, six, edge, other, bent, lost = names
    net = ns.Network(
        ns.Loss(lost, lambda y, a: ((a - y) ** 2).sum(0), lambda y, a: 2 * (a - y)), seed=1, engine="numpy"
    )
    bent = ns.Activation(bent, np.tanh, lambda z, a: 1 - a * a)
    net.add_input(one), net.add_input(two), net.add_bias(three, 0.5)
    net.add_hidden(four, bent), net.add_output(five, bent), net.add_output(six, "linear")
    for source, target, name in (
        (one, four, edge),
        (two, four, None),
        (three, four, other),
        (four, five, None),
        (four, six, None),
        (one, six, None),
    ):
        net.connect(source, target, name=name)
    net.connections[1].trainable = False
    return net


def groups():
    """Cut the hostile names into groups, one for each network; the last is filled up with what must stay."""
    names = [*HOSTILE, *(name for name in STAYS if name not in HOSTILE), *(f"spare {k}" for k in range(9))]
    return [names[k : k + 10] for k in range(0, len(names) - 9, 10)]

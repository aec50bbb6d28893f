"""The document put into its page: one HTML file without any outside request."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from importlib.resources import files
from typing import Any

from nodesim.showing import in_markup
from nodesim.wording.language import ENGLISH, Language
from nodesim.wording.message import marked

# What a browser may do with the page: run its own script, use its own style, show pictures that it made. Nothing else.
_POLICY = (
    "default-src 'none'; script-src {script}; style-src {style}; img-src data: blob:; base-uri 'none'; "
    "form-action 'none'; worker-src blob:"
)
_WITHOUT = marked("This page needs JavaScript, which it brings with it; it asks nothing of the network.")
_PLACE = re.compile(r"\{\{(\w+)\}\}")


def html(document: dict[str, Any], language: Language = ENGLISH) -> str:
    """Return the page of a document, with the hashes of its script and style in its security policy."""
    style, script = asset("style.css"), asset("bundle.js")
    pieces = {
        "policy": _POLICY.format(script=_hash(script), style=_hash(style)),
        "title": in_markup(document["title"]),
        "language": in_markup(language.code),
        "without": in_markup(language.say(_WITHOUT)),
        "style": style,
        "script": script,
        "document": embedded(document),
    }
    # In one pass: what was put in is not searched for places again.
    return _PLACE.sub(lambda place: pieces[place[1]], asset("page.html"))


def asset(name: str) -> str:
    """Return a file of the bundled page."""
    return files("nodesim.explorer").joinpath("page", name).read_text(encoding="utf-8")


def embedded(document: dict[str, Any]) -> str:
    r"""Return a document as JSON that can stand in a script element: nothing in it can end the element.

    Examples
    --------
    >>> print(embedded({"name": "</script>"}))
    {"name":"\u003c/script\u003e"}
    """
    # All but ASCII is escaped as well: lone surrogates, which UTF-8 has not, and line ends that JavaScript sees.
    text = json.dumps(document, allow_nan=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"

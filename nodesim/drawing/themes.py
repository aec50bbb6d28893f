"""The colours of pictures on dark ground: each has one that is as far from the ground as the other is from white."""

from __future__ import annotations

import re

PAPER, DARK_PAPER = "#ffffff", "#17191d"
_DARK_INK = "#e8e9ec"
# What is dark on white is light on dark, in its own hue: red stays red, and letters stay readable on what is filled.
DARK = {
    PAPER: DARK_PAPER,
    "#1d1d1f": _DARK_INK,  # ink
    "#a0a4ab": "#6b717a",  # what is faded
    "#6b7280": "#9aa1ac",
    "#d5d8dd": "#3a3f47",  # rules
    "#c9ccd1": "#4a4f57",
    "#eceef1": "#2a2e34",  # shades
    "#f6f7f9": "#22262c",
    "#c1121f": "#ff6f69",  # red, and its contrary
    "#1d4ed8": "#8ab0ff",
    "#0072b2": "#56b1ea",  # bands and lines, dark ones first
    "#009e73": "#3fcf9f",
    "#d55e00": "#ff9048",
    "#8c4a8c": "#d99ad9",
    "#e69f00": "#8a5f00",
    "#f0e442": "#6b6400",
    "#56b4e9": "#1f6690",
    "#f3c9de": "#7d4561",
    "#00795a": "#3fcf9f",
    "#a3478a": "#e48fca",
    "#f5c77a": "#7a5411",
    "#8a5a00": "#f0c070",
    "#0b5cad": "#6fb1f5",
    "#c2570c": "#ff9a4d",
    "#b3261e": "#ff8a80",  # cuts, and what they shade
    "#fdecea": "#3d1f1d",
    "#0b57a4": "#82baff",
    "#e3f0fc": "#17293d",
    "#7a4b00": "#f2bf62",
    "#fff3d6": "#362a10",
    "#6a1b9a": "#d5a3f5",
    "#f5e8fa": "#2e1d38",
}
# Of attributes alone: names of nodes stand between elements, and in them a quotation mark is written out.
_PAINT = re.compile(r'(fill|stroke)="(#[0-9a-f]{6})"')
CLASS = "nodesim-drawing"


def ground(theme: str | None) -> str:
    """Return the style of the whole picture; what has no colour of its own is written in ink."""
    return f"background:{DARK_PAPER};fill:{_DARK_INK}" if theme == "dark" else f"background:{PAPER}"


def dark(svg: str) -> str:
    """Return elements of a picture as they are drawn on dark ground.

    Examples
    --------
    >>> dark('<circle fill="#ffffff" stroke="#c1121f"/>')
    '<circle fill="#17191d" stroke="#ff6f69"/>'
    """
    return _PAINT.sub(lambda found: f'{found[1]}="{DARK.get(found[2], found[2])}"', svg)


def following(svg: str) -> str:
    """Return the style that draws a picture's elements as its reader prefers: on white, or on dark ground.

    Examples
    --------
    >>> print(following('<circle fill="#ffffff"/>'))
    .nodesim-drawing{background:#ffffff}
    @media screen and (prefers-color-scheme:dark){.nodesim-drawing{background:#17191d;fill:#e8e9ec}
    .nodesim-drawing [fill="#ffffff"]{fill:#17191d}}
    """
    used = sorted({found for found in _PAINT.findall(svg) if found[1] in DARK})
    rules = "".join(f'\n.{CLASS} [{kind}="{colour}"]{{{kind}:{DARK[colour]}}}' for kind, colour in used)
    return (
        f".{CLASS}{{{ground('light')}}}\n@media screen and (prefers-color-scheme:dark)"
        f"{{.{CLASS}{{{ground('dark')}}}{rules}}}"
    )

"""Pictures in notebooks and on pages are light where these are light, and dark where these are dark."""

from __future__ import annotations

import struct
import zlib

import pytest
from helpers import article_network

LIGHT, DARK = (255, 255, 255), (23, 25, 29)
HOSTS = {
    "JupyterLab": ('data-jp-theme-light="true"', 'data-jp-theme-light="false"'),
    "VS Code": ('class="vscode-light"', 'class="vscode-dark"'),
    "a page of Sphinx": ('data-theme="light"', 'data-theme="dark"'),
}


@pytest.fixture
def corner(browser):
    """What colour the ground of a picture has, on a page whose body is written so."""
    pages = []

    def seen(html, body="", prefers="light"):
        page = browser.new_page(viewport={"width": 600, "height": 400}, color_scheme=prefers)
        pages.append(page)
        page.set_content(f"<!doctype html><html><body {body}>{html}</body></html>")
        box = page.locator("img").bounding_box()
        return pixel(page.screenshot(clip={"x": box["x"] + 4, "y": box["y"] + 4, "width": 1, "height": 1}))

    yield seen
    for page in pages:
        page.close()


def pixel(png):
    """Return the colour of a PNG of one pixel."""
    data, place = b"", 8
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        if png[place + 4 : place + 8] == b"IDAT":
            data += png[place + 8 : place + 8 + length]
        place += 12 + length
    return tuple(zlib.decompress(data)[1:4])


@pytest.mark.parametrize("prefers", ["light", "dark"])
def test_a_picture_has_the_theme_of_what_is_around_it(corner, prefers):
    """And not that of the screen, which may be another."""
    html = article_network(1).draw(highlight="W1")._repr_html_()
    for light, dark in HOSTS.values():
        assert corner(html, light, prefers) == LIGHT
        assert corner(html, dark, prefers) == DARK
    assert corner(html, 'data-theme="auto"', prefers) == (LIGHT if prefers == "light" else DARK)
    # A page that says nothing is white.
    assert corner(html, "", prefers) == LIGHT


def test_a_theme_that_is_chosen_stays(corner):
    drawing = article_network(1).draw()
    assert corner(drawing.themed("dark")._repr_html_(), 'data-theme="light"') == DARK
    assert corner(drawing.themed("light")._repr_html_(), 'data-theme="dark"', "dark") == LIGHT

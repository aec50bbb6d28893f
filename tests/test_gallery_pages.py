"""The site's gallery has a page for everything that the gallery makes, with its picture, its explorer and its code."""

from __future__ import annotations

import importlib
import json
import re
import sys
import types
import xml.etree.ElementTree as ET

import pytest
from helpers import ROOT

pytest.importorskip("sphinx")
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def gallery():
    """The extension of the site that writes them."""
    folders = [str(ROOT / "examples" / "site" / "_extensions"), str(ROOT / "examples" / "gallery")]
    sys.path[:0] = folders
    try:
        yield importlib.import_module("gallery")
    finally:
        sys.path[:] = [path for path in sys.path if path not in folders]


@pytest.fixture(scope="module")
def source(gallery, tmp_path_factory):
    """A folder of the site in which they were written."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "gallery" / "networks").mkdir(parents=True)
    (folder / "gallery" / "networks" / "gone.md").write_text("of an earlier build", encoding="utf-8")
    gallery.write(types.SimpleNamespace(srcdir=folder))
    return folder / "gallery"


def test_every_network_has_its_page(gallery, source):
    pages = gallery.make.PAGES
    names = {f"{name}{ending}" for name in pages for ending in (".md", ".svg")}
    assert {file.name for file in (source / "networks").iterdir()} == {*names, "all.txt"}
    index = (source / "networks" / "all.txt").read_text(encoding="utf-8")
    assert re.findall(r"^networks/(\S+)$", index, re.MULTILINE) == list(pages)
    assert re.findall(r"\]\(networks/(\S+)\.md\)", index) == list(pages)
    assert "networks/all.txt" in (ROOT / "examples" / "site" / "gallery" / "index.md").read_text(encoding="utf-8")
    for name, make in pages.items():
        document = make().document
        text = (source / "networks" / f"{name}.md").read_text(encoding="utf-8")
        assert f"# {document['title']}\n" in text
        assert all(f"1. {sentence}\n" in text for sentence in document["guide"])
        assert f"```{{explorer}} {name}\n" in text
        assert f":pyobject: {make.__name__}\n" in text


def test_pictures_show_the_networks(gallery, source):
    for name, make in gallery.make.PAGES.items():
        document, root = make().document, ET.parse(source / "networks" / f"{name}.svg").getroot()
        assert len(list(root.iter(f"{SVG}circle"))) == len(document["nodes"])
        assert len(list(root.iter(f"{SVG}polygon"))) == len(document["connections"])
        titles = {title.text.partition(" ")[0] for title in root.iter(f"{SVG}title")}
        assert {node["name"] for node in document["nodes"]} <= titles
        # Red is there where something is selected.
        assert ('"#c1121f"' in ET.tostring(root, encoding="unicode")) == bool(document["selected"])
        assert "prefers-color-scheme" in root.find(f"{SVG}style").text


def test_notebooks_are_pages_that_can_be_downloaded(source):
    books = sorted((ROOT / "examples").glob("*.ipynb"))
    assert sorted(file.name for file in (source / "notebooks").iterdir()) == [book.name for book in books]
    listed = (ROOT / "examples" / "site" / "gallery" / "notebooks.md").read_text(encoding="utf-8")
    for book in books:
        original, copied = (
            json.loads(file.read_text(encoding="utf-8")) for file in (book, source / "notebooks" / book.name)
        )
        assert f"<../../../{book.name}>" in "".join(copied["cells"][0]["source"])
        assert [cell["source"] for cell in copied["cells"][1:]] == [cell["source"] for cell in original["cells"][1:]]
        assert f"\nnotebooks/{book.stem}\n" in listed
        assert f"](notebooks/{book.name})" in listed


def test_what_did_not_change_is_not_read_again(gallery, source):
    before = {file: file.stat().st_mtime_ns for file in source.rglob("*.*")}
    gallery.write(types.SimpleNamespace(srcdir=source.parent))
    assert {file: file.stat().st_mtime_ns for file in source.rglob("*.*")} == before

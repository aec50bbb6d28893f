"""The site as it lies on the disk, looked at: python tests/site/check.py build/site.

Every link leads somewhere; every page opens in Chromium without the network, at two widths, light and dark: nothing fails,
nothing sticks out at the side, formulas are set, pictures and explorers are there, explorers have the page's light or
dark, and the search finds. Ends with 1 if anything is wrong.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from urllib.parse import unquote, urlsplit

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "browser")]

import launching  # noqa: E402
from lxml import html  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

# What is looked at: the width of the window in pixels, and what the reader has chosen.
LOOKS = ((1280, "light"), (390, "dark"))
# What a reader may look for, and a page that must be among the first ones found.
SEARCHED = {
    "activation": "how-to/own-activation.html",
    "gradient wrong": "how-to/wrong-gradient.html",
    "networkx": "how-to/from-networkx.html",
    "GradientPaths": "nodesim.GradientPaths",
}


# ---- links ---------------------------------------------------------------------------------------------------


def lost_links(site: Path) -> Iterator[str]:
    """Yield which links, pictures and programs of the site's pages are not there; what is elsewhere is not asked for."""
    trees = {path: html.parse(path) for path in pages(site)}
    marks = {path: {*tree.xpath("//@id"), *tree.xpath("//a/@name"), ""} for path, tree in trees.items()}
    for path, tree in trees.items():
        for address in sorted(set(tree.xpath("//*/@href | //*/@src"))):
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            place = Path(path.parent, unquote(parts.path)).resolve() if parts.path else path
            # Explorers read what stands behind # in the address themselves.
            known = marks.get(place, {parts.fragment})
            if not place.is_file():
                yield f"{path.relative_to(site)}: {address} leads to no file"
            elif unquote(parts.fragment) not in known and parts.fragment not in known:
                yield f"{path.relative_to(site)}: {address} leads to no place of that page"


# ---- pages ---------------------------------------------------------------------------------------------------

_READY = """async () => {
  for (const each of document.querySelectorAll("iframe, img")) each.loading = "eager";
  if (window.MathJax?.startup) await MathJax.startup.promise;
}"""
_SCROLLS = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
_OUTSIDE = """() => [...document.querySelectorAll("main *, article *")].filter(each => {
  const box = each.getBoundingClientRect();
  return box.width && box.right > document.documentElement.clientWidth + 1;
}).slice(0, 3).map(each => `<${each.localName} class="${each.className}"> ${each.textContent.slice(0, 60)}`)"""
_UNSET = """() => [...document.querySelectorAll(".math")].filter(each => !each.querySelector("mjx-container"))
  .concat([...document.querySelectorAll("mjx-merror")]).map(each => each.textContent.slice(0, 80))"""
_NO_PICTURE = "() => [...document.images].filter(each => !each.complete || !each.naturalWidth).map(each => each.src)"
_UNNAMED = """() => [...document.querySelectorAll("main img:not([alt]), main iframe:not([title])")]
  .map(each => each.outerHTML.slice(0, 100))"""


class Reader:
    """A browser without the network, which keeps what goes wrong in it."""

    def __init__(self, browser) -> None:
        self.page = browser.new_context(offline=True).new_page()
        self.faults: list[str] = []
        self.page.on("console", lambda told: told.type in ("error", "warning") and self.faults.append(told.text))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("requestfailed", lambda request: self.faults.append(f"not loaded: {request.url}"))

    def opened(self, address: str, width: int, theme: str) -> None:
        """Open a page as a reader who has chosen light or dark before."""
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.goto(address)
        self.page.evaluate("theme => (document.body.dataset.theme = theme)", theme)
        self.page.evaluate(_READY)
        self.page.wait_for_load_state("load")

    def taken(self) -> list[str]:
        """Return what went wrong since the last time."""
        faults, self.faults = self.faults, []
        return faults


def wrong(reader: Reader, theme: str) -> Iterator[str]:
    """Yield what is wrong with the page that is open."""
    page = reader.page
    if page.evaluate(_SCROLLS):
        yield f"has to be moved sideways: {page.evaluate(_OUTSIDE)}"
    yield from (f"formula is not set: {each}" for each in page.evaluate(_UNSET))
    yield from (f"picture is not there: {each}" for each in page.evaluate(_NO_PICTURE))
    yield from (f"has no name for those who cannot see it: {each}" for each in page.evaluate(_UNNAMED))
    for frame in page.frames[1:]:
        root = frame.locator("#nodesim-explorer")
        if root.count() == 0:
            continue
        frame.wait_for_selector("#nodesim-explorer[data-ready=true]", state="attached")
        if root.get_attribute("data-theme") != theme:
            yield f"explorer does not become {theme}"
    yield from reader.taken()


def pages(site: Path) -> list[Path]:
    """Return the site's pages; explorers by themselves have tests of their own."""
    return sorted(path for path in site.rglob("*.html") if not {"explorers", "_static"} & set(path.parts))


def wrong_pages(reader: Reader, site: Path) -> Iterator[str]:
    """Yield what is wrong with each page, looked at in both ways."""
    for path in pages(site):
        for width, theme in LOOKS:
            reader.opened(path.as_uri(), width, theme)
            yield from (f"{path.relative_to(site)} ({width}, {theme}): {fault}" for fault in wrong(reader, theme))


def wrong_searches(reader: Reader, site: Path) -> Iterator[str]:
    """Yield what is not found from disk."""
    for words, wanted in SEARCHED.items():
        reader.page.goto(f"{(site / 'search.html').as_uri()}?q={words}")
        reader.page.wait_for_selector("#search-results .search-summary")
        reader.page.wait_for_selector("#search-results li a")
        reader.page.wait_for_timeout(500)
        found = reader.page.eval_on_selector_all("#search-results li a", "all => all.map(each => each.href)")
        if not any(wanted in address for address in found[:10]):
            yield f"search for {words!r} does not find {wanted} among the first ten, but {found[:10]}"
    yield from reader.taken()


def main(site: Path) -> int:
    """Look at everything."""
    start = time.perf_counter()
    faults = [*lost_links(site)]
    with ExitStack() as stack:
        browser = launching.launched(partial(stack.enter_context, sync_playwright()), print, launching.done)
        reader = Reader(browser)
        faults += [*wrong_pages(reader, site), *wrong_searches(reader, site)]
        browser.close()
    print(*faults, sep="\n", end="\n" if faults else "")
    print(f"{len(pages(site))} pages, {len(faults)} faults, {time.perf_counter() - start:.0f} s")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))

"""Papers set by pdflatex and printed by Chromium: nothing runs out of its sheet, no sign is missing, sheets are right.

Where pdflatex is missing, and this may, it is brought. Ends with 1 if anything is wrong.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "browser")]

import launching  # noqa: E402
import test_papers as made_by_hand  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

import nodesim as ns  # noqa: E402
from nodesim.papers import html, tex  # noqa: E402
from nodesim.papers.blocks import Paper  # noqa: E402
from nodesim.wording.language import language  # noqa: E402

PACKAGES = ["texlive-latex-recommended", "texlive-pictures", "lmodern", "poppler-utils"]
# Of sheets, in points; and how wide what is printed may be, in pixels.
SIZES = {"a4": ((595.28, 841.89), 657), "letter": ((612.0, 792.0), 680)}
LANGUAGES = ("en", "de")
OVERFULL = 5.0
# Of a sheet that another one of its paper follows: with fewer lines of words most of it is empty.
LINES = 12
_TOO_WIDE = re.compile(r"Overfull \\hbox \(([\d.]+)pt too wide\)[^\n]*")


# ---- what is printed -----------------------------------------------------------------------------------------


def by_hand(code: str) -> Iterator[Paper]:
    """Yield papers with every kind of block, and networks from one path to eight."""
    for sizes in ((2, 2), (2, 2, 2), (3, 4, 2, 1), (2, 2, 2, 2), (2, 2, 2, 2, 2)):
        yield made_by_hand.paper(sizes, which=language(code))


def nasty(code: str) -> Iterator[Paper]:
    """Yield papers whose names nobody would give."""
    if code == "en":
        yield from map(made_by_hand.named_paper, made_by_hand.NAMES[:60])


def sheets(code: str) -> Iterator[Paper]:
    """Yield exercise sheets of networks with one path to eight."""
    for sizes in ([1, 1], [2, 2, 2], [2, 3, 2], [2, 2, 2, 2], [2, 2, 2, 2, 2]):
        yield ns.exercises.make(sizes, ask="W1", seed=7, language=code).paper()


def handouts(code: str) -> Iterator[Paper]:
    """Yield handouts of the same networks."""
    for sizes in ([2, 2, 2], [2, 2, 2, 2], [2, 2, 2, 2, 2]):
        net = ns.Network.layered(sizes, seed=0)
        yield ns.handout(net, "W1", [0.05, 0.1], [0.01, 0.99], language=code).paper()


MAKERS = (by_hand, nasty, sheets, handouts)


def derivations() -> str:
    """Return a document with derivations in every form, of deep and of wide networks, each on a sheet of its own."""
    cases = [([2, 2, 2], "mse"), ([2, 3, 3, 2], "mse"), ([2, 5, 5, 2], "mse"), ([2, 2, 2, 2, 2, 2], "mse"),
             ([3, 2, 12], "mse"), ([2, 2, 8], "mse"), ([2, 2, 4], "huber"), ([2, 2, 6], "softmax_cross_entropy"),
             ([10, 2, 2], "half_squared_error")]  # fmt: skip
    pieces = []
    for sizes, loss in cases:
        net = ns.Network.layered(sizes, hidden="gelu" if loss == "huber" else "sigmoid", loss=loss, seed=0)
        net.forward([0.1 * (place + 1) for place in range(sizes[0])])
        net.backward([1.0] + [0.0] * (sizes[-1] - 1))
        for form in ("paths", "factored", "shared", "partials"):
            for digits in (6, 3):
                # Long ones go on behind the end of a sheet: how high they are is not looked at.
                written = net.derivation("W1").latex(form, digits=digits, limit=12)
                pieces.append(rf"\vbox to 1pt{{\hbox{{}}$\displaystyle {written}$\vss}}\clearpage")
    head = "\\documentclass[a4paper]{article}\n\\usepackage{amsmath}\n\\setlength{\\parindent}{0pt}\n"
    return f"{head}\\begin{{document}}\n" + "\n".join(pieces) + "\n\\end{document}\n"


# ---- pdflatex ------------------------------------------------------------------------------------------------


def brought() -> str:
    """Bring what is missing; return in words what went wrong, "" for nothing."""
    missing = [program for program in ("pdflatex", "pdfinfo") if shutil.which(program) is None]
    if not missing:
        return ""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return f"{' and '.join(missing)} are missing; on Debian, as root: apt-get install {' '.join(PACKAGES)}"
    print(f"{' and '.join(missing)} are missing: installing {' '.join(PACKAGES)}", flush=True)
    start = time.perf_counter()
    install = ["apt-get", "install", "-y", "--no-install-recommends", *PACKAGES]
    launching.done(["apt-get", "update"])
    fault = launching.done(install)
    print(f"that took {time.perf_counter() - start:.0f} s", flush=True)
    return fault


def set_by_latex(folder: Path, name: str, text: str, size: tuple[float, float], *, sheets: bool = True) -> list[str]:
    """Set a document; return what is wrong with it. Without sheets they may be empty."""
    (folder / f"{name}.tex").write_text(text, encoding="utf-8")
    command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", f"{name}.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace", check=False)
    log = (folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")
    if done.returncode:
        place = log.find("\n!")
        return [f"{name}: {log[place : place + 600].strip()}"]
    wide = [found[0] for found in _TOO_WIDE.finditer(log) if float(found[1]) > OVERFULL]
    missing = [line for line in log.splitlines() if "Missing character" in line]
    pdf = folder / f"{name}.pdf"
    empty = empty_sheets(pdf) if sheets and size in [points for points, _ in SIZES.values()] else []
    return [*(f"{name}: {line}" for line in (*wide, *missing)), *empty, *wrong_size(pdf, size)]


def wrong_size(pdf: Path, size: tuple[float, float]) -> list[str]:
    """Return what is wrong with the sheets of a file."""
    told = subprocess.run(["pdfinfo", "-l", "-1", str(pdf)], capture_output=True, text=True, check=True).stdout
    sizes = re.findall(r"size:\s+([\d.]+) x ([\d.]+) pts", told)
    if sizes and all(abs(float(got) - wanted) < 1.0 for each in sizes for got, wanted in zip(each, size)):
        return []
    return [f"{pdf.name}: its sheets are {sorted(set(sizes))} points, not {size}"]


def empty_sheets(pdf: Path) -> list[str]:
    """Return which sheets are mostly empty, though their paper goes on behind them."""
    command = ["pdftotext", "-layout", str(pdf), "-"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\f")[:-1]
    counts = [sum(bool(line.strip()) for line in sheet.splitlines()) for sheet in told]
    # Of names in strange letters the number is not always found.
    numbers = [int(["0", *re.findall(r"\b(?:Page|Seite)\s+(\d+)", sheet)][-1]) for sheet in told]
    return [
        f"{pdf.name}: sheet {place} is mostly empty: {count} lines"
        for place, (count, after) in enumerate(zip(counts, numbers[1:]), 1)
        if count < LINES and after > 1
    ]


# ---- Chromium ------------------------------------------------------------------------------------------------

_OUTSIDE = """() => [...document.querySelectorAll("body *")].filter(each => {
  const box = each.getBoundingClientRect();
  return box.width && (box.right > document.documentElement.clientWidth + 1 || box.left < -1);
}).map(each => `<${each.localName} class="${each.className}"> ${each.textContent.slice(0, 60)}`)"""
_SCROLLS = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"


def printed(browser, folder: Path, name: str, text: str, size: str) -> list[str]:
    """Print a page; return what is wrong with it."""
    (points, wide), faults = SIZES[size], []
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.set_content(text)
    if page.evaluate(_SCROLLS):
        faults.append(f"{name}: a phone has to scroll it sideways")
    page.set_viewport_size({"width": wide, "height": 900})
    page.emulate_media(media="print")
    faults += [f"{name}: on paper, {what} is cut off" for what in page.evaluate(_OUTSIDE)[:3]]
    pdf = folder / f"{name}-page.pdf"
    page.pdf(path=pdf, prefer_css_page_size=True)
    page.close()
    return faults + wrong_size(pdf, points)


# ---- all -----------------------------------------------------------------------------------------------------


def documents() -> Iterator[tuple[str, list[Paper], bool, str]]:
    """Yield what is to be printed: a name, papers of one language, whether it is the key, and the size of sheets."""
    for code in LANGUAGES:
        papers = [paper for maker in MAKERS for paper in maker(code)]
        for place, size in enumerate(SIZES):
            for filled in (False, True):
                # Every other one as a sheet on A4 and as a key on letter, those between the other way.
                chosen = papers[(place + filled) % 2 :: 2]
                yield f"{code}-{size}-{'key' if filled else 'sheet'}", chosen, filled, size


def checked(folder: Path) -> tuple[int, list[str]]:
    """Print everything; return how many papers that were, and what is wrong."""
    work = list(documents())
    faults: list[str] = []
    with ThreadPoolExecutor(2) as pool:
        setting = [
            pool.submit(set_by_latex, folder, name, tex.written(papers, filled=filled, size=size), SIZES[size][0])
            for name, papers, filled, size in work
        ]
        drawing = made_by_hand.paper((2, 2, 2)).blocks[2].drawing
        drawing.save(folder / "drawing.tex")
        size = (0.75 * drawing.width, 0.75 * drawing.height)
        setting.append(pool.submit(set_by_latex, folder, "drawing", (folder / "drawing.tex").read_text(), size))
        setting.append(pool.submit(set_by_latex, folder, "derivations", derivations(), SIZES["a4"][0], sheets=False))
        with ExitStack() as stack:
            start = partial(stack.enter_context, sync_playwright())
            browser = launching.launched(start, print, launching.done)
            for name, papers, filled, size in work:
                faults += printed(browser, folder, name, html.written(papers, filled=filled, size=size), size)
            browser.close()
        faults += [fault for each in setting for fault in each.result()]
    return sum(len(papers) for _, papers, _, _ in work), faults


def main(arguments: Iterable[str]) -> int:
    """Print all papers, in a folder if one is given, that is kept then."""
    if fault := brought():
        print(fault)
        return 1
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as passing:
        folder = Path(next(iter(arguments), passing))
        folder.mkdir(parents=True, exist_ok=True)
        count, faults = checked(folder)
    print(*faults, sep="\n", end="\n" if faults else "")
    print(f"{count} papers by pdflatex and by Chromium, {len(faults)} faults, {time.perf_counter() - start:.0f} s")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

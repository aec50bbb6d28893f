"""A browser for the whole session, and pages opened in it from saved files, watched for requests and errors."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def _executable(playwright):
    """Return the path of a browser; without one these tests fail rather than tell nothing."""
    found = next(filter(None, map(shutil.which, _NAMES)), None) or playwright.chromium.executable_path
    if not Path(found).exists():
        pytest.fail(
            "the browser tests need Chromium or Chrome: apt-get install chromium, or playwright install chromium. "
            f"Looked for {', '.join(_NAMES)} and {found}."
        )
    return found


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_executable(playwright), args=_FLAGS)
        yield browser
        browser.close()


class Watched:
    """A page with what it asked for and what it complained of."""

    def __init__(self, page):
        self.page = page
        self.requests, self.complaints = [], []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("dialog", lambda dialog: (self.complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))

    def ready(self):
        """Wait until the page can be used."""
        self.page.wait_for_function("document.querySelector('[data-ready]') !== null")
        return self

    def run(self):
        """Return the run that the page shows, in plain lists."""
        return self.page.evaluate("""() => Object.fromEntries(Object.entries(nodesim.run).map(
            ([name, part]) => [name, ArrayBuffer.isView(part) ? [...part] : part]
        ))""")


@pytest.fixture
def watch(browser):
    """Make an empty page with some settings; in the end it must have complained of nothing."""
    contexts, watched = [], []

    def make(**settings):
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **settings})
        context.set_default_timeout(10_000)
        contexts.append(context)
        watched.append(Watched(context.new_page()))
        return watched[-1]

    yield make
    for context in contexts:
        context.close()
    assert [complaint for each in watched for complaint in each.complaints] == []


@pytest.fixture
def show(watch, tmp_path):
    """Save the page of an explorer and open it from disk; where the settings are the same again, in the same window."""
    windows = []

    def show(explorer, fragment="", **settings):
        # A file of its own, for another fragment of the same file would load nothing.
        file = tmp_path / ("page.html" if not windows else f"page {len(windows) + 1}.html")
        explorer.save(file)
        watched = next((window for given, window in windows if given == settings), None) or watch(**settings)
        windows.append((settings, watched))
        watched.page.goto(f"{file.as_uri()}{fragment}")
        return watched.ready()

    return show

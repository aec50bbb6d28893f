"""A browser for the whole session, and pages opened in it from saved files, watched for requests and errors."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from functools import partial

import pytest
from filelock import FileLock
from launching import NoBrowserError, done, launched
from playwright.sync_api import sync_playwright


@pytest.fixture(scope="session")
def shared_folder(request, tmp_path_factory):
    """A folder of this run of the tests, one for all processes among which they are spread."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if hasattr(request.config, "workerinput") else own


@pytest.fixture(scope="session")
def browser_or_why_not(request, shared_folder):
    """A browser for the session, or in words why there is none: found or brought by one process, while others wait."""
    capture, said = request.config.pluginmanager.getplugin("capturemanager"), shared_folder / "no-browser.txt"

    def say(words):
        with capture.global_and_fixture_disabled():
            print(f"\n{words}", file=sys.stderr, flush=True)

    with ExitStack() as stack:
        start = partial(stack.enter_context, sync_playwright())
        with FileLock(shared_folder / "browser.lock"):
            try:
                found = said.read_text(encoding="utf-8") if said.exists() else launched(start, say, done)
            except NoBrowserError as error:
                found = str(error)
                said.write_text(found, encoding="utf-8")
        yield found
        if not isinstance(found, str):
            found.close()


@pytest.fixture
def browser(browser_or_why_not, shared_folder):
    """The session's browser; without one the first test to ask fails, and the others point to it."""
    if not isinstance(browser_or_why_not, str):
        return browser_or_why_not
    try:
        (shared_folder / "no-browser-failed").touch(exist_ok=False)
    except FileExistsError:
        pytest.skip("there is no browser, and none could be brought: see the one failure that says so")
    pytest.fail(browser_or_why_not, pytrace=False)


class Watched:
    """A page with what it asked for and what it complained of."""

    def __init__(self, browser, settings):
        self.settings, self.context = settings, browser.new_context(**settings)
        self.context.set_default_timeout(10_000)
        self.page = page = self.context.new_page()
        self.requests, self.complaints = [], []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("dialog", lambda dialog: (self.complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))

    def emptied(self):
        """Leave the page as a new one is, and return what it complained of."""
        # A document of its own ends scripts and workers; what they still told comes before.
        self.page.goto("about:blank")
        self.page.mouse.move(-10, -10)
        self.page.emulate_media(color_scheme=self.settings.get("color_scheme", "light"))
        self.page.unroute_all()
        complaints = self.complaints
        self.requests, self.complaints = [], []
        return complaints

    def ready(self):
        """Wait until the page can be used."""
        self.page.wait_for_function("document.querySelector('[data-ready]') !== null")
        return self

    def run(self):
        """Return the run that the page shows, in plain lists."""
        return self.page.evaluate("""() => Object.fromEntries(Object.entries(nodesim.run).map(
            ([name, part]) => [name, ArrayBuffer.isView(part) ? [...part] : part]
        ))""")


@pytest.fixture(scope="session")
def idle():
    """Empty pages that earlier tests have left, which open a file in two thirds of the time of a new one."""
    return []


@pytest.fixture
def watch(browser, idle):
    """Give an empty page with some settings; in the end it must have complained of nothing.

    One that is `alone` is closed then: what a test sets for every document to come stays with a page.
    """
    watched, kept = [], []

    def make(*, alone=False, **settings):
        settings = {"viewport": {"width": 1280, "height": 900}, **settings}
        simple = not alone and settings.keys() <= {"viewport", "color_scheme"}
        page = next((each for each in idle if simple and each.settings == settings), None)
        if page:
            idle.remove(page)
        else:
            page = Watched(browser, settings)
        watched.append(page)
        kept.extend([page] * simple)
        return page

    yield make
    complaints = [complaint for each in watched for complaint in each.emptied()]
    for each in watched:
        if each in kept:
            idle.append(each)
        else:
            each.context.close()
    assert complaints == []


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

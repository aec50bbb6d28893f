"""A browser for the tests: one that is there and starts, or else one that is brought."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

from playwright.sync_api import Error

# The shell takes half the time: it has no windows, tabs and menus to draw.
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
_PLAYWRIGHT = [sys.executable, "-m", "playwright"]
# Pages are measured as well as read: a browser without any font shows no text. The last package is playwright's own
# need. Old package lists name files that are gone; where they cannot be renewed, what is known may still do.
_APT = [
    "sh",
    "-c",
    "apt-get update; apt-get install -y --no-install-recommends chromium-headless-shell fonts-dejavu-core libatomic1",
]
_LONGEST = 900.0  # seconds for one command


class NoBrowserError(Exception):
    """No browser starts, and none could be brought; the text says what was tried."""


def launched(start, say, run):
    """Start Chromium or Chrome; where none starts, bring one.

    `start` starts playwright. `say` is told, in a line each, what is going to be done to the machine; `run` does it:
    it runs a command and returns in words what went wrong, "" for nothing.
    """
    launcher = _Launcher(start, run)
    browser = launcher.browser()
    for way in _ways():
        for command in way:
            if browser:
                return browser
            words = command[-1] if command == _APT else f"python {' '.join(command[1:])}"
            say(f"No Chromium or Chrome starts here; the browser tests bring one: {words}")
            fault = run(command)
            if fault:
                launcher.tried.append(f"{words}: {fault}")
                break
            browser = launcher.browser()
    if browser:
        return browser
    lines = "\n".join(f"  - {line}" for line in dict.fromkeys(launcher.tried))
    raise NoBrowserError(
        f"the browser tests need Chromium or Chrome; none starts, and none could be brought. Tried:\n{lines}\n"
        "Install one (on Debian, as root: apt-get install chromium-headless-shell), or leave these tests out: "
        "python -m pytest --ignore tests/browser"
    )


class _Launcher:
    """Starts playwright and a browser as soon as the machine can, and keeps why it could not."""

    def __init__(self, start, run):
        self.start, self.run = start, run
        self.playwright, self.tried = None, []

    def browser(self):
        """Return the first browser that starts. To be there is not enough: some are stubs, or lack a library."""
        if not self.playwright:
            # Its driver is a program that a bare machine lacks a library for, and to fail to start it leaves a mess.
            fault = self.run([*_PLAYWRIGHT, "--version"])
            if fault:
                self.tried.append(f"playwright itself: {fault}")
                return None
            self.playwright = self.start()
        for words, place in _places():
            try:
                return self.playwright.chromium.launch(args=_FLAGS, **place)
            except Error as error:
                self.tried.append(f"{words}: {_reason(error.message)}")
        return None


def done(command):
    """Run a command; return in words what went wrong, "" for nothing."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=_LONGEST, env=environment)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return "" if ended.returncode == 0 else f"exit code {ended.returncode}: {_reason(ended.stderr or ended.stdout)}"


def _ways():
    """Return the ways to bring a browser: commands of which each one builds on those before it."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0 and bool(shutil.which("apt-get"))
    # What playwright downloads needs libraries that a bare machine has not; only root can bring those.
    own = [[*_PLAYWRIGHT, "install", "chromium"], [*_PLAYWRIGHT, "install-deps", "chromium"]]
    return [own, [_APT]] if root else [own[:1]]


def _places():
    """Return where a browser may be, in words and as what playwright launches."""
    paths = filter(None, map(shutil.which, _NAMES))
    return [
        *((path, {"executable_path": path}) for path in paths),
        ("playwright's own", {}),
        ("Google Chrome, in its usual place", {"channel": "chrome"}),
    ]


def _reason(text):
    """Return the line of a program's complaints that tells most: the first that speaks of an error."""
    lines = [line.strip().removeprefix("BrowserType.launch: ") for line in text.splitlines() if line.strip()]
    return next((line for line in lines if re.search(r"\berror\b|^E:", line, re.IGNORECASE)), *lines[:1] or [""])

"""On a machine without a browser one is brought, in the order told, and nothing is brought where one starts."""

from __future__ import annotations

import os
from types import SimpleNamespace

import launching
import pytest
from playwright.sync_api import Error


class Machine:
    """A machine on which some commands work, after some of which playwright and a browser start."""

    def __init__(self, starts_after, failing=()):
        self.starts_after, self.failing = starts_after, failing
        self.said, self.done = [], []
        self.chromium = SimpleNamespace(launch=self.launch)

    def launch(self, args, **place):
        if self.starts_after in ["nothing", *self.done]:
            return "a browser"
        raise Error(
            "BrowserType.launch: Browser closed\nlogs:\nchrome: error while loading shared libraries: libnss3.so"
        )

    def run(self, command):
        name = next(
            word for word in ("apt-get update", "install-deps", "install", "--version") if word in " ".join(command)
        )
        if name in self.failing and not (name == "--version" and "apt-get update" in self.done):
            return f"exit code 1: no {name} here"
        self.done.append(name)
        return ""


@pytest.mark.parametrize(
    ("root", "starts_after", "failing", "said"),
    [
        (True, "nothing", (), []),
        (False, "install", (), ["playwright install chromium"]),
        (True, "install", (), ["playwright install chromium"]),
        (True, "install-deps", (), ["playwright install chromium", "playwright install-deps chromium"]),
        (True, "apt-get update", ("install",), ["playwright install chromium", "apt-get install"]),
        (False, "apt-get update", ("install",), ["playwright install chromium"]),
        (True, "apt-get update", ("--version", "install"), ["playwright install chromium", "apt-get install"]),
        (False, "never", ("--version", "install"), ["playwright install chromium"]),
        (True, "never", (), ["install chromium", "install-deps chromium", "apt-get install"]),
    ],
)
def test_a_browser_is_brought_where_none_starts(monkeypatch, root, starts_after, failing, said):
    monkeypatch.setattr(os, "geteuid", lambda: 0 if root else 1000, raising=False)
    monkeypatch.setattr(launching.shutil, "which", lambda name: name if name in ("apt-get", "chromium") else None)
    machine = Machine(starts_after, failing)
    helped = starts_after in ("nothing", "install", "install-deps") or (root and starts_after != "never")
    if helped:
        assert launching.launched(lambda: machine, machine.said.append, machine.run) == "a browser"
    else:
        with pytest.raises(launching.NoBrowserError) as caught:
            launching.launched(lambda: machine, machine.said.append, machine.run)
        faults = [f"exit code 1: no {name} here" for name in failing]
        if "--version" not in failing:
            faults += ["chromium: chrome: error while loading shared libraries: libnss3.so", "playwright's own: "]
        assert all(words in str(caught.value) for words in [*faults, "Install one"])
    assert len(machine.said) == len(said)
    assert all(words in line for words, line in zip(said, machine.said))

"""The widget in JupyterLab and in marimo, for real: python tests/browser/hosts/drive.py [jupyterlab | marimo] ...

Needs, besides what the browser tests need, `pip install jupyterlab marimo`. Each is started without a screen and driven
as a reader would: the selection and edits go both ways, a training in the page comes back to Python, what is typed
reaches no shortcut of the notebook, and the page has its width and its theme.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parent.parent))
from launching import done, launched

SHOWN = """import nodesim as ns
net = ns.Network.layered([2, 2, 2], seed=0)
w = net.explore([0.05, 0.1], [0.01, 0.99], guide=["Click W1."]).widget()"""
# What Python knows of the widget, as one line.
KNOWN = (
    "'selection=' + w.selection + ' changed=' + str(w.edits.get('weights')) + ' error=' + "
    "str((w.recalculated.get('run') or {}).get('error')) + ' epoch=' + str(w.training.get('epoch')) + "
    "' weights=' + str(len(w.weights))"
)
# What no page of ours has to do with: news, fonts and pictures of the notebook's own.
NOT_OURS = ("preload", "favicon", "WebSocket", "Failed to load resource")


def wait(condition, what, seconds=30):
    """Wait until something holds, or fail."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited in vain: {what}"
        time.sleep(0.1)


def answers(url):
    """Whether a server answers."""
    try:
        return urllib.request.urlopen(url, timeout=2).status == 200
    except OSError:
        return False


@contextmanager
def served(folder, command, path):
    """Start a server on a free port, and return its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = {name: str(folder / "home") for name in ("HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")}
    home |= {"XDG_CONFIG_HOME": str(folder / "config"), "XDG_STATE_HOME": str(folder / "state")}
    with (folder / "log.txt").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", *command, f"--port={port}"], cwd=folder, stdout=log, stderr=log,
            env={**os.environ, **home},
        )  # fmt: skip
    try:
        wait(lambda: answers(f"http://127.0.0.1:{port}{path}"), (folder / "log.txt").read_text(), 60)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)


class JupyterLab:
    """A notebook of JupyterLab, whose cells are run by Shift+Enter."""

    def __init__(self, page, address):
        self.page = page
        page.goto(f"{address}/lab/tree/notebook.ipynb")
        page.locator(".jp-Notebook .jp-Cell").nth(2).wait_for(timeout=60_000)
        page.wait_for_timeout(1500)
        self._run(0)

    @staticmethod
    def command(folder):
        """Write the notebook, and return what serves it."""
        sources = [f"{SHOWN}\nw", f"print({KNOWN})", "w.selection = 'W12'"]
        cells = [
            {
                "cell_type": "code",
                "execution_count": None,
                "id": f"c{n}",
                "metadata": {},
                "outputs": [],
                "source": source,
            }
            for n, source in enumerate(sources)
        ]
        kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
        notebook = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
        (folder / "notebook.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
        return [
            "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.token=", "--ServerApp.password=",
            "--LabApp.news_url=None", "--ServerApp.port_retries=0",
        ], "/api"  # fmt: skip

    def _run(self, cell):
        self.page.locator(".jp-Cell").nth(cell).locator(".cm-content").click()
        self.page.keyboard.press("Shift+Enter")

    def known(self):
        self._run(1)
        self.page.wait_for_timeout(500)
        return self.page.locator(".jp-Cell").nth(1).locator(".jp-OutputArea-output").inner_text()

    def select_in_python(self):
        self._run(2)

    def cells(self):
        return self.page.locator(".jp-Cell").count()

    def darken(self):
        self.page.get_by_role("menuitem", name="Settings").click()
        self.page.get_by_text("Theme", exact=True).first.hover()
        self.page.get_by_text("JupyterLab Dark", exact=True).click()


class Marimo:
    """An app of marimo, whose cells run by themselves."""

    def __init__(self, page, address):
        self.page = page
        page.goto(address)

    @staticmethod
    def command(folder):
        """Write the app, and return what serves it."""
        body = "\n".join(f"    {line}" for line in SHOWN.splitlines())
        (folder / "app.py").write_text(
            f"""import marimo

app = marimo.App()


@app.cell
def _():
    import marimo as mo
{body}
    view = mo.ui.anywidget(w)
    view
    return mo, view, w


@app.cell
def _(mo, w):
    press = mo.ui.button(label="from Python", on_click=lambda _: setattr(w, "selection", "W12"))
    press
    return


@app.cell
def _(mo):
    again = mo.ui.button(label="look", value=0, on_click=lambda value: value + 1)
    again
    return (again,)


@app.cell
def _(again, mo, view, w):
    view.value, again.value
    mo.md({KNOWN})
    return
""",
            encoding="utf-8",
        )
        return ["marimo", "run", "app.py", "--headless", "--no-token"], "/health"

    def known(self):
        self.page.get_by_role("button", name="look").click()
        self.page.wait_for_timeout(500)
        return self.page.get_by_text("selection=").last.inner_text()

    def select_in_python(self):
        self.page.get_by_role("button", name="from Python").click()

    def cells(self):
        return 1

    def darken(self):
        self.page.emulate_media(color_scheme="dark")
        self.page.evaluate("document.body.classList.replace('light', 'dark')")


HOSTS = {"jupyterlab": JupyterLab, "marimo": Marimo}


def drive(host):
    """Do what a reader does."""
    page = host.page
    page.locator(".nodesim .stage").wait_for(timeout=60_000)
    page.locator(".nodesim [data-node='3']").click()
    wait(lambda: "selection=H1 " in host.known(), "a node that is clicked is selected in Python")
    host.select_in_python()
    page.locator(".nodesim [data-connection='11'].on").wait_for()
    field = page.get_by_role("spinbutton", name="Weight W12")
    field.click()
    field.press("Control+a")
    page.keyboard.type("0.5")
    field.press("Enter")
    wait(
        lambda: "changed={'W12': 0.5} error=0.5289" in host.known(), "a weight that is changed is calculated by Python"
    )
    cells = host.cells()
    find = page.get_by_role("combobox", name="Find")
    find.click()
    page.keyboard.type("abxmdd")
    assert find.input_value() == "abxmdd"
    find.fill("")
    page.locator(".nodesim [data-node='3']").click()
    for key in ("ArrowRight", "a", "b", "m"):
        page.keyboard.press(key)
    assert host.cells() == cells, "a key pressed in the page reached the notebook"
    page.get_by_role("button", name="One epoch").click()
    wait(lambda: "epoch=1 weights=12" in host.known(), "what is learned comes to Python")
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_timeout(1000)
    page.get_by_role("button", name="Pause", exact=True).click()
    wait(lambda: int(host.known().split("epoch=")[1].split()[0]) > 20, "a training that played comes to Python")
    page.get_by_role("button", name="Reset", exact=True).click()
    wait(lambda: "epoch=None weights=0" in host.known(), "Reset comes to Python")
    widths = page.locator(".nodesim").evaluate("(page) => [page.scrollWidth, page.clientWidth, innerWidth]")
    assert widths[0] <= widths[1] < widths[2], "the page is cut off"
    theme = page.locator(".nodesim").get_attribute("data-theme")
    host.darken()
    wait(lambda: page.locator(".nodesim").get_attribute("data-theme") == "dark", "the page gets dark")
    assert theme == "light"


def main(names):
    """Drive some hosts."""
    with sync_playwright() as playwright:
        browser = launched(lambda: playwright, print, done)
        for name in names:
            kind, complaints = HOSTS[name], []
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
                command, path = kind.command(Path(folder))
                begin = time.monotonic()
                with served(Path(folder), command, path) as address:
                    page = browser.new_page(viewport={"width": 1280, "height": 900})
                    page.on("console", lambda m: m.type == "error" and complaints.append(m.text))  # noqa: B023
                    page.on("pageerror", lambda error: complaints.append(str(error)))  # noqa: B023
                    try:
                        drive(kind(page, address))
                    except BaseException:
                        page.screenshot(path=f"{name}.png")
                        print(f"{name}.png shows how far it came; the console said {complaints}")
                        raise
                    page.close()
            assert not [said for said in complaints if not any(part in said for part in NOT_OURS)], complaints
            print(f"{name}: all held, in {time.monotonic() - begin:.0f} s")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:] or list(HOSTS))

"""The page's sources as a browser loads them: each module by itself, before they are bundled."""

from __future__ import annotations

import mimetypes

from helpers import ROOT

SOURCES = ROOT / "nodesim" / "explorer" / "page"
# No server is asked: the browser's requests to this address are answered from the disk.
ADDRESS = "http://nodesim.invalid"


def serve(page, body=""):
    """Show an empty page, or one with this body, that can import the sources: `import("/src/data/csv.js")`."""

    def answer(route):
        path = route.request.url.removeprefix(ADDRESS)
        file = SOURCES / path.lstrip("/")
        if path == "/":
            route.fulfill(content_type="text/html", body=f"<!DOCTYPE html><title>sources</title><body>{body}")
        elif file.is_file():
            route.fulfill(content_type=mimetypes.guess_type(file.name)[0], body=file.read_bytes())
        else:
            # Browsers ask for an icon by themselves.
            route.fulfill(status=204)

    page.route(f"{ADDRESS}/**", answer)
    page.goto(f"{ADDRESS}/")
    return page

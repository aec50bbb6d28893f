"""A page for each network of the gallery, and a grid that leads to them: gallery/networks, written when a build begins.

What is in make.PAGES has a page, and nothing else has: there is no list to be kept beside it. Notebooks of the examples
are copied beside them, and so become pages, too.
"""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import make
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

import nodesim as ns

EXAMPLES = Path(__file__).parents[2]
# In the folder of the site's own pages: git does not see them.
NETWORKS, NOTEBOOKS = "gallery/networks", "gallery/notebooks"
# Functions of make.py that others of it call.
HELPERS = ("article", "recorded")
HEIGHT = 780


def write(app: Sphinx) -> None:
    """Write all of them, and take away what is not there any more."""
    source = Path(app.srcdir)
    pages: dict[str, str] = {}
    documents = {name: function().document for name, function in make.PAGES.items()}
    for name, document in documents.items():
        pages[f"{name}.svg"] = picture(document).themed("auto").svg + "\n"
        pages[f"{name}.md"] = page(name, document)
    pages["all.txt"] = grid(documents)
    keep(source / NETWORKS, pages)
    books = {book.name: notebook(book) for book in sorted(EXAMPLES.glob("*.ipynb"))}
    keep(source / NOTEBOOKS, books)


def keep(folder: Path, texts: dict[str, str]) -> None:
    """Make a folder hold these files; those that are the same keep their time, and need not be read again."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.iterdir():
        if file.name not in texts:
            file.unlink()
    for name, text in texts.items():
        file = folder / name
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")


def picture(document: dict[str, Any]) -> ns.Drawing:
    """Draw the network of a page, with what feeds the gradient of what is selected there in red."""
    net = ns.Network(seed=0)
    add = {"input": net.add_input, "bias": net.add_bias, "hidden": net.add_hidden, "output": net.add_output}
    for node in document["nodes"]:
        add[node["kind"]](node["name"])
    for each in document["connections"]:
        ends = (document["nodes"][each[end]]["name"] for end in ("source", "target"))
        net.connect(*ends, name=each["name"])
    net.forward([0.0] * len(net.inputs))
    net.backward([0.0] * len(net.outputs))
    selected = document["selected"]
    return net.draw(highlight=net.paths(selected) if selected else None, labels=None, titles=False)


def page(name: str, document: dict[str, Any]) -> str:
    """Write the page of a network: what it shows, what to try, the explorer, and the code."""
    function = make.PAGES[name]
    code = inspect.getsource(function)
    called = [helper for helper in HELPERS if f"{helper}(" in code]
    tries = "\n".join(f"1. {sentence}" for sentence in document["guide"])
    blocks = "\n\n".join(f"```{{literalinclude}} ../../../gallery/make.py\n:pyobject: {each}\n```"
                         for each in (function.__name__, *called))  # fmt: skip
    shown = sentence(function)
    lead = "" if shown.rstrip(".").lower() in document["title"].lower() else f"{shown}\n\n"
    return f"""---
hide-toc: true
---

# {document["title"]}

{lead}{tries}

:::{{container}} network
![{document["title"]}]({name}.svg)

```{{explorer}} {name}
:height: {HEIGHT}
```
:::

## The code

This made it; `ns` is nodesim, `np` NumPy. The whole program is {{download}}`make.py <../../../gallery/make.py>`.

{blocks}
"""


def sentence(function: Any) -> str:
    """Return the first line of a docstring, of what is seen and not of what the function does."""
    words = inspect.getdoc(function).splitlines()[0].removeprefix("Show ")
    return words[0].upper() + words[1:]


def grid(documents: dict[str, dict[str, Any]]) -> str:
    """Write the pictures that lead to the pages, and the table of contents."""
    cards = "\n".join(f"- [![]({NETWORKS.rpartition('/')[2]}/{name}.svg) {document['title']}](networks/{name}.md)"
                      for name, document in documents.items())  # fmt: skip
    names = "\n".join(f"networks/{name}" for name in documents)
    return f":::{{container}} gallery\n{cards}\n:::\n\n```{{toctree}}\n:hidden:\n\n{names}\nnotebooks\n```\n"


def notebook(file: Path) -> str:
    """Return a notebook as a page of the site, with a link by which it is downloaded."""
    book = json.loads(file.read_text(encoding="utf-8"))
    link = f"{{download}}`Download this notebook <../../../{file.name}>`, and run it in Jupyter.\n"
    first = book["cells"][0]
    # Behind the title.
    first["source"] = [*first["source"][:1], "\n", link, *first["source"][1:]]
    for cell in book["cells"]:
        # Widgets ask for a program of the notebook that shows them, which a page has not.
        if cell["cell_type"] == "code" and ".widget()" in "".join(cell["source"]):
            cell["metadata"]["tags"] = ["remove-output"]
    book["metadata"]["mystnb"] = {"output_stderr": "remove"}
    return json.dumps(book, ensure_ascii=False, indent=1) + "\n"


def setup(app: Sphinx) -> ExtensionMetadata:
    """Write the pages before Sphinx looks for pages."""
    app.connect("builder-inited", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""Notebooks of the examples, run as a reader would: python tests/example_notebooks.py --write stores what they show.

What is stored is what a reader of the file sees, and nothing that changes by itself: no times, no numbers of cells that
were run twice, no state of widgets. Pages of the explorer are left out, which are 430 kB each; their text stays.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient

EXAMPLES = Path(__file__).parent.parent / "examples"
BOOKS = sorted(EXAMPLES.glob("*.ipynb"))
KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
LARGEST = 200_000
# As without the extra "fast": what is shown must not depend on it, and compiling takes long.
PLAIN = "--IPKernelApp.exec_lines=import sys; sys.modules['numba'] = None"
WIDGET = "application/vnd.jupyter.widget-view+json"


async def executed(path):
    """Run a notebook, in a folder that is thrown away, and return it as it is to be stored."""
    book = nbformat.read(path, 4)
    with tempfile.TemporaryDirectory() as folder:
        resources = {"metadata": {"path": folder}}
        client = NotebookClient(book, timeout=60, kernel_name="python3", resources=resources, extra_arguments=[PLAIN])
        await client.async_execute()
    return stored(book)


def all_executed(paths):
    """Run notebooks side by side, each in a process of its own."""

    async def gathered():
        return await asyncio.gather(*map(executed, paths))

    # A thread of its own has no other loop, as those of a browser's tests are.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(gathered())).result()


def stored(book):
    """Return a notebook of which only that is left which a reader sees, and which is the same every time."""
    book.metadata = nbformat.from_dict({**KERNEL, "language_info": {"name": "python"}})
    for number, cell in enumerate(code_cells(book), 1):
        cell.metadata = nbformat.from_dict({})
        cell.execution_count = number
        cell.outputs = _joined(output for output in map(_kept, cell.outputs) if output is not None)
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = number
    return book


def code_cells(book):
    """Return the cells that are run."""
    return [cell for cell in book.cells if cell.cell_type == "code"]


def _joined(outputs):
    """Return outputs with what is printed in one piece: where it is cut is a matter of time."""
    joined = []
    for output in outputs:
        if joined and output.output_type == joined[-1].output_type == "stream" and output.name == joined[-1].name:
            joined[-1].text += output.text
        else:
            joined.append(output)
    return joined


def _kept(output):
    """Return what is stored of an output; None for one that is empty, as a progress line leaves it."""
    if output.output_type == "stream":
        return output
    output.metadata = nbformat.from_dict({})
    output.pop("transient", None)
    data = output.data
    # Viewers of notebooks show a picture in HTML everywhere, and raw SVG not, unless it is trusted.
    if "text/html" in data:
        data.pop("image/svg+xml", None)
    for form in [form for form, content in data.items() if form == WIDGET or len(str(content)) > LARGEST]:
        del data[form]
    return output if any(data.values()) else None


if __name__ == "__main__":
    if sys.argv[1:2] != ["--write"]:
        sys.exit(__doc__)
    names = sys.argv[2:]
    chosen = [path for path in BOOKS if not names or path.stem in names]
    for path, book in zip(chosen, all_executed(chosen)):
        nbformat.write(book, path)
        print(f"{path.stat().st_size / 1000:4.0f} kB  {path.name}")

"""The notebooks of the examples run, and what is stored in them is what they show."""

from __future__ import annotations

import base64
import copy
import re

import pytest
from helpers import ROOT

nbformat = pytest.importorskip("nbformat")
pytest.importorskip("nbclient")

import example_notebooks as notebooks  # noqa: E402

NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?%?")
PICTURE = re.compile(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)")
# As far as a coordinate of a picture may be off, in pixels.
PIXELS = 0.3


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Every notebook, stored and run anew."""
    return {path.stem: (nbformat.read(path, 4), book) for path, book in
            zip(notebooks.BOOKS, notebooks.all_executed(notebooks.BOOKS))}  # fmt: skip


NAMES = [path.stem for path in notebooks.BOOKS]


def test_there_are_four():
    assert NAMES == ["tracing_paths", "tutorial", "watching_a_training", "your_own_activation"]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_stored_is_what_it_shows(run, name):
    """Words exactly; numbers up to what processors round differently, and no more than the last digit that is shown."""
    stored, shown = run[name]
    assert differences(stored, shown) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_reader_sees_a_clean_notebook(run, name):
    stored, _ = run[name]
    nbformat.validate(stored)
    text = (notebooks.EXAMPLES / f"{name}.ipynb").read_text(encoding="utf-8")
    assert len(text) < 400_000
    assert 15 <= len(stored.cells) <= 35
    # No folder of a machine, no address of an object, nothing printed as a warning, no page of the explorer.
    assert not re.search(r"/home/|/tmp/|/work/|C:\\\\|0x[0-9a-f]{6,}|\"stderr\"|Warning|nodesim-explorer", text)
    assert set(stored.metadata) == {"kernelspec", "language_info"}
    assert [cell.execution_count for cell in notebooks.code_cells(stored)] == [
        *range(1, len(notebooks.code_cells(stored)) + 1)
    ]
    # It is stored as the script would store it.
    assert notebooks.stored(copy.deepcopy(stored)) == stored


@pytest.mark.parametrize("name", NAMES)
def test_it_explains_itself_and_ends_with_a_question(run, name):
    stored, _ = run[name]
    last = stored.cells[-1]
    assert last.cell_type == "markdown"
    assert last.source.startswith("## And you?")
    assert "?" in last.source.removeprefix("## And you?")
    assert stored.cells[0].source.startswith("# ")
    prose = [cell for cell in stored.cells if cell.cell_type == "markdown"]
    assert len(prose) >= len(stored.cells) // 3
    for link in re.findall(r"\]\(([^)#]+)\)", "\n".join(cell.source for cell in prose)):
        assert (ROOT / "examples" / link).exists(), link


def test_what_differs_is_found(run):
    stored, _ = run["tutorial"]
    printed = next(cell for cell in notebooks.code_cells(stored) if "steps" in cell.source)
    index = stored.cells.index(printed)

    def changed(change):
        other = copy.deepcopy(stored)
        change(other.cells[index].outputs)
        return differences(stored, other)

    def worded(old, new):
        def change(outputs):
            assert old in outputs[0].text
            outputs[0].text = outputs[0].text.replace(old, new)

        return changed(change)

    assert differences(stored, copy.deepcopy(stored)) == []
    assert worded("1.1414", "1.1415") == []
    assert worded("1.1414", "1.1416")
    assert worded("tanh(H1)", "tanh(H2)")
    assert changed(lambda outputs: outputs.pop())
    drawn = next(cell for cell in notebooks.code_cells(stored) if "flow()" in cell.source and "draw" in cell.source)
    other = copy.deepcopy(stored)
    (output,) = other.cells[stored.cells.index(drawn)].outputs
    (code,) = PICTURE.findall(output.data["text/html"])
    picture = base64.b64decode(code).decode()
    moved = re.sub(r'cx="(\d+)', lambda found: f'cx="{int(found[1]) + 1}', picture, count=1)
    assert moved != picture
    output.data["text/html"] = output.data["text/html"].replace(code, base64.b64encode(moved.encode()).decode())
    assert differences(stored, other)


def differences(stored, shown):
    """Say in which cells two notebooks differ, and how."""
    told = []
    if [cell.source for cell in stored.cells] != [cell.source for cell in shown.cells]:
        told.append("other cells")
    for number, (one, other) in enumerate(zip(notebooks.code_cells(stored), notebooks.code_cells(shown)), 1):
        told += [f"cell {number}: {words}" for words in _unlike(_forms(one), _forms(other))]
    return told


def _forms(cell):
    """Return everything that a cell shows, as texts."""
    return [
        (form, content)
        for output in cell.outputs
        for form, content in (
            [(output.name, output.text)] if output.output_type == "stream" else sorted(output.data.items())
        )
    ]


def _unlike(stored, shown):
    if [form for form, _ in stored] != [form for form, _ in shown]:
        yield f"{[form for form, _ in stored]}, now {[form for form, _ in shown]}"
        return
    for (form, one), (_, other) in zip(stored, shown):
        pictures = [[base64.b64decode(code).decode() for code in PICTURE.findall(text)] for text in (one, other)]
        texts = [PICTURE.sub("", text) for text in (one, other)]
        if not _alike(*texts, 0.0) or len(pictures[0]) != len(pictures[1]):
            yield f"{form}: {texts[0]!r}, now {texts[1]!r}"
        elif not all(_alike(*both, PIXELS) for both in zip(*pictures)):
            yield f"{form}: another picture"


def _alike(one, other, allowed):
    """Tell whether texts are the same but for last digits, and in pictures for parts of a pixel."""
    if NUMBER.sub("#", one) != NUMBER.sub("#", other):
        return False
    return all(
        abs(_value(a) - _value(b)) <= max(1e-6 * abs(_value(a)), 1.01 * _unit(a), allowed)
        for a, b in zip(NUMBER.findall(one), NUMBER.findall(other))
        if a != b
    )


def _value(number):
    return float(number.rstrip("%").replace(",", ""))


def _unit(number):
    """Return one unit of the last digit; 0 for what is counted."""
    digits, _, exponent = number.rstrip("%").partition("e")
    counted = "." not in digits and not exponent and not number.endswith("%")
    return 0.0 if counted else 10.0 ** (int(exponent or 0) - len(digits.partition(".")[2]))

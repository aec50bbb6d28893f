"""The page reads files as nodesim.datasets.read_csv does: the same numbers and classes, and what it refuses is refused."""

from __future__ import annotations

import base64

import numpy as np
import pytest
from helpers import ROOT
from sources import serve
from test_tables import READ, REFUSED

import nodesim as ns

# The page has no reader for training files of FANN.
ELSEWHERE = {name for name in READ | REFUSED if name.startswith("FANN")}
# Where values are missing Python asks for them, and the page leaves out the rows; of words in an input it makes marks.
# It has no limit for the length of a cell.
FRIENDLIER = {
    "missing in the first row",
    "missing",
    "missing at the start",
    "a missing label",
    "words",
    "an endless cell",
}

READING = """async ({ files }) => {
    const { readData, DataError } = await import("/src/data/csv.js");
    return files.map(([name, text]) => {
        const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
        try {
            return readData(bytes, name).data;
        } catch (error) {
            if (!(error instanceof DataError)) throw error;
            return { refused: error.message };
        }
    });
}"""


@pytest.fixture
def read(watch):
    """Read files as the page does."""
    page = serve(watch().page)

    def read(contents):
        files = [
            ("data.csv", base64.b64encode(each if isinstance(each, bytes) else each.encode()).decode())
            for each in contents
        ]
        return page.evaluate(READING, {"files": files})

    return read


def standardised(column):
    if np.isin(column, (0, 1)).all():
        return column
    deviation = column.std()
    return (column - column.mean()) / deviation if deviation > 1e-14 * abs(column.mean()) else 0 * column


def as_page(data):
    """Return inputs and targets as the page should have them of what Python read."""
    x = np.column_stack([standardised(column) for column in data.X.T])
    if len(data.classes) > 2:
        return x, np.eye(len(data.classes))[data.y]
    if data.classes:
        return x, data.y[:, None]
    y = data.y[:, -1]
    small = 0.1 <= np.abs(y).max() <= 1 or np.isin(y, (0, 1)).all()
    return x, (y if small else standardised(y))[:, None]


def assert_same(found, data, name):
    assert "refused" not in found, (name, found)
    x, y = as_page(data)
    assert np.array(found["x"]) == pytest.approx(x, abs=5.1e-5), name
    assert np.array(found["y"]) == pytest.approx(y, abs=5.1e-5), name


def test_the_same_numbers(read, tmp_path):
    names = [name for name in READ if name not in ELSEWHERE]
    assert len(names) > 35
    file = tmp_path / "data.csv"
    for name, found in zip(names, read([READ[name][0] for name in names])):
        content = READ[name][0]
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        assert_same(found, ns.datasets.read_csv(file), name)


def test_what_python_refuses_is_refused(read):
    names = [name for name in REFUSED if name not in ELSEWHERE | FRIENDLIER]
    assert len(names) > 35
    for name, found in zip(names, read([REFUSED[name][0] for name in names])):
        assert "refused" in found, (name, found)
        assert len(found["refused"]) > 30


def test_the_data_sets_that_come_with_nodesim(read):
    names = ["iris", "penguins"]
    files = [(ROOT / "nodesim" / "datasets" / "data" / f"{name}.csv").read_bytes() for name in names]
    for name, found in zip(names, read(files)):
        data = ns.datasets.load(name)
        assert_same(found, data, name)
        assert found["outputs"] == list(data.classes)
        assert found["inputs"] == list(data.features)


def random_table(rng):
    """Return a table of random shape, in a random one of the ways in which tables are written."""
    rows, columns = int(rng.integers(2, 30)), int(rng.integers(2, 6))
    comma = rng.random() < 0.3
    separator = ";" if comma else str(rng.choice(["\t", ";", "|", ",", " "]))
    values = rng.standard_normal((rows, columns)) * 10.0 ** rng.integers(-3, 4, columns)
    cells = [[f"{value:.{int(rng.integers(1, 7))}{rng.choice(['f', 'e'])}}" for value in row] for row in values]
    if comma:
        cells = [[cell.replace(".", ",") for cell in row] for row in cells]
    if rng.random() < 0.5:
        labels = [
            str(label)
            for label in rng.choice(
                ["setosa", "b c", "Übergrößen", "\N{SNAKE}", "\N{GREEK SMALL LETTER ALPHA}1"], 3, replace=False
            )
        ]
        for place, row in enumerate(cells):
            row[-1] = f'"{labels[place % 3]}"'
    if rng.random() < 0.7:
        cells = [[f"c{column}" for column in range(columns)], *cells]
    end = str(rng.choice(["\n", "\r\n", "\r"]))
    text = end.join(separator.join(row) for row in cells) + (end if rng.random() < 0.5 else "")
    if rng.random() < 0.3:
        text = f"# by hand{end}{end}{text}"
    return text.encode(str(rng.choice(["utf-8", "utf-8-sig", "utf-16", "utf-32"])))


def by_python(file):
    try:
        return ns.datasets.read_csv(file)
    except ns.FileError:
        return None


def test_random_tables(read, tmp_path):
    rng = np.random.default_rng(21)
    tables = [random_table(rng) for _ in range(300)]
    file = tmp_path / "data.csv"
    taken = 0
    for table, found in zip(tables, read(tables)):
        file.write_bytes(table)
        data = by_python(file)
        if data is None:
            assert "refused" in found, table
        elif len(data.classes) != 1:
            assert_same(found, data, table)
            taken += 1
    assert taken > 250

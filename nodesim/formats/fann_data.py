"""Training files of FANN: a line with how many samples, inputs and outputs; then for each sample a line of each."""

from __future__ import annotations

from itertools import islice

from nodesim.errors import FileError
from nodesim.formats.numerals import Row, is_whole


def is_fann_data(text: str) -> bool:
    """Tell whether a text is such a file: by the counts that its first line promises."""
    lines = [line.split() for line in islice(filter(str.strip, text.splitlines()), 3)]
    if len(lines) < 2 or not could_be_fann_data(text):
        return False
    (_, *sizes), *sample = lines
    # Three columns everywhere are a table.
    if sizes == [str(len(line)) for line in sample] != ["3", "3"]:
        return True
    count, inputs, outputs = map(int, lines[0])
    return _uniform(text, inputs + outputs) == count and inputs + outputs != 3


def could_be_fann_data(text: str) -> bool:
    """Tell whether a text begins as such a file does: with three whole numbers."""
    first = next(filter(str.strip, text.splitlines()), "").split()
    return len(first) == 3 and all(is_whole(cell) and int(cell) > 0 for cell in first)


def read_rows(name: str, text: str) -> tuple[list[Row], int]:
    """Return one row for each sample, inputs first, and how many outputs it ends with.

    Raises
    ------
    FileError
        If there are not as many samples as the first line says, or one of them has another size.
    """
    rows = [(number, tuple(line.split())) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    count, inputs, outputs = map(int, rows[0][1])
    if _uniform(text, inputs + outputs) == count:
        # FANN itself cares for the order of numbers alone; some programs write a sample on a line.
        return rows[1:], outputs
    pairs = list(zip(rows[1::2], rows[2::2]))
    for pair in pairs:
        for (number, cells), width, what in zip(pair, (inputs, outputs), ("inputs", "outputs")):
            if len(cells) != width:
                raise FileError(f"{name}, row {number}: it has {len(cells)} {what}, the first row promises {width}.")
    if len(rows) != 1 + 2 * count:
        raise FileError(
            f"{name}: a training file of FANN whose first line promises {count:,} samples of two lines each, but "
            f"{len(rows) - 1:,} lines follow. Correct the first line, or complete the file."
        )
    return [(first, x + y) for (first, x), (_, y) in pairs], outputs


def _uniform(text: str, width: int) -> int:
    """Return how many lines follow the first if each holds so many numbers, else 0."""
    _, *rows = (line.split() for line in text.splitlines() if line.strip())
    return len(rows) if all(len(row) == width for row in rows) else 0

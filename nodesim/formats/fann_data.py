"""Training files of FANN: a line with how many samples, inputs and outputs; then for each sample a line of each."""

from __future__ import annotations

from itertools import islice

from nodesim.errors import FileError

Row = tuple[int, tuple[str, ...]]


def is_fann_data(text: str) -> bool:
    """Tell whether a text is such a file: by the counts that its first line promises."""
    lines = [line.split() for line in islice(filter(str.strip, text.splitlines()), 3)]
    if len(lines) < 3 or not all(cell.isdigit() for cell in lines[0]):
        return False
    (_, *sizes), *sample = lines
    # Three columns everywhere are a table.
    return sizes == [str(len(line)) for line in sample] != ["3", "3"]


def read_rows(name: str, text: str) -> tuple[list[Row], int]:
    """Return one row for each sample, inputs first, and how many outputs it ends with.

    Raises
    ------
    FileError
        If there are not as many samples as the first line says, or one of them has another size.
    """
    rows = [(number, tuple(line.split())) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    count, inputs, outputs = map(int, rows[0][1])
    pairs = list(zip(rows[1::2], rows[2::2]))
    if len(rows) != 1 + 2 * count:
        raise FileError(
            f"{name}: a training file of FANN whose first line promises {count:,} samples of two lines each, but "
            f"{len(rows) - 1:,} lines follow."
        )
    for pair in pairs:
        for (number, cells), width, what in zip(pair, (inputs, outputs), ("inputs", "outputs")):
            if len(cells) != width:
                raise FileError(f"{name}, row {number}: it has {len(cells)} {what}, the first row promises {width}.")
    return [(first, x + y) for (first, x), (_, y) in pairs], outputs

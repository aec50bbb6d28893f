"""Rows of the table, and how they are printed."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field


@dataclass
class Row:
    """One contestant at one work.

    Attributes
    ----------
    work, contestant : str
    amount : float or None
        Median of seconds or bytes; None if the contestant is absent or cannot do the work.
    ratio : float or None
        Its amount divided by nodesim's.
    goal, note : str
    reached : bool or None
        None where there is no goal.
    turns : list of float
        The amounts of all rounds.
    unit : str
        "s" or "bytes".
    """

    work: str
    contestant: str
    amount: float | None
    ratio: float | None = None
    goal: str = ""
    reached: bool | None = None
    note: str = ""
    turns: list[float] = field(default_factory=list)
    unit: str = "s"

    def record(self) -> dict[str, object]:
        """Return it as plain data."""
        return asdict(self)

    def cells(self) -> list[str]:
        """Return what is printed, the work left out."""
        written = "-" if self.amount is None else amount(self.amount, self.unit)
        ratio = "" if self.ratio is None else f"{self.ratio:.3g}" if self.ratio < 100 else f"{self.ratio:,.0f}"
        verdict = "" if self.reached is None else f"{self.goal}: {'reached' if self.reached else 'MISSED'}"
        return [self.contestant, written, ratio, verdict, self.note]


def text(rows: list[Row], facts: dict[str, str]) -> str:
    """Return the table; the work is written where it changes."""
    head = ["contestant", "median", "ratio", "goal", "note"]
    cells = [head] + [row.cells() for row in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(len(head))]
    lines, work = [_line(head, widths)], ""
    for row in rows:
        if row.work != work:
            work = row.work
            lines += ["", work]
        lines.append(_line(row.cells(), widths))
    missed = sum(row.reached is False for row in rows)
    goals = sum(row.reached is not None for row in rows)
    lines += ["", f"ratio: the contestant's median divided by nodesim's. Goals reached: {goals - missed} of {goals}."]
    lines.append(", ".join(f"{name} {value}" for name, value in facts.items()))
    return "\n".join(lines)


def markdown(rows: list[Row], facts: dict[str, str], day: str, rounds: int) -> str:
    """Return a line for each work, for a page: nodesim's median, then the others' with their multiples of it."""
    lines = ["| what is done | nodesim | others |", "|---|---|---|"]
    for work in dict.fromkeys(row.work for row in rows):
        first, *others = [row for row in rows if row.work == work]
        told = ", ".join(_told(row) for row in others if row.amount is not None)
        title = work.partition("  ")[2] or work
        lines.append(f"| {title} | {'-' if first.amount is None else amount(first.amount, first.unit)} | {told} |")
    absent = [name for name, version in facts.items() if version == "absent"]
    here = ", ".join(f"{name} {version}" for name, version in facts.items() if version != "absent")
    lines += ["", f"Measured on {day}, {rounds} rounds in turns, medians, one thread, float64. {here}."]
    if absent:
        lines.append(f"Not there: {', '.join(absent)}.")
    return "\n".join(lines) + "\n"


def _told(row: Row) -> str:
    assert row.amount is not None
    ratio = "" if row.ratio is None else f" ({row.ratio:.2g}×)" if row.ratio < 10 else f" ({row.ratio:,.0f}×)"
    return f"{row.contestant.removeprefix('nodesim: ')} {amount(row.amount, row.unit)}{ratio}"


def _line(cells: list[str], widths: list[int]) -> str:
    left = [cells[0].ljust(widths[0]), cells[1].rjust(widths[1]), cells[2].rjust(widths[2])]
    return "  " + "  ".join([*left, cells[3].ljust(widths[3]), cells[4]]).rstrip()


def amount(number: float, unit: str = "s") -> str:
    """Return seconds in a unit in which they can be read, or a number of something else."""
    if unit != "s":
        return f"{number:,.0f} {unit}"
    for factor, name in ((1.0, "s"), (1e3, "ms"), (1e6, "µs")):
        if number * factor >= 1.0:
            return f"{number * factor:.3g} {name}" if number * factor < 1000 else f"{number * factor:,.0f} {name}"
    return f"{number * 1e9:.3g} ns"

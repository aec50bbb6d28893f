"""The command: chosen works, one after the other, and the table."""

from __future__ import annotations

import argparse
import datetime
import json
import sys
import traceback
from pathlib import Path

import environment
import table
from table import Row
from works import LONG, WORKS

# What the site's page of comparisons shows.
PAGE = ["A", "B", "C", "E", "I", "K", "M", "S"]
MEASURED = Path(__file__).parents[2] / "examples" / "site" / "measured.txt"


def main() -> None:
    """Read the options, do the works and print the table."""
    options = _options()
    names = [name for name in WORKS if (name not in LONG if options.only is None else name in options.only)]
    rows, failed = [], False
    for name in names:
        _say(f"{name} ...")
        try:
            rows += WORKS[name]().rows(options.rounds)
        except Exception:  # the other works are worth their minutes
            failed = True
            traceback.print_exc()
            rows.append(Row(f"{name}  FAILED, see above", "nodesim", None))
    _say("")
    facts = environment.described()
    print(table.text(rows, facts))
    if options.json:
        record = {"environment": facts, "rounds": options.rounds, "rows": [row.record() for row in rows]}
        Path(options.json).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    if options.markdown:
        day = datetime.datetime.now(datetime.UTC).date().isoformat()
        text = table.markdown(rows, facts, day, options.rounds)
        Path(options.markdown).write_text(text, encoding="utf-8")
    sys.exit(failed)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python tests/benchmarks", description=sys.modules["__main__"].__doc__)
    others = ", ".join(sorted(LONG))
    parser.add_argument(
        "--only", type=_names, metavar="A,D", help=f"some of {','.join(WORKS)}; without it, all but {others}"
    )
    parser.add_argument("--rounds", type=_rounds, default=7, metavar="N", help="how often each takes its turn")
    parser.add_argument("--json", metavar="FILE", help="keep all times in a file")
    parser.add_argument("--markdown", metavar="FILE", help="write a table for a page into a file, a line for each work")
    parser.add_argument("--page", action="store_true", help=f"the table of the site: {','.join(PAGE)}, some rounds")
    options = parser.parse_args()
    if options.page:
        options.only, options.rounds, options.markdown = options.only or PAGE, min(options.rounds, 3), str(MEASURED)
    return options


def _names(text: str) -> list[str]:
    """Return works by their names, whether these are written in capitals or not."""
    works = {name.casefold(): name for name in WORKS}
    given = text.casefold().replace(" ", "").split(",")
    unknown = [name for name in given if name not in works]
    if unknown:
        raise argparse.ArgumentTypeError(f"no work {unknown[0]!r}; there are {','.join(WORKS)}")
    return [works[name] for name in given]


def _rounds(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a whole number of at least 1, not {text!r}")
    return int(text)


def _say(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)

"""Reads Markdown: runs the code in it, compares what it prints with what is written there, and follows its links.

Of the blocks of a document, those in python run, each by itself, all in one folder; "Save this as `x.py`:" before one
saves it there. A block in text directly below is what it prints. In blocks in sh and console the commands of nodesim run,
in console with what they print below them; what else stands there installs or takes long, and is not run.

Printed text agrees sign for sign, but for decimals: to 1e-9 of themselves, or to one unit of the last printed digit. A
line "..." stands for any lines.
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from nodesim import cli

FENCE = re.compile(r"^( *)(`{3,}|~{3,})\s*([^`]*)$")
SAVED = re.compile(r"[Ss]ave (?:this|it) as `([^`]+)`:\s*$")
# No part of a name (H1.5), of a version (1.2.3), nor a whole number: these are compared as text.
DECIMAL = re.compile(r"(?<![\w.])(\d+\.\d+|\d+(?=[eE]))([eE][-+]?\d+)?(?!\w|\.\d)")
RELATIVE = 1e-9


@dataclass(frozen=True)
class Block:
    """A block of code, the line that it begins in, and what stands between the one before and it."""

    language: str
    code: str
    line: int
    above: str


def blocks(text):
    """Return the fenced blocks of a document, in order."""
    found, above, lines = [], [], iter(enumerate(text.splitlines(), 1))
    for number, line in lines:
        fence = FENCE.match(line)
        if not fence:
            above.append(line)
            continue
        indent, marks, info = fence.groups()
        inside = []
        for _, line in lines:
            if re.fullmatch(rf" *{marks[0]}{{{len(marks)},}} *", line):
                break
            inside.append(line[len(indent) :] if line[: len(indent)].isspace() else line)
        else:
            raise ValueError(f"the block of line {number} has no end")
        found.append(Block(info.strip(), "\n".join(inside) + "\n", number, "\n".join(above)))
        above = []
    return found


def prose(text):
    """Return the words of a document that are neither code nor addresses."""
    text = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"`[^`]*`", "", re.sub(r"\]\([^)]*\)", "]", text))
    return [word for word in text.split() if any(letter.isalnum() for letter in word)]


def unlike(written, printed):
    """Say where printed text is not what is written; an empty string if it is."""
    return _unlike(_lines(written), _lines(printed))


def _lines(text):
    return [line.rstrip() for line in text.strip("\n").splitlines()]


def _unlike(written, printed):
    """Compare what stands before the first "...", then look for the first place where the rest agrees."""
    for place, line in enumerate(written):
        if line == "...":
            rest, left = written[place + 1 :], printed[place:]
            faults = [_unlike(rest, left[start:]) for start in range(len(left) + 1)]
            return "" if "" in faults else f"after ...: {faults[-1] if len(faults) == 1 else 'nowhere ' + repr(rest)}"
        if place == len(printed):
            return f"{line!r} is not printed"
        if not _same_line(line, printed[place]):
            return f"{line!r} is written, {printed[place]!r} is printed"
    return f"{printed[len(written)]!r} is printed, too" if len(printed) > len(written) else ""


def _same_line(written, printed):
    ours, theirs = list(DECIMAL.finditer(written)), list(DECIMAL.finditer(printed))
    if len(ours) != len(theirs) or not all(_close(a[0], b[0]) for a, b in zip(ours, theirs, strict=True)):
        return False
    texts = [DECIMAL.sub("#", line) for line in (written, printed)]
    if any(len(a[0]) != len(b[0]) for a, b in zip(ours, theirs, strict=True)):
        # A last digit that is 0 is left out, and what stands in columns is moved by it.
        texts = [re.sub(" +", " ", text) for text in texts]
    return texts[0] == texts[1]


def _close(written, printed):
    a, b = float(written), float(printed)
    return abs(a - b) <= max(RELATIVE * abs(a), 1.001 * max(_unit(written), _unit(printed)))


def _unit(number):
    """Return one unit of the last digit of a decimal."""
    digits, _, exponent = number.lower().partition("e")
    return 10.0 ** (int(exponent or 0) - len(digits.partition(".")[2]))


def faults(path, folder):
    """Run all code of a document in a folder; return what is wrong, each with its line. The folder must be the current one."""
    found, everything = [], blocks(Path(path).read_text(encoding="utf-8"))
    for place, block in enumerate(everything):
        following = everything[place + 1] if place + 1 < len(everything) else None
        if block.language == "python":
            saved = SAVED.search(block.above)
            if saved:
                (folder / saved[1]).parent.mkdir(parents=True, exist_ok=True)
                (folder / saved[1]).write_text(block.code, encoding="utf-8")
            wrong, printed = _run(compile("\n" * block.line + block.code, str(path), "exec"))
            shown = following and following.language == "text" and not following.above.strip()
            found += [f"{path}:{block.line}: {wrong}"] if wrong else []
            if shown and not wrong and (wrong := unlike(following.code, printed)):
                found.append(f"{path}:{following.line}: {wrong}")
        elif block.language in {"console", "sh"}:
            for command, written in commands(block):
                wrong, printed = _command(command)
                if not wrong and block.language == "console":
                    wrong = unlike(written, printed)
                found += [f"{path}:{block.line}: {command}: {wrong}"] if wrong else []
    return found


def commands(block):
    """Return the commands of nodesim in a block, each with what is written below it."""
    if block.language == "sh":
        return [(line, "") for line in block.code.splitlines() if line.startswith("nodesim ")]
    below = []
    for line in block.code.splitlines():
        if line.startswith("$ "):
            below.append((line[2:], []))
        elif not below:
            raise ValueError(f"the block of line {block.line} begins with no command")
        else:
            below[-1][1].append(line)
    return [(command, "\n".join(lines)) for command, lines in below if command.startswith("nodesim ")]


def _run(code):
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            exec(code, {"__name__": "__main__"})
    except Exception as error:
        return f"{type(error).__name__}: {error}", printed.getvalue()
    return "", printed.getvalue()


def _command(command):
    printed, said = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(said):
        code = cli.main(shlex.split(command, comments=True)[1:])
    wrong = f"ends with {code}: {said.getvalue()}" if code or said.getvalue() else ""
    return wrong, printed.getvalue()


def broken_links(path):
    """Return the links of a document that lead to no file, or to no heading of one."""
    path = Path(path)
    broken = []
    for number, target in _links(path.read_text(encoding="utf-8")):
        if re.match(r"[a-z][a-z0-9+.-]*:|//", target):
            continue
        address, _, anchor = target.partition("#")
        leads = path.parent / address if address else path
        if leads.parent.match("examples/site/gallery/notebooks"):
            # They are copied there when the site is built, and a checkout has them in one place only.
            leads = leads.parents[3] / leads.name
        if not leads.exists():
            broken.append(f"{path}:{number}: there is no {target}")
        elif anchor and leads.suffix == ".md" and anchor not in anchors(leads.read_text(encoding="utf-8")):
            broken.append(f"{path}:{number}: {leads.name} has no heading #{anchor}")
    return broken


def _links(text):
    """Find links and pictures outside of code: [text](target), <target>, [name]: target, and those in HTML."""
    patterns = (
        r"\]\(\s*<?([^\s<>()]+(?:\([^\s()]*\)[^\s<>()]*)*)>?(?:\s+[\"'][^)]*)?\)",
        r"^ {0,3}\[[^\]^]+\]:\s+<?([^\s<>]+)",
        r"<(?:a|img)\b[^>]*?\b(?:href|src)=[\"']([^\"']+)",
    )
    for number, line in enumerate(_without_code(text).splitlines(), 1):
        for pattern in patterns:
            yield from ((number, found[1]) for found in re.finditer(pattern, line))


def _without_code(text):
    """Blank out blocks and code within lines; lines keep their numbers. A link's text may be code."""
    fence, lines = "", []
    for line in text.splitlines():
        mark = FENCE.match(line)
        if fence:
            fence = "" if mark and mark[2].startswith(fence) and not mark[3] else fence
            lines.append("")
        elif mark:
            fence = mark[2]
            lines.append("")
        else:
            lines.append(re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", line))
    return "\n".join(lines)


def anchors(text):
    """Return what can stand after # in a link to a document: its headings, as GitHub and MyST write them, and its labels."""
    found = {}
    labels = set(re.findall(r"^\(([^()\s]+)\)=\s*$", text, re.MULTILINE))
    fence = ""
    for line in text.splitlines():
        mark = FENCE.match(line)
        if mark:
            fence = ("" if mark[2].startswith(fence) and not mark[3] else fence) if fence else mark[2]
        heading = None if fence else re.match(r"#{1,6}\s+(.*?)\s*#*\s*$", line)
        if heading:
            words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading[1])
            kept = "".join(c for c in words.lower() if c in " -_" or unicodedata.category(c)[0] in "LNM")
            slug = kept.replace(" ", "-")
            found[slug] = found.get(slug, -1) + 1
    return labels | {slug + (f"-{n}" if n else "") for slug, count in found.items() for n in range(count + 1)}

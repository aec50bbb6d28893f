"""The texts of nodesim that are said in languages, collected by reading the source; run, it brings de.json up to date.

`python tests/collected_texts.py` says what is missing; with --write it writes de.json anew, in the order of the
source, with all translations that it has, and empty ones for new texts.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
SAYING = {"say", "_say", "Message", "marked"}
# What a call of the page's says: a literal in any quotes, or several with + between them.
_LITERAL = r"""(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)"""
_PAGE = re.compile(rf"(?<![\w.])(?:worded|marked)\(\s*({_LITERAL}(?:\s*\+\s*{_LITERAL})*)(?=\s*[,)])")


@dataclass(frozen=True)
class Said:
    """A text, where it stands, and what is put into it; None where that is not written there."""

    text: str
    place: str
    names: frozenset[str] | None


def in_python(root: Path) -> tuple[list[Said], list[str]]:
    """Return what Python says, and the calls whose text is made up there instead of a literal."""
    said, wrong = [], []
    for path in sorted((root / "nodesim").rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if not any(f"{word}(" in source for word in SAYING):
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and _name(node.func) in SAYING and len(node.args) == 1:
                place = f"{path.relative_to(root)}:{node.lineno}"
                for text in _choices(node.args[0]):
                    if isinstance(text, ast.Constant) and isinstance(text.value, str):
                        said.append((path, node.lineno, Said(text.value, place, _names(node))))
                    elif not isinstance(text, ast.Name | ast.Attribute | ast.Subscript):
                        wrong.append(f"{place}: {ast.unparse(text)[:80]}")
    said.sort(key=lambda each: each[:2])
    return [each for *_, each in said], wrong


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _choices(text: ast.expr) -> list[ast.expr]:
    return [*_choices(text.body), *_choices(text.orelse)] if isinstance(text, ast.IfExp) else [text]


def _names(call: ast.Call) -> frozenset[str] | None:
    if _name(call.func) == "marked" or any(each.arg is None for each in call.keywords):
        return None
    return frozenset(each.arg for each in call.keywords)


def in_page(root: Path) -> tuple[list[Said], list[str]]:
    """Return what the explorer's page says, and the calls whose text is made up there."""
    said, wrong = [], []
    folder = root / "nodesim" / "explorer" / "page" / "src"
    for path in sorted(folder.rglob("*.js")):
        source = re.sub(r"^\s*(?://|\*|/\*).*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        place = str(path.relative_to(root))
        for match in _PAGE.finditer(source):
            pieces = re.findall(_LITERAL, match[1])
            if any(piece[0] == "`" and "${" in piece for piece in pieces):
                wrong.append(f"{place}: {match[1][:80]}")
                continue
            said.append(Said("".join(map(_unquoted, pieces)), place, None))
    return said, wrong


def _unquoted(piece: str) -> str:
    inner = (
        piece[1:-1]
        if piece[0] == '"'
        else re.sub(r'(?<!\\)"', r"\"", piece[1:-1]).replace("\\'", "'").replace("\\`", "`")
    )
    return json.loads(f'"{inner}"', strict=False)


def table(root: Path = ROOT) -> dict:
    """Return de.json."""
    return json.loads((root / "nodesim" / "wording" / "texts" / "de.json").read_text(encoding="utf-8"))


def brought_up_to_date(found: dict, root: Path = ROOT) -> dict:
    """Return a table with every text of the source and no other."""
    parts = {"texts": in_python(root)[0], "page": in_page(root)[0]}
    return {
        **found,
        **{key: {each.text: found.get(key, {}).get(each.text, "") for each in said} for key, said in parts.items()},
    }


def main(arguments: list[str]) -> None:
    root = next((Path(each) for each in arguments if not each.startswith("-")), ROOT)
    found = table()
    now = brought_up_to_date(found, root)
    for part in ("texts", "page"):
        for text, own in now[part].items():
            if not own:
                print(f'{part}: {json.dumps(text, ensure_ascii=False)}: "",')
        for text in found.get(part, {}).keys() - now[part].keys():
            print(f"{part}, not said any more: {text!r}")
    for each in (*in_python(root)[1], *in_page(root)[1]):
        print("no literal:", each)
    if "--write" in arguments:
        file = ROOT / "nodesim" / "wording" / "texts" / "de.json"
        file.write_text(json.dumps(now, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

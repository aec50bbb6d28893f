"""What there is to say, and how much of it a file of texts has: the keys of German, which lacks nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nodesim.wording.files import Texts, read
from nodesim.wording.language import OWN

_WHOLE = "de"
PARTS = ("texts", "page")


@dataclass(frozen=True)
class Compared:
    """One part of a file of texts beside what there is to say.

    Attributes
    ----------
    part : {"texts", "page"}
        What Python says, or the explorer's page.
    total : int
    missing : tuple of str
        English texts without a translation.
    unknown : tuple of str
        What nodesim does not say: it did once, or the English text is not copied exactly.
    """

    part: str
    total: int
    missing: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def share(self) -> str:
        """How many are translated, and of how many."""
        return f"{self.total - len(self.missing):,} of {self.total:,}"


def of(code: str) -> Texts:
    """Return the texts of a language that comes with nodesim."""
    return read(OWN / f"{code}.json", f"{code}.json")


def everything() -> dict[str, tuple[str, ...]]:
    """Return all English texts of each part, in order."""
    return {part: tuple(getattr(of(_WHOLE), part)) for part in PARTS}


def compared(found: Texts) -> list[Compared]:
    """Say of each part what is missing, and what is there for nothing."""
    result = []
    for part, texts in everything().items():
        own: Mapping[str, str] = getattr(found, part)
        known = set(texts)
        missing = tuple(text for text in texts if not own.get(text))
        result.append(Compared(part, len(texts), missing, tuple(text for text in own if text not in known)))
    return result


def begun(code: str) -> Texts:
    """Return a table for another language: all texts, none of them translated."""
    return Texts(code, code, ",", ".", {}, {})


def completed(found: Texts) -> Texts:
    """Return a table with all texts: translations stay, those that are missing are empty.

    Translations of what is not said any more stand at the end: some of them fit a new text.
    """
    parts: list[dict[str, str]] = []
    for part, texts in everything().items():
        own: Mapping[str, str] = getattr(found, part)
        kept = {text: translation for text, translation in own.items() if translation}
        parts.append({**{text: own.get(text, "") for text in texts}, **kept})
    return Texts(found.code, found.name, found.decimal, found.thousands, *parts)

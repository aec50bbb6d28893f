"""What a page says and shows when it is opened: title, sentences on what to try, what is selected; its language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nodesim.errors import ArgumentTypeError
from nodesim.graph.structure import Structure
from nodesim.validation import items, shortened
from nodesim.wording.language import ENGLISH, Language


@dataclass(frozen=True)
class Opening:
    """What the author of a page has said of it.

    Attributes
    ----------
    title : str or None
        None: the network's own.
    guide : list of str
    selected : str or None
        The name of a weight or node.
    language : Language
        What the page itself says; what its author has said stays as it is.
    """

    title: str | None
    guide: list[str]
    selected: str | None
    language: Language = ENGLISH

    def described(self) -> dict[str, Any]:
        """Return what the document says of it."""
        title = {} if self.title is None else {"title": self.title}
        return {**title, "guide": self.guide, "selected": self.selected, **_spoken(self.language)}


def opening(structure: Structure, title: Any, guide: Any, selected: Any, language: Language) -> Opening:
    """Check what the author of a page says of it.

    Parameters
    ----------
    structure : Structure
    title, guide, selected : object
        As `Network.explore` takes them.
    language : Language

    Returns
    -------
    Opening

    Raises
    ------
    ArgumentTypeError, ArgumentError
        If the title or a sentence is no text.
    UnknownNameError, StaleElementError
        If what is to be selected is not in the network.
    """
    if title is not None and not isinstance(title, str):
        raise ArgumentTypeError(f"title must be text, got {shortened(title)}.")
    sentences = [] if guide is None else items(guide, "guide", "a list of sentences")
    for sentence in sentences:
        if not isinstance(sentence, str):
            raise ArgumentTypeError(f"guide must be a list of sentences, got {shortened(sentence)} in it.")
    return Opening(title, sentences, None if selected is None else structure.element(selected).name, language)


def _spoken(language: Language) -> dict[str, Any]:
    """Return the texts that the page says; English ones are its own."""
    return {} if language is ENGLISH else {"language": language.code, "texts": dict(language.page)}

"""A sentence of the table with what is put into it: said in English unless a language is asked for."""

from __future__ import annotations

from typing import Any

from nodesim.wording.language import Language


class Message:
    """A text of the table, and what stands in the places of its braces.

    Parameters
    ----------
    text : str
        In English, as it stands in the table: "{quantity} lacks its term {term}."
    **values : str or Message
        By the names in braces; messages among them are said in the same language.

    Examples
    --------
    >>> str(Message("{quantity} is wrong.", quantity="H1"))
    'H1 is wrong.'
    """

    __slots__ = ("text", "values")

    def __init__(self, text: str, **values: Any) -> None:
        self.text = text
        self.values = values

    def told(self, language: Language) -> str:
        """Return it in a language."""
        values = {
            name: each.told(language) if isinstance(each, Message) else each for name, each in self.values.items()
        }
        return language.say(self.text, **values)

    def __str__(self) -> str:
        return self.text.format_map({name: str(each) for name, each in self.values.items()})

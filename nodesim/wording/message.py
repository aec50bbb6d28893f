"""Sentences of the table with what is put into them: said in English unless a language is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nodesim.wording.language import ENGLISH, Language


class Message:
    """A text of the table, and what stands in the places of its braces.

    Parameters
    ----------
    text : str
        In English, as it stands in the table, a literal: "{quantity} lacks its term {term}."
    **values : str, Message, Numeral or Joined
        By the names in braces; those among them that have words are said in the same language.

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
        return language.say(self.text, **self.values)

    def __str__(self) -> str:
        return self.told(ENGLISH)

    def __repr__(self) -> str:
        return f"<Message: {self}>"

    def __eq__(self, other: object) -> bool:
        return (self.text, self.values) == (other.text, other.values) if isinstance(other, Message) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.text, tuple(map(str, self.values.values()))))


class Numeral:
    """A number as nodesim writes it, for a sentence; a language puts its own signs.

    Parameters
    ----------
    written : str or int
        A whole number is written with signs between its thousands.

    Examples
    --------
    >>> from nodesim.wording.language import language
    >>> str(Numeral("0.5")), Numeral("0.5").told(language("de")), Numeral(1234).told(language("de"))
    ('0.5', '0,5', '1.234')
    """

    __slots__ = ("written",)

    def __init__(self, written: str | int) -> None:
        self.written = f"{written:,}" if isinstance(written, int) else written

    def told(self, language: Language) -> str:
        """Return it as it is written in a language."""
        return language.number(self.written)

    def __str__(self) -> str:
        return self.written

    def __repr__(self) -> str:
        return f"<Numeral: {self}>"

    def __eq__(self, other: object) -> bool:
        return self.written == other.written if isinstance(other, Numeral) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.written)


class Joined:
    """Several of them, one behind the other.

    Parameters
    ----------
    between : str or Message
        What stands between two.
    parts : iterable of str, Message, Numeral or Joined

    Examples
    --------
    >>> str(Joined("; ", [Message("H1 is wrong"), "O1"]))
    'H1 is wrong; O1'
    """

    __slots__ = ("between", "parts")

    def __init__(self, between: str | Message, parts: Iterable[Words]) -> None:
        self.between = between
        self.parts = tuple(parts)

    def told(self, language: Language) -> str:
        """Return it in a language."""
        between: str = language.tell(self.between)
        return between.join(language.tell(part) for part in self.parts)

    def __str__(self) -> str:
        return self.told(ENGLISH)

    def __repr__(self) -> str:
        return f"<Joined: {self}>"

    def __eq__(self, other: object) -> bool:
        return (
            (self.between, self.parts) == (other.between, other.parts) if isinstance(other, Joined) else NotImplemented
        )

    def __hash__(self) -> int:
        return hash(self.parts)


# Whatever can be said; text stays as it is in every language: a name, a formula.
Words = str | Message | Numeral | Joined


def marked(text: str) -> str:
    """Return a text of the table that is said later, as `language.say(heads[place])`: so it is found where it stands.

    Examples
    --------
    >>> marked("quantity")
    'quantity'
    """
    return text

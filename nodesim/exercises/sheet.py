"""A sheet: what is asked for, the key, and how it is printed, saved and marked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property
from typing import Any

from nodesim._version import version
from nodesim.exercises import writing
from nodesim.exercises.asked import Asked
from nodesim.exercises.given import head
from nodesim.exercises.marking import mark
from nodesim.exercises.questions import questions
from nodesim.exercises.remarks import Marking
from nodesim.exercises.working import Value, Working
from nodesim.formats import json_files
from nodesim.gradients.quantities import Quantity, desired
from nodesim.network import Network
from nodesim.notation.symbols import RATE, plural
from nodesim.papers.blocks import Blank, Block, Paper
from nodesim.papers.files import write
from nodesim.showing import shown
from nodesim.wording.language import Language


class Sheet:
    """An exercise sheet for pen and paper: a gradient of a small network, whose numbers come out short, and its key.

    `nodesim.exercises.make` makes it, `nodesim.exercises.load` reads it from a file.

    Parameters
    ----------
    network : Network
        With the weights that are given; the sheet's own.
    asked : Asked
        What is asked for.
    seed : int
        By which it was drawn.

    Attributes
    ----------
    network : Network
        With the weights that are given; the sample of the sheet has run, forward and backward.
    asked : Asked
    seed : int

    See Also
    --------
    nodesim.exercises.make : Makes it.
    nodesim.exercises.save : Several sheets in one file.

    References
    ----------
    Article, sections 3 to 5.

    Examples
    --------
    >>> import nodesim as ns
    >>> sheet = ns.exercises.make([2, 2, 2], ask="W1", seed=7)
    >>> sheet
    <Sheet: ∂e/∂W1 of 2-2-2, seed 7, 27 blanks>
    >>> sheet.key["path 1"]
    'I1 → H1 → O1'
    """

    def __init__(self, network: Network, asked: Asked, seed: int) -> None:
        self.network = network
        self.asked = asked
        self.seed = seed

    # ---- what is in it --------------------------------------------------------------------------------------

    @property
    def working(self) -> Working:
        """The calculation, step by step."""
        return self.asked.working

    @property
    def tasks(self) -> tuple[str, ...]:
        """What is asked for, in order."""
        return self.asked.tasks

    @property
    def digits(self) -> int | None:
        """To how many significant digits numbers are rounded; None if all of them are exact."""
        return self.asked.digits

    @property
    def language(self) -> Language:
        """Of its sentences."""
        return self.asked.language

    @cached_property
    def blanks(self) -> tuple[Blank, ...]:
        """The blanks, in order."""
        return tuple(Paper("", self._questions).blanks())

    @property
    def key(self) -> Mapping[str, str]:
        """The answers by the names of the blanks; numbers with a decimal point, whatever the language."""
        return {blank.name: blank.answer for blank in self.blanks}

    @property
    def exact(self) -> Mapping[str, Fraction]:
        """The answers that are rational numbers, not rounded, by the names of the blanks."""
        values = {blank.name: self.asked.value(blank.name) for blank in self.blanks if blank.kind == "number"}
        return {name: value for name, value in values.items() if isinstance(value, Fraction)}

    @cached_property
    def _questions(self) -> tuple[Block, ...]:
        return tuple(questions(self.asked))

    @property
    def _sizes(self) -> str:
        return "-".join(str(len(layer)) for layer in self.network.layers)

    # ---- what is done with it -------------------------------------------------------------------------------

    def mark(self, answers: Any) -> Marking:
        """Mark somebody's answers: what is right, what follows from an earlier mistake, and which mistake that was.

        Parameters
        ----------
        answers : mapping of str to str or number
            By the names of the blanks; those that are left out were left empty.

        Returns
        -------
        Marking
            With its score, and remarks.

        Raises
        ------
        UnknownNameError, ArgumentError, ArgumentTypeError
            If a blank is named that is not there, or something cannot be read.

        See Also
        --------
        nodesim.exercises.Sheet.key : The right answers.

        Examples
        --------
        >>> import nodesim as ns
        >>> sheet = ns.exercises.make([1, 1], seed=0)
        >>> marking = sheet.mark(sheet.key)
        >>> marking.score == marking.out_of
        True
        """
        return mark(self, answers)

    def paper(self) -> Paper:
        """Return the sheet as a paper, which writers of several formats print.

        Returns
        -------
        Paper
            With its blanks; a writer leaves them empty, or fills in the key.

        See Also
        --------
        nodesim.exercises.Sheet.save : Write it into a file.

        Examples
        --------
        >>> import nodesim as ns
        >>> ns.exercises.make([2, 2, 2]).paper().title
        'The gradient ∂e/∂W1 of a network 2-2-2'
        """
        say = self.language.say
        gradient = f"∂e/∂{shown(self.working.of.name)}"
        return Paper(
            say("The gradient {gradient} of a network {sizes}", gradient=gradient, sizes=self._sizes),
            (*head(self.asked, self.network), *self._questions),
            self.language,
            say("Sheet {seed}, nodesim {version}", seed=self.seed, version=version),
        )

    def save(self, file: Any, paper: str = "a4") -> None:
        """Write the sheet into a file, with empty blanks.

        Parameters
        ----------
        file : str or path-like
            Its ending says as what: .html, .md and .tex are printed, .xml is for Moodle and .zip (QTI) for other
            learning platforms, .json is read by `nodesim.exercises.load` and ``nodesim mark``. The last three hold the
            answers.
        paper : {"a4", "letter"}
            Which paper it is printed on.

        Raises
        ------
        ArgumentError
            If the ending is another, or the paper.
        FileError
            If it cannot be written; what was there is as it was.

        See Also
        --------
        nodesim.exercises.Sheet.save_key : The same with the answers.
        nodesim.exercises.save : Several sheets in one file.

        Examples
        --------
        >>> import nodesim as ns, tempfile, pathlib
        >>> file = pathlib.Path(tempfile.mkdtemp()) / "sheet.json"
        >>> ns.exercises.make([2, 2, 2], seed=3).save(file)
        >>> ns.exercises.load(file).seed
        3
        """
        write(writing.contents([self], file, paper=paper))

    def save_key(self, file: Any, paper: str = "a4") -> None:
        """Write the sheet into a file, with the answers in its blanks.

        Parameters
        ----------
        file : str or path-like
            As .html, .md or .tex; as .json it is the answers alone, by the names of the blanks, choices in English.
        paper : {"a4", "letter"}
            Which paper it is printed on.

        Raises
        ------
        ArgumentError
            If the ending is another, or the paper.
        FileError
            If it cannot be written; what was there is as it was.

        See Also
        --------
        nodesim.exercises.Sheet.save : With empty blanks.
        nodesim.exercises.Sheet.key : The answers.

        Examples
        --------
        >>> import nodesim as ns, json, tempfile, pathlib
        >>> file = pathlib.Path(tempfile.mkdtemp()) / "key.json"
        >>> sheet = ns.exercises.make([2, 2, 2], seed=3)
        >>> sheet.save_key(file)
        >>> json.loads(file.read_text(encoding="utf-8")) == sheet.key
        True
        """
        write(writing.contents([self], file, key=True, paper=paper))

    def to_dict(self) -> dict[str, Any]:
        """Return all that is needed to print and mark the sheet, as plain lists and dicts, as JSON takes them.

        Returns
        -------
        dict
            "network" as in a network's file, "ask", "x", "y" and "learning_rate" as text, "tasks", "digits", "seed",
            "language", what was drawn for tasks, and "key".

        See Also
        --------
        nodesim.exercises.Sheet.save : Writes it as .json.

        Examples
        --------
        >>> import nodesim as ns
        >>> ns.exercises.make([2, 2, 2], seed=3).to_dict()["ask"]
        'W1'
        """
        asked, given, network = self.asked, self.working.given, self.network
        planted = asked.planted
        return {
            "network": json.loads(json_files.dumps(network.simulator)),
            "ask": self.working.connection.name,
            "x": [str(given[Quantity("activated", node).name]) for node in network.inputs],
            "y": [str(given[desired(node)]) for node in network.outputs],
            "learning_rate": str(given[RATE]),
            "tasks": list(asked.tasks),
            "digits": asked.digits,
            "seed": self.seed,
            "language": asked.language.code,
            "missing": asked.missing,
            "planted": planted
            and {
                "step": planted.step,
                "value": _plain(planted.value),
                "mistake": planted.mistake.name,
                "where": planted.mistake.where,
                "text": planted.mistake.text,
            },
            # What was chosen in English, as in every language it is read.
            "key": {blank.name: blank.accepted[0] if blank.kind == "choice" else blank.answer for blank in self.blanks},
        }

    def __repr__(self) -> str:
        gradient = f"∂e/∂{shown(self.working.of.name)}"
        return f"<Sheet: {gradient} of {self._sizes}, seed {self.seed}, {plural(len(self.blanks), 'blank')}>"

    def _repr_html_(self) -> str:
        from nodesim.papers import html

        return html.framed(self.paper())


def _plain(value: Value) -> str | float:
    return str(value) if isinstance(value, Fraction) else float(value)

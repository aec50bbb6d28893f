"""Handouts: the gradient of one weight for somebody who has the chain rule, and does not know this program."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from nodesim.errors import ArgumentError, ArgumentTypeError, DataError, NonFiniteError
from nodesim.graph.elements import Connection
from nodesim.handouts import cells, factored, forward, introduction, onward, saving
from nodesim.handouts import chain as back
from nodesim.handouts.subject import Subject
from nodesim.network import Network
from nodesim.papers.blocks import Block, Paper
from nodesim.showing import shown
from nodesim.validation import DIGITS, at_least_zero, shortened, whole
from nodesim.wording.language import Language, language

# Of networks whose functions have no value at 0: what is run while nothing but letters is shown.
_STAND_INS = (0.0, 0.5)


class Handout:
    """The gradient of one weight, explained: made by `handout`, shown in notebooks, saved as a file.

    Parameters
    ----------
    subject : Subject
        The weight, and the run of a copy of the network.
    cells : Cells
        What a notebook calculates.

    Attributes
    ----------
    name : str
        The gradient: ∂e/∂W1.

    See Also
    --------
    nodesim.handout : Makes it.
    nodesim.Derivation : The same gradient for those who know the program.

    References
    ----------
    Article, sections 1 to 5.

    Examples
    --------
    >>> import nodesim as ns
    >>> ns.handout(ns.Network.layered([2, 2, 2], seed=0), "W1", [0.05, 0.1], [0.01, 0.99])
    <Handout: ∂e/∂W1, 2 paths>
    """

    def __init__(self, subject: Subject, cells: cells.Cells) -> None:
        self._subject = subject
        self._cells = cells

    @property
    def name(self) -> str:
        """The gradient as it is written: ∂e/∂W1."""
        return self._subject.derivation.name

    def paper(self) -> Paper:
        """Return it as blocks, which writers write.

        Returns
        -------
        Paper
            Without what only a notebook has.

        See Also
        --------
        Handout.save : Write it.

        Examples
        --------
        >>> import nodesim as ns
        >>> ns.handout(ns.Network.layered([2, 2, 2], seed=0), "W1").paper().title
        'The gradient of W1, step by step'
        """
        return self._bound([block for _, section in self._sections for block in section])

    def notebook(self) -> Paper:
        """Return it with cells that calculate the same numbers with nodesim, from the network itself.

        Returns
        -------
        Paper
            Its blocks of code stand alone: they load the network from their own text.

        See Also
        --------
        Handout.paper : The same without them.

        Examples
        --------
        >>> import nodesim as ns
        >>> made = ns.handout(ns.Network.layered([2, 2, 2], seed=0), "W1")
        >>> len(made.notebook().blocks) > len(made.paper().blocks)
        True
        """
        blocks: list[Block] = []
        for name, section in self._sections:
            blocks += [*section, *self._cells.after(name)]
        return self._bound(blocks)

    def __getstate__(self) -> dict[str, Any]:
        # Networks take their last run nowhere: what is made of it is made before.
        self._sections, self._subject.derivation  # noqa: B018
        return self.__dict__

    @cached_property
    def _sections(self) -> list[tuple[str, list[Block]]]:
        return [(name, list(section)) for name, section in self._written()]

    def _written(self) -> Iterator[tuple[str, Iterator[Block]]]:
        subject = self._subject
        yield "introduction", introduction.introduction(subject)
        yield "letters", introduction.letters(subject)
        yield "given", introduction.given(subject)
        yield "functions", forward.functions(subject)
        yield "forward", forward.forward(subject)
        yield "error", forward.error(subject)
        if not subject.derivation.count:
            yield "no path", back.no_path(subject)
            return
        yield "partials", back.partials(subject)
        yield "paths", back.paths(subject)
        yield "factored", factored.factored(subject)
        yield "update", onward.update(subject)
        yield "costs", factored.costs(subject)
        yield "other weights", onward.other_weights(subject)
        yield "sheets", onward.sheets(subject)

    def _bound(self, blocks: list[Block]) -> Paper:
        subject = self._subject
        title = subject.say("The gradient of {weight}, step by step", weight=shown(subject.weight.name))
        return Paper(title, blocks, subject.language, self._note())

    def _note(self) -> str:
        """Return what stands small at the foot: for whoever made it, and not for who reads it."""
        say = self._subject.say
        if self._subject.numbers:
            return say("Made by nodesim.")
        command = "nodesim handout net.json W1 --input X,.. --target Y,.. -o w1.html"
        return say("Made by nodesim. With the numbers of a sample: {command}", command=command)

    def save(self, file: Any, paper: str = "a4") -> None:
        """Save it, by the ending of the file's name; the old file stays until the new one is whole.

        Parameters
        ----------
        file : str or path-like
            Ends in ".html", ".md" (pictures go into a folder beside it), ".tex" (for pdflatex) or ".ipynb": a notebook
            that calculates everything again with nodesim when it is run.
        paper : {"a4", "letter"}
            The sheets that it is printed on.

        Raises
        ------
        ArgumentError
            If the name ends otherwise, or there is no such paper.
        FileError
            If it cannot be written.

        See Also
        --------
        Handout.paper : Its blocks, for a writer of one's own.

        Examples
        --------
        >>> import nodesim as ns, tempfile, pathlib
        >>> file = pathlib.Path(tempfile.mkdtemp()) / "w1.html"
        >>> ns.handout(ns.Network.layered([2, 2, 2], seed=0), "W1").save(file)
        >>> file.read_text(encoding="utf-8")[:15]
        '<!DOCTYPE html>'
        """
        saving.save(file, self.paper, self.notebook, paper)

    def __repr__(self) -> str:
        count = self._subject.derivation.count
        return shown(f"<Handout: {self.name}, {count:,} path{'' if count == 1 else 's'}>")

    def _repr_html_(self) -> str:
        return saving.in_notebook(self.paper())


def handout(
    network: Network, of: str | Connection, x: Any = None, y: Any = None, *,
    learning_rate: float = 0.5, digits: int = 4, language: str | Language = "en",
) -> Handout:  # fmt: skip
    """Explain the gradient of one weight on a few pages, for somebody who does not know this program.

    The letters, the way forward, the error, each partial derivative, each path with its product, the factored form
    and its tree, the new weight, and how it goes for other weights: with the numbers of one sample, or in letters.

    Parameters
    ----------
    network : Network
        It stays as it is: a copy is run.
    of : str or Connection
        The weight.
    x : array_like of shape (n_inputs,), optional
        One sample. Without x and y everything stays in letters.
    y : array_like of shape (n_outputs,), optional
        Its desired outputs.
    learning_rate : float
        The η of the update that is shown.
    digits : int
        Significant digits of the numbers, which are calculated with all of them.
    language : str, path or Language
        "en", "de", or a file of texts of one's own.

    Returns
    -------
    Handout
        ``.save("w1.html")`` writes it, or as ".md", ".tex", or ".ipynb": a notebook that calculates it again.

    Raises
    ------
    ArgumentTypeError
        If the network is none.
    ArgumentError
        If x comes without y, or y without x, or a number is out of range.
    UnknownNameError, StaleElementError
        If the weight is none of this network.
    DataError
        If it is not one sample, or does not fit the network.

    See Also
    --------
    Network.derivation : The gradient written out, for those who know the program.
    Network.explore : A page in which every number can be looked at.

    References
    ----------
    Article, sections 1 to 5.

    Examples
    --------
    >>> import nodesim as ns
    >>> ns.handout(ns.Network.layered([2, 2, 2, 2], seed=0), "W1", [0.05, 0.1], [0.01, 0.99])
    <Handout: ∂e/∂W1, 4 paths>
    """
    if not isinstance(network, Network):
        raise ArgumentTypeError(f"a handout is of a network, got {shortened(network)}.")
    if (x is None) != (y is None):
        missing = "y, its desired outputs," if y is None else "x, its inputs,"
        raise ArgumentError(f"of the sample, {missing} must be given, too; without x and y all stays in letters.")
    connection = network.connection(of)
    copy, written_in = network.copy(), _language(language)
    _run(copy, x, y)
    subject = Subject(
        copy, copy.connection(connection.name), x is not None, at_least_zero(learning_rate, "learning_rate"),
        whole(digits, "digits", most=DIGITS), written_in,
    )  # fmt: skip
    return Handout(subject, cells.Cells(subject))


def _language(which: str | Language) -> Language:
    return language(which)


def _run(network: Network, x: Any, y: Any) -> None:
    """Run one sample forward and backward, or a stand-in where none is shown."""
    if x is not None:
        network.forward(x)
        network.backward(y)
        if network.store.run is not None and (count := network.store.run.n_samples) != 1:
            raise DataError(f"a handout is of one sample, got {count}. Pass one row of x and of y.")
        return
    for number in _STAND_INS:
        try:
            network.forward([number] * len(network.inputs))
            # One class, and not two: what every loss takes.
            network.backward([float(place == 0) for place in range(len(network.outputs))])
        except NonFiniteError:
            if number == _STAND_INS[-1]:
                raise
        else:
            return

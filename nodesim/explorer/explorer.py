"""What `Network.explore` returns: one page in which a network can be read, stepped through and traced."""

from __future__ import annotations

import html
import tempfile
import webbrowser
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from nodesim.explorer import document, page
from nodesim.explorer.opening import opening
from nodesim.explorer.runs import Calculator
from nodesim.explorer.samples import samples
from nodesim.formats.atomic import write_atomically
from nodesim.notation.symbols import plural
from nodesim.showing import in_html, in_markup, shown
from nodesim.simulation.simulator import Simulator
from nodesim.wording.language import ENGLISH, Language
from nodesim.wording.language import language as language_of

_HEIGHT = 720
# What a notebook can be burdened with: it keeps a copy of all that it shows.
_MOST_SHOWN = 20_000_000


class Explorer:
    """A network with its samples and epochs as a page: saved, opened, shown in notebooks.

    Parameters
    ----------
    document : dict
        All that the page knows, as plain data that fit into JSON.
    calculator : object
        What runs the network again with what the reader of a widget changes.
    language : Language
        What the page says until its script runs; the rest stands in the document.

    See Also
    --------
    Network.explore : Make an explorer.
    Network.steps : The calculation step by step, as text.
    Recording : Keep epochs of a training to move through.

    Notes
    -----
    A network in float64 whose functions follow from formulas is calculated by the page itself. It weighs 0.45 MB, and
    besides eleven bytes for each weight of each epoch, and the samples once. The built-in functions follow from
    formulas, and so does a function of your own that is given by its formula, or whose ``formula`` and
    ``derivative_formula`` give the same numbers as its functions, to twelve digits at some hundred points. Else, or
    where the numbers are float32, only Python can calculate, and the page holds the run of every sample at every epoch:
    some twenty bytes for each value, slope, delta and gradient. For 150 samples and 81 epochs of a network 4-5-3 that
    is 23 MB instead of 0.5.

    What is derived is chosen in the page: e, or what an output sends. Beside the product of each path it says what
    cutting this one would change, where it can calculate that itself; see `GradientPath.cut`. The address keeps what is
    shown, so that a link shows the same: ``page.html#select=W1&to=OA2``.

    A page speaks one language; its texts travel in the document, some 50 kB, but English ones. Numbers are written with
    a point in every language, as they are typed into its fields. Names stay as they are: of nodes, functions, data sets
    and their columns.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 2], seed=0)
    >>> outputs, e = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
    >>> explorer = net.explore()  # of the last run
    >>> explorer
    <Explorer: network 2-2-2, 1 sample, 1 epoch>
    >>> explorer.document["editable"], explorer.document["samples"]  # so the page calculates the run itself
    (True, [{'name': 'sample 1', 'x': [0.05, 0.1], 'y': [0.01, 0.99]}])
    """

    def __init__(self, document: dict[str, Any], calculator: Calculator, language: Language = ENGLISH) -> None:
        self.document = document
        self._language = language
        self._calculator = calculator

    @cached_property
    def html(self) -> str:
        """The page: one HTML file that asks nothing of any server."""
        return page.html(self.document, self._language)

    def save(self, file: Any) -> None:
        """Write the page into a file; an older file stays until the new one is whole.

        Parameters
        ----------
        file : str or path-like
            Where to; named "page.html", say, so that a browser opens it by itself.

        Raises
        ------
        FileError
            If it cannot be written.

        See Also
        --------
        Explorer.open : Show the page at once.
        Explorer.html : The page as text.

        Examples
        --------
        >>> import nodesim as ns, tempfile, pathlib
        >>> file = pathlib.Path(tempfile.mkdtemp()) / "page.html"
        >>> ns.Network.layered([2, 2, 1], seed=0).explore().save(file)
        >>> file.read_text(encoding="utf-8")[:15]
        '<!DOCTYPE html>'
        """
        write_atomically(file, self.html)

    def open(self) -> Path:
        """Show the page in the browser, from a temporary file whose path is returned.

        Returns
        -------
        pathlib.Path
            The file; it is not removed, so that the page can be loaded again.

        See Also
        --------
        Explorer.save : Write the page into a file of your own.
        Explorer.widget : Show it in a notebook.

        Examples
        --------
        >>> import nodesim as ns
        >>> explorer = ns.Network.layered([2, 2, 1], seed=0).explore()
        >>> file = explorer.open()  # doctest: +SKIP
        """
        file = Path(tempfile.mkdtemp(prefix="nodesim-")) / "explorer.html"
        self.save(file)
        webbrowser.open(file.as_uri())
        return file

    def widget(self) -> Any:
        """Return the page as a notebook widget, whose selection and weights Python sees and sets.

        Returns
        -------
        anywidget.AnyWidget
            With the traits ``selection``, ``edits``, ``recalculated``, ``weights`` and ``training``; see
            `nodesim.explorer.widget`.

        Raises
        ------
        MissingExtraError
            Without the extra ``widget``.

        See Also
        --------
        Explorer.open : Show the page in a browser, without Python behind it.
        Network.explore : Make an explorer.

        Examples
        --------
        >>> import nodesim as ns
        >>> widget = ns.Network.layered([2, 2, 1], seed=0).explore().widget()
        >>> widget.selection = "W1"
        """
        from nodesim.explorer.widget import widget

        return widget(self.document, self._calculator)

    def _repr_html_(self) -> str:
        if len(self.html) > _MOST_SHOWN:
            return (
                f"<p>{in_html(repr(self))}: with {len(self.html) / 1e6:.0f} MB too large for a notebook. "
                "Use <code>.open()</code>, or fewer samples.</p>"
            )
        # Scripts may run in the frame, but know nothing of the notebook around it.
        return (
            f'<iframe sandbox="allow-scripts" srcdoc="{html.escape(self.html)}" width="100%" height="{_HEIGHT}" '
            f'style="border:0" title="{in_markup(self.document["title"])}"></iframe>'
        )

    def __repr__(self) -> str:
        counts = f"{plural(len(self.document['samples']), 'sample')}, {plural(len(self.document['epochs']), 'epoch')}"
        return f"<Explorer: {shown(self.document['title'])}, {counts}>"


def explore(
    simulator: Simulator,
    x: Any,
    y: Any,
    history: Any,
    names: Sequence[str] | None,
    title: str | None,
    guide: Sequence[str] | None,
    selected: Any,
    language: str | Path | Language,
) -> Explorer:
    """Make an explorer; see `Network.explore`."""
    spoken = language_of(language)
    calculator, said = Calculator(simulator), opening(simulator.structure, title, guide, selected, spoken)
    shown_samples = samples(simulator, x, y, names, spoken)
    return Explorer(document.document(calculator, shown_samples, history, said), calculator, spoken)

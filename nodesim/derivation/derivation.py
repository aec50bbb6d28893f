"""One derivative written out, in every form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from nodesim.derivation import forms, latex_breaking, picture, tree
from nodesim.derivation.comparison import DerivationComparison, compare
from nodesim.derivation.definitions import Definitions
from nodesim.derivation.latex_lines import LatexLines, aligned_latex
from nodesim.derivation.operations import Operations
from nodesim.derivation.text_lines import Line, TextLines, equation
from nodesim.drawing.svg import Drawing
from nodesim.errors import ArgumentError
from nodesim.gradients.derivative_graph import DerivativeGraph
from nodesim.gradients.quantities import Quantity, quantity
from nodesim.graph.elements import Connection, Node
from nodesim.notation import markup
from nodesim.notation.expressions import Expression, Number, Partial, Sum, Symbol, evaluate, leaves
from nodesim.notation.latex import Latex, latex
from nodesim.notation.markup import Lines
from nodesim.notation.symbols import Count, equals, number, plural
from nodesim.notation.text import Text, text
from nodesim.paths import GradientPaths
from nodesim.showing import shown
from nodesim.validation import DIGITS, flag, items, one_of, optional_digits, whole
from nodesim.wording import language as languages
from nodesim.wording.language import Language

_WRITTEN = ("paths", "factored", "shared", "partials")
_LIMIT = 50
_PICTURED = 24
_WIDTH, _LATEX_WIDTH = 100, 65


@dataclass(frozen=True)
class Definition:
    """One partial derivative, spelled out.

    Attributes
    ----------
    partial : Partial
        Its symbol, which knows its value.
    derived : Expression
        The quantity that is differentiated, in terms of what it is made of.
    derivative : Expression or None
        What comes out, in symbols; None where the author of a function gave no formula.

    See Also
    --------
    Derivation.partials : Those of all partial derivatives on the paths.

    References
    ----------
    Article, section 4.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([1, 1], seed=0)
    >>> _, _ = net.forward([0.5]), net.backward([1.0])
    >>> print(net.derivation("W1").partials[-1])
    ∂O1/∂W1 = ∂(I1·W1 + B1·W2)/∂W1 = I1 = 0.5
    """

    partial: Partial
    derived: Expression
    derivative: Expression | None

    def __str__(self) -> str:
        return shown(_defined(self, np.ndim(self.partial.value) == 0, 6))

    def __repr__(self) -> str:
        return f"<{self}>"

    def _repr_html_(self) -> str:
        return markup.written(str(self))


class Derivation:
    """The derivative of the error e by a weight, or by a node, written out; made by `Network.derivation`.

    Printing it shows everything: the paths (article, section 4), the factored form (section 5), each partial
    derivative with its definition, and what the forms cost. In a notebook it shows the paths in LaTeX.

    Parameters
    ----------
    graph : DerivativeGraph
        Of the backward.
    of : Quantity
        What e is derived by.
    sample : int, optional
        Whose numbers to put in, out of a batch. Without it a batch is shown in symbols; its gradient is the mean.

    Attributes
    ----------
    graph : DerivativeGraph
        The partial derivatives of the backward.
    of : Quantity
        What e is derived by.
    paths : GradientPaths
        The paths that feed it.
    definitions : Definitions
        What quantities and partial derivatives are, as expressions.

    Raises
    ------
    ArgumentError
        If there is no such sample.

    See Also
    --------
    nodesim.Network.derivation : Makes it.
    nodesim.Network.steps : The whole calculation, one quantity at a time.
    nodesim.Network.operations : What several derivatives cost together.

    Notes
    -----
    Formulas hold for the run that is shown, with what `Network.forward` and `Network.backward` were asked for. m1 is by
    what dropout multiplied HA1 = m1·f(H1). Where samples have weights, e_s is the error of the sample, and its share
    n·w/Σw what that counts in e. Penalties are parts of e, such as l2, from which an arrow leads straight to each
    weight. c is what the gradient was clipped by; it is c·e that is derived then.

    References
    ----------
    Article, sections 4 and 5.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 2], seed=0)
    >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
    >>> print(net.derivation("W1").text("factored", numbers=False))
    ∂e/∂W1 = [ ∂e/∂OA1·∂OA1/∂O1·∂O1/∂HA1   # Output layer
             + ∂e/∂OA2·∂OA2/∂O2·∂O2/∂HA1   # Output layer
             ]·∂HA1/∂H1·∂H1/∂W1            # Hidden layer 1
    """

    def __init__(self, graph: DerivativeGraph, of: Quantity, sample: int | None = None) -> None:
        self.of = of
        self.graph = graph
        self.paths = GradientPaths(graph, of, sample)
        self.definitions = Definitions(graph, self.paths.sample)

    @property
    def name(self) -> str:
        """The derivative as it is written: ∂e/∂W1."""
        return self.symbol.name

    @cached_property
    def symbol(self) -> Partial:
        """The derivative as a symbol that knows its value."""
        return self.definitions.gradient(self.of)

    @property
    def count(self) -> Count:
        """How many paths feed it."""
        return self.paths.count

    @property
    def gradient(self) -> float:
        """Its value; for a batch without `sample` the mean over the samples."""
        return self.paths.gradient

    @cached_property
    def operations(self) -> Operations:
        """What it costs in each form: multiplications and additions; see `Operations`."""
        return Operations(self.graph, [self.of])

    def expression(self, form: str = "paths", limit: int = _LIMIT) -> Expression:
        """Return the form "paths" or "factored" as an expression tree.

        Parameters
        ----------
        form : {"paths", "factored"}
            One product for each path, or nested brackets.
        limit : int
            At most so many paths are written out. The rest of them is one symbol, "rest"; brackets that hold more
            stay symbols, ∂e/∂HA. All symbols know their values, so that the expression is exact in any case.

        Returns
        -------
        Expression
            Evaluated, it gives the gradient: a number; of a batch without `sample`, one number for each sample.

        Raises
        ------
        ArgumentError
            If there is no such form, or the limit is no whole number of at least 1.

        See Also
        --------
        Derivation.text : Write it as text.
        Derivation.latex : Write it in LaTeX.

        References
        ----------
        Article, section 4 ("paths") and section 5 ("factored").

        Examples
        --------
        >>> import nodesim as ns
        >>> from nodesim.notation.expressions import evaluate
        >>> net = ns.Network.layered([2, 2, 2], seed=0)
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> derivation = net.derivation("W1")
        >>> abs(evaluate(derivation.expression("factored")) - derivation.gradient) < 1e-15
        True
        """
        whole(limit, "limit")
        if one_of(form, ("paths", "factored"), "form") == "paths":
            return forms.paths_form(self.definitions, self.paths, limit)
        return forms.factored_form(self.definitions, self.of, limit)

    @cached_property
    def partials(self) -> tuple[Definition, ...]:
        """The definition of every partial derivative on the paths, from the outputs on."""
        return tuple(self._defined())

    def _defined(self) -> Iterator[Definition]:
        define = self.definitions
        for of in forms.upstream(self.graph, self.of):
            for partial in self.graph.each_into(of):
                yield Definition(define.partial(partial), define.derived(partial), define.derivative(partial))

    def compare(self, other: object) -> DerivationComparison:
        """Tell what this derivative shares with another one of the same backward.

        Parameters
        ----------
        other : str, Node, Connection, Quantity or Derivation
            Of the network as it is now.

        Returns
        -------
        DerivationComparison
            ``print`` tells it in words.

        Raises
        ------
        UnknownNameError, StaleElementError, ArgumentTypeError
            If the other is nothing of this network.
        ArgumentError
            If the other derives another quantity than this one.

        See Also
        --------
        nodesim.Network.operations : What several derivatives cost together, form by form.
        Derivation.text : The form "shared" calculates each sum once.

        References
        ----------
        Article, section 5.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], seed=0)
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> len(net.derivation("W1").compare("W2").shared)
        4
        """
        element: Any = self.of.element
        if isinstance(other, Derivation) and other.graph.target != self.graph.target:
            targets = f"{other.graph.target.name}, and this one {self.graph.target.name}"
            raise ArgumentError(f"derivatives of one quantity are compared: the other derives {targets}.")
        found = other.of if isinstance(other, Derivation) else quantity(element.owner, other)
        return compare(self.graph, self.of, found)

    # ---- text -----------------------------------------------------------------------------------------------

    def text(
        self,
        form: str = "paths",
        *,
        numbers: bool = True,
        digits: int | None = None,
        limit: int = _LIMIT,
        width: int = _WIDTH,
    ) -> str:
        """Write one form as text.

        Parameters
        ----------
        form : {"paths", "factored", "shared", "partials"}
            One product for each path; nested brackets; each sum once, by name (backpropagation); or the
            definitions of the partial derivatives.
        numbers : bool
            Whether to put the numbers in as well. They need one sample.
        digits : int, optional
            Significant digits; by default all of them, so that evaluating the text gives the gradient.
        limit : int
            How many paths, or lines, to write out.
        width : int
            How many characters a line of "paths" or "factored" should have at most: longer products are broken.

        Returns
        -------
        str
            An equation with aligned signs; of "shared" and "partials" a line for each derivative.

        Raises
        ------
        ArgumentError
            If there is no such form, or a number is no whole number of at least 1.

        See Also
        --------
        Derivation.latex : The same in LaTeX.
        Derivation.tree : The factored form as a tree.
        Derivation.expression : What is written, as a tree of symbols.

        References
        ----------
        Article, section 4 ("paths", "partials") and section 5 ("factored", "shared").

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], seed=0)
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> print(net.derivation("W9").text(digits=4))
        ∂e/∂W9 = ∂e/∂OA1·∂OA1/∂O1·∂O1/∂W9
               ≈ −0.5458·1·0.5904
               ≈ −0.3222
        """
        one_of(form, _WRITTEN, "form")
        digits, limit, width = optional_digits(digits), whole(limit, "limit"), whole(width, "width")
        numbers = flag(numbers, "numbers") and self.definitions.sample is not None
        if not self.count:
            return Lines(f"{self.name} = 0: no path leads from {self.graph.target.name} to {self.of.name}.")
        if form == "shared":
            return Lines(self._shared(numbers, digits, limit))
        if form == "partials":
            defined = (_defined(each, numbers, digits) for each in islice(self._defined(), limit))
            return Lines("\n".join([*defined, *_more(self.operations.subgraph.edges - limit, "partials")]))
        return Lines(self._equation(form, numbers, digits, limit, width))

    def _equation(self, form: str, numbers: bool, digits: int | None, limit: int, width: int) -> str:
        expression = self.expression(form, limit)
        symbols, values = TextLines(Text(digits), width), TextLines(Text(digits, numbers=True), width)
        # Numbers that are cut to some digits are not what the symbols are equal to.
        cut = "=" if digits is None else "≈"
        rights = []
        for sign, layout in [("=", symbols), (cut, values)] if numbers else [("=", symbols)]:
            lines = layout.terms(expression) if form == "paths" else layout.brackets(expression)
            rights.append((sign, lines))
        if numbers and form == "paths" and isinstance(expression, Sum):
            products = Sum(tuple(Number(evaluate(term)) for term in expression.terms))
            rights.append((cut, values.running(products)))
        if numbers:
            sign, result = equals(self.gradient, digits).split()
            rights.append((sign, [Line(result)]))
        return "\n".join([equation(self.name, rights), *self._notes(expression, limit, digits)])

    def _notes(self, expression: Expression, limit: int, digits: int | None) -> Iterator[str]:
        if self.definitions.sample is None:
            mean = equals(self.gradient, digits)
            what = f"for each of {self.graph.n_samples} samples; the gradient is the mean"
            yield f"{what}, {self.name} {mean} (sample=0 puts numbers in)"
        for leaf in leaves(expression):
            if isinstance(leaf, Symbol) and leaf.name == "rest":
                yield f"rest: {plural(Count(self.count - limit), 'more path')}{self._share(leaf, digits)}"
        for folded in forms.folded(expression, self.graph.target.name):
            yield f"{folded.name} stays a symbol: brackets that hold more than {limit} paths are not opened"

    def _share(self, rest: Symbol, digits: int | None) -> str:
        # A symbol knows the values of all samples; the gradient is their mean.
        value = self.paths.mean(rest.value) if self.paths.sample is None and self.graph.n_samples > 1 else rest.value
        share = f"; those shown are {100 * (1 - value / self.gradient):.3g} % of the gradient" if self.gradient else ""
        return f", which add {number(value, digits)}{share}"

    def _shared(self, numbers: bool, digits: int | None, limit: int) -> str:
        lines = [self._named_sum(symbol, right, numbers, digits) for symbol, right in self._sums(limit)]
        return "\n".join([*lines, *_more(self.operations.subgraph.added - limit, "sums")])

    def _sums(self, limit: int) -> Iterator[tuple[Partial, Expression]]:
        return islice(forms.shared_form(self.definitions, self.of), limit)

    def _named_sum(self, symbol: Partial, right: Expression, numbers: bool, digits: int | None) -> str:
        parts = [symbol.name, text(right, digits)]
        if numbers:
            parts.append(text(right, digits, numbers=True))
            return f"{' = '.join(parts)} {equals(symbol.value, digits)}"
        return " = ".join(parts)

    def tree(self, *, digits: int | None = 6, limit: int = _LIMIT) -> str:
        """Write the factored derivative as a tree: the weight's layer at the root, the outputs at the leaves.

        Each branch stands with its layer and what it adds: the sum of the branches below it times its factors.

        Parameters
        ----------
        digits : int, optional
            Significant digits; None writes all of them.
        limit : int
            Brackets that hold more paths stay symbols.

        Returns
        -------
        str
            A line for each branch, and one that says how to read it.

        Raises
        ------
        ArgumentError
            If the limit is no whole number of at least 1.

        See Also
        --------
        Derivation.text : The same as an equation, and the other forms.
        Derivation.operations : What each form costs.

        References
        ----------
        Article, section 5, "The tree".

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([1, 2, 1], bias=False, seed=0, initializer=ns.initializer("constant", value=1))
        >>> _, _ = net.forward([0.0]), net.backward([0.0])
        >>> print(net.derivation("W3").tree())
        ∂e/∂W3 = 1
        └─ ∂e/∂OA1·∂OA1/∂O1·∂O1/∂W3  Output layer  = 1
        Add the leaves of the same layer, multiply up the branch.
        """
        if not self.count:
            return self.text()
        digits = optional_digits(digits)
        expression = self.expression("factored", limit)
        drawn = tree.drawn(f"{self.name} {equals(self.gradient, digits)}", tree.branches(expression), digits)
        return Lines("\n".join([drawn, *self._notes(expression, limit, digits)]))

    def draw(
        self,
        *,
        cuts: Iterable[object] = (),
        numbers: bool = True,
        digits: int = 4,
        limit: int = _PICTURED,
        language: str | Path | Language = "en",
    ) -> Drawing:
        """Draw the factored derivative as a tree: the outputs on the left, the weight's layer on the right.

        It is read like a calculation from left to right: lines that meet are added, and a box multiplies what arrives.
        For the derivative of a weight of a later layer the tree is cut there: the factor towards the earlier node is
        replaced by the factor towards the weight, and what comes after it is left out.

        Parameters
        ----------
        cuts : iterable of str, Connection or Quantity
            Weights whose cuts are shown, each with its part of the tree shaded.
        numbers : bool
            Whether to put the numbers in as well. They need one sample.
        digits : int
            Significant digits of the numbers.
        limit : int
            How many leaves are drawn at most; of large trees sums and brackets are folded, "⋮ 12 more terms".
        language : str, path or Language
            Of the words in the picture: "en", "de", or a file of texts.

        Returns
        -------
        Drawing
            Shown in notebooks; ``.save("tree.svg")`` keeps it.

        Raises
        ------
        ArgumentError
            If the tree has no place to be cut for a weight, a number is no whole number of at least 1, or there is no
            such language.
        FileError
            If the language's file cannot be read, or is no table of texts.
        UnknownNameError, StaleElementError, ArgumentTypeError
            If a cut is nothing of this network.

        See Also
        --------
        Derivation.tree : The same as text.
        nodesim.Network.draw : Draw the network itself.
        nodesim.figures.figure : Figure 7 is such a tree with three cuts.

        References
        ----------
        Article, section 5, "The tree".

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], seed=0)
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> net.derivation("W1").draw(cuts=["W7"]).description
        '∂e/∂W1 as a tree, with the cut for W7'
        """
        digits, limit = whole(digits, "digits", most=DIGITS), whole(limit, "limit")
        element: Any = self.of.element
        one = isinstance(cuts, str | Node | Connection | Quantity)
        several = [cuts] if one else items(cuts, "cuts", "a weight, or a list of them")
        weights = [quantity(element.owner, cut) for cut in several]
        numbers = flag(numbers, "numbers") and self.definitions.sample is not None
        own = languages.language(language)
        return picture.drawn(self.definitions, self.of, weights, digits if numbers else None, limit, own)

    # ---- LaTeX ------------------------------------------------------------------------------------------------

    def latex(
        self,
        form: str = "paths",
        *,
        numbers: bool = True,
        digits: int | None = 6,
        limit: int = _LIMIT,
        width: int = _LATEX_WIDTH,
    ) -> str:
        r"""Write one form in LaTeX's mathematics, without dollars around it.

        Parameters
        ----------
        form : {"paths", "factored", "shared", "partials"}
            As for `Derivation.text`.
        numbers : bool
            Whether to put the numbers in as well. They need one sample.
        digits : int, optional
            Significant digits; None writes all of them.
        limit : int
            How many paths, or lines, to write out.
        width : int
            How wide a row should be at most, in digits of the type: what is wider is broken before a sign or a factor.
            65 fit an article on A4.

        Returns
        -------
        str
            An ``aligned`` environment; a plain equation where no path leads from e to the quantity.

        Raises
        ------
        ArgumentError
            If there is no such form, or a number is no whole number of at least 1.

        See Also
        --------
        Derivation.text : The same as text.

        References
        ----------
        Article, section 4 ("paths", "partials") and section 5 ("factored", "shared").

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([1, 1], bias=False, seed=0)
        >>> _, _ = net.forward([1.0]), net.backward([0.0])
        >>> print(net.derivation("W1").latex("factored", numbers=False).splitlines()[1][:48])
        \frac{\partial e}{\partial W_{1}} &= \underbrace
        """
        one_of(form, _WRITTEN, "form")
        digits, limit, width = optional_digits(digits), whole(limit, "limit"), whole(width, "width")
        numbers = flag(numbers, "numbers") and self.definitions.sample is not None
        if not self.count:
            return f"{latex(self.symbol)} = 0"
        return latex_breaking.aligned(self._in_rows(form, numbers, digits, limit), width)

    def _in_rows(self, form: str, numbers: bool, digits: int | None, limit: int) -> str:
        if form == "partials":
            return _stacked(_defined_latex(each, numbers, digits) for each in islice(self._defined(), limit))
        if form == "shared":
            return _stacked(self._named_latex(symbol, right, numbers, digits) for symbol, right in self._sums(limit))
        return self._aligned(form, numbers, digits, limit)

    def _aligned(self, form: str, numbers: bool, digits: int | None, limit: int) -> str:
        expression = self.expression(form, limit)
        writers = [Latex(digits), Latex(digits, numbers=True)] if numbers else [Latex(digits)]
        rights = []
        for writer in writers:
            lines = LatexLines(writer)
            written = lines.terms(expression) if form == "paths" else lines.brackets(expression)
            rights.append((r"\approx" if writer.numbers and digits else "=", written))
        if numbers:
            rights.append(_result(self.gradient, digits))
        return aligned_latex(latex(self.symbol), rights)

    def _named_latex(self, symbol: Partial, right: Expression, numbers: bool, digits: int | None) -> str:
        written = f"{latex(symbol)} &= {latex(right, digits)}"
        return f"{written} {' '.join(_result(symbol.value, digits))}" if numbers else written

    # ---- display ----------------------------------------------------------------------------------------------

    def __str__(self) -> str:
        if not self.count:
            return self.text()
        sections = [
            f"{self.name} {equals(self.gradient, None)}, the sum of {plural(self.count, 'path')}",
            f"Path by path\n{self.text('paths')}",
            f"Factored\n{self.text('factored')}",
            f"Partial derivatives\n{self.text('partials')}",
            f"Operations\n{self.operations}",
        ]
        return "\n\n".join(sections)

    def __repr__(self) -> str:
        return f"<Derivation {self.name} {equals(self.gradient)}: {plural(self.count, 'path')}>"

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex('paths')}$"


def _result(value: float, digits: int | None) -> tuple[str, str]:
    sign = "=" if equals(value, digits).startswith("=") else r"\approx"
    return sign, latex(Number(value), digits)


def _defined(definition: Definition, numbers: bool, digits: int | None) -> str:
    derived = Text().within(definition.derived, 5)
    parts = [definition.partial.name, f"∂{derived}/∂{text(Symbol(definition.partial.denominator))}"]
    # c·e is all that c·e is made of.
    parts = list(dict.fromkeys(parts))
    if definition.derivative is not None:
        parts.append(text(definition.derivative, digits))
        if numbers:
            parts.append(text(definition.derivative, digits, numbers=True))
    if not numbers:
        return " = ".join(parts)
    result = equals(definition.partial.value, digits)
    written = result.lstrip("=≈ ")
    return " = ".join(part for part in parts if part != written) + f" {result}"


def _defined_latex(definition: Definition, numbers: bool, digits: int | None) -> str:
    below = latex(Symbol(definition.partial.denominator))
    parts = [rf"\frac{{\partial}}{{\partial {below}}} {Latex().within(definition.derived, 5)}"]
    if definition.derivative is not None:
        parts.append(latex(definition.derivative, digits))
    written = f"{latex(definition.partial)} &= {' = '.join(parts)}"
    return f"{written} {' '.join(_result(definition.partial.value, digits))}" if numbers else written


def _stacked(rows: Iterator[str]) -> str:
    return "\\begin{aligned}\n" + "\\\\\n".join(rows) + "\n\\end{aligned}"


def _more(number: int, what: str) -> list[str]:
    return [f"... and {number:,} more {what}"] if number > 0 else []

"""How many multiplications and additions each form of a derivative takes, side by side.

References
----------
Article, section 5, "Why it pays".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from nodesim.derivation import costs, elimination
from nodesim.derivation.costs import Cost
from nodesim.derivation.subgraph import Subgraph
from nodesim.errors import UnknownNameError, suggestion
from nodesim.gradients.derivative_graph import DerivativeGraph
from nodesim.gradients.quantities import Quantity
from nodesim.notation import frames, markup, tables
from nodesim.notation.symbols import Count, partial, plural
from nodesim.showing import shown
from nodesim.validation import shortened

_HEADS = ("form", "multiplications", "additions", "how it is calculated")
FORMS = {
    "expanded": "every path multiplied out by itself",
    "factored": "nested brackets: common factors taken out",
    "shared": "backpropagation: from {target} back, each sum once",
    "forward": "forward accumulation: up to {target} from {details}",
    "elimination": "best order found: {details}",
}


class Operations(Mapping[str, Cost]):
    """What each form of one or several derivatives costs; printing it shows a table.

    The forms are "expanded" and "factored" (for several derivatives: one after the other), "shared"
    (backpropagation: each inner derivative once), "forward" (forward accumulation: a sweep for each derivative) and
    "elimination" (the best order found in which the inner quantities can be eliminated). The partial derivatives are
    taken as given: each is calculated once, in advance. See `nodesim.derivation.costs` for what counts, and
    `nodesim.derivation.elimination` for how the order is sought. Costs are counted when they are asked for.

    Parameters
    ----------
    graph : DerivativeGraph
        The partial derivatives of the backward.
    of : sequence of Quantity
        What the derivatives of e are by.

    See Also
    --------
    nodesim.Network.operations : Makes it for several derivatives.
    Derivation.operations : Those of one.

    Notes
    -----
    Every number is exact, whatever its size. Two forms are left out of the mapping, and named in `missing`, where
    counting would take long: "elimination" for more than 50,000 partial derivatives, unless its order is certain,
    and "forward" for many weights of networks with tens of thousands of nodes between which paths part and meet.

    References
    ----------
    Article, section 5, "Why it pays". A. Griewank, A. Walther, "Evaluating Derivatives" (2nd edition, SIAM 2008).

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 2, 2], seed=0)
    >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
    >>> operations = net.derivation("W1").operations
    >>> operations["shared"].multiplications
    12
    >>> print(operations)
    form         multiplications  additions  how it is calculated
    expanded                  24          3  every path multiplied out by itself
    factored                  14          3  nested brackets: common factors taken out
    shared                    12          3  backpropagation: from e back, each sum once
    forward                   13          3  forward accumulation: up to e from W1
    elimination               12          3  best order found: backpropagation
    """

    def __init__(self, graph: DerivativeGraph, of: Sequence[Quantity]) -> None:
        self._derivatives = graph
        self._of = of
        self._counted: dict[str, Cost | None] = {}

    @cached_property
    def subgraph(self) -> Subgraph:
        """The quantities between e and what is asked for."""
        return Subgraph(self._derivatives, self._of)

    def _cost(self, form: str) -> Cost | None:
        if not isinstance(form, str) or form not in FORMS:
            raise UnknownNameError(f"there is no form {shortened(form)} of a derivative. {suggestion(form, FORMS)}")
        if form not in self._counted:
            self._counted[form] = self._count(form)
        return self._counted[form]

    def _count(self, form: str) -> Cost | None:
        if form == "elimination":
            return self._order.cost if self._order else None
        # Each of the other forms has its function there, of the same name.
        counted: Cost | None = getattr(costs, form)(self.subgraph)
        return counted

    @cached_property
    def _order(self) -> elimination.Order | None:
        return elimination.best_order(self.subgraph, self["shared"], self._cost("forward"))

    @property
    def order(self) -> tuple[str, ...]:
        """The quantities in the order in which "elimination" eliminates them; empty if that was not sought.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([1, 1, 2, 1], bias=False, seed=0)
        >>> _, _ = net.forward([0.5]), net.backward([1.0])
        >>> net.derivation("W1").operations.order
        ('OA1', 'HA3', 'H3', 'HA2', 'H2', 'O1', 'HA1', 'H1')
        """
        numbers = self._order.numbers if self._order else ()
        return tuple(self.subgraph.quantities[number].name for number in numbers)

    @property
    def missing(self) -> dict[str, str]:
        """The forms whose cost was not counted, and why."""
        reasons = {
            "forward": f"not counted: {plural(len(self._of), 'sweep')} up to {self._target}",
            "elimination": f"not sought: {plural(Count(self.subgraph.edges), 'partial derivative')}",
        }
        return {form: reason for form, reason in reasons.items() if self._cost(form) is None}

    def __getitem__(self, form: str) -> Cost:
        """Return the multiplications and additions of a form.

        Raises
        ------
        UnknownNameError
            If there is no such form, or it was not counted; `missing` says why.
        """
        cost = self._cost(form)
        if cost is None:
            raise UnknownNameError(f"the form {form!r} has no cost here; {self.missing[form]}.")
        return cost

    def __iter__(self) -> Iterator[str]:
        return (form for form in FORMS if self._cost(form) is not None)

    def __len__(self) -> int:
        return len(list(iter(self)))

    def to_pandas(self) -> Any:
        """Return the costs as a data frame of pandas.

        Returns
        -------
        pandas.DataFrame
            A row for each form that was counted: "form", "multiplications", "additions", and "how" it is calculated;
            counts that no int64 holds are Python's integers.

        Raises
        ------
        MissingExtraError
            If pandas is not installed.

        See Also
        --------
        Operations.missing : The forms that were not counted.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], seed=0)
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> net.operations("W1").to_pandas()["form"].tolist()
        ['expanded', 'factored', 'shared', 'forward', 'elimination']
        """
        forms = list(self)
        columns: dict[str, Any] = {"form": forms}
        for what in ("multiplications", "additions"):
            columns[what] = [getattr(self[form], what) for form in forms]
        columns["how"] = [self._how(form) for form in forms]
        return frames.frame(columns)

    @property
    def _target(self) -> str:
        return shown(self._derivatives.target.name)

    def _rows(self) -> list[tuple[str, str, str, str]]:
        missing = self.missing
        rows = []
        for form in FORMS:
            if form in missing:
                rows.append((form, "–", "–", missing[form]))
            else:
                multiplications, additions = self[form]
                rows.append((form, f"{multiplications:,}", f"{additions:,}", self._how(form)))
        return rows

    def _how(self, form: str) -> str:
        return FORMS[form].format(target=self._target, details=self._details(form))

    def _details(self, form: str) -> str:
        if form == "elimination" and self._order:
            return f"{self._order.name}{'; no order takes fewer' if self._order.proved else ''}"
        return shown(self._of[0].name) if len(self._of) == 1 else "each in turn"

    def __str__(self) -> str:
        return "\n".join(tables.lines(_HEADS, self._rows(), "<>><"))

    def __repr__(self) -> str:
        target, count = self._derivatives.target.name, len(self._of)
        of = partial(target, self._of[0].name) if count == 1 else plural(count, "derivative")
        return f"<Operations of {of}>"

    def _repr_html_(self) -> str:
        return markup.table(_HEADS, self._rows(), "<>><")

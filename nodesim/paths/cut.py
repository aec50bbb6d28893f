"""What cutting one path, or several at once, changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from nodesim._arrays import Array, read_only
from nodesim.errors import StateError
from nodesim.notation import markup, tables
from nodesim.notation.symbols import ERROR, number
from nodesim.showing import shown


class Cuttable(Protocol):
    """What can be cut: a `GradientPath`, or `GradientPaths`."""

    @property
    def title(self) -> str:
        """What it is, in a few words."""


class Cut:
    """What the error e is when a path, or a set of them, is cut in the forward pass.

    Along what is cut, each node sees the value that it would have without what came along there; every other node sees
    the old one. Of a weight, nothing enters the first node through it; of a node, its H ("H1"), or what it
    sends ("HA1", "I1"), is 0 along the paths. Where H is no sum, it is made anew of all W·HA that come in: without its
    largest one, a max is the next one, and without one of its factors a product is 0.

    Parameters
    ----------
    of : GradientPath or GradientPaths
        What is cut.
    value, change, predicted : float
        As the attributes.
    outputs : ndarray, or callable that returns it
        It is only called when somebody asks for the outputs.
    target : str
        What is looked at: e, or the quantity that the paths come from.
    before : float, optional
        What it was; by default value - change, of which rounding leaves nothing where it is tiny.

    Attributes
    ----------
    of : GradientPath or GradientPaths
        What is cut.
    before : float
        e, or the quantity that the paths come from, with nothing cut.
    value : float
        e afterwards, the mean over the samples; of paths that come from another quantity (``to=``), that one.
    change : float
        `value` - what it was before, the mean over the samples.
    predicted : float
        The same to the first order: -weight · product of the path, or · sum of the products of the paths; of a node
        -(its sum, or what it sends) · product, the mean over the samples. Where derivatives were clipped, by what they
        were before: it is e that is looked at.
    target : str
        What `value` is: e, or the quantity that the paths come from.

    See Also
    --------
    GradientPath.cut : Cut one path.
    GradientPaths.cut : Cut all paths of a set at once.
    GradientPaths.cuts : Cut the strongest paths, each by itself.

    Notes
    -----
    Exact path patching: nothing is linearised but `predicted`, which stands next to it. `change` is the difference of
    two errors that are calculated alike, each rounded once more: where it is below 1e-16 of e nothing of it is left,
    and where nothing changes it is exactly 0.

    Nodes that dropout dropped send nothing, and the errors of samples count by their weights, as in the run. Penalties
    are part of e; to cut the path of one makes it that of a weight of 0.

    What is cut in the forward pass need not add up: two paths that meet in a node are more, or less, than their sum.

    References
    ----------
    Goldowsky-Dill, N., C. MacLeod, L. Sato, A. Arora, "Localizing Model Behavior with Path Patching" (2023,
    arXiv:2304.05969). K. Wang, A. Variengien, A. Conmy, B. Shlegeris, J. Steinhardt, "Interpretability in the Wild"
    (ICLR 2023, arXiv:2211.00593).

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 2, 2], seed=0)
    >>> _, e = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
    >>> cut = net.paths("W1").top(1)[0].cut()
    >>> cut
    <cut of I1 -> H1 -> H3 -> O1: change −0.00202783, predicted −0.00203036>
    >>> bool(abs(cut.error - e - cut.change) < 1e-15)
    True
    """

    __slots__ = ("_outputs", "before", "change", "of", "predicted", "target", "value")

    def __init__(
        self, of: Cuttable, value: float, change: float, predicted: float, outputs: Array | Callable[[], Array],
        target: str = ERROR, before: float | None = None,
    ) -> None:  # fmt: skip
        self.of = of
        self.before = value - change if before is None else before
        self.target = target
        self.value = value
        self.change = change
        self.predicted = predicted
        self._outputs = outputs

    @property
    def error(self) -> float:
        """E afterwards; refused for paths that come from another quantity, which say nothing of e."""
        check_error(self.target)
        return self.value

    @property
    def missed(self) -> float:
        """By how much the first order misses the change: change - predicted."""
        return self.change - self.predicted

    @property
    def outputs(self) -> Array:
        """OA of all outputs afterwards, as e sees them, in the order of `Network.outputs`.

        Where paths come from another quantity than e, all outputs but that one are as they were.
        Of shape (n_outputs,) for one sample, else (n_samples, n_outputs).
        """
        if callable(self._outputs):
            self._outputs = self._outputs()
        found: Array = read_only(self._outputs)
        return found

    def __eq__(self, other: object) -> bool:
        """Whether the same was cut, with the same result."""
        if not isinstance(other, Cut):
            return NotImplemented
        return self.of == other.of and self._numbers == other._numbers

    def __hash__(self) -> int:
        return hash((self.of, self._numbers))

    @property
    def _numbers(self) -> tuple[float, ...]:
        return self.value, self.change, self.predicted

    @property
    def _heads(self) -> tuple[str, ...]:
        return "cut", f"{self.target} before", f"{self.target} after", "change", "predicted", "missed"

    def _cells(self) -> list[str]:
        numbers = (self.before, self.value, self.change, self.predicted, self.missed)
        return [self.of.title, *map(number, numbers)]

    def __str__(self) -> str:
        return "\n".join(tables.lines(self._heads, [self._cells()], "<>"))

    def __repr__(self) -> str:
        return shown(f"<cut of {self.of.title}: change {number(self.change)}, predicted {number(self.predicted)}>")

    def _repr_html_(self) -> str:
        return markup.table(self._heads, [self._cells()], "<>")


def check_error(target: str) -> None:
    """Raise a `StateError` unless it is e that was looked at."""
    if target != ERROR:
        raise StateError(f"these paths come from {target}, and say nothing of e: see value, or values of several.")

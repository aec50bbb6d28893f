"""The contract of what makes one number, H, of all that comes into a node."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import DataError, FunctionError
from nodesim.functions.function import NativelyNamed
from nodesim.functions.guard import FOR_EACH, OVER_CONTRIBUTIONS, Describe, called
from nodesim.validation import numbers, shortened


@dataclass(frozen=True, eq=False, repr=False)
class Aggregation(NativelyNamed):
    """What H of a node is made by: the sum of what comes in, unless another one is given.

    Over a connection W·HA of its source comes in, its contribution c.

    Parameters
    ----------
    name : str
        The name under which it is used.
    function : callable
        ``function(c)`` takes the contributions to some nodes, an array of shape (n_contributions, ...), in connection
        order along its first axis, and returns H, an array of the shape behind it. It must not write into the array
        that it is given.
    partials : callable
        ``partials(c, h)`` takes these and H, and returns ∂H/∂c of every contribution, of the shape of c. At a kink,
        such as a tie of max, those of one side.
    parameters : mapping of str to float
        Passed to all functions as keyword arguments; `with_parameters` sets other values.
    aliases : tuple of str
        Other names under which it is found.
    description : str
        One line for `nodesim plugins`.
    origin : str
        The plugin that it comes from; filled in when a plugin is registered.
    native : str, optional
        The native form that calculates exactly what the functions do: "sum", "product", "max", "min", "mean" or
        "norm". Networks with other ones are calculated by NumPy.
    curvature : callable, optional
        ``curvature(c, h, moved)`` returns by how much the partials move where the contributions move by `moved`, an
        array of the shape of c: Σ over j of ∂²H/∂c_i∂c_j · moved_j. By default differences of `partials`; only second
        derivatives of e ask for it.
    sign : str
        What is printed between contributions, as in "·"; where it is empty, the name is printed before them:
        ``max(c, c)``.

    Raises
    ------
    FunctionError
        For a missing name or function, aliases that are no tuple of names, or a parameter that is not a finite number.

    See Also
    --------
    nodesim.aggregation : Look one up by name.
    nodesim.register : Make it known by name.
    Network.add_hidden : Add a node with an aggregation of its own.
    nodesim.checks.check_aggregation : Look for mistakes in it.
    Activation : What makes HA of H.

    Notes
    -----
    A path goes through a contribution as the chain rule says: ∂H/∂HA of the source is ∂H/∂c·W, and ∂H/∂W is ∂H/∂c·HA.
    For the sum, ∂H/∂c is 1, and these are the article's. Of a node that nothing comes into, H is 0.

    References
    ----------
    Article, section 3, step 2, has the sum. Products: R. Durbin, D. E. Rumelhart, "Product units" (Neural Computation
    1, 1989). Maxima: I. Goodfellow et al., "Maxout networks" (ICML 2013).

    Examples
    --------
    >>> import nodesim as ns
    >>> import numpy as np
    >>> squares = ns.Aggregation("squares_example", lambda c: (c * c).sum(axis=0), lambda c, h: 2.0 * c)
    >>> squares(np.array([1.0, 2.0, 3.0]))
    np.float64(14.0)
    """

    kind: ClassVar[str] = "aggregation"
    bound: ClassVar[tuple[str, ...]] = ("function", "partials", "curvature")

    function: Callable[..., Array] = field(default=None)  # type: ignore[assignment]
    partials: Callable[..., Array] = field(default=None)  # type: ignore[assignment]
    curvature: Callable[..., Array] | None = field(default=None, kw_only=True)
    sign: str = field(default="", kw_only=True)

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise FunctionError(f"{self._who} needs function(c), got {shortened(self.function)}.")
        if not callable(self.partials):
            raise FunctionError(
                f"{self._who} needs partials(c, h), the derivatives of H by every contribution, so that paths lead "
                f"through it; got {shortened(self.partials)}."
            )
        if not isinstance(self.sign, str):
            raise FunctionError(f"{self._who}: sign must be a string, got {shortened(self.sign)}.")
        super().__post_init__()

    @property
    def is_sum(self) -> bool:
        """Whether it is the article's weighted sum, whose partials are 1."""
        return self.native == "sum"

    def __call__(self, contributions: object) -> Array:
        """Return H of contributions.

        Parameters
        ----------
        contributions : array_like of shape (n_contributions, ...)

        Returns
        -------
        ndarray or float
            Of the shape behind the first axis; of no contributions 0, as in a network.

        Raises
        ------
        DataError
            If they are something else than real numbers, or a single one.
        """
        given = numbers(contributions, "contributions")
        if not given.ndim:
            raise DataError(
                f"contributions are an array whose first axis goes over them; got {shortened(contributions)}."
            )
        if not len(given):
            return np.zeros(given.shape[1:])
        with np.errstate(all="ignore"):
            return self.function(given)


def aggregated(aggregation: Aggregation, contributions: Array, describe: Describe) -> Array:
    """Return H of contributions, guarded as all calls of pluggable functions are.

    Parameters
    ----------
    aggregation : Aggregation
    contributions : ndarray of shape (n_contributions, ...)
    describe : callable
        Says whose H it is; only called when something is wrong.

    Raises
    ------
    FunctionError
        Naming the aggregation, and what it did.
    """
    shape = contributions.shape[1:]
    return called(
        aggregation.function, (contributions,), shape, lambda: _who(aggregation, describe), OVER_CONTRIBUTIONS
    )


def partials_of(aggregation: Aggregation, contributions: Array, value: Array, describe: Describe) -> Array:
    """Return ∂H/∂c of contributions, of their shape, from H; otherwise as `aggregated`."""
    return called(
        aggregation.partials, (contributions, value), contributions.shape,
        lambda: f"the partials of {_who(aggregation, describe)}", FOR_EACH,
    )  # fmt: skip


def _who(aggregation: Aggregation, describe: Describe) -> str:
    return f"{describe()} ({aggregation.label})"

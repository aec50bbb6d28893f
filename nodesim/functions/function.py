"""What everything that can be swapped has in common: a name, and functions that parameters are bound into."""

from __future__ import annotations

import functools
import keyword
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any, ClassVar, Self

from nodesim.errors import ArgumentError, FunctionError, suggestion
from nodesim.notation.expressions import Symbol, leaves
from nodesim.notation.symbols import with_article
from nodesim.notation.syntax import parse
from nodesim.showing import shown
from nodesim.validation import finite, shortened

# What formulas have besides parameters.
_LETTERS = ("z", "a", "y", "n", "w", "pi", "π", "e")


@dataclass(frozen=True, eq=False, kw_only=True)
class Function:
    """What all kinds share: a name, parameters bound into the functions, and where they come from.

    Two of them are equal if their kind, name, parameters, functions and native form are.

    Parameters
    ----------
    name : str
        The name under which it is used.
    parameters : mapping of str to float
        Passed to the functions as keyword arguments.
    aliases : tuple of str
        Other names under which it is found.
    description : str
        One line for `nodesim plugins`.
    origin : str
        The plugin that it comes from; filled in when a plugin is registered.

    Attributes
    ----------
    kind : str
        "activation", "aggregation", "loss", "optimizer", "initializer", "regularizer" or "schedule".
    bound : tuple of str
        The attributes that are functions, into which parameters are bound.

    See Also
    --------
    Activation, Aggregation, Loss, Optimizer, Initializer, Regularizer, LearningRateSchedule : The kinds.

    Notes
    -----
    Any of these functions may take ``out=None``, as NumPy's own do: where an engine has the array already that the
    result (of an optimizer, the new weights) belongs into, it is given, to be filled and returned.
    """

    kind: ClassVar[str] = "function"
    bound: ClassVar[tuple[str, ...]] = ("function",)
    # What is often taken for a parameter, and where it belongs.
    _advice: ClassVar[str] = ""

    parameters: Mapping[str, float] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    description: str = ""
    origin: str = ""

    name: str = field(default="", kw_only=False)

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise FunctionError(
                f"{with_article(self.kind)} needs a name, a non-empty string, got {shortened(self.name)}."
            )
        if not isinstance(self.parameters, Mapping):
            raise FunctionError(f"{self._who}: parameters must be a dict, got {shortened(self.parameters)}.")
        if not isinstance(self.aliases, tuple | list) or not all(isinstance(name, str) for name in self.aliases):
            raise FunctionError(f"{self._who}: aliases must be a tuple of names, got {shortened(self.aliases)}.")
        for key in self.parameters:
            if not isinstance(key, str) or not key.isidentifier() or keyword.iskeyword(key):
                raise FunctionError(
                    f"{self._who}: a parameter is named like a variable of Python, as alpha; got {shortened(key)}."
                )
        parameters = {key: self._number(key, value) for key, value in self.parameters.items()}
        object.__setattr__(self, "parameters", MappingProxyType(parameters))
        for attribute in self.bound:
            self._bind(attribute)

    @property
    def _who(self) -> str:
        return f"{self.kind} {shortened(self.name)}"

    def _number(self, key: str, value: object) -> float:
        try:
            return finite(value, f"parameter {shortened(key)}")
        except ArgumentError as error:
            raise FunctionError(f"{self._who}: {error}") from error

    def _bind(self, attribute: str) -> None:
        call = getattr(self, attribute)
        if call is None:
            return
        if not callable(call):
            raise FunctionError(f"{self._who}: {attribute} must be callable, got {shortened(call)}.")
        if self.parameters:
            object.__setattr__(self, attribute, functools.partial(self.unbound(attribute), **self.parameters))

    def with_parameters(self, /, **parameters: float) -> Self:
        """Return the same function with other values of its parameters.

        Parameters
        ----------
        **parameters : float
            New values; those not given keep theirs.

        Returns
        -------
        Function
            Of the same kind; the same object if nothing is given.

        Raises
        ------
        FunctionError
            For a parameter that the function does not have, or a value that is not a finite number.

        Examples
        --------
        >>> import nodesim as ns
        >>> ns.activation("leaky_relu").with_parameters(slope=0.2)
        <activation leaky_relu(slope=0.2)>
        """
        for key in parameters:
            if key not in self.parameters:
                raise FunctionError(
                    f"{self._who} has no parameter {shortened(key)}. {suggestion(key, self.parameters)}{self._advice}"
                )
        return replace(self, parameters={**self.parameters, **parameters}) if parameters else self

    @property
    def specification(self) -> str | dict[str, Any]:
        """The name, or name and parameters: plain data from which the same function is looked up again."""
        if not self.parameters:
            return self.name
        return {"name": self.name, "parameters": dict(self.parameters)}

    @property
    def label(self) -> str:
        """Name, parameters and origin, as error messages show them."""
        return f"{self.kind} {self}" + (f" from {self.origin}" if self.origin else "")

    def unbound(self, attribute: str) -> Any:
        """Return one of its functions as its author gave it, without the parameters."""
        call = getattr(self, attribute)
        return call.func if isinstance(call, functools.partial) else call

    def _identity(self) -> tuple[object, ...]:
        raw = tuple(map(self.unbound, self.bound))
        return (self.kind, self.name, tuple(sorted(self.parameters.items())), raw)

    def says_the_same(self, other: Function) -> bool:
        """Tell whether another one is equal and has the same settings; names beside its own, and origins, aside."""
        aside = ("aliases", "description", "origin")
        settings = [each.name for each in fields(self) if each.name not in (*aside, *self.bound)]
        return self == other and all(getattr(self, name) == getattr(other, name) for name in settings)

    def __copy__(self) -> Self:
        # A description that never changes needs no twin.
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Function) and self._identity() == other._identity()

    @functools.cached_property
    def _hash(self) -> int:
        # Engines look functions up at every run, and nothing of a description changes.
        return hash(self._identity())

    def __hash__(self) -> int:
        return self._hash

    def __str__(self) -> str:
        if not self.parameters:
            return self.name
        written = (f"{key}={repr(value).removesuffix('.0')}" for key, value in self.parameters.items())
        return f"{self.name}({', '.join(written)})"

    def __repr__(self) -> str:
        return shown(f"<{self.kind} {self}>")


@dataclass(frozen=True, eq=False, repr=False)
class NativelyNamed(Function):
    """A function whose author can name the native form that calculates exactly the same."""

    native: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        if self.native is not None and not (isinstance(self.native, str) and self.native):
            raise FunctionError(
                f"{self._who}: native must be the name of a native form, or None; got {shortened(self.native)}."
            )
        super().__post_init__()

    def _identity(self) -> tuple[object, ...]:
        # What is calculated natively is another thing to an engine, though the author says that it is the same.
        return (*super()._identity(), self.native)


@dataclass(frozen=True, eq=False, repr=False)
class Formulated(Function):
    """A function that may be given by its formula alone."""

    formula: str = field(default="", kw_only=True)
    derivative_formula: str = field(default="", kw_only=True)

    def _follow(self, make: Callable[[str], Any], read: Callable[[str, Collection[str]], object]) -> None:
        """Make the function from the formula, where only that is given."""
        if not isinstance(self.formula, str):
            raise FunctionError(f"{self._who}: formula must be a string, got {shortened(self.formula)}.")
        if getattr(self, "function", None) is None and self.formula:
            self._from_formula(read)
            object.__setattr__(self, "function", make(self.formula))

    def _differentiate(self, make: Callable[[str, Collection[str]], Any]) -> None:
        """Make the derivative from the formula, where none is given; "refuse" where there is none to be made."""
        if getattr(self, "derivative", None) is not None or not self.formula:
            return
        slope = self._from_formula(make)
        object.__setattr__(self, "derivative", "refuse" if slope is None else slope)
        if slope is not None and not self.derivative_formula:
            object.__setattr__(self, "derivative_formula", slope.text)

    def _from_formula(self, make: Callable[[str, Collection[str]], Any]) -> Any:
        names = self.parameters if isinstance(self.parameters, Mapping) else ()
        try:
            return make(self.formula, [name for name in names if isinstance(name, str)])
        except FunctionError as error:
            raise FunctionError(f"{self._who}: the formula {error}{self._undeclared(names)}") from error

    def _undeclared(self, names: Collection[str]) -> str:
        """Say how a letter of the formula becomes a parameter, where that is what it lacks."""
        try:
            found = {leaf.name for leaf in leaves(parse(self.formula)) if isinstance(leaf, Symbol)}
        except FunctionError:
            return ""
        new = sorted(found - {*names, *_LETTERS})
        return f" A number to be chosen is declared: parameters={{{new[0]!r}: 1.0}}." if new else ""

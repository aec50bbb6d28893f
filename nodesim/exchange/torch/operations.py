"""Functions and methods of torch as steps of an assembly."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812

from nodesim.errors import ExchangeError
from nodesim.exchange.assembly import Assembly, Columns, Nodes, Parameter, Sums
from nodesim.exchange.torch import activations
from nodesim.exchange.torch.activations import Curve
from nodesim.exchange.torch.tensors import Names
from nodesim.showing import shown

_ADDITIONS = (operator.add, operator.iadd, torch.add, "add", "add_")
_SUBTRACTIONS = (operator.sub, operator.isub, torch.sub, torch.subtract, "sub", "sub_")
MULTIPLICATIONS = (operator.mul, operator.imul, torch.mul, torch.multiply, "mul", "mul_")
_DIVISIONS = (operator.truediv, operator.itruediv, torch.div, torch.divide, torch.true_divide, "div", "div_")
_NEGATIONS = (operator.neg, torch.neg, torch.negative, "neg")
ELEMENTWISE = (*_ADDITIONS, *_SUBTRACTIONS, *MULTIPLICATIONS, *_DIVISIONS, *_NEGATIONS)
_RESHAPES = (torch.reshape, "reshape", "view")
_FLATTENS = (torch.flatten, "flatten")
_DROPOUTS = (F.dropout, F.alpha_dropout, torch.dropout)
_COPIES = (torch.clone, "clone", "contiguous")
TRANSPOSES = (torch.t, "t", torch.transpose, "transpose")
# What gives another view of the same numbers, which changes in place reach.
VIEWS = (operator.getitem, torch.chunk, "chunk", torch.split, "split", torch.squeeze, "squeeze", *TRANSPOSES)
ALIASES = (*_RESHAPES, *_FLATTENS, *_DROPOUTS, *_COPIES)
PRODUCTS = (operator.matmul, torch.matmul, torch.mm, "matmul", "mm")
_JOINS = (torch.cat, torch.concat, torch.concatenate)
_SOFTMAXES = {
    F.softmax: "softmax", torch.softmax: "softmax", "softmax": "softmax",
    F.log_softmax: "log_softmax", torch.log_softmax: "log_softmax", "log_softmax": "log_softmax",
}  # fmt: skip
# How many samples there are: no number, but what reshapes may be given.
_SAMPLES = object()


@dataclass(frozen=True, eq=False)
class Ended:
    """Columns behind which nothing may follow but the output.

    Attributes
    ----------
    columns : Nodes or Sums
    kind : {"softmax", "log_softmax", "squeeze"}
    """

    columns: Columns
    kind: str


def ended(x: Columns, kind: str, dim: Any) -> Ended:
    """Return columns with a softmax over them."""
    if dim not in (None, 1, -1):
        raise ExchangeError(f"a softmax over axis {dim} mixes samples; over the outputs it is 1, or -1.")
    return Ended(x, kind)


def as_columns(x: Any) -> Columns:
    """Return columns, or say what stands in their place."""
    if isinstance(x, Ended):
        raise ExchangeError(
            f"it comes behind a {x.kind}, which a network has only at its very end, where the loss does it."
        )
    if not isinstance(x, Nodes | Sums):
        raise ExchangeError(f"it takes something else than the values of samples: {type(x).__name__}.")
    return x


def curved(assembly: Assembly, x: Columns, curve: Curve) -> Columns:
    """Return columns behind an activation."""
    made = assembly.activated(x if curve.inner == 1.0 else assembly.scaled(x, np.array(curve.inner)), curve.activation)
    return made if curve.outer == 1.0 else assembly.scaled(made, np.array(curve.outer))


class Operations:
    """What functions do to columns.

    Parameters
    ----------
    assembly : Assembly
    names : Names
    training : bool
        Whether the module is in training mode.
    """

    def __init__(self, assembly: Assembly, names: Names, training: bool) -> None:
        self._assembly = assembly
        self._training = training
        self._names = names
        table: list[tuple[Sequence[Any], Callable[..., Any]]] = [
            (_ADDITIONS, self._add), (_SUBTRACTIONS, self._subtract), (MULTIPLICATIONS, self._multiply),
            (_DIVISIONS, self._divide), (_NEGATIONS, lambda x: self._multiply(x, -1.0)), (PRODUCTS, self._matmul),
            ((F.linear,), self._linear), (_JOINS, self._cat),
            ((torch.hstack,), lambda tensors: self._cat(tensors, 1)), (_RESHAPES, self._reshape),
            (_FLATTENS, self._flatten),
            (_DROPOUTS, self._dropout), (_COPIES, lambda x, **_: x), (TRANSPOSES, self._transposed),
            ((operator.getitem,), self._taken), ((getattr,), self._attribute), (("size",), self._size),
            ((torch.squeeze, "squeeze"), self._squeeze), ((torch.chunk, "chunk"), self._chunk),
            ((torch.split, "split"), self._split),
        ]  # fmt: skip
        self._calls = {target: call for targets, call in table for target in targets}

    def held(self, tensor: Any) -> Any:
        """Return a tensor that a module holds."""
        if not isinstance(tensor, torch.Tensor):
            return tensor
        return self._names.parameter(tensor)

    def check(self, target: Any) -> None:
        """Refuse a function, or a method by its name, that nothing is known of."""
        if not activations.is_curve(target) and target not in _SOFTMAXES and target not in self._calls:
            raise ExchangeError(
                "a network has nothing like it: sums, concatenations, products with numbers or matrices, and "
                "activations can be read."
            )

    def called(self, target: Any, *arguments: Any, **options: Any) -> Any:
        """Return what comes out of a function, or of a method by its name."""
        if activations.is_curve(target):
            given = [*arguments] if arguments else [options.pop("input")]
            return curved(self._assembly, as_columns(given[0]), activations.of_function(target, *given[1:], **options))
        if target in _SOFTMAXES:
            return self._softmax(_SOFTMAXES[target], *arguments, **options)
        return self._calls[target](*arguments, **options)

    # ---- arithmetic ----------------------------------------------------------------------------------------

    def _add(self, x: Any, y: Any, *, alpha: float = 1.0) -> Columns:
        if alpha != 1.0:
            y = self._multiply(y, alpha)
        if not isinstance(x, Nodes | Sums | Ended):
            x, y = y, x
        if isinstance(y, Nodes | Sums | Ended):
            return self._assembly.added(as_columns(x), as_columns(y))
        columns = as_columns(x)
        return self._assembly.shifted(columns, self._row(y, len(columns)))

    def _subtract(self, x: Any, y: Any, *, alpha: float = 1.0) -> Columns:
        return self._add(x, self._multiply(y, -alpha))

    def _multiply(self, x: Any, y: Any) -> Any:
        if not isinstance(x, Nodes | Sums | Ended | Parameter):
            x, y = y, x
        if isinstance(x, Parameter) and isinstance(y, Nodes | Sums | Ended):
            x, y = y, x
        if isinstance(x, int | float) and isinstance(y, int | float):
            return x * y
        if isinstance(x, Parameter):
            # A constant: whatever trains it is on the other side of this product.
            return self._constant(x, float(y))
        columns = as_columns(x)
        if isinstance(y, Nodes | Sums | Ended):
            raise ExchangeError("two values are multiplied with each other; a network multiplies by weights.")
        return self._assembly.scaled(columns, self._factors(y, len(columns)))

    def _divide(self, x: Any, y: Any) -> Any:
        if isinstance(y, Parameter):
            return self._multiply(x, self._inverse(y))
        if not isinstance(y, int | float) or y == 0:
            raise ExchangeError("something else than a number is divided by.")
        columns = as_columns(x)
        return self._assembly.scaled(columns, np.array(1.0 / y))

    def _inverse(self, y: Parameter) -> Parameter:
        if not (y.values != 0).all():
            raise ExchangeError("it divides by 0.")
        self._note(y)
        return Parameter("", 1.0 / y.values)

    def _constant(self, parameter: Parameter, factor: float) -> Parameter:
        self._note(parameter)
        return Parameter("", factor * parameter.values)

    def _note(self, parameter: Parameter) -> None:
        if parameter.name and not parameter.frozen:
            self._assembly.fix(parameter.name)
            self._assembly.notes.append(f"{shown(parameter.name)!r} is a number here, and no longer trained.")

    def _factors(self, y: Any, count: int) -> Any:
        if isinstance(y, Parameter):
            self._note(y)
            if y.values.shape not in ((), (1,), (count,), (1, count)):
                raise ExchangeError(f"{count} values are multiplied by numbers of shape {y.values.shape}.")
            return y.values.reshape(-1)
        if not isinstance(y, int | float):
            raise ExchangeError(f"values are multiplied by something else than numbers: {type(y).__name__}.")
        return np.array(float(y))

    def _row(self, y: Any, count: int) -> Parameter:
        if isinstance(y, int | float):
            return Parameter("", np.full(count, float(y)))
        if not isinstance(y, Parameter):
            raise ExchangeError(f"something else than numbers is added to values: {type(y).__name__}.")
        if y.values.shape in ((count,), (1, count)):
            return y
        if y.values.size == 1 and y.values.ndim <= 2 and (y.frozen or not y.name):
            return Parameter("", np.full(count, float(y.values.reshape(()))))
        if y.values.size == 1 and y.values.ndim <= 2:
            # One number for all of them is one weight with several uses.
            return replace(
                y, values=np.full(count, float(y.values.reshape(()))), places=np.full(count, y.placed.item())
            )
        raise ExchangeError(
            f"{shown(y.name)!r}, of shape {y.values.shape}, is added to {count} values; each of them needs a number of "
            "its own."
        )

    # ---- matrices ------------------------------------------------------------------------------------------

    def _linear(self, input: Any, weight: Any, bias: Any = None) -> Columns:  # noqa: A002
        sums = self._matmul(input, self._transposed(weight))
        return sums if bias is None else self._assembly.shifted(sums, self._row(bias, len(sums)))

    def _matmul(self, x: Any, matrix: Any) -> Columns:
        columns = as_columns(x)
        if not isinstance(matrix, Parameter) or matrix.values.ndim != 2:
            raise ExchangeError("values are multiplied by something else than a matrix of the module's own.")
        return self._assembly.weighted(columns, matrix)

    def _transposed(self, matrix: Any, *axes: int) -> Parameter:
        if (
            not isinstance(matrix, Parameter)
            or matrix.values.ndim != 2
            or sorted(a % 2 for a in axes) not in ([], [0, 1])
        ):
            raise ExchangeError("something else than a matrix of the module's own is transposed.")
        return matrix.transposed

    # ---- columns -------------------------------------------------------------------------------------------

    def _cat(self, tensors: Any, dim: Any = 0, *, axis: Any = None) -> Columns:
        dim = dim if axis is None else axis
        if dim not in (1, -1):
            raise ExchangeError(f"it joins samples (axis {dim}); columns are axis 1.")
        return self._assembly.joined([as_columns(each) for each in tensors])

    def _taken(self, x: Any, key: Any) -> Any:
        if not isinstance(x, Nodes | Sums | Ended):
            return x[key]
        columns, rest = as_columns(x), key if isinstance(key, tuple) else (key,)
        if len(rest) != 2 or rest[0] not in (slice(None), ...) or not isinstance(rest[1], slice | list):
            raise ExchangeError("of values only columns can be taken, as in x[:, 2:5].")
        if isinstance(rest[1], slice) and (rest[1].step or 1) < 1:
            raise ExchangeError("torch takes no columns backwards.")
        return self._assembly.taken(columns, np.arange(len(columns))[rest[1]])

    def _chunk(self, x: Any, chunks: int, dim: int = 0) -> list[Columns]:
        return self._parts(x, torch.arange(len(as_columns(x))).chunk(chunks), dim)

    def _split(self, x: Any, split_size_or_sections: Any, dim: int = 0) -> list[Columns]:
        return self._parts(x, torch.arange(len(as_columns(x))).split(split_size_or_sections), dim)

    def _parts(self, x: Any, places: Any, dim: int) -> list[Columns]:
        if dim not in (1, -1):
            raise ExchangeError(f"it parts samples (axis {dim}); columns are axis 1.")
        nodes = self._assembly.finished(as_columns(x))
        return [self._assembly.taken(nodes, part.numpy()) for part in places]

    def _softmax(self, kind: str, input: Any, dim: Any = None, *_: Any, dtype: Any = None, **__: Any) -> Ended:  # noqa: A002
        if dtype is not None:
            raise ExchangeError(f"it changes the precision to {dtype}.")
        return ended(as_columns(input), kind, dim)

    def _dropout(self, input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:  # noqa: A002
        if training and not self._training:
            raise ExchangeError("it drops out in evaluation, too: give it training=self.training.")
        if training:
            self._assembly.notes.append("dropout() is left out: a network has its dropout in fit().")
        return input

    # ---- shapes --------------------------------------------------------------------------------------------

    def _flatten(self, x: Any, start_dim: int = 0, end_dim: int = -1) -> Columns:
        if start_dim not in (1, -1) or end_dim not in (1, -1):
            raise ExchangeError(f"it flattens the axes {start_dim} to {end_dim}; a sample is one row.")
        return as_columns(x)

    def _reshape(self, x: Any, *shape: Any) -> Columns:
        columns = as_columns(x)
        wanted = tuple(shape[0]) if len(shape) == 1 and isinstance(shape[0], tuple | list) else shape
        if len(wanted) != 2 or not (wanted[0] is _SAMPLES or wanted[0] == -1) or wanted[1] not in (-1, len(columns)):
            raise ExchangeError("it reshapes to something else than rows of the same numbers.")
        return columns

    def _squeeze(self, x: Any, dim: Any = None) -> Ended:
        columns = as_columns(x)
        if dim not in (1, -1) or len(columns) != 1:
            raise ExchangeError("only the last axis of a single output can be squeezed, at the very end.")
        self._assembly.notes.append("The module squeezes its one output; the network's stands in a column.")
        return Ended(columns, "squeeze")

    def _attribute(self, x: Any, name: str) -> Any:
        if name == "T" and isinstance(x, Parameter):
            return self._transposed(x)
        if name != "shape":
            raise ExchangeError(f"the attribute {shown(name)!r} of values is not known.")
        return _SAMPLES, len(as_columns(x))

    def _size(self, x: Any, dim: int | None = None) -> Any:
        shape = _SAMPLES, len(as_columns(x))
        return shape if dim is None else shape[dim]

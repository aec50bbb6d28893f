"""Values of many kinds, as careless or hostile callers hand them in."""

from __future__ import annotations

import datetime
import decimal
import enum
import fractions
import io
import math
import pathlib
import types

import networkx as nx
import numpy as np
import pandas as pd
import polars as pl

import nodesim as ns


class Boom(Exception):
    """What callables raise that are handed in."""


class Colour(enum.Enum):
    RED = "red"


class Word(str):
    """A string of a class of its own."""


class Hidden:
    """Cannot be printed."""

    def __repr__(self):
        raise Boom("no repr")

    __str__ = __repr__


class Endless:
    """Is printed as ten megabytes of control characters."""

    def __repr__(self):
        return "\x1b[31m\u202e" * 1_500_000


class Unequal:
    """Cannot be compared."""

    def __eq__(self, other):
        raise Boom("no comparison")

    __lt__ = __le__ = __gt__ = __ge__ = __ne__ = __eq__

    def __hash__(self):
        return 1


class Unhashable:
    """Cannot be hashed, and says so in its own way."""

    def __hash__(self):
        raise Boom("no hash")


class Undecided:
    """Is neither true nor false."""

    def __bool__(self):
        raise Boom("no truth")


class Numeral:
    """Claims to be a number, and is none."""

    def __float__(self):
        raise Boom("no float")

    __index__ = __int__ = __complex__ = __float__


class Sizeless:
    """Claims to be a sequence, and is none."""

    def __len__(self):
        raise Boom("no length")

    def __iter__(self):
        raise Boom("no iteration")

    def __getitem__(self, index):
        raise Boom("no item")


class Forever:
    """A sequence that never ends."""

    def __getitem__(self, index):
        return index


class Arrayless:
    """Claims to be an array, and is none."""

    def __array__(self, dtype=None, copy=None):
        raise Boom("no array")


class Attributeless:
    """Has no attribute, and says so in its own way."""

    def __getattr__(self, name):
        raise Boom("no attribute")


class Mapped(dict):
    """A mapping that cannot be read."""

    def __getitem__(self, key):
        raise Boom("no value")

    def items(self):
        raise Boom("no items")

    keys = values = __iter__ = items


class Frame(pd.DataFrame):
    """A frame that cannot be read."""

    def __getitem__(self, key):
        raise Boom("no column")


class Broken:
    """Claims to be a frame, and is none."""

    schema = None

    @property
    def columns(self):
        raise Boom("no columns")


def other_network():
    net = ns.Network.layered([2, 2, 2], seed=1)
    net.forward([0.5, 1.0]), net.backward([1.0, 0.0])
    return net


def raising(*arguments, **keywords):
    raise Boom("raised by a callable")


def nested():
    """Return a list that contains itself."""
    inside = [1]
    inside.append(inside)
    return inside


def read_only():
    array = np.ones(2)
    array.flags.writeable = False
    return array


HUGE = 10**400
# For each kind the makers of its values: what can be used up is made anew for each call.
KINDS = {
    "none": [lambda: None],
    "truth": [lambda: True, lambda: False],
    "numpy truth": [lambda: np.True_],
    "zero": [lambda: 0],
    "below zero": [lambda: -1, lambda: -3],
    "whole": [lambda: 1, lambda: 2, lambda: 7],
    "huge whole": [lambda: HUGE, lambda: -HUGE, lambda: 2**63, lambda: 10**5000],
    "fraction of one": [lambda: 0.5, lambda: 1.5, lambda: -0.25],
    "not a number": [lambda: math.nan],
    "infinite": [lambda: math.inf, lambda: -math.inf],
    "minus zero": [lambda: -0.0],
    "extreme": [lambda: 1e308, lambda: -1e308, lambda: 5e-324, lambda: 1e-308],
    "numpy whole": [lambda: np.int64(3), lambda: np.uint8(1), lambda: np.int32(-1), lambda: np.uint64(2**64 - 1)],
    "numpy float": [lambda: np.float32(0.5), lambda: np.float64(0.25), lambda: np.float16(3), lambda: np.longdouble(2)],
    "complex": [lambda: 1 + 2j, lambda: np.complex128(1j)],
    "decimal": [lambda: decimal.Decimal("0.1"), lambda: decimal.Decimal("sNaN"), lambda: decimal.Decimal("1e400")],
    "ratio": [lambda: fractions.Fraction(1, 3), lambda: fractions.Fraction(HUGE)],
    "empty text": [lambda: "", lambda: " "],
    "known name": [lambda: "H1", lambda: "W1", lambda: "O1", lambda: "tanh", lambda: "mse", lambda: "HA1"],
    "unknown name": [lambda: "nobody", lambda: "w1", lambda: "W999", lambda: "tanh(", lambda: "∂e/∂"],
    "own text": [lambda: Word("H1"), lambda: np.str_("H1")],
    "long text": [lambda: "x" * 10_000, lambda: "W" + "9" * 9_999, lambda: "(" * 10_000],
    "control characters": [lambda: "\x1b[31mred\x07", lambda: "a\x00b", lambda: "\u202eabc", lambda: "W1\n\r\x85"],
    "lone surrogate": [lambda: "\udc80", lambda: "a\ud800"],
    "bytes": [lambda: b"W1", lambda: b"\xff\x00", lambda: bytearray(b"ab"), lambda: memoryview(b"ab")],
    "empty collection": [list, tuple, dict, set],
    "list": [lambda: [1, 2], lambda: [0.5, "a"], lambda: ["H1", "H2"], lambda: [None], lambda: ["H1", "H1"]],
    "ragged": [lambda: [[1, 2], [3]], lambda: [[], [1]], lambda: [[[1]]]],
    "contains itself": [nested],
    "tuple": [lambda: (1, 2), lambda: ("W1",), lambda: (0, HUGE), lambda: ((), ((),))],
    "dict": [lambda: {"I1": 1, "I2": 2}, lambda: {"a": []}, lambda: {None: 1, 1: 2}, lambda: {"name": "tanh"}],
    "set": [lambda: {1, 2}, lambda: frozenset({"H1"}), lambda: {"W1", None}],
    "generator": [lambda: (each for each in (1, 2)), lambda: (raising() for _ in (1,)), lambda: iter("ab"),
                  lambda: map(str, range(3)), lambda: range(10**9)],
    "array of nothing": [lambda: np.zeros(0), lambda: np.zeros((0, 2)), lambda: np.zeros((2, 0)), lambda: np.array(2.0)],
    "array": [lambda: np.ones(2), lambda: np.ones((2, 2)), lambda: np.arange(3), read_only, lambda: np.eye(2, dtype=bool)],
    "array of objects": [lambda: np.array([None, "a"], dtype=object), lambda: np.array([{}, []], dtype=object),
                         lambda: np.array([1, HUGE], dtype=object), lambda: np.array([Boom, nested()], dtype=object)],
    "array of others": [lambda: np.array([1j, 2]), lambda: np.array(["a", "b"]), lambda: np.zeros(2, "M8[s]"),
                        lambda: np.zeros(2, [("a", float)]), lambda: np.ma.masked_array([1.0, 2.0], [True, False]),
                        lambda: np.array([b"a"]), lambda: np.array([math.nan, 1.0]), lambda: np.full(2, 1e308)],
    "huge array": [lambda: np.broadcast_to(1.0, (10**7, 10**7)), lambda: np.broadcast_to(np.int8(1), (2, 10**12))],
    "date": [lambda: datetime.date(2020, 1, 1), lambda: datetime.timedelta(1), lambda: np.datetime64("2020")],
    "class": [lambda: int, lambda: Boom, lambda: Colour, lambda: type, lambda: np.float64],
    "function": [lambda: len, lambda: (lambda: None), lambda: raising, lambda: np.sin, lambda: (lambda z: z)],
    "module": [lambda: math, lambda: types.ModuleType("empty")],
    "frame": [lambda: pd.DataFrame({"I2": [1, 0], "I1": [0.5, 1]}), lambda: pl.DataFrame({"O1": [1.0], "O2": [None]}),
              lambda: pd.DataFrame({"I1": ["a"], "I2": [pd.NA]}), lambda: pl.DataFrame({"I1": [1]}).lazy(),
              lambda: pd.DataFrame([[1, 2]], columns=["I1", "I1"]), pl.DataFrame, pd.DataFrame, Broken,
              lambda: Frame({"I1": [1], "I2": [2]})],
    "series": [lambda: pd.Series([1, None]), lambda: pl.Series(["a", "b", "a"]), lambda: pd.Series({"I1": 1.0, "I2": 2}),
               lambda: pd.Categorical(["O1", "O2", None]), lambda: pd.Series([1, 2], dtype="Int64"), lambda: pd.Index(["a"])],
    "data set": [lambda: ns.datasets.load("xor"), lambda: ns.datasets.load("iris"),
                 lambda: ns.Dataset("d", np.ones((3, 2)), None, ("I2", "I1"), ())],
    "hostile": [Hidden, Endless, Unequal, Unhashable, Undecided, Numeral, Sizeless, Arrayless, Attributeless, Mapped],
    "endless": [Forever],
    "slice": [lambda: slice(None), lambda: slice(None, None, 0), lambda: slice("a"), lambda: slice(-HUGE, HUGE, 2)],
    "ellipsis": [lambda: ..., lambda: NotImplemented],
    "file": [io.StringIO, io.BytesIO],
    "path": [lambda: pathlib.Path("nowhere/at/all"), lambda: pathlib.Path("a\x00b"), lambda: pathlib.Path(),
             lambda: pathlib.Path("x" * 5000)],
    "enum": [lambda: Colour.RED, lambda: Colour],
    "graph": [lambda: nx.DiGraph([("a", "b")]), lambda: nx.Graph([(1, 2)]), nx.DiGraph,
              lambda: nx.DiGraph([(1, 2), (2, 1)])],
    "network": [lambda: ns.Network(), other_network],
    "part of another network": [
        lambda: other_network()["H1"], lambda: other_network()["W1"], lambda: other_network().layers[0],
        lambda: other_network().disconnect("W1"), lambda: other_network().remove("H1"),
        lambda: next(iter(other_network().paths("W1"))), lambda: other_network().derivation("W1"),
    ],
    "random": [lambda: np.random.default_rng(0), lambda: np.random.RandomState(0)],
}  # fmt: skip

"""The conformance kit names every wrong function for what is wrong, accuses no right one, and cannot be fooled."""

from __future__ import annotations

import dataclasses
import itertools
import random
import re

import numpy as np
import pytest

import nodesim as ns
from nodesim import checks
from nodesim.functions import Activation, Loss, Regularizer
from nodesim.plugins import lookup
from nodesim.plugins.brought import HOOKS


def check(function):
    getattr(checks, f"check_{function.kind}")(function)


def accused(function):
    """Return what the kit says, or "" where it says nothing."""
    try:
        check(function)
    except ns.CheckError as error:
        who, _, said = str(error).partition(": ")
    else:
        return ""
    assert who == function.label
    return said


@pytest.mark.parametrize("kind", HOOKS.values())
def test_every_built_in_passes(kind):
    functions = lookup.default.all(kind)
    assert functions
    assert {function.name: said for function in functions if (said := accused(function))} == {}


# ---- how a function can be wrong -----------------------------------------------------------------------------


class Remembering:
    """Calls that know how many there were, and what they were given."""

    def __init__(self, call):
        self.call, self.count, self.kept = call, 0, []

    def __call__(self, *given):
        self.count += 1
        return self.call(self, *given)


def forced(array):
    """Return an array as one that can be written to, by whatever way there is."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    array.setflags(write=True)
    return array


def spoil(self, z):
    out = np.array(z)
    forced(z)[...] = 0.0
    return out


def spoil_later(self, z):
    for kept in self.kept:
        forced(kept)[...] = 7.0
    self.kept.append(z)
    return z + 0.0


def reuse(self, z):
    out = self.kept.setdefault(z.shape, np.empty(z.shape))
    out[...] = z
    return out


def reusing():
    call = Remembering(reuse)
    call.kept = {}
    return call


def one(z, a):
    return np.ones_like(z)


def activation(function, derivative=one, **more):
    return ns.Activation("mine", function, derivative, **more)


def doubtful(derivative, function=np.tanh):
    return activation(function, derivative)


def cube(z):
    return z**3 / 3.0


def off(where, factor=1.01):
    return doubtful(lambda z, a: np.where(where(z), factor, 1.0) * (1.0 - a * a))


def off_cube(where):
    return doubtful(lambda z, a: np.where(where(z), 1.01, 1.0) * z * z, cube)


RNG = np.random.default_rng(5)

ACTIVATIONS = [
    ("wrong sign", doubtful(lambda z, a: a * a - 1.0), "the derivative at z"),
    ("of another function", doubtful(lambda z, a: a * (1.0 - a)), "the derivative at z"),
    ("off by 1e-4", off(lambda z: z == z, 1.0 + 1e-4), "the derivative at z"),
    ("off by 1e-6", off(lambda z: z == z, 1.0 + 1e-6), "the derivative at z"),
    ("off by a constant", doubtful(lambda z, a: 1.0 - a * a + 1e-6), "the derivative at z"),
    ("off at negative z", off(lambda z: z < 0), "the derivative at z = -"),
    ("off between 2 and 3", off(lambda z: (z > 2) & (z < 3)), "the derivative at z = 2"),
    ("off beyond 5", off_cube(lambda z: z > 5), "the derivative at z = 5.5"),
    ("off beyond -100", off_cube(lambda z: z < -100), "the derivative at z = -300"),
    ("off at one round number", off_cube(lambda z: z == 2.0), "the derivative at z = 2 is 4.04"),
    ("wrong on one side of a kink", activation(np.abs, lambda z, a: np.where(z >= 0, 1.0, -1.01)), "the derivative at z"),
    ("beyond both sides of a kink", activation(np.abs, lambda z, a: np.where(z == 0, 1.01, np.sign(z))), "a kink between -1 and 1"),
    ("writes", activation(lambda z: np.multiply(z, 2.0, out=z)), "the function writes into the arrays"),
    ("writes all the same", activation(Remembering(spoil)), "the function changes the array that it is given"),
    ("writes later", activation(Remembering(spoil_later)), "the function changes the array that it is given"),
    ("derivative writes", doubtful(lambda z, a: np.multiply(forced(a), 0.0, out=forced(a)) + 1.0), "the derivative changes the array"),
    ("returns what it changes later", activation(reusing()), "the function changes an array that it has returned"),
    ("stateful", activation(Remembering(lambda self, z: z + (self.count > 1))), "the function gives other numbers when it is called again"),
    ("random", activation(lambda z: z + RNG.random(z.shape)), "the function gives other numbers when it is called again"),
    ("random derivative", doubtful(lambda z, a: RNG.random(z.shape)), "the derivative gives other numbers when"),
    ("centred", activation(lambda z: z - z.mean() if z.size else z), "the function is not elementwise"),
    ("softmax", activation(lambda z: np.exp(z) / np.exp(z).sum() if z.size else z), "the function is not elementwise"),
    ("by the length", activation(lambda z: z * z.size), "the function is not elementwise"),
    ("by the order", activation(lambda z: z + 0.1 * np.arange(z.size).reshape(z.shape)), "not elementwise: other values the other way round"),
    ("running", activation(lambda z: np.cumsum(z).reshape(z.shape)), "the function is not elementwise"),
    ("by the first", activation(lambda z: z + z.ravel()[:1].sum()), "the function is not elementwise"),
    ("derivative by others", doubtful(lambda z, a: 1.0 - a * a.ravel()[::-1].reshape(a.shape)), "the derivative is not elementwise"),
    ("float32", activation(lambda z: z.astype(np.float32)), "the function returns float32"),
    ("float32 derivative", doubtful(lambda z, a: (1 - a * a).astype("f4")), "the derivative returns float32"),
    ("complex", activation(lambda z: z + 0j), "the function returned complex128, expected real numbers"),
    ("complex derivative", doubtful(lambda z, a: 1.0 - a * a + 0j), "the derivative returned complex128"),
    ("objects", activation(np.frompyfunc(lambda z: z, 1, 1)), "the function returned object, expected real numbers"),
    ("words", activation(lambda z: z.astype(str)), "the function returned <U32, expected real numbers"),
    ("a list", activation(lambda z: list(z) if z.ndim else z), "the function returns a list"),
    ("nothing", activation(lambda z: None), "the function returned object, expected real numbers"),
    ("a number", activation(lambda z: z.sum()), r"the function returns shape \(\)"),
    ("flat", activation(lambda z: z.ravel()), r"the function returns shape \(1,\) for shape \(\)"),
    ("flat derivative", doubtful(lambda z, a: (1 - a * a).ravel()[:1]), "the derivative returns shape"),
    ("nan at one number", activation(lambda z: np.where(z == 1.5, np.nan, z)), "the function at z = 1.5 is nan"),
    ("nan far out", activation(lambda z: np.exp(z) / (1.0 + np.exp(z)), lambda z, a: a * (1 - a)), "the function at z = 1000 is nan"),
    ("nan slope at 0", activation(np.abs, lambda z, a: np.where(z == 0, np.nan, np.sign(z))), "the derivative at z = 0 is nan"),
    ("infinite slope at 0", activation(np.cbrt, lambda z, a: np.where(z == 0, np.inf, 1 / (3 * a * a + (z == 0)))), "the derivative at z = 0 is inf"),
    ("raises", activation(lambda z: 1 / 0), "the function raised ZeroDivisionError"),
    ("raises at negative", activation(lambda z: [][0] if (z < 0).any() else z), "the function raised IndexError"),
    ("raises for one number", activation(lambda z: z[:] + 0.0), "the function raised IndexError"),
    ("warns", activation(lambda z: np.sqrt(z)), "the function warns: invalid value"),
    ("takes no a", doubtful(lambda z: 1.0 - z), "the derivative raised TypeError"),
    ("formula of another", activation(lambda z: z * z, lambda z, a: 2 * z, formula="z ** 3"), "the formula 'z .. 3' gives other"),
    ("formula all but right", activation(lambda z: z * z, lambda z, a: 2 * z, formula="z ** 2 + 1e-8"), "the formula .* gives other numbers than the function"),
    ("derivative's formula", activation(lambda z: z * z, lambda z, a: 2 * z, derivative_formula="2 * a"), "gives other numbers than the derivative"),
    ("formula right to 4", activation(np.abs, lambda z, a: np.sign(z), formula="where(z < 4, abs(z), 4)"), "the formula .* gives other numbers"),
    ("unreadable", activation(lambda z: z + 0.0, formula="z +"), "the formula "),
    ("another native form", activation(np.tanh, lambda z, a: 1 - a * a, native="sigmoid"), "the native form 'sigmoid' gives"),
]  # fmt: skip


def squares(t, o):
    return ((t - o) ** 2).sum(axis=0)


def slope(t, o):
    return 2.0 * (o - t)


def loss(function=squares, derivative=slope, **more):
    return ns.Loss("mine", function, derivative, **more)


def huber(t, o):
    near = np.minimum(np.abs(o - t), 2.0)
    return (near * (np.abs(o - t) - 0.5 * near)).sum(axis=0)


def writing(t, o):
    out = squares(t, o)
    forced(o)[...] = t
    return out


LOSSES = [
    ("wrong sign", loss(derivative=lambda t, o: t - o), "the derivative by output 0"),
    ("not halved", loss(derivative=lambda t, o: o - t), "the derivative by output 0 .* finite differences"),
    ("mean and sum", loss(lambda t, o: ((t - o) ** 2).mean(0)), "the derivative by output 0 .* finite differences"),
    ("over the samples", loss(derivative=lambda t, o: slope(t, o) / o.shape[1]), "the derivative gives a sample another number"),
    ("off by 1e-4", loss(derivative=lambda t, o: slope(t, o) * (1 + 1e-4)), "the derivative by output"),
    ("off by 1e-6", loss(derivative=lambda t, o: slope(t, o) * (1 - 1e-6)), "the derivative by output"),
    ("off for one output", loss(derivative=lambda t, o: slope(t, o) * np.where(np.arange(len(o)) == 2, 1.01, 1.0)[:, None]), "the derivative by output 2"),
    ("off far from the target", loss(huber, lambda t, o: o - t), "the derivative by output"),
    ("beyond a kink's sides", loss(lambda t, o: np.abs(o - t).sum(0), lambda t, o: np.where(o == t, 2.0, np.sign(o - t))), "a kink between"),
    ("of all samples", loss(lambda t, o: squares(t, o).mean()), "the function returns shape"),
    ("by the other axis", loss(lambda t, o: ((t - o) ** 2).sum(1)), r"the function returns shape \(3,\), expected \(7,\): sum over axis 0"),
    ("not summed", loss(lambda t, o: (t - o) ** 2), "the function returns shape .* one number for each sample"),
    ("derivative summed", loss(derivative=lambda t, o: slope(t, o).sum(0)), "the derivative returns shape"),
    ("three outputs only", loss(lambda t, o: ((t - o) ** 2)[[0, 1, 2]].sum(0)), "the function raised IndexError"),
    ("centred", loss(lambda t, o: squares(t, o - o.mean(axis=1, keepdims=True))), "the function gives a sample another number"),
    ("by place", loss(lambda t, o: squares(t, o) * np.arange(1, o.shape[1] + 1)), "the function gives a sample another number"),
    ("stateful", loss(Remembering(lambda self, t, o: squares(t, o) + self.count)), "the function gives other numbers when it is called again"),
    ("writes", loss(writing), "the function changes the array that it is given"),
    ("derivative writes", loss(derivative=lambda t, o: np.subtract(o, t, out=o)), "the derivative writes into the arrays"),
    ("complex", loss(lambda t, o: squares(t, o) + 0j), "the function returned complex128"),
    ("float32", loss(derivative=lambda t, o: slope(t, o).astype("f4")), "the derivative returns float32"),
    ("a list", loss(lambda t, o: list(squares(t, o))), "the function returns a list"),
    ("nan", loss(lambda t, o: squares(t, o) * np.where(t[0] > 0.5, np.nan, 1.0)), "the function returns nan"),
    ("infinite slope", loss(derivative=lambda t, o: np.full_like(o, np.inf)), "the derivative returns inf"),
    ("raises", loss(derivative=lambda t, o: 1 / 0), "the derivative raised ZeroDivisionError"),
    ("formula", loss(formula="mean((y - a) ** 2)"), "the formula .* gives other numbers than the function"),
    ("derivative's formula", loss(derivative_formula="a - y"), "the formula .* gives other numbers than the derivative"),
    ("of the sums", loss(outputs="linear", sum_function=squares, sum_derivative=lambda t, o: o - t), "the derivative by output 0"),
    ("another native form", loss(native="mse"), "the native form 'mse' gives"),
]  # fmt: skip


def optimizer(step, **more):
    return ns.Optimizer("mine", step, **more)


def sgd(w, g, s, r):
    return w - r * g, s


def counting(w, g, s, r):
    s["steps"] += 1
    return w - r * g, s


def buffer(w, r):
    return {"v": np.zeros_like(w)}


def in_place(w, g, s, r):
    s["v"] += g
    return w - r * s["v"], s


def in_place_by_force(w, g, s, r):
    v = s["v"] + g
    forced(s["v"])[...] = v
    return w - r * v, {"v": v}


def spoilt(w, g, s, r):
    forced(w)[...] = 0.0
    return w - r * g, s


OPTIMIZERS = [
    ("wrong sign", optimizer(lambda w, g, s, r: (w + r * g, s)), "50 steps .* did not lower it"),
    ("stands still", optimizer(lambda w, g, s, r: (w + 0.0, s)), "50 steps .* did not lower it"),
    ("wrong sign below 0", optimizer(lambda w, g, s, r: (w - r * np.abs(g), s)), "50 steps .* did not lower it|took a weight away"),
    ("wrong sign for one", optimizer(lambda w, g, s, r: (w - np.where(np.abs(w) < 1.9, -r, r) * g, s)), "took a weight away"),
    ("too far", optimizer(lambda w, g, s, r: (w - 120.0 * r * g, s)), "50 steps .* did not lower it"),
    ("ignores the rate", optimizer(lambda w, g, s, r: (w - 0.01 * g, s)), "the same way with the learning rates 0.01 and 0.001"),
    ("running", optimizer(lambda w, g, s, r: (w - r * np.cumsum(np.abs(g)) * np.sign(g), s)), "another one for a weight that stands at another place"),
    ("by place", optimizer(lambda w, g, s, r: (w - r * g / np.arange(1, len(w) + 1), s)), "another one for a weight that stands at another place"),
    ("stateful", optimizer(Remembering(lambda self, w, g, s, r: (w - r * g / self.count, s))), "step gives other numbers when it is called again"),
    ("random", optimizer(lambda w, g, s, r: (w - r * g * RNG.random(len(w)), s)), "step gives other numbers when it is called again"),
    ("changes the state", optimizer(counting, start=lambda w, r: {"steps": 0}), "step changes the state that it is given"),
    ("state in place", optimizer(in_place, start=buffer), "step writes into the arrays"),
    ("state in place by force", optimizer(in_place_by_force, start=buffer), "step changes the array that it is given"),
    ("other keys", optimizer(lambda w, g, s, r: (w - r * g, {"u": g}), start=buffer), r"step returns the state \['u'\], start began \['v'\]"),
    ("state of another shape", optimizer(lambda w, g, s, r: (w - r * g, {"v": g[:1]}), start=buffer), "step returned the state 'v' of shape"),
    ("no dict", optimizer(lambda w, g, s, r: (w - r * g, None)), "the state of step must be a dict"),
    ("writes", optimizer(lambda w, g, s, r: (np.subtract(w, r * g, out=w), s)), "step writes into the arrays"),
    ("writes all the same", optimizer(spoilt), "step changes the array that it is given"),
    ("start writes", optimizer(sgd, start=lambda w, r: {"v": np.multiply(w, 0.0, out=w)}), "start writes into the arrays"),
    ("weights alone", optimizer(lambda w, g, s, r: w - r * g), "step must return"),
    ("a number", optimizer(lambda w, g, s, r: ((w - r * g).sum(), s)), r"step returned weights of shape \(\)"),
    ("all weights", optimizer(Remembering(lambda self, w, g, s, r: (np.resize(w - r * g, 4), s))), r"step returned weights of shape \(4,\)"),
    ("complex", optimizer(lambda w, g, s, r: (w - r * g + 0j, s)), "step returned weights .* type complex128"),
    ("whole numbers", optimizer(lambda w, g, s, r: ((w - r * g).astype(int), s)), "step returned weights .* type int64"),
    ("float32", optimizer(lambda w, g, s, r: ((w - r * g).astype("f4"), s)), "step returns float32"),
    ("a list", optimizer(lambda w, g, s, r: (list(w - r * g), s)), "step returns a list"),
    ("nan", optimizer(lambda w, g, s, r: (w * np.nan, s)), "would make 0 nan"),
    ("nan without gradient", optimizer(lambda w, g, s, r: (w - r * g / np.abs(g), s)), "with gradients of 0 .* nan"),
    ("adds to its state", optimizer(lambda w, g, s, r: (s.update(extra=1.0), (w - r * g, {}))[1]), "changes the state that it is given"),
    ("raises", optimizer(lambda w, g, s, r: 1 / 0), "step raised ZeroDivisionError"),
    ("another native form", optimizer(lambda w, g, s, r: (w - r * g / 2, s), native="sgd"), "the native form 'sgd' gives"),
]  # fmt: skip


def initializer(function, **more):
    return ns.Initializer("mine", function, **more)


def _elsewhere():
    """Return the state of NumPy's generator with other numbers, at the same place among them."""
    name, _, *rest = np.random.get_state()  # noqa: NPY002
    return name, np.arange(1, 625, dtype=np.uint32), *rest


INITIALIZERS = [
    ("its own generator", initializer(lambda g, i, o: np.random.default_rng().random(len(i))), "other weights from the same generator"),
    ("of the clock", initializer(Remembering(lambda self, g, i, o: g.random(len(i)) + self.count)), "other weights from the same generator"),
    ("numpy's generator", initializer(lambda g, i, o: np.random.rand(len(i))), "a generator that all programs share"),  # noqa: NPY002
    ("numpy's, seeded", initializer(lambda g, i, o: (np.random.seed(0), np.random.rand(len(i)))[1]), "a generator that all programs share"),  # noqa: NPY002
    ("numpy's, other numbers next", initializer(lambda g, i, o: (np.random.set_state(_elsewhere()), g.random(len(i)))[1]), "a generator that all programs share"),  # noqa: NPY002
    ("Python's generator", initializer(lambda g, i, o: np.array([random.random() for _ in i])), "a generator that all programs share"),
    ("one", initializer(lambda g, i, o: g.random()), r"returns shape \(\) for 7 connections"),
    ("too many", initializer(lambda g, i, o: g.random(len(i) + 1)), r"returns shape \(8,\) for 7 connections"),
    ("seven always", initializer(lambda g, i, o: g.random(7)), r"returns shape \(7,\) for 1 connection$"),
    ("a table", initializer(lambda g, i, o: g.random((len(i), 1))), r"returns shape \(7, 1\)"),
    ("infinite without inputs", initializer(lambda g, i, o: g.random(len(i)) / np.maximum(i, 1e-320)), "draws inf for fan_in 0|warns"),
    ("nan", initializer(lambda g, i, o: np.where(o > 3, np.nan, 1.0)), "draws nan for fan_in 0 and fan_out 7"),
    ("complex", initializer(lambda g, i, o: g.random(len(i)) * 1j), "returned complex128, expected real numbers"),
    ("float32", initializer(lambda g, i, o: g.random(len(i), dtype=np.float32)), "returns float32"),
    ("a list", initializer(lambda g, i, o: [0.5] * len(i)), "returns a list"),
    ("writes", initializer(lambda g, i, o: np.multiply(i, 2, out=i) * 1.0), "writes into the arrays"),
    ("writes all the same", initializer(lambda g, i, o: np.multiply(forced(i), 0, out=forced(i)) * 1.0), "changes the array that it is given"),
    ("looks at the fans", initializer(lambda g, i, o: g.random(len(i)) / (1 + i), fans=False), "looks at the fans, but says fans=False"),
    ("raises", initializer(lambda g, i, o: g.no_such(len(i))), "raised AttributeError"),
]  # fmt: skip


def regularizer(function, derivative=lambda w: 2.0 * w, **more):
    return ns.Regularizer("mine", function, derivative, **more)


def of_weights(derivative, **more):
    return regularizer(lambda w: w * w, derivative, **more)


REGULARIZERS = [
    ("half", of_weights(lambda w: w), "the derivative at w = .* finite differences give"),
    ("of the wrong sign", of_weights(lambda w: -2.0 * w), "the derivative at w = .* finite differences give"),
    ("far out only", of_weights(lambda w: np.clip(2.0 * w, -50.0, 50.0)), "the derivative at w = .* finite differences give"),
    ("beyond both sides of the kink", regularizer(np.abs, lambda w: np.where(w == 0.0, 2.0, np.sign(w))), "the derivative at w = 0 is 2"),
    ("the sum", regularizer(lambda w: (w * w).sum()), r"the function returns shape \(\) for shape \(60,\)"),
    ("a mean", regularizer(lambda w: w * w / max(w.size, 1)), "the function is not elementwise"),
    ("of neighbours", of_weights(lambda w: 2.0 * np.sort(w.ravel()).reshape(w.shape)), "the derivative is not elementwise|the derivative at w"),
    ("infinite slope", regularizer(lambda w: np.sqrt(np.abs(w)), lambda w: np.sign(w) / np.sqrt(np.abs(w))), "the derivative at w = .* is nan|warns"),
    ("infinite slope at 0", regularizer(lambda w: np.sqrt(np.abs(w)), lambda w: 0.5 / np.sqrt(np.maximum(w, 0.0))), "warns|inf"),
    ("logarithm", regularizer(np.log, lambda w: 1.0 / w), "the function at w = .* is nan|warns"),
    ("float32", of_weights(lambda w: (2.0 * w).astype(np.float32)), "the derivative returns float32"),
    ("a list", regularizer(lambda w: (w * w).tolist()), "the function returns a list"),
    ("complex", regularizer(lambda w: w * w + 0j), "the function returned complex128"),
    ("writes", regularizer(lambda w: np.multiply(w, w, out=w)), "writes into the arrays"),
    ("writes all the same", regularizer(lambda w: np.multiply(forced(w), w, out=forced(w))), "changes the array that it is given"),
    ("counts", regularizer(Remembering(lambda self, w: w * w + self.count)), "other numbers when it is called again"),
    ("two arguments", of_weights(lambda w, a: 2.0 * w), "the derivative raised TypeError"),
    ("formula", of_weights(lambda w: 2.0 * w, formula="w ** 4"), "'w \\*\\* 4' gives other numbers than the function"),
    ("its derivative", of_weights(lambda w: 2.0 * w, formula="w ** 2", derivative_formula="w"), "'w' gives other numbers than the derivative"),
    ("another letter", of_weights(lambda w: 2.0 * w, derivative_formula="2 * z"), "the formula .*z"),
    ("out", regularizer(lambda w, out=None: np.multiply(w, w if out is None else 2.0, out)), "the function gives other numbers where out is given"),
]  # fmt: skip


def schedule(function):
    return ns.LearningRateSchedule("mine", function)


SCHEDULES = [
    ("below 0", schedule(lambda epoch: 1.0 - epoch / 200), "the learning rate of epoch 201 must be 0 or more, got -0.0"),
    ("nan", schedule(lambda epoch: np.sqrt(np.float64(3 - epoch))), "the learning rate of epoch 4 must be a finite real number, got nan"),
    ("overflows", schedule(lambda epoch: 1.1**epoch), "at epoch 9999: it raised OverflowError"),
    ("becomes infinite", schedule(lambda epoch: np.float64(1.1) ** epoch), "the learning rate of epoch 9999 must be a finite real number, got inf"),
    ("a list", schedule(lambda epoch: [0.1]), "the learning rate of epoch 1 must be a finite real number"),
    ("random", schedule(lambda epoch: random.random()), "and .* when it is asked for again"),
    ("remembers", schedule(Remembering(lambda self, epoch: 1.0 / self.count)), "and .* when it is asked for again"),
    ("from 0 on", schedule(lambda epoch: 1.0 / (epoch - 1)), "at epoch 1: it raised ZeroDivisionError"),
    ("no end", schedule(lambda epoch: [0.1, 0.01][epoch // 100]), "at epoch 200: it raised IndexError"),
]  # fmt: skip


@pytest.mark.parametrize("wrong", [ACTIVATIONS, LOSSES, OPTIMIZERS, INITIALIZERS, REGULARIZERS, SCHEDULES])
def test_every_wrong_function_is_named_for_what_is_wrong(wrong):
    unnamed = {what: said for what, function, message in wrong if not re.search(message, said := accused(function))}
    assert unnamed == {}


# ---- how a function can be right -----------------------------------------------------------------------------


def clip_norm(w, g, s, r):
    return w - r * g / max(1.0, np.sqrt((g * g).sum())), s


def adagrad(w, g, s, r):
    total = s.get("total", 0.0) + g * g
    return w - r * g / (np.sqrt(total) + 1e-10), {"total": total}


def adadelta(w, g, s, r):
    square = 0.9 * s["square"] + 0.1 * g * g
    step = np.sqrt(s["moved"] + 1e-6) / np.sqrt(square + 1e-6) * g
    return w - r * step, {"square": square, "moved": 0.9 * s["moved"] + 0.1 * step * step}


def lion(w, g, s, r):
    return w - r * np.sign(0.9 * s["mean"] + 0.1 * g), {"mean": 0.99 * s["mean"] + 0.01 * g}


def greedy(w, g, s, r):
    return w - r * g * (np.abs(g) == np.abs(g).max()), s


def likeness(t, o):
    return 1.0 - (t * o).sum(0) / np.sqrt((t * t).sum(0) * (o * o).sum(0))


def likeness_slope(t, o):
    length = np.sqrt((t * t).sum(0) * (o * o).sum(0))
    return (o * (t * o).sum(0) / (o * o).sum(0) - t) / length


def kept_off(o):
    return np.clip(o, 1e-7, 1 - 1e-7)


RIGHT = [
    # Steep, flat, kinked, broken, and calculated so that most digits cancel.
    activation(np.exp, lambda z, a: a, formula="exp(z)"),
    activation(np.expm1, lambda z, a: a + 1.0),
    activation(lambda z: np.cosh(z) - 1.0, lambda z, a: np.sinh(z)),
    activation(lambda z: np.logaddexp(0.0, z), lambda z, a: 1.0 / (1.0 + np.exp(-z))),
    activation(lambda z: 1.0 / (1.0 + np.exp(-z)), lambda z, a: a * (1.0 - a)),
    activation(lambda z: np.sqrt(1.0 + z * z) - 1.0, lambda z, a: z / np.sqrt(1.0 + z * z)),
    activation(lambda z: np.sqrt(1e4 + z * z) - 100.0, lambda z, a: z / np.sqrt(1e4 + z * z)),
    activation(lambda z: z / np.sqrt(1.0 + z * z), lambda z, a: (1.0 + z * z) ** -1.5),
    activation(np.arctan, lambda z, a: 1.0 / (1.0 + z * z), formula="atan(z)"),
    activation(lambda z: np.sin(50.0 * z), lambda z, a: 50.0 * np.cos(50.0 * z)),
    activation(lambda z: np.sin(1e4 * z), lambda z, a: 1e4 * np.cos(1e4 * z)),
    activation(lambda z: np.tanh(1e4 * z), lambda z, a: 1e4 * (1.0 - a * a)),
    activation(lambda z: 1e-12 * np.tanh(z), lambda z, a: 1e-12 / np.cosh(np.minimum(np.abs(z), 300.0)) ** 2),
    activation(lambda z: 1e12 * z**3, lambda z, a: 3e12 * z * z),
    activation(lambda z: np.exp(-1e4 * z * z), lambda z, a: -2e4 * z * a),
    activation(lambda z: 1.0 - np.cos(z), lambda z, a: np.sin(z)),
    activation(lambda z: z + np.sin(z) ** 2, lambda z, a: 1.0 + np.sin(2.0 * z)),
    activation(lambda z: ((z - 1.0) * z + 2.0) * z**5 - 3.0 * z, lambda z, a: (7 * z * z - 6 * z + 10) * z**4 - 3.0),
    activation(lambda z: (((128 * z * z - 256) * z * z + 160) * z * z - 32) * z * z + 1, lambda z, a: ((1024 * z * z - 1536) * z * z + 640) * z**3 - 64 * z),
    activation(lambda z: z * np.clip(z + 3.0, 0.0, 6.0) / 6.0, lambda z, a: np.where(z <= -3, 0.0, np.where(z >= 3, 1.0, (2 * z + 3) / 6))),
    activation(lambda z: np.clip(z, 0.0, 6.0), lambda z, a: (z > 0) & (z < 6)),
    activation(lambda z: np.abs(z) ** 1.5, lambda z, a: 1.5 * np.sign(z) * np.sqrt(np.abs(z))),
    activation(lambda z: z * np.abs(z), lambda z, a: 2.0 * np.abs(z)),
    activation(lambda z: np.where(np.abs(z) > 0.5, z, 0.0), lambda z, a: np.where(np.abs(z) > 0.5, 1.0, 0.0)),
    activation(lambda z: z - np.floor(z), lambda z, a: np.ones_like(z)),
    activation(np.round, lambda z, a: np.zeros_like(z)),
    activation(lambda z: np.sign(z) * np.log1p(np.abs(z)), lambda z, a: 1.0 / (1.0 + np.abs(z))),
    activation(lambda z: 0.0 * z, lambda z, a: 0.0 * z),
    activation(lambda z: np.sign(z).astype(int), lambda z, a: np.zeros_like(z, dtype=int)),
    activation(lambda z: z >= 0, "refuse"),
    activation(lambda z: z, one),
    loss(lambda t, o: np.maximum(0.3 * (t - o), -0.7 * (t - o)).sum(0), lambda t, o: np.where(o < t, -0.3, 0.7)),
    loss(lambda t, o: (o - t * np.log(o)).mean(0), lambda t, o: (1.0 - t / o) / len(o)),
    loss(lambda t, o: np.maximum(0.0, 1.0 - t * o).mean(0), lambda t, o: np.where(t * o < 1.0, -t, 0.0) / len(o), targets=(-1.0, 1.0)),
    loss(lambda t, o: -(t * np.log(kept_off(o)) + (1 - t) * np.log1p(-kept_off(o))).sum(0), lambda t, o: (kept_off(o) - t) / (kept_off(o) * (1 - kept_off(o)))),
    loss(lambda t, o: np.log1p((t - o) ** 2).sum(0), lambda t, o: 2.0 * (o - t) / (1.0 + (t - o) ** 2)),
    loss(lambda t, o: (np.abs(t - o) / t).sum(0), lambda t, o: np.sign(o - t) / t, targets=(5.0, 10.0)),
    loss(huber, lambda t, o: np.clip(o - t, -2.0, 2.0)),
    loss(likeness, likeness_slope),
    *map(optimizer, (sgd, clip_norm, adagrad, greedy)),
    optimizer(lion, start=lambda w, r: {"mean": np.zeros_like(w)}),
    optimizer(adadelta, start=lambda w, r: {"square": np.zeros_like(w), "moved": np.zeros_like(w)}, learning_rate=1.0),
    initializer(lambda g, i, o: g.standard_normal(len(i)) / np.sqrt(np.maximum(i, 1))),
    initializer(lambda g, i, o: np.clip(g.standard_normal(len(i)), -2.0, 2.0), fans=False),
    initializer(lambda g, i, o: g.choice([-1, 1], len(i))),
    initializer(lambda g, i, o: g.random(len(i)) / i, bias=0.0),
    initializer(lambda g, i, o: np.where(np.arange(len(i)) % 2, 0.5, -0.5)),
    regularizer(np.abs, np.sign, formula="abs(w)", derivative_formula="sign(w)"),
    regularizer(np.abs, lambda w: np.where(w > 0.0, 1.0, -1.0)),
    regularizer(lambda w: np.where(w > 0.0, w * w, 0.0), lambda w: np.maximum(2.0 * w, 0.0)),
    regularizer(lambda w: 1.0 - 1.0 / (1.0 + w * w), lambda w: 2.0 * w / (1.0 + w * w) ** 2, formula="1 - 1 / (1 + w ** 2)"),
    regularizer(lambda w: np.maximum(np.abs(w) - 3.0, 0.0), lambda w: np.where(np.abs(w) > 3.0, np.sign(w), 0.0)),
    regularizer(np.square, "numerical"),
    regularizer(lambda w: -(w**2), lambda w: -2.0 * w),
    schedule(lambda epoch: 0),
    schedule(lambda epoch: np.float32(1) / epoch),
    schedule(lambda epoch: np.array(0.5)),
]  # fmt: skip


@pytest.mark.usefixtures("nothing_compiled")
def test_no_right_function_is_accused():
    assert {number: said for number, function in enumerate(RIGHT) if (said := accused(function))} == {}


# ---- how much it may be off ----------------------------------------------------------------------------------


def scaled(function, part, factor):
    """Return the same function with one of its parts off by a factor."""
    right = function.unbound(part)
    return dataclasses.replace(function, **{part: lambda *given, **more: factor * np.asarray(right(*given, **more))})


def bare(function):
    """Return the same function without another form of it."""
    other = {"formula": "", "derivative_formula": "", "sum_derivative_formula": "", "native": None}
    forms = {field.name for field in dataclasses.fields(function)} & set(other)
    return dataclasses.replace(function, **{form: other[form] for form in forms})


@pytest.mark.usefixtures("nothing_compiled")
def test_the_tolerance_of_a_derivative_is_the_one_that_is_told():
    built_in = (function for kind in (Activation, Loss, Regularizer) for function in lookup.default.all(kind))
    right = [function for function in (*built_in, *RIGHT) if hasattr(function, "derivative")]
    for sign, function in zip(itertools.cycle([1.0, -1.0]), map(bare, right)):
        if function.kind == "activation" and not function.trains:
            continue
        part = "sum_derivative" if getattr(function, "sum_derivative", None) else "derivative"
        if accused(scaled(function, part, 2.0)) == "":
            # Nothing but 0, or all but nothing.
            assert str(function) == "mine"
            continue
        # Too much of one function, too little of the next.
        assert accused(scaled(function, part, 1.0 + sign * 5e-8)) == "", function
        # Of what is very steep a digit less is seen.
        by = 1e-6 if str(function) == "mine" else 3e-7
        assert accused(scaled(function, part, 1.0 - sign * by)).startswith("the derivative "), function


# What is wrong by so much or by so little, what is said of it, how much is allowed, and how much is not.
OFF_BY = [
    (lambda by: activation(np.tanh, lambda z, a: 1 - a * a, formula=f"{1 + by} * tanh(z)"), "the formula", 1e-10, 1e-8),
    (lambda by: activation(np.tanh, lambda z, a: 1 - a * a, formula="tanh(z)", derivative_formula=f"1 - {1 + by} * a ** 2"), "the formula", 1e-10, 1e-8),
    (lambda by: loss(formula=f"sum({1 + by} * (y - a) ** 2)"), "the formula", 1e-10, 1e-8),
    (lambda by: loss(derivative_formula=f"{2 + by} * (a - y)"), "the formula", 1e-10, 1e-8),
    (lambda by: activation(lambda z: z + by * (z.size > 50)), "the function is not elementwise", 3e-14, 3e-13),
    (lambda by: loss(lambda t, o: squares(t, o) + by * o.shape[1]), "gives a sample another number", 3e-15, 3e-13),
    (lambda by: optimizer(lambda w, g, s, r: (w - r * g + by * np.arange(len(w)), s)), "step is another one", 3e-15, 3e-13),
    (lambda by: activation(lambda z: np.tanh(z) + by, lambda z, a: ns.activation("tanh").derivative(z, np.tanh(z)), native="tanh"), "the native form", 5e-15, 2e-14),
    (lambda by: activation(np.tanh, lambda z, a: (1 + by) * ns.activation("tanh").derivative(z, a), native="tanh"), "the native form .* for the derivative", 3e-15, 3e-12),
    (lambda by: dataclasses.replace(ns.optimizer("sgd"), step=lambda w, g, s, r: (w - r * g + by, s)), "the native form", 1e-15, 4e-14),
]  # fmt: skip


@pytest.mark.usefixtures("nothing_compiled")
def test_every_other_tolerance_is_narrow_and_is_there():
    for wrong, told, allowed, named in OFF_BY:
        assert accused(wrong(allowed)) == accused(wrong(-allowed)) == ""
        for by in (named, -named):
            assert re.search(told, accused(wrong(by))), told


# ---- who would fool the kit ----------------------------------------------------------------------------------


@pytest.mark.parametrize("calls", [1, 3, 9, 40])
def test_a_function_that_spoils_what_it_gets_is_seen_and_spoils_nothing(calls):
    """Whenever it begins: in a call that is checked by itself, or in one of those that finite differences make."""

    def late(self, z):
        out = np.tanh(z)
        if self.count >= calls:
            forced(z)[...] = 0.0
        return out

    for _ in range(2):
        spoiling = activation(Remembering(late), lambda z, a: 1.0 - a * a)
        assert accused(spoiling) == "the function changes the array that it is given"
        assert accused(doubtful(lambda z, a: a * a - 1.0)).startswith("the derivative at z = ")
        assert accused(ns.activation("tanh")) == ""


def test_the_kit_refuses_what_a_network_refuses():
    net = ns.Network.layered([2, 3, 1], seed=0)
    refused = 0
    for _, function, _ in ACTIVATIONS:
        net["H1"].activation = dataclasses.replace(function, native=None)
        try:
            net.forward([[0.5, -1.0], [2.0, 0.25]])
            net.backward([[0.0], [1.0]])
        except ns.NodesimError:
            refused += 1
            assert accused(function)
    assert refused > 10
    for function in RIGHT:
        if function.kind == "activation" and function.trains:
            net["H1"].activation = function
            net.forward([0.5, -1.0])
            net.backward([0.0])

"""Every formula that is written more than once, held against the plugin's: native, in online training, on the page.

The plugins themselves are held against 40-digit arithmetic in test_functions.py.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import shutil
import subprocess

import numpy as np
import pytest
from helpers import ROOT, built_in

import nodesim as ns
from nodesim.explorer.programs import program
from nodesim.functions import Activation, Loss, Optimizer

TOLERANCE = 4e-15  # times max(1, |value|), as for the plugins themselves
HAS_NATIVE = importlib.util.find_spec("numba") is not None
NODE = shutil.which("node")
PLACES = [*(["native"] if HAS_NATIVE else []), *(["page"] if NODE else [])]

EXTREME = np.array([0.0, 1e-300, 1e-9, 0.5, 1.0, 3.0, 20.0, 36.5, 40.0, 59.9, 708.5, 750.0, 1e308])
GRID = np.concatenate([EXTREME, -EXTREME, np.linspace(-30.0, 30.0, 481), np.random.default_rng(0).normal(0, 3, 200)])


def near(found, wanted):
    found, wanted = np.asarray(found, dtype=float), np.asarray(wanted, dtype=float)
    with np.errstate(all="ignore"):
        close = np.abs(found - wanted) <= TOLERANCE * np.maximum(1.0, np.abs(wanted))
    return close | (found == wanted)


def assert_near(found, wanted, where, who):
    bad = np.argwhere(~near(found, wanted))
    assert not len(bad), (
        who,
        [(np.asarray(where)[..., i[-1]].tolist(), found[tuple(i)], wanted[tuple(i)]) for i in bad[:5]],
    )


def evaluation():
    from nodesim.engines.native import evaluation

    return evaluation


def page(body, data):
    """Return the numbers that a piece of the page's own code makes of data, through no format that rounds."""
    source = (ROOT / "nodesim" / "explorer" / "page" / "src").as_uri()
    script = f"""
        import {{ activationOf, lossOf }} from "{source}/functions.js";
        const data = {json.dumps(data)};
        {body}
    """
    command = [NODE, "--input-type=module"]
    result = subprocess.run(command, input=script.encode(), capture_output=True, check=False)
    assert result.returncode == 0, result.stderr.decode()
    return result.stdout


def page_numbers(body, data):
    return np.frombuffer(page(body + "process.stdout.write(Buffer.from(new Float64Array(numbers).buffer));", data))


ACTIVATIONS = [*built_in(Activation), ns.activation("leaky_relu", slope=0.2), ns.activation("elu", alpha=0.7)]


@functools.cache
def activation_copies(place):
    """Return by place the values and derivatives of every activation that has a copy there, on the grid."""
    if place == "native":
        forms = {str(f): evaluation().activation_forms(f, GRID) for f in ACTIVATIONS if f.native}
        return {name: list(found.items()) for name, found in forms.items()}
    body = """
        const numbers = data.programs.flatMap((_, program) => {
            const { call, derivative } = activationOf(data, { program });
            const values = data.z.map((z) => call(z));
            return [...values, ...data.z.map((z, i) => (derivative ? derivative(z, values[i]) : NaN))];
        });
    """
    programs = list(map(program, ACTIVATIONS))
    numbers = page_numbers(body, {"programs": programs, "z": GRID.tolist()}).reshape(len(programs), 2, len(GRID))
    return {str(f): [("page", tuple(pair))] for f, pair in zip(ACTIVATIONS, numbers)}


@pytest.mark.parametrize("place", PLACES)
def test_activations(place):
    copies = activation_copies(place)
    for activation in ACTIVATIONS:
        for who, (values, slopes) in copies.get(str(activation), []):
            a = activation.function(GRID)
            assert_near(values, a, GRID, f"{activation} ({who})")
            if activation.trains:
                assert_near(slopes, activation.derivative(GRID, a), GRID, f"the derivative of {activation} ({who})")


def loss_points(loss, *, of_sums):
    """Return targets and outputs for three outputs and many samples, extremes among them."""
    rng = np.random.default_rng(1)
    ends = np.concatenate([EXTREME, -EXTREME, rng.normal(0, 3, 200)])
    output = np.stack([ends, np.roll(ends, 5), rng.permutation(ends)])
    target = rng.choice([0.0, 0.25, 1.0], output.shape)
    if loss.targets is None:
        target = np.where(rng.random(output.shape) < 0.5, rng.choice([-750.0, 20.0, 1e-300], output.shape), target)
    if loss.outputs == "sigmoid" and not of_sums:
        inside = [0.0, 1.0, 1e-300, 5e-324, 1.0 - 2.0**-53, 1e-17, 0.5]
        output = np.where(rng.random(output.shape) < 0.5, rng.choice(inside, output.shape), rng.random(output.shape))
    return target, output


LOSSES = [*built_in(Loss), ns.loss("huber", delta=0.3)]


def loss_copy(place, loss, target, output):
    if place == "native":
        return evaluation().loss_form(loss, target, output)
    body = """
        const { error, seed } = lossOf(data, { program: 0 });
        const seeds = data.y.map((y, i) => seed(y, data.a[i]));
        const numbers = [...data.y.map((y, i) => error(y, data.a[i])), ...seeds.flat()];
    """
    data = {"programs": [program(loss)], "y": target.T.tolist(), "a": output.T.tolist()}
    numbers = page_numbers(body, data)
    return numbers[: len(target.T)], numbers[len(target.T) :].reshape(target.T.shape).T


@pytest.mark.parametrize("loss", LOSSES, ids=str)
@pytest.mark.parametrize("place", PLACES)
def test_losses(place, loss):
    # A copy is written in what is handed over: the sums, where the loss has these.
    of_sums = loss.sum_function is not None
    function, derivative = (loss.sum_function, loss.sum_derivative) if of_sums else (loss.function, loss.derivative)
    target, output = loss_points(loss, of_sums=of_sums)
    errors, seeds = loss_copy(place, loss, target, output)
    points = np.concatenate([target, output])
    assert_near(errors, function(target, output), points, f"{loss} ({place})")
    assert_near(seeds, derivative(target, output), points, f"the derivative of {loss} ({place})")


def learnt(engine, loss, target, output):
    """Return errors and derivatives that online training finds: three outputs, each with one input and one bias."""
    net = ns.Network(loss, seed=0)
    net.engine, kind = engine, loss.outputs or "linear"
    for i in range(3):
        net.add_input(), net.add_output(activation=kind), net.add_bias()
        net.connect(net.inputs[i], net.outputs[i], weight=1.0, trainable=False)
        net.connect(net.biases[i], net.outputs[i], weight=0.0)
    own, rest = net.connections[1::2], net.connections[::2]
    errors, seeds = [], []
    for y, o in zip(target.T, output.T):
        for connection in own:
            connection.weight = 0.0
        # With rate 1 a weight of 0 becomes minus its gradient, and that of a bias is the derivative by the sum.
        errors.append(net.fit([o], [y], epochs=1, learning_rate=1.0, batch_size=1, optimizer="sgd").errors[0])
        seeds.append([-connection.weight for connection in own])
        assert all(connection.weight == 1.0 for connection in rest)
    return np.array(errors), np.transpose(seeds)


@pytest.mark.parametrize("loss", [loss for loss in LOSSES if HAS_NATIVE], ids=str)
def test_losses_and_sgd_in_online_training(loss):
    of_sums = loss.sum_function is not None
    target, output = (part[:, ::7] for part in loss_points(loss, of_sums=of_sums))
    with np.errstate(all="ignore"):
        fitting = (np.abs(output) < 1e150).all(axis=0)
    target, output = target[:, fitting], output[:, fitting]
    errors, seeds = learnt("native", loss, target, output)
    points = np.concatenate([target, output])
    function, derivative = (loss.sum_function, loss.sum_derivative) if of_sums else (loss.function, loss.derivative)
    assert_near(errors, function(target, output), points, f"{loss} (online)")
    assert_near(seeds, derivative(target, output), points, f"the derivative of {loss} (online)")


OPTIMIZERS = [
    *built_in(Optimizer), ns.optimizer("momentum", momentum=0.5), ns.optimizer("nesterov", momentum=0.5),
    ns.optimizer("adam", beta1=0.5, beta2=0.9, epsilon=1e-3), ns.optimizer("rmsprop", alpha=0.5, epsilon=1e-3),
    ns.optimizer("rprop", shrink=0.3, grow=1.5),
]  # fmt: skip


@pytest.mark.parametrize("optimizer", [optimizer for optimizer in OPTIMIZERS if HAS_NATIVE], ids=str)
def test_optimizers(optimizer):
    rng = np.random.default_rng(2)
    ends = np.concatenate([EXTREME, -EXTREME, rng.normal(0, 3, 100)])
    weights = rng.permutation(ends)
    state = optimizer.start(weights, 0.01) if optimizer.start else {}
    found, found_state = weights, dict(state)
    for number in range(12):
        # Gradients that keep their sign, that turn, and that are 0 for a while.
        gradients = np.roll(ends, number // 3) * rng.choice([-1.0, 1.0, 1.0, 0.0], len(ends))
        with np.errstate(all="ignore"):
            weights, state = optimizer.step(weights, gradients, state, 0.01)
        found, found_state = evaluation().step_by_form(optimizer, found, gradients, found_state, 0.01)
        assert_near(found, weights, gradients, f"step {number} of {optimizer}")
        assert set(found_state) == set(state)
        for key, values in state.items():
            assert near(found_state[key], values).all(), (key, number)


def test_every_copy_is_held_against_a_plugin():
    if HAS_NATIVE:
        from nodesim.engines.native import builtin

        for kind, table in ((Activation, builtin.ACTIVATIONS), (Loss, builtin.LOSSES), (Optimizer, builtin.OPTIMIZERS)):
            assert {function.native for function in built_in(kind)} - {None} == set(table)
    if NODE:
        assert all(program(function) is not None for kind in (Activation, Loss) for function in built_in(kind))

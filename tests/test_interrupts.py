"""What comes into a training from outside: Ctrl-C, exceptions of signal handlers, callbacks that set things, threads."""

from __future__ import annotations

import contextvars
import functools
import itertools
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from helpers import digest

import nodesim as ns
from nodesim.engines import choice
from nodesim.engines.apart import apart
from nodesim.plugins.registry import Registry
from nodesim.training import fused

XOR = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0.0, 1.0, 1.0, 0.0]
ENGINES = [name for name in choice.ENGINES if name != "native" or choice.has_native()]


@pytest.fixture(params=ENGINES)
def net(request):
    network = ns.Network.layered([2, 3, 1], seed=1)
    network.engine = request.param
    return network


def own(function, derivative=lambda z, a: 1.0 + 0.0 * z):
    """Return an activation with a closure, which is called in the interpreter."""
    one = 1.0
    return ns.Activation("own", lambda z: one * function(z), derivative)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no clock that raises signals")
def test_interrupted_trainings_stop_with_the_weights_of_a_whole_step():
    script = Path(__file__).with_name("interrupted_fits.py")
    done = subprocess.run([sys.executable, str(script), "14"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(" 14 right") == 12


@pytest.mark.parametrize("call", ["forward", "fit", "backward"])
@pytest.mark.parametrize("raised", [KeyboardInterrupt, SystemExit, MemoryError, RecursionError])
def test_what_is_no_fault_of_a_function_comes_out_as_it_is(net, raised, call):
    """Once only: nobody finds it again by calculating the same."""
    net.hidden[0].activation = own(lambda z: z if error is None else raising(z))
    error = None
    net.forward(XOR[0])
    net.backward(XOR[1])
    before = net.weights.copy()

    def raising(z):
        nonlocal error
        thrown, error = error, None
        raise thrown

    error = raised("mine")
    kept = error
    if call == "fit" and raised is KeyboardInterrupt:
        assert net.fit(*XOR, epochs=10).stop_reason == "interrupted after 0 whole epochs"
    else:
        calls = {
            "forward": lambda: net.forward(XOR[0]),
            "fit": lambda: net.fit(*XOR, epochs=10),
            "backward": lambda: net.error(*XOR),
        }
        with pytest.raises(raised) as caught:
            calls[call]()
        assert caught.value is kept
    assert (net.weights == before).all()
    assert net.fit(*XOR, epochs=3, learning_rate=0.1).epochs == 3


@pytest.mark.parametrize("batch_size", [1, 2, None])
@pytest.mark.parametrize("which", ["function", "derivative", "loss", "derivative of a loss"])
def test_a_function_that_fails_but_once_ends_the_training(net, which, batch_size):
    """Its failure is not lost where what failed is calculated again and succeeds."""
    calls = dict.fromkeys(["function", "derivative", "loss", "derivative of a loss"], 0)

    def counted(name, result):
        calls[name] += 1
        if name == which and calls[name] == 60:
            raise ValueError("only now")
        return result

    for hidden in net.hidden:
        hidden.activation = own(lambda z: counted("function", z), lambda z, a: counted("derivative", np.ones_like(z)))
    net.loss = ns.Loss(
        "own", lambda y, a: counted("loss", ((a - y) ** 2).mean(axis=0)),
        lambda y, a: counted("derivative of a loss", 2.0 * (a - y) / len(y)),
    )  # fmt: skip
    before = net.weights.copy()
    # Where a group of nodes is calculated again one by one, as numpy does, the failure may be gone: nothing is wrong then.
    raised, history = None, None
    try:
        history = net.fit(*XOR, epochs=200, learning_rate=0.001, batch_size=batch_size, shuffle=False)
    except ns.FunctionError as error:
        raised = str(error)
    assert history.epochs == 200 if raised is None else "only now" in raised
    assert raised is not None or net.engine in ("numpy", "compiled")
    assert (net.weights == before).all() == (raised is not None)
    assert calls[which] >= 60


def test_an_activation_must_not_run_its_own_network(net):
    twin = net.copy()
    for run in (lambda z: net.forward([0.0, 0.0]), lambda z: net.fit(*XOR, epochs=1), lambda z: net.error(*XOR)):
        net.hidden[0].activation = own(lambda z, run=run: z + 0.0 * np.sum(run(z)))
        before = digest(net)
        for call in (
            lambda: net.forward(XOR[0]),
            lambda: net.forward(XOR[0][1]),
            lambda: net.fit(*XOR, epochs=2, batch_size=1),
        ):
            with pytest.raises(ns.NodesimError, match="runs the network that is calling it|while it is being trained"):
                call()
            assert digest(net) == before
    net.hidden[0].activation = own(lambda z: z + 0.0 * twin.forward([0.0, 0.0])[0])
    assert net.fit(*XOR, epochs=2, learning_rate=0.1).epochs == 2


SETTINGS = {
    "weight": lambda net: setattr(net["W1"], "weight", 2.5),
    "weights": lambda net: setattr(net, "weights", np.linspace(-1.0, 1.0, len(net.weights))),
    "trainable": lambda net: setattr(net["W2"], "trainable", False),
    "activation": lambda net: setattr(net["H2"], "activation", "tanh"),
    "constant": lambda net: setattr(net.biases[0], "value", 0.25),
    "loss": lambda net: setattr(net, "loss", "half_squared_error"),
    "drawn": lambda net: net.initialize("zeros"),
    "threads": lambda net: setattr(net, "threads", 2),
}


@pytest.mark.parametrize(
    "options", [{"batch_size": 1, "shuffle": False}, {"optimizer": "sgd"}], ids=["online", "batch"]
)
def test_what_a_callback_sets_is_taken_from_the_next_update_on(net, options):
    """As by two trainings, the second of a network that was set between them."""
    options = {"learning_rate": 0.1, **options}
    for what, change in SETTINGS.items():
        one, two = net.copy(), net.copy()
        history = one.fit(
            *XOR, epochs=9, callbacks=lambda epoch, change=change: change(epoch.network) if epoch.number == 4 else None,
            **options,
        )  # fmt: skip
        first = two.fit(*XOR, epochs=4, **options)
        change(two)
        second = two.fit(*XOR, epochs=5, **options)
        np.testing.assert_allclose(one.weights, two.weights, rtol=1e-12, atol=1e-14, err_msg=what)
        np.testing.assert_allclose(history.errors, first.errors + second.errors, rtol=1e-12, err_msg=what)


OTHER_CALLS = {
    "engine": lambda net: setattr(net, "engine", "nodes"),
    "backward": lambda net: (net.forward(XOR[0]), net.backward(XOR[1])),
    "gradients": lambda net: (
        net.forward(XOR[0]),
        net.backward(XOR[1]),
        setattr(net, "gradients", np.ones(len(net.weights))),
    ),
    "update": lambda net: (net.forward(XOR[0]), net.backward(XOR[1]), net.update(0.1, "momentum")),
}


@pytest.mark.parametrize("options", [{}, {"learning_rate": 0.1, "batch_size": 1}], ids=["searched", "given"])
def test_whatever_a_failing_callback_did_is_undone(net, options):
    net.forward(XOR[0])
    net.backward(XOR[1])
    net.update(0.1, "momentum")
    net.forward(XOR[0])
    net.backward(XOR[1])
    before, habits = digest(net), net.simulator.habits
    for what, call in {**SETTINGS, **OTHER_CALLS}.items():

        def fail(epoch, call=call):
            call(epoch.network)
            if epoch.number == 3:
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            net.fit(*XOR, epochs=5, callbacks=fail, **options)
        assert digest(net) == before, what
        assert net.simulator.habits == habits, what
    # What was shown is built upon as before.
    net.backward(XOR[1])
    assert digest(net) == before


@pytest.mark.parametrize("batch_size", [1, None])
def test_errors_of_different_losses_are_not_compared(net, batch_size):
    """Neither when a training stops, nor in what is said of its end: nine times the error is no rise of nine times."""
    factor = 1e9
    many = ns.Loss("many", lambda y, OA: (factor * (y - OA) ** 2).sum(axis=0), lambda y, OA: 2.0 * factor * (OA - y))
    options = {"learning_rate": 1e-11, "batch_size": batch_size, "shuffle": False}

    def exchange(epoch):
        if epoch.number == 4:
            epoch.network.loss = many

    history = net.copy().fit(*XOR, epochs=12, callbacks=exchange, **options)
    assert history.epochs == 12
    assert history.errors[4] > 1e8 * history.errors[3]
    assert not history.diverged
    assert "larger error" not in history.stop_reason
    # From a loss of large errors to one of small ones: the best of the old loss would never be reached again, or at once.
    net.loss = many
    back = net.copy().fit(
        *XOR, epochs=12, patience=3, tolerance=1e-12, **options | {"learning_rate": 1e-3},
        callbacks=lambda epoch: setattr(epoch.network, "loss", "mse") if epoch.number == 1 else None,
    )  # fmt: skip
    assert back.epochs == 12, back
    up = net.copy()
    up.loss = "mse"
    history = up.fit(*XOR, epochs=12, patience=3, callbacks=exchange, **options)
    assert history.epochs == 12, history


def test_a_loss_that_is_not_for_these_targets_ends_the_training(net):
    before = net.weights.copy()
    with pytest.raises(ns.NodesimError, match="binary_cross_entropy"):
        net.fit(
            XOR[0], [0.0, 2.0, 1.0, 0.0], epochs=9, learning_rate=0.1,
            callbacks=lambda epoch: setattr(epoch.network, "loss", "binary_cross_entropy"),
        )  # fmt: skip
    assert (net.weights == before).all()


@pytest.mark.parametrize("options", [{}, {"learning_rate": 0.1, "batch_size": 1}], ids=["searched", "given"])
def test_a_callback_may_spoil_the_record_that_it_is_shown(net, options):
    expected = net.copy().fit(*XOR, epochs=30, **options)
    kept = []

    def spoil(epoch):
        kept.append(epoch.history)
        epoch.history.errors.clear()
        epoch.history.learning_rates[:] = [7.0]
        epoch.history.updates = -1
        assert epoch.history is kept[0]

    history = net.fit(*XOR, epochs=30, callbacks=spoil, **options)
    assert (history.errors, history.learning_rates) == (expected.errors, expected.learning_rates)
    assert history.updates == expected.updates
    assert history is kept[0]


def test_while_it_is_trained_other_threads_neither_set_nor_run_a_network(net):
    calls = {
        **SETTINGS,
        "engine": lambda net: setattr(net, "engine", "nodes"),
        "forward": lambda net: net.forward(XOR[0]),
        "predict": lambda net: net.predict(XOR[0]),
        "error": lambda net: net.error(*XOR),
        "fit": lambda net: net.fit(*XOR, epochs=1),
        "edit": lambda net: net.add_hidden(),
    }
    found = {}

    def meddle():
        for what, call in calls.items():
            try:
                call(net)
            except ns.NodesimError as error:
                found[what] = str(error)
        found["copy"] = net.copy().fit(*XOR, epochs=1, learning_rate=0.1).epochs

    def from_elsewhere(epoch):
        if epoch.number == 3:
            other = threading.Thread(target=meddle)
            other.start()
            other.join()

    expected = net.copy()
    expected.fit(*XOR, epochs=6, learning_rate=0.1)
    net.fit(*XOR, epochs=6, learning_rate=0.1, callbacks=from_elsewhere)
    assert found.pop("copy") == 1
    assert set(found) == set(calls)
    assert all("while it is being trained" in text for text in found.values())
    assert (net.weights == expected.weights).all()


def test_a_callback_that_trains_another_network_is_left_alone(net):
    inner = []

    def nested(epoch):
        inner.append(ns.Network.layered([2, 2, 1], seed=0).fit(*XOR, epochs=2, learning_rate=0.1).epochs)

    assert net.fit(*XOR, epochs=3, learning_rate=0.1, callbacks=nested).epochs == 3
    assert inner == [2, 2, 2]


def test_what_fails_after_it_ran_the_network_shows_what_was_shown_before(net):
    net.forward(XOR[0])
    net.backward(XOR[1])
    before = digest(net)
    failing = {
        "limit": lambda: ns.check_gradients(net, *XOR, limit=None),
        "error": lambda: ns.check_gradients(net, [1.0, 0.0], [1e200]),
        "steps": lambda: list(net.steps([1.0, 0.0], [1e200])),
    }
    for what, call in failing.items():
        with pytest.raises(ns.NodesimError):
            call()
        assert digest(net) == before, what
    # The derivative fails where only differences are taken, when all else has run.
    net.hidden[0].activation = ns.Activation("mine", lambda z: np.tanh(z) / (np.abs(z) < 1e3), lambda z, a: 1.0 - a * a)
    net.forward(XOR[0])
    net.backward(XOR[1])
    before = digest(net)
    net.hidden[1].activation = ns.Activation("other", lambda z: z, lambda z, a: np.full(z.shape, np.nan))
    before = digest(net)
    with pytest.raises(ns.NodesimError):
        ns.check_gradients(net, *XOR)
    assert digest(net) == before


class Dying:
    """Interrupts its program at its end."""

    def __del__(self):
        signal.raise_signal(signal.SIGINT)


def test_ctrl_c_in_a_finalizer_is_not_lost(net, monkeypatch):
    """Python drops whatever is raised there, and only says so."""
    dropped, twin = [], net.copy()
    monkeypatch.setattr(sys, "unraisablehook", lambda what: dropped.append(what.exc_type))
    twin.fit(*XOR, epochs=3, learning_rate=0.1)
    history = net.fit(
        *XOR, epochs=50, learning_rate=0.1, callbacks=lambda epoch: (epoch.number == 3 and Dying(), None)[1]
    )
    assert dropped == [KeyboardInterrupt]
    assert history.stop_reason == "interrupted after 3 whole epochs"
    assert (net.weights == twin.weights).all()


class Late(Exception):
    """What the handler of a clock raises."""


HANDLERS = {
    "function": lambda number, frame: late(),
    "any arguments": lambda *given: late(),
    "partial": functools.partial(lambda more, number, frame: late(), 1),
    "given back": lambda number, frame: (signal.signal(signal.SIGALRM, signal.SIG_DFL), late()),
}


def late():
    raise Late


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no clock that raises signals")
@pytest.mark.parametrize("handler", HANDLERS.values(), ids=HANDLERS)
def test_the_checks_blame_no_function_for_what_came_from_outside(handler):
    before = signal.signal(signal.SIGALRM, handler)
    try:
        for raised in (Late, KeyboardInterrupt, MemoryError, RecursionError, SystemExit):

            def spoiled(numbers, raised=raised):
                if raised is not Late:
                    raise raised
                signal.signal(signal.SIGALRM, handler)
                signal.raise_signal(signal.SIGALRM)
                return numbers

            subjects = (
                (ns.checks.check_activation, ns.Activation("mine", spoiled, lambda z, a: 1.0 + 0.0 * z)),
                (ns.checks.check_loss, ns.Loss("mine", lambda y, a: spoiled(a).mean(axis=0), lambda y, a: a)),
                (ns.checks.check_optimizer, ns.Optimizer("mine", lambda w, g, state, rate: (spoiled(w), state))),
                (ns.checks.check_initializer, ns.Initializer("mine", lambda generator, a, b: spoiled(a))),
                (ns.checks.check_regularizer, ns.Regularizer("mine", spoiled, lambda w: 1.0 + 0.0 * w)),
                (ns.checks.check_schedule, ns.LearningRateSchedule("mine", lambda epoch: spoiled(1.0 / epoch))),
            )
            for check, subject in subjects:
                with pytest.raises(raised):
                    check(subject)
    finally:
        signal.signal(signal.SIGALRM, before)


def test_plugins_are_whole_wherever_loading_them_begins_to_be_interrupted():
    everything, code = len(Registry().all(ns.Activation)), Registry._load_installed.__code__

    def stopped(registry, number):
        """Interrupt one step of the interpreter in the loading; return whether there are so many."""
        steps = iter(range(number + 1))

        def step(frame, event, _):
            if event == "opcode" and next(steps) == number:
                raise KeyboardInterrupt
            return step

        def watch(frame, event, _):
            if frame.f_code is not code:
                return None
            frame.f_trace_opcodes = True
            return step

        before = sys.gettrace()
        sys.settrace(watch)
        try:
            registry.all(ns.Activation)
        except KeyboardInterrupt:
            return True
        finally:
            sys.settrace(before)
        return False

    for number in range(60):
        registry = Registry()
        assert stopped(registry, number)
        assert len(registry.all(ns.Activation)) == everything, number


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no clock that raises signals")
# What Python reads of installed packages just then is left open, and closed when it is collected.
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("raised", [KeyboardInterrupt, SystemExit, Late])
def test_plugins_are_whole_after_an_interrupted_look_up(raised):
    def ring(number, frame):
        raise raised

    before, everything = signal.signal(signal.SIGALRM, ring), len(Registry().all(ns.Activation))
    try:
        stopped = 0
        for number in range(1, 41):
            registry = Registry()
            # The clock may ring on the way to where it is turned off.
            try:
                try:
                    signal.setitimer(signal.ITIMER_REAL, number * 0.0002)
                    registry.all(ns.Activation)
                finally:
                    signal.setitimer(signal.ITIMER_REAL, 0.0)
            except raised:
                stopped += 1
            assert len(registry.all(ns.Activation)) == everything
            assert not registry.broken
    finally:
        signal.signal(signal.SIGALRM, before)
    assert stopped > 3


def test_a_history_is_whole_wherever_it_is_interrupted():
    """Once at every call that the loop makes, which is where Python looks for signals."""
    pytest.importorskip("numba")
    net = ns.Network.layered([2, 3, 1], seed=0)
    net.engine = "native"
    data, options = (np.eye(4, 2), np.ones(4)), {"learning_rate": 0.1, "batch_size": 3}
    seen, ends = 0, set()
    net.copy().fit(*data, epochs=2, **options)

    def interrupt(frame, event, argument):
        nonlocal seen
        caller = frame.f_back if event == "call" else frame
        if event in ("call", "c_call") and caller is not None and caller.f_code.co_filename == fused.__file__:
            seen += 1
            if seen == wanted:
                raise KeyboardInterrupt

    for wanted in itertools.count(1):
        twin, seen = net.copy(), 0
        try:
            sys.setprofile(interrupt)
            history = twin.fit(*data, epochs=800, **options)
        except KeyboardInterrupt:
            # Before training began.
            continue
        finally:
            sys.setprofile(None)
        if not history.stop_reason.startswith("interrupted"):
            break
        ends.add(history.epochs)
        assert history.updates // 2 == history.epochs == len(history.learning_rates), wanted
    assert len(ends) > 2


def test_who_handles_ctrl_c_in_the_end_is_who_was_asked_last():
    """A handler that a callback sets stays; where none is set, the one of before comes back."""
    net, before = ns.Network.layered([1, 1], seed=0), signal.getsignal(signal.SIGINT)
    fit = {"epochs": 1, "learning_rate": 0.1}
    net.fit([[1.0]], [[1.0]], **fit)
    assert signal.getsignal(signal.SIGINT) is before

    def own(number, frame):
        raise KeyboardInterrupt

    try:
        net.fit([[1.0]], [[1.0]], callbacks=[lambda *_: signal.signal(signal.SIGINT, own) and None], **fit)
        assert signal.getsignal(signal.SIGINT) is own
    finally:
        signal.signal(signal.SIGINT, before)


def test_what_is_done_apart_is_done_in_the_context_of_its_caller():
    variable = contextvars.ContextVar("variable")
    variable.set(7)
    assert apart(lambda: (variable.get(), threading.current_thread() is threading.main_thread())) == (7, False)
    with np.errstate(divide="raise"), pytest.raises(FloatingPointError):
        apart(lambda: np.float64(1.0) / 0.0)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there is no clock that raises signals")
def test_who_is_interrupted_does_not_wait_for_what_is_done_apart():
    class Late(Exception):
        pass

    def ring(number, frame):
        raise Late

    go, done = threading.Event(), threading.Event()
    before = signal.signal(signal.SIGALRM, ring)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with pytest.raises(Late):
            apart(lambda: (go.wait(5.0), done.set()))
        assert not done.is_set()
    finally:
        signal.signal(signal.SIGALRM, before)
        go.set()
    # It goes on to its end all the same.
    assert done.wait(5.0)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timer here")
def test_a_handler_that_reads_weights_while_they_are_put_in_order():
    """It may come in anywhere, and asks for the schedule that is being cut."""
    net, rng = ns.Network.layered([6, 20, 20, 3], hidden="tanh", seed=0), np.random.default_rng(0)
    expected, came = dict(zip((c.name for c in net.connections), net.weights)), []
    old = signal.signal(signal.SIGALRM, lambda *_: came.append(net.weights))
    try:
        for number in range(400):
            net.hidden[int(rng.integers(40))].activation = ("tanh", "sigmoid", "relu")[number % 3]
            signal.setitimer(signal.ITIMER_REAL, 1e-6 + rng.random() * 1e-3)
            found = net.weights
            signal.setitimer(signal.ITIMER_REAL, 0)
            assert dict(zip((c.name for c in net.connections), found)) == expected
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)
    assert came


def test_ctrl_c_before_the_first_epoch_is_an_interrupted_training(net):
    """Also where callbacks might have set the network: it is what it was, and can be set again."""

    class Interrupts:
        def __array__(self, *arguments, **more):
            signal.raise_signal(signal.SIGINT)

    weights = net.weights.copy()
    history = net.fit(Interrupts(), [1.0], epochs=3, callbacks=lambda epoch: None)
    assert history.stop_reason == "interrupted after 0 whole epochs"
    assert (net.weights == weights).all()
    net.weights = weights

"""The page trains as `fit` does: the same weights, errors and ends, in a worker and without one."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from helpers import ACTIVATIONS, LOSSES, random_network, random_samples

import nodesim as ns
from nodesim.explorer import page as assembly

SAMPLES, TOLERANCE = 5, 1e-9
RATES = {"sgd": 0.05, "momentum": 0.01, "adam": 0.01}
BATCHES = (1, 2, None, 3, 2, None)
JOINS = ("product", "max", "min", "mean", "norm")
LOAD = """async (bundle) => {
    Object.assign(window, await import(URL.createObjectURL(new Blob([bundle], { type: "text/javascript" }))));
    window.trained = (text) => JSON.stringify(JSON.parse(text).map(({ epochs, ...given }) => {
        const trainer = new Trainer(given);
        const [errors, tests] = [[], []];
        for (let goes = true; goes && errors.length < epochs; ) {
            goes = trainer.epoch();
            if (trainer.moment.epoch === errors.length) break;
            errors.push(trainer.moment.error);
            tests.push(trainer.moment.test);
        }
        return { ...trainer.moment, weights: [...trainer.moment.weights], errors, tests };
    }));
}"""


@pytest.fixture
def page(watch):
    """A page that has nothing but the bundle."""
    found = watch().page
    found.evaluate(LOAD, assembly.asset("bundle.js"))
    return found


def epochs_of(seed):
    """Return how long a random training is: every fourth one as long as it has to be, the others short."""
    return 120 if seed % 4 == 0 else 30


def given(net, x, y, options, epochs, test=None):
    """Return what the page needs to train a network."""
    document = net.explore(x, y).document
    structure = {
        name: document[name] for name in ("nodes", "connections", "order", "loss", "programs", "counts", "editable")
    }
    test = test and dict(zip("xy", (part.tolist() for part in test)))
    return {
        "document": structure, "weights": net.weights.tolist(), "x": x.tolist(), "y": y.tolist(), "test": test,
        "options": {"shuffle": False, **options}, "epochs": epochs,
    }  # fmt: skip


def random_training(seed):
    """Return a random network, samples, and how to train it: for the page, and for fit."""
    loss = list(LOSSES)[seed % len(LOSSES)]
    if seed % 4 == 3:
        net = layered(seed, loss)
        rng = np.random.default_rng(seed)
    else:
        net, rng = random_network(seed, loss=loss, activations=ACTIVATIONS)
    net.engine = "numpy"
    for node in (*net.hidden, *(net.outputs if seed % 2 else ())):
        if rng.random() < 0.25:
            node.aggregation = str(rng.choice(JOINS))
    free = [c.name for c in net.connections if c.trainable]
    chosen = rng.permutation(free)[: 5 * (len(free) >= 5 and seed % 3 < 2)].tolist()
    for uses in (chosen[:2], chosen[2:]) if chosen else ():
        net.tie(*uses)
    optimizer = list(RATES)[seed // 3 % 3]
    batch, l2 = BATCHES[seed % 6], (None, None, 0.01, None)[seed // 5 % 4]
    options = {"optimizer": optimizer, "learningRate": RATES[optimizer], "batch": batch or "all", "l2": l2 or 0}
    settings = {"optimizer": optimizer, "learning_rate": RATES[optimizer], "batch_size": batch, "l2": l2}
    return net, *random_samples(net, rng, SAMPLES), random_samples(net, rng, 4), options, settings


def layered(seed, loss):
    output = {"binary_cross_entropy": "sigmoid", "softmax_cross_entropy": "linear"}.get(loss, "tanh")
    return ns.Network.layered([2, 4, 3, 2], hidden="tanh", output=output, loss=loss, seed=seed)


def fit(net, x, y, test, settings, seed):
    return net.fit(x, y, epochs=epochs_of(seed), shuffle=False, validation_data=test, **settings)


def is_close(found, wanted):
    return found == pytest.approx(wanted, rel=TOLERANCE, abs=TOLERANCE)


def test_sixty_random_networks_end_as_by_fit(page):
    trainings = [random_training(seed) for seed in range(60)]
    undecided = []
    for seed, (found, (net, x, y, test, _, settings)) in enumerate(zip(by_page(page, trainings), trainings)):
        shaken = net.copy()
        shaken.weights = shaken.weights * (1 + 1e-14)
        history = fit(net, x, y, test, settings, seed)
        assert (found["trouble"], found["updates"]) == ("", history.updates), seed
        if not (is_close(found["weights"], net.weights) and is_close(found["errors"], history.errors)):
            # Where kinks, or a step far out, let last digits decide there is nothing to agree on.
            fit(shaken, x, y, test, settings, seed)
            assert not is_close(shaken.weights, net.weights), (seed, settings)
            undecided.append(seed)
            continue
        assert is_close(found["tests"], history.validation_errors), seed
    assert len(undecided) <= 2, undecided


def test_a_training_that_leaves_the_finite_numbers_ends_where_fit_ends(page):
    trainings = []
    for seed in range(30):
        net, rng = random_network(seed, activations=("linear", "relu", "softplus", "leaky_relu"))
        net.engine = "numpy"
        rate, batch = float(10.0 ** rng.integers(1, 200 if seed % 2 else 3)), BATCHES[seed % 3]
        options, settings = (
            {"learningRate": rate, "batch": batch or "all"},
            {"learning_rate": rate, "batch_size": batch},
        )
        trainings.append((net, *random_samples(net, rng, SAMPLES), None, options, settings))
    ends = []
    for seed, (found, (net, x, y, test, _, settings)) in enumerate(zip(by_page(page, trainings), trainings)):
        history = fit(net, x, y, test, settings, seed)
        assert (bool(found["trouble"]), found["updates"], found["epoch"]) == (
            history.diverged,
            history.updates,
            history.epochs,
        ), seed
        assert all(map(math.isfinite, found["weights"]))
        assert found["errors"] == pytest.approx(history.errors, rel=1e-6), seed
        assert found["weights"] == pytest.approx(net.weights, rel=1e-6), seed
        if found["trouble"]:
            ends.append(history.finite)
            assert "learning rate" in found["trouble"].lower()
            assert ("diverges" in found["trouble"]) == history.finite
    assert 5 <= sum(ends) <= len(ends) - 5


def by_page(page, trainings):
    text = json.dumps(
        [
            given(net, x, y, options, epochs_of(seed), test)
            for seed, (net, x, y, test, options, _) in enumerate(trainings)
        ]
    )
    return json.loads(page.evaluate("(text) => trained(text)", text))


COURSES = """async ([text, name]) => {
    const { epochs, ...given } = JSON.parse(text);
    const Course = window[name]?.Course ?? window.Course;
    const found = [];
    for (const worker of [true, false]) {
        const course = new Course(given, { worker });
        const told = [];
        const played = await course.play((moment) => told.push(moment) === 5 && course.pause());
        const rest = await course.train({ epochs: epochs - played.epoch });
        found.push({ inWorker: await course.inWorker(), told: told.length, epoch: rest.epoch, weights: [...rest.weights] });
        course.close();
    }
    return found;
}"""


def check_courses(place, net, x, y):
    """Play and train where a page stands, with and without a worker: both end with the very same numbers."""
    text = json.dumps(given(net, x, y, {"batch": 3, "optimizer": "adam", "shuffle": True, "seed": 7}, 5_000))
    own, other = place.evaluate(COURSES, [text, "nodesim"])
    assert (own["inWorker"], other["inWorker"]) == (True, False)
    assert own["told"] == other["told"] == 5
    assert own["epoch"] == other["epoch"] == 5_000
    assert own["weights"] == other["weights"]


def some():
    net = ns.Network.layered([2, 3, 2], seed=0)
    return net, *random_samples(net, np.random.default_rng(0), 7)


def test_a_saved_page_trains_in_a_worker(show):
    net, x, y = some()
    check_courses(show(net.explore(x, y)).page, net, x, y)


def test_the_frame_of_a_notebook_trains_in_a_worker(watch):
    net, x, y = some()
    page = watch().page
    page.set_content(f"<!doctype html><body>{net.explore(x, y)._repr_html_()}</body>")
    page.frame_locator("iframe").locator("#connection-0").wait_for()
    check_courses(page.frames[1], net, x, y)


def test_a_widgets_module_trains_in_a_worker(page):
    check_courses(page, *some())


def test_where_no_worker_may_start_the_page_trains_by_itself(watch):
    net, x, y = some()
    watched = watch(alone=True)
    watched.page.add_init_script(
        "window.Worker = class { constructor() { throw new DOMException('no', 'SecurityError'); } };"
    )
    watched.page.goto("about:blank")
    watched.page.evaluate(LOAD, assembly.asset("bundle.js"))
    text = json.dumps(given(net, x, y, {}, 5_000))
    first, second = watched.page.evaluate(COURSES, [text, ""])
    assert (first["inWorker"], second["inWorker"]) == (False, False)
    assert first["weights"] == second["weights"]

"""Networks whose numbers reach from 1e-100 to 1e100, on five engines, against a run with 60 digits.

The run with 60 digits also measures the condition: it is made once more with every weight, input, activated value and
slope changed by some roundings. Where that moves a gradient by less than a tenth of what is allowed, 1e-12 of the sum of
absolute path products, each engine must be that near. Elsewhere no double arithmetic could be, and what is asked is that
the engines accept and refuse the same networks.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import mpmath as mp
import numpy as np
from helpers import random_network
from test_functions import EXACT

import nodesim as ns
from nodesim.engines import choice

PAGE = Path(__file__).parents[1] / "nodesim" / "explorer" / "page" / "src"
NODE = shutil.which("node")
COUNT = int(os.environ.get("NODESIM_NETWORKS", "150"))
ALLOWED, ROUNDING, SMALLEST = mp.mpf("1e-12"), 2.0**-51, 2.0**-1070
LARGEST = mp.mpf(np.finfo(float).max)
# Of a step there is no gradient; between kinks all of the others have one.
ACTIVATIONS = [name for name in EXACT if name != "step"]


def wide_network(seed):
    """Return a random network with a sample, both of a scale of their own, and the generator that made them."""
    reach = (0.3, 3.0, 20.0, 100.0)[seed % 4]
    # Each fourth network is of one scale, the others have all of them side by side.
    common = np.random.default_rng(seed).uniform(-reach, reach)

    def weight(rng):
        return float(rng.normal() * 10.0 ** (common if seed % 3 == 0 else rng.uniform(-reach, reach)))

    net, rng = random_network(
        seed, activations=ACTIVATIONS, weight=weight, loss=("mse", "half_squared_error")[seed % 2]
    )
    x = rng.normal(size=len(net.inputs)) * 10.0 ** rng.uniform(-reach, reach, size=len(net.inputs))
    y = rng.normal(size=len(net.outputs)) * 10.0 ** rng.uniform(-reach, min(reach, 20.0), size=len(net.outputs))
    return net, x, y


def exactly(net, x, y, rng=None):
    """Return the gradients with 60 digits and their scales, by connection; with a generator, of what it has disturbed.

    None where a number is beyond the largest double.
    """

    def near(number):
        if rng is None or not number:
            return mp.mpf(number)
        # The second is what is lost below the smallest normal double.
        relative, absolute = rng.uniform(-ROUNDING, ROUNDING), rng.uniform(-SMALLEST, SMALLEST)
        return mp.mpf(number) * (1 + mp.mpf(float(relative))) + mp.mpf(float(absolute))

    schedule = net.structure.schedule
    weights = {c: near(c.weight) for c in net.connections}
    activated = dict(zip(net.inputs, map(near, x.tolist()))) | {bias: mp.mpf(bias.value) for bias in net.biases}
    slope, largest = {}, mp.mpf(0)
    for task in schedule.calculated:
        value, derivative = EXACT[task.node.activation.name]
        z = mp.fsum(weights[c] * activated[c.source] for c in task.incoming)
        activated[task.node], slope[task.node] = near(value(z)), near(derivative(z))
        largest = max(largest, abs(z), abs(activated[task.node]))
    share = mp.mpf(2) / len(net.outputs) if net.loss.name == "mse" else mp.mpf(1)
    delta, scale = {}, {}
    for task in reversed(schedule.calculated):
        own = mp.mpf(0)
        if task.node in net.outputs:
            own = share * (activated[task.node] - mp.mpf(y.tolist()[net.outputs.index(task.node)]))
        arriving = [weights[c] * delta[c.target] for c in task.outgoing if c.target in delta]
        behind = [abs(weights[c]) * scale[c.target] for c in task.outgoing if c.target in delta]
        largest = max(largest, mp.fsum(behind) + abs(own))
        if task.alive:
            delta[task.node] = near((mp.fsum(arriving) + own) * slope[task.node])
            scale[task.node] = (mp.fsum(behind) + abs(own)) * abs(slope[task.node])
    gradients, scales = [], []
    for c in net.connections:
        gradients.append(activated[c.source] * delta.get(c.target, 0))
        scales.append(abs(activated[c.source]) * scale.get(c.target, 0))
    error = share * mp.fsum((activated[node] - mp.mpf(wanted)) ** 2 for node, wanted in zip(net.outputs, y.tolist()))
    largest = max([largest, error, *scales, *scale.values()])
    return (gradients, scales) if largest < LARGEST / 1e6 else None


def gradients_by(engine, net, x, y):
    """Return the gradients, or None where the engine refuses."""
    net.engine = engine
    try:
        net.forward(x)
        net.backward(y)
    except ns.NonFiniteError:
        return None
    return net.gradients.copy()


def by_page(networks):
    """Return the gradients that the explorer's page calculates, None where a number is not finite."""
    jobs = []
    for net, x, y in networks:
        document = net.explore([x], [y]).document
        jobs.append({"document": document, "weights": net.weights.tolist(), "x": x.tolist(), "y": y.tolist()})
    script = f"""
        import {{ readFileSync }} from "node:fs";
        const {{ calculate }} = await import("{(PAGE / "engine.js").as_uri()}");
        const {{ readNetwork }} = await import("{(PAGE / "network.js").as_uri()}");
        const found = JSON.parse(readFileSync(0)).map(({{ document, weights, x, y }}) => {{
          const run = calculate(readNetwork(document), Float64Array.from(weights), x, y);
          const all = [run.value, run.activated, run.delta, run.gradient, [run.error]];
          return all.every((row) => row.every(Number.isFinite)) ? Array.from(run.gradient, String) : null;
        }});
        process.stdout.write(JSON.stringify(found));
    """
    done = subprocess.run(
        [NODE, "--input-type=module", "-e", script], input=json.dumps(jobs).encode(), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return [None if row is None else np.array([float(number) for number in row]) for row in json.loads(done.stdout)]


def by_all_engines(net, x, y, page):
    """Return the gradients by each engine, or None."""
    found = {engine: gradients_by(engine, net, x, y) for engine in ("nodes", "numpy")}
    if choice.has_native():
        found["native, one sample"] = gradients_by("native", net, x, y)
        found["native, a batch"] = gradients_by("native", net, np.tile(x, (33, 1)), np.tile(y, (33, 1)))
    return found | ({"page": page} if NODE else {})


def well_conditioned(net, x, y, exact):
    """Return for each connection whether roundings move its gradient by less than a tenth of what is allowed."""
    disturbed = [exactly(net, x, y, np.random.default_rng(seed)) for seed in range(3)]
    if None in disturbed:
        return [False] * len(net.connections)
    return [
        all(abs(other[0][place] - gradient) <= ALLOWED / 10 * scale for other in disturbed)
        for place, (gradient, scale) in enumerate(zip(*exact))
    ]


def test_five_engines_agree_with_sixty_digits_wherever_doubles_can():
    networks = [(net, x, y) for net, x, y in map(wide_network, range(COUNT)) if net.connections]
    pages = by_page(networks) if NODE else [None] * len(networks)
    compared = ill = refused = 0
    with mp.workdps(60):
        for number, ((net, x, y), page) in enumerate(zip(networks, pages)):
            found, exact = by_all_engines(net, x, y, page), exactly(net, x, y)
            accepted = {engine: gradients is not None for engine, gradients in found.items()}
            if exact is None:
                # Near the largest double or beyond. One order of adding up may overflow where another does not: of these
                # networks there is none like that.
                assert len(set(accepted.values())) == 1, (number, accepted)
                refused += not any(accepted.values())
                continue
            assert all(accepted.values()), (number, accepted)
            for place, well in enumerate(well_conditioned(net, x, y, exact)):
                compared, ill = compared + well, ill + (not well)
                allowed = ALLOWED * exact[1][place] + SMALLEST
                for engine, gradients in found.items() if well else ():
                    off = abs(mp.mpf(float(gradients[place])) - exact[0][place])
                    assert off <= allowed, (number, engine, net.connections[place].name, off / allowed)
    print(f"{compared:,} gradients compared, {ill:,} ill-conditioned, {refused} networks refused")
    assert compared > 10 * COUNT
    assert refused >= COUNT // 100

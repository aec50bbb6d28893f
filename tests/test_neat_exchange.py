"""Genomes of neat-python: what they calculate is what neat-python calculates, and backpropagation goes on from there."""

from __future__ import annotations

import copy
import json
import math
import random
import sys
import warnings
from types import SimpleNamespace

import neat
import networkx as nx
import numpy as np
import pytest
from damage import damaged_bytes, damaged_json
from neat.export import export_network_json
from neat.genes import DefaultConnectionGene, DefaultNodeGene
from neat.innovation import InnovationTracker

import nodesim as ns
from nodesim.checks import check_exchange
from nodesim.checks.programs.neat import program_of
from nodesim.exchange.neat import reading

ACTIVATIONS = "sigmoid tanh sin gauss relu elu lelu selu softplus identity clamped inv log exp abs hat square cube"
XOR = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([[0.0], [1.0], [1.0], [0.0]])
CONFIG = """
[NEAT]
fitness_criterion = max
fitness_threshold = 3.9
pop_size = 60
reset_on_extinction = True
no_fitness_termination = False

[DefaultSpeciesSet]
compatibility_threshold = 3.0

[DefaultStagnation]
species_fitness_func = max
max_stagnation = 20
species_elitism = 2

[DefaultReproduction]
elitism = 2
survival_threshold = 0.2
min_species_size = 2

[DefaultGenome]
num_inputs = {inputs}
num_outputs = {outputs}
num_hidden = {hidden}
feed_forward = {feed_forward}
initial_connection = {connection}
compatibility_disjoint_coefficient = 1.0
compatibility_weight_coefficient = 0.5
conn_add_prob = 0.6
conn_delete_prob = {delete}
node_add_prob = 0.5
node_delete_prob = {delete}
single_structural_mutation = False
structural_mutation_surer = default
activation_default = {activation}
activation_mutate_rate = {rate}
activation_options = {activations}
aggregation_default = sum
aggregation_mutate_rate = {joined}
aggregation_options = sum product max min mean maxabs median
"""
NUMBERS = {"bias": (1.0, 1.0), "response": (1.0, 0.0), "weight": (0.0, 1.0), "time_constant": (1.0, 0.0)}


def config(tmp_path, **more):
    """Return the configuration of a run, as neat-python reads it from a file."""
    options = {
        "inputs": 2, "outputs": 1, "hidden": 0, "feed_forward": True, "connection": "full_direct",
        "activation": "sigmoid", "rate": 0.0, "activations": "sigmoid", "response_stdev": 0.0, "delete": 0.2, "joined": 0.0,
    } | more  # fmt: skip
    text = CONFIG.format(**options)
    for name, (mean, stdev) in NUMBERS.items():
        stdev = options["response_stdev"] if name == "response" else stdev
        rate = 0.8 if stdev else 0.0
        values = {
            "init_mean": mean, "init_stdev": stdev, "init_type": "gaussian", "max_value": 30.0, "min_value": -30.0,
            "mutate_power": 0.5, "mutate_rate": rate, "replace_rate": rate / 8,
        }  # fmt: skip
        text += "".join(f"{name}_{key} = {value}\n" for key, value in values.items())
    text += "enabled_default = True\nenabled_mutate_rate = 0.05\nenabled_rate_to_true_add = 0.0\n"
    text += "enabled_rate_to_false_add = 0.0\n"
    file = tmp_path / "config"
    file.write_text(text)
    parts = neat.DefaultGenome, neat.DefaultReproduction, neat.DefaultSpeciesSet, neat.DefaultStagnation
    return neat.Config(*parts, str(file))


def built(nodes, links):
    """Return a genome of {key: (bias, response, activation)} and {(source, target): weight, or None if disabled}."""
    genome = neat.DefaultGenome(7)
    for key, (bias, response, activation, *aggregation) in nodes.items():
        genome.nodes[key] = gene = DefaultNodeGene(key)
        gene.bias, gene.response, gene.activation, gene.time_constant = bias, response, activation, 1.0
        gene.aggregation = aggregation[0] if aggregation else "sum"
    for index, (key, weight) in enumerate(links.items()):
        genome.connections[key] = gene = DefaultConnectionGene(key, innovation=index)
        gene.weight, gene.enabled = (9.0 if weight is None else weight), weight is not None
    return genome


def activated(genome, settings, X):
    network = neat.nn.FeedForwardNetwork.create(genome, settings)
    return np.array([network.activate(sample) for sample in X.tolist()])


def scales(net, X):
    """Return for each output of each sample what rounding is measured by: the sum of |terms| along all paths."""
    net.forward(X)
    found = {}
    for node in nx.topological_sort(net.graph):
        value, activated = np.broadcast_to(node.value, len(X)), np.broadcast_to(node.activated, len(X))
        if node.activation is None:
            found[node] = np.abs(activated)
            continue
        given = np.array([c.weight * np.broadcast_to(c.source.activated, len(X)) for c in node.incoming])
        partials = np.abs(node.aggregation.partials(given, value)) if len(given) else []
        terms = sum(abs(c.weight) * partial * found[c.source] for c, partial in zip(node.incoming, partials))
        found[node] = np.abs(activated) + np.abs(node.activation.derivative(value, activated)) * terms
    return np.array([found[node] for node in net.outputs]).T


def mutated(tmp_path, seed, joined=0.0):
    """Return a genome that neat-python has mutated at random, and its configuration."""
    rng = random.Random(seed)
    settings = config(
        tmp_path, inputs=rng.randint(1, 4), outputs=rng.randint(1, 3), hidden=rng.choice([0, 0, 2, 5]),
        connection=rng.choice(["full_direct", "full_nodirect", "partial_direct 0.5", "unconnected"]),
        activation=rng.choice(ACTIVATIONS.split()), rate=0.3, activations=ACTIVATIONS,
        response_stdev=rng.choice([0.0, 0.5]), delete=rng.choice([0.02, 0.2]), joined=joined,
    )  # fmt: skip
    settings.genome_config.innovation_tracker = InnovationTracker()
    random.seed(seed)
    genome = neat.DefaultGenome(seed)
    genome.configure_new(settings.genome_config)
    for _ in range(rng.choice([3, 20, 60])):
        genome.mutate(settings.genome_config)
    return genome, settings


def samples(settings, count, seed=0):
    return np.random.default_rng(seed).normal(size=(count, len(settings.genome_config.input_keys)))


# ---- a published network -------------------------------------------------------------------------------------

# The winner of a run of neat-python's example evolve-minimal.py, with its outputs, as neat-python printed them: from the
# README of a study project on evolution strategies and NEAT on GitHub ("Population's average fitness ... Running
# generation 132 ... Key: 18485, Fitness: 3.978838349644304").
PUBLISHED = built(
    {
        0: (-0.74070723976249, 1.0, "sigmoid"),
        3021: (0.3659797145692682, 1.0, "sigmoid"),
        3510: (-1.2625110259139902, 1.0, "sigmoid"),
        3740: (-1.655470794345129, 1.0, "sigmoid"),
    },
    {
        (-2, 0): None,
        (-2, 3510): 1.5790297618899929,
        (-2, 3740): 1.8365859353347043,
        (-1, 0): 1.726424943554256,
        (-1, 3510): -0.9143899764788945,
        (3510, 0): 8.267603818596386,
        (3740, 0): -2.4434315033546277,
    },
)
OUTPUTS = [0.02578561270750239, 0.9999999996884756, 0.9927986439889035, 0.14298563915511228]


def test_a_published_winner_gives_its_published_outputs(tmp_path):
    net = ns.from_neat(PUBLISHED, config(tmp_path))
    assert np.abs(net.predict(XOR[0])[:, 0] - OUTPUTS).max() < 1e-15
    # The node 3021 leads nowhere.
    assert [node.name for node in net.nodes] == ["I1", "I2", "B1", "H3510", "H3740", "O1"]
    assert [(c.source.name, c.target.name, c.weight) for c in net.connections][:2] == [
        ("I2", "H3510", 1.5790297618899929), ("I2", "H3740", 1.8365859353347043),
    ]  # fmt: skip


# ---- functions -------------------------------------------------------------------------------------------------

FUNCTIONS = neat.activations.ActivationFunctionSet()
# Where neat-python cuts sums off.
LIMITS = {"sigmoid": 12.0, "tanh": 24.0, "sin": 12.0, "gauss": 3.4, "softplus": 12.0, "exp": 60.0}


@pytest.mark.parametrize("name", ACTIVATIONS.split())
def test_every_function_is_that_of_neat_python(tmp_path, name):
    net = ns.from_neat(built({0: (0.0, 1.0, name)}, {(-1, 0): 1.0}), config(tmp_path))
    limits = [side * limit * by for limit in LIMITS.values() for side in (1, -1) for by in (1 - 1e-9, 1, 1 + 1e-9, 3)]
    z = np.array([*np.linspace(-15.0, 15.0, 601), *limits, 0.0, 1e-8, 1e-7, -1e-7, 1e-300, -1e-300, 650.0, -650.0])
    theirs = np.array([FUNCTIONS.get(name)(each) for each in z.tolist()])
    ours = net.predict(np.column_stack([z, z]))[:, 0]
    assert (np.abs(ours - theirs) <= 4e-16 * np.maximum(1.0, np.abs(theirs))).all()
    if name in LIMITS:
        activation = net["O1"].activation
        sums = np.array([1.0 + 1e-9, 3.0, -1.0 - 1e-9, -3.0, 0.25, -0.25]) * LIMITS[name]
        slopes = activation.derivative(sums, activation.function(sums))
        assert ((slopes == 0.0) == [True, True, True, True, False, False]).all()


# ---- against neat-python ---------------------------------------------------------------------------------------


def test_the_winner_and_all_others_of_an_evolution_train_on(tmp_path):
    settings = config(tmp_path)

    def judge(genomes, settings):
        for _, genome in genomes:
            genome.fitness = 4.0 - ((activated(genome, settings, XOR[0]) - XOR[1]) ** 2).sum()

    # Versions of Python round sums otherwise, which leads evolution elsewhere.
    for seed in range(1, 10):
        random.seed(seed)
        population = neat.Population(settings)
        winner = population.run(judge, 100)
        if winner.fitness > 3.9:
            break
    assert winner.fitness > 3.9
    for genome in [winner, *population.population.values()]:
        net = ns.from_neat(genome, settings)
        off = np.abs(net.predict(XOR[0]) - activated(genome, settings, XOR[0]))
        assert (off <= 1e-12 * scales(net, XOR[0])).all()
    for genome in [winner, *list(population.population.values())[:20]]:
        net = ns.from_neat(genome, settings)
        before = error_of(net)
        net.fit(*XOR, epochs=100, learning_rate=0.01)
        assert error_of(net) < before
    net = ns.from_neat(winner, settings)
    net.fit(*XOR, epochs=1000, learning_rate=0.05)
    assert error_of(net) < 0.5 * (4.0 - winner.fitness) / 4.0


def error_of(net):
    return ((net.predict(XOR[0]) - XOR[1]) ** 2).mean()


def test_mutated_genomes_with_all_functions_agree(tmp_path):
    met, sizes, responses, disabled = set(), [], 0, 0
    for seed in range(80):
        genome, settings = mutated(tmp_path, seed)
        X = samples(settings, 8, seed)
        net = ns.from_neat(genome, settings)
        off = np.abs(net.predict(X) - activated(genome, settings, X))
        assert (off <= 1e-12 * scales(net, X)).all(), seed
        met |= {node.activation.label for node in net.nodes if node.activation}
        sizes.append(len(net.nodes))
        responses += any(gene.response != 1.0 for gene in genome.nodes.values())
        disabled += any(not gene.enabled for gene in genome.connections.values())
    assert len(met) == len(ACTIVATIONS.split())
    assert max(sizes) > 30
    assert min(responses, disabled) > 20


SMOOTH = "sigmoid tanh sin gauss elu softplus identity log abs hat square"


def test_gradients_are_differences_of_what_neat_python_gives(tmp_path):
    for seed in range(20):
        genome, settings = mutated(tmp_path, seed)
        for gene in genome.nodes.values():
            gene.activation = random.Random(f"{seed} {gene.key}").choice(SMOOTH.split())
        X = samples(settings, 5, seed)
        program = program_of((genome, settings))
        net = ns.from_neat(genome, settings)
        y = net.predict(X) + np.random.default_rng(seed).normal(size=(5, len(net.outputs)))
        weights = program.blueprint.weights
        assert (weights == [c.weight for c in net.connections]).all()
        assert program.judged(X, y, ns.loss("mse")) is None
        assert (
            np.abs(program.outputs(X, weights) - activated(genome, settings, X)).max() <= 1e-12 * scales(net, X).max()
        )
        net.forward(X), net.backward(y)
        for index, connection in enumerate(net.connections):
            error, step = [], 1e-6 * max(1.0, abs(weights[index]))
            for sign in (1.0, -1.0):
                changed = weights.copy()
                changed[index] += sign * step
                error.append(((program.outputs(X, changed) - y) ** 2).mean())
            expected = (error[0] - error[1]) / (2 * step)
            assert abs(connection.gradient - expected) <= 1e-6 * max(1.0, abs(expected), *error), (seed, connection)


def test_what_counts_and_how_it_is_called(tmp_path):
    settings = config(tmp_path, outputs=3)
    plain = dict.fromkeys((0, 1, 2), (0.5, 1.0, "identity"))
    genome = built(
        # 9 has nothing before it, 8 nothing behind it; the output 2 has nothing at all, and the output 0 feeds another.
        plain | {5: (0.1, -2.0, "tanh"), 9: (0.25, 3.0, "sigmoid"), 8: (0.1, 1.0, "tanh", "product")},
        {(-1, 5): 0.3, (5, 0): 1.25, (0, 1): 2.0, (9, 1): -1.0, (-2, 8): 1.0, (-2, 5): None, (-2, 0): 0.7},
    )
    net = ns.from_neat(genome, settings, loss="mae")
    assert [node.name for node in net.nodes] == ["I1", "I2", "B1", "H5", "H9", "O1", "O2", "O3"]
    ends = [(c.source.name, c.target.name, c.weight) for c in net.connections if c.source.kind != "bias"]
    assert ends == [
        ("I1", "H5", -0.6), ("H5", "O1", 1.25), ("O1", "O2", 2.0), ("H9", "O2", -1.0), ("I2", "O1", 0.7),
    ]  # fmt: skip
    assert {c.target.name: c.weight for c in net.connections if c.source.kind == "bias"} == {
        "H5": 0.1, "H9": 0.25, "O1": 0.5, "O2": 0.5, "O3": 0.5,
    }  # fmt: skip
    assert net.loss.name == "mae"
    assert reading.read(genome, settings, None).notes == (
        "responses are multiplied into the weights before H5",
        "left out, as nothing leads from there to an output: 8",
    )
    X = samples(settings, 20)
    assert np.abs(net.predict(X) - activated(genome, settings, X)).max() < 1e-15


@pytest.mark.parametrize("aggregation", ["product", "max", "min", "maxabs", "median", "mean"])
def test_of_one_value_every_aggregation_is_the_sum(tmp_path, aggregation):
    settings = config(tmp_path)
    nodes = {0: (0.5, 1.0, "tanh", aggregation), 5: (0.2, 1.5, "sin", aggregation)}
    genome = built(nodes, {(-1, 5): 0.3, (5, 0): 0.4})
    X = samples(settings, 5)
    assert np.abs(ns.from_neat(genome, settings).predict(X) - activated(genome, settings, X)).max() < 1e-15
    # The product of nothing is 1, and all else 0.
    none = built({0: (0.5, 1.5, "tanh", aggregation)}, {})
    net = ns.from_neat(none, settings)
    assert np.abs(net.predict(X) - activated(none, settings, X)).max() < 1e-15
    assert [bias.name for bias in net.biases] == ["B1", "B2"][: 1 + (aggregation == "product")]


@pytest.mark.parametrize("aggregation", ["product", "max", "min", "maxabs", "median", "mean"])
def test_of_several_values_nodes_are_what_joins_them(tmp_path, aggregation):
    settings = config(tmp_path)
    links = {(-1, 5): 0.3, (-2, 5): 0.7, (5, 0): 0.4, (-2, 0): -0.9, (-1, 0): 0.5}
    genome = built({0: (0.5, 1.5, "tanh", aggregation), 5: (0.0, 1.0, "sin", aggregation)}, links)
    X, net = samples(settings, 50), ns.from_neat(genome, settings)
    assert np.abs(net.predict(X) - activated(genome, settings, X)).max() < 1e-15
    ours = {"maxabs": "neat_maxabs", "median": "neat_median"}.get(aggregation, aggregation)
    # H5 has neither bias nor response; what O1 joins is another node, which hands it on as it is.
    assert {node.name: node.aggregation.name for node in net.nodes if node.aggregation} == {
        "H5": ours, "H1": ours, "O1": "sum",
    }  # fmt: skip
    (behind,) = net["H1"].outgoing
    assert (behind.weight, behind.trainable, net["H1"].activation.name) == (1.5, False, "linear")
    assert check_exchange(net, (genome, settings)).ok
    note = "what O1 joins is a node before it, as bias and response change it afterwards"
    assert note in reading.read(genome, settings, None).notes


def test_mutated_genomes_with_all_aggregations_agree(tmp_path):
    met = set()
    for seed in range(60):
        genome, settings = mutated(tmp_path, seed, joined=0.4)
        X = samples(settings, 8, seed)
        net = ns.from_neat(genome, settings)
        off = np.abs(net.predict(X) - activated(genome, settings, X))
        assert (off <= 1e-12 * scales(net, X)).all(), seed
        met |= {node.aggregation.name for node in net.nodes if node.aggregation}
        if seed < 20:
            exported(genome, settings, tmp_path / "net.json")
            twin = ns.from_neat(tmp_path / "net.json")
            assert (twin.predict(X) == net.predict(X)).all()
    assert met == {"sum", "product", "max", "min", "mean", "neat_maxabs", "neat_median"}


def test_joins_of_ones_own_are_compared_with_the_registered_ones(tmp_path):
    settings = config(tmp_path)
    settings.genome_config.add_aggregation("norm", lambda x: math.hypot(*x))
    settings.genome_config.add_aggregation("mean", lambda x: sum(x))
    settings.genome_config.add_aggregation("mine", lambda x: sum(x))
    X, links = samples(settings, 20), {(-1, 0): 0.3, (-2, 0): 0.7}
    genome = built({0: (0.5, 1.0, "tanh", "norm")}, links)
    assert np.abs(ns.from_neat(genome, settings).predict(X) - activated(genome, settings, X)).max() < 1e-15
    for name, why in (("mean", "gives other values"), ("mine", "is not there")):
        with pytest.raises(ns.ExchangeError, match=f"node 0 has the aggregation '{name}', .*that name {why}"):
            ns.from_neat(built({0: (0.5, 1.0, "tanh", name)}, links), settings)


def test_behind_a_response_of_zero_weights_are_frozen(tmp_path):
    settings = config(tmp_path)
    genome = built({0: (0.5, 0.0, "tanh")}, {(-1, 0): 0.3, (-2, 0): 0.1})
    net, X = ns.from_neat(genome, settings), samples(settings, 5)
    assert [(c.weight, c.trainable) for c in net.connections] == [(0.0, False), (0.0, False), (0.5, True)]
    assert "the response of O1 is 0: weights before it are 0 and stay 0" in reading.read(genome, settings, None).notes
    program = program_of((genome, settings))
    assert (program.outputs(X, program.blueprint.weights) == activated(genome, settings, X)).all()


def swish(z):
    return z / (1.0 + math.exp(-z))


def test_functions_of_ones_own_are_compared_with_the_registered_ones(tmp_path):
    settings = config(tmp_path)
    add = settings.genome_config.add_activation
    add("swish", swish), add("tanh", lambda z: math.tanh(z) ** 2), add("steep", neat.activations.sigmoid_activation)
    X = samples(settings, 5)
    for name in ("swish", "steep"):
        genome = built({0: (0.5, 1.0, name)}, {(-1, 0): 0.3})
        assert ns.from_neat(genome, settings).predict(X) == pytest.approx(activated(genome, settings, X), abs=1e-15)
    add("gauss", lambda z: math.exp(-z)), add("mine", lambda z: z), add("relu", lambda z: z.nothing)
    # The same but for small numbers, or for large ones.
    add("sin", lambda z: z if abs(z) < 1e-3 else neat.activations.sin_activation(z))
    add("square", lambda z: z * z if abs(z) < 50.0 else 2500.0)
    for name in ("gauss", "mine", "relu", "tanh", "sin", "square"):
        with pytest.raises(ns.ExchangeError, match=f"node 0 has the function '{name}', which is none of neat-python's"):
            ns.from_neat(built({0: (0.5, 1.0, name)}, {(-1, 0): 0.3}), settings)


# ---- what is refused -------------------------------------------------------------------------------------------

PLAIN = {0: (0.5, 1.0, "tanh"), 5: (0.2, 1.0, "sin"), 6: (0.2, 1.0, "sin")}
LINKS = {(-1, 5): 0.3, (5, 6): 0.1, (6, 0): 0.4}


def without(genome, name):
    delattr(genome, name)
    return genome


@pytest.mark.parametrize(
    ("genome", "said"),
    [
        (lambda: built(PLAIN, LINKS | {(6, 5): 1.0}), "it is recurrent: 5 → 6 → 5"),
        (lambda: built(PLAIN, LINKS | {(6, 6): 1.0}), "it is recurrent: 6 → 6"),
        (lambda: built(PLAIN, LINKS | {(0, 5): 1.0}), "it is recurrent: 0 → 5 → 6 → 0"),
        (lambda: built(PLAIN, LINKS | {(7, 0): 1.0}), "the node 7 is neither an input nor has it a gene"),
        (lambda: built(PLAIN, LINKS | {(-3, 0): 1.0}), "the node -3 is neither an input nor has it a gene"),
        (lambda: built({5: PLAIN[5]}, {(-1, 5): 0.3}), "the node 0 is neither an input nor has it a gene"),
        (lambda: built(PLAIN, LINKS | {(5, -1): 1.0}), r"the connection \(5, -1\) leads into an input"),
        (lambda: built(PLAIN | {-1: PLAIN[5]}, LINKS), "the input -1 is a node that calculates, too"),
        (lambda: built(PLAIN, LINKS | {(6, 0): math.nan}), r"the weight of \(6, 0\) must be a finite real number"),
        (lambda: built(PLAIN | {0: (math.inf, 1.0, "sin")}, LINKS), "the bias of node 0 must be a finite real number"),
        (lambda: built(PLAIN | {0: (0.0, "1", "sin")}, LINKS), "the response of node 0 must be a finite real number"),
        (lambda: built(PLAIN | {0: (0.0, 1e200, "sin")}, LINKS | {(6, 0): 1e200}), "times the response .* not finite"),
        (lambda: built(PLAIN | {0: (0.0, 1.0, "sinn")}, LINKS), "its config has no activation named 'sinn'"),
        (lambda: built(PLAIN | {0: (0.0, 1.0, None)}, LINKS), "its config has no activation named None"),
        (lambda: built(PLAIN | {0: (0.0, 1.0, "sin", "variance")}, LINKS), "no aggregation named 'variance'"),
        (lambda: without(built(PLAIN, LINKS), "nodes"), "cannot be read as a genome of neat-python"),
        (lambda: without(built(PLAIN, LINKS).nodes[0], "bias"), "cannot be read as a genome of neat-python"),
        (lambda: None, "cannot be read as a genome of neat-python"),
        (lambda: neat.DefaultGenome(1), "the node 0 is neither an input nor has it a gene"),
    ],
)
def test_what_is_no_feed_forward_genome_is_refused_by_name(tmp_path, genome, said):
    with pytest.raises(ns.ExchangeError, match=said):
        ns.from_neat(genome(), config(tmp_path))


def test_a_genome_needs_its_config():
    for missing in (None, 3, SimpleNamespace(genome_config=SimpleNamespace(input_keys=[-1]))):
        with pytest.raises(ns.ExchangeError, match="config"):
            ns.from_neat(PUBLISHED, missing)


def test_a_config_for_recurrent_networks_is_told(tmp_path):
    settings = config(tmp_path, feed_forward=False)
    notes = reading.read(built(PLAIN, LINKS), settings, None).notes
    assert len(notes) == 1
    assert notes[0].startswith("its config says feed_forward = False")


def test_long_chains_are_read(tmp_path):
    count = 3000
    nodes = dict.fromkeys(range(count), (0.0, 1.0, "identity"))
    links = {(-1, 1): 1.0} | {(key, key + 1): 1.0 for key in range(1, count - 1)} | {(count - 1, 0): 1.0}
    net = ns.from_neat(built(nodes, links), config(tmp_path))
    assert net.predict([[3.0, 1.0]]).tolist() == [[3.0]]


# ---- files -----------------------------------------------------------------------------------------------------


def exported(genome, settings, file):
    """Write a genome as neat-python does."""
    network = neat.nn.FeedForwardNetwork.create(genome, settings)
    with warnings.catch_warnings():
        # Later versions of Python do not like how it asks for the time.
        warnings.simplefilter("ignore", DeprecationWarning)
        export_network_json(network, str(file))
    return json.loads(file.read_text())


def test_files_hold_what_genomes_do(tmp_path):
    file = tmp_path / "net.json"
    for seed in range(30):
        genome, settings = mutated(tmp_path, seed)
        exported(genome, settings, file)
        X = samples(settings, 5, seed)
        net, twin = ns.from_neat(genome, settings), ns.from_neat(file)
        assert {node.name: node.activation for node in twin.nodes} == {node.name: node.activation for node in net.nodes}
        assert weights_of(twin) == weights_of(net)
        program = program_of(file)
        off = np.abs(program.outputs(X, program.blueprint.weights) - activated(genome, settings, X))
        assert (off <= 1e-12 * scales(net, X)).all()


def weights_of(net):
    return {(c.source.name, c.target.name): c.weight for c in net.connections}


def test_files_are_read_without_neat_python(tmp_path, monkeypatch):
    file, _ = whole(tmp_path)
    for name in ("neat", "neat.nn"):
        monkeypatch.setitem(sys.modules, name, None)
    assert len(ns.from_neat(file).nodes) == 6
    with pytest.raises(ns.MissingExtraError, match=r"needs the extra 'neat': pip install 'nodesim\[neat\]'"):
        program_of(file)


def whole(tmp_path):
    """Return the file of a small network, and what it holds."""
    file = tmp_path / "net.json"
    return file, exported(built(PLAIN, LINKS), config(tmp_path), file)


def test_other_networks_of_neat_python_are_refused_by_name(tmp_path):
    file, content = whole(tmp_path)
    for kind in ("recurrent", "ctrnn", "iznn"):
        file.write_text(json.dumps(content | {"network_type": kind}))
        with pytest.raises(ns.ExchangeError, match=rf"it holds .* network.* \({kind}\); only feed-forward"):
            ns.from_neat(file)


def test_functions_of_ones_own_in_a_file_are_taken_by_name_and_told(tmp_path):
    file, content = whole(tmp_path)
    content["nodes"][0]["activation"] = {"name": "swish", "custom": True}
    file.write_text(json.dumps(content))
    assert reading.read(file, None, None).notes == ("its own function 'swish' is taken to be silu",)
    with pytest.raises(ns.ExchangeError, match="the file does not hold the function 'swish'"):
        program_of(file)
    content["nodes"][0]["activation"]["name"] = "mine"
    file.write_text(json.dumps(content))
    with pytest.raises(ns.ExchangeError, match="has the function 'mine', .* of that name is not there"):
        ns.from_neat(file)


def test_keys_that_make_no_names_get_the_next_free_ones(tmp_path):
    file, content = whole(tmp_path)
    new = {-1: 3, -2: -1, 0: -5, 5: -7, 6: 1}
    for node in content["nodes"]:
        node["id"] = new[node["id"]]
    for link in content["connections"]:
        link["from"], link["to"] = new[link["from"]], new[link["to"]]
    content["topology"] |= {"input_keys": [3, -1], "output_keys": [-5]}
    file.write_text(json.dumps(content))
    net = ns.from_neat(file)
    assert [node.name for node in net.nodes] == ["I2", "I1", "B1", "H2", "H1", "O1"]
    X = samples(config(tmp_path), 5)
    program = program_of(file)
    assert net.predict(X) == pytest.approx(program.outputs(X, program.blueprint.weights), abs=1e-15)


def changed(content, path, value):
    content = copy.deepcopy(content)
    *holders, last = path
    holder = content
    for key in holders:
        holder = holder[key]
    holder[last] = value
    return json.dumps(content)


WRONG = [
    (("topology", "num_inputs"), 10**9, "num_inputs is the length of input_keys, 2, got 1000000000"),
    (("topology", "input_keys"), [-1, -1], "input_keys names each node once"),
    (("topology", "input_keys"), [], "num_inputs is the length"),
    (("topology", "output_keys"), ["0"], "a node's key is a whole number of .* not '0'"),
    (("topology", "output_keys"), [0.0], "a node's key is a whole number"),
    (("nodes", 0, "id"), 10**40, "a node's key is a whole number"),
    (("nodes", 0, "id"), 0, "the type of node 0 is that of the topology, got 'hidden'"),
    (("nodes", 0, "id"), 6, "each node stands there once, got 6"),
    (("nodes", 0, "type"), "output", "the type of node"),
    (("nodes", 0, "bias"), None, "the bias of node . must be a finite real number, got None"),
    (("nodes", 0, "bias"), 10**400, "the bias of node . must be a finite real number"),
    (("nodes", 0, "response"), [1.0], "the response of node . must be"),
    (("nodes", 0, "activation"), "tanh", '"activation" is a dict'),
    (("nodes", 0, "aggregation", "name"), "product", None),
    (("nodes", 0, "aggregation", "name"), 1, '"name" is a str'),
    (("nodes",), {}, '"nodes" is a list'),
    (("connections", 0), None, "connections is a list of objects"),
    (("connections", 0, "from"), 77, "the node 77 is neither an input nor has it a gene"),
    (("connections", 0, "enabled"), "yes", '"enabled" is a bool'),
    (("connections", 0, "weight"), "0.5", r"the weight of \(.*\) must be a finite real number, got '0.5'"),
    (("connections", 0, "weight"), math.nan, "NaN is no finite number"),
    (("format_version",), "2.0", 'format_version is "1.0"'),
    (("network_type",), "feedforwards", 'network_type is "feedforward"'),
    (("network_type",), [], 'network_type is "feedforward"'),
]


@pytest.mark.parametrize(("path", "value", "said"), WRONG)
def test_a_wrong_field_is_named(tmp_path, path, value, said):
    file, content = whole(tmp_path)
    file.write_text(changed(content, path, value))
    if said is None:
        ns.from_neat(file)
        return
    with pytest.raises((ns.FileError, ns.ExchangeError), match=said) as caught:
        ns.from_neat(file)
    assert "net.json" in str(caught.value)


def test_damaged_files_give_one_error(tmp_path):
    file, content = whole(tmp_path)
    content["connections"].append(content["connections"][0])
    file.write_text(json.dumps(content))
    with pytest.raises(ns.FileError, match="each connection stands there once"):
        ns.from_neat(file)
    content["connections"].pop()
    text = json.dumps(content)
    cases = ["", "[]", "null", "[" * 100_000, '{"network_type":' * 50_000, text[:-1], text.replace("0.3", "9" * 5000)]
    for case in (*cases, text.replace('"nodes"', '"nodes": [], "nodes"')):
        file.write_text(case)
        with pytest.raises(ns.FileError, match=r"net\.json"):
            ns.from_neat(file)
    file.write_bytes(b"\x80\x04\x95pickle")
    with pytest.raises(ns.FileError, match="no text in UTF-8"):
        ns.from_neat(file)
    with pytest.raises(ns.FileError, match="cannot be read"):
        ns.from_neat(tmp_path / "none.json")
    rng, read, longest = random.Random(5), 0, 0
    for _ in range(300):
        damaged = damaged_json(text.encode(), rng) if rng.random() < 0.8 else damaged_bytes(text.encode(), rng, [b"{}"])
        file.write_bytes(damaged)
        try:
            ns.from_neat(file)
            read += 1
        except (ns.FileError, ns.ExchangeError) as error:
            longest = max(longest, len(str(error)))
    assert 20 < read < 250
    assert longest < 500

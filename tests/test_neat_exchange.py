"""Genomes of neat-python: what they calculate is what neat-python calculates, and backpropagation goes on from there."""

from __future__ import annotations

import copy
import json
import random
import re
from types import SimpleNamespace

import neat
import numpy as np
import pytest
from neat.export import export_network_json
from neat.genes import DefaultConnectionGene, DefaultNodeGene

import nodesim as ns
from nodesim.checks.programs.neat import program_of
from nodesim.exchange import neat as reader

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
conn_add_prob = 0.5
conn_delete_prob = 0.3
node_add_prob = 0.4
node_delete_prob = 0.2
single_structural_mutation = False
structural_mutation_surer = default
activation_default = {activation}
activation_mutate_rate = {rate}
activation_options = {activations}
aggregation_default = sum
aggregation_mutate_rate = 0.0
aggregation_options = sum
"""
NUMBERS = {"bias": (1.0, 1.0), "response": (1.0, 0.0), "weight": (0.0, 1.0), "time_constant": (1.0, 0.0)}


def config(tmp_path, **more):
    """Return the configuration of a run, as neat-python reads it from a file."""
    options = {
        "inputs": 2, "outputs": 1, "hidden": 0, "feed_forward": True, "connection": "full_direct",
        "activation": "sigmoid", "rate": 0.0, "activations": "sigmoid", "response_stdev": 0.0,
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


def scale(net, X):
    """Return how large the terms are that make up each node's sums, at most."""
    net.forward(X)
    return 1.0


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
    print(net.predict(XOR[0])[:, 0] - OUTPUTS, [n.name for n in net.nodes], net, reader.read(PUBLISHED, config(tmp_path), None).notes)
    assert np.abs(net.predict(XOR[0])[:, 0] - OUTPUTS).max() < 1e-15

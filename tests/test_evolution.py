"""Evolution by neat-python: its networks are the genomes, nobody's random numbers change, and backpropagation goes on."""

from __future__ import annotations

import math
import random
import subprocess
import sys

import neat
import numpy as np
import pytest

import nodesim as ns
from nodesim.evolution.judge import Judge

XOR = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]


def activated(generation, config, X):
    network = neat.nn.FeedForwardNetwork.create(generation.genome, config)
    return np.array([network.activate(sample) for sample in np.asarray(X, dtype=float).tolist()])


def small(**more):
    """Evolve for a moment."""
    return ns.evolve(*XOR, **({"generations": 3, "population": 12, "seed": 1} | more))


def test_xor_is_evolved_and_then_trained(capfd):
    # Versions of Python round sums otherwise, which leads evolution elsewhere.
    for seed in range(5):
        evolution = ns.evolve(*XOR, generations=100, stop_at_error=0.01, seed=seed, epochs=100)
        last = evolution.generations[-1]
        if last.e <= 0.01:
            break
    assert last.e <= 0.01
    assert evolution.stop_reason == "the error is at most 0.01"
    assert evolution.history.errors[0] == pytest.approx(last.e, rel=1e-12)
    assert evolution.best.error(*XOR) < 1e-6
    assert evolution.best is not last.best
    assert last.best.error(*XOR) == last.e
    # Its weights have gradients like any other network's.
    assert ns.check_gradients(last.best, *XOR).ok
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("seed", range(6))
def test_every_best_is_the_genome(seed):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(20, 3)), rng.normal(size=(20, 2))
    evolution = ns.evolve(
        X, y, generations=8, population=20, seed=seed, output=[None, "linear"][seed % 2],
        activations=["neat_sigmoid", "sigmoid", "tanh", "relu", "neat_gauss", "leaky_relu(slope=0.2)"],
        aggregations=["sum", "product", "max", "min", "mean", "norm", "neat_maxabs", "neat_median"],
        config={"node_add_prob": 0.8, "conn_add_prob": 0.8, "aggregation_mutate_rate": 0.4, "response_init_stdev": 0.3},
    )  # fmt: skip
    assert [each.number for each in evolution.generations] == list(range(1, 9))
    for each in evolution.generations:
        outputs = activated(each, evolution.config, X)
        assert np.abs(each.best.predict(X) - outputs).max() <= 1e-12 * max(1.0, np.abs(outputs).max())
        assert each.e == pytest.approx(((outputs - y) ** 2).mean(), rel=1e-12)
        assert each.fitness == pytest.approx(-each.e, rel=1e-12)
        if seed % 2:
            assert {node.activation.name for node in each.best.outputs} == {"linear"}
    assert evolution.best.error(X, y) == pytest.approx(min(evolution.errors), rel=1e-12)


def test_the_same_seed_gives_the_same_generations():
    first, again, other = small(), small(), small(seed=2)
    assert first.errors == again.errors
    assert all((a.best.weights == b.best.weights).all() for a, b in zip(first.generations, again.generations))
    assert first.errors != other.errors
    drawn = [small(seed=np.random.default_rng(5)).errors for _ in range(2)]
    assert drawn[0] == drawn[1]
    assert small(seed=None).errors != small(seed=None).errors


def test_random_numbers_go_on_as_if_nothing_had_been():
    before = random.Random(3).getstate()
    own = random.Random(3)

    def fitness(network):
        # What a user draws is his own, too.
        assert random.random() == own.random()
        return -network.error(*XOR)

    def fails(network):
        raise ValueError("no")

    for more in ({}, {"epochs": 2}, {"seed": None}, {"fitness": fails}, {"config": {"min_species_size": 50}}):
        random.setstate(before)
        try:
            small(**more)
        except ns.NodesimError:
            assert more.keys() & {"fitness", "config"}
        assert random.getstate() == before
    small(fitness=fitness)
    assert random.getstate() == own.getstate()


def test_a_fitness_of_ones_own_is_what_counts():
    # The fewer weights the better: without samples, as long as it is so.
    evolution = ns.evolve(
        fitness=lambda network: -len(network.connections), generations=5, population=20, seed=0,
        config={"num_inputs": 4, "num_outputs": 2, "conn_delete_prob": 0.9},
    )  # fmt: skip
    assert len(evolution.best.connections) < 4 * 2 + 2
    assert math.isnan(evolution.generations[0].e)
    stopped = small(fitness=lambda network: 2.0, config={"fitness_threshold": 1.5})
    assert (len(stopped.generations), stopped.stop_reason) == (1, "the fitness is at least 1.5")
    assert stopped.generations[0].e == pytest.approx(stopped.best.error(*XOR))


def test_classes_have_the_activation_that_their_loss_needs():
    iris = ns.datasets.load("iris")
    evolution = ns.evolve(
        iris, generations=4, population=20, seed=0, loss="softmax_cross_entropy", epochs=60, activations="tanh"
    )
    assert {node.activation.name for node in evolution.best.outputs} == {"linear"}
    assert evolution.best.classes == iris.classes
    assert evolution.best.score(iris) > 0.8
    labels = ["no", "yes", "yes", "no"]
    evolution = ns.evolve(XOR[0], labels, generations=2, population=20, seed=0, loss="binary_cross_entropy")
    assert evolution.best.classes == ("no", "yes")
    assert [node.activation.name for node in evolution.best.outputs] == ["sigmoid"]


def test_genomes_without_a_finite_error_are_the_worst(monkeypatch):
    real, count = Judge.error, iter(range(10**9))
    monkeypatch.setattr(
        Judge, "error", lambda self, *genome: real(self, *genome) if next(count) % 3 else float("nan"))  # fmt: skip
    evolution = small()
    assert all(math.isfinite(each.mean_fitness) for each in evolution.generations)
    assert all(each.e == pytest.approx(-each.fitness) for each in evolution.generations)


def test_ctrl_c_leaves_whole_generations():
    calls = iter(range(10**9))

    def fitness(network):
        if next(calls) == 30:
            raise KeyboardInterrupt
        return -network.error(*XOR)

    before = random.getstate()
    evolution = small(fitness=fitness, generations=9)
    assert (len(evolution.generations), evolution.stop_reason) == (2, "interrupted after 2 whole generations")
    assert random.getstate() == before
    calls = iter([30])
    nothing = small(fitness=fitness)
    assert "interrupted after 0 whole generations" in repr(nothing) + str(nothing) + nothing._repr_html_()
    with pytest.raises(ns.StateError, match="no generation was completed"):
        nothing.best  # noqa: B018


def test_a_config_is_taken_from_file_or_object_and_left_alone(tmp_path):
    made = small(activations=["tanh", "sigmoid"]).config
    file = tmp_path / "config"
    made.genome_config.activation_options = ["tanh"]
    made.genome_config.activation_default = "tanh"
    made.save(str(file))
    of_file = small(config=str(file), population=None)
    assert len(of_file.config.__dict__) == len(made.__dict__)
    assert {node.activation.name for node in of_file.best.outputs} == {"neat_tanh"}
    parts = neat.DefaultGenome, neat.DefaultReproduction, neat.DefaultSpeciesSet, neat.DefaultStagnation
    given = neat.Config(*parts, str(file))
    before = {name: repr(value) for name, value in vars(given.genome_config).items()}
    of_object = small(config=given, population=None)
    assert of_object.errors == of_file.errors
    assert {name: repr(value) for name, value in vars(given.genome_config).items()} == before
    # What was evolved with it is read with it, and by neat-python.
    assert ns.from_neat(of_object.generations[-1].genome, given).weights.tolist() == of_object.best.weights.tolist()


def test_it_is_shown_in_all_forms():
    evolution = small(epochs=3)
    assert list(evolution.to_pandas().columns) == [
        "generation", "e", "fitness", "mean fitness", "species", "nodes", "connections"
    ]  # fmt: skip
    assert evolution.to_pandas()["e"].tolist() == evolution.errors
    assert "all 3 generations done; then 3 epochs" in str(evolution)
    assert repr(evolution).startswith("<Evolution of 3 generations, e ")
    assert "<table" in evolution._repr_html_()
    assert evolution.chart(20, 3).splitlines()[-1].strip() == "error of generation 1 to 3, logarithmic"
    assert ">generation<" in evolution.draw().svg
    assert "species, <Network 2-" in repr(evolution.generations[0])


@pytest.mark.parametrize(
    ("more", "error", "said"),
    [
        ({"generations": 0}, ns.ArgumentError, "generations must be a whole number of at least 1"),
        ({"population": 1}, ns.ArgumentError, "population must be a whole number of at least 2"),
        ({"epochs": -1}, ns.ArgumentError, "epochs must be"),
        ({"stop_at_error": -1.0}, ns.ArgumentError, "stop_at_error must be 0 or more"),
        ({"seed": "x"}, ns.ArgumentError, "seed must be"),
        ({"loss": "msee"}, ns.UnknownNameError, "Did you mean 'mse'"),
        ({"activations": ["tahn"]}, ns.UnknownNameError, "Did you mean 'tanh'"),
        ({"activations": []}, ns.ArgumentError, "activations is empty"),
        ({"activations": 3}, ns.ArgumentTypeError, "activations must be names of functions"),
        ({"aggregations": "summ"}, ns.UnknownNameError, "Did you mean 'sum'"),
        ({"activations": ns.Activation("mine", formula="z")}, ns.ArgumentError, "mine is not registered"),
        ({"fitness": 3}, ns.ArgumentTypeError, "fitness must be a function of a network"),
        ({"fitness": lambda network: "good"}, ns.FunctionError, "the genome 1: what fitness returns must be a finite"),
        ({"fitness": lambda network: 1 / 0}, ns.FunctionError, "the genome 1: fitness raised ZeroDivisionError"),
        ({"config": {"node_ad_prob": 1}}, ns.UnknownNameError, "Did you mean 'node_add_prob'"),
        ({"config": {"node_add_prob": "much"}}, ns.ArgumentError, "does not take these settings: .*node_add_prob"),
        ({"config": {"node_add_prob": None}}, ns.ArgumentError, "node_add_prob must be a number"),
        ({"config": {"bias_init_type": "a\nb = 1"}}, ns.ArgumentError, "bias_init_type must be"),
        ({"config": {"bias_init_type": "%(x)s"}}, ns.ArgumentError, "fails in generation 1 .*init_type"),
        ({"config": {"initial_connection": "fuller"}}, ns.ArgumentError, "does not take these settings"),
        ({"config": {"feed_forward": False}}, ns.ArgumentError, "only feed-forward networks can be evolved"),
        ({"config": {"num_inputs": 3}}, ns.DataError, "x must have shape"),
        ({"config": {"num_outputs": 0}}, ns.ArgumentError, "num_outputs must be a whole number"),
        ({"config": {"min_species_size": 50}}, ns.ArgumentError, "neat-python fails in generation 2 .*population size"),
        ({"config": {"activation_options": "sinn", "activation_default": "sinn"}}, ns.ExchangeError, "named 'sinn'"),
        ({"config": 3}, ns.ArgumentTypeError, "config must be a neat.Config"),
        ({"config": "nowhere.cfg"}, ns.FileError, "nowhere.cfg cannot be read as a config of neat-python"),
    ],
)
def test_what_cannot_be_is_refused_by_name(more, error, said):
    before = random.getstate()
    with pytest.raises(error, match=said) as caught:
        small(**more)
    assert len(str(caught.value)) < 500
    assert random.getstate() == before


def test_samples_are_looked_at_first():
    with pytest.raises(ns.ArgumentError, match="needs samples, X and y, or a fitness"):
        ns.evolve()
    with pytest.raises(ns.ArgumentError, match="without samples the config says"):
        ns.evolve(fitness=len)
    with pytest.raises(ns.ArgumentError, match="epochs and stop_at_error need samples"):
        ns.evolve(fitness=len, epochs=3, config={"num_inputs": 1, "num_outputs": 1})
    for X, y in (([1, 2], [1, 2]), ([[1], [2]], [1]), ([[math.nan]], [1]), (XOR[0], None), ([["a"]], [1]), ([], [])):
        with pytest.raises(ns.DataError):
            ns.evolve(X, y)


def test_damaged_files_of_a_config_give_one_error(tmp_path):
    file = tmp_path / "config"
    small().config.save(str(file))
    text = file.read_text()
    rng, refused = random.Random(0), 0
    lines = text.splitlines()
    for _ in range(60):
        damaged = list(lines)
        place = rng.randrange(len(lines))
        damaged[place : place + rng.randint(0, 2)] = rng.choice([[], ["x"], ["[NEAT]"], [damaged[place][:9]], ["\x00"]])
        file.write_text("\n".join(damaged))
        try:
            small(config=file, generations=1, population=6)
        except ns.NodesimError:
            refused += 1
    assert refused > 30
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(ns.FileError, match="cannot be read as a config"):
        small(config=file)


def test_without_neat_python_the_extra_is_named():
    code = (
        "import sys; sys.modules['neat'] = None\nimport nodesim as ns\n"
        "try: ns.evolve([[0.0]], [0.0])\nexcept ns.MissingExtraError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "needs the extra 'neat' (neat-python): pip install 'nodesim[neat]'" in done.stdout

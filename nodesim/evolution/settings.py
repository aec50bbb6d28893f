"""Configurations of neat-python: one of our own where none is given, and never somebody's own object."""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nodesim.errors import ArgumentError, ArgumentTypeError, FileError, UnknownNameError, suggestion
from nodesim.exchange.formats import is_path
from nodesim.formats.atomic import path_of
from nodesim.functions.interruptions import is_interruption
from nodesim.validation import brief, shortened

_NUMBERS = {"bias": (0.0, 1.0, 0.7), "response": (1.0, 0.0, 0.0), "weight": (0.0, 1.0, 0.8)}
_PLAIN: dict[str, dict[str, Any]] = {
    "NEAT": {
        "fitness_criterion": "max", "fitness_threshold": 0.0, "pop_size": 150, "reset_on_extinction": True,
        "no_fitness_termination": True,
    },
    "DefaultSpeciesSet": {"compatibility_threshold": 3.0},
    "DefaultStagnation": {"species_fitness_func": "max", "max_stagnation": 20, "species_elitism": 2},
    "DefaultReproduction": {"elitism": 2, "survival_threshold": 0.2, "min_species_size": 2},
    "DefaultGenome": {
        "num_inputs": 1, "num_outputs": 1, "num_hidden": 0, "feed_forward": True, "initial_connection": "full_direct",
        "compatibility_disjoint_coefficient": 1.0, "compatibility_weight_coefficient": 0.5, "conn_add_prob": 0.5,
        "conn_delete_prob": 0.3, "node_add_prob": 0.3, "node_delete_prob": 0.2, "single_structural_mutation": False,
        "structural_mutation_surer": "default", "activation_default": "sigmoid", "activation_options": "sigmoid",
        "activation_mutate_rate": 0.1, "aggregation_default": "sum", "aggregation_options": "sum",
        "aggregation_mutate_rate": 0.1, "enabled_default": True, "enabled_mutate_rate": 0.01,
        "enabled_rate_to_true_add": 0.0, "enabled_rate_to_false_add": 0.0,
    }
    | {
        f"{name}_{key}": value
        for name, (mean, stdev, rate) in {**_NUMBERS, "time_constant": (1.0, 0.0, 0.0)}.items()
        for key, value in {
            "init_mean": mean, "init_stdev": stdev, "init_type": "gaussian", "max_value": 30.0, "min_value": -30.0,
            "mutate_power": 0.5, "mutate_rate": rate, "replace_rate": rate / 8,
        }.items()
    },
}  # fmt: skip
_OPTIONAL = {"seed": "NEAT"}
# What neat-python says aloud where hidden nodes are asked for is what it does all the same.
_SILENT = {"full": "full_nodirect", "fs_neat": "fs_neat_nohidden", "partial": "partial_nodirect"}


def config_of(given: Any, counts: tuple[int, int] | None) -> Any:
    """Return a `neat.Config`: of a file, of an object, or of our own numbers with some changed.

    Parameters
    ----------
    given : neat.Config, path, mapping or None
    counts : (n_inputs, n_outputs), optional
        What a config of our own is for.

    Raises
    ------
    ArgumentError, ArgumentTypeError, UnknownNameError, FileError
        If it is none, or damaged.
    """
    if given is None or isinstance(given, Mapping):
        return _own(given or {}, counts)
    if is_path(given):
        return _of_file(path_of(given))
    if any(getattr(given, name, None) is None for name in ("genome_config", "genome_type", "reproduction_config")):
        raise ArgumentTypeError(
            f"config must be a neat.Config, the path of its file, or a mapping of settings, got {shortened(given)}."
        )
    return _checked(given)


def _own(changes: Mapping[str, Any], counts: tuple[int, int] | None) -> Any:
    sections = {section: dict(settings) for section, settings in _PLAIN.items()}
    if counts is not None:
        sections["DefaultGenome"] |= dict(zip(("num_inputs", "num_outputs"), counts))
    where = {name: section for section, settings in sections.items() for name in settings} | _OPTIONAL
    for name, value in changes.items():
        if name not in where:
            raise UnknownNameError(f"neat-python has no setting {shortened(name)}. {suggestion(name, where)}")
        sections[where[name]][name] = value
    lines: list[str] = []
    for section, settings in sections.items():
        lines += [f"[{section}]", *(f"{name} = {_written(name, value)}" for name, value in settings.items())]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "config"
        file.write_text("\n".join(lines), encoding="utf-8")
        try:
            return _checked(_read(file))
        except ArgumentError:
            raise
        except Exception as error:
            if is_interruption(error):
                raise
            raise ArgumentError(f"neat-python does not take these settings: {_said(error, file)}") from error


def _written(name: str, value: Any) -> str:
    several = isinstance(value, list | tuple)
    text = " ".join(map(str, value)) if several else str(value)
    if "\n" in text or not (several or isinstance(value, str | bool | int | float)):
        raise ArgumentError(f"the setting {name} must be a number, a name, or a list of names, got {shortened(value)}.")
    return text.replace("%", "%%")


def _of_file(path: Path) -> Any:
    try:
        return _checked(_read(path))
    except ArgumentError as error:
        raise ArgumentError(f"{path}: {error}") from error
    except Exception as error:
        if is_interruption(error):
            raise
        raise FileError(f"{path} cannot be read as a config of neat-python: {_said(error, path)}") from error


def _read(path: Path) -> Any:
    import neat

    # neat-python opens it without saying how it is written.
    path.read_text(encoding="utf-8")
    parts = neat.DefaultGenome, neat.DefaultReproduction, neat.DefaultSpeciesSet, neat.DefaultStagnation
    return neat.Config(*parts, str(path))


def _said(error: Exception, path: Path) -> str:
    return brief(f"{type(error).__name__}: {error}".replace(str(path), path.name), 200)


def _checked(config: Any) -> Any:
    """Return a copy to be changed: evolution keeps counters in what it is given."""
    found, own = copy.copy(config), object.__new__(type(config.genome_config))
    # Copied by hand: to copy it as others are would use up a number of its counter.
    vars(own).update(vars(config.genome_config))
    for name in ("activation_defs", "aggregation_function_defs"):
        functions = copy.copy(getattr(own, name))
        functions.functions = dict(functions.functions)
        setattr(own, name, functions)
    own.aggregation_defs = own.aggregation_function_defs
    own.node_indexer = own.innovation_tracker = None
    own.initial_connection = _SILENT.get(own.initial_connection, own.initial_connection)
    found.genome_config = own
    if not own.feed_forward:
        raise ArgumentError("its config says feed_forward = False; only feed-forward networks can be evolved here.")
    if own.num_inputs < 1 or own.num_outputs < 1:
        raise ArgumentError(f"a network has inputs and outputs, got {own.num_inputs} and {own.num_outputs}.")
    return found

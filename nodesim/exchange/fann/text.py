"""The text of a .net file: what stands in it, checked for being whole, and nothing built of it yet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.errors import ExchangeError, FileError
from nodesim.validation import brief

NEURONS = "neurons (num_inputs, activation_function, activation_steepness)"
CONNECTIONS = "connections (connected_to_neuron, weight)"
SCALES = tuple(
    f"scale_{what}_{side}" for side in ("in", "out") for what in ("mean", "deviation", "new_min", "factor")
)  # fmt: skip
# What says how the network was trained, which is not read; with the values of a network that is yet to be.
SETTINGS = {
    "learning_momentum": "0", "training_algorithm": "2", "train_error_function": "1", "train_stop_function": "0",
    "cascade_output_change_fraction": "0.01", "quickprop_decay": "-0.0001", "quickprop_mu": "1.75",
    "rprop_increase_factor": "1.2", "rprop_decrease_factor": "0.5", "rprop_delta_min": "0", "rprop_delta_max": "50",
    "rprop_delta_zero": "0.1", "cascade_output_stagnation_epochs": "12", "cascade_candidate_change_fraction": "0.01",
    "cascade_candidate_stagnation_epochs": "12", "cascade_max_out_epochs": "150", "cascade_min_out_epochs": "50",
    "cascade_max_cand_epochs": "150", "cascade_min_cand_epochs": "50", "cascade_num_candidate_groups": "2",
    "bit_fail_limit": "0.35", "cascade_candidate_limit": "1000", "cascade_weight_multiplier": "0.4",
    "cascade_activation_functions_count": "1", "cascade_activation_functions": "5 ",
    "cascade_activation_steepnesses_count": "1", "cascade_activation_steepnesses": "0.5 ",
}  # fmt: skip
# FANN reads them in this order and no other.
_ORDER = (
    "num_layers", "learning_rate", "connection_rate", "network_type", *SETTINGS,
    "layer_sizes", "scale_included", *SCALES, NEURONS, CONNECTIONS,
)  # fmt: skip

# No sign that Python's float takes and C's scanf does not; lengths are bounded, as what int takes is.
_WHOLE = r"\d{1,10}"
_NUMBER = r"[-+]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][-+]?\d{1,5})?"
_ONE_NEURON = re.compile(rf"\( ?({_WHOLE}), ({_WHOLE}), ({_NUMBER})\)\s*", re.ASCII)
_ONE_CONNECTION = re.compile(rf"\( ?({_WHOLE}), ({_NUMBER})\)\s*", re.ASCII)
_AS_WHOLE, _AS_NUMBER = re.compile(_WHOLE, re.ASCII), re.compile(_NUMBER, re.ASCII)
_NOT_FINITE = re.compile(r"\b(nan|inf|infinity)\b", re.IGNORECASE)
_DECIMAL_COMMA = re.compile(r"\d,\d")


@dataclass(frozen=True, eq=False)
class Written:
    """What a file of FANN says of its network.

    Attributes
    ----------
    shortcut : bool
        Whether only the first layer has a bias neuron; else every layer has one, the last of its neurons.
    rate : float
        The part of the connections that there are. With 1, FANN goes by their places, and not by what they name.
    layers : tuple of int
        How many neurons each has, bias neurons counted.
    counts, functions : ndarray of int, shape (n_neurons,)
        The number of connections that lead to each neuron, and which function it has.
    steepness : ndarray of float, shape (n_neurons,)
    sources : ndarray of int, shape (n_connections,)
        By target.
    weights : ndarray of float, shape (n_connections,)
    scaling : mapping from key to array
        What inputs and outputs are scaled by; empty where the file has none.
    """

    shortcut: bool
    rate: float
    layers: tuple[int, ...]
    counts: Indices
    functions: Indices
    steepness: Array
    sources: Indices
    weights: Array
    scaling: Mapping[str, Array] = field(default_factory=dict)

    @property
    def n_inputs(self) -> int:
        """How many inputs there are."""
        return self.layers[0] - 1

    @property
    def n_outputs(self) -> int:
        """How many outputs there are."""
        return self.layers[-1] - (not self.shortcut)

    @property
    def first_output(self) -> int:
        """The number of the neuron that is the first output."""
        return len(self.counts) - self.layers[-1]


def parsed(name: str, text: str) -> Written:
    """Return what the text of a file says.

    Parameters
    ----------
    name : str
        The file's, for messages.
    text : str

    Raises
    ------
    FileError
        If it is not the whole text of a .net file.
    ExchangeError
        If it is one of a kind that is not read.
    """
    version, _, rest = text.lstrip().partition("\n")
    _check_version(name, version.strip())
    return _Text(name, _fields(name, rest)).written(scales=version.strip() == "FANN_FLO_2.1")


def _check_version(name: str, version: str) -> None:
    if version in ("FANN_FLO_2.0", "FANN_FLO_2.1"):
        return
    if version.startswith("FANN_FIX_"):
        raise ExchangeError(
            f"{name}: its weights are rounded to a fixed point ({brief(version)}). Save the network with fann_save, in "
            "place of fann_save_to_fixed."
        )
    if version.startswith("FANN_FLO_"):
        raise ExchangeError(
            f"{name}: {brief(version)} is another layout; FANN_FLO_2.0 and FANN_FLO_2.1 are read. Load it with FANN 2, "
            "and save it again."
        )
    raise FileError(f"{name}: a network of FANN begins with FANN_FLO_2.0 or FANN_FLO_2.1; got {brief(version)}.")


def _fields(name: str, text: str) -> dict[str, str]:
    """Return what stands behind each key; each at most once, and in FANN's order."""
    found: dict[str, str] = {}
    place = -1
    for number, line in enumerate(text.split("\n"), 2):
        if not line.strip():
            continue
        key, equals, value = line.partition("=")
        if not equals or key not in _ORDER:
            raise FileError(f"{name}, line {number}: no line of a network of FANN: {brief(line)}.")
        if key in found:
            raise FileError(f"{name}, line {number}: {key} stands here for a second time.")
        if _ORDER.index(key) < place:
            raise FileError(f"{name}, line {number}: {key} stands behind {_ORDER[place]}, which must follow it.")
        place = _ORDER.index(key)
        found[key] = value.strip()
    return found


class _Text:
    def __init__(self, name: str, fields: Mapping[str, str]) -> None:
        self.name, self.fields = name, fields

    def written(self, *, scales: bool) -> Written:
        kind, rate = self._whole("network_type"), float(self._numbers("connection_rate", 1)[0])
        if kind > 1:
            raise FileError(f"{self.name}: network_type is 0 (layers) or 1 (shortcuts); got {kind}.")
        neurons = self._list(NEURONS, _ONE_NEURON)
        layers = self._layers(len(neurons), bool(kind))
        counts, functions = (self._wholes(neurons, column) for column in (0, 1))
        connections = self._list(CONNECTIONS, _ONE_CONNECTION)
        if sum(counts) != len(connections):
            raise FileError(
                f"{self.name}: its neurons have {sum(counts):,} connections, and {len(connections):,} are listed."
            )
        return Written(
            shortcut=bool(kind), rate=rate, layers=layers, counts=np.array(counts, dtype=np.intp),
            functions=np.array(functions, dtype=np.intp),
            steepness=self._finite(NEURONS, (neuron[2] for neuron in neurons)),
            sources=np.array(self._wholes(connections, 0), dtype=np.intp),
            weights=self._finite(CONNECTIONS, (connection[1] for connection in connections)),
            scaling=self._scaling(layers[0] - 1, layers[-1] - 1 + kind, scales),
        )  # fmt: skip

    def _layers(self, n_neurons: int, shortcut: bool) -> tuple[int, ...]:
        layers = tuple(self._whole_of("layer_sizes", word) for word in self._get("layer_sizes").split())
        if self._whole("num_layers") != len(layers) or len(layers) < 2:
            raise FileError(
                f"{self.name}: a network has two layers or more, as many as num_layers says; {len(layers)} sizes are "
                "listed."
            )
        if sum(layers) != n_neurons:
            raise FileError(f"{self.name}: its layers have {sum(layers):,} neurons, and {n_neurons:,} are listed.")
        if layers[0] < 2 or min(layers) < 1 or (layers[-1] < 2 and not shortcut):
            raise FileError(
                f"{self.name}: with layers of {brief(list(layers))} neurons, bias neurons counted, there is no input, "
                "no output, or an empty layer."
            )
        return layers

    def _scaling(self, n_inputs: int, n_outputs: int, scales: bool) -> dict[str, Array]:
        # FANN_FLO_2.0 has no such line.
        included = self._whole("scale_included") if scales or "scale_included" in self.fields else 0
        given = [key for key in SCALES if key in self.fields]
        if included > 1 or (given and not included):
            raise FileError(f"{self.name}: scale_included={included}, and {len(given)} lines of scale_ follow.")
        if not included:
            return {}
        sizes = [n_inputs] * 4 + [n_outputs] * 4
        # FANN keeps them in single precision.
        with np.errstate(over="ignore"):
            found = {key: self._numbers(key, size).astype(np.float32).astype(float) for key, size in zip(SCALES, sizes)}
        for key, values in found.items():
            self._check_finite(key, values)
        return found

    # ---- values --------------------------------------------------------------------------------------------

    def _get(self, key: str) -> str:
        value = self.fields.get(key)
        if value is None:
            raise FileError(f"{self.name}: it has no {key}; its end is missing, or it is damaged.")
        return value

    def _whole(self, key: str) -> int:
        return self._whole_of(key, self._get(key))

    def _whole_of(self, key: str, word: str) -> int:
        if not _AS_WHOLE.fullmatch(word):
            raise FileError(f"{self.name}: {key} holds a whole number of at least 0; got {brief(word)}.")
        return int(word)

    def _numbers(self, key: str, count: int) -> Array:
        words = self._get(key).split()
        for word in words:
            if not _AS_NUMBER.fullmatch(word):
                raise FileError(f"{self.name}: {key} holds {_no_number(word)}.")
        if len(words) != count:
            raise FileError(f"{self.name}: {key} holds {len(words)} numbers in place of {count}.")
        return self._finite(key, words)

    def _list(self, key: str, one: re.Pattern[str]) -> list[tuple[str, ...]]:
        value = self._get(key)
        rest = one.sub("", value)
        if rest:
            raise FileError(f"{self.name}: in the line of {key} stands {_no_number(rest)}.")
        return one.findall(value)

    def _wholes(self, rows: list[tuple[str, ...]], column: int) -> list[int]:
        # A number of neurons, of functions: what has more digits fits no index, and is refused by its size later.
        return [int(row[column]) for row in rows]

    def _finite(self, key: str, words: Iterable[str]) -> Array:
        values = np.array([float(word) for word in words])
        self._check_finite(key, values)
        return values

    def _check_finite(self, key: str, values: Array) -> None:
        if not np.isfinite(values).all():
            raise FileError(f"{self.name}: {key} holds a number beyond all floating-point numbers.")


def _no_number(text: str) -> str:
    """Say what stands where a number should be."""
    if _NOT_FINITE.search(text):
        return f"what is not finite, {brief(text)}: FANN has trained it to where no number is left"
    if _DECIMAL_COMMA.search(text):
        return f"a decimal comma, {brief(text)}: it was written in a locale that has them. Replace them by points"
    return f"what is not to be read, {brief(text)}"

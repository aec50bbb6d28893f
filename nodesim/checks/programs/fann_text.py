"""The text of a .net file for FANN's own library: written anew, so that it only gets what was found to be sound."""

from __future__ import annotations

import locale
from collections.abc import Iterable

import numpy as np

from nodesim._arrays import Array
from nodesim.exchange.fann.text import CONNECTIONS, NEURONS, Written

# Settings of a training that never comes: its parser wants some.
_SETTINGS = {
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


def text_of(written: Written, weights: Array) -> str:
    """Return the text of a network with these weights, in the order of its connections."""
    fields = {
        "num_layers": str(len(written.layers)),
        "learning_rate": "0.7",
        "connection_rate": repr(written.rate),
        "network_type": str(int(written.shortcut)),
        **_SETTINGS,
        "layer_sizes": _listed(map(str, written.layers)),
        "scale_included": str(int(bool(written.scaling))),
        **{key: _listed(map(repr, values.tolist())) for key, values in written.scaling.items()},
        NEURONS: _listed(_neurons(written)),
        CONNECTIONS: _listed(
            f"({source}, {weight!r})" for source, weight in zip(written.sources.tolist(), weights.tolist())
        ),
    }
    body = "".join(f"{key}={value}\n" for key, value in fields.items())
    # C reads numbers by the locale of the process, which Python's own do not care for.
    return "FANN_FLO_2.1\n" + body.replace(".", locale.localeconv()["decimal_point"] or ".")


def _neurons(written: Written) -> Iterable[str]:
    # Where nothing comes in, neither function nor steepness counts, and may be anything.
    active = written.counts > 0
    rows = written.counts, np.where(active, written.functions, 0), np.where(active, written.steepness, 0.0)
    return (f"({count}, {function}, {steep!r})" for count, function, steep in zip(*(row.tolist() for row in rows)))


def _listed(words: Iterable[str]) -> str:
    # FANN writes and wants a space behind the last one, too.
    return "".join(f"{word} " for word in words)

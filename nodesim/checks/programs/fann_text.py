"""The text of a .net file for FANN's own library: written anew, so that it only gets what was found to be sound."""

from __future__ import annotations

import locale
from collections.abc import Iterable

import numpy as np

from nodesim._arrays import Array
from nodesim.exchange.fann.text import CONNECTIONS, NEURONS, SETTINGS, Written


def text_of(written: Written, weights: Array) -> str:
    """Return the text of a network with these weights, in the order of its connections."""
    fields = {
        "num_layers": str(len(written.layers)),
        "learning_rate": "0.7",
        "connection_rate": repr(written.rate),
        "network_type": str(int(written.shortcut)),
        **SETTINGS,
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

"""Networks that FANN's own library makes and saves, and the library itself: found, or brought.

``python tests/fann_files.py`` writes those of tests/reference anew, with what FANN makes of them.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import sys
from ctypes import c_char_p, c_double, c_float, c_int, c_uint, c_void_p
from pathlib import Path

import numpy as np

from nodesim.checks.programs.fann_library import library
from nodesim.errors import MissingExtraError

REFERENCE = Path(__file__).parent / "reference"
KINDS = ("standard", "shortcut", "sparse")
# All but the one that FANN does not calculate.
FUNCTIONS = [index for index in range(18) if index != 9]
SMOOTH = [0, 3, 5, 7, 8, 10, 11, 14, 15, 16, 17]
STEEPNESSES = [0.1, 0.25, 0.5, 0.7, 1.0, 2.0]
# Old package lists name files that are gone; where they cannot be renewed, what is known may still do.
_APT = ["sh", "-c", "apt-get update; apt-get install -y --no-install-recommends libfann2"]
_CALLS = {
    "create_standard_array": (c_void_p, c_uint, c_void_p),
    "create_shortcut_array": (c_void_p, c_uint, c_void_p),
    "create_sparse_array": (c_void_p, c_float, c_uint, c_void_p),
    "randomize_weights": (None, c_void_p, c_double, c_double),
    "set_activation_function": (None, c_void_p, c_int, c_int, c_int),
    "set_activation_steepness": (None, c_void_p, c_double, c_int, c_int),
    "read_train_from_file": (c_void_p, c_char_p),
    "destroy_train": (None, c_void_p),
    "set_scaling_params": (c_int, c_void_p, c_void_p, *[c_float] * 4),
    "save": (c_int, c_void_p, c_char_p),
    "destroy": (None, c_void_p),
    "create_from_file": (c_void_p, c_char_p),
    "run": (c_void_p, c_void_p, c_void_p),
    "scale_input": (None, c_void_p, c_void_p),
    "descale_output": (None, c_void_p, c_void_p),
}  # fmt: skip


def brought(say):
    """Find FANN's library, or bring it; return in words why there is none, "" for nothing."""
    if _there():
        return ""
    by_hand = "the tests of FANN need its library; install it (on Debian, as root: apt-get install libfann2)"
    if not (hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get")):
        return f"{by_hand}; without root's rights they cannot bring it."
    say(f"No library of FANN is found; its tests bring one: {_APT[-1]}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    ended = subprocess.run(_APT, capture_output=True, text=True, env=environment, timeout=900)
    return "" if _there() else f"{by_hand}. They tried to: {ended.stderr[-300:]}"


def _there():
    try:
        return library().dtype == "float64"
    except MissingExtraError:
        return False


class Fann:
    """The library, in double precision, for what tests alone need."""

    def __init__(self):
        self.library = ctypes.CDLL(library().name)
        for name, (result, *arguments) in _CALLS.items():
            call = getattr(self.library, f"fann_{name}")
            call.restype, call.argtypes = result, arguments
            setattr(self, name, call)

    def made(self, kind, sizes, rng, functions=FUNCTIONS, reach=2.0):
        """Return a new network with functions, steepnesses and weights by chance."""
        array = (c_uint * len(sizes))(*sizes)
        rate = (c_float(rng.uniform(0.3, 0.95)),) if kind == "sparse" else ()
        net = getattr(self, f"create_{kind}_array")(*rate, len(sizes), array)
        # Which connections a sparse network has is drawn by a generator that FANN seeds anew itself; the file of a test
        # that fails is kept. Weights are drawn by C's own.
        ctypes.CDLL(None).srand(int(rng.integers(2**31)))
        self.randomize_weights(net, -reach, reach)
        for layer, size in enumerate(sizes[1:], 1):
            for neuron in range(size):
                self.set_activation_function(net, int(rng.choice(functions)), layer, neuron)
                self.set_activation_steepness(net, float(rng.choice(STEEPNESSES)), layer, neuron)
        return net

    def saved(self, net, file):
        """Save a network, and free it; return the file."""
        assert self.save(net, os.fsencode(file)) == 0
        self.destroy(net)
        return file

    def random(self, kind, rng, file, **more):
        """Save a network of two to four layers."""
        sizes = rng.integers(1, 6, rng.integers(2, 5)).tolist()
        return self.saved(self.made(kind, sizes, rng, **more), file)

    def scaled(self, rng, file, sizes=(3, 4, 2), functions=FUNCTIONS):
        """Save a network with parameters that scale, taken of training data."""
        net = self.made("standard", list(sizes), rng, functions)
        samples = [(rng.normal(3.0, 2.0, sizes[0]), rng.normal(-50.0, 20.0, sizes[-1])) for _ in range(9)]
        lines = [f"9 {sizes[0]} {sizes[-1]}", *(" ".join(map(repr, row.tolist())) for pair in samples for row in pair)]
        table = file.with_suffix(".data")
        table.write_text("\n".join(lines) + "\n")
        data = self.read_train_from_file(os.fsencode(table))
        assert self.set_scaling_params(net, data, -1.0, 0.7, 0.1, 0.9) == 0
        self.destroy_train(data)
        table.unlink()
        return self.saved(net, file)

    def outputs(self, file, inputs, n_outputs, *, scaled=False):
        """Load a file, and run it: what every user of FANN does."""
        net = self.create_from_file(os.fsencode(file))
        found = []
        for row in np.array(inputs, dtype=float):
            if scaled:
                self.scale_input(net, row.ctypes.data)
            out = np.array((c_double * n_outputs).from_address(self.run(net, row.ctypes.data)))
            if scaled:
                self.descale_output(net, out.ctypes.data)
            found.append(out)
        self.destroy(net)
        return np.array(found)


def write_references():
    """Write files of FANN with its outputs beside them."""
    fann, rng, outputs = Fann(), np.random.default_rng(19), {}
    for kind in KINDS:
        file = REFERENCE / f"fann_{kind}.net"
        fann.saved(fann.made(kind, [3, 9, 8, 2], rng), file)
        outputs[file.name] = None
    outputs[fann.scaled(rng, REFERENCE / "fann_scaled.net", functions=[3, 5, 4, 10]).name] = True
    found = {}
    for name, scaled in outputs.items():
        x = rng.normal(0.0, 2.0, (12, 3))
        y = fann.outputs(REFERENCE / name, x, 2, scaled=bool(scaled))
        found[name] = {"scale": scaled, "inputs": x.tolist(), "outputs": y.tolist()}
    (REFERENCE / "fann_outputs.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    fault = brought(print)
    if fault:
        sys.exit(fault)
    write_references()

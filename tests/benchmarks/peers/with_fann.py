"""FANN, the library of double precision, through ctypes. Networks come in by its file format, which takes any topology.

FANN's own learning rate and error leave out the factor 2 / (number of outputs) of the mean square; its derivative of
the sigmoid is taken at an activation moved into 0.01 to 0.99. Gradients are those of its batch training: the
incremental one of version 2.2.0 takes the wrong nodes in networks that are not fully connected.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import tempfile
from collections.abc import Iterable
from ctypes import POINTER, c_char_p, c_double, c_float, c_int, c_uint, c_void_p
from pathlib import Path

import numpy as np
from problems import Array, Graph, Layered, flat

_INCREMENTAL, _BATCH = 0, 1
_SIGMOID = 3
_FILL = ctypes.CFUNCTYPE(None, c_uint, c_uint, c_uint, POINTER(c_double), POINTER(c_double))
_CONNECTION = np.dtype([("source", np.uint32), ("target", np.uint32), ("weight", np.float64)])
_SIGNATURES = {
    "fann_create_standard_array": (c_void_p, [c_uint, POINTER(c_uint)]),
    "fann_create_from_file": (c_void_p, [c_char_p]),
    "fann_save": (c_int, [c_void_p, c_char_p]),
    "fann_destroy": (None, [c_void_p]),
    "fann_set_training_algorithm": (None, [c_void_p, c_int]),
    "fann_set_train_error_function": (None, [c_void_p, c_int]),
    "fann_set_learning_rate": (None, [c_void_p, c_float]),
    "fann_set_learning_momentum": (None, [c_void_p, c_float]),
    "fann_get_total_connections": (c_uint, [c_void_p]),
    "fann_get_connection_array": (None, [c_void_p, c_void_p]),
    "fann_create_train_from_callback": (c_void_p, [c_uint, c_uint, c_uint, _FILL]),
    "fann_destroy_train": (None, [c_void_p]),
    "fann_train_epoch": (c_float, [c_void_p, c_void_p]),
    "fann_train_on_data": (None, [c_void_p, c_void_p, c_uint, c_uint, c_float]),
}


def _library() -> ctypes.CDLL:
    for name in (ctypes.util.find_library("doublefann"), "libdoublefann.so.2", "libdoublefann.so", "doublefann.dll"):
        try:
            library = ctypes.CDLL(name) if name else None
        except OSError:
            continue
        if library is not None:
            for function, (result, arguments) in _SIGNATURES.items():
                getattr(library, function).restype, getattr(library, function).argtypes = result, arguments
            return library
    raise ImportError("no library doublefann (Debian: libfann2)")


fann = _library()


def _head() -> str:
    """Return the parameters at the head of a FANN file, as this version of FANN writes them."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "small.net"
        net = fann.fann_create_standard_array(2, (c_uint * 2)(1, 1))
        fann.fann_save(net, str(file).encode())
        fann.fann_destroy(net)
        return file.read_text(encoding="ascii")


class Net:
    """A FANN network.

    Parameters
    ----------
    layers : list of int
        Nodes of each layer, FANN's bias nodes included.
    counts : iterable of int
        How many connections lead into each node; none into a bias node.
    sources, weights : ndarray of shape (n_connections,)
        By target.
    dense : bool
        Whether each layer is fully connected with the one before, its bias included, which FANN does faster.
    """

    def __init__(
        self, layers: list[int], counts: Iterable[int], sources: Array, weights: Array, *, dense: bool
    ) -> None:
        values = {
            "num_layers": str(len(layers)),
            "connection_rate": "1.0" if dense else "0.5",
            "network_type": "0" if dense else "1",
            "layer_sizes": " ".join(map(str, layers)) + " ",
            "neurons (num_inputs, activation_function, activation_steepness)": "".join(
                f"({count}, {_SIGMOID}, 0.5) " if count else "(0, 0, 0.0) " for count in counts
            ),
            "connections (connected_to_neuron, weight)": "".join(
                f"({source}, {weight!r}) " for source, weight in zip(sources.tolist(), weights.tolist())
            ),
        }
        keys = [line.partition("=") for line in _head().splitlines()]
        lines = [f"{key}{sign}{values.get(key, value)}" for key, sign, value in keys]
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "peer.net"
            file.write_text("\n".join(lines) + "\n", encoding="ascii")
            self.pointer = fann.fann_create_from_file(str(file).encode())
        fann.fann_set_train_error_function(self.pointer, 0)  # linear
        fann.fann_set_learning_momentum(self.pointer, 0.0)

    def set(self, algorithm: int, rate: float) -> None:
        """Choose how it is trained."""
        fann.fann_set_training_algorithm(self.pointer, algorithm)
        fann.fann_set_learning_rate(self.pointer, rate)

    def weights(self) -> Array:
        """Return its weights, by target."""
        aligned = np.dtype(_CONNECTION, align=True)
        connections = np.empty(fann.fann_get_total_connections(self.pointer), aligned)
        fann.fann_get_connection_array(self.pointer, connections.ctypes.data)
        return connections["weight"].copy()

    def __del__(self) -> None:
        fann.fann_destroy(self.pointer)


class Data:
    """Samples in FANN's memory."""

    def __init__(self, x: Array, y: Array) -> None:
        rows = iter(zip(x, y))

        def fill(number: int, n_in: int, n_out: int, inputs: object, outputs: object) -> None:
            sample, target = next(rows)
            np.ctypeslib.as_array(inputs, (n_in,))[:] = sample
            np.ctypeslib.as_array(outputs, (n_out,))[:] = target

        self.pointer = fann.fann_create_train_from_callback(len(x), x.shape[1], y.shape[1], _FILL(fill))

    def __del__(self) -> None:
        fann.fann_destroy_train(self.pointer)


class Training:
    """Single samples: incremental training, all epochs in one call. Batches: batch training, a call for each batch."""

    def __init__(self, problem: Layered) -> None:
        self.problem = problem
        self.online = problem.batch == 1
        batches = [(problem.x, problem.y)] if self.online else problem.batches
        self.data = [Data(x, y) for x, y in batches]
        self._reset()

    def _reset(self) -> None:
        sizes, sources, weights, start = self.problem.sizes, [], [], 0
        counts = [0] * (sizes[0] + 1)
        for table in self.problem.weights:
            before, here = table.shape
            sources.append(np.tile(np.arange(start, start + before), here))
            weights.append(table.T.ravel())
            counts += [before] * here + [0]
            start += before
        layers = [size + 1 for size in sizes]
        self.net = Net(layers, counts, np.concatenate(sources), np.concatenate(weights), dense=True)
        self.net.set(_INCREMENTAL if self.online else _BATCH, self.problem.rate * 2.0 / sizes[-1])

    def run(self, times: int) -> None:
        if self.online:
            fann.fann_train_on_data(self.net.pointer, self.data[0].pointer, times, 0, -1.0)
            return
        for _ in range(times):
            for data in self.data:
                fann.fann_train_epoch(self.net.pointer, data.pointer)

    def result(self) -> Array:
        self._reset()
        self.run(self.problem.checked)
        found, tables = self.net.weights(), []
        for table in self.problem.weights:
            tables.append(found[: table.size].reshape(table.shape[::-1]).T)
            found = found[table.size :]
        return flat(tables)


class Gradient:
    """Batch training at a learning rate of 0: forward, backward and slopes of all samples."""

    _RATE = 2.0**30  # large, so that the gradient can be read off the weights

    def __init__(self, problem: Graph) -> None:
        self.problem = problem
        self.data = Data(problem.x, problem.y)
        self.net = self._made(0.0)

    def _made(self, rate: float) -> Net:
        problem = self.problem
        widths = [end - begin for begin, end in problem.levels]
        n_inputs = widths[0]
        counts = np.bincount(problem.target, minlength=int(problem.starts[-1])).tolist()
        # FANN's bias node comes behind the inputs; nothing is connected to it.
        layers, counts = [n_inputs + 1, *widths[1:]], [*counts[:n_inputs], 0, *counts[n_inputs:]]
        net = Net(layers, counts, problem.source + (problem.source >= n_inputs), problem.weight, dense=False)
        net.set(_BATCH, rate)
        return net

    def run(self, times: int) -> None:
        for _ in range(times):
            fann.fann_train_epoch(self.net.pointer, self.data.pointer)

    def result(self) -> Array:
        net = self._made(self._RATE)
        fann.fann_train_epoch(net.pointer, self.data.pointer)
        return (self.problem.weight - net.weights()) / self._RATE * 2.0 / self.problem.y.shape[1]

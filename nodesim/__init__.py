"""nodesim: the microscope for feed-forward networks.

Every node, bias and connection is an object you can hold. Assemble a network node by node, run it, train it,
and ask of any weight which paths feed its gradient.

Examples
--------
>>> import nodesim as ns
>>> net = ns.Network.layered([2, 2, 2], seed=0)
>>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
>>> net.paths("W1").count
2
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nodesim._version import version as __version__
from nodesim.errors import (
    ArgumentError,
    ArgumentTypeError,
    CheckError,
    CycleError,
    DataError,
    FileError,
    FunctionError,
    MissingExtraError,
    NodesimError,
    NonFiniteError,
    PluginError,
    PluginWarning,
    StaleElementError,
    StateError,
    StructureError,
    TooManyPathsError,
    UnknownNameError,
)
from nodesim.functions.contracts import Activation, Initializer, Loss, Optimizer
from nodesim.graph.elements import Bias, Connection, Layer, Node
from nodesim.network import Network, load
from nodesim.plugins.hookspecs import hookimpl
from nodesim.plugins.lookup import activation, initializer, load_plugins, loss, optimizer, register, unregister
from nodesim.training.history import History
from nodesim.training.recording import Recording

if TYPE_CHECKING:
    from nodesim import checks as checks
    from nodesim import datasets as datasets
    from nodesim.article import figures as figures
    from nodesim.checks import check_gradients as check_gradients
    from nodesim.training.path_recording import PathRecording as PathRecording


__all__ = [
    "Activation",
    "ArgumentError",
    "ArgumentTypeError",
    "Bias",
    "CheckError",
    "Connection",
    "CycleError",
    "DataError",
    "FileError",
    "FunctionError",
    "History",
    "Initializer",
    "Layer",
    "Loss",
    "MissingExtraError",
    "Network",
    "Node",
    "NodesimError",
    "NonFiniteError",
    "Optimizer",
    "PathRecording",
    "PluginError",
    "PluginWarning",
    "Recording",
    "StaleElementError",
    "StateError",
    "StructureError",
    "TooManyPathsError",
    "UnknownNameError",
    "__version__",
    "activation",
    "check_gradients",
    "hookimpl",
    "initializer",
    "load",
    "load_plugins",
    "loss",
    "optimizer",
    "register",
    "unregister",
]


# Imported when they are asked for: most programs need few of them.
_LATE = {
    "PathRecording": "nodesim.training.path_recording",
    "checks": "nodesim.checks",
    "check_gradients": "nodesim.checks",
    "datasets": "nodesim.datasets",
    "figures": "nodesim.article.figures",
}


def __getattr__(name: str) -> Any:
    if name in _LATE:
        from importlib import import_module

        module = import_module(_LATE[name])
        return getattr(module, name, module)
    raise AttributeError(f"module 'nodesim' has no attribute {name!r}")

"""Networks from files, for commands."""

from __future__ import annotations

from nodesim.network import Network, load


def load_for_one_run(file: str) -> Network:
    """Read a network that a command runs once or not at all: NumPy is done before native code is loaded."""
    network = load(file)
    network.engine = "numpy"
    return network

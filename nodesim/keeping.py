"""KEEPING: networks in files and as plain networkx graphs, as methods of a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from nodesim.graph.structure import Seed
from nodesim.surveying import Surveying

if TYPE_CHECKING:
    import networkx as nx


class Keeping(Surveying):
    """A network that can be kept and comes back exactly; see `Network`."""

    def save(self, file: Any) -> None:
        """Write the network into a file: structure, weights, functions by name, and the random generator.

        Parameters
        ----------
        file : str or path-like
            Written whole or not at all: if anything goes wrong, an older file of that name stays as it was.

        Raises
        ------
        FileError
            If it cannot be written.
        FunctionError
            If a function is not registered (see `nodesim.register`), so that the file could not be read again.

        Notes
        -----
        The file is JSON and holds data only; every number is exact. `nodesim.load` reads it. What the last run
        left on the objects, and the state of an optimizer between updates, are not kept.
        """
        from nodesim.formats import json_files

        json_files.save(self, file)

    def to_networkx(self) -> nx.DiGraph[str]:
        """Return the network as a plain networkx `DiGraph`, independent of it.

        Nodes are names with the attributes kind, layer, activation and value (of bias nodes); edges have weight,
        name, trainable and order. All are text, numbers and truth values, which GraphML, GEXF and node-link JSON
        can hold; `from_networkx` makes the same network again.

        Examples
        --------
        >>> import nodesim as ns
        >>> ns.Network.layered([2, 2, 1], seed=0).to_networkx().nodes["H1"]
        {'kind': 'hidden', 'layer': 1, 'activation': 'sigmoid'}
        """
        from nodesim.formats import networkx_graphs

        return networkx_graphs.to_networkx(self)

    @classmethod
    def from_networkx(
        cls,
        graph: nx.DiGraph[Any],
        *,
        hidden: object = "sigmoid",
        output: object = "linear",
        loss: object = None,
        seed: Seed = None,
        initializer: object = "normal",
    ) -> Self:
        """Make a network from any networkx `DiGraph` without cycles.

        Parameters
        ----------
        graph : networkx.DiGraph
            Attributes as in `to_networkx` are used. A node without a kind is an input where nothing leads to it,
            an output where nothing leads on, else hidden; an edge without a weight gets one drawn.
        hidden, output : str or Activation
            For nodes without an activation.
        loss : str or Loss, optional
            By default that of the graph's attribute "loss", or "mse".
        seed, initializer
            As for `Network`.

        Raises
        ------
        NodesimError
            If the graph has cycles or undirected edges, or an attribute is not usable.

        Examples
        --------
        >>> import networkx as nx, nodesim as ns
        >>> ns.Network.from_networkx(nx.DiGraph([("x", "h"), ("h", "y"), ("x", "y")]), seed=0)
        <Network 1-1-1: 3 nodes, 3 connections, loss mse>
        """
        from nodesim.formats import networkx_graphs

        chosen = loss if loss is not None else getattr(graph, "graph", {}).get("loss", "mse")
        network = cls(chosen, seed, initializer=initializer)
        networkx_graphs.from_networkx(graph, network, hidden, output)
        return network

    def __reduce__(self) -> tuple[Any, ...]:
        # Pickled, as joblib and multiprocessing do, a network is the text of its file.
        from nodesim.formats import json_files

        return type(self)._loads, (json_files.dumps(self),)

    @classmethod
    def _loads(cls, text: str) -> Self:
        from nodesim.formats import json_files

        return json_files.loads(text, cls)

    @classmethod
    def _load(cls, file: Any) -> Self:
        from nodesim.formats import json_files

        return json_files.load(file, cls)

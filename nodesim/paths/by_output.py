"""Something for each output of a network, found by the output or by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from nodesim.errors import UnknownNameError, suggestion
from nodesim.gradients.quantities import Quantity
from nodesim.graph.elements import Node
from nodesim.notation.symbols import plural
from nodesim.paths.flow_table import Flow
from nodesim.validation import shortened

Paths = TypeVar("Paths")


class ByOutput(Mapping[Node | Quantity, Paths]):
    """The paths of each output; a mapping from output nodes, or their names, to `GradientPaths`.

    Where e has penalties, the path of each to the weight stands behind those of the outputs; its key is the penalty, a
    `Quantity` with a name.

    Made by `GradientPaths.by_output`.

    Parameters
    ----------
    paths : dict of Node or Quantity to GradientPaths
        In the order of the outputs, then of the penalties. What stands there is handed out and never
        looked at.
    shared : callable
        Returns how all of these share the gradient out, when somebody wants to see it.

    See Also
    --------
    GradientPaths.by_output : Makes it.
    GradientPaths.flow : Its ``outputs`` has the gradients of all outputs in one table.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 2], seed=0)
    >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
    >>> outputs = net.paths("W1").by_output()
    >>> outputs, outputs["O2"] is outputs[net["O2"]]
    (<paths of 2 outputs>, True)
    >>> print(outputs)
    name  kind    count     gradient  share  positive     negative  cancellation
    O1    output      1  −0.00843113  36.1%         0  −0.00843113             1
    O2    output      1   −0.0149275  63.9%         0   −0.0149275             1
    """

    def __init__(self, paths: dict[Node | Quantity, Paths], shared: Callable[[], Flow]) -> None:
        self._paths = paths
        self._shared = shared

    def __getitem__(self, output: Any) -> Paths:
        """Return the paths of an output.

        Parameters
        ----------
        output : Node, Quantity or str
            The output node, or a penalty, or the name of either.

        Returns
        -------
        GradientPaths

        Raises
        ------
        UnknownNameError
            If there is no such output.
        """
        if isinstance(output, str):
            output = next((node for node in self._paths if node.name == output), output)
        if not isinstance(output, Node | Quantity) or output not in self._paths:
            wanted = str(output) if isinstance(output, str | Node) else output
            known = suggestion(wanted, [node.name for node in self._paths])
            raise UnknownNameError(f"no output {shortened(wanted)}. {known}")
        return self._paths[output]

    def __iter__(self) -> Iterator[Node | Quantity]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)

    def __repr__(self) -> str:
        penalties = sum(isinstance(key, Quantity) for key in self._paths)
        words = plural(len(self) - penalties, "output")
        if penalties:
            words += f" and {penalties:,} {'penalty' if penalties == 1 else 'penalties'}"
        return f"<paths of {words}>"

    def __str__(self) -> str:
        return str(self._table)

    def _repr_html_(self) -> str:
        return self._table._repr_html_()

    @property
    def _table(self) -> Flow:
        flow = self._shared()
        return flow if flow.outputs is None else flow.outputs

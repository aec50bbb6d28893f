"""The paths of each output."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from nodesim.errors import UnknownNameError, suggestion
from nodesim.graph.elements import Node
from nodesim.notation.symbols import plural
from nodesim.validation import shortened

if TYPE_CHECKING:
    from nodesim.paths.paths import GradientPaths


class ByOutput(Mapping[Node, "GradientPaths"]):
    """The paths of each output; a mapping from output nodes, or their names, to `GradientPaths`."""

    def __init__(self, paths: dict[Node, GradientPaths]) -> None:
        self._paths = paths

    def __getitem__(self, output: Any) -> GradientPaths:
        """Return the paths of an output.

        Raises
        ------
        UnknownNameError
            If there is no such output.
        """
        if isinstance(output, str):
            output = next((node for node in self._paths if node.name == output), output)
        if output not in self._paths:
            raise UnknownNameError(
                f"no output {shortened(str(output))}. {suggestion(str(output), [node.name for node in self._paths])}"
            )
        return self._paths[output]

    def __iter__(self) -> Iterator[Node]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)

    def __repr__(self) -> str:
        return f"<paths of {plural(len(self), 'output')}>"

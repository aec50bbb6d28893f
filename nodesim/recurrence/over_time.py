"""How large derivatives of the error are at each step of a network unrolled in time: what vanishes, what explodes.

References
----------
Hochreiter, S., "Untersuchungen zu dynamischen neuronalen Netzen" (1991). Y. Bengio, P. Simard, P. Frasconi, "Learning
long-term dependencies with gradient descent is difficult" (IEEE Transactions on Neural Networks 5, 1994).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nodesim._arrays import Array, read_only
from nodesim.drawing import over_time
from nodesim.drawing.svg import Drawing
from nodesim.errors import ArgumentError, ArgumentTypeError, UnknownNameError, suggestion
from nodesim.graph.elements import Connection, Node
from nodesim.graph.structure import Structure
from nodesim.notation.symbols import AT_STEP, LETTERS, number, plural
from nodesim.showing import shown
from nodesim.simulation.simulator import simulator_of
from nodesim.validation import names, shortened

_NUMBER = re.compile(r"[1-9]\d*\Z", re.ASCII)


@dataclass(frozen=True)
class GradientsOverTime:
    """How large derivatives of the error are at each step in time. Made by `gradients_over_time`.

    Parameters
    ----------
    of : dict of str to tuple of str
        By what each network is called: the nodes or connections that are looked at, without their steps.
    sizes : dict of str to ndarray of shape (n_steps,)
        For each network the root mean square of ∂e/∂H, or ∂e/∂W, at each step, over these and all samples; NaN where
        none of them is.

    See Also
    --------
    nodesim.gradients_over_time : What makes it.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.recurrent(1, 2, 1, seed=0).unroll(4, outputs="last")
    >>> _ = net.forward([1.0, 0.0, 1.0, 0.0]), net.backward([1.0])
    >>> ns.gradients_over_time(net, "H").sizes["network"].shape
    (4,)
    """

    of: dict[str, tuple[str, ...]]
    sizes: dict[str, Array]

    def draw(self) -> Drawing:
        """Draw a line for each network, on a logarithmic scale.

        Returns
        -------
        Drawing
            Its ``save`` writes an SVG, or a PNG with the extra "png"; notebooks show it.

        See Also
        --------
        nodesim.gradients_over_time : What makes the numbers.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.recurrent(1, 2, 1, seed=0).unroll(4, outputs="last")
        >>> _ = net.forward([1.0, 0.0, 1.0, 0.0]), net.backward([1.0])
        >>> "step in time" in ns.gradients_over_time(net, "H").draw().svg
        True
        """
        letter = "W" if all(_is_weight(name) for some in self.of.values() for name in some) else "H"
        words = over_time.Words(
            description="sizes of derivatives of the error over time: " + ", ".join(shown(name) for name in self.of),
            heading="How much of the error is felt at each step",
            remark="From right to left: the error is carried back, one step at a time. A line that falls to the left "
            "vanishes: what came early is hardly learnt from. One that rises to the left explodes.",
            across="step in time",
            up=f"size of ∂e/∂{letter} at that step, on a logarithmic scale",
        )
        lines = {shown(name): sizes.tolist() for name, sizes in self.sizes.items()}
        return over_time.draw(lines, {shown(name): _few(some) for name, some in self.of.items()}, words)

    def __str__(self) -> str:
        count = max(map(len, self.sizes.values()))
        chosen = sorted({round(place) for place in np.linspace(0, count - 1, min(count, 8))})
        lines = ["step".ljust(16) + "".join(f"{step:>12,}" for step in chosen)]
        for name, sizes in self.sizes.items():
            cells = [number(sizes[step], 3) if step < len(sizes) else "" for step in chosen]
            lines.append(shown(name)[:15].ljust(16) + "".join(cell.rjust(12) for cell in cells))
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<GradientsOverTime of {plural(len(self.sizes), 'network')}>"

    def _repr_html_(self) -> str:
        return self.draw()._repr_html_()


def gradients_over_time(networks: Any, of: Any) -> GradientsOverTime:
    """Say how large ∂e/∂H of nodes, or ∂e/∂W of connections, is at each step, after a backward.

    Parameters
    ----------
    networks : Network, or mapping of str to Network
        One that was unrolled, or several by what they are to be called, each run forward and backward.
    of : str, iterable of str, or mapping of str to these
        Nodes or connections by their names without a step, such as "H1" or "W5"; "H" means H1, H2 and so on. A mapping
        says them for each network.

    Returns
    -------
    GradientsOverTime
        To be printed, or drawn.

    Raises
    ------
    UnknownNameError
        If nothing is called that at any step.
    ArgumentError, ArgumentTypeError
        If there is no network, one was not unrolled, or nothing is asked of one.
    StateError
        If a network had no backward.

    See Also
    --------
    Network.unroll : Unroll a network in time.
    Network.diagnose : The same from layer to layer.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network()
    >>> _ = net.add_input(), net.add_output(activation="linear"), net.connect("I1", "O1", weight=1.0)
    >>> _ = net.connect("O1", "O1", weight=0.1, delay=1)
    >>> last = net.unroll(4, outputs="last")
    >>> _ = last.forward([1.0, 0.0, 0.0, 0.0]), last.backward([0.501])
    >>> print(ns.gradients_over_time(last, "O1"))
    step                       0           1           2           3
    network                0.001        0.01         0.1           1
    """
    found = networks if isinstance(networks, Mapping) else {"network": networks}
    if not found:
        raise ArgumentError("gradients_over_time needs a network, or a mapping of names to networks; got none.")
    chosen: dict[str, tuple[str, ...]] = {}
    sizes = {}
    for name, network in found.items():
        if not isinstance(name, str):
            raise ArgumentTypeError(
                f"networks are called by strings, as in {{'Elman': network}}; got {shortened(name)}."
            )
        structure = simulator_of(network, "gradients_over_time looks at unrolled networks").structure
        chosen[name], sizes[name] = _of(structure, _asked(of, name))
    return GradientsOverTime(chosen, sizes)


def _asked(of: Any, network: Any) -> Any:
    if not isinstance(of, Mapping):
        return of
    if network not in of:
        raise ArgumentError(
            f"of says nothing of the network {shortened(network)}. {suggestion(str(network), map(str, of))}"
        )
    return of[network]


def _of(structure: Structure, of: Any) -> tuple[tuple[str, ...], Array]:
    known: dict[str, dict[int, Node | Connection]] = {}
    everything: tuple[Node | Connection, ...] = (*structure.nodes, *structure.connections)
    for element in everything:
        match = AT_STEP.match(element.name)
        if match is not None and int(match[2]) >= 0:
            known.setdefault(match[1], {})[int(match[2])] = element
    if not known:
        raise ArgumentError(
            "gradients_over_time looks at unrolled networks, and this one has no steps: it takes what "
            "network.unroll(steps=8) returns, once that was run forward and backward."
        )
    asked = [of] if isinstance(of, str) else names(of, "of")
    chosen = tuple(dict.fromkeys(name for each in asked for name in _meant(each, known)))
    if not chosen:
        raise ArgumentError("of must name a node or a connection, or several; got none.")
    count = 1 + max(max(known[name]) for name in chosen)
    squares: list[list[float]] = [[] for _ in range(count)]
    for name in chosen:
        for step, element in known[name].items():
            squares[step].append(_mean_square(element))
    return chosen, read_only(np.array([np.sqrt(np.mean(some)) if some else np.nan for some in squares]))


def _meant(name: str, known: Mapping[str, Any]) -> Iterable[str]:
    """Return the elements of a name: itself, or those that have a number behind it."""
    several = [each for each in known if each.startswith(name) and _NUMBER.match(each.removeprefix(name))]
    if name in known or not several:
        if name not in known:
            raise UnknownNameError(f"nothing is named {shortened(name)} at any step. {suggestion(name, known)}")
        return [name]
    return several


def _is_weight(name: str) -> bool:
    return name.startswith(LETTERS["connection"])


def _few(chosen: tuple[str, ...]) -> str:
    return shown(", ".join(chosen) if len(chosen) < 3 else f"{chosen[0]} to {chosen[-1]}")


def _mean_square(element: Node | Connection) -> float:
    gradient = element.delta if isinstance(element, Node) else element.gradient
    return float(np.mean(np.square(gradient)))

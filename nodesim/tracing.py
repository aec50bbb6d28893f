"""What feeds a gradient: paths and steps of the last backward, as methods of a network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from nodesim.gradients.quantities import Quantity, quantities, quantity
from nodesim.simulation.running import Running

if TYPE_CHECKING:
    from nodesim.derivation import Derivation
    from nodesim.derivation.operations import Operations
    from nodesim.derivation.steps import Step
    from nodesim.drawing.svg import Drawing
    from nodesim.explorer.explorer import Explorer
    from nodesim.graph.elements import Connection, Layer, Node
    from nodesim.paths import GradientPaths
    from nodesim.training.history import History
    from nodesim.training.recording import Recording


class Tracing(Running):
    """A network that runs, and tells what its numbers come from; see `Network`."""

    def paths(self, of: str | Connection | Node | Quantity, sample: int | None = None) -> GradientPaths:
        """List, count and sum the paths that feed the gradient of a weight in the last backward.

        Parameters
        ----------
        of : str, Connection, Node or Quantity
            A weight; or a node, whose weighted sum it is then (∂e/∂H1, the node's delta), an activated node by
            its name ("HA1"), or an input ("I1").
        sample : int, optional
            Look at this sample of the batch alone; by default products are means over the samples.

        Returns
        -------
        GradientPaths
            Lazy; it keeps the numbers of this backward, whatever the network does afterwards.

        Raises
        ------
        StateError
            Without a backward on the weights as they are.
        ArgumentError
            If there is no such sample.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], seed=0)
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> for path in net.paths("W1"):
        ...     print(path.formula)
        ∂e/∂OA1 · ∂OA1/∂O1 · ∂O1/∂HA1 · ∂HA1/∂H1 · ∂H1/∂W1
        ∂e/∂OA2 · ∂OA2/∂O2 · ∂O2/∂HA1 · ∂HA1/∂H1 · ∂H1/∂W1

        References
        ----------
        Article, section 4.
        """
        from nodesim.paths import GradientPaths

        found = quantity(self, of)
        return GradientPaths(self._derivatives("paths"), found, sample)

    def derivation(self, of: str | Connection | Node | Quantity, sample: int | None = None) -> Derivation:
        """Write out the derivative of e by a weight, or by a node, of the last backward.

        Parameters
        ----------
        of : str, Connection, Node or Quantity
            As for `paths`.
        sample : int, optional
            Whose numbers to put in, out of a batch.

        Returns
        -------
        Derivation
            ``print`` shows every form; see `Derivation.text`, `Derivation.latex` and `Derivation.tree`.

        Raises
        ------
        StateError, ArgumentError, UnknownNameError
            As for `paths`.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], seed=0)
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> print(net.derivation("W1").text(numbers=False))
        ∂e/∂W1 = ∂e/∂OA1·∂OA1/∂O1·∂O1/∂HA1·∂HA1/∂H1·∂H1/∂W1
               + ∂e/∂OA2·∂OA2/∂O2·∂O2/∂HA1·∂HA1/∂H1·∂H1/∂W1

        References
        ----------
        Article, sections 4 and 5.
        """
        from nodesim.derivation import Derivation

        found = quantity(self, of)
        return Derivation(self._derivatives("derivation"), found, sample)

    def operations(self, of: str | Connection | Node | Quantity | Layer | Iterable[Any] | None = None) -> Operations:
        """Count what several derivatives of the last backward cost together, in each form.

        Parameters
        ----------
        of : str, Connection, Node, Quantity, Layer, or iterable of these, optional
            What the derivatives of e are by: weights, or what `paths` takes. A layer stands for the weights of the
            connections into its nodes. By default all weights.

        Returns
        -------
        Operations
            ``print`` shows the table; for one derivative it is that of ``derivation(of).operations``.

        Raises
        ------
        StateError, ArgumentTypeError, UnknownNameError
            As for `paths`.
        ArgumentError
            If nothing is asked for, as by an empty list or an input layer.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([4, 10, 10, 3], seed=0)
        >>> _, _ = net.forward([5.1, 3.5, 1.4, 0.2]), net.backward([1.0, 0.0, 0.0])
        >>> print(net.operations())
        form         multiplications  additions  how it is calculated
        expanded              10,386      1,670  every path multiplied out by itself
        factored               5,046      1,670  nested brackets: common factors taken out
        shared                   346        110  backpropagation: from e back, each sum once
        forward                4,016      1,670  forward accumulation: up to e from each in turn
        elimination              346        110  best order found: backpropagation; no order takes fewer

        References
        ----------
        Article, section 5, "Why it pays".
        """
        from nodesim.derivation.operations import Operations

        found = quantities(self, self.connections if of is None else of)
        return Operations(self._derivatives("operations"), found)

    def draw(self, highlight: Any = None, *, labels: str | None = "names", titles: bool = True) -> Drawing:
        """Draw the network in the article's style.

        Parameters
        ----------
        highlight : GradientPaths, GradientPath, Flow, Derivation, or nodes and connections, optional
            What is drawn in red. Of a flow, ``paths.flow()``, lines are as thick as the share of the gradient that
            they carry, and dotted where its sign is not that of the whole.
        labels : {"names", "weights", None}
            What stands at the connections. With weights, those below zero are dashed.
        titles : bool
            Whether the layers are named.

        Returns
        -------
        Drawing
            Shown in notebooks; ``.save("net.svg")`` keeps it.

        Notes
        -----
        Layers stand in columns, ordered so that connections cross less. Of networks with more than 200
        connections each layer shows its first nodes, those highlighted before the others, and says how many more
        there are. Where labels would cover one another, only highlighted connections have them.

        Examples
        --------
        >>> import nodesim as ns
        >>> ns.Network.layered([2, 2, 2], seed=0).draw()
        <Drawing: network 2-2-2, 500 x 300>

        References
        ----------
        Article, section 2.
        """
        from nodesim.drawing.network import draw

        return draw(self, highlight, labels, titles)

    def explore(
        self,
        X: Any = None,
        y: Any = None,
        *,
        history: Recording | History | None = None,
        names: Sequence[str] | None = None,
    ) -> Explorer:
        """Make one page in which the network can be read, stepped through and traced.

        Parameters
        ----------
        X : array_like of shape (n_inputs,) or (n_samples, n_inputs), or mapping, optional
            The samples that can be chosen in the page; by default those of the last run, if there was one.
        y : array_like, optional
            What they should be, as for `backward`. Without it there are values, and no gradients.
        history : Recording or History, optional
            A recorded training: the page moves through its epochs. What `fit` returns gives the error curve only.
        names : sequence of str, optional
            What the samples are called.

        Returns
        -------
        Explorer
            Shown in notebooks; ``.save("page.html")`` keeps it, ``.open()`` shows it in the browser.

        Raises
        ------
        DataError, ArgumentError, ArgumentTypeError, StructureError, FunctionError
            If samples, targets, names or history do not fit the network or one another.

        Notes
        -----
        The network is as before: all runs are private. The page holds about three million numbers at most; beyond
        that samples, and runs of epochs, are left out evenly, and the page says so.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 3, 1], seed=1)
        >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
        >>> recording = ns.Recording(net, limit=20)
        >>> _ = net.fit(X, y, epochs=500, callbacks=recording)
        >>> net.explore(X, y, history=recording)
        <Explorer: network 2-3-1, 4 samples, 17 epochs>

        References
        ----------
        Article, sections 3 to 5.
        """
        from nodesim.explorer.explorer import explore

        return explore(self, X, y, history, names)

    def steps(self, x: Any, y: Any, learning_rate: float = 0.5) -> Iterator[Step]:
        """Show the whole calculation of one sample, one quantity at a time: forward, error, backward, update.

        The network is run forward and backward on this sample, and its objects show these numbers afterwards.

        Parameters
        ----------
        x : array_like of shape (n_inputs,)
        y : array_like of shape (n_outputs,)
        learning_rate : float
            η of the update that is shown. It is not made: call `update` for that.

        Yields
        ------
        Step
            Formula, numbers put in, and value; ``print`` shows it on one line.

        Raises
        ------
        DataError
            If x is not one sample, or as for `forward` and `backward`.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([1, 1, 1], bias=False, seed=0, initializer=ns.initializer("constant", value=0.5))
        >>> steps = net.steps([2.0], [1.0])
        >>> print(next(steps))
        I1 = 2
        >>> print(next(steps))
        H1 = I1·W1 = 2·0.5 = 1

        References
        ----------
        Article, section 3.
        """
        from nodesim.derivation.steps import steps

        return steps(self, x, y, learning_rate)

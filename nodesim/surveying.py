"""What goes on in a whole network at once: path counts, the path norm, dead weights, a diagnosis, as methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nodesim.tracing import Tracing

if TYPE_CHECKING:
    from nodesim.analysis.dead_weights import DeadWeights
    from nodesim.analysis.diagnosis import Diagnosis
    from nodesim.analysis.path_counts import PathCounts


class Surveying(Tracing):
    """A network whose weights can all be looked at together; see `Network`."""

    def path_counts(self) -> PathCounts:
        """Count for every weight the paths that feed its gradient. No run is needed.

        Returns
        -------
        PathCounts
            The exact number by a weight's name or connection; ``array`` holds all of them, ``most`` and ``least``
            return the weights that are fed by the most and the fewest paths.

        Notes
        -----
        O(nodes + connections), whatever the counts are. It keeps the counts of this moment's structure.

        Examples
        --------
        >>> import nodesim as ns
        >>> print(ns.Network.layered([2, 1, 2], seed=0).path_counts())
        7 weights, 10 paths to them in all
        weight  from  to  paths
        W1      I1    H1      2
        W2      I2    H1      2
        W3      B1    H1      2
        W4      H1    O1      1
        W5      H1    O2      1
        W6      B2    O1      1
        W7      B2    O2      1

        References
        ----------
        Article, section 4.
        """
        from nodesim.analysis.path_counts import PathCounts

        return PathCounts(self.schedule)

    def path_norm(self, p: float = 1, *, bias: bool = False) -> float:
        """Sum over all paths from an input to an output the product of |weight|^p along the path. No run is needed.

        Parameters
        ----------
        p : float
            1 sums the magnitudes of the products, 2 their squares.
        bias : bool
            Whether paths that begin at a bias node count, too, as if it were one more input: times |its value|^p.

        Returns
        -------
        float
            0 if no path leads from an input to an output.

        Raises
        ------
        ArgumentError
            If p is not above 0.
        NonFiniteError
            If the sum leaves the finite numbers; the message says at which node.

        Notes
        -----
        O(nodes + connections). In a network of relu nodes it stays the same if what enters a hidden node is
        multiplied by a positive number and what leaves it divided by that, as the outputs do. The path norm φ_p of
        the literature, which bounds the capacity of such networks, is the p-th root of this sum; as a regularizer
        one adds it to the error. An output that feeds other nodes ends paths and lets them pass.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([1, 2, 1], bias=False, seed=0)
        >>> net.weights = [2.0, -1.0, 0.5, 3.0]  # 2·0.5 and (−1)·3
        >>> net.path_norm(), net.path_norm(p=2)
        (4.0, 10.0)

        References
        ----------
        B. Neyshabur, R. Tomioka, N. Srebro, "Norm-Based Capacity Control in Neural Networks", COLT 2015.
        B. Neyshabur, R. Salakhutdinov, N. Srebro, "Path-SGD: Path-Normalized Optimization in Deep Neural Networks",
        NIPS 2015.
        """
        from nodesim.analysis.path_norm import path_norm

        return path_norm(self.schedule, self.store.weights, p, bias)

    def dead_weights(self) -> DeadWeights:
        """Find the weights whose gradient in the last backward is exactly 0, and say why.

        Returns
        -------
        DeadWeights
            ``print`` shows a table. Each entry has its reasons, such as "no path", "dead relu" or "cancelled" (see
            `DeadWeight`), and the derivatives to blame: those that are 0, nearest to the weight.

        Raises
        ------
        StateError
            Without a backward on the weights as they are. Which weights have no path is known without one: their
            number in `path_counts` is 0.

        Notes
        -----
        O(samples · (nodes + connections)). The gradient of a batch is the mean over its samples: a weight is dead if
        that is 0. It keeps what it was of this backward.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], seed=0)
        >>> net["W7"].weight = 0.0
        >>> _, _ = net.forward([0.5, 0.0]), net.backward([1.0])
        >>> print(net.dead_weights())
        4 of 9 weights have a gradient of exactly 0: 2 zero input (I2), 2 zero weight (W7)
        weight  from  to  why          to blame
        W1      I1    H1  zero weight  ∂O1/∂HA1
        W3      I2    H1  zero input   ∂H1/∂W3
        W4      I2    H2  zero input   ∂H2/∂W4
        W5      B1    H1  zero weight  ∂O1/∂HA1

        References
        ----------
        Article, section 4.
        """
        from nodesim.analysis.dead_weights import dead_weights

        return dead_weights(self._derivatives("dead_weights"), self.gradients)

    def diagnose(self, x: Any, y: Any) -> Diagnosis:
        """Say where gradients vanish or explode on samples, layer by layer, and which partials are to blame.

        The network calculates these samples forward and backward for itself: what its nodes and connections show
        stays as it was, and so does everything else.

        Parameters
        ----------
        x, y : array_like
            One sample or a batch, as for `forward` and `backward`.

        Returns
        -------
        Diagnosis
            ``print`` shows a table and says it in words; each layer, from the outputs back, is a `LayerDiagnosis`.

        Raises
        ------
        DataError, StructureError, FunctionError, NonFiniteError
            As `forward` and `backward` do. If the gradients are not finite, the message names the first bad node.

        Notes
        -----
        From ∂e/∂H of one layer to ∂e/∂H of the layer before, the slopes ∂HA/∂H and the weights ∂H/∂HA each make a
        factor, measured by root mean squares. Gradients that keep their size (a factor of 1 in every layer: Glorot
        and Bengio) let one learning rate do for all weights; factors multiply over the layers, so that any other
        grows or shrinks exponentially with depth (Pascanu, Mikolov and Bengio). One layer is said to vanish below 1/10
        and to explode above 10; the whole below 1/1000 and above 1000, which many layers within these bounds may
        reach together. A node is dead if its slope is 0 in every sample, saturated if it is below 1/100 in every one.

        O(samples · (nodes + connections)).

        Examples
        --------
        >>> import nodesim as ns
        >>> halves = ns.initializer("constant", value=0.5)
        >>> net = ns.Network.layered([1, 1, 1, 1], bias=False, initializer=halves, seed=0)
        >>> print(net.diagnose([2.0], [1.0]))
        e = 0.496758
        layer           nodes  ∂e/∂HA   ∂e/∂H   ∂e/∂W  slopes ×  weights ×  factor  flat nodes  verdict
        Output layer        1    1.41    1.41   0.832         1                  1
        Hidden layer 2      1   0.705    0.17   0.125     0.242        0.5   0.121
        Hidden layer 1      1  0.0852  0.0168  0.0335     0.197        0.5  0.0983              vanishes
        Gradients neither vanish nor explode as a whole: × 0.0119 from ∂e/∂OA to ∂e/∂H of hidden layer 1, but not so
        in every layer.
        Hidden layer 1 vanishes: × 0.0983 of ∂e/∂H of hidden layer 2. The slopes, × 0.197, are to blame:
        ∂HA1/∂H1 = 0.197.

        References
        ----------
        X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010.
        R. Pascanu, T. Mikolov, Y. Bengio, "On the difficulty of training recurrent neural networks", ICML 2013.
        """
        from nodesim.analysis.diagnosis import diagnose
        from nodesim.gradients.derivative_graph import snapshot
        from nodesim.simulation import calculation, samples

        self.schedule.check_runnable()
        run, gradients = self._backward(self._forward(*samples.inputs(x, self.schedule.inputs)), y)
        assert run.errors is not None
        graph = snapshot(self.schedule, self.store.weights, run)
        return diagnose(graph, gradients[self.schedule.slots], calculation.mean(run.errors))

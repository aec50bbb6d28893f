"""The network that people use: assembled, run, trained, explained, drawn and kept. The one face of nodesim."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Self, overload

from nodesim._arrays import Array
from nodesim.errors import StateError
from nodesim.functions.contracts import Initializer, Loss, Optimizer
from nodesim.gradients import starts
from nodesim.gradients.derivative_graph import DerivativeGraph, snapshot
from nodesim.gradients.quantities import Quantity, quantities, quantity
from nodesim.gradients.starts import E
from nodesim.graph import builders, gating
from nodesim.graph.elements import Bias, Connection, Layer, Node
from nodesim.graph.run import Run, error_of
from nodesim.graph.schedule import Schedule
from nodesim.graph.store import Store
from nodesim.graph.structure import Seed, Structure
from nodesim.graph.ties import Tie
from nodesim.notation import markup
from nodesim.notation.symbols import plural
from nodesim.plugins import lookup
from nodesim.showing import shown
from nodesim.simulation import class_labels, objective
from nodesim.simulation.dropout import Dropout
from nodesim.simulation.optimizer_state import OptimizerState, rate
from nodesim.simulation.sample_weights import sample_weights, shares
from nodesim.simulation.simulator import Simulator, simulator_of
from nodesim.simulation.terms import terms
from nodesim.validation import flag

if TYPE_CHECKING:
    import networkx as nx

    from nodesim.analysis.dead_weights import DeadWeights
    from nodesim.analysis.diagnosis import Diagnosis
    from nodesim.analysis.path_counts import PathCounts
    from nodesim.attribution.attribution import Attribution
    from nodesim.curvature.hessian import Hessian, SecondDerivative
    from nodesim.derivation import Derivation
    from nodesim.derivation.operations import Operations
    from nodesim.derivation.steps import Step
    from nodesim.drawing.svg import Drawing
    from nodesim.exact import ExactRun
    from nodesim.explorer.explorer import Explorer
    from nodesim.paths import GradientPaths
    from nodesim.paths.tied_paths import TiedPaths
    from nodesim.surgery.growth import Growth
    from nodesim.surgery.pruning import Pruning
    from nodesim.training.history import History
    from nodesim.training.recording import Recording


class Network:
    """A feed-forward network: any directed acyclic graph of nodes, in the article's names.

    Parameters
    ----------
    loss : str or Loss
        How the error e is calculated, by name or as an object.
    seed : int, numpy.random.Generator or None
        Weights are drawn and samples shuffled by this generator alone: the same seed and the same calls give
        the same network, bit by bit.
    initializer : str or Initializer
        How `connect` draws a weight: "normal" is N(0, 1).
    engine : str
        What calculates; see `Network.engine`.
    dtype : {"float64", "float32"}
        What the numbers are. In float32 they take half the memory, natively half the time where batches are large,
        and gradients agree with those in float64 to 1e-4 of the sum of absolute path products.

    Raises
    ------
    UnknownNameError, ArgumentError
        If a name is unknown, or the seed is none.

    See Also
    --------
    Network.layered : Make a fully connected network in one call.
    Network.recurrent : Make a recurrent network, with delayed connections, to be unrolled in time.
    Network.from_networkx : Make a network of a networkx graph.
    nodesim.load : Read a network that was saved.

    References
    ----------
    Beqari, E., "A Very Basic Introduction to Feed-Forward Neural Networks" (DZone, 2018), sections 1 to 4.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 2], seed=0)
    >>> net
    <Network 2-2-2: 8 nodes, 12 connections, loss mse>
    >>> net.forward([0.05, 0.1]).shape
    (2,)
    """

    def __init__(
        self,
        loss: object = "mse",
        seed: Seed = None,
        *,
        initializer: object = "normal",
        engine: str = "compiled",
        dtype: str = "float64",
    ) -> None:
        structure = Structure(seed=seed, initializer=initializer, dtype=dtype, face=self)
        self._hold(Simulator(structure, loss, engine))

    def _hold(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._structure = simulator.structure
        self._snapshots: tuple[Run, dict[Quantity, DerivativeGraph]] | None = None

    @property
    def simulator(self) -> Simulator:
        """What calculates: for those who need numbers of the network without showing them on its objects."""
        return self._simulator

    @property
    def structure(self) -> Structure:
        """The graph with its names, its order and its store: what the simulator runs."""
        return self._structure

    @property
    def store(self) -> Store:
        """Where the numbers live: weights and gradients by `Connection.slot`, the last run by `Node.row`."""
        return self._structure.store

    @property
    def schedule(self) -> Schedule:
        """The order of evaluation of this structure; cut again after an edit."""
        return self._structure.schedule

    @classmethod
    def layered(
        cls,
        sizes: Any,
        hidden: object = "sigmoid",
        output: object = "linear",
        *,
        bias: bool = True,
        loss: object = "mse",
        seed: Seed = None,
        initializer: object = "normal",
        dtype: str = "float64",
        inputs: Iterable[str] | None = None,
        outputs: Iterable[str] | None = None,
    ) -> Self:
        """Make a fully connected network, layer by layer, in the article's numbering.

        Parameters
        ----------
        sizes : sequence of int
            How many inputs, nodes of each hidden layer, and outputs.
        hidden : str, Activation, or a list of one for each hidden layer
            The activation of the hidden nodes.
        output : str or Activation
            The activation of the output nodes.
        bias : bool
            Whether each layer that feeds another has a bias node.
        loss : str or Loss
            How the error e is calculated.
        seed : int, numpy.random.Generator or None
            What draws the weights.
        initializer : str or Initializer
            How each weight is drawn, connection by connection.
        dtype : {"float64", "float32"}
            What the numbers are; as for `Network`.
        inputs, outputs : iterable of str, optional
            What the input and the output nodes are called, such as the features and the classes of a `Dataset`; by
            default I1, I2, ... and O1, O2, ...

        Returns
        -------
        Network
            Weights are numbered layer by layer from the inputs, in a layer source by source, the bias node last.

        Raises
        ------
        ArgumentError, UnknownNameError
            If a size or a name is not usable, or there are more or fewer names than nodes.

        See Also
        --------
        Network.connect : Add one connection, also one that skips layers.
        Network.initialize : Draw the weights anew, by the fans of the nodes.
        Network.from_networkx : Make a network of any acyclic graph.

        References
        ----------
        Article, section 2, "Weight numbering".

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], hidden="sigmoid", output="linear", loss="mse", seed=0)
        >>> net["W12"].source.name, net["W12"].target.name
        ('B2', 'O2')
        >>> iris = ns.datasets.load("iris")
        >>> net = ns.Network.layered([4, 5, 3], inputs=iris.features, outputs=iris.classes, seed=0)
        >>> net["W1"].source.name, net.outputs[2].name
        ('sepal_length_cm', 'virginica')
        """
        network = cls(loss, seed, initializer=initializer, dtype=dtype)
        builders.connect_layers(network.structure, sizes, hidden, output, bias, inputs, outputs)
        return network

    @classmethod
    def recurrent(
        cls,
        inputs: int,
        hidden: int,
        outputs: int,
        kind: str = "elman",
        *,
        activation: object = "tanh",
        output: object = "linear",
        bias: bool = True,
        loss: object = "mse",
        seed: Seed = None,
        initializer: object = "normal",
        dtype: str = "float64",
    ) -> Self:
        """Make a recurrent network, which reads one sample of a sequence at each step in time; `unroll` runs it.

        Parameters
        ----------
        inputs, hidden, outputs : int
            How many inputs there are at each step, how many hidden nodes or cells, and how many outputs.
        kind : {"elman", "jordan", "lstm", "gru"}
            What remembers: in an Elman network every hidden node gets what all of them sent one step before, in a
            Jordan network what the outputs sent. The cells of "lstm" and "gru" are built of gates and products.
        activation : str or Activation
            That of the hidden nodes; in cells that of what is new, and of what leaves the cell of "lstm".
        output : str or Activation
            The activation of the output nodes.
        bias : bool
            Whether hidden nodes, gates and outputs have a bias.
        loss : str or Loss
            How the error e is calculated.
        seed : int, numpy.random.Generator or None
            What draws the weights.
        initializer : str or Initializer
            How each weight is drawn.
        dtype : {"float64", "float32"}
            What the numbers are; as for `Network`.

        Returns
        -------
        Network
            With delayed connections; to be unrolled.

        Raises
        ------
        ArgumentError, UnknownNameError
            If a count is not usable, or there is no such kind or function.

        See Also
        --------
        Network.unroll : Unroll it in time, to run and train it.
        Network.connect : Connect two nodes, with a delay.

        Notes
        -----
        The nodes of cell 1 of "lstm": the gates in1, forget1 and out1, the candidate new1, the products kept1 =
        forget1·cell1 of the step before and added1 = in1·new1, their sum cell1, squashed1 = tanh(cell1), and
        H1 = out1·squashed1. Of "gru": the gates reset1 and keep1, recalled1 and past1 = reset1·recalled1, the candidate
        new1, renew1 = 1 - keep1, the products kept1 = keep1·H1 of the step before and added1 = renew1·new1, and their
        sum H1. Connections that only hand on have the weight 1 and are frozen.

        References
        ----------
        Elman, J. L., "Finding structure in time" (1990); M. I. Jordan, "Serial order" (1986); S. Hochreiter and
        J. Schmidhuber, "Long short-term memory" (1997); K. Cho et al. (2014).

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.recurrent(1, 2, 1, kind="elman", seed=0)
        >>> [f"{c.source} -> {c.target}" for c in net.connections if c.delay]
        ['H1 -> H1', 'H1 -> H2', 'H2 -> H1', 'H2 -> H2']
        >>> net.unroll(steps=3).forward([1.0, 0.0, 0.0]).shape
        (3,)
        """
        from nodesim.recurrence import cells

        network = cls(loss, seed, initializer=initializer, dtype=dtype)
        cells.fill(network.structure, (inputs, hidden, outputs), kind, activation, output, bias)
        return network

    def copy(self) -> Self:
        """Return an independent network with the same structure, numbers and generator, and nothing run yet.

        Returns
        -------
        Network
            Its nodes and connections are objects of its own, found under the same names.

        See Also
        --------
        Network.trial : Edit this network for a while instead, and have it back as it was.
        Network.save : Keep a network in a file.
        Recording : Keep the weights of some epochs of a training.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], seed=0)
        >>> (net.copy().weights == net.weights).all()
        np.True_
        """
        twin = type(self).__new__(type(self))
        # Subclasses may have a constructor of their own.
        Network._hold(twin, self._simulator.copy(face=twin))
        return twin

    __copy__ = copy

    def __deepcopy__(self, memo: object) -> Self:
        return self.copy()

    # ---- assemble ------------------------------------------------------------------------------------------

    def add_input(self, name: str | None = None) -> Node[Network]:
        """Add an input node.

        Parameters
        ----------
        name : str, optional
            Any non-empty string that is free; by default the next free of I1, I2, ...

        Returns
        -------
        Node
            Its activated value is a column of x in `forward`, in the order in which inputs were added.

        Raises
        ------
        StructureError
            If the name is taken.

        See Also
        --------
        Network.add_bias : Add a constant.
        Network.connect : Let the node feed another.

        Examples
        --------
        >>> import nodesim as ns
        >>> ns.Network().add_input()
        <Node I1 (input)>
        """
        return self._structure.add("input", name)

    def add_hidden(
        self, name: str | None = None, activation: object = "sigmoid", aggregation: object = "sum"
    ) -> Node[Network]:
        """Add a hidden node: H is its weighted sum, or another aggregation of what comes in, and HA = activation(H).

        Parameters
        ----------
        name : str, optional
            Any non-empty string that is free; by default the next free of H1, H2, ...
        activation : str or Activation
            A registered name, or the result of `nodesim.activation`, or an `Activation` of your own.
        aggregation : str or Aggregation
            What makes H of what comes in: "sum", as in the article, "product", "max", "min", "mean" or "norm", or
            another one by name or object.

        Returns
        -------
        Node
            It stands in the layer behind all nodes that feed it.

        Raises
        ------
        StructureError, UnknownNameError
            If the name is taken, or the activation or aggregation is unknown.

        See Also
        --------
        Network.connect : Feed the node, and let it feed others.
        Network.split : Put a hidden node into the middle of a connection.
        nodesim.activation : Look up an activation, with parameters.

        Examples
        --------
        >>> import nodesim as ns
        >>> ns.Network().add_hidden(activation="tanh")
        <Node H1 (hidden, tanh)>
        """
        return self._structure.add("hidden", name, activation, aggregation)

    def add_output(
        self, name: str | None = None, activation: object = "linear", aggregation: object = "sum"
    ) -> Node[Network]:
        """Add an output node: O is made as H of a hidden node, and OA = activation(O) is a network output.

        Parameters
        ----------
        name : str, optional
            Any non-empty string that is free; by default the next free of O1, O2, ...
        activation : str or Activation
            A registered name, or the result of `nodesim.activation`, or an `Activation` of your own.
        aggregation : str or Aggregation
            What makes H of what comes in: "sum", as in the article, "product", "max", "min", "mean" or "norm", or
            another one by name or object.

        Returns
        -------
        Node
            Its activated value OA is a column of what `forward` returns, in the order in which outputs were added.

        Raises
        ------
        StructureError, UnknownNameError
            If the name is taken, or the activation or aggregation is unknown.

        See Also
        --------
        Network.add_hidden : Add a node whose HA only other nodes see.
        Network.loss : How e is calculated from OA and the desired values.

        Examples
        --------
        >>> import nodesim as ns
        >>> ns.Network().add_output("price")
        <Node price (output, linear)>
        """
        return self._structure.add("output", name, activation, aggregation)

    def add_bias(self, name: str | None = None, value: float = 1.0) -> Bias[Network]:
        """Add a bias node: a constant.

        Parameters
        ----------
        name : str, optional
            Any non-empty string that is free; by default the next free of B1, B2, ...
        value : float
            The constant.

        Returns
        -------
        Bias
            Nothing can be connected into it; its connections have weights and gradients like any other.

        Raises
        ------
        StructureError, ArgumentError
            If the name is taken, or the value is not a finite number.

        See Also
        --------
        Bias.value : The constant, to be read and set.
        Network.connect : Let the constant feed a node.

        Examples
        --------
        >>> import nodesim as ns
        >>> ns.Network().add_bias(value=0.5)
        <Bias B1 (bias)>
        """
        return self._structure.add_bias(name, value)

    def connect(
        self,
        source: str | Node,
        target: str | Node,
        weight: float | None = None,
        *,
        name: str | None = None,
        trainable: bool = True,
        delay: int = 0,
    ) -> Connection[Network]:
        """Connect two nodes.

        Parameters
        ----------
        source, target : str or Node
            Nodes of this network, or their names. The target is a hidden or an output node.
        weight : float, optional
            The weight W; by default it is drawn by the network's initializer, N(0, 1) unless told otherwise.
        name : str, optional
            Any non-empty string that is free; by default the next free of W1, W2, ...
        trainable : bool
            False freezes the weight: it has a gradient, and no update changes it.
        delay : int
            By how many steps in time the source is delayed: with 1, the target gets what the source sent one step
            before. A network with delays is recurrent: it may have cycles and self-loops with a delay in each, and
            runs once it is unrolled in time; see `unroll`.

        Returns
        -------
        Connection
            The new connection; it takes the lowest free place in connection order.

        Raises
        ------
        StructureError
            If the nodes are connected already, the target is an input or bias node, a delayed source is a bias node, or
            the name is taken.
        CycleError
            If it would close a cycle without a delay; the message prints it.
        UnknownNameError, StaleElementError, ArgumentError
            If a node is unknown or not of this network, or the weight is not a finite number.

        See Also
        --------
        Network.disconnect : Remove a connection.
        Network.split : Put a node into the middle of a connection.
        Connection.weight : The weight, to be read and set.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network()
        >>> I1, H1 = net.add_input(), net.add_hidden()
        >>> net.connect(I1, H1, weight=0.15)
        <Connection W1: I1 -> H1 = 0.15>
        """
        return self._structure.connect(source, target, weight, name, trainable, delay)

    def disconnect(self, source: str | Node | Connection, target: str | Node | None = None) -> Connection[Network]:
        """Remove a connection, given by its two ends, or by itself or its name.

        Parameters
        ----------
        source : str, Node or Connection
            The node that the connection comes from; or the connection itself, or its name, without a target.
        target : str or Node, optional
            The node that it leads to.

        Returns
        -------
        Connection
            The removed connection; it has a name and two ends, but no numbers any more.

        Raises
        ------
        StructureError
            If the two nodes are not connected.
        UnknownNameError, StaleElementError
            If a node or the connection is unknown, removed already, or of another network.

        See Also
        --------
        Network.connect : Connect two nodes.
        Network.remove : Remove a node together with its connections.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], seed=0)
        >>> net.disconnect("I1", "H1")
        <Connection W1: I1 -> H1, removed>
        """
        return self._structure.disconnect(source, target)

    def remove(self, element: str | Node | Connection) -> tuple[Connection[Network], ...]:
        """Remove a node together with its connections, or a connection.

        Parameters
        ----------
        element : str, Node or Connection
            What is removed, or its name.

        Returns
        -------
        tuple of Connection
            The connections that went, in connection order.

        Raises
        ------
        UnknownNameError, StaleElementError
            If it is unknown, removed already, or of another network.

        See Also
        --------
        Network.disconnect : Remove a connection that is given by its two ends.
        Network.dead_weights : Find weights that a run does not teach.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], seed=0)
        >>> [connection.name for connection in net.remove("H2")]
        ['W2', 'W4', 'W6', 'W8']
        """
        return self._structure.remove(element)

    def gate(
        self, connection: str | Connection[Network], by: str | Node[Network], name: str | None = None
    ) -> Node[Network]:
        """Let a node gate a connection: what comes in over it is W·HA of its source times HA of that node.

        A gate is a product node, put into the connection, which keeps its name, weight and source and leads into it;
        the other node feeds it, and it feeds the target, each by a frozen connection of weight 1. So H of the gate is
        the contribution, and paths, derivations and pictures show both ways into it.

        Parameters
        ----------
        connection : str or Connection
            By name, or itself, which is replaced: ask for it by its name again.
        by : str or Node
            Any node that the connection's target does not feed, its source included.
        name : str, optional
            Of the product node; by default the next free of H1, H2, ...

        Returns
        -------
        Node
            The product node.

        Raises
        ------
        StructureError, CycleError, UnknownNameError
            If the name is taken, or the target feeds the node that should gate; then nothing was changed.

        See Also
        --------
        Network.add_hidden : Add a product node by hand, with ``aggregation="product"``.
        Network.split : Put a node into a connection that changes nothing.

        References
        ----------
        Hochreiter, S., J. Schmidhuber, "Long short-term memory" (Neural Computation 9, 1997).

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], bias=False, seed=0)
        >>> gate = net.gate("W5", by="H2")
        >>> _ = net.forward([0.5, -0.5])
        >>> gate.value == net["W5"].weight * net["H1"].activated * net["H2"].activated
        True
        """
        return gating.gate(self._structure, connection, by, name)

    def split(
        self, connection: str | Connection, name: str | None = None, activation: object = "linear"
    ) -> Node[Network]:
        """Put a new hidden node into the middle of a connection.

        The connection is replaced by two: one of weight 1 into the new node, and one of the old weight out
        of it, at the old place in the sum. With the default linear activation the network calculates what it
        calculated before. A use of a tied weight goes on as the one out of it.

        Parameters
        ----------
        connection : str or Connection
            What is replaced, or its name.
        name : str, optional
            The new node's name; by default the next free of H1, H2, ...
        activation : str or Activation
            The activation of the new node.

        Returns
        -------
        Node
            The new node; its one incoming connection has weight 1, its one outgoing connection the old weight.

        Raises
        ------
        UnknownNameError, StaleElementError, StructureError
            If the connection or the activation is unknown, or the name is taken.

        See Also
        --------
        Network.connect : Connect two nodes.
        Network.add_hidden : Add a hidden node that is not connected yet.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([1, 1, 1], bias=False, seed=0)
        >>> net.split("W2").outgoing[0].target.name
        'O1'
        """
        return self._structure.split(connection, name, activation)

    def tie(self, *connections: str | Connection | Tie, name: str | None = None) -> Tie[Network]:
        """Let connections share one weight, or give a tie further uses.

        Parameters
        ----------
        *connections : str, Connection or Tie
            Two connections or more, by name or object: all take the weight of the first, and are trainable if that
            is. Or a tie, and connections that are to be further uses of it.
        name : str, optional
            The tie's name, unique among nodes, connections and ties; by default Wr1, Wr2, ...

        Returns
        -------
        Tie
            The weight, with its uses.

        Raises
        ------
        UnknownNameError, StaleElementError, ArgumentTypeError
            If there is no such connection.
        StructureError
            If a connection comes twice or is tied already, there are fewer than two, or the name is taken.

        See Also
        --------
        Network.untie : Give each use a weight of its own again.
        Network.ties : All ties.
        Network.paths : What feeds the gradient of the weight, grouped by use.

        Notes
        -----
        A use keeps its name, its ends and its own gradient; updates change the weight by the sum over the uses. In all
        else, too, it is one weight: a penalty counts once, and so does its gradient where the length is clipped.
        Tying is an edit of the structure: what was run before is forgotten.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], seed=0)
        >>> Wr = net.tie("W1", "W4", name="Wr")
        >>> net["W1"].weight == net["W4"].weight == Wr.weight
        True
        >>> net.tie("Wr", "W2").uses[1]
        <Connection W2: I1 -> H2 = 0.12573>
        """
        return self._structure.tie(connections, name)

    def untie(self, tie: str | Tie) -> Tie[Network]:
        """End a tie: each use keeps the number as a weight of its own.

        Parameters
        ----------
        tie : str or Tie
            A tie of this network, or its name.

        Returns
        -------
        Tie
            What was removed.

        Raises
        ------
        UnknownNameError, StaleElementError, ArgumentTypeError
            If it is unknown, removed or of another network, or no tie.

        See Also
        --------
        Network.tie : Tie connections.

        Notes
        -----
        A tie ends by itself with its last but one use, when that connection is removed.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], seed=0)
        >>> _ = net.tie("W1", "W4", name="Wr")
        >>> net.untie("Wr")
        <Tie Wr: removed>
        >>> net["W1"].tie is None
        True
        """
        return self._structure.untie(tie)

    def initialize(self, initializer: object = None) -> None:
        """Draw all weights of trainable connections anew, in connection order.

        Parameters
        ----------
        initializer : str or Initializer, optional
            By default the network's own. Those that depend on the fan of a node (xavier_*, he_*) are meant
            to be used like this, when all connections are there.

        Raises
        ------
        UnknownNameError, FunctionError
            If the initializer is unknown, or does not return finite weights.

        See Also
        --------
        nodesim.initializer : Look up an initializer, with parameters.
        Network.weights : All weights, to be read and set.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1])
        >>> net.initialize("zeros")
        >>> net.weights.any()
        np.False_
        """
        self._structure.initialize(initializer)

    def prune(
        self, by: str = "magnitude", keep: float = 0.3, *, dry_run: bool = False, x: Any = None, y: Any = None,
        biases: bool = False,
    ) -> Pruning:  # fmt: skip
        """Take weights out of the network, each for a reason, and measure what that does to e.

        Parameters
        ----------
        by : {"magnitude", "paths", "synflow", "obs", "dead"}
            What goes first: "magnitude", the smallest ``|W|``. "paths", those through which the paths carry least of e:
            the mean over the samples of ``|W|`` · Σ ``|product|`` over all paths from e to W. "synflow", those through
            which least flows from the inputs to the outputs whatever the samples are, in up to 100 rounds. "obs", those
            whose loss costs least of e, W² / (2 [H⁻¹]_WW) by the Hessian H, where all weights that stay make up for it.
            "dead", those without a gradient in any sample that are not missed in any: `keep` does not matter then.
            "synflow" and "obs" have limits: see the notes.
        keep : float
            The part of the weights that could go that stays, from 0 to 1.
        dry_run : bool
            Whether the network is left as it is.
        x, y : array_like, optional
            Samples to judge by, as for `error`; by default those of the last backward, with the weights that they had
            and the penalties. "magnitude" and "synflow" need none.
        biases : bool
            Whether connections of bias nodes may go as well.

        Returns
        -------
        Pruning
            What went and why, and its `proof`: e before and after, what was predicted, and how outputs change.

        Raises
        ------
        StateError
            Without samples: no backward on the weights as they are, and no x and y.
        StructureError
            If nothing would lead to an output any more, or the network is being trained.
        ArgumentError, DataError, NonFiniteError, FunctionError
            If an argument is not usable, there are too many weights for "obs", or numbers are not finite.

        See Also
        --------
        Network.grow : Add where the gradient is largest.
        Network.dead_weights : Which weights a run does not teach.
        Network.trial : Prune for a while, and have it back as it was.

        Notes
        -----
        "obs" holds near a minimum of e only; elsewhere `Pruning.warnings` say so. "synflow" is of
        sums of weights: it refuses networks with nodes that are made otherwise, such as products.

        Frozen connections stay, and so do those into nodes that are no sums; a tied weight goes with all its uses.
        Hidden nodes that lead to no output any more fall away with what was pruned, and so do those that no input
        reaches any more if they send 0. Those that send another constant stay, and are told.

        References
        ----------
        Tanaka, H., et al., "Pruning neural networks without any data by iteratively conserving synaptic flow", NeurIPS
        2020. B. Hassibi, D. G. Stork, "Second order derivatives for network pruning", NeurIPS 1992.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], seed=0)
        >>> print(net.prune(keep=0.7)[0])
        W4 (I2 -> H2, W ≈ 0.1049): |W| is 0.105, the least of 6; what stays has 0.132 or more
        """
        from nodesim.surgery import prune, samples

        given = samples.samples_given(self._simulator, x, y)
        run = self.store.run
        if given is None and run is not None and run.version == self.store.version and run.errors is not None:
            given = samples.samples_of_run(self.schedule, run)
        return prune.prune(self._simulator, by, keep, given, biases=biases, dry_run=dry_run)

    def grow(self, by: str = "split", where: Any = None) -> Growth:
        """Add a node or a connection where the gradient is largest; the network calculates what it calculated before.

        Parameters
        ----------
        by : {"split", "connect"}
            "split": a linear hidden node in the middle of the connection with the largest ``|∂e/∂W|``; see `split`.
            "connect": a connection of weight 0 between the two nodes that are not connected where ``|∂e/∂W|`` would be
            largest.
        where : str or Connection, or a pair of nodes or names, optional
            The connection to split, or the two nodes to connect.

        Returns
        -------
        Growth
            What was added, where, and why there.

        Raises
        ------
        StateError
            Without a backward on the weights as they are.
        StructureError
            If it cannot be added there, or there is no place at all.
        UnknownNameError, StaleElementError, ArgumentError, ArgumentTypeError
            If an argument is not usable.

        See Also
        --------
        Network.prune : Take out what is not missed.
        Network.split, Network.connect : Add where you like.

        Notes
        -----
        ∂e/∂W of a connection that is not there, at W = 0, is the mean over the samples of HA of its source times ∂e/∂H
        of its target: for all pairs a product of two matrices, O(nodes² · samples).

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], seed=0)
        >>> _, _ = net.forward([0.5, 1.0]), net.backward([1.0])
        >>> print(net.grow("split"))
        H3 splits W9: |∂e/∂W| there is 0.8602, the largest of 9 connections; outputs change by 0 at most
        """
        from nodesim.surgery import grow, samples

        graph = self._derivatives("grow")
        of_run = samples.samples_of_run(graph.schedule, graph.run)
        return grow.grow(self._simulator, by, where, graph, of_run)

    def rescale(self, node: str | Node, factor: float) -> tuple[Connection[Network], ...]:
        """Multiply all weights into a hidden node, and divide those out of it: the network stays the same function.

        Parameters
        ----------
        node : str or Node
            A hidden node whose function is homogeneous, f(s·H) = s·f(H): relu, leaky_relu, linear and others, which is
            tried.
        factor : float
            Above 0; of functions such as linear also below.

        Returns
        -------
        tuple of Connection
            Those whose weights were changed.

        Raises
        ------
        StructureError
            If it is no hidden node, its function is not homogeneous, or one of the weights is tied.
        ArgumentError, UnknownNameError, StaleElementError
            If the factor or the node is not usable.

        See Also
        --------
        Network.path_norm : Does not change either.
        Network.grow : Also keeps the function.

        Notes
        -----
        W·∂e/∂W stays the same for every weight: what flows through it.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], hidden="relu", seed=0)
        >>> before = net.forward([0.5, 1.0])
        >>> changed = net.rescale("H1", 4.0)
        >>> [connection.name for connection in changed], net.forward([0.5, 1.0]) == before
        (['W1', 'W3', 'W5', 'W7'], array([ True]))
        """
        from nodesim.surgery.rescale import rescale

        return rescale(self._structure, node, factor)

    def unroll(self, steps: int, *, initial: Any = None, outputs: str = "all") -> Self:
        """Unroll a network with delayed connections in time: return a feed-forward network that runs so many steps.

        Parameters
        ----------
        steps : int
            How many copies of the network stand one after the other.
        initial : mapping of node name to float, optional
            What nodes have sent before the first step, over delayed connections; by default 0.
        outputs : {"all", "last"}
            Whether the outputs of all steps are outputs, or those of the last step alone: one answer to a sequence.
            Then nodes on which that answer does not depend are left out, inputs excepted.

        Returns
        -------
        Network
            The node H1 of step 3 is called H1[3], the connection W5 into it W5[3]; steps count from 0. Bias nodes are
            shared. The copies of a connection are tied: ``unrolled["W5"]`` is the tie, its gradient the sum over all
            steps, which is backpropagation through time. Inputs and outputs stand in the order of time: all of step 0,
            then all of step 1.

        Raises
        ------
        ArgumentError, ArgumentTypeError
            If steps is no whole number of at least 1, initial no mapping to finite numbers, or the loss takes all
            outputs for one choice, such as softmax_cross_entropy, and there are several steps of them.
        UnknownNameError
            If initial names no node.

        See Also
        --------
        Network.recurrent : Make an Elman, Jordan, GRU or LSTM network.
        Network.take_weights : Bring back what the unrolled network learnt.
        Network.connect : Connect two nodes, with a delay.

        Notes
        -----
        Sequences in an array of shape (n_samples, steps, n_inputs) are ``X.reshape(len(X), -1)`` for the unrolled
        network, and so are targets.

        A node that something comes into delayed gets nothing in the first step; where it is no sum, or nothing else
        comes in, and for nodes that `initial` names, a constant stands there: H1[-1] is what H1 sent before step 0.

        References
        ----------
        Werbos, P. J., "Backpropagation through time: what it does and how to do it" (Proceedings of the IEEE, 1990).

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network()
        >>> I1, O1 = net.add_input(), net.add_output()
        >>> _ = net.connect(I1, O1, weight=1.0), net.connect(O1, O1, weight=0.5, delay=1)
        >>> unrolled = net.unroll(steps=3)
        >>> unrolled.forward([8.0, 0.0, 0.0])
        array([8., 4., 2.])
        >>> unrolled["W2"]
        <Tie W2: W2[1] = W2[2] = 0.5>
        """
        from nodesim.recurrence.unrolling import unrolled

        twin = type(self).__new__(type(self))
        Network._hold(twin, unrolled(self._simulator, steps, initial, outputs, twin))
        return twin

    def take_weights(self, unrolled: Network) -> None:
        """Take the weights of a network that was made by unrolling this one, after it was trained.

        Parameters
        ----------
        unrolled : Network
            What `unroll` returned, of any number of steps.

        Raises
        ------
        StructureError
            If it was not made of this network, or copies of one connection have different weights.

        See Also
        --------
        Network.unroll : Unroll a network in time.

        Notes
        -----
        Connections are found by their names. Those that have no copy there keep their weights.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.recurrent(1, 2, 1, seed=0)
        >>> short = net.unroll(steps=3)
        >>> _ = short.fit([[0, 0, 1], [1, 0, 0]], [[0, 0, 1], [1, 1, 1]], epochs=10)
        >>> net.take_weights(short)
        >>> longer = net.unroll(steps=20)
        """
        from nodesim.recurrence.unrolling import take_weights

        take_weights(self._structure, simulator_of(unrolled, "take_weights needs an unrolled network").structure)

    def trial(self) -> AbstractContextManager[Self]:
        """Try something: at the end of the block the network is again what it was, and shows what it showed.

        Returns
        -------
        context manager
            For one ``with``. The block gets the network itself.

        Raises
        ------
        StructureError
            Where the block begins or ends: if the network is being trained.
        StateError
            Where the block begins: if the trial had its block already.

        See Also
        --------
        Network.copy : Make an independent network, to be kept beside this one.
        Network.split : Put a node into the middle of a connection.
        Network.save : Keep a network in a file.

        Notes
        -----
        What is done meanwhile is undone: nodes and connections that came or went, weights, frozen connections,
        activations, constants, loss, classes, engine, threads, runs, updates and trainings, what an optimizer has kept,
        and what the generator drew. A block that ends with an exception, Ctrl-C too, is undone like any other, and the
        exception comes out of it. Trials may stand in one another.

        Nodes and connections that were there before are the same objects afterwards, also those that were removed
        meanwhile; those that were made meanwhile are removed. What the block has made besides, such as copies, paths,
        recordings and files, it has made.

        It costs about as much as a copy of the weights, and then what the edits themselves do. Another thread must
        leave the network alone from the begin to the end.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 3, 1], seed=1)
        >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
        >>> before = net.error(X, y)
        >>> for node in net.hidden:
        ...     with net.trial():
        ...         _ = net.remove(node)
        ...         print(f"without {node.name}: {net.error(X, y):.3f}")
        without H1: 0.961
        without H2: 0.859
        without H3: 1.525
        >>> net.error(X, y) == before
        True
        """
        from nodesim.simulation.trial import NetworkTrial

        return NetworkTrial(self, self._simulator)

    # ---- look ----------------------------------------------------------------------------------------------

    @property
    def graph(self) -> nx.DiGraph[Node[Network]]:
        """The structure as a live, read-only networkx `DiGraph` of `Node` objects.

        ``graph.edges[u, v]["connection"]`` is the `Connection`, ``["weight"]`` its weight of this moment, and
        ``graph.nodes[u]`` says kind, layer, order, and activation or constant. ``network.graph.copy()`` is a graph of
        your own, with plain dicts; `from_networkx` makes a network of it, relabelled or cut if you like.
        """
        return self._structure.graph

    @property
    def nodes(self) -> tuple[Node[Network], ...]:
        """All nodes, bias nodes included, in the order in which they were added."""
        return self._structure.nodes

    @property
    def inputs(self) -> tuple[Node[Network], ...]:
        """The input nodes: the columns of x."""
        return self._structure.of_kind("input")

    @property
    def hidden(self) -> tuple[Node[Network], ...]:
        """The hidden nodes."""
        return self._structure.of_kind("hidden")

    @property
    def outputs(self) -> tuple[Node[Network], ...]:
        """The output nodes: the columns of y."""
        return self._structure.of_kind("output")

    @property
    def biases(self) -> tuple[Bias[Network], ...]:
        """The bias nodes."""
        return self._structure.biases

    @property
    def connections(self) -> tuple[Connection[Network], ...]:
        """All connections, in the order of their default numbers W1, W2, ..."""
        return self._structure.connections

    @property
    def ties(self) -> tuple[Tie[Network], ...]:
        """All ties, in the order in which they were made: weights with several uses."""
        return tuple(self._structure.ties)

    @property
    def layers(self) -> tuple[Layer[Network], ...]:
        """The layers, from the input layer to the output layer."""
        return self._structure.layers

    def __getitem__(self, name: str) -> Any:
        """Return the node, connection or tie of a name.

        Raises
        ------
        UnknownNameError
            If there is none; the message suggests the nearest name.
        """
        return self._structure[name]

    def __contains__(self, name: object) -> bool:
        return name in self._structure

    def __len__(self) -> int:
        return len(self._structure)

    def __iter__(self) -> Iterator[Node[Network]]:
        return iter(self._structure)

    def node(self, node: str | Node) -> Node[Network]:
        """Return a node of this network from its name or itself.

        Parameters
        ----------
        node : str or Node
            A node of this network, or its name.

        Returns
        -------
        Node
            The node, of whatever kind: input, hidden, output or bias.

        Raises
        ------
        UnknownNameError, StaleElementError, ArgumentTypeError
            If it is unknown, removed or of another network, or no node.

        See Also
        --------
        Network.connection : Return a connection.
        Network.nodes : All nodes.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], seed=0)
        >>> net.node("H1")
        <Node H1 (hidden, sigmoid)>
        """
        return self._structure.node(node)

    def connection(self, connection: str | Connection) -> Connection[Network]:
        """Return a connection of this network from its name or itself.

        Parameters
        ----------
        connection : str or Connection
            A connection of this network, or its name.

        Returns
        -------
        Connection
            The connection.

        Raises
        ------
        UnknownNameError, StaleElementError, ArgumentTypeError
            If it is unknown, removed or of another network, or no connection.

        See Also
        --------
        Network.node : Return a node.
        Network.connections : All connections.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], seed=0)
        >>> net.connection("W7").source, net.connection("W7").target
        (<Node H1 (hidden, sigmoid)>, <Node O1 (output, linear)>)
        """
        return self._structure.connection(connection)

    @property
    def dtype(self) -> str:
        """What the numbers are: "float64", or "float32", in which gradients agree to 1e-4 of the scale."""
        return self._structure.dtype

    @property
    def weights(self) -> Array:
        """All weights of this moment, shape (n_connections,), in connection order; set it to change them all.

        The array is read-only and stays as it is: ``net.weights[0] = 1.0`` raises a ValueError, and would have changed
        no weight. Take ``net.weights.copy()``, or calculate a new array, and set that.

        Raises
        ------
        ArgumentError
            When it is set to something else than one finite number for each connection.
        """
        return self._structure.weights

    @weights.setter
    def weights(self, weights: Any) -> None:
        self._structure.weights = weights

    @property
    def gradients(self) -> Array:
        """∂e/∂W of the last backward, shape (n_connections,), in connection order; set it to clip or scale them.

        The array is read-only, as that of `weights` is. What it is set to is what the next `update` uses and what each
        `Connection.gradient` shows, until there is another forward or backward. What explains the backward keeps its
        own numbers: deltas, `paths`, `derivation`, `steps` and `dead_weights` say what the gradients were.

        Raises
        ------
        StateError
            Without a backward; when it is set, also if a weight, function or constant was changed since.
        ArgumentError
            When it is set to something else than one finite number for each connection.

        Examples
        --------
        >>> import nodesim as ns, numpy as np
        >>> net = ns.Network.layered([2, 2, 1], seed=0)
        >>> _, _ = net.forward([0.5, 1.0]), net.backward([1.0])
        >>> net.gradients = np.clip(net.gradients, -0.1, 0.1)
        >>> net["W9"].gradient, round(net.paths("W9").gradient, 4)
        (-0.1, -0.8602)
        """
        return self._structure.gradients

    @gradients.setter
    def gradients(self, gradients: Any) -> None:
        self._traced_run("setting gradients")
        self._structure.gradients = gradients

    @property
    def initializer(self) -> Initializer:
        """How weights are drawn."""
        return self._structure.initializer

    @property
    def loss(self) -> Loss:
        """How the error e is calculated; set it by name or object."""
        return self._simulator.loss

    @loss.setter
    def loss(self, loss: object) -> None:
        self._simulator.loss = loss

    @property
    def classes(self) -> tuple[str | int | bool, ...] | None:
        """The class labels of the outputs, in their order, or two for a single output: those of 0 and of 1; or None.

        Set them, or let `fit` take them from y: then targets may be these labels, and `classify` returns them. Labels
        are texts, whole numbers or truth values. They are kept in files and copies, and gone, so None, once an output
        comes or goes.

        Raises
        ------
        ArgumentError, ArgumentTypeError
            When they are set to more or fewer labels, to equal ones, or to what are none.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([1, 1], "linear", "sigmoid", loss="binary_cross_entropy", seed=0)
        >>> net.classes = ["ham", "spam"]
        >>> net.weights = [1.0, 0.0]
        >>> net.classify([[-1.0], [1.0]]).tolist(), net.score([[-1.0], [1.0]], ["ham", "ham"])
        (['ham', 'spam'], 0.5)
        """
        return self._simulator.classes

    @classes.setter
    def classes(self, classes: Iterable[str | int | bool] | None) -> None:
        self._simulator.classes = classes

    @property
    def engine(self) -> str:
        """What calculates: "compiled" is fast and the default, "nodes" walks node by node, as the article does.

        All engines mean the same and agree to the last digits. "compiled" runs in NumPy until about a second of work
        was asked of this network (a training counts with all its epochs), and from then on in native code where numba
        is installed (the extra ``fast``). "native" and "numpy" ask for one of the two forms. Which form runs depends on
        the calls so far and never on a clock: the same program gives the same numbers bit by bit.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], seed=0)
        >>> net.engine, net.forward([0.5, 1.0]).shape
        ('compiled', (1,))
        >>> net.engine = "nodes"
        """
        return self._simulator.engine

    @engine.setter
    def engine(self, name: str) -> None:
        self._simulator.engine = name

    @property
    def threads(self) -> int:
        """How many threads the compiled engine may use for a batch, at most 256; the results are the same, bit by bit.

        A batch keeps as many cores busy as it has blocks of 32 samples. More threads than cores are allowed.
        """
        return self._simulator.threads

    @threads.setter
    def threads(self, threads: int) -> None:
        self._simulator.threads = threads

    # ---- run -----------------------------------------------------------------------------------------------

    def forward(self, x: Any, *, dropout: Any = None) -> Array:
        """Feed forward: H, HA of every node, O and OA of the outputs (article, step 2).

        Parameters
        ----------
        x : array_like of shape (n_inputs,) or (n_samples, n_inputs), mapping, data frame, or Dataset
            One sample or a batch, in the order of `Network.inputs`; or a number or vector for each input's name; or a
            frame of pandas or polars with a column for each, in any order.
        dropout : float, or mapping from hidden node to float, optional
            With which probability each hidden node is dropped, for each sample anew: its HA is 0 then, and 1 / (1 - p)
            times what it was otherwise. `Node.mask` shows by what it was multiplied; a backward goes through the same
            nodes.

        Returns
        -------
        ndarray of shape (n_outputs,) or (n_samples, n_outputs)
            OA of the outputs. Every node's `value` and `activated` show this run.

        Raises
        ------
        DataError
            If x does not fit or is not finite; the message says which sample and input.
        StructureError
            If there are no inputs or outputs, or nothing leads to an output.
        NonFiniteError, FunctionError
            If a sum overflows or an activation fails; the message names the node.

        See Also
        --------
        Network.backward : Calculate the gradients of this run.
        Network.steps : Show each weighted sum of one sample, one at a time.
        Network.error : Run forward, and calculate e.

        References
        ----------
        Article, section 3, step 2.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], seed=0)
        >>> bool(net.forward([0.5, 1.0])[0] == net["O1"].activated)
        True
        """
        simulator, structure = self._simulator, self._structure
        if dropout is None and (found := simulator.at_once.forward(x)) is not None:
            structure.store.show(found[0])
            return found[1]
        inputs, single = simulator.inputs(x)
        if dropout is None:
            run = simulator.forward(inputs, single=single)
        else:
            dropped = Dropout(structure, dropout)
            with dropped.drawn_back():
                run = simulator.forward(inputs, single=single, mask=dropped.mask(inputs.shape[1]))
        structure.store.show(run)
        outputs = run.rows("activated", structure.schedule.output_rows)
        return outputs[:, 0] if single else outputs.T.copy()

    def backward(
        self, y: Any, *, sample_weight: Any = None, class_weight: Any = None, l1: float | None = None,
        l2: float | None = None, regularizer: Any = None, clip: float | None = None,
    ) -> float:  # fmt: skip
        """Walk back from the error: delta of every node, gradient of every connection (article, step 3).

        Parameters
        ----------
        y : array_like of shape (n_outputs,) or (n_samples, n_outputs), mapping or data frame
            The desired outputs of the samples of the last `forward`; (n_samples,) is accepted for one output, and whole
            class numbers of that shape for several. Of a frame, the columns with the outputs' names. Labels, one for
            each sample, are those of `classes`, or the names of several outputs.
        sample_weight : array_like of shape (n_samples,), optional
            How much each sample counts: e is Σ w·e_s / Σ w then.
        class_weight : mapping from class to weight, or "balanced", optional
            How much the samples of each class count; "balanced" lets all classes count alike.
        l1, l2 : float, optional
            Strengths λ of penalties that are added to e: ``λ·Σ|W|``, and λ/2·ΣW², whose derivative is λ·W. The sums are
            over all weights, those of bias nodes included, as with torch's ``weight_decay``.
        regularizer : str, Regularizer, or list of these, optional
            Other penalties.
        clip : float, optional
            How long the gradient of all trainable weights may be: all derivatives are multiplied by
            min(1, clip / (length + 1e-6)), as by ``torch.nn.utils.clip_grad_norm_``.

        Returns
        -------
        float
            The error e: the mean of the samples' errors, and the penalties. Every node's `delta` and every connection's
            `gradient` show this run.

        Raises
        ------
        StateError
            If nothing was run forward, or the network was changed since.
        DataError
            If y does not fit or is not finite.
        NonFiniteError, FunctionError
            If a derivative is not finite or fails; the message names the node.

        See Also
        --------
        Network.forward : Run the samples first.
        Network.update : Change the weights by these gradients.
        Network.paths : List what feeds one of these gradients.
        nodesim.check_gradients : Compare them with path sums and finite differences.

        References
        ----------
        Article, section 3, step 3.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], seed=0)
        >>> _ = net.forward([0.5, 1.0])
        >>> e = net.backward([1.0])
        >>> bool(e == (1.0 - net["O1"].activated) ** 2)
        True
        """
        plain = sample_weight is None and class_weight is None and l1 is None and l2 is None and regularizer is None
        if plain and clip is None and (found := self._simulator.at_once.backward(y)) is not None:
            run, gradients, error = found
            self._structure.store.show_backward(run, gradients)
            return error
        before, asked = self._current_run("backward"), terms(regularizer, l1, l2, clip)
        targets = self._simulator.targets(y, before.n_samples, single=before.single)
        weights = sample_weights(sample_weight, class_weight, targets, self._simulator.labels)
        run = before.for_backward()
        of_samples = None if weights is None else shares(weights)
        gradients = self._simulator.backward(run, targets, shares=of_samples, terms=asked)
        self.store.show(run, gradients)
        return run.error

    def _current_run(self, what: str) -> Run:
        self.schedule.check_at_once()
        run = self.store.run
        if run is None:
            self._structure.lock.check_settable()
            raise StateError(
                f"{what} needs a forward run of this network as it is; nothing was run since it was made, edited "
                "or trained. Run network.forward(x) first."
            )
        if run.version != self.store.version:
            raise StateError(
                f"{what} needs a forward run of this network as it is; a weight, function or constant was changed "
                "since the last one. Run network.forward(x) again."
            )
        return run

    def _traced_run(self, what: str) -> Run:
        run = self._current_run(what)
        if run.errors is None:
            raise StateError(f"{what} needs the gradients of this run: run network.backward(y) first.")
        return run

    def update(self, learning_rate: float | None = None, optimizer: object = "sgd") -> None:
        """Change all trainable weights simultaneously, by the gradients of the last backward (article, step 3).

        Parameters
        ----------
        learning_rate : float, optional
            The η of the article; by default the optimizer's own, 0.5 for "sgd".
        optimizer : str or Optimizer
            Its state (velocities, moments) is kept from update to update, until another optimizer is used or
            the structure is edited.

        Raises
        ------
        StateError
            Without a backward on the weights as they are.
        ArgumentError, NonFiniteError, FunctionError
            If the learning rate is not usable, or a weight would not be finite.

        See Also
        --------
        Network.fit : Run forward, backward and update over and over.
        Connection.trainable : Whether updates change a weight.
        nodesim.optimizer : Look up an optimizer, with parameters.

        References
        ----------
        Article, section 3, step 3.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], seed=0)
        >>> _, _ = net.forward([0.5, 1.0]), net.backward([1.0])
        >>> expected = net["W1"].weight - 0.5 * net["W1"].gradient
        >>> net.update(learning_rate=0.5)
        >>> net["W1"].weight == expected
        True
        """
        self._structure.lock.check_settable()
        chosen = lookup.optimizer(optimizer)
        if self._simulator.at_once.update(self._simulator.kept_state, learning_rate, chosen):
            return
        self._traced_run("update")
        eta = rate(learning_rate, chosen)
        kept = self._optimizer_state_of(chosen, eta)
        store = self.store
        weights, state = kept.step(store.weights, store.gradients, store.trainable, eta, self.schedule.shared)
        following = (self.schedule, kept)
        # Plain assignments: where something is called Ctrl-C may come in, and leave half an update.
        store.weights[:] = weights
        kept.state = state
        self._simulator.kept_state = following
        store.version += 1

    def _optimizer_state_of(self, optimizer: Optimizer, eta: float) -> OptimizerState:
        schedule, kept = self.schedule, self._simulator.kept_state
        if kept is not None and kept[0].version == schedule.version and kept[1].optimizer == optimizer:
            move = functools.partial(schedule.taken_over, earlier=kept[0])
            return kept[1] if kept[0] is schedule else kept[1].moved(move)
        return OptimizerState(optimizer, self.store.weights, eta, self._structure.describe_slot)

    # ---- learn and use -------------------------------------------------------------------------------------

    def fit(
        self,
        X: Any,
        y: Any = None,
        epochs: int = 1000,
        learning_rate: Any = None,
        batch_size: int | None = None,
        optimizer: object = "sgd",
        *,
        sample_weight: Any = None,
        class_weight: Any = None,
        shuffle: bool = True,
        validation_data: Any = None,
        validation_split: float | None = None,
        stop_at_error: float | None = None,
        patience: int | None = None,
        tolerance: float | None = None,
        l1: float | None = None,
        l2: float | None = None,
        regularizer: Any = None,
        clip: float | None = None,
        dropout: Any = None,
        resume: bool = False,
        callbacks: Any = (),
        progress: bool | None = None,
        n_jobs: int | None = None,
        client: Any = None,
    ) -> History:
        """Train: forward, backward and simultaneous update, over and over.

        Parameters
        ----------
        X : array_like of shape (n_samples, n_inputs), mapping, data frame, or Dataset
            The samples, as for `forward`. They are not copied where they are floats in C order: leave them alone
            meanwhile, as y. Or, without y, batches that need not fit into memory together: what can be iterated over,
            or a callable that returns it for each epoch, and gives (X, y) or (X, y, sample_weight) for each update.
            Whatever it raises or gives amiss ends the training, with the weights of the last whole update and a
            `History.stop_reason` that says so; no learning rate is searched for then, and labels are those of
            `classes`, which is to be set before: one batch may not have all of them.
        y : array_like of shape (n_samples, n_outputs), mapping or data frame; left out with a Dataset
            What they should give; also class numbers of shape (n_samples,), or labels, as for `backward`. A network
            without `classes` takes the labels that are there, sorted, or the outputs' names: there must be one for each
            output, or two for a single one.
        epochs : int
            How many times the samples are gone through, at most.
        learning_rate : float, callable, str or LearningRateSchedule, optional
            The η of the article; or what gives one for each epoch: a callable that takes its number, 1 for the first,
            or a schedule by name or object. By default it is searched for: training begins with the optimizer's own, an
            epoch that ends with a larger error is undone and made again with half of it, and `History.learning_rates`
            keeps what was found; so the network does not end worse than it began.
        batch_size : int, optional
            Samples for each update: None takes them all, 1 is online learning.
        optimizer : str or Optimizer
            It starts afresh with each call, unless that resumes.
        sample_weight, class_weight : optional
            How much samples, or the samples of classes, count, as for `backward`. A batch in which none does changes
            nothing.
        shuffle : bool
            Whether the samples are put into another order each epoch, where there are several batches.
        validation_data : (X, y), or (X, y, sample_weight), optional
            Its error, without penalties, is recorded, and watched instead of the training error.
        validation_split : float, optional
            Which part of the samples is held out for that instead, where their weights count, too: always the same of
            as many samples.
        stop_at_error : float, optional
            Stop as soon as the error over all samples is this low.
        patience : int, optional
            Early stopping: stop when the error watched has not become lower for so many epochs. With samples to
            validate, the weights of the best epoch are restored then; where all epochs are done first, the last ones
            stay. Default 10 if a tolerance is given, else never.
        tolerance : float, optional
            What counts as lower: by more than this.
        l1, l2, regularizer, clip : optional
            Penalties of the weights, and how long the gradient of an update may be, as for `backward`.
        dropout : float, or mapping from hidden node to float, optional
            With which probability hidden nodes are dropped, for each update and sample anew, as for `forward`.
        resume : bool
            Whether to go on where the last training stopped: with what the optimizer remembers, the learning rate that
            was found, and the number of epochs that a schedule counts; a rate that a callback has set holds on until
            another `learning_rate` is given. Where nothing was trained yet it begins afresh. Files and copies keep it,
            also those that callbacks make meanwhile.
        callbacks : callable or list of callables
            Each is called with an `Epoch` at the end of every epoch; one that returns True stops the training. It may
            set the learning rate (`Epoch.learning_rate`), run the network, and set its weights, frozen connections,
            functions, constants, loss, engine and threads, which count from the next update on; nodes and connections
            stay as they are. Other threads can do neither.
        progress : bool, optional
            Whether to show a progress line; by default in a notebook and on a terminal, after a second. It is wiped at
            the end.
        n_jobs : int, optional
            Calculate each batch in shards, in so many processes of this machine, -1 for one on each core (the extra
            "sweep"). What comes out does not depend on their number, bit by bit; see
            `nodesim.parallel.ShardedGradients`. They start anew with each call, in a few seconds: it pays where
            training takes minutes, with large batches.
        client : distributed.Client, optional
            The same by the workers of a Dask cluster (the extra "dask"), with the bits of ``n_jobs=1``.

        Returns
        -------
        History
            The errors and why it stopped. Ctrl-C and a training that diverges (its error is a million times the first
            and rising, or no finite number) stop it too: the weights are those of the last whole, finite step.

        Raises
        ------
        ArgumentError, DataError, StructureError, FunctionError
            If an argument, the data, the network or a function is not usable; nothing is changed then. Any other
            exception, as from a callback or a signal's handler, comes out as it is. The network is then what it was
            before, in all that callbacks may have set, and shows what it showed.
        WorkerError, MissingExtraError
            If processes end whenever they calculate a step, or cannot be had; nothing is changed then.
        StateError
            If it shall resume what another optimizer, or another structure, began.

        See Also
        --------
        Network.update : Make a single step.
        History.chart : The errors over the epochs, as text.
        Recording : Keep the weights of some epochs: a callback.
        PathRecording : Keep which paths taught some weights: a callback.
        Ledger : Post what every update moved some weights by: a callback.

        References
        ----------
        Article, section 3, step 3.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 3, 1], seed=1)
        >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
        >>> net.fit(X, y, epochs=5000, stop_at_error=0.001).converged
        True
        """
        plan, fit, samples = _training()
        chosen = lookup.optimizer(optimizer)
        planned = plan(
            epochs=epochs, learning_rate=learning_rate, optimizer=chosen, batch_size=batch_size,
            shuffle=shuffle, stop_at_error=stop_at_error, patience=patience, tolerance=tolerance,
            callbacks=callbacks, progress=progress, dropout=dropout, validation_split=validation_split, resume=resume,
            n_jobs=n_jobs, client=client, l1=l1, l2=l2, regularizer=regularizer, clip=clip,
        )  # fmt: skip
        history: History = fit(self._simulator, samples(X, y, sample_weight, class_weight, validation_data), planned)
        return history

    def predict(self, X: Any) -> Array:
        """Return the outputs OA for inputs: `forward` by the name that scikit-learn gives it.

        Parameters
        ----------
        X : array_like of shape (n_inputs,) or (n_samples, n_inputs), mapping, data frame, or Dataset
            One sample or a batch, as for `forward`.

        Returns
        -------
        ndarray of shape (n_outputs,) or (n_samples, n_outputs)
            OA of the outputs.

        Raises
        ------
        DataError, StructureError, NonFiniteError, FunctionError
            As for `forward`.

        See Also
        --------
        Network.classify : Return class numbers.
        Network.predict_proba : Return the probability of each class.
        Network.forward : The same, in the article's words.

        Examples
        --------
        >>> import nodesim as ns
        >>> ns.Network.layered([2, 2, 1], seed=0).predict([[0, 1], [1, 0]]).shape
        (2, 1)
        """
        return self.forward(X)

    def predict_proba(self, X: Any) -> Array:
        """Return the probability of each class: softmax of the outputs, or the outputs where they are sigmoid.

        Parameters
        ----------
        X : array_like of shape (n_inputs,) or (n_samples, n_inputs), mapping, data frame, or Dataset
            One sample or a batch, as for `forward`.

        Returns
        -------
        ndarray of shape (n_outputs,) or (n_samples, n_outputs)
            Between 0 and 1; with softmax the outputs of each sample add up to 1.

        Raises
        ------
        StateError
            If the loss is not one that classifies.
        DataError, StructureError, NonFiniteError, FunctionError
            As for `forward`.

        See Also
        --------
        Network.classify : Return the number of the most probable class.
        nodesim.loss : Look up a loss, such as "softmax_cross_entropy".

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 3], loss="softmax_cross_entropy", seed=0)
        >>> bool(abs(net.predict_proba([0.0, 1.0]).sum() - 1.0) < 1e-15)
        True
        """
        if not self.loss.classifies:
            raise StateError(f"loss {self.loss.name!r} gives no probabilities; use 'softmax_cross_entropy' or "
                             "'binary_cross_entropy', or network.predict(X) for the outputs.")  # fmt: skip
        outputs = self.predict(X)
        if self.loss.outputs != "linear":
            return outputs
        return objective.softmax(outputs)

    def classify(self, X: Any) -> Any:
        """Return the classes: of the largest output of several, or 1 where a single one is above one half.

        Parameters
        ----------
        X : array_like of shape (n_inputs,) or (n_samples, n_inputs), mapping, data frame, or Dataset
            One sample or a batch, as for `forward`.

        Returns
        -------
        int, or ndarray of int of shape (n_samples,)
            The number of the class, counted from 0 in the order of the outputs; or its label, where the network has
            `classes`.

        Raises
        ------
        DataError, StructureError, NonFiniteError, FunctionError
            As for `forward`.

        See Also
        --------
        Network.predict_proba : Return how probable each class is.
        Network.score : Return how often the class is right.
        Network.classes : The labels of the outputs.

        Examples
        --------
        >>> import nodesim as ns
        >>> ns.Network.layered([2, 2, 3], seed=0).classify([[0, 1], [1, 0]]).shape
        (2,)
        """
        return class_labels.written(objective.classes(self.predict(X).T), self.classes)

    def error(
        self, X: Any, y: Any = None, *, sample_weight: Any = None, class_weight: Any = None, l1: float | None = None,
        l2: float | None = None, regularizer: Any = None,
    ) -> float:  # fmt: skip
        """Return e, the mean of the samples' errors; the objects show the forward run.

        Parameters
        ----------
        X : array_like of shape (n_inputs,) or (n_samples, n_inputs), mapping, data frame, or Dataset
            One sample or a batch, as for `forward`.
        y : array_like of shape (n_outputs,) or (n_samples, n_outputs); left out with a Dataset
            The desired outputs, as for `backward`.
        sample_weight, class_weight, l1, l2, regularizer : optional
            How much samples count, and which penalties are added, as for `backward`.

        Returns
        -------
        float
            The error e by the network's loss.

        Raises
        ------
        DataError, StructureError, NonFiniteError, FunctionError
            As for `forward` and `backward`.

        See Also
        --------
        Network.backward : Calculate e of the last run, and its gradients.
        Network.score : Judge the outputs by accuracy or R².

        References
        ----------
        Article, section 3, step 2.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], seed=0, initializer="zeros")
        >>> net.error([[0, 1], [1, 0]], [1, 2])
        2.5
        """
        asked = terms(regularizer, l1, l2)
        run, targets = self._judged(X, y)
        weights = sample_weights(sample_weight, class_weight, targets, self._simulator.labels)
        errors = self._simulator.errors(run, targets)
        penalties = asked.penalties(self.schedule, self.store.weights)
        error = error_of(errors, None if weights is None else shares(weights), penalties)
        self.store.show(run)
        return error

    def _judged(self, X: Any, y: Any = None) -> tuple[Run, Array]:
        """Run forward without showing it, and return the run and its targets."""
        inputs, targets, single = self._simulator.pairs(X, y)
        return self._simulator.forward(inputs, single=single), targets

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:
        """Return the accuracy where the loss classifies or there are `classes`, else R².

        As in scikit-learn: 1.0 is best, and R², the coefficient of determination, is the mean over the outputs.

        Parameters
        ----------
        X : array_like of shape (n_samples, n_inputs), mapping, data frame, or Dataset
            The samples, as for `forward`.
        y : array_like of shape (n_samples, n_outputs); left out with a Dataset
            The desired outputs, or class numbers or labels of shape (n_samples,), as for `backward`.
        sample_weight : array_like of shape (n_samples,), optional
            How much each sample counts.

        Returns
        -------
        float
            The share of samples whose class is right, or R², which may be below 0.

        Raises
        ------
        DataError, StructureError, NonFiniteError, FunctionError
            As for `forward` and `backward`.
        ArgumentError
            If R² is not defined, because the targets of an output are all the same.

        See Also
        --------
        Network.error : Judge the outputs by the network's own loss.
        Network.classify : Return the class numbers that are judged.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([1, 1, 1], seed=0, initializer="zeros")
        >>> net.score([[0.0], [1.0]], [-1.0, 1.0])
        0.0
        """
        run, targets = self._judged(X, y)
        outputs = run.rows("activated", self.schedule.output_rows)
        weights = sample_weights(sample_weight, None, targets)
        classifies = self.loss.classifies or self.classes is not None
        score = objective.score(targets, outputs, weights, classifies=classifies)
        self.store.show(run)
        return score

    # ---- explain -------------------------------------------------------------------------------------------

    @overload
    def paths(self, of: Tie, sample: int | None = None, *, to: str | Node | Quantity | None = None) -> TiedPaths: ...
    @overload
    def paths(
        self, of: str | Connection | Node | Quantity, sample: int | None = None, *,
        to: str | Node | Quantity | None = None,
    ) -> GradientPaths: ...  # fmt: skip
    def paths(
        self,
        of: str | Connection | Node | Quantity | Tie,
        sample: int | None = None,
        *,
        to: str | Node | Quantity | None = None,
    ) -> GradientPaths | TiedPaths:
        """List, count and sum the paths that feed the gradient of a weight in the last backward.

        Parameters
        ----------
        of : str, Connection, Node, Quantity or Tie
            A weight; or a node, whose weighted sum it is then (∂e/∂H1, the node's delta), an activated node by
            its name ("HA1"), or an input ("I1"). A `Tie`, or its name, is the weight in all its uses.
        sample : int, optional
            Look at this sample of the batch alone; by default products are means over the samples.
        to : str, Node or Quantity, optional
            What is derived in the place of e: "OA2" or "O2" of an output, "HA3" or "H3" of a hidden node. The paths
            then lead from there, and a forward is enough. Where none does, there are 0 and the derivative is 0.

        Returns
        -------
        GradientPaths, or TiedPaths
            Lazy; it keeps the numbers of this backward, whatever the network does afterwards. Those of a tie have the
            paths of all uses, and of each by ``by_use()``.

        Raises
        ------
        StateError
            Without a backward on the weights as they are.
        ArgumentError
            If there is no such sample, or what is derived is a weight or the quantity itself.

        See Also
        --------
        Network.derivation : Write the same sum out as a formula.
        Network.jacobian : The derivatives of all outputs by all inputs.
        Network.path_counts : Count the paths to every weight, without a run.
        Network.draw : Show the paths in red.
        GradientPaths.top : The paths of the largest ``|product|``, first.
        GradientPaths.cut : What e would be without what comes along them.

        References
        ----------
        Article, section 4.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], seed=0)
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> for path in net.paths("W1"):
        ...     print(path.formula)
        ∂e/∂OA1 · ∂OA1/∂O1 · ∂O1/∂HA1 · ∂HA1/∂H1 · ∂H1/∂W1
        ∂e/∂OA2 · ∂OA2/∂O2 · ∂O2/∂HA1 · ∂HA1/∂H1 · ∂H1/∂W1
        >>> print(net.paths("I1", to="OA2"))
        ∂OA2/∂I1 = 0.068641, the sum of 2 paths
          ∂OA2/∂O2 · ∂O2/∂HA1 · ∂HA1/∂H1 · ∂H1/∂I1 ≈ 1 · 0.947081 · 0.23694 · 0.12573 ≈ 0.028214
          ∂OA2/∂O2 · ∂O2/∂HA2 · ∂HA2/∂H2 · ∂H2/∂I1 ≈ 1 · (−1.26542) · 0.241834 · (−0.132105) ≈ 0.040427
        """
        from nodesim.paths import GradientPaths
        from nodesim.paths.tied_paths import TiedPaths

        tie = self._structure.ties.named(of)
        found = [Quantity("weight", use) for use in tie.uses] if tie else [quantity(self._structure, of)]
        derivatives = self._derivatives("paths", self._target(to, found[0]))
        paths = [GradientPaths(derivatives, each, sample) for each in found]
        return TiedPaths(tie.name, dict(zip(tie.uses, paths))) if tie else paths[0]

    def exact(self, x: Any, y: Any = None, *, symbols: Any = False) -> ExactRun:
        """Run samples exactly, in fractions: forward, error, backward and paths, nothing rounded.

        The network, and what its objects show, is left as it was.

        Parameters
        ----------
        x : array_like of shape (n_inputs,) or (n_samples, n_inputs), or mapping
            As for `forward`; numbers, decimal or fractional text ("0.1", "1/3"), Fractions and Decimals. Floats are
            read as they are written, 0.1 as 1/10; so are weights, constants and the parameters of functions.
        y : array_like of shape (n_outputs,) or (n_samples, n_outputs), optional
            The desired outputs, as for `backward`; without them it is run forward only.
        symbols : bool, str, Connection, Node, or iterable of these
            True keeps what is not rational in letters, HA1 for one, and every number is an `ExactExpression`. Weights,
            inputs and bias nodes that are named here are letters, too.

        Returns
        -------
        ExactRun
            With ``error``, ``value("H1")``, ``gradient("W1")`` and ``paths("W1")``.

        Raises
        ------
        DataError
            If x or y does not fit, or a number cannot be read.
        StructureError
            If there are no inputs or outputs, or nothing leads to an output.
        FunctionError
            If a function is not rational, and `symbols` is False; if it has no formula, or no value there. The message
            names the node.
        NonFiniteError
            If a number has too many digits.
        UnknownNameError, StaleElementError, ArgumentError, ArgumentTypeError
            If `symbols` names something else than weights, inputs and bias nodes.

        See Also
        --------
        Network.forward, Network.backward : The same with floats.
        nodesim.check_gradients : Compare these with path sums and finite differences.

        Notes
        -----
        Rational are linear, relu, leaky_relu, hard_sigmoid, hard_tanh, softsign and step, and functions of your own
        whose formula has only arithmetic, comparisons, abs, sign, min and max; of losses mse, mae, half_squared_error
        and huber. What a function is, its formula says; at a kink the derivative is that of the engines.

        References
        ----------
        Article, sections 3 and 4.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], hidden="relu", seed=0)
        >>> run = net.exact(["0.05", "0.1"], ["0.01", "0.99"])
        >>> sum(path.product for path in run.paths("W1")) == run.gradient("W1")
        True
        """
        from nodesim.exact.making import exact

        return exact(self._simulator, x, y, symbols)

    def derivation(
        self,
        of: str | Connection | Node | Quantity,
        sample: int | None = None,
        *,
        to: str | Node | Quantity | None = None,
    ) -> Derivation:
        """Write out the derivative of e by a weight, or by a node, of the last backward.

        Parameters
        ----------
        of : str, Connection, Node or Quantity
            As for `paths`.
        sample : int, optional
            Whose numbers to put in, out of a batch.
        to : str, Node or Quantity, optional
            What is derived in the place of e, as for `paths`.

        Returns
        -------
        Derivation
            ``print`` shows every form; see `Derivation.text`, `Derivation.latex` and `Derivation.tree`.

        Raises
        ------
        StateError, ArgumentError, UnknownNameError
            As for `paths`.

        See Also
        --------
        Network.paths : List, rank and sum the paths one by one.
        Network.operations : Count what the forms cost for several weights together.
        Network.steps : Show the numbers of the whole calculation in order.

        References
        ----------
        Article, sections 4 and 5.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], seed=0)
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> print(net.derivation("W1").text(numbers=False))
        ∂e/∂W1 = ∂e/∂OA1·∂OA1/∂O1·∂O1/∂HA1·∂HA1/∂H1·∂H1/∂W1
               + ∂e/∂OA2·∂OA2/∂O2·∂O2/∂HA1·∂HA1/∂H1·∂H1/∂W1
        """
        from nodesim.derivation import Derivation

        found = quantity(self._structure, of)
        return Derivation(self._derivatives("derivation", self._target(to, found)), found, sample)

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

        See Also
        --------
        Network.derivation : Write out one derivative in each form.
        Network.path_counts : How many paths the expanded form multiplies out.

        References
        ----------
        Article, section 5, "Why it pays".

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
        """
        from nodesim.derivation.operations import Operations

        found = quantities(self._structure, self.connections if of is None else of)
        return Operations(self._derivatives("operations"), found)

    @overload
    def hessian(self, *, sample: int | None = None) -> Hessian: ...
    @overload
    def hessian(
        self, first: str | Connection | Tie, second: str | Connection | Tie, sample: int | None = None
    ) -> SecondDerivative: ...
    def hessian(self, first: Any = None, second: Any = None, sample: int | None = None) -> Hessian | SecondDerivative:
        """Return the second derivative of e by two weights, in the last backward; or those by all pairs.

        Parameters
        ----------
        first, second : str, Connection or Tie, optional
            Two weights, or one twice. Of a tie it is the sum over its uses. By default all.
        sample : int, optional
            Look at this sample of the batch alone; by default the mean over all.

        Returns
        -------
        SecondDerivative
            By two weights: a number, whose ``by_node()`` tells where a path from each meets.
        Hessian
            Else: the matrix in connection order, frozen weights included.

        Raises
        ------
        StateError
            Without a backward on the weights as they are.
        ArgumentError
            If only one weight is named, or the network has more than 5,000 for the matrix.
        UnknownNameError, StaleElementError, ArgumentTypeError, PositionError
            If there is no such weight or sample.
        FunctionError
            If a function's second derivative is not known, or the gradient was cut back by ``clip``.

        See Also
        --------
        Network.hvp : The product of the matrix with a vector, for networks of any size.
        Network.paths : What feeds a first derivative.

        Notes
        -----
        By a sweep forward and back for each weight, many at once: O(weights · samples · connections). Weights of
        samples and penalties count as they do in e. Second derivatives of functions follow from their formulas, else
        from differences that are good to ten digits, or they are refused. At a kink, as that of relu, the slope jumps,
        and nothing is added for that: relu has the second derivative 0.

        References
        ----------
        Pearlmutter, B. A., "Fast Exact Multiplication by the Hessian" (Neural Computation 6, 1994). C. M. Bishop,
        "Exact Calculation of the Hessian Matrix for the Multilayer Perceptron" (Neural Computation 4, 1992).

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], bias=False, seed=0)
        >>> _, _ = net.forward([0.5, 1.0]), net.backward([1.0])
        >>> print(net.hessian("W1", "W5").by_node())
        ∂²e/∂W1∂W5 = −0.33936, the sum of 2 terms
        node  kind         value  term
        O1    weight   −0.260005  ∂e/∂O1 · ∂²O1/∂W5∂HA1 · ∂HA1/∂W1
        O1    loss    −0.0793557  ∂²e/∂OA1² · ∂OA1/∂W1 · ∂OA1/∂W5
        >>> net.hessian()
        <Hessian of e by 6 weights>
        """
        from nodesim.curvature.asking import hessian

        return hessian(self._structure, self._derivatives("hessian"), first, second, sample)

    def hvp(self, v: Any, sample: int | None = None) -> Array:
        """Multiply the matrix of the second derivatives of e with a vector, without making it.

        It is by how much the gradients of the last backward change where the weights move along the vector.

        Parameters
        ----------
        v : array_like of shape (n_connections,), or mapping
            In connection order; or a number for each of some weights, by name or object: ``{"W1": 1.0}`` asks for the
            second derivatives by W1 and each weight.
        sample : int, optional
            Look at this sample of the batch alone; by default the mean over all.

        Returns
        -------
        ndarray of shape (n_connections,)
            In connection order.

        Raises
        ------
        StateError, FunctionError, PositionError
            As for `hessian`.
        DataError, UnknownNameError, ArgumentError
            If v does not fit, or is not finite.

        See Also
        --------
        Network.hessian : The matrix itself, and single entries.

        References
        ----------
        Pearlmutter, B. A., "Fast Exact Multiplication by the Hessian" (Neural Computation 6, 1994).

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([1, 1, 1], hidden="linear", bias=False, seed=0)
        >>> net.weights = [1.0, 2.0]
        >>> _, _ = net.forward([0.5]), net.backward([1.0])
        >>> net.hvp({"W1": 1.0}), net.hvp([0.0, 1.0])
        (array([2., 1.]), array([1. , 0.5]))
        """
        from nodesim.curvature.asking import product

        return product(self._structure, self._derivatives("hvp"), v, sample)

    def jacobian(self, x: Any) -> Array:
        """Return the derivatives of all outputs by all inputs, ∂OA/∂I.

        The network calculates these samples for itself: what its nodes and connections show stays as it was.

        Parameters
        ----------
        x : array_like of shape (n_inputs,) or (n_samples, n_inputs), mapping, data frame, or Dataset
            One sample or a batch, as for `forward`.

        Returns
        -------
        ndarray of shape (n_outputs, n_inputs) or (n_samples, n_outputs, n_inputs)
            In the orders of `Network.outputs` and `Network.inputs`.

        Raises
        ------
        DataError, StructureError, FunctionError, NonFiniteError
            As for `forward`; also where an activation has no derivative.

        See Also
        --------
        Network.paths : ``paths("I1", to="OA2")`` lists what one of them is the sum of.
        Network.attribute : What of an output comes from which input, also where it is not linear.

        Notes
        -----
        By a sweep from each output back, O(outputs · samples · (nodes + connections)).

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 1, 2], bias=False, hidden="linear", seed=0)
        >>> net.weights = [1.0, 2.0, 3.0, 4.0]
        >>> net.jacobian([0.5, 0.5])
        array([[3., 6.],
               [4., 8.]])
        """
        from nodesim.attribution.jacobian import jacobian

        return jacobian(self._simulator, x)

    def attribute(
        self,
        x: Any,
        to: str | Node | Quantity | None = None,
        baseline: Any = None,
        method: str = "integrated",
    ) -> Attribution:
        """Share out what of an output comes from which input, down to nodes, connections and single paths.

        What the output differs by between a baseline and the sample is the integral of its derivative along the
        straight line between them, a sum over paths at every point: so every input has its share, and they add up. The
        network calculates for itself: what its nodes and connections show stays as it was.

        Parameters
        ----------
        x : array_like of shape (n_inputs,) or (n_samples, n_inputs), mapping, data frame, or Dataset
            One sample or a batch, as for `forward`.
        to : str, Node or Quantity, optional
            What is shared out, as for `paths`: "OA1", "H3", ... By default the only output.
        baseline : array_like of shape (n_inputs,) or (n_samples, n_inputs), or mapping, optional
            What the samples are compared with; by default all inputs 0.
        method : {"integrated", "gradient", "conductance"}
            "integrated" integrates. "conductance" does the same, and shows nodes instead of inputs. "gradient" takes
            the derivative at the sample times how far the input is from the baseline: the first-order guess, which
            misses what is not linear.

        Returns
        -------
        Attribution
            ``inputs``, ``total`` and ``difference`` prove one another; ``nodes``, ``flow()`` and ``paths("I1")`` go on.

        Raises
        ------
        DataError, StructureError, FunctionError, NonFiniteError
            As for `forward`; also where an activation has no derivative.
        ArgumentError, ArgumentTypeError, UnknownNameError
            If there is no such method or quantity, or samples and baseline do not fit.

        See Also
        --------
        Attribution.paths : The paths to one input.
        Network.jacobian : The derivatives at a sample.
        Network.paths : The paths that feed a gradient.

        Notes
        -----
        By Gauss-Legendre quadrature in float64 on pieces of the line. A piece is right when two rules of different
        order agree for every input and its sum is what the output changes by, to 1e-14 of the sum of ``|path
        products|``. It is cut where a node passes a kink that the formula of its activation tells (relu, abs, where,
        ...), else in the middle. What jumps has no derivative there and is missed, which ``missed`` shows.

        References
        ----------
        Sundararajan, M., A. Taly, Q. Yan, "Axiomatic Attribution for Deep Networks", ICML 2017.
        Dhamdhere, K., M. Sundararajan, Q. Yan, "How Important Is a Neuron?", ICLR 2019.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 1, 1], bias=False, hidden="relu", seed=0)
        >>> net.weights = [1.0, -2.0, 3.0]
        >>> attribution = net.attribute([1.0, 0.25], to="OA1")
        >>> attribution.inputs, attribution.difference
        (array([ 3. , -1.5]), 1.5)
        """
        from nodesim.attribution.attribute import attribute

        return attribute(self._simulator, x, to, baseline, method)

    def _derivatives(self, what: str, target: Quantity = E) -> DerivativeGraph:
        run = self._traced_run(what) if target == E else self._current_run(f"{what} to {target.name}")
        # Paths, derivations and counts of one run share its graphs; the run itself says whether it is still that one.
        if self._snapshots is None or self._snapshots[0] is not run:
            self._snapshots = (run, {})
        graphs = self._snapshots[1]
        if target not in graphs:
            graphs[target] = snapshot(self.schedule, self.store.weights, run, target)
        return graphs[target]

    def _target(self, to: object, of: Quantity) -> Quantity:
        """Return the quantity that is derived: e, or what was named."""
        is_error = to is None or (isinstance(to, str) and to == E.name and to not in self)
        target = E if is_error else quantity(self._structure, to)
        starts.check(target, of)
        return target

    def steps(self, x: Any, y: Any, learning_rate: float = 0.5) -> Iterator[Step]:
        """Show the whole calculation of one sample, one quantity at a time: forward, error, backward, update.

        The network is run forward and backward on this sample, and its objects show these numbers afterwards.

        Parameters
        ----------
        x : array_like of shape (n_inputs,)
            One sample, in the order of `Network.inputs`.
        y : array_like of shape (n_outputs,)
            Its desired outputs, in the order of `Network.outputs`.
        learning_rate : float
            The η of the update that is shown. It is not made: call `update` for that.

        Returns
        -------
        iterator of Step
            Each has a formula, the numbers put in, and the value; ``print`` shows it on one line.

        Raises
        ------
        DataError
            If x is not one sample, or as for `forward` and `backward`.

        See Also
        --------
        Network.derivation : Write out a single derivative.
        Network.explore : Step through the calculation in a page.

        References
        ----------
        Article, section 3.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([1, 1, 1], bias=False, seed=0, initializer=ns.initializer("constant", value=0.5))
        >>> steps = net.steps([2.0], [1.0])
        >>> print(next(steps))
        I1 = 2
        >>> print(next(steps))
        H1 = I1·W1 = 2·0.5 = 1
        """
        from nodesim.derivation import steps

        eta = rate(learning_rate, lookup.optimizer("sgd"))
        run, gradients = steps.run_one(self._simulator, x, y)
        with self.store.as_before_on_error(self.schedule.slots):
            self.store.show(run, gradients)
            return steps.steps(self._derivatives("steps"), self.store, eta)

    def path_counts(self) -> PathCounts:
        """Count for every weight the paths that feed its gradient. No run is needed.

        Returns
        -------
        PathCounts
            The exact number by a weight's name or connection; ``array`` holds all of them, ``most`` and ``least``
            return the weights that are fed by the most and the fewest paths.

        See Also
        --------
        Network.paths : The paths to one weight, with their products.
        Network.path_norm : The sum over all paths of what their weights multiply to.
        Network.dead_weights : Weights without a path are dead.

        Notes
        -----
        O(nodes + connections), whatever the counts are. It keeps the counts of this moment's structure.

        References
        ----------
        Article, section 4.

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
        """
        from nodesim.analysis.path_counts import PathCounts

        return PathCounts(self.schedule)

    def path_norm(self, p: float = 1, *, bias: bool = False) -> float:
        """Sum over all paths from an input to an output the product of ``|weight|^p`` along the path. No run is needed.

        Parameters
        ----------
        p : float
            1 sums the magnitudes of the products, 2 their squares.
        bias : bool
            Whether paths that begin at a bias node count, too, as if it were one more input: times ``|its value|^p``.

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

        See Also
        --------
        Network.path_counts : Count the paths that feed each weight's gradient.
        Network.diagnose : Say in which layer gradients vanish or explode.

        Notes
        -----
        O(nodes + connections). In a network of relu nodes it stays the same if what enters a hidden node is
        multiplied by a positive number and what leaves it divided by that, as the outputs do. The path norm φ_p of
        the literature, which bounds the capacity of such networks, is the p-th root of this sum; as a regularizer
        one adds it to the error. An output that feeds other nodes ends paths and lets them pass.

        References
        ----------
        Neyshabur, B., R. Tomioka, N. Srebro, "Norm-Based Capacity Control in Neural Networks", COLT 2015.
        Neyshabur, B., R. Salakhutdinov, N. Srebro, "Path-SGD: Path-Normalized Optimization in Deep Neural Networks",
        NIPS 2015.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([1, 2, 1], bias=False, seed=0)
        >>> net.weights = [2.0, -1.0, 0.5, 3.0]  # 2·0.5 and (−1)·3
        >>> net.path_norm(), net.path_norm(p=2)
        (4.0, 10.0)
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

        See Also
        --------
        Network.diagnose : Say which nodes are dead or saturated on samples.
        Network.path_counts : Which weights have no path, without a run.
        Network.paths : What feeds a single weight's gradient.

        Notes
        -----
        O(samples · (nodes + connections)). The gradient of a batch is the mean over its samples: a weight is dead if
        that is 0. It keeps what it was of this backward. What penalties add to gradients is left out; which of them
        move a weight all the same is told.

        References
        ----------
        Article, section 4.

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
        """
        from nodesim.analysis.dead_weights import dead_weights

        return dead_weights(self._derivatives("dead_weights"), self._structure.backward_gradients)

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

        See Also
        --------
        Network.dead_weights : Weights whose gradient is exactly 0, and why.
        Network.path_norm : What the weights of all paths multiply to.
        nodesim.check_gradients : Whether the gradients are right.

        Notes
        -----
        From ∂e/∂H of one layer to ∂e/∂H of the layer before, the slopes ∂HA/∂H and the weights ∂H/∂HA each make a
        factor, measured by root mean squares. Gradients that keep their size (a factor of 1 in every layer: Glorot
        and Bengio) let one learning rate do for all weights; factors multiply over the layers, so that any other
        grows or shrinks exponentially with depth (Pascanu, Mikolov and Bengio). One layer is said to vanish below 1/10
        and to explode above 10; the whole below 1/1000 and above 1000, which many layers within these bounds may
        reach together. A node is dead if its slope is 0 in every sample, saturated if it is below 1/100 in every one.

        O(samples · (nodes + connections)).

        References
        ----------
        Glorot, X., Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS
        2010. Pascanu, R., T. Mikolov, Y. Bengio, "On the difficulty of training recurrent neural networks", ICML 2013.

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
        """
        from nodesim.analysis.diagnosis import diagnose

        return diagnose(self._simulator, x, y)

    # ---- show and keep -------------------------------------------------------------------------------------

    def draw(
        self, highlight: Any = None, *, labels: str | None = "names", titles: bool = True, language: Any = "en"
    ) -> Drawing:
        """Draw the network in the article's style.

        Parameters
        ----------
        highlight : GradientPaths, GradientPath, Flow, PathComparison, Derivation, or nodes and connections, optional
            What is drawn in red. A weight's name is its connection alone, ``net.paths("W1")`` all that feeds its
            gradient. Of a tie it is all uses. Of a flow, ``paths.flow()``, lines are as thick as the share of the
            gradient that they carry, and dotted where its sign is not that of the whole. Of a comparison,
            ``paths.compare(others)``, they are as thick as what flows there has changed, and blue and dotted where it
            became smaller.
        labels : {"names", "weights", None}
            What stands at the connections. With weights, those below zero are dashed.
        titles : bool
            Whether the layers are named.
        language : str, path or Language
            Of the words in the picture: "en", "de", or a file of texts.

        Returns
        -------
        Drawing
            Shown in notebooks; ``.save("net.svg")`` keeps it.

        Raises
        ------
        ArgumentError, ArgumentTypeError
            If `highlight` or `labels` is none of these, or there is no such language.
        FileError
            If the language's file cannot be read, or is no table of texts.
        UnknownNameError, StaleElementError
            If what is highlighted is not in this network.

        See Also
        --------
        Network.paths : What feeds a weight's gradient, to be highlighted.
        GradientPaths.flow : How much of the gradient each line carries.
        nodesim.figures.figure : The figures of the article.
        Network.explore : A page in which the picture can be read and changed.

        Notes
        -----
        Layers stand in columns, ordered so that connections cross less; those that skip layers pass between the nodes.
        Of networks with more than 200 connections (400 where a node has at most 8 in the mean) each layer shows its
        first nodes, those highlighted before the others, and says how many more there are. Where labels would cover
        one another or the lines of others, only highlighted connections have them. Notebooks show the picture as wide
        as the page, and no wider than it is.

        References
        ----------
        Article, section 2.

        Examples
        --------
        >>> import nodesim as ns
        >>> ns.Network.layered([2, 2, 2], seed=0).draw()
        <Drawing: network 2-2-2, 500 x 276>
        """
        from nodesim.drawing.network import draw

        return draw(self._structure, highlight, labels, titles, language)

    def explore(
        self, X: Any = None, y: Any = None, *, history: Recording | History | None = None,
        names: Sequence[str] | None = None, title: str | None = None, guide: Sequence[str] | None = None,
        selected: str | Node | Connection | None = None, language: Any = "en",
    ) -> Explorer:  # fmt: skip
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
        title : str, optional
            What stands at the top of the page; by default what the network is.
        guide : sequence of str, optional
            Sentences on what to try, shown above the explanation, such as "Click W1 and press Play".
        selected : str, Node or Connection, optional
            What is selected when the page is opened; by default nothing.
        language : str, path or Language
            What the page says, by code, "de", or by a file of texts; ``nodesim languages`` begins one. Numbers keep
            their point in every language, since they are typed in as well, and names stay as they are.

        Returns
        -------
        Explorer
            Shown in notebooks; ``.save("page.html")`` keeps it, ``.open()`` shows it in the browser.

        Raises
        ------
        DataError, ArgumentError, ArgumentTypeError, StructureError, FunctionError
            If samples, targets, names or history do not fit the network or one another.
        UnknownNameError, StaleElementError
            If what is to be selected is not in the network.

        See Also
        --------
        Network.steps : The same steps, as text.
        Network.draw : A picture of the network.
        Recording : Keeps the weights of some epochs, for `history`.
        Explorer.save : Write the page into a file.

        Notes
        -----
        The network is as before: all runs are private. The page holds the weights of the epochs and the samples, and
        calculates what it shows; `Explorer` tells what it weighs, and when it needs Python's numbers instead. Of either
        it holds about three million numbers at most; beyond that some are left out evenly, and the page says so.

        References
        ----------
        Article, sections 3 to 5.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 3, 1], seed=1)
        >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
        >>> recording = ns.Recording(net, limit=20)
        >>> _ = net.fit(X, y, epochs=500, learning_rate=0.5, callbacks=recording)
        >>> net.explore(X, y, history=recording)
        <Explorer: network 2-3-1, 4 samples, 17 epochs>
        """
        from nodesim.explorer.explorer import explore

        return explore(self._simulator, X, y, history, names, title, guide, selected, language)

    def save(self, file: Any) -> None:
        """Write the network into a file: structure, weights, functions by name, classes, and the random generator.

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

        See Also
        --------
        nodesim.load : Read the file.
        Network.to_networkx : Turn the network into a graph that other formats can hold.
        Network.copy : Make an independent network in memory.

        Notes
        -----
        The file is JSON and holds data only; every number is exact. `nodesim.load` reads it. What the last run
        left on the objects, and the state of an optimizer between updates, are not kept.

        Examples
        --------
        >>> import nodesim as ns, tempfile, pathlib
        >>> file = pathlib.Path(tempfile.mkdtemp()) / "net.json"
        >>> net = ns.Network.layered([2, 2, 1], seed=0)
        >>> net.save(file)
        >>> bool((ns.load(file).weights == net.weights).all())
        True
        """
        from nodesim.formats import json_files

        json_files.save(self._simulator, file)

    def to_networkx(self, *, text: bool = False) -> nx.DiGraph[str]:
        """Return the network as a plain networkx `DiGraph`, independent of it.

        GraphML, GEXF, GML, and JSON as node-link, adjacency or Cytoscape data keep all of it: `from_networkx` makes the
        same network again, bit by bit. A name that XML, which the first two are, cannot hold stands there as JSON text.

        Parameters
        ----------
        text : bool
            Whether numbers and truth values, all but the weights, are text as well: for formats that keep nothing else,
            such as Pajek.

        Returns
        -------
        networkx.DiGraph
            With the names of nodes as its nodes, and the attributes of the Notes. Names that hold control characters
            other than tab and newline, or lone surrogates, are written as JSON text, and so are names that read as
            such JSON text themselves.

        Raises
        ------
        FunctionError
            If another function is registered under the name of one that the network uses.
        ArgumentError
            With `text`, if a name is blank, or holds quotes, backslashes or control characters.

        See Also
        --------
        Network.from_networkx : Make the network again.
        Network.graph : The live graph of node objects.
        Network.save : Keep everything, functions and generator too.

        Notes
        -----
        =========  ==================  ================================================================================
        of         attribute           what it says
        =========  ==================  ================================================================================
        graph      loss                the loss, with its parameters
        graph      dtype               "float32"; left out for float64
        node       kind                "input", "hidden", "output" or "bias"
        node       layer               the number of its layer, for drawing; `from_networkx` does not read it
        node       order               its place among the nodes: that of its column in x or y
        node       activation          the activation, with its parameters; of hidden and output nodes
        node       aggregation         the aggregation, with its parameters; left out for a sum
        node       constant            the constant; of bias nodes
        node       loss, dtype         those of the graph, at its outputs: some formats keep no attributes of graphs
        node       name                the node itself, where its name is written as JSON text
        edge       weight              the weight
        edge       name                the connection's name
        edge       trainable           whether updates change the weight
        edge       tie                 the name of the tied weight that it uses; left out where it has one of its own
        edge       delay               by how many steps in time it is delayed; left out for 0
        edge       order               its place in connection order: that of its term in the weighted sum
        =========  ==================  ================================================================================

        Examples
        --------
        >>> import nodesim as ns
        >>> ns.Network.layered([2, 2, 1], seed=0).to_networkx().nodes["H1"]
        {'kind': 'hidden', 'layer': 1, 'order': 3, 'activation': 'sigmoid'}
        """
        from nodesim.formats import networkx_graphs

        return networkx_graphs.to_networkx(self._simulator, text=flag(text, "text"))

    @classmethod
    def from_networkx(
        cls,
        graph: nx.DiGraph[Any],
        *,
        hidden: object = "sigmoid",
        output: object = "linear",
        default_weight: float | None = None,
        loss: object = None,
        seed: Seed = None,
        initializer: object = "normal",
        dtype: str | None = None,
    ) -> Self:
        """Make a network from any networkx `DiGraph` without cycles.

        Parameters
        ----------
        graph : networkx.DiGraph
            Or a MultiDiGraph without parallel edges. Attributes are read as the Notes say; `Network.graph`, and what
            networkx copies, relabels, composes or cuts of it, has them.
        hidden, output : str or Activation
            For nodes without an activation.
        default_weight : float, optional
            For edges without a weight. Without it, either all edges have a weight, or none has: then all are drawn.
        loss : str or Loss, optional
            By default that of the graph's attribute "loss", or "mse".
        seed : int, numpy.random.Generator or None
            What draws the weights.
        initializer : str or Initializer
            How they are drawn; as for `Network`.
        dtype : {"float64", "float32"}, optional
            By default that of the graph's attribute "dtype", or "float64".

        Returns
        -------
        Network
            Nodes are named like the graph's, as text, or as they say themselves in an attribute "name".

        Raises
        ------
        NodesimError
            If the graph has cycles, undirected or parallel edges; if an attribute cannot be read; or if it says what
            would change the numbers and cannot be done here. The message names it.

        See Also
        --------
        Network.to_networkx : Return a network as a plain graph.
        Network.layered : Make a fully connected network.

        Notes
        -----
        Besides those of `to_networkx`, these attributes are read. Upper and lower case, ``_`` and ``-`` do not matter;
        numbers and truth values may be text.

        =====  ==========================================  ============================================================
        of     attribute                                   what is made of it
        =====  ==========================================  ============================================================
        node   no kind                                     an input where nothing leads to it, an output where nothing
                                                           leads on, else hidden; type and role are read as well
        node   activation_function, act, function, func    the activation; attributes with the names of its parameters
                                                           set these
        node   bias                                        a connection from a new bias node
        node   response                                    multiplies the weights that enter, not the bias
        node   aggregation                                 the aggregation; bias and response stand beside a sum only
        node   value                                       the constant of a bias node
        edge   w, strength                                 the weight
        edge   enabled, active, disabled, pruned           an edge that is switched off is left out
        edge   frozen, fixed                               the contrary of trainable
        edge   delay, lag                                  by how many steps in time it is delayed
        edge   label                                       the name where there is no name
        =====  ==========================================  ============================================================

        Nodes and edges stand in their `order`, in that of their names where it is equal, and those without one behind
        them, as they come. Names of edges that several edges or a node have are replaced by the next free W1, W2, ...

        Refused, unless they say what changes nothing: slope, steepness, gain, temperature, scale, threshold, theta, b,
        offset, gate, recurrent, tau, mask, sign, dropout, noise and the like; a delay of a node; an activation or bias
        of an edge, or of the whole graph; nodes that are switched off or frozen. All other attributes, such as colours
        and positions, are left alone.

        Examples
        --------
        >>> import networkx as nx, nodesim as ns
        >>> ns.Network.from_networkx(nx.DiGraph([("x", "h"), ("h", "y"), ("x", "y")]), seed=0)
        <Network 1-1-1: 3 nodes, 3 connections, loss mse>
        """
        from nodesim.formats import networkx_graphs

        make = functools.partial(cls, seed=seed, initializer=initializer)
        activations = {"hidden": hidden, "output": output}
        return networkx_graphs.from_networkx(graph, make, activations, default_weight, loss, dtype)

    def to_sklearn(self) -> Any:
        """Return the network as a fitted multilayer perceptron of scikit-learn.

        Of tied weights each use is a number of its own there; files of nodesim keep ties.

        Returns
        -------
        sklearn.neural_network.MLPClassifier or MLPRegressor, or a pipeline
            A classifier if the loss is softmax_cross_entropy, or binary_cross_entropy on sigmoids, a multilabel one if
            these are several; a regressor if it is mse or half_squared_error. It predicts what the network does, and
            can be trained on by its `partial_fit`, or its `fit` with warm_start. It knows the inputs by their names,
            unless these are I1, I2, ... Where the first layer only scales each input, frozen, as `from_sklearn` makes
            it of a scaler, it is a pipeline of a MinMaxScaler, which multiplies and shifts, and the rest.

        Raises
        ------
        MissingExtraError
            Without scikit-learn.
        ExchangeError
            If the network is not fully connected layer by layer, has frozen weights, activations that scikit-learn's
            perceptrons do not have, or several for its hidden nodes, or outputs or a loss that they do not have, such
            as two outputs of softmax_cross_entropy: they tell two classes by one sigmoid.

        See Also
        --------
        nodesim.from_sklearn : The other way.
        nodesim.checks.check_exchange : Prove that both say the same.

        Notes
        -----
        Weights keep their bits, those of biases, too; where a bias node is another constant than 1, scikit-learn's
        intercept is weight times constant, and where a node has no bias, it is 0 and will be trained.

        What scikit-learn calls its loss is, for n outputs, half of mse, half_squared_error / n, n times
        binary_cross_entropy, or softmax_cross_entropy; its penalty alpha is set to 0. Its gradients are those of
        half_squared_error, n times binary_cross_entropy, or softmax_cross_entropy. Back here, a regressor has the loss
        half_squared_error.

        Other networks are estimators by those of `nodesim.sklearn`, whose parameter `network` takes any.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 3, 1], hidden="tanh", seed=0)
        >>> net.to_sklearn()
        MLPRegressor(activation='tanh', alpha=0.0, hidden_layer_sizes=(3,))
        """
        from nodesim.exchange import scikit_learn

        return scikit_learn.written(self._simulator)

    def to_torch(self) -> Any:
        """Return the network as a module of torch.

        Returns
        -------
        torch.nn.Module
            In double precision, or single if the network is. It takes (samples, inputs) and returns the activated
            values of the outputs; each weight is a parameter under its name, without a gradient if it is not
            trainable. Tied weights are one parameter under the name of their tie, whose gradient is that of all uses.
            Softmax of softmax_cross_entropy is left to torch's loss, too.

        Raises
        ------
        MissingExtraError
            Without torch.
        ExchangeError
            For an activation without a formula that torch could calculate, or whose formula says something else.

        See Also
        --------
        nodesim.from_torch : The other way.
        nodesim.checks.check_exchange : Prove that both say the same, gradients included.

        Notes
        -----
        The module calculates level by level, with few operations of tensors, and slopes are those of nodesim: at
        kinks, and where functions saturate. An activation's formulas are compared with its functions first. The
        module's ``state_dict()`` is one number by the name of each connection, or tie; torch trains, moves and copies
        it.

        Examples
        --------
        >>> import nodesim as ns
        >>> module = ns.Network.layered([1, 1, 1], bias=False, seed=0).to_torch()
        >>> [name for name, _ in module.named_parameters()]
        ['W1', 'W2']
        """
        from nodesim.exchange.torch import writing

        return writing.written(self._simulator)

    def to_onnx(self, file: Any, *, dtype: str | None = None) -> None:
        """Write the network as an ONNX file, level by level.

        Parameters
        ----------
        file : path
            Written as a whole, or not at all.
        dtype : {"float64", "float32"}, optional
            The precision of the file: by default the network's own. Not every program runs files of float64.

        Raises
        ------
        MissingExtraError
            Without onnx.
        ExchangeError
            For an activation without a formula, a loss that is not registered, a number out of the range of float32, or
            more than the 2 GB that an ONNX file holds.
        StructureError
            If the network has no inputs, or outputs that nothing feeds.
        FileError
            If it cannot be written.

        See Also
        --------
        nodesim.from_onnx : The other way.
        nodesim.checks.check_exchange : Prove that both say the same.

        Notes
        -----
        With softmax_cross_entropy as its loss the file ends with a Softmax, and gives probabilities as
        `Network.predict_proba` does. What ONNX has no place for, such as names and which weights are trained, stands in
        the file's metadata, so that `from_onnx` makes the same network of it, bit by bit. So do ties: the file has a
        number for each use of a tied weight, and they are tied again as long as these numbers are the same.

        Examples
        --------
        >>> import nodesim as ns, tempfile, pathlib
        >>> file = pathlib.Path(tempfile.mkdtemp()) / "net.onnx"
        >>> ns.Network.layered([2, 3, 1], seed=0).to_onnx(file)
        >>> ns.from_onnx(file)
        <Network 2-3-1: 8 nodes, 13 connections, loss mse>
        """
        from nodesim.exchange.onnx import writing

        writing.write(self._simulator, file, dtype)

    def __reduce__(self) -> tuple[Any, ...]:
        # Pickled, as joblib and multiprocessing do, a network is the text of its file.
        from nodesim.formats import json_files

        simulator, store = self._simulator, self.store
        versions = store.structure_version, store.latest_version
        return type(self)._unpickled, (json_files.dumps(simulator), versions, simulator.habits)

    @classmethod
    def _unpickled(cls, text: str, versions: tuple[int, int], habits: tuple[int, float] = (1, 0.0)) -> Self:
        network = cls._loads(text)
        network._simulator.habits = habits
        # What is pickled together with the network, such as a recording, still is of this structure.
        store = network.store
        store.structure_version, latest = versions
        store.latest_version = max(store.latest_version, latest)
        if (kept := network._simulator.kept_training) is not None:
            network._simulator.kept_training = dataclasses.replace(kept, version=store.structure_version)
        return network

    @classmethod
    def _loads(cls, text: str) -> Self:
        from nodesim.formats import json_files

        return json_files.loads(text, cls)

    @classmethod
    def _load(cls, file: Any) -> Self:
        from nodesim.formats import json_files

        return json_files.load(file, cls)

    def __repr__(self) -> str:
        counts = [str(len(layer)) for layer in self.layers]
        sizes = "-".join(counts if len(counts) <= 12 else [*counts[:6], "...", *counts[-5:]])
        connections, delayed = plural(self._structure.n_connections, "connection"), len(self._structure.links.delays)
        connections += f" ({delayed:,} delayed)" if delayed else ""
        parts = f"{plural(len(self), 'node')}, {connections}, loss {shown(str(self.loss))}"
        return f"<{type(self).__name__} {sizes}: {parts}>"

    def _repr_html_(self) -> str:
        return markup.line(repr(self)[1:-1]) + (self.draw()._repr_html_() if len(self) else "")


def load(file: Any) -> Network:
    """Read a network from a file that `Network.save` wrote.

    Parameters
    ----------
    file : str or path-like
        Where the network was saved.

    Returns
    -------
    Network
        With the same names, numbers, functions and random generator: it goes on as the saved one would.

    Raises
    ------
    FileError
        If there is no such file, or it is damaged, no nodesim network, of a newer version, or needs a function
        that is not registered.

    See Also
    --------
    Network.save : Write the file.
    Network.from_networkx : Make a network of a graph that another program wrote.

    Notes
    -----
    The file is data: nothing in it is executed, and the whole of it is checked before anything is built.

    Examples
    --------
    >>> import nodesim as ns, tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "net.json"
    >>> ns.Network.layered([2, 2, 1], seed=0).save(file)
    >>> ns.load(file)
    <Network 2-2-1: 7 nodes, 9 connections, loss mse>
    """
    return Network._load(file)


@functools.cache
def _training() -> tuple[Any, Any, Any]:
    # Loaded when somebody trains; an import that finds everything loaded still takes a microsecond.
    from nodesim.training.fit import Samples, fit
    from nodesim.training.plan import plan

    return plan, fit, Samples

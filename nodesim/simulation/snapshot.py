"""What a network is and shows, to be put back: where a call fails that may change all of it, and after a trial."""

from __future__ import annotations

from functools import partial

from nodesim.simulation.simulator import Simulator


class Snapshot:
    """Weights, frozen connections, functions, constants, loss, classes, engine, threads, generator, what is shown.

    Nodes and connections must be those of now when it is restored: for calls while which they cannot be edited, and
    for trials, which put them back first (`nodesim.graph.structure.Structure.put_back`).

    Parameters
    ----------
    simulator : Simulator
    settable : bool
        Whether anybody may set the network meanwhile, as callbacks may; else only what a training itself changes is
        kept, its weights, its classes, its generator and what its engine has counted.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 1], seed=0)
    >>> before = Snapshot(net.simulator)
    >>> net["H1"].activation, net.threads = "tanh", 2
    >>> before.restore()
    >>> str(net["H1"].activation), net.threads
    ('sigmoid', 1)
    """

    def __init__(self, simulator: Simulator, *, settable: bool = True) -> None:
        structure, store = simulator.structure, simulator.structure.store
        self._simulator, self._schedule = simulator, structure.schedule
        self._weights = store.weights.copy()
        self._shown = store.run, store.has_gradients, store.replaced
        self._is_current = store.run is not None and store.run.version == store.version
        self._generator = structure.generator, structure.generator.bit_generator.state
        self._habits, self._classes = simulator.habits, simulator.kept_classes
        self._settings = _Settings(simulator) if settable else None

    def restore(self) -> None:
        """Let the network be and show again what it was and showed."""
        simulator, structure = self._simulator, self._simulator.structure
        store = structure.store
        generator, state = self._generator
        structure.generator, generator.bit_generator.state = generator, state
        if self._settings is not None:
            self._settings.restore()
        # A new engine would begin to count its work anew, and go on in another form.
        simulator.habits, simulator.kept_classes = self._habits, self._classes
        # With other activations connections may stand in another order.
        move = partial(structure.schedule.taken_over, earlier=self._schedule)
        store.weights[:] = move(self._weights)
        store.run, store.has_gradients, replaced = self._shown
        store.replaced = None if replaced is None else move(replaced)
        # Runs made meanwhile were of other numbers; this one is of these.
        store.changed()
        if store.run is not None and self._is_current:
            store.run.version = store.version


class _Settings:
    """What can be set of a network beside its weights."""

    def __init__(self, simulator: Simulator) -> None:
        structure, store = simulator.structure, simulator.structure.store
        self._simulator, self._schedule = simulator, structure.schedule
        self._numbers = store.trainable.copy(), store.gradients.copy()
        self._functions = {
            node: (node.activation, node.aggregation) for node in structure.nodes if node.activation is not None
        }
        self._constants = {bias: bias.value for bias in structure.biases}
        self._loss, self._engine = simulator.loss, simulator.engine
        self._kept = simulator.kept_state, simulator.kept_state[1].state if simulator.kept_state else {}
        self._kept_training = simulator.kept_training

    def restore(self) -> None:
        simulator, structure = self._simulator, self._simulator.structure
        for node, (activation, aggregation) in self._functions.items():
            if node.activation is not activation:
                node.activation = activation
            if node.aggregation is not aggregation:
                node.aggregation = aggregation
        for bias, value in self._constants.items():
            if bias.value != value:
                bias.value = value
        move = partial(structure.schedule.taken_over, earlier=self._schedule)
        structure.store.trainable[:], structure.store.gradients[:] = map(move, self._numbers)
        simulator.loss = self._loss
        if simulator.engine != self._engine:
            simulator.engine = self._engine
        simulator.kept_training = self._kept_training
        simulator.kept_state, kept = self._kept
        if simulator.kept_state:
            simulator.kept_state[1].state = kept

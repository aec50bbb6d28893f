"""What a user's annotated program looks like; `test_typing.py` has mypy --strict read it, and runs it."""

from __future__ import annotations

import nodesim as ns
from nodesim.sklearn import NodesimClassifier, NodesimRegressor


def strongest(paths: ns.GradientPaths) -> ns.GradientPath:
    """Return the strongest path."""
    return paths.top(1)[0]


def names(layer: ns.Layer) -> list[str]:
    """Return the names of a layer's nodes."""
    return [node.name for node in layer]


class Errors:
    """A callback that keeps errors."""

    def __init__(self) -> None:
        self.errors: list[float] = []

    def __call__(self, epoch: ns.Epoch) -> bool:
        """Keep the error of an epoch."""
        self.errors.append(epoch.error)
        return False


def main() -> None:
    """Assemble, run, explain and train a network."""
    net = ns.Network.layered([2, 2, 2], seed=0)
    node: ns.Node = net.node("H1")
    bias: ns.Bias = net.biases[0]
    connection: ns.Connection = net.connection("W1")
    same: ns.Network = net.hidden[0].network
    same.forward([0.05, 0.1]).sum()
    error: float = net.connection("W1").source.network.backward([0.01, 0.99])
    weight: float = net.connection("W1").weight
    print(node.value, bias.value, connection.target.name, error, weight, names(net.layers[1]))

    with net.trial() as tied:
        tie: ns.Tie = tied.tie("W1", "W4")
        tied.forward([0.05, 0.1])
        tied.backward([0.01, 0.99])
        by_use: ns.TiedPaths = tied.paths(tie)
        print(tie.gradient, by_use.by_use()["W4"].count, tie.uses[0].weight)

    path = strongest(net.paths("W1"))
    flow: ns.Flow = net.paths("W1").flow()
    cut: ns.Cut = path.cut()
    cuts: ns.Cuts = net.paths("W1").cuts(2)
    change: float = cut.change + cuts[0].change + cuts[:1].change.sum()
    with net.trial() as tried:
        tried.remove("H2")
        tried.forward([0.05, 0.1])
        tried.backward([0.01, 0.99])
        compared: ns.PathComparison = net.paths("W7").compare(tried.paths("W7"))
    changes: ns.ChangeTable = compared.nodes
    print(changes[0].change, compared.draw())
    derivation: ns.Derivation = net.derivation(connection)
    drawing: ns.Drawing = net.draw(highlight=path)
    explorer: ns.Explorer = net.explore()
    steps: list[ns.Step] = list(net.steps([0.05, 0.1], [0.01, 0.99]))
    run: ns.ExactRun = net.exact(["0.05", "1/10"], ["0.01", 0.99], symbols=True)
    exact: list[ns.ExactPath] = list(run.paths("W1"))
    letters: ns.ExactExpression = run.gradient("W1")
    print(run, exact, letters.formula)
    operations: ns.Operations = net.operations("W1")
    counts: ns.PathCounts = net.path_counts()
    dead: ns.DeadWeights = net.dead_weights()
    diagnosis: ns.Diagnosis = net.diagnose([0.05, 0.1], [0.01, 0.99])
    pruning: ns.Pruning = net.prune("paths", 0.5, dry_run=True)
    removal: ns.Removal = pruning[0]
    proof: ns.Proof | None = pruning.proof
    with net.trial() as grown:
        growth: ns.Growth = grown.grow("split")
    print(removal.why, proof.change if proof else None, growth.gradient)
    report: ns.GradientReport = ns.check_gradients(net, [0.05, 0.1], [0.01, 0.99])
    doctor: ns.DoctorReport = ns.doctor(net, [0.05, 0.1], [0.01, 0.99], gradients={"W2": 0.5, connection: "0.25"})
    mistakes: list[ns.Mistake] = doctor.mistakes
    print(
        flow, change, derivation, drawing, explorer, steps[0], operations, counts, dead, diagnosis, report.ok, mistakes
    )

    data: ns.Dataset = ns.datasets.load("xor")
    net = ns.Network.layered([2, 3, 1], seed=1)
    recording = ns.PathRecording(net, "W1", data.X, data.y, every=5)
    history: ns.History = net.fit(data.X, data.y, epochs=10, callbacks=[Errors(), recording, ns.Recording(net)])
    taught: ns.WeightHistory = recording["W1"]
    ledger = ns.Ledger(net, ["W1", net.connections[1]])
    net.fit(data, epochs=10, callbacks=ledger)
    net.classes = ("equal", "different")
    classes: tuple[str | int | bool, ...] | None = net.classes
    print(classes, net.classify(data), net.score(data))
    entry: ns.LedgerEntry = ledger["W1"]
    postings: ns.Postings = entry.by_path(limit=3)
    penalties: float = ns.regularizer("l2", strength=0.1)(net.weights).sum()
    rates: list[float] = [ns.schedule("cosine").rate(epoch) for epoch in (1, 2)]
    mine: ns.Regularizer = ns.Regularizer("mine", lambda w: w**4, lambda w: 4.0 * w**3, formula="w ** 4")
    halved: ns.LearningRateSchedule = ns.schedule(lambda epoch: 0.5**epoch)
    print(penalties, rates, mine.with_parameters(), halved.rate(3))
    print(history, taught, entry.change - entry.balance, postings["I1 → H1 → O1"], entry.by_sample()[0])

    classifier: NodesimClassifier = NodesimClassifier(hidden=(3,), epochs=10, random_state=0).fit(data.X, [0, 1, 1, 0])
    trained: ns.Network = classifier.network_
    regressor = NodesimRegressor(network=net, epochs=10).partial_fit(data.X, data.y)
    print(trained.paths("W1").gradient, regressor.predict(data.X).sum(), regressor.history_.epochs)


if __name__ == "__main__":
    main()

"""A network that tells irises apart loses what it can spare, and says of every connection why it went."""

import nodesim as ns

iris = ns.datasets.load("iris")
scaled = iris.standardized() if hasattr(iris, "standardized") else iris
net = ns.Network.layered([4, 6, 3], hidden="tanh", inputs=iris.features, outputs=iris.classes,
                         loss="softmax_cross_entropy", seed=1)  # fmt: skip
net.fit(iris.X, iris.y, epochs=300, learning_rate=0.01, optimizer="adam", l2=1e-3)
print(net, f"e = {net.error(iris.X, iris.y):.4f}, accuracy {net.score(iris.X, iris.y):.3f}")
for by in ("magnitude", "synflow", "paths", "obs"):
    p = net.prune(by, 0.3, dry_run=True, x=iris.X, y=iris.y)
    print(by, p.proof)
print(net.prune("obs", 0.3, x=iris.X, y=iris.y))

"""A network that tells irises apart loses half of what it has, learns on, and says of every weight why it went."""

import nodesim as ns

iris = ns.datasets.load("iris")
net = ns.Network.layered(
    [4, 6, 3], hidden="tanh", loss="softmax_cross_entropy", inputs=iris.features, outputs=iris.classes, seed=1
)
net.fit(iris, epochs=300, optimizer="adam", learning_rate=0.01, l2=1e-3)
print(f"{net}\ne {net.error(iris):.4f}, accuracy {net.score(iris):.3f}\n")

# Four reasons to go, tried without a change: which of them costs least?
for by in ("magnitude", "synflow", "paths", "obs"):
    tried = net.prune(by, keep=0.4, dry_run=True, x=iris)
    print(f"by {by:<9}  {tried.left} connections left, e would be {tried.proof.after:.4f}")

# The optimal brain surgeon takes a weight, lets all others make up for it, and goes on with the next.
pruning = net.prune("obs", keep=0.4, x=iris)
print(f"\n{pruning!r}\n{pruning.proof}\n")
for removal in pruning:
    print(removal)
for said in (*pruning.nodes, *pruning.notes):
    print(said)

# What is left learns on.
net.fit(iris, epochs=100, optimizer="adam", learning_rate=0.01)
print(f"\n{net}\ne {net.error(iris):.4f}, accuracy {net.score(iris):.3f}")

# The other way: where would one more connection help most? It begins at 0, so that nothing changes yet.
net.forward(iris.X), net.backward(iris.y)
print(net.grow("connect"))

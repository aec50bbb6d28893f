"""Ask a weight which paths feed its gradient: the networks of Figures 3, 5 and 6 of the article."""

import itertools

import nodesim as ns

for hidden_layers in (1, 2, 3):
    net = ns.Network.layered([2, *[2] * hidden_layers, 2], seed=0)
    net.forward([0.05, 0.1])
    net.backward([0.01, 0.99])
    print(net)
    print(net.paths("W1"))
    print(f"backpropagation: {net['W1'].gradient:.6g}\n")
    assert net.paths("W1").count == 2**hidden_layers

# Each factor can be looked at by itself.
path = next(iter(net.paths("W1")))
print(*path.factors, sep="\n")

# A larger network: 10 layers of 10 nodes. Counting and summing need no list; listing may stop anywhere.
large = ns.Network.layered([10] * 10, hidden="tanh", seed=0)
large.forward([0.1] * 10)
large.backward([0.0] * 10)
paths = large.paths("W1")
print(f"\n{paths!r}")
for path in itertools.islice(paths, 3):
    print(repr(path))
assert abs(paths.gradient - large["W1"].gradient) <= 1e-12 * paths.scale

"""Assemble a network node by node, run it, and train it until it converges.

The network has a skip connection: I1 feeds the output directly, too.
"""

import nodesim as ns

net = ns.Network(loss="mse", seed=1)
for _ in range(2):
    net.add_input()
net.add_bias()
for _ in range(2):
    net.add_hidden(activation="tanh")
net.add_output()

for source in ("I1", "I2", "B1"):
    for target in ("H1", "H2"):
        net.connect(source, target)
for source in ("H1", "H2", "B1", "I1"):
    net.connect(source, "O1")
print(net)
print(*net.layers, sep="\n")

# One sample, by hand: steps 2 and 3 of the article.
net.forward([1.0, 0.0])
e = net.backward([1.0])
print(f"\nH1 = {net['H1'].value:.6f}, HA1 = {net['H1'].activated:.6f}, OA1 = {net['O1'].activated:.6f}, e = {e:.6f}")
print(f"∂e/∂W1 = {net['W1'].gradient:.6f}")
net.update(learning_rate=0.1)

# The exclusive or, until the error is low enough.
X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
history = net.fit(X, y, epochs=5000, learning_rate=0.1, stop_at_error=1e-4)
print(f"\n{history}")
print(history.chart(width=50, height=6))
for x, output in zip(X, net.predict(X)):
    print(x, "->", round(float(output[0]), 3))
assert history.converged

"""An Elman cell learns to count: it reads zeros and ones, one at each step, and says how many ones came so far.

Its hidden node H1 gets the input, and over a delayed connection what it sent itself one step before: that is all that
it has to remember by.
"""

import numpy as np

import nodesim as ns

net = ns.Network.recurrent(1, 1, 1, kind="elman", activation="linear", seed=1)
print(net)
for connection in net.connections:
    print(f"  {connection}: {connection.source} -> {connection.target}" + ", one step later" * connection.delay)

# A network that lives in time has no single run. Unrolled, it is a feed-forward network: a copy for each of 8 steps.
# The copies of a connection are tied. They have one weight, and each has a gradient of its own.
steps = 8
unrolled = net.unroll(steps)
print(f"\nunrolled: {unrolled}")
print(repr(unrolled["W3"]))

# Sequences are rows, and the steps of a sequence stand side by side. What is wanted at each step is the count so far.
rng = np.random.default_rng(0)
X = rng.integers(0, 2, (200, steps)).astype(float)
y = X.cumsum(axis=1)

# Backpropagation through time is nothing but paths. W3 leads from H1 to H1, one step later. Its gradient is the sum
# over its uses: what it does in step 1, in step 2, and so on. (In step 0 there is nothing to remember yet.) The path
# to each output that comes at or after that step is one.
unrolled.forward(X)
unrolled.backward(y)
W3 = unrolled["W3"]
print("\n∂e/∂W3, use by use, before it is trained")
for use in W3.uses:
    print(f"  {use.name}: {use.gradient:8.4f}, from {unrolled.paths(use).count} of the outputs")
print(f"  W3:    {W3.gradient:8.4f}, their sum")
assert np.isclose(W3.gradient, sum(use.gradient for use in W3.uses), rtol=1e-12)

# All uses move by that sum, so that they stay one weight.
history = unrolled.fit(X, y, epochs=2000, optimizer="adam", learning_rate=0.03)
print(f"\n{history}")
assert len({use.weight for use in W3.uses}) == 1

# What it has learnt can be read off. W3 is 1: nothing is forgotten. W1·W4 is 1: each one adds one. The biases are 0.
net.take_weights(unrolled)
w = {connection.name: connection.weight for connection in net.connections}
print(f"W3 = {w['W3']:.6f}, W1·W4 = {w['W1'] * w['W4']:.6f}, W2 = {w['W2']:z.6f}, W5 = {w['W5']:z.6f}")
assert abs(w["W3"] - 1) < 1e-6
assert abs(w["W1"] * w["W4"] - 1) < 1e-6

# So it counts on in sequences that are longer than any that it has seen.
longer = rng.integers(0, 2, (1, 30)).astype(float)
counted = net.unroll(30).forward(longer)[0]
print("\nread   ", *(f"{x:2.0f}" for x in longer[0]))
print("counted", *(f"{round(count):2}" for count in counted))
assert np.allclose(counted, longer[0].cumsum(), atol=1e-4)

# With tanh what is remembered is squeezed at every step: the error that the last step carries back is smaller from step
# to step, and the first inputs are hardly learnt from. The cell of an LSTM network hands on what it holds by products
# with gates, and does not squeeze it. Here are both, untrained, asked at the last of 50 steps what came first.
first = rng.integers(0, 2, (64, 50)).astype(float)
networks = {}
for name, kind in (("Elman", "elman"), ("LSTM", "lstm")):
    cells = ns.Network.recurrent(1, 8, 1, kind=kind, initializer="xavier_normal", seed=1)
    for number in range(1, 9) if kind == "lstm" else ():
        # As is usual: gates that are open at first forget little.
        (bias,) = (c for c in cells[f"forget{number}"].incoming if c.source.kind == "bias")
        bias.weight = 3.0
    networks[name] = cells.unroll(50, outputs="last")
    networks[name].forward(first)
    networks[name].backward(first[:, :1])
over_time = ns.gradients_over_time(networks, {"Elman": "H", "LSTM": "cell"})
print(f"\nsize of ∂e/∂H at each step\n{over_time}")
assert over_time.sizes["Elman"][0] < 1e-5 * over_time.sizes["Elman"][-1]
assert over_time.sizes["LSTM"][0] > 1e-2 * over_time.sizes["LSTM"][-1]

picture = over_time.draw()  # shown in notebooks; picture.save("over_time.svg") keeps it
print(picture)

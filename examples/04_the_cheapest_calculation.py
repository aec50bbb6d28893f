"""The cheapest calculation of a gradient: what each form takes, and why backpropagation wins.

What is counted are multiplications and additions of partial derivatives that are there already.
"""

import nodesim as ns


def run(sizes):
    """Return a fully connected network that went forward and backward."""
    net = ns.Network.layered(sizes, hidden="tanh", seed=0)
    net.forward([0.1] * sizes[0])
    net.backward([0.0] * sizes[-1])
    return net


def row(*cells):
    print("".join(f"{cell:>16,}" if isinstance(cell, int) else f"{cell:>16}" for cell in cells))


print("One weight: W1 of Figure 6, eight paths")
print(run([2, 2, 2, 2, 2]).derivation("W1").operations)

print("\nW1 of deeper networks, 10 nodes a layer: paths multiply, layers only add (multiplications)")
row("hidden layers", "paths", "expanded", "factored", "shared", "forward")
for hidden_layers in (1, 2, 4, 8):
    net = run([10] * (hidden_layers + 2))
    operations = net.derivation("W1").operations
    forms = ("expanded", "factored", "shared", "forward")
    row(hidden_layers, int(net.paths("W1").count), *(int(operations[form].multiplications) for form in forms))
    # From e back or up to e: the same partial derivatives, but for those that stand at the start of each.
    assert operations["forward"].multiplications - operations["shared"].multiplications == 10 - 1

print("\nAll weights together, two hidden layers (multiplications per weight)")
row("nodes a layer", "weights", "shared", "forward")
for nodes in (2, 4, 8, 16, 32, 64):
    net = run([nodes] * 4)
    weights, operations = len(net.connections), net.operations()
    back, up = (operations[form].multiplications for form in ("shared", "forward"))
    row(nodes, weights, f"{back / weights:.2f}", f"{up / weights:,.2f}")
    assert back < 2 * weights
print("Backpropagation takes less than two for each weight, however large the network is: what leads from e to a")
print("node is calculated once for all weights behind it. Forward accumulation starts anew with every weight.")

print("\nThe whole table, for all weights of the network 8-8-8-8")
operations = run([8, 8, 8, 8]).operations()
print(operations)
assert operations["elimination"] == operations["shared"]

print("\nOne weight, and an error for each output instead of one e for all: now the many are at the other end")
row("outputs", "backward", "forward")
for outputs in (1, 2, 10, 50):
    # Backward: one walk from each error, in the network of which this output alone is left.
    once = run([2, 4, 4, 1]).derivation("W1").operations["shared"]
    # Forward: one sweep from W1 that passes everything and ends in all of the errors.
    sweep = run([2, 4, 4, outputs]).derivation("W1").operations["forward"]
    row(outputs, int(outputs * once.multiplications), int(sweep.multiplications))
print("Backpropagation costs a walk for each result, forward accumulation a sweep for each weight. Networks are")
print("trained with one result, e, and many weights.")

print("\nNeither is always the cheapest: with a connection past H2 it pays to begin in the middle")
net = ns.Network(seed=0)
net.add_input(), net.add_hidden(activation="tanh"), net.add_hidden(activation="tanh"), net.add_output()
for source, target in (("I1", "H1"), ("H1", "H2"), ("H2", "O1"), ("H1", "O1")):
    net.connect(source, target)
net.forward([0.5])
net.backward([1.0])
operations = net.derivation("W1").operations
print(operations)
print("in this order:", *operations.order)
assert operations["elimination"] < min(operations["shared"], operations["forward"])

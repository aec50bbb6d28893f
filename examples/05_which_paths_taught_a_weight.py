"""Follow a training: which paths made a weight of an iris network smaller, and which larger."""

import nodesim as ns

iris = ns.datasets.load("iris")
net = ns.Network.layered([4, 5, 3], seed=1)
recording = ns.PathRecording(net, ["W1", "W11"], iris.X, iris.y)
print(net.fit(iris.X, iris.y, epochs=200, learning_rate=0.1, callbacks=recording))
print(recording)

w11 = recording["W11"]
print("\nepoch      W11   ∂e/∂W11  strongest path")
for row in (0, 3, 6, 10, 30, 60, -1):
    path = w11.top[row][0]
    print(
        f"{w11.epochs[row]:5} {w11.weights[row]:8.4f} {w11.gradients[row]:9.4f}  "
        f"{path.name}: {path.product:.4f}, {path.share:.0%} of the gradient"
    )

# What enters from the outputs adds up to the gradient; in between they may pull against one another.
assert (abs(w11.outputs.array.sum(axis=1) - w11.gradients) <= 1e-12 * w11.scales).all()
pulling = ((w11.outputs.array > 0).any(axis=1) & (w11.outputs.array < 0).any(axis=1)).sum()
print(f"\nIn {pulling} of {len(w11.epochs)} records the outputs {', '.join(w11.outputs)} pull W11 both ways.")

picture = w11.draw(by="path", relative=True)  # shown in notebooks; picture.save("taught.svg") keeps it
print(picture)

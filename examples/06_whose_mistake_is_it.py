"""Whose mistake is it? Gradients that stand in print, or come from programs, and are wrong: the doctor says why."""

import nodesim as ns


def tell(title, report):
    print(f"\n{title}")
    print(report)


# The network of a page that many learn from: M. Mazur, "A Step by Step Backpropagation Example" (2015). Biases stay.
net = ns.Network.layered([2, 2, 2], hidden="sigmoid", output="sigmoid", loss="half_squared_error")
net.weights = [0.15, 0.25, 0.20, 0.30, 0.35, 0.35, 0.40, 0.50, 0.45, 0.55, 0.60, 0.60]
for bias in net.biases:
    for connection in bias.outgoing:
        connection.trainable = False
x, y = [0.05, 0.10], [0.01, 0.99]

weights = {"W7": 0.35891648, "W9": 0.408666186, "W8": 0.511301270, "W10": 0.561370121}
weights |= {"W1": 0.149780716, "W3": 0.19956143, "W2": 0.24975114, "W4": 0.29950229}
report = ns.doctor(net, x, y, error=0.298371109, weights=weights)
tell("The page: the error and the new weights", report)
assert report.right

report = ns.doctor(net, x, y, weights=weights, error_after=0.291027924)
tell("The page: the error after one round, 0.291027924, belongs to another update than the weights", report)
assert [mistake.name for mistake in report.mistakes] == ["updated before"]
assert "sequential update" in [explanation.name for explanation in report.alternatives]

# What a library calculates for the same sample: it updates each layer before it walks back, and leaves the slope of
# the outputs out, whatever the loss is.
report = ns.doctor(net, x, y, gradients={"W1": 0.00013266, "W7": 0.43983})
tell("A library: the gradients of W1 and W7", report)
assert [mistake.name for mistake in report.mistakes] == ["output slope left out", "updated before"]

# The article itself: in its derivation of ∂e/∂W7 the minus sign of ∂e/∂OA1 = −(2/n)(y1 − OA1) is missing.
net = ns.Network.layered([2, 2, 2], seed=0)
net.forward(x)
error = net.backward(y)
gradients = {name: net[name].gradient for name in ("W1", "W2", "W8")}
gradients["W7"] = 2 / 2 * (y[0] - net["O1"].activated) * net["H1"].activated
report = ns.doctor(net, x, y, error=error, gradients=gradients)
tell("The article: ∂e/∂W7 = (2/n)(y1 − OA1)·HA1", report)
assert [(mistake.name, mistake.where) for mistake in report.mistakes] == [("sign", "W7")]

# A student, by hand and to three digits: of W1 and of W3 one of the two paths is missing, as in Figure 3, and a number
# is copied wrongly.
given = {name: f"{next(iter(net.paths(name))).product:.3g}" for name in ("W1", "W3")}
given |= {"W7": f"{net['W7'].gradient:.3g}", "W8": "0.123"}
report = ns.doctor(net, x, y, gradients=given)
tell("A student: four gradients, rounded", report)
assert [mistake.name for mistake in report.mistakes] == ["path forgotten", "one weight"]

# What is nobody's known mistake is said to be none.
report = ns.doctor(net, x, y, gradients={"W1": 1.234, "W2": 5.678, "W7": 9.876, "W8": 5.432})
tell("Anything", report)
assert not report.right
assert report.mistakes == []
assert len(report.unexplained) == 4

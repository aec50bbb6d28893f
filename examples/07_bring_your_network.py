"""A network comes from scikit-learn, is looked into, trained on, and leaves as an ONNX file, with proofs."""

import tempfile
from pathlib import Path

from sklearn.neural_network import MLPClassifier

import nodesim as ns

iris = ns.datasets.load("iris")
estimator = MLPClassifier([5], activation="tanh", solver="lbfgs", max_iter=2000, random_state=0)
estimator.fit(iris.X, iris.y)

# In: outputs, e and every gradient, on all samples, beside those of scikit-learn itself.
net = ns.from_sklearn(estimator)
print(net, net.classes)
print(ns.checks.check_exchange(net, estimator, iris.X, iris.y))

# What scikit-learn does not show: which paths feed the gradient of its weight coefs_[0][2, 0].
net.forward(iris.X), net.backward(iris.y)
for path in net.paths(net.connection("W11")).top(3):
    print(path)

# On: nodesim has what it needs to go on training.
print(net.error(iris.X, iris.y), "->", net.fit(iris.X, iris.y, epochs=50).errors[-1])

# Out: a file that other programs run.
with tempfile.TemporaryDirectory() as folder:
    file = Path(folder) / "iris.onnx"
    net.to_onnx(file)
    print(ns.checks.check_exchange(net, file, iris.X, iris.y))

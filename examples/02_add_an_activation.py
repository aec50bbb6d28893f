"""Write an activation, have it checked, and train with it."""

import numpy as np

import nodesim as ns


def bump(z, width):
    """Return a bell that is 1 at z = 0."""
    return 1 / (1 + (z / width) ** 2)


def bump_derivative(z, a, width):
    """Return ∂a/∂z, from the weighted sum z and the activated value a."""
    return -2 * z / width**2 * a**2


bell = ns.Activation("bump", bump, bump_derivative, formula="1 / (1 + (z / width) ** 2)", parameters={"width": 1.0})
ns.checks.check_activation(bell)
ns.register(bell)

# From now on it is known by name, alone or with another parameter.
net = ns.Network.layered([1, 6, 1], hidden=ns.activation("bump", width=2.0), seed=0)
print(net["H1"])

X = np.linspace(-3, 3, 40)[:, None]
y = np.sin(X[:, 0])
history = net.fit(X, y, epochs=2000, optimizer="adam", learning_rate=0.02)
print(history)
print(f"R² = {net.score(X, y):.4f}")
assert net.score(X, y) > 0.99

# A mistake is found before it does harm.
wrong = ns.Activation("wrong", bump, lambda z, a, width: -z * a, parameters={"width": 1.0})
try:
    ns.checks.check_activation(wrong)
except ns.CheckError as error:
    print(error)

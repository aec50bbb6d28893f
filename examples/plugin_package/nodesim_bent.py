"""The bent identity, an activation that nodesim does not have."""

import numpy as np

import nodesim as ns


@ns.hookimpl
def nodesim_activations():
    """Return the activations of this plugin."""
    return [
        ns.Activation(
            "bent",
            function=lambda z: (np.sqrt(z * z + 1) - 1) / 2 + z,
            derivative=lambda z, a: z / (2 * np.sqrt(z * z + 1)) + 1,
            formula="(sqrt(z ** 2 + 1) - 1) / 2 + z",
        )
    ]

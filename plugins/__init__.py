"""The built-in activations, losses, optimizers and initializers: plugins like anyone's."""

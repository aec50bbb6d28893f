"""The built-in activations, losses, optimizers, initializers, regularizers and schedules: plugins like anyone's."""

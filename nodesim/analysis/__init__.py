"""All weights of a network at once: how many paths feed each, which are dead and why, where gradients vanish."""

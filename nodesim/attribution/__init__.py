"""ATTRIBUTION: derivatives of outputs by inputs, and what of an output comes from which input."""

METHODS = ("integrated", "gradient", "conductance")

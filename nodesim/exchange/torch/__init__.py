"""Networks as modules of torch."""

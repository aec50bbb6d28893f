"""Networks that live in time: unrolled into networks that can be run, built by their kind, and looked at over time."""

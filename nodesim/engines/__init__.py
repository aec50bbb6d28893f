"""Engines: ways to calculate the same numbers. `nodes` is the definition."""
